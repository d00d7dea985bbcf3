"""The shapes of rows: messages as the control API gives them, and what is so of them beside what was told.

Like shapes.py, which has all others, it describes and checks nothing on its way out.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.smsc.subscribers.acknowledgements import Kind


class Shape(BaseModel):
    """Nothing that is not named here."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class AddressShape(Shape):
    """An address as on the wire."""

    number: str
    ton: int
    npi: int


class ReceiptsShape(Shape):
    """Delivery receipts: whether any was asked for, how many went out and were acknowledged."""

    requested: bool
    sent: int
    acknowledged: int


class TlvShape(Shape):
    """An optional parameter; ``value`` by its kind, and hexadecimal where that is octets or not known."""

    tag: int
    name: str
    value: int | str
    hex: str


class AcknowledgementShape(Shape):
    """What the far end has told, by the message of that id."""

    kind: str
    at: str
    message_id: str


class TruthShape(Shape):
    """What is so of a message, beside what its sender was told: known where networks are played, and null elsewhere."""

    state: str = Field(
        description="what became of it by now; ENROUTE as long as nothing has, LOST where nothing reaches the phone and"
        " nobody says so, REFUSED where the answer said no",
        examples=["DELIVRD", "LOST"],
    )
    cause: str | None = Field(description="the key of the cause, where there is one", examples=["silent_filter"])
    why: str | None = Field(
        description="the same in words", examples=["filter shortener: link by the public shortener 'bit.ly'"]
    )
    network: str | None = Field(description="which network has decided it", examples=["verizon"])
    at: str | None = Field(description="from when on it is so; null as long as there is no end")


class PartShape(Shape):
    """One submission: a part of a longer text, or a text of its own (part 1 of 1)."""

    message_id: str | None
    part: int
    total: int
    reference: int | None
    state: str
    truth: TruthShape | None
    status: str | None = Field(description="null: it was never answered")
    command_status: int | None
    text: str
    submitted_at: str
    session: int
    receipts: ReceiptsShape
    tlvs: list[TlvShape]


class RowShape(Shape):
    """One text to one destination, joined. All times are carrier time, ISO 8601 in UTC."""

    id: str
    direction: Literal["mt", "mo"]
    account: str
    message_id: str | None
    from_: str = Field(alias="from")
    to: str
    source: AddressShape
    destination: AddressShape
    text: str
    alphabet: str
    data_coding: int
    segments: int = Field(description="mt: segments that the network needs for the text; mo: deliver_sm that carry it")
    state: str = Field(
        description="what the SMSC says of it, as receipts and query_sm do; REFUSED where the answer said no,"
        " UNANSWERED where there was none"
    )
    truth: TruthShape | None = Field(
        description="what is so, which may differ; of parts, that of the first which has not arrived"
    )
    status: str | None
    command_status: int | None
    error: str | None
    cause: str | None
    submitted_at: str
    done_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    receipts: ReceiptsShape
    kind: Literal["message", "delivery", "manual", "abort"] = Field(description="by esm_class, bits 5-2")
    asks: list[Kind] = Field(description="acknowledgements that its sender wants from the far end")
    acknowledges: str | None = Field(description="message_id of the message that this one acknowledges")
    acknowledgements: list[AcknowledgementShape]
    tlvs: list[TlvShape] = Field(description="of the first part; the text itself is not among them")
    parts: list[PartShape]


class MessagesShape(Shape):
    """One page of rows, newest first. ``total`` counts the rows that are kept, whatever the filters."""

    messages: list[RowShape]
    next: str | None = Field(description="the next page's cursor; null on the last one")
    total: int
    truncated: bool = Field(description="whether older rows have left the ring and cannot be found any more")

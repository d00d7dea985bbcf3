"""The shapes of what the control API takes and gives: the OpenAPI document is made of these.

They describe and they check what comes in. What goes out is built as plain values (rows.py), because checking it a
second time would cost more than building it; the tests hold every answer against its shape here.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from simulator.carrier.messages import (
    ACCEPTED,
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    REFUSED,
    REJECTED,
    SCHEDULED,
    UNDELIVERABLE,
    UNKNOWN,
)
from simulator.control.moments import moment_from
from simulator.smsc.incoming import MoSplit

STATES = (
    ENROUTE,
    SCHEDULED,
    DELIVERED,
    EXPIRED,
    DELETED,
    UNDELIVERABLE,
    ACCEPTED,
    UNKNOWN,
    REJECTED,
    REFUSED,
)
"""Every state a row can show, in the words of a receipt; REFUSED is ours."""

LONG_NAMES = {
    "DELIVERED": DELIVERED,
    "UNDELIVERABLE": UNDELIVERABLE,
    "ACCEPTED": ACCEPTED,
    "REJECTED": REJECTED,
    "SCHEDULED": SCHEDULED,
}
"""The specification's own words for some of them (SMPP 3.4, 5.2.28)."""

LIMIT_MAX = 1000
ADDRESS_MAX = 20
"""Characters of an address in a deliver_sm (SMPP 3.4, 4.6.1)."""
TEXT_MAX = 255 * 153
"""Characters of the longest text there is: 255 segments in the GSM alphabet."""


class Shape(BaseModel):
    """Nothing that is not named here."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


# --- What comes in ---


def known_state(word: str) -> str:
    """The seven letters of a state in any case, long names too. Raises ValueError for a word that names none."""
    upper = word.strip().upper()
    state = LONG_NAMES.get(upper, upper)
    if state not in STATES:
        raise ValueError(f"one of {', '.join((*STATES, *LONG_NAMES))}")
    return state


def fitting_address(text: str) -> str:
    """The address without spaces around it. Raises ValueError when no deliver_sm can carry it."""
    stripped = text.strip()
    bare = stripped.removeprefix("+")
    if not bare or len(bare) > ADDRESS_MAX or not (bare.isascii() and bare.isprintable()):
        raise ValueError(f"1 to {ADDRESS_MAX} printable ASCII characters beside a leading +")
    return stripped


Moment = Annotated[float, BeforeValidator(moment_from, json_schema_input_type=str)]
State = Annotated[str, AfterValidator(known_state)]
PhoneLanguage = Literal["turkish", "spanish", "portuguese", 1, 2, 3]
"""Names and numbers of the languages whose shift tables we have."""
Number = Annotated[
    str, Field(description="a number, with or without +, a short code or a name"), AfterValidator(fitting_address)
]


class MessagesQuery(Shape):
    """Which rows: each filter that is given must hold."""

    to: str | None = Field(None, description="destination as on the wire, with or without a leading +")
    from_: str | None = Field(None, alias="from", description="source as on the wire, with or without a leading +")
    account: str | None = Field(None, description="name of the account")
    state: State | None = Field(None, description=f"one of {', '.join(STATES)}, or a long name such as DELIVERED")
    text: str | None = Field(None, description="part of the text, in any case")
    message_id: str | None = Field(None, description="id of the message or of one of its parts")
    since: Moment | None = Field(None, description="carrier time: unix seconds, or ISO 8601 as 2026-01-31T12:00:00Z")
    direction: Literal["mt", "mo", "any"] = Field("mt", description="mt: from ESMEs, mo: from subscribers")
    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many rows at most")
    cursor: int | None = Field(None, ge=1, description="what the previous page gave as next")


class MoRequest(Shape):
    """A subscriber's message: from a phone to a number of ours."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"to": "12025550100", "from": "+12025550199", "text": "STOP"}]},
    )

    to: Number
    from_: Number = Field(alias="from")
    text: str = Field(min_length=1, max_length=TEXT_MAX, description="at most 255 segments")
    account: str | None = Field(None, description="the account that gets it, where the number does not tell")
    split: MoSplit = Field(
        "udh8",
        description="how a long text is divided: by a header with a reference of 8 or 16 bits, by sar TLVs, or not at "
        "all but whole in message_payload; a receiver older than SMPP 3.4 takes no TLVs and gets udh8 for the last two",
    )
    language: PhoneLanguage | None = Field(
        None,
        description="the phone writes by the shift tables of this language where they save segments or make UCS-2 "
        "unnecessary",
    )

    @field_validator("language")
    @classmethod
    def writable(cls, language: PhoneLanguage | None, info: ValidationInfo) -> PhoneLanguage | None:
        """The language. Raises ValueError beside a split that has no header to name its tables."""
        if language is not None and info.data.get("split") == "sar":
            raise ValueError("none with split sar, only with udh8, udh16 and payload")
        return language


class OutbindRequest(Shape):
    """An ESME to call, and what it is told of us (SMPP 3.4, 4.1.7)."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"host": "127.0.0.1", "port": 2776, "system_id": "carrier", "password": "x"}]},
    )

    host: str = Field(min_length=1, max_length=255, description="this machine, or a host named by --allow-target")
    port: int = Field(ge=1, le=65535)
    system_id: str = Field("", max_length=15)
    password: str = Field("", max_length=8)


# --- What goes out ---


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


class PartShape(Shape):
    """One submission: a part of a longer text, or a text of its own (part 1 of 1)."""

    message_id: str | None
    part: int
    total: int
    reference: int | None
    state: str
    status: str
    command_status: int
    text: str
    submitted_at: str
    session: int
    receipts: ReceiptsShape


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
    state: str
    status: str | None
    command_status: int | None
    error: str | None
    cause: str | None
    submitted_at: str
    done_at: str | None
    scheduled_at: str | None
    expires_at: str | None
    receipts: ReceiptsShape
    parts: list[PartShape]


class MessagesShape(Shape):
    """One page of rows, newest first. ``total`` counts the rows that are kept, whatever the filters."""

    messages: list[RowShape]
    next: str | None = Field(description="the next page's cursor; null on the last one")
    total: int
    truncated: bool = Field(description="whether older rows have left the ring and cannot be found any more")


class UsageShape(Shape):
    """How much of a window is used."""

    used: int
    size: int


class WindowShape(Shape):
    """The windows of a session; ``deliver`` is ours towards the ESME."""

    deliver: UsageShape


class TlsShape(Shape):
    """What TLS agreed on; ``subject`` is that of the ESME's certificate, where it showed one."""

    version: str
    cipher: str
    subject: str | None


class SessionShape(Shape):
    """One connection and who is bound on it. Times are carrier time."""

    id: int
    account: str | None
    system_id: str
    bind: Literal["TX", "RX", "TRX"] | None
    state: str
    version: str
    peer: str
    listener: str
    tls: TlsShape | None
    connected_at: str
    bound_at: str | None
    last_enquire_link_at: str | None
    submitted: int
    window: WindowShape
    bytes_waiting: int
    unanswered_deliveries: int


class SessionsShape(Shape):
    """Every connection that stands."""

    sessions: list[SessionShape]


class MoShape(Shape):
    """A subscriber's message was taken: the id of its row, and where it goes."""

    id: str
    account: str
    segments: int = Field(description="how many deliver_sm carry it")


class OutbindShape(Shape):
    """An ESME was called: the session on which it may bind now."""

    session: int
    peer: str


class ResetShape(Shape):
    """Everything is at its start again; the sessions that stay."""

    reset: Literal[True]
    sessions: int
    time: str


class RecordingShape(Shape):
    """How the file of events fares: events by what became of them, and why it cannot be written at present."""

    file: str
    written: int
    waiting: int
    lost: int
    error: str | None


class HealthShape(Shape):
    """The server lives. ``uptime`` is in seconds; ``journal`` is there when the events are kept in a file."""

    status: Literal["ok"]
    version: str
    sessions: int
    uptime: float
    journal: RecordingShape | None = None


class CountersShape(Shape):
    """What has happened since the last reset."""

    events: dict[str, int]
    answered: dict[str, int]
    concluded: dict[str, int]
    waiting: int
    pending: int
    rows: int
    evicted: int


class ProblemDetails(Shape):
    """What is wrong with one field of a request."""

    field: str
    given: str | None
    allowed: str


class ProblemShape(Shape):
    """Why a request was not served; further members depend on the code."""

    model_config = ConfigDict(extra="allow")

    code: str
    reason: str
    problems: list[ProblemDetails] | None = None
    candidates: list[str] | None = None
    allowed: list[str] | None = None


class ErrorShape(Shape):
    """The body of every answer that is an error."""

    error: ProblemShape

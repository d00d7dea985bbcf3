"""The shapes of what the control API takes: the OpenAPI document is made of these, and of what it gives (shapes.py).

They describe and they check, and know the words that mean a state; nothing of what is done about a request.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from simulator.carrier.messages import ACCEPTED, DELIVERED, REJECTED, SCHEDULED, UNDELIVERABLE
from simulator.carrier.network.truths import LOST
from simulator.control.moments import moment_from
from simulator.control.row_shapes import Shape
from simulator.scenario.words.words import SPANS, Span, WordError
from simulator.smsc.memory.truths import TOLD_STATES
from simulator.smsc.subscribers.acknowledgements import Kind
from simulator.smsc.subscribers.incoming import MoSplit

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
RATE_MAX = 1_000_000
"""As `carrier-sim serve --speed` allows."""
TEXT_MAX = 255 * 153
"""Characters of the longest text there is: 255 segments in the GSM alphabet."""


def known_state(word: str) -> str:
    """The seven letters of a state in any case, long names too. Raises ValueError for a word that names none."""
    upper = word.strip().upper()
    state = LONG_NAMES.get(upper, upper)
    if state not in TOLD_STATES:
        raise ValueError(f"one of {', '.join((*TOLD_STATES, *LONG_NAMES))}")
    return state


def known_truth(word: str) -> str:
    """The same, or LOST. Raises ValueError for a word that names no truth."""
    if word.strip().upper() == LOST:
        return LOST
    try:
        return known_state(word)
    except ValueError as error:
        raise ValueError(f"{error}, {LOST}") from None


def fitting_address(text: str) -> str:
    """The address without spaces around it. Raises ValueError when no deliver_sm can carry it."""
    stripped = text.strip()
    bare = stripped.removeprefix("+")
    if not bare or len(bare) > ADDRESS_MAX or not (bare.isascii() and bare.isprintable()):
        raise ValueError(f"1 to {ADDRESS_MAX} printable ASCII characters beside a leading +")
    return stripped


def span_ahead(value: Any) -> Any:
    """Seconds of a span in words. Raises ValueError, naming what is allowed, for what is none."""
    if value is None:
        return None
    try:
        return float(Span.parse(value))
    except (AttributeError, WordError) as error:
        allowed = error.allowed if isinstance(error, WordError) else SPANS
        raise ValueError(allowed) from None


Ahead = Annotated[float, BeforeValidator(span_ahead, json_schema_input_type=str)]
Moment = Annotated[float, BeforeValidator(moment_from, json_schema_input_type=str)]
State = Annotated[str, AfterValidator(known_state)]
TrueState = Annotated[str, AfterValidator(known_truth)]
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
    state: State | None = Field(
        None,
        description="what the SMSC says of it, as receipts and query_sm do: one of "
        f"{', '.join(TOLD_STATES)}, or a long name such as DELIVERED",
    )
    truth: TrueState | None = Field(
        None,
        description="what is so by now, where networks are played: a state, or LOST; it may differ from what was told",
    )
    text: str | None = Field(None, description="part of the text, in any case")
    message_id: str | None = Field(None, description="id of the message or of one of its parts")
    since: Moment | None = Field(None, description="carrier time: unix seconds, or ISO 8601 as 2026-01-31T12:00:00Z")
    direction: Literal["mt", "mo", "any"] = Field("mt", description="mt: from ESMEs, mo: from subscribers")
    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many rows at most")
    cursor: int | None = Field(None, ge=1, description="what the previous page gave as next")


class TlvRequest(Shape):
    """An optional parameter, by its name or by its number as in 0x1401; octets are written in hexadecimal."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"name": "ussd_service_op", "value": 2}]}
    )

    name: str = Field(min_length=1, max_length=100)
    value: int | str = Field(description="a number, a text, or hexadecimal, by the kind of the TLV")


class MoRequest(Shape):
    """A subscriber's message: from a phone to a number of ours, or an acknowledgement of a message of yours.

    With ``acknowledges`` the two numbers and the account are those of the message that it names.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"to": "12025550100", "from": "+12025550199", "text": "STOP"}]},
    )

    kind: Literal["message", "delivery", "manual", "abort"] = Field(
        "message",
        description="a text, an acknowledgement of delivery by the phone, one by its owner, or a conversation's abort",
    )
    acknowledges: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        validate_default=True,
        description="message_id of the message, which must have asked for that kind; needed for delivery and manual",
    )
    to: Number | None = Field(None, validate_default=True, description="needed, unless `acknowledges` is given")
    from_: Number | None = Field(
        None, alias="from", validate_default=True, description="needed, unless `acknowledges` is given"
    )
    text: str | None = Field(
        None,
        min_length=1,
        max_length=TEXT_MAX,
        validate_default=True,
        description="at most 255 segments; needed, unless `acknowledges` is given",
    )
    asks: list[Kind] = Field(
        [], max_length=2, description="acknowledgements that the subscriber wants (registered_delivery, bits 3-2)"
    )
    tlvs: list[TlvRequest] = Field(
        [], max_length=50, description="optional parameters of each deliver_sm, such as those of USSD"
    )
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

    @field_validator("acknowledges")
    @classmethod
    def fitting_kind(cls, acknowledges: str | None, info: ValidationInfo) -> str | None:
        """The message_id. Raises ValueError where the kind of message does not go with one, or without."""
        is_acknowledgement = info.data.get("kind") in {"delivery", "manual"}
        if acknowledges is None and is_acknowledgement:
            raise PydanticCustomError("missing", "must be given")
        if acknowledges is not None and not is_acknowledgement:
            raise ValueError("only with kind delivery and manual")
        return acknowledges

    @field_validator("to", "from_", "text", "account", "asks", "split", "language")
    @classmethod
    def known_otherwise(cls, value: Any, info: ValidationInfo) -> Any:
        """The value. Raises ValueError where one is needed, or where the acknowledged message tells another."""
        needed = info.field_name in {"to", "from_", "text"}
        if info.data.get("acknowledges") is None:
            # beside a kind that is wrong itself nothing more is asked for
            if value is None and needed and info.data.get("kind") in {"message", "abort"}:
                raise PydanticCustomError("missing", "must be given")
        elif value is not None and info.field_name != "text":
            raise ValueError("not beside `acknowledges`: it is known from that message")
        return value


class PhoneRequest(Shape):
    """What becomes of a phone."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"is_on": False}]})

    is_on: bool


class ClockRequest(Shape):
    """What becomes of the carrier's clock: exactly one of these."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"advance": "3 days"}]})

    advance: Ahead | None = Field(None, description=f"carrier time to walk through at once: {SPANS}")
    pause: Literal[True] | None = Field(None, description="carrier time stands still; the links go on")
    resume: Literal[True] | None = Field(None, description="it runs again, at the rate that it had")
    rate: float | None = Field(
        None, gt=0, le=RATE_MAX, allow_inf_nan=False, description="seconds of carrier time in a second"
    )

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        """Itself. Raises ValueError where nothing is said, or more than one thing."""
        if len([name for name in self.model_fields_set if getattr(self, name) is not None]) != 1:
            raise ValueError("exactly one of advance, pause, resume and rate")
        return self


class ObservationRequest(Shape):
    """What the gateway says of a message: its message_id, its id in /api/messages, or its destination (the last)."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"message": "1000000001", "status": "delivered"}]},
    )

    message: str = Field(min_length=1, max_length=100)
    status: str = Field(min_length=1, max_length=100, description="in the gateway's own words: delivered, failed ...")


class ScenarioRequest(Shape):
    """What is to be played instead: exactly one of these."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"names": ["throttled-then-recovers"]}]}
    )

    names: list[str] | None = Field(None, max_length=100, description="scenarios by name, later ones go first")
    yaml: str | None = Field(None, description="the text of a scenario file")

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        """Itself. Raises ValueError where nothing is said, or both."""
        if (self.names is None) == (self.yaml is None):
            raise ValueError("exactly one of names and yaml")
        return self


class MoveRequest(Shape):
    """Where a rule goes among those that were added: exactly one of these."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"to": "last"}, {"before": "live-2"}]}
    )

    to: Literal["first", "last"] | None = Field(None, description="asked before all others, or after them")
    before: str | None = Field(None, min_length=1, max_length=100, description="the id of another one")
    after: str | None = Field(None, min_length=1, max_length=100, description="the id of another one")

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        """Itself. Raises ValueError where nothing is said, or more than one thing."""
        if sum(one is not None for one in (self.to, self.before, self.after)) != 1:
            raise ValueError("exactly one of to, before and after")
        return self


class PhaseRequest(Shape):
    """The phase that begins."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"phase": "storm"}]})

    phase: str = Field(min_length=1, max_length=100)


class BroadcastsQuery(Shape):
    """Which page of the broadcasts."""

    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many rows at most")
    cursor: int | None = Field(None, ge=1, description="what the previous page gave as next")


class SessionsQuery(Shape):
    """Which page of the sessions."""

    account: str | None = Field(None, min_length=1, max_length=100, description="those that this account has bound")

    limit: int = Field(LIMIT_MAX, ge=1, le=LIMIT_MAX, description="how many sessions at most")
    cursor: int | None = Field(None, ge=1, description="what the previous page gave as next")


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

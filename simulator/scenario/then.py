"""What a rule does: slots, of which the first rule that fills one decides, and deeds, which every rule does.

Slots are the decision, the delay, the delivery, the connection, and each single thing that a form says: two rules may
both say something about receipts, as long as one speaks of dates and the other of states. Nothing here acts.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from simulator.scenario.forms.forms import (
    AnswerForm,
    Hold,
    Ids,
    MoForm,
    OrderWord,
    PduForm,
    ReceiptForm,
    SessionWord,
)
from simulator.scenario.match import commands_of
from simulator.scenario.networks.phone_forms import Phone
from simulator.scenario.shape import (
    SEVERAL,
    Found,
    Names,
    Shape,
    at_most_one,
    choice,
    exactly_one,
)
from simulator.scenario.words.carrier_words import NumberWord
from simulator.scenario.words.kinds import (
    AccountWord,
    CommandWord,
    DelayWord,
    OctetsWord,
    PhaseWord,
    PileWord,
    SizeWord,
    SpanWord,
    StateWord,
    StatusWord,
    TextWord,
    ValueWord,
)
from simulator.scenario.words.wire_words import STATES_ALLOWED, parse_state
from simulator.scenario.words.words import DELAYS, WordError
from simulator.smpp.constants import COMMAND_NAMES, CommandId

STRING: Final[JsonSchemaValue] = {"type": "string"}
FAULTS: Final = (
    *("fin", "rst", "half_close", "black_hole", "pause_reading", "slow_reading", "refuse", "hang", "unbind"),
    *("tls_plain", "tls_alert", "tls_stall", "tls_no_close_notify"),
)
"""What can be done to a connection. `disconnect` is another word for `fin`."""
DECISIONS: Final = ("accept", "reject", "silence")
BARE: Final = ("accept", "silence", "lose", "disconnect", *FAULTS)
"""What `then:` may be in one word."""


class Respond(Shape):
    """When a response is sent. A delay alone is `after`."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = f"{DELAYS}; or a mapping of after, hold"

    after: DelayWord | None = None
    """The delay, in link time."""
    hold: Hold | None = None
    """Keep it back in a pile."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A delay."""
        return {"after": value} if isinstance(value, str) else value


class Step(ReceiptForm):
    """One thing that becomes of a message, and its receipt. A state or a delay stands alone, or `UNDELIV after 2s`."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = f"{STATES_ALLOWED}; a delay; both as in `UNDELIV after 2s`; lose; or a mapping"

    after: DelayWord | None = None
    """How long after the one before, or after the submission; in carrier time."""
    state: StateWord | None = None
    """What becomes of the message; DELIVRD if nothing is said."""
    final: bool | None = None
    """Whether nothing more becomes of it; by default as the state says."""
    before_response: bool | None = None
    """Send the receipt in front of the response to the submission."""
    at_bind: bool | None = None
    """Keep the receipt until the account binds again."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state, a delay, or a state after a delay."""
        if not isinstance(value, str):
            return value
        state, word, after = value.partition(" after ")
        if word:
            return {"state": state, "after": after}
        try:
            parse_state(value)
        except WordError:
            if value[:1].isdigit() or value.split(" ")[0] in {"lognormal", "normal", "exponential"}:
                return {"after": value}
        return {"state": value}


class Fault(Shape):
    """What happens to a connection. A word alone happens at once, behind the answer."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": ["disconnect", *FAULTS]},)
    allowed: ClassVar[str] = f"disconnect, {', '.join(FAULTS)}, or a mapping"

    fault: Annotated[str, choice("fault of a connection", *FAULTS, "disconnect")]
    """Which one."""
    after: DelayWord | None = None
    """How long to wait before, in link time."""
    octets: SizeWord | None = None
    """How many octets are still written before; so it can fall into the middle of a PDU."""
    before: Annotated[str, choice("moment", "answer", "record")] | None = None
    """In front of the answer, or even before the message is recorded."""
    lasts: SpanWord | None = None
    """For how long, where it can end."""
    direction: Annotated[str, choice("direction", "in", "out", "both")] | None = None
    """Which octets vanish, of a black_hole."""
    session: SessionWord | None = None
    """Which sessions of the account; the one that the rule was about by default."""
    account: AccountWord | None = None
    """Whose sessions; those of all accounts where there is no session that the rule was about."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A word."""
        if isinstance(value, str):
            return {"fault": "fin" if value == "disconnect" else value}
        if isinstance(value, dict) and value.get("fault") == "disconnect":
            return {**value, "fault": "fin"}
        return value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What only some faults have."""
        fault = given.get("fault")
        if isinstance(fault, str) and fault in FAULTS:
            if "direction" in given and fault != "black_hole":
                yield Found(("direction",), f"direction of {fault}", "only of black_hole", is_key=True)
            if "lasts" in given and fault not in {"black_hole", "pause_reading", "slow_reading", "hang"}:
                allowed = "only of black_hole, pause_reading, slow_reading, hang"
                yield Found(("lasts",), f"lasts of {fault}", allowed, is_key=True)


class Mo(MoForm):
    """A message from a subscriber."""

    text: ValueWord | None = None
    """What he wrote, or octets as in hex:00ff."""


class Send(PduForm):
    """A PDU of ours that answers nothing, or octets that are none. A command stands alone: `unbind`."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": sorted(COMMAND_NAMES.values())},)
    allowed: ClassVar[str] = "a command as in unbind, or a mapping of command, mo or octets, and more"

    command: CommandWord | None = None
    """Which PDU; any number, or a response that nobody asked for."""
    mo: Mo | None = None
    """A message from a subscriber."""
    octets: OctetsWord | None = None
    """Octets that need not be SMPP."""
    status: StatusWord | None = None
    """command_status."""
    after: DelayWord | None = None
    """How long to wait before."""
    session: SessionWord | None = None
    """To which session; the one that the rule was about by default."""
    account: AccountWord | None = None
    """To whose sessions; all accounts where there is no session that the rule was about."""
    hold: Hold | None = None
    """Keep it back in a pile."""
    before: Annotated[str, choice("moment", "answer")] | None = None
    """In front of the answer."""
    with_answer: bool | None = None
    """In one segment with the answer."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A command."""
        return {"command": value} if isinstance(value, str) else value

    @classmethod
    def commands_meant(cls, given: Mapping[str, Any]) -> tuple[int, ...]:
        """The command, or deliver_sm for a message from a subscriber."""
        if "mo" in given:
            return (int(CommandId.DELIVER_SM),)
        return tuple(commands_of(given) or ()) if "command" in given else ()

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Exactly one thing to send, and no fields of octets."""
        yield from super().contradictions(given, names)
        yield from exactly_one(given, ("command", "mo", "octets"), "send")
        for key in ("fields", "tlvs", "status", "sequence", "wire"):
            if key in given and "octets" in given:
                yield Found((key,), f"{key} of octets", "command or mo beside it", is_key=True)

    @classmethod
    def misplaced(cls, key: str) -> str:
        """What is said of a message stands with it."""
        return f"mo: {{{key}: ...}}" if key in Mo.model_fields or key in {"from", "to"} else ""


class Release(Shape):
    """Let go what a pile holds. A name alone lets all go as it came."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (STRING,)
    allowed: ClassVar[str] = "the name of a pile, or a mapping of pile, order, most"

    pile: PileWord
    """Its name."""
    order: Annotated[tuple[OrderWord, ...], SEVERAL] | None = None
    """first_in, last_in, shuffle, or places as in [3, 1, 2]."""
    most: int | None = Field(default=None, ge=1)
    """How many of them."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A pile."""
        return {"pile": value} if isinstance(value, str) else value


class Change(Shape):
    """What is different from now on."""

    phase: PhaseWord | None = None
    """The phase that begins."""
    variables: dict[TextWord, ValueWord] | None = None
    """Values of variables: {load: 5, strikes: "+1"}; a sign adds to what is there."""
    state: StateWord | None = None
    """The state of the message that the rule was about."""


class Deeds(Shape):
    """What can be done at any time, without a request that asks for it."""

    send: Annotated[tuple[Send, ...], SEVERAL] | None = None
    """PDUs of ours."""
    connection: Annotated[tuple[Fault, ...], SEVERAL] | None = None
    """What happens to the connection."""
    set: Change | None = None
    """Phase, variables, the message's state."""
    release: Annotated[tuple[Release, ...], SEVERAL] | None = None
    """Piles that are let go."""
    subscribers: dict[NumberWord, Phone] | None = None
    """Phones that are different from now on: {12025550100: off}; what is not said of one stays as it is."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A fault of the connection."""
        return {"connection": value} if isinstance(value, str) and value in {"disconnect", *FAULTS} else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Nothing at all."""
        if not given:
            yield Found((), "nothing to do", f"one of {', '.join(cls.model_fields)}")

    @classmethod
    def misplaced(cls, key: str) -> str:
        """What answers a request belongs to a rule."""
        return f"rules: [{{then: {{{key}: ...}}}}]" if key in Then.model_fields else ""


class Then(Deeds):
    """What a rule does. One word may stand alone: accept, silence, lose, disconnect, rst ..."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(BARE)},)
    allowed: ClassVar[str] = f"{', '.join(BARE)}, or a mapping of slots"

    accept: bool | None = None
    """Take the message, or answer any request well."""
    reject: StatusWord | None = None
    """Refuse it with this command_status."""
    silence: Annotated[str, choice("silence", "recorded", "unrecorded")] | None = None
    """Never answer. `recorded`: the message is taken nevertheless, so that a second one is a duplicate."""
    respond: Respond | None = None
    """When the answer is sent."""
    answer: AnswerForm | None = None
    """The form of the answer."""
    deliver: Annotated[tuple[Step, ...], SEVERAL] | None = None
    """What becomes of the message, one after the other, each with a receipt."""
    lose: bool | None = None
    """The message vanishes: no outcome, no receipt."""
    ids: Ids | None = None
    """The message id and its spellings."""
    receipts: ReceiptForm | None = None
    """The form of all receipts of the message."""
    mo: MoForm | None = None
    """The form of a message from a subscriber (with `when: {event: mo}`)."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """One word; and `deliver: lose`, which is the same as `lose`."""
        if isinstance(value, str):
            if value in {"accept", "lose"}:
                return {value: True}
            if value == "silence":
                return {"silence": "unrecorded"}
            return super().spelled_out(value, names)
        if isinstance(value, dict) and value.get("deliver") == "lose":
            return {"lose": True, **{key: one for key, one in value.items() if key != "deliver"}}
        return value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Two decisions, two fates, or nothing at all."""
        yield from super().contradictions(given, names)
        yield from at_most_one(given, DECISIONS)
        yield from at_most_one(given, ("lose", "deliver"))
        for key in ("accept", "lose"):
            if given.get(key) is False:
                yield Found((key,), "false", "true, or nothing of it")

    @classmethod
    def misplaced(cls, key: str) -> str:
        """Times and shares are the rule's; and one word that everybody says means three things."""
        if key == "drop":
            return "silence, lose or disconnect"
        return f"{{then: ..., {key}: ...}}" if key in {"times", "probability", "stop", "name", "when"} else ""

    @property
    def slots(self) -> frozenset[str]:
        """The slots that are filled: `decision`, `respond`, `deliver`, `connection`, `ids.text`, `receipts.dates`,
        `receipts.fields.esm_class`, `answer.tlvs.congestion_state` ...
        """
        filled = {"decision" for key in DECISIONS if getattr(self, key) is not None}
        filled |= {key for key in ("respond", "connection") if getattr(self, key) is not None}
        filled |= {"deliver"} if self.deliver is not None or self.lose is not None else set()
        for key in ("answer", "ids", "receipts", "mo"):
            form = getattr(self, key)
            if form is not None:
                filled.update(f"{key}.{slot}" for slot in said_by(form))
        return frozenset(filled)


DEEP: Final = frozenset({"text", "dates", "stat", "err", "source", "destination"})
"""Forms inside a form, of which each single thing is a slot, too: one rule omits a field, another adds a prefix."""


def said_by(form: Shape) -> Iterator[str]:
    """What a form says, one by one: fields and TLVs each for themselves."""
    for key in form.said:
        value = getattr(form, key)
        if key == "fields":
            yield from (f"fields.{name}" for name in value)
        elif key == "tlvs":
            for edit in value:
                name = edit.set or edit.add or edit.remove
                yield f"tlvs.{name}" if name else "tlvs"
        elif key in DEEP and isinstance(value, Shape):
            yield from (f"{key}.{one}" for one in value.said)
        else:
            yield key

"""When a rule is meant: what it wants of the session, the request, the message, the counts, the state and the time.

Everything that is said must hold; what is not said is not asked. Nothing here looks at a message: this is the question.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic.json_schema import JsonSchemaValue

from simulator.scenario.shape import (
    SEVERAL,
    Found,
    Names,
    Shape,
    at_most_one,
    choice,
    given_list,
)
from simulator.scenario.words.kinds import (
    FIELD_KINDS,
    HEADER_FIELDS,
    AccountWord,
    AlphabetWord,
    BindTypeWord,
    CommandWord,
    CountWord,
    FieldWord,
    HoursWord,
    MaskWord,
    OverWord,
    PatternWord,
    PhaseWord,
    PileWord,
    RangeWord,
    SpanRangeWord,
    StateWord,
    StatusWord,
    TextWord,
    TlvWord,
    ValueWord,
    VariableWord,
    VersionWord,
    foreign_fields,
)
from simulator.scenario.words.wire_words import BINDS, SUBMISSIONS, Command
from simulator.scenario.words.words import WordError, quoted
from simulator.smpp.constants import CommandId
from simulator.smpp.tlvs import TLVS_BY_NAME

SCALAR: Final[JsonSchemaValue] = {"type": ["string", "number", "boolean"]}

Event = Annotated[
    str,
    choice(
        "event", "connect", "tls_handshake", "bound", "unbound", "disconnect", "unanswered", "receipt", "mo", "conclude"
    ),
]
"""What can happen beside a request: ``unanswered`` is a request of ours, ``receipt`` and ``mo`` are about to be sent,
``conclude`` is a message that reaches its final state."""

SYNONYMS: Final = {"from": "source", "to": "destination"}
"""What people say, and the word for it."""
WITHOUT_PDU: Final = frozenset({"connect", "tls_handshake", "bound", "unbound", "disconnect"})
_LIKE_PATTERN: Final = re.compile(
    r"\+?(?P<digits>\d+)(?:\*+|\.\*|\.\.\.|%|\?+)|[\^+]*[\d\[\](){}.*+?|$\\d-]*(?:\^|\[|\$|\\d|\.\*|\.\+)[\d\[\](){}.*+?|$\\d-]*",
    re.ASCII,
)
"""What nobody writes who means a number: 1202*, ^1202, 1202[0-9]+. USSD's, as *100#, are numbers."""
ABOUT_MESSAGES: Final = ("source", "destination", "text", "alphabet", "part", "length", "age", "state")
# Commands that carry a message of which the keys above can be asked.
WITH_MESSAGE: Final = frozenset({*SUBMISSIONS, int(CommandId.DELIVER_SM), int(CommandId.REPLACE_SM)})
WITH_SOURCE: Final = WITH_MESSAGE | {int(CommandId.QUERY_SM), int(CommandId.CANCEL_SM)}


class Condition(Shape):
    """What a value must be. A plain value: equal to it; a list: one of them; `absent` and `present` stand alone."""

    allowed: ClassVar[str] = (
        "a value, a list of values, absent, present, or a mapping of any_of, none_of, pattern, starts, ends, contains, "
        "between, bits, length"
    )
    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (SCALAR, {"type": "array", "items": SCALAR})

    any_of: Annotated[tuple[ValueWord, ...], SEVERAL] | None = None
    """One of these values."""
    none_of: Annotated[tuple[ValueWord, ...], SEVERAL] | None = None
    """None of these values."""
    pattern: PatternWord | None = None
    """An expression of RE2 that is found anywhere in the text."""
    starts: TextWord | None = None
    """What the text begins with."""
    ends: TextWord | None = None
    """What the text ends with."""
    contains: TextWord | None = None
    """What the text contains, in any case."""
    between: RangeWord | None = None
    """Numbers: from .. to, both included."""
    bits: MaskWord | None = None
    """Bits of a number: 0x40 (all set), 0x3c=0x04 (those of the mask are these)."""
    length: RangeWord | None = None
    """Characters of a text, or octets of octets."""
    present: bool | None = None
    """Whether it is there at all; an empty field is there."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A word, a value or a list of values."""
        if isinstance(value, str) and value in {"absent", "present"}:
            return {"present": value == "present"}
        if isinstance(value, bool):
            return {"any_of": ["true" if value else "false"]}
        return value if isinstance(value, dict) or value is None else {"any_of": value}

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A condition that says nothing, and values of a thing that is not there."""
        if not given:
            yield Found((), "a condition that says nothing", cls.allowed)
        if given.get("present") is False:
            yield from (
                Found((key,), f"{key} of what is absent", "nothing beside present: false", is_key=True)
                for key in given
                if key != "present"
            )


class TextCondition(Condition):
    """What a text must be. A number is the text that it was written as."""

    any_of: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """One of these texts."""
    none_of: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """None of these texts."""


class PartMatch(Shape):
    """Which part of a text that came in several. `1`, `last` and `2 of 3` stand alone."""

    allowed: ClassVar[str] = "a number, a range, last, any, `2 of 3`, or a mapping of number, total, last"
    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": ["string", "integer"]},)

    number: RangeWord | None = None
    """Which part, from 1."""
    total: RangeWord | None = None
    """How many parts the text has."""
    last: bool | None = None
    """The last one, or any but the last one."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """`last`, `any`, `2 of 3`, a number or a range."""
        if value in {"last", "any"} if isinstance(value, str) else False:
            return {"last": True} if value == "last" else {"total": "2.."}
        if isinstance(value, str) and (found := re.fullmatch(r"\s*(\S+)\s+of\s+(\S+)\s*", value)):
            return {"number": found[1], "total": found[2]}
        is_scalar = isinstance(value, str | int) and not isinstance(value, bool)
        return {"number": value} if is_scalar else value


class Match(Shape):
    """What a rule wants. Without `command` and `event`: any message that an ESME submits."""

    synonyms: ClassVar[Mapping[str, str]] = SYNONYMS

    event: Event | None = None
    """What happens beside requests: connect, bound, disconnect, unanswered, receipt ..."""
    command: Annotated[tuple[CommandWord, ...], SEVERAL] | None = None
    """Which request or response comes, or for `unanswered` which of ours; `bind` means all three."""
    account: Annotated[tuple[AccountWord, ...], SEVERAL] | None = None
    """The session's account."""
    bind_type: Annotated[tuple[BindTypeWord, ...], SEVERAL] | None = None
    """How the session is bound, or wants to be."""
    version: Annotated[tuple[VersionWord, ...], SEVERAL] | None = None
    """interface_version of the bind; write it in quotes or not."""
    session: CountWord | None = None
    """Which of the account's sessions, by the order in which they came."""
    listener: TextWord | None = None
    """The name of the listener that the session came in by."""
    tls: bool | None = None
    """Whether the session is encrypted."""
    source: TextCondition | None = None
    """The sender, with or without +; `from` means the same."""
    destination: TextCondition | None = None
    """The recipient, with or without +; `to` means the same."""
    text: TextCondition | None = None
    """The decoded text of this message or part."""
    alphabet: Annotated[tuple[AlphabetWord, ...], SEVERAL] | None = None
    """What the text is written in."""
    part: PartMatch | None = None
    """Which part of a text in several parts."""
    length: RangeWord | None = None
    """Octets of the user data."""
    fields: dict[FieldWord, Condition] | None = None
    """Mandatory fields under the specification's names."""
    tlvs: dict[TlvWord, Condition] | None = None
    """Optional parameters by name or tag."""
    status: Annotated[tuple[StatusWord, ...], SEVERAL] | None = None
    """command_status of a response: how the ESME answered us."""
    status_not: Annotated[tuple[StatusWord, ...], SEVERAL] | None = None
    """None of these."""
    count: CountWord | None = None
    """Which of those for which all the rest holds: first 3, 3rd, every 10th, after 100, 1..5; per destination ..."""
    state: Annotated[tuple[StateWord, ...], SEVERAL] | None = None
    """State of the message that is meant (query_sm, cancel_sm, receipt ...)."""
    age: SpanRangeWord | None = None
    """How long ago that message was submitted, in carrier time."""
    rate: OverWord | None = None
    """More requests than that within the last unit."""
    in_flight: RangeWord | None = None
    """The ESME's unanswered requests on this session, this one included."""
    idle: SpanRangeWord | None = None
    """How long the session was silent before this."""
    since_start: SpanRangeWord | None = None
    """Carrier time since the scenario began."""
    since_connect: SpanRangeWord | None = None
    """Link time since the ESME connected."""
    since_bound: SpanRangeWord | None = None
    """Link time since the session was bound."""
    since_disconnect: SpanRangeWord | None = None
    """Link time since the account lost a session."""
    hours: HoursWord | None = None
    """Time of the carrier's day."""
    phase: Annotated[tuple[PhaseWord, ...], SEVERAL] | None = None
    """The phase that the scenario is in."""
    variables: dict[VariableWord, Condition] | None = None
    """Variables of the scenario."""
    held: dict[PileWord, RangeWord] | None = None
    """How many wait in a pile that `hold` fills."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """`from` and `to`, and the command `bind`, which stands for three."""
        if not isinstance(value, dict) or not ({"from", "to", "command"} & value.keys()):
            return value
        # a synonym beside its word stays, and is refused as unknown
        spelled = {key if SYNONYMS.get(key, key) in value else SYNONYMS[key]: one for key, one in value.items()}
        commands = given_list(spelled.get("command"))
        if "bind" in commands:
            at = commands.index("bind")
            spelled["command"] = [*commands[:at], *(Command(number) for number in BINDS), *commands[at + 1 :]]
        return spelled

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Fields that the commands do not have, and messages where there is none."""
        yield from at_most_one(given, ("status", "status_not"))
        for key in ("source", "destination"):
            yield from _patterns_as_numbers(key, given.get(key))
        event = given.get("event")
        if isinstance(event, str) and event in WITHOUT_PDU:
            asked = (*ABOUT_MESSAGES, "command", "fields", "tlvs", "status", "status_not")
            for key in asked:
                if key in given:
                    yield Found(
                        (key,), f"{key} of a {event}", "what tells of the session, or another event", is_key=True
                    )
            return
        if "command" not in given and "fields" not in given:
            # any submission, and all of them carry a message
            return
        commands = commands_of(given)
        if commands is None:
            return
        for found in foreign_fields(given.get("fields"), commands):
            yield Found(("fields", *found.path), found.found, found.allowed, found.hint, found.is_key)
        said = ", ".join(str(Command(number)) for number in commands)
        for key in ABOUT_MESSAGES:
            carriers = WITH_SOURCE if key in {"source", "destination", "age", "state"} else WITH_MESSAGE
            if key in given and event is None and not carriers.intersection(commands):
                hint = _field_of(key, commands)
                yield Found((key,), f"{said} has no {key}", "fields: and tlvs: of that PDU", hint, is_key=True)

    @classmethod
    def misplaced(cls, key: str) -> str:
        """Fields and TLVs have a mapping of their own."""
        if key in SYNONYMS:
            return f"{SYNONYMS[key]} alone, which means the same"
        if key in HEADER_FIELDS:
            return HEADER_FIELDS[key]
        if key in FIELD_KINDS:
            return f"fields: {{{key}: ...}}"
        return f"tlvs: {{{key}: ...}}" if key in TLVS_BY_NAME else ""

    @property
    def commands(self) -> tuple[int, ...]:
        """The commands that are meant: those named, else the submissions; none for an event."""
        if self.command is not None:
            return tuple(int(command) for command in self.command)
        return () if self.event is not None else SUBMISSIONS


def commands_of(given: Mapping[str, Any]) -> list[int] | None:
    """The commands of a match as it was written; None where that cannot be told, or any PDU may be meant."""
    written = given_list(given.get("command"))
    if not written:
        return None if "event" in given else list(SUBMISSIONS)
    commands: list[int] = []
    for one in written:
        if one == "bind":
            commands += BINDS
            continue
        try:
            commands.append(int(one) if isinstance(one, int) else int(Command.parse(str(one))))
        except WordError:
            return None
    return commands


def _patterns_as_numbers(key: str, written: object) -> Iterator[Found]:
    """Numbers that look like patterns: compared as they stand, they would never be met."""
    for place, one in enumerate(given_list(written)):
        if not isinstance(one, str) or one.isalnum() or not (found := _LIKE_PATTERN.fullmatch(one)):
            continue
        digits = found["digits"]
        hint = f'{{starts: "{digits}"}}' if digits else f"{{pattern: '{one}'}}"
        path = (key, place) if isinstance(written, list | tuple) else (key,)
        yield Found(path, f"{quoted(one)} is compared as it stands", "a number, starts, ends or pattern", hint)


def _field_of(key: str, commands: list[int]) -> str:
    field = {"source": "source_addr", "destination": "destination_addr", "text": "short_message"}.get(key)
    if field is None or list(foreign_fields({field: ""}, commands)):
        return ""
    return f"fields: {{{field}: ...}}"


__all__ = ["SYNONYMS", "Condition", "Event", "Match", "PartMatch", "TextCondition", "commands_of"]

"""What the `when` of a rule asks, one question for each key: where to look, and what must be seen there.

Each question is a pair of plain functions; the commonest are also a line of code, so that an index can ask twenty rules
in one function. It knows happenings and values; which rule a question belongs to it does not know.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from simulator.carrier.messages import Part, bare
from simulator.scenario.happening import Happening, Pace
from simulator.scenario.lines import Line, among, of_field, of_text, within
from simulator.scenario.match import Condition, Match, PartMatch
from simulator.scenario.shape import Shape
from simulator.scenario.words.patterns import compile_pattern
from simulator.scenario.words.wire_words import Octets
from simulator.scenario.words.words import Range, SpanRange
from simulator.smpp.tlvs import Book, first
from simulator.sms.alphabets import alphabet_of

DAY: Final = 86_400.0

Value = int | str | bytes | None
Test = Callable[[Any], bool]


class Difference(NamedTuple):
    """The first thing that does not hold: which key of `when`, what it wants, what came."""

    field: str
    wanted: str
    got: str


class Question(NamedTuple):
    """One key of `when`. ``line`` says the same in Python, of the names in lines.LOOKED_UP."""

    field: str
    said: Any
    """What the file says of it."""
    seen: Callable[[Happening], Any]
    holds: Test
    line: Line | None = None
    is_settled: bool = False
    """Whether all submissions of one bound session get the same answer."""

    @property
    def wanted(self) -> str:
        """What the file says, as it could be written."""
        return _told(self.said) if isinstance(self.said, Shape) else _listed(self.said)

    def difference(self, happening: Happening) -> Difference | None:
        """What does not hold, or None. Nothing is counted."""
        seen = self.seen(happening)
        if self.holds(seen):
            return None
        return Difference(self.field, self.wanted, "absent" if seen is None else shown(seen))


def questions(when: Match, book: Book) -> Iterator[Question]:
    """What costs nothing is asked first, the text last: it has to be decoded, and nothing is before a count."""
    if when.event is not None and when.command is not None:
        yield _words("command", when.command, lambda happening: happening.command, "o.command")
    yield from _of_the_session(when)
    yield from _of_the_story(when)
    if when.status is not None:
        yield _words("status", when.status, _status)
    if when.status_not is not None:
        unwanted = frozenset(when.status_not)
        yield Question("status_not", when.status_not, _status, lambda seen: seen is not None and seen not in unwanted)
    yield from _of_the_message(when)
    for name, condition in (when.fields or {}).items():
        yield _of_field(name, condition)
    for name, condition in (when.tlvs or {}).items():
        yield _of_tlv(name, condition, book)
    if when.text is not None:
        yield _of_text(when.text)


def _of_the_session(when: Match) -> Iterator[Question]:
    yield from _of_the_bind(when)
    if when.in_flight is not None:
        yield Question("in_flight", when.in_flight, _of_the_seat("in_flight"), _within(when.in_flight))
    if when.idle is not None:
        yield Question("idle", when.idle, _of_the_seat("idle_before"), _within(when.idle))
    for what, spans in (
        ("connect", when.since_connect),
        ("bound", when.since_bound),
        ("disconnect", when.since_disconnect),
    ):
        if spans is not None:
            yield Question(f"since_{what}", spans, _since(what), _within(spans))


def _of_the_bind(when: Match) -> Iterator[Question]:
    """What has one answer as long as a session is bound, so that an index needs to ask it once."""
    if when.account is not None:
        yield _words("account", when.account, lambda happening: happening.account, "account", is_settled=True)
    if when.bind_type is not None:
        yield _words("bind_type", when.bind_type, lambda happening: happening.bind_type, is_settled=True)
    if when.version is not None:
        yield _words("version", when.version, lambda happening: happening.version, is_settled=True)
    if when.listener is not None:
        seen = _of_the_seat("listener")
        yield _words("listener", (when.listener,), seen, is_settled=True)
    if when.session is not None:
        holds = _within(when.session)
        yield Question("session", when.session, _of_the_seat("nth"), holds, is_settled=True)
    if when.tls is not None:
        yield _words("tls", (when.tls,), lambda one: one.seat is not None and one.seat.is_secure)


def _of_the_story(when: Match) -> Iterator[Question]:
    if when.phase is not None:
        seen = "o.story is not None and o.story.phase"
        yield _words("phase", when.phase, lambda happening: happening.story and happening.story.phase, seen)
    if when.since_start is not None:
        yield Question(
            "since_start",
            when.since_start,
            lambda happening: happening.story and happening.at - happening.story.began_at,
            _within(when.since_start),
        )
    if when.hours is not None:
        yield Question("hours", when.hours, lambda happening: happening.at % DAY, when.hours.includes)
    for name, condition in (when.variables or {}).items():
        yield asked(f"variables.{name}", condition, _variable(name))
    for name, wanted in (when.held or {}).items():
        yield Question(f"held.{name}", wanted, _held(name), _within(wanted))


def _of_the_message(when: Match) -> Iterator[Question]:
    if when.alphabet is not None:
        wanted = frozenset(when.alphabet)
        codings = frozenset(number for number in range(256) if alphabet_of(number) in wanted)
        yield Question(
            "alphabet",
            when.alphabet,
            lambda happening: happening.message and alphabet_of(happening.message.data_coding),
            wanted.__contains__,
            among("coding", codings),
        )
    if when.destination is not None:
        yield _address("destination", when.destination)
    if when.source is not None:
        yield _address("source", when.source)
    if when.part is not None:
        holds = _part(when.part)
        line = Line("m is not None and m.part is not None and {0}(m.part)", (holds,))
        yield Question("part", when.part, lambda one: one.message and one.message.part, holds, line)
    if when.length is not None:
        code, bound = within("len(m.user_data)", when.length)
        yield Question(
            "length",
            when.length,
            lambda one: one.message and len(one.message.user_data),
            _within(when.length),
            Line(f"m is not None and {code}", bound),
        )
    if when.state is not None:
        yield _words("state", when.state, lambda happening: happening.message and happening.message.state)
    if when.age is not None:
        yield Question(
            "age", when.age, lambda one: one.message and one.at - one.message.submitted_at, _within(when.age)
        )


def _of_field(name: str, condition: Condition) -> Question:
    question = asked(f"fields.{name}", condition, _field(name))
    line = of_field(name, condition) or Line(f"{{0}}(getattr(p, {name!r}, None))", (question.holds,))
    return question._replace(line=line)


def _of_tlv(name: str, condition: Condition, book: Book) -> Question:
    question = asked(f"tlvs.{name}", condition, _tlv(name, book))
    if question.holds(None):
        return question
    seen, holds = question.seen, question.holds
    # nearly no PDU has any, and then none of them is what is wanted
    return question._replace(line=Line("p is not None and p.tlvs and {0}(o)", (lambda one: holds(seen(one)),)))


def _of_text(condition: Condition) -> Question:
    question = asked("text", condition, lambda happening: happening.text)
    if condition.said == ("contains",) and condition.contains:
        return question._replace(line=Line("{0} in folded", (condition.contains.casefold(),)))
    return question._replace(line=of_text("o.text", condition) or Line("{0}(o.text)", (question.holds,)))


# ---------------------------------------------------------------------- where to look


def _of_the_seat(name: str) -> Callable[[Happening], Any]:
    return lambda happening: happening.seat and getattr(happening.seat, name)


def _status(happening: Happening) -> int | None:
    return None if happening.pdu is None else happening.pdu.command_status


def _since(what: str) -> Callable[[Happening], float | None]:
    return lambda happening: None if happening.seat is None else happening.seat.since(what, happening.now)


def _variable(name: str) -> Callable[[Happening], Any]:
    return lambda happening: None if happening.story is None else happening.story.variables.get(name)


def _held(pile: str) -> Callable[[Happening], int]:
    return lambda happening: 0 if happening.story is None else happening.story.held(pile)


def _field(name: str) -> Callable[[Happening], Any]:
    # a submit_multi has no destination_addr, a data_sm no short_message: they are absent there
    return lambda happening: getattr(happening.pdu, name, None)


def _tlv(name: str, book: Book) -> Callable[[Happening], Any]:
    tag = next((one.tag for one in book.values() if one.name == name), None)
    number = int(name, 16) if tag is None else tag

    def seen(happening: Happening) -> bytes | None:
        found = None if happening.pdu is None else first(happening.pdu.tlvs, number)
        return None if found is None else found.value

    return seen


# ---------------------------------------------------------------------- what must be seen


def _words(
    field: str, wanted: Iterable[Any], seen: Callable[[Happening], Any], code: str = "", *, is_settled: bool = False
) -> Question:
    words = frozenset(wanted)
    return Question(field, wanted, seen, words.__contains__, among(code, words) if code else None, is_settled)


def _within(span: Range | SpanRange | Any) -> Test:
    includes = span.includes
    return lambda value: value is not None and includes(value)


def _part(wanted: PartMatch) -> Test:
    def holds(part: Part | None) -> bool:
        if part is None:
            return False
        is_numbered = wanted.number is None or wanted.number.includes(part.number)
        is_total = wanted.total is None or wanted.total.includes(part.total)
        return is_numbered and is_total and wanted.last in {None, part.number == part.total}

    return holds


def _address(field: str, condition: Condition) -> Question:
    def seen(happening: Happening) -> str | None:
        return None if happening.message is None else bare(getattr(happening.message, field).number)

    question = asked(field, condition, seen, bare)
    name = "to" if field == "destination" else "sender"
    line = of_text(name, condition, is_number=True) or Line(f"{{0}}({name})", (question.holds,))
    return question._replace(line=line)


def _same(text: str) -> str:
    return text


def asked(
    field: str, condition: Condition, seen: Callable[[Happening], Any], spelled: Callable[[str], str] = _same
) -> Question:
    """The question whether what is seen is what a condition says; ``spelled`` takes a number's + away."""
    return Question(field, "absent" if condition.present is False else condition, seen, holds_of(condition, spelled))


def holds_of(condition: Condition, spelled: Callable[[str], str] = _same) -> Test:
    """Whether a value (None: it is not there) is what a condition says."""
    if condition.present is False:
        return lambda value: value is None
    tests = tuple(_tests(condition, spelled))
    # what is absent is nothing of what is wanted, and none of what is not
    is_fine_absent = condition.none_of is not None and condition.said == ("none_of",)
    if len(tests) == 1:
        (test,) = tests
        return lambda value: is_fine_absent if value is None else test(value)
    return lambda value: is_fine_absent if value is None else all(test(value) for test in tests)


def _tests(condition: Condition, spelled: Callable[[str], str]) -> Iterator[Test]:
    """One test for each key of a condition, for a value that is there; ``spelled`` takes a number's + away."""
    one_of, none_of, between, bits = condition.any_of, condition.none_of, condition.between, condition.bits
    starts, ends, contains = (
        None if text is None else spelled(text) for text in (condition.starts, condition.ends, condition.contains)
    )
    if one_of is not None and len(one_of) == 1:
        (only,) = one_of
        yield lambda value: _is(value, only, spelled)
    elif one_of is not None:
        yield lambda value: any(_is(value, one, spelled) for one in one_of)
    if none_of is not None:
        yield lambda value: not any(_is(value, one, spelled) for one in none_of)
    if condition.pattern is not None:
        pattern = compile_pattern(condition.pattern)
        yield lambda value: pattern.matches(_text(value))
    if starts is not None:
        yield lambda value: _text(value).startswith(starts)
    if ends is not None:
        yield lambda value: _text(value).endswith(ends)
    if contains is not None:
        folded = contains.casefold()
        yield lambda value: folded in _text(value).casefold()
    if between is not None:
        yield lambda value: (number := _number(value)) is not None and between.includes(number)
    if bits is not None:
        yield lambda value: (number := _number(value)) is not None and bits.matches(number)
    if condition.length is not None:
        length = condition.length
        yield lambda value: length.includes(len(value) if isinstance(value, bytes) else len(_text(value)))


def _is(value: int | str | bytes, wanted: int | str | Octets, spelled: Callable[[str], str]) -> bool:
    if isinstance(wanted, Octets):
        return (value if isinstance(value, bytes) else _text(value).encode("latin-1", "replace")) == wanted.value
    if isinstance(wanted, int) and not isinstance(value, str):
        return _number(value) == wanted
    return _text(value) == spelled(str(wanted))


def _text(value: int | str | bytes) -> str:
    # a TLV's text ends with a NUL, and nobody writes that
    return value.decode("latin-1").rstrip("\0") if isinstance(value, bytes) else str(value)


def _number(value: int | str | bytes) -> int | None:
    if isinstance(value, bytes):
        return int.from_bytes(value, "big")
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    return value


def _told(shape: Shape) -> str:
    """What a condition wants, as it could be written."""
    said = {key: getattr(shape, key) for key in shape.said}
    words = {key: _listed(one) for key, one in said.items()}
    if len(words) == 1 and ("any_of" in words or "number" in words):
        return next(iter(words.values()))
    return "; ".join(f"{key} {one}" for key, one in words.items())


def _listed(said: Any) -> str:
    return ", ".join(map(str, said)) if isinstance(said, tuple) else str(said)


def shown(seen: Any) -> str:
    """A value as a difference tells it."""
    if isinstance(seen, bytes):
        return f"hex:{seen.hex()}"
    return f"{seen.number} of {seen.total}" if hasattr(seen, "total") else str(seen)


def pace_of(when: Match) -> Pace | None:
    """What watches the rate that a rule wants, if it wants one."""
    if when.rate is None:
        return None
    return Pace(when.rate.rate.amount, when.rate.rate.seconds, when.rate.per)


__all__ = ["Difference", "Question", "asked", "holds_of", "pace_of", "questions", "shown"]

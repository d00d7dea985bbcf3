"""Whether a rule is meant: what its `when` wants, compiled into questions once and asked of every submission.

Rules for exact destinations lie in a dictionary, so that thousands of them cost as much as ten. It knows a submission
and what is asked of it; what a rule does, and which rule goes before which, is script.py's.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol

from simulator.carrier.messages import Address, Part, bare
from simulator.scenario.match import Condition, Match, PartMatch
from simulator.scenario.patterns import compile_pattern
from simulator.scenario.schema import Rule
from simulator.scenario.shape import Shape
from simulator.scenario.wire_words import Octets
from simulator.smpp.constants import Version
from simulator.smpp.pdus import DataSm, SubmitMulti, SubmitSm
from simulator.smpp.tlvs import TLVS, Book, first
from simulator.sms.alphabets import alphabet_of

SCOPES_MAX: Final = 200_000
"""How many destinations, sources or pairs one rule counts apart; the longest unused begins anew."""

Value = int | str | bytes | None
Test = Callable[[Any], bool]


class Submitted(Protocol):
    """What is asked of a message: the model's words, and the request and octets that it came in."""

    @property
    def account(self) -> str:
        """Name of its sender's account."""

    @property
    def source(self) -> Address:
        """Who sent it."""

    @property
    def destination(self) -> Address:
        """Whom it is for."""

    @property
    def part(self) -> Part | None:
        """Which part of a longer text it is."""

    @property
    def pdu(self) -> SubmitSm | DataSm | SubmitMulti | None:
        """The request."""

    @property
    def data_coding(self) -> int:
        """data_coding of the request."""

    @property
    def user_data(self) -> bytes:
        """The octets without their header."""

    @property
    def text(self) -> str:
        """What a person would read in this part."""


class Request:
    """A submission as rules see it: the message, and the session that it came by; ``version`` is that of the bind."""

    __slots__ = ("_text", "bind_type", "listener", "message", "session", "version")

    def __init__(self, message: Submitted, session: int, bind_type: str, version: int, listener: str) -> None:
        self.message = message
        self.session = session
        self.bind_type = bind_type
        self.version = version
        self.listener = listener
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The message's text, decoded once for all rules that ask for it."""
        if self._text is None:
            self._text = self.message.text
        return self._text


class Difference(NamedTuple):
    """The first thing that does not hold: which key of `when`, what it wants, what came."""

    field: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class Question:
    """One key of `when`: where to look and what must be seen there."""

    field: str
    said: Any
    """What the file says of it."""
    seen: Callable[[Request], Any]
    holds: Test

    @property
    def wanted(self) -> str:
        """What the file says, as it could be written."""
        return _told(self.said) if isinstance(self.said, Shape) else _listed(self.said)


class Counter:
    """Counts requests, all together or apart for each account, session, source, destination or pair."""

    __slots__ = ("_counts", "_scope")

    def __init__(self, per: str | None) -> None:
        self._scope = _SCOPES[per]
        self._counts: OrderedDict[Any, int] = OrderedDict()

    def of(self, request: Request) -> int:
        """How many were counted where this request belongs."""
        return self._counts.get(self._scope(request), 0)

    def add(self, request: Request) -> int:
        """Count this one, too: it is the n-th."""
        scope = self._scope(request)
        number = self._counts[scope] = self._counts.pop(scope, 0) + 1
        if len(self._counts) > SCOPES_MAX:
            self._counts.popitem(last=False)
        return number

    def clear(self) -> None:
        """Start over."""
        self._counts.clear()


def _pair(request: Request) -> tuple[str, str]:
    message: Submitted = request.message
    return bare(message.source.number), bare(message.destination.number)


_SCOPES: Final[dict[str | None, Callable[[Request], Any]]] = {
    None: lambda _: None,
    "account": lambda request: request.message.account,
    "session": lambda request: request.session,
    "source": lambda request: bare(request.message.source.number),
    "destination": lambda request: bare(request.message.destination.number),
    "pair": _pair,
}


class CompiledRule:
    """One rule's questions; ``order`` is its place among all, ``destinations`` all that it can mean, or None."""

    __slots__ = ("_count", "_counter", "destinations", "name", "order", "questions")

    def __init__(self, rule: Rule, name: str, order: int, book: Book) -> None:
        when = rule.when
        self.name = name
        self.order = order
        self.questions = tuple(_questions(when, book))
        to = when.destination
        self.destinations = None if to is None or to.any_of is None else frozenset(map(bare, to.any_of))
        self._count = when.count
        self._counter = None if when.count is None else Counter(when.count.per)

    def matches(self, request: Request) -> bool:
        """Whether all holds. A rule with a count counts each request for which everything else does."""
        for question in self.questions:
            if not question.holds(question.seen(request)):
                return False
        if self._count is None or self._counter is None:
            return True
        return self._count.includes(self._counter.add(request))

    def difference(self, request: Request) -> Difference | None:
        """What does not hold, as if this request came next; None where all does. Nothing is counted."""
        for question in self.questions:
            seen = question.seen(request)
            if not question.holds(seen):
                return Difference(question.field, question.wanted, "absent" if seen is None else _shown(seen))
        if self._count is not None and self._counter is not None:
            number = self._counter.of(request) + 1
            if not self._count.includes(number):
                return Difference("count", str(self._count), str(number))
        return None

    def reset(self) -> None:
        """Count from one again."""
        if self._counter is not None:
            self._counter.clear()


def compile_rule(rule: Rule, *, name: str = "", order: int = 0, book: Book = TLVS) -> CompiledRule:
    """The rule's questions; ``name`` stands in for a name that it does not have, ``book`` names vendors' TLVs."""
    return CompiledRule(rule, rule.name or name, order, book)


class Index:
    """Rules in their order, those for exact destinations found by the number."""

    __slots__ = ("_by_destination", "_others", "_rules")

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self._rules = tuple(rules)
        self._others: list[CompiledRule] = []
        self._by_destination: dict[str, list[CompiledRule]] = {}
        for rule in self._rules:
            if rule.destinations is None:
                self._others.append(rule)
            for number in rule.destinations or ():
                self._by_destination.setdefault(number, []).append(rule)

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._rules)

    def candidates(self, destination: str) -> Iterable[CompiledRule]:
        """The rules that can mean a message for this number, in their order."""
        keyed = self._by_destination.get(bare(destination)) if self._by_destination else None
        if keyed is None:
            return self._others
        return merge(keyed, self._others, key=attrgetter("order")) if self._others else keyed


# ---------------------------------------------------------------------- the questions


def _questions(when: Match, book: Book) -> Iterator[Question]:
    """What costs nothing is asked first, the text last: it has to be decoded."""
    if when.command is not None:
        yield Question("command", when.command, lambda request: _pdu(request).command_id, _among(when.command))
    for key, seen, words in (
        ("account", lambda request: request.message.account, when.account),
        ("bind_type", lambda request: request.bind_type, when.bind_type),
        ("version", _version, when.version),
        ("listener", lambda request: request.listener, None if when.listener is None else (when.listener,)),
        ("alphabet", lambda request: alphabet_of(request.message.data_coding), when.alphabet),
    ):
        if words is not None:
            yield Question(key, words, seen, _among(words))
    if when.destination is not None:
        yield _asked("destination", when.destination, lambda request: bare(request.message.destination.number), bare)
    if when.source is not None:
        yield _asked("source", when.source, lambda request: bare(request.message.source.number), bare)
    if when.part is not None:
        yield Question("part", when.part, lambda request: request.message.part, _part(when.part))
    if when.length is not None:
        yield Question("length", when.length, lambda one: len(one.message.user_data), when.length.includes)
    for name, condition in (when.fields or {}).items():
        yield _asked(f"fields.{name}", condition, _field(name))
    for name, condition in (when.tlvs or {}).items():
        yield _asked(f"tlvs.{name}", condition, _tlv(name, book))
    if when.text is not None:
        yield _asked("text", when.text, lambda request: request.text)


def _pdu(request: Request) -> SubmitSm | DataSm | SubmitMulti:
    pdu = request.message.pdu
    # it is forgotten long after its message was decided
    assert pdu is not None
    return pdu


def _version(request: Request) -> str:
    if request.version >= Version.V50:
        return "5.0"
    return "3.4" if request.version >= Version.V34 else "3.3"


def _field(name: str) -> Callable[[Request], Any]:
    # a submit_multi has no destination_addr, a data_sm no short_message: they are absent there
    return lambda request: getattr(_pdu(request), name, None)


def _tlv(name: str, book: Book) -> Callable[[Request], Any]:
    tag = next((one.tag for one in book.values() if one.name == name), None)
    number = int(name, 16) if tag is None else tag

    def seen(request: Request) -> bytes | None:
        found = first(_pdu(request).tlvs, number)
        return None if found is None else found.value

    return seen


def _among(wanted: Iterable[Any]) -> Test:
    return frozenset(wanted).__contains__


def _part(wanted: PartMatch) -> Test:
    def holds(part: Part | None) -> bool:
        if part is None:
            return False
        is_numbered = wanted.number is None or wanted.number.includes(part.number)
        is_total = wanted.total is None or wanted.total.includes(part.total)
        return is_numbered and is_total and wanted.last in {None, part.number == part.total}

    return holds


def _same(text: str) -> str:
    return text


def _asked(
    field: str, condition: Condition, seen: Callable[[Request], Any], spelled: Callable[[str], str] = _same
) -> Question:
    if condition.present is False:
        return Question(field, "absent", seen, lambda value: value is None)
    tests = tuple(_tests(condition, spelled))
    # what is absent is nothing of what is wanted, and none of what is not
    is_fine_absent = condition.none_of is not None and condition.said == ("none_of",)

    if len(tests) == 1:
        (test,) = tests

        def holds(value: Value) -> bool:
            return is_fine_absent if value is None else test(value)
    else:

        def holds(value: Value) -> bool:
            return is_fine_absent if value is None else all(test(value) for test in tests)

    return Question(field, condition, seen, holds)


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


def _shown(seen: Any) -> str:
    if isinstance(seen, bytes):
        return f"hex:{seen.hex()}"
    return f"{seen.number} of {seen.total}" if hasattr(seen, "total") else str(seen)


__all__ = ["CompiledRule", "Counter", "Difference", "Index", "Question", "Request", "Submitted", "compile_rule"]

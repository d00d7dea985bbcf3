"""One cheap question for all rules about a kind of submission: can any of them mean this one?

Most messages are meant by no rule. A function that is written for the rules says so from the request and its message
alone, before anything is made for whoever asks the rules one by one. It says True too often, never too seldom. It knows
lines and questions; what follows from a True is decided elsewhere.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.scenario.lines import inlined, names_in
from simulator.smpp.constants import CommandId
from simulator.smpp.pdus import SubmitSm

if TYPE_CHECKING:
    from simulator.scenario.questions import Question
    from simulator.scenario.rules import CompiledRule

Guard = Callable[[Any, Any, Any], bool]
"""Asked with a message, its request and the story: whether any rule can mean it."""
TESTS_MAX: Final = 200
"""Rules that are asked by one guard; where there are more they are asked themselves."""

_SEEN: Final = {
    "account": "m.account",
    "coding": "m.data_coding",
    "to": "m.destination.number.removeprefix('+')",
    "sender": "m.source.number.removeprefix('+')",
    "text": "m.text",
    "folded": "text.casefold()",
}
"""What lines name, as a guard sees it: ``m`` is the message, ``p`` its request, ``s`` the story."""
_MEMBER: Final = re.compile(r"([\w.]+) in \{0\}")
_FIELD: Final = re.compile(r"getattr\(p, '(\w+)', None\)")
_HAPPENING: Final = re.compile(r"\bo\b")
_LAST_OF_ALL: Final = 2
_FIELDS: Final = frozenset(one.name for one in fields(SubmitSm))


class _Test(NamedTuple):
    """A line of a guard; ``values`` are bound to its places."""

    code: str
    values: tuple[Any, ...]

    @property
    def rank(self) -> int:
        """What costs least is asked first: the text has to be decoded."""
        names = names_in(self.code, _SEEN)
        return _LAST_OF_ALL if "text" in names else int(not _MEMBER.fullmatch(self.code))


def always(_message: Any, _pdu: Any, _story: Any) -> bool:
    """The guard of rules that have to be asked each time."""
    return True


def guard_of(rules: Iterable["CompiledRule"], key: int | str, keyed: Mapping[str, Any], *, is_settled: bool) -> Guard:
    """What tells whether any of these, or of those that are ``keyed`` by a destination, can mean a request.

    ``key`` is the command of the requests. Where ``is_settled``, what has one answer for a session holds already.
    """
    alone: dict[str, set[Any]] = {}
    """What rules of one question want, by what they look at: asked as one."""
    several: list[list[_Test]] = []
    for rule in rules:
        tests = list(_tests(rule, key, is_settled=is_settled))
        found = None if len(tests) != 1 else _MEMBER.fullmatch(tests[0].code)
        if not tests or len(several) >= TESTS_MAX:
            return always
        if found and isinstance(tests[0].values[0], frozenset):
            alone.setdefault(found[1], set()).update(tests[0].values[0])
        else:
            several.append(tests)
    merged = [[_Test(f"{seen} in {{0}}", (frozenset(wanted),))] for seen, wanted in alone.items()]
    if keyed:
        # the dictionary itself, so that thousands of numbers are not copied
        merged.insert(0, [_Test("to in {0}", (keyed,))])
    return _written([*merged, *several])


def _tests(rule: "CompiledRule", key: int | str, *, is_settled: bool) -> Iterator[_Test]:
    """All that a guard can ask of what a rule wants; nothing where that is nothing."""
    for question in rule.questions:
        if not (is_settled and question.is_settled) and (test := _test(question, key)) is not None:
            yield test


def _test(question: "Question", key: int | str) -> _Test | None:
    line = question.line
    if line is None:
        return None
    code = line.code.replace("o.story", "s").replace("o.text", "text")
    # of a TLV only whether there is any
    code = code.removesuffix(" and {0}(o)")
    if _HAPPENING.search(code):
        return None
    for certain in ("m is not None and ", "p is not None and ", "s is not None and "):
        code = code.replace(certain, "")
    if key == CommandId.SUBMIT_SM:
        code = _FIELD.sub(lambda one: f"p.{one[1]}" if one[1] in _FIELDS else one[0], code)
    return _Test(code, line.bound)


def _written(rules: list[list[_Test]]) -> Guard:
    bound: dict[str, Any] = {}
    known: list[str] = []
    lines = ["def guard(m, p, s):"]
    for place, tests in enumerate(sorted(rules, key=lambda tests: tests[0].rank)):
        codes = []
        for number, test in enumerate(tests):
            values = {f"b{place}_{number}_{at}": value for at, value in enumerate(test.values)}
            bound |= values
            codes.append(f"({test.code.format(*values)})")
        # what every message is asked is looked up once, what comes behind it where it is reached
        needed = names_in(codes[0], _SEEN)
        for name in [one for one in _SEEN if one in needed and one not in known]:
            lines.append(f"    {name} = {inlined(_SEEN[name], known, _SEEN)}")
            known.append(name)
        lines.append(f"    if {inlined(' and '.join(codes), known, _SEEN)}: return True")
    # nothing of a file stands in its lines: its values are bound by name
    exec("\n".join([*lines, "    return False"]), bound)  # noqa: S102
    guard: Guard = bound["guard"]
    return guard


__all__ = ["Guard", "always", "guard_of"]

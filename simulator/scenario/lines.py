"""Conditions as lines of Python, for what rules ask most: one function made of them asks twenty rules in the time that
a call for each would take.

A line says what questions.py says by functions of the same condition; for what no line is written here the function
is called. Nothing that a file says stands in a line: its values are bound to names. It knows values and conditions;
where a value comes from the caller says.
"""

import re
from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from simulator.scenario.match import Condition
from simulator.scenario.words.kinds import FIELD_KINDS
from simulator.scenario.words.patterns import compile_pattern
from simulator.scenario.words.words import Range
from simulator.smpp.fields import CString, Integer


class Line(NamedTuple):
    """An expression in which `{0}`, `{1}` ... stand for what is ``bound``."""

    code: str
    bound: tuple[Any, ...] = ()


LOOKED_UP: Final = {
    "m": "o.message",
    "p": "o.pdu",
    "account": "(o.account if m is None else m.account)",
    "coding": "(None if m is None else m.data_coding)",
    "to": "(None if m is None else m.destination.number.removeprefix('+'))",
    "sender": "(None if m is None else m.source.number.removeprefix('+'))",
    "folded": "o.folded",
}
"""What lines may name beside `o`, the happening: looked up once for all questions of a function, or where it is needed.
In this order, for some are made of others."""


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<![.'])\b(?:{'|'.join(names)})\b")


def names_in(code: str, looked_up: Mapping[str, str] = LOOKED_UP) -> set[str]:
    """What code names of ``looked_up``, and what that is made of."""
    names = set(_pattern(tuple(looked_up)).findall(code))
    return names.union(*(names_in(looked_up[name], looked_up) for name in names))


def inlined(code: str, known: Container[str], looked_up: Mapping[str, str] = LOOKED_UP) -> str:
    """The code with what is not ``known`` by its name looked up where it stands."""

    def meant(name: re.Match[str]) -> str:
        return name[0] if name[0] in known else inlined(looked_up[name[0]], known, looked_up)

    return _pattern(tuple(looked_up)).sub(meant, code)


def among(seen: str, values: "frozenset[Any]") -> Line:
    """Whether it is one of these, none of which is None."""
    return Line(f"{seen} in {{0}}", (values,))


def within(seen: str, span: Range) -> Line:
    """Whether a number lies there."""
    if span.low is None:
        return Line("True") if span.high is None else Line(f"{seen} <= {{0}}", (span.high,))
    if span.high is None:
        return Line(f"{seen} >= {{0}}", (span.low,))
    return Line(f"{{0}} <= {seen} <= {{1}}", (span.low, span.high))


def of_field(name: str, condition: Condition) -> Line | None:
    """A line about a mandatory field of the PDU, which may be of a command that does not have it."""
    seen, kind = f"getattr(p, {name!r}, None)", FIELD_KINDS[name]
    if isinstance(kind, Integer):
        return _of_number(seen, condition)
    return of_text(seen, condition) if isinstance(kind, CString) else None


def _of_number(seen: str, condition: Condition) -> Line | None:
    """A line about a number that may be None."""
    match condition.said:
        case ("any_of",) if (wanted := _all(condition.any_of, int)) is not None:
            return among(seen, wanted)
        case ("none_of",) if (unwanted := _all(condition.none_of, int)) is not None:
            return Line(f"{seen} not in {{0}}", (unwanted,))
        case ("bits",) if condition.bits is not None:
            return Line(f"(v := {seen}) is not None and v & {{0}} == {{1}}", (condition.bits.mask, condition.bits.bits))
        case ("between",) if condition.between is not None:
            return _there(seen, within("v", condition.between))
    return None


def of_text(seen: str, condition: Condition, *, is_number: bool = False) -> Line | None:
    """A line about a text that may be None; what is compared with a number of a phone has no + in front."""
    match condition.said:
        case ("any_of",) if (wanted := _all(condition.any_of, int | str)) is not None:
            return among(seen, frozenset(_spelled(one, is_number=is_number) for one in wanted))
        case ("none_of",) if (unwanted := _all(condition.none_of, int | str)) is not None:
            # what is absent is none of them
            texts = frozenset(_spelled(one, is_number=is_number) for one in unwanted)
            return Line(f"{seen} not in {{0}}", (texts,))
        case ("starts",):
            return _there(seen, Line("v.startswith({0})", (_spelled(condition.starts, is_number=is_number),)))
        case ("ends",):
            return _there(seen, Line("v.endswith({0})", (_spelled(condition.ends, is_number=is_number),)))
        case ("length",) if condition.length is not None:
            return _there(seen, within("len(v)", condition.length))
        case ("pattern",) if condition.pattern is not None:
            pattern = compile_pattern(condition.pattern)
            if pattern.plain is None:
                return _there(seen, Line("{0}(v)", (pattern.matches,)))
            return _there(seen, Line("({0}(v) if v.isascii() else {1}(v))", (pattern.plain, pattern.matches)))
    return None


def _there(seen: str, line: Line) -> Line:
    return Line(f"(v := {seen}) is not None and {line.code}", line.bound)


def _all(values: tuple[Any, ...] | None, kind: Any) -> frozenset[Any] | None:
    """The values, where all are of a kind that can be compared as it is."""
    return frozenset(values) if values is not None and all(isinstance(one, kind) for one in values) else None


def _spelled(value: Any, *, is_number: bool) -> str:
    return str(value).removeprefix("+") if is_number else str(value)


__all__ = ["LOOKED_UP", "Line", "among", "of_field", "of_text", "within"]

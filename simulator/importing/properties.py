"""Java's properties files: keys and values with the lines that they stand in.

Knows the form that java.util.Properties reads: comments, three separators, escapes, lines that go on. Does NOT know
what any key means.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple


class Property(NamedTuple):
    """A value and the number of the line, from 1, that its key stands in."""

    value: str
    line: int


_KEY: Final = re.compile(r"(?:\\.|[^\\ \t\f=:])*")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.?))", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
_SPACE: Final = " \t\f"


def properties_of(text: str) -> dict[str, Property]:
    """Keys and their values; of a key that stands there twice the last, as Java has it."""
    found = {}
    for number, line in _logical_lines(text):
        match = _KEY.match(line)
        assert match is not None  # it matches nothing, too
        rest = line[match.end() :].lstrip(_SPACE)
        if rest[:1] in {"=", ":"}:
            rest = rest[1:].lstrip(_SPACE)
        found[_unescaped(match[0])] = Property(_unescaped(rest), number)
    return found


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that say something, those that end in a backslash with the next one behind them."""
    began, gathered = 0, ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        stripped = line.lstrip(_SPACE)
        if not began and (not stripped or stripped[0] in "#!"):
            continue
        began = began or number
        gathered += stripped
        # an even number of backslashes are half as many of their own
        if (len(gathered) - len(gathered.rstrip("\\"))) % 2:
            gathered = gathered[:-1]
            continue
        yield began, gathered
        began, gathered = 0, ""
    if began:
        yield began, gathered


def _unescaped(text: str) -> str:
    def meant(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2])

    return _ESCAPE.sub(meant, text)


__all__ = ["Property", "properties_of"]

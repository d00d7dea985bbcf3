"""The lines of journal files, one after the other; what is no line of a journal is told, and passed over.

It knows the form that control/lines.py makes, gzip, and damage. It keeps one line at a time.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from simulator.control.lines import FORM

LINE_MAX: Final = 4 * 1024 * 1024
"""Octets of a line; the longest message there is makes a tenth of that."""
_WORDS: Final = (
    "account",
    "from",
    "to",
    "message_id",
    "direction",
    "state",
    "text",
    "status",
    "reason",
    "bind",
    "peer",
)
_WHOLE: Final = ("n", "session", "message", "lost", "registered_delivery")
_GZIP: Final = b"\x1f\x8b"

Event = dict[str, Any]


class WrongFile(ValueError):
    """A file that cannot be read as a journal at all; the text names it and what is allowed."""


class Line(NamedTuple):
    """One line that could be read: a header (``event`` has ``journal``) or an event, and its octets."""

    event: Event
    octets: bytes


def event_of(octets: bytes) -> Event:
    """What a line says. Raises ValueError, which tells why, for one that is no line of a journal."""
    try:
        event = json.loads(octets.decode(), parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at character {error.colno}") from None
    if not isinstance(event, dict):
        raise ValueError("no JSON object")
    if "journal" in event:
        return event
    if not isinstance(event.get("kind"), str) or "n" not in event:
        raise ValueError("no event: it has no kind or no n")
    for name in _WORDS:
        if not isinstance(event.get(name, ""), str):
            raise ValueError(f"{name}: {event[name]!r}, must be text")
    for name in _WHOLE:
        if type(event.get(name, 0)) is not int:
            raise ValueError(f"{name}: {event[name]!r}, must be a whole number")
    for name in ("at", "after"):
        value = event.get(name, 0 if name == "after" else None)
        if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
            raise ValueError(f"{name}: {value!r}, must be seconds")
    return event


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def lines_of(
    names: Sequence[str],
    *,
    standard_input: BinaryIO,
    complain: Callable[[str], None],
    advance: Callable[[int], None] = lambda _: None,
) -> Iterator[Line]:
    """Every line of the files, one file after the other; ``-`` is standard input, and gzip is seen through.

    What cannot be read goes to ``complain`` as FILE:LINE: reason. ``advance`` is told how many octets of a file have
    been read. Raises WrongFile for a file that is not there, holds no line of a journal, or is of another form.
    """
    for name in names:
        if name == "-":
            yield from _lines(standard_input, "standard input", complain, lambda: None)
            continue
        try:
            file = Path(name).open("rb")  # noqa: SIM115 -- closed below, around the lines it gives
        except OSError as error:
            raise WrongFile(f"{name}: {error.strerror}") from error
        with file:
            yield from _lines(file, name, complain, partial(_at, file, advance))


def _at(file: BinaryIO, advance: Callable[[int], None]) -> None:
    advance(file.tell())


def _lines(source: BinaryIO, name: str, complain: Callable[[str], None], look: Callable[[], None]) -> Iterator[Line]:
    start = source.peek(2)[:2] if hasattr(source, "peek") else b""
    stream: Any = gzip.GzipFile(fileobj=source) if start == _GZIP else source
    is_journal, number, rows = False, 0, _rows(stream)
    while True:
        try:
            octets = next(rows, None)
        except (OSError, EOFError, zlib.error) as error:
            complain(f"{name}:{number + 1}: cannot be read on: {error}")
            break
        if octets is None:
            break
        number += 1
        if not number % 1000:
            look()
        try:
            event = _checked(octets)
        except ValueError as error:
            complain(f"{name}:{number}: {error}")
            continue
        if event is not None:
            if event.get("journal", FORM) != FORM:
                raise WrongFile(f"{name}:{number}: a journal of form {event['journal']!r}; this version reads {FORM}")
            is_journal = True
            yield Line(event, octets.rstrip(b"\r\n"))
    look()
    if not is_journal:
        raise WrongFile(f"{name}: no line of a journal is in it")


def _rows(stream: Any) -> Iterator[bytes]:
    """The lines of a file; one that is too long comes cut."""
    while octets := stream.readline(LINE_MAX):
        rest = octets
        while len(rest) == LINE_MAX and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_MAX)
        yield octets


def _checked(octets: bytes) -> Event | None:
    """What a line says, or None where it says nothing."""
    if not octets.strip():
        return None
    if len(octets) == LINE_MAX and not octets.endswith(b"\n"):
        raise ValueError(f"longer than {LINE_MAX} octets")
    try:
        return event_of(octets)
    except ValueError as error:
        if octets.endswith(b"\n"):
            raise
        raise ValueError(f"cut short: {error}") from error

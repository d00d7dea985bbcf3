"""Patterns that somebody else wrote, in a file or in a bind: compiled once, matched in time linear in the text.

A backtracking engine would let a peer stop the SMSC with forty characters. RE2 cannot be stopped so; what it refuses
for that (backreferences, look-around) is refused here with its reason. It knows nothing of who wrote a pattern.
"""

import re
from typing import Any, Final

import re2

MEMORY_MAX: Final = 64 * 1024
"""Octets that one compiled pattern may take, its automaton included: thousands of peers may each bring their own."""


class PatternError(ValueError):
    """A text that is no pattern; the message quotes it and says why."""


_PLAIN: Final = re.compile(r"[A-Za-z0-9 _,:/@#!^$|()\[\]-]+", re.ASCII)
"""A pattern that repeats nothing takes linear time by whatever engine: RE2's costs ten times as much to call."""


class Pattern:
    """One compiled pattern. Made by ``compile_pattern``."""

    __slots__ = ("_expression", "_plain", "text")

    def __init__(self, text: str, expression: Any) -> None:
        self.text = text
        self._expression = expression
        self._plain = _as_plain(text)

    def matches(self, number: str) -> bool:
        """Whether the pattern is found anywhere in the text, as `grep` would find it."""
        if self._plain is not None:
            return self._plain.search(number) is not None
        return self._expression.search(number.encode("utf-8", "replace")) is not None


def _as_plain(text: str) -> "re.Pattern[str] | None":
    """The same for the standard library's engine, where the two cannot differ."""
    if _PLAIN.fullmatch(text) is None or ("[" in text and "$" in text[:-1]):
        return None
    try:
        # to RE2 the end is the end, and not also the line break before it
        return re.compile(text.replace("$", r"\Z"))
    except (re.error, FutureWarning):
        return None


def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression in RE2's syntax. Raises PatternError."""
    options = re2.Options()
    # what is wrong is told to the caller, not to standard error
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MEMORY_MAX
    try:
        return Pattern(text, re2.compile(text.encode("utf-8", "surrogateescape"), options))
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(f"{text!r} is no pattern: {reason}") from None


__all__ = ["MEMORY_MAX", "Pattern", "PatternError", "compile_pattern"]

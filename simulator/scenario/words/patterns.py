"""Patterns that somebody else wrote, in a file or in a bind: compiled once, matched in time linear in the text.

A backtracking engine would let a peer stop the SMSC with forty characters. RE2 cannot be stopped so; what it refuses
for that (backreferences, look-around) is refused here with its reason. It knows nothing of who wrote a pattern.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import re2

MEMORY_MAX: Final = 64 * 1024
"""Octets that one compiled pattern may take, its automaton included: thousands of peers may each bring their own."""


class PatternError(ValueError):
    """A text that is no pattern; the message quotes it and says why."""


LINEAR_MAX: Final = 100
"""Characters of a pattern, and of what it repeats, up to which the standard library's engine is trusted with it."""
BRANCHES_MAX: Final = 4
"""Alternatives that groups behind one another may have in all: as many ways as all of them together are tried."""

_CLASS: Final = r"\[\^?(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|\\[dw]|[ _,:/@#!.+*])+-?\]"
_ESCAPE: Final = r"\\(?:[dDwW]|[].+*?()[{}|^$\\/-])"
_ATOM: Final = rf"(?:[A-Za-z0-9 _,:/@#!.-]|{_ESCAPE}|{_CLASS})"
_LINEAR: Final = re.compile(rf"(?:{_ATOM}(?:\{{[0-9]{{1,2}}\}})?|[()|^$])+", re.ASCII)
"""What repeats nothing but one character, and that a fixed number of times, can be searched for in one way alone."""
_TOKEN: Final = re.compile(rf"{_CLASS}|{_ESCAPE}|.", re.ASCII)
_COUNT: Final = re.compile(r"\{([0-9]+)\}")


class Pattern:
    """One compiled pattern. Made by ``compile_pattern``."""

    __slots__ = ("_expression", "plain", "text")

    def __init__(self, text: str, expression: Any) -> None:
        self.text = text
        self._expression = expression
        self.plain: Callable[[str], object] | None = _as_plain(text)
        """What is true where it is found in a text of ASCII alone; None where that would not be the same. RE2's engine
        costs ten times as much to call."""

    def matches(self, number: str) -> bool:
        """Whether the pattern is found anywhere in the text, as `grep` would find it."""
        if self.plain is not None and number.isascii():
            return self.plain(number) is not None
        return self._expression.search(number.encode("utf-8", "replace")) is not None


def _as_plain(text: str) -> Callable[[str], object] | None:
    """The search of the standard library's engine, where it finds the same in time that is as linear."""
    if len(text) > LINEAR_MAX or _LINEAR.fullmatch(text) is None:
        return None
    if sum(map(int, _COUNT.findall(text))) > LINEAR_MAX or (text.count("(") > 1 and text.count("|") > BRANCHES_MAX):
        return None
    # to RE2 the end is the end, and not also the line break before it
    same = _TOKEN.sub(lambda one: r"\Z" if one[0] == "$" else one[0], text)
    return re.compile(same, re.ASCII).search


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


__all__ = ["BRANCHES_MAX", "LINEAR_MAX", "MEMORY_MAX", "Pattern", "PatternError", "compile_pattern"]

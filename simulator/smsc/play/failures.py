"""What failed of the scenarios themselves since the last reset: how often, and the last ones with their reasons.

A fold over the journal that costs nothing until something fails. It knows no scenario; the reasons are the journal's.
"""

import re
from collections import deque
from typing import Any, Final, NamedTuple

from simulator.journal import RESET, SCRIPT_FAILED, Journal

KEPT_MAX: Final = 20
"""Failures that are kept; the others are counted."""

_PLACE: Final = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)


class Failure(NamedTuple):
    """One of them: carrier time, session (0: none), message (its number, None: of none), who failed, why."""

    at: float
    session: int
    message: int | None
    name: str
    reason: str

    @property
    def line(self) -> str:
        """In one line, with the place in the file where a traceback tells it."""
        places = _PLACE.findall(self.reason)
        where = "{}:{}: ".format(*places[-1]) if places else ""
        return f"{where}{self.name}: {self.reason.rpartition(chr(10))[2].strip()}"


def failure_of(at: float, session: int, subject: Any, detail: Any) -> Failure:
    """That of an event of kind script_failed."""
    name, _, reason = str(detail).partition(": ")
    return Failure(at, session, getattr(subject, "number", None), name, reason)


class Failures:
    """Those of one journal."""

    def __init__(self, journal: Journal) -> None:
        self.total = 0
        self.last: deque[Failure] = deque(maxlen=KEPT_MAX)
        """The last ones, oldest first."""
        journal.feed(SCRIPT_FAILED, self._failed)
        journal.feed(RESET, self._reset)

    def _failed(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self.total += 1
        self.last.append(failure_of(at, session, subject, detail))

    def _reset(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self.total = 0
        self.last.clear()


__all__ = ["KEPT_MAX", "Failure", "Failures", "failure_of"]

"""What fails of a scenario while it is served, said where somebody sees it: one line now and then, not one a message.

It knows the journal's events of that kind, and no scenario.
"""

from collections.abc import Callable
from typing import Any, Final

from simulator.control.terminal import printable
from simulator.journal import SCRIPT_FAILED, Journal
from simulator.smsc.play.failures import failure_of

PERIOD: Final = 10.0
"""Seconds between two lines about the same function."""
NAMES_MAX: Final = 100
"""Functions that are told apart."""


class Telling:
    """Tells of each function that fails, at once and then every PERIOD seconds of ``clock`` at most."""

    def __init__(self, journal: Journal, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self._clock = clock
        self._say = say
        self._told_at: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}
        journal.feed(SCRIPT_FAILED, self._failed)

    def _failed(self, at: float, session: int, subject: Any, detail: Any) -> None:
        failure, now = failure_of(at, session, subject, detail), self._clock()
        name = failure.name if len(self._told_at) < NAMES_MAX else next(iter(self._told_at))
        told_at = self._told_at.get(name)
        if told_at is not None and now - told_at < PERIOD:
            self._unsaid[name] = self._unsaid.get(name, 0) + 1
            return
        self._told_at[name] = now
        before = self._unsaid.pop(name, 0)
        more = f" ({before} more like it before)" if before else ""
        self._say(f"carrier-sim: the scenario failed: {printable(failure.line)}{more}")


__all__ = ["PERIOD", "Telling"]

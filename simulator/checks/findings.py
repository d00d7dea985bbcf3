"""What a check has found: an outcome with its evidence. A check counts what it has seen, and keeps a few failures.

It knows neither events nor PDUs, only octets that somebody may read later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.checks.levels import COPED, ERROR, FAILED, UNKNOWN

EXHIBITS_MAX: Final = 10
"""Failures of one check that are kept with their evidence; the others are counted."""
OCTETS_MAX: Final = 4096
"""Octets of a PDU that are kept as evidence."""


class Exhibit(NamedTuple):
    """One thing that was seen: the number of the journal's event, carrier time, session, what it shows, the PDU."""

    event: int
    at: float
    session: int
    told: str
    pdu: bytes = b""


@dataclass(slots=True, frozen=True)
class Finding:
    """What can be said of one check or expectation.

    ``seen`` counts what could have failed, ``failures`` what did. ``evidence`` is of the first failures, or of what
    was met. ``is_truncated``: a table was full, so that something may have gone unseen.
    """

    name: str
    level: str
    outcome: str
    reason: str
    seen: int = 0
    failures: int = 0
    evidence: tuple[Exhibit, ...] = ()
    is_truncated: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether it makes the whole verdict bad."""
        return self.outcome == FAILED and self.level == ERROR


class Check:
    """One check while it goes on. ``number`` gives the number of the event that is being recorded."""

    __slots__ = (
        *("_given", "_number", "_suspects", "exhibits", "failures", "is_fixed", "is_truncated", "level", "name"),
        "seen",
    )

    def __init__(self, name: str, level: str, number: Callable[[], int], *, is_fixed: bool = False) -> None:
        self.name = name
        self._given = level
        self._number = number
        self.is_fixed = is_fixed
        """Whether somebody has chosen the level: then no proof raises it."""
        self.clear()

    def clear(self) -> None:
        """Start over."""
        self.level = self._given
        self.seen = 0
        self.failures = 0
        self.exhibits: list[Exhibit] = []
        self._suspects: dict[str, Exhibit] = {}
        """What looks like a failure, and may yet turn out to be none."""
        self.is_truncated = False

    def passed(self) -> None:
        """Something was seen that could have failed, and did not."""
        self.seen += 1

    def failed(self, told: str, at: float, session: int, pdu: bytes = b"") -> None:
        """Something was seen that must not be; ``pdu`` shows it."""
        self._fail(self.exhibit(told, at, session, pdu))

    def exhibit(self, told: str, at: float, session: int, pdu: bytes = b"") -> Exhibit:
        """The event that is being recorded, as evidence."""
        return Exhibit(self._number(), at, session, told, pdu[:OCTETS_MAX])

    def suspect(self, key: str, exhibit: Exhibit | None) -> None:
        """Until it is confirmed, or taken back by None, this is told as a failure; one for each key."""
        if exhibit is None:
            self._suspects.pop(key, None)
        else:
            self._suspects[key] = exhibit

    def confirm(self, key: str) -> None:
        """What was suspected under this key is so."""
        self._fail(self._suspects.pop(key))

    def _fail(self, exhibit: Exhibit) -> None:
        self.seen += 1
        self.failures += 1
        if len(self.exhibits) < EXHIBITS_MAX:
            self.exhibits.append(exhibit)

    def raise_to(self, level: str) -> None:
        """What was found is proved to be worse than the check in general."""
        if not self.is_fixed:
            self.level = level

    def finding(self) -> Finding:
        """What can be said by now."""
        seen, failures = self.seen + len(self._suspects), self.failures + len(self._suspects)
        exhibits = (*self.exhibits, *self._suspects.values())[:EXHIBITS_MAX]
        if failures:
            times = "" if failures == 1 else f" ({failures} times, this is the first)"
            outcome, reason = FAILED, exhibits[0].told + times
        elif seen:
            outcome, reason = COPED, f"held {seen} times" if seen > 1 else "held once"
        else:
            outcome, reason = UNKNOWN, "nothing was seen that could tell"
        return Finding(
            *(self.name, self.level, outcome, reason, seen, failures, exhibits), is_truncated=self.is_truncated
        )

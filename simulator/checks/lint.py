"""The lint of any gateway: every check that is not off, fed by the journal as things happen.

It costs nothing until it is made, and then a fold or two for each event. What it keeps is bounded by what is open.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from simulator.checks.deliveries import Deliveries
from simulator.checks.findings import Check, Finding
from simulator.checks.levels import LEVELS, OFF, UNKNOWN
from simulator.checks.links import Links
from simulator.checks.pace import Pace
from simulator.checks.repeats import Repeats
from simulator.checks.requests import Requests
from simulator.checks.scripts import Scripts
from simulator.checks.texts import Texts
from simulator.checks.watched import Family, Seat
from simulator.journal import RESET, Fold, Journal

FAMILIES: Final[Mapping[type[Family], tuple[str, ...]]] = {
    Requests: ("sequence_unique", "window_kept"),
    Pace: ("backs_off",),
    Deliveries: ("deliveries_answered", "deliveries_answered_in_time", "receipts_accepted"),
    Texts: ("coding_fits_octets", "udh_sets_whole"),
    Repeats: ("accepted_not_resent", "permanent_not_retried"),
    Links: (
        "rebinds_with_pause",
        "unbind_obeyed",
        "enquire_link_answered",
        "link_kept",
        "pdus_wellformed",
        "responses_expected",
    ),
    Scripts: ("script_runs",),
}
"""Which checks look at the same things."""


class Lint:
    """All checks of one journal. ``levels`` are those that differ from LEVELS; ``clock`` gives link time."""

    def __init__(
        self,
        journal: Journal,
        sessions: Mapping[int, Seat],
        clock: Callable[[], float],
        levels: Mapping[str, str] | None = None,
    ) -> None:
        given = levels or {}
        for name in given:
            if name not in LEVELS:
                raise ValueError(f"check: {name!r}, one of {', '.join(LEVELS)}")

        def number() -> int:
            # the event is counted before its folds are fed
            return journal.total - 1

        self._checks = {
            name: Check(name, given.get(name, level), number, is_fixed=name in given) for name, level in LEVELS.items()
        }
        self._journal = journal
        self._families: list[Family] = []
        self._folds: list[tuple[str, Fold]] = [(RESET, self._reset)]
        for family, names in FAMILIES.items():
            checks = {name: self._checks[name] for name in names}
            if any(check.level != OFF for check in checks.values()):
                one = family(checks, sessions, clock)
                self._families.append(one)
                self._folds += one.folds().items()
        for kind, fold in self._folds:
            journal.feed(kind, fold)

    def leave(self) -> None:
        """Look at nothing more. Idempotent."""
        for kind, fold in self._folds:
            self._journal.leave(kind, fold)
        self._folds = []

    def findings(self) -> list[Finding]:
        """What can be said by now, of each check; one that is off knows nothing."""
        for family in self._families:
            family.settle()
        return [
            Finding(check.name, OFF, UNKNOWN, "switched off") if check.level == OFF else check.finding()
            for check in self._checks.values()
        ]

    def _reset(self, at: float, session: int, subject: Any, detail: Any) -> None:
        for check in self._checks.values():
            check.clear()
        for family in self._families:
            family.reset()

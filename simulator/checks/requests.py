"""sequence_unique and window_kept: what of an ESME is unanswered at once.

A table of unanswered submissions for each open session, by sequence_number; those that were answered leave it when
somebody looks. Other requests than submissions are not counted: the journal tells of them only where they fail.
"""

from typing import Any, Final

from simulator.checks.watched import ABANDONED, Family, Seat, has_left, raw_of
from simulator.journal import DISCONNECTED, SUBMITTED

OPEN_MAX: Final = 10_000
"""Unanswered submissions of a session that are watched; beyond it the oldest is forgotten."""
SWEPT_FROM: Final = 64


class _Open:
    """The submissions of one session that may be unanswered."""

    __slots__ = ("by_sequence", "mark")

    def __init__(self) -> None:
        self.by_sequence: dict[int, Any] = {}
        self.mark = SWEPT_FROM
        """How many there may be until the answered ones are taken out: twice as many as were left the last time."""

    def sweep(self, seat: Seat, now: float) -> None:
        """Take out what was answered or given up."""
        self.by_sequence = {
            sequence: message
            for sequence, message in self.by_sequence.items()
            if not (has_left(message, seat) or now - message.arrived_at > ABANDONED)
        }
        self.mark = max(SWEPT_FROM, 2 * len(self.by_sequence))


class Requests(Family):
    """The submissions of every session."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {SUBMITTED: self._submitted, DISCONNECTED: self._disconnected}

    def clear(self) -> None:
        """Forget everything."""
        self._open: dict[int, _Open] = {}

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        seat = self.sessions.get(session)
        if seat is None:
            return
        opened = self._open.get(session)
        if opened is None:
            opened = self._open[session] = _Open()
        pdu, now = message.pdu, message.arrived_at
        earlier = opened.by_sequence.pop(pdu.sequence_number, None)
        if earlier is not None and earlier.pdu is pdu:
            # one more destination of the same submit_multi
            opened.by_sequence[pdu.sequence_number] = earlier
            return
        unique = self.checks["sequence_unique"]
        if earlier is None or has_left(earlier, seat) or now - earlier.arrived_at > ABANDONED:
            unique.passed()
        else:
            told = f"sequence_number {pdu.sequence_number}: used again while its first request is unanswered"
            unique.failed(told, at, session, raw_of(message))
        opened.by_sequence[pdu.sequence_number] = message
        if len(opened.by_sequence) >= opened.mark:
            opened.sweep(seat, now)
        if len(opened.by_sequence) > OPEN_MAX:
            oldest = opened.by_sequence.pop(next(iter(opened.by_sequence)))
            if not has_left(oldest, seat):
                unique.is_truncated = self.checks["window_kept"].is_truncated = True
        self._window(opened, seat, at, session, message)

    def _window(self, opened: _Open, seat: Seat, at: float, session: int, message: Any) -> None:
        window, kept = seat.terms.window, self.checks["window_kept"]
        if window is None:
            # nothing was agreed that could be overrun
            return
        if len(opened.by_sequence) > window:
            opened.sweep(seat, message.arrived_at)
        count = len(opened.by_sequence)
        if count > window:
            kept.failed(f"{count} submissions are unanswered, at most {window}", at, session, raw_of(message))
        else:
            kept.passed()

    def _disconnected(self, at: float, session: int, caller: Any, detail: Any) -> None:
        self._open.pop(session, None)

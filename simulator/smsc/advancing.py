"""Moving the carrier's clock ahead without leaving anything out: a walk along the agenda, one instant after the other.

Every deed sees the carrier time at which it was due. Between two instants the walk waits until the ESMEs have answered
what was delivered to them; the links live in link time throughout, so that a window of ten is never asked to hold three
days. It knows no socket and starts no task: whoever calls ``Smsc.tick`` at ``Smsc.next_deadline`` makes it go on.
"""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import (
    DISCONNECTED,
    MO_ACKNOWLEDGED,
    MO_FAILED,
    MO_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_FAILED,
    RECEIPT_SENT,
    RESET,
    RETRY,
    Fold,
)

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

PATIENCE: Final = 5.0
"""Seconds of link time in which nobody answers; then the walk goes on, and waits no more for those who are silent."""
NEAR: Final = 20.0
"""Seconds of carrier time: instants that lie as close share one wait, as long as nobody's window is full. An ESME may
well take as long in real time; of 100,000 receipts in three days it makes eight at a time."""
LATEST: Final = 253_402_300_799.0
"""The last second of the year 9999, behind which no calendar goes."""
_ENDS: Final = (RECEIPT_ACKNOWLEDGED, RECEIPT_FAILED, MO_ACKNOWLEDGED, MO_FAILED, RETRY, DISCONNECTED)
"""What can be the end of a wait."""


class AlreadyAdvancing(Exception):
    """There is a walk already, ``advance``; two at once could not both see each instant once."""

    def __init__(self, advance: "Advance") -> None:
        super().__init__("the clock is being advanced already")
        self.advance = advance


class Advance:
    """One walk, under way from the start; all its times are carrier time unless they are called ``now``.

    A retry after an answer is due in link time, as ever, and is not waited for.
    """

    __slots__ = (
        "_awaited",
        "_folds",
        "_gathers_until",
        "_mute",
        "_smsc",
        "_told",
        "deadline",
        "instants",
        "is_done",
        "is_stopped",
        "mo_sent",
        "patience",
        "reached",
        "receipts_sent",
        "since",
        "until",
    )

    def __init__(self, smsc: "Smsc", seconds: float, now: float, *, patience: float = PATIENCE) -> None:
        """Begin to walk ``seconds`` ahead.

        Raises AlreadyAdvancing; ValueError for a span that is negative or leads beyond the year 9999.
        """
        agenda, self.since = smsc.agenda, smsc.clock.at(now)
        if isinstance(agenda.walk, Advance):
            raise AlreadyAdvancing(agenda.walk)
        if not 0 <= seconds <= LATEST - self.since:
            raise ValueError(f"seconds: {seconds:g}, at least 0, and no further than the year 9999")
        self._smsc = smsc
        self.reached = self.since
        """The instant that it has come to."""
        self.until = self.since + seconds
        self.patience = patience
        self.deadline = -inf
        """Link time at which those who are silent are waited for no more; -inf when the walk can go on."""
        self.instants = 0
        """How many it has come to at which something was due."""
        self.receipts_sent = 0
        self.mo_sent = 0
        self.is_done = False
        self.is_stopped = False
        """Whether it has ended before it was there, by ``stop`` or a reset."""
        self._gathers_until = -inf
        """The last instant that need not wait for the answers to what the first since the last wait has brought."""
        self._awaited: set[int] = set()
        """Sessions that may have something to answer, by number."""
        self._mute: set[int] = set()
        """Those that have something to answer and have been waited for long enough."""
        self._told: list[Callable[[], None]] = []
        self._folds: tuple[tuple[str, Fold], ...] = (
            (RECEIPT_SENT, self._receipt_sent),
            (MO_SENT, self._mo_sent),
            (RESET, self._forgotten),
            *((kind, self._answered) for kind in _ENDS),
        )
        for kind, fold in self._folds:
            smsc.journal.feed(kind, fold)
        for session in smsc.sessions.values():
            # what was delivered before is answered first, too
            if _owed(session):
                self._awaited.add(session.number)
        smsc.clock.hold(now)
        agenda.walk = self
        agenda.look_again()

    @property
    def unanswered(self) -> int:
        """How many deliveries wait for their answers at present."""
        return sum(_owed(self._smsc.sessions.get(number)) for number in self._awaited | self._mute)

    def when_done(self, deed: Callable[[], None]) -> None:
        """Call ``deed`` at the end; at once if that has come already."""
        if self.is_done:
            deed()
        else:
            self._told.append(deed)

    def stop(self, now: float) -> None:
        """End where it is: the clock goes on from this instant. Idempotent."""
        if not self.is_done:
            self.is_stopped = True
            self._smsc.clock.let_go(now)
            self._end()

    # ------------------------------------------------------------------ called by the agenda

    def step(self, now: float) -> bool:
        """Go to the next instant, unless somebody is still to answer; behind the last one the walk ends."""
        is_awaiting = self._waits(now)
        clock, first = self._smsc.clock, self._smsc.agenda.first()
        is_over = first is None or first[0] > self.until
        following = self.until if first is None or is_over else first[0]
        if not is_awaiting:
            self._gathers_until = following + NEAR
        elif is_over or following > self._gathers_until or not self._have_room():
            return False
        self.reached = following
        clock.go_to(now, following)
        if is_over:
            clock.let_go(now)
            self._end()
            return False
        self.instants += 1
        return True

    def _have_room(self) -> bool:
        """Whether all who have something to answer could be given more."""
        sessions = self._smsc.sessions
        return all(sessions[number].can_take for number in self._awaited)

    def _waits(self, now: float) -> bool:
        sessions = self._smsc.sessions
        for number in list(self._awaited):
            if not _owed(sessions.get(number)):
                self._awaited.discard(number)
        if self._awaited:
            if self.deadline == -inf:
                # there is somebody to wait for, or somebody has answered just now
                self.deadline = now + self.patience
            if now < self.deadline:
                return True
            self._mute |= self._awaited
            self._awaited.clear()
        self.deadline = -inf
        return False

    def _end(self) -> None:
        self.is_done = True
        self._smsc.agenda.walk = None
        for kind, fold in self._folds:
            self._smsc.journal.leave(kind, fold)
        # what names us is not to live on in what we name
        self._folds = ()
        self._smsc.agenda.look_again()
        for deed in self._told:
            deed()

    # ------------------------------------------------------------------ folds

    def _receipt_sent(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self.receipts_sent += 1
        self._expect(session)

    def _mo_sent(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self.mo_sent += 1
        self._expect(session)

    def _expect(self, session: int) -> None:
        if session not in self._mute:
            self._awaited.add(session)

    def _answered(self, at: float, session: int, subject: Any, detail: Any) -> None:
        if detail is not None:
            # None is that its time ran out: it is as silent as before
            self._mute.discard(session)
        self._expect(session)
        self.deadline = -inf
        self._smsc.agenda.look_again()

    def _forgotten(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self.is_stopped = True
        self._end()


def _owed(session: "Session | None") -> int:
    """How many answers a session's ESME owes; what a reset has made nobody's is not asked for."""
    return 0 if session is None else sum(delivery is not None for delivery in session.deliveries.values())

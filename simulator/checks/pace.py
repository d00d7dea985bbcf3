"""backs_off: what an ESME does once it was told that there is no room.

An *episode* begins with such an answer, and is over when a submission of the account comes 100 ms or more after the
last of them has left: then the ESME has paused. Until then two things prove that it does not:

* it sends a refused message again, which nobody does before he has read the answer, or
* more submissions come than can have been on their way when the answer left: one less than the account's window, or
  less than 10 where none is agreed.

Submissions of the batch that was being answered never count. All times are of the link's clock.
"""

from typing import Any, Final

from simulator.checks.statuses import SLOW_DOWN, status_name
from simulator.checks.watched import Family, has_left, raw_of, shown_status
from simulator.journal import ANSWERED, SUBMITTED

PAUSE: Final = 0.1
WINDOW: Final = 10
REFUSED_MAX: Final = 1000
"""Refused messages of one episode that are recognised when they come again."""


class _Episode:
    """What has happened since an account was told to slow down."""

    __slots__ = ("came", "is_judged", "last", "left_at", "refused", "status")

    def __init__(self) -> None:
        self.last: Any = None
        """The last message that was refused so."""
        self.status = 0
        """What it was answered with."""
        self.left_at = 0.0
        self.refused: set[int] = set()
        self.came = 0
        self.is_judged = False


class Pace(Family):
    """The episodes of all accounts, at most one each."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {SUBMITTED: self._submitted, ANSWERED: self._answered}

    def clear(self) -> None:
        """Forget everything."""
        self._episodes: dict[str, _Episode] = {}

    def _answered(self, at: float, session: int, message: Any, status: Any) -> None:
        status = shown_status(message, status)
        if status not in SLOW_DOWN:
            return
        episode = self._episodes.setdefault(message.account, _Episode())
        episode.last, episode.status, episode.left_at = message, status, message.arrived_at
        if len(episode.refused) < REFUSED_MAX:
            episode.refused.add(_key(message))

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        episode = self._episodes.get(message.account)
        if episode is None:
            return
        last, now = episode.last, message.arrived_at
        seat = self.sessions.get(last.session)
        if seat is not None and not has_left(last, seat):
            # an answer that is held back has not been read, either
            episode.left_at = now
            return
        check, waited = self.checks["backs_off"], now - episode.left_at
        if waited >= PAUSE:
            if not episode.is_judged:
                check.passed()
            del self._episodes[message.account]
            return
        episode.came += 1
        seat = self.sessions.get(session)
        window = None if seat is None else seat.terms.window
        if episode.is_judged:
            return
        answer = f"{waited * 1000:.0f} ms after {status_name(episode.status)}"
        if _key(message) in episode.refused:
            told = f"the message that was refused came again {answer}"
        elif episode.came >= (window or WINDOW):
            told = f"{episode.came} more submissions came, the last of them {answer}"
        else:
            return
        episode.is_judged = True
        check.failed(told, at, session, raw_of(message))

    def settle(self) -> None:
        """Who has sent nothing since is taken to have paused."""
        now, check = self.clock(), self.checks["backs_off"]
        for account, episode in list(self._episodes.items()):
            if now - episode.left_at >= PAUSE:
                if not episode.is_judged:
                    check.passed()
                del self._episodes[account]


def _key(message: Any) -> int:
    return hash((message.source.number, message.destination.number, message.octets))

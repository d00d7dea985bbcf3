"""backs_off: what an ESME does once it was told that there is no room.

An *episode* begins with such an answer, and is over when a submission of the account comes 100 ms or more after the
last of them has left: then the ESME has paused. Until then only what was begun after that answer was read proves
anything, and nobody sees an ESME read. What can have been on its way on a link when the first answer left:

* where the link is used for one request at a time, one request, but on the link that was answered none;
* where it has ever carried a request while another one was unanswered, the account's window, or 10 where none is
  agreed, and on the link that was answered one less.

What proves that the ESME does not pause: more submissions came on a link than a whole window; or a refused message
came again, beyond what can have been on its way there, or under its own reference (two equal texts may be two
messages). That of a link used for one request at a time is taken back where it turns out, before the ESME has paused,
that the link carries several. A refused message that came again and proves nothing leaves its episode open: nobody
knows.

Submissions of the batch that was being answered never count. All times are of the link's clock.
"""

from typing import Any, Final

from simulator.checks.statuses import SLOW_DOWN, status_name
from simulator.checks.watched import Family, has_left, raw_of, reference_of, shown_status
from simulator.journal import ANSWERED, DISCONNECTED, SUBMITTED

PAUSE: Final = 0.1
WINDOW: Final = 10
REFUSED_MAX: Final = 1000
"""Refused messages of one episode that are recognised when they come again."""


class _Episode:
    """What has happened since an account was told to slow down on link ``session``."""

    __slots__ = ("came", "is_doubtful", "is_judged", "last", "left_at", "refused", "session", "status", "suspect")

    def __init__(self, session: int) -> None:
        self.session = session
        self.last: Any = None
        """The last message that was refused so."""
        self.status = 0
        """What it was answered with."""
        self.left_at = 0.0
        self.refused: set[int] = set()
        self.came: dict[int, int] = {}
        """Submissions since then, by link."""
        self.suspect: int | None = None
        """The link on which a refused message came again, as long as only its way of sending proves anything."""
        self.is_doubtful = False
        """Whether a refused message came again that may have been on its way."""
        self.is_judged = False


class Pace(Family):
    """The episodes of all accounts, at most one each."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {SUBMITTED: self._submitted, ANSWERED: self._answered, DISCONNECTED: self._disconnected}

    def clear(self) -> None:
        """Forget everything."""
        self._episodes: dict[str, _Episode] = {}
        self._latest: dict[int, Any] = {}
        """The latest submission of each open link."""
        self._pipelined: set[int] = set()
        """Open links that have carried a request while another one was unanswered."""

    def _answered(self, at: float, session: int, message: Any, status: Any) -> None:
        status = shown_status(message, status)
        if status not in SLOW_DOWN:
            return
        episode = self._episodes.get(message.account)
        if episode is None:
            episode = self._episodes[message.account] = _Episode(message.session)
        episode.last, episode.status, episode.left_at = message, status, message.arrived_at
        if len(episode.refused) < REFUSED_MAX:
            episode.refused.update(_keys(message))

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        before = self._latest.get(session)
        self._latest[session] = message
        # several destinations of one submit_multi are one request
        if before is not None and before.pdu is not message.pdu and session not in self._pipelined:
            self._look_at_depth(session, before, message.account)
        episode = self._episodes.get(message.account)
        if episode is not None:
            self._go_on(episode, at, session, message)

    def _look_at_depth(self, session: int, before: Any, account: str) -> None:
        """Whether the request before is unanswered yet, so that the link carries several at once."""
        if has_left(before, self.sessions.get(session)):
            return
        self._pipelined.add(session)
        episode = self._episodes.get(account)
        if episode is not None and episode.suspect == session:
            episode.suspect, episode.is_doubtful = None, True
            self.checks["backs_off"].suspect(account, None)

    def _go_on(self, episode: _Episode, at: float, session: int, message: Any) -> None:
        """One more submission of an account that was told to slow down."""
        last, now = episode.last, message.arrived_at
        seat = self.sessions.get(last.session)
        if seat is not None and not has_left(last, seat):
            # an answer that is held back has not been read, either
            episode.left_at = now
            return
        waited = now - episode.left_at
        if waited >= PAUSE:
            self._end(message.account, episode)
            return
        came = episode.came[session] = episode.came.get(session, 0) + 1
        if episode.is_judged:
            return
        seat = self.sessions.get(session)
        window = (None if seat is None else seat.terms.window) or WINDOW
        answer = f"{waited * 1000:.0f} ms after {status_name(episode.status)}"
        # on the link that was answered one was no longer on its way
        room = 0 if session == episode.session else 1
        told = f"the message that was refused came again {answer}"
        plain, *referred = _keys(message)
        if came >= window + room:
            self._judge(episode, f"{came} more submissions came, the last of them {answer}", at, session, message)
        elif not episode.refused.isdisjoint(referred):
            self._judge(episode, told, at, session, message)
        elif plain in episode.refused:
            if session in self._pipelined or came <= room:
                episode.is_doubtful = True
            elif episode.suspect is None:
                episode.suspect = session
                check = self.checks["backs_off"]
                check.suspect(message.account, check.exhibit(told, at, session, raw_of(message)))

    def _judge(self, episode: _Episode, told: str, at: float, session: int, message: Any) -> None:
        episode.is_judged, check = True, self.checks["backs_off"]
        check.suspect(message.account, None)
        check.failed(told, at, session, raw_of(message))

    def _end(self, account: str, episode: _Episode) -> None:
        """It has paused: whatever was suspected until now is so."""
        if not episode.is_judged:
            check = self.checks["backs_off"]
            if episode.suspect is not None:
                check.confirm(account)
            elif not episode.is_doubtful:
                check.passed()
        del self._episodes[account]

    def _disconnected(self, at: float, session: int, caller: Any, reason: Any) -> None:
        self._latest.pop(session, None)
        self._pipelined.discard(session)

    def settle(self) -> None:
        """Who has sent nothing since is taken to have paused."""
        now = self.clock()
        for account, episode in list(self._episodes.items()):
            if now - episode.left_at >= PAUSE:
                self._end(account, episode)


def _keys(message: Any) -> tuple[int, ...]:
    """What a message is recognised by: what it says to whom and, if the ESME has a reference for it, that too."""
    said = message.source.number, message.destination.number, message.octets, message.part
    reference = reference_of(message)
    return (hash(said),) if reference is None else (hash(said), hash((*said, reference)))

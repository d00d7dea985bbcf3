"""What belongs to one account, so that parallel suites share one server: since when it counts, and who judges it.

A suite that resets its account starts over alone. What is of no account, or of all of them (the clock, luck, phones,
networks, what is played), has no such scope. It knows events and rows, and nothing of HTTP but how to refuse.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from simulator.control.answers import SHOWN_MAX, Refusal
from simulator.journal import BOUND, RESET, Event, Fold, Journal
from simulator.smsc.memory.history import Row, head_of
from simulator.smsc.memory.leaving import forget_account
from simulator.smsc.memory.watch import Watch
from simulator.smsc.play.playing import Playing
from simulator.smsc.smsc import Smsc

MARKS_MAX: Final = 10_000
"""Accounts of which it is known when they started over."""
JUDGED_MAX: Final = 100
"""Accounts that are judged each for itself."""
SESSIONS_MAX: Final = 100_000
"""Sessions of which it is known whose they were."""


class Mark(NamedTuple):
    """Where an account started over: the first event and the first message that count."""

    event: int = 0
    message: int = 0


_START: Final = Mark()


class Scopes:
    """The accounts of one SMSC, each by itself. ``clock`` gives link time."""

    def __init__(self, playing: Playing, clock: Callable[[], float]) -> None:
        self._playing = playing
        self._smsc = smsc = playing.smsc
        self._clock = clock
        self._marks: OrderedDict[str, Mark] = OrderedDict()
        self._watches: OrderedDict[str, Watch] = OrderedDict()
        self._folds: dict[str, tuple[Fold, dict[str, list[Fold]]]] = {}
        self._owners: dict[int, str] = {}
        smsc.journal.feed(RESET, self._reset)
        smsc.journal.feed(BOUND, self._bound)

    def _reset(self, at: float, session: int, subject: Any, detail: Any) -> None:
        """All accounts have started over."""
        self._marks.clear()

    def _bound(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self._owners[session] = subject.account
        if len(self._owners) > SESSIONS_MAX:
            del self._owners[next(iter(self._owners))]

    # ------------------------------------------------------------------ what belongs to whom

    def mark(self, account: str | None) -> Mark:
        """Since when this account counts; None is all of them."""
        return _START if account is None else self._marks.get(account, _START)

    def owner(self, session: int, subject: Any) -> str:
        """The account that an event is about; empty where it is about none."""
        account = getattr(subject, "account", None)
        if isinstance(account, str) and account:
            return account
        return self._owners.get(session, "")

    def includes_row(self, account: str | None, row: Row) -> bool:
        """Whether a row is this account's, and has come since it started over."""
        if account is None:
            return True
        return head_of(row).account == account and row.number > self.mark(account).message

    def includes(self, account: str | None, event: Event) -> bool:
        """The same of an event; what becomes afterwards of a message from before does not count."""
        if account is None:
            return True
        if self.owner(event.session, event.subject) != account:
            return False
        mark = self.mark(account)
        return event.number >= mark.event and _counts(event.subject, mark)

    # ------------------------------------------------------------------ starting over

    def start_over(self, account: str) -> None:
        """Nothing of this account from before is delivered or counted afterwards."""
        smsc, now = self._smsc, self._clock()
        forget_account(smsc, account, now)
        self._marks.pop(account, None)
        # a number that no message has
        self._marks[account] = Mark(smsc.journal.total, smsc.next_number())
        if len(self._marks) > MARKS_MAX:
            self._marks.popitem(last=False)
        self._judge(account)

    def _judge(self, account: str) -> None:
        self._leave(account)
        if self._playing.watch is None:
            return
        playing = self._playing
        self._watches[account] = Watch(
            _Excerpt(self._smsc, self, account),  # type: ignore[arg-type]
            *(self._clock, playing.scenarios, playing.names),
        )
        if len(self._watches) > JUDGED_MAX:
            self._leave(next(iter(self._watches)))

    def _leave(self, account: str) -> None:
        watch = self._watches.pop(account, None)
        if watch is not None:
            watch.leave()

    def judge_anew(self) -> None:
        """Other scenarios are played, which promise other things."""
        for account in tuple(self._watches):
            self._judge(account)

    def watch(self, account: str) -> Watch:
        """Who judges this account alone. Raises Refusal where nobody does."""
        if account not in self._watches:
            shown = account[:SHOWN_MAX]
            reason = f"account: {shown!r} is judged by itself from a POST /api/reset?account={shown} on"
            if self._playing.watch is None:
                reason = "nothing is judged here: serve with --report, or a scenario that has `expect:`"
            raise Refusal("not_asked", reason)
        return self._watches[account]

    # ------------------------------------------------------------------ events of one account

    def feed(self, account: str, kind: str, fold: Fold) -> None:
        """Call ``fold`` at every event of this kind that is this account's; at those of nobody as well."""
        if kind not in self._folds:
            by_account: dict[str, list[Fold]] = {}
            self._folds[kind] = self._dispatch(by_account), by_account
            self._smsc.journal.feed(kind, self._folds[kind][0])
        self._folds[kind][1].setdefault(account, []).append(fold)

    def leave(self, account: str, kind: str, fold: Fold) -> None:
        """Call it no more."""
        if kind not in self._folds:
            return
        dispatch, by_account = self._folds[kind]
        folds = [one for one in by_account.pop(account, ()) if one != fold]
        if folds:
            by_account[account] = folds
        elif not by_account:
            # where nobody is judged by himself nothing is fed
            self._smsc.journal.leave(kind, dispatch)
            del self._folds[kind]

    def _dispatch(self, by_account: dict[str, list[Fold]]) -> Fold:
        def dispatch(at: float, session: int, subject: Any, detail: Any) -> None:
            account = self.owner(session, subject)
            if account:
                if account in by_account and _counts(subject, self.mark(account)):
                    for fold in by_account[account]:
                        fold(at, session, subject, detail)
                return
            for folds in tuple(by_account.values()):
                for fold in folds:
                    fold(at, session, subject, detail)

        return dispatch


def _counts(subject: Any, mark: Mark) -> bool:
    number = getattr(subject, "number", None)
    return not isinstance(number, int) or number > mark.message


class _Excerpt:
    """An SMSC as who judges one account sees it: everything is there, and of the events only those of the account."""

    def __init__(self, smsc: Smsc, scopes: Scopes, account: str) -> None:
        self._smsc = smsc
        self.journal = _Excerpts(smsc.journal, scopes, account)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._smsc, name)


class _Excerpts:
    """A journal of which only one account's events are fed."""

    def __init__(self, journal: Journal, scopes: Scopes, account: str) -> None:
        self._journal = journal
        self._scopes = scopes
        self._account = account

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def feed(self, kind: str, fold: Fold) -> None:
        """See `Journal.feed`."""
        self._scopes.feed(self._account, kind, fold)

    def leave(self, kind: str, fold: Fold) -> None:
        """See `Journal.leave`."""
        self._scopes.leave(self._account, kind, fold)


__all__ = ["Mark", "Scopes"]

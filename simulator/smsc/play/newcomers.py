"""What waits for a session that is still to come: deeds that are done to whoever of an account is bound next.

It knows the names of accounts, and sessions as they are handed to it. What a deed does, whoever puts it here knows.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from simulator.smsc.play.seats import account_name_of

if TYPE_CHECKING:
    from simulator.smsc.session import Session

AWAITING_MAX: Final = 10_000
"""Deeds that wait; with one more the oldest is forgotten. All of them happen in the moment of one bind."""

Greeting = Callable[["Session", float], None]
"""Called with the session that was bound, and link time."""


class Newcomers:
    """The deeds of one SMSC. ``forgotten`` is told of each that was one too many."""

    __slots__ = ("_awaiting", "_forgotten")

    def __init__(self, forgotten: Callable[[float], None]) -> None:
        self._awaiting: deque[tuple[str | None, Greeting]] = deque()
        self._forgotten = forgotten

    def __len__(self) -> int:
        return len(self._awaiting)

    def await_one(self, account: str | None, deed: Greeting, now: float) -> None:
        """Do it to the next session of that account, or of any."""
        self._awaiting.append((account, deed))
        if len(self._awaiting) > AWAITING_MAX:
            self._awaiting.popleft()
            self._forgotten(now)

    def bound(self, session: "Session", now: float) -> None:
        """A session was bound: what has waited for it is done. What a deed puts here waits for the next one."""
        if not self._awaiting:
            return
        name, awaiting = account_name_of(session), self._awaiting
        self._awaiting = deque(one for one in awaiting if one[0] not in {None, name})
        for account, deed in awaiting:
            if account in {None, name}:
                deed(session, now)

    def clear(self) -> None:
        """Nothing waits any more."""
        self._awaiting.clear()


__all__ = ["AWAITING_MAX", "Greeting", "Newcomers"]

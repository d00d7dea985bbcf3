"""Who may not bind for what has been, and what those are told who may not: ghosts, hasty returns, required fields.

It is kept where a carrier has a bind policy. It knows accounts, binds and link time, and no messages.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.smpp.constants import CommandStatus, status_name
from simulator.smpp.states import State

if TYPE_CHECKING:
    from simulator.scenario.match import Condition
    from simulator.scenario.policy import Ghosts
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

GHOSTS_MAX: Final = 1_000
"""How many ghosts one account has, at most; the oldest goes first."""


class Refusal(NamedTuple):
    """Why a bind may not pass: the cause's name in the file, what it gets (a status or a deed), and the words for it.

    Without words the status says it all.
    """

    cause: str
    answer: int | str
    words: str = ""

    @property
    def told(self) -> int | str:
        """What the journal keeps of it."""
        if not self.words:
            return self.answer
        return f"{self.answer if isinstance(self.answer, str) else status_name(self.answer)}: {self.words}"


class _Ghost(NamedTuple):
    bind_type: str
    until: float


class Doorkeeper:
    """Knows what a carrier's bind policy says, who has gone, and who is believed to be there still."""

    __slots__ = ("_ended", "_ghosts", "_policy", "_rebind_after", "_required", "_smsc", "_statuses")

    def __init__(
        self,
        smsc: "Smsc",
        *,
        ghosts: "Ghosts | None" = None,
        statuses: Mapping[str, int | str] | None = None,
        required: "Mapping[str, Condition] | None" = None,
        rebind_after: float = 0.0,
    ) -> None:
        # imported here, because who has no policy needs nothing of scenarios
        from simulator.scenario.questions import holds_of

        self._smsc = smsc
        self._policy = ghosts
        self._statuses = dict(statuses or {})
        self._required = {name: holds_of(condition) for name, condition in (required or {}).items()}
        self._rebind_after = rebind_after
        self.reset()

    def reset(self, *_: Any) -> None:
        """Nobody has gone, and there are no ghosts. A fold: it takes what the journal tells of a reset."""
        self._ghosts: dict[str, deque[_Ghost]] = {}
        self._ended: dict[str, float] = {}
        """By account: when its last session ended."""

    def turned(self, refusal: Refusal) -> Refusal:
        """The same refusal in the words of this carrier."""
        answer = self._statuses.get(refusal.cause)
        if answer is None and refusal.cause == "version":
            answer = self._statuses.get("required")
        if answer is None:
            return refusal
        # what a status of one's own choice means is not to be seen from it
        words = refusal.words or {"system_id": "nobody of that name", "password": "wrong password"}[refusal.cause]
        return refusal._replace(answer=answer if isinstance(answer, str) else int(answer), words=words)

    def objection(self, pdu: Any, account: str, now: float) -> Refusal | None:
        """Why a bind with the right password may not pass yet, or not so."""
        for name, holds in self._required.items():
            if not holds(getattr(pdu, name)):
                cause = "version" if name == "interface_version" else "required"
                is_type = name == "system_type"
                status = CommandStatus.ESME_RINVSYSTYP if is_type else CommandStatus.ESME_RBINDFAIL
                return Refusal(cause, int(status), f"{name} {getattr(pdu, name)!r} is not what is required")
        ended_at = self._ended.get(account)
        if ended_at is not None and now < ended_at + self._rebind_after:
            words = f"{account!r} left {now - ended_at:g} s ago, and may return after {self._rebind_after:g} s"
            return Refusal("too_soon", int(CommandStatus.ESME_RBINDFAIL), words)
        return None

    def haunted(self, account: str, bind_type: str, binds_max: int | None, now: float) -> Refusal | None:
        """Why a bind may not pass that finds ghosts in its way.

        Where the account has so many binds, they count among these; where it has any number, one of the same bind
        type is in the way.
        """
        policy = self._policy
        if policy is None:
            return None
        ghosts = list(self._living(account, now))
        if binds_max is None:
            is_in_the_way = any(ghost.bind_type == bind_type for ghost in ghosts)
        else:
            is_in_the_way = bool(ghosts) and len(ghosts) + len(self._smsc.sessions_of(account)) >= binds_max
        if not is_in_the_way:
            return None
        status = CommandStatus.ESME_RALYBND if policy.status is None else policy.status
        return Refusal("ghosts", int(status), f"{account!r} is still bound, it seems, by {len(ghosts)} of its sessions")

    def _living(self, account: str, now: float) -> Iterator[_Ghost]:
        ghosts = self._ghosts.get(account, deque())
        while ghosts and ghosts[0].until <= now:
            # all last equally long, so the first one is the first to go
            ghosts.popleft()
        return iter(ghosts)

    def ended(self, session: "Session", cause: BaseException | None, now: float) -> None:
        """A bound session's connection is gone; told before its state is."""
        if session.account is None:
            return
        account = session.account.name
        if self._rebind_after:
            self._ended[account] = now
        policy = self._policy
        if policy is None:
            return
        end = session.ends_by or ("fin" if cause is None else "rst")
        is_parted = session.state is State.UNBOUND
        if "any" in policy.after or (end in policy.after and not is_parted):
            ghosts = self._ghosts.setdefault(account, deque(maxlen=GHOSTS_MAX))
            ghosts.append(_Ghost(session.bind_type, now + policy.lasts))


__all__ = ["Doorkeeper", "Refusal"]

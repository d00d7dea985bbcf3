"""To which account a subscriber's message goes. It knows addresses and sessions, and reads no PDU."""

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from simulator.carrier.messages import Address, bare
from simulator.smsc.translate import Submission

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

SENDERS_MAX: Final = 100_000
"""How many source addresses are remembered with the account that used them last."""

_PLAIN: Final = re.compile(r"[+0-9A-Za-z]*")


class NoRoute(Exception):
    """Nobody can be found for a subscriber's message; ``candidates`` are the accounts that could be named."""

    def __init__(self, reason: str, candidates: list[str]) -> None:
        super().__init__(reason)
        self.candidates = candidates


class Routing:
    """Finds the account for a number: its owner, a bound address_range, who sent from it last, or the only receiver."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self._ranges: dict[int, tuple[Session, str]] = {}
        self._senders: OrderedDict[str, str] = OrderedDict()

    def bound(self, session: "Session", address_range: str) -> None:
        """Remember the address_range of a bind (SMPP 3.4, 5.2.7). Plain addresses and prefixes are understood here."""
        if address_range:
            self._ranges[session.number] = (session, address_range)

    def closed(self, session: "Session") -> None:
        """Forget its address_range."""
        self._ranges.pop(session.number, None)

    def sent(self, message: Submission) -> None:
        """Remember which account sent from this address last."""
        senders = self._senders
        number = message.source.number
        if senders.get(number) != message.account:
            senders[bare(number)] = message.account
            if len(senders) > SENDERS_MAX:
                senders.popitem(last=False)

    def reset(self) -> None:
        """Forget who sent; binds stay."""
        self._senders.clear()

    def account_for(self, destination: Address, account: str | None) -> str:
        """The name of the account; ``account`` is one that the caller insists on. Raises NoRoute."""
        smsc = self._smsc
        if account is not None:
            if smsc.accounts.get(account) is None:
                raise NoRoute(f"account: {account!r} is not known", sorted(one.name for one in smsc.accounts))
            return account
        owner = smsc.accounts.owner_of(destination.number)
        if owner is not None:
            return owner.name
        for session, pattern in self._ranges.values():
            if session.account is not None and covers(pattern, destination.number):
                return session.account.name
        sender = self._senders.get(bare(destination.number))
        if sender is not None:
            return sender
        receivers = sorted(
            {session.account.name for session in smsc.sessions.values() if session.account and session.can_receive}
        )
        if len(receivers) == 1:
            return receivers[0]
        reason = f"to: nobody owns {destination.number!r}, and {len(receivers)} accounts have receivers bound"
        raise NoRoute(reason, receivers or sorted(one.name for one in smsc.accounts))


def covers(pattern: str, number: str) -> bool:
    """Whether an address_range covers a number.

    Understood: an address or prefix as it stands, ``^prefix``, ``suffix$``, ``^whole$`` and a trailing ``*`` or
    ``.*``. A range with other pattern characters covers nothing here.
    """
    # `^1202.*$` names a beginning, although it has an end
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("*$")
    core = pattern.removeprefix("^").removesuffix("$").removesuffix("*").removesuffix(".")
    if not core or not _PLAIN.fullmatch(core):
        return False
    core = core.removeprefix("+")
    if begins and ends:
        return number == core
    return number.endswith(core) if ends else number.startswith(core)

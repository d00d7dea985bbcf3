"""To which account a subscriber's message goes. It knows addresses and sessions, and reads no PDU."""

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from simulator.carrier.messages import Address, bare
from simulator.journal import MALFORMED
from simulator.scenario.words.patterns import PatternError, compile_pattern
from simulator.smsc.translate import Submission

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

SENDERS_MAX: Final = 100_000
"""How many source addresses are remembered with the account that used them last."""

_PLAIN: Final = re.compile(r"[+]?([0-9A-Za-z]+)[*]?|[*]")
"""An address or its beginning as it stands, with or without a wildcard at its end; or the wildcard alone."""
_PLUS: Final = re.compile(r"^(\^?)(?:\\?[+]|\[[+]\])\??(?=.)")
"""The plus before an international number, as a pattern may write it."""


class NoRoute(Exception):
    """Nobody can be found for a subscriber's message; ``candidates`` are the accounts that could be named."""

    def __init__(self, reason: str, candidates: list[str]) -> None:
        super().__init__(reason)
        self.candidates = candidates


class Routing:
    """Finds the account for a number: its owner, a bound address_range, who sent from it last, or the only receiver."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self._ranges: dict[str, _Range] = {}
        self._range_of: dict[int, str] = {}
        self._senders: OrderedDict[str, str] = OrderedDict()

    def bound(self, session: "Session", address_range: str) -> None:
        """Remember the address_range of a bind (SMPP 3.4, 5.2.7); one that nobody can read is journalled.

        SMPP 5.0 admits that most SMSCs ignore the field, and none is known to refuse a bind for it: an unreadable one
        attracts nothing, and the bind stands.
        """
        if not address_range:
            return
        known = self._ranges.get(address_range)
        if known is None:
            try:
                known = _Range(reading(address_range))
            except PatternError as error:
                reason = f"address_range: {error}; it attracts nothing"
                self._smsc.journal.record(session.at, MALFORMED, session.number, session.caller, reason)
                return
            self._ranges[address_range] = known
        known.sessions[session.number] = session
        self._range_of[session.number] = address_range

    def closed(self, session: "Session") -> None:
        """Forget its address_range."""
        address_range = self._range_of.pop(session.number, "")
        if address_range:
            sessions = self._ranges[address_range].sessions
            del sessions[session.number]
            if not sessions:
                del self._ranges[address_range]

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
        number = bare(destination.number)
        for known in self._ranges.values():
            if known.covers(number):
                claimant = next(iter(known.sessions.values())).account
                assert claimant is not None
                return claimant.name
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


class _Range:
    """One address_range and the sessions bound with it: however many they are, it is compiled and tried once."""

    __slots__ = ("covers", "sessions")

    def __init__(self, covers: Callable[[str], bool]) -> None:
        self.covers = covers
        self.sessions: dict[int, Session] = {}


def reading(address_range: str) -> Callable[[str], bool]:
    """What an address_range says of a number that is written without its plus. Raises PatternError.

    Letters and digits alone are an address or its beginning, as gateways use it, with or without a ``*`` behind; ``*``
    alone is every number. Anything else is the UNIX regular expression that SMPP 3.4, 5.2.7 prescribes, found anywhere
    in the number unless ``^`` and ``$`` say where. A plus at the beginning counts for nothing.
    """
    plain = _PLAIN.fullmatch(address_range)
    if plain is None:
        return compile_pattern(_PLUS.sub(r"\1", address_range)).matches
    prefix = plain[1] or ""
    return lambda number: number.startswith(prefix)

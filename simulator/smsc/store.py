"""The messages the SMSC can still be asked about: found by id, or while live by who sent what to whom.

It knows neither PDUs nor time; it forgets a message when told to.
"""

from simulator.carrier.messages import Address
from simulator.smsc.translate import Submission

Pair = tuple[str, Address, Address]


class Store:
    """Submissions by message_id. One id may stand for several: those of one submit_multi."""

    __slots__ = ("_by_id", "_live", "is_indexed")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._by_id: dict[str, Submission | list[Submission]] = {}
        # built at the first question, because replacing and cancelling without an id are rare and an index is not free
        self._live: dict[Pair, dict[int, Submission]] = {}
        self.is_indexed = False
        """Whether somebody has asked who sent what to whom: only then ``conclude`` has to be told."""

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, message: Submission) -> None:
        """Remember a message that was accepted and has its id."""
        known = self._by_id.setdefault(message.message_id, message)
        if known is not message:
            if isinstance(known, list):
                known.append(message)
            else:
                self._by_id[message.message_id] = [known, message]
        if self.is_indexed:
            self._live.setdefault(_pair(message), {})[message.number] = message

    def named(self, message_id: str) -> list[Submission]:
        """The messages of this id, whoever sent them."""
        found = self._by_id.get(message_id, [])
        return found if isinstance(found, list) else [found]

    def find(self, account: str, message_id: str, source: Address) -> list[Submission]:
        """The messages of this id, account and source address (SMPP 3.4, 4.8 to 4.10 ask for all three)."""
        return [one for one in self.named(message_id) if one.account == account and one.source == source]

    def live(self, account: str, source: Address, destination: Address) -> list[Submission]:
        """Messages of this account, source and destination that have no final state yet, oldest first."""
        if not self.is_indexed:
            self.is_indexed = True
            for found in self._by_id.values():
                for message in found if isinstance(found, list) else [found]:
                    if not message.is_final:
                        self._live.setdefault(_pair(message), {})[message.number] = message
        return list(self._live.get((account, source, destination), {}).values())

    def conclude(self, message: Submission) -> None:
        """A message became final: it is no longer live, but still known by its id."""
        pair = _pair(message)
        live = self._live.get(pair, {})
        live.pop(message.number, None)
        if not live:
            self._live.pop(pair, None)

    def forget(self, message: Submission) -> None:
        """A final message's row has left the ring: nobody can ask for it any more."""
        known = self._by_id.get(message.message_id)
        if known is message:
            del self._by_id[message.message_id]
        elif isinstance(known, list):
            known[:] = [other for other in known if other is not message]
            if not known:
                del self._by_id[message.message_id]


def _pair(message: Submission) -> Pair:
    return message.account, message.source, message.destination

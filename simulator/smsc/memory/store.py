"""The messages the SMSC can still be asked about: found by id, or while live by who sent what to whom.

It also counts how many more each account may have open. It knows no time; it forgets a message when told to.
"""

from collections.abc import Callable
from typing import Final

from simulator.smsc.translate import Address, Cause, Submission

FULL: Final = Cause("queue_full", is_temporary=True)
"""Why a message is refused whose account has as many open ones as it may."""

_Pair = tuple[str, Address, Address]
_Kind = tuple[str, bool]
"""service_type, and whether the message is stored: of the others none can be replaced."""
_Live = dict[int, Submission]
"""By serial number, so the newest is at the end."""


def _without_bound(_: str) -> int:
    return 1 << 62


class _Room(dict[str, int]):
    """How many more messages each account may have open; of one that is not known yet it is asked."""

    def __init__(self, open_max: Callable[[str], int]) -> None:
        super().__init__()
        self._open_max = open_max

    def __missing__(self, account: str) -> int:
        self[account] = room = self._open_max(account)
        return room


class Store:
    """Submissions by message_id. One id may stand for several: those of one submit_multi."""

    __slots__ = ("_by_id", "_live", "_open_max", "is_indexed", "lost", "room")

    def __init__(self, open_max: Callable[[str], int] = _without_bound) -> None:
        self._open_max = open_max
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._by_id: dict[str, Submission | list[Submission]] = {}
        # built at the first question, because replacing and cancelling without an id are rare and an index is not free
        self._live: dict[_Pair, dict[_Kind, _Live]] = {}
        self.is_indexed = False
        """Whether somebody has asked who sent what to whom: only then an index is kept."""
        self.room: dict[str, int] = _Room(self._open_max)
        """By account: how many more messages may be open."""
        self.lost: set[Submission] = set()
        """Messages that have no end, and of which nothing more ever becomes."""

    @property
    def by_id(self) -> dict[str, "Submission | list[Submission]"]:
        """What holds the messages: for whoever clears the store, and frees them at leisure."""
        return self._by_id

    def __len__(self) -> int:
        return len(self._by_id)

    def without_end(self) -> dict[str, int]:
        """By account: how many messages are still to have an end."""
        return {account: self._open_max(account) - left for account, left in self.room.items()}

    def add(self, message: Submission) -> None:
        """Remember a message that was accepted and has its id."""
        known = self._by_id.setdefault(message.message_id, message)
        if known is not message:
            if isinstance(known, list):
                known.append(message)
            else:
                self._by_id[message.message_id] = [known, message]
        self.room[message.account] -= 1
        if self.is_indexed:
            self._index(message)

    def named(self, message_id: str) -> list[Submission]:
        """The messages of this id, whoever sent them."""
        found = self._by_id.get(message_id, [])
        return found if isinstance(found, list) else [found]

    def find(self, account: str, message_id: str, source: Address) -> list[Submission]:
        """The messages of this id, account and source address (SMPP 3.4, 4.8 to 4.10 ask for all three)."""
        return [one for one in self.named(message_id) if one.account == account and one.source == source]

    def live(
        self, account: str, source: Address, destination: Address, service_type: str | None = None
    ) -> list[Submission]:
        """Messages of this account, source and destination that have no final state yet, oldest first.

        With ``service_type`` only those of this one; None is any.
        """
        kinds = self._kinds(account, source, destination)
        if service_type is None:
            found = list(kinds.values())
        else:
            found = [kinds[kind] for kind in ((service_type, True), (service_type, False)) if kind in kinds]
        return sorted((message for live in found for message in live.values()), key=_number)

    def newest(self, account: str, source: Address, destination: Address, service_type: str) -> Submission | None:
        """The newest of those that is stored, found however many there are."""
        live = self._kinds(account, source, destination).get((service_type, True))
        return live[next(reversed(live))] if live else None

    def _kinds(self, account: str, source: Address, destination: Address) -> dict[_Kind, _Live]:
        if not self.is_indexed:
            self.is_indexed = True
            for found in self._by_id.values():
                for message in found if isinstance(found, list) else [found]:
                    if not message.is_final:
                        self._index(message)
        return self._live.get((account, source, destination), {})

    def _index(self, message: Submission) -> None:
        self._live.setdefault(_pair(message), {}).setdefault(_kind(message), {})[message.number] = message

    def changing(self, message: Submission) -> None:
        """A live message is about to become one of another kind: the index is to be told of it anew."""
        self._leave(message)

    def changed(self, message: Submission) -> None:
        """It has become that."""
        self._index(message)

    def _leave(self, message: Submission) -> None:
        pair, kind = _pair(message), _kind(message)
        kinds = self._live.get(pair)
        live = None if kinds is None else kinds.get(kind)
        if kinds is not None and live is not None:
            live.pop(message.number, None)
            if not live:
                del kinds[kind]
                if not kinds:
                    del self._live[pair]

    def conclude(self, message: Submission) -> None:
        """A message became final: it is no longer live, but still known by its id."""
        if self.lost and message in self.lost:
            self.lost.discard(message)
        else:
            self.room[message.account] += 1
        if self.is_indexed:
            self._leave(message)

    def abandon(self, message: Submission) -> None:
        """Nothing more will ever become of a message, although it has no end: it takes no room any more."""
        if message not in self.lost:
            self.lost.add(message)
            self.room[message.account] += 1

    def is_lost(self, message: Submission) -> bool:
        """Whether it was abandoned."""
        return message in self.lost

    def revive(self, message: Submission) -> None:
        """Something may become of it after all."""
        if message in self.lost:
            self.lost.discard(message)
            self.room[message.account] -= 1

    def forget(self, message: Submission) -> None:
        """The row of a message that is final, or lost, has left the ring: nobody can ask for it any more."""
        if self.lost and message in self.lost:
            self.lost.discard(message)
            if self.is_indexed:
                self._leave(message)
        known = self._by_id.get(message.message_id)
        if known is message:
            del self._by_id[message.message_id]
        elif isinstance(known, list):
            known[:] = [other for other in known if other is not message]
            if not known:
                del self._by_id[message.message_id]


def _pair(message: Submission) -> _Pair:
    return message.account, message.source, message.destination


def _kind(message: Submission) -> _Kind:
    pdu = message.pdu
    return "" if pdu is None else pdu.service_type, message.is_stored


def _number(message: Submission) -> int:
    return message.number

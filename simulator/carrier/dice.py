"""A message's luck: numbers that depend on the seed and the message alone, never on order, time or a reference number.

The n-th message of one account from one source to one destination is lucky in the same way in every run.
"""

from hashlib import blake2b
from struct import Struct
from types import MappingProxyType
from typing import Final, Protocol

from simulator.carrier.messages import Address

_ONE: Final = Struct(">I")
_FOUR: Final = Struct(">4I")
WIDTH: Final = 0x1_0000_0000
"""How many draws there are: each is a whole number below it, over it."""
PAIRS_MAX: Final = 200_000
"""How many (account, source, destination) are remembered at most, and half as many at least: those that are unused for
longest are forgotten, and count from one again."""


_PLACES: Final = MappingProxyType(
    {
        "profile lot": 8,
        "subscriber busy 0": 12,
        "subscriber answer": 16,
        "profile first_failure": 20,
        "profile duplicate": 24,
        "profile out_of_order": 28,
    }
)
"""Where a message's own digest has room for draws that are named and that nearly every message needs, behind the two
that are asked for by index: to work out another digest for each of them would cost several times as much."""


class Sent(Protocol):
    """What luck depends on, beside the seed."""

    @property
    def account(self) -> str:
        """Name of the sender's account."""

    @property
    def source(self) -> Address:
        """Who sent it."""

    @property
    def destination(self) -> Address:
        """Whom it is for."""


class Dice:
    """Draws for messages. ``seed`` is any integer; the same seed and message give the same draws."""

    __slots__ = ("_begun", "_key", "_seen", "_seen_before")

    def __init__(self, seed: int) -> None:
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        # to go on from here costs less than to begin with the key each time
        self._begun = blake2b(key=self._key)
        self._seen: dict[int, int] = {}
        self._seen_before: dict[int, int] = {}

    def throw(self, message: Sent) -> "Luck":
        """The luck of this message; each call counts as one more message of its pair."""
        account, source, destination = message.account, message.source.number, message.destination.number
        # a number of 64 bits in place of the three: that two pairs share one is luckier than anything that is drawn
        pair = hash((account, source, destination))
        seen = self._seen
        occurrence = seen.get(pair)
        occurrence = 1 + (self._seen_before.pop(pair, 0) if occurrence is None else occurrence)
        seen[pair] = occurrence
        if len(seen) >= PAIRS_MAX // 2:
            # two tables, of which the older one goes: an ordered one takes three times the room
            self._seen, self._seen_before = {}, seen
        digest = self._begun.copy()
        digest.update(f"{account}\0{source}\0{destination}\0{occurrence}".encode("utf-8", "surrogatepass"))
        return Luck(digest.digest())

    def named(self, name: str) -> float:
        """A draw for what no message has caused: the seed and the name alone decide it."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), key=self._key, digest_size=4).digest()
        return int.from_bytes(digest, "big") / WIDTH

    def reset(self) -> None:
        """Forget all occurrences: luck starts over."""
        self._seen, self._seen_before = {}, {}


class Luck:
    """Independent draws in [0, 1), by index or by name, so that one decision never shifts another's."""

    __slots__ = ("_digest",)

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def draw(self, index: int) -> float:
        """Draw number ``index`` of this message, 0 to 15; some of those from 2 on have names, too."""
        number: int = _ONE.unpack_from(self._digest, index * 4)[0]
        return number / WIDTH

    def first_four(self) -> tuple[int, int, int, int]:
        """The first four draws at once, each as a whole number below ``WIDTH``."""
        numbers: tuple[int, int, int, int] = _FOUR.unpack_from(self._digest)
        return numbers

    def of(self, name: str) -> float:
        """One draw more, by a name: as many as there are names, and none of them shifts another."""
        place = _PLACES.get(name)
        if place is not None:
            number: int = _ONE.unpack_from(self._digest, place)[0]
            return number / WIDTH
        digest = blake2b(name.encode("utf-8", "surrogatepass"), key=self._digest, digest_size=4).digest()
        return int.from_bytes(digest, "big") / WIDTH

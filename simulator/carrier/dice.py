"""A message's luck: numbers that depend on the seed and the message alone, never on order, time or a reference number.

The n-th message of one account from one source to one destination is lucky in the same way in every run.
"""

from collections import OrderedDict
from hashlib import blake2b
from struct import Struct
from typing import Final, Protocol

from simulator.carrier.messages import Address

_FOUR: Final = Struct(">I")
PAIRS_MAX: Final = 200_000
"""How many (account, source, destination) are remembered; the longest unused is forgotten and counts from one again."""


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

    __slots__ = ("_key", "_seen")

    def __init__(self, seed: int) -> None:
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()
        self._seen: OrderedDict[int, int] = OrderedDict()

    def throw(self, message: Sent) -> "Luck":
        """The luck of this message; each call counts as one more message of its pair."""
        account, source, destination = message.account, message.source.number, message.destination.number
        # a number of 64 bits in place of the three: that two pairs share one is luckier than anything that is drawn
        pair = hash((account, source, destination))
        seen = self._seen
        occurrence = seen.pop(pair, 0) + 1
        seen[pair] = occurrence
        if len(seen) > PAIRS_MAX:
            seen.popitem(last=False)
        name = f"{account}\0{source}\0{destination}\0{occurrence}"
        return Luck(blake2b(name.encode("utf-8", "surrogatepass"), key=self._key).digest())

    def named(self, name: str) -> float:
        """A draw for what no message has caused: the seed and the name alone decide it."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), key=self._key, digest_size=4).digest()
        return int.from_bytes(digest, "big") / 0x1_0000_0000

    def reset(self) -> None:
        """Forget all occurrences: luck starts over."""
        self._seen.clear()


class Luck:
    """Sixteen independent draws in [0, 1), by index, so that one decision never shifts another's."""

    __slots__ = ("_digest",)

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def draw(self, index: int) -> float:
        """Draw number ``index`` (0 to 15) of this message."""
        number: int = _FOUR.unpack_from(self._digest, index * 4)[0]
        return number / 0x1_0000_0000

    def of(self, name: str) -> float:
        """One draw more, by a name: as many as there are names, and none of them shifts another."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), key=self._digest, digest_size=4).digest()
        return int.from_bytes(digest, "big") / 0x1_0000_0000

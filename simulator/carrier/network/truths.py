"""What became of messages in truth, which is not always what their senders are told.

Knows how truths are kept, for so many messages and no more. Does not know how they come about, nor what is told: a
truth is decided when a message comes, and holds from its moment on.
"""

from array import array
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.carrier.messages import REFUSED, Outcome

TRUTHS_MAX: Final = 100_000
"""Of how many messages the truth is kept; the oldest is forgotten."""
LOST: Final = "LOST"
"""It was accepted, nothing reached the phone, and no network says so: the only state of a truth that no message has."""


class Truth(NamedTuple):
    """What became of a message and which network decided it: its true final state (empty where it was lost), the key
    of the cause, and why in words. Both are empty where all is well.
    """

    network: str
    state: str
    cause: str = ""
    why: str = ""


_WHYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "absent_temporary": "its phone was off or out of reach whenever it was tried",
        "memory_full": "its phone had no room for it whenever it was tried",
        "subscriber_busy": "its phone was busy whenever it was tried",
        "barred": "its phone is barred",
        "prepaid_no_funds": "the owner of its phone has no funds",
        "deactivated": "its phone is deactivated",
        "landline_or_no_sms": "its number is one without SMS",
        "roaming_no_route": "its phone is abroad, and no way leads there",
        "portability": "its number has moved to another network, and the number plan does not know it",
        "validity_expired_carrier": "its time was over before it arrived",
        "silent_filter": "the route has lost it",
        "unknown": "the route has failed it",
    }
)
"""Why a phone or a route did not take it, by the key of the cause; what a network has against it, it says itself."""


@lru_cache(maxsize=1024)
def usual_truth(network: str, state: str, cause: str = "") -> Truth:
    """One object for all messages that fared alike and of which no more is to be said."""
    return Truth(network, state, cause, _WHYS.get(cause, ""))


class Known(NamedTuple):
    """A truth, from which moment of carrier time on it holds, and what the network had planned to tell.

    Who plans anything else for the message later (its sender takes it back, its phone is switched off) decides of the
    truth, too: whoever asks compares the plans.
    """

    truth: Truth
    at: float
    plan: tuple[Outcome, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether the end that is told is the one that is so; where it was lost, nothing is."""
        state = self.truth.state
        return state == REFUSED or state == (self.plan[-1].state if self.plan else "")


# a named tuple's own __new__ is a Python function, and costs twice as much
_known: Final[Callable[[tuple[Truth, float, tuple[Outcome, ...]]], Known]] = partial(tuple.__new__, Known)


class Truths:
    """The truths of the last ``TRUTHS_MAX`` messages, by their serial numbers."""

    __slots__ = ("_known", "_numbers", "_size")

    def __init__(self) -> None:
        self._size = TRUTHS_MAX
        self.clear()

    def keep(self, number: int, truth: Truth, at: float, plan: tuple[Outcome, ...] = ()) -> Known:
        """What is so of a message from carrier time ``at`` on, and what is planned to be told of it."""
        known = _known((truth, at, plan))
        place = number % self._size
        known_there = self._numbers
        if place >= len(known_there):
            self._grow(place)
        if known_there[place] <= number:
            # not one that was forgotten already, and is planned anew
            known_there[place], self._known[place] = number, known
        return known

    def get(self, number: int) -> Known | None:
        """What is known of a message; None where nothing is, or no longer."""
        place = number % self._size
        is_there = place < len(self._numbers) and self._numbers[place] == number
        return self._known[place] if is_there else None

    def clear(self) -> None:
        """Nothing is known of any message."""
        # numbers are given one after the other: a place for each takes less room than a table that is looked up
        self._numbers = array("q")
        self._known: list[Known | None] = []

    def _grow(self, place: int) -> None:
        more = place + 1 - len(self._numbers)
        self._numbers.extend([-1] * more)
        self._known.extend([None] * more)


__all__ = ["LOST", "TRUTHS_MAX", "Known", "Truth", "Truths", "usual_truth"]

"""What became of messages in truth, which is not always what their senders are told.

Knows how truths are kept, for so many messages and no more. Does not know how they come about, nor what is told: a
truth is decided when a message comes, and holds from its moment on.
"""

from collections import OrderedDict
from functools import lru_cache
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


@lru_cache(maxsize=1024)
def usual_truth(network: str, state: str, cause: str = "") -> Truth:
    """One object for all messages that fared alike and of which no more is to be said."""
    return Truth(network, state, cause)


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


class Truths:
    """The truths of the last ``TRUTHS_MAX`` messages, by their serial numbers."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: OrderedDict[int, Known] = OrderedDict()

    def keep(self, number: int, truth: Truth, at: float, plan: tuple[Outcome, ...] = ()) -> Known:
        """What is so of a message from carrier time ``at`` on, and what is planned to be told of it."""
        self._known[number] = known = Known(truth, at, plan)
        if len(self._known) > TRUTHS_MAX:
            self._known.popitem(last=False)
        return known

    def get(self, number: int) -> Known | None:
        """What is known of a message; None where nothing is, or no longer."""
        return self._known.get(number)

    def clear(self) -> None:
        """Nothing is known of any message."""
        self._known.clear()


__all__ = ["LOST", "TRUTHS_MAX", "Known", "Truth", "Truths", "usual_truth"]

"""What becomes of nearly every message: its phone takes it at the first attempt, and its sender is told so, or as ever.

Knows for one network which luck makes a message a usual one, and its whole future then. Does not know the phone, nor
any message that is not usual: whoever asks has looked at both, and goes the long way (profiles, phones, told) for the
others. What is decided here is what those would have decided, to the last bit; here it costs less.
"""

from collections.abc import Callable
from math import inf

from simulator.carrier.causes import cause
from simulator.carrier.dice import WIDTH, Luck
from simulator.carrier.messages import ACCEPTED, DELIVERED, Cause, Outcome
from simulator.carrier.network.profiles import Profile
from simulator.carrier.network.told import ACCEPTED_ONLY, HUB_FIRST, NONE, Receipts
from simulator.carrier.network.truths import Truth, usual_truth
from simulator.carrier.phones.subscribers import Habits

Course = tuple[float, float, tuple[Outcome, ...]]
"""Seconds until the answer, seconds until the phone has it, and what is told."""


class Usual:
    """The usual message of one network. ``is_told`` is whether what is told of it is so, ``truth`` what is so.

    ``takes_parts``: it does not matter whether it is a part of a longer text.
    """

    __slots__ = (
        "_bad",
        "_busy",
        "_delivery",
        "_longest",
        "_respond",
        "_said",
        "_tells_hub",
        "is_told",
        "takes_parts",
        "truth",
    )

    def __init__(self, name: str, profile: Profile, habits: Habits, said: Receipts, accepted: Cause) -> None:
        self.truth: Truth = usual_truth(name, DELIVERED)
        # a draw is one of so many whole numbers; a share takes those that lie below it
        self._bad = (profile.missing + profile.failed + profile.false_delivered) * WIDTH
        self._busy = habits.busy * WIDTH
        self._respond = profile.respond.seconds
        self._delivery = profile.delivery.seconds
        self._said: tuple[Outcome, ...] | None = None
        if said.tells == ACCEPTED_ONLY:
            self._said = (Outcome(0.0, ACCEPTED, accepted),)
        elif said.tells == NONE:
            self._said = ()
        self._tells_hub = said.tells == HUB_FIRST
        self._longest = (habits.validity, min(said.buffered, inf if self._tells_hub else said.expires))
        self.is_told = self._said is None
        self.takes_parts = not (said.once or said.contradicting)

    def course(self, luck: Luck) -> Course | None:
        """What becomes of a message with this luck; None where that is not usual."""
        delivery, response, lot, busy = luck.first_four()
        if lot < self._bad or busy < self._busy:
            return None
        respond_after = self._respond(response / WIDTH)
        under_way = self._delivery(delivery / WIDTH)
        span = respond_after + under_way
        longest, told_within = self._longest
        if span > longest:
            return None
        if self._said is not None:
            return respond_after, span, self._said
        after = under_way if self._tells_hub else span - respond_after
        return None if after > told_within else (respond_after, span, (Outcome(after, DELIVERED),))


def usual_of(
    name: str, profile: Profile, habits: Habits, said: Receipts, spelled: Callable[[str], Cause] = cause
) -> Usual | None:
    """The usual message of a network of these ways; None where they are such that hardly any message is usual."""
    has_knobs = profile.peak is not None or profile.first_failure or profile.duplicate or profile.out_of_order
    is_late = any(not one.is_fixed or one.seconds(0.0) for one in (profile.told, said.late))
    return None if has_knobs or is_late else Usual(name, profile, habits, said, spelled("accepted_only"))


__all__ = ["Usual", "usual_of"]

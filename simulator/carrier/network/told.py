"""What a network tells senders of their messages: when, how often, and whether it is so.

Knows the ways of telling and turns a course into the outcomes that receipts are made of. Does not know what a receipt
looks like, nor why anything became of the message as it did: what is told here may be wrong, and is meant to be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Final

from simulator.carrier.carrier import AT_ONCE
from simulator.carrier.delays import Delay
from simulator.carrier.dice import Luck
from simulator.carrier.messages import (
    ACCEPTED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    UNDELIVERABLE,
    Cause,
    Outcome,
    Overtaking,
)
from simulator.carrier.network.letters import Letter
from simulator.carrier.network.profiles import Course, Profile

TRUTH: Final = "truth"
HUB_FIRST: Final = "hub_first"
ACCEPTED_ONLY: Final = "accepted_only"
NONE: Final = "none"

# as the carrier and the profiles draw it, so that a delivery takes as long whoever tells of it
_DELIVERY_DRAW: Final = 0


@dataclass(slots=True, frozen=True, kw_only=True)
class Receipts:
    """What is told: ``tells`` is `truth`, `hub_first`, `accepted_only` or `none`. All spans are in seconds.

    ``once``: of a text in parts only the first one has a receipt. ``contradicting``: the receipts of its second,
    fourth, ... part say the opposite of what is so. ``buffered`` is after how long an intermediate receipt says that
    there is no end yet, ``expires`` after how long it is told as expired, ``late`` how much later than the end each
    receipt comes.
    """

    tells: str = TRUTH
    once: bool = False
    contradicting: bool = False
    late: Delay = AT_ONCE
    buffered: float = inf
    expires: float = inf


PLAIN: Final = Receipts()
"""The truth, at once."""


def told(
    said: Receipts,
    course: Course,
    letter: Letter,
    luck: Luck,
    *,
    profile: Profile,
    spelled: Callable[[str], Cause],
    is_early: bool = False,
    may_overtake: bool = False,
) -> tuple[Outcome, ...]:
    """What the sender is told of a course, in order; delays count from the answer, of what overtakes it from before.

    ``is_early`` tells that it was decided before any hub has told anything, ``may_overtake`` that nothing holds the
    message back before it can arrive. What stands behind a final outcome is that one once more.
    """
    part = letter.part
    is_later_part = said.once and part is not None and part.number > 1
    if not course.receipts or said.tells == NONE or is_later_part:
        return ()
    # no draw is spent on what is the same for all
    late = said.late.seconds(0.0 if said.late.is_fixed else luck.of("told late"))
    if said.tells == ACCEPTED_ONLY:
        final = Outcome(late, ACCEPTED, spelled("accepted_only"))
    elif said.tells == HUB_FIRST and not is_early:
        # what it says was decided before the network was asked, and no cause belongs to it
        final = Outcome(late + profile.delivery.seconds(luck.draw(_DELIVERY_DRAW)), DELIVERED)
    else:
        final = _end(said, course, late, spelled)
    if said.contradicting and part is not None and part.number % 2 == 0 and said.tells != ACCEPTED_ONLY:
        final = _opposite(final, spelled)
    overtakes = course.overtakes and may_overtake and final.state in (DELIVERED, ACCEPTED)
    if overtakes:
        # in front of the answer, whenever that comes
        final = Overtaking(course.respond_after, final.state, final.cause)
    first = course.receipts[0]
    again = tuple(
        Outcome(final.after + one.after - first.after, final.state, final.cause) for one in course.receipts[1:]
    )
    if overtakes:
        return (final, *again)
    if said.buffered < final.after:
        return (Outcome(said.buffered, ENROUTE, spelled("buffered"), is_final=False), final, *again)
    if letter.wants_progress:
        return (Outcome(final.after / 2, ENROUTE, is_final=False), final, *again)
    return (final, *again)


def _end(said: Receipts, course: Course, late: float, spelled: Callable[[str], Cause]) -> Outcome:
    """The end of the course as it is told, late or too late."""
    first = course.receipts[0]
    after = max(0.0, first.after - course.respond_after) + late
    if after > said.expires:
        return Outcome(said.expires, EXPIRED, spelled("validity_expired_carrier"))
    key = "" if first.cause is None else first.cause.name
    return Outcome(after, first.state, spelled(key) if key else None)


def _opposite(final: Outcome, spelled: Callable[[str], Cause]) -> Outcome:
    if final.state == DELIVERED:
        return Outcome(final.after, UNDELIVERABLE, spelled("unknown"))
    return Outcome(final.after, DELIVERED)


__all__ = ["ACCEPTED_ONLY", "HUB_FIRST", "NONE", "PLAIN", "TRUTH", "Receipts", "told"]

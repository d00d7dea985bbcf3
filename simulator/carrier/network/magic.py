"""Magic numbers: what a message meets whose recipient's last two digits ask for a cause.

Knows what each cause of the catalogue makes of a message: a refusal, silence, a receipt, none, or a false one. Does not
know when such numbers count, nor who is asked before them: they stand for what the network and the phone do with what
was let through, whatever luck and the network's habits of telling would have been.

What cannot happen to an SMS at a carrier, since a platform alone says so or since it belongs to MMS, is delivered.
"""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Final, NamedTuple

from simulator.carrier.causes import RECEIPT, SUBMIT, cause_of_magic, listed
from simulator.carrier.dice import Luck
from simulator.carrier.messages import ACCEPTED, DELIVERED, ENROUTE, FINAL, REFUSED, Cause, Outcome, Verdict
from simulator.carrier.network.letters import Letter
from simulator.carrier.network.profiles import Profile

WHY: Final = "the number asks for it"
_DELIVERED: Final = "delivered"
_NO_ANSWER: Final = "no_ack"
_SILENT: Final = "silent_filter"
_KEEP_STATES: Final = FINAL | {ACCEPTED, ENROUTE, ""}
"""The states that an SMS can have; a row that has another one is about MMS."""


class Granted(NamedTuple):
    """What a number's wish comes to: the true state (empty where the message is lost) after so many seconds from the
    submission, the key of the cause (empty where all is well), and the verdict.
    """

    state: str
    cause: str
    after: float
    verdict: Verdict


def wish_of(number: str) -> str:
    """The key of the cause that a number asks for; empty for any other number."""
    key = cause_of_magic(number) or ""
    if not key or key == _DELIVERED:
        return key
    row = listed(key)
    is_of_sms = row.shows - {"platform"} or "" in row.states
    return key if is_of_sms and _KEEP_STATES.issuperset(row.states) else _DELIVERED


def granted(
    key: str,
    letter: Letter,
    profile: Profile,
    luck: Luck,
    spelled: Callable[[str], Cause],
    *,
    wait: float = 0.0,
    is_admitted: bool = False,
) -> Granted:
    """What a message meets at this cause, by the times of its route and ``wait`` seconds later.

    Who ``is_admitted`` already cannot be refused, and is delivered to instead.
    """
    respond_after = profile.respond.seconds(luck.draw(1))
    row = listed(key)
    if SUBMIT in row.shows and RECEIPT not in row.shows:
        if not is_admitted:
            return Granted(REFUSED, key, 0.0, _refusal(key, spelled(key), respond_after))
        key, row = _DELIVERED, listed(_DELIVERED)
    after = profile.delivery.seconds(luck.draw(0)) + wait
    late = after + profile.told.seconds(luck.of("profile told"))
    first = row.states[0]
    final = Outcome(late, first, None if key == _DELIVERED else spelled(key))
    progress = (Outcome(late / 2, ENROUTE, is_final=False),) if letter.wants_progress else ()
    if first == ENROUTE:
        # something final follows
        progress, final = (replace(final, after=late / 2, is_final=False),), Outcome(late, DELIVERED)
    outcomes = (*progress, final) if first else ()
    state = "" if key == _SILENT else DELIVERED if first in {ACCEPTED, ENROUTE, ""} else first
    verdict = Verdict(accepted=True, respond_after=respond_after, outcomes=outcomes)
    return Granted(state, "" if key == _DELIVERED else key, respond_after + after, verdict)


def _refusal(key: str, why: Cause, respond_after: float) -> Verdict:
    if key == _NO_ANSWER:
        # command_status 0 is never sent for it: there is no answer
        return Verdict(accepted=False, cause=replace(why, answer=0), respond_after=inf)
    return Verdict(accepted=False, cause=why, respond_after=respond_after)

"""Phones that are changed while messages wait for them: what becomes of those.

Knows which of a phone's messages are planned anew and how. Does not know who changes phones, nor how a message gets its
new plan. Times are carrier time in unix seconds, numbers are compared without `+`.
"""

from typing import TYPE_CHECKING, Any

from simulator.carrier.messages import Outcome
from simulator.carrier.network.network import Case, changed_course
from simulator.carrier.phones.subscribers import Fate
from simulator.carrier.phones.trials import Trial

if TYPE_CHECKING:
    from simulator.carrier.network.network import Networks

Plan = tuple[Any, tuple[Outcome, ...]]
"""A message and what becomes of it from now on; outcomes count from its beginning, as always."""


def planned_anew(networks: "Networks", number: str, at: float, *, is_alerted: bool = False) -> list[Plan]:
    """The messages that are tried again at that phone, which was changed at ``at``, with their new plans, oldest first.

    What was tried stays as it was, and the rest of the schedule holds; ``is_alerted``: the network knows that the phone
    is back, and tries at once. A message that has found its phone already is on its way, and not among them.
    """
    plans: list[Plan] = []
    for trial in networks.trials.of(number, at):
        case: Case = trial.case
        fate = _fate(networks, trial, case, at, is_alerted=is_alerted)
        if fate is not None:
            networks.forget_fate(case, at)
            networks.try_again(trial, fate, at)
            course = changed_course(trial.course, fate.after, fate.state, fate.cause)
            plans.append((trial.letter, networks.ended(case, course, trial.start, trial.wait).outcomes))
    return plans


def _fate(networks: "Networks", trial: Trial, case: Case, at: float, *, is_alerted: bool) -> Fate | None:
    # what waits in a queue is tried when it has left it
    start = trial.start + trial.wait
    elapsed = max(0.0, at - start)
    tried = tuple(one for one in trial.attempts if one.after <= elapsed)
    if tried and not tried[-1].cause:
        return None
    return networks.subscribers.fate(
        *(case.receiver.digits, start, case.luck, case.network.habits),
        span=trial.course.truth.after,
        patience=trial.patience,
        network=case.network.name,
        tried=tried,
        extra=elapsed if is_alerted else None,
    )


__all__ = ["Plan", "planned_anew"]

"""Running one world after another, and taking a failing one apart until nothing more can be taken from it.

It knows plans and what was found in their worlds, and prints nothing.
"""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter
from typing import Final, NamedTuple

from simulator.harness.soak.plan import Plan
from simulator.harness.soak.watch import Breach
from simulator.harness.soak.world import START, SoakWorld

FRAMES: Final = 4
"""Frames of a crash that are told, the innermost ones."""
MESSAGES_MIN: Final = 1

Progress = Callable[[float], None]


class Found(NamedTuple):
    """What came of a world: what did not hold, what it has counted (kinds of events), how long it took here."""

    plan: Plan
    breaches: tuple[Breach, ...]
    counts: dict[str, int]
    seconds: float

    @property
    def check(self) -> str:
        """The name of the first check that failed; empty where all held."""
        return self.breaches[0].check if self.breaches else ""


def run(plan: Plan, told: Progress = lambda _: None) -> Found:
    """Live through a world. What it raises is a breach as well: the check `crash`."""
    began = perf_counter()
    counts: dict[str, int] = {}
    try:
        world = SoakWorld(plan)
        counts = world.smsc.journal.counts
        world.run(told)
        counts = world.smsc.journal.counts
        breaches = tuple(world.watch.breaches)
    except Exception as error:  # noqa: BLE001 (whatever a world raises is what it was made to find)
        breaches = (_crash(error),)
    return Found(plan, breaches, counts, perf_counter() - began)


def _crash(error: Exception) -> Breach:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    # a file by its name alone: where it lies is this machine's business
    story = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.line}" for frame in frames]
    return Breach("crash", START, f"{type(error).__name__}: {error}", tuple(story))


def shrink(found: Found, told: Callable[[Found], None] = lambda _: None) -> Found:
    """The smallest world that can be found in which the same check fails. ``told`` is each smaller one."""
    smallest = found
    while True:
        for plan in smaller(smallest.plan):
            tried = run(plan)
            if any(breach.check == found.check for breach in tried.breaches):
                same = [breach for breach in tried.breaches if breach.check == found.check]
                smallest = tried._replace(breaches=tuple(same))
                told(smallest)
                break
        else:
            return smallest


def smaller(plan: Plan) -> Iterator[Plan]:
    """The same world with half of the messages, half of the time, or one part less, the largest step first."""
    if plan.messages > MESSAGES_MIN:
        # in half of the time, so that as much happens at once
        yield replace(plan, messages=plan.messages // 2, days=plan.days / 2)
        yield replace(plan, messages=plan.messages // 2)
    for name in plan.parts():
        yield plan.less(name)
    if plan.messages > MESSAGES_MIN:
        yield replace(plan, messages=plan.messages - max(1, plan.messages // 10))


__all__ = ["Found", "run", "shrink", "smaller"]

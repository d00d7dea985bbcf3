"""Waiting for what is to happen: looked at anew whenever something has, and told in full where it has not come.

It knows events, time and words of what was wanted; what is looked at, whoever waits says.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import trio

from simulator.journal import KINDS, Journal
from simulator.scenario.expect import ExpectationError
from simulator.scenario.speaking import seconds_of_span

TIMEOUT: Final = 5.0
"""Seconds that a verb waits for what it was asked to wait for."""
GLANCE: Final = 0.01
"""Seconds between two looks at what no event tells of."""

R = TypeVar("R")


class NotSeen(ExpectationError):
    """What was waited for has not come; tells what was wanted, how many came, and the nearest misses."""


class Waiting:
    """Whoever waits for what happens in one SMSC; made in its run. Where nobody waits an event costs nearly nothing."""

    def __init__(self, journal: Journal) -> None:
        self.count = 0
        """How many wait at present."""
        self._stirred = trio.Event()
        for kind in KINDS:
            journal.feed(kind, self._stir)

    def _stir(self, at: float, session: int, subject: Any, detail: Any) -> None:
        if self.count:
            self._stirred.set()
            self._stirred = trio.Event()

    async def until(self, look: Callable[[], R | None], seconds: float, *, glances: bool = False) -> R | None:
        """What ``look`` finds as soon as it finds anything; None when the time is over.

        ``glances``: it may find something although nothing has happened.
        """
        self.count += 1
        try:
            with trio.move_on_after(seconds):
                while True:
                    stirred, began = self._stirred, trio.current_time()
                    if (found := look()) is not None:
                        return found
                    cost = trio.current_time() - began
                    with trio.move_on_after(GLANCE if glances else seconds):
                        await stirred.wait()
                    # where there is much to look at, the links have at least half of the time
                    await trio.sleep(cost)
            return look()
        finally:
            self.count -= 1


class Wanted:
    """What a verb waits for."""

    def __init__(self, verb: str, keys: Mapping[str, Any], count: int, timeout: float | str) -> None:
        """Raises ValueError for a count or a time that is none."""
        if count < 1:
            raise ValueError(f"{verb}: count {count}, at least 1")
        self.verb = verb
        self.count = count
        self.seconds = seconds_of_span(timeout, verb)
        self._keys = keys

    def __str__(self) -> str:
        return f"{self.verb}({', '.join(f'{key}={value!r}' for key, value in self._keys.items())})"

    def told(self, came: int, misses: Sequence[object]) -> str:
        """That it has not come; ``misses`` are the nearest first."""
        lines = [f"{self}: wanted {self.count}, came {came}, in {self.seconds:g} s"]
        lines += [f"  near: {miss}" for miss in misses] or ["  and nothing else came"]
        return "\n".join(lines)


__all__ = ["GLANCE", "TIMEOUT", "NotSeen", "Waiting", "Wanted"]

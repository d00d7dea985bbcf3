"""Messages on trial: those that their phones could not take at first, and that are tried again by a schedule.

Knows which messages are tried again at which phone and until when. Does not know what their phone says to it
(subscribers.py), nor what becomes of them when it is changed (changes.py). Times are carrier time in unix seconds.
"""

from heapq import heappop, heappush
from typing import Any, Final, NamedTuple

from simulator.carrier.network.letters import Letter
from simulator.carrier.network.profiles import Course
from simulator.carrier.phones.subscribers import Attempt

TRIALS_MAX: Final = 200_000
"""How many messages are kept so; what becomes of more is not changed any more by what happens to their phones."""


class Trial(NamedTuple):
    """One message that is tried again: first at ``start``, all is over at ``end``.

    ``case`` is whatever its network knew of it, ``course`` how it would have fared with a phone that is on. ``wait``
    is how many seconds it has spent in a queue before, ``patience`` for how many it is valid.
    """

    letter: Letter
    case: Any
    course: Course
    start: float
    end: float
    attempts: tuple[Attempt, ...]
    wait: float = 0.0
    patience: float | None = None


class Trials:
    """All messages on trial, by the bare number of their phone. Each is forgotten when all is over."""

    __slots__ = ("_by_number", "_ends", "_serial")

    def __init__(self) -> None:
        self._by_number: dict[str, dict[Any, Trial]] = {}
        self._ends: list[tuple[float, int, str, Any]] = []
        self._serial = 0

    def keep(self, number: str, trial: Trial, at: float) -> None:
        """One more, or the same message with another fate; where there are too many nothing is kept of it."""
        self._forget_before(at)
        if len(self._ends) >= TRIALS_MAX:
            return
        self._by_number.setdefault(number, {})[trial.letter] = trial
        self._serial += 1
        heappush(self._ends, (trial.end, self._serial, number, trial.letter))

    def of(self, number: str, at: float) -> list[Trial]:
        """Those of that phone, oldest first."""
        self._forget_before(at)
        return list(self._by_number.get(number, {}).values())

    def letters(self, number: str) -> list[Any]:
        """The messages of that phone, oldest first; some may have ended just now."""
        return list(self._by_number.get(number, ()))

    def let_go(self, number: str, letter: Letter) -> None:
        """That message is tried no more, if it was at all."""
        own = self._by_number.get(number)
        if own is not None and own.pop(letter, None) is not None and not own:
            del self._by_number[number]

    def clear(self) -> None:
        """There are none."""
        self._by_number.clear()
        self._ends.clear()

    def _forget_before(self, at: float) -> None:
        ends = self._ends
        while ends and ends[0][0] < at:
            _, _, number, letter = heappop(ends)
            known = self._by_number.get(number, {}).get(letter)
            # one that was planned anew may have a later end, which stands in the heap as well
            if known is not None and known.end < at:
                self.let_go(number, letter)


__all__ = ["TRIALS_MAX", "Trial", "Trials"]

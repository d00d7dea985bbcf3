"""What a reset leaves behind: a full ring is forgotten at once, and given back to the machine a little at a time.

To free a hundred thousand messages takes a tenth of a second, in which nobody is answered. It knows containers that
nobody else asks any more, and nothing of what is in them.
"""

from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from simulator.smsc.agenda import Agenda

SMALL: Final = 2_000
"""What holds so few goes at once."""
STEP: Final = 4_000
"""How much goes in one step, a millisecond or two, and how many seconds of link time lie between two steps."""
PAUSE: Final = 0.005

Container = deque[Any] | dict[Any, Any]


class Remains:
    """The containers that one SMSC has no use for any more."""

    __slots__ = ("_agenda", "_left")

    def __init__(self, agenda: "Agenda") -> None:
        self._agenda = agenda
        self._left: list[Container] = []

    def leave(self, now: float, *containers: Container) -> None:
        """These are nobody's from now on; what is named by several is freed with the last of them."""
        is_idle = not self._left
        self._left += [one for one in containers if len(one) > SMALL]
        if is_idle and self._left:
            self._agenda.put_link(now + PAUSE, self._sweep, None)

    def _sweep(self, _: Any, now: float) -> None:
        oldest = self._left[0]
        pop = oldest.popitem if isinstance(oldest, dict) else oldest.pop
        for _ in range(min(STEP, len(oldest))):
            pop()
        if not oldest:
            del self._left[0]
        if self._left:
            self._agenda.put_link(now + PAUSE, self._sweep, None)


__all__ = ["Remains"]

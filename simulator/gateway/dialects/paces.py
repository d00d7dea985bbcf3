"""How many requests a key may make: as many in each window that slides, or in each that begins anew.

It knows the time only as an argument, and no request.
"""

from collections import deque
from typing import NamedTuple


class Allowance(NamedTuple):
    """What a request was told: whether it may, how many more may now, and when (Unix seconds) there is more again."""

    is_granted: bool
    remaining: int
    reset_at: float


class Sliding:
    """At most so many in any ``seconds``: the limit of "per second" that nothing at a second's border escapes."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str, now: float) -> Allowance:
        """Ask for one more at ``now``."""
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - self._seconds:
            taken.popleft()
        is_granted = len(taken) < self._most
        if is_granted:
            taken.append(now)
        reset_at = taken[0] + self._seconds if taken else now
        return Allowance(is_granted, self._most - len(taken), reset_at)


class Fixed:
    """At most so many in each window of ``seconds``, counted from the first request of it; cheap at any rate."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, key: str, now: float) -> Allowance:
        """Ask for one more at ``now``."""
        began_at, count = self._windows.get(key, (now, 0))
        if now >= began_at + self._seconds:
            began_at, count = now, 0
        is_granted = count < self._most
        if is_granted:
            count += 1
        self._windows[key] = began_at, count
        return Allowance(is_granted, self._most - count, began_at + self._seconds)


__all__ = ["Allowance", "Fixed", "Sliding"]

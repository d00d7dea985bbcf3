"""Admission by rate: a token bucket that is told the time. It does not know what it admits."""


class Throttle:
    """Admits ``rate_per_second`` in the long run and ``burst`` at once (one second's worth when not given).

    The bucket is kept as the moment at which it would be full again, so that admitting is one comparison.
    """

    __slots__ = ("_full_at", "burst", "rate_per_second")

    def __init__(self, rate_per_second: float, burst: float | None = None) -> None:
        if rate_per_second <= 0:
            raise ValueError(f"rate_per_second: {rate_per_second}, must be above 0")
        self.rate_per_second = rate_per_second
        self.burst = max(1.0, rate_per_second if burst is None else burst)
        self._full_at = float("-inf")

    def admit(self, now: float) -> bool:
        """Take one token at ``now`` (seconds, never running backwards); False when there is none."""
        interval = 1.0 / self.rate_per_second
        full_at = max(self._full_at, now) + interval
        # a thousandth of a token of slack, so that sums of floats do not cost a message at the boundary
        if full_at - now > (self.burst + 0.001) * interval:
            return False
        self._full_at = full_at
        return True

    def has_room(self, now: float) -> bool:
        """Whether ``admit`` would, without taking the token."""
        return now >= self.room_at(now)

    def room_at(self, now: float) -> float:
        """From when on one more would be admitted: ``now`` where it is already."""
        interval = 1.0 / self.rate_per_second
        return max(now, self._full_at - (self.burst - 0.999) * interval)

    def spend(self, now: float) -> None:
        """Take one token whether there is one or not: what was lent is made good before the next is admitted."""
        self._full_at = max(self._full_at, now) + 1.0 / self.rate_per_second

    def fullness(self, now: float) -> float:
        """How much of what may be admitted at once has been, from 0.0 to 1.0: at 1.0 the next one has to wait."""
        taken = max(0.0, self._full_at - now) * self.rate_per_second
        # what is left may be less than one token, and is then as good as nothing
        return 1.0 if taken > self.burst - 0.999 else taken / self.burst

    def reset(self) -> None:
        """Fill the bucket."""
        self._full_at = float("-inf")

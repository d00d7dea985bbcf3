"""How long things take: a delay turns one draw in [0, 1) into seconds. It knows no message and no clock.

Each prints itself as a scenario file writes it: `lognormal p50 2s p99 40s`. Nobody's delay is below 0, and none is
endless: a draw is one of 2**32 equally wide steps, and its middle is taken.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, exp, inf, log, log1p
from statistics import NormalDist
from typing import Final, Protocol

_HALF_A_STEP: Final = 2.0**-33
_LAST_STEP: Final = 1.0 - _HALF_A_STEP
_STANDARD: Final = NormalDist()
_inv_cdf: Final = _STANDARD.inv_cdf
_Z99: Final = _STANDARD.inv_cdf(0.99)
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def seconds_text(seconds: float) -> str:
    """Seconds as people write them: `250ms`, `2s`, `1h30m`, `never` for infinity. Reads back as the same number."""
    if seconds == inf:
        return "never"
    if seconds != int(seconds):
        exact = Decimal(repr(seconds))
        # milliseconds where that is shorter: 250ms, but 2.5s
        return f"{number_text(exact * 1000)}ms" if seconds < 1 else f"{number_text(exact)}s"
    words, rest = [], int(seconds)
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"


def span_text(seconds: float) -> str:
    """How long something still takes, for people: beyond a minute in whole seconds, and never less than it takes."""
    return seconds_text(float(ceil(seconds)) if 60 < seconds < inf else round(seconds, 3))


def number_text(number: Decimal | float) -> str:
    """A number without an exponent and without idle zeros: `0.5`, `50`."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    text = format(exact, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _standard_score(draw: float) -> float:
    """How many standard deviations from the middle a draw lies: -6.3 to 6.3."""
    middle = draw + _HALF_A_STEP
    return _inv_cdf(min(_LAST_STEP, middle))


class Delay(Protocol):
    """A distribution of seconds; ``is_fixed`` tells that no draw is needed."""

    @property
    def is_fixed(self) -> bool:
        """Whether every draw gives the same."""

    def seconds(self, draw: float) -> float:
        """Seconds for a draw in [0, 1)."""


@dataclass(slots=True, frozen=True)
class Fixed:
    """Always ``value`` seconds."""

    value: float

    def __str__(self) -> str:
        return seconds_text(self.value)

    @property
    def is_fixed(self) -> bool:
        """No draw is needed."""
        return True

    def seconds(self, draw: float) -> float:
        """The value, whatever the draw."""
        return self.value


@dataclass(slots=True, frozen=True)
class Between:
    """Evenly spread from ``low`` to ``high`` seconds."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{seconds_text(self.low)}..{seconds_text(self.high)}"

    @property
    def is_fixed(self) -> bool:
        """A draw is needed."""
        return False

    def seconds(self, draw: float) -> float:
        """The point that the draw picks."""
        return self.low + (self.high - self.low) * draw


@dataclass(slots=True, frozen=True)
class Lognormal:
    """Half within ``p50`` seconds, 99 of 100 within ``p99``, and a long tail: what carriers under load look like.

    Raises ValueError unless 0 < p50 <= p99.
    """

    p50: float
    p99: float
    _sigma: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.p50 <= self.p99:
            raise ValueError(f"lognormal: p50 {seconds_text(self.p50)}, above 0 and at most p99")
        object.__setattr__(self, "_sigma", log(self.p99 / self.p50) / _Z99)

    def __str__(self) -> str:
        return f"lognormal p50 {seconds_text(self.p50)} p99 {seconds_text(self.p99)}"

    @property
    def is_fixed(self) -> bool:
        """A draw is needed."""
        return False

    def seconds(self, draw: float) -> float:
        """The quantile that the draw picks."""
        # as `_standard_score` does, which costs a call more of each message
        middle = draw + _HALF_A_STEP
        return self.p50 * exp(self._sigma * _inv_cdf(min(_LAST_STEP, middle)))


@dataclass(slots=True, frozen=True)
class Normal:
    """Around ``mean`` seconds with a standard deviation of ``deviation``; what would be below 0 is 0."""

    mean: float
    deviation: float

    def __str__(self) -> str:
        return f"normal {seconds_text(self.mean)} +- {seconds_text(self.deviation)}"

    @property
    def is_fixed(self) -> bool:
        """A draw is needed."""
        return False

    def seconds(self, draw: float) -> float:
        """The quantile that the draw picks."""
        return max(0.0, self.mean + self.deviation * _standard_score(draw))


@dataclass(slots=True, frozen=True)
class Exponential:
    """Short mostly and long rarely, ``mean`` seconds in the middle of all: the wait for what comes by chance."""

    mean: float

    def __str__(self) -> str:
        return f"exponential {seconds_text(self.mean)}"

    @property
    def is_fixed(self) -> bool:
        """A draw is needed."""
        return False

    def seconds(self, draw: float) -> float:
        """The quantile that the draw picks; at most 23 times the mean."""
        return self.mean * abs(log1p(-min(draw, 1.0 - _HALF_A_STEP)))

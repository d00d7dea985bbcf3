"""How long things take: a delay turns one draw in [0, 1) into seconds. It knows no message and no clock."""

from dataclasses import dataclass
from typing import Protocol


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

    @property
    def is_fixed(self) -> bool:
        """A draw is needed."""
        return False

    def seconds(self, draw: float) -> float:
        """The point that the draw picks."""
        return self.low + (self.high - self.low) * draw

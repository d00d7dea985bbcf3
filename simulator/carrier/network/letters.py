"""What networks want to know of a message, beside what every carrier does.

It knows the questions alone; whoever hands messages in answers them.
"""

from typing import Protocol

from simulator.carrier.dice import Sent
from simulator.carrier.messages import Part


class Letter(Sent, Protocol):
    """What networks want to know of a message beside what every carrier does."""

    @property
    def number(self) -> int:
        """Its serial number."""

    @property
    def text(self) -> str:
        """What a person would read in it."""

    @property
    def segments_needed(self) -> int:
        """How many segments it takes."""

    @property
    def part(self) -> Part | None:
        """Which part of a longer text it is."""

    @property
    def is_stored(self) -> bool:
        """Whether it waits for a phone that is off; else it is tried once."""

    @property
    def arrived_at(self) -> float:
        """When it came, in link time."""

    @property
    def scheduled_at(self) -> float | None:
        """When it may be sent, in carrier time."""

    @property
    def expires_at(self) -> float | None:
        """Until when it is valid, in carrier time."""

    @property
    def wants_progress(self) -> bool:
        """Whether its sender wants to be told before the end, too."""

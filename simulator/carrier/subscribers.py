"""Phones: each is on or off, and what comes for one that is off waits for it. No clock, no PDU, nobody to be told."""

from typing import Final, Generic, TypeVar

from simulator.carrier.messages import Cause, Message, bare

ABSENT: Final = Cause("absent_subscriber", "027", is_temporary=True)
"""The phone is off; 27 is what a mobile network calls it (3GPP 29.002, absentSubscriber)."""
PATIENCE: Final = 259_200.0
"""Seconds that a message without a validity of its own waits for a phone that is off: three days."""

M = TypeVar("M", bound=Message)


class Subscribers(Generic[M]):
    """The phones. All that were never named are on; numbers are compared without a leading ``+``."""

    __slots__ = ("off",)

    def __init__(self) -> None:
        self.off: dict[str, dict[M, None]] = {}
        """Bare numbers of the phones that are off, each with the messages that wait for it, oldest first."""

    def is_on(self, number: str) -> bool:
        """Whether that phone is on."""
        return bare(number) not in self.off

    def switch_off(self, number: str) -> None:
        """That phone is off from now on."""
        self.off.setdefault(bare(number), {})

    def switch_on(self, number: str) -> list[M]:
        """That phone is on from now on; returns what has waited for it and is not final meanwhile, oldest first."""
        return [message for message in self.off.pop(bare(number), {}) if not message.is_final]

    def hold(self, message: M, now: float) -> float:
        """Its phone is off: it waits from carrier time ``now`` on. Returns the moment until which it does."""
        self.off[bare(message.destination.number)][message] = None
        return now + PATIENCE if message.expires_at is None else message.expires_at

    def let_go(self, message: M) -> None:
        """A message waits no longer, whether it did or not."""
        self.off.get(bare(message.destination.number), {}).pop(message, None)

    def reset(self) -> None:
        """All phones are on again, and nothing waits."""
        self.off.clear()

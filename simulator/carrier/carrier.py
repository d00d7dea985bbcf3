"""What the network decides about a message: ``Carrier.submit`` gives a Verdict. No PDU, no socket, no clock."""

from typing import Any, Final

from simulator.carrier.accounts import Account
from simulator.carrier.delays import Delay, Fixed
from simulator.carrier.dice import Dice
from simulator.carrier.messages import DELIVERED, ENROUTE, EXPIRED, Cause, Message, Outcome, Verdict
from simulator.carrier.subscribers import Subscribers

THROTTLED: Final = Cause("throttled", is_temporary=True)
VALIDITY_OVER: Final = Cause("validity_over")

_DELIVERY_DRAW: Final = 0


class Carrier:
    """A network that delivers everything after ``delay``, within each message's schedule and validity."""

    def __init__(self, *, seed: int = 0, delay: Delay = Fixed(0.3)) -> None:
        self.dice = Dice(seed)
        self.delay = delay
        self.subscribers: Subscribers[Any] = Subscribers()
        self._throttled = Verdict(accepted=False, cause=THROTTLED)
        self.plain = Verdict(accepted=True, outcomes=(Outcome(delay.seconds(0.0), DELIVERED),))
        """What nearly every message gets where the delay is fixed: one object for all of them."""

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        """Decide about a message at carrier time ``now``; ``account`` is who sent it.

        The outcomes' delays count from now, or from the scheduled moment when that lies ahead.
        """
        throttle = account.throttle
        if throttle is not None and not throttle.admit(message.arrived_at):
            return self._throttled
        return self.plan(message, now)

    def plan(self, message: Message, now: float) -> Verdict:
        """The same for a message that is admitted already: what will become of it."""
        if self.delay.is_fixed and message.expires_at is None and not message.wants_progress:
            return self.plain
        return self._story(message, now)

    def _story(self, message: Message, now: float) -> Verdict:
        delay = self.delay
        span = delay.seconds(0.0 if delay.is_fixed else self.dice.throw(message).draw(_DELIVERY_DRAW))
        start = max(now, message.scheduled_at or now)
        final = Outcome(span, DELIVERED)
        if message.expires_at is not None and start + span > message.expires_at:
            span = max(0.0, message.expires_at - start)
            final = Outcome(span, EXPIRED, VALIDITY_OVER)
        if message.wants_progress:
            return Verdict(accepted=True, outcomes=(Outcome(span / 2, ENROUTE, is_final=False), final))
        return Verdict(accepted=True, outcomes=(final,))

    def reset(self) -> None:
        """Luck starts over, and all phones are on."""
        self.dice.reset()
        self.subscribers.reset()

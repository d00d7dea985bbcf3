"""What the network decides about a message: ``Carrier.submit`` gives a Verdict. No PDU, no socket, no clock."""

from typing import Any, Final, Protocol

from simulator.carrier.accounts import Account
from simulator.carrier.delays import Delay, Fixed
from simulator.carrier.dice import Dice
from simulator.carrier.messages import DELIVERED, ENROUTE, EXPIRED, Cause, Message, Outcome, Verdict
from simulator.carrier.phones.subscribers import Subscribers

THROTTLED: Final = Cause("throttled", is_temporary=True)
VALIDITY_OVER: Final = Cause("validity_over")

DELIVERY: Final = Fixed(0.3)
"""How long a delivery takes where nobody says it."""
AT_ONCE: Final = Fixed(0.0)

_DELIVERY_DRAW: Final = 0
_RESPONSE_DRAW: Final = 1


class Gate(Protocol):
    """Who admits messages where more is agreed than each account's throughput."""

    def refusal(self, message: Any, account: Account, now: float) -> Verdict | None:
        """The verdict on a message that came at carrier time ``now`` and is too much; None admits and counts it."""


class Carrier:
    """A network that delivers everything after ``delay``, within each message's schedule and validity.

    It says so after ``respond``; whom it throttles it tells at once.
    """

    def __init__(self, *, seed: int = 0, delay: Delay = DELIVERY, respond: Delay = AT_ONCE) -> None:
        self.dice = Dice(seed)
        self.retime(delay, respond)
        self.subscribers: Subscribers[Any] = Subscribers()
        self.gate: Gate | None = None
        """Asked instead of the account's throttle, which is then the gate's to ask; None where there is no more."""
        self._throttled = Verdict(accepted=False, cause=THROTTLED)

    def retime(self, delay: Delay, respond: Delay) -> None:
        """It takes so long from now on; what was promised already comes as it was promised."""
        self.delay = delay
        self.respond = respond
        self._is_fixed = delay.is_fixed and respond.is_fixed
        self.plain = Verdict(
            accepted=True,
            respond_after=respond.seconds(0.0),
            outcomes=(Outcome(delay.seconds(0.0), DELIVERED),),
        )
        """What nearly every message gets where the delays are fixed: one object for all of them."""

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        """Decide about a message at carrier time ``now``; ``account`` is who sent it.

        The outcomes' delays count from now, or from the scheduled moment when that lies ahead.
        """
        if self.gate is not None:
            return self.gate.refusal(message, account, now) or self.plan(message, now)
        throttle = account.throttle
        if throttle is not None and not throttle.admit(message.arrived_at):
            return self._throttled
        return self.plan(message, now)

    def plan(self, message: Message, now: float) -> Verdict:
        """The same for a message that is admitted already: what will become of it."""
        if self._is_fixed and message.expires_at is None and not message.wants_progress:
            return self.plain
        return self._story(message, now)

    def replan(self, message: Message, now: float) -> Verdict:
        """The same for one whose text another has taken the place of, since it was admitted."""
        return self.plan(message, now)

    def _story(self, message: Message, now: float) -> Verdict:
        # a throw counts the message, so there is none where nothing needs it
        luck = None if self._is_fixed else self.dice.throw(message)
        span = self.delay.seconds(0.0 if luck is None else luck.draw(_DELIVERY_DRAW))
        respond_after = self.respond.seconds(0.0 if luck is None else luck.draw(_RESPONSE_DRAW))
        start = max(now, message.scheduled_at or now)
        final = Outcome(span, DELIVERED)
        if message.expires_at is not None and start + span > message.expires_at:
            span = max(0.0, message.expires_at - start)
            final = Outcome(span, EXPIRED, VALIDITY_OVER)
        progress = (Outcome(span / 2, ENROUTE, is_final=False),) if message.wants_progress else ()
        return Verdict(accepted=True, respond_after=respond_after, outcomes=(*progress, final))

    def reset(self) -> None:
        """Luck starts over, and all phones are on."""
        self.dice.reset()
        self.subscribers.reset()

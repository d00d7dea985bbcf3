"""Phones that are off: what waits for them, and who is alerted when they return (SMPP 3.4, 4.12 and 5.3.2.29).

Whether a phone is on is the model's to know (carrier/subscribers.py); here stands what follows from it for messages on
their way and for the ESMEs that sent them. An ESME that set set_dpf is told by dpf_result whether it will be alerted.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.journal import PHONE_SWITCHED
from simulator.smpp.tlvs import Tlv
from simulator.smsc.objections import Submitting
from simulator.smsc.outbox import Delivery
from simulator.smsc.subscribers.alerts import Alert, asks_for_alert, pending_flag
from simulator.smsc.translate import ABSENT, DELIVERED, EXPIRED, UNDELIVERABLE, Outcome, Submission, bare

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc
    from simulator.smsc.subscribers.people import People

ALERTS_MAX: Final = 100_000
"""How many alerts may be owed; beyond it no more are promised."""


@dataclass(slots=True, frozen=True)
class Phone:
    """A phone as it is now: how many messages wait for it, and how many ESMEs will be alerted when it returns."""

    number: str
    is_on: bool
    waiting: int = 0
    alerts: int = 0


class Phones:
    """What the SMSC does about phones that are off."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self._subscribers = smsc.carrier.subscribers
        self._alerts: dict[str, dict[Alert, None]] = {}
        self._owed = 0
        self.people: People | None = None
        """Who has the phones, where networks are played: then more can be said of a phone than that it is off."""

    def __getitem__(self, number: str) -> Phone:
        """The phone of that number."""
        known = bare(number)
        waiting = self._subscribers.off.get(known)
        if waiting is None:
            return Phone(known, is_on=True)
        tried = 0 if self.people is None else self.people.tried(known)
        return Phone(known, is_on=False, waiting=len(waiting) + tried, alerts=len(self._alerts.get(known, ())))

    def are_off(self) -> list[Phone]:
        """All phones that are off, in the order in which they were switched off."""
        return [self[number] for number in self._subscribers.off]

    def switch(self, number: str, now: float, *, is_on: bool) -> Phone:
        """Switch a phone on or off; returns how it was left: what had waited for it is on its way now."""
        before = self[number]
        if before.is_on != is_on:
            at = self._smsc.clock.at(now)
            self._smsc.journal.record(at, PHONE_SWITCHED, 0, None, f"{before.number} is {'on' if is_on else 'off'}")
            if is_on:
                self._return(before.number, at, now)
            else:
                self._subscribers.switch_off(before.number)
            if self.people is not None:
                self.people.plan_anew(before.number, at, is_alerted=is_on)
        return Phone(before.number, is_on, before.waiting, before.alerts)

    def _return(self, number: str, at: float, now: float) -> None:
        waited = self._subscribers.switch_on(number)
        self.alert(number, at, now)
        for message in waited:
            # on the agenda and not done at once: there may be very many
            self._smsc.plan(message, (Outcome(at - message.begins_at, DELIVERED),))

    def alert(self, number: str, at: float, now: float) -> None:
        """That phone is back: ESMEs that wanted to know are told so."""
        alerts = self._alerts.pop(number, {})
        self._owed -= len(alerts)
        for alert in alerts:
            self._smsc.outbox(alert.account).offer(Delivery(alert, at), now)

    def is_missed(self, message: Submission, at: float) -> bool:
        """Whether a message that arrives at carrier time ``at`` finds its phone off; what is merely told to arrive,
        because its network says so before it knows, does not look for it.
        """
        if bare(message.destination.number) not in self._subscribers.off:
            return False
        return self.people is None or not self.people.is_told_ahead(message, at)

    def tried(self, message: Submission, at: float, now: float) -> None:
        """A message was to be delivered at carrier time ``at``, and its phone is off: it waits or has failed."""
        if asks_for_alert(message.pdu):
            self._promise(message)
        if message.is_stored:
            until = self._subscribers.hold(message, at)
            self._smsc.plan(message, (Outcome(until - message.begins_at, EXPIRED, ABSENT),))
        else:
            self._smsc.conclude(message, Outcome(at - message.begins_at, UNDELIVERABLE, ABSENT), at, now)

    def _promise(self, message: Submission) -> bool:
        alerts = self._alerts.setdefault(bare(message.destination.number), {})
        alert = Alert(message.account, message.destination, message.source)
        if alert not in alerts:
            if self._owed >= ALERTS_MAX:
                return False
            alerts[alert] = None
            self._owed += 1
        return True

    def pending_flag(self, pdu: Submitting, message: Submission, version: int) -> tuple[Tlv, ...]:
        """What the response says to a set_dpf: whether the delivery is pending, and an alert will come."""
        if not asks_for_alert(pdu):
            return ()
        is_pending = not self._subscribers.is_on(message.destination.number) and self._promise(message)
        return pending_flag(pdu, version, is_pending=is_pending)

    def reset(self) -> None:
        """Nobody is to be alerted any more; that all phones are on again is the model's to do."""
        self._alerts.clear()
        self._owed = 0

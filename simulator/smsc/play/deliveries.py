"""What goes to ESMEs: receipts and subscribers' messages, until they are acknowledged or have failed for good.

It knows whom an outcome is told, what waits behind a response that has not left, and what an answer means. How a
delivery looks is its own, in which order they leave the outbox's.
"""

from typing import TYPE_CHECKING

from simulator.carrier.messages import DELIVERED, ENROUTE, UNDELIVERABLE, Outcome, Overtaking
from simulator.journal import (
    ALERT_FAILED,
    MO_ACKNOWLEDGED,
    MO_FAILED,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_FAILED,
    RETRY,
)
from simulator.scenario.fate import ScriptedOutcome
from simulator.smsc.outbox import Delivery, Outbox
from simulator.smsc.play.steering import meant
from simulator.smsc.receipts import wants
from simulator.smsc.subscribers.alerts import Alert
from simulator.smsc.translate import Incoming, Submission

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc


class Deliveries:
    """The deliveries of one SMSC."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self._outboxes: dict[str, Outbox] = {}
        self._held: dict[int, list[Delivery]] = {}
        """By session number: messages whose fate is due, but whose response has not left yet."""

    def outbox(self, account: str) -> Outbox:
        """What waits for this account's receivers."""
        outbox = self._outboxes.get(account)
        if outbox is None:
            terms = self._smsc.terms_of(account)
            outbox = self._outboxes[account] = Outbox(
                self._smsc.agenda, terms.waiting_max, self._overflown, self._target
            )
        return outbox

    def _target(self, delivery: Delivery) -> "Session | None":
        """The session to which a scenario wants a delivery to go, where it is there and can take it."""
        form, message = delivery.form, delivery.message
        assert form is not None
        assert not isinstance(message, Alert)
        own = self._smsc.sessions.get(message.session) if isinstance(message, Submission) else None
        word = form.session or "all"
        stage = self._smsc.stage
        assert stage is not None
        if word == "next_bound":
            newcomer = stage.telling.newcomer
            return newcomer if newcomer is not None and newcomer.seat.account_name == message.account else None
        if word == "same" and own is None:
            # it has ended, and no other one will ever be the same
            word = "all"
        bound = self._smsc.sessions_of(message.account)
        if word not in {"TX", "same"}:
            # whoever only sends is meant where that is said
            bound = [one for one in bound if one.can_receive]
        if word == "other" and own in bound and len(bound) == 1:
            # there is no other one, and none comes because of this receipt
            word = "same"
        lot = f"session {message.account} {message.number}"
        found = meant(word, bound, own, lambda _: self._smsc.carrier.dice.named(lot))
        return next((one for one in found if form.ignore_window or one.can_take or not one.can_receive), None)

    def waiting(self) -> int:
        """Deliveries of all accounts that wait: for a receiver, their next attempt, a response to leave, or a scenario.

        That keeps them for a bind, or in piles.
        """
        waiting = sum(outbox.kept for outbox in self._outboxes.values()) + sum(map(len, self._held.values()))
        stage = self._smsc.stage
        return waiting if stage is None else waiting + stage.telling.at_bind + stage.piles.not_owed

    def left(self, session: "Session", now: float) -> None:
        """Responses of this session have left, or never will: what waited behind them is looked at again."""
        if self._held:
            held = self._held.pop(session.number, [])
            for delivery in held:
                if session.is_open and _is_before_its_response(delivery.message, session):
                    self._held.setdefault(session.number, []).append(delivery)
                else:
                    self.outbox(delivery.message.account).offer(delivery, now)

    def tell(self, message: Submission, outcome: Outcome, at: float, now: float) -> None:
        """Tell a message's sender of an outcome, where he asked for it."""
        if self._smsc.stage is not None and (message.fate is not None or self._smsc.stage.asks("receipt")):
            self._smsc.stage.telling.tell(message, outcome, at, now)
        elif wants(message, outcome):
            message.receipts_due += 1
            self.send(message, Delivery(message, at, outcome), now)

    def send(self, message: Submission, delivery: Delivery, now: float) -> None:
        """A receipt leaves that is counted as due already, behind the response of its message."""
        session = self._smsc.sessions.get(message.session)
        if session is not None and _is_before_its_response(message, session) and not goes_first(delivery.outcome):
            # the response has not left yet: no receipt overtakes it
            self._held.setdefault(session.number, []).append(delivery)
        else:
            self.outbox(message.account).offer(delivery, now)

    def tell_again(self, message: Submission, outcome: Outcome, at: float, after: float) -> None:
        """Tell of an end a second time, ``after`` seconds behind its moment ``at``, in the same words."""
        # from now on, so that what it tells of the message is kept as long as it waits
        message.receipts_due += 1
        self._smsc.agenda.put(at + after, self._told_again, (message, outcome, at))

    def _told_again(self, subject: tuple[Submission, Outcome, float], now: float) -> None:
        message, outcome, at = subject
        message.receipts_due -= 1
        self.tell(message, outcome, at, now)

    def offer(self, delivery: Delivery, now: float) -> None:
        """One more for its account's receivers."""
        self.outbox(delivery.message.account).offer(delivery, now)

    def settle(self, session: "Session", delivery: Delivery, status: int | None, now: float) -> None:
        """A delivery was answered by its session's ESME with ``status``; None when there was no answer in time."""
        journal, message, retry, at = self._smsc.journal, delivery.message, session.terms.retry, session.at
        is_temporary = status is None or status in retry.statuses
        assert not isinstance(message, Alert)
        if delivery.form is not None and delivery.form.repeat is not None:
            assert self._smsc.stage is not None
            if self._smsc.stage.telling.resent(session, delivery, status, now):
                return
            is_temporary = False
        if status == 0:
            if isinstance(message, Submission):
                message.receipts_acknowledged += 1
                journal.record(at, RECEIPT_ACKNOWLEDGED, session.number, message, delivery.outcome)
            else:
                journal.record(at, MO_ACKNOWLEDGED, session.number, message, delivery.segment)
                self._mo_settled(message, at, is_acknowledged=True)
        elif is_temporary and self.outbox(message.account).again(delivery, retry, now):
            journal.record(at, RETRY, session.number, message, status)
        else:
            self.give_up(delivery, status, session.number, at)

    def _overflown(self, delivery: Delivery, now: float) -> None:
        self.give_up(delivery, "too many wait for a receiver", 0, self._smsc.clock.at(now))

    def give_up(self, delivery: Delivery, why: int | str | None, session: int, at: float) -> None:
        """A delivery has failed: for its answer's status, for want of one, or because it has no wire form."""
        journal, message = self._smsc.journal, delivery.message
        if isinstance(message, Submission):
            message.receipts_due -= 1
            journal.record(at, RECEIPT_FAILED, session, message, why)
        elif isinstance(message, Alert):
            journal.record(at, ALERT_FAILED, session, message, why)
        else:
            journal.record(at, MO_FAILED, session, message, why)
            self._mo_settled(message, at, is_acknowledged=False)

    def _mo_settled(self, message: Incoming, at: float, *, is_acknowledged: bool) -> None:
        """One segment was acknowledged, or it has failed for good."""
        if not is_acknowledged:
            message.state, message.done_at = UNDELIVERABLE, at
            return
        message.unacknowledged -= 1
        if not message.unacknowledged and message.state == ENROUTE:
            message.state, message.done_at = DELIVERED, at

    def forget(self, account: str) -> None:
        """Forget all that waits for one account; its receivers stay."""
        for number, held in self._held.items():
            self._held[number] = [one for one in held if one.message.account != account]
        if account in self._outboxes:
            self._outboxes[account].clear()

    def reset(self) -> None:
        """Forget all that waits; receivers stay."""
        self._held.clear()
        for outbox in self._outboxes.values():
            outbox.clear()
        self._outboxes = {name: one for name, one in self._outboxes.items() if one.receivers}


def _is_before_its_response(message: Submission | Incoming | Alert, session: "Session") -> bool:
    return isinstance(message, Submission) and session.writes <= message.leaves_with


def goes_first(outcome: Outcome | None) -> bool:
    """Whether it is told in front of the response, because a scenario says so or a network is that quick."""
    # a plain outcome, as nearly all are, is told apart at once
    if outcome.__class__ is Outcome:
        return False
    return isinstance(outcome, Overtaking) or (isinstance(outcome, ScriptedOutcome) and outcome.before_response)


__all__ = ["Deliveries", "goes_first"]

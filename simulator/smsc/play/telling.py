"""Receipts and subscribers' messages under a scenario: whether they are sent, to whom, in what form, and how often.

It knows forms and deliveries. What has become of a message was decided before; what is written, shaping makes.
"""

from collections import deque
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import PDU_SENT, RETRY
from simulator.scenario.fate import ScriptedOutcome, merged
from simulator.scenario.forms.forms import ReceiptForm
from simulator.scenario.words.wire_words import Octets
from simulator.shaping.facts import Facts
from simulator.smpp.constants import TlvTag
from simulator.smpp.tlvs import first
from simulator.smsc.outbox import Delivery, is_kept
from simulator.smsc.play.sending import interval_of, repeat, send_formed
from simulator.smsc.play.unsaid import err_of
from simulator.smsc.receipts import network_error, wants
from simulator.smsc.routing import NoRoute
from simulator.smsc.subscribers.incoming import incoming
from simulator.smsc.translate import (
    DELIVERED,
    Incoming,
    Outcome,
    Submission,
    address_from,
    wire_state,
)

if TYPE_CHECKING:
    from simulator.scenario.fate import Fate
    from simulator.scenario.forms.forms import MoForm, Repeat
    from simulator.scenario.then import Send
    from simulator.smpp.pdus import DataSm, DeliverSm
    from simulator.smsc.play.sending import Errand
    from simulator.smsc.play.stage import Stage
    from simulator.smsc.session import Session

REPEATS_MAX: Final = 1_000_000
MERGED_MAX: Final = 10_000


class Telling:
    """What the stage of one SMSC tells ESMEs."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._smsc = stage.smsc
        self._at_bind: dict[str, deque[Delivery]] = {}
        """By account: receipts that wait for its next bind."""
        self.newcomer: Session | None = None
        """The session that is being bound."""
        self._merged: dict[tuple[int, ...], tuple[Any, tuple[Any, ...]]] = {}
        self._covered: dict[tuple[int, int], deque[tuple[Delivery, DeliverSm | DataSm]]] = {}
        """By session and sequence_number: deliveries that wait behind one of the same number."""
        self._is_asking_of_mo = False
        """Whether rules are being asked about a subscriber's message: one that they send is not asked about, too."""

    # ------------------------------------------------------------------ receipts

    def tell(self, message: Submission, outcome: Outcome, at: float, now: float, end: "Fate | None" = None) -> None:
        """Tell a message's sender of an outcome, as the scenario says or as he has asked.

        ``end`` is what rules said when the message reached its end.
        """
        stage, fate = self._stage, message.fate
        planned = outcome if isinstance(outcome, ScriptedOutcome) else None
        if end is not None and end.outcomes is not None:
            if self._is_asked(message, outcome, self._form(end, planned, fate)):
                self._instead(message, end, at)
            return
        if stage.asks("receipt") and self._is_asked(message, outcome, self._form(end, planned, fate)):
            session = self._smsc.sessions.get(message.session)
            event = stage.happen("receipt", session, now, message=message, pdu=message.pdu)
            if event is not None and event.outcomes is not None:
                self._instead(message, event, at)
                return
        else:
            event = None
        form = self._form(event, end, planned, fate)
        if self._is_asked(message, outcome, form):
            self._send(message, outcome, form, at, now)

    def _instead(self, message: Submission, event: "Fate", at: float) -> None:
        """A rule says what is told instead: nothing, or other things at other times."""
        for outcome in event.outcomes or ():
            self._smsc.agenda.put(at + outcome.after, self._later, (message, outcome, event))

    def _later(self, subject: Any, now: float) -> None:
        message, outcome, event = subject
        self._send(message, outcome, self._form(event, outcome, message.fate), self._smsc.clock.at(now), now)

    def _form(self, *said: Any) -> "ReceiptForm | None":
        """One form of the event's, the outcome's and the message's own."""
        forms = [
            form
            for one in said
            if one is not None
            and (form := one.form if isinstance(one, ScriptedOutcome) else one.forms.receipts) is not None
        ]
        if len(forms) < 2:
            return forms[0] if forms else None
        one: ReceiptForm = self._once(tuple(map(id, forms)), tuple(forms), lambda: merged(forms))
        return one

    def _once(self, key: tuple[int, ...], made_of: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """A form that is made of others, made once, so that what is made ready of it is found again."""
        known = self._merged.get(key)
        if known is None:
            if len(self._merged) >= MERGED_MAX:
                self._merged.clear()
            # what it was made of is kept with it, so that no other form can have the same id()
            known = self._merged[key] = (make(), made_of)
        return known[0]

    def _is_asked(self, message: Submission, outcome: Outcome, form: "ReceiptForm | None") -> bool:
        asked = None if form is None else form.asked
        if asked == "never":
            return False
        part = message.part
        if form is not None and part is not None and form.parts in {"first", "last"}:
            wanted = 1 if form.parts == "first" else part.total
            is_meant = part.number == wanted
        else:
            is_meant = True
        if asked == "always" or not is_meant:
            return is_meant
        if isinstance(outcome, ScriptedOutcome) and outcome.tells_final != outcome.is_final:
            return wants(message, Outcome(0.0, outcome.state, is_final=outcome.tells_final))
        return wants(message, outcome)

    def _send(self, message: Submission, outcome: Outcome, form: "ReceiptForm | None", at: float, now: float) -> None:
        ids = None if message.fate is None else message.fate.forms.ids
        delivery = Delivery(message, at, outcome, form=form, ids=ids)
        # from now on, so that what it tells of the message is kept as long as it waits
        message.receipts_due += 1
        if form is not None and form.hold is not None:
            self._stage.piles.hold(form.hold, lambda then: self._smsc.deliveries.send(message, delivery, then), now)
        elif isinstance(outcome, ScriptedOutcome) and outcome.at_bind:
            waiting = self._at_bind.setdefault(message.account, deque())
            waiting.append(delivery)
            if len(waiting) > self._smsc.terms_of(message.account).waiting_max:
                self._smsc.deliveries.give_up(waiting.popleft(), "too many wait for a bind", 0, at)
        else:
            self._smsc.deliveries.send(message, delivery, now)

    @property
    def at_bind(self) -> int:
        """How many receipts wait for a bind."""
        return sum(map(len, self._at_bind.values()))

    def bound(self, session: "Session", now: float) -> None:
        """A session was bound: what has waited for that is sent."""
        account = session.seat.account_name
        outbox = self._smsc.outbox(account)
        if outbox.steered:
            self.newcomer = session
            outbox.pump(now)
            self.newcomer = None
        for delivery in self._at_bind.pop(account, ()):
            if isinstance(delivery.message, Submission):
                self._smsc.deliveries.send(delivery.message, delivery, now)

    def receipt(self, delivery: Delivery, session: "Session") -> "DeliverSm | DataSm":
        """The PDU of a receipt, for that session."""
        message, outcome = delivery.message, delivery.outcome
        assert isinstance(message, Submission)
        assert outcome is not None
        stage, cause, ids = self._stage, outcome.cause, delivery.ids
        reference = None if message.pdu is None else first(message.pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
        own = stage.id_in_receipts(message, ids)
        facts = Facts(
            message_id=own,
            state=outcome.state,
            state_number=wire_state(outcome.state, session.connection.version),
            submitted_at=message.submitted_at,
            done_at=delivery.at,
            source=message.source,
            destination=message.destination,
            text=message.text,
            dlvrd=int(outcome.state == DELIVERED),
            account=message.account,
            err=err_of(outcome.state, cause),
            is_final=outcome.tells_final if isinstance(outcome, ScriptedOutcome) else outcome.is_final,
            previous_id=message.id_before,
            base=stage.radix_of(ids),
            part=1 if message.part is None else message.part.number,
            total=1 if message.part is None else message.part.total,
            reference=reference,
            network_error=network_error(cause),
            vendors=() if self._smsc.receipt_tlvs is None else self._smsc.receipt_tlvs(message),
        )
        form = delivery.form
        assert form is None or isinstance(form, ReceiptForm)
        shape = stage.receipt_shape(form, ids)
        return shape.pdu(facts)

    # ------------------------------------------------------------------ subscribers' messages

    def formed(self, message: Incoming, deliveries: list[Delivery], now: float) -> list[Delivery]:
        """A subscriber's message in the form that the scenario wants; nothing of it where it is lost."""
        event = self._asked_of(message, None, now)
        form = self._stage.script.forms.mo if event is None else event.forms.mo
        if event is not None and event.outcomes == ():
            return []
        return deliveries if form is None else self.divided(message, form, message.whole, now)

    def _asked_of(self, message: Incoming, session: "Session | None", now: float) -> "Fate | None":
        """What rules say of a subscriber's message, unless they have sent it for another one: it might go on so for
        ever.
        """
        if self._is_asking_of_mo:
            return None
        self._is_asking_of_mo = True
        try:
            return self._stage.happen("mo", session, now, message=message, pdu=message.segments[0])
        finally:
            self._is_asking_of_mo = False

    def divided(self, message: Incoming, form: "MoForm", text: str | bytes, now: float) -> list[Delivery]:
        """Divide a subscriber's message as a form says; parts that come later are offered in their own time."""
        try:
            pdus = self._pdus(message, form, text)
        except ValueError as error:
            # more parts than a text can have: it goes as it would without a scenario
            self._smsc.journal.record(self._smsc.clock.at(now), PDU_SENT, 0, message, f"mo not formed: {error}")
            return [Delivery(message, message.submitted_at, None, one) for one in range(len(message.segments))]
        message.segments = tuple(pdu for _, pdu in pdus)
        message.unacknowledged = len(pdus)
        at_once = []
        for number, (after, _) in enumerate(pdus):
            delivery = Delivery(message, message.submitted_at, None, number, form=form)
            if form.hold is not None:
                self._stage.piles.hold(form.hold, self._offer_of(delivery), now)
            elif after:
                self._smsc.outbox(message.account).offer_at(now + after, delivery)
            else:
                at_once.append(delivery)
        return at_once

    def _pdus(
        self, message: Incoming, form: "MoForm", text: str | bytes
    ) -> "tuple[tuple[float, DeliverSm | DataSm], ...]":
        return self._stage.mo_shape(form).pdus(
            message.source,
            message.destination,
            text,
            message.number,
            split=message.split,
            language=message.language,
            message_type=message.extras.message_type,
            registered_delivery=message.extras.registered_delivery,
            tlvs=message.extras.tlvs,
        )

    def _offer_of(self, delivery: Delivery) -> Any:
        return lambda now: self._smsc.deliveries.offer(delivery, now)

    def write_as_subscriber(self, errand: "Errand", now: float) -> None:
        """A subscriber writes because a rule says so."""
        form, session = errand.form, errand.session
        assert form.mo is not None
        ends = [
            address_from(str(end.number) if end is not None and end.number is not None else "")
            for end in (form.mo.source, form.mo.destination)
        ]
        known = errand.message
        if known is not None:
            # who was written to answers
            ends = [
                end if end.number else other for end, other in zip(ends, (known.destination, known.source), strict=True)
            ]
        account = form.account or (
            session.account.name if session is not None and session.account is not None else None
        )
        smsc, written = self._smsc, form.mo.text
        text = written.value if isinstance(written, Octets) else str("" if written is None else written)
        whole = text.decode("latin-1") if isinstance(text, bytes) else text
        try:
            owner = smsc.routing.account_for(ends[1], account)
        except NoRoute as error:
            smsc.journal.record(smsc.clock.at(now), PDU_SENT, 0, f"mo not sent: {error}")
            return
        message = incoming(owner, smsc.next_number(), (ends[0], ends[1]), whole, (smsc.clock.at(now), now))
        event = self._asked_of(message, session, now)
        if event is not None and event.outcomes == ():
            return
        others = self._stage.script.forms.mo if event is None else event.forms.mo
        smsc.created(message, self.divided(message, self._mo_form(form, others), text, now), now)

    def _mo_form(self, form: "Send", others: "MoForm | None") -> "MoForm":
        """The form of a message that a rule has sent: what stands in it, beside it, and what is said of others."""
        key = id(form), id(others)
        one: MoForm = self._once(key, (form, others), lambda: merged([form.mo, _beside(form), others]))
        return one

    # ------------------------------------------------------------------ sending and sending again

    def write(self, session: "Session", delivery: Delivery, pdu: "DeliverSm | DataSm", now: float) -> None:
        """Write a delivery as its form says; what is to be repeated is from now on."""
        form = delivery.form
        again = None if form is None else form.repeat
        if again is not None and again.sequence != "same":
            # every sending waits for its answer under a number of its own
            pdu = copy(pdu)
        send_formed(session, pdu, form, now)
        self._await(session, delivery, pdu)
        if again is None or delivery.is_repeated:
            return
        if again.blocks:
            self._smsc.outbox(delivery.message.account).stopped_by = delivery
        if again.statuses is None and delivery.attempts == 1:
            delivery.is_repeated = True
            repeat(
                self._smsc,
                again,
                now,
                lambda at: self._once_more(session, delivery, pdu, at),
                lambda at: self._is_through(session, delivery, again, at),
                ended=lambda at: self._repeated(session, delivery, at),
            )

    def _await(self, session: "Session", delivery: Delivery, pdu: "DeliverSm | DataSm") -> None:
        """Its answer settles it: where several have one number, the first answer the first of them."""
        number = pdu.sequence_number
        if session.deliveries.get(number) in {None, delivery}:
            session.deliveries[number] = delivery
        else:
            self._covered.setdefault((session.number, number), deque()).append((delivery, pdu))

    def uncover(self, session: "Session", number: int, now: float) -> None:
        """A delivery was answered: the next one with its number waits for its answer from now on."""
        covered = self._covered.get((session.number, number)) if self._covered else None
        if covered:
            delivery, pdu = covered.popleft()
            session.deliveries[number] = delivery
            session.connection.outstanding[number] = (pdu, now)
            session.arm()
            if not covered:
                del self._covered[session.number, number]

    def left(self, session: "Session") -> list[Delivery]:
        """A session has ended: the deliveries that have waited there behind others of their number."""
        keys = [key for key in self._covered if key[0] == session.number] if self._covered else ()
        return [delivery for key in keys for delivery, _ in self._covered.pop(key)]

    def _once_more(self, session: "Session", delivery: Delivery, pdu: "DeliverSm | DataSm", now: float) -> bool:
        if session.is_ending:
            # it goes to whoever is there, unless it waits for him already
            if not is_kept(delivery):
                self._smsc.deliveries.offer(delivery, now)
            return True
        form = delivery.form
        again = None if form is None else form.repeat
        if again is not None and again.sequence == "same":
            # its first sending has a place in the window already
            session.connection.send_anyway(pdu, now, is_numbered=True)
            self._await(session, delivery, pdu)
            session.wake()
        elif session.can_take or not session.can_receive or (form is not None and form.ignore_window):
            session.deliver(delivery, now)
        elif not is_kept(delivery) or (again is not None and again.times):
            # no further than the window: it leaves when there is room, as often as was promised; what is repeated
            # without end waits there once
            self._smsc.deliveries.offer(delivery, now)
        return True

    def _is_through(self, session: "Session", delivery: Delivery, again: "Repeat", now: float) -> bool:
        """Whether it is not to be sent any more, which lets go what it has stopped."""
        is_through = {
            "answered": delivery.is_answered,
            "acknowledged": delivery.is_acknowledged,
            "disconnect": session.is_ending,
            "bound": session.is_ending and bool(self._smsc.sessions_of(delivery.message.account)),
        }.get(again.until or "", False)
        if is_through:
            self._let_go(delivery)
            self._smsc.outbox(delivery.message.account).pump(now)
        return is_through

    def _repeated(self, session: "Session", delivery: Delivery, now: float) -> None:
        """It is not sent any more: what waits behind it goes, and it has failed unless an answer may still come."""
        delivery.is_repeated = False
        self._let_go(delivery)
        self._smsc.outbox(delivery.message.account).pump(now)
        if not (delivery.is_acknowledged or self._is_underway(delivery)):
            self._smsc.deliveries.give_up(delivery, None, session.number, self._smsc.clock.at(now))

    def _is_underway(self, delivery: Delivery) -> bool:
        """Whether it waits for an answer somewhere, or for a receiver."""
        account = delivery.message.account
        return (
            is_kept(delivery)
            or any(delivery in session.deliveries.values() for session in self._smsc.sessions_of(account))
            or any(one is delivery for covered in self._covered.values() for one, _ in covered)
        )

    def _let_go(self, delivery: Delivery) -> None:
        outbox = self._smsc.outbox(delivery.message.account)
        if outbox.stopped_by is delivery:
            outbox.stopped_by = None

    def resent(self, session: "Session", delivery: Delivery, status: int | None, now: float) -> bool:
        """A delivery that is to be repeated was answered, or not in time (None): whether that is no end of it."""
        form = delivery.form
        assert form is not None
        again = form.repeat
        assert again is not None
        if status is not None:
            delivery.is_answered = True
        if status == 0:
            is_first = not delivery.is_acknowledged
            delivery.is_acknowledged = True
            if again.until in {"answered", "acknowledged"} or again.statuses is not None:
                self._let_go(delivery)
            # one more answer to what was acknowledged already tells nothing new
            return not is_first
        journal, at = self._smsc.journal, self._smsc.clock.at(now)
        if again.statuses is not None:
            most = again.times or REPEATS_MAX
            if status in again.statuses and delivery.attempts <= most:
                journal.record(at, RETRY, session.number, delivery.message, status)
                due = now + interval_of(again, delivery.attempts - 1)
                self._smsc.outbox(delivery.message.account).offer_at(due, delivery)
                return True
            self._let_go(delivery)
            return False
        if delivery.is_acknowledged or delivery.is_repeated or self._is_underway(delivery):
            journal.record(at, RETRY, session.number, delivery.message, status)
            return True
        return False

    def clear(self) -> None:
        """Nothing waits any more."""
        self._at_bind.clear()
        self._covered.clear()


def _beside(form: Any) -> Any:
    """What a `send` says of the PDU beside its `mo`, as a form of that."""
    said = {
        key: getattr(form, key)
        for key in ("fields", "tlvs", "sequence", "repeat", "wire", "stream", "session", "hold")
        if getattr(form, key) is not None
    }
    return type(form.mo).model_construct(set(said), **said) if said else None


__all__ = ["Telling"]

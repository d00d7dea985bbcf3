"""The SMSC: its sessions, the lives of its messages, who gets what. The whole server without a socket or a clock.

Whoever runs it calls ``connect`` for each link, lets the sessions have their octets, and calls ``tick`` whenever
``next_deadline`` is reached. All times passed in are link time; carrier time is the clock's business.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.accounts import Account, Accounts
from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import DELETED, DELIVERED, ENROUTE, FINAL, SCHEDULED, UNDELIVERABLE, Outcome, bare
from simulator.journal import (
    ALERT_FAILED,
    ANSWERED,
    CANCELLED,
    CONCLUDED,
    CONNECTED,
    MO_ACKNOWLEDGED,
    MO_CREATED,
    MO_FAILED,
    PROGRESSED,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_FAILED,
    REPLACED,
    RESET,
    RETRY,
    SUBMITTED,
    Journal,
)
from simulator.smsc.acknowledgements import ASKED, TYPES, Acknowledgements, Kind, tlvs_about
from simulator.smsc.agenda import Agenda, CarrierClock
from simulator.smsc.alerts import Alert
from simulator.smsc.broadcasts import Broadcasts
from simulator.smsc.history import History
from simulator.smsc.incoming import MoSplit, incoming, number_of_language, segments_from
from simulator.smsc.objections import Submitting
from simulator.smsc.outbox import Delivery, Outbox
from simulator.smsc.phones import Phones
from simulator.smsc.routing import Routing
from simulator.smsc.scripted import decided
from simulator.smsc.session import Session
from simulator.smsc.store import FULL, Store
from simulator.smsc.tally import Tally
from simulator.smsc.terms import Terms
from simulator.smsc.transactions import Transactions
from simulator.smsc.translate import (
    Arrival,
    Extras,
    Incoming,
    Submission,
    Tlv,
    address_from,
    refuse,
    shorten,
    status_of,
    wants,
)

if TYPE_CHECKING:
    from simulator.scenario.script import Script

ID_SPAN: Final = 8_000_000_000
"""message_ids are ten decimal digits, as in appendix B of SMPP 3.4: 1,000,000,000 and up."""


@dataclass(slots=True, frozen=True)
class Sent:
    """What became of a subscriber's message: its row number, the account it goes to, how many deliver_sm carry it."""

    number: int
    account: str
    segments: int


class Smsc:
    """One SMSC. ``now`` is link time at the start, ``unix_time`` what the carrier's calendar shows then."""

    def __init__(
        self,
        now: float,
        unix_time: float,
        *,
        accounts: Iterable[Account] = (),
        carrier: Carrier | None = None,
        script: "Script | None" = None,
        terms: Terms = Terms(),
        terms_by_account: Mapping[str, Terms] | None = None,
        seed: int = 0,
        speed: float = 1.0,
        system_id: str = "carrier-sim",
        rows_max: int = 100_000,
        octets_max: int = 256 * 1024 * 1024,
    ) -> None:
        self.system_id = system_id
        self.seed = seed
        self.accounts = Accounts(accounts)
        self.carrier = carrier or Carrier(seed=seed)
        self.script = script
        """The rules that are asked before the carrier; None where there are none."""
        self.terms = terms
        self._terms_by_account = dict(terms_by_account or {})
        self.clock = CarrierClock(now, unix_time, speed)
        self.agenda = Agenda(self.clock)
        self.journal = Journal(events_max=6 * rows_max)
        self.store = Store(lambda account: self.terms_of(account).open_max)
        self.history = History(self.journal, self._forget, rows_max=rows_max, octets_max=octets_max)
        self.tally = Tally(self.journal)
        self.routing = Routing(self)
        self.phones = Phones(self)
        self._off = self.carrier.subscribers.off
        self.transactions = Transactions(self)
        self.acknowledgements = Acknowledgements(self)
        self.broadcasts = Broadcasts(self)
        self.sessions: dict[int, Session] = {}
        self._outboxes: dict[str, Outbox] = {}
        self._held: dict[int, list[Delivery]] = {}
        """By session number: messages whose fate is due, but whose response has not left yet."""
        self._session_numbers = count(1)
        self.next_number = count(1).__next__
        """Gives the serial number of a new message."""
        self._first_id = 1_000_000_000 + seed * 2_654_435_761 % ID_SPAN
        self._ids = count(self._first_id)

    # ------------------------------------------------------------------ sessions

    def connect(self, now: float, peer: str, wake: Callable[[], None], *, listener: str = "smpp") -> Session:
        """A transport stands: the session that serves it. ``wake`` is called when octets wait to be written."""
        session = Session(self, next(self._session_numbers), now, wake, peer=peer, listener=listener)
        self.sessions[session.number] = session
        self.journal.record(self.clock.at(now), CONNECTED, session.number, session.caller)
        return session

    def terms_of(self, account: str) -> Terms:
        """The terms of an account."""
        return self._terms_by_account.get(account, self.terms)

    def sessions_of(self, account: str) -> list[Session]:
        """The bound sessions of an account."""
        return [
            session
            for session in self.sessions.values()
            if session.account is not None and session.account.name == account and session.connection.is_bound
        ]

    def outbox(self, account: str) -> Outbox:
        """What waits for this account's receivers."""
        outbox = self._outboxes.get(account)
        if outbox is None:
            outbox = self._outboxes[account] = Outbox(self.agenda, self.terms_of(account).waiting_max, self._overflown)
        return outbox

    def bound(self, session: Session, address_range: str) -> None:
        """A session was bound: its address_range may now attract subscribers' messages."""
        if session.can_receive:
            self.routing.bound(session, address_range)

    def closed(self, session: Session, now: float) -> None:
        """A session ended."""
        self.routing.closed(session)
        self.sessions.pop(session.number, None)
        self.left(session, now)

    def left(self, session: Session, now: float) -> None:
        """Responses of this session have left, or never will: what waited behind them is looked at again."""
        if self._held:
            held = self._held.pop(session.number, [])
            for delivery in held:
                if session.is_open and self._is_before_its_response(delivery.message, session):
                    self._held.setdefault(session.number, []).append(delivery)
                else:
                    self.outbox(delivery.message.account).offer(delivery, now)

    def _is_before_its_response(self, message: Submission | Incoming | Alert, session: Session) -> bool:
        return isinstance(message, Submission) and session.writes <= message.leaves_with

    def waiting(self) -> int:
        """Deliveries that wait for a receiver, for their next attempt or for a response to leave, of all accounts."""
        waiting = sum(len(outbox.waiting) + len(outbox.retrying) for outbox in self._outboxes.values())
        return waiting + sum(map(len, self._held.values()))

    # ------------------------------------------------------------------ submissions

    def take(self, message: Submission, status: int, arrival: Arrival, *, message_id: str = "") -> float:
        """Decide about a message and put its future on the agenda; it then carries the status to answer.

        ``status`` is one that refuses it already, else 0; ``message_id`` an id that it shares with others of its
        request. Returns how many seconds later to answer, inf: never.
        """
        record, at, session = self.journal.record, arrival.at, arrival.session
        record(at, SUBMITTED, session, message)
        if status or self.store.room[message.account] <= 0:
            refuse(message, status or status_of(FULL), None if status else FULL, at)
            record(at, ANSWERED, session, message, message.status)
            return 0.0
        if self.script is None:
            verdict = self.carrier.submit(message, arrival.account, at)
        else:
            verdict = decided(self, self.script, message, arrival)
        respond_after = verdict.respond_after
        if not verdict.accepted:
            refuse(message, status_of(verdict.cause), verdict.cause, at)
            if respond_after != inf:
                record(at, ANSWERED, session, message, message.status)
            return respond_after
        number = next(self._ids)
        message.message_id = message_id or (str(number) if arrival.takes_long_ids else _short_id(number))
        self.store.add(message)
        self.routing.sent(message)
        begins_at = at if message.scheduled_at is None else message.scheduled_at
        if respond_after != inf:
            message.begins_at = begins_at = begins_at + respond_after
            record(at, ANSWERED, session, message, 0)
        else:
            message.begins_at = begins_at
        message.plan = plan = verdict.outcomes
        if plan:
            due = begins_at + plan[0].after
            if verdict is self.carrier.plain:
                # what nothing sets apart from the others is due in the order in which it came
                self.agenda.follow(due, self._outcome_due, message)
            else:
                self.agenda.put(due, self._outcome_due, message)
        return respond_after

    def next_id(self, arrival: Arrival) -> str:
        """A new message_id."""
        number = next(self._ids)
        return str(number) if arrival.takes_long_ids else _short_id(number)

    def plan(self, message: Submission, outcomes: tuple[Outcome, ...]) -> None:
        """From now on these are a live message's future; their delays count from its beginning."""
        message.plan, message.step = outcomes, 0
        self._schedule(message)

    def _schedule(self, message: Submission) -> None:
        if message.step < len(message.plan):
            due = message.begins_at + message.plan[message.step].after
            self.agenda.put(due, self._outcome_due, message)

    def _outcome_due(self, message: Any, now: float) -> None:
        step, plan = message.step, message.plan
        if message.state in FINAL or step >= len(plan):
            return
        outcome: Outcome = plan[step]
        at = message.begins_at + outcome.after
        if self.clock.at(now) < at:
            # a stale item: the message was planned anew, for later
            return
        if self._off and outcome.state == DELIVERED and bare(message.destination.number) in self._off:
            self.phones.tried(message, at, now)
            return
        message.step = step + 1
        if outcome.is_final:
            self.conclude(message, outcome, at, now)
        else:
            message.state = outcome.state
            self.journal.record(at, PROGRESSED, message.session, message, outcome)
            self._tell(message, outcome, at, now)
        if step + 1 < len(plan):
            self._schedule(message)

    def cancel(self, message: Submission, arrival: Arrival) -> None:
        """Take a live message back: it ends as DELETED before its planned fate."""
        message.plan, message.step = (), 0
        self.journal.record(arrival.at, CANCELLED, arrival.session, message)
        self.conclude(message, Outcome(0.0, DELETED), arrival.at, arrival.now)

    def conclude(self, message: Submission, outcome: Outcome, at: float, now: float) -> None:
        """A message has reached its end: it is told to whom it concerns, and forgotten when its row is."""
        message.state = outcome.state
        message.cause = outcome.cause
        message.done_at = at
        self.store.conclude(message)
        self.journal.record(at, CONCLUDED, message.session, message, outcome)
        pdu = message.pdu
        if pdu is not None and pdu.registered_delivery:
            self._tell(message, outcome, at, now)
        if self._off:
            self.carrier.subscribers.let_go(message)
        if self.transactions.unanswered:
            self.transactions.concluded(message, outcome, at, now)
        outliving = self.history.outliving
        if outliving and message in outliving:
            outliving.remove(message)
            self._forget(message)

    def _tell(self, message: Submission, outcome: Outcome, at: float, now: float) -> None:
        if wants(message, outcome):
            message.receipts_due += 1
            delivery = Delivery(message, at, outcome)
            session = self.sessions.get(message.session)
            if session is not None and self._is_before_its_response(message, session):
                # the response has not left yet: no receipt overtakes it
                self._held.setdefault(session.number, []).append(delivery)
            else:
                self.outbox(message.account).offer(delivery, now)

    def replan(self, message: Submission, pdu: Submitting | None, octets: bytes, arrival: Arrival) -> None:
        """Replace a live message by what ``pdu`` and ``octets`` say: its future starts anew."""
        at, grown = arrival.at, len(octets) - len(message.octets)
        message.pdu, message.octets = pdu, octets
        self.carrier.subscribers.let_go(message)
        message.plan, message.step = self.carrier.plan(message, at).outcomes, 0
        # a schedule that was kept may have passed meanwhile
        message.begins_at = at if message.scheduled_at is None else max(at, message.scheduled_at)
        message.state = SCHEDULED if message.begins_at > at else ENROUTE
        self.journal.record(at, REPLACED, arrival.session, message, grown)
        self._schedule(message)

    def _forget(self, message: Submission) -> None:
        self.store.forget(message)
        if message.receipts_due <= message.receipts_acknowledged:
            # the journal's older events still name it: let them name something small
            message.pdu, message.octets = None, b""
        else:
            shorten(message)

    # ------------------------------------------------------------------ subscribers

    def mo(
        self,
        to: str,
        sender: str,
        text: str,
        now: float,
        *,
        account: str | None = None,
        split: MoSplit = "udh8",
        language: str | int | None = None,
        asks: Collection[Kind] = (),
        is_abort: bool = False,
        tlvs: tuple[Tlv, ...] = (),
    ) -> Sent:
        """A subscriber writes: ``text`` of any length from ``sender`` to the number ``to``.

        ``split`` says how a long text is divided: by a header with a reference of 8 or 16 bits, by sar TLVs, or not at
        all but put whole into message_payload, as a short one is then, too. ``language`` (name or number) lets the
        phone write by that language's shift tables where they save segments or make UCS2 unnecessary. Receivers older
        than SMPP 3.4 take no TLV: one that is handed a message split by "sar" or "payload" gets it by "udh8".

        ``asks`` names the acknowledgements that the subscriber wants from the ESME; one that ``is_abort`` ends a
        conversation. ``tlvs`` go with each deliver_sm.

        Raises routing.NoRoute, which names the candidates, when nobody can be found to whom it should go; ValueError,
        naming what is allowed, for a split or language that is not known, "sar" with a language, and a text of more
        than 255 segments.
        """
        language = number_of_language(split, language)
        destination, source = address_from(to), address_from(sender)
        owner = self.routing.account_for(destination, account)
        asked = sum({ASKED[kind] for kind in asks})
        extras = Extras(TYPES["abort" if is_abort else "message"], asked, tlvs)
        return self._sent(
            incoming(
                *(owner, self.next_number(), (source, destination), text, (self.clock.at(now), now)),
                split=split,
                language=language,
                extras=extras,
            ),
            now,
        )

    def acknowledge(
        self, message_id: str, kind: Kind, now: float, *, text: str | None = None, tlvs: tuple[Tlv, ...] = ()
    ) -> Sent:
        """A subscriber, or his phone, acknowledges an ESME's message, which has asked for it (SMPP 3.4, 5.2.17).

        Raises acknowledgements.UnknownMessage and NotAsked; ValueError for a text that is too long.
        """
        message = self.acknowledgements.acknowledged_by(message_id, kind)
        extras = Extras(TYPES[kind], 0, (*tlvs, *tlvs_about(message)))
        ends = message.destination, message.source
        # no deliver_sm is empty: one client cannot read that
        text = text or {"delivery": "Delivered", "manual": "Read"}[kind]
        by = incoming(message.account, self.next_number(), ends, text, (self.clock.at(now), now), extras=extras)
        self.acknowledgements.taken(message, kind, by)
        return self._sent(by, now)

    def _sent(self, message: Incoming, now: float) -> Sent:
        self.journal.record(message.submitted_at, MO_CREATED, 0, message)
        if message.extras.registered_delivery:
            self.acknowledgements.asked(message)
        outbox = self.outbox(message.account)
        for segment in range(len(message.segments)):
            outbox.offer(Delivery(message, message.submitted_at, None, segment), now)
        # a receiver may have been there that wanted it divided anew
        return Sent(message.number, message.account, len(message.segments))

    def divide(self, delivery: Delivery, now: float) -> None:
        """A receiver that takes no TLVs is handed a subscriber's message that needs them: from now on by "udh8".

        A sar part becomes the same part with a header. What was whole in a message_payload becomes segments: this
        delivery carries the first of them, the others are offered at once.
        """
        message = delivery.message
        assert isinstance(message, Incoming)
        before = len(message.segments)
        _, message.segments = segments_from(
            *(message.source, message.destination, message.whole, message.number),
            language=message.language,
            extras=message.extras,
        )
        added = range(before, len(message.segments))
        message.unacknowledged += len(added)
        for segment in added:
            self.outbox(message.account).offer_at(now, Delivery(message, delivery.at, None, segment))

    def mo_settled(self, message: Incoming, at: float, *, is_acknowledged: bool) -> None:
        """One segment was acknowledged, or it has failed for good."""
        if not is_acknowledged:
            message.state, message.done_at = UNDELIVERABLE, at
            return
        message.unacknowledged -= 1
        if not message.unacknowledged and message.state == ENROUTE:
            message.state, message.done_at = DELIVERED, at

    # ------------------------------------------------------------------ deliveries

    def settle(self, session: Session, delivery: Delivery, status: int | None, now: float) -> None:
        """A delivery was answered by its session's ESME with ``status``; None when there was no answer in time."""
        journal, message, retry, at = self.journal, delivery.message, session.terms.retry, session.at
        is_temporary = status is None or status in retry.statuses
        assert not isinstance(message, Alert)
        if status == 0:
            if isinstance(message, Submission):
                message.receipts_acknowledged += 1
                journal.record(at, RECEIPT_ACKNOWLEDGED, session.number, message, delivery.outcome)
            else:
                journal.record(at, MO_ACKNOWLEDGED, session.number, message, delivery.segment)
                self.mo_settled(message, at, is_acknowledged=True)
        elif is_temporary and self.outbox(message.account).again(delivery, retry, now):
            journal.record(at, RETRY, session.number, message, status)
        else:
            self.give_up(delivery, status, session.number, at)

    def _overflown(self, delivery: Delivery, now: float) -> None:
        self.give_up(delivery, "too many wait for a receiver", 0, self.clock.at(now))

    def give_up(self, delivery: Delivery, why: int | str | None, session: int, at: float) -> None:
        """A delivery has failed: for its answer's status, for want of one, or because it has no wire form."""
        message = delivery.message
        if isinstance(message, Submission):
            message.receipts_due -= 1
            self.journal.record(at, RECEIPT_FAILED, session, message, why)
        elif isinstance(message, Alert):
            self.journal.record(at, ALERT_FAILED, session, message, why)
        else:
            self.journal.record(at, MO_FAILED, session, message, why)
            self.mo_settled(message, at, is_acknowledged=False)

    # ------------------------------------------------------------------ time

    def next_deadline(self) -> float:
        """Link time at which ``tick`` is due, or inf."""
        return self.agenda.next_deadline()

    def tick(self, now: float) -> bool:
        """Do what is due. True when more is due already: call it again soon."""
        return self.agenda.run(now)

    def reset(self, now: float) -> None:
        """Messages, counters, clock and luck go back to the start; sessions stay bound.

        Nothing from before is delivered or counted afterwards.
        """
        self.agenda.clear_story()
        self.phones.reset()
        self.acknowledgements.clear()
        self.broadcasts.clear()
        self._held.clear()
        for outbox in self._outboxes.values():
            outbox.clear()
        self._outboxes = {name: one for name, one in self._outboxes.items() if one.receivers}
        for session in self.sessions.values():
            session.deliveries = dict.fromkeys(session.deliveries)
            session.submitted = 0
        self.store.clear()
        self.journal.clear()
        self.history.clear()
        self.tally.clear()
        self.routing.reset()
        self.accounts.reset({one.account.name for one in self.sessions.values() if one.account is not None})
        self.carrier.reset()
        if self.script is not None:
            self.script.reset()
        self.clock.reset(now)
        self.next_number = count(1).__next__
        self._ids = count(self._first_id)
        self.journal.record(self.clock.at(now), RESET, 0)
        # last, for a session that reads on once it is answered does so after the reset
        self.transactions.reset(now)


def _short_id(number: int) -> str:
    """An id for an ESME older than 3.4: at most eight hexadecimal digits (SMPP 3.4, 3.4 and 5.2.23)."""
    return f"{number & 0xFFFFFFFF:08X}"

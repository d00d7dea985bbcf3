"""The SMSC: its sessions, the lives of its messages, who gets what. The whole server without a socket or a clock.

Whoever runs it calls ``connect`` for each link, lets the sessions have their octets, and calls ``tick`` whenever
``next_deadline`` is reached. All times passed in are link time; carrier time is the clock's business.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import count, takewhile
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.accounts import Account, Accounts
from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import DELETED, DELIVERED, ENROUTE, FINAL, SCHEDULED, Outcome, Verdict
from simulator.journal import (
    ANSWERED,
    CANCELLED,
    CONCLUDED,
    CONNECTED,
    PROGRESSED,
    REPLACED,
    RESET,
    SUBMITTED,
    Journal,
)
from simulator.smsc.agenda import Agenda, CarrierClock
from simulator.smsc.catching_up import catch_up
from simulator.smsc.memory.history import OUTCOME_OCTETS, PLAN_OCTETS, History
from simulator.smsc.memory.remains import Remains
from simulator.smsc.memory.store import FULL, Store
from simulator.smsc.memory.tally import Tally
from simulator.smsc.objections import Submitting
from simulator.smsc.outbox import Outbox
from simulator.smsc.play.deliveries import Deliveries, goes_first
from simulator.smsc.play.scripted import decided, named
from simulator.smsc.routing import Routing
from simulator.smsc.session import Session
from simulator.smsc.subscribers import mobile
from simulator.smsc.subscribers.acknowledgements import Acknowledgements
from simulator.smsc.subscribers.broadcasts import Broadcasts
from simulator.smsc.subscribers.phones import Phones
from simulator.smsc.terms import Terms
from simulator.smsc.transactions import Transactions
from simulator.smsc.translate import (
    Arrival,
    Submission,
    refuse,
    shorten,
    status_of,
)

if TYPE_CHECKING:
    from simulator.scenario.script import Script
    from simulator.smsc.play.policies import Doorkeeper
    from simulator.smsc.play.stage import Stage
    from simulator.smsc.play.tagging import ReceiptTlvs

ID_SPAN: Final = 8_000_000_000
"""message_ids are ten decimal digits, as in appendix B of SMPP 3.4: 1,000,000,000 and up."""


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
        self.doorkeeper: Doorkeeper | None = None  # knows the bind policy, where there is one
        self.carrier = carrier or Carrier(seed=seed)
        self.terms = terms
        self.terms_by_account = dict(terms_by_account or {})
        self.clock = CarrierClock(now, unix_time, speed)
        self.agenda = Agenda(self.clock)
        self.journal = Journal(events_max=6 * rows_max)
        self.store = Store(lambda account: self.terms_of(account).open_max)
        self.history = History(
            self.journal, self._forget, is_lost=self.store.is_lost, rows_max=rows_max, octets_max=octets_max
        )
        self.remains = Remains(self.agenda)
        self.tally = Tally(self.journal)
        self.routing = Routing(self)
        self.phones = Phones(self)
        self._off = self.carrier.subscribers.off
        self.transactions = Transactions(self)
        self.acknowledgements = Acknowledgements(self)
        self.broadcasts = Broadcasts(self)
        self.receipt_tlvs: ReceiptTlvs | None = None  # knows what networks add to receipts, where any does
        self.charsets: dict[str, str] = {}  # by listener: what data_coding 0 means there, where it is not GSM
        self.sessions: dict[int, Session] = {}
        self.deliveries = Deliveries(self)
        self._session_numbers = count(1)
        self.next_number = count(1).__next__  # gives the serial number of a new message
        self._first_id = 1_000_000_000 + seed * 2_654_435_761 % ID_SPAN
        self._ids = count(self._first_id)
        self._run = 0  # counts how often all has started over
        self.stage: Stage | None = None  # what plays a scenario; without one nobody asks anything
        if script is not None:
            self.play(script, now)

    def play(self, script: "Script", now: float) -> "Stage":
        """Ask the rules of a script about everything from now on; live rules and the fates of messages stay."""
        if self.stage is not None:
            self.stage.replace(script, now)
            return self.stage
        # imported here, because who plays no scenario needs nothing of it
        from simulator.smsc.play.stage import Stage

        self.stage = stage = Stage(self, script, now)
        for session in self.sessions.values():
            session.staged(stage, now)
        return stage

    # ------------------------------------------------------------------ sessions

    def connect(self, now: float, peer: str, wake: Callable[[], None], *, listener: str = "smpp") -> Session:
        """A transport stands: the session that serves it. ``wake`` is called when octets wait to be written."""
        session = Session(self, next(self._session_numbers), now, wake, peer=peer, listener=listener)
        self.sessions[session.number] = session
        self.journal.record(self.clock.at(now), CONNECTED, session.number, session.caller)
        if self.stage is not None:
            self.stage.happen("connect", session, now)
        return session

    def terms_of(self, account: str) -> Terms:
        """The terms of an account."""
        return self.terms_by_account.get(account, self.terms)

    def sessions_of(self, account: str) -> list[Session]:
        """The bound sessions of an account."""
        return [
            session
            for session in self.sessions.values()
            if session.account is not None and session.account.name == account and session.connection.is_bound
        ]

    def outbox(self, account: str) -> Outbox:
        """What waits for this account's receivers."""
        return self.deliveries.outbox(account)

    def waiting(self) -> int:
        """Deliveries of all accounts that wait for a receiver, their next attempt, a response, or for a scenario."""
        return self.deliveries.waiting()

    def bound(self, session: Session, address_range: str) -> None:
        """A session was bound: its address_range may now attract subscribers' messages."""
        if session.can_receive:
            self.routing.bound(session, address_range)

    def closed(self, session: Session, now: float) -> None:
        """A session ended."""
        self.routing.closed(session)
        self.sessions.pop(session.number, None)
        self.deliveries.left(session, now)

    # ------------------------------------------------------------------ submissions

    def take(self, message: Submission, status: int, arrival: Arrival, *, message_id: str | None = None) -> float:
        """Decide about a message and put its future on the agenda; it then carries the status to answer.

        ``status`` is one that refuses it already, else 0; ``message_id`` an id that it shares with others of its
        request, empty for the first of them: then their one answer is for the caller to record. Returns how many
        seconds later to answer, inf: never.
        """
        record, at, session = self.journal.record, arrival.at, arrival.session
        if status or self.store.room[message.account] <= 0:
            record(at, SUBMITTED, session, message)
            refuse(message, status or status_of(FULL), None if status else FULL, at)
            if message_id is None:
                record(at, ANSWERED, session, message, message.status)
            return 0.0
        if self.stage is None:
            record(at, SUBMITTED, session, message)
            verdict = self.carrier.submit(message, arrival.account, at)
        elif (scripted := decided(self, self.stage, message, arrival)) is None:
            # its session was ended before it was even recorded
            message.status = status_of(None)
            return inf
        else:
            verdict = scripted
        respond_after = verdict.respond_after
        if not verdict.accepted:
            refuse(message, status_of(verdict.cause), verdict.cause, at)
            if respond_after != inf and message_id is None:
                record(at, ANSWERED, session, message, message.status)
            return respond_after
        number = next(self._ids)
        message.message_id = message_id or (str(number) if arrival.takes_long_ids else _short_id(number))
        if message.fate is not None and self.stage is not None:
            message.message_id = named(self.stage, message, message.message_id)
        self.store.add(message)
        self.routing.sent(message)
        message.begins_at = at if message.scheduled_at is None else message.scheduled_at
        if respond_after != inf:
            message.begins_at += respond_after
            if message_id is None:
                record(at, ANSWERED, session, message, 0)
        self._begin(message, verdict, arrival)
        return respond_after

    def _begin(self, message: Submission, verdict: Verdict, arrival: Arrival) -> None:
        """Put the future of a message on the agenda."""
        message.plan = plan = verdict.outcomes
        if not plan:
            # nothing ever becomes of it, so that it takes no room among those that wait for something
            self._abandon(message)
            return
        due = message.begins_at + plan[0].after
        if verdict is self.carrier.plain:
            # what nothing sets apart from the others is due in the order in which it came
            self.agenda.follow(due, self._outcome_due, message)
            return
        if plan is not self.carrier.plain.outcomes:
            self.history.bear(message, PLAN_OCTETS + OUTCOME_OCTETS * len(plan))
        # nearly every outcome is a plain one, of which this is known without asking
        if plan[0].__class__ is not Outcome and goes_first(plan[0]):
            message.begins_at = arrival.at
            # on the link's clock, as the response behind them, and on the agenda before it
            for outcome in takewhile(goes_first, plan):
                if outcome.after:
                    self.agenda.put_link(arrival.now + outcome.after, self._first_due, (message, self._run))
                else:
                    self._happen_first(message, arrival.now)
        else:
            self.agenda.put(due, self._outcome_due, message)

    def next_id(self, arrival: Arrival) -> str:
        """A new message_id."""
        number = next(self._ids)
        return str(number) if arrival.takes_long_ids else _short_id(number)

    def plan(self, message: Submission, outcomes: tuple[Outcome, ...], step: int = 0) -> None:
        """From now on these are a live message's future, from ``step`` on; their delays count from its beginning."""
        message.plan, message.step = outcomes, step
        if outcomes or message in self.transactions.unanswered:
            self.store.revive(message)
            self._schedule(message)
        else:
            self._abandon(message)

    def _schedule(self, message: Submission) -> None:
        if message.step < len(message.plan):
            due = message.begins_at + message.plan[message.step].after
            self.agenda.put(due, self._outcome_due, message)

    def _outcome_due(self, message: Any, now: float) -> None:
        step, plan = message.step, message.plan
        if message.state in FINAL or step >= len(plan):
            return
        at = message.begins_at + plan[step].after
        if self.clock.at(now) < at:
            # a stale item: the message was planned anew, for later
            return
        if self._off and plan[step].state == DELIVERED and self.phones.is_missed(message, at):
            self.phones.tried(message, at, now)
            return
        self._happen(message, at, now)

    def _first_due(self, subject: Any, now: float) -> None:
        message, run = subject
        # it is on the link's clock, of which a reset forgets nothing
        if run == self._run:
            self._happen_first(message, now)

    def _happen_first(self, message: Any, now: float) -> None:
        """What is told in front of the response happens when it is its turn, whatever the carrier's clock shows."""
        step, plan = message.step, message.plan
        if message.state not in FINAL and step < len(plan) and goes_first(plan[step]):
            self._happen(message, self.clock.at(now), now)

    def _happen(self, message: Submission, at: float, now: float) -> None:
        """The next thing becomes of a message."""
        step, plan = message.step, message.plan
        outcome: Outcome = plan[step]
        message.step = step + 1
        if outcome.is_final:
            self.conclude(message, outcome, at, now)
        else:
            if outcome.state not in FINAL:
                # what only looks like an end is told, and is none
                message.state = outcome.state
            self.journal.record(at, PROGRESSED, message.session, message, outcome)
            self.deliveries.tell(message, outcome, at, now)
        if step + 1 < len(plan):
            if outcome.is_final:
                # nothing more becomes of it, but that is told twice
                self.deliveries.tell_again(message, outcome, at, plan[step + 1].after - outcome.after)
            elif not goes_first(plan[step + 1]):
                self._schedule(message)
        elif not outcome.is_final:
            self._abandon(message)

    def set_state(self, message: Submission, state: str, now: float) -> None:
        """A script decides the state of a message, which is told as if it had happened by itself."""
        if message.state not in FINAL and message.done_at is None:
            message.plan, message.step = (Outcome(0.0, state, is_final=state in FINAL),), 0
            self._happen(message, self.clock.at(now), now)

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
        stage = self.stage
        if stage is not None and (message.fate is not None or stage.script.minds_ends):
            stage.concluded(message, outcome, at, now)
        elif pdu is not None and pdu.registered_delivery:
            self.deliveries.tell(message, outcome, at, now)
        if self._off:
            self.carrier.subscribers.let_go(message)
        if self.transactions.unanswered:
            self.transactions.concluded(message, outcome, at, now)
        self._outlived(message)

    def _abandon(self, message: Submission) -> None:
        """Nothing more will become of a message that has no end: it takes no room among those that wait for one."""
        self.store.abandon(message)
        self._outlived(message)

    def _outlived(self, message: Submission) -> None:
        """A message whose row had gone while it waited is forgotten as well."""
        outliving = self.history.outliving
        if outliving and message in outliving:
            outliving.remove(message)
            self._forget(message)

    def replan(self, message: Submission, pdu: Submitting | None, octets: bytes, arrival: Arrival) -> None:
        """Replace a live message by what ``pdu`` and ``octets`` say: its future starts anew."""
        at, grown = arrival.at, len(octets) - len(message.octets)
        message.pdu, message.octets = pdu, octets
        self.carrier.subscribers.let_go(message)
        planned = None if message.fate is None else message.fate.outcomes
        message.plan, message.step = self.carrier.replan(message, at).outcomes if planned is None else planned, 0
        # a schedule that was kept may have passed meanwhile
        message.begins_at = at if message.scheduled_at is None else max(at, message.scheduled_at)
        message.state = SCHEDULED if message.begins_at > at else ENROUTE
        self.journal.record(at, REPLACED, arrival.session, message, grown)
        self.store.revive(message)
        if message.plan:
            self._schedule(message)
        else:
            self._abandon(message)

    def _forget(self, message: Submission) -> None:
        self.store.forget(message)
        if message.receipts_due <= message.receipts_acknowledged:
            # the journal's older events still name it: let them name something small
            message.pdu, message.octets = None, b""
        else:
            shorten(message)

    mo, acknowledge, created, divide = mobile.mo, mobile.acknowledge, mobile.created, mobile.divide
    """A subscriber writes or acknowledges; his message is there, and is divided anew for who takes no TLVs."""

    # ------------------------------------------------------------------ time

    def next_deadline(self) -> float:
        """Link time at which ``tick`` is due, or inf."""
        return self.agenda.next_deadline()

    def tick(self, now: float) -> bool:
        """Do what is due. True when more is due already: call it again soon."""
        return self.agenda.run(now)

    def reset(self, now: float) -> None:
        """Messages, counters, clock and luck go back to the start; sessions stay bound.

        Nothing from before is delivered or counted afterwards, also what has arrived and was not read yet.
        """
        catch_up(self, now)
        self._run += 1
        self.agenda.clear_story()
        self.phones.reset()
        self.acknowledgements.clear()
        self.broadcasts.clear()
        self.deliveries.reset()
        for session in self.sessions.values():
            session.deliveries = dict.fromkeys(session.deliveries)
            session.submitted = 0
            session.forgotten = session.connection.last_sequence
        # what nobody asks any more is freed in steps, so that nobody waits for that
        self.remains.leave(now, self.journal.ring, self.store.by_id, self.history.order)
        self.store.clear()
        self.journal.clear()
        self.history.clear()
        self.tally.clear()
        self.routing.reset()
        self.accounts.reset({one.account.name for one in self.sessions.values() if one.account is not None})
        self.carrier.reset()
        self.clock.reset(now)
        if self.stage is not None:
            self.stage.reset(now)
        self.next_number = count(1).__next__
        self._ids = count(self._first_id)
        self.journal.record(self.clock.at(now), RESET, 0)
        # last, for a session that reads on once it is answered does so after the reset
        self.transactions.reset(now)


def _short_id(number: int) -> str:
    """An id for an ESME older than 3.4: at most eight hexadecimal digits (SMPP 3.4, 3.4 and 5.2.23)."""
    return f"{number & 0xFFFFFFFF:08X}"

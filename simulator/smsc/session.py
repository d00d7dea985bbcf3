"""One ESME's session: each event of its connection decided and answered. A batch is handled without a pause.

It knows PDUs and the SMSC it belongs to; what a message means is asked of the SMSC, when anything is due of its agenda.
It has no socket: whoever carries its octets calls ``receive_data``, ``data_to_send`` and ``close``, and is woken by
``wake`` when octets appear that no ``receive_data`` caused.
"""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator import journal as events
from simulator.smpp import pdus
from simulator.smpp.connection import Connection
from simulator.smpp.constants import Version
from simulator.smpp.errors import LocalError
from simulator.smpp.events import Event, Expired, Malformed, Obliged, Timeout
from simulator.smpp.states import CAN_RECEIVE, Side, State
from simulator.smsc import binding, requests, responses
from simulator.smsc.memory.evidence import Caller, Secured
from simulator.smsc.outbox import Delivery, Outbox
from simulator.smsc.play import flow, protocol
from simulator.smsc.play.acting import act
from simulator.smsc.play.answering import Answer
from simulator.smsc.play.charsets import for_listener
from simulator.smsc.play.keeping import Keeper
from simulator.smsc.play.seats import SessionSeat
from simulator.smsc.subscribers.alerts import Alert
from simulator.smsc.translate import Account, Arrival, Submission
from simulator.smsc.window import Window

if TYPE_CHECKING:
    from simulator.scenario.fate import Fate
    from simulator.smsc.play.stage import Stage
    from simulator.smsc.smsc import Smsc

BACKLOG_MAX: Final = 1024 * 1024
"""Octets that may wait to be written before a session takes no more deliveries and reads no more requests."""
BURDEN_MAX: Final = 250
"""Messages of submit_multi in one turn after which a session rests: five milliseconds or so. What one read may hold
makes 5,000 of them. They are counted and the time is not measured, so that a run in virtual time repeats itself."""


class Session:
    """The SMSC's side of one connection, from connect to close."""

    __slots__ = (
        "_armed",
        "_at",
        "account",
        "arrival",
        "bind_type",
        "bound_at",
        "burden",
        "charset",
        "connected_at",
        "connection",
        "deliveries",
        "ends_because",
        "ends_by",
        "fate",
        "flow",
        "forgotten",
        "handed_out",
        "hang_up",
        "is_open",
        "is_reading",
        "is_receiver",
        "keeper",
        "last_enquiry_at",
        "listener",
        "number",
        "outbox",
        "peer",
        "received",
        "rests",
        "seat_while_open",
        "smsc",
        "submitted",
        "system_id",
        "terms",
        "tls",
        "wake",
        "window",
        "writes",
    )

    def __init__(
        self, smsc: "Smsc", number: int, now: float, wake: Callable[[], None], *, peer: str, listener: str
    ) -> None:
        self.smsc = smsc
        self.number = number
        self.peer = peer
        self.listener = listener
        self.charset = smsc.charsets.get(listener)
        self.tls: Secured | None = None
        self.terms = smsc.terms
        self.connection = Connection(Side.SMSC, now, timers=self.terms.timers, window=self.terms.deliver_window)
        self.wake = wake
        self.account: Account | None = None
        self.system_id = ""
        self.bind_type = ""
        self.connected_at = smsc.clock.at(now)
        self.bound_at: float | None = None
        self.last_enquiry_at: float | None = None
        self.submitted = 0
        self.handed_out = 0
        """How many times octets were handed out to be written."""
        self.writes = 0
        """How many of those have been written."""
        self.deliveries: dict[int, Delivery | None] = {}
        """Our unanswered deliveries by sequence_number; None for those that a reset made nobody's."""
        self.forgotten = 0
        """The last sequence_number of ours at a reset: who answers up to that one answers nothing that is known."""
        self.hang_up = False
        """Close the transport as soon as everything is written."""
        self.is_open = True
        self.ends_by = self.ends_because = ""
        """Where we end it for a reason: the end as a carrier sees it (fin, rst, timeout), what the journal tells."""
        self.flow: flow.Flow | None = None
        """What meddles with the octets of this session; None: nothing does."""
        self.rests = False
        """Much was done in this turn, and more has arrived, perhaps: whoever carries the octets calls ``receive_data``
        with none when the others have had theirs."""
        self.burden = 0
        """Messages that the submit_multi of this turn have made."""
        self.is_reading = False  # whether a batch is being dealt with
        self.outbox: Outbox | None = None
        """What waits for its account's receivers, where it was bound as one of them."""
        self.is_receiver = False  # whether deliveries may go to it now
        self._armed = inf
        self.arrival: Arrival | None = None
        """What the requests of the batch that is being read have in common; None before the first of them."""
        self.window = Window()
        self.keeper = None if self.terms.keeping is None else Keeper(self, self.terms.keeping, now)
        self.fate: tuple[Fate, pdus.Pdu] | None = None
        """What a scenario says of the request that is being answered."""
        self.seat_while_open = None if smsc.stage is None else SessionSeat(self, now)
        """The session as the rules of a scenario see it."""
        self._at = self.connected_at
        self.arm()

    # ------------------------------------------------------------------ octets

    def receive_data(self, octets: bytes, now: float) -> None:
        """Take octets from the ESME and answer what they hold. After calling this, write ``data_to_send()``."""
        if self.keeper is not None and octets:
            self.keeper.heard(now)
        if self.flow is not None:
            self.flow.receive(octets, now)
            return
        self.connection.receive_data(octets)
        self.read(now)

    def read(self, now: float) -> None:
        """Answer what has arrived; also called when a pause is over."""
        self._at = self.smsc.clock.at(now)
        self.arrival = None
        self.burden = 0
        if self.rests:
            self.rests = False
            self.connection.is_paused = self.window.is_full(self.terms)
        self.window.begin_batch()
        seat = self.seat_while_open
        if seat is not None:
            seat.heard(now)
        self.is_reading = True
        for event in self.connection.events(now):
            # a submission is asked about when its message is decided
            if seat is None or type(event) is pdus.SubmitSm:
                _DEEDS.get(type(event), protocol.unexpected)(self, event, now)
            else:
                act(self, event, now)
            if self.hang_up:
                break
        self.is_reading = False

    def deal(self, event: Event, now: float) -> None:
        """Do with one event of the connection what the protocol and the terms say."""
        _DEEDS.get(type(event), protocol.unexpected)(self, event, now)

    def go_on(self, now: float) -> None:
        """A late answer was given: read what came meanwhile, where nothing else holds that up."""
        connection = self.connection
        # one that rests goes on when it is its turn
        if connection.is_paused and not (self.rests or self.window.holds):
            connection.is_paused = False
            if not self.is_reading:
                self.read(now)
        self.wake()

    def bear(self, messages: int) -> None:
        """One request made so many messages; whoever has made very many leaves the others their turn."""
        self.burden += messages
        if self.burden >= BURDEN_MAX:
            self.rests = self.connection.is_paused = True

    def data_to_send(self) -> bytes:
        """The octets to write now, in one segment."""
        if self.flow is not None:
            return self.flow.data_to_send()
        octets = self.connection.data_to_send()
        if octets:
            self.handed_out += 1
        return octets

    def written(self, now: float) -> None:
        """What data_to_send() gave has been written: the answers in it have left, and there is room for what waits."""
        if self.flow is None:
            self.writes = self.handed_out
        else:
            self.flow.written(now)
        self.smsc.deliveries.left(self, now)
        self.pump(now)

    def pump(self, now: float) -> None:
        """There is room: send what waits."""
        if self.outbox is not None and (self.outbox.waiting or self.outbox.steered):
            self.outbox.pump(now, self)

    @property
    def can_take(self) -> bool:
        """Whether one more deliver_sm may be sent now."""
        connection = self.connection
        return (
            self.is_receiver
            and len(connection.outstanding) < connection.window
            and connection.bytes_waiting < BACKLOG_MAX
            and not self.hang_up
        )

    @property
    def at(self) -> float:
        """Carrier time of the batch or timer that is being handled."""
        return self._at

    @property
    def state(self) -> State:
        """The connection's state."""
        return self.connection.state

    @property
    def caller(self) -> Caller:
        """Who this is, for an event that is to outlive the session."""
        account = "" if self.account is None else self.account.name
        return Caller(self.number, self.peer, self.listener, self.system_id, account, self.bind_type)

    @property
    def can_receive(self) -> bool:
        """Whether it is bound as a receiver or transceiver."""
        return self.connection.state in CAN_RECEIVE

    @property
    def bytes_waiting(self) -> int:
        """Octets for which data_to_send() should be called."""
        return self.connection.bytes_waiting if self.flow is None else self.flow.bytes_waiting

    @property
    def is_paused(self) -> bool:
        """Whether nothing more should be read for now."""
        return self.connection.is_paused or (self.flow is not None and self.flow.is_paused)

    @property
    def speaks_version_5(self) -> bool:
        """Whether both sides speak SMPP 5.0."""
        return self.connection.version >= Version.V50

    # ------------------------------------------------------------------ answers

    def answer(self, response: pdus.Pdu, now: float) -> None:
        """Send a response as the terms want it, or a scenario."""
        if self.fate is None:
            self.connection.send(self.formed(response, now), now)
        else:
            fate, request = self.fate
            Answer(self, request, response, fate).leave(now)

    formed = responses.formed
    """A response in the form that the terms give it."""

    # ------------------------------------------------------------------ a scenario

    @property
    def is_ending(self) -> bool:
        """Whether nothing more is to be answered: it is being closed."""
        return self.hang_up or not self.is_open

    @property
    def seat(self) -> SessionSeat:
        """The session as rules see it; only where a scenario is played, and while it is open."""
        assert self.seat_while_open is not None
        return self.seat_while_open

    @property
    def stage(self) -> "Stage":
        """Where its scenario is played."""
        assert self.smsc.stage is not None
        return self.smsc.stage

    def staged(self, stage: "Stage", now: float) -> None:
        """A scenario begins while the session is there."""
        self.seat_while_open = SessionSeat(self, now)
        if self.bound_at is not None:
            self.seat_while_open.bound = now
            stage.count_bind(self)

    spread = flow.spread
    """Spread the octets that were written last over segments and time."""

    # ------------------------------------------------------------------ its end

    unbind, unbound = binding.unbind, binding.unbound
    """Ask the ESME to leave, or be told by it that it does."""

    def close(self, now: float, reason: str = "", cause: BaseException | None = None) -> None:
        """The transport is gone. What was delivered but not acknowledged goes back to its queue; idempotent."""
        if not self.is_open:
            return
        self.is_open = False
        self.hang_up = True
        if self.smsc.doorkeeper is not None:
            self.smsc.doorkeeper.ended(self, cause, now)
        binding.leave(self)
        self.connection.close()
        # the link and its stream are not to live on in whatever still names this session
        self.wake, self.flow = _nobody, None
        unanswered = [delivery for delivery in self.deliveries.values() if delivery is not None]
        self.deliveries.clear()
        reason = self.ends_because or reason
        self.smsc.journal.record(self.smsc.clock.at(now), events.DISCONNECTED, self.number, self.caller, reason)
        self.smsc.closed(self, now)
        if self.seat_while_open is not None:
            unanswered += self.stage.ended(self, now)
            self.seat_while_open = None
        if self.account is not None and (unanswered or self.smsc.stage is not None):
            # also where it only sent: a scenario may have wanted receipts to go there, and others get them now
            outbox = self.smsc.outbox(self.account.name)
            outbox.give_back(unanswered)
            outbox.pump(now)

    # ------------------------------------------------------------------ deliveries

    def deliver(self, delivery: Delivery, now: float) -> None:
        """Send one delivery; its answer, or the lack of one, decides what becomes of it."""
        delivery.attempts += 1
        journal, at, connection = self.smsc.journal, self.smsc.clock.at(now), self.connection
        is_first = not connection.bytes_waiting
        try:
            pdu = delivery.pdu(self, now)
            if self.charset is not None:
                pdu = for_listener(pdu, self.charset, delivery.form)
            if delivery.form is None or isinstance(pdu, pdus.AlertNotification):
                connection.send(pdu, now)
            else:
                self.stage.telling.write(self, delivery, pdu, now)
        except LocalError as error:
            self.smsc.deliveries.give_up(delivery, str(error), self.number, at)
            return
        if delivery.form is None:
            self.deliveries[pdu.sequence_number] = delivery
        if isinstance(delivery.message, Submission):
            delivery.message.receipts_sent += 1
            journal.record(at, events.RECEIPT_SENT, self.number, delivery.message, delivery.outcome)
        elif isinstance(delivery.message, Alert):
            # nobody answers an alert_notification (SMPP 3.4, 4.12), so nothing is waited for
            del self.deliveries[pdu.sequence_number]
            journal.record(at, events.ALERTED, self.number, delivery.message)
        else:
            journal.record(at, events.MO_SENT, self.number, delivery.message, delivery.segment)
        if len(self.deliveries) == 1:
            self.arm()
        if is_first:
            # whoever writes was woken for what already waited
            self.wake()

    # ------------------------------------------------------------------ timers

    def arm(self) -> None:
        """Put the connection's next deadline on the agenda, unless an earlier one stands there already."""
        deadline = self.connection.next_deadline()
        if deadline < self._armed:
            self._armed = deadline
            self.smsc.agenda.put_link(deadline, self._tick, deadline)

    def _tick(self, deadline: Any, now: float) -> None:
        if deadline != self._armed or not self.is_open:
            return
        self._armed = inf
        self._at = self.smsc.clock.at(now)
        for event in self.connection.tick(now):
            _DEEDS.get(type(event), protocol.unexpected)(self, event, now)
            if self.hang_up:
                return
        self.arm()


def _nobody() -> None:
    """Wakes nobody: the link of a closed session is gone."""


_DEEDS: Final[dict[type[Event], Callable[[Session, Any, float], None]]] = {
    pdus.SubmitSm: requests.submit,
    pdus.DeliverSmResp: protocol.delivered,
    pdus.DataSm: requests.submit,
    pdus.DataSmResp: protocol.delivered,
    pdus.SubmitMulti: requests.submit_multi,
    pdus.QuerySm: requests.operate,
    pdus.CancelSm: requests.operate,
    pdus.ReplaceSm: requests.operate,
    pdus.BroadcastSm: requests.broadcast,
    pdus.QueryBroadcastSm: requests.broadcast,
    pdus.CancelBroadcastSm: requests.broadcast,
    pdus.BindTransmitter: binding.bind,
    pdus.BindReceiver: binding.bind,
    pdus.BindTransceiver: binding.bind,
    pdus.EnquireLinkResp: protocol.alive,
    pdus.UnbindResp: protocol.parted,
    pdus.GenericNack: protocol.delivered,
    Obliged: protocol.obliged,
    Malformed: protocol.malformed,
    Expired: protocol.expired,
    Timeout: protocol.timeout,
}
"""What is done at each kind of event; every other PDU is a response that only an SMSC sends."""

"""What waits for one account's receivers: receipts and subscribers' messages, in order, across disconnects.

It knows which sessions may receive, and nothing of sockets. Time comes in; what must happen later goes to the agenda.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.scenario.fate import ScriptedOutcome
from simulator.smpp.constants import Version
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import AlertNotification, DataSm, DeliverSm
from simulator.smsc.agenda import Agenda
from simulator.smsc.receipts import receipt_from
from simulator.smsc.subscribers.alerts import Alert, alert_from
from simulator.smsc.terms import Retry
from simulator.smsc.translate import Incoming, Outcome, Submission

if TYPE_CHECKING:
    from simulator.scenario.forms.forms import Ids, MoForm, ReceiptForm
    from simulator.smsc.session import Session


@dataclass(slots=True, eq=False)
class Delivery:
    """One PDU on its way: the receipt of an outcome, one segment of a subscriber's message, or an alert."""

    message: Submission | Incoming | Alert
    at: float
    """Carrier time of the outcome; the date that the receipt tells."""
    outcome: Outcome | None = None
    segment: int = 0
    attempts: int = 0
    form: "ReceiptForm | MoForm | None" = None
    """How a scenario wants it to look; None: as it always does."""
    ids: "Ids | None" = None
    """How it wants the id to be spelled."""
    is_acknowledged: bool = False
    """Whether it was answered well, once."""
    is_answered: bool = False
    """Whether it was answered at all."""
    is_repeated: bool = False
    """Whether somebody else takes care that it is sent again."""
    waits_for: int = 0
    """The last attempt for which it waits in an outbox, the first is 1; one that has been made since is waited for no
    more, so that whoever sends it need not say so. What is repeated may wait for several at once."""

    def pdu(self, session: "Session", now: float) -> DeliverSm | DataSm | AlertNotification:
        """The PDU of the next attempt, which is by that session, without a sequence number.

        Raises LocalError where its version has none for it.
        """
        if isinstance(self.message, Submission):
            assert self.outcome is not None
            if self.form is not None or self.ids is not None or isinstance(self.outcome, ScriptedOutcome):
                return session.stage.telling.receipt(self, session)
            tagged = session.smsc.receipt_tlvs
            tlvs = () if tagged is None else tagged(self.message)
            return receipt_from(self.message, self.outcome, self.at, session.connection.version, tlvs)
        if isinstance(self.message, Alert):
            if not _fits(self, session):
                raise LocalError("alert_notification: all receivers are bound with less than SMPP 3.4")
            return alert_from(self.message)
        pdu = self.message.segments[self.segment]
        if pdu.tlvs and session.connection.peer_version < Version.V34 and self.form is None:
            # no TLV is sent to an ESME older than 3.4, so that neither a payload nor a sar part would tell it anything
            session.smsc.divide(self, now)
            pdu = self.message.segments[self.segment]
        pdu.sequence_number = 0
        return pdu


def is_kept(delivery: Delivery) -> bool:
    """Whether it waits in its account's outbox to be sent."""
    return delivery.waits_for > delivery.attempts


def _keep(delivery: Delivery) -> None:
    """It waits in its outbox, once more where it waits there already."""
    delivery.waits_for = max(delivery.waits_for, delivery.attempts) + 1


def is_steered(form: "ReceiptForm | MoForm") -> bool:
    """Whether it says to whom it goes, or that it goes whatever waits."""
    return form.session is not None or bool(form.ignore_window)


_Aim = tuple[str | None, bool | None, int]
"""The word for a session, whether its window matters, and the session that the word starts from."""


def _aim_of(delivery: Delivery) -> _Aim:
    form, message = delivery.form, delivery.message
    if form is None:
        return None, None, 0
    is_relative = form.session in {"same", "other"}
    return form.session, form.ignore_window, message.session if is_relative and isinstance(message, Submission) else 0


def _fits(delivery: Delivery, session: "Session") -> bool:
    """Whether this session's version has a PDU for it: alert_notification came with SMPP 3.4 (4.12)."""
    return not isinstance(delivery.message, Alert) or session.connection.peer_version >= Version.V34


class Outbox:
    """The deliveries of one account. First attempts leave in order; a repeated one never holds up the others."""

    __slots__ = (
        "_agenda",
        "_overflown",
        "_target",
        "_turn",
        "_waiting_max",
        "receivers",
        "retrying",
        "steered",
        "stopped_by",
        "waiting",
    )

    def __init__(
        self,
        agenda: Agenda,
        waiting_max: int,
        overflown: Callable[[Delivery, float], None],
        target: "Callable[[Delivery], Session | None]" = lambda _: None,
    ) -> None:
        self._agenda = agenda
        self._waiting_max = waiting_max
        self._overflown = overflown
        self._target = target
        self.waiting: deque[Delivery] = deque()
        self.receivers: list[Session] = []
        self.retrying: set[Delivery] = set()
        """Deliveries that wait for their next attempt, or for a first one that is due soon."""
        self._turn = 0
        self.steered: dict[_Aim, deque[Delivery]] = {}
        """Deliveries that a scenario wants on a session which is not there, or has no room: by whom it means."""
        self.stopped_by: Delivery | None = None
        """A delivery behind which a scenario lets nothing else leave."""

    def offer(self, delivery: Delivery, now: float) -> None:
        """Send it now if somebody can take it and nobody is before it; else it waits."""
        if delivery.form is not None and is_steered(delivery.form):
            aim = _aim_of(delivery)
            queue = self.steered.get(aim)
            if queue is not None or not self._steer(delivery, now):
                _keep(delivery)
                self.steered.setdefault(aim, deque()).append(delivery)
                self._bound(self.steered[aim], now)
        elif delivery is self.stopped_by:
            # nobody is before it
            if not self._send(delivery, now):
                _keep(delivery)
                self.waiting.appendleft(delivery)
        elif self.waiting or self.stopped_by is not None or not self._send(delivery, now):
            _keep(delivery)
            self.waiting.append(delivery)
            self._bound(self.waiting, now)

    def _bound(self, queue: deque[Delivery], now: float) -> None:
        """Give up the oldest where too many wait."""
        if len(queue) + len(self.retrying) > self._waiting_max:
            oldest = queue.popleft()
            oldest.waits_for = 0
            self._overflown(oldest, now)

    @property
    def kept(self) -> int:
        """How many wait here, for a receiver or for their next attempt."""
        return len(self.waiting) + len(self.retrying) + sum(map(len, self.steered.values()))

    def pump(self, now: float, freed: "Session | None" = None) -> None:
        """Send what waits, as far as the receivers' windows go; ``freed`` is one that has just got room."""
        if self.steered:
            for queue in self.steered.values():
                while queue and self._steer(queue[0], now):
                    queue.popleft()
            self.steered = {aim: queue for aim, queue in self.steered.items() if queue}
        waiting = self.waiting
        if self.stopped_by is not None:
            # it alone may leave, where its session has ended before it was taken
            if waiting and waiting[0] is self.stopped_by and self._send(waiting[0], now):
                waiting.popleft()
            return
        # asked first, for while much waits all the others are full, and asking them costs more than sending
        while freed is not None and waiting and freed.can_take and _fits(waiting[0], freed):
            freed.deliver(waiting.popleft(), now)
        while waiting and self._send(waiting[0], now):
            waiting.popleft()

    def _send(self, delivery: Delivery, now: float) -> bool:
        receivers = self.receivers
        if isinstance(delivery.message, Alert):
            # where there is none that knows alerts the first one's session says why it has failed
            receivers = [session for session in receivers if _fits(delivery, session)] or receivers
        count = len(receivers)
        for step in range(count):
            turn = (self._turn + step) % count
            session = receivers[turn]
            if session.can_take:
                # the next one goes to the next receiver, so that all of them share the work
                self._turn = turn + 1
                session.deliver(delivery, now)
                return True
        return False

    def _steer(self, delivery: Delivery, now: float) -> bool:
        """Send it to the session that a scenario wants, however full its window is where that is wanted, too."""
        session = self._target(delivery)
        if session is None:
            return False
        session.deliver(delivery, now)
        return True

    def again(self, delivery: Delivery, retry: Retry, now: float) -> bool:
        """Try once more, later. False when it was tried often enough, or too many wait: it is the oldest of them."""
        if delivery.attempts >= retry.attempts_max or len(self.waiting) + len(self.retrying) >= self._waiting_max:
            return False
        self.offer_at(now + retry.after(delivery.attempts), delivery)
        return True

    def offer_at(self, due: float, delivery: Delivery) -> None:
        """Offer it at that link time, unless a reset comes first."""
        self.retrying.add(delivery)
        self._agenda.put_link(due, self._due, delivery)

    def _due(self, delivery: Delivery, now: float) -> None:
        # a reset may have forgotten it meanwhile
        if delivery in self.retrying:
            self.retrying.discard(delivery)
            self.offer(delivery, now)

    def give_back(self, deliveries: list[Delivery]) -> None:
        """A session ended with these unanswered: they are the oldest, so they go before all that wait."""
        for delivery in reversed(deliveries):
            _keep(delivery)
            if delivery.form is not None and is_steered(delivery.form):
                self.steered.setdefault(_aim_of(delivery), deque()).appendleft(delivery)
            else:
                self.waiting.appendleft(delivery)

    def clear(self) -> None:
        """Forget everything that waits, for a receiver or for its next attempt; receivers stay, in order."""
        self.waiting.clear()
        self.retrying.clear()
        self.steered.clear()
        self.stopped_by = None
        self._turn = 0

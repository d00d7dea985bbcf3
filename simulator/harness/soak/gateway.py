"""A model gateway: one account's messages, its links, windows, tries and reconnects, on the ESME's side of the wire.

It does what a good gateway does, and what its mood says where that is troubled. It knows what it has sent and what came
back, and nothing of what the carrier thinks of it. It has no socket: a world carries its octets.
"""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.harness.soak.plan import Customer
from simulator.smpp.connection import Connection, Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.events import Event, Expired, Malformed, Obliged, Timeout
from simulator.smpp.pdus import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    GenericNack,
    Pdu,
    Request,
    Response,
    SubmitMulti,
    SubmitSm,
    Unbind,
    UnbindResp,
    response_to,
)
from simulator.smpp.states import CAN_RECEIVE, Side, State

if TYPE_CHECKING:
    from simulator.harness.soak.world import SoakWorld

CAN_SUBMIT: Final = frozenset({State.BOUND_TX, State.BOUND_TRX})
BINDS: Final = {"TX": BindTransmitter, "RX": BindReceiver, "TRX": BindTransceiver}
LATER: Final = frozenset(
    {CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RSYSERR, 0x450}
)
"""Answers after which a message is tried again."""
TRIES: Final = 4
"""How often a message is tried at all."""
PATIENCE: Final = 2.0
"""Seconds of link time between two tries, and before another link is opened in the place of a lost one."""
QUEUE_MAX: Final = 20_000
"""Messages that wait to be sent; what comes beyond that is never sent."""

Decision = Callable[[Pdu], int | None]
"""The status to answer a delivery with, None for silence."""


class Letter:
    """A request that is to be sent, and how often it has been."""

    __slots__ = ("make", "tries")

    def __init__(self, make: Callable[[], Request]) -> None:
        self.make = make
        self.tries = 0


class GatewayLink:
    """One link: our connection and the SMSC's session at its two ends."""

    __slots__ = (
        "_armed",
        "asked",
        "bind_type",
        "connection",
        "cuts_after",
        "gateway",
        "is_up",
        "letters",
        "reads",
        "session",
        "upward",
    )

    def __init__(self, gateway: "Gateway", bind_type: str, now: float) -> None:
        world, customer = gateway.world, gateway.customer
        self.gateway = gateway
        self.bind_type = bind_type
        timers = Timers(session_init=inf, enquire_link=customer.enquiry, inactivity=inf, response=customer.response)
        # a window of one's own: what is held back by it is the gateway's queue
        self.connection = Connection(Side.ESME, now, timers=timers, window=1_000_000)
        self.session = world.smsc.connect(now, "127.0.0.1:40000", lambda: world.stir(self))
        self.letters: dict[int, Letter] = {}
        """What is unanswered, by sequence_number."""
        self.upward = bytearray()
        """Octets that the SMSC does not read for now."""
        self.asked = 0
        self.is_up = True
        """Whether our end stands."""
        self.reads = True
        self.cuts_after: int | None = None
        """After how many more octets of ours the link is lost."""
        self._armed = inf

    @property
    def can_submit(self) -> bool:
        """Whether messages may be sent here."""
        return self.is_up and self.connection.state in CAN_SUBMIT

    @property
    def can_receive(self) -> bool:
        """Whether receipts may come here."""
        return self.is_up and self.connection.state in CAN_RECEIVE

    def send(self, pdu: Pdu, now: float) -> None:
        """Send a PDU; it leaves with whatever else this moment brings."""
        self.connection.send_anyway(pdu, now)
        self.gateway.world.stir(self)
        if isinstance(pdu, Request):
            self.arm()

    def arm(self) -> None:
        """Have our timers looked at when the next of them is due."""
        deadline = self.connection.next_deadline()
        if deadline < self._armed:
            self._armed = deadline
            self.gateway.world.put(deadline, self._tick, deadline)

    def _tick(self, deadline: float, now: float) -> None:
        if deadline != self._armed or not self.is_up:
            return
        self._armed = inf
        for event in self.connection.tick(now):
            self.gateway.take(self, event, now)
        if self.is_up:
            self.arm()


class Gateway:
    """The gateway of one account. ``decide`` says how deliveries are answered, ``delay`` how late."""

    def __init__(self, world: "SoakWorld", customer: Customer) -> None:
        self.world = world
        self.customer = customer
        self.links: list[GatewayLink] = []
        self.queue: deque[Letter] = deque()
        self.decide: Decision = lambda _: 0
        self.delay = 0.0
        self.is_open = True
        """Whether lost links are opened again."""
        self.held_until = -inf
        """Throttled: nothing is sent before."""
        self.offered = self.sent = self.answered = self.accepted = self.refused = 0
        self.expired = self.lost = self.abandoned = self.received = 0
        self.binds_refused = 0
        self._is_pumping = False

    # ------------------------------------------------------------------ its links

    def open(self, now: float) -> None:
        """Have as many links as it is to have, each bound as it is to be."""
        if not self.is_open:
            return
        wanted = list(self.customer.binds)
        for link in self.links:
            wanted.remove(link.bind_type)
        for bind_type in wanted:
            link = GatewayLink(self, bind_type, now)
            self.links.append(link)
            fields: dict[str, Any] = {"system_id": self.customer.name, "interface_version": self.customer.version}
            if bind_type != "TX" or self.customer.version > 0x33:
                fields["system_type"] = "soak"
            link.send(BINDS[bind_type](**fields), now)

    def lose(self, link: GatewayLink, now: float) -> None:
        """A link is gone: what was unanswered on it is tried again, and soon there is another one."""
        if not link.is_up:
            return
        link.is_up = False
        self.links.remove(link)
        link.connection.close()
        letters, link.letters = link.letters, {}
        for letter in letters.values():
            self.lost += 1
            self._again(letter)
        self.world.put(now + PATIENCE * 2 ** min(self.binds_refused, 10), lambda _, at: self.open(at), None)
        self.world.stir(link)

    def leave(self, link: GatewayLink, now: float) -> None:
        """Unbind one of its links."""
        if link.connection.is_bound:
            link.send(Unbind(), now)

    # ------------------------------------------------------------------ what it sends

    def offer(self, make: Callable[[], Request], now: float) -> None:
        """One more request that is to be sent when there is room."""
        self.offered += 1
        if len(self.queue) >= QUEUE_MAX:
            self.abandoned += 1
            return
        self.queue.append(Letter(make))
        self.pump(now)

    def pump(self, now: float) -> None:
        """Send what waits, as far as windows go."""
        if not self.queue or now < self.held_until:
            return
        window = self.customer.window
        for link in self.links:
            while self.queue and link.can_submit and len(link.letters) < window:
                letter = self.queue.popleft()
                pdu = letter.make()
                letter.tries += 1
                self.sent += 1
                link.send(pdu, now)
                link.letters[pdu.sequence_number] = letter

    def _again(self, letter: Letter) -> None:
        if letter.tries < TRIES:
            self.queue.append(letter)
        else:
            self.abandoned += 1

    def _hold(self, now: float) -> None:
        """The carrier has had enough for now."""
        self.held_until = now + PATIENCE
        self.world.put(self.held_until, lambda _, at: self.pump(at), None)

    # ------------------------------------------------------------------ what comes

    def take(self, link: GatewayLink, event: Event, now: float) -> None:
        """What came on a link, or did not."""
        match event:
            case DeliverSm() | DataSm():
                self.received += 1
                self.world.arrived(link, event)
                self._answer(link, event, now)
            case Response():
                self._answered(link, event, now)
            case Obliged(pdu, answer):
                self._obey(link, pdu, answer, now)
            case Expired(request):
                self._expired(link, request, now)
            case Timeout(_, answer):
                if answer is not None:
                    link.send(answer, now)
            case Malformed():
                self.world.puzzled(link, event)
                if event.answer is not None:
                    link.send(event.answer, now)
                if event.is_fatal:
                    self.lose(link, now)
            case _:
                # an outbind or an alert asks for nothing
                pass

    def _obey(self, link: GatewayLink, pdu: Pdu, answer: Pdu | None, now: float) -> None:
        if answer is not None:
            link.send(answer, now)
        if isinstance(pdu, Unbind):
            self.world.put(now + 0.1, lambda _, at: self.lose(link, at), None)

    def _answer(self, link: GatewayLink, pdu: DeliverSm | DataSm, now: float) -> None:
        status = self.decide(pdu)
        if status is None:
            return
        answer = response_to(pdu, status)
        if self.delay:
            self.world.put(now + self.delay, lambda _, at: self._answer_late(link, answer, at), None)
        else:
            link.send(answer, now)

    def _answer_late(self, link: GatewayLink, answer: Pdu, now: float) -> None:
        if link.is_up:
            link.send(answer, now)

    def _answered(self, link: GatewayLink, response: Response, now: float) -> None:
        request = response.request
        if request is None:
            # nobody waits for it any more
            self.world.unasked(link, response)
            return
        if isinstance(request, BindTransmitter | BindReceiver | BindTransceiver):
            self._bound(link, response, now)
        elif isinstance(response, UnbindResp):
            self.lose(link, now)
        elif isinstance(request, SubmitSm | SubmitMulti | DataSm):
            letter = link.letters.pop(request.sequence_number, None)
            if letter is None:
                return
            self.answered += 1
            self._judged(link, letter, response, now)
            self.pump(now)
        elif isinstance(response, GenericNack) or request.sequence_number in link.letters:
            link.letters.pop(request.sequence_number, None)

    def _bound(self, link: GatewayLink, response: Response, now: float) -> None:
        if response.command_status:
            self.binds_refused += 1
            self.lose(link, now)
        else:
            self.binds_refused = 0
            self.pump(now)

    def _judged(self, link: GatewayLink, letter: Letter, response: Response, now: float) -> None:
        if not response.command_status:
            self.accepted += 1
            self.world.responded(link, response)
        elif response.command_status in LATER:
            self._again(letter)
            self._hold(now)
        else:
            self.refused += 1

    def _expired(self, link: GatewayLink, request: Request, now: float) -> None:
        letter = link.letters.pop(request.sequence_number, None)
        if letter is not None:
            self.expired += 1
            self._again(letter)
            self.pump(now)
        elif not isinstance(request, SubmitSm | SubmitMulti | DataSm):
            # neither a bind nor a sign of life was answered
            self.lose(link, now)


__all__ = ["BINDS", "Gateway", "GatewayLink"]

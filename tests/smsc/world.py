"""A world without sockets: one Smsc, any number of gateways joined to it by octets, and a clock that is a number."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import Message, Outcome, Verdict
from simulator.smpp.connection import Connection, Timers
from simulator.smpp.events import Event, Expired, Malformed, Obliged, Timeout
from simulator.smpp.pdus import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    Pdu,
    Response,
    SubmitSm,
    response_to,
)
from simulator.smpp.states import Side
from simulator.sms.receipts import parse
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.translate import Incoming, Submission

START = 1_800_000_000.0
NEVER = Timers(session_init=1e9, enquire_link=1e9, inactivity=1e9, response=1e9)
BINDS = {"TX": BindTransmitter, "RX": BindReceiver, "TRX": BindTransceiver}

P = TypeVar("P", bound=Pdu)
Decision = Callable[[Pdu], int | None]
"""The status to answer a delivery with, or None for silence."""


def acknowledge(pdu: Pdu) -> int:
    """Take every delivery."""
    return 0


def say_nothing(pdu: Pdu) -> None:
    """Answer no delivery."""


def answering(status: int | None) -> Decision:
    """Answer every delivery alike."""
    return lambda _: status


class Gateway:
    """The ESME's side of one link; what it received is in ``received``. ``decide`` answers deliveries, None: silence.

    A gateway that does not read (``reads`` False) lets octets pile up at the SMSC; one that ``is_mute`` reads, but
    answers no enquire_link and no unbind.
    """

    def __init__(self, world: "World", decide: Decision = acknowledge) -> None:
        self.world = world
        self.decide = decide
        self.connection = Connection(Side.ESME, world.now, timers=NEVER, window=10_000)
        self.session = world.smsc.connect(world.now, "memory", lambda: None)
        self.received: list[Pdu] = []
        self.segments: list[bytes] = []
        """What the SMSC wrote, octets as they came."""
        self.reads = True
        self.is_mute = False

    def send(self, pdu: Pdu) -> Any:
        """Send a PDU and let the world settle; returns the response if one has come."""
        self.connection.send_anyway(pdu, self.world.now)
        self.world.settle()
        answers = [one for one in self.received if isinstance(one, Response) and one.request is pdu]
        return answers[-1] if answers else None

    def send_together(self, *pdus: Pdu) -> list[Any]:
        """Send several PDUs in one batch; returns the responses that have come, in the order of the requests."""
        for pdu in pdus:
            self.connection.send_anyway(pdu, self.world.now)
        self.world.settle()
        answers = {id(one.request): one for one in self.received if isinstance(one, Response)}
        return [answers.get(id(pdu)) for pdu in pdus]

    def send_bytes(self, octets: bytes) -> list[Pdu]:
        """Send octets as they are; returns what came back."""
        before = len(self.received)
        self.connection.send_bytes(octets)
        self.world.settle()
        return self.received[before:]

    def bind(self, system_id: str = "gateway", bind: str = "TRX", **fields: Any) -> Any:
        """Bind; returns the response."""
        return self.send(BINDS[bind](system_id=system_id, **fields))

    def submit(self, **fields: Any) -> Any:
        """Submit a message with a receipt asked for; returns the response."""
        return self.send(a_submission(**fields))

    def of(self, kind: type[P]) -> list[P]:
        """What was received of one kind."""
        return [pdu for pdu in self.received if isinstance(pdu, kind)]

    @property
    def deliveries(self) -> list[DeliverSm | DataSm]:
        """What was delivered."""
        return [pdu for pdu in self.received if isinstance(pdu, DeliverSm | DataSm)]

    @property
    def texts(self) -> list[str]:
        """The texts of the deliveries as ASCII."""
        return [pdu.short_message.decode("ascii", "replace") for pdu in self.of(DeliverSm)]

    @property
    def stats(self) -> list[tuple[str, str]]:
        """(id, stat) of each receipt."""
        found = [parse(pdu.short_message.decode("ascii")) for pdu in self.of(DeliverSm) if pdu.esm_class & 0x3C]
        return [(one.message_id, one.stat) for one in found if one is not None]

    def stands(self) -> bool:
        """Whether the link does."""
        return self.session.is_open

    def close(self) -> None:
        """Cut the link."""
        self.session.close(self.world.now, "cut by the test")
        self.world.gateways.remove(self)
        self.world.settle()

    def take(self, event: Event) -> None:
        """What a gateway does with what its connection tells it."""
        now = self.world.now
        match event:
            case Obliged(pdu, answer):
                self.received.append(pdu)
                if answer is not None and not self.is_mute:
                    self.connection.send(answer, now)
            case DeliverSm() | DataSm():
                self.received.append(event)
                status = self.decide(event)
                if status is not None:
                    self.connection.send(response_to(event, status), now)
            case Pdu():
                self.received.append(event)
            case Malformed() | Expired() | Timeout():
                raise AssertionError(f"the SMSC sent something wrong: {event}")


class World:
    """An Smsc and its gateways. ``settle`` carries octets to and fro until nobody says anything more."""

    def __init__(self, **settings: Any) -> None:
        self.now = 100.0
        self.smsc = Smsc(self.now, START, **settings)
        self.gateways: list[Gateway] = []

    def gateway(self, decide: Decision = acknowledge) -> Gateway:
        """A new link."""
        gateway = Gateway(self, decide)
        self.gateways.append(gateway)
        return gateway

    def bound(self, system_id: str = "gateway", bind: str = "TRX", **fields: Any) -> Gateway:
        """A new link that is bound."""
        gateway = self.gateway()
        response = gateway.bind(system_id, bind, **fields)
        assert response.command_status == 0, response
        gateway.received.clear()
        return gateway

    def settle(self) -> None:
        """Carry octets until it is quiet."""
        moved = True
        while moved:
            moved = False
            for gateway in list(self.gateways):
                up = gateway.connection.data_to_send()
                if (up or gateway.session.rests) and gateway.session.is_open:
                    gateway.session.receive_data(up, self.now)
                    moved = True
                down = gateway.session.data_to_send() if gateway.reads else b""
                if down:
                    gateway.session.written(self.now)
                    gateway.segments.append(down)
                    gateway.connection.receive_data(down)
                    for event in gateway.connection.events(self.now):
                        gateway.take(event)
                    moved = True

    def hang_up(self) -> None:
        """Close the links that the SMSC wants closed and that have nothing left to carry."""
        for gateway in list(self.gateways):
            session = gateway.session
            if session.hang_up and session.is_open and not session.bytes_waiting:
                session.close(self.now, "closed by us")
                self.gateways.remove(gateway)

    def run(self, seconds: float) -> None:
        """Let that much link time pass, stopping at everything that is due."""
        end = self.now + seconds
        while self.smsc.next_deadline() <= end:
            self.now = max(self.now, self.smsc.next_deadline())
            while self.smsc.tick(self.now):
                pass
            self.settle()
            self.hang_up()
        self.now = end

    def story(self) -> list[str]:
        """The journal as text: what can be compared between two worlds, without what belongs to their links alone."""
        return [
            f"{row.number} {row.at:.6f} {row.kind} {row.session} {told(row.subject)} {told(row.detail)}"
            for row in self.smsc.journal.rows()
        ]

    def events(self, kind: str) -> list[tuple[Any, Any]]:
        """(subject, detail) of each event of a kind."""
        return [(row.subject, row.detail) for row in self.smsc.journal.rows() if row.kind == kind]

    def kinds(self, kind: str) -> int:
        """How many events of a kind the journal has counted."""
        return self.smsc.journal.counts[kind]


def told(subject: Any) -> str:
    """One word or two for what a row of the journal is about."""
    match subject:
        case Submission():
            return f"{subject.number} {subject.message_id} {subject.state} {subject.text!r}"
        case Incoming():
            return f"{subject.number} {subject.message_id} {subject.state} {subject.text!r}"
        case Outcome():
            return f"{subject.state} after {subject.after:.6f}"
        case Pdu():
            return subject.name
        case Session():
            return f"{subject.system_id} {subject.bind_type}"
        case _:
            return repr(subject)


def a_submission(**fields: Any) -> SubmitSm:
    """A submit_sm with a receipt asked for."""
    defaults: dict[str, Any] = {
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "source_addr": "12025550199",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "12025550100",
        "registered_delivery": 1,
        "short_message": b"hello",
    }
    return SubmitSm(**(defaults | fields))


class LateCarrier(Carrier):
    """A carrier that answers ``respond_after`` seconds late."""

    def __init__(self, respond_after: float, **settings: Any) -> None:
        super().__init__(**settings)
        self.respond_after = respond_after

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        """The plain verdict, late."""
        return replace(super().submit(message, account, now), respond_after=self.respond_after)

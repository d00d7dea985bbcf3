"""A world without sockets: one Smsc, any number of gateways joined to it by octets, and a clock that is a number."""

from collections.abc import Callable
from typing import Any, TypeVar

from simulator.smpp.connection import Connection, Timers
from simulator.smpp.events import Event, Expired, Malformed, Obliged, Timeout
from simulator.smpp.pdus import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DataSm,
    DeliverSm,
    Pdu,
    Request,
    Response,
    SubmitSm,
    response_to,
)
from simulator.smpp.states import Side
from simulator.smsc.smsc import Smsc

START = 1_800_000_000.0
NEVER = Timers(session_init=1e9, enquire_link=1e9, inactivity=1e9, response=1e9)
BINDS = {"TX": BindTransmitter, "RX": BindReceiver, "TRX": BindTransceiver}

P = TypeVar("P", bound=Pdu)


class Gateway:
    """The ESME's side of one link; what it received is in ``received``. ``decide`` answers deliveries, None: silence."""

    def __init__(self, world: "World", decide: Callable[[Pdu], int | None] = lambda pdu: 0) -> None:
        self.world = world
        self.decide = decide
        self.connection = Connection(Side.ESME, world.now, timers=NEVER, window=10_000)
        self.session = world.smsc.connect(world.now, "memory", lambda: None)
        self.received: list[Pdu] = []
        self.reads = True

    def send(self, pdu: Pdu) -> Any:
        """Send a PDU and let the world settle; returns the response if one has come."""
        self.connection.send_anyway(pdu, self.world.now)
        self.world.settle()
        answers = [one for one in self.received if isinstance(one, Response) and one.request is pdu]
        return answers[-1] if answers else None

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
        return self.send(SubmitSm(**(defaults | fields)))

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
                if answer is not None:
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

    def gateway(self, decide: Callable[[Pdu], int | None] = lambda pdu: 0) -> Gateway:
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
                if up and gateway.session.is_open:
                    gateway.session.receive_data(up, self.now)
                    moved = True
                down = gateway.session.data_to_send() if gateway.reads else b""
                if down:
                    gateway.session.written(self.now)
                    gateway.connection.receive_data(down)
                    for event in gateway.connection.events(self.now):
                        gateway.take(event)
                    moved = True

    def run(self, seconds: float) -> None:
        """Let that much link time pass, stopping at everything that is due."""
        end = self.now + seconds
        while self.smsc.next_deadline() <= end:
            self.now = max(self.now, self.smsc.next_deadline())
            while self.smsc.tick(self.now):
                pass
            self.settle()
        self.now = end

    def kinds(self, kind: str) -> int:
        """How many events of a kind the journal has counted."""
        return self.smsc.journal.counts[kind]


def a_request(pdu: Request, **fields: Any) -> Request:
    """The PDU with some fields set, for tables of cases."""
    for name, value in fields.items():
        setattr(pdu, name, value)
    return pdu

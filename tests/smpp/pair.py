"""An ESME and an SMSC joined by octets, and a clock that is a number: the pair is tested, not the half."""

from typing import Any

from simulator.smpp.connection import Connection, Timers
from simulator.smpp.events import Event, Malformed, Obliged
from simulator.smpp.pdus import (
    PDU_CLASSES,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    Outbind,
    Pdu,
    Request,
    Response,
    Unbind,
    UnknownPdu,
    response_to,
)
from simulator.smpp.states import Side, State
from simulator.smpp.tlvs import TLVS, Tlv

NEVER = Timers(session_init=1e9, enquire_link=1e9, inactivity=1e9, response=1e9)
BIND_IDS = {0x01, 0x02, 0x09}
BINDS: dict[State, type[BindTransmitter | BindReceiver | BindTransceiver]] = {
    State.BOUND_TX: BindTransmitter,
    State.BOUND_RX: BindReceiver,
    State.BOUND_TRX: BindTransceiver,
}


class ConnectionPair:
    """Both ends of one link. Whenever octets have been carried, both must be in the same state."""

    def __init__(self, *, timers: Timers = NEVER, **settings: Any) -> None:
        self.now = 0.0
        self.version = 0
        """sc_interface_version that the SMSC tells in its bind responses; 0 for none."""
        self.esme = Connection(Side.ESME, self.now, timers=timers, **settings)
        self.smsc = Connection(Side.SMSC, self.now, timers=timers, **settings)

    def end(self, side: Side) -> Connection:
        """The connection of that side."""
        return self.esme if side is Side.ESME else self.smsc

    def carry(self, sender: Connection) -> list[Event]:
        """Carry what the sender has to send; returns the events at the other end."""
        receiver = self.end(sender.side.other)
        receiver.receive_data(sender.data_to_send())
        events = list(receiver.events(self.now))
        assert sender.state is receiver.state, f"{sender.side.name} and {receiver.side.name} disagree after {events}"
        return events

    def send(self, sender: Connection, pdu: Pdu) -> Event:
        """Send a PDU, also an illegal one; returns the one event at the other end."""
        sender.send_anyway(pdu, self.now)
        (event,) = self.carry(sender)
        return event

    def answer(self, receiver: Connection, event: Event, status: int = 0) -> Response:
        """Answer an event as the protocol obliges, or else with that status; returns what comes to the other end."""
        answer = event.answer if isinstance(event, Obliged | Malformed) else None
        if answer is None:
            assert isinstance(event, Request)
            answer = response_to(event, status)
            if self.version and event.command_id in BIND_IDS:
                answer.tlvs = (Tlv(0x0210, bytes([self.version])),)
        receiver.send(answer, self.now)
        (response,) = self.carry(receiver)
        assert isinstance(response, Response)
        return response

    def ask(self, sender: Connection, pdu: Request, status: int = 0) -> Response:
        """Send a request and have it answered; returns the response."""
        return self.answer(self.end(sender.side.other), self.send(sender, pdu), status)

    @classmethod
    def in_state(cls, state: State, version: int = 0x34, **settings: Any) -> "ConnectionPair":
        """A pair that has come to this state as peers do, which both speak this version."""
        pair = cls(**settings)
        pair.version = version
        if state in BINDS:
            assert pair.ask(pair.esme, BINDS[state](interface_version=version)).command_status == 0
        elif state is State.OUTBOUND:
            pair.send(pair.smsc, Outbind())
        elif state is State.UNBOUND:
            pair.ask(pair.esme, BindTransceiver(interface_version=version))
            pair.ask(pair.esme, Unbind())
        elif state is State.CLOSED:
            pair.esme.close()
            pair.smsc.close()
        assert pair.esme.state is pair.smsc.state is state
        return pair


def a_pdu(command_id: int, **fields: Any) -> Pdu:
    """A PDU of any command, known or not, as empty as it may be: with its mandatory TLVs."""
    kind = PDU_CLASSES.get(command_id)
    if kind is None:
        return UnknownPdu(command_id=command_id, **fields)
    fields.setdefault("tlvs", tuple(Tlv(tag, bytes(TLVS[tag].size_min)) for tag in kind.required_tlvs))
    return kind(**fields)


def header(command_id: int, *, length: int = 16, status: int = 0, sequence: int = 1) -> bytes:
    """The 16 octets of a header, written without the codec."""
    return b"".join(number.to_bytes(4, "big") for number in (length, command_id, status, sequence))


def frame(command_id: int, body: bytes = b"", *, status: int = 0, sequence: int = 1) -> bytes:
    """A whole PDU, written without the codec."""
    return header(command_id, length=16 + len(body), status=status, sequence=sequence) + body


def read(connection: Connection, octets: bytes, now: float = 0.0) -> list[Event]:
    """The events of these octets, given at once."""
    connection.receive_data(octets)
    return list(connection.events(now))

"""One session and what it writes, segment by segment and each with its moment: for what happens to octets."""

from typing import Any

from simulator.journal import FAULT
from simulator.scenario.declared import names_in
from simulator.scenario.then import Fault
from simulator.shaping.streams import Plan
from simulator.smpp.codec import decode, encode
from simulator.smpp.pdus import BindTransceiver, EnquireLink, Pdu, SubmitSm
from simulator.smpp.wire import Wire
from simulator.smsc.play.faults import strike
from simulator.smsc.play.flow import Flow
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Terms
from tests.smsc.world import NEVER, START, a_submission

NOW = 100.0


def a_fault(word: str, **said: Any) -> Fault:
    """A fault as a scenario file says it."""
    return Fault.model_validate({"fault": word, **said}, context=names_in({}))


def send_shaped(
    session: Session,
    pdu: Pdu,
    now: float,
    wire: Wire | None = None,
    plan: Plan | None = None,
    *,
    anyway: bool = False,
) -> bytes:
    """Send a PDU with damage to its octets, spread as ``plan`` says; ``anyway``: without asking the state."""
    send = session.connection.send_anyway if anyway else session.connection.send
    octets = send(pdu, now, wire)
    session.spread(octets, plan)
    return octets


class Line:
    """A session whose octets are carried as soon as it wakes its link; ``segments`` are (seconds, octets) of each."""

    def __init__(self, smsc: Smsc | None = None, system_id: str = "gateway") -> None:
        self.smsc = smsc or Smsc(NOW, START, terms=Terms(timers=NEVER))
        self.now = NOW
        self.segments: list[tuple[float, bytes]] = []
        self.is_awake = False
        self.session: Session = self.smsc.connect(self.now, "memory", self._wake)
        self.sequence = 1
        if system_id:
            self.take(BindTransceiver(system_id=system_id))
            self.segments.clear()

    def _wake(self) -> None:
        self.is_awake = True

    def take(self, *pdus: Pdu) -> None:
        """Let the session have these requests in one batch."""
        for pdu in pdus:
            pdu.sequence_number = self.sequence
            self.sequence += 1
        self.take_bytes(b"".join(encode(pdu) for pdu in pdus))

    def take_bytes(self, octets: bytes) -> None:
        """Let the session have octets, and carry what it writes."""
        self.session.receive_data(octets, self.now)
        self.carry()

    def carry(self) -> None:
        """Write what may be written."""
        self.is_awake = False
        while octets := self.session.data_to_send():
            self.segments.append((round(self.now - NOW, 3), octets))
            self.session.written(self.now)

    def strike(self, word: str, **said: Any) -> None:
        """Let a fault happen to this session; what it changes is carried as a link would."""
        strike(self.smsc, self.session, a_fault(word, **said), self.now)
        self.carry()

    def run(self, seconds: float) -> None:
        """Let that much link time pass."""
        end = self.now + seconds
        while self.smsc.next_deadline() <= end:
            self.now = max(self.now, self.smsc.next_deadline())
            self.smsc.tick(self.now)
            if self.is_awake and self.session.is_open:
                self.carry()
        self.now = end

    def ends(self) -> bool:
        """Whether the session wants its link to end."""
        return self.session.hang_up

    def reads(self) -> bool:
        """Whether the link is to read."""
        return not self.session.is_paused

    def flow(self) -> Flow | None:
        """What meddles with its octets."""
        return self.session.flow

    @property
    def octets(self) -> bytes:
        """All that was written."""
        return b"".join(octets for _, octets in self.segments)

    @property
    def times(self) -> list[float]:
        """When each segment was written."""
        return [at for at, _ in self.segments]

    @property
    def names(self) -> list[str]:
        """The PDUs that were written, by name."""
        return [pdu.name for pdu in self.pdus]

    @property
    def pdus(self) -> list[Pdu]:
        """The PDUs that were written."""
        found, at, octets = [], 0, self.octets
        while at < len(octets):
            end = at + int.from_bytes(octets[at : at + 4], "big")
            found.append(decode(octets, at, end))
            at = end
        return found

    @property
    def faults(self) -> list[str]:
        """What the journal tells of faults."""
        return [row.detail for row in self.smsc.journal.rows() if row.kind == FAULT]


def a_message() -> SubmitSm:
    """A submission with a receipt asked for."""
    return a_submission()


def an_enquiry() -> EnquireLink:
    """Something that is answered at once with 16 octets."""
    return EnquireLink()

"""A gateway as it should be, in a world without sockets: it binds, sends what it has, tries again, and tells the end.

It keeps to its window, slows the whole account down when it is throttled, never sends again what may have been taken,
waits longer before each bind that fails, answers whatever comes, and keeps receipts of ids that it does not know yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from simulator.scenario.ledger import UnknownMessage
from simulator.scenario.schema import Scenario
from simulator.smpp.connection import Connection
from simulator.smpp.errors import LocalError, PduError
from simulator.smpp.events import Event, Expired, Malformed, Timeout
from simulator.smpp.pdus import (
    DataSm,
    DataSmResp,
    DeliverSm,
    EnquireLink,
    GenericNack,
    Pdu,
    Response,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from simulator.smpp.states import Side
from simulator.smpp.tlvs import first
from simulator.sms.receipts import parse as parse_receipt
from simulator.smsc.memory.watch import NothingExpected, Watch
from simulator.smsc.play.staging import staged
from tests.smsc.world import NEVER, START, Gateway, World, a_submission, acknowledge

TEMPORARY = frozenset({0x58, 0x14, 0x08, 0x45, 0x64, 0x65})
"""Statuses after which a message is tried again."""
FINAL = {"DELIVRD": "delivered", "UNDELIV": "failed", "EXPIRED": "expired", "DELETED": "failed", "REJECTD": "failed"}
SILENT_AFTER = 90.0
"""Seconds without an answer after which a message is sent again: no gateway may be sure before that."""


@dataclass(slots=True)
class Outgoing:
    """One message of the gateway's."""

    destination: str
    text: bytes
    not_before: float
    fields: dict[str, Any] = field(default_factory=dict)
    request: SubmitSm | None = None
    sent_at: float = inf
    message_id: str = ""
    status: str = ""
    """What it tells of it in the end."""


class Link(Gateway):
    """One connection of the gateway, by a door of the SMSC's. What it cannot read it answers as the book says."""

    def __init__(self, owner: "Faithful", door: str) -> None:
        self.world = self.owner = owner
        self.decide = acknowledge
        self.connection = Connection(Side.ESME, owner.now, timers=NEVER, window=10_000)
        self.session = owner.smsc.connect(owner.now, "memory", lambda: None, listener=door)
        self.received = []
        self.segments = []
        self.reads, self.is_mute = True, False
        self.unbound = False

    def take(self, event: Event) -> None:
        """Tell the gateway of each PDU."""
        if isinstance(event, Malformed):
            self.owner.malformed += 1
            if event.answer is not None:
                self.connection.send(event.answer, self.world.now)
            if event.is_fatal:
                # nobody can know where the next PDU begins
                self.unbound = True
            return
        if isinstance(event, Expired | Timeout):
            return
        if isinstance(event, Unbind):
            self.unbound = True
        super().take(event)
        self.owner.took(event)


class Faithful(World):
    """Its world: one SMSC that plays ``scenarios``, watched, and the gateway. ``doors`` are tried one after the other.

    ``start``: what the carrier's clock shows at the beginning, in unix seconds; midnight in Los Angeles otherwise.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        names: Sequence[str],
        *,
        seed: int = 7,
        doors: Sequence[str] = ("smpp",),
        start: float = START,
    ) -> None:
        self.now = 100.0
        self.smsc = staged(scenarios, self.now, start, seed=seed)
        self.gateways = []
        self.watch = Watch(self.smsc, lambda: self.now, scenarios, names)
        self.messages: list[Outgoing] = []
        self.links: list[Link] = []
        """Every connection that there was."""
        self.receipts: dict[str, list[str]] = {}
        self.malformed = 0
        self.window = 10
        self._doors = doors
        self._door = 0
        self._link: Link | None = None
        self._is_bound = False
        self._bind_at = self.now
        self._pause = 1.0
        self._slow_until = 0.0
        self._backoff = 1.0
        self._enquired_at = self.now
        self._enquiry: EnquireLink | None = None

    def say(self, destination: str, text: bytes = b"hello", *, after: float = 0.0, **fields: Any) -> None:
        """One more message, not to be sent before so many seconds have passed."""
        self.messages.append(Outgoing(destination, text, self.now + after, fields))

    # ------------------------------------------------------------------ time

    def live(self, seconds: float) -> None:
        """Let so much time pass for both sides."""
        end = self.now + seconds
        while self.now < end:
            self._tend()
            # the gateway looks up ten times a second while it has anything to do, otherwise every ten seconds
            is_busy = not self._is_bound or any(one.not_before <= self.now for one in self._open())
            self.run(min(end - self.now, 0.1 if is_busy else 10.0))

    def _open(self) -> list[Outgoing]:
        return [one for one in self.messages if not one.message_id and not one.status]

    def _tend(self) -> None:
        link = self._link
        if link is not None and (not link.session.is_open or link.session.hang_up or link.unbound):
            self._leave(link)
        if self._link is None:
            if self.now >= self._bind_at:
                self._call()
            return
        if self._is_bound:
            self._ask()
        if self._is_bound:
            self._send()
        elif self.now - self._bind_at > 30.0:
            # a bind that nobody answers
            self._leave(self._link)

    def _leave(self, link: Link) -> None:
        if link.session.is_open:
            link.close()
        elif link in self.gateways:
            self.gateways.remove(link)
        self._link, self._is_bound = None, False
        self._bind_at = self.now + self._pause
        self._pause = min(60.0, self._pause * 2)
        self._door = (self._door + 1) % len(self._doors)

    def _call(self) -> None:
        link = Link(self, self._doors[self._door])
        self._link, self._bind_at, self._enquiry = link, self.now, None
        self.gateways.append(link)
        self.links.append(link)
        link.bind("gateway")

    def _ask(self) -> None:
        link = self._link
        assert link is not None
        if self._enquiry is not None and self.now - self._enquired_at > 20.0:
            self._leave(link)
        elif self._enquiry is None and self.now - self._enquired_at > 30.0:
            self._enquiry, self._enquired_at = EnquireLink(), self.now
            self._put(link, self._enquiry)

    def _send(self) -> None:
        link, waiting = self._link, self._open()
        assert link is not None
        unanswered = [one for one in waiting if one.request is not None and self.now - one.sent_at < SILENT_AFTER]
        room = self.window - len(unanswered)
        for one in waiting:
            if room <= 0 or self.now < self._slow_until or not self._is_bound:
                break
            if one.not_before > self.now or (one.request is not None and self.now - one.sent_at < SILENT_AFTER):
                continue
            asked: dict[str, Any] = {"short_message": one.text, "registered_delivery": 1, **one.fields}
            one.request, one.sent_at, room = a_submission(destination_addr=one.destination, **asked), self.now, room - 1
            self._put(link, one.request)

    def _put(self, link: Link, pdu: Pdu) -> None:
        try:
            link.connection.send(pdu, self.now)
        except (LocalError, PduError):
            self._leave(link)
            return
        self.settle()

    # ------------------------------------------------------------------ what comes

    def took(self, event: Event) -> None:
        """A PDU has come."""
        match event:
            case SubmitSmResp() | DataSmResp() | GenericNack():
                self._answered(event)
            case DeliverSm() | DataSm():
                self._delivered(event)
            case Response() if isinstance(event.request, EnquireLink):
                self._enquiry, self._enquired_at = None, self.now
            case Response() if event.name.startswith("bind_"):
                self._is_bound = not event.command_status
                if self._is_bound:
                    self._pause, self._enquired_at = 1.0, self.now
                elif self._link is not None:
                    self._link.unbound = True

    def _answered(self, response: Pdu) -> None:
        request = response.request if isinstance(response, Response) else None
        one = next((one for one in self.messages if one.request is not None and one.request is request), None)
        if one is None:
            return
        one.request = None
        status = response.command_status
        if not status:
            one.message_id, self._backoff = getattr(response, "message_id", "") or "unknown", 1.0
            for told in self.receipts.pop(one.message_id, []):
                self._ended(one, told)
        elif status in TEMPORARY:
            one.not_before = self._slow_until = self.now + self._backoff
            self._backoff = min(30.0, self._backoff * 2)
        else:
            self._ended(one, "failed")

    def _delivered(self, pdu: DeliverSm | DataSm) -> None:
        named = first(pdu.tlvs, 0x001E)
        octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
        receipt = parse_receipt(octets.decode("latin-1"))
        message_id = "" if receipt is None else receipt.message_id
        if named is not None:
            message_id = named.value.rstrip(b"\0").decode("latin-1")
        told = None if receipt is None else FINAL.get(receipt.stat)
        if not message_id or told is None:
            return
        one = next((one for one in self.messages if one.message_id == message_id), None)
        if one is None:
            # its answer may still be on its way
            self.receipts.setdefault(message_id, []).append(told)
        else:
            self._ended(one, told)

    def _ended(self, one: Outgoing, status: str) -> None:
        if not one.status:
            one.status = status

    # ------------------------------------------------------------------ the end

    def leave(self) -> None:
        """Say goodbye, as whoever is bound should."""
        link = self._link
        if link is not None and self._is_bound and link.session.is_open:
            self._is_bound, self._bind_at = False, inf
            self._put(link, Unbind())
            self.run(1.0)
            if self._link is link:
                self._leave(link)
            self._bind_at = inf

    def tell_the_ends(self) -> None:
        """Tell the watch what has become of each message that was accepted; what has no receipt is unknown."""
        for one in self.messages:
            if one.message_id:
                try:
                    self.watch.observe(one.message_id, one.status or "unknown")
                except (UnknownMessage, NothingExpected):
                    continue

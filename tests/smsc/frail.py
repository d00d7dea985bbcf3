"""A world whose wires break: octets lie on the way in both directions, and a cut loses what lies there.

Knows what was written on each wire and how far it came, octet by octet, so that everything that is missing at one end
can be explained at the other. What must hold of it is the tests' business.
"""

from collections import Counter
from random import Random
from typing import Any

from simulator.smpp.codec import encode
from simulator.smpp.connection import Connection, Timers
from simulator.smpp.constants import CommandId
from simulator.smpp.pdus import BindTransceiver, DeliverSm, SubmitSm, SubmitSmResp, response_to
from simulator.smpp.states import Side
from simulator.sms.receipts import parse
from simulator.smsc.smsc import Smsc
from tests.smsc.world import NEVER, START, a_submission


def whole_frames(octets: bytes | bytearray, command_id: int) -> int:
    """How many PDUs of that kind stand in octets that begin with one, the last perhaps cut."""
    found = at = 0
    while at + 16 <= len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        if at + length > len(octets):
            break
        found += int.from_bytes(octets[at + 4 : at + 8], "big") == command_id
        at += length
    return found


class Losses:
    """What every cut has cost, and what the ESMEs have seen, by the text of the message."""

    def __init__(self) -> None:
        self.cuts = 0
        self.submits_lost = 0
        self.responses_lost = 0
        self.receipts_lost = 0
        self.acknowledgements_lost: Counter[str] = Counter()
        self.submitted: set[str] = set()
        self.accepted: dict[str, str] = {}
        """The id that the answer told, where it arrived."""
        self.received: Counter[str] = Counter()
        """Receipts that arrived."""
        self.stats: dict[str, set[str]] = {}


class Wire:
    """One connection between an ESME and the SMSC, with the octets that lie on it."""

    def __init__(self, world: "FrailWorld", account: str) -> None:
        self.world = world
        self.account = account
        self.connection = Connection(Side.ESME, world.now, timers=NEVER, window=1000)
        self.session = world.smsc.connect(world.now, "memory", lambda: None)
        self._up = bytearray()
        self._down = bytearray()
        self._arrived_up = self._arrived_down = 0
        self._acknowledged: list[str] = []
        """The receipts that this end has acknowledged, in order."""
        self.connection.send(BindTransceiver(system_id=account), world.now)
        self.carry()

    def submit(self, count: int) -> None:
        """Send so many messages, each with a text that there is only once."""
        for _ in range(min(count, self.connection.room)):
            text = self.world.next_text()
            self.world.losses.submitted.add(text)
            self.connection.send(a_submission(short_message=text.encode()), self.world.now)

    def carry_up(self, most: int) -> None:
        """So many octets reach the SMSC."""
        self._up += self.connection.data_to_send()
        octets = bytes(self._up[self._arrived_up : self._arrived_up + most])
        if octets and self.session.is_open and not self.session.hang_up:
            self._arrived_up += len(octets)
            self.session.receive_data(octets, self.world.now)

    def carry_down(self, most: int) -> None:
        """The SMSC writes all it has, and so many octets reach the ESME."""
        if written := self.session.data_to_send():
            self._down += written
            self.session.written(self.world.now)
        octets = bytes(self._down[self._arrived_down : self._arrived_down + most])
        self._arrived_down += len(octets)
        self.connection.receive_data(octets)
        for event in self.connection.events(self.world.now):
            self._take(event)

    def carry(self) -> None:
        """Everything arrives that is on the way, until nobody says anything more."""
        before = -1
        while before != self._arrived_up + self._arrived_down:
            before = self._arrived_up + self._arrived_down
            self.carry_up(1 << 30)
            self.carry_down(1 << 30)

    def cut(self) -> None:
        """The connection breaks: what lies on it reaches nobody, half a PDU at either end included."""
        losses = self.world.losses
        self._up += self.connection.data_to_send()
        arrived_up = self._up[: self._arrived_up]
        losses.cuts += 1
        for kind, name in ((CommandId.SUBMIT_SM, "submits_lost"), (CommandId.SUBMIT_SM_RESP, "responses_lost")):
            stream, arrived = self._up, self._arrived_up
            if kind is CommandId.SUBMIT_SM_RESP:
                stream, arrived = self._down + self.session.data_to_send(), self._arrived_down
            lost = whole_frames(stream, kind) - whole_frames(stream[:arrived], kind)
            setattr(losses, name, getattr(losses, name) + lost)
        receipts = whole_frames(self._down, CommandId.DELIVER_SM)
        self.world.receipts_written += receipts
        losses.receipts_lost += receipts - len(self._acknowledged)
        taken = whole_frames(arrived_up, CommandId.DELIVER_SM_RESP)
        losses.acknowledgements_lost.update(self._acknowledged[taken:])
        self.session.close(self.world.now, "cut")
        self.connection.close()
        self.world.wires.remove(self)

    def _take(self, event: Any) -> None:
        losses = self.world.losses
        match event:
            case SubmitSmResp(command_status=0):
                request = event.request
                assert isinstance(request, SubmitSm)
                losses.accepted[request.short_message.decode()] = event.message_id
            case DeliverSm():
                found = parse(event.short_message.decode())
                assert found is not None
                losses.received[found.text] += 1
                losses.stats.setdefault(found.text, set()).add(found.stat)
                # an id that the answer told is that of its receipt
                assert losses.accepted.get(found.text, found.message_id) == found.message_id
                self._acknowledged.append(found.text)
                self.connection.send(response_to(event), self.world.now)


class FrailWorld:
    """One SMSC, accounts with wires that a seed cuts at any octet, and a count of all that was lost on them."""

    def __init__(self, seed: int, *, accounts: int = 5, wires: int = 20, **settings: Any) -> None:
        self.luck = Random(seed)
        self.now = 100.0
        self.smsc = Smsc(self.now, START, seed=seed, **settings)
        self.losses = Losses()
        self.receipts_written = 0
        self.names = [f"account{number}" for number in range(accounts)]
        self.wires: list[Wire] = []
        self._width = wires
        self._texts = 0
        self._rebind()

    def next_text(self) -> str:
        """A text of its own, short enough to stand whole in a receipt."""
        self._texts += 1
        return f"m{self._texts:09}"

    @property
    def submitted(self) -> int:
        """How many messages the ESMEs have sent, arrived or not."""
        return self._texts

    def _rebind(self) -> None:
        """Every account has its wires again."""
        for name in self.names:
            standing = sum(wire.account == name for wire in self.wires)
            for _ in range(self._width // len(self.names) - standing):
                self.wires.append(Wire(self, name))

    def step(self) -> None:
        """Somebody submits, some octets travel, some time passes, and now and then a wire breaks."""
        luck = self.luck
        for wire in luck.sample(self.wires, min(len(self.wires), 6)):
            wire.submit(luck.randint(0, 10))
            for carry in luck.choices((wire.carry_up, wire.carry_down), k=luck.randint(0, 4)):
                carry(luck.choice((1, 20, 300, 5000, 1 << 20)))
            if luck.random() < 0.15:
                wire.cut()
        if luck.random() < 0.3:
            self.run(luck.choice((0.1, 1.0, 3.0)))
        if luck.random() < 0.3:
            self._rebind()

    def run(self, seconds: float) -> None:
        """So much time passes, with everything that is due in it."""
        end = self.now + seconds
        while self.smsc.next_deadline() <= end:
            self.now = max(self.now, self.smsc.next_deadline())
            while self.smsc.tick(self.now):
                pass
        self.now = end

    def heal(self) -> None:
        """No wire breaks any more, and everything comes to its end."""
        self._rebind()
        for _ in range(200):
            for wire in self.wires:
                wire.carry()
            if not self.smsc.waiting() and not any(wire.session.deliveries for wire in self.wires):
                self.run(1.0)
                if not len(self.smsc.agenda._story) + len(self.smsc.agenda._line):
                    break
            self.run(1.0)
        for wire in list(self.wires):
            wire.carry()
            wire.cut()


TIMERS = Timers(session_init=1e9, enquire_link=1e9, response=1e9)
"""Nothing is sent again but for a cut: every redelivery must be explained by one."""

__all__ = ["TIMERS", "FrailWorld", "Losses", "Wire", "encode", "whole_frames"]

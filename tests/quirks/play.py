"""A stage for quirks: their files played without sockets, gateways that keep every octet with its time, and frames.

Frames are read here by hand from the octets of the wire, and not by the codec: a quirk's PDU may be one that no codec
reads, and what is claimed of octets is to be seen in octets. All times are seconds of the link's clock, which is the
carrier's, too, unless a play is made with another ``speed``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from simulator.carrier.accounts import Account
from simulator.journal import FAULT, PDU_SENT, RULE_FIRED
from simulator.scenario.file import load, parse
from simulator.smpp.constants import TlvTag, command_name
from simulator.smpp.events import Event, Obliged
from simulator.smpp.pdus import DataSm, DeliverSm, Pdu
from simulator.smsc.memory.watch import Watch
from simulator.smsc.play.staging import staged
from tests.quirks.facts_c import Seen
from tests.smsc.played import Bearing
from tests.smsc.world import START, Decision, World, a_submission, acknowledge

TO: Final = "12025550100"
FROM: Final = "5555"

_HEADER: Final = 16
_DELIVERED: Final = (
    *("service_type", ".source_addr_ton", ".source_addr_npi", "source_addr", ".dest_addr_ton", ".dest_addr_npi"),
    *("destination_addr", ".esm_class", ".protocol_id", ".priority_flag", "schedule_delivery_time", "validity_period"),
    *(".registered_delivery", ".replace_if_present_flag", ".data_coding", ".sm_default_msg_id", "*short_message"),
)
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("bind_receiver_resp", "bind_transmitter_resp", "bind_transceiver_resp"), ("system_id",)),
    "submit_sm_resp": ("message_id",),
    "deliver_sm": _DELIVERED,
    "data_sm": (*_DELIVERED[:8], ".registered_delivery", ".data_coding"),
    "outbind": ("system_id", "password"),
    "alert_notification": (
        *(".source_addr_ton", ".source_addr_npi", "source_addr"),
        *(".esme_addr_ton", ".esme_addr_npi", "esme_addr"),
    ),
}
"""Mandatory fields of what an SMSC sends (SMPP 3.4, 4): text up to its NUL, `.` one octet, `*` octets and their length.
"""


@dataclass
class Frame:
    """One PDU as it was on the wire: when its last octet came, at which segment (from 0), and its octets."""

    at: float
    segment: int
    octets: bytes
    values: dict[str, bytes | int] = field(init=False, default_factory=dict)
    """Mandatory fields; a text has no NUL here."""
    tlvs: list[tuple[int, bytes]] = field(init=False, default_factory=list)
    rest: bytes = field(init=False, default=b"")
    """What is left behind the last whole TLV."""

    def __post_init__(self) -> None:
        at = _HEADER
        for word in _FIELDS.get(self.name, ()):
            if at >= len(self.octets):
                return
            if word[0] == ".":
                self.values[word[1:]] = self.octets[at]
                at += 1
            elif word[0] == "*":
                length = self.values["sm_length"] = self.octets[at]
                self.values[word[1:]] = self.octets[at + 1 : at + 1 + length]
                at += 1 + length
            else:
                end = self.octets.find(b"\0", at)
                self.values[word] = self.octets[at:end]
                at = end + 1
        while len(self.octets) - at >= 4:
            tag, length = (int.from_bytes(self.octets[at + one : at + one + 2], "big") for one in (0, 2))
            if at + 4 + length > len(self.octets):
                break
            self.tlvs.append((tag, self.octets[at + 4 : at + 4 + length]))
            at += 4 + length
        self.rest = self.octets[at:]

    @property
    def command_id(self) -> int:
        return int.from_bytes(self.octets[4:8], "big")

    @property
    def command_status(self) -> int:
        return int.from_bytes(self.octets[8:12], "big")

    @property
    def sequence_number(self) -> int:
        return int.from_bytes(self.octets[12:16], "big")

    @cached_property
    def name(self) -> str:
        return command_name(self.command_id)

    def tlv(self, name: str) -> bytes | None:
        """The value of the first TLV of that name."""
        return next((value for tag, value in self.tlvs if tag == TlvTag[name.upper()]), None)

    def place(self, place: str) -> bytes | int | None:
        """What stands in a place as facts name it."""
        if place.startswith("tlv "):
            return self.tlv(place[4:])
        if place == "tlvs":
            return len(self.tlvs)
        known: Any = getattr(self, place, None) if place not in self.values else self.values[place]
        assert isinstance(known, bytes | int), f"{self.name} has no {place}: {self.octets.hex()}"
        return known

    def octets_of(self, name: str) -> bytes:
        """A field of text or octets; none where it is not there."""
        value = self.values.get(name, b"")
        assert isinstance(value, bytes)
        return value

    def text(self, name: str) -> str:
        """A field of text."""
        return self.octets_of(name).decode("latin-1")

    def number(self, name: str) -> int:
        """A field of one octet; 0 where it is not there."""
        value = self.values.get(name, 0)
        assert isinstance(value, int)
        return value

    @property
    def message(self) -> str:
        """The text of a delivery, wherever it stands."""
        return (self.octets_of("short_message") or self.tlv("message_payload") or b"").decode("latin-1")

    @property
    def is_receipt(self) -> bool:
        """Whether its mark says so: a delivery receipt or an intermediate notification."""
        return self.number("esm_class") & 0x24 != 0

    def found(self, label: str) -> str:
        """What stands behind a label of a receipt's text, up to the next space."""
        match = re.search(rf"{label}:(\S*)", self.message)
        assert match is not None, f"no {label} in {self.message!r}"
        return match[1]

    def shows(self, seen: Seen) -> bool:
        """Whether it shows what is to be seen."""
        value = self.place(seen.place)
        if isinstance(seen.wanted, bytes):
            return isinstance(value, bytes) and re.fullmatch(seen.wanted, value, re.DOTALL) is not None
        return value == seen.wanted


class Gate(Bearing):
    """A gateway that keeps what it receives as frames, and knows how its link ended."""

    def __init__(self, world: "Play", decide: Decision = acknowledge) -> None:
        super().__init__(world, decide)
        self.broken = []
        self.end: str | None = None
        """How the link ended: `fin` or `rst`; None while it stands."""
        self.ended_at: float | None = None
        self._moments: list[float] = []
        self.segments = Segments(self)
        self.requests: list[Pdu] = []
        """What was submitted."""

    def take(self, event: Event) -> None:
        """Deliveries that should not be are taken like others: who binds to send only gets them, too."""
        if isinstance(event, Obliged) and isinstance(event.pdu, DeliverSm | DataSm):
            event = event.pdu
        super().take(event)

    @property
    def writes(self) -> list[tuple[float, bytes]]:
        """What the SMSC wrote, write by write, each with its time."""
        return list(zip(self._moments, self.segments, strict=True))

    @property
    def frames(self) -> list[Frame]:
        """All PDUs, in the order of the wire, up to the first whose length cannot be."""
        found, octets, ends = list[Frame](), self.octets, list[int]()
        for segment in self.segments:
            ends.append(len(segment) + (ends[-1] if ends else 0))
        start = number = 0
        while len(octets) - start >= _HEADER:
            length = int.from_bytes(octets[start : start + 4], "big")
            if length < _HEADER or start + length > len(octets):
                break
            while ends[number] < start + length:
                number += 1
            found.append(Frame(self._moments[number], number, octets[start : start + length]))
            start += length
        return found

    def frames_of(self, *names: str) -> list[Frame]:
        """The PDUs of these names."""
        return [frame for frame in self.frames if frame.name in names]

    @property
    def receipts(self) -> list[Frame]:
        """Deliveries that are marked as receipts."""
        return [frame for frame in self.frames_of("deliver_sm", "data_sm") if frame.is_receipt]

    def submit_at_once(self, **fields: Any) -> Pdu:
        """Submit and do not wait: what comes back is among the frames. Returns the request."""
        pdu = a_submission(**({"source_addr": FROM, "short_message": b"hi"} | fields))
        self.requests.append(pdu)
        self.send(pdu)
        return pdu

    def answers_to(self, *requests: Pdu) -> list[Frame]:
        """All frames that answer these requests, in the order of the wire."""
        numbers = {request.sequence_number for request in requests}
        return [one for one in self.frames if one.command_id & 0x80000000 and one.sequence_number in numbers]


class Segments(list[bytes]):
    """What was written, which notes when."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def append(self, octets: bytes) -> None:
        self._gate._moments.append(self._gate.world.now)
        super().append(octets)

    def clear(self) -> None:
        self._gate._moments.clear()
        super().clear()


class Play(World):
    """A world under quirks by their names, the later before the earlier; under none it is a plain SMSC.

    ``beside`` are further files that go before all of them, each written without its first line.
    """

    def __init__(
        self,
        *quirks: str,
        seed: int = 7,
        speed: float = 1.0,
        accounts: Iterable[Account] = (),
        beside: Sequence[str] = (),
    ) -> None:
        self.now = 100.0
        self.quirks = quirks
        scenarios = [load(f"quirks/{name}") for name in quirks]
        scenarios += [parse(f"scenario: 1\n{text}") for text in beside]
        self.smsc = staged(scenarios, self.now, START, seed=seed, speed=speed, accounts=accounts)
        self.watch = Watch(self.smsc, lambda: self.now, scenarios, quirks)
        self.gateways = []
        self.gates: list[Gate] = []
        """All gateways that ever were, those whose link has ended, too."""

    def another(self, *, speed: float = 1.0, beside: Sequence[str] = ()) -> "Play":
        """A new world under the same quirks."""
        return Play(*self.quirks, speed=speed, beside=beside)

    def gateway(self, decide: Decision = acknowledge) -> Gate:
        """A new link."""
        gate = Gate(self, decide)
        self.gateways.append(gate)
        self.gates.append(gate)
        return gate

    def bound(
        self, system_id: str = "gateway", bind: str = "TRX", *, decide: Decision = acknowledge, **fields: Any
    ) -> Gate:
        """A new link that has asked to be bound, whatever the answer is; its frames begin with that answer."""
        gate = self.gateway(decide)
        gate.bind(system_id, bind, **fields)
        return gate

    def hang_up(self) -> None:
        """Close the links that the SMSC wants closed; gateways learn how."""
        for gate in list(self.gateways):
            assert isinstance(gate, Gate)
            session = gate.session
            if session.hang_up and session.is_open and not session.bytes_waiting:
                if session.flow is None or session.flow.mute_until <= self.now:
                    # in a black hole nobody sees the end
                    gate.end, gate.ended_at = session.ends_by or "fin", self.now
                session.close(self.now, "closed by us")
                self.gateways.remove(gate)

    def run(self, seconds: float) -> None:
        """Let that much link time pass; 0 is enough to see links end."""
        self.settle()
        self.hang_up()
        super().run(seconds)
        self.settle()
        self.hang_up()

    def date(self, now: float) -> str:
        """The carrier's time then as receipts tell it: YYMMDDhhmm, UTC."""
        return datetime.fromtimestamp(self.smsc.clock.at(now), UTC).strftime("%y%m%d%H%M")

    @property
    def frames(self) -> list[Frame]:
        """The PDUs of all links, link by link."""
        return [frame for gate in self.gates for frame in gate.frames]

    @property
    def fired(self) -> list[str]:
        """The rules that have fired, in their order."""
        return [str(name) for _, name in self.events(RULE_FIRED)]

    def fired_for(self, *rules: str) -> set[str]:
        """The destinations of the messages for which one of these rules fired; of any rule if none is named."""
        found = self.events(RULE_FIRED)
        return {one.destination.number for one, name in found if one is not None and (name in rules or not rules)}

    @property
    def faults(self) -> list[str]:
        """What was done to connections."""
        return [str(what) for _, what in self.events(FAULT)]

    @property
    def failures(self) -> list[str]:
        """What was to be sent and could not be."""
        told = [str(detail or subject) for subject, detail in self.events(PDU_SENT)]
        return [one for one in told if "not sent" in one or "not formed" in one]

    def verdict(self, name: str) -> tuple[str, str]:
        """(outcome, reason) of one quirk."""
        (found,) = [one for one in self.watch.verdict().quirks if one.name == name]
        return found.outcome, found.reason


def unseen(seen: Iterable[Seen], frames: Iterable[Frame]) -> list[str]:
    """What of a fact's table does not hold of these frames, one line each; no frame of a PDU's kind is one, too."""
    found, there = list[str](), list(frames)
    for one in seen:
        meant = [frame for frame in there if frame.name == one.pdu]
        wrong = [frame for frame in meant if not frame.shows(one)]
        if not meant:
            found.append(f"no {one.pdu} in which {one.place} could be {one.wanted!r}")
        found += [f"{one.pdu}.{one.place}: wanted {one.wanted!r}, is {frame.place(one.place)!r}" for frame in wrong[:2]]
    return found


__all__ = ["FROM", "TO", "Frame", "Gate", "Play", "unseen"]

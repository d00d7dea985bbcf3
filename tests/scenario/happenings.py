"""Happenings without an SMSC: sessions and stories as numbers and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.scenario.declared import vendor_book
from simulator.scenario.file import parse
from simulator.scenario.happening import Happening
from simulator.scenario.rules import CompiledRule, compile_rule
from simulator.smpp.pdus import Pdu
from simulator.smpp.tlvs import Tlv
from simulator.smsc.translate import Account, Arrival, message_from
from tests.smsc.world import a_submission

ARRIVAL = Arrival(Account("gateway"), 1, 1000.0, 50.0, takes_long_ids=True, is_of_version_5=False)
VENDOR = "carrier: {vendor_tlvs: ['0x1401=billing_id:cstring']}\n"
PART: dict[str, Any] = {"esm_class": 0x40, "short_message": b"\x05\x00\x03\x07\x03\x02rest"}
"""The second part of three."""


@dataclass
class Place:
    """A session."""

    number: int = 1
    listener: str = "smpp"
    bind_type: str = "TRX"
    nth: int = 1
    account_name: str = "gateway"
    peer_version: int = 0x34
    is_secure: bool = False
    in_flight: int = 1
    idle_before: float = 0.0
    times: dict[str, float] = field(default_factory=dict)
    settled: dict[int | str, Any] | None = None

    def since(self, what: str, now: float) -> float | None:
        """Seconds since then."""
        return None if what not in self.times else now - self.times[what]


@dataclass
class Tale:
    """A story."""

    phase: str = ""
    began_at: float = 0.0
    variables: Mapping[str, Any] = field(default_factory=dict)
    piles: Mapping[str, int] = field(default_factory=dict)

    def held(self, pile: str) -> int:
        """How many things wait in a pile."""
        return self.piles.get(pile, 0)


def compiled(when: str, order: int = 0) -> CompiledRule:
    """The rule of that `when`; it knows a vendor's billing_id."""
    written = f"scenario: 1\n{VENDOR}rules:\n- {{name: n{order}, when: {when}, then: {{send: enquire_link}}}}"
    book = vendor_book(["0x1401=billing_id:cstring"])[0]
    return compile_rule(parse(written).rules[0], order=order, book=book)


def asked(
    request: Pdu | None = None,
    *,
    seat: Place | None = None,
    story: Tale | None = None,
    at: float = 1000.0,
    **fields: Any,
) -> Happening:
    """A submission that has come at carrier time ``at`` and link time 50."""
    pdu: Any = a_submission(**fields) if request is None else request
    message = message_from(pdu, 1, ARRIVAL)
    return Happening(pdu.command_id, at, 50.0, message=message, pdu=pdu, seat=seat or Place(), story=story or Tale())


def happens(key: int | str, pdu: Pdu | None = None, *, seat: Place | None = None, message: Any = None) -> Happening:
    """Something else that happens."""
    return Happening(key, 1000.0, 50.0, message=message, pdu=pdu, seat=seat or Place(), story=Tale())


def with_tlv(tag: int, value: bytes) -> Happening:
    """A submission with this TLV."""
    return asked(tlvs=(Tlv(tag, value),))

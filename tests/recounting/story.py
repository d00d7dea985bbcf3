"""A journal of a few messages, as the server would have written it, and what of it is read."""

import io
import json
from collections.abc import Iterable
from typing import Any

from simulator.control.lines import Header, header_line
from simulator.journal import KINDS
from simulator.recounting.reading import Line, lines_of
from simulator.smpp.pdus import DeliverSm, Pdu
from tests.control.recorded import Recorded

START = 1_800_000_000.0
HEADER = header_line(Header(START, START, 1.0, 7, "carrier-sim"))


def a_journal() -> bytes:
    """Two accounts; four messages accepted, one of them scheduled and open; one refused; an MO and a malformed PDU."""
    world = Recorded(seed=7)
    alice, bob = world.bound("alice"), world.bound("bob")
    alice.submit(short_message=b"Hello there")
    alice.submit(destination_addr="+12025550101", short_message=b"second", registered_delivery=0)
    alice.submit(short_message=b"later hello", schedule_delivery_time="000001000000000R")
    bob.submit(destination_addr="", short_message=b"to nobody")
    bob.decide = lambda pdu: None if is_receipt(pdu) else 0
    bob.submit(destination_addr="12025550102", short_message=b"unanswered")
    bob.send_bytes(bytes.fromhex("00000011 00000004 00000000 00000009 ff"))
    world.run(1.0)
    world.smsc.mo("12025550199", "12025550100", "STOP hello", world.now, account="bob")
    world.settle()
    return HEADER + world.text().encode()


def is_receipt(pdu: Pdu) -> bool:
    """Whether a delivery is one."""
    return isinstance(pdu, DeliverSm) and bool(pdu.esm_class)


def read(octets: bytes, complaints: list[str] | None = None) -> list[Line]:
    """The lines of one journal that comes by standard input."""
    said = [] if complaints is None else complaints
    return list(lines_of(["-"], standard_input=io.BytesIO(octets), complain=said.append))


def events(octets: bytes) -> list[dict[str, Any]]:
    """Its events, without the header."""
    return [line.event for line in read(octets) if "journal" not in line.event]


def lines(told: Iterable[dict[str, Any]]) -> bytes:
    """Events as lines behind a header; numbers and times are made where they are missing."""
    made = [{"n": number, "at": START + number, "session": 0} | one for number, one in enumerate(told, 1)]
    assert {one["kind"] for one in made} <= {*KINDS, "gap"}
    return HEADER + b"".join(json.dumps(one).encode() + b"\n" for one in made)

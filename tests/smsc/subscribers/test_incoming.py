"""Subscribers' messages in every form that can be asked for, and before receivers that take no TLVs."""

from typing import Any

import pytest

from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import DeliverSm
from simulator.smpp.tlvs import first
from simulator.sms.alphabets import read_text
from simulator.sms.languages import UNSHIFTED, Shifts
from simulator.sms.segments import Udh, join, part_of_sar
from simulator.smsc.memory.history import History
from simulator.smsc.translate import Incoming
from tests.smsc.world import Gateway, World, say_nothing

V33 = 0x33
LONG = "ein langer Text, " * 20
LONG_TURKISH = "ışık çok güzel, " * 25


def mo(world: World, text: str, **fields: Any) -> Incoming:
    sent = world.smsc.mo("24273", "+12025550100", text, world.now, account="gateway", **fields)
    row = world.smsc.history.get(sent.number)
    assert isinstance(row, Incoming)
    assert sent.segments == row.segments_needed
    world.settle()
    return row


def payload(pdu: DeliverSm) -> bytes:
    """What stands in message_payload, and nowhere else."""
    found = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
    assert (found is not None, pdu.short_message) == (True, b"")
    assert found is not None
    return found.value


def read(gateway: Gateway) -> tuple[list[str], str]:
    """How the segments that came are marked, and what a person reads in them together."""
    kinds: list[str] = []
    parts, tables = {}, {}
    deliveries = gateway.of(DeliverSm)
    for pdu in deliveries:
        is_whole = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD) is not None
        octets = payload(pdu) if is_whole else pdu.short_message
        header = Udh.parse(octets) if pdu.esm_class & 0x40 else None
        marks = [first(pdu.tlvs, tag) for tag in (0x020C, 0x020E, 0x020F)]
        part = header.part if header else part_of_sar(*(one and int.from_bytes(one.value, "big") for one in marks))
        number = part.number if part else 1
        kinds.append(part.kind if part else "payload" if is_whole else "whole")
        parts[number] = octets[header.length :] if header else octets
        tables[number] = header.shifts if header else UNSHIFTED
    return kinds, join(parts, deliveries[0].data_coding, shifts=tables)


@pytest.mark.parametrize(
    ("split", "text", "kinds"),
    [
        ("udh8", LONG, ["udh8"] * 3),
        ("udh16", LONG, ["udh16"] * 3),
        ("sar", LONG, ["sar"] * 3),
        ("payload", LONG, ["payload"]),
        ("udh8", "hi", ["whole"]),
        ("udh16", "hi", ["whole"]),
        ("sar", "hi", ["whole"]),
        ("payload", "hi", ["payload"]),
        ("udh16", "привет" * 30, ["udh16"] * 3),
        ("sar", "привет" * 30, ["sar"] * 3),
        ("payload", "😀" * 500, ["payload"]),
    ],
)
def test_a_message_is_split_as_it_was_asked_for(split: str, text: str, kinds: list[str]) -> None:
    world = World()
    gateway = world.bound()
    message = mo(world, text, split=split)
    assert read(gateway) == (kinds, text)
    assert (message.state, message.unacknowledged, message.text) == ("DELIVRD", 0, text)
    assert world.kinds("mo_acknowledged") == len(kinds)


@pytest.mark.parametrize(("split", "largest"), [("udh8", 0xFF), ("udh16", 0xFFFF), ("sar", 0xFFFF)])
def test_the_reference_counts_messages_in_the_bits_it_has(split: str, largest: int) -> None:
    world = World()
    gateway = world.bound()
    world.smsc.next_number = iter(range(0x1FFFE, 0x20002)).__next__
    references = []
    for _ in range(4):
        gateway.received.clear()
        mo(world, LONG, split=split)
        pdu = gateway.of(DeliverSm)[0]
        tlv = first(pdu.tlvs, TlvTag.SAR_MSG_REF_NUM)
        header = Udh.parse(pdu.short_message)
        if tlv is not None:
            references.append(int.from_bytes(tlv.value, "big"))
        elif header is not None and header.part is not None:
            references.append(header.part.reference)
    assert references == [largest - 1, largest, 0, 1]


@pytest.mark.parametrize("language", ["turkish", 1])
@pytest.mark.parametrize(
    ("split", "kinds"), [("udh8", ["udh8"] * 3), ("udh16", ["udh16"] * 3), ("payload", ["payload"])]
)
def test_a_phone_writes_by_the_tables_of_its_language(split: str, kinds: list[str], language: str | int) -> None:
    world = World()
    gateway = world.bound()
    mo(world, LONG_TURKISH, split=split, language=language)
    assert read(gateway) == (kinds, LONG_TURKISH)
    assert {pdu.data_coding for pdu in gateway.of(DeliverSm)} == {0}


def test_a_short_text_in_national_tables_has_a_header_of_its_own() -> None:
    world = World()
    gateway = world.bound()
    mo(world, "¿Qué más?", language="spanish")
    (pdu,) = gateway.of(DeliverSm)
    header = Udh.parse(pdu.short_message)
    assert header is not None
    assert (pdu.esm_class, header.elements) == (0x40, ((0x24, b"\x02"),))
    text = read_text(pdu.short_message[header.length :], 0, shifts=Shifts(0, 2))
    assert text == "¿Qué más?"


@pytest.mark.parametrize(("text", "data_coding"), [("plain", 0), ("привет", 8), ("çã 中", 8)])
def test_a_language_changes_nothing_where_its_tables_are_no_help(text: str, data_coding: int) -> None:
    world = World()
    gateway = world.bound()
    mo(world, text, language="portuguese")
    (pdu,) = gateway.of(DeliverSm)
    assert (pdu.esm_class, pdu.data_coding, read_text(pdu.short_message, data_coding)) == (0, data_coding, text)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"split": "udh"}, "split: 'udh', one of udh8, udh16, sar, payload"),
        ({"split": "none"}, "split: 'none', one of udh8, udh16, sar, payload"),
        ({"language": "greek"}, "language: 'greek', one of turkish (1), spanish (2), portuguese (3)"),
        ({"language": 0}, "language: 0, one of turkish (1), spanish (2), portuguese (3)"),
        ({"split": "sar", "language": 1}, "split: 'sar', with a language one of udh8, udh16, payload"),
        ({"split": "payload", "text": "ж" * 17_086}, "text: 256 segments, at most 255"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can_before_anything_is_sent(fields: dict[str, Any], reason: str) -> None:
    world = World()
    gateway = world.bound()
    with pytest.raises(ValueError, match=r"one of|at most") as error:
        mo(world, **{"text": "hi", **fields})
    assert str(error.value) == reason
    assert (gateway.deliveries, world.kinds("mo_created"), world.smsc.waiting()) == ([], 0, 0)


# --- Receivers without TLVs ---


@pytest.mark.parametrize(
    ("split", "text", "language", "kinds"),
    [
        ("sar", LONG, None, ["udh8"] * 3),
        ("payload", LONG, None, ["udh8"] * 3),
        ("payload", "привет" * 30, None, ["udh8"] * 3),
        ("payload", LONG_TURKISH, "turkish", ["udh8"] * 3),
        ("payload", "hi", None, ["whole"]),
        ("sar", "hi", None, ["whole"]),
        ("udh16", LONG, None, ["udh16"] * 3),
    ],
)
def test_a_receiver_older_than_3_4_gets_headers_in_place_of_tlvs(
    split: str, text: str, language: str | None, kinds: list[str]
) -> None:
    world = World()
    gateway = world.bound(interface_version=V33)
    message = mo(world, text, split=split, language=language)
    world.run(0.0)
    assert read(gateway) == (kinds, text)
    assert all(pdu.tlvs == () for pdu in gateway.of(DeliverSm))
    assert (message.state, message.unacknowledged, message.segments_needed) == ("DELIVRD", 0, len(kinds))
    assert world.kinds("mo_sent") == world.kinds("mo_acknowledged") == len(kinds)


@pytest.mark.parametrize("split", ["sar", "payload"])
def test_what_waited_is_divided_for_whoever_comes(split: str) -> None:
    world = World()
    world.bound(bind="TX")
    first_one, second = mo(world, LONG, split=split), mo(world, "x" * 400, split=split)
    old = world.gateway()
    old.bind(bind="RX", interface_version=V33)
    world.run(0.0)
    deliveries = old.of(DeliverSm)
    texts = {pdu.short_message[3]: b"" for pdu in deliveries}
    for pdu in sorted(deliveries, key=lambda one: one.short_message[5]):
        texts[pdu.short_message[3]] += pdu.short_message[6:]
    assert sorted(texts.values()) == sorted([LONG.encode(), b"x" * 400])
    assert (first_one.state, second.state, world.smsc.waiting()) == ("DELIVRD", "DELIVRD", 0)


def test_a_payload_that_a_newer_receiver_left_unanswered_is_divided_for_an_older_one() -> None:
    world = World()
    newer = world.bound()
    newer.decide = say_nothing
    message = mo(world, LONG, split="payload")
    assert len(newer.deliveries) == 1
    newer.close()
    older = world.gateway()
    older.bind(interface_version=V33)
    world.run(0.0)
    assert read(older) == (["udh8"] * 3, LONG)
    assert message.state == "DELIVRD"


def test_a_divided_message_fails_and_comes_again_as_any_other() -> None:
    world = World()
    gateway = world.bound(interface_version=V33)
    answers: list[int | None] = [CommandStatus.ESME_RX_T_APPN, 0, 0, 0]
    gateway.decide = lambda _: answers.pop(0)
    message = mo(world, LONG, split="payload")
    world.run(6.0)
    assert message.state == "DELIVRD"
    assert sorted(detail for _, detail in world.events("mo_sent")) == [0, 0, 1, 2]


def test_a_reset_forgets_the_parts_that_were_still_to_come() -> None:
    world = World()
    gateway = world.bound(interface_version=V33)
    mo(world, LONG, split="payload")
    assert world.smsc.waiting() == 2
    world.smsc.reset(world.now)
    world.run(1.0)
    assert (len(gateway.deliveries), world.smsc.waiting()) == (1, 0)


def octets_of(history: History) -> int:
    return history._octets


@pytest.mark.parametrize("split", ["udh8", "sar", "payload"])
def test_the_rings_account_is_even_when_a_divided_message_leaves_it(split: str) -> None:
    world = World(rows_max=1)
    world.bound(interface_version=V33)
    mo(world, "hi")
    single = octets_of(world.smsc.history)
    row = mo(world, LONG, split=split)
    world.run(0.0)
    assert row.charge == octets_of(world.smsc.history) > single
    # as many as it was divided into, or more
    assert row.charge >= single + 600 * (len(row.segments) - 1)
    mo(world, "hi")
    assert octets_of(world.smsc.history) == single

"""What a person reads: texts in every coding, and long ones whose parts come marked in every way."""

from typing import Any

import pytest

from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DataSm
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.sms.languages import Shifts
from simulator.sms.segments import SplitKind, split
from simulator.smsc.translate import Submission
from tests.smsc.world import World


def only_text(world: World) -> str:
    (row,) = world.smsc.history.newest_first()
    return row.text


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (0, b"\x00\x01\x02 \x1b\x65 \x1b\x3c\x1b\x3e", "@£$ € []"),
        (8, "Grüße 😀".encode("utf-16-be"), "Grüße 😀"),
        (3, "Grüße".encode("latin-1"), "Grüße"),
        (1, b"a [plain] text", "a [plain] text"),
        (1, b"me\x00home", "me@home"),
        (1, b"\x1b\x65 5", "€ 5"),
        (4, b"\x00\xff\x10", "00ff10"),
        (2, b"\x01\x02", "0102"),
        (0xF0, b"\x11", "_"),
        (0x18, "é".encode("utf-16-be"), "é"),
    ],
)
@pytest.mark.parametrize("as_payload", [False, True])
def test_a_text_is_read_in_its_coding_from_either_place(
    data_coding: int, octets: bytes, text: str, as_payload: bool
) -> None:
    world = World()
    if as_payload:
        fields: dict[str, Any] = {"short_message": b"", "tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, octets),)}
    else:
        fields = {"short_message": octets}
    assert world.bound().submit(data_coding=data_coding, **fields).command_status == 0
    assert only_text(world) == text


def test_message_payload_wins_over_short_message_and_may_be_very_long() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(short_message=b"short", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"x" * 65535),))
    assert only_text(world) == "x" * 65535
    world.run(1.0)
    assert gateway.texts[0].endswith("Text:" + "x" * 20)


def udh8(reference: int, total: int, number: int, text: bytes) -> dict[str, Any]:
    return {"esm_class": 0x40, "short_message": bytes((5, 0, 3, reference, total, number)) + text}


def udh16(reference: int, total: int, number: int, text: bytes) -> dict[str, Any]:
    header = bytes((6, 8, 4)) + reference.to_bytes(2, "big") + bytes((total, number))
    return {"esm_class": 0x43, "short_message": header + text}


def sar(reference: int, total: int, number: int, text: bytes) -> dict[str, Any]:
    marks = (
        tlv_int(TlvTag.SAR_MSG_REF_NUM, reference),
        tlv_int(TlvTag.SAR_TOTAL_SEGMENTS, total),
        tlv_int(TlvTag.SAR_SEGMENT_SEQNUM, number),
    )
    return {"short_message": text, "tlvs": marks}


def sar_in_payload(reference: int, total: int, number: int, text: bytes) -> dict[str, Any]:
    fields = sar(reference, total, number, b"")
    return {"short_message": b"", "tlvs": (*fields["tlvs"], Tlv(TlvTag.MESSAGE_PAYLOAD, text))}


def udh_in_payload(reference: int, total: int, number: int, text: bytes) -> dict[str, Any]:
    octets = udh8(reference, total, number, text)["short_message"]
    return {"esm_class": 0x40, "short_message": b"", "tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, octets),)}


def texts(world: World) -> list[str]:
    return [row.text for row in world.smsc.history.newest_first()]


MARKS = [udh8, udh16, sar, sar_in_payload, udh_in_payload]


@pytest.mark.parametrize("marked", MARKS)
def test_parts_are_joined_in_any_order_and_each_has_its_own_receipt(marked: Any) -> None:
    world = World()
    gateway = world.bound()
    ids = [
        gateway.submit(**marked(7, 3, number, text)).message_id for number, text in ((3, b"c"), (1, b"a"), (2, b"b"))
    ]
    assert texts(world) == ["abc"]
    assert len(set(ids)) == 3
    world.run(1.0)
    assert [message_id for message_id, _ in gateway.stats] == ids
    (row,) = world.smsc.history.newest_first()
    assert row.state == "DELIVRD"


@pytest.mark.parametrize("marked", MARKS)
def test_parts_come_by_any_bind_of_one_account_and_by_no_other(marked: Any) -> None:
    world = World()
    one, two, stranger = world.bound(), world.bound(bind="TX"), world.bound("stranger")
    one.submit(**marked(7, 2, 1, b"first "))
    stranger.submit(**marked(7, 2, 2, b"foreign"))
    two.submit(**marked(7, 2, 2, b"second"))
    assert texts(world) == ["…foreign", "first second"]


def test_equal_references_of_two_kinds_or_totals_or_destinations_are_two_texts() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**udh8(7, 2, 1, b"a"))
    gateway.submit(**udh16(7, 2, 2, b"b"))
    gateway.submit(**sar(7, 2, 2, b"c"))
    gateway.submit(**udh8(7, 3, 2, b"d"))
    gateway.submit(destination_addr="12025550101", **udh8(7, 2, 2, b"e"))
    gateway.submit(source_addr="12025550198", **udh8(7, 2, 2, b"f"))
    assert texts(world) == ["…f", "…e", "…d…", "…c", "…b", "a…"]


@pytest.mark.parametrize(
    "fields",
    [
        {"esm_class": 0x40, "short_message": b"\x05\x00\x03\x07\x02\x00text"},
        {"esm_class": 0x40, "short_message": b"\x05\x00\x03\x07\x02\x03text"},
        udh8(7, 1, 1, b"text"),
        {"short_message": b"text", "tlvs": (tlv_int(TlvTag.SAR_MSG_REF_NUM, 7),)},
    ],
)
def test_marks_that_make_no_part_leave_a_text_of_its_own(fields: dict[str, Any]) -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(**fields)
    gateway.submit(**fields)
    assert texts(world) == ["text", "text"]


def test_a_header_that_contradicts_itself_is_text() -> None:
    world = World()
    world.bound().submit(esm_class=0x40, short_message=b"\x7ftext")
    assert only_text(world) == "àtext"


def test_characters_that_were_cut_between_parts_are_whole_again() -> None:
    world = World()
    gateway = world.bound()
    octets = "a😀b".encode("utf-16-be")
    gateway.submit(data_coding=8, **udh8(1, 2, 1, octets[:4]))
    gateway.submit(data_coding=8, **udh8(1, 2, 2, octets[4:]))
    gateway.submit(**udh8(2, 2, 1, b"5 \x1b"))
    gateway.submit(**udh8(2, 2, 2, b"\x65"))
    assert texts(world) == ["5 €", "a😀b"]


def test_parts_of_a_data_sm_are_joined_too() -> None:
    world = World()
    gateway = world.bound()
    for number, text in ((1, b"one "), (2, b"two")):
        fields = sar_in_payload(3, 2, number, text)
        gateway.send(DataSm(source_addr="12025550199", destination_addr="12025550100", tlvs=fields["tlvs"]))
    assert texts(world) == ["one two"]


# --- National tables ---

TURKISH = Shifts(1, 1)


def test_a_text_is_read_by_the_tables_that_its_header_names() -> None:
    world = World()
    gateway = world.bound()
    (segment,) = split("ışık çok güzel, Ğ İ", shifts=TURKISH)
    gateway.submit(esm_class=0x40, short_message=segment.octets)
    assert only_text(world) == "ışık çok güzel, Ğ İ"
    world.run(1.0)
    # the receipt's reminder is in ASCII
    assert gateway.texts[0].endswith(" Text:???k ?ok g?zel, ? ?")


@pytest.mark.parametrize("kind", ["udh8", "udh16"])
def test_parts_in_national_tables_are_joined(kind: SplitKind) -> None:
    world = World()
    gateway = world.bound()
    text = "ışık çok güzel, [Ğ] İ€ " * 20
    for segment in split(text, shifts=TURKISH, kind=kind, reference=7):
        gateway.submit(esm_class=0x40, short_message=segment.octets)
    assert only_text(world) == text


def test_each_part_may_name_tables_of_its_own() -> None:
    world = World()
    gateway = world.bound()
    for number, element in enumerate(["250101", "", "240102", "240163"], 1):
        header = bytes((0, 3, 7, 4, number)) + bytes.fromhex(element)
        octets = bytes((len(header),)) + header + b"\x1d\x1ba."
        gateway.submit(esm_class=0x40, short_message=octets)
    assert only_text(world) == "şa.æa.æá.æa."


# --- Segments ---


@pytest.mark.parametrize(
    ("fields", "segments"),
    [
        ({"short_message": b"x" * 160}, 1),
        ({"short_message": b"x" * 161}, 2),
        ({"short_message": "ж".encode("utf-16-be") * 71, "data_coding": 8}, 2),
        ({"short_message": b"", "tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, b"x" * 160),)}, 1),
        ({"short_message": b"", "tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, b"x" * 1000),)}, 7),
        ({"short_message": b"", "tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, b"x" * 1000),), "data_coding": 4}, 8),
        ({"short_message": b"\x03\x24\x01\x01" + b"x" * 155, "esm_class": 0x40}, 1),
        ({"short_message": b"\x03\x24\x01\x01" + b"x" * 156, "esm_class": 0x40}, 2),
        ({"short_message": b""}, 1),
    ],
    ids=range(9),
)
def test_a_message_needs_as_many_segments_as_the_network_makes_of_it(fields: dict[str, Any], segments: int) -> None:
    world = World()
    world.bound().submit(**fields)
    (row,) = world.smsc.history.newest_first()
    assert isinstance(row, Submission)
    assert row.segments_needed == segments

"""Orders as submit_sm, and what deliver_sm says."""

from dataclasses import replace

import pytest

from simulator.gateway.config import LetterSettings
from simulator.gateway.letters import HeardPart, HeardReceipt, address_of, cut, hear, submit_of, text_of
from simulator.smpp.pdus import AlertNotification, DataSm, DeliverSm
from simulator.smpp.tlvs import Tlv
from simulator.sms.receipts import build
from simulator.sms.segments import Part
from tests.gateway.kit import order

RECEIPT = build("77", stat="DELIVRD", submitted="2601010000", done="2601010001", err="005").encode()


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("12065550100", (1, 1, "12065550100")),
        ("+12065550100", (1, 1, "12065550100")),
        ("72400", (3, 0, "72400")),
        ("988", (3, 0, "988")),
        ("ACME", (5, 0, "ACME")),
        ("٣٤", (5, 0, "٣٤")),
    ],
)
def test_a_number_tells_its_type(number: str, address: tuple[int, int, str]) -> None:
    assert address_of(number) == address


def test_a_short_text_is_one_submit_that_asks_for_a_receipt() -> None:
    (segment,) = cut("hello", 1, LetterSettings())
    pdu = submit_of(order(), segment)
    assert (pdu.short_message, pdu.esm_class, pdu.registered_delivery, pdu.data_coding) == (b"hello", 0, 1, 0)
    assert (pdu.source_addr, pdu.destination_addr) == ("12065550100", "12025550100")


@pytest.mark.parametrize(("kind", "tags"), [("udh8", []), ("udh16", []), ("sar", [0x020C, 0x020E, 0x020F])])
def test_a_long_text_says_how_its_parts_belong_together(kind: str, tags: list[int]) -> None:
    settings = LetterSettings.model_validate({"long": kind})
    segments = cut("x" * 200, 7, settings)
    pdus = [submit_of(order(), segment) for segment in segments]
    assert [[tlv.tag for tlv in pdu.tlvs] for pdu in pdus] == [tags, tags]
    assert {pdu.esm_class for pdu in pdus} == {0 if tags else 0x40}


def test_a_payload_stands_in_its_tlv() -> None:
    (segment,) = cut("x" * 300, 7, LetterSettings(long="payload"))
    pdu = submit_of(order(), segment)
    assert (pdu.short_message, pdu.tlvs) == (b"", (Tlv(0x0424, b"x" * 300),))


def test_a_receipt_is_read_from_its_text() -> None:
    pdu = DeliverSm(source_addr="+12025550100", esm_class=4, short_message=RECEIPT)
    heard = hear(pdu)
    assert isinstance(heard, HeardReceipt)
    assert (heard.ids, heard.stat, heard.err, heard.subscriber) == (("77",), "DELIVRD", "005", "12025550100")


@pytest.mark.parametrize("esm_class", [0, 0x04, 0x20])
def test_a_receipt_is_known_though_esm_class_forgets_to_say_it(esm_class: int) -> None:
    assert isinstance(hear(DeliverSm(esm_class=esm_class, short_message=RECEIPT)), HeardReceipt)


def test_a_receipt_may_be_all_tlvs() -> None:
    tlvs = (Tlv(0x001E, b"4D\0"), Tlv(0x0427, b"\x05"), Tlv(0x0423, b"\x03\x00\x0a"))
    heard = hear(DeliverSm(esm_class=4, tlvs=tlvs))
    assert isinstance(heard, HeardReceipt)
    assert (heard.ids, heard.stat, heard.err) == (("4D",), "UNDELIV", "010")


def test_of_two_ids_that_of_the_tlv_comes_first() -> None:
    heard = hear(DeliverSm(esm_class=4, short_message=RECEIPT, tlvs=(Tlv(0x001E, b"4d"),)))
    assert isinstance(heard, HeardReceipt)
    assert heard.ids == ("4d", "77")


def test_a_receipt_in_message_payload_and_in_ucs2_is_read() -> None:
    payload = DataSm(esm_class=4, data_coding=8, tlvs=(Tlv(0x0424, RECEIPT.decode().encode("utf-16-be")),))
    assert isinstance(hear(payload), HeardReceipt)


def test_a_receipt_that_says_nothing_is_nothing() -> None:
    assert hear(DeliverSm(esm_class=4, short_message=b"thank you")) is None
    assert hear(DeliverSm(esm_class=4)) is None


@pytest.mark.parametrize("esm_class", [0x08, 0x10, 0x18])
def test_what_a_handset_acknowledges_is_no_message(esm_class: int) -> None:
    assert hear(DeliverSm(esm_class=esm_class, short_message=b"hi")) is None
    assert hear(AlertNotification()) is None


def test_a_message_may_begin_like_a_receipt() -> None:
    heard = hear(DeliverSm(short_message=b"id: please"))
    assert isinstance(heard, HeardPart)
    assert text_of(heard) == "id: please"


def test_a_part_tells_its_place_by_header_or_by_tlvs() -> None:
    by_header = DeliverSm(
        source_addr="1", destination_addr="2", esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01hi"
    )
    heard = hear(by_header)
    assert heard == HeardPart("1", "2", b"hi", 0, Part(7, 1, 2, "udh8"))
    tlvs = (Tlv(0x020C, b"\x00\x07"), Tlv(0x020E, b"\x02"), Tlv(0x020F, b"\x01"))
    heard = hear(replace(by_header, esm_class=0, short_message=b"hi", tlvs=tlvs))
    assert heard == HeardPart("1", "2", b"hi", 0, Part(7, 1, 2, "sar"))


def test_a_header_that_contradicts_itself_is_text() -> None:
    heard = hear(DeliverSm(esm_class=0x40, short_message=b"\xffhi"))
    assert isinstance(heard, HeardPart)
    assert heard.part is None

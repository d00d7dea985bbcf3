"""Messages from subscribers as the catalogue's carriers send them: addresses, charsets, places, parts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.declared import names_in
from simulator.scenario.forms.forms import CHARSETS, MoForm
from simulator.shaping.addresses import Address
from simulator.shaping.mos import MoShape
from simulator.shaping.pdus import wire_of
from simulator.smpp.codec import encode
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm
from simulator.smpp.tlvs import Tlv, first
from simulator.sms.segments import Udh, part_of_udh
from simulator.smsc.subscribers.incoming import MO_SPLITS, segments_from
from simulator.smsc.translate import Extras

PHONE = Address("12025550101", 1, 1)
US = Address("24273", 3, 0)
LONG = "0123456789" * 20
NAMES = names_in({})


def form(**said: Any) -> MoForm:
    return MoForm.model_validate(said, context=NAMES)


def sent(text: str | bytes = "hi", number: int = 7, **said: Any) -> list[DeliverSm | DataSm]:
    return [pdu for _, pdu in MoShape(form(**said)).pdus(PHONE, US, text, number)]


def one(text: str | bytes = "hi", **said: Any) -> DeliverSm:
    (pdu,) = sent(text, **said)
    assert isinstance(pdu, DeliverSm)
    return pdu


def octets_of(text: str | bytes = "hi", **said: Any) -> bytes:
    """The octets of the one PDU, with the damage that the form asks for."""
    pdu = one(text, **said)
    return encode(pdu, wire_of(form(**said), pdu))


def payload(pdu: DeliverSm | DataSm) -> bytes | None:
    found = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
    return None if found is None else found.value


# ---------------------------------------------------------------- without a form


@pytest.mark.parametrize("said", [None, {}])
@given(
    text=st.text(st.sampled_from("ab {€@éş") | st.characters(), max_size=400),
    number=st.integers(0, 2**20),
    split=st.sampled_from(MO_SPLITS),
    language=st.sampled_from([None, 1, 2, 3]),
    message_type=st.sampled_from([0, 8, 0x10]),
)
def test_without_a_form_the_octets_are_those_of_the_smsc(said, text, number, split, language, message_type):
    language = None if split == "sar" else language
    extras = Extras(message_type, 4, (Tlv(0x0204, b"\0\x07"),))
    coding, expected = segments_from(PHONE, US, text, number, kind=split, language=language, extras=extras)
    found = MoShape(None if said is None else form(**said)).pdus(
        PHONE,
        US,
        text,
        number,
        split=split,
        language=language,
        message_type=message_type,
        registered_delivery=4,
        tlvs=extras.tlvs,
    )
    assert [encode(pdu) for _, pdu in found] == [encode(pdu) for pdu in expected]
    assert {after for after, _ in found} == {0.0}
    assert {pdu.data_coding for _, pdu in found} == {coding}


# ---------------------------------------------------------------- charset and data_coding


@pytest.mark.parametrize(
    ("text", "said", "coding", "octets"),
    [
        # data_coding 0 is not GSM: H1, H2
        ("@é_", {"charset": "latin1"}, 0, "40e95f"),
        ("@é_", {"charset": "latin9"}, 0, "40e95f"),
        ("@é_", {"charset": "utf-8"}, 0, "40c3a95f"),
        ("@_", {"charset": "ascii"}, 0, "405f"),
        ("£é", {"charset": "hp-roman8"}, 0, "bbc5"),
        ("@é_", {"fields": {"data_coding": 1}, "charset": "gsm7"}, 1, "000511"),
        # packed septets, H3
        ("hellohello", {"charset": "gsm7-packed"}, 0, "e8329bfd4697d9ec37"),
        # the at sign and the escape: H4
        ("@hi€@", {}, 0, "0068691b6500"),
        ("hi€", {"cut": -1}, 0, "68691b"),
        # octets and data_coding disagree: H5
        ("hi", {"charset": "ucs2"}, 0, "00680069"),
        ("é", {"charset": "latin1", "fields": {"data_coding": 8}}, 8, "e9"),
        ("Я", {"charset": "utf-8"}, 8, "d0af"),
        ("Я", {"charset": "utf-8", "fields": {"data_coding": 0}}, 0, "d0af"),
        ("Яя", {"charset": "ucs2-le"}, 8, "2f044f04"),
        ("Я", {"charset": "ucs2-le-bom"}, 8, "fffe2f04"),
        ("Я", {"charset": "ucs2-bom"}, 8, "feff042f"),
        ("Яя", {"cut": 3}, 8, "042f04"),
        # 3GPP's own values: H6
        ("@", {"fields": {"data_coding": 0xF1}}, 0xF1, "00"),
        ("@", {"fields": {"data_coding": 0x18}}, 0x18, "0040"),
        ("hi", {"fields": {"data_coding": 0xF5}}, 0xF5, "6869"),
        ("0001ff", {"fields": {"data_coding": 4}}, 4, "0001ff"),
        # and the octets follow what is said of them
        ("Я", {"fields": {"data_coding": 6}}, 6, "cf"),
        ("日", {"fields": {"data_coding": 5}}, 5, "93fa"),
        ("hi", {"fields": {"data_coding": 8}}, 8, "00680069"),
        # spaces, and a text that ends with a NUL: F7
        ("hi", {"pad": 4}, 0, "68692020"),
        (b"hi\0", {}, 0, "686900"),
        ("hi", {"fields": {"short_message": "hex:00"}}, 0, "00"),
        # no text at all: H12
        ("", {}, 0, ""),
        (b"", {}, 0, ""),
    ],
)
def test_a_text_has_the_octets_that_charset_and_data_coding_say(text, said, coding, octets):
    pdu = one(text, **said)
    assert (pdu.data_coding, pdu.short_message) == (coding, bytes.fromhex(octets))


def test_packed_septets_behind_a_header_are_aligned():
    parts = sent("a" * 161, charset="gsm7-packed")
    assert [len(pdu.short_message) for pdu in parts if isinstance(pdu, DeliverSm)] == [140, 14]


# ---------------------------------------------------------------- the place of the text


def test_a_text_stands_where_the_form_puts_it():
    assert (one().short_message, payload(one())) == (b"hi", None)
    in_payload = one(place="message_payload")
    assert (in_payload.short_message, payload(in_payload)) == (b"", b"hi")
    both = one(place="both")
    assert (both.short_message, payload(both)) == (b"hi", b"hi")
    nowhere = one(place="none")
    assert (nowhere.short_message, nowhere.tlvs) == (b"", ())
    different = one(place="both", tlvs={"message_payload": "other"})
    assert (different.short_message, payload(different)) == (b"hi", b"other")
    assert payload(one("", place="message_payload")) == b""


def test_a_payload_can_be_long_and_can_have_a_header():
    whole = one(LONG * 2, concatenation="payload")
    assert (whole.short_message, payload(whole)) == (b"", (LONG * 2).encode())
    parts = sent(LONG, place="message_payload")
    assert [part_of_udh(payload(pdu) or b"").number for pdu in parts] == [1, 2]  # type: ignore[union-attr]
    assert [pdu.esm_class for pdu in parts] == [0x40, 0x40]
    overlong = one(LONG * 2, concatenation="payload", place="short_message")
    assert len(overlong.short_message) == 400
    assert len(encode(overlong, wire_of(None, overlong))) > 400


def test_data_sm_has_its_text_in_the_payload_or_nowhere():
    for place in ("message_payload", "short_message", "both"):
        (pdu,) = sent(command="data_sm", place=place)
        assert pdu == DataSm(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="12025550101",
            dest_addr_ton=3,
            destination_addr="24273",
            tlvs=(Tlv(0x0424, b"hi"),),
        )
    (pdu,) = sent(command="data_sm", place="none", fields={"esm_class": 8})
    assert (pdu.tlvs, pdu.esm_class) == ((), 8)


# ---------------------------------------------------------------- parts


def test_parts_have_the_headers_that_the_form_wants():
    wide = sent(LONG, 0x1234, concatenation="udh16")
    assert [pdu.short_message[:7].hex() for pdu in wide if isinstance(pdu, DeliverSm)] == [
        "06080412340201",
        "06080412340202",
    ]
    ports = one(concatenation={"header": "hex:0b 0504 1582 0000 0003 11 02 01", "by": "none"})
    assert Udh.parse(ports.short_message) == Udh(((5, b"\x15\x82\0\0"), (0, b"\x11\x02\x01")))
    assert (ports.esm_class, ports.short_message[12:]) == (0x40, b"hi")
    zero = sent(LONG, concatenation={"first": 0})
    assert [pdu.short_message[:6].hex() for pdu in zero if isinstance(pdu, DeliverSm)] == [
        "050003070200",
        "050003070201",
    ]
    wrong = sent(LONG, concatenation={"header": "hex:06 0003 000000"})
    assert [pdu.short_message[:6].hex() for pdu in wrong if isinstance(pdu, DeliverSm)] == [
        "060003070201",
        "060003070202",
    ]


def test_the_bit_of_the_header_can_be_there_without_one_and_the_reverse():
    clear = sent(LONG, concatenation={"udhi": False})
    assert [(pdu.esm_class, pdu.short_message[:3].hex()) for pdu in clear if isinstance(pdu, DeliverSm)] == [
        (0, "050003"),
        (0, "050003"),
    ]
    assert one(concatenation={"udhi": True}).esm_class == 0x40
    beyond = one(concatenation={"header": "hex:40"})
    assert (beyond.esm_class, beyond.short_message) == (0x40, b"\x40hi")
    assert one(fields={"esm_class": 0x44}).esm_class == 0x44


def test_sar_tlvs_can_be_wrong_alone_or_beside_a_header():
    both = sent(LONG, concatenation="both")[0]
    assert both.esm_class == 0x40
    assert [tlv.tag for tlv in both.tlvs] == [0x020C, 0x020E, 0x020F]
    two = sent(LONG, concatenation={"by": "sar", "tlvs": ["sar_msg_ref_num", "sar_total_segments"]})[0]
    assert [tlv.tag for tlv in two.tlvs] == [0x020C, 0x020E]
    alone = one(concatenation={"by": "sar", "total": 1})
    assert [tlv.value.hex() for tlv in alone.tlvs] == ["0007", "01", "01"]
    short = sent(LONG, concatenation="sar", tlvs={"sar_msg_ref_num": "hex:07"})[0]
    assert short.tlvs[0] == Tlv(0x020C, b"\x07")


def test_parts_come_out_of_order_twice_late_or_never():
    shape = MoShape(form(concatenation={"order": [3, 1, 1, 2], "every": "1h", "lose": [2]}))
    found = shape.pdus(PHONE, US, "0123456789" * 40, 7)
    numbers = [part_of_udh(pdu.short_message).number for _, pdu in found if isinstance(pdu, DeliverSm)]  # type: ignore[union-attr]
    assert (numbers, [after for after, _ in found]) == ([3, 1, 1], [0.0, 3600.0, 7200.0])
    assert len({id(pdu) for _, pdu in found}) == 3


def test_a_reference_can_be_used_again():
    said = {"concatenation": {"reference": 9}}
    references = {pdu.short_message[3] for number in (1, 2) for pdu in sent(LONG, number, **said)}  # type: ignore[union-attr]
    assert references == {9}


def test_parts_can_be_cut_and_padded_each():
    assert [len(pdu.short_message) for pdu in sent(LONG, cut=-1) if isinstance(pdu, DeliverSm)] == [158, 52]
    assert [len(pdu.short_message) for pdu in sent(LONG, pad=100) if isinstance(pdu, DeliverSm)] == [159, 106]


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"prefix": "+"}, ("+12025550101", 1, 1)),
        ({"prefix": "00"}, ("0012025550101", 1, 1)),
        ({"strip": "1"}, ("2025550101", 1, 1)),
        ({"digits": 6}, ("550101", 1, 1)),
        ({"ton": 5, "npi": 0}, ("12025550101", 5, 0)),
        ({"number": "Two Words", "ton": 0}, ("Two Words", 0, 1)),
        ("", ("", 1, 1)),
        ("somebody@ims.example.com", ("somebody@ims.example.com", 1, 1)),
        ("hex:0061e9", ("\0aé", 1, 1)),
        # one octet a character where that is possible, else UTF-8
        ("Я", ("\xd0\xaf", 1, 1)),
    ],
)
def test_addresses_are_written_as_the_form_wants_them_however_wrong(source, expected):
    pdu = one(source=source)
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == expected
    assert pdu.destination_addr == "24273"
    assert octets_of(source=source)[19:].startswith(expected[0].encode("latin-1") + b"\0")


def test_the_destination_is_written_as_the_form_wants_it():
    pdu = one(destination={"number": "", "ton": 6})
    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == ("", 6, 0)


# ---------------------------------------------------------------- fields, TLVs, and damage

PLAIN = octets_of()


def test_fields_that_must_be_null_can_be_set():
    pdu = one(fields={"validity_period": "000002000000000R", "replace_if_present_flag": 1, "sm_default_msg_id": 3})
    assert (pdu.validity_period, pdu.replace_if_present_flag, pdu.sm_default_msg_id) == ("000002000000000R", 1, 3)


@pytest.mark.parametrize(
    ("tlvs", "expected"),
    [
        # unknown, not allowed, ill-valued: F1 to F3
        ({"0x1403": "23430"}, "1403 0006 323334333000"),
        ({"sc_interface_version": 0x34, "message_state": 2}, "0210 0001 34 0427 0001 02"),
        ({"callback_num": "hex:71"}, "0381 0001 71"),
        ({"source_subaddress": "hex:00"}, "0202 0001 00"),
        ({"payload_type": "hex:0000"}, "0019 0002 0000"),
        ([{"add": "source_port", "value": 1, "times": 2}], "020a 0002 0001" * 2),
        ({"message_payload": "hex:"}, "0424 0000"),
        # of a USSD session, H13
        ({"ussd_service_op": 0x81, "its_session_info": "hex:0001"}, "0501 0001 81 1383 0002 0001"),
    ],
)
def test_tlvs_of_any_kind_stand_behind_the_text(tlvs, expected):
    assert octets_of(tlvs=tlvs)[len(PLAIN) :] == bytes.fromhex(expected)


def test_lengths_can_lie_and_octets_can_trail():
    overrun = octets_of(tlvs={"receipted_message_id": "hex:3330303500"}, wire={"lengths": {"tlv[0]": "0x41"}})
    assert overrun[len(PLAIN) :].hex() == "001e0041" + "3330303500"
    trailing = octets_of(wire={"splices": {"at": "end", "insert": "hex:00", "refit": True}})
    assert trailing[4:] == PLAIN[4:] + b"\0"
    assert trailing[3] == len(trailing)
    longer = octets_of(wire={"lengths": {"sm_length": 16}})
    assert (longer[-3], longer[-2:]) == (16, b"hi")
    half = octets_of("hi", charset="ucs2", wire={"lengths": {"sm_length": 2}})
    assert half[-5:] == b"\x02\0h\0i"
    nul = {"at": "end", "insert": "hex:00", "refit": True}
    ended = octets_of(wire={"splices": nul, "lengths": {"sm_length": "+1"}})
    assert (ended[-4], ended[-3:], ended[3]) == (3, b"hi\0", len(ended))


# ---------------------------------------------------------------- whatever is said

PARTS = st.fixed_dictionaries(
    {},
    optional={
        "by": st.sampled_from(["udh8", "udh16", "sar", "both", "payload", "none"]),
        "size": st.integers(4, 300),
        "reference": st.integers(0, 65535),
        "total": st.integers(0, 255),
        "first": st.integers(0, 255),
        "order": st.lists(st.integers(0, 4), min_size=1, max_size=5),
        "lose": st.lists(st.integers(0, 4), min_size=1, max_size=2),
        "udhi": st.booleans(),
        "header": st.lists(st.sampled_from([0, 3, 4, 5, 8]), max_size=12).map(lambda some: f"hex:{bytes(some).hex()}"),
    },
)
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "charset": st.sampled_from(CHARSETS),
        "command": st.sampled_from(["deliver_sm", "data_sm"]),
        "place": st.sampled_from(["short_message", "message_payload", "both", "none"]),
        "cut": st.integers(-5, 300),
        "pad": st.integers(0, 400),
        "fields": st.integers(0, 255).map(lambda number: {"data_coding": number}),
        "source": st.text(max_size=30).map(lambda text: f"text:{text}"),
        "concatenation": PARTS,
    },
)


@given(FORMS, st.text(max_size=300) | st.binary(max_size=300), st.sampled_from(MO_SPLITS), st.sampled_from([None, 1]))
def test_every_form_of_every_text_can_be_written(said, text, split, language):
    shape = MoShape(form(**said))
    for _, pdu in shape.pdus(PHONE, US, text, 7, split=split, language=language):
        assert len(encode(pdu, wire_of(None, pdu))) > 16

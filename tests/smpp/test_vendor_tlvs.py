"""A vendor's own optional parameters, by name."""

import json

import pytest

from simulator.smpp.codec import decode, encode
from simulator.smpp.dissect import as_json, dissect, from_json
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import SubmitSm
from simulator.smpp.tlvs import TLVS, Tlv, make, tlv_name, tlv_tag, value_of
from simulator.smpp.vendor_tlvs import VendorTlv, book_of, vendor_tlv

BILLING = VendorTlv(0x1401, "billing_id", "cstring")
ROUTE = VendorTlv(0x1402, "route", "int", 2)
ANY_INT = VendorTlv(0x1403, "any_number", "int")
KEY = VendorTlv(0x3FFF, "key", "octets", 4)
BOOK = book_of([BILLING, ROUTE, ANY_INT, KEY])


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("0x1401=billing_id:cstring", BILLING),
        ("5121=billing_id:cstring", BILLING),
        ("0x1402=route:int:2", ROUTE),
        ("0x3fff=key:octets:4", KEY),
    ],
)
def test_a_declaration_is_written_in_one_word(text, declared):
    assert vendor_tlv(text) == declared


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("billing_id", "vendor tlv 'billing_id': not TAG=NAME:KIND or TAG=NAME:KIND:SIZE, such as 0x1401=billing_id"),
        ("0x1401=billing_id", "vendor tlv '0x1401=billing_id': not TAG=NAME:KIND"),
        ("0x1401=billing_id:int:2:3", "vendor tlv '0x1401=billing_id:int:2:3': not TAG=NAME:KIND"),
        ("tag=billing_id:int", "vendor tlv 'tag=billing_id:int': tag and size are numbers"),
        ("0x1401=billing_id:int:two", "vendor tlv '0x1401=billing_id:int:two': tag and size are numbers"),
        ("0x1401=billing_id:text", "vendor tlv billing_id: kind 'text', one of int, cstring, octets"),
        ("0x1401=billing_id:int:9", "vendor tlv billing_id: size 9, 1 to 8 for int"),
        ("0x1401=billing_id:octets:0", "vendor tlv billing_id: size 0, 1 to 65535 for octets"),
        ("0x10000=billing_id:int", "vendor tlv: tag 65536, 0 to 0xFFFF; vendors have 0x1400 to 0x3FFF"),
        ("-1=billing_id:int", "vendor tlv: tag -1, 0 to 0xFFFF"),
        ("0x0427=billing_id:int", "vendor tlv 0x0427: that is SMPP's message_state; vendors have 0x1400 to 0x3FFF"),
        ("0x1401=message_state:int", "vendor tlv 0x1401: message_state is SMPP's name of 0x0427; any other will do"),
        ("0x1401=dest_port:int", "vendor tlv 0x1401: dest_port is SMPP's name of 0x020B"),
        ("0x1401=0x1402:int", "vendor tlv 0x1401: name '0x1402', letters, digits and _, not beginning with a digit"),
        ("0x1401=größe:int", "vendor tlv 0x1401: name 'größe', letters, digits and _"),
        ("0x1401=:int", "vendor tlv 0x1401: name '', letters, digits and _"),
    ],
)
def test_what_cannot_be_declared_is_refused_with_what_can(text, reason):
    with pytest.raises(LocalError) as caught:
        vendor_tlv(text)
    assert str(caught.value).startswith(reason)


def test_two_declarations_of_one_tag_or_name_are_refused_unless_they_are_the_same():
    assert book_of([BILLING, BILLING])[0x1401] == BILLING.definition
    with pytest.raises(LocalError, match=r"^vendor tlv other: 0x1401 is declared already, as billing_id$"):
        book_of([BILLING, VendorTlv(0x1401, "other", "int")])
    with pytest.raises(LocalError, match=r"^vendor tlv 0x1409: billing_id is declared already, for 0x1401$"):
        book_of([BILLING, VendorTlv(0x1409, "billing_id", "cstring")])


def test_a_tag_outside_of_the_vendors_block_may_be_declared_where_smpp_has_none():
    assert tlv_name(0x4001, book_of([VendorTlv(0x4001, "odd", "int")])) == "odd"


def test_a_book_knows_the_specifications_names_and_the_vendors():
    assert tlv_name(0x1401, BOOK) == "billing_id"
    assert tlv_name(0x0427, BOOK) == "message_state"
    assert tlv_tag("billing_id", BOOK) == 0x1401
    assert tlv_tag("message_state", BOOK) == 0x0427
    assert 0x1401 not in TLVS
    with pytest.raises(LocalError, match="'billing_id' is neither a known name nor a number"):
        tlv_tag("billing_id")


@pytest.mark.parametrize(
    ("name", "value", "octets"),
    [
        ("billing_id", "B7", b"B7\0"),
        ("route", 7, b"\0\7"),
        ("any_number", 7, b"\7"),
        ("any_number", 0x10000, b"\1\0\0"),
        ("key", b"\1\2", b"\1\2"),
    ],
)
def test_a_value_is_made_and_read_by_its_declared_kind(name, value, octets):
    tlv = make(name, value, BOOK)
    assert tlv.value == octets
    assert value_of(tlv, BOOK) == value


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("route", 65536, "route: 65536 does not fit into 2 octets"),
        ("route", "7", "route: '7' is no int"),
        ("billing_id", "€", "billing_id: '€' has characters beyond one octet"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_declared_name(name, value, reason):
    with pytest.raises(LocalError, match=f"^{reason}$"):
        make(name, value, BOOK)


def test_a_value_of_another_size_than_declared_is_shown_as_octets():
    assert value_of(Tlv(0x1402, b"\7"), BOOK) == b"\7"
    assert value_of(Tlv(0x3FFF, b"12345"), BOOK) == b"12345"


def test_a_dissection_and_its_json_use_the_declared_names():
    octets = encode(SubmitSm(tlvs=(Tlv(0x1401, b"B7\0"), Tlv(0x1402, b"\0\7"), Tlv(0x1410, b"?"))))
    (entry,) = (as_json(one) for one in dissect(octets, BOOK))
    assert [(tlv["name"], tlv["value"]) for tlv in entry["tlvs"]] == [
        *(("billing_id", "B7"), ("route", 7), ("0x1410", "3f"))
    ]
    assert from_json(json.loads(json.dumps([entry])), BOOK) == octets
    assert decode(octets).tlvs == decode(from_json(entry)).tlvs


def test_json_by_hand_may_use_the_declared_names():
    entry = {
        "command": "submit_sm",
        "tlvs": [{"name": "billing_id", "value": "B7"}, {"name": "route", "value": 7}, {"tag": "key", "value": "0102"}],
    }
    assert decode(from_json(entry, BOOK)).tlvs == (Tlv(0x1401, b"B7\0"), Tlv(0x1402, b"\0\7"), Tlv(0x3FFF, b"\1\2"))
    with pytest.raises(LocalError, match=r"^tlvs\[0\]: tlv: 'billing_id' is neither a known name nor a number$"):
        from_json(entry)

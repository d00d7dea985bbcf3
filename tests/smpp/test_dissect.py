"""Any octets read aloud, and written again from JSON."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp.codec import encode
from simulator.smpp.dissect import as_json, dissect, from_json
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import (
    BroadcastSm,
    BroadcastSmResp,
    DeliverSm,
    DistributionList,
    EnquireLink,
    QueryBroadcastSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    UnknownPdu,
    Unsuccess,
)
from simulator.smpp.tlvs import Tlv
from simulator.smpp.wire import Splice, Wire
from tests.strategies import ANY_FRAMES, PDUS, framed, mutated
from tests.vectors.pdus import PDUS as VECTORS
from tests.vectors.quirks import QUIRKS


def there_and_back(octets: bytes) -> bytes:
    """Through real JSON text, as a list of entries."""
    return from_json(json.loads(json.dumps([as_json(one) for one in dissect(octets)])))


def only(octets: bytes):
    (one,) = dissect(octets)
    return one


@pytest.mark.parametrize("name", VECTORS)
def test_a_good_pdu_has_all_its_fields_and_no_errors(name):
    pdu, octets = VECTORS[name]
    one = only(octets)
    assert (one.command, one.command_length, one.errors, one.rest) == (pdu.name, len(octets), [], b"")
    assert {tlv.tag: tlv.octets for tlv in one.tlvs} == dict(pdu.tlvs)
    seen = {field.name: field.value for field in one.fields}
    assert all(getattr(pdu, attribute) == value for attribute, value in seen.items() if hasattr(pdu, attribute))
    assert there_and_back(octets) == octets


@pytest.mark.parametrize("name", QUIRKS)
def test_a_quirk_of_the_field_is_written_as_it_came(name):
    octets, expected = QUIRKS[name]
    assert there_and_back(octets) == octets
    assert bool(only(octets).errors) == isinstance(expected, int)


@given(
    st.binary(max_size=100)
    | ANY_FRAMES
    | mutated(PDUS.map(encode))
    | mutated(st.lists(PDUS, max_size=3).map(lambda pdus: b"".join(map(encode, pdus))))
)
def test_json_holds_any_octets(octets):
    assert there_and_back(octets) == octets


@given(st.lists(PDUS, min_size=1, max_size=4))
def test_pdus_that_follow_each_other_are_told_apart(pdus):
    octets = [encode(pdu) for pdu in pdus]
    found = dissect(b"".join(octets))
    assert [one.command_id for one in found] == [pdu.command_id for pdu in pdus]
    assert [one.offset for one in found] == [sum(map(len, octets[:count])) for count in range(len(pdus))]
    assert not any(one.errors for one in found)


def test_no_octets_are_no_pdus():
    assert dissect(b"") == []
    assert from_json([]) == b""


def test_offsets_count_from_the_pdus_first_octet():
    one = as_json(dissect(encode(EnquireLink()) + encode(SubmitSm(source_addr="12", tlvs=(Tlv(0x0427, b"\2"),))))[1])
    assert one["offsets"]["command_status"] == 8
    assert one["offsets"]["source_addr"] == 19
    assert one["offsets"]["sm_length"] == 34
    assert one["offsets"]["tlv[0]"] == 35


def test_meanings_are_spelt_out():
    pdu = DeliverSm(
        command_status=0x58,
        source_addr_ton=1,
        source_addr_npi=1,
        esm_class=0x44,
        data_coding=8,
        validity_period="000007000000000R",
        tlvs=(Tlv(0x0427, b"\x02"), Tlv(0x0423, b"\x03\0\x1b"), Tlv(0x1400, b"x")),
    )
    meanings = as_json(only(encode(pdu)))["meanings"]
    assert meanings["command_status"] == "ESME_RTHROTTLED: throttled: the rate or window is exceeded"
    assert meanings["source_addr_ton"] == "international"
    assert meanings["source_addr_npi"] == "isdn"
    assert meanings["esm_class"] == "default mode, delivery receipt, UDHI"
    assert meanings["data_coding"] == "UCS2"
    assert meanings["validity_period"] == "in 7 days"
    assert meanings["tlv[0]"] == "delivered"
    assert meanings["tlv[1]"] == "GSM error 27"
    assert "tlv[2]" not in meanings
    assert "short_message" not in meanings


def test_a_broadcast_is_read_aloud():
    _, octets = VECTORS["broadcast_sm to a named area and a polygon, every five minutes, twelve times"]
    meanings = as_json(only(octets))["meanings"]
    assert [meanings.get(f"tlv[{number}]") for number in range(6)] == [
        *("area 'NYC'", "polygon, 3 octets", "GSM content type 0x0001", "12 times", "every 5 minutes", None)
    ]


def test_an_area_that_failed_is_called_so_and_may_be_written_by_that_name():
    one = only(encode(BroadcastSmResp(tlvs=(Tlv(0x0606, b"\0NYC"),))))
    assert [tlv.name for tlv in one.tlvs] == ["failed_broadcast_area_identifier"]
    assert from_json({"command": "broadcast_sm_resp", "tlvs": [{"name": one.tlvs[0].name, "value": "004e5943"}]}) == (
        encode(BroadcastSmResp(tlvs=(Tlv(0x0606, b"\0NYC"),)))
    )


def test_a_mandatory_tlv_that_is_missing_is_told():
    octets = encode(EnquireLink()) + encode(BroadcastSm(tlvs=(Tlv(0x0606, b"\0"), Tlv(0x0601, b"\0\0\0"))))
    one = dissect(octets)[1]
    assert one.errors == [f"{name}: missing (at 55)" for name in ("broadcast_rep_num", "broadcast_frequency_interval")]
    assert there_and_back(octets) == octets
    assert only(encode(QueryBroadcastSmResp(command_status=0x10E))).errors == []
    assert len(only(encode(QueryBroadcastSmResp())).errors) == 3


def test_values_are_plain_json():
    pdu = SubmitMulti(dest_address=(SmeAddress(1, 1, "12"), DistributionList("friends")), short_message=b"\xff")
    fields = as_json(only(encode(pdu)))["fields"]
    assert fields["number_of_dests"] == 2
    assert fields["dest_address"] == [
        {"dest_flag": 1, "ton": 1, "npi": 1, "addr": "12"},
        {"dest_flag": 2, "dl_name": "friends"},
    ]
    assert fields["short_message"] == "ff"
    response = SubmitMultiResp(unsuccess_sme=(Unsuccess(1, 1, "12", 0x0B),))
    assert as_json(only(encode(response)))["fields"]["unsuccess_sme"] == [
        {"ton": 1, "npi": 1, "addr": "12", "status": 11}
    ]


def test_an_interrupted_pdu_keeps_what_was_read():
    octets = encode(SubmitSm(source_addr="1234", short_message=b"hello"))[:-2]
    one = only(b"" + octets)
    assert {field.name: field.value for field in one.fields}["source_addr"] == "1234"
    assert {field.name: field.value for field in one.fields}["short_message"] == b"hel"
    assert one.errors[0] == "command_length at 0: 42, but only 40 octets are there"
    assert one.errors[1] == "sm_length: 5 octets, but the PDU has only 3 left (at 36)"


def test_an_interrupted_list_keeps_its_first_elements():
    pdu = SubmitMulti(dest_address=(SmeAddress(1, 1, "12"), DistributionList("friends")))
    octets = encode(pdu)[:32]
    one = only(octets)
    assert one.fields[-1].value == (SmeAddress(1, 1, "12"),)
    assert one.rest == b"\x02frie"
    assert there_and_back(octets) == octets


def test_what_follows_an_overlong_string_is_still_read():
    octets = encode(SubmitSm(source_addr="1" * 30, data_coding=8), Wire(unchecked=True))
    one = only(octets)
    assert one.errors == ["source_addr: 31 octets, at most 21 (at 19)"]
    assert {field.name: field.value for field in one.fields}["data_coding"] == 8


def test_tlvs_in_front_of_a_broken_one_are_still_read():
    octets = encode(DeliverSm(tlvs=(Tlv(0x0427, b"\2"), Tlv(0x1400, b"abc"))), Wire(lengths={"tlv[1]": 9}))
    one = only(octets)
    assert [tlv.name for tlv in one.tlvs] == ["message_state"]
    assert one.rest == octets[-7:]
    assert one.errors == ["tlvs: 0x1400 has 9 octets, but the PDU has only 3 left (at 38)"]


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"\0\0\0\x10\0", "command_length at 16: 5 octets are no header"),
        (b"\0\0\0\x0f" + bytes(12), "command_length at 16: 15 cannot be, 16 octets are there"),
        (b"HTTP/1.1 400 Bad Request", "command_length at 16: 1213486160 cannot be, 24 octets are there"),
    ],
)
def test_octets_that_are_no_pdu_come_last_and_whole(octets, error):
    one = dissect(encode(EnquireLink()) + octets)[-1]
    assert (one.command, one.command_length, one.rest, one.errors) == (None, None, octets, [error])
    entry = as_json(one)
    assert entry["command"] is None
    assert entry["offsets"] == entry["meanings"] == {}
    assert from_json(entry) == octets


def test_a_response_without_its_body_stays_without():
    octets = encode(SubmitSmResp(command_status=0x58, header_only=True))
    assert as_json(only(octets))["header_only"] is True
    assert from_json(as_json(only(octets))) == octets


def test_a_damaged_count_is_written_as_it_came():
    octets = encode(SubmitSm(short_message=b"hi"), Wire(lengths={"sm_length": 1}))
    assert there_and_back(octets) == octets
    octets = encode(SubmitSm(), Wire(splices=(Splice("source_addr", 14, b"", refit=True),)))
    assert there_and_back(octets) == octets


def test_json_by_hand_leaves_out_what_has_a_default():
    octets = from_json(
        {
            "command": "submit_sm",
            "sequence_number": 5,
            "fields": {"destination_addr": "1202", "short_message": "6869"},
            "tlvs": [
                {"name": "message_state", "value": 2},
                {"tag": "receipted_message_id", "value": "M1"},
                {"tag": 0x0424, "value": "cafe"},
                {"tag": "0x1400", "hex": "ff", "value": "not looked at"},
                {"tag": 0x1401, "value": "beef"},
                {"tag": 0x1402, "value": 7},
                {"tag": 0x1403},
            ],
        }
    )
    tlvs = (
        *(Tlv(0x0427, b"\x02"), Tlv(0x001E, b"M1\0"), Tlv(0x0424, b"\xca\xfe"), Tlv(0x1400, b"\xff")),
        *(Tlv(0x1401, b"\xbe\xef"), Tlv(0x1402, b"\x07"), Tlv(0x1403, b"")),
    )
    assert octets == encode(SubmitSm(sequence_number=5, destination_addr="1202", short_message=b"hi", tlvs=tlvs))


def test_json_by_hand_may_use_names_and_lie_about_lengths():
    assert from_json({"command": "submit_sm_resp", "command_status": "ESME_RTHROTTLED", "header_only": True}) == framed(
        b"", 0x80000004, 0x58, 0
    )
    assert from_json({"command_id": 0x22, "fields": {"body": "0102"}}) == encode(
        UnknownPdu(command_id=0x22, body=b"\1\2")
    )
    assert from_json({"command": "0x00000400"}) == encode(UnknownPdu(command_id=0x400))
    assert from_json({"command": "enquire_link", "command_length": 99, "rest": "00"})[:4] == b"\0\0\0\x63"
    assert from_json({"command": "replace_sm", "fields": {"sm_length": 9}})[-1] == 9
    assert from_json({"rest": "48545450"}) == b"HTTP"


def test_json_by_hand_may_hold_lists():
    pdu = SubmitMulti(dest_address=(SmeAddress(addr="12"), DistributionList("x"), SmeAddress()))
    places = [{"addr": "12"}, {"dl_name": "x"}, {"dest_flag": 1}]
    assert from_json({"command": "submit_multi", "fields": {"dest_address": places}}) == encode(pdu)
    response = SubmitMultiResp(unsuccess_sme=(Unsuccess(addr="1", status=8),))
    failed = [{"addr": "1", "status": 8}]
    assert from_json({"command": "submit_multi_resp", "fields": {"unsuccess_sme": failed}}) == encode(response)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (7, "document: 7 is no object"),
        ([7], "[0]: 7 is no object"),
        ({"rest": "xy"}, "rest: 'xy' is no string of hexadecimal digits"),
        ({"rest": 5}, "rest: 5 is no string of hexadecimal digits"),
        ({"command": 4}, "command: 4 is no name"),
        ({"command": "submit"}, "command: 'submit' is not known"),
        ({"command": "0xzz"}, "command: '0xzz' is not known"),
        ({"command": "0x100000000"}, "command: 4294967296, 0 to 4294967295"),
        ({"command": "submit_sm", "command_id": 5}, "command_id: 5, but command submit_sm is 4"),
        ({"command_id": "4"}, "command_id: '4' is no integer"),
        ({"command_id": True}, "command_id: True is no integer"),
        ({"command_id": 4, "command_status": "ESME_NO"}, "command_status: 'ESME_NO' is neither a status name"),
        ({"command_id": 4, "command_status": 1.5}, "command_status: 1.5 is no integer"),
        ({"command_id": 4, "sequence_number": -1}, "sequence_number: -1, 0 to 4294967295"),
        ({"command_id": 4, "command_length": "9"}, "command_length: '9' is no integer"),
        ({"command_id": 4, "fields": []}, "fields: [] is no object"),
        ({"command_id": 4, "fields": {"source": "1"}}, "fields.source: submit_sm has no such field"),
        ({"command_id": 4, "fields": {"source_addr_ton": 300}}, "fields.source_addr_ton: 300, 0 to 255"),
        ({"command_id": 4, "fields": {"source_addr": 1}}, "fields.source_addr: 1 is no string"),
        (
            {"command_id": 4, "fields": {"short_message": "hi"}},
            "fields.short_message: 'hi' is no string of hexadecimal",
        ),
        ({"command_id": 4, "fields": {"sm_length": 256}}, "fields.sm_length: 256, 0 to 255"),
        ({"command_id": 0x21, "fields": {"dest_address": 1}}, "fields.dest_address: 1 is no list"),
        ({"command_id": 0x21, "fields": {"dest_address": ["1"]}}, "fields.dest_address[0]: '1' is no object"),
        (
            {"command_id": 0x21, "fields": {"dest_address": [{"dest_flag": 3}]}},
            "fields.dest_address[0].dest_flag: 3, 1 or 2",
        ),
        (
            {"command_id": 0x21, "fields": {"dest_address": [{"dest_flag": [1]}]}},
            "fields.dest_address[0].dest_flag: [1], 1 or 2",
        ),
        (
            {"command_id": 0x21, "fields": {"dest_address": [{"number": 3}]}},
            "fields.dest_address[0].number: SmeAddress has",
        ),
        (
            {"command_id": 0x21, "fields": {"dest_address": [{"ton": 999}]}},
            "fields.dest_address[0].dest_addr_ton: 999, 0 to 255",
        ),
        ({"command_id": 4, "tlvs": {}}, "tlvs: {} is no list"),
        ({"command_id": 4, "tlvs": [5]}, "tlvs[0]: 5 is no object"),
        ({"command_id": 4, "tlvs": [{}]}, "tlvs[0].tag: None is no integer"),
        ({"command_id": 4, "tlvs": [{"tag": 65536}]}, "tlvs[0].tag: 65536, 0 to 65535"),
        ({"command_id": 4, "tlvs": [{"name": "state"}]}, "tlvs[0]: tlv: 'state' is neither a known name nor a number"),
        ({"command_id": 4, "tlvs": [{"tag": 5, "value": "x"}]}, "tlvs[0].value: dest_addr_subunit: 'x' is no int"),
        ({"command_id": 4, "tlvs": [{"tag": 5, "value": None}]}, "tlvs[0].value: dest_addr_subunit: None is no int"),
        ({"command_id": 4, "tlvs": [{"tag": 5, "hex": "0"}]}, "tlvs[0].hex: '0' is no string of hexadecimal digits"),
        ({"command_id": 4, "tlvs": [{"tag": 5, "hex": "00" * 65536}]}, "tlvs[0]: 65536 octets, at most 65535"),
    ],
)
def test_json_that_cannot_be_written_is_refused_with_its_place(entry, reason):
    with pytest.raises(LocalError) as caught:
        from_json(entry)
    assert str(caught.value).startswith(reason)


def test_the_place_begins_with_the_number_of_the_entry():
    good = {"command": "enquire_link"}
    with pytest.raises(LocalError, match=r"^\[2\]\.fields\.source_addr_ton: 300, 0 to 255$"):
        from_json([good, good, {"command": "submit_sm", "fields": {"source_addr_ton": 300}}])


def nested(depth):
    """A list in a list in a list."""
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("document", [nested(100_000), [nested(100_000)], {"rest": nested(100_000)}])
def test_json_of_any_depth_is_refused(document):
    with pytest.raises(LocalError, match="nested too deeply"):
        from_json(document)


def words_of(document):
    """Every key and every string of a JSON value."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key
            yield from words_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from words_of(value)
    elif isinstance(document, str):
        yield document


WHOLE = [as_json(one) for _, octets in VECTORS.values() for one in dissect(octets)]
WORDS = st.sampled_from(sorted({word for entry in WHOLE for word in words_of(entry)} | {"dl_name", "0x", "ESME_ROK"}))
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
JSON = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5),
    max_leaves=12,
)


def places_of(document):
    """Where a value of a JSON document can be replaced: the container and the key or index."""
    if isinstance(document, dict | list):
        for key, value in list(document.items() if isinstance(document, dict) else enumerate(document)):
            yield document, key
            yield from places_of(value)


@st.composite
def damaged(draw):
    """The JSON of a good PDU in which some values are others."""
    document = json.loads(json.dumps(draw(st.sampled_from(WHOLE))))
    for _ in range(draw(st.integers(1, 3))):
        container, key = draw(st.sampled_from(list(places_of(document))))
        container[key] = draw(JSON)
    return document


@given(JSON | damaged() | st.lists(damaged(), max_size=2))
def test_any_json_gives_octets_or_a_local_error(document):
    with suppress(LocalError):
        assert isinstance(from_json(document), bytes)

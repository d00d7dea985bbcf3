"""Deliberate damage, each kind by itself and together."""

import pytest
from hypothesis import given

from simulator.smpp.codec import encode, parts_of
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import (
    DeliverSm,
    DistributionList,
    EnquireLink,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
)
from simulator.smpp.tlvs import Tlv
from simulator.smpp.wire import Splice, Wire
from tests.strategies import PDUS

RESP = SubmitSmResp(sequence_number=2, message_id="AB")
PLAIN = bytes.fromhex("00000013 80000004 00000000 00000002 414200")


@given(PDUS)
def test_a_wire_that_plans_nothing_changes_nothing(pdu):
    assert encode(pdu, Wire()) == encode(pdu)


@pytest.mark.parametrize(
    ("command_length", "expected"),
    [(0, 0), (7, 7), ("+4", 23), ("-1", 18), ("17", 17), ("0x11", 17), (0xFFFFFFFF, 2**32 - 1)],
)
def test_command_length_lies_and_the_octets_stay(command_length, expected):
    octets = encode(RESP, Wire(command_length=command_length))
    assert int.from_bytes(octets[:4], "big") == expected
    assert octets[4:] == PLAIN[4:]


def test_a_count_lies_and_what_it_counts_stays():
    pdu = SubmitSm(short_message=b"hi", tlvs=(Tlv(0x1400, b"abc"),))
    plain = encode(pdu)
    assert encode(pdu, Wire(lengths={"sm_length": "+8"})) == plain[:32] + b"\x0a" + plain[33:]
    assert encode(pdu, Wire(lengths={"tlv[0]": 65})) == plain[:-5] + b"\0\x41abc"
    assert encode(pdu, Wire(lengths={"tlv[0].length": "-1"})) == plain[:-5] + b"\0\x02abc"


def test_the_counts_of_lists_lie():
    multi = SubmitMulti(dest_address=(SmeAddress(addr="1"),))
    assert encode(multi, Wire(lengths={"number_of_dests": 0}))[20] == 0
    assert encode(SubmitMultiResp(), Wire(lengths={"no_unsuccess": 9}))[17] == 9


def test_a_string_is_left_without_its_nul():
    assert encode(RESP, Wire(unterminated=("message_id",))) == b"\0\0\0\x12" + PLAIN[4:18]
    multi = SubmitMulti(dest_address=(DistributionList("friends"),))
    octets = encode(multi, Wire(unterminated=("dest_address[0].dl_name",)))
    assert octets[22:30] == b"friends\0"  # the NUL is esm_class
    assert len(octets) == len(encode(multi)) - 1


def test_unchecked_lets_a_string_be_too_long():
    pdu = SubmitSmResp(message_id="1" * 100)
    octets = encode(pdu, Wire(unchecked=True))
    assert octets[16:] == b"1" * 100 + b"\0"
    assert octets[3] == 16 + 101
    with pytest.raises(LocalError, match="message_id: 101 octets, at most 65"):
        encode(pdu, Wire())


def test_unchecked_lets_a_short_message_be_too_long_and_its_count_turn_over():
    octets = encode(SubmitSm(short_message=b"x" * 300), Wire(unchecked=True))
    assert octets[32] == 300 - 256
    assert len(octets) == 33 + 300


@pytest.mark.parametrize(
    ("splice", "expected"),
    [
        (Splice("message_id", 0, b"\xff"), "00000013 80000004 00000000 00000002 FF 414200"),
        (Splice("message_id", 1), "00000013 80000004 00000000 00000002 4200"),
        (Splice("message_id", 1, b"", refit=True), "00000012 80000004 00000000 00000002 4200"),
        (Splice("message_id", 2, b"\0\0\0", refit=True), "00000014 80000004 00000000 00000002 000000 00"),
        (Splice("command_status", 4, b"\xee" * 4), "00000013 80000004 EEEEEEEE 00000002 414200"),
        (Splice(17, 1, b"Z"), "00000013 80000004 00000000 00000002 415A00"),
        (Splice("end", 0, b"\x01\x02"), "00000013 80000004 00000000 00000002 414200 0102"),
        (Splice("end", 0, b"\x01", refit=True), "00000014 80000004 00000000 00000002 414200 01"),
        (Splice(0, 4, b"HTTP"), "48545450 80000004 00000000 00000002 414200"),
    ],
)
def test_a_splice_takes_out_and_puts_in(splice, expected):
    assert encode(RESP, Wire(splices=(splice,))) == bytes.fromhex(expected)


def test_splices_are_placed_in_the_pdu_as_it_was():
    wire = Wire(
        splices=(Splice("message_id", 0, b"1"), Splice("end", 0, b"9"), Splice("message_id", 0, b"2"), Splice(17, 1))
    )
    assert encode(RESP, wire)[16:] == b"12A\x009"


def test_splices_find_tlvs_and_elements_of_lists():
    pdu = DeliverSm(tlvs=(Tlv(0x1400, b"ab"), Tlv(0x1401, b"c")))
    plain = encode(pdu)
    assert encode(pdu, Wire(splices=(Splice("tlv[1]", 5),))) == plain[:-5]
    assert encode(pdu, Wire(splices=(Splice("tlv[0].value", 2, b"Z"),))) == plain[:-7] + b"Z" + plain[-5:]
    multi = SubmitMulti(dest_address=(SmeAddress(addr="1"), SmeAddress(addr="2")))
    cut = encode(multi, Wire(splices=(Splice("dest_address[1]", 5, refit=True),), lengths={"number_of_dests": 1}))
    assert cut == encode(SubmitMulti(dest_address=(SmeAddress(addr="1"),)))


def test_octets_are_cut_off_and_added_without_moving_command_length():
    assert encode(RESP, Wire(cut=2)) == PLAIN[:-2]
    assert encode(RESP, Wire(append=b"\xde\xad")) == PLAIN + b"\xde\xad"
    assert encode(RESP, Wire(cut=19)) == b""
    assert encode(RESP, Wire(cut=3, append=b"x")) == PLAIN[:16] + b"x"


def test_command_length_is_counted_from_what_it_would_be():
    wire = Wire(unterminated=("message_id",), splices=(Splice("end", 0, b"12", refit=True),), command_length="+1")
    assert encode(RESP, wire)[:4] == b"\0\0\0\x15"


def test_a_pdu_without_a_body_is_damaged_too():
    assert encode(SubmitSmResp(header_only=True), Wire(append=b"\0"))[16:] == b"\0"
    assert encode(EnquireLink(), Wire(command_length="+1"))[3] == 17


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (Wire(command_length="lots"), "wire.command_length: 'lots' is no number and no difference such as '+4'"),
        (Wire(command_length=""), "wire.command_length: '' is no number"),
        (Wire(command_length="-20"), "wire.command_length: -1, 0 to 4294967295"),
        (Wire(lengths={"sm_length": 1}), "wire.lengths: there is no length 'sm_length' in this PDU"),
        (Wire(unterminated=("sm_length",)), "wire.unterminated: there is no C-octet string 'sm_length' in this PDU"),
        (Wire(splices=(Splice("end"), Splice("tlv[0]"))), "wire.splices[1]: there is no 'tlv[0]' in this PDU"),
        (Wire(splices=(Splice(20),)), "wire.splices[0]: offset 20, 0 to 19"),
        (Wire(splices=(Splice(-1),)), "wire.splices[0]: offset -1, 0 to 19"),
        (Wire(splices=(Splice("end", 1),)), "wire.splices[0]: 1 octets to delete, 0 to 0"),
        (Wire(cut=20), "wire.cut: 20, 0 to 19"),
        (Wire(cut=-1), "wire.cut: -1, 0 to 19"),
    ],
)
def test_a_plan_that_does_not_fit_the_pdu_is_refused_with_its_place(wire, reason):
    with pytest.raises(LocalError) as caught:
        encode(RESP, wire)
    assert str(caught.value).startswith(reason)


def test_a_length_that_does_not_fit_its_octets_is_refused():
    with pytest.raises(LocalError, match=r"wire\.lengths\.sm_length: 256, 0 to 255"):
        encode(SubmitSm(), Wire(lengths={"sm_length": 256}))


@pytest.mark.parametrize(
    ("wire", "places"),
    [
        (Wire(), {"command_length": 0, "sequence_number": 12, "message_id": 16, "end": 19}),
        (Wire(append=b"xy"), {"message_id": 16, "end": 21}),
        (Wire(cut=4, append=b"x"), {"sequence_number": 12, "message_id": 15, "end": 16}),
        (Wire(splices=(Splice(0, 0, b"ab"),)), {"command_length": 2, "message_id": 18, "end": 21}),
        (Wire(splices=(Splice("message_id", 3),)), {"message_id": 16, "end": 16}),
        (Wire(splices=(Splice(10, 4), Splice(12, 0, b"abc"))), {"sequence_number": 11, "message_id": 15, "end": 18}),
        (Wire(unterminated=("message_id",)), {"message_id": 16, "end": 18}),
    ],
)
def test_places_are_where_parts_begin_in_the_damaged_octets(wire, places):
    found = wire.places(parts_of(RESP))
    assert {name: found[name] for name in places} == places
    assert found["end"] == len(encode(RESP, wire))


def test_places_of_a_plan_that_does_not_fit_are_refused():
    with pytest.raises(LocalError, match=r"wire\.splices\[0\]: offset 20, 0 to 19"):
        Wire(splices=(Splice(20),)).places(parts_of(RESP))

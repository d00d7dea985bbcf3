"""Octets to PDUs and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp.codec import (
    compile_decoder,
    compile_encoder,
    compile_writer,
    decode,
    encode,
    parts_of,
    read_pdu,
    write_pdu,
)
from simulator.smpp.constants import CommandId, CommandStatus
from simulator.smpp.errors import FramingError, LocalError, PduError, RemoteError
from simulator.smpp.pdus import (
    PDU_CLASSES,
    BindTransceiver,
    DataSm,
    DeliverSm,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySmResp,
    Request,
    Response,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    UnknownPdu,
    Unsuccess,
    layout,
)
from simulator.smpp.tlvs import Tlv
from tests.strategies import ANY_FRAMES, KNOWN_PDUS, PDUS, framed, mutated
from tests.vectors.pdus import PDUS as VECTORS
from tests.vectors.quirks import QUIRKS

BY_NAME = pytest.mark.parametrize("name", VECTORS)


def outcome(read, octets: bytes):
    """The PDU that is read, or everything that the refusal says."""
    try:
        return read(octets)
    except RemoteError as error:
        return error.sequence_number, error.status, error.reason, *vars(error).items()


def fields(octets: bytes) -> Any:
    """The PDU, whatever its class."""
    return decode(octets)


def failure(octets: bytes) -> PduError:
    with pytest.raises(PduError) as caught:
        decode(octets)
    return caught.value


@BY_NAME
def test_every_pdu_is_written_as_the_table_says(name):
    pdu, octets = VECTORS[name]
    assert encode(pdu).hex() == octets.hex()
    assert encode(pdu).hex() == octets.hex()  # the second time by the compiled path


@BY_NAME
def test_every_pdu_is_read_from_the_table(name):
    pdu, octets = VECTORS[name]
    assert decode(octets) == pdu
    assert decode(octets) == pdu
    assert encode(decode(octets)) == octets


@BY_NAME
def test_a_frame_is_read_out_of_a_longer_buffer(name):
    pdu, octets = VECTORS[name]
    buffer = b"\xff" * 7 + octets + b"\0" * 20
    found = decode(buffer, 7, 7 + len(octets))
    assert found == pdu
    assert found.raw == octets


def test_the_table_has_every_pdu():
    assert {type(pdu) for pdu, _ in VECTORS.values()} == {*PDU_CLASSES.values(), UnknownPdu}


@pytest.mark.parametrize("name", QUIRKS)
def test_quirks_of_the_field_are_read_or_refused_with_their_status(name):
    octets, expected = QUIRKS[name]
    if isinstance(expected, Pdu):
        assert decode(octets) == expected
        assert encode(expected) == octets
    else:
        error = failure(octets)
        assert error.status == expected
        assert error.sequence_number == octets[15]
        assert error.command_id == int.from_bytes(octets[4:8], "big")


@given(PDUS)
def test_what_is_written_is_read_again(pdu):
    assert decode(encode(pdu)) == pdu


@given(KNOWN_PDUS)
def test_the_compiled_and_the_readable_path_agree_on_pdus(pdu):
    octets = write_pdu(pdu)
    assert compile_encoder(type(pdu))(pdu) == octets
    compiled = compile_decoder(type(pdu))(octets, pdu.sequence_number, pdu.command_status)
    assert compiled == read_pdu(octets) == pdu
    assert compiled.raw == read_pdu(octets).raw == octets


@given(ANY_FRAMES | mutated(PDUS.map(encode)).map(lambda one: len(one).to_bytes(4, "big") + one[4:]))
def test_the_compiled_and_the_readable_path_agree_on_any_frame(octets):
    if len(octets) < 16:
        return
    assert outcome(decode, octets) == outcome(read_pdu, octets)
    assert outcome(decode, octets) == outcome(decode, octets)


@given(st.binary(max_size=80) | ANY_FRAMES | mutated(PDUS.map(encode)))
def test_any_octets_are_a_pdu_or_a_pdu_error_and_what_is_read_is_written_the_same(octets):
    found = outcome(decode, octets)
    if isinstance(found, Pdu):
        assert encode(found) == octets
        assert decode(encode(found)) == found


@given(PDUS.filter(lambda pdu: not (isinstance(pdu, UnknownPdu) or pdu.tlvs or getattr(pdu, "header_only", False))))
def test_a_writer_makes_the_octets_that_the_object_would(pdu):
    kind = type(pdu)
    values = [getattr(pdu, name) for name, _ in layout(kind)]
    assert compile_writer(kind)(pdu.command_status, pdu.sequence_number, *values) == encode(pdu)


def test_a_writer_refuses_what_has_no_wire_form():
    write = compile_writer(SubmitSmResp)
    assert write(0, 7, "42") == encode(SubmitSmResp(sequence_number=7, message_id="42"))
    with pytest.raises(ValueError, match=r"^$"):
        write(0, 7, "4\x002")
    with pytest.raises(ValueError, match=r"^$"):
        write(0, 7, 65 * "4")


def test_raw_is_the_frame_and_does_not_count_in_comparisons():
    octets = encode(EnquireLink(sequence_number=7))
    pdu = decode(octets)
    assert pdu.raw == octets
    assert pdu == EnquireLink(sequence_number=7)
    assert "raw" not in repr(pdu)


def test_too_few_octets_for_a_header_are_no_frame():
    with pytest.raises(FramingError, match=r"^command_length: 4 octets are no header$") as caught:
        decode(b"\0\0\0\x10")
    assert (caught.value.sequence_number, caught.value.status) == (0, CommandStatus.ESME_RINVCMDLEN)


def test_octets_with_another_command_length_than_theirs_are_no_frame():
    with pytest.raises(FramingError, match=r"^command_length: 17, but the frame has 16 octets$") as caught:
        decode(bytes.fromhex("00000011 80000015 00000000 00000005"))
    assert (caught.value.sequence_number, caught.value.status) == (5, CommandStatus.ESME_RINVCMDLEN)


SUBMIT = encode(
    SubmitSm(source_addr="1234", destination_addr="5678", short_message=b"hi", tlvs=(Tlv(0x0427, b"\x02"),))
)


@pytest.mark.parametrize("end", range(16, len(SUBMIT)))
def test_a_submit_sm_that_ends_early_is_refused_wherever_it_ends(end):
    octets = end.to_bytes(4, "big") + SUBMIT[4:end]
    found = outcome(decode, octets)
    if end == len(SUBMIT) - 5:
        assert found == SubmitSm(source_addr="1234", destination_addr="5678", short_message=b"hi")
    else:
        assert isinstance(found, tuple)
        assert found[1] in {0x01, 0x02, 0x0A, 0x0B, 0xC0}


CASES = [
    (BindTransceiver, "system_id", b"A" * 16 + b"\0", 0x0F, "system_id: 17 octets, at most 16"),
    (BindTransceiver, "password", b"\0" + b"A" * 9 + b"\0", 0x0E, "password: 10 octets, at most 9"),
    (BindTransceiver, "system_type", b"\0\0" + b"A" * 13 + b"\0", 0x53, "system_type: 14 octets, at most 13"),
    (BindTransceiver, "address_range", b"\0\0\0\x34\0\0A", 0x02, "address_range: no NUL in the 1 octets that are left"),
    (SubmitSm, "service_type", b"A" * 6 + b"\0", 0x15, "service_type: 7 octets, at most 6"),
    (SubmitSm, "source_addr", b"\0\0\0" + b"1" * 23 + b"\0", 0x0A, "source_addr: 24 octets, at most 21"),
    (SubmitSm, "destination_addr", b"\0" * 6 + b"1", 0x0B, "destination_addr: no NUL in the 1 octets that are left"),
    (SubmitSm, "schedule_delivery_time", b"\0" * 10 + b"1", 0x61, "schedule_delivery_time: no NUL in the 1 octets"),
    (SubmitSm, "validity_period", b"\0" * 11 + b"1", 0x62, "validity_period: no NUL in the 1 octets that are left"),
    (SubmitSm, "registered_delivery", b"\0" * 12, 0x02, "registered_delivery: the PDU ends before it"),
    (SubmitSm, "sm_length", b"\0" * 16, 0x02, "sm_length: the PDU ends before it"),
    (SubmitSm, "sm_length", b"\0" * 16 + b"\5abc", 0x01, "sm_length: 5 octets, but the PDU has only 3 left"),
    (SubmitSm, "tlvs", b"\0" * 17 + b"abc", 0xC0, "tlvs: 3 octets are left at the end, a TLV has at least 4"),
    (SubmitSm, "tlvs", b"\0" * 17 + b"\x04\x27\0\2a", 0xC0, "tlvs: message_state has 2 octets, but the PDU has only 1"),
    (SubmitSmResp, "message_id", b"1" * 65 + b"\0", 0x0C, "message_id: 66 octets, at most 65"),
    (QuerySmResp, "final_date", b"\0" + b"1", 0x02, "final_date: no NUL in the 1 octets that are left"),
    (SubmitMulti, "number_of_dests", b"\0" * 4, 0x02, "number_of_dests: the PDU ends before it"),
    (SubmitMulti, "dest_address[0].dest_flag", b"\0" * 4 + b"\1", 0x02, "dest_address[0].dest_flag: the PDU ends"),
    (SubmitMulti, "dest_address[1].dest_flag", b"\0\0\0\0\2\2\0\3", 0x40, "dest_address[1].dest_flag: 3, 1 or 2"),
    (SubmitMulti, "dest_address[0].dl_name", b"\0\0\0\0\1\2AB", 0x34, "dest_address[0].dl_name: no NUL in the 2"),
    (
        SubmitMulti,
        "dest_address[0].destination_addr",
        b"\0\0\0\0\1\1\0\0" + b"1" * 21 + b"\0",
        0x0B,
        "dest_address[0].destination_addr: 22 octets, at most 21",
    ),
    (SubmitMultiResp, "no_unsuccess", b"\0", 0x02, "no_unsuccess: the PDU ends before it"),
    (
        SubmitMultiResp,
        "unsuccess_sme[0].error_status_code",
        b"\0\1\0\0\0\0\0\0",
        0x02,
        "unsuccess_sme[0].error_status_code: the PDU ends before it",
    ),
]


@pytest.mark.parametrize(("pdu_class", "field", "body", "status", "reason"), CASES)
def test_a_broken_body_is_refused_with_the_fields_name_and_status(pdu_class, field, body, status, reason):
    error = failure(framed(body, pdu_class.command_id, sequence_number=77))
    assert error.field == field
    assert error.status == status
    assert error.reason.startswith(reason)
    assert (error.command_id, error.sequence_number) == (pdu_class.command_id, 77)


def test_a_response_of_16_octets_left_out_its_body_whatever_its_status():
    assert fields(framed(b"", CommandId.SUBMIT_SM_RESP, 0)).header_only
    assert fields(framed(b"", CommandId.DATA_SM_RESP, 0x45)).header_only
    assert not fields(framed(b"", CommandId.ENQUIRE_LINK_RESP)).header_only
    assert not fields(framed(b"\0", CommandId.SUBMIT_SM_RESP, 0x45)).header_only


def test_header_only_leaves_out_the_fields_of_a_response():
    octets = encode(SubmitSmResp(command_status=0x58, message_id="kept to myself", header_only=True))
    assert octets == framed(b"", CommandId.SUBMIT_SM_RESP, 0x58, 0)
    assert encode(EnquireLinkResp(header_only=True)) == encode(EnquireLinkResp())


def test_header_only_with_tlvs_is_refused():
    with pytest.raises(LocalError, match=r"header_only: 1 TLVs would be left out"):
        encode(GenericNack(header_only=True, tlvs=(Tlv(1, b""),)))


def ill(pdu_class: Any, **values: Any) -> Any:
    """An object with values that its declaration forbids."""
    return pdu_class(**values)


TOO_MUCH = [
    (ill(SubmitSm, source_addr="1" * 23), "source_addr: 24 octets, at most 21"),
    (ill(SubmitSm, source_addr="€"), "source_addr: '€' has characters beyond one octet"),
    (ill(SubmitSm, source_addr="a\0b"), r"source_addr: 'a\x00b' has a NUL inside"),
    (ill(SubmitSm, source_addr=None), "source_addr: None is no string"),
    (ill(SubmitSm, source_addr=b"1"), "source_addr: b'1' is no string"),
    (ill(SubmitSm, source_addr_ton=256), "source_addr_ton: 256, 0 to 255"),
    (ill(SubmitSm, source_addr_ton=-1), "source_addr_ton: -1, 0 to 255"),
    (ill(SubmitSm, source_addr_ton="1"), "source_addr_ton: '1' is no integer"),
    (ill(SubmitSm, short_message="hi"), "short_message: 'hi' is no bytes"),
    (ill(SubmitSm, short_message=b"x" * 256), "short_message: 256 octets, at most 255"),
    (ill(SubmitSm, sequence_number=2**32), "sequence_number: 4294967296, 0 to 4294967295"),
    (ill(SubmitSm, sequence_number=None), "sequence_number: None is no integer"),
    (ill(SubmitSm, command_status=-1), "command_status: -1, 0 to 4294967295"),
    (ill(SubmitSm, tlvs=(Tlv(0x1400, b""), Tlv(0x10000, b""))), "tlv[1]: tag 65536, 0 to 65535"),
    (ill(SubmitSm, tlvs=(ill(Tlv, tag="1400"),)), "tlv[0]: tag '1400', 0 to 65535"),
    (ill(SubmitSm, tlvs=(ill(Tlv, tag=0x1400, value="text"),)), "tlv[0]: 'text' is no bytes"),
    (ill(SubmitSm, tlvs=(Tlv(0x0424, b"x" * 65536),)), "tlv[0]: 65536 octets, at most 65535"),
    (ill(SubmitSm, tlvs=(b"x",)), "tlv[0]: b'x' is no Tlv"),
    (ill(SubmitSm, tlvs=7), "tlvs: 7 is no sequence of Tlv"),
    (ill(SubmitMulti, dest_address=None), "dest_address: None is no sequence"),
    (ill(SubmitMulti, dest_address="12"), "dest_address: '12' is no sequence"),
    (ill(SubmitMulti, dest_address=(SmeAddress(),) * 256), "dest_address: 256 elements, at most 255"),
    (ill(SubmitMulti, dest_address=("12",)), "dest_address[0]: '12' is no SmeAddress or DistributionList"),
    (ill(SubmitMulti, dest_address=(SmeAddress(ton=999),)), "dest_address[0].dest_addr_ton: 999, 0 to 255"),
    (ill(SubmitMulti, dest_address=(DistributionList("x" * 21),)), "dest_address[0].dl_name: 22 octets, at most 21"),
    (
        ill(SubmitMultiResp, unsuccess_sme=(SmeAddress(),)),
        "unsuccess_sme[0]: SmeAddress(ton=0, npi=0, addr='') is no Unsuccess",
    ),
    (ill(SubmitMultiResp, unsuccess_sme=(Unsuccess(status=-5),)), "unsuccess_sme[0].error_status_code: -5, 0 to"),
    (ill(UnknownPdu, command_id=2**32), "command_id: 4294967296, 0 to 4294967295"),
    (ill(UnknownPdu, command_id=1, body=None), "body: None is no bytes"),
    (Request(), "pdu: Request(sequence_number=0, command_status=0, tlvs=()) is none that has a command_id"),
    ("submit_sm", "pdu: 'submit_sm' is none that has a command_id"),
]


@pytest.mark.parametrize(("pdu", "reason"), TOO_MUCH)
def test_what_smpp_has_no_room_for_is_refused_with_the_fields_name(pdu, reason):
    for _ in range(2):
        with pytest.raises(LocalError) as caught:
            encode(pdu)
        assert str(caught.value).startswith(reason)


def test_times_of_any_length_are_written_as_they_are():
    octets = encode(SubmitSm(validity_period="tomorrow, or the day after it"))
    assert fields(octets).validity_period == "tomorrow, or the day after it"


def test_characters_are_octets():
    every = "".join(map(chr, range(1, 256)))
    assert fields(encode(SubmitSm(validity_period=every))).validity_period == every
    assert encode(SubmitSmResp(message_id="ÿ"))[16:] == b"\xff\0"


def test_a_field_that_is_read_is_a_plain_integer():
    pdu = fields(encode(SubmitSm(command_status=CommandStatus.ESME_RTHROTTLED, data_coding=8)))
    assert type(pdu.command_status) is int
    assert type(pdu.data_coding) is int


def test_the_longest_pdu_survives():
    pdu = SubmitMulti(
        dest_address=(SmeAddress(1, 1, "1" * 20),) * 255,
        short_message=b"x" * 255,
        tlvs=(Tlv(0x0424, b"\xff" * 65535),),
    )
    octets = encode(pdu)
    assert len(octets) > 71000
    assert decode(octets) == pdu


def test_the_parts_of_a_pdu_are_its_octets_by_name():
    parts = parts_of(DataSm(source_addr="1", tlvs=(Tlv(0x0427, b"\x02"),)))
    assert [part.name for part in parts[:5]] == [
        *("command_length", "command_id", "command_status", "sequence_number", "service_type")
    ]
    assert [(part.name, part.octets.hex()) for part in parts[-3:]] == [
        ("tlv[0].tag", "0427"),
        ("tlv[0].length", "0001"),
        ("tlv[0].value", "02"),
    ]


def test_a_subclass_is_written_as_its_class():
    class Marked(DeliverSm):
        """A deliver_sm that somebody has extended."""

        __slots__ = ("mark",)

    assert encode(Marked(source_addr="1")) == encode(DeliverSm(source_addr="1"))
    assert encode(Marked(source_addr="1")) == encode(DeliverSm(source_addr="1"))


def test_an_unknown_pdu_is_named_by_its_number():
    assert fields(framed(b"", 0x400)).name == "0x00000400"
    assert decode(framed(b"", 0x22)).name == "param_retrieve"
    assert isinstance(decode(framed(b"", 0x80000022)), UnknownPdu)
    assert not isinstance(decode(framed(b"", 0x80000022)), Response)

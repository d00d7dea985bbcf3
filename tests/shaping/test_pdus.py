"""Fields and TLVs of any PDU as a form wants them, and what the codec then need not check."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.declared import names_in
from simulator.scenario.forms.forms import AnswerForm, Form, PduForm
from simulator.scenario.words.wire_words import Octets
from simulator.shaping.pdus import PduShape, characters_of, fits, octets_of, shaped, tlv_of, wire_of
from simulator.smpp.codec import encode
from simulator.smpp.errors import LocalError
from simulator.smpp.pdu import Response
from simulator.smpp.pdus import (
    PDU_CLASSES,
    BindTransceiverResp,
    DataSm,
    DeliverSm,
    GenericNack,
    SubmitSmResp,
    UnknownPdu,
)
from simulator.smpp.tlvs import Tlv
from simulator.smpp.vendor_tlvs import book_of, vendor_tlv
from simulator.smpp.wire import Wire
from tests.strategies import pdus_of

NAMES = names_in({"carrier": {"vendor_tlvs": ["0x1401=billing_id:cstring"]}})


def form(**said: Any) -> PduForm:
    return PduForm.model_validate(said, context=NAMES)


def tlvs_after(edits: Any, *before: Tlv, book: Any = None) -> tuple[Tlv, ...]:
    return shaped(DeliverSm(tlvs=before), form(tlvs=edits), book or NAMES.book).tlvs


# ---------------------------------------------------------------- fields


def test_fields_are_set_under_their_names_in_the_same_object():
    pdu = DeliverSm(source_addr="1", short_message=b"hi")
    said = {"esm_class": 0, "data_coding": 8, "source_addr": "12025550100", "short_message": "hex:00ff"}
    assert shaped(pdu, form(fields=said)) is pdu
    assert (pdu.data_coding, pdu.source_addr, pdu.short_message) == (8, "12025550100", b"\0\xff")


def test_a_text_has_one_octet_a_character_and_others_make_it_utf_8():
    pdu = DeliverSm()
    shaped(pdu, form(fields={"source_addr": "hex:00e9", "destination_addr": "Zürich", "short_message": "Я"}))
    assert (pdu.source_addr, pdu.destination_addr, pdu.short_message) == ("\0é", "Zürich", "Я".encode())
    assert shaped(DeliverSm(), form(fields={"service_type": "Я"})).service_type == "\xd0\xaf"  # type: ignore[attr-defined]


def test_values_stand_for_octets_and_characters():
    assert octets_of(12) == b"12"
    assert octets_of("é") == b"\xe9"
    assert octets_of("€") == "€".encode()
    assert octets_of(Octets(b"\0\x01")) == b"\0\x01"
    assert characters_of(Octets(b"\0\xff")) == "\0\xff"


def test_fields_that_the_pdu_does_not_have_are_left_out():
    pdu = shaped(DataSm(), form(fields={"protocol_id": 5, "validity_period": "x", "esm_class": 4}))
    assert pdu == DataSm(esm_class=4)


def test_deliver_sm_can_have_the_fields_that_must_be_null():
    said = {
        "schedule_delivery_time": "000002000000000R",
        "validity_period": "261121123000000+",
        "replace_if_present_flag": 1,
        "sm_default_msg_id": 7,
        "registered_delivery": 4,
    }
    octets = encode(shaped(DeliverSm(), form(fields=said)))
    assert octets[16:] == (
        b"\0" + bytes(3) + bytes(3) + bytes(3) + b"000002000000000R\0" + b"261121123000000+\0" + bytes((4, 1, 0, 7, 0))
    )


def test_a_pdu_that_nobody_declared_has_the_fields_as_its_body_in_their_order():
    pdu = shaped(UnknownPdu(command_id=0x10200), form(fields={"system_id": "me", "esm_class": 3, "short_message": "x"}))
    assert pdu == UnknownPdu(command_id=0x10200, body=b"me\0\x03\x01x")


def test_without_a_form_a_pdu_stays_as_it_is():
    assert shaped(DeliverSm(source_addr="1"), None) == DeliverSm(source_addr="1")
    assert shaped(DeliverSm(source_addr="1"), form()) == DeliverSm(source_addr="1")


def test_a_field_or_tlv_brings_the_body_of_a_refusal_back():
    refusal = SubmitSmResp(1, 8, header_only=True)
    assert shaped(refusal, form(fields={"message_id": "00000000"})) == SubmitSmResp(1, 8, message_id="00000000")
    with_tlv = shaped(SubmitSmResp(1, 8, header_only=True), form(tlvs={"congestion_state": 90}))
    assert encode(with_tlv)[16:] == b"\0" + bytes.fromhex("04280001 5a")
    untouched = shaped(SubmitSmResp(1, 8, header_only=True), form(fields={"system_id": "x"}))
    assert isinstance(untouched, Response)
    assert untouched.header_only


# ---------------------------------------------------------------- the value of a TLV


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        (0x0427, 2, "02"),
        (0x0204, 2, "0002"),
        (0x001E, "abc", "61626300"),
        (0x001E, 3005, "3330303500"),
        (0x0424, "hé", "68e9"),
        (0x0424, 12345, "3132333435"),
        # three octets, whatever their meaning
        (0x0423, 0x030022, "030022"),
        (0x0423, "034", "303334"),
        (0x0423, 0x1FFFFFF, b"33554431".hex()),
        (0x0427, "2", "32"),
        (0x0427, 300, b"300".hex()),
        (0x0427, -1, b"-1".hex()),
        (0x1403, "23430", "323334333000"),
        (0x1403, 23430, "5b86"),
        (0x1403, 2**70, str(2**70).encode().hex()),
        (0x1403, Octets(b"\0"), "00"),
        (0x0427, Octets(b"\0\0\0\2"), "00000002"),
        (0x0427, None, ""),
        (0x0427, Octets(b""), ""),
    ],
)
def test_a_value_is_written_by_the_kind_of_its_tag(tag, value, expected):
    assert tlv_of(tag, value) == Tlv(tag, bytes.fromhex(expected))


def test_the_nul_of_a_text_can_be_left_out_or_added():
    assert tlv_of(0x001E, "a", nul=False).value == b"a"
    assert tlv_of(0x1403, "a", nul=False).value == b"a"
    assert tlv_of(0x0424, "a", nul=True).value == b"a\0"


def test_a_tag_of_the_book_has_its_name_and_kind():
    book = book_of((vendor_tlv("0x1401=billing_id:cstring"),))
    assert tlvs_after({"billing_id": 77}, book=book) == (Tlv(0x1401, b"77\0"),)


@given(st.integers(0, 0xFFFF), st.integers() | st.text() | st.binary().map(Octets), st.booleans() | st.none())
def test_every_value_is_written_under_every_tag(tag, value, nul):
    assert tlv_of(tag, value, nul=nul).tag == tag


# ---------------------------------------------------------------- changes of TLVs

A, B, C = Tlv(0x1501, b"a"), Tlv(0x1502, b"b"), Tlv(0x1503, b"c")


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ({"0x1502": "hex:31"}, (A, Tlv(0x1502, b"1"), C)),
        ([{"set": "0x1502", "value": "hex:31", "first": True}], (Tlv(0x1502, b"1"), A, C)),
        ([{"set": "0x1502", "value": "hex:31", "times": 2}], (A, Tlv(0x1502, b"1"), Tlv(0x1502, b"1"), C)),
        ({"0x1504": "hex:31"}, (A, B, C, B, Tlv(0x1504, b"1"))),
        ([{"add": "0x1501", "value": "hex:62"}], (A, B, C, B, Tlv(0x1501, b"b"))),
        ([{"add": "0x1501", "value": "hex:62", "first": True}], (Tlv(0x1501, b"b"), A, B, C, B)),
        ([{"add": "0x1504", "times": 3}], (A, B, C, B, *[Tlv(0x1504)] * 3)),
        ({"0x1502": "absent"}, (A, C)),
        ([{"order": ["0x1503", "0x1502", "0x1509"]}], (C, B, B, A)),
        ([{"clear": True}], ()),
        ([{"clear": True}, {"add": "message_state", "value": 2}], (Tlv(0x0427, b"\x02"),)),
    ],
)
def test_tlvs_are_set_added_removed_and_ordered(edits, expected):
    assert tlvs_after(edits, A, B, C, B) == expected


def test_an_allowed_tlv_can_stand_where_no_table_has_it():
    said = {"sc_interface_version": 0x34, "more_messages_to_send": 1, "qos_time_to_live": 60, "0x1403": "23430"}
    octets = encode(shaped(DeliverSm(), form(tlvs=said)))
    assert octets[33:].hex() == "0210000134" + "0426000101" + "001700040000003c" + "14030006323334333000"


def test_tlvs_can_be_ill_sized_empty_and_out_of_order():
    edits = [
        {"set": "message_payload"},
        {"set": "callback_num", "value": "hex:71"},
        {"add": "callback_num", "value": "hex:71"},
        {"order": ["callback_num"]},
    ]
    assert tlvs_after(edits) == (Tlv(0x0381, b"q"), Tlv(0x0381, b"q"), Tlv(0x0424, b""))


def test_a_name_that_the_book_lacks_is_told_when_the_form_is_made_ready():
    with pytest.raises(LocalError, match="billing_id"):
        PduShape(form(tlvs={"billing_id": "x"}), names_in({}).book)


# ---------------------------------------------------------------- what goes unchecked


def test_without_damage_there_is_no_wire():
    assert wire_of(None) is None
    assert wire_of(form(fields={"esm_class": 1, "source_addr": "12025550100"})) is None
    assert wire_of(None, DeliverSm(source_addr="1")) is None


def test_damage_is_what_the_form_says():
    assert wire_of(form(wire={"cut": 1})) == Wire(cut=1)
    assert wire_of(form(wire={"unchecked": True, "cut": 1}), DeliverSm()) == Wire(unchecked=True, cut=1)


@pytest.mark.parametrize(
    "fields",
    [{"source_addr": "1" * 21}, {"source_addr": "hex:3100"}, {"short_message": "x" * 256}, {"service_type": "sixsix"}],
)
def test_values_that_smpp_forbids_go_unchecked(fields):
    said = form(fields=fields)
    assert wire_of(said) == Wire(unchecked=True)
    pdu = shaped(DeliverSm(), said)
    assert not fits(pdu)
    assert encode(pdu, wire_of(said, pdu)) == encode(pdu, Wire(unchecked=True))
    assert wire_of(form(fields=fields, wire={"cut": 1}), pdu) == Wire(unchecked=True, cut=1)


def test_the_pdu_itself_decides_where_it_is_known():
    assert wire_of(None, DeliverSm(source_addr="1" * 21)) == Wire(unchecked=True)
    assert wire_of(None, DataSm(source_addr="1" * 21)) is None
    assert wire_of(None, DeliverSm(short_message=b"x" * 256)) == Wire(unchecked=True)
    assert wire_of(None, DeliverSm(validity_period="x" * 40)) is None
    assert wire_of(None, DeliverSm(tlvs=(Tlv(1, bytes(0x10000)),))) == Wire(unchecked=True)
    assert wire_of(None, UnknownPdu(command_id=0x10200, body=bytes(500))) is None
    assert wire_of(None, GenericNack()) is None


def test_a_time_of_any_length_is_no_reason_to_leave_checks_out():
    assert wire_of(form(fields={"validity_period": "x" * 40})) is None


@given(st.sampled_from(list(PDU_CLASSES.values())).flatmap(pdus_of))
def test_every_pdu_that_fits_is_written_with_checks(pdu):
    assert fits(pdu)
    assert encode(pdu)


def test_every_pdu_is_known_to_fit_or_not():
    assert all(fits(pdu_class()) for pdu_class in PDU_CLASSES.values())


def test_the_forms_of_answers_and_deliveries_are_forms_of_pdus():
    answer = AnswerForm.model_validate({"fields": {"system_id": "X"}}, context=NAMES)
    assert shaped(BindTransceiverResp(), answer) == BindTransceiverResp(system_id="X")
    delivery = Form.model_validate({"fields": {"priority_flag": 3}}, context=NAMES)
    assert shaped(DeliverSm(), delivery) == DeliverSm(priority_flag=3)

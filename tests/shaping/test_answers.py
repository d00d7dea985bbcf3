"""Responses as the catalogue's carriers send them: without a body, with one too many, or another PDU altogether."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.declared import names_in
from simulator.scenario.forms.forms import AnswerForm, Ids
from simulator.shaping.answers import AnswerShape
from simulator.shaping.pdus import wire_of
from simulator.smpp.codec import encode
from simulator.smpp.fields import DistributionList, SmeAddress, Unsuccess
from simulator.smpp.pdu import Response
from simulator.smpp.pdus import (
    PDU_CLASSES,
    BindTransceiverResp,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLinkResp,
    GenericNack,
    QuerySmResp,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSmResp,
    UnknownPdu,
)
from simulator.smpp.tlvs import Tlv
from tests.strategies import pdus_of

NAMES = names_in({"carrier": {"vendor_tlvs": ["0x1401=billing_id:cstring"]}})
ACCEPTED = 0
THROTTLED = 0x58


def form(**said: Any) -> AnswerForm:
    return AnswerForm.model_validate(said, context=NAMES)


def ids(response: str) -> Ids:
    return Ids.model_validate({"response": response}, context=NAMES)


def accepted() -> SubmitSmResp:
    return SubmitSmResp(5, ACCEPTED, message_id="0A0000A3")


def refused(status: int = THROTTLED) -> SubmitSmResp:
    return SubmitSmResp(5, status, header_only=True)


def octets(response: Response, said: AnswerForm, **more: Any) -> str:
    """What follows command_id."""
    pdu = AnswerShape(said, None, NAMES.book).pdu(response, **more)
    return encode(pdu, wire_of(said, pdu))[8:].hex()


@given(st.sampled_from([one for one in PDU_CLASSES.values() if issubclass(one, Response)]).flatmap(pdus_of))
def test_without_a_form_a_response_stays_as_it_is(response):
    before = encode(response)
    for said in (None, form()):
        assert AnswerShape(said).pdu(response) is response
        assert encode(response) == before


# ---------------------------------------------------------------- status and body


def test_a_success_told_as_a_failure_has_no_body_unless_the_smsc_gives_it_one():
    assert octets(accepted(), form(status="ESME_RTHROTTLED")) == "0000005800000005"
    assert octets(accepted(), form(status=0x450), has_error_body=True) == "0000045000000005" + b"0A0000A3\0".hex()
    with_tlv = SubmitSmResp(5, 0, (Tlv(0x0428, b"\x5a"),), message_id="1")
    assert octets(with_tlv, form(status=8)) == "0000000800000005" + "3100" + "042800015a"


def test_a_failure_told_as_a_success_has_a_body():
    assert octets(refused(), form(status=0)) == "0000000000000005" + "00"
    assert octets(refused(), form(status=0), message_id="77") == "0000000000000005" + "373700"


def test_a_refusal_can_have_its_body_and_a_success_none():
    assert octets(refused(), form(body="full")) == "0000005800000005" + "00"
    assert octets(refused(), form(body="full"), message_id="00000000") == "0000005800000005" + b"00000000\0".hex()
    assert octets(refused(), form(fields={"message_id": "0A"})) == "0000005800000005" + "304100"
    assert octets(BindTransceiverResp(5, 14, header_only=True), form(body="full", fields={"system_id": "SMSC"})) == (
        "0000000e00000005" + b"SMSC\0".hex()
    )
    assert octets(accepted(), form(body="omit")) == "0000000000000005"
    assert octets(BindTransceiverResp(5, 13, system_id="SMSC"), form(body="omit")) == "0000000d00000005"


def test_a_success_can_lack_its_id_or_the_nul_behind_it():
    assert octets(accepted(), form(fields={"message_id": ""})) == "0000000000000005" + "00"
    assert octets(accepted(), form(wire={"unterminated": "message_id"})) == "0000000000000005" + b"0A0000A3".hex()


def test_tlvs_can_stand_in_any_response_also_where_there_is_no_body_before_them():
    assert octets(accepted(), form(tlvs={"congestion_state": 1, "billing_id": "x"})) == (
        "0000000000000005" + b"0A0000A3\0".hex() + "0428000101" + "140100027800"
    )
    assert octets(refused(), form(tlvs={"0x1403": "23430"})) == "0000005800000005" + "00" + "14030006323334333000"
    bare = AnswerShape(form(body="omit", tlvs={"congestion_state": 1})).pdu(refused())
    assert bare == UnknownPdu(5, THROTTLED, (Tlv(0x0428, b"\x01"),), command_id=0x80000004)
    assert encode(bare).hex() == "0000001580000004" + "0000005800000005" + "0428000101"
    assert octets(EnquireLinkResp(5), form(tlvs={"congestion_state": 1})) == "0000000000000005" + "0428000101"


def test_a_body_says_nothing_of_what_has_none():
    assert octets(EnquireLinkResp(5), form(body="full")) == "0000000000000005"
    assert octets(EnquireLinkResp(5), form(body="omit")) == "0000000000000005"


# ---------------------------------------------------------------- the id


@pytest.mark.parametrize(
    ("spelling", "message_id", "expected"),
    [
        ("same", "1f", "1f"),
        ("hex upper", "255", "FF"),
        ("decimal pad 10", "ff", "0000000255"),
        ("absent", "1f", ""),
        ("empty", "1f", ""),
        ("constant 0", "1f", "0"),
        ("nul", "1f", "1f\0"),
        ("prefix Я", "1f", "\xd0\xaf1f"),
        ("previous", "1f", "1e"),
    ],
)
def test_the_id_is_spelled_as_the_scenario_wants_it_in_the_response(spelling, message_id, expected):
    shape = AnswerShape(None, ids(spelling))
    for response in (SubmitSmResp(message_id=message_id), DataSmResp(message_id=message_id)):
        assert shape.pdu(response, message_id=message_id, previous_id="1e") is response
        assert response.message_id == expected


def test_the_base_of_an_id_is_told_and_not_guessed():
    shape = AnswerShape(None, ids("decimal"))
    assert shape.pdu(SubmitSmResp(message_id="10"), message_id="10", base="hex") == SubmitSmResp(message_id="16")


def test_a_refusal_names_no_id_unless_it_had_one():
    shape = AnswerShape(None, ids("constant 0"))
    assert shape.pdu(refused(), message_id="1f") == refused()
    assert shape.pdu(SubmitSmResp(5, 8, message_id="1f"), message_id="1f") == SubmitSmResp(5, 8, message_id="0")
    assert AnswerShape(form(body="full"), ids("constant 0")).pdu(refused(), message_id="1f") == SubmitSmResp(
        5, THROTTLED, message_id="0"
    )


def test_a_response_without_an_id_has_none_and_one_that_names_none_keeps_its_own():
    shape = AnswerShape(None, ids("constant 0"))
    assert shape.pdu(EnquireLinkResp(5), message_id="1") == EnquireLinkResp(5)
    assert shape.pdu(QuerySmResp(5, message_id="1f")) == QuerySmResp(5, message_id="1f")


def test_what_the_fields_say_comes_behind_the_spelling():
    shape = AnswerShape(form(fields={"message_id": "x"}), ids("constant 0"))
    assert shape.pdu(accepted(), message_id="0A0000A3") == SubmitSmResp(5, 0, message_id="x")


# ---------------------------------------------------------------- another PDU


def answered(said: AnswerForm, response: Response | None = None) -> Any:
    return AnswerShape(said).pdu(response or accepted())


def test_another_response_keeps_what_both_have():
    assert answered(form(command="generic_nack", status="ESME_RSYSERR")) == GenericNack(5, 8, header_only=True)
    assert answered(form(command="deliver_sm_resp")) == DeliverSmResp(5, 0, message_id="0A0000A3")
    assert answered(form(command="bind_transceiver_resp")) == BindTransceiverResp(5, 0)
    assert answered(form(command="data_sm_resp"), refused()) == DataSmResp(5, THROTTLED, header_only=True)
    tlvs = (Tlv(0x1400, b"x"),)
    assert answered(form(command="generic_nack"), SubmitSmResp(5, 0, tlvs)) == GenericNack(5, 0, tlvs)


def test_a_request_or_an_unknown_pdu_can_be_the_answer():
    assert answered(form(command="deliver_sm", fields={"short_message": "hi"})) == DeliverSm(5, 0, short_message=b"hi")
    assert answered(form(command="deliver_sm", body="full")) == DeliverSm(5, 0)
    assert answered(form(command="deliver_sm", body="omit")) == UnknownPdu(5, 0, command_id=5)
    unknown = answered(form(command="0x80010200", fields={"message_id": "1"}, status=1))
    assert unknown == UnknownPdu(5, 1, command_id=0x80010200, body=b"1\0")
    assert encode(unknown).hex() == "00000012" + "80010200" + "00000001" + "00000005" + "3100"


def test_an_unknown_pdu_can_become_another():
    response = AnswerShape(form(command="generic_nack")).pdu(UnknownPdu(5, 3, command_id=0x80010200, body=b"x"))
    assert response == GenericNack(5, 3)
    status = AnswerShape(form(status=4)).pdu(UnknownPdu(5, 3, command_id=0x80010200, body=b"x"))
    assert status == UnknownPdu(5, 4, command_id=0x80010200, body=b"x")


# ---------------------------------------------------------------- submit_multi

MULTI = SubmitMulti(
    5,
    dest_address=(SmeAddress(1, 1, "12025550101"), DistributionList("12025550102"), SmeAddress(0, 0, "+12025550103")),
)


def test_destinations_fail_as_the_request_wrote_them():
    shape = AnswerShape(form(unsuccess={"12025550103": "ESME_RINVDSTADR", "+12025550101": 0x450}))
    assert shape.pdu(SubmitMultiResp(5, 0, message_id="1"), request=MULTI) == SubmitMultiResp(
        5,
        0,
        message_id="1",
        unsuccess_sme=(Unsuccess(1, 1, "12025550101", 0x450), Unsuccess(0, 0, "+12025550103", 0x0B)),
    )


def test_only_destinations_that_were_asked_for_fail_and_those_that_failed_before_stay():
    before = (Unsuccess(1, 1, "12025550101", 8), Unsuccess(1, 1, "12025550199", 8))
    shape = AnswerShape(form(unsuccess={"12025550101": 0x0B, "12025550102": 0x0B, "12025550198": 0x0B}))
    response = shape.pdu(SubmitMultiResp(5, 0, unsuccess_sme=before), request=MULTI)
    assert response == SubmitMultiResp(5, 0, unsuccess_sme=(Unsuccess(1, 1, "12025550101", 0x0B), before[1]))


def test_failures_of_destinations_belong_to_submit_multi():
    shape = AnswerShape(form(unsuccess={"12025550101": 0x0B}))
    assert shape.pdu(accepted(), request=MULTI) == accepted()
    assert shape.pdu(SubmitMultiResp(5, 0)) == SubmitMultiResp(5, 0)
    shown = shape.pdu(SubmitMultiResp(5, 8, header_only=True), request=MULTI)
    assert encode(shown)[16:].hex() == "00" + "01" + "0101" + b"12025550101\0".hex() + "0000000b"

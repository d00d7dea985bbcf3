"""The declarations of the PDUs."""

from typing import Annotated

import pytest

from simulator.smpp.constants import RESPONSE, CommandId, command_name
from simulator.smpp.errors import LocalError
from simulator.smpp.fields import Integer
from simulator.smpp.pdus import (
    PDU_CLASSES,
    AlertNotification,
    DataSmResp,
    EnquireLink,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    Request,
    Response,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    UnknownPdu,
    layout,
    response_to,
)
from simulator.smpp.tlvs import Tlv

REMOVED = {"param_retrieve", "query_last_msgs", "query_msg_details"}


def test_every_command_but_those_that_3_4_removed_has_a_class():
    without = {command_name(command) for command in CommandId} - {one.name for one in PDU_CLASSES.values()}
    assert without == REMOVED | {f"{name}_resp" for name in REMOVED}


@pytest.mark.parametrize("command_id", PDU_CLASSES)
def test_a_class_bears_the_name_and_the_number_of_its_command(command_id):
    pdu_class = PDU_CLASSES[command_id]
    assert pdu_class.command_id == command_id
    assert type(pdu_class.command_id) is int
    assert pdu_class.name == command_name(command_id)
    assert issubclass(pdu_class, Response if command_id & RESPONSE else Request)


@pytest.mark.parametrize("command_id", [one for one in PDU_CLASSES if not one & RESPONSE])
def test_a_request_and_its_response_belong_together(command_id):
    request_class = PDU_CLASSES[command_id]
    assert issubclass(request_class, Request)
    response_class = request_class.response_class
    if request_class in {Outbind, AlertNotification}:
        assert response_class is None
    else:
        assert response_class is not None
        assert response_class.command_id == command_id | RESPONSE


def test_a_response_has_the_sequence_number_of_its_request():
    response = response_to(QuerySm(sequence_number=7), 0x67, message_id="M", message_state=7)
    assert response == QuerySmResp(sequence_number=7, command_status=0x67, message_id="M", message_state=7)


@pytest.mark.parametrize(
    ("pdu", "reason"),
    [
        (AlertNotification(), "command_id: alert_notification is a request without a response"),
        (SubmitSmResp(), "command_id: submit_sm_resp is a response"),
        (UnknownPdu(command_id=0x400), "command_id: 0x00000400 is a request without a response"),
    ],
)
def test_what_has_no_response_is_not_answered(pdu, reason):
    with pytest.raises(LocalError, match=f"^{reason}$"):
        response_to(pdu)


def test_fields_stand_in_wire_order_and_counts_are_none_of_them():
    assert [name for name, _ in layout(SubmitMulti)][:6] == [
        *("service_type", "source_addr_ton", "source_addr_npi", "source_addr", "dest_address", "esm_class")
    ]
    assert len(layout(SubmitSm)) == 17
    assert layout(EnquireLink) == ()
    assert not hasattr(SubmitSm(), "sm_length")


def test_a_class_of_somebody_elses_has_a_layout_too():
    class Vendor(Request):
        colour: Annotated[int, Integer()] = 0

    assert layout(Vendor) == ()


def test_the_request_of_a_response_does_not_count_in_comparisons():
    assert SubmitSmResp(request=SubmitSm()) == SubmitSmResp()
    assert SubmitSmResp(header_only=True) != SubmitSmResp()
    assert "request" not in repr(SubmitSmResp(request=SubmitSm()))


def test_a_pdu_holds_nothing_but_its_fields():
    with pytest.raises(AttributeError):
        setattr(SubmitSm(), "source_address", "1")  # noqa: B010 the name that a typing mistake would make


def test_pdus_of_two_classes_are_never_equal():
    nack: Pdu = GenericNack()
    assert nack != SubmitSmResp()
    assert SubmitSm(tlvs=(Tlv(1),)) != SubmitSm()
    assert DataSmResp() == DataSmResp()


def test_an_unknown_pdu_keeps_its_own_command_id():
    pdu = UnknownPdu(command_id=0x80000022, body=b"x")
    assert (pdu.command_id, pdu.name, pdu.body) == (0x80000022, "param_retrieve_resp", b"x")
    assert UnknownPdu(command_id=1) != UnknownPdu(command_id=2)

"""What came with version 5.0, on links that speak it and on links that do not."""

import pytest

from simulator.smpp.codec import decode, encode
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.errors import LocalError
from simulator.smpp.events import Obliged
from simulator.smpp.pdus import (
    PDU_CLASSES,
    BindTransceiver,
    BindTransceiverResp,
    BroadcastSm,
    CancelBroadcastSm,
    DeliverSm,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    Response,
    SubmitSm,
    SubmitSmResp,
    response_to,
)
from simulator.smpp.states import State
from simulator.smpp.tlvs import Tlv, missing_tlvs, tlv_int, tlvs_for
from tests.smpp.pair import ConnectionPair

AREA, CONTENT = Tlv(0x0606, b"\0NYC"), Tlv(0x0601, b"\1\0\1")
REPEATS, INTERVAL = Tlv(0x0604, b"\0\x0c"), Tlv(0x0605, b"\x09\0\5")
WHOLE = (AREA, CONTENT, REPEATS, INTERVAL)
CONGESTION = tlv_int(TlvTag.CONGESTION_STATE, 85)
STATE_TLV = tlv_int(TlvTag.MESSAGE_STATE, 2)


def test_the_mandatory_tlvs_are_those_of_the_tables():
    required = {one.name: list(one.required_tlvs) for one in PDU_CLASSES.values() if one.required_tlvs}
    assert required == {
        "broadcast_sm": [0x0606, 0x0601, 0x0604, 0x0605],
        "query_broadcast_sm_resp": [0x0427, 0x0606, 0x0608],
    }


def test_a_whole_broadcast_is_handed_over():
    pair = ConnectionPair.in_state(State.BOUND_TX, 0x50)
    sent = BroadcastSm(sequence_number=9, tlvs=WHOLE)
    assert pair.send(pair.esme, sent) == sent


@pytest.mark.parametrize(
    ("lacking", "name"),
    [
        (AREA, "broadcast_area_identifier"),
        (CONTENT, "broadcast_content_type"),
        (REPEATS, "broadcast_rep_num"),
        (INTERVAL, "broadcast_frequency_interval"),
    ],
)
def test_a_broadcast_without_a_mandatory_tlv_is_answered_rmissingtlv(lacking, name):
    pair = ConnectionPair.in_state(State.BOUND_TRX, 0x50)
    event = pair.send(pair.esme, BroadcastSm(tlvs=tuple(one for one in WHOLE if one is not lacking)))
    assert isinstance(event, Obliged)
    assert event.reason == f"broadcast_sm: {name} missing"
    response = pair.answer(pair.smsc, event)
    assert (response.name, response.command_status) == ("broadcast_sm_resp", CommandStatus.ESME_RMISSINGTLV)
    assert encode(response)[:4] == b"\0\0\0\x10"


def test_all_that_is_missing_is_told_at_once():
    assert missing_tlvs(BroadcastSm.required_tlvs, (CONTENT, AREA)) == [
        *("broadcast_rep_num", "broadcast_frequency_interval")
    ]
    assert missing_tlvs(QueryBroadcastSmResp.required_tlvs, ()) == [
        *("message_state", "broadcast_area_identifier", "broadcast_area_success")
    ]
    assert missing_tlvs(QueryBroadcastSm.required_tlvs, ()) == []


def test_a_broadcast_that_lacks_something_is_read_and_written_all_the_same():
    octets = encode(BroadcastSm(tlvs=(CONTENT,)))
    assert encode(decode(octets)) == octets


def test_a_broadcast_counts_as_a_transaction():
    pair = ConnectionPair.in_state(State.BOUND_TRX, 0x50)
    pair.now = 50.0
    idle_until = pair.smsc.next_deadline()
    pair.smsc.timers = pair.smsc.timers.__class__(enquire_link=1e9, inactivity=60.0)
    assert pair.smsc.next_deadline() == 60.0 < idle_until
    pair.send(pair.esme, BroadcastSm(tlvs=WHOLE))
    assert pair.smsc.next_deadline() == 110.0


@pytest.mark.parametrize("request_class", [BroadcastSm, QueryBroadcastSm, CancelBroadcastSm])
@pytest.mark.parametrize("bound_as", [0x00, 0x33, 0x34, 0x4F])
def test_a_peer_that_bound_as_an_older_one_is_answered_as_a_3_4_smsc_does(request_class, bound_as):
    pair = ConnectionPair.in_state(State.BOUND_TRX, bound_as)
    event = pair.send(pair.esme, request_class(tlvs=WHOLE))
    assert isinstance(event, Obliged)
    response = pair.answer(pair.smsc, event)
    assert (response.name, response.command_status) == ("generic_nack", CommandStatus.ESME_RINVCMDID)
    assert pair.smsc.state is State.BOUND_TRX


@pytest.mark.parametrize(
    ("asked", "told", "spoken"),
    [
        (0x50, b"\x50", 0x50),
        (0x50, b"\x34", 0x34),
        (0x50, None, 0x34),
        (0x34, b"\x50", 0x34),
        (0x33, b"\x50", 0x33),
        (0x33, None, 0x33),
        (0x51, b"\x50", 0x50),
    ],
)
def test_both_ends_speak_the_lower_of_the_two_versions(asked, told, spoken):
    pair = ConnectionPair()
    event = pair.send(pair.esme, BindTransceiver(interface_version=asked))
    assert {pair.smsc.version, pair.esme.version} == {0x34}
    assert isinstance(event, BindTransceiver)
    tlvs = () if told is None else (Tlv(0x0210, told),)
    pair.smsc.send(response_to(event, tlvs=tlvs), 0.0)
    pair.carry(pair.smsc)
    assert pair.smsc.version == pair.esme.version == spoken


def test_a_refused_bind_agrees_on_nothing():
    pair = ConnectionPair()
    event = pair.send(pair.esme, BindTransceiver(interface_version=0x50))
    assert isinstance(event, BindTransceiver)
    pair.smsc.send(response_to(event, 0x0D, tlvs=(Tlv(0x0210, b"\x50"),)), 0.0)
    pair.carry(pair.smsc)
    assert pair.smsc.version == pair.esme.version == 0x34


def test_a_bind_response_out_of_the_blue_moves_nothing():
    pair = ConnectionPair()
    pair.smsc.send_bytes(encode(BindTransceiverResp(sequence_number=5, tlvs=(Tlv(0x0210, b"\x50"),))))
    pair.carry(pair.smsc)
    assert pair.esme.version == 0x34


def test_what_came_with_5_0_is_not_sent_on_a_3_4_link():
    pair = ConnectionPair.in_state(State.BOUND_TRX, 0x34)
    with pytest.raises(
        LocalError, match=r"^query_broadcast_sm came with version 5\.0, and this link speaks an older one$"
    ):
        pair.esme.send(QueryBroadcastSm(), 0.0)
    vendor = Tlv(0x1400, b"x")
    assert pair.smsc.send(SubmitSmResp(3, tlvs=(CONGESTION,)), 0.0) == encode(SubmitSmResp(3))
    assert pair.smsc.send(DeliverSm(3, tlvs=(STATE_TLV, CONGESTION, vendor)), 0.0) == encode(
        DeliverSm(3, tlvs=(STATE_TLV, vendor))
    )
    billing = Tlv(TlvTag.BILLING_IDENTIFICATION, b"x")
    assert pair.esme.send(SubmitSm(4, tlvs=(billing,)), 0.0) == encode(SubmitSm(4))


def test_what_came_with_5_0_is_sent_on_a_5_0_link():
    pair = ConnectionPair.in_state(State.BOUND_TRX, 0x50)
    response = SubmitSmResp(3, tlvs=(CONGESTION,))
    assert pair.smsc.send(response, 0.0) == encode(SubmitSmResp(3, tlvs=(CONGESTION,)))


def test_a_quirk_may_show_a_5_0_tlv_to_anybody():
    pair = ConnectionPair.in_state(State.BOUND_TRX, 0x34)
    assert pair.smsc.send_anyway(SubmitSmResp(3, tlvs=(CONGESTION,)), 0.0) == encode(
        SubmitSmResp(3, tlvs=(CONGESTION,))
    )


@pytest.mark.parametrize(
    ("version", "left"),
    [
        (0x33, ()),
        (0x34, (STATE_TLV,)),
        (0x4F, (STATE_TLV,)),
        (0x50, (STATE_TLV, CONGESTION)),
        (0x51, (STATE_TLV, CONGESTION)),
    ],
)
def test_tlvs_are_those_that_a_version_knows(version, left):
    assert tlvs_for((STATE_TLV, CONGESTION), version) == left


def test_tlvs_of_which_none_is_left_out_are_the_same_object():
    tlvs = (STATE_TLV, Tlv(0x1400, b"x"))
    assert tlvs_for(tlvs, 0x34) is tlvs


def test_the_answer_to_a_broadcast_finds_its_request():
    pair = ConnectionPair.in_state(State.BOUND_TRX, 0x50)
    asked = QueryBroadcastSm(message_id="B7")
    response = pair.ask(pair.esme, asked)
    assert isinstance(response, Response)
    assert response.request is asked
    assert not pair.esme.outstanding

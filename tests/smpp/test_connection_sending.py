"""What a connection lets out: sequence numbers, the window, TLVs for old ESMEs, wrong things on purpose, the end."""

from typing import Any

import pytest

from simulator.smpp.codec import encode
from simulator.smpp.connection import SEQUENCE_MAX, Connection
from simulator.smpp.constants import TlvTag
from simulator.smpp.errors import LocalError
from simulator.smpp.events import Obliged
from simulator.smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    Request,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    Unbind,
    UnbindResp,
    UnknownPdu,
)
from simulator.smpp.states import Side, State
from simulator.smpp.wire import Wire
from tests.smpp.pair import ConnectionPair, frame, header, read

DELIVER_SM_RESP = 0x80000005


def bound(**settings: Any) -> ConnectionPair:
    return ConnectionPair.in_state(State.BOUND_TRX, **settings)


def numbers(connection: Connection, count: int) -> list[int]:
    """The numbers of the next requests, none of which is answered."""
    requests = [DeliverSm() if connection.side is Side.SMSC else SubmitSm() for _ in range(count)]
    for request in requests:
        connection.send(request, 0.0)
    return [request.sequence_number for request in requests]


# ---------------------------------------------------------------- sequence numbers


def test_each_side_counts_its_own_requests_from_one() -> None:
    pair = bound()
    assert numbers(pair.esme, 3) == [2, 3, 4], "the bind was number 1"
    assert numbers(pair.smsc, 3) == [1, 2, 3]


def test_after_the_largest_number_comes_one() -> None:
    smsc = bound().smsc
    smsc._sequence = SEQUENCE_MAX - 2
    assert numbers(smsc, 4) == [0x7FFFFFFE, 0x7FFFFFFF, 1, 2]


def test_a_number_that_waits_for_its_answer_is_passed_over() -> None:
    smsc = bound().smsc
    for sequence in (2, 3, 0x7FFFFFFF, 1):
        smsc.send(DeliverSm(sequence), 0.0)
    assert numbers(smsc, 1) == [4]
    smsc._sequence = 0x7FFFFFFE
    assert numbers(smsc, 1) == [5]
    read(smsc, header(DELIVER_SM_RESP, sequence=2))
    smsc._sequence = 0x7FFFFFFE
    assert numbers(smsc, 1) == [2]


def test_no_two_unanswered_requests_share_a_number() -> None:
    smsc = bound().smsc
    smsc.send(DeliverSm(7), 0.0)
    with pytest.raises(LocalError, match=r"^sequence_number: 7 is that of an unanswered request$"):
        smsc.send(DeliverSm(7), 0.0)
    read(smsc, header(DELIVER_SM_RESP, sequence=7))
    assert smsc.send(DeliverSm(7), 0.0) == encode(DeliverSm(7))


def test_an_unanswered_request_that_was_given_0_on_purpose_is_in_nobodys_way() -> None:
    smsc = bound(window=1).smsc
    smsc.send_anyway(DeliverSm(0), 0.0, is_numbered=True)
    assert list(smsc.outstanding) == [0]
    assert smsc.send(EnquireLink(), 0.0) == encode(EnquireLink(1))


def test_a_number_is_kept_when_the_owner_chose_it() -> None:
    pair = bound()
    event = pair.send(pair.esme, SubmitSm(0xFFFFFFFF))
    assert isinstance(event, SubmitSm)
    assert pair.answer(pair.smsc, event).sequence_number == 0xFFFFFFFF


def test_a_request_that_nothing_answers_has_a_number_and_waits_for_nothing() -> None:
    smsc = bound().smsc
    alert = AlertNotification()
    smsc.send(alert, 0.0)
    assert alert.sequence_number == 1
    assert not smsc.outstanding


# ---------------------------------------------------------------- the window


def test_the_window_admits_so_many_unanswered_requests_and_no_more() -> None:
    smsc = bound(window=3).smsc
    assert [smsc.room, numbers(smsc, 3), smsc.room] == [3, [1, 2, 3], 0]
    before = smsc.bytes_waiting
    with pytest.raises(LocalError, match=r"^deliver_sm: 3 requests are unanswered, at most 3$"):
        smsc.send(DeliverSm(), 0.0)
    assert (smsc.room, smsc.bytes_waiting) == (0, before)
    read(smsc, header(DELIVER_SM_RESP, sequence=2))
    assert [smsc.room, numbers(smsc, 1), smsc.room] == [1, [4], 0]


def test_the_window_holds_back_neither_enquire_link_nor_unbind_nor_responses() -> None:
    smsc = bound(window=1).smsc
    numbers(smsc, 1)
    for pdu in (EnquireLink(), EnquireLink(), Unbind(), EnquireLinkResp(1), SubmitSmResp(1), GenericNack(1)):
        assert smsc.send(pdu, 0.0) == encode(pdu)
    assert smsc.room == -3
    with pytest.raises(LocalError, match="4 requests are unanswered, at most 1"):
        smsc.send(DeliverSm(), 0.0)


def test_the_window_may_be_changed_while_requests_are_unanswered() -> None:
    smsc = bound(window=5).smsc
    numbers(smsc, 4)
    smsc.window = 2
    assert smsc.room == -2
    with pytest.raises(LocalError, match="at most 2"):
        smsc.send(DeliverSm(), 0.0)
    smsc.window = 6
    assert numbers(smsc, 2) == [5, 6]


# ---------------------------------------------------------------- TLVs towards older ESMEs

TLVS = (Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"\x00\x01"), Tlv(0x1400, b"vendor"))


def bound_as(version: int, status: int = 0) -> ConnectionPair:
    pair = ConnectionPair()
    pair.ask(pair.esme, BindTransceiver(interface_version=version), status)
    return pair


@pytest.mark.parametrize("version", [0x00, 0x03, 0x32, 0x33])
def test_an_esme_before_3_4_gets_no_tlv(version: int) -> None:
    smsc = bound_as(version).smsc
    assert smsc.peer_version == version
    for pdu in (DeliverSm(7, short_message=b"hi"), SubmitSmResp(8, message_id="1"), UnbindResp(9)):
        plain = encode(pdu)
        pdu.tlvs = TLVS
        assert smsc.send(pdu, 0.0) == plain


@pytest.mark.parametrize("version", [0x34, 0x50, 0xFF])
def test_an_esme_since_3_4_gets_every_tlv(version: int) -> None:
    smsc = bound_as(version).smsc
    for pdu in (DeliverSm(7, tlvs=TLVS), SubmitSmResp(8, message_id="1", tlvs=TLVS), UnbindResp(9, tlvs=TLVS)):
        assert smsc.send(pdu, 0.0) == encode(pdu)
        assert pdu.tlvs == TLVS


def test_already_the_response_to_an_old_bind_has_no_tlv() -> None:
    pair = ConnectionPair()
    pair.send(pair.esme, BindReceiver(interface_version=0x33))
    sent = pair.smsc.send(BindReceiverResp(1, system_id="smsc", tlvs=(Tlv(0x0210, b"\x34"),)), 0.0)
    assert sent == frame(0x80000001, b"smsc\0")


def test_the_version_is_that_of_the_last_bind() -> None:
    pair = bound_as(0x33, status=0x0E)
    pair.ask(pair.esme, BindTransceiver(interface_version=0x34))
    assert pair.smsc.peer_version == 0x34


def test_an_esme_sends_its_tlvs_whatever_it_bound_as() -> None:
    esme = bound_as(0x33).esme
    assert esme.send(SubmitSm(9, tlvs=TLVS), 0.0) == encode(SubmitSm(9, tlvs=TLVS))


# ---------------------------------------------------------------- what waits to be written


def test_what_is_sent_waits_in_order_and_is_given_once() -> None:
    smsc = bound().smsc
    sent = [smsc.send(pdu, 0.0) for pdu in (DeliverSm(), SubmitSmResp(3), EnquireLink())]
    smsc.send_bytes(b"\0\1")
    assert smsc.bytes_waiting == len(b"".join(sent)) + 2
    assert smsc.data_to_send() == b"".join(sent) + b"\0\1"
    assert (smsc.bytes_waiting, smsc.data_to_send()) == (0, b"")


@pytest.mark.parametrize(
    "pdu", [DeliverSm(source_addr="1" * 21), SubmitSmResp(1, message_id="x" * 65), UnbindResp(1, command_status=-1)]
)
def test_what_has_no_wire_form_is_refused_and_leaves_no_trace(pdu: Pdu) -> None:
    smsc = bound().smsc
    with pytest.raises(LocalError):
        smsc.send(pdu, 0.0)
    assert not smsc.outstanding
    assert (smsc.bytes_waiting, smsc.data_to_send(), smsc.state) == (0, b"", State.BOUND_TRX)


def test_a_wire_damages_a_request_and_a_response_and_both_are_kept_account_of() -> None:
    smsc, wire = bound().smsc, Wire(command_length="+4", append=b"\xff")
    octets = encode(DeliverSm(7))
    damaged = (len(octets) + 4).to_bytes(4, "big") + octets[4:] + b"\xff"
    assert smsc.send(DeliverSm(7), 0.0, wire) == damaged
    assert list(smsc.outstanding) == [7]
    assert smsc.send(SubmitSmResp(8), 0.0, wire) == encode(SubmitSmResp(8), wire)
    assert smsc.send(UnbindResp(9), 0.0, wire) == encode(UnbindResp(9), wire)
    assert smsc.state is State.UNBOUND


# ---------------------------------------------------------------- wrong on purpose


def test_send_anyway_asks_neither_the_state_nor_the_window() -> None:
    pair = ConnectionPair(window=0)
    deliver = DeliverSm()
    assert pair.smsc.send_anyway(deliver, 0.0) == encode(deliver)
    assert pair.smsc.outstanding == {1: (deliver, 0.0)}
    event = pair.carry(pair.smsc)[0]
    assert isinstance(event, Obliged)
    assert pair.answer(pair.esme, event).request is deliver
    assert pair.smsc.state is State.OPEN


def test_send_anyway_sends_commands_that_nobody_knows() -> None:
    pair = bound()
    event = pair.send(pair.smsc, UnknownPdu(command_id=0x10200, sequence_number=9, body=b"?"))
    assert isinstance(event, Obliged)
    assert pair.answer(pair.esme, event) == GenericNack(9, 0x03)


def test_send_anyway_repeats_the_number_of_an_unanswered_request() -> None:
    # The later one is what waits, and it waits from its own time on.
    smsc = bound().smsc
    first, second, third = DeliverSm(7), DeliverSm(8), DeliverSm(7)
    for now, request in enumerate((first, second, third)):
        smsc.send_anyway(request, float(now))
    assert list(smsc.outstanding.items()) == [(8, (second, 1.0)), (7, (third, 2.0))]
    (event,) = read(smsc, header(DELIVER_SM_RESP, sequence=7))
    assert isinstance(event, DeliverSmResp)
    assert event.request is third


def test_send_bytes_writes_octets_that_are_no_pdu() -> None:
    pair = ConnectionPair.in_state(State.CLOSED)
    pair.smsc.send_bytes(b"\0")
    pair.smsc.send_bytes(b"HTTP/1.1")
    assert pair.smsc.bytes_waiting == 9
    assert pair.smsc.data_to_send() == b"\0HTTP/1.1"


# ---------------------------------------------------------------- unbind


@pytest.mark.parametrize("state", [State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX])
@pytest.mark.parametrize("side", [Side.ESME, Side.SMSC])
def test_either_side_unbinds_and_both_are_unbound_by_the_response(side: Side, state: State) -> None:
    pair = ConnectionPair.in_state(state)
    event = pair.send(pair.end(side), Unbind())
    assert isinstance(event, Obliged)
    assert {pair.esme.state, pair.smsc.state} == {state}
    response = pair.answer(pair.end(side.other), event)
    assert isinstance(response, UnbindResp)
    assert {pair.esme.state, pair.smsc.state} == {State.UNBOUND}
    assert not pair.esme.is_bound
    assert not pair.smsc.is_bound


def test_unbinds_that_cross_are_both_answered() -> None:
    pair = bound()
    unbinds = Unbind(), Unbind()
    for end, unbind in zip((pair.esme, pair.smsc), unbinds, strict=True):
        end.send(unbind, 0.0)
    for end, octets in ((pair.smsc, pair.esme.data_to_send()), (pair.esme, pair.smsc.data_to_send())):
        (event,) = read(end, octets)
        assert isinstance(event, Obliged)
        assert event.answer is not None
        end.send(event.answer, 0.0)
    assert [one.request for one in pair.carry(pair.esme)] == [unbinds[1]]  # type: ignore[union-attr]
    assert [one.request for one in pair.carry(pair.smsc)] == [unbinds[0]]  # type: ignore[union-attr]
    assert {pair.esme.state, pair.smsc.state} == {State.UNBOUND}


def test_a_refused_unbind_leaves_both_bound() -> None:
    pair = bound()
    pair.send(pair.esme, Unbind())
    pair.smsc.send(UnbindResp(2, 0x08), 0.0)
    pair.carry(pair.smsc)
    assert {pair.esme.state, pair.smsc.state} == {State.BOUND_TRX}


def test_what_comes_after_unbind_resp_gets_silence_but_for_enquire_link() -> None:
    pair = ConnectionPair.in_state(State.UNBOUND)
    after: list[Request | UnknownPdu] = [
        SubmitSm(5),
        Unbind(6),
        BindTransceiver(7),
        Outbind(8),
        UnknownPdu(9, command_id=0x10200),
        EnquireLink(10),
    ]
    events = read(pair.smsc, b"".join(encode(pdu) for pdu in after))
    assert [event.pdu for event in events] == after  # type: ignore[union-attr]
    assert [event.answer for event in events] == [None] * 5 + [EnquireLinkResp(10)]  # type: ignore[union-attr]
    assert pair.smsc.state is State.UNBOUND


def test_requests_that_were_open_at_the_unbind_may_still_be_answered() -> None:
    pair = bound()
    submit = pair.send(pair.esme, SubmitSm())
    pair.ask(pair.esme, Unbind())
    assert isinstance(pair.answer(pair.smsc, submit), SubmitSmResp)
    assert not pair.esme.outstanding


# ---------------------------------------------------------------- the end


def test_close_gives_the_requests_that_will_never_be_answered_once() -> None:
    smsc = bound().smsc
    requests = [DeliverSm(), EnquireLink(), DeliverSm()]
    for request in requests:
        smsc.send(request, 0.0)
    smsc.receive_data(header(DELIVER_SM_RESP, sequence=1)[:9])
    assert smsc.close() == requests
    assert smsc.close() == []
    assert smsc.state is State.CLOSED
    assert (smsc.room, smsc.is_bound) == (10, False)


@pytest.mark.parametrize("pdu", [SubmitSmResp(1), UnbindResp(1), GenericNack(1), BindTransceiverResp(1)])
def test_nothing_is_answered_after_the_end(pdu: Pdu) -> None:
    smsc = ConnectionPair.in_state(State.CLOSED).smsc
    with pytest.raises(LocalError, match=f"^{pdu.name}: the connection is closed$"):
        smsc.send(pdu, 0.0)
    assert smsc.data_to_send() == b""


def test_nothing_is_read_after_the_end() -> None:
    smsc = bound().smsc
    smsc.receive_data(encode(SubmitSm(1)) + encode(SubmitSm(2))[:20])
    smsc.close()
    assert read(smsc, encode(SubmitSm(2))[20:] + encode(SubmitSm(3))) == []


def test_what_was_sent_before_the_end_can_still_be_written() -> None:
    smsc = bound().smsc
    sent = smsc.send(SubmitSmResp(1), 0.0)
    smsc.close()
    assert smsc.data_to_send() == sent

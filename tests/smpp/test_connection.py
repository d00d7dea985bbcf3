"""What a connection makes of octets: frames, requests that the protocol answers, responses, broken PDUs."""

from itertools import pairwise
from typing import Any

import pytest

from simulator.smpp.codec import encode
from simulator.smpp.connection import LENGTH_MAX, Connection
from simulator.smpp.events import Event, Malformed, Obliged
from simulator.smpp.pdus import (
    BindTransceiver,
    BindTransceiverResp,
    DataSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySm,
    QuerySmResp,
    Request,
    Response,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnknownPdu,
    response_to,
)
from simulator.smpp.states import Side, State
from tests.smpp.pair import NEVER, ConnectionPair, frame, header, read

SUBMIT_SM, SUBMIT_SM_RESP, UNBIND, ENQUIRE_LINK = 0x00000004, 0x80000004, 0x00000006, 0x00000015
GENERIC_NACK = 0x80000000
RINVCMDLEN, RINVCMDID, RINVSRCADR, RINVTLVSTREAM = 0x02, 0x03, 0x0A, 0xC0


def a_bound_smsc(**settings: Any) -> Connection:
    return ConnectionPair.in_state(State.BOUND_TRX, **settings).smsc


def a_submit(number: int = 1, text: bytes = b"hello") -> SubmitSm:
    return SubmitSm(number, source_addr="12025550199", destination_addr="12025550100", short_message=text)


# ---------------------------------------------------------------- frames

SESSION: list[Pdu] = [
    EnquireLink(2),
    a_submit(3),
    SubmitSmResp(999, 8, header_only=True),
    UnknownPdu(4, command_id=0x10200, body=b"\x00\x01\x02"),
    a_submit(5, bytes(255)),
    Unbind(6),
]
STREAM = b"".join(encode(pdu) for pdu in SESSION)


def told(events: list[Event]) -> list[Pdu]:
    return [event.pdu if isinstance(event, Obliged) else event for event in events]  # type: ignore[misc]


def test_pdus_in_one_segment_come_in_order() -> None:
    assert told(read(a_bound_smsc(), STREAM)) == SESSION


def test_pdus_octet_by_octet_come_each_with_its_last_octet() -> None:
    smsc = a_bound_smsc()
    ends, seen = [], []
    for number in range(len(STREAM)):
        for event in read(smsc, STREAM[number : number + 1]):
            ends.append(number + 1)
            seen.append(event)
    assert told(seen) == SESSION
    assert ends == [sum(len(encode(pdu)) for pdu in SESSION[: count + 1]) for count in range(len(SESSION))]


def test_a_begun_pdu_lacks_its_header_first_and_then_its_length() -> None:
    smsc, octets = a_bound_smsc(), encode(a_submit(7))
    lacking = []
    for start, end in pairwise((0, 3, 16, len(octets) - 1, len(octets))):
        read(smsc, octets[start:end])
        lacking.append(smsc.lacking)
    assert lacking == [13, len(octets) - 16, 1, 0]


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_cut_at_any_offset_is_read_the_same(at: int) -> None:
    smsc = a_bound_smsc()
    assert told([*read(smsc, STREAM[:at]), *read(smsc, STREAM[at:])]) == SESSION


@pytest.mark.parametrize("at", range(1, len(encode(a_submit()))))
def test_a_half_pdu_behind_a_whole_one_waits_for_its_rest(at: int) -> None:
    smsc, second = a_bound_smsc(), encode(a_submit(2))
    assert read(smsc, encode(a_submit(1)) + second[:at]) == [a_submit(1)]
    assert read(smsc, b"") == []
    assert read(smsc, second[at:]) == [a_submit(2)]


def test_segments_received_before_any_event_is_read_are_joined() -> None:
    smsc = a_bound_smsc()
    for at in range(0, len(STREAM), 7):
        smsc.receive_data(STREAM[at : at + 7])
    assert told(list(smsc.events(0.0))) == SESSION


def test_five_hundred_pdus_in_one_segment_are_five_hundred_events() -> None:
    pdus = [a_submit(number) for number in range(1, 501)]
    assert read(a_bound_smsc(), b"".join(encode(pdu) for pdu in pdus)) == pdus


@pytest.mark.parametrize("length", [0, 1, 4, 15, LENGTH_MAX + 1, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("command", [SUBMIT_SM, ENQUIRE_LINK, 0x10200, SUBMIT_SM_RESP])
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_a_length_that_cannot_be_ends_the_stream_with_a_generic_nack(length: int, command: int, piece: int) -> None:
    smsc = a_bound_smsc()
    octets = encode(a_submit()) + header(command, length=length, sequence=0x01020304)
    pieces = [octets[at : at + piece] for at in range(0, len(octets), piece)]
    first, event = [event for one in pieces for event in read(smsc, one)]
    assert first == a_submit()
    assert event == Malformed(
        command,
        0x01020304,
        RINVCMDLEN,
        f"command_length: {length} octets, at least 16 and at most {LENGTH_MAX}",
        header(command, length=length, sequence=0x01020304),
        GenericNack(0x01020304, RINVCMDLEN),
        is_fatal=True,
    )
    assert smsc.state is State.BOUND_TRX, "the owner still has to send the answer, and then to close"
    assert smsc.send(event.answer, 0.0) == header(GENERIC_NACK, status=RINVCMDLEN, sequence=0x01020304)  # type: ignore[arg-type]


def test_nothing_is_read_behind_a_length_that_cannot_be() -> None:
    smsc = a_bound_smsc()
    (event,) = read(smsc, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + STREAM)
    assert isinstance(event, Malformed)
    assert event.is_fatal
    assert event.raw.startswith(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert len(event.raw) == 64
    assert read(smsc, STREAM) == []
    assert read(smsc, STREAM[:5]) == []


def test_a_length_that_cannot_be_waits_until_its_header_is_whole() -> None:
    # Only a whole header tells the number to answer with, and then any chunks give the same answer.
    smsc = a_bound_smsc()
    assert read(smsc, header(SUBMIT_SM, length=4)[:15]) == []
    (event,) = read(smsc, header(SUBMIT_SM, length=4)[15:])
    assert isinstance(event, Malformed)


def test_after_unbind_resp_a_length_that_cannot_be_gets_silence() -> None:
    (event,) = read(ConnectionPair.in_state(State.UNBOUND).smsc, bytes(16))
    assert isinstance(event, Malformed)
    assert event.is_fatal
    assert event.answer is None


def test_sixteen_octets_are_the_shortest_pdu_and_the_cap_is_the_longest() -> None:
    smsc = a_bound_smsc()
    longest = UnknownPdu(8, command_id=0x10200, body=bytes(LENGTH_MAX - 16))
    assert told(read(smsc, encode(EnquireLink(7)) + encode(longest) + encode(EnquireLink(9)))) == [
        EnquireLink(7),
        longest,
        EnquireLink(9),
    ]


def test_the_cap_is_the_owners_choice() -> None:
    smsc = Connection(Side.SMSC, 0.0, timers=NEVER, length_max=100)
    (event,) = read(smsc, frame(0x10200, bytes(84)))
    assert isinstance(event, Obliged)
    (event,) = read(smsc, frame(0x10200, bytes(85)))
    assert isinstance(event, Malformed)
    assert event.reason == "command_length: 101 octets, at least 16 and at most 100"


def test_a_submit_multi_with_a_full_payload_is_within_the_default_cap() -> None:
    # SMPP 5.0, 4.2.3: 255 destinations of at most 24 octets, and message_payload of 65535.
    longest = 16 + 500 + 255 * 24 + 4 + 65535
    assert longest <= LENGTH_MAX


# ---------------------------------------------------------------- pauses


def test_a_pause_in_mid_batch_keeps_the_rest_for_later() -> None:
    smsc = a_bound_smsc()
    smsc.receive_data(STREAM)
    seen = []
    for event in smsc.events(0.0):
        seen.append(event)
        smsc.is_paused = len(seen) == 2
    assert told(seen) == SESSION[:2]
    assert list(smsc.events(0.0)) == []
    smsc.receive_data(encode(EnquireLink(8))[:9])
    smsc.receive_data(encode(EnquireLink(8))[9:])
    assert list(smsc.events(0.0)) == []
    assert smsc.has_more
    smsc.is_paused = False
    assert told(list(smsc.events(0.0))) == [*SESSION[2:], EnquireLink(8)]
    assert not smsc.has_more


def test_the_last_number_is_that_of_our_last_request_and_0_before_it() -> None:
    smsc = a_bound_smsc()
    before = smsc.last_sequence
    sent = [smsc.send(EnquireLink(), 0.0) for _ in range(2)]
    assert (before, smsc.last_sequence) == (0, len(sent))


def test_an_owner_who_leaves_the_loop_goes_on_where_he_left() -> None:
    smsc = a_bound_smsc()
    smsc.receive_data(STREAM)
    first = next(smsc.events(0.0))
    assert told([first, *smsc.events(0.0)]) == SESSION


def test_a_close_in_mid_batch_ends_it() -> None:
    smsc = a_bound_smsc()
    smsc.receive_data(STREAM)
    seen = []
    for event in smsc.events(0.0):
        seen.append(event)
        smsc.close()
    assert told(seen) == SESSION[:1]


# ---------------------------------------------------------------- what the protocol answers


@pytest.mark.parametrize("sequence", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize(
    ("octets", "command"),
    [
        (frame(ENQUIRE_LINK), 0x80000015),
        (frame(UNBIND), 0x80000006),
        (encode(BindTransceiver()), 0x80000009),
        (encode(DeliverSm()), 0x80000005),
        (frame(0x10200, b"anything"), GENERIC_NACK),
        (frame(SUBMIT_SM, b"x"), 0x80000004),
    ],
)
def test_any_sequence_number_is_echoed(sequence: int, octets: bytes, command: int) -> None:
    (event,) = read(a_bound_smsc(), octets[:12] + sequence.to_bytes(4, "big") + octets[16:])
    assert isinstance(event, Obliged | Malformed)
    assert event.answer is not None
    assert (event.answer.command_id, event.answer.sequence_number) == (command, sequence)


@pytest.mark.parametrize("status", [0x04, 0xFFFFFFFF])
def test_the_status_of_a_request_means_nothing(status: int) -> None:
    # SMPP 3.4, 3.2: not used in a request.
    smsc = a_bound_smsc()
    (event,) = read(smsc, frame(ENQUIRE_LINK, status=status))
    assert isinstance(event, Obliged)
    assert event.answer == EnquireLinkResp(1)


@pytest.mark.parametrize(
    ("state", "octets", "reason"),
    [
        (State.BOUND_TRX, frame(ENQUIRE_LINK), "enquire_link"),
        (State.BOUND_TRX, frame(UNBIND), "unbind"),
        (State.BOUND_TRX, frame(0x10200), "command_id: 0x00010200 is unknown"),
        (State.BOUND_TRX, frame(0x22, b"name\0"), "command_id: 0x00000022 is unknown"),
        (State.BOUND_TRX, encode(BindTransceiver(1)), "bind_transceiver in BOUND_TRX"),
        (State.OPEN, encode(SubmitSm(1)), "submit_sm in OPEN"),
        (State.OPEN, frame(0x0B, b"\0\0"), "outbind is for the SMSC to send"),
        (State.UNBOUND, encode(SubmitSm(1)), "submit_sm after unbind_resp"),
        (State.UNBOUND, frame(0x10200), "0x00010200 after unbind_resp"),
    ],
)
def test_an_answer_says_why(state: State, octets: bytes, reason: str) -> None:
    (event,) = read(ConnectionPair.in_state(state).smsc, octets)
    assert isinstance(event, Obliged)
    assert event.reason == reason


def test_an_esme_refuses_an_alert_before_the_bind_for_its_state() -> None:
    (event,) = read(ConnectionPair().esme, frame(0x102, bytes(6)))
    assert isinstance(event, Obliged)
    assert event.answer == GenericNack(1, RINVCMDID)
    assert event.reason == "alert_notification in OPEN"


@pytest.mark.parametrize(
    ("octets", "answer"),
    [
        (frame(SUBMIT_SM, b"\0\0\0" + b"1" * 30 + b"\0"), header(SUBMIT_SM_RESP, status=RINVSRCADR)),
        (encode(EnquireLink(1))[:3] + b"\x12" + frame(ENQUIRE_LINK)[4:] + b"\0\0", header(0x80000015, status=0xC0)),
        (frame(UNBIND, b"\x12\x34\x00\x05ab"), header(0x80000006, status=0xC0)),
        (frame(0x102, b"\0"), header(GENERIC_NACK, status=0x04)),
    ],
    ids=["a field", "two octets left over", "a TLV longer than what remains", "no response PDU"],
)
def test_a_broken_request_gets_its_own_response_without_a_body_and_the_stream_goes_on(
    octets: bytes, answer: bytes
) -> None:
    smsc = a_bound_smsc()
    event, following = read(smsc, octets + encode(a_submit(2)))
    assert isinstance(event, Malformed)
    assert event.raw == octets
    assert not event.is_fatal
    assert event.answer is not None
    assert smsc.send(event.answer, 0.0) == answer
    assert smsc.state is State.BOUND_TRX, "a broken unbind ends nothing"
    assert following == a_submit(2)


def test_a_broken_bind_can_be_tried_again() -> None:
    pair = ConnectionPair()
    (event,) = read(pair.smsc, frame(0x09, b"gateway\0" + b"p" * 10 + b"\0"))
    assert pair.answer(pair.smsc, event).command_status == 0x0E
    assert pair.ask(pair.esme, BindTransceiver()).command_status == 0
    assert pair.smsc.state is State.BOUND_TRX


# ---------------------------------------------------------------- responses


def test_responses_find_their_requests_in_any_order() -> None:
    pair = ConnectionPair.in_state(State.BOUND_TRX)
    requests: list[Request] = [a_submit(0), QuerySm(message_id="1"), SubmitMulti(), DataSm(), EnquireLink()]
    for request in requests:
        pair.esme.send(request, 0.0)
    for event in reversed(pair.carry(pair.esme)):
        pair.smsc.send(event.answer if isinstance(event, Obliged) else response_to(event), 0.0)  # type: ignore[arg-type]
    responses = pair.carry(pair.smsc)
    assert [response.request for response in responses] == requests[::-1]  # type: ignore[union-attr]
    assert not pair.esme.outstanding


def test_both_sides_use_equal_numbers_without_harm() -> None:
    pair = ConnectionPair.in_state(State.BOUND_TRX)
    submit, deliver = SubmitSm(500), DeliverSm(500)
    pair.esme.send(submit, 0.0)
    pair.smsc.send(deliver, 0.0)
    assert pair.carry(pair.esme) == [submit]
    assert pair.carry(pair.smsc) == [deliver]
    pair.esme.send(DeliverSmResp(500), 0.0)
    pair.smsc.send(SubmitSmResp(500), 0.0)
    assert [one.request for one in pair.carry(pair.esme)] == [deliver]  # type: ignore[union-attr]
    assert [one.request for one in pair.carry(pair.smsc)] == [submit]  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [0x00, 0x03, 0x58])
def test_a_generic_nack_answers_the_request_of_its_number(status: int) -> None:
    pair = ConnectionPair.in_state(State.BOUND_TRX)
    submit = a_submit(77)
    pair.send(pair.esme, submit)
    (event,) = read(pair.esme, header(GENERIC_NACK, status=status, sequence=77))
    assert isinstance(event, GenericNack)
    assert event.request is submit
    assert not pair.esme.outstanding


def waiting() -> tuple[ConnectionPair, list[Request]]:
    """A bound pair whose ESME waits for two answers, the older one under 77."""
    pair = ConnectionPair.in_state(State.BOUND_TRX)
    requests: list[Request] = [a_submit(77), a_submit(78)]
    for request in requests:
        pair.esme.send(request, 0.0)
    pair.carry(pair.esme)
    return pair, requests


@pytest.mark.parametrize(
    "octets",
    [
        header(SUBMIT_SM_RESP, sequence=79),
        header(0x80000003, sequence=77, status=0x08),
        header(0x80000005, sequence=77, status=0x08),
        header(0x80000009, sequence=77, status=0x08),
        frame(0x80000006, sequence=77),
        frame(0x800000FF, sequence=77),
        frame(0x80000022, b"value\0", sequence=77),
        header(GENERIC_NACK, sequence=0, status=RINVCMDLEN),
        header(GENERIC_NACK, sequence=79, status=RINVCMDID),
    ],
)
def test_a_response_of_the_wrong_kind_or_number_answers_nothing(octets: bytes) -> None:
    pair, requests = waiting()
    (event,) = read(pair.esme, octets)
    assert isinstance(event, Pdu)
    assert getattr(event, "request", None) is None
    assert [request for request, _ in pair.esme.outstanding.values()] == requests, "in their order"
    assert pair.esme.state is State.BOUND_TRX
    assert pair.esme.data_to_send() == b""


@pytest.mark.parametrize("sequence", [1, 2, 0x7FFFFFFF])
def test_a_bind_response_that_nobody_asked_for_binds_nobody(sequence: int) -> None:
    pair = ConnectionPair()
    assert read(pair.esme, frame(0x80000009, b"\0", sequence=sequence)) == [BindTransceiverResp(sequence)]
    assert pair.esme.state is State.OPEN


@pytest.mark.parametrize("body", [b"", b"\0"])
@pytest.mark.parametrize(
    ("request_", "kind"), [(SubmitSm(77), SubmitSmResp), (DataSm(77), None), (BindTransceiver(77), BindTransceiverResp)]
)
def test_an_error_response_is_read_with_and_without_its_body(
    request_: Request, kind: type[Response] | None, body: bytes
) -> None:
    pair = ConnectionPair.in_state(State.OPEN if isinstance(request_, BindTransceiver) else State.BOUND_TRX)
    pair.send(pair.esme, request_)
    (event,) = read(pair.esme, frame(0x80000000 | request_.command_id, body, status=0x58, sequence=77))
    assert isinstance(event, kind or Response)
    assert (event.command_status, event.header_only, event.request) == (0x58, not body, request_)


@pytest.mark.parametrize("octets", [frame(0x80000005, sequence=1), frame(0x80000005, b"\0", sequence=1)])
def test_a_delivery_is_acknowledged_by_sixteen_octets_as_well_as_by_seventeen(octets: bytes) -> None:
    pair = ConnectionPair.in_state(State.BOUND_RX)
    deliver = DeliverSm()
    pair.smsc.send(deliver, 0.0)
    (event,) = read(pair.smsc, octets)
    assert isinstance(event, DeliverSmResp)
    assert event.request is deliver


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (frame(SUBMIT_SM_RESP, b"x" * 70, sequence=77), 0x0C),
        (frame(SUBMIT_SM_RESP, b"1\0\0\0\0", sequence=77), RINVTLVSTREAM),
        (frame(GENERIC_NACK, b"\0", sequence=77), RINVTLVSTREAM),
    ],
)
def test_a_broken_response_is_not_answered_and_hands_over_its_request(octets: bytes, status: int) -> None:
    pair, requests = waiting()
    (event,) = read(pair.esme, octets)
    assert isinstance(event, Malformed)
    assert event.request is requests[0]
    assert (event.answer, event.is_fatal, event.status, event.raw) == (None, False, status, octets)
    assert [request for request, _ in pair.esme.outstanding.values()] == requests[1:]


@pytest.mark.parametrize(
    "octets",
    [
        frame(SUBMIT_SM_RESP, b"x" * 70, sequence=79),
        frame(0x80000003, b"x" * 70, sequence=77),
        frame(0x80000009, b"x" * 70, sequence=77),
    ],
)
def test_a_broken_response_of_the_wrong_kind_or_number_hands_over_nothing(octets: bytes) -> None:
    pair, requests = waiting()
    (event,) = read(pair.esme, octets)
    assert isinstance(event, Malformed)
    assert (event.request, event.answer) == (None, None)
    assert [request for request, _ in pair.esme.outstanding.values()] == requests


def test_an_error_response_whose_body_stops_early_still_hands_over_its_request() -> None:
    # 17 octets are a whole body for a submit_sm_resp, but not for a query_sm_resp.
    pair = ConnectionPair.in_state(State.BOUND_TRX)
    query = QuerySm(77, message_id="1")
    pair.send(pair.esme, query)
    (event,) = read(pair.esme, frame(0x80000003, b"\0", status=0x67, sequence=77))
    assert getattr(event, "request", None) is query
    assert isinstance(event, Malformed | QuerySmResp)

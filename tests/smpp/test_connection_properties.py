"""What holds of a connection for any octets: no exception, no dependence on their chunks, no hoard of memory."""

import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp.codec import encode
from simulator.smpp.connection import LENGTH_MAX, Connection
from simulator.smpp.events import Event, Malformed, Obliged
from simulator.smpp.pdus import DeliverSm, EnquireLink, Pdu, Request, SubmitSm, response_to
from simulator.smpp.states import Side, State
from tests.smpp.pair import ConnectionPair, frame, header
from tests.strategies import ANY_FRAMES, KNOWN_PDUS, PDUS, mutated

STATES = st.sampled_from(list(State))
SIDES = st.sampled_from([Side.ESME, Side.SMSC])
HEADERS = st.builds(
    header,
    st.integers(0, 2**32 - 1),
    length=st.integers(0, 40) | st.sampled_from([LENGTH_MAX, LENGTH_MAX + 1, 2**32 - 1]),
)
SEGMENTS = st.one_of(
    st.binary(max_size=60), PDUS.map(encode), ANY_FRAMES, HEADERS, mutated(KNOWN_PDUS.map(encode)), st.just(b"")
)
STREAMS = st.lists(SEGMENTS, max_size=8).map(b"".join)
CUTS = st.lists(st.integers(0, 2000), max_size=12)


def an_end(side: Side, state: State) -> Connection:
    """One end of a pair in that state, with requests that wait for their answer under 1, 2 and 3."""
    connection = ConnectionPair.in_state(state).end(side)
    for sequence in (1, 2, 3):
        connection.send_anyway(SubmitSm(sequence) if side is Side.ESME else DeliverSm(sequence), 0.0)
    connection.data_to_send()
    return connection


def run(connection: Connection, pieces: Iterable[bytes]) -> list[Event]:
    """What an owner sees who answers everything that is to be answered."""
    seen: list[Event] = []
    for piece in pieces:
        connection.receive_data(piece)
        for event in connection.events(0.0):
            if isinstance(event, Malformed) and event.is_fatal:
                # How much of a broken stream there was to show depends on its chunks.
                seen.append(replace(event, raw=event.raw[:16]))
            else:
                seen.append(event)
            answer = answer_to(event)
            if answer is not None:
                connection.send(answer, 0.0)
    return seen


def answer_to(event: Event) -> Pdu | None:
    if isinstance(event, Obliged | Malformed):
        return event.answer
    if isinstance(event, Request) and event.response_class is not None:
        return response_to(event)
    return None


@given(STREAMS, CUTS, SIDES, STATES)
def test_any_octets_in_any_chunks_give_the_same_events_and_answers(
    stream: bytes, cuts: list[int], side: Side, state: State
) -> None:
    at = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(at)]
    ends = [an_end(side, state) for _ in range(3)]
    octets = [stream[number : number + 1] for number in range(len(stream))]
    at_once, in_chunks, one_by_one = map(run, ends, ([stream], pieces, octets))
    assert at_once == in_chunks == one_by_one
    assert ends[0].data_to_send() == ends[1].data_to_send() == ends[2].data_to_send()
    assert ends[0].state is ends[1].state is ends[2].state
    assert list(ends[0].outstanding) == list(ends[1].outstanding) == list(ends[2].outstanding)


@given(STREAMS, SIDES, STATES)
def test_every_request_has_at_most_one_answer_and_no_response_has_any(stream: bytes, side: Side, state: State) -> None:
    for event in run(an_end(side, state), [stream]):
        if isinstance(event, Pdu):
            continue
        assert isinstance(event, Obliged | Malformed)
        offender = event.pdu if isinstance(event, Obliged) else event
        if event.answer is not None:
            assert event.answer.sequence_number == offender.sequence_number
            assert event.answer.command_id in {0x80000000, 0x80000000 | offender.command_id}
            is_fatal = isinstance(event, Malformed) and event.is_fatal
            assert is_fatal or not offender.command_id & 0x80000000


@given(STREAMS, SIDES, STATES)
def test_what_one_end_answers_the_other_end_can_read(stream: bytes, side: Side, state: State) -> None:
    pair = ConnectionPair.in_state(state)
    run(pair.end(side), [stream])
    answers = run(pair.end(side.other), [pair.end(side).data_to_send()])
    assert all(isinstance(answer, Pdu) for answer in answers)
    assert pair.end(side.other).data_to_send() == b""


# ---------------------------------------------------------------- PDUs that never end


@pytest.mark.parametrize("piece", [1, 7, 1460])
def test_a_pdu_that_never_ends_is_kept_in_as_much_memory_as_has_arrived(piece: int) -> None:
    smsc = ConnectionPair.in_state(State.BOUND_TRX).smsc
    arrived = 20_000
    tracemalloc.start()
    try:
        smsc.receive_data(header(0x04, length=LENGTH_MAX))
        for _ in range(0, arrived, piece):
            smsc.receive_data(bytes(piece))
            assert list(smsc.events(0.0)) == []
        current, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A growing buffer keeps some octets ahead, and copies itself now and then.
    assert arrived <= current < 2 * arrived
    assert peak < 4 * arrived


def test_a_length_that_promises_much_reserves_nothing() -> None:
    tracemalloc.start()
    try:
        ends = [Connection(Side.SMSC, 0.0) for _ in range(100)]
        before, _ = tracemalloc.get_traced_memory()
        for end in ends:
            end.receive_data(header(0x04, length=LENGTH_MAX))
            assert list(end.events(0.0)) == []
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100 * 1000


def test_octets_after_the_end_of_a_stream_are_not_kept() -> None:
    ends = [ConnectionPair.in_state(State.CLOSED).smsc, ConnectionPair.in_state(State.BOUND_TRX).smsc]
    ends[1].receive_data(bytes(16))
    assert len(list(ends[1].events(0.0))) == 1
    tracemalloc.start()
    try:
        for end in ends:
            for _ in range(100):
                end.receive_data(bytes(10_000))
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert current < 10_000


def test_the_longest_pdu_octet_by_octet_arrives_whole_and_what_follows_too() -> None:
    smsc = ConnectionPair.in_state(State.BOUND_TRX).smsc
    stream = frame(0x10200, bytes(LENGTH_MAX - 16)) + encode(EnquireLink(9))
    events: list[Event] = []
    for number in range(len(stream)):
        smsc.receive_data(stream[number : number + 1])
        events += smsc.events(0.0)
    assert [event.pdu.sequence_number for event in events if isinstance(event, Obliged)] == [1, 9]

"""The timers of SMPP 3.4, 7.2 as stories; the numbers are seconds."""

from math import inf

import pytest

from simulator.smpp.connection import Connection, Timers
from simulator.smpp.events import Event, Expired, Timeout
from simulator.smpp.pdus import (
    BindTransceiver,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    Outbind,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from simulator.smpp.states import State
from tests.smpp.pair import ConnectionPair, frame, header, read

ENQUIRE = Timeout("enquire_link", EnquireLink())
OFF = Timers(session_init=inf, enquire_link=inf, inactivity=inf, response=inf)


def a_pair(state: State = State.BOUND_TRX, **seconds: float) -> ConnectionPair:
    """A pair made at 0 s, where only the given timers run."""
    timers = Timers(**{"session_init": inf, "enquire_link": inf, "inactivity": inf, "response": inf} | seconds)
    return ConnectionPair.in_state(state, timers=timers)


def told_at(connection: Connection, *times: int) -> dict[int, list[Event]]:
    """What the timers say when asked at these times; silence is left out."""
    told = {time: connection.tick(time) for time in times}
    return {time: events for time, events in told.items() if events}


def test_the_defaults_are_those_of_common_practice() -> None:
    assert Timers() == Timers(session_init=10, enquire_link=30, inactivity=inf, response=30)


@pytest.mark.parametrize("state", list(State))
def test_timers_that_are_off_are_never_due(state: State) -> None:
    smsc = ConnectionPair.in_state(state, timers=OFF).smsc
    smsc.send_anyway(DeliverSm(), 0.0)
    assert smsc.next_deadline() == inf
    assert smsc.tick(1e15) == []


# ---------------------------------------------------------------- session_init


@pytest.mark.parametrize("state", [State.OPEN, State.OUTBOUND])
def test_a_connection_that_never_binds_is_told_once_per_session_init(state: State) -> None:
    smsc = a_pair(state, session_init=10).smsc
    assert smsc.next_deadline() == 10
    told = told_at(smsc, 0, 9, 10, 11, 19, 20)
    assert told == {10: [Timeout("session_init")], 20: [Timeout("session_init")]}
    assert smsc.next_deadline() == 30


def test_octets_that_are_no_bind_do_not_prolong_session_init() -> None:
    smsc = a_pair(State.OPEN, session_init=10).smsc
    for second in range(10):
        read(smsc, frame(0x15) + frame(0x09, b"half")[:19], float(second))
    assert smsc.next_deadline() == 10
    assert smsc.tick(10) == [Timeout("session_init")]


def test_a_refused_bind_does_not_prolong_session_init() -> None:
    pair = a_pair(State.OPEN, session_init=10)
    pair.now = 9.0
    pair.ask(pair.esme, BindTransceiver(), status=0x0E)
    assert pair.smsc.next_deadline() == 10


def test_a_bind_ends_session_init() -> None:
    pair = a_pair(State.OPEN, session_init=10)
    pair.now = 9.0
    pair.ask(pair.esme, BindTransceiver())
    assert pair.smsc.next_deadline() == inf
    assert told_at(pair.smsc, 10, 20, 1000) == {}


def test_session_init_has_no_say_after_an_unbind() -> None:
    smsc = a_pair(State.UNBOUND, session_init=10, enquire_link=5, inactivity=5).smsc
    assert smsc.next_deadline() == inf
    assert told_at(smsc, 5, 10, 1000) == {}


def test_an_outbind_does_not_prolong_session_init() -> None:
    pair = a_pair(State.OPEN, session_init=10)
    pair.now = 4.0
    pair.send(pair.smsc, Outbind())
    assert pair.smsc.next_deadline() == 10


# ---------------------------------------------------------------- enquire_link


def test_a_silent_peer_is_asked_whether_it_lives() -> None:
    smsc = a_pair(enquire_link=30).smsc
    assert smsc.next_deadline() == 30
    assert told_at(smsc, 29, 30, 31, 59, 60) == {30: [ENQUIRE], 60: [ENQUIRE]}
    assert smsc.next_deadline() == 90


def test_whatever_arrives_proves_that_the_peer_lives() -> None:
    smsc = a_pair(enquire_link=30).smsc
    for second, octets in ((20, frame(0x15)), (40, header(0x80000005, sequence=9)), (60, frame(0x10200)), (80, b"\0")):
        read(smsc, octets, float(second))
        assert smsc.next_deadline() == second + 30
    assert told_at(smsc, 109, 110) == {110: [ENQUIRE]}


def test_what_we_send_proves_nothing_about_the_peer() -> None:
    smsc = a_pair(enquire_link=30).smsc
    smsc.send(DeliverSm(), 20.0)
    smsc.data_to_send()
    assert smsc.next_deadline() == 30


def test_the_rest_of_a_pdu_that_never_ends_proves_nothing() -> None:
    smsc = a_pair(enquire_link=30).smsc
    read(smsc, header(0x04, length=1000), 10.0)
    for second in range(11, 40):
        assert read(smsc, b"\0", float(second)) == []
    assert smsc.next_deadline() == 40


def test_the_answer_to_an_enquire_link_is_sent_by_the_owner_and_answered_by_the_peer() -> None:
    pair = a_pair(enquire_link=30, response=10)
    (event,) = pair.smsc.tick(30)
    assert isinstance(event, Timeout)
    assert event.answer is not None
    pair.smsc.send(event.answer, 30.0)
    assert pair.smsc.next_deadline() == 40
    pair.now = 31.0
    (request,) = pair.carry(pair.smsc)
    assert isinstance(pair.answer(pair.esme, request), EnquireLinkResp)
    assert pair.smsc.next_deadline() == 61


# ---------------------------------------------------------------- inactivity


def test_a_session_without_transactions_is_inactive() -> None:
    smsc = a_pair(inactivity=60).smsc
    assert smsc.next_deadline() == 60
    assert told_at(smsc, 59, 60, 61, 119, 120) == {60: [Timeout("inactivity")], 120: [Timeout("inactivity")]}


def test_enquire_link_is_no_transaction_in_either_direction() -> None:
    pair = a_pair(inactivity=60)
    for second in (20.0, 40.0):
        pair.now = second
        pair.ask(pair.esme, EnquireLink())
        pair.ask(pair.smsc, EnquireLink())
    assert pair.esme.next_deadline() == pair.smsc.next_deadline() == 60


def test_refused_and_broken_requests_are_no_transactions() -> None:
    smsc = a_pair(inactivity=60).smsc
    read(smsc, frame(0x10200) + frame(0x04, b"x") + frame(0x80000004), 20.0)
    assert smsc.next_deadline() == 60


def test_messages_in_either_direction_are_transactions_at_both_ends() -> None:
    pair = a_pair(inactivity=60)
    for second, ask in (
        (20.0, lambda: pair.ask(pair.esme, SubmitSm())),
        (50.0, lambda: pair.ask(pair.smsc, DeliverSm())),
    ):
        pair.now = second
        ask()
        assert pair.esme.next_deadline() == pair.smsc.next_deadline() == second + 60


def test_inactivity_begins_with_the_bind() -> None:
    pair = a_pair(State.OPEN, inactivity=60)
    pair.now = 100.0
    pair.ask(pair.esme, BindTransceiver())
    assert pair.esme.next_deadline() == pair.smsc.next_deadline() == 160


def test_an_inactive_session_is_not_asked_as_well_whether_it_lives() -> None:
    smsc = a_pair(inactivity=60, enquire_link=60).smsc
    assert told_at(smsc, 60, 61) == {60: [Timeout("inactivity")], 61: [ENQUIRE]}


# ---------------------------------------------------------------- response


def test_each_request_expires_at_its_own_time_oldest_first() -> None:
    smsc = a_pair(response=30).smsc
    requests = [DeliverSm(), DeliverSm(), EnquireLink(), DeliverSm()]
    for request, second in zip(requests, (0.0, 5.0, 5.0, 9.0), strict=True):
        smsc.send(request, second)
    assert smsc.next_deadline() == 30
    told = told_at(smsc, 29, 30, 34, 35, 38, 100)
    first, second_, third, fourth = (Expired(request) for request in requests)
    assert told == {30: [first], 35: [second_, third], 100: [fourth]}
    assert smsc.next_deadline() == inf
    assert not smsc.outstanding


def test_an_expired_request_makes_room_and_its_late_response_finds_nobody() -> None:
    smsc = ConnectionPair.in_state(State.BOUND_TRX, timers=Timers(enquire_link=inf, response=30), window=1).smsc
    smsc.send(DeliverSm(), 0.0)
    assert smsc.room == 0
    smsc.tick(30)
    assert smsc.room == 1
    (late,) = read(smsc, header(0x80000005, sequence=1), 31.0)
    assert late.request is None  # type: ignore[union-attr]


def test_a_response_of_the_wrong_kind_does_not_prolong_the_wait() -> None:
    smsc = a_pair(response=30).smsc
    first, second = DeliverSm(), DeliverSm()
    smsc.send(first, 0.0)
    smsc.send(second, 10.0)
    read(smsc, header(0x80000103, sequence=1) + frame(0x800000FF, sequence=1) + frame(0x80000103, b"x"), 20.0)
    assert smsc.next_deadline() == 30
    assert told_at(smsc, 30, 40) == {30: [Expired(first)], 40: [Expired(second)]}


def test_an_answered_request_does_not_expire() -> None:
    pair = a_pair(response=30)
    pair.ask(pair.smsc, DeliverSm())
    assert pair.smsc.next_deadline() == inf
    assert told_at(pair.smsc, 30, 100) == {}


@pytest.mark.parametrize("state", [State.OPEN, State.BOUND_TRX, State.UNBOUND])
def test_the_response_timer_runs_in_every_state(state: State) -> None:
    esme = a_pair(state, session_init=1000, response=30).esme
    request = EnquireLink()
    esme.send(request, 100.0)
    assert esme.next_deadline() == 130
    assert told_at(esme, 129, 130) == {130: [Expired(request)]}


def test_an_unbind_that_nobody_answers_expires() -> None:
    smsc = a_pair(response=30).smsc
    unbind = Unbind()
    smsc.send(unbind, 1.0)
    assert told_at(smsc, 30, 31) == {31: [Expired(unbind)]}
    assert smsc.state is State.BOUND_TRX


def test_several_timers_that_are_due_together_all_tell() -> None:
    smsc = a_pair(enquire_link=30, response=30).smsc
    request = DeliverSm()
    smsc.send(request, 0.0)
    assert smsc.tick(30) == [Expired(request), ENQUIRE]


def test_timers_may_be_exchanged_at_the_bind() -> None:
    smsc = a_pair(enquire_link=30).smsc
    smsc.timers = Timers(enquire_link=7)
    assert smsc.next_deadline() == 7


def test_no_timer_runs_after_the_end() -> None:
    pair = a_pair(session_init=1, enquire_link=1, inactivity=1, response=1)
    pair.smsc.send(DeliverSm(), 0.0)
    pair.smsc.close()
    assert pair.smsc.next_deadline() == inf
    assert told_at(pair.smsc, 1, 1000) == {}


def test_the_clock_may_begin_anywhere() -> None:
    connection = Connection(a_pair().smsc.side, -5.0, timers=Timers(session_init=10))
    assert connection.next_deadline() == 5
    assert connection.tick(4.5) == []
    (event,) = read(connection, frame(0x80000004, b"1\0"), 4.5)
    assert event == SubmitSmResp(1, message_id="1")
    assert connection.tick(5.0) == [Timeout("session_init")]

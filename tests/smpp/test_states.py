"""The operation matrix, exhaustively: version x side x state x command, against tables typed from the specifications.

SMPP 5.0, 2.4 and SMPP 3.4, 2.3; where the two differ the later reading is taken.

The tables below are typed, not derived: they are what the specification says, in its own numbers.
"""

import pytest

from simulator.smpp.codec import encode
from simulator.smpp.errors import LocalError
from simulator.smpp.events import Event, Malformed, Obliged
from simulator.smpp.pdus import Pdu, Response, response_to
from simulator.smpp.states import (
    BOUND,
    CAN_BIND,
    CAN_RECEIVE,
    MOVES,
    TRANSITIONS,
    Side,
    State,
    next_state,
    requests,
)
from tests.smpp.pair import ConnectionPair, a_pdu, frame

STATES = ("OPEN", "OUTBOUND", "BOUND_TX", "BOUND_RX", "BOUND_TRX", "UNBOUND", "CLOSED")

# The version that brought it, and who may send it by state: E the ESME, M the SMSC, EM both, - nobody.
MATRIX = """
    0x00000001 bind_receiver        3.3  E    E    -    -    -    -    -
    0x00000002 bind_transmitter     3.3  E    E    -    -    -    -    -
    0x00000009 bind_transceiver     3.4  E    E    -    -    -    -    -
    0x0000000B outbind              3.4  M    -    -    -    -    -    -
    0x00000006 unbind               3.3  -    -    EM   EM   EM   -    -
    0x00000015 enquire_link         3.3  EM   EM   EM   EM   EM   EM   -
    0x00000004 submit_sm            3.3  -    -    E    -    E    -    -
    0x00000021 submit_multi         3.3  -    -    E    -    E    -    -
    0x00000003 query_sm             3.3  -    -    E    -    E    -    -
    0x00000008 cancel_sm            3.3  -    -    E    -    E    -    -
    0x00000007 replace_sm           3.3  -    -    E    -    E    -    -
    0x00000103 data_sm              3.4  -    -    E    M    EM   -    -
    0x00000005 deliver_sm           3.3  -    -    -    M    M    -    -
    0x00000102 alert_notification   3.4  -    -    -    M    M    -    -
    0x00000111 broadcast_sm         5.0  -    -    E    -    E    -    -
    0x00000112 query_broadcast_sm   5.0  -    -    E    -    E    -    -
    0x00000113 cancel_broadcast_sm  5.0  -    -    E    -    E    -    -
"""
ROWS = [line.split() for line in MATRIX.strip().splitlines()]
KNOWN = {int(row[0], 16) for row in ROWS}
BROADCASTS = {0x111, 0x112, 0x113}
BIND_IDS = {0x01, 0x02, 0x09}
WITHOUT_RESPONSE = {0x0B, 0x102}
VERSIONS = {"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}

# Requests that are none of ours: the whole range of SMPP, the operations of 3.3 that 3.4 removed (0x22 to 0x24), and
# samples of the vendors' and reserved ranges.
UNKNOWN = {*range(0x200), 0x10200, 0x102FF, 0x01000001, 0x01000002, 0x7FFFFFFF} - KNOWN
# What tells two versions apart lies among the known: on a link that speaks 5.0 a few of the others will do.
SAMPLES = {0x34: KNOWN | UNKNOWN, 0x50: KNOWN | {0x00, 0x0A, 0x22, 0x110, 0x114, 0x10200}}
RESPONSES = {0x80000000 | number for number in {*range(0x200), 0x10200, 0x102FF, 0x7FFFFFFF}}

STATUS_ROK, STATUS_RINVCMDID, STATUS_RINVBNDSTS, STATUS_RALYBND = 0x00, 0x03, 0x04, 0x05

BOTH_SIDES = (Side.ESME, Side.SMSC)


def named(value: object) -> str:
    return str(value.name) if isinstance(value, Side | State) else f"{value:x}"


CELLS = pytest.mark.parametrize(
    ("side", "state", "version"),
    [(side, State(state), version) for version in (0x34, 0x50) for side in BOTH_SIDES for state in STATES],
    ids=named,
)


def spoken(state: State, version: int) -> int:
    """What a link speaks: unless a bind said that it is more, 3.4; the closed ones here were never bound."""
    return 0x34 if state in {State.OPEN, State.OUTBOUND, State.CLOSED} else version


def allowed(side: Side, state: State, version: int) -> set[int]:
    """What that side may send in that state, by the matrix."""
    letter = {Side.ESME: "E", Side.SMSC: "M"}[side]
    rows = [row for row in ROWS if VERSIONS[row[2]] <= spoken(state, version)]
    return {int(row[0], 16) for row in rows if letter in row[3 + STATES.index(state.value)]}


def answer_to(side: Side, state: State, version: int, command: int) -> tuple[int, int] | None:
    """(command_id, command_status) that the protocol answers to a request from that side; None for silence."""
    if command in allowed(side, state, version):
        return 0x80000000 | command, STATUS_ROK
    if state is State.UNBOUND:
        return None
    if command in UNKNOWN or command in WITHOUT_RESPONSE or is_too_new(state, version, command):
        return 0x80000000, STATUS_RINVCMDID
    if command in BIND_IDS and state.value.startswith("BOUND"):
        return 0x80000000 | command, STATUS_RALYBND
    return 0x80000000 | command, STATUS_RINVBNDSTS


def is_too_new(state: State, version: int, command: int) -> bool:
    """Whether an SMSC of the version that is spoken has never heard of a command."""
    return command in BROADCASTS and spoken(state, version) < 0x50


def test_the_matrix_names_every_state_and_its_commands_by_their_right_names() -> None:
    assert [state.value for state in State] == list(STATES)
    assert [a_pdu(int(row[0], 16)).name for row in ROWS] == [row[1] for row in ROWS]
    assert [a_pdu(int(row[0], 16)).since for row in ROWS] == [VERSIONS[row[2]] for row in ROWS]
    assert {len(row) for row in ROWS} == {3 + len(STATES)}


@CELLS
def test_each_side_may_send_what_the_matrix_says_and_nothing_else(side: Side, state: State, version: int) -> None:
    assert requests(side, state, spoken(state, version)) == allowed(side, state, version)


@pytest.mark.parametrize("version", [0x00, 0x33, 0x35, 0x4F])
def test_a_version_that_is_none_or_older_may_what_3_4_may_and_a_later_one_what_5_0_may(version: int) -> None:
    for side in BOTH_SIDES:
        for state in State:
            assert requests(side, state, version) == requests(side, state, 0x34)
            assert requests(side, state, 0x51) == requests(side, state, 0x50)


@CELLS
def test_a_connection_sends_what_the_matrix_says_and_refuses_all_else(side: Side, state: State, version: int) -> None:
    for command in SAMPLES[version]:
        connection = ConnectionPair.in_state(state, version).end(side)
        if command in allowed(side, state, version):
            connection.send(a_pdu(command), 0.0)
            assert connection.data_to_send() != b""
        else:
            reason = f": the {side.name} may not send it in state {state.value}$"
            if is_too_new(state, version, command):
                reason = "broadcast_sm came with version 5.0, and this link speaks an older one$"
            with pytest.raises(LocalError, match=reason):
                connection.send(a_pdu(command), 0.0)
            assert connection.data_to_send() == b""
            assert not connection.outstanding


@CELLS
def test_a_request_is_handed_over_or_answered_as_the_matrix_says(side: Side, state: State, version: int) -> None:
    for command in SAMPLES[version]:
        pair = ConnectionPair.in_state(state, version)
        sender, receiver = pair.end(side), pair.end(side.other)
        sender.send_bytes(encode(a_pdu(command, sequence_number=77)))
        receiver.receive_data(sender.data_to_send())
        events = list(receiver.events(0.0))
        if state is State.CLOSED:
            assert events == []
            continue
        (event,) = events
        assert receiver.data_to_send() == b"", "the owner answers, the connection only proposes"
        expected = answer_to(side, state, version, command)
        if command in allowed(side, state, version) - {0x15, 0x06}:
            # These are the owner's to decide.
            assert isinstance(event, Pdu), event
            assert event.command_id == command
            assert receiver.state is (State.OUTBOUND if command == 0x0B else state)
        else:
            assert isinstance(event, Obliged), event
            assert event.pdu.command_id == command
            assert receiver.state is state
            check_answer(event.answer, expected)


def check_answer(answer: Pdu | None, expected: tuple[int, int] | None) -> None:
    """An answer of the right kind and status, with the offender's number; an error without its body."""
    if expected is None:
        assert answer is None
        return
    assert isinstance(answer, Response)
    assert (answer.command_id, answer.command_status) == expected
    assert answer.sequence_number == 77
    if answer.command_status and answer.command_id != 0x80000000:
        assert answer.header_only


@CELLS
def test_the_answer_travels_in_every_state_and_leaves_both_ends_agreed(side: Side, state: State, version: int) -> None:
    for command in (KNOWN | {0x22, 0x10200}) - WITHOUT_RESPONSE:
        pair = ConnectionPair.in_state(state, version)
        sender, receiver = pair.end(side), pair.end(side.other)
        sender.send_anyway(a_pdu(command), 0.0)
        for event in pair.carry(sender):
            if isinstance(event, Obliged) and event.answer is not None:
                response = pair.answer(receiver, event)
                assert response.command_status == event.answer.command_status
                assert (response.request is not None) is (command in KNOWN)
                assert not sender.outstanding


@CELLS
def test_a_response_that_nobody_waits_for_is_told_and_never_answered(side: Side, state: State, version: int) -> None:
    for command in RESPONSES if version == 0x34 else {0x80000000 | known for known in KNOWN}:
        pair = ConnectionPair.in_state(state, version)
        sender, receiver = pair.end(side), pair.end(side.other)
        sender.send_bytes(frame(command, status=STATUS_RINVBNDSTS, sequence=4711))
        events = pair.carry(sender)
        if state is State.CLOSED:
            assert events == []
            continue
        (event,) = events
        assert isinstance(event, Pdu)
        assert (event.command_id, event.sequence_number) == (command, 4711)
        assert getattr(event, "request", None) is None
        assert receiver.state is state
        assert receiver.data_to_send() == b""


# submit_sm without a NUL, and so for all others: bodies of one octet that end within a mandatory field.
BROKEN = sorted(KNOWN - {0x06, 0x15})


@CELLS
def test_the_state_is_judged_before_the_body(side: Side, state: State, version: int) -> None:
    for command in BROKEN:
        pair = ConnectionPair.in_state(state, version)
        sender = pair.end(side)
        sender.send_bytes(frame(command, b"x", sequence=77))
        events = pair.carry(sender)
        if state is State.CLOSED:
            assert events == []
            continue
        (event,) = events
        assert isinstance(event, Malformed)
        assert (event.command_id, event.sequence_number, event.is_fatal) == (command, 77, False)
        check_malformed(event, side, state, version)


def check_malformed(event: Malformed, side: Side, state: State, version: int) -> None:
    """A legal request gets the status of its trouble, an illegal one that of its state; in its own response if any."""
    command = event.command_id
    if state is State.UNBOUND:
        assert event.answer is None
        return
    assert isinstance(event.answer, Response)
    assert event.answer.command_status == event.status
    assert event.answer.sequence_number == 77
    is_nacked = command in WITHOUT_RESPONSE or is_too_new(state, version, command)
    assert event.answer.command_id == (0x80000000 if is_nacked else 0x80000000 | command)
    if is_too_new(state, version, command):
        assert event.status == STATUS_RINVCMDID
    elif command in allowed(side, state, version):
        assert event.status not in {STATUS_ROK, STATUS_RINVBNDSTS, STATUS_RALYBND}
    elif command in BIND_IDS and state.value.startswith("BOUND"):
        assert event.status == STATUS_RALYBND
    else:
        assert event.status == STATUS_RINVBNDSTS


# ---------------------------------------------------------------- which PDU moves which state

ANY_STATUS = (0x00, 0x04, 0x0D, 0xFFFFFFFF)
MOVED = {
    **{(state, 0x80000001, 0x00): "BOUND_RX" for state in ("OPEN", "OUTBOUND")},
    **{(state, 0x80000002, 0x00): "BOUND_TX" for state in ("OPEN", "OUTBOUND")},
    **{(state, 0x80000009, 0x00): "BOUND_TRX" for state in ("OPEN", "OUTBOUND")},
    **{("OPEN", 0x0000000B, status): "OUTBOUND" for status in ANY_STATUS},
    **{(state, 0x80000006, 0x00): "UNBOUND" for state in ("BOUND_TX", "BOUND_RX", "BOUND_TRX")},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("status", ANY_STATUS)
def test_a_pdu_moves_the_state_as_typed_here_and_every_other_leaves_it(state: str, status: int) -> None:
    for command in KNOWN | UNKNOWN | RESPONSES:
        expected = MOVED.get((state, command, status), state)
        assert next_state(State(state), command, status).value == expected, hex(command)


def test_every_command_that_moves_a_state_is_listed_as_such() -> None:
    assert {command for _, command, _ in MOVED} == MOVES
    assert {state.value for state in TRANSITIONS} == set(STATES)


def test_the_sets_of_states_say_what_their_names_say() -> None:
    assert {state.value for state in CAN_BIND} == {"OPEN", "OUTBOUND"}
    assert {state.value for state in BOUND} == {"BOUND_TX", "BOUND_RX", "BOUND_TRX"}
    assert {state.value for state in CAN_RECEIVE} == {"BOUND_RX", "BOUND_TRX"}


def test_each_side_has_the_other_one() -> None:
    assert Side.ESME.other is Side.SMSC
    assert Side.SMSC.other is Side.ESME


# ---------------------------------------------------------------- stories that cross states


def kinds(events: list[Event]) -> list[str]:
    return [event.name if isinstance(event, Pdu) else type(event).__name__ for event in events]


@pytest.mark.parametrize("state", [State.OPEN, State.OUTBOUND])
@pytest.mark.parametrize(("command", "bound"), [(0x01, "BOUND_RX"), (0x02, "BOUND_TX"), (0x09, "BOUND_TRX")])
def test_the_response_binds_and_not_the_request(state: State, command: int, bound: str) -> None:
    pair = ConnectionPair.in_state(state)
    event = pair.send(pair.esme, a_pdu(command))
    assert pair.smsc.state is pair.esme.state is state
    assert not pair.esme.is_bound
    pair.answer(pair.smsc, event)
    assert pair.smsc.state.value == pair.esme.state.value == bound
    assert pair.esme.is_bound


@pytest.mark.parametrize("status", [0x05, 0x0D, 0x0E, 0x0F])
def test_after_a_refused_bind_another_may_follow_on_the_same_connection(status: int) -> None:
    pair = ConnectionPair()
    event = pair.send(pair.esme, a_pdu(0x09))
    assert pair.answer(pair.smsc, event, status).command_status == status
    assert {pair.smsc.state, pair.esme.state} == {State.OPEN}
    pair.answer(pair.smsc, pair.send(pair.esme, a_pdu(0x02)))
    assert {pair.smsc.state, pair.esme.state} == {State.BOUND_TX}


@pytest.mark.parametrize("bound", ["BOUND_TX", "BOUND_RX", "BOUND_TRX"])
@pytest.mark.parametrize("command", sorted(BIND_IDS))
def test_a_second_bind_is_refused_and_leaves_the_session_bound_as_it_was(bound: str, command: int) -> None:
    pair = ConnectionPair.in_state(State(bound))
    response = pair.answer(pair.smsc, pair.send(pair.esme, a_pdu(command, interface_version=0x33)))
    assert (response.command_id, response.command_status) == (0x80000000 | command, STATUS_RALYBND)
    assert pair.smsc.state is pair.esme.state is State(bound)
    assert pair.smsc.peer_version == 0x34


def test_a_request_in_the_same_segment_as_its_bind_is_legal_once_the_bind_is_answered() -> None:
    pair = ConnectionPair()
    for command in (0x09, 0x04, 0x06, 0x04):
        pair.esme.send_anyway(a_pdu(command), 0.0)
    pair.smsc.receive_data(pair.esme.data_to_send())
    seen: list[Event] = []
    for event in pair.smsc.events(0.0):
        seen.append(event)
        answer = event.answer if isinstance(event, Obliged) else response_to(event)  # type: ignore[arg-type]
        if answer is not None:
            pair.smsc.send(answer, 0.0)
    assert kinds(seen) == ["bind_transceiver", "submit_sm", "Obliged", "Obliged"]
    assert kinds(pair.carry(pair.smsc)) == ["bind_transceiver_resp", "submit_sm_resp", "unbind_resp"]

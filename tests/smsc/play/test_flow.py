"""How octets are spread, held back and put together: segment by segment, and in link time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.journal import RECEIPT_SENT
from simulator.shaping.streams import Plan
from simulator.smpp.codec import encode
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import EnquireLinkResp, SubmitSmResp, Unbind
from simulator.smpp.wire import Wire
from simulator.smsc.play.flow import Framing, flow_of
from tests.smsc.line import Line, a_message, an_enquiry, send_shaped

ANSWER = SubmitSmResp(7, message_id="1234567890")
OCTETS = encode(ANSWER)


def sent(line: Line, plan: Plan | None = None, number: int = 7) -> bytes:
    """Send an answer by that plan."""
    octets = send_shaped(line.session, SubmitSmResp(number, message_id="1234567890"), line.now, plan=plan)
    line.carry()
    return octets


def test_without_a_plan_a_pdu_leaves_as_always_and_nothing_meddles():
    line = Line()
    assert sent(line) == OCTETS
    assert line.segments == [(0.0, OCTETS)]
    assert line.flow() is None


def test_each_cut_ends_a_segment_and_the_pause_lies_between_two():
    line = Line()
    sent(line, Plan(cuts=(3, 16), pause=1.0))
    assert line.segments == [(0.0, OCTETS[:3])]
    assert line.session.bytes_waiting == 0
    line.run(5.0)
    assert line.segments == [(0.0, OCTETS[:3]), (1.0, OCTETS[3:16]), (2.0, OCTETS[16:])]


def test_cuts_without_a_pause_are_segments_of_their_own_at_once():
    line = Line()
    sent(line, Plan(cuts=(4,)))
    assert line.segments == [(0.0, OCTETS[:4]), (0.0, OCTETS[4:])]


def test_a_drip_writes_so_many_octets_in_so_many_seconds():
    line = Line()
    sent(line, Plan(drip=(10, 0.5)))
    line.run(5.0)
    assert [(at, len(octets)) for at, octets in line.segments] == [(0.0, 10), (0.5, 10), (1.0, len(OCTETS) - 20)]
    assert line.octets == OCTETS


def test_whatever_is_sent_behind_a_dripping_pdu_waits_behind_it():
    line = Line()
    line.take(an_enquiry())
    sent(line, Plan(drip=(20, 1.0)))
    line.take(an_enquiry())
    sent(line, Plan(cuts=(1,)), number=8)
    assert line.times == [0.0, 0.0]
    line.run(3.0)
    assert line.names == ["enquire_link_resp", "submit_sm_resp", "enquire_link_resp", "submit_sm_resp"]
    assert line.times == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


def test_what_was_written_before_a_spread_pdu_is_a_segment_of_its_own():
    line = Line()
    line.session.connection.send_bytes(encode(EnquireLinkResp(5)))
    sent(line, Plan(cuts=(4,)))
    assert [len(octets) for _, octets in line.segments] == [16, 4, len(OCTETS) - 4]


def test_nothing_meddles_any_more_once_all_of_it_was_written():
    line = Line()
    sent(line, Plan(cuts=(3,), pause=1.0))
    assert line.flow() is not None
    line.run(1.0)
    assert line.flow() is None
    line.take(an_enquiry())
    assert line.names == ["submit_sm_resp", "enquire_link_resp"]
    assert line.session.writes == line.session.handed_out


def test_a_pdu_that_joins_leaves_in_one_segment_with_the_next():
    line = Line()
    sent(line, Plan(joins=True))
    assert line.segments == []
    assert line.session.bytes_waiting == 0
    line.run(10.0)
    assert line.segments == []
    line.take(an_enquiry())
    assert [len(octets) for _, octets in line.segments] == [len(OCTETS) + 16]


def test_any_number_of_joining_pdus_leave_together_in_order():
    line = Line()
    sent(line, Plan(joins=True), number=7)
    sent(line, Plan(joins=True), number=8)
    sent(line, Plan(cuts=(4,)), number=9)
    assert [len(octets) for _, octets in line.segments] == [2 * len(OCTETS) + 4, len(OCTETS) - 4]
    assert [pdu.sequence_number for pdu in line.pdus] == [7, 8, 9]


def test_a_joining_pdu_is_not_lost_when_we_unbind_or_hang_up():
    line = Line()
    sent(line, Plan(joins=True))
    line.session.unbind(line.now)
    line.carry()
    assert line.names == ["submit_sm_resp", "unbind"]
    assert len(line.segments) == 1
    sent(line, Plan(joins=True), number=8)
    line.session.hang_up = True
    assert line.session.bytes_waiting == len(OCTETS)
    line.carry()
    assert line.names == ["submit_sm_resp", "unbind", "submit_sm_resp"]


def test_when_we_hang_up_a_drip_is_written_to_its_end_at_once():
    line = Line()
    sent(line, Plan(drip=(1, 60.0)))
    assert line.octets == OCTETS[:1]
    line.session.hang_up = True
    assert line.session.bytes_waiting == len(OCTETS) - 1
    line.carry()
    assert line.octets == OCTETS


@pytest.mark.parametrize("place", [0, 5])
def test_behind_the_place_where_it_stops_nothing_is_written_any_more(place: int):
    line = Line()
    line.take(an_enquiry())
    sent(line, Plan(stops_at=place))
    line.take(an_enquiry(), a_message())
    line.run(20.0)
    assert line.octets == line.octets[:16] + OCTETS[:place]
    assert line.session.is_open
    assert line.smsc.journal.counts["submitted"] == 1


def test_a_receipt_waits_for_its_answer_behind_a_dripping_pdu():
    line = Line()
    sent(line, Plan(drip=(7, 10.0)))
    line.take(a_message())
    line.run(29.0)
    assert line.smsc.journal.counts["concluded"] == 1
    assert line.smsc.journal.counts[RECEIPT_SENT] == 0
    line.run(2.0)
    assert line.names == ["submit_sm_resp", "submit_sm_resp", "deliver_sm"]
    assert line.session.writes == line.session.handed_out


def test_a_receipt_waits_until_the_last_segment_of_its_answer_was_written():
    line = Line()
    session, request = line.session, a_message()
    request.sequence_number = 50
    session.receive_data(encode(request), line.now)
    octets = session.connection.data_to_send()
    session.connection.send_bytes(octets)
    session.spread(octets, Plan(drip=(len(octets) - 1, 30.0)))
    line.carry()
    line.run(29.0)
    assert line.smsc.journal.counts["concluded"] == 1
    assert line.smsc.journal.counts[RECEIPT_SENT] == 0
    line.run(2.0)
    assert line.names == ["submit_sm_resp", "deliver_sm"]


def test_damage_and_plan_go_together_and_the_state_is_asked_unless_told_otherwise():
    line = Line()
    octets = send_shaped(line.session, ANSWER, line.now, Wire(cut=1), Plan(cuts=(2,)))
    line.carry()
    assert (octets, line.octets) == (OCTETS[:-1], OCTETS[:-1])
    unbound = Line(system_id="")
    with pytest.raises(LocalError, match="unbind"):
        send_shaped(unbound.session, Unbind(), unbound.now)
    send_shaped(unbound.session, Unbind(), unbound.now, anyway=True)
    unbound.carry()
    assert unbound.names == ["unbind"]


def test_a_session_that_closes_in_a_pause_wakes_nobody():
    line = Line()
    sent(line, Plan(cuts=(3,), pause=1.0))
    line.session.close(line.now)
    line.run(5.0)
    assert line.octets == OCTETS[:3]
    assert line.flow() is None


def test_while_much_waits_behind_a_pause_nothing_more_is_read():
    line = Line()
    sent(line, Plan(cuts=(3,), pause=1.0))
    assert line.reads()
    line.session.connection.send_bytes(bytes(200_000))
    assert not line.reads()
    line.run(1.0)
    assert line.reads()


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.sets(st.integers(1, 25), max_size=4)), max_size=12))
def test_however_pdus_are_spread_their_octets_come_in_order_and_none_is_lost(told):
    line, expected = Line(), b""
    for size, joins, cuts in told:
        plan = Plan(joins=True) if joins else Plan(cuts=tuple(sorted(cuts)), pause=float(size % 3))
        expected += send_shaped(line.session, SubmitSmResp(size, message_id="12345678901"), line.now, plan=plan)
        line.carry()
        line.run(float(size) / 4)
    line.run(200.0)
    line.session.hang_up = True
    line.carry()
    assert line.octets == expected


@given(st.lists(st.integers(16, 60), min_size=1, max_size=5), st.integers(0, 300), st.integers(1, 7))
def test_what_is_passed_over_ends_with_a_pdu_however_it_comes(lengths, until, step):
    stream = b"".join(length.to_bytes(4, "big") + bytes(length - 4) for length in lengths)
    until = min(until, len(stream))
    framing = Framing()
    for at in range(0, until, step):
        assert framing.skip(stream[at : min(at + step, until)], to_the_end_of_one=False) == b""
    rest = framing.skip(stream[until:], to_the_end_of_one=True)
    ends = [sum(lengths[:count]) for count in range(len(lengths) + 1)]
    assert len(stream) - len(rest) == min(end for end in ends if end >= until)
    assert framing.is_between


@pytest.mark.parametrize("length", [0, 15, 0xFFFFFFFF])
def test_a_length_that_no_pdu_has_is_passed_over_like_a_header(length: int):
    framing = Framing()
    assert framing.skip(length.to_bytes(4, "big") + bytes(12), to_the_end_of_one=False) == b""
    assert framing.is_between


def test_a_session_has_one_flow():
    line = Line()
    assert flow_of(line.session) is flow_of(line.session)

"""What faults do to a session's octets and timers, whom they strike, and what the journal tells. No socket here."""

import pytest

from simulator.journal import FAULT, SUBMITTED
from simulator.scenario.then import FAULTS
from simulator.shaping.streams import Plan
from simulator.smpp.codec import encode
from simulator.smpp.connection import Timers
from simulator.smpp.pdus import BindTransceiver, DeliverSmResp, EnquireLinkResp
from simulator.smsc.memory.evidence import Secured
from simulator.smsc.play.faults import in_words, relent, strike
from simulator.smsc.play.flow import flow_of
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Terms
from tests.smsc.line import NOW, Line, a_fault, a_message, an_enquiry, send_shaped
from tests.smsc.world import START, World

ENQUIRY = encode(an_enquiry())


def submitted(line: Line) -> int:
    """How many messages the journal has seen."""
    return line.smsc.journal.counts[SUBMITTED]


# ------------------------------------------------------------------ the end


def test_a_fin_ends_the_link_behind_what_waits_and_nothing_more_is_answered():
    line = Line()
    line.session.connection.send_bytes(b"answer")
    line.strike("fin")
    assert line.octets == b"answer"
    assert line.ends()
    assert line.flow() is None
    line.take(a_message())
    assert submitted(line) <= 1
    assert line.faults == ["fin"]


def test_the_rest_of_a_batch_is_not_answered_behind_a_fin():
    line = Line()
    line.session.receive_data(encode(an_enquiry()), NOW)
    strike(line.smsc, line.session, a_fault("disconnect"), NOW)
    line.take_bytes(b"")
    assert line.names == ["enquire_link_resp"]


def test_a_fin_waits_for_what_is_still_dripping_and_answers_nothing_meanwhile():
    line = Line()
    octets = send_shaped(line.session, EnquireLinkResp(7), NOW, plan=Plan(drip=(8, 1.0)))
    line.strike("fin")
    line.take(a_message(), an_enquiry())
    assert not line.ends()
    assert not line.reads()
    line.run(1.0)
    assert line.octets == octets
    assert line.ends()
    assert submitted(line) == 0


def test_a_fin_within_a_pdu_writes_so_many_octets_and_never_the_rest():
    line = Line()
    line.session.connection.send_bytes(ENQUIRY)
    line.strike("fin", octets=5)
    assert line.octets == ENQUIRY[:5]
    assert line.ends()
    line.carry()
    assert line.octets == ENQUIRY[:5]
    assert line.faults == ["fin after 5 octets"]


def test_a_fault_behind_more_octets_than_wait_is_waited_for():
    line = Line()
    line.strike("rst", octets=24)
    line.take(an_enquiry())
    assert not line.ends()
    assert line.faults == []
    line.take(an_enquiry())
    assert len(line.octets) == 24
    assert line.ends()
    assert line.faults == ["rst after 24 octets"]


def test_several_faults_wait_each_for_its_own_octets():
    line = Line()
    line.strike("fin", octets=40)
    line.strike("pause_reading", octets=20)
    line.session.connection.send_bytes(bytes(100))
    line.carry()
    assert line.faults == ["pause_reading after 20 octets", "fin after 40 octets"]
    assert len(line.octets) == 40


@pytest.mark.parametrize("word", ["rst", "refuse"])
def test_a_reset_throws_away_what_waits(word: str):
    line = Line()
    line.session.connection.send_bytes(b"answer")
    line.strike(word)
    assert line.octets == b""
    assert line.ends()
    assert line.session.flow is not None
    assert line.session.flow.is_reset
    assert line.session.ends_by == "rst"
    line.take(a_message())
    assert submitted(line) == 0


def test_after_a_half_close_what_comes_is_read_and_recorded_and_nothing_is_written():
    line = Line()
    line.session.connection.send_bytes(b"answer")
    line.strike("half_close")
    assert line.octets == b"answer"
    flow = flow_of(line.session)
    assert flow.is_half_closed
    line.take(a_message())
    line.run(20.0)
    assert submitted(line) == 1
    assert line.octets == b"answer"
    assert not line.ends()


def test_receipts_do_not_go_to_a_session_whose_end_is_closed():
    world = World()
    broken, whole = world.bound(), world.bound()
    strike(world.smsc, broken.session, a_fault("half_close"), world.now)
    for _ in range(4):
        broken.submit()
    world.run(20.0)
    assert len(whole.stats) == 4


# ------------------------------------------------------------------ holes


def test_in_a_hole_of_both_directions_nothing_arrives_and_nothing_leaves_until_it_ends():
    line = Line()
    line.strike("black_hole", lasts="10s")
    line.take(a_message(), an_enquiry())
    line.session.connection.send_bytes(b"ours")
    line.carry()
    line.run(9.0)
    assert (submitted(line), line.octets) == (0, b"")
    line.run(1.5)
    line.take(an_enquiry())
    assert line.names == ["enquire_link_resp"]
    assert line.flow() is None
    assert line.faults == ["black_hole of both for 10s"]


def test_a_hole_for_ours_lets_theirs_arrive():
    line = Line()
    line.strike("black_hole", direction="out")
    line.take(a_message())
    line.run(20.0)
    assert (submitted(line), line.octets) == (1, b"")
    # whoever wrote it thinks that it has left, and goes on
    assert line.session.writes == line.session.handed_out
    assert line.smsc.journal.counts["receipt_sent"] == 1


def test_a_hole_for_theirs_lets_ours_leave():
    line = Line()
    line.strike("black_hole", direction="in")
    line.take(a_message())
    line.session.connection.send_bytes(ENQUIRY)
    line.carry()
    assert (submitted(line), line.octets) == (0, ENQUIRY)


def test_what_waits_is_still_written_before_a_hole():
    line = Line()
    line.session.connection.send_bytes(b"answer")
    line.strike("black_hole")
    line.session.connection.send_bytes(b"vanishes")
    line.carry()
    assert line.octets == b"answer"


def test_the_end_of_a_hole_cuts_no_pdu():
    line = Line()
    submission = encode(a_message())
    line.take_bytes(submission[:9])
    line.strike("black_hole", lasts="10s")
    # the one that had begun is finished
    line.take_bytes(submission[9:20])
    line.take_bytes(submission[20:] + ENQUIRY + submission[:30])
    assert submitted(line) == 1
    line.run(10.0)
    line.take_bytes(submission[30:40])
    line.take_bytes(submission[40:] + ENQUIRY)
    assert submitted(line) == 1
    assert line.names == ["submit_sm_resp", "enquire_link_resp"] or line.names[-1] == "enquire_link_resp"
    assert line.smsc.journal.counts["malformed"] == 0


def test_our_own_timers_go_on_in_a_hole_and_give_the_link_up():
    timers = Timers(enquire_link=5.0, response=5.0)
    line = Line(Smsc(NOW, START, terms=Terms(timers=timers)))
    line.strike("black_hole")
    line.run(11.0)
    assert line.ends()
    assert line.octets == b""


def test_the_peers_end_is_not_noticed_in_a_hole():
    line = Line()
    line.strike("black_hole", lasts="10s")
    flow = flow_of(line.session)
    assert line.reads()
    assert flow.hides_end()
    assert not line.reads()
    assert flow.mute_until == NOW + 10.0
    line.run(10.0)
    assert line.reads()
    assert not flow.hides_end()


def test_a_longer_hole_outlasts_a_shorter_one():
    line = Line()
    line.strike("black_hole", lasts="10s")
    line.strike("black_hole", lasts="3s")
    line.run(5.0)
    line.take(an_enquiry())
    assert line.octets == b""


# ------------------------------------------------------------------ reading


def test_while_reading_is_paused_nothing_is_read_and_ours_still_leaves():
    line = Line(Smsc(NOW, START, terms=Terms(timers=Timers(enquire_link=5.0, response=60.0))))
    line.strike("pause_reading", lasts="20s")
    line.take(a_message())
    assert not line.reads()
    line.run(19.0)
    assert submitted(line) == 0
    assert "enquire_link" in line.names
    line.run(2.0)
    assert submitted(line) == 1
    assert "submit_sm_resp" in line.names
    assert line.reads()
    assert line.flow() is None


def test_slow_reading_takes_one_octet_at_a_time():
    line = Line()
    line.strike("slow_reading")
    flow = flow_of(line.session)
    assert flow.read_size == 1
    line.take_bytes(ENQUIRY)
    assert not line.reads()
    line.run(0.149)
    assert line.octets == b""
    line.run(0.02)
    assert line.names == ["enquire_link_resp"]
    line.run(1.0)
    assert line.reads()
    line.take_bytes(ENQUIRY)
    line.run(0.2)
    assert len(line.pdus) == 2


def test_when_slow_reading_ends_all_that_waits_is_read():
    line = Line()
    line.strike("slow_reading", lasts="50ms")
    line.take(*(an_enquiry() for _ in range(5)))
    line.run(0.06)
    assert len(line.pdus) == 5
    line.run(0.1)
    assert line.flow() is None


def test_a_session_that_rests_when_its_reading_is_paused_goes_on_afterwards():
    line = Line()
    line.session.rests = line.session.connection.is_paused = True
    line.strike("pause_reading", lasts="5s")
    line.take_bytes(b"")
    assert not line.session.rests
    line.take(an_enquiry())
    line.run(5.0)
    assert line.names == ["enquire_link_resp"]


def test_a_hung_session_neither_reads_nor_writes_nor_loses_patience():
    line = Line(Smsc(NOW, START), system_id="")
    line.strike("hang")
    line.take(BindTransceiver(system_id="gateway"))
    line.run(100_000.0)
    assert line.octets == b""
    assert line.session.is_open
    assert not line.ends()
    assert line.faults == ["hang"]


def test_what_came_while_it_hung_is_read_afterwards_and_what_waited_is_written():
    line = Line(system_id="")
    line.strike("hang", lasts="15m")
    line.take(BindTransceiver(system_id="gateway"))
    line.session.connection.send_bytes(ENQUIRY)
    line.carry()
    assert line.octets == b""
    line.run(901.0)
    assert line.names == ["enquire_link", "bind_transceiver_resp"]
    line.take(an_enquiry())
    assert line.flow() is None
    # a bind that was answered brings its account's timers
    assert line.session.connection.timers == line.session.terms.timers


def test_whatever_lasts_is_over_when_one_relents():
    line = Line()
    line.strike("black_hole")
    line.strike("pause_reading")
    relent(line.session, NOW)
    line.take(an_enquiry())
    assert line.names == ["enquire_link_resp"]
    relent(line.session, NOW)
    assert line.flow() is None


# ------------------------------------------------------------------ unbind and TLS


def test_an_unbind_asks_the_esme_to_leave():
    line = Line()
    line.strike("unbind")
    assert line.names == ["unbind"]


@pytest.mark.parametrize("word", ["tls_plain", "tls_alert", "tls_stall"])
def test_a_spoilt_handshake_is_for_the_link_to_show(word: str):
    line = Line(Smsc(NOW, START), system_id="")
    line.strike(word)
    assert line.session.flow is not None
    assert line.session.flow.handshake == word
    line.run(60.0)
    assert line.ends() is (word != "tls_stall")


def test_a_handshake_that_is_over_cannot_be_spoilt():
    line = Line()
    line.session.tls = Secured("TLSv1.3", "cipher", None)
    line.strike("tls_alert")
    assert line.flow() is None


@pytest.mark.parametrize("is_secure", [True, False])
def test_tls_that_ends_curtly_ends_at_once_or_whenever_the_link_does(is_secure: bool):
    line = Line()
    line.session.tls = Secured("TLSv1.3", "cipher", None) if is_secure else None
    line.strike("tls_no_close_notify")
    assert line.session.flow is not None
    assert line.session.flow.is_curt
    assert line.ends() is is_secure


# ------------------------------------------------------------------ when


def test_a_fault_waits_as_long_as_it_says_and_finds_nobody_where_the_session_has_ended():
    line, gone = Line(), Line()
    line.strike("fin", after="2s")
    line.run(1.9)
    assert not line.ends()
    line.run(0.2)
    assert line.ends()
    gone.strike("fin", after="2s")
    gone.session.close(NOW)
    gone.run(3.0)
    assert gone.faults == []


def test_the_draw_decides_how_long():
    line = Line()
    strike(line.smsc, line.session, a_fault("fin", after="1s..3s"), NOW, draw=0.75)
    assert line.smsc.next_deadline() == NOW + 2.5


def test_octets_that_are_on_their_way_are_waited_for():
    line = Line()
    line.session.connection.send_bytes(b"answer")
    assert line.session.data_to_send() == b"answer"
    strike(line.smsc, line.session, a_fault("half_close"), NOW)
    flow = flow_of(line.session)
    assert not flow.is_half_closed
    line.session.written(NOW)
    assert flow.is_half_closed


def test_what_vanishes_while_other_octets_are_on_their_way_is_written_with_them():
    line = Line()
    line.session.connection.send_bytes(b"answer")
    line.session.data_to_send()
    strike(line.smsc, line.session, a_fault("black_hole", direction="out", octets=0), NOW)
    line.session.written(NOW)
    line.session.connection.send_bytes(b"vanishes")
    assert line.session.bytes_waiting == 8
    assert line.session.data_to_send() == b""
    assert line.session.bytes_waiting == 0
    line.run(0.0)
    assert line.session.writes == line.session.handed_out


def test_a_session_that_ends_with_faults_pending_is_left_alone():
    line = Line()
    line.strike("black_hole", lasts="5s")
    line.strike("slow_reading", lasts="5s")
    line.take_bytes(ENQUIRY)
    line.session.connection.send_bytes(b"vanishes")
    line.session.data_to_send()
    line.session.close(NOW)
    line.run(10.0)
    assert line.octets == b""


def test_nothing_is_read_any_more_from_who_is_being_shown_out():
    line = Line()
    line.strike("pause_reading")
    line.take(a_message())
    line.session.hang_up = True
    relent(line.session, NOW)
    assert submitted(line) == 0


def test_a_session_that_ends_between_two_octets_reads_no_more():
    line = Line()
    line.strike("slow_reading")
    line.take_bytes(ENQUIRY)
    line.session.close(NOW)
    line.run(10.0)
    assert line.octets == b""


# ------------------------------------------------------------------ the journal


def test_each_fault_is_journalled_with_its_session_and_in_words():
    line = Line()
    line.strike("black_hole", direction="in", octets=0, lasts="15m")
    (row,) = (row for row in line.smsc.journal.rows() if row.kind == FAULT)
    assert (row.session, row.subject.account) == (line.session.number, "gateway")
    assert row.detail == "black_hole of in after 0 octets for 15m"


@pytest.mark.parametrize("word", FAULTS)
def test_every_fault_of_the_file_happens(word: str):
    line = Line()
    line.strike(word)
    assert line.faults == [in_words(a_fault(word))]


def test_an_answer_in_a_hole_settles_nothing():
    world = World()
    gateway = world.bound()
    gateway.submit()
    strike(world.smsc, gateway.session, a_fault("black_hole", direction="in"), world.now)
    world.run(20.0)
    assert world.kinds("receipt_sent") == 1
    assert [type(pdu) for pdu in gateway.received if isinstance(pdu, DeliverSmResp)] == []
    assert world.kinds("receipt_acknowledged") == 0

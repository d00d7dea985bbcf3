"""rebinds_with_pause, unbind_obeyed, enquire_link_answered, link_kept, pdus_wellformed and responses_expected."""

import pytest

from simulator.carrier.accounts import Account
from simulator.checks import links
from simulator.checks.deliveries import Deliveries
from simulator.checks.links import Links
from simulator.smpp.connection import Timers
from simulator.smpp.pdus import DeliverSmResp, EnquireLink, Unbind
from simulator.smsc.terms import Terms
from tests.checks.watching import Watched
from tests.smsc.world import Gateway, a_submission, say_nothing

BRISK = Terms(timers=Timers(session_init=1e9, enquire_link=5.0, inactivity=1e9, response=5.0))


def lost(world: Watched, gateway: Gateway, reason: str = "closed by the peer") -> None:
    gateway.session.close(world.now, reason)
    world.gateways.remove(gateway)


# ------------------------------------------------------------------ binds


def test_a_pool_that_binds_once_is_no_storm() -> None:
    world = Watched()
    for _ in range(20):
        world.bound()
    assert (world.outcome("rebinds_with_pause"), world.finding("rebinds_with_pause").seen) == ("coped", 20)


def test_a_pool_that_comes_back_is_no_storm() -> None:
    world = Watched()
    pool = [world.bound() for _ in range(10)]
    for gateway in pool:
        lost(world, gateway, "connection lost")
    for _ in range(10):
        world.bound()
    assert world.outcome("rebinds_with_pause") == "coped"


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_link_that_comes_again_and_again_is_a_storm(is_refused: bool) -> None:
    world = Watched(accounts=[Account("gateway", "right")])
    for _ in range(6):
        gateway = world.gateway()
        gateway.bind(password="wrong" if is_refused else "right")
        lost(world, gateway)
        world.run(0.1)
    finding = world.finding("rebinds_with_pause")
    assert (finding.outcome, finding.failures) == ("failed", 1)
    assert finding.reason == "'gateway' has come to bind 6 times within 5 s"


def test_with_pauses_it_is_none() -> None:
    world = Watched()
    for _ in range(12):
        lost(world, world.bound())
        world.run(1.5)
    assert world.outcome("rebinds_with_pause") == "coped"


def test_many_names_are_counted_and_too_many_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "NAMES_MAX", 1)
    world = Watched()
    lost(world, world.bound("a"))
    gateway = world.bound("b")
    world.bound("c")
    lost(world, gateway)
    assert world.finding("rebinds_with_pause").is_truncated


# ------------------------------------------------------------------ unbind


def asked_to_leave(world: Watched) -> Gateway:
    gateway = world.bound()
    gateway.is_mute = True
    gateway.session.unbind(world.now)
    world.settle()
    assert gateway.of(Unbind)
    return gateway


def test_an_unbind_of_ours_that_is_answered_is_obeyed() -> None:
    world = Watched()
    gateway = world.bound()
    assert world.outcome("unbind_obeyed") == "unknown"
    gateway.session.unbind(world.now)
    world.settle()
    assert (world.outcome("unbind_obeyed"), world.outcome("link_kept")) == ("coped", "coped")


def test_an_unbind_of_ours_that_nobody_answers_fails() -> None:
    world = Watched()
    asked_to_leave(world)
    world.run(3.0)
    assert world.finding("unbind_obeyed").reason == "our unbind was never answered"
    assert world.outcome("link_kept") == "unknown"


@pytest.mark.parametrize("reason", ["closed by the peer", "connection lost: reset", "closed by us"])
def test_a_link_that_ends_at_once_after_our_unbind_tells_nothing(reason: str) -> None:
    world = Watched()
    gateway = asked_to_leave(world)
    world.run(0.5)
    lost(world, gateway, reason)
    assert (world.outcome("unbind_obeyed"), world.outcome("link_kept")) == ("unknown", "unknown")


def test_a_link_that_stands_for_a_while_after_our_unbind_and_ends_without_an_answer_fails() -> None:
    world = Watched()
    gateway = asked_to_leave(world)
    world.run(1.1)
    lost(world, gateway)
    assert world.outcome("unbind_obeyed") == "failed"


def test_submissions_on_their_way_are_none_and_later_ones_fail() -> None:
    world = Watched()
    gateway = asked_to_leave(world)
    gateway.submit()
    assert world.outcome("unbind_obeyed") == "unknown"
    world.run(1.5)
    gateway.submit()
    assert world.finding("unbind_obeyed").reason == "a submission 1.5 s after our unbind"


def test_a_request_behind_its_own_unbind_fails() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.send_together(Unbind(), a_submission())
    (exhibit,) = world.finding("unbind_obeyed").evidence
    assert exhibit.told == "submit_sm after the unbind was answered"
    assert exhibit.pdu[4:8] == b"\x00\x00\x00\x04"


# ------------------------------------------------------------------ enquire_link


def test_an_enquire_link_that_is_answered() -> None:
    world = Watched(terms=BRISK)
    gateway = world.bound()
    world.run(6.0)
    assert gateway.of(EnquireLink)
    assert (world.outcome("enquire_link_answered"), world.finding("enquire_link_answered").seen) == ("coped", 1)


def test_each_enquire_link_that_is_answered_counts() -> None:
    world = Watched(terms=BRISK)
    world.bound()
    world.run(21.0)
    seen = world.finding("enquire_link_answered").seen
    assert seen >= 3


def test_an_enquire_link_without_an_answer_fails() -> None:
    world = Watched(terms=BRISK)
    gateway = world.bound()
    gateway.is_mute = True
    world.run(6.0)
    assert world.outcome("enquire_link_answered") == "unknown"
    world.run(6.0)
    finding = world.finding("enquire_link_answered")
    assert (finding.outcome, finding.failures) == ("failed", 1)
    assert finding.evidence[0].told.startswith("no answer to enquire_link, ")


def test_an_enquire_link_whose_link_ended_tells_nothing() -> None:
    world = Watched(terms=BRISK)
    gateway = world.bound()
    gateway.is_mute = True
    world.run(6.0)
    lost(world, gateway)
    assert world.outcome("enquire_link_answered") == "unknown"


def test_other_timers_tell_nothing_of_it() -> None:
    world = Watched(terms=Terms(timers=Timers(session_init=1.0)))
    world.gateway()
    world.run(2.0)
    assert world.kinds("timeout") == 1
    assert world.outcome("enquire_link_answered") == "unknown"


# ------------------------------------------------------------------ ends


def test_a_link_that_ends_by_an_unbind_is_kept() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.send(Unbind())
    lost(world, gateway)
    assert world.outcome("link_kept") == "coped"


@pytest.mark.parametrize("reason", ["closed by the peer", "connection lost: reset"])
def test_a_link_that_the_esme_cuts_is_not(reason: str) -> None:
    world = Watched()
    lost(world, world.bound(), reason)
    finding = world.finding("link_kept")
    assert (finding.outcome, finding.level) == ("failed", "warning")
    assert finding.reason == f"'gateway' (TRX) ended its link without an unbind: {reason}"


def test_a_link_that_we_cut_or_that_was_never_bound_tells_nothing() -> None:
    world = Watched()
    lost(world, world.bound(), "closed by us")
    lost(world, world.gateway())
    assert world.outcome("link_kept") == "unknown"


# ------------------------------------------------------------------ PDUs


def test_pdus_that_can_be_read_and_one_that_cannot() -> None:
    world = Watched()
    assert world.outcome("pdus_wellformed") == "unknown"
    gateway = world.bound()
    gateway.submit()
    assert world.outcome("pdus_wellformed") == "coped"
    gateway.send_bytes(bytes.fromhex("00000011000000040000000000000009ff"))
    finding = world.finding("pdus_wellformed")
    assert (finding.outcome, finding.failures) == ("failed", 1)
    assert finding.evidence[0].pdu.hex() == "00000011000000040000000000000009ff"


def test_an_answer_that_was_asked_for_and_one_that_was_not() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    assert world.outcome("responses_expected") == "coped"
    gateway.connection.send_anyway(DeliverSmResp(4711), world.now)
    world.settle()
    assert world.finding("responses_expected").reason == "deliver_sm_resp, sequence_number 4711: nobody has asked"


def test_an_answer_that_comes_too_late_was_asked_for() -> None:
    world = Watched(terms=Terms(timers=Timers(enquire_link=1e9, response=5.0)))
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(6.5)
    receipt = gateway.deliveries[0]
    gateway.connection.send_anyway(DeliverSmResp(receipt.sequence_number), world.now)
    world.settle()
    assert world.kinds("unexpected") == 1
    assert world.outcome("responses_expected") == "unknown"


def test_requests_that_nobody_answered_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "EXPIRED_MAX", 1)
    world = Watched(terms=Terms(timers=Timers(enquire_link=1e9, response=5.0)))
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.send_together(a_submission(short_message=b"1"), a_submission(short_message=b"2"))
    world.run(6.5)
    assert len(world.family(Links)._expired) == 1


def test_a_reset_leaves_the_links_as_they_are() -> None:
    world = Watched()
    gateway = world.bound()
    world.smsc.reset(world.now)
    lost(world, gateway)
    assert world.outcome("link_kept") == "failed"


# ------------------------------------------------------------------ what a scenario has done itself


def test_a_link_that_a_fault_has_struck_is_judged_no_more() -> None:
    world = Watched("rules: [{when: {text: hole}, then: black_hole}]", terms=BRISK)
    gateway = world.bound()
    gateway.submit(short_message=b"hole")
    gateway.session.unbind(world.now)
    world.run(30.0)
    assert world.kinds("fault") == 1
    names = ("unbind_obeyed", "enquire_link_answered", "link_kept", "deliveries_answered")
    assert {name: world.outcome(name) for name in names} == dict.fromkeys(names, "unknown")
    world.bound()
    world.run(6.0)
    assert world.outcome("enquire_link_answered") == "coped"


def test_a_link_that_a_fault_has_cut_was_not_cut_by_its_esme() -> None:
    world = Watched("rules: [{then: rst}]")
    gateway = world.bound()
    gateway.submit()
    if gateway.session.is_open:
        lost(world, gateway, "connection lost: reset")
    assert world.outcome("link_kept") == "unknown"


def test_what_a_scenario_has_formed_may_be_answered_in_any_way() -> None:
    world = Watched("rules: [{then: {receipts: {sequence: 0}}}]")
    gateway = world.bound()
    gateway.submit()
    gateway.connection.send_anyway(DeliverSmResp(4711), world.now)
    world.settle()
    assert world.kinds("unexpected") == 1
    assert world.outcome("responses_expected") == "unknown"


def test_what_a_scenario_has_sent_may_be_answered_in_any_way() -> None:
    world = Watched("rules: [{when: {text: q}, then: {send: {command: query_sm}}}]")
    gateway = world.bound()
    gateway.submit(short_message=b"q")
    gateway.connection.send_anyway(DeliverSmResp(4711), world.now)
    world.settle()
    assert (world.kinds("pdu_sent"), world.kinds("unexpected") > 0) == (1, True)
    assert world.finding("responses_expected").failures == 0


def remembered(world: Watched) -> tuple[set[int], ...]:
    """Which sessions are judged no more."""
    return world.family(Links)._faulty, world.family(Links)._shaped, world.family(Deliveries)._faulty


def test_faults_and_pdus_of_sessions_that_are_gone_are_forgotten() -> None:
    world = Watched()
    journal = world.smsc.journal
    for kind in ("fault", "pdu_sent"):
        journal.record(world.now, kind, 99, None, "rst")
    assert remembered(world) == (set(), set(), set())
    gateway = world.bound()
    for kind in ("fault", "pdu_sent"):
        journal.record(world.now, kind, gateway.session.number, None, "rst")
    assert remembered(world) == ({gateway.session.number},) * 3
    gateway.close()
    assert remembered(world) == (set(), set(), set())

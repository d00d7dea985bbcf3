"""backs_off, shown to hold and to fail."""

import pytest

from simulator.carrier.accounts import Account
from simulator.checks.pace import Pace
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.tlvs import Tlv
from simulator.smsc.terms import Terms
from tests.checks.watching import Refusing, Watched
from tests.smsc.world import a_submission

THROTTLED = CommandStatus.ESME_RTHROTTLED


def test_who_was_never_told_to_slow_down_tells_nothing() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert world.outcome("backs_off") == "unknown"


@pytest.mark.parametrize("status", [THROTTLED, CommandStatus.ESME_RMSGQFUL])
def test_a_message_that_comes_again_at_once_fails(status: int) -> None:
    world = Watched(carrier=Refusing(status))
    gateway = world.bound()
    gateway.submit()
    world.run(0.05)
    gateway.submit()
    finding = world.finding("backs_off")
    assert finding.outcome == "failed"
    assert finding.reason == f"the message that was refused came again 50 ms after {CommandStatus(status).name}"
    assert finding.evidence[0].pdu


def test_another_status_asks_nobody_to_wait() -> None:
    world = Watched(carrier=Refusing(CommandStatus.ESME_RSUBMITFAIL))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert world.outcome("backs_off") == "unknown"


def test_a_pause_is_enough() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    gateway.submit()
    world.run(0.2)
    gateway.submit()
    gateway.submit()
    assert (world.outcome("backs_off"), world.finding("backs_off").seen) == ("coped", 1)


def test_who_sends_nothing_more_has_paused() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    world.bound().submit()
    assert world.outcome("backs_off") == "unknown"
    world.run(1.0)
    assert world.outcome("backs_off") == "coped"


def test_what_was_on_its_way_is_no_failure() -> None:
    world = Watched(carrier=Refusing(THROTTLED, times=4))
    gateway = world.bound()
    gateway.send_together(*(a_submission(short_message=b"%d" % n) for n in range(4)))
    world.run(0.01)
    gateway.send_together(*(a_submission(short_message=b"%d more" % n) for n in range(5)))
    world.run(1.0)
    gateway.submit()
    assert world.outcome("backs_off") == "coped"


def test_more_than_can_have_been_on_its_way_fails() -> None:
    world = Watched(accounts=[Account("gateway", throughput=1.0)])
    gateway = world.bound()
    for n in range(20):
        gateway.submit(short_message=b"%d" % n)
        world.run(0.01)
    finding = world.finding("backs_off")
    assert (finding.outcome, finding.failures) == ("failed", 1)
    assert finding.reason == "10 more submissions came, the last of them 10 ms after ESME_RTHROTTLED"


def test_the_window_says_how_much_can_have_been_on_its_way() -> None:
    world = Watched(carrier=Refusing(THROTTLED), terms=Terms(window=2))
    gateway = world.bound()
    for n in range(2):
        gateway.submit(short_message=b"%d" % n)
    assert world.outcome("backs_off") == "unknown"
    gateway.submit(short_message=b"third")
    assert world.outcome("backs_off") == "failed"


def test_an_episode_that_was_judged_is_not_coped_with_later() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    for _ in range(3):
        gateway.submit()
    world.run(1.0)
    finding = world.finding("backs_off")
    assert (finding.failures, finding.seen) == (1, 1)
    gateway.submit()
    assert world.finding("backs_off").seen == 1


def test_the_pause_is_known_by_the_next_submission_also_after_a_failure() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    world.run(1.0)
    gateway.submit()
    assert (world.finding("backs_off").failures, world.finding("backs_off").seen) == (1, 1)


def test_only_so_many_refused_messages_are_recognised() -> None:
    world = Watched(carrier=Refusing(THROTTLED, times=1500))
    gateway = world.bound()
    gateway.send_together(*(a_submission(short_message=b"%d" % n) for n in range(1500)))
    (episode,) = world.family(Pace)._episodes.values()
    assert len(episode.refused) == 1000


def test_the_links_of_one_account_are_judged_together() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    first, second = world.bound(), world.bound()
    first.submit()
    second.submit()
    # each link may have carried one when the answer left
    assert world.outcome("backs_off") == "unknown"
    second.submit()
    assert world.outcome("backs_off") == "failed"
    world = Watched(carrier=Refusing(THROTTLED))
    first, second = world.bound(), world.bound("another")
    first.submit()
    second.submit()
    assert world.outcome("backs_off") == "unknown"


def test_an_answer_whose_link_is_gone_counts_from_its_time() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    first = world.bound()
    first.submit()
    first.close()
    world.run(0.5)
    world.bound().submit()
    assert world.outcome("backs_off") == "coped"


def test_what_the_wire_shows_counts_and_not_what_was_decided() -> None:
    answer = "{accept: true, answer: {status: ESME_RTHROTTLED}}"
    world = Watched(f"rules: [{{when: {{count: 1st}}, then: {answer}}}]")
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert world.outcome("backs_off") == "failed"


def test_equal_texts_that_were_on_their_way_together_prove_nothing() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    gateway.submit()
    world.run(0.001)
    # two of one batch: this gateway does not wait for an answer before it sends
    gateway.send_together(a_submission(), a_submission())
    world.run(1.0)
    finding = world.finding("backs_off")
    assert (finding.outcome, finding.failures) == ("unknown", 0)


def test_who_was_seen_to_send_ahead_is_given_a_whole_window() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    gateway.send_together(a_submission(short_message=b"a"), a_submission(short_message=b"b"))
    for _ in range(9):
        gateway.submit(short_message=b"a")
        world.run(0.005)
    assert world.outcome("backs_off") == "unknown"
    gateway.submit(short_message=b"a")
    assert world.finding("backs_off").reason.startswith("10 more submissions came, the last of them")


def test_the_same_reference_proves_it_also_where_much_is_on_its_way() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    tlvs = (Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"\0\7"),)
    gateway.send_together(a_submission(tlvs=tlvs), a_submission(short_message=b"another"))
    gateway.submit()
    assert world.outcome("backs_off") == "unknown"
    gateway.submit(tlvs=tlvs)
    assert world.finding("backs_off").reason.startswith("the message that was refused came again")


def test_a_suspicion_is_confirmed_by_the_pause() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert (world.finding("backs_off").failures, world.outcome("backs_off")) == (1, "failed")
    world.run(1.0)
    # the one that came later does not acquit it
    gateway.send_together(a_submission(), a_submission())
    finding = world.finding("backs_off")
    assert (finding.outcome, finding.failures, finding.seen) == ("failed", 1, 1)
    assert finding.evidence[0].session == 1


def test_what_was_learned_of_a_link_goes_with_it() -> None:
    world = Watched(carrier=Refusing(THROTTLED))
    gateway = world.bound()
    gateway.send_together(a_submission(short_message=b"a"), a_submission(short_message=b"b"))
    gateway.close()
    pace = world.family(Pace)
    assert (pace._pipelined, pace._latest) == (set(), {})

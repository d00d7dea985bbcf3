"""Days of carrier time in no time: every deed at its own instant, and the links where they were."""

from typing import Any

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Between, Fixed
from simulator.journal import CONCLUDED, RECEIPT_ACKNOWLEDGED, RECEIPT_FAILED, RECEIPT_SENT
from simulator.smpp.connection import Timers
from simulator.smpp.pdus import DeliverSm, Pdu, response_to
from simulator.smsc.advancing import LATEST, NEAR, PATIENCE, Advance, AlreadyAdvancing
from simulator.smsc.terms import Retry, Terms
from tests.smsc.world import START, Gateway, World, a_submission, say_nothing

HOUR = 3600.0
DAY = 24 * HOUR


def walked(world: World, seconds: float, most: float = 1000.0) -> Advance:
    """A walk to its end, which must come within so much link time."""
    advance = Advance(world.smsc, seconds, world.now)
    end = world.now + most
    while not advance.is_done:
        assert world.now <= end, "the walk does not end"
        world.run(min(PATIENCE / 10, max(0.0, world.smsc.next_deadline() - world.now)))
    return advance


def late_world(*hours: int, **settings: Any) -> tuple[World, Gateway]:
    """A bound gateway whose messages are scheduled for so many hours later, and delivered at once then."""
    world = World(carrier=Carrier(delay=Fixed(0.0)), seed=1, **settings)
    gateway = world.bound()
    for hour in hours:
        gateway.submit(schedule_delivery_time=f"0000{hour // 24:02}{hour % 24:02}0000000R")
    gateway.received.clear()
    return world, gateway


def hours_of(world: World, kind: str) -> list[float]:
    """When the events of a kind were recorded, in hours of carrier time."""
    return [(row.at - START) / HOUR for row in world.smsc.journal.rows() if row.kind == kind]


# ------------------------------------------------------------------ instants


def test_each_receipt_leaves_at_its_own_instant_and_tells_it() -> None:
    world, gateway = late_world(71, 1, 30)
    before = world.now
    advance = walked(world, 3 * DAY)
    assert hours_of(world, CONCLUDED) == hours_of(world, RECEIPT_SENT) == [1.0, 30.0, 71.0]
    assert hours_of(world, RECEIPT_ACKNOWLEDGED) == [1.0, 30.0, 71.0]
    assert [text.partition("done date:")[2][:10] for text in gateway.texts] == [
        "2701150900",
        "2701161400",
        "2701180700",
    ]
    assert (advance.instants, advance.receipts_sent, advance.mo_sent, advance.unanswered) == (3, 3, 0, 0)
    assert world.smsc.clock.at(world.now) == advance.until == advance.reached == START + 3 * DAY
    assert world.now == before


def test_what_lies_behind_the_end_stays_planned() -> None:
    world, gateway = late_world(2, 3)
    assert walked(world, 2 * HOUR).instants == 1
    assert len(gateway.stats) == 1
    assert world.smsc.agenda.planned == 1
    world.run(HOUR)
    assert len(gateway.stats) == 2


def test_the_links_see_no_time_pass() -> None:
    world, gateway = late_world(71)
    walked(world, 30 * DAY)
    assert gateway.stands()
    assert world.kinds("timeout") == 0
    world.run(29.0)
    assert world.kinds("timeout") == 0


def test_a_message_that_a_receipt_brings_about_is_sent_at_that_instant_and_has_its_own_receipt() -> None:
    world, gateway = late_world(5)
    answered = False

    def react(pdu: Pdu) -> int:
        nonlocal answered
        if not answered:
            answered = True
            gateway.connection.send_anyway(a_submission(schedule_delivery_time="000000040000000R"), world.now)
        return 0

    gateway.decide = react
    assert walked(world, DAY).receipts_sent == 2
    assert hours_of(world, RECEIPT_SENT) == [5.0, 9.0]


def test_a_walk_tells_the_same_story_as_waiting() -> None:
    def story(*, walks: bool) -> list[tuple[str, str, str]]:
        world = World(carrier=Carrier(seed=3, delay=Between(60.0, 2 * HOUR)), seed=3)
        gateway = world.bound()
        for number in range(40):
            gateway.submit(destination_addr=f"120255501{number:02}")
        if walks:
            walked(world, 3 * HOUR)
        else:
            world.run(3 * HOUR)
        return sorted(
            (f"{row.at:.3f}", row.kind, row.subject.message_id)
            for row in world.smsc.journal.rows()
            if row.kind in {CONCLUDED, RECEIPT_SENT}
        )

    assert story(walks=True) == story(walks=False)


def test_a_walk_through_nothing_only_moves_the_clock() -> None:
    world = World()
    assert walked(world, 3 * DAY).instants == 0
    assert world.smsc.clock.at(world.now) == START + 3 * DAY
    assert walked(world, 0.0).is_done
    assert world.smsc.clock.at(world.now + 1) == START + 3 * DAY + 1


# ------------------------------------------------------------------ waiting


def test_a_window_of_two_is_never_asked_to_hold_three_days_and_nothing_is_lost() -> None:
    world = World(carrier=Carrier(seed=1, delay=Between(HOUR, 70 * HOUR)), terms=Terms(deliver_window=2), seed=1)
    gateway = world.bound()
    ids = {gateway.submit(destination_addr=f"1202555{number:04}").message_id for number in range(2000)}
    gateway.received.clear()
    waiting: list[int] = []

    def count(pdu: Pdu) -> int:
        waiting.append(world.smsc.waiting())
        return 0

    gateway.decide = count
    advance = walked(world, 3 * DAY)
    assert (advance.instants, advance.receipts_sent) == (2000, 2000)
    assert len(gateway.stats) == 2000
    assert {message_id for message_id, _ in gateway.stats} == ids
    assert max(waiting) <= 1


@pytest.mark.parametrize(("apart", "together"), [(NEAR / 4, 5), (NEAR * 2, 1)])
def test_near_instants_share_a_wait_and_others_do_not(apart: float, together: int) -> None:
    world = World(carrier=Carrier(delay=Fixed(HOUR)))
    gateway = world.bound()
    for _ in range(8):
        gateway.submit()
        world.run(apart)
    gateway.received.clear()
    advance = Advance(world.smsc, DAY, world.now)
    while world.smsc.tick(world.now):
        pass
    assert (advance.unanswered, advance.instants) == (together, together)
    assert len(world.smsc.agenda) > 0
    world.settle()
    world.run(0.0)
    assert (advance.unanswered, advance.instants, advance.is_done) == (0, 8, True)


def test_where_a_window_is_full_near_instants_wait_all_the_same() -> None:
    world = World(carrier=Carrier(delay=Fixed(HOUR)), terms=Terms(deliver_window=3))
    gateway = world.bound()
    for _ in range(8):
        gateway.submit()
        world.run(1.0)
    advance = Advance(world.smsc, DAY, world.now)
    while world.smsc.tick(world.now):
        pass
    assert (advance.unanswered, world.smsc.waiting()) == (3, 0)


def test_who_is_silent_is_waited_for_once_and_the_rest_is_told() -> None:
    world, gateway = late_world(1, 2, 3, 50)
    gateway.decide = say_nothing
    before = world.now
    advance = walked(world, 3 * DAY)
    assert world.now - before == pytest.approx(PATIENCE)
    assert (advance.instants, advance.receipts_sent, advance.unanswered) == (4, 4, 4)
    assert hours_of(world, RECEIPT_SENT) == [1.0, 2.0, 3.0, 50.0]


def test_who_answers_slowly_is_waited_for_as_long_as_he_answers() -> None:
    world, gateway = late_world(1, 1, 1, 2)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    for _ in range(3):
        world.run(PATIENCE * 0.9)
        assert advance.instants == 1
        answer(gateway)
    assert advance.unanswered == 0
    world.run(PATIENCE * 0.9)
    assert (advance.instants, advance.is_done, advance.unanswered) == (2, False, 1)


def answer(gateway: Gateway) -> None:
    """Answer the oldest delivery that has no answer."""
    pdu = next(pdu for pdu in gateway.received if isinstance(pdu, DeliverSm))
    gateway.received.remove(pdu)
    gateway.connection.send(response_to(pdu, 0), gateway.world.now)
    gateway.world.settle()


def test_who_was_given_up_and_answers_is_waited_for_again() -> None:
    world, gateway = late_world(1, 2, 30)
    other = world.bound("other")
    for hours in ("0002", "0106"):
        other.submit(schedule_delivery_time=f"0000{hours}0000000R")
    seen = 0

    def answer_the_second(pdu: Pdu) -> int | None:
        nonlocal seen
        seen += 1
        return 0 if seen == 2 else None

    gateway.decide = answer_the_second
    before = world.now
    advance = walked(world, 3 * DAY)
    # for the first receipt, and once more when there was a sign of life; not for the third
    assert world.now - before == pytest.approx(2 * PATIENCE)
    assert (advance.receipts_sent, advance.unanswered) == (5, 2)


def test_what_was_delivered_before_is_answered_before_the_first_instant() -> None:
    world, gateway = late_world(1)
    gateway.decide = say_nothing
    world.run(HOUR)
    gateway.submit(schedule_delivery_time="000000050000000R")
    advance = Advance(world.smsc, DAY, world.now)
    world.run(1.0)
    assert (advance.instants, advance.unanswered) == (0, 1)
    answer(gateway)
    world.run(1.0)
    assert (advance.instants, advance.unanswered) == (1, 1)


def test_a_link_that_ends_is_waited_for_no_more_and_its_receipts_stay() -> None:
    world, gateway = late_world(1, 2)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    world.run(1.0)
    assert advance.instants == 1
    gateway.close()
    world.run(0.0)
    assert (advance.is_done, advance.instants, advance.unanswered) == (True, 2, 0)
    assert world.smsc.waiting() == 2
    assert len(world.bound().stats) == 0
    assert world.smsc.waiting() == 0


def test_a_delivery_that_is_repeated_later_holds_nothing_up() -> None:
    world, gateway = late_world(1, 20, terms=Terms(retry=Retry(first=60.0)))
    gateway.decide = lambda _: 0x58
    before = world.now
    advance = walked(world, DAY)
    assert (advance.receipts_sent, advance.unanswered, world.now) == (2, 0, before)
    gateway.decide = lambda _: 0
    world.run(60.0)
    assert world.kinds(RECEIPT_ACKNOWLEDGED) == 2
    assert world.kinds(RECEIPT_FAILED) == 0


def test_a_delivery_whose_response_timer_runs_out_holds_nothing_up() -> None:
    world, gateway = late_world(1, 20, terms=Terms(timers=Timers(response=PATIENCE / 2)))
    gateway.decide = say_nothing
    before = world.now
    advance = walked(world, 21 * HOUR)
    assert world.now - before == pytest.approx(PATIENCE)
    assert (advance.instants, advance.unanswered, world.smsc.waiting()) == (2, 0, 2)


def test_a_subscriber_s_message_is_waited_for_too() -> None:
    world, gateway = late_world(20)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    world.smsc.mo("5555", "12025550100", "hi", world.now, account="gateway")
    world.run(1.0)
    assert (advance.mo_sent, advance.instants) == (1, 0)
    answer(gateway)
    world.run(1.0)
    assert advance.instants == 1


# ------------------------------------------------------------------ the clock


def test_after_the_walk_the_clock_runs_as_before() -> None:
    world = World(speed=60.0)
    walked(world, DAY)
    assert world.smsc.clock.at(world.now + 1) == START + DAY + 60
    assert world.smsc.clock.rate == 60.0


def test_a_paused_clock_can_be_advanced_and_is_paused_again() -> None:
    world, gateway = late_world(1)
    world.smsc.clock.pause(world.now)
    world.run(2 * HOUR)
    assert gateway.stats == []
    walked(world, HOUR)
    assert len(gateway.stats) == 1
    assert world.smsc.clock.at(world.now + 100) == START + HOUR
    world.smsc.clock.resume(world.now)
    assert world.smsc.clock.at(world.now + 100) == START + HOUR + 100


def test_what_the_rate_is_made_on_the_way_holds_afterwards() -> None:
    world, gateway = late_world(1)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    world.run(1.0)
    world.smsc.clock.set_rate(world.now, 10.0)
    assert world.smsc.clock.at(world.now + 3) == START + HOUR
    world.run(PATIENCE)
    assert advance.is_done
    assert world.smsc.clock.at(world.now + 1) == pytest.approx(START + DAY + 20)


# ------------------------------------------------------------------ ends


def test_two_walks_at_once_are_one_too_many() -> None:
    world, gateway = late_world(1)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    with pytest.raises(AlreadyAdvancing) as refused:
        Advance(world.smsc, HOUR, world.now)
    assert refused.value.advance is advance
    world.run(PATIENCE + 1)
    assert advance.is_done
    assert walked(world, HOUR).until == START + DAY + HOUR + 1


def test_a_reset_ends_it() -> None:
    world, gateway = late_world(1, 2)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    done: list[bool] = []
    advance.when_done(lambda: done.append(advance.is_stopped))
    world.run(1.0)
    world.smsc.reset(world.now)
    assert (advance.is_done, done) == (True, [True])
    assert world.smsc.clock.at(world.now + 5) == START + 5
    # what it left unanswered is nobody's, and not waited for
    assert walked(world, HOUR, most=0.0).unanswered == 0


def test_it_can_be_stopped_where_it_is() -> None:
    world, gateway = late_world(1, 2)
    gateway.decide = say_nothing
    advance = Advance(world.smsc, DAY, world.now)
    world.run(1.0)
    advance.stop(world.now)
    advance.stop(world.now)
    assert (advance.is_done, advance.is_stopped, advance.reached) == (True, True, START + HOUR)
    assert world.smsc.clock.at(world.now + 5) == START + HOUR + 5
    answer(gateway)
    assert advance.receipts_sent == 1


def test_who_asks_after_the_end_is_told_at_once() -> None:
    told: list[int] = []
    world = World()
    walked(world, 1.0).when_done(lambda: told.append(1))
    assert told == [1]


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf"), LATEST])
def test_no_walk_leads_back_or_out_of_the_calendar(seconds: float) -> None:
    world = World()
    with pytest.raises(ValueError, match="at least 0, and no further than the year 9999"):
        Advance(world.smsc, seconds, world.now)
    assert walked(world, LATEST - START).until == LATEST

"""What is due when, on either clock; time is a number here."""

from math import inf
from typing import Any

import pytest

from simulator.smsc.agenda import Agenda, CarrierClock

START = 1_800_000_000.0


def an_agenda(rate: float = 1.0) -> tuple[Agenda, list[tuple[float, Any]]]:
    return Agenda(CarrierClock(100.0, START, rate)), []


def test_deeds_are_done_in_order_of_time_and_equal_times_in_order_of_putting() -> None:
    agenda, done = an_agenda()
    for at, name in ((START + 2, "c"), (START + 1, "a"), (START + 1, "b")):
        agenda.put(at, lambda subject, now: done.append((now, subject)), name)
    assert agenda.next_deadline() == 101.0
    assert agenda.run(101.5) is False
    assert done == [(101.5, "a"), (101.5, "b")]
    assert agenda.next_deadline() == 102.0
    assert len(agenda) == 1


def test_a_faster_carrier_clock_brings_its_deeds_sooner_and_leaves_the_links_alone() -> None:
    agenda, done = an_agenda(rate=60.0)
    agenda.put(START + 120, lambda subject, now: done.append((now, subject)), "receipt")
    agenda.put_link(103.0, lambda subject, now: done.append((now, subject)), "timer")
    assert agenda.next_deadline() == 102.0
    agenda.run(102.5)
    agenda.run(103.0)
    assert done == [(102.5, "receipt"), (103.0, "timer")]
    assert agenda.next_deadline() == inf


def test_a_jump_makes_due_what_it_passes() -> None:
    agenda, done = an_agenda()
    agenda.put(START + 3600, lambda subject, now: done.append((now, subject)), "late")
    agenda.run(101.0)
    assert done == []
    agenda.clock.jump(101.0, 3600.0)
    agenda.run(101.0)
    assert done == [(101.0, "late")]
    assert agenda.clock.at(101.0) == START + 3601


def test_a_clock_that_stands_still_brings_nothing() -> None:
    agenda, done = an_agenda()
    agenda.put(START + 5, lambda subject, now: done.append((now, subject)), "never")
    agenda.clock.set_rate(102.0, 0.0)
    assert agenda.clock.at(500.0) == START + 2
    assert agenda.next_deadline() == inf
    assert agenda.clock.link_time(START) == 102.0
    agenda.clock.set_rate(600.0, 3.0)
    assert agenda.next_deadline() == 601.0


def test_the_clock_goes_back_to_its_start_only_at_a_reset() -> None:
    clock = CarrierClock(100.0, START, 2.0)
    clock.jump(110.0, 5000.0)
    clock.set_rate(110.0, 7.0)
    clock.reset(200.0)
    assert (clock.at(200.0), clock.at(201.0)) == (START, START + 2)
    with pytest.raises(ValueError, match="backwards"):
        clock.jump(200.0, -1.0)
    with pytest.raises(ValueError, match="rate: -1"):
        clock.set_rate(200.0, -1.0)


def test_a_run_stops_after_so_many_deeds_and_says_that_more_is_due() -> None:
    agenda, done = an_agenda()
    for number in range(5):
        agenda.put(START, lambda subject, now: done.append((now, subject)), number)
    assert agenda.run(100.0, most=3) is True
    assert agenda.run(100.0, most=3) is False
    assert [subject for _, subject in done] == [0, 1, 2, 3, 4]


def test_who_sleeps_is_woken_only_for_what_comes_before() -> None:
    agenda, _ = an_agenda()
    woken: list[float] = []
    agenda.wake = lambda: woken.append(agenda.awaited)
    agenda.put(START + 10, lambda *_: None, 1)
    assert woken == []
    agenda.awaited = 110.0
    agenda.put(START + 20, lambda *_: None, 2)
    agenda.put_link(111.0, lambda *_: None, 3)
    assert woken == []
    agenda.put(START + 5, lambda *_: None, 4)
    agenda.put_link(101.0, lambda *_: None, 5)
    assert woken == [105.0, 101.0]


def test_clearing_the_story_keeps_what_concerns_the_links() -> None:
    agenda, done = an_agenda()
    agenda.put(START, lambda subject, now: done.append((now, subject)), "story")
    agenda.put_link(100.0, lambda subject, now: done.append((now, subject)), "timer")
    agenda.clear_story()
    agenda.run(100.0)
    assert done == [(100.0, "timer")]


def test_a_paused_clock_stands_still_and_goes_on_at_the_rate_that_it_was_given_meanwhile() -> None:
    clock = CarrierClock(100.0, START, 2.0)
    clock.pause(101.0)
    assert (clock.at(101.0), clock.at(500.0), clock.rate, clock.is_paused) == (START + 2, START + 2, 2.0, True)
    clock.set_rate(200.0, 5.0)
    assert clock.at(300.0) == START + 2
    clock.resume(300.0)
    assert (clock.at(301.0), clock.is_paused) == (START + 7, False)


def test_a_held_clock_goes_where_it_is_led_and_nowhere_back() -> None:
    clock = CarrierClock(100.0, START, 2.0)
    clock.hold(101.0)
    clock.go_to(200.0, START + 50)
    assert (clock.at(200.0), clock.at(300.0), clock.link_time(START + 51)) == (START + 50, START + 50, inf)
    with pytest.raises(ValueError, match="backwards"):
        clock.go_to(300.0, START + 49)
    clock.pause(300.0)
    clock.let_go(300.0)
    assert clock.at(301.0) == START + 50
    clock.resume(301.0)
    assert clock.at(302.0) == START + 52


def test_a_reset_clock_runs_whatever_had_stopped_it() -> None:
    clock = CarrierClock(100.0, START, 2.0)
    clock.pause(110.0)
    clock.hold(110.0)
    clock.reset(200.0)
    assert (clock.at(201.0), clock.is_paused, clock.is_held) == (START + 2, False, False)


def test_the_first_of_what_is_planned_can_be_asked_for() -> None:
    agenda, _ = an_agenda()
    assert (agenda.first(), agenda.planned) == (None, 0)
    agenda.follow(START + 5, lambda *_: None, "line")
    first = agenda.first()
    assert first is not None
    assert first[3] == "line"
    agenda.put(START + 4, lambda *_: None, "heap")
    agenda.put_link(100.0, lambda *_: None, "timer")
    first = agenda.first()
    assert first is not None
    assert (first[0], first[3], agenda.planned, len(agenda)) == (START + 4, "heap", 2, 3)


def test_who_sleeps_looks_again_when_the_clock_was_made_faster() -> None:
    agenda, _ = an_agenda()
    agenda.put(START + 100, lambda *_: None, 1)
    woken: list[float] = []
    agenda.wake = lambda: woken.append(agenda.awaited)
    agenda.awaited = 200.0
    agenda.clock.set_rate(100.0, 10.0)
    agenda.look_again()
    assert woken == [110.0]

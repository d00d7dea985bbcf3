"""Meters: exact at every boundary, over midnights and changes of the clock, and bounded."""

from datetime import datetime
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier.limits import meters as meters_module
from simulator.carrier.limits.meters import Circles, Load, Pace, Period, Window

PACIFIC = ZoneInfo("America/Los_Angeles")


def pacific(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=PACIFIC).timestamp()


def let_in(meter, load: Load, now: float) -> bool:
    if meter.wait(load, now):
        return False
    meter.spend(load, now)
    return True


@pytest.mark.parametrize(
    ("day", "next_day", "hours"),
    [
        ((2026, 3, 7), (2026, 3, 8), 24),
        ((2026, 3, 8), (2026, 3, 9), 23),
        ((2026, 10, 31), (2026, 11, 1), 24),
        ((2026, 11, 1), (2026, 11, 2), 25),
        ((2026, 12, 31), (2027, 1, 1), 24),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_however_many_hours_that_are(day, next_day, hours):
    period = Period("day", PACIFIC)
    starts, ends = pacific(*day), pacific(*next_day)
    assert ends - starts == hours * 3_600
    assert period.of(starts) == period.of(ends - 0.001)
    assert (period.of(starts - 0.001), period.of(ends)) == (period.of(starts) - 1, period.of(starts) + 1)
    assert period.starts(period.of(starts)) == starts


@pytest.mark.parametrize(
    ("per", "starts", "ends"),
    [
        ("minute", pacific(2026, 5, 26, 12, 7), pacific(2026, 5, 26, 12, 8)),
        # 25 May 2026 is a Monday; the other week holds the change of the clocks
        ("week", pacific(2026, 5, 25), pacific(2026, 6, 1)),
        ("week", pacific(2026, 3, 2), pacific(2026, 3, 9)),
        ("month", pacific(2026, 2, 1), pacific(2026, 3, 1)),
        ("month", pacific(2026, 12, 1), pacific(2027, 1, 1)),
    ],
)
def test_minutes_weeks_and_months_have_their_bounds(per, starts, ends):
    period = Period(per, PACIFIC)
    number = period.of(starts)
    assert [period.of(at) for at in (starts - 1, ends - 1, ends)] == [number - 1, number, number + 1]
    assert (period.starts(number), period.starts(number + 1)) == (starts, ends)


def test_a_period_that_is_none_is_refused():
    with pytest.raises(ValueError, match="per: 'hour', one of minute, day, week, month"):
        Period("hour", PACIFIC)


@pytest.mark.parametrize("now", [0.0, 1_779_814_800.3])
@pytest.mark.parametrize("rate", [3, 100, 4_500])
def test_a_second_holds_its_rate_and_not_one_more(rate, now):
    pace, one = Pace(), Load("x", rate, 1)
    assert [let_in(pace, one, now) for _ in range(rate + 1)] == [True] * rate + [False]
    assert pace.wait(one, now) == pytest.approx(1 / rate, rel=1e-3)
    assert pace.left(one, now) == 0
    later = now + 1 / rate
    assert not let_in(pace, one, now + 0.9 / rate)
    assert pace.left(one, later + 1e-6) == 1
    assert let_in(pace, one, later + 1e-6)
    assert not let_in(pace, one, later + 1e-6)
    assert pace.left(one, now + 10) == rate


def test_less_than_one_in_a_second_still_is_one_now_and_then():
    pace, slow = Pace(), Load("x", 0.25, 1)
    assert let_in(pace, slow, 0)
    assert not let_in(pace, slow, 3.9)
    assert pace.wait(slow, 1.0) == pytest.approx(3.0)
    assert let_in(pace, slow, 4.0)


def test_more_segments_than_fit_at_once_wait_for_a_quiet_second_and_then_pass():
    pace = Pace()
    assert let_in(pace, Load("x", 3, 1), 0)
    assert pace.wait(Load("x", 3, 9), 0) == pytest.approx(1 / 3)
    assert let_in(pace, Load("x", 3, 9), 1 / 3)
    # what was lent is made good first
    assert pace.wait(Load("x", 3, 1), 1 / 3) == pytest.approx(3 - 2 / 3)
    assert pace.left(Load("x", 3, 1), 1 / 3) == 0


def test_keys_have_nothing_to_do_with_each_other():
    for meter in (Pace(), Window(Period("day", PACIFIC)), Circles(Period("day", PACIFIC))):
        assert let_in(meter, Load("x", 1, 1, "1"), 0)
        assert not let_in(meter, Load("x", 1, 1, "2"), 0)
        assert let_in(meter, Load("y", 1, 1, "1"), 0)
        meter.reset()
        assert let_in(meter, Load("x", 1, 1, "2"), 0)


def test_a_window_is_empty_again_when_the_next_begins():
    window, midnight = Window(Period("day", PACIFIC)), pacific(2026, 3, 9)
    assert let_in(window, Load("x", 2_000, 1_999), midnight - 100)
    assert not let_in(window, Load("x", 2_000, 2), midnight - 100)
    assert window.left(Load("x", 2_000, 1), midnight - 100) == 1
    assert let_in(window, Load("x", 2_000, 1), midnight - 100)
    assert window.wait(Load("x", 2_000, 1), midnight - 100) == 100
    assert window.waiting(Load("x", 2_000, 1), midnight - 100) == 1
    assert let_in(window, Load("x", 2_000, 2_000), midnight)
    assert window.left(Load("x", 2_000, 1), midnight) == 0


def test_what_adds_nothing_always_fits():
    window = Window(Period("minute", PACIFIC))
    assert let_in(window, Load("x", 1, 0), 0)
    assert let_in(window, Load("x", 1, 1), 0)
    assert let_in(window, Load("x", 1, 0), 0)


def test_a_message_larger_than_the_window_never_fits():
    assert Window(Period("minute", PACIFIC)).wait(Load("x", 15, 16), 0) == inf


def test_a_window_that_was_made_smaller_is_full_only_until_it_ends():
    window = Window(Period("minute", PACIFIC))
    window.spend(Load("x", 10_000, 9_000), 0)
    assert window.wait(Load("x", 100, 1), 1) == 59
    assert window.left(Load("x", 100, 1), 1) == 0
    assert window.wait(Load("x", 100, 1), 60) == 0


def test_in_a_queue_each_waits_for_the_window_in_which_its_last_segment_fits():
    window = Window(Period("minute", PACIFIC), has_queue=True)
    waits = []
    for _ in range(7):
        waits.append(window.wait(Load("x", 3, 1), 10.0))
        window.spend(Load("x", 3, 1), 10.0)
    assert waits == [0, 0, 0, 50, 50, 50, 110]
    # a minute later three of the four that waited are gone, and one has its place in this minute
    assert window.left(Load("x", 3, 1), 60.0) == 0
    assert window.waiting(Load("x", 3, 1), 60.0) == 2
    assert window.wait(Load("x", 3, 2), 120.0) == 0
    assert window.wait(Load("x", 3, 3), 120.0) == 60
    assert window.wait(Load("x", 3, 3), 180.0) == 0


def test_a_queue_on_a_second_is_as_long_as_what_waits_in_it():
    pace, one = Pace(), Load("x", 10, 1)
    for _ in range(15):
        pace.spend(one, 0)
    assert pace.wait(one, 0) == pytest.approx(0.6)
    assert pace.waiting(one, 0) == pytest.approx(6)


def test_recipients_count_once_a_day_each():
    circles, noon = Circles(Period("day", PACIFIC)), pacific(2026, 11, 1, 12)
    assert all(let_in(circles, Load("x", 200, 1, f"1202555{n:04}"), noon) for n in range(200))
    assert all(let_in(circles, Load("x", 200, 1, f"1202555{n:04}"), noon) for n in range(200))
    new = Load("x", 200, 1, "12025559999")
    assert circles.left(new, noon) == 0
    assert circles.wait(new, noon) == 12 * 3_600
    assert (circles.waiting(new, noon), circles.waiting(new, noon + 12 * 3_600)) == (1, 0)
    assert let_in(circles, new, noon + 12 * 3_600)
    assert circles.left(new, noon + 12 * 3_600) == 199


DAYS = Period("day", PACIFIC)


@pytest.mark.parametrize("make", [Pace, lambda: Window(DAYS), lambda: Circles(DAYS)])
def test_keys_that_were_not_used_for_long_are_forgotten(make, monkeypatch):
    monkeypatch.setattr(meters_module, "KEYS_MAX", 3)
    meter = make()
    for key in "abc":
        meter.spend(Load(key, 3, 1, "1"), 0)
    assert [meter.left(Load(key, 3, 1), 0) for key in "abc"] == [2, 2, 2]
    for key in "ade":
        meter.spend(Load(key, 3, 1, "2"), 0)
    assert [meter.left(Load(key, 3, 1), 0) for key in "abcde"] == [1, 3, 3, 2, 2]


def test_recipients_are_bounded_in_all(monkeypatch):
    monkeypatch.setattr(meters_module, "RECIPIENTS_MAX", 3)
    circles = Circles(Period("day", PACIFIC))

    def write(pairs: str) -> None:
        for pair in pairs.split():
            circles.spend(Load(pair[0], 9, 1, pair[1]), 0)

    # the fourth pair makes the turn; whoever is not written to by then is forgotten at the next one
    write("a1 a2 b1 b2")
    assert [circles.left(Load(key, 9, 1), 0) for key in "ab"] == [7, 7]
    write("b1 b2 c1 c1")
    assert [circles.left(Load(key, 9, 1), 0) for key in "abc"] == [7, 7, 8]
    # b came over with its two, c had one: this is the fourth again
    write("c2")
    assert [circles.left(Load(key, 9, 1), 0) for key in "abc"] == [9, 7, 7]


@given(
    amount=st.integers(1, 9),
    steps=st.lists(st.tuples(st.floats(0, 50), st.integers(0, 4)), max_size=60),
    meter=st.sampled_from(["pace", "window"]),
)
def test_whoever_waits_as_long_as_he_is_told_is_let_in(amount, steps, meter):
    made = Pace() if meter == "pace" else Window(Period("minute", PACIFIC))
    now = 0.0
    for pause, units in steps:
        now += pause
        load = Load("x", amount, min(units, amount))
        wait = made.wait(load, now)
        if wait:
            now += wait
            assert made.wait(load, now) == 0
        made.spend(load, now)


@pytest.mark.parametrize("has_queue", [False, True])
def test_what_is_booked_counts_in_its_own_window_and_leaves_the_present_one_alone(has_queue: bool) -> None:
    meter = Window(Period("minute", PACIFIC), has_queue=has_queue)
    one = Load("k", 3, 1)
    meter.book(one, 90.0)
    meter.book(one, 90.0)
    assert [let_in(meter, one, 0.0) for _ in range(3)] == [True] * 3
    # one whose own window is the present one takes its place there
    meter.book(one, 59.0)
    assert (meter.left(one, 0.0), meter.left(one, 60.0), meter.left(one, 120.0)) == (
        0.0,
        0.0 if has_queue else 1.0,
        3.0,
    )
    assert let_in(meter, one, 60.0) is not has_queue
    assert not let_in(meter, one, 61.0)
    assert meter.left(one, 120.0) == 3.0
    meter.book(one, 200.0)
    meter.reset()
    assert meter.left(one, 200.0) == 3.0


def test_recipients_that_are_booked_count_in_their_own_window() -> None:
    meter = Circles(Period("minute", PACIFIC))
    first, second, third = (Load("k", 2, 1, recipient) for recipient in ("a", "b", "c"))
    for one in (first, first, second):
        meter.book(one, 60.0)
    assert let_in(meter, third, 0.0)
    meter.book(second, 1.0)
    assert (meter.left(first, 0.0), meter.left(first, 60.0)) == (0.0, 0.0)
    assert [let_in(meter, one, 60.0) for one in (third, first, second)] == [False, True, True]
    assert meter.left(first, 120.0) == 2.0
    meter.book(first, 200.0)
    meter.reset()
    assert meter.left(first, 200.0) == 2.0


@pytest.mark.parametrize("make", [Window, Circles])
def test_of_what_is_booked_the_oldest_is_forgotten(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters_module, "BOOKED_MAX", 3)
    meter = make(Period("minute", PACIFIC))
    for minute in range(1, 6):
        meter.book(Load("k", 1, 1, "a"), minute * 60.0)
    found = [meter.left(Load("k", 1, 1, "b"), minute * 60.0) for minute in range(1, 6)]
    assert found == [1.0, 1.0, 0.0, 0.0, 0.0]


def test_a_second_to_come_is_known_to_nobody() -> None:
    meter = Pace()
    meter.book(Load("k", 1, 1), 10.0)
    assert meter.left(Load("k", 1, 1), 10.0) == 0.0

"""Distributions of seconds: what a draw gives, and how each is written."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier.delays import (
    Between,
    Delay,
    Exponential,
    Fixed,
    Lognormal,
    Normal,
    number_text,
    seconds_text,
    span_text,
)

DELAYS: list[Delay] = [Fixed(0.25), Between(1.0, 3.0), Lognormal(2.0, 40.0), Normal(2.0, 0.5), Exponential(2.0)]


@pytest.mark.parametrize("delay", DELAYS, ids=str)
@given(st.floats(0.0, 1.0, exclude_max=True), st.floats(0.0, 1.0, exclude_max=True))
def test_no_delay_is_below_nothing_or_endless_and_a_higher_draw_takes_longer(delay, one, other):
    low, high = (delay.seconds(draw) for draw in sorted((one, other)))
    assert 0.0 <= low <= high < inf


@pytest.mark.parametrize(
    ("delay", "draw", "seconds"),
    [
        (Fixed(0.25), 0.9, 0.25),
        (Between(1.0, 3.0), 0.5, 2.0),
        (Lognormal(2.0, 40.0), 0.5, 2.0),
        (Lognormal(2.0, 40.0), 0.99, 40.0),
        (Lognormal(2.0, 2.0), 0.99, 2.0),
        (Normal(2.0, 0.5), 0.5, 2.0),
        (Normal(2.0, 0.5), 0.8413447, 2.5),
        (Normal(0.1, 5.0), 0.01, 0.0),
        (Exponential(2.0), 0.0, 0.0),
        (Exponential(2.0), 0.6321206, 2.0),
    ],
)
def test_a_draw_picks_the_quantile(delay, draw, seconds):
    assert delay.seconds(draw) == pytest.approx(seconds, rel=1e-5)


def test_only_the_fixed_one_needs_no_draw():
    assert [delay.is_fixed for delay in DELAYS] == [True, False, False, False, False]


@pytest.mark.parametrize(("p50", "p99"), [(4.0, 2.0), (0.0, 2.0), (-1.0, 2.0)])
def test_a_lognormal_that_cannot_be_is_refused(p50, p99):
    with pytest.raises(ValueError, match=r"lognormal: p50 .*, above 0 and at most p99"):
        Lognormal(p50, p99)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.25, "250ms"),
        (0.0001, "0.1ms"),
        (2.5, "2.5s"),
        (90.0, "1m30s"),
        (90_061.0, "1d1h1m1s"),
        (1e20, "1157407407407407d9h46m40s"),
        (inf, "never"),
    ],
)
def test_seconds_are_written_as_people_write_them(seconds, text):
    assert seconds_text(seconds) == text


def test_a_number_is_written_without_an_exponent_and_idle_zeros():
    assert [number_text(one) for one in (1e-7, 50.0, 0.5, 1e21)] == ["0.0000001", "50", "0.5", "1000000000000000000000"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "250ms"), (59.9996, "1m"), (60.0, "1m"), (60.001, "1m1s"), (27_540.284, "7h39m1s"), (inf, "never")],
)
def test_what_something_still_takes_is_told_in_whole_seconds_and_never_as_less(seconds: float, text: str) -> None:
    assert span_text(seconds) == text

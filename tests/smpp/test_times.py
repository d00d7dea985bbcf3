"""Absolute and relative times."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp.times import format_relative, format_time, parse_time


def at(year: int, month: int, day: int, *clock: int) -> int:
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return round(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


NOW = at(2026, 11, 21, 12, 0, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("261121123000000+", at(2026, 11, 21, 12, 30)),
        ("261121123000004+", at(2026, 11, 21, 11, 30)),
        ("261121123000032-", at(2026, 11, 21, 20, 30)),
        ("261121123000500+", at(2026, 11, 21, 12, 30) + 0.5),
        ("380101000000000+", at(1938, 1, 1)),
        ("371231235959948+", at(2037, 12, 31, 11, 59, 59) + 0.9),
        ("000007000000000R", at(2026, 11, 28, 12)),
        ("000000000000000R", NOW),
        ("020610233429000R", at(2029, 6, 1, 11, 34, 29)),
        ("000000012345948R", NOW + 5025),
        ("990000000000000R", at(2125, 11, 21, 12)),
    ],
)
def test_a_time_means_an_instant(text, expected):
    assert parse_time(text, NOW) == pytest.approx(expected, abs=1e-3)


def test_no_time_is_none():
    assert parse_time("", NOW) is None


def test_a_month_after_the_31st_is_the_last_day_of_the_month():
    assert parse_time("000100000000000R", at(2027, 1, 31)) == at(2027, 2, 28)
    assert parse_time("000100000000000R", at(2028, 1, 31)) == at(2028, 2, 29)
    assert parse_time("010000000000000R", at(2028, 2, 29)) == at(2029, 2, 28)
    assert parse_time("000100000000000R", at(2026, 12, 31)) == at(2027, 1, 31)
    assert parse_time("001100000000000R", at(2027, 1, 15)) == at(2027, 12, 15)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("261121123000", "has 12 characters, not 16"),
        ("20261121123000000000", "has 20 characters, not 16"),
        ("26112112300000x+", "has something else than digits"),
        ("26112112300000²+", "has something else than digits"),
        ("261121123000000Z", "ends with 'Z'"),
        ("261121123000049+", "is 49 quarter hours from UTC, at most 48"),
        ("261321123000000+", "is no date: month must be in 1..12"),
        ("260230123000000+", "is no date"),
        ("261121253000000+", "is no date"),
    ],
)
def test_what_is_no_time_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_time(text, NOW)


@pytest.mark.parametrize("now", [at(9990, 1, 1), 1e18, at(9999, 12, 31)])
def test_a_relative_time_ends_with_the_calendar(now):
    with pytest.raises(ValueError, match="leads beyond the calendar"):
        parse_time("990000000000000R", now)


def test_the_last_month_of_the_calendar_has_an_end():
    assert parse_time("000001000000000R", at(9999, 12, 1)) == at(9999, 12, 2)


@pytest.mark.parametrize(
    ("instant", "quarters", "expected"),
    [
        (at(2026, 11, 21, 12, 30), 0, "261121123000000+"),
        (at(2026, 11, 21, 12, 30), 4, "261121133000004+"),
        (at(2026, 11, 21, 12, 30), -32, "261121043000032-"),
        (at(2026, 11, 21, 12, 30) + 0.5, 0, "261121123000500+"),
        (at(2026, 11, 21, 12, 30, 59) + 0.96, 0, "261121123100000+"),
        (at(1950, 1, 1), 0, "500101000000000+"),
    ],
)
def test_an_instant_is_written_in_sixteen_characters(instant, quarters, expected):
    assert format_time(instant, quarters) == expected


@given(st.integers(at(1938, 1, 3), at(2037, 12, 29)), st.integers(-48, 48))
def test_an_absolute_time_is_read_as_it_was_written(instant, quarters):
    assert parse_time(format_time(instant, quarters), NOW) == instant


@pytest.mark.parametrize("instant", [at(1937, 12, 31), at(2038, 1, 1), 1e15, 1e30])
def test_an_instant_that_two_digits_cannot_tell_is_refused(instant):
    with pytest.raises(ValueError, match="is not between the years 1938 and 2037"):
        format_time(instant)


def test_an_offset_is_at_most_twelve_hours():
    with pytest.raises(ValueError, match="49 quarter hours"):
        format_time(NOW, 49)


@given(st.integers(0, 99 * 86400 + 99 * 3600))
def test_a_relative_time_is_read_as_it_was_written(seconds):
    assert parse_time(format_relative(seconds), NOW) == NOW + seconds


def test_a_span_is_written_in_days_and_less():
    assert format_relative(7 * 86400) == "000007000000000R"
    assert format_relative(3661.4) == "000000010101000R"


@pytest.mark.parametrize(("seconds", "reason"), [(-1, "are in the past"), (104 * 86400, "more than a relative time")])
def test_a_span_that_cannot_be_told_is_refused(seconds, reason):
    with pytest.raises(ValueError, match=reason):
        format_relative(seconds)

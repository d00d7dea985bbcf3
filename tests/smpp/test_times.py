"""Absolute and relative times: every legal spelling, every illegal one, and where calendars have their corners."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp.times import format_time, parse_time


def at(year: int, month: int, day: int, *clock: int) -> int:
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return round(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


NOW = at(2026, 11, 21, 12, 0, 0)

# What each legal spelling means, seen from NOW.
LEGAL = [
    # absolute, in UTC: both signs of no distance
    ("261121123000000+", at(2026, 11, 21, 12, 30)),
    ("261121123000000-", at(2026, 11, 21, 12, 30)),
    ("000101000000000+", at(2000, 1, 1)),
    # tenths
    ("261121123000500+", at(2026, 11, 21, 12, 30) + 0.5),
    ("261121123059900+", at(2026, 11, 21, 12, 30, 59) + 0.9),
    # zones: hours, halves and quarters of them, and the widest of both sides, which reach into another day or year
    ("261121123000004+", at(2026, 11, 21, 11, 30)),
    ("261121123000032-", at(2026, 11, 21, 20, 30)),
    ("261121123000022+", at(2026, 11, 21, 7)),
    ("261121123000023+", at(2026, 11, 21, 6, 45)),
    ("261121123000014-", at(2026, 11, 21, 16)),
    ("261121123000001-", at(2026, 11, 21, 12, 45)),
    ("270101060000048+", at(2026, 12, 31, 18)),
    ("261231180000048-", at(2027, 1, 1, 6)),
    ("280301060000048+", at(2028, 2, 29, 18)),
    # ends of days, months, years; leap days
    ("261121235959000+", at(2026, 11, 21, 23, 59, 59)),
    ("261130000000000+", at(2026, 11, 30)),
    ("261231235959900+", at(2026, 12, 31, 23, 59, 59) + 0.9),
    ("280229120000000+", at(2028, 2, 29, 12)),
    ("000229120000000+", at(2000, 2, 29, 12)),
    ("960229120000000+", at(1996, 2, 29, 12)),
    # the century turns between 37 and 38
    ("371231235959948+", at(2037, 12, 31, 11, 59, 59) + 0.9),
    ("380101000000000+", at(1938, 1, 1)),
    ("991231235959000+", at(1999, 12, 31, 23, 59, 59)),
    # one hour that Central Europe's clocks show twice: two instants, told apart by their distances
    ("261025023000008+", at(2026, 10, 25, 0, 30)),
    ("261025023000004+", at(2026, 10, 25, 1, 30)),
    # one that they never show is an instant all the same: the distance says which
    ("260329023000004+", at(2026, 3, 29, 1, 30)),
    # relative: each unit alone, as many as two digits can tell
    ("000000000000000R", NOW),
    ("000000000001000R", NOW + 1),
    ("000000000099000R", NOW + 99),
    ("000000009900000R", NOW + 99 * 60),
    ("000000990000000R", NOW + 99 * 3600),
    ("000099000000000R", NOW + 99 * 86400),
    ("009900000000000R", at(2035, 2, 21, 12)),
    ("990000000000000R", at(2125, 11, 21, 12)),
    ("000007000000000R", at(2026, 11, 28, 12)),
    # the specification's own example
    ("020610233429000R", at(2029, 6, 1, 11, 34, 29)),
    # tenths and quarter hours of a relative time mean nothing, whatever they are
    ("000000012345948R", NOW + 5025),
    ("000000012345999R", NOW + 5025),
]

# Why each illegal spelling is none.
ILLEGAL = [
    ("2", "has 1 characters, not 16"),
    ("261121123000", "has 12 characters, not 16"),
    ("26112112300000+", "has 15 characters, not 16"),
    ("2611211230000000+", "has 17 characters, not 16"),
    ("20261121123000000000", "has 20 characters, not 16"),
    ("26112112300000x+", "has something else than digits"),
    ("26112112300000²+", "has something else than digits"),
    ("２61121123000000+", "has something else than digits"),
    ("-61121123000000+", "has something else than digits"),
    (" 61121123000000+", "has something else than digits"),
    ("26112112300000 R", "has something else than digits"),
    ("2611211230000000", "ends with '0'"),
    ("261121123000000Z", "ends with 'Z'"),
    ("261121123000000r", "ends with 'r'"),
    ("261121123000000\0", "ends with "),
    ("261121123000049+", "is 49 quarter hours from UTC, at most 48"),
    ("261121123000099-", "is 99 quarter hours from UTC, at most 48"),
    ("260021123000000+", "is no date: month must be in 1..12"),
    ("261321123000000+", "is no date: month must be in 1..12"),
    ("261100123000000+", "is no date: day"),
    ("261131123000000+", "is no date: day"),
    ("260230123000000+", "is no date: day"),
    ("270229123000000+", "is no date: day"),
    ("261121243000000+", "is no date: hour"),
    ("261121126000000+", "is no date: minute"),
    ("261121123060000+", "is no date: second"),
    ("000000000000000+", "is no date: month"),
]


@pytest.mark.parametrize(("text", "expected"), LEGAL)
def test_a_time_means_an_instant(text, expected):
    assert parse_time(text, NOW) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("text", "reason"), ILLEGAL)
def test_what_is_no_time_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_time(text, NOW)


def test_no_time_is_none():
    assert parse_time("", NOW) is None


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        # a month after the 31st is the last day of the month
        ("000100000000000R", at(2027, 1, 31), at(2027, 2, 28)),
        ("000100000000000R", at(2028, 1, 31), at(2028, 2, 29)),
        ("000100000000000R", at(2026, 12, 31), at(2027, 1, 31)),
        ("000300000000000R", at(2027, 8, 31), at(2027, 11, 30)),
        ("001100000000000R", at(2027, 1, 15), at(2027, 12, 15)),
        ("001200000000000R", at(2027, 1, 15), at(2028, 1, 15)),
        ("002500000000000R", at(2027, 12, 31), at(2030, 1, 31)),
        # a year after a leap day, and four
        ("010000000000000R", at(2028, 2, 29), at(2029, 2, 28)),
        ("040000000000000R", at(2028, 2, 29), at(2032, 2, 29)),
        ("720000000000000R", at(2028, 2, 29), at(2100, 2, 28)),
        # the day is clipped before the days are counted
        ("000101000000000R", at(2027, 1, 31), at(2027, 3, 1)),
        ("000101000000000R", at(2028, 1, 31), at(2028, 3, 1)),
        # days and less are spans: over the end of a month, of a leap February, of a year
        ("000001000000000R", at(2026, 11, 30, 12), at(2026, 12, 1, 12)),
        ("000002000000000R", at(2028, 2, 28, 12), at(2028, 3, 1, 12)),
        ("000000000001000R", at(2026, 12, 31, 23, 59, 59), at(2027, 1, 1)),
        # a day is 24 hours, whatever clocks were changed in it
        ("000001000000000R", at(2026, 10, 24, 23), at(2026, 10, 25, 23)),
        ("000001000000000R", at(9999, 12, 1), at(9999, 12, 2)),
    ],
)
def test_a_relative_time_is_counted_on_the_calendar(text, now, expected):
    assert parse_time(text, now) == expected


def test_a_relative_time_keeps_the_fraction_of_now():
    assert parse_time("000000000001000R", NOW + 0.25) == NOW + 1.25


@pytest.mark.parametrize("now", [at(9990, 1, 1), 1e18, at(9999, 12, 31)])
def test_a_relative_time_ends_with_the_calendar(now):
    with pytest.raises(ValueError, match="leads beyond the calendar"):
        parse_time("990000000000000R", now)


@pytest.mark.parametrize(
    ("instant", "quarters", "expected"),
    [
        (at(2026, 11, 21, 12, 30), 0, "261121123000000+"),
        (at(2026, 11, 21, 12, 30), 4, "261121133000004+"),
        (at(2026, 11, 21, 12, 30), -32, "261121043000032-"),
        (at(2026, 12, 31, 18), 48, "270101060000048+"),
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


@given(st.integers(at(1938, 1, 3), at(2037, 12, 29)), st.integers(-48, 48), st.integers(-48, 48))
def test_an_instant_is_the_same_in_every_zone(instant, here, there):
    assert parse_time(format_time(instant, here), NOW) == parse_time(format_time(instant, there), NOW)


TENTHS_OF_ALL_YEARS = st.integers(at(1938, 1, 1) * 10, at(2037, 12, 31, 23, 59, 59) * 10 + 9)


@given(TENTHS_OF_ALL_YEARS, st.integers(0, 48), st.sampled_from("+-"))
def test_every_date_of_the_calendar_can_be_told(tenths, quarters, sign):
    local = datetime.fromtimestamp(tenths // 10, UTC)
    text = f"{local:%y%m%d%H%M%S}{tenths % 10}{quarters:02d}{sign}"
    ahead = 900 * quarters * (1 if sign == "+" else -1)
    assert parse_time(text, NOW) == pytest.approx(tenths / 10 - ahead, abs=1e-3)


COUNTS = st.integers(0, 99)


@given(st.integers(0, at(2037, 12, 31)), COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_relative_time_adds_months_and_then_a_span(now, years, months, days, hours, minutes, seconds):
    text = f"{years:02d}{months:02d}{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"
    start = datetime.fromtimestamp(now, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + years * 12 + months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    moved = start.replace(year=year, month=month + 1, day=day)
    moved += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse_time(text, now) == moved.timestamp()


@given(st.text(max_size=20) | st.text("0123456789+-R", min_size=16, max_size=16), st.floats(0, 4e9))
def test_any_text_is_a_time_or_refused(text, now):
    try:
        found = parse_time(text, now)
    except ValueError:
        return
    assert (found is None) is (not text)
    assert not text.endswith("R") or (found is not None and found >= int(now))


@pytest.mark.parametrize("instant", [at(1937, 12, 31), at(2038, 1, 1), 1e15, 1e30])
def test_an_instant_that_two_digits_cannot_tell_is_refused(instant):
    with pytest.raises(ValueError, match="is not between the years 1938 and 2037"):
        format_time(instant)


def test_an_offset_is_at_most_twelve_hours():
    with pytest.raises(ValueError, match="49 quarter hours"):
        format_time(NOW, 49)

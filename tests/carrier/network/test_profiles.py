"""Profiles: their quantiles and shares as they were proposed, peaks by the clock, and each knob for itself."""

from datetime import UTC, datetime, time
from hashlib import blake2b
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.causes import cause
from simulator.carrier.delays import Between, Fixed
from simulator.carrier.dice import Luck
from simulator.carrier.messages import Outcome
from simulator.carrier.network.profiles import PROFILES, RETRIES, Course, Peak, Profile, peak, profile

DELIVERY, RESPONSE = 0, 1


class Told(Luck):
    """Luck that is told its draws; what it is not told is in the middle."""

    def __init__(self, draws: dict[int, float] | None = None, **named: float) -> None:
        super().__init__(b"")
        self.draws, self.named = draws or {}, named

    __slots__ = ("draws", "named")

    def draw(self, index: int) -> float:
        return self.draws.get(index, 0.5)

    def of(self, name: str) -> float:
        return self.named.get(name.removeprefix("profile "), 0.5)


def lucks(count: int) -> list[Luck]:
    return [Luck(blake2b(str(one).encode()).digest()) for one in range(count)]


def a_profile(**more) -> Profile:
    return Profile(name="mine", respond=Fixed(0.25), delivery=Fixed(2.0), **more)


def unix(year: int, month: int, day: int, hour: int, minute: int = 0, second: float = 0.0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() + second


# Name, quantile at 50, 95 and 99 %, in seconds: as they were proposed, to two digits or three.
@pytest.mark.parametrize(
    ("name", "of", "p50", "p95", "p99", "within"),
    [
        ("lan-smsc", "respond", 0.020, 0.054, 0.081, 0.0005),
        ("us-direct", "respond", 0.044, 0.118, 0.178, 0.0005),
        ("us-direct", "delivery", 1.8, 4.4, 6.5, 0.05),
        ("eu-direct", "delivery", 2.6, 7.0, 10.5, 0.05),
        ("in-otp", "delivery", 4.0, 12.7, 20.4, 0.05),
        ("handset-retry", "delivery", 1.8, 4.4, 6.5, 0.05),
        ("gray-route", "respond", 0.2, 0.63, 1.0, 0.025),
        ("gray-route", "delivery", 30.0, 216.0, 489.0, 0.6),
    ],
)
def test_the_quantiles_are_those_of_the_proposal(name, of, p50, p95, p99, within):
    delay = getattr(profile(name), of)
    assert [delay.seconds(draw) for draw in (0.5, 0.95, 0.99)] == pytest.approx([p50, p95, p99], abs=within)


def test_instant_takes_no_time_at_all():
    assert profile("instant").plan(Told(), 0.0) == Course(0.0, Outcome(0.0, "DELIVRD"), (Outcome(0.0, "DELIVRD"),))


def test_the_receipt_s_time_counts_after_the_answer():
    course = profile("us-direct").plan(Told(), 0.0)
    assert course.respond_after == pytest.approx(0.044)
    assert course.receipts == (course.truth,)
    assert course.truth.after == pytest.approx(0.044 + 1.8)


@pytest.mark.parametrize(
    ("name", "lot", "truth", "told"),
    [
        # none of 2 %, failed 1 %, and 97 % are final
        ("us-direct", 0.0, "DELIVRD", []),
        ("us-direct", 0.0199, "DELIVRD", []),
        ("us-direct", 0.0201, "UNDELIV", ["UNDELIV"]),
        ("us-direct", 0.0299, "UNDELIV", ["UNDELIV"]),
        ("us-direct", 0.0301, "DELIVRD", ["DELIVRD"]),
        ("us-direct", 0.9999, "DELIVRD", ["DELIVRD"]),
        # 15 % without a receipt, 5 % told as delivered and lost
        ("gray-route", 0.1499, "DELIVRD", []),
        ("gray-route", 0.1501, "UNDELIV", ["DELIVRD"]),
        ("gray-route", 0.1999, "UNDELIV", ["DELIVRD"]),
        ("gray-route", 0.2001, "DELIVRD", ["DELIVRD"]),
        ("handset-retry", 0.0199, "DELIVRD", []),
        ("handset-retry", 0.0299, "UNDELIV", ["UNDELIV"]),
    ],
)
def test_the_shares_are_exact_at_their_boundaries(name, lot, truth, told):
    course = profile(name).plan(Told(lot=lot), 0.0)
    assert course.truth.state == truth
    assert [receipt.state for receipt in course.receipts] == told


def test_a_failure_and_a_lie_have_their_causes():
    assert profile("us-direct").plan(Told(lot=0.025), 0.0).truth.cause == cause("unknown")
    lie = profile("gray-route").plan(Told(lot=0.17), 0.0)
    assert lie.truth.cause == cause("silent_filter")
    assert lie.receipts[0].cause is None


@pytest.mark.parametrize(
    ("name", "share", "what"),
    [
        ("us-direct", 0.97, lambda course: [one.state for one in course.receipts] == ["DELIVRD"]),
        ("gray-route", 0.15, lambda course: not course.receipts),
        ("handset-retry", 0.10, lambda course: course.truth.after > 55),
        ("etsi-2006-p2p", 0.62, lambda course: course.truth.after <= 8),
        ("etsi-2006-p2p", 0.98, lambda course: course.truth.state == "DELIVRD"),
        ("etsi-2006-p2p", 0.02, lambda course: course.truth.state == "EXPIRED"),
    ],
)
def test_of_many_messages_the_shares_are_as_proposed(name, share, what):
    courses = [profile(name).plan(luck, 0.0) for luck in lucks(4_000)]
    assert sum(map(what, courses)) / 4_000 == pytest.approx(share, abs=0.015)


def test_mobile_to_mobile_in_2006_took_so_long():
    courses = [profile("etsi-2006-p2p").plan(luck, 0.0) for luck in lucks(500)]
    at_once = [course for course in courses if course.truth.after <= 60]
    assert all(6 <= course.truth.after <= 8 for course in at_once)
    assert all(10 <= course.receipts[0].after <= 12 for course in at_once)


def test_who_is_absent_is_tried_again_after_1_5_and_30_minutes_and_2_8_and_24_hours():
    assert RETRIES == (60.0, 300.0, 1_800.0, 7_200.0, 28_800.0, 86_400.0)
    absent = profile("handset-retry")
    moments = []
    # half of the absent come back, at each attempt equally many
    for draw in (0.0, 0.09, 0.17, 0.26, 0.34, 0.42):
        course = absent.plan(Told(first_failure=0.0999, retry=draw), 0.0)
        assert course.truth.state == course.receipts[0].state == "DELIVRD"
        moments.append(course.truth.after - 0.044 - 1.8)
    assert moments == pytest.approx([60, 300, 1_800, 7_200, 28_800, 86_400])
    assert absent.plan(Told(first_failure=0.1001), 0.0).truth.after < 60


def test_who_stays_absent_expires_at_the_last_attempt():
    course = profile("handset-retry").plan(Told(first_failure=0.05, retry=0.51), 0.0)
    assert course.truth == course.receipts[0] == Outcome(86_400.0, "EXPIRED", cause("absent_temporary"))


def test_who_is_tried_again_may_be_without_a_receipt_but_is_no_lie():
    absent = a_profile(first_failure=1.0, delivered=1.0, missing=0.1, failed=0.4, false_delivered=0.5)
    assert absent.plan(Told(lot=0.05, retry=0.0), 0.0) == Course(0.25, Outcome(62.25, "DELIVRD"))
    for lot in (0.2, 0.7):
        tried = absent.plan(Told(lot=lot, retry=0.0), 0.0)
        assert tried.receipts == (tried.truth,) == (Outcome(62.25, "DELIVRD"),)


def test_what_would_arrive_too_late_expires():
    expired = Outcome(2.0, "EXPIRED", cause("validity_expired_carrier"))
    assert a_profile().plan(Told(), 0.0, patience=2.0) == Course(0.25, expired, (expired,))
    assert a_profile().plan(Told(), 0.0, patience=2.25).truth.state == "DELIVRD"
    assert a_profile().plan(Told(), 0.0, patience=-5.0).truth.after == 0.0
    lie = a_profile(false_delivered=1.0).plan(Told(lot=0.3), 0.0, patience=2.0)
    assert lie.receipts == (expired,)


def test_a_receipt_may_come_twice():
    twice = a_profile(duplicate=0.2, gap=Between(1.0, 3.0))
    first, second = Outcome(2.25, "DELIVRD"), Outcome(4.25, "DELIVRD")
    assert twice.plan(Told(duplicate=0.1999), 0.0).receipts == (first, second)
    assert twice.plan(Told(duplicate=0.2), 0.0).receipts == (first,)


def test_a_receipt_may_come_before_the_answer():
    early = a_profile(out_of_order=0.3, missing=0.1)
    assert early.plan(Told(out_of_order=0.2999), 0.0).overtakes
    assert not early.plan(Told(out_of_order=0.3), 0.0).overtakes
    assert not early.plan(Told(out_of_order=0.0, lot=0.0), 0.0).overtakes


def test_the_receipt_may_lag_behind_the_phone():
    lagging = a_profile(told=Between(1.0, 3.0)).plan(Told(told=0.25), 0.0)
    assert (lagging.truth.after, lagging.receipts[0].after) == (2.25, 3.75)


def test_a_peak_makes_all_delays_three_times_as_long():
    slow = a_profile(told=Fixed(1.0)).at_peak(peak("18:00", "20:00", "America/New_York"))
    # 18:00 in New York in summer is 22:00 UTC
    course = slow.plan(Told(), unix(2026, 7, 1, 22))
    assert (course.respond_after, course.truth.after, course.receipts[0].after) == (0.75, 6.75, 9.75)
    before = slow.plan(Told(), unix(2026, 7, 1, 21, 59))
    assert (before.respond_after, before.truth.after, before.receipts[0].after) == (0.25, 2.25, 3.25)


def test_a_peak_turns_two_of_a_hundred_away():
    slow = a_profile().at_peak(peak("18:00", "20:00", "UTC"))
    refused = slow.plan(Told(queue_full=0.0199), unix(2026, 7, 1, 19))
    assert refused == Course(0.75, Outcome(0.75, "REFUSED", cause("queue_full")))
    assert slow.plan(Told(queue_full=0.02), unix(2026, 7, 1, 19)).truth.state == "DELIVRD"
    assert slow.plan(Told(queue_full=0.0), unix(2026, 7, 1, 20)).truth.state == "DELIVRD"


@pytest.mark.parametrize(
    ("start", "end", "moment", "holds"),
    [
        ("18:00", "20:00", unix(2026, 1, 10, 1, 59, 59.9), False),
        ("18:00", "20:00", unix(2026, 1, 10, 2), True),
        ("18:00", "20:00", unix(2026, 1, 10, 3, 59, 59.9), True),
        ("18:00", "20:00", unix(2026, 1, 10, 4), False),
        # an hour earlier by UTC in summer
        ("18:00", "20:00", unix(2026, 7, 10, 1), True),
        ("18:00", "20:00", unix(2026, 7, 10, 3), False),
        # over midnight
        ("22:00", "02:00", unix(2026, 1, 10, 5, 59), False),
        ("22:00", "02:00", unix(2026, 1, 10, 6), True),
        ("22:00", "02:00", unix(2026, 1, 10, 8), True),
        ("22:00", "02:00", unix(2026, 1, 10, 9, 59), True),
        ("22:00", "02:00", unix(2026, 1, 10, 10), False),
        # the night of 8 March 2026 has no 02:30 in Los Angeles: at 10:00 UTC it becomes 03:00
        ("02:00", "03:00", unix(2026, 3, 8, 9, 59, 59.9), False),
        ("02:00", "03:00", unix(2026, 3, 8, 10), False),
        # the night of 1 November 2026 has 01:30 twice
        ("01:00", "02:00", unix(2026, 11, 1, 8, 30), True),
        ("01:00", "02:00", unix(2026, 11, 1, 9, 30), True),
        ("01:00", "02:00", unix(2026, 11, 1, 10), False),
    ],
)
def test_a_peak_goes_by_the_clocks_of_its_zone(start, end, moment, holds):
    assert peak(start, end, "America/Los_Angeles").holds(moment) is holds


def test_only_what_needs_no_luck_is_plain():
    assert [name for name in PROFILES if profile(name).is_plain] == ["instant"]
    assert a_profile().is_plain
    assert not a_profile(missing=0.1).is_plain
    assert not a_profile(out_of_order=0.1).is_plain
    assert not a_profile().at_peak(peak("18:00", "20:00", "UTC")).is_plain
    assert not a_profile(told=Between(0.0, 1.0)).is_plain


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"missing": 1.1}, "profile mine: missing: 1.1, a share from 0 to 1"),
        ({"duplicate": -0.1}, "profile mine: duplicate: -0.1, a share from 0 to 1"),
        ({"missing": 0.5, "failed": 0.6}, "profile mine: missing, failed and false_delivered together, at most 1"),
        ({"first_failure": 0.38, "delivered": 0.61}, "profile mine: delivered 0.61, at least what arrives at once"),
        ({"first_failure": 0.1, "retries": ()}, "profile mine: retries, moments of which each is later than"),
        ({"first_failure": 0.1, "retries": (60.0, 60.0)}, "profile mine: retries, moments of which each is later than"),
    ],
)
def test_shares_that_cannot_be_are_refused(more, why):
    with pytest.raises(ValueError, match=why):
        a_profile(**more)


@pytest.mark.parametrize(
    ("words", "more", "why"),
    [
        (("6 p.m.", "20:00", "UTC"), {}, r"peak: '6 p.m.', a time of day such as 18:00"),
        (("18:00", "20:00+01:00", "UTC"), {}, r"peak: '20:00\+01:00', a time of day such as 18:00"),
        (("18:00", "18:00", "UTC"), {}, r"peak: from 18:00 to 18:00, which is no time or always"),
        (("18:00", "20:00", "Mars/Base"), {}, r"peak: zone 'Mars/Base', a name such as America/New_York"),
        (("18:00", "20:00", "../etc"), {}, r"peak: zone '../etc', a name such as America/New_York"),
        (("18:00", "20:00", "UTC"), {"factor": -1.0}, r"peak: factor -1, 0 or more"),
        (("18:00", "20:00", "UTC"), {"queue_full": 2.0}, r"peak: queue_full: 2, a share from 0 to 1"),
    ],
)
def test_hours_that_cannot_be_are_refused(words, more, why):
    with pytest.raises(ValueError, match=why):
        peak(*words, **more)


def test_a_peak_can_be_said_in_words_or_in_objects():
    assert peak("18:00", "20:00", "UTC") == Peak(time(18), time(20), ZoneInfo("UTC"))


def test_an_unknown_profile_is_refused_with_a_guess():
    with pytest.raises(ValueError, match=r"profile: 'us-direkt', one of instant, .*; did you mean 'us-direct'\?"):
        profile("us-direkt")
    with pytest.raises(ValueError, match=r"profile: 'xyz', one of instant, .*, etsi-2006-p2p$"):
        profile("xyz")

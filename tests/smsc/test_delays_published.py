"""The proposed profiles (typed here from their table), as files say them: quantiles, shares, peaks, each knob alone.

All draws are seeded. What a quantile or a share of so many draws may be off by is derived and not guessed: four
standard errors, and half a unit of the last digit that was published.
"""

from collections import Counter
from datetime import datetime
from functools import cache
from math import log, sqrt
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.messages import Overtaking, Verdict
from simulator.carrier.network.network import Networks
from simulator.carrier.network.truths import Truth
from simulator.scenario.file import parse
from simulator.smpp.pdus import DeliverSm, EnquireLink, EnquireLinkResp, SubmitSmResp
from simulator.smsc.play.carriers_staged import networks_of
from simulator.smsc.play.staging import staged
from tests.carrier.network.test_network import a_letter
from tests.smsc.world import START, World

ACCOUNT = Account("gateway")
DRAWS = 4_000
NEW_YORK = ZoneInfo("America/New_York")
NORMAL = NormalDist()


def networks(delays: str) -> Networks:
    """One network with these delays and steady phones, as a file says it."""
    made = networks_of([parse(f"scenario: 1\nnetworks: {{one: {{prefixes: [1], delays: {delays}}}}}")], START, seed=11)
    assert made is not None
    return made


@cache
def fates(delays: str, count: int = DRAWS, at: float = START) -> tuple[tuple[Verdict, Truth], ...]:
    """What so many messages meet, and what is so."""
    made = networks(delays)
    found = []
    for number in range(1, count + 1):
        verdict = made.submit(a_letter(to=f"1202{2_550_000 + number}", number=number, at=at), ACCOUNT, at)
        truth = made.truth(number)
        assert truth is not None
        found.append((verdict, truth))
    return tuple(found)


def tolerance(sigma: float, share: float, count: int) -> float:
    """Four standard errors of the logarithm of a log-normal quantile that was read from so many draws."""
    density = NORMAL.pdf(NORMAL.inv_cdf(share))
    return 4 * sigma * sqrt(share * (1 - share) / count) / density


def at_share(values: list[float], share: float) -> float:
    return sorted(values)[int(share * len(values))]


def is_share(count: int, share: float, of: int = DRAWS) -> bool:
    """Whether that is what so many draws give of a share, within four standard deviations."""
    return abs(count - share * of) <= 4 * sqrt(of * share * (1 - share))


# profile, what, median, sigma, P95, P99, half a unit of the last digit of each of the three
TABLE: list[tuple[str, str, float, float, float, float, tuple[float, float, float]]] = [
    ("lan-smsc", "answer", 0.020, 0.6, 0.054, 0.081, (0.0005, 0.0005, 0.0005)),
    ("us-direct", "answer", 0.044, 0.6, 0.118, 0.178, (0.0005, 0.0005, 0.0005)),
    ("us-direct", "receipt", 1.8, 0.55, 4.4, 6.5, (0.05, 0.05, 0.05)),
    ("eu-direct", "receipt", 2.6, 0.6, 7.0, 10.5, (0.05, 0.05, 0.05)),
    ("in-otp", "receipt", 4.0, 0.7, 12.7, 20.4, (0.05, 0.05, 0.05)),
    ("gray-route", "answer", 0.2, 0.7, 0.63, 1.0, (0.0005, 0.005, 0.05)),
    ("gray-route", "receipt", 30.0, 1.2, 216.0, 489.0, (0.5, 0.5, 0.5)),
    # nine in ten
    ("handset-retry", "receipt", 1.8, 0.55, 4.4, 6.5, (0.05, 0.05, 0.05)),
]


@pytest.mark.parametrize(("name", "what", "p50", "sigma", "p95", "p99", "digits"), TABLE)
def test_the_quantiles_of_many_messages_are_those_of_the_table(
    name: str, what: str, p50: float, sigma: float, p95: float, p99: float, digits: tuple[float, float, float]
) -> None:
    found = fates(name)
    if what == "answer":
        spans = [verdict.respond_after for verdict, _ in found]
    else:
        spans = [verdict.outcomes[0].after for verdict, _ in found if verdict.outcomes]
    if name == "handset-retry":
        # the first of the later attempts comes after a minute
        spans = [span for span in spans if span < 55.0]
    for share, published, digit in zip((0.5, 0.95, 0.99), (p50, p95, p99), digits, strict=True):
        off = abs(log(at_share(spans, share) / published))
        assert off <= tolerance(sigma, share, len(spans)) + digit / published, (share, at_share(spans, share))


def test_instant_takes_no_time() -> None:
    assert {(one.respond_after, one.outcomes[0].after) for one, _ in fates("instant", 50)} == {(0.0, 0.0)}


def told(verdict: Verdict) -> str:
    return "refused" if not verdict.accepted else verdict.outcomes[-1].state if verdict.outcomes else "none"


def test_of_a_direct_route_97_in_100_arrive_2_have_no_receipt_and_1_fails() -> None:
    counts = Counter(told(verdict) for verdict, _ in fates("us-direct"))
    assert set(counts) == {"DELIVRD", "none", "UNDELIV"}
    assert is_share(counts["DELIVRD"], 0.97)
    assert is_share(counts["none"], 0.02)
    assert is_share(counts["UNDELIV"], 0.01)


def test_of_a_gray_route_15_in_100_have_no_receipt_and_5_a_false_one() -> None:
    counts = Counter((told(verdict), truth.state) for verdict, truth in fates("gray-route"))
    assert set(counts) == {("DELIVRD", "DELIVRD"), ("none", "DELIVRD"), ("DELIVRD", "")}
    assert is_share(counts["none", "DELIVRD"], 0.15)
    assert is_share(counts["DELIVRD", ""], 0.05)


def test_one_handset_in_ten_is_tried_again_after_1_5_and_30_minutes_and_2_8_and_24_hours() -> None:
    found = [verdict.outcomes[-1] for verdict, _ in fates("handset-retry") if verdict.outcomes]
    late = [one for one in found if one.after > 55.0]
    assert is_share(len(late), 0.10, len(found))
    moments = (60, 300, 1_800, 7_200, 28_800, 86_400)
    # each comes with the delay of a delivery behind it, which is less than a minute
    assert {max(one for one in moments if one <= outcome.after + 1e-6) for outcome in late} == set(moments)
    expired = [one for one in late if one.state == "EXPIRED"]
    assert expired
    assert {round(one.after + 1) // 100 * 100 for one in expired} == {86_400}


def test_mobile_to_mobile_in_2006_38_in_100_failed_at_first_and_98_arrived() -> None:
    found = fates("etsi-2006-p2p")
    counts = Counter(told(verdict) for verdict, _ in found)
    assert set(counts) == {"DELIVRD", "EXPIRED"}
    assert is_share(counts["DELIVRD"], 0.98)
    at_once = [verdict.outcomes[-1].after for verdict, _ in found if verdict.outcomes[-1].after < 60]
    assert is_share(len(at_once), 0.62)
    # the phone has it after 6 to 8 s, and that is confirmed after 10 to 12
    assert 10.0 <= min(at_once) <= max(at_once) <= 12.0


@pytest.mark.parametrize(
    ("knobs", "share", "shows"),
    [
        ("first_failure: 30%, delivered: 100%", 0.30, lambda verdict, _: verdict.outcomes[-1].after >= 60),
        ("first_failure: 30%, delivered: 90%", 0.10, lambda _, truth: truth.state == "EXPIRED"),
        ("missing: 12%", 0.12, lambda verdict, truth: (verdict.outcomes, truth.state) == ((), "DELIVRD")),
        ("failed: 12%", 0.12, lambda verdict, _: verdict.outcomes[-1].state == "UNDELIV"),
        ("false_delivered: 12%", 0.12, lambda verdict, truth: (told(verdict), truth.state) == ("DELIVRD", "")),
        ("duplicate: 12%", 0.12, lambda verdict, _: len(verdict.outcomes) == 2),
        (
            "out_of_order: 12%, respond: 1s",
            0.12,
            lambda verdict, _: isinstance(verdict.outcomes[0], Overtaking),
        ),
    ],
)
def test_each_share_is_a_knob_of_its_own(knobs: str, share: float, shows: Any) -> None:
    found = fates(f"{{{knobs}, delivery: 2s}}")
    assert is_share(sum(shows(verdict, truth) for verdict, truth in found), share)
    # and turns nothing else
    others = fates("{delivery: 2s}", 100)
    assert not any(shows(verdict, truth) for verdict, truth in others)


def test_knobs_of_a_named_profile_are_turned_one_by_one() -> None:
    plain, turned = fates("us-direct"), fates("{profile: us-direct, missing: 20%}")
    assert is_share(sum(told(verdict) == "none" for verdict, _ in turned), 0.20)
    assert [one.respond_after for one, _ in plain] == [one.respond_after for one, _ in turned]


def test_the_gap_between_two_receipts_is_as_it_is_said() -> None:
    found = fates("{delivery: 2s, duplicate: 100%, gap: 30s..90s}", 400)
    gaps = [verdict.outcomes[1].after - verdict.outcomes[0].after for verdict, _ in found]
    assert 30.0 <= min(gaps) < 35.0
    assert 85.0 < max(gaps) < 90.0


PEAK = "{profile: us-direct, peak: {hours: '18:00..20:00', zone: America/New_York, factor: 3, queue_full: 2%}}"


@pytest.mark.parametrize(
    ("hour", "minute", "is_peak"), [(17, 59, False), (18, 0, True), (19, 59, True), (20, 0, False)]
)
@pytest.mark.parametrize("month", [1, 7])
def test_at_peak_time_everything_takes_three_times_as_long(hour: int, minute: int, is_peak: bool, month: int) -> None:
    at = datetime(2026, month, 15, hour, minute, tzinfo=NEW_YORK).timestamp()
    usual, then = fates("us-direct", 300, at), fates(PEAK, 300, at)
    factors = {
        round(late.respond_after / plain.respond_after, 6)
        for (plain, _), (late, _) in zip(usual, then, strict=True)
        if late.accepted
    }
    assert factors == ({3.0} if is_peak else {1.0})


def test_at_peak_time_2_in_100_find_the_queue_full() -> None:
    at = datetime(2026, 7, 15, 19, 0, tzinfo=NEW_YORK).timestamp()
    refused = [verdict for verdict, _ in fates(PEAK, at=at) if not verdict.accepted]
    assert is_share(len(refused), 0.02)
    assert {verdict.cause and verdict.cause.name for verdict in refused} == {"queue_full"}
    assert all(verdict.accepted for verdict, _ in fates(PEAK, 500))


def test_in_a_blackout_nothing_is_answered_and_then_everything() -> None:
    world = World()
    then = "{connection: {fault: hang, session: all, lasts: 30s}}"
    text = f"networks: {{one: {{prefixes: [1]}}}}\ntimeline: [{{name: blackout, at: 10s, then: {then}}}]"
    world.smsc = staged([parse(f"scenario: 1\n{text}")], world.now, START)
    gateway = world.bound()
    world.run(11.0)
    for _ in range(3):
        gateway.submit()
    gateway.send(EnquireLink())
    world.run(28.9)
    assert gateway.received == []
    world.run(0.2)
    assert [len(gateway.of(kind)) for kind in (SubmitSmResp, EnquireLinkResp, DeliverSm)] == [3, 1, 3]

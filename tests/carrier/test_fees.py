"""Fees: prices as published, exact sums, days of a zone, and a bounded number of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier import fees as fees_module
from simulator.carrier.fees import ONE_OFF, PENALTIES, US_FEES, Fee, Fees, Total, dollars, micro_dollars


def unix(year: int, month: int, day: int, hour: int, minute: int = 0, second: float = 0.0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() + second


NOON = unix(2026, 5, 26, 19)


@pytest.mark.parametrize(
    ("network", "kind", "direction", "is_registered", "price"),
    [
        ("at&t", "sms", "mt", True, "0.0035"),
        ("verizon", "sms", "mt", True, "0.0045"),
        ("t-mobile", "sms", "mt", True, "0.0045"),
        ("us-cellular", "sms", "mt", True, "0.0045"),
        ("t-mobile", "sms", "mo", True, "0.0025"),
        ("at&t", "mms", "mt", True, "0.005"),
        ("t-mobile", "mms", "mt", True, "0.010"),
        ("t-mobile", "mms", "mt", False, "0.013"),
        ("us-cellular", "mms", "mt", True, "0.01"),
        # one price holds for all
        ("at&t", "sms", "mt", False, "0.0035"),
    ],
)
def test_a_price_is_what_was_published(network, kind, direction, is_registered, price):
    assert Fees().price(network, kind, direction, is_registered=is_registered) == micro_dollars(price)
    assert all(fee.source for fee in US_FEES)


@pytest.mark.parametrize(
    ("network", "kind", "direction"), [("verizon", "mms", "mt"), ("at&t", "sms", "mo"), ("x", "sms", "mt")]
)
def test_what_nobody_published_has_no_price(network, kind, direction):
    assert Fees().price(network, kind, direction) is None


def test_registration_and_penalties_cost_what_was_published():
    assert {name: (dollars(low), dollars(high)) for name, (low, high) in ONE_OFF.items()} == {
        "brand": ("4.0000", "4.5000"),
        "vetting": ("41.0000", "41.0000"),
        "campaign_vetting": ("15.0000", "15.0000"),
        "campaign_month": ("1.5000", "10.0000"),
    }
    assert {name: micros // 1_000_000 for name, micros in PENALTIES.items()} == {
        "phishing": 2_000,
        "illegal_content": 1_000,
        "other_content": 500,
        "grey_route": 10,
        "evasion": 1_000,
        "text_enablement": 10_000,
        "idle_campaign": 250,
    }


def test_each_segment_of_an_sms_is_charged_and_an_mms_once():
    fees = Fees()
    assert fees.charge(NOON, "at&t", "acme", segments=3) == 10_500
    assert fees.charge(NOON, "t-mobile", "acme", "mms", segments=3, is_registered=False) == 13_000
    assert fees.charge(NOON, "t-mobile", "acme", "sms", "mo") == 2_500
    assert fees.totals() == {(): Total(3, 5, 26_000, 0)}


def test_what_has_no_price_is_counted_and_not_free():
    fees = Fees()
    assert fees.charge(NOON, "verizon", "acme", "mms") == 0
    assert fees.totals("network") == {("verizon",): Total(1, 1, 0, 1)}


def test_totals_come_by_day_brand_and_network_in_any_combination():
    fees = Fees()
    fees.charge(NOON, "verizon", "bolt")
    fees.charge(NOON, "at&t", "acme")
    fees.charge(NOON + 86_400, "at&t", "acme", segments=2)
    assert fees.totals("day") == {("2026-05-26",): Total(2, 2, 8_000, 0), ("2026-05-27",): Total(1, 2, 7_000, 0)}
    assert fees.totals("brand") == {("acme",): Total(2, 3, 10_500, 0), ("bolt",): Total(1, 1, 4_500, 0)}
    assert list(fees.totals("network", "day")) == [
        ("at&t", "2026-05-26"),
        ("at&t", "2026-05-27"),
        ("verizon", "2026-05-26"),
    ]
    assert list(fees.totals("brand")) == sorted(fees.totals("brand"))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (unix(2026, 1, 10, 7, 59, 59.9), "2026-01-09"),
        (unix(2026, 1, 10, 8), "2026-01-10"),
        (unix(2026, 7, 10, 6, 59, 59.9), "2026-07-09"),
        (unix(2026, 7, 10, 7), "2026-07-10"),
        # 8 March 2026 has 23 hours there, and 1 November 25
        (unix(2026, 3, 8, 8), "2026-03-08"),
        (unix(2026, 3, 9, 6, 59, 59.9), "2026-03-08"),
        (unix(2026, 3, 9, 7), "2026-03-09"),
        (unix(2026, 11, 1, 7), "2026-11-01"),
        (unix(2026, 11, 2, 7, 59, 59.9), "2026-11-01"),
        (unix(2026, 11, 2, 8), "2026-11-02"),
    ],
)
def test_a_day_is_one_of_the_zone_s(moment, day):
    fees = Fees()
    # whatever day was looked at before, also a later one
    for before in (moment - 86_400, moment + 86_400, moment - 1):
        fees.charge(before, "at&t", "before")
        fees.charge(moment, "at&t", "acme")
    assert fees.totals("brand", "day")["acme", day].messages == 3


def test_another_zone_has_other_days():
    fees = Fees(zone="Asia/Kolkata")
    fees.charge(unix(2026, 1, 9, 18, 29), "x", "acme")
    fees.charge(unix(2026, 1, 9, 18, 30), "x", "acme")
    assert list(fees.totals("day")) == [("2026-01-09",), ("2026-01-10",)]


def test_prices_can_be_replaced_and_what_was_charged_stays():
    fees = Fees()
    fees.charge(NOON, "at&t", "acme")
    fees.replace([Fee("at&t", "sms", "mt", 9_000)])
    fees.charge(NOON, "at&t", "acme")
    assert fees.totals() == {(): Total(2, 2, 12_500, 0)}
    assert fees.price("verizon", "sms", "mt") is None


def test_a_reset_forgets_what_was_charged():
    fees = Fees()
    fees.charge(NOON, "at&t", "acme")
    fees.reset()
    assert fees.totals() == fees.totals("day") == {}


def test_sums_are_bounded_and_those_of_a_network_stay_whole(monkeypatch):
    monkeypatch.setattr(fees_module, "ROWS_MAX", 3)
    fees = Fees()
    for brand in ("one", "two", "three", "one", "four"):
        fees.charge(NOON, "at&t", brand)
    fees.charge(NOON, "verizon", "five")
    # the longest unused went first, and `one` was used again
    assert set(fees.totals("brand")) == {("(others)",), ("four",), ("five",)}
    assert fees.totals("network") == {("at&t",): Total(5, 5, 17_500, 0), ("verizon",): Total(1, 1, 4_500, 0)}
    assert fees.totals("day", "network")["(others)", "at&t"] == Total(4, 4, 14_000, 0)
    for network in ("a", "b", "c", "d"):
        fees.charge(NOON, network, "six")
    assert fees.totals()[()].messages == 10
    assert fees.totals("network")["at&t",].messages == 5


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), st.sampled_from(["at&t", "verizon", "x"])), max_size=60)
)
def test_no_message_gets_lost_among_the_sums(charges):
    fees = Fees()
    paid = sum(fees.charge(NOON + 86_400 * day, network, f"brand {brand}") for day, brand, network in charges)
    for by in ((), ("day",), ("brand",), ("network",), ("day", "brand", "network")):
        sums = fees.totals(*by).values()
        assert sum(total.micros for total in sums) == paid
        assert sum(total.messages for total in sums) == len(charges)


@pytest.mark.parametrize(
    ("text", "micros"),
    [("0.0035", 3_500), ("$4.50", 4_500_000), ("0.000001", 1), ("0", 0), ("2000", 2_000_000_000), ("1e-3", 1_000)],
)
def test_dollars_are_read_exactly(text, micros):
    assert micro_dollars(text) == micros


@pytest.mark.parametrize("text", ["0.0000001", "-1", "free", "", "nan", "inf", "$$1"])
def test_what_is_no_sum_in_dollars_is_refused(text):
    with pytest.raises(ValueError, match=r"amount: '.*', dollars such as 0.0035, with at most six decimals"):
        micro_dollars(text)


@pytest.mark.parametrize(
    ("micros", "text"), [(3_500, "0.0035"), (0, "0.0000"), (12_500_000, "12.5000"), (1, "0.000001"), (4_510, "0.00451")]
)
def test_dollars_are_written_exactly(micros, text):
    assert dollars(micros) == text
    assert micro_dollars(text) == micros


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("x", "fax", "mt", 1), r"fee of x: kind 'fax', one of sms, mms"),
        (("x", "sms", "up", 1), r"fee of x: direction 'up', one of mt, mo"),
        (("x", "sms", "mt", -1), r"fee of x: -1 micro-dollars, 0 or more"),
    ],
)
def test_a_fee_that_cannot_be_is_refused(words, why):
    with pytest.raises(ValueError, match=why):
        Fee(*words)


def test_two_prices_for_one_thing_are_refused():
    with pytest.raises(ValueError, match=r"fee of x: two prices for sms mt"):
        Fees([Fee("x", "sms", "mt", 1), Fee("x", "sms", "mt", 1)])


def test_what_is_no_aspect_and_no_zone_is_refused():
    with pytest.raises(ValueError, match=r"totals: by 'week', one of day, brand, network"):
        Fees().totals("week")
    with pytest.raises(ValueError, match=r"fees: zone 'Mars/Base', a name such as America/Los_Angeles"):
        Fees(zone="Mars/Base")

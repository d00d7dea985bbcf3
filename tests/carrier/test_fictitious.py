"""Fictitious numbers: only from the ranges that authorities publish, none twice, and never a guess."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier.fictitious import (
    EITHER,
    FREEPHONE,
    LANDLINE,
    MOBILE,
    PREMIUM,
    SAFE_COUNTRIES,
    SafeNumbers,
    numbers_of,
    range_of,
    safe_numbers,
)
from simulator.carrier.numbers import NumberPlan, country_of, kind_of

# Country, line, first and last number: as the authorities publish them.
PUBLISHED = [
    ("US", EITHER, "12025550100", "12025550199"),
    ("US", EITHER, "12125550100", "12125550199"),
    ("CA", EITHER, "14165550100", "14165550199"),
    ("", FREEPHONE, "18005550100", "18005550199"),
    ("", FREEPHONE, "18335550100", "18335550199"),
    ("GB", MOBILE, "447700900000", "447700900999"),
    ("GB", LANDLINE, "442079460000", "442079460999"),
    ("GB", LANDLINE, "441134960000", "441134960999"),
    ("GB", LANDLINE, "441614960000", "441614960999"),
    ("GB", LANDLINE, "441632960000", "441632960999"),
    ("GB", FREEPHONE, "448081570000", "448081570999"),
    ("GB", PREMIUM, "449098790000", "449098790999"),
    ("GB", LANDLINE, "443069990000", "443069990999"),
    ("AU", MOBILE, "61491570006", "61491570006"),
    ("AU", MOBILE, "61491570110", "61491570110"),
    ("AU", MOBILE, "61491570156", "61491570159"),
    ("AU", LANDLINE, "61255500000", "61255509999"),
    ("AU", LANDLINE, "61870100000", "61870109999"),
    ("AU", FREEPHONE, "611800160401", "611800160401"),
    ("AU", FREEPHONE, "611800975707", "611800975707"),
    ("DE", LANDLINE, "493023125000", "493023125999"),
    ("DE", LANDLINE, "496990009000", "496990009999"),
    ("DE", LANDLINE, "494066969000", "494066969999"),
    ("DE", LANDLINE, "492214710000", "492214710999"),
    ("DE", LANDLINE, "498999998000", "498999998999"),
    ("DE", MOBILE, "491713920000", "491713920099"),
    ("DE", MOBILE, "4917604069000", "4917604069099"),
    ("FR", LANDLINE, "33199000000", "33199009999"),
    ("FR", MOBILE, "33639980000", "33639989999"),
    ("FR", LANDLINE, "33261910000", "33261919999"),
    ("FR", LANDLINE, "33536490000", "33536499999"),
    ("SE", MOBILE, "46701740605", "46701740699"),
]


@pytest.mark.parametrize(("country", "line", "first", "last"), PUBLISHED)
def test_a_published_range_is_known_to_its_last_number(country, line, first, last):
    for number in (first, "+" + last):
        found = range_of(number)
        assert found is not None
        assert (found.country, found.line) == (country, line)
        assert found.source
    size = int(last) - int(first) + 1
    assert len(SafeNumbers(sorted({str(number)[:-2] for number in range(int(first), int(last) + 1)}))) >= size
    assert first in SafeNumbers([first[:7]])


@pytest.mark.parametrize(
    "number",
    [
        "12025550099",
        "12025550200",
        "12025551212",
        "15550100",
        "120255501000",
        "11235550100",
        "447700899999",
        "447700901000",
        "441914960000",
        "61491570005",
        "493023126000",
        "33640000000",
        "46701740604",
        "46701740700",
        "919812345678",
        "1",
        "ACME",
        "",
    ],
)
def test_a_number_beside_the_ranges_may_be_somebody_s(number):
    assert range_of(number) is None


def test_the_first_number_of_each_range_is_its_country_s():
    assert [row for row in PUBLISHED if country_of(row[2]) != row[0]] == []
    assert {row[0] for row in PUBLISHED if row[0]} == set(SAFE_COUNTRIES)


@given(
    st.sampled_from(["1", "1202", "12025550", "1800", "44", "447", "4477009001", "49", "33", "46", "614"]),
    st.integers(0, 2**64),
    st.data(),
)
def test_every_number_is_safe_and_has_the_prefix(prefix, seed, data):
    numbers = SafeNumbers([prefix], seed=seed)
    number = numbers.number(data.draw(st.integers(0, len(numbers) - 1)))
    assert number.startswith(prefix)
    assert number in numbers
    assert range_of(number) is not None
    assert kind_of(number) in {"long_code", "toll_free", "international"}


@pytest.mark.parametrize("prefix", ["1202", "447700", "61491570110", "4670", "49"])
def test_no_number_comes_twice_and_none_is_left_out(prefix):
    numbers = SafeNumbers([prefix], seed=7)
    taken = numbers.take(len(numbers))
    assert len(set(taken)) == len(taken)
    assert all(number in numbers for number in taken)


def test_an_area_code_has_a_hundred():
    assert len(SafeNumbers(["1202"])) == 100
    assert len(SafeNumbers(["1202", "+1212", "1202"])) == 200
    assert len(SafeNumbers(["1202555019"])) == 10
    assert len(SafeNumbers(["12025550", "120255501"])) == 100


def test_a_short_prefix_widens_over_the_area_codes_in_use():
    numbers = SafeNumbers(["1"], seed=1)
    assert len(numbers) > 30_000
    assert all(re.fullmatch(r"1[2-9]\d\d55501\d\d", number) for number in numbers.take(500))
    assert "18005550100" not in numbers
    assert len(SafeNumbers(["120"])) == len([one for one in SafeNumbers(["1"]).take(len(numbers)) if one[:3] == "120"])


def test_the_seed_alone_decides_the_order():
    assert SafeNumbers(["1202"], seed=5).take(20) == SafeNumbers(["1202"], seed=5).take(20)
    assert SafeNumbers(["1202"], seed=5).take(20) != SafeNumbers(["1202"], seed=6).take(20)


def test_taking_goes_on_until_a_reset():
    numbers = SafeNumbers(["1202"])
    first, second = numbers.take(60), numbers.take(40)
    assert set(first).isdisjoint(second)
    numbers.reset()
    assert numbers.take(100) == first + second


def test_more_than_there_are_is_refused_and_takes_none():
    numbers = SafeNumbers(["1202"])
    numbers.take(90)
    why = "fictitious numbers: 11 asked for, 10 left of 100 under 1202; name more area codes, or a shorter prefix"
    with pytest.raises(ValueError, match=why):
        numbers.take(11)
    assert len(numbers.take(10)) == 10
    with pytest.raises(ValueError, match=r"fictitious numbers: number 100 of 100 under 1202"):
        numbers.number(100)
    with pytest.raises(ValueError, match=r"number -1 of 100"):
        numbers.number(-1)


@pytest.mark.parametrize(
    ("prefixes", "more", "named"),
    [
        (["91"], {}, "91"),
        (["12025551", "12025552"], {}, "12025551, 12025552"),
        (["1102"], {}, "1102"),
        (["1202"], {"lines": [MOBILE]}, "1202"),
        (["1202555010012"], {}, "1202555010012"),
        ([], {}, "no prefix"),
    ],
)
def test_where_none_is_published_none_is_made(prefixes, more, named):
    why = rf"^fictitious numbers: none under {named}; there are some in AU, CA, DE, FR, GB, SE, US$"
    with pytest.raises(ValueError, match=why):
        SafeNumbers(prefixes, **more)


@pytest.mark.parametrize("prefix", ["", "12x"])
def test_what_is_no_prefix_is_refused(prefix):
    with pytest.raises(ValueError, match=rf"fictitious numbers: prefix '{prefix}', 1 to 17 digits"):
        SafeNumbers([prefix])


def test_lines_narrow_the_choice():
    mobiles = SafeNumbers(["49", "44"], lines=[MOBILE])
    assert len(mobiles) == 1_200
    assert all(re.fullmatch(r"4477009\d{5}|4917139200\d\d|49176040690\d\d", one) for one in mobiles.take(1_200))


def test_what_is_no_number_is_in_no_range():
    assert "ACME" not in SafeNumbers(["1202"])
    assert "" not in SafeNumbers(["1202"])
    assert "12125550100" not in SafeNumbers(["1202"])


def test_the_numbers_of_a_network_are_those_whose_longest_prefix_it_has():
    plan = NumberPlan({"a": ["1202", "120255501999"], "b": ["120255501", "1206"], "c": ["12025550123", "1"]})
    assert len(safe_numbers(plan, "b")) == 199
    with pytest.raises(ValueError, match="none under 1202, 120255501999"):
        safe_numbers(plan, "a")
    of_all = safe_numbers(plan, "c", seed=9)
    assert "12025550123" in of_all
    assert "12025550124" not in of_all
    assert {plan.network_of(number) for number in of_all.take(1_000)} == {"c"}
    assert {plan.network_of(number) for number in safe_numbers(plan, "b").take(199)} == {"b"}


def test_a_network_may_be_narrowed_to_mobile_numbers():
    plan = NumberPlan({"uk": ["44"], "hub": ["1"]})
    assert len(safe_numbers(plan, "uk", lines=[MOBILE])) == 1_000


def test_numbers_of_a_network_leave_out_what_was_ported_away_and_landlines():
    plan = NumberPlan(
        {"a": ["1202"], "b": ["1203"], "c": []},
        landlines=["120255501"],
        ported={"12035550100": "a", "12035550101": "c"},
    )
    with pytest.raises(ValueError, match="count: 1 from number 0 on, and a has 0 fictitious numbers of that kind"):
        numbers_of(plan, "a", count=1)
    assert len(numbers_of(plan, "a", count=100, kind="landline")) == 100
    mobile = numbers_of(plan, "b", count=98)
    assert not {"12035550100", "12035550101"} & set(mobile)
    assert numbers_of(plan, "b", count=10, first=88) == mobile[88:]
    assert numbers_of(plan, "b", count=98, seed=1) != mobile
    assert sorted(numbers_of(plan, "b", count=98, kind="mobile", seed=1)) == sorted(mobile)
    plan.port("12035550150", "b")
    assert sorted(numbers_of(plan, "b", count=98)) == sorted(mobile)


def lines(numbers):
    """The lines that published ranges say these numbers are."""
    return {safe.line for safe in map(range_of, numbers) if safe is not None}


def test_a_kind_of_number_tells_lines_where_digits_do():
    plan = NumberPlan({"uk": ["44"]})
    assert lines(numbers_of(plan, "uk", count=1_000, kind="mobile")) == {MOBILE}
    assert lines(numbers_of(plan, "uk", count=1_000, kind="landline")) == {LANDLINE}
    assert lines(numbers_of(plan, "uk", count=10, kind="toll_free")) == {FREEPHONE}
    assert lines(numbers_of(plan, "uk", count=10, kind="premium")) == {PREMIUM}
    assert LANDLINE not in lines(numbers_of(plan, "uk", count=3_000))


@pytest.mark.parametrize(
    ("network", "kind", "reason"),
    [
        ("d", "", "network: 'd', one of a, none"),
        ("none", "", "network: none has no prefixes, and so no numbers"),
        ("a", "mobil", "kind: 'mobil', one of mobile, landline, toll_free, premium; did you mean 'mobile'"),
        ("a", "premium", "fictitious numbers: none under 1202"),
    ],
)
def test_numbers_that_are_not_there_are_no_guess(network, kind, reason):
    with pytest.raises(ValueError, match=reason):
        numbers_of(NumberPlan({"a": ["1202"], "none": []}), network, count=1, kind=kind)

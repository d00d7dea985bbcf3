"""Kinds of number, how numbers are read from addresses, and whose a number is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier import numbers
from simulator.carrier.messages import Address
from simulator.carrier.numbers import (
    COUNTRIES,
    KINDS,
    Line,
    Number,
    NumberPlan,
    country_of,
    kind_of,
    read_number,
)


@pytest.mark.parametrize(
    ("digits", "kind"),
    [
        *((f"{code}5550100", "toll_free") for code in (1800, 1833, 1844, 1855, 1866, 1877, 1888)),
        # reserved as the next one, and an ordinary area code until then
        ("18225550100", "long_code"),
        ("12025550100", "long_code"),
        # by syntax alone a number is one that nobody can have
        ("15551234567", "long_code"),
        ("15559876543", "long_code"),
        ("15561234567", "unknown"),
        ("14165550100", "long_code"),
        ("12005550100", "long_code"),
        ("11995550100", "unknown"),
        ("12021550100", "unknown"),
        ("12022550100", "long_code"),
        ("1202555010", "unknown"),
        ("120255501000", "unknown"),
        ("12425550100", "international"),
        ("17875550100", "long_code"),
        ("12345", "short_code"),
        ("242733", "short_code"),
        ("1234", "unknown"),
        ("988", "crisis_988"),
        ("911", "unknown"),
        ("447700900123", "international"),
        ("4477009", "international"),
        ("49302312500012345", "international"),
        ("493023125000123456", "unknown"),
        ("07700900123", "unknown"),
        ("A", "alphanumeric"),
        ("My Shop 123", "alphanumeric"),
        ("My Shop 1234", "unknown"),
        ("Café", "alphanumeric"),
        ("+Shop", "unknown"),
        ("12 34", "unknown"),
        ("\u0663\u0664\u0665\u0666\u0667", "unknown"),
        ("", "unknown"),
    ],
)
def test_digits_tell_the_kind(digits, kind):
    assert kind_of(digits) == kind
    assert kind in KINDS


@pytest.mark.parametrize(
    ("digits", "country"),
    [
        ("12025550100", "US"),
        ("17875550100", "US"),
        ("14165550100", "CA"),
        ("12425550100", "BS"),
        ("18765550100", "JM"),
        ("18005550100", ""),
        ("11995550100", ""),
        ("447700900123", "GB"),
        ("493023125000", "DE"),
        ("33639980001", "FR"),
        ("46701740605", "SE"),
        ("919812345678", "IN"),
        ("61491570156", "AU"),
        ("8613800000000", ""),
        ("12345", ""),
        ("ACME", ""),
    ],
)
def test_a_number_in_full_tells_its_country(digits, country):
    assert country_of(digits) == country


@pytest.mark.parametrize(
    ("number", "ton", "npi", "home", "digits", "kind", "country"),
    [
        # international
        ("12025550100", 1, 1, "US", "12025550100", "long_code", "US"),
        ("447700900123", 1, 1, "US", "447700900123", "international", "GB"),
        ("12025550100", 1, 1, "GB", "12025550100", "long_code", "US"),
        # national
        ("2025550100", 2, 1, "US", "12025550100", "long_code", "US"),
        ("12025550100", 2, 1, "US", "12025550100", "long_code", "US"),
        ("8005550199", 2, 1, "CA", "18005550199", "toll_free", ""),
        ("7700900123", 2, 1, "GB", "447700900123", "international", "GB"),
        ("07700900123", 2, 1, "GB", "447700900123", "international", "GB"),
        ("0491570156", 2, 1, "AU", "61491570156", "international", "AU"),
        ("1800160401", 2, 1, "AU", "611800160401", "international", "AU"),
        # short
        ("12345", 0, 1, "US", "12345", "short_code", "US"),
        ("242733", 3, 0, "US", "242733", "short_code", "US"),
        ("242733", 3, 1, "US", "242733", "short_code", "US"),
        ("988", 0, 1, "US", "988", "crisis_988", "US"),
        # names
        ("ACME", 5, 0, "GB", "ACME", "alphanumeric", ""),
    ],
)
def test_what_is_usual_is_read_in_full(number, ton, npi, home, digits, kind, country):
    assert read_number(Address(number, ton, npi), home) == Number(digits, kind, country, is_usual=True, why="")


@pytest.mark.parametrize(
    ("number", "ton", "npi", "home", "digits", "kind"),
    [
        # a plus, with whatever type
        ("+12025550100", 1, 1, "US", "12025550100", "long_code"),
        ("+12025550100", 0, 0, "US", "12025550100", "long_code"),
        ("+447700900123", 2, 1, "US", "447700900123", "international"),
        ("+44123", 0, 1, "US", "44123", "international"),
        ("+988", 0, 1, "US", "988", "crisis_988"),
        ("988", 1, 1, "US", "988", "crisis_988"),
        # the prefix for calls abroad
        ("011447700900123", 0, 0, "US", "447700900123", "international"),
        ("00447700900123", 0, 0, "US", "447700900123", "international"),
        ("00447700900123", 1, 0, "GB", "447700900123", "international"),
        ("0012025550100", 0, 1, "GB", "12025550100", "long_code"),
        ("001112025550100", 0, 0, "AU", "12025550100", "long_code"),
        ("0044123", 0, 0, "GB", "44123", "international"),
        # no type: the digits decide
        ("12025550100", 0, 0, "US", "12025550100", "long_code"),
        ("2025550100", 0, 0, "US", "12025550100", "long_code"),
        ("07700900123", 0, 0, "GB", "447700900123", "international"),
        ("447700900123", 0, 0, "GB", "447700900123", "international"),
        ("030231250001", 0, 0, "DE", "4930231250001", "international"),
        # ten digits that are no number at home
        ("1302312500", 0, 0, "DE", None, None),
        ("4620174060", 0, 0, "SE", "4620174060", "international"),
        ("3312019900", 0, 0, "US", "13312019900", "long_code"),
        ("3301990012", 0, 0, "US", "3301990012", "international"),
        # another plan or type than the usual one
        ("12025550100", 1, 0, "US", "12025550100", "long_code"),
        ("12345", 0, 0, "US", "12345", "short_code"),
        ("12345", 6, 1, "US", "12345", "short_code"),
        ("ACME", 0, 0, "US", "ACME", "alphanumeric"),
        ("ACME", 5, 1, "US", "ACME", "alphanumeric"),
    ],
)
def test_what_is_unusual_is_read_as_it_is_meant(number, ton, npi, home, digits, kind):
    read = read_number(Address(number, ton, npi), home)
    if digits is None:
        assert read.why
    else:
        assert (read.digits, read.kind, read.is_usual, read.why) == (digits, kind, False, "")


@pytest.mark.parametrize(
    ("number", "ton", "npi", "why"),
    [
        ("", 1, 1, "no number"),
        ("+", 1, 1, "no number"),
        ("12025550100", 7, 1, "12025550100: type of number 7, 0 to 6"),
        ("12025550100", 5, 0, "12025550100: type of number 5 asks for a letter"),
        ("ACME", 1, 1, "ACME: type of number 1 asks for digits"),
        ("ACME-Shop-Ltd", 5, 0, "ACME-Shop-Ltd: neither digits nor 1 to 11 characters with a letter"),
        ("202 555 0100", 0, 0, "202 555 0100: neither digits nor 1 to 11 characters with a letter"),
        ("12345", 1, 1, "12345: type of number 1 does not fit short_code"),
        ("12345", 2, 1, "12345: no number that type of number 2 can mean"),
        ("988", 2, 1, "988: no number that type of number 2 can mean"),
        ("5550100", 4, 1, "5550100: type of number 4 does not fit international"),
        ("12025550100", 3, 1, "12025550100: type of number 3 does not fit long_code"),
        ("12025550100", 6, 1, "12025550100: type of number 6 does not fit long_code"),
        ("07700900123", 1, 1, "07700900123: no number that type of number 1 can mean"),
        ("12021550100", 1, 1, "12021550100: no number that type of number 1 can mean"),
        ("447700900123", 2, 1, "447700900123: no number that type of number 2 can mean"),
        ("+04123", 0, 0, "+04123: no number that type of number 0 can mean"),
        ("+12345", 0, 0, "+12345: no number that type of number 0 can mean"),
        ("1234", 0, 0, "1234: no number that type of number 0 can mean"),
    ],
)
def test_what_contradicts_itself_says_why(number, ton, npi, why):
    assert read_number(Address(number, ton, npi)) == Number(number, "unknown", "", is_usual=False, why=why)


def test_a_home_that_is_not_in_the_table_is_refused():
    with pytest.raises(ValueError, match=r"home: 'XX', one of US, CA, GB, DE, FR, SE, IN, AU"):
        read_number(Address("12025550100", 1, 1), "XX")


@given(st.text(max_size=20), st.integers(0, 8), st.integers(0, 18), st.sampled_from(sorted(COUNTRIES)))
def test_any_address_is_read_without_an_exception(text, ton, npi, home):
    read = read_number(Address(text, ton, npi), home)
    assert read.kind in KINDS
    assert (read.kind == "unknown") == bool(read.why)


@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_every_way_of_writing_a_north_american_number_means_the_same(digits):
    ways = [("1" + digits, 1), ("+1" + digits, 1), (digits, 2), ("1" + digits, 0), (digits, 0), ("0111" + digits, 0)]
    assert {read_number(Address(number, ton, 1)).digits for number, ton in ways} == {"1" + digits}


def a_plan(**more) -> NumberPlan:
    return NumberPlan({"at&t": ["1202", "1206"], "t-mobile": ["12025550", "+1212"], "hub": ["1"]}, **more)


@pytest.mark.parametrize(
    ("digits", "network"),
    [
        ("12025551100", "at&t"),
        ("12025550100", "t-mobile"),
        ("12065550100", "at&t"),
        ("12125550100", "t-mobile"),
        ("13035550100", "hub"),
        ("447700900123", ""),
        ("12", "hub"),
        ("", ""),
    ],
)
def test_the_longest_prefix_tells_the_network(digits, network):
    assert a_plan().network_of(digits) == network


def test_a_ported_number_is_that_network_s_whatever_its_prefix():
    plan = a_plan(ported={"+12025550100": "at&t"})
    assert plan.line_of("12025550100") == Line("at&t", is_ported=True)
    plan.port("+12065550100", "t-mobile")
    assert plan.network_of("12065550100") == "t-mobile"
    assert plan.network_of("12065550101") == "at&t"
    plan.port_back("12065550100")
    plan.port_back("12065550199")
    assert plan.line_of("12065550100") == Line("at&t")


def test_a_prefix_can_be_assigned_at_any_time():
    plan = a_plan()
    plan.assign("120655501", "hub")
    plan.assign("1202", "hub")
    assert [plan.network_of(number) for number in ("12065550100", "12065550200", "12021")] == ["hub", "at&t", "hub"]
    assert plan.prefixes_of("at&t") == ("1206",)
    assert plan.prefixes_of("hub") == ("1202", "1", "120655501")


def test_a_landline_is_one_until_it_is_ported():
    plan = a_plan(landlines=["12065550", "442"])
    assert plan.line_of("12065550100") == Line("at&t", is_landline=True)
    assert plan.line_of("442079460000") == Line("", is_landline=True)
    assert not plan.line_of("12065551100").is_landline
    plan.port("12065550100", "hub")
    assert plan.line_of("12065550100") == Line("hub", is_ported=True)
    plan.port("12065550100", "hub", is_landline=True)
    assert plan.line_of("12065550100") == Line("hub", is_landline=True, is_ported=True)


def test_a_reset_forgets_what_came_since_the_beginning():
    plan = a_plan(ported={"12025550100": "at&t"})
    plan.port("12065550100", "hub")
    plan.port_back("12025550100")
    plan.assign("44", "hub")
    plan.reset()
    numbers_asked = ("12025550100", "12065550100", "447700900123")
    assert [plan.network_of(number) for number in numbers_asked] == ["at&t", "at&t", ""]
    assert plan.networks == ("at&t", "t-mobile", "hub")


def test_a_number_that_is_restored_is_whose_it_was_at_the_beginning() -> None:
    plan = a_plan(ported={"12025550100": "at&t"})
    for number in ("12025550100", "+12065550100"):
        plan.port(number, "hub")
        plan.restore(number)
    assert [plan.network_of(one) for one in ("12025550100", "12065550100")] == ["at&t", "at&t"]


def test_the_longest_unused_ported_number_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(numbers, "PORTED_MAX", 2)
    plan = a_plan(ported={"12025550100": "hub"})
    plan.port("12025550101", "hub")
    assert plan.network_of("12025550100") == "hub"
    plan.port("12025550102", "hub")
    asked = [plan.network_of(f"1202555010{last}") for last in (0, 1, 2)]
    assert asked == ["hub", "t-mobile", "hub"]


@pytest.mark.parametrize(
    ("networks", "more", "why"),
    [
        ({"a": ["1202"], "b": ["+1202"]}, {}, r"networks.b.prefixes: '\+1202' is a's already"),
        ({"a": ["12x"]}, {}, r"a: prefix '12x', 1 to 17 digits from the country's code on"),
        ({"a": [""]}, {}, r"a: prefix '', 1 to 17 digits"),
        ({"a": ["1" * 18]}, {}, r"a: prefix '1{18}', 1 to 17 digits"),
        ({"a": ["1"]}, {"landlines": ["-"]}, r"landlines: prefix '-', 1 to 17 digits"),
        ({"a": ["1"], "b": ["2"]}, {"ported": {"12": "c"}}, r"network: 'c', one of a, b"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(networks, more, why):
    with pytest.raises(ValueError, match=why):
        NumberPlan(networks, **more)


def test_the_same_prefix_twice_for_one_network_is_no_contradiction():
    assert NumberPlan({"a": ["1202", "+1202"]}).prefixes_of("a") == ("1202",)


def test_nothing_is_given_to_a_network_that_is_not_there():
    plan = a_plan()
    with pytest.raises(ValueError, match=r"network: 'att', one of at&t, t-mobile, hub"):
        plan.port("12025550100", "att")
    with pytest.raises(ValueError, match=r"network: 'att'"):
        plan.assign("1202", "att")

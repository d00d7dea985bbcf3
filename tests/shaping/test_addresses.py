"""Addresses as forms want them: other numbers, fronts and ends, types of number, octets that are no characters."""

import pytest

from simulator.scenario.forms.forms import AddressForm
from simulator.shaping.addresses import Address, addressed

NUMBER = Address("12025550100", 1, 1)


def shaped(said: object, address: Address = NUMBER) -> Address:
    return addressed(AddressForm.model_validate(said), address)


def test_without_a_form_an_address_stays_the_very_same() -> None:
    assert addressed(None, NUMBER) is NUMBER


def test_a_form_that_says_nothing_changes_nothing() -> None:
    assert shaped({}) == NUMBER


@pytest.mark.parametrize(
    ("said", "number"),
    [
        # a dummy in place of the number
        ("4040404040404040", "4040404040404040"),
        ("5555", "5555"),
        ("", ""),
        ("Brand Name", "Brand Name"),
        # the at sign of the GSM alphabet, and octets of nobody's alphabet
        ("hex:00", "\0"),
        ({"number": "hex:00e9"}, "\0\xe9"),
        ({"number": 5555}, "5555"),
        ({"prefix": "+"}, "+12025550100"),
        ({"prefix": "00"}, "0012025550100"),
        ({"prefix": " "}, " 12025550100"),
        # beyond one octet a character: the octets of UTF-8
        ({"prefix": "€"}, "\xe2\x82\xac12025550100"),
        ({"suffix": "@example.net"}, "12025550100@example.net"),
        ({"strip": "1"}, "2025550100"),
        ({"strip": "44"}, "12025550100"),
        ({"digits": 7}, "5550100"),
        ({"digits": 60}, "12025550100"),
        # national, with a trunk zero
        ({"strip": "1", "prefix": "0"}, "02025550100"),
        ({"digits": 10, "prefix": "0"}, "02025550100"),
        ({"number": "00999", "strip": "00", "suffix": "x"}, "999x"),
    ],
)
def test_a_number_is_written_as_the_form_says(said: object, number: str) -> None:
    assert shaped(said) == Address(number, 1, 1)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"ton": 5}, Address("12025550100", 5, 1)),
        ({"npi": 0}, Address("12025550100", 1, 0)),
        ({"ton": 0, "npi": 255, "digits": 4}, Address("0100", 0, 255)),
    ],
)
def test_the_type_of_number_and_the_plan_need_not_fit_the_number(said: object, expected: Address) -> None:
    assert shaped(said) == expected

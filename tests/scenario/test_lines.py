"""Lines of Python say what the functions of the same condition say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.lines import LOOKED_UP, Line, inlined, names_in, of_field, of_text, within
from simulator.scenario.match import Condition
from simulator.scenario.questions import holds_of
from simulator.scenario.words.words import Range

TEXTS: list[Any] = [
    "12025550100",
    ["", "+12025550100", "CMT"],
    {"none_of": ["", "CMT"]},
    {"starts": "+12"},
    {"ends": "00"},
    {"pattern": r"0{2}$"},
    {"pattern": "^(1|C)+"},
    {"length": "3.."},
    {"length": "..3"},
    {"length": "3"},
]
UNSAID: list[Any] = ["present", "absent", {"contains": "5"}, {"starts": "1", "ends": "0"}, ["hex:00"]]
NUMBERS: list[Any] = [8, [0, 64], {"none_of": [0, 8]}, {"bits": "0x40"}, {"bits": "0x3c=0x04"}, {"between": "4..8"}]
SEEN_TEXTS = (None, "", "1", "12025550100", "CMT", "1é00", "é")
SEEN_NUMBERS = (None, 0, 4, 8, 64, 255)


def said(line: Line | None, value: Any) -> bool:
    """What a line says of a value that stands there."""
    assert line is not None
    names = {f"b{place}": one for place, one in enumerate(line.bound)}
    return bool(eval(line.code.format(*names), {"seen": value, "p": Standing(value), **names}))


class Standing:
    """A PDU with a value in each field that is asked for here; none where there is none."""

    def __init__(self, value: Any) -> None:
        if value is not None:
            self.service_type = self.data_coding = value


@pytest.mark.parametrize("written", TEXTS, ids=str)
@pytest.mark.parametrize("seen", SEEN_TEXTS)
def test_a_line_about_a_text_says_what_its_function_says(written: Any, seen: str | None) -> None:
    condition = Condition.model_validate(written)
    as_text, of_number = holds_of(condition), holds_of(condition, lambda text: text.removeprefix("+"))
    assert said(of_text("seen", condition), seen) == as_text(seen)
    assert said(of_text("seen", condition, is_number=True), seen) == of_number(seen)
    assert said(of_field("service_type", condition), seen) == as_text(seen)


@pytest.mark.parametrize("written", NUMBERS, ids=str)
@pytest.mark.parametrize("seen", SEEN_NUMBERS)
def test_a_line_about_a_number_says_what_its_function_says(written: Any, seen: int | None) -> None:
    condition = Condition.model_validate(written)
    assert said(of_field("data_coding", condition), seen) == holds_of(condition)(seen)


@pytest.mark.parametrize("written", UNSAID, ids=str)
def test_what_is_asked_seldom_has_no_line(written: Any) -> None:
    condition = Condition.model_validate(written)
    assert of_text("seen", condition) is None
    assert of_field("data_coding", condition) is None


@pytest.mark.parametrize("written", [["8"], {"none_of": ["x"]}, "present"], ids=str)
def test_a_number_that_is_compared_with_texts_has_no_line(written: Any) -> None:
    assert of_field("data_coding", Condition.model_validate(written)) is None


def test_octets_have_no_line() -> None:
    assert of_text("seen", Condition.model_validate({"none_of": ["hex:00"]})) is None
    assert of_field("short_message", Condition.model_validate("hello")) is None


@given(st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9), st.integers(-9, 9))
def test_a_line_of_a_range_includes_what_the_range_includes(low: int | None, high: int | None, number: int) -> None:
    span = Range(low, high)
    assert said(within("seen", span), number) == span.includes(number)


def test_names_are_found_with_what_they_are_made_of_and_not_inside_others() -> None:
    assert names_in("to in {0}") == {"to", "m"}
    assert names_in("getattr(p, 'to', None) in {0} and o.account") == {"p"}
    assert names_in("o.folded and tomorrow") == set()


def test_what_is_not_known_is_looked_up_where_it_stands() -> None:
    assert inlined("(v := to) in b0", {"m", "to"}) == "(v := to) in b0"
    assert inlined("b0 in folded and m.part", {"m"}) == "b0 in o.folded and m.part"
    assert inlined("to in b0", ()) == f"{LOOKED_UP['to'].replace('m ', 'o.message ').replace('m.', 'o.message.')} in b0"

"""Which text is one of a wording's, whole and part by part."""

from time import perf_counter
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier.registry.templates import GAP, Wording


class APart(NamedTuple):
    """One of several parts."""

    number: int
    total: int
    reference: int = 1
    kind: str = "udh8"


CODE = Wording("Your code is {#var#}. It ends at {#var#}.")


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("Your code is 123456. It ends at 9:15.", True),
        ("Your code is . It ends at .", True),
        ("Your code is 1. It ends at 2. It ends at 3.", True),
        ("Your code is 123456. It ends at 9:15", False),
        ("your code is 123456. It ends at 9:15.", False),
        ("Your code is 123456. It stops at 9:15.", False),
        (" Your code is 123456. It ends at 9:15.", False),
        ("Your code is 123456. It ends at 9:15. Call us!", False),
        ("", False),
    ],
)
def test_a_text_is_like_a_wording_where_only_the_gaps_differ(text: str, is_fine: bool) -> None:
    assert CODE.fits(text, None) is is_fine


def test_a_wording_without_gaps_is_one_text() -> None:
    assert Wording("Thank you.").fits("Thank you.", None)
    assert not Wording("Thank you.").fits("Thank you", None)


def test_a_wording_may_begin_and_end_with_a_gap_and_be_nothing_else() -> None:
    assert Wording("{#var#}, hello {#var#}").fits("Ann, hello", None) is False
    assert Wording("{#var#}, hello{#var#}").fits("Ann, hello", None)
    assert Wording(GAP).fits("anything at all", None)
    assert Wording("").fits("", None)
    assert not Wording("").fits("a", None)


@pytest.mark.parametrize(
    ("number", "total", "text", "is_fine"),
    [
        (1, 3, "Your code is 12", True),
        (1, 3, "code is 12", False),
        (2, 3, "code is 12", True),
        (2, 3, "3456. It ends a", True),
        (2, 3, "nonsense", True),  # of a gap
        (3, 3, "t 9:15.", True),
        (3, 3, "t 9:15", False),
        (3, 3, "t 9:15.!", False),
        (1, 1, "Your code is 1. It ends at 2.", True),
        (1, 1, "Your code is 1. It", False),
    ],
)
def test_a_part_is_like_a_part_of_such_a_text(number: int, total: int, text: str, is_fine: bool) -> None:
    assert CODE.fits(text, APart(number, total)) is is_fine


def test_a_part_of_a_wording_without_gaps_is_a_piece_of_it() -> None:
    wording = Wording("one two three")
    assert wording.fits("two", APart(2, 3))
    assert not wording.fits("tow", APart(2, 3))


@given(st.lists(st.text("ab{# ", max_size=4), min_size=1, max_size=5), st.data())
def test_whatever_fills_the_gaps_is_like_the_wording_and_so_is_each_piece_of_it(
    pieces: list[str], data: st.DataObject
) -> None:
    filled = pieces[0]
    for piece in pieces[1:]:
        filled += data.draw(st.text("ab{# ", max_size=4)) + piece
    wording = Wording(GAP.join(pieces))
    # pieces that make a gap between them would be another wording
    if wording.text.count(GAP) != len(pieces) - 1:
        return
    assert wording.fits(filled, None)
    cut = data.draw(st.integers(0, len(filled)))
    assert wording.fits(filled[:cut], APart(1, 2))
    assert wording.fits(filled[cut:], APart(2, 2))


def test_a_wording_that_would_stop_a_backtracking_engine_takes_no_time() -> None:
    wording, began = Wording((GAP + "a") * 60 + "b"), perf_counter()
    assert not wording.fits("a" * 1530, None)
    assert perf_counter() - began < 0.5

"""What a pattern matches, what is refused and why, and that no pattern can hold anybody up."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.words.patterns import BRANCHES_MAX, LINEAR_MAX, PatternError, compile_pattern

ATOMS = [*"ac09 _,:/@#!.-", "[0-9]", "[^0-9a]", "[a-c_]", r"[\d-]", "[.+*]"]
ATOMS += [f"\\{one}" for one in "dDwW.*+?()[]{}|^$\\/-"]
COUNTED = st.builds(str.__add__, st.sampled_from(ATOMS), st.sampled_from(["", "", "", "{0}", "{1}", "{3}"]))
PATTERNS = st.recursive(
    COUNTED | st.sampled_from("^$"),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}|{}".format, inner, inner),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "number", "is_matched"),
    [
        ("^1202", "12025550199", True),
        ("^1202", "441202", False),
        ("0199$", "12025550199", True),
        ("[13579]$", "12025550199", True),
        ("[13579]$", "12025550198", False),
        ("^(1202|4420)", "442079460000", True),
        (r"^1\d{10}$", "12025550199", True),
        ("^[[:digit:]]+$", "Example", False),
        ("555", "12025550199", True),
        ("é", "café", True),
        ("^.$", "\udcff", True),
    ],
)
def test_a_pattern_is_searched_for_in_the_number(text: str, number: str, is_matched: bool) -> None:
    assert compile_pattern(text).matches(number) is is_matched


def test_a_pattern_keeps_its_text() -> None:
    assert compile_pattern("^1202").text == "^1202"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(1202", r"'\(1202' is no pattern: missing \)"),
        ("*", "no argument for repetition operator"),
        ("[a", "missing ]"),
        ("(?=1)1", "invalid perl operator"),
        (r"(1)\1", "invalid escape sequence"),
        ("\udcff", "invalid UTF-8"),
        (r"\pL{999}", "pattern too large"),
        ("((((x{100}){100}){100}){100})", "invalid repetition size"),
    ],
)
def test_what_is_refused_is_refused_with_its_reason(text: str, reason: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PatternError, match=reason):
        compile_pattern(text)
    # the library would otherwise write to standard error of its own accord
    assert capfd.readouterr() == ("", "")


def test_a_pattern_that_stops_a_backtracking_engine_is_matched_at_once() -> None:
    assert not compile_pattern("^(1+)+$").matches("1" * 5_000 + "x")


@given(PATTERNS, st.text(st.sampled_from("ac09 _.$\n\x0b-+{}\\?[]|^()"), max_size=12))
def test_whichever_engine_is_asked_the_answer_is_the_same(text: str, number: str) -> None:
    assert compile_pattern(text).matches(number) is (re2.search(text.encode(), number.encode()) is not None)


@pytest.mark.parametrize("text", [r"0{7}$", r"^1\d{10}$", "[13579]$", r"\+44", "a{0}b", r"\{2\}", "^(a|b|c|d|e|f)x"])
def test_what_can_be_searched_for_in_one_way_needs_no_engine_of_its_own(text: str) -> None:
    assert compile_pattern(text).plain is not None


@pytest.mark.parametrize(
    "text",
    [
        "1+",
        "(1|11){9}",
        "(1|2)" * (BRANCHES_MAX + 1),
        "1{60}2{60}",
        "1" * (LINEAR_MAX + 1),
        r"\bx",
        r"\s",
        "(?i)a",
        "[[:digit:]]",
        "é",
    ],
)
def test_what_repeats_more_than_a_character_or_branches_often_is_not_searched_for_by_trying(text: str) -> None:
    assert compile_pattern(text).plain is None


def test_as_many_branches_as_one_likes_hold_nobody_up() -> None:
    # by trying, it would take two to the power of forty steps
    assert not compile_pattern("(1|11)" * 40 + "x").matches("1" * 90)

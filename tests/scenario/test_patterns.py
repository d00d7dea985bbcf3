"""What a pattern matches, what is refused and why, and that no pattern can hold anybody up."""

import pytest

from simulator.scenario.patterns import PatternError, compile_pattern


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

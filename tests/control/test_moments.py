"""Carrier time in text and back."""

import pytest

from simulator.control.moments import moment_from, moment_text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_800_000_000.25, "2027-01-15T08:00:00.250Z"),
        (-5.0, "1970-01-01T00:00:00.000Z"),
        (1e15, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(at: float, text: str) -> None:
    assert moment_text(at) == text


@pytest.mark.parametrize(
    "text",
    [
        "1800000000",
        "1800000000.0",
        "2027-01-15T08:00:00Z",
        "2027-01-15T08:00:00.000Z",
        "2027-01-15T08:00:00",
        "2027-01-15 08:00:00",
        "2027-01-15T10:00:00+02:00",
        "2027-01-15T10:00:00 02:00",
        " 2027-01-15T08:00 ",
    ],
)
def test_a_moment_is_read_from(text: str) -> None:
    assert moment_from(text) == 1_800_000_000.0


def test_a_date_is_its_first_moment() -> None:
    assert moment_from("2027-01-15") == 1_800_000_000.0 - 8 * 3600


@pytest.mark.parametrize("text", ["", "now", "nan", "-inf", "2027-13-01", "2027-01-15T25:00", "T", "15.01.2027"])
def test_no_moment_is_read_from(text: str) -> None:
    with pytest.raises(ValueError, match=r"^unix seconds or ISO 8601$"):
        moment_from(text)

"""What becomes of characters that would do something to a terminal."""

import pytest

from simulator.control.terminal import printable


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("naïve € and 你好", "naïve € and 你好"),
        ("a\x1b[2J\r\n", r"a\x1b[2J\r\n"),
        ("half \ud83d", r"half \ud83d"),
    ],
)
def test_what_is_no_character_to_see_is_an_escape(line: str, shown: str) -> None:
    assert printable(line) == shown

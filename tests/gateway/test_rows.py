"""Each of the 120 feature rows has tests that are there, or a reason why it has none."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.rows import ROWS, Row, reasons

TESTS = Path(__file__).parent.parent
_TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)


def names() -> Iterator[str]:
    for path in TESTS.rglob("test_*.py"):
        yield from _TEST.findall(path.read_text(encoding="utf-8"))


NAMES = frozenset(names())


def test_there_are_the_120_rows_in_their_order() -> None:
    assert [row.number for row in ROWS] == list(range(1, 121))
    assert len({row.title for row in ROWS}) == 120


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number:03} {row.title}")
def test_a_row_is_shown_or_has_a_reason(row: Row) -> None:
    assert row.tests or row.reason
    missing = [name for name in row.tests if name not in NAMES]
    assert missing == []


def test_the_list_of_reasons_names_each_row_that_has_no_test() -> None:
    listed = {int(line.split()[0]) for line in reasons()}
    assert {row.number for row in ROWS if not row.tests} <= listed

"""What fails of a scenario is said on standard error: at once, then now and then."""

from simulator.journal import SCRIPT_FAILED, Journal
from simulator.serving.failing import NAMES_MAX, PERIOD, Telling


def test_each_function_is_told_at_once_and_then_counted() -> None:
    now, lines, journal = [0.0], list[str](), Journal()
    Telling(journal, lambda: now[0], lines.append)
    for _ in range(50):
        journal.record(0.0, SCRIPT_FAILED, 1, None, "on_submit: no\x1b[1m")
    journal.record(0.0, SCRIPT_FAILED, 1, None, "on_event: neither")
    assert lines == [
        "carrier-sim: the scenario failed: on_submit: no\\x1b[1m",
        "carrier-sim: the scenario failed: on_event: neither",
    ]
    now[0] = PERIOD
    journal.record(0.0, SCRIPT_FAILED, 1, None, "on_submit: no")
    assert lines[2:] == ["carrier-sim: the scenario failed: on_submit: no (49 more like it before)"]


def test_no_more_names_are_kept_than_that() -> None:
    lines, journal = list[str](), Journal()
    telling = Telling(journal, lambda: 0.0, lines.append)
    for number in range(NAMES_MAX * 2):
        journal.record(0.0, SCRIPT_FAILED, 1, None, f"on_{number}: no")
    assert len(telling._told_at) == len(lines) == NAMES_MAX

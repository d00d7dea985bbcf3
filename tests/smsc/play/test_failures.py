"""What failed of the scenarios themselves: kept, bounded, forgotten by a reset."""

from simulator.journal import RESET, SCRIPT_FAILED, Journal
from simulator.smsc.play.failures import KEPT_MAX, Failures

TRACE = "on_submit: Traceback (most recent call last):\n  File \"mine.py\", line 2, in on_submit\n    x\nKeyError: 'x'"


def test_a_failure_is_one_line_with_its_place() -> None:
    journal = Journal()
    failures = Failures(journal)
    journal.record(5.0, SCRIPT_FAILED, 3, None, TRACE)
    journal.record(6.0, SCRIPT_FAILED, 3, None, "text: submit: 'x' is no status")
    first, second = failures.last
    assert first.line == "mine.py:2: on_submit: KeyError: 'x'"
    assert second.line == "text: submit: 'x' is no status"
    assert (first.at, first.session, first.message, first.name) == (5.0, 3, None, "on_submit")


def test_the_last_ones_are_kept_and_all_are_counted() -> None:
    journal = Journal()
    failures = Failures(journal)
    for number in range(KEPT_MAX + 5):
        journal.record(float(number), SCRIPT_FAILED, 1, None, "on_event: no")
    assert (failures.total, len(failures.last), failures.last[0].at) == (KEPT_MAX + 5, KEPT_MAX, 5.0)
    journal.record(0.0, RESET, 0)
    assert (failures.total, len(failures.last)) == (0, 0)

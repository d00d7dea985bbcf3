"""The one stream: rows kept in a ring, folds fed as it happens, and a count that never lies."""

from typing import Any

import pytest

from simulator.journal import ANSWERED, SUBMITTED, Event, Journal


def test_rows_come_back_in_order_and_as_they_were() -> None:
    journal = Journal()
    journal.record(1.5, SUBMITTED, 3, "message", None)
    journal.record(2.5, ANSWERED, 3, "message", 88)
    assert list(journal.rows()) == [
        Event(0, 1.5, "submitted", 3, "message", None),
        Event(1, 2.5, "answered", 3, "message", 88),
    ]
    assert list(journal.rows(since=1)) == [Event(1, 2.5, "answered", 3, "message", 88)]


def test_a_full_ring_forgets_the_oldest_and_says_how_many() -> None:
    journal = Journal(events_max=3)
    for number in range(5):
        journal.record(float(number), SUBMITTED, 1, number)
    assert [event.subject for event in journal.rows()] == [2, 3, 4]
    assert [event.number for event in journal.rows()] == [2, 3, 4]
    assert (journal.total, journal.truncated, journal.counts[SUBMITTED]) == (5, 2, 5)


def test_a_fold_is_fed_its_kind_only_and_even_what_the_ring_forgets() -> None:
    journal = Journal(events_max=1)
    seen: list[tuple[float, int, Any, Any]] = []
    journal.feed(ANSWERED, lambda *event: seen.append(event))
    journal.record(1.0, SUBMITTED, 1, "a")
    journal.record(2.0, ANSWERED, 1, "a", 0)
    journal.record(3.0, ANSWERED, 2, "b", 8)
    assert seen == [(2.0, 1, "a", 0), (3.0, 2, "b", 8)]


def test_clearing_starts_over_but_keeps_the_folds() -> None:
    journal = Journal(events_max=2)
    seen: list[float] = []
    journal.feed(SUBMITTED, lambda at, *_: seen.append(at))
    for at in (1.0, 2.0, 3.0):
        journal.record(at, SUBMITTED, 1)
    journal.clear()
    journal.record(9.0, SUBMITTED, 1)
    assert [(event.number, event.at) for event in journal.rows()] == [(0, 9.0)]
    assert (journal.counts[SUBMITTED], journal.truncated, seen) == (1, 0, [1.0, 2.0, 3.0, 9.0])


def test_a_ring_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="events_max: 0"):
        Journal(events_max=0)


def test_an_unknown_kind_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        Journal().record(1.0, "invented", 0)


def test_a_fold_that_has_left_is_fed_no_more_and_may_leave_while_it_is_fed() -> None:
    journal = Journal()
    seen: list[str] = []

    def once(at: float, session: int, subject: Any, detail: Any) -> None:
        seen.append("once")
        journal.leave(SUBMITTED, once)

    journal.feed(SUBMITTED, once)
    journal.feed(SUBMITTED, lambda *_: seen.append("always"))
    for _ in range(2):
        journal.record(1.0, SUBMITTED, 1)
    assert seen == ["once", "always", "always"]

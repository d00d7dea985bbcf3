"""What waits: order, pace, hours, bounds; the time is a number."""

from math import inf
from typing import Any

from simulator.gateway.backlog import Backlog
from simulator.gateway.messages import Message
from simulator.gateway.waiting import Entry
from tests.gateway.kit import order


def entry(number: str, *, segments: int = 1, expires_at: float = inf, **fields: Any) -> Entry:
    return Entry(Message(order(number, **fields), segments=segments), expires_at=expires_at)


def backlog(pace: float | None = None, size: int = 100) -> Backlog:
    return Backlog(size, lambda _dialect, _source: pace)


def taken(held: Backlog, now: float) -> list[str]:
    found = []
    while (one := held.take(now)) is not None:
        found.append(one.id)
    return found


def test_without_a_pace_all_leave_at_once_in_their_order() -> None:
    held = backlog()
    for number in "abc":
        held.put(entry(number), 0)
    assert taken(held, 0) == ["a", "b", "c"]
    assert (len(held), held.next_at()) == (0, inf)


def test_senders_take_turns() -> None:
    held = backlog()
    for number in ("a1", "a2", "b1", "b2"):
        held.put(entry(number, source=number[0]), 0)
    assert taken(held, 0) == ["a1", "b1", "a2", "b2"]


def test_a_pace_counts_segments() -> None:
    held = backlog(pace=4)
    for number in "abc":
        held.put(entry(number, segments=2), 10)
    assert (taken(held, 10), held.next_at()) == (["a"], 10.5)
    assert taken(held, 10.4) == []
    assert taken(held, 10.5) == ["b"]
    assert taken(held, 11) == ["c"]


def test_an_idle_second_is_not_saved_up() -> None:
    held = backlog(pace=1)
    held.put(entry("a"), 0)
    assert taken(held, 0) == ["a"]
    for number in "bc":
        held.put(entry(number), 100)
    assert taken(held, 100) == ["b"]


def test_a_sender_that_paused_for_a_moment_keeps_its_pace() -> None:
    held = backlog(pace=1)
    held.put(entry("a"), 0)
    assert taken(held, 0) == ["a"]
    assert list(held.expired(0.5)) == []
    held.put(entry("b"), 0.5)
    assert (taken(held, 0.5), taken(held, 1)) == ([], ["b"])


def test_the_bound_is_each_space_s_own() -> None:
    held = backlog(size=2)
    held.put(entry("a"), 0)
    held.put(entry("b"), 0)
    assert (held.room("a"), held.room("b")) == (0, 2)
    assert held.take(0) is not None
    assert held.room("a") == 1


def test_a_scheduled_message_waits_for_its_hour_and_counts() -> None:
    held = backlog(size=2)
    held.put(entry("late", scheduled_at=50.0), 0)
    held.put(entry("now"), 0)
    assert (held.room("a"), taken(held, 0), held.next_at()) == (0, ["now"], 50)
    assert taken(held, 50) == ["late"]
    assert held.room("a") == 2


def test_an_hour_that_has_passed_is_none() -> None:
    held = backlog()
    held.put(entry("a", scheduled_at=5.0), 6)
    assert taken(held, 6) == ["a"]


def test_what_is_urgent_passes_what_its_sender_has_waiting() -> None:
    held = backlog(pace=1)
    for number in "ab":
        held.put(entry(number), 0)
    held.put(entry("otp", is_urgent=True), 0)
    assert [taken(held, now) for now in (0, 1, 2)] == [["otp"], ["a"], ["b"]]


def test_what_has_waited_too_long_is_taken_out_and_its_place_is_free() -> None:
    held = backlog(pace=0.001, size=3)
    for number, until in (("a", inf), ("b", 5.0), ("c", 20.0)):
        held.put(entry(number, expires_at=until), 0)
    assert taken(held, 0) == ["a"]
    assert [one.id for one in held.expired(10)] == ["b"]
    assert held.room("a") == 2
    assert [one.id for one in held.expired(30)] == ["c"]
    assert (held.next_at(), len(held)) == (inf, 0)
    held.put(entry("d"), 40)
    assert held.next_at() == 1000

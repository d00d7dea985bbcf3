"""Which events are meant: each filter asks what a line tells, and a text is remembered for the events to come."""

from typing import Any

import pytest

from simulator.control.search import Filters
from simulator.journal import KINDS
from simulator.recounting.question import KNOWN_KINDS, Question, Search, question_from
from tests.recounting.story import START, a_journal, events, lines, read


def found(octets: bytes, **words: Any) -> list[dict[str, Any]]:
    kinds, session = words.pop("kinds", []), words.pop("session", None)
    search = Search(question_from({"from": words.pop("source", None), **words}, kinds=kinds, session=session))
    return [line.event for line in read(octets) if search.match(line.event)]


@pytest.fixture(scope="module")
def journal() -> bytes:
    return a_journal()


def test_without_filters_every_event_is_meant(journal: bytes) -> None:
    assert found(journal) == events(journal)
    assert question_from({}, kinds=[], session=None).is_open
    assert not question_from({"account": "x"}, kinds=[], session=None).is_open
    assert not question_from({}, kinds=["bound"], session=None).is_open


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ({"account": "bob", "kinds": ["submitted"]}, ["submitted"] * 2),
        ({"account": "nobody"}, []),
        ({"to": "+12025550101"}, ["submitted", "answered", "concluded"]),
        ({"to": "12025550101", "kinds": ["answered", "concluded"]}, ["answered", "concluded"]),
        ({"source": "+12025550100"}, ["mo_created", "mo_sent", "mo_acknowledged"]),
        ({"direction": "mo"}, ["mo_created", "mo_sent", "mo_acknowledged"]),
        ({"state": "delivered", "account": "bob"}, ["concluded", "receipt_sent"]),
        ({"state": "REFUSED"}, ["answered"]),
        ({"kinds": ["malformed"]}, ["malformed"]),
        ({"session": 2, "kinds": ["bound", "answered"]}, ["bound", "answered", "answered"]),
        ({"message_id": "mo-6"}, ["mo_created", "mo_sent", "mo_acknowledged"]),
    ],
)
def test_a_filter_asks_what_the_line_tells(journal: bytes, words: dict[str, Any], kinds: list[str]) -> None:
    assert [event["kind"] for event in found(journal, **words)] == kinds


def test_since_and_until_are_carrier_time_and_include_their_moment(journal: bytes) -> None:
    at = found(journal, kinds=["mo_created"])[0]["at"]
    assert {event["kind"] for event in found(journal, since=str(at), until=str(at))} >= {"mo_created", "mo_sent"}
    assert "mo_created" not in {event["kind"] for event in found(journal, until=str(at - 0.001))}
    assert found(journal, since="2100-01-01T00:00:00Z") == []


def test_a_text_finds_all_events_of_its_messages(journal: bytes) -> None:
    told = found(journal, text="HELLO")
    assert {event["message"] for event in told} == {1, 3, 6}
    assert [event["kind"] for event in told if event["message"] == 1] == [
        *("submitted", "answered", "concluded", "receipt_sent", "receipt_acknowledged")
    ]
    assert [event["kind"] for event in found(journal, text="hello", state="DELIVRD")] == [
        *("concluded", "receipt_sent", "receipt_acknowledged")
    ]


def test_a_text_that_was_replaced_is_no_longer_meant() -> None:
    story = lines(
        [
            {"kind": "submitted", "message": 1, "text": "old"},
            {"kind": "replaced", "message": 1, "text": "new"},
            {"kind": "concluded", "message": 1},
        ]
    )
    assert [event["kind"] for event in found(story, text="old")] == ["submitted"]
    assert [event["kind"] for event in found(story, text="new")] == ["replaced", "concluded"]


def test_numbers_mean_other_messages_behind_a_reset_and_in_another_run() -> None:
    told: list[dict[str, Any]] = [{"kind": "submitted", "message": 1, "text": "hello"}]
    later: list[dict[str, Any]] = [{"kind": "concluded", "message": 1}]
    assert len(found(lines(told + later), text="hello")) == 2
    assert len(found(lines([*told, {"kind": "reset"}, *later]), text="hello")) == 1
    assert len(found(lines(told) + lines(later), text="hello")) == 1


def test_so_many_messages_of_a_text_are_remembered_and_no_more() -> None:
    story = [{"kind": "submitted", "message": number, "text": "x"} for number in (1, 2, 3)]
    story += [{"kind": "concluded", "message": number} for number in (1, 2, 3)]
    search = Search(Question(Filters(text="x")), chosen_max=2)
    matched = [event["message"] for event in events(lines(story)) if search.match(event)]
    assert matched == [1, 2, 3, 2, 3]
    assert search.forgotten == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"state": "lost"}, "--state: 'lost', must be one of ENROUTE"),
        ({"since": "soon"}, "--since: 'soon', must be unix seconds or ISO 8601"),
        ({"until": "soon"}, "--until: 'soon', must be unix seconds or ISO 8601"),
        ({"direction": "up"}, "--direction: 'up', must be mt, mo or any"),
        ({"kinds": ["invented"]}, "--kind: 'invented', must be one of connected"),
    ],
)
def test_a_word_that_is_none_is_refused_with_what_is_allowed(words: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}"):
        found(b"", **words)


def test_the_kinds_are_those_of_the_journal_and_the_gap() -> None:
    assert set(KNOWN_KINDS) == {*KINDS, "gap"}
    assert [event["kind"] for event in found(lines([{"kind": "gap", "lost": 3}]), kinds=["gap"])] == ["gap"]


def test_an_iso_moment_is_utc() -> None:
    question = question_from({"since": "2027-01-15T08:00:00Z"}, kinds=[], session=None)
    assert question.filters.since == START

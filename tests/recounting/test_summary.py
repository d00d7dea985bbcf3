"""What a journal tells as a whole."""

from typing import Any

import pytest

from simulator.control.terminal import printable
from simulator.recounting import summary as module
from simulator.recounting.summary import OTHERS, Latency, Summary
from tests.recounting.story import HEADER, START, a_journal, lines, read


def of(octets: bytes, **bounds: int) -> Summary:
    summary = Summary(**bounds)
    for line in read(octets):
        summary.take(line.event)
    return summary


def a_message(number: int, **more: Any) -> list[dict[str, Any]]:
    common = {"message": number, "account": "alice", "direction": "mt"} | more
    return [
        {"kind": "submitted", "registered_delivery": 1, **common},
        {"kind": "answered", "status": "ESME_ROK", **common},
    ]


def test_events_answers_and_states_are_counted() -> None:
    summary = of(a_journal())
    assert (summary.kinds["submitted"], summary.kinds["malformed"], summary.runs) == (5, 1, 1)
    assert summary.statuses == {"ESME_ROK": 4, "ESME_RINVDSTADR": 1}
    assert summary.states == {"DELIVRD": 3}
    alice, bob = summary.accounts["alice"], summary.accounts["bob"]
    assert (alice["submitted"], alice["accepted"], alice["receipt_acknowledged"]) == (3, 3, 1)
    assert (bob["submitted"], bob["accepted"], bob["refused"], bob["mo_created"]) == (2, 1, 1, 1)


def test_what_is_open_at_the_end_is_told() -> None:
    summary = of(a_journal())
    assert sorted(one.state or "" for one in summary.open.values()) == ["", "DELIVRD"]
    text = summary.text()
    assert "1 accepted messages have no final state" in text
    assert "1 receipts are not acknowledged" in text
    assert "to 12025550100, submitted 2027-01-15T08:00:00.000Z" in text


def test_latencies_are_told_in_seconds() -> None:
    summary = of(a_journal())
    assert summary.to_answer.count == 5
    assert summary.to_answer.at(100) == pytest.approx(0, abs=1e-3)
    assert summary.to_receipt.count == 2
    assert 0.29 < summary.to_receipt.at(50) < 0.33
    late = [{"kind": "submitted", "message": 1}, {"kind": "answered", "message": 1, "status": "ESME_ROK", "after": 2.5}]
    assert of(lines(late)).to_answer.at(50) == pytest.approx(2.5, rel=1e-3)


def test_a_latency_beyond_all_measure_counts_as_the_longest() -> None:
    latency = Latency()
    latency.record(1e12)
    latency.record(-1.0)
    assert (latency.count, latency.at(100) > 9e6, latency.at(1)) == (2, True, 1e-6)


def test_a_receipt_that_is_sent_again_counts_once_from_the_submission() -> None:
    sent = {"kind": "receipt_sent", "message": 1, "state": "DELIVRD"}
    story = [*a_message(1), {"kind": "concluded", "message": 1, "state": "DELIVRD"}, sent, sent]
    summary = of(lines(story))
    assert summary.to_receipt.count == 1
    assert summary.to_receipt.at(100) == pytest.approx(3.0, rel=1e-3)
    assert len(summary.open) == 1
    assert not of(lines([*story, {"kind": "receipt_acknowledged", "message": 1, "state": "DELIVRD"}])).open
    assert not of(lines([*story, {"kind": "receipt_failed", "message": 1}])).open


def test_an_intermediate_receipt_ends_nothing() -> None:
    story = [
        *a_message(1),
        {"kind": "progressed", "message": 1, "state": "ACCEPTD"},
        {"kind": "receipt_sent", "message": 1, "state": "ACCEPTD"},
        {"kind": "receipt_acknowledged", "message": 1, "state": "ACCEPTD"},
        {"kind": "receipt_failed", "message": 1},
    ]
    summary = of(lines(story))
    assert (summary.to_receipt.count, len(summary.open)) == (0, 1)


@pytest.mark.parametrize(
    ("asked", "state", "is_awaited"),
    [
        (0, "DELIVRD", False),
        (1, "DELIVRD", True),
        (1, "EXPIRED", True),
        (2, "DELIVRD", False),
        (2, "EXPIRED", True),
        (3, "DELIVRD", True),
        (3, "EXPIRED", False),
        (0x10, "DELIVRD", False),
    ],
)
def test_a_receipt_is_awaited_as_it_was_asked_for(asked: int, state: str, is_awaited: bool) -> None:
    story = [*a_message(1, registered_delivery=asked), {"kind": "concluded", "message": 1, "state": state}]
    assert bool(of(lines(story)).open) == is_awaited


def test_no_receipt_of_what_is_not_stored_is_awaited() -> None:
    concluded = {"kind": "concluded", "message": 1, "state": "DELIVRD"}
    assert not of(lines([*a_message(1, is_stored=False), concluded])).open
    assert of(lines([*a_message(1, is_stored=True), concluded])).open


def test_a_run_that_is_over_leaves_its_open_messages() -> None:
    concluded = [*a_message(2), {"kind": "concluded", "message": 2, "state": "DELIVRD"}]
    summary = of(lines(a_message(1) + concluded) + HEADER)
    assert (summary.runs, summary.unfinished, summary.unacknowledged, len(summary.open)) == (2, 1, 1, 0)
    assert "1 accepted messages have no final state" in summary.text()


def test_a_reset_ends_what_is_open() -> None:
    summary = of(lines([*a_message(1), {"kind": "reset"}, *a_message(1)]))
    assert (summary.reset, len(summary.open)) == (1, 1)
    assert "1 messages were still open when a reset ended them" in summary.text()


def test_gaps_and_missing_lines_are_told_apart() -> None:
    story = lines([{"n": 1, "kind": "enquired"}, {"n": 2, "kind": "gap", "lost": 7}, {"n": 12, "kind": "enquired"}])
    summary = of(story)
    assert (summary.lost, summary.gaps, summary.missing) == (7, 1, 3)
    assert "7 events were not written by the server, in 1 gaps" in summary.text()
    assert "3 events are missing" in summary.text()


def test_a_piece_of_a_journal_misses_nothing_before_it() -> None:
    assert of(b'{"n":500,"at":1,"kind":"enquired"}\n').missing == 0


def test_messages_beyond_the_bound_are_no_longer_followed() -> None:
    story = [event for number in range(5) for event in a_message(number)]
    summary = of(lines([*story, {"kind": "concluded", "message": 0, "state": "DELIVRD"}]), open_max=3)
    assert (sorted(summary.open), summary.unfollowed) == ([2, 3, 4], 2)
    assert "2 messages were open among too many others to be followed" in summary.text()


def test_accounts_beyond_the_bound_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ACCOUNTS_MAX", 2)
    story = [{"kind": "submitted", "message": number, "account": f"a{number}"} for number in range(5)]
    summary = of(lines(story))
    assert {name: counts["submitted"] for name, counts in summary.accounts.items()} == {"a0": 1, "a1": 1, OTHERS: 3}


def test_an_empty_run_has_a_summary() -> None:
    assert of(HEADER).text() == "runs 1, events 0 (carrier time)"


def test_the_text_names_what_was_counted() -> None:
    text = of(a_journal()).text()
    for words in ("runs 1, events ", "submitted", "ESME_RINVDSTADR", "DELIVRD", "alice", "submitted to receipt", "p99"):
        assert words in text
    assert f"{START:.0f}" not in text


def test_control_characters_do_nothing_to_a_terminal() -> None:
    assert printable("\x1b[2J\x9b\ud83dß\n") == "\\x1b[2J\\x9b\\ud83dß\\n"
    story = lines([{"kind": "submitted", "message": 1, "account": "a\x1b[31m"}])
    assert "\x1b" not in of(story).text()

"""What is printed: events as people read them, as they stand, their count, or the whole in brief."""

import pytest

from simulator.control.search import Filters
from simulator.recounting.question import Question
from simulator.recounting.retelling import Complaints, retell, shown
from tests.recounting.story import START, a_journal, events, lines, read


@pytest.fixture(scope="module")
def journal() -> bytes:
    return a_journal()


def printed(octets: bytes, form: str, question: Question = Question()) -> list[str]:  # noqa: B008
    return [line.decode() for line in retell(read(octets), question, form, Complaints(pytest.fail))]


def test_the_lines_of_json_are_those_of_the_file(journal: bytes) -> None:
    assert printed(journal, "json") == journal.decode().split("\n")[1:-1]


def test_a_count_is_one_number(journal: bytes) -> None:
    assert printed(journal, "count") == [str(len(events(journal)))]
    assert printed(journal, "count", Question(kinds=frozenset({"malformed"}))) == ["1"]


def test_a_summary_is_one_text(journal: bytes) -> None:
    (text,) = printed(journal, "summary")
    assert text.startswith("runs 1, events ")


def test_events_are_shown_a_line_each(journal: bytes) -> None:
    told = printed(journal, "list")
    assert len(told) == len(events(journal))
    assert told[1].split() == ["2027-01-15T08:00:00.000Z", "bound", "1", "alice", "TRX", "memory"]
    (submitted,) = [line for line in told if "Hello there" in line]
    assert submitted.split()[1:] == [
        *("submitted", "1", "alice", "12025550199", "->", "12025550100"),
        *(events(journal)[4]["message_id"], "ENROUTE", '"Hello', 'there"'),
    ]
    (malformed,) = [line for line in told if " malformed " in line]
    assert "submit_sm 9" in malformed
    assert any("ESME_RINVDSTADR REFUSED" in line and "#4" in line for line in told)


def test_an_event_can_be_shown_with_nothing_but_what_it_must_have() -> None:
    assert shown({"n": 1, "at": START, "kind": "reset"}).split() == ["2027-01-15T08:00:00.000Z", "reset", "0"]


def test_a_gap_is_shown_with_its_end() -> None:
    gap = {"n": 1, "at": START, "kind": "gap", "lost": 1234, "until": START + 1}
    assert "1,234 events until 2027-01-15T08:00:01.000Z were not written" in shown(gap)
    assert "until ? were" in shown(gap | {"until": "soon"})


def test_a_text_does_nothing_to_a_terminal() -> None:
    (event,) = events(lines([{"kind": "submitted", "message": 1, "account": "\x1b]0;x", "text": "\x9b2J\u202e"}]))
    assert shown(event).isprintable()


def test_members_that_are_not_as_they_should_be_are_shown_all_the_same() -> None:
    assert "None None" in shown({"n": 1, "at": START, "kind": "malformed", "header": {}})
    assert "malformed" in shown({"n": 1, "at": START, "kind": "malformed", "header": 5, "cause": [1]})


def test_complaints_are_said_up_to_a_bound_and_then_counted() -> None:
    said = list[str]()
    complaints = Complaints(said.append, said_max=2)
    for number in range(5):
        complaints(str(number))
    complaints.close()
    assert said == ["0", "1", "3 more lines could not be read"]


def test_few_complaints_are_all_said() -> None:
    said = list[str]()
    complaints = Complaints(said.append)
    complaints("one")
    complaints.close()
    assert said == ["one"]


def test_messages_of_a_text_that_were_too_many_are_complained_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.recounting.question.Search.__init__.__kwdefaults__", {"chosen_max": 1})
    said = list[str]()
    story = [{"kind": "submitted", "message": number, "text": "x"} for number in (1, 2, 3)]
    list(retell(read(lines(story)), Question(Filters(text="x")), "count", Complaints(said.append)))
    assert said == ["too many messages have this text: 2 were not followed to their end"]

"""What the gateway tells of its messages: who is meant by a name, and what is forgotten."""

from difflib import get_close_matches

import pytest

from simulator.carrier.messages import Address
from simulator.scenario import ledger as file
from simulator.scenario.ledger import OBSERVATIONS_MAX, Ledger, UnknownMessage
from tests.smsc.world import World


def submissions(*texts: bytes, **fields):
    world = World()
    gateway = world.bound()
    for text in texts:
        gateway.submit(**({"short_message": text} | fields))
    return [message for message, _ in world.events("submitted")]


def told(*messages):
    ledger = Ledger()
    for message in messages:
        ledger.submitted(message)
        ledger.accepted(message)
    return ledger


def test_a_message_is_named_by_its_id_its_number_or_its_destination() -> None:
    (message,) = submissions(b"hi")
    ledger = told(message)
    names = (message.message_id, "1", "12025550100", "+12025550100", " 12025550100 ")
    entries = {id(ledger.observe(name, "delivered", 5.0)) for name in names}
    assert len(entries) == 1


def test_a_destination_means_its_last_message() -> None:
    first, second = submissions(b"one", b"two")
    ledger = told(first, second)
    assert ledger.observe("12025550100", "delivered", 5.0).number == second.number
    assert ledger.observe(first.message_id, "delivered", 5.0).number == first.number


def test_a_text_that_came_again_is_one_message_with_two_ids() -> None:
    first, again = submissions(b"hi", b"hi")
    ledger = told(first, again)
    entries = {id(ledger.observe(one.message_id, "delivered", 5.0)) for one in (first, again)}
    assert len(entries) == 1


def test_the_parts_of_a_text_are_one_message() -> None:
    parts = submissions(b"\x05\x00\x03\x07\x02\x01a", b"\x05\x00\x03\x07\x02\x02b", esm_class=0x40)
    ledger = told(*parts)
    entries = {id(ledger.observe(one.message_id, "delivered", 5.0)) for one in parts}
    assert len(entries) == 1


def written(*texts: str):
    world = World()
    world.bound()
    for text in texts:
        world.smsc.mo("5555", "12025550101", text, world.now)
    return [message for message, _ in world.events("mo_created")]


def test_a_source_means_the_first_of_a_subscribers_messages_of_which_nothing_was_told() -> None:
    first, second = written("one", "two")
    ledger = Ledger()
    for message in (first, second, second):
        # each of its parts is told of
        ledger.written(message)
    told = [ledger.observe("+12025550101", "intact", 5.0).number for _ in range(3)]
    assert told == [first.number, second.number, second.number]
    assert ledger.observe(first.message_id, "intact", 5.0).number == first.number
    assert ledger.observe(str(second.number), "intact", 5.0).number == second.number


def test_a_subscribers_message_that_is_forgotten_is_no_more_meant_by_its_source(monkeypatch) -> None:
    monkeypatch.setattr(file, "ENTRIES_MAX", 2)
    messages = written("one", "two", "three")
    ledger = Ledger()
    for message in messages:
        ledger.written(message)
    assert ledger.is_truncated
    told = [ledger.observe("12025550101", "intact", 5.0).number for _ in range(2)]
    assert told == [message.number for message in messages[1:]]
    monkeypatch.setattr(file, "ENTRIES_MAX", 1)
    (other,) = submissions(b"hi")
    ledger.submitted(other)
    ledger.written(messages[0])
    assert ledger.observe("12025550101", "intact", 5.0).number == messages[0].number


def test_an_unknown_name_tells_what_is_nearest() -> None:
    (message,) = submissions(b"hi")
    ledger = told(message)
    with pytest.raises(UnknownMessage) as caught:
        ledger.observe("12025550101", "delivered", 5.0)
    assert caught.value.nearest == ["12025550100"]
    assert str(caught.value) == (
        "message: '12025550101' is no message_id, number or destination of a submission, nor a source; "
        "nearest: 12025550100"
    )
    with pytest.raises(UnknownMessage, match=r"nor a source$"):
        Ledger().observe("x", "delivered", 5.0)


def test_what_was_never_submitted_here_is_passed_over() -> None:
    (message,) = submissions(b"hi")
    ledger = Ledger()
    ledger.accepted(message)
    ledger.receipt_sent(message, 5.0)
    with pytest.raises(UnknownMessage):
        ledger.observe(message.message_id, "delivered", 5.0)


def test_the_first_things_told_are_kept_and_the_last_always() -> None:
    (message,) = submissions(b"hi")
    ledger = told(message)
    entry = ledger.submitted(message)
    for number in range(OBSERVATIONS_MAX + 5):
        ledger.observe(message.message_id, str(number), float(number))
    assert len(entry.observations) == OBSERVATIONS_MAX
    assert [one.status for one in (entry.observations[0], entry.observations[-1])] == ["0", "24"]


def test_the_oldest_message_is_forgotten_with_its_names_and_the_ledger_says_so(monkeypatch) -> None:
    monkeypatch.setattr(file, "ENTRIES_MAX", 2)
    first, second, third = submissions(b"one", b"two", b"three")
    ledger = told(first, second)
    ledger.submitted(third)
    assert ledger.is_truncated
    with pytest.raises(UnknownMessage):
        ledger.observe(first.message_id, "delivered", 5.0)
    assert ledger.observe("12025550100", "delivered", 5.0).number == third.number
    assert ledger.observe(second.message_id, "delivered", 5.0).number == second.number


def test_only_what_was_accepted_or_told_about_can_be_expected() -> None:
    first, second, third = submissions(b"one", b"two", b"three")
    ledger, expectation = Ledger(), object()
    for message in (first, second, third):
        ledger.submitted(message).meant_by.add(id(expectation))
    ledger.accepted(first)
    ledger.observe("2", "failed", 5.0)
    assert [entry.number for entry in ledger.meant_by(expectation)] == [1, 2]
    assert list(ledger.meant_by(object())) == []


def test_a_receipt_tells_that_a_message_was_accepted_though_nobody_answered() -> None:
    (message,) = submissions(b"hi")
    message.message_id, message.true_id = "", "as in receipts"
    ledger = Ledger()
    entry = ledger.submitted(message)
    ledger.receipt_sent(message, 5.0)
    assert (entry.is_accepted, entry.last_receipt_at) == (True, 5.0)
    assert ledger.observe("as in receipts", "delivered", 6.0) is entry


def test_the_names_of_a_message_that_is_sent_again_and_again_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "NAMES_MAX", 5)
    tries = submissions(*[b"hi"] * 20)
    ledger = told(*tries)
    (entry,) = ledger._entries.values()
    assert (len(entry.names), len(ledger._named)) == (5, 5)
    last = tries[-1]
    for name in (last.message_id, f"{last.number}", "12025550100"):
        assert ledger.observe(name, "delivered", 5.0) is entry
    with pytest.raises(UnknownMessage):
        ledger.observe(tries[0].message_id, "delivered", 5.0)


def test_a_name_that_has_become_another_ones_stays_his_when_the_first_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file, "NAMES_MAX", 4)
    first, second, *others = submissions(b"one", b"two", *[b"one"] * 4)
    ledger = told(first, *others, second)
    assert ledger.observe("12025550100", "delivered", 5.0).number == second.number
    for one in others:
        ledger.accepted(one)
    assert ledger.observe("12025550100", "delivered", 5.0).number == second.number


class Named:
    """A submission, as far as the ledger asks."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.account, self.part, self.octets, self.true_id = "gateway", None, b"hi", ""
        self.source, self.destination = Address("5555"), Address(f"1202555{number:06}")
        self.message_id = f"{1_000_000_000 + 7 * number}"


def test_a_name_that_nobody_has_is_compared_with_few_of_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = told(*map(Named, range(2000)))
    compared: list[int] = []

    def count(word: str, possibilities: list[str], n: int, cutoff: float) -> list[str]:
        compared.append(len(possibilities))
        return get_close_matches(word, possibilities, n, cutoff)

    monkeypatch.setattr(file, "get_close_matches", count)
    for wrong in ("120255500x999", "x202555001234", "100001399x", "1000x13993"):
        with pytest.raises(UnknownMessage) as caught:
            ledger.observe(wrong, "delivered", 5.0)
        assert caught.value.nearest, wrong
    assert max(compared) <= 2 * file.COMPARED_MAX


def test_what_is_forgotten_is_no_longer_nearest_to_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "ENTRIES_MAX", 1)
    ledger = told(Named(1), Named(2))
    with pytest.raises(UnknownMessage) as caught:
        ledger.observe("1202555000003", "delivered", 5.0)
    assert caught.value.nearest == ["1202555000002"]
    assert {name for names in ledger._alike.values() for name in names} == set(ledger._named)

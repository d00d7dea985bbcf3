"""Parts of inbound messages, joined within their time; words that mean something."""

import pytest

from simulator.gateway.inbound import Assembler, keyword_of
from simulator.gateway.letters import HeardPart
from simulator.sms.alphabets import gsm_encode
from simulator.sms.segments import Part


def part(number: int, text: str, *, reference: int = 1, total: int = 2, source: str = "12025550100") -> HeardPart:
    return HeardPart(source, "12065550100", gsm_encode(text), 0, Part(reference, number, total, "udh8"))


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_parts_are_joined_in_whatever_order_they_come(order: tuple[int, int]) -> None:
    assembler = Assembler(60)
    first, kept = assembler.put(part(order[0], f"<{order[0]}>"), 0)
    assert first is None
    assert kept is not None
    assert kept.number == order[0]
    joined, kept = assembler.put(part(order[1], f"<{order[1]}>"), 1)
    assert joined is not None
    assert (joined.text, joined.segments, joined.is_complete, kept) == ("<1><2>", 2, True, None)


def test_a_message_of_one_part_is_complete_at_once() -> None:
    joined, kept = Assembler(60).put(HeardPart("1", "2", b"hi", 0, None), 0)
    assert joined is not None
    assert (joined.text, joined.key, kept) == ("hi", "", None)


def test_a_part_that_comes_twice_counts_once() -> None:
    assembler = Assembler(60)
    assert assembler.put(part(1, "a"), 0)[0] is None
    assert assembler.put(part(1, "a"), 1)[0] is None
    joined, _ = assembler.put(part(2, "b"), 2)
    assert joined is not None
    assert joined.text == "ab"
    assert assembler.put(part(2, "b"), 3) == (None, None)


def test_a_missing_part_is_waited_for_so_long_and_then_an_ellipsis() -> None:
    assembler = Assembler(60)
    assembler.put(part(2, "end"), 5)
    assert (assembler.next_at(), assembler.late(64.9)) == (65, [])
    (joined,) = assembler.late(65)
    assert (joined.text, joined.is_complete, joined.segments) == ("…end", False, 1)
    assert assembler.next_at() is None


def test_messages_of_other_people_and_references_are_not_mixed() -> None:
    assembler = Assembler(60)
    assembler.put(part(1, "a"), 0)
    assert assembler.put(part(2, "b", reference=2), 0)[0] is None
    assert assembler.put(part(2, "b", source="12025550111"), 0)[0] is None


def test_kept_parts_are_taken_up_again() -> None:
    _, kept = Assembler(60).put(part(1, "a"), 7)
    assert kept is not None
    assembler = Assembler(60)
    assembler.restore(kept)
    assert assembler.next_at() == 67
    joined, _ = assembler.put(part(2, "b"), 8)
    assert joined is not None
    assert (joined.text, joined.source, joined.destination) == ("ab", "12025550100", "12065550100")


def test_a_reference_may_be_used_again_after_the_wait() -> None:
    assembler = Assembler(60)
    for number in (1, 2):
        assembler.put(part(number, "a"), 0)
    assert assembler.put(part(1, "new"), 61)[1] is not None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", "stop"),
        ("stop  ", "stop"),
        ("Stop All", "stop"),
        ("REVOKE", "stop"),
        ("opt out", "stop"),
        ("ARRET", "stop"),
        ("unstop", "start"),
        ("START", "start"),
        ("NONARRET", "start"),
        ("info", "help"),
        (" stop", ""),
        ("stop.", ""),
        ("please stop", ""),
        ("", ""),
    ],
)
def test_one_word_alone_is_a_keyword(text: str, word: str) -> None:
    assert keyword_of(text) == word

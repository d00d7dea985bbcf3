"""Texts in parts, joined as they come: in any order, again, with holes, too many of them."""

import pytest

from simulator.carrier.filters import joining
from simulator.carrier.filters.joining import JOINED_MAX, SPAN, Joined, Joining
from tests.carrier.network.test_network import APart, Letter, a_letter

HOLE = "\N{HORIZONTAL ELLIPSIS}"


def a_part(number: int, text: str, total: int = 3, serial: int = 0, reference: int = 7) -> Letter:
    return a_letter(text=text, number=serial or number, part=APart(reference, number, total))


def read(texts: Joining, *parts: Letter, at: float = 0.0) -> list[Joined]:
    return [texts.read(one, at) for one in parts]


def test_a_text_of_its_own_is_whole() -> None:
    assert Joining().read(a_letter(text="hello"), 0.0) == Joined("hello")
    assert Joining().read(a_part(1, "hello", total=1), 0.0) == Joined("hello")


def test_parts_are_joined_as_far_as_they_have_come() -> None:
    found = read(Joining(), a_part(1, "one "), a_part(2, "two "), a_part(3, "three"))
    assert found == [Joined("one ", False), Joined("one two ", False), Joined("one two three", True)]


def test_what_is_missing_keeps_words_apart() -> None:
    found = read(Joining(), a_part(3, "bis"), a_part(1, "canna"), a_part(2, "-"))
    assert found == [Joined(f"{HOLE}bis", False), Joined(f"canna{HOLE}bis", False), Joined("canna-bis", True)]


def test_the_same_question_has_the_same_answer() -> None:
    texts, last = Joining(), a_part(2, "two", total=2)
    read(texts, a_part(1, "one ", total=2))
    assert read(texts, last, last) == [Joined("one two", True)] * 2


def test_a_part_whose_own_text_was_replaced_stays_among_the_others() -> None:
    texts = Joining()
    read(texts, a_part(1, "one ", total=2), a_part(2, "two", total=2))
    assert texts.read(a_part(1, "three ", total=2), 0.0) == Joined("three two", True)


def test_texts_of_other_numbers_references_and_kinds_are_others() -> None:
    texts = Joining()
    read(texts, a_part(1, "one "))
    others = [
        a_letter(text="x", number=8, to="12025550111", part=APart(7, 2, 3)),
        a_letter(text="x", number=9, part=APart(8, 2, 3)),
        a_letter(text="x", number=10, part=APart(7, 2, 3, "sar")),
        a_letter(text="x", number=11, part=APart(7, 2, 4)),
    ]
    assert read(texts, *others) == [Joined(f"{HOLE}x", False)] * 4


def test_a_part_that_comes_again_takes_its_place_until_the_text_is_whole() -> None:
    texts = Joining()
    read(texts, a_part(1, "one ", total=2), a_part(1, "one ", total=2, serial=5))
    assert texts.read(a_part(2, "two", total=2, serial=6), 0.0) == Joined("one two", True)
    # the reference has come round: another text begins
    assert texts.read(a_part(1, "one ", total=2, serial=7), 0.0) == Joined("one ", False)


def test_a_part_with_another_text_begins_anew() -> None:
    texts = Joining()
    read(texts, a_part(1, "one "))
    assert texts.read(a_part(1, "uno ", serial=5), 0.0) == Joined("uno ", False)


def test_what_was_stopped_is_read_with_all_of_it_when_it_comes_again() -> None:
    texts = Joining()
    first, last = a_part(1, "canna", total=2), a_part(2, "bis", total=2)
    read(texts, first, last)
    texts.stop(last)
    assert texts.read(a_part(2, "bis", total=2, serial=9), 0.0) == Joined("cannabis", True)
    # who is no part, or of a text that is forgotten, is nothing to stop
    texts.stop(a_letter())
    texts.clear()
    texts.stop(last)
    assert texts.read(last, 0.0) == Joined(f"{HOLE}bis", False)


@pytest.mark.parametrize(("later", "expected"), [(SPAN, "one two"), (SPAN + 0.001, f"{HOLE}two")])
def test_parts_that_come_too_late_belong_to_another_text(later: float, expected: str) -> None:
    texts = Joining()
    read(texts, a_part(1, "one ", total=2), at=100.0)
    assert texts.read(a_part(2, "two", total=2), 100.0 + later).text == expected


def test_a_long_text_is_read_around_the_part_that_has_come() -> None:
    texts = Joining()
    found = [texts.read(a_part(number, f"{number:03}".ljust(150, "."), total=255), 0.0) for number in range(1, 256)]
    assert max(len(one.text) for one in found) == JOINED_MAX
    assert all(f"{number:03}" in one.text for number, one in enumerate(found, 1))
    assert f"{199:03}" in found[199].text
    assert [one.is_whole for one in found] == [False] * 254 + [True]
    # a part in the middle has both neighbours
    middle = texts.read(a_part(100, "100".ljust(150, ".")), 0.0)
    assert middle.text.startswith(HOLE)


def test_a_part_between_others_is_read_with_both_neighbours() -> None:
    texts = Joining()
    for number in (*range(1, 100), *range(101, 201)):
        texts.read(a_part(number, f"{number:03}".ljust(150, "."), total=200), 0.0)
    found = texts.read(a_part(100, "100".ljust(150, "."), total=200), 0.0).text
    assert len(found) == JOINED_MAX
    assert all(word in found for word in ("099", "100", "101"))


def test_memory_is_bounded_in_texts_and_in_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "TEXTS_MAX", 2)
    texts = Joining()
    for reference in (1, 2, 3):
        texts.read(a_part(1, "one ", total=2, reference=reference), 0.0)
    found = [texts.read(a_part(2, "two", total=2, reference=one), 0.0).is_whole for one in (3, 2, 1)]
    assert found == [True, True, False]
    monkeypatch.setattr(joining, "TEXTS_MAX", 100)
    monkeypatch.setattr(joining, "CHARACTERS_MAX", 250)
    texts = Joining()
    for reference in (1, 2, 3):
        texts.read(a_part(1, "." * 100, total=2, reference=reference), 0.0)
    found = [texts.read(a_part(2, ".", total=2, reference=one), 0.0).is_whole for one in (3, 2, 1)]
    assert found == [True, True, False]

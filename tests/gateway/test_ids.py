"""Receipts find their messages although the id is written otherwise."""

import pytest

from simulator.gateway.ids import Index, Place, is_about, plain, readings
from simulator.gateway.messages import Message
from simulator.gateway.waiting import Entry, PartOf
from tests.gateway.kit import order


def placed(smsc_id: str, destination: str = "12025550100") -> tuple[Index, Entry]:
    entry = Entry(Message(order(destination=destination)), parts=[PartOf(smsc_id=smsc_id)])
    index = Index()
    index.put(smsc_id, Place(entry, 0))
    return index, entry


@pytest.mark.parametrize(
    ("told", "received"),
    [
        ("abc-1", "abc-1"),
        ("1A2B", "1a2b"),
        ("1a2b", "6699"),
        ("6699", "1A2B"),
        ("00042", "42"),
        ("42", "0000000042"),
        ("2A", "0000000042"),
        ("  42", "42\0"),
        ("0", "000"),
    ],
)
def test_an_id_is_found_in_another_base_case_or_padding(told: str, received: str) -> None:
    index, entry = placed(told)
    place = index.find((received,), "12025550100")
    assert place is not None
    assert place.entry is entry


def test_another_base_counts_only_for_the_subscriber_the_message_went_to() -> None:
    index, _ = placed("10")
    assert index.find(("16",), "12025550199") is None
    assert index.find(("16",), "12025550100") is not None


def test_the_same_id_counts_although_the_carrier_names_somebody_else() -> None:
    index, _ = placed("10")
    assert index.find(("10",), "99") is not None


def test_of_two_messages_with_one_id_that_of_the_subscriber_is_meant() -> None:
    index, first = placed("7")
    second = Entry(Message(order(destination="12025550111")), parts=[PartOf(smsc_id="7")])
    index.put("7", Place(second, 0))
    place = index.find(("7",), "12025550111")
    assert place is not None
    assert place.entry is second
    index.remove(second)
    place = index.find(("7",), "12025550111")
    assert place is not None
    assert place.entry is first


def test_what_is_removed_is_not_found_and_leaves_nothing() -> None:
    index, entry = placed("7")
    index.remove(entry)
    assert index.find(("7",), "12025550100") is None
    assert len(index) == 0


def test_a_word_is_read_in_one_way_and_a_number_in_three() -> None:
    assert readings("mdr-x") == ["mdr-x"]
    assert readings("0010") == ["10", "a", "16"]
    assert readings("F") == ["f", "15"]
    assert plain("") == ""
    assert readings("a" * 40) == ["a" * 40]


@pytest.mark.parametrize(
    ("subscriber", "is_one"),
    [("12025550100", True), ("+12025550100", True), ("2025550100", True), ("5550100", True), ("550100", False)],
)
def test_a_number_may_lack_its_country(subscriber: str, is_one: bool) -> None:
    assert is_about(subscriber, "12025550100") is is_one
    assert not is_about("", "12025550100")

"""coding_fits_octets and udh_sets_whole, shown to hold and to fail."""

from typing import Any

import pytest

from simulator.checks import texts
from simulator.checks.texts import contradiction
from tests.checks.watching import Watched


def part(number: int, total: int = 2, *, reference: int = 7, text: bytes = b"text") -> dict[str, Any]:
    return {"esm_class": 0x40, "short_message": bytes((5, 0, 3, reference, total, number)) + text}


@pytest.mark.parametrize(
    ("data_coding", "octets", "reason"),
    [
        (0, b"hello", ""),
        (0, "grüße".encode(), "the octets read as UTF-8"),
        (1, "grüße".encode(), "the octets read as UTF-8"),
        (3, "grüße".encode(), "the octets read as UTF-8"),
        (3, "grüße".encode("latin-1"), ""),
        (0, "grüße".encode("latin-1"), "octet 0xFC is no character of the GSM alphabet"),
        (1, "grüße".encode("latin-1"), "octet 0xFC is no character of ASCII"),
        (0, "hello".encode("utf-16-be"), "the octets read as UCS2"),
        (0, b"\x00\x00\x00\x00", ""),
        (8, "hello".encode("utf-16-be"), ""),
        (8, b"odd", "3 octets, UCS2 needs an even number"),
        (8, b"hello my dear", "13 octets, UCS2 needs an even number"),
        (8, b"hello my dears", "the octets read as ASCII, not as UCS2"),
        (8, "你好，世界，再见".encode("utf-16-be"), ""),
        (8, b"four", ""),
        (4, b"\xff\xfe\xfd", ""),
        (6, b"\xff\xfe\xfd", ""),
    ],
)
def test_what_can_be_told_of_octets(data_coding: int, octets: bytes, reason: str) -> None:
    assert contradiction(data_coding, octets) == reason


def test_a_text_that_is_what_it_says_and_one_that_is_not() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit(short_message=b"")
    assert world.outcome("coding_fits_octets") == "unknown"
    gateway.submit()
    assert world.outcome("coding_fits_octets") == "coped"
    gateway.submit(data_coding=8, short_message=b"odd")
    finding = world.finding("coding_fits_octets")
    assert (finding.outcome, finding.seen) == ("failed", 2)
    assert finding.reason == "data_coding 8: 3 octets, UCS2 needs an even number"


def test_a_set_of_parts_in_any_order_is_whole() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit(**part(2))
    assert world.outcome("udh_sets_whole") == "unknown"
    gateway.submit(**part(1))
    assert (world.outcome("udh_sets_whole"), world.finding("udh_sets_whole").seen) == ("coped", 1)


def test_a_part_that_comes_again_behind_a_whole_set_begins_no_other() -> None:
    world = Watched()
    gateway = world.bound()
    for number in (1, 2, 2):
        gateway.submit(**part(number))
    world.run(61.0)
    assert (world.outcome("udh_sets_whole"), world.finding("udh_sets_whole").seen) == ("coped", 1)
    # another text under the same reference is another set
    gateway.submit(**part(2, text=b"other"))
    world.run(61.0)
    assert world.finding("udh_sets_whole").reason == "reference 7: of 2 parts 1 did not come within 60 s"


def test_whole_sets_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "SETS_MAX", 2)
    world = Watched()
    gateway = world.bound()
    for reference in (1, 2, 3):
        for number in (1, 2):
            gateway.submit(**part(number, reference=reference))
    assert [key[-1] for key in world.family(texts.Texts)._whole] == [2, 3]


def test_a_part_that_does_not_come_fails_after_a_minute() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit(**part(1, 3))
    gateway.submit(**part(3, 3))
    world.run(59.0)
    assert world.outcome("udh_sets_whole") == "unknown"
    world.run(2.0)
    finding = world.finding("udh_sets_whole")
    assert (finding.outcome, finding.reason) == ("failed", "reference 7: of 3 parts 2 did not come within 60 s")
    assert finding.evidence[0].pdu


def test_parts_that_differ_in_their_total_fail() -> None:
    world = Watched()
    gateway = world.bound()
    gateway.submit(**part(1, 2))
    gateway.submit(**part(2, 3))
    assert world.finding("udh_sets_whole").reason == "reference 7: a part of 3, and before it one of 2"


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"\x20no header", "esm_class has UDHI set, but the user data begins with no header"),
        (b"", "esm_class has UDHI set, but the user data begins with no header"),
        (b"\x05\x00\x03\x07\x02\x03late", "the header tells of a part that cannot be: 070203"),
        (b"\x05\x00\x03\x07\x00\x00none", "the header tells of a part that cannot be: 070000"),
    ],
)
def test_a_broken_header_fails(octets: bytes, reason: str) -> None:
    world = Watched()
    world.bound().submit(esm_class=0x40, short_message=octets)
    assert world.finding("udh_sets_whole").reason == reason


def test_a_header_that_is_about_something_else_is_fine() -> None:
    world = Watched()
    world.bound().submit(esm_class=0x40, short_message=b"\x06\x05\x04\x0b\x84\x23\xf0push")
    assert world.outcome("udh_sets_whole") == "unknown"


def test_a_text_of_one_part_needs_no_other() -> None:
    world = Watched()
    world.bound().submit(**part(1, 1))
    world.run(61.0)
    assert world.finding("udh_sets_whole").failures == 0


def test_a_full_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "SETS_MAX", 1)
    world = Watched()
    gateway = world.bound()
    gateway.submit(**part(1, reference=1))
    gateway.submit(**part(1, reference=2))
    assert world.finding("udh_sets_whole").is_truncated

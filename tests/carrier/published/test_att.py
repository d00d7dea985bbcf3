"""AT&T's classes: so many segments a minute for a campaign, MMS apart, exact at the last one and at the full minute.

Figures: a provider's documentation of 10DLC rates, 10 April 2026.
"""

import pytest

from tests.carrier.published.shipped import DELIVERED, NOON, PHONES, Shipped, Told

# class, what for, the brand's score, SMS and MMS a minute, and whether each number has them for itself
CLASSES = [
    ("A", "customer_care", 100, 4_500, 2_400, False),
    ("B", "marketing", 75, 4_500, 2_400, False),
    ("C", "customer_care", 74, 2_400, 1_200, False),
    ("D", "mixed", 50, 2_400, 1_200, False),
    ("E", "customer_care", 49, 240, 150, False),
    ("F", "marketing", 1, 240, 150, False),
    ("T", "low_volume_mixed", 90, 75, 50, False),
    ("W", "sole_proprietor", None, 15, 50, False),
    ("K", "political", 10, 4_500, 2_400, False),
    ("P", "charity", 10, 2_400, 1_200, False),
    ("S", "social", 10, 9_000, 2_400, False),
    ("X", "emergency", 10, 4_500, 2_400, False),
    ("G", "proxy", 90, 60, 50, True),
    ("N", "agents_franchises", 90, 60, 50, True),
]
FIRST, SECOND = "15105550110", "15105550111"
ATT, US_CELLULAR = PHONES["att"], PHONES["us-cellular"]
OVER = Told("REFUSED", "att_tpm", "064")


def registered(use_case: str, score: int | None) -> Shipped:
    """A campaign with two numbers, of a brand with that score."""
    brand = (
        "{kind: sole_proprietor}" if use_case == "sole_proprietor" else f"{{score: {score}}}" if score else "{name: b}"
    )
    campaign = f"{{brand: b, use_case: {use_case}, numbers: [{FIRST}, {SECOND}]}}"
    return Shipped(f"registry: {{brands: {{b: {brand}}}, campaigns: {{C: {campaign}}}}}")


@pytest.mark.parametrize(("letter", "use_case", "score", "sms", "mms", "is_per_number"), CLASSES)
def test_a_class_has_its_minute(
    letter: str, use_case: str, score: int | None, sms: int, mms: int, is_per_number: bool
) -> None:
    world = registered(use_case, score)
    assert world.networks.registrar.look(FIRST, "long_code", NOON).att_class == letter
    world.fill(sms - 1, ATT, FIRST)
    assert world.send(ATT, FIRST, NOON + 59.999) == DELIVERED
    assert world.send(ATT, FIRST, NOON + 59.999) == OVER
    # the other number of the campaign shares the minute, or has one of its own
    assert world.send(ATT, SECOND, NOON + 59.999) == (DELIVERED if is_per_number else OVER)
    # MMS have another minute
    assert world.admits_mms("att", FIRST, NOON + 59.999, mms)
    assert not world.admits_mms("att", FIRST, NOON + 59.999)
    assert world.send(ATT, FIRST, NOON + 60.0) == DELIVERED
    assert world.admits_mms("att", FIRST, NOON + 60.0)


@pytest.mark.parametrize(("letter", "use_case", "score", "sms", "mms", "is_per_number"), CLASSES)
def test_us_cellular_takes_the_classes_of_att(
    letter: str, use_case: str, score: int | None, sms: int, mms: int, is_per_number: bool
) -> None:
    world = registered(use_case, score)
    world.fill(sms, US_CELLULAR, FIRST)
    over = world.send(US_CELLULAR, FIRST, NOON + 59.999)
    assert (over.state, over.cause) == ("REFUSED", "throttled"), letter
    assert world.reaches(US_CELLULAR, SECOND, NOON + 59.999) is is_per_number
    assert world.reaches(US_CELLULAR, FIRST, NOON + 60.0)
    assert world.admits_mms("us-cellular", FIRST, NOON, mms)
    assert not world.admits_mms("us-cellular", FIRST, NOON)


@pytest.mark.parametrize(
    ("use_case", "score", "letter"),
    [
        *(("delivery_notification", score, letter) for score, letter in [(75, "A"), (74, "C"), (50, "C"), (49, "E")]),
        *(("mixed", score, letter) for score, letter in [(75, "B"), (74, "D"), (50, "D"), (49, "F"), (None, "F")]),
        ("2fa", None, "E"),
        ("2fa", 1, "E"),
        ("low_volume_mixed", None, "T"),
    ],
)
def test_score_and_use_case_give_the_class(use_case: str, score: int | None, letter: str) -> None:
    assert registered(use_case, score).networks.registrar.look(FIRST, "long_code", NOON).att_class == letter


def test_segments_count_and_what_does_not_fit_counts_for_nothing() -> None:
    world = registered("low_volume_mixed", None)
    world.fill(70, ATT, FIRST)
    assert world.send(ATT, FIRST, segments=6) == OVER
    assert world.send(ATT, FIRST, segments=3) == DELIVERED
    assert world.send(ATT, FIRST, segments=2) == DELIVERED
    assert world.send(ATT, FIRST) == OVER


def test_other_networks_have_no_part_in_the_minute() -> None:
    world = registered("low_volume_mixed", None)
    world.fill(75, ATT, FIRST)
    assert world.send(ATT, FIRST) == OVER
    assert [world.reaches(PHONES[name], FIRST) for name in ("tmobile", "verizon", "us-cellular")] == [True] * 3


def test_verizon_publishes_no_class_and_takes_6000_a_minute_of_a_number() -> None:
    world = registered("low_volume_mixed", None)
    world.fill(500, PHONES["verizon"], FIRST)
    # its filter against bursts finds what comes now, and that counts, too
    for _ in range(550):
        assert world.send(PHONES["verizon"], FIRST, segments=10).state == "DELIVRD"
    assert world.send(PHONES["verizon"], FIRST, NOON + 59.999) == Told("REFUSED", "other_volume", "064")
    assert world.reaches(PHONES["verizon"], SECOND, NOON + 59.999)
    assert world.reaches(PHONES["verizon"], FIRST, NOON + 60.0)

"""T-Mobile's caps: so many segments and MMS a day for a brand by its tier, from midnight to midnight in Los Angeles.

Figures: a provider's documentation of 10DLC rates, 10 April 2026.
"""

from datetime import UTC, datetime

import pytest

from simulator.carrier.registry.registrations import Brand
from tests.carrier.published.shipped import DAY, DELIVERED, NOON, PHONES, Shipped, Told

# the brand, in a file's words, and its segments a day
TIERS = [
    ("{score: 100}", 200_000),
    ("{score: 75}", 200_000),
    ("{score: 1, kind: russell_3000}", 200_000),
    ("{score: 74}", 40_000),
    ("{score: 50}", 40_000),
    ("{score: 49}", 10_000),
    ("{score: 25}", 10_000),
    ("{score: 24}", 2_000),
    ("{score: 1}", 2_000),
    ("{name: never vetted}", 2_000),
    ("{kind: sole_proprietor}", 1_000),
]
FIRST, SECOND = "15105550110", "15105550111"
PHONE = PHONES["tmobile"]
OVER = Told("REJECTD", "tmo_daily", "064")


def registered(brand: str) -> Shipped:
    """Two campaigns of one brand, with a number each."""
    use_case = "sole_proprietor" if "sole" in brand else "mixed"
    campaigns = ", ".join(
        f"{key}: {{brand: b, use_case: {use_case}, numbers: {number}}}" for key, number in (("C", FIRST), ("D", SECOND))
    )
    # ten parts are the most otherwise
    long = "networks: {tmobile: {part_limit: 255}}"
    return Shipped(f"registry: {{brands: {{b: {brand}}}, campaigns: {{{campaigns}}}}}\n{long}")


def use_up(world: Shipped, amount: int, at: float = NOON) -> None:
    """Send so many segments in long texts, one a second: a burst of them would be filtered."""
    parts = [250] * (amount // 250) + [amount % 250] * (amount % 250 > 0)
    assert [world.send(PHONE, FIRST, at + second, segments=some) for second, some in enumerate(parts)] == [
        DELIVERED
    ] * len(parts)


@pytest.mark.parametrize(("brand", "cap"), TIERS)
def test_a_brand_has_its_day(brand: str, cap: int) -> None:
    world = registered(brand)
    use_up(world, cap - 1)
    last = NOON + DAY - 0.001
    assert world.send(PHONE, SECOND, last) == DELIVERED
    # both campaigns of the brand are over
    assert [world.send(PHONE, number, last) for number in (FIRST, SECOND)] == [OVER, OVER]
    assert not world.admits_mms("tmobile", FIRST, last)
    assert [world.send(PHONE, number, NOON + DAY) for number in (FIRST, SECOND)] == [DELIVERED, DELIVERED]


def test_mms_count_as_one_each_among_the_segments() -> None:
    world = registered("{kind: sole_proprietor}")
    assert world.admits_mms("tmobile", FIRST, NOON, 500)
    world.fill(500, PHONE, FIRST)
    assert world.send(PHONE, FIRST) == OVER
    assert not world.admits_mms("tmobile", FIRST)


def test_what_is_over_the_cap_is_not_counted_and_a_smaller_text_still_fits() -> None:
    world = registered("{kind: sole_proprietor}")
    use_up(world, 998)
    assert world.send(PHONE, FIRST, segments=3) == OVER
    assert world.send(PHONE, FIRST, segments=2) == DELIVERED
    assert world.send(PHONE, FIRST) == OVER


def test_the_day_is_one_for_all_providers_of_a_brand() -> None:
    world = registered("{kind: sole_proprietor}")
    use_up(world, 999)
    assert world.send(PHONE, SECOND, NOON + 60.0, account="another") == DELIVERED
    assert world.send(PHONE, FIRST, NOON + 60.0) == OVER


def test_a_government_is_not_capped() -> None:
    world = registered("{kind: government}")
    use_up(world, 250_000)


def test_another_brand_and_another_network_go_on() -> None:
    world = registered("{kind: sole_proprietor}")
    use_up(world, 1_000)
    assert world.send(PHONE, FIRST) == OVER
    # of the file's own campaign
    assert world.send(PHONE, "15105550100") == DELIVERED
    assert world.reaches(PHONES["verizon"], FIRST)


def utc(*moment: int) -> float:
    """A moment by the clocks of Greenwich: year, month, day, hour, minute, second."""
    return datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("midnight", "next_midnight"),
    [
        # in winter Los Angeles is 8 hours behind, in summer 7
        (utc(2027, 1, 15, 8), utc(2027, 1, 16, 8)),
        (utc(2027, 7, 4, 7), utc(2027, 7, 5, 7)),
        # clocks go forward on 14 March 2027: the day has 23 hours
        (utc(2027, 3, 13, 8), utc(2027, 3, 14, 8)),
        (utc(2027, 3, 14, 8), utc(2027, 3, 15, 7)),
        (utc(2027, 3, 15, 7), utc(2027, 3, 16, 7)),
        # and back on 7 November: it has 25
        (utc(2027, 11, 6, 7), utc(2027, 11, 7, 7)),
        (utc(2027, 11, 7, 7), utc(2027, 11, 8, 8)),
        (utc(2027, 11, 8, 8), utc(2027, 11, 9, 8)),
        # the end of a year, and of a February with 29 days
        (utc(2027, 12, 31, 8), utc(2028, 1, 1, 8)),
        (utc(2028, 2, 29, 8), utc(2028, 3, 1, 8)),
    ],
)
def test_the_day_begins_at_midnight_in_los_angeles(midnight: float, next_midnight: float) -> None:
    world = registered("{kind: sole_proprietor}")
    use_up(world, 1_000, midnight - 60.0)
    assert world.send(PHONE, FIRST, midnight - 0.001) == OVER
    use_up(world, 999, midnight)
    # neither Greenwich's midnight nor 24 hours later begin anything anew
    assert world.send(PHONE, FIRST, (midnight // DAY + 1) * DAY) == DELIVERED
    assert world.send(PHONE, FIRST, next_midnight - 0.001) == OVER
    assert world.send(PHONE, FIRST, next_midnight) == DELIVERED


def test_a_tier_that_rises_at_noon_leaves_what_was_sent_counted() -> None:
    world = registered("{score: 24}")
    use_up(world, 2_000)
    assert world.send(PHONE, FIRST) == OVER
    registrar = world.networks.registrar
    registrar.replace(registrar.registry.changed(brands=[vetted(25)]))
    use_up(world, 7_999, NOON + 60.0)
    assert world.send(PHONE, FIRST, NOON + 100.0, segments=2) == OVER
    assert world.send(PHONE, FIRST, NOON + 100.0) == DELIVERED
    assert world.send(PHONE, FIRST, NOON + 100.0) == OVER
    registrar.replace(registrar.registry.changed(brands=[vetted(24)]))
    # one that falls leaves nothing until tomorrow
    assert world.send(PHONE, FIRST, NOON + DAY - 1) == OVER
    use_up(world, 2_000, NOON + DAY)


def vetted(score: int) -> Brand:
    """The brand with another score."""
    return Brand("b", score)

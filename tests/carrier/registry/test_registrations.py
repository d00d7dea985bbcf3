"""What is registered: tiers, classes and states, typed from the published tables and not from our own."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.registry.registrations import CLASSES, TIERS, USE_CASES, Brand, Campaign, one_of, stage_at

DEDICATED = [
    "2fa",
    "account_notification",
    "customer_care",
    "delivery_notification",
    "fraud_alert",
    "higher_education",
    "polling",
    "public_service_announcement",
    "security_alert",
]


def pacific(year: int, month: int, day: int, hour: int = 0) -> float:
    return datetime(year, month, day, hour, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()


@pytest.mark.parametrize(
    ("score", "tier"),
    [
        (100, "top"),
        (75, "top"),
        (74, "high_mid"),
        (50, "high_mid"),
        (49, "low_mid"),
        (25, "low_mid"),
        (24, "low"),
        (1, "low"),
        (0, "low"),
        (None, "low"),
    ],
)
def test_the_score_gives_the_tier(score, tier):
    assert Brand("B1", score).tier == tier
    assert tier in TIERS


def test_who_a_brand_is_can_outweigh_its_score():
    assert Brand("B1", 10, is_russell_3000=True).tier == "top"
    assert Brand("B1", 99, is_sole_proprietor=True).tier == "sole_proprietor"
    assert Brand("B1", 10, is_government=True).tier == "government"


@pytest.mark.parametrize("score", [-1, 101])
def test_a_score_beyond_its_range_is_refused(score):
    with pytest.raises(ValueError, match=rf"^brands\.B1: score {score}, 0 to 100 or none$"):
        Brand("B1", score)


@pytest.mark.parametrize("is_government", [True, False])
def test_a_sole_proprietor_is_neither_a_government_nor_a_listed_company(is_government):
    with pytest.raises(ValueError, match=r"brands\.B1: sole proprietor"):
        Brand("B1", is_sole_proprietor=True, is_government=is_government, is_russell_3000=not is_government)


@pytest.mark.parametrize(
    ("score", "dedicated", "mixed"),
    [
        (100, "A", "B"),
        (75, "A", "B"),
        (74, "C", "D"),
        (50, "C", "D"),
        (49, "E", "F"),
        (1, "E", "F"),
        (None, "E", "F"),
    ],
)
def test_use_case_and_score_give_the_class(score, dedicated, mixed):
    brand = Brand("B1", score)
    assert {Campaign("C1", "B1", use).class_for(brand) for use in DEDICATED} == {dedicated}
    assert {Campaign("C1", "B1", use).class_for(brand) for use in ("mixed", "marketing")} == {mixed}


@pytest.mark.parametrize("score", [None, 1, 74, 100])
@pytest.mark.parametrize(
    ("use_case", "letter"),
    [
        ("low_volume_mixed", "T"),
        ("sole_proprietor", "W"),
        ("political", "K"),
        ("charity", "P"),
        ("social", "S"),
        ("emergency", "X"),
        ("proxy", "G"),
        ("agents_franchises", "N"),
    ],
)
def test_special_use_cases_have_one_class_whatever_the_score(use_case, letter, score):
    assert Campaign("C1", "B1", use_case).class_for(Brand("B1", score)) == letter


def test_there_are_fourteen_classes_and_every_use_case_has_some_of_them_or_none():
    assert sorted(CLASSES) == sorted("ABCDEFTWKPSXGN")
    assert {letter for classes in USE_CASES.values() for letter in classes} == set(CLASSES)


@pytest.mark.parametrize("use_case", ["sweepstakes", "k12", "platform_free_trial", "ucaas_high", "ucaas_low"])
def test_a_use_case_without_a_published_class_must_be_given_one(use_case):
    with pytest.raises(ValueError, match=f"campaigns.C1: use_case {use_case} has no published class"):
        Campaign("C1", "B1", use_case)
    assert Campaign("C1", "B1", use_case, att_class="A").class_for(Brand("B1", 99)) == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"use_case": "marketting"}, r"campaigns\.C1: use_case 'marketting', one of .*; did you mean 'marketing'\?"),
        ({"att_class": "Z"}, r"campaigns\.C1: att_class 'Z', one of A, B, C, D, E, F, T, W, K, P, S, X, G, N$"),
        ({"state": "paused"}, r"campaigns\.C1: state 'paused', one of pending, active, suspended, expired$"),
    ],
)
def test_a_campaign_of_words_that_are_none_is_refused(words, said):
    with pytest.raises(ValueError, match=said):
        Campaign("C1", "B1", **words)


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (pacific(2022, 9, 30, 23), 0),
        (pacific(2022, 10, 1), 1),
        (pacific(2023, 3, 31, 23), 1),
        (pacific(2023, 4, 1), 2),
        (pacific(2023, 11, 7, 23), 2),
        (pacific(2023, 11, 8), 3),
        (pacific(2024, 1, 30, 23), 3),
        (pacific(2024, 1, 31), 4),
        (pacific(2026, 1, 1), 4),
    ],
)
def test_the_rules_for_toll_free_numbers_change_at_the_published_dates(day, stage):
    assert stage_at(day) == stage


def test_an_error_lists_what_is_allowed_but_not_thousands_of_it():
    one_of("place", "b", ["a", "b"])
    with pytest.raises(ValueError, match=r"^place 'x', one of nothing, as there is none$"):
        one_of("place", "x", [])
    with pytest.raises(ValueError, match=r"^place 'x', one of 0, 1, .*, 15 and 4 more$"):
        one_of("place", "x", [str(number) for number in range(20)])

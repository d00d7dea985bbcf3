"""The registry: what a sender is, changes that happen whole or not at all, and what networks do with strangers."""

import tracemalloc
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.dice import Dice
from simulator.carrier.messages import Address
from simulator.carrier.registry.registrations import (
    Assignment,
    Brand,
    Campaign,
    Caps,
    Registration,
    ShortCode,
    TollFree,
)
from simulator.carrier.registry.registry import ASSIGNMENT_DELAY, Registrar, Registry, Unregistered

NUMBER, OTHER = "12025550101", "12025550102"
FREE = "18005550101"
CODE = "24273"


class Sent:
    """A message, as far as luck knows it."""

    account = "gateway"
    source = Address(NUMBER)

    def __init__(self, number: int) -> None:
        self.destination = Address(f"1202555{number:04}")


def a_registry(**words) -> Registry:
    given = {
        "brands": [Brand("B1", 80), Brand("B2", is_sole_proprietor=True)],
        "campaigns": [Campaign("C1", "B1", "marketing"), Campaign("C2", "B2", "sole_proprietor")],
        "numbers": [Assignment(NUMBER, "C1")],
    }
    return Registry(**{**given, **words})


def owner(found: Registration) -> tuple[str, str]:
    """The campaign and the brand behind a sender."""
    assert found.campaign is not None
    assert found.brand is not None
    return found.campaign.id, found.brand.id


def pacific(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()


def test_a_number_in_an_active_campaign_is_registered():
    found = a_registry().look(NUMBER, "long_code", 0)
    assert (found.is_registered, found.status, found.cause, found.why) == (True, "active", "", "")
    assert (*owner(found), found.att_class, found.tier) == ("C1", "B1", "B", "top")


def test_a_leading_plus_makes_no_other_number():
    registry = a_registry(numbers=[Assignment("+" + NUMBER, "C1")])
    assert registry.look(NUMBER, "long_code", 0) is registry.look("+" + NUMBER, "long_code", 0)
    assert registry.numbers_of("C1") == (NUMBER,)
    assert registry.numbers_of("C2") == ()


def test_a_number_in_no_campaign_is_unregistered():
    found = a_registry().look(OTHER, "long_code", 0)
    assert (found.is_registered, found.status, found.cause) == (False, "unassigned", "unregistered_10dlc")
    assert found.why == "the number is in no campaign"
    assert not found.is_barred


@pytest.mark.parametrize(
    ("state", "cause", "is_barred"),
    [
        ("pending", "campaign_inactive", False),
        ("suspended", "campaign_suspended", True),
        ("expired", "campaign_inactive", False),
    ],
)
def test_a_campaign_that_is_not_active_makes_its_numbers_unregistered(state, cause, is_barred):
    registry = a_registry().changed(campaigns=[Campaign("C1", "B1", "marketing", state=state)])
    found = registry.look(NUMBER, "long_code", 0)
    assert (found.is_registered, found.status, found.cause, found.is_barred) == (False, state, cause, is_barred)
    assert found.why == f"campaign C1 is {state}"
    assert owner(found) == ("C1", "B1")


def test_an_assignment_counts_from_its_moment_on_and_not_before():
    registrar = Registrar(a_registry())
    registrar.assign(OTHER, "C1", at=1_000.0)
    assert ASSIGNMENT_DELAY == 24 * 3600
    before = registrar.look(OTHER, "long_code", 1_000 + 86_399)
    assert (before.is_registered, before.cause, before.counts_from) == (False, "unregistered_10dlc", 87_400.0)
    assert before.why == "the number is assigned to campaign C1, which does not count yet"
    assert (*owner(before), before.att_class) == ("C1", "B1", "")
    assert registrar.look(OTHER, "long_code", 1_000 + 86_400).is_registered
    registrar.assign("12025550103", "C1", at=1_000.0, delay=0)
    assert registrar.look("12025550103", "long_code", 1_000).is_registered


@pytest.mark.parametrize("state", ["unverified", "pending", "rejected"])
def test_a_toll_free_number_that_is_not_verified_is_blocked_today(state):
    registry = Registry(toll_free=[TollFree(FREE, state)])
    found = registry.look(FREE, "toll_free", 0)
    assert (found.is_registered, found.status, found.cause) == (False, state, "tollfree_unverified")
    assert found.why == f"the toll-free number is {state}, and such numbers are blocked"
    assert found.caps is None


def test_a_verified_toll_free_number_is_registered_and_an_unknown_one_is_unverified():
    registry = Registry(toll_free=[TollFree("+" + FREE, "verified")])
    found = registry.look(FREE, "toll_free", 0)
    assert (found.is_registered, found.status, found.cause, found.why) == (True, "verified", "", "")
    assert registry.look("18005550102", "toll_free", 0).status == "unverified"


@pytest.mark.parametrize(
    ("day", "unverified", "pending"),
    [
        ((2022, 9, 30), "let through", "let through"),
        ((2022, 10, 1), Caps(2_000), "let through"),
        ((2023, 4, 1), Caps(500, 1_000, 2_000), Caps(2_000, 6_000, 10_000)),
        ((2023, 11, 8), "blocked", Caps(2_000, 6_000, 10_000)),
        ((2024, 1, 31), "blocked", "blocked"),
    ],
)
@pytest.mark.parametrize("is_clock", [True, False])
def test_toll_free_numbers_fare_as_the_rules_of_the_day_have_it(day, unverified, pending, is_clock):
    moment = pacific(*day)
    registry = Registry(toll_free=[TollFree(FREE, "pending")], rules_at=None if is_clock else moment)
    at = moment if is_clock else 0.0
    for number, wanted in (("18005550102", unverified), (FREE, pending)):
        found = registry.look(number, "toll_free", at)
        assert found.is_registered == (wanted != "blocked")
        assert found.caps == (wanted if isinstance(wanted, Caps) else None)
        assert found.why.endswith("capped" if found.caps else str(wanted))
        assert found.cause == ("tollfree_unverified" if wanted == "blocked" else "")


def test_a_short_code_is_what_each_network_has_made_of_it():
    networks = {"t-mobile": "pending", "verizon": "restricted", "us-cellular": "expired"}
    registry = Registry(short_codes=[ShortCode(CODE, networks=networks)])
    seen = {network: registry.look(CODE, "short_code", 0, network) for network in ("at&t", *networks)}
    assert {network: (one.is_registered, one.cause, one.circumstances) for network, one in seen.items()} == {
        "at&t": (True, "", ()),
        "t-mobile": (False, "shortcode_not_allowed", ("unprovisioned",)),
        "verizon": (False, "shortcode_not_allowed", ()),
        "us-cellular": (False, "shortcode_not_allowed", ("expired",)),
    }
    assert [network for network, one in seen.items() if one.is_barred] == ["verizon"]
    assert seen["t-mobile"].why == "the short code is pending on this network"


def test_a_short_code_that_nobody_knows_is_not_provisioned():
    assert Registry().look(CODE, "short_code", 0, "at&t").status == "pending"


@pytest.mark.parametrize("kind", ["alphanumeric", "international"])
def test_kinds_that_nobody_registers_are_not_asked(kind):
    found = Registry().look("ACME", kind, 0)
    assert (found.kind, found.is_registered, found.status) == (kind, True, "not_asked")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"brands": [Brand("B3"), Brand("B3")]}, r"brands\.B3: given twice"),
        ({"campaigns": [Campaign("C3", "B9")]}, r"campaigns\.C3: brand 'B9', one of B1, B2"),
        ({"campaigns": [Campaign("C3", "B1", "mixed", att_class="A")]}, r"campaigns\.C3: att_class A, but mixed with "),
        ({"brands": [Brand("B1", 10)], "campaigns": [Campaign("C3", "B1", att_class="B")]}, "with score 10 gives F"),
        ({"brands": [Brand("B1")], "campaigns": [Campaign("C3", "B1", att_class="B")]}, "with no score gives F"),
        ({"campaigns": [Campaign("C3", "B2")]}, r"campaigns\.C3: use_case mixed, of brand B2 sole_proprietor"),
        ({"campaigns": [Campaign("C3", "B1", "sole_proprietor")]}, "of brand B1 any but sole_proprietor"),
        ({"numbers": [Assignment(OTHER, "C9")]}, rf"numbers\.{OTHER}: campaign 'C9', one of C1, C2"),
        ({"numbers": [Assignment(OTHER, "C1"), Assignment("+" + OTHER, "C2")]}, rf"numbers\.{OTHER}: given twice"),
        ({"numbers": [Assignment(FREE, "C1")]}, rf"numbers\.{FREE}: it is of kind toll_free, only long_code"),
        ({"toll_free": [TollFree(NUMBER, "verified")]}, rf"toll_free\.{NUMBER}: it is of kind long_code"),
        (
            {"toll_free": [TollFree(FREE, "ok")]},
            rf"toll_free\.{FREE}: state 'ok', one of unverified, pending, verified",
        ),
        ({"short_codes": [ShortCode(CODE, "ok")]}, rf"short_codes\.{CODE}: state 'ok', one of provisioned, pending"),
        ({"short_codes": [ShortCode(CODE, networks={"x": "ok"})]}, rf"short_codes\.{CODE}: state on x 'ok'"),
        ({"short_codes": [ShortCode(NUMBER)]}, rf"short_codes\.{NUMBER}: it is of kind long_code"),
        ({"without": {"numbers": [OTHER]}}, rf"without\.numbers '{OTHER}', one of {NUMBER}"),
        ({"without": {"number": [OTHER]}}, r"without 'number', one of .*; did you mean 'numbers'\?"),
        ({"without": {"campaigns": ["C1"]}}, rf"numbers\.{NUMBER}: campaign 'C1', one of C2"),
        ({"without": {"brands": ["B1"]}}, r"campaigns\.C1: brand 'B1', one of B2"),
        ({"brands": [Brand("B3")], "without": {"brands": ["B3"]}}, r"brands\.B3: given and taken away"),
    ],
)
def test_a_change_that_contradicts_is_refused_and_changes_nothing(words, said):
    registry = a_registry()
    before = registry.look(NUMBER, "long_code", 0)
    with pytest.raises(ValueError, match=said):
        registry.changed(**words)
    assert registry.look(NUMBER, "long_code", 0) is before
    assert (list(registry.brands), list(registry.campaigns)) == (["B1", "B2"], ["C1", "C2"])
    assert registry.numbers_of("C1") == (NUMBER,)


def test_a_class_that_contradicts_the_score_can_be_forced():
    forced = a_registry().changed(campaigns=[Campaign("C1", "B1", att_class="S", is_forced=True)])
    assert forced.look(NUMBER, "long_code", 0).att_class == "S"
    unpublished = a_registry().changed(campaigns=[Campaign("C1", "B1", "sweepstakes", att_class="C")])
    assert unpublished.look(NUMBER, "long_code", 0).att_class == "C"


def test_who_looks_at_the_old_state_sees_nothing_of_a_change():
    old = a_registry()
    new = old.changed(
        brands=[Brand("B1", 30)],
        campaigns=[Campaign("C3", "B1", "2fa")],
        numbers=[Assignment(NUMBER, "C3")],
        toll_free=[TollFree(FREE, "verified")],
        short_codes=[ShortCode(CODE)],
    )
    was, now = old.look(NUMBER, "long_code", 0), new.look(NUMBER, "long_code", 0)
    assert (*owner(was), was.att_class, was.tier) == ("C1", "B1", "B", "top")
    assert (*owner(now), now.att_class, now.tier) == ("C3", "B1", "E", "low_mid")
    assert [one.look(FREE, "toll_free", 0).is_registered for one in (old, new)] == [False, True]
    assert [one.look(CODE, "short_code", 0).is_registered for one in (old, new)] == [False, True]


def test_a_brand_leaves_together_with_all_that_hangs_on_it():
    left = a_registry().changed(without={"brands": ["B1"], "campaigns": ["C1"], "numbers": ["+" + NUMBER]})
    assert list(left.brands) == ["B2"]
    assert left.look(NUMBER, "long_code", 0).status == "unassigned"


def test_the_registrar_changes_for_all_and_comes_back_to_the_beginning():
    registrar = Registrar(a_registry())
    registrar.set_campaign("C1", "suspended")
    assert registrar.look(NUMBER, "long_code", 0).cause == "campaign_suspended"
    with pytest.raises(ValueError, match="campaigns: 'C9', one of C1, C2"):
        registrar.set_campaign("C9", "active")
    with pytest.raises(ValueError, match=r"campaigns\.C1: state 'off'"):
        registrar.set_campaign("C1", "off")
    assert registrar.look(NUMBER, "long_code", 0).status == "suspended"
    registrar.reset()
    assert registrar.look(NUMBER, "long_code", 0).is_registered
    registrar.replace(Registry())
    registrar.reset()
    assert not registrar.look(NUMBER, "long_code", 0).is_registered
    assert not Registrar().look(NUMBER, "long_code", 0).is_registered


def test_a_network_blocks_filters_throttles_or_passes_the_unregistered():
    stranger = Registry().look(NUMBER, "long_code", 0)
    lucks = [Dice(7).throw(Sent(number)) for number in range(1_000)]
    assert {Unregistered().fate(stranger, luck) for luck in lucks} == {"blocked"}
    assert {Unregistered("throttled").fate(stranger, luck) for luck in lucks} == {"throttled"}
    assert {Unregistered("passed").fate(stranger, luck) for luck in lucks} == {"passed"}
    filtered = [Unregistered("filtered", share=0.3).fate(stranger, luck) for luck in lucks]
    assert set(filtered) == {"filtered", "passed"}
    assert 250 < filtered.count("filtered") < 350
    assert filtered == [Unregistered("filtered", share=0.3).fate(stranger, luck) for luck in lucks]


def test_a_kind_of_number_can_have_a_mode_of_its_own():
    policy, luck = Unregistered("throttled", {"toll_free": "blocked"}), Dice(7).throw(Sent(1))
    assert policy.fate(Registry().look(FREE, "toll_free", 0), luck) == "blocked"
    assert policy.fate(Registry().look(NUMBER, "long_code", 0), luck) == "throttled"
    assert policy.fate(a_registry().look(NUMBER, "long_code", 0), luck) == "passed"


def test_whom_somebody_decided_against_is_blocked_in_every_mode():
    suspended = a_registry().changed(campaigns=[Campaign("C1", "B1", state="suspended")]).look(NUMBER, "long_code", 0)
    luck = Dice(7).throw(Sent(1))
    assert {Unregistered(mode).fate(suspended, luck) for mode in ("throttled", "passed", "filtered")} == {"blocked"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"mode": "block"}, r"unregistered: 'block', one of blocked, filtered, throttled, passed; did you mean"),
        ({"kinds": {"toll_free": "no"}}, r"unregistered\.toll_free: 'no', one of blocked"),
        ({"share": 1.5}, "unregistered: share 1.5, from 0 to 1"),
    ],
)
def test_a_policy_of_words_that_are_none_is_refused(words, said):
    with pytest.raises(ValueError, match=said):
        Unregistered(**words)


def test_a_number_takes_less_than_200_octets():
    tracemalloc.start()
    try:
        # every number is a string of its own, as it is when it was read from a file
        registry = a_registry(numbers=(Assignment(f"1202{number:07}", "C1") for number in range(2_000_000, 2_020_000)))
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert registry.look("12022019999", "long_code", 0).is_registered
    assert taken < 20_000 * 200

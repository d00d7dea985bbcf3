"""A registry that changes while messages come: each message meets all of a change or nothing of it.

What was counted stays counted, whoever it now belongs to.
"""

from dataclasses import replace

import pytest

from simulator.carrier.network.network import Networks
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign, ShortCode, TollFree
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.play.staging import staged
from tests.carrier.published.shipped import DAY, DELIVERED, NOON, PHONES, Shipped, Told, parsed
from tests.smsc.world import START, World, a_submission

LONG, SMALL, SOLE, STRANGER = "15105550100", "15105550101", "15105550103", "15105550190"
FREE = "18335550100"
ATT, TMOBILE = PHONES["att"], PHONES["tmobile"]
TEXT = "Your parcel is here. Reply STOP to opt out."
UNREGISTERED = Told("REJECTD", "unregistered_10dlc", "060")
OVER = Told("REFUSED", "att_tpm", "064")


def change(world: Shipped, **words: object) -> None:
    """Change the registry in one step."""
    registrar = world.networks.registrar
    registrar.replace(registrar.registry.changed(**words))  # type: ignore[arg-type]


def test_a_number_sends_from_the_moment_on_at_which_its_assignment_counts() -> None:
    world = Shipped()
    assert world.send(ATT, STRANGER) == UNREGISTERED
    world.networks.registrar.assign(STRANGER, "CEXAMPLE", NOON)
    assert world.send(ATT, STRANGER, NOON + DAY - 0.001) == UNREGISTERED
    assert world.truth.why == "the number is assigned to campaign CEXAMPLE, which does not count yet"
    assert world.send(ATT, STRANGER, NOON + DAY) == DELIVERED


def test_a_change_that_contradicts_itself_leaves_everything_as_it_is() -> None:
    world = Shipped()
    before = world.networks.registrar.registry
    with pytest.raises(ValueError, match=r"campaigns\.CNEW: brand 'nobody', one of"):
        change(
            world,
            brands=[Brand("good", 90)],
            campaigns=[Campaign("CGOOD", "good"), Campaign("CNEW", "nobody")],
            numbers=[Assignment(STRANGER, "CGOOD")],
        )
    assert world.networks.registrar.registry is before
    assert "good" not in before.brands
    assert world.send(ATT, STRANGER) == UNREGISTERED


def test_brand_campaign_and_number_come_in_one_step() -> None:
    world = Shipped()
    change(
        world,
        brands=[Brand("new", 60)],
        campaigns=[Campaign("CNEW", "new", "marketing")],
        numbers=[Assignment(STRANGER, "CNEW")],
    )
    found = world.networks.registrar.look(STRANGER, "long_code", NOON)
    assert (found.tier, found.att_class, found.is_registered) == ("high_mid", "D", True)
    assert world.send(ATT, STRANGER) == DELIVERED


def test_a_class_that_changes_within_the_minute_counts_from_what_was_sent() -> None:
    world = Shipped()
    world.fill(240, ATT, SMALL)
    assert world.send(ATT, SMALL) == OVER
    # from 30 to 50: from class F to D
    change(world, brands=[Brand("small", 50)])
    world.fill(2_160, ATT, SMALL)
    assert world.send(ATT, SMALL) == OVER
    change(world, brands=[Brand("small", 30)])
    assert world.send(ATT, SMALL, NOON + 59.999) == OVER
    assert world.send(ATT, SMALL, NOON + 60.0) == DELIVERED


def test_a_number_that_moves_leaves_its_share_behind() -> None:
    world = Shipped("registry: {campaigns: {CLOW: {brand: example, use_case: low_volume_mixed, numbers: 15105550120}}}")
    world.fill(75, ATT, "15105550120")
    assert world.send(ATT, "15105550120") == OVER
    change(world, numbers=[Assignment("15105550120", "CSMALL")])
    world.fill(240, ATT, "15105550120")
    assert [world.send(ATT, number) for number in ("15105550120", SMALL)] == [OVER, OVER]
    change(world, numbers=[Assignment(SMALL, "CLOW")])
    assert world.send(ATT, SMALL) == OVER


def test_a_suspended_campaign_sends_nothing_and_comes_back_with_its_count() -> None:
    world = Shipped()
    world.fill(10, ATT, SOLE)
    world.networks.registrar.set_campaign("CSOLE", "suspended")
    assert [world.send(ATT, SOLE) for _ in range(3)] == [Told("REJECTD", "campaign_suspended", "060")] * 3
    world.networks.registrar.set_campaign("CSOLE", "active")
    world.fill(5, ATT, SOLE)
    assert world.send(ATT, SOLE) == OVER


def test_a_brand_that_leaves_in_the_middle_of_the_day_takes_its_campaigns_along_and_not_its_count() -> None:
    world = Shipped()
    for hour in range(10):
        world.fill(100, TMOBILE, SOLE, NOON + 3_600.0 * hour)
    over = Told("REJECTD", "tmo_daily", "064")
    assert world.send(TMOBILE, SOLE, NOON + 40_000) == over
    registrar = world.networks.registrar
    brand, campaign = registrar.registry.brands["sole"], registrar.registry.campaigns["CSOLE"]
    change(world, without={"brands": ["sole"], "campaigns": ["CSOLE"], "numbers": [SOLE]})
    assert world.send(TMOBILE, SOLE, NOON + 40_000) == UNREGISTERED
    change(world, brands=[brand], campaigns=[campaign], numbers=[Assignment(SOLE, "CSOLE")])
    assert world.send(TMOBILE, SOLE, NOON + 40_000) == over


def test_a_toll_free_number_is_let_through_once_it_is_verified() -> None:
    world = Shipped()
    assert world.send(ATT, FREE, text=TEXT).cause == "tollfree_unverified"
    change(world, toll_free=[TollFree(FREE, "verified")])
    assert world.send(ATT, FREE, text=TEXT) == DELIVERED
    change(world, toll_free=[TollFree(FREE, "rejected")])
    assert world.send(ATT, FREE, text=TEXT).cause == "tollfree_unverified"


def test_a_short_code_is_provisioned_network_by_network() -> None:
    world = Shipped("registry: {short_codes: {12346: pending}}")
    change(world, short_codes=[ShortCode("12346", "pending", {"att": "provisioned"})])
    assert world.send(ATT, "12346") == DELIVERED
    assert world.send(TMOBILE, "12346").cause == "shortcode_not_allowed"


def test_a_reset_brings_the_file_s_registry_back() -> None:
    world = Shipped()
    world.networks.registrar.set_campaign("CEXAMPLE", "expired")
    assert world.send(ATT, LONG).cause == "campaign_inactive"
    world.networks.reset()
    assert world.send(ATT, LONG) == DELIVERED


def test_of_messages_by_wire_each_batch_meets_one_registry() -> None:
    world = World()
    world.smsc = staged(parsed(), world.now, START, seed=7)
    carrier = world.smsc.carrier
    assert isinstance(carrier, Networks)
    gateway = world.bound()

    def batch() -> list[int]:
        pdus: list[SubmitSm] = [
            a_submission(source_addr=SOLE, destination_addr=ATT, short_message=b"%d" % number) for number in range(5)
        ]
        gateway.send_together(*pdus)
        world.run(1.0)
        return [one.command_status for one in gateway.received if one.name == "submit_sm_resp"]

    assert batch() == [0] * 5
    registrar = carrier.registrar
    registry = registrar.registry
    # from W, 15 a minute, to T: 75
    sole = replace(registry.brands["sole"], is_sole_proprietor=False)
    low = replace(registry.campaigns["CSOLE"], use_case="low_volume_mixed")
    assert batch() == [0] * 10
    assert batch() == [0] * 15
    assert batch() == [0] * 15 + [0x45] * 5
    registrar.replace(registry.changed(brands=[sole], campaigns=[low]))
    assert batch() == [0] * 15 + [0x45] * 5 + [0] * 5

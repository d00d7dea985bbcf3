"""What networks charge, as a provider's list of 26 May 2026 has it; prices of MMS are older.

A price is for a segment, of every kind of number; nobody pays for what was refused.
"""

import pytest

from simulator.carrier.network.network import Networks
from simulator.smsc.play.staging import staged
from tests.carrier.published.shipped import DAY, DELIVERED, NOON, PHONES, Shipped, parsed
from tests.smsc.world import START, World

LONG, FREE, SHORT = "15105550100", "18005550100", "12345"
TEXT = "Your parcel is here. Reply STOP to opt out."
# in micro-dollars
SEGMENT = {"att": 3_500, "verizon": 4_500, "tmobile": 4_500, "us-cellular": 4_500}


@pytest.mark.parametrize("network", list(SEGMENT))
@pytest.mark.parametrize("sender", [LONG, FREE, SHORT])
def test_each_segment_costs_its_price_from_every_kind_of_number(network: str, sender: str) -> None:
    world = Shipped("registry: {short_codes: {12345: provisioned}}")
    assert world.reaches(PHONES[network], sender, segments=3, text=TEXT)
    assert world.reaches(PHONES[network], sender, text=TEXT)
    total = world.networks.fees.totals("network")[(network,)]
    assert (total.messages, total.segments, total.micros, total.unpriced) == (2, 4, 4 * SEGMENT[network], 0)


@pytest.mark.parametrize(
    ("network", "direction", "is_registered", "price"),
    [
        ("att", "mt", True, 5_000),
        ("tmobile", "mt", True, 10_000),
        ("tmobile", "mt", False, 13_000),
        ("us-cellular", "mt", True, 10_000),
        # published by nobody
        ("verizon", "mt", True, None),
        ("tmobile", "mo", True, None),
    ],
)
def test_an_mms_has_its_own_price(network: str, direction: str, is_registered: bool, price: int | None) -> None:
    fees = Shipped().networks.fees
    assert fees.price(network, "mms", direction, is_registered=is_registered) == price


def test_tmobile_charges_for_what_its_phones_write_and_of_others_no_price_is_known() -> None:
    world = Shipped()
    for network, phone in PHONES.items():
        world.networks.heard(phone, LONG, "a long answer", NOON, segments=2)
        total = world.networks.fees.totals("network", "brand")[(network, "example")]
        known = network == "tmobile"
        assert (total.segments, total.micros, total.unpriced) == (2, 5_000 * known, not known)


def test_what_a_phone_has_written_is_charged_by_segments() -> None:
    world = World()
    world.smsc = staged(parsed(), world.now, START, seed=7)
    world.bound()
    world.smsc.mo(LONG, PHONES["tmobile"], "x" * 200, world.now)
    carrier = world.smsc.carrier
    assert isinstance(carrier, Networks)
    total = carrier.fees.totals("network")[("tmobile",)]
    assert (total.messages, total.segments, total.micros) == (1, 2, 5_000)


def test_a_phone_of_no_network_is_charged_by_none() -> None:
    world = Shipped()
    world.networks.heard("19175550100", LONG, "hello", NOON)
    assert world.networks.fees.totals() == {}


def test_what_a_network_refuses_costs_nothing() -> None:
    world = Shipped()
    assert world.send(PHONES["att"], "15105550190").state == "REJECTD"
    assert world.send(PHONES["att"], LONG, text="see https://bit.ly/x").state == "REJECTD"
    assert world.send("19175550100", LONG).state == "REFUSED"
    assert world.networks.fees.totals() == {}


def test_a_day_of_fees_is_one_in_los_angeles() -> None:
    world = Shipped()
    assert [world.send(PHONES["att"], LONG, NOON + DAY + shift) for shift in (-0.001, 0.0)] == [DELIVERED] * 2
    totals = world.networks.fees.totals("day", "brand")
    assert {key: total.micros for key, total in totals.items()} == {
        ("2027-01-15", "example"): 3_500,
        ("2027-01-16", "example"): 3_500,
    }

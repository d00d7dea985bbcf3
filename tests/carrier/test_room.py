"""What very many phones and senders take in memory, of all that a network keeps of them."""

import tracemalloc
from typing import Any

from simulator.carrier.accounts import Account
from simulator.carrier.filters.filters import Filter, Filters
from simulator.carrier.filters.screens import MissingOptOut, Snowshoe, VolumeSpike
from simulator.carrier.limits.published import att_limits, number_limits, t_mobile_limits
from simulator.carrier.limits.quotas import Quotas
from simulator.carrier.messages import Address, Message
from simulator.carrier.network.network import Network, Networks
from simulator.carrier.network.profiles import PROFILES
from simulator.carrier.numbers import NumberPlan, read_number
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign
from simulator.carrier.registry.registry import Registrar, Registry

MANY = 10_000
"""A tenth of what is promised, as counting octets makes each message many times as slow; the bench tries all."""
NAMES = str.maketrans("0123456789", "abcdefghij")
FIXED = 3
"""Megabytes that what is remembered of the latest few thousand senders and texts takes, however many there are."""
MEGABYTES_MAX = FIXED + (150 - FIXED) / 10


class Letter(Message):
    """A message of one segment, with a serial number and a text."""

    number = 0
    text = ""
    segments_needed = 1


def a_letter(number: int) -> Any:
    letter = Letter(
        account="gateway",
        message_id="",
        source=Address(str(15_102_000_000 + number), 1, 1),
        destination=Address(str(14_042_000_000 + number), 1, 1),
        submitted_at=0.0,
        arrived_at=float(number),
        scheduled_at=None,
        expires_at=None,
        wants_progress=False,
        part=None,
        state="",
        cause=None,
        done_at=None,
    )
    # no two are the same when digits are taken away
    name = str(number).translate(NAMES)
    letter.number, letter.text = number, f"Dear {name}, your parcel arrives today. Reply STOP to opt out"
    return letter


def test_changed_phones_and_senders_by_the_hundred_thousand_take_less_than_150_megabytes() -> None:
    # messages are the ring's, wherever else they are kept; those that a phone lets wait cost what open messages cost
    letters = [a_letter(number) for number in range(MANY)]
    for letter in letters:
        # the last few thousand numbers that were read are kept however many there are
        read_number(letter.source), read_number(letter.destination)
    tracemalloc.start()
    try:
        registry = Registry(
            [Brand("example", 82)],
            [Campaign("CEXAMPLE", "example")],
            [Assignment(str(15_102_000_000 + number), "CEXAMPLE") for number in range(MANY)],
        )
        network = Network(
            name="one",
            profile=PROFILES["us-direct"],
            filters=Filters(
                Filter(name, screen)
                for name, screen in (
                    ("snowshoe", Snowshoe()),
                    ("volume_spike", VolumeSpike()),
                    ("missing_opt_out", MissingOptOut()),
                )
            ),
            quotas=Quotas([*number_limits(), *att_limits(), *t_mobile_limits()]),
        )
        networks = Networks(NumberPlan({"one": ["1"]}), {"one": network}, registrar=Registrar(registry))
        for number in range(MANY):
            networks.subscribers.change(str(13_032_000_000 + number), "busy", until=2e9 + number)
        account = Account("gateway")
        decided = [networks.submit(one, account, 1e9 + one.number / 20).accepted for one in letters]
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    # who is over a limit is forgotten sooner: nearly nobody is
    assert sum(decided) > 0.95 * MANY
    assert len(networks.subscribers.changed()) == MANY
    assert taken < MEGABYTES_MAX * 1_000_000

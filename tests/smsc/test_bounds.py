"""What a sender can make the SMSC keep: bounded in octets whatever it sends, and however long its receipts wait."""

import gc
import tracemalloc

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm, Pdu, SmeAddress, SubmitMulti
from simulator.smpp.tlvs import Tlv, first
from tests.smsc.played import of_rules
from tests.smsc.world import World, a_submission

RING = 2_000_000
MANY_TLVS = tuple(Tlv(0x1400 + number % 1000, b"") for number in range(5000))
LONG_TEXT = (Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"\x12\x34"), Tlv(TlvTag.MESSAGE_PAYLOAD, b"a long story " * 4000))


def kept(pdus: list[Pdu], *, bind: str = "TX", at_once: int = 20) -> tuple[World, int]:
    """A world with a small ring after these submissions, and by how many octets it grew over its second half."""
    world = World(octets_max=RING, carrier=Carrier(delay=Fixed(0.0)))
    gateway = world.bound(bind=bind)
    half = len(pdus) // 2
    tracemalloc.start()
    try:
        sizes = []
        for number, pdu in enumerate(pdus):
            gateway.connection.send_anyway(pdu, world.now)
            if number % at_once == at_once - 1:
                world.settle()
                world.run(1.0)
                gateway.received.clear()
            if number + 1 in {half, len(pdus)}:
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # what an ESME has sent is ours to keep only in the SMSC
    return world, sizes[1] - sizes[0]


def test_a_pdu_of_nothing_but_tlvs_fills_the_ring_by_what_it_costs() -> None:
    pdus: list[Pdu] = [a_submission(registered_delivery=0, tlvs=MANY_TLVS) for _ in range(40)]
    world, grown = kept(pdus)
    assert world.smsc.history.evicted > 25
    assert grown < RING


def test_a_long_text_whose_receipt_nobody_takes_is_kept_only_by_its_beginning() -> None:
    pdus: list[Pdu] = [a_submission(short_message=b"", tlvs=LONG_TEXT) for _ in range(160)]
    world, grown = kept(pdus)
    assert world.smsc.waiting() == 160
    assert world.smsc.history.evicted > 110
    # 80 texts of 52,000 octets came in the second half
    assert grown < 80 * 5000


def test_a_long_text_whose_fate_is_far_away_is_kept_only_by_its_beginning() -> None:
    far: list[Pdu] = [
        a_submission(short_message=b"", tlvs=LONG_TEXT, schedule_delivery_time="010000000000000R") for _ in range(160)
    ]
    world, grown = kept(far)
    assert len(world.smsc.history.outliving) > 110
    assert grown < 80 * 5000


def receipts_of(pdu: Pdu) -> list[DeliverSm]:
    """The receipts of a message that come long after its row has gone."""
    world = World(octets_max=100_000, carrier=Carrier(delay=Fixed(5.0)))
    gateway = world.bound(bind="TX")
    gateway.send(pdu)
    for _ in range(5):
        gateway.submit(registered_delivery=0, short_message=b"", tlvs=LONG_TEXT)
    assert world.smsc.history.evicted >= 1
    world.run(10.0)
    receiver = world.gateway()
    assert receiver.bind(bind="RX").command_status == 0
    return receiver.of(DeliverSm)


@pytest.mark.parametrize(
    "pdu",
    [
        a_submission(short_message=b"", tlvs=LONG_TEXT),
        DataSm(destination_addr="12025550100", source_addr="12025550199", registered_delivery=1, tlvs=LONG_TEXT),
        SubmitMulti(
            source_addr="12025550199",
            registered_delivery=1,
            dest_address=(SmeAddress(1, 1, "12025550100"),),
            tlvs=LONG_TEXT,
        ),
    ],
    ids=lambda pdu: pdu.name,
)
def test_the_receipt_of_a_shortened_message_is_what_it_would_have_been(pdu: Pdu) -> None:
    (receipt,) = receipts_of(pdu)
    assert receipt.short_message.endswith(b"Text:a long story a long ")
    reference = first(receipt.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
    assert reference is not None
    assert reference.value == b"\x12\x34"


SEVERAL = (
    "{then: {deliver: DELIVRD after 1s..2s}}",
    "{then: {respond: 1s}}",
    "{then: {ids: {response: hex}}}",
    "{then: {set: {variables: {a: +1}}}}",
)
STEPS = "{then: {deliver: [ENROUTE after 1s, ACCEPTD after 1s, ENROUTE after 1s, ACCEPTD after 1s, DELIVRD after 1s]}}"


@pytest.mark.parametrize("rules", [(STEPS,), SEVERAL])
def test_a_row_that_rules_have_told_of_is_counted_with_all_that_they_said(rules: tuple[str, ...]) -> None:
    world = of_rules(*rules)
    gateway = world.bound()
    history = world.smsc.history

    def come(count: int) -> None:
        for _ in range(count):
            gateway.connection.send_anyway(a_submission(short_message=b"a text of usual length" * 4), world.now)
            if len(gateway.connection.outstanding) >= 10:
                world.settle()
                world.run(10.0)
                gateway.clear()

    come(50)
    tracemalloc.start()
    try:
        before = history.octets
        come(500)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.5 * (history.octets - before) < held < history.octets - before


def test_what_rules_say_fills_the_ring() -> None:
    world = of_rules(STEPS)
    world.smsc.history.octets_max = 100_000
    plain = World(octets_max=100_000)
    for one in (world, plain):
        gateway = one.bound()
        for _ in range(100):
            gateway.submit()
    assert len(world.smsc.history) < 0.7 * len(plain.smsc.history)

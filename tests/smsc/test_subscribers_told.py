"""Subscribers' messages under a scenario: in what form they come, in which parts, and how often."""

from typing import Any

import pytest

from simulator.journal import MO_ACKNOWLEDGED, RETRY
from simulator.smpp.pdus import DataSm, DeliverSm
from tests.smsc.played import Played, of_rules
from tests.smsc.world import answering

MO = "mo: {source: '12025550100', destination: '5555', text: hello}"


def written(world: Played, text: str = "hello") -> None:
    world.smsc.mo("5555", "12025550100", text, world.now, account="gateway")
    world.settle()


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("{source: '1'}", lambda one: one.source_addr == "1"),
        ("{charset: ucs2}", lambda one: one.short_message == "hello".encode("utf-16-be")),
        ("{place: message_payload}", lambda one: one.short_message == b""),
        ("{fields: {esm_class: 3}}", lambda one: one.esm_class == 3),
        ("{tlvs: {0x1403: a}}", lambda one: len(one.tlvs) == 1),
        ("{command: data_sm}", lambda one: isinstance(one, DataSm)),
        ("{sequence: 42}", lambda one: one.sequence_number == 42),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_subscribers_message_has_the_form_that_is_said(form: str, seen: Any) -> None:
    for world in (
        Played(f"carrier: {{mo: {form}}}"),
        of_rules(f"{{when: {{event: mo, from: 12025550100}}, then: {{mo: {form}}}}}"),
    ):
        gateway = world.bound()
        written(world)
        (delivery,) = gateway.deliveries
        assert seen(delivery)
        assert world.kinds(MO_ACKNOWLEDGED) == 1
    world = of_rules(f"{{when: {{event: mo, from: 1}}, then: {{mo: {form}}}}}")
    gateway = world.bound()
    written(world)
    assert not seen(gateway.deliveries[0])


def test_parts_come_in_another_order_late_or_never() -> None:
    said = "{concatenation: {by: udh8, size: 10, order: [3, 1], lose: [2], every: 2s}}"
    world = Played(f"carrier: {{mo: {said}}}")
    gateway = world.bound()
    written(world, "abcdefghijklmnopqrstuvwxyz0123456789")
    assert [pdu.short_message[5] for pdu in gateway.of(DeliverSm)] == [3]
    world.run(1.9)
    assert len(gateway.deliveries) == 1
    world.run(30.0)
    order = [pdu.short_message[5] for pdu in gateway.of(DeliverSm)]
    assert order[:2] == [3, 1]
    assert 2 not in order


def test_subscribers_messages_are_held_back() -> None:
    world = Played("carrier: {mo: {hold: {pile: p, until: 2, order: last_in}}}")
    gateway = world.bound()
    written(world, "one")
    assert gateway.texts == []
    written(world, "two")
    assert gateway.texts == ["two", "one"]


def test_a_subscriber_answers_whoever_wrote_to_him() -> None:
    world = of_rules("{then: {send: {mo: {text: STOP}, after: 1s}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    world.run(1.1)
    (answer,) = gateway.of(DeliverSm)
    assert (answer.source_addr, answer.destination_addr, answer.short_message) == (
        "12025550100",
        "12025550199",
        b"STOP",
    )
    assert answer.source_addr_ton == 1


def test_a_poisoned_message_of_a_subscriber_is_sent_until_it_is_taken() -> None:
    world = Played(
        f"timeline: [{{at: 1s, then: {{send: {{{MO}, repeat: {{until: acknowledged, backoff: [5s, 10s]}}}}}}}}]"
    )
    gateway = world.bound()
    gateway.decide = answering(0x65)
    world.run(17.0)
    assert gateway.texts == ["hello"] * 3
    assert world.kinds(RETRY) == 3
    gateway.decide = answering(0)
    world.run(100.0)
    assert gateway.texts == ["hello"] * 4
    assert world.kinds(MO_ACKNOWLEDGED) == 1


def test_octets_of_a_subscriber_are_sent_as_they_are() -> None:
    world = Played("timeline: [{at: 1s, then: {send: {mo: {source: '1', destination: '2', text: 'hex:00ff80'}}}}]")
    gateway = world.bound()
    world.run(1.5)
    assert [pdu.short_message for pdu in gateway.of(DeliverSm)] == [b"\x00\xff\x80"]

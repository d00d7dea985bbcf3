"""People who have the phones of networks: what they answer to messages, and what their networks answer them."""

from typing import Any

import pytest

from simulator.carrier.network.network import Networks
from simulator.scenario.file import parse
from simulator.smpp.pdus import CancelSm, DeliverSm, ReplaceSm
from simulator.smsc.play.staging import staged
from simulator.smsc.subscribers import people
from simulator.smsc.subscribers.people import People, Person
from tests.smsc.world import START, Gateway, World

OURS, PHONE = "12025550199", "12025550100"
TOLL_FREE = "18005550100"
HUB = "  hub: {prefixes: ['1800'], hub_of: toll_free, delays: instant}\n"
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def played(network: str = "", rest: str = "", hub: str = "") -> World:
    """One network that has all numbers of the code 1, and what else a file says."""
    said = f", {network}" if network else ""
    text = f"scenario: 1\nnetworks:\n{hub}  one: {{prefixes: ['1'], delays: instant{said}}}\n{rest}"
    return of_scenarios([parse(text)])


def of_scenarios(scenarios: list[Any]) -> World:
    world = World()
    world.smsc = staged(scenarios, world.now, START, seed=7)
    return world


def people_of(world: World) -> People:
    found = world.smsc.phones.people
    assert found is not None
    return found


def networks(world: World) -> Networks:
    assert isinstance(world.smsc.carrier, Networks)
    return world.smsc.carrier


def changed(world: World, number: str = PHONE, **said: Any) -> Person:
    person = people_of(world).change(number, world.now, **said)
    world.settle()
    return person


def written(gateway: Gateway) -> list[tuple[str, str, bytes]]:
    """What subscribers have written: from, to, text."""
    found = [pdu for pdu in gateway.of(DeliverSm) if not pdu.esm_class & 0x3C]
    return [(pdu.source_addr, pdu.destination_addr, pdu.short_message) for pdu in found]


def stats(gateway: Gateway) -> list[str]:
    return [stat for _, stat in gateway.stats]


# ---------------------------------------------------------------------- answers


def test_whoever_has_the_phone_answers_after_a_while_and_by_carrier_time() -> None:
    world = played("subscribers: {answers: [{text: on my way, after: 90s}]}")
    gateway = world.bound()
    gateway.submit()
    world.run(89.9)
    assert written(gateway) == []
    world.run(0.2)
    assert written(gateway) == [(PHONE, OURS, b"on my way")]
    world.smsc.clock.set_rate(world.now, 60.0)
    gateway.submit()
    world.run(1.6)
    assert len(written(gateway)) == 2


def test_only_as_many_answer_as_is_said_and_always_the_same_ones() -> None:
    def answering() -> list[tuple[str, str, bytes]]:
        world = played("subscribers: {answers: [{share: 20%, kind: 'yes', after: 1s}, {share: 10%, kind: story}]}")
        gateway = world.bound()
        for number in range(200):
            gateway.submit(destination_addr=f"1202555{number:04}", registered_delivery=0)
        world.run(HOUR)
        return written(gateway)

    found = answering()
    assert found == answering()
    assert 25 <= sum(text.lower().startswith(b"y") for _, _, text in found) <= 55


def test_what_is_said_of_one_phone_goes_before_what_its_network_says() -> None:
    rest = f"subscribers: {{{PHONE}: {{answers: [{{text: who is this, after: 2s}}]}}, 12025550101: {{answers: []}}}}"
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}]}", rest)
    gateway = world.bound()
    for number in (PHONE, "12025550101", "12025550102"):
        gateway.submit(destination_addr=number)
    world.run(10.0)
    assert written(gateway) == [("12025550102", OURS, b"yes"), (PHONE, OURS, b"who is this")]
    world.smsc.reset(world.now)
    gateway.submit()
    world.run(10.0)
    assert written(gateway)[2:] == [(PHONE, OURS, b"who is this")]


def test_an_answer_goes_to_the_owner_of_the_number_that_has_written() -> None:
    world = played(
        "subscribers: {answers: [{text: 'yes', after: 1s}]}",
        f"carrier: {{accounts: {{other: {{numbers: ['{OURS}']}}}}, others: admit}}",
    )
    gateway, other = world.bound(), world.bound("other")
    gateway.submit()
    world.run(2.0)
    assert (written(gateway), len(written(other))) == ([], 1)


def test_an_answer_waits_for_a_receiver_and_is_sent_again_like_any_message_of_a_subscriber() -> None:
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}]}")
    gateway = world.bound(bind="TX")
    gateway.submit()
    world.run(10.0)
    gateway.close()
    assert world.kinds("mo_sent") == 0
    receiver = world.bound()
    assert world.kinds("mo_acknowledged") == 1
    answers = iter([0x64, 0x64, 0])
    receiver.decide = lambda pdu: 0 if getattr(pdu, "esm_class", 0) & 0x3C else next(answers)
    receiver.submit()
    world.run(600.0)
    assert len(written(receiver)) == 3
    assert world.kinds("mo_acknowledged") == 2


def test_whom_a_message_does_not_reach_says_nothing() -> None:
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}], barred: 100%}")
    gateway = world.bound()
    gateway.submit()
    world.run(HOUR)
    assert (stats(gateway), written(gateway)) == (["UNDELIV"], [])


def test_whom_a_message_reaches_answers_though_something_else_is_told() -> None:
    for tells in ("none", "accepted_only", "hub_first"):
        world = played(f"receipts: {tells}, subscribers: {{answers: [{{text: 'yes', after: 1s}}]}}")
        gateway = world.bound()
        gateway.submit()
        world.run(10.0)
        assert len(written(gateway)) == 1, tells


def test_a_text_in_parts_is_answered_once() -> None:
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}]}")
    gateway = world.bound()
    for part in (1, 2, 3):
        gateway.submit(esm_class=0x40, short_message=bytes((5, 0, 3, 9, 3, part)) + b"part")
    world.run(10.0)
    assert len(written(gateway)) == 1


def test_nobody_can_answer_a_name() -> None:
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}]}")
    gateway = world.bound()
    gateway.submit(source_addr="ACME", source_addr_ton=5, source_addr_npi=0)
    world.run(10.0)
    assert (stats(gateway), written(gateway)) == (["DELIVRD"], [])


def test_a_message_that_was_taken_back_is_not_answered_and_one_that_was_replaced_once() -> None:
    world = played("subscribers: {retries: [10m], answers: [{text: 'yes', after: 1s}]}")
    gateway = world.bound()
    changed(world, state="off", until=world.smsc.clock.at(world.now) + MINUTE)
    ids = [gateway.submit(short_message=text).message_id for text in (b"one", b"two")]
    ends: dict[str, Any] = {"source_addr": OURS, "source_addr_ton": 1, "source_addr_npi": 1}
    gateway.send(CancelSm(message_id=ids[0], dest_addr_ton=1, dest_addr_npi=1, destination_addr=PHONE, **ends))
    gateway.send(ReplaceSm(message_id=ids[1], short_message=b"three", registered_delivery=1, **ends))
    world.run(HOUR)
    assert sorted(stats(gateway)) == ["DELETED", "DELIVRD"]
    assert len(written(gateway)) == 1


def test_a_story_that_a_scenario_tells_of_a_message_goes_before_what_its_recipient_would_say() -> None:
    rest = "rules: [{when: {text: {contains: bad}}, then: {deliver: UNDELIV}}]"
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}]}", rest)
    gateway = world.bound()
    gateway.submit(short_message=b"bad")
    gateway.submit(short_message=b"good")
    world.run(10.0)
    assert sorted(stats(gateway)) == ["DELIVRD", "UNDELIV"]
    assert len(written(gateway)) == 1


def test_no_more_people_are_about_to_answer_than_can_be_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PROMISES_MAX", 3)
    world = played("subscribers: {answers: [{text: 'yes', after: 1s}]}")
    gateway = world.bound()
    for number in range(5):
        gateway.submit(destination_addr=f"1202555010{number}")
    world.run(10.0)
    assert len(written(gateway)) == 3


def test_after_a_reset_nobody_answers_what_was_before() -> None:
    world = played("subscribers: {answers: [{text: 'yes', after: 5s}]}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    world.smsc.reset(world.now)
    world.run(60.0)
    assert written(gateway) == []


# ---------------------------------------------------------------------- STOP


def test_stop_on_toll_free_is_passed_on_answered_by_the_network_to_the_phone_alone_and_blocks() -> None:
    world = played("subscribers: {answers: [{text: STOP, after: 5s}]}", hub=HUB)
    gateway = world.bound()
    gateway.submit(source_addr=TOLL_FREE)
    world.run(10.0)
    assert written(gateway) == [(PHONE, TOLL_FREE, b"STOP")]
    ((message, reply),) = world.events("network_replied")
    assert (message.source.number, message.destination.number) == (PHONE, TOLL_FREE)
    assert reply.startswith('NETWORK MSG: You replied with the word "stop" which blocks all texts')
    gateway.received.clear()
    gateway.submit(source_addr=TOLL_FREE)
    world.run(10.0)
    assert stats(gateway) == ["REJECTD"]
    told = networks(world).truth(world.events("submitted")[-1][0].number)
    assert told is not None
    assert told.cause == "opted_out_network"


def test_unstop_lifts_the_block_and_is_answered_and_a_second_stop_is_not() -> None:
    world = played(hub=HUB)
    gateway = world.bound()
    for text in ("stop", "STOP", "please stop", "Unstop", "unstop"):
        world.smsc.mo(TOLL_FREE, PHONE, text, world.now)
        world.settle()
    assert [message.whole for message, _ in world.events("network_replied")] == ["stop", "Unstop"]
    assert len(written(gateway)) == 5
    gateway.submit(source_addr=TOLL_FREE)
    world.run(10.0)
    assert stats(gateway) == ["DELIVRD"]


def test_people_who_answer_stop_count_in_the_rate_of_the_campaign_and_suspend_it() -> None:
    registry = (
        "registry:\n  brands: {b: {score: 90}}\n  campaigns: {c: {brand: b, use_case: marketing}}\n"
        f"  numbers: {{{OURS}: c}}\nopt_outs: {{thresholds: {{suspend: 4%}}}}\n"
    )
    world = played("subscribers: {answers: [{share: 10%, kind: stop, after: 1s}]}", registry)
    gateway = world.bound()
    for number in range(150):
        gateway.submit(destination_addr=f"1202555{1000 + number}", registered_delivery=0)
    at = world.smsc.clock.at(world.now)
    assert networks(world).rates.rate("c", at).opted_out == 0
    world.run(MINUTE)
    rate = networks(world).rates.rate("c", at + MINUTE)
    assert rate.recipients == 150
    assert rate.opted_out == len(written(gateway)) > 6
    assert "suspend" in rate.levels
    assert networks(world).registrar.look(OURS, "long_code", at + MINUTE).is_registered is False

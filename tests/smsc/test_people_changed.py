"""Phones that change while messages wait for them, by hand and in a story."""

from math import inf
from typing import Any

import pytest

from simulator.scenario.file import load, parse
from simulator.scenario.script import Script
from simulator.scenario.speaking import rule_of
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import AlertNotification, DataSm
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.smsc.memory.truths import fact_of
from tests.smsc.subscribers.test_people import (
    DAY,
    HOUR,
    MINUTE,
    OURS,
    PHONE,
    changed,
    of_scenarios,
    people_of,
    played,
    stats,
    written,
)
from tests.smsc.world import START, World


def test_a_phone_that_comes_back_gets_its_messages_by_the_schedule_of_the_network() -> None:
    world = played("subscribers: {retries: [1m, 10m, 1h], validity: 1d}")
    gateway = world.bound()
    person = changed(world, state="off")
    assert (person.state, person.until, person.is_changed, person.why) == ("off", inf, True, "it was said so")
    gateway.submit()
    world.run(5 * MINUTE)
    assert people_of(world).person(PHONE, world.now).waiting == 1
    assert world.smsc.phones[PHONE].waiting == 1
    changed(world, state="on")
    world.run(5 * MINUTE - 1.0)
    assert stats(gateway) == []
    world.run(2.0)
    assert stats(gateway) == ["DELIVRD"]
    assert people_of(world).person(PHONE, world.now).waiting == 0


def test_a_phone_that_is_off_for_longer_than_the_schedule_gets_nothing() -> None:
    world = played("subscribers: {retries: [1m], validity: 1d}")
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit()
    world.run(2 * MINUTE)
    changed(world, state="on")
    world.run(DAY)
    assert stats(gateway) == ["EXPIRED"]
    ((_, outcome),) = world.events("concluded")
    assert outcome.cause.name == "absent_temporary"


def test_a_network_that_is_told_that_the_phone_is_back_tries_at_once() -> None:
    world = played("subscribers: {retries: [1m], validity: 1d}")
    gateway = world.bound()
    world.smsc.phones.switch(PHONE, world.now, is_on=False)
    gateway.submit()
    world.run(HOUR)
    assert world.smsc.phones[PHONE].waiting == 1
    world.smsc.phones.switch(PHONE, world.now, is_on=True)
    world.run(1.0)
    assert stats(gateway) == ["DELIVRD"]


def test_a_phone_is_off_until_a_moment_and_what_is_tried_then_arrives() -> None:
    world = played("subscribers: {retries: [1m, 10m, 1h], validity: 1d}")
    gateway = world.bound()
    at = world.smsc.clock.at(world.now)
    person = changed(world, state="off", until=at + 5 * MINUTE)
    assert (person.state, person.until) == ("off", at + 5 * MINUTE)
    gateway.submit()
    world.run(6 * MINUTE)
    person = people_of(world).person(PHONE, world.now)
    assert (person.state, person.why) == ("on", "it was said to be off, and that time is over")
    assert stats(gateway) == []
    world.run(5 * MINUTE)
    assert stats(gateway) == ["DELIVRD"]


@pytest.mark.parametrize(
    ("state", "stat", "cause"),
    [
        ("roaming", "UNDELIV", "roaming_no_route"),
        ("memory_full", "EXPIRED", "memory_full"),
        ("busy", "UNDELIV", "subscriber_busy"),
        ("barred", "UNDELIV", "barred"),
        ("no_funds", "UNDELIV", "prepaid_no_funds"),
        ("deactivated", "UNDELIV", "deactivated"),
        ("landline", "UNDELIV", "landline_or_no_sms"),
    ],
)
def test_each_state_has_its_own_end(state: str, stat: str, cause: str) -> None:
    world = played()
    gateway = world.bound()
    changed(world, state=state)
    gateway.submit()
    world.run(3 * DAY)
    ((_, outcome),) = world.events("concluded")
    assert (stats(gateway), outcome.cause.name) == ([stat], cause)


def test_what_waits_meets_whatever_its_phone_has_become() -> None:
    world = played("subscribers: {retries: [1m, 10m]}")
    gateway = world.bound()
    changed(world, state="memory_full")
    gateway.submit()
    world.run(2 * MINUTE)
    changed(world, state="deactivated")
    world.run(7 * MINUTE)
    assert stats(gateway) == []
    world.run(2 * MINUTE)
    assert stats(gateway) == ["UNDELIV"]
    ((_, outcome),) = world.events("concluded")
    assert outcome.cause.name == "deactivated"


def test_what_is_on_its_way_when_the_phone_goes_off_begins_anew_when_it_is_back() -> None:
    text = "networks: {one: {prefixes: ['1'], delays: {profile: instant, delivery: 10s}}}"
    world = of_scenarios([parse(f"scenario: 1\n{text}")])
    gateway = world.bound()
    gateway.submit()
    world.run(5.0)
    changed(world, state="off")
    world.run(HOUR)
    assert (stats(gateway), world.smsc.phones[PHONE].waiting) == ([], 1)
    changed(world, state="on")
    world.run(11.0)
    assert stats(gateway) == ["DELIVRD"]


def test_an_answer_comes_when_the_message_does() -> None:
    world = played("subscribers: {retries: [10m], answers: [{text: sorry, after: 5s}]}")
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit()
    world.run(9 * MINUTE)
    changed(world, state="on")
    world.run(MINUTE + 4.0)
    assert (stats(gateway), written(gateway)) == (["DELIVRD"], [])
    world.run(2.0)
    assert written(gateway) == [(PHONE, OURS, b"sorry")]


def test_a_message_that_will_not_arrive_after_all_is_not_answered() -> None:
    world = played("subscribers: {retries: [10m], answers: [{text: sorry, after: 5s}]}")
    gateway = world.bound()
    changed(world, state="off", until=world.smsc.clock.at(world.now) + MINUTE)
    gateway.submit()
    changed(world, state="barred")
    world.run(DAY)
    assert (stats(gateway), written(gateway)) == (["UNDELIV"], [])


def test_a_number_that_has_moved_fails_until_the_number_plan_knows() -> None:
    text = "networks: {one: {prefixes: ['1'], delays: instant}, two: {prefixes: ['44'], delays: instant}}"
    world = of_scenarios([parse(f"scenario: 1\n{text}")])
    gateway = world.bound()
    person = changed(world, ported_to="two")
    assert (person.network, person.ported_to, person.state) == ("one", "two", "on")
    gateway.submit()
    world.run(10.0)
    assert stats(gateway) == ["UNDELIV"]
    ((_, outcome),) = world.events("concluded")
    assert outcome.cause.name == "portability"
    person = changed(world, ported_to="two", is_routed=True)
    assert person.network == "two"
    gateway.received.clear()
    gateway.submit()
    world.run(10.0)
    assert stats(gateway) == ["DELIVRD"]
    assert changed(world, ported_to="").network == "one"


def test_the_old_network_still_has_what_it_tries_when_a_number_moves() -> None:
    text = (
        "networks: {one: {prefixes: ['1'], delays: instant, subscribers: {retries: [10m]}},"
        " two: {prefixes: ['44'], delays: instant}}"
    )
    world = of_scenarios([parse(f"scenario: 1\n{text}")])
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit()
    world.run(MINUTE)
    changed(world, state="on", ported_to="two", is_routed=True)
    world.run(HOUR)
    ((_, outcome),) = world.events("concluded")
    assert (stats(gateway), outcome.cause.name) == (["UNDELIV"], "portability")


def test_what_is_no_longer_said_of_a_phone_is_derived_again() -> None:
    rest = "numbers: {ported: {12025550100: two}}\n"
    text = "networks: {one: {prefixes: ['1'], subscribers: {barred: 100%}}, two: {prefixes: ['44']}}"
    world = of_scenarios([parse(f"scenario: 1\n{text}\n{rest}")])
    before = people_of(world).person(PHONE, world.now)
    assert (before.network, before.state) == ("two", "on")
    other = people_of(world).person("12025550101", world.now)
    assert (other.network, other.state, other.why) == (
        "one",
        "barred",
        "the seed and its number: 1 of the phones of one are barred at any moment",
    )
    changed(world, ported_to="one", is_routed=True, state="busy", answers=())
    assert list(people_of(world).changed()) == [PHONE]
    assert people_of(world).restore(PHONE, world.now) == before
    assert list(people_of(world).changed()) == []


def test_a_change_is_journalled() -> None:
    world = played()
    changed(world, state="off")
    changed(world, state="roaming", until=START + 10.0, ported_to="one")
    people_of(world).restore(PHONE, world.now)
    assert [detail for _, detail in world.events("phone_switched")] == [
        f"{PHONE} is off",
        f"{PHONE} is roaming until {START + 10:.3f}, ported to one",
        f"{PHONE} is as nobody has said",
    ]


def test_what_is_not_said_of_a_phone_stays_as_it_was() -> None:
    world = played()
    until = START + DAY
    changed(world, state="off", until=until)
    person = changed(world, ported_to="one")
    assert (person.state, person.until, person.ported_to) == ("off", until, "one")
    person = changed(world, answers=())
    assert (person.state, person.answers) == ("off", ())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"ported_to": "ones"}, "ported_to: 'ones' is no network; did you mean 'one'"),
        ({"ported_to": "xyz"}, "ported_to: 'xyz' is no network; one of one"),
        ({"state": "of"}, "subscribers: state 'of' is none; did you mean 'off'"),
    ],
)
def test_what_cannot_be_said_of_a_phone_is_refused_and_changes_nothing(said: dict[str, Any], told: str) -> None:
    world = played()
    with pytest.raises(ValueError, match=told):
        changed(world, **said)
    assert list(people_of(world).changed()) == []


def test_who_wants_to_know_is_told_when_a_phone_returns() -> None:
    world = played("subscribers: {retries: [1m]}")
    gateway = world.bound()
    changed(world, state="off")
    payload = (Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"), tlv_int(TlvTag.SET_DPF, 1))
    gateway.send(DataSm(source_addr=OURS, destination_addr=PHONE, registered_delivery=1, tlvs=payload))
    world.run(10.0)
    changed(world, state="busy")
    assert len(gateway.of(AlertNotification)) == 1


def test_a_datagram_to_a_phone_that_is_off_is_tried_once() -> None:
    world = played()
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit(esm_class=1, registered_delivery=0)
    world.run(10.0)
    ((message, _),) = world.events("concluded")
    assert message.state == "UNDELIV"


def test_a_phone_is_named_in_any_way_that_a_number_is_written() -> None:
    world = of_scenarios([load("networks/us")])
    changed(world, "+12025550100", state="off")
    assert people_of(world).person("2025550100", world.now).state == "off"
    landline = people_of(world).person("18025550100", world.now)
    assert (landline.state, landline.why) == ("landline", "its number is a landline's")
    nobody = people_of(world).person("19175550100", world.now)
    assert (nobody.network, nobody.why) == ("", "no network has this number")


def test_the_gateway_is_told_progress_once_though_the_plan_changes() -> None:
    world = played("receipts: {buffered: 30s}, subscribers: {retries: [10m]}")
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit(registered_delivery=0x11)
    world.run(MINUTE)
    changed(world, state="on")
    world.run(HOUR)
    assert stats(gateway) == ["ENROUTE", "DELIVRD"]


# ---------------------------------------------------------------------- in a story


def test_a_story_changes_phones_by_time_and_by_what_is_sent() -> None:
    rest = (
        f"timeline: [{{at: 1min, then: {{subscribers: {{{PHONE}: {{state: 'off', lasts: 5min}}}}}}}}]\n"
        "rules: [{when: {text: {contains: bye}}, then: {subscribers: {12025550101: deactivated}}}]\n"
    )
    world = played("subscribers: {retries: [10m]}", rest)
    gateway = world.bound()
    gateway.submit()
    world.run(MINUTE + 1.0)
    gateway.submit()
    assert stats(gateway) == ["DELIVRD"]
    for text in (b"good bye", b"still there?"):
        # a rule is done when its message is answered: the phone has the first one
        gateway.submit(destination_addr="12025550101", short_message=text)
    world.run(10 * MINUTE)
    assert stats(gateway) == ["DELIVRD", "DELIVRD", "UNDELIV", "DELIVRD"]
    assert list(people_of(world).changed()) == [PHONE, "12025550101"]
    world.smsc.reset(world.now)
    assert list(people_of(world).changed()) == []


def test_a_rule_that_is_added_where_there_are_no_networks_says_so_in_the_journal() -> None:
    world = World()
    stage = world.smsc.play(Script((), 0, delay=world.smsc.carrier.delay), world.now)
    stage.script.add(rule_of({"then": {"subscribers": {PHONE: "off"}}}))
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    ((_, why),) = world.events("script_failed")
    assert why.endswith("subscribers: no networks are played here, and so nobody has a phone")
    assert stats(gateway) == ["DELIVRD"]


def test_what_is_so_follows_the_phone_though_an_end_was_told_before() -> None:
    world = played("receipts: hub_first, subscribers: {retries: [10m], answers: [{text: sorry, after: 5s}]}")
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit()
    world.run(MINUTE)
    ((message, _),) = world.events("submitted")

    def fact() -> tuple[str, str]:
        found = fact_of(message, world.smsc, world.smsc.clock.at(world.now))
        assert found is not None
        return found.state, found.cause

    assert (stats(gateway), fact()) == (["DELIVRD"], ("ENROUTE", ""))
    changed(world, state="on")
    assert fact() == ("ENROUTE", "")
    world.run(10 * MINUTE)
    assert (stats(gateway), fact()) == (["DELIVRD"], ("DELIVRD", ""))
    assert written(gateway) == [(PHONE, OURS, b"sorry")]


def test_what_is_so_of_a_message_that_is_planned_anew_is_what_its_phone_makes_of_it() -> None:
    world = played("subscribers: {retries: [10m]}")
    gateway = world.bound()
    changed(world, state="off")
    gateway.submit()
    changed(world, state="deactivated")
    world.run(11 * MINUTE)
    ((message, _),) = world.events("submitted")
    found = fact_of(message, world.smsc, world.smsc.clock.at(world.now))
    assert found is not None
    assert (found.state, found.cause, found.network) == ("UNDELIV", "deactivated", "one")

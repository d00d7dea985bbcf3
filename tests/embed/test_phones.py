"""Phones as a test in any thread sees and changes them."""

import pytest

from simulator.embed.embedded import EmbeddedSmsc
from simulator.embed.phones import NoNetworks
from simulator.scenario.file import parse
from simulator.scenario.problems import ScenarioError
from tests.embed.gateway import bound

PHONE = "12025550100"
NETWORKS = "networks: {one: {prefixes: ['1'], delays: instant, subscribers: {retries: [1h]}}, two: {prefixes: ['44']}}"


def of(text: str) -> EmbeddedSmsc:
    return EmbeddedSmsc([parse(f"scenario: 1\n{text}")])


def test_a_phone_is_off_and_then_on_and_gets_its_message() -> None:
    with of(NETWORKS) as smsc, bound(smsc) as gateway:
        phone = smsc.subscribers[f"+{PHONE}"]
        assert (phone.state, phone.network, phone.is_changed, phone.answers) == ("on", "one", False, None)
        assert phone.switch_off().state == "off"
        assert list(smsc.subscribers) == [PHONE]
        gateway.send(PHONE, registered_delivery=0)
        smsc.wait_for(destination=PHONE, state="ENROUTE")
        assert phone.waiting == 1
        phone.switch_on()
        smsc.clock.advance("1h")
        smsc.wait_for(destination=PHONE, state="DELIVRD")
        assert phone.restore().is_changed is False
        assert (
            repr(phone)
            == f"<phone {PHONE} of one: on, nothing was said of it, and the seed and its number leave it on>"
        )


def test_a_phone_is_off_for_a_while() -> None:
    with of(NETWORKS) as smsc:
        phone = smsc.subscribers[PHONE]
        phone.switch_off("2h")
        smsc.clock.advance("119min")
        assert phone.state == "off"
        smsc.clock.advance("2min")
        assert phone.state == "on"


def test_whoever_has_a_phone_answers_as_he_is_taught() -> None:
    with of(NETWORKS) as smsc, bound(smsc) as gateway:
        phone = smsc.subscribers[PHONE]
        phone.answer("who is this", after="50ms")
        gateway.send(PHONE, registered_delivery=0)
        assert smsc.wait_for(event="mo", source=PHONE).text == "who is this"


def test_what_is_wrong_is_said_where_it_was_said() -> None:
    with of(NETWORKS) as smsc:
        phone = smsc.subscribers[PHONE]
        with pytest.raises(ScenarioError, match=r"(?s)subscribers\['12025550100'\]: state: 'of' .*did you mean off"):
            phone.change("of")
        with pytest.raises(ScenarioError, match=r"(?s)ported_to: .*'ones'.*did you mean one"):
            phone.change(ported_to="ones")
        assert list(smsc.subscribers) == []


def test_without_networks_nobody_has_a_phone() -> None:
    with EmbeddedSmsc() as smsc, pytest.raises(NoNetworks, match="no networks are played"):
        smsc.subscribers[PHONE].switch_off()

"""Phones as the model knows them: on or off, and what waits for those that are off; and how full a bucket is."""

from typing import Any

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import DELIVERED, ENROUTE, Address, Message
from simulator.carrier.subscribers import PATIENCE, Subscribers
from simulator.carrier.throttle import Throttle


def a_message(**fields: Any) -> Message:
    defaults: dict[str, Any] = {
        "account": "gateway",
        "message_id": "1",
        "source": Address("1"),
        "destination": Address("12025550100"),
        "submitted_at": 0.0,
        "arrived_at": 0.0,
        "scheduled_at": None,
        "expires_at": None,
        "wants_progress": False,
        "part": None,
        "state": ENROUTE,
        "cause": None,
        "done_at": None,
    }
    return Message(**(defaults | fields))


def test_all_phones_are_on_until_they_are_switched_off() -> None:
    phones: Subscribers[Message] = Subscribers()
    assert phones.is_on("12025550100")
    phones.switch_off("+12025550100")
    assert not phones.is_on("12025550100")
    assert phones.switch_on("12025550100") == []
    assert phones.is_on("+12025550100")


def test_what_waits_comes_back_in_order_without_what_is_final_or_let_go() -> None:
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off("12025550100")
    messages = [a_message() for _ in range(4)]
    for message in messages:
        phones.hold(message, 0.0)
    phones.switch_off("12025550100")
    messages[1].state = DELIVERED
    phones.let_go(messages[2])
    phones.let_go(a_message(destination=Address("2")))
    assert phones.switch_on("12025550100") == [messages[0], messages[3]]


@pytest.mark.parametrize(("expires_at", "until"), [(None, 50.0 + PATIENCE), (60.0, 60.0)])
def test_a_message_waits_as_long_as_it_is_valid_or_three_days(expires_at: float | None, until: float) -> None:
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off("12025550100")
    assert phones.hold(a_message(expires_at=expires_at), 50.0) == until


def test_a_carrier_that_starts_over_has_all_phones_on() -> None:
    carrier = Carrier()
    carrier.subscribers.switch_off("1")
    carrier.reset()
    assert carrier.subscribers.is_on("1")


def test_a_bucket_tells_how_much_of_it_is_taken() -> None:
    throttle = Throttle(10.0)
    assert throttle.fullness(100.0) == 0.0
    for taken in range(1, 10):
        throttle.admit(100.0)
        assert throttle.fullness(100.0) == pytest.approx(taken / 10)
    throttle.admit(100.0)
    assert throttle.fullness(100.0) == 1.0
    assert throttle.fullness(100.05) == 1.0
    assert not throttle.admit(100.05)
    assert throttle.fullness(100.5) == pytest.approx(0.5)
    assert throttle.fullness(200.0) == 0.0

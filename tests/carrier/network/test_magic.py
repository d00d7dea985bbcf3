"""Magic numbers: what each kind of cause makes of a message, and when."""

from math import inf
from typing import Any

import pytest

from simulator.carrier.causes import cause
from simulator.carrier.delays import Fixed
from simulator.carrier.dice import Dice
from simulator.carrier.messages import Outcome
from simulator.carrier.network.magic import granted, wish_of
from simulator.carrier.network.profiles import Profile
from tests.carrier.network.test_network import a_letter

ROUTE = Profile(name="route", respond=Fixed(1.0), delivery=Fixed(3.0), told=Fixed(2.0))
LUCK = Dice(0).throw(a_letter())


def grant(key: str, wants_progress: bool = False, **fields: Any) -> Any:
    """What that cause makes of a message."""
    return granted(key, a_letter(wants_progress=wants_progress), ROUTE, LUCK, cause, **fields)


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("12025550100", "delivered"),
        ("12025550106", "unknown_subscriber"),
        ("12025550104", "no_receipt"),
        ("12025550117", "silent_filter"),
        ("12025550131", "congestion"),
        # these are the platform's, and those about MMS
        ("12025550109", "delivered"),
        ("12025550144", "delivered"),
        ("12025550141", "delivered"),
        ("12025550143", "delivered"),
        ("12025550145", ""),
        ("12025560106", ""),
    ],
)
def test_a_number_asks_for_what_can_happen_to_an_sms_at_a_carrier(number: str, key: str) -> None:
    assert wish_of(number) == key


def test_it_takes_the_time_of_its_route_and_what_it_has_waited() -> None:
    made = grant("unknown_subscriber")
    assert (made.state, made.cause, made.after) == ("UNDELIV", "unknown_subscriber", 4.0)
    assert (made.verdict.respond_after, made.verdict.outcomes) == (
        1.0,
        (Outcome(5.0, "UNDELIV", cause("unknown_subscriber")),),
    )
    later = grant("unknown_subscriber", wait=10.0)
    assert (later.after, later.verdict.outcomes[0].after) == (14.0, 15.0)


def test_a_delivery_has_no_cause() -> None:
    made = grant("delivered")
    assert (made.state, made.cause, made.verdict.outcomes) == ("DELIVRD", "", (Outcome(5.0, "DELIVRD"),))


@pytest.mark.parametrize(
    ("key", "state", "told"),
    [
        ("no_receipt", "DELIVRD", []),
        ("accepted_only", "DELIVRD", [("ACCEPTD", True)]),
        ("buffered", "DELIVRD", [("ENROUTE", False), ("DELIVRD", True)]),
        ("silent_filter", "", [("DELIVRD", True)]),
        ("absent_temporary", "EXPIRED", [("EXPIRED", True)]),
    ],
)
def test_what_is_told_and_what_is_so_may_differ(key: str, state: str, told: list[Any]) -> None:
    made = grant(key)
    assert (made.state, made.cause) == (state, key)
    assert [(one.state, one.is_final) for one in made.verdict.outcomes] == told


def test_a_refusal_is_one_in_the_answer_and_not_for_whom_somebody_lets_in() -> None:
    made = grant("throttled")
    assert (made.state, made.verdict.accepted, made.verdict.cause) == ("REFUSED", False, cause("throttled"))
    assert made.verdict.respond_after == 1.0
    assert grant("throttled", is_admitted=True) == grant("delivered")


def test_where_there_is_no_acknowledgement_nobody_ever_answers() -> None:
    made = grant("no_ack")
    assert (made.verdict.accepted, made.verdict.respond_after, made.verdict.outcomes) == (False, inf, ())


def test_progress_is_told_halfway_to_whoever_wants_it() -> None:
    made = grant("barred", wants_progress=True)
    assert [(one.after, one.state, one.is_final) for one in made.verdict.outcomes] == [
        (2.5, "ENROUTE", False),
        (5.0, "UNDELIV", True),
    ]

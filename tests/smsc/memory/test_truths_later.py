"""What is so of messages that are sent later, or with another text than that with which they came."""

from typing import Any

import pytest

from simulator.carrier.network.truths import LOST
from simulator.smpp.pdus import ReplaceSm
from tests.smsc.memory.test_truths import HOUR, LINK, PHONE, brief, fact, receipts, world_of


def replacing(message_id: str, text: bytes) -> ReplaceSm:
    """The order to put that text in the place of a message's."""
    source: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}
    return ReplaceSm(message_id=message_id, short_message=text, registered_delivery=1, **source)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("{filter: shortener, where: REJECTD}", ("REJECTD", "shortened_url")),
        # it was let in, so that no answer can say it any more
        ("{filter: content, where: submit}", ("REJECTD", "carrier_spam")),
        ("{filter: shortener, where: submit, cause: throttled}", ("REJECTD", "throttled")),
        ("{filter: shortener, where: lost}", (LOST, "shortened_url")),
    ],
)
@pytest.mark.parametrize("way", ["replace_sm", "flag"])
def test_a_text_that_takes_the_place_of_another_is_filtered_too(
    filters: str, expected: tuple[str, str], way: str
) -> None:
    text = b"casino bonus at https://bit.ly/x"
    world = world_of(f"filters: [{filters}]")
    gateway = world.bound()
    first = gateway.submit(destination_addr=PHONE, schedule_delivery_time="000000010000000R")
    if way == "flag":
        gateway.submit(
            destination_addr=PHONE,
            short_message=text,
            schedule_delivery_time="000000010000000R",
            replace_if_present_flag=1,
        )
    else:
        gateway.send(replacing(first.message_id, text))
    world.run(HOUR + 60.0)
    assert brief(fact(world)) == expected
    assert [state for state, _ in receipts(gateway)] == [one for one in expected[:1] if one != LOST]


def test_a_text_that_takes_the_place_of_a_filtered_one_arrives() -> None:
    world = world_of("filters: [{filter: shortener, where: REJECTD}]")
    gateway = world.bound()
    first = gateway.submit(destination_addr=PHONE, short_message=LINK, schedule_delivery_time="000000010000000R")
    gateway.send(replacing(first.message_id, b"hello"))
    world.run(HOUR + 60.0)
    assert brief(fact(world)) == ("DELIVRD", "")


def test_what_is_scheduled_for_tomorrow_leaves_todays_cap_alone_and_is_held_against_tomorrows() -> None:
    limit = "limits: [{rate: 1/day, cause: tmo_daily, over: {mode: reject, where: receipt}}], zone: UTC"
    world = world_of(limit)
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE, schedule_delivery_time="000001000000000R")
    gateway.submit(destination_addr=PHONE)
    world.run(60.0)
    assert receipts(gateway) == [("DELIVRD", "000")]
    world.run(24 * HOUR)
    assert [state for state, _ in receipts(gateway)] == ["DELIVRD"] * 2
    gateway.submit(destination_addr=PHONE)
    world.run(60.0)
    assert receipts(gateway)[2:] == [("REJECTD", "064")]

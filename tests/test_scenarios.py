"""The scenarios that come with the package: each is read, tells what it is about, is played with a gateway that does
what it should, and does what it says. What each quirk shows octet by octet is in tests/quirks.
"""

from typing import Any

import pytest

from simulator.journal import (
    ANSWERED,
    BIND_REFUSED,
    BOUND,
    CONCLUDED,
    FAULT,
    MO_SENT,
    PDU_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_SENT,
    RULE_FIRED,
    SUBMITTED,
    UNBOUND,
)
from simulator.scenario.file import load, shipped
from simulator.smsc.watch import Verdict
from tests.faithful import Faithful
from tests.smsc.world import World

NAMES = list(shipped())
STORIES = [name for name in NAMES if name.startswith(("stories/", "faults/"))]
ASKS_MORE = {
    # binds with what this carrier wants to see, which nobody is told
    "quirks/bind-parameter-strictness",
    # reads what breaks the lengths of its own fields
    "quirks/cstring-unterminated-or-overlong",
    "quirks/tlv-length-overruns-pdu",
    "quirks/trailing-bytes-after-body",
    # misses receipts, and binds again for that
    "quirks/receipts-stop-on-live-link",
}
"""Quirks whose wire shows that the gateway of these tests is no better than most: it decodes by the book."""


def playing(name: str, *, messages: int = 40, every: float = 5.0, seconds: float = 900.0, **settings: Any) -> Faithful:
    """A shipped scenario and a faithful gateway, after so many messages and seconds and a goodbye."""
    world = Faithful([load(name)], [name], **settings)
    for number in range(messages):
        # the same text to the same number again would be the same message, sent twice
        world.say(f"1202555{100 + number % 100:04}", b"message %d" % number, after=number * every)
    world.live(seconds)
    if not name.startswith("quirks/"):
        # what quirks ask of the gateway beyond the wire is a matter of their own tests
        world.tell_the_ends()
    world.leave()
    return world


def fired(world: World) -> dict[str, int]:
    """How often each rule and occasion did anything."""
    names = [str(name) for _, name in world.events(RULE_FIRED)]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def missed(verdict: Verdict) -> list[str]:
    """Everything that counts as an error."""
    return [
        f"{one.name}: {one.reason}" for one in (*verdict.expectations, *verdict.checks, *verdict.quirks) if one.is_bad
    ]


def ends(world: Faithful) -> dict[str, int]:
    """How many messages had each end, as the gateway tells it."""
    told = [one.status for one in world.messages]
    return {status: told.count(status) for status in dict.fromkeys(told)}


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_tells_what_it_is_about(name: str) -> None:
    about = load(name).about
    assert about is not None
    assert all((about.text, about.carrier, about.breaks, about.correct))


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_is_played_and_a_faithful_gateway_meets_what_it_expects(name: str) -> None:
    settings = PLAYS.get(name, {})
    world = playing(name, **settings)
    not_sent = [told for row in world.events(PDU_SENT) if "not sent" in (told := f"{row[0]} {row[1]}")]
    assert not_sent == []
    if name not in ASKS_MORE:
        assert missed(world.watch.verdict()) == []


PLAYS: dict[str, dict[str, Any]] = {
    "stories/one-per-cent-lost": {"messages": 1000, "every": 0.5},
    "stories/outage-and-failover": {"messages": 150, "seconds": 1200.0, "doors": ("smpp", "second")},
    "stories/region-down-for-an-hour": {"seconds": 7300.0},
    "stories/daily-cap-reached": {"messages": 70},
    "stories/cold-start-with-backlog": {"every": 0.0},
    "stories/slow-carrier-with-full-window": {"every": 0.0},
    "stories/receipt-storm-after-outage": {"messages": 100, "every": 6.0},
    "stories/bad-day": {"messages": 700, "every": 1.0},
    "faults/throttled-at-two-a-second": {"every": 0.1},
}
"""What is sent where more than the usual is needed."""


@pytest.mark.parametrize("name", [name for name in STORIES if load(name).expect is not None and "submit-multi" not in name])
def test_a_story_is_coped_with_where_the_wire_and_the_gateway_can_tell(name: str) -> None:
    if name in BY_OTHER_COMMANDS:
        return
    verdict = playing(name, **PLAYS.get(name, {})).watch.verdict()
    assert [(one.outcome, one.reason) for one in verdict.expectations if one.outcome != "coped"] == []
    assert [(one.outcome, one.reason) for one in verdict.quirks if one.outcome == "failed"] == []

"""GET /api/messages tells what is so beside what was told, and finds messages by it."""

import pytest

from simulator.scenario.file import parse
from simulator.smsc.play.staging import staged
from tests.control.caller import Caller
from tests.smsc.world import START, World

LIAR = """
networks:
  one: {prefixes: [1], receipts: hub_first, filters: [shortener, {filter: content, where: lost}], delays: instant}
"""


@pytest.fixture
def lied_to(world: World) -> Caller:
    """Who asks about four messages: one that has come, one that was filtered, one lost, one to a number of nobody."""
    world.smsc = staged([parse(f"scenario: 1\n{LIAR}")], world.now, START, seed=1)
    gateway = world.bound()
    for text in (b"hello", b"see https://bit.ly/x", b"buy cannabis"):
        gateway.submit(short_message=text)
    gateway.submit(destination_addr="4930123456")
    world.run(5.0)
    return Caller(world)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"truth": "DELIVRD"}, "1"),
        ({"truth": "rejected"}, "2"),
        ({"truth": "lost"}, "3"),
        ({"truth": "REFUSED"}, "4"),
        ({"truth": "ENROUTE"}, ""),
        ({"state": "DELIVRD"}, "321"),
        ({"state": "DELIVRD", "truth": "LOST"}, "3"),
        ({"truth": "LOST", "direction": "mo"}, ""),
    ],
)
async def test_messages_are_found_by_what_is_so(lied_to: Caller, query: dict[str, str], expected: str) -> None:
    assert "".join(row["id"] for row in await lied_to.rows(**query)) == expected


async def test_a_row_tells_what_is_so_beside_what_was_told(lied_to: Caller) -> None:
    row = await lied_to.get("/api/messages/2")
    assert (row["state"], row["receipts"]["sent"]) == ("DELIVRD", 1)
    assert row["truth"] == row["parts"][0]["truth"]
    assert row["truth"] == {
        "state": "REJECTD",
        "cause": "shortened_url",
        "why": "filter shortener: link by the public shortener 'bit.ly'",
        "network": "one",
        "at": "2027-01-15T08:00:00.000Z",
    }


async def test_without_networks_nothing_is_found_by_what_is_so(world: World, caller: Caller) -> None:
    world.bound().submit()
    world.run(5.0)
    assert [row["truth"] for row in await caller.rows()] == [None]
    assert await caller.rows(truth="DELIVRD") == []


async def test_a_word_that_is_no_truth_is_named(caller: Caller) -> None:
    error = await caller.refused("GET", "/api/messages", 422, params={"truth": "GONE"})
    (one,) = error["where"]
    assert (one["field"], one["given"]) == ("truth", "GONE")
    assert one["allowed"].endswith(", LOST")

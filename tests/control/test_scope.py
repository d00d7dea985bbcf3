"""Two suites on one server, each with its account: what one resets, counts or judges is never the other's."""

from typing import Any

import pytest

from simulator.scenario.file import parse
from simulator.smpp.constants import CommandStatus
from simulator.smsc.play.playing import Playing
from tests.control.caller import Caller
from tests.smsc.world import World

JUDGED = parse("scenario: 1\nexpect: {events: [{kind: submitted, count: 1..}]}")


@pytest.fixture
def both(world: World, caller: Caller) -> tuple[Any, Any]:
    return world.bound("alice"), world.bound("bob")


async def test_lists_show_what_is_ones_own(caller: Caller, both: tuple[Any, Any]) -> None:
    for gateway in both:
        gateway.submit()
    for name in ("alice", "bob"):
        (row,) = await caller.rows(account=name)
        assert row["account"] == name
        (session,) = (await caller.get("/api/sessions", account=name))["sessions"]
        assert session["account"] == name
        kinds = {one["kind"]: one["account"] for one in (await caller.get("/api/events", account=name))["events"]}
        assert set(kinds.values()) == {name}
        assert {"bound", "submitted", "answered"} <= set(kinds)
        assert (await caller.get("/api/counters", account=name))["events"]["submitted"] == 1
    assert (await caller.call("GET", "/api/messages/1", params={"account": "bob"})).status_code == 404


async def test_the_header_says_it_for_every_request(caller: Caller, both: tuple[Any, Any]) -> None:
    both[0].submit()
    caller.headers = {"smsc-account": "bob"}
    assert await caller.rows() == []
    error = await caller.refused("GET", "/api/messages", 422, params={"account": "alice"})
    assert error["detail"] == "account: 'alice', but Smsc-Account says 'bob'"
    # what is everybody's can be read, and is not changed
    assert (await caller.get("/api/clock"))["rate"] == 1.0
    assert (await caller.refused("POST", "/api/clock", 409, json={"pause": True}))["code"] == "shared"


async def test_a_reset_of_one_leaves_the_others_alone(world: World, caller: Caller, both: tuple[Any, Any]) -> None:
    alice, bob = both
    for gateway in both:
        gateway.submit(registered_delivery=1)
        gateway.submit(registered_delivery=1)
    response = await caller.call("POST", "/api/reset", params={"account": "alice"})
    assert (response.json()["account"], response.json()["sessions"]) == ("alice", 1)
    world.run(10.0)
    assert (len(alice.stats), len(bob.stats)) == (0, 2)
    assert await caller.rows(account="alice") == []
    assert len(await caller.rows(account="bob")) == 2
    counters = await caller.get("/api/counters", account="alice")
    assert (counters["events"], counters["pending"], counters["waiting"]) == ({}, 0, 0)
    assert (await caller.get("/api/counters", account="bob"))["events"]["receipt_acknowledged"] == 2
    alice.submit(registered_delivery=1)
    world.run(10.0)
    assert len(alice.stats) == 1
    assert [row["state"] for row in await caller.rows(account="alice")] == ["DELIVRD"]


async def test_what_waits_for_a_receiver_is_forgotten_for_one_alone(world: World, caller: Caller) -> None:
    senders = [world.bound(name, "TX") for name in ("alice", "bob")]
    for gateway in senders:
        gateway.submit(registered_delivery=1)
    world.run(10.0)
    assert (await caller.get("/api/counters", account="alice"))["waiting"] == 1
    await caller.call("POST", "/api/reset", params={"account": "alice"})
    for name, sent in (("alice", 0), ("bob", 1)):
        world.bound(name, "RX")
        world.run(1.0)
        events = (await caller.get("/api/counters", account=name))["events"]
        assert events.get("receipt_sent", 0) == sent


async def test_rules_of_one_mean_nobody_else(caller: Caller, both: tuple[Any, Any]) -> None:
    alice, bob = both
    mine = {"account": "alice"}
    response = await caller.call("POST", "/api/rules", params=mine, json={"then": {"reject": "ESME_RTHROTTLED"}})
    assert response.status_code == 201
    assert alice.submit().command_status == CommandStatus.ESME_RTHROTTLED
    assert bob.submit().command_status == 0
    assert [one["fired"] for one in (await caller.get("/api/rules", account="alice"))["rules"]] == [1]
    assert (await caller.get("/api/rules", account="bob"))["rules"] == []
    assert (await caller.call("DELETE", "/api/rules", params={"account": "bob"})).json() == {"removed": []}
    await caller.refused("DELETE", "/api/rules/live-1", 404, params={"account": "bob"})
    foreign = {"when": {"account": "bob"}, "then": "silence"}
    error = await caller.refused("POST", "/api/rules", 422, params=mine, json=foreign)
    assert error["where"][0]["field"] == "when.account"
    await caller.call("POST", "/api/reset", params=mine)
    assert (await caller.get("/api/rules"))["rules"] == []


async def test_a_reset_of_one_may_end_its_sessions_and_changes_nothing_of_all(
    world: World, caller: Caller, both: tuple[Any, Any]
) -> None:
    for name in ("seed", "speed", "scenarios"):
        value: Any = "keep" if name == "scenarios" else 2
        error = await caller.refused("POST", "/api/reset", 409, params={"account": "bob"}, json={name: value})
        assert (error["code"], error["detail"].startswith(f"{name}: ")) == ("shared", True)
    await caller.call("POST", "/api/reset", params={"account": "bob"}, json={"sessions": "disconnect"})
    assert [gateway.session.hang_up for gateway in both] == [False, True]


async def test_one_is_judged_alone_from_its_reset_on() -> None:
    world = World(seed=1)
    playing = Playing(world.smsc, [JUDGED], ["judged"])
    caller = Caller(world)
    caller.app = caller.app_with(caller.pause, playing=playing)
    playing.judge(lambda: world.now, always=True)
    alice, bob = world.bound("alice"), world.bound("bob")
    error = await caller.refused("GET", "/api/verdict", 409, params={"account": "alice"})
    assert "POST /api/reset?account=alice" in error["detail"]
    for name in ("alice", "bob"):
        await caller.call("POST", "/api/reset", params={"account": name})
    bob.submit()
    seen = {
        name: [one["outcome"] for one in (await caller.get("/api/verdict", account=name))["expectations"]]
        for name in ("alice", "bob")
    }
    assert seen["bob"] == ["coped"]
    assert seen["alice"] != ["coped"]
    alice.submit()
    assert [one["outcome"] for one in (await caller.get("/api/verdict", account="alice"))["expectations"]] == ["coped"]
    await caller.call("POST", "/api/reset", params={"account": "alice"})
    assert [one["outcome"] for one in (await caller.get("/api/verdict", account="bob"))["expectations"]] == ["coped"]


async def test_who_waits_for_one_sees_no_other(world: World, caller: Caller, both: tuple[Any, Any]) -> None:
    both[1].submit()
    error = await caller.refused("GET", "/api/messages/wait", 404, params={"account": "alice", "timeout": "10ms"})
    assert error["detail"].startswith("wanted 1, came 0")

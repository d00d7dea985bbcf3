"""Scenarios over HTTP: loaded beside others, taken away, validated by place, exported; and rules in their order."""

from typing import Any

import pytest

from simulator.scenario.file import parse
from simulator.smsc.play.playing import Playing
from tests.control.caller import Caller
from tests.smsc.world import World

THROTTLED = 0x58
REJECTS = "scenario: 1\nrules: [{name: no, then: {reject: 8}}]\n"


async def done(caller: Caller, method: str, path: str, status: int = 200, **options: Any) -> Any:
    response = await caller.call(method, path, **options)
    assert response.status_code == status, response.text
    return response.json()


async def rule(caller: Caller, status: int, name: str) -> None:
    await done(caller, "POST", "/api/rules", 201, json={"name": name, "then": {"reject": status}})


async def names(caller: Caller) -> list[str]:
    return [one["name"] for one in (await caller.get("/api/rules"))["rules"]]


async def test_a_scenario_is_loaded_beside_others_and_taken_away(world: World, caller: Caller) -> None:
    gateway = world.bound()
    told = await done(caller, "POST", "/api/scenarios", json={"names": ["throttled-then-recovers"]})
    assert told["played"] == ["throttled-then-recovers"]
    told = await done(caller, "POST", "/api/scenarios", json={"yaml": REJECTS, "name": "mine"})
    assert told["played"] == ["throttled-then-recovers", "mine"]
    assert gateway.submit().command_status == 8
    assert {"name": "mine", "is_played": True} in told["known"]
    assert (await done(caller, "DELETE", "/api/scenarios/mine"))["played"] == ["throttled-then-recovers"]
    assert gateway.submit().command_status == THROTTLED
    error = await caller.refused("DELETE", "/api/scenarios/quirks/nosuch", 404)
    assert error["candidates"] == ["throttled-then-recovers"]


async def test_what_is_wrong_with_a_scenario_changes_nothing(caller: Caller) -> None:
    await done(caller, "POST", "/api/scenarios", json={"yaml": REJECTS, "name": "mine"})
    for status, body, told in (
        (422, {"names": ["quirks/throtle-storm"]}, "did you mean quirks/throttle-storm?"),
        (422, {"names": ["/etc/hostname"]}, "the name of a shipped scenario"),
        (422, {"yaml": "scenario: 1\nrules: [{then: silense}]"}, "did you mean silence?"),
        (409, {"yaml": REJECTS, "name": "mine"}, "is played already"),
        (409, {"yaml": REJECTS, "name": "other"}, "other"),
        (422, {}, "exactly one of names and yaml"),
    ):
        assert told in (await caller.refused("POST", "/api/scenarios", status, json=body))["detail"], body
    assert (await caller.get("/api/scenarios"))["played"] == ["mine"]


@pytest.mark.parametrize("is_json", [True, False])
async def test_a_text_is_validated_by_line_and_column(caller: Caller, *, is_json: bool) -> None:
    async def validated(text: str) -> Any:
        headers = {} if is_json else {"content-type": "application/yaml"}
        options: Any = {"json": {"yaml": text}} if is_json else {"content": text.encode()}
        return await done(caller, "POST", "/api/scenarios/validate", headers=headers, **options)

    assert await validated(REJECTS) == {"is_valid": True, "problems": [], "misfits": []}
    told = await validated("scenario: 1\nrules: [{then: silense}]\n")
    assert told["is_valid"] is False
    (one,) = [problem for problem in told["problems"] if problem["hint"] == "silence"]
    assert (one["line"], one["column"]) == (2, 16)
    assert (await caller.get("/api/scenarios"))["played"] == []
    await done(caller, "POST", "/api/scenarios", json={"yaml": REJECTS, "name": "mine"})
    assert len((await validated(REJECTS))["misfits"]) == 1


async def test_what_is_played_is_exported_without_passwords(caller: Caller) -> None:
    assert (await caller.refused("GET", "/api/scenarios/export", 409))["code"] == "not_asked"
    text = "scenario: 1\ncarrier: {accounts: {gw: {password: s3cret}}}\nrules: [{then: silence}]"
    await done(caller, "POST", "/api/scenarios", json={"yaml": text, "name": "mine"})
    content = (await caller.call("GET", "/api/scenarios/export")).text
    assert "s3cret" not in content
    assert len(parse(content).rules) == 1
    await done(caller, "POST", "/api/scenarios", json={"names": ["quirks/throttle-storm"]})
    error = await caller.refused("GET", "/api/scenarios/export", 409)
    assert error["candidates"] == ["mine", "quirks/throttle-storm"]
    await caller.refused("GET", "/api/scenarios/export", 404, params={"name": "other"})
    response = await caller.call("GET", "/api/scenarios/export", params={"name": "mine"})
    assert response.text == content


async def test_a_rule_is_replaced_in_its_place_and_counts_from_the_start(world: World, caller: Caller) -> None:
    gateway = world.bound()
    await rule(caller, 8, "below")
    await rule(caller, 11, "above")
    assert gateway.submit().command_status == 11
    told = await done(caller, "PUT", "/api/rules/live-2", json={"name": "other", "then": {"reject": THROTTLED}})
    assert told == {"id": "live-2", "name": "other"}
    assert gateway.submit().command_status == THROTTLED
    assert await names(caller) == ["other", "below"]
    assert (await caller.get("/api/rules/live-2"))["fired"] == 1
    error = await caller.refused("PUT", "/api/rules/live-2", 422, json={"name": "below", "then": "silence"})
    assert error["where"][0]["field"] == "name"
    await caller.refused("PUT", "/api/rules/live-9", 404, json={"then": "silence"})


async def test_a_rule_is_moved_and_keeps_its_id_and_count(world: World, caller: Caller) -> None:
    gateway = world.bound()
    for status, name in ((8, "a"), (11, "b"), (THROTTLED, "c")):
        await rule(caller, status, name)
    assert gateway.submit().command_status == THROTTLED
    for body, order in (
        ({"to": "last"}, ["b", "a", "c"]),
        ({"before": "live-1"}, ["b", "c", "a"]),
        ({"after": "live-1"}, ["b", "a", "c"]),
        ({"to": "first"}, ["c", "b", "a"]),
        ({"to": "last"}, ["b", "a", "c"]),
    ):
        moved = await done(caller, "POST", "/api/rules/live-3/move", json=body)
        assert [one["name"] for one in moved["rules"]] == order
        assert await names(caller) == order
    assert gateway.submit().command_status == 11
    assert (await caller.get("/api/rules/live-3"))["fired"] == 1
    assert (await done(caller, "DELETE", "/api/rules/live-2"))["removed"] == ["live-2"]
    assert gateway.submit().command_status == 8
    for body, status in (({"before": "live-3"}, 422), ({"before": "live-9"}, 404), ({}, 422), ({"to": "up"}, 422)):
        await caller.refused("POST", "/api/rules/live-3/move", status, json=body)


async def test_a_reset_brings_back_the_start_or_keeps_what_is_asked_for() -> None:
    world = World(seed=1)
    playing = Playing(world.smsc, [parse(REJECTS)], ["first"])
    caller = Caller(world)
    caller.app = caller.app_with(caller.pause, playing=playing)
    gateway = world.bound()
    await done(caller, "POST", "/api/scenarios", json={"names": ["quirks/receipt-empty"]})
    await rule(caller, 11, "added")
    await done(caller, "POST", "/api/reset", json={"rules": "keep", "scenarios": "keep", "seed": 7, "speed": 60})
    assert gateway.submit().command_status == 11
    told = await caller.get("/api/scenario")
    assert (told["names"], told["seed"]) == (["first", "quirks/receipt-empty"], 7)
    assert (await caller.get("/api/clock"))["rate"] == 60.0
    await done(caller, "POST", "/api/reset")
    told = await caller.get("/api/scenario")
    assert (told["names"], told["seed"], (await caller.get("/api/clock"))["rate"]) == (["first"], 1, 1.0)
    assert "added" not in await names(caller)
    await done(caller, "POST", "/api/reset", json={"sessions": "disconnect"})
    assert gateway.session.hang_up


async def test_the_table_of_problems_is_served(caller: Caller) -> None:
    table = {one["code"]: one for one in (await caller.get("/api/problems"))["problems"]}
    error = await caller.refused("GET", "/api/messages", 422, params={"limit": "0"})
    assert table[error["code"]]["title"] == error["title"]

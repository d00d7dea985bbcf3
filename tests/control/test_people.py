"""Subscribers over HTTP."""

import re
from typing import Any

import pytest

from simulator.scenario.file import parse
from simulator.smsc.play.staging import staged
from tests.control.caller import Caller
from tests.smsc.world import START, World

PHONE = "12025550100"
PATH = f"/api/subscribers/{PHONE}"
NETWORKS = """
networks:
  one: {prefixes: ['1'], delays: instant, subscribers: {retries: [10m], barred: 25%}}
  two: {prefixes: ['44'], delays: instant}
subscribers: {12025550177: {state: 'off', lasts: 1h, answers: [{kind: stop, after: 5s}]}}
"""


@pytest.fixture
def peopled() -> Caller:
    world = World()
    world.smsc = staged([parse(f"scenario: 1\n{NETWORKS}")], world.now, START, seed=7)
    return Caller(world)


async def put(caller: Caller, said: Any, path: str = PATH, method: str = "PUT") -> Any:
    response = await caller.call(method, path, json=said)
    assert response.status_code == 200, response.text
    caller.world.settle()
    return response.json()


async def test_a_phone_of_which_nothing_was_said_is_as_the_seed_and_its_number_say(peopled: Caller) -> None:
    phones = [await peopled.get(f"/api/subscribers/120255501{number:02}") for number in range(40)]
    assert {one["state"] for one in phones} == {"on", "barred"}
    barred = next(one for one in phones if one["state"] == "barred")
    assert barred | {"number": ""} == {
        "number": "",
        "network": "one",
        "state": "barred",
        "until": None,
        "ported_to": None,
        "is_changed": False,
        "why": "the seed and its number: 0.25 of the phones of one are barred at any moment",
        "answers": None,
        "waiting": 0,
    }
    assert (await peopled.get("/api/subscribers"))["total"] == 1


async def test_a_phone_is_put_and_its_messages_follow(peopled: Caller) -> None:
    gateway = peopled.world.bound()
    off = await put(peopled, {"state": "off", "lasts": "2h"})
    assert (off["state"], off["until"], off["is_changed"], off["why"]) == (
        "off",
        "2027-01-15T10:00:00.000Z",
        True,
        "it was said so",
    )
    gateway.submit()
    peopled.world.run(60.0)
    assert (await peopled.get(PATH))["waiting"] == 1
    assert (await put(peopled, "on"))["state"] == "on"
    peopled.world.run(600.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]
    (row,) = await peopled.rows()
    assert row["state"] == "DELIVRD"


async def test_what_is_not_said_is_kept_by_patch_and_not_by_put(peopled: Caller) -> None:
    said = {"state": "busy", "until": "2027-01-15T12:00:00Z", "ported_to": "two", "answers": [{"kind": "yes"}]}
    first = await put(peopled, said)
    assert (first["state"], first["ported_to"], first["network"]) == ("busy", "two", "one")
    assert first["answers"][0]["share"] == 1.0
    assert "yes" in first["answers"][0]["texts"]
    patched = await put(peopled, {"answers": [{"text": "hm", "after": "3s", "share": "50%"}]}, method="PATCH")
    assert patched == first | {"answers": [{"share": 0.5, "texts": ["hm"], "after": "3s"}]}
    patched = await put(peopled, {"lasts": "1h"}, method="PATCH")
    assert (patched["state"], patched["until"]) == ("busy", "2027-01-15T09:00:00.000Z")
    patched = await put(peopled, {"until": "2027-01-15T10:00:00Z"}, method="PATCH")
    assert (patched["state"], patched["until"]) == ("busy", "2027-01-15T10:00:00.000Z")
    again = await put(peopled, {"state": "off"})
    assert (again["state"], again["until"], again["ported_to"], again["answers"]) == ("off", None, None, None)


async def test_a_number_moves_and_the_number_plan_knows_or_not(peopled: Caller) -> None:
    assert (await put(peopled, {"ported_to": "two", "routed": True}))["network"] == "two"
    assert (await put(peopled, {"state": "on"}))["network"] == "one"


async def test_a_phone_is_derived_again_when_what_was_said_is_deleted(peopled: Caller) -> None:
    before = await peopled.get(PATH)
    await put(peopled, "no_funds")
    response = await peopled.call("DELETE", PATH)
    assert (response.status_code, response.json()) == (200, before)


async def test_changed_phones_are_told_in_pages_and_a_reset_brings_back_the_files(peopled: Caller) -> None:
    for number in range(5):
        await put(peopled, "busy", f"/api/subscribers/120255502{number:02}")
    await put(peopled, {"answers": []}, "/api/subscribers/12025550300", "PATCH")
    first = await peopled.get("/api/subscribers", limit=4)
    assert (len(first["subscribers"]), first["next"], first["total"]) == (4, "4", 7)
    assert first["subscribers"][0]["number"] == "12025550177"
    assert first["subscribers"][0]["answers"][0]["after"] == "5s"
    rest = await peopled.get("/api/subscribers", limit=4, cursor=first["next"])
    assert ([one["number"] for one in rest["subscribers"]][-1], rest["next"]) == ("12025550300", None)
    await peopled.call("POST", "/api/reset")
    found = (await peopled.get("/api/subscribers"))["subscribers"]
    assert [(one["number"], one["state"]) for one in found] == [("12025550177", "off")]


@pytest.mark.parametrize(
    ("method", "said", "reason"),
    [
        ("PUT", {"state": "of"}, "state: 'of' is no state of a phone.*did you mean off"),
        ("PUT", "of", "did you mean off"),
        ("PUT", {"ported_to": "ones"}, "ported_to: .*did you mean one"),
        ("PUT", {"routed": True}, "routed where nothing has moved"),
        ("PUT", {"state": "off", "lasts": "soon"}, "lasts: "),
        ("PUT", {"state": "off", "until": "soon"}, "until: .*unix seconds or ISO 8601"),
        ("PUT", {"state": "off", "until": "2027-01-15T10:00:00Z", "lasts": "1h"}, "until beside lasts"),
        ("PUT", {"answers": [{"kind": "stop", "share": "60%"}, {"kind": "yes", "share": "60%"}]}, "answers: "),
        ("PUT", {"answers": [{"text": "x" * 17_086}]}, "17086 characters.*at most 17085"),
        ("PATCH", {}, "nothing to change"),
        ("PATCH", {"stat": "off"}, "stat.*did you mean state"),
    ],
)
async def test_what_cannot_be_said_of_a_phone_is_refused_by_name(
    peopled: Caller, method: str, said: Any, reason: str
) -> None:
    error = await peopled.refused(method, PATH, 422, json=said)
    assert re.search(reason, error["detail"]), error["detail"]
    assert (await peopled.get(PATH))["is_changed"] is False


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_without_networks_nobody_has_a_phone(caller: Caller, method: str) -> None:
    body = {"json": {"state": "off"}} if method in {"PUT", "PATCH"} else {}
    error = await caller.refused(method, PATH, 409, **body)
    assert error["code"] == "not_asked"
    assert "no networks are played here" in error["detail"]


async def test_the_networks_own_reply_is_told_among_the_counters(peopled: Caller) -> None:
    peopled.world.bound()
    peopled.world.smsc.mo("18005550100", PHONE, "STOP", peopled.world.now)
    assert (await peopled.get("/api/counters"))["events"]["network_replied"] == 1

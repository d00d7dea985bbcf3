"""The registry over HTTP: told and changed live, whole changes or none; what contradicts is refused at its place."""

import json
from typing import Any

import pytest

from simulator.control.registry import REGISTRY_ROUTES
from simulator.scenario.file import parse
from simulator.smpp.pdus import SubmitSmResp
from simulator.sms.receipts import parse as parse_receipt
from simulator.smsc.play.playing import Playing
from simulator.smsc.play.staging import staged
from tests.control.caller import Caller
from tests.smsc.world import START, Gateway, World

US = """
scenario: 1
networks:
  one:
    prefixes: [1202]
    delays: instant
    requires: {mode: blocked, where: submit}
    limits: [{name: classes, classes: {A: {sms: 100/min}, B: {sms: 3/min}, W: {sms: 1/min}}, over: reject}]
    filters: [{filter: content, where: submit}]
    tlvs: {submits: {0x1401: {means: template, required: false}, 0x1400: {means: entity, required: false}}}
registry:
  brands: {acme: {name: Acme Inc., score: 80}, sole: {kind: sole_proprietor}}
  campaigns:
    C1: {brand: acme, use_case: marketing, numbers: [15105550100, 15105550101]}
    C2: {brand: acme, use_case: 2fa, numbers: 15105550102}
  toll_free: {18005550100: verified}
  short_codes: {12345: {state: provisioned, networks: {one: pending}}}
  names: {ACME: {state: registered, entity: "1101"}}
  templates: {"1107": {entity: "1101", senders: ACME, text: "Code {#var#}"}, "1108": {pattern: "^hi"}}
"""
CAMPAIGN = "/api/registry/campaigns/C1"


def calling(text: str = US) -> Caller:
    world = World()
    scenarios = [parse(text)]
    world.smsc = staged(scenarios, world.now, START, seed=7)
    caller = Caller(world)
    caller.app = caller.app_with(caller.pause, playing=Playing(world.smsc, scenarios))
    return caller


@pytest.fixture
def us() -> Caller:
    return calling()


async def changed(caller: Caller, method: str, path: str, body: Any) -> Any:
    response = await caller.call(method, path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def statuses(gateway: Gateway, *senders: str, to: str = "12025550100") -> list[int]:
    gateway.received.clear()
    for sender in senders:
        gateway.submit(source_addr=sender, destination_addr=to)
    gateway.world.run(1.0)
    return [one.command_status for one in gateway.of(SubmitSmResp)]


# --- Told ---


async def test_the_registry_is_told_as_a_file_says_it_and_can_be_put_back(us: Caller) -> None:
    told = await us.get("/api/registry")
    assert told["brands"] == {"acme": {"name": "Acme Inc.", "score": 80}, "sole": {"kind": "sole_proprietor"}}
    assert told["campaigns"]["C2"] == {"brand": "acme", "use_case": "2fa", "state": "active"}
    assert told["numbers"] == {
        "15105550100": {"campaign": "C1"},
        "15105550101": {"campaign": "C1"},
        "15105550102": {"campaign": "C2"},
    }
    assert told["toll_free"] == {"18005550100": "verified"}
    assert told["short_codes"] == {"12345": {"state": "provisioned", "networks": {"one": "pending"}}}
    assert told["names"] == {"ACME": {"state": "registered", "entity": "1101"}}
    assert told["templates"]["1108"] == {"pattern": "^hi"}
    await changed(us, "PUT", "/api/registry", told)
    assert await us.get("/api/registry") == told


async def test_an_entry_is_told_with_what_follows_from_it(us: Caller) -> None:
    assert await us.get(CAMPAIGN) == {
        "section": "campaigns",
        "key": "C1",
        "entry": {"brand": "acme", "use_case": "marketing", "state": "active"},
        "facts": {"is_registered": True, "att_class": "B", "tier": "top", "numbers": 2},
    }
    brand = await us.get("/api/registry/brands/acme")
    assert brand["facts"] == {"tier": "top", "campaigns": ["C1", "C2"]}
    number = await us.get("/api/registry/numbers/+15105550102")
    assert (number["key"], number["facts"]) == ("15105550102", {"counts": True, "counts_from": None})


async def test_a_section_comes_in_pages(us: Caller) -> None:
    first = await us.get("/api/registry/numbers", limit=2)
    assert ([one["key"] for one in first["entries"]], first["next"]) == (["15105550100", "15105550101"], "2")
    last = await us.get("/api/registry/numbers", limit=2, cursor=first["next"])
    assert ([one["key"] for one in last["entries"]], last["next"], last["total"]) == (["15105550102"], None, 3)


# --- Changed ---


async def test_a_campaign_that_is_suspended_sends_nothing_more_until_it_is_active_again(us: Caller) -> None:
    gateway = us.world.bound()
    assert statuses(gateway, "15105550100") == [0]
    told = await changed(us, "PATCH", CAMPAIGN, {"state": "suspended"})
    assert told["entry"] == {"brand": "acme", "use_case": "marketing", "state": "suspended"}
    assert told["facts"]["is_registered"] is False
    assert statuses(gateway, "15105550100", "15105550102") == [0x45, 0]
    await changed(us, "PATCH", CAMPAIGN, {"state": None})
    assert statuses(gateway, "15105550100") == [0]


async def test_a_number_counts_from_when_its_assignment_does(us: Caller) -> None:
    gateway = us.world.bound()
    assert statuses(gateway, "15105550142") == [0x45]
    told = await changed(us, "PUT", "/api/registry/numbers/15105550142", {"campaign": "C2", "after": "24h"})
    assert (told["entry"], told["facts"]["counts"]) == ({"campaign": "C2", "after": "1d"}, False)
    us.world.run(86_390.0)
    assert statuses(gateway, "15105550142") == [0x45]
    us.world.run(10.0)
    assert statuses(gateway, "15105550142") == [0]
    assert (await us.get("/api/registry/numbers/15105550142"))["entry"] == {"campaign": "C2"}


async def test_a_change_of_words_keeps_the_moment_from_which_a_number_counts(us: Caller) -> None:
    path = "/api/registry/numbers/15105550142"
    before = await changed(us, "PUT", path, {"campaign": "C2", "after": "2h"})
    us.world.run(600.0)
    after = await changed(us, "PATCH", path, {"campaign": "C1"})
    assert after["facts"]["counts_from"] == before["facts"]["counts_from"]
    assert after["entry"] == {"campaign": "C1", "after": "1h50m"}


async def test_several_changes_hold_together_or_not_at_all(us: Caller) -> None:
    before = await us.get("/api/registry")
    told = await changed(
        us,
        "PATCH",
        "/api/registry",
        {
            "brands": {"new": 40},
            "campaigns": {"C3": {"brand": "new", "numbers": ["+15105550150"]}, "C2": None},
            "numbers": {"15105550102": None},
            "toll_free": {"18335550100": "pending"},
        },
    )
    assert told["changed"]["campaigns"] == ["C3"]
    assert told["changed"]["numbers"] == ["15105550150"]
    assert (told["removed"]["campaigns"], told["removed"]["numbers"]) == (["C2"], ["15105550102"])
    assert (await us.get("/api/registry"))["numbers"]["15105550150"] == {"campaign": "C3"}
    between = await us.get("/api/registry")
    # the last of these cannot be
    wrong = {"brands": {"newer": 1}, "campaigns": {"C3": None}}
    error = await us.refused("PATCH", "/api/registry", 409, json=wrong)
    assert error["code"] == "contradicts"
    assert error["detail"].startswith("numbers.15105550150: campaign 'C3', one of C1")
    assert await us.get("/api/registry") == between != before


async def test_a_reset_brings_back_what_the_file_says(us: Caller) -> None:
    before = await us.get("/api/registry")
    await changed(us, "PUT", "/api/registry", {"brands": {"only": 10}})
    assert (await us.get("/api/registry"))["campaigns"] == {}
    await us.call("POST", "/api/reset")
    assert await us.get("/api/registry") == before


async def test_between_two_messages_a_class_changes_for_the_next_one(us: Caller) -> None:
    gateway = us.world.bound()
    # class B: three in a minute
    assert statuses(gateway, *["15105550100"] * 4) == [0, 0, 0, 0x45]
    await changed(us, "PATCH", CAMPAIGN, {"use_case": "2fa"})
    assert statuses(gateway, *["15105550100"] * 4) == [0] * 4


async def test_toll_free_numbers_short_codes_names_and_rules_change(us: Caller) -> None:
    assert (await changed(us, "PUT", "/api/registry/toll_free/18335550100", "pending"))["entry"] == "pending"
    assert (await changed(us, "PATCH", "/api/registry/toll_free/18335550100", "verified"))["entry"] == "verified"
    assert (await changed(us, "PUT", "/api/registry/short_codes/54321", "restricted"))["entry"] == {
        "state": "restricted"
    }
    await changed(us, "PATCH", "/api/registry/names/ACME", {"state": "rejected"})
    assert (await us.get("/api/registry/names/ACME"))["entry"] == {"state": "rejected", "entity": "1101"}
    registrar = us.world.smsc.carrier.registrar  # type: ignore[attr-defined]
    assert registrar.registry.rules_at is not None
    await changed(us, "PATCH", "/api/registry", {"toll_free_rules": "message"})
    assert registrar.registry.rules_at is None


async def test_an_age_gate_over_http_lets_through_what_is_for_adults(us: Caller) -> None:
    gateway = us.world.bound()

    def adult() -> list[int]:
        gateway.received.clear()
        gateway.submit(source_addr="15105550102", destination_addr="12025550100", short_message=b"vodka for you")
        us.world.run(1.0)
        return [one.command_status for one in gateway.of(SubmitSmResp)]

    assert adult() == [0x45]
    await changed(us, "PATCH", "/api/registry/campaigns/C2", {"age_gate": True})
    assert adult() == [0]


async def test_an_entry_that_nobody_needs_is_taken_away(us: Caller) -> None:
    told = await us.call("DELETE", "/api/registry/brands/sole")
    assert told.json()["removed"]["brands"] == ["sole"]
    await us.refused("GET", "/api/registry/brands/sole", 404)


# --- Refused ---


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("DELETE", "/api/registry/brands/acme", None, 409, "campaigns.C1: brand 'acme', one of sole"),
        ("DELETE", CAMPAIGN, None, 409, "numbers.15105550100: campaign 'C1', one of C2"),
        ("PATCH", CAMPAIGN, {"use_case": "sole_proprietor"}, 409, "campaigns.C1: use_case sole_proprietor, of brand"),
        ("PATCH", CAMPAIGN, {"att_class": "A"}, 409, "campaigns.C1: att_class A, but marketing with score 80 gives B"),
        (
            *("PATCH", "/api/registry/campaigns/C2", {"numbers": ["15105550100"]}, 409),
            "campaigns.C2.numbers: 15105550100 is campaign C1's already",
        ),
        (
            *("PATCH", "/api/registry/brands/acme", {"kind": "sole_proprietor"}, 409),
            "campaigns.C1: use_case marketing, of brand acme sole_proprietor",
        ),
        (
            *("PUT", "/api/registry/campaigns/C9", {"brand": "acne"}, 422),
            "campaigns.C9.brand: 'acne' is not a brand of this scenario, allowed: acme, sole; did you mean acme?",
        ),
        (
            *("PATCH", "/api/registry", {"brands": {"acme": None}, "campaigns": {"C9": {"brand": "acme"}}}, 422),
            "campaigns.C9.brand: 'acme' is not a brand of this scenario, allowed: sole",
        ),
        (
            *("PUT", "/api/registry/numbers/15105550142", "C11", 422),
            "numbers.15105550142.campaign: 'C11' is not a campaign of this scenario, allowed: C1, C2; did you mean C1?",
        ),
        (
            *("PATCH", CAMPAIGN, {"stat": "active"}, 422),
            "campaigns.C1.stat: unknown key 'stat', allowed: brand, use_case, att_class, forced, state, numbers,",
        ),
        ("PUT", "/api/registry/numbers/18005550100", "C1", 422, "numbers.18005550100: '18005550100' is a toll_free"),
        ("PUT", "/api/registry/toll_free/18005550100", "verifed", 422, "toll_free.18005550100: 'verifed' is no state"),
        (
            *("PUT", "/api/registry/short_codes/12345", {"networks": {"on": "pending"}}, 422),
            "short_codes.12345.networks.on: 'on' is not a network of this scenario, allowed: one; did you mean one?",
        ),
        ("PUT", CAMPAIGN, None, 422, "campaigns.C1: nothing, allowed: an entry; DELETE takes one away"),
        ("PUT", "/api/registry", [], 422, "body: a list, allowed: a mapping of brands"),
        ("PATCH", "/api/registry", {"brand": {}}, 422, "brand: unknown key 'brand', allowed: brands"),
        (
            *("PATCH", "/api/registry", {"numbers": {"15105550100": "C1", "+15105550100": "C2"}}, 422),
            "numbers.+15105550100: 15105550100 a second time",
        ),
        ("PATCH", "/api/registry", {"brands": {"nobody": None}}, 409, "without.brands 'nobody', one of acme, sole"),
        ("GET", "/api/registry/campaign", None, 404, "section: 'campaign', one of brands, campaigns"),
        ("GET", "/api/registry/campaigns/C11", None, 404, "campaigns: 'C11' is not registered; did you mean C1?"),
        ("PUT", "/api/registry/things/x", {}, 404, "section: 'things', one of brands"),
        ("PUT", "/api/registry", {"campaigns": {"C": {"brand": "b"}}}, 409, "campaigns.C: brand 'b', one of nothing"),
    ],
)
async def test_what_contradicts_is_refused_at_its_place_and_changes_nothing(
    us: Caller, method: str, path: str, body: Any, status: int, reason: str
) -> None:
    before = await us.get("/api/registry")
    sent: dict[str, Any] = {}
    if method not in ("GET", "DELETE"):
        sent = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
    error = await us.refused(method, path, status, **sent)
    assert reason in error["detail"], error["detail"]
    assert await us.get("/api/registry") == before


async def test_without_networks_there_is_no_registry(caller: Caller) -> None:
    for route in REGISTRY_ROUTES:
        path = route.path.replace("{section}", "brands").replace("{key}", "acme")
        sent: dict[str, Any] = {"json": {}} if route.method in ("PUT", "PATCH") else {}
        error = await caller.refused(route.method, path, 409, **sent)
        assert error["code"] == "not_asked"


async def test_receipts_of_later_messages_follow_the_change_and_earlier_ones_stay(us: Caller) -> None:
    gateway = us.world.bound()
    gateway.submit(source_addr="15105550102", destination_addr="12025550100")
    await changed(us, "PATCH", "/api/registry/campaigns/C2", {"state": "expired"})
    gateway.submit(source_addr="15105550102", destination_addr="12025550100")
    us.world.run(5.0)
    assert [one.command_status for one in gateway.of(SubmitSmResp)] == [0, 0x45]
    assert [one.stat for text in gateway.texts if (one := parse_receipt(text)) is not None] == ["DELIVRD"]

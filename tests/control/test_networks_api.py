"""Networks over HTTP: what they are, what is left of their limits, fees, safe numbers, and why a message is stopped."""

from typing import Any

import pytest

from simulator.carrier.fictitious import range_of
from simulator.carrier.network.network import Networks
from simulator.control.network_shapes import ChainShape, LimitsShape
from simulator.control.networks import NETWORK_ROUTES
from simulator.scenario.file import load, parse
from simulator.smsc.play.staging import staged
from tests.control.caller import Caller
from tests.smsc.world import START, World

COMPANY, MARKETING, SOLE = "15105550100", "15105550101", "15105550103"
ATT, TMOBILE = "12025550100", "12065550100"
PROXIES = """
scenario: 1
networks: {one: {prefixes: [1202], limits: [{name: classes, classes: {G: {sms: 60/min, per: number}}}]}}
registry:
  brands: {acme: 80, idle: 10}
  campaigns: {C1: {brand: acme, use_case: proxy, numbers: [15105550100, 15105550101]}}
"""


def calling(*scenarios: Any) -> Caller:
    world = World()
    world.smsc = staged(scenarios, world.now, START, seed=7)
    return Caller(world)


@pytest.fixture
def us() -> Caller:
    return calling(load("networks/us"))


def send(caller: Caller, *messages: tuple[str, str], text: bytes = b"hello") -> None:
    gateway = caller.world.bound()
    for source, destination in messages:
        gateway.submit(source_addr=source, destination_addr=destination, short_message=text)
    caller.world.run(5.0)


async def left(caller: Caller, **params: Any) -> dict[tuple[str, str], tuple[str, float, float]]:
    """(key, left, of how many) by network and limit."""
    told = await caller.get("/api/limits", **params)
    LimitsShape.model_validate(told)
    return {(one["network"], one["limit"]): (one["key"], one["left"], one["amount"]) for one in told["limits"]}


async def test_networks_are_told_with_their_limits_and_filters(us: Caller) -> None:
    told = {one["name"]: one for one in (await us.get("/api/networks"))["networks"]}
    assert list(told) == ["att", "tmobile", "verizon", "us-cellular", "us-toll-free"]
    assert told["us-toll-free"]["hub_of"] == ["toll_free"]
    assert told["verizon"]["tells"] == "hub_first"
    assert told["att"]["unregistered"] == {"": "blocked"}
    assert told["att"]["filters"] == ["senders", "content", "shortener", "phishing", "snowshoe", "landline"]
    tiers = next(one for one in told["tmobile"]["limits"] if one["name"] == "t_mobile")
    assert (tiers["scope"], tiers["per"], tiers["by"], tiers["cause"]) == ("brand", "day", "tier", "tmo_daily")
    assert tiers["amounts"]["low"] == 2_000
    # segments and MMS of a class are counted apart
    of_class = [(one["media"], one["amounts"]["T"]) for one in told["att"]["limits"] if one["by"] == "class"]
    assert of_class == [("sms", 75), ("mms", 50)]


async def test_what_is_left_is_told_by_number_campaign_and_brand(us: Caller) -> None:
    send(us, *[(SOLE, TMOBILE)] * 3, (SOLE, ATT))
    assert await left(us, brand="sole") == {("tmobile", "t_mobile"): ("sole", 997, 1_000)}
    assert await left(us, campaign="CSOLE", network="att") == {("att", "att_sms"): ("CSOLE", 14, 15)}
    of_number = await left(us, number=f"+{SOLE}")
    shared = [of_number[one] for one in (("tmobile", "t_mobile"), ("att", "att_sms"))]
    assert shared == [("sole", 997, 1_000), ("CSOLE", 14, 15)]
    # to ask costs nothing
    assert await left(us, number=SOLE) == of_number


async def test_a_limit_that_is_reached_says_when_there_is_room_again(us: Caller) -> None:
    send(us, *[(SOLE, ATT)] * 15)
    told = (await us.get("/api/limits", campaign="CSOLE", network="att"))["limits"]
    assert [(one["left"], one["is_over"], one["wait"]) for one in told] == [(0, True, 55.0)]
    us.world.run(55.0)
    told = (await us.get("/api/limits", campaign="CSOLE", network="att"))["limits"]
    assert [(one["left"], one["is_over"], one["wait"]) for one in told] == [(15, False, 0)]


async def test_of_a_campaign_whose_numbers_are_limited_each_is_told() -> None:
    caller = calling(parse(PROXIES))
    send(caller, *[(COMPANY, ATT)] * 2, (MARKETING, ATT))
    told = (await caller.get("/api/limits", campaign="C1"))["limits"]
    assert [(one["key"], one["left"]) for one in told] == [("C1 15105550100", 58), ("C1 15105550101", 59)]
    # nothing is counted for a brand without a campaign
    assert await left(caller, brand="idle") == {}


@pytest.mark.parametrize(
    ("params", "status", "reason"),
    [
        ({}, 422, "0 of number, campaign, brand: exactly one of them"),
        ({"brand": "sole", "campaign": "CSOLE"}, 422, "2 of number, campaign, brand: exactly one of them"),
        ({"campaign": "CSOL"}, 404, "campaign: 'CSOL' is not there; did you mean CSOLE?"),
        ({"brand": "soul"}, 404, "brand: 'soul' is not there; did you mean sole?"),
        ({"brand": "sole", "network": "at"}, 404, "network: 'at' is not there; did you mean att?"),
        ({"number": "#"}, 422, "number: #: neither digits nor 1 to 11 characters with a letter"),
    ],
)
async def test_limits_of_nobody_are_refused(us: Caller, params: dict[str, str], status: int, reason: str) -> None:
    assert (await us.refused("GET", "/api/limits", status, params=params))["detail"] == reason


async def test_fees_are_summed_by_day_brand_and_network(us: Caller) -> None:
    assert (await us.get("/api/fees"))["total"] == {"messages": 0, "segments": 0, "dollars": "0.0000", "unpriced": 0}
    send(us, (COMPANY, ATT), (COMPANY, TMOBILE), (MARKETING, ATT))
    told = await us.get("/api/fees", by="network")
    assert [(one["network"], one["messages"], one["dollars"]) for one in told["fees"]] == [
        ("att", 2, "0.0070"),
        ("tmobile", 1, "0.0045"),
    ]
    assert told["total"]["dollars"] == "0.0115"
    both = (await us.get("/api/fees", by="brand,day"))["fees"]
    assert [(one["brand"], one["day"], one["messages"]) for one in both] == [
        ("example", "2027-01-15", 2),
        ("small", "2027-01-15", 1),
    ]
    refused = await us.refused("GET", "/api/fees", 422, params={"by": "network,account"})
    assert refused["detail"] == "by: 'account', any of day, brand, network"
    await us.call("POST", "/api/reset")
    assert (await us.get("/api/fees", by="network"))["fees"] == []


async def test_numbers_of_a_network_belong_to_nobody_and_are_the_same_for_a_seed(us: Caller) -> None:
    carrier = us.world.smsc.carrier
    assert isinstance(carrier, Networks)
    told = (await us.get("/api/numbers", network="att", count=20))["numbers"]
    assert len(set(told)) == 20
    assert {carrier.numbers.network_of(number) for number in told} == {"att"}
    assert all(range_of(number) is not None for number in told)
    assert (await us.get("/api/numbers", network="att", count=10, first=10))["numbers"] == told[10:]
    assert (await us.get("/api/numbers", network="att", count=20, seed=8))["numbers"] != told
    carrier.numbers.port(told[0], "tmobile")
    assert (await us.get("/api/numbers", network="att", count=19))["numbers"] == told[1:]


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"network": "at"}, "network: 'at', one of att, tmobile"),
        ({"network": "att", "count": 1_001}, "count: '1001', must be less than or equal to 1000"),
        ({"network": "att", "first": 995}, "count: 10 from number 995 on, and att has 999 fictitious numbers"),
        ({"network": "att", "kind": "short"}, "kind: 'short', must be 'mobile', 'landline', 'toll_free' or 'premium'"),
    ],
)
async def test_numbers_that_are_not_there_are_refused(us: Caller, params: dict[str, Any], reason: str) -> None:
    assert reason in (await us.refused("GET", "/api/numbers", 422, params=params))["detail"]


async def explained(caller: Caller, **message: str) -> Any:
    response = await caller.call("POST", "/api/explain", json=message)
    assert response.status_code == 200, response.text
    ChainShape.model_validate_json(response.content)
    return response.json()


async def test_a_message_is_explained_with_what_platforms_show_of_the_cause(us: Caller) -> None:
    send(us, *[(SOLE, TMOBILE)] * 1_000)
    told = await explained(us, **{"from": SOLE, "to": f"+{TMOBILE}"})
    assert (told["to"]["network"], told["registration"]["tier"]) == ("tmobile", "sole_proprietor")
    stop = told["stopped"]
    assert (stop["network"], stop["question"], stop["name"], stop["cause"]) == (
        *("tmobile", "limit", "t_mobile", "tmo_daily"),
    )
    # what these platforms publish for the daily cap at T-Mobile
    assert stop["codes"]["telnyx"] == "40016"
    assert stop["codes"]["bandwidth"] == "4780"
    assert stop["retry"] == "sending again helps: after midnight PT"
    assert (await explained(us, **{"from": SOLE, "to": ATT}))["stopped"] is None


async def test_an_explanation_counts_nothing(us: Caller) -> None:
    first = await explained(us, **{"from": SOLE, "to": ATT})
    assert await explained(us, **{"from": SOLE, "to": ATT}) == first
    assert await left(us, campaign="CSOLE", network="att") == {("att", "att_sms"): ("CSOLE", 15, 15)}
    long = await explained(us, **{"from": SOLE, "to": ATT, "text": "x" * 161 * 16})
    assert (long["stopped"]["question"], long["stopped"]["where"]) == ("parts", "submit")
    assert "there will never be room for it" in str(long["networks"])


async def test_without_networks_nothing_of_them_is_told(caller: Caller) -> None:
    for route in NETWORK_ROUTES:
        sent: dict[str, Any] = {"json": {"from": SOLE, "to": ATT}} if route.method == "POST" else {}
        params = {"network": "att"} if route.path == "/api/numbers" else {}
        error = await caller.refused(route.method, route.path, 409, params=params, **sent)
        assert error["code"] == "not_asked"

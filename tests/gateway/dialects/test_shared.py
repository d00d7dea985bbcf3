"""What the dialects share: faults on request, paces, texts and moments, problems of nobody's path, the description."""

import json
import math
from typing import Any

import pytest
import trio
from fastapi import FastAPI
from trio.testing import MockClock

from simulator.gateway.dialects import flowroute, signalsms, signalwire
from simulator.gateway.dialects.faults import Fault, Faults, faults_router
from simulator.gateway.dialects.paces import Fixed, Sliding
from simulator.gateway.dialects.problems import add_problems, problem_of
from simulator.gateway.dialects.shelf import MemoryShelf
from simulator.gateway.dialects.texts import (
    form_signature,
    hex_signature,
    is_loopback,
    moment_of,
    moment_text,
    money_text,
    url_of,
)
from simulator.gateway.messages import Dialect
from tests.gateway.dialects.small import NOW, Caller, SmallGateway, number

ASKED = [
    (signalwire.signalwire, signalwire.demo(), "/api/messaging/logs", {"error": "Unauthorized"}),
    (flowroute.flowroute, flowroute.demo(), "/v2.1/messages", {"title": "Unauthorized"}),
    (signalsms.signalsms, signalsms.demo(), "/v1/rates", {"error": "unauthorized"}),
]


def with_faults(built: Any, settings: Any) -> tuple[Caller, Faults]:
    gateway, faults = SmallGateway(), Faults()
    caller = Caller(gateway, built(gateway, settings, faults=faults), authorization="Bearer sig_live_demo")
    caller.app.include_router(faults_router(faults))
    return caller, faults


# --- Faults ---


@pytest.mark.parametrize(("built", "settings", "path", "_told"), ASKED)
@pytest.mark.parametrize("status", [500, 503])
async def test_a_dialect_fails_as_often_as_it_is_asked_to(
    built: Any, settings: Any, path: str, _told: Any, status: int
) -> None:
    caller, _ = with_faults(built, settings)
    asked = await caller.call("POST", "/faults", {"dialect": caller.dialect.name, "status": status, "times": 2})
    assert (asked.status_code, asked.json()["faults"][0]["times"]) == (201, 2)
    answers = [(await caller.call("GET", path)).status_code for _ in range(3)]
    assert answers[:2] == [status, status]
    assert answers[2] not in {500, 503}
    assert (await caller.get("/faults"))["faults"] == []


async def test_a_fault_of_another_dialect_is_not_met() -> None:
    caller, faults = with_faults(signalsms.signalsms, signalsms.demo())
    faults.add(Fault("flowroute", 503))
    assert (await caller.call("GET", "/v1/rates")).status_code == 200
    faults.add(Fault("", 503))
    assert (await caller.call("GET", "/v1/rates")).json()["error"] == "unavailable"
    assert (await caller.call("DELETE", "/faults")).json() == {"faults": []}


async def test_a_slow_answer_is_the_same_answer_later(autojump_clock: MockClock) -> None:
    caller, faults = with_faults(signalsms.signalsms, signalsms.demo())
    faults.add(Fault("signalsms", slow=30.0))
    began_at = trio.current_time()
    assert (await caller.call("GET", "/v1/rates")).status_code == 200
    assert trio.current_time() - began_at == 30.0


@pytest.mark.parametrize("body", [{"status": 418}, {"slow": -1}, {"times": 0}, {"dialect": "twilio"}, {"more": 1}])
async def test_a_fault_that_is_none_is_refused(body: Any) -> None:
    caller, faults = with_faults(signalsms.signalsms, signalsms.demo())
    assert (await caller.call("POST", "/faults", body)).status_code == 422
    assert faults.told().faults == []


# --- Paces ---


def test_a_sliding_window_forgets_each_one_by_itself() -> None:
    pace = Sliding(2, 1.0)
    assert [pace.take("a", at).is_granted for at in (0.0, 0.6, 0.9, 1.0, 1.1, 1.6)] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]
    assert pace.take("b", 1.6).remaining == 1
    assert pace.take("a", 1.7).reset_at == 2.0


def test_a_fixed_window_begins_with_its_first_request() -> None:
    pace = Fixed(2, 10.0)
    assert [pace.take("a", at) for at in (5.0, 6.0, 14.9, 15.0)] == [
        (True, 1, 15.0),
        (True, 0, 15.0),
        (False, 0, 15.0),
        (True, 1, 25.0),
    ]


# --- Texts ---


@pytest.mark.parametrize(
    ("billionths", "digits", "text"),
    [
        (46_000_000, 2, "0.046"),
        (124_454_000_000, 2, "124.454"),
        (124_500_000_000, 2, "124.50"),
        (0, 2, "0.00"),
        (4_000_000, 4, "$0.0040"[1:]),
        (-1, 2, "-0.000000001"),
    ],
)
def test_money_is_written_exactly(billionths: int, digits: int, text: str) -> None:
    assert money_text(billionths, digits) == text


def test_moments_are_written_and_read() -> None:
    assert moment_text(NOW + 0.9) == "2027-01-15T08:00:00Z"
    assert moment_text(NOW + 0.000001, is_whole=False) == "2027-01-15T08:00:00.000001Z"
    assert moment_of("2027-01-15T08:00:00Z") == moment_of("2027-01-15T09:00:00+01:00") == NOW
    assert moment_of("2027-01-15") == NOW - 8 * 3600
    with pytest.raises(ValueError, match="time zone"):
        moment_of("2027-01-15T08:00:00", needs_zone=True)
    assert math.isfinite(moment_of("0001-01-01T00:00:00+23:00"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "http://",
        "//x",
        "x",
        "",
        7,
        None,
        "http://[",
        "http://x:99999",
        "http://a b/",
        "http://я.рф/",
        "http://x/\n",
        "http://x/" + "a" * 2048,
    ],
)
def test_what_is_no_url(url: object) -> None:
    assert url_of(url) is None


@pytest.mark.parametrize(
    ("url", "is_ours"),
    [
        ("http://127.0.0.1/", True),
        ("http://127.9.9.9:1/", True),
        ("http://LOCALHOST/", True),
        ("http://[::1]/", True),
        ("http://127.0.0.1.x.test/", False),
        ("http://128.0.0.1/", False),
        ("http://127.0.0.999/", False),
    ],
)
def test_loopback_is_this_machine(url: str, is_ours: bool) -> None:
    parts = url_of(url)
    assert parts is not None
    assert is_loopback(parts) is is_ours


def test_signatures_are_those_of_openssl() -> None:
    # printf 'http://a/{}' | openssl dgst -sha1 -hmac key
    assert hex_signature("key", "http://a/", b"{}") == "b13c62f3888ec0e589e2d771536ac077580c4a07"
    # printf 'http://a/A1B2' | openssl dgst -sha1 -hmac key -binary | base64
    assert form_signature("key", "http://a/", {"B": "2", "A": "1"}) == "cFG15BWGeAyqJ24a9mi3BAp6goE="


# --- The shelf, other paths, the description ---


async def test_a_shelf_keeps_texts_by_customer() -> None:
    shelf = MemoryShelf()
    await shelf.put("a", "k", "v")
    assert (shelf.get("a", "k"), shelf.get("b", "k"), shelf.get("a", "l")) == ("v", "", "")


def test_a_path_of_nobody_has_a_plain_problem() -> None:
    assert json.loads(bytes(problem_of("/nothing", 404).body)) == {"error": "there is nothing here"}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/messaging/broken", {"error": "Internal Server Error"}),
        ("/v1/broken", {"error": "internal_error", "message": "an error of the gateway's own"}),
    ],
)
async def test_an_error_of_ours_has_the_shape_of_the_path(path: str, told: Any) -> None:
    gateway = SmallGateway()
    caller = Caller(gateway, signalsms.signalsms(gateway, signalsms.demo()))

    async def broken() -> None:
        raise RuntimeError("secret")

    caller.app.add_api_route(path, broken)
    response = await caller.call("GET", path)
    assert (response.status_code, response.json()) == (500, told)


def test_the_three_are_described_together() -> None:
    app, gateway = FastAPI(), SmallGateway(number("ACME", "demo-signalsms", "signalsms"))
    dialects: list[Dialect] = []
    for built, settings, _, _ in ASKED:
        dialect, router = built(gateway, settings)  # type: ignore[operator]
        dialects.append(dialect)
        app.include_router(router)
    add_problems(app)
    assert [dialect.name for dialect in dialects] == ["signalwire", "flowroute", "signalsms"]
    told = app.openapi()
    assert set(told["paths"]) == {
        "/api/messaging/messages",
        "/api/messaging/messages/{message_id}",
        "/api/messaging/logs",
        "/api/messaging/logs/{message_id}",
        "/v2.1/messages",
        "/v2.1/messages/{message_id}",
        "/v2.1/messages/sms_callback",
        "/v2.1/messages/mms_callback",
        "/v2.1/messages/dlr_callback",
        "/v2.2/messages",
        "/v2.2/messages/{message_id}",
        "/v2.2/messages/sms_callback",
        "/v2.2/messages/mms_callback",
        "/v2.2/messages/dlr_callback",
        "/v2/numbers/{number}/relationships/{webhook}",
        "/v1/sms/dispatch",
        "/v1/sms/status/{message_id}",
        "/v1/sms/status",
        "/v1/account/balance",
        "/v1/rates",
        "/v1/senders",
    }
    body = told["paths"]["/api/messaging/messages"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"to", "from", "body", "media", "send_as_mms", "status_callback", "custom_variables"} == set(
        body["properties"]
    )
    sent = told["paths"]["/v2.1/messages"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "dlr_callback" in sent["properties"]


@pytest.mark.parametrize("settings", [type(row[1]) for row in ASKED])
def test_a_secret_is_not_told_by_an_error_of_the_configuration(settings: Any) -> None:
    key = {"SignalwireSettings": "projects", "FlowrouteSettings": "keys", "SignalsmsSettings": "accounts"}[
        settings.__name__
    ]
    with pytest.raises(ValueError, match="Extra inputs") as caught:
        settings.model_validate({key: [{"token": "PT-very-secret"}]})
    assert "PT-very-secret" not in str(caught.value)


@pytest.mark.parametrize("settings", [row[1] for row in ASKED])
def test_no_two_customers_have_one_name(settings: Any) -> None:
    key = {"SignalwireSettings": "projects", "FlowrouteSettings": "keys", "SignalsmsSettings": "accounts"}
    name = key[type(settings).__name__]
    (one,) = settings.model_dump(by_alias=True)[name]
    with pytest.raises(ValueError, match=rf"{name}: two are named 'demo-\w+', must be different names"):
        type(settings).model_validate({name: [one, one]})

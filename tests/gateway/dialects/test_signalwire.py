"""SignalWire's messages as its documents tell them: the request, every rule, trials, and who may."""

import base64
import uuid
from typing import Any

import pytest

from simulator.gateway.dialects.signalwire import SignalwireSettings, demo, demo_account, signalwire
from simulator.gateway.dialects.signalwire.settings import Project
from simulator.gateway.messages import NumberKind, Status
from tests.gateway.dialects.at_signalwire import FROM, GOOD, LOGS, MESSAGES, TO, P, caller_with, created, refused
from tests.gateway.dialects.small import Caller, number


@pytest.fixture
def caller() -> Caller:
    return caller_with()


# --- Creating ---


async def test_a_message_is_created_and_queued(caller: Caller) -> None:
    response = await caller.call("POST", MESSAGES, GOOD)
    assert response.status_code == 201
    told = response.json()
    assert str(uuid.UUID(told.pop("id"))) == caller.gateway.messages[0].id
    assert told.pop("message_uri") == f"{LOGS}/{caller.gateway.messages[0].id}"
    assert told == {
        "from": FROM,
        "to": TO,
        "body": "Your order has shipped!",
        "status": "queued",
        "direction": "outbound",
        "kind": "sms",
        "media": [],
        "number_of_segments": 1,
        "error_code": None,
        "error_message": None,
        "created_at": "2027-01-15T08:00:00Z",
        "project_id": P,
        "status_callback_url": None,
    }
    order = caller.gateway.messages[0].order
    assert (order.source, order.destination, order.space) == ("12065550100", "12025550100", P)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("{" * 80, 1),
        ("{" * 81, 2),
        ("a" * 152 + "{" * 5, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("a" * 70 + "😀", 2),
    ],
)
async def test_segments_are_those_on_the_air(caller: Caller, text: str, count: int) -> None:
    response = await caller.call("POST", MESSAGES, {**GOOD, "body": text})
    assert response.json()["number_of_segments"] == count
    assert caller.gateway.messages[0].order.price == count * 4_150_000


async def test_a_message_goes_from_a_short_code_and_to_988(caller: Caller) -> None:
    for to in ("988", "+988"):
        message = await created(caller, **{"from": "24273", "to": to})
        assert (message.order.source, message.order.destination) == ("24273", "988")
    told = await caller.get(f"{LOGS}/{caller.gateway.messages[0].id}")
    assert (told["from"], told["to"]) == ("24273", "988")


async def test_custom_variables_and_the_callback_are_kept(caller: Caller) -> None:
    message = await created(caller, status_callback="http://127.0.0.1:9/s", custom_variables={"a_1": "x" * 1024})
    assert message.order.callback == "http://127.0.0.1:9/s"
    assert message.order.extras["custom_variables"] == {"a_1": "x" * 1024}


@pytest.mark.parametrize("to", ["+12345", "+12345678901234567"])
async def test_destinations_have_5_to_17_digits(caller: Caller, to: str) -> None:
    assert (await created(caller, to=to)).order.destination == to[1:]
    assert (await caller.get(LOGS))["data"][0]["to"] == to


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"body": None}, [("body_or_media_required", "body")]),
        ({"body": ""}, [("body_or_media_required", "body")]),
        ({"body": "a" * 1601}, [("character_limit_exceeded", "body")]),
        ({"to": "12025550100"}, [("not_e164", "to")]),
        ({"to": "+1234"}, [("not_e164", "to")]),
        ({"to": "+123456789012345678"}, [("not_e164", "to")]),
        ({"to": "+1202555010x"}, [("invalid_to_number", "to")]),
        ({"to": "+1202555010٣"}, [("invalid_to_number", "to")]),
        ({"to": None}, [("invalid_to_number", "to")]),
        ({"to": 12025550100}, [("invalid_to_number", "to")]),
        ({"from": None}, [("invalid_from_number", "from")]),
        ({"from": "+12065550198"}, [("invalid_from_number", "from")]),
        ({"from": "+12065550199"}, [("invalid_from_number", "from")]),
        ({"from": "+12065550101"}, [("invalid_from_number", "from")]),
        ({"from": "12065550100"}, [("invalid_from_number", "from")]),
        ({"from": "1234"}, [("invalid_from_number", "from")]),
        ({"send_as_mms": True}, [("missing_messaging_capability", "from")]),
        ({"media": ["https://example.com/a.png"]}, [("missing_messaging_capability", "from")]),
        (
            {"media": ["https://example.com/a.png"] * 9},
            [("missing_messaging_capability", "from"), ("media_limit_exceeded", "media")],
        ),
        (
            {"media": ["ftp://example.com/a.png"], "body": None},
            [("missing_messaging_capability", "from"), ("invalid_media_url", "media")],
        ),
        ({"media": [7]}, [("missing_messaging_capability", "from"), ("invalid_media_url", "media")]),
        (
            {"media": ["https://example.com/a.exe"]},
            [("missing_messaging_capability", "from"), ("invalid_media_type", "media")],
        ),
        (
            {"to": "x", "from": "y", "body": None},
            [("invalid_to_number", "to"), ("invalid_from_number", "from"), ("body_or_media_required", "body")],
        ),
        (
            {"custom_variables": {f"a{place}": "x" for place in range(21)}},
            [("too_many_custom_variables", "custom_variables")],
        ),
        ({"custom_variables": {"1a": "x"}}, [("invalid_custom_variable_name", "custom_variables")]),
        ({"custom_variables": {"a": ""}}, [("invalid_custom_variable_value", "custom_variables")]),
        ({"custom_variables": {"a": 1}}, [("invalid_custom_variable_value", "custom_variables")]),
        ({"custom_variables": {"a": "я" * 513}}, [("custom_variable_value_too_long", "custom_variables")]),
        ({"custom_variables": {"SW_a": "x"}}, [("reserved_custom_variable_name", "custom_variables")]),
        ({"custom_variables": {"internal_": "x"}}, [("reserved_custom_variable_name", "custom_variables")]),
    ],
)
async def test_a_rule_that_is_broken_is_named(
    caller: Caller, fields: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    assert await refused(caller, **fields) == errors


async def test_1600_characters_are_taken(caller: Caller) -> None:
    assert (await created(caller, body="a" * 1600)).order.text == "a" * 1600


async def test_the_error_reads_as_the_sample(caller: Caller) -> None:
    response = await caller.call("POST", MESSAGES, {"to": TO, "from": FROM})
    assert response.json() == {
        "errors": [
            {
                "type": "validation_error",
                "code": "body_or_media_required",
                "message": "Body must be included if there is no Media.",
                "attribute": "body",
                "url": "https://developer.signalwire.com/rest/overview/error-codes/#body_or_media_required",
            }
        ]
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"to": NaN}',
        b'{"body": "\\ud83d"}',
        b"[" * 50_000,
        b'{"body": 7}',
        b'{"media": "x"}',
        b'{"send_as_mms": "yes"}',
        b'{"status_callback": "ftp://x"}',
        b'{"status_callback": "http://[x"}',
        b'{"custom_variables": []}',
        b'{"body": "' + b"a" * 300_000 + b'"}',
    ],
)
async def test_what_no_rule_speaks_of_is_a_bad_request(caller: Caller, content: bytes) -> None:
    response = await caller.call("POST", MESSAGES, content=content, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()) == (400, {"error": "Bad Request"})
    assert caller.gateway.messages == []


@pytest.mark.parametrize(
    ("settings", "fields", "error"),
    [
        ({"blocked_destinations": ("12025550100",)}, {}, ("number_blacklisted", "to")),
        ({"destinations": ("44",)}, {}, ("destination_number_not_supported", "to")),
        ({"project": {"is_sending_disabled": True}}, {}, ("sending_disabled_for_space", "base")),
        ({"project": {"credit": 0}}, {}, ("insufficient_balance_to_send_message", "base")),
        (
            {"project": {"verified_caller_ids": ("12065550150",)}},
            {"from": "+12065550150"},
            ("verified_caller_id_not_permitted", "from"),
        ),
        ({"backlog": 0}, {}, ("message_backlog_limit_exceeded", "base")),
        (
            {"numbers": [number("12065550151", P, "signalwire", settings={"campaign": "pending"})]},
            {"from": "+12065550151"},
            ("inactive_campaign", "from"),
        ),
        (
            {"numbers": [number("12065550151", P, "signalwire", can_send=False)]},
            {"from": "+12065550151"},
            ("missing_messaging_capability", "from"),
        ),
    ],
)
async def test_the_account_and_its_numbers_have_rules(
    settings: dict[str, Any], fields: dict[str, Any], error: tuple[str, str]
) -> None:
    assert await refused(caller_with(**settings), **fields) == [error]


async def test_a_toll_free_number_needs_no_campaign() -> None:
    caller = caller_with(
        numbers=[number("18885550100", P, "signalwire", NumberKind.TOLL_FREE, settings={"campaign": "none"})]
    )
    assert (await created(caller, **{"from": "+18885550100"})).order.source == "18885550100"


async def test_a_number_queues_as_much_as_it_may() -> None:
    caller = caller_with(numbers=[number("12065550152", P, "signalwire", settings={"queue_max": 2})])
    first = await created(caller, **{"from": "+12065550152"})
    await created(caller, **{"from": "+12065550152"})
    full = await caller.call("POST", MESSAGES, {**GOOD, "from": "+12065550152"})
    assert full.json()["errors"][0]["code"] == "max_queued_messages_exceeded"
    caller.gateway.step(first, Status.INITIATED)
    caller.gateway.run(first, Status.FAILED, key="no_route")
    await created(caller, **{"from": "+12065550152"})
    assert (await caller.call("POST", MESSAGES, {**GOOD, "from": "+12065550152"})).status_code == 422


async def test_a_gateway_that_is_about_to_end_says_so(caller: Caller) -> None:
    caller.gateway.is_closing = True
    response = await caller.call("POST", MESSAGES, GOOD)
    assert (response.status_code, response.json()) == (503, {"error": "Service Unavailable"})


# --- Trials and daily limits ---

TRIAL = {"is_trial": True, "verified_caller_ids": ("12025550100",)}


async def test_a_trial_sends_to_verified_numbers_with_a_prefix() -> None:
    caller = caller_with(TRIAL)
    assert await refused(caller, to="+12025550101") == [("sending_restricted_to_verified", "to")]
    assert (await created(caller)).order.text == "[SignalWire Free Trial] Your order has shipped!"


async def test_a_trial_ends_with_the_200th_message_of_the_day() -> None:
    caller = caller_with(TRIAL)
    for _ in range(200):
        await created(caller)
    over = await caller.call("POST", MESSAGES, GOOD)
    assert over.json()["errors"][0]["code"] == "pft_daily_limit_exceeded"
    caller.gateway.time += 16 * 3600.0
    await created(caller)


async def test_a_day_is_counted_from_what_is_kept() -> None:
    caller = caller_with(TRIAL, trial_daily_max=2)
    await created(caller)
    await created(caller)
    again = signalwire(
        caller.gateway,
        SignalwireSettings(projects=(Project(**{**demo().projects[0].model_dump(), **TRIAL}),), trial_daily_max=2),
    )
    other = Caller(caller.gateway, again)
    other.auth = caller.auth
    assert (await other.call("POST", MESSAGES, GOOD)).json()["errors"][0]["code"] == "pft_daily_limit_exceeded"


async def test_a_refused_message_leaves_the_day_as_it_was() -> None:
    caller = caller_with(TRIAL, trial_daily_max=1, backlog=0)
    await refused(caller)
    caller.gateway.backlog = 1
    await created(caller)


async def test_a_sole_proprietor_has_a_limit_of_its_own() -> None:
    caller = caller_with({"is_sole_proprietor": True}, sole_proprietor_daily_max=1)
    await created(caller)
    over = await caller.call("POST", MESSAGES, GOOD)
    assert over.json()["errors"][0]["code"] == "sole_proprietor_daily_limit_exceeded"


# --- Who may ---


@pytest.mark.parametrize(
    ("auth", "status", "told"),
    [
        (None, 401, "Unauthorized"),
        ((P, "wrong"), 401, "Unauthorized"),
        (("nobody", "PT-demo-signalwire"), 401, "Unauthorized"),
        (("other", "PT-demo-signalwire"), 401, "Unauthorized"),
        ((P, "PT-demo-nothing"), 403, "Forbidden"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", MESSAGES), ("PATCH", MESSAGES + "/x"), ("GET", LOGS), ("GET", LOGS + "/x")]
)
async def test_only_a_token_with_the_scope_may(
    caller: Caller, method: str, path: str, auth: Any, status: int, told: str
) -> None:
    response = await caller.call(method, path, GOOD if method != "GET" else None, auth=auth)
    assert (response.status_code, response.json()) == (status, {"error": told})


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic /w==", "Bearer x"]
)
async def test_a_header_that_cannot_be_read_is_unauthorized(caller: Caller, header: str) -> None:
    response = await caller.call("GET", LOGS, headers={"Authorization": header}, auth=None)
    assert (response.status_code, response.json()) == (401, {"error": "Unauthorized"})


async def test_another_projects_message_is_not_found(caller: Caller) -> None:
    message = await created(caller)
    for method, path in (("GET", LOGS), ("PATCH", MESSAGES)):
        response = await caller.call(
            method, f"{path}/{message.id}", {"body": ""} if method == "PATCH" else None, auth=("other", "x")
        )
        assert (response.status_code, response.json()) == (404, {"error": "Not Found"})
    assert (await caller.call("GET", LOGS, auth=("other", "x"))).json()["data"] == []


async def test_writes_are_limited_and_reads_are_not() -> None:
    caller = caller_with(writes_max=2)
    message = await created(caller)
    patched = await caller.call("PATCH", f"{MESSAGES}/{message.id}", {"body": ""})
    assert patched.headers["X-RateLimit-Remaining"] == "0"
    over = await caller.call("POST", MESSAGES, GOOD)
    assert over.status_code == 429
    assert over.json()["errors"][0]["code"] == "rate_limit_exceeded"
    assert over.headers["X-RateLimit-Reset"] == "10"
    await caller.get(LOGS)
    caller.gateway.time += 10.0
    response = await caller.call("POST", MESSAGES, GOOD)
    assert (response.status_code, response.headers["X-RateLimit-Remaining"]) == (201, "1")


def test_the_published_limits_are_the_defaults() -> None:
    told = SignalwireSettings()
    assert (told.writes_max, told.writes_seconds, told.body_max, told.media_max) == (13_800, 10.0, 1600, 8)
    assert (told.trial_daily_max, told.sole_proprietor_daily_max) == (200, 1000)


async def test_the_demo_account_is_one_that_works(caller: Caller) -> None:
    account = demo_account()
    body = {"to": TO, "from": account["from"], "body": "hi"}
    response = await caller.call("POST", MESSAGES, body, auth=(account["username"], account["password"]))
    assert response.status_code == 201


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/messaging/nothing", 404), ("DELETE", LOGS, 405)])
async def test_the_frameworks_own_refusals_have_the_shape(caller: Caller, method: str, path: str, status: int) -> None:
    response = await caller.call(method, path)
    assert (response.status_code, set(response.json())) == (status, {"error"})

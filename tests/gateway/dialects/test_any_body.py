"""Whatever comes as a body, each dialect answers by its own documented statuses, and nothing is half done."""

import json
from typing import Any

import httpx2
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from simulator.gateway.dialects import flowroute, signalsms, signalwire
from tests.gateway.dialects.small import Caller, SmallGateway, number

NUMBERS = (
    number("12065550100", "demo-signalwire", "signalwire"),
    number("12065550101", "demo-flowroute", "flowroute"),
    number("ACME", "demo-signalsms", "signalsms"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PLAUSIBLE = st.sampled_from(
    [
        "+12025550100",
        "12025550100",
        "+12065550100",
        "12065550101",
        "ACME",
        "988",
        "hi",
        "https://x.test/a.png",
        "",
        True,
        [],
    ]
) | st.just(["+12025550100"])
VALUE = JSON | PLAUSIBLE
CASES = [
    (
        signalwire.signalwire,
        signalwire.demo(),
        "/api/messaging/messages",
        ("to", "from", "body", "media", "send_as_mms", "status_callback", "custom_variables"),
        {201, 400, 422},
    ),
    (
        flowroute.flowroute,
        flowroute.demo().model_copy(update={"sms_per_second": 10**6, "mms_per_second": 10**6}),
        "/v2.1/messages",
        ("to", "from", "body", "is_mms", "media_urls", "dlr_callback", "data"),
        {202, 400, 422},
    ),
    (
        signalsms.signalsms,
        signalsms.demo().model_copy(update={"requests_per_minute": 10**6}),
        "/v1/sms/dispatch",
        ("sender", "recipients", "message", "fast_dispatch", "schedule_at", "callback_url"),
        {200, 400, 402, 404},
    ),
]
AUTHS = {
    "/api/messaging/messages": ("demo-signalwire", "PT-demo-signalwire"),
    "/v2.1/messages": ("demo-flowroute", "demo-flowroute-secret"),
}


def caller_of(built: Any, settings: Any, path: str) -> Caller:
    gateway = SmallGateway(*NUMBERS)
    headers = {"content-type": "application/json"}
    if path not in AUTHS:
        headers["authorization"] = "Bearer sig_live_demo"
    caller = Caller(gateway, built(gateway, settings), **headers)
    caller.auth = AUTHS.get(path)
    return caller


async def posted(caller: Caller, path: str, octets: bytes) -> httpx2.Response:
    return await caller.call("POST", path, content=octets)


@pytest.mark.parametrize(("built", "settings", "path", "fields", "statuses"), CASES)
def test_any_object_is_answered_as_documented(
    built: Any, settings: Any, path: str, fields: tuple[str, ...], statuses: set[int]
) -> None:
    caller = caller_of(built, settings, path)

    @given(body=st.fixed_dictionaries({}, optional=dict.fromkeys(fields, VALUE)))
    def asked(body: Any) -> None:
        before = len(caller.gateway.messages)
        response = trio.run(posted, caller, path, json.dumps(body).encode())
        assert response.status_code in statuses, response.text
        assert (len(caller.gateway.messages) > before) == (response.status_code < 300)
        assert isinstance(response.json(), dict)

    asked()


@pytest.mark.parametrize(("built", "settings", "path", "fields", "statuses"), CASES)
def test_any_octets_are_answered_as_documented(
    built: Any, settings: Any, path: str, fields: tuple[str, ...], statuses: set[int]
) -> None:
    caller = caller_of(built, settings, path)

    @given(octets=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
    def asked(octets: bytes) -> None:
        response = trio.run(posted, caller, path, octets)
        assert response.status_code in statuses, response.text
        assert caller.gateway.messages == []

    asked()

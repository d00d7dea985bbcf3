"""The gate: who may ask at all, by the token or, where there is none, by the names in Host and Origin."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from tests.control.caller import Caller
from tests.smsc.world import World

MO = {"to": "12025550100", "from": "+12025550199", "text": "hi"}

# --- The token ---


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer s3cre"},
        {"authorization": "Bearer s3crets"},
        {"authorization": "Basic s3cret"},
        {"authorization": "s3cret"},
        {"authorization": b"Bearer \xff\xfe"},
    ],
)
@pytest.mark.parametrize("path", ["/api/messages", "/metrics", "/openapi.json", "/nowhere"])
async def test_nothing_is_told_without_the_token(guarded: Caller, path: str, headers: Any) -> None:
    response = await guarded.call("GET", path, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["code"] == "unauthorized"
    assert "s3cret" not in response.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_the_token_opens(guarded: Caller, scheme: str) -> None:
    guarded.headers = {"authorization": f"{scheme} s3cret"}
    assert await guarded.rows() == []


async def test_health_needs_no_token(guarded: Caller) -> None:
    assert (await guarded.get("/healthz"))["status"] == "ok"


async def test_a_reset_without_the_token_resets_nothing(world: World, guarded: Caller) -> None:
    world.bound().submit()
    await guarded.refused("POST", "/api/reset", 401)
    assert len(world.smsc.history) == 1


async def test_a_websocket_is_closed_at_the_gate(guarded: Caller) -> None:
    answer: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        answer.append(message)

    await guarded.app({"type": "websocket", "path": "/api/messages", "headers": []}, receive, send)
    assert answer == [{"type": "websocket.close", "code": 1008}]


# --- Pages of elsewhere, where there is no token ---

OURS = [
    *("127.0.0.1", "127.0.0.1:8775", "127.8.9.10:1", "localhost", "LocalHost:8775", "[::1]", "[::1]:8775", "::1"),
    *("", "carrier.test", "Carrier.Test:80"),
]
OTHERS = [
    *("evil.example", "evil.example:8775", "127.0.0.1.evil.example", "localhost.evil.example:8775", "10.0.0.1:8775"),
    *("0.0.0.0:8775", "[2001:db8::1]:8775", "localhost:evil", "evil.example:127.0.0.1", "[", ":", "\xff"),
]


@pytest.fixture
def named(world: World) -> Caller:
    caller = Caller(world)
    caller.app = caller.app_with(caller.pause, hosts=["Carrier.test"])
    return caller


@pytest.mark.parametrize("host", OURS)
async def test_a_request_for_this_machine_is_served(named: Caller, host: str) -> None:
    assert (await named.call("POST", "/api/reset", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("method_and_path", ["GET /api/messages", "GET /healthz", "POST /api/reset", "GET /nowhere"])
@pytest.mark.parametrize("host", OTHERS)
async def test_a_request_under_another_name_is_refused(named: Caller, host: str, method_and_path: str) -> None:
    method, path = method_and_path.split()
    named.world.bound().submit()
    error = await named.refused(method, path, 403, headers={"host": host.encode("latin-1")})
    assert error["code"] == "forbidden"
    assert error["detail"].startswith(f"Host: {host!r} is no loopback name")
    assert len(named.world.smsc.history) == 1


async def test_a_host_is_no_name_of_ours_unless_it_was_given(caller: Caller) -> None:
    await caller.refused("GET", "/api/messages", 403, headers={"host": "carrier.test"})


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:8775", "file://"),
        *("http://127.0.0.1", "127.0.0.1:8775", "http://127.0.0.1:8775.evil.example"),
    ],
)
async def test_a_page_from_elsewhere_changes_nothing(world: World, caller: Caller, origin: str) -> None:
    world.bound().submit()
    headers = {"host": "127.0.0.1:8775", "origin": origin}
    for path in ("/api/reset", "/api/mo", "/nowhere"):
        error = await caller.refused("POST", path, 403, headers=headers, json=MO)
        told = f"Origin: {origin!r}: a page from elsewhere may not POST here"
        assert (error["code"], error["detail"]) == ("forbidden", told)
    assert len(world.smsc.history) == 1
    response = await caller.call("GET", "/api/messages", headers=headers)
    assert (response.status_code, response.headers.get("access-control-allow-origin")) == (200, None)


@pytest.mark.parametrize("host", ["127.0.0.1:8775", "LOCALHOST:8775", "[::1]:8775", "carrier.test"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_page_that_was_loaded_from_here_may_change_things(named: Caller, host: str, scheme: str) -> None:
    headers = {"host": host, "origin": f"{scheme}://{host.lower()}"}
    assert (await named.call("POST", "/api/reset", headers=headers)).status_code == 200


async def test_with_a_token_the_token_decides(guarded: Caller) -> None:
    guarded.headers = {"host": "carrier.example", "origin": "http://elsewhere.example"}
    await guarded.refused("POST", "/api/reset", 401)
    guarded.headers |= {"authorization": "Bearer s3cret"}
    assert (await guarded.call("POST", "/api/reset")).status_code == 200

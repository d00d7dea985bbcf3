"""The control API beside the messages: sessions, subscribers' messages, reset, counters, the gate and every problem."""

import json
from collections.abc import Iterator, MutableMapping
from typing import Any, get_args

import httpx2
import pytest
import trio

from simulator import __version__
from simulator.carrier.accounts import Account
from simulator.control.answers import json_octets
from simulator.control.api import PROBLEMS, ROUTES
from simulator.control.asked import PhoneLanguage
from simulator.control.gate import BODY_MAX
from simulator.net.http import listen, serve_http
from simulator.smpp.pdus import DeliverSm, EnquireLink
from simulator.sms.languages import LANGUAGES
from tests.control.caller import Caller
from tests.smsc.world import World

MO = {"to": "12025550100", "from": "+12025550199", "text": "hi"}


async def test_a_server_that_lives_says_so(world: World, caller: Caller) -> None:
    world.bound()
    world.run(2.5)
    assert await caller.get("/healthz") == {"status": "ok", "version": __version__, "sessions": 1, "uptime": 2.5}


async def test_health_can_be_asked_for_without_its_body(caller: Caller) -> None:
    assert (await caller.call("HEAD", "/healthz")).status_code == 200


async def test_the_api_is_served_on_a_socket(caller: Caller) -> None:
    sock = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{sock.getsockname()[1]}"
    stop = trio.Event()
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery, httpx2.AsyncClient(base_url=address) as client:
            await nursery.start(lambda task_status: serve_http(caller.app, sock, stop=stop, task_status=task_status))
            assert (await client.get("/healthz")).json()["status"] == "ok"
            assert (await client.head("/healthz")).content == b""
            refused = await client.post("/api/mo", content=bytes(BODY_MAX * 2))
            assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
            assert (await client.get("/api/messages")).json()["messages"] == []
            stop.set()


async def test_sessions_tell_who_is_bound_and_how(world: World, caller: Caller) -> None:
    gateway = world.bound("alice", "TRX", interface_version=0x34)
    world.run(5.0)
    gateway.send(EnquireLink())
    gateway.submit(registered_delivery=0)
    world.gateway()
    bound, silent = (await caller.get("/api/sessions"))["sessions"]
    assert bound == {
        "id": 1,
        "account": "alice",
        "system_id": "alice",
        "bind": "TRX",
        "state": "BOUND_TRX",
        "version": "3.4",
        "peer": "memory",
        "listener": "smpp",
        "tls": None,
        "connected_at": "2027-01-15T08:00:00.000Z",
        "bound_at": "2027-01-15T08:00:00.000Z",
        "last_enquire_link_at": "2027-01-15T08:00:05.000Z",
        "submitted": 1,
        "window": {"deliver": {"used": 0, "size": 10}},
        "bytes_waiting": 0,
        "unanswered_deliveries": 0,
    }
    assert (silent["account"], silent["bind"], silent["state"], silent["bound_at"]) == (None, None, "OPEN", None)


async def test_sessions_come_in_pages_oldest_first(world: World, caller: Caller) -> None:
    for _ in range(5):
        world.gateway()
    cursor: dict[str, Any] = {}
    pages = []
    while True:
        page = await caller.get("/api/sessions", limit=2, **cursor)
        pages.append([one["id"] for one in page["sessions"]])
        assert page["total"] == 5
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert pages == [[1, 2], [3, 4], [5]]
    await caller.refused("GET", "/api/sessions", 422, params={"limit": 1001})


async def test_many_sessions_are_told_in_slices_without_those_that_leave_meanwhile(
    world: World, caller: Caller
) -> None:
    gateways = [world.gateway() for _ in range(200)]

    async def pause() -> None:
        caller.pauses += 1
        if caller.pauses == 1:
            gateways[-1].close()

    caller.app = caller.app_with(pause)
    found = (await caller.get("/api/sessions"))["sessions"]
    assert [one["id"] for one in found] == list(range(1, 200))
    assert caller.pauses > 2


@pytest.mark.parametrize(("version", "shown"), [(0x33, "3.3"), (0x34, "3.4"), (0x50, "5.0")])
async def test_a_session_tells_its_version(world: World, caller: Caller, version: int, shown: str) -> None:
    world.bound(bind="TX", interface_version=version)
    assert (await caller.get("/api/sessions"))["sessions"][0]["version"] == shown


async def test_a_session_tells_what_it_has_not_answered(world: World, caller: Caller) -> None:
    gateway = world.bound()
    gateway.decide = lambda _pdu: None
    for _ in range(3):
        await caller.call("POST", "/api/mo", json=MO)
    world.settle()
    (session,) = (await caller.get("/api/sessions"))["sessions"]
    assert session["unanswered_deliveries"] == 3
    assert session["window"] == {"deliver": {"used": 3, "size": 10}}


# --- Subscribers ---


async def test_a_subscribers_message_is_taken_delivered_and_found(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    response = await caller.call("POST", "/api/mo", json=MO)
    assert response.status_code == 202
    assert response.json() == {"id": "1", "account": "alice", "segments": 1}
    world.settle()
    (delivered,) = gateway.of(DeliverSm)
    assert (delivered.source_addr, delivered.destination_addr, delivered.short_message) == (
        "12025550199",
        "12025550100",
        b"hi",
    )
    row = await caller.get("/api/messages/1")
    assert (row["direction"], row["from"], row["to"], row["text"]) == ("mo", "12025550199", "12025550100", "hi")
    assert (row["state"], row["segments"], row["status"], row["parts"]) == ("DELIVRD", 1, None, [])
    assert row["done_at"] == "2027-01-15T08:00:00.000Z"


async def test_a_long_message_in_any_script_is_taken(world: World, caller: Caller) -> None:
    gateway = world.bound()
    text = "مرحبا 😀 " * 30
    response = await caller.call("POST", "/api/mo", json=MO | {"text": text})
    world.settle()
    assert response.json()["segments"] == len(gateway.of(DeliverSm)) == 5
    assert (await caller.get("/api/messages/1"))["text"] == text


@pytest.mark.parametrize(
    ("asked", "segments"),
    [
        ({"split": "udh8"}, 3),
        ({"split": "udh16"}, 3),
        ({"split": "sar"}, 3),
        ({"split": "payload"}, 1),
        ({"language": "turkish"}, 2),
        ({"language": 1, "split": "udh16"}, 2),
        ({"language": "portuguese", "split": "payload"}, 1),
    ],
)
async def test_a_message_is_split_and_written_as_it_was_asked_for(
    world: World, caller: Caller, asked: Any, segments: int
) -> None:
    gateway = world.bound()
    text = "ışık çok güzel, " * 12
    response = await caller.call("POST", "/api/mo", json=MO | {"text": text} | asked)
    world.settle()
    assert response.status_code == 202
    row = await caller.get("/api/messages/1")
    assert response.json()["segments"] == row["segments"] == len(gateway.of(DeliverSm)) == segments
    assert (row["text"], row["alphabet"]) == (text, "gsm7" if asked.get("language") in {"turkish", 1} else "ucs2")


def test_the_languages_that_can_be_asked_for_are_those_with_tables() -> None:
    assert set(get_args(PhoneLanguage)) == {*LANGUAGES, *LANGUAGES.values()}


async def test_an_account_can_be_named(world: World, caller: Caller) -> None:
    world.bound("alice")
    world.bound("bob")
    response = await caller.call("POST", "/api/mo", json=MO | {"account": "bob"})
    assert response.json()["account"] == "bob"


async def test_a_message_for_nobody_names_those_it_could_be_for(world: World, caller: Caller) -> None:
    world.bound("bob")
    world.bound("alice")
    error = await caller.refused("POST", "/api/mo", 409, json=MO)
    assert (error["code"], error["candidates"]) == ("no_route", ["alice", "bob"])
    assert "'12025550100'" in error["detail"]


async def test_an_unknown_account_is_refused_with_those_that_exist() -> None:
    caller = Caller(World(accounts=[Account("alice"), Account("bob")]))
    error = await caller.refused("POST", "/api/mo", 409, json=MO | {"account": "carol"})
    assert error["detail"] == "account: 'carol' is not known"
    assert error["candidates"] == ["alice", "bob"]


ADDRESS = "1 to 20 printable ASCII characters beside a leading +"


@pytest.mark.parametrize(
    ("change", "field", "given", "allowed"),
    [
        ({"to": ""}, "to", "", ADDRESS),
        ({"to": "  "}, "to", "  ", ADDRESS),
        ({"from": "+"}, "from", "+", ADDRESS),
        ({"from": "1" * 21}, "from", "1" * 21, ADDRESS),
        ({"from": "Zoë"}, "from", "Zoë", ADDRESS),
        ({"to": "12\x00"}, "to", "12\x00", ADDRESS),
        ({"to": 12025550100}, "to", "12025550100", "must be a valid string"),
        ({"text": None}, "text", None, "must be given"),
        ({"text": ""}, "text", "", "String should have at least 1 character"),
        ({"text": "\ud83d"}, "text", None, "must be text without halves of surrogate pairs"),
        ({"text": "x" * 39016}, "text", "x" * 97 + "...", "String should have at most 39015 characters"),
        ({"txt": "hi"}, "txt", "hi", "is not known here; did you mean text?"),
        ({"split": "udh"}, "split", "udh", "must be 'udh8', 'udh16', 'sar' or 'payload'"),
        ({"split": None}, "split", "None", "must be 'udh8', 'udh16', 'sar' or 'payload'"),
        ({"language": "greek"}, "language", "greek", "must be 'turkish', 'spanish', 'portuguese', 1, 2 or 3"),
        ({"language": 4}, "language", "4", "must be 'turkish', 'spanish', 'portuguese', 1, 2 or 3"),
        (
            {"split": "sar", "language": "spanish"},
            "language",
            "spanish",
            "none with split sar, only with udh8, udh16 and payload",
        ),
    ],
)
async def test_a_wrong_member_is_named(
    caller: Caller, change: Any, field: str, given: str | None, allowed: str
) -> None:
    content = json.dumps(MO | change)
    headers = {"content-type": "application/json"}
    error = await caller.refused("POST", "/api/mo", 422, content=content, headers=headers)
    assert error["code"] == "invalid"
    assert error["where"] == [{"field": field, "given": given, "allowed": allowed}]
    assert error["detail"].startswith(f"{field}: ")


async def test_a_member_named_by_half_a_surrogate_pair_is_refused(caller: Caller) -> None:
    content = json.dumps(MO | {"\ud83d": 1})
    error = await caller.refused("POST", "/api/mo", 422, content=content, headers={"content-type": "application/json"})
    assert error["detail"] == "body: must be text without halves of surrogate pairs"


async def test_members_that_are_missing_are_named(caller: Caller) -> None:
    error = await caller.refused("POST", "/api/mo", 422, json={"to": "1"})
    assert error["detail"] == "from: must be given; text: must be given"


async def test_a_text_of_too_many_segments_is_refused(world: World, caller: Caller) -> None:
    world.bound()
    error = await caller.refused("POST", "/api/mo", 422, json=MO | {"text": "中" * 17_086})
    assert error["detail"] == "text: 256 segments, at most 255"
    assert error["where"][0]["field"] == "text"
    assert error["where"][0]["given"] == "17086 characters"
    response = await caller.call("POST", "/api/mo", json=MO | {"text": "中" * 17_085})
    assert response.json()["segments"] == 255


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 422, "body: must be given"),
        (b"{", 422, "body: must be JSON: Expecting property name enclosed in double quotes at character 1"),
        (b"[]", 422, "body: '[]', must be a JSON object"),
        (b'"\xff"', 400, "the body cannot be read as JSON in UTF-8"),
        (b"[" * 100_000, 400, "the body cannot be read as JSON in UTF-8"),
        (b'{"to": ' + b"1" * 5000 + b"}", 400, "the body cannot be read as JSON in UTF-8"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(caller: Caller, content: bytes, status: int, reason: str) -> None:
    headers = {"content-type": "application/json"}
    error = await caller.refused("POST", "/api/mo", status, content=content, headers=headers)
    assert reason in error["detail"]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_of_another_type_is_refused_with_what_to_send(caller: Caller, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    error = await caller.refused("POST", "/api/mo", 422, content=json.dumps(MO), headers=headers)
    assert "sent with Content-Type: application/json" in error["detail"]


# --- Reset and counters ---


async def test_a_reset_forgets_messages_and_counts_and_keeps_binds(world: World, caller: Caller) -> None:
    gateway = world.bound()
    first = gateway.submit().message_id
    world.run(60.0)
    response = await caller.call("POST", "/api/reset")
    assert response.status_code == 200
    told = {"reset": True, "account": None, "sessions": 1, "time": "2027-01-15T08:00:00.000Z"}
    assert response.json() == told
    assert await caller.rows() == []
    counters = await caller.get("/api/counters")
    assert counters["events"]["submitted"] == 0
    assert (counters["answered"], counters["concluded"]) == ({}, {})
    assert gateway.submit().message_id == first
    assert [row["id"] for row in await caller.rows()] == ["1"]


async def test_counters_tell_what_has_happened(world: World, caller: Caller) -> None:
    gateway = world.bound()
    gateway.submit()
    gateway.submit(destination_addr="")
    world.run(1.0)
    counters = await caller.get("/api/counters")
    assert {kind: count for kind, count in counters["events"].items() if count} == {
        "connected": 1,
        "bound": 1,
        "submitted": 2,
        "answered": 2,
        "concluded": 1,
        "receipt_sent": 1,
        "receipt_acknowledged": 1,
    }
    assert counters["answered"] == {"ESME_ROK": 1, "ESME_RINVDSTADR": 1}
    assert counters["concluded"] == {"DELIVRD": 1}
    assert (counters["waiting"], counters["rows"], counters["evicted"]) == (0, 2, 0)


# --- Problems ---


@pytest.mark.parametrize("path", ["/", "/api", "/api/messages/", "/docs", "/redoc", "/api/mo/1", "/%2e%2e/etc/passwd"])
async def test_a_path_that_is_not_served_is_not_found(caller: Caller, path: str) -> None:
    error = await caller.refused("GET", path, 404)
    assert error["code"] == "not_found"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "GET", "BREW", "OPTIONS"])
async def test_another_method_is_refused_with_the_one_that_is_allowed(caller: Caller, method: str) -> None:
    error = await caller.refused(method, "/api/reset", 405)
    assert (error["code"], error["allowed"]) == ("method_not_allowed", ["POST"])
    assert error["detail"] == f"{method} /api/reset: only POST"


async def test_a_refused_method_names_the_allowed_one_in_a_header(caller: Caller) -> None:
    response = await caller.call("DELETE", "/api/messages")
    assert response.headers["allow"] == "GET"


async def test_an_error_of_ours_is_answered_as_such(world: World, caller: Caller) -> None:
    world.bound().submit()
    world.smsc.history.get(1).source = None  # type: ignore[union-attr]
    error = await caller.refused("GET", "/api/messages/1", 500)
    assert error["code"] == "internal"
    assert "AttributeError" in error["detail"]


@pytest.mark.parametrize("path", ["/api/mo", "/api/reset", "/nowhere"])
async def test_a_body_that_is_announced_too_large_is_refused(caller: Caller, path: str) -> None:
    error = await caller.refused("POST", path, 413, content=b" " * (BODY_MAX + 1))
    assert error == {
        "type": "/api/problems#too_large",
        "title": "too large",
        "status": 413,
        "code": "too_large",
        "detail": f"body: more than {BODY_MAX} octets",
    }


@pytest.mark.parametrize("length", ["9" * 18, "9" * 5000])
async def test_a_length_beyond_reason_is_refused(caller: Caller, length: str) -> None:
    await caller.refused("POST", "/api/mo", 413, content=b"", headers={"content-length": length})


async def test_a_body_without_a_length_is_bounded_while_it_is_read(caller: Caller) -> None:
    pieces = 0
    answer: list[MutableMapping[str, Any]] = []

    async def endless() -> dict[str, Any]:
        nonlocal pieces
        pieces += 1
        return {"type": "http.request", "body": bytes(65_536), "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        answer.append(message)

    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": "/api/mo", "query_string": b"", "headers": headers}
    await caller.app(scope, endless, send)
    assert answer[0]["status"] == 413
    assert json.loads(answer[1]["body"])["code"] == "too_large"
    assert pieces == BODY_MAX // 65_536 + 1


async def test_a_body_of_the_largest_size_is_read(world: World, caller: Caller) -> None:
    world.bound()
    content = json.dumps(MO).encode().ljust(BODY_MAX)
    response = await caller.call("POST", "/api/mo", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 202


def test_half_a_surrogate_pair_leaves_as_replacement_characters() -> None:
    assert json.loads(json_octets({"text": "a\ud83db", "whole": "😀"})) == {
        "text": "a\ufffd\ufffd\ufffdb",
        "whole": "😀",
    }


# --- The document ---


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for one in node.values():
            yield from references(one)
    elif isinstance(node, list):
        for one in node:
            yield from references(one)


async def test_the_document_describes_every_route(caller: Caller) -> None:
    document = await caller.get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(route.method, route.path.replace(":path", "")) for route in ROUTES}
    for route in ROUTES:
        operation = document["paths"][route.path.replace(":path", "")][route.method.lower()]
        assert (operation["operationId"], operation["summary"]) == (route.deed, route.summary)
        assert str(route.status) in operation["responses"]


async def test_the_document_is_whole_and_shows_our_errors(caller: Caller) -> None:
    document = await caller.get("/openapi.json")
    names = set(document["components"]["schemas"])
    assert {one.removeprefix("#/components/schemas/") for one in references(document)} <= names
    assert "HTTPValidationError" not in names
    parameters = document["paths"]["/api/messages"]["get"]["parameters"]
    assert [one["name"] for one in parameters] == [
        "to",
        "from",
        "account",
        "state",
        "truth",
        "text",
        "message_id",
        "since",
        "direction",
        "limit",
        "cursor",
        "Smsc-Account",
    ]


async def test_the_document_asks_for_the_token_where_there_is_one(caller: Caller, guarded: Caller) -> None:
    assert "security" not in await caller.get("/openapi.json")
    guarded.headers = {"authorization": "Bearer s3cret"}
    document = await guarded.get("/openapi.json")
    assert document["security"] == [{"token": []}]
    assert "401" in document["paths"]["/api/reset"]["post"]["responses"]
    assert "401" not in document["paths"]["/healthz"]["get"]["responses"]


async def test_the_document_tells_who_is_refused_where_there_is_no_token(caller: Caller) -> None:
    document = await caller.get("/openapi.json")
    assert "403" in document["paths"]["/api/reset"]["post"]["responses"]
    assert "401" not in document["paths"]["/api/reset"]["post"]["responses"]


async def test_the_examples_of_the_document_are_served(world: World, caller: Caller) -> None:
    world.bound()
    document = await caller.get("/openapi.json")
    (example,) = document["components"]["schemas"]["MoRequest"]["examples"]
    assert (await caller.call("POST", "/api/mo", json=example)).status_code == 202


def test_every_problem_is_answered_by_a_deed_of_its_own() -> None:
    assert len(set(PROBLEMS.values())) == len(PROBLEMS)

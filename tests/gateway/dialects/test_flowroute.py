"""Flowroute's messages as its documents tell them: both forms, records, receipts of two levels, webhooks, rates."""

import json
import re
import uuid
from typing import Any

import pytest

from simulator.gateway.dialects.flowroute import FlowrouteSettings, demo, demo_account, flowroute
from simulator.gateway.dialects.flowroute.settings import BUFFERED, RECEIPTS, Key, Receipt
from simulator.gateway.messages import Cause, Message, NumberKind, Status
from tests.gateway.dialects.small import Caller, SmallGateway, number

K = "demo-flowroute"
FROM, TO = "12065550101", "12025550100"
GOOD = {"to": TO, "from": FROM, "body": "hi"}
MESSAGES = "/v2.1/messages"
TYPE = "application/vnd.api+json"


def caller_with(key: dict[str, Any] | None = None, numbers: Any = (), backlog: int = 10_000, **more: Any) -> Caller:
    """A caller of a key with these differences from the demo, and these numbers beside the demo's."""
    told = {**demo().keys[0].model_dump(by_alias=True), **(key or {})}
    settings = FlowrouteSettings(keys=(Key(**told), Key(access_key="other", secret_key="x")), **more)
    gateway = SmallGateway(
        number(FROM, K, "flowroute"),
        number("18005550101", K, "flowroute", NumberKind.TOLL_FREE),
        number("24273", K, "flowroute", NumberKind.SHORT_CODE),
        number("12065550100", "demo-signalwire", "signalwire"),
        *numbers,
        backlog=backlog,
    )
    caller = Caller(gateway, flowroute(gateway, settings), **{"content-type": TYPE})
    caller.auth = (K, "demo-flowroute-secret")
    return caller


@pytest.fixture
def caller() -> Caller:
    return caller_with()


async def sent(caller: Caller, **fields: Any) -> Message:
    """A message that was accepted, a second after the one before."""
    caller.gateway.time += 1.0
    response = await caller.call("POST", MESSAGES, {**GOOD, **fields})
    assert response.status_code == 202, response.text
    return caller.gateway.messages[-1]


async def record_of(caller: Caller, message: Message) -> Any:
    told = await caller.get(f"{MESSAGES}/{message.id}")
    assert (told["data"]["id"], told["data"]["type"]) == (message.id, "message")
    return told["data"]["attributes"]


async def test_a_message_is_accepted_with_an_id_of_32_digits(caller: Caller) -> None:
    response = await caller.call("POST", MESSAGES, GOOD)
    assert (response.status_code, response.headers["content-type"]) == (202, TYPE)
    message_id = response.json()["data"]["id"]
    assert re.fullmatch(r"mdr2-[0-9a-f]{32}", message_id)
    assert response.json() == {
        "data": {
            "links": {"self": f"http://gateway.test/v2.1/messages/{message_id}"},
            "type": "message",
            "id": message_id,
        }
    }


async def test_version_2_2_tells_the_price(caller: Caller) -> None:
    response = await caller.call("POST", "/v2.2/messages", {**GOOD, "body": "a" * 161})
    told = response.json()["data"]
    assert told["attributes"] == {"amount_nanodollars": 8_000_000, "amount_display": "$0.0080"}
    assert told["links"]["self"].startswith("http://gateway.test/v2.2/messages/mdr2-")
    assert (await caller.get(f"/v2.2/messages/{told['id']}"))["data"]["attributes"]["amount_display"] == "$0.0080"


async def test_the_envelope_says_the_same(caller: Caller) -> None:
    response = await caller.call("POST", MESSAGES, {"data": {"type": "message", "attributes": GOOD}})
    assert response.status_code == 202
    order = caller.gateway.messages[0].order
    assert (order.source, order.destination, order.text, order.space) == (FROM, TO, "hi", K)


async def test_links_begin_where_the_configuration_says() -> None:
    caller = caller_with(public_url="https://api.flowroute.com/")
    response = await caller.call("POST", MESSAGES, GOOD)
    assert response.json()["data"]["links"]["self"].startswith("https://api.flowroute.com/v2.1/messages/mdr2-")


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 280, 2), ("a" * 281, 3), ("я" * 70, 1), ("я" * 71, 2), ("я" * 140, 2)],
)
async def test_segments_are_counted_by_140_for_the_price(caller: Caller, text: str, count: int) -> None:
    message = await sent(caller, body=text)
    assert message.charged == count * 4_000_000
    told = await record_of(caller, message)
    assert told["message_encoding"] == (8 if "я" in text else 0)


@pytest.mark.parametrize("source", ["24273", "18005550101"])
async def test_short_codes_and_toll_free_numbers_send(caller: Caller, source: str) -> None:
    message = await sent(caller, **{"from": source})
    kinds = {"24273": "shortcode", "18005550101": "toll-free"}
    assert (await record_of(caller, message))["message_type"] == kinds[source]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"to": "+12025550100"}, "to:"),
        ({"to": "2025550100"}, "to:"),
        ({"to": None}, "to:"),
        ({"to": 12025550100}, "to:"),
        ({"from": "+12065550101"}, "from: must be"),
        ({"from": "12065550199"}, "from: must be"),
        ({"from": "12065550100"}, "from: must be"),
        ({"from": None}, "from: must be"),
        ({"body": None}, "body: must be given"),
        ({"body": ""}, "body: must be given"),
        ({"body": 7}, "body: must be text"),
        ({"body": "a" * 1401}, "body: at most 10 segments"),
        ({"is_mms": True}, "from: this number cannot send MMS"),
        ({"media_urls": ["https://example.com/a.png"]}, "from: this number cannot send MMS"),
        ({"is_mms": "yes"}, "is_mms:"),
        ({"dlr_callback": "ftp://x"}, "dlr_callback:"),
    ],
)
async def test_a_rule_that_is_broken_is_an_error_of_json_api(
    caller: Caller, fields: dict[str, Any], fault: str
) -> None:
    response = await caller.call("POST", MESSAGES, {**GOOD, **fields})
    assert (response.status_code, response.headers["content-type"]) == (422, "application/json")
    (error,) = response.json()["errors"]
    assert set(error) == {"id", "status", "title", "detail"}
    assert (error["status"], error["title"]) == (422, "Unprocessable Entity")
    assert error["detail"].startswith(fault)
    uuid.UUID(error["id"])
    assert caller.gateway.messages == []


@pytest.mark.parametrize(
    ("media", "fault"),
    [("x", "must be a list"), (["ftp://x/a.png"], "must be URLs"), (["https://x.test/a.exe"], "a type")],
)
async def test_media_are_looked_at_before_they_are_refused(caller: Caller, media: Any, fault: str) -> None:
    response = await caller.call("POST", MESSAGES, {**GOOD, "media_urls": media})
    assert any(f"media_urls: {fault}" in error["detail"] for error in response.json()["errors"])


async def test_all_that_is_wrong_is_told_at_once(caller: Caller) -> None:
    response = await caller.call("POST", MESSAGES, {})
    assert len(response.json()["errors"]) == 3


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"data": 7}', 422),
        (b'{"data": {"type": "fax", "attributes": {}}}', 422),
        (b'{"data": {"type": "message"}}', 422),
    ],
)
async def test_a_body_that_is_no_message_is_refused(caller: Caller, content: bytes, status: int) -> None:
    response = await caller.call("POST", MESSAGES, content=content)
    assert response.status_code == status
    assert response.json()["errors"][0]["status"] == status


async def test_another_media_type_is_refused(caller: Caller) -> None:
    response = await caller.call("POST", MESSAGES, content=b"to=1", headers={"content-type": "text/plain"})
    assert (response.status_code, response.json()["errors"][0]["title"]) == (415, "Unsupported Media Type")
    plain = await caller.call("POST", MESSAGES, GOOD, headers={"content-type": "application/json; charset=utf-8"})
    assert plain.status_code == 202


@pytest.mark.parametrize(
    "auth", [None, (K, "wrong"), ("nobody", "demo-flowroute-secret"), ("other", "demo-flowroute-secret")]
)
async def test_only_a_key_with_its_secret_may(caller: Caller, auth: Any) -> None:
    for method, path in (("POST", MESSAGES), ("GET", MESSAGES), ("PUT", f"{MESSAGES}/sms_callback")):
        response = await caller.call(method, path, GOOD if method != "GET" else None, auth=auth)
        assert (response.status_code, response.json()["errors"][0]["title"]) == (401, "Unauthorized")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v2.1/nothing", 404), ("DELETE", MESSAGES, 405)])
async def test_the_frameworks_own_refusals_have_the_shape(caller: Caller, method: str, path: str, status: int) -> None:
    response = await caller.call(method, path)
    assert response.json()["errors"][0]["status"] == response.status_code == status


async def test_the_demo_account_is_one_that_works(caller: Caller) -> None:
    account = demo_account()
    body = {**GOOD, "from": account["from"]}
    assert (
        await caller.call("POST", MESSAGES, body, auth=(account["username"], account["password"]))
    ).status_code == 202


# --- Rates ---


async def test_five_messages_a_second_are_taken_and_none_is_queued(caller: Caller) -> None:
    answers = [(await caller.call("POST", MESSAGES, GOOD)).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]
    assert len(caller.gateway.messages) == 5
    caller.gateway.time += 0.999
    refused = await caller.call("POST", MESSAGES, GOOD)
    assert (refused.status_code, refused.json()["errors"][0]["title"]) == (429, "Too Many Requests")
    caller.gateway.time += 0.001
    assert (await caller.call("POST", MESSAGES, GOOD)).status_code == 202


async def test_one_mms_a_second_is_looked_at(caller: Caller) -> None:
    mms = {**GOOD, "is_mms": True}
    assert [(await caller.call("POST", MESSAGES, mms)).status_code for _ in range(2)] == [422, 429]
    assert (await caller.call("POST", MESSAGES, GOOD)).status_code == 202


async def test_each_key_has_its_own_rate(caller: Caller) -> None:
    for _ in range(5):
        await caller.call("POST", MESSAGES, GOOD)
    assert (await caller.call("POST", MESSAGES, GOOD, auth=("other", "x"))).status_code == 422


async def test_a_full_backlog_and_the_end_are_503() -> None:
    caller = caller_with(backlog=0)
    assert (await caller.call("POST", MESSAGES, GOOD)).json()["errors"][0]["status"] == 503
    caller.gateway.is_closing = True
    assert (await caller.call("POST", MESSAGES, GOOD)).json()["errors"][0]["title"] == "Service Unavailable"


# --- Records ---


async def test_a_record_has_both_levels(caller: Caller) -> None:
    message = await sent(caller)
    told = await record_of(caller, message)
    assert told == {
        "body": "hi",
        "status": "queued",
        "direction": "outbound",
        "amount_nanodollars": 4_000_000,
        "amount_display": "$0.0040",
        "to": TO,
        "from": FROM,
        "message_encoding": 0,
        "timestamp": "2027-01-15T08:00:01.000000Z",
        "delivery_receipts": [],
        "is_mms": False,
        "message_type": "longcode",
    }
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    caller.gateway.time += 1.5
    caller.gateway.step(message, Status.SENT, Cause("receipt", stat="ENROUTE"), is_change=False)
    told = await record_of(caller, message)
    assert told["status"] == "message buffered"
    assert told["delivery_receipts"] == [
        {
            "status": "smsc submit",
            "status_code": None,
            "status_code_description": "Message has been sent",
            "timestamp": "2027-01-15T08:00:01.000000Z",
            "level": 1,
        },
        {
            "status": "message buffered",
            "status_code": 1003,
            "status_code_description": "Message accepted by Carrier",
            "timestamp": "2027-01-15T08:00:02.500000Z",
            "level": 2,
        },
    ]
    caller.gateway.run(message, Status.DELIVERED, stat="DELIVRD", err="000")
    told = await record_of(caller, message)
    assert (told["status"], len(told["delivery_receipts"])) == ("delivered", 3)


@pytest.mark.parametrize(
    ("stat", "err", "status", "code"),
    [
        ("UNDELIV", "150", "undelivered", None),
        ("REJECTD", "060", "rejected", None),
        ("REJECTD", "015", "message filtered", 1010),
        ("EXPIRED", "", "expired", None),
        ("SKIPPED", "", "skipped", None),
        ("", "", "undelivered", None),
    ],
)
async def test_level_2_comes_from_the_table(stat: str, err: str, status: str, code: int | None) -> None:
    table = {**RECEIPTS, "REJECTD:015": Receipt(status="message filtered", status_code=1010)}
    caller = caller_with(receipts=table)
    message = await sent(caller)
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    caller.gateway.step(message, Status.UNDELIVERED, Cause("receipt", stat=stat, err=err))
    told = await record_of(caller, message)
    assert (told["status"], told["delivery_receipts"][-1]["status_code"]) == (status, code)
    assert told["delivery_receipts"][-1]["level"] == 2


def test_only_1003_is_a_code_by_default() -> None:
    assert {row.status_code for row in RECEIPTS.values()} == {None, 1003}
    assert (BUFFERED.status, BUFFERED.description) == ("message buffered", "Message accepted by Carrier")


async def test_a_message_that_never_left_has_a_failed_level_1(caller: Caller) -> None:
    message = await sent(caller)
    caller.gateway.run(message, Status.FAILED, key="no_route")
    told = await record_of(caller, message)
    assert [(one["status"], one["level"]) for one in told["delivery_receipts"]] == [("failed", 1)]
    assert told["status"] == "failed"


async def test_another_keys_record_is_not_found(caller: Caller) -> None:
    message = await sent(caller)
    response = await caller.call("GET", f"{MESSAGES}/{message.id}", auth=("other", "x"))
    assert (response.status_code, response.json()["errors"][0]["status"]) == (404, 404)


async def test_records_are_listed_in_pages(caller: Caller) -> None:
    ids = [(await sent(caller)).id for _ in range(5)][::-1]
    page = await caller.get(MESSAGES, start_date="2027-01-15", limit=2)
    found = [[one["id"] for one in page["data"]]]
    while "next" in page["links"]:
        page = (await caller.call("GET", page["links"]["next"])).json()
        found.append([one["id"] for one in page["data"]])
    assert found == [ids[:2], ids[2:4], ids[4:]]


async def test_records_are_listed_by_date(caller: Caller) -> None:
    first = await sent(caller)
    caller.gateway.time += 86_400.0
    second = await sent(caller)

    async def found(**params: str) -> list[str]:
        return [one["id"] for one in (await caller.get(MESSAGES, **params))["data"]]

    assert await found(start_date="2027-01-15") == [second.id, first.id]
    assert await found(start_date="2027-01-15", end_date="2027-01-15") == [first.id]
    assert await found(start_date="2027-01-15T09:00:00Z", end_date="2027-01-16T09:00:00Z") == [second.id]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"start_date": "x"},
        {"start_date": "2027-01-15", "end_date": "x"},
        {"start_date": "2027-01-15", "limit": "0"},
    ],
)
async def test_a_list_says_what_is_wrong_with_it(caller: Caller, params: dict[str, str]) -> None:
    response = await caller.call("GET", MESSAGES, params=params)
    assert response.json()["errors"][0]["status"] == response.status_code == 422


# --- Webhooks ---


async def test_receipts_of_both_levels_are_told(caller: Caller) -> None:
    message = await sent(caller, dlr_callback="http://127.0.0.1:9/m")
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    caller.gateway.run(message, Status.DELIVERED, stat="DELIVRD")
    one, two = caller.gateway.callbacks
    assert json.loads(one.body) == {
        "data": {
            "attributes": {
                "body": "hi",
                "level": 1,
                "status": "smsc submit",
                "status_code": None,
                "status_code_description": "Message has been sent",
                "timestamp": "2027-01-15T08:00:01.000000Z",
            },
            "id": message.id,
            "links": {"related": f"http://gateway.test/v2.1/messages/{message.id}"},
            "type": "delivery_receipt",
        }
    }
    assert json.loads(two.body)["data"]["attributes"]["level"] == 2
    assert (two.url, two.about, dict(two.headers)) == ("http://127.0.0.1:9/m", message.id, {"content-type": TYPE})


async def test_a_message_goes_before_its_number_and_that_before_the_account() -> None:
    caller = caller_with({"dlr_callback": "http://127.0.0.1:9/configured"})

    async def told(**fields: Any) -> str:
        message = await sent(caller, **fields)
        caller.gateway.run(message, Status.INITIATED, Status.SENT)
        return caller.gateway.callbacks[-1].url

    assert await told() == "http://127.0.0.1:9/configured"
    put = {"data": {"attributes": {"callback_url": "http://127.0.0.1:9/account"}}}
    response = await caller.call("PUT", f"{MESSAGES}/dlr_callback", put)
    assert (response.status_code, response.json()) == (200, put)
    assert await told() == "http://127.0.0.1:9/account"
    path = f"/v2/numbers/{FROM}/relationships/dlr_callback"
    assert (await caller.call("POST", path, {"callback_url": "http://127.0.0.1:9/number"})).status_code == 200
    assert await told() == "http://127.0.0.1:9/number"
    assert await told(**{"from": "24273"}) == "http://127.0.0.1:9/account"
    assert await told(dlr_callback="http://127.0.0.1:9/message") == "http://127.0.0.1:9/message"


async def test_without_a_webhook_nothing_is_told(caller: Caller) -> None:
    message = await sent(caller)
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    caller.gateway.arrive(TO, FROM, "hi")
    assert caller.gateway.callbacks == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{MESSAGES}/fax_callback", {"callback_url": "http://127.0.0.1:9/"}, 405),
        (f"{MESSAGES}/sms_callback", {"callback_url": "nowhere"}, 422),
        (f"{MESSAGES}/sms_callback", {}, 422),
        (f"{MESSAGES}/sms_callback", {"data": 7}, 422),
        ("/v2/numbers/12065550100/relationships/sms_callback", {"callback_url": "http://127.0.0.1:9/"}, 404),
        (f"/v2/numbers/{FROM}/relationships/fax_callback", {"callback_url": "http://127.0.0.1:9/"}, 404),
        ("/v2/numbers/1/relationships/sms_callback", {"callback_url": "http://127.0.0.1:9/"}, 404),
    ],
)
async def test_a_webhook_that_cannot_be_set_is_refused(caller: Caller, path: str, body: Any, status: int) -> None:
    response = await caller.call("POST" if path.startswith("/v2/") else "PUT", path, body)
    assert response.json()["errors"][0]["status"] == response.status_code == status


async def test_an_inbound_message_is_told_whole() -> None:
    caller = caller_with(
        {"sms_callback": "http://127.0.0.1:9/account"},
        numbers=[number("12065550102", K, "flowroute", settings={"sms_callback": "http://127.0.0.1:9/number"})],
    )
    caller.gateway.arrive(TO, FROM, "hi")
    caller.gateway.arrive(TO, "12065550102", "hi")
    one, two = caller.gateway.callbacks
    assert (one.url, two.url) == ("http://127.0.0.1:9/account", "http://127.0.0.1:9/number")
    assert json.loads(one.body) == {
        "data": {
            "type": "message",
            "id": "in-0",
            "attributes": {
                "body": "hi",
                "amount_nanodollars": 0,
                "amount_display": "$0.0000",
                "to": FROM,
                "from": TO,
                "message_encoding": 0,
                "timestamp": "2027-01-15T08:00:00.000000Z",
                "is_mms": False,
                "message_type": "longcode",
                "status": "delivered",
                "direction": "inbound",
                "delivery_receipts": [],
                "message_callback_url": "http://127.0.0.1:9/account",
            },
        }
    }
    (record, _) = (await caller.get(MESSAGES, start_date="2027-01-15"))["data"]
    assert (record["attributes"]["direction"], record["attributes"]["status"]) == ("inbound", "delivered")

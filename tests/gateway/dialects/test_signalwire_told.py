"""What SignalWire tells of messages: redaction, logs, signed callbacks, and questions about what comes in."""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from simulator.gateway.dialects.signalwire.settings import SHORTENERS
from simulator.gateway.messages import Answer, Callback, Status
from tests.gateway.dialects.at_signalwire import FROM, LOGS, MESSAGES, TO, P, caller_with, created
from tests.gateway.dialects.small import NOW, Caller


@pytest.fixture
def caller() -> Caller:
    return caller_with()


# --- Redacting ---


async def test_a_message_is_redacted_for_good(caller: Caller) -> None:
    message = await created(caller, status_callback="http://127.0.0.1:9/s")
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    response = await caller.call("PATCH", f"{MESSAGES}/{message.id}", {"body": ""})
    assert (response.status_code, response.json()["body"], response.json()["status"]) == (200, "", "sent")
    caller.gateway.run(message, Status.DELIVERED, stat="DELIVRD")
    assert json.loads(caller.gateway.callbacks[-1].body)["body"] == ""
    assert (await caller.get(f"{LOGS}/{message.id}"))["charge"] == 0.00415


@pytest.mark.parametrize("status", [Status.QUEUED, Status.INITIATED])
async def test_a_message_in_progress_is_not_redacted(caller: Caller, status: Status) -> None:
    message = await created(caller)
    message.status = status
    response = await caller.call("PATCH", f"{MESSAGES}/{message.id}", {"body": ""})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["code"], error["attribute"]) == (
        422,
        "cannot_redact_in_progress_message",
        "base",
    )
    assert message.order.text


@pytest.mark.parametrize("body", [{}, {"body": "x"}, {"body": None}])
async def test_redacting_takes_an_empty_body_only(caller: Caller, body: dict[str, Any]) -> None:
    message = await created(caller)
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    response = await caller.call("PATCH", f"{MESSAGES}/{message.id}", body)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["code"], error["attribute"]) == (422, "body_must_be_empty", "body")


async def test_redacting_needs_json(caller: Caller) -> None:
    assert (await caller.call("PATCH", f"{MESSAGES}/x", content=b"{")).status_code == 400


# --- Logs ---


async def test_a_log_tells_the_charge_once_it_is_sent(caller: Caller) -> None:
    message = await created(caller)
    told = await caller.get(f"{LOGS}/{message.id}")
    assert (told["charge"], told["charge_details"]) == (0, [])
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    told = await caller.get(f"{LOGS}/{message.id}")
    assert told == {
        "id": message.id,
        "from": FROM,
        "to": TO,
        "status": "sent",
        "direction": "outbound-api",
        "kind": "sms",
        "source": "realtime_api",
        "type": "relay_message",
        "url": None,
        "number_of_segments": 1,
        "charge": 0.00415,
        "charge_details": [{"description": "Outbound SMS", "charge": 0.00415}],
        "created_at": "2027-01-15T08:00:00Z",
        "error_code": None,
        "error_message": None,
    }


async def test_carrier_fees_are_passed_through() -> None:
    caller = caller_with(carrier_fees={"T-Mobile": 0.0045})
    message = await created(caller)
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    assert (await caller.get(f"{LOGS}/{message.id}"))["charge_details"] == [
        {"description": "Outbound SMS", "charge": 0.00415},
        {"description": "Carrier passthrough fee", "charge": 0.0045},
    ]


async def test_logs_are_walked_forwards_and_backwards_while_new_ones_come(caller: Caller) -> None:
    ids = [(await created(caller)).id for _ in range(5)][::-1]
    page = await caller.get(LOGS, page_size=2)
    pages = [page]
    while "next" in page["links"]:
        await created(caller)
        page = (await caller.call("GET", page["links"]["next"])).json()
        pages.append(page)
    assert [[one["id"] for one in each["data"]] for each in pages] == [ids[:2], ids[2:4], ids[4:]]
    assert "prev" not in pages[0]["links"]
    assert parse_qs(urlsplit(pages[0]["links"]["next"]).query)["page_token"] == ["PA" + ids[1]]
    assert parse_qs(urlsplit(pages[2]["links"]["prev"]).query)["page_token"] == ["PB" + ids[4]]
    back = (await caller.call("GET", pages[2]["links"]["prev"])).json()
    assert [one["id"] for one in back["data"]] == ids[2:4]
    assert "next" in back["links"]
    assert pages[1]["links"]["self"] == f"{LOGS}?page_size=2&page_number=1&page_token=PA{ids[1]}"
    first = (await caller.call("GET", pages[1]["links"]["first"])).json()
    assert len(first["data"]) == 2


async def test_logs_are_filtered_by_date(caller: Caller) -> None:
    days = []
    for _ in range(3):
        days.append((await created(caller)).id)
        caller.gateway.time += 86_400.0

    async def found(**params: str) -> list[str]:
        return [one["id"] for one in (await caller.get(LOGS, **params))["data"]]

    assert await found(created_on="2027-01-16") == [days[1]]
    assert await found(created_after="2027-01-15") == [days[2], days[1]]
    assert await found(created_before="2027-01-16") == [days[0]]
    assert await found(created_after="2027-01-16T08:00:00Z") == [days[2], days[1]]
    assert await found(created_after="2027-01-15", created_before="2027-01-17", include_deleted="true") == [days[1]]


@pytest.mark.parametrize(
    ("params", "code", "attribute"),
    [
        ({"created_on": "yesterday"}, "datetime_required", "created_on"),
        ({"created_before": "2027-13-01"}, "datetime_required", "created_before"),
        ({"page_number": "1"}, "page_token_required", "page_token"),
        ({"page_number": "1", "page_token": "XX1"}, "page_token_required", "page_token"),
        ({"page_number": "1", "page_token": "PA"}, "page_token_required", "page_token"),
    ],
)
async def test_a_query_that_breaks_a_rule_is_named(
    caller: Caller, params: dict[str, str], code: str, attribute: str
) -> None:
    response = await caller.call("GET", LOGS, params=params)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["code"], error["attribute"]) == (422, code, attribute)


@pytest.mark.parametrize(
    "params",
    [{"page_size": "0"}, {"page_size": "1001"}, {"page_size": "x"}, {"include_deleted": "1"}, {"page_number": "-1"}],
)
async def test_nonsense_in_a_query_is_a_bad_request(caller: Caller, params: dict[str, str]) -> None:
    assert (await caller.call("GET", LOGS, params=params)).status_code == 400


async def test_logs_reach_back_so_far() -> None:
    caller = caller_with(history_days=30)
    response = await caller.call("GET", LOGS, params={"created_after": "2026-01-01"})
    (error,) = response.json()["errors"]
    assert (error["type"], error["code"]) == ("account_error", "exceeds_history_logs_limit")
    await caller.get(LOGS, created_after="2027-01-01")


# --- Callbacks ---


def of_sha1(url: str, body: bytes) -> str:
    return hmac.new(b"PSK-demo-signalwire", url.encode() + body, hashlib.sha1).hexdigest()


async def test_each_change_of_status_is_told_and_signed(caller: Caller) -> None:
    message = await created(caller, status_callback="http://127.0.0.1:9/s", custom_variables={"a": "b"})
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    caller.gateway.step(message, Status.SENT, is_change=False)
    caller.gateway.time += 2.5
    caller.gateway.run(message, Status.UNDELIVERED, stat="UNDELIV", err="150")
    told = [json.loads(callback.body) for callback in caller.gateway.callbacks]
    assert [one["status"] for one in told] == ["initiated", "sent", "undelivered"]
    assert told[2] == {
        "id": message.id,
        "project_id": P,
        "status": "undelivered",
        "to": TO,
        "from": FROM,
        "body": "Your order has shipped!",
        "number_of_segments": 1,
        "timestamp": "2027-01-15T08:00:02Z",
        "error_code": "unknown_destination_handset",
        "error_message": "The destination is not known.",
        "custom_variables": {"a": "b"},
    }
    for callback in caller.gateway.callbacks:
        assert callback.url == "http://127.0.0.1:9/s"
        assert dict(callback.headers)["X-SignalWire-Signature"] == of_sha1(callback.url, callback.body)
        assert callback.about == message.id


async def test_without_a_callback_nothing_is_told(caller: Caller) -> None:
    message = await created(caller)
    caller.gateway.run(message, Status.INITIATED, Status.SENT)
    assert caller.gateway.callbacks == []


async def test_without_a_key_nothing_is_signed() -> None:
    caller = caller_with({"signing_key": ""})
    message = await created(caller, status_callback="http://127.0.0.1:9/s")
    caller.gateway.run(message, Status.INITIATED)
    assert dict(caller.gateway.callbacks[0].headers) == {"content-type": "application/json"}


# --- Inbound ---


async def test_an_inbound_message_asks_for_swml(caller: Caller) -> None:
    caller.gateway.arrive("12025550100", "12065550100", "hi")
    (callback,) = caller.gateway.callbacks
    assert (callback.url, callback.wants_answer) == ("http://127.0.0.1:9/in", True)
    assert json.loads(callback.body) == {
        "message": {
            "message_id": "in-0",
            "project_id": P,
            "space_id": "demo",
            "direction": "inbound",
            "type": "sms",
            "from": "+12025550100",
            "to": "+12065550100",
            "body": "hi",
            "media": [],
            "segments": 1,
            "timestamp": "2027-01-15T08:00:00Z",
        },
        "params": {},
    }
    assert dict(callback.headers)["X-SignalWire-Signature"] == of_sha1(callback.url, callback.body)
    (log,) = (await caller.get(LOGS))["data"]
    assert (log["status"], log["direction"]) == ("received", "inbound")


async def test_an_inbound_message_for_a_number_without_a_url_does_nothing(caller: Caller) -> None:
    caller.gateway.arrive("12025550100", "18005550100", "hi")
    assert caller.gateway.callbacks == []
    assert len((await caller.get(LOGS))["data"]) == 1


async def test_a_keyword_that_was_answered_asks_nobody(caller: Caller) -> None:
    caller.gateway.arrive("12025550100", "12065550100", "STOP", keyword="stop", is_answered=True)
    assert caller.gateway.callbacks == []


def answered(caller: Caller, callback: Callback, body: str | bytes, status: int = 200) -> list[tuple[str, str, str]]:
    """Source, destination and text of what is ordered for an answer."""
    octets = body if isinstance(body, bytes) else body.encode()
    orders = caller.dialect.answered(callback, Answer(status, "", octets))
    return [(order.source, order.destination, order.text) for order in orders]


SWML_CASES = [
    ({"reply": {"body": "Thanks"}}, [("12065550100", "12025550100", "Thanks")]),
    ({"reply": "Thanks"}, [("12065550100", "12025550100", "Thanks")]),
    (
        {"send_sms": {"to_number": "+12025550177", "from_number": "+18005550100", "body": "Fwd: %{message.body}"}},
        [("18005550100", "12025550177", "Fwd: hi there")],
    ),
    ({"send_sms": {"to_number": "+12025550177", "body": "x"}}, [("12065550100", "12025550177", "x")]),
    ({"send_sms": {"to_number": "somebody", "body": "x"}}, []),
    ({"send_sms": {"to_number": "+12025550177", "from_number": "+12065550199", "body": "x"}}, []),
    ({"reply": {"body": ""}}, []),
    ({"transfer": "x"}, []),
]


@pytest.mark.parametrize(("method", "orders"), SWML_CASES)
def test_a_swml_document_replies_and_forwards(caller: Caller, method: Any, orders: list[tuple[str, str, str]]) -> None:
    caller.gateway.arrive("12025550100", "12065550100", "hi there")
    (callback,) = caller.gateway.callbacks
    assert answered(caller, callback, json.dumps({"version": "1.0.0", "sections": {"main": [method]}})) == orders


def test_swml_is_read_until_a_method_that_is_unknown(caller: Caller) -> None:
    caller.gateway.arrive("12025550100", "12065550100", "hi")
    main = [{"reply": "1"}, {"switch": {}}, {"reply": "2"}]
    found = answered(caller, caller.gateway.callbacks[0], json.dumps({"sections": {"main": main}}))
    assert [text for _, _, text in found] == ["1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"sections": {}}',
        b'{"sections": {"main": {}}}',
        b"[" * 50_000,
        b'{"sections": {"main": [{"reply": "\\ud83d"}]}}',
    ],
)
def test_what_is_no_swml_is_no_reply(caller: Caller, body: bytes) -> None:
    caller.gateway.arrive("12025550100", "12065550100", "hi")
    assert answered(caller, caller.gateway.callbacks[0], body) == []


@pytest.mark.parametrize("status", [0, 302, 404, 500])
def test_an_answer_that_is_no_success_is_no_reply(caller: Caller, status: int) -> None:
    caller.gateway.arrive("12025550100", "12065550100", "hi")
    assert answered(caller, caller.gateway.callbacks[0], '{"sections": {"main": [{"reply": "x"}]}}', status) == []


@pytest.fixture
def cxml() -> Caller:
    caller = caller_with({"message_url": "http://127.0.0.1:9/x?a=b", "message_kind": "cxml"})
    caller.gateway.arrive("12025550100", "18005550100", "hi you")
    return caller


def test_cxml_is_asked_by_a_signed_form(cxml: Caller) -> None:
    (callback,) = cxml.gateway.callbacks
    form = dict(parse_qsl(callback.body.decode()))
    assert form == {
        "MessageSid": "in-0",
        "AccountSid": P,
        "From": "+12025550100",
        "To": "+18005550100",
        "Body": "hi you",
        "NumMedia": "0",
    }
    told = callback.url + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.new(b"PSK-demo-signalwire", told.encode(), hashlib.sha1).digest()).decode()
    assert dict(callback.headers)["X-SignalWire-Signature"] == signature


@pytest.mark.parametrize(
    ("document", "orders"),
    [
        ("<Response><Message>Thanks</Message></Response>", [("18005550100", "12025550100", "Thanks")]),
        ("<Response><Message><Body>Thanks</Body></Message></Response>", [("18005550100", "12025550100", "Thanks")]),
        (
            '<Response><Message to="+12025550177" from="+12065550100">F</Message><Message>2</Message></Response>',
            [("12065550100", "12025550177", "F"), ("18005550100", "12025550100", "2")],
        ),
        ("<Response/>", []),
        ("<Response><Redirect>x</Redirect><Message>2</Message></Response>", []),
        ("<Other><Message>x</Message></Other>", []),
        ("<Response>", []),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Response><Message>&a;</Message></Response>', []),
        ("<Response><Message>" + "x" * 2000 + "</Message></Response>", [("18005550100", "12025550100", "x" * 1600)]),
    ],
)
def test_a_cxml_document_replies_and_forwards(cxml: Caller, document: str, orders: list[tuple[str, str, str]]) -> None:
    assert answered(cxml, cxml.gateway.callbacks[0], document) == orders


async def test_the_status_of_a_cxml_reply_is_told_by_a_form(cxml: Caller) -> None:
    answer = Answer(200, "text/xml", b"<Response><Message>Thanks</Message></Response>")
    (order,) = cxml.dialect.answered(cxml.gateway.callbacks[0], answer)
    order.callback = "http://127.0.0.1:9/s"
    (message,) = await cxml.gateway.accept([order])
    cxml.gateway.run(message, Status.INITIATED, Status.SENT)
    cxml.gateway.run(message, Status.UNDELIVERED, stat="REJECTD", err="015")
    forms = [dict(parse_qsl(callback.body.decode())) for callback in cxml.gateway.callbacks[1:]]
    assert [form["MessageStatus"] for form in forms] == ["sending", "sent", "undelivered"]
    assert forms[2]["ErrorCode"] == "30007"
    assert forms[2]["NumSegments"] == "1"
    log = await cxml.get(f"{LOGS}/{message.id}")
    assert (log["direction"], log["source"], log["type"]) == ("outbound-reply", "laml", "laml_message")


# --- Our own filter ---


@pytest.mark.parametrize(
    ("text", "is_filtered"),
    [
        ("see https://bit.ly/x", True),
        ("see BIT.LY/x", True),
        ("see notbit.ly/x", False),
        ("WIN money", True),
        ("hi", False),
    ],
)
async def test_the_filter_marks_what_is_to_fail(text: str, is_filtered: bool) -> None:
    caller = caller_with(filtered_hosts=SHORTENERS, filtered_words=("win",))
    message = await created(caller, body=text)
    assert message.order.extras.get("filtered", False) is is_filtered
    caller.gateway.run(message, Status.FAILED, key="filtered_platform")
    assert (await caller.get(f"{LOGS}/{message.id}"))["error_code"] == "message_filtered"


async def test_the_moment_is_that_of_the_gateway(caller: Caller) -> None:
    assert (await created(caller)).order.accepted_at == NOW

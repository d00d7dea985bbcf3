"""SignalSMS's gateway as its page tells it: dispatch, the wallet, reports, every error, and the rate in each answer."""

import json
import re
from typing import Any

import pytest

from simulator.gateway.dialects.signalsms import SignalsmsSettings, demo, demo_account, signalsms
from simulator.gateway.dialects.signalsms.countries import COUNTRIES, PREFIXES, country_of
from simulator.gateway.dialects.signalsms.settings import Account
from simulator.gateway.messages import Message, NumberKind, Status
from tests.gateway.dialects.small import NOW, Caller, SmallGateway, number

S = "demo-signalsms"
US, GB, DE = "+12025550100", "+447700900123", "+4930231250"
GOOD = {"sender": "ACME", "recipients": [US], "message": "Your code is 482910."}
DISPATCH = "/v1/sms/dispatch"


def caller_with(account: dict[str, Any] | None = None, backlog: int = 10_000, **more: Any) -> Caller:
    """A caller of an account with these differences from the demo."""
    told = {**demo().accounts[0].model_dump(), **(account or {})}
    settings = SignalsmsSettings(accounts=(Account(**told), Account(space="other", api_keys=("sig_other",))), **more)
    name = NumberKind.ALPHANUMERIC
    gateway = SmallGateway(
        number("ACME", S, "signalsms", name, settings={"created_at": "2026-05-10T08:00:00Z"}),
        number("Waiting", S, "signalsms", name, settings={"status": "pending"}),
        number("12065550103", S, "signalsms"),
        number("Theirs", "other", "signalsms", name),
        backlog=backlog,
        networks={"1": "T-Mobile US", "44": "Vodafone UK"},
    )
    return Caller(gateway, signalsms(gateway, settings), authorization="Bearer sig_live_demo")


@pytest.fixture
def caller() -> Caller:
    return caller_with()


async def dispatched(caller: Caller, **fields: Any) -> Any:
    """The answer to a dispatch."""
    response = await caller.call("POST", DISPATCH, {**GOOD, **fields})
    assert response.status_code == 200, response.text
    return response.json()


async def refused(caller: Caller, status: int, **fields: Any) -> str:
    """The sentence of an error; its word must be that of its status."""
    words = {400: "bad_request", 402: "insufficient_balance", 404: "not_found", 503: "unavailable"}
    body = {name: value for name, value in {**GOOD, **fields}.items() if value is not None}
    response = await caller.call("POST", DISPATCH, body)
    assert response.status_code == status, response.text
    assert set(response.json()) == {"error", "message"}
    assert response.json()["error"] == words[status]
    assert caller.gateway.messages == []
    return str(response.json()["message"])


# --- Dispatch and the wallet ---


async def test_the_arithmetic_is_that_of_the_sample() -> None:
    caller = caller_with({"topups": 124.50})
    told = await dispatched(caller, recipients=[US, GB], fast_dispatch=True)
    assert re.fullmatch(r"msg_[0-9a-f]{16}", told.pop("message_id"))
    assert told == {
        "status": "queued",
        "recipients_count": 2,
        "segments": 1,
        "cost": "0.046",
        "currency": "EUR",
        "remaining_balance": "124.454",
    }
    assert (await caller.get("/v1/account/balance"))["balance"] == "124.454"


async def test_each_recipient_is_an_order_of_the_same_batch(caller: Caller) -> None:
    told = await dispatched(caller, recipients=[US, GB, US])
    orders = [message.order for message in caller.gateway.messages]
    assert [order.id for order in orders] == [f"{told['message_id']}:{place}" for place in range(3)]
    assert [order.destination for order in orders] == ["12025550100", "447700900123", "12025550100"]
    assert {(order.batch, order.space, order.source) for order in orders} == {(told["message_id"], S, "ACME")}


async def test_the_price_is_that_of_country_and_segments(caller: Caller) -> None:
    told = await dispatched(caller, recipients=[DE, US, "+33639980001"], message="a" * 161)
    assert (told["segments"], told["cost"]) == (2, "0.302")


async def test_fast_dispatch_goes_first_and_may_cost_more() -> None:
    caller = caller_with(fast_surcharge=0.002)
    assert (await dispatched(caller, fast_dispatch=True))["cost"] == "0.02"
    order = caller.gateway.messages[0].order
    assert (order.is_urgent, order.extras) == (True, {"fast": True})
    await dispatched(caller)
    assert caller.gateway.messages[1].order.is_urgent is False


async def test_500_recipients_are_taken_and_501_are_not(caller: Caller) -> None:
    assert (await dispatched(caller, recipients=[US] * 500))["recipients_count"] == 500
    response = await caller.call("POST", DISPATCH, {**GOOD, "recipients": [US] * 501})
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")
    assert len(caller.gateway.messages) == 500


async def test_a_wallet_is_spent_to_nothing_and_never_in_part() -> None:
    caller = caller_with({"topups": 0.053})
    assert (await dispatched(caller, recipients=[US, US]))["remaining_balance"] == "0.017"
    response = await caller.call("POST", DISPATCH, {**GOOD, "recipients": [US]})
    assert (response.status_code, response.json()["error"]) == (402, "insufficient_balance")
    assert len(caller.gateway.messages) == 2
    assert (await caller.get("/v1/account/balance"))["balance"] == "0.017"


async def test_exactly_what_is_there_may_be_spent() -> None:
    caller = caller_with({"topups": 0.018})
    assert (await dispatched(caller))["remaining_balance"] == "0.00"


async def test_the_success_status_is_a_knob() -> None:
    assert (await caller_with(success_status=202).call("POST", DISPATCH, GOOD)).status_code == 202


async def test_a_number_may_be_the_sender(caller: Caller) -> None:
    for sender in ("+12065550103", "12065550103"):
        await dispatched(caller, sender=sender)
    assert {message.order.source for message in caller.gateway.messages} == {"12065550103"}


async def test_a_scheduled_dispatch_waits_and_is_paid_for(caller: Caller) -> None:
    told = await dispatched(caller, schedule_at="2027-01-15T10:00:00+01:00")
    assert caller.gateway.messages[0].order.scheduled_at == NOW + 3600
    assert told["remaining_balance"] == "999.982"
    assert (await caller.get(f"/v1/sms/status/{told['message_id']}"))["status"] == "scheduled"
    caller.gateway.time += 3600
    assert (await caller.get(f"/v1/sms/status/{told['message_id']}"))["status"] == "queued"


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "http://127.0.0.1:9/x", "http://localhost/x", "http://[::1]:9/x"]
)
async def test_callbacks_go_by_https_or_to_this_machine(caller: Caller, url: str) -> None:
    await dispatched(caller, callback_url=url)
    assert caller.gateway.messages[0].order.callback == url


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"sender": None}, "sender"),
        ({"sender": "TwelveLetter"}, "sender"),
        ({"sender": "AC ME"}, "sender"),
        ({"sender": 7}, "sender"),
        ({"recipients": None}, "recipients"),
        ({"recipients": []}, "recipients"),
        ({"recipients": US}, "recipients"),
        ({"recipients": [US, "12025550100"]}, "recipients[1]"),
        ({"recipients": ["+0202555010"]}, "recipients[0]"),
        ({"recipients": ["+1234567890123456"]}, "recipients[0]"),
        ({"recipients": [7]}, "recipients[0]"),
        ({"recipients": ["+9990123456"]}, "recipients"),
        ({"message": None}, "message"),
        ({"message": ""}, "message"),
        ({"message": 7}, "message"),
        ({"message": "a" * 1531}, "message"),
        ({"fast_dispatch": 1}, "fast_dispatch"),
        ({"schedule_at": "tomorrow"}, "schedule_at"),
        ({"schedule_at": "2027-01-16"}, "schedule_at"),
        ({"schedule_at": "2027-01-16T08:00:00"}, "schedule_at"),
        ({"schedule_at": "2027-01-15T08:00:00Z"}, "schedule_at"),
        ({"schedule_at": "0001-01-01T00:00:00+23:00"}, "schedule_at"),
        ({"schedule_at": 7}, "schedule_at"),
        ({"callback_url": "http://example.com/x"}, "callback_url"),
        ({"callback_url": "http://127.0.0.1.example.com/x"}, "callback_url"),
        ({"callback_url": "https://"}, "callback_url"),
        ({"callback_url": 7}, "callback_url"),
    ],
)
async def test_a_bad_field_is_named(caller: Caller, fields: dict[str, Any], named: str) -> None:
    assert (await refused(caller, 400, **fields)).startswith(named + ":")


@pytest.mark.parametrize("sender", ["Nobody", "Waiting", "Theirs", "+12065550199"])
async def test_a_sender_that_is_not_registered_is_not_found(caller: Caller, sender: str) -> None:
    assert sender in await refused(caller, 404, sender=sender)


async def test_a_full_backlog_and_the_end_are_503() -> None:
    caller = caller_with(backlog=1)
    await refused(caller, 503, recipients=[US, US])
    caller.gateway.is_closing = True
    await refused(caller, 503)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"message": "\\udead"}'])
async def test_a_body_that_is_no_json_is_a_bad_request(caller: Caller, content: bytes) -> None:
    response = await caller.call("POST", DISPATCH, content=content)
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")


# --- Who may, and how often ---


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic c2lnX2xpdmVfZGVtbzo=", "Bearer sig_live_dem"])
async def test_only_a_good_key_may(caller: Caller, header: str) -> None:
    for method, path in (("POST", DISPATCH), ("GET", "/v1/sms/status/x"), ("GET", "/v1/rates"), ("GET", "/v1/senders")):
        response = await caller.call(method, path, headers={"authorization": header})
        assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
        assert "X-RateLimit-Remaining" in response.headers


async def test_every_answer_tells_what_is_left(caller: Caller) -> None:
    first = await caller.call("GET", "/v1/senders")
    second = await caller.call("POST", DISPATCH, {})
    assert [one.headers["X-RateLimit-Remaining"] for one in (first, second)] == ["99", "98"]
    assert first.headers["X-RateLimit-Reset"] == str(int(NOW) + 60)


async def test_too_many_requests_wait_for_the_reset() -> None:
    caller = caller_with({"api_keys": ("sig_live_demo", "sig_second")}, requests_per_minute=2)
    for _ in range(2):
        await caller.get("/v1/senders")
    over = await caller.call("POST", DISPATCH, GOOD)
    assert (over.status_code, over.json()["error"], over.headers["X-RateLimit-Remaining"]) == (429, "rate_limited", "0")
    assert caller.gateway.messages == []
    for other in ("sig_other", "sig_second"):
        headers = {"authorization": f"Bearer {other}"}
        assert (await caller.call("GET", "/v1/senders", headers=headers)).status_code == 200
    caller.gateway.time = float(over.headers["X-RateLimit-Reset"])
    await dispatched(caller)


async def test_the_demo_account_is_one_that_works(caller: Caller) -> None:
    account = demo_account()
    headers = {"authorization": f"Bearer {account['api_key']}"}
    response = await caller.call("POST", DISPATCH, {**GOOD, "sender": account["sender"]}, headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "error"), [("GET", "/v1/nothing", "not_found"), ("DELETE", DISPATCH, "bad_request")]
)
async def test_the_frameworks_own_refusals_have_the_shape(caller: Caller, method: str, path: str, error: str) -> None:
    assert (await caller.call(method, path)).json()["error"] == error


# --- What became of it ---


def of(caller: Caller, place: int) -> Message:
    return caller.gateway.messages[place]


async def test_a_status_reports_each_recipient(caller: Caller) -> None:
    told = await dispatched(caller, recipients=[US, GB])
    path = f"/v1/sms/status/{told['message_id']}"
    for place in (0, 1):
        caller.gateway.run(of(caller, place), Status.INITIATED, Status.SENT)
    assert (await caller.get(path))["status"] == "sent"
    caller.gateway.time += 1.84
    caller.gateway.run(of(caller, 0), Status.DELIVERED, stat="DELIVRD")
    assert (await caller.get(path))["delivered_at"] is None
    caller.gateway.time += 0.47
    caller.gateway.run(of(caller, 1), Status.DELIVERED, stat="DELIVRD")
    assert await caller.get(path) == {
        "message_id": told["message_id"],
        "status": "delivered",
        "created_at": "2027-01-15T08:00:00Z",
        "delivered_at": "2027-01-15T08:00:02Z",
        "reports": [
            {"recipient": US, "status": "delivered", "carrier": "T-Mobile US", "latency_ms": 1840},
            {"recipient": GB, "status": "delivered", "carrier": "Vodafone UK", "latency_ms": 2310},
        ],
    }
    assert await caller.get("/v1/sms/status", message_id=told["message_id"]) == await caller.get(path)


@pytest.mark.parametrize(
    ("ends", "status", "reports"),
    [
        ([("UNDELIV", Status.UNDELIVERED), ("EXPIRED", Status.UNDELIVERED)], "failed", ["failed", "expired"]),
        ([("DELIVRD", Status.DELIVERED), ("REJECTD", Status.UNDELIVERED)], "partial", ["delivered", "rejected"]),
        ([("DELIVRD", Status.DELIVERED), ("", Status.FAILED)], "partial", ["delivered", "failed"]),
    ],
)
async def test_recipients_may_end_differently(
    caller: Caller, ends: list[tuple[str, Status]], status: str, reports: list[str]
) -> None:
    told = await dispatched(caller, recipients=[US, US])
    for place, (stat, end) in enumerate(ends):
        caller.gateway.run(of(caller, place), end, stat=stat)
    found = await caller.get(f"/v1/sms/status/{told['message_id']}")
    assert found["status"] == status
    assert [report["status"] for report in found["reports"]] == reports


async def test_a_message_that_waited_too_long_is_expired(caller: Caller) -> None:
    told = await dispatched(caller)
    caller.gateway.run(of(caller, 0), Status.FAILED, key="queue_expired")
    assert (await caller.get(f"/v1/sms/status/{told['message_id']}"))["reports"][0]["status"] == "expired"


async def test_the_latency_of_a_scheduled_message_begins_at_its_hour(caller: Caller) -> None:
    told = await dispatched(caller, schedule_at="2027-01-15T09:00:00Z", recipients=[DE])
    caller.gateway.time += 3601.0
    caller.gateway.run(of(caller, 0), Status.INITIATED, Status.SENT, Status.DELIVERED)
    (report,) = (await caller.get(f"/v1/sms/status/{told['message_id']}"))["reports"]
    assert (report["latency_ms"], report["carrier"]) == (1000, None)


@pytest.mark.parametrize("path", ["/v1/sms/status/msg_0", "/v1/sms/status?message_id=msg_0"])
async def test_an_unknown_message_is_not_found(caller: Caller, path: str) -> None:
    response = await caller.call("GET", path)
    assert (response.status_code, response.json()["error"]) == (404, "not_found")


async def test_another_accounts_message_is_not_found(caller: Caller) -> None:
    told = await dispatched(caller)
    headers = {"authorization": "Bearer sig_other"}
    assert (await caller.call("GET", f"/v1/sms/status/{told['message_id']}", headers=headers)).status_code == 404


async def test_a_status_of_nothing_is_a_bad_request(caller: Caller) -> None:
    assert (await caller.call("GET", "/v1/sms/status")).status_code == 400


# --- Wallet, rates, senders ---


async def test_the_balance_tells_the_last_topup() -> None:
    caller = caller_with({"topups": 124.5, "last_topup": "2026-05-28T10:15:00Z", "last_topup_amount": 50.0})
    assert await caller.get("/v1/account/balance") == {
        "balance": "124.50",
        "currency": "USDT",
        "last_topup": "2026-05-28T10:15:00Z",
        "last_topup_amount": "50.00",
    }
    other = await caller.call("GET", "/v1/account/balance", headers={"authorization": "Bearer sig_other"})
    assert other.json() == {"balance": "0.00", "currency": "USDT", "last_topup": None, "last_topup_amount": None}


async def test_rates_are_those_of_the_sample_and_of_190_countries_more(caller: Caller) -> None:
    for code, name, price in (
        ("US", "United States", 0.018),
        ("de", "Germany", 0.068),
        ("GB", "United Kingdom", 0.028),
    ):
        rate = {"country": code.upper(), "name": name, "price_eur": price, "route": "direct"}
        assert (await caller.get("/v1/rates", country=code))["rates"] == [rate]
    assert len((await caller.get("/v1/rates"))["rates"]) >= 190
    unknown = await caller.call("GET", "/v1/rates", params={"country": "XX"})
    assert (unknown.status_code, unknown.json()["error"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("digits", "iso"),
    [
        ("12025550100", "US"),
        ("14165550100", "CA"),
        ("18765550100", "JM"),
        ("447700900123", "GB"),
        ("77010000000", "KZ"),
        ("79000000000", "RU"),
        ("35699000000", "MT"),
    ],
)
def test_a_country_is_the_one_of_the_longest_prefix(digits: str, iso: str) -> None:
    country = country_of(digits)
    assert country is not None
    assert country.iso == iso


def test_every_country_has_a_name_and_a_prefix_that_nobody_else_has() -> None:
    assert {country.iso for country in PREFIXES.values()} == set(COUNTRIES)
    assert all(len(iso) == 2 and country.name for iso, country in COUNTRIES.items())
    assert len({country.name for country in COUNTRIES.values()}) == len(COUNTRIES)


async def test_senders_are_listed_with_their_states(caller: Caller) -> None:
    assert (await caller.get("/v1/senders"))["senders"] == [
        {"name": "ACME", "status": "approved", "created_at": "2026-05-10T08:00:00Z"},
        {"name": "Waiting", "status": "pending", "created_at": "1970-01-01T00:00:00Z"},
        {"name": "12065550103", "status": "approved", "created_at": "1970-01-01T00:00:00Z"},
    ]


# --- Webhooks ---


async def test_a_delivery_is_told_as_in_the_sample(caller: Caller) -> None:
    told = await dispatched(caller, callback_url="https://example.com/x")
    caller.gateway.run(of(caller, 0), Status.INITIATED, Status.SENT)
    caller.gateway.time += 1.84
    caller.gateway.run(of(caller, 0), Status.DELIVERED, stat="DELIVRD")
    one, two = caller.gateway.callbacks
    assert json.loads(one.body)["event"] == "sms.sent"
    assert json.loads(two.body) == {
        "event": "sms.delivered",
        "message_id": told["message_id"],
        "recipient": US,
        "status": "delivered",
        "carrier": "T-Mobile US",
        "delivered_at": "2027-01-15T08:00:01Z",
        "latency_ms": 1840,
    }
    assert two.url == "https://example.com/x"


async def test_the_global_webhook_hears_what_names_no_other() -> None:
    caller = caller_with({"webhook_url": "https://example.com/all"}, events=("sms.failed",))
    await dispatched(caller)
    await dispatched(caller, callback_url="https://example.com/own")
    caller.gateway.run(of(caller, 0), Status.INITIATED, Status.SENT, Status.UNDELIVERED)
    caller.gateway.run(of(caller, 1), Status.FAILED, key="no_route")
    told = [(callback.url, json.loads(callback.body)["event"]) for callback in caller.gateway.callbacks]
    assert told == [("https://example.com/all", "sms.failed"), ("https://example.com/own", "sms.failed")]


async def test_an_almost_empty_wallet_is_told_once() -> None:
    caller = caller_with({"topups": 0.1, "low_balance": 0.05, "webhook_url": "https://example.com/all"}, events=())
    for place in range(5):
        await dispatched(caller)
        caller.gateway.run(of(caller, place), Status.INITIATED)
    (callback,) = caller.gateway.callbacks
    told = {"event": "account.low_balance", "balance": "0.046", "currency": "USDT"}
    assert json.loads(callback.body) == told


def test_an_inbound_message_is_told_to_nobody(caller: Caller) -> None:
    caller.gateway.arrive("12025550100", "12065550103", "hi")
    assert caller.gateway.callbacks == []


@pytest.mark.parametrize("url", ["http://example.com/x", "ftp://x", "nowhere"])
def test_the_global_webhook_is_by_https_too(url: str) -> None:
    with pytest.raises(ValueError, match="must be a URL by https"):
        Account(space="a", webhook_url=url)


def test_no_two_accounts_have_one_key() -> None:
    accounts = (Account(space="a", api_keys=("sig_secret",)), Account(space="b", api_keys=("sig_secret",)))
    with pytest.raises(ValueError, match="two have the same API key") as caught:
        SignalsmsSettings(accounts=accounts)
    assert "sig_secret" not in str(caught.value)

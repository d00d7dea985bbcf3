"""The three APIs on the real core, above a carrier on the loopback: from HTTP to the handset, and back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import trio

from simulator.embed.embedded import EmbeddedSmsc, open_smsc
from simulator.gateway.config import SmscSettings, demo
from simulator.gateway.core import Core
from simulator.gateway.running import app_of
from simulator.gateway.store import Store
from tests.gateway.dialects.test_causes import CASES
from tests.gateway.kit import PATIENCE

SIGNALWIRE = ("demo-signalwire", "PT-demo-signalwire")
FLOWROUTE = ("demo-flowroute", "demo-flowroute-secret")
REFUSALS: dict[int | None, str] = {0x01: "ESME_RINVMSGLEN", 0x0A: "ESME_RINVSRCADR", 0x0B: "ESME_RINVDSTADR"}
BEARER = {"authorization": "Bearer sig_live_demo"}


@asynccontextmanager
async def served(smsc: EmbeddedSmsc, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the gateway as it is served without a file."""
    config = demo().model_copy(update={"smscs": [SmscSettings(port=smsc.port)], "pace": {}, **settings})
    store = Store(None)
    core, leave = Core(config, store), trio.Event()
    transport = httpx2.ASGITransport(app_of(core))
    try:
        async with (
            trio.open_nursery() as nursery,
            httpx2.AsyncClient(transport=transport, base_url="http://gateway.test") as client,
        ):
            await nursery.start(core.run, leave)
            yield client
            leave.set()
    finally:
        store.close()


async def polled(client: httpx2.AsyncClient, path: str, wanted: str, **options: Any) -> Any:
    """The answer of a path as soon as its status is the one that is wanted."""
    told: Any = None
    with trio.move_on_after(PATIENCE):
        while True:
            told = (await client.get(path, **options)).json()
            found = told.get("data", {}).get("attributes", told).get("status")
            if found == wanted:
                return told
            await trio.sleep(0.005)
    raise AssertionError(f"{path}: {told}")


async def test_a_message_enters_by_each_api_and_is_delivered() -> None:
    with open_smsc() as smsc:
        async with served(smsc) as client:
            one = await client.post(
                "/api/messaging/messages",
                json={"to": "+12025550101", "from": "+12065550100", "body": "a" * 200},
                auth=SIGNALWIRE,
            )
            assert one.json()["number_of_segments"] == 2
            two = await client.post(
                "/v2.1/messages", json={"to": "12025550102", "from": "12065550101", "body": "two"}, auth=FLOWROUTE
            )
            three = await client.post(
                "/v1/sms/dispatch",
                json={"sender": "ACME", "recipients": ["+12025550103", "+12025550104"], "message": "three"},
                headers=BEARER,
            )
            log = await polled(client, f"/api/messaging/logs/{one.json()['id']}", "delivered", auth=SIGNALWIRE)
            assert log["charge"] == 0.0083
            record = await polled(client, f"/v2.1/messages/{two.json()['data']['id']}", "delivered", auth=FLOWROUTE)
            assert [one["level"] for one in record["data"]["attributes"]["delivery_receipts"]] == [1, 2]
            told = await polled(client, f"/v1/sms/status/{three.json()['message_id']}", "delivered", headers=BEARER)
            assert all(report["latency_ms"] >= 0 for report in told["reports"])
            balance = (await client.get("/v1/account/balance", headers=BEARER)).json()["balance"]
            assert balance == "999.964"
        texts = {seen.destination: (seen.source, seen.text) for seen in smsc.messages()}
    assert texts == {
        "12025550101": ("12065550100", "a" * 200),
        "12025550102": ("12065550101", "two"),
        "12025550103": ("ACME", "three"),
        "12025550104": ("ACME", "three"),
    }


async def test_what_a_carrier_refuses_is_told_by_each_api() -> None:
    with open_smsc() as smsc:
        smsc.when(command="submit_sm").reject("ESME_RINVDSTADR")
        async with served(smsc) as client:
            body = {"to": "+12025550101", "from": "+12065550100", "body": "x"}
            one = await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)
            log = await polled(client, f"/api/messaging/logs/{one.json()['id']}", "failed", auth=SIGNALWIRE)
            assert (log["error_code"], log["charge"]) == ("invalid_to_number", 0)
            flat = {"to": "12025550102", "from": "12065550101", "body": "two"}
            two = await client.post("/v2.1/messages", json=flat, auth=FLOWROUTE)
            await polled(client, f"/v2.1/messages/{two.json()['data']['id']}", "failed", auth=FLOWROUTE)
            batch = {"sender": "ACME", "recipients": ["+12025550103"], "message": "three"}
            three = await client.post("/v1/sms/dispatch", json=batch, headers=BEARER)
            await polled(client, f"/v1/sms/status/{three.json()['message_id']}", "failed", headers=BEARER)


async def test_what_a_carrier_does_not_deliver_is_charged() -> None:
    with open_smsc() as smsc:
        smsc.when(destination="12025550106").deliver("UNDELIV").receipt(err="150")
        async with served(smsc) as client:
            body = {"to": "+12025550106", "from": "+12065550100", "body": "x"}
            one = await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)
            log = await polled(client, f"/api/messaging/logs/{one.json()['id']}", "undelivered", auth=SIGNALWIRE)
            assert (log["error_code"], log["charge"]) == ("unknown_destination_handset", 0.00415)


async def test_causes_cross_the_wire_and_keep_their_codes() -> None:
    """The rows of the matrix whose sender is the usual one, as a carrier really says them."""
    said = [case for case in CASES if case.setting in {"", "AT&T", "T-Mobile"}]
    said = [case for case in said if case.heard and (case.heard.stat or case.heard.command_status in REFUSALS)]
    areas = {"AT&T": "1303", "T-Mobile": "1202"}
    with open_smsc() as smsc:
        wanted, ids = {}, {}
        async with served(smsc, networks={"1303": "AT&T", "1202": "T-Mobile"}) as client:
            for place, case in enumerate(said):
                assert case.heard is not None
                to = f"{areas.get(case.setting, '1212')}55501{place:02}"
                if case.heard.command_status is None:
                    smsc.when(destination=to).deliver(case.heard.stat).receipt(err=case.heard.err)
                else:
                    smsc.when(destination=to).reject(REFUSALS[case.heard.command_status])
                wanted[to] = (case.status.value, case.code)
                body = {"to": f"+{to}", "from": "+12065550100", "body": "x"}
                ids[to] = (await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)).json()["id"]
            found = {}
            for to, message_id in ids.items():
                log = await polled(client, f"/api/messaging/logs/{message_id}", wanted[to][0], auth=SIGNALWIRE)
                found[to] = (log["status"], log["error_code"])
                assert log["charge"] == (0 if log["status"] == "failed" else 0.00415)
    assert len(found) >= 25
    assert found == wanted


async def test_two_dispatches_at_once_do_not_spend_the_same_money() -> None:
    with open_smsc() as smsc:
        wallet = demo().signalsms
        poor = wallet.model_copy(update={"accounts": (wallet.accounts[0].model_copy(update={"topups": 0.018}),)})
        answers = []
        async with served(smsc, signalsms=poor) as client:

            async def dispatch() -> None:
                body = {"sender": "ACME", "recipients": ["+12025550103"], "message": "three"}
                answers.append((await client.post("/v1/sms/dispatch", json=body, headers=BEARER)).status_code)

            async with trio.open_nursery() as nursery:
                for _ in range(5):
                    nursery.start_soon(dispatch)
        assert sorted(answers) == [200, 402, 402, 402, 402]


async def test_logs_are_walked_both_ways_as_the_store_keeps_them() -> None:
    with open_smsc() as smsc:
        async with served(smsc) as client:
            body = {"to": "+12025550101", "from": "+12065550100", "body": "x"}
            ids = [
                (await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)).json()["id"]
                for _ in range(5)
            ][::-1]
            page = (await client.get("/api/messaging/logs?page_size=2", auth=SIGNALWIRE)).json()
            found = [[one["id"] for one in page["data"]]]
            while "next" in page["links"]:
                page = (await client.get(page["links"]["next"], auth=SIGNALWIRE)).json()
                found.append([one["id"] for one in page["data"]])
            assert found == [ids[:2], ids[2:4], ids[4:]]
            back = (await client.get(page["links"]["prev"], auth=SIGNALWIRE)).json()
            assert [one["id"] for one in back["data"]] == ids[2:4]


async def test_an_inbound_stop_is_answered_by_the_platform_and_told_nobody_else() -> None:
    with open_smsc() as smsc:
        async with served(smsc) as client:
            put = {"callback_url": "http://127.0.0.1:9/in"}
            await client.put("/v2.1/messages/sms_callback", json=put, auth=FLOWROUTE)
            await smsc.aio.wait_for_bind(account="gateway")
            smsc.mo(to="12065550101", sender="12025550109", text="STOP")
            await smsc.aio.wait_for(destination="12025550109")
            (confirmation,) = smsc.messages()
            assert (confirmation.source, confirmation.destination) == ("12065550101", "12025550109")
            body = {"to": "12025550109", "from": "12065550101", "body": "more"}
            refused = await client.post("/v2.1/messages", json=body, auth=FLOWROUTE)
            await polled(client, f"/v2.1/messages/{refused.json()['data']['id']}", "failed", auth=FLOWROUTE)
            listed = await client.get("/v2.1/messages?start_date=2020-01-01&limit=50", auth=FLOWROUTE)
            kinds = [one["attributes"]["direction"] for one in listed.json()["data"]]
            assert sorted(kinds) == ["inbound", "outbound", "outbound"]


async def test_an_opt_out_is_the_customers_where_the_platform_minds_none() -> None:
    with open_smsc() as smsc:
        async with served(smsc) as client:
            await smsc.aio.wait_for_bind(account="gateway")
            smsc.mo(to="12065550100", sender="12025550109", text="STOP")
            logs = "/api/messaging/logs?page_size=1"
            with trio.fail_after(PATIENCE):
                # the carrier lives in another thread, which no event of ours knows
                while not (await client.get(logs, auth=SIGNALWIRE)).json()["data"]:  # noqa: ASYNC110
                    await trio.sleep(0.005)
            body = {"to": "+12025550109", "from": "+12065550100", "body": "still here"}
            sent = await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)
            await polled(client, f"/api/messaging/logs/{sent.json()['id']}", "delivered", auth=SIGNALWIRE)
            assert [seen.text for seen in smsc.messages()] == ["still here"]


async def test_the_health_counts_what_went_to_which_carrier() -> None:
    with open_smsc() as smsc:
        async with served(smsc) as client:
            batch = {"sender": "ACME", "recipients": ["+12025550103"] * 3, "message": "x"}
            told = (await client.post("/v1/sms/dispatch", json=batch, headers=BEARER)).json()
            await polled(client, f"/v1/sms/status/{told['message_id']}", "delivered", headers=BEARER)
            health = (await client.get("/health")).json()
    assert [(one["name"], one["submitted"], one["refused"]) for one in health["carriers"]] == [("smsc1", 3, 0)]
    assert (health["counts"]["accepted"], health["backlog"]) == (3, 0)


async def test_the_demo_accounts_are_told_and_the_apis_described() -> None:
    with open_smsc() as smsc:
        async with served(smsc) as client:
            told = (await client.get("/demo-accounts")).json()
            paths = (await client.get("/openapi.json")).json()["paths"]
    assert told == {
        "signalwire": {"username": "demo-signalwire", "password": "PT-demo-signalwire", "from": "+12065550100"},
        "flowroute": {"username": "demo-flowroute", "password": "demo-flowroute-secret", "from": "12065550101"},
        "signalsms": {"api_key": "sig_live_demo", "sender": "ACME"},
    }
    assert {"/api/messaging/messages", "/v2.1/messages", "/v2.2/messages", "/v1/sms/dispatch", "/faults"} <= set(paths)

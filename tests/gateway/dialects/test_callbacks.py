"""Callbacks of the three dialects over HTTP, and what an application's answer to an inbound message does."""

import hashlib
import hmac
import json

from simulator.embed.embedded import open_smsc
from simulator.gateway.config import demo
from simulator.gateway.dialects.signalwire.settings import SignalwireSettings
from tests.gateway.dialects.test_through import BEARER, FLOWROUTE, SIGNALWIRE, polled, served
from tests.gateway.kit import Sink, sink, until

TO = "12025550101"


def settings_with(sunk: Sink, kind: str) -> SignalwireSettings:
    """The demo's project, whose inbound messages go to a sink."""
    (project,) = demo().signalwire.projects
    told = {**project.model_dump(), "message_url": sunk.url, "message_kind": kind}
    return SignalwireSettings.model_validate({"projects": [told]})


async def test_each_dialect_calls_back_in_its_own_words() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk, served(smsc) as client:
            # one of the three counts nothing but 200 as taken
            for _ in range(10):
                sunk.answer("200 OK")
            body = {"to": f"+{TO}", "from": "+12065550100", "body": "я", "status_callback": sunk.url}
            one = (await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)).json()["id"]
            flat = {"to": TO, "from": "12065550101", "body": "two", "dlr_callback": sunk.url}
            two = (await client.post("/v2.1/messages", json=flat, auth=FLOWROUTE)).json()["data"]["id"]
            batch = {"sender": "ACME", "recipients": [f"+{TO}"], "message": "3", "callback_url": sunk.url}
            three = (await client.post("/v1/sms/dispatch", json=batch, headers=BEARER)).json()["message_id"]
            await until(lambda: len(sunk.bodies) == 7)
    told = [json.loads(body) for body in sunk.bodies]
    assert [one_["status"] for one_ in told if one_.get("id") == one] == ["initiated", "sent", "delivered"]
    receipts = [each["data"] for each in told if "data" in each]
    assert [(each["id"], each["attributes"]["level"]) for each in receipts] == [(two, 1), (two, 2)]
    events = [each for each in told if "event" in each]
    assert [(each["message_id"], each["event"]) for each in events] == [(three, "sms.sent"), (three, "sms.delivered")]
    for head, octets in zip(sunk.heads, sunk.bodies, strict=True):
        if json.loads(octets).get("id") == one:
            signed = sunk.url.encode() + octets.encode()
            signature = hmac.new(b"PSK-demo-signalwire", signed, hashlib.sha1).hexdigest()
            assert f"x-signalwire-signature: {signature}" in head.lower()


async def test_a_tampered_body_has_another_signature() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk, served(smsc) as client:
            body = {"to": f"+{TO}", "from": "+12065550100", "body": "x", "status_callback": sunk.url}
            await client.post("/api/messaging/messages", json=body, auth=SIGNALWIRE)
            await until(lambda: sunk.bodies)
    tampered = sunk.url.encode() + sunk.bodies[0].encode() + b" "
    assert hmac.new(b"PSK-demo-signalwire", tampered, hashlib.sha1).hexdigest() not in sunk.heads[0].lower()


async def test_a_cxml_answer_reaches_the_handset() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk, served(smsc, signalwire=settings_with(sunk, "cxml")) as client:
            sunk.answer("200 OK", b"<Response><Message>you too</Message></Response>", "content-type: text/xml")
            await smsc.aio.wait_for_bind(account="gateway")
            smsc.mo(to="12065550100", sender=TO, text="hello")
            await smsc.aio.wait_for(destination=TO, text="you too")
            (reply,) = [
                one
                for one in (await client.get("/api/messaging/logs", auth=SIGNALWIRE)).json()["data"]
                if one["direction"] == "outbound-reply"
            ]
            log = await polled(client, f"/api/messaging/logs/{reply['id']}", "delivered", auth=SIGNALWIRE)
    assert (log["from"], log["to"], log["type"]) == ("+12065550100", f"+{TO}", "laml_message")
    assert "Body=hello" in sunk.bodies[0]


async def test_a_swml_answer_forwards_to_another_handset() -> None:
    with open_smsc() as smsc:
        async with sink() as sunk, served(smsc, signalwire=settings_with(sunk, "swml")):
            method = {"send_sms": {"to_number": "+12025550102", "body": "%{message.from}: %{message.body}"}}
            document = json.dumps({"version": "1.0.0", "sections": {"main": [method]}}).encode()
            sunk.answer("200 OK", document, "content-type: application/json")
            await smsc.aio.wait_for_bind(account="gateway")
            smsc.mo(to="18005550100", sender=TO, text="hello")
            await smsc.aio.wait_for(destination="12025550102", text=f"+{TO}: hello")
    assert json.loads(sunk.bodies[0])["message"]["to"] == "+18005550100"

"""Phones, broadcasts, acknowledgements and TLVs over HTTP."""

from typing import Any

import pytest

from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import AlertNotification, DataSm, DeliverSm
from simulator.smpp.tlvs import Tlv, make, tlv_int
from simulator.smpp.vendor_tlvs import VendorTlv
from simulator.smsc.subscribers import broadcasts
from simulator.smsc.terms import Terms
from tests.control.caller import Caller
from tests.smsc.subscribers.test_broadcasts import a_broadcast
from tests.smsc.world import World

PHONE = "12025550100"
OURS = "12025550199"
MO = {"to": OURS, "from": "+" + PHONE, "text": "hi"}


async def posted(caller: Caller, path: str, **members: Any) -> Any:
    response = await caller.call("POST", path, json=members)
    assert response.status_code in {200, 202}, response.text
    caller.world.settle()
    return response.json()


async def the_row(caller: Caller, direction: str = "mt") -> Any:
    (row,) = await caller.rows(direction=direction)
    return row


# --- Phones ---


async def test_a_phone_is_switched_off_and_on_and_what_waited_is_delivered(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    off = await posted(caller, f"/api/phones/+{PHONE}", is_on=False)
    assert off == {"number": PHONE, "is_on": False, "waiting": 0, "alerts": 0}
    gateway.send(
        DataSm(
            source_addr=OURS,
            destination_addr=PHONE,
            registered_delivery=1,
            tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"), tlv_int(TlvTag.SET_DPF, 1)),
        )
    )
    world.run(60.0)
    assert (await the_row(caller))["state"] == "ENROUTE"
    expected = {"number": PHONE, "is_on": False, "waiting": 1, "alerts": 1}
    assert await caller.get("/api/phones") == {"phones": [expected]}
    assert await caller.get(f"/api/phones/{PHONE}") == expected
    assert await posted(caller, f"/api/phones/{PHONE}", is_on=True) == expected | {"is_on": True}
    world.run(0.0)
    assert len(gateway.of(AlertNotification)) == 1
    assert (await the_row(caller))["state"] == "DELIVRD"
    assert await caller.get("/api/phones") == {"phones": []}


async def test_what_expired_for_a_phone_that_is_off_says_so(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    await posted(caller, f"/api/phones/{PHONE}", is_on=False)
    gateway.submit(validity_period="000000000100000R")
    world.run(61.0)
    row = await the_row(caller)
    assert (row["state"], row["error"], row["cause"]) == ("EXPIRED", "027", "absent_subscriber")


@pytest.mark.parametrize(
    ("path", "members", "field"),
    [
        (PHONE, {}, "is_on"),
        (PHONE, {"is_on": "no"}, "is_on"),
        (PHONE, {"off": 1}, "off"),
        ("1" * 21, {"is_on": True}, "number"),
    ],
)
async def test_a_wrong_request_about_a_phone_names_what_is_wrong(
    caller: Caller, path: str, members: Any, field: str
) -> None:
    error = await caller.refused("POST", f"/api/phones/{path}", 422, json=members)
    assert field in {problem["field"] for problem in error["where"]}


# --- Broadcasts ---


async def test_a_broadcast_is_told_whole(world: World, caller: Caller) -> None:
    gateway = world.bound("alice", interface_version=0x50)
    response = gateway.send(a_broadcast(b"\0North", b"\2\x01\x02", more=(make("broadcast_message_class", 1),)))
    world.run(2.0)
    found = await caller.get("/api/broadcasts")
    tlvs = found["broadcasts"][0].pop("tlvs")
    assert found == {
        "broadcasts": [
            {
                "id": "1",
                "account": "alice",
                "message_id": response.message_id,
                "from": "911",
                "source": {"number": "911", "ton": 3, "npi": 0},
                "text": "storm",
                "data_coding": 0,
                "state": "ENROUTE",
                "priority": 0,
                "areas": [
                    {"format": "alias", "area": "North", "success": 100},
                    {"format": "polygon", "area": "0102", "success": 100},
                ],
                "repetitions": 3,
                "interval": 10.0,
                "sent": 1,
                "submitted_at": "2027-01-15T08:00:00.000Z",
                "scheduled_at": None,
                "expires_at": None,
                "done_at": None,
            }
        ],
        "next": None,
        "total": 1,
        "truncated": False,
    }
    assert tlvs[-1] == {"tag": 0x0603, "name": "broadcast_message_class", "value": 1, "hex": "01"}
    assert "message_payload" not in {tlv["name"] for tlv in tlvs}
    assert await caller.rows(direction="any") == []


async def test_broadcasts_are_told_newest_first_and_the_list_says_what_it_lacks(
    world: World, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasts, "BROADCASTS_MAX", 2)
    gateway = world.bound(interface_version=0x50)
    ids = [gateway.send(a_broadcast()).message_id for _ in range(3)]
    found = await caller.get("/api/broadcasts")
    assert ([one["message_id"] for one in found["broadcasts"]], found["truncated"]) == ([ids[2], ids[1]], True)
    found = await caller.get("/api/broadcasts", limit=1)
    assert ([one["message_id"] for one in found["broadcasts"]], found["total"]) == ([ids[2]], 2)
    found = await caller.get("/api/broadcasts", limit=1, cursor=found["next"])
    assert ([one["message_id"] for one in found["broadcasts"]], found["next"]) == ([ids[1]], None)
    await caller.refused("GET", "/api/broadcasts", 422, params={"limit": 0})


async def test_many_broadcasts_are_told_in_slices_without_those_that_go_meanwhile(world: World, caller: Caller) -> None:
    gateway = world.bound(interface_version=0x50)
    ids = [gateway.send(a_broadcast()).message_id for _ in range(100)]
    kept = world.smsc.broadcasts

    async def pause() -> None:
        caller.pauses += 1
        if caller.pauses == 1:
            kept._let_go(next(one for one in kept.newest_first() if one.message_id == ids[0]))

    caller.app = caller.app_with(pause)
    found = (await caller.get("/api/broadcasts"))["broadcasts"]
    assert [one["message_id"] for one in found] == ids[:0:-1]
    assert caller.pauses > 1


# --- Acknowledgements ---


async def test_a_subscriber_acknowledges_a_message_and_both_rows_tell(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    message_id = gateway.submit(registered_delivery=0x0C).message_id
    sent = await posted(caller, "/api/mo", kind="manual", acknowledges=message_id)
    assert (sent["account"], sent["segments"]) == ("alice", 1)
    (pdu,) = gateway.of(DeliverSm)
    assert (pdu.esm_class, pdu.source_addr, pdu.short_message) == (0x10, PHONE, b"Read")
    mt, mo = await the_row(caller), await the_row(caller, "mo")
    own_id = f"mo-{sent['id']}"
    assert (mt["asks"], mt["acknowledges"], mt["kind"]) == (["delivery", "manual"], None, "message")
    assert mt["acknowledgements"] == [{"kind": "manual", "at": "2027-01-15T08:00:00.000Z", "message_id": own_id}]
    assert (mo["kind"], mo["acknowledges"], mo["message_id"]) == ("manual", message_id, own_id)


async def test_an_esme_acknowledges_a_subscribers_message_and_both_rows_tell(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    sent = await posted(caller, "/api/mo", **MO, asks=["delivery"])
    answer = gateway.submit(esm_class=0x08, registered_delivery=0, destination_addr=PHONE)
    mt, mo = await the_row(caller), await the_row(caller, "mo")
    assert (mo["asks"], [one["message_id"] for one in mo["acknowledgements"]]) == (["delivery"], [answer.message_id])
    assert (mt["kind"], mt["acknowledges"]) == ("delivery", f"mo-{sent['id']}")


@pytest.mark.parametrize(
    ("members", "status", "code", "reason"),
    [
        (
            {"kind": "manual", "acknowledges": "nope"},
            404,
            "not_found",
            "acknowledges: 'nope' is no message in the ring",
        ),
        ({"kind": "manual"}, 422, "invalid", "acknowledges: must be given"),
        ({"acknowledges": "1", **MO}, 422, "invalid", "acknowledges: '1', only with kind delivery and manual"),
        ({"kind": "abort"}, 422, "invalid", "to: must be given; from: must be given; text: must be given"),
        (
            {"kind": "manual", "acknowledges": "1", "to": "1"},
            422,
            "invalid",
            "to: '1', not beside `acknowledges`: it is known from that message",
        ),
        ({**MO, "asks": ["anything"]}, 422, "invalid", "asks: 'anything', must be 'delivery' or 'manual'"),
    ],
)
async def test_a_wrong_acknowledgement_says_what_is_wrong(
    caller: Caller, members: Any, status: int, code: str, reason: str
) -> None:
    error = await caller.refused("POST", "/api/mo", status, json=members)
    assert (error["code"], error["detail"]) == (code, reason)


async def test_one_that_nobody_asked_for_is_a_conflict(world: World, caller: Caller) -> None:
    message_id = world.bound("alice").submit(registered_delivery=0x05).message_id
    error = await caller.refused("POST", "/api/mo", 409, json={"kind": "manual", "acknowledges": message_id})
    assert error["code"] == "not_asked"
    assert error["detail"].endswith("asks for only delivery")


async def test_a_conversation_is_aborted(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    await posted(caller, "/api/mo", **MO, kind="abort")
    assert gateway.of(DeliverSm)[0].esm_class == 0x18
    assert (await the_row(caller, "mo"))["kind"] == "abort"


# --- TLVs ---


async def test_ussd_tlvs_are_carried_both_ways(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    tlvs = [{"name": "ussd_service_op", "value": 2}, {"name": "its_session_info", "value": "0a01"}]
    await posted(caller, "/api/mo", **MO, tlvs=tlvs)
    (pdu,) = gateway.of(DeliverSm)
    wanted = (make("ussd_service_op", 2), make("its_session_info", b"\x0a\x01"))
    assert pdu.tlvs == wanted
    gateway.submit(tlvs=wanted, service_type="USSD")
    expected = [
        {"tag": 0x0501, "name": "ussd_service_op", "value": 2, "hex": "02"},
        {"tag": 0x1383, "name": "its_session_info", "value": "0a01", "hex": "0a01"},
    ]
    for direction in ("mt", "mo"):
        assert (await the_row(caller, direction))["tlvs"] == expected
    assert (await the_row(caller))["parts"][0]["tlvs"] == expected


async def test_a_vendors_tlvs_have_the_names_of_the_account() -> None:
    billing = VendorTlv(0x1401, "billing_id", "cstring")
    world = World(terms_by_account={"alice": Terms(vendor_tlvs=(billing,))})
    caller = Caller(world)
    alice, bob = world.bound("alice"), world.bound("bob")
    for gateway in (alice, bob):
        gateway.submit(tlvs=(Tlv(0x1401, b"A7\0"),))
    (of_bob,) = await caller.rows(account="bob")
    (of_alice,) = await caller.rows(account="alice")
    assert of_alice["tlvs"] == [{"tag": 0x1401, "name": "billing_id", "value": "A7", "hex": "413700"}]
    assert of_bob["tlvs"] == [{"tag": 0x1401, "name": "0x1401", "value": "413700", "hex": "413700"}]
    tlvs = [{"name": "billing_id", "value": "B8"}, {"name": "0x1402", "value": "ff"}, {"name": "0x1403", "value": 5}]
    await posted(caller, "/api/mo", **MO, account="alice", tlvs=tlvs)
    assert alice.of(DeliverSm)[0].tlvs == (Tlv(0x1401, b"B8\0"), Tlv(0x1402, b"\xff"), Tlv(0x1403, b"\5"))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("billing_id", "x", "tlvs: tlv: 'billing_id' is neither a known name nor a number"),
        ("its_session_info", "0g", "tlvs: its_session_info: '0g' is not hexadecimal"),
        ("ussd_service_op", "two", "tlvs: ussd_service_op: 'two' is no int"),
        ("ussd_service_op", 256, "tlvs: ussd_service_op: 256 does not fit into 1 octets"),
        ("message_payload", "00", "tlvs: message_payload: that is for `split` to say"),
    ],
)
async def test_a_wrong_tlv_is_named(world: World, caller: Caller, name: str, value: Any, reason: str) -> None:
    world.bound("alice")
    error = await caller.refused("POST", "/api/mo", 422, json={**MO, "tlvs": [{"name": name, "value": value}]})
    assert error["detail"] == reason
    assert world.kinds("mo_created") == 0

"""What is done to live sessions over HTTP: an end, faults that last, PDUs and octets nobody asked for."""

from typing import Any

import pytest

from simulator.smpp.pdus import DeliverSm, EnquireLink, Unbind
from tests.control.caller import Caller
from tests.smsc.world import World


async def done(caller: Caller, deed: str, status: int = 202, **options: Any) -> Any:
    response = await caller.call("POST", f"/api/sessions/1/{deed}", **options)
    assert response.status_code == status, response.text
    return response.json()


async def test_an_unbind_is_sent(world: World, caller: Caller) -> None:
    gateway = world.bound()
    assert await done(caller, "unbind") == {"session": 1, "fault": "unbind"}
    world.settle()
    assert len(gateway.of(Unbind)) == 1
    events = (await caller.get("/api/events", kind="fault"))["events"]
    assert [one["detail"] for one in events] == ["unbind"]


@pytest.mark.parametrize("how", ["fin", "rst", "half_close"])
async def test_we_hang_up(world: World, caller: Caller, how: str) -> None:
    gateway = world.bound()
    assert (await done(caller, "disconnect", json={"how": how}))["fault"] == how
    flow = gateway.session.flow
    assert gateway.session.hang_up or (flow is not None and flow.is_cut)


async def test_a_session_that_is_stalled_reads_on_once_it_is_relieved(world: World, caller: Caller) -> None:
    gateway = world.bound()
    await done(caller, "stall", json={"lasts": "30s"})
    sent = gateway.send_together(EnquireLink())
    assert sent == [None]
    await done(caller, "relieve", 200)
    world.settle()
    assert world.smsc.sessions[1].flow is None


async def test_a_drip_leaves_octet_by_octet_and_ends(world: World, caller: Caller) -> None:
    gateway = world.bound()
    await done(caller, "drip", json={"lasts": "2s"})
    gateway.connection.send(EnquireLink(), world.now)
    session = gateway.session
    session.receive_data(gateway.connection.data_to_send(), world.now)
    assert len(session.data_to_send()) == 1
    world.run(5.0)
    world.settle()
    assert session.flow is None or not session.bytes_waiting


async def test_a_fault_in_the_words_of_a_scenario_happens(world: World, caller: Caller) -> None:
    gateway = world.bound()
    await done(caller, "fault", json={"fault": "rst", "after": "2s"})
    assert gateway.stands()
    world.run(3.0)
    assert not gateway.stands()


async def test_octets_and_pdus_are_sent_as_they_are(world: World, caller: Caller) -> None:
    gateway = world.bound()
    assert await done(caller, "pdu", json={"octets": "000000100000001500000000000000ff"}) == {
        "session": 1,
        "octets": 16,
    }
    await done(caller, "pdu", json={"command": "deliver_sm", "fields": {"source_addr": "12025550199"}})
    world.settle()
    assert [one.sequence_number for one in gateway.of(EnquireLink)] == [255]
    assert [one.source_addr for one in gateway.of(DeliverSm)] == ["12025550199"]
    events = (await caller.get("/api/events", kind="pdu_sent"))["events"]
    assert events[0]["detail"].startswith("16 octets: 00000010")


@pytest.mark.parametrize(
    ("deed", "body", "told"),
    [
        ("pdu", {"octets": "xyz"}, "must be hexadecimal"),
        ("pdu", {"octets": ""}, "octets: 0, 1 to"),
        ("pdu", {"octets": "00", "command": "unbind"}, "octets: alone"),
        ("pdu", {"command": "nosuch"}, "nosuch"),
        ("pdu", [1], "[0]"),
        ("pdu", [], "octets: 0, 1 to"),
        ("fault", {"fault": "slow_readin"}, "did you mean slow_reading?"),
        ("fault", {"fault": "rst", "account": "bob"}, "the address of the request says which"),
        ("disconnect", {"how": "sideways"}, "how: 'sideways'"),
        ("stall", {"last": "3s"}, "did you mean lasts?"),
        ("unbind?accuont=x", None, "did you mean account?"),
    ],
)
async def test_what_cannot_be_done_is_told(world: World, caller: Caller, deed: str, body: Any, told: str) -> None:
    gateway = world.bound()
    error = await caller.refused("POST", f"/api/sessions/1/{deed}", 422, json=body)
    assert told in error["detail"]
    assert gateway.stands()


@pytest.mark.parametrize("number", ["0", "2", "x", "²", "9" * 19])
async def test_a_session_that_does_not_live_is_not_found(world: World, caller: Caller, number: str) -> None:
    world.bound()
    await caller.refused("POST", f"/api/sessions/{number}/unbind", 404)


async def test_another_accounts_session_is_not_found(world: World, caller: Caller) -> None:
    gateway = world.bound("alice")
    await caller.refused("POST", "/api/sessions/1/disconnect", 404, params={"account": "bob"})
    assert gateway.stands()

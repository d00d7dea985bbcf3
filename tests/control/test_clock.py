"""The carrier's clock over HTTP: what it tells, how it is led ahead, and what it refuses."""

from typing import Any

import httpx2
import pytest
import trio
import trio.testing

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.control.api import make_app
from simulator.control.shapes import ClockShape
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.advancing import LATEST, PATIENCE, Advance
from tests.control.caller import Caller
from tests.net.tcp import serving_tcp
from tests.smsc.subscribers.test_broadcasts import a_broadcast
from tests.smsc.world import START, World, say_nothing

HOUR = 3600.0


async def change(caller: Caller, **body: Any) -> Any:
    response = await caller.call("POST", "/api/clock", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def driven(world: World) -> Caller:
    """One whose world goes on while an answer is made."""
    caller = Caller(world)

    async def pause() -> None:
        world.run(0.0)
        await trio.lowlevel.checkpoint()

    caller.app = caller.app_with(pause)
    return caller


async def test_the_clock_tells_the_time_its_rate_and_what_it_brings_next() -> None:
    world = World(seed=1, speed=60.0)
    caller = Caller(world)
    assert await caller.get("/api/clock") == {
        "time": "2027-01-15T08:00:00.000Z",
        "rate": 60.0,
        "is_paused": False,
        "next": None,
        "planned": 0,
        "advance": None,
    }
    message_id = world.bound().submit(schedule_delivery_time="000000020000000R").message_id
    world.run(10.0)
    told = await caller.get("/api/clock")
    assert told["time"] == "2027-01-15T08:10:00.000Z"
    assert told["next"] == {"at": "2027-01-15T10:00:00.300Z", "kind": "message", "message_id": message_id}
    assert told["planned"] == 1


async def test_what_is_no_message_is_told_as_what_it_is(world: World, caller: Caller) -> None:
    world.smsc.agenda.put(START + 60, lambda *_: None, None)
    assert (await caller.get("/api/clock"))["next"] == {
        "at": "2027-01-15T08:01:00.000Z",
        "kind": "deed",
        "message_id": None,
    }
    world.bound(interface_version=0x50).send(a_broadcast(schedule_delivery_time="000000000030000R"))
    assert (await caller.get("/api/clock"))["next"]["kind"] == "broadcast"


async def test_an_advance_is_answered_at_its_end_and_tells_what_came_of_it() -> None:
    world = World(seed=1, carrier=Carrier(delay=Fixed(20 * HOUR)))
    gateway = world.bound()
    gateway.submit()
    told = await change(driven(world), advance="3 days")
    assert told == {
        "time": "2027-01-18T08:00:00.000Z",
        "rate": 1.0,
        "is_paused": False,
        "next": None,
        "planned": 0,
        "advance": {
            "from": "2027-01-15T08:00:00.000Z",
            "to": "2027-01-18T08:00:00.000Z",
            "reached": "2027-01-18T08:00:00.000Z",
            "instants": 1,
            "receipts_sent": 1,
            "mo_sent": 0,
            "unanswered": 0,
            "is_done": True,
            "is_stopped": False,
        },
    }
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


async def test_an_advance_under_way_is_told_and_a_second_is_refused(world: World, caller: Caller) -> None:
    gateway = world.bound()
    gateway.submit(schedule_delivery_time="000000020000000R")
    gateway.decide = say_nothing
    advance = Advance(world.smsc, 24 * HOUR, world.now)
    world.run(1.0)
    told = await caller.get("/api/clock")
    assert (told["time"], told["advance"]["reached"]) == ("2027-01-15T10:00:00.300Z", "2027-01-15T10:00:00.300Z")
    assert (told["advance"]["unanswered"], told["advance"]["is_done"]) == (1, False)
    error = await caller.refused("POST", "/api/clock", 409, json={"advance": "1h"})
    began = "advance: the clock walks already, it is 2027-01-15T10:00:00.300Z"
    assert (error["code"], error["detail"]) == (
        "advancing",
        f"{began} and goes on to 2027-01-16T08:00:00.000Z; GET /api/clock tells how far",
    )
    world.run(PATIENCE)
    assert advance.is_done
    assert (await caller.get("/api/clock"))["advance"] is None


async def test_a_pause_stops_what_is_due_and_resume_brings_the_rate_before() -> None:
    world = World(seed=1, speed=60.0)
    caller = Caller(world)
    gateway = world.bound()
    gateway.submit(schedule_delivery_time="000000010000000R")
    told = await change(caller, pause=True)
    assert (told["is_paused"], told["rate"], told["time"]) == (True, 60.0, "2027-01-15T08:00:00.000Z")
    world.run(600.0)
    assert gateway.stats == []
    assert (await caller.get("/api/clock"))["time"] == "2027-01-15T08:00:00.000Z"
    assert not (await change(caller, resume=True))["is_paused"]
    world.run(61.0)
    assert len(gateway.stats) == 1


async def test_another_rate_holds_from_now_on(world: World, caller: Caller) -> None:
    assert (await change(caller, rate=3600))["rate"] == 3600.0
    world.run(2.0)
    assert (await caller.get("/api/clock"))["time"] == "2027-01-15T10:00:00.000Z"


async def test_who_sleeps_until_something_is_due_is_woken_by_a_faster_clock(world: World, caller: Caller) -> None:
    woken: list[float] = []
    world.bound().submit(schedule_delivery_time="000000010000000R")
    agenda = world.smsc.agenda
    agenda.wake = lambda: woken.append(agenda.awaited)
    agenda.awaited = world.now + 3600.0
    await change(caller, rate=3600)
    assert woken == [pytest.approx(world.now + 1, abs=0.001)]


SPANS = "a span with its unit as in 250ms, 2s, 1h30m or 3 days"
ONE = "exactly one of advance, pause, resume and rate"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"advance": "-1h"}, f"advance: '-1h', {SPANS}"),
        ({"advance": "3 parsecs"}, f"advance: '3 parsecs', {SPANS}"),
        ({"advance": ""}, f"advance: '', {SPANS}"),
        ({"advance": 3600}, f"advance: '3600', {SPANS}"),
        ({"advance": ["1h"]}, f"advance: \"['1h']\", {SPANS}"),
        ({"advance": "200000 days"}, "advance: '200000 days', at most 36525 days"),
        ({"pause": False}, "pause: 'False', must be True"),
        ({"resume": "yes"}, "resume: 'yes', must be True"),
        ({"rate": 0}, "rate: '0', must be greater than 0"),
        ({"rate": -1}, "rate: '-1', must be greater than 0"),
        ({"rate": 1e7}, "rate: '10000000.0', must be less than or equal to 1000000"),
        ({"rate": "fast"}, "rate: 'fast', must be a valid number"),
        ({}, f"body: '{{}}', {ONE}"),
        ({"advance": None}, f"body: \"{{'advance': None}}\", {ONE}"),
        ({"pause": True, "rate": 2}, f"body: \"{{'pause': True, 'rate': 2}}\", {ONE}"),
        ({"jump": "1h"}, "jump: '1h', is not known here"),
    ],
)
async def test_nonsense_is_refused_by_what_is_allowed(caller: Caller, body: dict[str, Any], reason: str) -> None:
    error = await caller.refused("POST", "/api/clock", 422, json=body)
    assert (error["code"], error["detail"]) == ("invalid", reason)
    assert (await caller.get("/api/clock"))["time"] == "2027-01-15T08:00:00.000Z"


async def test_no_advance_leads_out_of_the_calendar(world: World, caller: Caller) -> None:
    world.smsc.clock.jump(world.now, LATEST - START - HOUR)
    error = await caller.refused("POST", "/api/clock", 422, json={"advance": "2h"})
    assert error["detail"] == "advance: seconds: 7200, at least 0, and no further than the year 9999"


# ------------------------------------------------------------------ on a running server


async def test_an_advance_goes_on_when_its_client_hangs_up_and_its_link_stays() -> None:
    with trio.fail_after(20):
        async with serving_tcp(carrier=Carrier(delay=Fixed(30 * HOUR)), seed=1) as served:
            app = make_app(served.smsc, trio.current_time, pause=trio.lowlevel.checkpoint, server=served.server)
            transport = httpx2.ASGITransport(app)
            async with (
                served.bound(window=100) as esme,
                httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client,
                trio.open_nursery() as nursery,
            ):
                for number in range(50):
                    await esme.submit(
                        SubmitSm(destination_addr=f"12025550{number:03}", registered_delivery=1, short_message=b"hi")
                    )
                nursery.start_soon(lambda: client.post("/api/clock", json={"advance": "3 days"}))
                await trio.testing.wait_all_tasks_blocked()
                nursery.cancel_scope.cancel()
            await served.until(lambda: served.smsc.clock.at(trio.current_time()) > START + 72 * HOUR)
            assert served.kinds("receipt_sent") == 50


async def test_who_waits_for_an_advance_is_told_when_the_server_leaves() -> None:
    with trio.fail_after(20):
        async with serving_tcp(carrier=Carrier(delay=Fixed(HOUR)), seed=1) as served:
            app = make_app(served.smsc, trio.current_time, pause=trio.lowlevel.checkpoint, server=served.server)
            transport = httpx2.ASGITransport(app)
            told: list[Any] = []
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:

                async def ask() -> None:
                    told.append((await client.post("/api/clock", json={"advance": "3 days"})).json())

                async with served.bound(decide=lambda _: None) as esme, trio.open_nursery() as nursery:
                    await esme.submit(
                        SubmitSm(destination_addr="12025550100", registered_delivery=1, short_message=b"hi")
                    )
                    nursery.start_soon(ask)
                    await served.until(lambda: served.kinds("receipt_sent"))
                    served.server.stop()
            ClockShape.model_validate(told[0])
            assert told[0]["advance"]["is_stopped"]
            assert told[0]["advance"]["reached"] < "2027-01-15T10"

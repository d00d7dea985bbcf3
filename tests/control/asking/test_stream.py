"""Events over HTTP: pages of the journal, and the stream: who reads slowly loses some and is told how many."""

import json
from collections.abc import MutableMapping
from typing import Any

import pytest
import trio
import trio.testing

from simulator.control.asking import stream
from tests.control.caller import Caller
from tests.smsc.world import World


class Watching:
    """Reads a stream as a client would, as fast as it is let."""

    def __init__(self, caller: Caller, query: str = "", *, headers: Any = (), method: str = "GET") -> None:
        self.caller = caller
        self.octets = b""
        self.status = 0
        self.reads = trio.Event()
        self.reads.set()
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": "/api/stream",
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8775),
        }
        self.gone = trio.Event()

    async def run(self) -> None:
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            self.status = message.get("status", self.status)
            await self.reads.wait()
            self.octets += message.get("body", b"")

        await self.caller.app(self.scope, receive, send)

    def told(self, kind: str) -> list[Any]:
        """The JSON of every event of that kind."""
        found = []
        for block in self.octets.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and line)
            if lines.get("event") == kind:
                found.append(json.loads(lines["data"]))
        return found


async def test_pages_of_events_join_without_gaps(world: World, caller: Caller) -> None:
    gateway = world.bound()
    for number in range(30):
        gateway.submit(destination_addr=f"120255501{number:02}")
    numbers: list[int] = []
    page: Any = {}
    cursor: str | None = "0"
    while cursor is not None:
        page = await caller.get("/api/events", kind="submitted", limit=7, cursor=cursor)
        numbers += [one["number"] for one in page["events"]]
        cursor = page["next"]
    assert len(numbers) == len(set(numbers)) == 30
    assert numbers == sorted(numbers)
    (one,) = (await caller.get("/api/events", kind="submitted", to="12025550107"))["events"]
    assert (one["to"], one["direction"], one["detail"], one["account"]) == ("12025550107", "mt", "", "gateway")
    later = await caller.get("/api/events", cursor=page["total"])
    assert (later["events"], later["next"]) == ([], None)


async def test_a_kind_that_is_none_is_refused_with_the_nearest(caller: Caller) -> None:
    error = await caller.refused("GET", "/api/events", 422, params={"kind": "submited"})
    assert "did you mean submitted?" in error["where"][0]["allowed"]


async def test_the_ring_says_how_many_are_gone() -> None:
    world = World(rows_max=3)
    gateway = world.bound()
    for _ in range(20):
        gateway.submit()
    page = await Caller(world).get("/api/events")
    assert page["truncated"] == page["events"][0]["number"] == page["total"] - 18


async def test_what_happens_is_streamed_as_it_happens(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()
    watching = Watching(caller, "kind=answered&status=ESME_ROK")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watching.run)
        await trio.sleep(1.0)
        gateway.submit()
        gateway.submit(destination_addr="")
        await trio.sleep(1.0)
        assert [one["detail"] for one in watching.told("answered")] == ["ESME_ROK"]
        assert b"id: 0-" in watching.octets
        watching.gone.set()


async def test_a_stream_goes_on_behind_the_last_event_that_was_seen(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()
    gateway.submit()
    total = world.smsc.journal.total
    gateway.submit()
    for header, first in (
        (f"0-{total - 1}", total),
        (f"7-{total - 1}", None),
        ("nonsense", None),
    ):
        watching = Watching(caller, headers=[(b"last-event-id", header.encode())])
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watching.run)
            await trio.sleep(1.0)
            watching.gone.set()
        numbers = [one["number"] for one in watching.told("submitted") + watching.told("answered")]
        assert (min(numbers) if numbers else None) == first


async def test_who_does_not_read_costs_nothing_and_is_told_what_he_lost(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUEUE_MAX", 20)
    folds = len(world.smsc.journal._folds["submitted"])
    gateway = world.bound()
    watching = Watching(caller, "kind=submitted")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watching.run)
        await trio.sleep(1.0)
        watching.reads = trio.Event()
        gateway.submit()
        await trio.sleep(1.0)
        for _ in range(100):
            gateway.submit()
        # nobody feeds him any more
        assert len(world.smsc.journal._folds["submitted"]) == folds
        watching.reads.set()
        await trio.sleep(1.0)
        gateway.submit()
        await trio.sleep(1.0)
        told, (discarded,) = watching.told("submitted"), watching.told("discarded")
        assert [one["message"] for one in told] == [*map(str, range(1, 22)), "102"]
        # events of all kinds: of those nobody has looked which he wants
        assert discarded["discarded"] >= 80
        watching.gone.set()


async def test_a_sampled_stream_has_four_frames_a_second_of_fifty_rows(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()
    watching = Watching(caller, "kind=submitted&sampled=true")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watching.run)
        for _ in range(20):
            await trio.sleep(0.1)
            for _ in range(30):
                gateway.submit()
        await trio.sleep(1.0)
        watching.gone.set()
    frames = watching.told("frame")
    assert len(frames) <= 10
    assert max(len(one["events"]) for one in frames) == 50
    assert sum(len(one["events"]) + one["left_out"] for one in frames) == 600


async def test_whoever_asks_for_the_head_is_not_held(caller: Caller) -> None:
    watching = Watching(caller, method="HEAD")
    with trio.fail_after(5):
        await watching.run()
    assert (watching.status, watching.octets) == (200, b"")


async def test_so_many_look_on_and_no_more(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    monkeypatch.setattr(stream, "VIEWERS_MAX", 1)
    watching = Watching(caller)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watching.run)
        await trio.sleep(1.0)
        assert (await caller.refused("GET", "/api/stream", 503))["code"] == "busy"
        watching.gone.set()

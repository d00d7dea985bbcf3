"""Long polls over HTTP: what is met at once or later, what a miss tells, who may wait, that nothing stays behind."""

from functools import partial
from typing import Any

import pytest
import trio
import trio.testing

from simulator.control.asking import waiting
from simulator.control.asking.ear import Ear
from simulator.journal import CONCLUDED
from simulator.smpp.constants import CommandStatus
from tests.control.caller import Caller
from tests.smsc.world import World

WAIT = "/api/messages/wait"


async def later(deed: Any, seconds: float = 1.0) -> None:
    await trio.sleep(seconds)
    deed()


async def test_what_is_so_already_is_told_at_once(world: World, caller: Caller) -> None:
    world.bound().submit()
    world.run(5.0)
    found = await caller.get(WAIT, to="+12025550100", state="DELIVRD")
    assert [row["to"] for row in found["messages"]] == ["12025550100"]
    assert found["waited"] < 1.0


async def test_it_is_answered_as_soon_as_it_is_so(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()

    def come() -> None:
        gateway.submit()
        world.run(5.0)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, come)
        found = await caller.get(WAIT, state="DELIVRD", account="gateway")
    assert [row["state"] for row in found["messages"]] == ["DELIVRD"]
    assert found["waited"] == pytest.approx(1.0, abs=0.01)


async def test_several_are_counted_and_the_newest_of_them_told_in_their_order(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()
    gateway.submit(short_message=b"one")

    def more() -> None:
        for text in (b"two", b"three", b"four"):
            gateway.submit(short_message=text)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, more)
        found = await caller.get(WAIT, count=3)
    assert [row["text"] for row in found["messages"]] == ["two", "three", "four"]


async def test_a_miss_tells_field_wanted_and_got_the_nearest_first(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    world.bound().submit(destination_addr="12025550101")
    world.bound().submit(destination_addr="12025550100")
    error = await caller.refused("GET", WAIT, 404, params={"to": "12025550100", "state": "UNDELIV", "timeout": "2s"})
    assert (error["code"], error["detail"]) == ("not_seen", "wanted 1, came 0, in 2 s")
    assert "message 2, " in error["nearest"][0]
    assert error["nearest"][0].endswith("state: wanted UNDELIV, got ENROUTE")
    assert "destination: wanted 12025550100, got 12025550101" in error["nearest"][1]
    assert trio.current_time() == pytest.approx(2.0, abs=0.1)


async def test_the_words_of_rules_reach_deeper_by_a_dot_or_by_json(world: World, caller: Caller) -> None:
    gateway = world.bound()
    gateway.submit(short_message=b"please STOP", source_addr="5555", esm_class=0)
    for params in (
        {"text.contains": "stop", "from": "5555"},
        {"text.starts": "please", "fields.esm_class": "0"},
        {"where": '{"text": {"contains": "stop"}, "source": ["5555", "6666"]}'},
        {"source": ["4444", "5555"]},
    ):
        assert (await caller.get(WAIT, timeout="1s", **params))["messages"][0]["id"] == "1"


@pytest.mark.parametrize(
    ("params", "field", "hint"),
    [
        ({"txt": "x"}, "txt", "did you mean text?"),
        ({"stats": "DELIVRD"}, "stats", "did you mean status?"),
        ({"state": "DELIVERD"}, "wait: state[0]", "did you mean DELIVERED?"),
        ({"text.contians": "x"}, "wait: text.contians", "did you mean contains?"),
        ({"where": "[1]"}, "where", "a JSON object"),
        ({"where": "{"}, "where", "a JSON object"),
        ({"text": "x", "text.contains": "y"}, "text.contains", "one of both"),
        ({"phase": "storm"}, "phase", "is not known here"),
        ({"timeout": "5 parsecs"}, "timeout", "a span"),
        ({"timeout": "11m"}, "timeout", "600"),
        ({"count": "0"}, "count", "greater than or equal to 1"),
    ],
)
async def test_what_cannot_be_asked_is_told_with_what_was_meant(
    caller: Caller, params: dict[str, str], field: str, hint: str
) -> None:
    error = await caller.refused("GET", WAIT, 422, params=params)
    assert [one["field"] for one in error["where"]] == [field]
    assert hint in error["where"][0]["allowed"]


async def test_receipts_can_be_waited_for(world: World, caller: Caller, autojump_clock: trio.testing.MockClock) -> None:
    gateway = world.bound()
    gateway.submit(registered_delivery=1)
    error = await caller.refused("GET", WAIT, 404, params={"receipt": "sent", "timeout": "1s"})
    assert error["nearest"][0].endswith("receipt: wanted sent, got 0 sent, 0 acknowledged")
    world.run(5.0)
    assert (await caller.get(WAIT, receipt="acknowledged"))["messages"][0]["receipts"]["acknowledged"] == 1


async def test_a_reset_forgets_what_was_met(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()
    gateway.submit()

    def begin_anew() -> None:
        world.smsc.reset(world.now)
        gateway.submit(short_message=b"after")
        gateway.submit(short_message=b"and after")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, begin_anew)
        found = await caller.get(WAIT, count=2)
    assert [row["text"] for row in found["messages"]] == ["after", "and after"]


async def test_who_waits_leaves_nothing_behind(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    folds = {kind: len(some) for kind, some in world.smsc.journal._folds.items()}
    with trio.move_on_after(1.0):
        await caller.call("GET", WAIT, params={"timeout": "5s"})
    await caller.refused("GET", WAIT, 404, params={"timeout": "100ms"})
    assert {kind: len(some) for kind, some in world.smsc.journal._folds.items()} == folds


async def test_so_many_may_wait_and_no_more(
    world: World, caller: Caller, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    monkeypatch.setattr(waiting, "WAITING_MAX", 1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: caller.call("GET", WAIT, params={"timeout": "3s"}))
        await trio.sleep(1.0)
        error = await caller.refused("GET", WAIT, 503)
        assert error["code"] == "busy"
    await caller.refused("GET", WAIT, 404, params={"timeout": "1s"})


async def test_parts_that_come_one_by_one_are_one_message(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock
) -> None:
    gateway = world.bound()

    def part(number: int) -> None:
        gateway.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02" + bytes([number]) + b"half ")

    part(1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, lambda: part(2))
        found = await caller.get(WAIT, text="half half ")
    assert [one["segments"] for one in found["messages"]] == [2]


async def test_subscribers_messages_are_waited_for_as_well(world: World, caller: Caller) -> None:
    world.bound()
    body = {"to": "12025550100", "from": "12025550199", "text": "STOP"}
    assert (await caller.call("POST", "/api/mo", json=body)).status_code == 202
    found = await caller.get(WAIT, direction="mo", text="STOP")
    assert [row["direction"] for row in found["messages"]] == ["mo"]


async def test_a_bind_is_waited_for(world: World, caller: Caller, autojump_clock: trio.testing.MockClock) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, lambda: world.bound("alice", "RX"))
        found = await caller.get("/api/sessions/wait", account="alice", bind_type="RX")
    assert [one["system_id"] for one in found["sessions"]] == ["alice"]
    error = await caller.refused("GET", "/api/sessions/wait", 404, params={"bind_type": "TX", "timeout": "1s"})
    assert error["nearest"] == ["session 1 of alice: bind_type: wanted TX, got RX"]


async def test_a_refused_message_is_found_by_its_status(world: World, caller: Caller) -> None:
    assert world.bound().submit(destination_addr="").command_status == CommandStatus.ESME_RINVDSTADR
    found = await caller.get(WAIT, status="ESME_RINVDSTADR")
    assert found["messages"][0]["state"] == "REFUSED"


@pytest.mark.parametrize(
    ("fields", "state", "other"), [({}, "unanswered", "REFUSED"), ({"destination_addr": ""}, "REFUSED", "UNANSWERED")]
)
async def test_the_states_that_only_rows_show_can_be_waited_for(
    world: World, caller: Caller, autojump_clock: trio.testing.MockClock, fields: dict[str, str], state: str, other: str
) -> None:
    assert (await caller.call("POST", "/api/rules", json={"then": "silence"})).status_code == 201
    gateway = world.bound()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(later, partial(gateway.submit, **fields))
        found = await caller.get(WAIT, state=state)
    assert [row["state"] for row in found["messages"]] == [state.upper()]
    error = await caller.refused("GET", WAIT, 404, params={"state": other, "timeout": "1s"})
    assert error["nearest"][0].endswith(f"state: wanted {other}, got {state.upper()}")
    wrong = await caller.refused("GET", WAIT, 422, params={"state": "unansered"})
    assert "SKIPPED, REFUSED, UNANSWERED" in wrong["detail"]
    assert "did you mean UNANSWERED?" in wrong["detail"]
    # no rule is ever asked about one
    rule = {"when": {"state": other}, "then": "silence"}
    assert "is no state" in (await caller.refused("POST", "/api/rules", 422, json=rule))["detail"]


def test_nothing_is_fed_where_nobody_listens(world: World) -> None:
    ear = Ear(world.smsc.journal)
    before = len(world.smsc.journal._folds[CONCLUDED])

    class Deaf:
        def hear(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> None:
            raise AssertionError

    deaf = Deaf()
    ear.join(deaf)
    assert len(world.smsc.journal._folds[CONCLUDED]) == before + 1
    ear.leave(deaf)
    ear.leave(deaf)
    assert len(world.smsc.journal._folds[CONCLUDED]) == before
    world.bound().submit()

"""Fates do not depend on the order in which tasks run, nor on the sockets, nor on how many gateways share the work."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from simulator.net.client import Esme
from simulator.scenario.file import parse
from simulator.scenario.script import Script
from simulator.smpp.pdus import SubmitSm
from tests.net.memory import Served, a_message, serving
from tests.net.tcp import ServedTcp, serving_tcp
from tests.smsc.repeated import fates_of

SCENARIO = """
scenario: 1
rules:
- {name: throttled, then: {reject: ESME_RTHROTTLED}, probability: 10%}
- {name: lost, then: lose, probability: 5%}
- {name: late, then: {respond: 1ms..20ms}, probability: 20%}
- {name: failed, then: {deliver: UNDELIV after 1ms..50ms}, probability: 20%}
- {name: staged, then: {deliver: [{state: ENROUTE, after: 1ms}, {state: EXPIRED, after: 1ms..30ms}]}, probability: 10%}
- {name: other, then: {receipts: {session: random, stat: {DELIVRD: DELIVERED}}}, probability: 30%}
- {name: delivered, then: {deliver: 1ms..100ms}}
"""
CLIENTS = 4


def to(number: int) -> SubmitSm:
    """The message to a number of its own."""
    return a_message(destination_addr=f"1202555{number:04}")


def script(seed: int) -> dict[str, Any]:
    """What makes an SMSC play the scenario."""
    return {"script": Script([parse(SCENARIO)], seed), "seed": seed}


async def share_out(links: list[Esme], count: int, until: Callable[[Callable[[], bool]], Awaitable[None]]) -> None:
    """Send so many messages from several tasks; whoever is free takes the next. Then wait for all receipts."""
    left = list(range(count))
    receipts = [0]

    async def send(esme: Esme) -> None:
        while left:
            await esme.submit(to(left.pop()))

    async def receive(esme: Esme) -> None:
        async for _ in esme.deliveries:
            receipts[0] += 1

    async with trio.open_nursery() as receivers:
        async with trio.open_nursery() as senders:
            for esme in links:
                receivers.start_soon(receive, esme)
                for _ in range(8):
                    senders.start_soon(send, esme)
        await until(lambda: receipts[0] >= wanted(links))
        receivers.cancel_scope.cancel()


def wanted(links: list[Esme]) -> int:
    return 0


# ------------------------------------------------------------------ the order of tasks


def in_virtual_time(monkeypatch: pytest.MonkeyPatch, scheduler: int, count: int) -> dict[str, list[Any]]:
    """The fates of so many messages, where ``scheduler`` decides which of trio's tasks goes first."""

    async def main() -> dict[str, list[Any]]:
        async with serving(**script(7)) as served, bound(served, CLIENTS) as links:
            await share_out(links, count)
            await trio.sleep(5.0)
            return fates_of(served)

    monkeypatch.setattr("trio._core._run._r", Random(scheduler))
    return trio.run(main, clock=MockClock(autojump_threshold=0))

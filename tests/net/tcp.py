"""A server on real loopback sockets, in the same run as its guests, and what it leaves behind when it has ended."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import trio

from simulator.net.client import Esme, open_esme
from simulator.net.server import Server
from simulator.smsc.smsc import Smsc
from tests.net.memory import QUIET, START

WITHIN = 10.0
"""Seconds for a fact that another task makes true; only a broken server takes as long."""


class ServedTcp:
    """A running server, its address, and its SMSC."""

    def __init__(self, smsc: Smsc, listener: trio.SocketListener) -> None:
        self.smsc = smsc
        self.server = Server(smsc)
        self._listener = listener
        host, port = listener.socket.getsockname()[:2]
        self.place: tuple[str, int] = (host, port)

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        await self.server.serve([self._listener], task_status=task_status)

    @asynccontextmanager
    async def bound(self, **settings: Any) -> AsyncIterator[Esme]:
        """A bound ESME of ours that asks nothing of its own accord."""
        chosen: dict[str, Any] = {"system_id": "bystander", "timers": QUIET} | settings
        async with open_esme(*self.place, **chosen) as esme:
            yield esme

    def kinds(self, kind: str) -> int:
        """How many events of a kind the journal has counted."""
        return self.smsc.journal.counts[kind]

    def reasons(self, kind: str) -> list[Any]:
        """The details of a kind's events."""
        return [row.detail for row in self.smsc.journal.rows() if row.kind == kind]

    async def until(self, fact: Any) -> None:
        """Wait until it holds."""
        with trio.fail_after(WITHIN):
            while not fact():  # noqa: ASYNC110  # a fact of the server's, which announces none
                await trio.sleep(0.005)

    async def empty(self) -> None:
        """Wait until nobody is connected."""
        await self.until(lambda: not self.smsc.sessions)


def descriptors() -> int:
    """How many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").is_dir() else 0


def tasks() -> int:
    """How many tasks this run has."""
    return trio.lowlevel.current_statistics().tasks_living


@asynccontextmanager
async def serving_tcp(**settings: Any) -> AsyncIterator[ServedTcp]:
    """A server that is stopped when the block is left; then no task of it and no descriptor may be left."""
    # what earlier tests have left behind is not to go while we count
    gc.collect()
    before = (descriptors(), tasks())
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1", backlog=4096)
    served = ServedTcp(Smsc(trio.current_time(), START, **settings), listener)
    async with trio.open_nursery() as nursery:
        await nursery.start(served.run)
        yield served
        served.server.stop()
    assert not served.smsc.sessions
    with suppress(trio.TooSlowError):
        await served.until(lambda: (descriptors(), tasks()) == before)
    assert (descriptors(), tasks()) == before

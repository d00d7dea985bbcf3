"""A server without sockets: streams in memory, one trio run for both ends, and therefore virtual time.

Knows how to bring a server up and how to speak octets with it. What is answered to them is the tests' business.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import trio
from trio.testing import memory_stream_pair

from simulator.net.client import Esme, open_esme
from simulator.net.server import Server
from simulator.smpp.codec import decode, encode
from simulator.smpp.connection import Timers
from simulator.smpp.pdus import BindTransceiver, Pdu, SubmitSm
from simulator.smsc.smsc import Smsc

START = 1_800_000_000.0
QUIET = Timers(session_init=inf, enquire_link=inf, inactivity=inf, response=inf)
"""An ESME that does nothing of its own accord."""

Stream = trio.abc.HalfCloseableStream
Pair = Callable[[], tuple[Stream, Stream]]


class MemoryListener(trio.abc.Listener[Any]):
    """Lets in whoever calls ``connect``, as long as the server has not closed it."""

    def __init__(self) -> None:
        self._arriving, self._arrived = trio.open_memory_channel[Stream](inf)

    async def accept(self) -> Stream:
        return await self._arrived.receive()

    async def aclose(self) -> None:
        self._arrived.close()
        await trio.lowlevel.checkpoint()

    def connect(self, pair: Pair = memory_stream_pair) -> Stream:
        """Our end of a new connection; BrokenResourceError when the door is closed."""
        ours, theirs = pair()
        self._arriving.send_nowait(theirs)
        return ours


class Served:
    """A running server and its door."""

    def __init__(self, smsc: Smsc) -> None:
        self.smsc = smsc
        self.server = Server(smsc)
        self.listener = MemoryListener()
        self.ended_at: float | None = None
        self.has_ended = trio.Event()
        self.connect = self.listener.connect

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        await self.server.serve([self.listener], task_status=task_status)
        self.ended_at = trio.current_time()
        self.has_ended.set()

    @asynccontextmanager
    async def bound(self, *, pair: Pair = memory_stream_pair, **settings: Any) -> AsyncIterator[Esme]:
        """A bound ESME of ours that asks nothing of its own accord."""
        chosen: dict[str, Any] = {"system_id": "gateway", "timers": QUIET} | settings
        async with open_esme("", 0, stream=self.connect(pair), **chosen) as esme:
            yield esme

    def kinds(self, kind: str) -> int:
        """How many events of a kind the journal has counted."""
        return self.smsc.journal.counts[kind]


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Served]:
    """A server that is stopped when the block is left."""
    served = Served(Smsc(trio.current_time(), START, **settings))
    async with trio.open_nursery() as nursery:
        await nursery.start(served.run)
        yield served
        served.server.stop()


def a_message(**fields: Any) -> SubmitSm:
    """A submit_sm that asks for a receipt."""
    defaults: dict[str, Any] = {
        "source_addr": "12025550199",
        "destination_addr": "12025550100",
        "registered_delivery": 1,
        "short_message": b"hello",
    }
    return SubmitSm(**(defaults | fields))


def a_bind(sequence_number: int = 1) -> bytes:
    """The octets of a bind."""
    return encode(BindTransceiver(sequence_number, system_id="gateway"))


def pdus_in(octets: bytes) -> list[Pdu]:
    """The PDUs in octets that end with one."""
    found = []
    at = 0
    while at < len(octets):
        end = at + int.from_bytes(octets[at : at + 4], "big")
        found.append(decode(octets, at, end))
        at = end
    return found


async def next_pdu(stream: trio.abc.ReceiveStream) -> Pdu:
    """One PDU, octet by octet where it must be."""
    octets = b""
    while len(octets) < 4 or len(octets) < int.from_bytes(octets[:4], "big"):
        want = int.from_bytes(octets[:4], "big") if len(octets) >= 4 else 4
        more = await stream.receive_some(want - len(octets))
        assert more, f"the link ended after {octets.hex()}"
        octets += more
    return decode(octets, 0, len(octets))


async def rest_of(stream: trio.abc.ReceiveStream) -> bytes:
    """All octets until the other side ends."""
    octets = b""
    while more := await stream.receive_some():
        octets += more
    return octets

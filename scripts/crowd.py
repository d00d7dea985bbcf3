"""A crowd: `crowd.py HOST:PORT [--sessions N] [--rate R] [--cycles N]`, led line by line on standard input.

Binds so many transceivers, says `bound`, and waits for a line. Then every session submits in turn, so many messages a
second in all, and acknowledges its receipts; at the next line it says what it did, as JSON, and leaves. With
``--cycles`` it binds and unbinds instead, 20 at once, and says how long that took. It speaks octets of its own.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import trio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a program, this folder is the path

from scripts.attacks import DELIVER_SM, ENQUIRE_LINK, UNBIND, bind, dialled, pdu, submit

SUBMIT_SM_RESP, RESPONSE = 0x80000004, 0x80000000
TOGETHER = 20
TICK = 0.02
ANSWERED_WITHIN = 5.0

Place = tuple[str, int]


class Guest:
    """One bound session that answers what it is asked, and counts."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.answered = self.receipts = self.sent = 0
        self._is_unbound = False
        self._pen = trio.Lock()
        self._rest = b""

    async def _say(self, octets: bytes) -> None:
        # who submits and who answers are two tasks
        async with self._pen:
            await self.stream.send_all(octets)

    async def bind(self, system_id: str) -> None:
        """Bind, and take the answer."""
        await self._say(bind(system_id))
        await self._take()

    async def listen(self) -> None:
        """Answer until the link ends."""
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            while await self._take():
                pass

    async def submit(self) -> None:
        """Send one more."""
        self.sent += 1
        await self._say(submit(1 + self.sent))

    async def leave(self) -> None:
        """Unbind, and close when that was answered."""
        await self._say(pdu(UNBIND, sequence_number=2_000_000))
        while not self._is_unbound and await self._take():
            pass
        await self.stream.aclose()

    async def _take(self) -> bool:
        octets = await self.stream.receive_some(16_384)
        replies = self._replies(octets)
        if replies:
            await self._say(replies)
        return bool(octets)

    def _replies(self, octets: bytes) -> bytes:
        octets, at, replies = self._rest + octets, 0, b""
        while len(octets) - at >= 16 and at + (length := int.from_bytes(octets[at : at + 4], "big")) <= len(octets):
            command, sequence = (int.from_bytes(octets[at + place : at + place + 4], "big") for place in (4, 12))
            self.answered += command == SUBMIT_SM_RESP
            self.receipts += command == DELIVER_SM
            self._is_unbound = self._is_unbound or command == UNBIND | RESPONSE
            if command in {DELIVER_SM, ENQUIRE_LINK}:
                replies += pdu(command | RESPONSE, b"\0" if command == DELIVER_SM else b"", sequence)
            at += length
        self._rest = octets[at:]
        return replies


async def gather(place: Place, count: int, guests: list[Guest], nursery: trio.Nursery) -> None:
    """Bind so many, some at a time."""

    async def some(number: int) -> None:
        for index in range(number, count, TOGETHER):
            guest = Guest(await dialled(place))
            await guest.bind(f"crowd{index % 50}")
            guests.append(guest)
            nursery.start_soon(guest.listen)

    async with trio.open_nursery() as binding:
        for number in range(TOGETHER):
            binding.start_soon(some, number)


async def traffic(guests: list[Guest], rate: float, stop: trio.Event) -> None:
    """Everybody in turn submits, at that rate in all, until told to stop; then all is answered, or too late."""
    begun, sent = time.monotonic(), 0
    while not stop.is_set():
        due = int((time.monotonic() - begun) * rate)
        while sent < due:
            await guests[sent % len(guests)].submit()
            sent += 1
        await trio.sleep(TICK)
    with trio.move_on_after(ANSWERED_WITHIN):
        while sum(guest.answered for guest in guests) < sent:  # noqa: ASYNC110  # nobody announces it: it is another one's count
            await trio.sleep(TICK)


async def line() -> str:
    """The next line of standard input."""
    return await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)


async def crowd(place: Place, count: int, rate: float) -> None:
    """The story above."""
    guests: list[Guest] = []
    async with trio.open_nursery() as nursery:
        await gather(place, count, guests, nursery)
        tell({"bound": len(guests)})
        await line()
        async with trio.open_nursery() as sending:
            stop = trio.Event()
            sending.start_soon(traffic, guests, rate, stop)
            await line()
            stop.set()
        tell({name: sum(getattr(guest, name) for guest in guests) for name in ("sent", "answered", "receipts")})
        await line()
        nursery.cancel_scope.cancel()


async def cycles(place: Place, count: int) -> None:
    """Bind and unbind so many times; each line of standard input is for a tenth of them."""

    async def some(times: int) -> None:
        for number in range(times):
            guest = Guest(await dialled(place))
            await guest.bind(f"cycle{number % 50}")
            await guest.leave()

    for _ in range(10):
        await line()
        begun = time.monotonic()
        async with trio.open_nursery() as nursery:
            for _ in range(TOGETHER):
                nursery.start_soon(some, max(1, count // 10 // TOGETHER))
        tell({"seconds": round(time.monotonic() - begun, 3)})


def tell(figures: dict[str, float]) -> None:
    """One line of JSON."""
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Read the command line, and go."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("smpp", metavar="HOST:PORT")
    parser.add_argument("--sessions", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=2000.0, help="messages a second, of all sessions together")
    parser.add_argument("--cycles", type=int, default=0)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    host, _, port = options.smpp.rpartition(":")
    place = (host, int(port))
    story: Callable[[], object] = lambda: trio.run(crowd, place, options.sessions, options.rate)  # noqa: E731
    if options.cycles:
        story = lambda: trio.run(cycles, place, options.cycles)  # noqa: E731
    story()


if __name__ == "__main__":
    main()

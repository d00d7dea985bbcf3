"""What a server has to bear: `attacks.py NAME HOST:PORT` does it until its standard input ends, and prints what it did.

Each attack is a coroutine that goes on until it is cancelled, and counts its deeds. It speaks octets of its own and
knows no server of ours; whether anybody else has suffered is measured by somebody else (bench.py, tests/net).
"""

import json
import socket
import struct
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import trio
import trio.lowlevel

BIND_TRANSMITTER, SUBMIT_SM, DELIVER_SM, UNBIND = 0x02, 0x04, 0x05, 0x06
BIND_TRANSCEIVER, ENQUIRE_LINK, SUBMIT_MULTI = 0x09, 0x15, 0x21
AGAIN_AFTER: Final = 0.05
"""Seconds before somebody who was shown out comes back."""

Place = tuple[str, int]
Attack = Callable[[Place, "Counter[str]"], Awaitable[None]]


def pdu(command_id: int, body: bytes = b"", sequence_number: int = 1) -> bytes:
    """A PDU with a true length (SMPP 3.4, 3.2)."""
    return struct.pack(">IIII", 16 + len(body), command_id, 0, sequence_number) + body


def bind(system_id: str, kind: int = BIND_TRANSCEIVER) -> bytes:
    """A bind of version 3.4 (SMPP 3.4, 4.1)."""
    return pdu(kind, system_id.encode() + b"\0secret\0\0\x34\0\0\0")


def submit(sequence_number: int, *, registered: int = 1, text: bytes = b"hello") -> bytes:
    """A submit_sm (SMPP 3.4, 4.4)."""
    body = b"\0\1\x0112025550199\0\1\x0112025550100\0\0\0\0\0\0" + bytes((registered, 0, 0, 0, len(text))) + text
    return pdu(SUBMIT_SM, body, sequence_number)


def submit_multi(sequence_number: int, destinations: int = 254) -> bytes:
    """A submit_multi to so many (SMPP 3.4, 4.5), with numbers so short that one read holds as many as can be."""
    places = b"".join(b"\1\1\x01%d\0" % (number % 100) for number in range(destinations))
    body = b"\0\1\x0112025550199\0" + bytes((destinations,)) + places + b"\0\0\0\0\0\0\0\0\0\5hello"
    return pdu(SUBMIT_MULTI, body, sequence_number)


async def dialled(place: Place, receive_buffer: int = 0) -> trio.SocketStream:
    """A connection; with a small buffer it is soon full where nobody reads."""
    made = trio.socket.socket()
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        await made.connect(place)
    except BaseException:
        made.close()
        raise
    return trio.SocketStream(made)


async def read_away(stream: trio.SocketStream) -> None:
    """Read until the other side ends, and forget it."""
    while await stream.receive_some(65_536):
        pass


def reset(stream: trio.SocketStream) -> None:
    """Close by RST, with whatever is on the way."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()


async def many(count: int, deed: Callable[[], Awaitable[None]], did: Counter[str], *, again: bool = True) -> None:
    """Do it so many times at once; whoever is shown out comes back."""

    async def one() -> None:
        while True:
            try:
                await deed()
            except (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
                did["hung up on"] += 1
            if not again:
                return
            await trio.sleep(AGAIN_AFTER)

    async with trio.open_nursery() as nursery:
        for _ in range(count):
            nursery.start_soon(one)
            # a thousand calls at once would be a storm, which is an attack of its own
            await trio.lowlevel.checkpoint()


async def halves(place: Place, did: Counter[str]) -> None:
    """200 that bind and 200 that do not begin a long PDU and send an octet of it now and then."""

    async def one(is_bound: bool) -> None:  # noqa: FBT001  # the two halves of the guests
        async with await dialled(place) as stream:
            await stream.send_all((bind("half") if is_bound else b"") + struct.pack(">IIII", 100_000, SUBMIT_SM, 0, 2))
            did["half PDUs"] += 1
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read_away, stream)
                while True:
                    await trio.sleep(0.2)
                    await stream.send_all(b"\0")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(many, 200, lambda: one(is_bound=True), did))
        nursery.start_soon(partial(many, 200, lambda: one(is_bound=False), did))


async def unbound(place: Place, did: Counter[str]) -> None:
    """1,000 that connect, and say nothing."""

    async def one() -> None:
        async with await dialled(place) as stream:
            did["connections"] += 1
            await read_away(stream)

    await many(1000, one, did)


async def deaf(place: Place, did: Counter[str]) -> None:
    """20 that submit with receipts as fast as they are let, and never read."""

    async def one() -> None:
        async with await dialled(place, receive_buffer=4096) as stream:
            await stream.send_all(bind("deaf"))
            while True:
                await stream.send_all(b"".join(submit(number) for number in range(2, 52)))
                did["submits"] += 50

    await many(20, one, did)


async def resets(place: Place, did: Counter[str]) -> None:
    """20 that bind, submit a window of 100, and reset the connection before an answer can have come."""

    async def one() -> None:
        stream = await dialled(place)
        try:
            await stream.send_all(bind("reset") + b"".join(submit(number) for number in range(2, 102)))
        finally:
            reset(stream)
        did["resets"] += 1

    await many(20, one, did)


async def splits(place: Place, did: Counter[str]) -> None:
    """20 that send their PDUs octet by octet, each octet a segment."""

    async def one() -> None:
        async with await dialled(place) as stream:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await stream.send_all(bind("split"))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read_away, stream)
                while True:
                    for octet in submit(2, registered=0):
                        await stream.send_all(bytes((octet,)))
                    did["PDUs"] += 1

    await many(20, one, did)


async def bursts(place: Place, did: Counter[str]) -> None:
    """10 that send 500 PDUs in one segment, and the next when all are answered."""

    async def one() -> None:
        burst = b"".join(submit(number, registered=0, text=b"hi") for number in range(2, 502))
        async with await dialled(place) as stream:
            await stream.send_all(bind("burst"))
            await stream.receive_some(65_536)
            while True:
                await stream.send_all(burst)
                answered = 0
                # a submit_sm_resp with an id of ten digits has 27 octets
                while answered < 27 * 500:
                    octets = await stream.receive_some(65_536)
                    if not octets:
                        return
                    answered += len(octets)
                did["bursts"] += 1

    await many(10, one, did)


async def storm(place: Place, did: Counter[str]) -> None:
    """50 at once that connect and leave, for ever; every third has said hello."""

    async def one() -> None:
        did["connections"] += 1
        async with await dialled(place) as stream:
            if did["connections"] % 3 == 0:
                await stream.send_all(bind("storm"))

    async def without_rest() -> None:
        while True:
            await one()

    await many(50, without_rest, did)


async def greetings(place: Place, did: Counter[str]) -> None:
    """20 that have come to the wrong port: they speak TLS, HTTP or SSH."""
    hello = b"\x16\x03\x01\x02\0\1\0\x01\xfc\x03\x03" + bytes(500)
    greets = (hello, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n")

    async def one() -> None:
        async with await dialled(place) as stream:
            await stream.send_all(greets[did["greetings"] % len(greets)])
            did["greetings"] += 1
            await read_away(stream)

    await many(20, one, did)


async def flood(place: Place, did: Counter[str], unit: bytes = pdu(ENQUIRE_LINK), *, name: str = "flood") -> None:
    """10 that are bound and send the shortest requests as fast as they are let, and read the answers."""
    block = unit * max(1, 16_384 // len(unit))

    async def one() -> None:
        async with await dialled(place) as stream:
            await stream.send_all(bind(name))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(read_away, stream)
                while True:
                    await stream.send_all(block)
                    did["octets"] += len(block)

    await many(10, one, did)


async def multis(place: Place, did: Counter[str]) -> None:
    """10 that send submit_multi to 254 destinations as fast as they are let."""
    await flood(place, did, submit_multi(2), name="multi")


async def garbage(place: Place, did: Counter[str]) -> None:
    """10 that send PDUs of no known kind, and of known kinds with a broken body."""
    await flood(place, did, pdu(0x7777, b"rubbish") + pdu(SUBMIT_SM, b"\xff" * 40), name="garbage")


ATTACKS: Final[dict[str, Attack]] = {
    "halves": halves,
    "unbound": unbound,
    "deaf": deaf,
    "resets": resets,
    "splits": splits,
    "bursts": bursts,
    "storm": storm,
    "greetings": greetings,
    "flood": flood,
    "multis": multis,
    "garbage": garbage,
}
"""Every attack by its name."""


async def attack(name: str, place: Place) -> Counter[str]:
    """Attack until standard input ends; what was done."""
    did: Counter[str] = Counter()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ATTACKS[name], place, did)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()
    return did


def main() -> None:
    """Read the command line, attack, tell."""
    name, where = sys.argv[1:]
    host, _, port = where.rpartition(":")
    print(json.dumps(trio.run(attack, name, (host, int(port)))), flush=True)


if __name__ == "__main__":
    main()

"""A gateway beside carriers that are ours, on the loopback; the dialect is a few lines that note what they are told."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from simulator.embed.embedded import EmbeddedSmsc
from simulator.gateway.config import Config
from simulator.gateway.core import Core
from simulator.gateway.messages import Answer, Callback, Inbound, Message, Number, Order, Progress, Status
from simulator.gateway.store import Store

SENDER, NAMED = "12065550100", "ACME"
PATIENCE = 10.0
"""Seconds that a test waits for what must come at once."""


class Plain:
    """A dialect that says nothing to anybody, and remembers everything."""

    name = "signalwire"

    def __init__(self) -> None:
        self.told: list[tuple[str, Progress]] = []
        self.inbound: list[Inbound] = []
        self.answers: list[tuple[Callback, Answer]] = []
        self.orders: list[Order] = []
        """What the next answer makes it order."""

    def progressed(self, message: Message, progress: Progress) -> Iterable[Callback]:
        self.told.append((message.id, progress))
        if message.order.callback:
            body = f"{message.id} {progress.status}".encode()
            yield Callback(self.name, message.order.space, message.order.callback, body, about=message.id)

    def arrived(self, inbound: Inbound, number: Number) -> Iterable[Callback]:
        self.inbound.append(inbound)
        url = number.settings.get("inbound")
        if url:
            body = inbound.message.order.text.encode()
            yield Callback(self.name, number.space, url, body, wants_answer=True, kind="inbound")

    def answered(self, callback: Callback, answer: Answer) -> Iterable[Order]:
        self.answers.append((callback, answer))
        orders, self.orders = self.orders, []
        return orders

    def statuses(self, message_id: str) -> list[Status]:
        return [progress.status for told, progress in self.told if told == message_id and progress.is_change]


def order(number: str = "1", **fields: Any) -> Order:
    defaults: dict[str, Any] = {
        "id": number,
        "dialect": "signalwire",
        "space": "a",
        "source": SENDER,
        "destination": "12025550100",
        "text": "hello",
    }
    return Order(**(defaults | fields))


def config_for(*smscs: EmbeddedSmsc | int, **settings: Any) -> Config:
    """A configuration for carriers of ours, or for ports."""
    carriers = [{"port": smsc if isinstance(smsc, int) else smsc.port} for smsc in smscs]
    defaults: dict[str, Any] = {
        "smscs": carriers,
        "numbers": [{"number": SENDER, "space": "a", "dialect": "signalwire"}],
        "pace": {},
    }
    return Config.model_validate(defaults | settings)


@asynccontextmanager
async def gateway(config: Config, path: Path | None = None) -> AsyncIterator[tuple[Core, Plain]]:
    """A core that runs for the length of the block, and its only dialect."""
    store, dialect = Store(path), Plain()
    core, leave = Core(config, store), trio.Event()
    core.listen(dialect)
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(core.run, leave)
            yield core, dialect
            leave.set()
    finally:
        store.close()


async def until(fact: Callable[[], object]) -> None:
    """Wait for what has to come at once."""
    with trio.fail_after(PATIENCE):
        # what is waited for happens in another thread or process, which no event of ours knows
        while not fact():  # noqa: ASYNC110
            await trio.sleep(0.005)


async def all_sent(core: Core) -> None:
    """Wait until everything is kept and every callback is through."""
    await until(lambda: not core.outbox.changes and not core._written and not core.webhooks.waiting)


class Sink:
    """An HTTP server that notes what it is sent, and answers as the test says."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.requests: list[str] = []
        """First lines."""
        self.heads: list[str] = []
        """And all lines before the body."""
        self.answers: list[bytes] = []
        """What the next requests are answered with; 204 where nothing is left."""
        self.port = 0
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answer(self, status: str, body: bytes = b"", *headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
        self.answers.append("\r\n".join(lines).encode() + body)

    async def _serve(self, stream: trio.SocketStream) -> None:
        self.connections += 1
        octets = b""
        async with stream:
            while True:
                while b"\r\n\r\n" not in octets:
                    more = await stream.receive_some()
                    if not more:
                        return
                    octets += more
                head, _, octets = octets.partition(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                length = next(int(line[15:]) for line in lines if line.lower().startswith("content-length:"))
                while len(octets) < length:
                    octets += await stream.receive_some()
                self.requests.append(lines[0])
                self.heads.append(head.decode())
                self.bodies.append(octets[:length].decode())
                octets = octets[length:]
                reply = self.answers.pop(0) if self.answers else b"HTTP/1.1 204 No Content\r\n\r\n"
                if reply == b"":
                    return
                await stream.send_all(reply)
                if b"connection: close" in reply:
                    return


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """A sink on a port of its own."""
    found = Sink()
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    found.port = listener.socket.getsockname()[1]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, found._serve, [listener])
        yield found
        nursery.cancel_scope.cancel()

"""The guard around the HTTP server, on real loopback sockets: clients that lie, break off or do not read."""

import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from simulator.net import http
from simulator.net.http import RESTART_PAUSE, RESTART_PAUSE_MAX, STEADY, Failures, listen, serve_http
from simulator.net.server import Server
from simulator.smpp.codec import decode, encode
from simulator.smpp.pdus import BindTransceiver, EnquireLink
from simulator.smsc.smsc import Smsc

GET = b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
KEPT = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
BIG = 64 * 1024 * 1024

App = Callable[[Any, Any, Any], Awaitable[None]]


class Application:
    """A small ASGI application: ``/big`` answers with many octets, ``/wait`` when it is let go, others with ok."""

    def __init__(self, lifespan: str = "complete") -> None:
        self.lifespan = lifespan
        self.starts = 0
        self.asked = trio.Event()
        self.let_go = trio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            await self.respond(scope["path"], receive, send)

    async def live(self, receive: Any, send: Any) -> None:
        await receive()
        self.starts += 1
        if self.lifespan == "fails at first" and self.starts < 4:
            await send({"type": "lifespan.startup.failed", "message": "not yet"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self.lifespan == "never ends":
            await trio.sleep_forever()
        await send({"type": "lifespan.shutdown.complete"})

    async def respond(self, path: str, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        self.asked.set()
        if path == "/wait":
            await self.let_go.wait()
        body = bytes(BIG) if path == "/big" else b"ok"
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Running:
    """A server that runs in a nursery of the test."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.sock = listen("127.0.0.1", 0)
        self.port: int = self.sock.getsockname()[1]
        self.stop = trio.Event()
        self.has_ended = False

    async def run(self, *, task_status: trio.TaskStatus[None]) -> None:
        try:
            await serve_http(self.app, self.sock, stop=self.stop, task_status=task_status)
        finally:
            self.has_ended = True

    async def connect(self) -> trio.SocketStream:
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def ask(self, octets: bytes = GET) -> bytes:
        """Send octets, end our side, read until the server ends its own."""
        async with await self.connect() as stream:
            await stream.send_all(octets)
            return await rest_of(stream)


async def rest_of(stream: trio.SocketStream) -> bytes:
    answer = b""
    try:
        async for octets in stream:
            answer += octets
    except trio.BrokenResourceError:
        answer += b"(reset)"
    return answer


def reset(stream: trio.SocketStream) -> None:
    """Break off with an RST."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()


@asynccontextmanager
async def running(app: App) -> AsyncIterator[Running]:
    server = Running(app)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            await nursery.start(server.run)
            yield server
            server.stop.set()


def open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_request_is_answered() -> None:
    async with running(Application()) as server:
        answer = await server.ask()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\nok")


async def test_the_answer_does_not_name_the_server() -> None:
    async with running(Application()) as server:
        assert b"server:" not in (await server.ask()).lower()


GARBAGE = {
    "zeros": bytes(100),
    "noise": random.Random(1).randbytes(3000),
    "lines of noise": b"\r\n".join(random.Random(2).randbytes(40) for _ in range(50)),
    "no method": b" / HTTP/1.1\r\n\r\n",
    "a version of the future": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a path of noise": b"GET /\xff\xfe%zz%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "an endless header": b"GET / HTTP/1.1\r\nHost: " + b"x" * 100_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length beyond all": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "length and chunks": CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
    "a chunk that is no number": CHUNKED + b"ZZ\r\nabc\r\n0\r\n\r\n",
    "a chunk longer than told": CHUNKED + b"2\r\nabcdef\r\n0\r\n\r\n",
    "a chunk as long as memory": CHUNKED + b"f" * 30 + b"\r\nabc",
    "trailing noise": GET + random.Random(3).randbytes(500),
    "HTTP/2 and noise": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + random.Random(4).randbytes(500),
    "an upgrade to HTTP/2": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: !!!\r\n\r\n",
    "a websocket and noise": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    + random.Random(5).randbytes(500),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + random.Random(6).randbytes(500),
    "SMPP": encode(BindTransceiver(system_id="lost")),
}


@pytest.mark.parametrize("end", ["silence", "end", "reset"])
@pytest.mark.parametrize("name", GARBAGE)
async def test_the_server_answers_and_ends_after(name: str, end: str) -> None:
    async with running(Application()) as server:
        streams = [await server.connect() for _ in range(3)]
        for stream in streams:
            try:
                await stream.send_all(GARBAGE[name])
                if end == "end":
                    await stream.send_eof()
            except trio.BrokenResourceError:
                # the server has had enough of it
                pass
            if end == "reset":
                reset(stream)
        assert (await server.ask()).endswith(b"ok")
        began = trio.current_time()
        server.stop.set()
    assert trio.current_time() - began < http.GRACE * 1.5 + http.AFTERMATH
    for stream in streams:
        stream.socket.close()


@pytest.mark.parametrize("sent", [KEPT[:5], KEPT[:-1], CHUNKED, CHUNKED + b"5\r\nab", KEPT * 50])
async def test_the_server_answers_after_many_that_broke_off_at(sent: bytes) -> None:
    async with running(Application()) as server:
        for _ in range(50):
            stream = await server.connect()
            await stream.send_all(sent)
            reset(stream)
        assert (await server.ask()).endswith(b"ok")


async def test_garbage_is_not_worth_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with running(Application()) as server:
        await server.ask(GARBAGE["zeros"])
        await server.ask()
    assert [record.getMessage() for record in caplog.records] == []


async def test_a_request_that_comes_octet_by_octet_is_answered_and_holds_up_nobody() -> None:
    async with running(Application()) as server, await server.connect() as slow:
        for octet in GET[:-1]:
            await slow.send_all(bytes([octet]))
        assert (await server.ask()).endswith(b"ok")
        await slow.send_all(GET[-1:])
        assert (await rest_of(slow)).endswith(b"ok")


async def test_a_client_that_does_not_read_holds_up_nobody() -> None:
    app = Application()
    async with running(app) as server, await server.connect() as deaf:
        await deaf.send_all(GET.replace(b"/", b"/big", 1))
        await app.asked.wait()
        assert (await server.ask()).endswith(b"ok")


async def test_a_client_that_does_not_read_cannot_hold_up_the_end(caplog: pytest.LogCaptureFixture) -> None:
    app = Application()
    async with running(app) as server:
        deaf = await server.connect()
        await deaf.send_all(GET.replace(b"/", b"/big", 1))
        await app.asked.wait()
        began = trio.current_time()
        server.stop.set()
    assert trio.current_time() - began < http.GRACE * 1.5 + http.AFTERMATH
    assert [record.getMessage() for record in caplog.records] == [
        "http: 1 connections did not end in time and were cut"
    ]
    answer = await rest_of(deaf)
    assert answer.startswith(b"HTTP/1.1 200")
    assert len(answer) < BIG
    await deaf.aclose()


@pytest.mark.parametrize("sent", [b"", KEPT[:7], CHUNKED + b"5\r\nab"])
async def test_the_end_does_not_wait_for_a_connection_that_sent(sent: bytes) -> None:
    async with running(Application()) as server:
        client = await server.connect()
        await client.send_all(sent)
        # by the time that this is answered the server knows the first one, too
        await server.ask()
        server.stop.set()
        await rest_of(client)
    assert server.has_ended
    await client.aclose()


async def test_the_end_does_not_wait_for_a_connection_kept_alive() -> None:
    async with running(Application()) as server:
        client = await server.connect()
        await client.send_all(KEPT)
        assert b"200" in await client.receive_some()
        server.stop.set()
        await rest_of(client)
    await client.aclose()


async def test_a_request_in_flight_is_answered_before_the_end() -> None:
    app = Application()
    async with running(app) as server, await server.connect() as client:
        await client.send_all(GET.replace(b"/", b"/wait", 1))
        await app.asked.wait()
        server.stop.set()
        app.let_go.set()
        assert (await rest_of(client)).endswith(b"ok")


async def test_nobody_is_let_in_after_the_end() -> None:
    async with running(Application()) as server:
        await server.ask()
    assert server.sock.fileno() == -1
    with pytest.raises(OSError, match="all attempts to connect"):
        await server.connect()


async def test_a_cancellation_ends_the_server_in_order() -> None:
    server = Running(Application())
    async with trio.open_nursery() as nursery:
        await nursery.start(server.run)
        client = await server.connect()
        await client.send_all(KEPT)
        assert b"200" in await client.receive_some()
        nursery.cancel_scope.cancel()
    assert server.has_ended
    assert server.sock.fileno() == -1
    await rest_of(client)
    await client.aclose()


async def test_a_server_that_does_not_end_is_cancelled(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http, "GRACE", 0.02)
    monkeypatch.setattr(http, "AFTERMATH", 0.02)
    async with running(Application(lifespan="never ends")) as server:
        await server.ask()
    assert server.has_ended
    assert "http: the server did not end in time and was cancelled" in [one.getMessage() for one in caplog.records]


async def test_a_server_that_failed_is_started_again_and_leaves_no_descriptor(caplog: pytest.LogCaptureFixture) -> None:
    app = Application(lifespan="fails at first")
    before = open_descriptors()
    async with running(app) as server:
        # connects while nobody serves, and waits in the backlog
        assert (await server.ask()).endswith(b"ok")
    assert app.starts == 4
    # three failures in a row are one line
    assert [one.getMessage() for one in caplog.records] == ["http: the server failed and is started again"]
    assert open_descriptors() == before


def test_failures_in_a_row_are_told_once_a_minute_and_waited_for_ever_longer(caplog: pytest.LogCaptureFixture) -> None:
    failures, now, pauses = Failures(), 0.0, []
    for _ in range(100):
        failures.tell(OSError("too many open files"), now, now)
        pauses.append(failures.pause)
        now += failures.pause
    assert pauses == sorted(pauses)
    assert pauses[0] <= 0.1
    assert pauses[-1] == RESTART_PAUSE_MAX
    first, second = caplog.records
    assert first.exc_info is not None
    assert second.exc_info is None
    assert second.getMessage() == "http: the server failed 63 times more and is started again"


def test_a_failure_after_long_service_is_told_at_once_and_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    failures = Failures()
    for now in (0.0, 0.0, STEADY, 2 * STEADY):
        failures.tell(OSError("one of these days"), max(0.0, now - STEADY), now)
    assert failures.pause == RESTART_PAUSE
    assert len(caplog.records) == 3


async def test_malformed_http_never_disturbs_smpp() -> None:
    smsc = Smsc(trio.current_time(), 1_800_000_000.0)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    smpp = Server(smsc)
    async with running(Application()) as server, trio.open_nursery() as nursery:
        await nursery.start(smpp.serve, [listener])
        esme = await trio.open_tcp_stream(*listener.socket.getsockname())
        await esme.send_all(encode(BindTransceiver(sequence_number=1, system_id="gateway")))
        assert decode(await esme.receive_some()).command_status == 0
        for number, octets in enumerate(GARBAGE.values(), 2):
            stream = await server.connect()
            await stream.send_all(octets)
            reset(stream)
            await esme.send_all(encode(EnquireLink(sequence_number=number)))
            assert decode(await esme.receive_some()).sequence_number == number
        assert [session.system_id for session in smsc.sessions.values()] == ["gateway"]
        await esme.aclose()
        nursery.cancel_scope.cancel()


def test_a_port_that_is_taken_is_named() -> None:
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(OSError, match=rf"http: cannot listen on 127\.0\.0\.1:{port}: Address already in use"):
            listen("127.0.0.1", port)


async def test_a_socket_on_all_addresses_knows_its_connections() -> None:
    with listen("0.0.0.0", 0) as sock:
        port = sock.getsockname()[1]
        async with await trio.open_tcp_stream("127.0.0.1", port) as client:
            near, _ = sock.accept()
            with near:
                assert http._sever(sock) == 1
                assert await client.receive_some() == b""


async def test_connections_above_the_limit_are_cut_and_the_others_are_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(http, "CONNECTIONS_MAX", 8)
    monkeypatch.setattr(http, "CENSUS", 0.01)
    async with running(Application()) as server:
        guests = [await server.connect() for _ in range(12)]
        cut = 0

        async def until_the_end(guest: trio.SocketStream) -> None:
            nonlocal cut
            await rest_of(guest)
            cut += 1
            if cut == 3:
                nursery.cancel_scope.cancel()

        async with trio.open_nursery() as nursery:
            for guest in guests:
                nursery.start_soon(until_the_end, guest)
        await guests[0].send_all(GET)
        assert (await rest_of(guests[0])).endswith(b"ok")
        for guest in guests:
            await trio.aclose_forcefully(guest)
        assert (await server.ask()).endswith(b"ok")
    assert "connections above 8 were cut" in caplog.text

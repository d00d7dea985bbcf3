"""Traffic goes on whatever comes by HTTP: garbage, broken requests and viewers who do not read, measured on sockets."""

import random
from typing import Any

import trio

from simulator.control.api import make_app
from simulator.net.client import open_esme
from simulator.net.http import listen, serve_http
from simulator.net.server import Door, Server
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.smsc import Smsc

GARBAGE = (
    b"\x00\x01\x02" * 50,
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /api/mo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /api/rules HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
    b"POST /api/rules HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /api/messages/wait?timeout=5s&to=%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n",
    b"GET /api/events?cursor=-1 HTTP/1.1\r\nHost: localhost\r\nX: " + b"\xff" * 200 + b"\r\n\r\n",
)
ROUNDS = 20
SLOWEST = 1.0
"""Seconds that a submit_sm may take meanwhile; on a machine that is busy with all tests."""


async def test_malformed_http_never_disturbs_the_traffic() -> None:
    smsc = Smsc(trio.current_time(), 1_800_000_000.0)
    server, stop = Server(smsc), trio.Event()
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    smpp: Any = listener.socket.getsockname()[1]
    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    app = make_app(smsc, trio.current_time, pause=trio.lowlevel.checkpoint, server=server)
    took: list[float] = []

    async def traffic(scope: trio.CancelScope) -> None:
        async with open_esme("127.0.0.1", smpp, system_id="gateway") as esme:
            with scope:
                while True:
                    began = trio.current_time()
                    response = await esme.submit(SubmitSm(destination_addr="12025550100", short_message=b"hi"))
                    assert response.command_status == 0
                    took.append(trio.current_time() - began)

    async def disturb() -> None:
        luck = random.Random(7)
        for number in range(ROUNDS * len(GARBAGE)):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            try:
                await stream.send_all(GARBAGE[number % len(GARBAGE)])
                if luck.random() < 0.5:
                    with trio.move_on_after(0.02):
                        await stream.receive_some()
            except trio.BrokenResourceError:
                pass
            await trio.aclose_forcefully(stream)

    with trio.fail_after(50):
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve, [Door(listener)])
            await nursery.start(lambda task_status: serve_http(app, sock, stop=stop, task_status=task_status))
            scope = trio.CancelScope()
            async with trio.open_nursery() as busy:
                busy.start_soon(traffic, scope)
                await trio.sleep(0.1)
                before = len(took)
                await disturb()
                during = len(took) - before
                scope.cancel()
            stop.set()
            server.stop()
    assert during >= ROUNDS * len(GARBAGE)
    assert max(took) < SLOWEST

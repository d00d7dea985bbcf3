"""Our own ESME against our own server over the loopback, plain and by TLS."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
import trustme

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.net.client import Esme, open_esme
from simulator.net.server import Server
from simulator.smpp.pdus import DeliverSm, SubmitSmResp
from simulator.smsc.smsc import Smsc
from tests.net.memory import START, a_message


@asynccontextmanager
async def over_sockets(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on the loopback; gives its port."""
    server = Server(Smsc(trio.current_time(), START, carrier=Carrier(delay=Fixed(0.01))))
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    serve = listeners if tls is None else [trio.SSLListener(listeners[0], tls)]
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve, serve)
            yield port
            server.stop()


async def a_round_trip(esme: Esme) -> None:
    response = await esme.request(a_message())
    assert isinstance(response, SubmitSmResp)
    receipt = await esme.deliveries.receive()
    assert isinstance(receipt, DeliverSm)
    assert b"id:" + response.message_id.encode() in receipt.short_message


async def test_a_message_and_its_receipt_over_the_loopback() -> None:
    async with over_sockets() as port, open_esme("127.0.0.1", port, system_id="gateway") as esme:
        await a_round_trip(esme)


async def test_a_message_and_its_receipt_over_tls() -> None:
    authority = trustme.CA()
    theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(theirs)
    authority.configure_trust(ours)
    async with over_sockets(theirs) as port:
        tls = trio.SSLStream(await trio.open_tcp_stream("127.0.0.1", port), ours, server_hostname="localhost")
        async with open_esme("", 0, system_id="gateway", stream=tls) as esme:
            await a_round_trip(esme)
        assert esme.closed_because == "closed by us"

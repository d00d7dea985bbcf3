"""Outbind: the SMSC calls, the ESME binds over that link, and every way in which that comes to nothing is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair

from simulator.carrier.accounts import Account
from simulator.net.client import BindRefused, Esme, LinkClosed, open_esme
from simulator.net.dial import OutbindFailed, OutbindRefused, Targets, dial
from simulator.net.outbind import accept_outbind
from simulator.net.server import OUTBIND, Server
from simulator.smpp.codec import encode
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import BindTransceiver, BindTransceiverResp, DeliverSm, Outbind
from simulator.smsc.smsc import Smsc
from tests.net.memory import START, MemoryListener, Stream, next_pdu, rest_of


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Server]:
    """A server without a door: it only calls."""
    server = Server(Smsc(trio.current_time(), START, **settings), targets=["ESME.example"])
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, [])
        yield server
        server.stop()


def failures(server: Server) -> list[Any]:
    return [row.detail for row in server.smsc.journal.rows() if row.kind == "outbind_failed"]


async def a_listener() -> tuple[trio.SocketListener, int]:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    return listener, listener.socket.getsockname()[1]


# ------------------------------------------------------------------ the two halves together


@pytest.mark.parametrize("bind", ["RX", "TRX", "TX"])
async def test_an_esme_that_is_called_binds_over_that_link(bind: Any) -> None:
    listener, port = await a_listener()
    with trio.fail_after(20):
        async with serving() as server, trio.open_nursery() as nursery:
            called: list[Any] = []

            async def wait_for_the_call() -> None:
                async with accept_outbind(
                    system_id="gateway", password="secret", bind=bind, listener=listener, window=3
                ) as esme:
                    assert esme.outbind is not None
                    called.append((esme.outbind.system_id, esme.outbind.password))
                    if bind != "TX":
                        server.smsc.mo("12025550199", "12025550100", "hello", trio.current_time(), account="gateway")
                        assert isinstance(await esme.deliveries.receive(), DeliverSm)

            nursery.start_soon(wait_for_the_call)
            session = await server.outbind("127.0.0.1", port, system_id="carrier", password="sesame")
            assert session.peer == f"127.0.0.1:{port}"
            assert session.listener == OUTBIND
        assert called == [("carrier", "sesame")]
        (sent,) = [row for row in server.smsc.journal.rows() if row.kind == "outbind_sent"]
        assert (sent.session, sent.subject.listener, sent.subject.system_id) == (session.number, "outbind", "carrier")
        assert server.smsc.journal.counts["bound"] == server.smsc.journal.counts["unbound"] == 1
    await listener.aclose()


async def test_without_a_listener_the_esme_opens_one_until_somebody_has_called() -> None:
    taken, port = await a_listener()
    await taken.aclose()
    with trio.fail_after(20):
        async with serving() as server, trio.open_nursery() as nursery:

            async def wait_for_the_call() -> None:
                async with accept_outbind("localhost", port, system_id="gateway") as esme:
                    assert esme.connection.is_bound
                    with pytest.raises(OSError, match="all attempts to connect"):
                        await trio.open_tcp_stream("127.0.0.1", port)

            nursery.start_soon(wait_for_the_call)
            # a name is looked up in a thread, so that nothing tells when it listens but a call that gets through
            called = False
            while not called:
                try:
                    await server.outbind("localhost", port, system_id="carrier")
                    called = True
                except OutbindFailed:
                    await trio.sleep(0.01)


async def test_an_esme_that_is_refused_is_told_so_and_its_networks_count() -> None:
    listener, port = await a_listener()
    accounts = [Account("gateway", "secret", networks=("192.0.2.0/24",))]
    with trio.fail_after(20):
        async with serving(accounts=accounts) as server, trio.open_nursery() as nursery:

            async def wait_for_the_call() -> None:
                with pytest.raises(BindRefused, match="ESME_RBINDFAIL"):
                    async with accept_outbind(system_id="gateway", password="secret", listener=listener):
                        raise AssertionError

            nursery.start_soon(wait_for_the_call)
            await server.outbind("127.0.0.1", port)
        (why,) = [row.detail for row in server.smsc.journal.rows() if row.kind == "bind_refused"]
        assert why == "ESME_RBINDFAIL: 'gateway' may not come from 127.0.0.1"
    await listener.aclose()


# ------------------------------------------------------------------ our half


async def test_an_esme_that_never_binds_is_hung_up_on_when_session_init_runs_out(autojump_clock: MockClock) -> None:
    server = Server(Smsc(trio.current_time(), START))
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, [])
        link, session = server._connected(theirs, OUTBIND, None)
        session.connection.send(Outbind(system_id="carrier"), trio.current_time())
        nursery.start_soon(server._carry, link, session)
        outbind = await next_pdu(ours)
        assert isinstance(outbind, Outbind)
        assert session.state.value == "OUTBOUND"
        assert await rest_of(ours) == b""
        assert trio.current_time() == pytest.approx(10.0, abs=0.1)
        assert [row.detail for row in server.smsc.journal.rows() if row.kind == "timeout"] == ["session_init"]
        await ours.aclose()
        server.stop()


async def test_nobody_there_is_an_error_that_is_journalled() -> None:
    listener, port = await a_listener()
    await listener.aclose()
    async with serving() as server:
        with pytest.raises(OutbindFailed, match=f"127.0.0.1:{port}: Connection refused") as caught:
            await server.outbind("127.0.0.1", port, system_id="carrier", password="sesame")
        assert isinstance(caught.value.__cause__, OSError)
        (event,) = [row for row in server.smsc.journal.rows() if row.kind == "outbind_failed"]
        assert (event.session, event.subject.peer, event.subject.system_id) == (0, f"127.0.0.1:{port}", "carrier")
        assert event.detail == f"127.0.0.1:{port}: Connection refused"
        assert "sesame" not in repr(event)
        assert server.smsc.sessions == {}


async def test_a_host_that_never_answers_is_given_up_in_time(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> trio.SocketStream:
        await trio.sleep_forever()
        raise AssertionError

    monkeypatch.setattr(trio, "open_tcp_stream", nothing)
    with pytest.raises(OutbindFailed, match=r"\[::1\]:2776: no connection within 5 s"):
        await dial("::1", 2776)
    assert trio.current_time() == 5.0


async def test_a_name_that_is_unknown_is_told() -> None:
    with pytest.raises(OutbindFailed, match=r"^no-such-host\.invalid:2776: [^(]+$"):
        await dial("no-such-host.invalid", 2776)


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "0.0.0.0", "esme.example.org", "127.0.0.1.nip.example", ""])
async def test_a_host_that_was_not_named_is_not_called_and_that_is_journalled(host: str) -> None:
    async with serving() as server:
        with pytest.raises(OutbindRefused, match="is not this machine"):
            await server.outbind(host, 2776)
        assert failures(server) == [f"host: {host!r} is not this machine; --allow-target {host} would allow it"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "LOCALHOST", "::1", "esme.EXAMPLE"])
def test_this_machine_and_the_hosts_that_were_named_may_be_called(host: str) -> None:
    targets = Targets(["ESME.example"])
    targets.check(host)
    with pytest.raises(OutbindRefused):
        targets.check(host + ".")


async def test_a_name_that_has_no_wire_form_is_refused_before_anybody_is_called() -> None:
    async with serving() as server:
        with pytest.raises(LocalError, match="system_id"):
            await server.outbind("127.0.0.1", 1, system_id="x" * 16)
        assert failures(server) == []


async def test_a_server_that_does_not_serve_calls_nobody() -> None:
    listener, port = await a_listener()
    server = Server(Smsc(trio.current_time(), START))
    with pytest.raises(OutbindRefused, match="the server is not serving"):
        await server.outbind("127.0.0.1", port)
    assert server.smsc.sessions == {}
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, [])
        server.stop()
    with pytest.raises(OutbindRefused, match="the server is not serving"):
        await server.outbind("127.0.0.1", port)
    assert failures(server) == ["the server is not serving"] * 2
    await listener.aclose()


# ------------------------------------------------------------------ the ESME's half


@asynccontextmanager
async def waiting(**settings: Any) -> AsyncIterator[tuple[Stream, list[Any]]]:
    """An ESME that waits to be called over memory streams: the caller's end, and what became of the ESME."""
    door = MemoryListener()
    became: list[Any] = []

    async def wait_for_the_call() -> None:
        try:
            async with accept_outbind(system_id="gateway", listener=door, **settings) as esme:
                became.append(esme)
        except LinkClosed as error:
            became.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_the_call)
        stream = door.connect()
        yield stream, became


async def test_a_caller_that_is_not_admitted_is_hung_up_on(autojump_clock: MockClock) -> None:
    async with waiting(admit=lambda outbind: outbind.password == "sesame") as (stream, became):
        await stream.send_all(encode(Outbind(1, system_id="stranger", password="guess")))
        assert await rest_of(stream) == b""
        await stream.aclose()
    (error,) = became
    assert str(error) == "the outbind of 'stranger' is not admitted"


async def test_a_caller_that_says_nothing_is_hung_up_on_when_session_init_runs_out(autojump_clock: MockClock) -> None:
    async with waiting() as (stream, became):
        assert await rest_of(stream) == b""
        assert trio.current_time() == pytest.approx(10.0, abs=0.1)
        await stream.aclose()
    (error,) = became
    assert isinstance(error, LinkClosed)


async def test_a_caller_that_hangs_up_first_is_told_of(autojump_clock: MockClock) -> None:
    async with waiting() as (stream, became):
        await stream.aclose()
    (error,) = became
    assert str(error) == "closed by the peer"


async def test_an_esme_of_ours_that_called_itself_has_no_outbind() -> None:
    server = Server(Smsc(trio.current_time(), START))
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, [])
        nursery.start_soon(server.attend, theirs)
        async with open_esme(stream=ours, system_id="gateway") as esme:
            assert isinstance(esme, Esme)
            assert esme.outbind is None
        server.stop()


async def test_an_esme_takes_an_outbind_only_before_it_is_bound(autojump_clock: MockClock) -> None:
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:

        async def smsc() -> None:
            request = await next_pdu(theirs)
            assert isinstance(request, BindTransceiver)
            response = BindTransceiverResp(request.sequence_number)
            await theirs.send_all(encode(response) + encode(Outbind(7, system_id="late")))
            nack = await next_pdu(theirs)
            assert (nack.name, nack.sequence_number) == ("generic_nack", 7)
            await theirs.aclose()
            nursery.cancel_scope.cancel()

        nursery.start_soon(smsc)
        async with open_esme(stream=ours, system_id="gateway") as esme:
            async for _ in esme.deliveries:
                raise AssertionError
            assert esme.outbind is None

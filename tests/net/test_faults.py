"""Faults on real sockets, as a gateway meets them: over the poller, over a link of its own, and over TLS."""

import errno
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trio
from trio.testing import memory_stream_pair

from scripts.attacks import pdu
from simulator.journal import CONNECTED, DISCONNECTED, SUBMITTED
from simulator.net import server as servers
from simulator.net.client import open_esme
from simulator.net.poller import IS_HERE
from simulator.net.server import FAREWELL, Door, Server
from simulator.net.tls import made_context
from simulator.shaping.streams import Plan
from simulator.smpp.codec import encode
from simulator.smpp.connection import Timers
from simulator.smpp.pdus import EnquireLink, EnquireLinkResp, GenericNack, SubmitSmResp
from simulator.smsc.play.faults import strike
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Terms
from tests.net.memory import QUIET, START, Pair, a_bind, a_message, next_pdu, pdus_in, rest_of, serving
from tests.smsc.line import a_fault, send_shaped

ENQUIRY = encode(EnquireLink(7))
BIG = 32 * 1024 * 1024
"""Octets that no kernel takes at once."""
HELLO = b"\x16\x03\x01"
"""How a ClientHello begins (RFC 8446, 5.1)."""

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class Served:
    """A server on loopback with one door, carried in one of three ways."""

    def __init__(self, smsc: Smsc, port: int, context: ssl.SSLContext | None) -> None:
        self.smsc = smsc
        self.server = Server(smsc)
        self.port = port
        self.context = context

    async def dialled(self, *, send_buffer: int = 0) -> Stream:
        """A connection; over TLS its handshake is done by the first send or receive."""
        made = trio.socket.socket()
        if send_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        await made.connect(("127.0.0.1", self.port))
        plain = trio.SocketStream(made)
        return plain if self.context is None else trio.SSLStream(plain, self.context, server_hostname="localhost")

    @asynccontextmanager
    async def bound(self, **settings: Any) -> AsyncIterator[tuple[Stream, Session]]:
        """A bound connection and its session at the SMSC."""
        stream = await self.dialled(**settings)
        await stream.send_all(a_bind())
        assert (await next_pdu(stream)).command_status == 0
        session = list(self.smsc.sessions.values())[-1]
        yield stream, session
        await trio.aclose_forcefully(stream)

    def strike(self, session: Session, word: str, **said: Any) -> None:
        strike(self.smsc, session, a_fault(word, **said), trio.current_time())

    def strike_at_connect(self, word: str, **said: Any) -> None:
        """Let a fault happen to whoever comes."""
        self.smsc.journal.feed(
            CONNECTED, lambda _at, number, _caller, _detail: self.strike(self.smsc.sessions[number], word, **said)
        )

    async def until(self, fact: Any) -> None:
        """Wait until it holds."""
        with trio.fail_after(5):
            while not fact():  # noqa: ASYNC110  # a fact of the server's, which announces none
                await trio.sleep(0.005)

    def reasons(self) -> list[str]:
        return [row.detail for row in self.smsc.journal.rows() if row.kind == DISCONNECTED]


@asynccontextmanager
async def served_by(kind: str, monkeypatch: pytest.MonkeyPatch, timers: Timers = QUIET) -> AsyncIterator[Served]:
    """A server that carries its links by the poller, each by a link of its own, or over TLS."""
    if kind != "polled":
        monkeypatch.setattr(servers, "IS_HERE", False)
    ours, theirs = None, None
    if kind == "tls":
        ours, pem = made_context([])
        theirs = ssl.create_default_context(cadata=pem.decode())
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    smsc = Smsc(trio.current_time(), START, terms=Terms(timers=timers))
    served = Served(smsc, listener.socket.getsockname()[1], theirs)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            await nursery.start(served.server.serve, [Door(listener, "smpp", ours)])
            yield served
            served.server.stop()
    assert not smsc.sessions


@pytest.fixture(name="kind", params=["polled", "linked", "tls"])
def a_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    if kind == "polled" and not IS_HERE:
        pytest.skip("this system has no epoll: link.py carries every stream")
    return kind


@pytest.fixture(name="served")
async def a_server(kind: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    async with served_by(kind, monkeypatch) as served:
        yield served


async def is_answered(stream: Stream) -> None:
    """An enquire_link is answered."""
    await stream.send_all(ENQUIRY)
    assert isinstance(await next_pdu(stream), EnquireLinkResp)


async def read_into(came: bytearray, stream: Stream) -> None:
    """Read to the end, and keep what came before an error."""
    while more := await stream.receive_some():
        came += more


async def hears_nothing(stream: Stream, seconds: float = 0.1) -> None:
    """Neither octets nor an end come for so long."""
    with trio.move_on_after(seconds):
        came = await stream.receive_some()
        raise AssertionError(came)


# ------------------------------------------------------------------ the end


async def test_a_reset_arrives_as_econnreset_and_other_links_live_on(served: Served) -> None:
    async with served.bound() as (struck, session), served.bound() as (other, _):
        served.strike(session, "rst")
        with pytest.raises(trio.BrokenResourceError) as caught:
            await struck.receive_some()
        error = caught.value.__cause__
        while error is not None and error.__cause__ is not None:
            error = error.__cause__
        assert isinstance(error, OSError)
        assert error.errno == errno.ECONNRESET
        await is_answered(other)
    assert "a fault: rst" in served.reasons()


async def test_a_reset_does_not_wait_for_a_peer_that_does_not_read(served: Served) -> None:
    async with served.bound() as (stream, session):
        session.connection.send_bytes(bytes(BIG))
        session.wake()
        await trio.sleep(0.05)
        served.strike(session, "rst")
        await served.until(lambda: not session.is_open)
        came = bytearray()
        with pytest.raises(trio.BrokenResourceError):
            await read_into(came, stream)
        assert len(came) < BIG


async def test_a_fin_in_the_midst_of_a_pdu_leaves_its_beginning(served: Served) -> None:
    async with served.bound() as (struck, session):
        served.strike(session, "fin", octets=5)
        await struck.send_all(ENQUIRY)
        assert await struck.receive_some() == encode(EnquireLinkResp(7))[:5]
        # TLS says goodbye, and TCP
        assert await struck.receive_some() == b""


async def test_who_is_refused_is_reset_before_anything_was_said(served: Served) -> None:
    served.strike_at_connect("refuse")
    stream = await served.dialled()
    # the reset may be here before we have written anything
    with suppress(trio.BrokenResourceError):
        await stream.send_all(a_bind())
    with pytest.raises(trio.BrokenResourceError):
        await stream.receive_some()
    await trio.aclose_forcefully(stream)
    await served.until(lambda: served.reasons() == ["a fault: refuse"])


async def test_after_our_half_close_the_peer_goes_on_and_is_recorded(served: Served, kind: str) -> None:
    async with served.bound() as (stream, session):
        served.strike(session, "half_close")
        if kind == "tls":
            # no close_notify came before the end of TCP
            with pytest.raises(trio.BrokenResourceError):
                await stream.receive_some()
        else:
            assert await stream.receive_some() == b""
            for number in range(2, 5):
                message = a_message()
                message.sequence_number = number
                await stream.send_all(encode(message))
            await served.until(lambda: served.smsc.journal.counts[SUBMITTED] == 3)
        assert session.is_open
    await served.until(lambda: served.reasons() != [])


# ------------------------------------------------------------------ reading


async def test_while_reading_is_paused_the_peers_sends_block_and_ours_arrive(served: Served) -> None:
    async with served.bound(send_buffer=8192) as (stream, session), served.bound() as (other, _):
        start = trio.current_time()
        served.strike(session, "pause_reading", lasts="1s")
        sent = 0

        async def push() -> None:
            nonlocal sent
            while True:
                await stream.send_all(ENQUIRY * 1000)
                sent += 1000

        async with trio.open_nursery() as nursery:
            nursery.start_soon(push)
            await trio.sleep(0.3)
            taken = sent
            session.connection.send(EnquireLink(), trio.current_time())
            session.wake()
            # no answer comes before it
            assert isinstance(await next_pdu(stream), EnquireLink)
            await is_answered(other)
            await trio.sleep(0.2)
            # what the kernels keep is all there is room for
            assert sent == taken
            assert isinstance(await next_pdu(stream), EnquireLinkResp)
            assert trio.current_time() - start >= 1.0
            nursery.cancel_scope.cancel()


async def test_slow_reading_takes_an_octet_at_a_time_until_it_ends(served: Served) -> None:
    async with served.bound() as (stream, session):
        served.strike(session, "slow_reading")
        start = trio.current_time()
        await is_answered(stream)
        assert trio.current_time() - start >= 0.15
        strike(served.smsc, session, a_fault("slow_reading", lasts="1ms"), trio.current_time())
        assert session.flow is not None
        session.flow.relent(trio.current_time())
        for _ in range(20):
            await is_answered(stream)
        assert trio.current_time() - start < 3.0


async def test_who_hangs_at_connect_is_answered_when_it_is_over(served: Served, kind: str) -> None:
    served.strike_at_connect("hang", lasts="300ms")
    start = trio.current_time()
    stream = await served.dialled()
    await stream.send_all(a_bind())
    assert (await next_pdu(stream)).command_status == 0
    assert trio.current_time() - start >= 0.3
    await is_answered(stream)
    await trio.aclose_forcefully(stream)


# ------------------------------------------------------------------ holes


async def test_in_a_hole_nothing_is_heard_while_tcp_stands(served: Served) -> None:
    async with served.bound() as (stream, session), served.bound() as (other, _):
        served.strike(session, "black_hole", lasts="200ms")
        await stream.send_all(ENQUIRY)
        await hears_nothing(stream, 0.1)
        await is_answered(other)
        await trio.sleep(0.2)
        await is_answered(stream)


@pytest.mark.parametrize("lasts", ["1s", None])
async def test_a_link_that_we_give_up_in_a_hole_looks_alive_to_its_peer(
    kind: str, lasts: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers = Timers(enquire_link=0.1, response=0.1)
    async with served_by(kind, monkeypatch, timers) as served, served.bound() as (stream, session):
        served.strike(session, "black_hole", **({"lasts": lasts} if lasts else {}))
        await served.until(lambda: not session.is_open)
        await hears_nothing(stream)
        await stream.send_all(ENQUIRY)
        if lasts:
            # the hole is over, and nobody there knows this connection any more
            with pytest.raises(trio.BrokenResourceError), trio.fail_after(3):
                await stream.receive_some()


async def test_who_leaves_in_a_hole_is_believed_to_be_there_until_it_ends(served: Served) -> None:
    async with served.bound() as (stream, session):
        served.strike(session, "black_hole", direction="in", lasts="300ms")
        await trio.aclose_forcefully(stream)
        await trio.sleep(0.15)
        assert session.is_open
        await served.until(lambda: not session.is_open)


async def test_a_server_that_stops_ends_holes_and_hung_links_and_waits_for_none(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers = Timers(enquire_link=0.1, response=0.1)
    async with (
        served_by(kind, monkeypatch, timers) as served,
        served.bound() as (given_up, session),
        served.bound() as (hung, another),
    ):
        served.strike(another, "hang")
        served.strike(session, "black_hole")
        await served.until(lambda: not session.is_open)
        start = trio.current_time()
        served.server.stop()
        assert (await next_pdu(hung)).name == "unbind"
        await hung.send_all(pdu(0x80000006))
        with suppress(trio.BrokenResourceError):
            assert await rest_of(given_up) == b""
        assert trio.current_time() - start < FAREWELL


# ------------------------------------------------------------------ streams


async def test_a_drip_arrives_octet_by_octet_and_what_follows_behind_it(served: Served) -> None:
    async with served.bound() as (stream, session), served.bound() as (other, _):
        answer = SubmitSmResp(9, message_id="1")
        octets = send_shaped(session, answer, trio.current_time(), plan=Plan(drip=(1, 0.02)))
        session.connection.send_bytes(ENQUIRY)
        session.wake()
        start = trio.current_time()
        assert [await stream.receive_some() for _ in octets[1:]] == [bytes([octet]) for octet in octets[:-1]]
        assert trio.current_time() - start >= 0.02 * (len(octets) - 2)
        # nothing lies between the last octet and what follows
        assert await stream.receive_some(1) == octets[-1:]
        assert isinstance(await next_pdu(stream), EnquireLink)
        await is_answered(other)


async def test_a_split_pdu_arrives_in_its_segments(served: Served) -> None:
    async with served.bound() as (stream, session):
        octets = send_shaped(session, SubmitSmResp(9), trio.current_time(), plan=Plan(cuts=(3, 10), pause=0.05))
        assert [await stream.receive_some() for _ in range(3)] == [octets[:3], octets[3:10], octets[10:]]


async def test_a_pdu_that_joins_arrives_with_the_next_one(served: Served) -> None:
    async with served.bound() as (stream, session):
        octets = send_shaped(session, SubmitSmResp(9), trio.current_time(), plan=Plan(joins=True))
        await hears_nothing(stream)
        await stream.send_all(ENQUIRY)
        assert await stream.receive_some() == octets + encode(EnquireLinkResp(7))


async def test_a_pdu_that_stops_is_never_finished(served: Served) -> None:
    async with served.bound() as (stream, session):
        octets = send_shaped(session, SubmitSmResp(9), trio.current_time(), plan=Plan(stops_at=11))
        assert await stream.receive_some() == octets[:11]
        await stream.send_all(ENQUIRY)
        await hears_nothing(stream)


# ------------------------------------------------------------------ TLS


@pytest.fixture(name="secured")
async def a_secured_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    async with served_by("tls", monkeypatch, Timers()) as served:
        yield served


async def test_plain_octets_where_tls_is_expected_are_a_generic_nack(secured: Served) -> None:
    secured.strike_at_connect("tls_plain")
    stream = await trio.open_tcp_stream("127.0.0.1", secured.port)
    await stream.send_all(HELLO + bytes(200))
    (nack,) = pdus_in(await rest_of(stream))
    assert isinstance(nack, GenericNack)
    await stream.aclose()
    client = await secured.dialled()
    with pytest.raises(trio.BrokenResourceError) as caught:
        await client.send_all(a_bind())
    assert "WRONG_VERSION_NUMBER" in str(caught.value.__cause__) or "RECORD_LAYER" in str(caught.value.__cause__)
    await trio.aclose_forcefully(client)


async def test_who_speaks_plainly_to_a_port_that_does_gets_on(secured: Served) -> None:
    secured.strike_at_connect("tls_plain")
    stream = await trio.open_tcp_stream("127.0.0.1", secured.port)
    async with open_esme("", 0, system_id="gateway", stream=stream) as esme:
        assert (await esme.request(EnquireLink())).command_status == 0


async def test_an_alert_ends_the_handshake(secured: Served) -> None:
    secured.strike_at_connect("tls_alert")
    client = await secured.dialled()
    with pytest.raises(trio.BrokenResourceError) as caught:
        await client.send_all(a_bind())
    assert "HANDSHAKE_FAILURE" in str(caught.value.__cause__)
    await trio.aclose_forcefully(client)
    await secured.until(lambda: secured.reasons() == ["TLS handshake: refused with an alert"])


async def test_a_handshake_that_stalls_is_for_the_peer_to_end(secured: Served) -> None:
    secured.strike_at_connect("tls_stall")
    client = await secured.dialled()
    with trio.move_on_after(0.2) as scope:
        await client.send_all(a_bind())
    assert scope.cancelled_caught
    assert len(secured.smsc.sessions) == 1
    await trio.aclose_forcefully(client)
    await secured.until(lambda: secured.reasons() == ["closed by the peer"])


async def test_a_stalled_handshake_does_not_hold_up_the_end_of_the_server(secured: Served) -> None:
    secured.strike_at_connect("tls_stall")
    client = await secured.dialled()
    with trio.move_on_after(0.1):
        await client.send_all(a_bind())
    start = trio.current_time()
    secured.server.stop()
    await secured.until(lambda: not secured.smsc.sessions)
    assert trio.current_time() - start < FAREWELL
    await trio.aclose_forcefully(client)


@pytest.mark.parametrize("is_late", [False, True])
async def test_tls_can_end_without_its_close_notify(secured: Served, is_late: bool) -> None:
    if not is_late:
        secured.strike_at_connect("tls_no_close_notify")
    async with secured.bound() as (stream, session):
        secured.strike(session, "tls_no_close_notify" if is_late else "fin")
        with pytest.raises(trio.BrokenResourceError) as caught:
            await stream.receive_some()
        assert "EOF" in str(caught.value.__cause__)


# ------------------------------------------------------------------ in memory


@pytest.mark.parametrize("word", ["fin", "rst", "half_close"])
async def test_in_memory_a_link_ends_too_and_what_waited_is_thrown_away_by_a_reset(
    word: str, autojump_clock: trio.testing.MockClock
) -> None:
    async with serving(terms=Terms(timers=QUIET)) as served:
        stream = served.connect(memory_stream_pair)
        await stream.send_all(a_bind())
        await next_pdu(stream)
        (session,) = served.smsc.sessions.values()
        session.connection.send_bytes(b"answer")
        strike(served.smsc, session, a_fault(word), trio.current_time())
        assert await rest_of(stream) == (b"" if word == "rst" else b"answer")
        assert session.is_open is (word == "half_close")
        await stream.aclose()


async def test_a_stream_that_knows_no_half_close_stays_open(autojump_clock: trio.testing.MockClock) -> None:
    def pair() -> tuple[Any, Any]:
        ours, theirs = memory_stream_pair()
        return ours, _Whole(theirs)

    made: Pair = pair
    async with serving(terms=Terms(timers=QUIET)) as served:
        stream = served.connect(made)
        await stream.send_all(a_bind())
        await next_pdu(stream)
        (session,) = served.smsc.sessions.values()
        strike(served.smsc, session, a_fault("half_close"), trio.current_time())
        with trio.move_on_after(60) as scope:
            await stream.receive_some()
        assert scope.cancelled_caught
        await stream.aclose()


class _Whole(trio.abc.Stream):
    """A stream of which no half can be closed."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        await self._stream.aclose()

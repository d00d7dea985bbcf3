"""Quirks that only sockets and TLS show in full: a reset, a window of TCP that closes, and handshakes that go wrong."""

import errno
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from simulator.net.doors import listeners_from
from simulator.net.server import Door, Server
from simulator.net.tls import made_context
from simulator.scenario.file import found, parse
from simulator.smpp.codec import encode
from simulator.smpp.pdus import BindTransceiverResp, DeliverSm, EnquireLink, GenericNack, Pdu, SubmitSmResp, Unbind
from simulator.smsc.play.staging import said_of_carrier, staged
from tests.net.memory import START, a_bind, a_message, next_pdu, pdus_in, rest_of
from tests.quirks.facts_links import LINKS

Stream = trio.SocketStream | trio.SSLStream[trio.SocketStream]


class Doors:
    """A quirk on loopback: the port of each of its doors, and whose certificates are to be trusted."""

    def __init__(self, ports: dict[str, int], authorities: dict[str, bytes]) -> None:
        self.ports = ports
        self.authorities = authorities
        self.opened: list[trio.SocketStream] = []

    async def plainly(self, door: str = "smpp", *, send_buffer: int = 0) -> trio.SocketStream:
        """A connection without TLS."""
        made = trio.socket.socket()
        if send_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        await made.connect(("127.0.0.1", self.ports[door]))
        self.opened.append(trio.SocketStream(made))
        return self.opened[-1]

    def trusting(self, door: str, *, is_checked: bool = True) -> ssl.SSLContext:
        """The context of a client that knows who has signed, and may not care."""
        context = ssl.create_default_context(cadata=self.authorities[door].decode())
        if not is_checked:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    async def secured(self, door: str, context: ssl.SSLContext | None = None) -> trio.SSLStream[trio.SocketStream]:
        """A connection whose handshake is done; BrokenResourceError where it fails."""
        stream = trio.SSLStream(await self.plainly(door), context or self.trusting(door), server_hostname="127.0.0.1")
        await stream.do_handshake()
        return stream


def written(name: str) -> str:
    """The file of a quirk."""
    return Path(found(f"quirks/{name}")).read_text(encoding="utf-8")


@asynccontextmanager
async def open_doors(name: str, *, instead: tuple[str, str] = ("", "")) -> AsyncIterator[Doors]:
    """A server that plays a quirk; ``instead`` replaces a word of its file."""
    scenario = parse(written(name).replace(*instead))
    ours, pem = made_context([])
    said, signed = listeners_from(said_of_carrier([scenario]).get("listeners", {}))
    authorities = dict.fromkeys([one.name for one in said], signed or b"") | {"smpps": pem}
    doors = []
    for door, tls in (("smpp", None), ("smpps", ours), *((one.name, one.tls) for one in said)):
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        doors.append(Door(listener, door, tls))
    ports = {door.name: door.listener.socket.getsockname()[1] for door in doors}  # type: ignore[attr-defined]
    server = Server(staged([scenario], trio.current_time(), START, seed=7))
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve, doors)
            made = Doors(ports, authorities)
            yield made
            for stream in made.opened:
                await trio.aclose_forcefully(stream)
            server.stop()


async def asked(stream: Stream, pdu: Pdu | bytes) -> Pdu:
    """The next PDU behind a request."""
    await stream.send_all(pdu if isinstance(pdu, bytes) else encode(pdu))
    return await next_pdu(stream)


async def bound(stream: Stream) -> None:
    assert (await asked(stream, a_bind())).command_status == 0


async def submitted(stream: Stream, number: int) -> None:
    message = a_message(registered_delivery=0)
    message.sequence_number = number
    answer = await asked(stream, message)
    assert isinstance(answer, SubmitSmResp)
    assert (answer.sequence_number, answer.command_status) == (number, 0)


def cause_of(error: BaseException) -> BaseException:
    """What is at the bottom of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


# ------------------------------------------------------------------ resets and windows


async def test_unbind_races_reading_ends_with_econnreset_and_not_with_an_end_of_the_stream() -> None:
    async with open_doors("unbind-races") as doors:
        stream = await doors.plainly()
        await bound(stream)
        await submitted(stream, 2)
        unbind = encode(Unbind(3))
        with pytest.raises(trio.BrokenResourceError) as caught:
            # nothing but the answer, if that
            assert await sent_and_rest(stream, unbind) == unbind[:4] + b"\x80\0\0\6" + unbind[8:]
        error = cause_of(caught.value)
        assert isinstance(error, OSError)
        assert error.errno == errno.ECONNRESET


async def test_peer_stops_reading_writes_find_no_room_until_it_goes_on() -> None:
    async with open_doors("peer-stops-reading", instead=("lasts: 30s", "lasts: 1s")) as doors:
        stream = await doors.plainly(send_buffer=8192)
        await bound(stream)
        for number in (2, 3):
            await submitted(stream, number)
        message = a_message()
        message.sequence_number = 4
        assert isinstance(await asked(stream, message), SubmitSmResp)
        start, sent = trio.current_time(), 0

        async def push() -> None:
            nonlocal sent
            while True:
                await stream.send_all(encode(EnquireLink(7)) * 1000)
                sent += 1000

        async with trio.open_nursery() as nursery:
            nursery.start_soon(push)
            # the receipt comes all the same, before anything of this is answered
            assert isinstance(await next_pdu(stream), DeliverSm)
            taken = sent
            await trio.sleep(0.2)
            assert sent == taken
            assert (await next_pdu(stream)).name == "enquire_link_resp"
            assert trio.current_time() - start >= 1.0
            await trio.sleep(0.1)
            assert (await next_pdu(stream)).name == "enquire_link_resp"
            nursery.cancel_scope.cancel()
        assert sent >= taken


async def test_bind_ok_then_close_ends_with_an_end_of_the_stream() -> None:
    async with open_doors("bind-ok-then-close") as doors:
        for _ in range(3):
            stream = await doors.plainly()
            (answer,) = pdus_in(await sent_and_rest(stream, a_bind()))
            assert isinstance(answer, BindTransceiverResp)
            assert answer.command_status == 0
        stream = await doors.plainly()
        await bound(stream)
        await submitted(stream, 2)


async def sent_and_rest(stream: Stream, octets: bytes) -> bytes:
    await stream.send_all(octets)
    return await rest_of(stream)


async def test_half_open_link_stands_while_nothing_comes_and_another_one_is_well() -> None:
    async with open_doors("half-open-link") as doors:
        stream = await doors.plainly()
        await bound(stream)
        await submitted(stream, 2)
        await submitted(stream, 3)
        await stream.send_all(encode(a_message()) + encode(EnquireLink(5)))
        with trio.move_on_after(0.3):
            came = await stream.receive_some()
            raise AssertionError(came)
        other = await doors.plainly()
        await bound(other)
        await submitted(other, 2)


# ------------------------------------------------------------------ TLS


@pytest.fixture(name="tls")
async def a_carrier_with_doors() -> AsyncIterator[Doors]:
    async with open_doors("tls-surprises") as doors:
        yield doors


def test_the_doors_are_those_that_the_fact_names() -> None:
    listeners = said_of_carrier([parse(written("tls-surprises"))])["listeners"]
    fact = " ".join(LINKS["tls-surprises"].also)
    assert [name for name in listeners if name not in fact] == []
    assert len(listeners) == 7


async def test_a_port_that_speaks_plainly_answers_no_hello_and_binds_who_does_without(tls: Doors) -> None:
    context = ssl.create_default_context()
    with pytest.raises(trio.BrokenResourceError) as caught:
        await tls.secured("plain-on-tls-port", context)
    assert "WRONG_VERSION" in str(caught.value.__cause__) or "RECORD_LAYER" in str(caught.value.__cause__)
    stream = await tls.plainly("plain-on-tls-port")
    await bound(stream)


@pytest.mark.parametrize(
    ("door", "reason"),
    [("self-signed", "self-signed certificate"), ("expired", "expired"), ("wrong-name", "mismatch")],
)
async def test_who_checks_certificates_fails_for_the_reason_and_who_does_not_is_bound(
    tls: Doors, door: str, reason: str
) -> None:
    with pytest.raises(trio.BrokenResourceError) as caught:
        await tls.secured(door)
    error = cause_of(caught.value)
    assert isinstance(error, ssl.SSLCertVerificationError)
    assert reason in error.verify_message
    stream = await tls.secured(door, tls.trusting(door, is_checked=False))
    await bound(stream)


@pytest.mark.parametrize(
    ("door", "spoken", "other"),
    [
        ("old-version", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
        ("new-version", ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2),
    ],
)
async def test_a_door_of_one_version_speaks_no_other(
    tls: Doors, door: str, spoken: ssl.TLSVersion, other: ssl.TLSVersion
) -> None:
    stream = await tls.secured(door)
    assert stream.version() == spoken.name.replace("TLSv1_", "TLSv1.")
    await bound(stream)
    context = tls.trusting(door)
    context.minimum_version = context.maximum_version = other
    with pytest.raises(trio.BrokenResourceError):
        await tls.secured(door, context)


async def test_who_shows_no_certificate_where_one_is_required_is_refused(tls: Doors) -> None:
    with pytest.raises(trio.BrokenResourceError) as caught:
        # in TLS 1.3 the client learns it behind the handshake
        await asked(await tls.secured("client-certificate"), a_bind())
    assert isinstance(cause_of(caught.value), ssl.SSLError)


async def test_at_a_door_that_is_well_the_first_handshake_gets_plain_octets_and_the_second_is_well(tls: Doors) -> None:
    octets = await sent_and_rest(await tls.plainly("smpps"), b"\x16\x03\x01" + bytes(200))
    (nack,) = pdus_in(octets)
    assert isinstance(nack, GenericNack)
    # no TLS record begins so: neither a handshake nor an alert
    assert octets[:1] not in {b"\x15", b"\x16"}
    stream = await tls.secured("smpps")
    await bound(stream)
    for number in (2, 3):
        await submitted(stream, number)
    message = a_message(registered_delivery=0)
    message.sequence_number = 4
    await stream.send_all(encode(message))
    assert isinstance(await next_pdu(stream), SubmitSmResp)
    with pytest.raises(trio.BrokenResourceError) as caught:
        await stream.receive_some()
    assert isinstance(cause_of(caught.value), ssl.SSLEOFError)


async def test_without_the_quirk_the_first_handshake_is_well_and_the_stream_ends_as_tls_does() -> None:
    async with open_doors("unbind-from-smsc") as doors:
        stream = await doors.secured("smpps")
        await bound(stream)
        for number in (2, 3, 4):
            await submitted(stream, number)
        assert (await asked(stream, Unbind(5))).name == "unbind_resp"
        assert await rest_of(stream) == b""

"""TLS on the loopback: whose certificate is shown and asked for, what a session tells of it, and what is no TLS."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme
from cryptography.hazmat.primitives import serialization

from simulator.net import tls
from simulator.net.client import LinkClosed, open_esme
from simulator.net.server import Door, Server
from simulator.net.tls import Authority, ask_for_certificate, context_for, made_context, own_context, subject_of
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import EnquireLink, GenericNack
from simulator.smsc.smsc import Smsc
from tests.net.memory import START, a_bind, pdus_in, rest_of


@asynccontextmanager
async def secured(context: ssl.SSLContext | None) -> AsyncIterator[tuple[Smsc, int]]:
    """A server on a loopback port whose one door has this context."""
    smsc = Smsc(trio.current_time(), START)
    server = Server(smsc)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            await nursery.start(server.serve, [Door(listener, "smpps", context)])
            yield smsc, listener.socket.getsockname()[1]
            server.stop()


async def dialled(port: int, context: ssl.SSLContext, name: str = "localhost") -> trio.SSLStream[trio.SocketStream]:
    return trio.SSLStream(await trio.open_tcp_stream("127.0.0.1", port), context, server_hostname=name)


def made(*hosts: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context of ours with a certificate made for this test, and a client's that trusts it."""
    ours, pem = made_context(hosts)
    return ours, ssl.create_default_context(cadata=pem.decode())


def asking(authority: trustme.CA, folder: Path, *, is_required: bool) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    ours, theirs = made()
    authority.cert_pem.write_to_path(folder / "clients.pem")
    ask_for_certificate(ours, folder / "clients.pem", is_required=is_required)
    return ours, theirs


async def reasons(smsc: Smsc) -> list[str]:
    """Why each session has ended, once one has."""
    while not smsc.journal.counts["disconnected"]:
        await trio.lowlevel.checkpoint()
    return [row.detail for row in smsc.journal.rows() if row.kind == "disconnected"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "smsc.example", "192.0.2.7"])
async def test_a_made_certificate_is_good_for_this_machine_and_the_hosts_listened_on(name: str) -> None:
    ours, theirs = made("smsc.example", "0.0.0.0", "192.0.2.7", "localhost")
    async with secured(ours) as (smsc, port):
        async with open_esme("", 0, system_id="gateway", stream=await dialled(port, theirs, name)) as esme:
            assert (await esme.request(EnquireLink())).command_status == 0
            (session,) = smsc.sessions.values()
            assert (session.listener, session.caller.listener) == ("smpps", "smpps")
            assert session.tls is not None
            assert session.tls.subject is None
            assert esme.tls is not None
            assert (session.tls.version, session.tls.cipher) == (esme.tls.version, esme.tls.cipher)
            assert esme.tls.version == "TLSv1.3"
            assert esme.tls.subject is not None
            assert esme.tls.subject.startswith("O=carrier-sim,")
        # each end was told of the other's, so that nobody takes it for a cut
        assert set(await reasons(smsc)) <= {"closed by us", "closed by the peer"}


async def test_each_made_authority_is_another() -> None:
    ours, _ = made()
    _, others = made()
    async with secured(ours) as (smsc, port):
        with pytest.raises(LinkClosed, match=r"TLS handshake: .*certificate verify failed") as caught:
            async with open_esme("", 0, system_id="gateway", stream=await dialled(port, others)):
                raise AssertionError
        assert isinstance(caught.value.__cause__, ssl.SSLError)
        (reason,) = await reasons(smsc)
        assert reason.startswith("TLS handshake: ")


@pytest.mark.parametrize("is_required", [False, True])
async def test_a_client_s_certificate_is_verified_and_its_subject_told(tmp_path: Path, is_required: bool) -> None:
    authority = trustme.CA()
    ours, theirs = asking(authority, tmp_path, is_required=is_required)
    authority.issue_cert("gateway.example", organization_name="Gateways", common_name="gateway").configure_cert(theirs)
    async with (
        secured(ours) as (smsc, port),
        open_esme("", 0, system_id="gateway", stream=await dialled(port, theirs)),
    ):
        (session,) = smsc.sessions.values()
        assert session.tls is not None
        assert session.tls.subject is not None
        assert session.tls.subject.startswith("O=Gateways,")
        assert session.tls.subject.endswith("CN=gateway")


async def test_a_client_without_a_certificate_is_let_in_unless_one_is_required(tmp_path: Path) -> None:
    ours, theirs = asking(trustme.CA(), tmp_path, is_required=False)
    async with (
        secured(ours) as (smsc, port),
        open_esme("", 0, system_id="gateway", stream=await dialled(port, theirs)),
    ):
        (session,) = smsc.sessions.values()
        assert session.tls is not None
        assert session.tls.subject is None


@pytest.mark.parametrize("has_one", [False, True])
async def test_a_client_without_the_required_certificate_is_turned_away(tmp_path: Path, has_one: bool) -> None:
    ours, theirs = asking(trustme.CA(), tmp_path, is_required=True)
    if has_one:
        # one that another authority has signed
        trustme.CA().issue_cert("gateway.example").configure_cert(theirs)
    async with secured(ours) as (smsc, port):
        with pytest.raises(LinkClosed):
            async with open_esme("", 0, system_id="gateway", stream=await dialled(port, theirs)):
                raise AssertionError
        (reason,) = await reasons(smsc)
        assert reason.startswith("TLS handshake: ")
        assert "certificate" in reason


@pytest.mark.parametrize("octets", [a_bind(), b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n"])
async def test_what_is_no_tls_is_cut_and_journalled_as_such(octets: bytes) -> None:
    async with secured(made()[0]) as (smsc, port):
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        await stream.send_all(octets)
        # an alert at most, and the end
        assert len(await rest_of(stream)) < 16
        (reason,) = await reasons(smsc)
        assert reason in {"TLS handshake: what came is not TLS", "TLS handshake: what came is HTTP without TLS"}
        await stream.aclose()


async def test_a_handshake_that_never_ends_is_cut_and_journalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE", 0.05)
    async with secured(made()[0]) as (smsc, port):
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        assert await rest_of(stream) == b""
        assert await reasons(smsc) == ["TLS handshake: not finished within 0.05 s"]
        await stream.aclose()


async def test_a_handshake_that_never_ends_does_not_hold_up_the_end() -> None:
    async with secured(made()[0]) as (smsc, port):
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        while not smsc.sessions:
            await trio.lowlevel.checkpoint()
        began = trio.current_time()
    assert trio.current_time() - began < 5.0
    assert await reasons(smsc) == ["closed by us"]
    await stream.aclose()


async def test_a_tls_greeting_on_the_plain_port_is_nacked_cut_and_journalled() -> None:
    _, theirs = made()
    hello = ssl.MemoryBIO()
    greeting = theirs.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        greeting.do_handshake()
    async with secured(None) as (smsc, port):
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        await stream.send_all(hello.read())
        (nack,) = pdus_in(await rest_of(stream))
        assert isinstance(nack, GenericNack)
        assert nack.command_status == CommandStatus.ESME_RINVCMDLEN
        (told,) = [row.detail for row in smsc.journal.rows() if row.kind == "malformed"]
        assert told.startswith("command_length: ")
        assert told.endswith("; it begins like a TLS greeting")
        await stream.aclose()


async def test_a_client_that_finds_no_tls_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        async with trio.open_nursery() as nursery:

            async def answer() -> None:
                near, _ = await trio.to_thread.run_sync(plain.accept)
                with near:
                    near.sendall(b"220 mail.example ESMTP\r\n" * 4)

            nursery.start_soon(answer)
            stream = await dialled(plain.getsockname()[1], made()[1])
            with pytest.raises(LinkClosed, match="TLS handshake: what came is not TLS"):
                async with open_esme("", 0, system_id="gateway", stream=stream):
                    raise AssertionError


def test_a_file_that_holds_no_certificate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prose.pem"
    path.write_text("no certificate")
    with pytest.raises(ValueError, match=r"^--tls-certificate: .*prose\.pem"):
        own_context(path, None)
    with pytest.raises(ValueError, match=r"^--tls-client-ca: .*prose\.pem"):
        ask_for_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), path, is_required=True)


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_passphrase(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("localhost")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    kind = serialization.PrivateFormat.PKCS8
    locked = key.private_bytes(serialization.Encoding.PEM, kind, serialization.BestAvailableEncryption(b"secret"))
    certificate, path = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    path.write_bytes(locked)
    with pytest.raises(ValueError, match=r"^--tls-key: .*key\.pem': the key is encrypted"):
        own_context(certificate, path)
    path.write_bytes(locked + certificate.read_bytes())
    with pytest.raises(ValueError, match=r"^--tls-certificate: .*key\.pem': the key is encrypted"):
        own_context(path, None)


def test_a_host_that_no_certificate_can_name_is_refused_by_its_option() -> None:
    with pytest.raises(ValueError, match=r"^--smpps: 'x;y': .*must be HOST:PORT"):
        made_context(["x;y"])


@pytest.mark.parametrize(
    ("certificate", "text"),
    [
        (
            {"subject": ((("countryName", "US"),), (("commonName", "gateway"), ("title", "x")))},
            "C=US,CN=gateway,title=x",
        ),
        (
            {"subject": (), "subjectAltName": (("DNS", "a.example"), ("DNS", "b.example"))},
            "DNS:a.example,DNS:b.example",
        ),
    ],
)
def test_a_subject_is_one_line_and_an_empty_one_is_replaced_by_its_names(certificate: Any, text: str) -> None:
    assert subject_of(certificate) == text


# ------------------------------------------------------------------ doors that scenarios describe


async def refusal(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> str:
    """Why a client does not trust what it is shown; empty where it does."""
    async with secured(ours) as (_, port):
        try:
            async with open_esme("", 0, system_id="gateway", stream=await dialled(port, theirs)) as esme:
                assert (await esme.request(EnquireLink())).command_status == 0
        except LinkClosed as error:
            return str(error)
    return ""


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        ("expired", "certificate has expired"),
        ("wrong_name", "Hostname mismatch"),
        ("self_signed", "self-signed certificate"),
    ],
)
async def test_a_door_shows_a_certificate_that_is_wrong_in_one_way(certificate: str, why: str) -> None:
    authority = Authority()
    theirs = ssl.create_default_context(cadata=authority.pem.decode())
    assert why in (await refusal(context_for(authority, [], certificate=certificate), theirs)).replace(
        "self signed", "self-signed"
    )
    # it is the only thing that is wrong: who asks for no certificate's truth gets in
    theirs.check_hostname = False
    theirs.verify_mode = ssl.CERT_NONE
    assert await refusal(context_for(authority, [], certificate=certificate), theirs) == ""


async def test_doors_of_one_authority_are_all_good_to_who_trusts_it() -> None:
    authority = Authority()
    theirs = ssl.create_default_context(cadata=authority.pem.decode())
    for _ in range(2):
        assert await refusal(context_for(authority, ["smsc.example"]), theirs) == ""


@pytest.mark.parametrize(
    ("versions", "agreed"),
    [(("1.2",), "TLSv1.2"), (("1.3",), "TLSv1.3"), (("1.2", "1.3"), "TLSv1.3"), ((), "TLSv1.3")],
)
async def test_a_door_speaks_the_versions_that_it_is_told(versions: tuple[str, ...], agreed: str) -> None:
    authority = Authority()
    theirs = ssl.create_default_context(cadata=authority.pem.decode())
    async with secured(context_for(authority, [], versions=versions)) as (_, port):
        stream = await dialled(port, theirs)
        async with open_esme("", 0, system_id="gateway", stream=stream) as esme:
            assert esme.tls is not None
            assert esme.tls.version == agreed


async def test_a_door_of_tls_1_3_refuses_who_speaks_1_2_at_most() -> None:
    authority = Authority()
    theirs = ssl.create_default_context(cadata=authority.pem.decode())
    theirs.maximum_version = ssl.TLSVersion.TLSv1_2
    assert "TLS handshake" in await refusal(context_for(authority, [], versions=["1.3"]), theirs)


@pytest.mark.parametrize(
    ("wish", "shows", "lets_in"),
    [("ignored", False, True), ("asked", False, True), ("required", False, False), ("required", True, True)],
)
async def test_a_door_wants_a_clients_certificate_as_it_is_told(
    wish: str,
    shows: bool,
    lets_in: bool,
    tmp_path: Path,
) -> None:
    authority, clients = Authority(), trustme.CA()
    clients.cert_pem.write_to_path(tmp_path / "clients.pem")
    theirs = ssl.create_default_context(cadata=authority.pem.decode())
    theirs.maximum_version = ssl.TLSVersion.TLSv1_2
    if shows:
        clients.issue_cert("gateway.example").configure_cert(theirs)
    ours = context_for(authority, [], client_certificate=wish, client_authorities=tmp_path / "clients.pem")
    assert (await refusal(ours, theirs) == "") is lets_in


async def test_without_authorities_for_clients_nobodys_certificate_will_do() -> None:
    authority, clients = Authority(), trustme.CA()
    theirs = ssl.create_default_context(cadata=authority.pem.decode())
    theirs.maximum_version = ssl.TLSVersion.TLSv1_2
    ours = context_for(authority, [], client_certificate="asked")
    assert await refusal(ours, theirs) == ""
    clients.issue_cert("gateway.example").configure_cert(theirs)
    assert "TLS handshake" in await refusal(ours, theirs)


def test_a_host_that_no_certificate_can_name_is_refused() -> None:
    with pytest.raises(ValueError, match="hyphen"):
        context_for(Authority(), ["-bad-.example-"])

"""TLS: the certificate that we show, whether the other side has to show one, and what a connection agreed on.

It knows certificates and files, and no SMPP. What it makes is for one run: key and authority are never written, only
the authority's certificate may be.
"""

import ssl
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import trio

from simulator.smsc.memory.evidence import Secured

HANDSHAKE: Final = 8.0
"""Seconds a handshake may take: less than the session_init timer usually runs, so that what is told is the better
reason of the two."""

_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_UNSPECIFIED: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - they are left out of the certificate

_SHORT: Final = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}
"""Names of a subject's parts as RFC 4514, 3 shortens them."""

_SOMEBODY_ELSE: Final = ("somebody-else.example",)
# so long past that no clock is wrong enough for it
_BEGAN: Final = datetime(2001, 1, 1, tzinfo=UTC)
_ENDED: Final = datetime(2002, 1, 1, tzinfo=UTC)

_VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

_HANDSHAKE_FAILURE: Final = bytes.fromhex("15 0303 0002 02 28")
"""An alert of TLS 1.2 and 1.3: fatal, handshake_failure (RFC 8446, 5.1 and 6.2)."""

_PLAINER: Final = {
    "WRONG_VERSION_NUMBER": "what came is not TLS",
    "RECORD_LAYER_FAILURE": "what came is not TLS",
    "HTTP_REQUEST": "what came is HTTP without TLS",
}
"""OpenSSL's reasons that a person would not understand."""


def own_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """A server's context with a certificate of the user's. Raises ValueError naming the option."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def refuse() -> str:
        # without this OpenSSL would ask for the passphrase at the terminal
        option, path = ("--tls-certificate", certificate) if key is None else ("--tls-key", key)
        raise ValueError(f"{option}: {str(path)!r}: the key is encrypted, must be one without a passphrase")

    try:
        context.load_cert_chain(certificate, key, refuse)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"--tls-certificate: {str(certificate)!r}: {error}") from error
    return context


class Authority:
    """Makes certificates for one run: good ones, and such as go wrong in a known way."""

    def __init__(self) -> None:
        # most runs need no TLS and should not pay for it
        import trustme

        self._authority = trustme.CA(organization_name="carrier-sim")

    @property
    def pem(self) -> bytes:
        """What a client trusts who wants to trust us."""
        return self._authority.cert_pem.bytes()

    def context(self, hosts: Iterable[str], *, certificate: str = "good") -> ssl.SSLContext:
        """A server's context with a certificate made now: ``good`` for this machine's names and ``hosts``, one that
        has ``expired``, one of a ``wrong_name``, or a ``self_signed`` one, which names nobody.

        Raises ValueError for a host that no certificate can name.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate == "self_signed":
            _sign_oneself(context)
            return context
        names = tuple(dict.fromkeys((*_LOCAL, *(host for host in hosts if host not in _UNSPECIFIED))))
        if certificate == "wrong_name":
            names = _SOMEBODY_ELSE
        begins, ends = (_BEGAN, _ENDED) if certificate == "expired" else (None, None)
        self._authority.issue_cert(
            *names, organization_name="carrier-sim", common_name="carrier-sim", not_before=begins, not_after=ends
        ).configure_cert(context)
        return context


def _sign_oneself(context: ssl.SSLContext) -> None:
    """An authority's own certificate is the simplest that nobody else has signed."""
    import trustme

    own = trustme.CA(organization_name="carrier-sim", organization_unit_name="self-signed")
    # OpenSSL reads keys from files alone; this one is gone when the block is left
    with own.private_key_pem.tempfile() as key, own.cert_pem.tempfile() as chain:
        context.load_cert_chain(chain, key)


def context_for(
    authority: Authority,
    hosts: Iterable[str],
    *,
    certificate: str = "good",
    versions: Collection[str] = (),
    client_certificate: str = "ignored",
    client_authorities: Path | None = None,
) -> ssl.SSLContext:
    """The context of a listener that a scenario describes, by the words of its section.

    ``certificate`` as in ``Authority.context``; ``versions`` of TLS ("1.2", "1.3"; all of them where none is named);
    ``client_certificate`` "ignored", "asked" (it need not show any, and may show no wrong one) or "required", verified
    by ``client_authorities``, or by our own, which signs nobody's. A listener that is ``plain``, or
    ``plain_on_tls_port``, has no context at all: its door is one without TLS. Raises ValueError.
    """
    context = authority.context(hosts, certificate=certificate)
    if versions:
        spoken = [_VERSIONS[version] for version in versions]
        context.minimum_version, context.maximum_version = min(spoken), max(spoken)
    if client_certificate != "ignored":
        is_required = client_certificate == "required"
        if client_authorities is not None:
            ask_for_certificate(context, client_authorities, is_required=is_required)
        else:
            context.load_verify_locations(cadata=authority.pem.decode())
            context.verify_mode = ssl.CERT_REQUIRED if is_required else ssl.CERT_OPTIONAL
    return context


def made_context(hosts: Iterable[str]) -> tuple[ssl.SSLContext, bytes]:
    """A context with a certificate made now for this machine's names and ``hosts``, and its authority's PEM.

    Raises ValueError naming the option for a host that no certificate can name.
    """
    authority, hosts = Authority(), tuple(hosts)
    try:
        context = authority.context(hosts)
    except ValueError as error:
        given = ", ".join(repr(name) for name in dict.fromkeys(hosts) if name not in {*_LOCAL, *_UNSPECIFIED})
        raise ValueError(f"--smpps: {given}: {error}; must be HOST:PORT, and HOST one that DNS could know") from error
    return context, authority.pem


def ask_for_certificate(context: ssl.SSLContext, authorities: Path, *, is_required: bool) -> None:
    """Verify what a client shows; without ``is_required`` it need not show any. Raises ValueError naming the option."""
    try:
        context.load_verify_locations(authorities)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"--tls-client-ca: {str(authorities)!r}: {error}") from error
    context.verify_mode = ssl.CERT_REQUIRED if is_required else ssl.CERT_OPTIONAL


async def spoil_handshake(transport: trio.abc.Stream, fault: str) -> str:
    """Do something else than shake hands: ``tls_alert`` refuses, ``tls_stall`` never answers. Returns why it ended."""
    hello = await transport.receive_some()
    if hello and fault == "tls_alert":
        await transport.send_all(_HANDSHAKE_FAILURE)
        return "TLS handshake: refused with an alert"
    while hello:
        hello = await transport.receive_some()
    return "closed by the peer"


async def shake_hands(stream: trio.SSLStream[Any]) -> Secured:
    """Make the connection secure. Raises HandshakeFailed, chained to why."""
    with trio.move_on_after(HANDSHAKE):
        try:
            await stream.do_handshake()
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            cause = error.__cause__ or error
            reason = _PLAINER.get(getattr(cause, "reason", None) or "", "")
            raise HandshakeFailed(f"TLS handshake: {reason or cause}") from cause
        return agreed(stream)
    raise HandshakeFailed(f"TLS handshake: not finished within {HANDSHAKE:g} s")


def agreed(stream: trio.SSLStream[Any]) -> Secured:
    """What a connection that stands has agreed on."""
    certificate = stream.getpeercert()
    return Secured(stream.version() or "", stream.cipher()[0], subject_of(certificate) if certificate else None)


def subject_of(certificate: Mapping[str, Any]) -> str:
    """Whom a verified certificate names: its subject as ``CN=...,O=...``, or its other names where that is empty."""
    parts = [f"{_SHORT.get(name, name)}={value}" for group in certificate.get("subject", ()) for name, value in group]
    return ",".join(parts or [f"{kind}:{name}" for kind, name in certificate.get("subjectAltName", ())])


class HandshakeFailed(Exception):
    """A connection that did not become secure; says why."""

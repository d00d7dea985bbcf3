"""TLS: the certificate that we show, whether the other side has to show one, and what a connection agreed on.

It knows certificates and files, and no SMPP. What it makes is for one run: key and authority are never written, only
the authority's certificate may be.
"""

import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import trio

from simulator.smsc.evidence import Secured

HANDSHAKE: Final = 8.0
"""Seconds a handshake may take: less than the session_init timer usually runs, so that what is told is the better
reason of the two."""

_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_UNSPECIFIED: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - they are left out of the certificate

_SHORT: Final = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}
"""Names of a subject's parts as RFC 4514, 3 shortens them."""

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


def made_context(hosts: Iterable[str]) -> tuple[ssl.SSLContext, bytes]:
    """A context with a certificate made now for this machine's names and ``hosts``, and its authority's PEM.

    Raises ValueError naming the option for a host that no certificate can name.
    """
    # most runs need no TLS and should not pay for it
    import trustme

    authority = trustme.CA(organization_name="carrier-sim")
    names = dict.fromkeys((*_LOCAL, *(host for host in hosts if host not in _UNSPECIFIED)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        certificate = authority.issue_cert(*names, organization_name="carrier-sim", common_name="carrier-sim")
    except ValueError as error:
        given = ", ".join(repr(name) for name in names if name not in _LOCAL)
        raise ValueError(f"--smpps: {given}: {error}; must be HOST:PORT, and HOST one that DNS could know") from error
    certificate.configure_cert(context)
    return context, authority.cert_pem.bytes()


def ask_for_certificate(context: ssl.SSLContext, authorities: Path, *, is_required: bool) -> None:
    """Verify what a client shows; without ``is_required`` it need not show any. Raises ValueError naming the option."""
    try:
        context.load_verify_locations(authorities)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"--tls-client-ca: {str(authorities)!r}: {error}") from error
    context.verify_mode = ssl.CERT_REQUIRED if is_required else ssl.CERT_OPTIONAL


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

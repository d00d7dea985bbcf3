"""Listeners as a scenario names them: where each listens, and by which TLS, before anything is opened.

It knows addresses, certificates and the words of a listener's section; no SMPP, and no scenario.
"""

import re
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from simulator.net.addresses import Address, address_from
from simulator.net.tls import Authority, context_for

ANYWHERE: Final = "127.0.0.1:0"
"""Where one listens that does not say it: on this machine, at a free port."""

_OURS: Final = re.compile(r"smpps?[0-9]*|http")
"""Names that the ready line has for listeners of the command line."""
_SECURE: Final = frozenset({"certificate", "versions", "client_certificate"})
"""Words that only TLS has: whoever says one of them means it."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(slots=True, frozen=True)
class Listening:
    """A listener to be: its name, its address, and its TLS context where its octets are to be secure."""

    name: str
    address: Address
    tls: ssl.SSLContext | None = None


def listeners_from(
    said: Mapping[str, Mapping[str, Any]], *, client_authorities: Path | None = None
) -> tuple[tuple[Listening, ...], bytes | None]:
    """The listeners that are described by name, and the PEM of the authority that signed their certificates, if any.

    ``client_authorities`` tells whose certificates count where an ESME has to show one. Raises ValueError naming the
    listener for a name that no line can tell, an address that is none, and what no certificate can be made of.
    """
    authority: Authority | None = None
    found = []
    for name, words in said.items():
        where = f"listeners.{name}"
        if not _NAME.fullmatch(name) or _OURS.fullmatch(name):
            raise ValueError(f"{where}: {name!r}, must be letters, digits, _ . or -, and not smpp, smpps or http")
        address = address_from(words.get("address") or ANYWHERE, f"{where}.address")
        tls = None
        if words.get("tls") == "tls" or ("tls" not in words and not _SECURE.isdisjoint(words)):
            authority = authority or Authority()
            tls = _context(where, words, address, authority, client_authorities)
        found.append(Listening(name, address, tls))
    return tuple(found), None if authority is None else authority.pem


def _context(
    where: str, words: Mapping[str, Any], address: Address, authority: Authority, client_authorities: Path | None
) -> ssl.SSLContext:
    versions: Iterable[str] = words.get("versions") or ()
    try:
        return context_for(
            authority,
            (address[0],),
            certificate=words.get("certificate") or "good",
            versions=tuple(versions),
            client_certificate=words.get("client_certificate") or "ignored",
            client_authorities=client_authorities,
        )
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


__all__ = ["ANYWHERE", "Listening", "listeners_from"]

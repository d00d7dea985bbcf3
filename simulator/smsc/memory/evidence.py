"""What an event keeps of a session or of a PDU: small, without secrets, and nothing that would keep either alive."""

from typing import Final, NamedTuple

from simulator.smpp.constants import CommandId
from simulator.smpp.events import Malformed
from simulator.smpp.pdus import Pdu

OCTETS_MAX: Final = 64
"""Octets of a PDU that are kept: enough to see what it was, too few to fill a memory with."""

_GREETINGS: Final = {
    b"\x16\x03": "a TLS greeting",
    b"GET ": "HTTP",
    b"POST": "HTTP",
    b"HEAD": "HTTP",
    b"PUT ": "HTTP",
    b"PRI ": "HTTP",
    b"CONN": "HTTP",
    b"OPTI": "HTTP",
    b"SSH-": "an SSH greeting",
    b"PROX": "a PROXY header",
}
"""How those begin who have come to the wrong port."""

_TELL_PASSWORDS: Final = frozenset(
    {CommandId.BIND_TRANSMITTER, CommandId.BIND_RECEIVER, CommandId.BIND_TRANSCEIVER, CommandId.OUTBIND}
)


class Caller(NamedTuple):
    """A session as it was at an event; ``account`` is empty before a bind."""

    session: int
    peer: str
    listener: str
    system_id: str
    account: str
    bind_type: str


class Secured(NamedTuple):
    """What TLS agreed on: its version, the cipher, and the subject of the peer's certificate where it showed one."""

    version: str
    cipher: str
    subject: str | None


class Evidence(NamedTuple):
    """A PDU, or what should have been one: its header, and its first octets unless those tell a password."""

    command_id: int
    command_status: int
    sequence_number: int
    octets: bytes


def evidence_of(subject: Pdu | Malformed) -> Evidence:
    """What the journal keeps of a PDU or of broken octets."""
    octets = b"" if subject.command_id in _TELL_PASSWORDS else bytes(subject.raw[:OCTETS_MAX])
    return Evidence(subject.command_id, subject.command_status, subject.sequence_number, octets)


def reason_of(event: Malformed) -> str:
    """Why these octets are no PDU, and what they seem to be where another protocol begins so."""
    if event.is_fatal:
        for start, name in _GREETINGS.items():
            if event.raw.startswith(start):
                return f"{event.reason}; it begins like {name}"
    return event.reason

"""What an event keeps of a session or of a PDU: small, without secrets, and nothing that would keep either alive."""

from typing import Final, NamedTuple

from simulator.smpp.constants import CommandId
from simulator.smpp.events import Malformed
from simulator.smpp.pdus import Pdu

OCTETS_MAX: Final = 64
"""Octets of a PDU that are kept: enough to see what it was, too few to fill a memory with."""

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

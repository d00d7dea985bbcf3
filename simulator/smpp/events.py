"""What a connection tells its owner besides plain PDUs. These classes know nothing of how they come about.

A PDU that needs the owner's decision comes as itself. The classes here carry what the protocol already decides: the
``answer`` is what the connection would send, and its owner sends it unless a script says otherwise.
"""

from dataclasses import dataclass

from simulator.smpp.pdus import Pdu, Request


@dataclass(slots=True)
class Obliged:
    """A request whose answer the protocol fixes: enquire_link, unbind, an unknown command, a wrong state.

    ``answer`` is None where silence is the answer (a request after unbind_resp).
    """

    pdu: Pdu
    answer: Pdu | None
    reason: str


@dataclass(slots=True)
class Malformed:
    """Octets that were a frame, but no PDU; or no frame at all (``is_fatal``: the connection closes after the answer).

    ``request`` is our own request when the broken PDU was its response. ``raw`` is the frame; where there is none, at
    most 64 octets of what had arrived from its header on.
    """

    command_id: int
    sequence_number: int
    status: int
    reason: str
    raw: bytes
    answer: Pdu | None
    is_fatal: bool = False
    request: Request | None = None
    command_status: int = 0
    """As its header says; ``status`` is what it is to be answered with."""


@dataclass(slots=True)
class Expired:
    """One of our requests was not answered within the response timer (SMPP 3.4, 7.2)."""

    request: Request


@dataclass(slots=True)
class Timeout:
    """A timer of the connection ran out: ``session_init``, ``inactivity`` or ``enquire_link`` (SMPP 3.4, 7.2).

    ``answer`` is the enquire_link to send; for the other two it is None, and the connection is to be ended.
    """

    timer: str
    answer: Pdu | None = None


Event = Pdu | Obliged | Malformed | Expired | Timeout

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
    # After a length that cannot be, the next header may begin anywhere (SMPP 3.4, 3.2).
    is_fatal: bool = False
    # The request counts as answered: its status stands in the header, which was read before the body failed.
    request: Request | None = None
    # deliver_sm_resp with a broken body and ESME_ROK is still a yes, which keeps a receipt from being sent twice.
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

    # A word and not an enum: it goes into the journal and into messages as it is.
    timer: str
    # Sent by the owner and not by the connection, so that a script may stay silent and see what the peer does.
    answer: Pdu | None = None


# Responses that nobody waits for are PDUs, too, with no request in them: to answer one would make a loop.
Event = Pdu | Obliged | Malformed | Expired | Timeout

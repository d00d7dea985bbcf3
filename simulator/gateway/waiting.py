"""A message on its way, as the core holds it: its order, its parts, what each has been answered.

It knows no queue and no carrier; it is what backlog, routes, receipts and the store hand to each other.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from simulator.gateway.messages import Message
from simulator.sms.segments import Segment


class PartState(StrEnum):
    """Where one segment is."""

    WAITING = "waiting"
    POSTED = "posted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    HELD = "held"
    """The gateway has ended in order, and this was certainly not with the carrier."""


@dataclass(slots=True)
class PartOf:
    """One segment of a message."""

    state: PartState = PartState.WAITING
    smsc_id: str = ""
    stat: str = ""
    """The final word of its receipt; empty before."""
    err: str = ""
    tries: int = 0


@dataclass(slots=True)
class Entry:
    """One message that is not finished."""

    message: Message
    reference: int = 0
    """What the parts of a long message share on the wire."""
    pieces: list[Segment] | None = None
    """Cut once, when the message was accepted; None after a restart, until they are needed."""
    parts: list[PartOf] = field(default_factory=list)
    expires_at: float = inf
    is_kept: bool = False
    """Whether its row is in the database."""
    is_urgent: bool = False

    @property
    def id(self) -> str:
        """The message's."""
        return self.message.order.id

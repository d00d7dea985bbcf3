"""The words of the model: an address, a message, what was decided about it and what will become of it.

These classes know nothing of how a message came here nor of how anybody is told about it. All times are carrier time
in unix seconds, all spans are seconds.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

ENROUTE: Final = "ENROUTE"
DELIVERED: Final = "DELIVRD"
EXPIRED: Final = "EXPIRED"
DELETED: Final = "DELETED"
UNDELIVERABLE: Final = "UNDELIV"
ACCEPTED: Final = "ACCEPTD"
UNKNOWN: Final = "UNKNOWN"
REJECTED: Final = "REJECTD"
SKIPPED: Final = "SKIPPED"
SCHEDULED: Final = "SCHEDLD"
REFUSED: Final = "REFUSED"
"""Never accepted, so it never had a fate: the answer to the submission said no. The only state not in receipts."""

FINAL: Final = frozenset({DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, UNKNOWN, REJECTED, SKIPPED, REFUSED})
"""States that a message never leaves. ACCEPTD is not among them: gateways read it as "buffered"."""


class Address(NamedTuple):
    """A number or name with its type of number and numbering plan; compared as a whole, as carriers do."""

    number: str
    ton: int = 0
    npi: int = 0


def bare(number: str) -> str:
    """A number without the leading ``+`` that people and some gateways write: by it numbers are compared."""
    return number[1:] if number[:1] == "+" else number


TextKey = tuple[str, str, str, str, int, int]
"""What the parts of one text have in common: account, source, destination, kind of mark, reference, how many."""


def text_key(message: Any) -> TextKey:
    """The key of the text that a message is a part of. It must be one."""
    part: Part = message.part
    source, destination = message.source.number, message.destination.number
    return message.account, source, destination, part.kind, part.reference, part.total


class Part(Protocol):
    """Which part of a concatenated text a message is; ``kind`` tells how it was marked."""

    @property
    def reference(self) -> int:
        """What the parts of one text have in common."""

    @property
    def number(self) -> int:
        """Which part, from 1."""

    @property
    def total(self) -> int:
        """How many parts."""

    @property
    def kind(self) -> str:
        """By which means it is marked; equal references of two kinds are two texts."""


@dataclass(slots=True, frozen=True)
class Cause:
    """Why a message was refused or failed: a name for people and scripts, and the receipt's three digits."""

    name: str
    err: str = "000"
    is_temporary: bool = False
    answer: int | None = None
    """The number that the answer carries, where a story wants another than the cause's own; nothing here reads it."""


@dataclass(slots=True, unsafe_hash=True)
class Outcome:
    """One thing that will happen to a message ``after`` seconds (from the moment it may be sent at all).

    Nobody changes one, nor a verdict. They are not frozen, because to make what is frozen costs three times as much,
    and each message has some of its own.
    """

    after: float
    state: str
    cause: Cause | None = None
    is_final: bool = True


@dataclass(slots=True, unsafe_hash=True)
class Overtaking(Outcome):
    """One that is told in front of the answer to the submission: ``after`` counts from the submission."""


@dataclass(slots=True, unsafe_hash=True)
class Verdict:
    """What the carrier says to a submission, with its whole future. A refusal is a verdict, never an exception.

    Only the last of its outcomes ends the message; where two do, the second is a receipt that comes once more.
    """

    accepted: bool
    cause: Cause | None = None
    respond_after: float = 0.0
    outcomes: tuple[Outcome, ...] = ()


@dataclass(slots=True, eq=False)
class Message:
    """One part of one text to one destination. What it is stands still; ``state`` and ``done_at`` move on.

    ``arrived_at`` is link time (per-second rates are real), every other time is carrier time.
    """

    account: str
    message_id: str
    source: Address
    destination: Address
    submitted_at: float
    arrived_at: float
    scheduled_at: float | None
    expires_at: float | None
    wants_progress: bool
    """Whether the sender asked for intermediate notifications."""
    part: Part | None
    state: str
    cause: Cause | None
    done_at: float | None

    @property
    def is_stored(self) -> bool:
        """Whether it waits for a phone that is off; else it is tried once."""
        return True

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        # where a network tells no more than that it has accepted a message, that is the last word
        return self.state in FINAL or self.done_at is not None

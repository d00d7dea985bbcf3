"""What is to be kept next: everything that has happened since the last writing, and who waits for it to be kept.

It knows no database. Whoever answers for something only once it is kept (2xx to a customer, a deliver_sm_resp to a
carrier, a submit_sm) leaves a word in ``then``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.gateway.messages import Callback, Message
from simulator.gateway.waiting import Entry


@dataclass(slots=True, frozen=True)
class KeptPart:
    """A part of an inbound message that waits for the others."""

    key: str
    number: int
    octets: bytes
    data_coding: int
    at: float


@dataclass(slots=True, frozen=True)
class Consent:
    """A subscriber's word to a sender: ``stop`` or ``start``."""

    at: float
    source: str
    """The sender's number, which the subscriber wrote to."""
    destination: str
    """The subscriber."""
    word: str
    text: str


@dataclass(slots=True, frozen=True)
class EarlyReceipt:
    """A receipt that came before the response it belongs to."""

    ids: tuple[str, ...]
    stat: str
    err: str
    subscriber: str
    at: float


@dataclass(slots=True)
class Changes:
    """One batch; the next begins empty."""

    entries: dict[str, Entry] = field(default_factory=dict)
    """Messages that are new or other than they were kept."""
    inbound: list[Message] = field(default_factory=list)
    redacted: list[Message] = field(default_factory=list)
    ids: list[tuple[str, str, int]] = field(default_factory=list)
    """Plain form of the carrier's id, the message's id, the part from 0."""
    callbacks: list[Callback] = field(default_factory=list)
    callbacks_later: list[tuple[int, float, int]] = field(default_factory=list)
    """Tries so far, when the next is due, the callback's id."""
    callbacks_done: list[int] = field(default_factory=list)
    parts: list[KeptPart] = field(default_factory=list)
    parts_done: list[str] = field(default_factory=list)
    early: list[EarlyReceipt] = field(default_factory=list)
    early_before: float | None = None
    """Early receipts that came before this time are of no use any more."""
    consents: list[Consent] = field(default_factory=list)
    shelf: list[tuple[str, str, str]] = field(default_factory=list)
    """Space, key, text: what dialects keep for themselves."""
    then: list[Callable[[], None]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.entries
            or self.inbound
            or self.redacted
            or self.callbacks
            or self.callbacks_later
            or self.callbacks_done
            or self.parts
            or self.parts_done
            or self.early
            or self.early_before is not None
            or self.consents
            or self.shelf
            or self.then
        )

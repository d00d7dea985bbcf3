"""The words between the gateway's dialects and its core: what was ordered, what became of it, what came in.

It knows no HTTP, no SMPP, no database and no clock. A dialect reads a request, makes an ``Order`` of it and hands it to
``Gateway.accept``; when that returns, the order survives the death of the process, and 2xx may be said. From then on
the core tells the dialect by ``Dialect.progressed`` of everything that happens to it, and the dialect answers with the
``Callback``s that this owes. They are kept in the same transaction as the change itself, and sent afterwards.

Times are Unix seconds, money is whole billionths (nanodollars, and as many of any other currency), numbers are digits
without a plus sign, as SMPP carries them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

Json = dict[str, Any]
"""An object that JSON can carry."""

Direction = Literal["outbound", "inbound"]


class Status(StrEnum):
    """Where a message is: the widest set of the dialects; each maps its own from it."""

    QUEUED = "queued"
    """Accepted, waits in the backlog (also for its hour, where it is scheduled)."""
    INITIATED = "initiated"
    """Taken from the backlog: its first segment is being submitted."""
    SENT = "sent"
    """Every segment was answered with ESME_ROK. What is charged at sent is charged now."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    """It left, and a receipt says that it did not arrive."""
    FAILED = "failed"
    """It never left: refused by us, by the carrier's response, or for want of a route. Charged at sent: never."""
    RECEIVED = "received"
    """Inbound messages have this one."""


FINAL = frozenset({Status.DELIVERED, Status.UNDELIVERED, Status.FAILED, Status.RECEIVED})
"""Statuses that nothing follows."""


class NumberKind(StrEnum):
    """What a sender is, which decides how fast it may send."""

    LONG_CODE = "long_code"
    """A US ten-digit number (10DLC)."""
    CANADIAN = "canadian"
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    FOREIGN = "foreign"


@dataclass(slots=True)
class Order:
    """A message to one destination that a dialect has validated. ``accept`` keeps it as it is."""

    id: str
    """The dialect's own, unique in the gateway: a UUID, ``mdr2-...``, or a batch's id with ``:0``, ``:1`` ..."""
    dialect: str
    """``signalwire``, ``flowroute``, ``signalsms``: whose ``progressed`` is called."""
    space: str
    """The customer: project, access key, API key's owner. Whoever asks for another's message finds nothing."""
    source: str
    """Digits, or an alphanumeric sender."""
    destination: str
    text: str
    media: tuple[str, ...] = ()
    accepted_at: float = 0.0
    scheduled_at: float | None = None
    """Not before this time; it waits outside the backlog's pace, but counts in its bound."""
    expires_at: float | None = None
    """When it is too late to begin: it fails with ``queue_expired``. None: what the configuration says."""
    batch: str = ""
    """What several orders of one request share."""
    callback: str = ""
    """Where this message's own callbacks go; empty where none was named."""
    price: int = 0
    """What the whole message costs, in billionths; the dialect has counted and multiplied."""
    charged_at: Literal[Status.QUEUED, Status.SENT] = Status.SENT
    is_urgent: bool = False
    """A lane of its own: it passes what waits, except what waits of its own sender for its pace."""
    extras: Json = field(default_factory=dict)
    """What else the dialect wants back: custom variables, the form of the request. The core reads three words:
    ``filtered`` (fail it: filtered_platform), ``fast`` (the premium carrier first), ``automatic`` (a reply of the
    platform's own to STOP, START or HELP; the word)."""
    direction: Direction = "outbound"


CauseKey = Literal[
    "submit_refused",
    "receipt",
    "no_route",
    "no_answer",
    "queue_expired",
    "retries_exhausted",
    "opted_out_platform",
    "too_long",
    "filtered_platform",
    "internal",
]


@dataclass(slots=True, frozen=True)
class Cause:
    """Why: what the carrier said, in its own words, or ``key`` for what we decided ourselves."""

    key: CauseKey
    """``submit_refused``: see ``command_status``. ``receipt``: see ``stat`` and ``err``. The others are ours."""
    command_status: int | None = None
    """Of the response that refused, or of the last of several."""
    stat: str = ""
    """Seven letters of the receipt, as DELIVRD."""
    err: str = ""
    """The receipt's err as it came: three characters mostly, in the carrier's own numbering."""
    text: str = ""
    """For people and logs."""


@dataclass(slots=True, frozen=True)
class Progress:
    """One thing that happened to a message; a message's history is a row of them."""

    status: Status
    """The message's after it."""
    at: float
    cause: Cause | None = None
    """Also of an intermediate receipt: then the status stays, and ``cause.stat`` is ENROUTE or ACCEPTD."""
    is_change: bool = True
    """Whether the status is another one than before. An intermediate receipt is told, too, but is none."""


@dataclass(slots=True)
class Message:
    """An order and what became of it; of an inbound message the order says from whom to whom, too."""

    order: Order
    status: Status = Status.QUEUED
    segments: int = 1
    """On the air (153 and 67); a dialect that bills otherwise counts for itself."""
    cause: Cause | None = None
    """Why it is ``failed`` or ``undelivered``; of ``delivered`` the receipt's words."""
    history: list[Progress] = field(default_factory=list)
    route: str = ""
    """The carrier's name that took it; empty before."""
    smsc_ids: tuple[str, ...] = ()
    """What the carrier called its segments."""
    charged: int = 0
    """What has been charged, in billionths."""
    doubts: int = 0
    """Submits whose answer was lost: each may have made the carrier send it once more."""

    @property
    def id(self) -> str:
        """The order's."""
        return self.order.id

    def time_of(self, status: Status) -> float | None:
        """When it came to have a status; None when it never did."""
        return next((step.at for step in self.history if step.status is status and step.is_change), None)


@dataclass(slots=True)
class Inbound:
    """A message from a subscriber, its parts joined. ``message`` is what ``find`` and ``list`` will show of it."""

    message: Message
    keyword: Literal["", "stop", "start", "help"] = ""
    """What its text is, where it is one of those words alone."""
    is_answered: bool = False
    """Whether the platform has answered the keyword itself: nobody else should."""
    is_complete: bool = True
    """False where a part did not come in time: an ellipsis stands for it."""


@dataclass(slots=True)
class Callback:
    """A request of HTTP that is owed; the core sends it, again where the policy says, also after a restart."""

    dialect: str
    space: str
    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    """With content-type; host and content-length are the sender's business."""
    policy: str = ""
    """Which row of the configuration's table of retries; empty: the row of the dialect's name."""
    about: str = ""
    """The message's id: callbacks about one message are sent one after the other, in order."""
    wants_answer: bool = False
    """Whether ``Dialect.answered`` is to be told what came back."""
    kind: str = ""
    """The dialect's own word, for ``answered``."""
    id: int = 0
    """Given by the core."""
    tries: int = 0
    method: str = "POST"


@dataclass(slots=True, frozen=True)
class Answer:
    """What came back for a callback."""

    status: int
    """0 where nothing came."""
    content_type: str
    body: bytes
    """At most 64 KiB of it."""


class Full(Exception):
    """The space's backlog has no room for that many; nothing was taken."""

    def __init__(self, space: str, room: int) -> None:
        super().__init__(f"backlog of {space!r}: room for {room} more messages")
        self.space, self.room = space, room


class Closing(Exception):
    """The gateway is about to end, and takes nothing any more: 503."""


@dataclass(slots=True, frozen=True)
class Query:
    """Which messages to list. Newest first; what is None or empty is not asked."""

    space: str
    dialect: str = ""
    since: float | None = None
    """Accepted at or after."""
    until: float | None = None
    """Accepted before."""
    direction: Direction | None = None
    batch: str = ""
    limit: int = 50
    offset: int = 0
    after: str = ""
    """The id that the page before ended with: the next one is older. It stays right while new ones come."""
    is_oldest_first: bool = False


@dataclass(slots=True, frozen=True)
class Page:
    """Some messages, and whether there are more behind them."""

    messages: list[Message]
    has_more: bool


@dataclass(slots=True, frozen=True)
class Number:
    """A sender in the gateway's inventory."""

    number: str
    """Digits without plus, or a registered alphanumeric name."""
    space: str
    dialect: str
    kind: NumberKind
    can_send: bool = True
    can_receive: bool = True
    pace: float | None = None
    """Segments a second, where it is not that of its kind."""
    opt_out: Literal["customer", "platform"] = "customer"
    """Who honours STOP, START and HELP."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The dialect's own: webhooks of the number, state of a registration, campaign."""


class Dialect(Protocol):
    """What the core asks of a dialect. All three are synchronous, quick and without I/O; none may raise."""

    name: str

    def progressed(self, message: Message, progress: Progress) -> Iterable[Callback]:
        """Something happened to a message of this dialect. Called in the order in which it happened, once each
        (after the death of the process perhaps again for what was not kept yet).
        """
        ...

    def arrived(self, inbound: Inbound, number: Number) -> Iterable[Callback]:
        """A message came for a number of this dialect; it is being kept."""
        ...

    def answered(self, callback: Callback, answer: Answer) -> Iterable[Order]:
        """A callback with ``wants_answer`` was answered (or was given up: status 0). Orders returned are accepted."""
        ...


class Gateway(Protocol):
    """What a dialect may ask of the core."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    def listen(self, dialect: Dialect) -> None:
        """From now on the dialect is told of its messages and numbers."""
        ...

    async def accept(self, orders: Sequence[Order]) -> list[Message]:
        """Take all of them or none. On return they are kept for good.

        Raises Full where the space's backlog (10,000 unless configured) has no room for all, Closing at the end.
        What can be refused only later (an opt-out, a missing route) comes as ``progressed`` with FAILED.
        """
        ...

    async def find(self, space: str, message_id: str) -> Message | None:
        """A message of that space, outbound or inbound; None for those of others, too."""
        ...

    async def list(self, query: Query) -> Page:
        """Messages of a space."""
        ...

    async def redact(self, space: str, message_id: str) -> Message | None:
        """Replace the text by the empty one, for good. The dialect has looked whether it may."""
        ...

    def room(self, space: str) -> int:
        """How many messages the space's backlog would still take."""
        ...

    def charged(self, space: str) -> int:
        """All that was ever charged to a space, in billionths. What is charged at QUEUED counts from ``accept`` on."""
        ...

    def number(self, number: str) -> Number | None:
        """The inventory's entry of a number (digits) or a name (in any case)."""
        ...

    def numbers(self, space: str) -> Sequence[Number]:
        """All of a space."""
        ...

    def is_opted_out(self, source: str, destination: str) -> bool:
        """Whether a subscriber told this sender STOP, where the platform minds it."""
        ...

    def network_of(self, destination: str) -> str:
        """The carrier's name by the configured prefixes (longest first); empty where none fits."""
        ...


__all__ = [
    "FINAL",
    "Answer",
    "Callback",
    "Cause",
    "CauseKey",
    "Closing",
    "Dialect",
    "Direction",
    "Full",
    "Gateway",
    "Inbound",
    "Json",
    "Message",
    "Number",
    "NumberKind",
    "Order",
    "Page",
    "Progress",
    "Query",
    "Status",
]

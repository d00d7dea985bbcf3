"""The one stream of events. Whoever wants to know anything reads it, or is fed by it as it happens (a *fold*).

The journal knows no message, session or PDU: a subject is whatever the recorder hands over. It holds no clock either.
Rows are kept in columns, a ring of plain numbers and references: a full ring then costs the garbage collector nothing
per event, and the writer a few stores.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

CONNECTED: Final = "connected"
BOUND: Final = "bound"
BIND_REFUSED: Final = "bind_refused"
UNBOUND: Final = "unbound"
DISCONNECTED: Final = "disconnected"
SUBMITTED: Final = "submitted"
ANSWERED: Final = "answered"
CANCELLED: Final = "cancelled"
REPLACED: Final = "replaced"
PROGRESSED: Final = "progressed"
CONCLUDED: Final = "concluded"
RECEIPT_SENT: Final = "receipt_sent"
RECEIPT_ACKNOWLEDGED: Final = "receipt_acknowledged"
RECEIPT_FAILED: Final = "receipt_failed"
MO_CREATED: Final = "mo_created"
MO_SENT: Final = "mo_sent"
MO_ACKNOWLEDGED: Final = "mo_acknowledged"
MO_FAILED: Final = "mo_failed"
RETRY: Final = "retry"
MALFORMED: Final = "malformed"
REFUSED_PDU: Final = "refused_pdu"
TIMEOUT: Final = "timeout"
ENQUIRED: Final = "enquired"
UNEXPECTED: Final = "unexpected"
RESET: Final = "reset"

KINDS: Final = (
    CONNECTED,
    BOUND,
    BIND_REFUSED,
    UNBOUND,
    DISCONNECTED,
    SUBMITTED,
    ANSWERED,
    CANCELLED,
    REPLACED,
    PROGRESSED,
    CONCLUDED,
    RECEIPT_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_FAILED,
    MO_CREATED,
    MO_SENT,
    MO_ACKNOWLEDGED,
    MO_FAILED,
    RETRY,
    MALFORMED,
    REFUSED_PDU,
    TIMEOUT,
    ENQUIRED,
    UNEXPECTED,
    RESET,
)
"""Every kind of event there is."""

Fold = Callable[[float, int, Any, Any], None]
"""Called with (at, session, subject, detail) of each event of its kind, in order."""


class Event(NamedTuple):
    """One row: its number since the last reset, carrier time, kind, session (0: none), subject and detail."""

    number: int
    at: float
    kind: str
    session: int
    subject: Any
    detail: Any


class Journal:
    """Records events, feeds the folds, keeps the last ``events_max`` rows."""

    __slots__ = ("_at", "_details", "_folds", "_kinds", "_sessions", "_subjects", "counts", "events_max", "total")

    def __init__(self, *, events_max: int = 600_000) -> None:
        if events_max < 1:
            raise ValueError(f"events_max: {events_max}, at least 1")
        self.events_max = events_max
        self._folds: dict[str, list[Fold]] = {kind: [] for kind in KINDS}
        self.clear()

    def clear(self) -> None:
        """Forget all rows and counts; the folds stay and are not told: their owners start them over."""
        self.total = 0
        self.counts: dict[str, int] = dict.fromkeys(KINDS, 0)
        self._at = array("d")
        self._kinds: list[str] = []
        self._sessions = array("L")
        self._subjects: list[Any] = []
        self._details: list[Any] = []

    def feed(self, kind: str, fold: Fold) -> None:
        """Call ``fold`` at every event of this kind from now on."""
        self._folds[kind].append(fold)

    def record(self, at: float, kind: str, session: int, subject: Any = None, detail: Any = None) -> None:
        """Write one event down and feed it to the folds of its kind."""
        total = self.total
        if total < self.events_max:
            self._at.append(at)
            self._kinds.append(kind)
            self._sessions.append(session)
            self._subjects.append(subject)
            self._details.append(detail)
        else:
            index = total % self.events_max
            self._at[index] = at
            self._kinds[index] = kind
            self._sessions[index] = session
            self._subjects[index] = subject
            self._details[index] = detail
        self.total = total + 1
        self.counts[kind] += 1
        for fold in self._folds[kind]:
            fold(at, session, subject, detail)

    @property
    def truncated(self) -> int:
        """How many of the oldest events are no longer kept."""
        return max(0, self.total - self.events_max)

    def rows(self, since: int = 0) -> Iterator[Event]:
        """The kept events from number ``since`` on, oldest first."""
        for number in range(max(since, self.truncated), self.total):
            index = number % self.events_max
            yield Event(
                number,
                self._at[index],
                self._kinds[index],
                self._sessions[index],
                self._subjects[index],
                self._details[index],
            )

"""The one stream of events. Whoever wants to know anything reads it, or is fed by it as it happens (a *fold*).

The journal knows no message, session or PDU: a subject is whatever the recorder hands over. It holds no clock either.
Rows lie flat in one ring, cell after cell, so that a full ring holds no object per event for the garbage collector to
look at, and the writer pays for one call.
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

CONNECTED: Final = "connected"
BOUND: Final = "bound"
BIND_REFUSED: Final = "bind_refused"
UNBIND_SENT: Final = "unbind_sent"
UNBOUND: Final = "unbound"
OUTBIND_SENT: Final = "outbind_sent"
OUTBIND_FAILED: Final = "outbind_failed"
DISCONNECTED: Final = "disconnected"
SUBMITTED: Final = "submitted"
ANSWERED: Final = "answered"
CANCELLED: Final = "cancelled"
REPLACED: Final = "replaced"
TRUTH: Final = "truth"
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
PHONE_SWITCHED: Final = "phone_switched"
NETWORK_REPLIED: Final = "network_replied"
ALERTED: Final = "alerted"
ALERT_FAILED: Final = "alert_failed"
ACKNOWLEDGEMENT_PASSED: Final = "acknowledgement_passed"
BROADCAST_SUBMITTED: Final = "broadcast_submitted"
BROADCAST_CONCLUDED: Final = "broadcast_concluded"
RULE_FIRED: Final = "rule_fired"
PHASE_BEGUN: Final = "phase_begun"
PDU_SENT: Final = "pdu_sent"
SCRIPT_FAILED: Final = "script_failed"
FAULT: Final = "fault"
RESET: Final = "reset"

KINDS: Final = (
    CONNECTED,
    BOUND,
    BIND_REFUSED,
    UNBIND_SENT,
    UNBOUND,
    OUTBIND_SENT,
    OUTBIND_FAILED,
    DISCONNECTED,
    SUBMITTED,
    ANSWERED,
    CANCELLED,
    REPLACED,
    TRUTH,
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
    PHONE_SWITCHED,
    NETWORK_REPLIED,
    ALERTED,
    ALERT_FAILED,
    ACKNOWLEDGEMENT_PASSED,
    BROADCAST_SUBMITTED,
    BROADCAST_CONCLUDED,
    RULE_FIRED,
    PHASE_BEGUN,
    PDU_SENT,
    SCRIPT_FAILED,
    FAULT,
    RESET,
)
"""Every kind of event there is."""

Fold = Callable[[float, int, Any, Any], None]
"""Called with (at, session, subject, detail) of each event of its kind, in order."""


TAIL: Final = 10_000
"""The last rows, which are read from the end."""
WIDTH: Final = 5
"""Cells of a row in the ring: all of an Event but its number."""


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

    __slots__ = ("_folds", "_ring", "_write", "counts", "events_max")

    def __init__(self, *, events_max: int = 600_000) -> None:
        if events_max < 1:
            raise ValueError(f"events_max: {events_max}, at least 1")
        self.events_max = events_max
        self._folds: dict[str, list[Fold]] = {kind: [] for kind in KINDS}
        self.clear()

    @property
    def ring(self) -> deque[Any]:
        """What holds the rows, cell by cell: for whoever clears the journal, and frees them at leisure."""
        return self._ring

    def clear(self) -> None:
        """Forget all rows and counts; the folds stay and are not told: their owners start them over."""
        self.counts: dict[str, int] = dict.fromkeys(KINDS, 0)
        self._ring: deque[Any] = deque(maxlen=self.events_max * WIDTH)
        self._write = self._ring.extend

    def feed(self, kind: str, fold: Fold) -> None:
        """Call ``fold`` at every event of this kind from now on."""
        self._folds[kind].append(fold)

    def leave(self, kind: str, fold: Fold) -> None:
        """Call it no more; also from within a fold."""
        self._folds[kind] = [other for other in self._folds[kind] if other != fold]

    def record(self, at: float, kind: str, session: int, subject: Any = None, detail: Any = None) -> None:
        """Write one event down and feed it to the folds of its kind."""
        self.counts[kind] += 1
        self._write((at, kind, session, subject, detail))
        for fold in self._folds[kind]:
            fold(at, session, subject, detail)

    @property
    def total(self) -> int:
        """How many events were recorded since the start or the last clear."""
        return sum(self.counts.values())

    @property
    def truncated(self) -> int:
        """How many of the oldest events are no longer kept."""
        return max(0, self.total - self.events_max)

    def rows(self, since: int = 0) -> Iterator[Event]:
        """The kept events from number ``since`` on, oldest first."""
        number = max(since, self.truncated)
        wanted = self.total - number
        if 0 <= wanted <= TAIL:
            # as whoever follows asks: a full ring is not passed over for its last rows
            tail = list(islice(reversed(self._ring), wanted * WIDTH))
            tail.reverse()
            cells = islice(tail, None)
        else:
            cells = islice(self._ring, (number - self.truncated) * WIDTH, None)
        for row in zip(*[cells] * WIDTH, strict=True):
            yield Event(number, *row)
            number += 1

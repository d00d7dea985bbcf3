"""deliveries_answered, deliveries_answered_in_time and receipts_accepted: what an ESME says to what we send it.

A link that ended before the answer tells nothing: what was on its way is sent again by another one. Nor does one that
a scenario has struck with a fault: what was answered may have been lost on the way.
"""

from typing import Any, Final

from simulator.checks.statuses import status_name
from simulator.checks.watched import Family, raw_of
from simulator.journal import (
    DISCONNECTED,
    FAULT,
    MO_ACKNOWLEDGED,
    MO_FAILED,
    MO_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_FAILED,
    RECEIPT_SENT,
    RETRY,
    TIMEOUT,
)
from simulator.smpp.constants import CommandId, command_name

LATE: Final = 5.0
"""Seconds of link time after which an answer is late."""
OPEN_MAX: Final = 10_000
"""Messages of a session whose deliveries are watched; beyond it the oldest is forgotten: what a scenario has sent twice
is answered twice, and the second answer is no event."""

_DELIVERIES: Final = frozenset({int(CommandId.DELIVER_SM), int(CommandId.DATA_SM)})


class Deliveries(Family):
    """When each delivery was sent that is unanswered: as many as the windows of the open sessions allow."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {
            RECEIPT_SENT: self._sent,
            MO_SENT: self._sent,
            RECEIPT_ACKNOWLEDGED: self._receipt_acknowledged,
            MO_ACKNOWLEDGED: self._mo_acknowledged,
            RECEIPT_FAILED: self._receipt_failed,
            MO_FAILED: self._answered_somehow,
            RETRY: self._retried,
            TIMEOUT: self._timeout,
            FAULT: self._struck,
            DISCONNECTED: self._disconnected,
        }

    def clear(self) -> None:
        """Forget everything."""
        self._sent_at: dict[int, dict[int, list[float]]] = {}
        """By session and number of the message, oldest first: several of one message are answered in any order."""
        self._faulty: set[int] = set()
        """Sessions that a fault has struck."""

    def _sent(self, at: float, session: int, message: Any, detail: Any) -> None:
        of_session = self._sent_at.setdefault(session, {})
        of_session.setdefault(message.number, []).append(self.clock())
        if len(of_session) > OPEN_MAX:
            del of_session[next(iter(of_session))]

    def _receipt_acknowledged(self, at: float, session: int, message: Any, detail: Any) -> None:
        self._answered(at, session, message)
        self.checks["receipts_accepted"].passed()

    def _mo_acknowledged(self, at: float, session: int, message: Any, detail: Any) -> None:
        self._answered(at, session, message)

    def _answered_somehow(self, at: float, session: int, message: Any, status: Any) -> None:
        if isinstance(status, int):
            self._answered(at, session, message)
        else:
            self._taken(session, message)

    def _receipt_failed(self, at: float, session: int, message: Any, status: Any) -> None:
        self._answered_somehow(at, session, message, status)
        if isinstance(status, int):
            self._refused(at, session, message, status)

    def _retried(self, at: float, session: int, message: Any, status: Any) -> None:
        self._answered_somehow(at, session, message, status)
        seat = self.sessions.get(session)
        is_receipt = hasattr(message, "receipts_due")
        # what is refused for now may come again; what is refused for good comes again where a scenario wants it
        if is_receipt and isinstance(status, int) and seat is not None and status not in seat.terms.retry.statuses:
            self._refused(at, session, message, status)

    def _refused(self, at: float, session: int, message: Any, status: int) -> None:
        told = f"the receipt of message {message.number} was answered with {status_name(status)}"
        self.checks["receipts_accepted"].failed(told, at, session, raw_of(message))

    def _answered(self, at: float, session: int, message: Any) -> None:
        sent_at = self._taken(session, message)
        if sent_at is None or session in self._faulty:
            return
        self.checks["deliveries_answered"].passed()
        took, check = self.clock() - sent_at, self.checks["deliveries_answered_in_time"]
        if took > LATE:
            check.failed(f"the delivery of message {message.number} was answered after {took:.1f} s", at, session)
        else:
            check.passed()

    def _taken(self, session: int, message: Any) -> float | None:
        """When this message's oldest unanswered delivery was sent; it is no longer unanswered."""
        of_session = self._sent_at.get(session, {})
        times = of_session.get(message.number)
        if not times:
            return None
        sent_at = times.pop(0)
        if not times:
            del of_session[message.number]
        return sent_at

    def _timeout(self, at: float, session: int, subject: Any, detail: Any) -> None:
        command = getattr(subject, "command_id", None)
        if command in _DELIVERIES and session not in self._faulty:
            told = f"no answer to {command_name(command)}, sequence_number {subject.sequence_number}"
            # what we made ourselves was never read, so that there are no octets to show
            self.checks["deliveries_answered"].failed(told, at, session)

    def _disconnected(self, at: float, session: int, caller: Any, detail: Any) -> None:
        self._sent_at.pop(session, None)
        self._faulty.discard(session)

    def _struck(self, at: float, session: int, caller: Any, detail: Any) -> None:
        if session in self.sessions:
            self._faulty.add(session)

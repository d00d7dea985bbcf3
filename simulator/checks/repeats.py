"""accepted_not_resent and permanent_not_retried: the same text, source and destination once more within 60 s.

What was refused for now, or with a status that leaves it open, may come again. Two equal messages may be meant: where
the ESME's own reference (user_message_reference, or that of the parts) is the same it is proved that they are one.
An answer that never came proves nothing: to send such a message again may be a rescue.
"""

from collections import OrderedDict
from typing import Any, Final

from simulator.checks.levels import ERROR
from simulator.checks.statuses import status_name
from simulator.checks.watched import Family, has_left, is_for_good, raw_of, reference_of, shown_status
from simulator.journal import SUBMITTED

SPAN: Final = 60.0
"""Seconds of link time."""
RECENT_MAX: Final = 50_000
"""Messages that are remembered; beyond it the oldest is forgotten."""


class Repeats(Family):
    """What was submitted lately."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {SUBMITTED: self._submitted}

    def clear(self) -> None:
        """Forget everything."""
        self._recent: OrderedDict[int, Any] = OrderedDict()

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        self._forget_old(message.arrived_at)
        key = hash((message.account, message.source.number, message.destination.number, message.octets, message.part))
        earlier = self._recent.pop(key, None)
        self._recent[key] = message
        if len(self._recent) > RECENT_MAX:
            self._recent.popitem(last=False)
            for check in self.checks.values():
                check.is_truncated = True
        if earlier is not None and earlier.pdu is not message.pdu:
            self._again(earlier, at, session, message)

    def _again(self, earlier: Any, at: float, session: int, message: Any) -> None:
        after = f"{message.arrived_at - earlier.arrived_at:.1f} s after message {earlier.number}"
        is_answered = has_left(earlier, self.sessions.get(earlier.session))
        status = shown_status(earlier, earlier.status)
        if status:
            if is_answered and is_for_good(earlier, status):
                told = f"sent again {after} was refused with {status_name(status)}"
                self.checks["permanent_not_retried"].failed(told, at, session, raw_of(message))
            return
        check = self.checks["accepted_not_resent"]
        if not is_answered:
            check.failed(f"sent again {after}, which is unanswered", at, session, raw_of(message))
            return
        reference = reference_of(message)
        is_proved = reference is not None and reference == reference_of(earlier)
        proof = ", with the same reference" if is_proved else ""
        check.failed(f"sent again {after} was accepted{proof}", at, session, raw_of(message))
        if is_proved:
            check.raise_to(ERROR)

    def _forget_old(self, now: float) -> None:
        recent = self._recent
        while recent:
            key = next(iter(recent))
            message = recent[key]
            if now - message.arrived_at <= SPAN:
                return
            del recent[key]
            status = shown_status(message, message.status)
            if not status:
                self.checks["accepted_not_resent"].passed()
            elif is_for_good(message, status):
                self.checks["permanent_not_retried"].passed()

    def settle(self) -> None:
        """Judge what time alone decides, now."""
        self._forget_old(self.clock())

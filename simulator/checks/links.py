"""rebinds_with_pause, unbind_obeyed, enquire_link_answered, link_kept, pdus_wellformed and responses_expected.

What an ESME does with its links. It knows the events of a session and how they tell who ended it. Of a link that a
scenario has struck with a fault nothing more is judged, and where it has formed what we send no answer is unexpected.
"""

from collections import deque
from typing import Any, Final

from simulator.checks.watched import Family, is_shaped, raw_of
from simulator.journal import (
    ANSWERED,
    BIND_REFUSED,
    BOUND,
    DISCONNECTED,
    FAULT,
    MALFORMED,
    MO_ACKNOWLEDGED,
    MO_SENT,
    PDU_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_SENT,
    SUBMITTED,
    TIMEOUT,
    UNBIND_SENT,
    UNBOUND,
    UNEXPECTED,
)
from simulator.smpp.constants import RESPONSE, CommandId, command_name

BINDS_MAX: Final = 5
BINDS_SPAN: Final = 5.0
"""So many binds in so many seconds of link time, for each session that the account had at once."""
OBEYED_WITHIN: Final = 1.0
"""Seconds of link time after our unbind in which submissions may still be on their way. A link that ends so soon
without an answer tells nothing: whoever ends a test ends its gateway too, in any order."""
NAMES_MAX: Final = 10_000
"""system_ids whose binds are counted; beyond it the oldest is forgotten."""
EXPIRED_MAX: Final = 10_000
"""Requests of ours that nobody answered in time, and whose answers may still come."""

_THEIRS: Final = ("closed by the peer", "connection lost")
"""How a link ends that the ESME has closed."""


class _Binds:
    """One system_id's binds of the last seconds, and how many sessions it has and had at once."""

    __slots__ = ("at_once", "standing", "times")

    def __init__(self) -> None:
        self.times: deque[float] = deque()
        self.standing = 0
        self.at_once = 1


class Links(Family):
    """The binds and ends of all sessions."""

    def folds(self) -> dict[str, Any]:
        """What is to be fed with which kind of event."""
        return {
            BOUND: self._bound,
            BIND_REFUSED: self._refused,
            UNBIND_SENT: self._unbind_sent,
            UNBOUND: self._unbound,
            SUBMITTED: self._submitted,
            TIMEOUT: self._timeout,
            MALFORMED: self._malformed,
            UNEXPECTED: self._unexpected,
            RECEIPT_ACKNOWLEDGED: self._expected,
            MO_ACKNOWLEDGED: self._expected,
            RECEIPT_SENT: self._delivered,
            MO_SENT: self._delivered,
            ANSWERED: self._delivered,
            PDU_SENT: self._pdu_sent,
            FAULT: self._struck,
            DISCONNECTED: self._disconnected,
        }

    def clear(self) -> None:
        """Forget everything."""
        self._binds: dict[str, _Binds] = {}
        self._bound_as: dict[int, str] = {}
        """Bound sessions whose end is still to come, and their names."""
        self._leaving: dict[int, float] = {}
        """Sessions that were asked to unbind and have not answered, and when."""
        self._enquired: set[int] = set()
        self._faulty: set[int] = set()
        """Sessions that a fault has struck."""
        self._shaped: set[int] = set()
        """Sessions on which a scenario has formed what we send."""
        self._expired: dict[tuple[int, int], None] = {}

    def reset(self) -> None:
        """The links stay, and with them what is kept here; how often anybody has come to bind counts anew."""
        for binds in self._binds.values():
            binds.times.clear()
            binds.at_once = binds.standing

    # ------------------------------------------------------------------ binds

    def _bound(self, at: float, session: int, caller: Any, detail: Any) -> None:
        binds = self._came(at, session, caller)
        binds.standing += 1
        binds.at_once = max(binds.at_once, binds.standing)
        self._bound_as[session] = caller.system_id
        self.checks["pdus_wellformed"].passed()

    def _refused(self, at: float, session: int, caller: Any, detail: Any) -> None:
        self._came(at, session, caller)

    def _came(self, at: float, session: int, caller: Any) -> _Binds:
        name, now, check = caller.system_id, self.clock(), self.checks["rebinds_with_pause"]
        binds = self._binds.get(name)
        if binds is None:
            binds = self._binds[name] = _Binds()
            if len(self._binds) > NAMES_MAX:
                del self._binds[next(iter(self._binds))]
                check.is_truncated = True
        times = binds.times
        times.append(now)
        while now - times[0] > BINDS_SPAN:
            times.popleft()
        # the one that comes now may be one more at once
        if len(times) > BINDS_MAX * max(binds.at_once, binds.standing + 1):
            check.failed(f"{name!r} has come to bind {len(times)} times within {BINDS_SPAN:.0f} s", at, session)
            times.popleft()
        else:
            check.passed()
        return binds

    # ------------------------------------------------------------------ ends

    def _unbind_sent(self, at: float, session: int, caller: Any, detail: Any) -> None:
        self._leaving[session] = self.clock()

    def _unbound(self, at: float, session: int, caller: Any, detail: Any) -> None:
        if self._leaving.pop(session, None) is not None:
            self.checks["unbind_obeyed"].passed()
        self._ended(session)
        self.checks["link_kept"].passed()

    def _ended(self, session: int) -> bool:
        """Count a bound session off; whether it was one."""
        name = self._bound_as.pop(session, None)
        if name is None:
            return False
        if name in self._binds:
            self._binds[name].standing -= 1
        return True

    def _disconnected(self, at: float, session: int, caller: Any, reason: Any) -> None:
        self._enquired.discard(session)
        self._shaped.discard(session)
        was_bound, is_theirs = self._ended(session), str(reason).startswith(_THEIRS)
        asked_at = self._leaving.pop(session, None)
        if session in self._faulty:
            self._faulty.discard(session)
        elif asked_at is not None:
            if self.clock() - asked_at > OBEYED_WITHIN:
                self.checks["unbind_obeyed"].failed("our unbind was never answered", at, session)
        elif was_bound and is_theirs:
            who = f"{caller.system_id!r} ({caller.bind_type})"
            self.checks["link_kept"].failed(f"{who} ended its link without an unbind: {reason}", at, session)

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        self.checks["pdus_wellformed"].passed()
        if self._leaving:
            asked_at = self._leaving.get(session)
            if asked_at is not None and message.arrived_at - asked_at > OBEYED_WITHIN:
                told = f"a submission {message.arrived_at - asked_at:.1f} s after our unbind"
                self.checks["unbind_obeyed"].failed(told, at, session, raw_of(message))

    def _struck(self, at: float, session: int, caller: Any, detail: Any) -> None:
        if session in self.sessions:
            self._faulty.add(session)
            self._enquired.discard(session)

    # ------------------------------------------------------------------ answers

    def _delivered(self, at: float, session: int, message: Any, detail: Any) -> None:
        if is_shaped(message):
            self._pdu_sent(at, session, message, detail)

    def _pdu_sent(self, at: float, session: int, subject: Any, detail: Any) -> None:
        if session in self.sessions:
            self._shaped.add(session)

    def _timeout(self, at: float, session: int, subject: Any, detail: Any) -> None:
        if session in self._faulty:
            return
        if detail == "enquire_link":
            if session in self._enquired:
                # we ask again only where the last one was answered
                self.checks["enquire_link_answered"].passed()
            self._enquired.add(session)
            return
        command = getattr(subject, "command_id", None)
        if command is None:
            return
        self._expired[session, subject.sequence_number] = None
        if len(self._expired) > EXPIRED_MAX:
            del self._expired[next(iter(self._expired))]
        if command == CommandId.ENQUIRE_LINK:
            self._enquired.discard(session)
            told = f"no answer to enquire_link, sequence_number {subject.sequence_number}"
            self.checks["enquire_link_answered"].failed(told, at, session)

    def _malformed(self, at: float, session: int, evidence: Any, reason: Any) -> None:
        self.checks["pdus_wellformed"].failed(str(reason), at, session, evidence.octets)

    def _expected(self, at: float, session: int, message: Any, detail: Any) -> None:
        self.checks["responses_expected"].passed()

    def _unexpected(self, at: float, session: int, evidence: Any, detail: Any) -> None:
        command, sequence = evidence.command_id, evidence.sequence_number
        if not command & RESPONSE:
            # a request after its unbind_resp
            told = f"{command_name(command)} after the unbind was answered"
            self.checks["unbind_obeyed"].failed(told, at, session, evidence.octets)
        elif (session, sequence) in self._expired:
            # asked it was, but too long ago: that is another check's
            del self._expired[session, sequence]
        elif session not in self._shaped:
            told = f"{command_name(command)}, sequence_number {sequence}: nobody has asked"
            self.checks["responses_expected"].failed(told, at, session, evidence.octets)

    def settle(self) -> None:
        """Judge what time alone decides, now."""
        for session in list(self._enquired):
            seat = self.sessions.get(session)
            waits = () if seat is None else seat.connection.outstanding.values()
            if seat is not None and not any(request.command_id == CommandId.ENQUIRE_LINK for request, _ in waits):
                self._enquired.discard(session)
                self.checks["enquire_link_answered"].passed()

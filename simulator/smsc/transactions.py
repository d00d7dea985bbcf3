"""Transaction mode (SMPP 3.4, 2.10.3; SMPP 5.0, 4.2.10): the response tells what became of the message.

Such a submission is answered when its fate is known, or when the response timer has run out: then it has failed, and is
not delivered afterwards. It has one try, no receipt, and its failure is the response's status. Under a scenario the
rules are asked about it as about any other.
"""

from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import ANSWERED, SUBMITTED
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import response_to
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.smsc import requests
from simulator.smsc.memory.store import FULL
from simulator.smsc.play.answering import Answer
from simulator.smsc.play.scripted import decided, named
from simulator.smsc.receipts import network_error
from simulator.smsc.translate import (
    DELIVERED,
    EXPIRED,
    UNDELIVERABLE,
    Arrival,
    Cause,
    Outcome,
    Submission,
    refuse,
    status_of,
)

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

TOO_LATE: Final = Cause("no_outcome_in_time", is_temporary=True)

UNAVAILABLE, INVALID_ADDRESS, PERMANENT, TEMPORARY = range(4)
"""Values of delivery_failure_reason (SMPP 3.4, 5.3.2.33)."""
_REASONS: Final = {"absent_subscriber": UNAVAILABLE, "unknown_subscriber": INVALID_ADDRESS}


class Transactions:
    """The submissions that wait for their fate to be answered, and whom each is answered by."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self.unanswered: dict[Submission, Session] = {}
        """Those that were not answered yet, oldest first."""

    def begin(self, session: "Session", message: Submission, arrival: Arrival) -> float | None:
        """Take a message whose answer is its outcome.

        Where it was refused, it carries the status; returned is in how many seconds to answer that, inf: never.
        """
        smsc, at, stage = self._smsc, arrival.at, self._smsc.stage
        has_room = smsc.store.room[message.account] > 0
        if has_room and stage is not None:
            verdict = decided(smsc, stage, message, arrival)
            if verdict is None:
                # its session was ended before it was even recorded
                message.status = int(CommandStatus.ESME_RSUBMITFAIL)
                return inf
        else:
            smsc.journal.record(at, SUBMITTED, arrival.session, message)
            verdict = smsc.carrier.submit(message, arrival.account, at) if has_room else None
        if verdict is None or not verdict.accepted:
            cause = FULL if verdict is None else verdict.cause
            refuse(message, status_of(cause), cause, at)
            respond_after = 0.0 if verdict is None else verdict.respond_after
            if respond_after != inf:
                smsc.journal.record(at, ANSWERED, arrival.session, message, message.status)
            return respond_after
        self._take(session, message, arrival, verdict.outcomes, verdict.respond_after)
        return inf if verdict.respond_after == inf else None

    def _take(
        self,
        session: "Session",
        message: Submission,
        arrival: Arrival,
        outcomes: tuple[Outcome, ...],
        respond_after: float,
    ) -> None:
        smsc, stage = self._smsc, self._smsc.stage
        message.message_id = smsc.next_id(arrival)
        if message.fate is not None and stage is not None:
            message.message_id = named(stage, message, message.message_id)
        smsc.store.add(message)
        smsc.routing.sent(message)
        message.begins_at = arrival.at
        if respond_after == inf:
            # nobody is ever told what becomes of it
            smsc.plan(message, outcomes)
            return
        message.begins_at += respond_after
        self.unanswered[message] = session
        smsc.plan(message, outcomes)
        patience = session.terms.timers.response
        if isfinite(patience):
            smsc.agenda.put_link(arrival.now + patience, self._too_late, message)
        if message.fate is not None and stage is not None:
            # what has its place before or behind the answer waits for that
            stage.perform_all(message.fate, session, arrival.now, message=message, request=message.pdu)

    def _too_late(self, message: Any, now: float) -> None:
        if message in self.unanswered:
            at = self._smsc.clock.at(now)
            self._smsc.conclude(message, Outcome(at - message.begins_at, UNDELIVERABLE, TOO_LATE), at, now)

    def concluded(self, message: Submission, outcome: Outcome, at: float, now: float) -> None:
        """Answer a message that has got its fate, if it is one of those."""
        session = self.unanswered.pop(message, None)
        if session is None:
            return
        message.status = 0 if outcome.state == DELIVERED else CommandStatus.ESME_RDELIVERYFAILURE
        if session.is_open:
            # nobody is told any more where the ESME has left
            self._smsc.journal.record(at, ANSWERED, message.session, message, message.status)
        self._answer(session, message, () if not message.status else reasons(outcome), now)

    def _answer(self, session: "Session", message: Submission, tlvs: tuple[Tlv, ...], now: float) -> None:
        pdu = message.pdu
        assert pdu is not None
        response = response_to(pdu, message.status, message_id=message.message_id)
        flag = self._smsc.phones.pending_flag(pdu, message, session.connection.version)
        response.tlvs = (*tlvs, *flag)
        if message.fate is None:
            requests.respond_deferred(session, response, (message,), now)
        else:
            Answer(session, pdu, response, message.fate, (message,), is_late=True).let_go(now)

    def reset(self, now: float, account: str | None = None) -> None:
        """Whoever still waits for an answer is told that there was a failure; nothing is remembered.

        With ``account`` that of this one alone.
        """
        waiting = {one: at for one, at in self.unanswered.items() if account is None or one.account == account}
        self.unanswered = {one: at for one, at in self.unanswered.items() if one not in waiting}
        for message, session in waiting.items():
            message.status = int(CommandStatus.ESME_RDELIVERYFAILURE)
            # as it is, for what rules said of it has been forgotten
            message.fate = None
            self._answer(session, message, (), now)


def reasons(outcome: Outcome) -> tuple[Tlv, ...]:
    """Why a transaction failed, in TLVs: delivery_failure_reason, and network_error_code where the network told one."""
    cause = outcome.cause
    is_temporary = outcome.state == EXPIRED or (cause is not None and cause.is_temporary)
    reason = _REASONS.get("" if cause is None else cause.name, TEMPORARY if is_temporary else PERMANENT)
    return (tlv_int(TlvTag.DELIVERY_FAILURE_REASON, reason), *network_error(cause))

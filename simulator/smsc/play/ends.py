"""How we refuse without a status: by saying nothing, by ending a session, by an enquiry that goes unanswered.

It knows sessions, the ways in which one ends, and of the reasons nothing but their words.
"""

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from simulator.journal import FAULT, REFUSED_PDU, SUBMITTED
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import GenericNack, Pdu
from simulator.smsc.memory.evidence import evidence_of
from simulator.smsc.play.flow import HOLE_IN, HOLE_OUT, flow_of
from simulator.smsc.terms import WINDOW_DEEDS
from simulator.smsc.translate import Arrival, Cause, Submission, refuse

if TYPE_CHECKING:
    from simulator.smsc.session import Session


def part(session: "Session", by: str, why: str, now: float) -> None:
    """End a session ``by`` fin, disconnect (the same), rst, unbind or black_hole; by silence it lives on.

    ``why`` is what the journal tells of its end. What is answered already is still written, unless by rst or into a
    black hole.
    """
    if by == "silence" or not session.is_open or session.hang_up:
        return
    session.ends_because = why
    if by == "unbind":
        session.unbind(now)
    elif by == "black_hole":
        flow, smsc = flow_of(session), session.smsc
        smsc.journal.record(smsc.clock.at(now), FAULT, session.number, session.caller, f"black_hole of both: {why}")
        for hole in (HOLE_IN, HOLE_OUT):
            flow.begin(hole, inf, now)
    elif by == "rst":
        session.ends_by = "rst"
        flow_of(session).reset()
    else:
        session.ends_by = "fin"
        session.hang_up = True
        session.wake()


def beyond_window(
    session: "Session", pdu: "Pdu", messages: Sequence[Submission], excess: int, arrival: Arrival
) -> None:
    """A request beyond the window that gets no status: nothing is answered, and the session ends where that is said."""
    journal, at = session.smsc.journal, arrival.at
    why = f"over a window of {session.terms.window}"
    for message in messages:
        journal.record(at, SUBMITTED, session.number, message)
        refuse(message, 0, Cause(why, is_temporary=True, answer=0), at)
    if not messages:
        journal.record(at, REFUSED_PDU, session.number, evidence_of(pdu), why)
    part(session, WINDOW_DEEDS[excess], why, arrival.now)


def reply_to_enquiry(session: "Session", enquiry: Pdu, answer: Pdu, by: str, now: float) -> None:
    """Reply to the ESME's enquire_link ``by`` the answer, by silence, or by a generic_nack."""
    if by == "generic_nack":
        status = int(CommandStatus.ESME_RINVCMDID)
        session.smsc.journal.record(session.at, REFUSED_PDU, session.number, evidence_of(enquiry), status)
        answer = GenericNack(sequence_number=enquiry.sequence_number, command_status=status)
    if by != "silence":
        session.answer(answer, now)


__all__ = ["beyond_window", "part", "reply_to_enquiry"]

"""What the protocol itself decides of one session: answers to what we sent, its duties, broken PDUs, timers.

Functions over a session, one for each kind of event; requests of the ESME are requests.py's.
"""

from typing import TYPE_CHECKING

from simulator import journal as events
from simulator.smpp import pdus
from simulator.smpp.constants import CommandId, CommandStatus
from simulator.smpp.events import Expired, Malformed, Obliged, Timeout
from simulator.smsc.memory.evidence import evidence_of, reason_of
from simulator.smsc.play.ends import reply_to_enquiry

if TYPE_CHECKING:
    from simulator.smsc.session import Session


def delivered(session: "Session", pdu: pdus.DeliverSmResp | pdus.DataSmResp | pdus.GenericNack, now: float) -> None:
    """An ESME has answered a delivery of ours."""
    request = pdu.request
    if request is None or request.sequence_number not in session.deliveries:
        unexpected(session, pdu, now)
    elif not _answers_scenario(session, pdu):
        is_nack = pdu.command_id == CommandId.GENERIC_NACK
        # a generic_nack never means yes, whatever its status
        _settle(session, request, pdu.command_status or is_nack * int(CommandStatus.ESME_RUNKNOWNERR), now)
    if request is not None:
        _uncover(session, request, now)
    session.pump(now)


def _settle(session: "Session", request: pdus.Pdu, status: int | None, now: float) -> None:
    """A delivery of ours was answered, or not in time (None); nothing where nobody asks any more what became of it."""
    delivery = session.deliveries.pop(request.sequence_number, None)
    if delivery is not None:
        session.smsc.deliveries.settle(session, delivery, status, now)


def _uncover(session: "Session", request: pdus.Pdu, now: float) -> None:
    """What a scenario has sent by the same number waits for its answer from now on."""
    if session.seat_while_open is not None:
        session.stage.telling.uncover(session, request.sequence_number, now)


def _answers_scenario(session: "Session", pdu: pdus.Response) -> bool:
    """Whether a response answers what a scenario has sent of its own accord; it learns of that then."""
    request = pdu.request
    if request is None or session.deliveries.get(request.sequence_number, session) is not None:
        return False
    del session.deliveries[request.sequence_number]
    if session.seat_while_open is not None:
        session.stage.answered(request, pdu.command_status)
    return True


def obliged(session: "Session", event: Obliged, now: float) -> None:
    """The protocol says what to answer."""
    pdu, answer, journal = event.pdu, event.answer, session.smsc.journal
    if answer is None:
        unexpected(session, pdu, now)
        return
    if pdu.command_id == CommandId.ENQUIRE_LINK and not answer.command_status:
        session.last_enquiry_at = session.at
        journal.record(session.at, events.ENQUIRED, session.number, session.caller)
        if session.keeper is not None:
            reply_to_enquiry(session, pdu, answer, session.keeper.enquired(now), now)
            return
    elif answer.command_status:
        journal.record(session.at, events.REFUSED_PDU, session.number, evidence_of(pdu), answer.command_status)
    session.answer(answer, now)
    if pdu.command_id == CommandId.UNBIND and not answer.command_status:
        session.unbound(now)
        _tell_rules(session, now)


def malformed(session: "Session", event: Malformed, now: float) -> None:
    """Octets that are no PDU have come."""
    session.smsc.journal.record(session.at, events.MALFORMED, session.number, evidence_of(event), reason_of(event))
    if event.answer is not None:
        session.answer(event.answer, now)
    if event.request is not None:
        # what is broken is the body, which says nothing here; yes or no stands in the header
        _settle(session, event.request, event.command_status, now)
        _uncover(session, event.request, now)
        session.pump(now)
    if event.is_fatal:
        session.hang_up = True


def expired(session: "Session", event: Expired, now: float) -> None:
    """A request of ours was not answered in time."""
    request = event.request
    if session.seat_while_open is not None:
        session.stage.unanswered(session, request, now)
    if session.deliveries.get(request.sequence_number, session) is not None:
        # None is a delivery from before a reset: nobody asks any more what became of it
        session.smsc.journal.record(
            session.at, events.TIMEOUT, session.number, evidence_of(request), f"no answer to {request.name}"
        )
    if not isinstance(request, pdus.DeliverSm | pdus.DataSm):
        session.deliveries.pop(request.sequence_number, None)
        if not isinstance(request, pdus.EnquireLink | pdus.Unbind):
            # a scenario has sent what no ESME needs to know
            session.pump(now)
            return
        if session.keeper is not None and isinstance(request, pdus.EnquireLink) and not session.keeper.missed():
            return
        # an enquire_link or unbind without an answer: nobody is there (SMPP 3.4, 7.2)
        session.ends_by = "timeout"
        session.hang_up = True
        session.wake()
        return
    _settle(session, request, None, now)
    _uncover(session, request, now)
    session.pump(now)


def timeout(session: "Session", event: Timeout, now: float) -> None:
    """A timer of the connection has run out."""
    session.smsc.journal.record(session.at, events.TIMEOUT, session.number, session.caller, event.timer)
    if event.answer is not None:
        session.connection.send(event.answer, now)
        session.wake()
    elif event.timer == "inactivity":
        session.unbind(now)
    else:
        session.hang_up = True
        session.wake()


def alive(session: "Session", pdu: pdus.EnquireLinkResp, now: float) -> None:
    """An enquire_link_resp: that it came is all it says, but our request no longer takes room in the window."""
    if session.keeper is not None and pdu.request is not None:
        session.keeper.answered()
    _answers_scenario(session, pdu)
    session.pump(now)


def parted(session: "Session", pdu: pdus.UnbindResp, now: float) -> None:
    """The ESME agrees to leave."""
    if pdu.request is None:
        unexpected(session, pdu, now)
        return
    session.smsc.journal.record(session.at, events.UNBOUND, session.number, session.caller)
    session.hang_up = True
    _tell_rules(session, now)


def _tell_rules(session: "Session", now: float) -> None:
    """A session was unbound, by whichever side."""
    if session.smsc.stage is not None:
        session.stage.happen("unbound", session, now)


def unexpected(session: "Session", pdu: pdus.Pdu, now: float) -> None:  # noqa: ARG001 - as all that are called for an event
    """A response that nobody waits for, or a request after unbind_resp: noted, never answered.

    Who answers what was sent before a reset, and not in time, is not even noted.
    """
    if isinstance(pdu, pdus.Response) and (
        _answers_scenario(session, pdu) or 0 < pdu.sequence_number <= session.forgotten
    ):
        return
    session.smsc.journal.record(session.at, events.UNEXPECTED, session.number, evidence_of(pdu))

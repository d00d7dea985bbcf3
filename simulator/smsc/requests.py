"""What an ESME may ask once bound: submissions, and questions and orders about them, each answered at once or later.

Functions over a session, called for each request in its order. What a message means is asked of the SMSC; here stands
when the answer leaves, and what of the ESME's window it takes until then.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import REFUSED_PDU
from simulator.smpp import pdus
from simulator.smpp.codec import compile_writer
from simulator.smpp.constants import Version
from simulator.smsc import operations
from simulator.smsc.evidence import evidence_of
from simulator.smsc.translate import (
    NOT_ANSWERED,
    Arrival,
    Submission,
    message_from,
    messages_from,
    multi_response,
    objection,
)

if TYPE_CHECKING:
    from simulator.smsc.session import Session

_submit_sm_resp: Final = compile_writer(pdus.SubmitSmResp)


def submit(session: "Session", pdu: pdus.SubmitSm | pdus.DataSm, now: float) -> None:
    """submit_sm and data_sm (SMPP 3.4, 4.4 and 4.7). This and what it calls is what a message costs."""
    session.submitted += 1
    smsc, terms, arrival = session.smsc, session.terms, session.arrival or _arrived(session, now)
    broken = (0 if terms.window is None else session.window.excess(terms)) or objection(pdu)
    is_plain = isinstance(pdu, pdus.SubmitSm)
    if isinstance(pdu, pdus.SubmitSm) and pdu.replace_if_present_flag and not broken:
        replaced = operations.replace_if_present(smsc, pdu, arrival)
        if replaced is not None:
            session.answer(replaced, now)
            return
    message = message_from(pdu, smsc.next_number(), arrival)
    seconds = smsc.take(message, broken or message.status, arrival)
    if is_plain and not seconds and not message.status:
        # nearly every answer is this one: octets from two values, without an object of its own
        message.leaves_with = session.handed_out
        session.connection.send_bytes(_submit_sm_resp(0, pdu.sequence_number, message.message_id))
        return
    response = pdus.response_to(pdu, message.status)
    assert isinstance(response, pdus.SubmitSmResp | pdus.DataSmResp)
    response.message_id = message.message_id
    _respond(session, response, seconds, (message,), now)


def submit_multi(session: "Session", pdu: pdus.SubmitMulti, now: float) -> None:
    """submit_multi (SMPP 3.4, 4.5): a message for each destination, one answer for all."""
    session.submitted += 1
    smsc, arrival = session.smsc, session.arrival or _arrived(session, now)
    broken = session.window.excess(session.terms) or objection(pdu)
    messages = messages_from(pdu, smsc.next_number, arrival)
    message_id, slowest = "", 0.0
    for message in messages:
        slowest = max(slowest, smsc.take(message, broken or message.status, arrival, message_id=message_id))
        message_id = message_id or message.message_id
    _respond(session, multi_response(pdu, messages, broken), slowest, messages, now)


def operate(session: "Session", pdu: pdus.QuerySm | pdus.CancelSm | pdus.ReplaceSm, now: float) -> None:
    """query_sm, cancel_sm and replace_sm: done by operations.py where the window has room for them."""
    excess = session.window.excess(session.terms)
    if excess:
        session.smsc.journal.record(session.at, REFUSED_PDU, session.number, evidence_of(pdu), excess)
        session.answer(pdus.response_to(pdu, excess), now)
    else:
        arrival = session.arrival or _arrived(session, now)
        session.answer(operations.operate(session.smsc, pdu, arrival), now)


def _arrived(session: "Session", now: float) -> Arrival:
    """Whence and when: the same for all requests of a batch."""
    assert session.account is not None
    takes_long_ids = session.connection.peer_version >= Version.V34
    session.arrival = arrival = Arrival(session.account, session.number, session.at, now, takes_long_ids)
    return arrival


def _respond(
    session: "Session", response: pdus.Response, seconds: float, messages: Sequence[Submission], now: float
) -> None:
    """Answer a submission now or ``seconds`` later; its messages remember with which write that leaves."""
    if seconds:
        # backpressure: nothing more is read while so many wait for their answer
        session.connection.is_paused = session.window.defer(session.terms)
        for message in messages:
            message.leaves_with = NOT_ANSWERED
        session.smsc.agenda.put_link(now + seconds, _respond_late, (session, response, messages))
        return
    for message in messages:
        message.leaves_with = session.handed_out
    session.answer(response, now)


def _respond_late(subject: Any, now: float) -> None:
    session, response, messages = subject
    if not session.is_open:
        return
    session.window.answered_late()
    _respond(session, response, 0.0, messages, now)
    connection = session.connection
    if connection.is_paused:
        connection.is_paused = False
        session.read(now)
    session.wake()

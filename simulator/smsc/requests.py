"""What an ESME may ask once bound: submissions, and questions and orders about them, each answered at once or later.

Functions over a session, called for each request in its order. What a message means is asked of the SMSC; here stands
when the answer leaves, and what of the ESME's window it takes until then.
"""

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import ANSWERED, REFUSED_PDU
from simulator.smpp import pdus
from simulator.smpp.codec import compile_writer
from simulator.smpp.constants import Version
from simulator.smpp.tlvs import Tlv
from simulator.smsc import operations
from simulator.smsc.memory.evidence import evidence_of
from simulator.smsc.objections import (
    MODE_MASK,
    ONE_TRY,
    TRANSACTION,
    TYPE_MASK,
    UNUSUAL,
    first_look,
    objection,
)
from simulator.smsc.play.answering import Answer
from simulator.smsc.play.charsets import CODINGS
from simulator.smsc.play.ends import beyond_window
from simulator.smsc.translate import (
    NOT_ANSWERED,
    Arrival,
    Submission,
    message_from,
    messages_from,
    multi_response,
)

if TYPE_CHECKING:
    from simulator.smsc.session import Session

LIMITED: Final = (
    *(pdus.QuerySm, pdus.CancelSm, pdus.ReplaceSm),
    *(pdus.BroadcastSm, pdus.QueryBroadcastSm, pdus.CancelBroadcastSm),
)
"""Requests that make no message and take a place in the ESME's window all the same."""

_submit_sm_resp: Final = compile_writer(pdus.SubmitSmResp)


def submit(session: "Session", pdu: pdus.SubmitSm | pdus.DataSm, now: float) -> None:
    """submit_sm and data_sm (SMPP 3.4, 4.4 and 4.7). This and what it calls is what a message costs."""
    session.submitted += 1
    smsc, terms, arrival = session.smsc, session.terms, session.arrival or _arrived(session, now)
    broken = (0 if terms.window is None else session.window.excess(terms)) or first_look(pdu)
    if broken < 0:
        if broken == UNUSUAL:
            _submit_unusual(session, pdu, arrival)
        else:
            beyond_window(session, pdu, [message_from(pdu, smsc.next_number(), arrival)], broken, arrival)
        return
    message = message_from(pdu, smsc.next_number(), arrival)
    if session.charset is not None:
        message.coding_of_0 = CODINGS.get(session.charset, 0)
    seconds = smsc.take(message, broken or message.status, arrival)
    if message.status or arrival.is_of_version_5 or message.fate is not None or seconds == inf:
        _answer(session, pdu, message, seconds)
        return
    if seconds:
        # as respond() does, but for the object of a response, that nobody needs until then
        session.connection.is_paused = session.window.defer(terms)
        message.leaves_with = NOT_ANSWERED
        smsc.agenda.put_link(now + seconds, _accept_late, (session, pdu, message))
        return
    # nearly every answer is this one: octets from two values, without an object of its own
    message.leaves_with = session.handed_out
    session.connection.send_bytes(_submit_sm_resp(0, pdu.sequence_number, message.message_id))


def _accept_late(subject: Any, now: float) -> None:
    """Accept a submission whose answer was put off; the rest is as in respond_deferred()."""
    session, pdu, message = subject
    if not (session.is_open and session.connection.is_bound):
        respond_deferred(session, pdus.response_to(pdu, 0, message_id=message.message_id), (message,), now)
        return
    session.window.answered_late()
    message.leaves_with = session.handed_out
    session.connection.send_bytes(_submit_sm_resp(0, pdu.sequence_number, message.message_id))
    session.go_on(now)


def _submit_unusual(session: "Session", pdu: pdus.SubmitSm | pdus.DataSm, arrival: Arrival) -> None:
    """A submission with TLVs, by data_sm, in another mode, or that replaces or acknowledges something."""
    smsc, now = session.smsc, arrival.now
    broken = objection(pdu, session.connection.version)
    if isinstance(pdu, pdus.SubmitSm) and pdu.replace_if_present_flag and not broken:
        replaced = operations.replace_if_present(smsc, pdu, arrival)
        if replaced is not None:
            _note_refusal(session, pdu, replaced)
            session.answer(replaced, now)
            return
    mode = pdu.esm_class & MODE_MASK
    message = message_from(pdu, smsc.next_number(), arrival)
    if session.charset is not None:
        message.coding_of_0 = CODINGS.get(session.charset, 0)
    if mode in ONE_TRY:
        # neither tells of its progress: the one tells nothing, the other everything in its response
        message.wants_progress = False
    if mode == TRANSACTION and not (broken or message.status):
        refused_after = smsc.transactions.begin(session, message, arrival)
        if refused_after is None:
            # it is answered when it is known what became of it
            session.connection.is_paused = session.window.defer(session.terms)
            message.leaves_with = NOT_ANSWERED
        else:
            _answer(session, pdu, message, refused_after)
        return
    seconds = smsc.take(message, broken or message.status, arrival)
    tlvs: tuple[Tlv, ...] = ()
    if not message.status:
        if pdu.esm_class & TYPE_MASK:
            smsc.acknowledgements.given(pdu, message, arrival)
        tlvs = smsc.phones.pending_flag(pdu, message, session.connection.version)
    _answer(session, pdu, message, seconds, tlvs)


def _answer(
    session: "Session",
    pdu: pdus.SubmitSm | pdus.DataSm,
    message: Submission,
    seconds: float,
    tlvs: tuple[Tlv, ...] = (),
) -> None:
    """The response to one submission, now or that many seconds later."""
    response = pdus.response_to(pdu, message.status, message_id=message.message_id)
    response.tlvs = tlvs
    if message.fate is None:
        respond(session, response, seconds, (message,), message.arrived_at)
    else:
        Answer(session, pdu, response, message.fate, (message,)).give(seconds, message.arrived_at)


def submit_multi(session: "Session", pdu: pdus.SubmitMulti, now: float) -> None:
    """submit_multi (SMPP 3.4, 4.5): a message for each destination, one answer for all."""
    session.submitted += 1
    smsc, arrival = session.smsc, session.arrival or _arrived(session, now)
    broken = session.window.excess(session.terms) or objection(pdu, session.connection.version)
    messages = messages_from(pdu, smsc.next_number, arrival)
    if broken < 0:
        beyond_window(session, pdu, messages, broken, arrival)
        return
    message_id, slowest = "", 0.0
    for message in messages:
        message.coding_of_0 = CODINGS.get(session.charset or "", 0)
        message.wants_progress = message.wants_progress and message.is_stored
        slowest = max(slowest, smsc.take(message, broken or message.status, arrival, message_id=message_id))
        message_id = message_id or message.message_id
    if slowest != inf:
        # of all of them or of none: it is one answer
        for message in messages:
            smsc.journal.record(arrival.at, ANSWERED, session.number, message, message.status)
    response = multi_response(pdu, messages, broken)
    # one answer for all of them, in the form that the first one wants of which a rule says anything
    fate = next((message.fate for message in messages if message.fate is not None), None)
    if fate is None:
        respond(session, response, slowest, messages, now)
    else:
        Answer(session, pdu, response, fate, messages).give(slowest, now)
    session.bear(len(messages))


def operate(session: "Session", pdu: pdus.QuerySm | pdus.CancelSm | pdus.ReplaceSm, now: float) -> None:
    """query_sm, cancel_sm and replace_sm: done by operations.py where the window has room for them."""
    if not is_excess(session, pdu, now):
        response = operations.operate(session.smsc, pdu, session.arrival or _arrived(session, now))
        _note_refusal(session, pdu, response)
        session.answer(response, now)


def is_excess(session: "Session", pdu: pdus.Request, now: float) -> bool:
    """Count a request about what is already there: whether it is beyond the window, and was refused for it."""
    if session.window.is_counted:
        return False
    excess = session.window.excess(session.terms)
    if excess < 0:
        beyond_window(session, pdu, (), excess, session.arrival or _arrived(session, now))
    elif excess:
        session.smsc.journal.record(session.at, REFUSED_PDU, session.number, evidence_of(pdu), excess)
        session.answer(pdus.response_to(pdu, excess), now)
    return excess != 0


def _note_refusal(session: "Session", pdu: pdus.Pdu, response: pdus.Response) -> None:
    """A request about what is already there, and makes no message, was refused: the journal tells it as such."""
    if response.command_status:
        session.smsc.journal.record(session.at, REFUSED_PDU, session.number, evidence_of(pdu), response.command_status)


def broadcast(
    session: "Session", pdu: pdus.BroadcastSm | pdus.QueryBroadcastSm | pdus.CancelBroadcastSm, now: float
) -> None:
    """broadcast_sm, query_broadcast_sm and cancel_broadcast_sm: only on a 5.0 link do they come so far."""
    if is_excess(session, pdu, now):
        return
    arrival, broadcasts = session.arrival or _arrived(session, now), session.smsc.broadcasts
    if isinstance(pdu, pdus.BroadcastSm):
        session.answer(broadcasts.submit(pdu, arrival), now)
    else:
        response = broadcasts.operate(pdu, arrival)
        _note_refusal(session, pdu, response)
        session.answer(response, now)


def _arrived(session: "Session", now: float) -> Arrival:
    """Whence and when: the same for all requests of a batch."""
    assert session.account is not None
    connection = session.connection
    session.arrival = arrival = Arrival(
        session.account,
        session.number,
        session.at,
        now,
        takes_long_ids=connection.peer_version >= Version.V34,
        is_of_version_5=session.speaks_version_5,
    )
    return arrival


def respond(
    session: "Session", response: pdus.Response, seconds: float, messages: Sequence[Submission], now: float
) -> None:
    """Answer a submission now or ``seconds`` later, inf: never; its messages remember with which write that leaves."""
    if seconds:
        if seconds == inf:
            # nothing waits behind an answer that never comes: the receipts of a message that was taken do not
            return
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
    respond_deferred(session, response, messages, now)


def respond_deferred(session: "Session", response: pdus.Response, messages: Sequence[Submission], now: float) -> None:
    """Answer a submission whose answer was put off, where its ESME is still there, and read what came meanwhile."""
    if not session.is_open:
        return
    session.window.answered_late()
    respond(session, response, 0.0, messages, now)
    session.go_on(now)

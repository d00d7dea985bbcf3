"""Requests and responses that no message comes of, under a scenario: what the rules say of them before they are read.

Binds, enquire_link, unbind, questions and orders about messages, broadcasts, and what ESMEs answer to us. Submissions
are decided message by message elsewhere (scripted.py).
"""

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import BIND_REFUSED, REFUSED_PDU
from simulator.scenario.fate import Fate
from simulator.scenario.words.wire_words import BINDS
from simulator.smpp import pdus
from simulator.smpp.connection import RESPONSE_BIT
from simulator.smpp.constants import CommandStatus
from simulator.smpp.events import Event, Obliged
from simulator.smsc.memory.evidence import evidence_of
from simulator.smsc.play.answering import Answer
from simulator.smsc.play.flow import STOPPED, swallows
from simulator.smsc.play.seats import SUBMITTING
from simulator.smsc.requests import LIMITED, is_excess
from simulator.smsc.translate import address_of_request

if TYPE_CHECKING:
    from simulator.smsc.session import Session

_BIND_KINDS: Final = (pdus.BindTransmitter, pdus.BindReceiver, pdus.BindTransceiver)
_ABOUT_MESSAGES: Final = (pdus.QuerySm, pdus.CancelSm, pdus.ReplaceSm)


def act(session: "Session", event: Event, now: float) -> None:
    """One event of the connection, asked about first where any rule is about such a thing."""
    stage = session.stage
    pdu = event.pdu if isinstance(event, Obliged) else event
    if swallows(session):
        # it came in one segment with what has made everything vanish: whoever asked for it waits on
        request = getattr(event, "request", None)
        if request is not None:
            session.connection.outstanding[request.sequence_number] = request, now
        return
    if not isinstance(pdu, pdus.Pdu):
        session.deal(event, now)
        return
    command = pdu.command_id
    if command in BINDS and not session.connection.is_bound:
        # known by the name that he gives, and the next of that name if he is let in
        session.system_id = getattr(pdu, "system_id", "")
        session.seat.nth = stage.binds_of(session.system_id) + 1
    if command not in SUBMITTING and not command & RESPONSE_BIT:
        session.seat.asked(pdu.sequence_number)
    if command in SUBMITTING or not stage.asks(command):
        session.deal(event, now)
    else:
        session.seat.uncounted = int(not command & RESPONSE_BIT)
        message = _message_of(session, pdu)
        fate = stage.fate_of(command, session, now, message=message, pdu=pdu)
        session.seat.uncounted = 0
        if fate is None:
            session.deal(event, now)
        elif command & RESPONSE_BIT:
            stage.carry_out(fate, session, now, message=message, request=pdu)
            session.deal(event, now)
        else:
            _request(session, event, pdu, fate, now, message=message)


def _message_of(session: "Session", pdu: pdus.Pdu) -> Any:
    """The message that a request or a response is about, where there is one."""
    if isinstance(pdu, _ABOUT_MESSAGES) and session.account is not None:
        found = session.smsc.store.find(session.account.name, pdu.message_id, address_of_request(pdu))
        return found[0] if found else None
    if isinstance(pdu, pdus.Response) and pdu.request is not None:
        delivery = session.deliveries.get(pdu.request.sequence_number)
        return None if delivery is None else delivery.message
    return None


def _request(session: "Session", event: Event, pdu: pdus.Pdu, fate: "Fate", now: float, *, message: Any) -> None:
    stage, decision = session.stage, fate.decision
    stage.strike_first(fate, session, now)
    if session.is_ending or swallows(session):
        return
    is_silent = decision is not None and decision.silence is not None
    is_put_off = not is_silent and bool(fate.respond_after or fate.hold is not None)
    if pdu.command_id in BINDS and (is_silent or is_put_off):
        # his bind has come in time: it is not he who lets the timer run out
        session.connection.timers = replace(session.connection.timers, session_init=inf)
    if is_silent:
        stage.carry_out(fate, session, now, message=message, request=pdu)
        return
    if is_put_off:
        _put_off(session, event, pdu, fate, now, message=message)
    else:
        _decided(session, event, pdu, fate, now)
        stage.perform_all(fate, session, now, message=message, request=pdu)


def _put_off(session: "Session", event: Event, pdu: pdus.Pdu, fate: "Fate", now: float, *, message: Any) -> None:
    """Let a request wait, the whole of it and not its answer alone: whoever was not told that he is bound is not."""
    stage, run, hold, seconds = session.stage, session.stage.run, fate.hold, fate.respond_after or 0.0
    takes_place = False
    if isinstance(event, LIMITED):
        if is_excess(session, event, now):
            return
        takes_place = True
        session.connection.is_paused = session.window.defer(session.terms)

    def go_on(at: float) -> None:
        if session.is_open and not session.is_ending:
            if takes_place:
                session.window.answered_late()
            # where all has started over meanwhile nothing is owed but the answer
            said = fate if stage.run is run else Fate(decision=fate.decision)
            _taken_up(session, event, pdu, said, at, is_counted=takes_place, is_owed=said is not fate)
            if pdu.command_id in BINDS and not session.connection.is_bound:
                _wait_on(session, at - now)
            if takes_place:
                session.go_on(at)
            else:
                session.wake()

    def keep(pile: Any, at: float) -> None:
        if stage.run is run:
            stage.piles.hold(pile, go_on, at, is_owed=True)
        else:
            go_on(at)

    # but not what has no place before or behind the answer
    stage.perform_all(fate, session, now, message=message, request=pdu)
    if hold is None:
        session.smsc.agenda.put_link(now + seconds, lambda _, at: go_on(at), None)
    elif seconds:
        session.smsc.agenda.put_link(now + seconds, keep, hold)
    else:
        keep(hold, now)


def _wait_on(session: "Session", seconds: float) -> None:
    """Who was kept waiting for so long is not bound: his time to bind goes on from where it stood."""
    connection = session.connection
    if connection.timers is not STOPPED:
        session_init = session.terms.timers.session_init + seconds
        connection.timers = replace(connection.timers, session_init=session_init)
        session.arm()


def _decided(
    session: "Session", event: Event, pdu: pdus.Pdu, fate: "Fate", now: float, *, is_counted: bool = False
) -> None:
    """Do what is asked as the rules say. ``is_counted``: it has had its place in the ESME's window already."""
    decision = fate.decision
    if isinstance(event, _BIND_KINDS) and session.connection.is_bound:
        # it was legal when it came, but another one has waited as well, and was answered before
        _refuse(session, event, fate, int(CommandStatus.ESME_RALYBND), now)
    elif decision is not None and not decision.accepts and isinstance(pdu, pdus.Request):
        _refuse(session, pdu, fate, decision.status or int(CommandStatus.ESME_RSYSERR), now)
    else:
        session.fate = fate, pdu
        session.window.is_counted = is_counted
        try:
            session.deal(event, now)
        finally:
            session.fate = None
            session.window.is_counted = False


def _taken_up(
    session: "Session", event: Event, pdu: pdus.Pdu, fate: "Fate", now: float, *, is_counted: bool, is_owed: bool
) -> None:
    """Do what was put off. ``is_owed``: it was asked before all started over, and nothing but its answer is owed.

    What is about messages is about none that is known: what has its id by now is another one. It is not noted.
    """
    if not (is_owed and isinstance(pdu, LIMITED)):
        _decided(session, event, pdu, fate, now, is_counted=is_counted)
        return
    decision, status = fate.decision, int(_FAILED[pdu.command_id])
    if isinstance(event, Obliged) and event.answer is not None:
        status = event.answer.command_status
    elif decision is not None and not decision.accepts:
        status = decision.status or int(CommandStatus.ESME_RSYSERR)
    Answer(session, pdu, pdus.response_to(pdu, status), fate).leave(now)


_FAILED: Final = {
    pdus.QuerySm.command_id: CommandStatus.ESME_RQUERYFAIL,
    pdus.CancelSm.command_id: CommandStatus.ESME_RCANCELFAIL,
    pdus.ReplaceSm.command_id: CommandStatus.ESME_RREPLACEFAIL,
    pdus.BroadcastSm.command_id: CommandStatus.ESME_RBCASTFAIL,
    pdus.QueryBroadcastSm.command_id: CommandStatus.ESME_RBCASTQUERYFAIL,
    pdus.CancelBroadcastSm.command_id: CommandStatus.ESME_RBCASTCANCELFAIL,
}
"""How each of LIMITED is answered that cannot be done."""


def is_let_in(session: "Session") -> bool:
    """Whether a rule accepts what is being asked, whoever asks."""
    decision = None if session.fate is None else session.fate[0].decision
    return decision is not None and decision.accepts


def _refuse(session: "Session", pdu: pdus.Request, fate: "Fate", status: int, now: float) -> None:
    journal, at = session.smsc.journal, session.smsc.clock.at(now)
    if pdu.command_id in BINDS:
        session.system_id = getattr(pdu, "system_id", "")
        journal.record(at, BIND_REFUSED, session.number, session.caller, status)
    else:
        journal.record(at, REFUSED_PDU, session.number, evidence_of(pdu), status)
    if pdu.response_class is not None:
        Answer(session, pdu, pdus.response_to(pdu, status), fate).leave(now)


__all__ = ["act", "is_let_in"]

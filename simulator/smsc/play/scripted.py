"""What a script says of a submission, and the carrier where it says nothing: together one verdict.

Called only where there is a stage. It decides nothing of its own: the rules are the script's, the rest the carrier's.
"""

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Final

from simulator.carrier.messages import Cause, Verdict
from simulator.journal import SUBMITTED
from simulator.scenario.happening import Happening
from simulator.shaping.ids import spelled
from simulator.smsc.memory.history import FATE_OCTETS, FIRED_OCTETS
from simulator.smsc.play.flow import swallows
from simulator.smsc.play.seats import MANY_AT_ONCE
from simulator.smsc.translate import Arrival, Submission

if TYPE_CHECKING:
    from simulator.scenario.fate import Fate
    from simulator.scenario.script import Script
    from simulator.smsc.play.seats import SessionSeat
    from simulator.smsc.play.stage import Stage
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

# command_status 0 is never sent for it: there is no answer
UNANSWERED: Final = Cause("unanswered", answer=0)
"""Why a message that was neither taken nor answered went nowhere."""


def decided(smsc: "Smsc", stage: "Stage", message: Submission, arrival: Arrival) -> Verdict | None:
    """The verdict; ``respond_after`` is inf where nothing is ever answered. Each rule that fired is journalled.

    None where its session was ended before the message was even recorded, or has begun to swallow: it never came.
    """
    session, at, pdu, story = smsc.sessions[arrival.session], arrival.at, message.pdu, stage.story
    assert pdu is not None
    if session.flow is not None and swallows(session):
        return None
    if session.terms.window is None and pdu.command_id != MANY_AT_ONCE:
        # where nothing limits the window nobody else has counted it; one request of many messages was
        session.window.count()
    seat = session.seat_while_open
    assert seat is not None
    script, fate = stage.script, stage.script.unruled
    guard = seat.guards.get(pdu.command_id) if seat.edition is script.edition else None
    if guard is None or guard(message, pdu, story):
        happening = Happening(pdu.command_id, at, arrival.now, message, pdu, seat, story)
        if guard is None:
            _guard(seat, script, happening)
        fate = script.decide(happening)
    if fate is not None and fate.faults and _is_cut_off(stage, session, fate, arrival):
        return None
    smsc.journal.record(at, SUBMITTED, arrival.session, message)
    if fate is not None and fate.fired:
        stage.note(fate, arrival.session, at, message)
    if story.counts_messages:
        story.submitted(at, arrival.now)
    seat.asked(pdu.sequence_number)
    if fate is None:
        return smsc.carrier.submit(message, arrival.account, at)
    message.fate = fate
    if fate is not script.unruled:
        smsc.history.bear(message, FATE_OCTETS + FIRED_OCTETS * len(fate.fired))
    return _with_the_rest(_decision(smsc, fate, message, arrival), fate)


def _guard(seat: "SessionSeat", script: "Script", happening: Happening) -> None:
    """From the next request of this kind on, ask the rules only where one of them may mean it."""
    if seat.edition is not script.edition:
        seat.edition, seat.guards = script.edition, {}
    seat.guards[int(happening.key)] = script.guard(happening)


def _is_cut_off(stage: "Stage", session: "Session", fate: "Fate", arrival: Arrival) -> bool:
    """Whether a fault has ended the session, or made it swallow, before its message was recorded."""
    is_first = any(fault.before == "record" for fault in fate.faults)
    stage.strike_first(fate, session, arrival.now)
    if is_first and (session.is_ending or swallows(session)):
        stage.note(fate, arrival.session, arrival.at, None)
        return True
    return False


def _with_the_rest(verdict: Verdict, fate: "Fate") -> Verdict:
    outcomes = verdict.outcomes if fate.outcomes is None or not verdict.accepted else fate.outcomes
    if fate.decision is not None and fate.decision.silence is not None:
        return replace(verdict, respond_after=inf, outcomes=outcomes)
    # what an account's limit leaves unanswered no delay answers
    is_silent = verdict.respond_after == inf
    seconds = verdict.respond_after if is_silent or fate.respond_after is None else fate.respond_after
    if verdict.accepted and fate.outcomes and fate.outcomes[0].before_response:
        # what is to be told in front of the response has to have happened
        seconds = max(seconds, *(one.after for one in fate.outcomes if one.before_response))
    if outcomes is verdict.outcomes and seconds == verdict.respond_after:
        return verdict
    return replace(verdict, respond_after=seconds, outcomes=outcomes)


def _decision(smsc: "Smsc", fate: "Fate", message: Submission, arrival: Arrival) -> Verdict:
    decision = fate.decision
    if decision is None:
        return smsc.carrier.submit(message, arrival.account, arrival.at)
    if decision.accepts:
        # whatever its account may send: a rule has let it in
        return smsc.carrier.plan(message, arrival.at)
    if decision.status is None:
        return Verdict(accepted=False, cause=UNANSWERED)
    return Verdict(accepted=False, cause=Cause(fate.fired[0], answer=decision.status))


def named(stage: "Stage", message: Submission, own: str) -> str:
    """The id that the ESME is told, which is how it will ask for the message; what receipts name may be another."""
    fate = message.fate
    ids = None if fate is None else fate.forms.ids
    if ids is None:
        return own
    message.true_id = stage.id_for(message, ids, own)
    message.id_before = before = stage.id_before(message)
    return spelled(ids.response, message.true_id, before, base=stage.radix_of(ids)) or message.true_id


__all__ = ["UNANSWERED", "decided", "named"]

"""The carrier's clock as the control API tells it and changes it. It knows the SMSC, and waits for nothing."""

from typing import Any

from simulator.control.answers import Refusal
from simulator.control.asked import ClockRequest
from simulator.control.moments import moment_text
from simulator.smsc.advancing import Advance, AlreadyAdvancing
from simulator.smsc.agenda import Agenda
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.broadcasts import Broadcasts
from simulator.smsc.translate import Submission


def clock_json(smsc: Smsc, now: float, advance: Advance | None = None) -> dict[str, Any]:
    """What the clock shows at link time ``now``, and that walk or else the one that is under way."""
    clock, agenda = smsc.clock, smsc.agenda
    if advance is None and isinstance(agenda.walk, Advance):
        advance = agenda.walk
    return {
        "time": moment_text(clock.at(now)),
        "rate": clock.rate,
        "is_paused": clock.is_paused,
        "next": _next(agenda),
        "planned": agenda.planned,
        "advance": None if advance is None else _advance_json(advance),
    }


def _next(agenda: Agenda) -> dict[str, Any] | None:
    first = agenda.first()
    if first is None:
        return None
    at, _, deed, subject = first
    kind, message_id = "deed", None
    if isinstance(subject, Submission):
        kind, message_id = "message", subject.message_id
    elif isinstance(getattr(deed, "__self__", None), Broadcasts):
        kind = "broadcast"
    return {"at": moment_text(at), "kind": kind, "message_id": message_id}


def _advance_json(advance: Advance) -> dict[str, Any]:
    return {
        "from": moment_text(advance.since),
        "to": moment_text(advance.until),
        "reached": moment_text(advance.reached),
        "instants": advance.instants,
        "receipts_sent": advance.receipts_sent,
        "mo_sent": advance.mo_sent,
        "unanswered": advance.unanswered,
        "is_done": advance.is_done,
        "is_stopped": advance.is_stopped,
    }


def change(smsc: Smsc, request: ClockRequest, now: float) -> Advance | None:
    """Do what was asked for; the walk that has begun, if it was that.

    Raises Refusal while another walk is under way, and for one that would lead out of the calendar.
    """
    clock = smsc.clock
    if request.advance is not None:
        return _advance(smsc, request.advance, now)
    if request.rate is not None:
        clock.set_rate(now, request.rate)
    elif request.pause:
        clock.pause(now)
    else:
        clock.resume(now)
    smsc.agenda.look_again()
    return None


def _advance(smsc: Smsc, seconds: float, now: float) -> Advance:
    try:
        return Advance(smsc, seconds, now)
    except AlreadyAdvancing as error:
        at, until = moment_text(smsc.clock.at(now)), moment_text(error.advance.until)
        reason = f"advance: the clock walks already, it is {at} and goes on to {until}; GET /api/clock tells how far"
        raise Refusal("advancing", reason) from error
    except ValueError as error:
        raise Refusal("invalid", f"advance: {error}") from error

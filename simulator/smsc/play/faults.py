"""What a scenario does to connections: whom it strikes, when, and what then happens to the octets.

It knows sessions, their flows and the agenda. Which rule says so and in front of what is its caller's business; what
only a socket can show, a reset for one, is done by net/ where a flow says so.
"""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.carrier.delays import seconds_text
from simulator.journal import FAULT
from simulator.scenario.then import Fault
from simulator.smsc.play.flow import DEAF, HOLE_IN, HOLE_OUT, HUNG, SLOW, flow_of
from simulator.smsc.play.steering import chosen

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

_BEHIND: Final = frozenset({"half_close", "black_hole", "hang"})
"""What happens behind that which waits to be written; nothing else waits for it, unless ``octets`` says so."""


def strike(smsc: "Smsc", session: "Session | None", fault: Fault, now: float, draw: float = 0.5) -> None:
    """Let a fault happen: now, or ``after`` a while, behind so many ``octets``. Each session struck is journalled.

    ``session`` is the one that a rule was about, None where it was about none; ``draw`` in [0, 1) decides what is left
    to chance. A fault of a session that has ended meanwhile is none.
    """
    if fault.session == "next_bound":
        _await_bind(smsc, session, fault, now, draw)
        return
    for struck in chosen(smsc, session, fault.session, fault.account, draw):
        _wait(smsc, struck, fault, now, draw)


def relent(session: "Session", now: float) -> None:
    """Whatever is wrong with a session's link for a time is over now; what is cut or closed stays so."""
    if session.flow is not None:
        session.flow.relent(now)


# ---------------------------------------------------------------------- whom


def _await_bind(smsc: "Smsc", session: "Session | None", fault: Fault, now: float, draw: float) -> None:
    """Strike whichever session is bound next."""
    account = fault.account or (session.account.name if session is not None and session.account is not None else None)

    def bound(struck: "Session", _: float) -> None:
        # its bind is being answered now
        smsc.agenda.put_link(-inf, begin, struck)

    def begin(struck: "Session", at: float) -> None:
        _wait(smsc, struck, fault, at, draw)

    assert smsc.stage is not None
    smsc.stage.newcomers.await_one(account, bound, now)


# ---------------------------------------------------------------------- when


def _wait(smsc: "Smsc", session: "Session", fault: Fault, now: float, draw: float) -> None:
    delay = 0.0 if fault.after is None else fault.after.seconds(draw)
    if delay:
        smsc.agenda.put_link(now + delay, _later, (session, fault, _run_of(smsc)))
    else:
        _begin(session, fault, now)


def _run_of(smsc: "Smsc") -> object:
    """The run of the story; when all starts over it is another, and what was still to happen is forgotten."""
    return None if smsc.stage is None else smsc.stage.run


def _later(subject: Any, now: float) -> None:
    session, fault, run = subject
    if run is _run_of(session.smsc):
        _begin(session, fault, now)


def _begin(session: "Session", fault: Fault, now: float) -> None:
    if not session.is_open:
        return
    act = _ACTS[fault.fault]

    def happen(now: float) -> None:
        smsc = session.smsc
        smsc.journal.record(smsc.clock.at(now), FAULT, session.number, session.caller, in_words(fault))
        act(_Blow(session, fault, now))

    if fault.octets is None and not _waits(session, fault):
        happen(now)
        return
    flow = flow_of(session)
    if fault.fault == "fin" and fault.octets is None:
        # nothing more is answered, also not what has arrived already
        session.connection.is_paused = True
        flow.begin(DEAF, inf, now)
    elif fault.fault == "black_hole" and fault.direction != "out" and fault.octets is None:
        # what was written before still leaves, but what comes vanishes from now on
        flow.begin(HOLE_IN, inf if fault.lasts is None else now + fault.lasts, now)
    flow.after_octets(None if fault.octets is None else int(fault.octets), happen, now)


def _waits(session: "Session", fault: Fault) -> bool:
    """Whether it happens behind what waits to be written. A FIN does in any case, unless that is spread over time."""
    if fault.fault == "fin":
        return session.flow is not None
    return fault.fault in _BEHIND and fault.direction != "in"


def in_words(fault: Fault) -> str:
    """What the journal tells of a fault: `black_hole of both directions for 15m`."""
    told = fault.fault
    if fault.fault == "black_hole":
        told += f" of {fault.direction or 'both'}"
    if fault.octets is not None:
        told += f" after {fault.octets} octets"
    if fault.lasts is not None:
        told += f" for {seconds_text(float(fault.lasts))}"
    return told


# ---------------------------------------------------------------------- what


class _Blow(NamedTuple):
    """A fault that happens to a session now."""

    session: "Session"
    fault: Fault
    now: float


def _fin(blow: _Blow) -> None:
    """End the link behind what was written."""
    session = blow.session
    if session.flow is not None:
        session.flow.cut()
    session.ends_by, session.ends_because = "fin", "a fault: fin"
    session.hang_up = True
    session.wake()


def _reset(blow: _Blow) -> None:
    """End the link by RST; what waits is thrown away."""
    session = blow.session
    session.ends_by, session.ends_because = "rst", f"a fault: {blow.fault.fault}"
    flow_of(session).reset()


def _half_close(blow: _Blow) -> None:
    """Close our end alone: what comes is still read."""
    flow_of(blow.session).half_close()


def _black_hole(blow: _Blow) -> None:
    """The octets of one direction or both vanish, and the link stands."""
    flow, direction = flow_of(blow.session), blow.fault.direction or "both"
    for hole, is_meant in ((HOLE_IN, direction != "out"), (HOLE_OUT, direction != "in")):
        if is_meant:
            flow.begin(hole, _until(blow), blow.now)


def _pause_reading(blow: _Blow) -> None:
    """Read nothing: what the ESME writes fills its kernel and ours, and then it can write no more."""
    flow_of(blow.session).begin(DEAF, _until(blow), blow.now)


def _slow_reading(blow: _Blow) -> None:
    """Read octet by octet."""
    flow_of(blow.session).begin(SLOW, _until(blow), blow.now)


def _hang(blow: _Blow) -> None:
    """The link stands, and that is all: nothing is read or written, and no timer runs."""
    flow_of(blow.session).begin(HUNG, _until(blow), blow.now)


def _unbind(blow: _Blow) -> None:
    """Ask the ESME to leave."""
    blow.session.unbind(blow.now)


def _spoil_handshake(blow: _Blow) -> None:
    """Let something else come in the place of a TLS handshake; where it is done already nothing happens."""
    session = blow.session
    if session.tls is not None:
        return
    flow_of(session).handshake = blow.fault.fault
    if blow.fault.fault == "tls_stall":
        # it is for the ESME to lose patience
        session.connection.timers = replace(session.connection.timers, session_init=inf)


def _end_curtly(blow: _Blow) -> None:
    """TLS ends without its close_notify: at once, or, where it has not begun, whenever the link ends."""
    session = blow.session
    flow_of(session).is_curt = True
    if session.tls is not None:
        session.hang_up = True
        session.wake()


def _until(blow: _Blow) -> float:
    return inf if blow.fault.lasts is None else blow.now + blow.fault.lasts


_ACTS: Final[dict[str, Callable[[_Blow], None]]] = {
    "fin": _fin,
    "rst": _reset,
    "half_close": _half_close,
    "black_hole": _black_hole,
    "pause_reading": _pause_reading,
    "slow_reading": _slow_reading,
    "refuse": _reset,
    "hang": _hang,
    "unbind": _unbind,
    "tls_plain": _spoil_handshake,
    "tls_alert": _spoil_handshake,
    "tls_stall": _spoil_handshake,
    "tls_no_close_notify": _end_curtly,
}
"""What each of scenario/then.py's FAULTS does."""


__all__ = ["chosen", "in_words", "relent", "strike"]

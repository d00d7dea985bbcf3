"""Dealing with what has arrived and was held back, before all starts over: so that it belongs to what is forgotten.

It knows sessions, their windows and what slows their links. What the requests mean is the session's business.
"""

from typing import TYPE_CHECKING

from simulator.smsc.play.faults import relent

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc


def catch_up(smsc: "Smsc", now: float) -> bool:
    """Read and answer all that has arrived, whatever held it back; whether anything did.

    What is wrong with a link for a time is over. A window is exceeded by it, for the ESME has sent what it has sent.
    """
    return sum(_caught_up(session, now) for session in list(smsc.sessions.values())) > 0


def _caught_up(session: "Session", now: float) -> bool:
    relent(session, now)
    connection, was_behind = session.connection, False
    # each answer that is put off holds up the next request again
    while connection.has_more and connection.is_paused and session.is_open and not session.hang_up:
        was_behind, session.rests, connection.is_paused = True, False, False
        session.read(now)
    if was_behind and session.is_open:
        connection.is_paused = session.window.is_full(session.terms)
        session.wake()
    return was_behind


__all__ = ["catch_up"]

"""How we end a session, or fall silent, where what its carrier allows was overrun or has run out.

It knows sessions, the ways in which one ends, and nothing of the reasons but their words.
"""

from math import inf
from typing import TYPE_CHECKING

from simulator.journal import FAULT
from simulator.smsc.flow import HOLE_IN, HOLE_OUT, flow_of

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


__all__ = ["part"]

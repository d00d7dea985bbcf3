"""How busy one ESME's SMSC is, in one number: congestion_state of SMPP 5.0 (4.8.4.18)."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.smsc.session import Session

CONGESTED: Final = 100


def congestion_of(session: "Session", now: float) -> int:
    """0 (idle) to 100 (congested) at link time ``now``.

    It is the fullest of three: the ESME's window, its throughput, and what waits for its receivers. From 90 on a sender
    should slow down; at 100 the next request may be refused.
    """
    account, terms = session.account, session.terms
    # whoever is told has bound: before that nobody knows that he speaks 5.0
    assert account is not None
    outbox = session.smsc.outbox(account.name)
    waiting = len(outbox.waiting) + len(outbox.retrying)
    fullness = max(session.window.fullness(terms), waiting / terms.waiting_max)
    if account.throttle is not None:
        fullness = max(fullness, account.throttle.fullness(now))
    return min(CONGESTED, round(CONGESTED * fullness))

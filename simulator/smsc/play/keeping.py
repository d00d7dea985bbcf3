"""How one session's link is kept where the terms say more than timers: enquiries, misses, and life that is missed.

It knows the session, its terms and link time; octets come to it as a number of submissions and a moment.
"""

from math import inf
from typing import TYPE_CHECKING, Any

from simulator.carrier.limits.throttle import Throttle
from simulator.journal import TIMEOUT
from simulator.smsc.play.ends import part

if TYPE_CHECKING:
    from simulator.smsc.session import Session
    from simulator.smsc.terms import Keeping

_LIFE = {"anything": "nothing", "submissions": "no submission", "enquire_link": "no enquire_link"}


class Keeper:
    """Keeps one session's link by what ``keeping`` says."""

    __slots__ = (
        "_enquired_at",
        "_heard_at",
        "_keeping",
        "_missed",
        "_session",
        "_submitted",
        "_submitted_at",
        "_throttle",
    )

    def __init__(self, session: "Session", keeping: "Keeping", now: float) -> None:
        self._session = session
        self._keeping = keeping
        self._throttle = None if keeping.enquiries is None else Throttle(*keeping.enquiries)
        self._missed = 0
        self._submitted = session.submitted
        self._heard_at = self._submitted_at = self._enquired_at = now

    def bound(self, now: float) -> None:
        """The session was bound: from now on it has to show life."""
        self._heard_at = self._submitted_at = self._enquired_at = now
        if self._keeping.idle < inf:
            self._session.smsc.agenda.put_link(now + self._keeping.idle, self._look, None)

    def heard(self, now: float) -> None:
        """Octets have come; told before they are read. Whether those before were submissions is known by now."""
        self._note_submissions()
        self._heard_at = now

    def _note_submissions(self) -> None:
        # two numbers compared per batch, so that no submission costs anything
        if self._submitted != self._session.submitted:
            self._submitted = self._session.submitted
            self._submitted_at = self._heard_at

    def _lived_at(self) -> float:
        """When there was a sign of life of the kind that counts."""
        if self._keeping.counts == "submissions":
            self._note_submissions()
            return self._submitted_at
        return self._enquired_at if self._keeping.counts == "enquire_link" else self._heard_at

    def _look(self, _: Any, now: float) -> None:
        session, idle = self._session, self._keeping.idle
        if not session.connection.is_bound or session.hang_up:
            return
        ends_at = self._lived_at() + idle
        if ends_at > now:
            session.smsc.agenda.put_link(ends_at, self._look, None)
            return
        why = f"idle: {_LIFE[self._keeping.counts]} for {idle:g} s"
        session.smsc.journal.record(session.smsc.clock.at(now), TIMEOUT, session.number, session.caller, why)
        part(session, self._keeping.idle_by, why, now)

    def enquired(self, now: float) -> str:
        """The ESME's enquire_link has come: what it gets, answer, silence or generic_nack."""
        self._enquired_at = now
        if self._throttle is not None and not self._throttle.admit(now):
            part(self._session, "fin", "too many enquire_links", now)
        return self._keeping.enquiry

    def missed(self) -> bool:
        """An enquire_link of ours got no answer: whether that was one too many."""
        self._missed += 1
        return self._missed >= self._keeping.misses

    def answered(self) -> None:
        """One was answered: the next misses count from none."""
        self._missed = 0


__all__ = ["Keeper"]

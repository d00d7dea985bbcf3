"""PDUs and octets that a scenario sends of its own accord, and how often: to whom, when, numbered and damaged how.

It knows sessions, forms and the agenda. Why something is sent is the stage's; what is answered to it nobody waits for,
but whoever repeats it until it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import PDU_SENT
from simulator.scenario.fate import seconds_of
from simulator.shaping.pdus import shaped, wire_of
from simulator.shaping.streams import Plan, cuts
from simulator.smpp.codec import encode
from simulator.smpp.constants import RESPONSE
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import PDU_CLASSES, Pdu, Request, UnknownPdu
from simulator.smsc.memory.evidence import evidence_of
from simulator.smsc.play.seats import account_name_of
from simulator.smsc.play.steering import chosen

if TYPE_CHECKING:
    from simulator.scenario.fate import Draw
    from simulator.scenario.forms.forms import PduForm, Repeat
    from simulator.scenario.then import Send
    from simulator.smsc.play.stage import Stage
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

AGAIN_MAX: Final = 1_000_000
"""How often anything is repeated that nothing else ends."""


@dataclass(slots=True, frozen=True)
class Errand:
    """One thing to send, and what it is about."""

    form: "Send"
    session: "Session | None"
    message: Any
    request: Pdu | None
    draw: "Draw"


class Sending:
    """What one SMSC's scenario sends."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._repeated: dict[int, Again] = {}
        """What is sent again and again, by the identity of its PDU."""

    def send(
        self,
        form: "Send",
        session: "Session | None",
        now: float,
        *,
        message: Any = None,
        request: Pdu | None = None,
        draw: "Draw",
    ) -> None:
        """Send it, now or after its delay, or keep it back in its pile."""
        errand = Errand(form, session, message, request, draw)
        if form.after is not None:
            seconds = seconds_of(form.after, draw, "send")
            self._stage.smsc.agenda.put_link(now + seconds, self._later, (errand, self._stage.run))
        else:
            self._due(errand, now)

    def _later(self, subject: Any, now: float) -> None:
        errand, run = subject
        if run is self._stage.run:
            self._due(errand, now)

    def _due(self, errand: Errand, now: float) -> None:
        if errand.form.hold is not None:
            self._stage.piles.hold(errand.form.hold, lambda at: self._go(errand, at), now)
        else:
            self._go(errand, now)

    def _go(self, errand: Errand, now: float) -> None:
        form, session, smsc = errand.form, errand.session, self._stage.smsc
        if form.mo is not None:
            self._stage.telling.write_as_subscriber(errand, now)
            return
        if form.session == "next_bound":
            account = form.account or (None if session is None else account_name_of(session))
            # neither its session nor its message is to live on in what may wait for days
            waiting = replace(errand, session=None, message=None)
            self._stage.newcomers.await_one(account, lambda one, at: self._to(one, waiting, at), now)
            return
        for one in chosen(smsc, session, form.session, form.account, errand.draw("session")):
            # whoever is not bound is meant only where it is the one that all this is about
            if one is session or one.connection.is_bound:
                self._to(one, errand, now)

    def _to(self, session: "Session", errand: Errand, now: float) -> None:
        form = errand.form
        if not session.is_open:
            return
        if form.octets is not None:
            octets = form.octets.value
            try:
                plan = None if form.stream is None else cuts(None, octets, form.stream)
            except LocalError as error:
                # the name of a part of a PDU, which these octets are not
                self._note(session, f"not sent: {error}", now)
                return
            session.connection.send_bytes(octets)
            session.spread(octets, plan)
            self._note(session, f"{len(octets)} octets: {octets[:64].hex()}", now)
            session.wake()
            again: Callable[[float], bool] = lambda at: self._octets_again(session, octets, at)  # noqa: E731
            if form.repeat is not None:
                repeat(self._stage.smsc, form.repeat, now, again, lambda _: not session.is_open)
            return
        assert form.command is not None
        pdu = self._pdu(int(form.command), form)
        if isinstance(pdu, UnknownPdu) and not pdu.command_id & RESPONSE:
            # a request that nobody declared has a number as every other
            pdu.sequence_number = session.connection.next_sequence()
        self.write(session, pdu, form, now, errand.request)
        if form.repeat is not None:
            again_and_again = self._repeated[id(pdu)] = Again(self, session, pdu, form, errand.request)
            again_and_again.begin(form.repeat, now)

    def _octets_again(self, session: "Session", octets: bytes, now: float) -> bool:
        session.connection.send_bytes(octets)
        session.wake()
        return True

    def _pdu(self, command: int, form: "Send") -> Pdu:
        kind = PDU_CLASSES.get(command)
        pdu: Pdu = UnknownPdu(0, 0, (), command_id=command) if kind is None else kind()
        pdu.command_status = 0 if form.status is None else int(form.status)
        return shaped(pdu, form, self._stage.script.book)

    def write(
        self, session: "Session", pdu: Pdu, form: "PduForm", now: float, request: Pdu | None = None
    ) -> bytes | None:
        """Write a PDU in the session's own time; None where it has no octets, which the journal tells."""
        try:
            octets = send_formed(session, pdu, form, now, request)
        except LocalError as error:
            self._note(session, f"not sent: {error}", now)
            return None
        if isinstance(pdu, Request) and pdu.response_class is not None:
            # nobody settles it, and its answer is not unexpected
            session.deliveries.setdefault(pdu.sequence_number, None)
            session.arm()
        self._note(session, evidence_of(pdu), now)
        session.wake()
        return octets

    def _note(self, session: "Session", what: Any, now: float) -> None:
        smsc = self._stage.smsc
        smsc.journal.record(smsc.clock.at(now), PDU_SENT, session.number, what)

    def answered(self, request: Pdu, status: int) -> None:
        """An ESME has answered something of all this."""
        again = self._repeated.get(id(request))
        if again is not None:
            again.answered(status)

    def through(self, pdu: Pdu) -> None:
        """It is not sent any more."""
        self._repeated.pop(id(pdu), None)

    def clear(self) -> None:
        """Nothing is sent again any more."""
        self._repeated.clear()


def send_formed(session: "Session", pdu: Pdu, form: "PduForm | None", now: float, request: Pdu | None = None) -> bytes:
    """Write a PDU as its form says: numbered, damaged, spread. Raises LocalError where it cannot be written at all."""
    is_numbered = number_for(session, pdu, form, request)
    wire = wire_of(form, pdu)
    plan: Plan | None = None
    if form is not None and form.stream is not None:
        plan = cuts(pdu, encode(pdu, wire), form.stream, wire)
    octets = session.connection.send_anyway(pdu, now, wire, is_numbered=is_numbered)
    session.spread(octets, plan)
    return octets


def number_for(session: "Session", pdu: Pdu, form: "PduForm | None", request: Pdu | None) -> bool:
    """Give a PDU the sequence_number that its form says; whether it is to stay, 0 too."""
    wanted = None if form is None else form.sequence
    if wanted is None:
        return False
    asked = request.sequence_number if request is not None else pdu.sequence_number
    connection = session.connection
    match wanted.kind:
        case "same":
            pdu.sequence_number = asked
        case "own":
            pdu.sequence_number = connection.next_sequence()
        case "previous":
            pdu.sequence_number = session.seat.sequence_before if request is not None else connection.last_sequence
        case "number":
            pdu.sequence_number = wanted.number
        case _:
            pdu.sequence_number = (asked + wanted.number) & 0xFFFFFFFF
    return True


class Again:
    """A PDU of ours that is sent again and again, with the number that it had or a new one each time."""

    __slots__ = ("_form", "_is_acknowledged", "_pdu", "_request", "_sending", "_session", "_status")

    def __init__(self, sending: Sending, session: "Session", pdu: Pdu, form: "Send", request: Pdu | None) -> None:
        self._sending, self._session, self._pdu, self._form, self._request = sending, session, pdu, form, request
        self._status: int | None = None
        self._is_acknowledged = False

    def begin(self, repeat_form: "Repeat", now: float) -> None:
        """From now on."""
        repeat(self._session.smsc, repeat_form, now, self._once_more, self._is_over, ended=self._through)

    def answered(self, status: int) -> None:
        """The ESME has answered it."""
        self._status = status
        self._is_acknowledged = self._is_acknowledged or not status

    def _is_over(self, now: float) -> bool:
        form = self._form.repeat
        assert form is not None
        is_over = not self._session.is_open
        if form.until == "answered":
            is_over = is_over or self._status is not None
        elif form.until == "acknowledged":
            is_over = is_over or self._is_acknowledged
        if form.statuses is not None:
            # only an answer with one of these is followed by another try
            is_over = is_over or self._status not in form.statuses
        return is_over

    def _through(self, now: float) -> None:
        self._sending.through(self._pdu)

    def _once_more(self, now: float) -> bool:
        repeat_form = self._form.repeat
        assert repeat_form is not None
        if repeat_form.sequence != "same" and self._form.sequence is None:
            self._pdu.sequence_number = 0
        return self._sending.write(self._session, self._pdu, self._form, now, self._request) is not None


def repeat(
    smsc: "Smsc",
    form: "Repeat",
    now: float,
    again: Callable[[float], bool],
    is_over: Callable[[float], bool],
    *,
    ended: Callable[[float], None] = lambda _: None,
) -> None:
    """Do ``again`` as often and at such intervals as the form says, until ``is_over`` or it says False. Link time.

    ``ended`` is told once that it will not be done again, as soon as that is known.
    """
    _Repeating(smsc, form, now, again, is_over, ended=ended).put(now)


class _Repeating:
    __slots__ = ("_again", "_ended", "_ends", "_form", "_is_over", "_run", "_smsc", "_times")

    def __init__(
        self,
        smsc: "Smsc",
        form: "Repeat",
        now: float,
        again: Callable[[float], bool],
        is_over: Callable[[float], bool],
        *,
        ended: Callable[[float], None],
    ) -> None:
        self._smsc, self._form, self._again, self._is_over, self._ended = smsc, form, again, is_over, ended
        self._times = 0
        self._run = None if smsc.stage is None else smsc.stage.run
        self._ends = inf if form.at_most is None else now + form.at_most

    def put(self, now: float) -> None:
        """The next time, where there is one."""
        most = self._form.times or AGAIN_MAX
        due = now + interval_of(self._form, self._times)
        if self._times < most and due <= self._ends:
            self._smsc.agenda.put_link(due, self._due, None)
        else:
            self._ended(now)

    def _due(self, subject: Any, now: float) -> None:
        stage = self._smsc.stage
        if stage is None or stage.run is not self._run:
            return
        if self._is_over(now):
            self._ended(now)
            return
        self._times += 1
        if self._again(now):
            self.put(now)
        else:
            self._ended(now)


def interval_of(form: "Repeat", times: int) -> float:
    """Seconds before the next time, after so many of them: the last interval stays."""
    if form.backoff:
        return float(form.backoff[min(times, len(form.backoff) - 1)])
    return float(form.every or 0.0)


__all__ = ["AGAIN_MAX", "Again", "Errand", "Sending", "interval_of", "number_for", "repeat", "send_formed"]

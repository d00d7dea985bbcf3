"""Responses under a scenario: when they leave, in what form, what goes before and behind them, and how often.

Only what a rule has said something about comes here. What was decided is known already; how it looks is shaping's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any

from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import Pdu
from simulator.smsc.sending import repeat, send_formed
from simulator.smsc.translate import NOT_ANSWERED, Submission

if TYPE_CHECKING:
    from simulator.scenario.fate import Fate
    from simulator.smsc.session import Session


@dataclass(slots=True)
class Answer:
    """A response that waits to leave, or leaves at once."""

    session: "Session"
    request: Pdu
    response: Pdu
    fate: "Fate"
    messages: Sequence[Submission] = ()
    is_late: bool = False
    """Whether it has taken a place of the ESME's window until it leaves."""

    def give(self, seconds: float, now: float) -> None:
        """Let it leave after so many seconds, or out of its pile; inf: never."""
        stage, fate, session = self.session.stage, self.fate, self.session
        if seconds == inf:
            # nothing waits behind an answer that never comes, and what stood before or behind it comes now
            stage.carry_out(fate, session, now, message=self._message, request=self.request)
            return
        if fate.hold is None and not seconds:
            self.leave(now)
            stage.perform_all(fate, session, now, message=self._message, request=self.request)
            return
        self._put_off()
        if fate.hold is not None:
            hold = fate.hold
            if seconds:
                session.smsc.agenda.put_link(now + seconds, lambda _, at: stage.piles.hold(hold, self.leave, at), None)
            else:
                stage.piles.hold(hold, self.leave, now)
        else:
            session.smsc.agenda.put_link(now + seconds, lambda _, at: self.leave(at), None)
        stage.perform_all(fate, session, now, message=self._message, request=self.request)

    @property
    def _message(self) -> Submission | None:
        return self.messages[0] if self.messages else None

    def _put_off(self) -> None:
        """Until it leaves it takes a place in the window, and no receipt leaves before it."""
        self.is_late = True
        session = self.session
        session.connection.is_paused = session.window.defer(session.terms)
        for message in self.messages:
            message.leaves_with = NOT_ANSWERED

    def leave(self, now: float) -> None:
        """Write it, and what goes before and behind it."""
        session, fate, stage = self.session, self.fate, self.session.stage
        if not session.is_open:
            return
        if self.is_late:
            session.window.answered_late()
        stage.strike([one for one in fate.faults if one.before is not None], session, now, fate.draw)
        if session.is_ending:
            # what was to happen in front of the answer has ended everything
            return
        for form in _sends(fate):
            if form.before is not None:
                stage.sending.send(form, session, now, message=self._message, request=self.request, draw=fate.draw)
        for message in self.messages:
            message.leaves_with = session.handed_out
        self._write(now)
        for form in _sends(fate):
            if form.with_answer:
                stage.sending.send(form, session, now, message=self._message, request=self.request, draw=fate.draw)
        stage.strike([one for one in fate.faults if one.before is None], session, now, fate.draw)
        if self.is_late:
            session.go_on(now)

    def _write(self, now: float) -> None:
        session, fate = self.session, self.fate
        form, ids = fate.forms.answer, fate.forms.ids
        response: Pdu = session.formed(self.response, now)
        if ids is not None and ids.response is not None and ids.response.is_absent and hasattr(response, "message_id"):
            response.message_id = ""
        if form is not None:
            has_body = session.terms.has_error_body(response.command_id)
            shape = session.stage.answer_shape(form, None)
            response = shape.pdu(response, request=self.request, has_error_body=has_body)
        try:
            send_formed(session, response, form, now, self.request)
        except LocalError as error:
            session.stage.note_failure(session, f"{response.name} not sent: {error}", now)
            return
        if form is not None and form.repeat is not None:
            again = form.repeat
            repeat(session.smsc, again, now, lambda at: self._once_more(response, at), lambda _: not session.is_open)

    def _once_more(self, response: Pdu, now: float) -> bool:
        session, form = self.session, self.fate.forms.answer
        assert form is not None
        if form.repeat is not None and form.repeat.sequence == "new":
            response = replace(response, sequence_number=session.connection.next_sequence())
            session.connection.send_anyway(response, now, is_numbered=True)
        else:
            send_formed(session, response, form, now, self.request)
        session.wake()
        return True


def _sends(fate: "Fate") -> list[Any]:
    """What a fate sends that has its place before or behind the answer."""
    return [form for _, deeds in fate.deeds for form in deeds.send or () if form.before is not None or form.with_answer]


__all__ = ["Answer"]

"""Responses under a scenario: when they leave, in what form, what goes before and behind them, and how often.

Only what a rule has said something about comes here. What was decided is known already; how it looks is shaping's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any

from simulator.scenario.fate import merged_forms
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import Pdu
from simulator.smsc.play.sending import repeat, send_formed
from simulator.smsc.translate import NOT_ANSWERED, Submission

if TYPE_CHECKING:
    from simulator.scenario.fate import Fate, Forms
    from simulator.scenario.forms.forms import AnswerForm, Hold
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
    _fates: "list[tuple[Submission | None, Fate]]" = field(init=False)
    """What rules say of each of its messages; a request that makes none has a fate of its own."""
    _run: object = field(init=False)
    """The run of the story that it belongs to."""

    def __post_init__(self) -> None:
        self._fates = [(one, one.fate) for one in self.messages if one.fate is not None] or [(None, self.fate)]
        self._run = self.session.stage.run

    @property
    def _is_forgotten(self) -> bool:
        """Whether all has started over since: it is owed all the same, but nothing that rules wanted beside it is."""
        return self._run is not self.session.stage.run

    def give(self, seconds: float, now: float) -> None:
        """Let it leave after so many seconds, or out of its pile; inf: never."""
        stage, session, hold = self.session.stage, self.session, self._hold
        if seconds == inf:
            # nothing waits behind an answer that never comes, and what stood before or behind it comes now
            for message, fate in self._fates:
                stage.carry_out(fate, session, now, message=message, request=self.request)
            return
        if hold is None and not seconds:
            self.leave(now)
        else:
            self._put_off()
            if hold is None:
                session.smsc.agenda.put_link(now + seconds, self._due, None)
            elif seconds:
                session.smsc.agenda.put_link(now + seconds, self._keep, hold)
            else:
                self._keep(hold, now)
        self.perform(now)

    def let_go(self, now: float) -> None:
        """Let an answer leave that has waited for something else, by way of its pile where it has one."""
        hold = self._hold
        if hold is None:
            self.leave(now)
        else:
            self._keep(hold, now)

    def perform(self, now: float) -> None:
        """All deeds that have no place before or behind it."""
        for message, fate in self._fates:
            self.session.stage.perform_all(fate, self.session, now, message=message, request=self.request)

    def _due(self, _: Any, now: float) -> None:
        self.leave(now)

    def _keep(self, hold: Any, now: float) -> None:
        if self._is_forgotten:
            self.leave(now)
            return
        self.session.stage.piles.hold(hold, self.leave, now, is_owed=True)

    @property
    def _hold(self) -> "Hold | None":
        return next((fate.hold for _, fate in self._fates if fate.hold is not None), None)

    @property
    def _forms(self) -> "Forms":
        """One form for all: of each thing the first message of which a rule says it decides."""
        fates = self._fates
        return fates[0][1].forms if len(fates) == 1 else merged_forms(fate.forms for _, fate in fates)

    def _put_off(self) -> None:
        """Until it leaves it takes a place in the window, and no receipt leaves before it."""
        self.is_late = True
        session = self.session
        session.connection.is_paused = session.window.defer(session.terms)
        for message in self.messages:
            message.leaves_with = NOT_ANSWERED

    def leave(self, now: float) -> None:
        """Write it, and what goes before and behind it."""
        session = self.session
        if not session.is_open:
            return
        if self.is_late:
            session.window.answered_late()
        self._strike(now, is_before=True)
        if session.is_ending:
            # what was to happen in front of the answer has ended everything
            return
        self._send(now, is_before=True)
        for message in self.messages:
            message.leaves_with = session.handed_out
        self._write(now)
        self._send(now, is_before=False)
        self._strike(now, is_before=False)
        if self.is_late:
            session.go_on(now)

    def _strike(self, now: float, *, is_before: bool) -> None:
        for _, fate in () if self._is_forgotten else self._fates:
            if fate.faults:
                faults = [one for one in fate.faults if (one.before is not None) is is_before]
                self.session.stage.strike(faults, self.session, now, fate.draw)

    def _send(self, now: float, *, is_before: bool) -> None:
        """What has its place before or behind the answer."""
        for message, fate in () if self._is_forgotten else self._fates:
            for form in [one for _, deeds in fate.deeds for one in deeds.send or ()]:
                if form.before is not None if is_before else form.with_answer:
                    sending = self.session.stage.sending
                    sending.send(form, self.session, now, message=message, request=self.request, draw=fate.draw)

    def _write(self, now: float) -> None:
        session, forms = self.session, self._forms
        form, ids = forms.answer, forms.ids
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
        if form is not None and form.stream is not None and form.stream.join:
            # what it waits for may be its own receipt, which stands behind it all the same
            for message in self.messages:
                message.leaves_with = session.writes - 1
        if form is not None and form.repeat is not None and not self._is_forgotten:
            again: Callable[[float], bool] = lambda at: self._once_more(response, form, at)  # noqa: E731
            repeat(session.smsc, form.repeat, now, again, lambda _: not session.is_open)

    def _once_more(self, response: Pdu, form: "AnswerForm", now: float) -> bool:
        session = self.session
        if form.repeat is not None and form.repeat.sequence == "new":
            response = replace(response, sequence_number=session.connection.next_sequence())
            session.connection.send_anyway(response, now, is_numbered=True)
        else:
            send_formed(session, response, form, now, self.request)
        session.wake()
        return True


__all__ = ["Answer"]

"""How far a scenario is: its phase, its variables, and what it does at a time or after so many messages.

It knows the sections `phases`, `timeline` and `variables`, the agenda and the moment. What a deed does is the stage's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.scenario.schema import Occasion, Phase, Scenario
    from simulator.scenario.then import Change
    from simulator.smsc.play.stage import Stage


@dataclass(slots=True, eq=False)
class _Due:
    """One occasion of the timeline; ``epoch`` is the phase's, or the story's, that it was put on the agenda in."""

    occasion: "Occasion"
    name: str
    times_left: float
    seen: int = 0
    """Messages that it has seen."""


class Story:
    """The state of the scenarios that an SMSC plays; where several have phases, those of the last one count."""

    def __init__(self, stage: "Stage", scenarios: "Sequence[Scenario]") -> None:
        self._stage = stage
        self._phases: dict[str, Phase] = {}
        for scenario in scenarios:
            if scenario.phases:
                self._phases = {phase.name: phase for phase in scenario.phases}
        self._declared = {name: value for scenario in scenarios for name, value in (scenario.variables or {}).items()}
        self._occasions = [
            (occasion, occasion.name or f"timeline[{number}]")
            for scenario in scenarios
            for number, occasion in enumerate(scenario.timeline)
        ]
        self.counts_messages = any(
            occasion.after_messages or occasion.every_messages for occasion, _ in self._occasions
        ) or any(phase.messages for phase in self._phases.values())
        """Whether anything depends on how many messages have come."""
        self.phase = ""
        self.began_at = 0.0
        self.variables: dict[str, Any] = {}
        self._epoch = 0
        self._messages = 0
        self._due: list[_Due] = []

    def held(self, pile: str) -> int:
        """How many things wait in a pile."""
        return self._stage.piles.held(pile)

    @property
    def phases(self) -> tuple[str, ...]:
        """The names of the phases, in their order."""
        return tuple(self._phases)

    @property
    def occasions(self) -> "Iterator[tuple[str, Occasion, float]]":
        """The timeline: each occasion by its name, and how often it may still happen."""
        return ((due.name, due.occasion, due.times_left) for due in self._due)

    def begin(self, at: float) -> None:
        """The story starts at carrier time ``at``, or starts over."""
        self.began_at = at
        self.variables = dict(self._declared)
        self._epoch += 1
        self._due = [_Due(one, name, one.times or float("inf")) for one, name in self._occasions]
        for due in self._due:
            if due.occasion.phase is None:
                self._put(due, at)
        self.phase = ""
        first = next(iter(self._phases), None)
        if first is not None:
            self.enter(first, at)

    def end(self) -> None:
        """Another story begins: nothing of this one happens any more."""
        self._due = []
        self._phases = {}

    def enter(self, name: str, at: float) -> None:
        """A phase begins; whatever belonged to the one before is over. One that nobody declared only has its name."""
        self.phase = name
        self._epoch += 1
        self._messages = 0
        phase = self._phases.get(name)
        if phase is not None and phase.lasts is not None:
            self._stage.smsc.agenda.put(at + phase.lasts, self._over, self._epoch)
        for due in self._due:
            if due.occasion.phase == name:
                due.seen = 0
                self._put(due, at)

    def _over(self, epoch: Any, now: float) -> None:
        phase = self._phases.get(self.phase)
        # something else may have ended it meanwhile
        if epoch == self._epoch and phase is not None and phase.lasts is not None:
            self._next(self._stage.smsc.clock.at(now))

    def _next(self, at: float) -> None:
        names = list(self._phases)
        phase = self._phases[self.phase]
        following = phase.next or next(iter(names[names.index(self.phase) + 1 :]), None)
        if following is not None:
            self._stage.note_phase(following, at)
            self.enter(following, at)

    def _put(self, due: _Due, at: float) -> None:
        """Put an occasion with a time on the agenda; one that has a phase ends with it."""
        span = due.occasion.at if due.occasion.at is not None else due.occasion.every
        if span is not None and due.times_left > 0:
            epoch = None if due.occasion.phase is None else self._epoch
            self._stage.smsc.agenda.put(at + span, self._come, (due, at + span, epoch))

    def _come(self, subject: Any, now: float) -> None:
        due, at, epoch = subject
        if epoch not in {None, self._epoch} or due not in self._due:
            return
        if due.occasion.every is not None:
            self._again(due, at)
        self._happen(due, now)

    def _again(self, due: _Due, at: float) -> None:
        if due.times_left > 1:
            self._put(due, at)

    def _happen(self, due: _Due, now: float) -> None:
        if due.times_left > 0:
            due.times_left -= 1
            self._stage.note_occasion(due.name, self._stage.smsc.clock.at(now))
            self._stage.perform(due.name, due.occasion.then, None, now)

    def submitted(self, at: float, now: float) -> None:
        """One more message has come: what depends on how many is done behind its answer."""
        self._messages += 1
        for due in self._due:
            occasion = due.occasion
            if occasion.phase not in {None, self.phase}:
                continue
            due.seen += 1
            if occasion.after_messages == due.seen or (
                occasion.every_messages is not None and not due.seen % occasion.every_messages
            ):
                self._stage.smsc.agenda.put_link(now, self._counted, due)
        phase = self._phases.get(self.phase)
        if phase is not None and phase.messages == self._messages:
            self._next(at)

    def _counted(self, due: Any, now: float) -> None:
        if due in self._due:
            self._happen(due, now)

    def change(self, change: "Change", at: float) -> None:
        """Variables and the phase, as a rule sets them; a sign adds to what is there."""
        for name, value in (change.variables or {}).items():
            self.variables[name] = _added(self.variables.get(name), value)
        if change.phase is not None:
            self._stage.note_phase(change.phase, at)
            self.enter(change.phase, at)

    def told(self) -> Mapping[str, Any]:
        """The state, for whoever shows it."""
        return {"phase": self.phase, "variables": {name: str(value) for name, value in self.variables.items()}}


def _added(before: Any, value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[+-]\d{1,18}", value, re.ASCII):
        number = before if isinstance(before, int) else int(before) if _is_number(before) else 0
        return number + int(value)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII) is not None


__all__ = ["Story"]

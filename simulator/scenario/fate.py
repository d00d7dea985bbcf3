"""What rules say of one happening: the slots that they fill, and the deeds that all of them do.

A slot is filled once, by the first rule that says anything about it; forms are merged key by key. Nothing here decides
which rules are meant, and nothing acts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar, cast

from simulator.carrier.delays import Delay, Fixed
from simulator.carrier.messages import DELIVERED, FINAL, Outcome
from simulator.scenario.forms.forms import AnswerForm, Hold, Ids, MoForm, ReceiptForm
from simulator.scenario.happening import Counter
from simulator.scenario.shape import Shape
from simulator.scenario.then import DEEP, Deeds, Fault, Step, Then, said_by
from simulator.scenario.words.words import Times

AT_ONCE: Final = Fixed(0.0)

Draw = Callable[[str], float]
"""Gives a draw in [0, 1) for a name."""
S = TypeVar("S", bound=Shape)

_OWN: Final = frozenset({"after", "state", "final", "before_response", "at_bind"})
"""What a step says beside the form of its receipt."""


class Decision(NamedTuple):
    """Whether a request is taken; the status that refuses it; `recorded` or `unrecorded` where it gets no answer."""

    accepts: bool
    status: int | None = None
    silence: str | None = None


class Forms(NamedTuple):
    """How what we send looks; None is as it always does."""

    answer: AnswerForm | None = None
    ids: Ids | None = None
    receipts: ReceiptForm | None = None
    mo: MoForm | None = None


NO_FORMS: Final = Forms()


@dataclass(slots=True, unsafe_hash=True)
class ScriptedOutcome(Outcome):
    """An outcome that a rule planned. ``is_final`` is the story's end; what a receipt tells may look final before."""

    tells_final: bool = True
    form: ReceiptForm | None = None
    before_response: bool = False
    at_bind: bool = False


@dataclass(slots=True)
class Fate:
    """What rules say; None is said by nobody, and the carrier decides it."""

    decision: Decision | None = None
    respond_after: float | None = None
    """Seconds of link time until the answer."""
    hold: Hold | None = None
    """The pile that keeps the answer back."""
    outcomes: tuple[ScriptedOutcome, ...] | None = None
    """What becomes of the message; nothing at all where it is lost."""
    faults: tuple[Fault, ...] = ()
    forms: Forms = NO_FORMS
    deeds: list[tuple[str, Deeds]] = field(default_factory=list)
    """What is sent, set and released, by the name of the rule that says so."""
    fired: list[str] = field(default_factory=list)
    """The rules that did anything, in their order."""
    draw: Draw = lambda _: 0.0
    """The luck of what happened, for whatever is still to be drawn."""


@dataclass(slots=True, frozen=True)
class Deed:
    """What one rule does; made once. ``order`` tells the rules apart, ``form_slots`` are the things its forms say."""

    order: int
    name: str
    luck: str
    """By what its draws are called: its name, so that rules which are laid before or behind it shift none of them."""
    decision: Decision | None
    respond: Delay | None
    hold: Hold | None
    steps: tuple[tuple[Delay, Step], ...] | None
    faults: tuple[Fault, ...]
    forms: Forms
    form_slots: frozenset[str]
    deeds: Deeds | None
    probability: float | None
    times: Times | None
    spent: Counter
    is_last: bool

    @property
    def needs_luck(self) -> bool:
        """Whether anything in it is drawn."""
        delays = [delay for delay, _ in self.steps or ()] + ([] if self.respond is None else [self.respond])
        if self.probability is not None or not all(delay.is_fixed for delay in delays):
            return True
        # what is sent or done to a connection may draw its own delay, and where it goes
        return bool(self.faults or self.deeds)

    def fill(self, fate: Fate, slots: set[str], draw: Draw) -> bool:
        """Fill what is still free; whether anything was done. ``slots`` are those of forms that are taken."""
        is_done = False
        if self.decision is not None and fate.decision is None:
            fate.decision, is_done = self.decision, True
        if self.respond is not None and fate.respond_after is None:
            fate.respond_after, is_done = seconds_of(self.respond, draw, "respond"), True
        if self.hold is not None and fate.hold is None:
            fate.hold, is_done = self.hold, True
        if self.steps is not None and fate.outcomes is None:
            fate.outcomes, is_done = outcomes_of(self.steps, draw), True
        if self.faults and not fate.faults:
            fate.faults, is_done = self.faults, True
        if self.form_slots and not self.form_slots <= slots:
            slots |= self.form_slots
            is_done = True
        if self.deeds is not None:
            fate.deeds.append((self.name, self.deeds))
            is_done = True
        return is_done


def outcomes_of(steps: Iterable[tuple[Delay, Step]], draw: Draw) -> tuple[ScriptedOutcome, ...]:
    """The outcomes of a rule's steps: a step counts from the one before, an outcome from the beginning."""
    planned, after = tuple(steps), 0.0
    # what happens before something that is told in front of the response is told there, too
    first = max((number for number, (_, step) in enumerate(planned) if step.before_response), default=-1)
    outcomes = []
    for number, (delay, step) in enumerate(planned):
        after += seconds_of(delay, draw, f"deliver {number}")
        state = step.state or DELIVERED
        is_last = number == len(planned) - 1
        tells_final = state in FINAL if step.final is None else step.final
        outcomes.append(
            ScriptedOutcome(
                after,
                state,
                # what comes after an end that is none is told as well, so that only the last one ends the story
                is_final=is_last and tells_final,
                tells_final=tells_final,
                form=form_of(step),
                before_response=number <= first,
                at_bind=bool(step.at_bind),
            )
        )
    return tuple(outcomes)


def form_of(step: Step) -> ReceiptForm | None:
    """What a step says of its receipt."""
    said = {key: getattr(step, key) for key in step.said if key not in _OWN}
    return ReceiptForm.model_construct(set(said), **said) if said else None


def steps_of(then: Then, delay: Delay) -> tuple[tuple[Delay, Step], ...] | None:
    """The steps of a rule; none where the message is lost, None where nothing is said of it.

    What says no time comes when a delivery would (``delay``), or together with the step before; what goes in front of
    the response, at once.
    """
    if then.lose:
        return ()
    if then.deliver is None:
        return None
    return timed(then.deliver, delay)


def timed(steps: Iterable[Step], delay: Delay) -> tuple[tuple[Delay, Step], ...]:
    """Each step with its delay."""
    found: list[tuple[Delay, Step]] = []
    for step in steps:
        unsaid = AT_ONCE if found or step.before_response else delay
        found.append((step.after or unsaid, step))
    return tuple(found)


def decision_of(then: Then) -> Decision | None:
    """Whether a request is taken, the status that refuses it, and whether nothing is answered."""
    if then.accept:
        return Decision(accepts=True)
    if then.reject is not None:
        return Decision(accepts=False, status=int(then.reject))
    if then.silence is None:
        return None
    return Decision(accepts=then.silence == "recorded", silence=then.silence)


_DEEDS: Final = tuple(key for key in Deeds.model_fields if key != "connection")


def deeds_of(then: Then) -> Deeds | None:
    """What every rule does that is meant, whatever others do."""
    said = {key: one for key in _DEEDS if (one := getattr(then, key)) is not None}
    return Deeds.model_construct(set(said), **said) if said else None


def seconds_of(delay: Delay, draw: Draw, what: str) -> float:
    """The seconds of a delay, drawn where it is not fixed."""
    return delay.seconds(0.0 if delay.is_fixed else draw(what))


# ---------------------------------------------------------------------- forms


def merged_forms(forms: Iterable[Forms]) -> Forms:
    """All of them as one: of each single thing the first that says it decides."""
    found = tuple(forms)
    if len(found) == 1:
        return found[0]
    return Forms(
        merged([one.answer for one in found]),
        merged([one.ids for one in found]),
        merged([one.receipts for one in found]),
        merged([one.mo for one in found]),
    )


def merged(forms: Iterable[S | None]) -> S | None:
    """One form of several: each key as the first says it, fields and TLVs name by name; None where there is none."""
    known = [form for form in forms if form is not None]
    if len(known) < 2:
        return known[0] if known else None
    said: dict[str, Any] = {}
    named: set[str] = set()
    for form in known:
        for key in form.said:
            value = getattr(form, key)
            if key == "fields":
                said[key] = {**value, **said.get(key, {})}
            elif key == "tlvs":
                free = tuple(edit for edit in value if (name := tlv_named(edit)) is None or name not in named)
                named.update(name for edit in value if (name := tlv_named(edit)) is not None)
                # what decides is done last
                said[key] = free + said.get(key, ())
            elif key in DEEP and isinstance(value, Shape) and isinstance(said.get(key), Shape):
                said[key] = merged([said[key], value])
            else:
                said.setdefault(key, value)
    return cast(S, type(known[0]).model_construct(set(said), **said))


def tlv_named(edit: Any) -> str | None:
    """The TLV that a change is about; None for one that is about all."""
    name: str | None = edit.set or edit.add or edit.remove
    return name


def slots_of(forms: Forms) -> frozenset[str]:
    """What forms say, one by one: `receipts.dates`, `answer.fields.message_id` ..."""
    return frozenset(
        f"{key}.{slot}" for key, form in forms._asdict().items() if form is not None for slot in said_by(form)
    )


def forms_of(said: Mapping[str, Any] | Shape) -> Forms:
    """The forms that a rule or the carrier's section holds."""
    if isinstance(said, Shape):
        return Forms(*(getattr(said, key, None) for key in Forms._fields))
    return Forms(*(said.get(key) for key in Forms._fields))


__all__ = [
    "AT_ONCE",
    "NO_FORMS",
    "Decision",
    "Deed",
    "Draw",
    "Fate",
    "Forms",
    "ScriptedOutcome",
    "decision_of",
    "deeds_of",
    "form_of",
    "forms_of",
    "merged",
    "merged_forms",
    "outcomes_of",
    "seconds_of",
    "slots_of",
    "steps_of",
    "timed",
]

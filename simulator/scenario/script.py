"""The rules of all files, and those that were added while it runs: which of them fill which slots of a fate.

In each slot the first rule that matches decides; live rules are asked before files, the newest first, and later files
before earlier ones. What no rule says the carrier's section says, as far as it is a matter of form. It knows what
happens and the words of the model; how anything looks on the wire, and what nobody rules, is decided elsewhere.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from simulator.carrier.carrier import DELIVERY
from simulator.carrier.delays import Delay
from simulator.carrier.dice import Dice, Luck
from simulator.scenario.declared import vendor_book
from simulator.scenario.fate import (
    NO_FORMS,
    Deed,
    Fate,
    Forms,
    ScriptedOutcome,
    decision_of,
    deeds_of,
    forms_of,
    merged_forms,
    outcomes_of,
    slots_of,
    steps_of,
    timed,
)
from simulator.scenario.happening import Counter, Happening
from simulator.scenario.rules import CompiledRule, Group, Index, compile_rule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.then import Step
from simulator.smpp.tlvs import TLVS, Book

MERGED_MAX: Final = 10_000
"""Combinations of rules whose forms are kept merged."""


class Script:
    """The rules of ``scenarios``, as they were given; ``seed`` is that of all luck.

    ``delay`` is how long a delivery takes of which a rule says the state alone.
    """

    def __init__(self, scenarios: Sequence[Scenario], seed: int, *, delay: Delay = DELIVERY) -> None:
        self.scenarios = tuple(scenarios)
        self._dice = Dice(seed)
        self._delay = delay
        self._live: list[CompiledRule] = []
        self._files: list[CompiledRule] = []
        self._added = 0
        carriers = [one.carrier for one in reversed(self.scenarios) if one.carrier is not None]
        self.book = book_of_all(self.scenarios)
        for scenario in reversed(self.scenarios):
            book, _ = vendor_book(None if scenario.carrier is None else scenario.carrier.vendor_tlvs)
            for number, rule in enumerate(scenario.rules):
                self._files.append(self._compiled(rule, f"rules[{number}]", len(self._files), book))
        self._carrier_forms = merged_forms([forms_of(one) for one in carriers]) if carriers else NO_FORMS
        deliver = next((one.deliver for one in carriers if one.deliver), None)
        self._carrier_steps = None if deliver is None or is_plain(deliver) else timed(deliver, delay)
        respond = next((one.respond for one in carriers if one.respond is not None), None)
        self._carrier_hold = None if respond is None else respond.hold
        self._prepare()

    def _compiled(self, rule: Rule, name: str, order: int, book: Book) -> CompiledRule:
        deed = deed_of(rule, rule.name or name, order, self._delay)
        return compile_rule(rule, name=name, order=order, book=book, deed=deed)

    def _prepare(self) -> None:
        """The rules have changed: everything that was derived from them is derived anew."""
        self._index = Index([*reversed(self._live), *self._files])
        self.keys: frozenset[int | str] = self._index.keys
        """The commands and events that any rule is about."""
        self._needs_luck = self._carrier_steps is not None or any(rule.deed.needs_luck for rule in self._index)
        self._merged: dict[tuple[int, ...], Forms] = {}
        self._unruled = None
        if self._carrier_steps is None and (self._carrier_forms != NO_FORMS or self._carrier_hold is not None):
            # one object for all that no rule is about
            self._unruled = Fate(forms=self._carrier_forms, hold=self._carrier_hold)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to say, so that nobody needs to ask."""
        is_told = any(one.timeline or one.phases or one.variables for one in self.scenarios)
        return not (is_told or self.keys or self._unruled is not None or self._carrier_steps is not None)

    @property
    def forms(self) -> Forms:
        """The forms of the carrier's sections."""
        return self._carrier_forms

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._index)

    def add(self, rule: Rule, *, name: str = "") -> CompiledRule:
        """Ask one more rule, before all others. Returns it, for ``remove``."""
        self._added += 1
        made = self._compiled(rule, name or f"live[{self._added}]", -self._added, self.book)
        self._live.append(made)
        self._prepare()
        return made

    def remove(self, rule: CompiledRule) -> bool:
        """Ask it no more, wherever it came from; False where it was not asked any more already."""
        for rules in (self._live, self._files):
            if rule in rules:
                rules.remove(rule)
                self._prepare()
                return True
        return False

    @property
    def live(self) -> tuple[CompiledRule, ...]:
        """The rules that were added, the newest first: in the order in which they are asked."""
        return tuple(reversed(self._live))

    def decide(self, happening: Happening) -> Fate | None:
        """What the rules say of it; None where none says anything, and no form of the carrier's either.

        Counts are counted, luck is drawn and times are spent by asking.
        """
        # thrown for everything, because the n-th of a pair is lucky alike whatever else has come
        luck = self._dice.throw(happening.message or happening) if self._needs_luck else None
        group = self._index.groups.get(happening.key)
        fate = None if group is None else self._ruled(group, happening, luck)
        if fate is None:
            fate = self._unruled
            if self._carrier_steps is not None:
                fate = Fate(forms=self._carrier_forms, hold=self._carrier_hold)
        elif fate.hold is None:
            fate.hold = self._carrier_hold
        if fate is not None and self._carrier_steps is not None and fate.outcomes is None:
            fate.outcomes = _by_the_carrier(self._carrier_steps, luck)
        return fate

    def _ruled(self, group: Group, happening: Happening, luck: Luck | None) -> Fate | None:
        """What rules alone say."""
        fate: Fate | None = None
        slots = set[str]()
        forms: list[Deed] = []
        for rule in group.matching(happening):
            deed: Deed = rule.deed
            if not _is_left(deed, happening, luck):
                continue
            fate = fate or Fate()
            if deed.fill(fate, slots, partial(_drawn, luck, deed)):
                fate.fired.append(rule.name)
                if deed.form_slots:
                    forms.append(deed)
                if deed.times is not None:
                    deed.spent.add(happening)
                if deed.faults or deed.deeds:
                    fate.draw = partial(_drawn, luck, deed)
            if deed.is_last:
                break
        if fate is None or not fate.fired:
            return None
        if forms or self._carrier_forms is not NO_FORMS:
            fate.forms = self._forms(forms)
        return fate

    def _forms(self, deeds: list[Deed]) -> Forms:
        key = tuple([deed.order for deed in deeds])
        forms = self._merged.get(key)
        if forms is None:
            if len(self._merged) >= MERGED_MAX:
                self._merged.clear()
            forms = self._merged[key] = merged_forms([*(deed.forms for deed in deeds), self._carrier_forms])
        return forms

    def reset(self) -> None:
        """Luck, counts and times start over; live rules stay."""
        self._dice.reset()
        for rule in self._index:
            rule.reset()
            rule.deed.spent.clear()


def book_of_all(scenarios: Sequence[Scenario]) -> Book:
    """What names TLVs with the vendors' declarations of all files; where two clash, the later file's."""
    declared: dict[int, Any] = {}
    for scenario in scenarios:
        written = None if scenario.carrier is None else scenario.carrier.vendor_tlvs
        book, _ = vendor_book(written)
        declared |= {tag: one for tag, one in book.items() if tag not in TLVS or TLVS[tag] is not one}
    return {**TLVS, **declared}


def is_plain(steps: Sequence[Any]) -> bool:
    """Whether the carrier itself can do it: one delivery, after a delay or none."""
    return len(steps) == 1 and set(steps[0].said) <= {"after"}


def _by_the_carrier(steps: tuple[tuple[Delay, Step], ...], luck: Luck | None) -> tuple[ScriptedOutcome, ...]:
    return outcomes_of(steps, lambda what: 0.0 if luck is None else luck.of(f"carrier {what}"))


def _is_left(deed: Deed, happening: Happening, luck: Luck | None) -> bool:
    """Whether a rule that is meant has times left, and the luck that it wants."""
    if deed.times is not None and deed.spent.of(happening) >= deed.times.most:
        return False
    return deed.probability is None or _drawn(luck, deed, "probability") < deed.probability


def _drawn(luck: Luck | None, deed: Deed, what: str) -> float:
    # nothing is drawn where no rule needs luck
    return 0.0 if luck is None else luck.of(f"{deed.order} {deed.name} {what}")


def deed_of(rule: Rule, name: str, order: int, delay: Delay) -> Deed:
    """What a rule does, made ready."""
    then, times, forms = rule.then, rule.times, forms_of(rule.then)
    return Deed(
        order=order,
        name=name,
        decision=decision_of(then),
        respond=None if then.respond is None else then.respond.after,
        hold=None if then.respond is None else then.respond.hold,
        steps=steps_of(then, delay),
        faults=then.connection or (),
        forms=forms,
        form_slots=slots_of(forms),
        deeds=deeds_of(then),
        probability=None if rule.probability is None else float(rule.probability),
        times=times,
        spent=Counter(None if times is None else times.per),
        is_last=bool(rule.stop),
    )


__all__ = ["Script", "book_of_all", "deed_of", "is_plain"]

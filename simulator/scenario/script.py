"""The rules of all files, and those that were added while it runs: which of them fill which slots of a fate.

In each slot the first rule that matches decides; live rules are asked before files, the newest first, and later files
before earlier ones. What no rule says the carrier's section says, as far as it is a matter of form. It knows what
happens and the words of the model; how anything looks on the wire, and what nobody rules, is decided elsewhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final, NamedTuple

from simulator.carrier.carrier import DELIVERY
from simulator.carrier.delays import Delay
from simulator.carrier.dice import Dice, Luck
from simulator.carrier.messages import Address
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
from simulator.scenario.guards import Guard, always
from simulator.scenario.happening import Counter, Happening
from simulator.scenario.modules import Failure, FunctionRule, functions_of
from simulator.scenario.rules import CompiledRule, Index, compile_rule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.shape import Names
from simulator.scenario.spoken import NotUnderstood, Spoken
from simulator.scenario.then import Step
from simulator.scenario.words.wire_words import SUBMISSIONS
from simulator.smpp.tlvs import TLVS, Book

_SUBMISSIONS: Final = frozenset(map(int, SUBMISSIONS))
_FORMED_BY_CARRIER: Final = _SUBMISSIONS | {"mo"}
"""What looks as the carrier's section says where no rule does. A receipt is its message's, which knows that already."""
OF_TEXT: Final = "text"
"""How the journal calls the rule that a message's own text is."""
MERGED_MAX: Final = 10_000
"""Combinations of rules whose forms are kept merged."""


class Script:
    """The rules of ``scenarios``, as they were given; ``seed`` is that of all luck.

    ``delay`` is how long a delivery takes of which a rule says the state alone.
    """

    def __init__(self, scenarios: Sequence[Scenario], seed: int, *, delay: Delay = DELIVERY) -> None:
        self.scenarios = tuple(scenarios)
        self.seed = seed
        self._dice = Dice(seed)
        self._delay = delay
        self._live: list[CompiledRule] = []
        self._files: list[CompiledRule] = []
        self._added = 0
        self._named: dict[str, list[int]] = {}
        """By name: the rules of the files that are called so."""
        self.failed: Failure | None = None
        """Told when a function of a Python scenario has failed."""
        carriers = [one.carrier for one in reversed(self.scenarios) if one.carrier is not None]
        self.book = book_of_all(self.scenarios)
        for place, scenario in reversed(tuple(enumerate(self.scenarios))):
            book, _ = vendor_book(None if scenario.carrier is None else scenario.carrier.vendor_tlvs)
            for number, rule in enumerate(scenario.rules):
                self._files.append(self._compiled(rule, f"rules[{number}]", len(self._files), book, place))
            for name, function in functions_of(scenario).items():
                asked = FunctionRule(
                    *(name, function, len(self._files), book),
                    place=place,
                    deed_of=self._answered,
                    failed=self._failed,
                )
                self._files.append(asked)
        self._carrier_forms = merged_forms([forms_of(one) for one in carriers]) if carriers else NO_FORMS
        deliver = next((one.deliver for one in carriers if one.deliver), None)
        self._carrier_steps = None if deliver is None or is_plain(deliver) else timed(deliver, delay)
        respond = next((one.respond for one in carriers if one.respond is not None), None)
        self._carrier_hold = None if respond is None else respond.hold
        self._spoken: Spoken | None = None
        if next((one.spoken for one in carriers if one.spoken is not None), False):
            self._spoken = Spoken(lambda rule, order: self._compiled(rule, OF_TEXT, order, self.book), Names(self.book))
        self.unruled: Fate | None = None
        """What the sections of the carrier alone say of a submission that no rule is about."""
        if self._carrier_steps is None and (self._carrier_forms != NO_FORMS or self._carrier_hold is not None):
            # one object for all that no rule is about
            self.unruled = Fate(forms=self._carrier_forms, hold=self._carrier_hold)
        self._index = Index(self._files)
        self._lucky = sum(map(_wants_luck, self._files))
        self._prepare()

    def _compiled(self, rule: Rule, name: str, order: int, book: Book, place: int | None = None) -> CompiledRule:
        called = rule.name or name
        deed = deed_of(rule, called, order, self._delay, luck=self._luck_of(called, rule))
        made = compile_rule(rule, name=name, order=order, book=book, deed=deed)
        made.scenario = place
        return made

    def _luck_of(self, name: str, rule: Rule) -> str:
        """By what the draws of a rule are called: its name, and which of that name it is, in the order of the files."""
        if not self._named:
            for scenario in self.scenarios:
                for number, one in enumerate(scenario.rules):
                    self._named.setdefault(one.name or f"rules[{number}]", []).append(id(one))
        known = self._named.get(name, [])
        place = known.index(id(rule)) if id(rule) in known else 0
        return f"{name} {place}" if place else name

    def _answered(self, rule: Rule, name: str, order: int) -> Deed:
        return deed_of(rule, name, order, self._delay)

    def _failed(self, happening: Happening, name: str, reason: str) -> None:
        if self.failed is not None:
            self.failed(happening, name, reason)

    def _prepare(self) -> None:
        """The rules have changed: everything that was derived from them is derived anew."""
        self.keys = self._index.keys
        """The commands and events that any rule is about."""
        self.minds_ends = bool(self.keys & {"conclude", "receipt"})
        """Whether any rule is about what becomes of messages."""
        self._needs_luck = self._lucky > 0 or self._carrier_steps is not None or self._spoken is not None
        self.edition = object()
        """Another one whenever the rules are others: what was derived from them elsewhere is out of date."""
        self._merged: dict[tuple[int, ...], tuple[Forms, tuple[Forms, ...]]] = {}
        self._merged_beside: dict[tuple[int, ...], tuple[Forms, tuple[Forms, ...]]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to say, so that nobody needs to ask."""
        is_told = any(one.timeline or one.phases or one.variables for one in self.scenarios)
        is_said = self.unruled is not None or self._carrier_steps is not None or self._spoken is not None
        return not (is_told or self.keys or is_said)

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
        self._ask(made)
        self._prepare()
        return made

    def remove(self, rule: CompiledRule) -> bool:
        """Ask it no more, wherever it came from; False where it was not asked any more already."""
        for rules in (self._live, self._files):
            if rule in rules:
                rules.remove(rule)
                self._index.remove(rule)
                self._lucky -= _wants_luck(rule)
                self._prepare()
                return True
        return False

    def exchange(self, old: CompiledRule, rule: Rule) -> CompiledRule:
        """Ask another rule in the place of one that was added; it counts and spends from the start."""
        at = self._live.index(old)
        made = self._compiled(rule, old.place, old.order, self.book)
        self.remove(old)
        self._live.insert(at, made)
        self._index.add(made)
        self._lucky += _wants_luck(made)
        self._prepare()
        return made

    def move(self, rule: CompiledRule, place: int) -> None:
        """Ask one that was added as the so-many-th of them, 0 is the first; what they have counted stays."""
        asked = [one for one in self.live if one is not rule]
        asked.insert(place, rule)
        orders = sorted(one.order for one in asked)
        for one in asked:
            self._index.remove(one)
        for one, order in zip(asked, orders, strict=True):
            one.order = order
            self._index.add(one)
        self._live = asked[::-1]
        self._prepare()

    def _ask(self, rule: CompiledRule) -> None:
        self._live.append(rule)
        self._index.add(rule)
        self._lucky += _wants_luck(rule)

    def bequeath(self, other: "Script") -> None:
        """Let another script ask the rules that were added to this one, with what they have counted and spent."""
        other.inherit(self._live, self._added)

    def inherit(self, live: Sequence[CompiledRule], added: int) -> None:
        """Ask these as well, before all others; ``added`` is the number of the last."""
        for rule in tuple(self._live):
            self.remove(rule)
        for rule in live:
            self._ask(rule)
        self._added = added
        self._prepare()

    @property
    def live(self) -> tuple[CompiledRule, ...]:
        """The rules that were added, the newest first: in the order in which they are asked."""
        return tuple(reversed(self._live))

    def guard(self, happening: Happening) -> Guard:
        """What tells of a request of this kind and session whether ``decide`` must be asked, until there is another
        ``edition``; where it must not, the answer is ``unruled``. For requests that make messages.
        """
        if self._needs_luck:
            return always
        group = self._index.groups.get(happening.key)
        return _never if group is None else group.guard(happening)

    def decide(self, happening: Happening) -> Fate | None:
        """What the rules say of it; None where none says anything, and no form of the carrier's either.

        Counts are counted, luck is drawn and times are spent by asking.
        """
        is_submission = happening.key in _SUBMISSIONS
        luck = None
        if self._needs_luck:
            # for every submission, because the n-th of a pair is lucky alike whatever else has come
            luck = self._dice.throw(happening.message if is_submission else _Beside.of(happening))
        group = self._index.groups.get(happening.key)
        rules = None if group is None else group.matching(happening)
        if self._spoken is not None and is_submission and (said := self._said_by_text(happening)) is not None:
            # what the tester has in hand goes before all that files say
            rules = chain((said,), rules or ())
        fate = self._ruled(rules, happening, luck) if rules else None
        if fate is None and self._carrier_steps is None:
            # as with most messages: no rule means them
            return self.unruled if is_submission else None
        if not is_submission:
            # the carrier's section says how submissions are answered, and what becomes of them
            return fate
        if fate is None:
            fate = Fate(forms=self._carrier_forms, hold=self._carrier_hold)
        elif fate.hold is None:
            fate.hold = self._carrier_hold
        if self._carrier_steps is not None and fate.outcomes is None:
            fate.outcomes = _by_the_carrier(self._carrier_steps, luck)
        return fate

    def _said_by_text(self, happening: Happening) -> CompiledRule | None:
        """The rule that a submission's own text is; None where it is none, which is told where it looks like one."""
        heard: CompiledRule | NotUnderstood | None = None
        if self._spoken is not None and happening.message is not None:
            heard = self._spoken.heard(happening.message.text)
        if isinstance(heard, NotUnderstood):
            self._failed(happening, OF_TEXT, str(heard))
            return None
        return heard

    def _ruled(self, rules: Iterable[CompiledRule], happening: Happening, luck: Luck | None) -> Fate | None:
        """What rules alone say."""
        fate: Fate | None = None
        slots = set[str]()
        forms: list[Deed] = []
        for rule in rules:
            # what a function says is known only when it is asked
            deed: Deed | None = rule.deed or rule.deed_for(happening)
            if deed is None or not _is_left(deed, happening, luck):
                continue
            fate = fate or Fate()
            if deed.fill(fate, slots, partial(_drawn, luck, deed)):
                fate.fired.append(rule.name)
                rule.fired += 1
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
        if happening.key in _FORMED_BY_CARRIER:
            if forms or self._carrier_forms is not NO_FORMS:
                fate.forms = _kept(self._merged, forms, self._carrier_forms)
        elif forms:
            fate.forms = _kept(self._merged_beside, forms, NO_FORMS)
        return fate

    def reset(self) -> None:
        """Luck, counts and times start over; live rules stay."""
        self._dice.reset()
        for rule in self._index:
            rule.reset()
            if rule.deed is not None:
                rule.deed.spent.clear()
        if self._spoken is not None:
            self._spoken.clear()


class _Beside(NamedTuple):
    """What is lucky beside submissions: it counts for itself, and shifts no message's luck."""

    account: str
    source: Address
    destination: Address

    @classmethod
    def of(cls, happening: Happening) -> "_Beside":
        return cls(happening.account, Address(f"{happening.key} {happening.source.number}"), happening.destination)


def _kept(merged: dict[tuple[int, ...], tuple[Forms, tuple[Forms, ...]]], deeds: list[Deed], others: Forms) -> Forms:
    """The forms of these deeds and, behind them, the others, as one: made once, so that it is known again."""
    key = tuple([id(deed.forms) for deed in deeds])
    kept = merged.get(key)
    if kept is None:
        if len(merged) >= MERGED_MAX:
            merged.clear()
        # what it is made of is kept with it, so that nothing else can have the same id(): a function makes new ones
        parts = tuple(deed.forms for deed in deeds)
        kept = merged[key] = (merged_forms([*parts, others]), parts)
    return kept[0]


def _never(_message: Any, _pdu: Any, _story: Any) -> bool:
    """The guard where there is no rule at all."""
    return False


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


def _wants_luck(rule: CompiledRule) -> bool:
    # what a function says is not known before
    return rule.deed is None or bool(rule.deed.needs_luck)


def _drawn(luck: Luck | None, deed: Deed, what: str) -> float:
    # nothing is drawn where no rule needs luck
    return 0.0 if luck is None else luck.of(f"{deed.luck} {what}")


def deed_of(rule: Rule, name: str, order: int, delay: Delay, *, luck: str = "") -> Deed:
    """What a rule does, made ready."""
    then, times, forms = rule.then, rule.times, forms_of(rule.then)
    return Deed(
        order=order,
        name=name,
        luck=luck or name,
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

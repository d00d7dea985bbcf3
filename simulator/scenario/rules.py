"""Whether a rule is meant: what its `when` wants, compiled into questions once and asked of everything that happens.

Rules for exact destinations lie in a dictionary, so that thousands of them cost as much as ten; the others of one kind
of happening are asked by one function that is written for them, and for a bound session without those that never mean
it. What a rule does, and which goes before which, is script.py's.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from operator import attrgetter
from typing import Any, Final

from simulator.carrier.messages import bare
from simulator.scenario.guards import Guard, guard_of
from simulator.scenario.happening import Counter, Happening
from simulator.scenario.lines import LOOKED_UP, Line, inlined, names_in
from simulator.scenario.match import Match
from simulator.scenario.questions import Difference, Question, pace_of, questions
from simulator.scenario.schema import Rule
from simulator.scenario.words.wire_words import SUBMISSIONS
from simulator.smpp.tlvs import TLVS, Book

WRITTEN_MAX: Final = 200
"""Rules for which one function is written; more of them are asked one by one."""
VARIANTS_MAX: Final = 1000
"""Functions that are kept of one group, for sessions that different rules can mean."""

Asking = Callable[[Happening], Iterable["CompiledRule"]]


class CompiledRule:
    """One rule's questions; ``order`` is its place among all, ``destinations`` all that it can mean, or None.

    ``keys`` are the commands and events that it is about; ``deed`` is whatever its owner keeps with it, ``rule`` what
    was written, at ``place`` of the ``scenario``-th file (None: it was added while it runs). ``fired`` is how often it
    did anything.
    """

    __slots__ = tuple(
        "_book _counter _pace _questions _when deed destinations fired keys name order place rule scenario".split()
    )

    def __init__(self, when: Match, name: str, order: int, book: Book, deed: Any = None) -> None:
        self.name = name
        self.order = order
        self.deed = deed
        self.rule: Rule | None = None
        self.place = name
        self.scenario: int | None = None
        self.fired = 0
        self.keys: tuple[int | str, ...] = when.commands if when.event is None else (when.event,)
        self._when, self._book = when, book
        self._questions: tuple[Question, ...] | None = None
        to = when.destination
        self.destinations = (
            None if to is None or to.any_of is None or when.event is not None else frozenset(map(bare, to.any_of))
        )
        self._counter = None if when.count is None else Counter(when.count.per)
        self._pace = pace_of(when)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All that is to hold. Made when it is asked first: most of 5,000 rules for a number each never are."""
        if self._questions is None:
            self._questions = tuple(questions(self._when, self._book))
        return self._questions

    def matches(self, happening: Happening) -> bool:
        """Whether all holds. A rule with a count counts each happening for which everything else does."""
        for question in self.questions:
            if not question.holds(question.seen(happening)):
                return False
        return not self.counts or self.is_counted(happening)

    def can_mean_its_session(self, happening: Happening) -> bool:
        """Whether nothing keeps it from this that is the same for all submissions of a bound session."""
        return all(one.holds(one.seen(happening)) for one in self.questions if one.is_settled)

    @property
    def may_end(self) -> bool:
        """Whether no later rule may be asked once this one has been: that it says, or nobody knows yet."""
        return self.deed is None or bool(self.deed.is_last)

    @property
    def counts(self) -> bool:
        """Whether it wants a rate or a count."""
        return self._counter is not None or self._pace is not None

    def is_counted(self, happening: Happening) -> bool:
        """Whether this one, for which all else holds, is over the rate and among the count; it is counted."""
        if self._pace is not None and not self._pace.is_over(happening):
            return False
        count = self._when.count
        return count is None or self._counter is None or count.includes(self._counter.add(happening))

    def differences(self, happening: Happening) -> list[Difference]:
        """All that does not hold, as if this came next. Nothing is counted."""
        found = [one for question in self.questions if (one := question.difference(happening)) is not None]
        if self._pace is not None and not self._pace.is_over(happening, counts=False):
            found.append(Difference("rate", str(self._when.rate), "no more than that"))
        if (count := self._when.count) is not None and self._counter is not None:
            number = self._counter.of(happening) + 1
            if not count.includes(number):
                found.append(Difference("count", str(count), str(number)))
        return found

    def difference(self, happening: Happening) -> Difference | None:
        """The first thing that does not hold; None where all does."""
        return next(iter(self.differences(happening)), None)

    def deed_for(self, happening: Happening) -> Any:
        """What it does of this one, for which all holds; None: nothing."""
        return self.deed

    def reset(self) -> None:
        """Count from one again."""
        self.fired = 0
        if self._counter is not None:
            self._counter.clear()
        if self._pace is not None:
            self._pace.clear()


def compile_rule(rule: Rule, *, name: str = "", order: int = 0, book: Book = TLVS, deed: Any = None) -> CompiledRule:
    """The rule's questions; ``name`` stands in for a name that it does not have, ``book`` names vendors' TLVs."""
    made = CompiledRule(rule.when, rule.name or name, order, book, deed)
    made.rule, made.place = rule, name
    return made


class Group:
    """The rules about one command or event, in their order."""

    __slots__ = ("_asking", "_by_destination", "_guards", "_key", "_others", "_settles", "_variants")

    def __init__(self, key: int | str) -> None:
        self._key = key
        self._others: list[CompiledRule] = []
        self._by_destination: dict[str, list[CompiledRule]] = {}
        self._forget()

    def __bool__(self) -> bool:
        return bool(self._others or self._by_destination)

    def add(self, rule: CompiledRule) -> None:
        """Ask one more rule, in its place."""
        if rule.destinations is None:
            _insert(self._others, rule)
            self._forget()
        for number in rule.destinations or ():
            _insert(self._by_destination.setdefault(number, []), rule)

    def remove(self, rule: CompiledRule) -> None:
        """Ask it no more."""
        if rule.destinations is None:
            self._others.remove(rule)
            self._forget()
        for number in rule.destinations or ():
            keyed = self._by_destination[number]
            keyed.remove(rule)
            if not keyed:
                del self._by_destination[number]

    def candidates(self, happening: Happening) -> Iterable[CompiledRule]:
        """The rules that can mean its destination."""
        keyed = self._by_destination.get(bare(happening.destination.number)) if self._by_destination else None
        if keyed is None:
            return self._others
        return merge(keyed, self._others, key=_ORDER) if self._others else keyed

    def matching(self, happening: Happening) -> Iterable[CompiledRule]:
        """The rules of which everything holds, one after the other: whoever stops early asks no further ones."""
        if self._by_destination and happening.message is not None:
            number = happening.message.destination.number
            keyed = self._by_destination.get(number[1:] if number[:1] == "+" else number)
            if keyed is not None:
                rules = merge(keyed, self._others, key=_ORDER) if self._others else keyed
                return (rule for rule in rules if rule.matches(happening))
        if self._settles and happening.seat is not None and (settled := happening.seat.settled) is not None:
            known = settled.get(self._key)
            if known is None or known[0] is not self._variants:
                known = settled[self._key] = self._variants, self._settled(happening)
            return known[1](happening)
        return self._asking(happening)

    def guard(self, happening: Happening) -> Guard:
        """What tells of requests of its session, as cheaply as can be, that no rule means them."""
        is_settled = happening.seat is not None and happening.seat.settled is not None
        left = tuple(rule for rule in self._others if not is_settled or rule.can_mean_its_session(happening))
        guard = self._guards.get((left, is_settled))
        if guard is None:
            if len(self._guards) >= VARIANTS_MAX:
                self._guards.clear()
            guard = guard_of(left, self._key, self._by_destination, is_settled=is_settled)
            self._guards[left, is_settled] = guard
        return guard

    def _forget(self) -> None:
        """There are other rules than before: functions are written when somebody asks."""
        self._settles = False
        self._asking: Asking = self._asked_first
        self._variants: dict[tuple[CompiledRule, ...], Asking] = {}
        self._guards: dict[tuple[tuple[CompiledRule, ...], bool], Guard] = {}

    def _asked_first(self, happening: Happening) -> Iterable[CompiledRule]:
        may_settle = self._key in SUBMISSIONS and not self._settles
        if may_settle and any(question.is_settled for rule in self._others for question in rule.questions):
            self._settles = True
            return self.matching(happening)
        self._asking = _asking_of(tuple(self._others))
        return self._asking(happening)

    def _settled(self, happening: Happening) -> Asking:
        """What asks the rules that can mean what comes by its session."""
        left = tuple(rule for rule in self._others if rule.can_mean_its_session(happening))
        asking = self._variants.get(left)
        if asking is None:
            if len(self._variants) >= VARIANTS_MAX:
                self._variants.clear()
            asking = self._variants[left] = _asking_of(left, is_settled=True)
        return asking


_ORDER: Final = attrgetter("order")


def _insert(rules: list[CompiledRule], rule: CompiledRule) -> None:
    if rules and rules[-1].order > rule.order:
        insort(rules, rule, key=_ORDER)
    else:
        # as nearly all come
        rules.append(rule)


class Index:
    """Rules in their order, found by what happens and by exact destinations."""

    __slots__ = ("_rules", "groups", "keys")

    def __init__(self, rules: Iterable[CompiledRule] = ()) -> None:
        self._rules: list[CompiledRule] = []
        self.groups: dict[int | str, Group] = {}
        self.keys: frozenset[int | str] = frozenset()
        """The commands and events that any rule is about."""
        for rule in rules:
            self.add(rule)

    def add(self, rule: CompiledRule) -> None:
        """Ask one more rule, in its place."""
        _insert(self._rules, rule)
        for key in dict.fromkeys(rule.keys):
            if key not in self.groups:
                self.groups[key] = Group(key)
                self.keys = frozenset(self.groups)
            self.groups[key].add(rule)

    def remove(self, rule: CompiledRule) -> None:
        """Ask it no more."""
        self._rules.remove(rule)
        for key in dict.fromkeys(rule.keys):
            self.groups[key].remove(rule)
            if not self.groups[key]:
                del self.groups[key]
                self.keys = frozenset(self.groups)

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._rules)

    def candidates(self, happening: Happening) -> Iterable[CompiledRule]:
        """The rules that are about such a thing and can mean its destination, in their order."""
        group = self.groups.get(happening.key)
        return () if group is None else group.candidates(happening)


def _asking_of(rules: tuple[CompiledRule, ...], *, is_settled: bool = False) -> Asking:
    """What asks these rules; where ``is_settled``, what has one answer for a session was asked of it already."""
    if len(rules) > WRITTEN_MAX:
        return lambda happening: (rule for rule in rules if rule.matches(happening))
    return _written(rules, is_settled=is_settled)


def _written(rules: tuple[CompiledRule, ...], *, is_settled: bool) -> Asking:
    """One function that asks all of them: a fifth of the price of asking them one by one, at twenty rules."""
    # nothing of a file stands in its lines: its values are bound by name
    bound, needed = dict[str, Any](), set[str]()
    # one after the other only where a rule may be the last: a generator costs more than all of its questions
    is_lazy = any(rule.may_end for rule in rules[:-1])
    lines = list[str]()
    for place, rule in enumerate(rules):
        bound[f"r{place}"] = rule
        tests = []
        for number, question in enumerate(rule.questions):
            if is_settled and question.is_settled:
                continue
            line = question.line or Line("{0}({1}(o))", (question.holds, question.seen))
            values = {f"b{place}_{number}_{at}": value for at, value in enumerate(line.bound)}
            bound |= values
            tests.append(f"({line.code.format(*values)})")
        if rule.counts:
            tests.append(f"r{place}.is_counted(o)")
        if tests:
            # what every message is asked is looked up once, what comes behind it where it is reached
            needed |= names_in(tests[0])
        yields = f"yield r{place}" if is_lazy else f"found = (*found, r{place})"
        lines.append(f"    if {' and '.join(tests) or 'True'}: {yields}")
    known = [name for name in LOOKED_UP if name in needed]
    looked_up = (f"    {name} = {LOOKED_UP[name]}" for name in known)
    ends = "    yield from ()" if is_lazy else "    return found"
    code = ["def asking(o):", "    found = ()", *looked_up, *(inlined(line, known) for line in lines), ends]
    exec("\n".join(code), bound)  # noqa: S102
    asking: Asking = bound["asking"]
    return asking


__all__ = ["CompiledRule", "Difference", "Group", "Index", "compile_rule"]

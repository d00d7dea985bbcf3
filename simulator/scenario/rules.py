"""Whether a rule is meant: what its `when` wants, compiled into questions once and asked of everything that happens.

Rules for exact destinations lie in a dictionary, so that thousands of them cost as much as ten; the others of one kind
of happening are asked by one function that is written for them. What a rule does, and which goes before which, is
script.py's.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from operator import attrgetter
from typing import Any, Final

from simulator.carrier.messages import bare
from simulator.scenario.happening import Counter, Happening
from simulator.scenario.match import Match
from simulator.scenario.questions import LOOKED_UP, Difference, Question, pace_of, questions
from simulator.scenario.schema import Rule
from simulator.smpp.tlvs import TLVS, Book

WRITTEN_MAX: Final = 200
"""Rules for which one function is written; more of them are asked one by one."""

Asking = Callable[[Happening], Iterable["CompiledRule"]]


class CompiledRule:
    """One rule's questions; ``order`` is its place among all, ``destinations`` all that it can mean, or None.

    ``keys`` are the commands and events that it is about; ``deed`` is whatever its owner keeps with it, ``rule`` what
    was written, at ``place`` of the ``scenario``-th file (None: it was added while it runs). ``fired`` is how often it
    did anything.
    """

    __slots__ = tuple(
        "_count _counter _pace _rate deed destinations fired keys name order place questions rule scenario".split()
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
        self.questions: tuple[Question, ...] = tuple(questions(when, book))
        to = when.destination
        self.destinations = (
            None if to is None or to.any_of is None or when.event is not None else frozenset(map(bare, to.any_of))
        )
        self._count = when.count
        self._counter = None if when.count is None else Counter(when.count.per)
        self._rate = when.rate
        self._pace = pace_of(when)

    def matches(self, happening: Happening) -> bool:
        """Whether all holds. A rule with a count counts each happening for which everything else does."""
        for question in self.questions:
            if not question.holds(question.seen(happening)):
                return False
        return not self.counts or self.is_counted(happening)

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
        if self._count is None or self._counter is None:
            return True
        return self._count.includes(self._counter.add(happening))

    def differences(self, happening: Happening) -> list[Difference]:
        """All that does not hold, as if this came next. Nothing is counted."""
        found = [one for question in self.questions if (one := question.difference(happening)) is not None]
        if self._pace is not None and not self._pace.is_over(happening, counts=False):
            found.append(Difference("rate", str(self._rate), "no more than that"))
        if self._count is not None and self._counter is not None:
            number = self._counter.of(happening) + 1
            if not self._count.includes(number):
                found.append(Difference("count", str(self._count), str(number)))
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

    __slots__ = ("_asking", "_by_destination", "_others")

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self._others: list[CompiledRule] = []
        self._by_destination: dict[str, list[CompiledRule]] = {}
        for rule in rules:
            if rule.destinations is None:
                self._others.append(rule)
            for number in rule.destinations or ():
                self._by_destination.setdefault(number, []).append(rule)
        self._asking: Asking = _one_by_one(self._others) if len(self._others) > WRITTEN_MAX else _written(self._others)

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
        return self._asking(happening)


_ORDER: Final = attrgetter("order")


class Index:
    """Rules in their order, found by what happens and by exact destinations."""

    __slots__ = ("_rules", "groups", "keys")

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self._rules = tuple(rules)
        by_key: dict[int | str, list[CompiledRule]] = {}
        for rule in self._rules:
            for key in dict.fromkeys(rule.keys):
                by_key.setdefault(key, []).append(rule)
        self.groups = {key: Group(rules) for key, rules in by_key.items()}
        self.keys = frozenset(self.groups)
        """The commands and events that any rule is about."""

    def __iter__(self) -> Iterator[CompiledRule]:
        return iter(self._rules)

    def candidates(self, happening: Happening) -> Iterable[CompiledRule]:
        """The rules that are about such a thing and can mean its destination, in their order."""
        group = self.groups.get(happening.key)
        return () if group is None else group.candidates(happening)


def _one_by_one(rules: list[CompiledRule]) -> Asking:
    return lambda happening: (rule for rule in rules if rule.matches(happening))


def _written(rules: list[CompiledRule]) -> Asking:
    """One function that asks all of them: a third of the price of asking them one by one, at twenty rules."""
    names = dict[str, Any](bare=bare)
    # one after the other only where a rule may be the last: a generator costs more than all of its questions
    is_lazy = any(rule.may_end for rule in rules[:-1])
    lines, used = list[str](), set[str]()
    for place, rule in enumerate(rules):
        names[f"r{place}"] = rule
        tests = []
        for number, question in enumerate(rule.questions):
            name = f"b{place}_{number}"
            if question.code:
                names[name] = question.bound
                used.update(re.findall(r"[a-z_]+", question.code))
                tests.append(f"({question.code.replace('{}', name)})")
            else:
                names[f"h{place}_{number}"], names[f"s{place}_{number}"] = question.holds, question.seen
                tests.append(f"h{place}_{number}(s{place}_{number}(o))")
        if rule.counts:
            tests.append(f"r{place}.is_counted(o)")
        test = " and ".join(tests) or "True"
        lines += [f"    if {test}:", f"        yield r{place}" if is_lazy else f"        found = (*found, r{place})"]
    # nothing of a file stands in these lines: its values are bound by name
    needed = used | ({"m"} if used & {"account", "to", "sender"} else set())
    looked_up = [f"    {name} = {code}" for name, code in LOOKED_UP.items() if name in needed]
    ends = ("    yield from ()",) if is_lazy else ("    return found",)
    begins = () if is_lazy else ("    found = ()",)
    exec("\n".join(["def asking(o):", *begins, *looked_up, *lines, *ends]), names)  # noqa: S102
    asking: Asking = names["asking"]
    return asking


__all__ = ["CompiledRule", "Difference", "Group", "Index", "compile_rule"]

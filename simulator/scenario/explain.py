"""Why something happens, or does not: each rule that was asked, the slots it fills, and what kept the others from it.

A script that remembers. It knows rules and what they were asked about; nothing of how anything looks on the wire.
"""

from dataclasses import dataclass
from typing import Any, Final

from simulator.scenario.fate import Fate
from simulator.scenario.happening import Happening
from simulator.scenario.questions import Difference
from simulator.scenario.rules import CompiledRule
from simulator.scenario.script import Script

FIRED: Final = "fired"
TAKEN: Final = "taken"
MISSED: Final = "missed"
"""Words for what became of a rule: it did something; all that it says was said by a rule before; it was not meant."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule and what became of it: ``slots`` that it filled, ``differences`` that kept it from doing anything."""

    rule: CompiledRule
    outcome: str
    slots: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the rules said of one thing: those that did anything in their order, then the others, the nearest first.

    ``others`` is how many rules are about other commands and events.
    """

    happening: Happening
    asked: tuple[Asked, ...]
    others: int

    @property
    def fired(self) -> tuple[Asked, ...]:
        """Those that did anything."""
        return tuple(one for one in self.asked if one.outcome == FIRED)

    @property
    def taken(self) -> tuple[Asked, ...]:
        """Those that had nothing left to say."""
        return tuple(one for one in self.asked if one.outcome == TAKEN)

    @property
    def missed(self) -> tuple[Asked, ...]:
        """Those that were not meant, the nearest first."""
        return tuple(one for one in self.asked if one.outcome == MISSED)


class ExplainingScript(Script):
    """A script that keeps an explanation of everything that it decides. It costs what a script must not cost."""

    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.explanations: list[Explanation] = []

    def decide(self, happening: Happening) -> Fate | None:
        """What the rules say, and why."""
        about = [rule for rule in self if happening.key in rule.keys]
        others, said = len(tuple(self)) - len(about), self._said_by_text(happening)
        if said is not None and happening.key in said.keys:
            # what the text itself says goes first
            about.insert(0, said)
        # asked beforehand: what is decided is counted
        before = [(rule, rule.fired, self._kept_from(rule, happening)) for rule in about]
        fate = super().decide(happening)
        self.explanations.append(Explanation(happening, _ordered(before), others))
        return fate

    def _kept_from(self, rule: CompiledRule, happening: Happening) -> list[Difference]:
        found = rule.differences(happening)
        deed = rule.deed
        if deed is not None and deed.times is not None and (spent := deed.spent.of(happening)) >= deed.times.most:
            found.append(Difference("times", str(deed.times), f"{spent} before"))
        return found


def _ordered(before: list[tuple[CompiledRule, int, list[Difference]]]) -> tuple[Asked, ...]:
    free: set[str] = set()
    fired, taken, missed = list[Asked](), list[Asked](), list[Asked]()
    is_over = False
    for rule, count, differences in before:
        said = () if rule.rule is None else tuple(sorted(rule.rule.then.slots))
        if rule.fired > count:
            fired.append(Asked(rule, FIRED, tuple(one for one in said if one not in free)))
            free.update(said)
            is_over = is_over or (rule.deed is not None and rule.deed.is_last)
        elif differences:
            missed.append(Asked(rule, MISSED, (), tuple(differences)))
        elif is_over:
            missed.append(Asked(rule, MISSED, (), (Difference("stop", "no rule before that says stop", "one did"),)))
        elif rule.rule is None:
            missed.append(Asked(rule, MISSED, (), (Difference("returned", "what a then may be", "nothing"),)))
        elif said and free.issuperset(said):
            taken.append(Asked(rule, TAKEN))
        else:
            share = str(rule.rule.probability)
            missed.append(Asked(rule, MISSED, (), (Difference("probability", share, "another draw"),)))
    # how many things keep it away tells how far it is
    missed.sort(key=lambda one: len(one.differences))
    return (*fired, *taken, *missed)


__all__ = ["FIRED", "MISSED", "TAKEN", "Asked", "ExplainingScript", "Explanation"]

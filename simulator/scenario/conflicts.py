"""What scenarios that are played together cannot all have: two rules that fill one slot whatever comes.

Only what is unconditional is a conflict: the same `when`, no probability, no times, no count. Where conditions differ
the order decides, as the file says: a later file goes before an earlier one. It knows shapes, and files by their names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.scenario.schema import Rule, Scenario


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules, each by its file and its place there, and the slots that both fill. The later one would win."""

    earlier: str
    earlier_place: str
    later: str
    later_place: str
    slots: tuple[str, ...]

    def __str__(self) -> str:
        filled = " and ".join(self.slots)
        return (
            f"{self.later}:{self.later_place} fills {filled}, and so does {self.earlier}:{self.earlier_place}, both "
            f"whatever else comes; take one of the files away, or say more in a `when:`"
        )


def conflicts(scenarios: Sequence[Scenario], names: Sequence[str]) -> Iterator[Conflict]:
    """Every conflict between two of the files; ``names`` are theirs, in the same order."""
    known: dict[tuple[str, str], tuple[int, str]] = {}
    for number, scenario in enumerate(scenarios):
        found: dict[tuple[int, str, str], list[str]] = {}
        own: dict[tuple[str, str], tuple[int, str]] = {}
        for index, rule in enumerate(scenario.rules):
            if not is_unconditional(rule):
                continue
            # equal ones are written alike, and fields and TLVs make no hash
            when, place = repr(rule.when), _place(rule, index, scenario)
            for slot in sorted(rule.then.slots):
                before = known.get((when, slot))
                if before is not None:
                    found.setdefault((*before, place), []).append(slot)
                # within a file the first one decides, and whoever wrote it has seen both
                own.setdefault((when, slot), (number, place))
        known |= own
        for (other, its_place, place), slots in found.items():
            yield Conflict(names[other], its_place, names[number], place, tuple(slots))


def is_unconditional(rule: Rule) -> bool:
    """Whether it fills its slots every time that its `when` holds."""
    return rule.probability is None and rule.times is None and rule.when.count is None


def _place(rule: Rule, index: int, scenario: Scenario) -> str:
    """Its place behind the name of its file: `7:5: rules[3] (name)`."""
    places = scenario.places.rules
    place = f"rules[{index}]" if rule.name is None else f"rules[{index}] ({rule.name})"
    return "{}:{}: ".format(*places[index]) + place if index < len(places) else f" {place}"


__all__ = ["Conflict", "conflicts", "is_unconditional"]

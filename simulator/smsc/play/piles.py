"""Piles: what a scenario keeps back until it is released, in the order that it says.

It knows names, things that can be let go and the order of them; what is kept is a deed to be done, and no more to it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final

from simulator.smsc.agenda import Agenda

if TYPE_CHECKING:
    from simulator.scenario.forms.forms import Hold

KEPT_MAX: Final = 200_000
"""Things that one pile keeps; with one more the oldest is let go."""
NESTED_MAX: Final = 8
"""Releases that what was let go may cause, one inside the other; the next one has its own turn."""

Kept = Callable[[float], None]
"""Called with link time when it is let go."""


class Piles:
    """The piles of one SMSC. ``seed`` decides how they are shuffled."""

    __slots__ = ("_agenda", "_era", "_kept", "_nested", "_numbers", "_owed", "_shuffles", "seed")

    def __init__(self, agenda: Agenda, seed: int) -> None:
        self._agenda = agenda
        self.seed = seed
        self._era = 0
        """Counts how often everything was forgotten."""
        self._nested = 0
        # not plain dictionaries: from these the oldest of many is taken as fast as any other
        self._kept: dict[str, OrderedDict[int, Kept]] = {}
        self._owed: set[int] = set()
        """What somebody waits for, whatever starts over."""
        self._shuffles = 0
        self._numbers = count(1)

    def held(self, pile: str) -> int:
        """How many things wait there."""
        return len(self._kept.get(pile, ()))

    @property
    def not_owed(self) -> int:
        """How many things wait in all piles but answers: receipts, subscribers' messages and what else is sent."""
        return sum(map(len, self._kept.values())) - len(self._owed)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter((name, len(kept)) for name, kept in self._kept.items())

    def hold(self, form: "Hold", deed: Kept, now: float, *, is_owed: bool = False) -> None:
        """Keep ``deed`` back as the form says; it may be let go at once, where it fills the pile.

        What is owed is not forgotten when everything starts over: it happens then.
        """
        kept = self._kept.setdefault(form.pile, OrderedDict())
        number = next(self._numbers)
        kept[number] = deed
        if is_owed:
            self._owed.add(number)
        if form.at_most is not None:
            self._agenda.put_link(now + form.at_most, self._overdue, (form.pile, number))
        if form.until is not None and len(kept) >= form.until:
            self.release(form.pile, now, form.order)
        elif len(kept) > KEPT_MAX:
            self.release(form.pile, now, most=1)

    def _overdue(self, subject: Any, now: float) -> None:
        pile, number = subject
        kept = self._kept.get(pile)
        if kept is not None and number in kept:
            (deed,) = self._taken(pile, kept, [number])
            deed(now)

    def _taken(self, pile: str, kept: OrderedDict[int, Kept], chosen: list[int]) -> list[Kept]:
        """Take these from their pile, of which nothing stays where nothing is in it."""
        deeds = [kept.pop(number) for number in chosen]
        self._owed.difference_update(chosen)
        if not kept:
            del self._kept[pile]
        return deeds

    def release(self, pile: str, now: float, order: Sequence[str] | None = None, most: int | None = None) -> int:
        """Let go what waits there, ``most`` of it; returns how much that was, so far.

        What is let go may fill the pile again: that waits for the next release.
        """
        kept = self._kept.get(pile)
        if kept is None:
            return 0
        if self._nested >= NESTED_MAX:
            # each thing that is let go may let go the next one, and a pile holds more of them than a stack
            self._agenda.put_link(now, self._release_later, (pile, order, most, self._era))
            return 0
        if not order or tuple(order) == ("first_in",):
            chosen = list(islice(kept, most))
        else:
            chosen = self._ordered(list(kept), order)[:most]
        deeds = self._taken(pile, kept, chosen)
        self._nested += 1
        try:
            for deed in deeds:
                deed(now)
        finally:
            self._nested -= 1
        return len(deeds)

    def _release_later(self, subject: Any, now: float) -> None:
        pile, order, most, era = subject
        if era == self._era:
            self.release(pile, now, order, most)

    def _ordered(self, numbers: list[int], order: Sequence[str]) -> list[int]:
        """The things in the order that is asked for; places that are not there are passed over, the rest follows."""
        match tuple(order):
            case ("last_in",):
                return numbers[::-1]
            case ("shuffle",):
                # by a hash, as all luck: the same seed shuffles the same piles alike, whatever else is drawn
                self._shuffles += 1
                places = list(range(len(numbers)))
                return [numbers[place] for place in sorted(places, key=partial(_lot, self.seed, self._shuffles))]
        places = [int(place) - 1 for place in order if place.isdigit()]
        first = dict.fromkeys(numbers[place] for place in places if place < len(numbers))
        return [*first, *(number for number in numbers if number not in first)]

    def clear(self, now: float) -> None:
        """Forget all of it: nothing that was kept ever happens, but what is owed, as soon as all has started over."""
        for kept in self._kept.values():
            for number, deed in kept.items():
                if number in self._owed:
                    self._agenda.put_link(now, _happen, deed)
        self._kept.clear()
        self._owed.clear()
        self._shuffles = 0
        self._era += 1


def _happen(deed: Kept, now: float) -> None:
    deed(now)


def _lot(seed: int, shuffle: int, place: int) -> bytes:
    return blake2b(f"{seed} {shuffle} {place}".encode(), digest_size=16).digest()


__all__ = ["KEPT_MAX", "Kept", "Piles"]

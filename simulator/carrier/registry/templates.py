"""Texts that companies have registered, with gaps in them, and which text is one of those.

It knows wordings and the company and senders of each. Who must name a template, and what follows where a text is not
like it, it does not know. That `{#var#}` is a gap is published; that one may be of any length is inferred [I].

A text is compared character by character, in time linear in its length, whatever stands in the gaps: a wording is as
many places as it has characters, a set of places is a number, and each character moves the whole set on at once.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from simulator.carrier.messages import Part

GAP: Final = "{#var#}"
"""What stands in a wording for what differs from text to text."""


class Likeness(Protocol):
    """What a text must be like."""

    def fits(self, text: str, part: Part | None) -> bool:
        """Whether a text is like it; of one in parts, whether this part can be of such a text."""


class Wording:
    """A text with gaps: `Your code is {#var#}.` A gap may be empty."""

    __slots__ = ("_gaps", "_places", "_size", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[str, int] = {}
        self._gaps = 0
        size = 0
        for number, piece in enumerate(text.split(GAP)):
            if number:
                self._gaps |= 1 << size
            for character in piece:
                self._places[character] = self._places.get(character, 0) | 1 << size
                size += 1
        self._size = size

    def fits(self, text: str, part: Part | None) -> bool:
        """Whether a text is such a one; of one in parts, whether this part can stand where it says that it does."""
        is_first, is_last = part is None or part.number <= 1, part is None or part.number >= part.total
        # a later part begins anywhere, one before the last may end anywhere
        reached = 1 if is_first else (2 << self._size) - 1
        places, gaps = self._places, self._gaps
        for character in text:
            reached = (reached & places.get(character, 0)) << 1 | reached & gaps
            if not reached:
                return False
        return not is_last or bool(reached >> self._size)


@dataclass(slots=True, frozen=True)
class Template:
    """A text that is registered under a number. ``entity`` is the number of its company, ``senders`` who may send it.

    Empty ones are not compared: any company, any sender of the company. Without ``likeness`` any text will do.
    """

    id: str
    entity: str = ""
    senders: frozenset[str] = frozenset()
    likeness: Likeness | None = None


__all__ = ["GAP", "Likeness", "Template", "Wording"]

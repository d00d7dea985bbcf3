"""Texts in parts as a carrier reads them: joined as far as they have come.

Knows the parts of the texts that are underway, in bounded memory. Does not know what is looked for in them. No carrier
publishes whether its filters read a text or its parts; that they join what they are going to deliver is inferred [I]:
otherwise any list of words is got around by a long text. A part that was let through is on its way: what is found
with a later one stops that one, and the phone, which shows no text with a hole in it, shows nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from simulator.carrier.messages import Part, TextKey, text_key
from simulator.carrier.network.letters import Letter

SPAN: Final = 1_800.0
"""Seconds of carrier time within which the parts of one text must come, as phones allow [I]."""
TEXTS_MAX: Final = 20_000
"""How many texts may be underway; of the oldest the parts are forgotten."""
CHARACTERS_MAX: Final = 4_000_000
"""How many characters are kept of all of them."""
JOINED_MAX: Final = 4_096
"""Characters of a text that are read at once, those around the part that has come: no more is joined for each part."""
_HOLE: Final = "\N{HORIZONTAL ELLIPSIS}"


class Joined(NamedTuple):
    """A text as far as it has come, and whether that is all of it."""

    text: str
    is_whole: bool = True


@dataclass(slots=True, eq=False)
class _Text:
    began_at: float
    size: int = 0
    is_stopped: bool = False
    parts: dict[int, tuple[int, str]] = field(default_factory=dict)
    """By part: which message it was, and its text."""


class Joining:
    """The texts that are underway."""

    __slots__ = ("_size", "_texts")

    def __init__(self) -> None:
        self._texts: OrderedDict[TextKey, _Text] = OrderedDict()
        self._size = 0

    def read(self, letter: Letter, now: float) -> Joined:
        """The text that a message is a part of, with that part; where it is no part, its own.

        Asked twice about one message it answers the same. A part that comes again takes the place of the one before,
        or begins the text anew: where it differs, and where the text had come whole and was not stopped. A message
        whose own text was replaced stays the same part.
        """
        part = letter.part
        if part is None or part.total <= 1:
            return Joined(letter.text)
        key = text_key(letter)
        known = self._texts.get(key)
        if known is not None and _is_over(known, letter, part, now):
            self._forget(key)
            known = None
        if known is None:
            known = self._texts[key] = _Text(now)
        grown = len(letter.text) - len(known.parts.get(part.number, (0, ""))[1])
        known.size += grown
        self._size += grown
        known.parts[part.number] = letter.number, letter.text
        while len(self._texts) > TEXTS_MAX or (self._size > CHARACTERS_MAX and len(self._texts) > 1):
            self._forget(next(iter(self._texts)))
        return Joined(_joined(known, part.number), len(known.parts) == part.total)

    def stop(self, letter: Letter) -> None:
        """Something was found in the text of a part: what comes of it again is read with all that has come."""
        known = None if letter.part is None else self._texts.get(text_key(letter))
        if known is not None:
            known.is_stopped = True

    def clear(self) -> None:
        """Nothing is underway."""
        self._texts.clear()
        self._size = 0

    def _forget(self, key: TextKey) -> None:
        self._size -= self._texts.pop(key).size


def _is_over(known: _Text, letter: Letter, part: Part, now: float) -> bool:
    """Whether a message belongs to another text of the same reference."""
    number, text = known.parts.get(part.number, (letter.number, letter.text))
    is_again = number != letter.number and len(known.parts) == part.total and not known.is_stopped
    is_other = number != letter.number and text != letter.text
    return is_again or is_other or now - known.began_at > SPAN


def _joined(known: _Text, newest: int) -> str:
    """What has come, in order, around the newest part; what is missing in between parts words as it does for people."""
    pieces: list[str] = []
    before, place = 0, 0
    for number in sorted(known.parts):
        if number != before + 1:
            pieces.append(_HOLE)
        if number == newest:
            place = sum(map(len, pieces))
        pieces.append(known.parts[number][1])
        before = number
    text = "".join(pieces)
    if len(text) <= JOINED_MAX:
        return text
    own = len(known.parts[newest][1])
    begin = max(0, min(place + own // 2 - JOINED_MAX // 2, len(text) - JOINED_MAX))
    return text[begin : begin + JOINED_MAX]


__all__ = ["JOINED_MAX", "SPAN", "Joined", "Joining"]

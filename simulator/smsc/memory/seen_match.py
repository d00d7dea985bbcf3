"""What rows are asked for: the words of `when:`, with the states that only rows show.

A rule is asked while there is a message; one that was refused, or never answered, is there for whoever looks back.
"""

from typing import Annotated, Final

from simulator.carrier.messages import REFUSED
from simulator.scenario.match import Match
from simulator.scenario.shape import SEVERAL, Word
from simulator.scenario.words.wire_words import STATE_WORDS, STATES, UnknownName, nearest, parse_state
from simulator.scenario.words.words import quoted
from simulator.smsc.memory.silences import UNANSWERED

_OF_ROWS: Final = (REFUSED, UNANSWERED)
_WORDS: Final = (*STATE_WORDS, *_OF_ROWS)
_ALLOWED: Final = f"a state: {', '.join(_WORDS)}"


def parse_seen_state(text: str) -> str:
    """The word of a state that a row can show, from that or its long name, in any case. Raises WordError."""
    upper = text.strip().upper()
    if upper in _OF_ROWS:
        return upper
    try:
        return parse_state(text)
    except UnknownName:
        raise UnknownName(f"{quoted(text)} is no state", _ALLOWED, nearest(text, (*STATES, *_OF_ROWS))) from None


SeenStateWord = Annotated[str, Word(parse_seen_state, (), _ALLOWED, _WORDS)]


class SeenMatch(Match):
    """The same, asked of rows."""

    state: Annotated[tuple[SeenStateWord, ...], SEVERAL] | None = None
    """State of the message, as rows show it."""


__all__ = ["SeenMatch", "parse_seen_state"]

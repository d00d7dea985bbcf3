"""Which events of a journal somebody means: the filters of GET /api/messages, asked of lines.

It keeps of messages whose text matched a bounded number, and of the others nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from simulator.control.asked import known_state
from simulator.control.lines import GAP
from simulator.control.moments import moment_from
from simulator.control.search import Filters
from simulator.journal import KINDS, MO_CREATED, REPLACED, RESET, SUBMITTED
from simulator.recounting.reading import Event

KNOWN_KINDS: Final = (*KINDS, GAP)
CHOSEN_MAX: Final = 300_000
"""Messages of the text that is asked for which are remembered at once."""

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Question:
    """Which events: those of the filters that GET /api/messages has, and what only events have.

    A filter asks what the line tells, ``state`` for one the state that the message then had. ``text`` alone is
    remembered: a message whose text (in one part of it) matches is matched in all its later events.
    """

    filters: Filters = field(default_factory=Filters)
    kinds: frozenset[str] = frozenset()
    session: int | None = None
    until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it asks for nothing in particular."""
        return self == Question()


class Search:
    """Answers a Question line by line."""

    def __init__(self, question: Question, *, chosen_max: int = CHOSEN_MAX) -> None:
        self._question = question
        self._chosen_max = chosen_max
        self._chosen: dict[int, None] = {}
        self.forgotten = 0
        """Messages of a text that was asked for, whose later events no longer match: there were too many."""

    def match(self, event: Event) -> bool:
        """Whether the event is one of those; every event must be shown, in order. A header is none."""
        if "journal" in event or event["kind"] == RESET:
            # message numbers start anew
            self._chosen.clear()
        if "journal" in event:
            return False
        question, filters = self._question, self._question.filters
        has_text = filters.text is None or self._has_text(event, filters.text)
        return (
            has_text
            and (not question.kinds or event["kind"] in question.kinds)
            and question.session in {None, event.get("session")}
            and (question.until is None or event["at"] <= question.until)
            and (filters.since is None or event["at"] >= filters.since)
            and filters.account in {None, event.get("account")}
            and filters.state in {None, event.get("state")}
            and filters.message_id in {None, event.get("message_id")}
            and filters.direction in {"any", event.get("direction")}
            and filters.source in {None, _bare(event.get("from"))}
            and filters.destination in {None, _bare(event.get("to"))}
        )

    def _has_text(self, event: Event, text: str) -> bool:
        number = event.get("message")
        if number is None:
            return False
        if event["kind"] in {SUBMITTED, REPLACED, MO_CREATED}:
            self._chosen.pop(number, None)
            if text in event.get("text", "").casefold():
                self._chosen[number] = None
                if len(self._chosen) > self._chosen_max:
                    del self._chosen[next(iter(self._chosen))]
                    self.forgotten += 1
        return number in self._chosen


def question_from(words: Mapping[str, str | None], *, kinds: Sequence[str], session: int | None) -> Question:
    """The question that the command line's words ask, by the names that GET /api/messages gives its filters.

    Raises ValueError with the option, what it was and what is allowed.
    """
    for kind in kinds:
        if kind not in KNOWN_KINDS:
            raise ValueError(f"--kind: {kind!r}, must be one of {', '.join(KNOWN_KINDS)}")
    if session is not None and session < 0:
        raise ValueError(f"--session: {session}, must be 0 (of none) or more")
    direction = words.get("direction") or "any"
    if direction not in {"mt", "mo", "any"}:
        raise ValueError(f"--direction: {direction!r}, must be mt, mo or any")
    text = words.get("text")
    filters = Filters(
        destination=_bare(words.get("to")),
        source=_bare(words.get("from")),
        account=words.get("account"),
        state=_read("state", known_state, words),
        text=None if text is None else text.casefold(),
        message_id=words.get("message_id"),
        since=_read("since", moment_from, words),
        direction=direction,
    )
    return Question(filters, frozenset(kinds), session, _read("until", moment_from, words))


def _read(option: str, read: Callable[[str], T], words: Mapping[str, str | None]) -> T | None:
    word = words.get(option)
    try:
        return None if word is None else read(word)
    except ValueError as error:
        raise ValueError(f"--{option}: {word!r}, must be {error}") from error


def _bare(number: str | None) -> str | None:
    return None if number is None else number.strip().removeprefix("+")

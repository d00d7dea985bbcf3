"""Phones in a scenario: how those of a network are, how single ones are, and what people answer.

It decides nothing; each shape makes the model's object of what it says.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Annotated, Any, ClassVar, Final

from pydantic import model_validator
from pydantic.json_schema import JsonSchemaValue

from simulator.carrier.phones.answers import SOON, TEXTS, Answer
from simulator.carrier.phones.subscribers import ON, STATES, Condition, Habits
from simulator.scenario.networks.idle import idle_of_phones
from simulator.scenario.shape import (
    LISTED,
    SEVERAL,
    Found,
    Names,
    Shape,
    choice,
    exactly_one,
    given_list,
    mapping,
    refuse,
    text_of,
)
from simulator.scenario.words.carrier_words import NetworkWord
from simulator.scenario.words.kinds import DelayWord, ShareWord, SpanWord, TextWord
from simulator.scenario.words.words import Share, WordError

LETTERS_MAX: Final = 255 * 67
"""Characters of an answer: so many segments can be counted, of so many characters in the dearest alphabet."""


class Answering(Shape):
    """People who answer a message."""

    share: ShareWord = Share(1.0)
    """How many of them; all if nothing is said."""
    kind: Annotated[str, choice("kind of answer", *TEXTS)] | None = None
    """What kind of thing they say, in one of several ways: stop, yes, story."""
    text: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Or what they say to the letter: one of these texts."""
    after: DelayWord | None = None
    """How long they take; some seconds to some minutes if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Nothing to say, or two things; more than a phone can say at once."""
        yield from exactly_one(given, ("kind", "text"), "an answer")
        for index, one in enumerate(given_list(given.get("text"))):
            text = text_of(one) or ""
            if len(text) > LETTERS_MAX:
                yield Found(("text", index), f"{len(text)} characters", f"at most {LETTERS_MAX}, which is 255 segments")

    @property
    def made(self) -> Answer:
        """The model's."""
        texts = TEXTS[self.kind] if self.kind is not None else self.text or ()
        return Answer(float(self.share), texts, self.after or SOON)


Answers = Annotated[tuple[Answering, ...], LISTED]


def _wrong_answers(given: Mapping[str, Any]) -> Iterator[Found]:
    """More answers than messages."""
    total = 0.0
    for one in given_list(given.get("answers")):
        try:
            total += Share.parse(text_of(mapping(one).get("share")) or "1")
        except WordError:
            return
    if total > 1 + 1e-9:
        yield Found(("answers",), f"shares of {Share(round(total, 9))} together", "at most 100%")


class HabitsForm(Shape):
    """How a network's phones are where nobody says it of one: which share of them is what."""

    absent: ShareWord | None = None
    """Off or out of reach at any moment."""
    roaming: ShareWord | None = None
    """Abroad at any moment."""
    memory_full: ShareWord | None = None
    """Without room for another message at any moment."""
    busy: ShareWord | None = None
    """How many attempts find a phone busy."""
    roaming_lost: ShareWord | None = None
    """How many attempts find no way to a phone abroad; all if nothing is said."""
    barred: ShareWord | None = None
    """Receives none, for good."""
    no_funds: ShareWord | None = None
    """Prepaid, and nothing left, for good."""
    deactivated: ShareWord | None = None
    """No longer anybody's, for good."""
    landline: ShareWord | None = None
    """A number without SMS, for good."""
    absent_for: SpanWord | None = None
    """For how long a phone is off; 2h if nothing is said."""
    roaming_for: SpanWord | None = None
    """For how long a phone is abroad; 3 days if nothing is said."""
    memory_full_for: SpanWord | None = None
    """For how long a phone is full; 1 day if nothing is said."""
    retries: Annotated[tuple[SpanWord, ...], SEVERAL] | None = None
    """When it is tried again, counted from the first attempt; [1m, 5m, 30m, 2h, 8h, 24h] if nothing is said."""
    validity: SpanWord | None = None
    """How long it is tried for a message without a validity of its own; 48h if nothing is said."""
    answers: Answers | None = None
    """Who answers what."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """More answers than messages, spells that nobody has."""
        yield from _wrong_answers(given)
        yield from idle_of_phones(given)

    @model_validator(mode="after")
    def _possible(self) -> "HabitsForm":
        """What the model refuses is told as the model tells it."""
        try:
            _ = self.made
        except ValueError as error:
            refuse(Found((), str(error).partition(": ")[2], "what phones can be"))
        return self

    @property
    def made(self) -> Habits:
        """The model's. Raises ValueError for what cannot be."""
        plain: dict[str, Any] = {key: getattr(self, key) for key in self.said}
        for key, value in plain.items():
            if key == "answers":
                plain[key] = tuple(one.made for one in value)
            else:
                plain[key] = tuple(map(float, value)) if key == "retries" else float(value)
        return Habits(**plain)


class Phone(Shape):
    """How one phone is. A word alone is its state."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(STATES)},)
    allowed: ClassVar[str] = f"{', '.join(STATES)}, or a mapping of state, lasts, ported_to, routed, answers"

    state: Annotated[str, choice("state of a phone", *STATES)] | None = None
    """What it is; on if nothing is said."""
    lasts: SpanWord | None = None
    """For how long, then it is on; for good if nothing is said."""
    ported_to: NetworkWord | None = None
    """The network it has moved to, unknown to the number plan: whoever else tries it fails."""
    routed: bool | None = None
    """Whether the number plan knows that it has moved, so that messages go there; else they fail."""
    answers: Answers | None = None
    """What its owner answers to messages."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state."""
        return {"state": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """An end of what has no end, a way to nowhere, and more answers than messages."""
        if "routed" in given and "ported_to" not in given:
            yield Found(("routed",), "routed where nothing has moved", "beside ported_to", is_key=True)
        if "lasts" in given and given.get("state") in (None, ON):
            yield Found(("lasts",), "lasts of a phone that is on", "with another state", is_key=True)
        yield from _wrong_answers(given)

    def condition(self, start: float) -> Condition:
        """The model's; ``start`` is the carrier time from which ``lasts`` counts."""
        until = inf if self.lasts is None else start + float(self.lasts)
        return Condition(self.state or ON, until, self.ported_to or "")

    @property
    def taught(self) -> tuple[Answer, ...] | None:
        """What its owner answers; None where nothing is said of it."""
        return None if self.answers is None else tuple(one.made for one in self.answers)

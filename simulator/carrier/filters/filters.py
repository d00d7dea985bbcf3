"""Filters in order: which one catches a message, where that shows, and why in words.

Knows how filters are lined up, what a hit means, and senders that a hit has blocked. Does not know what any filter
looks for (screens.py), nor how an answer or a receipt is written. That carriers filter is published, and so are the
places where it shows; no carrier publishes its lists or thresholds, so all of those are inferred [I].

Every decision follows from the messages before it, the time and the message's luck. All filters see every message,
whichever catches it, so that one filter more never changes what another one knows.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from math import inf
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from simulator.carrier.causes import RECEIPT, SUBMIT, listed
from simulator.carrier.delays import span_text
from simulator.carrier.dice import Luck
from simulator.carrier.filters.fingerprints import MASKED, Reading, Recent, masked
from simulator.carrier.messages import DELIVERED, REJECTED, UNDELIVERABLE

LOST: Final = "lost"
"""It is accepted, nothing reaches the phone, and nobody is told."""
PASSED: Final = "passed"
"""It is let through, and the filters behind are not asked: for senders and texts that are trusted."""
WHERES: Final = (SUBMIT, UNDELIVERABLE, REJECTED, LOST, DELIVERED, PASSED)
"""Where a filter can show: in the answer to the submission, in a receipt that comes later, not at all; `DELIVRD` is a
receipt that says so of a message that nothing reached the phone of."""

_SHOWN_IN: Final = MappingProxyType({SUBMIT: SUBMIT, UNDELIVERABLE: RECEIPT, REJECTED: RECEIPT})
_PLACES: Final = MappingProxyType({SUBMIT: "in the answer to a submission", RECEIPT: "in a receipt"})
_BLOCKED: Final = "sender_blocked"
BLOCKED_MAX: Final = 100_000
"""How many senders that a hit has blocked are remembered."""
_READINGS_MAX: Final = 256
_SHAPES_MAX: Final = 512
_SHAPE_LENGTH_MAX: Final = 400
"""Characters of a text whose shape is kept: longer ones are rare, and cost more to keep than to read again."""


class Facts(NamedTuple):
    """What filters are told of a message.

    ``source`` and ``destination`` are numbers in full without `+`, or a sender's name; ``kind`` is the kind of the
    source as numbers.py tells it. ``pool`` names the senders that count as one, such as a campaign whose numbers are
    registered as a pool; empty where the source stands for itself. Of a text in parts ``text`` is what has come of it,
    and not ``is_whole`` before the last of them.
    """

    source: str
    destination: str
    text: str
    kind: str = ""
    is_age_gated: bool = False
    is_landline: bool = False
    pool: str = ""
    is_whole: bool = True


class Screen(Protocol):
    """What a filter looks for. ``cause`` and ``where`` are those of a filter that is not told others."""

    @property
    def cause(self) -> str:
        """The key of the cause that such a hit usually has."""

    @property
    def where(self) -> str:
        """Where it usually shows."""

    @property
    def remembers(self) -> bool:
        """Whether it depends on earlier messages, and is therefore told of each."""

    @property
    def counts_refused(self) -> bool:
        """Whether it is told of messages, too, that were refused in the answer to their submission."""

    @property
    def reads_digits(self) -> bool:
        """Whether it minds the digits in what it is given as read."""

    def spares(self, reading: Reading) -> bool:
        """Whether it finds nothing in any text that is `masked` to this one, whoever sends it to whomever and when."""

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """What it finds in a message that comes at this moment (carrier time), in words; empty for nothing.

        Where it does not say that it ``reads_digits``, the text that was read may have other digits.
        """

    def note(self, facts: Facts, reading: Reading, at: float) -> None:
        """That message came."""

    def reset(self) -> None:
        """Forget all messages."""


class Hit(NamedTuple):
    """A filter caught a message: its name, the key of the cause, where that shows, and what was found."""

    filter: str
    cause: str
    where: str
    why: str


class View(NamedTuple):
    """What a filter thinks of a message: ``why`` is empty where it finds nothing, else it catches that share."""

    filter: str
    cause: str
    where: str
    probability: float
    why: str


class Filter:
    """A screen with a name, and what follows from a hit. What is not told is as usual for the screen.

    Of the messages in which it finds something it catches the share ``probability``. Where ``blocks_for`` is above 0,
    each hit blocks the sender for so many seconds, `inf` for good. Raises ValueError for a cause that is none, or
    that cannot show where it should, and for numbers that are none.
    """

    __slots__ = ("blocks_for", "cause", "draw", "name", "probability", "screen", "where")

    def __init__(
        self,
        name: str,
        screen: Screen,
        *,
        cause: str | None = None,
        where: str | None = None,
        probability: float = 1.0,
        blocks_for: float = 0.0,
    ) -> None:
        self.name = name
        self.screen = screen
        self.cause = screen.cause if cause is None else cause
        self.where = screen.where if where is None else where
        self.probability = probability
        self.blocks_for = blocks_for
        self.draw = f"filter {name}"
        """The name of its draw, which no other filter has."""
        self._check()

    def _check(self) -> None:
        place = f"filter {self.name}"
        if self.where not in WHERES:
            close = get_close_matches(self.where.lower(), [one.lower() for one in WHERES], n=1)
            hint = f"; did you mean {next(one for one in WHERES if one.lower() == close[0])!r}?" if close else ""
            raise ValueError(f"{place}: where: {self.where!r}, one of {', '.join(WHERES)}{hint}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"{place}: probability: {self.probability:g}, a share from 0 to 1")
        if not self.blocks_for >= 0:
            raise ValueError(f"{place}: blocks_for: {self.blocks_for:g} s, 0 or more")
        try:
            shows = listed(self.cause).shows
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from error
        wanted = _SHOWN_IN.get(self.where)
        if self.where != PASSED and not shows & {SUBMIT, RECEIPT}:
            raise ValueError(f"{place}: cause: {self.cause!r} is none that a carrier can have")
        if wanted is not None and wanted not in shows:
            raise ValueError(f"{place}: cause: {self.cause!r} cannot show {_PLACES[wanted]}, where: {self.where}")


class _Block(NamedTuple):
    """Until when a sender is blocked, where that shows, and by which filter."""

    until: float
    where: str
    filter: str


class _Shape(NamedTuple):
    """What is known of all texts that are masked to one: that one, read; who can find anything in them; and whether
    their digits matter for that.
    """

    reading: Reading
    asked: tuple[tuple[Filter, Callable[[Facts, Reading, float], str]], ...]
    has_digits_read: bool


@lru_cache(maxsize=_SHAPES_MAX)
def _read(text: str) -> Reading:
    # one campaign's texts go through several networks
    return Reading(text)


class Filters:
    """The filters of one network, asked in order: the first that catches a message decides.

    Raises ValueError where two have one name, since a name is what a hit is known by, and what its luck hangs on.
    """

    __slots__ = (
        "_asked",
        "_blocked",
        "_filters",
        "_has_blocked",
        "_noting",
        "_readings",
        "_shapes",
        "is_any",
        "is_fixed",
    )

    def __init__(self, filters: Iterable[Filter] = ()) -> None:
        self._filters = tuple(filters)
        names = [one.name for one in self._filters]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"filters: {twice!r} is the name of two")
        self._asked = tuple((one, one.screen.sees) for one in self._filters)
        self._noting = tuple(
            (one.screen.note, one.screen.counts_refused) for one in self._filters if one.screen.remembers
        )
        self.is_any = bool(self._filters)
        self._shapes: dict[str | bytes, _Shape] = {}
        self._has_blocked = False
        self._readings: dict[str, Reading] = {}
        self._blocked: Recent[str, _Block] = Recent(BLOCKED_MAX)
        self.is_fixed = all(one.probability in {0.0, 1.0} for one in self._filters)
        """No draw is needed."""

    def __len__(self) -> int:
        return len(self._filters)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all filters, in the order in which they are asked."""
        return tuple(one.name for one in self._filters)

    def judge(self, facts: Facts, at: float, luck: Luck) -> Hit | None:
        """Who catches a message that comes at carrier time ``at``; None where nobody does. The message counts."""
        if not self._filters:
            return None
        text = facts.text
        # octets are translated many times faster than characters
        key = text.encode().translate(MASKED) if text.isascii() else masked(text)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shape_of(key)
        reading, asked, has_digits_read = shape
        if has_digits_read:
            reading = self._reading(text)
        hit = self._block_of(facts, at) if self._has_blocked else None
        if hit is None:
            # most texts leave little to ask for
            for one, sees in asked:
                why = sees(facts, reading, at)
                # a filter that always catches pays for no draw
                if why and (one.probability >= 1 or luck.of(one.draw) < one.probability):
                    hit = self._caught(one, why, facts, at)
                    break
        is_refused = hit is not None and hit.where == SUBMIT
        for note, counts_refused in self._noting:
            if not is_refused or counts_refused:
                note(facts, reading, at)
        return hit

    def explain(self, facts: Facts, at: float) -> tuple[View, ...]:
        """What each filter would say to that message, in order; nothing counts, and luck is not asked."""
        reading = self._reading(facts.text)
        block = self._block_of(facts, at)
        blocked = () if block is None else (View(block.filter, block.cause, block.where, 1.0, block.why),)
        return blocked + tuple(
            View(one.name, one.cause, one.where, one.probability, one.screen.sees(facts, reading, at))
            for one in self._filters
        )

    def unblock(self, source: str) -> None:
        """That sender is not blocked any longer by hits that it had."""
        self._blocked.forget(source)

    def reset(self) -> None:
        """No message has come yet, and no sender is blocked by one."""
        self._blocked.clear()
        self._has_blocked = False
        for one in self._filters:
            one.screen.reset()

    def _reading(self, text: str) -> Reading:
        # campaigns send one text many times
        readings = self._readings
        reading = readings.get(text)
        if reading is None:
            if len(readings) >= _READINGS_MAX:
                readings.clear()
            reading = readings[text] = Reading(text)
        return reading

    def _shape_of(self, key: str | bytes) -> _Shape:
        text = key if isinstance(key, str) else key.decode()
        reading = _read(text) if len(key) <= _SHAPE_LENGTH_MAX else Reading(text)
        asked = tuple(pair for pair in self._asked if not pair[0].screen.spares(reading))
        shape = _Shape(reading, asked, any(one.screen.reads_digits for one, _ in asked))
        reading.slim()
        if len(key) <= _SHAPE_LENGTH_MAX:
            if len(self._shapes) >= _SHAPES_MAX:
                self._shapes.clear()
            self._shapes[key] = shape
        return shape

    def _caught(self, one: Filter, why: str, facts: Facts, at: float) -> Hit | None:
        """That filter has found this; None where it trusts what it finds."""
        if one.where == PASSED:
            return None
        if one.blocks_for:
            self._has_blocked = True
            self._blocked.put(facts.source, _Block(at + one.blocks_for, one.where, one.name))
        return Hit(one.name, one.cause, one.where, why)

    def _block_of(self, facts: Facts, at: float) -> Hit | None:
        block = self._blocked.get(facts.source)
        if block is None or at >= block.until:
            return None
        span = "for good" if block.until == inf else f"for {span_text(block.until - at)} more"
        return Hit(block.filter, _BLOCKED, block.where, f"sender {facts.source!r} is blocked {span} after a hit")

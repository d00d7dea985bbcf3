"""What a network does not let pass: its limits, and its filters in their order, each with where its no shows.

Tables of classes and tiers stand in the file and not here, so that a file is the whole truth about its network.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from simulator.scenario.carrier_words import (
    CauseWord,
    ClassWord,
    FactorWord,
    KindWord,
    PlaceWord,
    SenderWord,
    TierWord,
    ZoneWord,
)
from simulator.scenario.kinds import DelayWord, PatternWord, RateWord, ShareWord, SpanWord, TextWord
from simulator.scenario.shape import SEVERAL, Found, Names, Shape, choice, exactly_one, mapping, text_of
from simulator.scenario.words import Rate, WordError

OVER: Final = ("throttle", "queue", "reject")
"""What is done with too much: refused for now, kept until there is room, refused."""
STANDINGS: Final = ("registered", "unregistered", "pending")
RATE_TEXT: Final[JsonSchemaValue] = {"type": "string", "examples": ["4500/min"]}
DAY: Final = 86_400.0


class Allowance(Shape):
    """How much one message class may send. A rate alone is that of SMS."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (RATE_TEXT,)
    allowed: ClassVar[str] = "a rate as in 4500/min, or a mapping of sms, mms, per"

    sms: RateWord | None = None
    """SMS, by what the limit counts."""
    mms: RateWord | None = None
    """MMS, which are counted apart; not limited if nothing is said."""
    per: Annotated[str, choice("thing that is counted apart", "campaign", "number")] | None = None
    """What is counted apart; the campaign if nothing is said."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A rate."""
        return {"sms": value} if isinstance(value, str) else value


class OverLimit(Shape):
    """What is done with more. A word alone is the mode."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(OVER)},)
    allowed: ClassVar[str] = f"{', '.join(OVER)}, or a mapping of mode, cause, shows, after, span, messages"

    mode: Annotated[str, choice("way with too much", *OVER)]
    """throttle: refused for now; queue: kept until there is room; reject: refused."""
    cause: CauseWord | None = None
    """Why; other_volume, or throttled, if nothing is said."""
    shows: PlaceWord | None = None
    """Where the no shows; in the response if nothing is said."""
    after: DelayWord | None = None
    """How late it shows in a receipt."""
    span: SpanWord | None = None
    """How long a message waits in the queue at most: 4h."""
    messages: int | None = Field(default=None, ge=1)
    """How many may wait."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A mode."""
        return {"mode": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """The size of a queue that there is none of."""
        mode = given.get("mode")
        for key in ("span", "messages") if isinstance(mode, str) and mode != "queue" else ():
            if key in given:
                yield Found((key,), f"{key} of {mode}", "only with mode: queue", is_key=True)
        if mode == "throttle" and given.get("shows", "submit") != "submit":
            yield Found(("shows",), f"{given['shows']!r} of throttle", "submit: who is throttled is told at once")


class NetworkLimit(Shape):
    """So much in time, and what is done with more."""

    name: TextWord | None = None
    """How explanations call it."""
    per: Annotated[str, choice("thing that is counted apart", "account", "number", "campaign", "brand")] | None = None
    """What is counted apart: the account, the sender's number, its campaign, its brand."""
    rate: RateWord | None = None
    """One figure for all: 3/s, 1000/day."""
    classes: dict[ClassWord, Allowance] | None = None
    """A figure for each message class of campaigns: {A: {sms: 4500/min, mms: 2400/min}}."""
    tiers: dict[TierWord, RateWord] | None = None
    """A figure for each tier of brands: {top: 200000/day}; a brand of no tier named here is not limited."""
    counts: Annotated[str, choice("thing that is counted", "segments", "messages", "recipients")] | None = None
    """Segments, joined texts, or how many different numbers are written to; segments if nothing is said."""
    mms: Annotated[str, choice("way with MMS", "apart", "together", "not")] | None = None
    """Whether MMS are counted apart, together with the rest, or not at all."""
    of: Annotated[tuple[KindWord, ...], SEVERAL] | None = None
    """Only for these kinds of sender."""
    standing: Annotated[tuple[Annotated[str, choice("standing", *STANDINGS)], ...], SEVERAL] | None = None
    """Only for senders that are registered, unregistered or pending."""
    zone: ZoneWord | None = None
    """A day is that of these clocks and begins at midnight; without a zone it is the last 24 hours."""
    burst: int | None = Field(default=None, ge=1)
    """How many may come at once."""
    over: OverLimit | None = None
    """What is done with more; throttled if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """No figure or several, tables that are counted by something else, days that are none."""
        yield from exactly_one(given, ("rate", "classes", "tiers"), "a limit")
        for table, per in (("classes", "campaign"), ("tiers", "brand")):
            if table in given and given.get("per", per) != per:
                yield Found(("per",), f"{table} per {given['per']}", per)
        for path, rate in _rates(given) if "zone" in given else ():
            if rate.seconds != DAY:
                yield Found(path, f"{str(rate)!r} in a zone", "a rate per day as in 2000/day, or no zone")


def _rates(given: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Rate]]:
    """The rates of a limit that can be read, each with where it stands."""
    written: list[tuple[tuple[str, ...], Any]] = [(("rate",), given.get("rate"))]
    written += [(("tiers", str(name)), one) for name, one in mapping(given.get("tiers")).items()]
    for path, one in written:
        try:
            yield path, one if isinstance(one, Rate) else Rate.parse(text_of(one) or "")
        except WordError:
            continue


_OF_ANY: Final = frozenset({"filter", "name", "of", "cause", "shows", "after", "probability"})
FILTERS: Final[Mapping[str, frozenset[str]]] = {
    "content": frozenset({"category", "words", "patterns", "age_gate"}),
    "shorteners": frozenset({"hosts"}),
    "phishing": frozenset({"patterns"}),
    "opt_out_text": frozenset({"words", "within"}),
    "snowshoeing": frozenset({"senders", "within"}),
    "spike": frozenset({"times", "within", "messages"}),
    "duplicate": frozenset({"within", "messages"}),
    "sender": frozenset({"numbers"}),
    "landline": frozenset(),
    "random": frozenset(),
}
"""The kinds of filter, and what may be said of each beside what may be said of any."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {"random": ("probability",), "sender": ("numbers",)}
CATEGORIES: Final = (
    *("sex", "hate", "alcohol", "firearms", "tobacco", "cannabis", "gambling", "lending", "debt_relief"),
    *("lead_generation", "sweepstakes", "illegal"),
)


class FilterForm(Shape):
    """One filter. A word alone is its kind; what is not said of it is the model's own."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(FILTERS)},)
    allowed: ClassVar[str] = f"a kind of filter ({', '.join(FILTERS)}), or a mapping"

    filter: Annotated[str, choice("kind of filter", *FILTERS)]
    """What it looks for; `random` takes a share without a reason."""
    name: TextWord | None = None
    """How explanations call it."""
    of: Annotated[tuple[KindWord, ...], SEVERAL] | None = None
    """Only for these kinds of sender."""
    cause: CauseWord | None = None
    """Why; each kind has one of its own: carrier_spam, shortened_url, sender_blocked, landline_or_no_sms."""
    shows: PlaceWord | None = None
    """Where its no shows: submit, UNDELIV, REJECTD, lost (and no receipt), DELIVRD (and lost)."""
    after: DelayWord | None = None
    """How late it shows in a receipt."""
    probability: ShareWord | None = None
    """In how many of the cases, by the message's own luck."""
    category: Annotated[tuple[Annotated[str, choice("category", *CATEGORIES)], ...], SEVERAL] | None = None
    """Which content; all if nothing is said."""
    age_gate: bool | None = None
    """Whether content for adults passes from campaigns that ask for the age."""
    words: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Words that it looks for, beside or instead of the model's own."""
    patterns: Annotated[tuple[PatternWord, ...], SEVERAL] | None = None
    """Expressions of RE2 that it looks for."""
    hosts: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Hosts of shortened addresses: [bit.ly]."""
    numbers: Annotated[tuple[SenderWord, ...], SEVERAL] | None = None
    """Senders that are blocked."""
    senders: int | None = Field(default=None, ge=2)
    """How many senders with the same text are too many."""
    within: SpanWord | None = None
    """In how much time."""
    times: FactorWord | None = None
    """How many times as much as before is too much."""
    messages: int | None = Field(default=None, ge=1)
    """How many messages there must be at least."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A kind."""
        return {"filter": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What a filter of another kind has, and what this kind cannot do without."""
        kind = str(given.get("filter"))
        if kind not in FILTERS:
            return
        allowed = sorted(_OF_ANY | FILTERS[kind])
        for key in given:
            if key not in allowed:
                yield Found((key,), f"{key} of {kind}", ", ".join(allowed), is_key=True)
        for key in _NEEDED.get(kind, ()):
            if key not in given:
                yield Found((), f"{kind} without {key}", f"a mapping with {key}")

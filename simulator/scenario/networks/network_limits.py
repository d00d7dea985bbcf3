"""What a network does not let pass: its limits, and its filters in their order, each with where its no shows.

Tables of classes and tiers stand in the file and not here, so that a file is the whole truth about its network.
"""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, model_validator
from pydantic.json_schema import JsonSchemaValue

from simulator.carrier.causes import SUBMIT
from simulator.carrier.filters.filters import Filter
from simulator.carrier.filters.markers import CONTENT
from simulator.carrier.filters.screens import SCREENS
from simulator.carrier.limits import quotas
from simulator.carrier.limits.meters import DAY, MINUTE, MONTH, SECOND, WEEK
from simulator.carrier.registry.registrations import (
    CAMPAIGN_STATES,
    NOT_ASKED,
    SHORT_CODE_STATES,
    TOLL_FREE_STATES,
    UNASSIGNED,
)
from simulator.scenario.networks.idle import idle_of_filter, idle_of_limit
from simulator.scenario.shape import SEVERAL, Found, Names, Shape, Word, choice, exactly_one, mapping, refuse, text_of
from simulator.scenario.words.carrier_words import (
    SENDERS,
    CauseWord,
    ClassWord,
    FactorWord,
    FilterPlaceWord,
    KindWord,
    SenderWord,
    TierWord,
)
from simulator.scenario.words.kinds import AccountWord, DelayWord, PatternWord, ShareWord, SpanWord, TextWord, TimerWord
from simulator.scenario.words.patterns import compile_pattern
from simulator.scenario.words.wire_words import one_of
from simulator.scenario.words.words import Rate, WordError

STANDINGS: Final = tuple(
    dict.fromkeys((*quotas.TRAITS, *TOLL_FREE_STATES, *SHORT_CODE_STATES, *CAMPAIGN_STATES, UNASSIGNED, NOT_ASKED))
)
"""What may stand behind a kind of number: where a message goes, where its sender lives, how it is registered."""


def _trait(text: str) -> str:
    kind, colon, trait = text.partition(":")
    one_of(kind, SENDERS, "kind of number", ", ".join(SENDERS))
    if colon:
        one_of(trait, STANDINGS, "standing or trait", ", ".join(STANDINGS))
    return text


TraitWord = Annotated[str, Word(_trait, (), "a kind of number, perhaps with its standing as in toll_free:pending")]
CategoryWord = Annotated[str, choice("category", *CONTENT)]
RATE_TEXT: Final[JsonSchemaValue] = {"type": "string", "examples": ["4500/min"]}
SPAN_OF: Final[Mapping[float, str]] = {1.0: SECOND, 60.0: MINUTE, 86_400.0: DAY, 604_800.0: WEEK}
"""The spans that limits are kept in, by their seconds."""
LIMIT_RATES: Final = "a rate per s, min, day or week as in 4500/min"
FIGURES: Final = ("rate", "accounts", "kinds", "classes", "tiers", "caps")
"""Where a limit has its figure, or one for each of something."""
_CHOOSES: Final[Mapping[str, str]] = {
    "rate": "",
    "accounts": quotas.ACCOUNT,
    "kinds": quotas.KIND,
    "classes": quotas.CLASS,
    "tiers": quotas.TIER,
    "caps": quotas.CAPS,
}
_USUAL: Final[Mapping[str, str]] = {
    "accounts": quotas.ACCOUNT,
    "classes": quotas.CAMPAIGN,
    "tiers": quotas.BRAND,
}
"""Of whom something is counted apart where nothing is said; of the number anywhere else."""


def _limit_rate(text: str) -> Rate:
    rate = Rate.parse(text)
    if rate.seconds not in SPAN_OF:
        raise WordError(f"{str(rate)!r} is no span of limits", LIMIT_RATES)
    if rate.seconds != 1 and rate.amount != int(rate.amount):
        raise WordError(f"{str(rate)!r} is no whole number", LIMIT_RATES)
    return rate


LimitRateWord = Annotated[Rate, Word(_limit_rate, Rate, LIMIT_RATES, ("4500/min",), meant="{}/s")]


class Allowance(Shape):
    """How much one message class may send. A rate alone is that of SMS."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = (RATE_TEXT,)
    allowed: ClassVar[str] = "a rate as in 4500/min, or a mapping of sms, mms, per"

    sms: LimitRateWord | None = None
    """SMS, by what the limit counts."""
    mms: LimitRateWord | None = None
    """MMS, which are counted apart; not limited if nothing is said."""
    per: Annotated[str, choice("thing that is counted apart", quotas.CAMPAIGN, quotas.NUMBER)] | None = None
    """What is counted apart; the campaign if nothing is said."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A rate."""
        return {"sms": value} if isinstance(value, str) else value


class OverLimit(Shape):
    """What is done with more. A word alone is the mode."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(quotas.MODES)},)
    allowed: ClassVar[str] = f"{', '.join(quotas.MODES)}, or a mapping of mode, cause, where, span, count"

    mode: Annotated[str, choice("way with too much", *quotas.MODES)]
    """throttle: refused for now; queue: kept until there is room; reject: refused for good."""
    cause: CauseWord | None = None
    """Why, where that is not the limit's own; in a queue, why it is refused when that is full."""
    where: Annotated[str, choice("place", *quotas.PLACES)] | None = None
    """Where the no shows: submit, receipt; in the response if nothing is said."""
    span: SpanWord | None = None
    """How long a message waits in the queue at most: 4h."""
    count: int | None = Field(default=None, ge=1)
    """How much may wait, by what the limit counts."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A mode."""
        return {"mode": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """The size of a queue that there is none of, and a queue without any."""
        mode = given.get("mode")
        for key in ("span", "count"):
            if key in given and isinstance(mode, str) and mode != quotas.QUEUE:
                yield Found((key,), f"{key} of {mode}", "only with mode: queue", is_key=True)
        if mode == quotas.QUEUE and "span" not in given and "count" not in given:
            yield Found((), "a queue without an end", "span, count or both: {mode: queue, span: 4h}")

    @property
    def made(self) -> quotas.Over:
        """The model's."""
        return quotas.Over(
            mode=self.mode,
            where=self.where or SUBMIT,
            cause=self.cause or "",
            queue_seconds=inf if self.span is None else float(self.span),
            queue_count=inf if self.count is None else float(self.count),
        )


class NetworkLimit(Shape):
    """So much in time, and what is done with more."""

    name: TextWord | None = None
    """How explanations call it; what is counted apart and the span if nothing is said: campaign_minute."""
    per: Annotated[str, choice("thing that is counted apart", *quotas.SCOPES)] | None = None
    """Of whom it is counted apart: account, number (the sender), campaign, brand."""
    rate: LimitRateWord | None = None
    """One figure for all: 3/s, 1000/day."""
    accounts: dict[AccountWord, LimitRateWord] | None = None
    """A figure for each account."""
    kinds: dict[TraitWord, LimitRateWord] | None = None
    """A figure for each kind of sender: {toll_free: 3/s, "toll_free:pending": 1/s}; others are not limited."""
    classes: dict[ClassWord, Allowance] | None = None
    """A figure for each class of campaigns at AT&T: {A: {sms: 4500/min, mms: 2400/min}}."""
    tiers: dict[TierWord, LimitRateWord] | None = None
    """A figure for each tier of brands: {top: 200000/day}; a brand of no tier named here is not limited."""
    caps: Annotated[str, choice("span of caps", DAY, WEEK, MONTH)] | None = None
    """What the rules of the day allow to toll-free numbers that are not verified, in a day, week or month."""
    counts: Annotated[str, choice("thing that is counted", *quotas.COUNTS)] | None = None
    """segments, messages, or recipients: how many different numbers are written to; segments if nothing is said."""
    media: Annotated[str, choice("kind of message", *quotas.MEDIA)] | None = None
    """all, sms or mms; classes have a figure for either."""
    senders: Annotated[str, choice("standing of senders", *quotas.SENDERS)] | None = None
    """all, registered or unregistered."""
    cause: CauseWord | None = None
    """Why more is refused; other_volume if nothing is said."""
    over: OverLimit | None = None
    """What is done with more; rejected if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """No figure or several, figures of different spans, classes of one kind of message only."""
        yield from exactly_one(given, FIGURES, "a limit")
        yield from idle_of_limit(given)
        if "classes" in given and "media" in given:
            yield Found(("media",), "media of classes", "sms and mms in each class", is_key=True)
        first: Rate | None = None
        is_one = sum(key in given for key in FIGURES) == 1
        for path, rate in _rates(given) if is_one else ():
            first = first or rate
            if rate.seconds != first.seconds:
                yield Found(path, f"{str(rate)!r} beside {str(first)!r}", "one span for the whole limit")

    @model_validator(mode="after")
    def _possible(self) -> "NetworkLimit":
        """What the model refuses is told as the model tells it."""
        try:
            _ = self.made
        except ValueError as error:
            refuse(Found((), str(error).partition(": ")[2], "what a limit can be"))
        return self

    @property
    def made(self) -> tuple[quotas.Limit, ...]:
        """The model's: two of them where classes have figures for SMS and MMS. Raises ValueError for what is none."""
        figures = next(key for key in FIGURES if getattr(self, key) is not None)
        scope = self.per or _USUAL.get(figures, quotas.NUMBER)
        plain: dict[str, Any] = {
            "scope": scope,
            "by": _CHOOSES[figures],
            "counts": self.counts or quotas.SEGMENTS,
            "senders": self.senders or quotas.ALL,
            "cause": self.cause or "other_volume",
            "over": quotas.Over() if self.over is None else self.over.made,
        }
        if self.caps is not None:
            return (quotas.Limit(name=self.name or f"{scope}_{self.caps}", per=self.caps, amounts={}, **plain),)
        if self.classes is not None:
            plain["per_number"] = frozenset(one for one, row in self.classes.items() if row.per == quotas.NUMBER)
            media = (quotas.SMS, quotas.MMS)
            return tuple(one for medium in media for one in self._of_classes(medium, self.classes, plain))
        rates = {"": self.rate} if self.rate is not None else self.accounts or self.kinds or self.tiers or {}
        per = SPAN_OF[next(iter(rates.values())).seconds]
        amounts = {word: rate.amount for word, rate in rates.items()}
        name = self.name or f"{scope}_{per}"
        return (quotas.Limit(name=name, per=per, amounts=amounts, media=self.media or quotas.ALL, **plain),)

    def _of_classes(self, medium: str, classes: Mapping[str, Allowance], plain: dict[str, Any]) -> list[quotas.Limit]:
        rates = {one: rate for one, row in classes.items() if (rate := getattr(row, medium)) is not None}
        if not rates:
            return []
        per = SPAN_OF[next(iter(rates.values())).seconds]
        amounts = {one: rate.amount for one, rate in rates.items()}
        named = self.name or "_".join((str(plain["scope"]), per))
        name = f"{named}_{medium}"
        return [quotas.Limit(name=name, per=per, amounts=amounts, media=medium, **plain)]


def _rates(given: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Rate]]:
    """The rates of a limit that can be read, each with where it stands."""
    written: list[tuple[tuple[str, ...], Any]] = [(("rate",), given.get("rate"))]
    for figures in ("accounts", "kinds", "classes", "tiers"):
        for name, one in mapping(given.get(figures)).items():
            media = {key: mapping(one)[key] for key in ("sms", "mms") if key in mapping(one)} or {"": one}
            written += [((figures, str(name), *filter(None, [key])), rate) for key, rate in media.items()]
    for path, one in written:
        try:
            yield path, one if isinstance(one, Rate) else _limit_rate(text_of(one) or "")
        except WordError:
            continue


_OF_ANY: Final = frozenset({"filter", "name", "cause", "where", "after", "probability", "blocks_for"})
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "content": ("categories", "more"),
    "shortener": ("hosts", "allowed_hosts"),
    "phishing": ("trusted",),
    "pattern": ("patterns",),
    "missing_opt_out": ("window",),
    "snowshoe": ("senders", "window", "length_min"),
    "volume_spike": ("window", "windows", "factor", "allowance"),
    "duplicate": ("window",),
    "sender_kind": ("kinds",),
    "blocked_sender": ("numbers",),
    "landline": (),
}
"""What may be said of each kind of filter beside what may be said of any."""
_NEEDED: Final[Mapping[str, str]] = {"pattern": "patterns", "sender_kind": "kinds", "blocked_sender": "numbers"}
_MODEL_NAMES: Final[Mapping[str, str]] = {
    "hosts": "more",
    "allowed_hosts": "allowed",
    "kinds": "allowed",
    "numbers": "senders",
}


class FilterForm(Shape):
    """One filter. A word alone is its kind; what is not said of it is as usual for the kind."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(SCREENS)},)
    allowed: ClassVar[str] = f"a kind of filter ({', '.join(SCREENS)}), or a mapping"

    filter: Annotated[str, choice("kind of filter", *SCREENS)]
    """What it looks for."""
    name: TextWord | None = None
    """How explanations call it; its kind if nothing is said."""
    cause: CauseWord | None = None
    """Why; each kind has one of its own: carrier_spam, shortened_url, sender_blocked, landline_or_no_sms."""
    where: FilterPlaceWord | None = None
    """Where its no shows: submit, UNDELIV, REJECTD, lost (and no receipt), DELIVRD (and lost); or passed."""
    after: DelayWord | None = None
    """How late it shows in a receipt."""
    probability: ShareWord | None = None
    """In how many of the cases, by the message's own luck."""
    blocks_for: TimerWord | None = None
    """For how long its sender is blocked after it; never: for good. Not at all if nothing is said."""
    categories: Annotated[tuple[CategoryWord, ...], SEVERAL] | None = None
    """Of content: which; all if nothing is said."""
    more: dict[CategoryWord, Annotated[tuple[TextWord, ...], SEVERAL]] | None = None
    """Of content: further words that tell a category: {alcohol: [moonshine]}."""
    hosts: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Of shortener: further hosts."""
    allowed_hosts: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Of shortener: known ones that are allowed."""
    trusted: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Of phishing: hosts whose links count as none."""
    patterns: Annotated[tuple[PatternWord, ...], SEVERAL] | None = None
    """Of pattern: expressions of RE2."""
    window: SpanWord | None = None
    """In how much carrier time."""
    senders: int | None = Field(default=None, ge=2)
    """Of snowshoe: how many senders with one text are too many."""
    length_min: int | None = Field(default=None, ge=0)
    """Of snowshoe: the characters below which a text says too little."""
    windows: int | None = Field(default=None, ge=1)
    """Of volume_spike: over how many windows its mean is taken."""
    factor: FactorWord | None = None
    """Of volume_spike: how many times its mean is too much."""
    allowance: int | None = Field(default=None, ge=1)
    """Of volume_spike: how many it may send in any window."""
    kinds: Annotated[tuple[KindWord, ...], SEVERAL] | None = None
    """Of sender_kind: those that are allowed."""
    numbers: Annotated[tuple[SenderWord, ...], SEVERAL] | None = None
    """Of blocked_sender: who."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A kind."""
        return {"filter": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """What a filter of another kind has, what this kind cannot do without, a cause that cannot show there."""
        kind = str(given.get("filter"))
        if kind not in SCREENS:
            return
        allowed = sorted(_OF_ANY.union(PARAMETERS[kind]))
        for key in given:
            if key not in allowed:
                yield Found((key,), f"{key} of {kind}", ", ".join(allowed), is_key=True)
        needed = _NEEDED.get(kind, "filter")
        if needed not in given:
            yield Found((), f"{kind} without {needed}", f"a mapping with {needed}")

    @model_validator(mode="after")
    def _possible(self) -> "FilterForm":
        """A cause that cannot show where it should is told as the model tells it."""
        try:
            idle = idle_of_filter(self.made.where, self.after)
        except ValueError as error:
            refuse(Found((), str(error).partition(": ")[2], "a cause that can show there, or another `where:`"))
        else:
            if idle is not None:
                refuse(idle)
        return self

    @property
    def made(self) -> Filter:
        """The model's. Raises ValueError for a cause that cannot show where it should."""
        keys = {key: getattr(self, key) for key in PARAMETERS[self.filter]}
        said = {_MODEL_NAMES.get(key, key): value for key, value in keys.items() if value is not None}
        if "patterns" in said:
            said["patterns"] = [compile_pattern(one) for one in said["patterns"]]
        return Filter(
            self.name or self.filter,
            SCREENS[self.filter](**said),
            cause=self.cause,
            where=self.where,
            probability=1.0 if self.probability is None else float(self.probability),
            blocks_for=0.0 if self.blocks_for is None else float(self.blocks_for),
        )

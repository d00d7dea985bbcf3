"""The sections `numbers:`, `registry:`, `subscribers:` and `opt_outs:` of a scenario: who has what, and who is what.

They say how things stand when the scenario begins. A date is a span from that moment: `after: 2h`. It decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from simulator.carrier.messages import bare
from simulator.scenario.carrier_words import (
    BrandWord,
    CampaignWord,
    ClassWord,
    CountryWord,
    NetworkWord,
    NumberWord,
    PrefixWord,
    SenderWord,
    ShortCodeWord,
    TierWord,
    TollFreeWord,
)
from simulator.scenario.kinds import PatternWord, ShareWord, SpanWord, TextWord
from simulator.scenario.networks import Answering
from simulator.scenario.shape import LISTED, SEVERAL, Found, Names, Shape, choice, given_list, mapping, text_of
from simulator.scenario.words import Share, WordError

CAMPAIGN_STATES: Final = ("pending", "active", "suspended", "expired")
TOLL_FREE_STATES: Final = ("unverified", "pending", "verified", "rejected")
SHORT_CODE_STATES: Final = ("provisioned", "pending", "restricted", "expired")
NAME_STATES: Final = ("registered", "pending", "rejected")
PHONES: Final = ("on", "off", "roaming", "busy", "memory_full", "barred", "no_funds", "deactivated", "landline")
"""What a phone can be; only `on` and `roaming` receive."""
USE_CASES: Final = (
    *("dedicated", "standard", "mixed", "marketing", "low_volume", "sole_proprietor", "political", "charity"),
    *("social", "emergency", "proxy", "agents"),
)
"""What a campaign is for, as far as AT&T's classes depend on it."""

_BY_USE: Final = {
    "low_volume": "T",
    "sole_proprietor": "W",
    "political": "K",
    "charity": "P",
    "social": "S",
    "emergency": "X",
    "proxy": "G",
    "agents": "N",
}
_DEDICATED: Final = ("dedicated", "standard")
_BY_SCORE: Final = ((75, "A", "B"), (50, "C", "D"), (0, "E", "F"))
_TIERS: Final = ((75, "top"), (50, "high_mid"), (25, "low_mid"), (0, "low"))


def class_of(use_case: str, score: int | None) -> str:
    """AT&T's message class of a campaign; a brand without a score has the lowest."""
    letters = next((dedicated, mixed) for least, dedicated, mixed in _BY_SCORE if (score or 0) >= least)
    return _BY_USE.get(use_case) or letters[use_case not in _DEDICATED]


def tier_of(score: int | None, *, is_sole: bool = False, is_russell: bool = False) -> str:
    """T-Mobile's tier of a brand; one without a score is in the lowest."""
    if is_sole:
        return "sole_proprietor"
    return "top" if is_russell else next(tier for least, tier in _TIERS if (score or 0) >= least)


class Brand(Shape):
    """Who sends. A number alone is the score."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "integer"},)
    allowed: ClassVar[str] = "a score from 1 to 100, or a mapping of name, score, tier, kind"

    name: TextWord | None = None
    """The company's name."""
    score: int | None = Field(default=None, ge=1, le=100)
    """Its vetting score; not vetted if nothing is said."""
    kind: Annotated[str, choice("kind of brand", "company", "sole_proprietor", "government", "russell_3000")] | None = (
        None
    )
    """What it is, where that changes its limits."""
    tier: TierWord | None = None
    """T-Mobile's tier; follows from score and kind if nothing is said."""
    forced: bool | None = None
    """The tier holds although score and kind give another."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A score."""
        return {"score": value} if isinstance(value, int) and not isinstance(value, bool) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A score of somebody who has none, and a tier that does not follow."""
        kind, score, tier = given.get("kind"), given.get("score"), given.get("tier")
        if kind == "sole_proprietor" and "score" in given:
            yield Found(("score",), "score of a sole_proprietor", "sole proprietors have none", is_key=True)
        elif tier is not None and given.get("forced") is not True and (score is None or isinstance(score, int)):
            follows = tier_of(score, is_sole=kind == "sole_proprietor", is_russell=kind == "russell_3000")
            if tier != follows:
                said = "no score" if score is None else f"score {score}"
                yield Found(("tier",), f"{tier!r} with {said}", f"{follows}, or forced: true")

    @property
    def has_tier(self) -> str | None:
        """Its tier; None of a government, whose day nobody limits."""
        if self.tier is not None or self.kind == "government":
            return self.tier
        return tier_of(self.score, is_sole=self.kind == "sole_proprietor", is_russell=self.kind == "russell_3000")


class Campaign(Shape):
    """What a brand sends, and from which numbers."""

    brand: BrandWord
    """Whose it is."""
    use_case: Annotated[str, choice("use case", *USE_CASES)] | None = None
    """What for; mixed if nothing is said."""
    message_class: ClassWord | None = None
    """AT&T's class; follows from the use case and the brand's score if nothing is said."""
    forced: bool | None = None
    """The class holds although use case and score give another."""
    state: Annotated[str, choice("state of a campaign", *CAMPAIGN_STATES)] | None = None
    """pending, active, suspended, expired; active if nothing is said."""
    numbers: Annotated[tuple[NumberWord, ...], SEVERAL] | None = None
    """Its numbers, which count at once."""
    age_gate: bool | None = None
    """Whether it asks people for their age."""
    opt_out_alarm: ShareWord | None = None
    """At which rate of opt-outs it is looked at, where that differs from `opt_outs`."""


class Assignment(Shape):
    """The campaign of a number. A word alone is the campaign."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string"},)
    allowed: ClassVar[str] = "the name of a campaign, or a mapping of campaign, after"

    campaign: CampaignWord
    """Whose number it is."""
    after: SpanWord | None = None
    """When it begins to count."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A campaign."""
        return value if text_of(value) is None else {"campaign": text_of(value)}


def _state_form(states: tuple[str, ...]) -> tuple[JsonSchemaValue, ...]:
    return ({"enum": list(states)},)


class Verification(Shape):
    """The state of a toll-free number. A word alone is the state."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = _state_form(TOLL_FREE_STATES)
    allowed: ClassVar[str] = f"{', '.join(TOLL_FREE_STATES)}, or a mapping of state, brand, becomes, after"

    state: Annotated[str, choice("state of a toll-free number", *TOLL_FREE_STATES)]
    """unverified, pending, verified, rejected."""
    brand: BrandWord | None = None
    """Whose it is."""
    becomes: Annotated[str, choice("state of a toll-free number", *TOLL_FREE_STATES)] | None = None
    """What it is later."""
    after: SpanWord | None = None
    """When it becomes that."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state."""
        return {"state": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A change without a time, or a time without a change."""
        if ("becomes" in given) != ("after" in given):
            there, lacks = ("becomes", "after") if "becomes" in given else ("after", "becomes")
            yield Found((there,), f"{there} without {lacks}", "becomes and after, or neither", is_key=True)


class ShortCode(Shape):
    """A short code, which each network provisions by itself. A word alone is its state everywhere."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = _state_form(SHORT_CODE_STATES)
    allowed: ClassVar[str] = f"{', '.join(SHORT_CODE_STATES)}, or a mapping of state, brand, networks"

    state: Annotated[str, choice("state of a short code", *SHORT_CODE_STATES)] | None = None
    """What it is at networks that say nothing else; not provisioned if nothing is said."""
    brand: BrandWord | None = None
    """Whose it is."""
    networks: dict[NetworkWord, Annotated[str, choice("state of a short code", *SHORT_CODE_STATES)]] | None = None
    """What it is at each network: {att: provisioned, verizon: pending}."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state everywhere."""
        return {"state": value} if isinstance(value, str) else value


class SenderName(Shape):
    """An alphanumeric sender, as India's registers call them headers. A word alone is its state."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = _state_form(NAME_STATES)
    allowed: ClassVar[str] = f"{', '.join(NAME_STATES)}, or a mapping of state, entity"

    state: Annotated[str, choice("state of a sender's name", *NAME_STATES)] | None = None
    """registered if nothing is said."""
    entity: TextWord | None = None
    """The number of the company that it belongs to."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state."""
        return {"state": value} if isinstance(value, str) else value


class Template(Shape):
    """A text that a company has registered."""

    entity: TextWord | None = None
    """The number of the company that it belongs to."""
    senders: Annotated[tuple[SenderWord, ...], SEVERAL] | None = None
    """Who may send it; any sender of the company if nothing is said."""
    pattern: PatternWord | None = None
    """What a text must be like; it is not compared if nothing is said."""


class Registry(Shape):
    """Who is registered as what."""

    brands: dict[TextWord, Brand] | None = None
    """Companies by name: {acme: 80}."""
    campaigns: dict[TextWord, Campaign] | None = None
    """Campaigns by name."""
    numbers: dict[NumberWord, Assignment] | None = None
    """The campaign of a number: {12025550100: CACME}."""
    toll_free: dict[TollFreeWord, Verification] | None = None
    """The states of toll-free numbers: {18005550100: verified}."""
    short_codes: dict[ShortCodeWord, ShortCode] | None = None
    """The states of short codes: {24273: provisioned}."""
    names: dict[SenderWord, SenderName] | None = None
    """Alphanumeric senders: {ACMEIN: registered}."""
    templates: dict[TextWord, Template] | None = None
    """Texts by the number that they are registered under."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Numbers that are given twice, and classes that do not follow from use case and score."""
        given_to: dict[str, str] = {}
        for key, one in mapping(given.get("campaigns")).items():
            campaign = mapping(one)
            for index, number in enumerate(given_list(campaign.get("numbers"))):
                yield from _taken(number, str(key), ("campaigns", key, "numbers", index), given_to)
            yield from _wrong_class(campaign, given, ("campaigns", key))
        for key in mapping(given.get("numbers")):
            yield from _taken(key, "numbers", ("numbers", key), given_to)
        for section in ("toll_free", "short_codes", "names"):
            yield from twice(mapping(given.get(section)), (section,))


def _taken(number: object, by: str, path: tuple[str | int, ...], given_to: dict[str, str]) -> Iterator[Found]:
    digits = bare(text_of(number) or "")
    if digits in given_to:
        yield Found(path, f"{digits} a second time", f"one campaign for a number; {given_to[digits]} has it")
    given_to[digits] = by


def twice(keys: Iterable[str], path: tuple[str, ...]) -> Iterator[Found]:
    """Numbers that stand twice because one of them has a `+`."""
    seen: set[str] = set()
    for key in keys:
        if bare(key) in seen:
            yield Found((*path, key), f"{bare(key)} a second time", "each number once", is_key=True)
        seen.add(bare(key))


def _wrong_class(campaign: Mapping[str, Any], given: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Found]:
    said, brand = campaign.get("message_class"), mapping(given.get("brands")).get(str(campaign.get("brand")))
    if said is None or brand is None or campaign.get("forced") is True:
        return
    score = mapping(brand).get("score") if isinstance(brand, dict) else brand
    use_case = campaign.get("use_case", "mixed")
    if isinstance(score, bool) or not isinstance(score, int | None) or use_case not in USE_CASES:
        # told where it stands
        return
    follows = class_of(use_case, score)
    if said != follows:
        basis = f"{use_case} and {'no score' if score is None else f'score {score}'}"
        yield Found((*path, "message_class"), f"{said!r} with {basis}", f"{follows}, or forced: true")


class Numbers(Shape):
    """Whose numbers are, beside their prefixes."""

    home: CountryWord | None = None
    """The country by whose rules numbers without a country's code are read; US if nothing is said."""
    ported: dict[NumberWord, NetworkWord] | None = None
    """Numbers that moved to another network: {12025550100: tmobile}."""
    landlines: Annotated[tuple[PrefixWord, ...], SEVERAL] | None = None
    """Prefixes of numbers without SMS."""
    magic: bool | None = None
    """The last two digits of +1 NPA 555 01xx choose the cause of what happens."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A number twice."""
        yield from twice(mapping(given.get("ported")), ("ported",))


class Phone(Shape):
    """How one phone is. A word alone is its state."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = _state_form(PHONES)
    allowed: ClassVar[str] = f"{', '.join(PHONES)}, or a mapping of state, lasts, answers"

    state: Annotated[str, choice("state of a phone", *PHONES)] | None = None
    """What it is; by its number and the seed if nothing is said."""
    lasts: SpanWord | None = None
    """For how long; then it is on. For ever if nothing is said."""
    answers: Annotated[tuple[Answering, ...], LISTED] | None = None
    """What its owner answers to messages."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state, and the one that YAML's first version took for a truth value."""
        return {"state": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """An end of what has no end."""
        if "lasts" in given and given.get("state") in {None, "on"}:
            yield Found(("lasts",), "lasts of a phone that is on", "with another state", is_key=True)


class Pair(Shape):
    """Somebody who wants no more messages from somebody."""

    source: SenderWord
    """Who may not write any more."""
    destination: NumberWord
    """To whom."""

    synonyms: ClassVar[Mapping[str, str]] = {"from": "source", "to": "destination"}

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """`from` and `to`."""
        return {cls.synonyms.get(key, key): one for key, one in value.items()} if isinstance(value, dict) else value


class Rates(Shape):
    """The shares of opt-outs in a day's messages of a campaign at which something happens."""

    watch: ShareWord = Share(0.005)
    """From here on it is looked at."""
    suspend: ShareWord = Share(0.04)
    """From here on the campaign is suspended."""
    high: ShareWord = Share(0.05)
    """From here on it counts as high."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A campaign that is suspended before anybody looks."""
        shares = {"watch": "0.5%", "suspend": "4%", "high": "5%"} | {key: text_of(one) for key, one in given.items()}
        try:
            watch, suspend, high = (Share.parse(shares[key] or "") for key in ("watch", "suspend", "high"))
        except WordError:
            return
        if not watch <= suspend:
            yield Found((), f"suspend {suspend} below watch {watch}", "watch, suspend: each at least the one before")
        if not watch <= high:
            yield Found((), f"high {high} below watch {watch}", "watch, high: each at least the one before")


class OptOuts(Shape):
    """Who wants no more messages, and what counts as saying so."""

    blocked: Annotated[tuple[Pair, ...], LISTED] | None = None
    """Pairs that are blocked from the beginning: [{from: 18005550100, to: 12025550142}]."""
    stop: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Further words that mean STOP."""
    start: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Further words that mean START."""
    help: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Further words that mean HELP."""
    stop_reply: TextWord | None = None
    """What a network that blocks by itself replies to STOP."""
    start_reply: TextWord | None = None
    """What it replies to START."""
    rates: Rates | None = None
    """Thresholds of a campaign's rate of opt-outs in a day: {watch: 0.5%, suspend: 4%, high: 5%}."""
    suspends: bool | None = None
    """Whether a campaign is suspended at its threshold, or that is only told; true if nothing is said."""

"""The sections `numbers:`, `registry:` and `opt_outs:` of a scenario: who has what, and who is what.

They say how things stand when the scenario begins. A date is a span from that moment: `after: 2h`. It decides nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from simulator.carrier.messages import Part, bare
from simulator.carrier.phones.optouts import Keywords, OptOuts, Thresholds
from simulator.carrier.registry.registrations import (
    ACTIVE,
    CAMPAIGN_STATES,
    CLASSES,
    NAME_STATES,
    PENDING,
    REGISTERED,
    SCORE_MAX,
    SHORT_CODE_STATES,
    SOLE_PROPRIETOR,
    TOLL_FREE_STATES,
    USE_CASES,
    Assignment,
    Brand,
    Campaign,
    SenderName,
    ShortCode,
    TollFree,
)
from simulator.carrier.registry.registry import Registry
from simulator.carrier.registry.templates import Template, Wording
from simulator.scenario.shape import (
    LISTED,
    SEVERAL,
    Found,
    Names,
    Shape,
    at_most_one,
    choice,
    given_list,
    mapping,
    text_of,
)
from simulator.scenario.words.carrier_words import (
    BrandWord,
    CampaignWord,
    ClassWord,
    CountryWord,
    LongCodeWord,
    NameWord,
    NetworkWord,
    NumberWord,
    PrefixWord,
    RulesWord,
    SenderWord,
    ShortCodeWord,
    TollFreeWord,
    UseCaseWord,
    rules_at,
)
from simulator.scenario.words.kinds import PatternWord, ShareWord, SpanWord, TextWord
from simulator.scenario.words.patterns import Pattern, compile_pattern
from simulator.scenario.words.wire_words import nearest
from simulator.scenario.words.words import Share, WordError

BRAND_KINDS: Final = ("company", "sole_proprietor", "government", "russell_3000")

ShortCodeStateWord = Annotated[str, choice("state of a short code", *SHORT_CODE_STATES)]


class BrandForm(Shape):
    """Who sends. A number alone is the score."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "integer"},)
    allowed: ClassVar[str] = "a score from 0 to 100, or a mapping of name, score, kind"

    name: TextWord | None = None
    """The company's name."""
    score: int | None = Field(default=None, ge=0, le=SCORE_MAX)
    """Its vetting score; not vetted if nothing is said."""
    kind: Annotated[str, choice("kind of brand", *BRAND_KINDS)] | None = None
    """What it is, where that changes its limits."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A score."""
        return {"score": value} if isinstance(value, int) and not isinstance(value, bool) else value

    def made(self, key: str) -> Brand:
        """The model's, under its key."""
        return _brand(key, self.score, self.kind, self.name or "")


def _brand(key: str, score: int | None, kind: object, name: str = "") -> Brand:
    return Brand(
        key,
        score if score is None else int(score),
        is_sole_proprietor=kind == "sole_proprietor",
        is_government=kind == "government",
        is_russell_3000=kind == "russell_3000",
        name=name,
    )


class CampaignForm(Shape):
    """What a brand sends, and from which numbers."""

    brand: BrandWord
    """Whose it is."""
    use_case: UseCaseWord | None = None
    """What for; mixed if nothing is said."""
    att_class: ClassWord | None = None
    """AT&T's class; follows from the use case and the brand's score if nothing is said."""
    forced: bool | None = None
    """The class holds although use case and score give another."""
    state: Annotated[str, choice("state of a campaign", *CAMPAIGN_STATES)] | None = None
    """pending, active, suspended, expired; active if nothing is said."""
    numbers: Annotated[tuple[LongCodeWord, ...], SEVERAL] | None = None
    """Its numbers, which count at once."""
    age_gate: bool | None = None
    """Whether it asks people for their age."""
    number_pool: bool | None = None
    """Whether its numbers are registered as a pool: filters that look for many senders count them as one."""

    def made(self, key: str) -> Campaign:
        """The model's, under its key. Raises ValueError for a use case whose class is not published and not given."""
        return Campaign(
            key,
            self.brand,
            self.use_case or "mixed",
            self.att_class or "",
            self.state or ACTIVE,
            is_forced=self.forced is True,
            is_age_gated=self.age_gate is True,
            has_number_pool=self.number_pool is True,
        )


class AssignmentForm(Shape):
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


class ShortCodeForm(Shape):
    """A short code, which each network provisions by itself. A word alone is its state everywhere."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(SHORT_CODE_STATES)},)
    allowed: ClassVar[str] = f"{', '.join(SHORT_CODE_STATES)}, or a mapping of state, networks"

    state: ShortCodeStateWord | None = None
    """What it is at networks of which nothing else is said; pending if nothing is said."""
    networks: dict[NetworkWord, ShortCodeStateWord] | None = None
    """What it is at each network: {att: provisioned, verizon: pending}."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state everywhere."""
        return {"state": value} if isinstance(value, str) else value


class NameForm(Shape):
    """An alphanumeric sender, as India's registers call them headers. A word alone is its state."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"enum": list(NAME_STATES)},)
    allowed: ClassVar[str] = f"{', '.join(NAME_STATES)}, or a mapping of state, entity"

    state: Annotated[str, choice("state of a sender's name", *NAME_STATES)] | None = None
    """registered if nothing is said."""
    entity: TextWord | None = None
    """The number of the company that it belongs to."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A state."""
        return {"state": value} if isinstance(value, str) else value

    def made(self, key: str) -> SenderName:
        """The model's, under its name."""
        return SenderName(key, self.state or REGISTERED, self.entity or "")


class TemplateForm(Shape):
    """A text that a company has registered. A word alone is the text."""

    short_forms: ClassVar[tuple[JsonSchemaValue, ...]] = ({"type": "string"},)
    allowed: ClassVar[str] = "a text with {#var#} for what differs, or a mapping of text, pattern, entity, senders"

    entity: TextWord | None = None
    """The number of the company that it belongs to."""
    senders: Annotated[tuple[SenderWord, ...], SEVERAL] | None = None
    """Who may send it; any sender of the company if nothing is said."""
    text: TextWord | None = None
    """The text, with {#var#} for what differs: "Your code is {#var#}."; a text in parts is compared part by part."""
    pattern: PatternWord | None = None
    """An expression that is found in the text, in place of it; what comes in parts is not compared with one."""

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """A text."""
        return {"text": value} if isinstance(value, str) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A text in two ways."""
        yield from at_most_one(given, ("text", "pattern"))

    def made(self, key: str) -> Template:
        """The model's, under its number."""
        likeness = None if self.text is None else Wording(self.text)
        return Template(
            key,
            self.entity or "",
            frozenset(self.senders or ()),
            likeness if self.pattern is None else Patterned(compile_pattern(self.pattern)),
        )


class Patterned:
    """What a pattern is found in; one part of a text says nothing of the rest."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern

    def fits(self, text: str, part: Part | None) -> bool:
        """Whether the text is whole and has the pattern, or is a part."""
        return (part is not None and part.total > 1) or self.pattern.matches(text)


class RegistryForm(Shape):
    """Who is registered as what."""

    brands: dict[TextWord, BrandForm] | None = None
    """Companies by name: {acme: 80}."""
    campaigns: dict[TextWord, CampaignForm] | None = None
    """Campaigns by name."""
    numbers: dict[LongCodeWord, AssignmentForm] | None = None
    """The campaign of a number: {12025550100: CACME}."""
    toll_free: dict[TollFreeWord, Annotated[str, choice("state of a toll-free number", *TOLL_FREE_STATES)]] | None = (
        None
    )
    """The states of toll-free numbers: {18005550100: verified}; what is not named is unverified."""
    toll_free_rules: RulesWord | None = None
    """The day whose rules hold for toll-free numbers: newest, message (that of each message), or 2023-05-01."""
    short_codes: dict[ShortCodeWord, ShortCodeForm] | None = None
    """The states of short codes: {12345: provisioned}; what is not named is pending."""
    names: dict[NameWord, NameForm] | None = None
    """Alphanumeric senders: {ACMEIN: registered}."""
    templates: dict[TextWord, TemplateForm] | None = None
    """Texts by the number that they are registered under."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Numbers that are given twice, and classes that do not follow from use case and score."""
        given_to: dict[str, str] = {}
        for key, one in mapping(given.get("campaigns")).items():
            campaign = mapping(one)
            for index, number in enumerate(given_list(campaign.get("numbers"))):
                yield from _taken(number, str(key), ("campaigns", key, "numbers", index), given_to)
            brand = mapping(given.get("brands")).get(str(campaign.get("brand")))
            yield from _wrong_class(str(key), campaign, brand)
        for key in mapping(given.get("numbers")):
            yield from _taken(key, "numbers", ("numbers", key), given_to)
        for section in ("toll_free", "short_codes", "names"):
            yield from twice(mapping(given.get(section)), (section,))
        yield from _strangers(given)

    def made(self, start: float, *, asks_names: bool = False) -> Registry:
        """The model's; spans count from ``start`` (carrier time). ``asks_names`` tells that some network does.

        Raises ValueError for what contradicts itself.
        """
        rules = rules_at(self.toll_free_rules or "newest")
        return Registry(**self.entries(start), asks_names=asks_names, rules_at=rules)

    def entries(self, start: float) -> dict[str, Any]:
        """What is registered by it, by section, as a Registry takes it; spans count from ``start``."""
        campaigns = self.campaigns or {}
        assigned = [Assignment(number, key) for key, one in campaigns.items() for number in one.numbers or ()]
        for number, form in (self.numbers or {}).items():
            counts_from = -inf if form.after is None else start + float(form.after)
            assigned.append(Assignment(number, form.campaign, counts_from))
        return {
            "brands": [one.made(key) for key, one in (self.brands or {}).items()],
            "campaigns": [one.made(key) for key, one in campaigns.items()],
            "numbers": assigned,
            "toll_free": [TollFree(number, state) for number, state in (self.toll_free or {}).items()],
            "short_codes": [
                ShortCode(number, one.state or PENDING, one.networks or {})
                for number, one in (self.short_codes or {}).items()
            ],
            "names": [one.made(name) for name, one in (self.names or {}).items()],
            "templates": [one.made(key) for key, one in (self.templates or {}).items()],
        }


def _taken(number: object, by: str, path: tuple[str | int, ...], given_to: dict[str, str]) -> Iterator[Found]:
    digits = bare(text_of(number) or "")
    if digits in given_to:
        yield Found(path, f"{digits} a second time", f"one campaign for a number; {given_to[digits]} has it")
    given_to[digits] = by


def twice(keys: Iterable[str], path: tuple[str, ...]) -> Iterator[Found]:
    """Numbers that stand twice because one of them has a `+`."""
    seen: set[str] = set()
    for key in keys:
        digits = bare(str(key))
        if digits in seen:
            yield Found((*path, key), f"{digits} a second time", "each number once", is_key=True)
        seen.add(digits)


def _strangers(given: Mapping[str, Any]) -> Iterator[Found]:
    """Senders of templates that are not registered, or belong to another company."""
    names = mapping(given.get("names"))
    for key, one in mapping(given.get("templates")).items():
        template = mapping(one)
        for index, sender in enumerate(given_list(template.get("senders")) if names else ()):
            path, name = ("templates", key, "senders", index), text_of(sender) or ""
            owner, entity = mapping(names.get(name)).get("entity"), template.get("entity")
            if name not in names:
                yield Found(path, f"{name} is no registered name", ", ".join(map(str, names)), nearest(name, names))
            elif owner is not None and entity is not None and text_of(owner) != text_of(entity):
                yield Found(path, f"{name} belongs to {text_of(owner)}", f"a name of {text_of(entity)}")


def _wrong_class(key: str, campaign: Mapping[str, Any], brand: object) -> Iterator[Found]:
    """A class that does not follow, one that is needed and not there, and a use case of another kind of brand."""
    said, use_case = campaign.get("att_class"), campaign.get("use_case", "mixed")
    if str(use_case) not in USE_CASES or (said is not None and str(said) not in CLASSES):
        # told where they stand
        return
    if not USE_CASES[use_case] and said is None:
        yield Found(("campaigns", key), f"{use_case} without att_class", "att_class: nobody has published which it is")
    form: Mapping[str, Any] = mapping(brand) if isinstance(brand, dict) else {"score": brand}
    score, kind = form.get("score"), form.get("kind")
    is_told = isinstance(score, bool) or not isinstance(score, int | None) or not 0 <= (score or 0) <= SCORE_MAX
    if brand is None or is_told:
        # of a brand in another file nothing is known, and a score that is none is told where it stands
        return
    if (use_case == SOLE_PROPRIETOR) != (kind == SOLE_PROPRIETOR):
        allowed = SOLE_PROPRIETOR if kind == SOLE_PROPRIETOR else f"any but {SOLE_PROPRIETOR}"
        yield Found(("campaigns", key, "use_case"), f"{use_case} of a {kind or 'company'}", allowed)
    follows = Campaign(key, "", use_case, said or "A").class_for(_brand("", score, kind))
    if said is not None and follows and said != follows and campaign.get("forced") is not True:
        basis = f"{use_case} and {'no score' if score is None else f'score {score}'}"
        yield Found(("campaigns", key, "att_class"), f"{said!r} with {basis}", f"{follows}, or forced: true")


class Numbers(Shape):
    """Whose numbers are, beside their prefixes."""

    home: CountryWord | None = None
    """The country by whose rules numbers without a country's code are read; US if nothing is said."""
    ported: dict[NumberWord, NetworkWord] | None = None
    """Numbers that moved to another network: {12025550100: tmobile}."""
    landlines: Annotated[tuple[PrefixWord, ...], SEVERAL] | None = None
    """Prefixes of numbers without SMS."""
    magic: bool | None = None
    """The last two digits of +1 NPA 555 01xx choose the cause of what happens. What only platforms say is delivered,
    and so is what is about MMS.
    """

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A number twice."""
        yield from twice(mapping(given.get("ported")), ("ported",))


class Pair(Shape):
    """Somebody who wants no more messages from somebody."""

    source: SenderWord | None = None
    """Who may not write any more."""
    destination: NumberWord | None = None
    """To whom."""

    synonyms: ClassVar[Mapping[str, str]] = {"from": "source", "to": "destination"}

    @classmethod
    def spelled_out(cls, value: Any, names: Names) -> Any:
        """`from` and `to`."""
        return {cls.synonyms.get(key, key): one for key, one in value.items()} if isinstance(value, dict) else value

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """Half a pair."""
        for key, word in (("source", "from"), ("destination", "to")):
            if key not in given:
                yield Found((), f"a pair without {word}", "a mapping of from and to")


class ThresholdsForm(Shape):
    """The shares of opt-outs above which something happens to a campaign."""

    alarm: ShareWord | None = None
    """Of one blast: it is looked at. 0.5% if nothing is said."""
    suspend: ShareWord | None = None
    """Of a day: the campaign is suspended. 4% if nothing is said."""
    high: ShareWord | None = None
    """Of a day: it counts as high. 5% if nothing is said."""
    recipients_min: int | None = Field(default=None, ge=1)
    """From how many different recipients on shares are looked at."""
    pause: SpanWord | None = None
    """A longer pause than that ends a blast."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A campaign that is suspended before anybody looks at it."""
        shares = {"alarm": "0.5%", "suspend": "4%"} | {key: text_of(one) or "" for key, one in given.items()}
        try:
            alarm, suspend = (Share.parse(shares[key]) for key in ("alarm", "suspend"))
        except WordError:
            return
        if suspend < alarm:
            yield Found((), f"suspend {suspend} below alarm {alarm}", "suspend at alarm or above")

    @property
    def made(self) -> Thresholds:
        """The model's."""
        said = {key: getattr(self, key) for key in self.said}
        # the model has plain numbers
        plain: dict[str, Any] = {key: one if key == "recipients_min" else float(one) for key, one in said.items()}
        return Thresholds(**plain)


class OptOutForm(Shape):
    """Who wants no more messages, and what counts as saying so."""

    blocked: Annotated[tuple[Pair, ...], LISTED] | None = None
    """Pairs that are blocked from the beginning: [{from: 18005550100, to: 12025550142}]."""
    added_2025: bool | None = None
    """Whether the words of April 2025 (REVOKE, OPTOUT) count; true if nothing is said."""
    french: bool | None = None
    """Whether ARRET and NONARRET count; true if nothing is said."""
    consent: bool | None = None
    """Whether YES counts as wanting messages."""
    newer: bool | None = None
    """Whether the network replies with the newer of its two texts."""
    stop_words: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """The words by which a network that blocks by itself does so; STOP and ARRET if nothing is said."""
    start_words: Annotated[tuple[TextWord, ...], SEVERAL] | None = None
    """Those by which it lifts the block; UNSTOP, START and NONARRET if nothing is said."""
    thresholds: ThresholdsForm | None = None
    """Rates of opt-outs at which something happens: {alarm: 0.5%, suspend: 4%, high: 5%}."""
    suspends: bool | None = None
    """Whether a campaign is suspended at its threshold, or that is only told; true if nothing is said."""

    @classmethod
    def contradictions(cls, given: Mapping[str, Any], names: Names) -> Iterator[Found]:
        """A pair twice, and who is to write to himself no more."""
        seen: set[tuple[str, str]] = set()
        for index, one in enumerate(given_list(given.get("blocked"))):
            pair = Pair.spelled_out(one, names)
            ends = [bare(text_of(mapping(pair).get(key)) or "") for key in ("source", "destination")]
            if not all(ends):
                # told where it stands
                continue
            if ends[0] == ends[1]:
                yield Found(("blocked", index), f"{ends[0]} and itself", "two numbers")
            if (ends[0], ends[1]) in seen:
                yield Found(("blocked", index), f"{ends[0]} and {ends[1]} a second time", "each pair once")
            seen.add((ends[0], ends[1]))

    def made(self, *, is_on: bool = True) -> OptOuts:
        """The model's, with the pairs that are blocked; ``is_on`` False is a network that blocks nobody."""
        keys = ("added_2025", "french", "consent")
        keywords = Keywords(**{key: said for key in keys if (said := getattr(self, key)) is not None})
        words: dict[str, Any] = {
            key: said for key in ("stop_words", "start_words") if (said := getattr(self, key)) is not None
        }
        # from the beginning, so that they are blocked after a reset, too
        blocked = [(pair.source or "", pair.destination or "") for pair in self.blocked or ()]
        return OptOuts(keywords, is_on=is_on, newer=self.newer is True, blocked=blocked, **words)

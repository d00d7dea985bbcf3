"""The registry: which brand, campaign or verification stands behind a number, and what that makes of its sender.

Knows all that is registered and that it fits together. Does not know who wrote a message, nor how much was sent
already; what a network does with a sender who is not registered is for that network to say (`Unregistered`).

A Registry never changes: `changed` gives a new one that is consistent, or raises. So whoever looks while it changes
sees all of a change or nothing of it. Times are carrier time in unix seconds. [I] marks what is inferred and [?] what
nobody has published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import inf
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from simulator.carrier.dice import Luck
from simulator.carrier.messages import bare
from simulator.carrier.numbers import ALPHANUMERIC, LONG_CODE, SHORT_CODE, TOLL_FREE, kind_of
from simulator.carrier.registry.registrations import (
    ACTIVE,
    EXPIRED,
    NEWEST_RULES,
    NOT_ASKED,
    PENDING,
    PROVISIONED,
    REGISTERED,
    REJECTED,
    RESTRICTED,
    SHORT_CODE_STATES,
    SOLE_PROPRIETOR,
    SUSPENDED,
    TOLL_FREE_STAGES,
    TOLL_FREE_STATES,
    UNASSIGNED,
    UNREGISTERED,
    UNVERIFIED,
    VERIFIED,
    Assignment,
    Brand,
    Campaign,
    Registration,
    SenderName,
    ShortCode,
    TollFree,
    one_of,
    stage_at,
)
from simulator.carrier.registry.templates import Template

ASSIGNMENT_DELAY: Final = 86_400.0
"""Seconds after which an assignment counts at the latest."""

T = TypeVar("T")


class _Entries(NamedTuple):
    """What is added to a registry, by section."""

    brands: Iterable[Brand] = ()
    campaigns: Iterable[Campaign] = ()
    numbers: Iterable[Assignment] = ()
    toll_free: Iterable[TollFree] = ()
    short_codes: Iterable[ShortCode] = ()
    names: Iterable[SenderName] = ()
    templates: Iterable[Template] = ()


_NO_CAMPAIGN: Final = Registration(
    LONG_CODE, UNASSIGNED, is_registered=False, cause="unregistered_10dlc", why="the number is in no campaign"
)


def _short_code(state: str, *circumstances: str) -> Registration:
    return Registration(
        SHORT_CODE,
        state,
        is_registered=state == PROVISIONED,
        cause="" if state == PROVISIONED else "shortcode_not_allowed",
        why="" if state == PROVISIONED else f"the short code is {state} on this network",
        circumstances=circumstances,
        is_barred=state == RESTRICTED,
    )


# A code that nobody has heard of is as good as one whose provisioning goes on.
_SHORT_CODES: Final = {
    PROVISIONED: _short_code(PROVISIONED),
    PENDING: _short_code(PENDING, "unprovisioned"),
    RESTRICTED: _short_code(RESTRICTED),
    EXPIRED: _short_code(EXPIRED, "expired"),
}


@lru_cache
def _toll_free(state: str, stage: int) -> Registration:
    rules = TOLL_FREE_STAGES[stage]
    is_verified = state == VERIFIED
    caps = rules.caps.get(state)
    word = "blocked" if state in rules.blocked else "capped" if caps is not None else "let through"
    return Registration(
        TOLL_FREE,
        state,
        # before it was blocked, such traffic was let through under its caps
        is_registered=state not in rules.blocked,
        cause="tollfree_unverified" if state in rules.blocked else "",
        why="" if is_verified else f"the toll-free number is {state}, and such numbers are {word}",
        caps=caps,
    )


@lru_cache(maxsize=1024)
def _of_name(state: str, entity: str) -> Registration:
    is_registered = state == REGISTERED
    return Registration(
        ALPHANUMERIC,
        state,
        is_registered=is_registered,
        # the catalogue has no cause of its own for it
        cause="" if is_registered else "sender_blocked",
        why="" if is_registered else f"the sender's name is {state}",
        is_barred=state == REJECTED,
        entity=entity,
    )


@lru_cache(maxsize=16)
def _not_asked(kind: str) -> Registration:
    return Registration(kind, NOT_ASKED, is_registered=True)


class Registry:
    """All that is registered. ``rules_at`` is whose day's rules hold for toll-free numbers: ``NEWEST_RULES``, another
    moment, or None for the moment of each message. Names that send are asked for where any is registered, and where
    ``asks_names``: one that nobody has heard of is then registered as nobody's.

    Raises ValueError, naming the place and what is allowed there, for what is given twice, is of the wrong kind, has no
    brand or campaign of its own, or contradicts itself.
    """

    __slots__ = (
        "_brands",
        "_by_campaign",
        "_campaigns",
        "_entities",
        "_names",
        "_numbers",
        "_short_codes",
        "_templates",
        "_toll_free",
        "asks_names",
        "rules_at",
    )

    def __init__(
        self,
        brands: Iterable[Brand] = (),
        campaigns: Iterable[Campaign] = (),
        numbers: Iterable[Assignment] = (),
        toll_free: Iterable[TollFree] = (),
        short_codes: Iterable[ShortCode] = (),
        *,
        names: Iterable[SenderName] = (),
        templates: Iterable[Template] = (),
        asks_names: bool = False,
        rules_at: float | None = NEWEST_RULES,
    ) -> None:
        self.asks_names = asks_names
        self.rules_at = rules_at
        self._brands: Mapping[str, Brand] = {}
        self._campaigns: Mapping[str, Campaign] = {}
        self._numbers: Mapping[str, tuple[str, float]] = {}
        self._toll_free: Mapping[str, str] = {}
        self._short_codes: Mapping[str, ShortCode] = {}
        self._names: Mapping[str, SenderName] = {}
        self._templates: Mapping[str, Template] = {}
        self._take(_Entries(brands, campaigns, numbers, toll_free, short_codes, names, templates), {})

    @property
    def brands(self) -> Mapping[str, Brand]:
        """All brands by their ids."""
        return MappingProxyType(self._brands)

    @property
    def campaigns(self) -> Mapping[str, Campaign]:
        """All campaigns by their ids."""
        return MappingProxyType(self._campaigns)

    @property
    def numbers(self) -> Mapping[str, tuple[str, float]]:
        """All numbers that are assigned, each with its campaign and the moment from which on that counts."""
        return MappingProxyType(self._numbers)

    @property
    def toll_free(self) -> Mapping[str, str]:
        """The states of all toll-free numbers of which anything is said."""
        return MappingProxyType(self._toll_free)

    @property
    def short_codes(self) -> Mapping[str, ShortCode]:
        """All short codes of which anything is said."""
        return MappingProxyType(self._short_codes)

    @property
    def names(self) -> Mapping[str, SenderName]:
        """All names of which anything is said."""
        return MappingProxyType(self._names)

    @property
    def templates(self) -> Mapping[str, Template]:
        """All texts that are registered, by their ids."""
        return MappingProxyType(self._templates)

    @property
    def entities(self) -> frozenset[str]:
        """The numbers of the companies that names and templates belong to."""
        return self._entities

    def of_campaign(self, campaign: str) -> Registration:
        """What the numbers of a campaign are once they count. Raises ValueError where there is no such campaign."""
        one_of("campaigns:", campaign, self._campaigns)
        return self._by_campaign[campaign]

    def numbers_of(self, campaign: str) -> tuple[str, ...]:
        """The numbers that are assigned to a campaign, in the order in which they were; whether they count or not."""
        return tuple(number for number, (owner, _) in self._numbers.items() if owner == campaign)

    def look(self, number: str, kind: str, at: float, network: str = "") -> Registration:
        """What the sender with this number, of this kind, is at that moment in the eyes of that network."""
        digits = bare(number)
        if kind == LONG_CODE:
            return self._look_at_long_code(digits, at)
        if kind == TOLL_FREE:
            moment = at if self.rules_at is None else self.rules_at
            return _toll_free(self._toll_free.get(digits, UNVERIFIED), stage_at(moment))
        if kind == SHORT_CODE:
            code = self._short_codes.get(digits)
            return _SHORT_CODES[PENDING if code is None else code.networks.get(network, code.state)]
        if kind == ALPHANUMERIC and (self._names or self.asks_names):
            name = self._names.get(digits)
            return _of_name(UNREGISTERED, "") if name is None else _of_name(name.state, name.entity)
        return _not_asked(kind)

    def span(self, number: str, kind: str, at: float) -> tuple[float, float]:
        """From when until when that sender is what it is at that moment, as long as nothing is changed."""
        if kind == LONG_CODE:
            counts_from = self._numbers.get(bare(number), ("", -inf))[1]
            return (-inf, counts_from) if at < counts_from else (counts_from, inf)
        if kind == TOLL_FREE and self.rules_at is None:
            stage = stage_at(at)
            later = TOLL_FREE_STAGES[stage + 1 :]
            return TOLL_FREE_STAGES[stage].begins, later[0].begins if later else inf
        return -inf, inf

    def _look_at_long_code(self, digits: str, at: float) -> Registration:
        assigned = self._numbers.get(digits)
        if assigned is None:
            return _NO_CAMPAIGN
        campaign, counts_from = assigned
        found = self._by_campaign[campaign]
        if at >= counts_from:
            return found
        why = f"the number is assigned to campaign {campaign}, which does not count yet"
        return replace(_NO_CAMPAIGN, why=why, campaign=found.campaign, brand=found.brand, counts_from=counts_from)

    def changed(
        self,
        *,
        brands: Iterable[Brand] = (),
        campaigns: Iterable[Campaign] = (),
        numbers: Iterable[Assignment] = (),
        toll_free: Iterable[TollFree] = (),
        short_codes: Iterable[ShortCode] = (),
        names: Iterable[SenderName] = (),
        templates: Iterable[Template] = (),
        without: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> "Registry":
        """A registry in which these are added, or stand for those of the same id or number.

        ``without`` takes ids or numbers away, by section: `{"numbers": ["12025550101"]}`. Raises ValueError as the
        constructor does, and for what is to be taken away and is not there; this registry stays as it is.
        """
        other = object.__new__(Registry)
        other.rules_at, other.asks_names = self.rules_at, self.asks_names
        other._brands, other._campaigns, other._numbers = self._brands, self._campaigns, self._numbers
        other._toll_free, other._short_codes = self._toll_free, self._short_codes
        other._names, other._templates = self._names, self._templates
        other._take(_Entries(brands, campaigns, numbers, toll_free, short_codes, names, templates), without)
        return other

    def _take(self, given: _Entries, without: Mapping[str, Iterable[str]]) -> None:
        sections = _Entries._fields
        for section in without:
            one_of("without", section, sections)
        # a dict, as a set would have another order in every run, and with it another error
        gone = {section: dict.fromkeys(bare(one) for one in without.get(section, ())) for section in sections}
        pairs = _assigned(given.numbers)
        states = ((_number("toll_free", one.number, TOLL_FREE), _state("toll_free", one)) for one in given.toll_free)
        codes = ((_number("short_codes", one.number, SHORT_CODE), _code(one)) for one in given.short_codes)
        self._brands = _merged("brands", self._brands, ((one.id, one) for one in given.brands), gone)
        self._campaigns = _merged("campaigns", self._campaigns, ((one.id, one) for one in given.campaigns), gone)
        kept = self._numbers
        self._numbers = _merged("numbers", self._numbers, pairs, gone)
        self._toll_free = _merged("toll_free", self._toll_free, states, gone)
        self._short_codes = _merged("short_codes", self._short_codes, codes, gone)
        names = ((_number("names", one.name, ALPHANUMERIC), one) for one in given.names)
        self._names = _merged("names", self._names, names, gone)
        self._templates = _merged("templates", self._templates, ((one.id, one) for one in given.templates), gone)
        companies = {one.entity for one in self._names.values()} | {one.entity for one in self._templates.values()}
        self._entities = frozenset(companies - {""})
        self._by_campaign = {one.id: self._registered(one) for one in self._campaigns.values()}
        # a hundred thousand numbers are gone through only where one of them can have lost its campaign
        if self._numbers is not kept or gone["campaigns"]:
            for number, (campaign, _) in self._numbers.items():
                if campaign not in self._campaigns:
                    one_of(f"numbers.{number}: campaign", campaign, self._campaigns)

    def _registered(self, campaign: Campaign) -> Registration:
        place = f"campaigns.{campaign.id}"
        one_of(f"{place}: brand", campaign.brand, self._brands)
        brand = self._brands[campaign.brand]
        if (campaign.use_case == SOLE_PROPRIETOR) != brand.is_sole_proprietor:
            allowed = SOLE_PROPRIETOR if brand.is_sole_proprietor else f"any but {SOLE_PROPRIETOR}"
            raise ValueError(f"{place}: use_case {campaign.use_case}, of brand {brand.id} {allowed}")
        derived = campaign.class_for(brand)
        given = campaign.att_class
        if derived and given and given != derived and not campaign.is_forced:
            score = "no score" if brand.score is None else f"score {brand.score}"
            reason = f"{campaign.use_case} with {score} gives {derived}; is_forced has it anyway"
            raise ValueError(f"{place}: att_class {given}, but {reason}")
        is_active = campaign.state == ACTIVE
        # a suspension has a code of its own with those platforms that tell it from a campaign that has run out
        refused = "campaign_suspended" if campaign.state == SUSPENDED else "campaign_inactive"
        return Registration(
            LONG_CODE,
            campaign.state,
            is_registered=is_active,
            cause="" if is_active else refused,
            why="" if is_active else f"campaign {campaign.id} is {campaign.state}",
            is_barred=campaign.state == SUSPENDED,
            campaign=campaign,
            brand=brand,
            att_class=given or derived,
            tier=brand.tier,
        )


def _assigned(numbers: Iterable[Assignment]) -> Iterable[tuple[str, tuple[str, float]]]:
    shared: dict[tuple[str, float], tuple[str, float]] = {}
    for number, campaign, counts_from in numbers:
        digits = _number("numbers", number, LONG_CODE)
        # numbers of one campaign share one tuple: of a hundred thousand numbers that is half the memory
        target = (campaign, counts_from)
        yield digits, shared.setdefault(target, target)


def _number(place: str, number: str, kind: str) -> str:
    digits = bare(number)
    found = kind_of(digits)
    if found != kind:
        raise ValueError(f"{place}.{digits}: it is of kind {found}, only {kind} belongs here")
    return digits


def _state(place: str, one: TollFree) -> str:
    one_of(f"{place}.{bare(one.number)}: state", one.state, TOLL_FREE_STATES)
    return one.state


def _code(code: ShortCode) -> ShortCode:
    one_of(f"short_codes.{code.number}: state", code.state, SHORT_CODE_STATES)
    for network, state in code.networks.items():
        one_of(f"short_codes.{code.number}: state on {network}", state, SHORT_CODE_STATES)
    return code


def _merged(
    place: str, table: Mapping[str, T], given: Iterable[tuple[str, T]], gone_of: Mapping[str, Mapping[str, None]]
) -> Mapping[str, T]:
    """The table with what is given and without what is gone; the same object where neither is anything."""
    gone, added = gone_of[place], dict[str, T]()
    for key, value in given:
        if key in added:
            raise ValueError(f"{place}.{key}: given twice, once is allowed")
        added[key] = value
    for key in gone:
        if key in added:
            raise ValueError(f"{place}.{key}: given and taken away, one of both is allowed")
        one_of(f"without.{place}", key, table)
    if not added and not gone:
        return table
    return {**{key: value for key, value in table.items() if key not in gone}, **added}


class Registrar:
    """The registry as it is now; several networks can look at one. Who changes it changes it for all at once."""

    __slots__ = ("_first", "registry")

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = self._first = registry or Registry()

    def look(self, number: str, kind: str, at: float, network: str = "") -> Registration:
        """What that sender is at that moment, as `Registry.look` has it."""
        return self.registry.look(number, kind, at, network)

    def assign(self, number: str, campaign: str, at: float, delay: float = ASSIGNMENT_DELAY) -> None:
        """From ``delay`` seconds after ``at`` on the number sends for that campaign. Raises as `Registry` does."""
        self.registry = self.registry.changed(numbers=[Assignment(number, campaign, at + delay)])

    def set_campaign(self, campaign: str, state: str) -> None:
        """From now on the campaign is in that state. Raises ValueError where there is no such campaign or state."""
        known = self.registry.campaigns
        one_of("campaigns:", campaign, known)
        self.registry = self.registry.changed(campaigns=[replace(known[campaign], state=state)])

    def replace(self, registry: Registry) -> None:
        """From now on it is this one, and `reset` comes back to it."""
        self.registry = self._first = registry

    def reset(self) -> None:
        """What was changed since the beginning is forgotten."""
        self.registry = self._first


BLOCKED: Final = "blocked"
FILTERED: Final = "filtered"
THROTTLED: Final = "throttled"
PASSED: Final = "passed"
MODES: Final = (BLOCKED, FILTERED, THROTTLED, PASSED)


@dataclass(slots=True, frozen=True)
class Unregistered:
    """What one network does with senders who are not registered: ``mode``, or what ``kinds`` says for a kind of number.

    ``share`` is how much of it is lost where it is filtered; nobody publishes that [?]. Raises ValueError for a mode
    that is none and a share that cannot be.
    """

    mode: str = BLOCKED
    kinds: Mapping[str, str] = field(default_factory=dict)
    share: float = 0.5

    def __post_init__(self) -> None:
        one_of("unregistered:", self.mode, MODES)
        for kind, mode in self.kinds.items():
            one_of(f"unregistered.{kind}:", mode, MODES)
        if not 0 <= self.share <= 1:
            raise ValueError(f"unregistered: share {self.share:g}, from 0 to 1")

    def fate(self, registration: Registration, luck: Luck) -> str:
        """What becomes of a message with that luck: one of ``MODES``; ``THROTTLED`` passes at the pace of people.

        Whom somebody decided against is blocked whatever the mode [I].
        """
        usual = self.usual_fate(registration)
        if usual == FILTERED:
            return FILTERED if luck.of("unregistered") < self.share else PASSED
        return usual

    def usual_fate(self, registration: Registration) -> str:
        """The same before luck is asked: what becomes of all messages of such a sender, or, where it is ``FILTERED``,
        of a share of them.
        """
        if registration.is_registered:
            return PASSED
        return BLOCKED if registration.is_barred else self.kinds.get(registration.kind, self.mode)

"""The registry: which brand, campaign or verification stands behind a number, and what that makes of its sender.

Knows brands, campaigns, the assignment of long codes, the verification of toll-free numbers and where short codes are
provisioned, by the rules of the United States. Does not know who wrote a message, nor how much was sent already; what
a network does with a sender who is not registered is for that network to say (`Unregistered`).

A Registry never changes: `changed` gives a new one that is consistent, or raises. So whoever looks while it changes
sees all of a change or nothing of it. Times are carrier time in unix seconds. [I] marks what is inferred and [?] what
nobody has published.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from simulator.carrier.dice import Luck
from simulator.carrier.messages import bare
from simulator.carrier.numbers import LONG_CODE, SHORT_CODE, TOLL_FREE, kind_of

SCORE_MAX: Final = 100

TOP: Final = "top"
HIGH_MID: Final = "high_mid"
LOW_MID: Final = "low_mid"
LOW: Final = "low"
SOLE_PROPRIETOR: Final = "sole_proprietor"
GOVERNMENT: Final = "government"
"""A government's brand: some providers say that T-Mobile has no cap for it, T-Mobile itself publishes nothing [?]."""
TIERS: Final = (TOP, HIGH_MID, LOW_MID, LOW, SOLE_PROPRIETOR, GOVERNMENT)

_DEDICATED: Final = "ACE"
_MIXED: Final = "BDF"
_GRADES: Final = (75, 50)
"""The scores from which on a class is of the first, and of the second grade; below them is the third."""
_DEDICATED_USES: Final = (
    "2fa account_notification customer_care delivery_notification fraud_alert higher_education polling "
    "public_service_announcement security_alert"
)
USE_CASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(_DEDICATED_USES.split(), _DEDICATED),
        "marketing": _MIXED,
        "mixed": _MIXED,
        "low_volume_mixed": "T",
        SOLE_PROPRIETOR: "W",
        "political": "K",
        "charity": "P",
        "social": "S",
        "emergency": "X",
        "proxy": "G",
        "agents_franchises": "N",
        # these are registered, too, but no table of classes names them [?]
        **dict.fromkeys("k12 platform_free_trial sweepstakes ucaas_high ucaas_low".split(), ""),
    }
)
"""What a campaign may be for, each with its classes at AT&T: three letters are those of the three grades of score."""
CLASSES: Final = tuple("ABCDEFTWKPSXGN")

PENDING: Final = "pending"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
EXPIRED: Final = "expired"
CAMPAIGN_STATES: Final = (PENDING, ACTIVE, SUSPENDED, EXPIRED)
UNVERIFIED: Final = "unverified"
VERIFIED: Final = "verified"
REJECTED: Final = "rejected"
TOLL_FREE_STATES: Final = (UNVERIFIED, PENDING, VERIFIED, REJECTED)
PROVISIONED: Final = "provisioned"
RESTRICTED: Final = "restricted"
SHORT_CODE_STATES: Final = (PROVISIONED, PENDING, RESTRICTED, EXPIRED)
UNASSIGNED: Final = "unassigned"
"""A long code without a campaign, or before its assignment counts."""
NOT_ASKED: Final = "not_asked"
"""A kind of number that nobody registers here."""

ASSIGNMENT_DELAY: Final = 86_400.0
"""Seconds after which an assignment counts at the latest."""

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Brand:
    """Who sends. ``score`` is its vetting score, 0 to 100, or None where it was never vetted.

    Raises ValueError for another score, and for a sole proprietor who is a government or a listed company.
    """

    id: str
    score: int | None = None
    is_sole_proprietor: bool = False
    is_government: bool = False
    is_russell_3000: bool = False

    def __post_init__(self) -> None:
        if self.score is not None and not 0 <= self.score <= SCORE_MAX:
            raise ValueError(f"brands.{self.id}: score {self.score}, 0 to {SCORE_MAX} or none")
        if self.is_sole_proprietor and (self.is_government or self.is_russell_3000):
            raise ValueError(f"brands.{self.id}: sole proprietor, so neither government nor in the Russell 3000")

    @property
    def tier(self) -> str:
        """The tier of its daily cap at T-Mobile; who was never vetted is in the lowest."""
        if self.is_sole_proprietor:
            return SOLE_PROPRIETOR
        if self.is_government:
            return GOVERNMENT
        score = self.score or 0
        # one provider writes Russell 2000: the larger index is what the others write [?]
        if self.is_russell_3000 or score >= 75:
            return TOP
        return HIGH_MID if score >= 50 else LOW_MID if score >= 25 else LOW


@dataclass(slots=True, frozen=True)
class Campaign:
    """What a brand sends. ``att_class`` is its class at AT&T; empty: what use case and score give.

    A class that contradicts them is refused by the registry, unless ``is_forced``. Raises ValueError for a use case,
    class or state that is none.
    """

    id: str
    brand: str
    use_case: str = "mixed"
    att_class: str = ""
    state: str = ACTIVE
    is_forced: bool = False

    def __post_init__(self) -> None:
        place = f"campaigns.{self.id}"
        _one_of(f"{place}: use_case", self.use_case, USE_CASES)
        _one_of(f"{place}: state", self.state, CAMPAIGN_STATES)
        if self.att_class:
            _one_of(f"{place}: att_class", self.att_class, CLASSES)
        elif not USE_CASES[self.use_case]:
            raise ValueError(f"{place}: use_case {self.use_case} has no published class, so att_class must be given")

    def class_for(self, brand: Brand) -> str:
        """The class that use case and score give; empty where nothing is published.

        Listed companies and governments are graded by score like everybody: only T-Mobile's tiers tell them apart.
        """
        classes = USE_CASES[self.use_case]
        if len(classes) < len(_GRADES) + 1:
            return classes
        return classes[sum((brand.score or 0) < grade for grade in _GRADES)]


class Assignment(NamedTuple):
    """A long code that sends for a campaign, from ``counts_from`` (carrier time) on."""

    number: str
    campaign: str
    counts_from: float = -inf


class TollFree(NamedTuple):
    """How far the verification of a toll-free number has come: one of ``TOLL_FREE_STATES``."""

    number: str
    state: str


class ShortCode(NamedTuple):
    """Where a short code works: its ``state`` everywhere, but for those ``networks`` that have another one."""

    number: str
    state: str = PROVISIONED
    networks: Mapping[str, str] = MappingProxyType({})


class Caps(NamedTuple):
    """How much a number may send in a day, a calendar week and a calendar month; None is without a cap."""

    day: int | None = None
    week: int | None = None
    month: int | None = None


class Stage(NamedTuple):
    """The rules about toll-free numbers from a date on: which states are blocked, and which have caps."""

    begins: float
    blocked: frozenset[str]
    caps: Mapping[str, Caps]


# The dates are published, the hour and the zone are not [?]: midnight where the daily caps are reset, too.
_PACIFIC: Final = ZoneInfo("America/Los_Angeles")
_BLOCKED_ONE: Final = frozenset({UNVERIFIED, REJECTED})
_CAPS_PENDING: Final = Caps(2_000, 6_000, 10_000)


def _since(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, tzinfo=_PACIFIC).timestamp()


def _capped(caps: Caps) -> dict[str, Caps]:
    # what was rejected fares like what was never handed in [I]
    return {UNVERIFIED: caps, REJECTED: caps}


TOLL_FREE_STAGES: Final = (
    Stage(-inf, frozenset(), {}),
    # "October 2022": the day is not published [?]
    Stage(_since(2022, 10, 1), frozenset(), _capped(Caps(2_000))),
    Stage(_since(2023, 4, 1), frozenset(), {**_capped(Caps(500, 1_000, 2_000)), PENDING: _CAPS_PENDING}),
    Stage(_since(2023, 11, 8), _BLOCKED_ONE, {PENDING: _CAPS_PENDING}),
    Stage(_since(2024, 1, 31), _BLOCKED_ONE | {PENDING}, {}),
)
"""How the rules for toll-free numbers that are not verified grew tighter, oldest first."""
NEWEST_RULES: Final = inf
"""Stands for a moment at which the last stage holds, whatever the carrier's clock shows."""


@dataclass(slots=True, frozen=True)
class Registration:
    """What a sender is right now. Where it is not registered, ``why`` says it in words, ``cause`` by its key.

    ``circumstances`` choose among the cause's codes. ``is_barred`` tells that somebody decided against this sender,
    which is more than not being registered. ``counts_from`` is when an assignment will count that does not yet.
    """

    kind: str
    status: str
    is_registered: bool
    cause: str = ""
    why: str = ""
    circumstances: tuple[str, ...] = ()
    is_barred: bool = False
    campaign: Campaign | None = None
    brand: Brand | None = None
    att_class: str = ""
    tier: str = ""
    caps: Caps | None = None
    counts_from: float | None = None


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


@lru_cache(maxsize=16)
def _not_asked(kind: str) -> Registration:
    return Registration(kind, NOT_ASKED, is_registered=True)


class Registry:
    """All that is registered. ``rules_at`` is whose day's rules hold for toll-free numbers: ``NEWEST_RULES``, another
    moment, or None for the moment of each message.

    Raises ValueError, naming the place and what is allowed there, for what is given twice, is of the wrong kind, has no
    brand or campaign of its own, or contradicts itself.
    """

    __slots__ = ("_brands", "_by_campaign", "_campaigns", "_numbers", "_short_codes", "_toll_free", "rules_at")

    def __init__(
        self,
        brands: Iterable[Brand] = (),
        campaigns: Iterable[Campaign] = (),
        numbers: Iterable[Assignment] = (),
        toll_free: Iterable[TollFree] = (),
        short_codes: Iterable[ShortCode] = (),
        *,
        rules_at: float | None = NEWEST_RULES,
    ) -> None:
        self.rules_at = rules_at
        self._brands: Mapping[str, Brand] = {}
        self._campaigns: Mapping[str, Campaign] = {}
        self._numbers: Mapping[str, tuple[str, float]] = {}
        self._toll_free: Mapping[str, str] = {}
        self._short_codes: Mapping[str, ShortCode] = {}
        self._take(brands, campaigns, numbers, toll_free, short_codes, {})

    @property
    def brands(self) -> Mapping[str, Brand]:
        """All brands by their ids."""
        return MappingProxyType(dict(self._brands))

    @property
    def campaigns(self) -> Mapping[str, Campaign]:
        """All campaigns by their ids."""
        return MappingProxyType(dict(self._campaigns))

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
            return _toll_free(self._toll_free.get(digits, UNVERIFIED), _stage_at(moment))
        if kind == SHORT_CODE:
            code = self._short_codes.get(digits)
            return _SHORT_CODES[PENDING if code is None else code.networks.get(network, code.state)]
        return _not_asked(kind)

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
        without: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> "Registry":
        """A registry in which these are added, or stand for those of the same id or number.

        ``without`` takes ids or numbers away, by section: `{"numbers": ["12025550101"]}`. Raises ValueError as the
        constructor does, and for what is to be taken away and is not there; this registry stays as it is.
        """
        other = object.__new__(Registry)
        other.rules_at = self.rules_at
        other._brands, other._campaigns, other._numbers = self._brands, self._campaigns, self._numbers
        other._toll_free, other._short_codes = self._toll_free, self._short_codes
        other._take(brands, campaigns, numbers, toll_free, short_codes, without)
        return other

    def _take(
        self,
        brands: Iterable[Brand],
        campaigns: Iterable[Campaign],
        numbers: Iterable[Assignment],
        toll_free: Iterable[TollFree],
        short_codes: Iterable[ShortCode],
        without: Mapping[str, Iterable[str]],
    ) -> None:
        sections = ("brands", "campaigns", "numbers", "toll_free", "short_codes")
        for section in without:
            _one_of("without", section, sections)
        gone = {section: frozenset(bare(one) for one in without.get(section, ())) for section in sections}
        pairs = _assigned(numbers)
        states = ((_number("toll_free", one.number, TOLL_FREE), _state("toll_free", one)) for one in toll_free)
        codes = ((_number("short_codes", one.number, SHORT_CODE), _code(one)) for one in short_codes)
        self._brands = _merged("brands", self._brands, ((one.id, one) for one in brands), gone)
        self._campaigns = _merged("campaigns", self._campaigns, ((one.id, one) for one in campaigns), gone)
        kept = self._numbers
        self._numbers = _merged("numbers", self._numbers, pairs, gone)
        self._toll_free = _merged("toll_free", self._toll_free, states, gone)
        self._short_codes = _merged("short_codes", self._short_codes, codes, gone)
        self._by_campaign = {one.id: self._registered(one) for one in self._campaigns.values()}
        # a hundred thousand numbers are gone through only where one of them can have lost its campaign
        if self._numbers is not kept or gone["campaigns"]:
            for number, (campaign, _) in self._numbers.items():
                if campaign not in self._campaigns:
                    _one_of(f"numbers.{number}: campaign", campaign, self._campaigns)

    def _registered(self, campaign: Campaign) -> Registration:
        place = f"campaigns.{campaign.id}"
        _one_of(f"{place}: brand", campaign.brand, self._brands)
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


def _stage_at(moment: float) -> int:
    """Which stage of the toll-free rules holds then."""
    for number, (_, later) in enumerate(pairwise(TOLL_FREE_STAGES)):
        if moment < later.begins:
            return number
    return len(TOLL_FREE_STAGES) - 1


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
    _one_of(f"{place}.{bare(one.number)}: state", one.state, TOLL_FREE_STATES)
    return one.state


def _code(code: ShortCode) -> ShortCode:
    _one_of(f"short_codes.{code.number}: state", code.state, SHORT_CODE_STATES)
    for network, state in code.networks.items():
        _one_of(f"short_codes.{code.number}: state on {network}", state, SHORT_CODE_STATES)
    return code


def _merged(
    place: str, table: Mapping[str, T], given: Iterable[tuple[str, T]], gone_of: Mapping[str, frozenset[str]]
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
        _one_of(f"without.{place}", key, table)
    if not added and not gone:
        return table
    return {**{key: value for key, value in table.items() if key not in gone}, **added}


_NAMED_MAX: Final = 16
"""How many allowed words an error still lists."""


def _one_of(place: str, word: str, allowed: Iterable[str]) -> None:
    known = tuple(allowed)
    if word in known:
        return
    close = get_close_matches(word, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(known[:_NAMED_MAX]) if known else "nothing, as there is none"
    more = f" and {len(known) - _NAMED_MAX} more" if len(known) > _NAMED_MAX else ""
    raise ValueError(f"{place} {word!r}, one of {listed}{more}{hint}")


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
        _one_of("campaigns:", campaign, known)
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
        _one_of("unregistered:", self.mode, MODES)
        for kind, mode in self.kinds.items():
            _one_of(f"unregistered.{kind}:", mode, MODES)
        if not 0 <= self.share <= 1:
            raise ValueError(f"unregistered: share {self.share:g}, from 0 to 1")

    def fate(self, registration: Registration, luck: Luck) -> str:
        """What becomes of a message with that luck: one of ``MODES``; ``THROTTLED`` passes at the pace of people.

        Whom somebody decided against is blocked whatever the mode [I].
        """
        if registration.is_registered:
            return PASSED
        if registration.is_barred:
            return BLOCKED
        mode = self.kinds.get(registration.kind, self.mode)
        if mode == FILTERED:
            return FILTERED if luck.of("unregistered") < self.share else PASSED
        return mode

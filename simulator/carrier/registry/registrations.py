"""What is registered: brands, campaigns, numbers that send for them, verified toll-free numbers, short codes, names.

Knows which tier and class follow from score and use case, the states of each, and since when which toll-free numbers
are blocked, by the rules of the United States. Does not know what else is registered: whether all of it fits together
is for the registry to say. Times are carrier time in unix seconds. [I] marks what is inferred and [?] what nobody has
published.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from itertools import pairwise
from math import inf
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

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
REGISTERED: Final = "registered"
NAME_STATES: Final = (REGISTERED, PENDING, REJECTED)
"""The states of an alphanumeric sender."""
UNREGISTERED: Final = "unregistered"
"""A name of which nobody has heard, where names are asked for."""
UNASSIGNED: Final = "unassigned"
"""A long code without a campaign, or before its assignment counts."""
NOT_ASKED: Final = "not_asked"
"""A kind of number that nobody registers here."""

_NAMED_MAX: Final = 16
"""How many allowed words an error still lists."""


def one_of(place: str, word: str, allowed: Collection[str]) -> None:
    """Raises ValueError, which names the place, unless the word is one of those that are allowed."""
    if word in allowed:
        return
    known = tuple(allowed)
    close = get_close_matches(word, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    listed = ", ".join(known[:_NAMED_MAX]) if known else "nothing, as there is none"
    more = f" and {len(known) - _NAMED_MAX} more" if len(known) > _NAMED_MAX else ""
    raise ValueError(f"{place} {word!r}, one of {listed}{more}{hint}")


@dataclass(slots=True, frozen=True)
class Brand:
    """Who sends. ``score`` is its vetting score, 0 to 100, or None where it was never vetted; ``name`` is for people.

    Raises ValueError for another score, and for a sole proprietor who is a government or a listed company.
    """

    id: str
    score: int | None = None
    is_sole_proprietor: bool = False
    is_government: bool = False
    is_russell_3000: bool = False
    name: str = ""

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

    ``is_age_gated`` tells that people are asked for their age before they get any of it, ``has_number_pool`` that its
    numbers are registered as a pool, and count as one sender.

    A class that contradicts them is refused by the registry, unless ``is_forced``. Raises ValueError for a use case,
    class or state that is none.
    """

    id: str
    brand: str
    use_case: str = "mixed"
    att_class: str = ""
    state: str = ACTIVE
    is_forced: bool = False
    is_age_gated: bool = False
    has_number_pool: bool = False

    def __post_init__(self) -> None:
        place = f"campaigns.{self.id}"
        one_of(f"{place}: use_case", self.use_case, USE_CASES)
        one_of(f"{place}: state", self.state, CAMPAIGN_STATES)
        if self.att_class:
            one_of(f"{place}: att_class", self.att_class, CLASSES)
        elif not USE_CASES[self.use_case]:
            raise ValueError(f"{place}: use_case {self.use_case} has no published class, so att_class must be given")

    @property
    def pool(self) -> str:
        """What its numbers count as together; empty where each stands for itself."""
        return self.id if self.has_number_pool else ""

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


@dataclass(slots=True, frozen=True)
class SenderName:
    """An alphanumeric sender, which India's registers call a header. ``entity`` is the number of its company.

    Raises ValueError for a state that is none.
    """

    name: str
    state: str = REGISTERED
    entity: str = ""

    def __post_init__(self) -> None:
        one_of(f"names.{self.name}: state", self.state, NAME_STATES)


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


def stage_at(moment: float) -> int:
    """Which stage of the toll-free rules holds then."""
    for number, (_, later) in enumerate(pairwise(TOLL_FREE_STAGES)):
        if moment < later.begins:
            return number
    return len(TOLL_FREE_STAGES) - 1


@dataclass(slots=True, frozen=True)
class Registration:
    """What a sender is right now. Where it is not registered, ``why`` says it in words, ``cause`` by its key.

    ``circumstances`` choose among the cause's codes. ``is_barred`` tells that somebody decided against this sender,
    which is more than not being registered. ``counts_from`` is when an assignment will count that does not yet;
    ``entity`` is the number of the company that a name belongs to.
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
    entity: str = ""

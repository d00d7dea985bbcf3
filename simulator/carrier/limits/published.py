"""The limits that carriers and providers in the United States have published, as quotas know them.

Knows figures and where they hold; how they are counted is the quotas'. [I] marks what is inferred and [?] what is told
in two ways or by nobody.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.carrier.causes import RECEIPT
from simulator.carrier.limits.meters import DAY, MINUTE, MONTH, SECOND, WEEK
from simulator.carrier.limits.quotas import (
    ACCOUNT,
    BRAND,
    CAMPAIGN,
    CAPS,
    CLASS,
    KIND,
    MESSAGES,
    MMS,
    NUMBER,
    QUEUE,
    RECIPIENTS,
    SEGMENTS,
    SMS,
    THROTTLE,
    TIER,
    UNREGISTERED,
    Limit,
    Over,
)
from simulator.carrier.registry.registrations import (
    GOVERNMENT,
    HIGH_MID,
    LOW,
    LOW_MID,
    PENDING,
    SOLE_PROPRIETOR,
    TOP,
    UNVERIFIED,
    VERIFIED,
)


class PerMinute(NamedTuple):
    """A class at AT&T: segments of SMS and MMS in a minute, for a campaign or for each of its numbers."""

    sms: int
    mms: int
    is_per_number: bool = False


ATT_CLASSES: Final[Mapping[str, PerMinute]] = MappingProxyType(
    {
        **dict.fromkeys("AB", PerMinute(4_500, 2_400)),
        **dict.fromkeys("CD", PerMinute(2_400, 1_200)),
        **dict.fromkeys("EF", PerMinute(240, 150)),
        "T": PerMinute(75, 50),
        "W": PerMinute(15, 50),
        "K": PerMinute(4_500, 2_400),
        "P": PerMinute(2_400, 1_200),
        "S": PerMinute(9_000, 2_400),
        "X": PerMinute(4_500, 2_400),
        **dict.fromkeys("GN", PerMinute(60, 50, is_per_number=True)),
    }
)
"""What each class may send in a minute (as a provider published it, April 2026)."""

TIERS_PER_DAY: Final[Mapping[str, int]] = MappingProxyType(
    {TOP: 200_000, HIGH_MID: 40_000, LOW_MID: 10_000, LOW: 2_000, SOLE_PROPRIETOR: 1_000}
)
"""What a brand of each tier may send to T-Mobile in a day: segments and MMS together. A government has no cap, as some
providers say [?]."""

RATES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        # 100 is typical for short codes; for the rest it is what the first of these providers begins with
        "usual": {"toll_free": 3, "short_code": 100, "long_code": 4, "alphanumeric": 0.1},
        "signalwire": {"toll_free": 3, "short_code": 10, "long_code": 4, "long_code:CA": 1},
        "telnyx": {
            f"toll_free:{VERIFIED}": 20,
            f"toll_free:{PENDING}": 1,
            f"toll_free:{UNVERIFIED}": 0.25,
            "short_code": 1_000,
            "long_code:abroad": 0.1,
            "alphanumeric": 0.1,
        },
    }
)
"""Segments in a second by kind of number, as providers publish them."""

_SUBMITTED: Final = Over()
_LATER: Final = Over(where=RECEIPT)
_SLOWER: Final = Over(mode=THROTTLE)


def account_limits(rates: Mapping[str, float], over: Over = _SLOWER) -> tuple[Limit, ...]:
    """Segments in a second by account, `""` for all that are not named."""
    return (Limit(name="account", scope=ACCOUNT, per=SECOND, by=ACCOUNT, amounts=rates, over=over),)


def number_limits(rates: Mapping[str, float] = RATES["usual"], over: Over = _SLOWER) -> tuple[Limit, ...]:
    """Segments in a second by kind of number."""
    return (Limit(name="number", scope=NUMBER, per=SECOND, by=KIND, amounts=rates, over=over),)


def att_limits(over: Over = _SUBMITTED) -> tuple[Limit, ...]:
    """AT&T's limits by class, SMS and MMS apart."""
    media = {SMS: {one: row.sms for one, row in ATT_CLASSES.items()}, MMS: {o: r.mms for o, r in ATT_CLASSES.items()}}
    per_number = frozenset(one for one, row in ATT_CLASSES.items() if row.is_per_number)
    return tuple(
        Limit(
            name=f"att_{medium}",
            scope=CAMPAIGN,
            per=MINUTE,
            by=CLASS,
            amounts=amounts,
            media=medium,
            per_number=per_number,
            cause="att_tpm",
            over=over,
        )
        for medium, amounts in media.items()
    )


def t_mobile_limits(over: Over = _LATER, *, government: int | None = None) -> tuple[Limit, ...]:
    """T-Mobile's cap by tier; over it a message is refused in its receipt. ``government`` is a cap for those, too."""
    amounts = dict(TIERS_PER_DAY) if government is None else {**TIERS_PER_DAY, GOVERNMENT: government}
    return (Limit(name="t_mobile", scope=BRAND, per=DAY, by=TIER, amounts=amounts, cause="tmo_daily", over=over),)


def people_limits(over: Over = _SUBMITTED, *, per_minute: int = 15) -> tuple[Limit, ...]:
    """What a person would send, for numbers that are not registered; the industry's norm is 15 to 60 in a minute.

    Whether the day counts messages or segments is told in two ways; here it is segments [?].
    """
    return (
        _personal("people_minute", MINUTE, per_minute, over),
        _personal("people_day", DAY, 1_000, over),
        _personal("people_recipients", DAY, 200, over if over.mode != QUEUE else _SUBMITTED, RECIPIENTS),
    )


def _personal(name: str, per: str, amount: int, over: Over, counts: str = SEGMENTS) -> Limit:
    return Limit(name=name, scope=NUMBER, per=per, amounts={"": amount}, counts=counts, senders=UNREGISTERED, over=over)


def toll_free_limits(over: Over = _SUBMITTED) -> tuple[Limit, ...]:
    """The historic caps of toll-free numbers that are not verified, wherever the registry's rules give any.

    They count messages. That the week is the calendar's, from Monday on, and the month, too, is inferred [I].
    """
    return tuple(
        Limit(
            name=f"toll_free_{per}",
            scope=NUMBER,
            per=per,
            by=CAPS,
            amounts={},
            counts=MESSAGES,
            cause="tollfree_unverified",
            over=over,
        )
        for per in (DAY, WEEK, MONTH)
    )

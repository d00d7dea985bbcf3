"""What carriers charge for a message, and who owes how much: a table of prices, and totals by day, brand and network.

Knows prices in micro-dollars (integers: a million is one dollar, so that sums are exact), and the days of one zone.
Does not know why a message is charged, nor what a platform adds. Carriers' prices change several times a year: each
price says where it comes from and of when it is, and a message without a price is counted as such and never as free.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

SMS: Final = "sms"
MMS: Final = "mms"
KINDS: Final = (SMS, MMS)
MT: Final = "mt"
"""To a phone."""
MO: Final = "mo"
"""From a phone."""
DIRECTIONS: Final = (MT, MO)

_SNAPSHOT: Final = "provider's list of 2026-05-26, per segment, all kinds of number"
_OLDER: Final = "provider's older list, undated [?]"


def micro_dollars(text: str) -> int:
    """Dollars as people write them (`0.0035`, `$4.50`) in micro-dollars. Raises ValueError for what is no such sum."""
    try:
        sum_ = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        sum_ = Decimal(-1)
    micros = sum_ * 1_000_000 if sum_.is_finite() else Decimal(-1)
    if micros < 0 or micros != int(micros):
        raise ValueError(f"amount: {text!r}, dollars such as 0.0035, with at most six decimals")
    return int(micros)


def dollars(micros: int) -> str:
    """Micro-dollars as dollars, with four decimals or as many as it takes: `0.0035`, `12.5000`."""
    whole, rest = divmod(micros, 1_000_000)
    decimals = f"{rest:06}"
    return f"{whole}.{decimals[:4]}{decimals[4:].rstrip('0')}"


@dataclass(slots=True, frozen=True)
class Fee:
    """One price: micro-dollars for a segment of an SMS, or for an MMS.

    ``is_registered`` tells for whose traffic it is; where a network has one price only, all pay it.
    ``source`` says who published it and when. Raises ValueError for a kind, direction or price that is none.
    """

    network: str
    kind: str
    direction: str
    micros: int
    is_registered: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fee of {self.network}: kind {self.kind!r}, one of {', '.join(KINDS)}")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"fee of {self.network}: direction {self.direction!r}, one of {', '.join(DIRECTIONS)}")
        if self.micros < 0:
            raise ValueError(f"fee of {self.network}: {self.micros} micro-dollars, 0 or more")


US_FEES: Final = (
    Fee("at&t", SMS, MT, 3_500, source=_SNAPSHOT),
    Fee("verizon", SMS, MT, 4_500, source=_SNAPSHOT),
    Fee("t-mobile", SMS, MT, 4_500, source=_SNAPSHOT),
    Fee("us-cellular", SMS, MT, 4_500, source=_SNAPSHOT),
    Fee("t-mobile", SMS, MO, 2_500, source=_SNAPSHOT),
    # 0.0035 to 0.005 by provider: the higher one is taken [I]
    Fee("at&t", MMS, MT, 5_000, source=_OLDER),
    Fee("t-mobile", MMS, MT, 10_000, source=_OLDER),
    Fee("t-mobile", MMS, MT, 13_000, is_registered=False, source=_OLDER),
    Fee("us-cellular", MMS, MT, 10_000, source=_OLDER),
)
"""Surcharges of networks in the United States. Another source has them rise on 19 January 2026; Verizon's for MMS is
not published [?]."""

ONE_OFF: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "brand": (4_000_000, 4_500_000),
        "vetting": (41_000_000, 41_000_000),
        "campaign_vetting": (15_000_000, 15_000_000),
        "campaign_month": (1_500_000, 10_000_000),
    }
)
"""What registration costs, in micro-dollars: the lowest and the highest price by provider and use case."""

PENALTIES: Final[Mapping[str, int]] = MappingProxyType(
    {
        # T-Mobile, for each violation, from 1 January 2024
        "phishing": 2_000_000_000,
        "illegal_content": 1_000_000_000,
        "other_content": 500_000_000,
        # T-Mobile's older list [?]: per message, per case, per case, per campaign that was idle for 60 days
        "grey_route": 10_000_000,
        "evasion": 1_000_000_000,
        "text_enablement": 10_000_000_000,
        "idle_campaign": 250_000_000,
    }
)
"""What a violation costs, in micro-dollars; SHAFT content is among the others."""

ROWS_MAX: Final = 20_000
"""How many sums of one day, brand and network are kept apart; the longest unused goes into one sum per network."""
OTHERS: Final = "(others)"
"""Stands for the day and the brand of sums that are no longer kept apart."""
_NONE: Final = (0, 0, 0, 0)
ASPECTS: Final = ("day", "brand", "network")


class Total(NamedTuple):
    """A sum: messages, their segments (an MMS counts as one), micro-dollars, and how many messages had no price."""

    messages: int = 0
    segments: int = 0
    micros: int = 0
    unpriced: int = 0

    def plus(self, other: "Total") -> "Total":
        """Both together."""
        return Total(*(one + another for one, another in zip(self, other, strict=True)))


class Tab:
    """What one brand owes one network for text messages of one day, opened by `Fees.tab`: to charge one more is to add
    to ``sums`` (messages, segments, micro-dollars, messages without a price).

    It holds from ``since`` until ``until`` and as long as the fees' era is ``era``; then another one is to be opened.
    """

    __slots__ = ("era", "price", "since", "sums", "until")

    def __init__(self, price: int | None, sums: list[int], era: int, since: float, until: float) -> None:
        self.price = price
        self.sums = sums
        self.era = era
        self.since = since
        self.until = until

    def charge(self, segments: int) -> None:
        """One message more, of so many segments."""
        sums, price = self.sums, self.price
        sums[0] += 1
        sums[1] += segments
        if price is None:
            sums[3] += 1
        else:
            sums[2] += price * segments


class Fees:
    """Prices, and what was charged. Days are those of ``zone``; ``fees`` can be replaced while charging goes on.

    Raises ValueError where two prices are given for the same thing, or the zone is none.
    """

    def __init__(self, fees: Iterable[Fee] = US_FEES, *, zone: str = "America/Los_Angeles") -> None:
        try:
            self._zone: tzinfo = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"fees: zone {zone!r}, a name such as America/Los_Angeles") from error
        self.era = 0
        """Counts what closes tabs: other prices, a reset, and sums that are no longer kept apart."""
        self.replace(fees)
        self.reset()

    def replace(self, fees: Iterable[Fee]) -> None:
        """From now on these are the prices; what was charged stays charged."""
        prices: dict[tuple[str, str, str, bool], int] = {}
        for fee in fees:
            key = (fee.network, fee.kind, fee.direction, fee.is_registered)
            if key in prices:
                raise ValueError(f"fee of {fee.network}: two prices for {fee.kind} {fee.direction}")
            prices[key] = fee.micros
        self._prices = prices
        self.era += 1

    def price(self, network: str, kind: str, direction: str, *, is_registered: bool = True) -> int | None:
        """Micro-dollars for one segment, or one MMS; None where no price is known."""
        own = self._prices.get((network, kind, direction, is_registered))
        return self._prices.get((network, kind, direction, not is_registered)) if own is None else own

    def charge(
        self,
        at: float,
        network: str,
        brand: str,
        kind: str = SMS,
        direction: str = MT,
        *,
        segments: int = 1,
        is_registered: bool = True,
    ) -> int:
        """Charge a message at carrier time ``at`` (unix seconds). Returns micro-dollars, 0 where no price is known."""
        price = self.price(network, kind, direction, is_registered=is_registered)
        counted = 1 if kind == MMS else segments
        sums = self._sums_of((self._day_of(at), brand, network))
        sums[0] += 1
        sums[1] += counted
        sums[2] += 0 if price is None else price * counted
        sums[3] += price is None
        return 0 if price is None else price * counted

    def tab(self, at: float, network: str, brand: str, *, is_registered: bool = True) -> Tab:
        """Where the text messages to phones are charged that a brand sends to a network on the day of that moment.

        Who keeps it open saves the looking up; that it is opened is what counts as use.
        """
        price = self.price(network, SMS, MT, is_registered=is_registered)
        sums = self._sums_of((self._day_of(at), brand, network))
        return Tab(price, sums, self.era, self._from, self._until)

    def totals(self, *by: str) -> dict[tuple[str, ...], Total]:
        """The sums by any of `day`, `brand` and `network`, sorted; without any, one sum under the empty key.

        Days are written `2026-05-26`. Where more came than is kept apart, the day and the brand of the oldest is
        ``OTHERS``: sums by network, and the sum of all, are always whole. Raises ValueError for another aspect.
        """
        for aspect in by:
            if aspect not in ASPECTS:
                raise ValueError(f"totals: by {aspect!r}, one of {', '.join(ASPECTS)}")
        places = [ASPECTS.index(aspect) for aspect in by]
        sums: dict[tuple[str, ...], Total] = {}
        for row, total in self._rows.items():
            key = tuple(row[place] for place in places)
            sums[key] = sums.get(key, Total()).plus(Total(*total))
        return dict(sorted(sums.items()))

    def reset(self) -> None:
        """Nothing was charged."""
        self._rows: OrderedDict[tuple[str, str, str], list[int]] = OrderedDict()
        self._day, self._from, self._until = "", 0.0, 0.0
        self.era += 1

    def _sums_of(self, row: tuple[str, str, str]) -> list[int]:
        sums = self._rows.get(row)
        if sums is None:
            while len(self._rows) >= ROWS_MAX and (oldest := self._oldest()) is not None:
                folded = self._rows.pop(oldest)
                rest = (OTHERS, OTHERS, oldest[2])
                self._rows[rest] = [one + other for one, other in zip(self._rows.pop(rest, _NONE), folded, strict=True)]
                self.era += 1
            sums = self._rows[row] = [0, 0, 0, 0]
        else:
            self._rows.move_to_end(row)
        return sums

    def _oldest(self) -> tuple[str, str, str] | None:
        # the sums of networks stay: there are only as many of those as there are networks
        return next((row for row in self._rows if row[:2] != (OTHERS, OTHERS)), None)

    def _day_of(self, at: float) -> str:
        # a day's bounds are looked up once, not with every message
        if not self._from <= at < self._until:
            day = datetime.fromtimestamp(at, self._zone).date()
            self._from = datetime.combine(day, time(), self._zone).timestamp()
            self._until = datetime.combine(day + timedelta(days=1), time(), self._zone).timestamp()
            self._day = day.isoformat()
        return self._day

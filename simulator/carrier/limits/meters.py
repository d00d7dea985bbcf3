"""Meters: how much was let through already, of one key at a time, and how long one more has to wait.

Knows seconds of the link's clock, and minutes, days, weeks and months of the carrier's clock in one zone. Does not know
what is counted, nor why, nor what becomes of what is too much. Each meter remembers a bounded number of keys and
forgets those that were not used for longest. Times are unix seconds, and within one meter they never run backwards,
but for what is booked: that counts in a period to come, and until then the present one goes on.
"""

from array import array
from collections import OrderedDict
from datetime import date, datetime, time
from hashlib import blake2b
from math import inf
from typing import Final, Generic, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

SECOND: Final = "second"
MINUTE: Final = "minute"
DAY: Final = "day"
WEEK: Final = "week"
MONTH: Final = "month"
PERIODS: Final = (MINUTE, DAY, WEEK, MONTH)
SPANS: Final = (SECOND, *PERIODS)

KEYS_MAX: Final = 100_000
"""So many keys are remembered at least, and twice as many at most: who is forgotten begins anew."""
RECIPIENTS_MAX: Final = 1_000_000
"""So many pairs of a sender and a recipient are remembered at least, and twice as many at most."""

BOOKED_MAX: Final = 100_000
"""So many units and recipients of periods to come are remembered, by key and period; the oldest are forgotten."""

V = TypeVar("V")

_SLACK: Final = 0.001
"""A part of a token, so that sums of floats do not cost a message at the boundary."""


class Recent(Generic[V]):
    """What was put under a key not long ago: two tables, of which the older one goes when the younger is full.

    An ordered table would know the longest unused one exactly, and takes almost three times the room.
    """

    __slots__ = ("_old", "young")

    def __init__(self) -> None:
        self.young: dict[str, V] = {}
        """What was put there since the last `turn`; only to be looked at."""
        self._old: dict[str, V] = {}

    def get(self, key: str) -> V | None:
        """What was put there last, or None."""
        found = self.young.get(key)
        return self._old.get(key) if found is None else found

    def put(self, key: str, value: V) -> bool:
        """Put it there; True where it was one key too many for the younger table, so that the older one is gone."""
        self.young[key] = value
        if len(self.young) < KEYS_MAX:
            return False
        self.turn()
        return True

    def turn(self) -> None:
        """What was not put anywhere since the last turn is forgotten."""
        self._old, self.young = self.young, {}

    def clear(self) -> None:
        """Everything is forgotten."""
        self._old, self.young = {}, {}


class Load(NamedTuple):
    """What one message adds: ``units``, for ``recipient``, where ``amount`` units are allowed to ``key``."""

    key: str
    amount: float
    units: int
    recipient: str = ""


class Period:
    """Minutes, days, weeks or months, numbered in order; all but minutes are those of a zone and begin at midnight.

    Weeks begin on Monday. A day in which the clocks change has 23 or 25 hours. Raises ValueError for another word.
    """

    __slots__ = ("_ends", "_number", "_starts", "_zone", "per")

    def __init__(self, per: str, zone: ZoneInfo) -> None:
        if per not in PERIODS:
            raise ValueError(f"per: {per!r}, one of {', '.join(PERIODS)}")
        self.per = per
        self._zone = zone
        self._number, self._starts, self._ends = 0, inf, inf

    def of(self, at: float) -> int:
        """The number of the one that holds this moment."""
        if self.per == MINUTE:
            return int(at // 60)
        # the bounds are looked up once a day, not with every message
        if not self._starts <= at < self._ends:
            self._number = self._numbered(datetime.fromtimestamp(at, self._zone).date())
            self._starts, self._ends = self.starts(self._number), self.starts(self._number + 1)
        return self._number

    def starts(self, number: int) -> float:
        """When that one begins."""
        if self.per == MINUTE:
            return number * 60.0
        return datetime.combine(self._first_day(number), time(), self._zone).timestamp()

    def _numbered(self, day: date) -> int:
        if self.per == MONTH:
            return day.year * 12 + day.month - 1
        # the first day of the calendar was a Monday
        return day.toordinal() if self.per == DAY else (day.toordinal() - 1) // 7

    def _first_day(self, number: int) -> date:
        if self.per == MONTH:
            return date(number // 12, number % 12 + 1, 1)
        return date.fromordinal(number if self.per == DAY else number * 7 + 1)


class Meter(Protocol):
    """What counts. ``wait`` and ``left`` only look, ``spend`` counts, and ``take`` does where there is room."""

    def take(self, load: Load, now: float) -> float:
        """Count it where there is room for it, else what ``wait`` says."""

    def wait(self, load: Load, now: float) -> float:
        """Seconds until there is room for it; 0.0 where there is some, infinity where there will never be."""

    def waiting(self, load: Load, now: float) -> float:
        """How many units would wait, this load's among them, if it were let in though there is no room."""

    def spend(self, load: Load, now: float) -> None:
        """Count it, whether there is room or not: what is too much takes its place in what comes next."""

    def book(self, load: Load, at: float) -> None:
        """Count it as `spend` does, in the period of a moment to come; what comes now goes on being counted now."""

    def left(self, load: Load, now: float) -> float:
        """How many units there is room for now."""

    def reset(self) -> None:
        """Nothing was counted."""


def _taken(meter: Meter, load: Load, now: float) -> float:
    wait = meter.wait(load, now)
    if not wait:
        meter.spend(load, now)
    return wait


class Pace:
    """So many units in a second: one second's worth may come at once, and at least one unit."""

    __slots__ = ("_full_at", "_origin")

    def __init__(self) -> None:
        self._full_at = Recent[float]()
        # moments are kept from here on: small numbers can be added up thousands of times without losing a token
        self._origin: float | None = None

    def take(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return _taken(self, load, now)

    def wait(self, load: Load, now: float) -> float:
        """See `Meter`; what is more than one second's worth waits until nothing else was let through for a second."""
        lent = self._lent(load.key, now)
        if not lent:
            return 0.0
        burst = max(1.0, load.amount)
        wait = lent - (burst - min(load.units, burst)) / load.amount
        return wait if wait > _SLACK / load.amount else 0.0

    def waiting(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return round(self.wait(load, now) * load.amount, 3)

    def spend(self, load: Load, now: float) -> None:
        """See `Meter`."""
        if self._origin is None:
            self._origin = now
        lent = self._lent(load.key, now) + load.units / load.amount
        self._full_at.put(load.key, now - self._origin + lent)

    def book(self, load: Load, at: float) -> None:
        """See `Meter`; nobody knows a second of link time to come, so it counts when it comes."""
        self.spend(load, at)

    def left(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return max(0.0, float(int(max(1.0, load.amount) - self._lent(load.key, now) * load.amount + _SLACK)))

    def reset(self) -> None:
        """See `Meter`."""
        self._full_at.clear()
        self._origin = None

    def _lent(self, key: str, now: float) -> float:
        """Seconds until the bucket is full again."""
        full_at = self._full_at.get(key)
        if full_at is None or self._origin is None:
            return 0.0
        lent = full_at - (now - self._origin)
        return lent if lent > 0 else 0.0


class _Row:
    """Units in one period."""

    __slots__ = ("count", "number")

    def __init__(self) -> None:
        self.number = self.count = 0


class Window:
    """So many units in each period. Where ``has_queue``, what is too much in one takes its place in the next ones."""

    __slots__ = ("_booked", "_has_queue", "_period", "_rows")

    def __init__(self, period: Period, *, has_queue: bool = False) -> None:
        self._period = period
        self._has_queue = has_queue
        self._rows = Recent[_Row]()
        self._booked = OrderedDict[tuple[str, int], int]()

    def take(self, load: Load, now: float) -> float:
        """See `Meter`."""
        key, amount, units, _ = load
        row = self._rows.young.get(key)
        if row is not None:
            period = self._period
            number = int(now // 60) if period.per == MINUTE else period.of(now)
            if row.number == number and row.count + units <= amount:
                # nearly every message of a sender who is at work
                row.count += units
                return 0.0
        return _taken(self, load, now)

    def wait(self, load: Load, now: float) -> float:
        """See `Meter`."""
        if load.units > load.amount:
            return inf
        number = self._period.of(now)
        count = self._count(load, number) + load.units
        if count <= load.amount:
            return 0.0
        # the last unit of a message decides in which period it goes on
        ahead = int((count - 1) // load.amount) if self._has_queue else 1
        return self._period.starts(number + ahead) - now

    def waiting(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return max(0.0, self._count(load, self._period.of(now)) + load.units - load.amount)

    def spend(self, load: Load, now: float) -> None:
        """See `Meter`."""
        number = self._period.of(now)
        count = self._count(load, number)
        row = self._rows.get(load.key) or _Row()
        row.number, row.count = number, count + load.units
        self._rows.put(load.key, row)
        # from now on the row has them
        self._booked.pop((load.key, number), None)

    def book(self, load: Load, at: float) -> None:
        """See `Meter`."""
        key, number = load.key, self._period.of(at)
        row = self._rows.get(key)
        if row is not None and row.number == number:
            row.count += load.units
            return
        self._booked[key, number] = self._booked.pop((key, number), 0) + load.units
        if len(self._booked) > BOOKED_MAX:
            self._booked.popitem(last=False)

    def left(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return max(0.0, load.amount - self._count(load, self._period.of(now)))

    def reset(self) -> None:
        """See `Meter`."""
        self._rows.clear()
        self._booked.clear()

    def _count(self, load: Load, number: int) -> int:
        row = self._rows.get(load.key)
        if row is not None and row.number == number:
            return row.count
        booked = self._booked.get((load.key, number), 0)
        if row is None or not self._has_queue:
            return booked
        # the periods that went by took their share of what was waiting
        return booked + max(0, row.count - int(load.amount) * (number - row.number))


class _Circle:
    """To whom one sender wrote in one period, as numbers of 64 bits: that they can be equal by chance is accepted."""

    __slots__ = ("number", "recipients")

    def __init__(self, number: int) -> None:
        self.number = number
        self.recipients = array("Q")


class Circles:
    """So many distinct recipients in each period; whoever was written to in it can be again. Nobody waits."""

    __slots__ = ("_booked", "_booked_size", "_period", "_rows", "_size")

    def __init__(self, period: Period) -> None:
        self._period = period
        self._booked = OrderedDict[tuple[str, int], "array[int]"]()
        self._booked_size = 0
        self._rows = Recent[_Circle]()
        self._size = 0

    def take(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return _taken(self, load, now)

    def wait(self, load: Load, now: float) -> float:
        """See `Meter`; a recipient counts as one unit."""
        number = self._period.of(now)
        known = self._known(load.key, number)
        if len(known) < load.amount or _token(load.recipient) in known:
            return 0.0
        return self._period.starts(number + 1) - now

    def waiting(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return 1.0 if self.wait(load, now) else 0.0

    def spend(self, load: Load, now: float) -> None:
        """See `Meter`."""
        number = self._period.of(now)
        row = self._rows.get(load.key)
        if row is None or row.number != number:
            row = _Circle(number)
            row.recipients = self._due(load.key, number)
            if load.key in self._rows.young:
                self._size += len(row.recipients)
        token = _token(load.recipient)
        is_new = token not in row.recipients
        if is_new:
            row.recipients.append(token)
        # the size is that of the younger table: what comes over from the older one comes whole
        self._size += is_new if load.key in self._rows.young else len(row.recipients)
        if self._rows.put(load.key, row):
            self._size = 0
        elif self._size > RECIPIENTS_MAX:
            self._rows.turn()
            self._size = 0

    def book(self, load: Load, at: float) -> None:
        """See `Meter`."""
        number = self._period.of(at)
        row = self._rows.get(load.key)
        if row is not None and row.number == number:
            self.spend(load, at)
            return
        booked, token = self._booked.setdefault((load.key, number), array("Q")), _token(load.recipient)
        if token not in booked:
            booked.append(token)
            self._booked_size += 1
        while self._booked_size > BOOKED_MAX:
            self._due(*next(iter(self._booked)))

    def _due(self, key: str, number: int) -> "array[int]":
        """What was booked for that period; it is forgotten here."""
        booked = self._booked.pop((key, number), None)
        if booked is None:
            return array("Q")
        self._booked_size -= len(booked)
        return booked

    def left(self, load: Load, now: float) -> float:
        """See `Meter`."""
        return max(0.0, load.amount - len(self._known(load.key, self._period.of(now))))

    def reset(self) -> None:
        """See `Meter`."""
        self._rows.clear()
        self._size = 0
        self._booked.clear()
        self._booked_size = 0

    def _known(self, key: str, number: int) -> "array[int]":
        row = self._rows.get(key)
        return row.recipients if row is not None and row.number == number else self._booked.get((key, number), _NOBODY)


_NOBODY: Final = array("Q")


def _token(recipient: str) -> int:
    return int.from_bytes(blake2b(recipient.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")

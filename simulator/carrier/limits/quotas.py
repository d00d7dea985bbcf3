"""Quotas: who may send how much, by account, number, campaign and brand, and what becomes of what is too much.

Knows the published limits of carriers in the United States, and any other that is laid down in the same words. Does not
know who sends what, nor how it was registered: that comes with each `Attempt`. Limits per second are kept in link
time, all others in carrier time. [I] marks what is inferred and [?] what nobody has published.

Nobody publishes whether a minute is one of the clock or the last sixty seconds, nor whether what is refused counts.
Here it is the clock's minute, and what one limit refuses counts for none [I].
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from math import inf
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from simulator.carrier.causes import RECEIPT, SUBMIT, listed
from simulator.carrier.limits.meters import (
    DAY,
    MONTH,
    SECOND,
    SPANS,
    WEEK,
    Circles,
    Load,
    Meter,
    Pace,
    Period,
    Window,
)
from simulator.carrier.numbers import country_of
from simulator.carrier.registry.registrations import (
    CLASSES,
    Registration,
    one_of,
)

THROTTLE: Final = "throttle"
"""Over the limit the answer asks to come again later."""
QUEUE: Final = "queue"
"""Over the limit a message is taken and waits, until the queue is full."""
REJECT: Final = "reject"
"""Over the limit a message is refused for good, with the limit's cause."""
MODES: Final = (THROTTLE, QUEUE, REJECT)
PLACES: Final = (SUBMIT, RECEIPT)

ACCOUNT: Final = "account"
NUMBER: Final = "number"
CAMPAIGN: Final = "campaign"
BRAND: Final = "brand"
SCOPES: Final = (ACCOUNT, NUMBER, CAMPAIGN, BRAND)

KIND: Final = "kind"
CLASS: Final = "class"
TIER: Final = "tier"
CAPS: Final = "caps"
CHOICES: Final = ("", ACCOUNT, KIND, CLASS, TIER, CAPS)

SEGMENTS: Final = "segments"
"""Segments of an SMS; an MMS counts as one."""
MESSAGES: Final = "messages"
RECIPIENTS: Final = "recipients"
COUNTS: Final = (SEGMENTS, MESSAGES, RECIPIENTS)

ALL: Final = "all"
SMS: Final = "sms"
MMS: Final = "mms"
MEDIA: Final = (ALL, SMS, MMS)
REGISTERED: Final = "registered"
UNREGISTERED: Final = "unregistered"
SENDERS: Final = (ALL, REGISTERED, UNREGISTERED)

ABROAD: Final = "abroad"
CANADIAN: Final = "CA"
TRAITS: Final = (ABROAD, CANADIAN)
"""What can be said of a message beside its sender's kind and standing, the most telling first."""

SENDERS_MAX: Final = 1_000
"""Of how many senders is kept which limits hold for them; of the others it is found out again."""
LINK: Final = "link"
CARRIER: Final = "carrier"
PACIFIC: Final = "America/Los_Angeles"


class Attempt(NamedTuple):
    """What a limit needs to know of a message. Numbers are in full, without `+`.

    ``traits`` are further words about it, the most telling first: a limit by kind can have an amount for
    `long_code:abroad` or `toll_free:verified`; what the registration's status is need not be among them. ``messages``
    is 0 for the later parts of a text that was counted with its first.
    """

    account: str
    source: str
    kind: str
    destination: str
    registration: Registration
    segments: int = 1
    messages: int = 1
    is_mms: bool = False
    traits: tuple[str, ...] = ()


def traits_of(source: str, destination: str) -> tuple[str, ...]:
    """Which of ``TRAITS`` a message between these numbers has: whether it goes abroad, whether a Canadian sends it."""
    home, there = country_of(source), country_of(destination)
    # toll-free numbers belong to several countries at once, a code that no table has to another one
    is_abroad = bool(home) and home != there and bool(there or destination[:1] != "1")
    return (*(ABROAD,) * is_abroad, *(CANADIAN,) * (home == CANADIAN))


@dataclass(slots=True, frozen=True, kw_only=True)
class Over:
    """What becomes of what is over a limit: ``mode``, and ``where`` a refusal shows.

    ``cause`` is its key where it is not the limit's own, in a queue that of a full one. A queue holds at most
    ``queue_count`` units, and nobody longer than ``queue_seconds``. Raises ValueError for what contradicts itself.
    """

    mode: str = REJECT
    where: str = SUBMIT
    cause: str = ""
    queue_seconds: float = inf
    queue_count: float = inf

    def __post_init__(self) -> None:
        one_of("over: mode", self.mode, MODES)
        one_of("over: where", self.where, PLACES)
        if self.cause:
            listed(self.cause)
        if (self.queue_seconds == inf and self.queue_count == inf) == (self.mode == QUEUE):
            raise ValueError(
                f"over: mode {self.mode}, but queue_seconds or queue_count belong to {QUEUE} and to no other"
            )
        if not (self.queue_seconds >= 0 and self.queue_count >= 0):
            raise ValueError(f"over: queue of {self.queue_seconds:g} s and {self.queue_count:g}, 0 or more")

    def cause_for(self, own: str) -> str:
        """The key of the cause of a refusal, where the limit's own is that one."""
        return self.cause or {THROTTLE: "throttled", QUEUE: "queue_full"}.get(self.mode, own)


@dataclass(slots=True, frozen=True, kw_only=True)
class Limit:
    """One limit: in each ``per`` (a span), ``amounts`` of what ``counts`` for each ``scope`` (whose limit it is).

    ``by`` says what chooses among the amounts: nothing, the account's name, the kind of number, the class at AT&T, the
    brand's tier, or the caps that the registration carries. The amount under `""` holds for all that have none of
    their own; who has no amount at all has no limit. It holds for these ``senders`` and ``media``. ``per_number`` are
    the words of ``amounts`` that hold for each number rather than for the scope. Raises ValueError, which names the
    place, for what is not a limit.
    """

    name: str
    scope: str
    per: str
    amounts: Mapping[str, float]
    by: str = ""
    counts: str = SEGMENTS
    media: str = ALL
    senders: str = ALL
    per_number: frozenset[str] = frozenset()
    cause: str = "other_volume"
    over: Over = Over()

    def __post_init__(self) -> None:
        place = f"limits.{self.name}"
        words = {"scope": SCOPES, "per": SPANS, "by": CHOICES, "counts": COUNTS, "media": MEDIA, "senders": SENDERS}
        for word, allowed in words.items():
            one_of(f"{place}: {word}", getattr(self, word), allowed)
        for word, amount in self.amounts.items():
            if not 0 < amount < inf:
                raise ValueError(f"{place}: amount {amount:g} for {word or 'all'}, above 0 and finite")
            # what is counted in a period is counted whole
            if self.per != SECOND and amount != int(amount):
                raise ValueError(f"{place}: amount {amount:g} for {word or 'all'} in a {self.per}, a whole number")
        if self.counts == RECIPIENTS and (self.per == SECOND or self.over.mode == QUEUE):
            raise ValueError(f"{place}: recipients are counted in a minute or longer, and cannot be queued")
        if self.by == CAPS and self.per not in (DAY, WEEK, MONTH):
            raise ValueError(f"{place}: caps are those of a {DAY}, {WEEK} or {MONTH}")
        if self.by == CLASS:
            for word in self.amounts:
                one_of(f"{place}: class", word, ("", *CLASSES))
        cause = self.over.cause_for(self.cause)
        if self.over.where not in listed(cause).shows:
            raise ValueError(f"{place}: cause {cause} cannot show at {self.over.where}")

    @property
    def clock(self) -> str:
        """In whose time it is kept: ``LINK`` or ``CARRIER``."""
        return LINK if self.per == SECOND else CARRIER

    def load_of(self, attempt: Attempt) -> Load | None:
        """What a message adds to it; None where the limit does not hold for that message."""
        registration = attempt.registration
        if self.media != ALL and (self.media == MMS) != attempt.is_mms:
            return None
        if self.senders != ALL and (self.senders == REGISTERED) != registration.is_registered:
            return None
        word, amount = self._amount(attempt)
        key = self._key(attempt)
        if amount is None or not key:
            return None
        if word in self.per_number:
            key = f"{key} {attempt.source}"
        units = attempt.messages if self.counts == MESSAGES else 1 if attempt.is_mms else attempt.segments
        return Load(key, amount, units, attempt.destination)

    def _key(self, attempt: Attempt) -> str:
        if self.scope == NUMBER:
            return attempt.source
        if self.scope == ACCOUNT:
            return attempt.account
        registered = attempt.registration.campaign if self.scope == CAMPAIGN else attempt.registration.brand
        return "" if registered is None else registered.id

    def _amount(self, attempt: Attempt) -> tuple[str, float | None]:
        registration, by = attempt.registration, self.by
        if by == CAPS:
            return "", None if registration.caps is None else getattr(registration.caps, self.per)
        if by == KIND:
            for word in _kind_words(attempt.kind, attempt.traits, registration.status):
                if word in self.amounts:
                    return word, self.amounts[word]
        elif by:
            word = registration.tier if by == TIER else registration.att_class if by == CLASS else attempt.account
            if word in self.amounts:
                return word, self.amounts[word]
        return "", self.amounts.get("")


@lru_cache(maxsize=1024)
def _kind_words(kind: str, traits: tuple[str, ...], status: str) -> tuple[str, ...]:
    return (*(f"{kind}:{trait}" for trait in traits), f"{kind}:{status}", kind)


class Gauge(NamedTuple):
    """A limit as it holds for one sender: what it is counted by and under which key, and how much is allowed."""

    limit: Limit
    meter: Meter
    key: str
    amount: float
    is_of_link: bool
    is_of_messages: bool


# a named tuple's own __new__ is a Python function, and costs twice as much
_load: Final[Callable[[tuple[str, float, int, str]], Load]] = partial(tuple.__new__, Load)


class Refusal(NamedTuple):
    """A message is too much. ``until`` is when there is room for it again, on the clock that ``clock`` names; infinity
    where there never is. ``mode`` is `throttle` or `reject`, or `queue` where that was full.
    """

    limit: str
    mode: str
    cause: str
    where: str
    until: float
    clock: str


class Queued(NamedTuple):
    """A message is taken, and goes on after ``wait`` seconds of the clock that ``clock`` names."""

    limit: str
    wait: float
    clock: str


class Left(NamedTuple):
    """What is left of one limit for one message: ``left`` of ``amount`` units in each ``per``, and whose it is.

    ``until`` is when there is room for this message, ``wait`` in how many seconds, 0 where there is some; ``over`` is
    what would be said to it where there is none.
    """

    limit: str
    key: str
    counts: str
    per: str
    amount: float
    left: float
    until: float
    clock: str
    scope: str
    wait: float = 0.0
    over: Refusal | Queued | None = None


class Quotas:
    """Limits, and what was counted. Days are those of ``zone``. Raises ValueError for two limits of one name."""

    def __init__(self, limits: Iterable[Limit] = (), *, zone: str = PACIFIC) -> None:
        try:
            clocks = ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"limits: zone {zone!r}, a name such as {PACIFIC}") from error
        self._meters: dict[str, tuple[Limit, Meter]] = {}
        for limit in limits:
            if limit.name in self._meters:
                raise ValueError(f"limits.{limit.name}: given twice, once is allowed")
            self._meters[limit.name] = (limit, _meter(limit, clocks))
        self._known: dict[tuple[Any, ...], tuple[Registration, tuple[Gauge, ...]]] = {}
        self.asks_traits = any(":" in word for limit, _ in self._meters.values() for word in limit.amounts)
        """Whether any limit needs to know the traits of a message."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """All limits, in the order in which they are asked."""
        return tuple(limit for limit, _ in self._meters.values())

    def admit(self, attempt: Attempt, at: float, link_now: float) -> Refusal | Queued | None:
        """Count a message at carrier time ``at`` and link time ``link_now``; None where there is room for it at once.

        The first limit that is over refuses, and then nothing is counted. Of several queues the longest wait holds.
        """
        segments = 1 if attempt.is_mms else attempt.segments
        units = (segments, attempt.messages)
        return self.count(self.gauges(attempt), units, attempt.destination, at, link_now)

    def count(
        self,
        gauges: Sequence[Gauge],
        units: tuple[int, int],
        recipient: str,
        at: float,
        link_now: float,
        *,
        is_ahead: bool = False,
    ) -> Refusal | Queued | None:
        """The same for a message whose ``gauges`` are known; its ``units`` are segments, 1 for an MMS, and messages.

        ``is_ahead`` says that ``at`` is to come: it counts in the day of that moment, and in no second but this one.
        """
        segments, messages = units
        if len(gauges) == 1 and not is_ahead:
            _, meter, key, amount, is_of_link, is_of_messages = gauges[0]
            load = _load((key, amount, messages if is_of_messages else segments, recipient))
            if not meter.take(load, link_now if is_of_link else at):
                return None
        spent: list[tuple[Meter, Load, float]] = []
        queued: Queued | None = None
        for limit, meter, key, amount, is_of_link, is_of_messages in gauges:
            load = _load((key, amount, messages if is_of_messages else segments, recipient))
            now = link_now if is_of_link else at
            wait = meter.wait(load, now)
            if wait:
                over = limit.over
                if over.mode != QUEUE or _is_full(over, wait, meter.waiting(load, now)):
                    return _refusal(limit, now + wait)
                if queued is None or wait > queued.wait:
                    queued = Queued(limit.name, wait, limit.clock)
            spent.append((meter, load, now))
        for meter, load, now in spent:
            (meter.book if is_ahead else meter.spend)(load, now)
        return queued

    def gauges(self, attempt: Attempt) -> tuple[Gauge, ...]:
        """The limits that hold for such a message, whatever its text and recipient are.

        It is found out once for each sender as it stands: the registration itself is kept beside, so that no other one
        can be taken for it.
        """
        account, source, kind, _, registration, _, _, is_mms, traits = attempt
        key = (account, source, kind, is_mms, traits)
        known = self._known.get(key)
        if known is None or known[0] is not registration:
            if len(self._known) >= SENDERS_MAX:
                self._known.clear()
            known = self._known[key] = registration, tuple(self._gauges(attempt))
        return known[1]

    def _gauges(self, attempt: Attempt) -> Iterator[Gauge]:
        for limit, meter in self._meters.values():
            load = limit.load_of(attempt)
            if load is not None:
                is_of_link, is_of_messages = limit.per == SECOND, limit.counts == MESSAGES
                yield Gauge(limit, meter, load.key, load.amount, is_of_link, is_of_messages)

    def left(self, attempt: Attempt, at: float, link_now: float) -> tuple[Left, ...]:
        """What is left of each limit that holds for such a message; nothing is counted."""
        rows = []
        for limit, meter in self._meters.values():
            load = limit.load_of(attempt)
            if load is not None:
                now = link_now if limit.per == SECOND else at
                wait, rest = meter.wait(load, now), meter.left(load, now)
                over: Refusal | Queued | None = None
                if wait:
                    is_queued = limit.over.mode == QUEUE and not _is_full(limit.over, wait, meter.waiting(load, now))
                    over = Queued(limit.name, wait, limit.clock) if is_queued else _refusal(limit, now + wait)
                said = (limit.name, load.key, limit.counts, limit.per, load.amount, rest, now + wait, limit.clock)
                rows.append(Left(*said, limit.scope, wait, over))
        return tuple(rows)

    def reset(self) -> None:
        """Nothing was counted."""
        for _, meter in self._meters.values():
            meter.reset()


def _meter(limit: Limit, zone: ZoneInfo) -> Meter:
    if limit.per == SECOND:
        return Pace()
    period = Period(limit.per, zone)
    return Circles(period) if limit.counts == RECIPIENTS else Window(period, has_queue=limit.over.mode == QUEUE)


def _refusal(limit: Limit, until: float) -> Refusal:
    over = limit.over
    return Refusal(limit.name, over.mode, over.cause_for(limit.cause), over.where, until, limit.clock)


def _is_full(over: Over, wait: float, waiting: float) -> bool:
    # a thousandth of slack, so that the last place of a queue is not lost to sums of floats
    return wait > over.queue_seconds + 0.001 or waiting > over.queue_count + 0.001

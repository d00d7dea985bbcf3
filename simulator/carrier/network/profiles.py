"""How a route behaves over many messages: its delays, and the shares of messages that fare otherwise than well.

Knows distributions and shares under names that people can say. Does not know any phone, filter or limit: what is drawn
here is chance, and the numbers in it are proposals [I] that nobody has measured, but for those of `etsi-2006-p2p`. No
carrier publishes how long it takes to answer a submission, nor its share of missing receipts. A link that falls silent
(a blackout) is none of its business either: nothing is decided about any message then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from difflib import get_close_matches
from math import exp
from statistics import NormalDist
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from simulator.carrier.causes import cause
from simulator.carrier.delays import Between, Delay, Fixed, Lognormal
from simulator.carrier.dice import Luck
from simulator.carrier.messages import DELIVERED, EXPIRED, REFUSED, UNDELIVERABLE, Outcome

# The draws by index are those of the plain carrier, so that a profile shifts nobody's delay.
_DELIVERY_DRAW: Final = 0
_RESPONSE_DRAW: Final = 1
_Z99: Final = NormalDist().inv_cdf(0.99)

RETRIES: Final = (60.0, 300.0, 1_800.0, 7_200.0, 28_800.0, 86_400.0)
"""Seconds after the first attempt at which the next ones come: 1, 5 and 30 minutes, 2, 8 and 24 hours [I]."""


@dataclass(slots=True, frozen=True)
class Peak:
    """Hours of the day in which everything takes ``factor`` times as long and a share of submissions is turned away.

    It begins at ``start`` and is over at ``end``, by the clocks of ``zone``; one that ends before it begins lasts over
    midnight. Raises ValueError for hours that are none, a zone that is none, a factor below 0.
    """

    start: time
    end: time
    zone: tzinfo
    factor: float = 3.0
    queue_full: float = 0.02

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError(f"peak: from {self.start:%H:%M} to {self.end:%H:%M}, which is no time or always")
        if not self.factor >= 0:
            raise ValueError(f"peak: factor {self.factor:g}, 0 or more")
        _checked("peak: queue_full", self.queue_full)

    def holds(self, at: float) -> bool:
        """Whether it is peak time at this moment (unix seconds); the clocks' leaps count as clocks show them."""
        shown = datetime.fromtimestamp(at, self.zone).time()
        if self.start < self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end


def peak(start: str, end: str, zone: str, *, factor: float = 3.0, queue_full: float = 0.02) -> Peak:
    """A peak from words: `peak("18:00", "20:00", "America/New_York")`. Raises ValueError for what cannot be read."""
    try:
        clocks = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"peak: zone {zone!r}, a name such as America/New_York") from error
    return Peak(_clock(start), _clock(end), clocks, factor, queue_full)


def _clock(text: str) -> time:
    clock: time | None
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None:
        raise ValueError(f"peak: {text!r}, a time of day such as 18:00")
    return clock


def _checked(place: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"{place}: {share:g}, a share from 0 to 1")


class Course(NamedTuple):
    """What becomes of one message: the truth, and what is told of it. All spans are in seconds from the submission.

    ``truth`` is what happened at the phone, or REFUSED where the submission is turned away. ``receipts`` are what the
    sender is told, in order; there may be none, two, or a lie. Where ``overtakes`` is set, the receipt is to come
    before the answer to its submission, which takes ``respond_after``.
    """

    respond_after: float
    truth: Outcome
    receipts: tuple[Outcome, ...] = ()
    overtakes: bool = False


_GAP: Final = Between(0.5, 5.0)


@dataclass(slots=True, frozen=True, kw_only=True)
class Profile:
    """A route's chances. ``respond`` is the time to the answer, ``delivery`` from there to the phone, ``told`` from the
    phone to the receipt.

    Shares are from 0 to 1 and each is a knob of its own. Of all messages, ``first_failure`` fail at the first attempt
    and are tried again at the moments of ``retries`` (seconds), until the share ``delivered`` has arrived in the end;
    the others expire at the last moment. ``missing`` have no receipt. Of those that are not tried again ``failed`` fail
    for good at once, and ``false_delivered`` are lost and yet told as delivered; of these three shares a message falls
    into one at most. Of the receipts ``duplicate`` come twice, ``gap`` after the first, and ``out_of_order`` of those
    that tell of a first attempt come before the answer to their submission. Raises ValueError for shares that cannot
    be.
    """

    name: str
    respond: Delay
    delivery: Delay
    told: Delay = Fixed(0.0)
    first_failure: float = 0.0
    delivered: float = 1.0
    retries: tuple[float, ...] = RETRIES
    missing: float = 0.0
    failed: float = 0.0
    false_delivered: float = 0.0
    duplicate: float = 0.0
    gap: Delay = _GAP
    out_of_order: float = 0.0
    peak: Peak | None = None

    def __post_init__(self) -> None:
        names = "first_failure delivered missing failed false_delivered duplicate out_of_order"
        for name in names.split():
            _checked(f"profile {self.name}: {name}", getattr(self, name))
        if self.missing + self.failed + self.false_delivered > 1:
            raise ValueError(f"profile {self.name}: missing, failed and false_delivered together, at most 1")
        if self.first_failure and self.delivered < 1 - self.first_failure:
            raise ValueError(f"profile {self.name}: delivered {self.delivered:g}, at least what arrives at once")
        if self.first_failure and (not self.retries or list(self.retries) != sorted(set(self.retries))):
            raise ValueError(f"profile {self.name}: retries, moments of which each is later than the one before")

    @property
    def is_plain(self) -> bool:
        """Whether every message fares alike, so that no luck is needed and all of them can share one verdict."""
        shares = (self.first_failure, self.missing, self.failed, self.false_delivered, self.duplicate)
        delays = (self.respond, self.delivery, self.told)
        return not any(shares) and not self.out_of_order and not self.peak and all(one.is_fixed for one in delays)

    def at_peak(self, hours: Peak) -> "Profile":
        """The same profile with a peak."""
        return replace(self, peak=hours)

    def plan(self, luck: Luck, at: float, *, patience: float | None = None) -> Course:
        """What becomes of a message with this luck that is submitted at carrier time ``at`` (unix seconds).

        ``patience`` is how many seconds it is valid: what would arrive later expires then.
        """
        hours = self.peak if self.peak is not None and self.peak.holds(at) else None
        factor = 1.0 if hours is None else hours.factor
        respond_after = factor * self.respond.seconds(luck.draw(_RESPONSE_DRAW))
        if hours is not None and luck.of("profile queue_full") < hours.queue_full:
            return Course(respond_after, Outcome(respond_after, REFUSED, cause("queue_full")))
        span = respond_after + factor * self.delivery.seconds(luck.draw(_DELIVERY_DRAW))
        is_missing, truth, told = self._lot(luck, span)
        if patience is not None and truth.after > patience:
            truth = told = Outcome(max(0.0, patience), EXPIRED, cause("validity_expired_carrier"))
        if is_missing:
            return Course(respond_after, truth)
        late = factor * self.told.seconds(0.0 if self.told.is_fixed else luck.of("profile told"))
        first = _later(told, late) if late else told
        # an end that has taken several attempts is no quicker than any answer
        overtakes = bool(self.out_of_order) and truth.after == span and _falls("out_of_order", self.out_of_order, luck)
        return Course(respond_after, truth, self.twice(first, luck), overtakes)

    def twice(self, receipt: Outcome, luck: Luck) -> tuple[Outcome, ...]:
        """A receipt, and the one that comes after it where this message falls into the share of those."""
        if not (self.duplicate and _falls("duplicate", self.duplicate, luck)):
            return (receipt,)
        return receipt, _later(receipt, self.gap.seconds(0.0 if self.gap.is_fixed else luck.of("profile gap")))

    def _lot(self, luck: Luck, span: float) -> tuple[bool, Outcome, Outcome]:
        """Whether no receipt comes, the truth, and what would be told."""
        truth = Outcome(span, DELIVERED)
        # one draw parts all messages, so that the shares add up as they are published
        bad = self.missing + self.failed + self.false_delivered
        lot = luck.of("profile lot") if bad else 1.0
        if self.first_failure and _falls("first_failure", self.first_failure, luck):
            truth = self._tried_again(luck, span)
        elif self.missing <= lot < self.missing + self.failed:
            truth = Outcome(span, UNDELIVERABLE, cause("unknown"))
        elif self.missing <= lot < bad:
            return False, Outcome(span, UNDELIVERABLE, cause("silent_filter")), truth
        return lot < self.missing, truth, truth

    def _tried_again(self, luck: Luck, span: float) -> Outcome:
        """The first attempt failed: the later ones succeed equally often, until ``delivered`` of all have arrived."""
        arriving = (self.delivered - (1 - self.first_failure)) / self.first_failure
        draw = luck.of("profile retry")
        if draw >= arriving:
            return Outcome(self.retries[-1], EXPIRED, cause("absent_temporary"))
        return Outcome(self.retries[int(draw / arriving * len(self.retries))] + span, DELIVERED)


def _later(outcome: Outcome, seconds: float) -> Outcome:
    return Outcome(outcome.after + seconds, outcome.state, outcome.cause)


def _falls(name: str, share: float, luck: Luck) -> bool:
    """Whether a message falls into a share; where there is none, no draw is paid for."""
    return share > 0 and luck.of(f"profile {name}") < share


def _lognormal(median: float, sigma: float) -> Lognormal:
    """By median and sigma, as the profiles are proposed: a quantile is median * exp(sigma * z)."""
    return Lognormal(median, median * exp(sigma * _Z99))


_US_RESPOND: Final = _lognormal(0.044, 0.6)
_US_DELIVERY: Final = _lognormal(1.8, 0.55)
_AT_ONCE: Final = Fixed(0.0)

_NAMED: Final = (
    Profile(name="instant", respond=_AT_ONCE, delivery=_AT_ONCE),
    # an SMSC beside the gateway: only its answer is proposed, and its receipt follows at once
    Profile(name="lan-smsc", respond=_lognormal(0.020, 0.6), delivery=_AT_ONCE),
    Profile(name="us-direct", respond=_US_RESPOND, delivery=_US_DELIVERY, missing=0.02, failed=0.01),
    # of these three only the time to the receipt is proposed: they answer as us-direct does
    Profile(name="eu-direct", respond=_US_RESPOND, delivery=_lognormal(2.6, 0.6)),
    Profile(name="in-otp", respond=_US_RESPOND, delivery=_lognormal(4.0, 0.7)),
    # one in ten is absent; that half of those come back before the last attempt is our guess
    Profile(
        name="handset-retry",
        respond=_US_RESPOND,
        delivery=_US_DELIVERY,
        missing=0.02,
        failed=0.01,
        first_failure=0.10,
        delivered=0.95,
    ),
    Profile(
        name="gray-route",
        respond=_lognormal(0.200, 0.7),
        delivery=_lognormal(30.0, 1.2),
        missing=0.15,
        false_delivered=0.05,
    ),
    # ETSI EMTEL and ITU-T workshop, October 2006: 6 to 8 s to the phone, confirmed after 10 to 12 s, 38 % not at the
    # first attempt, 98 % in the end; when it tries again is not told, nor how many come twice
    Profile(
        name="etsi-2006-p2p",
        respond=_AT_ONCE,
        delivery=Between(6.0, 8.0),
        told=Fixed(4.0),
        first_failure=0.38,
        delivered=0.98,
    ),
)

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({one.name: one for one in _NAMED})
"""The named profiles. Slow hours are added to any of them by `at_peak`."""


def profile(name: str) -> Profile:
    """The profile of that name. Raises ValueError for any other."""
    found = PROFILES.get(name)
    if found is None:
        close = get_close_matches(name.lower(), PROFILES, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"profile: {name!r}, one of {', '.join(PROFILES)}{hint}")
    return found

"""Networks that decide like real ones: whose a number is, who says no, where that shows, and what is told.

Knows the order of the questions: number, registration, opt-outs, quotas, filters, phone, receipts. Each of these is
decided in a module of its own; here stands what follows from it for a message. Does not know how an answer or a receipt
is written. What is so and what is told of it may differ: the truth is kept beside, for whoever asks. The order among
the questions is inferred [I], as no carrier publishes its own.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Final, NamedTuple, Protocol

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import AT_ONCE, Carrier
from simulator.carrier.causes import RECEIPT, SUBMIT, cause, cause_of_magic, listed
from simulator.carrier.delays import Delay
from simulator.carrier.dice import Luck
from simulator.carrier.fees import Fees
from simulator.carrier.filters import LOST, Facts, Filters
from simulator.carrier.messages import (
    ACCEPTED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    FINAL,
    REFUSED,
    UNDELIVERABLE,
    Address,
    Cause,
    Outcome,
    Part,
    Verdict,
)
from simulator.carrier.numbers import Number, NumberPlan, country_of, read_number
from simulator.carrier.optouts import OPT_IN, OPT_OUT, SUSPEND, Heard, OptOutRates, OptOuts
from simulator.carrier.profiles import PROFILES, Course, Profile
from simulator.carrier.quotas import Attempt, Queued, Quotas, Refusal
from simulator.carrier.registrations import SUSPENDED, Registration
from simulator.carrier.registry import BLOCKED, FILTERED, PASSED, Registrar, Unregistered
from simulator.carrier.subscribers import STEADY, Condition, Habits, Subscribers

TRUTH: Final = "truth"
HUB_FIRST: Final = "hub_first"
ACCEPTED_ONLY: Final = "accepted_only"
NONE: Final = "none"

TRUTHS_MAX: Final = 100_000
"""Of how many messages the truth is kept; the oldest is forgotten."""
_DELIVERY_DRAW: Final = 0
_RESPONSE_DRAW: Final = 1
_EVERYBODY: Final = Unregistered(PASSED)


class Letter(Protocol):
    """What networks want to know of a message beside what every carrier does."""

    @property
    def number(self) -> int:
        """Its serial number."""

    @property
    def account(self) -> str:
        """Who sent it."""

    @property
    def source(self) -> Address:
        """From which number."""

    @property
    def destination(self) -> Address:
        """To which one."""

    @property
    def text(self) -> str:
        """What a person would read in it."""

    @property
    def segments_needed(self) -> int:
        """How many segments it takes."""

    @property
    def part(self) -> Part | None:
        """Which part of a longer text it is."""

    @property
    def arrived_at(self) -> float:
        """When it came, in link time."""

    @property
    def scheduled_at(self) -> float | None:
        """When it may be sent, in carrier time."""

    @property
    def expires_at(self) -> float | None:
        """Until when it is valid, in carrier time."""

    @property
    def wants_progress(self) -> bool:
        """Whether its sender wants to be told before the end, too."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Receipts:
    """What is told: ``tells`` is `truth`, `hub_first`, `accepted_only` or `none`. All spans are in seconds.

    ``once``: of a text in parts only the first one has a receipt. ``buffered`` is after how long an intermediate
    receipt says that there is no end yet, ``expires`` after how long it is told as expired, ``late`` how much later
    than the end each receipt comes.
    """

    tells: str = TRUTH
    once: bool = False
    late: Delay = AT_ONCE
    buffered: float = inf
    expires: float = inf


def _usual(key: str) -> Cause:
    return cause(key)


@dataclass(slots=True, frozen=True, kw_only=True)
class Network:
    """One network, or a hub that some messages pass first. ``spelled`` gives a cause its codes here, by its key.

    A no to who is not registered shows at ``unregistered_at`` and ``unregistered_after`` so long; ``filters_after`` has
    the delays of those filters, by name, that tell their hits later than usual.
    """

    name: str
    profile: Profile
    habits: Habits = STEADY
    unregistered: Unregistered = _EVERYBODY
    unregistered_at: str = SUBMIT
    unregistered_after: Delay | None = None
    filters: Filters = field(default_factory=Filters)
    filters_after: Mapping[str, Delay] = field(default_factory=dict)
    quotas: Quotas = field(default_factory=Quotas)
    receipts: Receipts = Receipts()
    parts_max: int = 255
    spelled: Callable[[str], Cause] = _usual


class Truth(NamedTuple):
    """What became of a message and which network decided it: its true final state (empty where it was lost), the key
    of the cause, and why in words. Both are empty where all is well.
    """

    network: str
    state: str
    cause: str = ""
    why: str = ""


class No(NamedTuple):
    """A network does not deliver: why, and where that shows; ``after`` is how late, where it is not as usual.

    ``is_early`` tells that it is said before the filters are asked.
    """

    network: Network
    cause: str
    where: str
    why: str
    after: Delay | None = None
    is_early: bool = True


class Case(NamedTuple):
    """One message on its way through the networks."""

    letter: Letter
    luck: Luck
    now: float
    sender: Number
    receiver: Number
    network: Network
    registration: Registration
    is_landline: bool


_NO_NETWORK: Final = Network(name="", profile=PROFILES["lan-smsc"])
"""Stands for that of a landline, which need not be in any of the networks; where it has got so far, that is told."""


class Networks(Carrier):
    """Several networks behind one door. ``hubs`` names the network that messages from a kind of sender pass first.

    ``given`` are the phones that are changed by hand from the beginning, ``gated`` the campaigns that ask for people's
    age. Where ``suspends``, a campaign whose opt-outs exceed the threshold is suspended; where ``is_magic``, the last
    digits of +1 NPA 555 01xx choose the cause of what happens. Raises ValueError for a home that is none.
    """

    def __init__(
        self,
        plan: NumberPlan,
        networks: Mapping[str, Network],
        *,
        hubs: Mapping[str, str] | None = None,
        home: str = "US",
        registrar: Registrar | None = None,
        opt_outs: OptOuts | None = None,
        rates: OptOutRates | None = None,
        fees: Fees | None = None,
        given: Mapping[str, Condition] | None = None,
        gated: frozenset[str] = frozenset(),
        suspends: bool = True,
        is_magic: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__(seed=seed)
        read_number(Address("1"), home)
        self.numbers = plan
        self.networks = dict(networks)
        self.registrar = registrar or Registrar()
        self.opt_outs = opt_outs or OptOuts()
        self.rates = rates or OptOutRates()
        self.fees = fees or Fees(())
        self.subscribers = Subscribers(self.dice, given)
        self._hubs = {kind: self.networks[name] for kind, name in (hubs or {}).items()}
        self._home = home
        self._gated = gated
        self._suspends = suspends
        self._is_magic = is_magic
        self._truths: OrderedDict[int, Truth] = OrderedDict()

    def submit(self, message: Any, account: Account, now: float) -> Verdict:
        """Decide about a message (a ``Letter``) at carrier time ``now``; what its account may send is asked first."""
        if self.gate is not None:
            return self.gate.refusal(message, account, now) or self._decided(message, now)
        throttle = account.throttle
        if throttle is not None and not throttle.admit(message.arrived_at):
            return self._throttled
        return self._decided(message, now)

    def plan(self, message: Any, now: float) -> Verdict:
        """What will become of a message that is admitted whatever anybody says: only its phone and the route decide."""
        case = self._case(message, now)
        return super().plan(message, now) if isinstance(case, Verdict) else self._sent(case, 0.0, is_admitted=True)

    def truth(self, number: int) -> Truth | None:
        """What was decided about the message with this serial number; None where it is not known, or no longer."""
        return self._truths.get(number)

    def heard(self, phone: str, number: str, text: str, at: float) -> Heard:
        """A phone has answered to a number at carrier time ``at``: what that means, and what the network replies."""
        sender = read_number(Address(number), self._home)
        digits = read_number(Address(phone), self._home).digits
        heard = self.opt_outs.hear(digits, sender.digits, sender.kind, text)
        campaign = self.registrar.look(sender.digits, sender.kind, at).campaign
        if campaign is not None and heard.act == OPT_OUT:
            if SUSPEND in self.rates.opted_out(campaign.id, digits, at) and self._suspends:
                self.registrar.set_campaign(campaign.id, SUSPENDED)
        elif campaign is not None and heard.act == OPT_IN:
            self.rates.opted_in(campaign.id, digits, at)
        return heard

    def reset(self) -> None:
        """Nothing was sent, counted or changed yet."""
        # another seed may have given the carrier other dice
        self.subscribers.dice = self.dice
        super().reset()
        for one in (self.numbers, self.registrar, self.opt_outs, self.rates, self.fees):
            one.reset()
        for network in self.networks.values():
            network.filters.reset()
            network.quotas.reset()
        self._truths.clear()

    # ------------------------------------------------------------------ on the way

    def _decided(self, letter: Letter, now: float) -> Verdict:
        case = self._case(letter, now)
        if isinstance(case, Verdict):
            return case
        hub = self._hubs.get(case.sender.kind)
        wait = 0.0
        for network in (case.network,) if hub is None or hub is case.network else (hub, case.network):
            found = self._passing(case, network)
            if isinstance(found, No):
                return self._refused(case, found)
            wait += found
        campaign, brand = case.registration.campaign, case.registration.brand
        if campaign is not None:
            self.rates.sent(campaign.id, case.receiver.digits, now)
        self.fees.charge(
            now,
            case.network.name,
            "" if brand is None else brand.id,
            segments=letter.segments_needed,
            is_registered=case.registration.is_registered,
        )
        return self._sent(case, wait)

    def _case(self, letter: Letter, now: float) -> Case | Verdict:
        """What is to be known of a message; a refusal where no network has its destination."""
        receiver = read_number(letter.destination, self._home)
        if receiver.why:
            return self._nowhere(letter, "invalid_destination", receiver.why)
        line = self.numbers.line_of(receiver.digits)
        if not (line.network or line.is_landline):
            return self._nowhere(letter, "no_route", f"no network has {receiver.digits}")
        sender = read_number(letter.source, self._home)
        registration = self.registrar.look(sender.digits, sender.kind, now, line.network)
        network, luck = self.networks.get(line.network, _NO_NETWORK), self.dice.throw(letter)
        return Case(letter, luck, now, sender, receiver, network, registration, line.is_landline)

    def _nowhere(self, letter: Letter, key: str, why: str) -> Verdict:
        self._remember(letter, Truth("", REFUSED, key, why))
        return Verdict(accepted=False, cause=cause(key))

    def _passing(self, case: Case, network: Network) -> No | float:
        """What one network says to a message: how many seconds it waits there, or why it goes no further."""
        no = self._standing(case, network)
        if no is not None:
            return no
        letter, part = case.letter, case.letter.part
        attempt = Attempt(
            letter.account,
            case.sender.digits,
            case.sender.kind,
            case.receiver.digits,
            case.registration,
            segments=letter.segments_needed,
            messages=int(part is None or part.number == 1),
            traits=("CA",) if country_of(case.sender.digits) == "CA" else (),
        )
        quota = network.quotas.admit(attempt, case.now, letter.arrived_at)
        if isinstance(quota, Refusal):
            return No(network, quota.cause, quota.where, f"limit {quota.limit} is reached")
        return self._filtered(case, network) or (quota.wait if isinstance(quota, Queued) else 0.0)

    def _standing(self, case: Case, network: Network) -> No | None:
        """Who is not registered, whom its recipient has blocked, a text in too many parts."""
        registration, part = case.registration, case.letter.part
        fate = network.unregistered.fate(registration, case.luck)
        if fate in (BLOCKED, FILTERED):
            where = network.unregistered_at
            why = registration.why or f"the sender is {registration.status}"
            return No(network, registration.cause or "sender_blocked", where, why, network.unregistered_after)
        key = self.opt_outs.refusal(case.sender.digits, case.receiver.digits)
        if key:
            # its published code is one of receipts; that it never shows in an answer is inferred [I]
            return No(network, key, RECEIPT, f"{case.receiver.digits} has opted out from {case.sender.digits}")
        if part is not None and part.total > network.parts_max:
            return No(network, "too_long", SUBMIT, f"{part.total} parts, at most {network.parts_max} are taken")
        return None

    def _filtered(self, case: Case, network: Network) -> No | None:
        campaign = case.registration.campaign
        facts = Facts(
            case.sender.digits,
            case.receiver.digits,
            case.letter.text,
            case.sender.kind,
            is_age_gated=campaign is not None and campaign.id in self._gated,
            is_landline=case.is_landline,
        )
        hit = network.filters.judge(facts, case.now, case.luck)
        if hit is None:
            return None
        why = f"filter {hit.filter}: {hit.why}"
        return No(network, hit.cause, hit.where, why, network.filters_after.get(hit.filter), is_early=False)

    # ------------------------------------------------------------------ what is told

    def _refused(self, case: Case, no: No) -> Verdict:
        """The verdict on a message that some network does not deliver."""
        respond_after = no.network.profile.respond.seconds(case.luck.draw(_RESPONSE_DRAW))
        told = no.network.spelled(no.cause)
        if no.where == SUBMIT:
            self._remember(case.letter, Truth(no.network.name, REFUSED, no.cause, no.why))
            return Verdict(accepted=False, cause=told, respond_after=respond_after)
        is_silent = no.where in (LOST, DELIVERED)
        state = listed(no.cause).states[0] if no.where == RECEIPT else no.where
        self._remember(case.letter, Truth(no.network.name, "" if is_silent else state, no.cause, no.why))
        if no.where == LOST:
            return Verdict(accepted=True, respond_after=respond_after)
        profile, luck = no.network.profile, case.luck
        if no.after is None:
            # it takes as long as a delivery, so that the time tells nobody which of both it was
            late = profile.delivery.seconds(luck.draw(_DELIVERY_DRAW)) + profile.told.seconds(luck.of("profile told"))
        else:
            late = no.after.seconds(luck.of("no after"))
        span = respond_after + late
        course = Course(respond_after, Outcome(span, state, told), (Outcome(span, state, told),))
        return self._told(case, no.network, course, is_early=no.is_early)

    def _sent(self, case: Case, wait: float, *, is_admitted: bool = False) -> Verdict:
        """The verdict on a message that all networks let through, after ``wait`` seconds in their queues."""
        network, letter = case.network, case.letter
        start = max(case.now, letter.scheduled_at or case.now)
        patience = None if letter.expires_at is None else max(0.0, letter.expires_at - start)
        course = network.profile.plan(case.luck, start, patience=patience)
        if course.truth.state == REFUSED and is_admitted:
            # it is let in whatever anybody says, so that the queue has room for it
            course = replace(network.profile, peak=None).plan(case.luck, start, patience=patience)
        if course.truth.state == REFUSED:
            key = "queue_full"
            self._remember(letter, Truth(network.name, REFUSED, key, "it is peak time, and the queue is full"))
            return Verdict(accepted=False, cause=network.spelled(key), respond_after=course.respond_after)
        course = self._at_phone(case, course, start, patience)
        truth = course.truth
        why = "" if truth.cause is None else truth.cause.name
        is_false = truth.state == UNDELIVERABLE and why == "silent_filter"
        self._remember(letter, Truth(network.name, "" if is_false else truth.state, why))
        verdict = self._told(case, network, course)
        if wait:
            later = tuple(replace(one, after=one.after + wait) for one in verdict.outcomes)
            verdict = replace(verdict, outcomes=later)
        return verdict

    def _at_phone(self, case: Case, course: Course, start: float, patience: float | None) -> Course:
        """The course with what the phone has to say to it."""
        truth, number = course.truth, case.receiver.digits
        key = (cause_of_magic(number) or "") if self._is_magic else ""
        if key and key != "delivered":
            return _changed(course, truth.after, *_ending(key))
        if truth.state != DELIVERED or number in self.subscribers.off:
            # who is switched off by hand is found so when his message arrives, and keeps it until he is on again
            return course
        if case.is_landline:
            return _changed(course, truth.after, UNDELIVERABLE, "landline_or_no_sms")
        fate = self.subscribers.fate(
            number,
            start,
            case.luck,
            case.network.habits,
            span=truth.after,
            patience=patience,
            network=case.network.name,
        )
        return _changed(course, fate.after, fate.state, fate.cause)

    def _told(self, case: Case, network: Network, course: Course, *, is_early: bool = False) -> Verdict:
        """What the sender is told of a course, in the words of the network that decides; ``is_early`` as in `No`."""
        said, letter, part = network.receipts, case.letter, case.letter.part
        verdict = Verdict(accepted=True, respond_after=course.respond_after)
        is_later_part = said.once and part is not None and part.number > 1
        if not course.receipts or said.tells == NONE or is_later_part:
            return verdict
        first = course.receipts[0]
        # delays of outcomes count from the answer
        after = max(0.0, first.after - course.respond_after) + said.late.seconds(case.luck.of("told late"))
        key = "" if first.cause is None else first.cause.name
        final = Outcome(after, first.state, network.spelled(key) if key else None)
        if said.tells == ACCEPTED_ONLY:
            final = Outcome(0.0, ACCEPTED, network.spelled("accepted_only"))
        elif said.tells == HUB_FIRST and not is_early:
            quick = network.profile.delivery.seconds(case.luck.draw(_DELIVERY_DRAW))
            # what it says was decided before the network was asked, and no cause belongs to it
            final = Outcome(quick, DELIVERED)
        elif after > said.expires:
            final = Outcome(said.expires, EXPIRED, network.spelled("validity_expired_carrier"))
        progress: tuple[Outcome, ...] = ()
        if said.buffered < final.after:
            progress = (Outcome(said.buffered, ENROUTE, network.spelled("buffered"), is_final=False),)
        elif letter.wants_progress:
            progress = (Outcome(final.after / 2, ENROUTE, is_final=False),)
        return replace(verdict, outcomes=(*progress, final))

    def _remember(self, letter: Letter, truth: Truth) -> None:
        self._truths[letter.number] = truth
        if len(self._truths) > TRUTHS_MAX:
            self._truths.popitem(last=False)


def _ending(key: str) -> tuple[str, str]:
    """The final state in which a cause of the catalogue shows in a receipt, and its key."""
    state = next((one for one in listed(key).states if one in FINAL), UNDELIVERABLE)
    return state, key


def _changed(course: Course, after: float, state: str, key: str) -> Course:
    """The course with another end, ``after`` seconds on; what is told of it comes as much later as it would have."""
    truth = course.truth
    if (after, state) == (truth.after, truth.state):
        return course
    end = Outcome(after, state, cause(key) if key else None)
    late = course.receipts[0].after - truth.after if course.receipts else 0.0
    receipts = tuple(replace(end, after=after + late) for _ in course.receipts[:1])
    return Course(course.respond_after, end, receipts)

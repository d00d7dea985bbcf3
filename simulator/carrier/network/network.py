"""Networks that decide like real ones: whose a number is, who says no, where that shows, and what is told.

Knows the order of the questions: number, registration, opt-outs, quotas, filters, phone, receipts. Each of these is
decided in a module of its own; here stands what follows from it for a message. Does not know how an answer or a receipt
is written. What is so and what is told of it may differ: the truth is kept beside, for whoever asks. The order among
the questions is inferred [I], as no carrier publishes its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.causes import RECEIPT, SUBMIT, cause, listed
from simulator.carrier.delays import Delay
from simulator.carrier.dice import Luck
from simulator.carrier.fees import Fees
from simulator.carrier.filters.filters import LOST, Facts, Filters
from simulator.carrier.filters.joining import Joining
from simulator.carrier.limits.quotas import Attempt, Queued, Quotas, Refusal, traits_of
from simulator.carrier.messages import (
    DELIVERED,
    REFUSED,
    UNDELIVERABLE,
    Address,
    Cause,
    Outcome,
    Verdict,
)
from simulator.carrier.network.hearing import hear
from simulator.carrier.network.letters import Letter
from simulator.carrier.network.magic import WHY, granted, wish_of
from simulator.carrier.network.profiles import PROFILES, Course, Profile
from simulator.carrier.network.told import HUB_FIRST, PLAIN, Receipts, told
from simulator.carrier.network.truths import TRUTHS_MAX, Known, Truth, Truths, usual_truth
from simulator.carrier.numbers import ALPHANUMERIC, Number, NumberPlan, read_number
from simulator.carrier.phones.answers import Answer, Reply
from simulator.carrier.phones.optouts import Heard, OptOutRates, OptOuts
from simulator.carrier.phones.subscribers import STEADY, Condition, Fate, Habits, Subscribers
from simulator.carrier.phones.trials import Trial, Trials
from simulator.carrier.registry.demands import Demand, Tagged, objection
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import BLOCKED, FILTERED, PASSED, Registrar, Unregistered

_DELIVERY_DRAW: Final = 0
_RESPONSE_DRAW: Final = 1
_EVERYBODY: Final = Unregistered(PASSED)


def _usual(key: str) -> Cause:
    return cause(key)


@dataclass(slots=True, frozen=True, kw_only=True)
class Network:
    """One network, or a hub that some messages pass first. ``spelled`` gives a cause its codes here, by its key.

    A no to who is not registered shows at ``unregistered_at`` and ``unregistered_after`` so long; ``filters_after`` has
    the delays of those filters, by name, that tell their hits later than usual. ``demands`` are the values that
    messages must carry beside their text.
    """

    name: str
    profile: Profile
    habits: Habits = STEADY
    unregistered: Unregistered = _EVERYBODY
    unregistered_at: str = SUBMIT
    unregistered_after: Delay | None = None
    demands: tuple[Demand, ...] = ()
    filters: Filters = field(default_factory=Filters)
    filters_after: Mapping[str, Delay] = field(default_factory=dict)
    quotas: Quotas = field(default_factory=Quotas)
    receipts: Receipts = PLAIN
    parts_max: int = 255
    spelled: Callable[[str], Cause] = _usual


class No(NamedTuple):
    """A network does not deliver: why, and where that shows; ``after`` is how late, where it is not as usual.

    ``is_early`` tells that it is said before the filters are asked, ``answer`` is the number that the answer carries,
    where it is not the cause's.
    """

    network: Network
    cause: str
    where: str
    why: str
    after: Delay | None = None
    is_early: bool = True
    answer: int | None = None


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
    """Several networks behind one door. ``hubs`` names the network that messages from a kind of sender pass first,
    ``doors`` the networks that have a door of their own.

    ``home`` is the country by whose rules numbers are read, ``given`` are the phones that are changed by hand from the
    beginning, ``taught`` those of which it is said how they answer. Where ``suspends``, a campaign whose opt-outs
    exceed the threshold is suspended; where ``is_magic``, the last digits of +1 NPA 555 01xx choose the cause of what
    happens. Raises ValueError for a home that is none.
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
        doors: frozenset[str] = frozenset(),
        taught: Mapping[str, tuple[Answer, ...]] | None = None,
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
        self.subscribers = Subscribers(self.dice, given, taught)
        self.trials = Trials()
        self.on_answer: Callable[[Any, float, Reply | None], None] | None = None
        """Is told what its recipient will answer to a message that reaches him at a carrier time; None: nothing now."""
        self.doors = doors
        self.door_of: Callable[[Letter], str] | None = None
        """Tells by which door a message came, where a network has one of its own."""
        self.hubs = {kind: self.networks[name] for kind, name in (hubs or {}).items()}
        self.home = home
        self.suspends = suspends
        self.is_magic = is_magic
        self._joining = Joining()
        self._truths = Truths()
        self.on_lie: Callable[[Any, Known], None] | None = None
        """Is told each message of which something else is so than will be told, at once."""

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
        if isinstance(case, Verdict):
            return super().plan(message, now)
        self.forget_fate(case, now)
        return self._sent(case, 0.0, is_admitted=True)

    def network_of(self, letter: Letter) -> Network:
        """The network that decided about a message; where that is forgotten, the one that its recipient has now."""
        truth = self.truth(letter.number)
        if truth is not None:
            return self.networks.get(truth.network, _NO_NETWORK)
        line = self.numbers.line_of(read_number(letter.destination, self.home).digits)
        return self.networks.get(line.network, _NO_NETWORK)

    def truth(self, number: int) -> Truth | None:
        """What was decided about the message with this serial number; None where it is not known, or no longer."""
        known = self._truths.get(number)
        return None if known is None else known.truth

    def known(self, number: int) -> Known | None:
        """The same, with the moment from which on it holds and what was planned to be told."""
        return self._truths.get(number)

    def heard(self, phone: str, number: str, text: str, at: float, *, segments: int = 1) -> Heard:
        """A phone has written to a number at carrier time ``at``: what that means, and what the network replies."""
        return hear(self, phone, number, text, at, segments=segments)

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
        self._joining.clear()
        self._truths.clear()
        self.trials.clear()

    # ------------------------------------------------------------------ on the way

    def _decided(self, letter: Letter, now: float) -> Verdict:
        case = self._case(letter, now)
        if isinstance(case, Verdict):
            return case
        hub = self.hubs.get(case.sender.kind) if self.door_of is None else self._hub_of(case, self.door_of(letter))
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
        receiver = read_number(letter.destination, self.home)
        if receiver.why:
            return self._nowhere(letter, "invalid_destination", receiver.why, now)
        line = self.numbers.line_of(receiver.digits)
        name = line.network if self.door_of is None else self._behind(self.door_of(letter), line.network)
        if not (name or line.is_landline):
            return self._nowhere(letter, "no_route", f"no network has {receiver.digits}", now)
        sender = read_number(letter.source, self.home)
        registration = self.registrar.look(sender.digits, sender.kind, now, name)
        network, luck = self.networks.get(name, _NO_NETWORK), self.dice.throw(letter)
        return Case(letter, luck, now, sender, receiver, network, registration, line.is_landline)

    def _behind(self, door: str, owner: str) -> str:
        """The network that a message goes to which came in by that door: the door's, except where that is a hub's."""
        return door if door in self.networks and not self._is_hub(door) else owner

    def _hub_of(self, case: Case, door: str) -> Network | None:
        """The hub that a message passes first: that whose door it came in by, else that of its kind of sender."""
        return self.networks[door] if self._is_hub(door) else self.hubs.get(case.sender.kind)

    def _is_hub(self, name: str) -> bool:
        return any(one.name == name for one in self.hubs.values())

    def _nowhere(self, letter: Letter, key: str, why: str, now: float) -> Verdict:
        self._remember(letter, Truth("", REFUSED, key, why), now)
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
            traits=traits_of(case.sender.digits, case.receiver.digits) if network.quotas.asks_traits else (),
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
        if network.demands:
            found = objection(
                network.demands, Tagged(case.letter, case.sender.digits, registration, self.registrar.registry)
            )
            if found is not None:
                return No(network, found.demand.cause, found.demand.where, found.why, answer=found.answer)
        key = self.opt_outs.refusal(case.sender.digits, case.receiver.digits)
        if key:
            # its published code is one of receipts; that it never shows in an answer is inferred [I]
            return No(network, key, RECEIPT, f"{case.receiver.digits} has opted out from {case.sender.digits}")
        parts = case.letter.segments_needed if part is None else part.total
        if parts > network.parts_max:
            return No(network, "too_long", SUBMIT, f"{parts} parts, at most {network.parts_max} are taken")
        return None

    def _filtered(self, case: Case, network: Network) -> No | None:
        if not len(network.filters):
            return None
        letter, campaign = case.letter, case.registration.campaign
        text, is_whole = (letter.text, True) if letter.part is None else self._joining.read(letter, case.now)
        is_age_gated = campaign is not None and campaign.is_age_gated
        source, kind, receiver = case.sender.digits, case.sender.kind, case.receiver.digits
        # in their order, as names cost as much again with each message
        facts = Facts(source, receiver, text, kind, is_age_gated, case.is_landline, "", is_whole)
        hit = network.filters.judge(facts, case.now, case.luck)
        if hit is None:
            return None
        self._joining.stop(case.letter)
        why = f"filter {hit.filter}: {hit.why}"
        return No(network, hit.cause, hit.where, why, network.filters_after.get(hit.filter), is_early=False)

    # ------------------------------------------------------------------ what is told

    def _refused(self, case: Case, no: No) -> Verdict:
        """The verdict on a message that some network does not deliver."""
        respond_after = no.network.profile.respond.seconds(case.luck.draw(_RESPONSE_DRAW))
        spelled = no.network.spelled(no.cause)
        if no.where == SUBMIT:
            spelled = spelled if no.answer is None else replace(spelled, answer=no.answer)
            self._remember(case.letter, Truth(no.network.name, REFUSED, no.cause, no.why), case.now)
            return Verdict(accepted=False, cause=spelled, respond_after=respond_after)
        is_silent = no.where in (LOST, DELIVERED)
        state = listed(no.cause).states[0] if no.where == RECEIPT else no.where
        truth = Truth(no.network.name, "" if is_silent else state, no.cause, no.why)
        if no.where == LOST and (no.is_early or no.network.receipts.tells != HUB_FIRST):
            self._remember(case.letter, truth, case.now)
            return Verdict(accepted=True, respond_after=respond_after)
        profile, luck = no.network.profile, case.luck
        if no.after is None:
            # it takes as long as a delivery, so that the time tells nobody which of both it was
            late = profile.delivery.seconds(luck.draw(_DELIVERY_DRAW)) + profile.told.seconds(luck.of("profile told"))
        else:
            late = no.after.seconds(luck.of("no after"))
        span = respond_after + late
        end = Outcome(span, state, spelled)
        course = Course(respond_after, end, profile.twice(end, luck))
        return self._told(case, no.network, course, truth, case.now, is_early=no.is_early)

    def _sent(self, case: Case, wait: float, *, is_admitted: bool = False) -> Verdict:
        """The verdict on a message that all networks let through, after ``wait`` seconds in their queues."""
        network, letter = case.network, case.letter
        start = max(case.now, letter.scheduled_at or case.now)
        if self.is_magic and (wish := wish_of(case.receiver.digits)):
            made = granted(
                *(wish, letter, network.profile, case.luck, network.spelled), wait=wait, is_admitted=is_admitted
            )
            truth = Truth(network.name, made.state, made.cause, made.cause and WHY)
            self._remember(letter, truth, start + made.after, made.verdict.outcomes)
            return made.verdict
        patience = None if letter.expires_at is None else max(0.0, letter.expires_at - start)
        course = network.profile.plan(case.luck, start, patience=patience)
        if course.truth.state == REFUSED and is_admitted:
            # it is let in whatever anybody says, so that the queue has room for it
            course = replace(network.profile, peak=None).plan(case.luck, start, patience=patience)
        if course.truth.state == REFUSED:
            key = "queue_full"
            truth = Truth(network.name, REFUSED, key, "it is peak time, and the queue is full")
            self._remember(letter, truth, case.now)
            return Verdict(accepted=False, cause=network.spelled(key), respond_after=course.respond_after)
        return self.ended(case, self._at_phone(case, course, start, patience, wait), start, wait)

    def ended(self, case: Case, course: Course, start: float, wait: float) -> Verdict:
        """The verdict on a message that was first tried at ``start`` and whose end is known."""
        network = case.network
        state, key = course.truth.state, "" if course.truth.cause is None else course.truth.cause.name
        if state == UNDELIVERABLE and key == "silent_filter":
            # the route has lost it, and tells nobody
            state = ""
        truth = usual_truth(network.name, state, key)
        # what waits, for its time or in a queue, is no quicker than the answer
        may_overtake = not wait and start <= case.now
        at = start + course.truth.after + wait
        return self._told(case, network, course, truth, at, wait=wait, may_overtake=may_overtake)

    def _at_phone(self, case: Case, course: Course, start: float, patience: float | None, wait: float) -> Course:
        """The course with what the phone has to say to it."""
        truth, number = course.truth, case.receiver.digits
        if truth.state != DELIVERED or (number in self.subscribers.off and not case.letter.is_stored):
            # what is tried but once is found out when it arrives
            return course._replace(overtakes=False) if course.overtakes else course
        if case.is_landline:
            return changed_course(course, truth.after, UNDELIVERABLE, "landline_or_no_sms")
        fate = self.subscribers.fate(
            number,
            start + wait,
            case.luck,
            case.network.habits,
            span=truth.after,
            patience=patience,
            network=case.network.name,
        )
        if fate.attempts[0].cause and fate.after > truth.after:
            self.try_again(Trial(case.letter, case, course, start, 0.0, (), wait, patience), fate, case.now)
        return changed_course(course, fate.after, fate.state, fate.cause)

    def try_again(self, trial: Trial, fate: Fate, at: float) -> None:
        """Its phone was not found, and there are more attempts or time for them."""
        end = trial.start + fate.after + trial.wait
        self.trials.keep(trial.case.receiver.digits, trial._replace(attempts=fate.attempts, end=end), at)

    def forget_fate(self, case: Case, at: float) -> None:
        """What was planned for a message is planned anew."""
        self.trials.let_go(case.receiver.digits, case.letter)
        if self.on_answer is not None:
            self.on_answer(case.letter, at, None)

    def _told(
        self,
        case: Case,
        network: Network,
        course: Course,
        truth: Truth,
        at: float,
        *,
        wait: float = 0.0,
        is_early: bool = False,
        may_overtake: bool = False,
    ) -> Verdict:
        """The verdict with what the sender is told of a course, in the words of the network that decides.

        ``truth`` is what is so from ``at`` on, ``is_early`` as in `No`; all that is told comes ``wait`` seconds later.
        """
        letter, respond_after = case.letter, course.respond_after
        outcomes = told(
            *(network.receipts, course, letter, case.luck),
            profile=network.profile,
            spelled=network.spelled,
            is_early=is_early,
            may_overtake=may_overtake,
        )
        if wait:
            outcomes = tuple(replace(one, after=one.after + wait) for one in outcomes)
        if truth.state == DELIVERED and self.on_answer is not None and case.sender.kind != ALPHANUMERIC:
            reply = self.subscribers.reply(case.receiver.digits, case.luck, case.network.habits)
            if reply is not None and (letter.part is None or letter.part.number == letter.part.total):
                # people answer texts and not parts, and nobody can answer a name
                self.on_answer(letter, at, reply)
        self._remember(letter, truth, at, outcomes)
        return Verdict(accepted=True, respond_after=respond_after, outcomes=outcomes)

    def _remember(self, letter: Letter, truth: Truth, at: float, plan: tuple[Outcome, ...] = ()) -> None:
        known = self._truths.keep(letter.number, truth, at, plan)
        if self.on_lie is not None and not known.is_told:
            self.on_lie(letter, known)


def changed_course(course: Course, after: float, state: str, key: str) -> Course:
    """The course with another end, ``after`` seconds on; what is told of it comes as much later as it would have."""
    truth = course.truth
    if (after, state) == (truth.after, truth.state):
        return course
    end = Outcome(after, state, cause(key) if key else None)
    receipts = tuple(replace(end, after=after + one.after - truth.after) for one in course.receipts)
    return Course(course.respond_after, end, receipts)


__all__ = ["TRUTHS_MAX", "Case", "Letter", "Network", "Networks", "No", "Receipts", "Truth"]

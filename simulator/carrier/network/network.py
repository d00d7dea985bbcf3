"""Networks that decide like real ones: whose a number is, who says no, where that shows, and what is told.

Knows the order of the questions: number, registration, opt-outs, quotas, filters, phone, receipts. Each of these is
decided in a module of its own; here stands what follows from it for a message. Does not know how an answer or a receipt
is written. What is so and what is told of it may differ: the truth is kept beside, for whoever asks. The order among
the questions is inferred [I], as no carrier publishes its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.causes import RECEIPT, SUBMIT, cause, listed
from simulator.carrier.dice import Luck
from simulator.carrier.fees import Fees, Tab
from simulator.carrier.filters.filters import LOST, Facts
from simulator.carrier.filters.joining import Joining
from simulator.carrier.limits.quotas import LINK, Attempt, Queued, Refusal, traits_of
from simulator.carrier.messages import DELIVERED, REFUSED, REJECTED, UNDELIVERABLE, Address, Outcome, Verdict
from simulator.carrier.network.cases import NO_NETWORK, Case, Network, No
from simulator.carrier.network.hearing import hear
from simulator.carrier.network.letters import Letter
from simulator.carrier.network.magic import WHY, granted, wish_of
from simulator.carrier.network.profiles import Course
from simulator.carrier.network.standings import Addressees, Standing, Standings, Station, no_of
from simulator.carrier.network.told import HUB_FIRST, Receipts, told
from simulator.carrier.network.truths import TRUTHS_MAX, Known, Truth, Truths, usual_truth
from simulator.carrier.network.usual import Course as UsualCourse
from simulator.carrier.network.usual import Usual
from simulator.carrier.numbers import ALPHANUMERIC, Number, NumberPlan, read_number
from simulator.carrier.phones.answers import Answer, Reply
from simulator.carrier.phones.optouts import Heard, OptOutRates, OptOuts
from simulator.carrier.phones.subscribers import Condition, Fate, Subscribers
from simulator.carrier.phones.trials import Trial, Trials
from simulator.carrier.registry.demands import Tagged, objection
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import FILTERED, Registrar

_DELIVERY_DRAW: Final = 0
_RESPONSE_DRAW: Final = 1
# a named tuple's own __new__ is a Python function, and costs twice as much
_case: Final[Callable[[tuple[Letter, Luck, float, Number, Number, Network, Registration, bool]], Case]] = partial(
    tuple.__new__, Case
)
_facts: Final[Callable[[tuple[str, str, str, str, bool, bool, str, bool]], Facts]] = partial(tuple.__new__, Facts)


def _as_fast() -> float:
    return 1.0


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
        self.rate: Callable[[], float] = _as_fast
        """Tells how many seconds of carrier time a second of link time is now."""
        self.doors = doors
        self.door_of: Callable[[Letter], str] | None = None
        """Tells by which door a message came, where a network has one of its own."""
        self.hubs = {kind: self.networks[name] for kind, name in (hubs or {}).items()}
        self.home = home
        self.suspends = suspends
        self.is_magic = is_magic
        self._standings = Standings(self.registrar, home)
        self._addressees = Addressees(plan, home)
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
        found = self._case(message, now)
        if isinstance(found, Verdict):
            return super().plan(message, now)
        case, _ = found
        self.forget_fate(case, now)
        return self._sent(case, 0.0, is_admitted=True)

    def replan(self, message: Any, now: float) -> Verdict:
        """What will become of a message with another text: filters read that, too.

        As it was let in, a no that shows in answers is told in a receipt [I]. Limits count it once.
        """
        found = self._case(message, now)
        if isinstance(found, Verdict):
            return super().plan(message, now)
        case, standing = found
        self.forget_fate(case, now)
        for station in standing.stations:
            if (no := self._filtered(case, station)) is not None:
                state = (*listed(no.cause).states, REJECTED)[0]
                return self._refused(case, no._replace(where=state) if no.where == SUBMIT else no)
        return self._sent(case, 0.0, is_admitted=True)

    def network_of(self, letter: Letter) -> Network:
        """The network that decided about a message; where that is forgotten, the one that its recipient has now."""
        truth = self.truth(letter.number)
        if truth is not None:
            return self.networks.get(truth.network, NO_NETWORK)
        line = self.numbers.line_of(read_number(letter.destination, self.home).digits)
        return self.networks.get(line.network, NO_NETWORK)

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
        self._standings.clear()
        self._joining.clear()
        self._truths.clear()
        self.trials.clear()

    # ------------------------------------------------------------------ on the way

    def _decided(self, letter: Letter, now: float) -> Verdict:
        found = self._case(letter, now)
        if isinstance(found, Verdict):
            return found
        case, standing = found
        wait, segments = 0.0, letter.segments_needed
        for station in standing.stations:
            passed = self._passing(case, station, segments)
            if isinstance(passed, No):
                return self._refused(case, passed)
            wait += passed
        if standing.campaign:
            self.rates.sent(standing.campaign, case.receiver.digits, now)
        if case.network is not NO_NETWORK:
            tab = standing.tab
            if tab is None or tab.era != self.fees.era or not tab.since <= now < tab.until:
                tab = self._tab(case, standing)
            tab.charge(segments)
        return self._sent(case, wait)

    def _case(self, letter: Letter, now: float) -> tuple[Case, Standing] | Verdict:
        """What is to be known of a message and its sender; a refusal where no network has its destination."""
        addressees = self._addressees
        if addressees.era != self.numbers.era:
            addressees.begin_anew()
        receiver, line = addressees[letter.destination]
        name, door = line.network, ""
        if receiver.why:
            return self._nowhere(letter, "invalid_destination", receiver.why, now)
        if self.door_of is not None:
            door = self.door_of(letter)
            name = self._behind(door, name)
        network = self.networks.get(name)
        if network is None:
            if not line.is_landline:
                return self._nowhere(letter, "no_route", f"no network has {receiver.digits}", now)
            network = NO_NETWORK
        standing = self._standings[network.name, door].get(letter.source)
        if (
            standing is None
            or standing.registry is not self.registrar.registry
            or not standing.since <= now < standing.until
        ):
            standing = self._standings.found(letter.source, network, door, self._hub_of, now)
        luck = self.dice.throw(letter)
        sender, registration = standing.sender, standing.registration
        return _case((letter, luck, now, sender, receiver, network, registration, line.is_landline)), standing

    def _tab(self, case: Case, standing: Standing) -> Tab:
        """Where a sender's messages are charged today."""
        brand, is_registered = case.registration.brand, case.registration.is_registered
        owner = "" if brand is None else brand.id
        standing.tab = tab = self.fees.tab(case.now, case.network.name, owner, is_registered=is_registered)
        return tab

    def _behind(self, door: str, owner: str) -> str:
        """The network that a message goes to which came in by that door: the door's, except where that is a hub's."""
        return door if door in self.networks and not self._is_hub(door) else owner

    def _hub_of(self, kind: str, door: str) -> Network | None:
        """The hub that a message passes first: that whose door it came in by, else that of its kind of sender."""
        return self.networks[door] if self._is_hub(door) else self.hubs.get(kind)

    def _is_hub(self, name: str) -> bool:
        return any(one.name == name for one in self.hubs.values())

    def _nowhere(self, letter: Letter, key: str, why: str, now: float) -> Verdict:
        self._remember(letter, Truth("", REFUSED, key, why), now)
        return Verdict(accepted=False, cause=cause(key))

    def _passing(self, case: Case, station: Station, segments: int) -> No | float:
        """What one network says to a message: how many seconds it waits there, or why it goes no further."""
        no = station.no or (None if station.is_plain else self._objection(case, station.network))
        if no is not None:
            return no
        letter, _, now, sender, receiver, _, registration, _ = case
        network, part = station.network, letter.part
        if self.opt_outs.blocked and (key := self.opt_outs.refusal(sender.digits, receiver.digits)):
            # its published code is one of receipts; that it never shows in an answer is inferred [I]
            return No(network, key, RECEIPT, f"{receiver.digits} has opted out from {sender.digits}")
        parts = segments if part is None else part.total
        if parts > station.parts_max:
            return No(network, "too_long", SUBMIT, f"{parts} parts, at most {network.parts_max} are taken")
        quotas, messages = network.quotas, int(part is None or part.number == 1)
        if quotas.asks_traits:
            attempt = Attempt(letter.account, sender.digits, sender.kind, receiver.digits, registration)
            gauges = quotas.gauges(attempt._replace(traits=traits_of(sender.digits, receiver.digits)))
        else:
            if station.account != letter.account:
                station.meet(letter.account, sender, registration)
            gauges = station.gauges
        quota: Refusal | Queued | None = None
        if gauges:
            units, sent_at = (segments, messages), letter.scheduled_at
            if sent_at is None or sent_at <= now:
                quota = quotas.count(gauges, units, receiver.digits, now, letter.arrived_at)
            else:
                quota = quotas.count(gauges, units, receiver.digits, sent_at, letter.arrived_at, is_ahead=True)
        if isinstance(quota, Refusal):
            return No(network, quota.cause, quota.where, f"limit {quota.limit} is reached")
        return self._filtered(case, station) or (0.0 if quota is None else self._waits(quota))

    def _waits(self, queued: Queued) -> float:
        """For how many seconds of carrier time a message waits in a queue, whose seconds may be those of links."""
        return queued.wait * (self.rate() if queued.clock == LINK else 1.0)

    def _objection(self, case: Case, network: Network) -> No | None:
        """What a network has against some messages of a sender, and not against others: luck, what they must carry."""
        registration = case.registration
        if network.unregistered.fate(registration, case.luck) == FILTERED:
            return no_of(network, registration)
        if network.demands:
            tagged = Tagged(case.letter, case.sender.digits, registration, self.registrar.registry)
            found = objection(network.demands, tagged)
            if found is not None:
                return No(network, found.demand.cause, found.demand.where, found.why, answer=found.answer)
        return None

    def _filtered(self, case: Case, station: Station) -> No | None:
        network, letter = station.network, case.letter
        if not network.filters.is_any:
            return None
        text, is_whole = (letter.text, True) if letter.part is None else self._joining.read(letter, case.now)
        sender, receiver = case.sender, case.receiver
        facts = _facts(
            (
                *(sender.digits, receiver.digits, text, sender.kind),
                *(station.is_age_gated, case.is_landline, station.pool, is_whole),
            )
        )
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
        # what is to be sent later meets it then, though it is known now
        at = max(case.now, case.letter.scheduled_at or case.now)
        is_silent = no.where in (LOST, DELIVERED)
        state = listed(no.cause).states[0] if no.where == RECEIPT else no.where
        truth = Truth(no.network.name, "" if is_silent else state, no.cause, no.why)
        if no.where == LOST and (no.is_early or no.network.receipts.tells != HUB_FIRST):
            self._remember(case.letter, truth, at)
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
        return self._told(case, no.network, course, truth, at, is_early=no.is_early)

    def _sent(self, case: Case, wait: float, *, is_admitted: bool = False) -> Verdict:
        """The verdict on a message that all networks let through, after ``wait`` seconds in their queues."""
        network, letter = case.network, case.letter
        usual = network.usual
        if (
            usual is not None
            and not (wait or self.is_magic or case.is_landline or letter.wants_progress)
            and letter.scheduled_at is letter.expires_at is None
            and (letter.part is None or usual.takes_parts)
            and self.subscribers.is_well(case.receiver.digits, case.now, network.habits)
            and (found := usual.course(case.luck)) is not None
        ):
            return self._as_usual(case, usual, found)
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

    def _as_usual(self, case: Case, usual: Usual, course: UsualCourse) -> Verdict:
        """The verdict on a message that its phone takes at once."""
        letter, now = case.letter, case.now
        respond_after, span, outcomes = course
        at = now + span
        if self.on_answer is not None and (case.network.habits.answers or self.subscribers.answers):
            self._answered(case, at)
        known = self._truths.keep(letter.number, usual.truth, at, outcomes)
        if self.on_lie is not None and not usual.is_told:
            self.on_lie(letter, known)
        # in their order, as names cost as much again with each message
        return Verdict(True, None, respond_after, outcomes)  # noqa: FBT003

    def _answered(self, case: Case, at: float) -> None:
        """Whoever has the phone answers a message that reaches it then, or has nothing to say."""
        letter, part = case.letter, case.letter.part
        if self.on_answer is None or case.sender.kind == ALPHANUMERIC:
            # nobody can answer a name
            return
        reply = self.subscribers.reply(case.receiver.digits, case.luck, case.network.habits)
        if reply is not None and (part is None or part.number == part.total):
            # people answer texts and not parts
            self.on_answer(letter, at, reply)

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
        if truth.state == DELIVERED:
            self._answered(case, at)
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
    receipts = tuple(Outcome(after + one.after - truth.after, state, end.cause) for one in course.receipts)
    return Course(course.respond_after, end, receipts)


__all__ = ["TRUTHS_MAX", "Case", "Letter", "Network", "Networks", "No", "Receipts", "Truth"]

"""People who have the phones of networks: they answer, their networks answer for them, and their phones change.

It knows what follows from each of these for messages on their way and for the journal. Who is how, and says what, the
model decides (carrier/subscribers.py, carrier/optouts.py); how an answer gets to its ESME is mobile.py's.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.messages import DELETED, DELIVERED, Address, Outcome
from simulator.carrier.network.network import Networks
from simulator.carrier.numbers import read_number
from simulator.carrier.phones.answers import Answer, Reply
from simulator.carrier.phones.changes import planned_anew
from simulator.carrier.phones.subscribers import LANDLINE, OFF, ON, STEADY, Condition, Habits
from simulator.journal import MO_CREATED, NETWORK_REPLIED, PHONE_SWITCHED, RESET
from simulator.scenario.networks.phone_forms import Phone
from simulator.smsc.routing import NoRoute
from simulator.smsc.translate import Submission, address_from, bare

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc

PROMISES_MAX: Final = 200_000
"""How many people may be about to answer at once; whoever comes on top of that says nothing."""


# by so many seconds one moment may differ that was added up in two ways
_A_HAIR: Final = 1e-6


@dataclass(slots=True, frozen=True)
class Person:
    """Somebody's phone at one moment of carrier time.

    ``network`` is where messages to it go, ``ported_to`` the one that has it in truth where those are two. ``state``
    holds until ``until`` (inf: until it is changed), and ``why`` says who decided so. ``answers`` are those that were
    said of this one phone; None where its network's habits hold. ``waiting`` messages are to be tried again.
    """

    number: str
    network: str
    state: str
    until: float
    ported_to: str
    is_changed: bool
    why: str
    answers: tuple[Answer, ...] | None
    waiting: int


class _Answer:
    """An answer that somebody is about to give."""

    __slots__ = ("message", "text")

    def __init__(self, message: Submission, text: str) -> None:
        self.message = message
        self.text = text


class People:
    """The people of ``networks``, who write to whomever is bound to ``smsc``."""

    def __init__(self, smsc: "Smsc", networks: Networks) -> None:
        self._smsc = smsc
        self._networks = networks
        self._subscribers = networks.subscribers
        self._promised: dict[Submission, _Answer] = {}
        networks.on_answer = self._promise
        smsc.phones.people = self
        smsc.journal.feed(MO_CREATED, self._hear)
        smsc.journal.feed(RESET, self._start_over)

    # ------------------------------------------------------------------ what they say

    def _promise(self, message: Any, at: float, reply: Reply | None) -> None:
        """A message will reach somebody at carrier time ``at``, who answers it so; or he has nothing to answer now."""
        if reply is None:
            self._promised.pop(message, None)
        elif len(self._promised) < PROMISES_MAX or message in self._promised:
            promise = _Answer(message, reply.text)
            self._promised[message] = promise
            self._smsc.agenda.put(at + reply.after, self._answer, promise)

    def _answer(self, subject: Any, now: float) -> None:
        promise: _Answer = subject
        message = promise.message
        if self._promised.get(message) is not promise:
            # its message was planned anew since
            return
        del self._promised[message]
        scripted = message.fate is not None and message.fate.outcomes is not None
        if message.state == DELETED or (scripted and message.state != DELIVERED):
            # it was taken back, or a scenario has decided otherwise of it
            return
        if bare(message.destination.number) in self._subscribers.off:
            return
        smsc, to = self._smsc, message.source.number
        try:
            owner = smsc.routing.account_for(address_from(to), None)
        except NoRoute:
            owner = message.account
        with suppress(NoRoute):
            # nobody is there to get it where that account is gone
            smsc.mo(to, message.destination.number, promise.text, now, account=owner)

    def _hear(self, at: float, _session: int, subject: Any, _detail: Any) -> None:
        """A phone has written: its network listens, and may answer by itself: to the phone, and to nobody else."""
        heard = self._networks.heard(
            *(subject.source.number, subject.destination.number, subject.whole, at), segments=subject.segments_needed
        )
        if heard.reply:
            self._smsc.journal.record(at, NETWORK_REPLIED, 0, subject, heard.reply)

    def _start_over(self, _at: float, _session: int, _subject: Any, _detail: Any) -> None:
        self._promised.clear()

    # ------------------------------------------------------------------ how their phones are

    def person(self, number: str, now: float) -> Person:
        """Whoever has that number, at link time ``now``."""
        digits, at = self.digits_of(number), self._smsc.clock.at(now)
        line = self._networks.numbers.line_of(digits)
        network = self._networks.networks.get(line.network)
        habits = STEADY if network is None else network.habits
        said = self._subscribers.changed().get(digits)
        condition = self._subscribers.condition(digits, at, habits)
        if said is None and line.is_landline:
            condition = Condition(LANDLINE)
        return Person(
            digits,
            line.network,
            condition.state,
            condition.until,
            condition.ported_to,
            said is not None,
            _why(condition, said, line.network, habits),
            self._subscribers.taught(digits),
            self.tried(digits) + len(self._subscribers.off.get(digits, ())),
        )

    def digits_of(self, number: str) -> str:
        """The number in full, however it was written; as it is where it is none."""
        read = read_number(Address(number), self._networks.home)
        return bare(number) if read.why else read.digits

    def tried(self, digits: str) -> int:
        """How many messages are tried again at that phone, which has not taken them yet."""
        return sum(not message.is_final for message in self._networks.trials.letters(digits))

    def is_told_ahead(self, message: Submission, at: float) -> bool:
        """Whether its network tells at carrier time ``at`` that it has arrived, which is not so, or not yet."""
        known = self._networks.known(message.number)
        if known is None or known.plan is not message.plan:
            return False
        return known.truth.state != DELIVERED or known.at > at + _A_HAIR

    def changed(self) -> Iterator[str]:
        """The numbers of all phones of which anything was said, in the order in which it first was; then those of which
        nothing was said but how they answer.
        """
        changed = self._subscribers.changed()
        return chain(changed, (one for one in self._subscribers.all_taught() if one not in changed))

    @property
    def changed_count(self) -> int:
        """How many those are."""
        changed, taught = self._subscribers.changed(), self._subscribers.all_taught()
        return len(changed) + sum(one not in changed for one in taught)

    def change(
        self,
        number: str,
        now: float,
        *,
        state: str | None = None,
        until: float | None = None,
        ported_to: str | None = None,
        is_routed: bool = False,
        answers: tuple[Answer, ...] | None = None,
    ) -> Person:
        """Say of that phone what is not None; the rest stays as it is at present. Returns how it is then.

        ``until`` is carrier time and holds with a state; ``ported_to`` is a network, empty for none, and
        ``is_routed`` tells that the number plan knows of it, so that messages go there. What was tried at that phone in
        vain is tried again by the schedule of its network. Raises ValueError for what cannot be.
        """
        digits, at = self.digits_of(number), self._smsc.clock.at(now)
        before = self.person(digits, now)
        if ported_to and ported_to not in self._networks.networks:
            close = get_close_matches(ported_to, self._networks.networks, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(self._networks.networks)}"
            raise ValueError(f"ported_to: {ported_to!r} is no network; {hint}")
        if state is not None or until is not None or ported_to is not None:
            wanted = before.state if state is None else state
            end = (before.until if state is None else inf) if until is None else until
            if wanted == ON:
                end = inf
            held = self._subscribers.change(digits, wanted, until=end, ported_to=ported_to)
            self._move(digits, ported_to, is_routed=is_routed)
            self._note(digits, f"{digits} is {self._told(digits)}", at)
            self._follow(digits, held, at, now)
        if answers is not None:
            self._subscribers.teach(digits, answers)
        return self.person(digits, now)

    def say(self, number: str, phone: Phone, now: float, *, until: float | None = None, anew: bool = False) -> Person:
        """The same in the words of a file, whose `lasts` counts from now; ``until`` is a moment instead of it.

        ``anew``: what is not said is as of a phone that is on and was never ported. Raises ValueError as ``change``.
        """
        if phone.lasts is not None:
            until = self._smsc.clock.at(now) + float(phone.lasts)
        state, ported_to, digits = phone.state, phone.ported_to, self.digits_of(number)
        if anew:
            state, ported_to = state or ON, ported_to or ""
            if phone.answers is None:
                self._subscribers.unteach(digits)
        return self.change(
            *(digits, now),
            state=state,
            until=until,
            ported_to=ported_to,
            is_routed=bool(phone.routed),
            answers=phone.taught,
        )

    def restore(self, number: str, now: float) -> Person:
        """Nothing is said of that phone any more: the seed and its number decide again, and the number plan."""
        digits, at = self.digits_of(number), self._smsc.clock.at(now)
        held = self._subscribers.restore(digits)
        self._networks.numbers.restore(digits)
        self._note(digits, f"{digits} is as nobody has said", at)
        self._follow(digits, held, at, now)
        return self.person(digits, now)

    def plan_anew(self, number: str, at: float, *, is_alerted: bool = False) -> None:
        """That phone was changed: what is tried again there has another fate from now on."""
        for message, outcomes in planned_anew(self._networks, number, at, is_alerted=is_alerted):
            self._lay(message, outcomes, at)

    def _lay(self, message: Submission, outcomes: tuple[Outcome, ...], at: float) -> None:
        """A message has this plan from now on, as far as it is not over."""
        if message.fate is not None and message.fate.outcomes is not None:
            # a scenario has decided of it
            return
        if message.is_final:
            # its sender knows of an end already: only what is so has changed
            message.plan, message.step = outcomes, len(outcomes)
            return
        # what was to be told meanwhile was told by the plan before
        past = sum(not one.is_final and message.begins_at + one.after < at for one in outcomes)
        self._smsc.plan(message, outcomes, past)

    def _follow(self, digits: str, held: list[Submission], at: float, now: float) -> None:
        """What the change of a phone means for what waits for it."""
        if digits not in self._subscribers.off:
            self._smsc.phones.alert(digits, at, now)
        self.plan_anew(digits, at)
        for message in held:
            # it was on its way when its phone went off, and begins anew
            message.begins_at = at
            self._lay(message, self._networks.plan(message, at).outcomes, at)

    def _move(self, digits: str, ported_to: str | None, *, is_routed: bool) -> None:
        if ported_to is None:
            return
        if not ported_to:
            self._networks.numbers.restore(digits)
        elif is_routed:
            self._networks.numbers.port(digits, ported_to)

    def _told(self, digits: str) -> str:
        state, until, ported_to = self._subscribers.changed()[digits]
        told = state if until == inf else f"{state} until {until:.3f}"
        return f"{told}, ported to {ported_to}" if ported_to else told

    def _note(self, digits: str, what: str, at: float) -> None:
        self._smsc.journal.record(at, PHONE_SWITCHED, 0, None, what)


def _why(condition: Condition, said: Condition | None, network: str, habits: Habits) -> str:
    """Who has decided how a phone is, in words."""
    if said is not None:
        is_over = condition.state == ON != said.state
        return f"it was said to be {said.state}, and that time is over" if is_over else "it was said so"
    if condition.state == LANDLINE and not habits.landline:
        return "its number is a landline's"
    if not network:
        return "no network has this number"
    if condition.state == ON:
        return "nothing was said of it, and the seed and its number leave it on"
    share = habits.absent if condition.state == OFF else getattr(habits, condition.state)
    return f"the seed and its number: {share:.6g} of the phones of {network} are {condition.state} at any moment"


__all__ = ["People", "Person"]

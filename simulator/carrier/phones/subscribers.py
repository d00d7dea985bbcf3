"""Phones: what state each is in, what waits for those that are off, and what becomes of a message to one.

A phone is as it was said by hand. Of all others the seed and the number decide: whether it can ever be reached, and
when it is off, abroad or full, so that two messages at one moment meet the same phone, in any order. No clock, no PDU,
nobody to be told; how people answer is told in answers.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from math import inf
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar

from simulator.carrier.causes import listed
from simulator.carrier.dice import Dice, Luck
from simulator.carrier.messages import DELIVERED, EXPIRED, Cause, Message, bare
from simulator.carrier.network.profiles import RETRIES
from simulator.carrier.phones.answers import Answer, Reply, checked, chosen

ABSENT: Final = Cause("absent_subscriber", "027", is_temporary=True)
"""The phone is off; 27 is what a mobile network calls it (3GPP 29.002, absentSubscriber)."""
PATIENCE: Final = 259_200.0
"""Seconds that a message without a validity of its own waits for a phone that is off: three days."""
VALIDITY: Final = 172_800.0
"""Seconds for which a network tries where a message does not say it: 48 hours, of the 24 to 48 that are published."""
DERIVED_MAX: Final = 20_000
"""Of how many phones is kept how they are by themselves; of the others it is worked out again."""
_MARGIN: Final = 0.001
CHANGED_MAX: Final = 1_000_000
"""How many phones can be changed by hand: none of them is ever forgotten, so more are refused."""

ON: Final = "on"
OFF: Final = "off"
ROAMING: Final = "roaming"
MEMORY_FULL: Final = "memory_full"
BUSY: Final = "busy"
BARRED: Final = "barred"
NO_FUNDS: Final = "no_funds"
DEACTIVATED: Final = "deactivated"
LANDLINE: Final = "landline"
STATES: Final = (ON, OFF, ROAMING, MEMORY_FULL, BUSY, BARRED, NO_FUNDS, DEACTIVATED, LANDLINE)
"""What a phone can be. That its number was ported is another matter: it can be so in each of them."""

_PORTABILITY: Final = "portability"
_VALIDITY_OVER: Final = "validity_expired_carrier"
_CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        OFF: "absent_temporary",
        ROAMING: "roaming_no_route",
        MEMORY_FULL: "memory_full",
        BUSY: "subscriber_busy",
        BARRED: "barred",
        NO_FUNDS: "prepaid_no_funds",
        DEACTIVATED: "deactivated",
        LANDLINE: "landline_or_no_sms",
    }
)
"""Why a message does not reach a phone in each state."""
_FOR_GOOD: Final = (BARRED, NO_FUNDS, DEACTIVATED, LANDLINE)
# with these, trying again within hours changes nothing, and networks do not
_HOPELESS: Final = frozenset({*(_CAUSES[state] for state in (*_FOR_GOOD, ROAMING)), _PORTABILITY})

M = TypeVar("M", bound=Message)


class Condition(NamedTuple):
    """How a phone is: its state until some moment (carrier time, `inf` for good), and the network it was ported to.

    ``ported_to`` is empty where it never was, or where only the number plan knows.
    """

    state: str = ON
    until: float = inf
    ported_to: str = ""


_WELL: Final = Condition()


@dataclass(slots=True, frozen=True, kw_only=True)
class Habits:
    """How the phones of a network are while nothing else is said of one. Shares are of all phones, from 0 to 1.

    ``barred``, ``no_funds``, ``deactivated`` and ``landline`` are so for good. ``absent``, ``roaming`` and
    ``memory_full`` are so at any moment, for spells of ``absent_for``, ``roaming_for`` and ``memory_full_for`` seconds.
    ``busy`` is the share of attempts that find the phone busy, and ``roaming_lost`` that of attempts that find no way
    to a phone abroad. A message is tried at once and ``retries`` seconds later, and expires after ``validity`` seconds
    unless it has a validity of its own. All shares and spells are settings, and none of them was ever published [I].
    Raises ValueError for what cannot be.
    """

    absent: float = 0.0
    roaming: float = 0.0
    memory_full: float = 0.0
    busy: float = 0.0
    barred: float = 0.0
    no_funds: float = 0.0
    deactivated: float = 0.0
    landline: float = 0.0
    roaming_lost: float = 1.0
    absent_for: float = 7_200.0
    roaming_for: float = 259_200.0
    memory_full_for: float = 86_400.0
    retries: tuple[float, ...] = RETRIES
    validity: float = VALIDITY
    answers: tuple[Answer, ...] = ()
    for_good: tuple[tuple[str, float], ...] = field(init=False, repr=False, compare=False)
    """Each state in which phones stay, with its share, but for those that no phone is in."""
    spells: tuple[tuple[str, float, float], ...] = field(init=False, repr=False, compare=False)
    """Each state that passes, with its share and the length of a spell, but for those that no phone is in."""

    def __post_init__(self) -> None:
        for name in (*_FOR_GOOD, "absent", "roaming", "memory_full", "busy", "roaming_lost"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f"subscribers: {name}: {share:g}, a share from 0 to 1")
        for name in ("absent_for", "roaming_for", "memory_full_for", "validity"):
            seconds = getattr(self, name)
            if not 0 < seconds < inf:
                raise ValueError(f"subscribers: {name}: {seconds:g} s, above 0 and not endless")
        if list(self.retries) != sorted({one for one in self.retries if one > 0}):
            raise ValueError("subscribers: retries: moments above 0 of which each is later than the one before")
        checked(self.answers)
        for_good = tuple((state, getattr(self, state)) for state in _FOR_GOOD if getattr(self, state))
        if sum(share for _, share in for_good) > 1:
            raise ValueError(f"subscribers: {', '.join(_FOR_GOOD)} together: at most 1")
        spells = (
            (OFF, self.absent, self.absent_for),
            (ROAMING, self.roaming, self.roaming_for),
            (MEMORY_FULL, self.memory_full, self.memory_full_for),
        )
        object.__setattr__(self, "for_good", for_good)
        object.__setattr__(self, "spells", tuple(one for one in spells if one[1]))


STEADY: Final = Habits()
"""Every phone is on."""
ETSI_2006: Final = Habits(absent=0.38)
"""38 % of messages are not delivered at the first attempt and 98 % in the end (ETSI EMTEL and ITU-T, October 2006);
that phones are off for two hours is what makes the retries come to that."""


class Attempt(NamedTuple):
    """One attempt at a phone: how many seconds after the message came, and why it failed; no cause where it did not."""

    after: float
    cause: str = ""


class Fate(NamedTuple):
    """What becomes of a message at its phone: every attempt, and in which state it ends how many seconds on, and why.

    ``cause`` is a key of the catalogue, empty for a message that arrives. A phone that comes back early changes it.
    """

    attempts: tuple[Attempt, ...]
    after: float
    state: str
    cause: str = ""


class Subscribers(Generic[M]):
    """The phones. All that were never named are as ``Habits`` say; numbers are compared without a leading ``+``.

    ``dice`` are the carrier's, so that its seed decides. Those ``given`` are changed by hand from the beginning, and
    those ``taught`` answer from the beginning as it is said there.
    """

    __slots__ = ("_changed", "_derivations", "_given", "_taught", "answers", "dice", "off")

    def __init__(
        self,
        dice: Dice | None = None,
        given: Mapping[str, Condition] | None = None,
        taught: Mapping[str, tuple[Answer, ...]] | None = None,
    ) -> None:
        self.dice = Dice(0) if dice is None else dice
        """What decides of phones of which nothing was said."""
        self._given = dict(given or {})
        self._taught = dict(taught or {})
        self._changed: dict[str, Condition] = {}
        self.answers: dict[str, tuple[Answer, ...]] = {}
        """By bare number: what was said of how that phone answers; only to be looked at."""
        self._derivations: dict[str, tuple[Habits, Dice, float, float, Condition]] = {}
        """By number: what was derived last, for which habits and from which dice, and from when until when it holds."""
        self.off: dict[str, dict[M, None]] = {}
        """Bare numbers of the phones that are off until somebody switches them on, each with the messages that wait
        for it, oldest first."""
        self.reset()

    def is_on(self, number: str) -> bool:
        """Whether nobody has switched that phone off; it may be off by itself, which ``condition`` tells."""
        return bare(number) not in self.off

    def switch_off(self, number: str) -> None:
        """That phone is off from now on, until it is switched on."""
        self.change(number, OFF)

    def switch_on(self, number: str) -> list[M]:
        """That phone is on from now on; returns what has waited for it and is not final meanwhile, oldest first."""
        return self.change(number, ON)

    def change(self, number: str, state: str = ON, *, until: float = inf, ported_to: str | None = None) -> list[M]:
        """That phone is in this state from now on, or until a moment of carrier time, after which it is on.

        ``ported_to`` is the network it was ported to, empty for back again; None leaves that as it is. Returns the
        messages that were held for it and are to be planned anew, oldest first; what is held for a phone that is off
        for good goes on waiting. Raises ValueError for a state that is none, and where too many phones are changed.
        """
        if state not in STATES:
            close = get_close_matches(state.lower(), STATES, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(STATES)}"
            raise ValueError(f"subscribers: state {state!r} is none; {hint}")
        digits = bare(number)
        self._make_room(self._changed, digits)
        network = self._changed.get(digits, _WELL).ported_to if ported_to is None else ported_to
        self._changed[digits] = _shared(state, until, network)
        if state == OFF and until == inf:
            self.off.setdefault(digits, {})
            return []
        return self._take(digits)

    def restore(self, number: str) -> list[M]:
        """Nothing is said of that phone any more: the seed decides again. Returns the same as ``change``."""
        digits = bare(number)
        self._changed.pop(digits, None)
        self.answers.pop(digits, None)
        return self._take(digits)

    def changed(self) -> Mapping[str, Condition]:
        """All phones that were changed by hand, by bare numbers, in the order in which they first were."""
        return MappingProxyType(self._changed)

    def hold(self, message: M, now: float) -> float:
        """Its phone is off: it waits from carrier time ``now`` on. Returns the moment until which it does."""
        self.off[bare(message.destination.number)][message] = None
        return now + PATIENCE if message.expires_at is None else message.expires_at

    def let_go(self, message: M) -> None:
        """A message waits no longer, whether it did or not."""
        self.off.get(bare(message.destination.number), {}).pop(message, None)

    def condition(self, number: str, at: float, habits: Habits = STEADY) -> Condition:
        """How that phone is at this moment. What was said until an earlier moment is over: then it is on."""
        digits = bare(number)
        said = self._changed.get(digits) if self._changed else None
        if said is None:
            return self._derived(digits, at, habits) if habits.for_good or habits.spells else _WELL
        return said if at < said.until else _shared(ON, inf, said.ported_to)

    def is_well(self, digits: str, at: float, habits: Habits = STEADY) -> bool:
        """Whether the phone with that bare number is on and nothing was ever said of it: nearly every one."""
        if digits in self._changed or digits in self.off:
            return False
        known = self._derivations.get(digits)
        if known is not None and known[2] <= at < known[3] and known[0] is habits and known[1] is self.dice:
            return known[4] is _WELL
        return not (habits.for_good or habits.spells) or self._derived(digits, at, habits) is _WELL

    def fate(
        self,
        number: str,
        at: float,
        luck: Luck,
        habits: Habits = STEADY,
        *,
        span: float = 0.0,
        patience: float | None = None,
        network: str = "",
        tried: tuple[Attempt, ...] = (),
        extra: float | None = None,
    ) -> Fate:
        """What becomes of a message to that phone which is first tried at carrier time ``at``.

        ``span`` is how many seconds it takes from an attempt until it is known how that went; ``patience`` for how
        many the message is valid. ``network`` is the one that tries: a phone that was ported to another fails for
        good. Nothing is counted: the same question has the same answer until a phone is changed. ``tried`` is what has
        failed already and stays as it was; ``extra`` seconds after ``at`` it is tried once more than was planned.
        """
        end = habits.validity if patience is None else max(0.0, patience)
        moments = (0.0, *habits.retries)
        if tried:
            moments = tuple(one for one in moments if one > tried[-1].after)
        if extra is not None:
            moments = (extra, *(one for one in moments if one > extra))
        attempts = tried
        for moment in moments:
            if moment > end:
                break
            condition = self.condition(number, at + moment, habits)
            cause = _obstacle(condition, network, habits, luck, len(attempts))
            attempts += (Attempt(moment, cause),)
            if (not cause or cause in _HOPELESS) and moment + span > end:
                return Fate(attempts, end, EXPIRED, _VALIDITY_OVER)
            if not cause:
                return Fate(attempts, moment + span, DELIVERED)
            if cause in _HOPELESS:
                return Fate(attempts, moment + span, listed(cause).states[0], cause)
        last = attempts[-1].cause
        states = listed(last).states
        return Fate(attempts, end, EXPIRED if EXPIRED in states else states[0], last)

    def teach(self, number: str, answers: Iterable[Answer]) -> None:
        """Who has that phone answers so from now on; without any, nothing. Raises ValueError as ``checked`` does."""
        digits = bare(number)
        self._make_room(self.answers, digits)
        self.answers[digits] = checked(answers)

    def unteach(self, number: str) -> None:
        """Nothing is said of how that phone answers any more: the habits of its network hold."""
        self.answers.pop(bare(number), None)

    def taught(self, number: str) -> tuple[Answer, ...] | None:
        """What was said of how that phone answers; None where nothing was, so that the habits of its network hold."""
        return self.answers.get(bare(number))

    def all_taught(self) -> Mapping[str, tuple[Answer, ...]]:
        """All phones of which was said how they answer, by bare numbers."""
        return MappingProxyType(self.answers)

    def reply(self, number: str, luck: Luck, habits: Habits = STEADY) -> Reply | None:
        """What comes back from that phone after a message has reached it; None for nothing."""
        answers = self.answers.get(bare(number)) if self.answers else None
        return chosen(habits.answers if answers is None else answers, luck)

    def reset(self) -> None:
        """All phones are as they were given at the beginning, and nothing waits."""
        for table in (self.off, self._changed, self.answers):
            table.clear()
        for number, (state, until, ported_to) in self._given.items():
            self.change(number, state, until=until, ported_to=ported_to)
        for number, answers in self._taught.items():
            self.teach(number, answers)

    def _derived(self, digits: str, at: float, habits: Habits) -> Condition:
        """How a phone is of which nothing was said: what it is for good decides first, then each kind of spell."""
        known = self._derivations.get(digits)
        if known is not None and known[2] <= at < known[3] and known[0] is habits and known[1] is self.dice:
            return known[4]
        if len(self._derivations) >= DERIVED_MAX:
            self._derivations.clear()
        since, until, condition = self._derive(digits, at, habits)
        self._derivations[digits] = habits, self.dice, since, until, condition
        return condition

    def _derive(self, digits: str, at: float, habits: Habits) -> tuple[float, float, Condition]:
        """From when until when a phone is so, of which nothing was said, and how it is."""
        lot = self.dice.named(f"subscriber {digits}")
        bound, since, until = 0.0, -inf, inf
        for state, share in habits.for_good:
            bound += share
            if lot < bound:
                return since, until, _shared(state)
        for state, share, length in habits.spells:
            # phones do not go off all at one moment: each has a beginning of its own
            spell = int(at / length + lot)
            # a little within: at the edge itself the rounding of the line above decides
            since, until = (
                max(since, (spell - lot) * length + _MARGIN),
                min(until, (spell + 1 - lot) * length - _MARGIN),
            )
            if self.dice.named(f"subscriber {state} {digits} {spell}") < share:
                return since, until, Condition(state, (spell + 1 - lot) * length)
        return since, until, _WELL

    def _take(self, digits: str) -> list[M]:
        """What is held for that phone and is not final; it is held there no longer."""
        return [message for message in self.off.pop(digits, ()) if not message.is_final]

    @staticmethod
    def _make_room(table: Mapping[str, object], digits: str) -> None:
        if digits not in table and len(table) >= CHANGED_MAX:
            raise ValueError(f"subscribers: {digits!r} is one too many, at most {CHANGED_MAX} can be changed")


@lru_cache(maxsize=1024)
def _shared(state: str, until: float = inf, ported_to: str = "") -> Condition:
    """One object for all phones that are alike."""
    return Condition(state, until, ported_to)


def _obstacle(condition: Condition, network: str, habits: Habits, luck: Luck, turn: int) -> str:
    """Why an attempt fails; empty where it does not."""
    if network and condition.ported_to not in {"", network}:
        return _PORTABILITY
    if condition.state == ON:
        is_busy = habits.busy > 0 and luck.of(f"subscriber busy {turn}") < habits.busy
        return _CAUSES[BUSY] if is_busy else ""
    if condition.state == ROAMING and luck.of("subscriber roaming") >= habits.roaming_lost:
        return ""
    return _CAUSES[condition.state]

"""The rules of all files laid over a carrier: which of them fill which slots of a message's fate.

In each slot the first rule that matches decides, and later files are asked before earlier ones. It knows submissions
and the words of the model; how an answer looks on the wire, and what nobody rules, is decided elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from simulator.carrier.carrier import DELIVERY
from simulator.carrier.delays import Delay, Fixed
from simulator.carrier.dice import Dice, Luck
from simulator.carrier.messages import DELIVERED, FINAL, Outcome
from simulator.scenario.declared import vendor_book
from simulator.scenario.rules import Counter, Index, Request, Submitted, compile_rule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.then import Then
from simulator.scenario.words import Times

AT_ONCE: Final = Fixed(0.0)


@dataclass(slots=True)
class Slots:
    """What rules say of one message; None is said by nobody, and the carrier decides it."""

    accepts: bool | None = None
    """The decision: take it, whatever the carrier's limits are; or do not."""
    status: int | None = None
    """The command_status that refuses it; None where it is taken or never answered."""
    is_silent: bool = False
    """Whether it is never answered."""
    respond_after: float | None = None
    """Seconds of link time until the answer."""
    outcomes: tuple[Outcome, ...] | None = None
    """What becomes of it; nothing at all where it is lost."""
    fired: list[str] = field(default_factory=list)
    """The rules that have filled a slot, in their order."""


@dataclass(slots=True, frozen=True)
class _Deed:
    """What one rule does. ``steps`` are delays and states, none for a message that is lost."""

    decision: tuple[bool, int | None, bool] | None
    respond: Delay | None
    steps: tuple[tuple[Delay, str], ...] | None
    probability: float | None
    times: Times | None
    spent: Counter
    is_last: bool

    @property
    def needs_luck(self) -> bool:
        """Whether anything in it is drawn."""
        delays = [delay for delay, _ in self.steps or ()] + ([] if self.respond is None else [self.respond])
        return self.probability is not None or not all(delay.is_fixed for delay in delays)

    def fill(self, slots: Slots, draw: Any) -> bool:
        """Fill what is still free; whether anything was. ``draw`` gives a draw in [0, 1) for a name."""
        is_filled = False
        if self.decision is not None and slots.accepts is None:
            slots.accepts, slots.status, slots.is_silent = self.decision
            is_filled = True
        if self.respond is not None and slots.respond_after is None:
            slots.respond_after = _seconds(self.respond, draw, "respond")
            is_filled = True
        if self.steps is not None and slots.outcomes is None:
            slots.outcomes = self._outcomes(draw)
            is_filled = True
        return is_filled

    def _outcomes(self, draw: Any) -> tuple[Outcome, ...]:
        outcomes, after = list[Outcome](), 0.0
        for number, (delay, state) in enumerate(self.steps or ()):
            # a step counts from the one before, an outcome from the beginning
            after += _seconds(delay, draw, f"deliver {number}")
            outcomes.append(Outcome(after, state, is_final=state in FINAL))
        return tuple(outcomes)


class Script:
    """The rules of ``scenarios``, as they were given; ``seed`` is that of all luck.

    ``delay`` is how long a delivery takes of which a rule says the state alone.
    """

    def __init__(self, scenarios: Sequence[Scenario], seed: int, *, delay: Delay = DELIVERY) -> None:
        self._dice = Dice(seed)
        rules, deeds = [], list[_Deed]()
        for scenario in reversed(scenarios):
            written = None if scenario.carrier is None else scenario.carrier.vendor_tlvs
            book, _ = vendor_book(written)
            for number, rule in enumerate(scenario.rules):
                rules.append(compile_rule(rule, name=f"rules[{number}]", order=len(deeds), book=book))
                deeds.append(_deed(rule, delay))
        self._rules = Index(rules)
        self._deeds = tuple(deeds)
        self._needs_luck = any(deed.needs_luck for deed in deeds)

    @property
    def is_empty(self) -> bool:
        """Whether there is no rule at all, so that nobody needs to ask."""
        return not self._deeds

    def on_message(
        self, message: Submitted, *, session: int, bind_type: str, version: int, listener: str
    ) -> Slots | None:
        """What the rules say of a submission; None where none says anything. ``version`` is the bind's."""
        request = Request(message, session, bind_type, version, listener)
        # thrown for every message, because the n-th of a pair is lucky alike whatever else has come
        luck = self._dice.throw(message) if self._needs_luck else None
        slots: Slots | None = None
        for rule in self._rules.candidates(message.destination.number):
            if not rule.matches(request):
                continue
            deed = self._deeds[rule.order]
            draw = partial(_drawn, luck, f"{rule.order} {rule.name}")
            if deed.times is not None and deed.spent.of(request) >= deed.times.most:
                continue
            if deed.probability is not None and draw("probability") >= deed.probability:
                continue
            slots = slots or Slots()
            if deed.fill(slots, draw):
                slots.fired.append(rule.name)
                if deed.times is not None:
                    deed.spent.add(request)
            if deed.is_last:
                break
        return slots if slots is not None and slots.fired else None

    def reset(self) -> None:
        """Luck, counts and times start over."""
        self._dice.reset()
        for rule in self._rules:
            rule.reset()
        for deed in self._deeds:
            deed.spent.clear()


def _drawn(luck: Luck | None, rule: str, what: str) -> float:
    # nothing is drawn where no rule needs luck
    return 0.0 if luck is None else luck.of(f"{rule} {what}")


def _seconds(delay: Delay, draw: Any, what: str) -> float:
    return delay.seconds(0.0 if delay.is_fixed else draw(what))


def _deed(rule: Rule, delay: Delay) -> _Deed:
    then, times = rule.then, rule.times
    return _Deed(
        decision=_decision(then),
        respond=None if then.respond is None else then.respond.after,
        steps=_steps(then, delay),
        probability=None if rule.probability is None else float(rule.probability),
        times=times,
        spent=Counter(None if times is None else times.per),
        is_last=bool(rule.stop),
    )


def _decision(then: Then) -> tuple[bool, int | None, bool] | None:
    """Whether the message is taken, the status that refuses it, and whether nothing is answered."""
    if then.accept:
        return True, None, False
    if then.reject is not None:
        return False, int(then.reject), False
    return None if then.silence is None else (then.silence == "recorded", None, True)


def _steps(then: Then, delay: Delay) -> tuple[tuple[Delay, str], ...] | None:
    if then.lose:
        return ()
    if then.deliver is None:
        return None
    # what says no time comes when a delivery would, or together with the step before
    unsaid: Iterable[Delay] = (delay, *[AT_ONCE] * (len(then.deliver) - 1))
    steps = zip(then.deliver, unsaid, strict=True)
    return tuple((step.after or other, step.state or DELIVERED) for step, other in steps)


__all__ = ["Script", "Slots"]

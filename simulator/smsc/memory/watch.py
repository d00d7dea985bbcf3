"""Everything that judges a run: the checks of any gateway, what its scenarios promise, and the quirks among them.

A fold over the journal that somebody makes where a verdict is wanted: where nobody does, nothing is fed. It decides
nothing about any message.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from simulator.checks.findings import Finding
from simulator.checks.levels import COPED, ERROR, FAILED, OFF, UNKNOWN
from simulator.checks.lint import Lint
from simulator.journal import (
    ANSWERED,
    BIND_REFUSED,
    BOUND,
    MO_SENT,
    RECEIPT_SENT,
    RESET,
    RULE_FIRED,
    SUBMITTED,
    TIMEOUT,
    Event,
    Fold,
)
from simulator.scenario.declared import vendor_book
from simulator.scenario.expect import EventExpectation, ExpectationError, GatewayExpectation, Moment
from simulator.scenario.ledger import Entry, Ledger
from simulator.scenario.schema import Scenario
from simulator.smsc.memory.evidence import Caller
from simulator.smsc.play.moments import Begun, Place, moment_of

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc

NAMES_MAX: Final = 10_000
"""Rules whose firing is counted by name."""


SHOWN_MAX: Final = 3
"""Failures that the repr of a verdict names, and REASON_MAX how many characters of each reason."""
REASON_MAX: Final = 100
NEVER: Final = "none of its rules has fired: it has not happened"


class NothingExpected(LookupError):
    """The gateway has told something that no scenario wants to know."""


@dataclass(slots=True, frozen=True, repr=False)
class Verdict:
    """What can be said of a run: ``scenarios`` by the names that they were given, one quirk for each that is one.

    It is true unless it is bad, and its repr names what has failed: `assert smsc.verdict()`. What is unknown is not
    bad; who wants more than that asks for ``outcome``.
    """

    scenarios: tuple[str, ...]
    checks: tuple[Finding, ...]
    expectations: tuple[Finding, ...]
    quirks: tuple[Finding, ...]

    @property
    def is_bad(self) -> bool:
        """Whether a check that counts as an error has failed, or an expectation was missed."""
        return any(finding.is_bad for finding in (*self.checks, *self.expectations))

    @property
    def outcome(self) -> str:
        """All in one word: failed if it is bad, coped if something was seen that could have failed, else unknown.

        Unknown, too, as long as anything is that was expected, or a quirk: nothing is good by default.
        """
        if self.is_bad:
            return FAILED
        if any(finding.outcome == UNKNOWN for finding in (*self.expectations, *self.quirks)):
            return UNKNOWN
        findings = (*self.checks, *self.expectations)
        return COPED if any(finding.outcome == COPED for finding in findings) else UNKNOWN

    def __bool__(self) -> bool:
        return not self.is_bad

    def __repr__(self) -> str:
        """The outcome in a word, and of all that failed the name and the beginning of the reason, what is bad first."""
        failed = [one for one in (*self.expectations, *self.checks) if one.outcome == FAILED and one.level != OFF]
        failed.sort(key=lambda one: not one.is_bad)
        told = [f"{'' if one.is_bad else 'warning: '}{one.name}: {_short(one.reason)}" for one in failed[:SHOWN_MAX]]
        if len(failed) > SHOWN_MAX:
            told.append(f"and {len(failed) - SHOWN_MAX} more")
        return f"<Verdict {'; '.join([self.outcome, *told])}>"


def _short(reason: str) -> str:
    first = reason.partition("\n")[0]
    return first if len(first) <= REASON_MAX else f"{first[: REASON_MAX - 3]}..."


class _Promises:
    """What one scenario promises, and which of its rules have fired."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        self.name = name
        about = scenario.about
        self.is_quirk = about is not None and about.breaks is not None
        book, _ = vendor_book(None if scenario.carrier is None else scenario.carrier.vendor_tlvs)
        expect = scenario.expect
        self.events = [
            EventExpectation(one, f"{name}: events[{number}]", book)
            for number, one in enumerate((expect and expect.events) or ())
        ]
        self.facts = [
            GatewayExpectation(one, f"{name}: gateway[{number}]", book)
            for number, one in enumerate((expect and expect.gateway) or ())
        ]
        self.checks: Mapping[str, str] = (expect and expect.checks) or {}
        rules = [one.name or f"rules[{number}]" for number, one in enumerate(scenario.rules)]
        occasions = [one.name or f"timeline[{number}]" for number, one in enumerate(scenario.timeline)]
        self.rules = frozenset((*rules, *occasions))
        said = () if scenario.carrier is None else scenario.carrier.said
        self.policies = frozenset(f"carrier.{key}" for key in ("bind_policy", "link_policy") if key in said)
        """Policies of the carrier's that are of this file, and happen without a rule."""


class Watch:
    """Judges one SMSC from now on. ``names`` are those of the scenarios, ``clock`` gives link time.

    ``levels`` are those of checks that go before what the scenarios say. Raises ValueError for a check that is none.
    """

    def __init__(
        self,
        smsc: "Smsc",
        clock: Callable[[], float],
        scenarios: Sequence[Scenario] = (),
        names: Sequence[str] = (),
        *,
        levels: Mapping[str, str] | None = None,
    ) -> None:
        self._smsc = smsc
        self._clock = clock
        called = [*names, *(f"scenario {number}" for number in range(len(names) + 1, len(scenarios) + 1))]
        self._promises = [_Promises(one, name) for one, name in zip(scenarios, called, strict=True)]
        self._levels: dict[str, str] = {}
        for promises in self._promises:
            self._levels |= promises.checks
        self._levels |= levels or {}
        self._lint = Lint(smsc.journal, smsc.sessions, clock, self._levels)
        self.ledger = Ledger()
        self._fired: Counter[str] = Counter()
        self._has_bound = False
        self._story = Begun(smsc.clock.at(clock()))
        self._feed()

    def _feed(self) -> None:
        journal = self._smsc.journal
        by_kind: dict[str, list[EventExpectation]] = {}
        for one in self._events():
            by_kind.setdefault(one.kind, []).append(one)
        folds: list[tuple[str, Fold]] = [(kind, partial(self._happened, some)) for kind, some in by_kind.items()]
        if any(self._facts()):
            # it costs as much as half of all checks, and nobody else asks it
            folds += [(SUBMITTED, self._submitted), (ANSWERED, self._answered), (RECEIPT_SENT, self._receipt_sent)]
            folds.append((MO_SENT, self._mo_sent))
        if any(promises.policies for promises in self._promises):
            folds += [(BIND_REFUSED, self._bind_refused), (TIMEOUT, self._timeout)]
        folds += [(RULE_FIRED, self._rule_fired), (BOUND, self._bound), (RESET, self._reset)]
        for kind, fold in folds:
            journal.feed(kind, fold)
        self._folds = folds

    def leave(self) -> None:
        """Judge no more: nothing that happens from now on is seen. Idempotent."""
        self._lint.leave()
        for kind, fold in self._folds:
            self._smsc.journal.leave(kind, fold)
        self._folds = []

    def _events(self) -> Iterable[EventExpectation]:
        return (one for promises in self._promises for one in promises.events)

    def _facts(self) -> Iterable[GatewayExpectation]:
        return (one for promises in self._promises for one in promises.facts)

    # ------------------------------------------------------------------ what happens

    def _happened(self, some: list[EventExpectation], at: float, session: int, subject: Any, detail: Any) -> None:
        moment = self._moment(some[0].kind, at, session, subject, detail)
        for one in some:
            one.take(moment)

    def _moment(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> Moment:
        smsc, caller = self._smsc, subject if isinstance(subject, Caller) else None
        link = smsc.sessions.get(session)
        # where a scenario is played rules ask its story and the sessions' seats: so do expectations
        seat = None if link is None else link.seat_while_open
        event = Event(smsc.journal.total - 1, at, kind, session, subject, detail)
        story = self._story if smsc.stage is None else smsc.stage.story
        return moment_of(event, self._clock(), seat or Place(smsc, session, caller), story)

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        self._mean(self.ledger.submitted(message), SUBMITTED, at, session, message)

    def _mo_sent(self, at: float, session: int, message: Any, detail: Any) -> None:
        self._mean(self.ledger.written(message), MO_SENT, at, session, message)

    def _mean(self, entry: Entry, kind: str, at: float, session: int, message: Any) -> None:
        """Remember which facts mean a message."""
        moment: Moment | None = None
        for fact in self._facts():
            if fact.is_of_subscribers is (kind == MO_SENT) and id(fact) not in entry.meant_by:
                moment = moment or self._moment(kind, at, session, message, None)
                if fact.matcher.matches(moment):
                    entry.meant_by.add(id(fact))

    def _answered(self, at: float, session: int, message: Any, status: Any) -> None:
        if not status:
            self.ledger.accepted(message)

    def _receipt_sent(self, at: float, session: int, message: Any, outcome: Any) -> None:
        self.ledger.receipt_sent(message, at)

    def _rule_fired(self, at: float, session: int, message: Any, name: Any) -> None:
        if name in self._fired or len(self._fired) < NAMES_MAX:
            self._fired[name] += 1

    def _bind_refused(self, at: float, session: int, caller: Any, why: Any) -> None:
        self._fired["carrier.bind_policy"] += 1

    def _timeout(self, at: float, session: int, subject: Any, why: Any) -> None:
        # an enquire_link of ours, or an end for want of life
        self._fired["carrier.link_policy"] += 1

    def _bound(self, at: float, session: int, caller: Any, detail: Any) -> None:
        self._has_bound = True

    def _reset(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self._story = Begun(at)
        self._fired.clear()
        self._has_bound = False
        self.ledger.clear()
        for event in self._events():
            event.reset()
        for fact in self._facts():
            fact.reset()

    # ------------------------------------------------------------------ what is said of it

    def observe(self, message: str, status: str) -> Entry:
        """The gateway says that a message (by its id, number or destination) has this status now.

        A subscriber's message is named by its source, if not by its id or number.

        Raises ledger.UnknownMessage, which names what is nearest, and NothingExpected where nobody wants to know.
        """
        if not any(self._facts()):
            raise NothingExpected("no scenario expects anything of the gateway: `expect: {gateway: ...}` does")
        return self.ledger.observe(message, status, self._smsc.clock.at(self._clock()), self._smsc.journal.total - 1)

    def verdict(self) -> Verdict:
        """What can be said by now."""
        checks = tuple(self._lint.findings())
        by_name = {finding.name: finding for finding in checks}
        expectations, quirks = list[Finding](), list[Finding]()
        for promises in self._promises:
            found = [one.finding(is_observed=self._has_bound) for one in promises.events]
            found += [one.finding(self.ledger) for one in promises.facts]
            if promises.is_quirk and not self._has_come(promises):
                # what has not happened nobody has failed to cope with
                found = [replace(one, outcome=UNKNOWN, reason=NEVER) if one.outcome == FAILED else one for one in found]
            expectations += found
            if promises.is_quirk:
                asked = [by_name[name] for name, level in promises.checks.items() if level != OFF]
                # a check that had nothing to look at says nothing where something else has been seen
                seen = [finding for finding in asked if finding.outcome != UNKNOWN]
                quirks.append(self._quirk(promises, [*found, *(seen if found or seen else asked)]))
        return Verdict(tuple(one.name for one in self._promises), checks, tuple(expectations), tuple(quirks))

    def _times(self, promises: _Promises) -> int:
        return sum(self._fired[name] for name in (*promises.rules, *promises.policies))

    def _has_come(self, promises: _Promises) -> bool:
        """Whether what a scenario tells of has happened; one without rules or policies always has."""
        return not (promises.rules or promises.policies) or self._times(promises) > 0

    def _quirk(self, promises: _Promises, found: Sequence[Finding]) -> Finding:
        """Coped only where it happened, and everything that was expected of the gateway was seen to be so."""
        fired = self._times(promises)
        evidence = tuple(exhibit for finding in found for exhibit in finding.evidence[:2])
        missed = [finding for finding in found if finding.outcome == FAILED]
        unseen = [finding for finding in found if finding.outcome == UNKNOWN]
        if not self._has_come(promises):
            outcome, reason = UNKNOWN, NEVER
        elif missed:
            outcome, reason = FAILED, f"{missed[0].name}: {missed[0].reason}"
        elif not found:
            outcome, reason = UNKNOWN, "it expects nothing"
        elif unseen:
            outcome, reason = UNKNOWN, f"{unseen[0].name}: {unseen[0].reason}"
        else:
            outcome, reason = COPED, f"all that it expects was met: {len(found)} of {len(found)}"
        return Finding(promises.name, ERROR, outcome, reason, fired, len(missed), evidence)

    def require(self) -> None:
        """Raises ExpectationError with every reason where the verdict is bad."""
        verdict = self.verdict()
        bad = [finding for finding in (*verdict.expectations, *verdict.checks) if finding.is_bad]
        if bad:
            raise ExpectationError("\n".join(f"{finding.name}: {finding.reason}" for finding in bad))


def wants_verdict(scenarios: Iterable[Scenario]) -> bool:
    """Whether any of them promises something."""
    return any(scenario.expect is not None for scenario in scenarios)


__all__ = ["NothingExpected", "Verdict", "Watch", "wants_verdict"]

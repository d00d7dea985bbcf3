"""What a scenario promises, held against what happens: `expect.events` and `expect.gateway`, judged as it goes on.

It is fed moments of the journal and observations of the gateway's, and asks the same questions as rules do. Where
nothing matched it knows the nearest miss: the event that differs in the fewest keys. It has no clock of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from simulator.checks.findings import EXHIBITS_MAX, OCTETS_MAX, Exhibit, Finding
from simulator.checks.levels import COPED, ERROR, FAILED, UNKNOWN
from simulator.scenario.happening import Happening, Seat, Told
from simulator.scenario.ledger import Entry, Ledger
from simulator.scenario.match import Match
from simulator.scenario.rules import CompiledRule, Difference
from simulator.scenario.schema import ExpectedEvent, GatewayFact
from simulator.scenario.words.words import Range
from simulator.smpp.constants import command_name, status_name
from simulator.smpp.tlvs import TLVS, Book

ONCE: Final = Range(1, 1)
AT_LEAST_ONCE: Final = Range(1, None)


class ExpectationError(AssertionError):
    """What was expected, what came, and the nearest miss."""


@dataclass(slots=True)
class Moment:
    """One event of the journal: ``at`` is carrier time, ``now`` link time, ``since_start`` carrier seconds.

    ``command``, ``status`` and ``state`` are those that the event tells, None where it tells none; ``pdu`` is the
    request of its message, ``octets`` are those of a PDU.
    """

    number: int
    kind: str
    at: float
    now: float
    since_start: float
    session: int
    message: Any = None
    pdu: Any = None
    command: int | None = None
    status: int | None = None
    state: str | None = None
    octets: bytes = b""
    seat: Seat | None = None
    story: Told | None = None

    def exhibit(self, told: str) -> Exhibit:
        """It as evidence."""
        return Exhibit(self.number, self.at, self.session, told, self.octets[:OCTETS_MAX])


class Matcher:
    """A match, asked of moments. What an event tells better than its message is asked of the event."""

    __slots__ = ("_rule", "_where")

    def __init__(self, where: Match | None, book: Book = TLVS) -> None:
        self._where = where or Match()
        own = {"command": None, "event": None, "status": None, "status_not": None, "state": None, "length": None}
        # an event of the journal has a kind already, and rules know no other than theirs
        self._rule = CompiledRule(self._where.model_copy(update=own), "", 0, book)

    def differences(self, moment: Moment) -> list[Difference]:
        """All that does not hold. Nothing is counted."""
        return [*self._own(moment), *self._rule.differences(_happening(moment))]

    def matches(self, moment: Moment) -> bool:
        """Whether all holds. Where a count or rate is wanted, each moment is counted for which all else does."""
        return not self._own(moment) and self._rule.matches(_happening(moment))

    def _own(self, moment: Moment) -> list[Difference]:
        where, found = self._where, list[Difference]()

        def ask(key: str, wanted: Any, got: Any, holds: Callable[[Any], bool], word: Callable[[Any], str]) -> None:
            if wanted is not None and (got is None or not holds(got)):
                said = ", ".join(map(str, wanted)) if isinstance(wanted, tuple) else str(wanted)
                found.append(Difference(key, said, "absent" if got is None else word(got)))

        octets = getattr(moment.message, "user_data", None)
        ask("command", where.command, moment.command, lambda got: got in where.commands, command_name)
        ask("status", where.status, moment.status, lambda got: got in (where.status or ()), status_name)
        ask("status_not", where.status_not, moment.status, lambda got: got not in (where.status_not or ()), status_name)
        ask("state", where.state, moment.state, lambda got: got in (where.state or ()), str)
        length = None if octets is None else len(octets)
        ask("length", where.length, length, lambda got: where.length is not None and where.length.includes(got), str)
        return found

    def reset(self) -> None:
        """Count from one again."""
        self._rule.reset()


def matcher(where: Match | None, book: Book = TLVS) -> Matcher:
    """What asks moments whether they are meant; None means all."""
    return Matcher(where, book)


def _happening(moment: Moment) -> Happening:
    return Happening(
        *(moment.kind, moment.at, moment.now),
        message=moment.message,
        pdu=moment.pdu,
        seat=moment.seat,
        story=moment.story,
    )


class EventExpectation:
    """One of `expect.events`."""

    def __init__(self, expected: ExpectedEvent, name: str, book: Book = TLVS) -> None:
        self.kind = expected.kind
        self.name = expected.name or name
        self._matcher = matcher(expected.where, book)
        self._count = expected.count or AT_LEAST_ONCE
        self._within = inf if expected.within is None else float(expected.within)
        self._within_said = expected.within
        self.reset()

    def reset(self) -> None:
        """Start over."""
        self._matcher.reset()
        self._met = 0
        self._others = 0
        self._evidence: list[Exhibit] = []
        self._nearest: tuple[list[Difference], Exhibit] | None = None

    def take(self, moment: Moment) -> None:
        """One event of its kind."""
        is_late = moment.since_start > self._within
        if not is_late and self._matcher.matches(moment):
            self._met += 1
            if len(self._evidence) < EXHIBITS_MAX:
                self._evidence.append(moment.exhibit(f"{self.kind} as expected"))
            return
        self._others += 1
        if self._nearest is not None and len(self._nearest[0]) <= 1:
            # none can be nearer
            return
        differences = self._matcher.differences(moment)
        if is_late:
            differences.append(Difference("within", str(self._within_said), f"{moment.since_start:.3f}s"))
        if differences and (self._nearest is None or len(differences) < len(self._nearest[0])):
            self._nearest = differences, moment.exhibit("the nearest miss")

    def finding(self, *, is_observed: bool) -> Finding:
        """What can be said by now; ``is_observed``: whether anybody was there who could have caused anything."""
        wanted = f"{self.kind}: expected {self._count} times, came {self._met} times"
        if self._count.includes(self._met):
            if self._met or is_observed:
                return Finding(self.name, ERROR, COPED, wanted, self._met, 0, tuple(self._evidence))
            return Finding(self.name, ERROR, UNKNOWN, "nobody was there who could have caused it")
        evidence, reason = tuple(self._evidence), wanted
        is_too_few = self._count.low is not None and self._met < self._count.low
        if is_too_few and self._nearest is not None:
            differences, exhibit = self._nearest
            told = "; ".join(f"{field}: wanted {wants}, got {got}" for field, wants, got in differences)
            reason += f"; nearest miss, event {exhibit.event}: {told}"
            evidence = (*evidence, exhibit)
        elif is_too_few:
            reason += "; there was no other event of that kind"
        return Finding(self.name, ERROR, FAILED, reason, self._met + self._others, 1, evidence)


class GatewayExpectation:
    """One of `expect.gateway`: what the gateway must tell of the messages that are meant."""

    def __init__(self, fact: GatewayFact, name: str, book: Book = TLVS) -> None:
        self.name = fact.name or name
        where = fact.where or Match()
        self.is_of_subscribers = where.event == "mo"
        """Whether it means their messages, and not those that the gateway has sent."""
        # a submission has no state yet: what has become of it is asked when the verdict is
        self._states = None if where.state is None else frozenset(where.state)
        self.matcher = matcher(where.model_copy(update={"state": None}), book)
        self._statuses = frozenset(status.casefold() for status in fact.status)
        self._said = ", ".join(fact.status)
        self._count = fact.count or ONCE
        self._within = None if fact.within is None else float(fact.within)

    def reset(self) -> None:
        """Start over."""
        self.matcher.reset()

    def finding(self, ledger: Ledger) -> Finding:
        """What can be said by now, of all messages that are meant and were accepted, or were told about."""
        met = unknown = 0
        evidence, wrong = list[Exhibit](), list[str]()
        for entry in ledger.meant_by(self):
            if self._states is not None and not entry.is_in(self._states):
                continue
            problem = self._problem(entry)
            if problem is None:
                unknown += 1
            elif problem:
                wrong.append(problem)
                evidence += _told_of(entry)
            else:
                met += 1
                evidence += _told_of(entry)
        seen, kept = met + len(wrong), tuple(evidence[:EXHIBITS_MAX])
        if wrong:
            outcome, reason = FAILED, wrong[0]
        elif unknown or not met:
            messages = f"of {unknown} messages" if unknown else "of any message"
            outcome, reason = UNKNOWN, f"the gateway has told nothing {messages}; expected {self._said}"
        else:
            outcome, reason = COPED, f"the gateway told {self._said} of {met} messages"
        return Finding(*(self.name, ERROR, outcome, reason, seen, len(wrong), kept), is_truncated=ledger.is_truncated)

    def _problem(self, entry: Entry) -> str | None:
        """What is wrong with what was told of a message: empty if nothing is, None if nothing was told."""
        if not entry.observations:
            return None
        told = [one for one in entry.observations if one.status.casefold() in self._statuses]
        last = entry.observations[-1]
        if last not in told:
            return f"message {entry.number}: expected {self._said}, the gateway says {last.status}"
        # before it was told other things may have been so, but what is so in the end is not taken back and told anew
        since = entry.observations[entry.observations.index(told[0]) :]
        taken_back = next((one for one in since if one not in told), None)
        if taken_back is not None:
            words = f"{told[0].status} was told, then {taken_back.status}, and {last.status} in the end"
            return f"message {entry.number}: {words}"
        if not self._count.includes(len(told)):
            return f"message {entry.number}: {self._said} was told {len(told)} times, expected {self._count}"
        if self._within is not None and entry.last_receipt_at is not None:
            took = told[0].at - entry.last_receipt_at
            if took > self._within:
                return f"message {entry.number}: {told[0].status} was told {took:.3f} s after its last receipt"
        return ""


def _told_of(entry: Entry) -> list[Exhibit]:
    return [
        Exhibit(one.event, one.at, 0, f"message {entry.number}: the gateway says {one.status}")
        for one in entry.observations[-2:]
    ]


__all__ = ["EventExpectation", "ExpectationError", "GatewayExpectation", "Matcher", "Moment", "matcher"]

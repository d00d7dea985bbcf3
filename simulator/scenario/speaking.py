"""Rules in Python: ``when(destination="12025550100").reject("ESME_RTHROTTLED", times=2)``, the same Rule as a file's.

It checks words and builds shapes; who asks the rule, and whether anybody does, is not known here. What is wrong is a
ScenarioError (a ValueError) at once, with what is allowed and what was probably meant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Self, TypeVar

from pydantic import ValidationError

from simulator.scenario.match import Match
from simulator.scenario.phrases import found_in
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.schema import Rule
from simulator.scenario.shape import Names, Shape
from simulator.scenario.words.words import Span, WordError

S = TypeVar("S", bound=Shape)
Placed = TypeVar("Placed")

_NO_NAMES: Final = Names()


def match_of(keys: Mapping[str, Any], asked: str, names: Names = _NO_NAMES) -> Match:
    """The match of keyword arguments; ``asked`` is what errors call the question. Raises ScenarioError."""
    return made_of(Match, keys, asked, names)


def rule_of(said: Mapping[str, Any], asked: str = "rule", names: Names = _NO_NAMES) -> Rule:
    """The rule of plain values, as a file would say it. Raises ScenarioError."""
    return made_of(Rule, said, asked, names)


def made_of(shape: type[S], said: Mapping[str, Any], asked: str, names: Names) -> S:
    """A shape of plain values, as a file would say it. Raises ScenarioError."""
    try:
        return shape.model_validate(_plain(said), context=names)
    except ValidationError as error:
        # a short form that stands for two keys tells its mistake twice
        found = {(one.path, one.found): one for one in found_in(error.errors(include_url=False))}
        raise ScenarioError(
            Problem(asked, 0, 0, _path(one.path), one.found, one.allowed, one.hint) for one in found.values()
        ) from None


def _path(steps: Sequence[str | int]) -> str:
    """Where it is wrong, without the `when` that whoever calls `when(...)` knows of."""
    inner = steps[1:] if steps[:1] == ("when",) and len(steps) > 1 else steps
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in inner).removeprefix(".")


def _plain(value: Any) -> Any:
    """A value as a file could hold it: Python has more kinds of lists than a file."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value


def span_text(span: float | str) -> str:
    """A span as a file writes it; a number is seconds, as everywhere in Python."""
    return span if isinstance(span, str) else str(Span(span))


def seconds_of_span(span: float | str, asked: str) -> float:
    """The seconds of `3 days` or of a number. Raises ScenarioError."""
    try:
        return float(Span.parse(span)) if isinstance(span, str) else float(span)
    except WordError as error:
        raise ScenarioError([Problem(asked, 0, 0, "", error.found, error.allowed)]) from None


class When(Generic[Placed]):
    """A rule that is being said. The first verb puts it into force, each further one adds to what it does.

    Every verb takes ``times`` (2, "2 per destination"), ``probability`` ("1%", 0.01), ``name`` and ``stop``, which are
    the rule's, and ``until``: a match of what ends it, such as {"event": "bound"}, itself included, or how long it
    holds in carrier time ("30s"). ``put`` puts a rule in the place of another one, ``forget`` takes it away;
    ``elapsed`` tells how long the scenario has been played; ``turn`` is its place among others in order, ``label`` what
    no other rule is called that may end.
    """

    def __init__(
        self,
        keys: Mapping[str, Any],
        put: Callable[[Rule, Placed | None], Placed],
        forget: Callable[[Placed], object],
        names: Names = _NO_NAMES,
        *,
        elapsed: Callable[[], float] | None = None,
        turn: "Turn | None" = None,
        label: str = "rule",
        is_once: bool = False,
    ) -> None:
        """Raises ScenarioError for a key or value that no rule can ask for."""
        match_of(keys, "when", names)
        self._said: dict[str, Any] = {"when": dict(keys)}
        if is_once or turn is not None:
            self._said["times"] = 1
        self._put = put
        self._forget = forget
        self._names = names
        self._elapsed = elapsed
        self._turn = turn
        self._flag = f"ended-{label}"
        self._placed: Placed | None = None
        self._until: Until | None = None
        self._end: Placed | None = None
        """The rule that ends it."""

    # ------------------------------------------------------------------ the answer

    def accept(self, **of_rule: Any) -> Self:
        """Take the message, or answer any request well."""
        return self.then({"accept": True}, **of_rule)

    def reject(self, status: str | int = "ESME_RSYSERR", **of_rule: Any) -> Self:
        """Refuse it with this command_status."""
        return self.then({"reject": status}, **of_rule)

    def silence(self, *, recorded: bool = False, **of_rule: Any) -> Self:
        """Never answer. ``recorded``: the message is taken nevertheless, so that a second one is a duplicate."""
        return self.then({"silence": "recorded" if recorded else "unrecorded"}, **of_rule)

    def delay(self, span: float | str, **of_rule: Any) -> Self:
        """Answer so much later: seconds, `250ms`, `1s..3s`, `lognormal p50 2s p99 40s`; in link time."""
        return self.then({"respond": span_text(span)}, **of_rule)

    # ------------------------------------------------------------------ the message and its receipts

    def deliver(self, *steps: Any, after: float | str | None = None, **of_rule: Any) -> Self:
        """What becomes of the message: `UNDELIV`, `UNDELIV after 2s`, or a mapping; several one after the other.

        Nothing is DELIVRD. ``after`` is how long the first takes, in carrier time; seconds or a span.
        """
        told = list(steps) or ["DELIVRD"]
        if after is not None:
            first = told[0] if isinstance(told[0], Mapping) else {"state": told[0]}
            told[0] = {**first, "after": span_text(after)}
        return self.then({"deliver": told}, **of_rule)

    def lose(self, **of_rule: Any) -> Self:
        """The message vanishes: no outcome, no receipt."""
        return self.then({"lose": True}, **of_rule)

    def receipt(self, **said: Any) -> Self:
        """The form of its receipts, by the keys of `receipts:`; stat="0", err="", text="...", asked="always" ..."""
        form, of_rule = _apart(said)
        return self.then({"receipts": form}, **of_rule)

    # ------------------------------------------------------------------ the connection, and all the rest

    def disconnect(self, fault: str = "fin", **said: Any) -> Self:
        """End the connection, behind the answer unless before="answer" or "record"; or another fault: rst, hang ..."""
        form, of_rule = _apart(said)
        return self.then({"connection": {"fault": fault, **form}}, **of_rule)

    def then(
        self,
        told: Mapping[str, Any] | str,
        *,
        times: int | str | None = None,
        probability: float | str | None = None,
        name: str | None = None,
        stop: bool | None = None,
        until: "Until | None" = None,
    ) -> Self:
        """Anything that `then:` of a file may say: a word or a mapping. Raises ScenarioError."""
        of_rule = {"times": times, "probability": probability, "name": name, "stop": stop}
        said = {**self._said, **{key: value for key, value in of_rule.items() if value is not None}}
        before = said.get("then")
        # one word alone needs no mapping; beside something else it has to be spelled out
        said["then"] = told if before is None else _spelled(before) | _spelled(told)
        until = self._until if until is None else until
        rule = rule_of(self._guarded(said, until), "when", self._names)
        end = self._end_of(until) if isinstance(until, Mapping) else None
        self._placed = self._put(rule, self._placed)
        if end is not None:
            self._end = self._put(end, self._end)
        self._said, self._until = said, until
        return self

    def _guarded(self, said: Mapping[str, Any], until: "Until | None") -> dict[str, Any]:
        """What was said, with all that it says of its end and its turn in the words of a rule."""
        when, then = dict(said["when"]), said["then"]
        variables: dict[str, Any] = {}
        if isinstance(until, Mapping):
            variables[self._flag] = "absent"
        elif until is not None:
            when["since_start"] = self._span_from_now(until)
        if self._turn is not None:
            if not isinstance(said["times"], int):
                raise ScenarioError([Problem("when", 0, 0, "times", repr(said["times"]), "in order: a whole number")])
            self._turn.times = said["times"]
            if self._turn.before is not None:
                variables[self._turn.before.name] = self._turn.before.times
            then = _spelled(then)
            change = then.get("set")
            changed = {key: getattr(change, key) for key in change.said} if isinstance(change, Shape) else {}
            then["set"] = changed | {"variables": {**(changed.get("variables") or {}), self._turn.name: "+1"}}
        if variables:
            when["variables"] = {**when.get("variables", {}), **variables}
        return {**said, "when": when, "then": then}

    def _end_of(self, until: Mapping[str, Any]) -> Rule:
        then = {"set": {"variables": {self._flag: 1}}}
        return rule_of({"name": f"the end of {self}", "when": dict(until), "then": then}, "until", self._names)

    def _span_from_now(self, span: float | str) -> str:
        if self._elapsed is None:
            allowed = "a match of what ends it; how long a scenario has been played is not known here"
            raise ScenarioError([Problem("when", 0, 0, "until", repr(span), allowed)])
        return f"0s..{Span(self._elapsed() + seconds_of_span(span, 'until'))}"

    @property
    def is_said(self) -> bool:
        """Whether any verb has followed: without one it does nothing."""
        return "then" in self._said

    def __str__(self) -> str:
        keys = ", ".join(f"{key}={value!r}" for key, value in self._said["when"].items())
        return f"when({keys})"

    def remove(self) -> None:
        """Ask this rule no more."""
        for placed in (self._placed, self._end):
            if placed is not None:
                self._forget(placed)
        self._placed = self._end = None


Until = Mapping[str, Any] | str | float
"""What ends a rule, or how long it holds."""


@dataclass(slots=True)
class Turn:
    """The place of a rule among others in order: its turn comes when the one before has had its times."""

    name: str
    place: int
    before: "Turn | None" = None
    times: int = 1


class InOrder(Generic[Placed]):
    """Rules that are meant one after the other: each has its ``times`` (1), and then it is the next one's turn.

    ``when`` begins the rule of a turn, ``label`` is what no other order is called.
    """

    def __init__(self, when: Callable[[Mapping[str, Any], Turn], When[Placed]], label: str) -> None:
        self._when = when
        self._label = label
        self._last: Turn | None = None

    def when(self, **match: Any) -> When[Placed]:
        """The next rule, by the keys of `when:` in a file. Raises ScenarioError."""
        place = 1 if self._last is None else self._last.place + 1
        turn = Turn(f"turn-{self._label}-{place}", place, self._last)
        made = self._when(match, turn)
        self._last = turn
        return made


_OF_RULE: Final = ("times", "probability", "name", "stop", "until")


def _apart(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is said of a form, and what of the rule."""
    form = {key: value for key, value in said.items() if key not in _OF_RULE}
    return form, {key: value for key, value in said.items() if key in _OF_RULE}


def _spelled(told: Mapping[str, Any] | str) -> dict[str, Any]:
    """What a rule does, key by key."""
    then = rule_of({"then": told}).then
    return {key: getattr(then, key) for key in then.said}


__all__ = ["InOrder", "Turn", "Until", "When", "made_of", "match_of", "rule_of", "seconds_of_span", "span_text"]

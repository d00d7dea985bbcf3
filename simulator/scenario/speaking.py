"""Rules in Python: ``when(destination="12025550100").reject("ESME_RTHROTTLED", times=2)``, the same Rule as a file's.

It checks words and builds shapes; who asks the rule, and whether anybody does, is not known here. What is wrong is a
ScenarioError (a ValueError) at once, with what is allowed and what was probably meant.
"""

from collections.abc import Callable, Mapping, Sequence
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
    the rule's. ``put`` puts a rule in the place of another one, ``forget`` takes it away.
    """

    def __init__(
        self,
        keys: Mapping[str, Any],
        put: Callable[[Rule, Placed | None], Placed],
        forget: Callable[[Placed], object],
        names: Names = _NO_NAMES,
    ) -> None:
        """Raises ScenarioError for a key or value that no rule can ask for."""
        match_of(keys, "when", names)
        self._said: dict[str, Any] = {"when": dict(keys)}
        self._put = put
        self._forget = forget
        self._names = names
        self._placed: Placed | None = None

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

    def receipt(
        self,
        *,
        times: int | str | None = None,
        probability: float | str | None = None,
        name: str | None = None,
        stop: bool | None = None,
        **form: Any,
    ) -> Self:
        """The form of its receipts, by the keys of `receipts:`; stat="0", err="", text="...", asked="always" ..."""
        return self.then({"receipts": form}, times=times, probability=probability, name=name, stop=stop)

    # ------------------------------------------------------------------ the connection, and all the rest

    def disconnect(
        self,
        fault: str = "fin",
        *,
        times: int | str | None = None,
        probability: float | str | None = None,
        name: str | None = None,
        stop: bool | None = None,
        **form: Any,
    ) -> Self:
        """End the connection, behind the answer unless before="answer" or "record"; or another fault: rst, hang ..."""
        told = {"connection": {"fault": fault, **form}}
        return self.then(told, times=times, probability=probability, name=name, stop=stop)

    def then(
        self,
        told: Mapping[str, Any] | str,
        *,
        times: int | str | None = None,
        probability: float | str | None = None,
        name: str | None = None,
        stop: bool | None = None,
    ) -> Self:
        """Anything that `then:` of a file may say: a word or a mapping. Raises ScenarioError."""
        of_rule = {"times": times, "probability": probability, "name": name, "stop": stop}
        said = {**self._said, **{key: value for key, value in of_rule.items() if value is not None}}
        before = said.get("then")
        # one word alone needs no mapping; beside something else it has to be spelled out
        if before is None:
            said["then"] = told
        else:
            spelled = [rule_of({"then": one}).then for one in (before, told)]
            said["then"] = {key: getattr(one, key) for one in spelled for key in one.said}
        rule = rule_of(said, "when", self._names)
        self._placed = self._put(rule, self._placed)
        self._said = said
        return self

    @property
    def is_said(self) -> bool:
        """Whether any verb has followed: without one it does nothing."""
        return "then" in self._said

    def __str__(self) -> str:
        keys = ", ".join(f"{key}={value!r}" for key, value in self._said["when"].items())
        return f"when({keys})"

    def remove(self) -> None:
        """Ask this rule no more."""
        if self._placed is not None:
            self._forget(self._placed)
            self._placed = None


__all__ = ["When", "made_of", "match_of", "rule_of", "seconds_of_span", "span_text"]

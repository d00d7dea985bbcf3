"""What is played, over HTTP: rules told, added and taken away, scenarios replaced, phases set, piles let go.

A table and a short deed for each route, as in api.py. It knows the SMSC and what it plays; what a rule means, and
whether it is right, the scenario's shapes know.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Final

import trio
from fastapi import Body, Query, Response

from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets
from simulator.control.asked import MoveRequest, PhaseRequest, ScenarioRequest
from simulator.control.given import formed, invalid, wrong_scenario
from simulator.control.moments import moment_text
from simulator.control.routes import Route, Scoped
from simulator.control.search import SLICE, Pause, Slices
from simulator.control.shapes import (
    PhaseShape,
    ReleasedShape,
    RemovedShape,
    RuleAddedShape,
    RuleShape,
    RulesShape,
    ScenarioShape,
)
from simulator.scenario.file import dump, load, parse, shipped, written
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.rules import CompiledRule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.script import Script
from simulator.scenario.shape import Found, Names, Shape
from simulator.scenario.then import Release
from simulator.scenario.words.wire_words import nearest
from simulator.smpp.tlvs import TLVS
from simulator.smsc.play.failures import Failures
from simulator.smsc.play.playing import Misfit, Playing
from simulator.smsc.play.stage import Stage
from simulator.smsc.play.staging import said_of_carrier

_ALL: Final = "/api/rules"
_ONE: Final = "/api/rules/{rule_id}"
RULE_ROUTES: Final = (
    Route(*("GET", _ALL, "rules", RulesShape, 200, "All rules, in the order in which they are asked"), (), "account"),
    Route(*("POST", _ALL, "add_rule", RuleAddedShape, 201, "One more rule"), ("too_large",), "account"),
    Route(*("DELETE", _ALL, "remove_rules", RemovedShape, 200, "Take all added rules away"), (), "account"),
    Route(*("GET", f"{_ALL}/export", "export_rules", None, 200, "The added rules as a file"), (), "account"),
    Route(*("GET", _ONE, "rule", RuleShape, 200, "One rule"), ("not_found",), "account"),
    Route(
        *("PUT", _ONE, "replace_rule", RuleAddedShape, 200, "Another rule in the place of one that was added"),
        ("not_found", "too_large"),
        "account",
    ),
    Route(
        *("POST", f"{_ONE}/move", "move_rule", RulesShape, 200, "An added rule is asked sooner or later"),
        ("not_found", "too_large"),
        "account",
    ),
    Route(*("DELETE", _ONE, "remove_rule", RemovedShape, 200, "Take one rule away"), ("not_found",), "account"),
    Route("GET", "/api/scenario", "scenario", ScenarioShape, 200, "What is played, and how far it is"),
    Route(
        *("POST", "/api/scenario", "replace_scenario", ScenarioShape, 200, "Play something else"),
        ("misfit", "invalid", "too_large"),
    ),
    Route(
        *("POST", "/api/scenario/phase", "enter_phase", PhaseShape, 200, "A phase begins"),
        ("not_asked", "invalid", "too_large"),
    ),
    Route(
        *("POST", "/api/scenario/release", "release", ReleasedShape, 200, "Let go what a pile holds"),
        ("not_asked", "invalid", "too_large"),
    ),
)

RENDERED: Final = SLICE // 40
"""What it costs to render a rule."""
HIDDEN: Final = "********"
"""Shown for a password of any length."""


RuleBody = Annotated[Any, Body(examples=[{"when": {"to": "12025550100"}, "then": "silence"}])]
ReleaseBody = Annotated[Any, Body(examples=[{"pile": "late", "order": "shuffle", "most": 3}])]


class Ruling:
    """The deeds of the table, for one SMSC. ``replayed`` is called when something else is played."""

    def __init__(
        self, playing: Playing, clock: Callable[[], float], pause: Pause, replayed: Callable[[], None] = lambda: None
    ) -> None:
        self._playing = playing
        self._replayed = replayed
        self._smsc = playing.smsc
        self._clock = clock
        self._pause = pause

    async def rules(self, query: Annotated[Scoped, Query()]) -> Response:
        """Added ones first, the newest before the others, then those of files, later files before earlier ones.

        `fired` counts since the last reset; `left` of `times` is null where they are counted apart for each `per`.
        With `account` those that mean this account alone: what a rule for all has counted is nobody's.
        """
        return await self._rules(query.account)

    async def _rules(self, account: str | None) -> Response:
        slices, shown = Slices(self._pause), []
        stage = self._smsc.stage
        for rule in () if stage is None else tuple(stage.script):
            await slices.take(RENDERED)
            if belongs_to(rule, account):
                shown.append(_rule_json(rule, self._playing.names))
        return _json({"rules": shown, "total": len(shown)})

    async def rule(self, rule_id: str, query: Annotated[Scoped, Query()]) -> Response:
        """As in the list."""
        return _json(_rule_json(self._found(rule_id, query.account), self._playing.names))

    async def add_rule(self, rule: RuleBody, query: Annotated[Scoped, Query()]) -> Response:
        """In the words of a scenario file, as JSON. It is asked before all others from now on; `id` takes it away.

        With `account` it means this account alone, whatever else it says.
        """
        made = self._made(rule, query.account)
        added = self._stage().script.add(made)
        return _json({"id": _id(added), "name": added.name}, 201)

    async def replace_rule(self, rule_id: str, rule: RuleBody, query: Annotated[Scoped, Query()]) -> Response:
        """It keeps its id and its place, and counts from the start."""
        old = self._added(rule_id, query.account)
        made = self._stage().script.exchange(old, self._made(rule, query.account, old))
        return _json({"id": _id(made), "name": made.name})

    async def move_rule(self, rule_id: str, move: MoveRequest, query: Annotated[Scoped, Query()]) -> Response:
        """Among those that were added, which all are asked before those of files. Counts stay."""
        rule = self._added(rule_id, query.account)
        script = self._stage().script
        others = [one for one in script.live if one is not rule]
        place = 0 if move.to == "first" else len(others)
        beside = move.before or move.after
        if beside is not None:
            other = self._added(beside, query.account)
            if other is rule:
                raise invalid([Found(("before",), repr(beside), "the id of another rule")])
            place = others.index(other) + (1 if move.after else 0)
        script.move(rule, place)
        return await self._rules(query.account)

    def _made(self, rule: Any, account: str | None, old: CompiledRule | None = None) -> Rule:
        """The rule of what came. Raises Refusal with all that is wrong."""
        stage = self._smsc.stage
        book = TLVS if stage is None else stage.script.book
        phases = None if stage is None else stage.story.phases or None
        made: Rule = formed(Rule, _of_account(rule, account), Names(book=book, phases=phases))
        taken = () if stage is None else [one.name for one in stage.script.live if one is not old]
        if made.name is not None and made.name in taken:
            raise invalid([Found(("name",), f"{made.name!r} a second time", "a name of its own")])
        return made

    def _found(self, rule_id: str, account: str | None) -> CompiledRule:
        stage = self._smsc.stage
        for rule in () if stage is None else tuple(stage.script):
            if _id(rule) == rule_id and belongs_to(rule, account):
                return rule
        raise Refusal("not_found", f"id: {rule_id[:SHOWN_MAX]!r} is no rule's; GET /api/rules tells them")

    def _added(self, rule_id: str, account: str | None) -> CompiledRule:
        rule = self._found(rule_id, account)
        if rule.scenario is not None:
            raise Refusal("not_found", f"id: {rule_id[:SHOWN_MAX]!r} is a file's rule, only added ones are changed")
        return rule

    def _stage(self) -> Stage:
        """The stage; a server without a scenario gets an empty one."""
        smsc = self._smsc
        if smsc.stage is None:
            return smsc.play(Script((), smsc.seed, delay=smsc.carrier.delay), self._clock())
        return smsc.stage

    async def remove_rules(self, query: Annotated[Scoped, Query()]) -> Response:
        """What they have decided stays decided."""
        stage = self._smsc.stage
        live = () if stage is None else [one for one in stage.script.live if belongs_to(one, query.account)]
        for rule in live:
            self._stage().script.remove(rule)
        return _json({"removed": [_id(rule) for rule in live]})

    async def remove_rule(self, rule_id: str, query: Annotated[Scoped, Query()]) -> Response:
        """One that was added, or one of a file, which comes back when its file is loaded again."""
        rule = self._found(rule_id, query.account)
        self._stage().script.remove(rule)
        return _json({"removed": [rule_id]})

    async def export_rules(self, query: Annotated[Scoped, Query()]) -> Response:
        """YAML that `carrier-sim check` and `serve` take; what is asked first stands first."""
        stage = self._smsc.stage
        live = () if stage is None else [one for one in stage.script.live if belongs_to(one, query.account)]
        content = dump(_as_scenario([one.rule for one in live if one.rule is not None], self._playing.scenarios))
        return Response(content, media_type="application/yaml")

    async def scenario(self) -> Response:
        """`carrier` is what all files say together; passwords are not told."""
        return _json(self._told())

    def _told(self) -> dict[str, Any]:
        playing, stage = self._playing, self._smsc.stage
        story = None if stage is None else stage.story
        return {
            "names": list(playing.names),
            "seed": self._smsc.seed,
            "phase": (story and story.phase) or None,
            "phases": [] if story is None else list(story.phases),
            "variables": {} if story is None else dict(story.told()["variables"]),
            "piles": {} if stage is None else dict(stage.piles),
            "timeline": [] if story is None else [_occasion_json(*one) for one in story.occasions],
            "carrier": plain(said_of_carrier(playing.scenarios)),
            "failures": _failures_json(playing.failures),
        }

    async def replace_scenario(self, request: ScenarioRequest) -> Response:
        """`names` of scenarios that come with the package or were given at the start, or the text of one as `yaml`.

        Its story begins. Added rules stay, what waits in piles too, and every message's fate. Whatever is wrong is
        told, and changes nothing.
        """
        playing = self._playing
        names = ("yaml",) if request.names is None else tuple(request.names)
        if request.names is not None:
            self._check(names)
        try:
            # in a thread: the links go on meanwhile
            scenarios, script = await trio.to_thread.run_sync(_prepared, playing, names, request.yaml)
            playing.replace(scenarios, names, self._clock(), script)
        except ScenarioError as error:
            raise wrong_scenario(error) from error
        except Misfit as error:
            raise Refusal("misfit", str(error)) from error
        self._replayed()
        return _json(self._told())

    def _check(self, names: Sequence[str]) -> None:
        """Only what comes with the package, or was named at the start: a request reads no other file of ours."""
        known = known_names(self._playing)
        for name in names:
            if name not in known:
                allowed = "the name of a shipped scenario, or a file that the server was started with; or send `yaml`"
                shown = name[:SHOWN_MAX]
                raise invalid([Found(("names",), repr(shown), allowed, nearest(shown, known))])

    async def enter_phase(self, request: PhaseRequest) -> Response:
        """As if its time had come: whatever belonged to the phase before is over."""
        stage, at = self._played(), self._smsc.clock.at(self._clock())
        if stage.story.phases and request.phase not in stage.story.phases:
            allowed = ", ".join(stage.story.phases)
            raise invalid([Found(("phase",), repr(request.phase[:SHOWN_MAX]), allowed)])
        before = stage.story.phase
        stage.note_phase(request.phase, at)
        stage.story.enter(request.phase, at)
        return _json({"phase": stage.story.phase, "before": before or None})

    async def release(self, release: ReleaseBody) -> Response:
        """In the words of `release:` in a scenario file."""
        stage = self._played()
        form = formed(Release, release, Names())
        released = stage.piles.release(form.pile, self._clock(), form.order, form.most)
        return _json({"pile": form.pile, "released": released, "held": stage.piles.held(form.pile)})

    def _played(self) -> Stage:
        if self._smsc.stage is None:
            raise Refusal("not_asked", "no scenario is played here: there are no phases and no piles")
        return self._smsc.stage


def known_names(playing: Playing) -> list[str]:
    """The names by which something can be played: what comes with the package, or was named at the start."""
    known = [*playing.first_names, *shipped()]
    return known + [name.rpartition("/")[2] for name in shipped()]


def belongs_to(rule: CompiledRule, account: str | None) -> bool:
    """Whether a rule means this account and no other; None is all accounts, to which every rule belongs."""
    said = None if rule.rule is None else rule.rule.when.account
    return account is None or (said is not None and [str(one) for one in said] == [account])


def _of_account(rule: Any, account: str | None) -> Any:
    """The rule for one account alone. Raises Refusal where it says another one."""
    if account is None or not isinstance(rule, dict):
        return rule
    when = rule.get("when", {})
    if not isinstance(when, dict):
        return rule
    if when.get("account", account) not in (account, [account]):
        raise invalid([Found(("when", "account"), repr(when["account"])[:SHOWN_MAX], f"{account}, or nothing")])
    return {**rule, "when": {**when, "account": account}}


def _prepared(playing: Playing, names: Sequence[str], text: str | None) -> tuple[list[Scenario], Script]:
    scenarios = loaded(names) if text is None else [parse(text, "yaml")]
    return scenarios, playing.prepared(scenarios, names)


def loaded(names: Iterable[str]) -> list[Scenario]:
    """The scenarios of all names. Raises ScenarioError with what is wrong with any of them."""
    scenarios: list[Scenario] = []
    problems: list[Problem] = []
    for name in names:
        try:
            scenarios.append(load(name))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return scenarios


def _id(rule: CompiledRule) -> str:
    """One that was added has the number of its order, one of a file its place."""
    if rule.scenario is None:
        # not by its order: it may be moved
        return rule.place.replace("live[", "live-").removesuffix("]")
    return f"file-{rule.scenario + 1}-{rule.place}"


def _rule_json(rule: CompiledRule, names: Sequence[str]) -> dict[str, Any]:
    said, times = rule.rule, None
    if rule.deed is not None and rule.deed.times is not None:
        most, per = rule.deed.times.most, rule.deed.times.per
        times = {"most": most, "per": per, "left": max(0, most - rule.deed.spent.total) if per is None else None}
    return {
        "id": _id(rule),
        "name": rule.name,
        "source": "live" if rule.scenario is None else "file",
        "file": None if rule.scenario is None else names[rule.scenario],
        "place": rule.place,
        "slots": [] if said is None else sorted(said.then.slots),
        "fired": rule.fired,
        "times": times,
        "rule": None if said is None else written(said),
    }


def _occasion_json(name: str, occasion: Shape, left: float) -> dict[str, Any]:
    return {"name": name, "left": None if left == float("inf") else int(left), "occasion": written(occasion)}


def _failures_json(failures: Failures) -> dict[str, Any]:
    last = [
        {
            "at": moment_text(one.at),
            "session": one.session,
            "message": None if one.message is None else str(one.message),
            "name": one.name,
            "reason": one.reason,
        }
        for one in reversed(failures.last)
    ]
    return {"total": failures.total, "last": last}


def _as_scenario(rules: Sequence[Rule], played: Sequence[Scenario]) -> Scenario:
    """A scenario of rules alone, with the vendors' TLVs that they may name; a name that is taken gets a number."""
    seen: Counter[str] = Counter()
    named = []
    for rule in rules:
        name = rule.name
        if name is not None:
            seen[name] += 1
            name = name if seen[name] == 1 else f"{name} ({seen[name]})"
        named.append(rule if name == rule.name else rule.model_copy(update={"name": name}))
    vendors = [one for scenario in played if scenario.carrier for one in scenario.carrier.vendor_tlvs or ()]
    carrier = {"carrier": {"vendor_tlvs": list(dict.fromkeys(vendors))}} if vendors and rules else {}
    made: Scenario = Scenario.model_validate({"scenario": 1, **carrier, "rules": named})
    return made


def plain(said: Any, key: str = "") -> Any:
    """What a section says, as plain values that could be written in a file; a password is hidden."""
    if key == "password":
        return HIDDEN
    if isinstance(said, Shape):
        said = {one: getattr(said, one) for one in said.said}
    if isinstance(said, dict):
        return {str(one): plain(value, str(one)) for one, value in said.items()}
    if isinstance(said, tuple | list | frozenset):
        return [plain(one) for one in said]
    return said if type(said) in {int, str, bool, type(None)} else str(said)


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return answer(json_octets(value), status)


__all__ = ["RULE_ROUTES", "Ruling", "plain"]

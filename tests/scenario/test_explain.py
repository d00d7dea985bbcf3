"""Why something happens or does not: each rule that was asked, its slots, and what kept the others from it."""

from simulator.scenario.explain import FIRED, MISSED, TAKEN, ExplainingScript, Explanation
from simulator.scenario.file import parse
from simulator.scenario.happening import Happening
from simulator.scenario.modules import scenario_from
from simulator.smsc.translate import Submission
from tests.scenario.happenings import asked


def explained(*rules: str, times: int = 1) -> Explanation:
    script = ExplainingScript([parse(f"scenario: 1\nrules: [{', '.join(rules)}]")], 7)
    for _ in range(times):
        script.decide(asked())
    return script.explanations[-1]


def told(explanation: Explanation) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.rule.name, one.outcome, one.slots) for one in explanation.asked]


def wanted(explanation: Explanation) -> list[list[str]]:
    return [[f"{one.field}: {one.wanted}, {one.got}" for one in asked.differences] for asked in explanation.missed]


def test_the_slots_that_each_rule_fills_are_told_and_those_that_were_taken_are_not() -> None:
    found = explained(
        "{name: a, then: {reject: 8}}", "{name: b, then: {accept: true, respond: 1s}}", "{name: c, then: silence}"
    )
    assert told(found) == [("a", FIRED, ("decision",)), ("b", FIRED, ("respond",)), ("c", TAKEN, ())]
    assert [one.rule.name for one in found.fired] == ["a", "b"]
    assert [one.rule.name for one in found.taken] == ["c"]


def test_rules_that_are_not_meant_are_told_the_nearest_first() -> None:
    far = "{name: far, when: {to: 1, text: {contains: casino}, part: last}, then: lose}"
    found = explained(far, "{name: near, when: {to: 1}, then: lose}")
    assert told(found) == [("near", MISSED, ()), ("far", MISSED, ())]
    assert len(found.missed[1].differences) == 3
    assert wanted(found)[0] == ["destination: 1, 12025550100"]


def test_a_count_is_told_as_it_would_be_for_this_one() -> None:
    assert wanted(explained("{when: {count: 3rd}, then: lose}")) == [["count: 3rd, 1"]]
    assert explained("{when: {count: 3rd}, then: lose}", times=3).missed == ()


def test_spent_times_luck_and_stop_are_told() -> None:
    assert wanted(explained("{then: lose, times: 1}", times=2)) == [["times: 1, 1 before"]]
    assert wanted(explained("{then: lose, probability: 0.0000001%}"))[0][0].startswith("probability: ")
    found = explained("{then: lose, stop: true}", "{then: silence}")
    assert wanted(found) == [["stop: no rule before that says stop, one did"]]


def test_rules_about_other_things_are_only_counted() -> None:
    found = explained("{when: {event: bound}, then: rst}", "{when: {command: bind}, then: {reject: 8}}", "{then: lose}")
    assert (len(found.asked), found.others) == (1, 2)


def test_deeds_fill_no_slot_and_fire_nevertheless() -> None:
    assert told(explained("{name: a, then: {send: unbind}}")) == [("a", FIRED, ())]


def test_a_function_that_says_nothing_is_told_so() -> None:
    text = "def on_event(happening): return 'rst' if happening.key == 'bound' else None"
    script = ExplainingScript([scenario_from(text, "mine.py")], 7)
    script.decide(Happening("connect", 0.0, 0.0))
    script.decide(Happening("bound", 0.0, 0.0))
    first, second = script.explanations
    assert wanted(first) == [["returned: what a then may be, nothing"]]
    assert told(second) == [("on_event", FIRED, ())]
    assert not isinstance(first.happening.message, Submission)

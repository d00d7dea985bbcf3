"""The verdict of a run, of its quirks above all: coped only where it happened and all that it expects was seen."""

import pytest

from simulator.scenario.expect import ExpectationError
from simulator.scenario.file import parse
from simulator.smsc import watch
from simulator.smsc.watch import Watch, wants_verdict
from tests.checks.watching import Refusing, Watched
from tests.smsc.world import World

QUIRK = """\
about: {carrier: it throttles, breaks: retries, correct: waits, source: somebody}
rules:
  - {name: throttled once, when: {text: hello}, then: {reject: ESME_RTHROTTLED}, times: 1}
expect:
  checks: {backs_off: error}
  events: [{kind: submitted, count: 2}]
"""


def fire(world: Watched, name: str = "throttled once") -> None:
    """As the script does."""
    world.smsc.journal.record(world.now, "rule_fired", 1, None, name)


def throttled(text: str = QUIRK) -> Watched:
    world = Watched(text, carrier=Refusing(0x58))
    gateway = world.bound()
    gateway.submit()
    fire(world)
    return world


def test_a_quirk_that_has_not_happened_is_unknown_whatever_was_met() -> None:
    world = Watched(QUIRK)
    gateway = world.bound()
    gateway.submit()
    gateway.submit(short_message=b"two")
    quirk = world.watch.verdict().quirks[0]
    assert (quirk.name, quirk.outcome) == ("scenario 1", "unknown")
    assert quirk.reason == "none of its rules has fired: it has not happened"


def test_a_quirk_that_happened_and_was_met_is_coped_with() -> None:
    world = throttled()
    world.run(1.0)
    world.gateways[0].submit()
    quirk = world.watch.verdict().quirks[0]
    assert (quirk.outcome, quirk.seen) == ("coped", 1)
    assert quirk.reason == "all that it expects was met: 2 of 2"
    assert quirk.evidence


def test_a_quirk_whose_check_failed_has_failed() -> None:
    world = throttled()
    world.gateways[0].submit()
    quirk = world.watch.verdict().quirks[0]
    assert quirk.outcome == "failed"
    assert quirk.reason.startswith("backs_off: the message that was refused came again")


def test_a_quirk_of_which_something_is_unknown_is_unknown() -> None:
    world = throttled(QUIRK.replace("backs_off", "window_kept"))
    world.run(1.0)
    world.gateways[0].submit()
    assert world.watch.verdict().quirks[0].reason == "window_kept: nothing was seen that could tell"


def test_a_quirk_that_expects_nothing_is_unknown() -> None:
    world = throttled(QUIRK.partition("expect:")[0])
    assert world.watch.verdict().quirks[0].reason == "it expects nothing"


def test_a_check_that_a_quirk_switches_off_is_none_of_its_expectations() -> None:
    world = throttled(QUIRK.replace("backs_off: error", "backs_off: off"))
    world.gateways[0].submit()
    assert world.watch.verdict().quirks[0].outcome == "coped"


def test_rules_without_a_name_are_known_by_their_place() -> None:
    world = Watched(QUIRK.replace("name: throttled once, ", "").replace("count: 2", "count: 0.."))
    fire(world, "rules[0]")
    assert "has not happened" not in world.watch.verdict().quirks[0].reason


def test_a_quirk_of_the_carrier_section_alone_happens_where_it_is_met() -> None:
    text = "about: {carrier: c, breaks: b}\nexpect: {events: {kind: submitted}}\n"
    world = Watched(text)
    world.bound().submit()
    assert world.watch.verdict().quirks[0].outcome == "coped"


def test_a_story_is_no_quirk() -> None:
    world = Watched("about: a story\nexpect: {events: {kind: submitted}}\n")
    assert world.watch.verdict().quirks == ()


def test_a_later_scenario_gives_a_check_its_level() -> None:
    texts = ["expect: {checks: {backs_off: off}}", "expect: {checks: {backs_off: warning}}"]
    assert Watched(*texts).finding("backs_off").level == "warning"
    assert Watched(*texts[::-1]).finding("backs_off").level == "off"
    assert Watched(*texts, levels={"backs_off": "error"}).finding("backs_off").level == "error"


def test_scenarios_have_the_names_that_they_were_given() -> None:
    world = World()
    scenarios = [parse("scenario: 1\nexpect: {events: {kind: bound}}\n")] * 2
    watch = Watch(world.smsc, lambda: world.now, scenarios, ["quirks/a"])
    verdict = watch.verdict()
    assert verdict.scenarios == ("quirks/a", "scenario 2")
    assert [one.name for one in verdict.expectations] == ["quirks/a: events[0]", "scenario 2: events[0]"]


def test_the_verdict_in_one_word() -> None:
    world = Watched("expect: {events: {kind: submitted, where: {text: stop}}}")
    verdict = Watched().watch.verdict()
    assert (verdict.outcome, verdict.is_bad) == ("unknown", False)
    gateway = world.bound()
    assert (world.watch.verdict().outcome, world.watch.verdict().is_bad) == ("failed", True)
    gateway.submit(short_message=b"stop")
    assert (world.watch.verdict().outcome, world.watch.verdict().is_bad) == ("coped", False)


def test_a_bad_verdict_can_be_had_as_an_error_with_every_reason() -> None:
    world = Watched("expect: {events: {kind: submitted, where: {text: stop}}}")
    with pytest.raises(ExpectationError, match=r"events\[0\]: submitted: expected 1\.\. times, came 0 times") as caught:
        world.watch.require()
    assert isinstance(caught.value, AssertionError)
    world.bound().submit(short_message=b"stop")
    world.watch.require()


def test_a_reset_forgets_which_rules_have_fired() -> None:
    world = throttled()
    world.smsc.reset(world.now)
    assert world.watch.verdict().quirks[0].seen == 0


def test_only_so_many_rules_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "NAMES_MAX", 1)
    world = Watched()
    for name in ("a", "b", "a"):
        fire(world, name)
    assert world.watch._fired == {"a": 2}


def test_a_verdict_is_wanted_where_something_is_expected() -> None:
    assert wants_verdict([parse("scenario: 1\nexpect: {checks: {}}\n")])
    assert not wants_verdict([parse("scenario: 1\n")])
    assert not wants_verdict([])

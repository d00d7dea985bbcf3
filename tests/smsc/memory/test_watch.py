"""The verdict of a run, of its quirks above all: coped only where it happened and all that it expects was seen."""

import pytest

from simulator.scenario.expect import ExpectationError
from simulator.scenario.file import parse
from simulator.smsc.memory import watch
from simulator.smsc.memory.watch import Watch, wants_verdict
from tests.checks.watching import Watched
from tests.smsc.world import World

QUIRK = """\
about: {carrier: it throttles, breaks: retries, correct: waits, source: somebody}
rules:
  - {name: throttled once, when: {text: hello}, then: {reject: ESME_RTHROTTLED}, times: 1}
expect:
  checks: {backs_off: error}
  events: [{kind: submitted, count: 2}]
"""


def throttled(text: str = QUIRK) -> Watched:
    world = Watched(text)
    world.bound().submit()
    return world


def test_a_quirk_that_has_not_happened_is_unknown_whatever_was_met() -> None:
    world = Watched(QUIRK)
    gateway = world.bound()
    gateway.submit(short_message=b"one")
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


def test_a_check_that_had_nothing_to_look_at_says_nothing_where_something_else_was_seen() -> None:
    world = throttled(QUIRK.replace("backs_off", "window_kept"))
    world.run(1.0)
    world.gateways[0].submit()
    quirk = world.watch.verdict().quirks[0]
    assert (quirk.outcome, quirk.reason) == ("coped", "all that it expects was met: 1 of 1")


def test_a_quirk_all_of_whose_checks_had_nothing_to_look_at_is_unknown() -> None:
    world = throttled(QUIRK.replace("backs_off", "window_kept").partition("  events:")[0])
    world.gateways[0].submit()
    assert world.watch.verdict().quirks[0].reason == "window_kept: nothing was seen that could tell"


def test_a_quirk_of_which_the_gateway_has_not_told_what_it_knows_is_unknown() -> None:
    world = throttled(QUIRK.partition("  events:")[0] + "  gateway: delivered\n")
    world.run(1.0)
    world.gateways[0].submit()
    reason = "scenario 1: gateway[0]: the gateway has told nothing of 1 messages; expected delivered"
    assert world.watch.verdict().quirks[0].reason == reason


def test_a_quirk_that_expects_nothing_is_unknown() -> None:
    world = throttled(QUIRK.partition("expect:")[0])
    assert world.watch.verdict().quirks[0].reason == "it expects nothing"


def test_a_check_that_a_quirk_switches_off_is_none_of_its_expectations() -> None:
    world = throttled(QUIRK.replace("backs_off: error", "backs_off: off"))
    world.gateways[0].submit()
    assert world.watch.verdict().quirks[0].outcome == "coped"


def test_rules_without_a_name_are_known_by_their_place() -> None:
    world = throttled(QUIRK.replace("name: throttled once, ", ""))
    assert world.kinds("rule_fired") == 1
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


def test_a_watch_that_has_left_sees_nothing_more_and_costs_nothing() -> None:
    world = Watched(QUIRK + "  gateway: delivered\n")
    fed = sum(len(folds) for folds in world.smsc.journal._folds.values())
    other = Watch(world.smsc, lambda: world.now, [parse("scenario: 1\n" + QUIRK)])
    other.leave()
    other.leave()
    assert sum(len(folds) for folds in world.smsc.journal._folds.values()) == fed
    world.bound().submit()
    assert [one.verdict().quirks[0].seen for one in (other, world.watch)] == [0, 1]


def test_only_so_many_rules_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "NAMES_MAX", 1)
    rules = "".join(f"  - {{name: {name}, when: {{text: {name}}}, then: accept}}\n" for name in "ab")
    world = Watched(f"rules:\n{rules}")
    gateway = world.bound()
    for text in (b"a", b"b", b"a"):
        gateway.submit(short_message=text)
    assert world.watch._fired == {"a": 2}


def test_expectations_ask_the_story_that_is_played() -> None:
    text = (
        "phases: [{name: calm, messages: 1}, {name: storm}]\nvariables: {a: 1}\n"
        "expect:\n  events:\n"
        "    - kind: submitted\n      count: 1\n"
        "      where: {phase: storm, session: 1st, since_bound: ..10s, variables: {a: 1}}\n"
        "    - {kind: bound, where: {event: bound, tls: false, since_connect: ..1s}, count: 1}\n"
    )
    world = Watched(text)
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert (world.finding("events[0]").reason, world.outcome("events[1]")) == (
        "submitted: expected 1 times, came 1 times",
        "coped",
    )


def test_a_session_that_is_gone_is_known_by_its_event() -> None:
    world = Watched("phases: [{name: calm}]\nexpect: {events: {kind: receipt_failed, where: {account: gateway}}}\n")
    gateway = world.bound(bind="TX")
    gateway.submit()
    (message,) = [message for message, _ in world.events("submitted")]
    gateway.close()
    world.smsc.journal.record(world.now, "receipt_failed", gateway.session.number, message, "lost")
    assert world.outcome("events[0]") == "coped"


def test_a_verdict_is_wanted_where_something_is_expected() -> None:
    assert wants_verdict([parse("scenario: 1\nexpect: {checks: {}}\n")])
    assert not wants_verdict([parse("scenario: 1\n")])
    assert not wants_verdict([])


def test_a_policy_has_happened_when_the_journal_tells_of_it() -> None:
    about = "about: {carrier: c, breaks: b}\nexpect: {events: {kind: bound}}\n"
    for policy, wait in (("link_policy: {enquire_every: 1s}", 2.0), ("bind_policy: {rebind_after: 1s}", 0.0)):
        world = Watched(f"carrier: {{{policy}}}\n{about}")
        gateway = world.bound()
        assert world.watch.verdict().quirks[0].outcome == "unknown"
        if wait:
            world.run(31.0)
        else:
            world.smsc.accounts.is_open = False
            gateway.close()
            world.gateway().bind("nobody")
        assert world.watch.verdict().quirks[0].outcome == "coped"


def test_of_a_subscribers_message_the_gateway_tells_by_its_source() -> None:
    text = (
        "about: {carrier: c, breaks: b}\nexpect: {gateway: {status: intact, where: {event: mo, from: '12025550101'}}}\n"
    )
    world = Watched(text)
    gateway = world.bound()
    gateway.submit()
    for source in ("12025550101", "12025550102", "12025550101"):
        world.smsc.mo("5555", source, "hello", world.now)
    world.settle()
    assert world.watch.verdict().quirks[0].reason.endswith("told nothing of 2 messages; expected intact")
    world.watch.observe("12025550101", "intact")
    assert world.watch.verdict().quirks[0].outcome == "unknown"
    world.watch.observe("12025550101", "intact")
    world.watch.observe("12025550102", "mangled")
    assert world.watch.verdict().quirks[0].outcome == "coped"
    world.watch.observe("12025550101", "mangled")
    assert world.watch.verdict().quirks[0].outcome == "failed"

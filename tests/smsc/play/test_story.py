"""Phases, the timeline and variables, played."""

from typing import Any

import pytest

from simulator.journal import PHASE_BEGUN
from tests.smsc.played import Bearing, Played, rules

STEPS = "phases: [{name: calm, lasts: 10s}, {name: storm, lasts: 5s}, {name: after}]\n"
SEND = "then: {send: enquire_link}"


def times(world: Played, gateway: Bearing, seconds: float, step: float = 0.5) -> list[float]:
    """After how many seconds since now something was received."""
    found, begin = [], world.now
    while world.now < begin + seconds - step / 2:
        world.run(step)
        found += [round(world.now - begin, 2)] * len(gateway.received)
        gateway.clear()
    return found


def begun(world: Played) -> list[Any]:
    return [name for _, name in world.events(PHASE_BEGUN)]


# ---------------------------------------------------------------------- phases


def test_phases_follow_each_other_in_carrier_time() -> None:
    world = Played(STEPS + rules("{when: {phase: storm}, then: {reject: 0x58}}"))
    gateway = world.bound()
    found = []
    for _ in range(4):
        found.append(gateway.submit().command_status)
        world.run(5.1)
    assert found == [0, 0, 0x58, 0]
    assert begun(world) == ["storm", "after"]
    world.run(1e5)
    assert world.stage.story.phase == "after"


def test_phases_follow_each_other_by_messages() -> None:
    world = Played(
        "phases: [{name: a, messages: 2}, {name: b, messages: 1, next: a}]\n"
        + rules("{when: {phase: b}, then: {reject: 8}}")
    )
    gateway = world.bound()
    assert [gateway.submit().command_status for _ in range(7)] == [0, 0, 8, 0, 0, 8, 0]


def test_a_phase_is_set_by_a_rule_and_ends_the_one_before() -> None:
    world = Played(
        STEPS
        + rules(
            "{when: {command: submit_sm, to: 1}, then: {set: {phase: storm}}}",
            "{when: {phase: storm}, then: {reject: 8}}",
        )
    )
    gateway = world.bound()
    world.run(3.0)
    assert [gateway.submit(destination_addr=number).command_status for number in "121"] == [0, 8, 8]
    world.run(4.9)
    assert gateway.submit().command_status == 8
    world.run(0.2)
    assert gateway.submit().command_status == 0
    # the ten seconds of the first phase are over without any effect
    assert world.stage.story.phase == "after"


def test_of_several_files_the_last_ones_phases_count() -> None:
    world = Played("phases: [{name: a}]\n", "phases: [{name: b, lasts: 1s}, {name: c}]\n")
    assert world.stage.story.phases == ("b", "c")
    assert world.stage.story.phase == "b"


# ---------------------------------------------------------------------- the timeline


@pytest.mark.parametrize(
    ("occasion", "when"),
    [
        ("at: 2s", [2.0]),
        ("at: 2s, times: 3", [2.0]),
        ("every: 3s", [3.0, 6.0, 9.0, 12.0, 15.0, 18.0]),
        ("every: 3s, times: 2", [3.0, 6.0]),
        ("at: 2s, phase: storm", [12.0]),
        ("every: 2s, phase: storm", [12.0, 14.0]),
        ("every: 2s, phase: storm, times: 1", [12.0]),
        ("at: 6s, phase: storm", []),
        ("at: 1s, phase: nowhere", []),
    ],
)
def test_occasions_come_at_their_time(occasion: str, when: list[float]) -> None:
    phases = STEPS.replace("{name: after}", "{name: after}, {name: nowhere}")
    world = Played(phases + f"timeline: [{{{occasion}, {SEND}}}]")
    gateway = world.bound()
    assert times(world, gateway, 20.0) == when


def test_an_occasion_of_a_phase_comes_each_time_that_it_begins() -> None:
    world = Played(
        f"phases: [{{name: a, lasts: 4s, next: b}}, {{name: b, lasts: 4s, next: a}}]\ntimeline: [{{at: 1s, "
        f"phase: a, {SEND}}}]"
    )
    assert times(world, world.bound(), 20.0) == [1.0, 9.0, 17.0]


@pytest.mark.parametrize(
    ("occasion", "numbers"),
    [
        ("after_messages: 3", [3]),
        ("every_messages: 3", [3, 6, 9]),
        ("every_messages: 2, times: 2", [2, 4]),
        ("after_messages: 1, phase: b", [6]),
        ("every_messages: 2, phase: b", [7, 9]),
    ],
)
def test_occasions_come_behind_so_many_messages(occasion: str, numbers: list[int]) -> None:
    world = Played(f"phases: [{{name: a, messages: 5}}, {{name: b}}]\ntimeline: [{{{occasion}, {SEND}}}]")
    gateway = world.bound()
    found = []
    for number in range(1, 11):
        gateway.submit(registered_delivery=0)
        world.run(0.01)
        if "enquire_link" in gateway.names:
            # behind the answer
            assert gateway.names == ["submit_sm_resp", "enquire_link"]
            found.append(number)
        gateway.clear()
    assert found == numbers


def test_a_refused_message_is_one_that_came() -> None:
    world = Played(f"timeline: [{{after_messages: 2, {SEND}}}]\n" + rules("{then: {reject: 8}}"))
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    world.run(0.1)
    assert gateway.names[-1] == "enquire_link"


def test_an_occasion_acts_on_all_sessions_piles_variables_and_phases() -> None:
    world = Played(
        "variables: {a: 1}\nphases: [{name: x}, {name: y}]\n"
        "timeline: [{at: 1s, then: {set: {phase: y, variables: {a: +2}}, release: p, connection: unbind}}]\n"
        + rules("{then: {respond: {hold: p}}}")
    )
    first, second = world.bound("a"), world.bound("b", "RX")
    first.batch(*[])
    first.submit()
    world.run(1.1)
    assert (first.names, second.names) == (["submit_sm_resp", "unbind"], ["unbind"])
    assert (world.stage.story.phase, world.stage.story.variables["a"]) == ("y", 3)
    assert len(world.faults) == 2


# ---------------------------------------------------------------------- variables


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("1", "2", "2"),
        ("1", "'+2'", "3"),
        ("5", "'-7'", "-2"),
        ("'5'", "'+1'", "6"),
        ("word", "'+1'", "1"),
        ("1", "other", "other"),
        ("1", "'+x'", "+x"),
    ],
)
def test_a_variable_is_set_or_added_to(before: str, change: str, after: str) -> None:
    world = Played(f"variables: {{a: {before}}}\n" + rules(f"{{then: {{set: {{variables: {{a: {change}}}}}}}}}"))
    world.bound().submit()
    assert world.stage.story.told()["variables"] == {"a": after}


def test_variables_and_piles_are_asked_by_rules() -> None:
    world = Played(
        "variables: {strikes: 0}\n"
        + rules(
            "{when: {variables: {strikes: {between: 2..}}}, then: {reject: 8, set: {variables: {strikes: 0}}}}",
            "{when: {variables: {strikes: {between: ..1}}}, then: {set: {variables: {strikes: '+1'}}}}",
        )
    )
    gateway = world.bound()
    assert [gateway.submit().command_status for _ in range(7)] == [0, 0, 8, 0, 0, 8, 0]


def test_later_files_variables_go_before() -> None:
    world = Played("variables: {a: 1, b: 1}\n", "variables: {b: 2}\n")
    assert world.stage.story.variables == {"a": 1, "b": 2}


# ---------------------------------------------------------------------- reset


def test_a_reset_starts_the_story_over() -> None:
    world = Played(
        STEPS
        + f"variables: {{a: 1}}\ntimeline: [{{at: 2s, {SEND}}}, {{every: 4s, times: 2, then: {{send: outbind}}}}]\n"
        + rules("{then: {set: {variables: {a: +1, b: 1}, phase: storm}, respond: {hold: p}}}")
    )
    gateway = world.bound()
    gateway.batch(*[])
    gateway.submit(registered_delivery=0)
    world.run(9.0)
    story = world.stage.story
    assert (story.phase, story.variables, world.stage.piles.held("p")) == ("after", {"a": 2, "b": 1}, 1)
    gateway.clear()
    world.smsc.reset(world.now)
    assert (story.phase, story.variables, world.stage.piles.held("p")) == ("calm", {"a": 1}, 0)
    world.run(0.0)
    # what it was still owed
    assert gateway.names == ["submit_sm_resp"]
    gateway.clear()
    assert times(world, gateway, 12.0) == [2.0, 4.0, 8.0]
    assert story.phase == "storm"


def test_a_reset_forgets_what_was_still_to_be_sent() -> None:
    world = Played(
        rules(
            "{when: {to: 1}, then: {send: {command: enquire_link, after: 5s}}}",
            "{when: {to: 2}, then: {send: {command: enquire_link, repeat: {every: 5s}}}}",
            "{when: {to: 3}, then: {answer: {repeat: {every: 5s}}}}",
        )
    )
    gateway = world.bound()
    for number in "123":
        gateway.submit(destination_addr=number, registered_delivery=0)
    world.smsc.reset(world.now)
    gateway.clear()
    world.run(20.0)
    assert gateway.names == []


def test_a_reset_between_a_message_and_what_it_occasions_leaves_nothing() -> None:
    world = Played(f"timeline: [{{after_messages: 1, {SEND}}}]")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    world.smsc.reset(world.now)
    gateway.clear()
    world.run(1.0)
    assert gateway.names == []


def test_since_the_start_is_carrier_time_of_this_run() -> None:
    world = Played(rules("{when: {since_start: ..10s}, then: {reject: 8}}"))
    gateway = world.bound()
    assert gateway.submit().command_status == 8
    world.run(11.0)
    assert gateway.submit().command_status == 0
    world.smsc.reset(world.now)
    assert gateway.submit().command_status == 8


def test_hours_are_those_of_the_carriers_day() -> None:
    # the world begins at 08:00
    world = Played(rules("{when: {hours: 08:00..08:01}, then: {reject: 8}}"))
    gateway = world.bound()
    assert gateway.submit().command_status == 8
    world.run(61.0)
    assert gateway.submit().command_status == 0

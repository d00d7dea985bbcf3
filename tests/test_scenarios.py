"""The scenarios that come with the package: each is read, tells what it is about, is played, and does what it says."""

import pytest

from simulator.journal import CONCLUDED, RULE_FIRED, SUBMITTED
from simulator.scenario.acted import unacted
from simulator.scenario.file import load, shipped
from simulator.smsc.staging import staged
from tests.smsc.world import START, World


def playing(name: str) -> World:
    world = World()
    world.smsc = staged([load(name, unacted)], world.now, START, seed=7)
    return world


@pytest.mark.parametrize("name", list(shipped()))
def test_a_shipped_scenario_is_played_and_tells_what_it_is_about(name: str) -> None:
    about = load(name, unacted).about
    assert about is not None
    assert all((about.text, about.carrier, about.breaks, about.correct))


def test_throttled_then_recovers() -> None:
    world = playing("stories/throttled-then-recovers")
    gateway = world.bound()
    answers = [gateway.submit() for _ in range(4)]
    assert [one.command_status for one in answers] == [0x58, 0x58, 0, 0]
    assert gateway.submit(destination_addr="12025550101").command_status == 0x58
    world.run(1.0)
    assert gateway.stats == [(one.message_id, "DELIVRD") for one in answers[2:]]


def test_one_per_cent_lost() -> None:
    world = playing("stories/one-per-cent-lost")
    gateway = world.bound()
    answers = [gateway.submit(destination_addr=f"1202555{number:04}") for number in range(1000)]
    assert {one.command_status for one in answers} == {0}
    world.run(10.0)
    lost = world.kinds(RULE_FIRED)
    assert 3 <= lost <= 25
    assert world.kinds(SUBMITTED) - world.kinds(CONCLUDED) == 1000 - len(gateway.stats) == lost

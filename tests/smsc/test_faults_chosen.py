"""Whom a fault strikes: the sessions that a scenario means by a word."""

from typing import Any

import pytest

from simulator.journal import FAULT
from simulator.smsc.play.faults import strike
from simulator.smsc.play.steering import chosen
from tests.smsc.line import a_fault
from tests.smsc.played import Played
from tests.smsc.world import Gateway, World


@pytest.fixture(name="crowd")
def a_crowd() -> tuple[World, dict[str, Gateway]]:
    world = World()
    bound = {
        "first": world.bound("gateway", "TX"),
        "second": world.bound("gateway", "RX"),
        "third": world.bound("gateway", "TRX"),
        "other": world.bound("other", "TRX"),
        "nobody": world.gateway(),
    }
    return world, bound


@pytest.mark.parametrize(
    ("about", "word", "account", "names"),
    [
        ("second", None, None, "second"),
        ("second", "same", None, "second"),
        ("second", "other", None, "first third"),
        ("second", "all", None, "first second third"),
        ("second", "any", None, "first"),
        ("second", "oldest", None, "first"),
        ("second", "newest", None, "third"),
        ("second", "TX", None, "first"),
        ("second", "TRX", None, "third"),
        ("second", None, "other", "other"),
        ("second", "same", "other", ""),
        ("second", "TRX", "other", "other"),
        ("nobody", None, None, "nobody"),
        ("nobody", "all", None, "nobody"),
        (None, None, None, "first second third other nobody"),
        (None, None, "gateway", "first second third"),
        (None, "TRX", None, "third other"),
        (None, "newest", "gateway", "third"),
        (None, "random", "absent", ""),
    ],
)
def test_a_word_names_these_sessions(crowd: Any, about: str | None, word: str | None, account: str | None, names: str):
    world, bound = crowd
    session = bound[about].session if about else None
    found = chosen(world.smsc, session, word, account, 0.5)
    assert [name for name, gateway in bound.items() if gateway.session in found] == names.split()
    assert len(found) == len(names.split())


def test_chance_reaches_each_session_in_turn(crowd: Any):
    world, bound = crowd
    session = bound["first"].session
    found = [chosen(world.smsc, session, "random", None, step / 4096)[0].number for step in range(12)]
    assert set(found) == {bound[name].session.number for name in ("first", "second", "third")}


@pytest.mark.parametrize("account", [None, "gateway"])
def test_the_next_one_bound_is_struck_once_and_those_after_it_are_not(account: str | None):
    world = Played("variables: {calm: 1}")
    strike(
        world.smsc, None, a_fault("fin", session="next_bound", **({"account": account} if account else {})), world.now
    )
    if account:
        assert not world.bound("other").session.hang_up
        world.run(1.0)
    first = world.bound()
    world.run(1.0)
    assert not first.stands()
    second = world.bound()
    world.run(1.0)
    assert second.stands()
    assert world.kinds(FAULT) == 1


def test_the_next_one_bound_is_of_the_account_that_the_rule_was_about():
    world = Played("variables: {calm: 1}")
    session = world.bound().session
    strike(world.smsc, session, a_fault("pause_reading", session="next_bound", after="1s"), world.now)
    other, same = world.bound("other"), world.bound()
    world.run(2.0)
    assert other.session.flow is None
    assert same.session.is_paused

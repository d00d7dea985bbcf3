"""What waits for a session that is still to come: in which order it happens, to whom, and how much of it is kept."""

import pytest

from simulator.smpp.pdus import EnquireLink
from simulator.smsc.play import newcomers as module
from simulator.smsc.play.newcomers import Greeting, Newcomers
from tests.smsc.played import Played, of_rules
from tests.smsc.world import World, a_submission

SENDING = "{then: {send: {command: enquire_link, session: next_bound}}}"


def test_whoever_comes_meets_what_waits_for_him_in_its_order() -> None:
    world = World()
    first, other = world.bound("a").session, world.bound("b").session
    met: list[str] = []
    waiting = Newcomers(lambda _: None)

    def meeting(name: str) -> Greeting:
        return lambda session, _: met.append(f"{name} {session.system_id}")

    for name, account in (("one", "a"), ("two", None), ("three", "b"), ("four", "a")):
        waiting.await_one(account, meeting(name), 0.0)
    waiting.bound(first, 1.0)
    assert (met, len(waiting)) == (["one a", "two a", "four a"], 1)
    waiting.bound(first, 1.0)
    waiting.bound(other, 1.0)
    assert (met[3:], len(waiting)) == (["three b"], 0)


def test_what_a_deed_leaves_behind_is_for_the_next_one() -> None:
    session = World().bound("a").session
    met: list[float] = []
    waiting = Newcomers(lambda _: None)
    waiting.await_one(None, lambda _, now: waiting.await_one(None, lambda _, at: met.append(at), now), 0.0)
    waiting.bound(session, 1.0)
    assert (met, len(waiting)) == ([], 1)
    waiting.bound(session, 2.0)
    assert met == [2.0]


def test_the_oldest_of_too_many_is_forgotten_which_the_journal_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AWAITING_MAX", 2)
    world = of_rules(SENDING)
    gateway = world.bound()
    for _ in range(3):
        gateway.submit(registered_delivery=0)
    assert [one for one in world.sent if one.startswith("not done: ")] == world.sent
    assert len(world.sent) == 1
    newcomer = world.gateway()
    newcomer.bind("gateway")
    assert len(newcomer.of(EnquireLink)) == 2


def test_nothing_waits_any_more_after_a_reset() -> None:
    world: Played = of_rules(SENDING, "{then: {connection: {fault: fin, session: next_bound}}}")
    world.bound().submit(registered_delivery=0)
    assert len(world.stage.newcomers) == 2
    world.smsc.reset(world.now)
    assert len(world.stage.newcomers) == 0
    newcomer = world.bound()
    world.run(1.0)
    assert (newcomer.names, newcomer.stands()) == ([], True)


def test_of_very_many_that_wait_each_costs_alike() -> None:
    world = of_rules("{then: {connection: {fault: slow_reading, lasts: 1s, session: next_bound}}}")
    gateway = world.bound()
    gateway.batch(*(a_submission(registered_delivery=0) for _ in range(300)))
    # one fold of the journal for each would be asked at every bind
    assert len(world.smsc.journal._folds["bound"]) < 5
    assert len(world.stage.newcomers) == 300

"""What was before a reset is never counted after it: worlds from a seed, stopped in the middle of everything."""

from collections import Counter

import pytest

from simulator.carrier.delays import Fixed
from simulator.scenario.script import Script
from simulator.smpp.pdus import SubmitSmResp
from simulator.smsc.catching_up import catch_up
from simulator.smsc.memory.pending import pending
from simulator.smsc.terms import Terms
from tests.smsc.played import of_rules
from tests.smsc.test_scenario_worlds import LaidWorld
from tests.smsc.test_worlds import NAMES
from tests.smsc.world import World, a_submission

OF_LINKS = {"reset", "enquired", "disconnected", "unbind_sent", "unbound", "timeout"}
"""What happens to links whatever was before, and is about no message."""


def in_the_middle(seed: int) -> LaidWorld:
    """A world under a scenario, in which answers are late, links slow, receipts under way and piles full."""
    world = LaidWorld(seed)
    for name in NAMES:
        world.bound(name)
    for _ in range(40 + seed % 40):
        world.step()
    return world


def start_over(world: LaidWorld) -> None:
    """As a test's fixture does: what was loaded is gone, too."""
    for gateway in world.gateways:
        # whoever did not read does, and answers all that he is told
        gateway.reads = True
    world.settle()
    world.hang_up()
    while catch_up(world.smsc, world.now):
        # what lay between the two comes in as well
        world.settle()
        world.hang_up()
    world.smsc.play(Script((), world.smsc.seed), world.now)
    world.smsc.reset(world.now)
    world.watch.clear()


@pytest.mark.parametrize("seed", range(40))
def test_under_any_scenario_nothing_from_before_a_reset_is_counted_after_it(seed: int) -> None:
    world = in_the_middle(seed)
    start_over(world)
    world.settle()
    for seconds in (0.01, 1.0, 30.0, 600.0):
        world.run(seconds)
    smsc = world.smsc
    counted = {kind: count for kind, count in smsc.journal.counts.items() if count}
    assert counted.keys() <= OF_LINKS, counted
    about = [event.subject for event in smsc.journal.rows() if event.kind == "timeout"]
    assert not [one for one in about if getattr(one, "name", "").startswith("deliver")]
    assert (len(smsc.history), len(smsc.store), smsc.waiting(), pending(smsc)) == (0, 0, 0, [])
    assert not any(smsc.tally.answered.values())


def test_the_worlds_were_in_the_middle_of_everything() -> None:
    seen: Counter[str] = Counter()
    for seed in range(20):
        world = in_the_middle(seed)
        smsc = world.smsc
        seen["late answers"] += sum(session.window.late for session in smsc.sessions.values())
        seen["unread"] += sum(session.connection.is_paused for session in smsc.sessions.values())
        seen["flows"] += sum(session.flow is not None for session in smsc.sessions.values())
        seen["deliveries"] += sum(len(session.deliveries) for session in smsc.sessions.values())
        seen["waiting"] += smsc.waiting()
        seen["planned"] += smsc.agenda.planned
        assert smsc.stage is not None
        for _, count in smsc.stage.piles:
            seen["piles"] += count
    assert all(seen[one] for one in ("late answers", "unread", "flows", "deliveries", "waiting", "planned", "piles"))


def test_what_is_told_in_front_of_a_late_answer_is_forgotten() -> None:
    world = of_rules("{then: {respond: 5s, deliver: {state: DELIVRD, after: 2s, before_response: true}}}")
    gateway = world.bound()
    gateway.send(a_submission())
    world.smsc.reset(world.now)
    world.run(15.0)
    assert [pdu.command_id for pdu in gateway.received] == [SubmitSmResp().command_id]
    assert {kind for kind, count in world.smsc.journal.counts.items() if count} == {"reset"}


@pytest.mark.parametrize("fault", ["pause_reading", "slow_reading", "hang"])
def test_what_a_slow_link_had_not_read_yet_is_answered_and_not_counted(fault: str) -> None:
    world = of_rules(f"{{when: {{text: slow}}, then: {{connection: {{fault: {fault}, lasts: 1h}}}}}}")
    gateway = world.bound()
    gateway.send_together(a_submission(short_message=b"slow"))
    gateway.send_together(a_submission(), a_submission())
    world.smsc.reset(world.now)
    world.run(15.0)
    assert len(gateway.of(SubmitSmResp)) == 3
    assert {kind for kind, count in world.smsc.journal.counts.items() if count} == {"reset"}


def test_what_a_full_window_has_held_back_is_answered_and_not_counted() -> None:
    world = World(terms=Terms(window=1, window_status=None))
    gateway = world.bound()
    world.smsc.carrier.retime(world.smsc.carrier.delay, Fixed(5.0))
    gateway.send_together(*(a_submission() for _ in range(4)))
    world.smsc.reset(world.now)
    world.run(15.0)
    assert [pdu.command_status for pdu in gateway.of(SubmitSmResp)] == [0, 0, 0, 0]
    assert {kind for kind, count in world.smsc.journal.counts.items() if count} == {"reset"}

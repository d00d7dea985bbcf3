"""What goes to ESMEs where a scenario says to whom: how much of it waits, in what order, and across disconnects."""

from dataclasses import replace

import pytest

from simulator.journal import RECEIPT_FAILED
from simulator.scenario.file import parse
from simulator.smpp.pdus import DeliverSm
from simulator.smsc.play.staging import staged
from simulator.smsc.terms import Terms
from tests.smsc.played import Played, of_rules, rules
from tests.smsc.world import START, World, a_submission, say_nothing


def test_what_waits_for_a_session_that_is_not_there_is_counted_and_comes_with_it() -> None:
    world = of_rules("{then: {receipts: {session: RX}}}")
    gateway = world.bound()
    answers = [gateway.submit().message_id for _ in range(3)]
    world.run(1.0)
    assert (gateway.stats, world.smsc.waiting()) == ([], 3)
    receiver = world.gateway()
    receiver.bind(bind="RX")
    assert [one for one, _ in receiver.stats] == answers
    assert world.smsc.waiting() == 0


def test_of_too_many_that_wait_for_a_session_the_oldest_has_failed() -> None:
    world = World(terms=replace(Terms(), waiting_max=2))
    made = staged([parse("scenario: 1\n" + rules("{then: {receipts: {session: RX}}}"))], world.now, START)
    assert made.stage is not None
    world.smsc.play(made.stage.script, world.now)
    gateway = world.bound()
    first = gateway.submit().message_id
    for _ in range(3):
        gateway.submit()
    world.run(1.0)
    failed = [message.message_id for message, _ in world.events(RECEIPT_FAILED)]
    assert (failed[0], len(failed), world.smsc.waiting()) == (first, 2, 2)


def test_what_waits_for_one_session_holds_up_nothing_for_another() -> None:
    world = of_rules("{when: {to: 1}, then: {receipts: {session: RX}}}")
    gateway = world.bound()
    gateway.submit(destination_addr="1")
    other = gateway.submit(destination_addr="2").message_id
    world.run(1.0)
    assert [one for one, _ in gateway.stats] == [other]


def test_what_a_session_left_unanswered_goes_where_it_was_meant_to() -> None:
    world = of_rules("{then: {receipts: {session: RX}}}")
    sender, receiver = world.bound(), world.bound(bind="RX")
    receiver.decide = say_nothing
    answers = [sender.submit().message_id for _ in range(2)]
    world.run(1.0)
    receiver.close()
    world.run(1.0)
    assert (sender.stats, world.smsc.waiting()) == ([], 2)
    again = world.gateway()
    again.bind(bind="RX")
    assert [one for one, _ in again.stats] == answers


def test_receipts_for_one_session_keep_their_order_when_it_is_full() -> None:
    world = Played("carrier: {deliver_window: 1}\n" + rules("{then: {receipts: {session: same}}}"))
    gateway = world.bound()
    answers = [gateway.submit().message_id for _ in range(8)]
    world.run(1.0)
    assert [one for one, _ in gateway.stats] == answers


def test_the_only_session_there_is_stands_in_for_another() -> None:
    world = of_rules("{then: {receipts: {session: other}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    assert len(gateway.stats) == 1


def test_what_goes_before_its_response_goes_before_it_to_one_session_too() -> None:
    world = of_rules("{then: {deliver: {before_response: true, session: same}, respond: 1s}}")
    gateway = world.bound()
    gateway.batch(a_submission())
    world.run(2.0)
    assert gateway.names == ["deliver_sm", "submit_sm_resp"]


def test_a_held_answer_holds_its_receipts_back_until_it_was_written() -> None:
    world = of_rules("{when: {to: 1}, then: {respond: {hold: p}, deliver: 0s}}", "{when: {to: 2}, then: {release: p}}")
    gateway = world.bound()
    gateway.submit(destination_addr="1")
    world.run(20.0)
    assert (gateway.names, world.smsc.waiting()) == ([], 1)
    gateway.submit(destination_addr="2", registered_delivery=0)
    assert gateway.names == ["submit_sm_resp", "submit_sm_resp", "deliver_sm"]


def test_receipts_of_a_held_answer_come_although_its_session_has_gone() -> None:
    world = of_rules("{then: {respond: {hold: p}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    gateway.close()
    again = world.gateway()
    again.bind()
    assert len(again.of(DeliverSm)) == 1


def test_a_reset_forgets_what_waits_for_a_session() -> None:
    world = of_rules("{then: {deliver: {session: RX}}}", "{then: {deliver: {at_bind: true}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    world.smsc.reset(world.now)
    assert world.smsc.waiting() == 0
    receiver = world.gateway()
    receiver.bind(bind="RX")
    assert receiver.deliveries == []


@pytest.mark.parametrize("then", ["deliver: {state: DELIVRD, at_bind: true}", "receipts: {hold: p}"])
def test_what_a_scenario_keeps_back_waits_as_anything_else(then: str) -> None:
    world = of_rules(f"{{then: {{{then}}}}}")
    gateway = world.bound()
    for _ in range(3):
        gateway.submit()
    world.run(1.0)
    assert (gateway.stats, world.smsc.waiting()) == ([], 3)
    world.stage.piles.release("p", world.now)
    world.bound()
    world.run(1.0)
    assert (world.kinds("receipt_acknowledged"), world.smsc.waiting()) == (3, 0)


def test_an_answer_that_is_kept_back_is_no_delivery() -> None:
    world = of_rules("{then: {respond: {hold: p}}}")
    world.bound().submit()
    assert (world.stage.piles.held("p"), world.smsc.waiting()) == (1, 0)

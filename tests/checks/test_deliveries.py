"""deliveries_answered, deliveries_answered_in_time and receipts_accepted, shown to hold and to fail."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.checks import deliveries as module
from simulator.checks.deliveries import Deliveries
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import DeliverSm, GenericNack, response_to
from simulator.smsc.memory.watch import Watch
from simulator.smsc.terms import Retry, Terms
from tests.checks.watching import Watched
from tests.smsc.world import Gateway, World, answering, say_nothing

NAMES = ("deliveries_answered", "deliveries_answered_in_time", "receipts_accepted")
PATIENT = Terms(timers=Timers(session_init=1e9, enquire_link=1e9, inactivity=1e9, response=20.0))


def outcomes(world: Watched) -> tuple[str, ...]:
    return tuple(world.outcome(name) for name in NAMES)


def late(world: World, gateway: Gateway, status: int = 0) -> None:
    """Answer what was delivered."""
    for pdu in gateway.of(DeliverSm):
        gateway.connection.send(response_to(pdu, status), world.now)
    world.settle()


def submitted(*, decide: Callable[..., Any], **settings: Any) -> tuple[Watched, Gateway]:
    """A world in which a message was delivered and its receipt sent."""
    world = Watched(**({"terms": PATIENT} | settings))
    gateway = world.bound()
    gateway.decide = decide
    gateway.submit()
    world.run(1.0)
    assert gateway.deliveries
    return world, gateway


def test_a_receipt_that_is_taken_at_once_is_all_that_is_wanted() -> None:
    world, _ = submitted(decide=answering(0))
    assert outcomes(world) == ("coped", "coped", "coped")


def test_a_subscribers_message_tells_nothing_of_receipts() -> None:
    world = Watched()
    world.bound()
    world.smsc.mo("12025550199", "12025550100", "hi", world.now)
    world.settle()
    assert outcomes(world) == ("coped", "coped", "unknown")


def test_a_delivery_without_an_answer_fails() -> None:
    world, gateway = submitted(decide=say_nothing)
    assert outcomes(world) == ("unknown", "unknown", "unknown")
    world.run(21.0)
    finding = world.finding("deliveries_answered")
    assert finding.outcome == "failed"
    assert finding.reason.startswith("no answer to deliver_sm, sequence_number ")
    (row,) = [row for row in world.smsc.journal.rows() if row.kind == "timeout"]
    assert (finding.evidence[0].event, finding.evidence[0].session) == (row.number, gateway.session.number)
    assert outcomes(world)[1:] == ("unknown", "unknown")


def test_a_late_answer_fails_as_late_and_as_nothing_else() -> None:
    world, gateway = submitted(decide=say_nothing)
    world.run(6.0)
    late(world, gateway)
    assert outcomes(world) == ("coped", "failed", "coped")
    assert world.finding("deliveries_answered_in_time").reason.startswith("the delivery of message 1 was answered ")


@pytest.mark.parametrize("status", [CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RSUBMITFAIL])
def test_a_receipt_that_is_refused_for_good_fails(status: int) -> None:
    world, _ = submitted(decide=answering(status))
    assert outcomes(world) == ("coped", "coped", "failed")
    name = CommandStatus(status).name
    assert world.finding("receipts_accepted").reason == f"the receipt of message 1 was answered with {name}"


def test_a_receipt_that_is_answered_by_a_generic_nack_fails() -> None:
    world, gateway = submitted(decide=say_nothing)
    (receipt,) = gateway.of(DeliverSm)
    gateway.connection.send_anyway(GenericNack(receipt.sequence_number), world.now)
    world.settle()
    assert outcomes(world) == ("coped", "coped", "failed")


def test_a_receipt_that_is_to_come_later_is_not_refused_until_it_was_tried_often_enough() -> None:
    world, _ = submitted(
        decide=answering(CommandStatus.ESME_RX_T_APPN), terms=Terms(timers=PATIENT.timers, retry=Retry(attempts_max=2))
    )
    assert outcomes(world) == ("coped", "coped", "unknown")
    world.run(10.0)
    assert outcomes(world) == ("coped", "coped", "failed")


def test_a_receipt_that_is_refused_for_good_fails_where_a_scenario_sends_it_again_too() -> None:
    text = "rules: [{then: {receipts: {repeat: {until: acknowledged, every: 5s}}}}]\n"
    for status, outcome in ((CommandStatus.ESME_RX_P_APPN, "failed"), (CommandStatus.ESME_RX_T_APPN, "unknown")):
        world = Watched(text)
        gateway = world.bound()
        gateway.decide = answering(status)
        gateway.submit()
        world.run(7.0)
        assert (world.kinds("retry"), world.kinds("receipt_failed")) == (2, 0)
        assert world.outcome("receipts_accepted") == outcome


def test_a_link_that_ends_before_the_answer_tells_nothing() -> None:
    world, gateway = submitted(decide=say_nothing)
    gateway.close()
    assert outcomes(world) == ("unknown", "unknown", "unknown")


def test_a_receipt_that_nobody_was_there_for_tells_nothing() -> None:
    world = Watched(terms=Terms(waiting_max=1))
    gateway = world.bound(bind="TX")
    for _ in range(3):
        gateway.submit()
    world.run(2.0)
    assert world.kinds("receipt_failed") == 2
    assert outcomes(world) == ("unknown", "unknown", "unknown")


def test_answers_to_what_a_reset_forgot_tell_nothing() -> None:
    world, gateway = submitted(decide=say_nothing)
    world.smsc.reset(world.now)
    late(world, gateway)
    assert outcomes(world) == ("unknown", "unknown", "unknown")


def test_several_deliveries_of_one_message_are_told_apart_by_their_order() -> None:
    world = Watched(terms=PATIENT)
    gateway = world.bound()
    gateway.decide = say_nothing
    world.smsc.mo("12025550199", "12025550100", "x" * 300, world.now)
    world.settle()
    world.run(6.0)
    late(world, gateway)
    finding = world.finding("deliveries_answered_in_time")
    assert (finding.failures, finding.seen) == (2, 2)
    assert not world.family(Deliveries)._sent_at[gateway.session.number]


def test_an_answer_to_what_was_sent_before_anybody_watched_tells_nothing_of_its_time() -> None:
    world, gateway = submitted(decide=say_nothing)
    watch = Watch(world.smsc, lambda: world.now)
    late(world, gateway)
    found = {one.name: one.outcome for one in watch.verdict().checks}
    assert [found[name] for name in NAMES] == ["unknown", "unknown", "coped"]


def test_an_answer_on_a_link_that_a_fault_has_struck_tells_nothing_of_its_time() -> None:
    world, gateway = submitted(decide=say_nothing)
    world.smsc.journal.record(world.now, "fault", gateway.session.number, None, "slow_reading")
    world.run(6.0)
    late(world, gateway)
    assert outcomes(world) == ("unknown", "unknown", "coped")


def test_a_timeout_on_a_link_that_a_fault_has_struck_tells_nothing() -> None:
    world, gateway = submitted(decide=say_nothing)
    world.smsc.journal.record(world.now, "fault", gateway.session.number, None, "black_hole")
    world.run(21.0)
    assert (world.kinds("timeout"), world.outcome("deliveries_answered")) == (1, "unknown")


def test_what_is_watched_of_a_session_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPEN_MAX", 3)
    world = Watched("rules: [{then: {receipts: {repeat: {times: 1, every: 1s, sequence: new}}}}]")
    gateway = world.bound()
    for number in range(10):
        gateway.submit(short_message=str(number).encode())
        world.run(3.0)
    assert world.kinds("receipt_sent") == 20
    assert len(world.family(Deliveries)._sent_at[gateway.session.number]) <= 3
    assert outcomes(world) == ("coped", "coped", "coped")

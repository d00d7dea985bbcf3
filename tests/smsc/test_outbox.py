"""What waits for an account's receivers: order, turns, attempts, and what is given up."""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import pytest

from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import DeliverSm, Pdu, response_to
from simulator.smsc.outbox import Delivery, is_kept
from simulator.smsc.terms import Retry, Terms
from tests.smsc.played import of_rules
from tests.smsc.world import World, acknowledge, answering, say_nothing


def test_what_waits_leaves_in_order_over_all_sessions_of_the_account() -> None:
    world = World()
    sender = world.bound(bind="TX")
    ids = [sender.submit().message_id for _ in range(30)]
    world.run(1.0)
    order: list[str] = []

    def note(pdu: Pdu) -> int:
        assert isinstance(pdu, DeliverSm)
        order.append(pdu.short_message.decode("ascii").split()[0].removeprefix("id:"))
        return 0

    first = world.gateway(note)
    first.reads = False
    first.bind(bind="RX")
    second = world.gateway(note)
    second.bind(bind="RX")
    # the first holds ten that it has not read, the second took all the others in their order
    assert order == ids[10:]
    first.reads = True
    world.settle()
    assert order == ids[10:] + ids[:10]


def test_nothing_new_overtakes_what_waits() -> None:
    world = World(terms=Terms(deliver_window=2))
    gateway = world.bound()
    gateway.decide = say_nothing
    ids = [gateway.submit().message_id for _ in range(4)]
    world.run(1.0)
    ids.append(gateway.submit().message_id)
    world.run(1.0)
    assert len(gateway.deliveries) == 2
    gateway.decide = acknowledge
    gateway.close()
    again = world.gateway()
    again.bind()
    assert [message_id for message_id, _ in again.stats] == ids


def test_receivers_take_turns_and_one_with_a_full_window_is_passed_over() -> None:
    world = World(terms=Terms(deliver_window=3))
    sender = world.bound(bind="TX")
    full, free = world.bound(bind="RX"), world.bound(bind="RX")
    full.decide = say_nothing
    for _ in range(20):
        sender.submit()
    world.run(1.0)
    assert (len(full.deliveries), len(free.deliveries)) == (3, 17)


def test_a_delivery_is_given_up_after_so_many_attempts() -> None:
    retry = Retry(first=1.0, factor=3.0, longest=5.0, attempts_max=4)
    world = World(terms=Terms(retry=retry))
    gateway = world.bound()
    times: list[float] = []

    def refuse(pdu: Pdu) -> int:
        times.append(world.now)
        return CommandStatus.ESME_RMSGQFUL

    gateway.decide = refuse
    gateway.submit()
    world.run(100.0)
    assert [round(later - sooner, 6) for sooner, later in pairwise(times)] == [1.0, 3.0, 5.0]
    assert (world.kinds("receipt_sent"), world.kinds("retry"), world.kinds("receipt_failed")) == (4, 3, 1)
    assert world.smsc.waiting() == 0


def test_which_statuses_mean_again_is_set_by_the_account() -> None:
    stubborn = Terms(retry=Retry(first=1.0, attempts_max=3, statuses=frozenset({CommandStatus.ESME_RX_P_APPN})))
    world = World(terms_by_account={"stubborn": stubborn})
    stubborn_one, plain = world.bound("stubborn"), world.bound("plain")
    for gateway in (stubborn_one, plain):
        gateway.decide = answering(CommandStatus.ESME_RX_P_APPN)
        gateway.submit()
    world.run(10.0)
    assert (len(stubborn_one.deliveries), len(plain.deliveries)) == (3, 1)


def test_silence_is_tried_again_until_it_is_given_up() -> None:
    world = World(terms=Terms(retry=Retry(first=1.0, attempts_max=2), timers=Timers(response=2.0)))
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(10.0)
    assert len(gateway.deliveries) == 2
    assert (world.kinds("timeout"), world.kinds("retry"), world.kinds("receipt_failed")) == (2, 1, 1)
    assert world.events("receipt_failed")[0][1] is None


def test_an_answer_that_comes_after_its_time_is_noted_only() -> None:
    world = World(terms=Terms(retry=Retry(attempts_max=1), timers=Timers(response=2.0)))
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(5.0)
    (receipt,) = gateway.of(DeliverSm)
    gateway.connection.send_anyway(response_to(receipt), world.now)
    world.settle()
    assert (world.kinds("unexpected"), world.kinds("receipt_acknowledged"), world.kinds("receipt_failed")) == (1, 0, 1)


def test_a_delivery_waits_for_its_next_attempt_across_a_disconnect() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = answering(CommandStatus.ESME_RX_T_APPN)
    message_id = gateway.submit().message_id
    world.run(1.0)
    gateway.close()
    assert world.smsc.waiting() == 1
    later = world.gateway()
    later.bind()
    assert later.stats == []
    world.run(5.0)
    assert later.stats == [(message_id, "DELIVRD")]


@pytest.mark.parametrize("status", [CommandStatus.ESME_RX_T_APPN, None])
def test_a_reset_forgets_what_waits_and_what_is_to_be_tried_again(status: int | None) -> None:
    world = World()
    sender, gateway = world.bound(bind="TX"), world.bound(bind="RX")
    world.bound("other", bind="TX").submit()
    gateway.decide = answering(status)
    for _ in range(15):
        sender.submit()
    world.run(1.0)
    assert world.smsc.waiting() >= 6
    world.smsc.reset(world.now)
    assert world.smsc.waiting() == 0
    gateway.received.clear()
    gateway.decide = acknowledge
    world.run(400.0)
    assert gateway.deliveries == []
    # what was in flight still fills the window until it is answered or out of time
    sender.submit()
    world.run(1.0)
    assert len(gateway.deliveries) == 1


def test_what_waits_for_a_receiver_is_bounded_and_the_oldest_has_failed() -> None:
    world = World(terms=Terms(waiting_max=3))
    sender = world.bound(bind="TX")
    ids = [sender.submit().message_id for _ in range(5)]
    world.run(1.0)
    assert world.smsc.waiting() == 3
    assert [(message.message_id, why) for message, why in world.events("receipt_failed")] == [
        (ids[0], "too many wait for a receiver"),
        (ids[1], "too many wait for a receiver"),
    ]
    receiver = world.bound(bind="RX")
    world.settle()
    assert (receiver.stats, world.kinds("receipt_acknowledged")) == ([], 3)


def test_what_waits_for_its_next_attempt_counts_as_well() -> None:
    world = World(terms=Terms(waiting_max=3))
    gateway = world.bound()
    gateway.decide = answering(CommandStatus.ESME_RMSGQFUL)
    ids = [gateway.submit().message_id for _ in range(5)]
    world.run(1.0)
    assert world.smsc.waiting() == 3
    failed = [(message.message_id, why) for message, why in world.events("receipt_failed")]
    assert failed == [(one, CommandStatus.ESME_RMSGQFUL) for one in ids[3:]]
    gateway.decide = acknowledge
    gateway.received.clear()
    world.run(10.0)
    assert ([one for one, _ in gateway.stats], world.smsc.waiting()) == (ids[:3], 0)


def test_no_receipt_overtakes_a_response_that_is_handed_out_but_not_yet_written() -> None:
    world = World()
    sender, receiver = world.bound(bind="TX"), world.bound(bind="RX")
    sender.reads = False
    sender.submit()
    # the transport has taken the octets and is stuck with them, as with a peer that does not read
    assert sender.session.data_to_send()
    world.run(1.0)
    assert (world.kinds("concluded"), receiver.deliveries) == (1, [])
    sender.session.written(world.now)
    world.settle()
    assert [stat for _, stat in receiver.stats] == ["DELIVRD"]


class Unsearched(deque[Delivery]):
    """Of what waits here nobody goes through all."""

    def __contains__(self, one: object) -> bool:
        raise AssertionError("searched")

    def __iter__(self) -> Iterator[Delivery]:
        raise AssertionError("gone through")


def test_whether_a_repeated_receipt_waits_is_known_without_a_search() -> None:
    world = of_rules("{when: {text: again}, then: {receipts: {repeat: {every: 1s, until: acknowledged}}}}")
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit(short_message=b"again")
    world.run(1.0)
    gateway.close()
    outbox = world.smsc.outbox("gateway")
    (delivery,) = outbox.waiting
    assert is_kept(delivery)
    outbox.waiting = Unsearched(outbox.waiting)
    world.run(30.0)
    # it waits once, however often it was to be sent meanwhile
    assert (len(outbox.waiting), is_kept(delivery)) == (1, True)
    other = world.bound()
    assert (len(other.deliveries), is_kept(delivery)) == (0, False)

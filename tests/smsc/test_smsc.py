"""The whole SMSC: subscribers' messages, what a reset leaves, and that equal traffic makes equal journals."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Between, Fixed
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus
from simulator.smpp.pdus import CancelSm, DeliverSm, QuerySm, SmeAddress, SubmitMulti, SubmitSmResp
from simulator.sms.alphabets import read_text
from simulator.sms.segments import Udh, join
from simulator.smsc.routing import NoRoute
from simulator.smsc.terms import Terms
from simulator.smsc.translate import Incoming
from tests.smsc.world import START, Gateway, LateCarrier, World, a_submission, acknowledge, answering, say_nothing

QUIET = Terms(timers=Timers(session_init=1e9, enquire_link=1e9, inactivity=1e9, response=30.0))


def mo(world: World, text: str = "hello", to: str = "24273", sender: str = "+12025550100", **fields: Any) -> Incoming:
    sent = world.smsc.mo(to, sender, text, world.now, **fields)
    row = world.smsc.history.get(sent.number)
    assert isinstance(row, Incoming)
    world.settle()
    return row


def joined(deliveries: list[DeliverSm]) -> str:
    """What a person reads in the segments of one message."""
    parts: dict[int, bytes] = {}
    for pdu in deliveries:
        header = Udh.parse(pdu.short_message)
        assert header is not None
        assert header.part is not None
        assert (pdu.esm_class, header.part.kind, header.part.total) == (0x40, "udh8", len(deliveries))
        parts[header.part.number] = pdu.short_message[header.length :]
    return join(parts, deliveries[0].data_coding)


# --- Subscribers' messages ---


@pytest.mark.parametrize(
    ("text", "data_coding"),
    [("hello", 0), ("5 € [x]", 0), ("x" * 160, 0), ("привет", 8), ("😀" * 35, 8), ("é" * 160, 0)],
)
def test_a_short_message_comes_whole_in_the_alphabet_it_needs(text: str, data_coding: int) -> None:
    world = World()
    gateway = world.bound()
    message = mo(world, text)
    (pdu,) = gateway.of(DeliverSm)
    assert (pdu.esm_class, pdu.data_coding, read_text(pdu.short_message, data_coding)) == (0, data_coding, text)
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == ("12025550100", 1, 1)
    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == ("24273", 3, 0)
    assert (pdu.registered_delivery, pdu.schedule_delivery_time, pdu.validity_period, pdu.tlvs) == (0, "", "", ())
    assert (message.state, message.text) == ("DELIVRD", text)


@pytest.mark.parametrize(
    ("text", "segments", "size_max"),
    [("x" * 161, 2, 159), ("x" * 1000, 7, 159), ("€" * 100, 2, 159), ("ж" * 71, 2, 140), ("😀" * 500, 16, 140)],
)
def test_a_long_message_comes_in_segments_that_join_to_its_text(text: str, segments: int, size_max: int) -> None:
    world = World()
    gateway = world.bound()
    message = mo(world, text)
    deliveries = gateway.of(DeliverSm)
    assert (len(deliveries), len(message.segments)) == (segments, segments)
    assert max(len(pdu.short_message) for pdu in deliveries) <= size_max
    assert joined(deliveries) == text
    assert (message.state, message.unacknowledged) == ("DELIVRD", 0)
    assert world.kinds("mo_acknowledged") == segments


def test_two_long_messages_are_told_apart_by_their_references() -> None:
    world = World()
    gateway = world.bound()
    for text in ("a" * 200, "b" * 200):
        mo(world, text)
    references = [pdu.short_message[3] for pdu in gateway.of(DeliverSm)]
    assert references[0] == references[1] != references[2] == references[3]


def test_a_message_of_too_many_segments_is_refused_before_anything_is_sent() -> None:
    world = World()
    gateway = world.bound()
    with pytest.raises(ValueError, match="at most 255"):
        mo(world, "x" * 153 * 256)
    assert (gateway.deliveries, world.kinds("mo_created"), world.smsc.waiting()) == ([], 0, 0)


def test_a_message_waits_while_nobody_can_take_it() -> None:
    world = World(accounts=[Account("gateway", numbers=frozenset({"24273"}))])
    world.bound(bind="TX")
    message = mo(world, "x" * 200)
    world.run(3600.0)
    assert (world.smsc.waiting(), message.state) == (2, "ENROUTE")
    receiver = world.gateway()
    receiver.bind(bind="RX")
    assert joined(receiver.of(DeliverSm)) == "x" * 200
    assert message.state == "DELIVRD"
    assert message.done_at == world.smsc.clock.at(world.now)


def test_a_message_is_delivered_when_its_last_segment_was_acknowledged() -> None:
    world = World()
    gateway = world.bound()
    answers: list[int | None] = [0, CommandStatus.ESME_RX_T_APPN, 0]
    gateway.decide = lambda _: answers.pop(0)
    message = mo(world, "x" * 200)
    assert (message.state, message.unacknowledged) == ("ENROUTE", 1)
    world.run(6.0)
    assert (message.state, message.unacknowledged) == ("DELIVRD", 0)
    assert [detail for _, detail in world.events("mo_sent")] == [0, 1, 1]


def test_a_segment_that_fails_for_good_fails_the_message_whatever_becomes_of_the_rest() -> None:
    world = World()
    gateway = world.bound()
    answers: list[int | None] = [CommandStatus.ESME_RX_P_APPN, 0, 0]
    gateway.decide = lambda _: answers.pop(0)
    message = mo(world, "x" * 400)
    world.run(400.0)
    assert message.state == "UNDELIV"
    assert (world.kinds("mo_failed"), world.kinds("mo_acknowledged")) == (1, 2)


def test_a_sender_that_has_no_wire_form_fails_the_message_and_not_the_session() -> None:
    world = World()
    gateway = world.bound()
    message = mo(world, sender="a name of more than twenty characters")
    assert (message.state, gateway.deliveries) == ("UNDELIV", [])
    ((_, reason),) = world.events("mo_failed")
    assert "source_addr" in reason
    mo(world)
    assert len(gateway.deliveries) == 1


def test_segments_survive_a_disconnect_and_come_again() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = say_nothing
    mo(world, "x" * 200, account="gateway")
    gateway.close()
    again = world.gateway()
    again.bind()
    assert joined(again.of(DeliverSm)) == "x" * 200


# --- Ids and numbers ---


def test_ids_are_ten_digits_never_repeat_and_follow_from_the_seed() -> None:
    def ids(seed: int) -> list[str]:
        gateway = World(seed=seed).bound()
        return [response.message_id for response in gateway.send_together(*(a_submission() for _ in range(200)))]

    first = ids(1)
    assert len(set(first)) == 200
    assert {len(message_id) for message_id in first} == {10}
    assert all(message_id.isdecimal() for message_id in first)
    assert ids(1) == first
    assert set(ids(2)).isdisjoint(first)


def test_an_account_sees_only_its_own_sessions() -> None:
    world = World()
    one, twin, other = world.bound("one"), world.bound("one", "TX"), world.bound("other")
    world.gateway()
    assert world.smsc.sessions_of("one") == [one.session, twin.session]
    assert world.smsc.sessions_of("other") == [other.session]
    assert len(world.smsc.sessions) == 4
    twin.close()
    assert world.smsc.sessions_of("one") == [one.session]


# --- Reset ---


def test_nothing_from_before_a_reset_is_delivered_or_counted_after_it() -> None:
    world = World(terms=QUIET)
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    gateway.submit(registered_delivery=0x11)
    mo(world, "x" * 200)
    world.run(0.2)
    gateway.submit(schedule_delivery_time="000000000010000R")
    in_flight = list(gateway.deliveries)
    assert len(in_flight) == 3
    world.smsc.reset(world.now)
    gateway.received.clear()
    gateway.decide = acknowledge
    # answers to what was sent before, a temporary no among them
    for pdu, status in zip(in_flight, (0, CommandStatus.ESME_RX_T_APPN, CommandStatus.ESME_RX_P_APPN), strict=True):
        assert pdu.response_class is not None
        gateway.connection.send_anyway(
            pdu.response_class(sequence_number=pdu.sequence_number, command_status=status), world.now
        )
    world.settle()
    world.run(3600.0)
    assert gateway.received == []
    assert [row.kind for row in world.smsc.journal.rows()] == ["reset"]
    assert (len(world.smsc.store), len(world.smsc.history), world.smsc.waiting()) == (0, 0, 0)


@pytest.mark.parametrize("how", ["silence", "nack", "close"])
def test_what_was_in_flight_at_a_reset_ends_unnoticed(how: str) -> None:
    world = World(terms=QUIET)
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(1.0)
    (pdu,) = gateway.deliveries
    world.smsc.reset(world.now)
    if how == "nack":
        gateway.send_bytes(b"\0\0\0\x10\x80\0\0\0\0\0\0\x03" + pdu.sequence_number.to_bytes(4, "big"))
    elif how == "close":
        gateway.close()
    world.run(100.0)
    later = world.bound()
    assert {row.kind for row in world.smsc.journal.rows()} <= {"reset", "disconnected", "connected", "bound"}
    assert (later.deliveries, world.smsc.waiting()) == ([], 0)


def test_a_message_whose_response_had_not_left_at_a_reset_has_no_fate() -> None:
    world = World(carrier=Carrier(delay=Fixed(0.0)))
    gateway = world.bound()
    gateway.reads = False
    gateway.submit()
    world.run(1.0)
    world.smsc.reset(world.now)
    gateway.reads = True
    world.settle()
    world.run(10.0)
    assert [type(pdu) for pdu in gateway.received] == [SubmitSmResp]
    assert world.kinds("concluded") == 0


def test_a_late_response_is_given_after_a_reset_and_nothing_else() -> None:
    world = World(carrier=LateCarrier(5.0))
    gateway = world.bound()
    gateway.submit()
    world.smsc.reset(world.now)
    world.run(10.0)
    # the ESME has a right to its response; the message behind it is gone
    assert [type(pdu) for pdu in gateway.received] == [SubmitSmResp]
    assert [row.kind for row in world.smsc.journal.rows()] == ["reset"]


def test_sessions_stay_bound_and_ids_rows_and_the_clock_start_over() -> None:
    world = World(speed=60.0)
    gateway = world.bound()
    first = gateway.submit().message_id
    world.smsc.clock.jump(world.now, 86400.0)
    world.smsc.clock.set_rate(world.now, 5.0)
    world.run(100.0)
    world.smsc.reset(world.now)
    assert world.smsc.clock.at(world.now) == START
    assert (world.smsc.clock.rate, gateway.session.submitted, gateway.session.connection.is_bound) == (60.0, 0, True)
    assert gateway.submit().message_id == first
    assert [row.number for row in world.smsc.history.newest_first()] == [1]
    assert world.kinds("submitted") == 1
    old = gateway.send(
        QuerySm(message_id=str(int(first) + 1), source_addr="12025550199", source_addr_ton=1, source_addr_npi=1)
    )
    assert old.command_status == CommandStatus.ESME_RQUERYFAIL


def test_throttles_are_full_again_after_a_reset() -> None:
    world = World(accounts=[Account("gateway", throughput=2.0)])
    gateway = world.bound()
    statuses = [gateway.submit().command_status for _ in range(3)]
    world.smsc.reset(world.now)
    statuses += [gateway.submit().command_status for _ in range(3)]
    assert statuses == [0, 0, CommandStatus.ESME_RTHROTTLED] * 2


# --- Determinism ---


def some_traffic(world: World, gateways: list[Gateway]) -> None:
    """A bit of everything that the journal tells of."""
    sender, receiver, other = gateways
    for number in range(6):
        sender.submit(destination_addr=f"1202555010{number % 3}", short_message=b"text %d" % number)
    sender.send_together(*(a_submission(registered_delivery=0x11) for _ in range(4)))
    sender.submit(destination_addr="")
    sender.submit(validity_period="000000000000000R")
    several = SubmitMulti(dest_address=(SmeAddress(1, 1, "12025550100"), SmeAddress(1, 1, "")), short_message=b"multi")
    sender.send(several)
    kept = other.submit(schedule_delivery_time="000000000005000R").message_id
    other.send(CancelSm(message_id=kept, source_addr="12025550199", source_addr_ton=1, source_addr_npi=1))
    receiver.decide = answering(CommandStatus.ESME_RX_T_APPN)
    world.run(0.5)
    receiver.decide = acknowledge
    mo(world, "x" * 200, account="other")
    world.run(7.5)
    with pytest.raises(NoRoute):
        world.smsc.mo("24273", "+12025550100", "nobody", world.now)
    other.decide = answering(CommandStatus.ESME_RX_P_APPN)
    mo(world, "no", account="other")
    world.run(8.0)


def a_world_with_traffic(seed: int) -> tuple[World, list[Gateway]]:
    accounts = [Account("gateway", throughput=50.0), Account("other")]
    carrier = Carrier(seed=seed, delay=Between(0.0, 4.0))
    world = World(accounts=accounts, carrier=carrier, seed=seed, terms=QUIET)
    gateways = [world.bound(bind="TX"), world.bound(bind="RX"), world.bound("other")]
    world.bound(bind="RX")
    return world, gateways


def test_equal_seeds_and_traffic_make_equal_journals_and_other_seeds_others() -> None:
    stories = []
    for seed in (7, 7, 8):
        world, gateways = a_world_with_traffic(seed)
        some_traffic(world, gateways)
        stories.append(world.story())
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]
    assert len(stories[0]) > 60


def test_the_same_traffic_after_a_reset_makes_the_same_journal() -> None:
    world, gateways = a_world_with_traffic(7)
    stories = []
    for _ in range(3):
        world.smsc.reset(world.now)
        for gateway in gateways:
            gateway.decide = acknowledge
        some_traffic(world, gateways)
        stories.append(world.story())
    assert stories[0] == stories[1] == stories[2]


def test_luck_depends_on_the_message_and_not_on_its_neighbours() -> None:
    def fates(*, with_neighbours: bool) -> dict[str, float]:
        world = World(carrier=Carrier(seed=3, delay=Between(0.0, 10.0)), terms=QUIET)
        gateway = world.bound()
        for number in range(10):
            if with_neighbours:
                gateway.submit(destination_addr="12025550111")
            gateway.submit(destination_addr=f"1202555012{number}")
        world.run(20.0)
        done = [subject for subject, _ in world.events("concluded")]
        return {one.destination.number: one.done_at for one in done if one.destination.number != "12025550111"}

    alone = fates(with_neighbours=False)
    assert fates(with_neighbours=True) == alone
    assert len(set(alone.values())) == 10

"""One session: its timers, its end, what the protocol decides, and a peer that does not read."""

from math import inf

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.smpp.codec import encode
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandId, CommandStatus, TlvTag
from simulator.smpp.pdus import (
    CancelSm,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySmResp,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from simulator.smpp.states import State
from simulator.smpp.tlvs import Tlv
from simulator.smsc import session
from simulator.smsc.terms import Terms
from tests.smsc.world import Gateway, World, a_submission, acknowledge, answering, say_nothing

OFF = Timers(session_init=inf, enquire_link=inf, inactivity=inf, response=inf)


# --- Timers ---


def timed(**timers: float) -> World:
    settings = {"session_init": inf, "enquire_link": inf, "inactivity": inf, "response": inf}
    return World(terms=Terms(timers=Timers(**(settings | timers))))


def test_a_link_that_never_binds_is_closed_in_time() -> None:
    world = timed(session_init=10.0)
    gateway, bound = world.gateway(), world.bound()
    world.run(9.9)
    assert gateway.stands()
    world.run(0.1)
    assert not gateway.stands()
    assert bound.stands()
    assert [detail for _, detail in world.events("timeout")] == ["session_init"]


def test_a_refused_bind_does_not_win_time() -> None:
    world = timed(session_init=10.0)
    world.smsc.accounts.is_open = False
    gateway = world.gateway()
    world.run(9.0)
    assert gateway.bind("nobody").command_status == CommandStatus.ESME_RINVSYSID
    world.run(1.0)
    assert not gateway.stands()


def test_an_idle_link_is_asked_and_lives_on_when_it_answers() -> None:
    world = timed(enquire_link=30.0, response=10.0)
    gateway = world.bound()
    world.run(29.9)
    assert gateway.of(EnquireLink) == []
    world.run(60.0)
    assert len(gateway.of(EnquireLink)) == 2
    assert gateway.stands()


def test_a_link_that_talks_is_not_asked() -> None:
    world = timed(enquire_link=30.0)
    gateway = world.bound()
    for _ in range(10):
        world.run(20.0)
        gateway.submit(registered_delivery=0)
    assert gateway.of(EnquireLink) == []


def test_who_is_given_up_at_the_moment_of_the_next_enquiry_is_not_asked_again() -> None:
    world = timed(enquire_link=30.0, response=30.0)
    gateway = world.bound()
    gateway.is_mute = True
    world.run(60.0)
    assert not gateway.stands()
    assert len(gateway.of(EnquireLink)) == 1


def test_a_delivery_that_is_out_of_time_when_the_link_is_given_up_goes_to_the_next_bind() -> None:
    world = timed(enquire_link=10.0, response=10.0)
    gateway = world.bound()
    gateway.is_mute = True
    gateway.decide = say_nothing
    world.run(9.7)
    gateway.submit()
    world.run(10.4)
    assert gateway.stands()
    world.run(10.0)
    assert not gateway.stands()
    later = world.gateway()
    later.bind()
    world.run(10.0)
    assert [stat for _, stat in later.stats] == ["DELIVRD"]


def test_a_link_that_does_not_answer_an_enquire_link_is_closed() -> None:
    world = timed(enquire_link=30.0, response=10.0)
    gateway = world.bound()
    gateway.is_mute = True
    world.run(39.9)
    assert gateway.stands()
    world.run(0.2)
    assert not gateway.stands()
    assert [detail for _, detail in world.events("timeout")] == ["enquire_link", "no answer to enquire_link"]


def test_the_esmes_enquire_link_is_answered_and_noted_in_every_state() -> None:
    world = World()
    gateway = world.gateway()
    assert isinstance(gateway.send(EnquireLink()), EnquireLinkResp)
    assert gateway.session.last_enquiry_at == world.smsc.clock.at(world.now)
    gateway.bind()
    world.run(5.0)
    assert isinstance(gateway.send(EnquireLink()), EnquireLinkResp)
    assert gateway.session.last_enquiry_at == world.smsc.clock.at(world.now)
    assert world.kinds("enquired") == 2


def test_an_inactive_session_is_unbound_although_it_answers_enquiries() -> None:
    world = timed(enquire_link=30.0, inactivity=100.0)
    gateway = world.bound()
    world.run(99.9)
    assert gateway.of(Unbind) == []
    world.run(0.1)
    assert len(gateway.of(Unbind)) == 1
    assert not gateway.stands()
    assert [kind for kind in (row.kind for row in world.smsc.journal.rows()) if kind != "timeout"][-2:] == [
        "unbound",
        "disconnected",
    ]


def test_the_response_timer_of_a_delivery_is_the_accounts() -> None:
    world = World(terms_by_account={"quick": Terms(timers=Timers(response=2.0, enquire_link=inf))})
    gateway = world.bound("quick")
    gateway.decide = say_nothing
    gateway.submit()
    world.run(2.2)
    assert world.kinds("retry") == 0
    world.run(0.2)
    assert (world.kinds("retry"), world.kinds("timeout")) == (1, 1)


# --- The end ---


def test_the_esmes_unbind_is_answered_and_nothing_follows() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit()
    response = gateway.send(Unbind())
    assert (type(response), response.command_status) == (UnbindResp, 0)
    gateway.received.clear()
    gateway.connection.send_anyway(a_submission(), world.now)
    world.run(1.9)
    assert gateway.received == []
    assert gateway.stands()
    # the ESME does not hang up, so we do
    world.run(0.2)
    assert not gateway.stands()
    assert world.smsc.waiting() == 1
    assert world.kinds("submitted") == 1


def test_unbind_asks_the_esme_and_closes_when_it_agrees() -> None:
    world = World()
    gateway, waiting = world.bound(), world.gateway()
    for one in list(world.smsc.sessions.values()):
        one.unbind(world.now)
    assert waiting.session.hang_up, "who is not bound has nothing to agree to"
    world.settle()
    assert [type(pdu) for pdu in gateway.received] == [Unbind]
    assert gateway.session.hang_up
    world.hang_up()
    gateway.session.unbind(world.now)
    assert world.smsc.sessions == {}
    assert (world.kinds("unbound"), world.kinds("disconnected")) == (1, 2)


def test_unbind_has_patience_for_its_grace_only_and_answers_meanwhile() -> None:
    world = World(terms=Terms(unbind_grace=3.0))
    gateway = world.bound()
    gateway.is_mute = True
    gateway.session.unbind(world.now)
    world.run(2.9)
    assert gateway.submit().command_status == 0
    assert not gateway.session.hang_up
    world.run(0.2)
    assert not gateway.stands()
    # nothing is delivered to who was asked to leave
    assert gateway.deliveries == []


def test_an_unbind_resp_nobody_asked_for_is_noted_only() -> None:
    world = World()
    gateway = world.bound()
    gateway.connection.send_bytes(encode(UnbindResp(sequence_number=7)))
    world.settle()
    assert (world.kinds("unexpected"), world.kinds("unbound")) == (1, 0)


def test_what_was_not_acknowledged_before_an_unbind_goes_to_the_next_bind() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = say_nothing
    ids = [gateway.submit().message_id for _ in range(3)]
    world.run(1.0)
    gateway.send(Unbind())
    world.run(3.0)
    later = world.gateway()
    later.bind()
    assert [message_id for message_id, _ in later.stats] == ids


def test_closing_twice_is_closing_once() -> None:
    world = World()
    gateway = world.bound()
    gateway.close()
    gateway.session.close(world.now, "again")
    gateway.session.unbind(world.now)
    assert [detail for _, detail in world.events("disconnected")] == ["cut by the test"]


# --- What the protocol decides ---


def test_nothing_is_sent_before_the_bind_response() -> None:
    world = World()
    sender = world.bound(bind="TX")
    sender.submit()
    world.run(1.0)
    gateway = world.gateway()
    gateway.connection.send_anyway(EnquireLink(), world.now)
    gateway.bind()
    assert [pdu.command_id for pdu in gateway.received] == [
        CommandId.ENQUIRE_LINK_RESP,
        CommandId.BIND_TRANSCEIVER_RESP,
        CommandId.DELIVER_SM,
    ]


def test_a_request_before_the_bind_is_answered_rinvbndsts_and_may_be_repeated() -> None:
    world = World()
    gateway = world.gateway()
    assert gateway.submit().command_status == CommandStatus.ESME_RINVBNDSTS
    gateway.bind()
    assert gateway.session.state is State.BOUND_TRX
    assert gateway.submit().command_status == 0
    assert world.kinds("submitted") == 1


def test_responses_that_nobody_waits_for_are_noted_and_never_answered() -> None:
    world = World()
    gateway = world.bound()
    strangers = (
        DeliverSmResp(sequence_number=77),
        GenericNack(sequence_number=78, command_status=3),
        GenericNack(),
        SubmitSmResp(sequence_number=79),
        QuerySmResp(sequence_number=80),
    )
    assert gateway.send_bytes(b"".join(map(encode, strangers))) == []
    assert world.kinds("unexpected") == 5
    assert gateway.submit().command_status == 0


def test_a_broken_request_is_noted_and_the_next_one_is_served() -> None:
    world = World()
    gateway = world.bound()
    broken = encode(a_submission(sequence_number=5))[:-9]
    (nack,) = gateway.send_bytes(len(broken).to_bytes(4, "big") + broken[4:])
    assert nack.command_status != 0
    assert gateway.submit().command_status == 0
    assert (world.kinds("malformed"), world.kinds("submitted")) == (1, 1)


def test_a_length_that_cannot_be_closes_the_link_after_the_answer() -> None:
    world = World()
    gateway = world.bound()
    nack, *rest = gateway.send_bytes(bytes(3) + b"\x07" + bytes(8) + bytes(4) + encode(a_submission(sequence_number=2)))
    assert (type(nack), nack.command_status, rest) == (GenericNack, CommandStatus.ESME_RINVCMDLEN, [])
    assert gateway.session.hang_up
    world.hang_up()
    assert world.smsc.sessions == {}
    assert world.kinds("submitted") == 0


def a_world_with_a_window_of_one() -> tuple[World, Gateway]:
    world = World(terms=Terms(deliver_window=1, timers=OFF))
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    gateway.submit()
    world.run(1.0)
    assert len(gateway.deliveries) == 1
    gateway.decide = acknowledge
    return world, gateway


def test_a_generic_nack_makes_room_for_the_next_delivery() -> None:
    world, gateway = a_world_with_a_window_of_one()
    # a nack means no, even one with status 0
    gateway.connection.send_bytes(encode(GenericNack(sequence_number=gateway.deliveries[0].sequence_number)))
    world.settle()
    assert len(gateway.deliveries) == 2
    assert (world.kinds("receipt_failed"), world.kinds("receipt_acknowledged")) == (1, 1)
    assert world.events("receipt_failed")[0][1] == CommandStatus.ESME_RUNKNOWNERR


@pytest.mark.parametrize(("status", "expected"), [(0, (1, 0, 2)), (CommandStatus.ESME_RX_P_APPN, (1, 1, 1))])
def test_a_response_with_a_broken_body_counts_by_its_header_and_makes_room(
    status: int, expected: tuple[int, int, int]
) -> None:
    world, gateway = a_world_with_a_window_of_one()
    number = gateway.deliveries[0].sequence_number
    good = encode(DeliverSmResp(sequence_number=number, command_status=status, message_id="x"))
    broken = good[:-1]
    gateway.connection.send_bytes(len(broken).to_bytes(4, "big") + broken[4:])
    world.settle()
    assert len(gateway.deliveries) == 2
    told = (world.kinds("malformed"), world.kinds("receipt_failed"), world.kinds("receipt_acknowledged"))
    assert told == expected


def test_a_broken_answer_to_an_enquire_link_is_only_noted() -> None:
    world = World(terms=Terms(timers=Timers(enquire_link=10.0)))
    gateway = world.bound()
    gateway.is_mute = True
    world.run(10.0)
    (enquiry,) = gateway.of(EnquireLink)
    broken = encode(EnquireLinkResp(sequence_number=enquiry.sequence_number)) + b"\1"
    gateway.connection.send_bytes(len(broken).to_bytes(4, "big") + broken[4:])
    world.settle()
    assert (world.kinds("malformed"), world.kinds("receipt_failed")) == (1, 0)
    assert gateway.stands()


@pytest.mark.parametrize("answer", [EnquireLinkResp, GenericNack])
def test_an_answered_enquiry_makes_room_for_the_next_delivery(answer: type[Pdu]) -> None:
    world = World(terms=Terms(deliver_window=1, timers=Timers(enquire_link=10.0)))
    gateway = world.bound()
    gateway.submit(schedule_delivery_time="000000000010000R")
    gateway.is_mute = True
    world.run(10.5)
    (enquiry,) = gateway.of(EnquireLink)
    # the enquiry fills the window of one, so the receipt waits
    assert world.smsc.waiting() == 1
    gateway.connection.send_bytes(encode(answer(sequence_number=enquiry.sequence_number)))
    world.settle()
    assert (len(gateway.deliveries), world.smsc.waiting()) == (1, 0)


# --- A peer that does not read ---


def test_receipts_wait_until_the_response_has_left_and_nobody_polls_meanwhile() -> None:
    world = World(carrier=Carrier(delay=Fixed(0.0)), terms=Terms(timers=OFF))
    gateway = world.bound()
    gateway.reads = False
    for _ in range(5):
        gateway.submit()
    world.run(0.0)
    assert world.smsc.next_deadline() == inf
    assert (world.kinds("concluded"), world.kinds("receipt_sent")) == (5, 0)
    gateway.reads = True
    world.settle()
    assert [type(pdu) for pdu in gateway.received] == [SubmitSmResp] * 5 + [DeliverSm] * 5


def test_the_receipt_of_a_cancelled_message_waits_for_the_response_to_its_submission() -> None:
    world = World()
    sender, receiver = world.bound(bind="TX"), world.bound(bind="RX")
    sender.reads = False
    sender.submit()
    sender.send(
        CancelSm(
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="12025550199",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="12025550100",
        )
    )
    assert (world.kinds("cancelled"), receiver.deliveries) == (1, [])
    sender.reads = True
    world.settle()
    assert [stat for _, stat in receiver.stats] == ["DELETED"]


def test_what_waited_for_a_response_is_told_elsewhere_when_the_link_is_cut() -> None:
    world = World(carrier=Carrier(delay=Fixed(0.0)))
    gateway = world.bound()
    gateway.reads = False
    gateway.submit()
    world.run(1.0)
    gateway.close()
    later = world.gateway()
    later.bind()
    assert [stat for _, stat in later.stats] == ["DELIVRD"]


def test_a_slow_reader_stops_nobody_else_of_its_account() -> None:
    world = World()
    slow, quick = world.bound(), world.bound()
    slow.reads = False
    for _ in range(100):
        quick.submit()
    world.run(1.0)
    # the slow one holds its window of deliveries, the other one takes all the rest
    assert (len(quick.deliveries), len(slow.deliveries)) == (90, 0)
    slow.reads = True
    world.settle()
    assert (len(slow.deliveries), world.smsc.waiting()) == (10, 0)


def test_the_backlog_of_a_slow_reader_is_bounded_and_leaves_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "BACKLOG_MAX", 50_000)
    world = World(terms=Terms(deliver_window=10_000, timers=OFF))
    sender = world.bound(bind="TX")
    receiver = world.bound(bind="RX")
    receiver.reads = False
    reference = Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"ab")
    requests = [a_submission(short_message=b"x" * 20, tlvs=(reference,)) for _ in range(500)]
    ids = [response.message_id for response in sender.send_together(*requests)]
    world.run(1.0)
    backlog = receiver.session.bytes_waiting
    assert 50_000 <= backlog < 50_300
    assert world.smsc.waiting() > 200
    receiver.reads = True
    world.settle()
    assert [message_id for message_id, _ in receiver.stats] == ids
    assert (world.smsc.waiting(), world.kinds("receipt_acknowledged")) == (0, 500)


def test_what_was_delivered_is_acknowledged_on_the_session_that_got_it() -> None:
    world = World()
    sender, receiver = world.bound(bind="TX"), world.bound(bind="RX")
    receiver.decide = answering(CommandStatus.ESME_RX_P_APPN)
    sender.submit()
    world.run(1.0)
    (row,) = [row for row in world.smsc.journal.rows() if row.kind == "receipt_failed"]
    assert (row.session, row.detail) == (receiver.session.number, CommandStatus.ESME_RX_P_APPN)


def test_a_submission_counts_once_for_its_session_whatever_its_answer() -> None:
    world = World()
    gateway = world.bound()
    pdus: list[Pdu] = [a_submission(), SubmitSm(), SubmitMulti(dest_address=(SmeAddress(1, 1, "12025550100"),) * 3)]
    gateway.send_together(*pdus)
    assert (gateway.session.submitted, world.kinds("submitted")) == (3, 5)

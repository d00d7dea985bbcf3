"""What makes a 5.0 link: the version that both tell, congestion_state, and the states that older peers do not know."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import SKIPPED, Message, Outcome, Verdict
from simulator.smpp.constants import CommandStatus, MessageState, TlvTag
from simulator.smpp.pdus import (
    AlertNotification,
    BroadcastSm,
    CancelSm,
    EnquireLink,
    GenericNack,
    QuerySm,
    ReplaceSm,
    Response,
    SubmitSmResp,
    Unbind,
)
from simulator.smpp.tlvs import first, tlv_int
from simulator.smsc.terms import Terms
from simulator.smsc.translate import wire_state
from tests.smsc.world import Gateway, LateCarrier, World, a_submission

SOURCE: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}


class Skipping(Carrier):
    """A carrier that skips everything."""

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        return Verdict(accepted=True, outcomes=(Outcome(1.0, SKIPPED),))


def told_version(response: Response) -> int:
    tlv = first(response.tlvs, TlvTag.SC_INTERFACE_VERSION)
    assert tlv is not None
    return tlv.value[0]


def congestion(response: Response) -> int | None:
    tlv = first(response.tlvs, TlvTag.CONGESTION_STATE)
    return None if tlv is None else tlv.value[0]


def of_version_5(world: World, name: str = "gateway", **fields: Any) -> Gateway:
    return world.bound(name, interface_version=0x50, **fields)


# --- Which version ---


@pytest.mark.parametrize(
    ("asked", "ours", "told"),
    [
        (0x34, 0x50, 0x34),
        (0x35, 0x50, 0x34),
        (0x4F, 0x50, 0x34),
        (0x50, 0x50, 0x50),
        (0x51, 0x50, 0x50),
        (0x34, 0x34, 0x34),
        (0x50, 0x34, 0x34),
    ],
)
def test_the_lower_of_both_versions_is_told_and_spoken(asked: int, ours: int, told: int) -> None:
    gateway = World(terms=Terms(version=ours)).gateway()
    assert told_version(gateway.bind(interface_version=asked)) == told
    assert gateway.session.connection.version == gateway.connection.version == told


def test_the_terms_of_an_account_decide_its_version() -> None:
    world = World(terms_by_account={"old": Terms(version=0x34)})
    assert told_version(world.gateway().bind("old", interface_version=0x50)) == 0x34
    assert told_version(world.gateway().bind("new", interface_version=0x50)) == 0x50


def test_terms_of_no_version_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^version: 0x33, 0x34 or 0x50$"):
        Terms(version=0x33)


def test_a_3_4_peer_that_broadcasts_is_told_that_there_is_no_such_command() -> None:
    response = World().bound().send(BroadcastSm())
    assert isinstance(response, GenericNack)
    assert response.command_status == CommandStatus.ESME_RINVCMDID


# --- congestion_state ---


def test_every_response_with_a_body_tells_a_5_0_peer_the_congestion_and_none_an_older_one() -> None:
    world = World()
    new, old = of_version_5(world), world.bound()
    for gateway, expected in ((new, 0), (old, None)):
        answer = gateway.submit()
        query = gateway.send(QuerySm(message_id=answer.message_id, **SOURCE))
        assert [congestion(one) for one in (answer, query)] == [expected] * 2
        refused = gateway.submit(destination_addr="")
        assert (refused.command_status, congestion(refused)) == (CommandStatus.ESME_RINVDSTADR, expected)


def test_responses_of_a_header_alone_have_no_place_for_it() -> None:
    world = World()
    gateway = of_version_5(world)
    message_id = gateway.submit(schedule_delivery_time="000000010000000R").message_id
    gateway.received.clear()
    gateway.send(EnquireLink())
    gateway.send(ReplaceSm(message_id=message_id, short_message=b"new", **SOURCE))
    gateway.send(CancelSm(message_id=message_id, **SOURCE))
    gateway.send(AlertNotification())
    gateway.send(Unbind())
    found = [(one.name, len(one.raw)) for one in gateway.received if isinstance(one, Response)]
    names = ["enquire_link_resp", "replace_sm_resp", "cancel_sm_resp", "generic_nack", "unbind_resp"]
    assert found == [(name, 16) for name in names]


def test_the_response_to_a_bind_tells_no_congestion_yet() -> None:
    assert congestion(World().gateway().bind(interface_version=0x50)) is None


def test_congestion_grows_with_the_throughput_that_is_used() -> None:
    world = World(accounts=[Account("gateway", throughput=10)])
    gateway = of_version_5(world)
    answers = [gateway.submit() for _ in range(11)]
    assert [congestion(answer) for answer in answers] == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 100]
    assert answers[-1].command_status == CommandStatus.ESME_RTHROTTLED
    world.run(0.5)
    assert congestion(gateway.send(QuerySm(message_id="1"))) == 50


def test_congestion_grows_with_the_window_that_is_used() -> None:
    world = World(terms=Terms(window=4), carrier=LateCarrier(1.0))
    gateway = of_version_5(world)
    gateway.submit()
    gateway.submit()
    assert congestion(gateway.send(QuerySm(message_id="1"))) == 75
    world.run(1.0)
    assert congestion(gateway.send(QuerySm(message_id="1"))) == 25


def test_congestion_grows_with_what_waits_for_receivers() -> None:
    world = World(terms=Terms(waiting_max=4))
    gateway = of_version_5(world, bind="TX")
    for _ in range(3):
        gateway.submit()
    world.run(1.0)
    assert congestion(gateway.send(QuerySm(message_id="1"))) == 75


def test_a_late_answer_tells_the_congestion_of_its_moment() -> None:
    world = World(terms=Terms(window=2), carrier=LateCarrier(1.0))
    gateway = of_version_5(world)
    gateway.submit()
    world.run(1.0)
    (answer,) = gateway.of(SubmitSmResp)
    assert (answer.command_status, congestion(answer)) == (0, 0)


# --- States ---


@pytest.mark.parametrize(("version", "state"), [(0x50, MessageState.SCHEDULED), (0x34, MessageState.ENROUTE)])
def test_only_a_5_0_peer_is_told_that_a_message_is_scheduled(version: int, state: int) -> None:
    gateway = World().bound(interface_version=version)
    answer = gateway.submit(schedule_delivery_time="000000010000000R")
    assert gateway.send(QuerySm(message_id=answer.message_id, **SOURCE)).message_state == state


@pytest.mark.parametrize(
    ("version", "state", "stat"),
    [(0x50, MessageState.SKIPPED, "SKIPPED"), (0x34, MessageState.UNDELIVERABLE, "UNDELIV")],
)
def test_only_a_5_0_peer_is_told_that_a_message_was_skipped(version: int, state: int, stat: str) -> None:
    world = World(carrier=Skipping())
    gateway = world.bound(interface_version=version)
    answer = gateway.submit()
    world.run(1.0)
    assert gateway.send(QuerySm(message_id=answer.message_id, **SOURCE)).message_state == state
    assert gateway.stats == [(answer.message_id, stat)]
    (receipt,) = gateway.deliveries
    assert first(receipt.tlvs, TlvTag.MESSAGE_STATE) == tlv_int(TlvTag.MESSAGE_STATE, state)


def test_the_version_of_its_receiver_decides_what_a_receipt_tells() -> None:
    world = World(carrier=Skipping())
    sender, receiver = of_version_5(world, bind="TX"), world.bound(bind="RX")
    sender.submit()
    world.run(1.0)
    assert [stat for _, stat in receiver.stats] == ["UNDELIV"]


def test_a_state_that_nobody_knows_is_unknown() -> None:
    assert wire_state("NONSENS") == MessageState.UNKNOWN


# --- registered_delivery 3 ---


@pytest.mark.parametrize("version", [0x34, 0x50])
def test_three_asks_for_a_receipt_of_success_alone(version: int) -> None:
    # 3.4 calls the value reserved; nobody sends it who does not mean what 5.0 says
    world = World()
    gateway = world.bound(interface_version=version)
    delivered = gateway.submit(registered_delivery=3)
    gateway.submit(registered_delivery=3, validity_period="000000000000001R", schedule_delivery_time="")
    world.run(1.0)
    world.smsc.carrier = replace_carrier(world)
    gateway.submit(registered_delivery=3)
    world.run(2.0)
    assert (delivered.message_id, "DELIVRD") in gateway.stats
    assert {stat for _, stat in gateway.stats} == {"DELIVRD"}
    assert world.smsc.tally.concluded["SKIPPED"] == 1


def replace_carrier(world: World) -> Carrier:
    carrier = Skipping()
    carrier.subscribers = world.smsc.carrier.subscribers
    return carrier


def test_a_5_0_peer_gets_the_same_id_in_one_batch_as_alone() -> None:
    gateway = of_version_5(World())
    first_one = a_submission()
    answers = gateway.send_together(first_one, replace(first_one, sequence_number=0))
    assert [answer.command_status for answer in answers] == [0, 0]
    assert int(answers[1].message_id) == int(answers[0].message_id) + 1

"""Message modes: a datagram has no receipt, a transaction's answer is its fate, and not every PDU may have each."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import DELIVERED, EXPIRED, UNDELIVERABLE, Cause, Message, Outcome, Verdict
from simulator.smpp.connection import Timers
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import CancelSm, DataSm, ReplaceSm, SmeAddress, SubmitMulti
from simulator.smpp.tlvs import Tlv, first, value_of
from simulator.smsc.terms import Terms
from simulator.smsc.transactions import reasons
from tests.smsc.world import Gateway, World

DATAGRAM, TRANSACTION = 0x01, 0x02
PAYLOAD = (Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"),)
FAILED = CommandStatus.ESME_RDELIVERYFAILURE


class Fated(Carrier):
    """A carrier with one outcome for all, or none."""

    def __init__(self, *outcomes: Outcome) -> None:
        super().__init__()
        self.outcomes = outcomes

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        return Verdict(accepted=True, outcomes=self.outcomes)


def a_data_sm(**fields: Any) -> DataSm:
    defaults: dict[str, Any] = {
        "source_addr": "12025550199",
        "destination_addr": "12025550100",
        "esm_class": TRANSACTION,
        "registered_delivery": 1,
        "tlvs": PAYLOAD,
    }
    return DataSm(**(defaults | fields))


def answers(gateway: Gateway) -> list[tuple[int, bool]]:
    """(status, whether there is an id) of each response that has come."""
    return [(one.command_status, bool(one.message_id)) for one in gateway.received if hasattr(one, "message_id")]


def told(response: Any) -> dict[str, Any]:
    """The TLVs that tell of a failure."""
    tags = {"reason": TlvTag.DELIVERY_FAILURE_REASON, "error": TlvTag.NETWORK_ERROR_CODE, "dpf": TlvTag.DPF_RESULT}
    return {name: value_of(tlv) for name, tag in tags.items() if (tlv := first(response.tlvs, tag)) is not None}


# --- Which mode a PDU may have ---


@pytest.mark.parametrize("version", [0x34, 0x50])
def test_a_submit_sm_may_be_a_transaction_in_5_0_only(version: int) -> None:
    world = World()
    gateway = world.bound(interface_version=version)
    gateway.submit(esm_class=TRANSACTION)
    world.run(1.0)
    assert answers(gateway) == [(CommandStatus.ESME_RINVESMCLASS, False) if version == 0x34 else (0, True)]


@pytest.mark.parametrize("version", [0x34, 0x50])
def test_a_submit_multi_is_never_a_transaction(version: int) -> None:
    gateway = World().bound(interface_version=version)
    places = (SmeAddress(1, 1, "12025550100"),)
    response = gateway.send(SubmitMulti(dest_address=places, esm_class=TRANSACTION, short_message=b"hello"))
    assert response.command_status == CommandStatus.ESME_RINVESMCLASS


@pytest.mark.parametrize("mode", [DATAGRAM, TRANSACTION])
def test_what_is_not_stored_cannot_be_scheduled(mode: int) -> None:
    gateway = World().bound(interface_version=0x50)
    response = gateway.submit(esm_class=mode, schedule_delivery_time="000000010000000R")
    assert response.command_status == CommandStatus.ESME_RINVSCHED


def test_both_numbers_of_store_and_forward_are_the_same() -> None:
    world = World()
    gateway = world.bound()
    ids = [gateway.submit(esm_class=mode).message_id for mode in (0x00, 0x03)]
    world.run(1.0)
    assert gateway.stats == [(one, "DELIVRD") for one in ids]


# --- Datagrams ---


def test_a_datagram_is_answered_at_once_and_has_no_receipt() -> None:
    world = World()
    gateway = world.bound()
    assert gateway.submit(esm_class=DATAGRAM, registered_delivery=0x11).command_status == 0
    assert gateway.send(a_data_sm(esm_class=DATAGRAM)).command_status == 0
    places = (SmeAddress(1, 1, "12025550100"),)
    multi = SubmitMulti(dest_address=places, esm_class=DATAGRAM, short_message=b"hello", registered_delivery=1)
    assert gateway.send(multi).command_status == 0
    world.run(1.0)
    assert gateway.deliveries == []
    assert world.smsc.tally.concluded == {"DELIVRD": 3}


@pytest.mark.parametrize("mode", [DATAGRAM, 0])
def test_only_what_is_stored_can_be_replaced(mode: int) -> None:
    gateway = World().bound()
    message_id = gateway.submit(esm_class=mode).message_id
    source: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}
    status = gateway.send(ReplaceSm(message_id=message_id, short_message=b"new", **source)).command_status
    assert status == (CommandStatus.ESME_RREPLACEFAIL if mode else 0)
    assert (gateway.submit(replace_if_present_flag=1).message_id == message_id) is not bool(mode)


def test_what_was_sent_stays_in_the_request_though_no_datagram_has_a_receipt() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(esm_class=DATAGRAM, registered_delivery=0x11)
    ((message, _),) = world.events("submitted")
    world.run(1.0)
    assert (message.pdu.registered_delivery, message.registered_delivery) == (0x11, 0)
    assert (message.wants_progress, gateway.deliveries, world.kinds("concluded")) == (False, [], 1)


# --- Transactions ---


def test_a_transaction_is_answered_with_its_outcome_and_has_no_receipt() -> None:
    world = World()
    gateway = world.bound()
    assert gateway.send(a_data_sm()) is None
    assert world.kinds("answered") == 0
    world.run(0.29)
    assert answers(gateway) == []
    world.run(0.02)
    assert answers(gateway) == [(0, True)]
    world.run(60.0)
    assert gateway.deliveries == []
    assert (world.kinds("submitted"), world.kinds("answered"), world.kinds("concluded")) == (1, 1, 1)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(1.0, UNDELIVERABLE, Cause("unknown_subscriber", "001")), {"reason": 1, "error": "030001"}),
        (Outcome(1.0, UNDELIVERABLE, Cause("absent_subscriber", "027")), {"reason": 0, "error": "03001b"}),
        (Outcome(1.0, UNDELIVERABLE, Cause("congested", "107", is_temporary=True)), {"reason": 3, "error": "03006b"}),
        (Outcome(1.0, UNDELIVERABLE, Cause("barred", "0x1")), {"reason": 2}),
        (Outcome(1.0, UNDELIVERABLE), {"reason": 2}),
        (Outcome(1.0, EXPIRED), {"reason": 3}),
    ],
)
def test_the_failure_of_a_transaction_is_its_status_and_its_tlvs_tell_why(
    outcome: Outcome, expected: dict[str, Any]
) -> None:
    world = World(carrier=Fated(outcome))
    gateway = world.bound()
    gateway.send(a_data_sm())
    world.run(1.0)
    (response,) = gateway.received
    seen = told(response)
    assert response.command_status == FAILED
    assert {name: value.hex() if isinstance(value, bytes) else value for name, value in seen.items()} == expected
    assert tuple(reasons(outcome)) == response.tlvs


def test_a_failed_submit_sm_of_5_0_has_a_body_for_its_tlvs() -> None:
    world = World(carrier=Fated(Outcome(1.0, UNDELIVERABLE, Cause("barred", "011"))))
    gateway = world.bound(interface_version=0x50)
    gateway.submit(esm_class=TRANSACTION)
    world.run(1.0)
    (response,) = gateway.received
    assert (response.command_status, told(response)["reason"]) == (FAILED, 2)
    assert first(response.tlvs, TlvTag.CONGESTION_STATE) is not None


def test_without_an_outcome_it_fails_when_the_response_timer_ends_and_is_not_delivered_later() -> None:
    terms = Terms(timers=Timers(response=30.0, enquire_link=1e9))
    world = World(terms=terms, carrier=Fated(Outcome(40.0, DELIVERED)))
    gateway = world.bound()
    gateway.send(a_data_sm())
    world.run(29.9)
    assert gateway.received == []
    world.run(0.2)
    (response,) = gateway.received
    assert (response.command_status, told(response)) == (FAILED, {"reason": 3})
    world.run(60.0)
    assert world.smsc.tally.concluded == {"UNDELIV": 1}
    assert [outcome.cause.name for _, outcome in world.events("concluded")] == ["no_outcome_in_time"]


def test_without_a_response_timer_it_waits_for_ever() -> None:
    world = World(terms=Terms(timers=Timers(response=float("inf"), enquire_link=1e9)), carrier=Fated())
    gateway = world.bound()
    gateway.send(a_data_sm())
    world.run(1e6)
    assert gateway.received == []


def test_a_transaction_that_is_refused_is_answered_at_once() -> None:
    world = World(accounts=[Account("gateway", throughput=1)])
    gateway = world.bound()
    gateway.send(a_data_sm(esm_class=0))
    assert gateway.send(a_data_sm()).command_status == CommandStatus.ESME_RTHROTTLED
    assert gateway.send(a_data_sm(tlvs=())).command_status == CommandStatus.ESME_RMISSINGTLV
    assert world.kinds("answered") == world.kinds("submitted") == 3


def test_a_transaction_takes_room_in_the_window_until_it_is_answered() -> None:
    world = World(terms=Terms(window=1))
    gateway = world.bound()
    gateway.send(a_data_sm())
    assert gateway.submit().command_status == CommandStatus.ESME_RTHROTTLED
    world.run(1.0)
    assert gateway.submit().command_status == 0


def test_where_the_window_holds_back_the_next_is_read_when_the_transaction_was_answered() -> None:
    world = World(terms=Terms(window=1, window_status=None))
    gateway = world.bound()
    gateway.send(a_data_sm())
    assert gateway.submit() is None
    world.run(0.31)
    assert answers(gateway) == [(0, True), (0, True)]


def test_one_that_is_cancelled_meanwhile_has_failed() -> None:
    world = World()
    gateway = world.bound()
    gateway.send(a_data_sm())
    ends: dict[str, Any] = {"source_addr": "12025550199", "destination_addr": "12025550100"}
    assert gateway.send(CancelSm(**ends)).command_status == 0
    assert answers(gateway) == [(FAILED, True)]


def test_when_its_session_has_ended_it_is_concluded_and_nobody_is_answered() -> None:
    world = World()
    gateway = world.bound()
    gateway.send(a_data_sm())
    gateway.close()
    world.run(1.0)
    assert (world.kinds("answered"), world.kinds("concluded")) == (0, 1)


def test_a_reset_answers_what_waits_and_counts_it_no_more() -> None:
    world = World()
    gateway = world.bound()
    gateway.send(a_data_sm())
    world.smsc.reset(world.now)
    world.settle()
    assert answers(gateway) == [(FAILED, True)]
    world.run(25.0)
    assert answers(gateway) == [(FAILED, True)]
    assert (world.kinds("answered"), world.kinds("concluded")) == (0, 0)


def test_what_was_held_back_by_a_transaction_is_answered_at_the_reset_and_counts_no_more() -> None:
    world = World(terms=Terms(window=1, window_status=None))
    gateway = world.bound()
    gateway.send(a_data_sm())
    gateway.submit()
    gateway.send(a_data_sm())
    world.smsc.reset(world.now)
    world.settle()
    assert answers(gateway) == [(0, True), (FAILED, True), (FAILED, True)]
    world.run(0.31)
    assert len(answers(gateway)) == 3
    assert {kind for kind, count in world.smsc.journal.counts.items() if count} == {"reset"}

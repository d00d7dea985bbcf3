"""Receipts: who gets one, what it says, on which bind, in which order, and what becomes of one that is not taken."""

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import DataSm, DataSmResp, DeliverSm, GenericNack, Pdu, QuerySm, SubmitSmResp
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.sms.receipts import parse
from tests.smsc.world import World, answering, say_nothing


def receipt_of(pdu: DeliverSm) -> tuple[str, str]:
    receipt = parse(pdu.short_message.decode("ascii"))
    assert receipt is not None
    return receipt.message_id, receipt.stat


def test_the_receipt_says_what_appendix_b_says_with_swapped_addresses_and_the_same_id_everywhere() -> None:
    world = World()
    gateway = world.bound()
    response = gateway.submit(short_message=b"a text of more than twenty characters")
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    text = receipt.short_message.decode("ascii")
    assert text == (
        f"id:{response.message_id} sub:001 dlvrd:001 submit date:2701150800 done date:2701150800 "
        "stat:DELIVRD err:000 Text:a text of more than "
    )
    assert (receipt.source_addr, receipt.source_addr_ton, receipt.source_addr_npi) == ("12025550100", 1, 1)
    assert (receipt.destination_addr, receipt.dest_addr_ton, receipt.dest_addr_npi) == ("12025550199", 1, 1)
    assert (receipt.esm_class, receipt.data_coding, receipt.registered_delivery) == (0x04, 0, 0)
    assert receipt.tlvs == (
        Tlv(TlvTag.MESSAGE_STATE, b"\x02"),
        Tlv(TlvTag.RECEIPTED_MESSAGE_ID, response.message_id.encode() + b"\0"),
    )


def test_the_receipt_comes_within_a_second_and_never_before_the_response() -> None:
    world = World(carrier=Carrier(delay=Fixed(0.0)))
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    kinds = [type(pdu) for pdu in gateway.received]
    assert kinds == [SubmitSmResp, DeliverSm]


@pytest.mark.parametrize(
    ("registered_delivery", "validity", "expected"),
    [
        (0x00, "", []),
        (0x01, "", ["DELIVRD"]),
        (0x01, "000000000000000R", ["EXPIRED"]),
        (0x02, "", []),
        (0x02, "000000000000000R", ["EXPIRED"]),
        (0x03, "", ["DELIVRD"]),
        (0x03, "000000000000000R", []),
        (0x10, "", ["ENROUTE"]),
        (0x11, "", ["ENROUTE", "DELIVRD"]),
        (0x12, "000000000000000R", ["ENROUTE", "EXPIRED"]),
        (0x0C, "", []),
        (0x1D, "", ["ENROUTE", "DELIVRD"]),
    ],
)
def test_registered_delivery_decides_who_hears_what(
    registered_delivery: int, validity: str, expected: list[str]
) -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(registered_delivery=registered_delivery, validity_period=validity)
    world.run(2.0)
    stats = [receipt_of(pdu)[1] for pdu in gateway.of(DeliverSm)]
    assert stats == expected
    classes = [pdu.esm_class & 0x3C for pdu in gateway.of(DeliverSm)]
    assert classes == [0x20 if stat == "ENROUTE" else 0x04 for stat in expected]


def test_an_esme_of_3_3_gets_no_tlv_and_an_id_of_at_most_eight_hexadecimal_digits() -> None:
    world = World()
    gateway = world.gateway()
    response = gateway.bind(interface_version=0x33)
    assert (response.command_status, response.tlvs) == (0, ())
    submitted = gateway.submit()
    assert len(submitted.message_id) <= 8
    int(submitted.message_id, 16)
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    assert receipt.tlvs == ()
    assert receipt_of(receipt) == (submitted.message_id, "DELIVRD")


def test_user_message_reference_comes_back_before_the_id() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(tlvs=(tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 4711),))
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    tags = [tlv.tag for tlv in receipt.tlvs]
    assert tags == [TlvTag.MESSAGE_STATE, TlvTag.USER_MESSAGE_REFERENCE, TlvTag.RECEIPTED_MESSAGE_ID]
    reference = first(receipt.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
    assert reference is not None
    assert reference.value == (4711).to_bytes(2, "big")


def test_a_receipt_goes_to_the_receiver_when_the_transmitter_submitted() -> None:
    world = World()
    sender, receiver, stranger = world.bound(bind="TX"), world.bound(bind="RX"), world.bound("other", "RX")
    response = sender.submit()
    world.run(1.0)
    assert [receipt_of(pdu) for pdu in receiver.of(DeliverSm)] == [(response.message_id, "DELIVRD")]
    assert (sender.deliveries, stranger.deliveries) == ([], [])


def test_several_receivers_share_the_receipts_evenly() -> None:
    world = World()
    sender = world.bound(bind="TX")
    receivers = [world.bound(bind="RX"), world.bound(bind="TRX"), world.bound(bind="RX")]
    for _ in range(30):
        sender.submit()
    world.run(1.0)
    assert [len(receiver.deliveries) for receiver in receivers] == [10, 10, 10]


def test_receipts_leave_in_the_order_of_the_messages() -> None:
    world = World()
    gateway = world.bound()
    ids = [gateway.submit().message_id for _ in range(50)]
    world.run(1.0)
    assert [receipt_of(pdu)[0] for pdu in gateway.of(DeliverSm)] == ids


def test_receipts_wait_for_a_receiver_and_come_in_order_when_it_binds() -> None:
    world = World()
    sender = world.bound(bind="TX")
    ids = [sender.submit().message_id for _ in range(25)]
    world.run(3600.0)
    assert world.smsc.waiting() == 25
    receiver = world.gateway()
    receiver.bind(bind="RX")
    assert [message_id for message_id, _ in receiver.stats] == ids
    assert world.smsc.waiting() == 0
    assert world.kinds("receipt_acknowledged") == 25


def test_a_receipt_survives_a_disconnect_before_its_acknowledgement() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = say_nothing
    ids = [gateway.submit().message_id for _ in range(15)]
    world.run(1.0)
    # the window of ten was used up, five waited behind it
    assert len(gateway.deliveries) == 10
    gateway.close()
    again = world.gateway()
    again.bind()
    world.settle()
    assert [receipt_of(pdu)[0] for pdu in again.of(DeliverSm)] == ids
    assert world.kinds("receipt_acknowledged") == 15


def test_no_more_deliveries_are_unanswered_than_the_window_admits() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = say_nothing
    for _ in range(40):
        gateway.submit()
    world.run(2.0)
    assert len(gateway.deliveries) == 10
    assert len(gateway.session.connection.outstanding) == 10


@pytest.mark.parametrize(
    "status",
    [
        CommandStatus.ESME_RX_T_APPN,
        CommandStatus.ESME_RMSGQFUL,
        CommandStatus.ESME_RTHROTTLED,
        CommandStatus.ESME_RSYSERR,
        None,
    ],
)
def test_a_temporary_answer_or_silence_means_another_try_with_growing_pauses(status: int | None) -> None:
    world = World()
    gateway = world.bound()
    answers: list[int | None] = [status, status, 0]
    times: list[float] = []

    def decide(pdu: Pdu) -> int | None:
        times.append(world.now)
        return answers.pop(0)

    gateway.decide = decide
    gateway.submit()
    world.run(200.0)
    assert len(times) == 3
    silence = 30.0 if status is None else 0.0
    assert times[1] - times[0] == pytest.approx(silence + 5.0, abs=0.02)
    assert times[2] - times[1] == pytest.approx(silence + 10.0, abs=0.02)
    assert (world.kinds("retry"), world.kinds("receipt_acknowledged"), world.kinds("receipt_failed")) == (2, 1, 0)


@pytest.mark.parametrize("status", [CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RX_R_APPN, 0x400, 0x0B])
def test_any_other_error_ends_it(status: int) -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = answering(status)
    gateway.submit()
    world.run(1000.0)
    assert len(gateway.deliveries) == 1
    assert (world.kinds("retry"), world.kinds("receipt_failed")) == (0, 1)


def test_a_generic_nack_to_a_receipt_ends_it() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(1.0)
    (receipt,) = gateway.deliveries
    gateway.send(GenericNack(sequence_number=receipt.sequence_number, command_status=CommandStatus.ESME_RINVCMDID))
    world.run(1000.0)
    assert (len(gateway.deliveries), world.kinds("receipt_failed")) == (1, 1)


def test_a_repeated_delivery_does_not_hold_up_the_others() -> None:
    world = World()
    gateway = world.bound()
    ids = [gateway.submit().message_id for _ in range(5)]
    tries: list[str] = []

    def decide(pdu: Pdu) -> int:
        assert isinstance(pdu, DeliverSm)
        tries.append(receipt_of(pdu)[0])
        return CommandStatus.ESME_RX_T_APPN if tries[-1] == ids[0] and tries.count(ids[0]) == 1 else 0

    gateway.decide = decide
    world.run(60.0)
    assert tries == [*ids, ids[0]]


def test_a_message_with_an_address_too_long_for_deliver_sm_is_receipted_by_data_sm() -> None:
    world = World()
    gateway = world.bound()
    long_name = "subscriber." + "x" * 30
    response = gateway.send(
        DataSm(
            source_addr="12025550199",
            destination_addr=long_name,
            registered_delivery=1,
            tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"),),
        )
    )
    assert isinstance(response, DataSmResp)
    world.run(1.0)
    (receipt,) = gateway.of(DataSm)
    payload = first(receipt.tlvs, TlvTag.MESSAGE_PAYLOAD)
    assert payload is not None
    assert payload.value.startswith(b"id:" + response.message_id.encode())
    assert receipt.source_addr == long_name


def test_a_schedule_and_a_validity_are_obeyed_in_carrier_time() -> None:
    world = World(speed=3600.0)
    gateway = world.bound()
    in_two_hours = gateway.submit(schedule_delivery_time="000000020000000R").message_id
    expired = gateway.submit(schedule_delivery_time="000000020000000R", validity_period="000000020000000R").message_id
    at_once = gateway.submit().message_id
    world.run(1.9)
    assert [receipt_of(pdu) for pdu in gateway.of(DeliverSm)] == [(at_once, "DELIVRD")]
    state = gateway.send(
        QuerySm(message_id=in_two_hours, source_addr_ton=1, source_addr_npi=1, source_addr="12025550199")
    )
    assert (state.message_state, state.final_date) == (1, "")
    world.run(0.2)
    later = sorted(receipt_of(pdu) for pdu in gateway.of(DeliverSm)[1:])
    assert later == sorted([(in_two_hours, "DELIVRD"), (expired, "EXPIRED")])


def test_the_dates_of_the_receipt_are_carrier_time() -> None:
    world = World(speed=3600.0)
    gateway = world.bound()
    gateway.submit(schedule_delivery_time="000001000000000R")
    world.run(25.0)
    (receipt,) = gateway.of(DeliverSm)
    assert b"submit date:2701150800 done date:2701160800" in receipt.short_message

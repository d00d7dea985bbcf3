"""query_sm, cancel_sm, replace_sm and replace_if_present_flag: on the live message, for who may ask."""

from typing import Any

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import CancelSm, DataSm, DeliverSm, QuerySm, ReplaceSm, SmeAddress, SubmitMulti
from simulator.smpp.times import format_time
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.smsc.memory.history import head_of
from simulator.smsc.operations import CANCELLED_AT_ONCE
from simulator.smsc.terms import Terms
from tests.smsc.world import START, Gateway, World, a_submission

SOURCE: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}
DESTINATION: dict[str, Any] = {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "12025550100"}
IN_AN_HOUR = "000000010000000R"
IN_TWO_HOURS = "000000020000000R"
IN_A_MINUTE = "000000000100000R"


def query(gateway: Gateway, message_id: str, **fields: Any) -> Any:
    return gateway.send(QuerySm(message_id=message_id, **(SOURCE | fields)))


def cancel(gateway: Gateway, message_id: str = "", **fields: Any) -> int:
    status: int = gateway.send(CancelSm(message_id=message_id, **(SOURCE | fields))).command_status
    return status


def replace(gateway: Gateway, message_id: str, text: bytes = b"new", **fields: Any) -> int:
    pdu = ReplaceSm(message_id=message_id, short_message=text, **(SOURCE | {"registered_delivery": 1} | fields))
    status: int = gateway.send(pdu).command_status
    return status


# --- query_sm ---


def test_a_query_tells_the_state_and_once_final_the_date() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit().message_id
    before = query(gateway, message_id)
    assert (before.message_id, before.message_state, before.final_date, before.error_code) == (message_id, 1, "", 0)
    world.run(1.0)
    after = query(gateway, message_id)
    assert (after.message_state, after.final_date) == (2, format_time(START + 0.3))


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"validity_period": "000000000000000R"}, 3),
        ({"registered_delivery": 0x10}, 2),
        ({"schedule_delivery_time": IN_AN_HOUR}, 1),
    ],
)
def test_a_query_tells_every_state_by_its_number(fields: dict[str, Any], asked: int) -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(**fields).message_id
    world.run(1.0)
    assert query(gateway, message_id).message_state == asked


@pytest.mark.parametrize(
    "fields",
    [
        {"message_id": "4711"},
        {"message_id": ""},
        {"source_addr": "12025550198"},
        {"source_addr": ""},
        {"source_addr_ton": 0},
        {"source_addr_npi": 0},
    ],
)
def test_a_query_by_another_id_or_source_finds_nothing(fields: dict[str, Any]) -> None:
    gateway = World().bound()
    message_id = gateway.submit().message_id
    response = query(gateway, **({"message_id": message_id} | fields))
    assert response.command_status == CommandStatus.ESME_RQUERYFAIL
    assert (response.message_state, response.final_date) == (7, "")
    assert response.message_id == fields.get("message_id", message_id)


def test_every_bind_of_the_account_that_transmits_may_ask_and_nobody_else() -> None:
    world = World()
    gateway, twin, stranger = world.bound(), world.bound(bind="TX"), world.bound("stranger")
    message_id = gateway.submit(schedule_delivery_time=IN_AN_HOUR).message_id
    assert query(twin, message_id).command_status == 0
    assert query(stranger, message_id).command_status == CommandStatus.ESME_RQUERYFAIL
    assert cancel(stranger, message_id) == CommandStatus.ESME_RCANCELFAIL
    assert cancel(stranger, "", **DESTINATION) == CommandStatus.ESME_RCANCELFAIL
    assert replace(stranger, message_id) == CommandStatus.ESME_RREPLACEFAIL
    assert replace(twin, message_id) == 0
    assert cancel(twin, message_id) == 0


def test_a_date_beyond_what_two_digits_tell_is_left_out_and_harms_nobody() -> None:
    world = World()
    gateway = world.bound()
    world.smsc.clock.jump(world.now, 20 * 365 * 86400.0)
    message_id = gateway.submit().message_id
    world.run(1.0)
    response = query(gateway, message_id)
    assert (response.command_status, response.message_state, response.final_date) == (0, 2, "")


# --- cancel_sm ---


@pytest.mark.parametrize(
    ("registered_delivery", "stats"),
    [(0, []), (1, ["DELETED"]), (2, ["DELETED"]), (3, []), (0x10, []), (0x11, ["DELETED"])],
)
def test_a_cancelled_message_is_deleted_and_its_sender_hears_it_if_it_asked(
    registered_delivery: int, stats: list[str]
) -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(registered_delivery=registered_delivery).message_id
    assert cancel(gateway, message_id) == 0
    world.run(5.0)
    assert gateway.stats == [(message_id, stat) for stat in stats]
    assert query(gateway, message_id).message_state == 4
    assert world.smsc.tally.concluded == {"DELETED": 1}


def test_the_receipt_of_a_cancelled_message_says_so_in_text_and_tlvs() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(schedule_delivery_time=IN_AN_HOUR).message_id
    cancel(gateway, message_id)
    (receipt,) = gateway.of(DeliverSm)
    assert receipt.tlvs[0] == tlv_int(TlvTag.MESSAGE_STATE, 4)
    assert b" dlvrd:000 " in receipt.short_message
    assert (receipt.source_addr, receipt.destination_addr) == ("12025550100", "12025550199")


def test_what_is_final_can_be_neither_cancelled_nor_replaced() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit().message_id
    world.run(1.0)
    assert cancel(gateway, message_id) == CommandStatus.ESME_RCANCELFAIL
    assert cancel(gateway, "", **DESTINATION) == CommandStatus.ESME_RCANCELFAIL
    assert replace(gateway, message_id) == CommandStatus.ESME_RREPLACEFAIL
    assert gateway.stats == [(message_id, "DELIVRD")]


def test_cancelling_twice_works_once() -> None:
    gateway = World().bound()
    message_id = gateway.submit().message_id
    assert [cancel(gateway, message_id), cancel(gateway, message_id)] == [0, CommandStatus.ESME_RCANCELFAIL]


@pytest.mark.parametrize("operation", [cancel, replace])
@pytest.mark.parametrize("fields", [{"source_addr": "12025550198"}, {"source_addr_ton": 2}, {"source_addr_npi": 8}])
def test_the_source_address_must_be_that_of_the_message(operation: Any, fields: dict[str, Any]) -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit().message_id
    assert operation(gateway, message_id, **fields) != 0
    world.run(1.0)
    assert gateway.stats == [(message_id, "DELIVRD")]


def test_without_an_id_all_that_are_pending_between_two_addresses_are_cancelled() -> None:
    world = World()
    gateway = world.bound()
    done = gateway.submit().message_id
    world.run(1.0)
    first, second = (gateway.submit().message_id for _ in range(2))
    elsewhere = gateway.submit(destination_addr="12025550101").message_id
    other_source = gateway.submit(source_addr="12025550198").message_id
    assert cancel(gateway, "", **DESTINATION) == 0
    world.run(1.0)
    assert dict(gateway.stats) == {
        done: "DELIVRD",
        first: "DELETED",
        second: "DELETED",
        elsewhere: "DELIVRD",
        other_source: "DELIVRD",
    }
    assert cancel(gateway, "", **DESTINATION) == CommandStatus.ESME_RCANCELFAIL


def test_without_an_id_a_service_type_narrows_what_is_cancelled() -> None:
    world = World()
    gateway = world.bound()
    plain = gateway.submit().message_id
    voice = gateway.submit(service_type="VMN").message_id
    assert cancel(gateway, "", service_type="WAP", **DESTINATION) == CommandStatus.ESME_RCANCELFAIL
    assert cancel(gateway, "", service_type="VMN", **DESTINATION) == 0
    world.run(1.0)
    assert dict(gateway.stats) == {plain: "DELIVRD", voice: "DELETED"}


def test_very_many_are_cancelled_while_others_are_served_and_none_of_them_escapes() -> None:
    world = World()
    gateway, other = world.bound(), world.bound("other")
    gateway.send_together(*(a_submission(registered_delivery=0) for _ in range(5_000)))
    assert cancel(gateway, "", **DESTINATION) == 0
    assert world.kinds("cancelled") == CANCELLED_AT_ONCE
    assert world.smsc.tick(world.now)
    assert CANCELLED_AT_ONCE < world.kinds("cancelled") < 5_000
    assert other.submit().command_status == 0
    world.run(1.0)
    assert world.smsc.tally.concluded == {"DELETED": 5_000, "DELIVRD": 1}


def test_a_reset_forgets_what_is_still_to_be_cancelled() -> None:
    world = World()
    gateway = world.bound()
    gateway.send_together(*(a_submission() for _ in range(100)))
    cancel(gateway, "", **DESTINATION)
    world.smsc.reset(world.now)
    world.run(1.0)
    assert (world.kinds("cancelled"), world.smsc.tally.concluded) == (0, {})


@pytest.mark.parametrize(
    "pdu",
    [
        QuerySm(message_id="1"),
        CancelSm(message_id="1"),
        ReplaceSm(message_id="1"),
        a_submission(replace_if_present_flag=1, validity_period="x"),
    ],
)
def test_what_is_refused_is_journalled_once(pdu: Any) -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(schedule_delivery_time=IN_AN_HOUR)
    status = gateway.send(pdu).command_status
    assert status != 0
    assert [(one.command_id, why) for one, why in world.events("refused_pdu")] == [(pdu.command_id, status)]


def test_open_messages_are_bounded_by_account_and_room_returns_as_they_end() -> None:
    world = World(terms_by_account={"gateway": Terms(open_max=2)})
    gateway, other = world.bound(), world.bound("other")
    later: dict[str, Any] = {"schedule_delivery_time": IN_AN_HOUR}
    first, _, full = (gateway.submit(**later) for _ in range(3))
    assert full.command_status == CommandStatus.ESME_RMSGQFUL
    transaction = DataSm(esm_class=2, destination_addr="1", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"x"),))
    assert gateway.send(transaction).command_status == CommandStatus.ESME_RMSGQFUL
    assert [cause.name for cause in (one.cause for one, _ in world.events("submitted")) if cause] == ["queue_full"] * 2
    assert world.smsc.tally.answered == {0: 2, CommandStatus.ESME_RMSGQFUL: 2}
    assert [other.submit(**later).command_status for _ in range(3)] == [0] * 3
    assert cancel(gateway, first.message_id) == 0
    assert [gateway.submit(**later).command_status for _ in range(2)] == [0, CommandStatus.ESME_RMSGQFUL]
    world.smsc.reset(world.now)
    assert [gateway.submit().command_status for _ in range(2)] == [0] * 2
    world.run(1.0)
    assert gateway.submit().command_status == 0


def test_a_message_that_is_replaced_by_a_datagram_can_be_replaced_no_more() -> None:
    gateway = World().bound()
    flag: dict[str, Any] = {"replace_if_present_flag": 1}
    ids = [gateway.submit(**fields).message_id for fields in ({}, flag, flag | {"esm_class": 1}, flag)]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert cancel(gateway, "", **DESTINATION) == 0
    assert [query(gateway, one).message_state for one in (ids[0], ids[3])] == [4, 4]


def test_the_one_id_of_a_submit_multi_cancels_what_is_still_pending_of_it() -> None:
    world = World(carrier=Carrier(delay=Fixed(10.0)))
    gateway = world.bound()
    places = (SmeAddress(1, 1, "12025550100"), SmeAddress(1, 1, "12025550101"))
    message_id = gateway.send(SubmitMulti(**SOURCE, dest_address=places, registered_delivery=1)).message_id
    assert cancel(gateway, message_id) == 0
    world.run(20.0)
    assert gateway.stats == [(message_id, "DELETED")] * 2


# --- replace_sm ---


def test_a_replaced_message_keeps_its_id_and_tells_the_new_text_in_the_old_coding() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(data_coding=8, short_message="old".encode("utf-16-be")).message_id
    world.run(0.2)
    assert replace(gateway, message_id, "new".encode("utf-16-be")) == 0
    # its life starts anew: nothing happens when the old one would have ended
    world.run(0.2)
    assert gateway.deliveries == []
    world.run(0.2)
    (receipt,) = gateway.of(DeliverSm)
    assert receipt.short_message.endswith(b"Text:new")
    assert gateway.stats == [(message_id, "DELIVRD")]
    assert world.kinds("replaced") == 1


def test_a_new_text_may_come_as_message_payload() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit().message_id
    assert replace(gateway, message_id, b"", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"x" * 300),)) == 0
    (row,) = world.smsc.history.newest_first()
    assert row.text == "x" * 300


def test_empty_times_keep_the_old_ones_and_given_ones_change_them() -> None:
    world = World(speed=3600.0)
    gateway = world.bound()
    kept, sooner, later, shorter = (
        gateway.submit(schedule_delivery_time=IN_AN_HOUR, validity_period=IN_TWO_HOURS).message_id for _ in range(4)
    )
    assert replace(gateway, kept) == 0
    assert replace(gateway, sooner, schedule_delivery_time=IN_A_MINUTE) == 0
    assert replace(gateway, later, schedule_delivery_time=IN_TWO_HOURS) == 0
    assert replace(gateway, shorter, validity_period=IN_AN_HOUR) == 0
    world.run(0.5)
    assert gateway.stats == [(sooner, "DELIVRD")]
    world.run(0.6)
    assert gateway.stats[1:] == [(shorter, "EXPIRED"), (kept, "DELIVRD")]
    world.run(1.0)
    assert gateway.stats[3:] == [(later, "EXPIRED")]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"schedule_delivery_time": "nonsense of 16 c"}, CommandStatus.ESME_RINVSCHED),
        ({"validity_period": "991399000000000+"}, CommandStatus.ESME_RINVEXPIRY),
        ({"validity_period": "200101000000000+"}, CommandStatus.ESME_RINVEXPIRY),
    ],
)
def test_a_replacement_with_a_wrong_time_changes_nothing(fields: dict[str, Any], status: int) -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit().message_id
    assert replace(gateway, message_id, **fields) == status
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    assert receipt.short_message.endswith(b"Text:hello")


@pytest.mark.parametrize(
    ("old", "new", "stats"),
    [(0x00, 0x11, ["ENROUTE", "DELIVRD"]), (0x11, 0x00, []), (0x11, 0x01, ["DELIVRD"]), (0x01, 0x10, ["ENROUTE"])],
)
def test_a_replacement_decides_anew_who_hears_what(old: int, new: int, stats: list[str]) -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(registered_delivery=old).message_id
    assert replace(gateway, message_id, registered_delivery=new) == 0
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == stats
    assert world.kinds("progressed") == (new >> 4)


def test_a_replacement_after_the_scheduled_moment_counts_from_now() -> None:
    world = World(carrier=Carrier(delay=Fixed(10.0)))
    gateway = world.bound()
    message_id = gateway.submit(schedule_delivery_time=IN_A_MINUTE).message_id
    world.run(65.0)
    assert replace(gateway, message_id) == 0
    world.run(9.9)
    assert gateway.stats == []
    world.run(0.2)
    assert gateway.stats == [(message_id, "DELIVRD")]


def test_the_state_of_a_row_follows_its_schedule() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(schedule_delivery_time=IN_AN_HOUR).message_id
    (row,) = world.smsc.history.newest_first()
    states = [row.state]
    replace(gateway, message_id, schedule_delivery_time="270101000000000+")
    states.append(row.state)
    replace(gateway, message_id, schedule_delivery_time=IN_TWO_HOURS)
    states.append(row.state)
    assert states == ["SCHEDLD", "ENROUTE", "SCHEDLD"]


# --- replace_if_present_flag ---


def present(gateway: Gateway, **fields: Any) -> Any:
    return gateway.submit(replace_if_present_flag=1, **({"short_message": b"new"} | fields))


def test_replace_if_present_replaces_the_latest_of_the_same_addresses_and_service() -> None:
    world = World()
    gateway = world.bound()
    older = gateway.submit().message_id
    latest = gateway.submit().message_id
    gateway.submit(service_type="VMN")
    response = present(gateway)
    assert (response.command_status, response.message_id) == (0, latest)
    world.run(1.0)
    texts = {head_of(row).message_id: row.text for row in world.smsc.history.newest_first()}
    assert (texts[latest], texts[older], len(texts)) == ("new", "hello", 3)
    assert len(gateway.deliveries) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"source_addr": "12025550198"},
        {"destination_addr": "12025550101"},
        {"dest_addr_npi": 0},
        {"service_type": "WAP"},
    ],
)
def test_replace_if_present_stores_a_new_message_where_none_matches(fields: dict[str, Any]) -> None:
    world = World()
    gateway = world.bound()
    first = gateway.submit().message_id
    second = present(gateway, **fields).message_id
    assert second != first
    world.run(1.0)
    assert sorted(gateway.stats) == sorted([(first, "DELIVRD"), (second, "DELIVRD")])


def test_replace_if_present_never_touches_another_account_or_a_final_message() -> None:
    world = World()
    gateway, stranger = world.bound(), world.bound("stranger")
    first = gateway.submit().message_id
    assert present(stranger).message_id != first
    world.run(1.0)
    assert present(gateway).message_id != first
    assert world.kinds("replaced") == 0


def test_replace_if_present_may_bring_new_times_and_wishes() -> None:
    world = World(speed=3600.0)
    gateway = world.bound()
    message_id = gateway.submit(schedule_delivery_time=IN_TWO_HOURS).message_id
    assert present(gateway, registered_delivery=0x11).message_id == message_id
    world.run(0.5)
    assert [stat for _, stat in gateway.stats] == ["ENROUTE", "DELIVRD"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"schedule_delivery_time": "x" * 16}, CommandStatus.ESME_RINVSCHED),
        ({"validity_period": "x" * 16}, CommandStatus.ESME_RINVEXPIRY),
        ({"esm_class": 0x0C}, CommandStatus.ESME_RINVESMCLASS),
    ],
)
def test_a_refused_replace_if_present_has_no_id_and_changes_nothing(fields: dict[str, Any], status: int) -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit().message_id
    response = present(gateway, **fields)
    assert (response.command_status, response.message_id) == (status, "")
    world.run(1.0)
    assert gateway.stats == [(message_id, "DELIVRD")]
    assert gateway.texts[0].endswith("Text:hello")

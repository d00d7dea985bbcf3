"""Cell broadcast on a 5.0 link: taken or refused by areas and TLVs, repeated, asked about, replaced and cancelled."""

from typing import Any

import pytest

from simulator.smpp.constants import CommandStatus, MessageState, TlvTag
from simulator.smpp.pdus import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    QueryBroadcastSm,
)
from simulator.smpp.times import format_time
from simulator.smpp.tlvs import Tlv, first, make, tlv_int, value_of
from simulator.smsc.subscribers import broadcasts
from simulator.smsc.subscribers.areas import AREAS_MAX, SHORTEST
from simulator.smsc.subscribers.broadcasts import FIRST_AFTER, Broadcast
from simulator.smsc.terms import Terms
from tests.smsc.world import START, Gateway, World

NORTH, SOUTH = b"\0North", b"\0South\0"
SOURCE: dict[str, Any] = {"source_addr_ton": 3, "source_addr": "911"}
REFERENCE = tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 7)


def a_broadcast(
    *areas: bytes, times: int = 3, every: bytes = b"\x08\x00\x0a", more: tuple[Tlv, ...] = (), **fields: Any
) -> BroadcastSm:
    """Three times, each ten seconds, to the north, unless told otherwise."""
    tlvs = (
        *(Tlv(TlvTag.BROADCAST_AREA_IDENTIFIER, area) for area in areas or (NORTH,)),
        Tlv(TlvTag.BROADCAST_CONTENT_TYPE, fields.pop("content", b"\0\0\1")),
        tlv_int(TlvTag.BROADCAST_REP_NUM, times),
        Tlv(TlvTag.BROADCAST_FREQUENCY_INTERVAL, every),
        Tlv(TlvTag.MESSAGE_PAYLOAD, fields.pop("text", b"storm")),
        *more,
    )
    return BroadcastSm(**(SOURCE | fields), tlvs=tlvs)


def ready() -> tuple[World, Gateway]:
    world = World()
    return world, world.bound(interface_version=0x50)


def query(gateway: Gateway, message_id: str = "", **fields: Any) -> tuple[int, int, list[tuple[bytes, int]]]:
    """(status, message_state, [(area, success)])."""
    response = gateway.send(QueryBroadcastSm(message_id=message_id, **(SOURCE | fields)))
    state = first(response.tlvs, TlvTag.MESSAGE_STATE)
    areas = [tlv.value for tlv in response.tlvs if tlv.tag == TlvTag.BROADCAST_AREA_IDENTIFIER]
    success = [tlv.value[0] for tlv in response.tlvs if tlv.tag == TlvTag.BROADCAST_AREA_SUCCESS]
    return response.command_status, -1 if state is None else state.value[0], list(zip(areas, success, strict=True))


def the_only(world: World) -> Broadcast:
    (broadcast,) = world.smsc.broadcasts.newest_first()
    return broadcast


# --- Taken, and what becomes of it ---


def test_a_broadcast_goes_out_in_its_repetitions_and_has_then_been_delivered() -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(NORTH, SOUTH))
    assert (response.command_status, response.message_id) == (0, "1000000000")
    assert query(gateway, response.message_id) == (0, MessageState.ENROUTE, [(NORTH, 0), (SOUTH, 0)])
    seen = []
    for _ in range(5):
        world.run(5.0)
        seen.append((the_only(world).state, the_only(world).sent(world.smsc.clock.at(world.now))))
    assert seen == [("ENROUTE", 1), ("ENROUTE", 1), ("ENROUTE", 2), ("ENROUTE", 2), ("DELIVRD", 3)]
    assert query(gateway, response.message_id) == (0, MessageState.DELIVERED, [(NORTH, 100), (SOUTH, 100)])
    assert [(one.text, detail) for one, detail in world.events("broadcast_concluded")] == [("storm", "DELIVRD")]
    assert the_only(world).done_at == START + FIRST_AFTER + 20.0


def test_a_query_of_one_that_has_ended_tells_when_and_its_reference() -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(times=1, more=(REFERENCE,)))
    world.run(2.0)
    answer = gateway.send(QueryBroadcastSm(message_id=response.message_id, **SOURCE))
    assert answer.message_id == response.message_id
    end = first(answer.tlvs, TlvTag.BROADCAST_END_TIME)
    assert end is not None
    assert value_of(end) == format_time(START + FIRST_AFTER)
    assert first(answer.tlvs, TlvTag.USER_MESSAGE_REFERENCE) == REFERENCE


def test_a_scheduled_one_begins_at_its_time() -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(schedule_delivery_time="000000010000000R"))
    assert query(gateway, response.message_id)[1] == MessageState.SCHEDULED
    world.run(3599.0)
    assert query(gateway, response.message_id)[1:] == (MessageState.SCHEDULED, [(NORTH, 0)])
    world.run(1.5)
    assert query(gateway, response.message_id)[1:] == (MessageState.ENROUTE, [(NORTH, 0)])
    world.run(1.0)
    assert query(gateway, response.message_id)[1:] == (MessageState.ENROUTE, [(NORTH, 100)])


@pytest.mark.parametrize(("times", "state", "sent"), [(100, "EXPIRED", 6), (0, "DELIVRD", 6), (6, "DELIVRD", 6)])
def test_its_validity_ends_it_and_only_what_should_have_gone_on_has_expired(times: int, state: str, sent: int) -> None:
    world, gateway = ready()
    gateway.send(a_broadcast(times=times, validity_period="000000000100000R"))
    world.run(60.1)
    broadcast = the_only(world)
    assert (broadcast.state, broadcast.sent(world.smsc.clock.at(world.now) + 1e6)) == (state, sent)


def test_one_that_expires_before_it_was_on_the_air_has_reached_nobody() -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(validity_period=format_time(START + 0.5)))
    world.run(10.0)
    assert query(gateway, response.message_id) == (0, MessageState.EXPIRED, [(NORTH, 0)])


def test_one_without_end_goes_on_and_costs_nothing_meanwhile() -> None:
    world, gateway = ready()
    gateway.send(a_broadcast(times=0))
    before = len(world.smsc.agenda)
    world.run(1_000_000.0)
    assert (the_only(world).state, the_only(world).sent(START + 1_000_000.0)) == ("ENROUTE", 100_000)
    assert len(world.smsc.agenda) <= before


@pytest.mark.parametrize(
    ("every", "seconds"),
    [
        (b"\x00\x00\x00", SHORTEST),
        (b"\x08\x00\x01", SHORTEST),
        (b"\x08\x01\x00", 256.0),
        (b"\x09\x00\x02", 120.0),
        (b"\x0a\x00\x01", 3_600.0),
        (b"\x0b\x00\x01", 86_400.0),
        (b"\x0c\x00\x01", 604_800.0),
        (b"\x0d\x00\x01", 2_592_000.0),
        (b"\x0e\x00\x01", 31_536_000.0),
    ],
)
def test_each_unit_has_its_seconds_and_none_is_faster_than_the_network(every: bytes, seconds: float) -> None:
    world, gateway = ready()
    gateway.send(a_broadcast(every=every))
    assert the_only(world).schedule == (3, seconds)


def test_an_immediate_one_goes_out_once() -> None:
    world, gateway = ready()
    gateway.send(a_broadcast(times=50, priority_flag=1))
    assert the_only(world).schedule.repetitions == 1


def test_a_text_is_read_by_its_coding_and_may_be_missing() -> None:
    world, gateway = ready()
    gateway.send(a_broadcast(text="Stürme".encode("utf-16-be"), data_coding=8))
    assert the_only(world).text == "Stürme"
    pdu = a_broadcast()
    pdu.tlvs = pdu.tlvs[:4]
    gateway.send(pdu)
    assert next(world.smsc.broadcasts.newest_first()).text == ""


# --- Refused ---


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"priority_flag": 5}, CommandStatus.ESME_RINVPRTFLG),
        ({"replace_if_present_flag": 2}, CommandStatus.ESME_RINVREPFLAG),
        ({"schedule_delivery_time": "990000000000000R"[:-1] + "X"}, CommandStatus.ESME_RINVSCHED),
        ({"validity_period": format_time(START - 60.0)}, CommandStatus.ESME_RINVEXPIRY),
        ({"content": b"\x04\0\0"}, CommandStatus.ESME_RINVBCASTCNTTYPE),
        ({"content": b"\0\0"}, CommandStatus.ESME_RINVTLVLEN),
        ({"more": (tlv_int(TlvTag.BROADCAST_MESSAGE_CLASS, 4),)}, CommandStatus.ESME_RINVBCASTMSGCLASS),
        ({"more": (tlv_int(TlvTag.BROADCAST_CHANNEL_INDICATOR, 2),)}, CommandStatus.ESME_RINVBCASTCHANIND),
        ({"every": b"\x08\0\0"}, CommandStatus.ESME_RINVBCASTFREQINT),
        ({"every": b"\x01\0\1"}, CommandStatus.ESME_RINVBCASTFREQINT),
    ],
)
def test_a_broadcast_that_is_none_is_refused_with_its_own_status(fields: dict[str, Any], status: int) -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(**fields))
    assert (type(response), response.command_status, response.message_id) == (BroadcastSmResp, status, "")
    assert len(world.smsc.broadcasts) == 0
    ((refused, told),) = world.events("broadcast_submitted")
    assert (refused.command_id, told) == (BroadcastSm.command_id, status)


@pytest.mark.parametrize("priority", [0, 4])
def test_the_priority_of_cell_broadcast_alone_is_taken(priority: int) -> None:
    assert ready()[1].send(a_broadcast(priority_flag=priority)).command_status == 0


def test_a_canned_message_without_a_text_is_unknown() -> None:
    pdu = a_broadcast(sm_default_msg_id=1)
    pdu.tlvs = pdu.tlvs[:4]
    assert ready()[1].send(pdu).command_status == CommandStatus.ESME_RINVDFTMSGID
    assert ready()[1].send(a_broadcast(sm_default_msg_id=1)).command_status == 0


def test_one_that_lacks_a_mandatory_tlv_is_refused() -> None:
    pdu = a_broadcast()
    pdu.tlvs = pdu.tlvs[1:]
    assert ready()[1].send(pdu).command_status == CommandStatus.ESME_RMISSINGTLV


def test_there_is_an_end_to_how_many_areas_it_may_name() -> None:
    areas = [b"\0%d" % number for number in range(AREAS_MAX + 1)]
    assert ready()[1].send(a_broadcast(*areas)).command_status == CommandStatus.ESME_RINVNUMBCAST_AREAS
    assert ready()[1].send(a_broadcast(*areas[1:])).command_status == 0


ALIAS, FORMAT = CommandStatus.ESME_RINVBCASTALIAS_NAME, CommandStatus.ESME_RINVBCASTAREAFMT


@pytest.mark.parametrize(
    ("area", "status"),
    [
        (b"\0", ALIAS),
        (b"\0\0", ALIAS),
        (b"\0a\x07", ALIAS),
        (b"\0\xe9", ALIAS),
        (b"\1", FORMAT),
        (b"\2", FORMAT),
        (b"\3North", FORMAT),
    ],
)
def test_a_bad_area_is_told_with_its_status_and_the_good_ones_are_served(area: bytes, status: int) -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(NORTH, area, b"\1\xff", b"\2\xff\xff"))
    told = [value_of(tlv) for tlv in response.tlvs[:2]]
    assert (response.command_status, told) == (0, [status, area])
    assert the_only(world).areas == (NORTH, b"\1\xff", b"\2\xff\xff")
    alone = gateway.send(a_broadcast(area))
    assert (alone.command_status, alone.message_id, [value_of(tlv) for tlv in alone.tlvs[:2]]) == (status, "", told)


def test_where_all_areas_are_bad_for_different_reasons_the_broadcast_has_failed() -> None:
    response = ready()[1].send(a_broadcast(b"\0", b"\3x"))
    assert response.command_status == CommandStatus.ESME_RBCASTFAIL
    assert [value_of(tlv) for tlv in response.tlvs[:4]] == [ALIAS, b"\0", FORMAT, b"\3x"]


# --- Query and cancel ---


@pytest.mark.parametrize("fields", [{"source_addr": "912"}, {"source_addr_ton": 1}])
def test_another_source_address_finds_nothing(fields: dict[str, Any]) -> None:
    _, gateway = ready()
    response = gateway.send(a_broadcast())
    assert query(gateway, response.message_id, **fields)[0] == CommandStatus.ESME_RBCASTQUERYFAIL
    cancel = gateway.send(CancelBroadcastSm(message_id=response.message_id, **(SOURCE | fields)))
    assert cancel.command_status == CommandStatus.ESME_RBCASTCANCELFAIL


def test_another_account_an_unknown_id_and_no_name_at_all_find_nothing() -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast())
    other = world.bound("other", interface_version=0x50)
    failed = CommandStatus.ESME_RBCASTQUERYFAIL
    assert [query(other, response.message_id)[0], query(gateway, "x")[0], query(gateway)[0]] == [failed] * 3
    assert query(gateway, tlvs=(REFERENCE,))[0] == failed


def test_a_reference_finds_the_latest_of_its_source() -> None:
    _, gateway = ready()
    gateway.send(a_broadcast(NORTH, more=(REFERENCE,)))
    gateway.send(a_broadcast(SOUTH, more=(REFERENCE,)))
    assert query(gateway, tlvs=(REFERENCE,))[2] == [(SOUTH, 0)]
    assert query(gateway, tlvs=(REFERENCE,), source_addr="1")[0] == CommandStatus.ESME_RBCASTQUERYFAIL


def test_a_reference_finds_an_older_one_when_the_latest_is_kept_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts, "BROADCASTS_MAX", 2)
    world, gateway = ready()
    gateway.send(a_broadcast(NORTH, more=(REFERENCE,)))
    gateway.send(a_broadcast(SOUTH, times=1, more=(REFERENCE,)))
    world.run(2.0)
    gateway.send(a_broadcast())
    assert query(gateway, tlvs=(REFERENCE,))[2] == [(NORTH, 100)]
    for _ in range(2):
        gateway.send(a_broadcast())
    assert query(gateway, tlvs=(REFERENCE,))[0] == CommandStatus.ESME_RBCASTQUERYFAIL
    assert world.kinds("refused_pdu") == 1


def test_a_cancelled_broadcast_ends_there_and_cannot_be_cancelled_again() -> None:
    world, gateway = ready()
    message_id = gateway.send(a_broadcast()).message_id
    world.run(5.0)
    cancel = gateway.send(CancelBroadcastSm(message_id=message_id, **SOURCE))
    assert (type(cancel), cancel.command_status) == (CancelBroadcastSmResp, 0)
    world.run(100.0)
    assert query(gateway, message_id) == (0, MessageState.DELETED, [(NORTH, 100)])
    assert the_only(world).sent(START + 1e6) == 1
    again = gateway.send(CancelBroadcastSm(message_id=message_id, **SOURCE))
    assert again.command_status == CommandStatus.ESME_RBCASTCANCELFAIL
    assert world.kinds("broadcast_concluded") == 1


@pytest.mark.parametrize(
    ("fields", "is_meant"),
    [
        ({"service_type": "CBS"}, True),
        ({"service_type": "CMT"}, False),
        ({"tlvs": (Tlv(TlvTag.BROADCAST_CONTENT_TYPE, b"\0\0\1"),)}, True),
        ({"tlvs": (Tlv(TlvTag.BROADCAST_CONTENT_TYPE, b"\0\0\2"),)}, False),
    ],
)
def test_service_and_content_type_narrow_a_cancellation_down(fields: dict[str, Any], is_meant: bool) -> None:
    world, gateway = ready()
    message_id = gateway.send(a_broadcast(service_type="CBS")).message_id
    status = gateway.send(CancelBroadcastSm(message_id=message_id, **SOURCE, **fields)).command_status
    assert status == (0 if is_meant else CommandStatus.ESME_RBCASTCANCELFAIL)
    assert the_only(world).state == ("DELETED" if is_meant else "ENROUTE")


def test_one_cancelled_before_its_schedule_never_begins() -> None:
    world, gateway = ready()
    message_id = gateway.send(a_broadcast(schedule_delivery_time="000000010000000R")).message_id
    gateway.send(CancelBroadcastSm(message_id=message_id, **SOURCE))
    world.run(7200.0)
    assert query(gateway, message_id) == (0, MessageState.DELETED, [(NORTH, 0)])


# --- Replace ---


@pytest.mark.parametrize("by", ["id", "reference"])
def test_a_replacement_keeps_the_id_and_is_new_in_all_else(by: str) -> None:
    world, gateway = ready()
    message_id = gateway.send(
        a_broadcast(times=1, more=(REFERENCE,), schedule_delivery_time="000000000100000R")
    ).message_id
    name: dict[str, Any] = {"message_id": message_id} if by == "id" else {"more": (REFERENCE,)}
    response = gateway.send(a_broadcast(SOUTH, times=9, text=b"calm", replace_if_present_flag=1, **name))
    assert (response.command_status, response.message_id) == (0, message_id)
    broadcast = the_only(world)
    assert (broadcast.text, broadcast.areas, broadcast.state, world.smsc.broadcasts.evicted) == (
        "calm",
        (SOUTH,),
        "ENROUTE",
        0,
    )
    world.run(80.0)
    assert (broadcast.state, world.kinds("broadcast_concluded")) == ("ENROUTE", 0)
    world.run(10.0)
    assert (broadcast.state, world.kinds("broadcast_concluded")) == ("DELIVRD", 1)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, CommandStatus.ESME_RBCASTFAIL),
        ({"message_id": "x", "more": (REFERENCE,)}, CommandStatus.ESME_RBCASTFAIL),
        ({"message_id": "x"}, CommandStatus.ESME_RINVMSGID),
        ({"more": (REFERENCE,)}, CommandStatus.ESME_RBCASTFAIL),
    ],
)
def test_a_replacement_that_finds_nothing_has_failed(fields: dict[str, Any], status: int) -> None:
    world, gateway = ready()
    response = gateway.send(a_broadcast(replace_if_present_flag=1, **fields))
    assert response.command_status == status
    assert len(world.smsc.broadcasts) == 0


def test_what_has_ended_cannot_be_replaced() -> None:
    world, gateway = ready()
    message_id = gateway.send(a_broadcast(times=1)).message_id
    world.run(2.0)
    response = gateway.send(a_broadcast(replace_if_present_flag=1, message_id=message_id))
    assert response.command_status == CommandStatus.ESME_RBCASTFAIL


# --- Windows, rings and resets ---


@pytest.mark.parametrize("pdu", [a_broadcast(), QueryBroadcastSm(), CancelBroadcastSm()], ids=lambda pdu: str(pdu.name))
def test_what_goes_beyond_the_window_is_refused(pdu: BroadcastSm) -> None:
    world = World(terms=Terms(window=1))
    gateway = world.bound(interface_version=0x50)
    _, refused = gateway.send_together(a_broadcast(), pdu)
    assert refused.command_status == CommandStatus.ESME_RTHROTTLED
    assert (len(world.smsc.broadcasts), world.kinds("refused_pdu")) == (1, 1)


def test_a_bounded_number_is_kept_and_what_has_ended_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts, "BROADCASTS_MAX", 2)
    world, gateway = ready()
    ids = [gateway.send(a_broadcast(times=times)).message_id for times in (5, 1)]
    world.run(2.0)
    ids += [gateway.send(a_broadcast(times=5)).message_id for _ in range(2)]
    kept = [one.message_id for one in world.smsc.broadcasts.newest_first()]
    assert (kept, world.smsc.broadcasts.evicted) == ([ids[3], ids[2]], 2)
    world.run(100.0)
    # nobody hears any more of what was let go
    assert {one.message_id for one, _ in world.events("broadcast_concluded")} == {ids[1], ids[2], ids[3]}


def test_their_octets_are_bounded_and_what_was_let_go_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts, "OCTETS_MAX", 5_000)
    world, gateway = ready()
    for _ in range(3):
        gateway.send(a_broadcast(text=b"x" * 4_000))
    assert (len(world.smsc.broadcasts), world.smsc.broadcasts.evicted) == (1, 2)
    kept = [(len(one.text), len(one.areas), one.pdu.raw) for one, _ in world.events("broadcast_submitted")]
    assert kept == [(0, 0, b""), (0, 0, b""), (4_000, 1, b"")]
    # one alone is kept, whatever its size
    gateway.send(a_broadcast(text=b"x" * 6_000))
    assert len(world.smsc.broadcasts) == 1


def test_a_reset_forgets_them() -> None:
    world, gateway = ready()
    message_id = gateway.send(a_broadcast()).message_id
    world.smsc.reset(world.now)
    assert query(gateway, message_id)[0] == CommandStatus.ESME_RBCASTQUERYFAIL
    world.run(100.0)
    assert (world.kinds("broadcast_concluded"), world.smsc.broadcasts.evicted) == (0, 0)


def test_other_tlvs_are_carried() -> None:
    world, gateway = ready()
    extra = make("broadcast_service_group", b"weather")
    gateway.send(a_broadcast(more=(extra,)))
    assert extra in the_only(world).pdu.tlvs

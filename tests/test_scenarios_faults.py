"""The faults that come with the package show what they say: statuses and octets, as a plain gateway sees them."""

import re
from typing import Any

from simulator.journal import ANSWERED, BIND_REFUSED, BOUND
from simulator.scenario.file import load
from simulator.smpp.constants import TlvTag
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import (
    AlertNotification,
    BroadcastSmResp,
    CancelBroadcastSm,
    DataSm,
    EnquireLink,
    QueryBroadcastSm,
    SubmitMulti,
    Unbind,
)
from simulator.smpp.tlvs import Tlv, first
from simulator.smsc.play.staging import staged
from tests.smsc.subscribers.test_broadcasts import a_broadcast
from tests.smsc.world import START, Gateway, World
from tests.test_scenarios import PLAYS, ends, fired, playing


def fault(name: str, *, version: int = 0x34) -> tuple[World, Gateway]:
    """A world under a fault, and a plain gateway that is bound."""
    world = World()
    world.smsc = staged([load(f"faults/{name}")], world.now, START, seed=7)
    return world, world.bound(interface_version=version)


def multi(*numbers: str) -> SubmitMulti:
    """One message to several."""
    places = tuple(SmeAddress(1, 1, number) for number in numbers)
    return SubmitMulti(source_addr="5555", dest_address=places, short_message=b"hello", registered_delivery=1)


def congestion(pdu: Any) -> bytes | None:
    """What an answer tells of it."""
    found = first(pdu.tlvs, TlvTag.CONGESTION_STATE)
    return None if found is None else found.value


def test_submit_multi_partly_refused() -> None:
    world, gateway = fault("submit-multi-partly-refused")
    answer = gateway.send(multi("12025550100", "12025550190", "12025550191"))
    assert (answer.command_status, bool(answer.message_id)) == (0, True)
    assert [(one.addr, one.status) for one in answer.unsuccess_sme] == [("12025550190", 0x0B), ("12025550191", 0x0B)]
    world.run(1.0)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]


def test_submit_multi_all_refused_under_status_ok() -> None:
    world, gateway = fault("submit-multi-all-refused-under-status-ok")
    answer = gateway.send(multi("12025550100", "12025550101"))
    assert (answer.command_status, answer.message_id) == (0, "all-of-them")
    assert [one.status for one in answer.unsuccess_sme] == [0x58, 0x58]
    world.run(10.0)
    assert gateway.stats == []


def test_submit_multi_refused_as_a_whole() -> None:
    _, gateway = fault("submit-multi-refused-as-a-whole")
    gateway.send(multi("12025550100"))
    assert gateway.segments[-1][:12] == bytes.fromhex("00000010 80000021 00000003")
    assert gateway.submit().command_status == 0


def test_data_sm_refused() -> None:
    _, gateway = fault("data-sm-refused")
    gateway.send(DataSm(destination_addr="12025550100", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"),)))
    assert gateway.segments[-1][:12] == bytes.fromhex("00000010 80000000 00000003")
    assert gateway.submit().command_status == 0


def test_congestion_rises_until_it_refuses() -> None:
    _, gateway = fault("congestion-rises-until-it-refuses", version=0x50)
    answers = [gateway.submit(short_message=b"%d" % number) for number in range(41)]
    assert [congestion(one) for one in answers[:40:10]] == [b"\x28", b"\x50", b"\x5f", b"\x64"]
    assert [one.command_status for one in answers] == [0] * 30 + [0x58] * 10 + [0]


def test_congestion_state_nonsense() -> None:
    _, gateway = fault("congestion-state-nonsense")
    answers = [gateway.submit(short_message=b"%d" % number) for number in range(3)]
    assert [congestion(one) for one in answers] == [b"", b"\0d", b"\xff"]
    assert {one.command_status for one in answers} == {0}


def test_broadcast_refused_for_lack_of_the_service() -> None:
    _, gateway = fault("broadcast-refused-for-lack-of-the-service", version=0x50)
    asked = (a_broadcast(), QueryBroadcastSm(message_id="1"), CancelBroadcastSm(message_id="1"))
    assert [gateway.send(one).command_status for one in asked] == [0x101, 0x03, 0x03]


def test_broadcast_area_failed() -> None:
    _, gateway = fault("broadcast-area-failed", version=0x50)
    answer = gateway.send(a_broadcast(b"\0North", b"\0Downtown"))
    assert (answer.command_status, bool(answer.message_id)) == (0, True)
    told = [(tlv.tag, tlv.value) for tlv in answer.tlvs]
    assert (0x0607, b"\0\0\x01\x0d") in told
    assert (0x0606, b"\0Downtown") in told


def test_broadcast_answered_late() -> None:
    world, gateway = fault("broadcast-answered-late", version=0x50)
    assert gateway.send(a_broadcast()) is None
    assert gateway.send(QueryBroadcastSm(message_id="1000000000")) is None
    world.run(59.0)
    assert gateway.of(BroadcastSmResp) == []
    world.run(2.0)
    assert [one.command_status for one in gateway.of(BroadcastSmResp)] == [0]


def test_bind_refused_by_generic_nack() -> None:
    world = playing("faults/bind-refused-by-generic-nack")
    assert fired(world) == {"bind answered by a nack": 2}
    assert (world.kinds(BIND_REFUSED), world.kinds(BOUND)) == (2, 1)


def test_unbind_never_answered() -> None:
    _, gateway = fault("unbind-never-answered")
    assert gateway.send(Unbind()) is None
    assert gateway.stands()


def test_unbind_instead_of_an_answer() -> None:
    world, gateway = fault("unbind-instead-of-an-answer")
    assert [gateway.submit(short_message=b"%d" % number) is None for number in range(3)] == [False, False, True]
    assert [pdu.name for pdu in gateway.received[-1:]] == ["unbind"]
    world.run(5.0)
    assert not gateway.stands()


def test_delivery_and_unbind_together() -> None:
    world, gateway = fault("delivery-and-unbind-together")
    world.run(9.9)
    assert gateway.received == []
    world.run(0.2)
    assert [pdu.name for pdu in gateway.received] == ["deliver_sm", "unbind"]


def test_alert_notification_unasked() -> None:
    world, gateway = fault("alert-notification-unasked")
    world.run(61.0)
    alerts = gateway.of(AlertNotification)
    assert [(one.source_addr, one.esme_addr) for one in alerts] == [("12025550142", "5555")] * 2
    assert gateway.stands()


def test_enquire_link_echoed() -> None:
    world, gateway = fault("enquire-link-echoed")
    gateway.send(EnquireLink())
    assert [pdu.name for pdu in gateway.received] == ["enquire_link_resp", "enquire_link"]
    world.run(1.0)
    assert len(gateway.received) == 2


def test_response_field_beyond_its_size() -> None:
    world = playing("faults/response-field-beyond-its-size", messages=10)
    octets = b"".join(segment for gateway in world.links for segment in gateway.segments)
    # command_id, status 0, any sequence_number, and an id that no terminator ends within 65 octets
    assert re.search(rb"\x80\x00\x00\x04\x00{4}.{4}0123456789[0-9-]{80}", octets, re.DOTALL)
    assert world.malformed >= 2


def test_throttled_at_two_a_second() -> None:
    world = playing("faults/throttled-at-two-a-second", **PLAYS["faults/throttled-at-two-a-second"])
    statuses = [status for _, status in world.events(ANSWERED)]
    assert statuses.count(0x58) >= 2
    assert ends(world) == {"delivered": 40}

"""The border: which PDUs are legal submissions, what their times and texts mean, and what goes out for an outcome."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.messages import Address, Cause, Message, Outcome, Verdict
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm, DistributionList, Pdu, SmeAddress, SubmitMulti, Unsuccess
from simulator.smpp.times import format_time
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.smsc.memory.history import Group, head_of
from simulator.smsc.translate import Submission, address_from, err_number, refuse, status_of, wire_state
from tests.smsc.world import START, Gateway, World

PLACES = (SmeAddress(1, 1, "12025550100"), SmeAddress(1, 1, "12025550101"))
PAYLOAD = (Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"),)


def a_data_sm(**fields: Any) -> DataSm:
    defaults: dict[str, Any] = {"source_addr": "12025550199", "destination_addr": "12025550100", "tlvs": PAYLOAD}
    return DataSm(**(defaults | fields))


def a_multi(**fields: Any) -> SubmitMulti:
    defaults: dict[str, Any] = {
        "source_addr": "12025550199",
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "dest_address": PLACES,
        "short_message": b"hello",
        "registered_delivery": 1,
    }
    return SubmitMulti(**(defaults | fields))


# --- What is no legal submission ---


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"destination_addr": ""}, CommandStatus.ESME_RINVDSTADR),
        ({"esm_class": 0x0C}, CommandStatus.ESME_RINVESMCLASS),
        ({"esm_class": 0x24}, CommandStatus.ESME_RINVESMCLASS),
        ({"esm_class": 0x3C}, CommandStatus.ESME_RINVESMCLASS),
        # 4 is cell broadcast's alone
        ({"priority_flag": 4}, CommandStatus.ESME_RINVPRTFLG),
        ({"replace_if_present_flag": 2}, CommandStatus.ESME_RINVREPFLAG),
        ({"sm_default_msg_id": 1, "short_message": b""}, CommandStatus.ESME_RINVDFTMSGID),
        ({"tlvs": (Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"\1"),)}, CommandStatus.ESME_RINVTLVLEN),
        ({"tlvs": (tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 1),), "destination_addr": ""}, CommandStatus.ESME_RINVDSTADR),
    ],
)
def test_a_submit_sm_that_is_none_is_refused_with_its_own_status(fields: dict[str, Any], status: int) -> None:
    world = World()
    gateway = world.bound()
    response = gateway.submit(**fields)
    assert (response.command_status, response.message_id) == (status, "")
    world.run(1.0)
    assert gateway.deliveries == []
    (row,) = world.smsc.history.newest_first()
    assert (row.state, world.smsc.tally.concluded) == ("REFUSED", {})


@pytest.mark.parametrize(
    "fields",
    [
        {"esm_class": 0x03},
        {"esm_class": 0x08},
        {"esm_class": 0x10},
        {"esm_class": 0x80},
        {"priority_flag": 3},
        {"sm_default_msg_id": 1},
        {"short_message": b""},
        {"source_addr": "", "source_addr_ton": 0, "source_addr_npi": 0},
        {"source_addr_ton": 99, "dest_addr_npi": 99},
        {"protocol_id": 0x7F, "data_coding": 0xF5},
        {"tlvs": (Tlv(0x1400, b"vendor"), Tlv(0x3FFF, b""))},
        {"short_message": b"x" * 255},
    ],
)
def test_what_is_unusual_but_legal_is_taken(fields: dict[str, Any]) -> None:
    world = World()
    gateway = world.bound()
    assert gateway.submit(**fields).command_status == 0
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (a_data_sm(destination_addr=""), CommandStatus.ESME_RINVDSTADR),
        (a_data_sm(tlvs=()), CommandStatus.ESME_RMISSINGTLV),
        (a_data_sm(esm_class=0x1C), CommandStatus.ESME_RINVESMCLASS),
        (a_data_sm(tlvs=(*PAYLOAD, Tlv(TlvTag.QOS_TIME_TO_LIVE, b"\1"))), CommandStatus.ESME_RINVTLVLEN),
        (a_multi(priority_flag=9), CommandStatus.ESME_RINVPRTFLG),
        (a_multi(replace_if_present_flag=1), CommandStatus.ESME_RINVSUBREP),
        (a_multi(replace_if_present_flag=2), CommandStatus.ESME_RINVREPFLAG),
        (a_multi(sm_default_msg_id=7, short_message=b""), CommandStatus.ESME_RINVDFTMSGID),
        (a_multi(esm_class=0x14), CommandStatus.ESME_RINVESMCLASS),
        (a_multi(dest_address=()), CommandStatus.ESME_RINVNUMDESTS),
    ],
)
def test_a_data_sm_or_submit_multi_that_is_none_is_refused_with_its_own_status(pdu: Pdu, status: int) -> None:
    response = World().bound().send(pdu)
    assert (response.command_status, response.message_id) == (status, "")


# --- data_sm and submit_multi ---


def test_a_data_sm_makes_a_message_with_a_state_and_a_receipt() -> None:
    world = World()
    gateway = world.bound()
    response = gateway.send(a_data_sm(registered_delivery=1))
    (row,) = world.smsc.history.newest_first()
    assert (row.state, row.text) == ("ENROUTE", "hello")
    world.run(1.0)
    assert gateway.stats == [(response.message_id, "DELIVRD")]


def test_a_data_sm_lives_as_long_as_its_qos_time_to_live() -> None:
    world = World()
    gateway = world.bound()
    for seconds in (0, 1):
        gateway.send(a_data_sm(registered_delivery=1, tlvs=(*PAYLOAD, tlv_int(TlvTag.QOS_TIME_TO_LIVE, seconds))))
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["EXPIRED", "DELIVRD"]


def test_a_submit_multi_makes_a_message_for_each_destination_under_one_id() -> None:
    world = World()
    gateway = world.bound()
    response = gateway.send(a_multi())
    assert (response.command_status, response.unsuccess_sme) == (0, ())
    world.run(1.0)
    assert gateway.stats == [(response.message_id, "DELIVRD")] * 2
    assert [pdu.source_addr for pdu in gateway.of(DeliverSm)] == ["12025550100", "12025550101"]
    rows = list(world.smsc.history.newest_first())
    assert [row.state for row in rows] == ["DELIVRD", "DELIVRD"]
    # the next message has an id of its own
    assert gateway.submit().message_id != response.message_id


def test_destinations_that_cannot_be_are_listed_and_the_others_served() -> None:
    world = World()
    gateway = world.bound()
    response = gateway.send(a_multi(dest_address=(DistributionList("friends"), *PLACES, SmeAddress(1, 1, ""))))
    assert response.command_status == 0
    assert response.unsuccess_sme == (
        Unsuccess(0, 0, "friends", CommandStatus.ESME_RINVDLNAME),
        Unsuccess(1, 1, "", CommandStatus.ESME_RINVDSTADR),
    )
    world.run(1.0)
    assert gateway.stats == [(response.message_id, "DELIVRD")] * 2
    assert world.smsc.tally.answered == {
        0: 2,
        CommandStatus.ESME_RINVDLNAME: 1,
        CommandStatus.ESME_RINVDSTADR: 1,
    }


def test_a_submit_multi_without_one_good_destination_fails_with_the_first_ones_status() -> None:
    gateway = World().bound()
    response = gateway.send(a_multi(dest_address=(DistributionList("friends"), SmeAddress(1, 1, ""))))
    assert (response.command_status, response.message_id) == (CommandStatus.ESME_RINVDLNAME, "")
    assert len(response.unsuccess_sme) == 2


def test_a_broken_submit_multi_fails_for_every_destination() -> None:
    response = World().bound().send(a_multi(priority_flag=9))
    assert {one.status for one in response.unsuccess_sme} == {CommandStatus.ESME_RINVPRTFLG}
    assert len(response.unsuccess_sme) == 2


def test_each_destination_of_a_submit_multi_counts_for_the_throughput() -> None:
    world = World(accounts=[Account("gateway", throughput=1.0)])
    response = world.bound().send(a_multi())
    assert response.command_status == 0
    assert response.unsuccess_sme == (Unsuccess(1, 1, "12025550101", CommandStatus.ESME_RTHROTTLED),)


def test_a_full_submit_multi_fits() -> None:
    world = World()
    gateway = world.bound()
    places = tuple(SmeAddress(1, 1, f"1202555{number:04}") for number in range(255))
    assert gateway.send(a_multi(dest_address=places)).command_status == 0
    world.run(1.0)
    assert len({pdu.source_addr for pdu in gateway.of(DeliverSm)}) == 255


# --- Times ---


def absolute(seconds: float, quarters: int = 0) -> str:
    return format_time(START + seconds, quarters)


@pytest.mark.parametrize(
    ("schedule", "after"),
    [
        ("", 0.3),
        ("000000000000000R", 0.3),
        ("000000000005000R", 5.3),
        ("000000000100000R", 60.3),
        ("000001000000000R", 86400.3),
        (absolute(60.0), 60.3),
        (absolute(60.0, 8), 60.3),
        (absolute(60.0, -20), 60.3),
        (absolute(0.0), 0.3),
        (absolute(-60.0), 0.3),
        ("990101000000000+", 0.3),
    ],
)
def test_a_schedule_is_relative_or_absolute_and_one_in_the_past_is_none(schedule: str, after: float) -> None:
    world = World()
    gateway = world.bound()
    assert gateway.submit(schedule_delivery_time=schedule).command_status == 0
    world.run(after - 0.1)
    assert gateway.stats == []
    world.run(0.2)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


@pytest.mark.parametrize(
    ("schedule", "validity", "stat"),
    [
        ("", "000000000001000R", "DELIVRD"),
        ("", absolute(1.0), "DELIVRD"),
        ("", absolute(0.1), "EXPIRED"),
        ("", absolute(0.0), "EXPIRED"),
        ("", absolute(0.1, 48), "EXPIRED"),
        ("000000000002000R", "000000000002000R", "EXPIRED"),
        ("000000000002000R", "000000000003000R", "DELIVRD"),
        (absolute(2.0), absolute(2.1), "EXPIRED"),
    ],
)
def test_a_validity_is_relative_or_absolute(schedule: str, validity: str, stat: str) -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(schedule_delivery_time=schedule, validity_period=validity)
    world.run(4.0)
    assert [stat for _, stat in gateway.stats] == [stat]


WRONG = [
    "soon",
    "00000000000500R",
    "0000000000005000R",
    "00000000000000005000",
    "000000000005000X",
    "271332000000000+",
    "270101250000000+",
    "270101000000049+",
    "2701010000000 0+",
    "²70101000000000+",
]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("schedule_delivery_time", CommandStatus.ESME_RINVSCHED),
        ("validity_period", CommandStatus.ESME_RINVEXPIRY),
    ],
)
def test_a_wrong_time_has_the_status_of_its_field(field: str, status: int, text: str) -> None:
    gateway = World().bound()
    fields: dict[str, Any] = {field: text}
    assert gateway.submit(**fields).command_status == status
    several = gateway.send(a_multi(**fields))
    assert (several.command_status, {one.status for one in several.unsuccess_sme}) == (status, {status})


@pytest.mark.parametrize(
    ("schedule", "validity"),
    [("", absolute(-1.0)), ("000000000002000R", "000000000001000R"), (absolute(60.0), absolute(59.0))],
)
def test_a_validity_that_has_passed_or_ends_before_the_schedule_is_refused(schedule: str, validity: str) -> None:
    response = World().bound().submit(schedule_delivery_time=schedule, validity_period=validity)
    assert response.command_status == CommandStatus.ESME_RINVEXPIRY


def a_row(gateway: Gateway, **fields: Any) -> Submission:
    gateway.submit(**fields)
    row = next(iter(gateway.world.smsc.history.newest_first()))
    head = head_of(row)
    assert not isinstance(row, Group)
    assert isinstance(head, Submission)
    return head


# --- Outcomes ---


class FailingCarrier(Carrier):
    """A carrier whose every message ends in ``cause``."""

    def __init__(self, cause: Cause) -> None:
        super().__init__()
        self.cause = cause

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        """Undeliverable at once."""
        return Verdict(accepted=True, outcomes=(Outcome(0.0, "UNDELIV", self.cause),))


@pytest.mark.parametrize(
    ("err", "code", "queried"),
    [("000", None, 0), ("034", b"\x03\x00\x22", 34), ("999", b"\x03\x03\xe7", 255), ("A01", None, 0)],
)
def test_the_cause_shows_in_text_tlv_and_query(err: str, code: bytes | None, queried: int) -> None:
    world = World(carrier=FailingCarrier(Cause("absent", err)))
    gateway = world.bound()
    message = a_row(gateway)
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    assert f" stat:UNDELIV err:{err} ".encode() in receipt.short_message
    tlv = first(receipt.tlvs, TlvTag.NETWORK_ERROR_CODE)
    assert (None if tlv is None else tlv.value) == code
    # state, cause, id: naz finds the id only where it stands last
    assert receipt.tlvs[-1].tag == TlvTag.RECEIPTED_MESSAGE_ID
    assert (wire_state(message.state), err_number(message.cause)) == (5, queried)


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (Cause("throttled"), CommandStatus.ESME_RTHROTTLED),
        (Cause("queue_full"), CommandStatus.ESME_RMSGQFUL),
        (Cause("congestion"), CommandStatus.ESME_RMSGQFUL),
        (Cause("invalid_source"), CommandStatus.ESME_RINVSRCADR),
        (Cause("invalid_destination"), CommandStatus.ESME_RINVDSTADR),
        (Cause("too_long"), CommandStatus.ESME_RINVMSGLEN),
        (Cause("anything"), CommandStatus.ESME_RSUBMITFAIL),
        (None, CommandStatus.ESME_RSUBMITFAIL),
    ],
)
def test_a_refusing_cause_has_its_status(cause: Cause | None, status: int) -> None:
    assert status_of(cause) == status


def test_a_refused_message_is_final_and_rejected_on_the_wire() -> None:
    message = a_row(World().bound())
    refuse(message, CommandStatus.ESME_RTHROTTLED, Cause("throttled"), 5.0)
    assert (message.is_final, message.state, message.done_at) == (True, "REFUSED", 5.0)
    assert wire_state(message.state) == 8


def test_states_on_the_wire_are_those_of_3_4() -> None:
    words = ["SCHEDLD", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "else"]
    assert [wire_state(word) for word in words] == [1, 1, 2, 3, 4, 5, 6, 7, 8, 7]


def test_a_receipt_of_a_binary_or_a_marked_message_tells_its_text_readably() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x01\x02\x01first part")
    gateway.submit(data_coding=4, short_message=b"\x00\xff")
    world.run(1.0)
    assert [text.partition("Text:")[2] for text in gateway.texts] == ["first part", "00ff"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("+12025550100", Address("12025550100", 1, 1)),
        (" 12025550100 ", Address("12025550100", 1, 1)),
        ("24273", Address("24273", 3, 0)),
        ("242733", Address("242733", 3, 0)),
        ("2427333", Address("2427333", 1, 1)),
        ("Example", Address("Example", 5, 0)),
        ("", Address("", 5, 0)),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, address: Address) -> None:
    assert address_from(text) == address

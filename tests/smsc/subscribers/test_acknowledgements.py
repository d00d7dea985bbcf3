"""Acknowledgements from the far end, both ways: only where they were asked for, each known by what it is about."""

from typing import Any

import pytest

from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.smsc.subscribers import acknowledgements
from simulator.smsc.subscribers.acknowledgements import Kind, NotAsked, UnknownMessage
from tests.smsc.world import Gateway, World

OURS, PHONE = "12025550199", "12025550100"
TYPES: dict[Kind, int] = {"delivery": 0x08, "manual": 0x10}
ASKS: dict[Kind, int] = {"delivery": 0x04, "manual": 0x08}
KINDS: list[Kind] = ["delivery", "manual"]


def mo(world: World, *asks: Kind, **more: Any) -> int:
    """A subscriber's message; returns its serial number."""
    sent = world.smsc.mo(OURS, PHONE, "hi", world.now, asks=asks, **more)
    world.settle()
    return sent.number


def acknowledge(gateway: Gateway, kind: Kind, **fields: Any) -> Any:
    """The ESME acknowledges something."""
    return gateway.submit(esm_class=TYPES[kind], registered_delivery=0, short_message=b"read", **fields)


def told(world: World, number: int) -> list[tuple[str, str]]:
    return [(one.kind, one.message_id) for one in world.smsc.acknowledgements.of(number)]


# --- An ESME acknowledges a subscriber's message ---


@pytest.mark.parametrize(
    ("asks", "bits"), [((), 0x00), (("delivery",), 0x04), (("manual",), 0x08), (("delivery", "manual"), 0x0C)]
)
def test_what_a_subscriber_asks_for_stands_in_registered_delivery(asks: tuple[Kind, ...], bits: int) -> None:
    world = World()
    gateway = world.bound()
    number = mo(world, *asks)
    (pdu,) = gateway.of(DeliverSm)
    reference = (tlv_int(TlvTag.USER_MESSAGE_REFERENCE, number),) if asks else ()
    assert (pdu.registered_delivery, pdu.esm_class, pdu.tlvs) == (bits, 0, reference)


@pytest.mark.parametrize("kind", KINDS)
def test_an_acknowledgement_that_was_asked_for_is_passed_to_the_subscriber(kind: Kind) -> None:
    world = World()
    gateway = world.bound()
    number = mo(world, kind)
    answer = acknowledge(gateway, kind)
    assert answer.command_status == 0
    assert told(world, number) == [(kind, answer.message_id)]
    (event,) = world.events("acknowledgement_passed")
    assert (event[0].number, event[1]) == (number, f"{kind} by {answer.message_id}")
    (by,) = (message for message, _ in world.events("submitted"))
    assert world.smsc.acknowledgements.about(by.number) == f"mo-{number}"


@pytest.mark.parametrize(("asked", "given"), [((), "manual"), (("delivery",), "manual"), (("manual",), "delivery")])
def test_one_that_nobody_asked_for_is_passed_to_nobody(asked: tuple[Kind, ...], given: Kind) -> None:
    world = World()
    gateway = world.bound()
    number = mo(world, *asked)
    assert acknowledge(gateway, given).command_status == 0
    assert (told(world, number), world.kinds("acknowledgement_passed")) == ([], 0)


@pytest.mark.parametrize("fields", [{"destination_addr": "12025550101"}, {"source_addr": "12025550198"}])
def test_one_between_other_numbers_is_about_something_else(fields: dict[str, str]) -> None:
    world = World()
    gateway = world.bound()
    number = mo(world, "manual")
    acknowledge(gateway, "manual", **fields)
    assert told(world, number) == []


def test_one_of_another_account_is_about_something_else() -> None:
    world = World()
    world.bound("one")
    number = mo(world, "manual", account="one")
    acknowledge(world.bound("other"), "manual")
    assert told(world, number) == []


def test_user_message_reference_says_which_message_is_meant_and_without_it_the_latest_is() -> None:
    world = World()
    gateway = world.bound()
    numbers = [mo(world, "manual") for _ in range(3)]
    reference = tlv_int(TlvTag.USER_MESSAGE_REFERENCE, numbers[1])
    acknowledge(gateway, "manual", tlvs=(reference,))
    acknowledge(gateway, "manual", tlvs=(tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 9999),))
    assert [len(told(world, number)) for number in numbers] == [0, 1, 0]
    for expected in ([0, 1, 1], [1, 1, 1], [1, 1, 1]):
        acknowledge(gateway, "manual")
        assert [len(told(world, number)) for number in numbers] == expected


def test_a_reference_that_the_subscriber_chose_stays() -> None:
    world = World()
    gateway = world.bound()
    mine = tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 77)
    number = mo(world, "delivery", tlvs=(mine,))
    assert gateway.of(DeliverSm)[0].tlvs == (mine,)
    data = DataSm(
        source_addr=OURS, destination_addr=PHONE, esm_class=0x08, tlvs=(mine, Tlv(TlvTag.MESSAGE_PAYLOAD, b"ok"))
    )
    answer = gateway.send(data)
    assert told(world, number) == [("delivery", answer.message_id)]


def test_an_abort_and_one_that_is_refused_are_passed_to_nobody() -> None:
    world = World()
    gateway = world.bound()
    number = mo(world, "manual")
    assert gateway.submit(esm_class=0x18).command_status == 0
    assert acknowledge(gateway, "manual", priority_flag=9).command_status == CommandStatus.ESME_RINVPRTFLG
    assert told(world, number) == []


# --- A subscriber acknowledges an ESME's message ---


@pytest.mark.parametrize("kind", KINDS)
def test_a_subscriber_acknowledges_what_asked_for_it(kind: Kind) -> None:
    world = World()
    gateway = world.bound()
    reference = tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 7)
    message_id = gateway.submit(registered_delivery=ASKS[kind], tlvs=(reference,)).message_id
    world.run(1.0)
    assert gateway.deliveries == []
    sent = world.smsc.acknowledge(message_id, kind, world.now)
    world.settle()
    (pdu,) = gateway.of(DeliverSm)
    assert (pdu.esm_class, pdu.source_addr, pdu.destination_addr) == (TYPES[kind], PHONE, OURS)
    assert (pdu.source_addr_ton, pdu.dest_addr_npi, pdu.registered_delivery) == (1, 1, 0)
    assert pdu.short_message == {"delivery": b"Delivered", "manual": b"Read"}[kind]
    # the id last: one client finds it only there
    assert pdu.tlvs == (reference, Tlv(TlvTag.RECEIPTED_MESSAGE_ID, message_id.encode() + b"\0"))
    (message,) = (one for one, _ in world.events("submitted"))
    assert told(world, message.number) == [(kind, f"mo-{sent.number}")]
    assert world.smsc.acknowledgements.about(sent.number) == message_id


def test_its_text_and_more_tlvs_may_be_given() -> None:
    world = World()
    gateway = world.bound()
    message_id = gateway.submit(registered_delivery=0x08).message_id
    extra = tlv_int(TlvTag.USER_RESPONSE_CODE, 3)
    world.smsc.acknowledge(message_id, "manual", world.now, text="yes", tlvs=(extra,))
    world.settle()
    (pdu,) = gateway.of(DeliverSm)
    assert (pdu.short_message, pdu.tlvs[0], len(pdu.tlvs)) == (b"yes", extra, 2)


@pytest.mark.parametrize(
    ("asked", "kind", "wanted"),
    [
        (0x00, "manual", "none"),
        (0x13, "delivery", "none"),
        (0x04, "manual", "only delivery"),
        (0x08, "delivery", "only manual"),
    ],
)
def test_what_was_not_asked_for_is_refused_with_what_was(asked: int, kind: Kind, wanted: str) -> None:
    world = World()
    message_id = world.bound().submit(registered_delivery=asked).message_id
    with pytest.raises(
        NotAsked, match=f"^kind: '{kind}', but of the acknowledgements '{message_id}' asks for {wanted}$"
    ):
        world.smsc.acknowledge(message_id, kind, world.now)
    assert world.kinds("mo_created") == 0


def test_each_kind_acknowledges_a_message_once() -> None:
    world = World()
    message_id = world.bound().submit(registered_delivery=0x0C).message_id
    for kind in KINDS:
        world.smsc.acknowledge(message_id, kind, world.now)
        with pytest.raises(NotAsked, match=f"^kind: '{kind}', but '{message_id}' has been acknowledged so$"):
            world.smsc.acknowledge(message_id, kind, world.now)
    assert world.kinds("mo_created") == 2


def test_what_is_not_known_cannot_be_acknowledged() -> None:
    with pytest.raises(UnknownMessage, match=r"^acknowledges: '42' is no message in the ring$"):
        World().smsc.acknowledge("42", "manual", 0.0)


def test_an_abort_needs_not_be_asked_for() -> None:
    world = World()
    gateway = world.bound()
    mo(world, is_abort=True)
    assert gateway.of(DeliverSm)[0].esm_class == 0x18


# --- What goes with every part, and what is forgotten ---


@pytest.mark.parametrize("version", [0x33, 0x34])
def test_each_part_has_the_type_the_question_and_the_tlvs(version: int) -> None:
    world = World()
    gateway = world.bound(interface_version=version)
    operation, session = tlv_int(TlvTag.USSD_SERVICE_OP, 2), Tlv(TlvTag.ITS_SESSION_INFO, b"\1\2")
    world.smsc.mo(OURS, PHONE, "x" * 200, world.now, asks=["manual"], split="sar", tlvs=(operation, session))
    world.settle()
    parts = gateway.of(DeliverSm)
    assert [part.registered_delivery for part in parts] == [0x08, 0x08]
    if version == 0x33:
        # one that takes no TLVs gets headers, and still the question
        assert [(part.esm_class, part.tlvs) for part in parts] == [(0x40, ()), (0x40, ())]
        assert world.smsc.waiting() == 0
    else:
        assert all({operation, session} < set(part.tlvs) for part in parts)
        assert all(first(part.tlvs, TlvTag.SAR_MSG_REF_NUM) for part in parts)


def test_a_reset_forgets_who_asked_and_who_was_told() -> None:
    world = World()
    gateway = world.bound()
    number = mo(world, "manual")
    acknowledge(gateway, "manual")
    world.smsc.reset(world.now)
    assert told(world, number) == []
    acknowledge(gateway, "manual")
    assert world.kinds("acknowledgement_passed") == 0


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledgements, "REMEMBERED_MAX", 2)
    world = World()
    gateway = world.bound()
    phones = ["12025550100", "12025550101", "12025550102"]
    numbers = [world.smsc.mo(OURS, phone, "hi", world.now, asks=["manual"]).number for phone in phones]
    for phone in phones:
        acknowledge(gateway, "manual", destination_addr=phone)
    assert [len(told(world, number)) for number in numbers] == [0, 1, 1]
    number = world.smsc.mo(OURS, phones[0], "hi", world.now, asks=["manual"]).number
    acknowledge(gateway, "manual", destination_addr=phones[0])
    assert [len(told(world, one)) for one in (*numbers, number)] == [0, 0, 1, 1]

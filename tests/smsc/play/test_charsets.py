"""What data_coding 0 means where a listener has a charset of its own, in both directions."""

from typing import Any

import pytest

from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import AlertNotification, DataSm, DeliverSm, SmeAddress, SubmitMulti
from simulator.smpp.tlvs import Tlv
from simulator.smsc.play.charsets import for_listener, respelled
from tests.smsc.play.test_staging import world_of
from tests.smsc.world import Gateway, World, a_submission

TEXT = "für 5 € @home"
LATIN = TEXT.encode("latin-1", "replace")
GSM = bytes.fromhex("667e72203520 1b65 2000686f6d65")


def came_in_by(listener: str, said: str, rules: str = "") -> tuple[World, Gateway]:
    """A gateway that is bound by a listener of that name."""
    world = world_of(f"{{listeners: {{nine: {said}}}, deliver: 1s}}", rules=rules)
    gateway = world.gateway()
    # as if it had come by that door
    gateway.session = world.smsc.connect(world.now, "memory", lambda: None, listener=listener)
    assert gateway.bind().command_status == 0
    return world, gateway


def texts(world: World) -> list[str]:
    return [row.text for row in world.smsc.history.newest_first()][::-1]


def test_what_comes_in_is_read_as_the_listener_means_it() -> None:
    world, gateway = came_in_by("nine", "{charset: latin1}")
    octets = "für".encode("latin-1")
    payload = (Tlv(int(TlvTag.MESSAGE_PAYLOAD), octets),)
    gateway.submit(short_message=octets)
    gateway.submit(short_message="für".encode("utf-16-be"), data_coding=8)
    gateway.submit(tlvs=payload, short_message=b"")
    gateway.send(DataSm(destination_addr="9", tlvs=payload))
    gateway.send(SubmitMulti(dest_address=(SmeAddress(1, 1, "7"),), short_message=octets))
    assert texts(world) == ["für"] * 5


def test_what_comes_in_elsewhere_is_gsm() -> None:
    world, gateway = came_in_by("smpp", "{charset: latin1}")
    gateway.submit(short_message=b"f~r")
    gateway.send(SubmitMulti(dest_address=(SmeAddress(1, 1, "7"),), short_message=b"f~r"))
    assert texts(world) == ["für", "für"]
    world, gateway = came_in_by("nine", "{charset: gsm7}")
    gateway.submit(short_message=b"f~r")
    assert texts(world) == ["für"]


def test_parts_are_joined_as_the_listener_means_them() -> None:
    world, gateway = came_in_by("nine", "{charset: iso-8859-5}")
    octets = "привет".encode("iso8859-5")
    for number in (1, 2):
        header = bytes([5, 0, 3, 7, 2, number])
        gateway.send(a_submission(esm_class=0x40, short_message=header + octets))
    assert texts(world) == ["приветпривет"]


@pytest.mark.parametrize(("charset", "octets"), [("latin1", LATIN), ("utf-8", TEXT.encode())])
def test_a_subscribers_text_goes_out_as_the_listener_means_it(charset: str, octets: bytes) -> None:
    world, gateway = came_in_by("nine", f"{{charset: {charset}}}")
    world.smsc.mo("5555", "1", TEXT, world.now, account="gateway")
    world.settle()
    (pdu,) = gateway.of(DeliverSm)
    assert (pdu.data_coding, pdu.short_message) == (0, octets)


def test_a_subscribers_text_goes_out_in_gsm_elsewhere() -> None:
    world, gateway = came_in_by("smpp", "{charset: latin1}")
    world.smsc.mo("5555", "1", TEXT, world.now, account="gateway")
    world.settle()
    assert [pdu.short_message for pdu in gateway.of(DeliverSm)] == [GSM]


def test_what_comes_again_to_another_door_is_spelled_for_that() -> None:
    world, gateway = came_in_by("nine", "{charset: latin1}")
    gateway.decide = lambda _: None
    world.smsc.mo("5555", "1", "für", world.now, account="gateway")
    world.settle()
    other = world.bound()
    gateway.close()
    assert [pdu.short_message for pdu in (*gateway.of(DeliverSm), *other.of(DeliverSm))] == [b"f\xfcr", b"f~r"]


def test_a_form_with_a_charset_goes_before_the_listeners() -> None:
    rules = "rules: [{when: {event: mo}, then: {mo: {charset: utf-8}}}]"
    world, gateway = came_in_by("nine", "{charset: latin1}", rules)
    world.smsc.mo("5555", "1", "für", world.now, account="gateway")
    world.settle()
    assert [pdu.short_message for pdu in gateway.of(DeliverSm)] == ["für".encode()]


@pytest.mark.parametrize(
    ("fields", "octets"),
    [
        ({"short_message": b"f~r"}, b"f\xfcr"),
        ({"short_message": b"f~r", "data_coding": 3}, b"f~r"),
        # a header of concatenation stays, and after one that names a language nothing is touched
        ({"short_message": b"\5\0\3\1\1\1f~r", "esm_class": 0x40}, b"\5\0\3\1\1\1f\xfcr"),
        ({"short_message": b"\3\x25\1\1f~r", "esm_class": 0x40}, b"\3\x25\1\1f~r"),
        # a header that is none
        ({"short_message": b"\xfff~r", "esm_class": 0x40}, b"?f\xfcr"),
    ],
)
def test_only_text_that_is_gsm_is_spelled_anew(fields: dict[str, Any], octets: bytes) -> None:
    told = respelled(DeliverSm(**fields), "latin1")
    assert isinstance(told, DeliverSm)
    assert told.short_message == octets


def test_a_payload_is_spelled_anew_and_other_tlvs_are_not() -> None:
    tlvs = (Tlv(int(TlvTag.USER_MESSAGE_REFERENCE), b"~~"), Tlv(int(TlvTag.MESSAGE_PAYLOAD), b"f~r"))
    for pdu in (DeliverSm(tlvs=tlvs), DataSm(tlvs=tlvs)):
        assert [one.value for one in respelled(pdu, "latin1").tlvs] == [b"~~", b"f\xfcr"]
        assert pdu.tlvs == tlvs


def test_an_alert_has_no_text() -> None:
    pdu = AlertNotification()
    assert for_listener(pdu, "latin1", None) is pdu

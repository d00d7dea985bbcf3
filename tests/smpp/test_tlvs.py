"""Optional parameters."""

from typing import Any

import pytest
from hypothesis import given

from simulator.smpp.constants import CommandStatus, TlvTag, Version
from simulator.smpp.errors import LocalError, PduError
from simulator.smpp.pdus import DeliverSm, SubmitSm
from simulator.smpp.tlvs import (
    TLVS,
    Tlv,
    allowed_tlvs,
    check_tlvs,
    first,
    make,
    parse_tlvs,
    tlv_int,
    tlv_name,
    tlv_parts,
    tlv_tag,
    tlv_text,
    value_of,
    write_tlvs,
)
from tests.strategies import KNOWN_TLVS, TLV_LISTS


def test_every_tag_is_declared_under_its_name():
    assert {int(tag): tag.name.lower() for tag in TlvTag} == {tag: one.name for tag, one in TLVS.items()}
    assert len(TLVS) == 64
    assert all(one.size_min <= one.size_max for one in TLVS.values())


def test_what_a_pdu_may_carry_depends_on_the_version():
    assert allowed_tlvs("bind_receiver_resp", Version.V34) == {TlvTag.SC_INTERFACE_VERSION}
    assert allowed_tlvs("bind_receiver_resp", Version.V50) == {TlvTag.SC_INTERFACE_VERSION, TlvTag.CONGESTION_STATE}
    assert allowed_tlvs("bind_receiver_resp", Version.V33) == frozenset()
    assert allowed_tlvs("alert_notification", Version.V34) == {TlvTag.MS_AVAILABILITY_STATUS}
    assert TlvTag.MORE_MESSAGES_TO_SEND not in allowed_tlvs("submit_multi", Version.V34)
    assert TlvTag.MORE_MESSAGES_TO_SEND in allowed_tlvs("submit_multi", Version.V50)
    assert allowed_tlvs("replace_sm", Version.V34) == frozenset()
    assert allowed_tlvs("replace_sm", Version.V50) == {TlvTag.MESSAGE_PAYLOAD}


def test_a_definition_says_which_versions_have_it():
    assert TLVS[TlvTag.MESSAGE_STATE].versions == (Version.V34, Version.V50)
    assert TLVS[TlvTag.CONGESTION_STATE].versions == (Version.V50,)
    assert TLVS[TlvTag.MESSAGE_STATE].pdus[Version.V34] == {"deliver_sm", "data_sm"}


def test_tags_have_names_and_names_have_tags():
    assert tlv_name(0x0427) == "message_state"
    assert tlv_name(0x1400) == "0x1400"
    assert tlv_tag("message_state") == 0x0427
    assert tlv_tag("dest_port") == tlv_tag("destination_port") == 0x020B
    assert tlv_tag("0x1400") == tlv_tag("5120") == 0x1400


@pytest.mark.parametrize("name", ["message_stat", "", "0x10000", "-1"])
def test_a_name_that_nobody_knows_is_refused(name):
    with pytest.raises(LocalError, match="tlv: '"):
        tlv_tag(name)


@pytest.mark.parametrize(
    ("tag", "value", "octets"),
    [
        (TlvTag.MESSAGE_STATE, 2, b"\x02"),
        (TlvTag.USER_MESSAGE_REFERENCE, 2, b"\0\x02"),
        (TlvTag.QOS_TIME_TO_LIVE, 3600, b"\0\0\x0e\x10"),
        (TlvTag.ALERT_ON_MESSAGE_DELIVERY, 0, b""),
        (TlvTag.ALERT_ON_MESSAGE_DELIVERY, 2, b"\x02"),
        (TlvTag.DEST_ADDR_NP_COUNTRY, 0x123456, b"\x12\x34\x56"),
        (0x1400, 7, b"\x07"),
        (0x1400, 0x10000, b"\0\x01\0\0"),
    ],
)
def test_a_number_is_as_wide_as_its_tag_says(tag, value, octets):
    tlv = tlv_int(tag, value)
    assert tlv == Tlv(tag, octets)
    assert make(tag, value) == tlv


@pytest.mark.parametrize(("tag", "value"), [(TlvTag.MESSAGE_STATE, 256), (TlvTag.MESSAGE_STATE, -1), (0x1400, 2**64)])
def test_a_number_that_does_not_fit_is_refused(tag, value):
    with pytest.raises(LocalError, match=f"{value} does not fit into"):
        tlv_int(tag, value)


def test_a_text_has_a_nul_behind_it_unless_its_tag_holds_octets():
    assert tlv_text(TlvTag.RECEIPTED_MESSAGE_ID, "M1").value == b"M1\0"
    assert tlv_text(TlvTag.MESSAGE_PAYLOAD, "M1").value == b"M1"
    assert tlv_text(0x1400, "M1").value == b"M1\0"
    assert make(0x1400, "M1").value == b"M1\0"
    assert make("receipted_message_id", "M1").value == b"M1\0"
    with pytest.raises(LocalError, match="receipted_message_id: '€' has characters beyond one octet"):
        tlv_text(TlvTag.RECEIPTED_MESSAGE_ID, "€")


def test_octets_are_taken_as_they_are_whatever_the_kind():
    assert make("message_state", b"\x01\x02\x03").value == b"\x01\x02\x03"


@pytest.mark.parametrize(
    ("name", "value"), [("message_state", "2"), ("receipted_message_id", 7), ("message_payload", "hi")]
)
def test_a_value_of_another_kind_is_refused(name, value):
    with pytest.raises(LocalError, match=f"{name}: {value!r} is no "):
        make(name, value)


@pytest.mark.parametrize(
    ("tag", "octets", "value"),
    [
        (0x0427, b"\x02", 2),
        (0x0427, b"\x02\x03", b"\x02\x03"),
        (0x0427, b"", b""),
        (0x001E, b"M1\0", "M1"),
        (0x001E, b"\0", ""),
        (0x001E, b"M1", b"M1"),
        (0x001E, b"M\x001\0", b"M\x001\0"),
        (0x0424, b"M1\0", b"M1\0"),
        (0x1400, b"\x02", b"\x02"),
        (0x130C, b"", 0),
    ],
)
def test_a_value_is_read_by_the_kind_of_its_tag(tag, octets, value):
    assert value_of(Tlv(tag, octets)) == value
    assert type(value_of(Tlv(tag, octets))) is type(value)


def test_the_first_of_a_tag_is_found():
    tlvs = (Tlv(1, b"a"), Tlv(2, b"b"), Tlv(2, b"c"))
    assert first(tlvs, 2) == Tlv(2, b"b")
    assert first(tlvs, 3) is None


@given(TLV_LISTS)
def test_order_repetition_and_ill_sized_values_survive(tlvs):
    octets = write_tlvs(tlvs)
    assert parse_tlvs(b"xx" + octets + b"y", 2, 2 + len(octets)) == tlvs
    assert all(isinstance(tlv, Tlv) for tlv in parse_tlvs(octets, 0, len(octets)))


@given(KNOWN_TLVS)
def test_a_value_makes_its_own_tlv_again(tlv):
    value = value_of(tlv)
    # A number may be written narrower than it came.
    assert value_of(make(tlv.tag, value)) == value


@pytest.mark.parametrize("octets", [b"\0", b"\0\0\0", b"\x04\x27\0\1\2\0", b"\x04\x27\0\2\1"])
def test_a_broken_stream_is_refused(octets):
    with pytest.raises(PduError) as caught:
        parse_tlvs(octets, 0, len(octets))
    assert caught.value.status == CommandStatus.ESME_RINVTLVSTREAM
    assert caught.value.field == "tlvs"


def test_what_is_no_sequence_of_tlvs_is_refused():
    things: Any = (Tlv(1, b""), 7)
    with pytest.raises(LocalError, match=r"tlv\[1\]: 7 is no Tlv"):
        write_tlvs(things)
    with pytest.raises(LocalError, match=r"tlvs: <generator"):
        write_tlvs(one for one in things)


def test_unchecked_a_value_may_be_longer_than_its_length_can_say():
    assert tlv_parts(0, Tlv(0x0424, b"x" * 65537), unchecked=True)[1] == b"\0\1"


@pytest.mark.parametrize(
    ("tlv", "reason"),
    [
        (Tlv(0x0427, b"\x02\x03"), "message_state: 2 octets, exactly 1"),
        (Tlv(0x001E, b"x" * 66), "receipted_message_id: 66 octets, 1 to 65"),
        (Tlv(0x0381, b"123"), "callback_num: 3 octets, 4 to 19"),
    ],
)
def test_a_size_that_a_tag_cannot_have_is_judged(tlv, reason):
    pdu = DeliverSm(tlvs=(Tlv(0x1400, b"x" * 500), Tlv(0x0427, b"\x02"), tlv))
    assert check_tlvs(pdu) == (CommandStatus.ESME_RINVTLVLEN, reason)


def test_unknown_tags_and_right_sizes_are_not_judged():
    assert check_tlvs(SubmitSm()) is None
    assert check_tlvs(SubmitSm(tlvs=(Tlv(0x1400, b""), Tlv(0x130C, b""), Tlv(0x0424, b"x" * 65535)))) is None

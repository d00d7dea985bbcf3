"""Numbers in words."""

import pytest

from simulator.smpp.fields import DistributionList, SmeAddress, Unsuccess
from simulator.smpp.meanings import (
    data_coding_meaning,
    esm_class_meaning,
    meaning_of,
    meaning_of_tlv,
    registered_delivery_meaning,
    status_meaning,
    time_meaning,
    version_meaning,
)
from simulator.smpp.tlvs import Tlv


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "ESME_ROK: no error"),
        (0x400, "0x00000400: vendor specific"),
        (0x9, "0x00000009: reserved"),
    ],
)
def test_statuses(value, words):
    assert status_meaning(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "default mode"),
        (3, "store and forward"),
        (0x04, "default mode, delivery receipt"),
        (0x20, "default mode, intermediate notification"),
        (0x0C, "default mode, reserved type"),
        (0xC2, "forward mode, UDHI, reply path"),
    ],
)
def test_esm_classes(value, words):
    assert esm_class_meaning(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "no receipt"),
        (0x11, "receipt, intermediate notification"),
        (0x0E, "receipt on failure, delivery acknowledgement, user acknowledgement"),
        (0x83, "receipt on success, reserved bits"),
    ],
)
def test_registered_deliveries(value, words):
    assert registered_delivery_meaning(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "SMSC default alphabet"),
        (8, "UCS2"),
        (0x0B, "reserved"),
        (0x10, "reserved"),
        (0xC8, "GSM message waiting indication"),
        (0xF0, "GSM message class 0, default alphabet"),
        (0xF5, "GSM message class 1, 8-bit"),
    ],
)
def test_data_codings(value, words):
    assert data_coding_meaning(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [(0, "3.3 or older"), (0x33, "3.3 or older"), (0x34, "3.4"), (0x50, "5.0"), (0x35, "reserved")]
)
def test_versions(value, words):
    assert version_meaning(value) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("261121123045104+", "21 November 2026 12:30:45.1 UTC+01:00"),
        ("990101000000003-", "1 January 1999 00:00:00.0 UTC-00:45"),
        ("020610233429000R", "in 2 years 6 months 10 days 23 hours 34 minutes 29 seconds"),
        ("000000000000000R", "in 0 seconds"),
        ("261321123045104+", "not a time"),
        ("tomorrow", "not a time"),
        ("26112112304510²+", "not a time"),
        ("26112112304510x+", "not a time"),
        ("261121123045104Z", "not a time"),
    ],
)
def test_times(text, words):
    assert time_meaning(text) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("dest_addr_ton", 5, "alphanumeric"),
        ("dest_addr_npi", 2, "reserved"),
        ("message_state", 2, "delivered"),
        ("final_date", "x", "not a time"),
        ("priority_flag", 2, ""),
        ("source_addr", "1", ""),
        ("short_message", b"x", ""),
        (
            "dest_address",
            (SmeAddress(1, 1, "12"), DistributionList("x")),
            "12 (international, isdn); distribution list x",
        ),
        (
            "unsuccess_sme",
            (Unsuccess(1, 1, "12", 0x14),),
            "12 (international, isdn): ESME_RMSGQFUL: the message queue is full",
        ),
    ],
)
def test_fields(name, value, words):
    assert meaning_of(name, value) == words


@pytest.mark.parametrize(
    ("tlv", "words"),
    [
        (Tlv(0x0427, b"\x05"), "undeliverable"),
        (Tlv(0x0427, b"\x05\x05"), ""),
        (Tlv(0x0423, b"\x03\x01\x00"), "GSM error 256"),
        (Tlv(0x0423, b"034"), "reserved error 13108"),
        (Tlv(0x0423, b"34"), ""),
        (Tlv(0x0210, b"\x34"), "3.4"),
        (Tlv(0x0607, b"\0\0\0\x58"), "ESME_RTHROTTLED: throttled: the rate or window is exceeded"),
        (Tlv(0x1400, b"x"), ""),
    ],
)
def test_tlvs(tlv, words):
    assert meaning_of_tlv(tlv) == words

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
        ("260231123045104+", "not a time"),
        ("261121123045199+", "not a time"),
        ("261121123045", "21 November 2026 12:30:45 by the SMSC's clock"),
        ("261321123045", "not a time"),
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
        (Tlv(0x0428, b"\x00"), "0 %: idle"),
        (Tlv(0x0428, b"\x1d"), "29 %: low"),
        (Tlv(0x0428, b"\x1e"), "30 %: medium"),
        (Tlv(0x0428, b"\x4f"), "79 %: high"),
        (Tlv(0x0428, b"\x5a"), "90 %: optimum"),
        (Tlv(0x0428, b"\x5b"), "91 %: nearly congested"),
        (Tlv(0x0428, b"\x64"), "100 %: congested"),
        (Tlv(0x0428, b"\x65"), "reserved"),
        (Tlv(0x0425, b"\x02"), "permanent network error"),
        (Tlv(0x0425, b"\x04"), "reserved"),
        (Tlv(0x0422, b"\x01"), "denied"),
        (Tlv(0x0600, b"\x01"), "extended"),
        (Tlv(0x0601, b"\x01\x00\x10"), "GSM content type 0x0010"),
        (Tlv(0x0601, b"\x09\x00\x10"), "reserved content type 0x0010"),
        (Tlv(0x0603, b"\x01"), "class 1"),
        (Tlv(0x0604, b"\0\x0c"), "12 times"),
        (Tlv(0x0604, b"\0\0"), "until validity_period, or without end"),
        (Tlv(0x0605, b"\0\0\0"), "as often as possible"),
        (Tlv(0x0605, b"\x09\0\5"), "every 5 minutes"),
        (Tlv(0x0605, b"\x0e\1\0"), "every 256 years"),
        (Tlv(0x0605, b"\x0f\0\1"), "every 1 of a reserved unit"),
        (Tlv(0x0605, b"\x09\0"), ""),
        (Tlv(0x0606, b"\0NYC"), "area 'NYC'"),
        (Tlv(0x0606, b"\1abc"), "ellipsoid arc, 3 octets"),
        (Tlv(0x0606, b"\2"), "polygon, 0 octets"),
        (Tlv(0x0606, b"\3abc"), "reserved format, 3 octets"),
        (Tlv(0x0606, b""), ""),
        (Tlv(0x0608, b"\x55"), "85 %"),
        (Tlv(0x0608, b"\xff"), "not available"),
        (Tlv(0x0608, b"\x65"), "reserved"),
        (Tlv(0x0609, b"261121123000000+\0"), "21 November 2026 12:30:00.0 UTC+00:00"),
        (Tlv(0x0609, b"261121123000000+"), "21 November 2026 12:30:00.0 UTC+00:00"),
        (Tlv(0x0611, b"\x02"), "queried, ported"),
        (Tlv(0x1204, b"\x01"), "until power down"),
        (Tlv(0x1204, b"\x04"), "reserved"),
        (Tlv(0x1204, b"\x04\x03\x00\x02"), "for 2 days"),
        (Tlv(0x1204, b"\x04\x07\x00\x02"), "for 2 of a reserved unit"),
        (Tlv(0x1204, b"\x03\x03\x00\x02"), ""),
    ],
)
def test_tlvs(tlv, words):
    assert meaning_of_tlv(tlv) == words

"""One PDU of every kind and its octets, typed by hand from the tables of SMPP 3.4, section 4.

The hexadecimal text is cut where fields end; `"..."` within it stands for ASCII characters.
"""

import re
from typing import Any

from simulator.smpp.pdus import (
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
    Unbind,
    UnbindResp,
    UnknownPdu,
    Unsuccess,
)


def octets(text: str) -> bytes:
    """The octets that a text of hexadecimal digits and quoted characters stands for."""
    tokens = re.findall(r'"([^"]*)"|([0-9A-Fa-f]+)', text)
    return b"".join(quoted.encode("latin-1") if not digits else bytes.fromhex(digits) for quoted, digits in tokens)


# An example bind_transmitter of SMPP 3.4, 3.2.2, with our own values.
_BIND_BODY = '"carrier" 00 "secret" 00 "VMA" 00 34 01 01 "^1202" 00'
_BIND: dict[str, Any] = {
    "system_id": "carrier",
    "password": "secret",
    "system_type": "VMA",
    "interface_version": 0x34,
    "addr_ton": 1,
    "addr_npi": 1,
    "address_range": "^1202",
}

PDUS: dict[str, tuple[Pdu, bytes]] = {
    name: (pdu, octets(text))
    for name, pdu, text in (
        (
            "bind_receiver",
            BindReceiver(sequence_number=1, **_BIND),
            f"0000002C 00000001 00000000 00000001 {_BIND_BODY}",
        ),
        (
            "bind_transmitter",
            BindTransmitter(sequence_number=2, **_BIND),
            f"0000002C 00000002 00000000 00000002 {_BIND_BODY}",
        ),
        (
            "bind_transceiver",
            BindTransceiver(sequence_number=3, **_BIND),
            f"0000002C 00000009 00000000 00000003 {_BIND_BODY}",
        ),
        (
            "bind_receiver_resp",
            BindReceiverResp(sequence_number=1, system_id="SMSC"),
            '00000015 80000001 00000000 00000001 "SMSC" 00',
        ),
        (
            "bind_transmitter_resp refused without a body",
            BindTransmitterResp(sequence_number=2, command_status=0x0E, header_only=True),
            "00000010 80000002 0000000E 00000002",
        ),
        (
            "bind_transceiver_resp",
            BindTransceiverResp(sequence_number=3, system_id="SMSC", tlvs=(Tlv(0x0210, b"\x34"),)),
            '0000001A 80000009 00000000 00000003 "SMSC" 00 0210 0001 34',
        ),
        (
            "outbind",
            Outbind(sequence_number=1, system_id="SMSC", password="pw"),
            '00000018 0000000B 00000000 00000001 "SMSC" 00 "pw" 00',
        ),
        ("unbind", Unbind(sequence_number=9), "00000010 00000006 00000000 00000009"),
        ("unbind_resp", UnbindResp(sequence_number=9), "00000010 80000006 00000000 00000009"),
        ("enquire_link", EnquireLink(sequence_number=4), "00000010 00000015 00000000 00000004"),
        ("enquire_link_resp", EnquireLinkResp(sequence_number=4), "00000010 80000015 00000000 00000004"),
        (
            "generic_nack of what had no readable header",
            GenericNack(command_status=2),
            "00000010 80000000 00000002 00000000",
        ),
        (
            "submit_sm",
            SubmitSm(
                sequence_number=5,
                service_type="CMT",
                source_addr_ton=5,
                source_addr_npi=0,
                source_addr="Bank",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr="12025550100",
                esm_class=0x43,
                protocol_id=0x7F,
                priority_flag=1,
                schedule_delivery_time="261121123000000+",
                validity_period="000007000000000R",
                registered_delivery=0x11,
                replace_if_present_flag=1,
                data_coding=8,
                sm_default_msg_id=2,
                short_message=b"\x00h\x00i",
            ),
            (
                '00000057 00000004 00000000 00000005 "CMT" 00 05 00 "Bank" 00 01 01 "12025550100" 00 43 7F 01'
                '"261121123000000+" 00 "000007000000000R" 00 11 01 08 02 04 00680069'
            ),
        ),
        (
            "submit_sm that is as empty as can be",
            SubmitSm(sequence_number=6),
            "00000021 00000004 00000000 00000006 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        ),
        (
            "submit_sm_resp",
            SubmitSmResp(sequence_number=5, message_id="0A1B2C3D"),
            '00000019 80000004 00000000 00000005 "0A1B2C3D" 00',
        ),
        (
            "submit_sm_resp throttled without a body",
            SubmitSmResp(sequence_number=6, command_status=0x58, header_only=True),
            "00000010 80000004 00000058 00000006",
        ),
        (
            "deliver_sm with a receipt's TLVs, one tag twice and a vendor's",
            DeliverSm(
                sequence_number=1,
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr="12025550100",
                dest_addr_ton=5,
                destination_addr="Bank",
                esm_class=4,
                short_message=b"id:7",
                tlvs=(Tlv(0x0427, b"\x02"), Tlv(0x0427, b"\x05"), Tlv(0x1400, b""), Tlv(0x001E, b"7\0")),
            ),
            (
                '00000048 00000005 00000000 00000001 00 01 01 "12025550100" 00 05 00 "Bank" 00'
                '04 00 00 00 00 00 00 00 00 04 "id:7" 0427 0001 02 0427 0001 05 1400 0000 001E 0002 "7" 00'
            ),
        ),
        ("deliver_sm_resp", DeliverSmResp(sequence_number=1), "00000011 80000005 00000000 00000001 00"),
        (
            "submit_multi",
            SubmitMulti(
                sequence_number=7,
                source_addr="1234",
                dest_address=(SmeAddress(1, 1, "12025550100"), DistributionList("friends"), SmeAddress()),
                registered_delivery=1,
                short_message=b"hello",
            ),
            (
                '00000044 00000021 00000000 00000007 00 00 00 "1234" 00 03 01 01 01 "12025550100" 00 02 "friends" 00'
                '01 00 00 00 00 00 00 00 00 01 00 00 00 05 "hello"'
            ),
        ),
        (
            "submit_multi_resp",
            SubmitMultiResp(
                sequence_number=7,
                message_id="M1",
                unsuccess_sme=(Unsuccess(1, 1, "12025550100", 0x0B), Unsuccess(0, 0, "", 0x58)),
            ),
            '0000002D 80000021 00000000 00000007 "M1" 00 02 01 01 "12025550100" 00 0000000B 00 00 00 00000058',
        ),
        (
            "data_sm",
            DataSm(
                sequence_number=8,
                source_addr="a@example.net",
                destination_addr="12025550100",
                esm_class=2,
                registered_delivery=1,
                data_coding=4,
                tlvs=(Tlv(0x0424, b"\x00\xff"),),
            ),
            (
                '00000038 00000103 00000000 00000008 00 00 00 "a@example.net" 00 00 00 "12025550100" 00 02 01 04'
                "0424 0002 00FF"
            ),
        ),
        (
            "data_sm_resp with the reason of a failure",
            DataSmResp(sequence_number=8, command_status=0xFE, message_id="M2", tlvs=(Tlv(0x0425, b"\x03"),)),
            '00000018 80000103 000000FE 00000008 "M2" 00 0425 0001 03',
        ),
        (
            "query_sm",
            QuerySm(sequence_number=10, message_id="M2", source_addr_ton=5, source_addr="Bank"),
            '0000001A 00000003 00000000 0000000A "M2" 00 05 00 "Bank" 00',
        ),
        (
            "query_sm_resp",
            QuerySmResp(
                sequence_number=10, message_id="M2", final_date="261121123000032-", message_state=5, error_code=27
            ),
            '00000026 80000003 00000000 0000000A "M2" 00 "261121123000032-" 00 05 1B',
        ),
        (
            "cancel_sm",
            CancelSm(sequence_number=11, message_id="M2", source_addr="1", dest_addr_ton=1, destination_addr="12"),
            '0000001D 00000008 00000000 0000000B 00 "M2" 00 00 00 "1" 00 01 00 "12" 00',
        ),
        ("cancel_sm_resp", CancelSmResp(sequence_number=11), "00000010 80000008 00000000 0000000B"),
        (
            "replace_sm",
            ReplaceSm(
                sequence_number=12, message_id="M2", source_addr="1", registered_delivery=1, short_message=b"new"
            ),
            '0000001F 00000007 00000000 0000000C "M2" 00 00 00 "1" 00 00 00 01 00 03 "new"',
        ),
        (
            "replace_sm_resp refused",
            ReplaceSmResp(sequence_number=12, command_status=0x13),
            "00000010 80000007 00000013 0000000C",
        ),
        (
            "alert_notification",
            AlertNotification(
                sequence_number=13,
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr="12025550100",
                esme_addr="Bank",
                tlvs=(Tlv(0x0422, b"\0"),),
            ),
            '0000002A 00000102 00000000 0000000D 01 01 "12025550100" 00 00 00 "Bank" 00 0422 0001 00',
        ),
        (
            "broadcast_sm to a named area and a polygon, every five minutes, twelve times",
            BroadcastSm(
                sequence_number=14,
                service_type="CBS",
                source_addr_ton=5,
                source_addr="Alert",
                priority_flag=4,
                validity_period="000001000000000R",
                data_coding=1,
                tlvs=(
                    *(Tlv(0x0606, b"\0NYC"), Tlv(0x0606, b"\2\1\2\3"), Tlv(0x0601, b"\1\0\1"), Tlv(0x0604, b"\0\x0c")),
                    *(Tlv(0x0605, b"\x09\0\5"), Tlv(0x0424, b"Stay inside")),
                ),
            ),
            (
                '00000066 00000111 00000000 0000000E "CBS" 00 05 00 "Alert" 00 00 04 00 "000001000000000R" 00 00 01 00'
                '0606 0004 00 "NYC" 0606 0004 02 010203 0601 0003 01 0001 0604 0002 000C 0605 0003 09 0005'
                '0424 000B "Stay inside"'
            ),
        ),
        (
            "broadcast_sm_resp with an area that failed",
            BroadcastSmResp(
                sequence_number=14,
                message_id="B7",
                tlvs=(Tlv(0x0607, b"\0\0\1\x08"), Tlv(0x0606, b"\0NYC")),
            ),
            '00000023 80000111 00000000 0000000E "B7" 00 0607 0004 00000108 0606 0004 00 "NYC"',
        ),
        (
            "query_broadcast_sm by the ESME's own number",
            QueryBroadcastSm(sequence_number=15, source_addr_ton=5, source_addr="Alert", tlvs=(Tlv(0x0204, b"\0\7"),)),
            '0000001F 00000112 00000000 0000000F 00 05 00 "Alert" 00 0204 0002 0007',
        ),
        (
            "query_broadcast_sm_resp",
            QueryBroadcastSmResp(
                sequence_number=15,
                message_id="B7",
                tlvs=(
                    *(Tlv(0x0427, b"\1"), Tlv(0x0606, b"\0NYC"), Tlv(0x0608, b"\x55")),
                    Tlv(0x0609, b"261121123000000+\0"),
                ),
            ),
            (
                '0000003A 80000112 00000000 0000000F "B7" 00 0427 0001 01 0606 0004 00 "NYC" 0608 0001 55'
                '0609 0011 "261121123000000+" 00'
            ),
        ),
        (
            "cancel_broadcast_sm",
            CancelBroadcastSm(
                sequence_number=16,
                service_type="CBS",
                message_id="B7",
                source_addr_ton=5,
                source_addr="Alert",
                tlvs=(Tlv(0x0601, b"\1\0\1"),),
            ),
            '00000026 00000113 00000000 00000010 "CBS" 00 "B7" 00 05 00 "Alert" 00 0601 0003 01 0001',
        ),
        (
            "cancel_broadcast_sm_resp",
            CancelBroadcastSmResp(sequence_number=16),
            "00000010 80000113 00000000 00000010",
        ),
        (
            "param_retrieve, which 3.4 removed, and so has no class",
            UnknownPdu(sequence_number=17, command_id=0x22, body=b"x\0"),
            '00000012 00000022 00000000 00000011 "x" 00',
        ),
        (
            "a vendor's response, with a status",
            UnknownPdu(sequence_number=0xFFFFFFFF, command_status=0x400, command_id=0x80010200),
            "00000010 80010200 00000400 FFFFFFFF",
        ),
    )
}
"""Name -> (PDU, its octets)."""

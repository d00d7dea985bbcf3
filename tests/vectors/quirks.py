"""What peers in the field send, as octets typed by hand, and what is to come of it: a PDU, or the refusal's status.

The byte patterns are of our own making; the behaviour was seen with the programs named beside each.
"""

from simulator.smpp.pdus import (
    BindReceiverResp,
    BindTransceiverResp,
    DeliverSm,
    GenericNack,
    Pdu,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
    Tlv,
)
from tests.vectors.pdus import octets

QUIRKS: dict[str, tuple[bytes, Pdu | int]] = {
    name: (octets(text), outcome)
    for name, text, outcome in (
        # Net::SMPP, smpplib and aiosmpplib answer an error with one NUL, which upsets old smpp.twisted.
        (
            "an error response of 17 octets",
            "00000011 80000004 00000058 00000002 00",
            SubmitSmResp(sequence_number=2, command_status=0x58),
        ),
        # Some SMSCs give an id although they refuse.
        (
            "an error response with an id",
            '00000019 80000004 0000000A 00000002 "00000000" 00',
            SubmitSmResp(sequence_number=2, command_status=0x0A, message_id="00000000"),
        ),
        # node-smpp leaves out the body of every PDU with a status; cloudhopper cannot read the result.
        (
            "a query_sm_resp without its body",
            "00000010 80000003 00000067 00000003",
            QuerySmResp(sequence_number=3, command_status=0x67, header_only=True),
        ),
        # Seen of SMSCs that confirm without a body at all.
        (
            "a successful submit_sm_resp without an id",
            "00000010 80000004 00000000 00000003",
            SubmitSmResp(sequence_number=3, header_only=True),
        ),
        # An SMSC that gives no name.
        (
            "a bind_resp with an empty system_id",
            "00000011 80000009 00000000 00000001 00",
            BindTransceiverResp(sequence_number=1),
        ),
        # Seen of SMSCs that send the name unterminated.
        ("a bind_resp without the NUL", '00000014 80000001 00000000 00000001 "SMSC"', 0x0F),
        (
            "a bind_resp with its version behind the name",
            '0000001A 80000001 00000000 00000001 "SMSC" 00 0210 0001 33',
            BindReceiverResp(sequence_number=1, system_id="SMSC", tlvs=(Tlv(0x0210, b"\x33"),)),
        ),
        ("a message_id without its NUL", '00000014 80000004 00000000 00000002 "ABCD"', 0x0C),
        # A stray octet behind a body that has none.
        ("an enquire_link_resp with a stray octet", "00000011 80000015 00000000 00000002 00", 0xC0),
        # The id's TLV claims its greatest size, or is not terminated: both are legal to read but the first.
        (
            "a receipted_message_id that claims 65 octets",
            '0000002A 00000005 00000000 00000001 00 0000 00 0000 00 04 00 00 00 00 00 00 00 00 00 001E 0041 "3005" 00',
            0xC0,
        ),
        (
            "a receipted_message_id without a NUL, and a network_error_code as three digits",
            (
                "00000030 00000005 00000000 00000001 00 0000 00 0000 00 04 00 00 00 00 00 00 00 00 00"
                '001E 0004 "3005" 0423 0003 "034"'
            ),
            DeliverSm(sequence_number=1, esm_class=4, tlvs=(Tlv(0x001E, b"3005"), Tlv(0x0423, b"034"))),
        ),
        # AT&T's SMSCs count from 0; others use the upper half of the range.
        (
            "a sequence_number beyond the range, and a status in a request",
            "00000021 00000005 0000000A A2859F22 00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00",
            DeliverSm(sequence_number=0xA2859F22, command_status=0x0A),
        ),
        # 20 characters are SMPP 5.0's own example of a bad schedule_delivery_time (2.8.2): kept, and judged later.
        (
            "a time of 20 characters",
            '00000035 00000004 00000000 00000004 00 0000 00 0000 00 000000 "20261121123000000000" 00 00 00000000 00',
            SubmitSm(sequence_number=4, schedule_delivery_time="20261121123000000000"),
        ),
        # A generic_nack with a TLV, as congestion reports of version 5.0 may be.
        (
            "a generic_nack with a TLV",
            "00000015 80000000 00000003 00000007 0428 0001 5A",
            GenericNack(sequence_number=7, command_status=3, tlvs=(Tlv(0x0428, b"\x5a"),)),
        ),
        # Counting the NUL of a C-octet string into sm_length: the octet is part of the message.
        (
            "an sm_length that counts a NUL",
            '00000023 00000004 00000000 00000004 00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 02 "A" 00',
            SubmitSm(sequence_number=4, short_message=b"A\0"),
        ),
        (
            "an sm_length beyond the PDU",
            '00000023 00000004 00000000 00000004 00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 0A "AB"',
            0x01,
        ),
        (
            "a source_addr of 21 characters",
            '00000036 00000004 00000000 00000004 00 0000 "123456789012345678901" 00 0000 00 000000 00 00 00000000 00',
            0x0A,
        ),
        ("a submit_sm that ends within its fields", "00000014 00000004 00000000 00000004 00 0000 00", 0x02),
    )
}
"""Name -> (octets, PDU or the command_status of the refusal)."""

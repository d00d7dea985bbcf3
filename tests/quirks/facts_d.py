"""What must be seen on the wire of the quirks of responses, frames, links and texts (catalogue groups E to H).

A table only: it sends nothing and reads no file. The words are those of facts_c.py; one place is added: `octets` is
the whole PDU, its header included. Most of these quirks are matters of order, time or connection: those are told in
``also``, in the order in which they are to be seen. A second is one of link time, if no more is said.
"""

from typing import Final

from tests.quirks.facts_c import ONE, Fact, Seen
from tests.quirks.facts_links import BIND, LINKS, TEXTS, TRY, escaped, in_hex, message

TWICE: Final = "two submit_sm to 12025550100, the second after the answer to the first"


def _refused(status: int) -> Seen:
    """A submit_sm_resp that is nothing but its header."""
    head = b"\x00\x00\x00\x10\x80\x00\x00\x04" + status.to_bytes(4, "big")
    return Seen("submit_sm_resp", "octets", b"%s.{4}" % escaped(head))


def _nacked(status: int) -> Seen:
    return Seen(
        "generic_nack", "octets", escaped(b"\x00\x00\x00\x10\x80\x00\x00\x00" + status.to_bytes(4, "big")) + b".{4}"
    )


RESPONSES: Final[dict[str, Fact]] = {
    "error-resp-header-only": Fact(
        TWICE,
        ("refusal without a body",),
        (_refused(0x58),),
        ("this is the first answer; the second has status 0 and a message_id, of which the one receipt tells",),
    ),
    "error-resp-with-body": Fact(
        TWICE,
        ("refusal with an id",),
        (Seen("submit_sm_resp", "octets", in_hex("000000198000000400000014") + b".{4}00000000\0"),),
        ("this is the first answer; the second has status 0 and another id, of which the one receipt tells",),
    ),
    "ok-resp-without-message-id": Fact(
        ONE,
        ("accepted without an id",),
        (_refused(0),),
        ("the receipt names an id, which is not empty",),
    ),
    "resp-unexpected-tlvs": Fact(
        ONE,
        ("TLVs behind the id",),
        (
            Seen("submit_sm_resp", "command_status", 0),
            Seen("submit_sm_resp", "message_id", b".+"),
            Seen("submit_sm_resp", "octets", b".+\0" + in_hex("0428000100 020400020007 14030006323334333000")),
        ),
    ),
    "resp-wrong-or-duplicate-sequence": Fact(
        "two submit_sm to 12025550100 in one batch, sequence_number 2 and 3",
        ("answer under another number",),
        (Seen("submit_sm_resp", "sequence_number", 0), Seen("submit_sm_resp", "command_status", 0)),
        (
            "this answers the first: it holds the id that its receipt names; no response has sequence_number 2",
            "the second is answered under 3",
            "both are delivered, with a receipt each",
        ),
    ),
    "resp-out-of-order": Fact(
        "three submit_sm in one batch, sequence_number 2, 3 and 4; after the answers a fourth alone",
        ("answers in another order",),
        (),
        (
            "submit_sm_resp with sequence_number 4, 2, 3, in this order, and none before the third arrived",
            "each holds the id that the receipt to its own message's number names",
            "the one alone is answered after 1 s",
        ),
    ),
    "resp-late-or-never": Fact(
        "two submit_sm to 12025550100 in one batch; an enquire_link every 10 s",
        ("late answer",),
        (),
        (
            "the second is answered at once",
            "the receipt of the first comes before its answer",
            "each enquire_link is answered at once",
            "65 s after its arrival the first is answered, with status 0 and the id of that receipt",
        ),
    ),
    "connection-lost-with-open-window": Fact(
        "two submit_sm in one batch; after the end of the connection a bind on another one",
        ("answers wait", "link lost"),
        (),
        (
            "200 ms after the first submit_sm a RST, and no submit_sm_resp before it",
            "both are recorded as accepted",
            "after the second bind two receipts with two ids that no response told",
        ),
    ),
    "nack-instead-of-resp": Fact(
        TWICE,
        ("nack for a message",),
        (_nacked(0x01),),
        (
            "its sequence_number is that of the first submit_sm, which gets no submit_sm_resp and no receipt",
            "the second is answered by submit_sm_resp with status 0",
        ),
    ),
    "throttle-storm": Fact(
        "eight submit_sm in one batch; two seconds later another one; then ten a second for three seconds",
        ("throttled",),
        (_refused(0x58),),
        (
            "of the eight the first three have status 0, and five have this one",
            "the one two seconds later has status 0",
            "of ten a second no more than the first few get through: what is refused counts",
        ),
    ),
    "throttle-mid-multipart": Fact(
        "a text in three parts, header 050003, to 12025550100; after the answers its second part again; a short text",
        ("second part throttled",),
        (_refused(0x58),),
        (
            "status 0, this one, 0; the part that is sent again: 0; the short text: 0",
            "receipts of three parts, the refused one's only once",
        ),
    ),
    "window-overflow-rejected": Fact(
        "four submit_sm in one batch; a fifth one second later",
        ("window full", "slow answers"),
        (_refused(0x45),),
        ("the third and the fourth have it, at once", "the other three have status 0 after 200 ms"),
    ),
    "accepted-with-error-status": Fact(
        TWICE,
        ("delivered under an error",),
        (Seen("submit_sm_resp", "command_status", 0x58), Seen("submit_sm_resp", "message_id", b".+")),
        ("this is the first answer; a receipt with stat DELIVRD names its id", "the second answer has status 0"),
    ),
    "status-vendor-specific": Fact(
        TWICE,
        ("unknown status",),
        (_refused(0x22),),
        ("this is the first answer, and it has no receipt; the second has status 0",),
    ),
    "status-wrong-for-the-cause": Fact(
        "three submit_sm to 12025550100, one after the other; one to 12025550101",
        ("system error for a bad number",),
        (_refused(0x08),),
        ("three times this one; the other number: status 0 and a receipt",),
    ),
    "submit-policy-tlv-required": Fact(
        "submit_sm without TLVs, with 0x1400 alone, with 0x1401 alone, with both",
        ("entity missing", "template missing"),
        (_refused(0xC3),),
        ("three times this one (entity, template, entity missing); then status 0 and a receipt",),
    ),
    "validity-or-schedule-mishandled": Fact(
        "submit_sm with validity_period 000001000000000R; with schedule_delivery_time; with neither; an enquire_link",
        ("validity never answered", "schedule never answered"),
        (),
        (
            "the first two get no answer and no receipt within an hour, and are not recorded as accepted",
            "the third is answered and delivered; the enquire_link is answered",
        ),
    ),
    "query-sm-unsupported-or-useless": Fact(
        "submit_sm, then query_sm, cancel_sm and replace_sm of its id",
        ("no such command",),
        (_nacked(0x03),),
        ("three of them, each with the sequence_number of its request", "the message is delivered as it was submitted"),
    ),
}

FRAMES: Final[dict[str, Fact]] = {
    "tlv-vendor-unknown": Fact(
        ONE,
        ("vendor TLVs in receipts",),
        (
            Seen(
                "deliver_sm",
                "octets",
                b".*"
                + in_hex("14030006323334333000 140100053233343330 145400020001")
                + in_hex("1502000105 20010000 3177000800000000000000ff"),
            ),
        ),
    ),
    "tlv-known-but-not-allowed": Fact(
        "one submit_sm; each deliver_sm is answered with status 0xC1 three times, and then with 0",
        ("receipts with foreign TLVs", "message with foreign TLVs"),
        (),
        (
            "the receipt has the TLVs 0426 0001 01, 000e 0001 01, 0006 0001 01, 001d 0003 6f6b00, 0017 0004 00000e10",
            "the message from 12025550132, text STOP, has 0210 0001 34, 0427 0001 02, 130c 0000",
            "each comes again 5, 10 and 30 s after the time before, with the same octets behind sequence_number",
            "none comes again after the status 0",
            "between the first time and that no other delivery is sent to the account",
        ),
    ),
    "tlv-bad-value-duplicate-or-empty": Fact(
        BIND,
        ("bad TLVs in messages", TRY),
        (
            message("short_message", b"whatever the TLVs say"),
            message(
                "octets",
                b".*"
                + in_hex("0381000c710100313230323535353031 02020001a0 0204000107")
                + in_hex("0201000400000001 020a00021388 020a00021388 000500020001"),
            ),
        ),
        ("it comes from 12025550133, 1 s after the bind", "any other message of a subscriber has these TLVs, too"),
    ),
    "tlv-length-overruns-pdu": Fact(
        "one submit_sm with user_message_reference 7; an enquire_link behind its receipt",
        ("overrunning TLV",),
        (Seen("deliver_sm", "octets", rb".*Text:[^\0]*" + in_hex("001e0041") + rb"[^\0]{1,63}\0"),),
        (
            "command_length is the number of octets that are there; what follows the 0041 is the message_id and a NUL",
            "a decoder that knows SMPP calls this PDU malformed, and the next one not",
        ),
    ),
    "trailing-bytes-after-body": Fact(
        ONE,
        ("stray octet behind receipts",),
        (Seen("deliver_sm", "octets", b".*" + in_hex("001e00") + rb".[^\0]+\0\0"),),
        ("command_length counts the last NUL, the length of the last TLV does not",),
    ),
    "sm-length-wrong": Fact(
        BIND,
        ("sm_length too large", TRY),
        (message("octets", b".*" + in_hex("00 00 10") + b"eight ch"),),
        (
            "it comes from 12025550136 and ends there: data_coding, sm_default_msg_id, sm_length 16 and eight octets",
            "command_length is the number of octets that are there",
        ),
    ),
    "short-message-nul-terminated": Fact(
        f"{ONE}; {BIND}",
        ("NUL behind receipts", "NUL behind messages", TRY),
        (message("short_message", rb".+\0"),),
        (
            "sm_length counts the NUL, in the receipt and in the message from 12025550137, which is 05 53544f5000",
            "the TLVs of the receipt are whole behind it",
        ),
    ),
    "command-length-garbage": Fact(
        "bind_transceiver, then three seconds; after the end of the link another bind and three seconds",
        ("impossible length",),
        (Seen("enquire_link", "octets", in_hex("000000000000001500000000") + b".{4}"),),
        ("it comes 2 s after the first bind, and nothing like it after the second",),
    ),
    "non-smpp-bytes": Fact(
        "a bind on each of three connections",
        ("web server in the place of the SMSC",),
        (),
        (
            "all octets of the first two: `HTTP/1.1 400 Bad Request`, CR LF, `Connection: close`, CR LF, CR LF",
            "FIN 1 s behind them, and no session is bound",
            "the third gets a bind_transceiver_resp with status 0",
        ),
    ),
    "pdus-coalesced": Fact(
        "bind_transceiver; then one submit_sm; then one with registered_delivery 0",
        ("bind_resp and enquire_link in one segment", "response and receipt in one segment"),
        (),
        (
            "one write holds a bind_transceiver_resp and an enquire_link, in this order, both whole",
            "100 ms of carrier time after the submit_sm one write holds submit_sm_resp and deliver_sm, in this order",
            "the message without a receipt is answered at once",
        ),
    ),
    "pdu-split": Fact(
        ONE,
        ("responses and receipts in pieces",),
        (),
        (
            "submit_sm_resp comes in writes of 3, 7 and the other octets, 50 ms apart",
            "the receipt comes in writes of 3 and 7 octets, those to the one in front of sm_length, and the others",
            "the pieces together are an ordinary PDU, and no octet of another one is between them",
        ),
    ),
    "cstring-unterminated-or-overlong": Fact(
        f"bind_transceiver; {ONE}",
        ("overlong system_id", "overlong service_type"),
        (
            Seen("bind_transceiver_resp", "octets", rb".{16}a-carrier-with-much-too-long-a-name\0.*"),
            Seen("deliver_sm", "octets", rb".{16}DELIVERYINFO\0.*id:\S+ .*"),
        ),
    ),
    "sequence-zero-or-high-bit": Fact(
        "two submit_sm in one batch; both receipts are answered, under the number that they had, after the second came",
        ("receipts with sequence_number 0",),
        (Seen("deliver_sm", "sequence_number", 0),),
        ("both receipts count as taken and none is sent again",),
    ),
    "unexpected-command": Fact(
        BIND,
        ("PDUs that nobody expects",),
        (),
        (
            "1 s after the bind an alert_notification, source_addr 12025550144, esme_addr 5555",
            "2 s: 16 octets 00000010 00010200 00000000 and any sequence_number",
            "3 s: submit_sm_resp with sequence_number 999999 (000f423f), status 0, message_id nobody-asked",
            "4 s: outbind with system_id SMSC and password secret",
            "a generic_nack to the second is expected of the ESME and no mark against it",
        ),
    ),
}

FACTS: Final = {**RESPONSES, **FRAMES, **LINKS, **TEXTS}
"""All of them, by the name of the quirk."""

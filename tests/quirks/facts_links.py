"""What must be seen on the wire of the quirks of links and texts (catalogue groups G and H).

A table only, in the words of facts_c.py; `octets` is the whole PDU, its header included. A second is one of link time.
"""

from typing import Final

from tests.quirks.facts_c import ABSENT, ONE, Fact, Seen

BIND: Final = "bind_transceiver, then six seconds; the same with bind_receiver, and nothing with bind_transmitter"
TRY: Final = "a message to try it with"
TRIES: Final = "messages to try it with"


def escaped(octets: bytes) -> bytes:
    """Octets as a pattern that matches them alone."""
    return b"".join(b"\\x%02x" % octet for octet in octets)


def in_hex(text: str) -> bytes:
    """The same of octets in hexadecimal; spaces are for the reader."""
    return escaped(bytes.fromhex(text))


def message(place: str, wanted: bytes | int | None) -> Seen:
    """Of each deliver_sm from the number that the quirk's own message comes from."""
    return Seen("deliver_sm", place, wanted)


LINKS: Final[dict[str, Fact]] = {
    "bind-already-bound-ghost-session": Fact(
        "two submit_sm; after the end of the connection binds on new ones at once, after 60 s, after 121 s",
        ("connection reset",),
        (),
        (
            "the second submit_sm is recorded as accepted and not answered; RST",
            "the first two binds are answered with status 0x05, the third with 0",
            "then comes the receipt of the second message",
        ),
    ),
    "bind-refused-while-reconnecting-fast": Fact(
        "two submit_sm; after the end of the connection binds on new ones at once, after 29 s, after 31 s",
        ("link closed",),
        (),
        ("both submit_sm are answered, then FIN", "the binds are answered with status 0x0D, 0x0D and 0"),
    ),
    "bind-resp-no-version-tlv": Fact(
        f"a bind of each type with interface_version 0x34; {ONE}",
        ("no version told",),
        (
            Seen("bind_transceiver_resp", "tlv sc_interface_version", ABSENT),
            Seen("bind_transmitter_resp", "tlv sc_interface_version", ABSENT),
            Seen("bind_receiver_resp", "tlv sc_interface_version", ABSENT),
            Seen("deliver_sm", "tlv receipted_message_id", rb".+\0"),
        ),
    ),
    "bind-resp-nonstandard-body": Fact(
        "bind_transceiver",
        ("nameless bind_resp",),
        (Seen("bind_transceiver_resp", "octets", in_hex("000000118000000900000000") + rb".{4}\0"),),
    ),
    "bind-unspecific-or-misleading-status": Fact(
        "three binds with the right password; one with a wrong one; one of a system_id that nobody knows",
        ("wrong cause told",),
        (),
        ("status 0x0E, 0x0E, 0", "the wrong password and the unknown name: 0x0D, where the carrier has accounts"),
    ),
    "bind-parameter-strictness": Fact(
        "binds with system_type empty, SMPP and VMA; with VMA and a password that differs behind its eighth character",
        ("wrong system_type",),
        (),
        ("status 0x0D, 0x0D, 0 and, where the account has a password of more than eight characters, 0",),
    ),
    "bind-ok-then-close": Fact(
        "a bind on each of four connections",
        ("closed behind the bind",),
        (Seen("bind_transceiver_resp", "command_status", 0),),
        ("FIN right behind the first three, and nothing else before it", "the fourth connection stays open"),
    ),
    "bind-no-answer": Fact(
        "a bind; 30 s later another one on a new connection",
        ("bind not answered",),
        (),
        ("no octet comes on the first connection, which stays open", "the second bind is answered with status 0"),
    ),
    "pdu-before-bind-resp": Fact(
        "bind_transceiver; what is asked is answered",
        ("enquire_link before bind_resp",),
        (Seen("enquire_link", "octets", in_hex("000000100000001500000000") + b".{4}"),),
        ("this comes at once, 500 ms later bind_transceiver_resp with status 0, and nothing in between",),
    ),
    "enquire-link-not-answered": Fact(
        f"enquire_link; {ONE}; enquire_link",
        ("enquire_link ignored",),
        (),
        ("no enquire_link_resp", "the message is answered, its receipt comes", "the connection stays open for an hour"),
    ),
    "enquire-link-required-by-smsc": Fact(
        "bind; enquire_link; then nothing but an answer to the first enquire_link of ours",
        ("the gateway's own are ignored",),
        (),
        (
            "no enquire_link_resp",
            "an enquire_link of ours 10 s after the ESME's last PDU, and another one 10 s after its answer",
            "the connection is closed 5 s after the second one",
        ),
    ),
    "idle-drop": Fact(
        "one submit_sm, and then an enquire_link every 10 s and nothing else",
        (),
        (),
        (
            "each enquire_link is answered; FIN 30 s after the submit_sm",
            "with a submit_sm every 20 s there is none",
            "a FIN after 30 s without any submit_sm, too, counted from the bind",
        ),
    ),
    "unbind-from-smsc": Fact(
        "three binds, each on a connection of its own, and six seconds after each; unbind is answered",
        ("unbind after five seconds",),
        (Seen("unbind", "octets", in_hex("000000100000000600000000") + b".{4}"),),
        ("it comes 5 s after the first and the second bind, and not after the third",),
    ),
    "unbind-races": Fact(
        f"{ONE}; unbind",
        ("reset behind unbind_resp",),
        (),
        ("reading ends with ECONNRESET and not with an end of the stream; unbind_resp may or may not have come",),
    ),
    "half-open-link": Fact(
        "three submit_sm, one after the other, and an enquire_link; a bind on a second connection 20 s later",
        ("everything vanishes",),
        (),
        (
            "two answers; the third message is not answered and not recorded, the enquire_link is not answered",
            "no octet, no FIN and no RST comes on the first connection for 15 minutes",
            "the second connection is bound, and a submit_sm on it is answered and delivered",
        ),
    ),
    "peer-stops-reading": Fact(
        "three submit_sm, then further ones until the socket takes no more",
        ("not reading",),
        (),
        (
            "three answers; then writes find no room, and receipts may come all the same",
            "30 s after the third answer everything is read, and answered in order",
        ),
    ),
    "slow-drip-peer": Fact(
        "two submit_sm",
        ("slow response",),
        (),
        (
            "the first submit_sm_resp: 16 octets at once, 2 after 5 s, 2 after 10 s, the others after 15 s",
            "nothing else is between them; the second answer and the receipts follow whole",
        ),
    ),
    "tls-surprises": Fact(
        "a TLS handshake at each listener by its name; two at one that is well, and three submit_sm in the second",
        ("plain octets in the handshake", "no close_notify"),
        (),
        (
            "plain-on-tls-port: a ClientHello gets no ServerHello; a bind without TLS is answered",
            "self-signed, expired, wrong-name: who verifies fails, and for that reason; who does not is bound",
            "old-version speaks TLS 1.2 and no other, new-version 1.3; client-certificate refuses who shows none",
            "the first handshake at a door that is well gets octets that are no TLS record, the second one is well",
            "behind the answer to the third submit_sm the stream ends without close_notify",
        ),
    ),
}

TEXTS: Final[dict[str, Fact]] = {
    "dcs0-is-not-gsm7": Fact(
        BIND,
        ("Latin-1 under data_coding 0", TRY),
        (
            message("data_coding", 0),
            message("short_message", escaped("señor_x@example.com owes $5".encode("latin-1"))),
        ),
        ("it comes from 12025550161; f1, 5f, 40 and 24 are among its octets",),
    ),
    "dcs0-vendor-charset": Fact(
        BIND,
        ("HP Roman-8 under data_coding 0", TRY),
        (
            message("data_coding", 0),
            message("short_message", in_hex("bb3520c8206c612063617274652c207365b76f72")),
        ),
        ("it comes from 12025550162",),
    ),
    "dcs0-packed-gsm7": Fact(
        BIND,
        ("packed septets", TRIES),
        (message("data_coding", 0),),
        (
            "three messages from 12025550163, 1, 2 and 3 s after the bind; short_message e8329bfd4697d9ec37,",
            "73fa1b0e72bfef, and f3b2bdec068d with 01 or, for a carriage return, 1b behind it",
        ),
    ),
    "gsm-at-sign-and-escape": Fact(
        BIND,
        ("GSM alphabet", TRIES),
        (message("data_coding", 0),),
        (
            "short_message 1, 2, 3 and 4 s after the bind: 00686f6d65, 6d61696c206d6500, 636f7374732035201b65 (from",
            "12025550164) and 656e64731b (from 12025550165)",
        ),
    ),
    "bytes-do-not-match-dcs": Fact(
        BIND,
        ("Latin-1 under data_coding 8", TRY),
        (message("data_coding", 8), message("short_message", b"STOP!")),
        ("it comes from 12025550166, again and again if it is refused",),
    ),
    "dcs-gsm0338-values": Fact(
        BIND,
        ("class 1 in the GSM alphabet", TRIES),
        (),
        (
            "data_coding and short_message 1 and 2 s after the bind, from 12025550167: 0xF1 and 636f737473200235,",
            "0x10 and `at once`; 3 and 4 s, from 12025550168: 0xC8 and `one voice mail`, 0xF5 and 0102030405060708",
            "any other message of a subscriber has 0xF1",
        ),
    ),
    "concat-16bit-ref-and-odd-udh": Fact(
        BIND,
        ("reference of 16 bits", TRY),
        (message("esm_class", 0x40), message("short_message", rb"\x06\x08\x04..\x02[\x01\x02].+")),
        ("two messages from 12025550169: 01 with 60 characters, then 02 with the others; the same reference in both",),
    ),
    "udhi-flag-inconsistent": Fact(
        BIND,
        ("header without its bit", TRY),
        (message("esm_class", 0), message("short_message", rb"\x05\x00\x03.\x02[\x01\x02].+")),
        ("two messages from 12025550170: 01, then 02; the same reference in both",),
    ),
    "payload-placement": Fact(
        BIND,
        ("text in message_payload", TRY),
        (message("short_message", b""), message("tlv message_payload", b"JOIN")),
        ("it comes from 12025550171",),
    ),
    "sar-tlvs-variants": Fact(
        BIND,
        ("parts marked by TLVs", TRY),
        (
            message("esm_class", 0),
            message("short_message", rb"[a-z, ]+"),
            message("tlv sar_msg_ref_num", rb".."),
            message("tlv sar_total_segments", rb"\x02"),
            message("tlv sar_segment_seqnum", rb"[\x01\x02]"),
        ),
        ("two messages from 12025550172: 01, then 02; the same reference in both",),
    ),
    "concat-parts-out-of-order-or-missing": Fact(
        BIND,
        ("parts out of order and missing",),
        (message("esm_class", 0x40), message("short_message", rb"\x05\x00\x03[\x21\x22]\x03[\x01-\x03].+")),
        (
            "five messages from 12025550173, each beginning 050003 and: 210303, 210301, 210302, then 220301, 220303",
            "the first three 1 s after the bind, the others 2 s; never one with 220302",
            "40 characters in each but a last one",
        ),
    ),
    "mo-empty": Fact(
        BIND,
        ("empty message",),
        (message("octets", rb".+\0\0"), message("short_message", b""), message("tlvs", 0)),
        ("it comes from 12025550174, again and again if it is refused",),
    ),
    "ussd-over-smpp-variants": Fact(
        BIND,
        ("USSD sessions",),
        (message("service_type", b"USSD"), message("destination_addr", b"120")),
        (
            "1 s after the bind from 12025550175: text *120#, TLVs 0501 0001 01 and 1383 0002 2a00",
            "2 s, from 12025550176: text *120#, 0501 0001 01 and 1383 0002 2b00",
            "4 s, from 12025550175: sm_length 0, 0501 0001 81 and 1383 0002 2a03",
        ),
    ),
}

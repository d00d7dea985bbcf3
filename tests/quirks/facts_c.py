"""What must be seen on the wire of the quirks of ids and receipts (catalogue groups A to D), one fact a quirk.

A table only: it sends nothing and reads no file. ``Seen`` is what holds of every PDU that a fired rule shaped; what
joins two PDUs, or is a matter of time, order or share, is told in ``also``. Octets are those of the wire.
"""

from typing import Final, NamedTuple

ABSENT: Final = None
"""The TLV is not there."""

Wanted = bytes | int | None
"""A pattern that all octets of the field match (re.DOTALL), a number, or ABSENT."""


class Seen(NamedTuple):
    """What one PDU shows in one place: a field by its name, `tlv NAME` (its value), `tlvs` (how many there are)."""

    pdu: str
    place: str
    wanted: Wanted


class Fact(NamedTuple):
    """One quirk. ``traffic``: what a gateway does to meet it; on a TRX bind, asking for receipts, if no more is said.

    ``fired`` are the rules that the journal must name; ``also`` is what a pattern cannot say.
    """

    traffic: str
    fired: tuple[str, ...]
    seen: tuple[Seen, ...]
    also: tuple[str, ...] = ()


ONE: Final = "one submit_sm to 12025550100 from 5555, text `hi`"
HUNDRED: Final = "100 submit_sm to 100 numbers"


def _response(wanted: Wanted) -> Seen:
    """message_id of the submission's response, without its NUL."""
    return Seen("submit_sm_resp", "message_id", wanted)


def _receipt(place: str, wanted: Wanted) -> Seen:
    return Seen("deliver_sm", place, wanted)


def _text(
    before: bytes = b"",
    id_: bytes = rb"\S+",
    sub: bytes = rb"sub:001 ",
    dlvrd: bytes = rb"dlvrd:\d{3} ",
    dates: bytes = rb"submit date:\d{10} done date:\d{10} ",
    stat: bytes = rb"stat:[A-Z]{7} ",
    err: bytes = rb"err:\d{3} ",
    text: bytes = rb"Text:.*",
) -> Seen:
    """The usual text of a receipt, but for what is said otherwise."""
    return _receipt("short_message", before + b"id:" + id_ + b" " + sub + dlvrd + dates + stat + err + text)


IDS: Final = {
    "id-hex-resp-decimal-receipt": Fact(
        ONE,
        ("hex-response-decimal-receipt",),
        (
            _response(rb"[0-9A-F]{8}"),
            _text(id_=rb"\d{10}"),
            _receipt("tlv receipted_message_id", ABSENT),
            _receipt("tlv message_state", rb"\x02"),
        ),
        ("int(message_id, 16) == int(id of the text)",),
    ),
    "id-decimal-resp-hex-receipt": Fact(
        ONE,
        ("decimal-response-hex-receipt",),
        (
            _response(rb"(0|[1-9]\d{0,9})"),
            _text(id_=rb"[0-9a-f]{8}"),
            _receipt("tlv receipted_message_id", rb"[0-9a-f]{8}\0"),
        ),
        ("int(message_id) == int(id of the text, 16); text and TLV agree",),
    ),
    "id-leading-zeros-differ": Fact(
        HUNDRED,
        ("leading-zeros-lost",),
        (
            _response(rb"0[0-9a-f]{7}"),
            _text(id_=rb"[1-9a-f][0-9a-f]{0,6}"),
            _receipt("tlv receipted_message_id", rb"[1-9a-f][0-9a-f]{0,6}\0"),
        ),
        (
            "message_id.lstrip('0') == id of the text == TLV without its NUL",
            "1 to 17 of 100 messages, by their own luck: the same ones with the same seed",
            "all others: the same id in response, text and TLV",
        ),
    ),
    "id-case-or-separators-differ": Fact(
        ONE,
        ("capitals-in-the-response",),
        (
            _response(rb"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
            _text(id_=rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
            _receipt("tlv receipted_message_id", rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\0"),
        ),
        ("message_id.lower() == id of the text, and message_id != id of the text",),
    ),
    "id-tlv-differs-from-text": Fact(
        ONE,
        ("two-ids-in-one-receipt",),
        (_response(rb"[0-9a-f]{7}"), _text(id_=rb"\d{10}"), _receipt("tlv receipted_message_id", rb"[0-9a-f]{7}\0")),
        ("TLV without its NUL == message_id; int(TLV, 16) == int(id of the text)",),
    ),
    "id-only-in-text": Fact(
        ONE,
        ("no-tlvs-in-receipts",),
        (
            _receipt("esm_class", 0x04),
            _text(),
            _receipt("tlv receipted_message_id", ABSENT),
            _receipt("tlv message_state", ABSENT),
        ),
        ("id of the text == message_id",),
    ),
    "id-only-in-tlv": Fact(
        ONE,
        ("no-text-in-receipts",),
        (
            _receipt("esm_class", 0x04),
            _receipt("sm_length", 0),
            _receipt("tlv message_payload", ABSENT),
            _receipt("tlv receipted_message_id", rb"[^\0]+\0"),
            _receipt("tlv message_state", rb"\x02"),
        ),
        ("TLV without its NUL == message_id",),
    ),
    "tlv-id-without-message-state": Fact(
        ONE,
        ("id-without-message-state",),
        (_text(), _receipt("tlv receipted_message_id", rb"[^\0]+\0"), _receipt("tlv message_state", ABSENT)),
    ),
    "id-overflows-64bit": Fact(
        ONE,
        ("above-two-to-the-63",),
        (_response(rb"8[0-9A-F]{15}"), _text(id_=rb"(9|10)\d{18}"), _receipt("tlv receipted_message_id", ABSENT)),
        ("int(message_id, 16) == int(id of the text) >= 2**63",),
    ),
    "id-long-or-punctuated": Fact(
        ONE,
        ("uuid-ids",),
        (
            _response(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
            _text(id_=rb"[0-9a-f-]{36}"),
            _receipt("tlv receipted_message_id", rb"[0-9a-f-]{36}\0"),
        ),
        ("message_id == id of the text == TLV without its NUL",),
    ),
    "id-zero-or-reused": Fact(
        "two submit_sm",
        ("receipts-of-id-zero",),
        (_response(rb"\d{10}"), _text(id_=rb"0"), _receipt("tlv receipted_message_id", rb"0\0")),
        ("the two message_ids differ; both receipts have the TLV 001e 0002 3000",),
    ),
    "id-padded-terminated-or-reencoded": Fact(
        ONE,
        ("spaces-behind-the-id",),
        (_response(rb"\d{10}"), _text(id_=rb"\d{10} {6}"), _receipt("tlv receipted_message_id", rb"\d{10} {6}\0")),
        ("id of the text without its spaces == message_id; the field's own space follows the six",),
    ),
    "id-embedded-in-junk": Fact(
        ONE, ("junk-before-the-id",), (_text(before=rb"12025550100SMSAlert\^"),), ("id of the text == message_id",)
    ),
    "multipart-one-receipt": Fact(
        "one text in three parts (UDH, 8-bit reference), each its own submit_sm, then one short submit_sm",
        ("one-receipt-for-all-parts",),
        (_text(),),
        (
            "three responses with three ids; one receipt for the three, its id is that of part 1",
            "the short message has its own receipt as always, and its submission fires no rule",
        ),
    ),
}
"""Group A: the id of a receipt and the id of the response."""

TIMES: Final = {
    "receipt-before-submit-resp": Fact(
        HUNDRED,
        ("receipt-first",),
        (_text(),),
        (
            "15 to 45 of 100 messages: the octets of deliver_sm stand in front of those of submit_sm_resp, same write",
            "id of that text == message_id of the response behind it",
            "all others: response first, receipt later",
        ),
    ),
    "receipt-on-other-bind": Fact(
        "two TRX binds of one account; one submit_sm on the first",
        ("receipt-to-another-session",),
        (_text(),),
        (
            "the response comes by the first session, the receipt by the second one",
            "with one bind only there is no other: the receipt comes by that one",
        ),
    ),
    "receipt-on-transmitter-bind": Fact(
        "one submit_sm on a TX bind, no other bind",
        ("receipt-to-the-transmitter",),
        (_receipt("esm_class", 0x04), _text()),
        ("deliver_sm comes by the session bound with bind_transmitter", "a TRX bind fires no rule"),
    ),
    "receipt-backlog-flush-on-bind": Fact(
        "bind; 10 submit_sm; bind again when the link is closed",
        ("yesterdays-receipts", "receipts-kept-until-bind", "link-closed-for-a-bind"),
        (_receipt("esm_class", 0x04), _text()),
        (
            "behind bind_transceiver_resp, with no time in between, 50 deliver_sm with id:7770000001",
            "and 50 with id:7770000002, each with a sequence_number of its own",
            "the ten messages get no receipt on the first session; behind the tenth response the link is closed",
            "on the second bind the same hundred, and the ten receipts with the ids of the ten responses, at once",
        ),
    ),
    "receipt-duplicated": Fact(
        ONE,
        ("receipt-twice",),
        (_text(),),
        ("two deliver_sm, equal from octet 16 on, with different sequence_numbers, though both are answered 0",),
    ),
    "receipt-poison-redelivery": Fact(
        "two submit_sm; every deliver_sm is answered with ESME_RX_P_APPN for 30 s, then with 0",
        ("poisoned-receipt", "refused-receipt-comes-again"),
        (_receipt("esm_class", 0x04),),
        (
            "the first receipt: submit date:2013450000 done date:2013450000, and the TLV 0x1403 with 23430",
            "again 2, 7, 22 s after the first time, then every 30 s, a new sequence_number each time, the same body",
            "the second message's receipt does not come before the first one was answered with status 0, then at once",
            "a receipt that was answered with status 0 never comes again",
            "the second message's receipt has ten-digit dates of the day, and no TLV 0x1403",
        ),
    ),
    "receipt-intermediate-then-final": Fact(
        ONE,
        ("accepted-then-delivered",),
        (),
        (
            "200 ms after the submission: esm_class 0x20, stat:ACCEPTD, message_state 6",
            "3 s later: the same id, esm_class 0x04, stat:DELIVRD, message_state 2",
            "with registered_delivery 0: none of the two, and no rule fired",
        ),
    ),
    "receipt-unsolicited": Fact(
        "one submit_sm with registered_delivery 0, one with 1",
        ("receipts-nobody-asked-for",),
        (),
        (
            "for each of the two: 500 ms after the submission esm_class 0x20, stat:ENROUTE",
            "for each of the two: 2 s later esm_class 0x04, stat:DELIVRD",
        ),
    ),
    "receipt-accepted-then-silence": Fact(
        HUNDRED,
        ("accepted-and-no-more",),
        (_receipt("esm_class", 0x20), _text(stat=rb"stat:ACCEPTD ")),
        ("8 to 35 of 100 messages: this one receipt, and no other within 30 days of carrier time",),
    ),
    "receipt-final-after-final": Fact(
        HUNDRED,
        ("failed-then-delivered",),
        (_receipt("esm_class", 0x04),),
        (
            "12 to 40 of 100 messages: 1 s after the submission stat:UNDELIV with message_state 5",
            "30 s later stat:DELIVRD with message_state 2; same id, both esm_class 0x04",
        ),
    ),
    "receipt-days-late": Fact(
        "100 submit_sm to 100 numbers; 8 days of carrier time",
        ("receipt-days-later",),
        (_text(stat=rb"stat:DELIVRD "),),
        (
            "2 to 22 of 100 messages: the receipt comes 25 h to 7 days after the submission",
            "done date is that time, submit date the submission's",
        ),
    ),
    "receipt-burst": Fact(
        "300 submit_sm within 5 s from the start; no deliver_sm is answered before 12 s; deliver_window 10",
        ("receipts-kept-back",),
        (_text(),),
        ("no deliver_sm before 10 s of carrier time; then all 300 in one write, in the order of the submissions",),
    ),
    "receipts-stop-on-live-link": Fact(
        "bind; 8 submit_sm, one a second; enquire_link; unbind and bind again after 60 s",
        ("receipts-stop", "receipts-flow-again"),
        (_text(),),
        (
            "receipts for the first five; none for the other three, while enquire_link and submit_sm are answered",
            "behind the second bind's response the three receipts at once; the next five messages are receipted again",
        ),
    ),
}
"""Group B: when a receipt comes, whither and how often."""

TEXTS: Final = {
    "text-missing-fields": Fact(
        ONE,
        ("fields-left-out",),
        (_receipt("short_message", rb"id:\S+ submit date:\d{10} done date:\d{10} stat:DELIVRD err:000"),),
        ("id of the text == message_id",),
    ),
    "text-label-variants": Fact(
        ONE,
        ("labels-spelled-otherwise",),
        (
            _receipt(
                "short_message",
                rb"ID:\S+ sub:001 dlvrd:001 submitdate:\d{10} donedate:\d{10} Stat:DELIVRD err:000 TEXT:hi",
            ),
        ),
    ),
    "text-date-formats": Fact(
        ONE,
        ("dates-with-seconds",),
        (_text(dates=rb"submit date:\d{12} done date:\d{12} "),),
        ("both are %y%m%d%H%M%S in UTC of the submission and of its outcome",),
    ),
    "stat-off-spec": Fact(
        ONE,
        ("words-of-their-own",),
        (_text(stat=rb"stat:DELIVERED "), _receipt("tlv message_state", rb"\x02")),
        ("with a message that fails: stat:FAILED and message_state 5",),
    ),
    "stat-unknown-means-pending": Fact(
        HUNDRED,
        ("unknown-then-delivered",),
        (_receipt("esm_class", 0x04),),
        (
            "12 to 40 of 100 messages: after 500 ms stat:UNKNOWN with message_state 7",
            "10 s later stat:DELIVRD with message_state 2; same id, both esm_class 0x04",
        ),
    ),
    "err-nonstandard-width-or-alphabet": Fact(
        ONE,
        ("err-of-four-digits",),
        (_text(err=rb"err:0000 "),),
        ("with a message whose phone is off for all its time: stat:EXPIRED and err:0027",),
    ),
    "err-zero-but-failed": Fact(
        HUNDRED,
        ("failed-without-err",),
        (
            _text(dlvrd=rb"dlvrd:000 ", stat=rb"stat:UNDELIV ", err=rb"err:000 ", text=rb"Text:DB52 SMS ERROR"),
            _receipt("tlv message_state", rb"\x05"),
        ),
        ("12 to 40 of 100 messages, 2 s after the submission",),
    ),
    "err-us-carrier-10dlc": Fact(
        HUNDRED,
        ("refused-as-spam", "reported-as-spam"),
        (_text(dlvrd=rb"dlvrd:000 ", stat=rb"stat:UNDELIV ", err=rb"err:4750 "),),
        (
            "2 to 22 of 100 messages: submit_sm_resp with command_status 0x0000128e, and no receipt",
            "2 to 22 of 100 messages: command_status 0 and the receipt with err:4750, 2 s later",
        ),
    ),
    "err-class-differs-by-bind-or-provider": Fact(
        HUNDRED,
        ("err-075-for-good", "err-075-out-of-time"),
        (
            _text(
                dlvrd=rb"dlvrd:000 ",
                stat=rb"stat:(UNDELIV|EXPIRED) ",
                err=rb"err:075 ",
                text=rb"Text:(-PROFILE|ABSENT)",
            ),
        ),
        ("some of 100 with stat:UNDELIV and Text:-PROFILE, some with stat:EXPIRED and Text:ABSENT, all err:075",),
    ),
    "counts-contradict": Fact(ONE, ("none-delivered-of-one",), (_text(dlvrd=rb"dlvrd:000 ", stat=rb"stat:DELIVRD "),)),
    "text-control-or-multiline": Fact(
        ONE, ("control-characters-in-text",), (_receipt("data_coding", 0), _text(text=rb"Text:caf\xe9:\ncode\x1b 1234"))
    ),
    "text-truncated": Fact(
        ONE,
        ("last-label-cut",),
        (_receipt("short_message", rb"id:.* stat:DELIVRD err:000 Te"),),
        ("sm_length is the length of what is there",),
    ),
    "text-injection": Fact(
        ONE,
        ("a-receipt-within-the-text",),
        (_text(stat=rb"stat:DELIVRD ", text=rb"Text:id:1000000000 sub:001 dlvrd:000 stat:UNDELIV err:001"),),
        ("the first id of the text == message_id; the forged text is not cut to 20 characters",),
    ),
    "receipt-charset-mismatch": Fact(
        ONE,
        ("ascii-called-ucs2",),
        (_receipt("data_coding", 8), _text()),
        ("the octets are the same as without the quirk, but for data_coding",),
    ),
    "receipt-in-message-payload": Fact(
        ONE,
        ("text-in-the-payload",),
        (
            _receipt("sm_length", 0),
            _receipt("tlv message_payload", rb"id:\S+ sub:001 dlvrd:001 .* stat:DELIVRD err:000 Text:hi"),
            _receipt("tlv receipted_message_id", rb"[^\0]+\0"),
        ),
    ),
}
"""Group C: what stands in a receipt's text."""

FLAGS: Final = {
    "receipt-esm-class-zero": Fact(
        ONE,
        ("receipts-without-their-mark",),
        (_receipt("esm_class", 0x00), _text(), _receipt("tlv receipted_message_id", rb"[^\0]+\0")),
    ),
    "receipt-esm-class-odd-bits": Fact(
        ONE,
        ("receipts-with-other-bits",),
        (_receipt("esm_class", 0x44), _text()),
        ("short_message begins with 0x69, the letter i: there is no header",),
    ),
    "receipt-as-data-sm": Fact(
        ONE,
        ("data-sm-for-receipts",),
        (
            Seen("data_sm", "esm_class", 0x04),
            Seen("data_sm", "tlv message_payload", rb"id:\S+ sub:001 dlvrd:001 .* stat:DELIVRD err:000 Text:hi"),
            Seen("data_sm", "tlv receipted_message_id", rb"[^\0]+\0"),
            Seen("data_sm", "tlv message_state", rb"\x02"),
        ),
        ("command_id 0x00000103, and no deliver_sm; a data_sm_resp with status 0 ends it: receipt_acknowledged",),
    ),
    "receipt-empty": Fact(
        HUNDRED,
        ("nothing-in-a-receipt",),
        (_receipt("esm_class", 0x04), _receipt("sm_length", 0), _receipt("tlvs", 0)),
        ("8 to 35 of 100 receipts; all others as always",),
    ),
    "message-state-bad-or-contradictory": Fact(
        ONE, ("message-state-zero",), (_text(stat=rb"stat:DELIVRD "), _receipt("tlv message_state", rb"\x00"))
    ),
    "network-error-code-malformed": Fact(
        HUNDRED,
        ("digits-on-success", "digits-on-failure"),
        (_receipt("tlv network_error_code", rb"0(00|34)"),),
        (
            "stat:DELIVRD: the TLV 0423 0003 303030",
            "8 to 35 of 100 messages: stat:UNDELIV, err:034 and the TLV 0423 0003 303334, once and not twice",
        ),
    ),
    "deliver-sm-must-be-null-fields-set": Fact(
        ONE,
        ("fields-that-must-be-empty",),
        (
            _receipt("schedule_delivery_time", rb"000000010000000R"),
            _receipt("validity_period", rb"000003000000000R"),
            _receipt("registered_delivery", 4),
            _receipt("replace_if_present_flag", 1),
            _receipt("sm_default_msg_id", 1),
            _text(),
        ),
        ("the answer to it, with status 0, makes no receipt of the receipt",),
    ),
    "receipt-addresses-unswapped-or-rewritten": Fact(
        ONE,
        ("addresses-not-swapped",),
        (_receipt("source_addr", rb"5555"), _receipt("destination_addr", rb"12025550100")),
        ("TON and NPI go with their numbers, as they were in submit_sm",),
    ),
    "address-plus-and-ton-mismatch": Fact(
        ONE,
        ("plus-and-international",),
        (_receipt("source_addr_ton", 1), _receipt("source_addr_npi", 1), _receipt("source_addr", rb"\+12025550100")),
        ("to +12025550100 the same: one plus, never two",),
    ),
    "address-null-or-overlong": Fact(
        "bind, then wait two seconds",
        ("message-from-nobody",),
        (
            _receipt("source_addr_ton", 0),
            _receipt("source_addr_npi", 0),
            _receipt("source_addr", rb""),
            _receipt("destination_addr", rb"12025550100"),
            _receipt("esm_class", 0),
            _receipt("short_message", rb"who am I"),
        ),
        ("1 s behind the bind; the body begins with service_type 00, then 00 00 00: TON, NPI and the NUL alone",),
    ),
}
"""Group D: what marks a receipt, its TLVs and its addresses."""

FACTS: Final = {**IDS, **TIMES, **TEXTS, **FLAGS}
"""All of them, by the name of their file in scenarios/quirks."""

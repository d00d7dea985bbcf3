"""Receipts as forms want them: the SMSC's own octets without a form, and the catalogued variants octet by octet."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.carrier.accounts import Account
from simulator.carrier.messages import Cause, Outcome
from simulator.scenario.forms.forms import CHARSETS, Ids, ReceiptForm
from simulator.scenario.shape import Names
from simulator.scenario.then import Step
from simulator.shaping.addresses import Address
from simulator.shaping.ids import HEX
from simulator.shaping.pdus import wire_of
from simulator.shaping.receipts import Facts, ReceiptShape
from simulator.smpp.codec import decode, encode
from simulator.smpp.constants import TlvTag, Version
from simulator.smpp.pdus import DataSm, DeliverSm, SubmitSm, Tlv
from simulator.smpp.tlvs import TLVS, Book, first, tlv_int
from simulator.smpp.vendor_tlvs import book_of, vendor_tlv
from simulator.smsc.play.unsaid import err_of
from simulator.smsc.receipts import network_error, receipt_from
from simulator.smsc.translate import Arrival, Submission, message_from, wire_state

AT = 1_800_000_000.0
FACTS = Facts(
    message_id="3005",
    state="DELIVRD",
    state_number=2,
    submitted_at=AT,
    done_at=AT + 61,
    source=Address("5555", 3, 0),
    destination=Address("12025550100", 1, 1),
    text="hello",
    dlvrd=1,
)
FAILED = FACTS._replace(
    state="UNDELIV", state_number=5, dlvrd=0, err="034", network_error=(Tlv(0x0423, b"\x03\0\x22"),)
)
DATES = "submit date:2701150800 done date:2701150801"
PLAIN = f"id:3005 sub:001 dlvrd:001 {DATES} stat:DELIVRD err:000 Text:hello".encode()


def shaped(form: object = None, ids: object = None, facts: Facts = FACTS, book: Book = TLVS) -> DeliverSm | DataSm:
    context = Names(book=book)
    return ReceiptShape(
        None if form is None else ReceiptForm.model_validate(form, context=context),
        None if ids is None else Ids.model_validate(ids),
        book,
    ).pdu(facts)


def text_of(form: object = None, ids: object = None, facts: Facts = FACTS) -> bytes:
    pdu = shaped(form, ids, facts)
    assert isinstance(pdu, DeliverSm)
    return pdu.short_message


def tlvs_of(form: object = None, ids: object = None, facts: Facts = FACTS) -> list[tuple[int, bytes]]:
    return [(tlv.tag, tlv.value) for tlv in shaped(form, ids, facts).tlvs]


# --- Without a form: what the SMSC sends by itself ---


def message_of(**fields: Any) -> Submission:
    account = Account("gateway", "secret")
    arrival = Arrival(account, 1, AT, 0.0, takes_long_ids=True, is_of_version_5=False)
    defaults: dict[str, Any] = {
        "source_addr_ton": 3,
        "source_addr": "5555",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": "12025550100",
        "registered_delivery": 1,
        "short_message": b"a text of more than twenty characters",
    }
    message = message_from(SubmitSm(**(defaults | fields)), 1, arrival)
    message.message_id = "1000000001"
    return message


def facts_of(message: Submission, outcome: Outcome, at: float, version: int) -> Facts:
    pdu = message.pdu
    assert pdu is not None
    return Facts(
        message_id=message.message_id,
        state=outcome.state,
        state_number=wire_state(outcome.state, version),
        submitted_at=message.submitted_at,
        done_at=at,
        source=message.source,
        destination=message.destination,
        text=message.text,
        dlvrd=int(outcome.state == "DELIVRD"),
        account=message.account,
        err=err_of(outcome.state, outcome.cause),
        is_final=outcome.is_final,
        reference=first(pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE),
        network_error=network_error(outcome.cause),
    )


@pytest.mark.parametrize("version", [Version.V34, Version.V50])
@pytest.mark.parametrize(
    ("state", "err", "is_final"),
    [
        *(("DELIVRD", None, True), ("UNDELIV", "034", True), ("EXPIRED", "000", True), ("DELETED", None, True)),
        *(("REJECTD", "21b", True), ("UNKNOWN", None, True), ("SKIPPED", "1", True), ("REFUSED", "195", True)),
        *(("ENROUTE", None, False), ("ACCEPTD", None, False), ("SCHEDLD", None, False)),
    ],
)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"short_message": b"@ \x1be \x00 \r\n_ and more of it"},
        {"short_message": "привет".encode("utf-16-be"), "data_coding": 8},
        {"short_message": b"", "source_addr": "", "source_addr_ton": 0},
        {"tlvs": (tlv_int(TlvTag.USER_MESSAGE_REFERENCE, 0x1234), Tlv(0x1403, b"1"))},
        {"source_addr": "somebody@example.net.invalid", "source_addr_ton": 5},
        {"short_message": b"\x05\x00\x03\x07\x02\x01first part", "esm_class": 0x40},
    ],
)
def test_without_a_form_it_is_octet_for_octet_the_smscs_own_receipt(
    fields: dict[str, Any], state: str, err: str | None, is_final: bool, version: Version
) -> None:
    message = message_of(**fields)
    outcome = Outcome(1.0, state, None if err is None else Cause("a cause", err), is_final)
    facts = facts_of(message, outcome, AT + 3600, version)
    expected = encode(receipt_from(message, outcome, AT + 3600, version))
    assert encode(ReceiptShape().pdu(facts)) == expected
    assert encode(shaped({}, {}, facts)) == expected


def test_a_receipt_is_a_new_pdu_each_time() -> None:
    shape = ReceiptShape()
    assert shape.pdu(FACTS) == shape.pdu(FACTS)
    assert shape.pdu(FACTS) is not shape.pdu(FACTS)


def test_the_form_of_one_step_is_a_receipts_form() -> None:
    step = Step.model_validate({"state": "UNDELIV", "after": "1h", "err": "4750"})
    pdu = ReceiptShape(step).pdu(FAILED)
    assert isinstance(pdu, DeliverSm)
    assert b" err:4750 " in pdu.short_message


# --- Ids (catalogue, group A) ---


@pytest.mark.parametrize(
    ("ids", "message_id", "text", "tlv"),
    [
        # hexadecimal before, decimal here; the TLV follows the response
        ({"text": "decimal pad 10", "tlv": "hex upper"}, "10c8f40d", b"0281605133", b"10C8F40D\0"),
        ({"text": "decimal", "tlv": "decimal"}, "10c8f40d", b"281605133", b"281605133\0"),
        ({"text": "decimal", "tlv": "hex"}, "038601fa", b"59113978", b"038601fa\0"),
        ({"text": "pad 10"}, "3005", b"0000003005", b"3005\0"),
        ({"text": "strip-zeros", "tlv": "strip-zeros"}, "0406258a", b"406258a", b"406258a\0"),
        ({"text": "lower"}, "1101C1-C9D03D-F000", b"1101c1-c9d03d-f000", b"1101C1-C9D03D-F000\0"),
        ({"tlv": "strip-hyphens upper"}, "0e99-9f", b"0e99-9f", b"0E999F\0"),
        ({"tlv": "suffix @1154905154"}, "38601fa", b"38601fa", b"38601fa@1154905154\0"),
        ({"tlv": "absent"}, "3005", b"3005", None),
        ({"text": "decimal"}, "812FC7470000001B", b"9308878062554710043", b"812FC7470000001B\0"),
        ({"text": "constant 0", "tlv": "constant 0"}, "3005", b"0", b"0\0"),
        ({"text": "previous", "tlv": "previous"}, "3005", b"3004", b"3004\0"),
        ({"text": "pad-spaces 8", "tlv": "pad-spaces 8"}, "3005", b"3005    ", b"3005    \0"),
        ({"text": "nul", "tlv": "nul"}, "3005", b"3005\0", b"3005\0\0"),
        # eight octets and not nine
        ({"tlv": "unterminated"}, "10c8f40d", b"10c8f40d", b"10c8f40d"),
        ({"text": "ascii-hex", "tlv": "ascii-hex unterminated"}, "ABC", b"414243", b"414243"),
        ({"text": "empty", "tlv": "empty"}, "3005", b"", b"\0"),
        ({"text": "same"}, "1479978899.393701000100", b"1479978899.393701000100", b"1479978899.393701000100\0"),
    ],
)
def test_the_id_is_spelled_apart_in_the_text_and_in_its_tlv(
    ids: object, message_id: str, text: bytes, tlv: bytes | None
) -> None:
    facts = FACTS._replace(message_id=message_id, previous_id="3004", base=HEX)
    assert text_of(ids=ids, facts=facts) == PLAIN.replace(b"3005", text)
    found = first(shaped(ids=ids, facts=facts).tlvs, TlvTag.RECEIPTED_MESSAGE_ID)
    assert (None if found is None else found.value) == tlv


def test_the_id_may_be_in_the_text_alone() -> None:
    assert tlvs_of({"tlvs": {"message_state": "absent"}}, {"tlv": "absent"}) == []
    assert text_of({"tlvs": {"message_state": "absent"}}, {"tlv": "absent"}) == PLAIN


@pytest.mark.parametrize(
    ("form", "ids", "text"),
    [
        ({"place": "none"}, None, b""),
        ({"text": ""}, None, b""),
        ({"text": "Message delivered"}, None, b"Message delivered"),
        (None, {"text": "absent"}, PLAIN.removeprefix(b"id:3005 ")),
    ],
)
def test_the_id_may_be_in_the_tlv_alone(form: object, ids: object, text: bytes) -> None:
    assert text_of(form, ids, FAILED if text == b"" else FACTS) == text
    assert tlvs_of(form, ids, FAILED) == [(0x0427, b"\5"), (0x0423, b"\3\0\x22"), (0x001E, b"3005\0")]


def test_the_tlv_of_the_id_may_stand_without_that_of_the_state() -> None:
    assert tlvs_of({"tlvs": {"message_state": "absent"}}) == [(0x001E, b"3005\0")]


def test_the_id_comes_behind_all_that_tells_of_the_message() -> None:
    facts = FAILED._replace(reference=Tlv(0x0204, b"\x12\x34"))
    assert [tag for tag, _ in tlvs_of(facts=facts)] == [0x0427, 0x0204, 0x0423, 0x001E]
    assert [tag for tag, _ in tlvs_of(ids={"tlv": "absent"}, facts=facts)] == [0x0427, 0x0204, 0x0423]


# --- The text's octets and their place (group C) ---


def test_a_variant_of_every_field_comes_out_as_it_was_written() -> None:
    form = {
        "text": {
            "omit": ["sub", "dlvrd"],
            "labels": {"submit_date": "submitdate", "done_date": "donedate"},
            "prefix": "SMSAlert^",
        },
        "dates": {"submit": "%Y%m%d%H%M%S", "done": "blank", "zone": "+02:00", "shift": "-30m"},
        "stat": {"UNDELIV": "FAILED"},
        "err": {"states": {"UNDELIV": "21b"}},
    }
    assert text_of(form, facts=FAILED) == (
        b"SMSAlert^id:3005 submitdate:20270115093000 donedate: stat:FAILED err:21b Text:hello"
    )


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        ({"text": "id:{id}", "charset": "ucs2"}, b"\0i\0d\0:\x003\x000\x000\x005"),
        ({"text": "_@", "charset": "gsm7"}, b"\x11\x00"),
        ({"text": "_@"}, b"_@"),
        ({"text": "\xe9"}, b"\xe9"),
        # with a charset the message is repeated as it is
        ({"text": "{text}", "charset": "latin1"}, b"line\n\xe9 @"),
        ({"text": "{text}", "charset": "utf-8"}, b"line\n\xc3\xa9 @"),
        ({"text": "{text}"}, b"line ? ?"),
        # cut in the midst of a label, of a character; filled up
        ({"text": "err:000 text:", "cut": 10}, b"err:000 te"),
        ({"text": "err:000 text:", "cut": -3}, b"err:000 te"),
        ({"text": "ab", "charset": "ucs2", "cut": -1}, b"\0a\0"),
        ({"text": "€", "charset": "gsm7", "cut": 1}, b"\x1b"),
        ({"text": "\xe9", "charset": "utf-8", "cut": 1}, b"\xc3"),
        ({"text": "Text:", "pad": 8}, b"Text:   "),
        ({"text": "a", "charset": "ucs2", "pad": 6}, b"\0a\0 \0 "),
        ({"text": "Text:", "cut": 4, "pad": 5}, b"Text "),
    ],
)
def test_the_octets_of_the_text_are_the_forms(form: dict[str, Any], octets: bytes) -> None:
    facts = FACTS._replace(text="line\n\xe9 @")
    pdu = shaped(form, facts=facts)
    assert isinstance(pdu, DeliverSm)
    # whatever data_coding says
    assert (pdu.short_message, pdu.data_coding) == (octets, 0)


def test_data_coding_may_say_what_the_octets_are_not() -> None:
    pdu = shaped({"fields": {"data_coding": 8}})
    assert isinstance(pdu, DeliverSm)
    assert (pdu.data_coding, pdu.short_message) == (8, PLAIN)


@pytest.mark.parametrize(
    ("place", "short_message", "payload"),
    [
        (None, PLAIN, None),
        ("short_message", PLAIN, None),
        ("message_payload", b"", PLAIN),
        ("both", PLAIN, PLAIN),
        ("none", b"", None),
    ],
)
def test_the_text_stands_where_the_form_puts_it(place: str | None, short_message: bytes, payload: bytes | None) -> None:
    pdu = shaped({"place": place})
    assert isinstance(pdu, DeliverSm)
    assert pdu.short_message == short_message
    expected = [(0x0427, b"\2"), (0x001E, b"3005\0")]
    assert [(tlv.tag, tlv.value) for tlv in pdu.tlvs] == expected + ([] if payload is None else [(0x0424, payload)])


@pytest.mark.parametrize(
    ("place", "short_message", "payload"),
    [
        (None, b"", b"x" * 255),
        ("short_message", b"x" * 254, None),
        ("both", b"x" * 254, b"x" * 255),
    ],
)
def test_a_text_too_long_for_short_message_goes_into_the_payload_unless_it_was_to_stay(
    place: str | None, short_message: bytes, payload: bytes | None
) -> None:
    pdu = shaped({"place": place, "text": "x" * 255})
    assert isinstance(pdu, DeliverSm)
    assert pdu.short_message == short_message
    found = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
    assert (found.value if found else None) == payload
    fitting = shaped({"text": "x" * 254})
    assert isinstance(fitting, DeliverSm)
    assert len(fitting.short_message) == 254


# --- Flags, TLVs, addresses (group D) ---


@pytest.mark.parametrize("esm_class", [0x00, 0x07, 0x08, 0x10, 0x20, 0x24, 0x44])
def test_esm_class_is_what_the_form_says(esm_class: int) -> None:
    octets = encode(shaped({"fields": {"esm_class": esm_class}}))
    # service_type, source, destination, each with its NUL, and their types and plans
    assert octets[16 + 1 + 2 + 12 + 2 + 5] == esm_class


def test_what_is_not_final_is_an_intermediate_notification_unless_the_form_says_otherwise() -> None:
    facts = FACTS._replace(state="ACCEPTD", state_number=6, dlvrd=0, is_final=False)
    assert shaped(facts=facts).esm_class == 0x20
    assert shaped({"fields": {"esm_class": 4}}, facts=facts).esm_class == 4
    assert b" stat:BUFFRED " in text_of({"stat": {"ACCEPTD": "BUFFRED"}}, facts=facts)


@pytest.mark.parametrize(
    ("place", "payload"),
    [(None, PLAIN), ("short_message", PLAIN), ("message_payload", PLAIN), ("both", PLAIN), ("none", None)],
)
def test_a_data_sm_has_its_text_in_the_payload_or_nowhere(place: str | None, payload: bytes | None) -> None:
    pdu = shaped({"command": "data_sm", "place": place})
    assert isinstance(pdu, DataSm)
    expected = [(0x0427, b"\2"), (0x001E, b"3005\0")]
    assert [(tlv.tag, tlv.value) for tlv in pdu.tlvs] == expected + ([] if payload is None else [(0x0424, payload)])
    assert (pdu.source_addr, pdu.destination_addr, pdu.esm_class) == ("12025550100", "5555", 4)


def test_a_receipt_may_say_nothing_at_all() -> None:
    pdu = shaped({"place": "none", "tlvs": [{"clear": True}]})
    assert isinstance(pdu, DeliverSm)
    assert (pdu.esm_class, pdu.short_message, pdu.tlvs) == (4, b"", ())


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ({"DELIVRD": 0}, b"\0"),
        ({"DELIVRD": 9}, b"\x09"),
        ({"DELIVRD": "hex:00000002"}, b"\0\0\0\2"),
        ({"DELIVRD": "2"}, b"2"),
        # the text says DELIVRD
        ({"DELIVRD": 5}, b"\5"),
        ({"UNDELIV": 2}, b"\2"),
    ],
)
def test_message_state_may_be_wrong_in_any_way(said: object, value: bytes) -> None:
    assert tlvs_of({"message_state": said}) == [(0x0427, value), (0x001E, b"3005\0")]


def test_message_state_is_found_by_the_state_itself_and_else_by_what_its_receiver_is_told() -> None:
    skipped = FACTS._replace(state="SKIPPED", state_number=5)
    assert tlvs_of({"message_state": {"UNDELIV": 8}}, facts=skipped)[0] == (0x0427, b"\x08")
    assert tlvs_of({"message_state": {"UNDELIV": 8, "SKIPPED": 9}}, facts=skipped)[0] == (0x0427, b"\x09")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("hex:303334", b"034"),
        ("hex:03", b"\3"),
        ("hex:03000022", b"\3\0\0\x22"),
        ("hex:030000", b"\3\0\0"),
    ],
)
def test_network_error_code_may_be_malformed_or_there_on_success(said: str, value: bytes) -> None:
    form = {"tlvs": {"network_error_code": said}}
    assert dict(tlvs_of(form, facts=FACTS))[0x0423] == value
    assert tlvs_of(form, facts=FAILED) == [(0x0427, b"\5"), (0x0423, value), (0x001E, b"3005\0")]


def test_tlvs_may_be_added_of_the_book_and_of_none() -> None:
    book = book_of([vendor_tlv("0x1401=billing_id:cstring")])
    pdu = shaped({"tlvs": {"0x1403": "23430", "billing_id": "b1"}}, book=book)
    assert [tlv.tag for tlv in pdu.tlvs] == [0x0427, 0x001E, 0x1403, 0x1401]
    assert [tlv.value for tlv in pdu.tlvs[2:]] == [b"23430\0", b"b1\0"]


def test_fields_that_must_be_null_need_not_be() -> None:
    pdu = shaped({"fields": {"validity_period": "000000000500000R", "registered_delivery": 4, "sm_default_msg_id": 1}})
    assert isinstance(pdu, DeliverSm)
    found = decode(encode(pdu))
    assert isinstance(found, DeliverSm)
    assert (found.validity_period, found.registered_delivery, found.sm_default_msg_id) == ("000000000500000R", 4, 1)


@pytest.mark.parametrize(
    ("form", "source", "destination"),
    [
        (None, ("12025550100", 1, 1), ("5555", 3, 0)),
        ({"swapped": True}, ("12025550100", 1, 1), ("5555", 3, 0)),
        ({"swapped": False}, ("5555", 3, 0), ("12025550100", 1, 1)),
        ({"source": {"strip": "1", "prefix": "0", "ton": 2}}, ("02025550100", 2, 1), ("5555", 3, 0)),
        (
            {"source": "4040404040404040", "destination": {"number": "99", "ton": 0}},
            ("4040404040404040", 1, 1),
            ("99", 0, 0),
        ),
        ({"swapped": False, "source": {"prefix": "+"}}, ("+5555", 3, 0), ("12025550100", 1, 1)),
        ({"source": "", "destination": ""}, ("", 1, 1), ("", 3, 0)),
        ({"source": {"prefix": " "}, "fields": {"source_addr": "x"}}, ("x", 1, 1), ("5555", 3, 0)),
    ],
)
def test_addresses_are_the_forms(form: object, source: tuple[Any, ...], destination: tuple[Any, ...]) -> None:
    pdu = shaped(form)
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi) == source
    assert (pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi) == destination


LONG = "somebody.or.other@example.net"


@pytest.mark.parametrize(
    ("form", "source", "kind"),
    [
        # the message had a long address, and so came by a PDU with room for it
        (None, LONG, DataSm),
        ({"command": "deliver_sm"}, LONG, DeliverSm),
        ({"destination": "5555"}, LONG, DeliverSm),
        ({"command": "data_sm"}, "5555", DataSm),
        # long by its form alone: where it has no room
        ({"destination": LONG}, "5555", DeliverSm),
        ({"source": "hex:00"}, "5555", DeliverSm),
    ],
)
def test_a_long_address_needs_a_data_sm_unless_the_form_made_it_long(
    form: object, source: str, kind: type[DeliverSm | DataSm]
) -> None:
    pdu = shaped(form, facts=FACTS._replace(source=Address(source, 5, 0)))
    assert type(pdu) is kind
    octets = encode(pdu, wire_of(None, pdu))
    assert pdu.destination_addr.encode("latin-1") + b"\0" in octets
    assert pdu.source_addr.encode("latin-1") + b"\0" in octets


def test_an_at_sign_of_the_gsm_alphabet_ends_an_address_early_and_shifts_what_follows() -> None:
    pdu = shaped({"source": "hex:4100", "place": "none", "tlvs": [{"clear": True}]})
    octets = encode(pdu, wire_of(None, pdu))
    assert octets[16:] == b"\0\1\1A\0\0\3\x005555\0\4\0\0\0\0\0\0\0\0\0"


# --- Anything ---

TEXTS = st.sampled_from(["", "x", "\xe9€\n", "{id} {text} {done_date}", "\0", "x" * 300, "100 %s"])
VALUES = st.sampled_from(["", "€", "hex:00ff", "x" * 70, 9, 300])
FORMS = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS
        | st.fixed_dictionaries({"prefix": TEXTS, "separator": TEXTS, "values": st.just({"sub": "{id}"})}),
        "dates": st.sampled_from(["%y%f%%", "blank", {"shift": "-999999d"}, {"zone": "-14:00"}]),
        "stat": st.sampled_from(["€", {"letters": "title", "width": 64}]),
        "err": st.sampled_from(["", {"width": 16, "base": "hex"}]),
        "charset": st.sampled_from(CHARSETS),
        "place": st.sampled_from(["short_message", "message_payload", "both", "none"]),
        "command": st.sampled_from(["data_sm", "deliver_sm"]),
        "cut": st.integers(-300, 300),
        "pad": st.sampled_from([0, 300, 65535]),
        "source": VALUES,
        "destination": st.fixed_dictionaries({"prefix": TEXTS, "digits": st.just(3)}),
        "message_state": st.dictionaries(st.sampled_from(["DELIVRD", "UNDELIV"]), VALUES),
        "tlvs": st.dictionaries(st.sampled_from(["0x1403", "0x1404"]), VALUES),
    },
)


@given(form=FORMS, spelling=st.sampled_from(["prefix €", "nul hex", "ascii-hex pad 70", "absent"]), text=st.text())
def test_a_receipt_can_be_written_whatever_its_form_says(form: dict[str, Any], spelling: str, text: str) -> None:
    form = {key: str(value) if key == "source" else value for key, value in form.items()}
    form["tlvs"] = {name: str(value) for name, value in form.get("tlvs", {}).items()}
    pdu = shaped(form, {"text": spelling, "tlv": spelling}, FAILED._replace(text=text))
    octets = encode(pdu, wire_of(None, pdu))
    assert octets[4:8] == (b"\0\0\1\3" if isinstance(pdu, DataSm) else b"\0\0\0\5")

"""Stubs: what was seen is pasted, the stub is played, and what then comes is compared with what was seen."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.importing.stub import Stub, Unseen, stub_of_pdus, stub_of_text
from simulator.importing.writing import file_of
from simulator.smpp.codec import encode
from simulator.smpp.pdus import DataSm, DeliverSm, EnquireLink, GenericNack, Pdu, SubmitSm, SubmitSmResp
from simulator.smpp.tlvs import Tlv
from tests.quirks.play import FROM, TO, Frame, Play

BOOK = "id:0123456789 sub:001 dlvrd:001 submit date:2601311200 done date:2601311201 stat:DELIVRD err:000 Text:hi"


def played(stub: Stub, **fields: object) -> tuple[Frame, Frame]:
    """The response to one message under the stub, and its receipt."""
    play = Play(beside=[file_of(stub.scenario).removeprefix("scenario: 1\n")])
    gate = play.bound()
    request = gate.submit_at_once(**({"destination_addr": TO, "registered_delivery": 1} | fields))
    play.run(5)
    (answer,) = gate.answers_to(request)
    (receipt,) = gate.frames_of("deliver_sm", "data_sm")
    assert play.failures == []
    return answer, receipt


def pasted(*pdus: Pdu) -> Stub:
    return stub_of_pdus(b"".join(encode(pdu) for pdu in pdus))


def a_receipt(text: str = BOOK, **fields: object) -> DeliverSm:
    given = {"source_addr": TO, "destination_addr": FROM, "esm_class": 4, "short_message": text.encode()}
    given |= dict.fromkeys(("source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi"), 1)
    receipt = DeliverSm(sequence_number=1)
    for name, value in (given | fields).items():
        setattr(receipt, name, value)
    return receipt


def shape(text: str) -> str:
    """A text with a 9 for each digit and an X for each letter of an id: what two receipts have in common."""
    return re.sub(r"\d", "9", re.sub(r"(?i)(id[:=] ?)(\w+)", lambda found: found[1] + "X" * len(found[2]), text))


@pytest.mark.parametrize(
    "text",
    [
        BOOK,
        "id:c449ab9744f47b6a sub:001 dlvrd:0 submit date:0610191018 done date:0610191018 stat:UNDELIV err:7 text:hi",
        "ID=7A3F,STAT=Delivered,submitdate=20260131120000,DONEDATE=2026-01-31 12:00:01,err=",
        "stat:REJECTD id:12345678 err:ab1",
        "text:hi id:77 stat:EXPIRED done date:260131120001",
        "{12} id:99 sub:null submit date:0000000000 stat:expired",
    ],
)
def test_a_receipt_as_it_was_pasted_comes_again(text: str) -> None:
    answer, receipt = played(stub_of_text(text))
    assert shape(receipt.message) == shape(text)
    assert answer.command_status == 0


def test_a_text_by_the_book_needs_no_form() -> None:
    (rule,) = stub_of_text(BOOK).rules
    assert rule["then"] == {"ids": {"generate": "decimal 10"}, "deliver": {"state": "DELIVRD"}}


def test_a_state_that_nobody_knows_is_remarked() -> None:
    stub = stub_of_text("id:1 stat:PERHAPS")
    assert stub.remarks == ["stat 'PERHAPS' names no state: taken for UNDELIV"]
    assert played(stub)[1].message.endswith("stat:PERHAPS")


def test_a_pdu_comes_again_with_its_tlvs_fields_and_addresses() -> None:
    seen = a_receipt(
        BOOK.replace("DELIVRD", "EXPRD"),
        source_addr_ton=5,
        source_addr_npi=0,
        data_coding=3,
        priority_flag=2,
        tlvs=(Tlv(0x427, b"\x03"), Tlv(0x1403, b"abc"), Tlv(0x423, b"\x03\0\x01")),
    )
    _, receipt = played(pasted(seen))
    assert shape(receipt.message) == shape(seen.short_message.decode())
    names = ("source_addr_ton", "source_addr_npi", "dest_addr_ton", "esm_class", "data_coding", "priority_flag")
    assert [receipt.number(name) for name in names] == [5, 0, 1, 4, 3, 2]
    assert receipt.tlvs == list(seen.tlvs)


def test_a_response_beside_the_receipt_tells_the_base_of_the_id() -> None:
    stub = pasted(SubmitSmResp(message_id="1A2B3C4D"), a_receipt(BOOK.replace("0123456789", "0439041101")))
    assert stub.rules[0]["then"]["ids"] == {
        "generate": "hex 8",
        "response": "upper",
        "text": "decimal pad 10",
        "tlv": "absent",
    }
    answer, receipt = played(stub)
    assert int(answer.text("message_id"), 16) == int(receipt.found("id"))
    assert (len(answer.text("message_id")), len(receipt.found("id"))) == (8, 10)


def test_of_several_responses_the_one_whose_id_fits_is_meant() -> None:
    responses = [SubmitSmResp(message_id=one) for one in ("77", "0123456789", "88")]
    stub = pasted(*responses, a_receipt())
    assert stub.rules[0]["then"]["ids"]["generate"] == "decimal 10"
    assert "no way" not in "".join(stub.remarks)


def test_an_id_that_comes_from_nothing_is_remarked() -> None:
    stub = pasted(SubmitSmResp(message_id="77"), a_receipt())
    assert stub.remarks == ["text: '0123456789' does not come from '77' in any way that is known"]


def test_an_id_that_is_in_the_tlv_alone() -> None:
    seen = a_receipt("", tlvs=(Tlv(0x1E, b"ab12\0"), Tlv(0x427, b"\x02")))
    answer, receipt = played(pasted(seen))
    assert receipt.octets_of("short_message") == b""
    assert receipt.tlv("receipted_message_id") == answer.octets_of("message_id") + b"\0"


@pytest.mark.parametrize(
    ("seen", "place"),
    [
        (a_receipt("", tlvs=(Tlv(0x424, BOOK.encode()), Tlv(0x427, b"\x02"))), "deliver_sm"),
        (DataSm(source_addr=TO, destination_addr=FROM, esm_class=4, tlvs=(Tlv(0x424, BOOK.encode()),)), "data_sm"),
    ],
)
def test_a_text_in_message_payload_and_in_a_data_sm(seen: DeliverSm | DataSm, place: str) -> None:
    _, receipt = played(pasted(seen))
    assert receipt.name == place
    assert shape((receipt.tlv("message_payload") or b"").decode()) == shape(BOOK)
    assert receipt.octets_of("short_message") == b""


def test_a_text_in_ucs2() -> None:
    _, receipt = played(pasted(a_receipt(short_message=BOOK.encode("utf-16-be"), data_coding=8)))
    assert shape(receipt.octets_of("short_message").decode("utf-16-be")) == shape(BOOK)


def test_a_submission_tells_that_addresses_are_not_swapped_and_that_nobody_asked() -> None:
    submit = SubmitSm(sequence_number=3, source_addr=FROM, destination_addr=TO, short_message=b"hi")
    stub = pasted(submit, a_receipt(source_addr=FROM, destination_addr=TO))
    form = stub.rules[0]["then"]["deliver"]
    assert (form["swapped"], form["asked"], stub.rules[0]["when"]) == (False, "always", {"to": TO})
    _, receipt = played(stub, registered_delivery=0)
    assert (receipt.text("source_addr"), receipt.text("destination_addr")) == (FROM, TO)


def test_acceptd_that_calls_itself_final_and_an_intermediate_one() -> None:
    final = a_receipt(BOOK.replace("DELIVRD", "ACCEPTD"))
    assert played(pasted(final))[1].number("esm_class") == 4
    between = a_receipt(BOOK.replace("DELIVRD", "ENROUTE"), esm_class=0x20)
    assert played(pasted(between), registered_delivery=17)[1].number("esm_class") == 0x20


def test_a_message_state_that_contradicts_the_text_stays_so() -> None:
    _, receipt = played(pasted(a_receipt(tlvs=(Tlv(0x427, b"\x05"),))))
    assert (receipt.found("stat"), receipt.tlv("message_state")) == ("DELIVRD", b"\x05")


def test_a_refusal_comes_again_to_whom_it_was_given() -> None:
    submit = SubmitSm(sequence_number=3, source_addr=FROM, destination_addr=TO, short_message=b"hi")
    refused = SubmitSmResp(sequence_number=3)
    refused.command_status = 0x58
    play = Play(beside=[file_of(pasted(submit, refused).scenario).removeprefix("scenario: 1\n")])
    gate = play.bound()
    requests = [gate.submit_at_once(destination_addr=number) for number in (TO, "12025550199")]
    play.run(1)
    assert [gate.answers_to(one)[0].command_status for one in requests] == [0x58, 0]


def test_a_generic_nack_comes_again() -> None:
    nack = GenericNack(sequence_number=3)
    nack.command_status = 3
    play = Play(beside=[file_of(pasted(nack).scenario).removeprefix("scenario: 1\n")])
    gate = play.bound()
    request = gate.submit_at_once(destination_addr=TO)
    play.run(1)
    assert [(one.name, one.command_status) for one in gate.answers_to(request)] == [("generic_nack", 3)]


def test_a_subscribers_message_comes_again() -> None:
    seen = DeliverSm(source_addr=TO, destination_addr=FROM, source_addr_ton=1, data_coding=8, short_message=b"\0S\0T")
    seen.tlvs = (Tlv(0x204, b"\0\x07"),)
    play = Play(beside=[file_of(pasted(seen).scenario).removeprefix("scenario: 1\n")])
    gate = play.bound()
    play.run(3)
    (frame,) = gate.frames_of("deliver_sm")
    assert (frame.octets_of("short_message"), frame.number("data_coding"), frame.number("source_addr_ton")) == (
        *(b"\0S\0T", 8, 1),
    )
    assert (frame.text("source_addr"), frame.text("destination_addr"), frame.tlvs) == (TO, FROM, [(0x204, b"\0\x07")])


def test_a_response_that_nobody_has_declared_is_refused_so_again() -> None:
    stub = stub_of_pdus(bytes.fromhex("00000010 80001234 00000401 00000001"))
    assert stub.rules[0]["when"] == {"command": "0x00001234"}
    assert file_of(stub.scenario)


WORDS = st.sampled_from(
    [*"id: sub: dlvrd: submit date: done date: stat: err: text: {x} DELIVRD 1a2B 2601311200 \0".split(" "), ""]
)


@given(st.one_of(st.text(), st.lists(st.one_of(WORDS, st.text(max_size=5))).map(" ".join)))
def test_any_text_is_a_stub_or_is_told_to_be_none(text: str) -> None:
    with suppress(Unseen):
        assert file_of(stub_of_text(text).scenario).startswith("scenario: 1\n")


@given(
    st.binary(max_size=60),
    st.integers(0, 255),
    st.integers(0, 255),
    st.lists(st.tuples(st.sampled_from([0x1E, 0x427, 0x424, 0x204, 0x423, 0x1403]), st.binary(max_size=9)), max_size=4),
)
def test_any_pdu_is_a_stub_or_is_told_to_be_none(
    text: bytes, esm_class: int, data_coding: int, tlvs: list[tuple[int, bytes]]
) -> None:
    seen = a_receipt(
        short_message=text, esm_class=esm_class, data_coding=data_coding, tlvs=tuple(Tlv(*one) for one in tlvs)
    )
    with suppress(Unseen):
        assert file_of(pasted(seen).scenario).startswith("scenario: 1\n")


@given(st.binary(max_size=80))
def test_any_octets_are_a_stub_or_are_told_to_be_none(octets: bytes) -> None:
    with suppress(Unseen):
        file_of(stub_of_pdus(len(octets + b"head").to_bytes(4, "big") + octets).scenario)


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (encode(EnquireLink(sequence_number=1)), "enquire_link: nothing that a carrier does differently"),
        (b"\0\0\0\x20abc", "octet 0: a PDU of 32 octets where 7 are left"),
        (b"\0\0\0\x04", "octet 0: a PDU of 4 octets where 4 are left"),
        (encode(a_receipt())[:-20], "octet 0: a PDU of"),
        (bytes.fromhex("00000012 80000004 00000000 00000001 4141"), "octet 0: "),
    ],
)
def test_what_shows_nothing_is_told(octets: bytes, told: str) -> None:
    with pytest.raises(Unseen, match=re.escape(told)):
        stub_of_pdus(octets)


def test_a_text_that_is_no_receipt_is_told() -> None:
    with pytest.raises(Unseen, match=r"'hello' is no receipt, allowed: a receipt's text with an id and a stat"):
        stub_of_text("hello")

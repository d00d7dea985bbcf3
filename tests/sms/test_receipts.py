"""Receipt texts against the form printed in SMPP 3.4, appendix B, and against forms seen in the field."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sms.alphabets import gsm_decode, gsm_encode
from simulator.sms.receipts import (
    STATES,
    Receipt,
    build,
    date10,
    date12,
    parse,
    receipt_octets,
    stat_of,
    state_of,
)

# --- Writing ---


def test_a_receipt_reads_as_appendix_b_prints_it() -> None:
    text = build("0123456789", stat="DELIVRD", submitted="2611211130", done="2611211131", text="Hello")
    assert text == (
        "id:0123456789 sub:001 dlvrd:001 submit date:2611211130 done date:2611211131 stat:DELIVRD err:000 Text:Hello"
    )


def test_every_field_can_be_said_otherwise() -> None:
    text = build("x", stat="undeliv", submitted="261121113059", done="", err="E12", sub="1", dlvrd="0")
    assert text == "id:x sub:1 dlvrd:0 submit date:261121113059 done date: stat:undeliv err:E12 Text:"


@pytest.mark.parametrize(("length", "shown"), [(0, 0), (19, 19), (20, 20), (21, 20), (500, 20)])
def test_a_receipt_repeats_the_first_twenty_characters(length: int, shown: int) -> None:
    text = build("1", stat="DELIVRD", submitted="2611211130", done="2611211131", text="a" * length)
    octets = receipt_octets("1", stat="DELIVRD", submitted="2611211130", done="2611211131", text="a" * length)
    assert text.endswith("Text:" + "a" * shown)
    assert octets == text.encode("ascii")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"Your code is 12345, ok?".decode(), b"Your code is 12345, "),
        ("me@example.com", b"me?example.com"),
        ("a_$[€]é\x00", b"a???????"),
        ("中文 ok", b"?? ok"),
        ("😀 ok", b"? ok"),
        ("one\r\ntwo\nthree", b"one  two three"),
        ("\x1b\x7f|~", b"????"),
    ],
)
def test_characters_that_ascii_and_gsm_do_not_share_become_question_marks(text: str, shown: bytes) -> None:
    octets = receipt_octets("1", stat="DELIVRD", submitted="2611211130", done="2611211131", text=text)
    assert octets.partition(b" Text:")[2] == shown


@given(st.binary(max_size=30).filter(lambda octets: 0x1B not in octets[:20]))
def test_octets_of_the_gsm_alphabet_are_shown_as_their_text_would_be(octets: bytes) -> None:
    fields = {"stat": "DELIVRD", "submitted": "2611211130", "done": "2611211131"}
    assert receipt_octets("1", text=octets, **fields) == receipt_octets("1", text=gsm_decode(octets), **fields)


def test_an_id_keeps_its_ascii_octets() -> None:
    octets = receipt_octets("msg_1@é", stat="DELIVRD", submitted="2611211130", done="2611211131")
    assert octets.startswith(b"id:msg_1@? sub:001 ")


@given(st.text())
def test_receipt_octets_read_alike_in_ascii_and_gsm(text: str) -> None:
    octets = receipt_octets("0a1b", stat="DELIVRD", submitted="2611211130", done="2611211131", text=text)
    assert octets.decode("ascii") == gsm_decode(octets)
    assert gsm_encode(octets.decode("ascii")) == octets
    assert len(octets.partition(b" Text:")[2]) == min(20, len(text))


# --- Dates ---


@pytest.mark.parametrize(
    ("unix_seconds", "offset", "ten", "twelve"),
    [
        (0, 0, "7001010000", "700101000000"),
        (59.999, 0, "7001010000", "700101000059"),
        (60, 0, "7001010001", "700101000100"),
        (951_868_799, 0, "0002292359", "000229235959"),
        (1_000_000_000.5, 0, "0109090146", "010909014640"),
        (1_000_000_000, 330, "0109090716", "010909071640"),
        (1_000_000_000, -480, "0109081746", "010908174640"),
    ],
)
def test_dates_are_counted_from_unix_seconds(unix_seconds: float, offset: int, ten: str, twelve: str) -> None:
    assert date10(unix_seconds, offset) == ten
    assert date12(unix_seconds, offset) == twelve


@given(st.integers(0, 4_000_000_000), st.integers(-720, 840))
def test_dates_agree_with_the_calendar(unix_seconds: int, offset: int) -> None:
    local = datetime.fromtimestamp(unix_seconds, UTC) + timedelta(minutes=offset)
    assert date12(unix_seconds, offset) == local.strftime("%y%m%d%H%M%S")
    assert date10(unix_seconds, offset) == local.strftime("%y%m%d%H%M")


# --- States ---


@pytest.mark.parametrize(
    ("state", "stat", "long_name"),
    [
        (1, "ENROUTE", "ENROUTE"),
        (2, "DELIVRD", "DELIVERED"),
        (3, "EXPIRED", "EXPIRED"),
        (4, "DELETED", "DELETED"),
        (5, "UNDELIV", "UNDELIVERABLE"),
        (6, "ACCEPTD", "ACCEPTED"),
        (7, "UNKNOWN", "UNKNOWN"),
        (8, "REJECTD", "REJECTED"),
        (9, "SKIPPED", "SKIPPED"),
    ],
)
def test_a_state_has_a_word_and_a_word_has_a_state(state: int, stat: str, long_name: str) -> None:
    assert stat_of(state) == STATES[state] == stat
    assert state_of(stat) == state_of(long_name) == state_of(stat.lower()) == state


def test_a_scheduled_message_is_enroute_to_those_who_know_no_schedule() -> None:
    assert stat_of(0) == "ENROUTE"
    assert state_of("SCHEDULED") == 0


def test_an_unassigned_state_is_unknown_and_an_unknown_word_is_none() -> None:
    assert stat_of(10) == stat_of(255) == "UNKNOWN"
    assert state_of("DELIVERD") is None


@pytest.mark.parametrize("stat", STATES.values())
def test_every_word_has_seven_letters(stat: str) -> None:
    assert len(stat) == 7
    assert stat.isupper()


# --- Reading ---

WHOLE = Receipt("0123456789", "DELIVRD", "001", "001", "2611211130", "2611211131", "000", "Hello there")


@pytest.mark.parametrize(
    "text",
    [
        (
            "id:0123456789 sub:001 dlvrd:001 submit date:2611211130 done date:2611211131 stat:DELIVRD err:000 "
            "Text:Hello there"
        ),
        (
            "id:0123456789 sub:001 dlvrd:001 submit date:2611211130 done date:2611211131 stat:DELIVRD err:000 "
            "text:Hello there"
        ),
        (
            "ID:0123456789 SUB:001 DLVRD:001 SUBMIT DATE:2611211130 DONE DATE:2611211131 STAT:delivrd ERR:000 "
            "TEXT:Hello there"
        ),
        (
            "id: 0123456789 sub: 001 dlvrd: 001 submit_date: 2611211130 done_date: 2611211131 stat: DELIVRD err: 000 "
            "text:Hello there"
        ),
        (
            "stat:DELIVRD err:000 id:0123456789 done date:2611211131 submit date:2611211130 dlvrd:001 sub:001 "
            "Text:Hello there"
        ),
        (
            "Text:Hello there id:0123456789 sub:001 dlvrd:001 submit date:2611211130 done date:2611211131 stat:DELIVRD "
            "err:000"
        ),
        (
            "id:0123456789 sub:001 submitdate:2611211130 Text:Hello there dlvrd:001 done date:2611211131 stat:DELIVRD "
            "err:000"
        ),
        (
            "id:0123456789\r\nsub:001\r\ndlvrd:001\r\nsubmit date:2611211130\r\ndone date:2611211131\r\n"
            "stat:DELIVRD\r\nerr:000\r\nText:Hello there"
        ),
    ],
)
def test_a_receipt_is_read_in_any_case_and_order(text: str) -> None:
    assert parse(text) == WHOLE


@pytest.mark.parametrize(
    ("text", "receipt"),
    [
        ("id:a1 stat:UNDELIV", Receipt("a1", "UNDELIV")),
        ("id:a1 stat:UNDELIV err:", Receipt("a1", "UNDELIV")),
        ("id:a1 sub: dlvrd: stat:UNDELIV err: Text:", Receipt("a1", "UNDELIV")),
        (
            "id:a1 submit date:261121113059 done date:20261121113059 stat:X",
            Receipt("a1", "X", "", "", "261121113059", "20261121113059"),
        ),
        ("id:a1 stat:DELIVRD err:E-12 carrier:42", Receipt("a1", "DELIVRD", err="E-12")),
        ("id:a:1 stat:DELIVRD", Receipt("a:1", "DELIVRD")),
        ("id:1 id:2 stat:DELIVRD", Receipt("1", "DELIVRD")),
        ("id:1 stat:DELIVRD Text:id:2 stat:EXPIRED", Receipt("1", "DELIVRD", text="id:2 stat:EXPIRED")),
        ("id:1 stat:DELIVRD Text: two\nlines ", Receipt("1", "DELIVRD", text=" two\nlines ")),
        ("id:1 Text:hello id:2 stat:EXPIRED", Receipt("1", "EXPIRED", text="hello")),
        ("Text:valid:1 fields id:2 stat:EXPIRED", Receipt("2", "EXPIRED", text="valid:1 fields")),
    ],
)
def test_a_receipt_with_missing_or_odd_fields_is_read(text: str, receipt: Receipt) -> None:
    assert parse(text) == receipt


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "id:1",
        "stat:DELIVRD",
        "id: stat:DELIVRD",
        "id:1 stat: err:000",
        "paid:1 stat:DELIVRD",
        "id:1 Text:hello",
        "Text:hello",
    ],
)
def test_a_text_without_id_or_stat_is_no_receipt(text: str) -> None:
    assert parse(text) is None


words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=":"), min_size=1)


@given(words, st.sampled_from(sorted(set(STATES.values()))), st.text(max_size=20), st.integers(0, 4_000_000_000))
def test_what_is_built_is_read_back(message_id: str, stat: str, text: str, at: int) -> None:
    built = build(message_id, stat=stat, submitted=date10(at), done=date10(at + 5), text=text)
    assert parse(built) == Receipt(message_id, stat, "001", "001", date10(at), date10(at + 5), "000", text)


@given(st.text(st.sampled_from("idstaex: _\n1"), max_size=60))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    receipt = parse(text)
    assert receipt is None or (receipt.message_id and receipt.stat)

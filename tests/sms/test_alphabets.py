"""The alphabets against tables typed from 3GPP 23.038, and against themselves."""

import sys
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sms.alphabets import (
    Alphabet,
    alphabet_of,
    choose,
    encode_text,
    fill_bits_after,
    gsm_decode,
    gsm_encode,
    pack_septets,
    read_alphabet,
    read_text,
    septets,
    unpack_septets,
    unpack_text,
)

# 3GPP 23.038, 6.2.1, row by row as it is printed there: low nibble down, high digit across; E stands for the escape.
ROWS = [
    ["@", "Δ", " ", "0", "¡", "P", "¿", "p"],
    ["£", "_", "!", "1", "A", "Q", "a", "q"],
    ["$", "Φ", '"', "2", "B", "R", "b", "r"],
    ["¥", "Γ", "#", "3", "C", "S", "c", "s"],
    ["è", "Λ", "¤", "4", "D", "T", "d", "t"],
    ["é", "Ω", "%", "5", "E", "U", "e", "u"],
    ["ù", "Π", "&", "6", "F", "V", "f", "v"],
    ["ì", "Ψ", "'", "7", "G", "W", "g", "w"],
    ["ò", "Σ", "(", "8", "H", "X", "h", "x"],
    ["Ç", "Θ", ")", "9", "I", "Y", "i", "y"],
    ["\n", "Ξ", "*", ":", "J", "Z", "j", "z"],
    ["Ø", "", "+", ";", "K", "Ä", "k", "ä"],
    ["ø", "Æ", ",", "<", "L", "Ö", "l", "ö"],
    ["\r", "æ", "-", "=", "M", "Ñ", "m", "ñ"],
    ["Å", "ß", ".", ">", "N", "Ü", "n", "ü"],
    ["å", "É", "/", "?", "O", "§", "o", "à"],
]
DEFAULT = {
    high << 4 | low: character for low, row in enumerate(ROWS) for high, character in enumerate(row) if character
}
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
GSM_CHARACTERS = [*DEFAULT.values(), *EXTENSION.values()]
gsm_texts = st.text(st.sampled_from(GSM_CHARACTERS))

UCS2, BINARY, GSM7 = Alphabet.UCS2, Alphabet.BINARY, Alphabet.GSM7


def test_the_typed_table_is_whole() -> None:
    assert len(DEFAULT) == 127
    assert len(set(GSM_CHARACTERS)) == 137


@pytest.mark.parametrize(("septet", "character"), DEFAULT.items())
def test_every_septet_of_the_default_table_stands_for_its_character(septet: int, character: str) -> None:
    assert gsm_decode(bytes([septet])) == character
    assert gsm_encode(character) == bytes([septet])


@pytest.mark.parametrize(("septet", "character"), EXTENSION.items())
def test_every_extension_character_is_an_escape_pair(septet: int, character: str) -> None:
    assert gsm_decode(bytes([0x1B, septet])) == character
    assert gsm_encode(character) == bytes([0x1B, septet])


@pytest.mark.parametrize("septet", sorted(set(DEFAULT) - set(EXTENSION)))
def test_an_unknown_escape_pair_shows_the_second_septets_own_character(septet: int) -> None:
    assert gsm_decode(bytes([0x41, 0x1B, septet, 0x42])) == f"A{DEFAULT[septet]}B"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"\x1b", " "),
        (b"A\x1b", "A "),
        (b"\x1b\x1b", " "),
        (b"\x1b\x1b\x3c", " <"),
        (b"\x1b\x1b\x1b\x3c", " ["),
        (b"A\x80\xffB", "A\ufffd\ufffdB"),
        (b"\x1b\xe5", "\ufffd"),
    ],
)
def test_octets_without_a_meaning_are_read_all_the_same(octets: bytes, text: str) -> None:
    assert gsm_decode(octets) == text


def pairwise(octets: bytes) -> str:
    """3GPP 23.038, 6.2.1, read one septet after the other, as a handset would."""
    text, at = "", 0
    while at < len(octets):
        if octets[at] != 0x1B:
            text += DEFAULT.get(octets[at], "\ufffd")
            at += 1
            continue
        second = octets[at + 1] if at + 1 < len(octets) else 0x1B
        text += EXTENSION.get(second) or (" " if second == 0x1B else DEFAULT.get(second, "\ufffd"))
        at += 2
    return text


@given(st.lists(st.sampled_from([0x1B, *EXTENSION, 0x41, 0x00, 0x20, 0x80, 0x9B, 0xFF])).map(bytes) | st.binary())
def test_escapes_pair_from_the_left(octets: bytes) -> None:
    assert gsm_decode(octets) == pairwise(octets)


def calls_of(octets: bytes) -> int:
    """How many functions are called to read octets."""
    count = 0

    def seen(_frame: FrameType, event: str, _function: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        gsm_decode(octets)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("pair", [b"\x1be", b"\x1bA", b"\x1b\x1b", b"a\x1b<"])
def test_a_text_full_of_escapes_takes_no_more_steps_than_one_with_a_few(pair: bytes) -> None:
    assert calls_of(pair * 2) == calls_of(pair * 20_000) < 30


def test_an_escape_character_in_a_text_has_no_place() -> None:
    with pytest.raises(UnicodeEncodeError, match=r"\\x1b"):
        gsm_encode("a\x1bb")


@pytest.mark.parametrize(
    ("text", "at", "character"),
    [
        ("a中文", 1, r"\u4e2d"),
        ("€ç", 1, r"\xe7"),
        ("😀", 0, r"\U0001f600"),
        ("[a`", 2, r"\x60"),
        ("\ud800", 0, r"\ud800"),
    ],
)
def test_a_refusal_names_the_first_character_without_a_place(text: str, at: int, character: str) -> None:
    with pytest.raises(UnicodeEncodeError) as caught:
        gsm_encode(text)
    assert (caught.value.start, caught.value.end) == (at, at + 1)
    expected = f"'gsm03.38' codec can't encode character '{character}' in position {at}: no place in the GSM"
    assert str(caught.value).startswith(expected)


def test_replace_puts_one_question_mark_for_each_character_without_a_place() -> None:
    assert gsm_encode("a中é😀€", "replace") == b"a?\x05?\x1b\x65"


@given(st.text())
def test_replacing_never_raises_and_keeps_the_number_of_characters(text: str) -> None:
    assert len(gsm_decode(gsm_encode(text, "replace"))) == len(text)


@given(gsm_texts)
def test_gsm_text_survives_the_round_trip(text: str) -> None:
    assert gsm_decode(gsm_encode(text)) == text


@given(gsm_texts)
def test_septets_counts_extension_characters_twice(text: str) -> None:
    assert septets(text) == len(text) + sum(character in EXTENSION.values() for character in text)


# --- Packing ---


@pytest.mark.parametrize(
    ("unpacked", "fill_bits", "packed"),
    [
        # The example that every implementer of 23.038 checks first.
        (b"hellohello", 0, "e8329bfd4697d9ec37"),
        (b"", 0, ""),
        (b"A", 0, "41"),
        # Eight septets fill seven octets; seven leave seven bits, which get a carriage return (0x0D), not an '@'.
        (b"AAAAAAAA", 0, "c16030180c0683"),
        (b"\x00" * 7, 0, "0000000000001a"),
        # One fill bit after a six-octet header: 48 bits, the text begins at bit 49.
        (b"A", 1, "82"),
        (b"\x7f", 2, "fc1b"),
    ],
)
def test_packing_puts_the_first_septet_into_the_lowest_bits(unpacked: bytes, fill_bits: int, packed: str) -> None:
    assert pack_septets(unpacked, fill_bits).hex() == packed


@given(st.lists(st.integers(0, 127), max_size=160).map(bytes), st.integers(0, 6))
def test_unpacking_undoes_packing(unpacked: bytes, fill_bits: int) -> None:
    packed = pack_septets(unpacked, fill_bits)
    assert len(packed) == -(-(7 * len(unpacked) + fill_bits) // 8)
    assert unpack_septets(packed, len(unpacked), fill_bits) == unpacked


def test_unpacking_stops_where_the_octets_end() -> None:
    assert unpack_septets(bytes.fromhex("e8329bfd4697d9ec37"), 99) == b"hellohello"
    assert unpack_septets(b"", 5, 3) == b""


# 3GPP 23.040, 9.2.3.24: the text begins at the next septet boundary behind the header.
@pytest.mark.parametrize(
    ("header_length", "fill_bits"),
    [(0, 0), (4, 3), (5, 2), (6, 1), (7, 0), (8, 6), (9, 5), (10, 4), (12, 2), (13, 1), (14, 0)],
)
def test_fill_bits_align_the_text_to_a_septet(header_length: int, fill_bits: int) -> None:
    assert fill_bits_after(header_length) == fill_bits
    assert (8 * header_length + fill_bits) % 7 == 0


@pytest.mark.parametrize("fill_bits", range(7))
def test_a_packed_text_is_read_without_its_count_whatever_its_length(fill_bits: int) -> None:
    for length in range(33):
        octets = encode_text("x" * length, 0, is_packed=True, fill_bits=fill_bits)
        assert read_text(octets, 0, is_packed=True, fill_bits=fill_bits) == "x" * length


@given(st.lists(st.integers(0, 127), max_size=170).map(bytes), st.integers(0, 6))
def test_only_a_carriage_return_that_ends_with_the_last_octet_is_taken_for_padding(
    unpacked: bytes, fill_bits: int
) -> None:
    is_full = (7 * len(unpacked) + fill_bits) % 8 == 0
    expected = unpacked[:-1] if is_full and unpacked.endswith(b"\r") else unpacked
    assert unpack_text(pack_septets(unpacked, fill_bits), fill_bits) == expected


def test_seven_spare_bits_of_zeros_are_read_as_the_at_sign_they_look_like() -> None:
    assert unpack_text(bytes(7)) == bytes(8)


def test_fewer_bits_than_a_septet_are_no_text() -> None:
    assert unpack_text(b"") == unpack_text(b"", 6) == unpack_text(b"\xff", 2) == b""


def test_packing_concerns_gsm_texts_only() -> None:
    assert read_text(b"\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37", 0, is_packed=True) == "hellohello"
    for data_coding in (1, 3, 4, 8):
        octets = encode_text("6869", data_coding, is_packed=True)
        assert octets == encode_text("6869", data_coding)
        assert read_text(octets, data_coding, is_packed=True) == "6869"
    assert read_text(b"hi", 0, Alphabet.ASCII, is_packed=True) == "hi"


# --- data_coding ---


@pytest.mark.parametrize(
    ("codings", "alphabet"),
    [
        ([0x00, 0x10, 0x11, 0x12, 0x13], GSM7),
        ([0x01], Alphabet.ASCII),
        ([0x02, 0x04, 0x09, 0x14, 0x15, 0x16, 0x17], BINARY),
        ([0x03], Alphabet.LATIN1),
        ([0x05], Alphabet.JIS),
        ([0x06], Alphabet.CYRILLIC),
        ([0x07], Alphabet.HEBREW),
        ([0x08, 0x18, 0x19, 0x1A, 0x1B], UCS2),
        ([0x0A], Alphabet.ISO2022_JP),
        ([0x0D], Alphabet.JIS_EXTENDED),
        ([0x0E], Alphabet.KOREAN),
        (range(0xC0, 0xE0), GSM7),
        (range(0xE0, 0xF0), UCS2),
        ([0xF0, 0xF1, 0xF2, 0xF3, 0xF8, 0xFB], GSM7),
        ([0xF4, 0xF5, 0xF6, 0xF7, 0xFC, 0xFF], BINARY),
    ],
)
def test_a_data_coding_names_its_alphabet(codings: list[int], alphabet: Alphabet) -> None:
    assert [alphabet_of(coding) for coding in codings] == [alphabet] * len(codings)


@pytest.mark.parametrize("coding", [0x00, 0x0B, 0x0C, 0x0F, 0x1C, 0x1F, 0x20, 0x80, 0xBF])
def test_zero_and_reserved_values_mean_the_default_alphabet(coding: int) -> None:
    assert alphabet_of(coding, Alphabet.LATIN1) is Alphabet.LATIN1
    assert read_text(b"\xe9", coding, Alphabet.LATIN1) == "é"
    assert encode_text("é", coding, default=Alphabet.LATIN1) == b"\xe9"


def test_a_gsm_coding_is_gsm_whatever_the_default_alphabet() -> None:
    assert read_text(b"\x05", 0xF0, Alphabet.LATIN1) == "é"


@pytest.mark.parametrize(
    ("data_coding", "text", "octets"),
    [
        (0, "é@", "0500"),
        (1, "a_@$", "615f4024"),
        (3, "é", "e9"),
        (5, "テ", "8365"),
        (6, "Ж", "b6"),
        (7, "ש", "f9"),
        (8, "A€😀", "004120acd83dde00"),
        (10, "日", "1b2442467c1b2842"),
        (13, "日", "c6fc"),
        (14, "한", "c7d1"),
        (4, "00ff41", "00ff41"),
    ],
)
def test_each_alphabet_writes_and_reads_its_octets(data_coding: int, text: str, octets: str) -> None:
    assert encode_text(text, data_coding).hex() == octets
    assert read_text(bytes.fromhex(octets), data_coding) == text


@pytest.mark.parametrize("data_coding", [0, 1, 3, 5, 6, 7, 10, 13, 14])
def test_a_character_without_a_place_is_refused_or_replaced(data_coding: int) -> None:
    with pytest.raises(UnicodeEncodeError):
        encode_text("a😀", data_coding)
    assert encode_text("a😀", data_coding, "replace") == b"a?"


def test_a_binary_text_has_to_be_hexadecimal() -> None:
    with pytest.raises(ValueError, match="hex"):
        encode_text("hello", 4)


# --- UCS2 ---


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("0041d8", "A\ufffd"),
        ("d83d0041", "\ufffdA"),
        ("de000041", "\ufffdA"),
        ("0041d83d", "A\ufffd"),
        ("feff0041", "\ufeffA"),
        ("fffe4100", "\ufffe\u4100"),
    ],
)
def test_broken_ucs2_is_read_with_replacement_characters(octets: str, text: str) -> None:
    assert read_text(bytes.fromhex(octets), 8) == text


def test_half_a_surrogate_pair_is_written_as_it_stands() -> None:
    assert encode_text("\ud83d", 8) == b"\xd8\x3d"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_ucs2_text_survives_the_round_trip(text: str) -> None:
    assert read_text(encode_text(text, 8), 8) == text


@given(st.binary(), st.integers(0, 255), st.sampled_from(Alphabet))
def test_reading_never_raises(octets: bytes, data_coding: int, default: Alphabet) -> None:
    text = read_text(octets, data_coding, default)
    assert bool(text) >= bool(octets and alphabet_of(data_coding, default) != Alphabet.ISO2022_JP)


# --- data_coding 1 ---


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        # Nothing speaks for GSM: ASCII, also where GSM prints something else.
        (b"me_too@example.com costs $5 [now] {a|b} ~`^", "me_too@example.com costs $5 [now] {a|b} ~`^"),
        (b"two\r\nlines\tand a tab", "two\r\nlines\tand a tab"),
        (b"f\x7er sch\x7cn m\x7cchte", "für schön möchte"),
        (b"~user a|b {x} x~1", "~user a|b {x} x~1"),
        # One octet that is no text in ASCII decides for all of them.
        (b"me\x11too\x00example.com", "me_too@example.com"),
        (b"costs \x025 \x1b\x3cnow\x1b\x3e", "costs $5 [now]"),
        (b"voil\x7f", "voilà"),
        (b"\x05\x5b\x40", "éÄ¡"),
        # An octet above 0x7F is in neither alphabet.
        (b"caf\xe9", "caf\ufffd"),
        (b"\x00caf\xe9", "\x00caf\ufffd"),
    ],
)
def test_data_coding_1_is_ascii_unless_an_octet_proves_gsm(octets: bytes, text: str) -> None:
    assert read_text(octets, 1) == text


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7A)))
def test_printable_ascii_survives_data_coding_1(text: str) -> None:
    assert read_text(encode_text(text, 1), 1) == text


@given(gsm_texts)
def test_a_gsm_text_is_read_alike_by_its_alphabet_and_by_its_data_coding(text: str) -> None:
    octets = gsm_encode(text)
    assert read_alphabet(octets, GSM7) == read_text(octets, 0) == gsm_decode(octets) == text


@given(gsm_texts, gsm_texts)
def test_a_gsm_text_with_an_at_sign_is_recognised_under_data_coding_1(before: str, after: str) -> None:
    text = f"{before}@{after}"
    assert read_text(gsm_encode(text), 1) == text


# --- Choosing ---


@given(gsm_texts)
def test_what_gsm_can_write_is_sent_as_gsm(text: str) -> None:
    assert choose(text) == (0, GSM7)


@given(gsm_texts, st.sampled_from(["ç", "`", "中", "😀", "\x1b", "\u2019"]))
def test_one_character_without_a_place_makes_a_text_ucs2(text: str, stranger: str) -> None:
    assert choose(text + stranger) == (8, UCS2)

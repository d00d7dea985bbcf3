"""Texts in parts: as the network makes them, and as no network should."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.declared import names_in
from simulator.scenario.forms.forms import Concatenation
from simulator.shaping.parts import Piece, Writing, order_of, pieces_of
from simulator.smpp.constants import TlvTag
from simulator.smpp.tlvs import Tlv
from simulator.sms.alphabets import choose, unpack_text
from simulator.sms.languages import Shifts
from simulator.sms.segments import Part, Udh, join, shifts_for, split

GSM = Writing("gsm7")
UCS2 = Writing("ucs2", 8)
LONG = "0123456789" * 20
TEXTS = st.text(st.sampled_from("ab {€@é") | st.sampled_from("aЯ😀"), max_size=400)
KINDS = st.sampled_from(["udh8", "udh16", "sar", "payload", "none"])


def form(said: Any) -> Concatenation:
    return Concatenation.model_validate(said, context=names_in({}))


def pieces(text: str | bytes, said: Any = None, *, writing: Writing = GSM, reference: int = 7) -> list[Piece]:
    return pieces_of(text, writing, reference, form=None if said is None else form(said))


def headers(found: list[Piece]) -> list[str]:
    return [piece.header.hex() for piece in found]


def sar(reference: int, total: int, number: int) -> tuple[Tlv, ...]:
    values = (bytes((0, reference)), bytes((total,)), bytes((number,)))
    tags = (TlvTag.SAR_MSG_REF_NUM, TlvTag.SAR_TOTAL_SEGMENTS, TlvTag.SAR_SEGMENT_SEQNUM)
    return tuple(Tlv(int(tag), value) for tag, value in zip(tags, values, strict=True))


# ---------------------------------------------------------------- by the book


@given(TEXTS, KINDS, st.integers(0, 2**32))
def test_without_a_form_the_parts_are_those_of_segments(text, kind, reference):
    data_coding, alphabet = choose(text)
    expected = split(text, reference=reference, kind=kind)
    found = pieces_of(text, Writing(alphabet.value, data_coding), reference, by=kind)
    assert [piece.header + piece.octets for piece in found] == [segment.octets for segment in expected]
    assert [piece.udhi for piece in found] == [segment.has_udh for segment in expected]
    if kind == "sar" and len(found) > 1:
        assert [piece.tlvs for piece in found] == [_sar_of(segment.part) for segment in expected]


def _sar_of(part: Part | None) -> tuple[Tlv, ...]:
    assert part is not None
    reference = Tlv(int(TlvTag.SAR_MSG_REF_NUM), part.reference.to_bytes(2, "big"))
    return (reference, *sar(0, part.total, part.number)[1:])


@given(st.text(st.sampled_from("ışçğ aé{€"), max_size=400), st.sampled_from(["udh8", "udh16", "payload"]))
def test_national_tables_are_named_as_segments_names_them(text, kind):
    shifts = shifts_for(text, 1)
    data_coding, alphabet = choose(text, shifts)
    expected = split(text, data_coding, reference=7, kind=kind, shifts=shifts)
    found = pieces_of(text, Writing(alphabet.value, data_coding, shifts), 7, by=kind)
    assert [piece.header + piece.octets for piece in found] == [segment.octets for segment in expected]


def test_only_a_gsm_text_names_national_tables():
    writing = Writing("latin1", 0, Shifts(1, 1))
    assert headers(pieces("abc", writing=writing)) == [""]


@given(TEXTS, st.integers(5, 60), st.sampled_from(["udh8", "udh16", "both"]))
def test_parts_of_any_size_give_the_text_back(text, size, by):
    data_coding, alphabet = choose(text)
    found = pieces_of(text, Writing(alphabet.value, data_coding), 7, form=form({"by": by, "size": size}))
    parts = {}
    for number, piece in enumerate(found, 1):
        assert len(piece.octets) <= size * (2 if data_coding else 1)
        udh = Udh.parse(piece.header)
        if len(found) > 1:
            assert udh is not None
            assert udh.part == Part(7, number, len(found), "udh16" if by == "udh16" else "udh8")
        parts[number] = piece.octets
    assert join(parts, data_coding) == text


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("utf-8", "utf-8", "aЯ😀" * 60),
        ("iso-2022-jp", "iso2022_jp", "日本a" * 80),
        ("jis", "shift_jis", "日本a" * 80),
        ("ucs2-le", "utf-16-le", "aЯ" * 80),
        ("latin1", "latin-1", "é" * 400),
    ],
)
def test_parts_in_other_charsets_are_cut_between_characters(charset, codec, text):
    found = pieces(text, writing=Writing(charset, 8))
    assert len(found) > 1
    assert "".join(piece.octets.decode(codec) for piece in found) == text
    assert max(len(piece.octets) for piece in found) <= 134
    # full, except for what did not fit
    assert min(len(piece.octets) for piece in found[:-1]) > 134 - 10


def test_what_the_network_takes_for_septets_has_their_room():
    assert [len(piece.octets) for piece in pieces("é" * 160, writing=Writing("latin1"))] == [160]
    assert [len(piece.octets) for piece in pieces("é" * 161, writing=Writing("latin1"))] == [153, 8]
    # two octets a character are no septets
    assert [len(piece.octets) for piece in pieces("a" * 71, writing=Writing("ucs2"))] == [134, 8]


def test_a_byte_order_mark_stands_before_the_text_only():
    found = pieces("a" * 100, writing=Writing("ucs2-le-bom", 8))
    assert [piece.octets[:4].hex() for piece in found] == ["fffe6100", "61006100"]
    assert [piece.octets.hex() for piece in pieces("a", writing=Writing("ucs2-bom"))] == ["feff0061"]


def test_packed_parts_have_fill_bits_behind_their_header():
    found = pieces("a" * 161, writing=Writing("gsm7-packed"))
    assert [len(piece.header + piece.octets) for piece in found] == [140, 6 + 8]
    assert [unpack_text(piece.octets, fill_bits=1) for piece in found] == [b"a" * 153, b"a" * 8]
    (alone,) = pieces("hellohello", writing=Writing("gsm7-packed"))
    assert alone == Piece(b"", bytes.fromhex("e8329bfd4697d9ec37"), (), udhi=False)


def test_more_than_255_parts_are_refused_unless_nobody_counts_them():
    text = "a" * (153 * 255 + 1)
    for by in ("udh8", "sar", "payload"):
        with pytest.raises(ValueError, match="text: 256 segments, at most 255"):
            pieces(text, by)
    assert len(pieces("a" * 1000, {"by": "none", "size": 3})) == 334
    assert headers(pieces("a" * 600, {"by": "none", "size": 2, "header": "hex:05000301 00 01"}))[299] == "050003010001"


# ---------------------------------------------------------------- octets as they are


def test_octets_are_cut_through_pairs():
    found = pieces(b"a" * 152 + b"\x1b\x65" + b"a" * 20)
    assert [piece.octets[-1:] for piece in found] == [b"\x1b", b"a"]
    assert [len(piece.octets) for piece in pieces(b"abcde", {"size": 2}, writing=UCS2)] == [2, 2, 1]
    assert [piece.octets for piece in pieces(b"\x1b\x65", writing=Writing("gsm7-packed"))] == [b"\x1b\x65"]


def test_a_binary_text_is_cut_as_octets():
    found = pieces("00ff" * 100, writing=Writing("binary", 4))
    assert b"".join(piece.octets for piece in found) == b"\0\xff" * 100
    assert [len(piece.octets) for piece in found] == [134, 66]


# ---------------------------------------------------------------- against the book


def test_reference_total_and_first_number_are_told_as_the_form_says():
    assert headers(pieces(LONG, {"reference": 0x1234, "total": 9, "first": 0})) == ["050003340900", "050003340901"]
    assert headers(pieces(LONG, {"by": "udh16", "reference": 0x1234})) == ["06080412340201", "06080412340202"]
    assert headers(pieces(LONG, {"first": 255})) == ["0500030702ff", "050003070200"]


def test_a_text_of_one_part_is_marked_only_with_a_total():
    assert headers(pieces("hi", {"reference": 1, "first": 1})) == [""]
    assert headers(pieces("hi", {"total": 1})) == ["050003070101"]
    (piece,) = pieces("hi", {"by": "sar", "total": 1})
    assert (piece.header, piece.tlvs) == (b"", sar(7, 1, 1))
    assert pieces("hi", {"by": "payload", "total": 1}) == [Piece(b"", b"hi", (), udhi=False)]


def test_header_and_sar_tlvs_can_both_be_there():
    first, second = pieces(LONG, {"by": "both"}, reference=0x107)
    assert (first.header.hex(), first.tlvs, first.udhi) == ("050003070201", sar(7, 2, 1), True)
    assert (second.header.hex(), second.tlvs) == ("050003070202", sar(7, 2, 2))


def test_sar_tlvs_can_be_left_out():
    found = pieces(LONG, {"by": "sar", "tlvs": ["sar_msg_ref_num", "sar_segment_seqnum"]})
    assert [piece.tlvs for piece in found] == [sar(7, 2, number)[::2] for number in (1, 2)]


def test_the_bit_of_the_header_can_lie():
    assert [piece.udhi for piece in pieces(LONG, {"udhi": False})] == [False, False]
    assert pieces("hi", {"by": "none", "udhi": True}) == [Piece(b"", b"hi", (), udhi=True)]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # ports and concatenation in either order
        ("0b 0504158200 00 0003 000000", "0b05041582000000 03070201"),
        ("0b 0003000000 0504 15820000", "0b 0003070201 0504 15820000"),
        ("0c 080400000000 0504 15820000", "0c 080400070201 0504 15820000"),
        # an unknown element before, a pad octet behind, a length that is wrong
        ("08 7f01aa 0003000000", "08 7f01aa 0003070201"),
        ("05 0003000000 0d", "05 0003070201 0d"),
        ("06 0003000000", "06 0003070201"),
        # what is told stays
        ("05 0003110905", "05 0003110905"),
        ("05 0003000001", "05 0003000001"),
        # elements of other sizes, cut, longer than the header: nothing is filled in
        ("04 00020000", "04 00020000"),
        ("05 00030000", "05 00030000"),
        ("06 0803000000 00", "06 0803000000 00"),
        ("ff", "ff"),
        ("", ""),
    ],
)
def test_a_header_is_written_as_it_is_said_with_zeros_filled_in(header, expected):
    found = pieces(LONG, {"header": f"hex:{header}"})
    assert found[0].header == bytes.fromhex(expected)
    assert found[0].udhi == bool(header)
    assert len(found[0].octets) == 140 * 8 // 7 - -(-len(found[0].header) * 8 // 7)


def test_a_header_without_room_beside_it_still_carries_the_text():
    found = pieces("abc" * 60, {"header": f"hex:{'00' * 200}"})
    assert [piece.octets for piece in found[:3]] == [b"a", b"b", b"c"]
    assert len(pieces(b"abc", {"header": f"hex:{'00' * 200}"})) == 3


def test_a_character_larger_than_a_part_is_a_part():
    assert [piece.octets for piece in pieces("{{a", {"size": 1})] == [b"\x1b\x28", b"\x1b\x28", b"a"]
    assert len(pieces("😀😀", {"size": 1}, writing=UCS2)) == 2


def test_the_size_of_a_payload_is_no_size_of_its_octets():
    assert [len(piece.octets) for piece in pieces("a" * 30, {"by": "payload", "size": 10})] == [30]


# ---------------------------------------------------------------- the order


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, [0, 1, 2]),
        ({}, [0, 1, 2]),
        ({"order": [3, 1, 2]}, [2, 0, 1]),
        ({"order": [3]}, [2, 0, 1]),
        ({"order": [1, 2, 2, 3]}, [0, 1, 1, 2]),
        ({"order": [0, 4, 2, 9]}, [1, 0, 2]),
        ({"lose": [2]}, [0, 2]),
        ({"order": [3, 2, 1], "lose": [1, 3]}, [1]),
        ({"lose": [1, 2, 3]}, []),
    ],
)
def test_parts_are_sent_in_the_order_that_is_said_without_those_that_are_lost(said, expected):
    assert order_of(3, None if said is None else form(said)) == expected

"""Segments beside headers of every kind: national tables, packed septets, and how many the network needs.

Sizes are typed from 3GPP 23.038 and 23.040.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sms.alphabets import Alphabet, read_text
from simulator.sms.languages import UNSHIFTED, Shifts
from simulator.sms.segments import Segment, SplitKind, Udh, count_segments, join, room, shifts_for, split
from tests.sms.test_segments import body

# --- National tables ---

TURKISH, SPANISH, PORTUGUESE = 1, 2, 3


@pytest.mark.parametrize(
    ("octets", "shifts"),
    [
        ("03 240101", Shifts(0, 1)),
        ("03 250103", Shifts(3, 0)),
        ("06 240101 250103", Shifts(3, 1)),
        ("08 0003cc0201 240102 41", Shifts(0, 2)),
        ("05 0003cc0201", UNSHIFTED),
        # 3GPP 23.040, 9.2.3.24: of elements that may not be repeated the last one counts.
        ("09 240101 250103 240102", Shifts(3, 2)),
        # Ill-sized ones are ignored.
        ("04 24020101", UNSHIFTED),
        ("02 2400", UNSHIFTED),
        ("05 240102 2500", Shifts(0, 2)),
        # What no table is known for is still told.
        ("03 2401ff", Shifts(0, 255)),
    ],
)
def test_a_header_names_the_tables_of_its_part(octets: str, shifts: Shifts) -> None:
    udh = Udh.parse(bytes.fromhex(octets))
    assert udh is not None
    assert udh.shifts == shifts


def test_a_text_in_national_tables_has_a_header_that_names_them() -> None:
    (segment,) = split("ışık", shifts=Shifts(0, TURKISH))
    assert segment == Segment(b"\x03\x24\x01\x01\x1b\x69\x1b\x73\x1b\x69k", None, 0, has_udh=True)
    (segment,) = split("ışık", shifts=Shifts(TURKISH, TURKISH))
    assert segment == Segment(b"\x06\x24\x01\x01\x25\x01\x01\x07\x1d\x07k", None, 0, has_udh=True)


@pytest.mark.parametrize("kind", ["udh8", "udh16"])
def test_every_part_names_the_tables_behind_its_concatenation(kind: SplitKind) -> None:
    for segment in split("ş" * 400, shifts=Shifts(TURKISH, 0), kind=kind, reference=7):
        udh = Udh.parse(segment.octets)
        assert udh is not None
        assert (udh.part, udh.shifts, udh.elements[1]) == (segment.part, Shifts(TURKISH, 0), (0x25, b"\x01"))


def test_what_is_no_gsm_text_has_no_header_that_names_tables() -> None:
    assert split("ç中", shifts=Shifts(TURKISH, TURKISH)) == [Segment("ç中".encode("utf-16-be"), None, 8)]
    assert split("hi", 0, shifts=Shifts(1, 1), default=Alphabet.LATIN1) == [Segment(b"hi", None, 0)]


@pytest.mark.parametrize("text", ["short", "x" * 400])
def test_sar_parts_cannot_be_written_in_national_tables(text: str) -> None:
    with pytest.raises(ValueError, match=r"kind: 'sar', .*: one of udh8, udh16, payload, none"):
        split(text, shifts=Shifts(0, SPANISH), kind="sar")


@pytest.mark.parametrize(
    ("text", "language", "shifts", "segments"),
    [
        ("hello", TURKISH, Shifts(0, 0), 1),
        # one segment any way: the smallest header that helps
        ("ışık", TURKISH, Shifts(0, 1), 1),
        ("ş" * 77, TURKISH, Shifts(0, 1), 1),
        ("ş" * 78, TURKISH, Shifts(1, 0), 1),
        ("ş" * 155, TURKISH, Shifts(1, 0), 1),
        ("ç" * 155, TURKISH, Shifts(1, 0), 1),
        ("è" * 100, TURKISH, Shifts(0, 0), 1),
        # è is in the default table only, ş in any Turkish one
        ("è" * 100 + "ş", TURKISH, Shifts(0, 1), 1),
        ("ã" * 100 + "Φ", PORTUGUESE, Shifts(3, 3), 1),
        ("á" * 77, SPANISH, Shifts(0, 2), 1),
        ("á" * 78, SPANISH, Shifts(0, 2), 2),
        ("^" * 100, PORTUGUESE, Shifts(3, 0), 1),
        # beyond what any of its tables hold: none, and so UCS2
        ("ж", TURKISH, Shifts(0, 0), 1),
        ("ş", 13, Shifts(0, 0), 1),
        ("ş", SPANISH, Shifts(0, 0), 1),
    ],
)
def test_the_tables_of_a_language_are_those_that_take_the_fewest_segments(
    text: str, language: int, shifts: Shifts, segments: int
) -> None:
    assert shifts_for(text, language) == shifts
    assert len(split(text, shifts=shifts)) == segments


# --- The network's arithmetic ---


# 3GPP 23.040, 9.2.3.24.1: of 140 octets the header takes its own, and of septets also the one that it ends within.
@pytest.mark.parametrize(
    ("elements", "length", "septets", "octets", "ucs2"),
    [
        ("", 0, 160, 140, 70),
        ("0003cc0201", 6, 153, 134, 67),
        ("0804cccc0201", 7, 152, 133, 66),
        ("240101", 4, 155, 136, 68),
        ("240101 250101", 7, 152, 133, 66),
        ("0003cc0201 240101", 9, 149, 131, 65),
        ("0804cccc0201 240101", 10, 148, 130, 65),
        ("0003cc0201 240101 250101", 12, 146, 128, 64),
        ("0804cccc0201 240101 250101", 13, 145, 127, 63),
        # ports, alone and concatenated
        ("05040b8423f0", 7, 152, 133, 66),
        ("05040b8423f0 0003cc0201", 12, 146, 128, 64),
    ],
)
def test_a_header_leaves_this_much_room(elements: str, length: int, septets: int, octets: int, ucs2: int) -> None:
    header = bytes.fromhex(elements)
    udh = Udh.parse(bytes((len(header),)) + header + b"text") if header else None
    assert (0 if udh is None else udh.length) == length
    assert room(Alphabet.GSM7, length) == room(Alphabet.ASCII, length) == septets
    assert room(Alphabet.BINARY, length) == room(Alphabet.LATIN1, length) == octets
    assert room(Alphabet.UCS2, length) // 2 == ucs2
    # the packed text and its fill bits fit the air, and one septet more would not
    fill_bits = 0 if udh is None else udh.fill_bits
    assert length + (7 * septets + fill_bits + 7) // 8 <= 140 < length + (7 * (septets + 1) + fill_bits + 7) // 8


def test_a_header_of_more_than_the_air_carries_leaves_no_room() -> None:
    assert room(Alphabet.GSM7, 200) == room(Alphabet.BINARY, 140) == 0


SHIFTED = [
    # (shifts, single, parts by udh8, by udh16)
    (UNSHIFTED, 160, 153, 152),
    (Shifts(0, TURKISH), 155, 149, 148),
    (Shifts(TURKISH, 0), 155, 149, 148),
    (Shifts(TURKISH, TURKISH), 152, 146, 145),
]


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(("shifts", "single", "of_udh8", "of_udh16"), SHIFTED)
def test_segments_in_national_tables_are_as_full_as_the_air_allows(
    shifts: Shifts, single: int, of_udh8: int, of_udh16: int, is_packed: bool
) -> None:
    def counts(length: int, kind: SplitKind) -> list[int]:
        segments = split("a" * length, shifts=shifts, kind=kind, is_packed=is_packed)
        assert all(len(segment.octets) <= (140 if is_packed else 160) for segment in segments)
        if not is_packed:
            return [len(body(segment)) for segment in segments]
        return [len(unpacked(segment)) for segment in segments]

    sizes: dict[SplitKind, int] = {"udh8": of_udh8, "udh16": of_udh16}
    for kind, size in sizes.items():
        assert counts(single, kind) == [single]
        assert counts(single + 1, kind) == [size, single + 1 - size]
        assert counts(2 * size, kind) == [size, size]
        assert counts(2 * size + 1, kind) == [size, size, 1]
    assert counts(single + 1, "none") == [single, 1]


def unpacked(segment: Segment) -> str:
    """Read a packed segment."""
    udh = Udh.parse(segment.octets) if segment.has_udh else None
    fill_bits, shifts = (0, UNSHIFTED) if udh is None else (udh.fill_bits, udh.shifts)
    return read_text(body(segment), 0, shifts=shifts, is_packed=True, fill_bits=fill_bits)


@given(st.text(st.sampled_from("a@ş€ığ[İ"), max_size=500), st.sampled_from([one[0] for one in SHIFTED[1:]]), st.data())
def test_packed_segments_are_cut_where_others_are_and_read_back(text: str, shifts: Shifts, data: st.DataObject) -> None:
    kinds: list[SplitKind] = ["udh8", "udh16", "none", "payload"]
    kind = data.draw(st.sampled_from(kinds))
    packed = split(text, 0, shifts=shifts, kind=kind, is_packed=True)
    plain = split(text, 0, shifts=shifts, kind=kind)
    assert [unpacked(one) for one in packed] == [read_text(body(one), 0, shifts=shifts) for one in plain]
    assert [one.part for one in packed] == [one.part for one in plain]


def test_packing_leaves_other_alphabets_alone() -> None:
    assert split("中" * 100, is_packed=True) == split("中" * 100)
    assert split("é", 3, is_packed=True) == split("é", 3)


def test_a_cut_never_divides_an_escape_pair_of_a_national_extension() -> None:
    segments = split("a" * 148 + "ş" * 10, shifts=Shifts(0, TURKISH))
    assert [len(body(segment)) for segment in segments] == [148, 20]


@pytest.mark.parametrize(
    ("octets", "data_coding", "has_udh", "segments"),
    [
        (b"", 0, False, 1),
        (b"a" * 160, 0, False, 1),
        (b"a" * 161, 0, False, 2),
        (b"a" * 306, 0, False, 2),
        (b"a" * 307, 0, False, 3),
        (b"a" * 65535, 0, False, 429),
        (b"a" * 152 + b"\x1be" + b"a" * 152, 0, False, 3),
        (b"a" * 140, 4, False, 1),
        (b"a" * 141, 4, False, 2),
        (b"a" * 268, 3, False, 2),
        (b"a" * 269, 3, False, 3),
        ("中".encode("utf-16-be") * 70, 8, False, 1),
        ("中".encode("utf-16-be") * 71, 8, False, 2),
        ("中".encode("utf-16-be") * 135, 8, False, 3),
        ("😀".encode("utf-16-be") * 66, 8, False, 2),
        ("😀".encode("utf-16-be") * 67, 8, False, 3),
        # a header is no text, and is repeated
        (b"\x03\x24\x01\x01" + b"a" * 155, 0, True, 1),
        (b"\x03\x24\x01\x01" + b"a" * 156, 0, True, 2),
        (b"\x03\x24\x01\x01" + b"a" * 298, 0, True, 2),
        (b"\x03\x24\x01\x01" + b"a" * 299, 0, True, 3),
        (b"\x06\x05\x04\x0b\x84\x23\xf0" + b"a" * 256, 4, True, 2),
        (b"\x06\x05\x04\x0b\x84\x23\xf0" + b"a" * 257, 4, True, 3),
        # what says it has a header and has none is text
        (b"\x7f" + b"a" * 159, 4, True, 2),
        # octets that no text has: broken pairs, odd halves, an alphabet that nobody cuts by characters
        (b"\x1b" * 161, 0, False, 2),
        (b"\xd8" * 281, 8, False, 3),
        (b"\xff" * 269, 5, False, 3),
        # a header that leaves no room
        (b"\xc8\x70\xc6" + bytes(198) + b"a" * 8, 4, True, 2),
    ],
    ids=lambda value: str(value)[:8],
)
def test_the_network_needs_this_many_segments(octets: bytes, data_coding: int, has_udh: bool, segments: int) -> None:
    assert count_segments(octets, data_coding, has_udh=has_udh) == segments


def test_the_smsc_default_alphabet_decides_how_many_segments_are_needed() -> None:
    assert count_segments(b"a" * 160, 0) == 1
    assert count_segments(b"a" * 160, 0, default=Alphabet.LATIN1) == 2


@given(st.binary(max_size=2000), st.integers(0, 255), st.booleans())
def test_counting_segments_never_raises(octets: bytes, data_coding: int, has_udh: bool) -> None:
    assert 1 <= count_segments(octets, data_coding, has_udh=has_udh) <= max(1, len(octets))


@given(st.text(st.sampled_from("a€ş中😀"), max_size=600), st.sampled_from([one[0] for one in SHIFTED]))
def test_a_payload_needs_as_many_segments_as_its_text_would_be_cut_into(text: str, shifts: Shifts) -> None:
    (payload,) = split(text, shifts=shifts, kind="payload")
    needed = count_segments(payload.octets, payload.data_coding, has_udh=payload.has_udh)
    assert needed == len(split(text, shifts=shifts))


def test_a_payload_that_the_network_cannot_cut_is_refused() -> None:
    (payload,) = split("a" * 153 * 255, kind="payload")
    assert len(payload.octets) == 153 * 255
    with pytest.raises(ValueError, match="text: 256 segments, at most 255"):
        split("a" * (153 * 255 + 1), kind="payload")
    with pytest.raises(ValueError, match="text: 256 segments, at most 255"):
        split("日" * (67 * 255 + 1), 13, kind="payload")


# --- Joining ---


def test_each_part_is_read_by_the_tables_that_its_header_names() -> None:
    parts = {1: b"\x1d\x1bs", 2: b"\x1d\x1bs", 3: b"\x1d\x1ba"}
    assert join(parts, 0, shifts={1: Shifts(1, 1), 3: Shifts(0, 2)}) == "şşæsæá"
    assert join(parts, 0) == "æsæsæa"


def test_an_escape_pair_of_a_national_extension_that_was_cut_is_read_whole() -> None:
    shifts = {1: Shifts(0, 1), 2: Shifts(0, 1)}
    assert join({1: b"1\x1b", 2: b"\x73"}, 0, shifts=shifts) == "1ş"


@given(st.text(st.sampled_from("a@ş€ığ[İ"), max_size=500), st.sampled_from([one[0] for one in SHIFTED[1:]]))
def test_joining_undoes_splitting_in_national_tables(text: str, shifts: Shifts) -> None:
    headers = {number: (Udh.parse(one.octets), body(one)) for number, one in enumerate(split(text, shifts=shifts), 1)}
    named = {number: header.shifts for number, (header, _) in headers.items() if header}
    assert set(named.values()) == {shifts}
    assert join({number: octets for number, (_, octets) in headers.items()}, 0, shifts=named) == text

"""Cutting and joining, with sizes typed from 3GPP 23.040 and headers typed octet by octet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sms.alphabets import Alphabet, encode_text
from simulator.sms.segments import (
    Part,
    Segment,
    SplitKind,
    Udh,
    join,
    part_of_sar,
    part_of_udh,
    split,
)

KINDS: list[SplitKind] = ["udh8", "udh16", "sar", "payload", "none"]


def body(segment: Segment) -> bytes:
    """Return a segment's octets of text, its header removed."""
    if not segment.has_udh:
        return segment.octets
    udh = Udh.parse(segment.octets)
    assert udh is not None
    return segment.octets[udh.length :]


def bodies(text: str, data_coding: int | None = None, kind: SplitKind = "udh8") -> list[int]:
    """Return the octets of text in each segment."""
    return [len(body(segment)) for segment in split(text, data_coding, kind=kind)]


# --- Headers ---


@pytest.mark.parametrize(
    ("octets", "elements"),
    [
        ("00", ()),
        ("0041", ()),
        ("050003cc0201", ((0x00, b"\xcc\x02\x01"),)),
        ("06080401020301aabb", ((0x08, b"\x01\x02\x03\x01"),)),
        ("0b05040b8423f00003cc0201", ((0x05, b"\x0b\x84\x23\xf0"), (0x00, b"\xcc\x02\x01"))),
        ("027000", ((0x70, b""),)),
    ],
)
def test_a_header_is_read_to_its_elements_and_written_back(
    octets: str, elements: tuple[tuple[int, bytes], ...]
) -> None:
    udh = Udh.parse(bytes.fromhex(octets))
    assert udh == Udh(elements)
    assert udh is not None
    assert udh.encode() == bytes.fromhex(octets)[: udh.length]
    assert udh.length == bytes.fromhex(octets)[0] + 1


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "05",
        "050003cc02",
        "0400 03cc02 01",
        "0600 03cc0201 00",
        "0100",
        "050004cc0201ff",
    ],
    ids=[
        "nothing",
        "only the length",
        "header beyond the octets",
        "element beyond the header",
        "an identifier without a length",
        "one octet",
        "element beyond the header by one",
    ],
)
def test_a_header_whose_lengths_contradict_each_other_is_none(octets: str) -> None:
    assert Udh.parse(bytes.fromhex(octets)) is None
    assert part_of_udh(bytes.fromhex(octets)) is None


@given(st.binary())
def test_no_octets_make_the_header_parser_raise(octets: bytes) -> None:
    udh = Udh.parse(octets)
    assert udh is None or octets.startswith(udh.encode())


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20)), max_size=10), st.binary())
def test_a_written_header_is_read_back(elements: list[tuple[int, bytes]], text: bytes) -> None:
    udh = Udh(tuple(elements))
    assert Udh.parse(udh.encode() + text) == udh


def test_a_header_too_long_for_its_length_octet_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        Udh(((0x70, bytes(255)),)).encode()


@pytest.mark.parametrize(
    ("octets", "part"),
    [
        ("050003cc0201", Part(0xCC, 1, 2, "udh8")),
        ("050003ccffff", Part(0xCC, 255, 255, "udh8")),
        ("0608041234 0302", Part(0x1234, 2, 3, "udh16")),
        ("0b05040b8423f00003cc0201", Part(0xCC, 1, 2, "udh8")),
        # 3GPP 23.040, 9.2.3.24: of elements that exclude each other the last one counts.
        ("0b0003cc02010804123403 02", Part(0x1234, 2, 3, "udh16")),
        ("0a0003cc02010003dd0202", Part(0xDD, 2, 2, "udh8")),
        # ... unless it is to be ignored.
        ("0a0003cc02010003dd0203", Part(0xCC, 1, 2, "udh8")),
        ("050003cc0200", None),
        ("050003cc0203", None),
        ("050003cc0000", None),
        ("0400 02cc02", None),
        ("0500 03cc0000", None),
        ("050803123402", None),
        ("0605040b8423f0", None),
        ("00", None),
    ],
)
def test_a_header_tells_which_part_it_is(octets: str, part: Part | None) -> None:
    assert part_of_udh(bytes.fromhex(octets) + b"text") == part


@pytest.mark.parametrize(
    ("reference", "total", "number", "part"),
    [
        (0x1234, 3, 2, Part(0x1234, 2, 3, "sar")),
        (0, 1, 1, Part(0, 1, 1, "sar")),
        (7, 3, 0, None),
        (7, 3, 4, None),
        (7, 0, 0, None),
        (None, 3, 2, None),
        (7, None, 2, None),
        (7, 3, None, None),
    ],
)
def test_sar_tells_which_part_it_is_when_all_three_are_there(
    reference: int | None, total: int | None, number: int | None, part: Part | None
) -> None:
    assert part_of_sar(reference, total, number) == part


def test_equal_references_of_different_kinds_are_different_parts() -> None:
    assert len({part_of_udh(bytes.fromhex("050003070201")), part_of_udh(bytes.fromhex("06080400070201"))}) == 2
    assert part_of_sar(7, 2, 1) != part_of_udh(bytes.fromhex("050003070201"))


# --- Sizes ---


@pytest.mark.parametrize(
    ("text", "data_coding", "kind", "sizes"),
    [
        ("", None, "udh8", [0]),
        ("a" * 160, None, "udh8", [160]),
        ("a" * 161, None, "udh8", [153, 8]),
        ("a" * 306, None, "udh8", [153, 153]),
        ("a" * 307, None, "udh8", [153, 153, 1]),
        ("a" * 160, None, "udh16", [160]),
        ("a" * 161, None, "udh16", [152, 9]),
        ("a" * 304, None, "udh16", [152, 152]),
        ("a" * 305, None, "udh16", [152, 152, 1]),
        ("a" * 161, None, "sar", [153, 8]),
        ("a" * 161, None, "none", [160, 1]),
        ("a" * 1000, None, "payload", [1000]),
        ("中" * 70, None, "udh8", [140]),
        ("中" * 71, None, "udh8", [134, 8]),
        ("中" * 134, None, "udh8", [134, 134]),
        ("中" * 135, None, "udh8", [134, 134, 2]),
        ("中" * 71, None, "udh16", [132, 10]),
        ("中" * 71, None, "sar", [134, 8]),
        ("é" * 140, 3, "udh8", [140]),
        ("é" * 141, 3, "udh8", [134, 7]),
        ("é" * 141, 3, "udh16", [133, 8]),
        ("00" * 141, 4, "udh8", [134, 7]),
        ("a" * 160, 1, "udh8", [160]),
        ("a" * 161, 1, "udh8", [153, 8]),
        # Pairs at the cut go whole into the next segment.
        ("a" * 159 + "€", None, "udh8", [153, 8]),
        ("a" * 152 + "€" + "a" * 10, None, "udh8", [152, 12]),
        ("a" * 151 + "€" + "a" * 10, None, "udh8", [153, 10]),
        ("€" * 80, None, "udh8", [160]),
        ("€" * 81, None, "udh8", [152, 10]),
        ("a" * 151 + "€" + "a" * 10, None, "udh16", [151, 12]),
        ("a" * 159 + "€", None, "none", [159, 2]),
        ("中" * 66 + "😀" + "中" * 10, None, "udh8", [132, 24]),
        ("中" * 65 + "😀" + "中" * 10, None, "udh8", [134, 20]),
        ("😀" * 35, None, "udh8", [140]),
        ("😀" * 36, None, "udh8", [132, 12]),
        ("中" * 65 + "😀" + "中" * 10, None, "udh16", [130, 24]),
        # Two halves in the wrong order are no pair.
        ("中" * 66 + "\ude00\ud83d" + "中" * 10, None, "udh8", [134, 22]),
        ("中" * 66 + "\ud83d中" + "中" * 10, None, "udh8", [134, 22]),
        ("中" * 66 + "\ude00\ude00" + "中" * 12, None, "udh8", [134, 26]),
        ("日" * 71, 13, "udh8", [134, 8]),
        ("a" + "日" * 71, 13, "udh8", [133, 10]),
        ("한" * 70, 14, "udh8", [140]),
        # Each segment shifts in and out by itself: 3 + 2 n + 3 octets.
        ("日" * 68, 10, "udh8", [134, 14]),
    ],
    ids=lambda value: str(value)[:8],
)
def test_segments_are_as_full_as_the_air_allows(
    text: str, data_coding: int | None, kind: SplitKind, sizes: list[int]
) -> None:
    assert bodies(text, data_coding, kind) == sizes


def test_a_part_carries_its_header_before_the_text() -> None:
    first, second = split("a" * 161, reference=0xCC)
    assert first == Segment(bytes.fromhex("050003cc0201") + b"a" * 153, Part(0xCC, 1, 2, "udh8"), 0, has_udh=True)
    assert second == Segment(bytes.fromhex("050003cc0202") + b"a" * 8, Part(0xCC, 2, 2, "udh8"), 0, has_udh=True)


def test_a_16_bit_reference_is_written_high_octet_first() -> None:
    first = split("a" * 161, reference=0x1234, kind="udh16")[0]
    assert first == Segment(bytes.fromhex("06080412340201") + b"a" * 152, Part(0x1234, 1, 2, "udh16"), 0, has_udh=True)


def test_sar_parts_have_no_header() -> None:
    first = split("中" * 71, reference=0x1234, kind="sar")[0]
    assert first == Segment("中".encode("utf-16-be") * 67, Part(0x1234, 1, 2, "sar"), 8)


@pytest.mark.parametrize("kind", KINDS)
def test_what_fits_one_segment_is_no_part(kind: SplitKind) -> None:
    assert split("hi", kind=kind) == [Segment(b"hi", None, 0)]


def test_pieces_of_kind_none_say_nothing_about_each_other() -> None:
    assert split("a" * 161, kind="none") == [Segment(b"a" * 160, None, 0), Segment(b"a", None, 0)]


@pytest.mark.parametrize(("kind", "reference"), [("udh8", 0x34), ("udh16", 0x1234), ("sar", 0x1234)])
def test_of_a_running_count_the_reference_takes_the_low_bits(kind: SplitKind, reference: int) -> None:
    part = split("a" * 161, reference=0x51234, kind=kind)[0].part
    assert part is not None
    assert part.reference == reference


def test_sizes_can_be_overridden() -> None:
    segments = split("hello world", single_size=10, part_size=4)
    assert [body(segment) for segment in segments] == [b"hell", b"o wo", b"rld"]
    assert len(split("hello world", single_size=11, part_size=4)) == 1
    assert [s.octets for s in split("hello", single_size=3, kind="none")] == [b"hel", b"lo"]


def test_the_smsc_default_alphabet_decides_what_data_coding_0_means() -> None:
    assert split("ç", 0, default=Alphabet.LATIN1)[0].octets == b"\xe7"
    assert bodies("é" * 141, 0) == [141]
    segments = split("日" * 71, 0, default=Alphabet.JIS_EXTENDED)
    assert [body(segment) for segment in segments] == [b"\xc6\xfc" * 67, b"\xc6\xfc" * 4]


def test_255_parts_are_possible_and_256_are_refused() -> None:
    assert len(split("a" * 153 * 255)) == 255
    with pytest.raises(ValueError, match="text: 256 segments, at most 255"):
        split("a" * (153 * 255 + 1))


@pytest.mark.parametrize(("text", "data_coding", "size"), [("€", 0, 1), ("😀", 8, 3), ("a", 0, 0), ("日", 13, 1)])
def test_a_size_that_cannot_hold_a_character_is_refused(text: str, data_coding: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"size: {size} octets, too small"):
        split(text * 9, data_coding, single_size=1, part_size=size)


def test_a_text_that_the_data_coding_cannot_carry_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        split("中", 0)


# --- Joining ---


def test_parts_are_joined_in_the_order_of_their_numbers() -> None:
    assert join({2: b"world", 1: b"hello "}, 0) == "hello world"


def test_missing_parts_show_as_an_ellipsis_each() -> None:
    assert join({2: b"b", 5: b"e"}, 0) == "…b……e"
    assert join({1: b"a"}, 0, total=3) == "a……"
    assert join({}, 0, total=2) == "……"
    assert join({}, 0) == ""


def test_an_escape_pair_cut_by_the_sender_is_read_whole() -> None:
    assert join({1: b"1\x1b", 2: b"\x65"}, 0) == "1€"
    assert join({1: b"1\x1b", 2: b"\x65"}, {1: 0x00, 2: 0xF0}) == "1€"


def test_a_surrogate_pair_and_a_code_unit_cut_by_the_sender_are_read_whole() -> None:
    assert join({1: b"\xd8\x3d", 2: b"\xde\x00"}, 8) == "😀"
    assert join({1: b"\xd8\x3d\xde", 2: b"\x00"}, 8) == "😀"


def test_pairs_are_not_read_over_a_missing_part() -> None:
    assert join({1: b"\xd8\x3d", 3: b"\xde\x00"}, 8) == "\ufffd…\ufffd"


def test_parts_of_different_data_coding_are_read_each_by_its_own() -> None:
    assert join({1: b"a\x1b", 2: b"\x4e\x2d", 3: b"b", 4: b"\x05"}, {1: 0, 2: 8, 3: 0, 4: 0}) == "a 中bé"


def test_parts_of_data_coding_1_decide_together_whether_they_are_gsm() -> None:
    assert join({1: b"a\x00b", 2: b"\x5b"}, 1) == "a@bÄ"


def test_the_smsc_default_alphabet_counts_in_joining() -> None:
    assert join({1: b"\xe9", 2: b"\xe9"}, 0, default=Alphabet.LATIN1) == "éé"


def characters_of(codec: str, octets: range) -> st.SearchStrategy[str]:
    """Return texts that a one-octet codec can write."""
    return st.text(st.sampled_from(bytes(octets).decode(codec, "ignore")), max_size=700)


TEXTS = {
    0: st.text(st.sampled_from("a@é€[]^\n"), max_size=700),
    # without the four characters that inside a word speak for GSM, see read_text
    1: characters_of("ascii", range(0x20, 0x7B)),
    3: characters_of("latin-1", range(0x100)),
    4: st.binary(max_size=600).map(bytes.hex),
    5: st.text(st.sampled_from("aテスト日本語"), max_size=300),
    6: characters_of("iso8859-5", range(0x100)),
    7: characters_of("iso8859-8", range(0x100)),
    8: st.text(st.sampled_from("a中😀\u0301\u200d👍"), max_size=300),
    10: st.text(st.sampled_from("aテスト日本語"), max_size=300),
    13: st.text(st.sampled_from("aテ日本丂"), max_size=300),
    14: st.text(st.sampled_from("a한국어"), max_size=300),
}
LIMITS = {"udh8": 140, "udh16": 140, "sar": 134}


@pytest.mark.parametrize("data_coding", TEXTS)
@given(st.data())
def test_joining_undoes_splitting(data_coding: int, data: st.DataObject) -> None:
    text = data.draw(TEXTS[data_coding])
    kind = data.draw(st.sampled_from(KINDS))
    segments = split(text, data_coding, reference=data.draw(st.integers(0, 0xFFFF)), kind=kind)
    assert join({number: body(segment) for number, segment in enumerate(segments, 1)}, data_coding) == text
    if kind in LIMITS and len(segments) > 1:
        assert [segment.part and segment.part.number for segment in segments] == list(range(1, len(segments) + 1))
        if kind != "sar":
            assert [part_of_udh(segment.octets) for segment in segments] == [segment.part for segment in segments]
        if data_coding > 1:
            assert max(len(segment.octets) for segment in segments) <= LIMITS[kind]


@pytest.mark.parametrize("data_coding", [0, 8])
@given(st.data())
def test_every_segment_can_be_read_alone(data_coding: int, data: st.DataObject) -> None:
    text = data.draw(TEXTS[data_coding])
    segments = split(text, data_coding)
    assert "".join(join({1: body(segment)}, data_coding) for segment in segments) == text


@given(TEXTS[8])
def test_cutting_ucs2_anywhere_loses_nothing_in_joining(text: str) -> None:
    octets = encode_text(text, 8)
    assert join({n + 1: octets[3 * n : 3 * n + 3] for n in range(-(-len(octets) // 3))}, 8) == text

"""The national tables against those of 3GPP 23.038, A.2 and A.3, typed as they are printed there, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sms.alphabets import gsm_decode, gsm_encode, read_text, septets
from simulator.sms.languages import (
    LANGUAGES,
    UNSHIFTED,
    Language,
    Shifts,
    effective,
    extension_of,
    language_number,
    table_of,
    ways_of,
)
from tests.sms.test_alphabets import DEFAULT, EXTENSION

WORDS = {"SP": " ", "LF": "\n", "CR": "\r", "FF": "\f"}


def printed(grid: str) -> dict[int, str]:
    """A table of sixteen rows (low nibble) and eight columns (high digit); NO is an empty cell, ES the escape."""
    rows = [line.split() for line in grid.strip().splitlines()]
    assert [len(row) for row in rows] == [8] * 16
    return {
        high << 4 | low: WORDS.get(cell, cell)
        for low, row in enumerate(rows)
        for high, cell in enumerate(row)
        if cell not in {"NO", "ES"}
    }


TURKISH_LOCKING = printed("""
    @  Δ  SP 0  İ  P  ç  p
    £  _  !  1  A  Q  a  q
    $  Φ  "  2  B  R  b  r
    ¥  Γ  #  3  C  S  c  s
    €  Λ  ¤  4  D  T  d  t
    é  Ω  %  5  E  U  e  u
    ù  Π  &  6  F  V  f  v
    ı  Ψ  '  7  G  W  g  w
    ò  Σ  (  8  H  X  h  x
    Ç  Θ  )  9  I  Y  i  y
    LF Ξ  *  :  J  Z  j  z
    Ğ  ES +  ;  K  Ä  k  ä
    ğ  Ş  ,  <  L  Ö  l  ö
    CR ş  -  =  M  Ñ  m  ñ
    Å  ß  .  >  N  Ü  n  ü
    å  É  /  ?  O  §  o  à
""")
PORTUGUESE_LOCKING = printed("""
    @  Δ  SP 0  Í  P  ~  p
    £  _  !  1  A  Q  a  q
    $  ª  "  2  B  R  b  r
    ¥  Ç  #  3  C  S  c  s
    ê  À  º  4  D  T  d  t
    é  ∞  %  5  E  U  e  u
    ú  ^  &  6  F  V  f  v
    í  \\ '  7  G  W  g  w
    ó  €  (  8  H  X  h  x
    ç  Ó  )  9  I  Y  i  y
    LF |  *  :  J  Z  j  z
    Ô  ES +  ;  K  Ã  k  ã
    ô  Â  ,  <  L  Õ  l  õ
    CR â  -  =  M  Ú  m  `
    Á  Ê  .  >  N  Ü  n  ü
    á  É  /  ?  O  §  o  à
""")
TURKISH_SINGLE = printed("""
    NO NO NO NO |  NO NO NO
    NO NO NO NO NO NO NO NO
    NO NO NO NO NO NO NO NO
    NO NO NO NO NO Ş  ç  ş
    NO ^  NO NO NO NO NO NO
    NO NO NO NO NO NO €  NO
    NO NO NO NO NO NO NO NO
    NO NO NO NO Ğ  NO ğ  NO
    NO NO {  NO NO NO NO NO
    NO NO }  NO İ  NO ı  NO
    FF NO NO NO NO NO NO NO
    NO ES NO NO NO NO NO NO
    NO NO NO [  NO NO NO NO
    NO NO NO ~  NO NO NO NO
    NO NO NO ]  NO NO NO NO
    NO NO \\ NO NO NO NO NO
""")
SPANISH_SINGLE = printed("""
    NO NO NO NO |  NO NO NO
    NO NO NO NO Á  NO á  NO
    NO NO NO NO NO NO NO NO
    NO NO NO NO NO NO NO NO
    NO ^  NO NO NO NO NO NO
    NO NO NO NO NO Ú  €  ú
    NO NO NO NO NO NO NO NO
    NO NO NO NO NO NO NO NO
    NO NO {  NO NO NO NO NO
    ç  NO }  NO Í  NO í  NO
    FF NO NO NO NO NO NO NO
    NO ES NO NO NO NO NO NO
    NO NO NO [  NO NO NO NO
    NO NO NO ~  NO NO NO NO
    NO NO NO ]  NO NO NO NO
    NO NO \\ NO Ó  NO ó  NO
""")
PORTUGUESE_SINGLE = printed("""
    NO NO NO NO |  NO NO NO
    NO NO NO NO À  NO Â  NO
    NO Φ  NO NO NO NO NO NO
    NO Γ  NO NO NO NO NO NO
    NO ^  NO NO NO NO NO NO
    ê  Ω  NO NO NO Ú  €  ú
    NO Π  NO NO NO NO NO NO
    NO Ψ  NO NO NO NO NO NO
    NO Σ  {  NO NO NO NO NO
    ç  Θ  }  NO Í  NO í  NO
    FF NO NO NO NO NO NO NO
    Ô  ES NO NO NO Ã  NO ã
    ô  NO NO [  NO Õ  NO õ
    NO NO NO ~  NO NO NO NO
    Á  NO NO ]  NO NO NO NO
    á  Ê  \\ NO Ó  NO ó  â
""")
TABLES = {0: DEFAULT, 1: TURKISH_LOCKING, 2: DEFAULT, 3: PORTUGUESE_LOCKING}
EXTENSIONS = {0: EXTENSION, 1: TURKISH_SINGLE, 2: SPANISH_SINGLE, 3: PORTUGUESE_SINGLE}
ALL = [Shifts(locking, single) for locking in TABLES for single in EXTENSIONS]


@pytest.mark.parametrize("locking", TABLES)
def test_a_locking_shift_gives_every_septet_its_printed_character(locking: int) -> None:
    table = table_of(locking)
    assert {septet: table[septet] for septet in range(128) if septet != 0x1B} == TABLES[locking]
    assert len(table) == 128


@pytest.mark.parametrize("single", EXTENSIONS)
def test_a_single_shift_gives_every_escape_pair_its_printed_character(single: int) -> None:
    assert extension_of(single) == EXTENSIONS[single]


@pytest.mark.parametrize("shifts", ALL)
def test_every_septet_and_pair_is_read_and_written_by_the_tables(shifts: Shifts) -> None:
    table, extension = TABLES[shifts.locking], EXTENSIONS[shifts.single]
    for septet, character in table.items():
        assert gsm_decode(bytes([septet]), shifts) == character
        assert gsm_encode(character, shifts=shifts) == bytes([septet])
    for second, character in extension.items():
        assert gsm_decode(bytes([0x1B, second]), shifts) == character
        if character not in table.values():
            assert gsm_encode(character, shifts=shifts) == bytes([0x1B, second])


# 3GPP 23.038, A.2: a pair that a single shift table does not have shows what the locking table has there.
@pytest.mark.parametrize("shifts", ALL)
def test_an_unknown_pair_shows_the_character_of_the_locking_table(shifts: Shifts) -> None:
    for second in set(TABLES[shifts.locking]) - set(EXTENSIONS[shifts.single]):
        assert gsm_decode(bytes([0x41, 0x1B, second]), shifts) == "A" + TABLES[shifts.locking][second]


def pairwise(octets: bytes, shifts: Shifts) -> str:
    """The same, read one septet after the other, as a handset would."""
    table, extension = TABLES[shifts.locking], EXTENSIONS[shifts.single]
    text, at = "", 0
    while at < len(octets):
        if octets[at] != 0x1B:
            text += table.get(octets[at], "\ufffd")
            at += 1
            continue
        second = octets[at + 1] if at + 1 < len(octets) else 0x1B
        text += extension.get(second) or (" " if second == 0x1B else table.get(second, "\ufffd"))
        at += 2
    return text


escapes = st.lists(st.sampled_from([0x1B, 0x05, 0x09, 0x1F, 0x40, 0x41, 0x47, 0x65, 0x7F, 0x80])).map(bytes)


@given(escapes | st.binary(), st.sampled_from(ALL))
def test_any_octets_are_read_as_septet_after_septet(octets: bytes, shifts: Shifts) -> None:
    assert gsm_decode(octets, shifts) == pairwise(octets, shifts)


@given(st.sampled_from(ALL), st.data())
def test_a_text_in_national_tables_survives_the_round_trip(shifts: Shifts, data: st.DataObject) -> None:
    characters = sorted({*TABLES[shifts.locking].values(), *EXTENSIONS[shifts.single].values()})
    text = data.draw(st.text(st.sampled_from(characters)))
    assert gsm_decode(gsm_encode(text, shifts=shifts), shifts) == text
    own = set(TABLES[shifts.locking].values())
    assert septets(text, shifts) == sum(1 if character in own else 2 for character in text)


def test_what_ascii_and_a_locking_table_write_differently_is_not_taken_for_ascii() -> None:
    assert gsm_encode("a~b^c", shifts=Shifts(3, 0)) == b"a\x60b\x16c"
    assert gsm_encode("abc", shifts=Shifts(3, 0)) == b"abc"


def test_a_character_without_a_place_is_refused_with_the_tables_that_lack_it_or_replaced() -> None:
    with pytest.raises(UnicodeEncodeError, match=r"position 1: no place .* locking shift 1, single shift 2$"):
        gsm_encode("aè", shifts=Shifts(1, 2))
    assert gsm_encode("aèş", "replace", Shifts(1, 2)) == b"a?\x1d"


# 3GPP 23.038, 6.2.1.2.4: numbers that are reserved or unknown mean the default tables.
@pytest.mark.parametrize("shifts", [Shifts(2, 0), Shifts(4, 13), Shifts(0, 99), Shifts(255, 255)])
def test_numbers_without_tables_fall_back_to_the_default_ones(shifts: Shifts) -> None:
    octets = bytes([*DEFAULT, *(octet for second in range(128) for octet in (0x1B, second))])
    assert gsm_decode(octets, shifts) == gsm_decode(octets)
    assert effective(shifts) == UNSHIFTED


def test_of_two_numbers_one_may_fall_back_alone() -> None:
    assert gsm_decode(b"\x1d\x1b\x61", Shifts(99, 2)) == "æá"
    assert gsm_decode(b"\x1d\x1b\x61", Shifts(1, 99)) == "şa"


def test_shifts_matter_to_gsm_texts_only() -> None:
    shifts = Shifts(1, 1)
    assert read_text(b"\x1d\x1b\x73", 0, shifts=shifts) == "şş"
    assert read_text(b"\xe7", 3, shifts=shifts) == "ç"
    assert read_text(b"\x01\x5f", 8, shifts=shifts) == "ş"


@pytest.mark.parametrize(
    ("language", "number"), [("turkish", 1), ("spanish", 2), ("portuguese", 3), (1, 1), (2, 2), (3, 3)]
)
def test_a_language_is_known_by_name_and_number(language: str | int, number: int) -> None:
    assert language_number(language) == number
    assert Language(number) == number


@pytest.mark.parametrize("language", ["Turkish", "klingon", "", 0, 4, -1])
def test_an_unknown_language_is_refused_with_those_that_are_known(language: str | int) -> None:
    with pytest.raises(
        ValueError, match=r"^language: .*, one of turkish \(1\), spanish \(2\), portuguese \(3\)$"
    ) as error:
        language_number(language)
    assert repr(language) in str(error.value)


def test_the_ways_to_write_a_language_begin_with_none_of_its_tables() -> None:
    assert list(LANGUAGES) == ["turkish", "spanish", "portuguese"]
    assert ways_of(1) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert ways_of(2) == [(0, 0), (0, 2)]
    assert ways_of(3) == [(0, 0), (0, 3), (3, 0), (3, 3)]
    assert ways_of(13) == [(0, 0)]

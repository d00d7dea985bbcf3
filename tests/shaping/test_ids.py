"""Message ids: each step of their spelling, the forms that carriers were seen with, and sources without collisions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.words.id_words import STEPS, IdForm, IdSource
from simulator.shaping.ids import DECIMAL, HEX, NO_NUMBER, Mint, spelled

UUID = "0e999f21-1f2e-4c3d-8a9b-0123456789ab"


def written(form: str, message_id: str, *, previous: str = "", base: str | None = None) -> str | None:
    return spelled(IdForm.parse(form), message_id, previous, base=base)


# --- Spelling ---


def test_without_a_form_the_id_is_itself() -> None:
    assert spelled(None, "0281605133") == "0281605133"


@pytest.mark.parametrize(
    ("form", "message_id", "expected"),
    [
        ("same", "aB-1", "aB-1"),
        ("unterminated", "3005", "3005"),
        ("upper", "1101c1-c9d03d-f000", "1101C1-C9D03D-F000"),
        ("lower", "1101C1-C9D03D-F000", "1101c1-c9d03d-f000"),
        ("strip-zeros", "0000003005", "3005"),
        ("strip-zeros", "0e999f21", "e999f21"),
        ("strip-zeros", "0000", "0"),
        ("strip-zeros", "", ""),
        ("strip-hyphens", UUID, "0e999f211f2e4c3d8a9b0123456789ab"),
        ("hyphens", "0e999f211f2e4c3d8a9b0123456789ab", UUID),
        ("hyphens", UUID, UUID),
        ("hyphens", "1101C1C9D03DF000", "1101C1C9-D03D-F000"),
        ("hyphens", "1234", "1234"),
        ("ascii-hex", "ABC", "414243"),
        ("ascii-hex", "\xe9", "e9"),
        ("nul", "0", "0\0"),
        ("empty", "1234", ""),
        ("pad 10", "3005", "0000003005"),
        ("pad 2", "3005", "3005"),
        ("pad-spaces 8", "3005", "3005    "),
        ("cut 10", "1479978899.393701000100", "1479978899"),
        ("cut -2", "3005", "30"),
        ("prefix SAR-", "1", "SAR-1"),
        ("suffix @1154905154", "38601fa", "38601fa@1154905154"),
        ("constant 0", "1234", "0"),
        ("constant 0 nul", "1234", "0\0"),
    ],
)
def test_a_step_does_to_an_id_what_it_says(form: str, message_id: str, expected: str) -> None:
    assert written(form, message_id) == expected


@pytest.mark.parametrize("form", ["absent", "hex absent", "absent upper"])
def test_an_absent_id_is_none_and_no_empty_text(form: str) -> None:
    assert written(form, "1234") is None


@pytest.mark.parametrize(("previous", "expected"), [("0999", "999"), ("", "1000")])
def test_the_previous_id_is_that_of_the_message_before_and_ones_own_where_there_was_none(
    previous: str, expected: str
) -> None:
    assert written("previous strip-zeros", "1000", previous=previous) == expected


@pytest.mark.parametrize(
    ("form", "message_id", "base", "expected"),
    [
        # hexadecimal in the response, decimal with ten digits in the receipt
        ("hex upper", "10c8f40d", HEX, "10C8F40D"),
        ("decimal pad 10", "10c8f40d", HEX, "0281605133"),
        ("decimal pad 10", "10C8F40D", None, "0281605133"),
        # the reverse
        ("hex", "281605133", DECIMAL, "10c8f40d"),
        ("hex upper", "281605133", None, "10C8F40D"),
        # digits only, and yet hexadecimal: one in fifty of eight digits
        ("decimal", "10000000", HEX, "268435456"),
        ("hex", "10000000", HEX, "10000000"),
        ("hex", "10000000", DECIMAL, "989680"),
        # in the base already: the zeros in front stay, the letters become small
        ("hex", "00FFAB10", HEX, "00ffab10"),
        ("decimal", "0059113978", DECIMAL, "0059113978"),
        # decimal text and hexadecimal TLV of one number
        ("hex", "0059113978", None, "38601fa"),
        # more than 63 bits, more than 64
        ("decimal", "812FC7470000001B", None, "9308878062554710043"),
        ("decimal", "ffffffffffffffffffff", HEX, "1208925819614629174706175"),
        ("hex", "20000000000000000000", DECIMAL, "1158e460913d00000"),
        # there and back
        ("hex decimal", "281605133", DECIMAL, "281605133"),
        ("ascii-hex decimal", "12", DECIMAL, "12594"),
        ("constant 255 hex", "ff", HEX, "ff"),
        ("strip-hyphens decimal", UUID, HEX, str(int(UUID.replace("-", ""), 16))),
        # no numbers
        ("decimal", UUID, HEX, UUID),
        ("decimal", "zebra", None, "zebra"),
        ("hex", "", None, ""),
        ("hex", "12_34", None, "12_34"),
        ("decimal", " 12", None, " 12"),
        ("hex", "12ab", DECIMAL, "12ab"),
        ("decimal", "\u0663", None, "\u0663"),
        ("decimal", "facade", NO_NUMBER, "facade"),
        ("hex upper", "facade", NO_NUMBER, "FACADE"),
    ],
)
def test_a_number_changes_its_base_and_nothing_else_does(
    form: str, message_id: str, base: str | None, expected: str
) -> None:
    assert written(form, message_id, base=base) == expected


@given(st.integers(min_value=0, max_value=1 << 200))
def test_a_number_of_any_size_survives_the_way_there_and_back(number: int) -> None:
    assert written("hex", str(number), base=DECIMAL) == f"{number:x}"
    assert written("decimal", f"{number:x}", base=HEX) == str(number)
    assert written("hex upper decimal", str(number), base=DECIMAL) == str(number)


@pytest.mark.parametrize(("name", "kind"), STEPS.items())
def test_every_step_that_a_file_may_name_is_done(name: str, kind: str) -> None:
    argument = {"": "", "number": " 5", "text": " x"}[kind]
    found = written(f"{name}{argument}", "12ab", previous="34cd")
    assert isinstance(found, str) or name == "absent"


# --- Making ---


def ids_of(source: str, count: int, *, seed: int = 7) -> list[str]:
    mint = Mint(IdSource.parse(source), seed)
    return [mint.mint(serial) for serial in range(count)]


@pytest.mark.parametrize(
    ("source", "pattern", "base"),
    [
        ("hex 8", "[0-9a-f]{8}", HEX),
        ("hex 1", "[0-9a-f]", HEX),
        ("hex 32", "[0-9a-f]{32}", HEX),
        ("hex 600", "[0-9a-f]{600}", HEX),
        ("decimal 10", "[1-9][0-9]{9}", DECIMAL),
        ("decimal 1", "[1-9]", DECIMAL),
        ("decimal 999", "[1-9][0-9]{998}", DECIMAL),
        ("digits 20", "[0-9]{20}", DECIMAL),
        ("letters 12", "[a-z]{12}", NO_NUMBER),
        ("uuid", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", HEX),
    ],
)
def test_an_id_has_the_characters_and_the_length_of_its_source(source: str, pattern: str, base: str) -> None:
    assert all(re.fullmatch(pattern, made) for made in ids_of(source, 9))
    assert Mint(IdSource.parse(source), 7).base == base


@pytest.mark.parametrize(
    ("source", "expected", "base"),
    [
        ("counter 1", ["1", "2", "3", "4"], DECIMAL),
        ("counter 998", ["998", "999", "1000", "1001"], DECIMAL),
        ("reuse 3", ["0", "1", "2", "0"], DECIMAL),
        ("constant 0", ["0", "0", "0", "0"], None),
    ],
)
def test_a_source_that_counts_or_stands_still_does_so(source: str, expected: list[str], base: str | None) -> None:
    assert ids_of(source, 4) == expected
    assert Mint(IdSource.parse(source), 7).base == base


@pytest.mark.parametrize(
    ("source", "size"),
    [
        *(("hex 1", 16), ("hex 2", 256), ("hex 3", 4096), ("decimal 1", 9), ("decimal 2", 90), ("decimal 3", 900)),
        *(("decimal 4", 9000), ("digits 1", 10), ("digits 2", 100), ("digits 3", 1000), ("letters 1", 26)),
        *(("letters 2", 676), ("letters 3", 17576)),
    ],
)
def test_no_id_comes_twice_until_all_have_come_and_then_they_come_again(source: str, size: int) -> None:
    made = ids_of(source, size + 3)
    assert len(set(made[:size])) == size
    assert made[size:] == made[:3]


@pytest.mark.parametrize(
    ("source", "first"),
    [
        *(("hex 8", 16), ("decimal 10", 9), ("uuid", 16), ("digits 20", 10), ("letters 12", 26), ("hex 600", 16)),
    ],
)
def test_ids_of_a_large_space_differ_from_their_first_character_on(source: str, first: int) -> None:
    made = ids_of(source, 3000)
    assert len(set(made)) == 3000
    assert made != sorted(made)
    assert len({one[0] for one in made}) == first


@pytest.mark.parametrize("source", ["hex 8", "decimal 10", "uuid", "letters 12"])
def test_the_same_seed_makes_the_same_ids_and_another_seed_others(source: str) -> None:
    assert ids_of(source, 50) == ids_of(source, 50)
    assert not set(ids_of(source, 50)) & set(ids_of(source, 50, seed=8))


def test_one_hexadecimal_id_in_sixteen_begins_with_a_zero_and_no_decimal_one_does() -> None:
    zeros = sum(one.startswith("0") for one in ids_of("hex 8", 3200))
    assert 140 < zeros < 260
    assert not any(one.startswith("0") for one in ids_of("decimal 10", 1000))

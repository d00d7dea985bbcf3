"""Ids as they were seen: what makes such, and how one spelling becomes the other; each answer is tried with an id."""

import pytest

from simulator.importing.spellings import raw_of, source_of, spelling
from simulator.scenario.words.id_words import IdForm, IdSource
from simulator.shaping.ids import spelled


@pytest.mark.parametrize(
    ("seen", "raw", "source"),
    [
        ("1A2B3C4D", "1a2b3c4d", "hex 8"),
        ("1a2b3c4d", "1a2b3c4d", "hex 8"),
        ("0123456789", "0123456789", "decimal 10"),
        ("F47AC10B-58CC-4372-A567-0E02B2C3D479", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "uuid"),
        ("Xy9", "Xy9", "letters 3"),
        ("1a2B", "1a2B", "letters 4"),
        ("a.b-7", "a.b-7", "constant a.b-7"),
    ],
)
def test_ids_are_made_as_they_look(seen: str, raw: str, source: str) -> None:
    assert (raw_of(seen), source_of(raw)) == (raw, source)
    assert str(IdSource.parse(source)) == source


@pytest.mark.parametrize(
    ("raw", "shown", "steps"),
    [
        ("1a2b3c4d", "1a2b3c4d", "same"),
        ("1a2b3c4d", "1A2B3C4D", "upper"),
        ("1a2b3c4d", "439041101", "decimal"),
        ("1a2b3c4d", "0439041101", "decimal pad 10"),
        ("439041101", "1a2b3c4d", "hex"),
        ("439041101", "1A2B3C4D", "hex upper"),
        ("439041101", "001A2B3C4D", "hex upper pad 10"),
        ("0000001a", "1a", "strip-zeros"),
        ("42", "0000000042", "pad 10"),
        ("12345", "id-12345", "prefix id-"),
        ("12345", "12345.0", "suffix .0"),
        ("12345", "a12345b", "prefix a suffix b"),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b58cc4372a5670e02b2c3d479", "strip-hyphens"),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "F47AC10B58CC4372A5670E02B2C3D479", "strip-hyphens upper"),
        ("xyz12345", "xyz1", "cut 4"),
        ("12345", "", "empty"),
    ],
)
def test_a_spelling_comes_from_the_id_by_these_steps(raw: str, shown: str, steps: str) -> None:
    found = spelling(raw, shown)
    assert found == steps
    assert spelled(IdForm.parse(found), raw, "") == shown


@pytest.mark.parametrize(("raw", "shown"), [("12345", "99999"), ("1a2b", "a b"), ("x", "y")])
def test_what_does_not_come_from_it_has_no_steps(raw: str, shown: str) -> None:
    assert spelling(raw, shown) is None

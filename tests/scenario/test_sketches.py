"""What the format must be able to say: it loads, it is written and read again, and editors agree."""

import json
from pathlib import Path

import jsonschema
import pytest

from simulator.scenario.declared import names_in
from simulator.scenario.file import dump, parse, written
from simulator.scenario.schema import Scenario, json_schema
from simulator.scenario.tree import tree_of
from tests.scenario.sketches import SKETCHES

# nearly every key that there is, in one file
EVERYTHING = (Path(__file__).parent / "everything.yaml").read_text(encoding="utf-8")
ALL = {**SKETCHES, "everything": EVERYTHING}
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_a_sketch_is_read_and_written_and_read_again(text):
    scenario = parse(text, "sketch.yaml")
    assert parse(dump(scenario), "again.yaml") == scenario


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_a_sketch_comes_through_json(text):
    scenario = parse(text, "sketch.yaml")
    values = json.loads(json.dumps(written(scenario)))
    assert Scenario.model_validate(values, context=names_in(values)) == scenario


@pytest.mark.parametrize("text", ALL.values(), ids=ALL)
def test_the_json_schema_takes_a_sketch_short_and_spelled_out(text):
    given = tree_of(text, "sketch.yaml").value
    assert [error.message for error in VALIDATOR.iter_errors(given)] == []
    assert [error.message for error in VALIDATOR.iter_errors(written(parse(text)))] == []

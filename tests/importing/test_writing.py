"""Files that were made: what is read back is what was meant, and what cannot be read is not printed."""

import pytest

from simulator.importing.writing import WIDTH, file_of
from simulator.scenario.file import parse, written
from simulator.scenario.problems import ScenarioError

SCENARIO = {
    "scenario": 1,
    "about": "what: it is",
    "seed": 7,
    "carrier": {
        "system_id": "no",
        "accounts": {"0815": {"password": "12:30"}, "true": {"password": "#x"}, "long": {"password": "x" * 200}},
        "deliver": {"state": "DELIVRD", "after": "1s..3s"},
    },
    "rules": [
        {"when": {"to": "12025550100", "text": {"contains": 'a "b"\n{c}'}}, "then": "silence", "times": 2},
        {
            "name": "wide",
            "then": {"receipts": {"tlvs": [{"add": "0x1403", "value": f"hex:{'00' * n}"} for n in (9, 90)]}},
        },
    ],
}


def test_what_is_written_is_read_back_as_the_same() -> None:
    text = file_of(SCENARIO, ["a comment\nseed: 1", ""])
    assert text.startswith("# a comment?seed: 1\n#\nscenario: 1\n")
    said = written(parse(text))
    assert said["carrier"]["accounts"] == SCENARIO["carrier"]["accounts"]  # type: ignore[index]
    assert said["carrier"]["system_id"] == "no"
    assert said["rules"][0]["when"]["text"] == {"contains": 'a "b"\n{c}'}
    assert len(said["rules"][1]["then"]["receipts"]["tlvs"]) == 2


@pytest.mark.parametrize(
    "text", ["é€", "😀", "\x7f\x85\xa0", "\ufeff\u2028\uffff", "\t\r\n\0\x1f", '\\"', "", " a ", "- a", "#"]
)
def test_any_character_is_read_back(text: str) -> None:
    assert parse(file_of({"scenario": 1, "about": text or "x", "variables": {"one": text}})).variables == {"one": text}


def test_a_line_is_as_wide_as_the_house_writes_where_it_can_be_broken() -> None:
    lines = [line for line in file_of(SCENARIO).splitlines() if "x" * 200 not in line and "00" * 90 not in line]
    assert max(map(len, lines)) <= WIDTH
    assert '  - {when: {to: "12025550100", text: {contains: "a \\"b\\"\\n{c}"}}, then: silence, times: 2}' in lines


def test_what_no_scenario_may_say_is_not_written() -> None:
    with pytest.raises(ScenarioError, match=r"rules\[0\]\.then\.reject"):
        file_of({"scenario": 1, "rules": [{"then": {"reject": "ESME_NOSUCH"}}]})

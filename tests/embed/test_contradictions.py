"""Files that cannot be played together, given by a program: told as the command tells it, with their places."""

from pathlib import Path

import pytest

from simulator.embed.embedded import open_smsc
from simulator.scenario.file import parse
from simulator.scenario.problems import ScenarioError


def test_files_that_contradict_each_other_are_told_with_their_places(tmp_path: Path) -> None:
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text('scenario: 1\nnetworks:\n  att: {prefixes: "12025"}\n', encoding="utf-8")
    second.write_text('scenario: 1\nnetworks:\n  verizon:\n    prefixes: "12025"\n', encoding="utf-8")
    made = [parse(one.read_text(encoding="utf-8")) for one in (first, second)]
    with pytest.raises(ScenarioError) as told, open_smsc([first, second]):
        pass
    assert str(told.value).startswith(f"{second}:4:5: networks.verizon.prefixes: ")
    # what was made by a program has no place
    with pytest.raises(ScenarioError, match=r"^scenario: networks\.verizon\.prefixes: "), open_smsc(made):
        pass

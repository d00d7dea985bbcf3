"""`carrier-sim check` and `schema`, and what `serve` says of a file that is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from simulator.cli import app

WRONG = "scenario: 1\nrules: [{then: silense}]\n"
TOLD = "^ did you mean silence?\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fine.yaml").write_text("scenario: 1\nrules: [{then: silence}]\n")
    (tmp_path / "wrong.yaml").write_text(WRONG)
    return tmp_path


def test_files_that_are_fine_are_passed_over_in_silence(folder: Path) -> None:
    ended = CliRunner().invoke(app, ["check", "fine.yaml", "fine.yaml"])
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", "")


def test_every_problem_of_every_file_is_told_and_the_exit_code_is_2(folder: Path) -> None:
    ended = CliRunner().invoke(app, ["check", "wrong.yaml", "fine.yaml", "nosuch", "wrong.yaml"])
    assert (ended.exit_code, ended.stderr) == (2, "")
    assert ended.stdout.count("wrong.yaml:2:16: rules[0].then: 'silense', allowed: accept, silence") == 2
    assert ended.stdout.count("nosuch: no such file or scenario") == 1
    assert ended.stdout.endswith(TOLD)


def test_serve_tells_what_is_wrong_with_a_file_before_anything_else(folder: Path) -> None:
    ended = CliRunner().invoke(app, ["serve", "wrong.yaml", "--account", "nonsense"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("wrong.yaml:2:16: rules[0].then: 'silense'")
    assert ended.stderr.endswith(TOLD)


def test_the_schema_is_printed_for_editors() -> None:
    ended = CliRunner().invoke(app, ["schema"])
    assert (ended.exit_code, ended.stderr) == (0, "")
    schema = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(schema).validate({"scenario": 1, "rules": [{"then": "silence"}]})

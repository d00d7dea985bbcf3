"""scenarios/README.md is executed: its YAML is read, its commands run, its requests are answered, its texts obeyed."""

import re
import shutil
from pathlib import Path
from urllib.request import Request

import pytest
import trio
from typer.testing import CliRunner

from simulator.checks.levels import LEVELS
from simulator.cli.main import app
from simulator.scenario.file import parse
from simulator.scenario.match import Match
from simulator.scenario.schema import Scenario
from simulator.scenario.shape import Names
from simulator.scenario.spoken import CHARACTERS_MAX, command_in, rule_of
from simulator.scenario.then import Then
from simulator.smpp.pdus import SubmitSm
from tests.cli.test_main import BOUND, bound, served
from tests.test_readme import blocks, programs

README = (Path(__file__).parent.parent / "scenarios" / "README.md").read_text(encoding="utf-8")
YAML = blocks(README, "yaml")
TEXTS = blocks(README, "text")
LINES = [line for block in blocks(README, "sh") for line in programs(block)]
OURS = [line[1:] for line in LINES if line[0] == "carrier-sim"]
SERVED = [line[1:] for line in OURS if line[0] == "serve"]
CURLS = [line[1:] for line in LINES if line[0] == "curl"]


def table(title: str) -> list[list[str]]:
    """The rows of the first table below a title, each as the codes in its cells."""
    rows = [line for line in README.partition(f"## {title}")[2].partition("\n## ")[0].splitlines() if line[:1] == "|"]
    return [re.findall(r"`([^`]+)`", row) for row in rows[2:]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are that the commands name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "first.yaml").write_text(YAML[0], encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(TEXTS[0], encoding="utf-8")
    return tmp_path


def as_scenario(block: str) -> Scenario:
    return parse(block if block.startswith("scenario:") else f"scenario: 1\n{block}")


@pytest.mark.parametrize("block", YAML, ids=[block.splitlines()[0] for block in YAML])
def test_every_block_is_a_scenario(block: str) -> None:
    assert as_scenario(block).said


def test_the_mistake_is_told_as_it_is_printed(folder: Path) -> None:
    ended = CliRunner().invoke(app, ["check", "wrong.yaml"])
    assert (ended.exit_code, ended.stdout) == (2, TEXTS[1])


@pytest.mark.parametrize("line", [line for line in OURS if line[0] != "serve"], ids=" ".join)
def test_every_command_runs(line: list[str], folder: Path) -> None:
    words = line[: line.index(">")] if ">" in line else line
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 0, ended.output
    assert bool(ended.stdout) == (words[0] != "check")


@pytest.mark.parametrize("words", SERVED, ids=" ".join)
def test_every_server_starts(words: list[str], folder: Path) -> None:
    with served(*words) as (process, addresses):
        assert addresses["smpp"][1] > 0
        process.terminate()
        # whoever expects something of a gateway that never came is told so
        assert process.wait(BOUND) in {0, 1}
    assert (folder / "verdict.json").exists() == ("--report" in words)


@pytest.mark.real_peer("curl")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_every_request_is_answered(folder: Path) -> None:
    given = ["curl", "-q", "--noproxy", "*", "--max-time", "20", "--silent", "--show-error", "--fail-with-body"]
    with served("bad-day") as (_, addresses):
        http = "http://{}:{}".format(*addresses["http"])
        async with bound(addresses["smpp"]) as esme:
            await esme.submit(SubmitSm(destination_addr="12025550100", short_message=b"hello"))
            for words in sorted(CURLS, key=lambda line: "api/scenario" in " ".join(line)):
                line = [*given, *(word.replace("http://127.0.0.1:8775", http) for word in words)]
                ran = await trio.run_process(line, capture_stdout=True, capture_stderr=True, check=False)
                assert ran.returncode == 0, f"{words}\n{ran.stdout!r}\n{ran.stderr!r}"
    assert len(CURLS) >= 12


def test_the_requests_name_the_default_address() -> None:
    urls = [word for line in CURLS for word in line if word.startswith("http")]
    assert {Request(url).host for url in urls} == {"127.0.0.1:8775"}


def test_whatever_the_table_of_when_says_may_be_said() -> None:
    said = [code for row in table("When") for code in row if ": " in code]
    assert len(said) > 25
    for code in said:
        scenario = parse(f"scenario: 1\nrules:\n- {{when: {{{code}}}, then: {{send: unbind}}}}\n")
        assert scenario.rules[0].when.said


def test_whatever_the_table_of_then_says_may_be_said() -> None:
    # where a value is left open only the keys are told
    whole = [code for row in table("Then") for code in row if ": " in code and not re.search(r": [,}]", code)]
    assert len(whole) > 15
    for code in whole:
        said = f"answer: {{{code}}}" if code.startswith(("wire", "stream")) else code
        assert parse(f"scenario: 1\nrules: [{{then: {{{said}}}}}]\n").rules[0].then.said


def test_every_key_of_when_and_then_is_named() -> None:
    keys = {*Match.model_fields, *Then.model_fields} - {"source", "destination", "status"}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", README)] == []


def test_every_check_is_named() -> None:
    assert [name for name in LEVELS if f"`{name}`" not in README] == []


def test_every_text_of_the_table_is_a_command() -> None:
    rows = table("Texts that say")
    assert len(rows) >= 9
    for text, *_ in rows:
        command = command_in(text)
        assert command is not None, text
        assert rule_of(command, Names()).then.said
    assert f"{CHARACTERS_MAX:,} characters" in README


def test_every_folder_is_named() -> None:
    folders = {path.name for path in (Path(__file__).parent.parent / "scenarios").iterdir() if path.is_dir()}
    assert [name for name in sorted(folders) if f"[{name}/]({name})" not in README] == []

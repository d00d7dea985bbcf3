"""The README is executed: its Python runs, and the commands it shows exist."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trio

from simulator import open_esme
from simulator.scenario.file import parse
from tests.e2e.served import COMMAND, serving

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def programs(shell: str) -> list[list[str]]:
    """The command lines of a block as a shell takes them apart, comments and prompts left out."""
    lines = shell.replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line.removeprefix("$ "), comments=True))]


def verb(line: list[str]) -> list[str]:
    """The words of a `carrier-sim` line up to its first option: `carrier-sim rules add --x` gives rules, add."""
    words = line[1:]
    options = [place for place, word in enumerate(words) if word.startswith("-")]
    return words[: options[0]] if options else words


SHELL = [line for block in blocks(README, "sh") + blocks(README, "console") for line in programs(block)]
CURLS = [line for line in SHELL if line[0] == "curl"]
OURS = [line for line in SHELL if line[0] == "carrier-sim"]
SCRIPTS = [word for line in SHELL for word in line if re.fullmatch(r"(scripts/|\.ci/)\S+", word)]


def test_the_python_blocks_run(tmp_path: Path) -> None:
    program = tmp_path / "readme.py"
    for block in blocks(README, "python"):
        program.write_text(block, encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, "-W", "error", program], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{block}\n{ran.stderr}"


def test_the_python_block_is_the_example_that_it_names() -> None:
    example = (ROOT / "tests" / "examples" / "virtual_time.py").read_text(encoding="utf-8")
    (block,) = blocks(README, "python")
    assert example.endswith(block)


def test_the_tests_that_are_shown_are_the_ends_of_ones_that_are_run() -> None:
    names = ("test_throttled.py", "test_gateway_suite.py", "test_tmobile_at_eleven.py")
    for name, block in zip(names, blocks(README, "py"), strict=True):
        assert (ROOT / "tests" / "examples" / name).read_text(encoding="utf-8").endswith(block)


@pytest.mark.parametrize("text", blocks(README, "yaml"))
def test_each_scenario_that_is_shown_is_one(text: str) -> None:
    assert parse(text, "README.md").scenario == 1


def test_the_console_blocks_show_what_the_command_prints() -> None:
    for block in blocks(README, "console"):
        command, _, printed = block.partition("\n")
        words = command.removeprefix("$ carrier-sim ").split()
        program = [sys.executable, "-c", "from simulator.cli.main import main; main()", *words]
        ran = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == printed.strip()


def curled(words: list[str], printed: str, real: str) -> Any:
    """What a curl line is answered whose address is another one, read as JSON; an answer of 400 and above fails."""
    # whatever the user's settings and proxies are
    given = ["curl", "-q", "--noproxy", "*", "--max-time", "20", "--silent", "--show-error", "--fail-with-body"]
    line = [*given, *(word.replace(printed, real) for word in words[1:])]
    ran = subprocess.run(line, capture_output=True, check=False)
    assert ran.returncode == 0, f"{words}\n{ran.stdout!r}\n{ran.stderr!r}"
    return json.loads(ran.stdout)


def curls_to(printed: str) -> dict[str, list[str]]:
    """The curl lines to an address that is shown, by their paths without a query."""
    urls = {index: next(word for word in line if word.startswith("http")) for index, line in enumerate(CURLS)}
    found = {index: url.removeprefix(printed) for index, url in urls.items() if url.startswith(printed)}
    return {f"{index} {path.partition('?')[0]}": CURLS[index] for index, path in found.items()}


@pytest.mark.real_peer("curl")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_curl_lines_are_served_as_they_are_printed(tmp_path: Path) -> None:
    printed = "http://127.0.0.1:8775"
    answers: dict[str, Any] = {}
    with serving(tmp_path) as server, trio.fail_after(60):
        # the only receiver, so the subscriber's message has somewhere to go
        async with open_esme(server.host, server.port, system_id="gateway"):
            for path, words in curls_to(printed).items():
                answers[path.partition(" ")[2]] = await trio.to_thread.run_sync(curled, words, printed, server.http)
    assert answers["/api/messages"]["messages"] == []
    assert [session["account"] for session in answers["/api/sessions"]["sessions"]] == ["gateway"]
    assert answers["/api/mo"] == {"id": "1", "account": "gateway", "segments": 1}
    assert answers["/api/reset"]["reset"] is True


@pytest.mark.real_peer("curl")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_lines_to_the_reference_gateway_are_served_too(tmp_path: Path) -> None:
    printed = "http://127.0.0.1:8776"
    answers: dict[str, Any] = {}
    with serving(tmp_path, "networks/us") as server:
        gateway = [COMMAND, "gateway", "--smsc", f"{server.host}:{server.port}", "--http", "127.0.0.1:0"]
        with subprocess.Popen(gateway, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                ready = process.stdout.readline()
                real = f"http://{ready.strip().removeprefix('ready http=')}"
                for path, words in curls_to(printed).items():
                    answers[path.partition(" ")[2]] = curled(words, printed, real)
            finally:
                process.send_signal(signal.SIGTERM)
    sent = answers["/api/messaging/messages"]
    assert (sent["from"], sent["to"], sent["body"]) == ("+12065550100", "+12025550142", "hello")
    assert [log["id"] for log in answers["/api/messaging/logs"]["data"]] == [sent["id"]]
    assert answers["/demo-accounts"]["signalwire"]["username"] == "demo-signalwire"


def test_every_curl_line_is_one_of_those_that_are_served() -> None:
    assert sorted([*curls_to("http://127.0.0.1:8775").values(), *curls_to("http://127.0.0.1:8776").values()]) == sorted(
        CURLS
    )


def test_the_scripts_that_are_shown_exist() -> None:
    assert [script for script in SCRIPTS if not (ROOT / script).is_file()] == []


def test_the_commands_that_are_shown_exist() -> None:
    for command in sorted({tuple(verb(line)[:1]) for line in OURS}):
        shown = [sys.executable, "-c", "from simulator.cli.main import main; main()", *command, "--help"]
        ran = subprocess.run(shown, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{command}\n{ran.stderr}"


def test_the_readme_shows_the_two_commands() -> None:
    assert {"scripts/run", "scripts/test"} <= set(SCRIPTS)


def test_blocks_are_found_by_their_language() -> None:
    text = "```python\na\nb\n```\n\n```sh\nc\n```\n```python\nd\n```\n"
    assert blocks(text, "python") == ["a\nb\n", "d\n"]
    assert blocks(text, "sh") == ["c\n"]


def test_the_command_of_a_line_is_found() -> None:
    assert programs("# why\n$ carrier-sim serve calm --http 0  # a story\n\nscripts/run") == [
        ["carrier-sim", "serve", "calm", "--http", "0"],
        ["scripts/run"],
    ]
    assert programs("curl -d '{\"a\": 1}' \\\n    x  # why\n") == [["curl", "-d", '{"a": 1}', "x"]]
    assert verb(["carrier-sim", "serve", "calm", "--http", "0"]) == ["serve", "calm"]
    assert verb(["carrier-sim"]) == []

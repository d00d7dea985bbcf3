"""`serve --journal` and `journal` as everybody starts them: processes, files, exit codes, a disk that becomes full."""

import gzip
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import trio
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.net.client import open_esme
from simulator.smpp.pdus import SubmitSm
from tests.e2e.processes import eventually
from tests.e2e.served import Served, serving
from tests.recounting.story import HEADER, a_journal

COMMAND = [sys.executable, "-m", "simulator.cli.main"]
BOUND = 20.0


def invoked(*words: str, given: bytes = b"", code: int = 0) -> str:
    """What the command printed, on standard error where it failed."""
    ended = CliRunner().invoke(app, ["journal", *words], input=given)
    assert ended.exit_code == code, ended.output
    return ended.stdout if not code else ended.stderr


def served(*words: str) -> subprocess.CompletedProcess[str]:
    """A server that is to end by itself."""
    command = [*COMMAND, "serve", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=BOUND, check=False)


async def submit(server: Served, count: int, text: bytes = b"hello") -> None:
    """Send some messages and take their receipts."""
    with trio.fail_after(BOUND):
        async with open_esme(server.host, server.port, system_id="gateway") as esme:
            for _ in range(count):
                message = SubmitSm(source_addr="12025550199", destination_addr="12025550100", short_message=text)
                message.registered_delivery = 1
                await esme.submit(message)
                await esme.deliveries.receive()


def test_a_served_journal_answers_what_the_api_answers(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    with serving(tmp_path, "--journal", str(path)) as server:
        trio.run(submit, server, 3)
        rows = server.messages()
        counts = server.get("/api/counters")["events"]
        health = server.get("/healthz")["journal"]
        assert (health["file"], health["lost"], health["error"]) == (str(path), 0, None)
        assert server.process.terminate(BOUND) == 0
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for kind in ("submitted", "answered", "concluded", "receipt_sent", "receipt_acknowledged"):
        assert sum(line.get("kind") == kind for line in lines) == counts[kind] == 3
    submitted = [line for line in lines if line.get("kind") == "submitted"]
    assert [line["message_id"] for line in submitted] == [row["message_id"] for row in reversed(rows)]
    assert lines[-1]["kind"] == "disconnected"
    listed = invoked(str(path), "--text", "HELLO", "--kind", "receipt_acknowledged", "--count")
    assert listed == "3\n"
    assert "DELIVRD       3" in invoked(str(path))


def test_a_disk_that_becomes_full_stops_no_traffic_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    with serving(tmp_path, "--journal", str(path)) as server:
        trio.run(submit, server, 1)
        eventually(lambda: server.get("/healthz")["journal"]["waiting"] == 0, BOUND, "everything is written", str)
        size, hard = path.stat().st_size, resource.RLIM_INFINITY
        # every file of the server may now hold so many octets, and no more
        resource.prlimit(server.process.process.pid, resource.RLIMIT_FSIZE, (size + 100, hard))
        trio.run(submit, server, 3)
        eventually(lambda: server.get("/healthz")["journal"]["error"], BOUND, "the error is told", str)
        health = server.get("/healthz")
        assert (health["status"], health["journal"]["error"]) == ("ok", "File too large")
        metrics = urlopen(f"{server.http}/metrics").read().decode()
        assert "carrier_sim_journal_file_broken 1.0" in metrics
        assert f"--journal {path}: File too large" in server.process.printed()
        assert path.stat().st_size == size + 100
        resource.prlimit(server.process.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        trio.run(submit, server, 1)
        eventually(lambda: not server.get("/healthz")["journal"]["error"], BOUND, "it is written again", str)
        assert server.process.terminate(BOUND) == 0
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["n"] for line in lines[1:]] == list(range(1, len(lines)))
    assert sum(line.get("kind") == "receipt_acknowledged" for line in lines) == 5


def test_a_disk_that_stays_full_exits_with_3_and_says_how_much_is_missing(tmp_path: Path) -> None:
    path, report = tmp_path / "day.jsonl", tmp_path / "report.xml"
    with serving(tmp_path, "--journal", str(path), "--report", str(report)) as server:
        # room for the report, and not for the events
        resource.prlimit(server.process.process.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        trio.run(submit, server, 12, b"x" * 250)
        assert server.process.terminate(BOUND) == 3
        lines = server.process.printed().splitlines()
    # not the last one where coverage is measured: that, too, has a file to write
    (last,) = [line for line in lines if line.startswith(f"carrier-sim: --journal {path}: ")]
    assert last.endswith("events were not written: File too large")
    assert report.read_bytes().endswith(b"</testsuite>\n")


def test_a_report_that_cannot_be_written_at_the_end_exits_with_3(tmp_path: Path) -> None:
    report = tmp_path / "reports" / "report.json"
    report.parent.mkdir()
    with serving(tmp_path, "--report", str(report)) as server:
        report.parent.rmdir()
        assert server.process.terminate(BOUND) == 3
        last = server.process.printed().splitlines()[-1]
    assert last == f"carrier-sim: --report {report}: No such file or directory"


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--journal", "{}/none/day.jsonl"), 2, "--journal {}/none/day.jsonl: there is no folder '{}/none'"),
        (("--journal", "{}"), 2, "--journal {}: Is a directory"),
        (("--journal", "{}/file/day.jsonl"), 2, "--journal {}/file/day.jsonl: there is no folder '{}/file'"),
        (("--journal", "/dev/full"), 3, "--journal /dev/full: No space left on device"),
        (("--report", "{}/file/report.json"), 2, "--report: '{}/file/report.json': there is no folder"),
        (("--report", "{}/folder.json"), 2, "--report: '{}/folder.json' cannot be written"),
        (("--report", "{}/full.json"), 3, "--report {}/full.json: No space left on device"),
        (("--journal", "{}/a.json", "--report", "{}/a.json"), 2, "--journal and --report: '{}/a.json', must be two"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_listens(
    tmp_path: Path, words: tuple[str, ...], code: int, text: str
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "full.json.part").symlink_to("/dev/full")
    run = served(*(word.replace("{}", str(tmp_path)) for word in words))
    assert (run.returncode, run.stdout) == (code, "")
    assert text.replace("{}", str(tmp_path)) in run.stderr
    assert len(run.stderr.splitlines()) == 1


# ------------------------------------------------------------------ carrier-sim journal


@pytest.fixture(scope="module")
def journal(tmp_path_factory: Any) -> Path:
    path: Path = tmp_path_factory.mktemp("journal") / "day.jsonl"
    path.write_bytes(a_journal())
    return path


def test_without_filters_there_is_a_summary(journal: Path) -> None:
    assert invoked(str(journal)).startswith("runs 1, events ")


def test_with_a_filter_events_are_listed(journal: Path) -> None:
    (line,) = invoked(str(journal), "--kind", "malformed").splitlines()
    assert "malformed" in line


def test_every_filter_is_an_option(journal: Path) -> None:
    words = ["--account", "alice", "--from", "+12025550199", "--to", "12025550100", "--state", "delivered"]
    words += ["--text", "hello", "--session", "1", "--since", "2027-01-15T08:00:00Z", "--until", "1800000001"]
    words += ["--direction", "mt", "--kind", "concluded", "--kind", "receipt_sent"]
    assert invoked(str(journal), *words, "--count") == "2\n"
    (number,) = {json.loads(line)["message_id"] for line in invoked(str(journal), *words, "--json").splitlines()}
    assert invoked(str(journal), *words, "--message-id", number, "--count") == "2\n"
    assert invoked(str(journal), *words, "--message-id", "0", "--count") == "0\n"
    words[2:6] = ["--source", "12025550199", "--destination", "+12025550100"]
    assert invoked(str(journal), *words, "--count") == "2\n"


def test_all_events_are_listed_or_given_as_they_stand(journal: Path) -> None:
    count = len(journal.read_bytes().splitlines()) - 1
    assert len(invoked(str(journal), "--list").splitlines()) == count
    assert invoked(str(journal), "--json").encode() == b"".join(journal.read_bytes().splitlines(keepends=True)[1:])


def test_several_files_standard_input_and_gzip_are_read_together(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "day.jsonl.gz").write_bytes(gzip.compress(journal.read_bytes()))
    words = [str(journal), str(tmp_path / "day.jsonl.gz"), "-", "--kind", "bound", "--count"]
    assert invoked(*words, given=journal.read_bytes()) == "6\n"


def test_damage_is_told_on_standard_error_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_bytes(a_journal() + b'{"n":')
    run = CliRunner().invoke(app, ["journal", str(path), "--kind", "bound", "--count"])
    assert (run.exit_code, run.stdout) == (0, "2\n")
    number = len(path.read_bytes().splitlines())
    assert run.stderr.startswith(f"carrier-sim: {path}:{number}: cut short: no JSON")


@pytest.mark.parametrize(
    ("content", "words", "text"),
    [
        (b"prose\n", (), "no line of a journal is in it"),
        (HEADER + b'{"journal":2}\n', (), "day.jsonl:2: a journal of form 2; this version reads 1"),
        (HEADER, ("--state", "lost"), "--state: 'lost', must be one of ENROUTE"),
        (HEADER, ("--session", "-1"), "--session: -1, must be 0 (of none) or more"),
        (HEADER, ("--kind", "lost"), "--kind: 'lost', must be one of connected"),
    ],
)
def test_a_wrong_file_or_word_exits_with_2(tmp_path: Path, content: bytes, words: tuple[str, ...], text: str) -> None:
    (tmp_path / "day.jsonl").write_bytes(content)
    assert text in invoked(str(tmp_path / "day.jsonl"), *words, code=2)


def test_a_file_that_is_not_there_exits_with_2(tmp_path: Path) -> None:
    assert invoked(str(tmp_path / "none"), code=2) == f"carrier-sim: {tmp_path / 'none'}: No such file or directory\n"


def test_a_reader_that_has_gone_is_no_error(journal: Path, tmp_path: Path) -> None:
    long = tmp_path / "long.jsonl"
    long.write_bytes(journal.read_bytes() * 200)
    piped = subprocess.run(
        f"{sys.executable} -m simulator.cli.main journal {long} --list | head -1",
        shell=True,
        capture_output=True,
        text=True,
        timeout=BOUND,
        check=True,
    )
    assert len(piped.stdout.splitlines()) == 1
    assert piped.stderr == ""

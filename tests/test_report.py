"""The verdict as JSON and XML, in a file and at the end of `carrier-sim serve`: what it says, and the exit code."""

import json
import signal
import subprocess
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
import trio

from simulator.checks.findings import Exhibit, Finding
from simulator.checks.levels import LEVELS
from simulator.control.verdict import verdict_json, verdict_xml
from simulator.net.client import open_esme
from simulator.serving.reporting import check_report, write_report
from simulator.smpp.pdus import SubmitSm
from simulator.smsc.memory.watch import Verdict
from tests.checks.watching import Watched
from tests.cli.test_main import BOUND, run, served
from tests.smsc.world import START, World

SCENARIO = """\
scenario: 1
expect:
  events: [{kind: submitted, where: {text: stop}, name: it says stop}]
  gateway: {status: delivered, name: it shows delivered}
  checks: {link_kept: error}
"""


def judged(*, text: str = "go") -> Watched:
    """A day with something bad, something unknown, something warned of, and something off."""
    world = Watched(SCENARIO.removeprefix("scenario: 1\n"), levels={"window_kept": "off"})
    gateway = world.bound()
    for _ in range(2):
        gateway.submit(short_message=text.encode())
    return world


def cases(octets: bytes) -> dict[str, Element]:
    """Each test case by its name."""
    return {str(case.get("name")): case for case in fromstring(octets).iter("testcase")}


def test_the_json_has_one_form_and_the_evidence_can_be_read() -> None:
    world = judged()
    told = verdict_json(world.watch.verdict(), world.smsc)
    assert list(told) == [
        *("version", "outcome", "is_bad", "scenarios", "seed", "events", "waiting", "pending"),
        *("expectations", "checks", "quirks"),
    ]
    assert (told["version"], told["outcome"], told["is_bad"]) == (1, "failed", True)
    assert (told["scenarios"], told["events"]["submitted"]) == (["scenario 1"], 2)
    assert [one["name"] for one in told["checks"]] == list(LEVELS)
    missed, unknown = told["expectations"]
    assert (missed["name"], missed["outcome"], missed["failures"]) == ("it says stop", "failed", 1)
    (exhibit,) = missed["evidence"]
    assert exhibit["decoded"]["command"] == "submit_sm"
    assert exhibit["decoded"]["fields"]["destination_addr"] == "12025550100"
    assert bytes.fromhex(exhibit["pdu"])[4:8] == b"\x00\x00\x00\x04"
    assert exhibit["at"].startswith("2027-01-15T08:00:00")
    assert (unknown["name"], unknown["outcome"], unknown["evidence"]) == ("it shows delivered", "unknown", [])
    assert json.loads(json.dumps(told)) == told


def test_the_xml_is_one_suite_with_a_case_for_each_finding() -> None:
    octets = verdict_xml(judged().watch.verdict())
    assert octets.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<testsuite ")
    suite = fromstring(octets)
    found = cases(octets)
    assert "window_kept" not in found
    assert set(found) == {"it says stop", "it shows delivered", *LEVELS} - {"window_kept"}
    numbers = {name: suite.get(name) for name in ("tests", "failures", "errors")}
    assert numbers == {"tests": str(len(LEVELS) + 1), "failures": "1", "errors": "0"}
    assert suite.get("skipped") == str(sum(case.find("skipped") is not None for case in found.values()))
    failure = found["it says stop"].find("failure")
    assert failure is not None
    assert "nearest miss" in str(failure.get("message"))
    # the evidence, in octets
    assert "0000000400000000" in str(failure.text)
    assert found["it shows delivered"].find("skipped") is not None
    assert [*found["sequence_unique"]] == []
    warned = found["accepted_not_resent"].find("system-out")
    assert warned is not None
    assert str(warned.text).startswith("warning: sent again")


def test_the_xml_holds_whatever_an_esme_has_said() -> None:
    finding = Finding("a\x00b", "error", "failed", "\x1b[31m\ud800", 1, 1, (Exhibit(1, START, 1, "told\x07"),))
    (case,) = cases(verdict_xml(Verdict((), (finding,), (), ()))).values()
    assert case.get("name") == "a\ufffdb"
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "\ufffd[31m\ufffd"


@pytest.mark.parametrize("ending", ["json", "xml"])
def test_the_ending_decides_the_form(ending: str, tmp_path: Path) -> None:
    world = judged()
    path = tmp_path / f"report.{ending}"
    check_report(path)
    write_report(path, world.watch.verdict(), world.smsc)
    octets = path.read_bytes()
    assert octets.endswith(b"\n")
    if ending == "json":
        assert json.loads(octets)["outcome"] == "failed"
    else:
        assert fromstring(octets).tag == "testsuite"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_another_ending_is_refused_before_anything_listens(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    ended = run("serve", "--report", str(path), "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0")
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.decode() == f"carrier-sim: --report: {str(path)!r}, must end in .json or .xml\n"


# ------------------------------------------------------------------ a run


async def served_with(*words: str, text: bytes) -> tuple[int, str]:
    """Serve, let one ESME submit a text and leave, and end; the exit code and what was said on standard error."""
    with served(*words) as (process, addresses):
        with trio.fail_after(BOUND):
            async with open_esme(*addresses["smpp"], system_id="gateway") as esme:
                await esme.request(SubmitSm(source_addr="1", destination_addr="12025550100", short_message=text))
        process.send_signal(signal.SIGTERM)
        told = await trio.to_thread.run_sync(lambda: ended(process))
    return int(process.returncode), told


def ended(process: "subprocess.Popen[str]") -> str:
    _, told = process.communicate(timeout=BOUND)
    return told or ""


@pytest.mark.parametrize(("text", "code"), [(b"stop", 0), (b"go", 1)])
async def test_the_exit_code_is_the_verdict(tmp_path: Path, text: bytes, code: int) -> None:
    scenario, report = tmp_path / "stop.yaml", tmp_path / "report.xml"
    scenario.write_text(SCENARIO)
    returned, told = await served_with(str(scenario), "--report", str(report), text=text)
    assert returned == code, told
    (row,) = [line.split() for line in told.splitlines() if line.startswith("it says stop ")]
    assert row[3:5] == ["error", "coped" if code == 0 else "failed"]
    found = cases(report.read_bytes())
    assert (found["it says stop"].find("failure") is None) == (code == 0)


async def test_a_report_alone_judges_by_the_checks(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    returned, told = await served_with("--report", str(report), text="grüße".encode())
    assert returned == 1, told
    checks: dict[str, Any] = {one["name"]: one for one in json.loads(report.read_text())["checks"]}
    assert checks["coding_fits_octets"]["reason"] == "data_coding 0: the octets read as UTF-8"


def test_a_report_of_a_day_without_anything_is_unknown() -> None:
    world = Watched()
    assert verdict_json(world.watch.verdict(), world.smsc)["outcome"] == "unknown"
    assert isinstance(world, World)

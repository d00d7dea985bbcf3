"""`carrier-sim wait-for` and `verdict` against a running server: what they print, and how they end."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import fromstring

import pytest
from typer.testing import CliRunner, Result

from simulator.cli.main import app
from simulator.cli.verdicts import verdict_from
from simulator.embed.embedded import EmbeddedSmsc, open_smsc
from tests.e2e.processes import free_port
from tests.embed.gateway import Gateway, bound

TO = "12025550100"
STORM = "quirks/throttle-storm"


@pytest.fixture
def smsc() -> Iterator[EmbeddedSmsc]:
    with open_smsc() as running:
        yield running


@pytest.fixture
def gateway(smsc: EmbeddedSmsc) -> Iterator[Gateway]:
    with bound(smsc) as one:
        yield one


def ran(*words: str, **environment: str) -> Result:
    given: dict[str, str | None] = {"SMSC_URL": None, "CARRIER_SIM_TOKEN": None, **environment}
    return CliRunner().invoke(app, list(words), env=given)


def test_what_has_come_is_printed(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send(TO, "first")
    gateway.send(TO, "sec\x1bond")
    gateway.read()
    ended = ran("wait-for", "--url", smsc.http_url, "--to", f"+{TO}", "--state", "DELIVRD", "--count", "2")
    assert (ended.exit_code, ended.stderr) == (0, "")
    first, second = ended.stdout.splitlines()
    assert first == f"message 1, 12025550199 -> {TO}, DELIVRD, 'first'"
    assert "\x1b" not in second


def test_what_is_on_its_way_is_waited_for(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    smsc.when(destination=TO).deliver("UNDELIV", after="300ms")
    gateway.send(TO)
    ended = ran("wait-for", "--state", "UNDELIVERABLE", "--json", SMSC_URL=smsc.http_url)
    assert ended.exit_code == 0, ended.stderr
    row = json.loads(ended.stdout)
    assert (row["to"], row["state"], row["text"]) == (TO, "UNDELIV", "hi")


def test_every_filter_is_asked_for(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send(TO, "one two")
    gateway.read()
    smsc.mo(to="5555", sender=TO, text="STOP")
    given = [
        "--from",
        "12025550199",
        "--account",
        "gateway",
        "--text",
        "two",
        "--receipt",
        "sent",
        "--status",
        "ESME_ROK",
    ]
    given += ["--where", '{"alphabet": "gsm7"}']
    for words in (given, ["--direction", "mo", "--from", TO, "--to", "5555"]):
        ended = ran("wait-for", "--url", smsc.http_url, *words)
        assert ended.exit_code == 0, ended.stderr
    other = {
        "--status": "ESME_RTHROTTLED",
        "--from": "1",
        "--account": "other",
        "--text": "three",
        "--to": "1",
        "--state": "EXPIRED",
    }
    for option, value in (other | {"--where": '{"alphabet": "ucs2"}', "--truth": "LOST"}).items():
        ended = ran("wait-for", "--url", smsc.http_url, "--timeout", "10ms", option, value)
        assert (ended.exit_code, ended.stdout) == (1, ""), option


def test_what_does_not_come_is_told_with_the_nearest(smsc: EmbeddedSmsc, gateway: Gateway) -> None:
    gateway.send(TO, "hi")
    ended = ran("wait-for", "--url", smsc.http_url, "--to", TO, "--text", "ho", "--timeout", "50ms")
    assert (ended.exit_code, ended.stdout) == (1, "")
    told, near = ended.stderr.splitlines()
    assert told == "carrier-sim: wait-for: wanted 1, came 0, in 0.05 s"
    assert near.startswith("  near: message 1, ")
    assert near.endswith("text: wanted contains ho, got hi")


def test_where_there_are_no_messages_that_is_told(smsc: EmbeddedSmsc) -> None:
    ended = ran("wait-for", "--url", smsc.http_url, "--timeout", "10ms")
    assert (ended.exit_code, ended.stderr.splitlines()[1:]) == (1, ["  there are no messages"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--timeout", "soon"], "--timeout: 'soon' is no span"),
        (["--timeout", "5"], "--timeout: '5' is no span"),
        (["--state", "FOO"], "'FOO' is no state, allowed: a state"),
        (["--truth", "FOO"], "truth: 'FOO', one of"),
        (["--where", "{"], "where: '{', allowed: a JSON object"),
        (["--where", '{"too": "1"}'], "too"),
        (["--timeout", "1h"], "timeout: "),
        (["--direction", "up"], "direction: 'up'"),
        (["--receipt", "lost"], "receipt: 'lost'"),
    ],
)
def test_a_wrong_question_ends_with_2(smsc: EmbeddedSmsc, words: list[str], told: str) -> None:
    ended = ran("wait-for", "--url", smsc.http_url, *words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told in ended.stderr


@pytest.mark.parametrize("command", ["wait-for", "verdict"])
@pytest.mark.parametrize(
    "url", ["127.0.0.1:8775", "ftp://127.0.0.1", "http://", "http://[", "http://a:x", "file:///etc"]
)
def test_an_address_that_is_none_ends_with_2(command: str, url: str) -> None:
    ended = ran(command, "--url", url)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"carrier-sim: --url: {url!r}, allowed: http://HOST:PORT")


@pytest.mark.parametrize("command", ["wait-for", "verdict"])
def test_where_nobody_is_it_ends_with_3(command: str) -> None:
    ended = ran(command, "--url", f"http://127.0.0.1:{free_port()}")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "Connection refused" in ended.stderr


class Stranger(BaseHTTPRequestHandler):
    """A server of somebody else."""

    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}

    def do_GET(self) -> None:
        if self.path.startswith("/gone"):
            # it dies before it answers
            self.close_connection = True
            return
        status, body = self.answers[self.path.split("/")[1]]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) + (self.path.startswith("/cut"))))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody is interested."""


@pytest.fixture
def stranger() -> Iterator[str]:
    Stranger.answers = {
        "page": (200, b"<html>"),
        "lost": (404, b"<html>"),
        "other": (200, b"{}"),
        "odd": (500, b'{"detail": 1}'),
        "cut": (200, b'{"messages": '),
    }
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("command", ["wait-for", "verdict"])
@pytest.mark.parametrize("place", ["page", "lost", "other", "odd", "cut", "gone"])
def test_an_answer_of_somebody_else_ends_with_3(stranger: str, command: str, place: str) -> None:
    ended = ran(command, "--url", f"{stranger}/{place}")
    assert (ended.exit_code, ended.stdout) == (3, ""), ended.stderr
    assert ended.stderr.startswith(f"carrier-sim: {stranger}")


def test_a_verdict_is_told_and_a_bad_one_ends_with_1(tmp_path: Path) -> None:
    expected = "{kind: submitted, count: 1, name: one is submitted}"
    file = tmp_path / "one.yaml"
    file.write_text(f"scenario: 1\nexpect: {{events: [{expected}]}}")
    with open_smsc(str(file)) as smsc:
        report = tmp_path / "verdict.xml"
        bad = ran("verdict", "--url", smsc.http_url, "--junit", str(report))
        assert (bad.exit_code, bad.stdout) == (1, "")
        assert "one is submitted" in bad.stderr
        suite = fromstring(report.read_bytes())
        assert (suite.tag, suite.get("failures")) == ("testsuite", "1")
        with bound(smsc) as gateway:
            gateway.send(TO)
        good = ran("verdict", "--url", smsc.http_url, "--json", "--junit", str(report))
        assert (good.exit_code, good.stderr) == (0, "")
        assert json.loads(good.stdout)["outcome"] == "coped"
        assert fromstring(report.read_bytes()).get("failures") == "0"
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith("partial")] == []


def test_evidence_goes_through_with_its_pdus(smsc: EmbeddedSmsc) -> None:
    exhibit = {"event": 3, "at": "2027-01-15T08:00:00.500Z", "session": 1, "told": "so", "pdu": "00ff"}
    finding: dict[str, object] = {"name": "a", "level": "error", "outcome": "failed", "reason": "b"}
    finding |= {"seen": 2, "failures": 1, "truncated": True, "evidence": [exhibit]}
    verdict = verdict_from({"scenarios": [], "checks": [finding], "expectations": [], "quirks": []})
    (found,) = verdict.checks
    assert verdict.is_bad
    assert found.evidence == ((3, 1_800_000_000.5, 1, "so", b"\x00\xff"),)
    assert (found.seen, found.failures, found.is_truncated) == (2, 1, True)


def test_a_file_that_cannot_be_written_ends_with_3(smsc: EmbeddedSmsc, tmp_path: Path) -> None:
    with open_smsc(STORM) as judged:
        ended = ran("verdict", "--url", judged.http_url, "--junit", str(tmp_path / "none" / "verdict.xml"))
    assert ended.exit_code == 3
    assert "No such file or directory" in ended.stderr

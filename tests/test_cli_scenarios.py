"""`carrier-sim check` and `schema`, and what `serve` says of a file that is wrong."""

import json
import ssl
from dataclasses import replace
from pathlib import Path

import httpx2
import jsonschema
import pytest
import trio
from typer.testing import CliRunner

from simulator.cli import app
from simulator.net.client import BindRefused, open_esme
from simulator.smpp.pdus import DeliverSm, SubmitSm
from tests.test_cli import BOUND, served

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


def test_serve_refuses_what_this_version_does_not_act_on_and_check_does_not(folder: Path) -> None:
    (folder / "more.yaml").write_text("scenario: 1\nrules: [{then: silence}, {then: {send: unbind}}]\n")
    ended = CliRunner().invoke(app, ["serve", "fine.yaml", "more.yaml"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("more.yaml:2:34: rules[1].then.send: not acted on by this version, allowed: accept,")
    assert CliRunner().invoke(app, ["check", "more.yaml"]).exit_code == 0


async def test_a_server_plays_files_and_shipped_stories_together(folder: Path) -> None:
    (folder / "vip.yaml").write_text(
        "scenario: 1\nseed: 9\ncarrier: {accounts: {gateway: {password: secret}}}\n"
        "rules: [{name: vip, when: {to: 1}, then: {deliver: UNDELIV after 0s}, stop: true}]\n"
    )
    message = SubmitSm(source_addr="12025550199", short_message=b"hello", registered_delivery=1)
    with served("stories/throttled-then-recovers", "vip.yaml") as (process, addresses):
        with trio.fail_after(BOUND):
            with pytest.raises(BindRefused):
                async with open_esme(*addresses["smpp"], system_id="stranger", password="secret"):
                    pass
            async with open_esme(*addresses["smpp"], system_id="gateway", password="secret") as esme:
                tries = [await esme.submit(replace(message, destination_addr="2")) for _ in range(3)]
                assert [one.command_status for one in tries] == [0x58, 0x58, 0]
                answers = [await esme.submit(replace(message, destination_addr="1")) for _ in range(3)]
                receipts = [await esme.deliveries.receive() for _ in range(4)]
        process.terminate()
        _, told = await trio.to_thread.run_sync(lambda: process.communicate(timeout=BOUND))
    assert [one.command_status for one in answers] == [0, 0, 0]
    told_of = [
        (one.source_addr, b"stat:UNDELIV" in one.short_message) for one in receipts if isinstance(one, DeliverSm)
    ]
    assert sorted(told_of) == [("1", True)] * 3 + [("2", False)]
    assert "carrier-sim: seed 9\n" in told


def test_the_schema_is_printed_for_editors() -> None:
    ended = CliRunner().invoke(app, ["schema"])
    assert (ended.exit_code, ended.stderr) == (0, "")
    schema = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(schema).validate({"scenario": 1, "rules": [{"then": "silence"}]})


async def test_the_listeners_of_a_file_are_opened_and_named_in_the_ready_line(folder: Path) -> None:
    (folder / "doors.yaml").write_text(
        "scenario: 1\ncarrier: {listeners: {old: {}, lapsed: {certificate: expired}, safe: {tls: tls}}}\n"
    )
    with served("doors.yaml") as (process, addresses):
        assert list(addresses) == ["smpp", "http", "old", "lapsed", "safe"]
        async with httpx2.AsyncClient(trust_env=False) as client:
            pem = (await client.get("http://{}:{}/api/tls/ca.pem".format(*addresses["http"]))).content
        context = ssl.create_default_context(cadata=pem.decode())
        with trio.fail_after(BOUND):
            async with open_esme(*addresses["old"], system_id="gateway"):
                pass
            for name, is_good in (("safe", True), ("lapsed", False)):
                tcp = await trio.open_tcp_stream(*addresses[name])
                stream = trio.SSLStream(tcp, context, server_hostname="127.0.0.1")
                if is_good:
                    async with open_esme(*addresses[name], system_id="gateway", stream=stream):
                        pass
                else:
                    with pytest.raises(trio.BrokenResourceError) as caught:
                        await stream.do_handshake()
                    assert "expired" in str(caught.value.__cause__)
                    await trio.aclose_forcefully(stream)
        process.terminate()

"""`carrier-sim check` and `schema`, and what `serve` says of a file that is wrong."""

import json
import os
import signal
import ssl
from dataclasses import replace
from pathlib import Path

import httpx2
import jsonschema
import pytest
import trio
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.net.client import BindRefused, open_esme
from simulator.scenario.file import shipped
from simulator.smpp.pdus import DeliverSm, SubmitSm
from tests.cli.test_main import BOUND, served

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


@pytest.fixture
def clash(folder: Path) -> Path:
    (folder / "clash.yaml").write_text("scenario: 1\nrules: [{name: n, then: {reject: ESME_RTHROTTLED}}]\n")
    return folder


CLASH = "clash.yaml:2:9: rules[0] (n) fills decision, and so does fine.yaml:2:9: rules[0], both whatever else comes"


@pytest.mark.usefixtures("clash")
def test_files_that_contradict_each_other_are_refused_with_both_places_and_the_slot() -> None:
    checked = CliRunner().invoke(app, ["check", "fine.yaml", "clash.yaml"])
    assert (checked.exit_code, checked.stdout.startswith(CLASH)) == (2, True)
    served = CliRunner().invoke(app, ["serve", "fine.yaml", "clash.yaml"])
    assert (served.exit_code, served.stdout) == (2, "")
    assert served.stderr.startswith(f"carrier-sim: {CLASH}")
    assert served.stderr.endswith("carrier-sim: with --allow-conflicts the later one wins\n")


@pytest.mark.usefixtures("clash")
def test_with_allow_conflicts_the_later_file_wins_and_a_warning_is_told() -> None:
    assert CliRunner().invoke(app, ["check", "fine.yaml", "clash.yaml", "--allow-conflicts"]).exit_code == 0
    with served("fine.yaml", "clash.yaml", "--allow-conflicts") as (process, _):
        process.terminate()
        _, told = process.communicate(timeout=BOUND)
    assert told.startswith(f"carrier-sim: warning: the later one wins: {CLASH}")


def test_a_pipe_is_no_scenario_and_standard_input_is_one(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    ended = CliRunner().invoke(app, ["check", "pipe.yaml"])
    assert (ended.exit_code, ended.stdout) == (2, "pipe.yaml: no regular file, allowed: a file to read\n")
    assert CliRunner().invoke(app, ["check", "-"], input="scenario: 1\n").exit_code == 0
    ended = CliRunner().invoke(app, ["check", "-"], input="scenario: 1\nrules: [{then: silense}]\n")
    assert (ended.exit_code, ended.stdout.splitlines()[0].partition(": ")[0]) == (2, "-:2:16")
    ended = CliRunner().invoke(app, ["serve", "-", "--watch"], input="scenario: 1\n")
    assert (ended.exit_code, ended.stderr) == (2, "carrier-sim: --watch: standard input is no file to watch\n")


def test_what_is_farther_from_being_meant_is_counted(folder: Path) -> None:
    rules = "".join(f"  - {{when: {{to: '{number}'}}, then: silence}}\n" for number in range(100))
    (folder / "many.yaml").write_text(f"scenario: 1\nrules:\n{rules}")
    ended = CliRunner().invoke(app, ["explain", "many.yaml"])
    assert ended.stdout.count("is not meant") == 20
    assert "and 80 others, which are farther from being meant" in ended.stdout


async def test_what_fails_of_a_scenario_is_said_on_standard_error(folder: Path) -> None:
    (folder / "bad.py").write_text("def on_submit(message):\n    return 1 // 0\n")
    with served("bad.py", "--report", "verdict.json") as (process, addresses):
        assert process.stderr is not None
        with trio.fail_after(BOUND):
            async with open_esme(*addresses["smpp"], system_id="gateway") as esme:
                message = SubmitSm(source_addr="1", destination_addr="2", short_message=b"hello")
                assert (await esme.submit(message)).command_status == 0
            told = [await trio.to_thread.run_sync(process.stderr.readline) for _ in range(2)]
        # as a terminal does that is closed
        process.send_signal(signal.SIGHUP)
        assert await trio.to_thread.run_sync(process.wait) == 1
    where = "bad.py:2: on_submit: ZeroDivisionError: integer division or modulo by zero"
    assert told[1] == f"carrier-sim: the scenario failed: {where}\n"
    checks = {one["name"]: one for one in json.loads((folder / "verdict.json").read_text())["checks"]}
    assert (checks["script_runs"]["outcome"], checks["script_runs"]["level"]) == ("failed", "error")


def test_watch_without_a_file_is_refused() -> None:
    ended = CliRunner().invoke(app, ["serve", "--watch"])
    assert (ended.exit_code, ended.stderr) == (2, "carrier-sim: --watch: there is no scenario file to watch\n")


async def test_a_file_that_changes_is_loaded_again_and_a_wrong_one_changes_nothing(folder: Path) -> None:
    file = folder / "watched.yaml"
    text = "scenario: 1\nrules: [{then: {reject: ESME_RTHROTTLED}}]\n"
    file.write_text(text)
    message = SubmitSm(source_addr="1", destination_addr="2", short_message=b"hello")
    with served("watched.yaml", "--watch") as (process, addresses), trio.fail_after(BOUND):
        assert process.stderr is not None
        told = [await trio.to_thread.run_sync(process.stderr.readline)]
        async with open_esme(*addresses["smpp"], system_id="gateway") as esme:
            assert (await esme.submit(message)).command_status == 0x58
            file.write_text(text.replace("RTHROTTLED", "RTHROTLED"))
            told += [await trio.to_thread.run_sync(process.stderr.readline) for _ in range(4)]
            assert (await esme.submit(message)).command_status == 0x58
            file.unlink()
            file.write_text(text.replace("RTHROTTLED", "RMSGQFUL"))
            told += [await trio.to_thread.run_sync(process.stderr.readline)]
            assert (await esme.submit(message)).command_status == 0x14
        process.terminate()
    assert told[0].startswith("carrier-sim: seed")
    assert told[1].startswith("watched.yaml:2:25: rules[0].then.reject: 'ESME_RTHROTLED' is no status")
    assert told[4:] == ["carrier-sim: nothing is changed\n", "carrier-sim: loaded again: watched.yaml\n"]


async def test_a_module_is_played_by_its_path(folder: Path) -> None:
    (folder / "mine.py").write_text("def on_submit(message):\n    return {'reject': 'ESME_RSYSERR'}\n")
    with served("mine.py") as (process, addresses):
        with trio.fail_after(BOUND):
            async with open_esme(*addresses["smpp"], system_id="gateway") as esme:
                message = SubmitSm(source_addr="1", destination_addr="2", short_message=b"hello")
                assert (await esme.submit(message)).command_status == 8
        process.terminate()


# --- explain ---

EXPLAINED = """
scenario: 1
rules:
  - {name: vip, when: {to: 12025550100}, then: {respond: 1s}}
  - {name: casino, when: {text: {contains: casino}, from: 1}, then: {reject: 8}}
  - {name: bound, when: {event: bound}, then: {set: {variables: {a: 1}}}}
"""


def explained(folder: Path, *words: str) -> str:
    (folder / "explained.yaml").write_text(EXPLAINED)
    ended = CliRunner().invoke(app, ["explain", "explained.yaml", *words])
    assert (ended.exit_code, ended.stderr) == (0, ""), ended.stderr
    return ended.stdout


def test_explain_tells_the_verdict_the_rules_and_what_is_sent(folder: Path) -> None:
    lines = explained(folder, "--text", "hi", "--from", "+12025550199").splitlines()
    assert lines[0] == "taken, and ends as DELIVRD; answered ESME_ROK after 1 s"
    told = " ".join(" ".join(lines).split())
    assert "vip (explained.yaml: rules[0]) fills respond" in told
    assert (
        "casino (explained.yaml: rules[1]) is not meant source: wanted 1, got 12025550199; text: wanted contains"
        in told
    )
    assert "about other commands and events: 1 more" in told
    assert "the answer, 1 s after the message submit_sm_resp: command_length" in told
    assert "sent, 1.3 s after the message deliver_sm" in told
    assert "stat:DELIVRD" in told


def test_explain_in_json_is_the_same_and_whole(folder: Path) -> None:
    told = json.loads(explained(folder, "--json", "--text", "big casino", "--from", "1"))
    assert told["verdict"] == "refused; answered ESME_RSYSERR after 1 s"
    assert [(one["name"], one["outcome"], one["slots"]) for one in told["rules"]] == [
        ("vip", "fired", ["respond"]),
        ("casino", "fired", ["decision"]),
    ]
    assert (told["answer"]["pdu"]["command_status"], told["answer"]["after"], told["sent"]) == (8, 1.0, [])
    missed = json.loads(explained(folder, "--json", "--to", "2"))["rules"]
    assert missed[0]["differences"] == [{"field": "destination", "wanted": "12025550100", "got": "2"}]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--command", "data_sm"], '"command": "data_sm_resp"'),
        (["--command", "submit_multi"], '"command": "submit_multi_resp"'),
        (["--text", "x" * 300], '"command": "submit_sm_resp"'),
        (["--tlv", "user_message_reference=7", "--tlv", "0x1403=00ff", "--from", "Acme"], '"account": "gateway"'),
        (["--data-coding", "8", "--bind-type", "TX", "--nth", "2"], '"sent": []'),
        (["--account", "acme"], '"account": "acme"'),
    ],
)
def test_explain_takes_any_submission(folder: Path, words: list[str], told: str) -> None:
    assert told in explained(folder, "--json", *words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--command", "query_sm"], "--command: 'query_sm', must be submit_sm, data_sm, submit_multi"),
        (["--bind-type", "RX"], "--bind-type: 'RX', must be TX or TRX"),
        (["--data-coding", "999"], "--data-coding: 999, must be 0 to 255"),
        (["--data-coding", "0", "--text", "\u0416"], "--text: '\u0416' has no place in data_coding 0"),
        (["--tlv", "x"], "--tlv: 'x', must be NAME=VALUE"),
        (["--tlv", "nosuch=1"], "--tlv: 'nosuch=1': "),
        (["--tlv", "user_message_reference=abc"], "--tlv: 'user_message_reference=abc': "),
    ],
)
@pytest.mark.usefixtures("folder")
def test_explain_tells_which_option_is_wrong(words: list[str], told: str) -> None:
    ended = CliRunner().invoke(app, ["explain", "fine.yaml", *words])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"carrier-sim: {told}")


@pytest.mark.parametrize(
    ("rules", "options", "told"),
    [
        ("[{then: silence}]", [], "never answered, and is not taken"),
        ("[{then: {silence: recorded, deliver: UNDELIV}}]", [], "never answered, and is UNDELIV"),
        ("[{then: {connection: {fault: rst, before: record}}}]", [], "never recorded: the connection ended before"),
        ("[{when: {command: bind}, then: {reject: 13}}]", [], "gateway is not bound by these scenarios"),
    ],
)
def test_explain_tells_in_one_line_what_becomes_of_it(folder: Path, rules: str, options: list[str], told: str) -> None:
    (folder / "one.yaml").write_text(f"scenario: 1\nrules: {rules}\n")
    ended = CliRunner().invoke(app, ["explain", "one.yaml", *options])
    assert ended.stdout.startswith(told)


def test_explain_tells_what_fires_later_and_rules_that_came_too_late(folder: Path) -> None:
    (folder / "one.yaml").write_text(
        "scenario: 1\nrules: [{then: {accept: true, connection: rst}}, {name: late, then: {reject: 8}},"
        " {name: over, when: {event: disconnect}, then: {set: {variables: {a: 1}}}}]\n"
    )
    told = CliRunner().invoke(app, ["explain", "one.yaml"]).stdout
    assert "is silent" in told
    assert "rules before it have filled all its slots" in told
    assert "later, disconnect: over fires" in told
    assert "the connection ends after 0 s" in told


# --- quirks and stories ---


def test_quirks_are_listed_with_one_sentence_each() -> None:
    ended = CliRunner().invoke(app, ["quirks"])
    lines = ended.stdout.splitlines()
    assert (ended.exit_code, len(lines)) == (0, len([one for one in shipped() if one.startswith("quirks/")]))
    line = next(one for one in lines if one.startswith("throttle-storm "))
    assert line.split(None, 1)[1].startswith("More than so many messages a second")


def test_quirks_are_searched_and_one_is_told_whole() -> None:
    found = CliRunner().invoke(app, ["quirks", "throttl"]).stdout
    assert {"throttle-storm", "throttle-mid-multipart"} <= {line.split()[0] for line in found.splitlines()}
    told = CliRunner().invoke(app, ["quirks", "throttle-storm"]).stdout
    assert told.startswith("quirks/throttle-storm\n")
    assert [word in told for word in ("The carrier", "What breaks", "A correct gateway", "Seen in")] == [True] * 4
    assert told.rstrip().endswith("carrier-sim serve quirks/throttle-storm")
    ended = CliRunner().invoke(app, ["quirks", "nosuchthing"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == "carrier-sim: nosuchthing: nothing in scenarios/quirks tells of it\n"


def test_scenarios_lists_every_folder_with_one_line_each() -> None:
    lines = CliRunner().invoke(app, ["scenarios"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped())
    assert {line.split("/")[0] for line in lines} >= {"faults", "networks", "quirks", "spoken", "stories"}
    assert all(len(line.split(None, 1)) == 2 for line in lines)
    faults = CliRunner().invoke(app, ["scenarios", "faults"]).stdout.splitlines()
    assert faults == [line for line in lines if line.startswith("faults/")]
    told = CliRunner().invoke(app, ["scenarios", "networks/att"]).stdout
    assert told.startswith("networks/att\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["quirks", "throtle-storm"],
            "throtle-storm: nothing in scenarios/quirks tells of it; did you mean throttle-storm?",
        ),
        (["scenarios", "networks/atd"], "networks/atd: nothing in scenarios tells of it; did you mean networks/att?"),
    ],
)
def test_a_name_that_is_nearly_right_is_told(words: list[str], told: str) -> None:
    ended = CliRunner().invoke(app, words)
    assert (ended.exit_code, ended.stdout, ended.stderr) == (2, "", f"carrier-sim: {told}\n")


def test_quirks_and_stories_are_told_as_json() -> None:
    (one,) = json.loads(CliRunner().invoke(app, ["quirks", "throttle-storm", "--json"]).stdout)
    assert (one["name"], set(one)) == (
        "quirks/throttle-storm",
        {"name", "text", "carrier", "breaks", "correct", "source"},
    )
    stories = json.loads(CliRunner().invoke(app, ["stories", "--json"]).stdout)
    assert "stories/throttled-then-recovers" in [one["name"] for one in stories]


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


async def test_a_network_with_a_listener_has_a_door_of_its_own_in_the_ready_line(folder: Path) -> None:
    (folder / "doors.yaml").write_text(
        "scenario: 1\nnetworks:\n"
        "  north: {prefixes: [1202], delays: instant, listener: {}}\n"
        "  south: {prefixes: [1303], delays: instant, listener: {address: '127.0.0.1:0'}, filters: [shortener]}\n"
        "  west: {prefixes: [1415], delays: instant}\n"
    )
    submission = SubmitSm(source_addr="12025550199", destination_addr="12025550100", short_message=b"http://bit.ly/x")
    rejected: dict[str, bool] = {}
    with served("doors.yaml") as (process, addresses):
        assert list(addresses) == ["smpp", "http", "north", "south"]
        assert len(set(addresses.values())) == 4
        for door in ("smpp", "north", "south"):
            with trio.fail_after(BOUND):
                async with open_esme(*addresses[door], system_id="gateway") as esme:
                    assert (await esme.submit(replace(submission, registered_delivery=1))).command_status == 0
                    receipt = await esme.deliveries.receive()
            assert isinstance(receipt, DeliverSm)
            rejected[door] = b"stat:REJECTD" in receipt.short_message
        process.terminate()
    # one number, and a filter behind one of the doors
    assert rejected == {"smpp": False, "north": False, "south": True}


def test_two_doors_of_one_address_are_refused(folder: Path) -> None:
    with served("fine.yaml") as (process, addresses):
        host, port = addresses["smpp"]
        text = f"scenario: 1\nnetworks: {{north: {{listener: {{address: '{host}:{port}'}}}}}}\n"
        (folder / "taken.yaml").write_text(text)
        ended = CliRunner().invoke(app, ["serve", "taken.yaml", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0"])
        process.terminate()
    assert ended.exit_code == 3
    assert f"listeners.north {host}:{port}: " in ended.stderr


def test_a_networks_door_needs_a_name_that_a_line_can_tell(folder: Path) -> None:
    (folder / "doors.yaml").write_text("scenario: 1\nnetworks: {smpp: {prefixes: [1202], listener: {}}}\n")
    ended = CliRunner().invoke(app, ["serve", "doors.yaml", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0"])
    assert ended.exit_code == 2
    assert "listeners.smpp: 'smpp', must be letters, digits, _ . or -, and not smpp, smpps or http" in ended.stderr

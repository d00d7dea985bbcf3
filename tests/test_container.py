"""scripts/container as far as it can be tried without one: its files, command lines, health check and Kannel."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
import yaml

from simulator.serving.running import settings_from
from tests.e2e.processes import Program, eventually, free_port, program
from tests.e2e.served import COMMAND, Served, serving

FOLDER = Path(__file__).parents[1] / "scripts" / "container"
ROOT = FOLDER.parents[1]
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: Any = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
JOB: Any = yaml.safe_load((FOLDER / "github-actions.yaml").read_text(encoding="utf-8"))


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, each with its arguments."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def last(name: str) -> str:
    return [rest for one, rest in instructions(DOCKERFILE) if one == name][-1]


def commands() -> list[list[str]]:
    """What the two ways of starting the image give to carrier-sim."""
    return [json.loads(last("CMD")), COMPOSE["services"]["carrier"]["command"]]


def on_loopback(words: list[str]) -> list[str]:
    return [re.sub(r"^0\.0\.0\.0:\d+$", "127.0.0.1:0", word) for word in words]


def health_check(http: str) -> "subprocess.CompletedProcess[str]":
    """The health check of the image, of a server elsewhere."""
    words = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert words[:2] == ["python", "-c"]
    line = [sys.executable, "-c", words[2].replace("http://127.0.0.1:8775", http)]
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return subprocess.run(line, capture_output=True, text=True, check=False, env=environment)


def test_the_image_is_slim_runs_as_nobody_special_and_opens_the_two_ports() -> None:
    assert [rest.split(" ")[0] for name, rest in instructions(DOCKERFILE) if name == "FROM"] == ["python:3.11-slim"] * 2
    assert int(last("USER")) > 0
    assert last("EXPOSE").split() == ["2775", "8775"]
    assert json.loads(last("ENTRYPOINT")) == ["carrier-sim"]


def copied() -> list[str]:
    """What the image takes from the repository."""
    given = [rest.split() for name, rest in instructions(DOCKERFILE) if name == "COPY" and "--from" not in rest]
    return [word for words in given for word in words[:-1]]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied() == ["pyproject.toml", "README.md", "LICENSE", "simulator", "scenarios"]
    for source in copied():
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


@pytest.mark.parametrize("words", commands())
def test_a_command_line_starts_a_server(words: list[str], tmp_path: Path) -> None:
    with Program([COMMAND, *on_loopback(words)], tmp_path / "serve.log") as process:
        served = Served(process)
        assert served.get("/healthz")["status"] == "ok"


@pytest.mark.parametrize("words", commands())
def test_off_loopback_the_api_asks_for_the_token_that_was_given_or_one_that_is_made(words: list[str]) -> None:
    assert "0.0.0.0:8775" in words
    for token in ("secret", None):
        given: dict[str, Any] = dict.fromkeys(("accounts", "networks", "outbinds", "targets", "smpps"), ())
        given |= {"scenarios": (), "names": (), "smpp": ["0.0.0.0:2775"], "http": "0.0.0.0:8775", "token": token}
        given |= dict.fromkeys(("seed", "report", "journal", "tls_certificate", "tls_key", "tls_ca_out"))
        given |= dict.fromkeys(
            ("is_watching", "is_client_certificate_required", "is_verbose", "allows_conflicts"), False
        )
        settings = settings_from(**given, tls_client_ca=None, speed=1.0)
        assert settings.token == token if token else len(settings.token or "") > 20


def test_the_health_check_tells_a_living_server_from_a_dead_one(tmp_path: Path) -> None:
    with serving(tmp_path, "--token", "secret") as server:
        assert health_check(server.http).returncode == 0
    dead = health_check(server.http)
    assert dead.returncode != 0
    assert "Error" in dead.stderr


def test_what_the_package_is_made_of_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {project["project"]["readme"], *project["project"]["license-files"], *wheel["packages"]}
    needed |= {*wheel["force-include"], project["tool"]["hatch"]["version"]["path"].partition("/")[0]}
    assert needed <= set(copied())


def test_the_gateway_binds_as_an_account_of_the_server_beside_it() -> None:
    conf = (FOLDER / "kannel.conf").read_text(encoding="utf-8")
    (host,) = re.findall(r"^host = (\S+)$", conf, re.MULTILINE)
    name, password = (re.findall(rf"^smsc-{word} = (\S+)$", conf, re.MULTILINE)[0] for word in ("username", "password"))
    assert COMPOSE["services"][host]["command"][-2:] == ["--account", f"{name}:{password}"]
    assert COMPOSE["services"]["bearerbox"]["depends_on"] == {host: {"condition": "service_healthy"}}


def test_the_job_asks_for_what_the_api_has() -> None:
    (job,) = JOB["jobs"].values()
    assert job["services"]["carrier"]["ports"] == ["2775:2775", "8775:8775"]
    assert job["env"]["CARRIER_SIM_TOKEN"] == job["services"]["carrier"]["env"]["CARRIER_SIM_TOKEN"]
    lines = [
        shlex.split(line) for step in job["steps"] for line in step.get("run", "").replace("\\\n", " ").splitlines()
    ]
    curls = [line for line in lines if line[0] == "curl"]
    assert len(curls) == 2
    assert all("Authorization: Bearer $CARRIER_SIM_TOKEN" in line for line in curls)


@pytest.mark.real_peer("curl")
def test_the_lines_of_the_job_are_answered(tmp_path: Path) -> None:
    program("curl")
    (job,) = JOB["jobs"].values()
    with serving(tmp_path, "--token", "secret") as server:
        environment = os.environ | {"SMSC_URL": server.http, "CARRIER_SIM_TOKEN": "secret", "no_proxy": "*"}
        for step in job["steps"]:
            if "curl" in step.get("run", ""):
                script = step["run"].replace("curl ", "curl -q --silent ")
                ran = subprocess.run(
                    ["bash", "-ec", script], env=environment, capture_output=True, text=True, check=False
                )
                assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.real_peer("Kannel")
def test_kannel_by_this_configuration_has_a_message_delivered(tmp_path: Path) -> None:
    bearerbox, smsbox = (program(name, "/usr/sbin") for name in ("bearerbox", "smsbox"))
    ports = {number: free_port() for number in (13000, 13001, 13013)}
    open_url = build_opener(ProxyHandler({})).open
    send = f"http://127.0.0.1:{ports[13013]}/cgi-bin/sendsms?username=tester&password=secret"

    def sent() -> bool:
        try:
            answer = open_url(f"{send}&from=12025550199&to=12025550100&text=hi", timeout=10)
        except OSError:
            return False
        with answer:
            return bool(answer.status == 202)

    with serving(tmp_path, "--account", "kannel:secret") as server:
        conf = (FOLDER / "kannel.conf").read_text(encoding="utf-8")
        conf = conf.replace("host = carrier", f"host = {server.host}").replace("port = 2775", f"port = {server.port}")
        conf = conf.replace("group = core", "group = core\nadmin-interface = 127.0.0.1\nsmsbox-interface = 127.0.0.1")
        conf = conf.replace("group = smsbox", "group = smsbox\nsendsms-interface = 127.0.0.1")
        for number, port in ports.items():
            conf = conf.replace(f"port = {number}", f"port = {port}")
        file = tmp_path / "kannel.conf"
        file.write_text(conf)
        with Program([bearerbox, "-v", "1", str(file)], tmp_path / "bearerbox.log") as box:
            eventually(server.sessions, 25, "a bound Kannel", box.last_words)
            with Program([smsbox, "-v", "1", str(file)], tmp_path / "smsbox.log") as door:
                eventually(sent, 25, "a message that is taken", door.last_words)
                # 202 is smsbox's word; the message is still on its way to us
                eventually(lambda: server.messages(to="12025550100"), 25, "the message", box.last_words)
                assert server.concluded(to="12025550100")["state"] == "DELIVRD"

"""The examples in other languages, run as their first lines say; a wrong gateway fails each of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.node_esme import modules
from tests.e2e.processes import Program, eventually, program
from tests.e2e.served import COMMAND, Served, serving

FOLDER = Path(__file__).parent
pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(scope="module")
def gateway(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the gateway that stands for the user's takes messages."""
    log = tmp_path_factory.mktemp("gateway") / "gateway.log"
    line = [sys.executable, str(FOLDER / "gateway.py"), f"{served.host}:{served.port}"]
    with Program(line, log) as process:
        eventually(lambda: "ready " in process.printed(), 20, "a bound gateway", process.last_words)
        yield process.printed().split()[1]


def ran(served: Served, *line: str, **more: str) -> "subprocess.CompletedProcess[str]":
    path = os.pathsep.join((str(Path(COMMAND).parent), os.environ.get("PATH", os.defpath)))
    environment = os.environ | {"SMSC_URL": served.http, "PATH": path} | more
    return subprocess.run(line, capture_output=True, text=True, check=False, env=environment, timeout=100)


@pytest.mark.real_peer("bash and curl")
def test_the_suite_in_bash_passes(served: Served, gateway: str) -> None:
    for name in ("bash", "curl"):
        program(name)
    ended = ran(served, str(FOLDER / "shell" / "suite.sh"), GATEWAY_URL=gateway)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines() == [
        "ok test_a_message_is_delivered",
        "ok test_a_receipt_of_failure_is_acknowledged",
        "ok test_a_throttled_message_is_tried_again",
    ]


@pytest.mark.real_peer("bash and curl")
def test_the_suite_in_bash_fails_where_the_gateway_takes_nothing(served: Served) -> None:
    program("curl")
    ended = ran(served, str(FOLDER / "shell" / "suite.sh"), GATEWAY_URL="http://127.0.0.1:1/send")
    assert ended.returncode == 1
    assert {line.partition(" test_")[0] for line in ended.stdout.splitlines()} == {"not ok"}


@pytest.mark.real_peer("npm smpp")
def test_the_suite_in_node_passes(tmp_path: Path) -> None:
    command, packages = program("node"), str(modules())
    # it is the gateway itself, and another one of the same account would get some of its receipts
    with serving(tmp_path) as alone:
        place = f"smpp://{alone.host}:{alone.port}"
        line = (command, "--test", str(FOLDER / "node" / "throttled.test.js"))
        ended = ran(alone, *line, SMPP_URL=place, NODE_PATH=packages)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "# pass 2" in ended.stdout
    assert "# fail 0" in ended.stdout


def test_the_test_in_java_passes(served: Served, gateway: str, tmp_path: Path) -> None:
    # shown, and run where there is a JDK: the continuous integration installs none
    compiler, java = program("javac"), program("java")
    source = str(FOLDER / "java" / "ThrottledTest.java")
    compiled = ran(served, compiler, "-Xlint:all", "-Werror", "-d", str(tmp_path), source)
    assert compiled.returncode == 0, compiled.stderr
    ended = ran(served, java, "-cp", str(tmp_path), "ThrottledTest", GATEWAY_URL=gateway)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout == "a throttled message is tried again\n"

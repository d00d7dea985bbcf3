"""Many test servers in one process, and tests that are broken off: nothing of them stays."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from simulator.embed.embedded import EmbeddedSmsc

SERVERS = 200
HUNG = """
import pathlib, socket, signal, time
import pytest

@pytest.fixture
def link(smsc):
    with socket.create_connection((smsc.host, smsc.port)) as one:
        yield one

def give_up(*_):
    raise TimeoutError("the test has run out of time")

def test_hangs(smsc, link):
    signal.signal(signal.SIGALRM, give_up)
    pathlib.Path("port").write_text(str(smsc.port))
    smsc.when(destination="12025550100").silence()
    {ends}
    smsc.wait_for(destination="12025550100", timeout=60)

def test_next(smsc, link):
    assert smsc.messages() == []
    assert str(smsc.port) == pathlib.Path("port").read_text()
"""


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def is_listened_on(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def broken_off(pytester: pytest.Pytester, ends: str) -> tuple[int, str, int]:
    """Exit status, output and port of a run whose first test is ended so."""
    path = pytester.makepyfile(HUNG.replace("{ends}", ends))
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        words, cwd=pytester.path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, int((pytester.path / "port").read_text())


def test_two_hundred_servers_leave_no_port_thread_or_file() -> None:
    before, threads = descriptors(), threading.active_count()
    servers = [EmbeddedSmsc().start() for _ in range(SERVERS)]
    ports = [smsc.port for smsc in servers]
    links = [socket.create_connection((smsc.host, smsc.port)) for smsc in servers[::10]]
    assert len(set(ports)) == SERVERS
    assert threading.active_count() == threads + SERVERS
    for link in links:
        link.close()
    for smsc in servers:
        smsc.close(farewell=0.0)
    assert (descriptors(), threading.active_count()) == (before, threads)
    assert not any(map(is_listened_on, ports))


def test_a_run_that_is_interrupted_ends_and_leaves_nothing(pytester: pytest.Pytester) -> None:
    status, told, port = broken_off(pytester, "import os; os.kill(os.getpid(), signal.SIGINT)")
    assert status == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in told
    assert not is_listened_on(port)
    assert {one.name for one in pytester.path.iterdir() if one.suffix != ".py"} <= {"__pycache__", "port"}


def test_a_test_that_runs_out_of_time_leaves_a_clean_server_to_the_next(pytester: pytest.Pytester) -> None:
    status, told, port = broken_off(pytester, "signal.setitimer(signal.ITIMER_REAL, 0.2)")
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "TimeoutError: the test has run out of time" in told
    assert "1 failed, 1 passed" in told
    assert not is_listened_on(port)


def test_a_run_that_is_terminated_leaves_no_port(pytester: pytest.Pytester) -> None:
    status, _, port = broken_off(pytester, "import os; os.kill(os.getpid(), signal.SIGTERM)")
    assert status == -signal.SIGTERM
    assert not is_listened_on(port)

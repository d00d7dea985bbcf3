"""A server process under measurement: started, loaded, weighed and ended whatever happens.

Knows Linux's /proc, the line `ready smpp=HOST:PORT ...` that a server prints, and the JSON line of load.py.
It does NOT know what is measured for which purpose, nor what a figure should be: that is bench.py's.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")
READY_WITHIN = 20.0  # seconds from the start to the ready line
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

libc = ctypes.CDLL(None)


class CannotRun(Exception):
    """There are no figures, and why."""


def die_with_parent() -> None:
    """In the child: be killed when the benchmark dies, even by SIGKILL."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads, and of its children, ended (waited for) and living.

    The process's own clock has nanoseconds; /proc/PID/stat, from which the rest is, has ticks of 10 ms.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise CannotRun(f"process {pid} is gone") from error
    try:
        own = time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of another process: clock_getcpuclockid(3)
    except OSError:
        own = (int(stat[11]) + int(stat[12])) / TICK
    children = 0.0
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += sum(map(cpu_seconds, map(int, path.read_text().split())))
    return own + (int(stat[13]) + int(stat[14])) / TICK + children


class Server:
    """A server of some name, running while the `with` block does."""

    def __init__(self, name: str, command: list[str], *, patience: float = 30.0, ready_within: float = READY_WITHIN):
        self.name = name
        self.command = command
        self.patience = patience
        self.ready_within = ready_within
        self.smpp = ""

    def __enter__(self) -> Self:
        # A file and no pipe: a server that prints much must not stand still because nobody reads.
        self.log = tempfile.TemporaryFile("w+b")  # closed by __exit__
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # the terminal's ^C is for the benchmark, which then ends the server
                preexec_fn=die_with_parent,  # noqa: PLW1509  # no thread runs when a server is started
            )
        except OSError as error:
            self.log.close()
            raise CannotRun(f"{self.name} does not start: {error}") from error
        try:
            self.smpp = self.address()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def printed(self) -> str:
        """All that the server has printed."""
        return os.pread(self.log.fileno(), 1_000_000, 0).decode(errors="replace")

    def address(self) -> str:
        """HOST:PORT from the ready line; waits for it."""
        limit = time.monotonic() + self.ready_within
        while time.monotonic() < limit:
            for line in self.printed().splitlines(keepends=True):
                if line.startswith("ready ") and line.endswith("\n"):
                    for word in line.split():
                        if word.startswith("smpp="):
                            return word.removeprefix("smpp=")
            if self.process.poll() is not None:
                raise CannotRun(f"{self.name} ended with status {self.process.returncode}:\n{self.last_lines()}")
            time.sleep(0.02)
        raise CannotRun(f"{self.name} printed no ready line in {self.ready_within:g} s:\n{self.last_lines()}")

    def last_lines(self) -> str:
        """The end of what the server printed."""
        return "\n".join(self.printed().splitlines()[-12:])

    def cpu(self) -> float:
        """CPU seconds used so far."""
        return cpu_seconds(self.process.pid)

    def rss(self) -> int:
        """Octets resident now."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError as error:
            raise CannotRun(f"{self.name} is gone:\n{self.last_lines()}") from error
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise CannotRun(f"{self.name} ended:\n{self.last_lines()}")

    def interrupt(self, within: float = 30.0) -> None:
        """Ask the server to stop as ^C does, and wait until it has."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired as error:
            raise CannotRun(f"{self.name} did not stop within {within:g} s of SIGINT") from error

    def end(self) -> None:
        """Kill the server and all it started; harmless when it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def load(self, messages: int, *options: str, place: str = "", limit: float = 600.0) -> dict[str, Any]:
        """Run load.py against the server; its figures, and `cpu_us`: the server's CPU microseconds a message.

        ``place`` is another of its listeners than the first.
        Raises CannotRun when not every submit_sm was answered exactly once; missing receipts stay a figure.
        """
        command = [
            sys.executable,
            str(HERE / "load.py"),
            place or self.smpp,
            "--gate",
            "--messages",
            str(messages),
            *options,
        ]
        command += ["--patience", str(self.patience)]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # the timer below is started later, and ended before the next
        ) as load:
            timer = threading.Timer(limit, load.kill)
            timer.start()
            try:
                figures = self.measured(load)
            finally:
                timer.cancel()
                load.kill()
        timer.join()
        if figures.get("answered") != messages or figures["answered_once"] != messages:
            raise CannotRun(f"{self.name}: {figures.get('failure', figures)}\n{self.last_lines()}")
        return figures

    def measured(self, load: "subprocess.Popen[str]") -> dict[str, Any]:
        """The load's figures, with the server's CPU between the last bind and the last answer."""
        assert load.stdin is not None
        assert load.stdout is not None
        line = load.stdout.readline()
        if line.strip() == "bound":
            before = self.cpu()
            load.stdin.write("go\n")
            load.stdin.flush()
            line = load.stdout.readline()
            spent = self.cpu() - before
            load.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                load.wait(5.0)
        else:
            spent = 0.0
        try:
            figures: dict[str, Any] = json.loads(line)
        except ValueError:
            raise CannotRun(f"the load against {self.name} ended without figures") from None
        return figures | {"cpu_us": round(spent * 1e6 / max(figures.get("answered", 0), 1), 3)}

"""Programs that a test starts: found or the test is skipped, waited for with a bound, ended whatever happens.

Knows nothing of SMPP. The output of each goes to a file, whose end is told when something fails.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import pytest

Found = TypeVar("Found")

TICK = 0.02
"""Seconds between two looks at a fact that another process will make true."""


def eventually(look: Callable[[], Found], within: float, what: str, last_words: Callable[[], str] = str) -> Found:
    """The first true answer of ``look``, asked until ``within`` seconds have passed; fails naming what was awaited."""
    limit = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > limit:
            pytest.fail(f"not within {within:g} s: {what}\n{last_words()}")
        time.sleep(TICK)


def program(name: str, *folders: str) -> str:
    """The path of a program of another project; without it the test is skipped."""
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *folders]))
    if path is None:
        pytest.skip(f"{name} is not on PATH")
    return path


def free_port() -> int:
    """A loopback port that nobody listens on, below those that the system gives to outgoing connections."""
    pick = random.SystemRandom()
    while True:
        port = pick.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


class Program:
    """One running process with its log; use it as a context."""

    def __init__(self, command: list[str], log: Path, *, environment: dict[str, str] | None = None) -> None:
        self.command = command
        self.log = log
        self.environment = None if environment is None else os.environ | environment

    def __enter__(self) -> Self:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.log.parent,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        # pytest shows it when the test fails
        sys.stderr.write(f"--- {self.log.name}\n{self.last_words()}\n")

    def printed(self) -> str:
        """All that it has printed."""
        return self.log.read_text(errors="replace")

    def last_words(self, lines: int = 25) -> str:
        """The end of what it has printed, and how it ended if it has."""
        status = self.process.poll()
        end = "" if status is None else f"\n({self.command[0]} ended with status {status})"
        return "\n".join(self.printed().splitlines()[-lines:]) + end

    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def terminate(self, within: float) -> int:
        """Send SIGTERM and return the exit status; fails when there is none in time."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.command[0]} did not end within {within:g} s of SIGTERM\n{self.last_words()}")

    def end(self, patience: float = 5.0) -> None:
        """End it, by force when asking does not help; harmless when it has ended."""
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

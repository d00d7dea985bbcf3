"""An ESME on npm's `smpp` in a Node.js process: asked and read here as plain dictionaries."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.processes import eventually, program
from tests.e2e.served import Served

CLIENT = Path(__file__).parent / "node" / "client.js"
ROOT = Path(__file__).parents[2]
ANSWER_WITHIN = 10.0

Pdu = dict[str, Any]


def modules() -> Path:
    """The folder that the package `smpp` was installed to; without it the test is skipped."""
    folder = Path(os.environ.get("CARRIER_SIM_NODE_MODULES") or ROOT / ".cache" / "node" / "node_modules")
    if not (folder / "smpp").is_dir():
        pytest.skip(f"npm's smpp is not installed in {folder}")
    return folder


class NodeEsme:
    """Sends requests, keeps what came: ``requests`` of the SMSC, ``events`` of the link."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.requests: list[Pdu] = []
        self.events: list[Pdu] = []
        self._answers: dict[int, Pdu] = {}
        self._numbers = count(1)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _sort(self) -> None:
        while not self._lines.empty():
            line = json.loads(self._lines.get())
            if "answer" in line:
                self._answers[line["answer"]] = line["pdu"]
            elif "request" in line:
                self.requests.append(line["request"])
            else:
                self.events.append(line)

    def until(self, fact: Callable[[], Any], what: str) -> Any:
        """What ``fact`` tells once it is true, while lines are read."""

        def look() -> Any:
            self._sort()
            return fact()

        return eventually(look, ANSWER_WITHIN, what, lambda: f"{self.events}\n{self.requests}")

    def send(self, command: str, **fields: Any) -> int:
        """Send a request; its number. Octets are given as bytes."""
        assert self.process.stdin is not None
        number = next(self._numbers)
        octets = {name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in fields.items()}
        print(json.dumps({"n": number, "command": command, "fields": octets}), file=self.process.stdin, flush=True)
        return number

    def ask(self, command: str, **fields: Any) -> Pdu:
        """Send a request and return its answer."""
        number = self.send(command, **fields)
        answer: Pdu = self.until(lambda: self._answers.get(number), f"an answer to {command}")
        return answer

    def submitted(self, **fields: Any) -> str:
        """Send a submit_sm that must be accepted; its message_id."""
        answer = self.ask("submit_sm", **fields)
        assert answer["command_status"] == 0, answer
        identifier: str = answer["message_id"]
        return identifier

    def receipt(self, message_id: str) -> Pdu:
        """The receipt of that message, when it has come."""
        receipt: Pdu = self.until(
            lambda: next((pdu for pdu in self.requests if pdu.get("receipted_message_id") == message_id), None),
            f"the receipt of {message_id}",
        )
        return receipt


@contextmanager
def node_esme(served: Served) -> Iterator[NodeEsme]:
    """A connected, yet unbound ESME under Node.js; ended when the block is left."""
    command = [program("node"), str(CLIENT), served.host, str(served.port)]
    environment = os.environ | {"NODE_PATH": str(modules())}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, encoding="utf-8"
    ) as process:
        try:
            esme = NodeEsme(process)
            esme.until(lambda: esme.events, "a connection")
            assert esme.events == [{"event": "connect"}]
            yield esme
        finally:
            process.kill()

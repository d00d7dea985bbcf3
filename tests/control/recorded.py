"""A world whose events are kept as lines, made only when somebody asks."""

import json
from pathlib import Path
from typing import Any

from simulator.serving.recording import Pen, Recorder
from tests.smsc.world import World


class Memory:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.octets = b""

    def write(self, octets: bytes) -> int:
        self.octets += octets
        return len(octets)


class Recorded(World):
    """A world and the journal of it, in memory."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._sink = Memory()
        self._recorder = Recorder(self.smsc, self._sink, Path("memory"))

    def text(self) -> str:
        """The lines of everything that has happened."""
        cells, self._recorder._cells[:] = list(self._recorder._cells), []
        pen: Pen = self._recorder._pen
        pen.give(cells, None)
        pen.write()
        return self._sink.octets.decode()

    def told(self) -> list[dict[str, Any]]:
        """Each line."""
        return [json.loads(line) for line in self.text().split("\n") if line]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Those of a kind."""
        return [event for event in self.told() if event["kind"] == kind]

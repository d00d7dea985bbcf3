"""The server under test, as everybody else gets it: the command `carrier-sim serve` in a process of its own.

Speaks with its control API; reads and writes no SMPP.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from tests.e2e.processes import Program, eventually

COMMAND = str(Path(sys.executable).with_name("carrier-sim"))
READY_WITHIN = 20.0
ANSWER_WITHIN = 20.0

# Whatever proxy the environment names, the loopback needs none.
_opener = build_opener(ProxyHandler({}))

Row = dict[str, Any]


class Served:
    """A running server: ``host`` and ``port`` for ESMEs, and what its control API tells."""

    def __init__(self, process: Program) -> None:
        self.process = process
        line = eventually(self._ready_line, READY_WITHIN, "the line `ready smpp=... http=...`", process.last_words)
        listeners = dict(word.split("=", 1) for word in line.split()[1:])
        self.host, _, port = listeners["smpp"].rpartition(":")
        self.port = int(port)
        self.http = "http://" + listeners["http"]

    def _ready_line(self) -> str:
        if not self.process.is_running():
            raise AssertionError(f"the server ended\n{self.process.last_words()}")
        lines = self.process.printed().splitlines(keepends=True)
        return next((line for line in lines if line.startswith("ready ") and line.endswith("\n")), "")

    def get(self, path: str, **query: Any) -> Any:
        """GET of the control API; ``from_`` stands for the parameter `from`."""
        given = {name.rstrip("_"): value for name, value in query.items()}
        return self._json(Request(f"{self.http}{path}?{urlencode(given)}"))

    def post(self, path: str, body: Any) -> Any:
        """POST of a JSON body to the control API."""
        content = json.dumps(body).encode()
        return self._json(Request(f"{self.http}{path}", content, {"Content-Type": "application/json"}))

    def _json(self, request: Request) -> Any:
        try:
            with _opener.open(request, timeout=ANSWER_WITHIN) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise AssertionError(f"{request.get_method()} {request.full_url}: {error.code} {error.read()!r}") from error

    def messages(self, **filters: Any) -> list[Row]:
        """All rows that match, over as many pages as there are."""
        rows: list[Row] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.get("/api/messages", limit=1000, **filters, **cursor)
            rows += page["messages"]
            if not page["next"]:
                return rows
            cursor = {"cursor": page["next"]}

    def message(self, **filters: Any) -> Row:
        """The only row that matches."""
        rows = self.messages(**filters)
        assert len(rows) == 1, f"{filters}: {len(rows)} rows: {rows}"
        return rows[0]

    def concluded(self, within: float = 10.0, **filters: Any) -> Row:
        """The only row that matches, once its state is final."""
        eventually(
            lambda: self.message(**filters)["state"] not in {"ENROUTE", "SCHEDLD", "ACCEPTD"},
            within,
            f"a final state of the message {filters}",
            self.process.last_words,
        )
        return self.message(**filters)

    def sessions(self) -> list[Row]:
        """The sessions that stand now."""
        sessions: list[Row] = self.get("/api/sessions")["sessions"]
        return sessions

    def mo(self, to: str, sender: str, text: str, **more: str) -> Row:
        """Let a subscriber write."""
        answer: Row = self.post("/api/mo", {"to": to, "from": sender, "text": text, **more})
        return answer


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """A server on free loopback ports, ended when the block is left."""
    command = [COMMAND, "serve", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--seed", "1", *options]
    with Program(command, folder / "serve.log") as process:
        yield Served(process)

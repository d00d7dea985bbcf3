"""The gateway is killed in the middle of its work, three times: what was answered 2xx is neither lost nor doubled."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from contextlib import closing
from pathlib import Path

from simulator.embed.embedded import EmbeddedSmsc, open_smsc
from simulator.gateway.messages import Status
from simulator.gateway.store import Store

LIVES, AT_ONCE = 3, 5


class Gateway:
    """``carrier-sim gateway`` as a process of its own, with the demo accounts."""

    def __init__(self, smsc: EmbeddedSmsc, path: Path) -> None:
        program = [sys.executable, "-m", "simulator.cli", "gateway", "--smsc", f"127.0.0.1:{smsc.port}"]
        self.process = subprocess.Popen(
            [*program, "--http", "127.0.0.1:0", "--db", str(path)], stdout=subprocess.PIPE, text=True, env=os.environ
        )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready.startswith("ready http="), ready
        self.url = f"http://{ready.split('=')[1].strip()}"

    def ask(self, path: str, body: object = None) -> dict[str, object]:
        headers = {"authorization": "Bearer sig_live_demo", "content-type": "application/json"}
        octets = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, octets, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, object] = json.load(answer)
        return found

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Customer(threading.Thread):
    """Sends batches until the gateway is gone, and remembers what was answered."""

    def __init__(self, gateway: Gateway, life: int) -> None:
        super().__init__(daemon=True)
        self.gateway, self.life = gateway, life
        self.answered: dict[str, str] = {}
        """Message id by text."""

    def run(self) -> None:
        for number in range(25):
            text = f"life {self.life} number {number}"
            recipients = [f"+120255501{at:02d}" for at in range(AT_ONCE)]
            try:
                answer = self.gateway.ask(
                    "/v1/sms/dispatch", {"sender": "ACME", "recipients": recipients, "message": text}
                )
            except (OSError, http.client.HTTPException, ValueError):
                # killed in the middle of an answer, or before it
                return
            self.answered[text] = str(answer["message_id"])


def test_three_kills_lose_nothing_and_double_only_what_is_marked(tmp_path: Path) -> None:
    path, answered = tmp_path / "gateway.db", dict[str, str]()
    with open_smsc() as smsc:
        smsc.when(destination="12025550101").delay("20ms")
        for life in range(LIVES):
            gateway = Gateway(smsc, path)
            customer = Customer(gateway, life)
            customer.start()
            deadline = time.monotonic() + 20
            try:
                while len(customer.answered) < 6 and time.monotonic() < deadline:
                    customer.join(0.01)
            finally:
                gateway.end(signal.SIGKILL)
            customer.join(20)
            assert len(customer.answered) >= 6
            answered |= customer.answered
        gateway = Gateway(smsc, path)
        try:
            _wait_for_delivery(path)
        finally:
            gateway.end(signal.SIGTERM)
        assert gateway.process.returncode == 0
        submitted = Counter((seen.text, seen.destination) for seen in smsc.messages())
    store = Store(path)
    doubts = 0
    for text, message_id in answered.items():
        for at in range(AT_ONCE):
            entry = store.find(f"{message_id}:{at}")
            assert entry is not None
            assert entry.message.status is Status.DELIVERED
            times = submitted[text, entry.message.order.destination]
            assert 1 <= times <= 1 + entry.message.doubts
            doubts += entry.message.doubts
    assert store.counts().keys() == {"delivered"}
    store.close()
    assert doubts > 0


def _wait_for_delivery(path: Path) -> None:
    """Look into the gateway's database until every message in it is delivered."""
    deadline = time.monotonic() + 20
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as found:
        while time.monotonic() < deadline:
            if found.execute("SELECT count(*) FROM messages WHERE status <> 'delivered'").fetchone()[0] == 0:
                return
            threading.Event().wait(0.02)
        raise AssertionError(dict(found.execute("SELECT status, count(*) FROM messages GROUP BY status")))

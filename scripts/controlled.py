"""What the control API costs SMPP: requests at a steady rate beside a load, and without them, in turn.

Started as a program it is who asks: HOST:PORT RATE, a mix of what a test suite asks for, over connections that stay; it
ends with its standard input and prints how many there were. Imported it measures: CPU a message of a server with and
without it, and the share of a core that the requests take. How a server is started and weighed stands in served.py.
"""

import http.client
import json
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a program, this folder is the path

from rich.progress import Progress
from rich.table import Table

from scripts.hardships import beside
from scripts.served import Server

CONNECTIONS = 4
SHARE_MAX = 0.15  # of what SMPP can do
TO = "12025550100"
RULE = json.dumps({"when": {"to": "12025559999"}, "then": "silence"})
MIX: tuple[tuple[str, str, str | None], ...] = (
    ("GET", f"/api/messages?to={TO}&limit=10", None),
    ("GET", "/api/counters", None),
    ("GET", "/api/messages/wait?timeout=1s", None),
    ("POST", "/api/rules", RULE),
    ("GET", "/api/sessions", None),
    ("GET", "/api/rules", None),
    ("DELETE", "/api/rules", None),
    ("GET", "/api/events?limit=10", None),
    ("GET", "/healthz", None),
    ("GET", "/api/clock", None),
)


class Asker(threading.Thread):
    """One connection that asks at a rate until it is told to stop."""

    def __init__(self, place: str, rate: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.place, self.period, self.stop_asking = place, 1.0 / rate, stop
        self.requests, self.failed = 0, 0
        self.late = 0.0

    def run(self) -> None:
        """Ask, one thing of the mix after the other."""
        connection = http.client.HTTPConnection(self.place, timeout=30)
        due = time.monotonic()
        while not self.stop_asking.wait(max(0.0, due - time.monotonic())):
            method, path, body = MIX[self.requests % len(MIX)]
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            self.requests += 1
            self.failed += answer.status >= 400
            self.late = max(self.late, time.monotonic() - due)
            due += self.period
        connection.close()


def ask(place: str, rate: float) -> dict[str, Any]:
    """Ask until standard input ends."""
    stop, begun = threading.Event(), time.monotonic()
    askers = [Asker(place, rate / CONNECTIONS, stop) for _ in range(CONNECTIONS)]
    for one in askers:
        one.start()
    sys.stdin.read()
    stop.set()
    for one in askers:
        one.join()
    seconds = time.monotonic() - begun
    requests = sum(one.requests for one in askers)
    return {
        "requests": requests,
        "failed": sum(one.failed for one in askers),
        "per_second": round(requests / seconds, 1),
        "slowest_ms": round(max(one.late for one in askers) * 1000, 1),
    }


def controlled(
    server: Server, messages: int, options: Sequence[str], *, rounds: int, rate: float, progress: Progress
) -> dict[str, Any]:
    """CPU a message and messages a second, with so many requests a second beside them and without."""
    task = progress.add_task("control API", total=2 * rounds + 1)
    place = next(word for word in server.printed().split() if word.startswith("http=")).removeprefix("http=")
    server.load(messages, *options)
    with beside("controlled.py", place, str(rate)) as companion:
        before, begun = server.cpu(), time.monotonic()
        time.sleep(5.0)
        alone = (server.cpu() - before) / (time.monotonic() - begun)
        did = companion.end()
    progress.advance(task)
    runs: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for _ in range(rounds):
        runs[False].append(server.load(messages, *options))
        progress.advance(task)
        with beside("controlled.py", place, str(rate)) as companion:
            runs[True].append(server.load(messages, *options))
            did = companion.end()
        progress.advance(task)
    cpu = {beside: statistics.median(one["cpu_us"] for one in some) for beside, some in runs.items()}
    rates = {beside: statistics.median(one["rate_per_second"] for one in some) for beside, some in runs.items()}
    share = cpu[True] / cpu[False] - 1
    return {
        "asked": did,
        "alone": round(alone, 4),
        "cpu_us": {"without": round(cpu[False], 2), "with": round(cpu[True], 2)},
        "rate_per_second": {"without": round(rates[False]), "with": round(rates[True])},
        "share": round(share, 4),
        "share_met": share <= SHARE_MAX,
    }


def of_bench(bench: Any) -> dict[str, Any]:
    """The measurement as bench.py makes it: ten sessions, and a hundred requests a second."""
    options = bench.options
    how = {"rounds": options.rounds, "rate": 100.0, "progress": bench.progress}
    with bench.server(bench.names[-1]) as server:
        return controlled(server, options.messages, ("--sessions", "10", "--window", "10"), **how)


def controlled_table(row: dict[str, Any]) -> Table:
    """The measurement in one line."""
    table = Table(title=f"The control API at {row['asked']['per_second']:.0f} requests/s (at most {SHARE_MAX:.0%})")
    for column in ("us/message without", "with", "messages/s without", "with", "cost", "a core, idle", "slowest ms"):
        table.add_column(column, justify="right")
    cpu, rates = row["cpu_us"], row["rate_per_second"]
    table.add_row(
        *(f"{cpu['without']:.1f}", f"{cpu['with']:.1f}", f"{rates['without']:,}", f"{rates['with']:,}"),
        *(f"{row['share']:.1%}", f"{row['alone']:.1%}", f"{row['asked']['slowest_ms']:.0f}"),
    )
    return table


if __name__ == "__main__":
    print(json.dumps(ask(sys.argv[1], float(sys.argv[2]))), flush=True)

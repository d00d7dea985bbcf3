"""What bench.py measures of a server that is treated badly: attacked, killed, crowded. Dictionaries and their tables.

The server is a process, so are those who attack it and the well-behaved load whose answers are timed meanwhile; on a
machine of few cores they take from each other, so that a figure is an upper bound. What is done to the server stands in
attacks.py, killed.py and crowd.py; how it is started and weighed in served.py.
"""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from rich.progress import Progress
from rich.table import Table

from scripts.served import HERE, CannotRun, Server, die_with_parent

SETTLES_WITHIN = 1.0  # seconds between the start of an attack and the first answer that is timed
SESSION_KB = 40.0  # at most, of a bound session under traffic
KILOBYTE = 1024
CYCLE_OCTETS = 100.0  # a cycle may cost so much for good: rows of the journal's ring, and the wavering of RSS


class Companion:
    """Another program of this folder that runs beside the server, and speaks JSON lines."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / command[0]), *command[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  # no thread runs when it is started
        )

    def told(self) -> dict[str, Any]:
        """Its next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        try:
            found: dict[str, Any] = json.loads(line)
        except ValueError:
            raise CannotRun(f"{self.process.args!r} ended without figures") from None
        return found

    def go_on(self) -> None:
        """Give it a line."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, Any]:
        """End its standard input; its last line."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.told()


@contextmanager
def beside(*command: str) -> Iterator[Companion]:
    """A companion for the length of a block."""
    companion = Companion(*command)
    try:
        yield companion
    finally:
        companion.process.kill()
        companion.process.wait()
        for pipe in (companion.process.stdin, companion.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def counters(server: Server) -> dict[str, Any]:
    """What a server of ours says that it has counted."""
    place = next(word for word in server.printed().split() if word.startswith("http=")).removeprefix("http=")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{place}/api/counters", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def hostile(
    server: Server, names: Sequence[str], seconds: float, rate: float, progress: Progress
) -> list[dict[str, Any]]:
    """Latencies of a well-behaved load while each attack goes on, at first without any."""
    task = progress.add_task("hostile", total=len(names) + 1)
    timed = ("--sessions", "2", "--rate", str(rate), "--system-id", "bystander")
    rows = []
    for name in ("none", *names):
        before = server.cpu()
        begun = time.monotonic()
        if name == "none":
            did, figures = {}, server.load(int(rate * seconds), *timed)
        else:
            with beside("attacks.py", name, server.smpp) as companion:
                time.sleep(SETTLES_WITHIN)
                figures = server.load(int(rate * seconds), *timed)
                did = companion.end()
        spent = (server.cpu() - before) / (time.monotonic() - begun)
        latencies = {key: figures[key] for key in ("p50_ms", "p99_ms", "max_ms", "load_late_max_ms")}
        rows.append({"attack": name, "did": did, "server_cpu": round(spent, 3), "rss": server.rss()} | latencies)
        progress.advance(task)
    return rows


def hostile_table(rows: list[dict[str, Any]]) -> Table:
    """Latencies by attack."""
    table = Table(title="A well-behaved session while others attack (milliseconds)")
    for column in ("attack", "what it did", "p50", "p99", "max", "load late", "server CPU", "RSS MB"):
        table.add_column(column, justify="left" if column in {"attack", "what it did"} else "right")
    for row in rows:
        did = ", ".join(f"{count:,} {what}" for what, count in row["did"].items())
        times = (f"{row[key]:.1f}" for key in ("p50_ms", "p99_ms", "max_ms", "load_late_max_ms"))
        table.add_row(row["attack"], did, *times, f"{row['server_cpu']:.0%}", f"{row['rss'] / 1e6:.0f}")
    return table


def killed(server: Server, messages: int, progress: Progress) -> dict[str, Any]:
    """What killed and rebound sessions saw, beside what the server has counted."""
    task = progress.add_task("killed", total=1)
    with beside("killed.py", server.smpp, "--messages", str(messages)) as companion:
        figures = companion.told()
    events = counters(server)["events"]
    figures["server"] = {
        kind: events.get(kind, 0)
        for kind in ("submitted", "concluded", "receipt_sent", "receipt_acknowledged", "receipt_failed", "unexpected")
    }
    progress.advance(task)
    return figures | {"is_whole": is_whole(figures)}


def is_whole(figures: dict[str, Any]) -> bool:
    """Whether every accepted message has ended in one acknowledged receipt, and every other receipt is explained."""
    server = figures["server"]
    accepted = server["submitted"] - figures["refused"]
    return (
        accepted == server["concluded"] == server["receipt_acknowledged"] == figures["messages_with_receipt"]
        and not figures["without_receipt"]
        and not figures["unexplained"]
        and not figures["contradictions"]
        and not server["receipt_failed"]
    )


def killed_table(row: dict[str, Any]) -> Table:
    """The run in rows of what and how many."""
    table = Table(title=f"Sessions killed and bound again, over {row['messages']:,} messages: whole: {row['is_whole']}")
    table.add_column("what")
    table.add_column("how many", justify="right")
    told = {key: value for key, value in row.items() if key not in {"server", "is_whole", "messages"}}
    for name, count in [*told.items(), *((f"server: {name}", count) for name, count in row["server"].items())]:
        table.add_row(name.replace("_", " "), f"{count:,}")
    return table


def crowd(server: Server, sessions: int, *, seconds: float, fill: int, progress: Progress) -> dict[str, Any]:
    """RSS a session of many that are bound at once under traffic, and what twice as many bind/unbind cycles leave."""
    cycles = 2 * sessions
    task = progress.add_task("crowd", total=12)
    # a full ring first, so that what grows afterwards is not the traffic's own rows
    server.load(fill, "--sessions", "10", "--window", "10", "--receipts")
    alone = server.rss()
    with beside("crowd.py", server.smpp, "--sessions", str(sessions)) as companion:
        bound = companion.told()["bound"]
        idle = server.rss()
        progress.advance(task)
        companion.go_on()
        time.sleep(seconds)
        busy = server.rss()
        companion.go_on()
        did = companion.told()
    progress.advance(task)
    series = []
    with beside("crowd.py", server.smpp, "--cycles", str(cycles)) as companion:
        for _ in range(10):
            companion.go_on()
            companion.told()
            series.append(server.rss())
            progress.advance(task)
    each = (max(idle, busy) - alone) / bound / KILOBYTE
    # the first half warms up: what a closed session leaves for a while is not yet gone
    leak = (series[-1] - series[4]) / (cycles / 2)
    return {
        "sessions": bound,
        "rss_alone": alone,
        "rss_bound": idle,
        "rss_traffic": busy,
        "kb_a_session": round(each, 2),
        "session_met": each <= SESSION_KB,
        "cycles": cycles,
        "cycle_rss": series,
        "octets_a_cycle": round(leak, 1),
        "cycle_met": leak <= CYCLE_OCTETS,
    } | did


def crowd_table(row: dict[str, Any]) -> Table:
    """The crowd in two rows."""
    table = Table(title="Many sessions at once, and bind/unbind cycles")
    for column in ("what", "how many", "RSS MB before", "after", "each", "limit"):
        table.add_column(column, justify="left" if column == "what" else "right")
    peak = max(row["rss_bound"], row["rss_traffic"])
    verdicts = {True: "met", False: "missed"}
    table.add_row(
        f"sessions bound, {row['sent']:,} messages meanwhile, {row['answered']:,} answered",
        *(f"{row['sessions']:,}", f"{row['rss_alone'] / 1e6:.1f}", f"{peak / 1e6:.1f}"),
        *(f"{row['kb_a_session']:.1f} KB", f"{SESSION_KB:g} KB {verdicts[row['session_met']]}"),
    )
    table.add_row(
        "bind/unbind cycles, the second half",
        *(f"{row['cycles']:,}", f"{row['cycle_rss'][4] / 1e6:.1f}", f"{row['cycle_rss'][-1] / 1e6:.1f}"),
        *(f"{row['octets_a_cycle']:.0f} octets", f"{CYCLE_OCTETS:g} octets {verdicts[row['cycle_met']]}"),
    )
    return table

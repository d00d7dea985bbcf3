"""How fast is the whole server? CPU per message, beside the bare responder's in the same run.

Each round starts both servers afresh, fills their rings, and runs every shape (sessions x window) against one and the
other in turn, so that a noisy neighbour meets both. The server's CPU is read from outside, between the last bind
and the last answer. The figures are CPU, not wall time: they bear a busy machine, but they are the machine's own.
Floors and goals are this project's; nothing here fails because of a figure. It does NOT know how a server is started,
loaded and weighed (served.py, load.py).

Exit status 0, or 3 if it could not run.
"""

import argparse
import json
import os
import platform
import pstats
import shlex
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a program, this folder is the path

from scripts import controlled, fixture, hardships
from scripts import ruled as rules
from scripts import secured as tls
from scripts.attacks import ATTACKS
from scripts.served import HERE, CannotRun, Server

BARE, OURS, GIVEN = "bare", "carrier-sim", "given"  # GIVEN: what --server names; it has no floors
FILL = ("--sessions", "10", "--window", "100")
MEGABYTE = 1_000_000

P99_MS, PAUSE_MS = 10.0, 50.0  # open loop: the most allowed
LATE_MS = 5.0  # a load that was later than this has pauses of its own, which count as the server's
IDLE_MB = 90.0
# Octets a message. RSS wavers by some pages; a leak of the smallest object (56 octets) is far above.
CONSTANT = 10.0
MEMORY_STEPS, MEMORY_STEP = 10, 20_000  # 200,000 messages


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to load a server, and what a message may cost then (CPU microseconds; None: nothing was promised).

    Floor and goal were set on a machine where the bare responder took ``yardstick``: on any other one what is asked is
    how many times the bare responder of the same run they are.
    """

    name: str
    sessions: int
    window: int
    receipts: bool = False
    floor: float | None = None
    goal: float | None = None
    yardstick: float = 0.0
    share: float = 1.0  # of --messages

    def options(self) -> tuple[str, ...]:
        """The options of load.py."""
        receipts = ("--receipts",) if self.receipts else ()
        return ("--sessions", str(self.sessions), "--window", str(self.window), *receipts)


SHAPES = (
    Shape("10x10", 10, 10, floor=15.0, goal=10.0, yardstick=3.2),
    Shape("10x100", 10, 100, floor=12.0, goal=8.0, yardstick=1.3),
    Shape("10x10 + receipts", 10, 10, receipts=True, floor=32.0, goal=16.0, yardstick=4.8),
    Shape("1x1", 1, 1, share=0.2),
)


class Bench:
    """The measurements, each giving plain dictionaries for the tables and for the JSON."""

    fixture = fixture.measured

    def __init__(self, options: argparse.Namespace, progress: Progress) -> None:
        self.options = options
        self.progress = progress
        self.commands = {BARE: [sys.executable, str(HERE / "bare_responder.py"), "--receipts"]}
        ours = Path(sys.executable).with_name("carrier-sim")
        serve = [str(ours), "serve", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        self.commands |= {OURS: serve, GIVEN: shlex.split(options.server)}
        self.names = [options.only] if options.only else [BARE, GIVEN if options.server else OURS]
        if OURS in self.names and not ours.exists():
            raise CannotRun(f"{ours} does not exist; `--only {BARE}` measures the bare responder")

    def server(self, name: str) -> Server:
        """A server that is not started yet."""
        return Server(name, self.commands[name], patience=self.options.patience)

    def shapes(self) -> list[dict[str, Any]]:
        """CPU a message for every shape and server, from alternating runs."""
        options = self.options
        runs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        steps = options.rounds * len(self.names) * (len(SHAPES) + 1)
        task = self.progress.add_task("CPU a message", total=steps)
        for turn in range(options.rounds):
            with ExitStack() as stack:
                servers = [stack.enter_context(self.server(name)) for name in self.names]
                for server in servers:
                    server.load(options.warm_up, *FILL)
                    self.progress.advance(task)
                for shape in SHAPES:
                    for server in servers if turn % 2 == 0 else reversed(servers):
                        count = max(shape.sessions, int(options.messages * shape.share))
                        runs[shape.name, server.name].append(server.load(count, *shape.options()))
                        self.progress.advance(task)
        return [self.row(shape, name, runs) for shape in SHAPES for name in self.names]

    def row(self, shape: Shape, name: str, runs: dict[tuple[str, str], list[dict[str, Any]]]) -> dict[str, Any]:
        """One row: all runs of a shape against a server."""
        mine = runs[shape.name, name]
        row: dict[str, Any] = {"shape": shape.name, "server": name}
        for total in ("messages", "answered", "answered_once", "receipts_expected", "receipts"):
            row[total] = sum(run[total] for run in mine)
        row["refused"] = sum(sum(run["refused"].values()) for run in mine)
        for figure in ("cpu_us", "load_cpu_us", "rate_per_second"):
            values = [run[figure] for run in mine]
            row[figure] = {"median": statistics.median(values), "min": min(values), "max": max(values), "runs": values}
        bare = runs.get((shape.name, BARE))
        if bare:
            row["times_bare"] = round(row["cpu_us"]["median"] / statistics.median(run["cpu_us"] for run in bare), 2)
        if name == OURS and shape.floor is not None and shape.goal is not None:
            cpu, times = row["cpu_us"]["median"], row.get("times_bare")
            for name_of_limit, asked in (("floor", shape.floor), ("goal", shape.goal)):
                row |= {f"{name_of_limit}_us": asked, f"{name_of_limit}_us_met": cpu <= asked}
                if times is not None:
                    most = round(asked / shape.yardstick, 2)
                    row |= {f"{name_of_limit}_times": most, f"{name_of_limit}_times_met": times <= most}
        return row

    def open_loop(self) -> list[dict[str, Any]]:
        """Latencies at a fixed rate, each server with a full ring."""
        rate, rows = self.options.rate, []
        task = self.progress.add_task("open loop", total=2 * len(self.names))
        for name in self.names:
            with self.server(name) as server:
                server.load(self.options.full, *FILL)
                self.progress.advance(task)
                figures = server.load(int(rate * self.options.seconds), "--sessions", "10", "--rate", str(rate))
                self.progress.advance(task)
            row: dict[str, Any] = {"server": name, "rate_asked": rate} | figures
            row["refused"] = sum(figures["refused"].values())
            if name == OURS:
                row |= {"p99_met": row["p99_ms"] < P99_MS, "pause_met": row["longest_pause_ms"] <= PAUSE_MS}
            rows.append(row)
        return rows

    def memory(self) -> list[dict[str, Any]]:
        """RSS idle, and its slope over 200,000 messages with receipts once the ring is full."""
        rows = []
        steps = MEMORY_STEPS + 1
        task = self.progress.add_task("memory", total=steps * len(self.names))
        # as many unanswered as our own window admits: nothing piles up that would be taken for the ring
        receipts = ("--sessions", "10", "--window", "10", "--receipts")
        for name in self.names:
            with self.server(name) as server:
                time.sleep(1.0)
                idle = server.rss()
                # the journal's ring of events reaches further back than that of messages: fill both
                server.load(3 * self.options.ring, *receipts)
                series = [server.rss()]
                for _ in range(MEMORY_STEPS):
                    self.progress.advance(task)
                    server.load(MEMORY_STEP, *receipts)
                    series.append(server.rss())
                self.progress.advance(task)
            row = {"server": name, "messages": MEMORY_STEPS * MEMORY_STEP, "idle": idle, "rss": series}
            row |= {"octets_per_message": slope(series, MEMORY_STEP)}
            rows.append(row | ({"idle_met": idle < IDLE_MB * MEGABYTE} if name == OURS else {}))
        return rows

    def endurance(self) -> dict[str, Any]:
        """RSS and CPU a message over very many messages, in steps; the ring is full from the first sample on."""
        name, total = self.names[-1], self.options.endurance_messages
        step = min(100_000, total)
        task = self.progress.add_task(f"endurance of {name}, messages", total=total)
        series, cpu, done = [], [], 0
        with self.server(name) as server:
            server.load(3 * self.options.ring, *FILL)
            series.append(server.rss())
            while done < total:
                count = min(step, max(10, total - done))
                cpu.append(server.load(count, *FILL)["cpu_us"])
                series.append(server.rss())
                done += count
                self.progress.update(task, completed=min(done, total))
        return {
            "server": name,
            "messages": done,
            "rss": series,
            "cpu_us": cpu,
            "octets_per_message": slope(series, step),
        }

    def secured(self) -> dict[str, Any]:
        """CPU a message with TLS and without."""
        options = self.options
        with Server(OURS, [*self.commands[OURS], "--smpps", "127.0.0.1:0"], patience=options.patience) as server:
            server.load(options.warm_up, *FILL)
            return tls.secured(server, options.messages // 2, options.rounds, self.progress)

    def hostile(self) -> list[dict[str, Any]]:
        """Latencies of a well-behaved load while others attack."""
        options = self.options
        with self.server(self.names[-1]) as server:
            server.load(options.messages, *FILL)
            names = options.attack or list(ATTACKS)
            return hardships.hostile(server, names, options.seconds, options.hostile_rate, self.progress)

    def killed(self) -> dict[str, Any]:
        """Sessions that are killed and bound again: is anything lost?"""
        with self.server(self.names[-1]) as server:
            return hardships.killed(server, self.options.killed_messages, self.progress)

    control = controlled.of_bench

    def crowd(self) -> dict[str, Any]:
        """Memory of many sessions at once, and of many that come and go."""
        options = self.options
        with self.server(self.names[-1]) as server:
            sessions, fill = options.crowd_sessions, 3 * options.ring
            return hardships.crowd(server, sessions, seconds=options.seconds, fill=fill, progress=self.progress)

    def ruled(self) -> dict[str, Any]:
        """CPU a message under rules, and while much waits."""
        options = self.options

        def start(name: str, path: Path, *more: str) -> Server:
            return Server(name, [*self.commands[OURS], str(path), *more], patience=options.patience)

        with tempfile.TemporaryDirectory() as folder:
            measured = rules.Ruled(start, Path(folder), self.progress)
            return {
                "costs": measured.costs(options.messages // 2, options.rounds, options.warm_up),
                "slow": measured.slow(),
                "waiting": measured.waiting(options.messages // 2, options.rounds),
                "carriers": measured.carriers(4 * options.rounds),
            }

    def profile(self) -> None:
        """Run our server under cProfile; print what cost most by itself. The times are inflated: compare shares."""
        name = self.names[-1]
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "profile")
            command = self.commands[name]
            program = command[1:] if command[0] == sys.executable else command
            profiled = [sys.executable, "-m", "cProfile", "-o", str(out), *program]
            task = self.progress.add_task(f"profile of {name}", total=1)
            with Server(name, profiled, patience=self.options.patience) as server:
                server.load(self.options.messages, *SHAPES[2].options())
                server.interrupt()
                if not out.exists():
                    raise CannotRun(f"{name} left no profile:\n{server.last_lines()}")
            self.progress.advance(task)
            self.progress.stop()
            pstats.Stats(str(out)).sort_stats("tottime").print_stats(30)


def slope(series: list[int], step: int) -> float:
    """Octets a message: the straight line through sizes taken every `step` messages (least squares)."""
    if len(series) < 2:
        return 0.0
    return round(statistics.linear_regression([step * i for i in range(len(series))], series).slope, 3)


def met(limit: str, is_met: bool) -> Text:  # noqa: FBT001  # a cell: what was asked, and whether it was met
    """A cell that names a limit and tells whether it was met."""
    return Text(f"{limit} {'met' if is_met else 'missed'}", style="green" if is_met else "bold red")


def shapes_table(rows: list[dict[str, Any]]) -> Table:
    """CPU a message by shape and server."""
    rounds = len(rows[0]["cpu_us"]["runs"])
    table = Table(title=f"CPU microseconds a submit_sm (median of {rounds}, min-max)")
    limits = {"floor x": "floor_times", "goal x": "goal_times", "floor us": "floor_us", "goal us": "goal_us"}
    for column in ("sessions x window", "server", "median", "min-max", "x bare", "messages/s", "load", *limits):
        table.add_column(column, justify="left" if column in {"sessions x window", "server"} else "right")
    for row in rows:
        cpu = row["cpu_us"]
        judged = [met(f"{row[at]:g}", row[f"{at}_met"]) if at in row else "" for at in limits.values()]
        table.add_row(
            row["shape"],
            row["server"],
            f"{cpu['median']:.2f}",
            f"{cpu['min']:.2f}-{cpu['max']:.2f}",
            f"{row['times_bare']:.2f}" if "times_bare" in row else "",
            f"{row['rate_per_second']['median']:,.0f}",
            f"{row['load_cpu_us']['median']:.2f}",
            *judged,
            end_section=row["server"] != BARE,
        )
    return table


def open_loop_table(rows: list[dict[str, Any]]) -> Table:
    """Latencies by server."""
    table = Table(title=f"Open loop at {rows[0]['rate_asked']:,.0f}/s, ring full (milliseconds)")
    for column in ("server", "p50", "p99", "p99.9", "max", "longest pause", "load late", "CPU us", "p99", "pause"):
        table.add_column(column, justify="left" if column == "server" else "right")
    for row in rows:
        judged: list[Text] = []
        if "p99_met" in row:
            judged = [met(f"< {P99_MS:g}", row["p99_met"]), met(f"<= {PAUSE_MS:g}", row["pause_met"])]
        cells = ("p50_ms", "p99_ms", "p999_ms", "max_ms", "longest_pause_ms", "load_late_max_ms", "cpu_us")
        table.add_row(row["server"], *(f"{row[cell]:.2f}" for cell in cells), *judged)
    return table


def memory_table(rows: list[dict[str, Any]]) -> Table:
    """RSS by server."""
    table = Table(title=f"Memory (MB resident) with a full ring, over {rows[0]['messages']:,} messages with receipts")
    for column in ("server", "idle", "full", "at the end", "octets a message", "idle < 90", "constant"):
        table.add_column(column, justify="left" if column == "server" else "right")
    for row in rows:
        sizes = (row["idle"], row["rss"][0], row["rss"][-1])
        constant = met(f"<= {CONSTANT:g}", row["octets_per_message"] <= CONSTANT)
        idle = met(f"{IDLE_MB:g}", row["idle_met"]) if "idle_met" in row else ""
        numbers = (f"{size / MEGABYTE:.1f}" for size in sizes)
        table.add_row(row["server"], *numbers, f"{row['octets_per_message']:.2f}", idle, constant)
    return table


def endurance_line(row: dict[str, Any]) -> Text:
    """The endurance run in a sentence."""
    tenth = max(1, len(row["cpu_us"]) // 10)
    first, last = statistics.median(row["cpu_us"][:tenth]), statistics.median(row["cpu_us"][-tenth:])
    line = Text(
        f"Endurance of {row['server']}: {row['messages']:,} messages, RSS {row['rss'][0] / MEGABYTE:.1f} to "
        f"{row['rss'][-1] / MEGABYTE:.1f} MB ({row['octets_per_message']:.3f} octets a message), "
        f"CPU {first:.2f} us a message in the first tenth, {last:.2f} in the last; constant: "
    )
    return line + met(f"<= {CONSTANT:g}", row["octets_per_message"] <= CONSTANT)


def doubts(results: dict[str, Any]) -> list[str]:
    """What a reader must know before he believes a figure."""
    lines = []
    for row in [*results.get("shapes", []), *results.get("open_loop", [])]:
        where = f"{row['server']}, {row.get('shape', 'open loop')}"
        if row["refused"]:
            lines.append(f"{where}: {row['refused']:,} of {row['answered']:,} submits were refused, which is cheaper")
        if row["receipts"] < row["receipts_expected"]:
            lines.append(f"{where}: {row['receipts']:,} receipts came of {row['receipts_expected']:,}")
    if "given" in results:
        lines.append(f"given is `{results['given']}`: not the default server, so no floors are set against it")
    if results["quick"] and "shapes" in results:
        lines.append("quick: the ring was not full when CPU a message was measured")
    late = [row for row in results.get("open_loop", []) if row["load_late_max_ms"] > LATE_MS]
    lines += [f"{row['server']}: the load itself was late by up to {row['load_late_max_ms']:.1f} ms" for row in late]
    busy = results["machine"]["load_before"]
    if busy > 0.5:
        lines.append(f"the machine was busy before the start (load {busy:.2f}): wall times are doubtful, CPU less so")
    return lines


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def parsed() -> argparse.Namespace:
    """The options, with what --quick makes of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], epilog="Exit status 0; 3: could not run.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, the first with an empty ring")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all figures, `-` for standard output")
    parser.add_argument("--only", choices=(BARE, OURS), help="measure one server")
    parser.add_argument("--messages", type=int, help="a run (100,000; quick: 20,000)")
    parser.add_argument("--rounds", type=int, help="runs of each shape (5; quick: 3)")
    parser.add_argument("--ring", type=int, default=100_000, help="messages that the server keeps")
    parser.add_argument("--open-loop", action="store_true", help="then latencies at a fixed rate")
    parser.add_argument("--rate", type=float, default=20_000.0, help="open loop: messages per second")
    parser.add_argument("--seconds", type=float, help="open loop: how long (10; quick: 3)")
    parser.add_argument("--memory", action="store_true", help="then resident memory, idle and with a full ring")
    parser.add_argument("--endurance", action="store_true", help="then ten million messages in constant memory")
    parser.add_argument("--endurance-messages", type=int, default=10_000_000, metavar="N")
    parser.add_argument("--secured", action="store_true", help="then CPU a message with TLS and without")
    parser.add_argument("--ruled", action="store_true", help="then CPU a message under rules")
    parser.add_argument("--hostile", action="store_true", help="then latencies while others attack")
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="hostile: only this one; may be repeated")
    parser.add_argument("--hostile-rate", type=float, default=500.0, help="hostile: messages per second that are timed")
    parser.add_argument("--control", action="store_true", help="then CPU a message beside 100 requests/s over HTTP")
    parser.add_argument("--killed", action="store_true", help="then sessions killed and rebound: is anything lost?")
    parser.add_argument("--killed-messages", type=int, default=100_000, metavar="N")
    parser.add_argument("--crowd", action="store_true", help="then memory of many sessions, and of bind/unbind cycles")
    parser.add_argument("--crowd-sessions", type=int, default=5000, metavar="N", help="and twice as many cycles")
    parser.add_argument("--fixture", action="store_true", help="then what the fixture costs a test: start, reset, wait")
    parser.add_argument("--skip-table", action="store_true", help="leave out CPU a message")
    parser.add_argument("--profile", action="store_true", help="only run the server under cProfile, with receipts")
    parser.add_argument("--server", metavar="COMMAND", default="", help="any that prints `ready smpp=...`")
    parser.add_argument("--patience", type=float, default=30.0, help="seconds of silence after which a load gives up")
    options = parser.parse_args()
    options.messages = options.messages or (20_000 if options.quick else 100_000)
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (3.0 if options.quick else 10.0)
    # A fifth more than it keeps, so that the oldest rows leave while we measure.
    options.full = options.ring * 6 // 5
    options.warm_up = min(options.full, options.messages) if options.quick else options.full
    if options.only and options.server:
        parser.error("--only and --server name two different servers: give one of them")
    if min(options.messages, options.ring, options.endurance_messages) < 10 or options.rounds < 1 or options.rate <= 0:
        parser.error("messages, ring and endurance-messages must be at least 10, rounds 1, rate positive")
    return options


def measure(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """All that was asked for."""
    results: dict[str, Any] = {"machine": machine(), "messages": options.messages, "rounds": options.rounds}
    results |= {"quick": options.quick, "ring": options.ring} | ({"given": options.server} if options.server else {})
    with progress:
        bench = Bench(options, progress)
        if options.profile:
            bench.profile()
            return results
        if not options.skip_table:
            results["shapes"] = bench.shapes()
        first = ("open_loop", "memory", "endurance", "secured")
        for name in (*first, "ruled", "hostile", "killed", "crowd", "fixture", "control"):
            if getattr(options, name):
                results[name] = getattr(bench, name)()
    return results


def show(results: dict[str, Any], console: Console) -> None:
    """Print the tables."""
    where = results["machine"]
    console.print(f"Python {where['python']}, {where['system']}, {where['cores']} cores, load {where['load_before']}")
    tables: dict[str, Callable[[Any], Table | Text]] = {
        "shapes": shapes_table,
        "open_loop": open_loop_table,
        "memory": memory_table,
        "endurance": endurance_line,
        "secured": tls.secured_table,
        "ruled": rules.ruled_table,
        "hostile": hardships.hostile_table,
        "killed": hardships.killed_table,
        "crowd": hardships.crowd_table,
        "fixture": fixture.fixture_table,
        "control": controlled.controlled_table,
    }
    for name, table in tables.items():
        if name in results:
            console.print(table(results[name]))
    for line in doubts(results):
        console.print(f"[yellow]note:[/] {line}", highlight=False)


def on_terminate(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the servers, too."""
    raise KeyboardInterrupt


def main() -> int:
    """Measure, show, write; the exit status."""
    options = parsed()
    signal.signal(signal.SIGTERM, on_terminate)
    to_stdout = options.json is not None and str(options.json) == "-"
    console, errors = Console(stderr=to_stdout), Console(stderr=True)
    console.width = max(console.width, 120)  # a narrow terminal folds the lines; a figure must not lose its digits
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*columns, TimeRemainingColumn(), console=errors, disable=not errors.is_terminal)
    try:
        results = measure(options, progress)
    except (CannotRun, KeyboardInterrupt) as error:
        errors.print(f"bench: {error}" if isinstance(error, CannotRun) else "bench: interrupted", markup=False)
        return 3
    show(results, console)
    if to_stdout:
        print(json.dumps(results))
    elif options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

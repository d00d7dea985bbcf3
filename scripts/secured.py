"""What TLS costs: the same load on the plain and on the TLS port of one server, in turns.

It knows nothing of certificates: the server makes its own, and the load takes any.
"""

import statistics
from typing import Any

from rich.progress import Progress
from rich.table import Table

from scripts.served import Server

TIMES_MAX = 3.0
"""How much more than a plain one a message may cost at 10 sessions x window 10."""
SHAPE = ("--sessions", "10", "--window", "10")


def secured(server: Server, messages: int, rounds: int, progress: Progress) -> dict[str, Any]:
    """CPU microseconds a submit_sm on both ports, medians of so many rounds."""
    task = progress.add_task("TLS", total=2 * rounds)
    place = next(word for word in server.printed().split() if word.startswith("smpps=")).removeprefix("smpps=")
    runs: dict[str, list[float]] = {"plain": [], "tls": []}
    for _ in range(rounds):
        runs["plain"].append(server.load(messages, *SHAPE)["cpu_us"])
        progress.advance(task)
        runs["tls"].append(server.load(messages, *SHAPE, "--tls", place=place)["cpu_us"])
        progress.advance(task)
    plain, tls = (statistics.median(values) for values in runs.values())
    return {"plain_us": plain, "tls_us": tls, "runs": runs, "times": round(tls / plain, 2)} | {
        "times_met": tls <= TIMES_MAX * plain
    }


def secured_table(row: dict[str, Any]) -> Table:
    """The two beside each other."""
    table = Table(title="CPU microseconds a submit_sm at 10 x 10")
    for column in ("plain", "TLS", "times", "limit"):
        table.add_column(column, justify="right")
    verdict = "met" if row["times_met"] else "missed"
    table.add_row(f"{row['plain_us']:.1f}", f"{row['tls_us']:.1f}", f"{row['times']:.2f}", f"{TIMES_MAX:g} {verdict}")
    return table

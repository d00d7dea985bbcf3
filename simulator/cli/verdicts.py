"""A verdict on the terminal, and one that came over HTTP as the object that it was. It judges nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.checks.findings import Finding
    from simulator.smsc.memory.watch import Verdict


def tell(verdict: "Verdict") -> None:
    """A short table of a verdict on standard error; checks of which nothing is known are counted."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulator.control.terminal import printable

    quiet = [one for one in verdict.checks if one.outcome == "unknown"]
    table = Table("", "level", "verdict", "why", box=None, pad_edge=False)
    styles = {"coped": "green", "failed": "bold red", "unknown": "yellow"}
    for one in (*verdict.expectations, *verdict.quirks, *verdict.checks):
        if one not in quiet:
            words = (one.name, one.level, one.outcome, one.reason)
            name, level, outcome, reason = (Text(printable(word)) for word in words)
            outcome.stylize(styles.get(one.outcome, ""))
            table.add_row(name, level, outcome, reason)
    console = Console(stderr=True)
    if not console.is_terminal:
        # a log is as wide as it needs to be
        console.width = 200
    console.print(table)
    console.print(f"{verdict.outcome}; {len(quiet)} checks saw nothing that could tell", highlight=False)


def verdict_from(document: Mapping[str, Any]) -> "Verdict":
    """The verdict that GET /api/verdict told (control/verdict.py). Raises KeyError, TypeError and ValueError for what
    is none.
    """
    from simulator.smsc.memory.watch import Verdict

    checks, expectations, quirks = (
        tuple(_finding(one) for one in document[key]) for key in ("checks", "expectations", "quirks")
    )
    return Verdict(tuple(document["scenarios"]), checks, expectations, quirks)


def _finding(told: Mapping[str, Any]) -> "Finding":
    from simulator.checks.findings import Exhibit, Finding
    from simulator.control.moments import moment_from

    evidence = tuple(
        Exhibit(one["event"], moment_from(one["at"]), one["session"], one["told"], bytes.fromhex(one.get("pdu", "")))
        for one in told["evidence"]
    )
    words = (told["name"], told["level"], told["outcome"], told["reason"])
    return Finding(*words, told["seen"], told["failures"], evidence, told["truncated"])


__all__ = ["tell", "verdict_from"]

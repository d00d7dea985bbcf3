"""The figures of a run, an account a row: how many of each, how fast, and how receipts were shared among its binds.

Figures come from the ledger alone; whether they are right is reconciliation.py's question.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from hdrh.histogram import HdrHistogram
from rich import box
from rich.table import Table

from scripts.letters import ACCOUNTS
from scripts.reconciliation import Ledger, by_message_id, mo_received

SLOWEST: Final = 600_000_000  # microseconds
PERCENTILES: Final = (50.0, 90.0, 99.0, 100.0)
NARROW: Final = (50.0, 99.0)
WIDE_ENOUGH: Final = 99
"""Columns of a terminal that the whole table fits."""

Figures = dict[str, Any]


def percentiles(seconds: Iterable[float]) -> dict[str, float]:
    """Milliseconds at each percentile, by name; none for no values."""
    histogram = HdrHistogram(1, SLOWEST, 3)
    for value in seconds:
        histogram.record_value(max(1, round(value * 1e6)))
    if not histogram.get_total_count():
        return {}
    return {_name(which): round(histogram.get_value_at_percentile(which) / 1000, 3) for which in PERCENTILES}


def _name(percentile: float) -> str:
    return "max" if percentile == 100 else f"p{percentile:g}"


def figures(ledger: Ledger) -> list[Figures]:
    """A row for each account, and one for all."""
    return [_row(ledger, account.name, account.binds) for account in ACCOUNTS] + [_row(ledger, None, ())]


def _row(ledger: Ledger, account: str | None, binds: Sequence[str]) -> Figures:
    """What one account did, or all of them (None)."""

    def ours(link: str) -> bool:
        return account is None or link.startswith(f"{account}/")

    submitted = {(one.link, one.sequence): one for one in ledger.submitted if ours(one.link)}
    answered = [one for one in ledger.answered if ours(one.link)]
    receipted = [one for one in ledger.receipted if ours(one.link)]
    moments = {message_id: submit.at for message_id, (submit, _) in by_message_id(ledger).items()}
    received, _ = mo_received(one for one in ledger.mo_segments if ours(one.link))
    return {
        "account": account or "all",
        "binds": list(binds),
        "messages": sum(account in {None, one.account} for one in ledger.letters),
        "submitted": len(submitted),
        "answered": sum(one.status == 0 for one in answered),
        "receipted": len(receipted),
        "receipts_by_link": dict(sorted(Counter(one.link for one in receipted).items())) if account else {},
        "mo_sent": sum(account in {None, one.account} for one in ledger.mo_sent),
        "mo_received": len(received),
        "response_ms": percentiles(
            one.at - submitted[one.link, one.sequence].at for one in answered if (one.link, one.sequence) in submitted
        ),
        "receipt_ms": percentiles(one.at - moments[one.message_id] for one in receipted if one.message_id in moments),
    }


def table(rows: Sequence[Figures], width: int) -> Table:
    """The figures for a terminal of so many columns; a narrow one shows fewer percentiles."""
    shown = PERCENTILES if width >= WIDE_ENOUGH else NARROW
    heads = "".join(f"{_name(which):>5}" for which in shown)
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    drawn.add_column("\naccount", style="bold", no_wrap=True)
    drawn.add_column("\nbinds", no_wrap=True)
    for name in ("sent", "answered", "receipts", "MO"):
        drawn.add_column(f"\n{name}", justify="right", no_wrap=True)
    drawn.add_column(f"answer, ms\n{heads}", justify="right", no_wrap=True)
    drawn.add_column(f"receipt, ms\n{heads}", justify="right", no_wrap=True)
    for row in rows:
        is_total = row["account"] == "all"
        if is_total:
            drawn.add_section()
        drawn.add_row(
            row["account"],
            _binds(row["binds"]),
            f"{row['submitted']:,}",
            f"{row['answered']:,}",
            f"{row['receipted']:,}",
            f"{row['mo_received']}/{row['mo_sent']}",
            _milliseconds(row["response_ms"], shown),
            _milliseconds(row["receipt_ms"], shown),
            style="bold" if is_total else None,
        )
    return drawn


def _binds(binds: Sequence[str]) -> str:
    """TX + 2 RX."""
    return " + ".join(f"{count} {bind}" if count > 1 else bind for bind, count in Counter(binds).items())


def _milliseconds(found: dict[str, float], shown: Sequence[float]) -> str:
    if not found:
        return "-"
    return "".join(f" {_short(found[_name(which)])}".rjust(5) for which in shown)


def _short(milliseconds: float) -> str:
    """In four characters: 1.7, 310, or 12s."""
    if milliseconds >= 9999.5:
        return f"{milliseconds / 1000:.0f}s"
    return f"{milliseconds:.1f}" if milliseconds < 9.95 else f"{milliseconds:.0f}"


def shares(rows: Sequence[Figures]) -> list[str]:
    """In words, how receipts were shared where an account has several receivers."""
    return [
        f"{row['account']} {' + '.join(f'{count:,}' for count in row['receipts_by_link'].values())}"
        for row in rows
        if len(row["receipts_by_link"]) > 1
    ]

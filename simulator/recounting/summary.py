"""What a journal tells as a whole: counts, accounts, latencies, and what is not as it should be at its end.

Fed line by line, it keeps nothing that grows with a file: a bounded number of open messages and of accounts.
"""

from collections import Counter
from collections.abc import Iterator
from math import inf, isfinite
from typing import Final, NamedTuple

from hdrh.histogram import HdrHistogram

from simulator.carrier.messages import DELIVERED, FINAL
from simulator.control.lines import GAP
from simulator.control.moments import moment_text
from simulator.control.terminal import printable
from simulator.journal import (
    ANSWERED,
    CONCLUDED,
    MO_CREATED,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_FAILED,
    RECEIPT_SENT,
    RESET,
    SUBMITTED,
)
from simulator.recounting.reading import Event

OPEN_MAX: Final = 300_000
"""Messages that are followed at once, to tell how long they took and which never ended."""
ACCOUNTS_MAX: Final = 1_000
OTHERS: Final = "(others)"
EXAMPLES_MAX: Final = 5


class Open(NamedTuple):
    """A message that was submitted and is not through: when, by whom, which receipt it asked for, its final state."""

    at: float
    asked: int
    name: str
    state: str | None

    @property
    def wants_receipt(self) -> bool:
        """Whether its sender asked to be told of the final state that it has (SMPP 3.4, 5.2.17; 5.0, 4.7.21)."""
        asked = self.asked & 0x03
        return asked == 1 or (asked == 2 and self.state != DELIVERED) or (asked == 3 and self.state == DELIVERED)


class Latency:
    """How long something took, in microseconds to three digits."""

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, 10**13, 3)

    def record(self, seconds: float) -> None:
        """One more; what is beyond months counts as that."""
        self._histogram.record_value(min(max(1, round(seconds * 1e6)), 10**13))

    @property
    def count(self) -> int:
        """How many were recorded."""
        return int(self._histogram.get_total_count())

    def at(self, percentile: float) -> float:
        """Seconds that so many percent did not exceed."""
        return float(self._histogram.get_value_at_percentile(percentile)) / 1e6


class Summary:
    """What a journal tells as a whole: fed line by line, it counts."""

    def __init__(self, *, open_max: int = OPEN_MAX) -> None:
        self.runs = 0
        self.kinds: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.accounts: dict[str, Counter[str]] = {}
        self.to_answer = Latency()
        """Seconds from a submission to its response, as it was decided."""
        self.to_receipt = Latency()
        """Seconds of carrier time from a submission to the first sending of its final receipt."""
        self.unfinished = 0
        """Messages of runs that are over that never reached a final state."""
        self.unacknowledged = 0
        """Those of them that did, but whose receipt nobody acknowledged."""
        self.reset = 0
        """Messages that a reset ended."""
        self.lost = 0
        """Events that the server says it did not write."""
        self.gaps = 0
        self.missing = 0
        """Events that are neither there nor said to be lost: lines that were damaged or cut out."""
        self.unfollowed = 0
        """Messages that were open too long among too many others to be followed."""
        self.open: dict[int, Open] = {}
        self.first_at: float | None = None
        self.last_at = 0.0
        self._open_max = open_max
        self._next: int | None = None

    def take(self, event: Event) -> None:
        """Count one more line, in order."""
        if "journal" in event:
            self.runs += 1
            self._end_run()
            self._next = 1
            return
        kind, at = event["kind"], event["at"]
        self.kinds[kind] += 1
        self.first_at = at if self.first_at is None else min(at, self.first_at)
        self.last_at = max(at, self.last_at)
        self._number(event)
        if kind == GAP:
            self.gaps += 1
            self.lost += event.get("lost", 0)
        elif kind == RESET:
            self.reset += len(self.open)
            self.open.clear()
        elif "message" in event:
            self._count(event)
            self._follow(event)

    def _number(self, event: Event) -> None:
        number = event["n"]
        if self._next is not None:
            self.missing += max(0, number - self._next)
        self._next = number + max(1, event.get("lost", 1))

    def _end_run(self) -> None:
        over = sum(one.state is None for one in self.open.values())
        self.unfinished += over
        self.unacknowledged += len(self.open) - over
        self.open.clear()

    def _count(self, event: Event) -> None:
        name, kind = event.get("account", ""), event["kind"]
        if name not in self.accounts and len(self.accounts) >= ACCOUNTS_MAX:
            name = OTHERS
        account = self.accounts.setdefault(name, Counter())
        account[kind] += 1
        if kind == ANSWERED:
            status = event.get("status", "?")
            self.statuses[status] += 1
            account["accepted" if status == "ESME_ROK" else "refused"] += 1
        elif kind == CONCLUDED:
            self.states[event.get("state", "?")] += 1

    def _follow(self, event: Event) -> None:
        """Keep an open message from its submission until it is concluded and its receipt, if any, acknowledged."""
        kind, number, at = event["kind"], event["message"], event["at"]
        if kind == SUBMITTED:
            name = f"{event.get('message_id') or f'#{number}'} to {event.get('to')}"
            # what is not stored has no receipt, whatever it asks for
            asked = event.get("registered_delivery", 0) if event.get("is_stored", True) else 0
            self.open[number] = Open(at, asked, name, None)
            if len(self.open) > self._open_max:
                del self.open[next(iter(self.open))]
                self.unfollowed += 1
            return
        known = self.open.get(number)
        if known is None or event.get("direction") == "mo":
            return
        if kind == ANSWERED:
            self.to_answer.record(event.get("after", 0.0))
            if event.get("status") != "ESME_ROK":
                del self.open[number]
        elif kind == CONCLUDED:
            known = self.open[number] = known._replace(state=event.get("state", "?"))
            if not known.wants_receipt:
                del self.open[number]
        elif event.get("state", known.state) in FINAL and known.state is not None:
            self._receipted(kind, number, known, at)

    def _receipted(self, kind: str, number: int, known: Open, at: float) -> None:
        if kind == RECEIPT_SENT and isfinite(known.at):
            self.to_receipt.record(at - known.at)
            # counted once, however often it is sent
            self.open[number] = known._replace(at=inf)
        elif kind in {RECEIPT_ACKNOWLEDGED, RECEIPT_FAILED}:
            del self.open[number]

    # ------------------------------------------------------------------ as words

    def text(self) -> str:
        """The whole as a person reads it."""
        parts = [self._title(), *(self._table(title, counts) for title, counts in self._counts() if counts)]
        if self.accounts:
            parts.append(self._accounts())
        if self.to_answer.count:
            parts.append(self._latencies())
        parts.append("\n".join(self._doubts()))
        return "\n\n".join(part for part in parts if part)

    def _title(self) -> str:
        total = sum(self.kinds.values())
        span = "" if self.first_at is None else f", {moment_text(self.first_at)} to {moment_text(self.last_at)}"
        return f"runs {self.runs}, events {total:,}{span} (carrier time)"

    def _counts(self) -> list[tuple[str, Counter[str]]]:
        return [("events", self.kinds), ("answers", self.statuses), ("final states", self.states)]

    def _table(self, title: str, counts: Counter[str]) -> str:
        return _columns([[title, ""], *([name, f"{count:,}"] for name, count in counts.most_common())])

    def _accounts(self) -> str:
        kinds = (SUBMITTED, "accepted", "refused", CONCLUDED, RECEIPT_SENT, RECEIPT_ACKNOWLEDGED, MO_CREATED)
        rows = [["account", *kinds]]
        rows += [[name, *(f"{one[kind]:,}" for kind in kinds)] for name, one in sorted(self.accounts.items())]
        return _columns(rows)

    def _latencies(self) -> str:
        rows = [["seconds", "p50", "p90", "p99", "max", "count"]]
        for name, latency in (("submitted to answered", self.to_answer), ("submitted to receipt", self.to_receipt)):
            if latency.count:
                values = [f"{latency.at(one):.3f}" for one in (50, 90, 99, 100)]
                rows.append([name, *values, f"{latency.count:,}"])
        return _columns(rows)

    def _doubts(self) -> Iterator[str]:
        """What is not as it should be at the end."""
        live = [one for one in self.open.values() if one.state is None]
        told = (
            (self.unfinished + len(live), "accepted messages have no final state"),
            (self.unacknowledged + len(self.open) - len(live), "receipts are not acknowledged"),
            (self.reset, "messages were still open when a reset ended them"),
            (self.unfollowed, "messages were open among too many others to be followed"),
            (self.lost, f"events were not written by the server, in {self.gaps} gaps"),
            (self.missing, "events are missing: lines that were damaged or cut out"),
        )
        for count, what in told:
            if count:
                yield f"{count:,} {what}"
        for one in live[:EXAMPLES_MAX]:
            yield f"  {one.name}, submitted {moment_text(one.at)}"


def _columns(rows: list[list[str]]) -> str:
    """A table: the first column to the left, the others to the right; control characters made visible."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:<{widths[0]}}", *cells]).rstrip())
    return "\n".join(lines)

"""What is printed of journals: events as people read them or as they stand, how many there are, or a summary."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from simulator.control.moments import moment_text
from simulator.control.terminal import printable
from simulator.recounting.question import Question, Search
from simulator.recounting.reading import Event, Line
from simulator.recounting.summary import Summary


def shown(event: Event) -> str:
    """An event as a person reads it, in one line without control characters."""
    words = [moment_text(event["at"]), f"{event['kind']:<20}", f"{event.get('session', 0):>5} "]
    if "account" in event or "message" in event:
        words.append(event.get("account", ""))
    if "from" in event:
        words.append(f"{event['from']} -> {event.get('to', '')}")
        words.append(event.get("message_id") or f"#{event['message']}")
    header = event.get("header")
    if isinstance(header, dict):
        words.append(f"{header.get('command')} {header.get('sequence_number')}")
    words += [event[name] for name in ("status", "state", "cause", "bind", "peer", "reason", "told") if name in event]
    if "lost" in event:
        words.append(f"{event['lost']:,} events until {_moment(event.get('until'))} were not written")
    if "text" in event:
        words.append(json.dumps(event["text"], ensure_ascii=False))
    return printable(" ".join(str(word) for word in words))


def _moment(at: Any) -> str:
    return moment_text(at) if isinstance(at, int | float) else "?"


class Complaints:
    """Says what could not be read, up to a bound; ``close`` tells how much more there was."""

    def __init__(self, say: Callable[[str], None], *, said_max: int = 20) -> None:
        self._say = say
        self._said_max = said_max
        self.count = 0

    def __call__(self, reason: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= self._said_max:
            self._say(reason)

    def close(self) -> None:
        """There will be no more."""
        if self.count > self._said_max:
            self._say(f"{self.count - self._said_max:,} more lines could not be read")


def retell(lines: Iterable[Line], question: Question, form: str, complaints: Complaints) -> Iterator[bytes]:
    """What is printed, line by line: events as ``list`` or ``json``, their ``count``, or a ``summary`` of them."""
    search, summary, count = Search(question), Summary(), 0
    for event, octets in lines:
        if form == "summary":
            summary.take(event)
        elif search.match(event):
            count += 1
            if form != "count":
                yield octets if form == "json" else shown(event).encode()
    if search.forgotten:
        complaints(f"too many messages have this text: {search.forgotten:,} were not followed to their end")
    complaints.close()
    if form == "summary":
        yield summary.text().encode()
    elif form == "count":
        yield b"%d" % count

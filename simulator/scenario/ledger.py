"""What the gateway has told of its messages, and which messages there are to be told about.

Several submissions are one message here where they are one to a person: the parts of a text, and a text that came
again. A message is named by any of its ids, by its number, or by its destination, which means the last one there. A
subscriber's message is named likewise, but by its source, which means the first of which nothing was told yet.
"""

from collections import deque
from collections.abc import Hashable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final, NamedTuple

from simulator.carrier.messages import bare, text_key

ENTRIES_MAX: Final = 10_000
"""Messages that are remembered; the oldest is forgotten first."""
NAMES_MAX: Final = 1_000
"""Names of one message; a text in as many parts as can be has 766, and one that is sent again and again any number."""
OBSERVATIONS_MAX: Final = 20
"""What is kept of what was told about one message: the first ones, and always the last."""

COMPARED_MAX: Final = 100
"""Names that are compared letter by letter with one that nobody has, of those that begin or end alike: 5 us each."""
END: Final = 3
"""Characters at the end of a name; whoever mistypes it has either these right, or all others."""


class Observation(NamedTuple):
    """What the gateway says of a message: carrier time, the status, and the number of the journal's event then."""

    at: float
    status: str
    event: int


class UnknownMessage(LookupError):
    """No message goes by that name; ``nearest`` are names that look like it."""

    def __init__(self, name: str, nearest: list[str]) -> None:
        hint = f"; nearest: {', '.join(nearest)}" if nearest else ""
        known = "no message_id, number or destination of a submission, nor a source"
        super().__init__(f"message: {name!r} is {known}{hint}")
        self.nearest = nearest


class Entry:
    """One message."""

    __slots__ = ("is_accepted", "key", "last_receipt_at", "meant_by", "messages", "names", "number", "observations")

    def __init__(self, key: Hashable, number: int) -> None:
        self.key = key
        self.number = number
        self.names: dict[str, None] = {}
        """What it is called by, the last name at the end."""
        self.is_accepted = False
        self.meant_by: set[int] = set()
        """The expectations that mean it, by identity."""
        self.observations: list[Observation] = []
        self.last_receipt_at: float | None = None
        self.messages: dict[int, Any] = {}
        """The submissions that it is, by the number of the part: of several the last that was accepted."""

    def is_in(self, states: frozenset[str]) -> bool:
        """Whether this has become of it by now, of all its parts."""
        return all(message.state in states for message in self.messages.values())


class Ledger:
    """The messages of the last while and what was told of them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Start over."""
        self._entries: dict[Hashable, Entry] = {}
        self._named: dict[str, Entry] = {}
        self._alike: dict[tuple[str, bool], dict[str, None]] = {}
        """The names by how they begin and by how they end, for one that is not among them."""
        self._untold: dict[str, deque[Entry]] = {}
        """By source: subscribers' messages of which nothing was told by that name, the oldest first."""
        self.is_truncated = False

    def submitted(self, message: Any) -> Entry:
        """A submission came: the message that it belongs to."""
        entry = self._entry(_key(message), message.number)
        entry.messages.setdefault(_part_of(message), message)
        # a number of ours is told with a mark, for a message_id may look like it
        for name in (f"#{message.number}", f">{bare(message.destination.number)}"):
            self._name(name, entry)
        return entry

    def written(self, message: Any) -> Entry:
        """A subscriber's message is on its way to the gateway; once for each of its parts."""
        source = bare(message.source.number)
        entry = self._entry(message.number, message.number)
        if not entry.messages:
            entry.messages[1] = message
            entry.is_accepted = True
            self._untold.setdefault(source, deque()).append(entry)
            for name in (f"={message.message_id}", f"#{message.number}", f"<{source}"):
                self._name(name, entry)
        return entry

    def _entry(self, key: Hashable, number: int) -> Entry:
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(key, number)
            if len(self._entries) > ENTRIES_MAX:
                self._forget(next(iter(self._entries)))
        return entry

    def accepted(self, message: Any) -> None:
        """A submission was accepted: now it has an id, and may have another one in its receipts."""
        entry = self._entries.get(_key(message))
        if entry is not None:
            entry.is_accepted = True
            entry.messages[_part_of(message)] = message
            for name in (message.message_id, getattr(message, "true_id", "")):
                if name:
                    self._name(f"={name}", entry)

    def receipt_sent(self, message: Any, at: float) -> None:
        """A receipt of it was sent: it was accepted, whether that was ever answered or not."""
        self.accepted(message)
        entry = self._entries.get(_key(message))
        if entry is not None:
            entry.last_receipt_at = at

    def observe(self, name: str, status: str, at: float, event: int = 0) -> Entry:
        """The gateway says that the message of that name has this status. Raises UnknownMessage."""
        given = name.strip()
        for key in (f"={given}", f"#{given}", f">{bare(given)}", f"<{bare(given)}"):
            entry = self._named.get(key)
            if key[0] == "<" and key[1:] in self._untold:
                entry = self._untold[key[1:]][0]
                self._is_told(key[1:], entry)
            if entry is not None:
                if len(entry.observations) >= OBSERVATIONS_MAX:
                    entry.observations.pop()
                entry.observations.append(Observation(at, status, event))
                return entry
        raise UnknownMessage(given, get_close_matches(bare(given), self._like(bare(given)), n=3, cutoff=0.6))

    def _like(self, given: str) -> list[str]:
        """Names that begin or end as this one does, the latest first: the few that are worth a closer look."""
        alike = (self._alike.get(end, ()) for end in _ends_of(f"?{given}"))
        return [key[1:] for keys in alike for key in islice(reversed(keys), COMPARED_MAX)]

    def meant_by(self, expectation: object) -> Iterator[Entry]:
        """The messages that an expectation means: those that were accepted, and those of which anything was told."""
        for entry in self._entries.values():
            if id(expectation) in entry.meant_by and (entry.is_accepted or entry.observations):
                yield entry

    def _is_told(self, source: str, entry: Entry) -> None:
        """It is not the first any more that this source may mean."""
        untold = self._untold.get(source)
        if untold is not None and untold[0] is entry:
            untold.popleft()
            if not untold:
                del self._untold[source]

    def _name(self, name: str, entry: Entry) -> None:
        if name not in self._named:
            for end in _ends_of(name):
                self._alike.setdefault(end, {})[name] = None
        self._named[name] = entry
        entry.names.pop(name, None)
        entry.names[name] = None
        if len(entry.names) > NAMES_MAX:
            self._unname(next(iter(entry.names)), entry)

    def _unname(self, name: str, entry: Entry) -> None:
        del entry.names[name]
        # unless it has become another one's
        if self._named.get(name) is entry:
            del self._named[name]
            for end in _ends_of(name):
                alike = self._alike[end]
                del alike[name]
                if not alike:
                    del self._alike[end]

    def _forget(self, key: Hashable) -> None:
        entry = self._entries.pop(key)
        for name in list(entry.names):
            self._unname(name, entry)
        for message in entry.messages.values() if isinstance(key, int) else ():
            self._is_told(bare(message.source.number), entry)
        self.is_truncated = True


def _ends_of(name: str) -> tuple[tuple[str, bool], tuple[str, bool]]:
    """How a name begins and how it ends, without its mark."""
    return (name[1:-END], False), (name[-END:] if len(name) > END else name[1:], True)


def _part_of(message: Any) -> int:
    return 1 if message.part is None else int(message.part.number)


def _key(message: Any) -> Hashable:
    """What submissions that are one message have in common."""
    if message.part is not None and message.part.total > 1:
        return text_key(message)
    return message.account, message.source.number, message.destination.number, message.octets

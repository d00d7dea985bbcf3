"""Which rows a question means, newest first. It reads the history in slices, so that no search holds up a link.

It knows rows, filters and roughly what reading a row costs, and nothing of HTTP or JSON.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from simulator.carrier.messages import Address
from simulator.control.asked import MessagesQuery
from simulator.control.rows import moment_of
from simulator.smsc.memory.history import Group, History, Row, head_of, parts_of
from simulator.smsc.memory.silences import shown_state
from simulator.smsc.memory.truths import Fact
from simulator.smsc.translate import Incoming

Pause = Callable[[], Awaitable[None]]
"""Lets everybody else run; awaited between two slices."""

TAKEN: Final = 500
"""Rows that are fetched first; each further time four times as many, because finding the place anew is not free."""
TAKEN_MAX: Final = 8_000
SLICE: Final = 64 * 1024
"""Octets of user data that are read between two pauses; all work is told in them."""
GLANCE: Final = 8
"""What it costs to compare a row's destination."""
PART: Final = 128
"""What it costs to look at a part, or at a row that has none, beside its text."""


class Slices:
    """Long work in slices: whoever does a piece of it says so beforehand, and waits while the others have their turn.

    A piece that is larger than a slice is done alone.
    """

    def __init__(self, pause: Pause) -> None:
        self._pause = pause
        self._done = 0

    async def take(self, work: int) -> None:
        """Come back when there is time for so much work."""
        if self._done and self._done + work > SLICE:
            await self.rest()
        self._done += work

    async def rest(self) -> None:
        """Let the others have their turn now."""
        self._done = 0
        await self._pause()


def octets_of(row: Row) -> int:
    """How much there is to read in a row: octets of user data, characters of a subscriber's text."""
    return len(row.whole) if isinstance(row, Incoming) else sum(len(part.octets) for part in parts_of(row))


@dataclass(slots=True, frozen=True)
class Filters:
    """What a row must have; None asks nothing. Numbers stand without a leading +, ``text`` in lower case."""

    destination: str | None = None
    source: str | None = None
    account: str | None = None
    state: str | None = None
    text: str | None = None
    message_id: str | None = None
    since: float | None = None
    direction: str = "any"
    truth: str | None = None
    truth_of: Callable[[Row], Fact | None] = lambda _: None
    """Tells what is so of a row; asked where ``truth`` is given."""
    also: Callable[[Row], bool] | None = None
    """What else it must be, asked last."""

    def match(self, row: Row) -> bool:
        """Whether the row has all of it; the cheap questions come first, the text last."""
        head = head_of(row)
        if self.direction != "any" and (self.direction == "mo") is not isinstance(row, Incoming):
            return False
        if self.destination is not None and bare(head.destination) != self.destination:
            return False
        if self.source is not None and bare(head.source) != self.source:
            return False
        if self.account is not None and head.account != self.account:
            return False
        if self.state is not None and shown_state(row) != self.state:
            return False
        if self.truth is not None and ((fact := self.truth_of(row)) is None or fact.state != self.truth):
            return False
        if self.message_id is not None and self.message_id not in _ids(row):
            return False
        if self.text is not None and self.text not in row.text.casefold():
            return False
        return self.also is None or self.also(row)


def filters_from(
    query: MessagesQuery, truth_of: Callable[[Row], Fact | None], also: Callable[[Row], bool] | None = None
) -> Filters:
    """What a request asks; ``truth_of`` tells what is so of a row, ``also`` asks what no filter does."""
    return Filters(
        destination=_bare(query.to),
        source=_bare(query.from_),
        account=query.account,
        state=query.state,
        text=None if query.text is None else query.text.casefold(),
        message_id=query.message_id,
        since=query.since,
        direction=query.direction,
        truth=query.truth,
        truth_of=truth_of,
        also=also,
    )


def _bare(number: str | None) -> str | None:
    # a + that was not escaped in the address has become a space
    return None if number is None else number.strip().removeprefix("+")


def bare(address: Address) -> str:
    """The number without a leading +, which careless gateways send."""
    return address.number.removeprefix("+")


def _ids(row: Row) -> list[str]:
    return [row.message_id] if isinstance(row, Incoming) else [part.message_id for part in parts_of(row)]


async def find(
    history: History, filters: Filters, *, limit: int, before: int | None, slices: Slices
) -> tuple[list[Row], int | None]:
    """The newest ``limit`` rows that match, of those with a number below ``before``.

    The second value is the cursor of the next page: its ``before``, or None when nothing older matches. Rows that come
    or go meanwhile are no error.
    """
    found: list[Row] = []
    count = TAKEN
    to = filters.destination
    numbers = None if to is None else {to, f"+{to}"}
    while taken := list(islice(history.newest_first(before), count)):
        asked = taken
        if numbers is not None and filters.since is None:
            # of a hundred thousand rows most go to somebody else, and are not worth a step each
            await slices.take(len(taken) * GLANCE)
            asked = [row for row in taken if head_of(row).destination.number in numbers]
        for row in asked:
            parts = len(row.parts) if isinstance(row, Group) else 1
            await slices.take(parts * PART + (0 if filters.text is None else octets_of(row)))
            if filters.since is not None and moment_of(row) < filters.since:
                # rows stand in the order of time: all others are older
                return found, None
            if filters.match(row):
                if len(found) == limit:
                    return found, found[-1].number
                found.append(row)
        await slices.rest()
        before = taken[-1].number
        count = min(4 * count, TAKEN_MAX)
    return found, None

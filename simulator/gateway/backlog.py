"""What waits: first come, first served, each sender at its own pace, bounded by space. The time is an argument.

It knows senders, paces, hours and bounds, and not what a message is made of.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from math import inf

from simulator.gateway.waiting import Entry


class _Lane:
    """The messages of one sender, and when its next one may leave."""

    __slots__ = ("is_listed", "next_at", "plain", "seconds", "urgent")

    def __init__(self, pace: float | None) -> None:
        self.seconds = 1 / pace if pace else 0.0
        """A segment takes."""
        self.next_at = -inf
        self.plain: deque[Entry] = deque()
        self.urgent: deque[Entry] = deque()
        self.is_listed = False

    def __len__(self) -> int:
        return len(self.plain) + len(self.urgent)


class Backlog:
    """``pace_of`` tells segments a second by dialect and sender; None where there is no pace."""

    def __init__(self, size: int, pace_of: Callable[[str, str], float | None]) -> None:
        self.size = size
        self._pace_of = pace_of
        self._waiting: Counter[str] = Counter()
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._listed: list[tuple[float, int, _Lane]] = []
        self._scheduled: list[tuple[float, int, Entry]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._waiting.total()

    def room(self, space: str) -> int:
        """How many more a space may put here."""
        return max(0, self.size - self._waiting[space])

    def put(self, entry: Entry, now: float) -> None:
        """Let it wait; whether there is room was asked before (what comes back after a restart needs none)."""
        order = entry.message.order
        self._waiting[order.space] += 1
        if order.scheduled_at is not None and order.scheduled_at > now:
            self._count += 1
            heappush(self._scheduled, (order.scheduled_at, self._count, entry))
        else:
            self._line_up(entry)

    def _line_up(self, entry: Entry) -> None:
        order = entry.message.order
        key = order.dialect, order.source
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(self._pace_of(*key))
        (lane.urgent if order.is_urgent else lane.plain).append(entry)
        if not lane.is_listed:
            self._list(lane)

    def _list(self, lane: _Lane) -> None:
        self._count += 1
        lane.is_listed = True
        heappush(self._listed, (lane.next_at, self._count, lane))

    def take(self, now: float) -> Entry | None:
        """The next message whose hour has come and whose sender may; senders take turns."""
        while self._scheduled and self._scheduled[0][0] <= now:
            self._line_up(heappop(self._scheduled)[2])
        if not self._listed or self._listed[0][0] > now:
            return None
        _, _, lane = heappop(self._listed)
        entry = (lane.urgent or lane.plain).popleft()
        lane.next_at = max(now, lane.next_at) + entry.message.segments * lane.seconds if lane.seconds else -inf
        lane.is_listed = False
        if lane:
            self._list(lane)
        self._forget(entry)
        return entry

    def _forget(self, entry: Entry) -> None:
        space = entry.message.order.space
        self._waiting[space] -= 1
        if not self._waiting[space]:
            del self._waiting[space]

    def next_at(self) -> float:
        """When ``take`` would give something; ``inf`` where nothing waits."""
        listed = self._listed[0][0] if self._listed else inf
        return min(listed, self._scheduled[0][0] if self._scheduled else inf)

    def expired(self, now: float) -> Iterator[Entry]:
        """Take out what has waited too long, and lanes that nobody uses."""
        for key, lane in list(self._lanes.items()):
            for queue in (lane.urgent, lane.plain):
                late = [entry for entry in queue if entry.expires_at <= now]
                if late:
                    kept = [entry for entry in queue if entry.expires_at > now]
                    queue.clear()
                    queue.extend(kept)
                for entry in late:
                    self._forget(entry)
                    yield entry
            lane.is_listed = lane.is_listed and len(lane) > 0
            if not lane and lane.next_at <= now:
                del self._lanes[key]
        self._listed = [row for row in self._listed if row[2]]
        self._listed.sort()

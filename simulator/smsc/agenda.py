"""What is due when: two heaps, a line and the carrier's clock. It knows no message and no session, only deeds to do.

There are two clocks (both in seconds). The *link clock* is whatever monotonic ``now`` the caller passes: windows,
timers, late responses and repeated deliveries are due on it. The *carrier clock* starts at a calendar moment and may
run at another rate, stand still, jump, or be led from instant to instant (advancing.py): receipts, validity and
schedules are due on that one.

What mostly comes in order of its time stands in a *line* beside the heap: of 15,000 messages that all take as long, a
heap compares about thirteen for each one that leaves.
"""

from collections import deque
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf
from typing import Any, Protocol

Deed = Callable[[Any, float], None]
"""Called with (subject, now) where now is link time."""


class CarrierClock:
    """Carrier time in unix seconds as a function of link time.

    It runs at ``rate``, unless it is paused, by whoever wants it to stand still, or held, by a walk that moves it
    itself; both may be so at once, and what the rate is made meanwhile holds afterwards.
    """

    __slots__ = ("_carrier_start", "_link_start", "_origin", "_speed", "is_held", "is_paused", "rate")

    def __init__(self, now: float, unix_time: float, rate: float = 1.0) -> None:
        self._origin = (unix_time, rate)
        self.reset(now)

    def at(self, now: float) -> float:
        """Carrier time at link time ``now``."""
        return self._carrier_start + (now - self._link_start) * self._speed

    def link_time(self, at: float) -> float:
        """When on the link clock it will be carrier time ``at``; inf while the clock stands still."""
        if self._speed <= 0:
            return inf if at > self._carrier_start else self._link_start
        return self._link_start + (at - self._carrier_start) / self._speed

    def set_rate(self, now: float, rate: float) -> None:
        """Run ``rate`` times as fast as the link clock from now on; 0 stands still."""
        if rate < 0:
            raise ValueError(f"rate: {rate}, at least 0")
        at, self.rate = self.at(now), rate
        self._go_on(now, at)

    def pause(self, now: float) -> None:
        """Stand still until ``resume``."""
        at, self.is_paused = self.at(now), True
        self._go_on(now, at)

    def resume(self, now: float) -> None:
        """Run at the rate again after a pause."""
        at, self.is_paused = self.at(now), False
        self._go_on(now, at)

    def hold(self, now: float) -> None:
        """Stand still between two instants to which ``go_to`` moves it."""
        at, self.is_held = self.at(now), True
        self._go_on(now, at)

    def let_go(self, now: float) -> None:
        """The walk is over."""
        at, self.is_held = self.at(now), False
        self._go_on(now, at)

    def go_to(self, now: float, at: float) -> None:
        """It is carrier time ``at`` now, exactly."""
        if at < self.at(now):
            raise ValueError(f"at: {at}, time does not run backwards")
        self._go_on(now, at)

    def jump(self, now: float, seconds: float) -> None:
        """Move forward by ``seconds`` of carrier time at once."""
        if seconds < 0:
            raise ValueError(f"seconds: {seconds}, time does not run backwards")
        self._go_on(now, self.at(now) + seconds)

    def reset(self, now: float) -> None:
        """Carrier time is again what it was at the start, and runs."""
        unix_time, self.rate = self._origin
        self.is_paused = self.is_held = False
        self._go_on(now, unix_time)

    def _go_on(self, now: float, at: float) -> None:
        self._carrier_start, self._link_start = at, now
        self._speed = 0.0 if self.is_paused or self.is_held else self.rate


class Walk(Protocol):
    """Whoever moves a held clock from instant to instant, once nothing is due any more at the present one."""

    deadline: float
    """Link time at which ``step`` is to be called; -inf: at once."""

    def step(self, now: float) -> bool:
        """Whether the clock was moved to where something may be due."""

    def stop(self, now: float) -> None:
        """Let the clock go on from where it is."""


class Agenda:
    """Deeds in order of time, on either clock. Equal times keep the order in which they were put."""

    __slots__ = ("_line", "_line_ends", "_link", "_serial", "_story", "awaited", "clock", "wake", "walk")

    def __init__(self, clock: CarrierClock) -> None:
        self.clock = clock
        self._story: list[tuple[float, int, Deed, Any]] = []
        self._line: deque[tuple[float, int, Deed, Any]] = deque()
        self._line_ends = -inf
        """When the last one in the line is due, or was."""
        self._link: list[tuple[float, int, Deed, Any]] = []
        self._serial = 0
        self.awaited = -inf
        """The link time until which somebody sleeps; ``wake`` is called when something becomes due before it."""
        self.wake: Callable[[], None] | None = None
        self.walk: Walk | None = None
        """Who moves the clock at present, where it does not run by itself."""

    def __len__(self) -> int:
        return self.planned + len(self._link)

    @property
    def planned(self) -> int:
        """How many deeds wait for a carrier time."""
        return len(self._story) + len(self._line)

    def first(self) -> tuple[float, int, Deed, Any] | None:
        """The next deed of those: its carrier time, serial number, itself and its subject."""
        heads = [items[0] for items in (self._line, self._story) if items]
        return min(heads) if heads else None

    def put(self, at: float, deed: Deed, subject: Any) -> int:
        """Do ``deed(subject, now)`` at carrier time ``at``. Returns the item's serial number."""
        self._serial = serial = self._serial + 1
        story = self._story
        heappush(story, (at, serial, deed, subject))
        if story[0][1] == serial:
            self._announce(self.clock.link_time(at))
        return serial

    def follow(self, at: float, deed: Deed, subject: Any) -> int:
        """Like ``put``, and cheaper for what is due no sooner than all that followed before."""
        if at < self._line_ends:
            return self.put(at, deed, subject)
        self._serial = serial = self._serial + 1
        self._line_ends = at
        line = self._line
        line.append((at, serial, deed, subject))
        if len(line) == 1:
            self._announce(self.clock.link_time(at))
        return serial

    def put_link(self, at: float, deed: Deed, subject: Any) -> int:
        """Do ``deed(subject, now)`` at link time ``at``. Returns the item's serial number."""
        self._serial = serial = self._serial + 1
        heappush(self._link, (at, serial, deed, subject))
        if self._link[0][1] == serial:
            self._announce(at)
        return serial

    def _announce(self, at: float) -> None:
        if at < self.awaited and self.wake is not None:
            self.awaited = at
            self.wake()

    def look_again(self) -> None:
        """The clock was changed, or the walk can go on: what is due may be due sooner than who sleeps knows."""
        self._announce(self.next_deadline())

    def next_deadline(self) -> float:
        """Link time of the next deed, or of a walk's next step, or inf."""
        deadline = inf if self.walk is None else self.walk.deadline
        if self._story:
            deadline = min(deadline, self.clock.link_time(self._story[0][0]))
        if self._line:
            deadline = min(deadline, self.clock.link_time(self._line[0][0]))
        return min(deadline, self._link[0][0]) if self._link else deadline

    def run(self, now: float, most: int = 100) -> bool:
        """Do what is due at link time ``now``, at most ``most`` deeds and steps. True when more is due already."""
        link, story, line, clock = self._link, self._story, self._line, self.clock
        for _ in range(most):
            if link and link[0][0] <= now:
                item = heappop(link)
            else:
                # the clock is read anew each time, because a deed may jump it
                at = clock.at(now)
                if line and line[0][0] <= at and not (story and story[0] < line[0]):
                    item = line.popleft()
                elif story and story[0][0] <= at:
                    item = heappop(story)
                elif self.walk is not None and self.walk.step(now):
                    continue
                else:
                    return False
            item[2](item[3], now)
        return self._is_due(now)

    def _is_due(self, now: float) -> bool:
        """Asked as ``run`` asks: a deadline that rounding puts a hair too early is not due."""
        at = self.clock.at(now)
        return (self.walk is not None and self.walk.deadline <= now) or any(
            items and items[0][0] <= until for items, until in ((self._link, now), (self._story, at), (self._line, at))
        )

    def forget(self, is_meant: Callable[[Any], bool]) -> None:
        """Forget what was due in carrier time about the subjects that are meant; what concerns the links stays."""
        # in place, because whoever is running them holds on to them
        for items in (self._story, self._line):
            kept = [item for item in items if not is_meant(item[3])]
            if len(kept) < len(items):
                items.clear()
                items.extend(kept)
        heapify(self._story)

    def clear_story(self) -> None:
        """Forget everything that was due in carrier time; what concerns the links stays."""
        self._story.clear()
        self._line.clear()
        self._line_ends = -inf

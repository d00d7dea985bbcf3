"""Which carrier takes the next segment: the longest prefix, then the file's order; the next one where that is away.

It knows carriers, their bound links and their pauses. How a link is bound is not its business; time is an argument.
"""

from math import inf
from typing import Protocol

from simulator.gateway.config import SmscSettings
from simulator.net.client import Waiting
from simulator.smpp.pdus import Request

HOLD_FIRST = 0.5
"""Seconds that a carrier is left alone after it said that it is throttled or full; each further time doubles them."""
HOLD_MAX = 30.0


class BoundLink(Protocol):
    """A link that can submit: ``net.client.Esme`` is one."""

    @property
    def room(self) -> int:
        """Requests that its window has room for."""
        ...

    def post(self, pdu: Request, waiting: Waiting) -> None:
        """Send a request."""
        ...


class Route:
    """One carrier and its links."""

    def __init__(self, settings: SmscSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.links: list[BoundLink] = []
        self.held_until = -inf
        self._hold = HOLD_FIRST
        self.submitted = self.refused = self.lost = 0

    @property
    def is_bound(self) -> bool:
        """Whether anything could be submitted, were the window not full."""
        return bool(self.links)

    def is_open(self, now: float) -> bool:
        """Bound, and not left alone for a while."""
        return bool(self.links) and self.held_until <= now

    def room(self) -> int:
        """Segments that its windows would take."""
        return sum(link.room for link in self.links)

    def link(self) -> BoundLink | None:
        """The link with most room; None where no window has any."""
        best = max(self.links, key=lambda link: link.room, default=None)
        return best if best is not None and best.room > 0 else None

    def fits(self, destination: str) -> int:
        """How many digits of a destination its prefixes know, 0 where it takes all; -1 where it does not take it."""
        prefixes = self.settings.prefixes
        if not prefixes:
            return 0
        return max((len(prefix) for prefix in prefixes if destination.startswith(prefix)), default=-1)

    def hold(self, now: float) -> None:
        """It has said that it is throttled or full."""
        if self.held_until <= now:
            self.held_until = now + self._hold
            self._hold = min(HOLD_MAX, self._hold * 2)

    def eased(self) -> None:
        """It has taken something again."""
        self._hold = HOLD_FIRST


class Routes:
    """All carriers, in the order of the file."""

    def __init__(self, settings: list[SmscSettings]) -> None:
        self.all = [Route(one) for one in settings]
        self.premium = next((route.name for route in self.all if route.settings.is_premium), "")
        """The carrier for what is to go fast; empty where there is none."""
        self._has_prefixes = any(route.settings.prefixes for route in self.all)

    def fitting(self, destination: str) -> list[Route]:
        """The carriers that take a destination, the best first. None bound: wait; none at all: there is no route."""
        if not self._has_prefixes:
            return self.all
        rated = [(route.fits(destination), at, route) for at, route in enumerate(self.all)]
        return [route for fits, _, route in sorted(rated, key=lambda row: (-row[0], row[1])) if fits >= 0]

    def choose(self, destination: str, preferred: str, now: float) -> Route | None:
        """The carrier for a segment: that of the message's other parts while it is there, else the first that is.

        None: wait. A full window is waited for, and never sends a message elsewhere.
        """
        fitting = [route for route in self.fitting(destination) if route.is_open(now)]
        return next((route for route in fitting if route.name == preferred), fitting[0] if fitting else None)

    def room(self, now: float) -> int:
        """Segments that could leave now."""
        return sum(route.room() for route in self.all if route.is_open(now))

    def next_at(self, now: float) -> float:
        """When a carrier that is left alone may be spoken to again."""
        return min((route.held_until for route in self.all if route.is_bound and route.held_until > now), default=inf)

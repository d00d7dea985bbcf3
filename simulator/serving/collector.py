"""When garbage is collected: it knows what makes cycles and how many objects live long, and nothing of messages.

With its defaults the collector of CPython looks at every object of a full ring again and again: 10 us a message, and
pauses of 0.3 s. Traffic makes no cycles (a test counts them), so that most of the time there is nothing to look for.
"""

import gc
from collections.abc import Awaitable, Callable
from typing import Any, Final

import trio

from simulator.net.server import Server

App = Callable[[Any, Any, Any], Awaitable[None]]


class Collector:
    """Keeps the garbage collector from looking at what lives long.

    What is young is looked at only after something that may have made cycles: a link that ended, a request over HTTP.
    Then all is frozen, and everything is looked at only when a great many links have ended, or nobody is busy and
    little is kept.
    """

    PERIOD: Final = 0.25
    """Seconds between two looks at the young."""
    LINKS_MAX: Final = 20_000
    """Links that may end before everything is collected even though it is not quiet."""
    FROZEN_MAX: Final = 150_000
    """Objects that may be looked at in a quiet moment: a few hundredths of a second."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._requests = 0
        self._seen = (0, 0)

    def counted(self, app: App) -> App:
        """The same ASGI application; each of its requests is followed by a look at the young."""

        async def counting(scope: Any, receive: Any, send: Any) -> None:
            self._requests += 1
            try:
                await app(scope, receive, send)
            finally:
                # a long one, as a stream of events is, may span many looks
                self._requests += 1

        return counting

    async def run(self) -> None:
        """Collect and freeze until cancelled."""
        gc.collect()
        gc.set_threshold(1_000_000, 1_000_000, 1_000_000)
        ended = events = 0
        while True:
            gc.freeze()
            await trio.sleep(self.PERIOD)
            if self.is_due():
                gc.collect(0)
            total = self._server.smsc.journal.total
            is_quiet, events = total == events, total
            unlooked = self._server.links_ended - ended
            is_cheap = is_quiet and unlooked > 0 and gc.get_freeze_count() < self.FROZEN_MAX
            if is_cheap or unlooked > self.LINKS_MAX:
                ended = self._server.links_ended
                gc.unfreeze()
                gc.collect()

    def is_due(self) -> bool:
        """Whether anything that may make cycles has happened since this was asked last."""
        before, self._seen = self._seen, (self._server.links_ended, self._requests)
        return self._seen != before

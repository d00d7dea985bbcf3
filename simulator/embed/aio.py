"""The verbs that wait for a gateway, awaited: the same in a task of asyncio, of trio, and in the SMSC's own run.

Each has the name and the arguments of the one that blocks. It knows no thread and no loop: how to get there and back
is its owner's business.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from simulator.embed.inside import Inside
from simulator.embed.waiting import TIMEOUT
from simulator.scenario.speaking import seconds_of_span
from simulator.smsc.memory.recall import SeenMessage, SeenSession

R = TypeVar("R")


class Way(Protocol):
    """How to get to where an SMSC runs, and back."""

    async def awaited(self, verb: str, deed: Callable[[], Awaitable[R]]) -> R:
        """Have it done there; its result or its error comes here."""


class AwaitedVerbs:
    """The verbs that wait; ``way`` leads to where the SMSC runs, ``inside`` is the SMSC there."""

    def __init__(self, way: Way, inside: Callable[[], Inside]) -> None:
        self._way = way
        self._within = inside

    async def _awaited(self, verb: str, deed: Callable[[Inside], Awaitable[R]]) -> R:
        return await self._way.awaited(verb, lambda: deed(self._within()))

    async def wait_for(
        self,
        *,
        receipt: str | None = None,
        truth: str | None = None,
        count: int = 1,
        timeout: float | str = TIMEOUT,  # noqa: ASYNC109 -- in carrier-sim's words, and told in full where it is over
        **match: Any,
    ) -> SeenMessage:
        """As EmbeddedSmsc.wait_for."""
        return await self._awaited("wait_for", lambda one: one.wait_for(match, receipt, truth, count, timeout))

    async def wait_for_bind(
        self,
        *,
        count: int = 1,
        timeout: float | str = TIMEOUT,  # noqa: ASYNC109 -- as above
        **match: Any,
    ) -> SeenSession:
        """As EmbeddedSmsc.wait_for_bind."""
        return await self._awaited("wait_for_bind", lambda one: one.wait_for_bind(match, count, timeout))

    async def wait_until_idle(self, *, timeout: float | str = TIMEOUT) -> None:  # noqa: ASYNC109 -- as above
        """As EmbeddedSmsc.wait_until_idle."""
        await self._awaited("wait_until_idle", lambda one: one.wait_until_idle(timeout))


class AwaitedClock:
    """The carrier's clock where it is awaited."""

    def __init__(self, way: Way, inside: Callable[[], Inside]) -> None:
        self._way = way
        self._within = inside

    async def advance(self, span: float | str) -> datetime:
        """As EmbeddedClock.advance."""
        seconds = seconds_of_span(span, "clock.advance")
        return await self._way.awaited("clock.advance", lambda: self._within().advance(seconds))


class Aio(AwaitedVerbs):
    """What ``smsc.aio`` is: every verb that waits, for ``await``."""

    def __init__(self, way: Way, inside: Callable[[], Inside]) -> None:
        super().__init__(way, inside)
        self.clock = AwaitedClock(way, inside)
        """Its ``advance`` is awaited."""


__all__ = ["Aio", "AwaitedClock", "AwaitedVerbs", "Way"]

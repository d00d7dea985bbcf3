"""An SMSC in the trio run of the test itself: no thread, no socket, and time as virtual as the run's.

The gateway's side is a stream in memory. With an autojump clock a carrier's six hours pass in milliseconds.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import trio

from simulator.embed.aio import AwaitedClock, AwaitedVerbs
from simulator.embed.hosting import SmscClosed
from simulator.embed.inside import Inside
from simulator.embed.settings import Scenarios, setup_from
from simulator.embed.verbs import ClockFace, Verbs
from simulator.scenario.schema import Scenario

START: Final = datetime(2027, 1, 15, 8, tzinfo=UTC)
"""What the carrier's clock shows at the start, so that two runs are alike."""

R = TypeVar("R")


class Here:
    """The run of the test: whoever asks is there already."""

    def do(self, deed: Callable[[], R]) -> R:
        """Do it. Raises RuntimeError in another thread."""
        if not trio.lowlevel.in_trio_run():
            raise RuntimeError("this SMSC lives in a trio run: ask it there, or take one of a thread by `with`")
        return deed()

    async def awaited(self, verb: str, deed: Callable[[], Any]) -> Any:
        """Do what takes its time."""
        return await deed()


class VirtualSmsc(Verbs, AwaitedVerbs):
    """One SMSC in this run, with the verbs of EmbeddedSmsc; those that wait are awaited."""

    def __init__(self, inside: Inside, nursery: trio.Nursery) -> None:
        here = Here()
        Verbs.__init__(self, here, lambda: inside)
        AwaitedVerbs.__init__(self, here, lambda: inside)
        self._nursery = nursery
        self.clock = VirtualClock(here, lambda: inside)
        """The carrier's clock."""

    @property
    def aio(self) -> Self:
        """Itself: its verbs are awaited in any case."""
        return self

    def connect(self, listener: str = "smpp") -> "trio.StapledStream[Any, Any]":
        """The gateway's end of a new connection. ``listener`` is the door by which it seems to come.

        Raises SmscClosed when it serves no more.
        """
        from trio.testing import memory_stream_pair

        ours, theirs = memory_stream_pair()
        if self._nursery.cancel_scope.cancel_called:
            raise SmscClosed("it is being closed")
        self._nursery.start_soon(partial(self._inside().server.attend, theirs, listener=listener))
        return ours

    def load(self, *scenarios: str | Path | Scenario) -> None:
        """As EmbeddedSmsc.load; no port is opened for a listener, ``connect`` names it."""
        self._load(scenarios, self._open_later)

    def _open_later(self, missing: Mapping[str, Mapping[str, Any]]) -> None:
        """There is nothing to open."""

    async def reset(self, *, speed: float | None = None, seed: int | None = None, keeps_sessions: bool = True) -> None:
        """As EmbeddedSmsc.reset."""
        self._whens.clear()
        await self._inside().reset(speed=speed, seed=seed, keeps_sessions=keeps_sessions)


class VirtualClock(AwaitedClock, ClockFace):
    """The carrier's clock of an SMSC in this run; its ``advance`` is awaited."""

    def __init__(self, here: Here, inside: Callable[[], Inside]) -> None:
        AwaitedClock.__init__(self, here, inside)
        ClockFace.__init__(self, here, inside)


@asynccontextmanager
async def virtual_smsc(scenarios: Scenarios = (), **settings: Any) -> AsyncIterator[VirtualSmsc]:
    """A running SMSC for the time of an `async with` in a trio task; it ends at once when that is left.

    ``settings`` are accounts, seed, speed, begins and has_link_timers, as those of EmbeddedSmsc.
    """
    setup = setup_from(scenarios, **({"begins": START} | settings))
    inside = Inside(setup, opens_listeners=True)
    failed: Exception | None = None
    async with trio.open_nursery() as nursery:
        await nursery.start(inside.server.serve, [])
        try:
            yield VirtualSmsc(inside, nursery)
        except Exception as error:  # noqa: BLE001 -- raised below, where no nursery makes a group of it
            failed = error
        finally:
            inside.server.hurry()
            nursery.cancel_scope.cancel()
    if failed is not None:
        raise failed


__all__ = ["START", "VirtualClock", "VirtualSmsc", "virtual_smsc"]

"""A running SMSC inside a Python program: in a thread and a trio run of its own, on a port of its own.

Every verb may be called from any thread: it is done between two batches of PDUs, and what goes wrong is raised where it
was asked for. Those that wait for a gateway block; where the thread runs an event loop they are awaited by ``aio``.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import trio

from simulator.embed.aio import Aio
from simulator.embed.hosting import Hosted, SmscClosed
from simulator.embed.inside import Inside
from simulator.embed.loops import running_loop
from simulator.embed.settings import QUIET, Accounts, Scenarios, setup_from
from simulator.embed.verbs import ClockFace, Verbs
from simulator.embed.waiting import TIMEOUT, NotSeen
from simulator.embed.web import Web
from simulator.net.server import Door
from simulator.scenario.schema import Scenario
from simulator.scenario.speaking import seconds_of_span
from simulator.smsc.memory.recall import SeenMessage, SeenSession

if TYPE_CHECKING:
    from simulator.embed.virtual import VirtualSmsc

R = TypeVar("R")

FAREWELL: Final = 0.5
"""Seconds that sessions have to unbind when it is closed: a gateway that runs in the closing thread cannot answer."""


class EmbeddedSmsc(Verbs):
    """One SMSC in a thread. ``scenarios`` are files, names of shipped ones, or Scenario objects.

    ``accounts`` (objects, or passwords by id) go before those of the scenarios. Port 0 is any free one. ``tls``: its
    own port is secure, by a certificate that is made for it (``authority`` has signed it), or as a context says.
    ``has_link_timers``: idle sessions are enquired, and shown out when they do not answer. ``seed`` is that of all
    luck, ``speed`` the carrier's clock's, which ``begins`` at a date. Nothing runs before ``start``; ``close``, or
    leaving the `with`, ends it and leaves nothing behind.
    """

    def __init__(
        self,
        scenarios: Scenarios = (),
        *,
        accounts: Accounts = (),
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool | ssl.SSLContext = False,
        seed: int = 0,
        speed: float = 1.0,
        begins: datetime | None = None,
        has_link_timers: bool = False,
    ) -> None:
        """Raises ScenarioError with all that is wrong with a file, ValueError for another setting."""
        self._setup = setup_from(
            scenarios, accounts=accounts, seed=seed, speed=speed, begins=begins, has_link_timers=has_link_timers
        )
        self.host = host
        self._asked_port = port
        self._tls = tls
        self._last_words = "it has not run"
        self._host = Hosted(self._serve)
        super().__init__(self._host, lambda: self._running)
        self.clock = EmbeddedClock(self._host, lambda: self._running)
        """The carrier's clock."""
        self.aio = Aio(self._host, lambda: self._running)
        """The verbs that wait, for asyncio and trio: ``await smsc.aio.wait_for(...)``."""

    # ------------------------------------------------------------------ its life

    def start(self) -> Self:
        """Run it; returns when it listens. Raises OSError where it cannot, and what else goes wrong."""
        self._host.start()
        return self

    def close(self, farewell: float = FAREWELL) -> None:
        """Unbind all sessions, wait so many seconds for them, end the thread. Idempotent; from any other thread."""
        self._host.close(self._stop, self._hurry, farewell)

    def _stop(self) -> None:
        self._web.close()
        self._running.server.stop()

    def _hurry(self) -> None:
        self._running.server.hurry()
        self._host.cancel()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _serve(self, host: Hosted) -> None:
        self._running, self._web = inside, web = Inside(self._setup, opens_listeners=True), Web()
        doors = await inside.doors.open((self.host, self._asked_port), inside.listeners, tls=self._tls)
        async with trio.open_nursery() as nursery:
            await nursery.start(self._keep, inside, doors)
            self._nursery = nursery
            host.opened(nursery)
        web.close()
        self._last_words = inside.conversation()

    async def _keep(self, inside: Inside, doors: list[Door], *, task_status: trio.TaskStatus[None]) -> None:
        await inside.server.serve(doors, task_status=task_status)
        # whoever still waits for something when the last session has left waits for nothing
        self._host.cancel()

    # ------------------------------------------------------------------ where it is

    @property
    def port(self) -> int:
        """The port that it listens on; that of another listener, or of a network's own, tells ``port_of``."""
        return self.port_of("smpp")

    def port_of(self, listener: str) -> int:
        """The port of a listener by its name, of a network's by the network's."""
        return self._do(lambda inside: inside.doors.ports[listener])

    @property
    def http_url(self) -> str:
        """Where its control API is: http://127.0.0.1:PORT. It is served from the first time that this is asked."""
        if not self._do(lambda _: self._web.url):
            self._web.prepare()
        return self._host.have_done(lambda: self._web.open(self._running, self._nursery, self.host))

    # ------------------------------------------------------------------ what is played

    def load(self, *scenarios: str | Path | Scenario) -> None:
        """Play these as well, from now on: files, or names of shipped ones as in "quirks/throttle-storm".

        They go before those that are played already. What a carrier's section says of windows and timers holds for
        those who bind from now on; listeners that they name are open until the next reset (``port_of``). Raises
        ScenarioError, and Misfit where they do not go together; then nothing changes.
        """
        self._load(scenarios, self._open_later)

    def _open_later(self, missing: Mapping[str, Mapping[str, Any]]) -> None:
        inside = self._running
        self._host.have_done(partial(inside.doors.open_later, missing, inside.server))

    def reset(self, *, speed: float | None = None, seed: int | None = None, keeps_sessions: bool = True) -> None:
        """Everything back to the start: messages, counters, clock, luck; rules and files that came later are gone.

        What has been sent by now is part of what is forgotten. Bound sessions stay, unless they are not to.
        ``speed`` and ``seed`` are those from now on, until the next reset; message ids do not depend on that seed.
        Raises ValueError for one that is none.
        """
        self._whens.clear()
        self._host.have_done(
            lambda: self._running.reset(speed=speed, seed=seed, keeps_sessions=keeps_sessions),
        )

    # ------------------------------------------------------------------ waiting

    def wait_for(
        self,
        *,
        receipt: str | None = None,
        truth: str | None = None,
        count: int = 1,
        timeout: float | str = TIMEOUT,
        **match: Any,
    ) -> SeenMessage:
        """Wait until so many messages match, since the last reset; the last of them.

        ``state`` is what the SMSC says of it; ``truth`` is what is so where networks are played, which may be another
        state; ``receipt`` "sent" or "acknowledged" is what the ESME was told of it. Raises NotSeen, an AssertionError,
        after ``timeout`` (seconds or a span) with the nearest misses.
        """
        __tracebackhide__ = True
        inside = self._do(lambda one: one)
        return self._waited("wait_for", lambda: inside.wait_for(match, receipt, truth, count, timeout))

    def _waited(self, verb: str, deed: Callable[[], Awaitable[R]]) -> R:
        """Have it waited for there; what has not come is told where it was asked for, and not how it was found out."""
        __tracebackhide__ = True
        try:
            return self._host.wait(verb, deed)
        except NotSeen as missed:
            told = NotSeen(*missed.args)
        raise told

    def wait_for_bind(self, *, count: int = 1, timeout: float | str = TIMEOUT, **match: Any) -> SeenSession:
        """Wait until so many sessions are bound that match: account, bind_type, version, listener, tls; the last.

        Raises NotSeen, an AssertionError, after ``timeout`` (seconds or a span).
        """
        __tracebackhide__ = True
        inside = self._do(lambda one: one)
        return self._waited("wait_for_bind", lambda: inside.wait_for_bind(match, count, timeout))

    def wait_until_idle(self, *, timeout: float | str = TIMEOUT) -> None:
        """Wait until nothing is to come of all that was sent: messages have their ends, receipts their answers.

        A message that was lost, or that nobody ever answers, has nothing to come. Raises NotSeen, an AssertionError,
        after ``timeout`` (seconds or a span) with what is still to come.
        """
        __tracebackhide__ = True
        inside = self._do(lambda one: one)
        self._waited("wait_until_idle", lambda: inside.wait_until_idle(timeout))

    def conversation(self) -> str:
        """What was said, for a person: sessions, events, PDUs read aloud, rules that fired or nearly did.

        Of one that has been closed, what it has known at the end.
        """
        try:
            return super().conversation()
        except SmscClosed:
            return self._last_words


class EmbeddedClock(ClockFace):
    """The carrier's clock of an embedded SMSC."""

    def __init__(self, host: Hosted, inside: Any) -> None:
        super().__init__(host, inside)
        self._host = host

    def advance(self, span: float | str) -> datetime:
        """Go ahead by "3 days" or so many seconds: everything that falls due on the way happens, in its order.

        Waits for the ESMEs' answers to what is delivered, and returns the new time. Raises AlreadyAdvancing, and
        ValueError for a span that leads nowhere.
        """
        seconds = seconds_of_span(span, "clock.advance")
        return self._host.wait("clock.advance", lambda: self._inside().advance(seconds))


class open_smsc:  # noqa: N801 -- it is called like the function that it looks like
    """A running SMSC for the time of a block; ``settings`` are those of EmbeddedSmsc.

    ``with open_smsc() as smsc`` runs it in a thread, on a port. ``async with open_smsc() as smsc`` runs it in this trio
    run, in its time, which may be virtual: the gateway's side is ``smsc.connect()``, and what waits is awaited.
    """

    def __init__(self, scenarios: Scenarios = (), **settings: Any) -> None:
        """Nothing is checked or run before the block begins."""
        self._asked = scenarios, settings
        self._embedded: EmbeddedSmsc | None = None
        self._virtual: AbstractAsyncContextManager[VirtualSmsc] | None = None

    def __enter__(self) -> EmbeddedSmsc:
        scenarios, settings = self._asked
        self._embedded = EmbeddedSmsc(scenarios, **settings)
        return self._embedded.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._embedded is not None:
            self._embedded.close()

    async def __aenter__(self) -> "VirtualSmsc":
        """Raises RuntimeError in another loop than trio's."""
        if running_loop() != "trio":
            told = "`async with open_smsc()` is for trio"
            raise RuntimeError(f"{told}; in asyncio: `with open_smsc() as smsc`, and what waits is smsc.aio's")
        from simulator.embed.virtual import virtual_smsc

        scenarios, settings = self._asked
        self._virtual = virtual_smsc(scenarios, **settings)
        return await self._virtual.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        assert self._virtual is not None
        return await self._virtual.__aexit__(kind, error, trace)


__all__ = ["QUIET", "EmbeddedClock", "EmbeddedSmsc", "NotSeen", "open_smsc"]

"""A trio run in a thread of its own, and the way into it: what is asked for there is raised or returned here.

It knows threads and runs, and nothing of what runs there.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread, get_ident
from typing import TypeVar

import trio

from simulator.embed.loops import awaited, refuse_in_a_loop

R = TypeVar("R")


class SmscClosed(RuntimeError):
    """It is not running: never started, closed, or ended by an error."""


class Hosted:
    """Runs ``main`` in a thread. ``main`` is given this object, and calls ``opened`` when it is ready for questions."""

    def __init__(self, main: Callable[["Hosted"], Awaitable[None]]) -> None:
        self._main = main
        self._thread: Thread | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self._nursery: trio.Nursery | None = None
        self._ready: Future[None] = Future()

    def start(self) -> None:
        """Run it; returns when it has opened. Raises what keeps it from that."""
        if self._thread is not None:
            raise SmscClosed("it has been started already")
        # a daemon, so that a program which forgets to close it can end nevertheless
        self._thread = Thread(target=self._run, name="carrier-sim", daemon=True)
        self._thread.start()
        self._ready.result()

    def _run(self) -> None:
        try:
            trio.run(self._main, self)
        except BaseException as error:
            if self._ready.done():
                raise
            told = error
            while isinstance(told, BaseExceptionGroup):
                # nurseries wrap: the caller is told the error itself
                told = told.exceptions[0]
            self._ready.set_exception(told)

    def opened(self, nursery: trio.Nursery) -> None:
        """From now on questions are answered, in that nursery where they take their time."""
        self._token, self._nursery = trio.lowlevel.current_trio_token(), nursery
        self._ready.set_result(None)

    def close(self, stop: Callable[[], object], hurry: Callable[[], object], farewell: float) -> None:
        """Have ``stop`` called there, after ``farewell`` seconds ``hurry``, and wait for the end. Idempotent."""
        if self._thread is None:
            return
        if self._thread.is_alive() and self._token is not None:
            self._post(stop)
            self._thread.join(farewell)
            self._post(hurry)
        self._thread.join()

    def _post(self, deed: Callable[[], object]) -> None:
        with suppress(trio.RunFinishedError):
            self._running().run_sync_soon(deed)

    def cancel(self) -> None:
        """End everything that runs in the nursery; called there."""
        if self._nursery is not None:
            self._nursery.cancel_scope.cancel()

    def do(self, deed: Callable[[], R]) -> R:
        """Do it there, between two batches; its result or its error comes here."""
        token = self._running()
        if self._thread is not None and get_ident() == self._thread.ident:
            return deed()
        done: Future[R] = Future()

        def hop() -> None:
            try:
                done.set_result(deed())
            except BaseException as error:  # noqa: BLE001 -- it is raised where it was asked for
                done.set_exception(error)

        try:
            token.run_sync_soon(hop)
        except trio.RunFinishedError:
            raise SmscClosed("it has been closed") from None
        return done.result()

    def wait(self, verb: str, deed: Callable[[], Awaitable[R]]) -> R:
        """The same for what takes its time; whoever is interrupted here waits no more there.

        Raises RuntimeError in a thread whose event loop would stand still meanwhile.
        """
        refuse_in_a_loop(verb)
        return self.have_done(deed)

    def have_done(self, deed: Callable[[], Awaitable[R]]) -> R:
        """The same in any thread: for what waits for nobody but those who run there."""
        done, scope = Future[R](), trio.CancelScope()
        try:
            # the interruption may come as soon as it has begun there
            self.do(lambda: self._begin(deed, done, scope))
            return done.result()
        except BaseException:
            if self._token is not None:
                self._post(scope.cancel)
            raise

    async def awaited(self, verb: str, deed: Callable[[], Awaitable[R]]) -> R:
        """The same for a task of asyncio or trio, whose loop goes on meanwhile; whoever is cancelled waits no more."""
        done, scope = Future[R](), trio.CancelScope()
        self.do(lambda: self._begin(deed, done, scope))
        return await awaited(verb, done, lambda: self._post(scope.cancel))

    def _begin(self, deed: Callable[[], Awaitable[R]], done: Future[R], scope: trio.CancelScope) -> None:
        # from now on nobody but us decides how it ends
        done.set_running_or_notify_cancel()

        async def wait() -> None:
            with scope:
                try:
                    done.set_result(await deed())
                except trio.Cancelled:
                    done.set_exception(SmscClosed("it was closed while somebody waited"))
                    raise
                except BaseException as error:  # noqa: BLE001 -- it is raised where it was asked for
                    done.set_exception(error)

        self._start_soon(wait)

    def _start_soon(self, task: Callable[[], Awaitable[None]]) -> None:
        if self._nursery is None or self._nursery.cancel_scope.cancel_called:
            raise SmscClosed("it is being closed")
        self._nursery.start_soon(task)

    def _running(self) -> trio.lowlevel.TrioToken:
        if self._token is None:
            raise SmscClosed("it is not running: start it, or use it in a `with`")
        return self._token


__all__ = ["Hosted", "SmscClosed"]

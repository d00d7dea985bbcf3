"""The event loop of whoever asks: which one runs in this thread, and how it is woken by another thread's answer.

It knows asyncio and trio as far as they are there already: what has not been imported cannot be running.
"""

import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

R = TypeVar("R")


def running_loop() -> str:
    """What runs in this thread, "asyncio" or "trio"; empty where nothing does.

    Where one is a guest of the other it is the one whose task this is.
    """
    trio, asyncio = sys.modules.get("trio"), sys.modules.get("asyncio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return "trio"
    if asyncio is not None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            return "asyncio"
    return "trio" if trio is not None and trio.lowlevel.in_trio_run() else ""


def refuse_in_a_loop(verb: str) -> None:
    """Raises RuntimeError where waiting here would stop the very gateway that is waited for."""
    if loop := running_loop():
        told = f"{verb} waits, and this thread runs a loop of {loop}, which would stand still"
        raise RuntimeError(f"{told}: await smsc.aio.{verb}(...)")


async def awaited(verb: str, done: Future[R], give_up: Callable[[], object]) -> R:
    """What another thread will have found out; whoever is cancelled here has it give up there.

    Raises RuntimeError where neither asyncio nor trio runs.
    """
    match running_loop():
        case "trio":
            return await _awaited_in_trio(done, give_up)
        case "asyncio":
            return await _awaited_in_asyncio(done, give_up)
    give_up()
    raise RuntimeError(f"smsc.aio.{verb}: neither asyncio nor trio runs in this thread: smsc.{verb}(...) waits without")


async def _awaited_in_trio(done: Future[R], give_up: Callable[[], object]) -> R:
    import trio

    woken, token = trio.Event(), trio.lowlevel.current_trio_token()

    def wake(_: object) -> None:
        try:
            token.run_sync_soon(woken.set)
        except trio.RunFinishedError:
            # whoever waited has ended with its run
            return

    done.add_done_callback(wake)
    try:
        await woken.wait()
    except trio.Cancelled:
        give_up()
        raise
    return done.result()


async def _awaited_in_asyncio(done: Future[R], give_up: Callable[[], object]) -> R:
    import asyncio

    try:
        return await asyncio.wrap_future(done)
    except asyncio.CancelledError:
        give_up()
        raise


__all__ = ["awaited", "refuse_in_a_loop", "running_loop"]

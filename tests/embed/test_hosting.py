"""A trio run in a thread of its own: what is asked for there comes back, and so does what goes wrong."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest
import trio

from simulator.embed.hosting import Hosted, SmscClosed


class Interrupted(Exception):
    """Raised by a signal in the thread that waits."""


async def forever(host: Hosted) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)
        host.opened(nursery)


@pytest.fixture
def host() -> Iterator[Hosted]:
    host = Hosted(forever)
    host.start()
    yield host
    host.close(host.cancel, host.cancel, 10)


def test_a_deed_is_done_there_and_its_result_comes_back(host: Hosted) -> None:
    assert host.do(threading.current_thread) is not threading.current_thread()
    assert host.do(trio.lowlevel.in_trio_run)


def test_an_error_is_raised_where_it_was_asked_for(host: Hosted) -> None:
    with pytest.raises(ZeroDivisionError):
        host.do(lambda: 1 // 0)

    async def fails() -> None:
        await trio.lowlevel.checkpoint()
        raise LookupError("there")

    with pytest.raises(LookupError, match="there"):
        host.wait("fails", fails)
    assert host.do(lambda: 1) == 1


def test_a_deed_may_ask_for_another(host: Hosted) -> None:
    assert host.do(lambda: host.do(lambda: 2)) == 2


def test_it_is_started_once(host: Hosted) -> None:
    with pytest.raises(SmscClosed, match="it has been started already"):
        host.start()


def test_what_keeps_it_from_opening_is_raised_by_start_out_of_its_groups() -> None:
    async def fails(_: Hosted) -> None:
        async with trio.open_nursery() as outer, trio.open_nursery():
            outer.start_soon(trio.sleep_forever)
            raise LookupError("no port")

    host = Hosted(fails)
    with pytest.raises(LookupError, match="no port"):
        host.start()
    host.close(host.cancel, host.cancel, 10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_when_it_fails_later_whoever_asks_is_told_that_it_is_over() -> None:
    failing = trio.Event()

    async def fails(host: Hosted) -> None:
        async with trio.open_nursery() as nursery:
            host.opened(nursery)
            await failing.wait()
            raise LookupError("later")

    host = Hosted(fails)
    host.start()
    host.do(failing.set)
    host.close(host.cancel, host.cancel, 10)
    with pytest.raises(SmscClosed, match="it has been closed"):
        host.do(lambda: 1)


def test_nothing_new_begins_while_it_ends(host: Hosted) -> None:
    async def never() -> None:
        raise AssertionError("it began")

    def end() -> None:
        host.cancel()
        host._start_soon(never)

    with pytest.raises(SmscClosed, match="it is being closed"):
        host.do(end)


def test_who_is_interrupted_waits_no_more_on_either_side(host: Hosted) -> None:
    waiting, ended = threading.Event(), threading.Event()

    async def wait() -> None:
        try:
            waiting.set()
            await trio.sleep_forever()
        finally:
            ended.set()

    def interrupt() -> None:
        waiting.wait(10)
        os.kill(os.getpid(), signal.SIGUSR1)

    def raise_it(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, raise_it)
    try:
        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(Interrupted):
            host.wait("wait", wait)
        thread.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ended.wait(10)


def test_what_was_never_started_can_be_closed() -> None:
    host = Hosted(forever)
    host.close(host.cancel, host.cancel, 10)
    host.cancel()
    with pytest.raises(SmscClosed, match="it is not running"):
        host.do(lambda: 1)

"""One epoll for all links, attacked: half-closed peers, full buffers, hang-ups with octets unsent, faults of ours."""

import logging
import os
import select
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from functools import partial

import pytest
import trio
import trio.testing

from scripts.attacks import ENQUIRE_LINK, bind, dialled, pdu, reset, submit
from simulator.net.direct import DirectStream
from simulator.net.link import BACKLOG_MAX, LINGER
from simulator.net.poller import IS_HERE, MUCH, PolledLink, Poller
from simulator.smsc.memory.evidence import Secured
from simulator.smsc.play.flow import Flow
from tests.net.memory import a_message, next_pdu, pdus_in, rest_of
from tests.net.tcp import serving_tcp

pytestmark = pytest.mark.skipif(not IS_HERE, reason="this system has no epoll: link.py carries every stream")

BIG = 8 * 1024 * 1024
"""Octets that no kernel takes at once."""


class Machine:
    """Says what a test lets it say, and hears what comes; ``on_octets`` is called with it."""

    def __init__(self) -> None:
        self.out = bytearray()
        self.heard = bytearray()
        self.hang_up = False
        self.is_paused = False
        self.rests = False
        self.tls: Secured | None = None
        self.flow: Flow | None = None
        self.closed: list[tuple[str, BaseException | None]] = []
        self.on_octets: Callable[[bytes], None] = self.heard.extend
        self.largest = 0

    @property
    def bytes_waiting(self) -> int:
        return len(self.out)

    def receive_data(self, octets: bytes, now: float) -> None:
        self.largest = max(self.largest, len(octets))
        self.on_octets(octets)

    def data_to_send(self) -> bytes:
        octets = bytes(self.out)
        self.out.clear()
        return octets

    def written(self, now: float) -> None:
        """Nothing waits for it."""

    def close(self, now: float, reason: str = "", cause: BaseException | None = None) -> None:
        self.closed.append((reason, cause))


class Carried:
    """A machine, the link that carries it, and the peer's end."""

    def __init__(self, poller: Poller, peer: trio.SocketStream, ours: trio.SocketStream) -> None:
        self.peer = peer
        self.machine = Machine()
        self.link = PolledLink(poller, DirectStream(ours))
        self.fault: Exception | None = None
        self.ended = trio.Event()

    async def run(self) -> None:
        try:
            await self.link.run(self.machine)
        except ValueError as error:
            self.fault = error
        self.ended.set()


@asynccontextmanager
async def carried(count: int = 1) -> AsyncIterator[list[Carried]]:
    """Links over loopback, each with its machine, watched by one poller."""
    with closing(Poller()) as poller:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(poller.run)
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            links = []
            for _ in range(count):
                peer = await dialled(listener.socket.getsockname()[:2])
                links.append(Carried(poller, peer, await listener.accept()))
                nursery.start_soon(links[-1].run)
            await listener.aclose()
            await trio.testing.wait_all_tasks_blocked()
            yield links
            for one in links:
                one.link.hurry()
            nursery.cancel_scope.cancel()
        for one in links:
            await trio.aclose_forcefully(one.peer)


def has_heard(one: Carried, octets: bytes) -> bool:
    return one.machine.heard == octets


async def until(fact: Callable[[], bool]) -> None:
    with trio.fail_after(10):
        while not fact():  # noqa: ASYNC110  # a fact of the poller's, which announces none
            await trio.sleep(0.002)


async def test_what_the_kernel_does_not_take_at_once_arrives_whole_and_in_order() -> None:
    async with carried() as (one,):
        octets = bytes(range(256)) * (BIG // 256)
        one.machine.out += octets
        one.link.wake()
        await trio.sleep(0.05)
        # what is said while much is unsent comes behind it
        one.machine.out += b"the end"
        one.link.wake()
        one.machine.hang_up = True
        assert await rest_of(one.peer) == octets + b"the end"


async def test_a_peer_that_reads_nothing_is_not_read_either_until_it_reads_again() -> None:
    async with carried() as (one,):
        one.machine.out += bytes(BIG)
        one.link.wake()
        await trio.sleep(0.05)
        await one.peer.send_all(b"unheard")
        await trio.sleep(0.05)
        assert one.machine.heard == b""
        received = 0
        while received < BIG:
            received += len(await one.peer.receive_some(BIG))
        await until(lambda: one.machine.heard == b"unheard")


async def test_a_paused_machine_is_not_read_and_goes_on_when_it_is_woken() -> None:
    async with carried() as (one,):
        one.machine.is_paused = True
        one.link.wake()
        await trio.sleep(0.02)
        await one.peer.send_all(b"later")
        await trio.sleep(0.02)
        assert one.machine.heard == b""
        one.machine.is_paused = False
        one.link.wake()
        await until(lambda: one.machine.heard == b"later")


@pytest.mark.parametrize("is_paused", [False, True])
async def test_a_reset_ends_the_link_also_when_nothing_was_to_be_read(is_paused: bool) -> None:
    async with carried() as (one,):
        one.machine.is_paused = is_paused
        one.link.wake()
        await trio.sleep(0.02)
        reset(one.peer)
        await one.ended.wait()
        ((reason, cause),) = one.machine.closed
        assert reason.startswith("connection lost")
        assert isinstance(cause, OSError)


async def test_a_reset_while_much_is_unsent_ends_the_link() -> None:
    async with carried() as (one,):
        one.machine.out += bytes(BIG)
        one.link.wake()
        await trio.sleep(0.02)
        reset(one.peer)
        await one.ended.wait()
        assert len(one.machine.closed) == 1


async def test_a_half_closed_peer_is_heard_to_its_end_and_still_answered() -> None:
    async with carried() as (one,):
        one.machine.on_octets = one.machine.out.extend
        await one.peer.send_all(b"x" * 20_000)
        await one.peer.send_eof()
        assert await rest_of(one.peer) == b"x" * 20_000
        await one.ended.wait()
        assert one.machine.closed == [("closed by the peer", None)]


async def test_who_hangs_up_with_octets_unsent_waits_for_the_peer_no_longer_than_it_may() -> None:
    async with carried() as (one,):
        one.machine.out += bytes(BIG)
        one.machine.hang_up = True
        begun = trio.current_time()
        one.link.wake()
        await one.ended.wait()
        # a last write, and then the peer's end
        assert LINGER * 0.9 <= trio.current_time() - begun < 4 * LINGER
        assert one.machine.closed == [("closed by us", None)]


async def test_a_fault_of_ours_ends_its_own_link_and_no_other() -> None:
    def fail(octets: bytes) -> None:
        raise ValueError("a fault of ours")

    async with carried(3) as links:
        links[1].machine.on_octets = fail
        for one in links:
            await one.peer.send_all(b"hello")
        await links[1].ended.wait()
        assert str(links[1].fault) == "a fault of ours"
        assert links[1].machine.closed == [("an error of ours", None)]
        for one in (links[0], links[2]):
            await until(partial(has_heard, one, b"hello"))
            assert one.machine.closed == []


async def test_a_fault_at_the_very_end_still_gives_the_socket_back() -> None:
    async with carried() as (one,):

        def fail(now: float, reason: str = "", cause: BaseException | None = None) -> None:
            raise ValueError("a fault of ours")

        one.machine.close = fail  # type: ignore[method-assign]  # our fault, made on purpose
        await one.peer.send_eof()
        await one.peer.receive_some()
        await one.peer.aclose()
        await one.ended.wait()
        assert str(one.fault) == "a fault of ours"
        assert one.link._socket.fileno() == -1


async def test_a_machine_that_ends_another_in_the_same_round_harms_nobody() -> None:
    async with carried(2) as links:
        for mine, other in ((0, 1), (1, 0)):

            def end(octets: bytes, other: int = other) -> None:
                links[other].machine.hang_up = True
                links[other].link.wake()

            links[mine].machine.on_octets = end
        # with nothing between them, so that one round finds both
        for one in links:
            os.write(one.peer.socket.fileno(), b"!")
        sockets = [one.link._socket for one in links]
        while len(select.select(sockets, [], [], 1.0)[0]) < len(sockets):
            # on a busy machine even loopback takes its time, and alone one of them would end the other unread
            pass
        for one in links:
            await one.ended.wait()
            assert [reason for reason, _ in one.machine.closed] == ["closed by us"]


async def test_a_link_that_is_cancelled_while_much_is_unsent_gives_its_socket_back() -> None:
    async with carried() as (one,):
        one.machine.out += bytes(BIG)
        one.link.wake()
        await trio.sleep(0.02)
        one.link.hurry()
        one.link._scope.cancel()
        await one.ended.wait()
        assert one.link._socket.fileno() == -1


async def test_a_greedy_peer_waits_for_the_others_and_is_not_forgotten() -> None:
    order: list[int] = []
    async with carried(4) as links:
        for number, one in enumerate(links):

            def note(octets: bytes, number: int = number) -> None:
                order.append(number)

            one.machine.on_octets = note
        # the first three have sent much, and are known for it
        for one in links[:3]:
            await one.peer.send_all(bytes(MUCH))
        await until(lambda: all(one.machine.largest for one in links[:3]))
        await until(lambda: any(one.link.is_greedy for one in links[:3]))
        greedy = [number for number, one in enumerate(links) if one.link.is_greedy]
        order.clear()
        for one in links:
            one.peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # no checkpoint between these, so that all are ready in one round
        for number in (*greedy, 3):
            assert os.write(links[number].peer.socket.fileno(), b"now") == 3
        await until(lambda: len(order) >= len(greedy) + 1)
        assert order[0] == 3
        assert sorted(order[1:]) == greedy


async def test_a_session_whose_reading_fails_is_logged_and_the_others_live(caplog: pytest.LogCaptureFixture) -> None:
    async with serving_tcp() as served, served.bound() as esme:
        stream = await dialled(served.place)
        await stream.send_all(bind("victim"))
        await next_pdu(stream)
        victim = next(session for session in served.smsc.sessions.values() if session.system_id == "victim")
        victim.window = None  # type: ignore[assignment]  # our fault, made on purpose
        with caplog.at_level(logging.CRITICAL, "simulator.net.server"):
            await stream.send_all(submit(2))
            assert await rest_of(stream) == b""
        await served.until(lambda: len(served.smsc.sessions) == 1)
        assert (await esme.submit(a_message())).command_status == 0
        await stream.aclose()


async def test_requests_before_a_half_close_are_all_answered() -> None:
    async with serving_tcp() as served:
        stream = await dialled(served.place)
        await stream.send_all(bind("pipe") + pdu(ENQUIRE_LINK) * 500)
        await stream.send_eof()
        answers = pdus_in(await rest_of(stream))
        assert len(answers) == 501
        await stream.aclose()
        await served.empty()


async def test_many_links_that_end_at_once_are_all_given_back() -> None:
    async with serving_tcp() as served:
        streams = [await dialled(served.place) for _ in range(300)]
        await served.until(lambda: len(served.smsc.sessions) == 300)
        for stream in streams:
            stream.socket.close()
        await served.empty()
        await served.until(lambda: served.server.links_ended == 300)


def test_what_waits_is_bounded_by_less_than_a_megabyte() -> None:
    assert BACKLOG_MAX <= 128 * 1024


async def test_a_machine_that_rests_goes_on_when_the_others_have_had_their_turn() -> None:
    order: list[int] = []
    async with carried(2) as links:

        def toil(octets: bytes) -> None:
            order.append(0)
            links[0].machine.rests = len(order) < 6

        links[0].machine.on_octets = toil
        links[1].machine.on_octets = lambda _: order.append(1)
        for one in links:
            await one.peer.send_all(b"hello")
        # nobody sends anything more, and still it is called again until it has done all
        await until(lambda: order.count(0) >= 5)
        assert 1 in order[:3]
        await trio.sleep(0.02)
        assert order.count(0) <= 6

"""The pump with a machine that does as it is told: who reads, who writes, who waits, and how a link ends."""

import socket
import ssl
import struct
from collections.abc import Callable

import pytest
import trio
import trustme
from trio.testing import (
    lockstep_stream_one_way_pair,
    lockstep_stream_pair,
    memory_stream_one_way_pair,
    memory_stream_pair,
    wait_all_tasks_blocked,
)

from simulator.net.link import BACKLOG_MAX, LINGER, Link
from simulator.smsc.memory.evidence import Secured
from simulator.smsc.play.flow import Flow
from tests.net.memory import rest_of

Answer = Callable[["Puppet", bytes], None]


def echo(puppet: "Puppet", octets: bytes) -> None:
    puppet.out += [bytes([octet]) for octet in octets]


def nothing(puppet: "Puppet", octets: bytes) -> None:
    """Take it and be silent."""


class Puppet:
    """A machine that a test pulls the strings of; ``answer`` is called with each batch."""

    def __init__(self, answer: Answer = nothing) -> None:
        self.answer = answer
        self.tls: Secured | None = None
        self.flow: Flow | None = None
        self.hang_up = False
        self.is_paused = False
        self.rests = False
        self.out: list[bytes] = []
        self.batches: list[bytes] = []
        self.written_at: list[float] = []
        self.reasons: list[str] = []
        self.on_written: Callable[[], None] = lambda: None

    @property
    def bytes_waiting(self) -> int:
        return sum(map(len, self.out))

    def receive_data(self, octets: bytes, now: float) -> None:
        self.batches.append(octets)
        self.answer(self, octets)

    def data_to_send(self) -> bytes:
        octets = b"".join(self.out)
        self.out.clear()
        return octets

    def written(self, now: float) -> None:
        self.written_at.append(now)
        self.on_written()

    def close(self, now: float, reason: str = "", cause: BaseException | None = None) -> None:
        self.reasons.append(reason)


class Stuck:
    """Our end, and a link whose writes wait until we read; what we write is taken at once."""

    def __init__(self, machine: Puppet) -> None:
        self.machine = machine
        theirs_out, self.incoming = lockstep_stream_one_way_pair()
        self.outgoing, theirs_in = memory_stream_one_way_pair()
        self.link = Link(trio.StapledStream(theirs_out, theirs_in))

    async def run(self) -> None:
        await self.link.run(self.machine)

    async def stuck_with(self, octets: bytes) -> None:
        """Let its writer hang in a write of these octets."""
        self.machine.out.append(octets)
        self.link.wake()
        await wait_all_tasks_blocked()
        assert self.machine.bytes_waiting == 0


async def test_a_batch_in_is_one_write_out(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine = Puppet(echo)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        await ours.send_all(b"a hundred requests")
        await wait_all_tasks_blocked()
        assert machine.batches == [b"a hundred requests"]
        assert len(machine.written_at) == 1
        assert await ours.receive_some() == b"a hundred requests"
        await ours.aclose()
    assert machine.reasons == ["closed by the peer"]


async def test_octets_that_no_request_caused_are_written_after_a_wake(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine, link = Puppet(), Link(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, machine)
        await wait_all_tasks_blocked()
        for octets in (b"first", b"second"):
            machine.out.append(octets)
            link.wake()
            assert await ours.receive_some() == octets
        await ours.aclose()


async def test_octets_that_waited_before_the_link_ran_are_written(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine = Puppet()
    machine.out.append(b"early")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        assert await ours.receive_some() == b"early"
        await ours.aclose()


async def test_what_the_writing_made_room_for_is_written_too(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine = Puppet(echo)
    follow_up = [b"two", b"three"]

    def more() -> None:
        if follow_up:
            machine.out.append(follow_up.pop(0))

    machine.on_written = more
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        await ours.send_all(b"one")
        await wait_all_tasks_blocked()
        assert await ours.receive_some() == b"onetwothree"
        await ours.aclose()


async def test_a_peer_that_does_not_read_stops_its_own_link_only(autojump_clock: trio.testing.MockClock) -> None:
    slow = Stuck(Puppet(echo))
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(slow.run)
        nursery.start_soon(Link(theirs).run, Puppet(echo))
        await slow.outgoing.send_all(b"abc")
        await wait_all_tasks_blocked()
        await slow.outgoing.send_all(b"def")
        for _ in range(10):
            await ours.send_all(b"ping")
            assert await ours.receive_some() == b"ping"
        assert slow.machine.batches == [b"abc"]
        await ours.aclose()
        await slow.outgoing.aclose()
        assert await rest_of(slow.incoming) == b"abcdef"


async def test_a_reader_pauses_above_the_backlog_and_resumes(autojump_clock: trio.testing.MockClock) -> None:
    def much(machine: Puppet, octets: bytes) -> None:
        machine.out.append(octets * BACKLOG_MAX)

    slow = Stuck(Puppet(much))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(slow.run)
        await slow.stuck_with(b"-")
        await slow.outgoing.send_all(b"ab")
        await wait_all_tasks_blocked()
        await slow.outgoing.send_all(b"c")
        await wait_all_tasks_blocked()
        assert slow.machine.batches == [b"ab"]
        assert await slow.incoming.receive_some(1) == b"-"
        heard = bytearray()
        while len(heard) < 3 * BACKLOG_MAX:
            heard += await slow.incoming.receive_some(BACKLOG_MAX)
        assert slow.machine.batches == [b"ab", b"c"]
        assert heard == b"ab" * BACKLOG_MAX + b"c" * BACKLOG_MAX
        await slow.outgoing.aclose()
        assert await rest_of(slow.incoming) == b""


async def test_below_the_backlog_reading_goes_on_while_a_write_is_stuck(autojump_clock: trio.testing.MockClock) -> None:
    slow = Stuck(Puppet(echo))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(slow.run)
        await slow.stuck_with(b"-")
        for octets in (b"a", b"b", b"c"):
            await slow.outgoing.send_all(octets)
            await wait_all_tasks_blocked()
        assert slow.machine.batches == [b"a", b"b", b"c"]
        await slow.outgoing.aclose()
        assert (await rest_of(slow.incoming))[:1] == b"-"


async def test_a_paused_machine_is_not_read_to_until_it_is_woken(autojump_clock: trio.testing.MockClock) -> None:
    def pause(machine: Puppet, octets: bytes) -> None:
        echo(machine, octets)
        machine.is_paused = True

    ours, theirs = memory_stream_pair()
    machine, link = Puppet(pause), Link(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, machine)
        await ours.send_all(b"one")
        await wait_all_tasks_blocked()
        await ours.send_all(b"two")
        link.wake()
        await wait_all_tasks_blocked()
        assert machine.batches == [b"one"]
        machine.is_paused = False
        link.wake()
        await wait_all_tasks_blocked()
        assert machine.batches == [b"one", b"two"]
        assert await ours.receive_some() == b"onetwo"
        machine.is_paused = False
        link.wake()
        await ours.aclose()


def bye(machine: Puppet, octets: bytes) -> None:
    machine.out.append(b"bye")
    machine.hang_up = True


async def test_the_last_octets_come_before_our_end(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine = Puppet(bye)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        await ours.send_all(b"go")
        assert await rest_of(ours) == b"bye"
        await ours.aclose()
    assert machine.reasons == ["closed by us"]


@pytest.mark.parametrize("last", [b"", b"bye"])
async def test_a_wake_ends_the_link_of_a_machine_that_hangs_up(
    autojump_clock: trio.testing.MockClock, last: bytes
) -> None:
    ours, theirs = memory_stream_pair()
    machine, link = Puppet(), Link(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, machine)
        await wait_all_tasks_blocked()
        bye(machine, b"")
        machine.out[:] = [last]
        link.wake()
        assert await rest_of(ours) == last
        await ours.aclose()
    assert machine.reasons == ["closed by us"]


async def test_after_our_end_the_peer_has_a_moment_for_its_own(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, Puppet(bye))
        await ours.send_all(b"go")
        assert await rest_of(ours) == b"bye"
        began = trio.current_time()
        # does not end its side: the link does not wait for ever
    assert trio.current_time() - began == pytest.approx(LINGER)
    with pytest.raises(trio.BrokenResourceError):
        await ours.send_all(b"late")


async def test_a_peer_that_floods_us_after_our_end_is_cut_off(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine = Puppet(bye)

    async def flood() -> None:
        while True:
            await ours.send_all(bytes(1000))
            await trio.sleep(0.01)

    async def flood_until_cut() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await flood()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        nursery.start_soon(flood_until_cut)
        assert await rest_of(ours) == b"bye"
    assert len(machine.batches) == 1
    assert trio.current_time() < LINGER * 2


async def test_hanging_up_waits_for_the_write_that_is_under_way(autojump_clock: trio.testing.MockClock) -> None:
    slow = Stuck(Puppet(bye))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(slow.run)
        await slow.stuck_with(b"receipts ")
        await slow.outgoing.send_all(b"go")
        await wait_all_tasks_blocked()
        assert await rest_of(slow.incoming) == b"receipts bye"
        await slow.outgoing.aclose()
    assert slow.machine.reasons == ["closed by us"]


@pytest.mark.parametrize("is_asked", [False, True])
async def test_a_peer_that_never_reads_cannot_hold_up_our_end(
    autojump_clock: trio.testing.MockClock, is_asked: bool
) -> None:
    slow = Stuck(Puppet(bye))
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(slow.run)
        await slow.stuck_with(b"receipts")
        if is_asked:
            await slow.outgoing.send_all(b"go")
        else:
            bye(slow.machine, b"")
            slow.link.wake()
    assert slow.machine.reasons == ["closed by us"]
    assert trio.current_time() - began <= 2 * LINGER


@pytest.mark.parametrize("where", ["reading", "writing"])
async def test_an_error_of_the_machine_ends_the_link_and_is_raised(
    autojump_clock: trio.testing.MockClock, where: str
) -> None:
    def fail() -> None:
        raise RuntimeError(where)

    def answer(machine: Puppet, octets: bytes) -> None:
        echo(machine, octets)
        if where == "reading":
            fail()

    ours, theirs = memory_stream_pair()
    machine = Puppet(answer)
    machine.on_written = fail
    await ours.send_all(b"x")
    await ours.send_eof()
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match=where)):
        await Link(theirs).run(machine)
    assert len(machine.reasons) == 1
    assert await rest_of(ours) == (b"" if where == "reading" else b"x")


async def test_a_peer_that_is_gone_while_we_write_ends_the_link(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = memory_stream_pair()
    machine, link = Puppet(), Link(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, machine)
        await wait_all_tasks_blocked()
        ours.receive_stream.close()
        machine.out.append(b"into the void")
        link.wake()
    assert machine.reasons == ["connection lost: MemoryReceiveStream was closed"]


async def test_a_cancelled_link_closes_its_stream(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = lockstep_stream_pair()
    machine = Puppet()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert len(machine.reasons) == 1
    assert await ours.receive_some() == b""


async def sockets() -> tuple[trio.SocketStream, trio.SocketStream]:
    """Both ends of a connection over the loopback."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    ours = await trio.open_tcp_stream("127.0.0.1", listener.socket.getsockname()[1])
    theirs = await listener.accept()
    await listener.aclose()
    return ours, theirs


async def test_a_reset_ends_the_link_with_its_reason() -> None:
    ours, theirs = await sockets()
    machine = Puppet()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        await ours.send_all(b"half a P")
        while not machine.batches:
            await trio.lowlevel.checkpoint()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ours.socket.close()
    assert machine.batches == [b"half a P"]
    assert len(machine.reasons) == 1
    assert machine.reasons[0].startswith("connection lost: ")
    assert "reset" in machine.reasons[0]


async def test_the_last_octets_reach_a_peer_that_wrote_more_than_was_read() -> None:
    ours, theirs = await sockets()
    machine = Puppet(bye)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(theirs).run, machine)
        await ours.send_all(bytes(300_000))
        # unread octets at a close become a reset, which would eat the answer
        assert await rest_of(ours) == b"bye"
        await ours.aclose()
    assert len(machine.batches) == 1


async def test_over_tls_the_last_octets_come_before_a_clean_end() -> None:
    authority = trustme.CA()
    server_side, client_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    authority.configure_trust(client_side)
    ours, theirs = await sockets()
    tls = trio.SSLStream(ours, client_side, server_hostname="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Link(trio.SSLStream(theirs, server_side, server_side=True)).run, Puppet(bye))
        await tls.send_all(b"go")
        await tls.send_all(bytes(200_000))
        assert await rest_of(tls) == b"bye"
        await tls.aclose()


async def test_a_machine_that_rests_is_called_again_without_octets() -> None:
    def toil(machine: Puppet, octets: bytes) -> None:
        machine.rests = machine.is_paused = len(machine.batches) < 4

    ours, theirs = memory_stream_pair()
    machine, link = Puppet(toil), Link(theirs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, machine)
        await ours.send_all(b"much")
        await wait_all_tasks_blocked()
        assert machine.batches == [b"much", b"", b"", b""]
        await ours.aclose()

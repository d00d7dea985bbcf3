"""All plain TCP links of a server in two tasks: a batch costs one receive and one send, and no task switch.

It carries octets between sockets and sans-I/O machines as link.py does, and reads no PDU. trio waits for one readable
descriptor, an epoll instance that watches every link; whoever has something is read, answered and written to on the
spot. Through a task per link each of them has to be woken, to say again what it waits for, and to give way to the
others: over loopback, least of six alternating runs at 10 sessions x window 10, a message with its receipt cost 63 us
of CPU here and 75 there, one without 26 both here and there.

A peer that does not read stops its own link and nobody else: what the kernel does not take waits until the socket is
writable, and meanwhile little more than BACKLOG_MAX octets of answers are made for it. A peer that sent
very much at once is *greedy*: those have their turn after all others, and only so many in a round as take TURN, so that
however many they are nobody waits much longer than that (ten clients that never paused made all others wait a second).
"""

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import trio

from simulator.net.direct import DirectStream
from simulator.net.link import BACKLOG_MAX, LINGER, Machine, Parting, bare
from simulator.smsc.play.flow import Flow

IS_HERE: Final = hasattr(select, "epoll")
"""Whether this system has epoll; where it has not, a Link carries each stream."""
READ_SIZE: Final = 32_768
"""Octets asked for in one read: a window of 100 at once, and little enough to be waited for."""
MUCH: Final = 8192
"""Octets in one read that make a peer greedy: fifty messages or more."""
TURN: Final = 0.005
"""Seconds that the greedy ones of a round have together; one of them has its turn in any case."""
READABLE: Final = 0x001
WRITABLE: Final = 0x004
BROKEN: Final = 0x008 | 0x010
"""EPOLLIN, EPOLLOUT, EPOLLERR and EPOLLHUP, which Linux will not change; ``select`` has their names on Linux only."""


class Poller:
    """Watches the sockets of any number of links, from ``run`` until it is cancelled."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._links: dict[int, PolledLink] = {}
        self._marked: list[PolledLink] = []
        self._turns = 0
        self._idle_writer = trio.lowlevel.ParkingLot()

    async def run(self) -> None:
        """Read and write until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._write)
            await self._read()

    @property
    def has_more(self) -> bool:
        """Whether any link has something for us at this moment."""
        return bool(select.select([self._epoll], (), (), 0)[0])

    def close(self) -> None:
        """Give the descriptor back; all links must have ended."""
        self._epoll.close()

    async def _read(self) -> None:
        descriptor = self._epoll.fileno()
        while True:
            await trio.lowlevel.wait_readable(descriptor)
            greedy: list[tuple[PolledLink, int]] = []
            for number, events in self._epoll.poll(0):
                # an earlier one of this round may have ended it
                link = self._links.get(number)
                if link is None:
                    continue
                if link.is_greedy:
                    greedy.append((link, events))
                else:
                    link.guarded(link.ready, events)
            if greedy:
                self._serve(greedy)

    def _serve(self, greedy: list[tuple["PolledLink", int]]) -> None:
        """Who has waited longest comes first; what the last ones have keeps them ready for the next round."""
        end = trio.current_time() + TURN
        greedy.sort(key=_turn)
        for link, events in greedy:
            self._turns += 1
            link.served_at = self._turns
            if link.is_open:
                link.guarded(link.ready, events)
            if trio.current_time() >= end:
                return

    async def _write(self) -> None:
        while True:
            while not self._marked:
                await self._idle_writer.park()
            marked, self._marked = self._marked, []
            for link in marked:
                link.is_marked = False
                if link.is_open:
                    link.guarded(link.flush)

    def mark(self, link: "PolledLink") -> None:
        """Something is to be written to this link that its reading did not cause."""
        if not link.is_marked:
            link.is_marked = True
            self._marked.append(link)
            self._idle_writer.unpark()

    def add(self, link: "PolledLink", number: int, events: int) -> None:
        """Watch a link's socket."""
        self._links[number] = link
        self._epoll.register(number, events)

    def change(self, number: int, events: int) -> None:
        """Watch it for something else."""
        self._epoll.modify(number, events)

    def remove(self, number: int) -> None:
        """Watch it no more."""
        del self._links[number]
        self._epoll.unregister(number)


class PolledLink:
    """One TCP connection and the machine behind it. Give ``wake`` to the machine; then ``await run()``."""

    __slots__ = (
        "_cause",
        "_events",
        "_fault",
        "_is_half_closed",
        "_is_handling",
        "_machine",
        "_number",
        "_over",
        "_parting",
        "_poller",
        "_read_size",
        "_reason",
        "_scope",
        "_socket",
        "_stream",
        "_unsent",
        "is_greedy",
        "is_marked",
        "is_open",
        "served_at",
    )

    def __init__(self, poller: Poller, stream: DirectStream) -> None:
        self._poller = poller
        self._stream = stream
        self._socket: socket.socket = stream.socket
        self._number = self._socket.fileno()
        self._machine: Machine | None = None
        self._scope = trio.CancelScope()
        self._over = trio.Event()
        self._parting = Parting()
        self._events = READABLE
        self._unsent: bytes | memoryview = b""
        self._is_handling = False
        self._read_size = READ_SIZE
        self._is_half_closed = False
        self._reason = "closed by us"
        self._cause: BaseException | None = None
        self._fault: Exception | None = None
        self.is_open = False
        self.is_marked = False
        self.is_greedy = False
        """Whether it sent very much when it was read last."""
        self.served_at = 0
        """Its last turn among the greedy ones."""

    def wake(self) -> None:
        """There are octets to write, or the machine wants to end. Cheap, and callable from anywhere in the run."""
        if self._machine is not None and self._machine.flow is not None:
            self._obey(self._machine.flow)
        if self.is_open and not self._is_handling:
            self._poller.mark(self)
            if self._machine is not None and self._machine.hang_up:
                self._hasten()

    def hurry(self) -> None:
        """When the link ends, do not wait for the peer's end."""
        self._parting.hurry()

    def _obey(self, flow: Flow) -> None:
        """Learn what a scenario wants of this link."""
        self._read_size = flow.read_size or READ_SIZE
        if flow.is_reset:
            self._unsent = b""
            self._end()
        elif flow.is_half_closed and not self._is_half_closed:
            self._is_half_closed = True
            # a peer that is gone is told of where it is read
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    async def run(self, machine: Machine) -> None:
        """Carry octets until either side ends. Never raises for what the peer did; always closes the socket."""
        self._machine = machine
        self.is_open = True
        self._poller.add(self, self._number, self._events)
        if machine.bytes_waiting or machine.hang_up or machine.flow is not None:
            # what it had to say before somebody carried it, an outbind for one
            self.wake()
        try:
            with self._scope:
                await self._over.wait()
        finally:
            self._end()
            self._machine = None
            self._parting.obey(machine.flow)
            try:
                machine.close(trio.current_time(), self._reason, self._cause)
            finally:
                # also where that was a fault of ours: the descriptor is not to stay
                await self._parting.part(self._stream)
        if self._fault is not None:
            raise self._fault

    # ------------------------------------------------------------------ called by the poller

    def guarded(self, deed: Callable[..., None], *arguments: int) -> None:
        """Do it. What the peer did wrong ends the link; a fault of ours does too, and is raised by ``run``."""
        try:
            deed(*arguments)
        except OSError as error:
            # its traceback names us, and we name it: nobody but the collector of garbage would find the two
            self._cause = bare(error)
            self._end(f"connection lost: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 - whatever it was, it must not end the other links
            self._fault = error
            self._end("an error of ours")

    def ready(self, events: int) -> None:
        """Its socket has something for us, takes something again, or is broken."""
        machine = self._machine
        assert machine is not None
        if events & WRITABLE:
            self.flush()
        if not self.is_open:
            return
        if machine.rests:
            # what it was given last is not done yet
            if machine.hang_up or len(self._unsent) > BACKLOG_MAX:
                return
            octets = b""
        elif not events & (READABLE | BROKEN):
            return
        else:
            try:
                octets = self._socket.recv(self._read_size)
            except BlockingIOError:
                return
            if not octets:
                if machine.flow is not None and machine.flow.hides_end():
                    self.flush()
                else:
                    self._end("closed by the peer")
                return
        self.is_greedy = len(octets) >= MUCH
        self._is_handling = True
        try:
            machine.receive_data(octets, trio.current_time())
        finally:
            self._is_handling = False
        if machine.rests:
            self.is_greedy = True
        if machine.hang_up:
            self._hasten()
        self.flush()

    def flush(self) -> None:
        """Write all that waits, as far as the kernel takes it, and see what to watch for next."""
        machine = self._machine
        assert machine is not None
        self._is_handling = True
        try:
            while octets := self._unsent or machine.data_to_send():
                try:
                    sent = self._socket.send(octets)
                except BlockingIOError:
                    sent = 0
                if sent < len(octets):
                    self._unsent = memoryview(octets)[sent:]
                    break
                self._unsent = b""
                machine.written(trio.current_time())
        finally:
            self._is_handling = False
        if machine.hang_up and not self._unsent:
            self._end()
            return
        is_full = machine.is_paused or machine.hang_up or len(self._unsent) + machine.bytes_waiting > BACKLOG_MAX
        # a socket that takes octets is ready at once: whoever rests has its turn in the next round
        events = (0 if is_full else READABLE) | (WRITABLE if self._unsent or machine.rests else 0)
        if events != self._events:
            self._events = events
            self._poller.change(self._number, events)

    # ------------------------------------------------------------------ the end

    def _hasten(self) -> None:
        """A peer that does not read may hold up its own link, but not the end of it."""
        self._scope.deadline = min(self._scope.deadline, trio.current_time() + LINGER)

    def _end(self, reason: str = "closed by us") -> None:
        if self.is_open:
            self.is_open = False
            self._reason = reason
            self._poller.remove(self._number)
            self._over.set()


def _turn(waiting: tuple[PolledLink, int]) -> int:
    return waiting[0].served_at

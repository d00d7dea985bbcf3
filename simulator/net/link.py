"""The pump between one stream and one sans-I/O machine: a reader and a writer, nothing else.

It knows no PDU. The reader hands over what arrives, batch by batch, and writes the answers itself, so that a round trip
costs no task switch; the writer exists for octets that nobody's request caused. A peer that does not read stops its own
reader and nobody else.
"""

import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf
from typing import Any, Final, Protocol

import trio

from simulator.net.direct import DirectStream
from simulator.net.tls import HandshakeFailed, shake_hands, spoil_handshake
from simulator.smsc.memory.evidence import Secured
from simulator.smsc.play.flow import Flow

READ_SIZE: Final = 65_536
"""Octets asked for in one read; several hundred short PDUs."""
BACKLOG_MAX: Final = 128 * 1024
"""Octets that may wait to be written before nothing more is read. Each 27 of them can be the answer to a message whose
receipt waits for it to leave."""
LINGER: Final = 1.0
"""Seconds for a last write when the machine hangs up, and again to wait for the peer's end after ours, so that what we
wrote last is not lost to a reset."""


class LinkClosed(Exception):
    """The link is gone; raised to a client's caller, chained to why."""


class Machine(Protocol):
    """What a link drives: a session of the SMSC or our own ESME."""

    hang_up: bool
    """End the link once everything is written."""

    tls: Secured | None
    """Set by the link when it has become secure."""

    rests: bool
    """It has done much in one turn: let the others have theirs, then call ``receive_data`` with no octets."""

    flow: Flow | None
    """What a scenario does to this link; None: nothing. Whoever changes it wakes the link."""

    @property
    def bytes_waiting(self) -> int:
        """Octets for which data_to_send() should be called; it may return none of them."""

    @property
    def is_paused(self) -> bool:
        """Read nothing for now."""

    def receive_data(self, octets: bytes, now: float) -> None:
        """Take what arrived."""

    def data_to_send(self) -> bytes:
        """Give what is to be written."""

    def written(self, now: float) -> None:
        """What was given has been written."""

    def close(self, now: float, reason: str = "", cause: BaseException | None = None) -> None:
        """The transport is gone, for what ``reason`` says and ``cause`` raised, if anything did."""


class Link:
    """One stream and the machine behind it. Give ``wake`` to the machine; then ``await run()``.

    ``is_last`` says that nobody else uses the stream, not even to close it again.
    """

    def __init__(self, stream: trio.abc.Stream, *, is_last: bool = False) -> None:
        self._stream = stream
        self._is_last = is_last
        self._idle_writer = trio.lowlevel.ParkingLot()
        self._waiting_reader = trio.lowlevel.ParkingLot()
        self._is_writing = False
        self._is_handling = False
        self._read_size = READ_SIZE
        self._is_half_closed = False
        """Whether our end is closed, or about to be."""
        self._closes_our_end = False
        self._machine: Machine | None = None
        self._scope = trio.CancelScope()
        self._parting = Parting()
        self._reason = "closed by us"
        self._cause: BaseException | None = None

    def wake(self) -> None:
        """There are octets to write, or the machine wants to end. Cheap, and callable from anywhere in the run."""
        if self._machine is not None and self._machine.flow is not None:
            self._obey(self._machine.flow)
        if not self._is_handling:
            self._idle_writer.unpark()
            self._waiting_reader.unpark()
            if self._machine is not None and self._machine.hang_up:
                self._hasten()

    def hurry(self) -> None:
        """When the link ends, do not wait for the peer's end."""
        self._parting.hurry()

    def _obey(self, flow: Flow) -> None:
        """Learn what a scenario wants of this link."""
        self._read_size = flow.read_size or READ_SIZE
        if flow.is_reset:
            self._scope.cancel()
        elif flow.is_half_closed and not self._is_half_closed:
            self._is_half_closed = self._closes_our_end = True

    async def run(self, machine: Machine) -> None:
        """Carry octets until either side ends. Never raises for what the peer did; always closes the stream."""
        self._machine = machine
        self.wake()
        try:
            with self._scope:
                if not isinstance(self._stream, trio.SSLStream) or await self._is_secured(machine, self._stream):
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(self._guarded, self._write, machine)
                        await self._guarded(self._read, machine)
                        self._scope.cancel()
        finally:
            self._machine = None
            self._parting.obey(machine.flow)
            try:
                machine.close(trio.current_time(), self._reason, self._cause)
            finally:
                self._cause = None
                # also where that was a fault of ours: the descriptor is not to stay
                await self._parting.part(self._stream)
                if self._is_last and isinstance(self._stream, trio.SSLStream):
                    # it names itself by a method that it keeps: only the collector of garbage would ever find it
                    vars(self._stream).clear()

    async def _is_secured(self, machine: Machine, stream: trio.SSLStream[Any]) -> bool:
        if machine.flow is not None and machine.flow.handshake:
            return await self._is_spoilt(machine.flow.handshake, stream)
        try:
            machine.tls = await shake_hands(stream)
        except HandshakeFailed as error:
            self._blame(str(error), error)
            return False
        self._parting.is_secure = True
        return True

    async def _is_spoilt(self, fault: str, stream: trio.SSLStream[Any]) -> bool:
        """Another thing than a handshake; whether the link goes on all the same, without TLS."""
        if fault == "tls_plain":
            self._stream = stream.transport_stream
            if self._is_last:
                vars(stream).clear()
            return True
        with suppress(*_GONE):
            self._reason = await spoil_handshake(stream.transport_stream, fault)
        return False

    async def _guarded(self, deed: Callable[[Machine], Awaitable[None]], machine: Machine) -> None:
        """Read or write; a link that is lost meanwhile ends both, and nothing is raised."""
        try:
            await deed(machine)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            self._blame("connection lost", error)
            self._scope.cancel()

    def _blame(self, reason: str, error: BaseException) -> None:
        """Keep why the link ended, without the tracebacks: through their frames each names us, and we name it."""
        cause = error.__cause__ or error
        self._reason = f"{reason}: {cause}" if reason == "connection lost" else reason
        self._cause = bare(cause)

    async def _read(self, machine: Machine) -> None:
        receive = self._stream.receive_some
        while True:
            while (machine.is_paused and not machine.rests) or machine.bytes_waiting > BACKLOG_MAX:
                await self._waiting_reader.park()
            if machine.rests:
                await trio.lowlevel.checkpoint()
                octets = b""
            else:
                try:
                    octets = bytes(await receive(self._read_size))
                except (trio.BrokenResourceError, trio.ClosedResourceError):
                    if machine.flow is not None and machine.flow.hides_end():
                        continue
                    raise
                if not octets:
                    if machine.flow is not None and machine.flow.hides_end():
                        continue
                    self._reason = "closed by the peer"
                    return
            self._is_handling = True
            try:
                machine.receive_data(octets, trio.current_time())
            finally:
                self._is_handling = False
            if machine.hang_up:
                self._hasten()
            if machine.bytes_waiting:
                await self._flush(machine)
            if machine.hang_up:
                if self._is_writing:
                    # the writer is at it, and ends the link when it is through
                    await trio.sleep_forever()
                return

    async def _write(self, machine: Machine) -> None:
        while True:
            while self._is_writing or not (machine.bytes_waiting or machine.hang_up or self._closes_our_end):
                await self._idle_writer.park()
            await self._flush(machine)
            if self._closes_our_end:
                self._closes_our_end = False
                await half_close(transport_of(self._stream))
            if machine.hang_up and not machine.bytes_waiting:
                self._scope.cancel()
                return

    def _hasten(self) -> None:
        """A peer that does not read may hold up its own link, but not the end of it."""
        self._scope.deadline = min(self._scope.deadline, trio.current_time() + LINGER)

    async def _flush(self, machine: Machine) -> None:
        """Write everything that waits, joined; whoever comes second leaves it to the first."""
        if self._is_writing:
            return
        self._is_writing = True
        try:
            while octets := machine.data_to_send():
                await self._stream.send_all(octets)
                self._is_handling = True
                machine.written(trio.current_time())
                self._is_handling = False
        finally:
            self._is_writing = self._is_handling = False
        # waking costs a task switch: only who has something to do is woken
        if machine.hang_up or machine.flow is not None:
            self._idle_writer.unpark()
        if self._waiting_reader:
            self._waiting_reader.unpark()


_GONE: Final = (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError, OSError)
"""How a stream says that there is nobody to part from."""


class Parting:
    """How a link closes so that the peer can still read what was written last: our end first, then we wait for its."""

    __slots__ = ("_linger", "_mute_until", "_resets", "_scope", "is_secure")

    def __init__(self) -> None:
        self._linger = LINGER
        self._scope: trio.CancelScope | None = None
        self._resets = False
        self._mute_until = -inf
        self.is_secure = False
        """Whether TLS was agreed on, which has an end of its own."""

    def hurry(self) -> None:
        """Do not wait for the peer's end."""
        self._linger = 0.0
        self._mute_until = -inf
        if self._scope is not None:
            self._scope.cancel()

    def obey(self, flow: Flow | None) -> None:
        """Learn how a scenario wants this link to end."""
        if flow is not None:
            self._resets = flow.is_reset
            self._mute_until = flow.mute_until
            self.is_secure = self.is_secure and not (flow.is_curt or flow.is_half_closed)

    async def part(self, stream: trio.abc.Stream) -> None:
        """Close the stream."""
        transport = transport_of(stream)
        try:
            if self._mute_until > trio.current_time():
                await self._be_mute(transport)
            if self._resets:
                reset_on_close(transport)
            else:
                await self._say_goodbye(stream, transport)
        finally:
            await trio.aclose_forcefully(transport)

    async def _be_mute(self, transport: trio.abc.Stream) -> None:
        """We have given the link up, and the peer is not to see it yet: its octets vanish until it gives up, too."""
        with trio.move_on_at(self._mute_until) as self._scope, suppress(*_GONE):
            while await transport.receive_some(READ_SIZE):
                pass
        # to whoever comes back later we are somebody who has never heard of this connection
        self._resets = True

    async def _say_goodbye(self, stream: trio.abc.Stream, transport: trio.abc.Stream) -> None:
        with trio.move_on_after(self._linger) as self._scope:
            self._scope.shield = True
            if self.is_secure and isinstance(stream, trio.SSLStream):
                # without the end that TLS has of its own the peer cannot tell ours from a cut
                with suppress(*_GONE):
                    await stream.unwrap()
            if isinstance(transport, trio.abc.HalfCloseableStream):
                with suppress(*_GONE):
                    await transport.send_eof()
                    while await transport.receive_some(READ_SIZE):
                        pass


def transport_of(stream: trio.abc.Stream) -> trio.abc.Stream:
    """What carries the octets: the stream itself, or what is below its TLS."""
    return stream.transport_stream if isinstance(stream, trio.SSLStream) else stream


def reset_on_close(transport: trio.abc.Stream) -> None:
    """When it is closed the peer gets a RST, and what was not sent yet is thrown away. In memory there is no RST."""
    if isinstance(transport, DirectStream | trio.SocketStream):
        with suppress(OSError):
            transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def half_close(transport: trio.abc.Stream) -> None:
    """Close our end and leave the peer's open. Whatever TLS runs above is not told: it has no such thing."""
    if isinstance(transport, trio.abc.HalfCloseableStream):
        await transport.send_eof()


def bare(error: BaseException) -> BaseException:
    """The same error without its traceback, nor those of what it came from."""
    at: BaseException | None = error
    while at is not None:
        at.__traceback__ = None
        at = at.__cause__ or at.__context__
    return error

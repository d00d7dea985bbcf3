"""The pump between one stream and one sans-I/O machine: a reader and a writer, nothing else.

It knows no PDU. The reader hands over what arrives, batch by batch, and writes the answers itself, so that a round trip
costs no task switch; the writer exists for octets that nobody's request caused. A peer that does not read stops its own
reader and nobody else.
"""

from contextlib import suppress
from typing import Final, Protocol

import trio

from simulator.net.tls import HandshakeFailed, shake_hands
from simulator.smsc.evidence import Secured

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

    @property
    def bytes_waiting(self) -> int:
        """Octets that data_to_send() would return."""

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
    """One stream and the machine behind it. Give ``wake`` to the machine; then ``await run()``."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._idle_writer = trio.lowlevel.ParkingLot()
        self._waiting_reader = trio.lowlevel.ParkingLot()
        self._is_writing = False
        self._is_handling = False
        self._machine: Machine | None = None
        self._scope = trio.CancelScope()
        self._parting = Parting()

    def wake(self) -> None:
        """There are octets to write, or the machine wants to end. Cheap, and callable from anywhere in the run."""
        if not self._is_handling:
            self._idle_writer.unpark()
            self._waiting_reader.unpark()
            if self._machine is not None and self._machine.hang_up:
                self._hasten()

    def hurry(self) -> None:
        """When the link ends, do not wait for the peer's end."""
        self._parting.hurry()

    async def run(self, machine: Machine) -> None:
        """Carry octets until either side ends. Never raises for what the peer did; always closes the stream."""
        self._machine = machine
        reason = "closed by us"
        cause: BaseException | None = None
        try:
            with self._scope:
                if isinstance(self._stream, trio.SSLStream):
                    machine.tls = await shake_hands(self._stream)
                    self._parting.is_secure = True
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._write, machine)
                    reason = await self._read(machine)
                    self._scope.cancel()
        except* HandshakeFailed as error:
            cause = _root(error)
            reason = str(error.exceptions[0])
        except* (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            cause = _root(error)
            reason = f"connection lost: {cause}"
        finally:
            self._machine = None
            try:
                machine.close(trio.current_time(), reason, cause)
            finally:
                # also where that was a fault of ours: the descriptor is not to stay
                await self._parting.part(self._stream)

    async def _read(self, machine: Machine) -> str:
        receive = self._stream.receive_some
        while True:
            octets = await receive(READ_SIZE)
            if not octets:
                return "closed by the peer"
            self._is_handling = True
            try:
                machine.receive_data(bytes(octets), trio.current_time())
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
                return "closed by us"
            while machine.is_paused or machine.bytes_waiting > BACKLOG_MAX:
                await self._waiting_reader.park()

    async def _write(self, machine: Machine) -> None:
        while True:
            while self._is_writing or not (machine.bytes_waiting or machine.hang_up):
                await self._idle_writer.park()
            await self._flush(machine)
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
        if machine.hang_up:
            self._idle_writer.unpark()
        if self._waiting_reader:
            self._waiting_reader.unpark()


_GONE: Final = (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError, OSError)
"""How a stream says that there is nobody to part from."""


class Parting:
    """How a link closes so that the peer can still read what was written last: our end first, then we wait for its."""

    __slots__ = ("_linger", "_scope", "is_secure")

    def __init__(self) -> None:
        self._linger = LINGER
        self._scope: trio.CancelScope | None = None
        self.is_secure = False
        """Whether TLS was agreed on, which has an end of its own."""

    def hurry(self) -> None:
        """Do not wait for the peer's end."""
        self._linger = 0.0
        if self._scope is not None:
            self._scope.cancel()

    async def part(self, stream: trio.abc.Stream) -> None:
        """Close the stream."""
        transport = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
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
        await trio.aclose_forcefully(transport)


def _root(error: BaseException) -> BaseException:
    """The innermost reason."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.__cause__ or error

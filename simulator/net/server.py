"""Listeners, links and the one task that keeps the agenda. It lets people in and shows them out; it reads no PDU."""

import logging
from collections.abc import Sequence
from math import inf
from typing import Final

import trio

from simulator.net.direct import DirectStream
from simulator.net.link import Link
from simulator.smsc.smsc import Smsc

GRAIN: Final = 0.01
"""Seconds between two looks at the agenda: what falls due in between leaves together, in one write per link."""
FAREWELL: Final = 3.0
"""Seconds that sessions have to unbind when the server stops."""

_log = logging.getLogger(__name__)


class Server:
    """Serves one Smsc on any number of listeners, from ``serve`` until it is cancelled or ``stop`` is called."""

    def __init__(self, smsc: Smsc) -> None:
        self.smsc = smsc
        self._stopping = trio.Event()
        self._empty = trio.Event()
        self._links = 0
        self.links_ended = 0
        """Connections that have come and gone."""
        self._scope: trio.CancelScope | None = None
        self._looked_at = -inf

    async def serve(
        self,
        listeners: Sequence[trio.abc.Listener[trio.SocketStream]],
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Accept and serve; returns when ``stop`` was called and every session has left or run out of time."""
        self.smsc.agenda.wake = self._look_sooner
        async with trio.open_nursery() as housekeeping:
            housekeeping.start_soon(self._keep_agenda)
            async with trio.open_nursery() as guests:
                async with trio.open_nursery() as doors:
                    for listener in listeners:
                        doors.start_soon(self._accept, listener, guests)
                    task_status.started()
                    await self._stopping.wait()
                    doors.cancel_scope.cancel()
                await self._farewell()
                guests.cancel_scope.cancel()
            housekeeping.cancel_scope.cancel()

    def stop(self) -> None:
        """Close the doors, unbind everybody, then end. Callable more than once."""
        self._stopping.set()

    async def _accept(self, listener: trio.abc.Listener[trio.SocketStream], guests: trio.Nursery) -> None:
        await trio.serve_listeners(self.attend, [listener], handler_nursery=guests)

    async def attend(self, stream: trio.abc.Stream) -> None:
        """Serve one connection to its end. A fault of ours ends this connection only, and is logged."""
        peer = peer_of(stream)
        link = Link(DirectStream(stream) if isinstance(stream, trio.SocketStream) else stream)
        session = self.smsc.connect(trio.current_time(), peer, link.wake)
        self._links += 1
        try:
            await link.run(session)
        except Exception:  # noqa: BLE001 - whatever it was, it must not end the other sessions
            _log.exception("session %d of %s ended by an error of ours", session.number, session.peer)
        finally:
            self._links -= 1
            self.links_ended += 1
            if not self._links:
                self._empty.set()

    async def _farewell(self) -> None:
        now = trio.current_time()
        for session in list(self.smsc.sessions.values()):
            session.unbind(now)
        with trio.move_on_after(FAREWELL):
            while self._links:
                self._empty = trio.Event()
                await self._empty.wait()

    async def _keep_agenda(self) -> None:
        smsc = self.smsc
        while True:
            deadline = smsc.next_deadline()
            smsc.agenda.awaited = deadline
            with trio.CancelScope(deadline=max(deadline, self._looked_at + GRAIN)) as self._scope:
                await trio.sleep_forever()
            smsc.agenda.awaited = -inf
            self._looked_at = trio.current_time()
            while self._tick():
                # a great many are due at once: let the links breathe between
                await trio.lowlevel.checkpoint()

    def _tick(self) -> bool:
        """Do what is due. A fault of ours costs the one deed that it struck, and is logged."""
        try:
            return self.smsc.tick(trio.current_time())
        except Exception:  # noqa: BLE001 - whatever it was, the rest of the agenda is to go on
            _log.exception("something that was due failed by an error of ours")
            return True

    def _look_sooner(self) -> None:
        if self._scope is not None:
            self._scope.deadline = max(self.smsc.agenda.awaited, self._looked_at + GRAIN)


def peer_of(stream: trio.abc.Stream) -> str:
    """HOST:PORT of the other end, or a word where there is none."""
    if isinstance(stream, trio.SSLStream):
        stream = stream.transport_stream
    if isinstance(stream, trio.SocketStream):
        try:
            host, port = stream.socket.getpeername()[:2]
        except OSError:
            return "gone"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return "memory"


__all__ = ["FAREWELL", "GRAIN", "Server", "peer_of"]

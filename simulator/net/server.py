"""Listeners, links and the one task that keeps the agenda. It lets people in and shows them out; it reads no PDU."""

import logging
import ssl
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, Final

import trio

from simulator.journal import OUTBIND_FAILED
from simulator.net.addresses import shown
from simulator.net.dial import OutbindFailed, OutbindRefused, Targets, dial
from simulator.net.direct import DirectStream
from simulator.net.link import Link, Machine
from simulator.net.poller import IS_HERE, PolledLink, Poller
from simulator.smpp.codec import encode
from simulator.smpp.pdus import Outbind
from simulator.smsc.advancing import Advance
from simulator.smsc.binding import outbind
from simulator.smsc.memory.evidence import Caller
from simulator.smsc.play.faults import relent
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc

GRAIN: Final = 0.01
"""Seconds between two looks at the agenda: what falls due in between leaves together, in one write per link."""
SHARE: Final = 0.005
"""Seconds for which the agenda may keep the links waiting. They take hundreds of messages in one turn each: with less,
what is due would fall behind what comes, and all of it would be kept."""
TICKS: Final = 30
"""Looks at the agenda within that share, a hundred deeds each: where time is virtual it never ends by itself."""
INTAKE: Final = 0.02
"""Seconds, and TURNS how many turns, in which what has arrived is read before anything else is done."""
TURNS: Final = 50
FAREWELL: Final = 3.0
"""Seconds that sessions have to unbind when the server stops."""
FILES_SPARED: Final = 600
"""Open files that are not for links, or a quarter where there are few: HTTP and the journal need some."""
OUTBIND: Final = "outbind"
"""What a session tells as its listener when it was we who called."""
_log = logging.getLogger(__name__)


@dataclass(slots=True, frozen=True)
class Door:
    """A listener, the name that its sessions tell, and the TLS context where they are secure."""

    listener: trio.abc.Listener[Any]
    name: str = "smpp"
    tls: ssl.SSLContext | None = None


class Server:
    """Serves one Smsc on any number of listeners, from ``serve`` until it is cancelled or ``stop`` is called.

    ``targets`` are hosts beside this machine that may be called by ``outbind``. Of ``links_max`` connections one more
    takes the place of that one which has waited longest without binding, and is shown out where all are bound.
    """

    def __init__(self, smsc: Smsc, *, targets: Collection[str] = (), links_max: float = inf) -> None:
        self.smsc = smsc
        self._targets = Targets(targets)
        self._stopping = trio.Event()
        self._empty = trio.Event()
        self._guests: trio.Nursery | None = None
        self._inviting: trio.Nursery | None = None
        self._links: dict[int, Link | PolledLink] = {}
        """By the number of the session that each carries."""
        self._links_max = links_max
        self.links_ended = 0
        """Connections that have come and gone."""
        self._scope: trio.CancelScope | None = None
        self._looked_at = -inf
        self._poller: Poller | None = None
        self.beside: Callable[[Session], Machine] | None = None
        """Puts something between each session that comes and its link; None: nothing."""

    async def serve(
        self,
        doors: Sequence[Door | trio.abc.Listener[Any]],
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Accept and serve; returns when ``stop`` was called and every session has left or run out of time."""
        self.smsc.agenda.wake = self._look_sooner
        if not IS_HERE:
            await self._serve(doors, task_status)
            return
        with closing(Poller()) as self._poller:
            await self._serve(doors, task_status)

    async def _serve(self, doors: Sequence[Door | trio.abc.Listener[Any]], task_status: trio.TaskStatus[None]) -> None:
        async with trio.open_nursery() as housekeeping:
            housekeeping.start_soon(self._keep_agenda)
            if self._poller is not None:
                housekeeping.start_soon(self._poller.run)
            async with trio.open_nursery() as guests:
                async with trio.open_nursery() as inviting:
                    for door in doors:
                        inviting.start_soon(self._accept, door if isinstance(door, Door) else Door(door), guests)
                    self._guests, self._inviting = guests, inviting
                    task_status.started()
                    try:
                        await self._stopping.wait()
                    finally:
                        self._guests = self._inviting = None
                    inviting.cancel_scope.cancel()
                if self.smsc.agenda.walk is not None:
                    # what is due to those who leave stays due
                    self.smsc.agenda.walk.stop(trio.current_time())
                await self._farewell()
                guests.cancel_scope.cancel()
            housekeeping.cancel_scope.cancel()

    def open(self, door: Door) -> trio.CancelScope:
        """Accept at one more door; whoever cancels the scope closes it. Raises RuntimeError while nothing is served."""
        inviting, guests, scope = self._inviting, self._guests, trio.CancelScope()
        if inviting is None or guests is None:
            raise RuntimeError("the server is not serving")

        async def accept() -> None:
            with scope:
                await self._accept(door, guests)

        inviting.start_soon(accept)
        return scope

    def stop(self) -> None:
        """Close the doors, unbind everybody, then end. Callable more than once."""
        self._stopping.set()

    def show_out(self, reason: str) -> None:
        """End every connection now, without an unbind; the journal tells why."""
        for number, session in list(self.smsc.sessions.items()):
            link, wake = self._links.get(number), session.wake
            session.close(trio.current_time(), reason)
            if link is not None:
                link.hurry()
                wake()

    async def take_in(self) -> None:
        """Come back when the links have read what had arrived by now, or when that takes too long."""
        ends = trio.current_time() + INTAKE
        for _ in range(TURNS):
            # one turn in which the system is asked what is there, and one in which it is read
            await trio.lowlevel.checkpoint()
            await trio.lowlevel.checkpoint()
            if trio.current_time() > ends:
                return
            if self._poller is not None and not self._poller.has_more:
                # links of another kind, by TLS or in memory, have had a turn each
                await trio.lowlevel.checkpoint()
                return

    def hurry(self) -> None:
        """From now on wait for no peer's end: for whoever is about to cancel us."""
        for link in self._links.values():
            link.hurry()

    async def _accept(self, door: Door, guests: trio.Nursery) -> None:
        attend = partial(self.attend, listener=door.name, tls=door.tls)
        await trio.serve_listeners(attend, [door.listener], handler_nursery=guests)

    async def attend(
        self, stream: trio.abc.Stream, *, listener: str = "smpp", tls: ssl.SSLContext | None = None
    ) -> None:
        """Serve one connection to its end. A fault of ours ends this connection only, and is logged."""
        has_room = len(self._links) < self._links_max or self._made_room()
        link, session = self._connected(stream, listener, tls)
        if not has_room:
            session.close(trio.current_time(), f"refused: {self._links_max} connections, all of them bound")
            link.hurry()
        await self._carry(link, session)

    async def outbind(self, host: str, port: int, *, system_id: str = "", password: str = "") -> Session:
        """Call a waiting ESME and tell it who we are; what it answers is a bind, on the session that is returned.

        It has as long to bind as the session_init timer gives it. Raises OutbindRefused for a host that may not be
        called and while nothing is served, OutbindFailed when nobody is there, LocalError for a name or password that
        has no wire form. The first two are journalled, and so is what becomes of the session.
        """
        encode(Outbind(1, system_id=system_id, password=password))
        try:
            self._targets.check(host)
            stream = await dial(host, port)
            guests = self._guests
            if guests is None:
                await trio.aclose_forcefully(stream)
                raise OutbindRefused("the server is not serving")
        except (OutbindRefused, OutbindFailed) as error:
            at = self.smsc.clock.at(trio.current_time())
            caller = Caller(0, shown(host, port), OUTBIND, system_id, "", "")
            self.smsc.journal.record(at, OUTBIND_FAILED, 0, caller, str(error))
            raise
        link, session = self._connected(stream, OUTBIND, None)
        outbind(session, system_id, password, trio.current_time())
        guests.start_soon(self._carry, link, session)
        return session

    def _made_room(self) -> bool:
        """Show out whoever has waited longest without binding. False when there is nobody."""
        for session in self.smsc.sessions.values():
            link = self._links.get(session.number)
            if link is not None and session.account is None:
                wake = session.wake
                session.close(
                    trio.current_time(), f"not bound, and no more than {self._links_max} connections are let in"
                )
                link.hurry()
                wake()
                return True
        return False

    def _connected(
        self, stream: trio.abc.Stream, listener: str, tls: ssl.SSLContext | None
    ) -> tuple[Link | PolledLink, Session]:
        peer, link, now = peer_of(stream), self._link(stream, tls), trio.current_time()
        session = self.smsc.connect(now, peer, link.wake, listener=listener)
        if tls is not None and self.smsc.stage is not None:
            # the rules are asked before the hands are shaken: something else may come in the place of that
            self.smsc.stage.happen("tls_handshake", session, now)
        return link, session

    async def _carry(self, link: Link | PolledLink, session: Session) -> None:
        self._links[session.number] = link
        try:
            await link.run(session if self.beside is None else self.beside(session))
        except Exception:  # noqa: BLE001 - whatever it was, it must not end the other sessions
            _log.exception("session %d of %s ended by an error of ours", session.number, session.peer)
        finally:
            del self._links[session.number]
            self.links_ended += 1
            if not self._links:
                self._empty.set()

    def _link(self, stream: trio.abc.Stream, tls: ssl.SSLContext | None) -> Link | PolledLink:
        """What carries a stream; a plain TCP one needs no tasks of its own where there is a poller."""
        if isinstance(stream, trio.SocketStream):
            direct = DirectStream(stream)
            if tls is None and self._poller is not None:
                return PolledLink(self._poller, direct)
            stream = direct
        if tls is None:
            return Link(stream)
        return Link(trio.SSLStream(stream, tls, server_side=True), is_last=True)

    async def _farewell(self) -> None:
        now = trio.current_time()
        for session in list(self.smsc.sessions.values()):
            relent(session, now)
            session.unbind(now)
        for number, link in self._links.items():
            if number not in self.smsc.sessions:
                # given up by us already, and only hidden from its peer
                link.hurry()
        with trio.move_on_after(FAREWELL):
            while self._links:
                self._empty = trio.Event()
                await self._empty.wait()

    async def _keep_agenda(self) -> None:
        smsc = self.smsc
        while True:
            deadline = smsc.next_deadline()
            smsc.agenda.awaited = deadline
            with trio.CancelScope(deadline=max(deadline, self._not_before())) as self._scope:
                await trio.sleep_forever()
            smsc.agenda.awaited = -inf
            self._looked_at = trio.current_time()
            while self._work():
                # a great many are due at once: let the links breathe between
                await trio.lowlevel.checkpoint()

    def _work(self) -> bool:
        """Do what is due, as long as that is our share of the time. True when more is due."""
        ends = trio.current_time() + SHARE
        for _ in range(TICKS):
            if not self._tick():
                return False
            if trio.current_time() > ends:
                break
        return True

    def _tick(self) -> bool:
        """Do what is due. A fault of ours costs the one deed that it struck, and is logged."""
        try:
            return self.smsc.tick(trio.current_time())
        except Exception:  # noqa: BLE001 - whatever it was, the rest of the agenda is to go on
            _log.exception("something that was due failed by an error of ours")
            return True

    def _look_sooner(self) -> None:
        if self._scope is not None:
            self._scope.deadline = max(self.smsc.agenda.awaited, self._not_before())

    def _not_before(self) -> float:
        """When the agenda may be looked at again. Each instant of a walk is a moment of its own: nothing gathers."""
        return self._looked_at + (GRAIN if self.smsc.agenda.walk is None else 0.0)

    async def until_done(self, advance: Advance) -> None:
        """Wait until a walk of the clock has ended; it goes on though nobody waits."""
        done = trio.Event()
        advance.when_done(done.set)
        await done.wait()


def links_for(files: int) -> float:
    """How many links a process may have that may have so many open files; negative: any number."""
    return inf if files < 0 else files - min(FILES_SPARED, files // 4)


def peer_of(stream: trio.abc.Stream) -> str:
    """HOST:PORT of the other end, or a word where there is none."""
    if isinstance(stream, trio.SSLStream):
        stream = stream.transport_stream
    if isinstance(stream, trio.SocketStream):
        try:
            host, port = stream.socket.getpeername()[:2]
        except OSError:
            return "gone"
        return shown(host, port)
    return "memory"


__all__ = ["FAREWELL", "GRAIN", "OUTBIND", "Door", "Server", "links_for", "peer_of"]

"""The doors of an embedded SMSC: the one of its own, those that its scenarios name, and those that one of them brings
while it runs.

It knows sockets and certificates, and no scenario beyond the words of its listeners.
"""

import ssl
from collections.abc import Mapping
from typing import Any

import trio

from simulator.net.doors import Listening, listeners_from
from simulator.net.server import Door, Server
from simulator.net.tls import made_context

Said = Mapping[str, Mapping[str, Any]]
"""Listeners by name, in the words of their section."""


class Doors:
    """The doors by name, each with its port."""

    def __init__(self) -> None:
        self.ports: dict[str, int] = {}
        self.authorities = b""
        """PEM of those that have signed our certificates, one behind the other."""
        self._first: Said = {}
        self._later: dict[str, trio.CancelScope] = {}

    async def open(self, own: tuple[str, int], said: Said, *, tls: bool | ssl.SSLContext = False) -> list[Door]:
        """Our own, which is called smpp, and those that are said. Raises OSError, and then none is open.

        ``tls``: our own is secure, by a context or by one that is made.
        """
        named, authority = listeners_from(said)
        self._first, self.authorities = said, authority or b""
        context = tls if isinstance(tls, ssl.SSLContext) else None
        if tls is True:
            context, signed = made_context([own[0]])
            self.authorities += signed
        return await self._listening([Listening("smpp", own, context), *named])

    async def _listening(self, asked: list[Listening]) -> list[Door]:
        doors, ports = list[Door](), dict[str, int]()
        try:
            for one in asked:
                host, port = one.address
                listener, *spare = await trio.open_tcp_listeners(port, host=host)
                doors.append(Door(listener, one.name, one.tls))
                ports[one.name] = listener.socket.getsockname()[1]
                for other in spare:
                    # a name with several addresses would get another free port on each
                    await other.aclose()
        except OSError:
            for door in doors:
                await door.listener.aclose()
            raise
        self.ports |= ports
        return doors

    def missing(self, said: Said) -> dict[str, Mapping[str, Any]]:
        """Those of the listeners that are not open yet."""
        return {name: words for name, words in said.items() if name not in self.ports}

    async def open_later(self, said: Said, server: Server) -> None:
        """Open these as well, until ``close_later``. Raises OSError, and ValueError for what no listener can be."""
        named, authority = listeners_from(said)
        for door in await self._listening(list(named)):
            self._later[door.name] = server.open(door)
        self.authorities += authority or b""

    def close_later(self) -> None:
        """Close those that were opened while it ran; who has come in by them stays."""
        for name, scope in self._later.items():
            scope.cancel()
            del self.ports[name]
        self._later.clear()


__all__ = ["Doors", "Said"]

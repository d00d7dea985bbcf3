"""Outbind, our half: which ESMEs may be called, and how. It knows addresses and no PDU (SMPP 3.4, 2.2.1 and 4.1.7).

Whoever may use the control API could otherwise let this machine connect to anything that it reaches; so only loopback
addresses are called, and hosts that were named when the server was started.
"""

import os
import socket
from collections.abc import Collection
from typing import Final

import trio

from simulator.net.addresses import is_loopback, shown

DIAL: Final = 5.0
"""Seconds a connection may take to stand."""


class OutbindRefused(Exception):
    """We do not call this ESME, or not now; says why."""


class OutbindFailed(Exception):
    """The ESME could not be reached; says why."""


class Targets:
    """Whom we may call: this machine, and ``hosts`` exactly as they are named."""

    def __init__(self, hosts: Collection[str] = ()) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)

    def check(self, host: str) -> None:
        """Raises OutbindRefused for a host that may not be called."""
        if not is_loopback(host) and host.lower() not in self._hosts:
            raise OutbindRefused(f"host: {host!r} is not this machine; --allow-target {host} would allow it")


async def dial(host: str, port: int) -> trio.SocketStream:
    """A connection to an ESME. Raises OutbindFailed, chained to why."""
    try:
        with trio.fail_after(DIAL):
            return await trio.open_tcp_stream(host, port)
    except trio.TooSlowError as error:
        raise OutbindFailed(f"{shown(host, port)}: no connection within {DIAL:g} s") from error
    except OSError as error:
        raise OutbindFailed(f"{shown(host, port)}: {_words(innermost(error))}") from error


def _words(error: BaseException) -> str:
    """The reason alone: trio puts the address before it, which the caller knows."""
    if isinstance(error, OSError) and error.errno and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)


def innermost(error: BaseException) -> BaseException:
    """The first cause at the bottom: trio tells of several attempts in one error."""
    while True:
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        elif error.__cause__ is not None:
            error = error.__cause__
        else:
            return error

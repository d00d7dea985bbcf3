"""Outbind, the ESME's half: wait until an SMSC calls, and bind over the link that it opened (SMPP 3.4, 2.2.1).

It listens and knows the order of things; the link and the session are those of every ESME of ours::

    async with accept_outbind("127.0.0.1", 2776, system_id="gateway", password="secret") as esme:
        message = await esme.deliveries.receive()
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio

from simulator.net.client import DELIVERIES_MAX, BindType, Delivered, Esme, bind_request, carried
from simulator.net.link import Link, LinkClosed
from simulator.smpp.connection import Timers
from simulator.smpp.constants import Version
from simulator.smpp.pdus import Outbind


@asynccontextmanager
async def accept_outbind(
    host: str = "127.0.0.1",
    port: int = 2775,
    *,
    system_id: str,
    password: str = "",
    bind: BindType = "RX",
    system_type: str = "",
    interface_version: int = Version.V34,
    address_range: str = "",
    window: int = 10,
    timers: Timers = Timers(),
    decide: Callable[[Delivered], int | None] = lambda _: 0,
    deliveries_max: int = DELIVERIES_MAX,
    admit: Callable[[Outbind], bool] = lambda _: True,
    listener: trio.abc.Listener[Any] | None = None,
) -> AsyncIterator[Esme]:
    """Wait for one SMSC to call, bind over its link, and leave by unbind at the end of the block.

    ``admit`` judges the system_id and password of the outbind; where it says no, we hang up without a bind. The caller
    has as long as the session_init timer gives him. ``listener`` is one that listens already, and stays the caller's;
    without it we listen on the first address of host, and no longer than until somebody has called.

    Raises OSError when the address is taken, LinkClosed when the caller sends no outbind or is not admitted,
    BindRefused when he refuses our bind.
    """
    link = Link(await _call(host, port, listener))
    esme = Esme(link.wake, timers=timers, window=window, decide=decide, deliveries_max=deliveries_max)
    request = bind_request(
        bind,
        system_id=system_id,
        password=password,
        system_type=system_type,
        interface_version=interface_version,
        address_range=address_range,
    )
    async with carried(esme, link):
        outbind = await esme.called()
        if not admit(outbind):
            raise LinkClosed(f"the outbind of {outbind.system_id!r} is not admitted")
        await esme.bind(request)
        yield esme


async def _call(host: str, port: int, listener: trio.abc.Listener[Any] | None) -> trio.abc.Stream:
    """The first connection that somebody opens to us."""
    if listener is not None:
        stream: trio.abc.Stream = await listener.accept()
        return stream
    ours, *others = await trio.open_tcp_listeners(port, host=host)
    for other in others:
        await other.aclose()
    async with ours:
        return await ours.accept()


__all__ = ["accept_outbind"]

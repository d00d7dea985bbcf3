"""Links to the carriers: bound, kept, bound again after a pause that grows. trio begins here.

It knows how to bind and what to hand on; what a delivery means is the core's business.
"""

import logging
from collections.abc import Callable
from typing import Final

import trio

from simulator.gateway.config import SmscSettings
from simulator.gateway.routes import Route
from simulator.net.client import BindRefused, Delivered, Esme, LinkClosed, NoAnswer, open_esme
from simulator.smpp.connection import Timers
from simulator.smpp.errors import SmppError

PAUSE_FIRST: Final = 0.5
PAUSE_MAX: Final = 30.0
"""Seconds between two attempts to bind; each failure doubles them."""
STEADY: Final = 10.0
"""Seconds after which a link that ends begins with the first pause again."""

_log = logging.getLogger(__name__)

Heard = Callable[[Delivered, Esme], None]
"""Told of each delivery; whoever is told answers it, by ``Esme.answer``, once it is kept."""


async def keep_link(
    route: Route, *, heard: Heard, woken: Callable[[], None], leave: trio.Event, number: int = 1
) -> None:
    """Keep one link to a carrier bound until ``leave`` is set. Never raises for what the carrier does."""
    settings, pause = route.settings, PAUSE_FIRST
    while not leave.is_set():
        begun = trio.current_time()
        try:
            await _bound(route, heard=heard, woken=woken, leave=leave)
        except (OSError, BindRefused, LinkClosed, NoAnswer, SmppError, trio.TooSlowError) as error:
            reason = str(error) or type(error).__name__
            _log.warning("%s, link %d: %s", route.name, number, reason)
        if trio.current_time() - begun >= STEADY:
            pause = PAUSE_FIRST
        with trio.move_on_after(pause):
            await leave.wait()
        pause = min(PAUSE_MAX, pause * 2)
    _log.debug("%s: left %s:%d", route.name, settings.host, settings.port)


async def _bound(route: Route, *, heard: Heard, woken: Callable[[], None], leave: trio.Event) -> None:
    settings = route.settings
    bound: list[Esme] = []

    def decide(pdu: Delivered) -> int | None:
        if not bound:
            # a delivery in the same segment as the answer to our bind: it comes again
            return 0x64
        heard(pdu, bound[0])
        return None

    with trio.fail_after(settings.response):
        stream = await trio.open_tcp_stream(settings.host, settings.port)
    async with open_esme(
        system_id=settings.system_id,
        password=settings.password,
        system_type=settings.system_type,
        window=settings.window,
        timers=timers_of(settings),
        decide=decide,
        deliveries_max=0,
        stream=stream,
    ) as esme:
        bound.append(esme)
        route.links.append(esme)
        woken()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until, leave, nursery.cancel_scope)
                # nothing comes this way: what ends it is the end of the link
                async for _ in esme.deliveries:
                    pass
                nursery.cancel_scope.cancel()
        finally:
            route.links.remove(esme)
            # what waits for this link may go by another
            woken()
    if not leave.is_set():
        raise LinkClosed(esme.closed_because or "closed")


async def _until(leave: trio.Event, scope: trio.CancelScope) -> None:
    await leave.wait()
    scope.cancel()


def timers_of(settings: SmscSettings) -> Timers:
    """The link's timers by its settings."""
    return Timers(session_init=settings.response, enquire_link=settings.enquire_link, response=settings.response)

"""The gateway as a program: its three APIs on one port, its core beneath them, until it is asked to end.

It puts parts together and decides nothing. On standard output it says one line: ready.
"""

import logging
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import trio
from fastapi import FastAPI

from simulator.gateway.config import Config
from simulator.gateway.core import Core
from simulator.gateway.dialects.faults import Faults, faults_router
from simulator.gateway.dialects.flowroute import demo_account as flowroute_demo
from simulator.gateway.dialects.flowroute import flowroute
from simulator.gateway.dialects.problems import add_problems
from simulator.gateway.dialects.signalsms import demo_account as signalsms_demo
from simulator.gateway.dialects.signalsms import signalsms
from simulator.gateway.dialects.signalwire import demo_account as signalwire_demo
from simulator.gateway.dialects.signalwire import signalwire
from simulator.gateway.store import Store
from simulator.net.addresses import Address, shown
from simulator.net.http import listen, serve_http

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_log = logging.getLogger(__name__)


def app_of(core: Core) -> FastAPI:
    """The HTTP application of a core: three dialects, the faults, the health."""
    config = core.config
    app = FastAPI(
        title="carrier-sim gateway",
        description="Three messaging APIs above SMPP: SignalWire's, Flowroute's, SignalSMS's.",
        docs_url=None,
        redoc_url=None,
    )
    faults = Faults()
    for dialect, router in (
        signalwire(core, config.signalwire, faults=faults),
        flowroute(core, config.flowroute, faults=faults, shelf=core),
        signalsms(core, config.signalsms, faults=faults),
    ):
        core.listen(dialect)
        app.include_router(router)
    app.include_router(faults_router(faults))
    if config.is_demo:
        app.add_api_route("/demo-accounts", _demo_accounts, summary="The accounts of the default configuration")
    app.add_api_route("/health", core.health, summary="Carriers, backlog, and what has happened how often")
    add_problems(app)
    return app


async def _demo_accounts() -> dict[str, dict[str, str]]:
    return {"signalwire": signalwire_demo(), "flowroute": flowroute_demo(), "signalsms": signalsms_demo()}


async def run_gateway(config: Config, http: Address, path: Path | None) -> None:
    """Serve until a signal comes. Raises OSError where the port is taken, StoreError for the database."""
    sock = listen(*http)
    try:
        store = Store(path)
    except BaseException:
        sock.close()
        raise
    try:
        core, leave, deaf = Core(config, store), trio.Event(), trio.Event()
        app = app_of(core)
        async with trio.open_nursery() as nursery:
            with trio.open_signal_receiver(*ENDING) as signals:
                nursery.start_soon(_obey, signals, leave, nursery.cancel_scope)
                async with trio.open_nursery() as serving:
                    await serving.start(core.run, leave)
                    # what came in late is told 503 while the carriers are being left
                    await serving.start(lambda task_status: serve_http(app, sock, stop=deaf, task_status=task_status))
                    print(f"ready http={shown(*sock.getsockname()[:2])}", flush=True)  # noqa: T201
                    await leave.wait()
                    deaf.set()
                nursery.cancel_scope.cancel()
    finally:
        store.close()


async def _obey(signals: AsyncIterator[int], leave: trio.Event, scope: trio.CancelScope) -> None:
    """The first signal asks everybody to leave, the second ends at once."""
    await anext(signals)
    leave.set()
    number = await anext(signals)
    _log.warning("%s again: leaving at once", signal.Signals(number).name)
    scope.cancel()

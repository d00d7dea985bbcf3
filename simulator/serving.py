"""The running server: an Smsc, its listeners and its control API in one trio run, from settings to the last unbind.

It puts the floors together and decides nothing else. What may be said on standard output is one line: ready.
"""

import gc
import json
import logging
import os
import resource
import secrets
import signal
import socket
import ssl
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import trio

from simulator.carrier.accounts import Account
from simulator.control.api import make_app
from simulator.journal import BIND_REFUSED, BOUND, CONNECTED, DISCONNECTED, UNBOUND
from simulator.net.http import listen as listen_http
from simulator.net.http import serve_http
from simulator.net.server import Server
from simulator.smsc.smsc import Smsc

_log = logging.getLogger("carrier-sim")

PASSWORD_MAX: Final = 8
"""Characters of a password, and 15 of a system_id: more never fits a bind (SMPP 3.4, 5.2.1 and 5.2.2)."""
SYSTEM_ID_MAX: Final = 15

Address = tuple[str, int]


@dataclass(slots=True, frozen=True)
class Settings:
    """Everything ``carrier-sim serve`` was told, checked."""

    smpp: Address
    http: Address
    smpps: Address | None = None
    tls: ssl.SSLContext | None = None
    accounts: tuple[Account, ...] = ()
    speed: float = 1.0
    seed: int = 0
    report: Path | None = None
    given_token: str | None = field(default=None, repr=False)
    made_token: str | None = field(default=None, repr=False)
    """Made because the API is off loopback and none was given; the only one that is ever shown."""

    @property
    def token(self) -> str | None:
        """What the control API asks for, if anything."""
        return self.given_token or self.made_token


def settings_from(
    *,
    scenarios: Sequence[str],
    smpp: str,
    smpps: str | None,
    http: str,
    accounts: Sequence[str],
    speed: float,
    seed: int | None,
    report: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    token: str | None,
    is_verbose: bool,
) -> Settings:
    """Check what the command line said. Raises ValueError naming the option, what it was and what is allowed."""
    logging.basicConfig(
        level=logging.INFO if is_verbose else logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s"
    )
    if scenarios:
        raise ValueError(f"scenario {scenarios[0]!r}: not found; this version has no scenarios yet")
    if not 0 < speed <= 1_000_000:
        raise ValueError(f"--speed: {speed}, must be above 0 and at most 1000000")
    if report is not None:
        _check_report(report)
    http_address = address_from(http, "--http")
    return Settings(
        smpp=address_from(smpp, "--smpp"),
        http=http_address,
        smpps=None if smpps is None else address_from(smpps, "--smpps"),
        tls=None if smpps is None else _tls(tls_certificate, tls_key),
        accounts=_accounts(accounts),
        speed=speed,
        seed=secrets.randbelow(1_000_000_000) if seed is None else seed,
        report=report,
        given_token=token,
        made_token=None if token or is_loopback(http_address[0]) else secrets.token_urlsafe(24),
    )


def address_from(text: str, option: str) -> Address:
    """HOST:PORT, [IPV6]:PORT. Raises ValueError naming the option."""
    host, colon, port = text.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if is_bracketed else host
    if not colon or not bare or (not is_bracketed and not {":", "[", "]"}.isdisjoint(bare)):
        raise ValueError(f"{option}: {text!r}, must be HOST:PORT, as in 127.0.0.1:2775 or [::1]:2775")
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{option}: port {port!r}, must be 0 to 65535")
    return bare, int(port)


def _check_report(path: Path) -> None:
    """A report that could not be written is said now, not at the end of a day."""
    if path.suffix != ".json":
        raise ValueError(f"--report: {str(path)!r}, must end in .json")
    if not path.parent.is_dir():
        raise ValueError(f"--report: {str(path)!r}: there is no folder {str(path.parent)!r}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ValueError(f"--report: {str(path)!r} cannot be written")


def _accounts(texts: Sequence[str]) -> tuple[Account, ...]:
    accounts: dict[str, Account] = {}
    for text in texts:
        name, colon, password = text.partition(":")
        # the password is not repeated: this message may end in a log
        if not colon:
            raise ValueError(f"--account: {name!r}, must be ID:PASSWORD")
        if not 0 < len(name) <= SYSTEM_ID_MAX:
            raise ValueError(f"--account: {name!r} has {len(name)} characters, must have 1 to {SYSTEM_ID_MAX}")
        if len(password) > PASSWORD_MAX:
            raise ValueError(f"--account: the password of {name!r} has {len(password)} characters, at most 8")
        if name in accounts:
            raise ValueError(f"--account: {name!r} is given twice")
        accounts[name] = Account(name, password)
    return tuple(accounts.values())


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    if certificate is None:
        raise ValueError(
            "--smpps: needs --tls-certificate FILE (and --tls-key FILE unless the key is in the same file)"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"--tls-certificate: {str(certificate)!r}: {error}") from error
    return context


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises OSError when an address cannot be listened on."""
    raise_file_limit()
    try:
        trio.run(_serve, settings)
    except ExceptionGroup as group:
        cause: Exception = group
        # nurseries wrap: the caller is told the error itself
        while isinstance(cause, ExceptionGroup):
            cause = cause.exceptions[0]
        if not isinstance(cause, OSError):
            raise
        raise cause from group


def raise_file_limit() -> None:
    """As many open files as we may have: each session is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Collector:
    """Keeps the garbage collector from looking at what lives long.

    The hot path makes no cycles, and a full ring holds hundreds of thousands of objects: looking at all of them would
    stop everybody for longer than any answer may take. So the young are looked at often, what lives is then frozen, and
    everything is looked at only when a great many links have ended, or nobody is busy and little is kept.
    """

    PERIOD: Final = 0.25
    """Seconds between two looks at the young."""
    LINKS_MAX: Final = 20_000
    """Links that may end before everything is collected even though it is not quiet."""
    FROZEN_MAX: Final = 150_000
    """Objects that may be looked at in a quiet moment: a few hundredths of a second."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def run(self) -> None:
        """Collect and freeze until cancelled."""
        gc.collect()
        gc.set_threshold(1_000_000, 1_000_000, 1_000_000)
        ended = events = 0
        while True:
            gc.freeze()
            await trio.sleep(self.PERIOD)
            gc.collect(0)
            total = self._server.smsc.journal.total
            is_quiet, events = total == events, total
            unlooked = self._server.links_ended - ended
            is_cheap = is_quiet and unlooked > 0 and gc.get_freeze_count() < self.FROZEN_MAX
            if is_cheap or unlooked > self.LINKS_MAX:
                ended = self._server.links_ended
                gc.unfreeze()
                gc.collect()


async def _serve(settings: Settings) -> None:
    smsc = Smsc(
        trio.current_time(),
        time.time(),
        accounts=settings.accounts,
        seed=settings.seed,
        speed=settings.speed,
    )
    if _log.isEnabledFor(logging.INFO):
        _narrate(smsc)
    server = Server(smsc)
    stop_http = trio.Event()
    ready = []
    async with trio.open_nursery() as nursery:
        listeners: list[trio.abc.Listener[Any]] = []
        for name, address in (("smpp", settings.smpp), ("smpps", settings.smpps)):
            if address is None:
                continue
            opened = await _listen(name, address)
            ready.append(f"{name}={shown(opened[0].socket)}")
            tls = settings.tls
            listeners += opened if name == "smpp" or tls is None else [trio.SSLListener(one, tls) for one in opened]
        http_socket = listen_http(*settings.http)
        ready.append(f"http={shown(http_socket)}")
        _warn(settings)
        app = make_app(smsc, trio.current_time, pause=trio.lowlevel.checkpoint, token=settings.token)
        await nursery.start(partial(serve_http, app, http_socket, stop=stop_http))
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as attendants:
                attendants.start_soon(_obey, signals, server, nursery.cancel_scope)
                await attendants.start(_serve_smpp, server, listeners, attendants.cancel_scope)
                attendants.start_soon(Collector(server).run)
                # the one line on standard output that other people's scripts wait for
                print(f"ready {' '.join(ready)}", flush=True)  # noqa: T201
                print(f"carrier-sim: seed {settings.seed}", file=sys.stderr, flush=True)  # noqa: T201
        stop_http.set()
    if settings.report is not None:
        write_report(settings.report, smsc, settings.seed)


async def _serve_smpp(
    server: Server,
    listeners: Sequence[trio.abc.Listener[Any]],
    scope: trio.CancelScope,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    """Serve until the server was stopped; then whoever attended to it may go, too."""
    await server.serve(listeners, task_status=task_status)
    scope.cancel()


async def _obey(signals: AsyncIterator[int], server: Server, scope: trio.CancelScope) -> None:
    """The first signal asks everybody to leave, the second ends at once."""
    await anext(signals)
    server.stop()
    number = await anext(signals)
    _log.warning("%s again: leaving at once", signal.Signals(number).name)
    scope.cancel()


async def _listen(name: str, address: Address) -> list[trio.SocketListener]:
    host, port = address
    try:
        listeners = await trio.open_tcp_listeners(port, host=host, backlog=4096)
    except OSError as error:
        raise OSError(error.errno, f"--{name} {host}:{port}: {error.strerror or error}") from error
    if not port:
        # a name with several addresses would get a free port on each, and the ready line tells but one
        for spare in listeners[1:]:
            await spare.aclose()
        del listeners[1:]
    return listeners


def shown(sock: Any) -> str:
    """HOST:PORT that a socket listens on."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if sock.family == socket.AF_INET6 else f"{host}:{port}"


def _narrate(smsc: Smsc) -> None:
    """Log each session's coming and going."""

    def tell(kind: str, _at: float, session: int, caller: Any, detail: Any) -> None:
        who = f"{caller.system_id} {caller.bind_type}".strip() or "nobody yet"
        _log.info("session %d of %s (%s): %s%s", session, caller.peer, who, kind, f", {detail}" if detail else "")

    for kind in (CONNECTED, BOUND, BIND_REFUSED, UNBOUND, DISCONNECTED):
        smsc.journal.feed(kind, partial(tell, kind))


def _warn(settings: Settings) -> None:
    for name, address in (("--smpp", settings.smpp), ("--smpps", settings.smpps), ("--http", settings.http)):
        if address is not None and not is_loopback(address[0]):
            _log.warning("%s %s: other machines can reach this simulator", name, address[0])
    if settings.made_token is not None:
        _log.warning("the control API asks for: Authorization: Bearer %s", settings.made_token)


def write_report(path: Path, smsc: Smsc, seed: int) -> None:
    """What happened, in numbers, as JSON; written beside and then moved, so that nobody reads half of it."""
    report = {
        "seed": seed,
        "events": {kind: number for kind, number in smsc.journal.counts.items() if number},
        "waiting": smsc.waiting(),
        "pending": len(smsc.agenda),
    }
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_text(json.dumps(report, indent=2) + "\n")
        beside.replace(path)
    except OSError as error:
        raise OSError(error.errno, f"--report {path}: {error.strerror}") from error

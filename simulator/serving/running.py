"""The running server: an Smsc, its listeners and its control API in one trio run, from settings to the last unbind.

It puts the floors together and decides nothing else. What may be said on standard output is one line: ready.
"""

import logging
import resource
import secrets
import signal
import ssl
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import trio

from simulator.carrier.accounts import Account
from simulator.control.api import make_app
from simulator.control.terminal import printable
from simulator.journal import BIND_REFUSED, BOUND, CONNECTED, DISCONNECTED, UNBOUND
from simulator.net.addresses import Address, address_from, is_loopback, shown
from simulator.net.dial import OutbindFailed, OutbindRefused, Targets
from simulator.net.doors import Listening, listeners_from
from simulator.net.http import listen as listen_http
from simulator.net.http import serve_http
from simulator.net.server import Door, Server, links_for
from simulator.net.tls import ask_for_certificate, made_context, own_context
from simulator.scenario.schema import Scenario
from simulator.serving.collector import Collector
from simulator.serving.failing import Telling
from simulator.serving.recording import check_journal, recording
from simulator.serving.reloading import reload_on_change
from simulator.serving.reporting import check_report, write_report
from simulator.smpp.errors import LocalError
from simulator.smsc.memory.watch import Verdict
from simulator.smsc.play.playing import Playing
from simulator.smsc.play.staging import said_of_carrier, staged
from simulator.smsc.smsc import Smsc

_log = logging.getLogger("carrier-sim")

PASSWORD_MAX: Final = 8
"""Characters of a password, and 15 of a system_id: more never fits a bind (SMPP 3.4, 5.2.1 and 5.2.2)."""
SYSTEM_ID_MAX: Final = 15


ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end a run in good order; the last is that of a terminal that was closed."""


@dataclass(slots=True, frozen=True)
class Call:
    """An ESME that is called at the start, and what it is told of us."""

    address: Address
    system_id: str
    password: str = field(repr=False)


@dataclass(slots=True, frozen=True)
class Settings:
    """Everything ``carrier-sim serve`` was told, checked."""

    smpp: tuple[Address, ...]
    http: Address
    smpps: tuple[Address, ...] = ()
    tls: ssl.SSLContext | None = None
    listeners: tuple[Listening, ...] = ()
    """Those that the scenarios name."""
    authority: bytes | None = field(default=None, repr=False)
    """PEM of the authorities that have signed our certificates, where both were made for this run."""
    authority_out: Path | None = None
    """The file that it is to be written to."""
    accounts: tuple[Account, ...] = ()
    """Those of the command line; the scenarios' are theirs."""
    scenarios: tuple[Scenario, ...] = ()
    names: tuple[str, ...] = ()
    """What the scenarios are called, for the verdict; those of the command line."""
    allows_conflicts: bool = False
    """Where two of them fill one slot whatever comes, the later one wins."""
    is_watching: bool = False
    """Load them again when a file changes."""
    targets: tuple[str, ...] = ()
    """Hosts beside this machine that may be called."""
    calls: tuple[Call, ...] = ()
    speed: float = 1.0
    seed: int = 0
    report: Path | None = None
    journal: Path | None = None
    given_token: str | None = field(default=None, repr=False)
    made_token: str | None = field(default=None, repr=False)
    """Made because the API is off loopback and none was given; the only one that is ever shown."""

    @property
    def token(self) -> str | None:
        """What the control API asks for, if anything."""
        return self.given_token or self.made_token


def settings_from(
    *,
    scenarios: Sequence[Scenario],
    names: Sequence[str] = (),
    allows_conflicts: bool = False,
    is_watching: bool = False,
    smpp: Sequence[str],
    smpps: Sequence[str],
    http: str,
    accounts: Sequence[str],
    networks: Sequence[str],
    outbinds: Sequence[str],
    targets: Sequence[str],
    speed: float,
    seed: int | None,
    report: Path | None,
    journal: Path | None,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_ca_out: Path | None,
    tls_client_ca: Path | None,
    is_client_certificate_required: bool,
    token: str | None,
    is_verbose: bool,
) -> Settings:
    """Check what the command line said.

    Raises ValueError naming the option, what it was and what is allowed, and OSError where a disk is full.
    """
    logging.basicConfig(
        level=logging.INFO if is_verbose else logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s"
    )
    if is_watching and not names:
        raise ValueError("--watch: there is no scenario file to watch")
    if is_watching and "-" in names:
        raise ValueError("--watch: standard input is no file to watch")
    if not 0 < speed <= 1_000_000:
        raise ValueError(f"--speed: {speed}, must be above 0 and at most 1000000")
    written = {"--journal": journal, "--report": report, "--tls-ca-out": tls_ca_out}
    _check_purposes(
        written, {"--tls-certificate": tls_certificate, "--tls-key": tls_key, "--tls-client-ca": tls_client_ca}
    )
    if report is not None:
        check_report(report)
    if journal is not None:
        check_journal(journal)
    http_address = address_from(http, "--http")
    secure = tuple(address_from(one, "--smpps") for one in smpps)
    settings = Settings(
        smpp=tuple(address_from(one, "--smpp") for one in smpp),
        http=http_address,
        smpps=secure,
        accounts=_accounts(accounts, networks),
        scenarios=tuple(scenarios),
        names=tuple(names),
        allows_conflicts=allows_conflicts,
        is_watching=is_watching,
        targets=tuple(targets),
        calls=_calls(outbinds, targets),
        speed=speed,
        seed=_seed(seed, scenarios),
        report=report,
        journal=journal,
        given_token=token,
        made_token=None if token or is_loopback(http_address[0]) else secrets.token_urlsafe(24),
    )
    return _secured(
        settings,
        certificate=tls_certificate,
        key=tls_key,
        authority_out=tls_ca_out,
        client_authorities=tls_client_ca,
        is_client_required=is_client_certificate_required,
    )


def _seed(given: int | None, scenarios: Sequence[Scenario]) -> int:
    """The seed that was given, else that of the last scenario which has one, else one that is picked."""
    seeds = [one.seed for one in scenarios if one.seed is not None]
    if given is not None:
        return given
    return seeds[-1] if seeds else secrets.randbelow(1_000_000_000)


def _check_purposes(written: Mapping[str, Path | None], read: Mapping[str, Path | None]) -> None:
    """A file that is written is nothing else beside. Raises ValueError naming both options."""
    purposes: dict[Path, str] = {}
    for option, path in (*written.items(), *read.items()):
        if path is not None:
            other = purposes.setdefault(path.resolve(), option)
            # a certificate and its key may well stand in one file
            if other != option and other in written:
                raise ValueError(f"{other} and {option}: {str(path)!r}, must be two files")


def _login(text: str, option: str) -> tuple[str, str]:
    """ID:PASSWORD. The password is never repeated: an error may end in a log."""
    name, colon, password = text.partition(":")
    if not colon:
        raise ValueError(f"{option}: {name!r}, must be ID:PASSWORD")
    if not 0 < len(name) <= SYSTEM_ID_MAX:
        raise ValueError(f"{option}: {name!r} has {len(name)} characters, must have 1 to {SYSTEM_ID_MAX}")
    if len(password) > PASSWORD_MAX:
        raise ValueError(f"{option}: the password of {name!r} has {len(password)} characters, at most 8")
    for what, told in ((repr(name), name), (f"the password of {name!r}", password)):
        if not all("\0" < one <= "\xff" for one in told):
            raise ValueError(f"{option}: {what} has characters that no bind can carry, must be ASCII or Latin-1")
    return name, password


def _accounts(texts: Sequence[str], networks: Sequence[str]) -> tuple[Account, ...]:
    allowed = _networks(networks)
    accounts: dict[str, Account] = {}
    for name, password in (_login(text, "--account") for text in texts):
        if name in accounts:
            raise ValueError(f"--account: {name!r} is given twice")
        accounts[name] = Account(name, password, networks=tuple(allowed.pop(name, ())))
    for name in allowed:
        raise ValueError(f"--allow: {name!r}, must be the ID of an --account")
    return tuple(accounts.values())


def _networks(texts: Sequence[str]) -> dict[str, list[str]]:
    """Networks by account. An ID may hold what it likes; what stands behind its last = holds none."""
    allowed: dict[str, list[str]] = {}
    for text in texts:
        name, equals, networks = text.rpartition("=")
        if not equals:
            raise ValueError(f"--allow: {text!r}, must be ID=NETWORK[,NETWORK], as in gateway=192.0.2.0/24,::1")
        for network in networks.split(","):
            try:
                ip_network(network)
            except ValueError as error:
                raise ValueError(f"--allow: {network!r} of {name!r}: {error}") from error
            allowed.setdefault(name, []).append(network)
    return allowed


def _calls(texts: Sequence[str], targets: Sequence[str]) -> tuple[Call, ...]:
    calls = []
    for text in texts:
        place, equals, login = text.partition("=")
        if not equals:
            raise ValueError(f"--outbind: {place!r}, must be HOST:PORT=ID:PASSWORD")
        address = address_from(place, "--outbind")
        try:
            Targets(targets).check(address[0])
        except OutbindRefused as error:
            raise ValueError(f"--outbind: {error}") from error
        calls.append(Call(address, *_login(login, "--outbind")))
    return tuple(calls)


def _secured(
    settings: Settings,
    *,
    certificate: Path | None,
    key: Path | None,
    authority_out: Path | None,
    client_authorities: Path | None,
    is_client_required: bool,
) -> Settings:
    """The settings with their TLS context: of the user's certificate, or of one that is made for this run.

    And with the listeners of the scenarios, whose certificates are always made.
    """
    named = said_of_carrier(settings.scenarios).get("listeners", {})
    listeners, signed = listeners_from(named, client_authorities=client_authorities)
    settings = replace(settings, listeners=listeners, authority=signed, authority_out=authority_out)
    if not settings.smpps:
        given = {"--tls-certificate": certificate, "--tls-key": key}
        if signed is None:
            given |= {"--tls-ca-out": authority_out, "--tls-client-ca": client_authorities}
        for option, path in given.items():
            if path is not None:
                raise ValueError(f"{option}: {str(path)!r}, but there is no --smpps")
    if is_client_required and client_authorities is None:
        raise ValueError("--tls-client-required: needs --tls-client-ca FILE, which tells whose certificates count")
    if not settings.smpps:
        return settings
    authority = b""
    if certificate is None:
        if key is not None:
            raise ValueError(f"--tls-key: {str(key)!r}, but there is no --tls-certificate")
        context, authority = made_context(host for host, _ in settings.smpps)
    elif authority_out is not None and signed is None:
        raise ValueError(f"--tls-ca-out: {str(authority_out)!r}, but with --tls-certificate no authority is made")
    else:
        context = own_context(certificate, key)
    if client_authorities is not None:
        ask_for_certificate(context, client_authorities, is_required=is_client_required)
    # whoever trusts one of ours is to trust the other
    return replace(settings, tls=context, authority=(authority + (signed or b"")) or None)


def run(settings: Settings) -> Verdict | None:
    """Serve until SIGINT, SIGTERM or SIGHUP.

    Returns the verdict where there is a report, or a scenario that expects something. Raises OSError when an address
    cannot be listened on.
    """
    raise_file_limit()
    try:
        return trio.run(_serve, settings)
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


async def _serve(settings: Settings) -> Verdict | None:
    smsc = staged(
        settings.scenarios,
        trio.current_time(),
        time.time(),
        accounts=settings.accounts,
        seed=settings.seed,
        speed=settings.speed,
    )
    playing = Playing(
        *(smsc, settings.scenarios, settings.names),
        accounts=settings.accounts,
        allows_conflicts=settings.allows_conflicts,
    )
    playing.judge(trio.current_time, always=settings.report is not None)
    if _log.isEnabledFor(logging.INFO):
        _narrate(smsc)
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    Telling(smsc.journal, trio.current_time, lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    server = Server(smsc, targets=settings.targets, links_max=links_for(files))
    stop_http = trio.Event()
    if settings.authority is not None and settings.authority_out is not None:
        _write_authority(settings.authority_out, settings.authority)
    async with recording(smsc, settings.journal, trio.current_time()) as recorder, trio.open_nursery() as nursery:
        doors, places = await _open_doors(settings)
        http_socket = listen_http(*settings.http)
        places["http"] = place_of(http_socket)
        _warn(settings)
        collector = Collector(server)
        app = make_app(
            *(smsc, trio.current_time),
            pause=trio.lowlevel.checkpoint,
            token=settings.token,
            recording=recorder,
            server=server,
            authority=settings.authority,
            playing=playing,
        )
        await nursery.start(partial(serve_http, collector.counted(app), http_socket, stop=stop_http))
        with trio.open_signal_receiver(*ENDING) as signals:
            async with trio.open_nursery() as attendants:
                attendants.start_soon(_obey, signals, server, nursery.cancel_scope)
                await attendants.start(_serve_smpp, server, doors, attendants.cancel_scope)
                attendants.start_soon(collector.run)
                # the one line on standard output that other people's scripts wait for
                print(ready_line(places), flush=True)  # noqa: T201
                print(f"carrier-sim: seed {settings.seed}", file=sys.stderr, flush=True)  # noqa: T201
                if settings.authority is not None:
                    where = f"http://{places['http']}/api/tls/ca.pem"
                    who = "--smpps" if settings.tls else "TLS"
                    print(f"carrier-sim: {who} shows a certificate of {where}", file=sys.stderr, flush=True)  # noqa: T201
                if settings.is_watching:
                    attendants.start_soon(reload_on_change, playing)
                for call in settings.calls:
                    attendants.start_soon(_call, server, call)
        stop_http.set()
    verdict = None if playing.watch is None else playing.watch.verdict()
    if settings.report is not None and verdict is not None:
        write_report(settings.report, verdict, smsc)
    if recorder is not None:
        recorder.check()
    return verdict


def ready_line(places: Mapping[str, str]) -> str:
    """``ready smpp=HOST:PORT [smpps=HOST:PORT] http=HOST:PORT``, and behind it every further listener."""
    first = [name for name in ("smpp", "smpps", "http") if name in places]
    names = first + [name for name in places if name not in first]
    return "ready " + " ".join(f"{name}={places[name]}" for name in names)


async def _open_doors(settings: Settings) -> tuple[list[Door], dict[str, str]]:
    """Every listener for ESMEs, and by the name of each where it listens: smpp, smpp2 ..., smpps ..., or its own."""
    doors: list[Door] = []
    try:
        return doors, await _opened(settings, doors)
    except OSError:
        for door in doors:
            await door.listener.aclose()
        raise


async def _opened(settings: Settings, doors: list[Door]) -> dict[str, str]:
    places: dict[str, str] = {}
    for kind, addresses, tls in (("smpp", settings.smpp, None), ("smpps", settings.smpps, settings.tls)):
        for number, address in enumerate(addresses, 1):
            name = kind if number == 1 else f"{kind}{number}"
            opened = await _listen(f"--{kind}", address)
            places[name] = place_of(opened[0].socket)
            doors += [Door(listener, name, tls) for listener in opened]
    for one in settings.listeners:
        opened = await _listen(f"listeners.{one.name}", one.address)
        places[one.name] = place_of(opened[0].socket)
        doors += [Door(listener, one.name, one.tls) for listener in opened]
    return places


async def _call(server: Server, call: Call) -> None:
    """Call an ESME once; where nobody is there, the log and the journal tell."""
    try:
        await server.outbind(*call.address, system_id=call.system_id, password=call.password)
    except (LocalError, OutbindFailed, OutbindRefused) as error:
        _log.warning("--outbind %s: %s", shown(*call.address), error)


def _write_authority(path: Path, pem: bytes) -> None:
    try:
        path.write_bytes(pem)
    except OSError as error:
        raise OSError(error.errno, f"--tls-ca-out {path}: {error.strerror}") from error


async def _serve_smpp(
    server: Server,
    doors: Sequence[Door],
    scope: trio.CancelScope,
    *,
    task_status: trio.TaskStatus[None],
) -> None:
    """Serve until the server was stopped; then whoever attended to it may go, too."""
    await server.serve(doors, task_status=task_status)
    scope.cancel()


async def _obey(signals: AsyncIterator[int], server: Server, scope: trio.CancelScope) -> None:
    """The first signal asks everybody to leave, the second ends at once."""
    await anext(signals)
    server.stop()
    number = await anext(signals)
    _log.warning("%s again: leaving at once", signal.Signals(number).name)
    server.hurry()
    scope.cancel()


async def _listen(option: str, address: Address) -> list[trio.SocketListener]:
    host, port = address
    try:
        listeners = await trio.open_tcp_listeners(port, host=host, backlog=4096)
    except OSError as error:
        raise OSError(error.errno, f"{option} {host}:{port}: {error.strerror or error}") from error
    if not port:
        # a name with several addresses would get a free port on each, and the ready line tells but one
        for spare in listeners[1:]:
            await spare.aclose()
        del listeners[1:]
    return listeners


def place_of(sock: Any) -> str:
    """HOST:PORT that a socket listens on."""
    return shown(*sock.getsockname()[:2])


def _narrate(smsc: Smsc) -> None:
    """Log each session's coming and going, in lines that do nothing to a terminal whatever an ESME calls itself."""

    def tell(kind: str, _at: float, session: int, caller: Any, detail: Any) -> None:
        who = f"{caller.system_id} {caller.bind_type}".strip() or "nobody yet"
        told = f"session {session} of {caller.peer} ({who}): {kind}" + (f", {detail}" if detail else "")
        _log.info("%s", printable(told))

    for kind in (CONNECTED, BOUND, BIND_REFUSED, UNBOUND, DISCONNECTED):
        smsc.journal.feed(kind, partial(tell, kind))


def _warn(settings: Settings) -> None:
    places = {"--smpp": settings.smpp, "--smpps": settings.smpps, "--http": (settings.http,)}
    places |= {f"listeners.{one.name}": (one.address,) for one in settings.listeners}
    for option, addresses in places.items():
        for host, _ in addresses:
            if not is_loopback(host):
                _log.warning("%s %s: other machines can reach this simulator", option, host)
    if settings.made_token is not None:
        _log.warning("the control API asks for: Authorization: Bearer %s", settings.made_token)

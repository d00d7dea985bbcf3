"""An ASGI application served inside the nursery, behind a guard. The only file that knows which HTTP server it is.

It knows a listening socket that is ours, the server that borrows it, and how to part with that server in time. It knows
neither what the application says nor that SMPP exists: whatever a client of HTTP does ends here.

The server below is young, and four of its habits decide the shape of this file:

* It may fail on hostile octets and then ends with all its connections. So the socket is ours, it gets a duplicate, and
  is started again on the next one; whoever connects meanwhile waits in the backlog.
* It must never be cancelled, only asked to end. So it runs shielded, and a cancellation of ours is turned into asking.
* It shields each write. So a client that does not read would hold up the end for ever: after the grace the sockets
  of the connections that remain are shut down underneath it.
* It takes as many connections as come, and each is an open file that a link of SMPP may need. So they are counted, by
  the tasks that serve them, and what exceeds CONNECTIONS_MAX is cut like that, too.
"""

import logging
import os
import socket
import stat
from contextlib import suppress
from ipaddress import ip_address
from math import inf
from pathlib import Path
from typing import Any, Final

import trio
from anycorn import Config, serve

GRACE: Final = 0.5
"""Seconds that requests in flight have when the server is to end."""
AFTERMATH: Final = 1.0
"""Seconds after which a server that neither ended nor fell with its connections is cancelled after all."""
RESTART_PAUSE: Final = 0.05
"""Seconds between a failure and the next start; each failure in a row doubles them."""
RESTART_PAUSE_MAX: Final = 1.0
"""Seconds that they grow to: what fails at once, where no descriptor is left for one, will fail again."""
STEADY: Final = 10.0
"""Seconds after which a failure is no longer one in a row."""
TOLD_EVERY: Final = 60.0
"""Seconds between two lines in the log about failures in a row; the first has its traceback."""
BACKLOG: Final = 100
CONNECTIONS_MAX: Final = 500
"""Connections at once. What exceeds it is cut within a moment, but the server below may keep the files of those for
the five seconds that it gives to idle ones."""
CENSUS: Final = 0.25
"""Seconds between two counts of the connections."""
STALL_MAX: Final = 60_000
"""Milliseconds that a client may leave octets unread before the system cuts its connection."""

_log = logging.getLogger(__name__)
# a logger of ours, because the server would otherwise give its own one a stream and a level
_server_log = _log.getChild("server")
_server_log.setLevel(logging.WARNING)

_FDS: Final = Path("/dev/fd")
_SHUT: Final = frozenset({4, 5, 7, 11})
"""States of a TCP connection (Linux, tcp_states.h) in which our side has ended and nothing is left to cut."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on a host's name or address and a port; 0 takes a free one.

    Raises OSError, with host and port in its text, when the name is unknown or the port taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # connections inherit these two
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALL_MAX)
            sock.bind(address)
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            raise
    except OSError as error:
        raise OSError(error.errno, f"http: cannot listen on {host}:{port}: {error.strerror}") from error
    return sock


async def serve_http(
    app: Any,
    sock: socket.socket,
    *,
    stop: trio.Event,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve an ASGI application on a listening socket until ``stop`` is set or we are cancelled, then close it.

    Started at once: the socket listens, so whoever connects is served as soon as the server stands. Ends within about
    GRACE + AFTERMATH seconds whatever the clients do. A failure of the server is logged and never raised.
    """
    leave = trio.Event()
    with sock:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_sheltered, app, sock, leave)
            task_status.started()
            try:
                await stop.wait()
            finally:
                leave.set()


async def _sheltered(app: Any, sock: socket.socket, leave: trio.Event) -> None:
    """Run the guard where no cancellation reaches it, and see to it that it ends once ``leave`` is set."""
    with trio.CancelScope(shield=True):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_hasten, sock, leave, nursery.cancel_scope)
            nursery.start_soon(_thin_out, sock, trio.lowlevel.current_task())
            await _guard(app, sock, leave)
            nursery.cancel_scope.cancel()


async def _hasten(sock: socket.socket, leave: trio.Event, scope: trio.CancelScope) -> None:
    await leave.wait()
    await trio.sleep(GRACE * 1.5)
    count = _sever(sock)
    _log.warning("http: %d connections did not end in time and were cut", count)
    await trio.sleep(AFTERMATH)
    _log.error("http: the server did not end in time and was cancelled")
    scope.cancel()


async def _thin_out(sock: socket.socket, task: trio.lowlevel.Task) -> None:
    """Cut connections while there are too many; the server below serves each in a task that is a child of ``task``."""
    while True:
        await trio.sleep(CENSUS)
        count = sum(len(nursery.child_tasks) for nursery in task.child_nurseries)
        if count > CONNECTIONS_MAX:
            cut = _sever(sock, spared=CONNECTIONS_MAX)
            if cut:
                _log.warning("http: %d connections above %d were cut", cut, CONNECTIONS_MAX)


async def _guard(app: Any, sock: socket.socket, leave: trio.Event) -> None:
    failures = Failures()
    while not leave.is_set():
        begun = trio.current_time()
        try:
            await serve(app, _config(sock), shutdown_trigger=leave.wait, mode="asgi")
        except* Exception as group:  # noqa: BLE001 -- logged with its traceback; whatever it was, SMPP goes on
            failures.tell(group, begun, trio.current_time())
        with trio.move_on_after(failures.pause):
            await leave.wait()


class Failures:
    """How long to wait after a failure of the server, and whether it is worth a line in the log."""

    def __init__(self) -> None:
        self.pause = RESTART_PAUSE
        """Seconds before the next start."""
        self._told_at = -inf
        self._untold = 0

    def tell(self, error: BaseException, begun: float, now: float) -> None:
        """What was started at ``begun`` has failed at ``now``."""
        if now - begun >= STEADY:
            self.pause, self._told_at = RESTART_PAUSE, -inf
        else:
            self.pause = min(self.pause * 2, RESTART_PAUSE_MAX)
        if now - self._told_at < TOLD_EVERY:
            self._untold += 1
            return
        if self._untold:
            _log.error("http: the server failed %d times more and is started again", self._untold + 1)
        else:
            _log.error("http: the server failed and is started again", exc_info=error)
        self._told_at, self._untold = now, 0


def _config(sock: socket.socket) -> Config:
    config = Config()
    # the server closes what it is given: it gets a descriptor of its own
    config.bind = [f"fd://{os.dup(sock.fileno())}"]
    config.backlog = BACKLOG
    config.errorlog = _server_log
    config.accesslog = None
    config.graceful_timeout = GRACE
    config.include_server_header = False
    return config


def _sever(sock: socket.socket, *, spared: int = 0) -> int:
    """Shut down the connections that were accepted on a listening socket of this process; returns how many.

    The ``spared`` ones are those with the lowest descriptors, which are mostly the oldest.
    """
    host, port = sock.getsockname()[:2]
    found = count = 0
    for fd in sorted(int(entry.name) for entry in _FDS.iterdir()):
        # some may have closed since the list was made, its own descriptor for one
        with suppress(OSError):
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue
            with socket.socket(fileno=os.dup(fd)) as other:
                if other.family == sock.family and other.type == sock.type and _is_at(other, host, port):
                    found += 1
                    if found > spared:
                        other.shutdown(socket.SHUT_RDWR)
                        count += 1
    return count


def _is_at(other: socket.socket, host: str, port: int) -> bool:
    """Whether this is a living connection whose near end is that address; a listening socket has no far end."""
    with suppress(OSError):
        other.getpeername()
        if other.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in _SHUT:
            return False
        near = other.getsockname()
        return near[1] == port and (near[0] == host or ip_address(host).is_unspecified)
    return False

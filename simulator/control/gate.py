"""What every request passes before the application sees it: a token or else a name, and a bound on its body.

Without a token this server trusts whoever sits at this machine. A web page in his browser sits there, too: it can post
here from any site, and it can read the answers under a name of its own that it lets point to this machine. So it is
told apart by what no page can change: the names in Host and Origin (RFC 9110, 7.2; RFC 6454, 7).

It speaks plain ASGI, reads no path but the one that is open to all, and keeps nothing.
"""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, Final

from starlette.exceptions import HTTPException

from simulator.control.answers import SHOWN_MAX, STATUSES, problem

BODY_MAX: Final = 1024 * 1024
"""Octets of a request's body."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing, and a page from elsewhere cannot read their answers."""
OPEN_PATHS: Final = frozenset({"/healthz"})
"""Served without the token, because whoever watches the process has none."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_TOO_LARGE: Final = f"body: more than {BODY_MAX} octets"


class Gate:
    """An ASGI application around another. With a ``token`` every request must bear it (RFC 6750, 2.1).

    Without one every request must be for a loopback name, or for one of ``hosts``, and no page from elsewhere may
    change anything.
    """

    def __init__(self, app: App, *, token: str | None = None, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._hosts = frozenset(host.lower() for host in hosts) | {"localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] == "websocket":
            # nothing here speaks it, so nothing of it needs to be guarded
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._token is None and (reason := self._stranger(scope)):
            await problem("forbidden", reason)(scope, receive, send)
        elif not self._may_pass(scope):
            headers = {"www-authenticate": "Bearer"}
            reason = "Authorization: Bearer TOKEN is wanted, with the token this server was started with"
            await problem("unauthorized", reason, headers=headers)(scope, receive, send)
        elif _length(scope) > BODY_MAX:
            # what the client goes on sending is not read: the server closes the connection after this
            await problem("too_large", _TOO_LARGE)(scope, receive, send)
        else:
            if scope["method"] == "HEAD":
                # health checks ask so; the server below leaves the body out (RFC 9110, 9.3.2)
                scope = {**scope, "method": "GET", "asked": "HEAD"}
            await self._app(scope, _bounded(receive), send)

    def _may_pass(self, scope: Scope) -> bool:
        if self._token is None or scope["path"] in OPEN_PATHS:
            return True
        scheme, _, given = _header(scope, b"authorization").partition(b" ")
        return scheme.lower() == b"bearer" and compare_digest(given.strip(), self._token)

    def _stranger(self, scope: Scope) -> str:
        """Why the request may come from a page that is not ours; empty where it does not."""
        asked = _header(scope, b"host").decode("latin-1").strip().lower()
        # a request that a browser sends always has one
        if asked and not self._is_ours(asked):
            return f"Host: {asked[:SHOWN_MAX]!r} is no loopback name of this machine; elsewhere a token is wanted"
        origin = _header(scope, b"origin").decode("latin-1").strip().lower()
        # ours is what was loaded from here: its origin is the very place that it asks now
        if scope["method"] in SAFE_METHODS or origin in {"", f"http://{asked}", f"https://{asked}"}:
            return ""
        return f"Origin: {origin[:SHOWN_MAX]!r}: a page from elsewhere may not {scope['method'][:SHOWN_MAX]} here"

    def _is_ours(self, authority: str) -> bool:
        """Whether the host of HOST, HOST:PORT or [IPV6]:PORT is one of those we answer to."""
        host, _, port = authority.rpartition(":")
        names = {authority, host} if port.isdecimal() else {authority}
        return not names.isdisjoint(self._hosts) or any(map(_is_loopback, names))


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def _header(scope: Scope, name: bytes) -> bytes:
    return next((bytes(value) for key, value in scope["headers"] if key.lower() == name), b"")


def _length(scope: Scope) -> int:
    """The Content-Length, 0 where there is none that could be read; beyond 18 digits any number is too large."""
    length = _header(scope, b"content-length").strip()
    if not length.isdigit():
        return 0
    return int(length) if len(length) <= 18 else BODY_MAX + 1


def _bounded(receive: Receive) -> Receive:
    """Count what comes, because a chunked body has no length beforehand."""
    count = 0

    async def counted() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > BODY_MAX:
            raise HTTPException(STATUSES["too_large"], _TOO_LARGE)
        return message

    return counted

"""One request of HTTP/1.1 after the other over connections that are kept: h11 on trio streams.

It knows URLs, connections, redirects and which hosts may be called. What a callback says, and what follows of its
answer, it does not know.
"""

import base64
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import h11
import trio

from simulator.gateway.config import CallbackSettings
from simulator.gateway.messages import Answer, Callback
from simulator.net.dial import OutbindRefused, Targets

ANSWER_MAX: Final = 64 * 1024
"""Octets of an answer that are kept; of a longer one the connection is closed, and it counts as an error."""
IDLE_MAX: Final = 20
"""Connections that stay open to one host."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SAME_METHOD: Final = frozenset({307, 308})
_EMPTY: Final = frozenset({204, 304})
"""Answers without a body, whatever their headers say (RFC 9112, 6.3)."""
_NOT_PLAIN: Final = frozenset({b"transfer-encoding", b"connection", b"upgrade", b"trailer"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class CallFailed(Exception):
    """No answer came; says why."""


Found = tuple[int, dict[bytes, bytes], bytes]
"""Status, headers (names in lower case), body."""


@dataclass(slots=True, frozen=True)
class _Request:
    """A request as h11 checks it, and the octets that it makes of it."""

    method: str
    target: bytes
    headers: list[tuple[str, str]]
    body: bytes
    octets: bytes


@dataclass(slots=True)
class _Line:
    """One connection."""

    stream: trio.abc.Stream
    is_used: bool = False
    """Whether an answer came on it before, and none since."""
    is_done: bool = False
    """Whether the last answer is read to its end, and another request may follow."""


class Caller:
    """Makes requests; used by any number of tasks at once."""

    def __init__(self, allowed: Sequence[str] = (), authorities: str | None = None) -> None:
        self._targets = Targets(allowed)
        self._authorities = authorities
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, str, int], list[_Line]] = {}

    async def call(self, callback: Callback, policy: CallbackSettings) -> Answer:
        """Make the request and follow redirects. Raises CallFailed."""
        url, method, body = callback.url, callback.method, callback.body
        for _ in range(policy.redirects + 1):
            status, headers, content = await self._ask(url, method, body, callback.headers, policy)
            location = headers.get(b"location", b"")
            if status not in _REDIRECTS or not location or not policy.redirects:
                kind = headers.get(b"content-type", b"").decode("latin-1")
                return Answer(status, kind, content)
            url = urljoin(url, location.decode("latin-1"))
            if status not in _SAME_METHOD:
                method, body = "GET", b""
        raise CallFailed(f"more than {policy.redirects} redirects")

    async def _ask(
        self, url: str, method: str, body: bytes, headers: Sequence[tuple[str, str]], policy: CallbackSettings
    ) -> Found:
        where = _origin(url)
        try:
            self._targets.check(where[1])
        except OutbindRefused as error:
            raise CallFailed(str(error)) from error
        request = _request(url, method, body, headers)
        while True:
            idle = self._idle.get(where)
            line = idle.pop() if idle else await self._connect(where, policy)
            try:
                with trio.fail_after(policy.read):
                    found = await self._exchange(line, request)
            except (trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError) as error:
                await trio.aclose_forcefully(line.stream)
                if line.is_used:
                    # it was kept open, and the other side has closed it meanwhile: that says nothing
                    line.is_used = False
                    continue
                raise CallFailed(f"connection lost: {error}") from error
            except trio.TooSlowError as error:
                await trio.aclose_forcefully(line.stream)
                raise CallFailed(f"no answer within {policy.read:g} s") from error
            except BaseException:
                await trio.aclose_forcefully(line.stream)
                raise
            await self._keep(where, line)
            return found

    async def _connect(self, where: tuple[str, str, int], policy: CallbackSettings) -> _Line:
        scheme, host, port = where
        try:
            with trio.fail_after(policy.connect):
                stream: trio.abc.Stream = await trio.open_tcp_stream(host, port)
                if scheme == "https":
                    secured = trio.SSLStream(stream, self._context(), server_hostname=host, https_compatible=True)
                    await secured.do_handshake()
                    stream = secured
        except trio.TooSlowError as error:
            raise CallFailed(f"no connection within {policy.connect:g} s") from error
        except (OSError, trio.BrokenResourceError) as error:
            raise CallFailed(f"no connection: {error.__cause__ or error}") from error
        return _Line(stream)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=self._authorities)
        return self._tls

    async def _exchange(self, line: _Line, request: _Request) -> Found:
        """Write a request and read its answer; the line may be used again where it says so afterwards."""
        line.is_done = False
        await line.stream.send_all(request.octets)
        octets = bytes(await line.stream.receive_some(65_536))
        line.is_used = line.is_used and not octets
        quick = quick_answer(octets)
        if quick is not None:
            line.is_done = True
            return quick
        machine = h11.Connection(h11.CLIENT)
        machine.send(h11.Request(method=request.method, target=request.target, headers=request.headers))
        machine.send(h11.Data(data=request.body))
        machine.send(h11.EndOfMessage())
        machine.receive_data(octets)
        status, headers = 0, dict[bytes, bytes]()
        content = bytearray()
        while True:
            event: Any = machine.next_event()
            if event is h11.NEED_DATA:
                machine.receive_data(bytes(await line.stream.receive_some(65_536)))
            elif isinstance(event, h11.Response):
                status, headers = event.status_code, dict(event.headers)
            elif isinstance(event, h11.Data):
                content += event.data
                if len(content) > ANSWER_MAX:
                    raise h11.RemoteProtocolError(f"an answer of more than {ANSWER_MAX} octets")
            elif isinstance(event, h11.EndOfMessage):
                line.is_done = machine.our_state is h11.DONE and machine.their_state is h11.DONE
                return status, headers, bytes(content)
            elif isinstance(event, h11.ConnectionClosed):
                raise h11.RemoteProtocolError("closed without an answer")

    async def _keep(self, where: tuple[str, str, int], line: _Line) -> None:
        idle = self._idle.setdefault(where, [])
        if line.is_done and len(idle) < IDLE_MAX:
            line.is_used = True
            idle.append(line)
        else:
            await trio.aclose_forcefully(line.stream)

    async def close(self) -> None:
        """Close what is kept open."""
        for idle in self._idle.values():
            for line in idle:
                await trio.aclose_forcefully(line.stream)
        self._idle.clear()


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CallFailed(f"{url!r}: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise CallFailed(f"{url!r}, must be an URL of http or https")
    return parts.scheme, parts.hostname, _DEFAULT_PORTS[parts.scheme] if port is None else port


def _request(url: str, method: str, body: bytes, headers: Sequence[tuple[str, str]]) -> _Request:
    """Raises CallFailed for a header that could be no header."""
    parts = urlsplit(url)
    target, fields = _target(parts), _headers(parts, body, headers)
    lines = [f"{name}: {value}" for name, value in fields]
    if any("\r" in line or "\n" in line or "\0" in line for line in lines):
        raise CallFailed("headers: a line break in one of them")
    try:
        head = "\r\n".join([f"{method} {target.decode('ascii')} HTTP/1.1", *lines, "", ""]).encode("latin-1")
    except UnicodeEncodeError as error:
        raise CallFailed(f"headers: {error}") from error
    return _Request(method, target, fields, body, head + body)


_PLAIN: Final = re.compile(rb"HTTP/1\.1 ([2-5]\d\d)(?: [ -~]*)?\r\n")


def quick_answer(octets: bytes) -> Found | None:
    """An answer that stands in one piece and says how long it is, as nearly all do; None leaves it to h11.

    h11 takes ten times as long for it, and callbacks are most of what a busy gateway does.
    """
    begins = _PLAIN.match(octets)
    end = octets.find(b"\r\n\r\n")
    if begins is None or end < 0:
        return None
    headers: dict[bytes, bytes] = {}
    for line in octets[begins.end() : end].split(b"\r\n") if end > begins.end() else ():
        name, colon, value = line.partition(b":")
        name = name.lower()
        # what is folded, said twice, or names another way of telling the length is not plain
        if not colon or name in headers or name in _NOT_PLAIN or name != name.strip():
            return None
        headers[name] = value.strip()
    status, length, body = int(begins[1]), headers.get(b"content-length"), octets[end + 4 :]
    if status in _EMPTY:
        return None if body or length not in {None, b"0"} else (status, headers, b"")
    if length is None or not length.isdigit() or len(length) > 6 or int(length) != len(body) or len(body) > ANSWER_MAX:
        return None
    return status, headers, body


def _target(parts: SplitResult) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "".join(char if "!" <= char <= "~" else "%20" for char in target).encode("ascii")


def _headers(parts: SplitResult, body: bytes, headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    host = parts.netloc.rpartition("@")[2]
    found = [("host", host), ("user-agent", "carrier-sim gateway"), ("content-length", str(len(body))), *headers]
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        found.append(("authorization", f"Basic {base64.b64encode(login).decode()}"))
    return found

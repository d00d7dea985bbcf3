"""Asking a carrier-sim that runs elsewhere: one request of its control API, and its problems as the errors they are.

It knows HTTP and JSON as that API speaks them, and no verb. Each request has a connection of its own, so that any
number of threads may ask at once.
"""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from simulator.embed.waiting import NotSeen
from simulator.scenario.problems import Problem, ScenarioError
from simulator.smsc.memory.recall import Truncated
from simulator.smsc.play.playing import Misfit

PATIENCE: Final = 30.0
"""Seconds that an answer may take beyond what was to be waited for."""


class SmscRefused(ValueError):
    """The server will not do it: ``code`` is that of its table of problems, ``members`` are all that it has told."""

    def __init__(self, code: str, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.code = code
        self.members = dict(members)


class NotReached(OSError):
    """Nobody answers at the address, or not by HTTP."""


class NotRemote(RuntimeError):
    """A verb that only an SMSC of this program's own has."""


class Api:
    """One server's API. ``account``: all is asked for this account alone; ``token`` where the server wants one."""

    def __init__(self, url: str, *, account: str | None = None, token: str | None = None) -> None:
        """Raises ValueError for what is no address of a server."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"smsc-url: {url!r}, must be http://HOST:PORT, that of the control API")
        self.url = url.rstrip("/")
        self.host: str = parts.hostname
        self._port = parts.port
        self._path = parts.path.rstrip("/")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._headers = {"Accept": "application/json"}
        if account is not None:
            self._headers["Smsc-Account"] = account
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, query: Mapping[str, Any] | None = None, *, waits: float = 0.0) -> Any:
        """What is there; ``waits`` is how many seconds the server itself may wait."""
        asked = {key: value for key, value in (query or {}).items() if value is not None}
        return json.loads(self.octets("GET", f"{path}?{urlencode(asked)}" if asked else path, waits=waits))

    def send(self, method: str, path: str, body: Any = None, *, waits: float = 0.0) -> Any:
        """What comes of it. Raises what the problem is: ScenarioError, Misfit, NotSeen, Truncated, SmscRefused."""
        return json.loads(self.octets(method, path, body, waits=waits))

    def octets(self, method: str, path: str, body: Any = None, *, waits: float = 0.0) -> bytes:
        """The same as it came."""
        connection = self._kind(self.host, self._port, timeout=PATIENCE + waits)
        headers, payload = dict(self._headers), None
        if body is not None:
            payload, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(method, self._path + path, payload, headers)
            response = connection.getresponse()
            octets = response.read()
        except (OSError, HTTPException) as error:
            raise NotReached(f"{self.url}: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()
        if response.status >= 400:
            _refuse(response.status, octets, f"{method} {path}")
        return octets


def _refuse(status: int, octets: bytes, asked: str) -> None:
    """Raise what a problem is."""
    try:
        problem = json.loads(octets)
        code, detail = problem["code"], problem["detail"]
    except (ValueError, KeyError, TypeError):
        raise NotReached(f"{asked}: {status}, which is no answer of carrier-sim") from None
    match code:
        case "invalid":
            where = problem.get("where") or [{"field": "", "given": detail, "allowed": "what the server says"}]
            found = (Problem(asked, 0, 0, one["field"], str(one["given"]), str(one["allowed"])) for one in where)
            raise ScenarioError(found)
        case "misfit":
            raise Misfit([detail])
        case "truncated":
            raise Truncated(detail)
        case "not_seen":
            near = [f"  near: {miss}" for miss in problem.get("nearest", ())] or ["  and nothing else came"]
            raise NotSeen("\n".join([detail, *near]))
    raise SmscRefused(code, detail, problem)


def quoted(text: str) -> str:
    """A name as one step of a path."""
    return quote(text, safe="")


__all__ = ["Api", "NotReached", "NotRemote", "SmscRefused", "quoted"]

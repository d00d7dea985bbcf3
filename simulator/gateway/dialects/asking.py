"""What the three dialects do alike with a request: who asks, what the body says, what goes back.

It knows HTTP and JSON, and how an exception becomes the answer of a dialect. It does NOT know a field, a rule or a code
of any of them, and no message.
"""

import base64
import binascii
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from hmac import compare_digest
from typing import Any, Final, NoReturn

import trio
from fastapi import Request, Response

from simulator.gateway.dialects.faults import Faults
from simulator.gateway.messages import Closing, Json

BODY_MAX: Final = 256 * 1024
"""Octets of a request's body; what is longer is no message of these APIs [I]."""

Deed = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """The request ends here with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Unreadable(ValueError):
    """The body is no JSON object in UTF-8, or too long."""


class Surface(ABC):
    """What a dialect shows over HTTP: its deeds, its own shape of an error, and faults that were asked for."""

    name: str = ""

    def __init__(self, faults: Faults | None) -> None:
        self._faults = faults

    @abstractmethod
    def problem(self, status: int, reason: str) -> Response:
        """An error in the dialect's shape; ``reason`` is for people, and some shapes have no place for it."""

    def refuse(self, status: int, reason: str) -> NoReturn:
        """End the request with such an error."""
        raise Refused(self.problem(status, reason))

    async def serve(self, request: Request, deed: Deed) -> Response:
        """The answer to a request: a fault that was asked for, what the deed returns, or why it refused."""
        if self._faults is not None:
            fault = self._faults.take(self.name)
            if fault is not None:
                await trio.sleep(fault.slow)
                if fault.status:
                    return self.problem(fault.status, "as the fault endpoint was told")
        try:
            return await deed(request)
        except Refused as refused:
            return refused.response
        except Closing:
            return self.problem(503, "the gateway is about to end")


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    octets = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(octets, status, headers, "application/json")


async def octets_of(request: Request) -> bytes:
    """The body. Raises Unreadable where it is longer than BODY_MAX."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:12]) > BODY_MAX:
        raise Unreadable(f"body: {length[:12]} octets, at most {BODY_MAX}")
    octets = b""
    async with aclosing(request.stream()) as pieces:
        async for piece in pieces:
            octets += piece
            if len(octets) > BODY_MAX:
                raise Unreadable(f"body: more than {BODY_MAX} octets")
    return octets


def object_of(octets: bytes) -> Json:
    """The JSON object that a body is. Raises Unreadable for anything else."""
    try:
        found = json.loads(octets.decode("utf-8"), parse_constant=_refuse_constant)
        if b"\\u" in octets:
            # half a surrogate pair is JSON, but no text that could be sent or kept
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Unreadable("body: no JSON in UTF-8") from error
    if not isinstance(found, dict):
        raise Unreadable(f"body: {type(found).__name__}, must be a JSON object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def basic_of(request: Request) -> tuple[str, str] | None:
    """User and password of HTTP Basic; None where there is none that can be read."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon else None


def bearer_of(request: Request) -> str:
    """The key of a Bearer header; empty where there is none."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else ""


def is_same(one: str, other: str) -> bool:
    """Whether two secrets are the same, found in a time that tells nothing of where they differ."""
    return compare_digest(one.encode(), other.encode())


def query_number(text: str | None, default: int, lowest: int, highest: int) -> int:
    """A whole number of the query string. Raises ValueError with what is allowed."""
    if text is None:
        return default
    # isdecimal() alone would take the digits of every script
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and lowest <= int(text) <= highest):
        raise ValueError(f"{text!r}, must be a number from {lowest} to {highest}")
    return int(text)


__all__ = [
    "BODY_MAX",
    "Deed",
    "Refused",
    "Surface",
    "Unreadable",
    "basic_of",
    "bearer_of",
    "is_same",
    "json_response",
    "object_of",
    "octets_of",
    "query_number",
]

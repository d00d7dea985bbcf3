"""What goes back over HTTP: JSON, and problems as JSON that says what was wrong, what came and what is allowed.

It knows how an error is put into words, not when there is one.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from simulator.smsc.routing import NoRoute

SHOWN_MAX: Final = 100
"""Characters of what a client sent, or names of a list, that an error repeats."""

STATUSES: Final = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "target_refused": 409,
    "no_route": 409,
    "not_asked": 409,
    "contradicts": 409,
    "advancing": 409,
    "too_large": 413,
    "invalid": 422,
    "internal": 500,
    "unreachable": 502,
}
"""The HTTP status of every code a problem can have."""

_CODES: Final = {status: code for code, status in STATUSES.items()}


class Refusal(Exception):
    """A request that cannot be served; ``members`` go into the answer beside code and reason."""

    def __init__(self, code: str, reason: str, **members: Any) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.members = members


class Json(Response):
    """A response in JSON whose body is made already."""

    media_type = "application/json"


def json_octets(value: Any) -> bytes:
    """JSON in UTF-8; half a surrogate pair, which no UTF-8 can hold, becomes replacement characters."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()


def answer(octets: bytes, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """A response whose body is JSON already."""
    return Json(octets, status, headers=headers)


def problem(code: str, reason: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """An answer that is an error; members that are None are left out."""
    body = {"code": code, "reason": reason, **{name: one for name, one in members.items() if one is not None}}
    return answer(json_octets({"error": body}), STATUSES[code], headers=headers)


# --- From exceptions: each is called with the request and the exception ---


async def refusal(_request: Request, error: Exception) -> Response:
    """The answer to a Refusal."""
    assert isinstance(error, Refusal)
    return problem(error.code, error.reason, **error.members)


async def nobody(_request: Request, error: Exception) -> Response:
    """The answer to a NoRoute: who could be named."""
    assert isinstance(error, NoRoute)
    return problem("no_route", str(error), candidates=error.candidates[:SHOWN_MAX])


async def http_error(request: Request, error: Exception) -> Response:
    """The answer to what the framework itself refuses: no such path, no such method, no readable body."""
    assert isinstance(error, HTTPException)
    # not request.url: it reads the query as UTF-8, and nobody has looked yet whether it is
    place = f"{request.method[:SHOWN_MAX]} {request.scope['path'][:SHOWN_MAX]}"
    code = _CODES.get(error.status_code, "bad_request")
    if code == "not_found":
        return problem(code, f"{place}: there is nothing here")
    if code == "method_not_allowed":
        headers = dict(error.headers or {})
        allowed = headers.get("Allow", "").split(", ")
        return problem(code, f"{place}: only {' and '.join(allowed)}", headers=headers, allowed=allowed)
    if code == "bad_request":
        return problem(code, f"{place}: the body cannot be read as JSON in UTF-8")
    return problem(code, f"{place}: {error.detail}")


async def internal(_request: Request, error: Exception) -> Response:
    """The answer to an error of ours; the server writes the traceback to the log."""
    return problem("internal", f"{type(error).__name__} while serving this request; the log has the details")


async def invalid(_request: Request, error: Exception) -> Response:
    """The answer to parameters or a body that are not what they must be: every field that is wrong."""
    assert isinstance(error, RequestValidationError)
    problems = [_field_problem(one) for one in error.errors()[:SHOWN_MAX]]
    reasons = []
    for one in problems:
        given = "" if one["given"] is None else f"{one['given']!r}, "
        reasons.append(f"{one['field']}: {given}{one['allowed']}")
    return problem("invalid", "; ".join(reasons), problems=problems)


_ALLOWED: Final = {
    "missing": "must be given",
    "extra_forbidden": "is not known here",
    "string_unicode": "must be text without halves of surrogate pairs",
    "model_attributes_type": "must be a JSON object, sent with Content-Type: application/json",
}
"""Where pydantic's words say too little."""
_SILENT: Final = frozenset({"missing", "json_invalid", "string_unicode"})
"""Kinds of error whose input is not the field's."""


def _field_problem(error: Mapping[str, Any]) -> dict[str, str | None]:
    kind, message = error["type"], error["msg"]
    # the first part of the place says query or body, which the field's name tells anyway
    field = ".".join(str(step) for step in error["loc"][1:] if not isinstance(step, int)) or str(error["loc"][0])
    # the name in Python of what cannot be called so there
    field = field.removesuffix("_")
    given = None if kind in _SILENT else _shown(error["input"])
    if kind == "json_invalid":
        allowed = f"must be JSON: {error['ctx']['error']} at character {error['loc'][-1]}"
    else:
        allowed = _ALLOWED.get(kind) or message.removeprefix("Value error, ").replace("Input should be", "must be")
    return {"field": field, "given": given, "allowed": allowed}


def _shown(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 3] + "..."

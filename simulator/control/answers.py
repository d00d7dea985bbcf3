"""What goes back over HTTP: JSON, and problems (RFC 9457) that say what was wrong, what came and what is allowed.

    {"type": "/api/problems#invalid", "title": "invalid", "status": 422, "code": "invalid",
     "detail": "limit: '0', must be ...", "where": [{"field": "limit", "given": "0", "allowed": "must be ..."}]}

Further members depend on the code: ``candidates``, ``allowed``, ``nearest``. It knows how a problem is put into words,
not when there is one.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from simulator.scenario.words.wire_words import nearest
from simulator.smsc.routing import NoRoute

TABLE: Final = "/api/problems"
"""Where the table of problems is served; the type of each names its row."""
SHOWN_MAX: Final = 100
"""Characters of what a client sent, or names of a list, that an error repeats."""


class Problem(NamedTuple):
    """One row of the table of problems: what is wrong, the HTTP status that says so, and when that is."""

    code: str
    status: int
    title: str
    when: str


PROBLEMS: Final = (
    Problem("bad_request", 400, "unreadable request", "the body cannot be read as JSON in UTF-8"),
    Problem("unauthorized", 401, "token wanted", "the server wants a token, and none or another was sent"),
    Problem("forbidden", 403, "from elsewhere", "a page from elsewhere asks, or by a name that is not this machine's"),
    Problem("not_found", 404, "not found", "there is no such path, message, session, rule, number ..."),
    Problem("not_seen", 404, "not seen", "what was waited for has not come in time; `nearest` tells what came close"),
    Problem("method_not_allowed", 405, "method not allowed", "the path is served, but not by this method"),
    Problem("target_refused", 409, "target refused", "the server may not call that host, or calls nobody"),
    Problem("no_route", 409, "no route", "no account, or more than one, would get a message to that number"),
    Problem("not_asked", 409, "not asked for", "nothing is played or judged that this could be about"),
    Problem("contradicts", 409, "contradiction", "what is there already says otherwise"),
    Problem("advancing", 409, "the clock walks", "another walk of the carrier's clock is under way"),
    Problem("shared", 409, "shared by all", "it cannot be done for one account alone"),
    Problem("misfit", 409, "does not fit", "scenarios that are right, each for itself, cannot be played together here"),
    Problem("truncated", 409, "too old", "an answer would be too small: the oldest are no longer kept"),
    Problem("too_large", 413, "too large", "the body has more octets than are taken"),
    Problem("invalid", 422, "invalid", "something of the request is not what it must be; `where` tells each"),
    Problem("internal", 500, "an error of ours", "the server's log has the details"),
    Problem("unreachable", 502, "unreachable", "the host that was to be called does not answer"),
    Problem("busy", 503, "too many", "as many wait or look on already as may"),
)
"""All problems that an answer can tell of."""

KNOWN: Final = {one.code: one for one in PROBLEMS}
"""The same by code."""

STATUSES: Final = {one.code: one.status for one in PROBLEMS}
"""The HTTP status of every code."""

_CODES: Final = {one.status: one.code for one in reversed(PROBLEMS)}


class Refusal(Exception):
    """A request that cannot be served; ``members`` go into the answer beside its code and detail."""

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


class ProblemJson(Json):
    """The same, of a problem."""

    media_type = "application/problem+json"


def answer(octets: bytes, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """A response whose body is JSON already."""
    return Json(octets, status, headers=headers)


def problem_json(code: str, reason: str, **members: Any) -> dict[str, Any]:
    """A problem as plain values; members that are None are left out."""
    known = KNOWN[code]
    about = {"type": f"{TABLE}#{code}", "title": known.title, "status": known.status, "code": code, "detail": reason}
    return about | {name: one for name, one in members.items() if one is not None}


def problem(code: str, reason: str, *, headers: Mapping[str, str] | None = None, **members: Any) -> Response:
    """An answer that tells a problem."""
    return ProblemJson(json_octets(problem_json(code, reason, **members)), STATUSES[code], headers=headers)


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


async def invalid(request: Request, error: Exception) -> Response:
    """The answer to parameters or a body that are not what they must be: every field that is wrong."""
    assert isinstance(error, RequestValidationError)
    where = [_field_problem(one, request.scope.get("route")) for one in error.errors()[:SHOWN_MAX]]
    reasons = []
    for one in where:
        given = "" if one["given"] is None else f"{one['given']!r}, "
        reasons.append(f"{one['field']}: {given}{one['allowed']}")
    return problem("invalid", "; ".join(reasons), where=where)


_ALLOWED: Final = {
    "missing": "must be given",
    "extra_forbidden": "is not known here",
    "string_unicode": "must be text without halves of surrogate pairs",
    "model_attributes_type": "must be a JSON object, sent with Content-Type: application/json",
}
"""Where pydantic's words say too little."""
_SILENT: Final = frozenset({"missing", "json_invalid", "string_unicode"})
"""Kinds of error whose input is not the field's."""


def _field_problem(error: Mapping[str, Any], route: Any) -> dict[str, str | None]:
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
    if kind == "extra_forbidden":
        allowed = with_hint(allowed, nearest(field.rpartition(".")[2], _names_beside(error["loc"], route)))
    return {"field": field, "given": given, "allowed": allowed}


def _names_beside(place: Sequence[int | str], route: Any) -> list[str]:
    """The names that are known where an unknown one was found."""
    params = route.dependant.query_params if place[0] == "query" else route.dependant.body_params
    shape = params[0].field_info.annotation if params else None
    if not hasattr(shape, "model_fields"):
        # a body that may be left out
        shape = next(iter(get_args(shape)), shape)
    for step in place[1:-1]:
        if not isinstance(step, int):
            found = getattr(shape, "model_fields", {}).get(step)
            shape = None if found is None else next(iter(get_args(found.annotation)), found.annotation)
    return [one.alias or name for name, one in getattr(shape, "model_fields", {}).items()]


def with_hint(allowed: str, hint: str) -> str:
    """What is allowed, and what was probably meant."""
    return f"{allowed}; did you mean {hint}?" if hint else allowed


def _shown(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 3] + "..."

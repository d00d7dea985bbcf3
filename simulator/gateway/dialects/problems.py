"""What the framework itself refuses, in the shape of the dialect whose path was asked: 404, 405, and errors of ours.

It knows which paths are whose, and nothing else of them.
"""

from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from simulator.gateway.dialects.asking import json_response
from simulator.gateway.dialects.flowroute.errors import problem as flowroute_problem
from simulator.gateway.dialects.signalsms.errors import problem as signalsms_problem
from simulator.gateway.dialects.signalwire.api import TITLES

_REASONS: Final = {404: "there is nothing here", 405: "this is not done here", 500: "an error of the gateway's own"}


def problem_of(path: str, status: int) -> Response:
    """The answer of the dialect that a path belongs to; of nobody's, a plain one."""
    reason = _REASONS.get(status, "the request cannot be served")
    if path.startswith("/api/"):
        return json_response({"error": TITLES.get(status, "Bad Request")}, status)
    if path.startswith("/v2"):
        return flowroute_problem(status, reason)
    if path.startswith("/v1/"):
        return signalsms_problem(status, reason)
    return json_response({"error": reason}, status)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = problem_of(request.scope["path"], error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _internal(request: Request, _error: Exception) -> Response:
    return problem_of(request.scope["path"], 500)


def add_problems(app: FastAPI) -> None:
    """Let an app answer so. An error of ours is raised on, behind its answer, for the log."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal)


__all__ = ["add_problems", "problem_of"]

"""Flowroute's errors: JSON:API, with an id of its own for each. Whether its status is a number or a text is not said
in what is published; it is a number here [I].
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Final

from fastapi import Response

from simulator.gateway.dialects.asking import json_response

TITLES: Final[Mapping[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""Every status that is published, with its title."""


def problems(status: int, reasons: Iterable[str]) -> Response:
    """An answer with one error for each reason."""
    errors = [
        {"id": str(uuid.uuid4()), "status": status, "title": TITLES.get(status, "Bad Request"), "detail": reason}
        for reason in reasons
    ]
    return json_response({"errors": errors}, status)


def problem(status: int, reason: str) -> Response:
    """An answer with one error."""
    return problems(status, [reason])


__all__ = ["TITLES", "problem", "problems"]

"""SignalSMS's errors: a word and a sentence. The words beyond ``unauthorized`` are not published [I]."""

from collections.abc import Mapping
from typing import Final

from fastapi import Response

from simulator.gateway.dialects.asking import json_response

WORDS: Final[Mapping[int, str]] = {
    400: "bad_request",
    401: "unauthorized",
    402: "insufficient_balance",
    404: "not_found",
    429: "rate_limited",
    500: "internal_error",
    503: "unavailable",
}
"""Every status that is published, with its word."""


def problem(status: int, reason: str) -> Response:
    """An answer that is an error; a status that is not published has the word of a bad request."""
    return json_response({"error": WORDS.get(status, "bad_request"), "message": reason}, status)


__all__ = ["WORDS", "problem"]

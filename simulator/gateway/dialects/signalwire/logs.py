"""GET /api/messaging/logs: which messages a query means, and the links of its pages.

It knows the parameters, their rules and the page tokens. A token names the message that a page ended (``PA``) or began
(``PB``) with, so that a page stays the same while new messages come. How SignalWire makes its tokens is not published,
only how they begin [I].
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from simulator.gateway.dialects.asking import query_number
from simulator.gateway.dialects.signalwire.orders import Problem
from simulator.gateway.dialects.texts import DAY, is_date, moment_of
from simulator.gateway.messages import Json, Message, Query

PAGE_SIZE: Final = 50
PAGE_SIZE_MAX: Final = 1000
PATH: Final = "/api/messaging/logs"
_FILTERS: Final = ("include_deleted", "created_before", "created_on", "created_after")


class Asked(NamedTuple):
    """A query that can be answered."""

    query: Query
    is_backward: bool
    """The page before the token's: it is found from its end, and comes the wrong way round."""
    number: int
    size: int
    filters: Mapping[str, str]


class Wrong(Exception):
    """The query breaks published rules."""

    def __init__(self, problems: list[Problem], kind: str = "validation_error") -> None:
        super().__init__(problems)
        self.problems, self.kind = problems, kind


def asked_of(given: Mapping[str, str], space: str, now: float, history_days: int | None) -> Asked:
    """What a query string asks. Raises Wrong for a published rule (422), ValueError for any other nonsense (400)."""
    size = query_number(given.get("page_size"), PAGE_SIZE, 1, PAGE_SIZE_MAX)
    number = query_number(given.get("page_number"), 0, 0, 999_999_999)
    if given.get("include_deleted", "false") not in {"true", "false"}:
        raise ValueError("include_deleted: must be true or false")
    since, until = _times(given)
    if history_days is not None and since is not None and since < now - history_days * DAY:
        raise Wrong([Problem("exceeds_history_logs_limit", "created_after")], "account_error")
    token = given.get("page_token", "")
    if number and not (token[:2] in {"PA", "PB"} and token[2:]):
        raise Wrong([Problem("page_token_required", "page_token")])
    is_backward = bool(number) and token.startswith("PB")
    query = Query(
        space,
        "signalwire",
        since=since,
        until=until,
        limit=size,
        after=token[2:] if number else "",
        is_oldest_first=is_backward,
    )
    return Asked(query, is_backward, number, size, {name: given[name] for name in _FILTERS if name in given})


def _times(given: Mapping[str, str]) -> tuple[float | None, float | None]:
    """From when (included) to when (not included) a message was created."""
    since: list[float] = []
    until: list[float] = []
    problems = []
    for name in ("created_before", "created_on", "created_after"):
        if name not in given:
            continue
        try:
            at = moment_of(given[name])
        except ValueError:
            problems.append(Problem("datetime_required", name))
            continue
        if name == "created_before":
            until.append(at)
        elif name == "created_after":
            # a day is over at its end, a moment at once
            since.append(at + DAY if is_date(given[name]) else at)
        else:
            day = at - at % DAY
            since.append(day)
            until.append(day + DAY)
    if problems:
        raise Wrong(problems)
    return max(since, default=None), min(until, default=None)


def page_of(asked: Asked, messages: list[Message], *, has_more: bool, url: str) -> tuple[list[Message], Json]:
    """The messages in the order in which they are shown, newest first, and the links."""
    messages = list(reversed(messages)) if asked.is_backward else messages
    has_next = bool(messages) and (asked.is_backward or has_more)
    links = {"self": url, "first": _link(asked, 0, "")}
    if has_next:
        links["next"] = _link(asked, asked.number + 1, "PA" + messages[-1].id)
    if asked.number and messages:
        links["prev"] = _link(asked, asked.number - 1, "PB" + messages[0].id)
    return messages, links


def _link(asked: Asked, number: int, token: str) -> str:
    parameters = {**asked.filters, "page_size": str(asked.size), "page_number": str(number)}
    if token and number:
        parameters["page_token"] = token
    return f"{PATH}?{urlencode(parameters)}"


__all__ = ["PAGE_SIZE", "PAGE_SIZE_MAX", "PATH", "Asked", "Wrong", "asked_of", "page_of"]

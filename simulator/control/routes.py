"""One row of the control API's tables, and how a table becomes routes: what a query may say, and whose is meant.

Parallel suites share one server where each says whose requests are its own: by ``?account=NAME``, or by the header
``Smsc-Account`` on everything that it asks. What belongs to all accounts (the clock, phones, networks, what is played)
can be read by such a request, and is not changed by it. It knows no deed.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.params import Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.routing import Match

from simulator.control import answers
from simulator.control.answers import SHOWN_MAX, Refusal, with_hint
from simulator.control.row_shapes import Shape
from simulator.control.shapes import ProblemShape
from simulator.scenario.words.wire_words import nearest

ACCOUNT_HEADER: Final = "smsc-account"
"""Says for every request whose it is, as ``?account=`` does for one."""

Belongs = Literal["all", "account", "nobody"]


class Scoped(Shape):
    """Whose is meant."""

    account: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="what belongs to this account alone; the header Smsc-Account says it for every request",
    )


class Route(NamedTuple):
    """One row of a table: what is asked how, which deed answers it, in which shape, and which problems there are.

    ``belongs``: to one account, where a request names one; to all of them, so that no such request may change it; or
    to nobody. ``words`` are names that its query may have beside those that its deed declares, with what they mean.
    ``example`` is what an answer looks like, or a body where the deed's own shape shows none.
    """

    method: str
    path: str
    deed: str
    shape: type[BaseModel] | None
    status: int
    summary: str
    problems: tuple[str, ...] = ()
    belongs: Belongs = "all"
    words: tuple[tuple[str, str], ...] = ()
    query: dict[str, Any] | None = None
    """An example of what may be asked, by name."""


def add_routes(app: FastAPI, routes: Iterable[Route], deed_of: Callable[[str], Any], *, has_token: bool) -> None:
    """Add each route; ``deed_of`` gives the deed of a name."""
    for route in routes:
        deed = deed_of(route.deed)
        # where there is no token the gate has another question
        gate = ("unauthorized",) if route.path != "/healthz" else ()
        is_changed = route.belongs == "all" and route.method != "GET"
        codes = (*route.problems, "invalid", *(("shared",) if is_changed else ()))
        codes += gate if has_token else ("forbidden",)
        app.router.add_api_route(
            route.path,
            deed,
            methods=[route.method],
            response_model=route.shape,
            response_class=Response if route.shape is None else answers.Json,
            status_code=route.status,
            summary=route.summary,
            operation_id=route.deed,
            responses=_problems(codes),
            openapi_extra=_parameters(route),
            route_class_override=_kind_of(route, _names_of(deed)),
        )


def _problems(codes: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of each status: the codes that it can mean."""
    by_status: dict[int | str, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(answers.STATUSES[code], []).append(code)
    return {
        status: {
            "description": ", ".join(known),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": f"#/components/schemas/{ProblemShape.__name__}"},
                    "examples": {one: {"value": answers.problem_json(one, answers.KNOWN[one].when)} for one in known},
                }
            },
        }
        for status, known in by_status.items()
    }


def _parameters(route: Route) -> dict[str, Any] | None:
    words = [
        {"name": name, "in": "query", "required": False, "description": told, "schema": {"type": "string"}}
        for name, told in route.words
    ]
    if route.belongs == "account":
        told = "whose account is meant, as ?account= says it"
        schema = {"type": "string", "minLength": 1, "maxLength": 100}
        words.append({"name": "Smsc-Account", "in": "header", "required": False, "description": told, "schema": schema})
    return {"parameters": words} if words else None


def _names_of(deed: Any) -> dict[str, bool]:
    """The names that a deed's query may have."""
    names: dict[str, bool] = {}
    for parameter in inspect.signature(deed).parameters.values():
        note = parameter.annotation
        if get_origin(note) is Annotated and any(isinstance(one, Query) for one in get_args(note)):
            shape = get_args(note)[0]
            names |= {field.alias or name: True for name, field in shape.model_fields.items()}
    return names


def _kind_of(route: Route, names: dict[str, bool]) -> type[APIRoute]:
    """The routes of this row: what they do before anything is read."""
    words = frozenset(name for name, _ in route.words)
    is_account_known = route.belongs == "account"
    begins = route.path.partition("{")[0]

    class Guarded(APIRoute):
        """Refuses what the query may not say, and puts the account of the header into it."""

        def matches(self, scope: Any) -> Any:
            """As ever, but a path that begins otherwise is not looked at twice: there are many routes."""
            if not scope["path"].startswith(begins):
                return Match.NONE, {}
            return super().matches(scope)

        def __init__(self, *args: Any, **settings: Any) -> None:
            super().__init__(*args, **settings)
            inner = self.app

            async def guarded(scope: Any, receive: Any, send: Any) -> None:
                request = Request(scope)
                _check_names(request, route, names, words)
                account = request.headers.get(ACCOUNT_HEADER)
                if account is not None:
                    if is_account_known:
                        scope = _with_account(request, account)
                    elif route.belongs == "all" and route.method != "GET":
                        raise Refusal("shared", f"{route.method} {route.path}: {_SHARED}")
                await inner(scope, receive, send)

            self.app = guarded

    return Guarded


_SHARED: Final = "it belongs to all accounts; ask it without Smsc-Account to change it for all of them"


def _check_names(request: Request, route: Route, names: dict[str, bool], words: frozenset[str]) -> None:
    """Raises Refusal for every name of the query that means nothing here."""
    # the words of a match reach deeper by dots: text.contains, fields.esm_class
    if names and not words:
        # its shape tells them with all else that is wrong
        return
    unknown = [one for one in request.query_params if one not in names and one.partition(".")[0] not in words]
    if not unknown:
        return
    known, where = [*names, *words], []
    for one in dict.fromkeys(unknown[:SHOWN_MAX]):
        allowed = "is not known here"
        if one == "account" and route.belongs == "all":
            allowed += ": this belongs to all accounts"
        given = request.query_params[one]
        hint = nearest(one, known)
        shown = given if len(given) <= SHOWN_MAX else f"{given[: SHOWN_MAX - 3]}..."
        where.append({"field": one[:SHOWN_MAX], "given": shown, "allowed": with_hint(allowed, hint)})
    told = "; ".join(f"{one['field']}: {one['given']!r}, {one['allowed']}" for one in where)
    raise Refusal("invalid", told, where=where)


def _with_account(request: Request, account: str) -> Any:
    """The request's scope with what its header says in its query. Raises Refusal where that names another account."""
    said = request.query_params.get("account")
    if said is not None and said != account:
        found = f"account: {said[:SHOWN_MAX]!r}, but Smsc-Account says {account[:SHOWN_MAX]!r}"
        raise Refusal("invalid", found)
    if said is not None:
        return request.scope
    query = request.scope["query_string"]
    more = f"account={quote(account, safe='')}".encode()
    return {**request.scope, "query_string": query + b"&" + more if query else more}


__all__ = ["ACCOUNT_HEADER", "Route", "Scoped", "add_routes"]

"""One row of the control API's tables, and how a table becomes routes. It knows no deed."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from fastapi import FastAPI, Response
from pydantic import BaseModel

from simulator.control import answers
from simulator.control.shapes import ErrorShape


class Route(NamedTuple):
    """One row of a table: what is asked how, which deed answers it, in which shape, and which problems there are."""

    method: str
    path: str
    deed: str
    shape: type[BaseModel] | None
    status: int
    summary: str
    problems: tuple[str, ...] = ()


def add_routes(app: FastAPI, routes: Iterable[Route], deed_of: Callable[[str], Any], *, has_token: bool) -> None:
    """Add each route; ``deed_of`` gives the deed of a name."""
    for route in routes:
        # where there is no token the gate has another question
        gate = ("unauthorized",) if route.path != "/healthz" else ()
        codes = (*route.problems, *(gate if has_token else ("forbidden",)))
        app.add_api_route(
            route.path,
            deed_of(route.deed),
            methods=[route.method],
            response_model=route.shape,
            response_class=Response if route.shape is None else answers.Json,
            status_code=route.status,
            summary=route.summary,
            operation_id=route.deed,
            responses={answers.STATUSES[code]: {"model": ErrorShape, "description": code} for code in codes},
        )


__all__ = ["Route", "add_routes"]

"""Whether anything is still to come, and what: for whoever waits until all is quiet.

It counts nothing itself; the SMSC's memory does.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Query, Response

from simulator.control.answers import answer, json_octets
from simulator.control.routes import Route, Scoped
from simulator.control.row_shapes import Shape
from simulator.smsc.memory.pending import pending
from simulator.smsc.smsc import Smsc

TakeIn = Callable[[], Awaitable[None]]
"""Comes back when the links have read what had arrived by now."""


class PendingShape(Shape):
    """Whether nothing is to come of all that was sent by now; else each kind of it in words."""

    is_idle: bool
    pending: list[str]


PENDING_ROUTES: Final = (
    Route(*("GET", "/api/pending", "pending", PendingShape, 200, "What is still to come of it all"), (), "account"),
)


class Pending:
    """The deed of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, take_in: TakeIn) -> None:
        self._smsc = smsc
        self._take_in = take_in

    async def pending(self, query: Annotated[Scoped, Query()]) -> Response:
        """Messages without an end, answers that are put off, deliveries that wait or were not answered. A message that
        was lost, and one that nobody ever answers, has nothing to come.
        """
        await self._take_in()
        lines = pending(self._smsc, query.account)
        return answer(json_octets({"is_idle": not lines, "pending": lines}))


__all__ = ["PENDING_ROUTES", "Pending", "TakeIn"]

"""Pages of rows: so many of them, rendered in slices so that no answer holds up a link.

It knows numbers, octets and JSON, and nothing of what a row tells.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final, Protocol, TypeVar

from fastapi import Response

from simulator.control.answers import answer, json_octets
from simulator.control.search import SLICE, Slices

RENDERED: Final = SLICE // 40
"""What it costs to render a row or a part, beside its text: forty are about two milliseconds."""

PAGE: Final = 8 * 1024 * 1024
"""Octets of rows after which a page ends, whatever its limit: the server below handles an answer in one piece."""


class Numbered(Protocol):
    """What stands in pages: its number says where."""

    @property
    def number(self) -> int:
        """Serial number."""


R = TypeVar("R", bound=Numbered)


def first_of(rows: Iterable[R], limit: int) -> tuple[list[R], int | None]:
    """So many of the rows, and the cursor behind the last of them if there are more."""
    found = list(islice(rows, limit + 1))
    return found[:limit], found[limit - 1].number if len(found) > limit else None


async def render(
    rows: Sequence[R],
    following: int | None,
    work: Callable[[R], int],
    show: Callable[[R], dict[str, Any] | None],
    slices: Slices,
) -> tuple[list[bytes], int | None]:
    """The rows as JSON, and the cursor behind the last: ``following``, or that of a page which is full before.

    ``show`` gives None for a row that has gone during a pause; ``work`` is what the slices are to take for it.
    """
    rendered: list[bytes] = []
    size = 0
    for place, row in enumerate(rows):
        if size >= PAGE:
            return rendered, rows[place - 1].number
        await slices.take(work(row))
        shown = show(row)
        if shown is not None:
            rendered.append(json_octets(shown))
            size += len(rendered[-1])
    return rendered, following


def page(name: str, rendered: list[bytes], following: int | None, rest: dict[str, Any]) -> Response:
    """A page of rows that were rendered in slices: one JSON text of ready pieces."""
    rest = {"next": None if following is None else str(following)} | rest
    return answer(b'{"%b":[' % name.encode() + b",".join(rendered) + b"]," + json_octets(rest)[1:])


__all__ = ["PAGE", "RENDERED", "first_of", "page", "render"]

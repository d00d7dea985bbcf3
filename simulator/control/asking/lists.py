"""What there is: messages, sessions and broadcasts in pages, and what was counted, of all accounts or of one.

It knows rows and how they are found; what is waited for is waiting.py's.
"""

from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request, Response
from pydantic import ConfigDict, Field

from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets
from simulator.control.asked import LIMIT_MAX, BroadcastsQuery, MessagesQuery, SessionsQuery, TrueState
from simulator.control.asking.pages import RENDERED, first_of, page, render
from simulator.control.asking.words import asked, keys_of, words
from simulator.control.routes import Route, Scoped
from simulator.control.row_shapes import MessagesShape, RowShape, Shape
from simulator.control.rows import broadcast_json, counters_json, row_json, session_json
from simulator.control.scope import Scopes
from simulator.control.search import PART, Filters, Pause, Slices, filters_from, find, octets_of
from simulator.control.shapes import BroadcastsShape, CountersShape, SessionsShape
from simulator.journal import ANSWERED, CONCLUDED
from simulator.smpp.constants import status_name
from simulator.smsc.memory.history import Row, parts_of
from simulator.smsc.memory.recall import Recall
from simulator.smsc.memory.truths import Fact, truth_of
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.broadcasts import Broadcast

TAKEN: Final = 2_000
"""Events that are fetched at once."""
ONE_MESSAGE: Final = Route(
    *("GET", "/api/messages/{number}", "message", RowShape, 200, "One message by its id", ("not_found",), "account")
)
"""Behind all routes whose last word could be an id."""
LIST_ROUTES: Final = (
    Route(
        *("GET", "/api/messages", "messages", MessagesShape, 200, "Messages, newest first, in pages"),
        (),
        "account",
        (),
        {"to": "12025550100", "state": "DELIVRD"},
    ),
    Route(
        *("GET", "/api/messages/search", "search_messages", MessagesShape, 200, "The same, in the words of rules"),
        (),
        "account",
        words("event", "count"),
        {"to.starts": "1202", "text.contains": "STOP", "limit": "10"},
    ),
    Route(*("GET", "/api/sessions", "sessions", SessionsShape, 200, "Every connection and its bind"), (), "account"),
    Route(*("GET", "/api/counters", "counters", CountersShape, 200, "What has happened"), (), "account"),
    Route(*("GET", "/api/broadcasts", "broadcasts", BroadcastsShape, 200, "Cell broadcasts, newest first")),
)


class SearchQuery(Shape):
    """The page; beside this the words of `when:`."""

    # the words are read and refused elsewhere, all that are wrong at once
    model_config = ConfigDict(extra="ignore")

    direction: Literal["mt", "mo"] = Field("mt", description="mt: from ESMEs, mo: from subscribers")
    receipt: Literal["sent", "acknowledged"] | None = Field(None, description="what has become of its receipts")
    truth: TrueState | None = Field(None, description="what is so by now, where networks are played")
    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many rows at most")
    cursor: int | None = Field(None, ge=1, description="what the previous page gave as next")


class Lists:
    """The deeds of the table, for one SMSC. ``clock`` gives link time."""

    def __init__(self, smsc: Smsc, clock: Callable[[], float], pause: Pause, recall: Recall, scopes: Scopes) -> None:
        self._smsc = smsc
        self._clock = clock
        self._pause = pause
        self._recall = recall
        self._scopes = scopes

    async def messages(self, query: Annotated[MessagesQuery, Query()]) -> Response:
        """One row for each joined text and destination, refused ones too, with the parts beneath.

        Pages: give `next` as `cursor` until it is null; a page of long texts may end before its `limit`.
        `truncated` says that older rows have left the ring.
        """
        history = self._smsc.history
        slices = Slices(self._pause)
        account = query.account

        def is_of_now(row: Row) -> bool:
            return self._scopes.includes_row(account, row)

        wanted = filters_from(query, self._truth_of, None if account is None else is_of_now)
        rows, following = await find(history, wanted, limit=query.limit, before=query.cursor, slices=slices)
        return await self._page(rows, following, slices)

    async def search_messages(self, request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
        """As `/api/messages`, of those that match all that is asked: a value, a list of them, or deeper by a dot:
        `text.contains`, `to.starts`, `fields.esm_class`. `where` takes all of it as JSON.
        """
        keys = keys_of(request.query_params, SearchQuery.model_fields)
        if query.direction == "mo":
            keys["event"] = "mo"
        where = asked(self._recall.question_of_messages, keys, "search")
        matcher, account = self._recall.matcher(where), request.query_params.get("account")

        def is_meant(row: Row) -> bool:
            is_ours = self._scopes.includes_row(account, row)
            return is_ours and self._recall.is_meant(row, matcher, query.receipt, query.truth)

        # each row may be asked for its text
        wanted = Filters(direction=query.direction, text="", also=is_meant)
        slices = Slices(self._pause)
        rows, following = await find(self._smsc.history, wanted, limit=query.limit, before=query.cursor, slices=slices)
        return await self._page(rows, following, slices)

    async def _page(self, rows: list[Row], following: int | None, slices: Slices) -> Response:
        history = self._smsc.history

        def work(row: Row) -> int:
            # the joined text of the row, and that of each part
            return (1 + len(parts_of(row))) * RENDERED + 2 * octets_of(row)

        def show(row: Row) -> dict[str, Any] | None:
            # one that has left the ring during a pause is no longer whole
            return row_json(row, self._smsc, self._at()) if history.get(row.number) is row else None

        rendered, following = await render(rows, following, work, show, slices)
        return page("messages", rendered, following, {"total": len(history), "truncated": history.evicted > 0})

    async def message(self, number: str, query: Annotated[Scoped, Query()]) -> Response:
        """The row of that id, as in the list."""
        is_number = number.isascii() and number.isdigit() and len(number) < 20
        row = self._smsc.history.get(int(number)) if is_number else None
        if row is None or not self._scopes.includes_row(query.account, row):
            raise Refusal("not_found", f"id: {number[:SHOWN_MAX]!r} is no message in the ring")
        return answer(json_octets(row_json(row, self._smsc, self._at())))

    def _truth_of(self, row: Row) -> Fact | None:
        return truth_of(row, self._smsc, self._at())

    def _at(self) -> float:
        return self._smsc.clock.at(self._clock())

    async def sessions(self, query: Annotated[SessionsQuery, Query()]) -> Response:
        """Every connection that stands, bound or not. Pages: give `next` as `cursor` until it is null."""
        known = self._smsc.sessions

        def is_meant(session: Session) -> bool:
            account = None if session.account is None else session.account.name
            return query.account in {None, account} and (query.cursor is None or session.number > query.cursor)

        rows, following = first_of(filter(is_meant, known.values()), query.limit)

        def show(session: Session) -> dict[str, Any] | None:
            return session_json(session) if session.number in known else None

        rendered, following = await render(rows, following, lambda _: RENDERED, show, Slices(self._pause))
        return page("sessions", rendered, following, {"total": len(known)})

    async def counters(self, query: Annotated[Scoped, Query()]) -> Response:
        """Events by kind, answers by status, messages by final state, since the last reset.

        With `account` counted from what the journal keeps; `pending` is then how many messages have no end yet.
        """
        if query.account is None:
            return answer(json_octets(counters_json(self._smsc) | {"truncated": False}))
        return answer(json_octets(await self._counted(query.account)))

    async def _counted(self, account: str) -> dict[str, Any]:
        smsc, slices, scopes = self._smsc, Slices(self._pause), self._scopes
        journal, at = smsc.journal, scopes.mark(account).event
        is_truncated = journal.truncated > at
        events, answered, concluded = Counter[str](), Counter[str](), Counter[str]()
        while taken := list(islice(journal.rows(at), TAKEN)):
            for event in taken:
                await slices.take(PART)
                if scopes.includes(account, event):
                    events[event.kind] += 1
                    if event.kind == ANSWERED:
                        answered[status_name(event.detail)] += 1
                    elif event.kind == CONCLUDED:
                        concluded[event.detail.state] += 1
            at = taken[-1].number + 1
        rows = [row for row in smsc.history.newest_first() if scopes.includes_row(account, row)]
        return {
            "events": dict(events),
            "answered": dict(sorted(answered.items())),
            "concluded": dict(sorted(concluded.items())),
            "waiting": smsc.outbox(account).kept,
            "pending": sum(not part.is_final for row in rows for part in parts_of(row)),
            "rows": len(rows),
            "evicted": smsc.history.evicted,
            "truncated": is_truncated,
        }

    async def broadcasts(self, query: Annotated[BroadcastsQuery, Query()]) -> Response:
        """Broadcasts have no destination and so are no messages; they come from SMPP 5.0 ESMEs alone.

        Pages are those of the messages.
        """
        smsc, known = self._smsc, self._smsc.broadcasts
        at = smsc.clock.at(self._clock())
        earlier = (one for one in known.newest_first() if query.cursor is None or one.number < query.cursor)
        rows, following = first_of(earlier, query.limit)

        def work(broadcast: Broadcast) -> int:
            return RENDERED + 2 * broadcast.octets

        def show(broadcast: Broadcast) -> dict[str, Any] | None:
            # one that was let go during a pause has no areas, every other one has
            return broadcast_json(broadcast, smsc, at) if broadcast.areas else None

        rendered, following = await render(rows, following, work, show, Slices(self._pause))
        return page("broadcasts", rendered, following, {"total": len(known), "truncated": known.evicted > 0})


__all__ = ["LIST_ROUTES", "ONE_MESSAGE", "Lists"]

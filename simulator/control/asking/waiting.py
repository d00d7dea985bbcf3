"""Long polls: an answer when so many messages, or sessions, are as they were asked for; else the nearest misses.

While somebody waits only the rows that something happened to are looked at again. It knows the words of rules, rows and
events; what a message's fate is, it does not know.
"""

from collections.abc import Awaitable, Callable
from itertools import islice
from math import inf
from typing import Annotated, Any, Final, Literal

import trio
from fastapi import Query, Request, Response
from pydantic import ConfigDict, Field

from simulator.carrier.messages import bare
from simulator.control.answers import Refusal, answer, json_octets
from simulator.control.asked import LIMIT_MAX, Ahead, TrueState
from simulator.control.asking.ear import Ear
from simulator.control.asking.words import asked, keys_of, words
from simulator.control.routes import Route
from simulator.control.row_shapes import RowShape, Shape
from simulator.control.rows import row_json, session_json
from simulator.control.scope import Scopes
from simulator.control.search import PART, SLICE, TAKEN, Pause, Slices
from simulator.control.shapes import SessionShape
from simulator.journal import BOUND
from simulator.scenario.expect import Matcher
from simulator.scenario.match import Match
from simulator.smsc.memory.history import Row, head_of, parts_of
from simulator.smsc.memory.recall import NEAR_MAX, Miss, Recall, distance
from simulator.smsc.smsc import Smsc
from simulator.smsc.translate import Incoming, Submission

TIMEOUT: Final = 5.0
TIMEOUT_MAX: Final = 600.0
"""Seconds that somebody may wait."""
WAITING_MAX: Final = 200
"""Who may wait at once."""
MEANT: Final = SLICE // 60
"""What it costs to ask whether one part is meant: sixty are about two milliseconds."""
WEIGHED_MAX: Final = 2_000
"""The newest rows, among which near misses are looked for."""
TOUCHED_MAX: Final = 10_000
"""Rows that something happened to and that wait to be looked at; where there are more, all are."""
TRUTH_EVERY: Final = 0.1
"""Seconds between two looks where the truth is asked for: it comes true without an event."""


class WaitQuery(Shape):
    """How many, how long; beside these the words of `when:`."""

    # the words are read and refused elsewhere, all that are wrong at once
    model_config = ConfigDict(extra="ignore")

    count: int = Field(1, ge=1, le=LIMIT_MAX, description="how many there must be")
    timeout: Ahead = Field(TIMEOUT, le=TIMEOUT_MAX, description="a span as in 5s, 250ms or 2m", validate_default=False)


class WaitForMessageQuery(WaitQuery):
    """The same of messages."""

    direction: Literal["mt", "mo"] = Field("mt", description="mt: from ESMEs, mo: from subscribers")
    receipt: Literal["sent", "acknowledged"] | None = Field(
        None, description="what must have become of its receipts, of each part's"
    )
    truth: TrueState | None = Field(None, description="what must be so by now, where networks are played")


class MetShape(Shape):
    """The messages that were waited for, oldest first, and for how many seconds that was."""

    messages: list[RowShape]
    waited: float


class MetSessionsShape(Shape):
    """The sessions that were waited for, in the order in which they came."""

    sessions: list[SessionShape]
    waited: float


WAIT_ROUTES: Final = (
    Route(
        *("GET", "/api/messages/wait", "wait_for_message", MetShape, 200, "Answered when messages are as asked for"),
        ("not_seen", "truncated", "busy"),
        "account",
        words("count", "event"),
        {"to": "12025550100", "state": "DELIVRD", "timeout": "5s"},
    ),
    Route(
        *("GET", "/api/sessions/wait", "wait_for_session", MetSessionsShape, 200, "Answered when sessions are bound"),
        ("not_seen", "busy"),
        "account",
        words("count", "event", "state", "text", "source", "destination", "from", "to", "alphabet", "part", "length"),
        {"bind_type": "TRX", "timeout": "5s"},
    ),
)


class Waiting:
    """The deeds of the table, for one SMSC. ``clock`` gives link time."""

    def __init__(
        self, smsc: Smsc, clock: Callable[[], float], pause: Pause, recall: Recall, *, ear: Ear, scopes: Scopes
    ) -> None:
        self._smsc = smsc
        self._clock = clock
        self._pause = pause
        self._recall = recall
        self._ear = ear
        self._scopes = scopes
        self._waiting = 0

    async def wait_for_message(self, request: Request, query: Annotated[WaitForMessageQuery, Query()]) -> Response:
        """Counted since the last reset; a message that is so already counts. `state` is what the SMSC says of it.

        What has not come in time is a `not_seen`, and `nearest` tells what came close: field, wanted, got.
        """
        keys = keys_of(request.query_params, WaitForMessageQuery.model_fields)
        if query.direction == "mo":
            keys["event"] = "mo"
        where = asked(self._recall.question_of_messages, keys, "wait")
        account = request.query_params.get("account")
        hunt = Hunt(self._smsc, self._recall, self._scopes, where, query=query, account=account)
        began = trio.current_time()
        found = await self._met(request, hunt, query)
        if found is None:
            raise await self._not_seen(hunt, query)
        at = self._smsc.clock.at(self._clock())
        slices, rendered = Slices(self._pause), []
        for row in found:
            await slices.take(len(parts_of(row)) * PART)
            rendered.append(json_octets(row_json(row, self._smsc, at)))
        waited = round(trio.current_time() - began, 3)
        return answer(b'{"messages":[' + b",".join(rendered) + b"]," + json_octets({"waited": waited})[1:])

    async def _met(self, request: Request, hunt: "Hunt", query: WaitForMessageQuery) -> list[Row] | None:
        async def look() -> list[Row] | None:
            await hunt.look(Slices(self._pause))
            return hunt.found(query.count)

        every = inf if query.truth is None else TRUTH_EVERY
        found: list[Row] | None = await self._until(request, hunt, look, query.timeout, every)
        return found

    async def _until(
        self, request: Request, hunt: "Stirred", look: Callable[[], Awaitable[Any]], seconds: float, every: float
    ) -> Any:
        """What ``look`` finds as soon as it finds anything; None when the time is over, or nobody listens any more."""
        if self._waiting >= WAITING_MAX:
            raise Refusal("busy", f"{WAITING_MAX} wait already")
        self._waiting += 1
        self._ear.join(hunt)
        found: Any = None
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_gone, request, nursery.cancel_scope)
                with trio.move_on_after(seconds):
                    while True:
                        stirred, began = hunt.stirred, trio.current_time()
                        if (found := await look()) is not None:
                            break
                        cost = trio.current_time() - began
                        with trio.move_on_after(every):
                            await stirred.wait()
                        # where there is much to look at, the links have at least half of the time
                        await trio.sleep(cost)
                nursery.cancel_scope.cancel()
        finally:
            self._waiting -= 1
            self._ear.leave(hunt)
        return found if found is not None else await look()

    async def _not_seen(self, hunt: "Hunt", query: WaitForMessageQuery) -> Refusal:
        if self._smsc.history.evicted:
            told = f"messages: {self._smsc.history.evicted} older ones are no longer kept, so this is not known"
            return Refusal("truncated", told)
        misses = await hunt.misses(Slices(self._pause))
        reason = f"wanted {query.count}, came {hunt.came}, in {query.timeout:g} s"
        return Refusal("not_seen", reason, nearest=[str(one) for one in misses])

    async def wait_for_session(self, request: Request, query: Annotated[WaitQuery, Query()]) -> Response:
        """Sessions that are bound already count. `account`, `bind_type`, `version`, `listener`, `tls` and the like."""
        keys = keys_of(request.query_params, WaitQuery.model_fields)
        where = asked(self._recall.question, {"event": "bound", **keys}, "wait")
        began = trio.current_time()
        known = self._smsc.sessions

        async def look() -> list[Any] | None:
            numbers = [one.number for one in self._recall.sessions(where)][: query.count]
            return [known[number] for number in numbers] if len(numbers) >= query.count else None

        found = await self._until(request, Stirred(), look, query.timeout, inf)
        if found is None:
            came, misses = len(self._recall.sessions(where)), self._recall.missed_sessions(where)
            reason = f"wanted {query.count}, came {came}, in {query.timeout:g} s"
            raise Refusal("not_seen", reason, nearest=[str(one) for one in misses])
        waited = round(trio.current_time() - began, 3)
        return answer(json_octets({"sessions": [session_json(one) for one in found], "waited": waited}))


async def _until_gone(request: Request, scope: trio.CancelScope) -> None:
    """Whoever has hung up waits no longer."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


class Stirred:
    """Hears of binds."""

    def __init__(self) -> None:
        self.stirred = trio.Event()

    def hear(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> None:
        """See `Ear`."""
        if kind == BOUND:
            self._stir()

    def _stir(self) -> None:
        self.stirred.set()
        self.stirred = trio.Event()


class Hunt(Stirred):
    """Looks for messages: once at all of them, then at those to which something happens."""

    def __init__(
        self,
        smsc: Smsc,
        recall: Recall,
        scopes: Scopes,
        where: Match,
        *,
        query: WaitForMessageQuery,
        account: str | None,
    ) -> None:
        super().__init__()
        self._smsc = smsc
        self._recall = recall
        self._scopes = scopes
        self._asks = query.receipt, query.truth
        self._count = query.count
        self._account = account
        self._kind = Incoming if query.direction == "mo" else Submission
        self._matcher: Matcher = recall.matcher(where)
        to = where.destination
        numbers = None if to is None else to.any_of
        self._numbers = None if numbers is None else frozenset(bare(str(one)) for one in numbers)
        self._touched: dict[int, Any] | None = None
        """The messages to look at; None: all."""
        self._met: dict[int, None] = {}

    def hear(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> None:
        """See `Ear`."""
        if kind == "reset":
            self._touched = None
            self._met.clear()
        elif not isinstance(subject, self._kind) or not self._may_mean(subject):
            return
        elif self._touched is not None:
            self._touched[subject.number] = subject
            if len(self._touched) > TOUCHED_MAX:
                self._touched = None
        self._stir()

    def _may_mean(self, message: Any) -> bool:
        """What can be told at once."""
        if self._account is not None and message.account != self._account:
            return False
        return self._numbers is None or bare(message.destination.number) in self._numbers

    async def look(self, slices: Slices) -> None:
        """Look at what has changed, in slices."""
        touched, self._touched = self._touched, {}
        if touched is None or self._asks[1] is not None:
            await self._look_at_all(slices)
            return
        for message in touched.values():
            await slices.take(MEANT)
            row = self._smsc.history.row_of(message)
            if row is not None:
                self._judge(row)

    async def _look_at_all(self, slices: Slices) -> None:
        self._met.clear()
        await _each(self._smsc, slices, self._may_mean_row, self._judged)

    def _may_mean_row(self, row: Row) -> bool:
        if isinstance(row, Incoming) is not (self._kind is Incoming):
            return False
        return self._may_mean(head_of(row)) and self._scopes.includes_row(self._account, row)

    def _judged(self, row: Row) -> bool:
        """Whether enough are met, so that no further one need be looked at."""
        self._judge(row)
        return len(self._met) >= self._count

    def _judge(self, row: Row) -> None:
        if self._may_mean_row(row) and self._recall.is_meant(row, self._matcher, *self._asks):
            self._met[row.number] = None
        else:
            self._met.pop(row.number, None)

    @property
    def came(self) -> int:
        """How many are as they were asked for."""
        return len(self._met)

    def found(self, count: int) -> list[Row] | None:
        """The newest so many, oldest first; None where there are fewer."""
        if len(self._met) < count:
            return None
        rows = [self._smsc.history.get(number) for number in sorted(self._met)]
        there = [row for row in rows if row is not None]
        return there[-count:] if len(there) >= count else None

    async def misses(self, slices: Slices) -> list[Miss]:
        """The messages that differ least from what is wanted, the nearest first."""
        nearest: list[Miss] = []

        looked_at = 0

        def is_ours(row: Row) -> bool:
            return isinstance(row, Incoming) is (self._kind is Incoming) and self._scopes.includes_row(
                self._account, row
            )

        def weigh(row: Row) -> bool:
            nonlocal looked_at
            looked_at += 1
            miss = self._recall.miss_of(row, self._matcher, *self._asks)
            if miss is not None:
                nearest.append(miss)
                nearest.sort(key=distance)
                del nearest[NEAR_MAX:]
            return looked_at >= WEIGHED_MAX

        await _each(self._smsc, slices, is_ours, weigh)
        return nearest


async def _each(smsc: Smsc, slices: Slices, is_asked: Callable[[Row], bool], deed: Callable[[Row], bool]) -> None:
    """Do it for every row that is asked, newest first, until it says that this is enough.

    Rows that come or go meanwhile are no error.
    """
    before = None
    while taken := list(islice(smsc.history.newest_first(before), TAKEN)):
        for row in taken:
            if not is_asked(row):
                await slices.take(PART)
                continue
            await slices.take(max(1, len(parts_of(row))) * MEANT)
            if deed(row):
                return
        before = taken[-1].number


__all__ = ["WAIT_ROUTES", "Hunt", "Waiting"]

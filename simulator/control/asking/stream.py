"""Events as they happen, to whoever looks on: server-sent events, in a queue that is bounded for each viewer.

A viewer who reads slowly loses events and is told how many; one who does not read at all is told nothing more, and
costs nothing, until he does. It knows events and the text/event-stream format, and decides nothing about any message.
"""

from collections import deque
from typing import Annotated, Any, Final

import trio
from fastapi import Query, Request, Response
from pydantic import ConfigDict, Field

from simulator.control.answers import Refusal, json_octets
from simulator.control.asking.ear import Ear
from simulator.control.asking.events import Selection
from simulator.control.asking.words import words
from simulator.control.gate import Receive, Scope, Send
from simulator.control.routes import Route
from simulator.control.row_shapes import Shape
from simulator.control.scope import Scopes
from simulator.control.search import PART, Pause, Slices
from simulator.journal import Event, Journal
from simulator.smsc.memory.recall import Recall
from simulator.smsc.smsc import Smsc

VIEWERS_MAX: Final = 50
QUEUE_MAX: Final = 1_000
"""Events that wait for a viewer."""
BATCH: Final = 100
"""Events that are sent in one piece."""
FRAMES: Final = 0.25
"""Seconds between two frames of a sampled stream, ROWS at most in each."""
ROWS: Final = 50
ALIVE: Final = 15.0
"""Seconds of silence after which a comment says that we are still here."""


class StreamQuery(Shape):
    """Which events; beside these the words of `when:`."""

    # the words are read and refused elsewhere, all that are wrong at once
    model_config = ConfigDict(extra="ignore")

    kind: str | None = Field(None, max_length=50, description="submitted, answered, receipt_sent ...")
    sampled: bool = Field(
        default=False, description="at most 4 frames a second, with the last 50 events of each; the rest is counted"
    )
    since: int | None = Field(None, ge=0, le=1 << 60, description="begin with the kept event of this number")


STREAM_ROUTES: Final = (
    Route(
        *("GET", "/api/stream", "stream", None, 200, "What happens, as it happens (text/event-stream)"),
        ("busy",),
        "account",
        words("event", "count"),
        {"kind": "answered", "sampled": "true"},
    ),
)


class Streaming:
    """The deed of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, pause: Pause, recall: Recall, ear: Ear, scopes: Scopes) -> None:
        self._smsc = smsc
        self._pause = pause
        self._recall = recall
        self.ear = ear
        self._scopes = scopes
        self.viewers = 0

    async def stream(self, request: Request, query: Annotated[StreamQuery, Query()]) -> Response:
        """Each event is an `event:` of its kind with the JSON of `/api/events`, its `id:` goes back in Last-Event-ID.

        `discarded` tells how many a slow reader has lost. Sampled, there are only `frame`s: `events`, and how many were
        `left_out`. After a reset numbers begin anew; a stream goes on.
        """
        selection = Selection(self._recall, self._scopes, request, StreamQuery.model_fields, query.kind)
        if self.viewers >= VIEWERS_MAX:
            raise Refusal("busy", f"{VIEWERS_MAX} look on already")
        viewer = Viewer(self._smsc.journal, self.ear, selection)
        since = _since(request.headers.get("last-event-id"), self.ear.resets)
        if query.since is not None:
            since = query.since if since is None else since
        return EventStream(self, viewer, since, self._pause, is_sampled=query.sampled)


def _since(last: str | None, resets: int) -> int | None:
    """The number behind the last event that was seen; None where that was before a reset, or is no number of ours."""
    run, dash, number = (last or "").partition("-")
    if dash and run == str(resets) and number.isascii() and number.isdigit() and len(number) < 19:
        return int(number) + 1
    return None


class Viewer:
    """Somebody who looks on: what waits for him, and how many he has lost."""

    def __init__(self, journal: Journal, ear: Ear, selection: Selection) -> None:
        self.journal = journal
        self._ear = ear
        self.selection = selection
        self.queue: deque[tuple[int, Event]] = deque()
        self.discarded = 0
        self._left_at: int | None = None
        """Where the journal stood when he was told no more."""
        self._resets_then = 0
        self.stirred = trio.Event()

    def join(self) -> None:
        """Hear of everything from now on."""
        if self._left_at is not None:
            # of those that happened meanwhile nobody has looked which he wants
            is_same = self._resets_then == self._ear.resets
            self.discarded += self.journal.total - self._left_at if is_same else self.journal.total
            self._left_at = None
        self._ear.join(self)

    def leave(self) -> None:
        """Hear of nothing more."""
        self._ear.leave(self)

    def hear(self, kind: str, at: float, session: int, subject: Any, detail: Any) -> None:
        """See `Ear`."""
        if not self.selection.may_mean(kind, session, subject):
            return
        if len(self.queue) >= QUEUE_MAX:
            # he does not read: until he does, nobody tells him anything
            self._left_at, self._resets_then = self.journal.total - 1, self._ear.resets
            self._ear.leave(self)
            return
        event = Event(self.journal.total - 1, at, kind, session, subject, detail)
        self.queue.append((self._ear.resets, event))
        if len(self.queue) == 1:
            self.stirred.set()

    @property
    def is_full(self) -> bool:
        """Whether he was told no more because he does not read."""
        return self._left_at is not None


class EventStream(Response):
    """A response that goes on until the viewer leaves."""

    media_type = "text/event-stream"

    def __init__(
        self, streaming: Streaming, viewer: Viewer, since: int | None, pause: Pause, *, is_sampled: bool
    ) -> None:
        super().__init__(None, 200, {"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._streaming = streaming
        self._viewer = viewer
        self._since = since
        self._slices = Slices(pause)
        self._is_sampled = is_sampled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what happens; whoever asks for the head alone gets that."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(start)
        if scope.get("asked") == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        self._streaming.viewers += 1
        self._viewer.join()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_gone, receive, nursery.cancel_scope)
                await self._tell(send)
        finally:
            self._viewer.leave()
            self._streaming.viewers -= 1

    async def _tell(self, send: Send) -> None:
        await self._send(send, b": carrier-sim\n\n")
        if self._since is not None:
            await self._tell_kept(send, self._since)
        while True:
            with trio.move_on_after(ALIVE):
                await self._viewer.stirred.wait()
            if not self._viewer.queue:
                await self._send(send, b": still here\n\n")
                continue
            await (self._tell_frame(send) if self._is_sampled else self._tell_batch(send))

    async def _tell_kept(self, send: Send, since: int) -> None:
        """What the journal has kept from that number on, and what has come since he joined."""
        journal, viewer = self._viewer.journal, self._viewer
        lost = max(0, journal.truncated - since)
        if lost:
            await self._send(send, _block("discarded", None, json_octets({"discarded": lost})))
        first = viewer.queue[0][1].number if viewer.queue else journal.total
        rows = [one for one in list(journal.rows(since)) if one.number < first]
        resets = self._streaming.ear.resets
        for begin in range(0, len(rows), BATCH):
            await self._send(send, await self._blocks([(resets, one) for one in rows[begin : begin + BATCH]]))

    async def _tell_batch(self, send: Send) -> None:
        queue = self._viewer.queue
        taken = [queue.popleft() for _ in range(min(BATCH, len(queue)))]
        blocks = await self._blocks(taken)
        if not queue:
            blocks += self._caught_up()
        if blocks:
            await self._send(send, blocks)

    def _caught_up(self) -> bytes:
        """Everything that waited was taken: hear of more, and tell what was lost."""
        viewer = self._viewer
        viewer.stirred = trio.Event()
        if viewer.is_full:
            viewer.join()
        lost, viewer.discarded = viewer.discarded, 0
        return _block("discarded", None, json_octets({"discarded": lost})) if lost else b""

    async def _blocks(self, events: list[tuple[int, Event]]) -> bytes:
        blocks = []
        for run, event in events:
            await self._slices.take(PART * 4)
            if self._viewer.selection.means(event):
                blocks.append(_block(event.kind, f"{run}-{event.number}", self._viewer.selection.json(event)))
        return b"".join(blocks)

    async def _tell_frame(self, send: Send) -> None:
        """The last of what has happened since the frame before, and how much else there was."""
        viewer = self._viewer
        taken = [event for _, event in viewer.queue]
        viewer.queue.clear()
        viewer.stirred = trio.Event()
        if viewer.is_full:
            viewer.join()
        lost, viewer.discarded = viewer.discarded, 0
        meant = []
        for event in taken:
            await self._slices.take(PART)
            if viewer.selection.means(event):
                meant.append(event)
        shown = b",".join(map(viewer.selection.json, meant[-ROWS:]))
        left_out = max(0, len(meant) - ROWS) + lost
        await self._send(send, _block("frame", None, b'{"events":[%b],"left_out":%d}' % (shown, left_out)))
        await trio.sleep(FRAMES)

    async def _send(self, send: Send, octets: bytes) -> None:
        await send({"type": "http.response.body", "body": octets, "more_body": True})


async def _until_gone(receive: Receive, scope: trio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _block(kind: str, number: str | None, told: bytes) -> bytes:
    head = b"" if number is None else b"id: %b\n" % number.encode()
    return head + b"event: %b\ndata: %b\n\n" % (kind.encode(), told)


__all__ = ["STREAM_ROUTES", "EventStream", "Streaming", "Viewer"]

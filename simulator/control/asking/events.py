"""The journal in pages, and one event as JSON: what happened, to which message or session, and in a word how.

It knows events and the words of rules. The file of events (lines.py) tells more, and keeps what this has forgotten.
"""

from itertools import islice
from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request, Response
from pydantic import ConfigDict, Field

from simulator.control.answers import answer, json_octets
from simulator.control.asked import LIMIT_MAX
from simulator.control.asking.words import asked, keys_of, words
from simulator.control.moments import moment_text
from simulator.control.routes import Route
from simulator.control.row_shapes import Shape
from simulator.control.scope import Scopes
from simulator.control.search import PART, Pause, Slices
from simulator.journal import Event
from simulator.scenario.match import Match
from simulator.smsc.memory.recall import Recall, detail_of
from simulator.smsc.smsc import Smsc
from simulator.smsc.translate import Incoming, Submission

LOOKED_AT: Final = 50_000
"""Events after which a page ends, whatever its limit."""
TAKEN: Final = 2_000
"""Events that are fetched at once."""


class EventsQuery(Shape):
    """Which events; beside these the words of `when:`."""

    # the words are read and refused elsewhere, all that are wrong at once
    model_config = ConfigDict(extra="ignore")

    kind: str | None = Field(None, max_length=50, description="submitted, answered, receipt_sent ...")
    limit: int = Field(100, ge=1, le=LIMIT_MAX, description="how many at most")
    cursor: int = Field(0, ge=0, le=1 << 60, description="the number of the first event to look at")


class EventShape(Shape):
    """One event; ``number`` counts since the last reset, ``at`` is carrier time, ``session`` 0 where it has none.

    ``message`` is the id of its row, or of the part; ``detail`` a status, a state, a reason.
    """

    number: int
    at: str
    kind: str
    session: int
    account: str | None
    detail: str
    message: str | None
    direction: Literal["mt", "mo"] | None
    message_id: str | None
    from_: str | None = Field(alias="from")
    to: str | None
    text: str | None


class EventsShape(Shape):
    """One page of the events, oldest first; it may end before its limit. ``total`` is the number of the next event."""

    events: list[EventShape]
    next: str | None = Field(description="the next page's cursor; null where nothing is left by now")
    total: int
    truncated: int = Field(description="how many of the oldest are no longer kept")


EVENT_ROUTES: Final = (
    Route(
        *("GET", "/api/events", "events", EventsShape, 200, "What has happened, event by event, in pages"),
        (),
        "account",
        words("event", "count"),
        {"kind": "submitted", "to": "12025550100"},
    ),
)


def event_json(event: Event, owner: str) -> dict[str, Any]:
    """An event as EventShape has it."""
    subject = event.subject
    message = subject if isinstance(subject, Submission | Incoming) else None
    return {
        "number": event.number,
        "at": moment_text(event.at),
        "kind": event.kind,
        "session": event.session,
        "account": owner or None,
        "detail": detail_of(event),
        "message": None if message is None else str(message.number),
        "direction": None if message is None else "mo" if isinstance(message, Incoming) else "mt",
        "message_id": None if message is None else message.message_id or None,
        "from": None if message is None else message.source.number,
        "to": None if message is None else message.destination.number,
        "text": None if message is None else message.text,
    }


class Selection:
    """Which events somebody asks for: their kind, whose, and the words of rules. Raises Refusal."""

    def __init__(self, recall: Recall, scopes: Scopes, request: Request, own: Any, kind: str | None) -> None:
        keys = keys_of(request.query_params, own)
        self._where: Match = asked(recall.question_of_events, kind, keys, "events")
        self._recall = recall
        self._matcher = recall.matcher(self._where)
        self._scopes = scopes
        self.kind = kind
        self.account: str | None = request.query_params.get("account")

    @property
    def is_choosy(self) -> bool:
        """Whether not every event is meant."""
        return bool(self.kind is not None or self.account is not None or self._where.said)

    def may_mean(self, kind: str, session: int, subject: Any) -> bool:
        """What can be told at once."""
        if self.kind is not None and kind != self.kind:
            return False
        return self.account is None or self._scopes.owner(session, subject) == self.account

    def means(self, event: Event) -> bool:
        """Whether this one is asked for."""
        if not (self.may_mean(event.kind, event.session, event.subject) and self._scopes.includes(self.account, event)):
            return False
        return not self._where.said or self._recall.is_meant_event(event, self._matcher)

    def json(self, event: Event) -> bytes:
        """The event for whoever asks."""
        return json_octets(event_json(event, self._scopes.owner(event.session, event.subject)))


class Events:
    """The deed of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, pause: Pause, recall: Recall, scopes: Scopes) -> None:
        self._smsc = smsc
        self._pause = pause
        self._recall = recall
        self._scopes = scopes

    async def events(self, request: Request, query: Annotated[EventsQuery, Query()]) -> Response:
        """Pages: give `next` as `cursor` until it is null; later on `total`, to be told what has come since."""
        journal, slices = self._smsc.journal, Slices(self._pause)
        selection = Selection(self._recall, self._scopes, request, EventsQuery.model_fields, query.kind)
        mark = self._scopes.mark(selection.account)
        at, rendered = max(query.cursor, mark.event, journal.truncated), list[bytes]()
        last = at + LOOKED_AT
        # who asks for no kind and no words gets what comes first
        most = TAKEN if selection.is_choosy else query.limit
        while len(rendered) < query.limit and at < last and (taken := list(islice(journal.rows(at), most))):
            for event in taken:
                at = event.number + 1
                await slices.take(PART)
                if selection.means(event):
                    rendered.append(selection.json(event))
                    if len(rendered) == query.limit:
                        break
        rest = {
            "next": str(at) if at < journal.total else None,
            "total": journal.total,
            "truncated": journal.truncated,
        }
        return answer(b'{"events":[' + b",".join(rendered) + b"]," + json_octets(rest)[1:])


__all__ = ["EVENT_ROUTES", "Events", "Selection", "event_json"]

"""The control API over HTTP: what can be asked of an SMSC and done to it. Two tables, and a short deed for each route.

It knows the SMSC and the shapes of its answers. It has no clock and no runtime of its own: both come as arguments. Its
deeds run between those of the links, so none of them may take long; whoever walks many rows pauses (search.py).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Annotated, Any, Final, Protocol, TypeVar

import trio
from fastapi import FastAPI, Query, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from simulator import __version__
from simulator.control import answers
from simulator.control.answers import Refusal, answer, json_octets
from simulator.control.asked import (
    BroadcastsQuery,
    ClockRequest,
    MessagesQuery,
    MoRequest,
    Number,
    ObservationRequest,
    OutbindRequest,
    PhoneRequest,
    SessionsQuery,
)
from simulator.control.clock import change, clock_json
from simulator.control.gate import Gate
from simulator.control.metrics import CONTENT_TYPE, Metrics
from simulator.control.moments import moment_text
from simulator.control.networks import NETWORK_ROUTES, Asking
from simulator.control.people import PEOPLE_ROUTES, Subscribing
from simulator.control.registry import REGISTRY_ROUTES, Registrations
from simulator.control.routes import Route, add_routes
from simulator.control.row_shapes import MessagesShape, RowShape
from simulator.control.rows import (
    Recording,
    broadcast_json,
    counters_json,
    phone_json,
    recording_json,
    row_json,
    session_json,
)
from simulator.control.rules import RULE_ROUTES, Ruling
from simulator.control.search import SLICE, Pause, Slices, filters_from, find, octets_of
from simulator.control.shapes import (
    BroadcastsShape,
    ClockShape,
    CountersShape,
    HealthShape,
    MoShape,
    ObservedShape,
    OutbindShape,
    PhoneShape,
    PhonesShape,
    ResetShape,
    SessionsShape,
    VerdictShape,
)
from simulator.control.tlvs import tlv_from
from simulator.control.verdict import asked_of, observed_json, verdict_json
from simulator.net.dial import OutbindFailed, OutbindRefused
from simulator.net.server import Server
from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import Tlv
from simulator.smsc.memory.history import Row, parts_of
from simulator.smsc.memory.truths import truth_of
from simulator.smsc.memory.watch import Watch
from simulator.smsc.play.playing import Playing
from simulator.smsc.routing import NoRoute
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.acknowledgements import Kind, NotAsked, UnknownMessage
from simulator.smsc.subscribers.broadcasts import Broadcast
from simulator.smsc.subscribers.mobile import Sent
from simulator.smsc.translate import address_from

ROUTES: Final = (
    Route("GET", "/healthz", "healthz", HealthShape, 200, "Whether the server lives; never wants a token"),
    Route("GET", "/metrics", "metrics", None, 200, "All numbers for Prometheus"),
    Route("GET", "/api/messages", "messages", MessagesShape, 200, "Messages, newest first, in pages", ("invalid",)),
    Route("GET", "/api/messages/{number}", "message", RowShape, 200, "One message by its id", ("not_found", "invalid")),
    Route("GET", "/api/sessions", "sessions", SessionsShape, 200, "Every connection and its bind", ("invalid",)),
    Route("GET", "/api/counters", "counters", CountersShape, 200, "What has happened since the last reset"),
    Route(
        "POST",
        "/api/mo",
        "mo",
        MoShape,
        202,
        "A subscriber writes, or acknowledges a message",
        ("not_found", "not_asked", "no_route", "invalid", "too_large"),
    ),
    Route("GET", "/api/phones", "phones", PhonesShape, 200, "The phones that are off"),
    Route("GET", "/api/phones/{number}", "phone", PhoneShape, 200, "One phone", ("invalid",)),
    Route(
        "POST",
        "/api/phones/{number}",
        "switch",
        PhoneShape,
        200,
        "A phone goes off or returns",
        ("invalid", "too_large"),
    ),
    Route("GET", "/api/broadcasts", "broadcasts", BroadcastsShape, 200, "Cell broadcasts, newest first", ("invalid",)),
    Route(
        "POST",
        "/api/outbind",
        "outbind",
        OutbindShape,
        202,
        "We call a waiting ESME, which then binds",
        ("target_refused", "unreachable", "invalid", "too_large"),
    ),
    Route("GET", "/api/tls/ca.pem", "authority", None, 200, "The authority of our TLS certificate", ("not_found",)),
    Route("GET", "/api/clock", "clock", ClockShape, 200, "Carrier time, and what it brings next"),
    Route(
        "POST",
        "/api/clock",
        "change_clock",
        ClockShape,
        200,
        "Carrier time goes ahead, stands still, runs again or faster",
        ("advancing", "invalid", "too_large"),
    ),
    Route("GET", "/api/verdict", "verdict", VerdictShape, 200, "What can be said of the run so far", ("not_asked",)),
    Route(
        *("POST", "/api/observations", "observe", ObservedShape, 200, "The gateway says what became of a message"),
        ("not_found", "not_asked", "invalid", "too_large"),
    ),
    Route("POST", "/api/reset", "reset", ResetShape, 200, "Messages, counters, clock and luck go back to the start"),
    *RULE_ROUTES,
    *NETWORK_ROUTES,
    *REGISTRY_ROUTES,
    *PEOPLE_ROUTES,
)

PROBLEMS: Final = {
    RequestValidationError: answers.invalid,
    HTTPException: answers.http_error,
    Refusal: answers.refusal,
    NoRoute: answers.nobody,
    Exception: answers.internal,
}
"""What becomes of an exception; each answers with ``{"error": {"code", "reason", ...}}``."""

RENDERED: Final = SLICE // 40
"""What it costs to render a row or a part, beside its text: forty are about two milliseconds."""

PAGE: Final = 8 * 1024 * 1024
"""Octets of rows after which a page ends, whatever its limit: the server below handles an answer in one piece."""


def make_app(
    smsc: Smsc,
    clock: Callable[[], float],
    *,
    pause: Pause,
    token: str | None = None,
    hosts: Collection[str] = (),
    server: Server | None = None,
    authority: bytes | None = None,
    recording: Recording | None = None,
    watch: Watch | None = None,
    playing: Playing | None = None,
) -> FastAPI:
    """The application that serves one SMSC; ``server`` carries its links, ``authority`` is a PEM to trust.

    ``clock`` gives link time. ``pause`` is awaited between two slices of long work, so that the links go on. With a
    ``token`` every request but /healthz must bear it. Without one only requests to this machine by a loopback name, or
    by one of ``hosts``, are served, and none that a web page from elsewhere sends to change something. ``recording`` is
    what keeps the events in a file, if anything does: /healthz and /metrics tell how it fares. ``watch``
    judges the run, ``playing`` is what it plays, and what judges it unless ``watch`` is given.
    """
    app = FastAPI(
        title="carrier-sim control API",
        version=__version__,
        summary="What a simulated carrier has seen, and what its subscribers do",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    playing = playing or Playing(smsc)
    if watch is not None:
        playing.watch = watch
    control = Control(smsc, clock, pause, server, authority, recording=recording, playing=playing)
    about_networks = (Asking(smsc, clock), Registrations(smsc, clock, pause), Subscribing(smsc, clock))
    doers = (control, Ruling(playing, clock, pause), *about_networks)

    def deed_of(name: str) -> Any:
        return getattr(next(one for one in doers if hasattr(one, name)), name)

    add_routes(app, ROUTES, deed_of, has_token=token is not None)
    for kind, deed in PROBLEMS.items():
        app.add_exception_handler(kind, deed)
    app.add_middleware(Gate, token=token, hosts=hosts)

    async def described() -> Response:
        # in a thread and when somebody asks, because it takes longer than all else that a start does
        return answer(json_octets(await trio.to_thread.run_sync(_described, app, token)))

    app.add_api_route("/openapi.json", described, include_in_schema=False)
    return app


def _described(app: FastAPI, token: str | None) -> dict[str, Any]:
    """What OpenAPI says of the application; it keeps that."""
    document = app.openapi()
    if token is not None:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
    return document


class Control:
    """The deeds of the table, for one SMSC."""

    def __init__(
        self,
        smsc: Smsc,
        clock: Callable[[], float],
        pause: Pause,
        server: Server | None,
        authority: bytes | None,
        *,
        recording: Recording | None,
        playing: Playing,
    ) -> None:
        self._smsc = smsc
        self._server = server
        self._authority = authority
        self._clock = clock
        self._pause = pause
        self._recording = recording
        self._playing = playing
        self._metrics = Metrics(smsc, recording)
        self._started_at = clock()

    async def healthz(self) -> Response:
        """The server answers, so it lives."""
        uptime = round(self._clock() - self._started_at, 3)
        health = {"status": "ok", "version": __version__, "sessions": len(self._smsc.sessions), "uptime": uptime}
        return _json(health if self._recording is None else health | {"journal": recording_json(self._recording)})

    async def metrics(self) -> Response:
        """The numbers in Prometheus' text format."""
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    async def messages(self, query: Annotated[MessagesQuery, Query()]) -> Response:
        """One row for each joined text and destination, refused ones too, with the parts beneath.

        Pages: give `next` as `cursor` until it is null; a page of long texts may end before its `limit`.
        `truncated` says that older rows have left the ring.
        """
        history = self._smsc.history
        slices = Slices(self._pause)
        asked = filters_from(query, lambda row: truth_of(row, self._smsc, self._at()))
        rows, following = await find(history, asked, limit=query.limit, before=query.cursor, slices=slices)

        def work(row: Row) -> int:
            # the joined text of the row, and that of each part
            return (1 + len(parts_of(row))) * RENDERED + 2 * octets_of(row)

        def render(row: Row) -> dict[str, Any] | None:
            # one that has left the ring during a pause is no longer whole
            return row_json(row, self._smsc, self._at()) if history.get(row.number) is row else None

        rendered, following = await _rendered(rows, following, work, render, slices)
        return _page("messages", rendered, following, {"total": len(history), "truncated": history.evicted > 0})

    async def message(self, number: str) -> Response:
        """The row of that id, as in the list."""
        is_number = number.isascii() and number.isdigit() and len(number) < 20
        row = self._smsc.history.get(int(number)) if is_number else None
        if row is None:
            raise Refusal("not_found", f"id: {number[: answers.SHOWN_MAX]!r} is no message in the ring")
        return _json(row_json(row, self._smsc, self._at()))

    def _at(self) -> float:
        return self._smsc.clock.at(self._clock())

    async def sessions(self, query: Annotated[SessionsQuery, Query()]) -> Response:
        """Every connection that stands, bound or not. Pages: give `next` as `cursor` until it is null."""
        known = self._smsc.sessions
        later = (one for one in known.values() if query.cursor is None or one.number > query.cursor)
        rows, following = _first(later, query.limit)

        def render(session: Session) -> dict[str, Any] | None:
            return session_json(session) if session.number in known else None

        rendered, following = await _rendered(rows, following, lambda _: RENDERED, render, Slices(self._pause))
        return _page("sessions", rendered, following, {"total": len(known)})

    async def counters(self) -> Response:
        """Events by kind, answers by status, messages by final state."""
        return _json(counters_json(self._smsc))

    async def mo(self, request: MoRequest) -> Response:
        """Taken at once, delivered when a receiver of the account is there; the id is that of its row."""
        try:
            sent = self._sent(request)
        except UnknownMessage as error:
            raise Refusal("not_found", str(error)) from error
        except NotAsked as error:
            raise Refusal("not_asked", str(error)) from error
        except LocalError as error:
            raise Refusal("invalid", f"tlvs: {error}") from error
        except ValueError as error:
            # more segments than a header can count
            raise Refusal("invalid", str(error), where=[_too_long(request.text or "")]) from error
        return _json({"id": str(sent.number), "account": sent.account, "segments": sent.segments}, 202)

    def _sent(self, request: MoRequest) -> Sent:
        smsc, now = self._smsc, self._clock()
        if request.acknowledges is not None:
            kind: Kind = "manual" if request.kind == "manual" else "delivery"
            owner = smsc.acknowledgements.acknowledged_by(request.acknowledges, kind).account
            tlvs = self._tlvs(request, owner)
            return smsc.acknowledge(request.acknowledges, kind, now, text=request.text, tlvs=tlvs)
        to, sender, text = request.to or "", request.from_ or "", request.text or ""
        owner = smsc.routing.account_for(address_from(to), request.account)
        return smsc.mo(
            *(to, sender, text, now),
            account=owner,
            split=request.split,
            language=request.language,
            asks=request.asks,
            is_abort=request.kind == "abort",
            tlvs=self._tlvs(request, owner),
        )

    def _tlvs(self, request: MoRequest, account: str) -> tuple[Tlv, ...]:
        book = self._smsc.terms_of(account).book
        return tuple(tlv_from(tlv.name, tlv.value, book) for tlv in request.tlvs)

    async def phones(self) -> Response:
        """In the order in which they were switched off."""
        return _json({"phones": [phone_json(phone) for phone in self._smsc.phones.are_off()]})

    async def phone(self, number: Number) -> Response:
        """Every number is a phone's; those that were never named are on."""
        return _json(phone_json(self._smsc.phones[number]))

    async def switch(self, number: Number, request: PhoneRequest) -> Response:
        """What is sent to a phone that is off waits until it returns, or its validity ends. When it returns that is
        delivered, and ESMEs that asked for it (set_dpf) get an alert_notification.
        """
        return _json(phone_json(self._smsc.phones.switch(number, self._clock(), is_on=request.is_on)))

    async def broadcasts(self, query: Annotated[BroadcastsQuery, Query()]) -> Response:
        """Broadcasts have no destination and so are no messages; they come from SMPP 5.0 ESMEs alone.

        Pages are those of the messages.
        """
        smsc, known = self._smsc, self._smsc.broadcasts
        at = smsc.clock.at(self._clock())
        earlier = (one for one in known.newest_first() if query.cursor is None or one.number < query.cursor)
        rows, following = _first(earlier, query.limit)

        def work(broadcast: Broadcast) -> int:
            return RENDERED + 2 * broadcast.octets

        def render(broadcast: Broadcast) -> dict[str, Any] | None:
            # one that was let go during a pause has no areas, every other one has
            return broadcast_json(broadcast, smsc, at) if broadcast.areas else None

        rendered, following = await _rendered(rows, following, work, render, Slices(self._pause))
        return _page("broadcasts", rendered, following, {"total": len(known), "truncated": known.evicted > 0})

    async def outbind(self, request: OutbindRequest) -> Response:
        """Answered when the connection stands and the outbind was sent. What the ESME answers is a bind, on the
        session that is named; it has as long for it as the session_init timer gives it.
        """
        if self._server is None:
            raise Refusal("target_refused", "this SMSC has no network")
        try:
            session = await self._server.outbind(
                request.host, request.port, system_id=request.system_id, password=request.password
            )
        except OutbindRefused as error:
            raise Refusal("target_refused", str(error)) from error
        except OutbindFailed as error:
            raise Refusal("unreachable", str(error)) from error
        except LocalError as error:
            raise Refusal("invalid", str(error)) from error
        return _json({"session": session.number, "peer": session.peer}, 202)

    async def authority(self) -> Response:
        """PEM, where the certificate was made for this run; a client that trusts it can check what --smpps shows."""
        if self._authority is None:
            raise Refusal("not_found", "no authority was made: there is no --smpps, or it has a --tls-certificate")
        return Response(self._authority, media_type="application/x-pem-file")

    async def clock(self) -> Response:
        """`advance` tells how far a walk is that is under way."""
        return _json(clock_json(self._smsc, self._clock()))

    async def change_clock(self, request: ClockRequest) -> Response:
        """`advance` walks through carrier time and is answered at its end: whatever is due on the way happens at its
        own time, and is answered by the ESMEs, or waited for in vain for five seconds, before the next. It goes on if
        you hang up. Links live in real time throughout. `rate` and `resume` hold once a walk has ended.
        """
        advance = change(self._smsc, request, self._clock())
        if advance is not None and self._server is not None:
            await self._server.until_done(advance)
        while advance is not None and not advance.is_done:
            await self._pause()
        return _json(clock_json(self._smsc, self._clock(), advance))

    async def verdict(self) -> Response:
        """Checks of any gateway, what the scenarios expect, and the quirks among them; unknown is never good."""
        return _json(verdict_json(asked_of(self._playing.watch).verdict(), self._smsc))

    async def observe(self, request: ObservationRequest) -> Response:
        """For what only the gateway knows: `expect.gateway` in a scenario names what it is to say."""
        return _json(observed_json(asked_of(self._playing.watch), request.message, request.status))

    async def reset(self) -> Response:
        """Sessions stay bound; nothing from before is delivered or counted afterwards."""
        smsc, now = self._smsc, self._clock()
        smsc.reset(now)
        return _json({"reset": True, "sessions": len(smsc.sessions), "time": moment_text(smsc.clock.at(now))})


class Numbered(Protocol):
    """What stands in pages: its number says where."""

    @property
    def number(self) -> int:
        """Serial number."""


R = TypeVar("R", bound=Numbered)


def _first(rows: Iterable[R], limit: int) -> tuple[list[R], int | None]:
    """So many of the rows, and the cursor behind the last of them if there are more."""
    found = list(islice(rows, limit + 1))
    return found[:limit], found[limit - 1].number if len(found) > limit else None


async def _rendered(
    rows: Sequence[R],
    following: int | None,
    work: Callable[[R], int],
    render: Callable[[R], dict[str, Any] | None],
    slices: Slices,
) -> tuple[list[bytes], int | None]:
    """The rows as JSON, and the cursor behind the last: ``following``, or that of a page which is full before.

    ``render`` gives None for a row that has gone during a pause; ``work`` is what the slices are to take for it.
    """
    rendered: list[bytes] = []
    size = 0
    for place, row in enumerate(rows):
        if size >= PAGE:
            return rendered, rows[place - 1].number
        await slices.take(work(row))
        shown = render(row)
        if shown is not None:
            rendered.append(json_octets(shown))
            size += len(rendered[-1])
    return rendered, following


def _page(name: str, rendered: list[bytes], following: int | None, rest: dict[str, Any]) -> Response:
    """A page of rows that were rendered in slices: one JSON text of ready pieces."""
    rest = {"next": None if following is None else str(following)} | rest
    return answer(b'{"%b":[' % name.encode() + b",".join(rendered) + b"]," + json_octets(rest)[1:])


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return answer(json_octets(value), status)


def _too_long(text: str) -> dict[str, str]:
    allowed = "at most 255 segments, by udh8 39,015 characters of the GSM alphabet and 17,085 of any other"
    return {"field": "text", "given": f"{len(text)} characters", "allowed": allowed}

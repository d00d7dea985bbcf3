"""The control API over HTTP: what can be asked of an SMSC and done to it. Two tables, and a short deed for each route.

It knows the SMSC and the shapes of its answers. It has no clock and no runtime of its own: both come as arguments. Its
deeds run between those of the links, so none of them may take long; whoever walks many rows pauses (search.py).
"""

from collections.abc import Callable, Collection
from typing import Annotated, Any, Final

import trio
from fastapi import FastAPI, Query, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from simulator import __version__
from simulator.control import answers
from simulator.control.answers import Refusal, answer, json_octets
from simulator.control.asked import (
    ClockRequest,
    MoRequest,
    Number,
    OutbindRequest,
    PhoneRequest,
)
from simulator.control.asking.ear import Ear
from simulator.control.asking.events import EVENT_ROUTES, Events
from simulator.control.asking.judging import JUDGED_ROUTES, Judging
from simulator.control.asking.lists import LIST_ROUTES, ONE_MESSAGE, Lists
from simulator.control.asking.pending import PENDING_ROUTES, Pending
from simulator.control.asking.stream import STREAM_ROUTES, Streaming
from simulator.control.asking.waiting import WAIT_ROUTES, Waiting
from simulator.control.clock import change, clock_json
from simulator.control.doing.links import LINK_ROUTES, Links
from simulator.control.doing.scenarios import SCENARIO_ROUTES, Scenarios
from simulator.control.doing.starting_over import RESET_ROUTES, StartingOver
from simulator.control.examples import show_examples
from simulator.control.gate import Gate
from simulator.control.metrics import CONTENT_TYPE, Metrics
from simulator.control.networks import NETWORK_ROUTES, Asking
from simulator.control.people import PEOPLE_ROUTES, Subscribing
from simulator.control.registry import REGISTRY_ROUTES, Registrations
from simulator.control.routes import Route, Scoped, add_routes
from simulator.control.rows import (
    Recording,
    phone_json,
    recording_json,
)
from simulator.control.rules import RULE_ROUTES, Ruling
from simulator.control.scope import Scopes
from simulator.control.search import Pause
from simulator.control.shapes import (
    ClockShape,
    HealthShape,
    MoShape,
    OutbindShape,
    PhoneShape,
    PhonesShape,
    ProblemShape,
    ProblemsShape,
)
from simulator.control.smppsim import SMPPSIM_ROUTES, Injecting
from simulator.control.tlvs import tlv_from
from simulator.net.dial import OutbindFailed, OutbindRefused
from simulator.net.server import Server
from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import Tlv
from simulator.smsc.memory.recall import Recall
from simulator.smsc.memory.watch import Watch
from simulator.smsc.play.playing import Playing
from simulator.smsc.routing import NoRoute
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.acknowledgements import Kind, NotAsked, UnknownMessage
from simulator.smsc.subscribers.mobile import Sent
from simulator.smsc.translate import address_from

ROUTES: Final = (
    Route(
        *("GET", "/healthz", "healthz", HealthShape, 200, "Whether the server lives; never wants a token"), (), "nobody"
    ),
    Route(*("GET", "/metrics", "metrics", None, 200, "All numbers for Prometheus")),
    Route(
        *("GET", answers.TABLE, "problems", ProblemsShape, 200, "Every problem that an answer can tell of"),
        (),
        "nobody",
    ),
    *LIST_ROUTES,
    *WAIT_ROUTES,
    ONE_MESSAGE,
    *EVENT_ROUTES,
    *STREAM_ROUTES,
    *LINK_ROUTES,
    Route(
        *("POST", "/api/mo", "mo", MoShape, 202, "A subscriber writes, or acknowledges a message"),
        ("not_found", "not_asked", "no_route", "too_large"),
        "account",
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
    *JUDGED_ROUTES,
    *PENDING_ROUTES,
    *RESET_ROUTES,
    *RULE_ROUTES,
    *SCENARIO_ROUTES,
    *NETWORK_ROUTES,
    *REGISTRY_ROUTES,
    *PEOPLE_ROUTES,
    *SMPPSIM_ROUTES,
)

PROBLEMS: Final = {
    RequestValidationError: answers.invalid,
    HTTPException: answers.http_error,
    Refusal: answers.refusal,
    NoRoute: answers.nobody,
    Exception: answers.internal,
}
"""What becomes of an exception; each answers with a row of the table of problems."""


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
    # where nothing carries links, nothing lies between them and the sessions
    take_in = trio.lowlevel.checkpoint if server is None else server.take_in
    recall, scopes, ear = Recall(smsc, clock), Scopes(playing, clock), Ear(smsc.journal)
    doers = (
        Control(smsc, clock, pause, server, authority, recording=recording),
        Lists(smsc, clock, pause, recall, scopes),
        Waiting(smsc, clock, pause, recall, ear=ear, scopes=scopes),
        Events(smsc, pause, recall, scopes),
        Streaming(smsc, pause, recall, ear, scopes),
        Judging(playing, scopes, clock),
        Links(smsc, clock),
        StartingOver(playing, clock, scopes, take_in),
        Pending(smsc, take_in),
        Ruling(playing, clock, pause, scopes.judge_anew),
        Scenarios(playing, clock, scopes.judge_anew),
        Injecting(smsc, clock),
        *(Asking(smsc, clock), Registrations(smsc, clock, pause), Subscribing(smsc, clock)),
    )

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
    schema = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
    document["components"]["schemas"] |= schema.pop("$defs", {}) | {ProblemShape.__name__: schema}
    show_examples(document, {(one.method.lower(), one.path.replace(":path", "")): one.query or {} for one in ROUTES})
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
    ) -> None:
        self._smsc = smsc
        self._server = server
        self._authority = authority
        self._clock = clock
        self._pause = pause
        self._recording = recording
        self._metrics = Metrics(smsc, recording)
        self._started_at = clock()

    async def healthz(self) -> Response:
        """The server answers, so it lives."""
        uptime = round(self._clock() - self._started_at, 3)
        health = {"status": "ok", "version": __version__, "sessions": len(self._smsc.sessions), "uptime": uptime}
        return _json(health if self._recording is None else health | {"journal": recording_json(self._recording)})

    async def problems(self) -> Response:
        """The `type` of every problem names its row here."""
        return _json({"problems": [one._asdict() for one in answers.PROBLEMS]})

    async def metrics(self) -> Response:
        """The numbers in Prometheus' text format."""
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    async def mo(self, request: MoRequest, query: Annotated[Scoped, Query()]) -> Response:
        """Taken at once, delivered when a receiver of the account is there; the id is that of its row."""
        if query.account is not None and request.account not in {None, query.account}:
            raise Refusal("invalid", f"account: {str(request.account)[: answers.SHOWN_MAX]!r}, but asked as another's")
        try:
            sent = self._sent(request, query.account)
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

    def _sent(self, request: MoRequest, account: str | None) -> Sent:
        smsc, now = self._smsc, self._clock()
        if request.acknowledges is not None:
            kind: Kind = "manual" if request.kind == "manual" else "delivery"
            owner = smsc.acknowledgements.acknowledged_by(request.acknowledges, kind).account
            if account not in {None, owner}:
                raise UnknownMessage(f"acknowledges: {request.acknowledges!r} is no message of {account!r}")
            tlvs = self._tlvs(request, owner)
            return smsc.acknowledge(request.acknowledges, kind, now, text=request.text, tlvs=tlvs)
        to, sender, text = request.to or "", request.from_ or "", request.text or ""
        owner = smsc.routing.account_for(address_from(to), request.account or account)
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


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return answer(json_octets(value), status)


def _too_long(text: str) -> dict[str, str]:
    allowed = "at most 255 segments, by udh8 39,015 characters of the GSM alphabet and 17,085 of any other"
    return {"field": "text", "given": f"{len(text)} characters", "allowed": allowed}

"""SignalWire's dialect: its routes, and what it answers the core.

It knows who may ask, in which order the rules are asked, and each error's shape. Rules, views, logs and replies are
beside it. [I], where the documents are silent: the names of the headers that tell what is left of the rate limit; that
a message being created is no change of status, so that callbacks begin with `initiated`; 503 at the gateway's end; that
days (of the trial and of sole proprietors) are UTC's.
"""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from simulator.gateway.dialects import shapes
from simulator.gateway.dialects.asking import (
    Refused,
    Surface,
    Unreadable,
    basic_of,
    is_same,
    json_response,
    object_of,
    octets_of,
)
from simulator.gateway.dialects.faults import Faults
from simulator.gateway.dialects.paces import Fixed
from simulator.gateway.dialects.signalwire import logs
from simulator.gateway.dialects.signalwire.codes import WORDS
from simulator.gateway.dialects.signalwire.orders import Problem, Rules, asked_of
from simulator.gateway.dialects.signalwire.replies import Reply, cxml_replies, swml_replies
from simulator.gateway.dialects.signalwire.settings import MESSAGING, Project, SignalwireSettings
from simulator.gateway.dialects.signalwire.views import Views
from simulator.gateway.dialects.texts import DAY
from simulator.gateway.messages import (
    Answer,
    Callback,
    Dialect,
    Full,
    Gateway,
    Inbound,
    Json,
    Message,
    Number,
    Order,
    Progress,
    Query,
    Status,
)

TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Signalwire(Surface):
    """The dialect. ``now`` and everything else it asks of the core."""

    name = "signalwire"

    def __init__(self, gateway: Gateway, settings: SignalwireSettings, faults: Faults | None = None) -> None:
        super().__init__(faults)
        self._gateway = gateway
        self._settings = settings
        self._rules = Rules(gateway, settings)
        self._views = Views(gateway, settings)
        self._projects = {project.project_id: project for project in settings.projects}
        self._writes = Fixed(settings.writes_max, settings.writes_seconds)
        self._days: dict[str, tuple[float, int]] = {}
        self._queued: dict[str, int] = {}

    # --- Errors ---

    def problem(self, status: int, reason: str) -> Response:
        """See ``Surface``."""
        return json_response({"error": TITLES.get(status, "Bad Request")}, status)

    def _broken(
        self,
        problems: Iterable[Problem],
        headers: Mapping[str, str] | None = None,
        *,
        status: int = 422,
        kind: str = "validation_error",
    ) -> Response:
        """The answer to rules that were broken: one entry for each."""
        errors = [
            {
                "type": kind,
                "code": code,
                "message": WORDS[code],
                "attribute": attribute,
                "url": self._settings.error_url.format(code=code),
            }
            for code, attribute in problems
        ]
        return json_response({"errors": errors}, status, headers)

    # --- Who asks ---

    def _project_of(self, request: Request) -> Project:
        """The project whose token a request carries. Refuses with 401, and with 403 a token without the scope."""
        user, password = basic_of(request) or ("", "")
        project = self._projects.get(user)
        if project is None:
            self.refuse(401, "no such project")
        scopes = [token.scopes for token in project.tokens if is_same(token.token, password)]
        if not scopes:
            self.refuse(401, "no such token")
        if not any(MESSAGING in one for one in scopes):
            self.refuse(403, "the token lacks the scope")
        return project

    def _writer_of(self, request: Request) -> tuple[Project, dict[str, str]]:
        """The same for a write, which counts; and the headers that tell what is left."""
        project = self._project_of(request)
        now = self._gateway.now()
        allowance = self._writes.take(project.project_id, now)
        headers = {
            "X-RateLimit-Limit": str(self._settings.writes_max),
            "X-RateLimit-Remaining": str(allowance.remaining),
            "X-RateLimit-Reset": str(max(0, round(allowance.reset_at - now))),
        }
        if not allowance.is_granted:
            raise Refused(self._broken([Problem("rate_limit_exceeded", "base")], headers, status=429))
        return project, headers

    # --- Deeds ---

    async def create(self, request: Request) -> Response:
        """POST /api/messaging/messages."""
        project, headers = self._writer_of(request)
        try:
            asked = asked_of(object_of(await octets_of(request)))
        except Unreadable as error:
            self.refuse(400, str(error))
        problems = self._rules.problems(asked, project)
        number = self._gateway.number(asked.source.removeprefix("+"))
        if not problems and number is not None:
            problems += await self._spent(project, number)
        if problems or number is None:
            return self._broken(problems, headers)
        order = self._rules.order(asked, project, number, self._gateway.now())
        # counted before it is kept: it may leave the queue before we hear of it
        self._queue(number, 1)
        try:
            (message,) = await self._gateway.accept([order])
        except Full:
            self._count(project, -1)
            self._queue(number, -1)
            return self._broken([Problem("message_backlog_limit_exceeded", "base")], headers)
        # it may have gone on while it was being kept, but it was created queued
        return json_response({**self._views.created(message), **_CREATED}, 201, headers)

    async def _spent(self, project: Project, number: Number) -> list[Problem]:
        """What a number's queue and a project's day have no room for; the day counts the message already."""
        queue_max = number.settings.get("queue_max")
        if queue_max is not None and self._queued.get(number.number, 0) >= int(queue_max):
            return [Problem("max_queued_messages_exceeded", "base")]
        most, code = None, ""
        if project.is_trial:
            most, code = self._settings.trial_daily_max, "pft_daily_limit_exceeded"
        elif project.is_sole_proprietor:
            most, code = self._settings.sole_proprietor_daily_max, "sole_proprietor_daily_limit_exceeded"
        if most is None:
            return []
        await self._remember_day(project, most)
        if self._count(project, 0) >= most:
            return [Problem(code, "base")]
        self._count(project, 1)
        return []

    async def _remember_day(self, project: Project, most: int) -> None:
        """Count a day's messages from what is kept, once a day and after a restart."""
        day = self._gateway.now() // DAY * DAY
        if self._days.get(project.project_id, (0.0, 0))[0] == day:
            return
        query = Query(project.project_id, self.name, since=day, direction="outbound", limit=most)
        page = await self._gateway.list(query)
        # whoever asked first has counted: two may have come this far together
        if self._days.get(project.project_id, (0.0, 0))[0] != day:
            self._days[project.project_id] = day, len(page.messages)

    def _count(self, project: Project, more: int) -> int:
        """A day's messages so far, after ``more`` of them; 0 for projects whose days nobody counts."""
        if project.project_id not in self._days:
            return 0
        day, count = self._days[project.project_id]
        self._days[project.project_id] = day, count + more
        return count + more

    def _queue(self, number: Number, more: int) -> None:
        """Count what is queued of a number that has a bound."""
        if "queue_max" in number.settings:
            self._queued[number.number] = self._queued.get(number.number, 0) + more

    async def redact(self, message_id: str, request: Request) -> Response:
        """PATCH /api/messaging/messages/{id}."""
        project, headers = self._writer_of(request)
        try:
            given = object_of(await octets_of(request))
        except Unreadable as error:
            self.refuse(400, str(error))
        message = await self._found(project, message_id)
        if given.get("body") != "":
            return self._broken([Problem("body_must_be_empty", "body")], headers)
        if message.status in {Status.QUEUED, Status.INITIATED}:
            return self._broken([Problem("cannot_redact_in_progress_message", "base")], headers)
        redacted = await self._gateway.redact(project.project_id, message_id)
        return json_response(self._views.created(redacted or message), headers=headers)

    async def logs(self, request: Request) -> Response:
        """GET /api/messaging/logs."""
        project = self._project_of(request)
        try:
            asked = logs.asked_of(
                request.query_params, project.project_id, self._gateway.now(), self._settings.history_days
            )
        except logs.Wrong as wrong:
            return self._broken(wrong.problems, kind=wrong.kind)
        except ValueError as error:
            self.refuse(400, str(error))
        page = await self._gateway.list(asked.query)
        query = request.url.query
        url = f"{logs.PATH}?{query}" if query else logs.PATH
        messages, links = logs.page_of(asked, page.messages, has_more=page.has_more, url=url)
        return json_response({"links": links, "data": [self._views.log(message) for message in messages]})

    async def log(self, message_id: str, request: Request) -> Response:
        """GET /api/messaging/logs/{id}."""
        project = self._project_of(request)
        return json_response(self._views.log(await self._found(project, message_id)))

    async def _found(self, project: Project, message_id: str) -> Message:
        message = await self._gateway.find(project.project_id, message_id)
        if message is None or message.order.dialect != self.name:
            self.refuse(404, "no such message")
        return message

    # --- What the core asks ---

    def progressed(self, message: Message, progress: Progress) -> Iterable[Callback]:
        """A callback for each change of status but the first, where the message wants them."""
        if not progress.is_change or progress.status is Status.QUEUED:
            return ()
        # a message that fails after its beginning has left the queue then
        has_left = progress.status is Status.INITIATED or (
            progress.status is Status.FAILED and message.time_of(Status.INITIATED) is None
        )
        if has_left and self._queued.get(message.order.source):
            self._queued[message.order.source] -= 1
        if not message.order.callback:
            return ()
        return (self._views.status_callback(message, progress, self._projects.get(message.order.space)),)

    def arrived(self, inbound: Inbound, number: Number) -> Iterable[Callback]:
        """The question what to do with it, where the number or its project names a URL; otherwise nothing happens."""
        project = self._projects.get(number.space)
        if project is None or inbound.is_answered:
            return ()
        callback = self._views.inbound(inbound, number, project)
        return () if callback is None else (callback,)

    def answered(self, callback: Callback, answer: Answer) -> Iterable[Order]:
        """The replies that an application's document orders. The core knows who wrote: the callback says it."""
        if not 200 <= answer.status < 300:
            return ()
        inbound = _inbound_of(callback)
        read = cxml_replies if callback.kind == "cxml" else swml_replies
        orders = (self._ordered(reply, inbound, callback) for reply in read(answer.body, inbound))
        return tuple(order for order in orders if order is not None)

    def _ordered(self, reply: Reply, inbound: dict[str, str], callback: Callback) -> Order | None:
        """The order of a reply; None where its sender is not the project's, or may not send."""
        number = self._gateway.number(reply.source or inbound["to"].removeprefix("+"))
        if number is None or number.space != callback.space or number.dialect != self.name or not number.can_send:
            return None
        destination = reply.destination or inbound["from"].removeprefix("+")
        return self._rules.order_of_text(
            reply.text[: self._settings.body_max],
            number,
            destination=destination,
            at=self._gateway.now(),
            form=callback.kind,
        )


_CREATED: Final[Json] = {"status": "queued", "error_code": None, "error_message": None}


def _inbound_of(callback: Callback) -> dict[str, str]:
    """The body, from and to of the inbound message that a callback of ours told of."""
    if callback.kind == "cxml":
        form = dict(parse_qsl(callback.body.decode(), keep_blank_values=True))
        return {"body": form["Body"], "from": form["From"], "to": form["To"]}
    told = json.loads(callback.body)["message"]
    return {"body": told["body"] or "", "from": told["from"], "to": told["to"]}


def signalwire(
    gateway: Gateway, settings: SignalwireSettings, *, faults: Faults | None = None
) -> tuple[Dialect, APIRouter]:
    """The dialect on a gateway, and its routes. Whoever calls also says ``gateway.listen(dialect)``."""
    dialect = Signalwire(gateway, settings, faults)
    router = APIRouter(prefix="/api/messaging", tags=["signalwire"])
    described = partial(shapes.documented, error=shapes.SignalwireErrors, errors=(422,))

    async def create(request: Request) -> Response:
        return await dialect.serve(request, dialect.create)

    async def redact(request: Request, message_id: str) -> Response:
        return await dialect.serve(request, partial(dialect.redact, message_id))

    async def listed(request: Request) -> Response:
        return await dialect.serve(request, dialect.logs)

    async def one(request: Request, message_id: str) -> Response:
        return await dialect.serve(request, partial(dialect.log, message_id))

    router.add_api_route(
        "/messages",
        create,
        methods=["POST"],
        summary="Create and queue a message",
        **described(shapes.SignalwireMessage, 201, body=shapes.SignalwireMessageRequest),
    )
    router.add_api_route(
        "/messages/{message_id}",
        redact,
        methods=["PATCH"],
        summary="Redact a message",
        **described(shapes.SignalwireMessage, 200, body=shapes.SignalwireRedaction),
    )
    router.add_api_route(
        "/logs", listed, methods=["GET"], summary="Messages", **described(shapes.SignalwireLogs, 200, body=None)
    )
    router.add_api_route(
        "/logs/{message_id}",
        one,
        methods=["GET"],
        summary="A message",
        **described(shapes.SignalwireLog, 200, body=None),
    )
    return dialect, router


__all__ = ["Signalwire", "signalwire"]

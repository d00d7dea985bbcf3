"""Flowroute's dialect: its routes, and what it answers the core.

It knows who may ask, in which order the rules are asked, and where webhooks come from: a message's, else its number's,
else the account's. [I], where the documents are silent: lists come newest first; a refused request counts to its rate;
the bodies that set webhooks of numbers look like those of accounts; a full backlog is 503, since there is no queue.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response

from simulator.gateway.dialects import shapes
from simulator.gateway.dialects.asking import (
    Refused,
    Surface,
    Unreadable,
    basic_of,
    is_same,
    object_of,
    octets_of,
    query_number,
)
from simulator.gateway.dialects.asking import json_response as plain_json
from simulator.gateway.dialects.faults import Faults
from simulator.gateway.dialects.flowroute.errors import problem, problems
from simulator.gateway.dialects.flowroute.orders import (
    asked_of,
    attributes_of,
    is_mms,
    order_of,
    problems_of,
)
from simulator.gateway.dialects.flowroute.settings import FlowrouteSettings, Key
from simulator.gateway.dialects.flowroute.views import JSON_API, Views, prices_of
from simulator.gateway.dialects.paces import Sliding
from simulator.gateway.dialects.shelf import MemoryShelf, Shelf
from simulator.gateway.dialects.texts import DAY, is_date, moment_of, url_of
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
)

WEBHOOKS: Final = ("sms_callback", "mms_callback", "dlr_callback")
"""Webhooks of an account and of a number."""

_JSON_TYPES: Final = frozenset({JSON_API, "application/json"})


class Flowroute(Surface):
    """The dialect."""

    name = "flowroute"

    def __init__(
        self, gateway: Gateway, settings: FlowrouteSettings, faults: Faults | None = None, shelf: Shelf | None = None
    ) -> None:
        super().__init__(faults)
        self._gateway = gateway
        self._settings = settings
        self._shelf = MemoryShelf() if shelf is None else shelf
        self._views = Views(gateway, settings)
        self._keys = {key.access_key: key for key in settings.keys}
        self._sms = Sliding(settings.sms_per_second, 1.0)
        self._mms = Sliding(settings.mms_per_second, 1.0)

    def problem(self, status: int, reason: str) -> Response:
        """See ``Surface``."""
        return problem(status, reason)

    def _key_of(self, request: Request) -> Key:
        user, password = basic_of(request) or ("", "")
        key = self._keys.get(user)
        if key is None or not is_same(key.secret_key, password):
            self.refuse(401, "the access key and the secret key are needed")
        return key

    async def _given(self, request: Request) -> Json:
        """The body. Refuses another media type with 415, and what cannot be read with 400."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _JSON_TYPES:
            self.refuse(415, f"content-type: must be {JSON_API}")
        try:
            return object_of(await octets_of(request))
        except Unreadable as error:
            self.refuse(400, str(error))

    def _root(self, request: Request) -> str:
        return self._settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")

    # --- Messages ---

    async def send(self, version: str, request: Request) -> Response:
        """POST /v2.1/messages and /v2.2/messages."""
        key = self._key_of(request)
        given = await self._given(request)
        try:
            asked = asked_of(given)
        except Unreadable as error:
            self.refuse(422, str(error))
        now = self._gateway.now()
        pace = self._mms if is_mms(asked) else self._sms
        if not pace.take(key.access_key, now).is_granted:
            self.refuse(429, "too many messages in this second")
        reasons = problems_of(asked, key.access_key, self._gateway, self._settings)
        number = None if reasons else self._gateway.number(asked.source)
        if number is None:
            raise Refused(problems(422, reasons))
        order = order_of(asked, number, now, self._settings)
        # receipts, too, name it, and they come when nobody asks
        order.extras["link"] = f"{self._root(request)}/{version}/messages/{order.id}"
        try:
            (message,) = await self._gateway.accept([order])
        except Full:
            self.refuse(503, "no room for more messages")
        told: Json = {
            "links": {"self": order.extras["link"]},
            "type": "message",
            "id": message.id,
        }
        if version == "v2.2":
            # which details exactly is not published [I]
            told["attributes"] = prices_of(order.price)
        return _answer({"data": told}, 202)

    async def listed(self, version: str, request: Request) -> Response:
        """GET /v2.1/messages."""
        key = self._key_of(request)
        given = request.query_params
        settings = self._settings
        try:
            limit = query_number(given.get("limit"), settings.list_limit, 1, settings.list_limit_max)
            offset = query_number(given.get("offset"), 0, 0, 999_999_999)
            since, until = _span(given.get("start_date"), given.get("end_date"))
        except ValueError as error:
            self.refuse(422, str(error))
        query = Query(key.access_key, self.name, since=since, until=until, limit=limit, offset=offset)
        page = await self._gateway.list(query)
        told: Json = {"data": [self._views.record(message) for message in page.messages], "links": {}}
        if page.has_more:
            further = request.url.include_query_params(limit=limit, offset=offset + limit).query
            told["links"]["next"] = f"{self._root(request)}/{version}/messages?{further}"
        return _answer(told)

    async def one(self, message_id: str, request: Request) -> Response:
        """GET /v2.1/messages/{id}."""
        key = self._key_of(request)
        message = await self._gateway.find(key.access_key, message_id)
        if message is None or message.order.dialect != self.name:
            self.refuse(404, "no such message")
        return _answer({"data": self._views.record(message)})

    # --- Webhooks ---

    async def set_webhook(self, webhook: str, number: str, request: Request) -> Response:
        """PUT of an account's webhook, or POST of a number's; ``number`` is empty for an account."""
        key = self._key_of(request)
        if webhook not in WEBHOOKS:
            self.refuse(404, "no such webhook")
        given = await self._given(request)
        if number:
            found = self._gateway.number(number)
            if found is None or found.space != key.access_key or found.dialect != self.name:
                self.refuse(404, "no such number")
        try:
            url = attributes_of(given).get("callback_url")
        except Unreadable as error:
            self.refuse(422, str(error))
        if url_of(url) is None:
            self.refuse(422, "callback_url: must be a URL by http or https")
        assert isinstance(url, str)
        await self._shelf.put(key.access_key, _shelf_key(webhook, number), url)
        return _answer({"data": {"attributes": {"callback_url": url}}})

    def _webhook(self, webhook: str, space: str, number: Number | None) -> str:
        """The URL of a number, else of its account; empty where neither has one."""
        key = self._keys.get(space)
        own = "" if number is None else self._shelf.get(space, _shelf_key(webhook, number.number))
        if number is not None and not own:
            own = str(number.settings.get(webhook, ""))
        if own:
            return own
        configured = "" if key is None else key.receipt_callback if webhook == "dlr_callback" else key.sms_callback
        return self._shelf.get(space, webhook) or configured

    # --- What the core asks ---

    def progressed(self, message: Message, progress: Progress) -> Iterable[Callback]:
        """A callback for each receipt, of whichever level, where anybody wants them."""
        receipt = self._views.receipt_of(progress)
        if receipt is None:
            return ()
        order = message.order
        url = order.callback or self._webhook("dlr_callback", order.space, self._gateway.number(order.source))
        if not url:
            return ()
        return (self._views.receipt_callback(message, receipt, url),)

    def arrived(self, inbound: Inbound, number: Number) -> Iterable[Callback]:
        """The message itself, where number or account name a URL."""
        url = self._webhook("sms_callback", number.space, number)
        return (self._views.inbound_callback(inbound, url),) if url else ()

    def answered(self, callback: Callback, answer: Answer) -> Iterable[Order]:
        """Nothing: no callback of this dialect asks anything."""
        return ()


def _answer(told: Json, status: int = 200) -> Response:
    response = plain_json(told, status)
    response.headers["content-type"] = JSON_API
    return response


def _shelf_key(webhook: str, number: str) -> str:
    return f"{webhook}:{number}" if number else webhook


def _span(start: str | None, end: str | None) -> tuple[float, float | None]:
    """The times of a list. Raises ValueError with the parameter that is wrong or missing."""
    if start is None:
        raise ValueError("start_date: must be given")
    found: list[float] = []
    for name, text in (("start_date", start), ("end_date", end)):
        if text is None:
            continue
        try:
            at = moment_of(text)
        except ValueError as error:
            raise ValueError(f"{name}: must be a date, or a date and time, in ISO 8601") from error
        # the day that ends a list belongs to it
        found.append(at + DAY if name == "end_date" and is_date(text) else at)
    return found[0], found[1] if len(found) == 2 else None


def flowroute(
    gateway: Gateway, settings: FlowrouteSettings, *, faults: Faults | None = None, shelf: Shelf | None = None
) -> tuple[Dialect, APIRouter]:
    """The dialect on a gateway, and its routes. Whoever calls also says ``gateway.listen(dialect)``."""
    dialect = Flowroute(gateway, settings, faults, shelf)
    router = APIRouter(tags=["flowroute"])
    described = partial(shapes.documented, shapes.FlowrouteDocument, error=shapes.FlowrouteErrors)
    for version in ("v2.1", "v2.2"):
        _add_messages(router, dialect, version)

    async def of_number(request: Request, number: str, webhook: str) -> Response:
        return await dialect.serve(request, partial(dialect.set_webhook, webhook, number))

    told = described(status=200, errors=(401, 404, 415, 422), body=shapes.FlowrouteCallbackRequest)
    for version in ("v2.1", "v2.2"):
        for webhook in WEBHOOKS:
            _add_webhook(router, dialect, f"/{version}/messages/{webhook}", webhook, told)
    router.add_api_route(
        "/v2/numbers/{number}/relationships/{webhook}",
        of_number,
        methods=["POST"],
        summary="Set a number's webhook",
        **told,
    )
    return dialect, router


def _add_webhook(router: APIRouter, dialect: Flowroute, path: str, webhook: str, told: Json) -> None:
    """The route of one of an account's webhooks: its name is no message's, so each has a path of its own."""

    async def of_account(request: Request) -> Response:
        return await dialect.serve(request, partial(dialect.set_webhook, webhook, ""))

    router.add_api_route(path, of_account, methods=["PUT"], summary="Set an account's webhook", **told)


def _add_messages(router: APIRouter, dialect: Flowroute, version: str) -> None:
    """The routes of messages in one version."""

    async def send(request: Request) -> Response:
        return await dialect.serve(request, partial(dialect.send, version))

    async def listed(request: Request) -> Response:
        return await dialect.serve(request, partial(dialect.listed, version))

    async def one(request: Request, message_id: str) -> Response:
        return await dialect.serve(request, partial(dialect.one, message_id))

    described = partial(shapes.documented, shapes.FlowrouteDocument, error=shapes.FlowrouteErrors)
    path = f"/{version}/messages"
    router.add_api_route(
        path,
        send,
        methods=["POST"],
        summary="Send a message",
        **described(status=202, errors=(400, 401, 415, 422, 429, 503), body=shapes.FlowrouteMessageRequest),
    )
    router.add_api_route(
        path,
        listed,
        methods=["GET"],
        summary="Message detail records",
        **described(status=200, errors=(401, 422), body=None),
    )
    router.add_api_route(
        f"{path}/{{message_id}}",
        one,
        methods=["GET"],
        summary="A message detail record",
        **described(status=200, errors=(401, 404), body=None),
    )


__all__ = ["WEBHOOKS", "Flowroute", "flowroute"]

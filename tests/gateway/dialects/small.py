"""A gateway of a few lines that keeps its promises without carriers or files, and a caller of the dialects on it.

What carriers would do is said by ``step``; the time stands still unless a test moves it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx2
from fastapi import APIRouter, FastAPI

from simulator.gateway.dialects.problems import add_problems
from simulator.gateway.messages import (
    Callback,
    Cause,
    CauseKey,
    Closing,
    Dialect,
    Full,
    Inbound,
    Message,
    Number,
    NumberKind,
    Order,
    Page,
    Progress,
    Query,
    Status,
)
from simulator.sms.segments import split

NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z."""


class SmallGateway:
    """A ``Gateway`` in memory."""

    def __init__(self, *numbers: Number, backlog: int = 10_000, networks: dict[str, str] | None = None) -> None:
        self.time = NOW
        self.backlog = backlog
        self.is_closing = False
        self.messages: list[Message] = []
        self.callbacks: list[Callback] = []
        self._numbers = {number.number.lower(): number for number in numbers}
        self._networks = networks or {}
        self._charged: Counter[str] = Counter()
        self._dialects: dict[str, Dialect] = {}

    def now(self) -> float:
        return self.time

    def listen(self, dialect: Dialect) -> None:
        self._dialects[dialect.name] = dialect

    async def accept(self, orders: Sequence[Order]) -> list[Message]:
        if self.is_closing:
            raise Closing
        for space, count in Counter(order.space for order in orders).items():
            if count > self.room(space):
                raise Full(space, self.room(space))
        taken = [Message(order, segments=len(split(order.text))) for order in orders]
        self.messages += taken
        for message in taken:
            self.step(message, Status.QUEUED)
            if message.order.charged_at is Status.QUEUED:
                self._charge(message)
        return taken

    def _charge(self, message: Message) -> None:
        message.charged = message.order.price
        self._charged[message.order.space] += message.order.price

    def step(self, message: Message, status: Status, cause: Cause | None = None, *, is_change: bool = True) -> None:
        """Something happens to a message; its dialect is told, and what that owes is in ``callbacks``."""
        progress = Progress(status, self.time, cause, is_change)
        message.history.append(progress)
        message.status = status
        if is_change and cause is not None:
            message.cause = cause
        if status is Status.SENT and is_change and message.order.charged_at is Status.SENT:
            self._charge(message)
        self.callbacks += self._dialects[message.order.dialect].progressed(message, progress)

    def run(
        self, message: Message, *statuses: Status, key: CauseKey = "receipt", stat: str = "", err: str = ""
    ) -> None:
        """Several steps, the last one for this cause."""
        for status in statuses:
            is_last = status is statuses[-1]
            self.step(
                message, status, Cause(key, stat=stat, err=err) if is_last and (stat or key != "receipt") else None
            )

    def arrive(self, source: str, destination: str, text: str, **how: Any) -> Inbound:
        """A subscriber writes."""
        number = self._numbers[destination]
        order = Order(f"in-{len(self.messages)}", number.dialect, number.space, source, destination, text)
        order.accepted_at, order.direction = self.time, "inbound"
        message = Message(order, Status.RECEIVED, history=[Progress(Status.RECEIVED, self.time)])
        self.messages.append(message)
        inbound = Inbound(message, **how)
        self.callbacks += self._dialects[number.dialect].arrived(inbound, number)
        return inbound

    async def find(self, space: str, message_id: str) -> Message | None:
        return next((one for one in self.messages if one.id == message_id and one.order.space == space), None)

    async def list(self, query: Query) -> Page:
        found = [one for one in self.messages if _is_meant(one, query)]
        if not query.is_oldest_first:
            found.reverse()
        if query.after:
            ids = [one.id for one in found]
            found = found[ids.index(query.after) + 1 :] if query.after in ids else []
        found = found[query.offset :]
        return Page(found[: query.limit], len(found) > query.limit)

    async def redact(self, space: str, message_id: str) -> Message | None:
        message = await self.find(space, message_id)
        if message is not None:
            message.order.text = ""
        return message

    def room(self, space: str) -> int:
        waiting = [one for one in self.messages if one.order.space == space and one.status is Status.QUEUED]
        return self.backlog - len(waiting)

    def charged(self, space: str) -> int:
        return self._charged[space]

    def number(self, number: str) -> Number | None:
        return self._numbers.get(number.lower())

    def numbers(self, space: str) -> Sequence[Number]:
        return [number for number in self._numbers.values() if number.space == space]

    def is_opted_out(self, source: str, destination: str) -> bool:
        return False

    def network_of(self, destination: str) -> str:
        found = [prefix for prefix in self._networks if destination.startswith(prefix)]
        return self._networks[max(found, key=len)] if found else ""


def _is_meant(message: Message, query: Query) -> bool:
    order = message.order
    return (
        order.space == query.space
        and query.dialect in {"", order.dialect}
        and query.batch in {"", order.batch}
        and query.direction in {None, order.direction}
        and (query.since is None or order.accepted_at >= query.since)
        and (query.until is None or order.accepted_at < query.until)
    )


class Caller:
    """Asks one dialect over ASGI."""

    def __init__(self, gateway: SmallGateway, built: tuple[Dialect, APIRouter], **headers: str) -> None:
        self.gateway = gateway
        self.dialect, router = built
        gateway.listen(self.dialect)
        self.app = FastAPI()
        self.app.include_router(router)
        add_problems(self.app)
        self.headers = headers
        self.auth: tuple[str, str] | None = None

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        """The answer; ``body`` is sent as JSON."""
        if body is not None:
            options["json"] = body
        options["headers"] = {**self.headers, **options.get("headers", {})}
        options.setdefault("auth", self.auth)
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            return await client.request(method, path, **options)

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer that is no error."""
        response = await self.call("GET", path, params=params)
        assert response.status_code == 200, response.text
        return response.json()


def number(name: str, space: str, dialect: str, kind: NumberKind = NumberKind.LONG_CODE, **more: Any) -> Number:
    """A number of the inventory."""
    return Number(name, space, dialect, kind, **more)

"""SignalSMS's dialect: its routes, its wallet, and what it answers the core.

It knows who may ask, what is left of the rate, and what there is money for. [I], where the documents are silent: the
paths of all but dispatch; that a request without a good key has an allowance of its own; that a message that fails is
not paid back; that a full backlog is 503; that the reset is told in Unix seconds.
"""

import math
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from fastapi import APIRouter, Request, Response

from simulator.gateway.dialects import shapes
from simulator.gateway.dialects.asking import (
    Surface,
    Unreadable,
    bearer_of,
    is_same,
    json_response,
    object_of,
    octets_of,
)
from simulator.gateway.dialects.faults import Faults
from simulator.gateway.dialects.paces import Fixed
from simulator.gateway.dialects.signalsms.errors import problem
from simulator.gateway.dialects.signalsms.orders import Bad, asked_of, orders_of, rates_of
from simulator.gateway.dialects.signalsms.settings import Account, SignalsmsSettings
from simulator.gateway.dialects.signalsms.views import callback_of, dispatch_of, event_callback, event_of
from simulator.gateway.dialects.texts import billionths_of, money_text
from simulator.gateway.messages import (
    Answer,
    Callback,
    Dialect,
    Full,
    Gateway,
    Inbound,
    Message,
    Number,
    Order,
    Progress,
    Query,
)

AccountDeed = Callable[[Account, Request], Awaitable[Response]]


class Signalsms(Surface):
    """The dialect."""

    name = "signalsms"

    def __init__(self, gateway: Gateway, settings: SignalsmsSettings, faults: Faults | None = None) -> None:
        super().__init__(faults)
        self._gateway = gateway
        self._settings = settings
        self._accounts = {account.space: account for account in settings.accounts}
        self._pace = Fixed(settings.requests_per_minute, 60.0)
        self._alerted: set[str] = set()

    def problem(self, status: int, reason: str) -> Response:
        """See ``Surface``."""
        return problem(status, reason)

    async def serve_account(self, request: Request, deed: AccountDeed) -> Response:
        """The answer to a request of an account; every one tells what is left of the rate."""
        key = bearer_of(request)
        account = self._account_of(key)
        now = self._gateway.now()
        allowance = self._pace.take("" if account is None else key, now)
        if not allowance.is_granted:
            response = problem(429, "Too many requests: try again after X-RateLimit-Reset.")
        elif account is None:
            response = problem(401, "The API key is missing, wrong or revoked.")
        else:
            response = await self.serve(request, partial(deed, account))
        response.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["X-RateLimit-Reset"] = str(math.ceil(allowance.reset_at))
        return response

    def _account_of(self, key: str) -> Account | None:
        for account in self._settings.accounts:
            if any(is_same(one, key) for one in account.api_keys):
                return account
        return None

    # --- Deeds ---

    async def dispatch(self, account: Account, request: Request) -> Response:
        """POST /v1/sms/dispatch."""
        try:
            asked = asked_of(object_of(await octets_of(request)), account.space, self._gateway, self._settings)
        except Unreadable as error:
            self.refuse(400, str(error))
        except Bad as error:
            self.refuse(error.status, str(error))
        balance = self._balance(account)
        if asked.cost > balance:
            self.refuse(402, f"The wallet has {money_text(balance)}, and this costs {money_text(asked.cost)}.")
        orders = orders_of(asked, self._gateway.now())
        try:
            # it charges before it first waits, so nobody spends the same money meanwhile
            await self._gateway.accept(orders)
        except Full as full:
            self.refuse(503, f"There is room for {full.room} more messages.")
        told = {
            "status": "queued",
            "message_id": orders[0].batch,
            "recipients_count": len(orders),
            "segments": asked.segments,
            "cost": money_text(asked.cost),
            "currency": self._settings.currency,
            "remaining_balance": money_text(balance - asked.cost),
        }
        return json_response(told, self._settings.success_status)

    def _balance(self, account: Account) -> int:
        return billionths_of(account.topups) - self._gateway.charged(account.space)

    async def status(self, message_id: str, account: Account, request: Request) -> Response:
        """GET /v1/sms/status/{message_id}, or with message_id in the query."""
        message_id = message_id or request.query_params.get("message_id", "")
        if not message_id:
            self.refuse(400, "message_id: must be given")
        query = Query(
            account.space, self.name, batch=message_id, limit=self._settings.recipients_max, is_oldest_first=True
        )
        page = await self._gateway.list(query)
        if not page.messages:
            self.refuse(404, f"There is no message {message_id[:40]}.")
        # all were accepted in the same moment: their own order is that of the request
        messages = sorted(page.messages, key=lambda message: int(message.id.rpartition(":")[2]))
        return json_response(dispatch_of(message_id, messages, self._gateway))

    async def balance(self, account: Account, request: Request) -> Response:
        """GET /v1/account/balance."""
        amount = account.last_topup_amount
        told = {
            "balance": money_text(self._balance(account)),
            "currency": self._settings.wallet_currency,
            "last_topup": account.last_topup,
            "last_topup_amount": None if amount is None else money_text(billionths_of(amount)),
        }
        return json_response(told)

    async def rates(self, account: Account, request: Request) -> Response:
        """GET /v1/rates."""
        found = rates_of(request.query_params.get("country"), self._settings)
        if found is None:
            self.refuse(400, "country: must be an ISO 3166-1 alpha-2 code")
        return json_response({"rates": found})

    async def senders(self, account: Account, request: Request) -> Response:
        """GET /v1/senders."""
        numbers = [number for number in self._gateway.numbers(account.space) if number.dialect == self.name]
        told = [
            {
                "name": number.number,
                "status": str(number.settings.get("status", "approved")),
                "created_at": str(number.settings.get("created_at", "1970-01-01T00:00:00Z")),
            }
            for number in numbers
        ]
        return json_response({"senders": told})

    # --- What the core asks ---

    def progressed(self, message: Message, progress: Progress) -> Iterable[Callback]:
        """The event of a recipient's end, or of its being sent; and once, that the wallet is almost empty."""
        if not message.order.batch:
            # a keyword that the platform has answered by itself: nobody has dispatched it
            return ()
        account = self._accounts.get(message.order.space)
        owed = [] if account is None else self._alert(account)
        event = event_of(progress)
        url = message.order.callback or ("" if account is None else account.webhook_url)
        if event in self._settings.events and url:
            owed.append(event_callback(message, event, url, self._gateway))
        return owed

    def _alert(self, account: Account) -> list[Callback]:
        """What is owed when a wallet has come below its mark; again only after it was above."""
        if account.low_balance is None or not account.webhook_url:
            return []
        balance = self._balance(account)
        if balance >= billionths_of(account.low_balance):
            self._alerted.discard(account.space)
            return []
        if account.space in self._alerted:
            return []
        self._alerted.add(account.space)
        told = {
            "event": "account.low_balance",
            "balance": money_text(balance),
            "currency": self._settings.wallet_currency,
        }
        return [callback_of(account.space, account.webhook_url, told)]

    def arrived(self, inbound: Inbound, number: Number) -> Iterable[Callback]:
        """Nothing: this API tells of no inbound messages."""
        return ()

    def answered(self, callback: Callback, answer: Answer) -> Iterable[Order]:
        """Nothing: no callback of this dialect asks anything."""
        return ()


def signalsms(
    gateway: Gateway, settings: SignalsmsSettings, *, faults: Faults | None = None
) -> tuple[Dialect, APIRouter]:
    """The dialect on a gateway, and its routes. Whoever calls also says ``gateway.listen(dialect)``."""
    dialect = Signalsms(gateway, settings, faults)
    router = APIRouter(prefix="/v1", tags=["signalsms"])
    described = partial(shapes.documented, error=shapes.SignalsmsError)

    async def dispatch(request: Request) -> Response:
        return await dialect.serve_account(request, dialect.dispatch)

    async def status(request: Request, message_id: str) -> Response:
        return await dialect.serve_account(request, partial(dialect.status, message_id))

    async def status_asked(request: Request) -> Response:
        return await dialect.serve_account(request, partial(dialect.status, ""))

    async def balance(request: Request) -> Response:
        return await dialect.serve_account(request, dialect.balance)

    async def rates(request: Request) -> Response:
        return await dialect.serve_account(request, dialect.rates)

    async def senders(request: Request) -> Response:
        return await dialect.serve_account(request, dialect.senders)

    router.add_api_route(
        "/sms/dispatch",
        dispatch,
        methods=["POST"],
        summary="Send a text to one or many",
        **described(
            shapes.SignalsmsDispatched,
            settings.success_status,
            errors=(400, 401, 402, 404, 429, 503),
            body=shapes.SignalsmsDispatch,
        ),
    )
    for path, deed, shape, summary, errors in (
        ("/sms/status/{message_id}", status, shapes.SignalsmsStatus, "What became of a dispatch", (401, 404, 429)),
        ("/sms/status", status_asked, shapes.SignalsmsStatus, "What became of a dispatch", (400, 401, 404, 429)),
        ("/account/balance", balance, shapes.SignalsmsBalance, "The wallet", (401, 429)),
        ("/rates", rates, shapes.SignalsmsRates, "Prices", (400, 401, 429)),
        ("/senders", senders, shapes.SignalsmsSenders, "Registered senders", (401, 429)),
    ):
        router.add_api_route(
            path, deed, methods=["GET"], summary=summary, **described(shape, 200, errors=errors, body=None)
        )
    return dialect, router


__all__ = ["Signalsms", "signalsms"]

"""The bodies of requests and answers, for the description of the APIs (OpenAPI) only.

Nothing is validated by these: each dialect has rules and errors of its own, which no general check would speak.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field


class SignalwireMessageRequest(BaseModel):
    """POST /api/messaging/messages."""

    to: str = Field(description="+ and 5 to 17 digits, or a passthrough number as 988")
    sender: str = Field(alias="from", description="a purchased number in E.164, or a short code")
    body: str | None = None
    media: list[str] | None = Field(None, max_length=8)
    send_as_mms: bool = False
    status_callback: str | None = None
    custom_variables: dict[str, str] | None = Field(None, max_length=20)


class SignalwireRedaction(BaseModel):
    """PATCH /api/messaging/messages/{id}."""

    body: Literal[""]


class SignalwireMessage(BaseModel):
    """A message that was created or redacted."""

    id: str
    sender: str = Field(alias="from")
    to: str
    body: str
    status: Literal["queued", "initiated", "sent", "delivered", "undelivered", "failed", "read"]
    direction: Literal["inbound", "outbound"]
    kind: Literal["sms", "mms"]
    media: list[str]
    number_of_segments: int
    error_code: str | None
    error_message: str | None
    created_at: str
    project_id: str
    status_callback_url: str | None
    message_uri: str


class SignalwireLog(BaseModel):
    """A message in the logs."""

    id: str
    sender: str = Field(alias="from")
    to: str
    status: Literal["queued", "initiated", "sent", "delivered", "received", "undelivered", "failed"]
    direction: Literal["inbound", "outbound", "outbound-api", "outbound-call", "outbound-reply"]
    kind: Literal["sms", "mms"]
    source: Literal["realtime_api", "laml"]
    type: Literal["relay_message", "laml_message"]
    url: str | None
    number_of_segments: int
    charge: float
    charge_details: list[dict[str, Any]]
    created_at: str
    error_code: str | None
    error_message: str | None


class SignalwireLogs(BaseModel):
    """A page of the logs."""

    links: dict[str, str]
    data: list[SignalwireLog]


class SignalwireErrors(BaseModel):
    """Rules that were broken (422)."""

    errors: list[dict[str, str]]


class FlowrouteMessageRequest(BaseModel):
    """POST /v2.1/messages, in the compact form; the envelope of JSON:API has the same attributes."""

    to: str = Field(description="11 digits without a plus sign")
    sender: str = Field(alias="from", description="11 digits without a plus sign, or a short code")
    body: str | None = None
    is_mms: bool = False
    media_urls: list[str] | None = None
    receipt_callback: str | None = Field(None, alias="dlr_callback")


class FlowrouteDocument(BaseModel):
    """An answer of JSON:API with one object or many."""

    data: dict[str, Any] | list[dict[str, Any]]
    links: dict[str, str] | None = None


class FlowrouteCallbackRequest(BaseModel):
    """PUT of a webhook: the compact form, or attributes of JSON:API."""

    callback_url: str


class FlowrouteErrors(BaseModel):
    """An error of JSON:API."""

    errors: list[dict[str, Any]]


class SignalsmsDispatch(BaseModel):
    """POST /v1/sms/dispatch."""

    sender: str = Field(description="a registered sender of at most 11 alphanumeric characters, or a number")
    recipients: list[str] = Field(min_length=1, max_length=500)
    message: str
    fast_dispatch: bool = False
    schedule_at: str | None = None
    callback_url: str | None = None


class SignalsmsDispatched(BaseModel):
    """What was dispatched and what it cost."""

    status: str
    message_id: str
    recipients_count: int
    segments: int
    cost: str
    currency: str
    remaining_balance: str


class SignalsmsReport(BaseModel):
    """One recipient of a dispatch."""

    recipient: str
    status: str
    carrier: str | None
    latency_ms: int | None


class SignalsmsStatus(BaseModel):
    """A dispatch and its recipients."""

    message_id: str
    status: str
    created_at: str
    delivered_at: str | None
    reports: list[SignalsmsReport]


class SignalsmsBalance(BaseModel):
    """The wallet."""

    balance: str
    currency: str
    last_topup: str | None
    last_topup_amount: str | None


class SignalsmsRates(BaseModel):
    """Prices by country."""

    rates: list[dict[str, Any]]


class SignalsmsSenders(BaseModel):
    """Registered senders."""

    senders: list[dict[str, str]]


class SignalsmsError(BaseModel):
    """Any error."""

    error: str
    message: str


def documented(
    shape: type[BaseModel], status: int, error: type[BaseModel], errors: tuple[int, ...], body: type[BaseModel] | None
) -> dict[str, Any]:
    """The keywords of a route that describe its answers and the body it takes."""
    told: dict[str, Any] = {
        "status_code": status,
        "response_model": None,
        "responses": {status: {"model": shape}, **{one: {"model": error} for one in errors}},
    }
    if body is not None:
        schema = body.model_json_schema(by_alias=True)
        told["openapi_extra"] = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
    return told

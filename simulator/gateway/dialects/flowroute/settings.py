"""What Flowroute's dialect is told: access keys, limits, prices, webhooks, and the words and codes of receipts.

It knows forms and their defaults. Of the codes of receipts only 1003 is published; every other row of the table is ours
and marked so [I], which is why it is configuration.
"""

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.gateway.dialects.texts import twice


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Key(_Told):
    """One access key: a customer with its webhooks."""

    access_key: str = Field(min_length=1)
    """The user of HTTP Basic."""
    secret_key: str = Field(min_length=1)
    sms_callback: str = ""
    """Where inbound messages go whose number has no URL of its own; PUT replaces it."""
    receipt_callback: str = Field("", alias="dlr_callback")
    """Where receipts go that neither a message nor a number sends elsewhere; PUT replaces it."""


class Receipt(_Told):
    """How a receipt of level 2 is shown."""

    status: str
    status_code: int | None = None
    description: str = ""


BUFFERED: Final = Receipt(status="message buffered", status_code=1003, description="Message accepted by Carrier")
"""The one row that is published."""

RECEIPTS: Final = {
    "ENROUTE": BUFFERED,
    "ACCEPTD": BUFFERED,
    # [I], all that follow: the words are likely, and codes are left out rather than made up
    "DELIVRD": Receipt(status="delivered", description="Message delivered"),
    "UNDELIV": Receipt(status="undelivered", description="Message could not be delivered"),
    "REJECTD": Receipt(status="rejected", description="Message rejected by Carrier"),
    "EXPIRED": Receipt(status="expired", description="Message expired at Carrier"),
    "DELETED": Receipt(status="deleted", description="Message deleted at Carrier"),
    "UNKNOWN": Receipt(status="unknown", description="Carrier does not know the message"),
}


class FlowrouteSettings(_Told):
    """The dialect's part of the gateway's configuration."""

    keys: tuple[Key, ...] = ()
    sms_per_second: int = Field(5, ge=1)
    """Of one access key; beyond it is 429, without a queue."""
    mms_per_second: int = Field(1, ge=1)
    price_nanodollars: int = Field(4_000_000, ge=0)
    """A segment, by this dialect's own count: of a long code."""
    segments_max: int = Field(10, ge=1, le=255)
    """Segments of one text [I]."""
    mms_octets_max: int = Field(767_840, ge=1)
    """Named by the sample of a 422; media are fetched by nobody yet."""
    public_url: str = ""
    """Before the paths of links; empty: what the client asked."""
    list_limit: int = Field(50, ge=1)
    """Messages of a list where no limit is asked for [I]."""
    list_limit_max: int = Field(250, ge=1)
    receipts: dict[str, Receipt] = Field(default_factory=lambda: dict(RECEIPTS))
    """By a receipt's stat, or before that by ``STAT:err`` (``REJECTD:015``)."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        twice("keys: two are named", (key.access_key for key in self.keys))
        return self


KEY: Final = "demo-flowroute"


def demo() -> FlowrouteSettings:
    """Settings with one access key to try things with."""
    return FlowrouteSettings(keys=(Key(access_key=KEY, secret_key="demo-flowroute-secret"),))  # noqa: S106


def demo_account() -> dict[str, str]:
    """What GET /demo-accounts tells of it."""
    return {"username": KEY, "password": "demo-flowroute-secret", "from": "12065550101"}


__all__ = ["BUFFERED", "KEY", "RECEIPTS", "FlowrouteSettings", "Key", "Receipt", "demo", "demo_account"]

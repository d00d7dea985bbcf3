"""What SignalSMS's dialect is told: API keys with their wallets, rates, limits, and what its documents leave open.

It knows forms and their defaults. Published are three rates and the size of a batch; the number of requests a minute,
every other rate, the success status, the events beside ``sms.delivered`` and the surcharge for fast dispatch are not
[I]: the sample's arithmetic shows no surcharge, so there is none unless one is configured.
"""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from simulator.gateway.dialects.texts import is_loopback, twice, url_of


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Account(_Told):
    """One account with its keys and its wallet."""

    space: str = Field(min_length=1)
    """The account's name inside the gateway."""
    api_keys: tuple[str, ...] = ()
    topups: float = Field(0.0, ge=0, allow_inf_nan=False)
    """All that was ever paid in."""
    last_topup: str | None = None
    """When, in ISO 8601."""
    last_topup_amount: float | None = Field(None, ge=0, allow_inf_nan=False)
    webhook_url: str = ""
    """Where events go whose message names no callback_url."""

    @field_validator("webhook_url")
    @classmethod
    def _has_tls(cls, url: str) -> str:
        parts = url_of(url)
        if url and (parts is None or not (parts.scheme == "https" or is_loopback(parts))):
            raise ValueError("must be a URL by https, or by http to this machine")
        return url

    low_balance: float | None = Field(None, ge=0, allow_inf_nan=False)
    """Below this the webhook is told once, ``account.low_balance`` [I]; None: it is not."""


class SignalsmsSettings(_Told):
    """The dialect's part of the gateway's configuration."""

    accounts: tuple[Account, ...] = ()
    recipients_max: int = Field(500, ge=1)
    segments_max: int = Field(10, ge=1, le=255)
    requests_per_minute: int = Field(100, ge=1)
    success_status: Literal[200, 202] = 200
    price: float = Field(0.065, ge=0, allow_inf_nan=False)
    """EUR a segment to every country that ``prices`` does not name."""
    prices: dict[str, float] = Field(default_factory=lambda: {"US": 0.018, "DE": 0.068, "GB": 0.028})
    """EUR a segment, by ISO country code."""
    routes: dict[str, str] = Field(default_factory=dict)
    """The kind of route by country code, where it is not ``direct``."""
    fast_surcharge: float = Field(0.0, ge=0, allow_inf_nan=False)
    """EUR a segment more for fast dispatch."""
    events: tuple[str, ...] = ("sms.sent", "sms.delivered", "sms.failed")
    """Which are told."""
    currency: str = "EUR"
    wallet_currency: str = "USDT"
    """Both are counted one to one, as in the sample."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        twice("accounts: two are named", (account.space for account in self.accounts))
        # a key is not repeated in an error: it is a secret
        if len({key for one in self.accounts for key in one.api_keys}) < sum(
            len(one.api_keys) for one in self.accounts
        ):
            raise ValueError("accounts: two have the same API key")
        return self


SPACE: Final = "demo-signalsms"


def demo() -> SignalsmsSettings:
    """Settings with one account to try things with."""
    account = Account(
        space=SPACE,
        api_keys=("sig_live_demo",),
        topups=1000.0,
        last_topup="2026-05-28T10:15:00Z",
        last_topup_amount=1000.0,
    )
    return SignalsmsSettings(accounts=(account,))


def demo_account() -> dict[str, str]:
    """What GET /demo-accounts tells of it."""
    return {"api_key": "sig_live_demo", "sender": "ACME"}


__all__ = ["SPACE", "Account", "SignalsmsSettings", "demo", "demo_account"]

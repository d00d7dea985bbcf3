"""What POST /v1/sms/dispatch may say, and the orders that come of it: one for each recipient.

It knows fields, rules and rates. It does NOT know HTTP, nor the wallet. A number that is given twice is sent to twice,
and paid for twice [I].
"""

import re
import secrets
from typing import Any, Final, NamedTuple

from simulator.gateway.dialects.signalsms.countries import COUNTRIES, country_of
from simulator.gateway.dialects.signalsms.settings import SignalsmsSettings
from simulator.gateway.dialects.texts import billionths_of, is_date, is_loopback, moment_of, segments_on_air, url_of
from simulator.gateway.messages import Gateway, Json, Number, Order, Status

_RECIPIENT: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_NAME: Final = re.compile(r"[A-Za-z0-9]{1,11}")
_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}")


class Bad(Exception):
    """A field breaks a rule: 400, or 404 where it names a sender that does not exist."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


class Asked(NamedTuple):
    """A request that may be dispatched if there is money for it."""

    sender: Number
    recipients: list[str]
    text: str
    is_fast: bool
    scheduled_at: float | None
    callback: str
    segments: int
    prices: list[int]
    """Billionths, one for each recipient."""

    @property
    def cost(self) -> int:
        """Of all of it, in billionths."""
        return sum(self.prices)


def asked_of(given: Json, space: str, gateway: Gateway, settings: SignalsmsSettings) -> Asked:
    """What a body asks. Raises Bad for the first rule that it breaks: this API tells one at a time."""
    text = given.get("message")
    if not isinstance(text, str) or not text:
        raise Bad("message: must be given, as text")
    segments = segments_on_air(text)
    if segments > settings.segments_max:
        raise Bad(f"message: {segments} segments, at most {settings.segments_max}")
    is_fast = given.get("fast_dispatch", False)
    if not isinstance(is_fast, bool):
        raise Bad("fast_dispatch: must be true or false")
    recipients = _recipients_of(given.get("recipients"), settings.recipients_max)
    scheduled_at = _schedule_of(given.get("schedule_at"), gateway.now())
    callback = _callback_of(given.get("callback_url"))
    prices = [segments * _price_of(one, settings, is_fast=is_fast) for one in recipients]
    # after all that is 400: what does not exist is looked for last
    sender = _sender_of(given.get("sender"), space, gateway)
    return Asked(sender, recipients, text, is_fast, scheduled_at, callback, segments, prices)


def _recipients_of(value: Any, most: int) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise Bad(f"recipients: must be a list of 1 to {most} numbers")
    for place, one in enumerate(value):
        if not isinstance(one, str) or not _RECIPIENT.fullmatch(one):
            raise Bad(f"recipients[{place}]: must be a number in E.164 format")
    return value


def _schedule_of(value: Any, now: float) -> float | None:
    if value is None:
        return None
    try:
        # a day alone names no hour
        at = None if not isinstance(value, str) or is_date(value) else moment_of(value, needs_zone=True)
    except ValueError:
        at = None
    if at is None:
        raise Bad("schedule_at: must be a date and time in ISO 8601 with its time zone")
    if at <= now:
        raise Bad("schedule_at: must be in the future")
    return at


def _callback_of(value: Any) -> str:
    if value is None:
        return ""
    parts = url_of(value)
    # nobody needs TLS on the way to the same machine
    if parts is None or not (parts.scheme == "https" or is_loopback(parts)):
        raise Bad("callback_url: must be a URL by https")
    return str(value)


def _price_of(recipient: str, settings: SignalsmsSettings, *, is_fast: bool) -> int:
    country = country_of(recipient[1:])
    if country is None:
        raise Bad(f"recipients: {recipient} is in no country that can be sent to")
    surcharge = settings.fast_surcharge if is_fast else 0.0
    return billionths_of(settings.prices.get(country.iso, settings.price)) + billionths_of(surcharge)


def _sender_of(value: Any, space: str, gateway: Gateway) -> Number:
    if not isinstance(value, str) or not (_NAME.fullmatch(value) or _NUMBER.fullmatch(value)):
        raise Bad("sender: must be a number, or 1 to 11 alphanumeric characters")
    number = gateway.number(value.removeprefix("+"))
    is_ours = number is not None and number.space == space and number.dialect == "signalsms"
    if number is None or not is_ours or number.settings.get("status", "approved") != "approved":
        raise Bad(f"sender: {value} is not registered", 404)
    return number


def orders_of(asked: Asked, at: float) -> list[Order]:
    """One order for each recipient, under the id of all; each is paid for at once."""
    batch = f"msg_{secrets.token_hex(8)}"
    return [
        Order(
            id=f"{batch}:{place}",
            dialect="signalsms",
            space=asked.sender.space,
            source=asked.sender.number,
            destination=recipient[1:],
            text=asked.text,
            accepted_at=at,
            scheduled_at=asked.scheduled_at,
            batch=batch,
            callback=asked.callback,
            price=price,
            charged_at=Status.QUEUED,
            is_urgent=asked.is_fast,
            extras={"fast": True} if asked.is_fast else {},
        )
        for place, (recipient, price) in enumerate(zip(asked.recipients, asked.prices, strict=True))
    ]


def rates_of(country: str | None, settings: SignalsmsSettings) -> list[Json] | None:
    """The rate of one country, or of all in the order of their codes; None for a code that is none."""
    if country is not None and country.upper() not in COUNTRIES:
        return None
    found = sorted(COUNTRIES) if country is None else [country.upper()]
    return [
        {
            "country": iso,
            "name": COUNTRIES[iso].name,
            "price_eur": settings.prices.get(iso, settings.price),
            "route": settings.routes.get(iso, "direct"),
        }
        for iso in found
    ]


__all__ = ["Asked", "Bad", "asked_of", "orders_of", "rates_of"]

"""What POST /api/messaging/messages may say: each rule with the code that names it, and the order that comes of it.

It knows fields, rules and the gateway's inventory. It does NOT know HTTP, nor what becomes of an order. Where the
documents name no code for a value of a wrong type, the whole request is a 400 [I].
"""

import mimetypes
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from simulator.gateway.dialects.asking import Unreadable
from simulator.gateway.dialects.signalwire.settings import MEDIA_TYPES, Project, SignalwireSettings, campaign_of
from simulator.gateway.dialects.texts import billionths_of, segments_on_air, url_of
from simulator.gateway.messages import Gateway, Json, Number, Order

VARIABLES_MAX: Final = 20
VARIABLE_OCTETS_MAX: Final = 1024
RESERVED: Final = ("signalwire_", "sw_", "rtc_", "internal_")

_TO: Final = re.compile(r"\+[0-9]{5,17}")
_FROM: Final = re.compile(r"\+[0-9]{5,17}|[0-9]{5,6}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINK: Final = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/:?#]|\b)", re.IGNORECASE)


class Problem(NamedTuple):
    """One rule that was broken: its published code, and the field."""

    code: str
    attribute: str


@dataclass(slots=True, frozen=True)
class Asked:
    """The fields of a request whose types are right."""

    destination: str
    source: str
    body: str
    media: tuple[Any, ...]
    is_mms: bool
    callback: str
    variables: Mapping[str, Any]


def asked_of(given: Json) -> Asked:
    """The fields of a body. Raises Unreadable where a value has a type that no rule speaks of."""
    body, media, callback = given.get("body"), given.get("media"), given.get("status_callback")
    variables, is_forced = given.get("custom_variables"), given.get("send_as_mms", False)
    if not isinstance(body, str | None):
        raise Unreadable("body: must be text")
    if not isinstance(media, list | None):
        raise Unreadable("media: must be a list")
    if not isinstance(is_forced, bool):
        raise Unreadable("send_as_mms: must be true or false")
    if callback is not None and url_of(callback) is None:
        raise Unreadable("status_callback: must be a URL")
    if not isinstance(variables, dict | None):
        raise Unreadable("custom_variables: must be an object")
    return Asked(
        _text(given.get("to")),
        _text(given.get("from")),
        body or "",
        tuple(media or ()),
        bool(media) or is_forced,
        callback or "",
        variables or {},
    )


def _text(value: Any) -> str:
    # what is no text is no number either: the rules about numbers say so
    return value if isinstance(value, str) else ""


class Rules:
    """The rules of one configuration, asked for each request."""

    def __init__(self, gateway: Gateway, settings: SignalwireSettings) -> None:
        self._gateway = gateway
        self._settings = settings
        self._filtered_hosts = frozenset(host.lower() for host in settings.filtered_hosts)
        self._filtered_words = tuple(word.lower() for word in settings.filtered_words)

    def problems(self, asked: Asked, project: Project) -> list[Problem]:
        """Every rule that a request breaks, in the order of the fields; empty where it may be ordered."""
        return [
            *self._of_destination(asked, project),
            *self._of_source(asked, project),
            *self._of_content(asked),
            *_of_variables(asked.variables),
            *self._of_account(project),
        ]

    def _of_destination(self, asked: Asked, project: Project) -> Iterator[Problem]:
        digits = asked.destination.removeprefix("+")
        if digits in self._settings.passthrough:
            return
        if not _TO.fullmatch(asked.destination):
            is_digits = digits.isascii() and digits.isdecimal()
            yield Problem("not_e164" if is_digits else "invalid_to_number", "to")
        elif digits in self._settings.blocked_destinations:
            yield Problem("number_blacklisted", "to")
        elif self._settings.destinations and not digits.startswith(self._settings.destinations):
            yield Problem("destination_number_not_supported", "to")
        elif project.is_trial and digits not in project.verified_caller_ids:
            yield Problem("sending_restricted_to_verified", "to")

    def _of_source(self, asked: Asked, project: Project) -> Iterator[Problem]:
        digits = asked.source.removeprefix("+")
        number = self._gateway.number(digits) if _FROM.fullmatch(asked.source) else None
        is_ours = number is not None and number.space == project.project_id and number.dialect == "signalwire"
        if number is None or not is_ours:
            is_verified = digits in project.verified_caller_ids
            yield Problem("verified_caller_id_not_permitted" if is_verified else "invalid_from_number", "from")
        # no carrier here takes MMS yet, and a number that no carrier takes them of cannot send them
        elif not number.can_send or asked.is_mms:
            yield Problem("missing_messaging_capability", "from")
        elif campaign_of(number.kind, number.settings) != "active":
            yield Problem("inactive_campaign", "from")

    def _of_content(self, asked: Asked) -> Iterator[Problem]:
        if not asked.body and not asked.media:
            yield Problem("body_or_media_required", "body")
        if len(asked.body) > self._settings.body_max:
            yield Problem("character_limit_exceeded", "body")
        if len(asked.media) > self._settings.media_max:
            yield Problem("media_limit_exceeded", "media")
        places = [url_of(one) for one in asked.media]
        if None in places:
            yield Problem("invalid_media_url", "media")
        elif any(_has_bad_type(place.path) for place in places if place is not None):
            yield Problem("invalid_media_type", "media")

    def _of_account(self, project: Project) -> Iterator[Problem]:
        if project.is_sending_disabled:
            yield Problem("sending_disabled_for_space", "base")
        if project.credit is not None and self._gateway.charged(project.project_id) >= billionths_of(project.credit):
            yield Problem("insufficient_balance_to_send_message", "base")

    def order(self, asked: Asked, project: Project, number: Number, at: float) -> Order:
        """The order of a request without problems."""
        prefix = self._settings.trial_prefix if project.is_trial else ""
        order = self.order_of_text(
            prefix + asked.body, number, destination=asked.destination.removeprefix("+"), at=at, callback=asked.callback
        )
        if asked.variables:
            order.extras["custom_variables"] = dict(asked.variables)
        return order

    def order_of_text(
        self, text: str, number: Number, *, destination: str, at: float, callback: str = "", form: str = ""
    ) -> Order:
        """An order of one of our senders; ``form`` says whose reply it is, where it is one (``swml``, ``cxml``)."""
        extras: Json = {"form": form} if form else {}
        if self.is_filtered(text):
            extras["filtered"] = True
        fee = self._settings.carrier_fees.get(self._gateway.network_of(destination), 0.0)
        return Order(
            id=str(uuid.uuid4()),
            dialect="signalwire",
            space=number.space,
            source=number.number,
            destination=destination,
            text=text,
            accepted_at=at,
            callback=callback,
            price=segments_on_air(text) * (billionths_of(self._settings.price_sms) + billionths_of(fee)),
            extras=extras,
        )

    def is_filtered(self, text: str) -> bool:
        """Whether our own filter stops a text: a listed host in a URL, or a listed word."""
        if self._filtered_hosts and any(host in self._filtered_hosts for host in _hosts(text)):
            return True
        return bool(self._filtered_words) and any(word in text.lower() for word in self._filtered_words)


def _hosts(text: str) -> Iterable[str]:
    return (found[1].lower() for found in _LINK.finditer(text))


def _has_bad_type(path: str) -> bool:
    """Whether a URL's name says a type that cannot be sent; what no name tells is seen when it is fetched."""
    kind = mimetypes.guess_type(path)[0]
    return kind is not None and kind not in MEDIA_TYPES


def _of_variables(variables: Mapping[str, Any]) -> Iterator[Problem]:
    """Each rule once, whichever of the variables break it."""
    if len(variables) > VARIABLES_MAX:
        yield Problem("too_many_custom_variables", "custom_variables")
    found = {_variable_problem(name, value) for name, value in variables.items()}
    for code in sorted(found - {""}):
        yield Problem(code, "custom_variables")


def _variable_problem(name: str, value: Any) -> str:
    if not _VARIABLE.fullmatch(name):
        return "invalid_custom_variable_name"
    if name.lower().startswith(RESERVED):
        return "reserved_custom_variable_name"
    if not isinstance(value, str) or not value:
        return "invalid_custom_variable_value"
    return "custom_variable_value_too_long" if len(value.encode()) > VARIABLE_OCTETS_MAX else ""


def kind_of_message(order: Order) -> str:
    """``mms`` where media or its sender said so, else ``sms``."""
    return "mms" if order.media or order.extras.get("is_mms") else "sms"


__all__ = ["Asked", "Problem", "Rules", "asked_of", "kind_of_message"]

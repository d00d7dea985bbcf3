"""What POST /v2.1/messages and /v2.2/messages may say, and the order that comes of it.

It knows both forms of the body and the fields' rules. It does NOT know HTTP. Which reason a broken rule gives, and that
a text is at most so many segments, is ours [I]: no list of them is published.
"""

import mimetypes
import re
import uuid
from typing import Any, Final, NamedTuple

from simulator.gateway.dialects.asking import Unreadable
from simulator.gateway.dialects.flowroute.settings import FlowrouteSettings
from simulator.gateway.dialects.texts import segments_of_140, url_of
from simulator.gateway.messages import Gateway, Json, Number, Order, Status

MEDIA_KINDS: Final = frozenset(
    "image/png image/jpeg image/gif image/bmp image/x-ms-bmp video/3gpp video/mp4 video/x-msvideo video/avi video/mpeg "
    "audio/amr audio/midi audio/wav audio/x-wav audio/ac3 audio/mpeg text/plain".split()
)
"""Types that an MMS may carry, by the names that Python's table knows them by, too."""

_TO: Final = re.compile(r"[0-9]{11}|988")
_FROM: Final = re.compile(r"[0-9]{11}|[0-9]{5,6}")


class Asked(NamedTuple):
    """The attributes of a request, whatever its form; what is not there is None."""

    to: Any
    source: Any
    body: Any
    is_mms: Any
    media: Any
    callback: Any


def attributes_of(given: Json, kind: str = "") -> Json:
    """The attributes of a body in the compact form or in the envelope, there of this kind where it says any.

    Raises Unreadable for half an envelope.
    """
    if "data" not in given:
        return given
    envelope = given["data"]
    if not isinstance(envelope, dict):
        raise Unreadable("data: must be an object")
    if kind and envelope.get("type", kind) != kind:
        raise Unreadable(f"data.type: must be {kind}")
    attributes = envelope.get("attributes")
    if not isinstance(attributes, dict):
        raise Unreadable("data.attributes: must be an object")
    return attributes


def asked_of(given: Json) -> Asked:
    """The attributes that a message has."""
    one = attributes_of(given, "message")
    names = ("to", "from", "body", "is_mms", "media_urls", "dlr_callback")
    return Asked(*(one.get(name) for name in names))


def is_mms(asked: Asked) -> bool:
    """Whether it is one, which also decides whose rate it counts to."""
    return asked.is_mms is True or bool(asked.media)


def problems_of(asked: Asked, space: str, gateway: Gateway, settings: FlowrouteSettings) -> list[str]:
    """Why it cannot be ordered: a reason for each rule that it breaks; empty where it can."""
    found = [*_of_text(asked, settings), *_of_media(asked)]
    if not isinstance(asked.to, str) or not _TO.fullmatch(asked.to):
        found.append("to: must be a number of 11 digits without a plus sign")
    number = _number_of(asked, gateway)
    if number is None or number.space != space or number.dialect != "flowroute":
        found.append("from: must be a number of this account, of 11 digits without a plus sign")
    elif not number.can_send or is_mms(asked):
        found.append(f"from: this number cannot send {'MMS' if is_mms(asked) else 'messages'}")
    if asked.callback is not None and url_of(asked.callback) is None:
        found.append("dlr_callback: must be a URL by http or https")
    return found


def _number_of(asked: Asked, gateway: Gateway) -> Number | None:
    if not isinstance(asked.source, str) or not _FROM.fullmatch(asked.source):
        return None
    return gateway.number(asked.source)


def _of_text(asked: Asked, settings: FlowrouteSettings) -> list[str]:
    if asked.is_mms is not None and not isinstance(asked.is_mms, bool):
        return ["is_mms: must be true or false"]
    if asked.body is not None and not isinstance(asked.body, str):
        return ["body: must be text"]
    if not asked.body:
        return [] if asked.media else ["body: must be given where there are no media_urls"]
    if segments_of_140(asked.body) > settings.segments_max:
        return [f"body: at most {settings.segments_max} segments"]
    return []


def _of_media(asked: Asked) -> list[str]:
    if asked.media is None:
        return []
    if not isinstance(asked.media, list):
        return ["media_urls: must be a list of URLs"]
    places = [url_of(one) for one in asked.media]
    if None in places:
        return ["media_urls: must be URLs by http or https"]
    kinds = {mimetypes.guess_type(place.path)[0] for place in places if place is not None} - {None}
    return [] if kinds <= MEDIA_KINDS else ["media_urls: a type that cannot be sent"]


def order_of(asked: Asked, number: Number, at: float, settings: FlowrouteSettings) -> Order:
    """The order of a request without problems; it is charged as soon as it is accepted [I]."""
    return Order(
        id=f"mdr2-{uuid.uuid4().hex}",
        dialect="flowroute",
        space=number.space,
        source=number.number,
        destination=asked.to,
        text=asked.body,
        accepted_at=at,
        callback=asked.callback or "",
        price=segments_of_140(asked.body) * settings.price_nanodollars,
        charged_at=Status.QUEUED,
    )


__all__ = ["MEDIA_KINDS", "Asked", "asked_of", "attributes_of", "is_mms", "order_of", "problems_of"]

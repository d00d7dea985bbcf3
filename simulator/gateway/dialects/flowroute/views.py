"""A message as Flowroute shows it: the message detail record (MDR), its receipts of two levels, and callbacks.

It knows a message's history and the shapes. Level 1 is what passes between provider and carrier, level 2 all that comes
after it; a record may say ``message buffered`` for ever. What is shown before level 1, and of a message that never
left, is not published [I].
"""

import json
from typing import Final

from simulator.gateway.dialects.flowroute.settings import FlowrouteSettings, Receipt
from simulator.gateway.dialects.texts import encoding_of, moment_text, money_text
from simulator.gateway.messages import Callback, Gateway, Inbound, Json, Message, NumberKind, Progress, Status

JSON_API: Final = "application/vnd.api+json"
SUBMITTED: Final = Receipt(status="smsc submit", description="Message has been sent")
FAILED: Final = Receipt(status="failed", description="Message could not be sent")

_TYPES: Final = {NumberKind.TOLL_FREE: "toll-free", NumberKind.SHORT_CODE: "shortcode"}
_WAITING: Final = "queued"


class Views:
    """Shows messages by one configuration."""

    def __init__(self, gateway: Gateway, settings: FlowrouteSettings) -> None:
        self._gateway = gateway
        self._settings = settings

    def receipt_of(self, progress: Progress) -> Json | None:
        """The receipt that a step of a message's history is; None where it is none."""
        if progress.status in {Status.QUEUED, Status.INITIATED, Status.RECEIVED}:
            return None
        if progress.status is Status.FAILED:
            return _shown(FAILED, 1, progress)
        if progress.status is Status.SENT and progress.is_change:
            return _shown(SUBMITTED, 1, progress)
        return _shown(self._row_of(progress), 2, progress)

    def _row_of(self, progress: Progress) -> Receipt:
        stat = "" if progress.cause is None else progress.cause.stat
        err = "" if progress.cause is None else progress.cause.err
        if not stat:
            # the core knows what became of it, the carrier's word is lost
            stat = "DELIVRD" if progress.status is Status.DELIVERED else "UNDELIV"
        rows = self._settings.receipts
        return rows.get(f"{stat}:{err}") or rows.get(stat) or Receipt(status=stat.lower())

    def record(self, message: Message) -> Json:
        """The MDR as an object of JSON:API."""
        order = message.order
        receipts = [one for step in message.history if (one := self.receipt_of(step)) is not None]
        is_inbound = order.direction == "inbound"
        status = "delivered" if is_inbound else receipts[-1]["status"] if receipts else _WAITING
        return {
            "id": message.id,
            "type": "message",
            "attributes": {
                **self._shared(message),
                "status": status,
                "direction": order.direction,
                "delivery_receipts": receipts,
            },
        }

    def _shared(self, message: Message) -> Json:
        order = message.order
        ours = order.destination if order.direction == "inbound" else order.source
        number = self._gateway.number(ours)
        kind = NumberKind.LONG_CODE if number is None else number.kind
        return {
            "body": order.text,
            **prices_of(order.price),
            "to": order.destination,
            "from": order.source,
            "message_encoding": encoding_of(order.text),
            "timestamp": moment_text(order.accepted_at, is_whole=False),
            "is_mms": bool(order.media),
            "message_type": _TYPES.get(kind, "longcode"),
        }

    def receipt_callback(self, message: Message, receipt: Json, url: str) -> Callback:
        """A receipt on its way to the customer."""
        told = {
            "data": {
                "type": "delivery_receipt",
                "id": message.id,
                "attributes": {"body": message.order.text, **receipt},
                "links": {"related": message.order.extras.get("link", "")},
            }
        }
        return _callback(message, url, told)

    def inbound_callback(self, inbound: Inbound, url: str) -> Callback:
        """An inbound message on its way to the customer."""
        message = inbound.message
        attributes = {
            **self._shared(message),
            "status": "delivered",
            "direction": "inbound",
            "delivery_receipts": [],
            "message_callback_url": url,
        }
        return _callback(message, url, {"data": {"type": "message", "id": message.id, "attributes": attributes}})


def _callback(message: Message, url: str, told: Json) -> Callback:
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return Callback("flowroute", message.order.space, url, body, (("content-type", JSON_API),), about=message.id)


def _shown(row: Receipt, level: int, progress: Progress) -> Json:
    return {
        "status": row.status,
        "status_code": row.status_code,
        "status_code_description": row.description,
        "timestamp": moment_text(progress.at, is_whole=False),
        "level": level,
    }


def prices_of(nanodollars: int) -> Json:
    """A price in the two ways in which it is shown."""
    return {"amount_nanodollars": nanodollars, "amount_display": f"${money_text(nanodollars, 4)}"}


__all__ = ["FAILED", "JSON_API", "SUBMITTED", "Views", "prices_of"]

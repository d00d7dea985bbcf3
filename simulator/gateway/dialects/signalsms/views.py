"""A dispatch as SignalSMS shows it: one state of all, a report for each recipient, and an event for each that ends.

It knows messages and the shapes. What the whole is called when recipients differ, and every word but ``queued`` and
``delivered``, is not published [I]: ``partial`` where some were delivered and none is open, ``failed`` where none was.
"""

import json
from typing import Final

from simulator.gateway.dialects.texts import moment_text
from simulator.gateway.messages import Callback, Gateway, Json, Message, Progress, Status

_STATUSES: Final = {
    Status.QUEUED: "queued",
    Status.INITIATED: "queued",
    Status.SENT: "sent",
    Status.DELIVERED: "delivered",
    Status.FAILED: "failed",
}
_STATS: Final = {"EXPIRED": "expired", "REJECTD": "rejected"}


def status_of(message: Message) -> str:
    """The word for one recipient."""
    if message.status is Status.UNDELIVERED:
        stat = "" if message.cause is None else message.cause.stat
        return _STATS.get(stat, "failed")
    if message.status is Status.FAILED and message.cause is not None and message.cause.key == "queue_expired":
        return "expired"
    return _STATUSES.get(message.status, "failed")


def status_of_all(messages: list[Message], now: float) -> str:
    """The word for a dispatch."""
    states = {status_of(message) for message in messages}
    scheduled_at = messages[0].order.scheduled_at
    if states == {"queued"}:
        return "scheduled" if scheduled_at is not None and scheduled_at > now else "queued"
    if "queued" in states or "sent" in states:
        return "sent"
    if "delivered" in states:
        return "delivered" if states == {"delivered"} else "partial"
    return "failed"


def latency_of(message: Message) -> int | None:
    """Whole milliseconds from when it was to leave until its receipt came; None where it was not delivered."""
    delivered_at = message.time_of(Status.DELIVERED)
    if delivered_at is None:
        return None
    began_at = max(message.order.accepted_at, message.order.scheduled_at or 0.0)
    return max(0, round((delivered_at - began_at) * 1000))


def report_of(message: Message, gateway: Gateway) -> Json:
    """The truth about one recipient."""
    return {
        "recipient": f"+{message.order.destination}",
        "status": status_of(message),
        "carrier": gateway.network_of(message.order.destination) or None,
        "latency_ms": latency_of(message),
    }


def dispatch_of(batch: str, messages: list[Message], gateway: Gateway) -> Json:
    """A dispatch with all its recipients; it is delivered when the last one was."""
    status = status_of_all(messages, gateway.now())
    times = [at for message in messages if (at := message.time_of(Status.DELIVERED)) is not None]
    return {
        "message_id": batch,
        "status": status,
        "created_at": moment_text(messages[0].order.accepted_at),
        "delivered_at": moment_text(max(times)) if status == "delivered" else None,
        "reports": [report_of(message, gateway) for message in messages],
    }


def event_of(progress: Progress) -> str:
    """The event that a step is; empty where it is none."""
    if not progress.is_change:
        return ""
    if progress.status is Status.SENT:
        return "sms.sent"
    if progress.status is Status.DELIVERED:
        return "sms.delivered"
    return "sms.failed" if progress.status in {Status.FAILED, Status.UNDELIVERED} else ""


def event_callback(message: Message, event: str, url: str, gateway: Gateway) -> Callback:
    """An event on its way to the customer."""
    delivered_at = message.time_of(Status.DELIVERED)
    told = {
        "event": event,
        "message_id": message.order.batch,
        **report_of(message, gateway),
        "delivered_at": None if delivered_at is None else moment_text(delivered_at),
    }
    return callback_of(message.order.space, url, told, about=message.id)


def callback_of(space: str, url: str, told: Json, about: str = "") -> Callback:
    """A callback in JSON."""
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return Callback("signalsms", space, url, body, (("content-type", "application/json"),), about=about)


__all__ = [
    "callback_of",
    "dispatch_of",
    "event_callback",
    "event_of",
    "latency_of",
    "report_of",
    "status_of",
    "status_of_all",
]

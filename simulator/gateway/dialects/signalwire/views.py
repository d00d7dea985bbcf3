"""A message as SignalWire shows it: in the answer to its creation, in the logs, and in callbacks with their signatures.

It knows a message and the shapes; who asks, and when a callback is owed, is decided elsewhere.
"""

import json
from typing import Final
from urllib.parse import urlencode

from simulator.gateway.dialects.signalwire.codes import CXML, WORDS, About, code_of
from simulator.gateway.dialects.signalwire.orders import kind_of_message
from simulator.gateway.dialects.signalwire.settings import Project, SignalwireSettings, campaign_of
from simulator.gateway.dialects.texts import (
    BILLION,
    billionths_of,
    form_signature,
    hex_signature,
    moment_text,
)
from simulator.gateway.messages import Callback, Gateway, Inbound, Json, Message, Number, NumberKind, Progress, Status

SIGNATURE: Final = "X-SignalWire-Signature"

# The Compatibility API says "sending" where REST says "initiated".
_CXML_STATUSES: Final = {Status.INITIATED: "sending", Status.RECEIVED: "received"}


class Views:
    """Shows messages by one configuration."""

    def __init__(self, gateway: Gateway, settings: SignalwireSettings) -> None:
        self._gateway = gateway
        self._settings = settings

    def error_of(self, message: Message) -> str | None:
        """The code of why it is failed or undelivered; None where it is neither."""
        if message.cause is None or message.status not in {Status.FAILED, Status.UNDELIVERED}:
            return None
        order = message.order
        number = self._gateway.number(order.source)
        about = About(
            self._gateway.network_of(order.destination),
            None if number is None else number.kind,
            "active" if number is None else campaign_of(number.kind, number.settings),
        )
        return code_of(message.cause, about, self._settings.errs, self._settings.err_codes)

    def _shown(self, number: str) -> str:
        """A number as this API writes it: with a plus sign, except short codes of ours and passthrough numbers."""
        ours = self._gateway.number(number)
        is_short = ours is not None and ours.kind is NumberKind.SHORT_CODE
        is_plain = is_short or number in self._settings.passthrough or not number.isdecimal()
        return number if is_plain else f"+{number}"

    def segments_of(self, message: Message) -> int:
        """An MMS is always one; a text has those on the air."""
        return 1 if kind_of_message(message.order) == "mms" else message.segments

    def _shared(self, message: Message) -> Json:
        """What every view of a message has."""
        code = self.error_of(message)
        return {
            "id": message.id,
            "from": self._shown(message.order.source),
            "to": self._shown(message.order.destination),
            "status": message.status.value,
            "number_of_segments": self.segments_of(message),
            "error_code": code,
            "error_message": None if code is None else WORDS.get(code, code),
        }

    def created(self, message: Message) -> Json:
        """The object that creating and redacting answer."""
        order = message.order
        return {
            **self._shared(message),
            "body": order.text,
            "direction": order.direction,
            "kind": kind_of_message(order),
            "media": list(order.media),
            "created_at": moment_text(order.accepted_at),
            "project_id": order.space,
            "status_callback_url": order.callback or None,
            "message_uri": f"/api/messaging/logs/{message.id}",
        }

    def log(self, message: Message) -> Json:
        """The object of the logs, which know a direction of their own and what was charged."""
        order, form = message.order, message.order.extras.get("form", "")
        is_reply = bool(form or order.extras.get("automatic"))
        direction = "inbound" if order.direction == "inbound" else "outbound-reply" if is_reply else "outbound-api"
        is_laml = form == "cxml"
        return {
            **self._shared(message),
            "direction": direction,
            "kind": kind_of_message(order),
            "source": "laml" if is_laml else "realtime_api",
            "type": "laml_message" if is_laml else "relay_message",
            # [I]: what a log's url names is not published
            "url": order.callback or None,
            "charge": message.charged / BILLION,
            "charge_details": self._charges(message),
            "created_at": moment_text(order.accepted_at),
        }

    def _charges(self, message: Message) -> list[Json]:
        if not message.charged:
            return []
        own = min(message.charged, message.segments * billionths_of(self._settings.price_sms))
        passed = message.charged - own
        lines = [{"description": "Outbound SMS", "charge": own / BILLION}]
        if passed:
            lines.append({"description": "Carrier passthrough fee", "charge": passed / BILLION})
        return lines

    # --- Callbacks ---

    def status_callback(self, message: Message, progress: Progress, project: Project | None) -> Callback:
        """What a change of status owes: JSON, or the form of cXML where the message was a cXML reply."""
        if message.order.extras.get("form") == "cxml":
            return self._form(message, message.order.callback, self._cxml_status(message, progress), project)
        told = {
            **self._shared(message),
            "status": progress.status.value,
            "project_id": message.order.space,
            "body": message.order.text,
            "timestamp": moment_text(progress.at),
        }
        if message.order.extras.get("custom_variables"):
            told["custom_variables"] = message.order.extras["custom_variables"]
        return self._json(message, message.order.callback, told, project)

    def _cxml_status(self, message: Message, progress: Progress) -> dict[str, str]:
        form = self._cxml_shared(message)
        form["MessageStatus"] = _CXML_STATUSES.get(progress.status, progress.status.value)
        code = self.error_of(message)
        if code is not None:
            form["ErrorCode"] = CXML.get(code, "30008")
        return form

    def _cxml_shared(self, message: Message) -> dict[str, str]:
        return {
            "MessageSid": message.id,
            "AccountSid": message.order.space,
            "From": self._shown(message.order.source),
            "To": self._shown(message.order.destination),
            "Body": message.order.text,
            "NumMedia": str(len(message.order.media)),
            "NumSegments": str(self.segments_of(message)),
        }

    def inbound(self, inbound: Inbound, number: Number, project: Project) -> Callback | None:
        """The request for what to do with an inbound message; None where the number is not configured."""
        url = str(number.settings.get("message_url", project.message_url))
        if not url:
            return None
        kind = str(number.settings.get("message_kind", project.message_kind))
        message = inbound.message
        if kind == "cxml":
            # NumSegments belongs to the callback of a status
            form = {name: value for name, value in self._cxml_shared(message).items() if name != "NumSegments"}
            callback = self._form(message, url, form, project)
        else:
            callback = self._json(message, url, self._swml(message, project), project)
        callback.wants_answer = True
        callback.kind = kind
        return callback

    def _swml(self, message: Message, project: Project) -> Json:
        order = message.order
        told: Json = {
            "message_id": message.id,
            "project_id": order.space,
            "space_id": project.space_id,
            "direction": "inbound",
            "type": kind_of_message(order),
            "from": self._shown(order.source),
            "to": self._shown(order.destination),
            "body": order.text or None,
            "media": [],
            "segments": self.segments_of(message),
            "timestamp": moment_text(order.accepted_at),
        }
        return {"message": told, "params": {}}

    def _json(self, message: Message, url: str, told: Json, project: Project | None) -> Callback:
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        headers = [("content-type", "application/json")]
        if project is not None and project.signing_key:
            headers.append((SIGNATURE, hex_signature(project.signing_key, url, body)))
        return Callback("signalwire", message.order.space, url, body, tuple(headers), about=message.id)

    def _form(self, message: Message, url: str, form: dict[str, str], project: Project | None) -> Callback:
        headers = [("content-type", "application/x-www-form-urlencoded")]
        if project is not None and project.signing_key:
            headers.append((SIGNATURE, form_signature(project.signing_key, url, form)))
        return Callback(
            "signalwire", message.order.space, url, urlencode(form).encode(), tuple(headers), about=message.id
        )


__all__ = ["SIGNATURE", "Views"]

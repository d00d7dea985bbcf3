"""What an application answers to an inbound message: a small part of SWML and of cXML, read into texts to send.

Of SWML it knows ``reply`` (a text, or an object with ``body``) and ``send_sms`` (``to_number``, ``from_number``,
``body``) in the section ``main``, in JSON; of cXML ``<Message>`` with text or ``<Body>``, ``to`` and ``from``. Every
other method or verb ends the reading: what stands before it is done, what follows is not [I]. It never raises: what
cannot be read is no reply. ``%{message.body}``, ``.from`` and ``.to`` stand for the inbound message's [I].
"""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

REPLIES_MAX: Final = 10
"""Messages that one answer may send [I]."""

_PLACE: Final = re.compile(r"[%$]\{message\.(body|from|to)\}")
_DIGITS: Final = re.compile(r"\+?[0-9]{3,17}")


class Reply(NamedTuple):
    """One text to send; an empty destination is the subscriber who wrote, an empty source the number written to."""

    text: str
    destination: str = ""
    source: str = ""


def swml_replies(body: bytes, inbound: Mapping[str, str]) -> list[Reply]:
    """The replies of a SWML document; ``inbound`` has the body, from and to that its places stand for."""
    try:
        document = json.loads(body)
        main = document["sections"]["main"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    if not isinstance(main, list):
        return []
    return _complete(_swml(main), inbound)


def _swml(main: list[Any]) -> Iterator[Reply]:
    for method in main:
        match method:
            case {"reply": str(text)} | {"reply": {"body": str(text)}}:
                yield Reply(text)
            case {"send_sms": {"to_number": str(to), "body": str(text), **rest}}:
                yield Reply(text, to, str(rest.get("from_number", "")))
            case _:
                return


def cxml_replies(body: bytes, inbound: Mapping[str, str]) -> list[Reply]:
    """The replies of a cXML document."""
    if b"<!" in body.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        return []
    try:
        response = ET.fromstring(body)  # noqa: S314 - its dangers begin with a document type, and have been refused
    except (ET.ParseError, ValueError, LookupError):
        return []
    return _complete(_cxml(response), inbound) if response.tag == "Response" else []


def _cxml(response: ET.Element) -> Iterator[Reply]:
    for verb in response:
        if verb.tag != "Message":
            return
        inner = verb.findtext("Body")
        text = inner if inner is not None else (verb.text or "").strip()
        yield Reply(text, verb.get("to", ""), verb.get("from", ""))


def _complete(replies: Iterator[Reply], inbound: Mapping[str, str]) -> list[Reply]:
    """The replies that can be sent, their places filled."""
    found = []
    for reply in replies:
        text = _PLACE.sub(lambda place: inbound.get(place[1], ""), reply.text)
        to = _PLACE.sub(lambda place: inbound.get(place[1], ""), reply.destination)
        source = _PLACE.sub(lambda place: inbound.get(place[1], ""), reply.source)
        is_addressed = all(not number or _DIGITS.fullmatch(number) for number in (to, source))
        if text and is_addressed and text.encode("utf-8", "replace").decode() == text:
            found.append(Reply(text, to.removeprefix("+"), source.removeprefix("+")))
        if len(found) == REPLIES_MAX:
            break
    return found


__all__ = ["REPLIES_MAX", "Reply", "cxml_replies", "swml_replies"]

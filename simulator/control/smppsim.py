"""``/inject_mo`` as SMPPSim has it: a subscriber's message by the fields of its deliver_sm, from a form or a query.

For suites that were written against SMPPSim and are to go on as they are. Knows the names of its form, and the SMSC.
POST /api/mo is what new ones should use: it divides long texts and chooses the alphabet, which nothing here does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request, Response
from pydantic import Field

from simulator.control.answers import SHOWN_MAX, Refusal, answer, json_octets, with_hint
from simulator.control.routes import Route
from simulator.control.row_shapes import Shape
from simulator.control.shapes import MoShape
from simulator.scenario.words.wire_words import nearest
from simulator.smpp.constants import TlvTag
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import DeliverSm
from simulator.smpp.tlvs import TLVS, Tlv, make
from simulator.sms.alphabets import Alphabet, alphabet_of, encode_text
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.mobile import injected
from simulator.smsc.translate import Address, address_from

_NUMBERS: Final = {
    "source_addr_ton": "source_addr_ton",
    "source_addr_npi": "source_addr_npi",
    "dest_addr_ton": "dest_addr_ton",
    "dest_addr_npi": "dest_addr_npi",
    "esm_class": "esm_class",
    "protocol_ID": "protocol_id",
    "protocol_id": "protocol_id",
    "priority_flag": "priority_flag",
    "registered_delivery_flag": "registered_delivery",
    "registered_delivery": "registered_delivery",
    "replace_if_present_flag": "replace_if_present_flag",
    "data_coding": "data_coding",
    "sm_default_msg_id": "sm_default_msg_id",
}
"""Names of the form that stand for a field of one octet, by the specification's name."""
_TEXTS: Final = {"service_type": 5, "schedule_delivery_time": 16, "validity_period": 16}
"""Names of fields that are texts, and how long they may be."""
_TLVS: Final = (
    *("user_message_reference", "source_port", "destination_port", "sar_msg_ref_num", "sar_total_segments"),
    *("sar_segment_seqnum", "user_response_code", "privacy_indicator", "payload_type", "callback_num"),
    *("source_subaddress", "dest_subaddress", "language_indicator", "its_session_info", "ussd_service_op"),
)
_FREE: Final = range(1, 8)
_FREE_NAMES: Final = tuple(f"tlv{number}_{part}" for number in _FREE for part in ("tag", "len", "val"))
_WORDS: Final = (
    ("source_addr", "number of the subscriber"),
    ("destination_addr", "number of yours; several with commas between them"),
    ("short_message", "the text, in the alphabet of data_coding; in hex where `format` is there"),
    ("message_payload", "the same for this TLV"),
    ("format", "short_message and message_payload are hex"),
    *((name, f"{name} of the deliver_sm") for name in (*_NUMBERS, *_TEXTS)),
    *((name, f"the TLV {name}") for name in _TLVS),
    *((name, "a TLV of any tag: decimal or 0x..., its value in hex") for name in _FREE_NAMES),
    ("sm_length", "passed over: it is that of the text"),
    ("submit", "passed over: the button"),
    ("charset", "passed over"),
    ("account", "the account that gets it, where the number does not tell; not a word of SMPPSim"),
)
NAMES: Final = tuple(name for name, _ in _WORDS)
"""Every name of the form."""
SHORT_MAX: Final = 254
"""Octets of short_message (SMPP 3.4, 4.6.1)."""


class InjectedShape(Shape):
    """Messages that were taken, one for each destination."""

    messages: list[MoShape] = Field(examples=[[{"id": "1", "account": "gateway", "segments": 1}]])


_QUERY: Final = {"source_addr": "12025550100", "destination_addr": "5555", "short_message": "STOP"}

SMPPSIM_ROUTES: Final = (
    Route(
        *("POST", "/inject_mo", "inject_mo", InjectedShape, 200, "A subscriber writes, by the form of SMPPSim"),
        ("no_route", "invalid", "too_large"),
        belongs="account",
        words=_WORDS,
        query=_QUERY,
    ),
    Route(
        *("GET", "/inject_mo", "inject_mo_by_query", InjectedShape, 200, "The same by its query, as SMPPSim takes it"),
        ("no_route", "invalid", "forbidden"),
        belongs="account",
        words=_WORDS,
        query=_QUERY,
    ),
)


class Injecting:
    """The deeds of the table, for one SMSC."""

    def __init__(self, smsc: Smsc, clock: Callable[[], float]) -> None:
        self._smsc = smsc
        self._clock = clock

    async def inject_mo(self, request: Request) -> Response:
        """Each field of the deliver_sm by its name, as application/x-www-form-urlencoded. What is left out or empty is
        as in a usual message; nothing is kept from one request to the next.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = await request.body()
        if body and kind != "application/x-www-form-urlencoded":
            raise Refusal("invalid", f"body: {kind[:SHOWN_MAX]!r}, allowed: application/x-www-form-urlencoded")
        return self._inject(dict(request.query_params) | _form(body))

    async def inject_mo_by_query(self, request: Request) -> Response:
        """A GET that changes something, because that is what SMPPSim has. A browser's request from another page is
        refused.
        """
        # browsers say so of every request to this machine; what is no browser says nothing
        if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise Refusal("forbidden", "Sec-Fetch-Site: a page from elsewhere may not inject anything")
        return self._inject(dict(request.query_params))

    def _inject(self, given: Mapping[str, str]) -> Response:
        sent = []
        now = self._clock()
        # all of them are made before the first is sent: the request is done as a whole or not at all
        pdus = pdus_from({name: value for name, value in given.items() if value != ""})
        account = given.get("account") or None
        owners = [self._smsc.routing.account_for(_to(pdu), account) for pdu in pdus]
        for pdu, owner in zip(pdus, owners, strict=True):
            one = injected(self._smsc, pdu, now, account=owner)
            sent.append({"id": str(one.number), "account": one.account, "segments": one.segments})
        return answer(json_octets({"messages": sent}))


def _to(pdu: DeliverSm) -> Address:
    return Address(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500, errors="strict"))
    except ValueError:
        raise Refusal("invalid", "body: no form in UTF-8 of at most 500 fields") from None


def pdus_from(given: Mapping[str, str]) -> list[DeliverSm]:
    """The deliver_sm that a form describes, one for each destination. Raises Refusal, naming the field."""
    for name in given:
        if name not in NAMES:
            raise _refusal(name, given[name], with_hint("is not known here", nearest(name, NAMES)))
    fields: dict[str, Any] = {meant: _number(given, name, 255) for name, meant in _NUMBERS.items() if name in given}
    for name, most in _TEXTS.items():
        text = given.get(name, "")
        if len(text) > most or not text.isascii():
            raise _refusal(name, text, f"at most {most} ASCII characters")
        fields[name] = text
    source, *destinations = _addresses(given)
    for name, value in zip(("source_addr_ton", "source_addr_npi"), source[1:], strict=True):
        fields.setdefault(name, value)
    octets = _octets(given, "short_message", fields.get("data_coding", 0))
    if len(octets) > SHORT_MAX:
        raise _refusal("short_message", given["short_message"], f"at most {SHORT_MAX} octets; /api/mo divides a text")
    tlvs = tuple(_tlvs(given, fields.get("data_coding", 0)))
    return [
        DeliverSm(
            source_addr=source.number,
            destination_addr=to.number,
            short_message=octets,
            tlvs=tlvs,
            **({"dest_addr_ton": to.ton, "dest_addr_npi": to.npi} | fields),
        )
        for to in destinations
    ]


def _addresses(given: Mapping[str, str]) -> list[Address]:
    """The source, and the destinations."""
    written = [("source_addr", given.get("source_addr", ""))]
    written += [("destination_addr", one) for one in given.get("destination_addr", "").split(",")]
    found = []
    for name, text in written:
        address = address_from(text)
        if not 0 < len(address.number) <= 20 or not (address.number.isascii() and address.number.isprintable()):
            raise _refusal(name, text, "1 to 20 printable ASCII characters beside a leading +")
        found.append(address)
    return found


def _octets(given: Mapping[str, str], name: str, data_coding: int) -> bytes:
    text = given.get(name, "")
    if "format" in given:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise _refusal(name, text, "hexadecimal, because `format` is there") from None
    try:
        if alphabet_of(data_coding) == Alphabet.BINARY:
            return text.encode("latin-1")
        return encode_text(text, data_coding)
    except UnicodeEncodeError as error:
        found = text[error.start : error.start + 1]
        raise _refusal(name, found, f"characters of data_coding {data_coding}; 8 has all") from None


def _tlvs(given: Mapping[str, str], data_coding: int) -> list[Tlv]:
    found = []
    if "message_payload" in given:
        found.append(Tlv(TlvTag.MESSAGE_PAYLOAD, _octets(given, "message_payload", data_coding)))
    found += [_named(given, name) for name in _TLVS if name in given]
    for number in _FREE:
        tag, value = f"tlv{number}_tag", f"tlv{number}_val"
        if tag in given:
            found.append(Tlv(_number(given, tag, 0xFFFF), _hex(given, value)))
        elif value in given:
            raise _refusal(value, given[value], f"{tag} beside it")
    return found


def _named(given: Mapping[str, str], name: str) -> Tlv:
    definition = TLVS[TlvTag[name.upper()]]
    if definition.kind != "int":
        return Tlv(definition.tag, _hex(given, name))
    try:
        return make(definition.tag, _number(given, name, 2**32 - 1))
    except LocalError as error:
        raise _refusal(name, given[name], str(error)) from None


def _hex(given: Mapping[str, str], name: str) -> bytes:
    try:
        return bytes.fromhex(given.get(name, "").removeprefix("0x"))
    except ValueError:
        raise _refusal(name, given[name], "hexadecimal") from None


def _number(given: Mapping[str, str], name: str, most: int) -> int:
    text = given[name].strip()
    try:
        number = int(text, 16 if text.lower().startswith("0x") else 10) if text.isascii() and text.isalnum() else -1
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise _refusal(name, text, f"a number from 0 to {most}, decimal or 0x...")
    return number


def _refusal(name: str, found: str, allowed: str) -> Refusal:
    shown = found if len(found) <= SHOWN_MAX else f"{found[: SHOWN_MAX - 3]}..."
    where = [{"field": name[:SHOWN_MAX], "given": shown, "allowed": allowed}]
    return Refusal("invalid", f"{name[:SHOWN_MAX]}: {shown!r}, {allowed}", where=where)


__all__ = ["NAMES", "SMPPSIM_ROUTES", "InjectedShape", "Injecting", "pdus_from"]

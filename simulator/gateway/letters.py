"""Texts and PDUs: an order's segments as submit_sm, and what a deliver_sm says.

It knows SMPP's fields and the letter's rules; it does not know which carrier, whose message, or when.
"""

from dataclasses import dataclass
from typing import Final

from simulator.gateway.config import LetterSettings
from simulator.gateway.messages import Order
from simulator.gateway.waiting import Entry
from simulator.net.client import Delivered
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import AlertNotification, DataSm, DeliverSm, SubmitSm
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.sms.alphabets import Alphabet, alphabet_of, read_alphabet
from simulator.sms.receipts import parse, stat_of
from simulator.sms.segments import Part, Segment, Udh, part_of_sar, split

_KIND_OF_MESSAGE: Final = 0x3C
"""Bits of esm_class that say what a deliver_sm is (SMPP 3.4, 5.2.12)."""
_RECEIPT: Final = 0x04
_INTERMEDIATE: Final = 0x20
_ACKNOWLEDGEMENTS: Final = frozenset({0x08, 0x10, 0x18})
"""What a handset's user says of a message; nobody asked for it."""
_UDH: Final = 0x40
_INTERNATIONAL: Final = (1, 1)
_SHORT: Final = (3, 0)
"""Short codes: network specific."""
_NAMED: Final = (5, 0)
SHORT_LENGTH_MAX: Final = 6
"""Digits of a short code, or a service such as 988."""


def cut(text: str, reference: int, settings: LetterSettings) -> list[Segment]:
    """The segments of a text, in GSM or else UCS2. Raises ValueError for more than 255 parts."""
    return split(text, reference=reference, kind=settings.long)


def address_of(number: str) -> tuple[int, int, str]:
    """TON, NPI and the digits of a sender or destination (SMPP 3.4, 5.2.5 and 5.2.6)."""
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return *_NAMED, number
    return *(_SHORT if len(digits) <= SHORT_LENGTH_MAX else _INTERNATIONAL), digits


def submit_of(order: Order, segment: Segment) -> SubmitSm:
    """The PDU of one segment; a receipt is asked for."""
    source_ton, source_npi, source = address_of(order.source)
    ton, npi, destination = address_of(order.destination)
    octets, part = segment.octets, segment.part
    tlvs: tuple[Tlv, ...] = ()
    if part is not None and part.kind == "sar":
        tlvs = (
            tlv_int(int(TlvTag.SAR_MSG_REF_NUM), part.reference),
            tlv_int(int(TlvTag.SAR_TOTAL_SEGMENTS), part.total),
            tlv_int(int(TlvTag.SAR_SEGMENT_SEQNUM), part.number),
        )
    elif len(octets) > 254:
        tlvs, octets = (Tlv(int(TlvTag.MESSAGE_PAYLOAD), octets),), b""
    return SubmitSm(
        source_addr_ton=source_ton,
        source_addr_npi=source_npi,
        source_addr=source,
        dest_addr_ton=ton,
        dest_addr_npi=npi,
        destination_addr=destination,
        esm_class=_UDH if segment.has_udh else 0,
        registered_delivery=1,
        data_coding=segment.data_coding,
        short_message=octets,
        tlvs=tlvs,
    )


def pieces_of(entry: Entry, settings: LetterSettings) -> list[Segment]:
    """The segments of a message: those that it was cut into, or cut again in the same way after a restart."""
    if entry.pieces is None:
        entry.pieces = cut(entry.message.order.text, entry.reference, settings)
    return entry.pieces


@dataclass(slots=True, frozen=True)
class HeardReceipt:
    """A receipt, in the carrier's words."""

    ids: tuple[str, ...]
    """The message's id: of receipted_message_id, then of the text, where the two differ."""
    stat: str
    err: str
    subscriber: str
    """Whom the message went to: the receipt's source, or empty."""
    text: str


@dataclass(slots=True, frozen=True)
class HeardPart:
    """A message from a subscriber, or a part of one."""

    source: str
    destination: str
    octets: bytes
    """Without header."""
    data_coding: int
    part: Part | None


def hear(pdu: Delivered) -> HeardReceipt | HeardPart | None:
    """What a delivery says; None for what is neither receipt nor message."""
    if isinstance(pdu, AlertNotification):
        return None
    kind = pdu.esm_class & _KIND_OF_MESSAGE
    if kind in _ACKNOWLEDGEMENTS:
        return None
    octets, udh = _octets_of(pdu)
    is_receipt = kind in {_RECEIPT, _INTERMEDIATE}
    # some carriers forget to say in esm_class that it is a receipt
    if is_receipt or octets[:3].lower() == b"id:":
        receipt = _receipt(pdu, octets)
        if receipt is not None or is_receipt:
            return receipt
    return HeardPart(
        pdu.source_addr.removeprefix("+"),
        pdu.destination_addr.removeprefix("+"),
        octets,
        pdu.data_coding,
        (udh.part if udh is not None else None) or _sar(pdu.tlvs),
    )


def text_of(heard: HeardPart) -> str:
    """The text of a message of one part."""
    return read_alphabet(heard.octets, alphabet_of(heard.data_coding))


def _octets_of(pdu: DeliverSm | DataSm) -> tuple[bytes, Udh | None]:
    """The text's octets, wherever they stand, and the header before them."""
    octets = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    if not octets:
        payload = first(pdu.tlvs, int(TlvTag.MESSAGE_PAYLOAD))
        octets = payload.value if payload is not None else b""
    udh = Udh.parse(octets) if pdu.esm_class & _UDH else None
    return (octets, None) if udh is None else (octets[udh.length :], udh)


def _sar(tlvs: tuple[Tlv, ...]) -> Part | None:
    reference, total, number = (
        None if found is None else int.from_bytes(found.value, "big")
        for found in (
            first(tlvs, int(tag))
            for tag in (TlvTag.SAR_MSG_REF_NUM, TlvTag.SAR_TOTAL_SEGMENTS, TlvTag.SAR_SEGMENT_SEQNUM)
        )
    )
    return part_of_sar(reference, total, number)


def network_error(tlvs: tuple[Tlv, ...]) -> str:
    """The number in network_error_code, three digits at least; empty where there is none (SMPP 3.4, 5.3.2.31)."""
    found = first(tlvs, int(TlvTag.NETWORK_ERROR_CODE))
    return "" if found is None or len(found.value) != 3 else f"{int.from_bytes(found.value[1:], 'big'):03d}"


def _receipt(pdu: DeliverSm | DataSm, octets: bytes) -> HeardReceipt | None:
    """The text says it, or the TLVs do (SMPP 3.4, 5.3.2.12 and 5.3.2.35), or each a part of it."""
    text = octets.decode("latin-1")
    if alphabet_of(pdu.data_coding) is Alphabet.UCS2:
        text = octets.decode("utf-16-be", "replace")
    told = parse(text)
    named = first(pdu.tlvs, int(TlvTag.RECEIPTED_MESSAGE_ID))
    ids = [] if named is None else [named.value.split(b"\0")[0].decode("latin-1")]
    stat = told.stat if told is not None else ""
    if told is not None and told.message_id not in ids:
        ids.append(told.message_id)
    state = first(pdu.tlvs, int(TlvTag.MESSAGE_STATE))
    if not stat and state is not None and state.value:
        stat = stat_of(state.value[-1])
    if not ids or not stat:
        return None
    err = (told.err if told is not None else "") or network_error(pdu.tlvs)
    return HeardReceipt(tuple(ids), stat, err, pdu.source_addr.removeprefix("+"), text)

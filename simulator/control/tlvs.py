"""TLVs as JSON: what a row and a journal file show of them, and what POST /api/mo takes.

Names and kinds come from a book, so that a vendor's tags are called by what the account's terms call them.
"""

from collections.abc import Iterable
from typing import Any, Final

from simulator.smpp.constants import TlvTag
from simulator.smpp.errors import LocalError
from simulator.smpp.tlvs import Book, Tlv, make, tlv_name, tlv_tag, value_of

SPLITTING: Final = frozenset(
    {TlvTag.MESSAGE_PAYLOAD, TlvTag.SAR_MSG_REF_NUM, TlvTag.SAR_TOTAL_SEGMENTS, TlvTag.SAR_SEGMENT_SEQNUM}
)
"""Tags that carry a text or mark its parts: shown and asked for as such."""


def tlvs_json(tlvs: Iterable[Tlv], book: Book) -> list[dict[str, Any]]:
    """The TLVs in their order, without the text itself: tag, name, value by its kind, and the octets as they are."""
    return [
        {"tag": tlv.tag, "name": tlv_name(tlv.tag, book), "value": _shown(tlv, book), "hex": tlv.value.hex()}
        for tlv in tlvs
        if tlv.tag != TlvTag.MESSAGE_PAYLOAD
    ]


def _shown(tlv: Tlv, book: Book) -> int | str:
    value = value_of(tlv, book)
    return value.hex() if isinstance(value, bytes) else value


def tlv_from(name: str, value: int | str, book: Book) -> Tlv:
    """The TLV of that name, or number such as 0x1401; where it has no kind, or that is octets, a text is hexadecimal.

    Raises LocalError, naming what is allowed.
    """
    tag = tlv_tag(name, book)
    if tag in SPLITTING:
        raise LocalError(f"{name}: that is for `split` to say")
    definition = book.get(tag)
    if isinstance(value, str) and (definition is None or definition.kind == "octets"):
        try:
            return Tlv(tag, bytes.fromhex(value))
        except ValueError:
            raise LocalError(f"{name}: {value!r} is not hexadecimal") from None
    return make(tag, value, book)

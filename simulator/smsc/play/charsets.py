"""What data_coding 0 means to those who come in by a listener with a charset of its own.

It knows octets, charsets and the data_coding that says the same as a charset where there is one; listeners are names.
"""

from copy import copy
from typing import TYPE_CHECKING, Final

from simulator.shaping.charsets import encoded
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import AlertNotification, DataSm, DeliverSm
from simulator.sms.alphabets import read_text
from simulator.sms.languages import UNSHIFTED
from simulator.sms.segments import Udh
from simulator.smsc.objections import UDHI

CODINGS: Final = {
    "ascii": 1,
    "binary": 2,
    "latin1": 3,
    "jis": 5,
    "iso-8859-5": 6,
    "iso-8859-8": 7,
    "ucs2": 8,
    "iso-2022-jp": 10,
    "jis-extended": 13,
    "ks-c-5601": 14,
    # what has no data_coding is read by that which comes nearest: most of its octets mean the same
    "latin9": 3,
    "hp-roman8": 3,
    "utf-8": 3,
    "ucs2-bom": 8,
}
"""By which data_coding a text is read that comes in as 0 (SMPP 3.4, 5.2.19); GSM where there is none."""

if TYPE_CHECKING:
    from simulator.scenario.forms.forms import MoForm, ReceiptForm


def respelled(pdu: DeliverSm | DataSm, charset: str) -> DeliverSm | DataSm:
    """A delivery as it is told by a listener where data_coding 0 means ``charset``; a header before the text stays.

    What has another data_coding is as it was, and so is a text that its header puts into a language's tables.
    """
    if pdu.data_coding:
        return pdu
    has_header = bool(pdu.esm_class & UDHI)
    # a copy, because the same PDU may be offered again to somebody who came in elsewhere
    told = copy(pdu)
    if isinstance(told, DeliverSm):
        told.short_message = _respelled(told.short_message, charset, has_header=has_header)
    told.tlvs = tuple(
        one._replace(value=_respelled(one.value, charset, has_header=has_header))
        if one.tag == TlvTag.MESSAGE_PAYLOAD
        else one
        for one in told.tlvs
    )
    return told


def _respelled(octets: bytes, charset: str, *, has_header: bool) -> bytes:
    header = Udh.parse(octets) if has_header else None
    if header is None:
        return encoded(read_text(octets, 0), charset)
    if header.shifts != UNSHIFTED:
        return octets
    return octets[: header.length] + encoded(read_text(octets[header.length :], 0), charset)


def for_listener(
    pdu: DeliverSm | DataSm | AlertNotification, charset: str, form: "ReceiptForm | MoForm | None"
) -> DeliverSm | DataSm | AlertNotification:
    """What is sent to a session that came in by a listener with this charset; a form's own charset goes before it."""
    if isinstance(pdu, AlertNotification) or (form is not None and form.charset is not None):
        return pdu
    return respelled(pdu, charset)


__all__ = ["CODINGS", "for_listener", "respelled"]

"""Receipts as a form wants them: which PDU, from whom, the text and its place, the ids, the TLVs.

Without a form a receipt is octet for octet what the SMSC sends by itself (smsc/translate.py). Knows what one receipt
can tell (Facts) and no message. Does NOT know when a receipt is due, whether it was asked for, on which session it
goes, how often, or what damage is done to its octets.
"""

from functools import cache
from typing import Final

from simulator.scenario.forms.forms import Ids, ReceiptForm
from simulator.shaping.addresses import Address, addressed
from simulator.shaping.charsets import encoded, fitted
from simulator.shaping.facts import Facts
from simulator.shaping.ids import spelled
from simulator.shaping.pdus import PduShape, octets_of, tlv_of
from simulator.shaping.texts import TextShape, in_state
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm
from simulator.smpp.tlvs import TLVS, Book, Tlv, tlv_int

__all__ = ["Facts", "ReceiptShape"]

RECEIPT: Final = 0x04
"""esm_class of what is final (SMPP 3.4, 5.2.12)."""
INTERMEDIATE: Final = 0x20
SHORT_MAX: Final = 254
"""Octets of short_message (SMPP 3.4, 5.2.21); a longer text goes into message_payload."""
ADDRESS_MAX: Final = 20
"""Characters of an address in a deliver_sm; data_sm takes 64."""
_NO_FORM: Final = ReceiptForm()
_STATE: Final = int(TlvTag.MESSAGE_STATE)
_PAYLOAD: Final = int(TlvTag.MESSAGE_PAYLOAD)
_ID: Final = int(TlvTag.RECEIPTED_MESSAGE_ID)


class ReceiptShape:
    """How receipts look, made ready once for a form and the ids' spellings, each of which may be None."""

    __slots__ = ("_fields_and_tlvs", "_form", "_id_end", "_id_text", "_id_tlv", "_states", "_text")

    def __init__(self, form: ReceiptForm | None = None, ids: Ids | None = None, book: Book = TLVS) -> None:
        self._form = form = form or _NO_FORM
        self._id_text = ids.text if ids else None
        self._id_tlv = ids.tlv if ids else None
        self._id_end = b"" if self._id_tlv and self._id_tlv.is_unterminated else b"\0"
        # a charset is asked for with all that it can do to the message's characters
        self._text = TextShape(form.text, form.dates, form.stat, form.err, is_raw=form.charset is not None)
        self._states = {state: tlv_of(_STATE, value, book) for state, value in (form.message_state or {}).items()}
        self._fields_and_tlvs = PduShape(form, book) if form.fields or form.tlvs else None

    def pdu(self, facts: Facts) -> DeliverSm | DataSm:
        """The receipt of these facts, sequence_number 0.

        Of its TLVs message_state comes first. receipted_message_id comes behind all others that tell of the message,
        because one client finds the id only there; a text in message_payload follows it. What a form says of fields
        and TLVs is done to all that.
        """
        source, destination, kind = self._addresses(facts)
        receipt = kind(
            source_addr_ton=source.ton,
            source_addr_npi=source.npi,
            source_addr=source.number,
            dest_addr_ton=destination.ton,
            dest_addr_npi=destination.npi,
            destination_addr=destination.number,
            esm_class=RECEIPT if facts.is_final else INTERMEDIATE,
        )
        receipt.tlvs = (*self._tlvs(facts), *self._placed(receipt, self._octets(facts)))
        if self._fields_and_tlvs is not None:
            self._fields_and_tlvs.shaped(receipt)
        return receipt

    def _addresses(self, facts: Facts) -> tuple[Address, Address, type[DeliverSm | DataSm]]:
        """Who it is from, for whom, and which PDU has room for that."""
        form = self._form
        ends = facts.destination, facts.source
        if form.swapped is False:
            ends = facts.source, facts.destination
        source, destination = addressed(form.source, ends[0]), addressed(form.destination, ends[1])
        if form.command is not None:
            return source, destination, DataSm if form.command == "data_sm" else DeliverSm
        is_long = _is_long(source, ends[0]) or _is_long(destination, ends[1])
        return source, destination, DataSm if is_long else DeliverSm

    def _octets(self, facts: Facts) -> bytes:
        form = self._form
        if form.place == "none":
            return b""
        text = self._text.text(facts, spelled(self._id_text, facts.message_id, facts.previous_id, base=facts.base))
        charset = form.charset
        octets = octets_of(text) if charset is None else encoded(text, charset)
        if form.cut is None and form.pad is None:
            return octets
        return fitted(octets, charset or "ascii", cut=form.cut, pad=form.pad)

    def _placed(self, receipt: DeliverSm | DataSm, octets: bytes) -> tuple[Tlv, ...]:
        """Put the text where it belongs; returns message_payload, if there is to be one."""
        place = self._form.place
        if place == "none":
            return ()
        if isinstance(receipt, DeliverSm):
            if place is None and len(octets) > SHORT_MAX:
                place = "message_payload"
            if place != "message_payload":
                receipt.short_message = octets[:SHORT_MAX]
            if place not in {"message_payload", "both"}:
                return ()
        # data_sm has no other place for a text
        return (Tlv(_PAYLOAD, octets),)

    def _tlvs(self, facts: Facts) -> tuple[Tlv, ...]:
        number = facts.state_number
        state = in_state(self._states, facts.state, number, None) if self._states else None
        reference = () if facts.reference is None else (facts.reference,)
        message_id = spelled(self._id_tlv, facts.message_id, facts.previous_id, base=facts.base)
        if message_id is None:
            return (state or _state(number), *reference, *facts.network_error, *facts.vendors)
        return (
            state or _state(number),
            *reference,
            *facts.network_error,
            *facts.vendors,
            Tlv(_ID, octets_of(message_id) + self._id_end),
        )


def _is_long(told: Address, known: Address) -> bool:
    """Whether an address needs a data_sm: it had a PDU with room for it, and still is as long.

    One that is long only by its form was meant to be where it has no room.
    """
    return len(told.number) > ADDRESS_MAX and len(known.number) > ADDRESS_MAX


@cache
def _state(number: int) -> Tlv:
    return tlv_int(_STATE, number)

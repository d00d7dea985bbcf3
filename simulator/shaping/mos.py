"""Messages from subscribers in PDUs, as a form wants them: parts, charset, place of the text, addresses, fields, TLVs.

Without a form they are those that the SMSC makes by itself. It knows what a PDU shall hold; to which session it goes,
when, how often and in how many segments is not known here.
"""

from typing import Final

from simulator.scenario.forms.forms import MoForm
from simulator.shaping.addresses import Address, addressed
from simulator.shaping.charsets import fitted
from simulator.shaping.parts import Piece, Writing, order_of, pieces_of
from simulator.shaping.pdus import PduShape, characters_of
from simulator.smpp.constants import EsmClass, TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm
from simulator.smpp.tlvs import TLVS, Book, Tlv
from simulator.sms.alphabets import alphabet_of, choose
from simulator.sms.languages import UNSHIFTED
from simulator.sms.segments import shifts_for

AS_USUAL: Final = MoForm()


class MoShape:
    """The form of messages from subscribers, made ready once for all of them."""

    __slots__ = ("_form", "_pdu")

    def __init__(self, form: MoForm | None, book: Book = TLVS) -> None:
        self._form = form or AS_USUAL
        self._pdu = PduShape(form, book)

    def pdus(
        self,
        source: Address,
        destination: Address,
        text: str | bytes,
        number: int,
        *,
        split: str = "udh8",
        language: int | None = None,
        message_type: int = 0,
        registered_delivery: int = 0,
        tlvs: tuple[Tlv, ...] = (),
    ) -> tuple[tuple[float, DeliverSm | DataSm], ...]:
        """A message in PDUs, each with the seconds at which it follows the first.

        ``number`` is a running count, of which references have the low bits; ``split`` and ``language`` are how the
        text is divided and by whose tables it is written, ``message_type`` bits 5-2 of esm_class, ``tlvs`` those of
        every part: all as smsc/incoming.py has them, and where the form does not say otherwise. Octets as the text
        are written as they are.

        The charset is that of data_coding, as the form says it or the text needs it, unless the form names one: then
        data_coding stays, and lies. Raises ValueError for more than 255 parts.
        """
        form = self._form
        writing = self._writing(text, language)
        parts = form.concatenation
        pieces = pieces_of(text, writing, number, by=split, form=parts)
        by = (parts and parts.by) or split
        ends = (_writable(addressed(form.source, source)), _writable(addressed(form.destination, destination)))
        every = float((parts and parts.every) or 0.0)
        found = []
        for turn, place in enumerate(order_of(len(pieces), parts)):
            pdu = self._made(ends, pieces[place], writing, by)
            pdu.esm_class |= message_type
            pdu.registered_delivery = registered_delivery
            pdu.tlvs += tlvs
            self._pdu.shaped(pdu)
            found.append((turn * every, pdu))
        return tuple(found)

    def _writing(self, text: str | bytes, language: int | None) -> Writing:
        shifts = shifts_for(text, language) if language is not None and isinstance(text, str) else UNSHIFTED
        data_coding = (self._form.fields or {}).get("data_coding")
        if not isinstance(data_coding, int):
            data_coding = choose(text, shifts)[0] if isinstance(text, str) else 0
        return Writing(self._form.charset or alphabet_of(data_coding).value, data_coding, shifts)

    def _made(self, ends: tuple[Address, Address], piece: Piece, writing: Writing, by: str) -> DeliverSm | DataSm:
        """The PDU of one part, without what it has from the message as a whole."""
        form = self._form
        is_data_sm = form.command == "data_sm"
        text = piece.header + fitted(piece.octets, writing.charset, cut=form.cut, pad=form.pad)
        place = form.place or ("message_payload" if by == "payload" else "short_message")
        if is_data_sm and place != "none":
            # It has no other place for a text (SMPP 3.4, 4.7.1).
            place = "message_payload"
        payload = (Tlv(TlvTag.MESSAGE_PAYLOAD, text),) if place in {"message_payload", "both"} else ()
        (number, ton, npi), (to, to_ton, to_npi) = ends
        pdu: DeliverSm | DataSm = DataSm() if is_data_sm else DeliverSm()
        pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr = ton, npi, number
        pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr = to_ton, to_npi, to
        pdu.esm_class = EsmClass.UDHI if piece.udhi else 0
        pdu.data_coding = writing.data_coding
        pdu.tlvs = (*payload, *piece.tlvs)
        if isinstance(pdu, DeliverSm) and place in {"short_message", "both"}:
            pdu.short_message = text
        return pdu


def _writable(address: Address) -> Address:
    # A name may have characters that a C-octet string has no octet for; what the file says is written all the same.
    return address._replace(number=characters_of(address.number))

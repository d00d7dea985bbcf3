"""A text of a subscriber in parts, marked as a form wants them: by the book, wrongly, or not at all.

Without a form the parts are those that sms/segments.py makes. A form may tell another number of parts than there are,
leave some out or send them in another order. It knows headers and sar TLVs; it knows no addresses, and no PDU.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.scenario.forms.forms import Concatenation
from simulator.shaping.charsets import encoded, is_wide
from simulator.smpp.constants import TlvTag
from simulator.smpp.tlvs import Tlv, tlv_int, tlv_name
from simulator.sms.alphabets import Alphabet, alphabet_of, fill_bits_after, gsm_encode, pack_septets
from simulator.sms.languages import UNSHIFTED, Shifts
from simulator.sms.segments import (
    CONCATENATION_8,
    CONCATENATION_16,
    LOCKING_SHIFT,
    SINGLE_SHIFT,
    TOTAL_MAX,
    Udh,
    room,
)

AS_USUAL: Final = Concatenation()
# Octets that the mark of a part takes on the air; sar TLVs and a payload become a header there, too.
_MARKS: Final = {"udh8": 5, "udh16": 6, "sar": 5, "both": 5, "payload": 5}
_SEVEN_BIT: Final = frozenset({Alphabet.GSM7, Alphabet.ASCII})
_GSM: Final = frozenset({"gsm7", "gsm7-packed"})

_Element = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Writing:
    """By what a text becomes octets: its charset, and the data_coding by which the network measures how much fits.

    ``shifts`` are the national tables of a GSM text.
    """

    charset: str
    data_coding: int = 0
    shifts: Shifts = UNSHIFTED

    def octets(self, text: str) -> bytes:
        """The octets of a text, septets not packed yet: they are, part by part, behind the header."""
        return gsm_encode(text, "replace", self.shifts) if self.charset in _GSM else encoded(text, self.charset)

    @property
    def alphabet(self) -> Alphabet:
        """The alphabet by which a part is measured."""
        # Two octets a character are more than septets hold, whatever data_coding says.
        is_seven_bit = alphabet_of(self.data_coding) in _SEVEN_BIT and not is_wide(self.charset)
        return Alphabet.GSM7 if is_seven_bit else Alphabet.BINARY

    @property
    def elements(self) -> tuple[_Element, ...]:
        """What names the national tables in a header (3GPP 23.040, 9.2.3.24.15 and .16)."""
        shifts = self.shifts if self.charset in _GSM else UNSHIFTED
        both = ((SINGLE_SHIFT, shifts.single), (LOCKING_SHIFT, shifts.locking))
        return tuple((identifier, bytes((number,))) for identifier, number in both if number)


class Piece(NamedTuple):
    """One part: its header, length octet included, or nothing; the octets of its text; its sar TLVs."""

    header: bytes
    octets: bytes
    tlvs: tuple[Tlv, ...]
    udhi: bool
    """The bit of esm_class, which may lie."""


def pieces_of(
    text: str | bytes, writing: Writing, reference: int, *, by: str = "udh8", form: Concatenation | None = None
) -> list[Piece]:
    """The parts of a text in their order; of ``reference``, a running count, the low bits are told.

    ``by`` is how they are marked where the form does not say. A text that fits into one part is marked only if the form
    tells a total. Octets are cut where they are, through escape pairs, too. Raises ValueError for more than 255 parts,
    except of a text whose parts are not marked.
    """
    form = form or AS_USUAL
    by = form.by or by
    if isinstance(text, bytes):
        # They are written already: nothing is packed, and no table is named.
        writing = Writing("binary", writing.data_coding)
    elif writing.charset.endswith("-bom"):
        # The mark stands before the text and not before each part of it.
        text = "\N{BYTE ORDER MARK}" + text
        writing = Writing(writing.charset.removesuffix("-bom"), writing.data_coding)
    cut = _cut(text, writing, by, form)
    is_marked = by not in {"payload", "none"} and (len(cut) > 1 or form.total is not None)
    mark = _Mark(
        by if is_marked else "none",
        (reference if form.reference is None else form.reference) & (0xFF if by in {"udh8", "both"} else 0xFFFF),
        len(cut) & 0xFF if form.total is None else form.total,
        1 if form.first is None else form.first,
    )
    return [_piece(octets, place, mark, writing, form) for place, octets in enumerate(cut)]


def order_of(count: int, form: Concatenation | None) -> list[int]:
    """The places, from 0, of ``count`` parts in the order in which they are sent, without those that are lost.

    Parts that the order does not name follow it.
    """
    named = [number for number in (form.order if form else None) or () if 1 <= number <= count]
    lost = (form.lose if form else None) or ()
    everything = [*named, *(number for number in range(1, count + 1) if number not in named)]
    return [number - 1 for number in everything if number not in lost]


# ---------------------------------------------------------------- cutting


def _cut(text: str | bytes, writing: Writing, by: str, form: Concatenation) -> list[bytes]:
    """The octets of each part, septets unpacked."""
    octets = text if isinstance(text, bytes) else writing.octets(text)
    header = Udh(writing.elements).encode() if writing.elements else b""
    if form.header is not None:
        header = form.header.value
    size = None if form.size is None else form.size * (2 if is_wide(writing.charset) else 1)
    if len(octets) <= (size or room(writing.alphabet, len(header))):
        return [octets]
    if size is None:
        beside = len(header)
        if by != "none" and form.header is None:
            beside = (beside or 1) + _MARKS[by]
        size = room(writing.alphabet, beside)
    parts = _slices(octets, size) if isinstance(text, bytes) else _characters(text, writing, size)
    if by != "none" and len(parts) > TOTAL_MAX:
        raise ValueError(f"text: {len(parts)} segments, at most {TOTAL_MAX}")
    return [octets] if by == "payload" else parts


def _slices(octets: bytes, size: int) -> list[bytes]:
    # A header may be so long that nothing fits beside it: the text goes on all the same.
    size = max(size, 1)
    return [octets[at : at + size] for at in range(0, len(octets), size)]


def _characters(text: str, writing: Writing, size: int) -> list[bytes]:
    """Parts of whole characters, as full as may be; a character that is larger than a part is one."""
    if writing.charset == "binary":
        return _slices(writing.octets(text), size)
    # What shifts between sets of characters has no width of a character alone.
    is_shifting = writing.charset == "iso-2022-jp"
    parts: list[bytes] = []
    start = used = 0
    for at, character in enumerate(text):
        alone = len(writing.octets(character))
        used = len(writing.octets(text[start : at + 1])) if is_shifting else used + alone
        if used > size and at > start:
            parts.append(writing.octets(text[start:at]))
            start, used = at, alone
    return [*parts, writing.octets(text[start:])]


# ---------------------------------------------------------------- marking


class _Mark(NamedTuple):
    """What the parts of one text are told to be; the first part has the number ``first``."""

    by: str
    reference: int
    total: int
    first: int

    def elements(self, number: int) -> Iterator[_Element]:
        if self.by in {"udh8", "both"}:
            yield CONCATENATION_8, bytes((self.reference, self.total, number))
        elif self.by == "udh16":
            yield CONCATENATION_16, self.reference.to_bytes(2, "big") + bytes((self.total, number))

    def tlvs(self, number: int, names: tuple[str, ...] | None) -> Iterator[Tlv]:
        if self.by not in {"sar", "both"}:
            return
        values = (
            (TlvTag.SAR_MSG_REF_NUM, self.reference),
            (TlvTag.SAR_TOTAL_SEGMENTS, self.total),
            (TlvTag.SAR_SEGMENT_SEQNUM, number),
        )
        for tag, value in values:
            if names is None or tlv_name(tag) in names:
                yield tlv_int(tag, value)


def _piece(octets: bytes, place: int, mark: _Mark, writing: Writing, form: Concatenation) -> Piece:
    # Counting goes round where the first number is high: the octet has no room for more.
    number = (mark.first + place) & 0xFF
    if form.header is not None:
        header = _filled(form.header.value, mark, number)
    else:
        elements = (*mark.elements(number), *writing.elements)
        header = Udh(elements).encode() if elements else b""
    if writing.charset == "gsm7-packed":
        octets = pack_septets(octets, fill_bits_after(len(header)))
    udhi = bool(header) if form.udhi is None else form.udhi
    return Piece(header, octets, tuple(mark.tlvs(number, form.tlvs)), udhi)


def _filled(header: bytes, mark: _Mark, number: int) -> bytes:
    """A header as it was said, with reference, total and number in its concatenations where zeros hold their place.

    It is walked as far as it can be, for its lengths may be wrong on purpose.
    """
    made = bytearray(header)
    at = 1
    while at + 2 <= len(made):
        start, size = at + 2, made[at + 1]
        at = start + size
        if at <= len(made) and not any(made[start:at]):
            if (made[start - 2], size) == (CONCATENATION_8, 3):
                made[start:at] = bytes((mark.reference & 0xFF, mark.total, number))
            elif (made[start - 2], size) == (CONCATENATION_16, 4):
                made[start:at] = mark.reference.to_bytes(2, "big") + bytes((mark.total, number))
    return bytes(made)

"""Long messages: cut into segments, told to belong together, and joined again.

Knows user data headers (3GPP 23.040, 9.2.3.24), concatenation by header or by the sar TLVs (SMPP 3.4, 5.3.2.22 to
5.3.2.24), how a header names national tables and how much text fits one segment beside it. Does NOT know who sent a
part, for how long parts are waited for, or where in a PDU their octets stand.

Octets on the air are limited to 140: 160 packed septets, 70 UCS2 characters. A header takes its octets from the same
140, and one that ends inside a septet costs that septet too. In SMPP the septets are unpacked, so sizes here count
octets as SMPP carries them. Where septets travel packed after all, only what stands in PDUs is packed: sizes, and what
``join`` and ``count_segments`` are given, count one octet a septet there, too.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from simulator.sms.alphabets import (
    Alphabet,
    alphabet_of,
    choose,
    encode_alphabet,
    fill_bits_after,
    gsm_encode,
    pack_septets,
    read_alphabet,
)
from simulator.sms.languages import ESCAPE, UNSHIFTED, Shifts, ways_of

Kind = Literal["udh8", "udh16", "sar"]
"""How a part says that it is one: reference of 8 or 16 bits in the header, or sar TLVs."""

SplitKind = Literal["udh8", "udh16", "sar", "payload", "none"]
"""How ``split`` shall do it: the kinds above, one piece for message_payload, or pieces that say nothing."""

# Information elements (3GPP 23.040, 9.2.3.24).
CONCATENATION_8: Final = 0x00
CONCATENATION_16: Final = 0x08
SINGLE_SHIFT: Final = 0x24
LOCKING_SHIFT: Final = 0x25

TOTAL_MAX: Final = 255
MISSING: Final = "\N{HORIZONTAL ELLIPSIS}"


class Part(NamedTuple):
    """Which part of which long message: parts of equal reference, total and kind (and addresses) are one message."""

    reference: int
    number: int
    total: int
    kind: Kind


def _part(reference: int, number: int, total: int, kind: Kind) -> Part | None:
    # 3GPP 23.040, 9.2.3.24.1: a number of zero, or beyond the total, means that the whole element is ignored.
    return Part(reference, number, total, kind) if 0 < number <= total <= TOTAL_MAX else None


class Udh(NamedTuple):
    """A user data header: its information elements in order, as (identifier, octets), unknown ones too."""

    elements: tuple[tuple[int, bytes], ...]

    @classmethod
    def parse(cls, octets: bytes) -> "Udh | None":
        """Read the header at the beginning of a short message; None when its lengths contradict each other.

        That is: no octets, a header longer than the octets, an element longer than the header. Never raises.
        """
        if not octets or octets[0] >= len(octets):
            return None
        elements = []
        at, end = 1, 1 + octets[0]
        while at + 1 < end:
            start = at + 2
            stop = start + octets[at + 1]
            if stop > end:
                return None
            elements.append((octets[at], octets[start:stop]))
            at = stop
        # One octet left over is an identifier without a length.
        return cls(tuple(elements)) if at == end else None

    @property
    def length(self) -> int:
        """Octets on the wire, the length octet included: where the text begins."""
        return 1 + sum(2 + len(octets) for _, octets in self.elements)

    @property
    def part(self) -> Part | None:
        """The concatenation this header tells of, or None.

        Of several the last valid one counts (3GPP 23.040, 9.2.3.24); an ill-sized element is ignored.
        """
        for identifier, octets in reversed(self.elements):
            if identifier == CONCATENATION_8 and len(octets) == 3:
                part = _part(octets[0], octets[2], octets[1], "udh8")
            elif identifier == CONCATENATION_16 and len(octets) == 4:
                part = _part(octets[0] << 8 | octets[1], octets[3], octets[2], "udh16")
            else:
                continue
            if part is not None:
                return part
        return None

    @property
    def shifts(self) -> Shifts:
        """The tables that the text of this part is read by; numbers without tables here are kept as they came.

        Of several elements of a kind the last counts (3GPP 23.040, 9.2.3.24); an ill-sized one is ignored.
        """
        numbers = {identifier: octets[0] for identifier, octets in self.elements if len(octets) == 1}
        return Shifts(numbers.get(LOCKING_SHIFT, 0), numbers.get(SINGLE_SHIFT, 0))

    @property
    def fill_bits(self) -> int:
        """Bits, 0 to 6, between this header and packed septets (3GPP 23.040, 9.2.3.24)."""
        return fill_bits_after(self.length)

    def encode(self) -> bytes:
        """Return the header with its length octet. Raises ValueError when a length exceeds its octet."""
        return bytes((self.length - 1,)) + b"".join(
            bytes((identifier, len(octets))) + octets for identifier, octets in self.elements
        )


def part_of_udh(octets: bytes) -> Part | None:
    """Return the part that a short message with a user data header (esm_class 0x40) says it is, or None."""
    udh = Udh.parse(octets)
    return None if udh is None else udh.part


def part_of_sar(reference: int | None, total: int | None, number: int | None) -> Part | None:
    """Return the part that sar_msg_ref_num, sar_total_segments and sar_segment_seqnum tell of, or None.

    All three or none: a lone one is ignored (SMPP 3.4, 5.3.2.22), as is a number outside 1 to total.
    """
    if reference is None or total is None or number is None:
        return None
    return _part(reference, number, total, "sar")


# --- Cutting ---


class Segment(NamedTuple):
    """One piece of a text, ready for the wire."""

    octets: bytes
    """What goes into short_message (or message_payload), the user data header included."""
    part: Part | None
    """None when it stands alone. Of kind "sar": to be sent as TLVs."""
    data_coding: int
    has_udh: bool = False
    """Whether esm_class needs 0x40."""


AIR: Final = 140
"""Octets of user data that one segment carries on the air, its header included (3GPP 23.040, 9.2.3.16)."""
# IA5 has seven bits as GSM has, and networks carry it as such.
_SEVEN_BIT: Final = frozenset({Alphabet.GSM7, Alphabet.ASCII})
# Octets of the element that makes a segment a part. A sar part has no header in its PDU, but the SMSC puts one on the
# air: of 8 bits, as handsets do. So it does with what comes whole in message_payload.
_ELEMENT: Final[Mapping[SplitKind, int]] = {"udh8": 5, "udh16": 6, "sar": 5, "payload": 5}

_ALPHABETS_OF_VARYING_WIDTH: Final = frozenset(
    {Alphabet.JIS, Alphabet.ISO2022_JP, Alphabet.JIS_EXTENDED, Alphabet.KOREAN}
)

# Octets of a surrogate pair: whatever a cut leaves to the next piece, pieces of this size make progress.
_CHARACTER_MAX: Final = 4


def room(alphabet: Alphabet, header_length: int = 0) -> int:
    """Return how many octets of text, as SMPP carries them, fit one segment beside a header of that many octets.

    Of a seven-bit alphabet these are septets; the header's last one may be shared with fill bits only.
    """
    octets = max(0, AIR - header_length)
    return octets * 8 // 7 if alphabet in _SEVEN_BIT else octets


def split(
    text: str,
    data_coding: int | None = None,
    *,
    reference: int = 0,
    kind: SplitKind = "udh8",
    single_size: int | None = None,
    part_size: int | None = None,
    default: Alphabet = Alphabet.GSM7,
    shifts: Shifts = UNSHIFTED,
    is_packed: bool = False,
) -> list[Segment]:
    """Cut a text into the segments that carry it: one without a part when it fits, else as few as possible.

    Without a data_coding, GSM or else UCS2 is chosen. ``reference`` may be a running count, its low bits are taken.
    ``kind`` "payload" never cuts; "none" cuts at the single size and tells nobody, as gateways without concatenation
    do. The sizes are octets of text, header not counted. Segments are filled to the last octet, but a character (an
    escape pair, a surrogate pair) is never cut; what a person sees as one character may be.

    A GSM text is written by the tables of ``shifts``, which a header in every segment names, and with ``is_packed``
    eight septets go into seven octets.

    Raises UnicodeEncodeError for a character that the data_coding cannot carry, ValueError for more than 255 parts
    (also where the network would have to make them of a payload), for a size too small to hold a character, and for
    "sar" with ``shifts``: sar TLVs stand in place of a header, never beside one (SMPP 3.4, 5.3.2.22).
    """
    coding = choose(text, shifts)[0] if data_coding is None else data_coding
    alphabet = alphabet_of(coding, default)
    octets = encode_alphabet(text, alphabet, shifts=shifts)
    shifting = _elements(shifts) if alphabet == Alphabet.GSM7 else ()
    if shifting and kind == "sar":
        raise ValueError("kind: 'sar', which has no header to name national tables: one of udh8, udh16, payload, none")
    length = len(_header(shifting))
    single = room(alphabet, length) if single_size is None else single_size
    marked: list[tuple[bytes, Part | None]]
    if len(octets) <= single:
        marked = [(octets, None)]
    elif kind == "none":
        marked = [(piece, None) for piece in _pieces(text, octets, alphabet, single)]
    else:
        size = room(alphabet, (length or 1) + _ELEMENT[kind]) if part_size is None else part_size
        pieces = _pieces(text, octets, alphabet, size)
        total = len(pieces)
        if total > TOTAL_MAX:
            raise ValueError(f"text: {total} segments, at most {TOTAL_MAX}")
        reference &= 0xFF if kind == "udh8" else 0xFFFF
        if kind == "payload":
            marked = [(octets, None)]
        else:
            marked = [(piece, Part(reference, number, total, kind)) for number, piece in enumerate(pieces, 1)]
    is_packed = is_packed and alphabet == Alphabet.GSM7
    return [_segment(piece, part, coding, shifting, is_packed=is_packed) for piece, part in marked]


def _elements(shifts: Shifts) -> tuple[tuple[int, bytes], ...]:
    """Return the elements that name national tables, none for the default ones (3GPP 23.040, 9.2.3.24.15 and .16)."""
    both = ((SINGLE_SHIFT, shifts.single), (LOCKING_SHIFT, shifts.locking))
    return tuple((identifier, bytes((number,))) for identifier, number in both if number)


def _header(elements: tuple[tuple[int, bytes], ...]) -> bytes:
    """Return the header of these elements, nothing where there are none."""
    return Udh(elements).encode() if elements else b""


def _segment(
    piece: bytes, part: Part | None, coding: int, shifting: tuple[tuple[int, bytes], ...], *, is_packed: bool
) -> Segment:
    """Put the header of a part or of a text in national tables, if there is one, before the octets of text."""
    elements = shifting
    if part is not None and part.kind == "udh8":
        elements = (CONCATENATION_8, bytes((part.reference, part.total, part.number))), *shifting
    elif part is not None and part.kind == "udh16":
        octets = part.reference.to_bytes(2, "big") + bytes((part.total, part.number))
        elements = (CONCATENATION_16, octets), *shifting
    header = _header(elements)
    text = pack_septets(piece, fill_bits_after(len(header))) if is_packed else piece
    return Segment(header + text, part, coding, has_udh=bool(elements))


def _pieces(text: str, octets: bytes, alphabet: Alphabet, size: int) -> list[bytes]:
    """Cut a text into pieces of at most ``size`` octets, each as full as whole characters allow."""
    if alphabet in _ALPHABETS_OF_VARYING_WIDTH:
        return _pieces_by_character(text, alphabet, size)
    return _pieces_of(octets, alphabet, size)


def _pieces_of(octets: bytes, alphabet: Alphabet, size: int) -> list[bytes]:
    """The same for octets of an alphabet of even width, and for those that somebody else has written."""
    pieces = []
    start = 0
    while start < len(octets):
        stop = start + size
        if alphabet == Alphabet.UCS2:
            stop -= size % 2
        if stop < len(octets):
            stop -= _octets_to_leave(octets, stop, alphabet)
        if stop <= start:
            raise ValueError(f"size: {size} octets, too small to hold a character")
        pieces.append(octets[start:stop])
        start = stop
    return pieces


def _octets_to_leave(octets: bytes, stop: int, alphabet: Alphabet) -> int:
    """Return how many octets before a cut belong to a pair that the cut would divide."""
    # An escape before the cut opens a pair: nothing that we write has one as second septet.
    if alphabet == Alphabet.GSM7 and octets[stop - 1] == ESCAPE:
        return 1
    # A high surrogate (D800 to DBFF) before the cut and a low one (DC00 to DFFF) after it.
    if alphabet == Alphabet.UCS2 and octets[stop - 2] & 0xFC == 0xD8 and octets[stop] & 0xFC == 0xDC:
        return 2
    return 0


def _pieces_by_character(text: str, alphabet: Alphabet, size: int) -> list[bytes]:
    """Cut a text whose characters vary in width; each piece is encoded by itself, shifts and all."""
    pieces = []
    start = 0
    piece = b""
    for stop in range(1, len(text) + 1):
        longer = encode_alphabet(text[start:stop], alphabet)
        if len(longer) > size and piece:
            pieces.append(piece)
            start = stop - 1
            longer = encode_alphabet(text[start:stop], alphabet)
        if len(longer) > size:
            raise ValueError(f"size: {size} octets, too small to hold {text[start:stop]!r}")
        piece = longer
    return [*pieces, piece]


def count_segments(octets: bytes, data_coding: int, *, has_udh: bool = False, default: Alphabet = Alphabet.GSM7) -> int:
    """Return how many segments the network needs for the user data of one submission, which is what carriers charge.

    A header at its beginning is repeated in every segment, beside an 8-bit concatenation where it takes several. Never
    raises: octets that are no text are cut anyhow, and a header that leaves no room counts as if it left a little.
    """
    alphabet = alphabet_of(data_coding, default)
    header = Udh.parse(octets) if has_udh else None
    length = 0 if header is None else header.length
    if len(octets) - length <= room(alphabet, length):
        return 1
    size = max(room(alphabet, (length or 1) + _ELEMENT["payload"]), _CHARACTER_MAX)
    return len(_pieces_of(octets[length:], alphabet, size))


def shifts_for(text: str, language: int) -> Shifts:
    """Return the tables of a language by which a text takes the fewest segments, of equal ones the smallest header.

    They are UNSHIFTED where nothing is gained, and where the text has a character that none of its tables hold: then
    ``choose`` says UCS2.
    """
    counts = {}
    for shifts in ways_of(language):
        try:
            octets = gsm_encode(text, shifts=shifts)
        except UnicodeEncodeError:
            continue
        header = _header(_elements(shifts))
        counts[shifts] = count_segments(header + octets, 0, has_udh=bool(header))
    return min(counts, key=counts.__getitem__, default=UNSHIFTED)


# --- Joining ---


def join(
    parts: Mapping[int, bytes],
    data_coding: int | Mapping[int, int],
    *,
    total: int | None = None,
    default: Alphabet = Alphabet.GSM7,
    shifts: Mapping[int, Shifts] | None = None,
) -> str:
    """Return the text of a long message from the octets of its parts, headers removed; never raises.

    ``parts`` maps part numbers, from 1, to octets; ``data_coding`` is one for all, or one per part (then for every
    part that is there), ``shifts`` what the header of a part names, for those that name any. For each part missing
    below ``total`` (by default the highest number that is there) the text has an ellipsis. Neighbours of one alphabet
    and tables are joined as octets before they are read, because careless gateways cut escape pairs, surrogate pairs
    and even code units.
    """
    last = max(parts, default=0) if total is None else total
    pieces: list[str] = []
    run: list[bytes] = []
    read_by = default, UNSHIFTED
    for number in range(1, last + 1):
        octets = parts.get(number)
        if octets is None:
            pieces += read_alphabet(b"".join(run), *read_by), MISSING
            run = []
            continue
        coding = data_coding if isinstance(data_coding, int) else data_coding[number]
        found = alphabet_of(coding, default), shifts.get(number, UNSHIFTED) if shifts else UNSHIFTED
        if found != read_by:
            pieces.append(read_alphabet(b"".join(run), *read_by))
            run, read_by = [], found
        run.append(octets)
    pieces.append(read_alphabet(b"".join(run), *read_by))
    return "".join(pieces)

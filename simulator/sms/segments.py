"""Long messages: cut into segments, told to belong together, and joined again.

Knows user data headers (3GPP 23.040, 9.2.3.24), concatenation by header or by the sar TLVs (SMPP 3.4, 5.3.2.22 to
5.3.2.24) and how much text fits one segment. Does NOT know who sent a part, for how long parts are waited for, or
where in a PDU their octets stand.

Octets on the air are limited to 140: 160 packed septets, 70 UCS2 characters. A header takes its octets from the same
140, and one that ends inside a septet costs that septet too. In SMPP the septets are unpacked, so sizes here count
octets as SMPP carries them.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from simulator.sms.alphabets import ESCAPE, Alphabet, alphabet_of, choose, encode_alphabet, read_alphabet

Kind = Literal["udh8", "udh16", "sar"]
"""How a part says that it is one: reference of 8 or 16 bits in the header, or sar TLVs."""

SplitKind = Literal["udh8", "udh16", "sar", "payload", "none"]
"""How ``split`` shall do it: the kinds above, one piece for message_payload, or pieces that say nothing."""

# Information elements (3GPP 23.040, 9.2.3.24).
CONCATENATION_8: Final = 0x00
CONCATENATION_16: Final = 0x08

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


# Octets of text per segment. IA5 has seven bits as GSM has, and networks carry it as such.
_SEVEN_BIT: Final = frozenset({Alphabet.GSM7, Alphabet.ASCII})
_SINGLE_SIZE: Final = (140, 160)
# A sar part has no header here, but the SMSC puts one on the air: of 8 bits, as handsets do.
_PART_SIZES: Final[Mapping[Kind, tuple[int, int]]] = {"udh8": (134, 153), "udh16": (133, 152), "sar": (134, 153)}

_ALPHABETS_OF_VARYING_WIDTH: Final = frozenset(
    {Alphabet.JIS, Alphabet.ISO2022_JP, Alphabet.JIS_EXTENDED, Alphabet.KOREAN}
)


def split(
    text: str,
    data_coding: int | None = None,
    *,
    reference: int = 0,
    kind: SplitKind = "udh8",
    single_size: int | None = None,
    part_size: int | None = None,
    default: Alphabet = Alphabet.GSM7,
) -> list[Segment]:
    """Cut a text into the segments that carry it: one without a part when it fits, else as few as possible.

    Without a data_coding, GSM or else UCS2 is chosen. ``reference`` may be a running count, its low bits are taken.
    ``kind`` "payload" never cuts; "none" cuts at the single size and tells nobody, as gateways without concatenation
    do. The sizes are octets of text, header not counted. Segments are filled to the last octet, but a character (an
    escape pair, a surrogate pair) is never cut; what a person sees as one character may be.

    Raises UnicodeEncodeError for a character that the data_coding cannot carry, ValueError for more than 255 parts
    and for a size too small to hold a character.
    """
    coding = choose(text)[0] if data_coding is None else data_coding
    alphabet = alphabet_of(coding, default)
    octets = encode_alphabet(text, alphabet)
    is_seven_bit = alphabet in _SEVEN_BIT
    single = _SINGLE_SIZE[is_seven_bit] if single_size is None else single_size
    if kind == "payload" or len(octets) <= single:
        return [Segment(octets, None, coding)]
    if kind == "none":
        return [Segment(piece, None, coding) for piece in _pieces(text, octets, alphabet, single)]
    size = _PART_SIZES[kind][is_seven_bit] if part_size is None else part_size
    pieces = _pieces(text, octets, alphabet, size)
    if len(pieces) > TOTAL_MAX:
        raise ValueError(f"text: {len(pieces)} segments, at most {TOTAL_MAX}")
    reference &= 0xFF if kind == "udh8" else 0xFFFF
    return [
        _segment(piece, Part(reference, number, len(pieces), kind), coding) for number, piece in enumerate(pieces, 1)
    ]


def _segment(piece: bytes, part: Part, coding: int) -> Segment:
    """Put the header of a part, if its kind has one, before its octets of text."""
    if part.kind == "sar":
        return Segment(piece, part, coding)
    if part.kind == "udh8":
        element = CONCATENATION_8, bytes((part.reference, part.total, part.number))
    else:
        element = CONCATENATION_16, part.reference.to_bytes(2, "big") + bytes((part.total, part.number))
    return Segment(Udh((element,)).encode() + piece, part, coding, has_udh=True)


def _pieces(text: str, octets: bytes, alphabet: Alphabet, size: int) -> list[bytes]:
    """Cut a text into pieces of at most ``size`` octets, each as full as whole characters allow."""
    if alphabet in _ALPHABETS_OF_VARYING_WIDTH:
        return _pieces_by_character(text, alphabet, size)
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
    # An escape before the cut always opens a pair: our own encoding never writes one as second septet.
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


def count_segments(text: str, data_coding: int | None = None, *, kind: SplitKind = "udh8") -> int:
    """Return how many segments ``split`` makes of a text, which is what carriers charge for; it raises the same."""
    return len(split(text, data_coding, kind=kind))


# --- Joining ---


def join(
    parts: Mapping[int, bytes],
    data_coding: int | Mapping[int, int],
    *,
    total: int | None = None,
    default: Alphabet = Alphabet.GSM7,
) -> str:
    """Return the text of a long message from the octets of its parts, headers removed; never raises.

    ``parts`` maps part numbers, from 1, to octets; ``data_coding`` is one for all, or one per part (then for every
    part that is there). For each part missing below ``total`` (by default the highest number that is there) the text
    has an ellipsis. Neighbours of one alphabet are joined as octets before they are read, because careless
    gateways cut escape pairs, surrogate pairs and even code units.
    """
    last = max(parts, default=0) if total is None else total
    pieces: list[str] = []
    run: list[bytes] = []
    alphabet = default
    for number in range(1, last + 1):
        octets = parts.get(number)
        if octets is None:
            pieces += _read_run(run, alphabet), MISSING
            run = []
            continue
        coding = data_coding if isinstance(data_coding, int) else data_coding[number]
        found = alphabet_of(coding, default)
        if found != alphabet:
            pieces.append(_read_run(run, alphabet))
            run, alphabet = [], found
        run.append(octets)
    pieces.append(_read_run(run, alphabet))
    return "".join(pieces)


def _read_run(run: list[bytes], alphabet: Alphabet) -> str:
    """Read neighbouring parts of one alphabet as one text."""
    return read_alphabet(b"".join(run), alphabet)

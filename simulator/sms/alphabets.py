"""The alphabets that short messages are written in: octets to characters and back.

Knows data_coding (SMPP 3.4, 5.2.19; 3GPP 23.038, 4), how texts are read and written by the GSM tables (23.038, 6.2;
the tables themselves stand in languages.py) and septet packing (23.038, 6.1.2). Does NOT know user data headers (strip
them first, see segments.py), PDUs or carriers.

Reading never raises, whatever a peer sent: octets without a meaning become U+FFFD. Writing raises UnicodeEncodeError
for a character without a place, unless told to replace it.

In SMPP a GSM text travels unpacked, one septet per octet, unless an SMSC wants it otherwise; "octets" of a GSM text
means that everywhere but in what speaks of packing.
"""

import re
from codecs import charmap_decode
from enum import StrEnum
from functools import cache
from typing import Final, Literal

from simulator.sms.languages import ESCAPE, UNSHIFTED, Shifts, effective, extension_of, table_of

Errors = Literal["strict", "replace"]


class Alphabet(StrEnum):
    """How the octets of a text are to be read; the value is its name in files and JSON."""

    GSM7 = "gsm7"
    ASCII = "ascii"
    LATIN1 = "latin1"
    CYRILLIC = "iso-8859-5"
    HEBREW = "iso-8859-8"
    JIS = "jis"
    ISO2022_JP = "iso-2022-jp"
    JIS_EXTENDED = "jis-extended"
    KOREAN = "ks-c-5601"
    UCS2 = "ucs2"
    BINARY = "binary"


# The Python codec of every alphabet that is read by one. JIS X 0208, JIS X 0212 and KS C 5601 are character sets, not
# octet forms, and 5.2.19 names no form: the usual ASCII-compatible one is taken for each.
CODECS: Final = {
    Alphabet.LATIN1: "latin-1",
    Alphabet.CYRILLIC: "iso8859-5",
    Alphabet.HEBREW: "iso8859-8",
    Alphabet.JIS: "shift_jis",
    Alphabet.ISO2022_JP: "iso2022_jp",
    Alphabet.JIS_EXTENDED: "euc_jp",
    Alphabet.KOREAN: "euc_kr",
    Alphabet.UCS2: "utf-16-be",
}


def _alphabets_by_data_coding() -> dict[int, Alphabet]:
    """Return every data_coding that names an alphabet of its own; all others mean the SMSC's default alphabet."""
    # SMPP 3.4, 5.2.19. A pictogram (9) is no text that anybody could read without the font: binary.
    table = {
        0x01: Alphabet.ASCII,
        0x02: Alphabet.BINARY,
        0x03: Alphabet.LATIN1,
        0x04: Alphabet.BINARY,
        0x05: Alphabet.JIS,
        0x06: Alphabet.CYRILLIC,
        0x07: Alphabet.HEBREW,
        0x08: Alphabet.UCS2,
        0x09: Alphabet.BINARY,
        0x0A: Alphabet.ISO2022_JP,
        0x0D: Alphabet.JIS_EXTENDED,
        0x0E: Alphabet.KOREAN,
    }
    # 3GPP 23.038, 4: 0001xxyy is sent raw by many gateways though SMPP reserves it. xx: alphabet, yy: message class.
    for message_class in range(4):
        table[0x10 | message_class] = Alphabet.GSM7
        table[0x14 | message_class] = Alphabet.BINARY
        table[0x18 | message_class] = Alphabet.UCS2
    # Message waiting, discard (1100) and store (1101): the GSM default alphabet, not the SMSC's.
    table.update(dict.fromkeys(range(0xC0, 0xE0), Alphabet.GSM7))
    # SMPP reserves 0xE0 to 0xEF; 23.038 says message waiting, store, UCS2, and gateways that send it mean that.
    table.update(dict.fromkeys(range(0xE0, 0xF0), Alphabet.UCS2))
    # Message class: bit 2 decides between the GSM alphabet and octets, bit 3 is reserved.
    for coding in range(0xF0, 0x100):
        table[coding] = Alphabet.BINARY if coding & 0x04 else Alphabet.GSM7
    return table


_BY_DATA_CODING: Final = _alphabets_by_data_coding()


def alphabet_of(data_coding: int, default: Alphabet = Alphabet.GSM7) -> Alphabet:
    """Return the alphabet that a data_coding names (SMPP 3.4, 5.2.19; 3GPP 23.038, 4).

    Where SMPP and 23.038 give one value two meanings, SMPP's counts. 0 and the reserved values mean ``default``, the
    SMSC's default alphabet.
    """
    return _BY_DATA_CODING.get(data_coding, default)


# --- The GSM alphabet (3GPP 23.038, 6.2) ---

# While pairs are read an escape stands as the control character, which no septet means; each pair is two characters
# then, the second septet's own behind it.
_ESCAPE_MARK: Final = chr(ESCAPE)


class _Tables:
    """A default or locking table with an extension, made ready for reading and writing."""

    __slots__ = ("pairs", "places", "reading", "reading_pairs", "same_as_ascii")

    def __init__(self, shifts: Shifts) -> None:
        table, extension = table_of(shifts.locking), extension_of(shifts.single)
        # A septet has seven bits: an octet above 0x7F is not a GSM text, and that must be seen.
        self.reading = table + "\ufffd" * 128
        self.reading_pairs = self.reading[:ESCAPE] + _ESCAPE_MARK + self.reading[ESCAPE + 1 :]
        self.pairs = [(_ESCAPE_MARK + table[second], character) for second, character in extension.items()]
        own = {character: bytes((septet,)) for septet, character in enumerate(table) if septet != ESCAPE}
        # One septet where there is a choice: a locking table may hold what the extension holds, too.
        self.places = {character: bytes((ESCAPE, second)) for second, character in extension.items()} | own
        self.same_as_ascii = bytes(
            septet for septet, character in enumerate(table) if septet == ord(character) and septet != ESCAPE
        )


_DEFAULT: Final = _Tables(UNSHIFTED)
_GSM7: Final = Alphabet.GSM7

SAME_AS_ASCII: Final = _DEFAULT.same_as_ascii
"""Octets that mean the same in ASCII and in the GSM default alphabet: most texts consist of nothing else."""


@cache
def _made(shifts: Shifts) -> _Tables:
    return _DEFAULT if shifts == UNSHIFTED else _Tables(shifts)


def _tables_of(shifts: Shifts) -> _Tables:
    # Numbers without tables are taken out before anything is kept: peers may send any.
    return _made(effective(shifts))


def gsm_encode(text: str, errors: Errors = "strict", shifts: Shifts = UNSHIFTED) -> bytes:
    """Return a text in the GSM alphabet, one septet per octet, extension characters as escape pairs.

    With ``errors="replace"`` a character without a place becomes a question mark. Raises UnicodeEncodeError, naming
    the first such character, otherwise. Nothing is transliterated: what a person wrote is sent or refused. With
    ``shifts`` the national tables are written; the header that says so is the caller's to send.
    """
    tables = _DEFAULT if shifts is UNSHIFTED else _tables_of(shifts)
    if text.isascii():
        octets = text.encode("ascii")
        if not octets.translate(None, tables.same_as_ascii):
            return octets
    places = tables.places
    if errors == "replace":
        return b"".join([places.get(character, b"?") for character in text])
    try:
        return b"".join([places[character] for character in text])
    except KeyError as error:
        at = text.index(error.args[0])
        reason = "no place in the GSM default alphabet or its extension"
        if tables is not _DEFAULT:
            reason = f"no place in the GSM alphabet with locking shift {shifts.locking}, single shift {shifts.single}"
        raise UnicodeEncodeError("gsm03.38", text, at, at + 1, reason) from None


def gsm_decode(octets: bytes, shifts: Shifts = UNSHIFTED) -> str:
    """Return the characters of a GSM text of one septet per octet; never raises.

    An escape pair outside the extension shows the second septet's own character, a pair of two escapes and an escape
    at the very end show a space (3GPP 23.038, 6.2.1). An octet above 0x7F shows as U+FFFD. ``shifts`` are what the
    part's header names (``Udh.shifts``); a number without tables here means the default ones.
    """
    tables = _DEFAULT if shifts is UNSHIFTED else _tables_of(shifts)
    if ESCAPE not in octets:
        return charmap_decode(octets, "strict", tables.reading)[0]
    # One pass for each kind of pair, because a text may be nothing but pairs. Two escapes go first: read from the left,
    # an even run of them leaves the octet behind it alone.
    text = charmap_decode(octets, "strict", tables.reading_pairs)[0].replace(2 * _ESCAPE_MARK, " ")
    for pair, character in tables.pairs:
        text = text.replace(pair, character)
    if text.endswith(_ESCAPE_MARK):
        text = text[:-1] + " "
    return text.replace(_ESCAPE_MARK, "")


def septets(text: str, shifts: Shifts = UNSHIFTED) -> int:
    """Return how many septets a text takes in the GSM alphabet, two for each extension character.

    Raises UnicodeEncodeError when a character has no place.
    """
    return len(gsm_encode(text, "strict", shifts))


# --- Packing (3GPP 23.038, 6.1.2) ---

_CARRIAGE_RETURN: Final = 0x0D


def fill_bits_after(header_length: int) -> int:
    """Return how many bits, 0 to 6, align a packed text behind a header of that many octets to a septet."""
    return -8 * header_length % 7


def pack_septets(unpacked: bytes, fill_bits: int = 0) -> bytes:
    """Pack septets, one per octet, into octets, the first septet in the lowest bits (3GPP 23.038, 6.1.2.1).

    ``fill_bits`` zero bits come first: 0 to 6, what aligns the text to a septet after a user data header.
    """
    bits = 0
    for septet in reversed(unpacked):
        bits = bits << 7 | septet & 0x7F
    bits <<= fill_bits
    used = 7 * len(unpacked) + fill_bits
    if used % 8 == 1:
        # Seven spare bits would read as one more '@': 23.038 fills them with a carriage return.
        bits |= _CARRIAGE_RETURN << used
    return bits.to_bytes((used + 7) // 8, "little")


def unpack_septets(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """Return the first ``count`` septets of packed octets, one per octet (3GPP 23.038, 6.1.2.1).

    ``fill_bits`` low bits are skipped first. When fewer septets than ``count`` are there, only those are returned.
    """
    bits = int.from_bytes(octets, "little") >> fill_bits
    held = max(0, (8 * len(octets) - fill_bits) // 7)
    return bytes([bits >> 7 * at & 0x7F for at in range(min(count, held))])


def unpack_text(octets: bytes, fill_bits: int = 0) -> bytes:
    """Return the septets of a packed text whose count nobody tells, as in SMPP, one per octet; never raises.

    A carriage return that fills the last seven bits to the very end is taken for padding (3GPP 23.038, 6.1.2.3.1): a
    text that ends with one exactly there loses it. Seven spare bits of zeros, which 23.038 asks nobody to send where
    septets are not counted, cannot be told from an '@' and are read as one.
    """
    unpacked = unpack_septets(octets, 8 * len(octets), fill_bits)
    is_full = (8 * len(octets) - fill_bits) % 7 == 0
    return unpacked[:-1] if is_full and unpacked[-1:] == b"\r" else unpacked


# --- Any alphabet ---

# What an ASCII text is made of. Every other octet below 0x80 (a control character, DEL) speaks for GSM.
_ASCII_TEXT: Final = bytes(range(0x20, 0x7F)) + b"\t\n\r"

# In GSM these four are a, n, o and u with their marks; in ASCII they are braces, bar and tilde.
_UMLAUT_IN_WORD: Final = re.compile(rb"[a-z]~[a-z]|[a-z]{2}[{|}][a-z]|[a-z][{|}][a-z]{2}")


def _read_ascii(octets: bytes) -> str:
    """Read octets sent as data_coding 1, where some clients (node-smpp) send GSM septets instead of IA5.

    The octets decide, by one rule: an octet that no ASCII text contains, but every GSM text may (0x00 '@', 0x02 '$',
    0x05 'é', 0x11 '_', 0x1B as in 1B 3C '[', 0x7F 'à'), makes the whole text GSM. So does one of 0x7B to 0x7E inside
    a word of small letters, because 'für' and 'schön' are common where 'f~r' and 'sch|n' are not ('a|b' is). An octet
    above 0x7F speaks against both, so then ASCII stays. What else both alphabets print differently (0x24 '$' or '¤',
    0x40 '@' or '¡', 0x5B to 0x60, 0x09 tab or 'Ç') proves nothing and is read as ASCII, as SMPP 3.4, 5.2.19 says.
    """
    strange = octets.translate(None, _ASCII_TEXT)
    if strange.isascii() and (strange or _UMLAUT_IN_WORD.search(octets)):
        return gsm_decode(octets)
    return octets.decode("ascii", "replace")


def read_alphabet(octets: bytes, alphabet: Alphabet, shifts: Shifts = UNSHIFTED) -> str:
    """Return what a person would read in octets of an alphabet; never raises. See ``read_text``."""
    if alphabet == Alphabet.GSM7:
        return gsm_decode(octets, shifts)
    if alphabet == Alphabet.ASCII:
        return _read_ascii(octets)
    if alphabet == Alphabet.BINARY:
        return octets.hex()
    return octets.decode(CODECS[alphabet], "replace")


def read_text(
    octets: bytes,
    data_coding: int,
    default: Alphabet = Alphabet.GSM7,
    shifts: Shifts = UNSHIFTED,
    *,
    is_packed: bool = False,
    fill_bits: int = 0,
) -> str:
    """Return what a person would read in a short message without its user data header; never raises.

    UCS2 is read as UTF-16BE, with surrogate pairs; half a pair or an odd last octet shows as U+FFFD, a byte order
    mark stays as the character U+FEFF. data_coding 1 is read as ASCII unless its octets prove to be GSM. Binary
    octets come as lower-case hexadecimal digits, two per octet. ``default`` is the SMSC's default alphabet.

    ``shifts`` and, of a packed text, ``fill_bits`` are what the header says (``Udh.shifts``, ``Udh.fill_bits``). Both,
    and ``is_packed``, matter to GSM texts only.
    """
    alphabet = _BY_DATA_CODING.get(data_coding, default)
    if alphabet is _GSM7:
        if is_packed:
            octets = unpack_text(octets, fill_bits)
        if shifts is UNSHIFTED and ESCAPE not in octets:
            # as gsm_decode does: of a text that rules ask for a call less is a tenth
            return charmap_decode(octets, "strict", _DEFAULT.reading)[0]
        return gsm_decode(octets, shifts)
    return read_alphabet(octets, alphabet, shifts)


def encode_alphabet(text: str, alphabet: Alphabet, errors: Errors = "strict", shifts: Shifts = UNSHIFTED) -> bytes:
    """Return a text as octets of an alphabet. See ``encode_text``."""
    if alphabet == Alphabet.GSM7:
        return gsm_encode(text, errors, shifts)
    if alphabet == Alphabet.ASCII:
        return text.encode("ascii", errors)
    if alphabet == Alphabet.BINARY:
        return bytes.fromhex(text)
    if alphabet == Alphabet.UCS2:
        return text.encode("utf-16-be", "surrogatepass")
    return text.encode(CODECS[alphabet], errors)


def encode_text(
    text: str,
    data_coding: int,
    errors: Errors = "strict",
    *,
    default: Alphabet = Alphabet.GSM7,
    shifts: Shifts = UNSHIFTED,
    is_packed: bool = False,
    fill_bits: int = 0,
) -> bytes:
    """Return a text as the octets of a short message with this data_coding; ``read_text`` is the inverse.

    A binary "text" is hexadecimal digits: raises ValueError when it is not. Otherwise raises UnicodeEncodeError for
    a character without a place, unless ``errors`` is "replace". Half a surrogate pair is written as it stands, for
    those who want to send one. ``shifts``, ``is_packed`` and ``fill_bits`` as in ``read_text``.
    """
    alphabet = alphabet_of(data_coding, default)
    octets = encode_alphabet(text, alphabet, errors, shifts)
    return pack_septets(octets, fill_bits) if is_packed and alphabet == Alphabet.GSM7 else octets


def choose(text: str, shifts: Shifts = UNSHIFTED) -> tuple[int, Alphabet]:
    """Return the cheapest data_coding that carries a text, and its alphabet: GSM (0) by these tables, else UCS2 (8)."""
    try:
        gsm_encode(text, shifts=shifts)
    except UnicodeEncodeError:
        return 0x08, Alphabet.UCS2
    return 0x00, Alphabet.GSM7

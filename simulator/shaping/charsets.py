"""Octets of a text in any charset that a scenario names, whatever data_coding says of them.

A form may ask for any text in any charset, so that nothing here fails: a character without a place becomes a question
mark, as it does in most of the converters that carriers run. It knows no PDU, and no data_coding.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Final

from simulator.sms.alphabets import CODECS, Alphabet, gsm_encode, pack_septets

# The forms of JIS X 0208, JIS X 0212 and KS C 5601 are those that data_coding means, too: one choice in one place.
_CODECS: Final = {
    "ascii": "ascii",
    "latin1": "latin-1",
    "latin9": "iso8859-15",
    "hp-roman8": "hp-roman8",
    "utf-8": "utf-8",
    **{
        alphabet.value: CODECS[alphabet]
        for alphabet in (
            *(Alphabet.CYRILLIC, Alphabet.HEBREW, Alphabet.JIS, Alphabet.ISO2022_JP),
            *(Alphabet.JIS_EXTENDED, Alphabet.KOREAN),
        )
    },
}
_WIDE: Final = {
    "ucs2": ("utf-16-be", b""),
    "ucs2-le": ("utf-16-le", b""),
    "ucs2-bom": ("utf-16-be", BOM_UTF16_BE),
    "ucs2-le-bom": ("utf-16-le", BOM_UTF16_LE),
}


def is_wide(charset: str) -> bool:
    """Whether it has two octets for each character of the basic plane."""
    return charset in _WIDE


def encoded(text: str, charset: str) -> bytes:
    """A text as octets of a charset of `forms.CHARSETS`; never fails for what the text holds.

    A binary text is hexadecimal digits, as binary octets are shown everywhere else; one that is no such text, one
    octet a character. Half a surrogate pair is written as it stands in the ucs2 charsets.
    """
    if charset == "gsm7":
        return gsm_encode(text, "replace")
    if charset == "gsm7-packed":
        return pack_septets(gsm_encode(text, "replace"))
    if charset in _WIDE:
        codec, mark = _WIDE[charset]
        return mark + text.encode(codec, "surrogatepass")
    if charset == "binary":
        try:
            return bytes.fromhex(text)
        except ValueError:
            return text.encode("latin-1", "replace")
    return text.encode(_CODECS[charset], "replace")


def fitted(octets: bytes, charset: str, *, cut: int | None = None, pad: int | None = None) -> bytes:
    """The first ``cut`` octets of a text, or without the last ones where it is negative, then spaces up to ``pad``.

    A cut goes through a character where it falls into one.
    """
    if cut is not None:
        octets = octets[:cut]
    if pad is not None and len(octets) < pad:
        space = b" " if charset not in _WIDE else " ".encode(_WIDE[charset][0])
        octets += (space * pad)[: pad - len(octets)]
    return octets

"""The tables of the GSM alphabet (3GPP 23.038, 6.2): the default ones, and national ones that may take their places.

Each is declared once, as characters. Knows the languages by name and number. Does NOT know octets, how a header says
which tables a text needs (segments.py), nor how a text is read by them (alphabets.py).

A locking shift replaces the default alphabet for a whole part, a single shift replaces the extension, which is reached
by an escape. The languages of India and Urdu (4 to 13) have tables in 23.038 that are not here: they are read as 23.038
says for any number that a reader does not know, by the default tables.
"""

from enum import IntEnum
from typing import Final, NamedTuple

ESCAPE: Final = 0x1B


class Language(IntEnum):
    """A national language identifier (3GPP 23.038, 6.2.1.2.4) whose tables are here."""

    TURKISH = 1
    SPANISH = 2
    PORTUGUESE = 3


class Shifts(NamedTuple):
    """The language numbers of the two tables that a part is read by; 0, or any without such a table: the default."""

    locking: int = 0
    single: int = 0


UNSHIFTED: Final = Shifts()
"""The default alphabet and its extension."""

LANGUAGES: Final[dict[str, int]] = {language.name.lower(): int(language) for language in Language}
"""Language numbers by name."""


def language_number(language: str | int) -> int:
    """Return the number of a language that is given by name or number.

    Raises ValueError, naming those there are, for one without tables here.
    """
    number = LANGUAGES.get(language, 0) if isinstance(language, str) else language
    if number not in LANGUAGES.values():
        known = ", ".join(f"{name} ({one})" for name, one in LANGUAGES.items())
        raise ValueError(f"language: {language!r}, one of {known}")
    return number


# Sixteen characters a line, in the order of the septets (3GPP 23.038, 6.2.1). The escape shows as a space when nothing
# follows it, and so does the reserved pair of two escapes.
DEFAULT_TABLE: Final = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

# Second septet of an escape pair (3GPP 23.038, 6.2.1.1). Every national extension contains all of these.
DEFAULT_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

# 3GPP 23.038, A.3: what differs from the default alphabet. There is no locking shift for Spanish.
_LOCKING: Final[dict[int, dict[int, str]]] = {
    Language.TURKISH: {
        0x04: "€",
        0x07: "ı",
        0x0B: "Ğ",
        0x0C: "ğ",
        0x1C: "Ş",
        0x1D: "ş",
        0x40: "İ",
        0x60: "ç",
    },
    Language.PORTUGUESE: {
        0x04: "ê",
        0x06: "ú",
        0x07: "í",
        0x08: "ó",
        0x09: "ç",
        0x0B: "Ô",
        0x0C: "ô",
        0x0E: "Á",
        0x0F: "á",
        0x12: "ª",
        0x13: "Ç",
        0x14: "À",
        0x15: "∞",
        0x16: "^",
        0x17: "\\",
        0x18: "€",
        0x19: "Ó",
        0x1A: "|",
        0x1C: "Â",
        0x1D: "â",
        0x1E: "Ê",
        0x24: "º",
        0x40: "Í",
        0x5B: "Ã",
        0x5C: "Õ",
        0x5D: "Ú",
        0x60: "~",
        0x7B: "ã",
        0x7C: "õ",
        0x7D: "`",
    },
}

# 3GPP 23.038, A.2: what is added to the default extension.
_SINGLE: Final[dict[int, dict[int, str]]] = {
    Language.TURKISH: {
        0x47: "Ğ",
        0x49: "İ",
        0x53: "Ş",
        0x63: "ç",
        0x67: "ğ",
        0x69: "ı",
        0x73: "ş",
    },
    Language.SPANISH: {
        0x09: "ç",
        0x41: "Á",
        0x49: "Í",
        0x4F: "Ó",
        0x55: "Ú",
        0x61: "á",
        0x69: "í",
        0x6F: "ó",
        0x75: "ú",
    },
    Language.PORTUGUESE: {
        0x05: "ê",
        0x09: "ç",
        0x0B: "Ô",
        0x0C: "ô",
        0x0E: "Á",
        0x0F: "á",
        0x12: "Φ",
        0x13: "Γ",
        0x15: "Ω",
        0x16: "Π",
        0x17: "Ψ",
        0x18: "Σ",
        0x19: "Θ",
        0x1F: "Ê",
        0x41: "À",
        0x49: "Í",
        0x4F: "Ó",
        0x55: "Ú",
        0x5B: "Ã",
        0x5C: "Õ",
        0x61: "Â",
        0x69: "í",
        0x6F: "ó",
        0x75: "ú",
        0x7B: "ã",
        0x7C: "õ",
        0x7F: "â",
    },
}


def effective(shifts: Shifts) -> Shifts:
    """Return the same with 0 for each number that has no such table here: what a reader falls back to."""
    return Shifts(shifts.locking if shifts.locking in _LOCKING else 0, shifts.single if shifts.single in _SINGLE else 0)


def table_of(locking: int) -> str:
    """Return the 128 characters that a locking shift gives the septets, the escape's place a space."""
    changes = _LOCKING.get(locking, {})
    return "".join([changes.get(septet, character) for septet, character in enumerate(DEFAULT_TABLE)])


def extension_of(single: int) -> dict[int, str]:
    """Return the characters that a single shift gives the septets behind an escape."""
    return DEFAULT_EXTENSION | _SINGLE.get(single, {})


def ways_of(language: int) -> list[Shifts]:
    """Return the ways to write a language with its tables, without any first, those with the smallest header next."""
    locking, single = effective(Shifts(language, language))
    return list(dict.fromkeys([UNSHIFTED, Shifts(0, single), Shifts(locking, 0), Shifts(locking, single)]))

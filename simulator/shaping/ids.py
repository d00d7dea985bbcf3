"""Message ids: how a source makes them, and how a form spells one id in each of the places where it is told.

Knows the steps of scenario/id_words.py and what they do to a text. Does NOT know messages or PDUs: which id belongs
to which message, and where a spelling goes, is the caller's.
"""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from typing import Final

from simulator.scenario.words.id_words import IdForm, IdSource

DECIMAL: Final = "decimal"
HEX: Final = "hex"
NO_NUMBER: Final = ""
"""The base of ids that are none: letters."""

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_HEX_DIGITS: Final = "0123456789abcdefABCDEF"
_RADIX: Final = {DECIMAL: 10, HEX: 16}

# --- Spelling ---

_Step = Callable[[str, int | str | None], str]


def _grouped(text: str) -> str:
    """The groups of a UUID, 8-4-4-4-12, as far as the characters go."""
    bare = text.replace("-", "")
    groups = (bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:])
    return "-".join(filter(None, groups))


# Steps that need nothing but the text so far and their own argument.
_STEPS: Final[dict[str, _Step]] = {
    "same": lambda text, _: text,
    # the NUL is not of the text: who writes a TLV leaves it out
    "unterminated": lambda text, _: text,
    "upper": lambda text, _: text.upper(),
    "lower": lambda text, _: text.lower(),
    # of nothing but zeros one stays: it is a number still
    "strip-zeros": lambda text, _: text.lstrip("0") or text[-1:],
    "strip-hyphens": lambda text, _: text.replace("-", ""),
    "hyphens": lambda text, _: _grouped(text),
    "ascii-hex": lambda text, _: text.encode("latin-1", "replace").hex(),
    "nul": lambda text, _: f"{text}\0",
    "empty": lambda *_: "",
    "pad": lambda text, width: text.rjust(_number(width), "0"),
    "pad-spaces": lambda text, width: text.ljust(_number(width)),
    "cut": lambda text, count: text[: _number(count)],
    "prefix": lambda text, front: f"{front}{text}",
    "suffix": lambda text, back: f"{text}{back}",
    "constant": lambda _, constant: str(constant),
}


def _number(argument: int | str | None) -> int:
    return int(argument or 0)


def spelled(form: IdForm | None, message_id: str, previous: str = "", *, base: str | None = None) -> str | None:
    """The id as a form spells it; None where it is not to be there at all. Without a form, the id itself.

    ``previous`` is the id of the message before; where there is none, the id stands for it. ``base`` tells in which
    the id was made: DECIMAL, HEX, or NO_NUMBER. Where that is not known (None), an id of digits only is decimal, and
    one that could be hexadecimal is.

    `decimal` and `hex` change the base, of numbers of any size; an id that is in that base already keeps its leading
    zeros, and one that is no number stays as it is. `hex` writes small letters.
    """
    if form is None:
        return message_id
    text = message_id
    for name, argument in form.steps:
        if name in _RADIX:
            text, base = _converted(name, text, base)
        elif name == "absent":
            return None
        elif name == "previous":
            text = previous or message_id
        else:
            text = _STEPS[name](text, argument)
            base = _BASES.get(name, base)
    return text


# What an id is in after a step that wrote another one.
_BASES: Final[dict[str, str | None]] = {"ascii-hex": HEX, "constant": None}


def _converted(wanted: str, text: str, base: str | None) -> tuple[str, str | None]:
    """The id in the wanted base, and the base in which it is then."""
    # int() reads more than digits: signs, spaces, underscores, the digits of all scripts
    if base == NO_NUMBER or not (text.isascii() and text.isalnum()):
        return text, base
    if base is None:
        base = DECIMAL if text.isdecimal() else HEX
    if not (text.isdecimal() if base == DECIMAL else not text.strip(_HEX_DIGITS)):
        return text, base
    if base == wanted:
        return text.lower(), base
    number = int(text, _RADIX[base])
    return (f"{number:x}" if wanted == HEX else str(number)), wanted


# --- Making ---

_ROUNDS: Final = 4
_BLOCK: Final = 64
"""Octets of one hash; two halves of the longest id that SMPP has room for need 17 of them (SMPP 3.4, 5.2.23)."""


class Mint:
    """Makes ids of a source: from the seed and a serial number alone, so that any run makes the same ones.

    No two serials have the same id until a source is exhausted: their numbers are shuffled, not drawn. ``base`` is
    that of its ids, for ``spelled``: DECIMAL, HEX, NO_NUMBER, or None where only the looks tell.
    """

    __slots__ = ("_keys", "_times", "_write", "base")

    def __init__(self, source: IdSource, seed: int) -> None:
        self._keys = tuple(blake2b(f"{seed} {source} {number}".encode()).digest() for number in range(_ROUNDS + 1))
        # a half of an id that is longer than SMPP allows may need more than one hash has
        self._times = 1 + source.number // 100
        self.base: str | None
        self._write, self.base = self._writer(source)

    def mint(self, serial: int) -> str:
        """The id of a serial number, of which the first is 0."""
        return self._write(serial)

    def _writer(self, source: IdSource) -> tuple[Callable[[int], str], str | None]:
        size, text = source.number, source.text
        match source.kind:
            case "hex":
                return lambda serial: f"{self._shuffled(serial, 16, size):0{size}x}", HEX
            case "decimal":
                return lambda serial: str(self._of_size(serial, size)), DECIMAL
            case "digits":
                return lambda serial: f"{self._shuffled(serial, 10, size):0{size}d}", DECIMAL
            case "letters":
                return lambda serial: _in_letters(self._shuffled(serial, 26, size), size), NO_NUMBER
            case "uuid":
                return lambda serial: _uuid(self._shuffled(serial, 2, 122)), HEX
            case "counter":
                return lambda serial: str(size + serial), DECIMAL
            case "reuse":
                return lambda serial: str(serial % size), DECIMAL
        return lambda _: text, None

    def _of_size(self, serial: int, size: int) -> int:
        """A number of exactly so many digits: it does not begin with a zero, whose place nobody would remember."""
        low = _power(10, size - 1)
        first, rest = divmod(serial % (9 * low), low)
        shuffled = self._shuffled(rest, 10, size - 1)
        # the other digits say how far the first one is turned, so that neighbours differ in it, too
        turned = (first + self._mixed(_ROUNDS, shuffled)) % 9
        return (turned + 1) * low + shuffled

    def _shuffled(self, serial: int, radix: int, size: int) -> int:
        """Another number below ``radix ** size`` for each serial below it, by a Feistel network over its two halves.

        Beyond it serials begin again.
        """
        low, high = _power(radix, (size + 1) // 2), _power(radix, size // 2)
        left, right = divmod(serial % (low * high), low)
        for round_number in range(0, _ROUNDS, 2):
            # a step can be undone by whoever knows the other half: so no two numbers meet
            left = (left + self._mixed(round_number, right)) % high
            right = (right + self._mixed(round_number + 1, left)) % low
        return left * low + right

    def _mixed(self, round_number: int, half: int) -> int:
        # in front of the octets a key costs half of what it does as an argument
        digest = blake2b(self._keys[round_number] + half.to_bytes(_BLOCK * self._times, "big")).digest()
        return int.from_bytes(digest * self._times, "big")


@cache
def _power(radix: int, exponent: int) -> int:
    return int(radix**exponent)


def _in_letters(number: int, size: int) -> str:
    letters = []
    for _ in range(size):
        number, place = divmod(number, 26)
        letters.append(_LETTERS[place])
    return "".join(reversed(letters))


def _uuid(number: int) -> str:
    """A UUID of version 4 (RFC 9562, 5.4) of its 122 free bits."""
    high, rest = divmod(number, 1 << 74)
    middle, low = divmod(rest, 1 << 62)
    return _grouped(f"{high:012x}4{middle:03x}{(2 << 62) | low:016x}")

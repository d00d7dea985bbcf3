"""The words of a scenario file that come from SMPP: statuses, states, commands, fields, TLVs, octets, masks.

They are the specification's own names, and a number wherever the wire takes one that has no name. A text that is none
of them is a WordError with the nearest name as its hint. Nothing here knows where in a file a word stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Self

from simulator.carrier.messages import (
    ACCEPTED,
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    REJECTED,
    SCHEDULED,
    UNDELIVERABLE,
    UNKNOWN,
)
from simulator.scenario.words.words import WordError, quoted, refuse_word
from simulator.smpp.constants import COMMAND_NAMES, CommandId, CommandStatus, command_name, status_name
from simulator.smpp.fields import DestinationList, Integer, Kind, Remainder, UnsuccessList
from simulator.smpp.pdus import PDU_CLASSES, Pdu, layout
from simulator.smpp.tlvs import TLVS, TLVS_BY_NAME, Book

STATUSES: Final = "a status as in ESME_RTHROTTLED, RTHROTTLED, 0x58 or 88"
STATES: Final[dict[str, str]] = {
    **{state: state for state in (ENROUTE, DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, ACCEPTED, UNKNOWN, REJECTED)},
    "SCHEDLD": SCHEDULED,
    "SKIPPED": "SKIPPED",
    "SCHEDULED": SCHEDULED,
    "DELIVERED": DELIVERED,
    "UNDELIVERABLE": UNDELIVERABLE,
    "ACCEPTED": ACCEPTED,
    "REJECTED": REJECTED,
}
"""The word for each state, by itself and by its long name."""
STATE_WORDS: Final = tuple(dict.fromkeys(STATES.values()))
STATES_ALLOWED: Final = f"a state: {', '.join(STATE_WORDS)}"
OCTETS: Final = "a text, or octets as in hex:00ff"
MASKS: Final = "bits as in 0x40 (all of them set) or 0x3c=0x04 (those of the mask are these)"
SEQUENCES: Final = "same, own, previous, a number, or a difference as in +1"
COMMANDS: Final = "a command as in submit_sm, or its number as in 0x00000400"
TLV_NAMES: Final = "a TLV as in message_state, or its tag as in 0x1403"

# Two lists have no value that a line could hold; each has a word of its own instead.
LISTS: Final[dict[str, str]] = {"dest_address": "destination", "unsuccess_sme": "unsuccess"}


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant, or an empty text."""
    known = {one.lower(): one for one in names}
    close = get_close_matches(name.lower(), known, n=1, cutoff=0.7)
    return known[close[0]] if close else ""


class UnknownName(WordError):
    """A name that is none of those known; ``hint`` is the nearest, where one is near."""

    def __init__(self, found: str, allowed: str, hint: str = "") -> None:
        super().__init__(found, allowed)
        self.hint = hint


def one_of(name: str, names: Iterable[str], what: str, allowed: str = "") -> str:
    """The name, if it is one of them. Raises UnknownName with the nearest."""
    known = list(names)
    if name in known:
        return name
    article = "an" if what[0] in "aeio" else "a"
    raise UnknownName(
        f"{quoted(name)} is no {what}" if allowed else f"{quoted(name)} is not {article} {what} of this scenario",
        allowed or ", ".join(known) or "none is declared",
        nearest(name, known),
    )


class Status(int):
    """A command_status; any 32-bit number. Prints as its name where it has one: `ESME_RTHROTTLED`, `0x00000450`."""

    __slots__ = ()

    def __str__(self) -> str:
        return status_name(int(self))

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        stripped = text.strip()
        name = stripped.upper()
        for spelling in (name, f"ESME_{name}"):
            if spelling in CommandStatus.__members__:
                return cls(CommandStatus.__members__[spelling])
        number = _number(stripped)
        if number is None or number > 0xFFFFFFFF:
            hint = "" if number is not None else nearest(name.removeprefix("ESME_"), _SHORT_NAMES)
            raise UnknownName(f"{quoted(text)} is no status", STATUSES, f"ESME_{hint}" if hint else "")
        return cls(number)


_SHORT_NAMES: Final = tuple(name.removeprefix("ESME_") for name in CommandStatus.__members__)


def _number(text: str) -> int | None:
    """A number without a sign, decimal or hexadecimal; None for anything else, 0123 too: nobody can read it."""
    if re.fullmatch(r"0x[0-9a-f]{1,16}", text, re.IGNORECASE):
        return int(text, 16)
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,18}", text) else None


def parse_state(text: str) -> str:
    """The seven-letter word of a state, from that or its long name, in any case. Raises WordError."""
    state = STATES.get(text.strip().upper())
    if state is None:
        raise UnknownName(f"{quoted(text)} is no state", STATES_ALLOWED, nearest(text, STATES))
    return state


class Command(int):
    """A command_id. Prints as its name where it has one: `submit_sm`, `0x00000400`."""

    __slots__ = ()

    def __str__(self) -> str:
        return command_name(int(self))

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        number = _COMMANDS.get(text.strip().lower())
        if number is None:
            number = _number(text.strip())
        if number is None or number > 0xFFFFFFFF:
            raise UnknownName(f"{quoted(text)} is no command", COMMANDS, nearest(text, _COMMANDS))
        return cls(number)


_COMMANDS: Final = {name: number for number, name in COMMAND_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Octets:
    """Octets as they stand on the wire. Written `hex:00ff`, spaces allowed."""

    value: bytes

    def __str__(self) -> str:
        return f"hex:{self.value.hex()}"


def parse_value(text: str) -> str | Octets:
    """What a field is to hold: a text as it stands, or octets by `hex:`; `text:hex:` is for a text that begins so.

    Raises WordError.
    """
    if text.startswith("text:"):
        return text.removeprefix("text:")
    if not text.startswith("hex:"):
        return text
    return parse_octets(text)


def parse_octets(text: str) -> Octets:
    """Octets by `hex:`, or the octets of a text of single-octet characters. Raises WordError."""
    try:
        if text.startswith("hex:"):
            return Octets(bytes.fromhex(text.removeprefix("hex:")))
        return Octets(text.removeprefix("text:").encode("latin-1"))
    except ValueError:
        refuse_word(text, "octets", OCTETS)


def value_text(value: int | str | Octets) -> int | str:
    """The value as parse_value reads it."""
    if isinstance(value, str):
        return f"text:{value}" if value.startswith(("hex:", "text:")) else value
    return str(value) if isinstance(value, Octets) else value


@dataclass(frozen=True, slots=True)
class Mask:
    """A test of bits: those of ``mask`` are ``bits``. Written `0x40` where all are to be set, else `0x3c=0x04`."""

    mask: int
    bits: int

    def matches(self, number: int) -> bool:
        """Whether the bits of a number are as wanted."""
        return number & self.mask == self.bits

    def __str__(self) -> str:
        return f"0x{self.mask:02x}" if self.mask == self.bits else f"0x{self.mask:02x}=0x{self.bits:02x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        left, sign, right = (part.strip() for part in text.partition("="))
        mask = _number(left)
        bits = _number(right) if sign else mask
        if mask is None or bits is None or not mask or bits & ~mask or mask > 0xFFFFFFFF:
            refuse_word(text, "mask", MASKS)
        return cls(mask, bits)


@dataclass(frozen=True, slots=True)
class Sequence:
    """The sequence_number of what we send.

    ``kind`` is `same` (as a response must), `own` (our counter), `previous` (the request before), `number` or `plus`.
    """

    kind: str
    number: int = 0

    def __str__(self) -> str:
        return {"number": str(self.number), "plus": f"{self.number:+d}"}.get(self.kind, self.kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        stripped = text.strip()
        if stripped in {"same", "own", "previous"}:
            return cls(stripped)
        if re.fullmatch(r"[+-]\d{1,9}", stripped, re.ASCII):
            return cls("plus", int(stripped))
        number = _number(stripped)
        if number is None or number > 0xFFFFFFFF:
            refuse_word(text, "sequence_number", SEQUENCES)
        return cls("number", number)


def parse_tlv_name(text: str, book: Book = TLVS) -> str:
    """The name of a TLV that the book knows, or a tag as `0x1403`. Raises WordError."""
    definition = TLVS_BY_NAME.get(text)
    if definition is not None or any(one.name == text for one in book.values()):
        return text
    tag = _number(text.strip())
    if tag is None or tag > 0xFFFF:
        names = [*TLVS_BY_NAME, *(one.name for one in book.values())]
        raise UnknownName(f"{quoted(text)} is no TLV", TLV_NAMES, nearest(text, names))
    return book[tag].name if tag in book else f"0x{tag:04x}"


# The commands that a rule is about where it names none, and what `bind` stands for.
SUBMISSIONS: Final = (int(CommandId.SUBMIT_SM), int(CommandId.SUBMIT_MULTI), int(CommandId.DATA_SM))
BINDS: Final = (
    int(CommandId.BIND_TRANSMITTER),
    int(CommandId.BIND_RECEIVER),
    int(CommandId.BIND_TRANSCEIVER),
)


def fields_of(commands: Iterable[int]) -> dict[str, Kind] | None:
    """The mandatory fields that at least one of these PDUs has; None where one of them is unknown and may have any."""
    found: dict[str, Kind] = {}
    for command in commands:
        pdu_class: type[Pdu] | None = PDU_CLASSES.get(int(command))
        if pdu_class is None:
            return None
        found.update(layout(pdu_class))
    return found


def wrong_value(name: str, value: object, kind: Kind) -> WordError | None:
    """Why a field of this kind cannot hold this value; None where it can. Sizes of strings may lie on purpose."""
    if isinstance(kind, DestinationList | UnsuccessList | Remainder):
        instead = LISTS.get(name)
        return WordError(f"{name} is a list", f"`{instead}:` instead" if instead else "`hex:` instead")
    if not isinstance(kind, Integer):
        return None
    allowed = f"0 to {256**kind.width - 1}"
    if isinstance(value, int) and not isinstance(value, bool):
        return None if 0 <= value < 256**kind.width else WordError(str(value), allowed)
    return WordError(f"{quoted(str(value))} is no number", allowed)

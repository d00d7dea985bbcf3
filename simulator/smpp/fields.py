"""The kinds of field a PDU is made of: integer, C-octet string, time, octets with their length, lists of addresses.

Each kind reads and writes itself in two ways. ``read`` and ``parts`` are the readable path: one value at a time, with
offsets, and with a reason for whatever is wrong. ``decode_lines`` and ``encode_terms`` emit straight-line source for
the compiled path, which only knows *that* something is wrong. What a value means, and whether an SMSC likes it, is not
known here; nor are PDUs.

A C-octet string is a Python str, one character per octet (latin-1, so that every octet survives); octets are bytes;
numbers are plain integers, whatever they may be called in constants.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from simulator.smpp.constants import CommandStatus
from simulator.smpp.errors import LocalError

# latin-1 maps every octet to the character of the same number, and back: nothing is lost on the way.
CHARACTERS: Final[dict[int, str]] = {octet: chr(octet) for octet in range(256)}
"""Octet -> its character. A dict, because a look-up refuses what is no octet, as an index from the end would not."""


# A value and no exception: a dissection goes on behind it, and raising would end the walk.
class Trouble(NamedTuple):
    """Why a field cannot be what its octets say: the command_status to answer, the field, and the reason in words."""

    status: int
    field: str
    reason: str


class Span(NamedTuple):
    """One field as it stands in the octets.

    ``value`` is None where no value could be read, and nothing behind can be read then. A value *with* a trouble was
    read although it is illegal (an over-long string).
    """

    name: str
    offset: int
    length: int
    value: object
    trouble: Trouble | None = None


class Part(NamedTuple):
    """The octets of one written field; ``role`` is `length` for a count of others, `string` where a NUL ends it."""

    name: str
    octets: bytes
    role: str = ""


class SmeAddress(NamedTuple):
    """A single destination of submit_multi: dest_flag 1 (SMPP 3.4, 4.5.1.1)."""

    ton: int = 0
    npi: int = 0
    addr: str = ""


class DistributionList(NamedTuple):
    """A destination of submit_multi by the name of a list kept at the SMSC: dest_flag 2 (SMPP 3.4, 4.5.1.2)."""

    dl_name: str = ""


# Its status has four octets, as command_status has: it may be any number, a vendor's as well.
class Unsuccess(NamedTuple):
    """One failed destination in submit_multi_resp; ``status`` is its error_status_code (SMPP 3.4, 4.5.2.1)."""

    ton: int = 0
    npi: int = 0
    addr: str = ""
    status: int = 0


# ESME_RINVCMDLEN where no field is to blame: the length was right for the frame and wrong for the PDU.
def _ends(name: str, offset: int, status: int = CommandStatus.ESME_RINVCMDLEN) -> Span:
    return Span(name, offset, 0, None, Trouble(status, name, f"{name}: the PDU ends before it"))


class Kind(ABC):
    """A kind of field. The defaults of the compiled path simply call the readable one."""

    is_text: ClassVar[bool] = False

    def names(self, name: str) -> tuple[str, ...]:
        """The names on the wire that the field ``name`` stands for, in wire order."""
        return (name,)

    @abstractmethod
    def read(self, name: str, data: bytes, at: int, end: int) -> list[Span]:
        """Read the field at ``at``, not past ``end``. The last span tells whether, and where, to go on."""

    @abstractmethod
    def parts(self, name: str, value: object, *, unchecked: bool = False) -> list[Part]:
        """The field's octets. ``unchecked`` lifts limits of size, not those of type and of an integer's width.

        Raises LocalError naming the field.
        """

    def decode_lines(self, name: str, ahead: int) -> tuple[list[str], int]:
        """Statements that read into a variable ``name``, and how far ``at`` then lags behind.

        The field stands in ``raw``, and as characters in ``text``, at ``at + ahead``: single octets are read without
        moving ``at``, which saves a statement for each. Trouble is any exception.
        """
        return [f"{name}, at = read_{name}(raw, at + {ahead}, end)"], 0

    def encode_terms(self, name: str) -> list[str]:
        """Expressions of the octets, each over a variable ``name``; one that opens with `{` is text."""
        return [f"write_{name}({name})"]

    def checks(self, name: str) -> list[str]:
        """Conditions over the variable ``name`` under which the compiled path may not go on."""
        return []

    def read_quickly(self, raw: bytes, at: int, end: int) -> tuple[object, int]:
        """The value and where the next field begins; ValueError without reasons for any trouble."""
        spans = self.read("", raw, at, end)
        # The compiled path asks the readable one for the reason, so that no reason is made up twice.
        if any(span.trouble for span in spans):
            raise ValueError
        last = spans[-1]
        return last.value, last.offset + last.length

    def write_quickly(self, value: object) -> bytes:
        """The octets; LocalError for any trouble."""
        return b"".join(part.octets for part in self.parts("", value))


@dataclass(frozen=True)
class Integer(Kind):
    """An unsigned integer of ``width`` octets, most significant first (SMPP 3.4, 3.1)."""

    width: int = 1

    def read(self, name: str, data: bytes, at: int, end: int) -> list[Span]:
        """As `Kind.read`."""
        # Bounded by the frame and not by the buffer: what follows may be the next PDU.
        if at + self.width > end:
            return [_ends(name, at)]
        return [Span(name, at, self.width, int.from_bytes(data[at : at + self.width], "big"))]

    def parts(self, name: str, value: object, *, unchecked: bool = False) -> list[Part]:
        """As `Kind.parts`."""
        # An enum is an int, a bool too: both have octets, and what they mean is not asked here.
        if not isinstance(value, int):
            raise LocalError(f"{name}: {value!r} is no integer")
        try:
            return [Part(name, int(value).to_bytes(self.width, "big"))]
        except OverflowError:
            raise LocalError(f"{name}: {int(value)}, 0 to {256**self.width - 1}") from None

    def decode_lines(self, name: str, ahead: int) -> tuple[list[str], int]:
        """As `Kind.decode_lines`."""
        # Only error_status_code and the header are wider, and neither is read once per message.
        if self.width > 1:
            return super().decode_lines(name, ahead)
        return [f"{name} = raw[at + {ahead}]"], ahead + 1

    def encode_terms(self, name: str) -> list[str]:
        """As `Kind.encode_terms`."""
        return [f"{{CHARACTERS[{name}]}}"] if self.width == 1 else super().encode_terms(name)


@dataclass(frozen=True)
class CString(Kind):
    """A string that ends with NUL; ``size_max`` octets with its NUL (SMPP 3.4, 3.1).

    ``status`` is answered to one that has no NUL in time.
    """

    size_max: int
    status: int = int(CommandStatus.ESME_RINVCMDLEN)

    # Neighbouring texts are encoded together: one call for five fields instead of five.
    is_text: ClassVar[bool] = True

    @property
    def limit(self) -> int | None:
        """Octets with the NUL; None for no limit."""
        return self.size_max

    def read(self, name: str, data: bytes, at: int, end: int) -> list[Span]:
        """As `Kind.read`."""
        if at >= end:
            return [_ends(name, at)]
        # Not past the end: the NUL of a neighbour's PDU in the same segment must not end this string.
        nul = data.find(0, at, end)
        # No text treats a missing NUL; node-smpp takes all that is left without a word. It is the message that breaks,
        # so it is the field's own status that tells.
        if nul < 0:
            reason = f"{name}: no NUL in the {end - at} octets that are left"
            return [Span(name, at, 0, None, Trouble(self.status, name, reason))]
        size = nul + 1 - at
        # Over-long strings are read all the same, so that a dissection can show what else is in the PDU.
        return [Span(name, at, size, data[at:nul].decode("latin-1"), self._too_long(name, size))]

    def _too_long(self, name: str, size: int) -> Trouble | None:
        # SMPP 3.4, 3.1: the greatest size of a C-octet string counts its NUL.
        if self.limit is None or size <= self.limit:
            return None
        return Trouble(self.status, name, f"{name}: {size} octets, at most {self.limit}")

    def parts(self, name: str, value: object, *, unchecked: bool = False) -> list[Part]:
        """As `Kind.parts`."""
        if not isinstance(value, str):
            raise LocalError(f"{name}: {value!r} is no string")
        try:
            octets = value.encode("latin-1") + b"\0"
        except UnicodeEncodeError:
            raise LocalError(f"{name}: {value!r} has characters beyond one octet") from None
        trouble = self._too_long(name, len(octets))
        # A quirk may ask for an over-long string; nobody else gets one by mistake.
        if trouble and not unchecked:
            raise LocalError(trouble.reason)
        # The peer would end the string here and take the rest for the next fields.
        if "\0" in value and not unchecked:
            raise LocalError(f"{name}: {value!r} has a NUL inside")
        return [Part(name, octets, "string")]

    def decode_lines(self, name: str, ahead: int) -> tuple[list[str], int]:
        """As `Kind.decode_lines`."""
        # Most strings of most PDUs are empty, and a look at one octet is cheaper than a search.
        lines = [f"at += {ahead}", "if raw[at]:", '    nul = text.index("\\0", at)']
        if self.limit is not None:
            lines += [f"    if nul - at >= {self.limit}:", "        raise ValueError"]
        return [*lines, f"    {name} = text[at:nul]", "    at = nul", "else:", f'    {name} = ""'], 1

    def encode_terms(self, name: str) -> list[str]:
        """As `Kind.encode_terms`."""
        return [f"{{{name}}}\\0"]

    def checks(self, name: str) -> list[str]:
        """As `Kind.checks`."""
        # A time of any length is written: an illegal one is what a test of the peer may need.
        return [] if self.limit is None else [f"len({name}) >= {self.limit}"]


@dataclass(frozen=True)
class Time(CString):
    """A time: empty, or 16 characters and NUL (SMPP 3.4, 7.1).

    Any C-octet string is kept, for a bad time is the message's fault and not the frame's: it has a status of its own,
    which times.py leads to.
    """

    # Sixteen characters and a NUL, or the NUL alone: nothing between them is legal, and all of it is read.
    size_max: int = 17

    @property
    def limit(self) -> int | None:
        """None: the length is judged later."""
        return None


@dataclass(frozen=True)
class Octets(Kind):
    """Octets whose count stands in the octet before them under the name ``length`` (SMPP 3.4, 5.2.21 and 5.2.22)."""

    length: str
    status: int = int(CommandStatus.ESME_RINVMSGLEN)

    def names(self, name: str) -> tuple[str, ...]:
        """The count, then what is counted."""
        # sm_length has a name on the wire and no attribute: it follows from what it counts, and cannot disagree.
        return (self.length, name)

    def read(self, name: str, data: bytes, at: int, end: int) -> list[Span]:
        """As `Kind.read`."""
        if at >= end:
            return [_ends(self.length, at)]
        # SMPP 3.4 ends at 254 octets and SMPP 5.0 at 255: what an octet can say is read from anybody.
        count, left = data[at], end - at - 1
        trouble = None
        if count > left:
            trouble = Trouble(
                self.status, self.length, f"{self.length}: {count} octets, but the PDU has only {left} left"
            )
        # Cut by the frame: what is there is shown, and the trouble says what was promised.
        taken = min(count, left)
        octets = data[at + 1 : at + 1 + taken]
        return [Span(self.length, at, 1, count, trouble), Span(name, at + 1, taken, octets)]

    def parts(self, name: str, value: object, *, unchecked: bool = False) -> list[Part]:
        """As `Kind.parts`."""
        octets = _octets(name, value)
        # 254 in SMPP 3.4, 5.2.21, where 255 is told to be an error; 5.0 has it, and so it is the octet that limits us.
        if len(octets) > 255 and not unchecked:
            raise LocalError(f"{name}: {len(octets)} octets, at most 255")
        # Unchecked, a count that does not fit is written as far as it fits.
        return [Part(self.length, bytes((len(octets) & 0xFF,)), "length"), Part(name, octets)]

    def decode_lines(self, name: str, ahead: int) -> tuple[list[str], int]:
        """As `Kind.decode_lines`."""
        lines = [
            f"start = at + {ahead + 1}",
            "at = start + raw[start - 1]",
            "if at > end:",
            "    raise ValueError",
            f"{name} = raw[start:at]",
        ]
        return lines, 0

    def encode_terms(self, name: str) -> list[str]:
        """As `Kind.encode_terms`."""
        return [f"{{CHARACTERS[len({name})]}}", name]


@dataclass(frozen=True)
class Remainder(Kind):
    """All octets up to the end: the body of a command that nobody declared."""

    def read(self, name: str, data: bytes, at: int, end: int) -> list[Span]:
        """As `Kind.read`."""
        return [Span(name, at, end - at, data[at:end])]

    def parts(self, name: str, value: object, *, unchecked: bool = False) -> list[Part]:
        """As `Kind.parts`."""
        return [Part(name, _octets(name, value))]


def _octets(name: str, value: object) -> bytes:
    # bytearray and str have octets, too, but one changes later and the other has no coding that is right for all.
    if not isinstance(value, bytes):
        raise LocalError(f"{name}: {value!r} is no bytes")
    return value


Layout = tuple[tuple[str, Kind], ...]
"""Names and kinds in wire order."""

# dest_flag is no field of an address: it says which of two layouts follows (SMPP 3.4, 4.5.1.1).
_SME: Final[Layout] = (
    ("dest_addr_ton", Integer()),
    ("dest_addr_npi", Integer()),
    ("destination_addr", CString(21, int(CommandStatus.ESME_RINVDSTADR))),
)
_LIST: Final[Layout] = (("dl_name", CString(21, int(CommandStatus.ESME_RINVDLNAME))),)
_UNSUCCESS: Final[Layout] = (*_SME, ("error_status_code", Integer(4)))


def read_layout(layout: Layout, prefix: str, data: bytes, at: int, end: int) -> Iterator[Span]:
    """The spans of fields that follow each other, up to and with the first that cannot be read."""
    for name, kind in layout:
        for span in kind.read(prefix + name, data, at, end):
            yield span
            if span.value is None:
                return
            at = span.offset + span.length


class Counted(Kind):
    """A list whose count stands in the octet before it under the name ``count``."""

    count: ClassVar[str]

    def names(self, name: str) -> tuple[str, ...]:
        """The count, then what is counted."""
        # number_of_dests and no_unsuccess in the same way.
        return (self.count, name)

    @abstractmethod
    def element(self, place: str, data: bytes, at: int, end: int) -> Iterator[Span]:
        """The spans of one element; a last one with the name ``place`` holds the whole of it, unless it is cut."""

    @abstractmethod
    def element_parts(self, place: str, element: object, *, unchecked: bool) -> list[Part]:
        """The octets of one element; LocalError for what is no element."""

    def read(self, name: str, data: bytes, at: int, end: int) -> list[Span]:
        """As `Kind.read`."""
        if at >= end:
            return [_ends(self.count, at)]
        # 0 and 255 destinations are read as well; SMPP 3.4, 4.5.1 wants 1 to 254, which is for the SMSC to say.
        count, start = data[at], at + 1
        elements: list[object] = []
        trouble: Trouble | None = None
        next_at = start
        # The count may lie: the loop ends where the frame does, with what was read until then.
        for number in range(count):
            spans = list(self.element(f"{name}[{number}]", data, next_at, end))
            # The first one is told: whatever comes later may only follow from it.
            trouble = trouble or next((span.trouble for span in spans if span.trouble), None)
            last = spans[-1]
            if last.value is None:
                # What was read stays readable: the elements before, and then an end without a value.
                whole = Span(name, start, next_at - start, tuple(elements), trouble)
                return [Span(self.count, at, 1, count), whole, Span(name, next_at, 0, None, trouble)]
            # The last span of an element is the whole of it, which saves the kinds from knowing each other's fields.
            elements.append(last.value)
            next_at = last.offset + last.length
        return [Span(self.count, at, 1, count), Span(name, start, next_at - start, tuple(elements), trouble)]

    def parts(self, name: str, value: object, *, unchecked: bool = False) -> list[Part]:
        """As `Kind.parts`."""
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise LocalError(f"{name}: {value!r} is no sequence")
        # 254 destinations in SMPP 3.4, 255 in 5.0: the count has one octet, and that is all that is asked here.
        if len(value) > 255 and not unchecked:
            raise LocalError(f"{name}: {len(value)} elements, at most 255")
        # 0 is written as well: an empty unsuccess_sme has its count all the same (SMPP 3.4, 4.5.2).
        found = [Part(self.count, bytes((len(value) & 0xFF,)), "length")]
        for number, element in enumerate(value):
            found += self.element_parts(f"{name}[{number}]", element, unchecked=unchecked)
        return found


def _layout_parts(layout: Layout, place: str, values: Sequence[object], *, unchecked: bool) -> list[Part]:
    return [
        part
        for (name, kind), value in zip(layout, values, strict=True)
        for part in kind.parts(f"{place}.{name}", value, unchecked=unchecked)
    ]


class DestinationList(Counted):
    """number_of_dests and dest_address of submit_multi: addresses and distribution lists, mixed (SMPP 3.4, 4.5.1)."""

    count = "number_of_dests"

    def element(self, place: str, data: bytes, at: int, end: int) -> Iterator[Span]:
        """As `Counted.element`."""
        if at >= end:
            yield _ends(f"{place}.dest_flag", at)
            return
        # Behind a flag that nobody knows lies a body of unknown length: nothing more can be read (SMPP 3.4, 5.2.25).
        flag = data[at]
        if flag not in {1, 2}:
            reason = f"{place}.dest_flag: {flag}, 1 or 2"
            yield Span(place, at, 0, None, Trouble(CommandStatus.ESME_RINVDESTFLAG, f"{place}.dest_flag", reason))
            return
        spans = list(read_layout(_SME if flag == 1 else _LIST, f"{place}.", data, at + 1, end))
        yield from spans
        if spans[-1].value is not None:
            values = [span.value for span in spans]
            # The kinds of the layout guarantee the types, which NamedTuple fields cannot know.
            whole: object = SmeAddress._make(values) if flag == 1 else DistributionList._make(values)
            yield Span(place, at, spans[-1].offset + spans[-1].length - at, whole)

    def element_parts(self, place: str, element: object, *, unchecked: bool) -> list[Part]:
        """As `Counted.element_parts`."""
        if isinstance(element, SmeAddress):
            flag, layout = b"\x01", _SME
        # By class and not by length: both are tuples of strings and numbers.
        elif isinstance(element, DistributionList):
            flag, layout = b"\x02", _LIST
        else:
            raise LocalError(f"{place}: {element!r} is no SmeAddress or DistributionList")
        return [Part(f"{place}.dest_flag", flag), *_layout_parts(layout, place, element, unchecked=unchecked)]


class UnsuccessList(Counted):
    """no_unsuccess and unsuccess_sme of submit_multi_resp (SMPP 3.4, 4.5.2); the count is there even when it is 0."""

    count = "no_unsuccess"

    def element(self, place: str, data: bytes, at: int, end: int) -> Iterator[Span]:
        """As `Counted.element`."""
        spans = list(read_layout(_UNSUCCESS, f"{place}.", data, at, end))
        yield from spans
        if spans[-1].value is not None:
            values = [span.value for span in spans]
            yield Span(place, at, spans[-1].offset + spans[-1].length - at, Unsuccess._make(values))

    def element_parts(self, place: str, element: object, *, unchecked: bool) -> list[Part]:
        """As `Counted.element_parts`."""
        if not isinstance(element, Unsuccess):
            raise LocalError(f"{place}: {element!r} is no Unsuccess")
        return _layout_parts(_UNSUCCESS, place, element, unchecked=unchecked)

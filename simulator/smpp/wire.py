"""Deliberate damage: what is wrong with the octets of a PDU that was written on purpose as no peer should write it.

A Wire is a plan, applied to a PDU's parts while they are joined: counts that lie, strings without NUL, octets cut out,
put in, left off or added. It knows the parts by the names of their fields and nothing else about PDUs; splitting octets
in time (slow drips, coalesced segments) is no damage to a PDU and not known here.

Errors are LocalErrors that name the place in the plan: `wire.splices[1]: ...`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.smpp.errors import LocalError
from simulator.smpp.fields import Part


@dataclass(frozen=True, slots=True)
class Splice:
    """Take ``delete`` octets out at a place and put ``insert`` there.

    ``at`` is an offset from the first octet of the PDU, or the name of a field, in front of which it happens
    (`source_addr`, `sm_length`, `command_status`, `dest_address[0]`, `tlv[0]`, `tlv[0].value`), or `end`. Places are
    those of the PDU without any splice. ``refit`` makes command_length follow.
    """

    at: str | int
    delete: int = 0
    insert: bytes = b""
    refit: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """What is to be wrong with one PDU. Applied in the order of the fields below; without any, nothing is.

    ``unchecked``: C-octet strings, octets and lists may be longer than SMPP allows, and strings may hold a NUL.
    ``unterminated``: the names of strings that are written without their NUL; command_length follows.
    ``lengths``: counts by name (`sm_length`, `number_of_dests`, `no_unsuccess`, `tlv[0]`); what they count stays.
    ``command_length``: likewise, for the whole PDU.
    ``splices``: see there. ``cut``: octets left off at the end. ``append``: octets added after that. Neither of the two
    moves command_length.

    A length is a number, or a text: `"+4"` and `"-1"` are added to what it should be, `"17"` and `"0x11"` are taken.
    """

    unchecked: bool = False
    unterminated: Sequence[str] = ()
    lengths: Mapping[str, int | str] = field(default_factory=dict)
    command_length: int | str | None = None
    splices: Sequence[Splice] = ()
    cut: int = 0
    append: bytes = b""

    def apply(self, parts: Sequence[Part]) -> bytes:
        """The octets of a PDU, given as its parts (the first is command_length), with the damage done."""
        # Strings first: what a count says of them is written after their NULs are gone.
        damaged = self._with_lengths(self._without_nuls(list(parts)))
        offsets = _offsets(damaged)
        # All places are found before anything moves, so that splices need not know of each other.
        places = [_place(number, splice, offsets) for number, splice in enumerate(self.splices)]
        # Written before the splices, so that one may still overwrite command_length itself.
        length = offsets["end"] + sum(len(one.insert) - one.delete for one in self.splices if one.refit)
        if self.command_length is not None:
            length = _amount("wire.command_length", self.command_length, length, 4)
        # command_length is the first part and not looked up: it has to be written even where a splice will move it.
        damaged[0] = Part(damaged[0].name, length.to_bytes(4, "big"))
        octets = b"".join(part.octets for part in damaged)
        # From the back, so that no splice moves the place of another; of two at one place the first stays in front.
        for place, splice in sorted(zip(places, self.splices, strict=True), key=_by_place)[::-1]:
            octets = octets[:place] + splice.insert + octets[place + splice.delete :]
        # Cutting more than there is would be a mistake in the plan: it is told, and not taken for all.
        if not 0 <= self.cut <= len(octets):
            raise LocalError(f"wire.cut: {self.cut}, 0 to {len(octets)}")
        return octets[: len(octets) - self.cut] + self.append

    def places(self, parts: Sequence[Part]) -> dict[str, int]:
        """Where the named parts begin in the octets that ``apply`` makes of them, and `end`.

        What is put in stands in front of the part that it was put in front of; a part that was taken out has the place
        of what follows it. Raises LocalError as apply does.
        """
        size = len(self.apply(parts))
        offsets = _offsets(self._without_nuls(list(parts)))
        # The octets by their numbers go the way that apply sends the octets themselves.
        left = list(range(offsets["end"]))
        places = [_place(number, splice, offsets) for number, splice in enumerate(self.splices)]
        for place, splice in sorted(zip(places, self.splices, strict=True), key=_by_place)[::-1]:
            left[place : place + splice.delete] = [-1] * len(splice.insert)
        found = {
            name: next((now for now, number in enumerate(left) if number >= at), len(left))
            for name, at in offsets.items()
        }
        # Of what is cut off, all begins where the rest ends.
        return {name: min(at, size - len(self.append)) for name, at in found.items()} | {"end": size}

    def _without_nuls(self, parts: list[Part]) -> list[Part]:
        for name in self.unterminated:
            index = _find(parts, name, "string")
            if index is None:
                raise LocalError(f"wire.unterminated: there is no C-octet string {name!r} in this PDU")
            # No longer a string: a second look by this name must not take another octet off.
            parts[index] = Part(name, parts[index].octets[:-1])
        return parts

    def _with_lengths(self, parts: list[Part]) -> list[Part]:
        for name, value in self.lengths.items():
            index = _find(parts, name, "length")
            if index is None:
                raise LocalError(f"wire.lengths: there is no length {name!r} in this PDU")
            part = parts[index]
            amount = _amount(f"wire.lengths.{name}", value, int.from_bytes(part.octets, "big"), len(part.octets))
            parts[index] = Part(part.name, amount.to_bytes(len(part.octets), "big"), "length")
        return parts


def _by_place(one: tuple[int, Splice]) -> int:
    return one[0]


def _find(parts: Sequence[Part], name: str, role: str) -> int | None:
    """Where the part stands; the length of a TLV is also found under the TLV's own name."""
    for index, part in enumerate(parts):
        if part.role == role and part.name in {name, f"{name}.length"}:
            return index
    return None


def _offsets(parts: Sequence[Part]) -> dict[str, int]:
    """Name -> offset of every part, of everything that parts belong to (`tlv[0]` of `tlv[0].value`), and of `end`."""
    found: dict[str, int] = {}
    at = 0
    for part in parts:
        # `dest_address[0].dl_name` also stands for the start of `dest_address[0]`, if it is the first in it.
        words = part.name.split(".")
        for depth in range(1, len(words) + 1):
            # The first part of that name wins: a place is where it begins.
            found.setdefault(".".join(words[:depth]), at)
        at += len(part.octets)
    found["end"] = at
    return found


def _place(number: int, splice: Splice, offsets: dict[str, int]) -> int:
    """The offset that a splice means. Raises LocalError for a place or a stretch that the PDU does not have."""
    end = offsets["end"]
    # By number or by name; a name is a field's, so that a plan survives another length of address.
    at = splice.at if isinstance(splice.at, int) else offsets.get(splice.at)
    # A place that is not there is a mistake in the plan, and would else leave a PDU whole that was to be damaged.
    if at is None:
        raise LocalError(f"wire.splices[{number}]: there is no {splice.at!r} in this PDU")
    if not 0 <= at <= end:
        raise LocalError(f"wire.splices[{number}]: offset {at}, 0 to {end}")
    if not 0 <= splice.delete <= end - at:
        raise LocalError(f"wire.splices[{number}]: {splice.delete} octets to delete, 0 to {end - at}")
    return at


def _amount(place: str, value: int | str, natural: int, width: int) -> int:
    """The number that a length is to be. Raises LocalError for what is no number or does not fit into the width."""
    try:
        amount = value if isinstance(value, int) else int(value, 0)
    except ValueError:
        raise LocalError(f"{place}: {value!r} is no number and no difference such as '+4'") from None
    # The sign makes it a difference, so that a negative number cannot be asked for: no field holds one.
    if isinstance(value, str) and value.strip()[0] in "+-":
        amount += natural
    if not 0 <= amount < 256**width:
        raise LocalError(f"{place}: {amount}, 0 to {256**width - 1}")
    return amount

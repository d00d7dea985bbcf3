"""Any octets, read aloud: the fields of each PDU with offsets, values and meanings, and what makes no sense.

The walk is over the same declarations as the codec's, but never raises and never stops at the first fault.
``as_json`` and ``from_json`` turn a dissection into plain JSON and back into the same octets, faults included; written
by hand, JSON may leave out what has a default and use names for numbers. Both take a ``book``, which names TLVs:
vendor_tlvs.py makes one that knows a vendor's.

This file knows neither streams nor states: the octets begin with a PDU. What numbers mean is looked up in meanings.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.smpp.codec import HEADER_SIZE, is_header_only
from simulator.smpp.constants import COMMAND_NAMES, CommandId, TlvTag, command_name, status_value
from simulator.smpp.errors import LocalError, PduError
from simulator.smpp.fields import Counted, Kind, Octets, Part, Remainder, UnsuccessList, read_layout
from simulator.smpp.meanings import meaning_of, meaning_of_tlv
from simulator.smpp.pdus import PDU_CLASSES, DistributionList, Response, SmeAddress, UnknownPdu, Unsuccess, layout
from simulator.smpp.tlvs import (
    FAILED_AREA,
    TLVS,
    Book,
    Tlv,
    make,
    missing_tlvs,
    parse_tlvs,
    tlv_name,
    tlv_tag,
    value_of,
)

# The header has no declaration, for it is the same in every PDU.
_HEADER_OFFSETS: Final = {"command_length": 0, "command_id": 4, "command_status": 8, "sequence_number": 12}


@dataclass(slots=True)
class Field:
    """One mandatory field; ``offset`` counts from the first octet of the PDU. ``meaning`` is empty for plain values."""

    name: str
    offset: int
    length: int
    value: Any
    meaning: str


@dataclass(slots=True)
class Parameter:
    """One TLV; ``offset`` is that of its tag, ``value`` an int, a str or, as ``octets``, bytes."""

    offset: int
    tag: int
    name: str
    value: int | str | bytes
    octets: bytes
    meaning: str


@dataclass(slots=True)
class Dissection:
    """One PDU, or (``command`` None) octets that are none. ``offset`` counts from the first octet of all.

    ``rest`` are the octets behind the last that could be read; each of ``errors`` names the field and its offset.
    """

    offset: int
    command: str | None = None
    command_length: int | None = None
    command_id: int | None = None
    command_status: int | None = None
    sequence_number: int | None = None
    header_only: bool = False
    fields: list[Field] = field(default_factory=list)
    tlvs: list[Parameter] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    rest: bytes = b""


def dissect(data: bytes, book: Book = TLVS) -> list[Dissection]:
    """What stands in ``data``, PDU by PDU. Never raises; the last entry may be cut short or no PDU at all."""
    found = []
    at = 0
    # To the end, whatever is found: what lies behind a broken PDU is mostly what one is looking for.
    while at < len(data):
        one, at = _dissect_one(data, at, book)
        found.append(one)
    return found


def _dissect_one(data: bytes, start: int, book: Book) -> tuple[Dissection, int]:
    """The entry that begins at ``start``, and where the next one does."""
    left = len(data) - start
    if left < HEADER_SIZE:
        error = f"command_length at {start}: {left} octets are no header"
        return Dissection(start, errors=[error], rest=data[start:]), len(data)
    header = data[start : start + HEADER_SIZE]
    length, command_id, status, sequence = (int.from_bytes(header[at : at + 4], "big") for at in (0, 4, 8, 12))
    # The other way round, a length that is too great in front of a known command, is a PDU cut by a capture.
    if length < HEADER_SIZE or (length > left and command_id not in COMMAND_NAMES):
        # A length that cannot be, or far off and in front of no command: HTTP, TLS, or a stream out of step.
        error = f"command_length at {start}: {length} cannot be, {left} octets are there"
        return Dissection(start, errors=[error], rest=data[start:]), len(data)
    one = Dissection(start, command_name(command_id), length, command_id, status, sequence)
    if length > left:
        one.errors.append(f"command_length at {start}: {length}, but only {left} octets are there")
    # Not to the next thing that looks like a header: the length is all that tells where a PDU ends (SMPP 3.4, 3.2).
    end = min(start + length, len(data))
    _walk(one, data[start:end], book)
    return one, end


def _walk(one: Dissection, frame: bytes, book: Book) -> None:
    """Fill in body, errors and rest of one PDU."""
    pdu_class = PDU_CLASSES.get(one.command_id or 0, UnknownPdu)  # no class has the number 0
    # Judged by what the header says and not by what is left of it: a cut PDU is not one without a body.
    if is_header_only(pdu_class, one.command_length or 0):
        one.header_only = True
        return
    at = HEADER_SIZE
    troubles = []
    for span in read_layout(layout(pdu_class), "", frame, at, len(frame)):
        # A list that is cut reports its trouble twice: with the elements in front, and where it ends.
        if span.trouble and span.trouble not in troubles:
            troubles.append(span.trouble)
            one.errors.append(f"{span.trouble.reason} (at {one.offset + span.offset})")
        # Where a field has no end nothing behind it has a place: the rest is shown as it is.
        if span.value is None:
            one.rest = frame[at:]
            return
        at = span.offset + span.length
        one.fields.append(Field(span.name, span.offset, span.length, span.value, meaning_of(span.name, span.value)))
    _walk_tlvs(one, frame, at, book)
    # An error response lacks what it has nothing to say about (SMPP 5.0, 3.2.1.3).
    if not one.errors and not (one.command_status and issubclass(pdu_class, Response)):
        there = (Tlv(seen.tag) for seen in one.tlvs)
        end = one.offset + len(frame)
        one.errors += [f"{name}: missing (at {end})" for name in missing_tlvs(pdu_class.required_tlvs, there)]


def _walk_tlvs(one: Dissection, frame: bytes, at: int, book: Book) -> None:
    while at < len(frame):
        # One TLV at a time: those in front of a broken one are still good.
        end = at + 4 + int.from_bytes(frame[at + 2 : at + 4], "big") if at + 4 <= len(frame) else len(frame)
        try:
            (tlv,) = parse_tlvs(frame, at, min(end, len(frame)))
        except PduError as error:
            one.errors.append(f"{error.reason} (at {one.offset + at})")
            one.rest = frame[at:]
            return
        tag, octets = tlv
        name = tlv_name(tag, book)
        # One tag with two names: in a response the area is one that failed (SMPP 5.0, 4.4).
        if tag == TlvTag.BROADCAST_AREA_IDENTIFIER and one.command_id == CommandId.BROADCAST_SM_RESP:
            name = FAILED_AREA
        one.tlvs.append(Parameter(at, tag, name, value_of(tlv, book), octets, meaning_of_tlv(tlv)))
        at = end


# ---------------------------------------------------------------- as JSON


def as_json(one: Dissection) -> dict[str, Any]:
    """A dissection as JSON values: octets are hexadecimal strings, addresses of lists are objects."""
    # No PDU has no command, and then there is nothing with an offset or a meaning in it.
    is_pdu = one.command is not None
    # Offsets and meanings stand apart from the values, so that an entry can be edited and written back.
    offsets = dict(_HEADER_OFFSETS) if is_pdu else {}
    meanings = {"command_status": meaning_of("command_status", one.command_status)} if is_pdu else {}
    return {
        "command": one.command,
        "command_id": one.command_id,
        "command_length": one.command_length,
        "command_status": one.command_status,
        "sequence_number": one.sequence_number,
        "header_only": one.header_only,
        "fields": {seen.name: _plain(seen.value) for seen in one.fields},
        "tlvs": [
            {"tag": seen.tag, "name": seen.name, "value": _plain(seen.value), "hex": seen.octets.hex()}
            for seen in one.tlvs
        ],
        "errors": list(one.errors),
        "rest": one.rest.hex(),
        "offsets": offsets
        | {seen.name: seen.offset for seen in one.fields}
        | {f"tlv[{number}]": seen.offset for number, seen in enumerate(one.tlvs)},
        "meanings": meanings
        | {seen.name: seen.meaning for seen in one.fields if seen.meaning}
        | {f"tlv[{number}]": seen.meaning for number, seen in enumerate(one.tlvs) if seen.meaning},
    }


def _plain(value: Any) -> Any:
    match value:
        # Hexadecimal and no text: data_coding decides what a person reads, and the command line shows it.
        case bytes():
            return value.hex()
        # dest_flag is told although it follows from the keys: it is what stands on the wire.
        case SmeAddress():
            return {"dest_flag": 1, **value._asdict()}
        case DistributionList():
            return {"dest_flag": 2, **value._asdict()}
        case Unsuccess():
            return value._asdict()
        case tuple():
            return [_plain(element) for element in value]
    return value


def from_json(document: object, book: Book = TLVS) -> bytes:
    """The octets that JSON stands for: one entry as from ``as_json`` or written by hand, or a list of them.

    By hand: ``command`` or ``command_id``; ``command_status`` may be a name; fields that are left out take their
    defaults (not in an entry with errors, where they were not there); TLVs need a ``tag`` or ``name``, and a ``hex`` or
    ``value`` (``hex`` wins). Lengths follow from the octets unless they are given. ``offsets`` and ``meanings`` are not
    looked at.

    Raises LocalError that names the place: `[2].fields.source_addr_ton: ...`.
    """
    try:
        if isinstance(document, list):
            return b"".join(_entry(one, f"[{number}].", book) for number, one in enumerate(document))
        return _entry(document, "", book)
    except RecursionError:
        # the walk is no deeper than the shape of a PDU, but a refusal quotes what it found
        raise LocalError("document: nested too deeply") from None


def _entry(document: object, place: str, book: Book) -> bytes:
    entry = _mapping(document, place.rstrip(".") or "document")
    # Read first, because octets that are no PDU have nothing else.
    rest = _hex(entry.get("rest", ""), f"{place}rest")
    command_id = _command(entry, place)
    if command_id is None:
        return rest
    status = _status(entry.get("command_status", 0), f"{place}command_status")
    sequence = _number(entry.get("sequence_number", 0), f"{place}sequence_number")
    body = b""
    # Then fields and TLVs are not looked at: the entry says that there were none.
    if not entry.get("header_only"):
        body = _body(command_id, entry, place) + _tlvs(entry.get("tlvs", []), f"{place}tlvs", book)
    given = entry.get("command_length")
    # What it would be; a length that is given is written as it is, for it may be the fault that is to be kept.
    natural = HEADER_SIZE + len(body) + len(rest)
    length = natural if given is None else _number(given, f"{place}command_length")
    return b"".join(one.to_bytes(4, "big") for one in (length, command_id, status, sequence)) + body + rest


def _command(entry: Mapping[str, Any], place: str) -> int | None:
    """The command_id, None where the octets are no PDU. A name and a number that disagree are refused."""
    name, number = entry.get("command"), entry.get("command_id")
    # Neither is octets that are no PDU, as the last entry of a dissection may be.
    if name is None and number is None:
        return None
    if name is None:
        return _number(number, f"{place}command_id")
    if not isinstance(name, str):
        raise LocalError(f"{place}command: {name!r} is no name")
    try:
        # A command without a name is called by its number, as `command_name` does.
        named = _number(int(name, 16) if name.startswith("0x") else int(CommandId[name.upper()]), f"{place}command")
    except (KeyError, ValueError):
        # No nearest name is guessed: commands differ by four letters, and octets would be written for the wrong one.
        raise LocalError(f"{place}command: {name!r} is not known") from None
    # Both are in what `as_json` gives; an edit that changes one of them is a mistake more often than a wish.
    if number is not None and named != number:
        raise LocalError(f"{place}command_id: {number!r}, but command {name} is {named}")
    return named


def _body(command_id: int, entry: Mapping[str, Any], place: str) -> bytes:
    fields = _mapping(entry.get("fields", {}), f"{place}fields")
    pdu_class = PDU_CLASSES.get(command_id, UnknownPdu)
    fallback = pdu_class()
    names = {name for attribute, kind in layout(pdu_class) for name in kind.names(attribute)}
    for name in fields:
        # A typing mistake would else become a PDU with a default in its place.
        if name not in names:
            raise LocalError(f"{place}fields.{name}: {command_name(command_id)} has no such field")
    octets = b""
    for attribute, kind in layout(pdu_class):
        # An interrupted PDU must not grow the fields that it did not have.
        if entry.get("errors") and not any(name in fields for name in kind.names(attribute)):
            continue
        value = fields.get(attribute)
        value = getattr(fallback, attribute) if value is None else _typed(kind, value, f"{place}fields.{attribute}")
        octets += b"".join(_part(part, fields, place) for part in _parts(kind, attribute, value, f"{place}fields."))
    return octets


def _parts(kind: Kind, attribute: str, value: Any, place: str) -> list[Part]:
    try:
        return kind.parts(attribute, value, unchecked=True)
    except LocalError as error:
        raise LocalError(f"{place}{error}") from None


def _part(part: Part, fields: Mapping[str, Any], place: str) -> bytes:
    """The octets of a part; a count that is given is honoured."""
    given = fields.get(part.name) if part.role == "length" else None
    # A count that was read may be wrong: written back, it is wrong in the same way.
    if given is None:
        return part.octets
    return _number(given, f"{place}fields.{part.name}", len(part.octets)).to_bytes(len(part.octets), "big")


def _typed(kind: Kind, value: Any, place: str) -> Any:
    """The value of an attribute: octets from hexadecimal, elements of lists from objects."""
    if isinstance(kind, Octets | Remainder):
        return _hex(value, place)
    if not isinstance(kind, Counted):
        return value
    if not isinstance(value, list):
        raise LocalError(f"{place}: {value!r} is no list")
    return tuple(_element(kind, _mapping(one, f"{place}[{at}]"), f"{place}[{at}]") for at, one in enumerate(value))


def _element(kind: Counted, value: Mapping[str, Any], place: str) -> SmeAddress | DistributionList | Unsuccess:
    # Left out it follows from the name of the list, which no address has.
    flag = value.get("dest_flag", 2 if "dl_name" in value else 1)
    if not isinstance(flag, int) or flag not in {1, 2}:
        raise LocalError(f"{place}.dest_flag: {flag!r}, 1 or 2")
    element = Unsuccess if isinstance(kind, UnsuccessList) else SmeAddress if flag == 1 else DistributionList
    keys = {key: one for key, one in value.items() if key != "dest_flag"}
    for key in keys:
        if key not in element._fields:
            raise LocalError(f"{place}.{key}: {element.__name__} has no such key")
    return element(**keys)


def _tlvs(document: object, place: str, book: Book) -> bytes:
    if not isinstance(document, list):
        raise LocalError(f"{place}: {document!r} is no list")
    octets = b""
    for number, one in enumerate(document):
        tag, value = _tlv(_mapping(one, f"{place}[{number}]"), f"{place}[{number}]", book)
        octets += tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value
    return octets


def _tlv(one: Mapping[str, Any], place: str, book: Book) -> Tlv:
    tag = one.get("tag", one.get("name"))
    try:
        tag = tlv_tag(tag, book) if isinstance(tag, str) else _number(tag, f"{place}.tag", 2)
    except LocalError as error:
        raise error if str(error).startswith(place) else LocalError(f"{place}: {error}") from None
    if "hex" in one:
        value = _hex(one["hex"], f"{place}.hex")
    else:
        value = _tlv_value(tag, one.get("value", ""), f"{place}.value", book)
    # The length of a TLV has two octets, and JSON cannot ask for a lie here: `rest` can.
    if len(value) > 0xFFFF:
        raise LocalError(f"{place}: {len(value)} octets, at most 65535")
    return Tlv(tag, value)


def _tlv_value(tag: int, value: Any, place: str, book: Book) -> bytes:
    """The octets of a TLV's value by its kind; where octets are wanted a string is hexadecimal."""
    definition = book.get(tag)
    # A text would have to be somebody's alphabet; octets are octets.
    if isinstance(value, str) and (definition is None or definition.kind == "octets"):
        return _hex(value, place)
    try:
        return make(tag, value, book).value
    except LocalError as error:
        raise LocalError(f"{place}: {error}") from None


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise LocalError(f"{place}: {value!r} is no object")
    return value


def _number(value: object, place: str, width: int = 4) -> int:
    # true is 1 for Python and nobody else.
    if not isinstance(value, int) or isinstance(value, bool):
        raise LocalError(f"{place}: {value!r} is no integer")
    if not 0 <= value < 256**width:
        raise LocalError(f"{place}: {value}, 0 to {256**width - 1}")
    return value


def _status(value: object, place: str) -> int:
    try:
        return status_value(value) if isinstance(value, str) else _number(value, place)
    except ValueError as error:
        raise LocalError(f"{place}: {str(error).removeprefix('command_status: ')}") from None


def _hex(value: object, place: str) -> bytes:
    try:
        if isinstance(value, str):
            return bytes.fromhex(value)
    except ValueError:
        pass
    raise LocalError(f"{place}: {value!r} is no string of hexadecimal digits")

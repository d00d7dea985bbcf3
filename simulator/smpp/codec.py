"""Octets to PDUs and back: one whole frame, one PDU.

``encode(decode(octets)) == octets`` for everything that decode accepts: statuses in requests, unknown commands, left
out bodies, TLVs of any tag and size, times of any length.

There are two paths over the same declarations (pdus.py). The readable one goes field by field and names what is wrong.
The compiled one is straight-line source, made once per class on first use as dataclasses make their methods; it stops
at any trouble without knowing which, and the readable path is asked for the reason. What it is worth, measured on one
core with CPython 3.11 (microseconds; compiled / readable):

    decode submit_sm                            2.0 / 26
    decode deliver_sm with two TLVs             3.2 / 33
    decode submit_sm_resp                       1.1 / 3.3
    encode submit_sm                            1.1 / 26
    encode deliver_sm with two TLVs             1.9 / 34
    encode submit_sm_resp                       0.46 / 6.5

Making the object alone is 0.4 of a submit_sm's 2.0.

This file does not know where frames begin in a stream, who may send what, nor what is answered.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

from simulator.smpp.constants import CommandStatus
from simulator.smpp.errors import FramingError, LocalError, PduError
from simulator.smpp.fields import CHARACTERS, Integer, Part, Trouble, read_layout
from simulator.smpp.pdus import PDU_CLASSES, Pdu, Response, UnknownPdu, layout
from simulator.smpp.tlvs import parse_tlvs, tlv_parts, write_tlvs
from simulator.smpp.wire import Wire

HEADER_SIZE: Final = 16
"""Octets of command_length, command_id, command_status and sequence_number (SMPP 3.4, 3.2)."""

_HEADER: Final = struct.Struct(">4I")
read_header: Final = _HEADER.unpack_from
_TROUBLE: Final = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError),
    *(struct.error, LocalError, PduError),
)

Decoder = Callable[[bytes, int, int], Pdu]
Encoder = Callable[[Any], bytes]
Writer = Callable[..., bytes]
"""(command_status, sequence_number, every field in wire order) -> octets."""

# Filled on first use of each class, and never changed after that.
_decoders: Final[dict[int, Decoder]] = {}
_encoders: Final[dict[type, Encoder]] = {}


def decode(data: bytes, start: int = 0, end: int | None = None) -> Pdu:
    """The PDU in ``data[start:end]``, which is one whole frame.

    Raises PduError that names the field and the status to answer, FramingError where the octets are no frame, and
    nothing else.
    """
    # For a whole bytes object this copies nothing; raw must be a copy otherwise, for the buffer goes away.
    raw = data[start:end]
    if len(raw) < HEADER_SIZE:
        raise FramingError(CommandStatus.ESME_RINVCMDLEN, f"command_length: {len(raw)} octets are no header")
    length, command_id, status, sequence_number = read_header(raw)
    if length != len(raw):
        # In a stream this cannot be told: connection.py cuts frames by this very length.
        reason = f"command_length: {length}, but the frame has {len(raw)} octets"
        raise FramingError(CommandStatus.ESME_RINVCMDLEN, reason, sequence_number)
    return decode_frame(raw, command_id, status, sequence_number)


def decode_frame(raw: bytes, command_id: int, status: int, sequence_number: int) -> Pdu:
    """The same for a caller who has cut the frame and read its header already. Raises PduError."""
    try:
        return _decoders[command_id](raw, sequence_number, status)
    except _TROUBLE:
        # A broken PDU, or the first of its class: the readable path is right for both.
        if command_id not in _decoders and command_id in PDU_CLASSES:
            _decoders[command_id] = compile_decoder(PDU_CLASSES[command_id])
        return read_pdu(raw)


def encode(pdu: Pdu, wire: Wire | None = None) -> bytes:
    """The octets of a PDU; its ``raw`` is not looked at. ``wire`` tells what is to be wrong with them.

    Raises LocalError naming the field for a value that is over-long, out of range or of the wrong type.
    """
    if wire is not None:
        return wire.apply(parts_of(pdu, unchecked=wire.unchecked))
    try:
        return _encoders[type(pdu)](pdu)
    except _TROUBLE:
        # A PDU that cannot be written, for which this raises, or the first of its class.
        octets = write_pdu(pdu)
        _encoders[type(pdu)] = compile_encoder(type(pdu))
        return octets


# ---------------------------------------------------------------- the readable path


def read_pdu(raw: bytes) -> Pdu:
    """The PDU in a frame whose command_length is known to be right, field by field. Raises PduError."""
    _, command_id, status, sequence_number = read_header(raw)
    pdu_class = PDU_CLASSES.get(command_id, UnknownPdu)
    # An unknown command's number is the object's, a known one's the class's.
    values: dict[str, Any] = {"command_id": command_id} if pdu_class is UnknownPdu else {}
    at = HEADER_SIZE
    if is_header_only(pdu_class, len(raw)):
        values["header_only"] = True
    else:
        attributes = {name for name, _ in layout(pdu_class)}
        # Mandatory fields first, in their order, and never past the PDU's end (SMPP 3.4, 3.2).
        for span in read_layout(layout(pdu_class), "", raw, at, len(raw)):
            if span.trouble:
                raise _error(command_id, sequence_number, span.trouble)
            if span.name in attributes:
                values[span.name] = span.value
            at = span.offset + span.length
    # All that is left are TLVs, in any order (SMPP 3.4, 3.2.4), in whatever PDU: 1 to 3 stray octets are a broken one.
    try:
        tlvs = parse_tlvs(raw, at, len(raw))
    except PduError as error:
        raise _error(command_id, sequence_number, Trouble(error.status, "tlvs", error.reason)) from None
    return pdu_class(sequence_number, status, tlvs, raw, **values)


def is_header_only(pdu_class: type[Pdu], length: int) -> bool:
    """Whether a frame of this length is a response that has a body and left it out (SMPP 3.4, 4.4.2; 5.0, 3.2.1.3)."""
    return length == HEADER_SIZE and issubclass(pdu_class, Response) and bool(layout(pdu_class))


def _error(command_id: int, sequence_number: int, trouble: Trouble) -> PduError:
    return PduError(command_id, sequence_number, trouble.status, trouble.reason, trouble.field)


def write_pdu(pdu: Pdu) -> bytes:
    """The octets of a PDU, field by field. Raises LocalError."""
    return b"".join(part.octets for part in parts_of(pdu))


def parts_of(pdu: Pdu, *, unchecked: bool = False) -> list[Part]:
    """The octets of a PDU as named parts, command_length first. Raises LocalError.

    ``unchecked`` lifts the limits of size.
    """
    # Nothing else has a number: neither a stranger's object nor the bare classes Pdu, Request and Response.
    if getattr(pdu, "command_id", None) is None:
        raise LocalError(f"pdu: {pdu!r} is none that has a command_id")
    number = Integer(4)
    header = [
        part
        for name in ("command_id", "command_status", "sequence_number")
        for part in number.parts(name, getattr(pdu, name))
    ]
    body: list[Part] = []
    if isinstance(pdu, Response) and pdu.header_only:
        # TLVs stand behind the mandatory fields: without these there is no place for them.
        if pdu.tlvs:
            raise LocalError(f"header_only: {len(pdu.tlvs)} TLVs would be left out")
    else:
        for name, kind in layout(type(pdu)):
            body += kind.parts(name, getattr(pdu, name), unchecked=unchecked)
        body += _parts_of_tlvs(pdu.tlvs, unchecked=unchecked)
    length = HEADER_SIZE + sum(len(part.octets) for part in body)
    return [Part("command_length", length.to_bytes(4, "big")), *header, *body]


def _parts_of_tlvs(tlvs: object, *, unchecked: bool) -> list[Part]:
    if not isinstance(tlvs, tuple | list):
        raise LocalError(f"tlvs: {tlvs!r} is no sequence of Tlv")
    found = []
    for number, tlv in enumerate(tlvs):
        tag, length, value = tlv_parts(number, tlv, unchecked=unchecked)
        place = f"tlv[{number}]"
        found += [Part(f"{place}.tag", tag), Part(f"{place}.length", length, "length"), Part(f"{place}.value", value)]
    return found


# ---------------------------------------------------------------- the compiled path


def compile_decoder(pdu_class: type[Pdu]) -> Decoder:
    """The straight-line function (raw, sequence_number, command_status) -> PDU; any of _TROUBLE where it cannot."""
    fields = layout(pdu_class)
    is_response = issubclass(pdu_class, Response)
    lines = ["end = len(raw)"]
    if is_response and fields:
        lines += [f"if end == {HEADER_SIZE}:", "    return pdu_class(sequence_number, command_status, (), raw, True)"]
    if any(kind.is_text for _, kind in fields):
        lines.append('text = raw.decode("latin-1")')
    # Every index is checked by Python itself: one past the end raises IndexError, and a slice is compared with `end`.
    lines.append("at = 0")
    ahead = HEADER_SIZE
    for name, kind in fields:
        more, ahead = kind.decode_lines(name, ahead)
        lines += more
    lines.append(f"at += {ahead}")
    # Positional arguments, for keywords cost half as much again: the order is that of the dataclass's fields.
    arguments = ["sequence_number", "command_status", "parse_tlvs(raw, at, end) if at < end else ()", "raw"]
    arguments += ["False", "None"] if is_response else []
    lines.append(f"return pdu_class({', '.join([*arguments, *(name for name, _ in fields)])})")
    known: dict[str, Any] = {"pdu_class": pdu_class, "parse_tlvs": parse_tlvs}
    known |= {f"read_{name}": kind.read_quickly for name, kind in fields}
    decoder: Decoder = _compile(f"decode_{pdu_class.name}", "raw, sequence_number, command_status", lines, known)
    return decoder


def compile_encoder(pdu_class: type[Pdu]) -> Encoder:
    """The straight-line function (pdu) -> octets; any of _TROUBLE where it cannot."""
    if pdu_class is UnknownPdu:
        # Rare, and its command_id is no constant.
        return write_pdu
    fields = layout(pdu_class)
    lines = []
    if issubclass(pdu_class, Response):
        header = f"header(16, {pdu_class.command_id}, pdu.command_status, pdu.sequence_number)"
        lines += ["if pdu.header_only:", "    if pdu.tlvs:", "        raise ValueError", f"    return {header}"]
    lines += [f"{name} = pdu.{name}" for name, _ in fields]
    lines += _writing(pdu_class, "pdu.command_status", "pdu.sequence_number", "pdu.tlvs")
    encoder: Encoder = _compile(f"encode_{pdu_class.name}", "pdu", lines, _writers(pdu_class))
    return encoder


def compile_writer(pdu_class: type[Pdu]) -> Writer:
    """The same without an object or TLVs: for the one response that is written once per message."""
    arguments = ", ".join(["command_status", "sequence_number", *(name for name, _ in layout(pdu_class))])
    lines = _writing(pdu_class, "command_status", "sequence_number", "")
    writer: Writer = _compile(f"write_{pdu_class.name}", arguments, lines, _writers(pdu_class))
    return writer


def _writing(pdu_class: type[Pdu], status: str, sequence_number: str, tlvs: str) -> list[str]:
    """Lines that return the octets, where each field is a local name and the rest are expressions."""
    fields = layout(pdu_class)
    lines = []
    texts = [name for name, kind in fields if kind.is_text]
    if texts:
        # One search finds a NUL in any of them, and what is no string cannot be added to one.
        checks = [f'"\\0" in "" + {" + ".join(texts)}']
        checks += [check for name, kind in fields for check in kind.checks(name)]
        lines += [f"if {' or '.join(checks)}:", "    raise ValueError"]
    lines += [f"body = {_body(pdu_class)}"]
    if tlvs:
        lines += [f"if {tlvs}:", f"    body += write_tlvs({tlvs})"]
    return [*lines, f"return header(16 + len(body), {pdu_class.command_id}, {status}, {sequence_number}) + body"]


def _writers(pdu_class: type[Pdu]) -> dict[str, Any]:
    known: dict[str, Any] = {"header": _HEADER.pack, "write_tlvs": write_tlvs, "CHARACTERS": CHARACTERS}
    return known | {f"write_{name}": kind.write_quickly for name, kind in layout(pdu_class)}


def _body(pdu_class: type[Pdu]) -> str:
    """The expression of a body: neighbouring texts in one f-string, so that they are made into octets once."""
    terms: list[str] = []
    for name, kind in layout(pdu_class):
        for term in kind.encode_terms(name):
            if term.startswith("{") and terms and terms[-1].startswith("{"):
                terms[-1] += term
            else:
                terms.append(term)
    return " + ".join(f'f"{term}".encode("latin-1")' if term.startswith("{") else term for term in terms) or 'b""'


def _compile(name: str, arguments: str, lines: list[str], known: dict[str, Any]) -> Any:
    source = "\n".join([f"def {name}({arguments}):", *("    " + line for line in lines)])
    exec(compile(source, f"<{name}>", "exec"), known)  # noqa: S102 the source is made of our own declarations only
    return known[name]

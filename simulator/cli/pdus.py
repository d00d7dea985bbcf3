"""PDUs as a person reads them on a terminal: `decode` and `explain` show them so. Knows no command."""

import json
from binascii import unhexlify
from typing import Any, Final

from simulator.smpp.dissect import Dissection, as_json
from simulator.sms.alphabets import read_text
from simulator.sms.languages import UNSHIFTED
from simulator.sms.segments import Udh

HIDDEN: Final = "********"
"""Shown for a password of any length: what is printed may end in a log or in somebody's mail."""
UDHI: Final = 0x40
"""The bit of esm_class that says: the user data begins with a header."""


def shown_pdu(pdu: Dissection) -> str:
    """One PDU as a person reads it: offset, name, value, meaning."""
    shown = as_json(pdu)
    lines = [_title(shown)]
    offsets: dict[str, int] = shown["offsets"]
    meanings: dict[str, str] = shown["meanings"] | _texts(shown)
    for name, value in shown["fields"].items():
        seen = HIDDEN if name == "password" and value else value
        lines.append(_line(offsets.get(name), name, seen, meanings.get(name)))
    for index, tlv in enumerate(shown["tlvs"]):
        name = f"tlv[{index}]"
        label = f"{tlv['name'] or 'unknown TLV'} (0x{tlv['tag']:04X})"
        lines.append(_line(offsets.get(name), label, tlv["value"], meanings.get(name)))
    lines += [f"     !  {error}" for error in shown["errors"]]
    if shown["rest"]:
        lines.append(_line(None, "rest", shown["rest"], None))
    return "\n".join(lines) + "\n"


def _texts(shown: dict[str, Any]) -> dict[str, str]:
    """What a person would read in the user data, by the name of the field or TLV that holds it."""
    fields = shown["fields"]
    held = {"short_message": fields.get("short_message")}
    held |= {f"tlv[{n}]": tlv["hex"] for n, tlv in enumerate(shown["tlvs"]) if tlv["name"] == "message_payload"}
    texts = {}
    for name, digits in held.items():
        if digits:
            octets = unhexlify(digits)
            header = Udh.parse(octets) if fields.get("esm_class", 0) & UDHI else None
            if header:
                octets = octets[header.length :]
            shifts = header.shifts if header else UNSHIFTED
            text = read_text(octets, fields.get("data_coding", 0), shifts=shifts)
            part = f"part {header.part.number} of {header.part.total}: " if header and header.part else ""
            texts[name] = part + json.dumps(text, ensure_ascii=False)
    return texts


def _title(shown: dict[str, Any]) -> str:
    if shown["command_id"] is None:
        return "no PDU"
    name = shown["command"] or f"0x{shown['command_id']:08X}"
    status = shown["meanings"].get("command_status", shown["command_status"])
    length, sequence = shown["command_length"], shown["sequence_number"]
    return f"{name}: command_length {length}, command_status {status}, sequence_number {sequence}"


def _line(offset: int | None, name: str, value: Any, meaning: str | None) -> str:
    place = "" if offset is None else str(offset)
    text = str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)
    return f"{place:>6}  {name:<27} {text}" + (f"  ({meaning})" if meaning else "")


__all__ = ["shown_pdu"]

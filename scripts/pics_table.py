"""The protocol implementation conformance statement: what of SMPP is spoken, as one Markdown file.

Derived from the declarations alone (pdus.py, tlvs.py, states.py), so that it says what the code does; simulator/smpp/
PICS.md is its output and never written by hand.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulator.smpp.constants import RESPONSE, CommandId, TlvTag, Version, command_name
from simulator.smpp.pdus import PDU_CLASSES, GenericNack, Pdu, Request, layout
from simulator.smpp.states import MAY_SEND, Side, State
from simulator.smpp.tlvs import FAILED_AREA, TLVS, TlvDefinition, allowed_tlvs

FILE = Path(__file__).resolve().parent.parent / "simulator" / "smpp" / "PICS.md"
COMMAND = "scripts/pics"
VERSIONS = (Version.V33, Version.V34, Version.V50)
REMOVED = tuple(command for command in CommandId if command not in PDU_CLASSES)
"""Commands that have a number and no PDU: version 3.4 removed them."""

HEAD = f"""# What of SMPP is spoken

The protocol implementation conformance statement (PICS) of the simulator's wire: every PDU and every TLV, the versions
of SMPP that have it, who may send it, and in which states of a connection. Written by `{COMMAND}` from the
declarations in this folder; a test fails when it is stale.

Both sides are implemented, the SMSC's and the ESME's. A link speaks the lower of the bind's interface_version and the
sc_interface_version of its response; without the latter, 3.4 at most. What came with 5.0 is unknown on a link that
does not speak it: a request is answered by generic_nack ESME_RINVCMDID, a TLV is left out of what is sent. Nothing but
mandatory fields goes to an ESME that bound as 3.3. This is about the wire; what the simulated SMSC does with what it is
sent is told in the README.
"""


def name_of(version: Version) -> str:
    """`3.4`."""
    return f"{version >> 4}.{version & 15}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def request_of(pdu_class: type[Pdu]) -> int:
    """The command_id of the request that a PDU is or answers."""
    return pdu_class.command_id & ~RESPONSE


def direction(pdu_class: type[Pdu]) -> str:
    """Who may send it in any state: `ESME to SMSC`, `both`; a response goes the other way than its request."""
    if pdu_class is GenericNack:
        return "both"
    who = Side(0)
    for row in MAY_SEND.values():
        who |= row.get(request_of(pdu_class), Side(0))
    if who is Side.BOTH:
        return "both"
    sender = who if issubclass(pdu_class, Request) else who.other
    return f"{sender.name} to {sender.other.name}"


def states_of(pdu_class: type[Pdu]) -> str:
    """The states in which the request may be sent, and by whom where both may send it at all but not everywhere."""
    if pdu_class is GenericNack:
        return "all but CLOSED"
    legal = {state: row[request_of(pdu_class)] for state, row in MAY_SEND.items() if request_of(pdu_class) in row}
    if set(legal) == set(State) - {State.CLOSED}:
        return "all but CLOSED"
    is_told = len(set(legal.values())) > 1
    # A flag of several bits has a name only if it was given one, as Side.BOTH was.
    return ", ".join(state.value + (f" ({who.name})" if is_told else "") for state, who in legal.items())


def pdu_rows() -> Iterator[list[str]]:
    """A row for each PDU, responses behind their requests, and at the end what version 3.4 removed."""
    for pdu_class in sorted(PDU_CLASSES.values(), key=lambda one: (request_of(one), one.command_id)):
        versions = ["yes" if pdu_class.since <= version else "" for version in VERSIONS]
        required = ", ".join(f"`{TLVS[tag].name}`" for tag in pdu_class.required_tlvs)
        yield [
            *(f"`{pdu_class.name}`", f"0x{pdu_class.command_id:08X}", direction(pdu_class), *versions),
            *(states_of(pdu_class), str(len(layout(pdu_class))), required),
        ]
    for command in sorted(REMOVED, key=lambda one: (one & ~RESPONSE, one)):
        answer = "ignored" if command & RESPONSE else "generic_nack ESME_RINVCMDID"
        versions = ["not here", "removed", "removed"]
        yield [f"`{command_name(command)}`", f"0x{command:08X}", "", *versions, f"none: {answer}", "", ""]


def carriers(definition: TlvDefinition) -> str:
    """The PDUs that may carry a TLV, by the tables of the versions; a PDU of one version only says so."""
    found = []
    for pdu_class in PDU_CLASSES.values():
        having = [version for version in definition.versions if definition.tag in allowed_tlvs(pdu_class.name, version)]
        if having:
            is_told = tuple(having) != definition.versions
            found.append(f"`{pdu_class.name}`" + (f" ({name_of(having[0])})" if is_told else ""))
    return ", ".join(found)


def tlv_rows() -> Iterator[list[str]]:
    """A row for each tag, in the order of the numbers."""
    for tag, one in sorted(TLVS.items()):
        size = str(one.size_max) if one.size_min == one.size_max else f"{one.size_min} to {one.size_max}"
        name = f"`{one.name}`" + (
            f" (`{FAILED_AREA}` in a response)" if tag == TlvTag.BROADCAST_AREA_IDENTIFIER else ""
        )
        versions = ["yes" if version in one.versions else "" for version in VERSIONS]
        yield [f"0x{tag:04X}", name, one.kind, size, *versions, carriers(one)]


def pics() -> str:
    """The whole file."""
    versions = [name_of(version) for version in VERSIONS]
    lines = [
        HEAD,
        f"## PDUs ({len(PDU_CLASSES)})",
        "",
        "*States* are those in which the request may be sent; its response may be sent in any. *Fields* counts the",
        "mandatory ones behind the header. A missing mandatory TLV is answered by ESME_RMISSINGTLV.",
        "",
        *table(["PDU", "command_id", "direction", *versions, "states", "fields", "mandatory TLVs"], pdu_rows()),
        "",
        f"## TLVs ({len(TLVS)})",
        "",
        "*Size* is that of the value in octets, a NUL included; *in* names the PDUs by the specifications' tables, and",
        "is no limit for what is read. Unknown, repeated and ill-sized TLVs are read, kept and written as they are.",
        "A vendor's own tags (0x1400 to 0x3FFF are set aside for them) can be declared by name.",
        "",
        *table(["tag", "name", "type", "size", *versions, "in"], tlv_rows()),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Read the command line; write, or compare."""
    parser = ArgumentParser(prog=COMMAND, description="Write the conformance statement of the wire.")
    parser.add_argument("--check", action="store_true", help="only tell whether the file is up to date")
    is_check = parser.parse_args().check
    text = pics()
    if is_check:
        if FILE.is_file() and FILE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{FILE} is stale: run {COMMAND}")
        return 1
    FILE.write_text(text, encoding="utf-8")
    print(f"{FILE}: {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Hypothesis strategies for PDUs and TLVs, derived from the declarations: a new PDU is covered by being declared."""

from typing import Any

from hypothesis import strategies as st

from simulator.smpp.constants import CommandStatus
from simulator.smpp.fields import (
    CString,
    DestinationList,
    DistributionList,
    Integer,
    Kind,
    Octets,
    Remainder,
    SmeAddress,
    Time,
    Unsuccess,
    UnsuccessList,
)
from simulator.smpp.pdus import PDU_CLASSES, Pdu, Response, UnknownPdu, layout
from simulator.smpp.tlvs import TLVS, Tlv

CHARACTERS = st.characters(min_codepoint=1, max_codepoint=255)
NUMBER = st.integers(0, 2**32 - 1)
OCTET = st.integers(0, 255)
ADDRESS = st.text(CHARACTERS, max_size=20)


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Any legal value of a field, and for times any that the codec keeps."""
    match kind:
        case Integer(width):
            return st.integers(0, 256**width - 1)
        case Time():
            return st.sampled_from(["", "261121123000000+", "000007000000000R"]) | st.text(CHARACTERS, max_size=25)
        case CString(size_max):
            return st.text(CHARACTERS, max_size=size_max - 1)
        case Octets():
            return st.binary(max_size=255)
        case Remainder():
            return st.binary(max_size=60)
        case DestinationList():
            place = st.builds(SmeAddress, OCTET, OCTET, ADDRESS) | st.builds(DistributionList, ADDRESS)
            return st.lists(place, max_size=4).map(tuple)
        case UnsuccessList():
            return st.lists(st.builds(Unsuccess, OCTET, OCTET, ADDRESS, NUMBER), max_size=4).map(tuple)
    raise AssertionError(kind)


def _tlv(tag: int) -> st.SearchStrategy[Tlv]:
    definition = TLVS[tag]
    return st.binary(min_size=definition.size_min, max_size=min(definition.size_max, 40)).map(
        lambda value: Tlv(tag, value)
    )


def _wide(tag: int) -> bool:
    return TLVS[tag].size_min <= 40


KNOWN_TLVS = st.sampled_from(sorted(filter(_wide, TLVS))).flatmap(_tlv)
# Unknown tags, and known ones with a size that they cannot have.
ANY_TLVS = st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=12))
TLV_LISTS = st.lists(KNOWN_TLVS | ANY_TLVS, max_size=4).map(tuple)
STATUSES = st.sampled_from([int(status) for status in CommandStatus]) | NUMBER


@st.composite
def pdus_of(draw: st.DrawFn, pdu_class: type[Pdu]) -> Pdu:
    """Any legal PDU of a class: any status, sequence number and TLVs."""
    header: dict[str, Any] = {"sequence_number": draw(NUMBER), "command_status": draw(STATUSES)}
    if issubclass(pdu_class, Response) and layout(pdu_class) and draw(st.booleans()):
        return pdu_class(**header, header_only=True)
    body = {name: draw(values(kind)) for name, kind in layout(pdu_class)}
    required = tuple(draw(_tlv(tag)) for tag in pdu_class.required_tlvs)
    return pdu_class(**header, **body, tlvs=required + draw(TLV_LISTS))


UNKNOWN_IDS = NUMBER.filter(lambda command_id: command_id not in PDU_CLASSES)
UNKNOWN_PDUS = st.builds(
    UnknownPdu, sequence_number=NUMBER, command_status=NUMBER, command_id=UNKNOWN_IDS, body=st.binary(max_size=60)
)
KNOWN_PDUS = st.sampled_from(list(PDU_CLASSES.values())).flatmap(pdus_of)
PDUS = KNOWN_PDUS | UNKNOWN_PDUS


@st.composite
def mutated(draw: st.DrawFn, octets: st.SearchStrategy[bytes]) -> bytes:
    """Octets that were right, with a few octets changed, put in or taken out."""
    found = bytearray(draw(octets))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(found)))
        change = draw(st.sampled_from(["set", "insert", "cut"]))
        if change == "insert":
            found[at:at] = draw(st.binary(min_size=1, max_size=3))
        elif change == "cut":
            del found[at : at + draw(st.integers(1, 5))]
        elif at < len(found):
            found[at] = draw(OCTET)
    return bytes(found)


def framed(body: bytes, command_id: int, status: int = 0, sequence_number: int = 1) -> bytes:
    """A body behind a header whose command_length is right."""
    return b"".join(one.to_bytes(4, "big") for one in (16 + len(body), command_id, status, sequence_number)) + body


ANY_FRAMES = st.builds(framed, st.binary(max_size=120), st.sampled_from(list(PDU_CLASSES)) | NUMBER, STATUSES, NUMBER)

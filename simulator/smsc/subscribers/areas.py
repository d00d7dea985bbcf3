"""What the TLVs of a broadcast_sm say: where to, how often, what about; and the status of each that says nothing legal.

PDUs and TLVs only (SMPP 5.0, 4.4.1 and 4.8.4.2 to 4.8.4.12). What a broadcast is and becomes stands in broadcasts.py.
"""

from typing import Final, NamedTuple

from simulator.smpp.broadcasts import BroadcastSm
from simulator.smpp.constants import CommandStatus, TlvTag
from simulator.smpp.tlvs import Tlv, check_tlvs, first, tlv_int

AREAS_MAX: Final = 255
"""How many areas one broadcast may name: ours, for the specification has no bound."""
ALIAS, ELLIPSOID_ARC, POLYGON = range(3)
"""Formats of an area: a name, or a shape by its coordinates (SMPP 5.0, 4.8.4.3)."""
FORMATS: Final = {ALIAS: "alias", ELLIPSOID_ARC: "ellipsoid_arc", POLYGON: "polygon"}

UNITS: Final = {
    0x08: 1.0,
    0x09: 60.0,
    0x0A: 3_600.0,
    0x0B: 86_400.0,
    0x0C: 604_800.0,
    # a month and a year as everybody reckons who has no calendar
    0x0D: 2_592_000.0,
    0x0E: 31_536_000.0,
}
"""Seconds of each unit of broadcast_frequency_interval."""
AS_SOON_AS_POSSIBLE: Final = 0x00
SHORTEST: Final = 1.883
"""Seconds between two broadcasts that follow as soon as possible: GSM's cell broadcast period (3GPP 23.041, 9.3.5)."""
IMMEDIATE: Final = 1
"""The priority_flag that asks for one broadcast at once, whatever broadcast_rep_num says (SMPP 5.0, 4.7.19)."""
PRIORITY_MAX: Final = 4
_NETWORKS: Final = range(4)
_CLASSES: Final = range(4)
_CHANNELS: Final = range(2)


class Schedule(NamedTuple):
    """How often a broadcast is repeated: ``repetitions`` in all (0: until its validity ends), seconds in between."""

    repetitions: int
    interval: float


def objection(pdu: BroadcastSm) -> int:
    """ESME_ROK, or the status that says why this is no legal broadcast, whatever its areas and times are."""
    broken = check_tlvs(pdu)
    if broken is not None:
        return broken[0]
    if pdu.priority_flag > PRIORITY_MAX:
        return CommandStatus.ESME_RINVPRTFLG
    if pdu.replace_if_present_flag > 1:
        return CommandStatus.ESME_RINVREPFLAG
    if pdu.sm_default_msg_id and first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD) is None:
        return CommandStatus.ESME_RINVDFTMSGID
    if _octet(pdu, TlvTag.BROADCAST_CONTENT_TYPE) not in _NETWORKS:
        return CommandStatus.ESME_RINVBCASTCNTTYPE
    if _octet(pdu, TlvTag.BROADCAST_MESSAGE_CLASS) not in _CLASSES:
        return CommandStatus.ESME_RINVBCASTMSGCLASS
    if _octet(pdu, TlvTag.BROADCAST_CHANNEL_INDICATOR) not in _CHANNELS:
        return CommandStatus.ESME_RINVBCASTCHANIND
    if schedule_of(pdu) is None:
        return CommandStatus.ESME_RINVBCASTFREQINT
    if len(areas_of(pdu)) > AREAS_MAX:
        return CommandStatus.ESME_RINVNUMBCAST_AREAS
    return 0


def _octet(pdu: BroadcastSm, tag: int) -> int:
    """The first octet of a TLV, 0 where it is not there: that is the default of all of them."""
    tlv = first(pdu.tlvs, tag)
    return 0 if tlv is None else tlv.value[0]


def areas_of(pdu: BroadcastSm) -> tuple[bytes, ...]:
    """The areas, in their order."""
    return tuple(tlv.value for tlv in pdu.tlvs if tlv.tag == TlvTag.BROADCAST_AREA_IDENTIFIER)


def objection_to_area(area: bytes) -> int:
    """ESME_ROK, or why nothing can be broadcast to this area."""
    if area[0] not in FORMATS:
        return CommandStatus.ESME_RINVBCASTAREAFMT
    if area[0] != ALIAS:
        return 0 if len(area) > 1 else CommandStatus.ESME_RINVBCASTAREAFMT
    name = area[1:].rstrip(b"\0")
    return 0 if name and name.isascii() and name.decode().isprintable() else CommandStatus.ESME_RINVBCASTALIAS_NAME


def failures(refused: dict[bytes, int]) -> tuple[Tlv, ...]:
    """The refused areas for a broadcast_sm_resp: of each the status and the area, as pairs (SMPP 5.0, 4.4.2)."""
    pairs = (
        (tlv_int(TlvTag.BROADCAST_ERROR_STATUS, status), Tlv(TlvTag.BROADCAST_AREA_IDENTIFIER, area))
        for area, status in refused.items()
    )
    return tuple(tlv for pair in pairs for tlv in pair)


def schedule_of(pdu: BroadcastSm) -> Schedule | None:
    """How often, by the two mandatory TLVs; None for an interval that is none."""
    repetitions = first(pdu.tlvs, TlvTag.BROADCAST_REP_NUM)
    interval = first(pdu.tlvs, TlvTag.BROADCAST_FREQUENCY_INTERVAL)
    # the connection has refused a broadcast_sm that lacks one of them
    assert repetitions is not None
    assert interval is not None
    unit, count = interval.value[0], int.from_bytes(interval.value[1:], "big")
    if unit != AS_SOON_AS_POSSIBLE and (unit not in UNITS or not count):
        return None
    times = 1 if pdu.priority_flag == IMMEDIATE else int.from_bytes(repetitions.value, "big")
    # two broadcasts cannot be closer than the network makes them
    return Schedule(times, max(SHORTEST, UNITS.get(unit, 0.0) * count))

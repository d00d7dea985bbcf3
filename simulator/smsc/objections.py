"""Whether a PDU is a legal submission (SMPP 3.4, 5.2 and 5.3; SMPP 5.0, 4.7), and what its modes and times ask for.

It knows PDUs and versions of SMPP. What a message is it does not know, nor what becomes of it.
"""

from typing import Final

from simulator.smpp.constants import CommandStatus, TlvTag, Version
from simulator.smpp.pdus import DataSm, SubmitMulti, SubmitSm
from simulator.smpp.times import parse_time
from simulator.smpp.tlvs import check_tlvs, first

Submitting = SubmitSm | SubmitMulti | DataSm

UDHI: Final = 0x40
TYPE_MASK: Final = 0x3C
MODE_MASK: Final = 0x03
DATAGRAM: Final = 0x01
TRANSACTION: Final = 0x02
ONE_TRY: Final = frozenset({DATAGRAM, TRANSACTION})
"""The modes in which nothing is stored, nor told by a receipt (SMPP 3.4, 2.10.2 and 2.10.3)."""
PRIORITY_MAX: Final = 3
"""4 is SMPP 5.0's, for cell broadcast alone, and has its place in broadcast_sm."""
RECEIPTS_ASKED: Final = 0x13
"""Those bits of registered_delivery that ask the SMSC for something: a receipt, an intermediate notification."""

UNUSUAL: Final = -1
"""What ``first_look`` says of a PDU that has to be looked at again: no status of SMPP is negative."""

_RESERVED_TYPES: Final = frozenset({0x0C, 0x14, 0x1C, *range(0x24, 0x40, 4)})
# 3, store and forward, is what 0 means with every SMSC; Kannel says it always
_USUAL_CLASSES: Final = frozenset(mode | features for mode in (0x00, 0x03) for features in (0x00, 0x40, 0x80, 0xC0))


def first_look(pdu: SubmitSm | DataSm) -> int:
    """ESME_ROK for a submission like nearly all, UNUSUAL for one about which more has to be asked, else its status."""
    if type(pdu) is SubmitSm and not (
        pdu.tlvs
        or pdu.esm_class not in _USUAL_CLASSES
        or pdu.priority_flag > PRIORITY_MAX
        or pdu.replace_if_present_flag
        or pdu.sm_default_msg_id
    ):
        return 0 if pdu.destination_addr else CommandStatus.ESME_RINVDSTADR
    return UNUSUAL


def objection(pdu: Submitting, version: int) -> int:
    """ESME_ROK, or the status that says why this PDU is no legal submission on a link of this version."""
    if pdu.tlvs:
        broken = check_tlvs(pdu)
        if broken is not None:
            return broken[0]
    if (pdu.esm_class & TYPE_MASK) in _RESERVED_TYPES:
        return CommandStatus.ESME_RINVESMCLASS
    if isinstance(pdu, DataSm):
        if not pdu.destination_addr:
            return CommandStatus.ESME_RINVDSTADR
        # SMPP 5.0, 4.7.6 names the missing message_payload of a data_sm as what this status is for
        return 0 if first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD) else CommandStatus.ESME_RMISSINGTLV
    return _objection_to_fields(pdu) or _objection_to_mode(pdu, version)


def _objection_to_fields(pdu: SubmitSm | SubmitMulti) -> int:
    """ESME_ROK, or the status of the first field that says nothing legal."""
    if pdu.priority_flag > PRIORITY_MAX:
        return CommandStatus.ESME_RINVPRTFLG
    if pdu.replace_if_present_flag > 1:
        return CommandStatus.ESME_RINVREPFLAG
    if pdu.sm_default_msg_id and not pdu.short_message:
        return CommandStatus.ESME_RINVDFTMSGID
    if isinstance(pdu, SubmitMulti):
        if not pdu.dest_address:
            return CommandStatus.ESME_RINVNUMDESTS
        return CommandStatus.ESME_RINVSUBREP if pdu.replace_if_present_flag else 0
    return 0 if pdu.destination_addr else CommandStatus.ESME_RINVDSTADR


def _objection_to_mode(pdu: SubmitSm | SubmitMulti, version: int) -> int:
    """ESME_ROK, or why a submission may not go in the mode that it asks for (SMPP 3.4, 5.2.12; SMPP 5.0, 4.7.12)."""
    mode = pdu.esm_class & MODE_MASK
    # SMPP 3.4 has transaction mode in data_sm alone, 5.0 in submit_sm, too; one answer cannot tell many outcomes
    if mode == TRANSACTION and (isinstance(pdu, SubmitMulti) or version < Version.V50):
        return CommandStatus.ESME_RINVESMCLASS
    # neither of these modes stores anything, so nothing can be kept for later
    if mode in ONE_TRY and pdu.schedule_delivery_time:
        return CommandStatus.ESME_RINVSCHED
    return 0


def payload_of(pdu: Submitting) -> bytes:
    """The user data: message_payload where there is one (SMPP 5.0, 4.8.4.36), else short_message."""
    if pdu.tlvs:
        payload = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
        if payload is not None:
            return payload.value
    return b"" if isinstance(pdu, DataSm) else pdu.short_message


def times_of(pdu: Submitting, at: float) -> tuple[float | None, float | None, int]:
    """(scheduled, expires, status) of a submission that came at carrier time ``at`` (SMPP 3.4, 5.2.15, 5.2.16).

    A schedule that lies in the past is none; a validity that does is refused.
    """
    if isinstance(pdu, DataSm):
        seconds = first(pdu.tlvs, TlvTag.QOS_TIME_TO_LIVE)
        return None, None if seconds is None else at + int.from_bytes(seconds.value, "big"), 0
    return spans(pdu.schedule_delivery_time, pdu.validity_period, at)


def spans(schedule_delivery_time: str, validity_period: str, at: float) -> tuple[float | None, float | None, int]:
    """The same for the two fields alone, as replace_sm and broadcast_sm have them."""
    try:
        scheduled = parse_time(schedule_delivery_time, at)
    except ValueError:
        return None, None, CommandStatus.ESME_RINVSCHED
    try:
        expires = parse_time(validity_period, at)
    except ValueError:
        return None, None, CommandStatus.ESME_RINVEXPIRY
    if scheduled is not None and scheduled <= at:
        scheduled = None
    if expires is not None and expires < (scheduled or at):
        return None, None, CommandStatus.ESME_RINVEXPIRY
    return scheduled, expires, 0

"""The receipt of a message as it looks where no scenario says otherwise (SMPP 3.4, 2.11 and appendix B).

It knows a message, what has become of it and what its sender wants to be told; when it leaves, and to whom, it does
not know.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Final

from simulator.smpp.constants import MessageState, TlvTag, Version
from simulator.smpp.pdus import DataSm, DeliverSm
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.sms.languages import ESCAPE
from simulator.sms.receipts import date10, receipt_octets, stat_of
from simulator.smsc.objections import UDHI
from simulator.smsc.play.unsaid import err_of
from simulator.smsc.translate import (
    DELIVERED,
    Cause,
    Outcome,
    Submission,
    empty_deliver_sm,
    wire_state,
)

# a named tuple's own __new__ is a Python function, and costs twice as much
_tlv: Final[Callable[[tuple[int, bytes]], Tlv]] = partial(tuple.__new__, Tlv)

RECEIPT: Final = 0x04
INTERMEDIATE: Final = 0x20
RECEIPTED_MESSAGE_ID: Final = int(TlvTag.RECEIPTED_MESSAGE_ID)
ADDRESS_MAX: Final = 20
"""Characters of an address in every PDU but data_sm, which takes 64."""
# a plain number: a member of an enum is slow to look up in a cache, which happens once per receipt
_DELIVERED: Final = int(MessageState.DELIVERED)


def wants(message: Submission, outcome: Outcome) -> bool:
    """Whether the sender asked to be told of this outcome (SMPP 3.4, 5.2.17; SMPP 5.0, 4.7.21 for success only)."""
    asked = message.registered_delivery
    if not outcome.is_final:
        return bool(asked & 0x10)
    asked &= 0x03
    if asked == 1 or not asked:
        return asked == 1
    return (outcome.state == DELIVERED) == (asked == 3)


def receipt_from(
    message: Submission, outcome: Outcome, at: float, version: int = Version.V34, vendors: tuple[Tlv, ...] = ()
) -> DeliverSm | DataSm:
    """The receipt of an outcome that happened at carrier time ``at`` (SMPP 3.4, 2.11 and appendix B).

    Addresses are swapped; message_state comes first and receipted_message_id last, because one client finds the id
    only there. ``version`` is what is spoken with its receiver: older ones do not know every state; ``vendors`` are
    the TLVs that the message's network adds.
    """
    cause = outcome.cause
    err = "000" if cause is None else cause.err
    stat, state, dlvrd = outcome.state, _DELIVERED, "001"
    if stat != DELIVERED:
        err = err_of(stat, cause)
        state, dlvrd = wire_state(stat, version), "000"
        stat = stat_of(state)
    text = receipt_octets(
        message.message_id,
        stat=stat,
        submitted=date10(message.submitted_at),
        done=date10(at),
        err=err,
        dlvrd=dlvrd,
        text=_beginning(message),
    )
    tlvs = [_state_tlv(state)]
    pdu = message.pdu
    if pdu is not None and pdu.tlvs:
        reference = first(pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
        if reference is not None:
            tlvs.append(reference)
    if err != "000":
        tlvs += network_error(cause)
    tlvs += vendors
    tlvs.append(_tlv((RECEIPTED_MESSAGE_ID, message.message_id.encode("latin-1") + b"\0")))
    source, destination = message.destination, message.source
    esm_class = RECEIPT if outcome.is_final else INTERMEDIATE
    if len(source.number) > ADDRESS_MAX or len(destination.number) > ADDRESS_MAX:
        return DataSm(
            source_addr_ton=source.ton,
            source_addr_npi=source.npi,
            source_addr=source.number,
            dest_addr_ton=destination.ton,
            dest_addr_npi=destination.npi,
            destination_addr=destination.number,
            esm_class=esm_class,
            tlvs=(*tlvs, Tlv(TlvTag.MESSAGE_PAYLOAD, text)),
        )
    receipt = empty_deliver_sm(source, destination)
    receipt.esm_class = esm_class
    receipt.short_message = text
    receipt.tlvs = tuple(tlvs)
    return receipt


def network_error(cause: Cause | None) -> tuple[Tlv, ...]:
    """network_error_code of a cause that the network has a number for (SMPP 3.4, 5.3.2.31), else nothing."""
    if cause is None or cause.err == "000" or not cause.err.isdigit():
        return ()
    # octet 1: 3 is GSM
    return (Tlv(TlvTag.NETWORK_ERROR_CODE, b"\x03" + int(cause.err).to_bytes(2, "big")),)


def _beginning(message: Submission) -> str | bytes:
    """The first 20 characters of the text; as GSM octets where these are its characters one by one."""
    pdu = message.pdu
    if pdu is not None and not pdu.data_coding and not pdu.esm_class & UDHI:
        octets = message.octets[:20]
        if ESCAPE not in octets:
            return octets
    return message.text[:20]


@cache
def _state_tlv(state: int) -> Tlv:
    return tlv_int(TlvTag.MESSAGE_STATE, state)


__all__ = ["RECEIPTED_MESSAGE_ID", "network_error", "receipt_from", "wants"]

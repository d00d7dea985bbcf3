"""Responses in the form that an account's terms and version give them: with or without a body, how full the SMSC is.

It knows terms and PDUs, and decides nothing about any request.
"""

from typing import TYPE_CHECKING, Final, TypeVar

from simulator.smpp import pdus
from simulator.smpp.constants import CommandId, MessageState, TlvTag
from simulator.smpp.tlvs import tlv_int
from simulator.smsc.congestion import congestion_of

if TYPE_CHECKING:
    from simulator.smsc.session import Session

R = TypeVar("R", bound=pdus.Pdu)

_HEADER_ALONE: Final = frozenset(
    {
        CommandId.ENQUIRE_LINK_RESP,
        CommandId.UNBIND_RESP,
        CommandId.GENERIC_NACK,
        CommandId.CANCEL_SM_RESP,
        CommandId.REPLACE_SM_RESP,
        CommandId.CANCEL_BROADCAST_SM_RESP,
    }
)
"""Responses without any body (SMPP 5.0, 4.1.1, 4.1.2, 4.2.5, 4.5 and 4.6)."""


def formed(session: "Session", response: R, now: float) -> R:
    """A response in the form that the terms give an error its body or none; TLVs need one."""
    if session.speaks_version_5 and response.command_id not in _HEADER_ALONE:
        # SMPP 5.0, 4.8.4.18: in any response, to nobody else; those of a header alone have no place for a TLV,
        # and who takes the specification at its word reads 16 octets of them
        response.tlvs += (tlv_int(TlvTag.CONGESTION_STATE, congestion_of(session, now)),)
    if response.command_status and isinstance(response, pdus.Response):
        response.header_only = not (response.tlvs or session.terms.has_error_body(response.command_id))
        if isinstance(response, pdus.QuerySmResp):
            response.message_state = response.message_state or MessageState.UNKNOWN
    return response


__all__ = ["formed"]

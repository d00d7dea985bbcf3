"""The PDUs of cell broadcast, of version 5.0 (SMPP 5.0, 4.4 and 4.6): to everybody in an area, not to a number.

They alone have TLVs that are mandatory. A broadcast has no destination but areas, which stand in TLVs because there may
be many, and no registered_delivery: how it went is asked for by query_broadcast_sm, and told in percent.

This file does not know octets, states, nor what an SMSC does about a broadcast.
"""

from dataclasses import dataclass
from typing import ClassVar

from simulator.smpp.constants import CommandId, TlvTag, Version
from simulator.smpp.pdu import (
    MessageId,
    Number,
    Request,
    Response,
    ScheduleTime,
    ServiceType,
    SourceAddress,
    ValidityTime,
)


@dataclass(slots=True)
class BroadcastSmResp(Response):
    """SMPP 5.0, 4.4.

    Areas that failed come as pairs of TLVs: a broadcast_error_status, and the broadcast_area_identifier it is about.
    """

    command_id: ClassVar[int] = int(CommandId.BROADCAST_SM_RESP)
    name: ClassVar[str] = "broadcast_sm_resp"
    since: ClassVar[Version] = Version.V50

    message_id: MessageId = ""


@dataclass(slots=True)
class BroadcastSm(Request):
    """SMPP 5.0, 4.4; the text, if any, is in the TLV message_payload.

    ``message_id`` is that of the broadcast to replace (replace_if_present_flag 1), and else empty.
    """

    command_id: ClassVar[int] = int(CommandId.BROADCAST_SM)
    name: ClassVar[str] = "broadcast_sm"
    since: ClassVar[Version] = Version.V50
    response_class: ClassVar[type[Response] | None] = BroadcastSmResp
    # In the order of the specification's table. The area may come several times, the others once.
    required_tlvs: ClassVar[tuple[int, ...]] = (
        int(TlvTag.BROADCAST_AREA_IDENTIFIER),
        # What phones choose by: a subscriber listens to weather and not to traffic.
        int(TlvTag.BROADCAST_CONTENT_TYPE),
        # Two octets, whatever Kannel (three) and Wireshark (one) make of it.
        int(TlvTag.BROADCAST_REP_NUM),
        # The only one whose octets begin with a unit; its own status is ESME_RINVBCASTFREQINT.
        int(TlvTag.BROADCAST_FREQUENCY_INTERVAL),
    )

    service_type: ServiceType = ""
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""
    message_id: MessageId = ""
    # 4 is a priority that only cell broadcast has: in the background.
    priority_flag: Number = 0
    # How often and until when: with broadcast_rep_num 0 validity_period alone ends the repeats.
    schedule_delivery_time: ScheduleTime = ""
    # Kannel's table has a registered_delivery behind this one; no specification does, and neither have we.
    validity_period: ValidityTime = ""
    # 1 needs message_id or user_message_reference, and fails where nothing matches; a submit_sm would be a new message.
    replace_if_present_flag: Number = 0
    # Of message_payload: there is no short_message here, as there is none in data_sm.
    data_coding: Number = 0
    sm_default_msg_id: Number = 0


@dataclass(slots=True)
class QueryBroadcastSmResp(Response):
    """SMPP 5.0, 4.6; what is known stands in the TLVs message_state, broadcast_area_identifier and ..._success."""

    command_id: ClassVar[int] = int(CommandId.QUERY_BROADCAST_SM_RESP)
    name: ClassVar[str] = "query_broadcast_sm_resp"
    since: ClassVar[Version] = Version.V50
    required_tlvs: ClassVar[tuple[int, ...]] = (
        int(TlvTag.MESSAGE_STATE),
        int(TlvTag.BROADCAST_AREA_IDENTIFIER),
        # As many as there are areas, in their order: a percentage each, 255 where the network does not tell.
        int(TlvTag.BROADCAST_AREA_SUCCESS),
    )

    # The table calls it an integer, of up to 65 octets: a misprint, for it echoes the one that was asked for.
    message_id: MessageId = ""


@dataclass(slots=True)
class QueryBroadcastSm(Request):
    """SMPP 5.0, 4.6; without a ``message_id`` it asks by the TLV user_message_reference."""

    command_id: ClassVar[int] = int(CommandId.QUERY_BROADCAST_SM)
    name: ClassVar[str] = "query_broadcast_sm"
    since: ClassVar[Version] = Version.V50
    response_class: ClassVar[type[Response] | None] = QueryBroadcastSmResp

    message_id: MessageId = ""
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""


@dataclass(slots=True)
class CancelBroadcastSmResp(Response):
    """SMPP 5.0, 4.6."""

    command_id: ClassVar[int] = int(CommandId.CANCEL_BROADCAST_SM_RESP)
    name: ClassVar[str] = "cancel_broadcast_sm_resp"
    since: ClassVar[Version] = Version.V50


@dataclass(slots=True)
class CancelBroadcastSm(Request):
    """SMPP 5.0, 4.6; without a ``message_id`` it cancels by the TLV user_message_reference.

    The TLV broadcast_content_type narrows it down. There is no destination, as there is in cancel_sm.
    """

    command_id: ClassVar[int] = int(CommandId.CANCEL_BROADCAST_SM)
    name: ClassVar[str] = "cancel_broadcast_sm"
    since: ClassVar[Version] = Version.V50
    response_class: ClassVar[type[Response] | None] = CancelBroadcastSmResp

    service_type: ServiceType = ""
    message_id: MessageId = ""
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""

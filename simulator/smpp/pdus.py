"""Every PDU, declared once: its fields in wire order, under the specification's names, with the kind of each.

The codec, the dissector, PICS.md and the tests' strategies are derived from these declarations; adding a PDU means
adding a class here (those of cell broadcast stand in broadcasts.py, what all have in common in pdu.py). Counts
(sm_length, number_of_dests, no_unsuccess) follow from what they count and are no attributes.

This file does not know octets (codec.py), who may send what (states.py), nor what a message means.
"""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, Final, get_type_hints

from simulator.smpp.broadcasts import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CancelBroadcastSmResp,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
)
from simulator.smpp.constants import RESPONSE, CommandId, Version, command_name
from simulator.smpp.errors import LocalError
from simulator.smpp.fields import (
    CString,
    DestinationList,
    DistributionList,
    Kind,
    Layout,
    Remainder,
    SmeAddress,
    Time,
    Unsuccess,
    UnsuccessList,
)
from simulator.smpp.pdu import (
    DestinationAddress,
    LongDestinationAddress,
    LongSourceAddress,
    MessageId,
    Number,
    Password,
    Pdu,
    Request,
    Response,
    ScheduleTime,
    ServiceType,
    ShortMessage,
    SourceAddress,
    SystemId,
    SystemType,
    ValidityTime,
)
from simulator.smpp.tlvs import Tlv

# fmt: off
__all__ = [
    "PDU_CLASSES", "AlertNotification", "BindReceiver", "BindReceiverResp", "BindTransceiver", "BindTransceiverResp",
    "BindTransmitter", "BindTransmitterResp", "BroadcastSm", "BroadcastSmResp", "CancelBroadcastSm",
    "CancelBroadcastSmResp", "CancelSm", "CancelSmResp", "DataSm", "DataSmResp", "DeliverSm", "DeliverSmResp",
    "DistributionList", "EnquireLink", "EnquireLinkResp", "GenericNack", "Outbind", "Pdu", "QueryBroadcastSm",
    "QueryBroadcastSmResp", "QuerySm", "QuerySmResp", "ReplaceSm", "ReplaceSmResp", "Request", "Response",
    "SmeAddress", "SubmitMulti",
    "SubmitMultiResp", "SubmitSm", "SubmitSmResp", "Tlv", "Unbind", "UnbindResp", "UnknownPdu", "Unsuccess", "layout",
    "response_to",
]
# fmt: on


@dataclass(slots=True)
class GenericNack(Response):
    """The answer to what could not be answered properly (SMPP 3.4, 4.3.1)."""

    command_id: ClassVar[int] = int(CommandId.GENERIC_NACK)
    name: ClassVar[str] = "generic_nack"


@dataclass(slots=True)
class BindReceiverResp(Response):
    """SMPP 3.4, 4.1.4; ``system_id`` is the SMSC's."""

    command_id: ClassVar[int] = int(CommandId.BIND_RECEIVER_RESP)
    name: ClassVar[str] = "bind_receiver_resp"

    system_id: SystemId = ""


@dataclass(slots=True)
class BindTransmitterResp(Response):
    """SMPP 3.4, 4.1.2; ``system_id`` is the SMSC's."""

    command_id: ClassVar[int] = int(CommandId.BIND_TRANSMITTER_RESP)
    name: ClassVar[str] = "bind_transmitter_resp"

    system_id: SystemId = ""


@dataclass(slots=True)
class BindTransceiverResp(Response):
    """SMPP 3.4, 4.1.6; ``system_id`` is the SMSC's."""

    command_id: ClassVar[int] = int(CommandId.BIND_TRANSCEIVER_RESP)
    name: ClassVar[str] = "bind_transceiver_resp"
    since: ClassVar[Version] = Version.V34

    system_id: SystemId = ""


@dataclass(slots=True)
class _Bind(Request):
    """The body that the three binds share (SMPP 3.4, 4.1)."""

    system_id: SystemId = ""
    password: Password = field(default="", repr=False)  # eight characters: longer ones are refused, not cut
    system_type: SystemType = ""  # mostly empty; some SMSCs bind only with theirs
    interface_version: Number = 0x34  # node-smpp says 0x50 unasked, old ESMEs 0x33 or 0
    addr_ton: Number = 0
    addr_npi: Number = 0
    address_range: Annotated[str, CString(41)] = ""  # a pattern of destinations (SMPP 3.4, 5.2.7)


@dataclass(slots=True)
class BindReceiver(_Bind):
    """SMPP 3.4, 4.1.3."""

    command_id: ClassVar[int] = int(CommandId.BIND_RECEIVER)
    name: ClassVar[str] = "bind_receiver"
    response_class: ClassVar[type[Response] | None] = BindReceiverResp


@dataclass(slots=True)
class BindTransmitter(_Bind):
    """SMPP 3.4, 4.1.1."""

    command_id: ClassVar[int] = int(CommandId.BIND_TRANSMITTER)
    name: ClassVar[str] = "bind_transmitter"
    response_class: ClassVar[type[Response] | None] = BindTransmitterResp


@dataclass(slots=True)
class BindTransceiver(_Bind):
    """SMPP 3.4, 4.1.5."""

    command_id: ClassVar[int] = int(CommandId.BIND_TRANSCEIVER)
    name: ClassVar[str] = "bind_transceiver"
    since: ClassVar[Version] = Version.V34
    response_class: ClassVar[type[Response] | None] = BindTransceiverResp


@dataclass(slots=True)
class Outbind(Request):
    """The SMSC asks the ESME for a bind (SMPP 3.4, 4.1.7); the bind is all the answer there is."""

    command_id: ClassVar[int] = int(CommandId.OUTBIND)
    name: ClassVar[str] = "outbind"
    since: ClassVar[Version] = Version.V34

    system_id: SystemId = ""
    password: Password = field(default="", repr=False)  # the SMSC's own, for the ESME to judge


@dataclass(slots=True)
class UnbindResp(Response):
    """SMPP 3.4, 4.2.2."""

    command_id: ClassVar[int] = int(CommandId.UNBIND_RESP)
    name: ClassVar[str] = "unbind_resp"


@dataclass(slots=True)
class Unbind(Request):
    """SMPP 3.4, 4.2.1."""

    command_id: ClassVar[int] = int(CommandId.UNBIND)
    name: ClassVar[str] = "unbind"
    response_class: ClassVar[type[Response] | None] = UnbindResp


@dataclass(slots=True)
class EnquireLinkResp(Response):
    """SMPP 3.4, 4.11.2."""

    command_id: ClassVar[int] = int(CommandId.ENQUIRE_LINK_RESP)
    name: ClassVar[str] = "enquire_link_resp"


@dataclass(slots=True)
class EnquireLink(Request):
    """SMPP 3.4, 4.11.1."""

    command_id: ClassVar[int] = int(CommandId.ENQUIRE_LINK)
    name: ClassVar[str] = "enquire_link"
    response_class: ClassVar[type[Response] | None] = EnquireLinkResp


@dataclass(slots=True)
class SubmitSmResp(Response):
    """SMPP 3.4, 4.4.2; towards version 3.3 ``message_id`` has at most 8 characters (SMPP 3.4, 3.4.2)."""

    command_id: ClassVar[int] = int(CommandId.SUBMIT_SM_RESP)
    name: ClassVar[str] = "submit_sm_resp"

    message_id: MessageId = ""  # opaque: decimal, hexadecimal or a word; 3.4 prints 9, 33 and 65 as sizes


@dataclass(slots=True)
class _ShortMessage(Request):
    """The body that submit_sm and deliver_sm share (SMPP 3.4, 4.4.1 and 4.6.1)."""

    service_type: ServiceType = ""  # naz always says CMT; empty is the default
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""  # empty stands for the SMSC's default (SMPP 3.4, 5.2.8)
    dest_addr_ton: Number = 0
    dest_addr_npi: Number = 0
    destination_addr: DestinationAddress = ""  # no '+': the TON says international
    esm_class: Number = 0  # Kannel sends 3 by default, and 0x43 with a header
    protocol_id: Number = 0
    priority_flag: Number = 0  # 0 to 3, and 4 for cell broadcast in SMPP 5.0
    schedule_delivery_time: ScheduleTime = ""  # empty in a deliver_sm: smpp.twisted3 fails on another
    validity_period: ValidityTime = ""
    registered_delivery: Number = 0  # Kannel sends 0x11: mask it, never compare it with 1
    replace_if_present_flag: Number = 0  # where nothing is found to replace, a new message
    data_coding: Number = 0  # has no default: 0 is the SMSC's own alphabet
    sm_default_msg_id: Number = 0  # 255 is reserved in 3.4 and legal in 5.0
    short_message: ShortMessage = b""  # empty where the text is in message_payload, or there is none


@dataclass(slots=True)
class SubmitSm(_ShortMessage):
    """SMPP 3.4, 4.4.1."""

    command_id: ClassVar[int] = int(CommandId.SUBMIT_SM)
    name: ClassVar[str] = "submit_sm"
    response_class: ClassVar[type[Response] | None] = SubmitSmResp


@dataclass(slots=True)
class DeliverSmResp(Response):
    """SMPP 3.4, 4.6.2; ``message_id`` is one NUL there and a whole string in SMPP 5.0, 4.3.2."""

    command_id: ClassVar[int] = int(CommandId.DELIVER_SM_RESP)
    name: ClassVar[str] = "deliver_sm_resp"

    message_id: MessageId = ""  # one NUL is what everybody takes; smpp.twisted3 nothing else


@dataclass(slots=True)
class DeliverSm(_ShortMessage):
    """SMPP 3.4, 4.6.1."""

    command_id: ClassVar[int] = int(CommandId.DELIVER_SM)
    name: ClassVar[str] = "deliver_sm"
    response_class: ClassVar[type[Response] | None] = DeliverSmResp


@dataclass(slots=True)
class SubmitMultiResp(Response):
    """SMPP 3.4, 4.5.2; ``unsuccess_sme`` holds an Unsuccess per destination that failed."""

    command_id: ClassVar[int] = int(CommandId.SUBMIT_MULTI_RESP)
    name: ClassVar[str] = "submit_multi_resp"

    message_id: MessageId = ""  # one for all destinations, and so in each of their receipts
    unsuccess_sme: Annotated[tuple[Unsuccess, ...], UnsuccessList()] = ()  # cloudhopper wants its count


@dataclass(slots=True)
class SubmitMulti(Request):
    """SMPP 3.4, 4.5.1; ``dest_address`` holds an SmeAddress or a DistributionList per destination."""

    command_id: ClassVar[int] = int(CommandId.SUBMIT_MULTI)
    name: ClassVar[str] = "submit_multi"
    response_class: ClassVar[type[Response] | None] = SubmitMultiResp

    service_type: ServiceType = ""
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""
    dest_address: Annotated[tuple[SmeAddress | DistributionList, ...], DestinationList()] = ()  # 1 to 254; 5.0: 255
    esm_class: Number = 0
    protocol_id: Number = 0
    priority_flag: Number = 0
    schedule_delivery_time: ScheduleTime = ""
    validity_period: ValidityTime = ""
    registered_delivery: Number = 0
    replace_if_present_flag: Number = 0  # must be 0 in SMPP 3.4
    data_coding: Number = 0
    sm_default_msg_id: Number = 0
    short_message: ShortMessage = b""


@dataclass(slots=True)
class DataSmResp(Response):
    """SMPP 3.4, 4.7.2."""

    command_id: ClassVar[int] = int(CommandId.DATA_SM_RESP)
    name: ClassVar[str] = "data_sm_resp"
    since: ClassVar[Version] = Version.V34

    message_id: MessageId = ""


@dataclass(slots=True)
class DataSm(Request):
    """SMPP 3.4, 4.7.1; the text, if any, is in the TLV message_payload."""

    command_id: ClassVar[int] = int(CommandId.DATA_SM)
    name: ClassVar[str] = "data_sm"
    since: ClassVar[Version] = Version.V34
    response_class: ClassVar[type[Response] | None] = DataSmResp

    service_type: ServiceType = ""
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: LongSourceAddress = ""
    dest_addr_ton: Number = 0
    dest_addr_npi: Number = 0
    destination_addr: LongDestinationAddress = ""
    esm_class: Number = 0
    registered_delivery: Number = 0  # the only field about delivery: no times, no priority
    data_coding: Number = 0  # of message_payload: there is no short_message here


@dataclass(slots=True)
class QuerySmResp(Response):
    """SMPP 3.4, 4.8.2; ``final_date`` is empty until ``message_state`` is final."""

    command_id: ClassVar[int] = int(CommandId.QUERY_SM_RESP)
    name: ClassVar[str] = "query_sm_resp"

    message_id: MessageId = ""  # the one asked for: jsmpp compares it
    final_date: Annotated[str, Time()] = ""  # 16 characters: the twelve of SMPP 3.4, 7.1.1 have no room
    message_state: Number = 0  # smpp.twisted3 wants 1 to 8, also under an error
    error_code: Number = 0  # of the network; 0 for none


@dataclass(slots=True)
class QuerySm(Request):
    """SMPP 3.4, 4.8.1."""

    command_id: ClassVar[int] = int(CommandId.QUERY_SM)
    name: ClassVar[str] = "query_sm"
    response_class: ClassVar[type[Response] | None] = QuerySmResp

    message_id: MessageId = ""
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""  # must be what the submission said, empty if that was


@dataclass(slots=True)
class CancelSmResp(Response):
    """SMPP 3.4, 4.9.2."""

    command_id: ClassVar[int] = int(CommandId.CANCEL_SM_RESP)
    name: ClassVar[str] = "cancel_sm_resp"


@dataclass(slots=True)
class CancelSm(Request):
    """SMPP 3.4, 4.9.1."""

    command_id: ClassVar[int] = int(CommandId.CANCEL_SM)
    name: ClassVar[str] = "cancel_sm"
    response_class: ClassVar[type[Response] | None] = CancelSmResp

    service_type: ServiceType = ""
    message_id: MessageId = ""  # empty: all from this source to this destination
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""
    dest_addr_ton: Number = 0
    dest_addr_npi: Number = 0
    destination_addr: DestinationAddress = ""  # 21, though Kannel's table says 65


@dataclass(slots=True)
class ReplaceSmResp(Response):
    """SMPP 3.4, 4.10.2."""

    command_id: ClassVar[int] = int(CommandId.REPLACE_SM_RESP)
    name: ClassVar[str] = "replace_sm_resp"


@dataclass(slots=True)
class ReplaceSm(Request):
    """SMPP 3.4, 4.10.1."""

    command_id: ClassVar[int] = int(CommandId.REPLACE_SM)
    name: ClassVar[str] = "replace_sm"
    response_class: ClassVar[type[Response] | None] = ReplaceSmResp

    message_id: MessageId = ""  # Kannel's table has a service_type before it, no specification does
    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: SourceAddress = ""
    schedule_delivery_time: ScheduleTime = ""  # empty keeps the old one
    validity_period: ValidityTime = ""  # the same
    registered_delivery: Number = 0
    sm_default_msg_id: Number = 0
    short_message: ShortMessage = b""  # in the message's old data_coding: there is none here


@dataclass(slots=True)
class AlertNotification(Request):
    """A subscriber is within reach again (SMPP 3.4, 4.12.1); nothing answers it."""

    command_id: ClassVar[int] = int(CommandId.ALERT_NOTIFICATION)
    name: ClassVar[str] = "alert_notification"
    since: ClassVar[Version] = Version.V34

    source_addr_ton: Number = 0
    source_addr_npi: Number = 0
    source_addr: LongSourceAddress = ""
    esme_addr_ton: Number = 0
    esme_addr_npi: Number = 0
    esme_addr: Annotated[str, CString(65)] = ""  # 65 in both versions; some libraries have 61 or 21


@dataclass(slots=True)
class UnknownPdu(Pdu):
    """Any other command, request or response: ``body`` is all behind the header, TLVs not told apart.

    ``name`` follows from ``command_id``: `param_retrieve`, `0x00000400`.
    """

    # Here, and only here, the command belongs to the object and not to its class.
    command_id: int = 0  # type: ignore[misc]
    body: Annotated[bytes, Remainder()] = b""
    name: str = field(init=False, repr=False, compare=False)  # type: ignore[misc]

    def __post_init__(self) -> None:
        self.name = command_name(self.command_id)


# No command of 3.3 alone is here: it would take them from the unknown, which are answered by generic_nack.
_CLASSES: tuple[type[Pdu], ...] = (
    *(GenericNack, BindReceiver, BindReceiverResp, BindTransmitter, BindTransmitterResp, BindTransceiver),
    *(BindTransceiverResp, Outbind, Unbind, UnbindResp, EnquireLink, EnquireLinkResp, SubmitSm, SubmitSmResp),
    *(DeliverSm, DeliverSmResp, SubmitMulti, SubmitMultiResp, DataSm, DataSmResp, QuerySm, QuerySmResp, CancelSm),
    *(CancelSmResp, ReplaceSm, ReplaceSmResp, AlertNotification, BroadcastSm, BroadcastSmResp, QueryBroadcastSm),
    *(QueryBroadcastSmResp, CancelBroadcastSm, CancelBroadcastSmResp),
)

PDU_CLASSES: Final[dict[int, type[Pdu]]] = {pdu_class.command_id: pdu_class for pdu_class in _CLASSES}
"""command_id -> class; what is not in it becomes an UnknownPdu."""


def layout(pdu_class: type[Pdu]) -> Layout:
    """The mandatory fields of a PDU in wire order: (attribute, kind)."""
    known = _layouts.get(pdu_class)
    return _declared(pdu_class) if known is None else known


def _declared(pdu_class: type[Pdu]) -> Layout:
    hints = get_type_hints(pdu_class, include_extras=True)
    found: list[tuple[str, Kind]] = []
    for one in fields(pdu_class):
        kinds = [mark for mark in getattr(hints[one.name], "__metadata__", ()) if isinstance(mark, Kind)]
        found += [(one.name, kind) for kind in kinds]
    return tuple(found)


# Read once: looking at type hints costs more than a whole PDU.
_layouts: Final[dict[type[Pdu], Layout]] = {one: _declared(one) for one in (*_CLASSES, UnknownPdu)}


def response_to(request: Pdu, status: int = 0, **values: Any) -> Response:
    """The response that a request asks for, with its sequence_number; ``values`` are fields of that response.

    Raises LocalError for what has no response: outbind, alert_notification, responses, unknown commands.
    """
    response_class = request.response_class if isinstance(request, Request) else None
    if response_class is None:
        kind = "a response" if request.command_id & RESPONSE else "a request without a response"
        raise LocalError(f"command_id: {request.name} is {kind}")
    return response_class(sequence_number=request.sequence_number, command_status=status, **values)

"""The specification's numbers under the specification's names, and the other way round.

Versions 3.3, 3.4 and 5.0 together. PDUs and TLVs carry plain integers, which may be none of these; the enums here are
for naming them. This file knows no octets, no fields and no rules about who may use which number.
"""

from enum import IntEnum
from typing import Final

RESPONSE: Final = 0x80000000
"""Set in the command_id of every response (SMPP 3.4, 5.1.2.1)."""


class Version(IntEnum):
    """interface_version and sc_interface_version (SMPP 3.4, 5.2.4; SMPP 5.0, 4.7.13)."""

    V33 = 0x33
    V34 = 0x34
    V50 = 0x50


class CommandId(IntEnum):
    """command_id (SMPP 3.4, 5.1.2.1; SMPP 5.0, 4.7.5; the last six were removed with version 3.4)."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM = 0x00000003
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    REPLACE_SM = 0x00000007
    REPLACE_SM_RESP = 0x80000007
    CANCEL_SM = 0x00000008
    CANCEL_SM_RESP = 0x80000008
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    SUBMIT_MULTI = 0x00000021
    SUBMIT_MULTI_RESP = 0x80000021
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103
    BROADCAST_SM = 0x00000111
    BROADCAST_SM_RESP = 0x80000111
    QUERY_BROADCAST_SM = 0x00000112
    QUERY_BROADCAST_SM_RESP = 0x80000112
    CANCEL_BROADCAST_SM = 0x00000113
    CANCEL_BROADCAST_SM_RESP = 0x80000113
    # Known by name and number, and no PDU of ours: an SMSC without them answers generic_nack (SMPP 3.4, 4.3.1).
    PARAM_RETRIEVE = 0x00000022
    PARAM_RETRIEVE_RESP = 0x80000022
    QUERY_LAST_MSGS = 0x00000023
    QUERY_LAST_MSGS_RESP = 0x80000023
    QUERY_MSG_DETAILS = 0x00000024
    QUERY_MSG_DETAILS_RESP = 0x80000024


class CommandStatus(IntEnum):
    """command_status and error_status_code (SMPP 3.4, 5.1.3; SMPP 5.0, 4.7.6). Renamed ones bear their 5.0 names."""

    ESME_ROK = 0x00
    ESME_RINVMSGLEN = 0x01  # also sm_length 255, which SMPP 3.4 forbids and 5.0 allows
    ESME_RINVCMDLEN = 0x02
    ESME_RINVCMDID = 0x03
    ESME_RINVBNDSTS = 0x04  # in the matching response: a generic_nack is for what cannot be read
    ESME_RALYBND = 0x05
    ESME_RINVPRTFLG = 0x06
    ESME_RINVREGDLVFLG = 0x07
    ESME_RSYSERR = 0x08
    ESME_RINVSRCADR = 0x0A
    ESME_RINVDSTADR = 0x0B
    ESME_RINVMSGID = 0x0C
    ESME_RBINDFAIL = 0x0D  # SMPP 5.0 means wrong credentials by it
    ESME_RINVPASWD = 0x0E  # wrong password in 3.4's practice; malformed only, says SMPP 5.0, 4.7.6
    ESME_RINVSYSID = 0x0F  # unknown system_id in 3.4's practice; malformed only, says SMPP 5.0, 4.7.6
    ESME_RCANCELFAIL = 0x11
    ESME_RREPLACEFAIL = 0x13
    ESME_RMSGQFUL = 0x14
    ESME_RINVSERTYP = 0x15
    ESME_RINVNUMDESTS = 0x33
    ESME_RINVDLNAME = 0x34
    ESME_RINVDESTFLAG = 0x40
    ESME_RINVSUBREP = 0x42
    ESME_RINVESMCLASS = 0x43
    ESME_RCNTSUBDL = 0x44
    ESME_RSUBMITFAIL = 0x45
    ESME_RINVSRCTON = 0x48
    ESME_RINVSRCNPI = 0x49
    ESME_RINVDSTTON = 0x50  # 0x4A to 0x4F are skipped: the table counts in tens
    ESME_RINVDSTNPI = 0x51
    ESME_RINVSYSTYP = 0x53
    ESME_RINVREPFLAG = 0x54
    ESME_RINVNUMMSGS = 0x55  # a left-over of 3.3's query_last_msgs
    ESME_RTHROTTLED = 0x58
    ESME_RINVSCHED = 0x61  # 0x59 to 0x60 are skipped in the same way
    ESME_RINVEXPIRY = 0x62
    ESME_RINVDFTMSGID = 0x63
    ESME_RX_T_APPN = 0x64  # only in a deliver_sm_resp or data_sm_resp of the ESME's
    ESME_RX_P_APPN = 0x65
    ESME_RX_R_APPN = 0x66
    ESME_RQUERYFAIL = 0x67
    ESME_RINVTLVSTREAM = 0xC0
    ESME_RTLVNOTALLWD = 0xC1
    ESME_RINVTLVLEN = 0xC2
    ESME_RMISSINGTLV = 0xC3  # named for a data_sm without message_payload (SMPP 5.0, 4.7.6)
    ESME_RINVTLVVAL = 0xC4
    ESME_RDELIVERYFAILURE = 0xFE  # transaction mode: the response waits for the delivery
    ESME_RUNKNOWNERR = 0xFF  # 0x0400 to 0x04FF are the vendors'
    ESME_RSERTYPUNAUTH = 0x100
    ESME_RPROHIBITED = 0x101
    ESME_RSERTYPUNAVAIL = 0x102
    ESME_RSERTYPDENIED = 0x103
    ESME_RINVDCS = 0x104
    ESME_RINVSRCADDRSUBUNIT = 0x105
    ESME_RINVDSTADDRSUBUNIT = 0x106
    ESME_RINVBCASTFREQINT = 0x107
    ESME_RINVBCASTALIAS_NAME = 0x108
    ESME_RINVBCASTAREAFMT = 0x109
    ESME_RINVNUMBCAST_AREAS = 0x10A
    ESME_RINVBCASTCNTTYPE = 0x10B
    ESME_RINVBCASTMSGCLASS = 0x10C
    ESME_RBCASTFAIL = 0x10D
    ESME_RBCASTQUERYFAIL = 0x10E
    ESME_RBCASTCANCELFAIL = 0x10F
    ESME_RINVBCAST_REP = 0x110
    ESME_RINVBCASTSRVGRP = 0x111
    ESME_RINVBCASTCHANIND = 0x112
    # The names of version 3.4, renamed with version 5.0.
    ESME_RINVOPTPARSTREAM = ESME_RINVTLVSTREAM
    ESME_ROPTPARNOTALLWD = ESME_RTLVNOTALLWD
    ESME_RINVPARLEN = ESME_RINVTLVLEN
    ESME_RMISSINGOPTPARAM = ESME_RMISSINGTLV
    ESME_RINVOPTPARAMVAL = ESME_RINVTLVVAL


class Ton(IntEnum):
    """Type of number (SMPP 3.4, 5.2.5)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER_NUMBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan indicator (SMPP 3.4, 5.2.6)."""

    UNKNOWN = 0
    ISDN = 1
    DATA = 3
    TELEX = 4
    LAND_MOBILE = 6  # E.212: an IMSI and no number that can be dialled
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    INTERNET = 14  # decimal in the table, 0x0E on the wire
    WAP_CLIENT_ID = 18  # 0x12 on the wire


class DataCoding(IntEnum):
    """data_coding (SMPP 3.4, 5.2.19); values from 0xC0 up are read bit by bit and have no single name."""

    # Whatever the SMSC's own alphabet is: nearly always GSM 03.38, one septet to an octet, and not packed.
    DEFAULT = 0x00
    # ASCII by every specification. node-smpp sends and reads GSM 03.38 under it, so that its '@' arrives as NUL.
    IA5 = 0x01
    BINARY_TDMA = 0x02  # the same as 4; both are octets that nobody may recode
    LATIN_1 = 0x03
    BINARY = 0x04
    JIS = 0x05
    CYRILLIC = 0x06
    HEBREW = 0x07
    UCS2 = 0x08
    PICTOGRAM = 0x09
    ISO_2022_JP = 0x0A
    EXTENDED_KANJI = 0x0D
    KS_C_5601 = 0x0E


class MessageState(IntEnum):
    """message_state (SMPP 3.4, 5.2.28); SCHEDULED and SKIPPED are new in version 5.0 (4.7.15)."""

    SCHEDULED = 0  # a 3.4 peer is told ENROUTE instead
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6  # final by the table; Kannel takes it for a mere buffering
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9  # unknown to a 3.4 peer


class EsmClass:
    """Masks and bits of esm_class (SMPP 3.4, 5.2.12): a mode, a type and features in one octet."""

    MODE_MASK: Final = 0x03
    DEFAULT_MODE: Final = 0x00
    DATAGRAM: Final = 0x01
    FORWARD: Final = 0x02
    STORE_AND_FORWARD: Final = 0x03

    TYPE_MASK: Final = 0x3C  # SMPP 3.4 has a table for each direction, SMPP 5.0 one for both
    RECEIPT: Final = 0x04
    DELIVERY_ACKNOWLEDGEMENT: Final = 0x08
    USER_ACKNOWLEDGEMENT: Final = 0x10
    CONVERSATION_ABORT: Final = 0x18
    INTERMEDIATE_NOTIFICATION: Final = 0x20  # not to be looked for with the mask of bits 4 to 2 only

    FEATURES_MASK: Final = 0xC0
    UDHI: Final = 0x40  # what counts the header's length is its first octet, not a field
    REPLY_PATH: Final = 0x80


class RegisteredDelivery:
    """Masks and bits of registered_delivery (SMPP 3.4, 5.2.17)."""

    RECEIPT_MASK: Final = 0x03
    NO_RECEIPT: Final = 0x00
    RECEIPT: Final = 0x01
    RECEIPT_ON_FAILURE: Final = 0x02
    RECEIPT_ON_SUCCESS: Final = 0x03  # reserved in version 3.4

    ACKNOWLEDGEMENT_MASK: Final = 0x0C
    DELIVERY_ACKNOWLEDGEMENT: Final = 0x04
    USER_ACKNOWLEDGEMENT: Final = 0x08

    # SMPP 3.4, 5.2.17 calls it bit 5 in words and draws bit 4; everybody sends 0x10.
    INTERMEDIATE_NOTIFICATION: Final = 0x10


class TlvTag(IntEnum):
    """Tags of the optional parameters (SMPP 3.4, 5.3.2; SMPP 5.0, 4.8.1)."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008  # two octets, its twin of the source has one
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010  # some libraries write two octets: ill-sized, and kept
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DESTINATION_PORT = 0x020B
    DEST_PORT = DESTINATION_PORT  # its name since version 5.0
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210  # without it an ESME takes the SMSC for one that knows no TLVs
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    CONGESTION_STATE = 0x0428
    USSD_SERVICE_OP = 0x0501
    BROADCAST_CHANNEL_INDICATOR = 0x0600
    BROADCAST_CONTENT_TYPE = 0x0601
    BROADCAST_CONTENT_TYPE_INFO = 0x0602
    BROADCAST_MESSAGE_CLASS = 0x0603
    BROADCAST_REP_NUM = 0x0604
    BROADCAST_FREQUENCY_INTERVAL = 0x0605
    BROADCAST_AREA_IDENTIFIER = 0x0606  # bears another name in a response: the area that failed
    BROADCAST_ERROR_STATUS = 0x0607
    BROADCAST_AREA_SUCCESS = 0x0608
    BROADCAST_END_TIME = 0x0609
    BROADCAST_SERVICE_GROUP = 0x060A
    BILLING_IDENTIFICATION = 0x060B
    SOURCE_NETWORK_ID = 0x060D
    DEST_NETWORK_ID = 0x060E
    SOURCE_NODE_ID = 0x060F
    DEST_NODE_ID = 0x0610
    DEST_ADDR_NP_RESOLUTION = 0x0611
    DEST_ADDR_NP_INFORMATION = 0x0612
    DEST_ADDR_NP_COUNTRY = 0x0613
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C  # the one tag that may be empty by right
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383


COMMAND_NAMES: Final[dict[int, str]] = {int(command): command.name.lower() for command in CommandId}
"""command_id -> the specification's name: ``4: "submit_sm"``."""

STATUS_NAMES: Final[dict[int, str]] = {int(status): status.name for status in CommandStatus}
"""command_status -> name: ``0x58: "ESME_RTHROTTLED"``; 0xC0 to 0xC4 bear their 5.0 names."""

STATUS_MEANINGS: Final[dict[int, str]] = {
    0x00: "no error",
    0x01: "the message is too long",
    0x02: "the length of the PDU is wrong",
    0x03: "unknown or unsupported command",
    0x04: "not allowed in this bind state",
    0x05: "already bound",
    0x06: "bad priority_flag",
    0x07: "bad registered_delivery",
    0x08: "internal error of the peer",
    0x0A: "bad source address",
    0x0B: "bad destination address",
    0x0C: "bad or unknown message_id",
    0x0D: "the bind is refused",
    0x0E: "bad password",
    0x0F: "bad system_id",
    0x11: "cancel_sm failed",
    0x13: "replace_sm failed",
    0x14: "the message queue is full",
    0x15: "bad service_type",
    0x33: "bad number of destinations",
    0x34: "bad or unknown distribution list",
    0x40: "bad dest_flag",
    0x42: "submission with replacement is not possible",
    0x43: "bad esm_class",
    0x44: "cannot submit to a distribution list",
    0x45: "the submission failed",
    0x48: "bad TON of the source",
    0x49: "bad NPI of the source",
    0x50: "bad TON of the destination",
    0x51: "bad NPI of the destination",
    0x53: "bad system_type",
    0x54: "bad replace_if_present_flag",
    0x55: "bad number of messages",
    0x58: "throttled: the rate or window is exceeded",
    0x61: "bad schedule_delivery_time",
    0x62: "bad validity_period",
    0x63: "unknown canned message",
    0x64: "the ESME failed for now: deliver again",
    0x65: "the ESME failed for good: do not deliver again",
    0x66: "the ESME rejects this message",
    0x67: "query_sm failed",
    0xC0: "the TLVs cannot be told apart",
    0xC1: "a TLV is not allowed here",
    0xC2: "a TLV has a length it cannot have",
    0xC3: "a required TLV is missing",
    0xC4: "a TLV has a bad value",
    0xFE: "the delivery failed",
    0xFF: "unknown error",
    0x100: "not authorised for this service_type",
    0x101: "the operation is prohibited",
    0x102: "this service_type is not available now",
    0x103: "this service_type is denied for the content",
    0x104: "bad data_coding",
    0x105: "bad subunit of the source",
    0x106: "bad subunit of the destination",
    0x107: "bad broadcast interval",
    0x108: "bad alias of a broadcast area",
    0x109: "bad format of a broadcast area",
    0x10A: "bad number of broadcast areas",
    0x10B: "bad broadcast content type",
    0x10C: "bad broadcast message class",
    0x10D: "broadcast_sm failed",
    0x10E: "query_broadcast_sm failed",
    0x10F: "cancel_broadcast_sm failed",
    0x110: "bad number of broadcast repeats",
    0x111: "bad broadcast service group",
    0x112: "bad broadcast channel",
}
"""command_status -> what it means, in a few words."""


def command_name(command_id: int) -> str:
    """`submit_sm`, or `0x00000400` for a number that no version names."""
    return COMMAND_NAMES.get(command_id) or f"0x{command_id:08X}"


def status_name(status: int) -> str:
    """`ESME_RTHROTTLED`, or `0x00000400` for a number that no version names."""
    return STATUS_NAMES.get(status) or f"0x{status:08X}"


def status_value(text: str) -> int:
    """The command_status that a text means: a name of version 3.4 or 5.0, or a number as `0x58` or `88`.

    Raises ValueError for a name that nobody knows and for a number beyond 32 bits.
    """
    named = CommandStatus.__members__.get(text)
    if named is not None:
        return int(named)
    try:
        value = int(text, 0) if text.lower().startswith("0x") else int(text, 10)
    except ValueError:
        raise ValueError(f"command_status: {text!r} is neither a status name nor a number") from None
    if not 0 <= value <= 0xFFFFFFFF:
        raise ValueError(f"command_status: {text!r} does not fit into 32 bits")
    return value

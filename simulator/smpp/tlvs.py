"""Optional parameters: tag, length, value (SMPP 3.4, 3.2.4 and 5.3; SMPP 5.0, 4.8).

A Tlv is a tag and the octets of its value, whatever they are: unknown, repeated and ill-sized ones survive, in their
order. The declarations below say what the specifications know of each tag, for names, for building values and for an
SMSC that wants to refuse; reading never refuses a TLV for its tag, its size or its value.

Names and kinds are looked up in a book: tag -> definition. ``TLVS`` is that of the specifications, and what is meant
where none is named; vendor_tlvs.py makes one that knows a vendor's tags, too.

This file does not know PDUs beyond their names, nor whether a value makes sense.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from simulator.smpp.constants import CommandStatus, Version
from simulator.smpp.errors import LocalError, PduError

_HEAD: Final = struct.Struct(">HH")
_read_head: Final = _HEAD.unpack_from
_write_head: Final = _HEAD.pack


# A named tuple's own constructor is a Python function; this makes the same object in two thirds of the time.
_new: Final = tuple.__new__


# Octets and no value: what a peer sent stays what it is, whatever its tag should hold.
class Tlv(NamedTuple):
    """One optional parameter; ``value`` holds the octets after the length, which is not kept."""

    tag: int
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class TlvDefinition:
    """What the specifications know of a tag.

    ``kind`` is `int`, `cstr` (ends with NUL) or `octets`; sizes are octets of the value, a NUL included; ``pdus`` names
    the PDUs that may carry it, by the version of the specification. A vendor's has neither versions nor PDUs.
    """

    tag: int
    name: str
    kind: str
    size_min: int
    size_max: int
    versions: tuple[Version, ...]
    pdus: dict[Version, frozenset[str]]


# Letters of version 3.4's tables (SMPP 3.4, 4.1 to 4.12): which PDUs they stand for.
# The two tables share these three; all other letters and groups are one version's own.
_BIND_RESPONSES = "bind_receiver_resp bind_transmitter_resp bind_transceiver_resp"
_SUBMISSIONS = "submit_sm submit_multi data_sm"
_SUBMISSION_RESPONSES = "submit_sm_resp submit_multi_resp data_sm_resp"
_LETTERS_34: Final[dict[str, str]] = {
    "S": "submit_sm",
    "M": "submit_multi",
    "D": "deliver_sm",
    "X": "data_sm",
    # The one response with a table of its own in 3.4: in transaction mode it tells how the delivery went.
    "x": "data_sm_resp",
    "B": _BIND_RESPONSES,
    "A": "alert_notification",
}
# Groups of version 5.0's tables (SMPP 5.0, 4.1 to 4.6); data_sm goes both ways and so belongs to two of them.
_GROUPS_50: Final[dict[str, str]] = {
    "SUB": _SUBMISSIONS,
    "SUBR": _SUBMISSION_RESPONSES,
    "DLV": "deliver_sm data_sm",
    # Both directions of data_sm_resp: whoever answers a delivery may say why it failed.
    "DLVR": "deliver_sm_resp data_sm_resp",
    "BC": "broadcast_sm",
    "BCR": "broadcast_sm_resp",
    "QB": "query_broadcast_sm",
    "QBR": "query_broadcast_sm_resp",
    "CB": "cancel_broadcast_sm",
    "RPL": "replace_sm",
    "BIND": _BIND_RESPONSES,
    "ALERT": "alert_notification",
    "ANYR": f"{_BIND_RESPONSES} {_SUBMISSION_RESPONSES} deliver_sm_resp unbind_resp enquire_link_resp query_sm_resp "
    "cancel_sm_resp replace_sm_resp broadcast_sm_resp query_broadcast_sm_resp cancel_broadcast_sm_resp generic_nack",
}


def _expand(groups: str, meanings: dict[str, str]) -> frozenset[str]:
    return frozenset(" ".join(meanings[group] for group in groups.split()).split())


def _define(tag: int, name: str, kind: str, carriers: tuple[str, str], sizes: tuple[int, ...]) -> TlvDefinition:
    in_34, in_50 = carriers
    pdus = {Version.V34: _expand(in_34, _LETTERS_34), Version.V50: _expand(in_50, _GROUPS_50)}
    versions = tuple(version for version, names in pdus.items() if names)
    return TlvDefinition(tag, name, kind, sizes[0], sizes[-1], versions, pdus)


def _int(tag: int, name: str, in_34: str, in_50: str, *sizes: int) -> TlvDefinition:
    return _define(tag, name, "int", (in_34, in_50), sizes)


def _cstr(tag: int, name: str, in_34: str, in_50: str, *sizes: int) -> TlvDefinition:
    return _define(tag, name, "cstr", (in_34, in_50), sizes)


def _oct(tag: int, name: str, in_34: str, in_50: str, *sizes: int) -> TlvDefinition:
    return _define(tag, name, "octets", (in_34, in_50), sizes)


# tag, name, who carries it in version 3.4, who in 5.0, octets (least and most where they vary).
# fmt: off
TLVS: Final[dict[int, TlvDefinition]] = {
    definition.tag: definition
    for definition in (
        _int(0x0005, "dest_addr_subunit", "S M X", "SUB DLV BC", 1),
        _int(0x0006, "dest_network_type", "X", "SUB", 1),
        _int(0x0007, "dest_bearer_type", "X", "SUB", 1),
        # SMPP 5.0 says what 3.4 left open: a protocol_id and a reserved octet. Its twin of the source stayed one octet
        # wide.
        _int(0x0008, "dest_telematics_id", "X", "SUB", 2),
        _int(0x000D, "source_addr_subunit", "S M X", "SUB DLV BC", 1),
        _int(0x000E, "source_network_type", "X", "SUB", 1),
        _int(0x000F, "source_bearer_type", "X", "SUB", 1),
        _int(0x0010, "source_telematics_id", "X", "SUB", 1),
        _int(0x0017, "qos_time_to_live", "X", "SUB", 4),
        _int(0x0019, "payload_type", "S M D X", "SUB DLV BC", 1),
        _cstr(0x001D, "additional_status_info_text", "x", "SUBR DLVR", 1, 256),
        _cstr(0x001E, "receipted_message_id", "D X", "DLV", 1, 65),
        _int(0x0030, "ms_msg_wait_facilities", "S M X", "SUB", 1),
        _int(0x0201, "privacy_indicator", "S M D X", "SUB DLV BC", 1),
        _oct(0x0202, "source_subaddress", "S M D X", "SUB DLV BC", 2, 23),
        # Listed for submit_multi by both versions, and declared to be unsupported there in the text of either.
        _oct(0x0203, "dest_subaddress", "S M D X", "SUB DLV BC", 2, 23),
        _int(0x0204, "user_message_reference", "S M D X", "SUB DLV BC QB QBR CB", 2),
        _int(0x0205, "user_response_code", "S D X", "SUB DLV", 1),
        _int(0x020A, "source_port", "S M D X", "SUB DLV BC", 2),
        _int(0x020B, "destination_port", "S M D X", "SUB DLV BC", 2),
        _int(0x020C, "sar_msg_ref_num", "S M D X", "SUB DLV", 2),
        _int(0x020D, "language_indicator", "S M D X", "SUB DLV BC", 1),
        _int(0x020E, "sar_total_segments", "S M D X", "SUB DLV", 1),
        _int(0x020F, "sar_segment_seqnum", "S M D X", "SUB DLV", 1),
        _int(0x0210, "sc_interface_version", "B", "BIND", 1),
        _int(0x0302, "callback_num_pres_ind", "S M X", "SUB DLV BC", 1),
        # A data_coding and a display text, so octets; smppex reads it as a string.
        _oct(0x0303, "callback_num_atag", "S M X", "SUB DLV BC", 0, 65),
        _int(0x0304, "number_of_messages", "S X", "SUB", 1),
        _oct(0x0381, "callback_num", "S M D X", "SUB DLV BC", 4, 19),
        _int(0x0420, "dpf_result", "x", "SUBR DLV", 1),
        _int(0x0421, "set_dpf", "X", "SUB", 1),
        _int(0x0422, "ms_availability_status", "A", "ALERT", 1),
        # A network and a code of two octets. smpplib writes a string in data_sm_resp, one octet too long: ill-sized,
        # kept.
        _oct(0x0423, "network_error_code", "D X x", "SUBR DLV DLVR", 3),
        _oct(0x0424, "message_payload", "S M D X", "SUB DLV BC RPL", 0, 65535),
        _int(0x0425, "delivery_failure_reason", "x", "SUBR DLVR", 1),
        _int(0x0426, "more_messages_to_send", "S X", "SUB", 1),
        _int(0x0427, "message_state", "D X", "DLV QBR", 1),
        _int(0x0428, "congestion_state", "", "ANYR", 1),
        _int(0x0501, "ussd_service_op", "S", "SUB DLV", 1),
        _int(0x0600, "broadcast_channel_indicator", "", "BC", 1),
        _oct(0x0601, "broadcast_content_type", "", "BC CB", 3),
        _oct(0x0602, "broadcast_content_type_info", "", "BC", 1, 255),
        _int(0x0603, "broadcast_message_class", "", "BC", 1),
        # Two octets; Kannel writes three and Wireshark reads one.
        _int(0x0604, "broadcast_rep_num", "", "BC", 2),
        _oct(0x0605, "broadcast_frequency_interval", "", "BC", 3),
        _oct(0x0606, "broadcast_area_identifier", "", "BC BCR QBR", 1, 101),
        _int(0x0607, "broadcast_error_status", "", "BCR", 4),
        _int(0x0608, "broadcast_area_success", "", "QBR", 1),
        # 16 in the table, although sixteen characters and a NUL are 17: both are taken, and 17 is what is written.
        _cstr(0x0609, "broadcast_end_time", "", "QBR", 16, 17),
        _oct(0x060A, "broadcast_service_group", "", "BC", 1, 255),
        _oct(0x060B, "billing_identification", "", "SUB", 1, 1024),
        _cstr(0x060D, "source_network_id", "", "SUB DLV", 7, 65),
        _cstr(0x060E, "dest_network_id", "", "SUB DLV", 7, 65),
        _oct(0x060F, "source_node_id", "", "SUB DLV", 6),
        _oct(0x0610, "dest_node_id", "", "SUB DLV", 6),
        _int(0x0611, "dest_addr_np_resolution", "", "SUB DLV", 1),
        _oct(0x0612, "dest_addr_np_information", "", "SUB DLV", 10),
        # A country code of one to five octets, whatever is needed; Kannel always writes five.
        _int(0x0613, "dest_addr_np_country", "", "SUB DLV", 1, 5),
        _int(0x1201, "display_time", "S M X", "SUB BC", 1),
        _int(0x1203, "sms_signal", "S M X", "SUB BC", 2),
        # One octet in 3.4, a relative time of four in 5.0.
        _int(0x1204, "ms_validity", "S M X", "SUB BC", 1, 4),
        # Empty in 3.4, one octet in 5.0. node-smpp throws on the empty form, which is the older one.
        _int(0x130C, "alert_on_message_delivery", "S M X", "SUB BC", 0, 1),
        _int(0x1380, "its_reply_type", "S X", "SUB DLV", 1),
        _oct(0x1383, "its_session_info", "S D X", "SUB DLV", 2),
    )
}
# fmt: on
"""Every tag of versions 3.4 and 5.0. Where the two differ in size, both sizes are legal (ms_validity, ...)."""

Book = Mapping[int, TlvDefinition]
"""What names and kinds are looked up in."""

FAILED_AREA: Final = "failed_broadcast_area_identifier"
TLVS_BY_NAME: Final[dict[str, TlvDefinition]] = {definition.name: definition for definition in TLVS.values()}
"""The same by name. Two tags have two names each: version 5.0 renamed destination_port, and calls the area of a
broadcast by another name where it is one that failed."""
TLVS_BY_NAME["dest_port"] = TLVS_BY_NAME["destination_port"]
TLVS_BY_NAME[FAILED_AREA] = TLVS_BY_NAME["broadcast_area_identifier"]

# Plain numbers: a member of an enum costs a look-up in its class each time, and these are asked for once per receipt.
_V34: Final = int(Version.V34)
_V50: Final = int(Version.V50)
_NEW: Final = frozenset(tag for tag, one in TLVS.items() if one.versions == (Version.V50,))


def tlvs_for(tlvs: tuple[Tlv, ...], version: int) -> tuple[Tlv, ...]:
    """Those that a peer of this version may be shown (SMPP 3.4, 3.4.1; SMPP 5.0, 2.11).

    None below 3.4, and below 5.0 not those that came with it; a vendor's and unknown tags are nobody's news.
    """
    # 3.3 has no place for them: its PDUs end with the last mandatory field.
    if version < _V34:
        return ()
    if version >= _V50:
        return tlvs
    # Mostly nothing is left out, and then the same object goes on.
    for tlv in tlvs:
        if tlv[0] in _NEW:
            return tuple(one for one in tlvs if one[0] not in _NEW)
    return tlvs


def tlv_name(tag: int, book: Book = TLVS) -> str:
    """`message_state`, or `0x1400` for a tag that the book does not name."""
    definition = book.get(tag)
    return definition.name if definition else f"0x{tag:04X}"


def tlv_tag(name: str, book: Book = TLVS) -> int:
    """The tag that a name or a number as text (`0x1400`, `5120`) means; LocalError for anything else."""
    definition = TLVS_BY_NAME.get(name) or next((one for one in book.values() if one.name == name), None)
    if definition:
        return definition.tag
    try:
        # Base 0 takes 0x1400 and 5120, and refuses 0123, which nobody can read for certain.
        tag = int(name, 0)
    except ValueError:
        raise LocalError(f"tlv: {name!r} is neither a known name nor a number") from None
    if not 0 <= tag <= 0xFFFF:
        raise LocalError(f"tlv: {name!r}, 0 to 65535")
    return tag


def allowed_tlvs(pdu_name: str, version: int) -> frozenset[int]:
    """The tags that a PDU may carry by the tables of a version (3.4 or 5.0; version 3.3 has none)."""
    return frozenset(
        tag for tag, one in TLVS.items() for v, names in one.pdus.items() if v == version and pdu_name in names
    )


def tlv_int(tag: int, value: int, book: Book = TLVS) -> Tlv:
    """A TLV that holds a number, as wide as its declaration says.

    Where the width varies, and for unknown tags (1, 2, 4 or 8 octets), the narrowest that holds the number is taken.
    Raises LocalError for a number that does not fit.
    """
    definition = book.get(tag)
    widths = range(definition.size_min, definition.size_max + 1) if definition else (1, 2, 4, 8)
    for width in widths:
        if 0 <= value < 256**width:
            return Tlv(tag, value.to_bytes(width, "big"))
    raise LocalError(f"{tlv_name(tag, book)}: {value} does not fit into {widths[-1]} octets")


def tlv_text(tag: int, text: str, book: Book = TLVS) -> Tlv:
    """A TLV that holds a text, with a NUL behind it unless the tag is declared as octets.

    Raises LocalError for characters beyond one octet.
    """
    definition = book.get(tag)
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        raise LocalError(f"{tlv_name(tag, book)}: {text!r} has characters beyond one octet") from None
    # Many SMSCs leave the NUL out; smpp.twisted3 fails on a receipted_message_id without one.
    return Tlv(tag, octets if definition and definition.kind == "octets" else octets + b"\0")


def make(name_or_tag: str | int, value: int | str | bytes, book: Book = TLVS) -> Tlv:
    """A TLV by its kind: a number, a text (NUL added) or octets. Octets are taken as they are, whatever the kind.

    Raises LocalError where the value is not of the tag's kind.
    """
    tag = tlv_tag(name_or_tag, book) if isinstance(name_or_tag, str) else name_or_tag
    if isinstance(value, bytes):
        return Tlv(tag, value)
    definition = book.get(tag)
    kind = definition.kind if definition else "int" if isinstance(value, int) else "cstr"
    if kind == "int" and isinstance(value, int):
        return tlv_int(tag, value, book)
    if kind == "cstr" and isinstance(value, str):
        return tlv_text(tag, value, book)
    raise LocalError(f"{tlv_name(tag, book)}: {value!r} is no {kind}")


def value_of(tlv: Tlv, book: Book = TLVS) -> int | str | bytes:
    """The value by its tag's kind: int, str (without its NUL) or bytes.

    An unknown tag, a size that the tag cannot have and a text without NUL, or with one inside, give the bytes.
    """
    definition = book.get(tlv.tag)
    value = tlv.value
    # Ill-sized values of the field (a two-octet source_telematics_id) are shown as they are, not cut to fit.
    if definition is None or not definition.size_min <= len(value) <= definition.size_max:
        return value
    if definition.kind == "int":
        return int.from_bytes(value, "big")
    # Some SMSCs leave the NUL out; what was sent then stays visible as bytes.
    if definition.kind == "cstr" and value.find(0) == len(value) - 1:
        return value[:-1].decode("latin-1")
    return value


def first(tlvs: Iterable[Tlv], tag: int) -> Tlv | None:
    """The first TLV with this tag, or None."""
    for tlv in tlvs:
        # Of a tag that came twice the first counts: no text says which, and most decoders keep one.
        if tlv[0] == tag:
            return tlv
    return None


def parse_tlvs(data: bytes, start: int, end: int) -> tuple[Tlv, ...]:
    """The TLVs in ``data[start:end]``, in their order.

    Raises PduError with ESME_RINVTLVSTREAM where 1 to 3 octets are left over or a length runs past the end; command_id
    and sequence_number of the error are 0, for the header is not looked at.
    """
    found = []
    at = start
    while at < end:
        # SMPP 5.0, 4.7.6: ESME_RINVTLVSTREAM is for TLVs that cannot be told apart, of any tag.
        if at + 4 > end:
            raise _stream(f"tlvs: {end - at} octets are left at the end, a TLV has at least 4")
        tag, length = _read_head(data, at)
        at += 4
        if at + length > end:
            raise _stream(f"tlvs: {tlv_name(tag)} has {length} octets, but the PDU has only {end - at} left")
        # An empty value is legal for any unknown tag, and by right for alert_on_message_delivery.
        found.append(_new(Tlv, (tag, data[at : at + length])))
        at += length
    return tuple(found)


def _stream(reason: str) -> PduError:
    return PduError(0, 0, CommandStatus.ESME_RINVTLVSTREAM, reason, "tlvs")


def write_tlvs(tlvs: Iterable[Tlv]) -> bytes:
    """The octets of TLVs. Raises LocalError naming the one that cannot be written."""
    try:
        return b"".join([_write_head(tag, len(value)) + value for tag, value in tlvs])
    except (struct.error, TypeError, ValueError):
        # Only now, when something is wrong with one of them, is each looked at.
        for number, tlv in enumerate(tlvs):
            tlv_parts(number, tlv)
        raise LocalError(f"tlvs: {tlvs!r} is no sequence of Tlv") from None


def tlv_parts(number: int, tlv: object, *, unchecked: bool = False) -> tuple[bytes, bytes, bytes]:
    """Tag, length and value of one TLV. Raises LocalError naming it as `tlv[number]`.

    ``unchecked`` lets a value be longer than its length can say; the length is written as far as it fits.
    """
    place = f"tlv[{number}]"
    if not isinstance(tlv, tuple) or len(tlv) != 2:
        raise LocalError(f"{place}: {tlv!r} is no Tlv")
    tag, value = tlv
    # 0 is reserved and written all the same: a peer's treatment of reserved tags is worth a test.
    if not isinstance(tag, int) or not 0 <= tag <= 0xFFFF:
        raise LocalError(f"{place}: tag {tag!r}, 0 to 65535")
    if not isinstance(value, bytes):
        raise LocalError(f"{place}: {value!r} is no bytes")
    # More than the length can say; in practice the cap on command_length ends it long before.
    if len(value) > 0xFFFF and not unchecked:
        raise LocalError(f"{place}: {len(value)} octets, at most 65535")
    # The length is that of the value alone (SMPP 3.4, 3.2.4): neither tag nor length count.
    return tag.to_bytes(2, "big"), (len(value) & 0xFFFF).to_bytes(2, "big"), value


def missing_tlvs(required: Iterable[int], tlvs: Iterable[Tlv]) -> list[str]:
    """Names of the required TLVs that are not there: what ESME_RMISSINGTLV is for (SMPP 5.0, 4.7.6)."""
    there = {tlv[0] for tlv in tlvs}
    return [tlv_name(tag) for tag in required if tag not in there]


class _Carrier(Protocol):
    @property
    def tlvs(self) -> tuple[Tlv, ...]: ...


def check_tlvs(pdu: _Carrier) -> tuple[int, str] | None:
    """Whether a known TLV has a size that its tag cannot have: (ESME_RINVTLVLEN, reason), or None (SMPP 3.4, 3.3)."""
    for tlv in pdu.tlvs:
        definition = TLVS.get(tlv.tag)
        # SMPP 3.4, 3.3: an unknown tag is skipped, whatever its size.
        if definition is None or definition.size_min <= len(tlv.value) <= definition.size_max:
            continue
        least, most = definition.size_min, definition.size_max
        sizes = f"exactly {most}" if least == most else f"{least} to {most}"
        return int(CommandStatus.ESME_RINVTLVLEN), f"{definition.name}: {len(tlv.value)} octets, {sizes}"
    return None

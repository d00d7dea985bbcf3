"""What the numbers of fields and TLVs mean, in a few words, for people who read a dissection.

Only words: nothing here decides anything, and a value without words has none ("").
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from simulator.smpp.constants import (
    STATUS_MEANINGS,
    DataCoding,
    EsmClass,
    MessageState,
    Npi,
    RegisteredDelivery,
    Ton,
    Version,
    status_name,
)
from simulator.smpp.fields import DistributionList, SmeAddress, Unsuccess
from simulator.smpp.times import CENTURY_TURNS, parse_time
from simulator.smpp.tlvs import Tlv, tlv_name, value_of


def _named(enum: type[IntEnum]) -> Callable[[int], str]:
    names = {int(member): member.name.lower().replace("_", " ") for member in enum}
    return lambda value: names.get(value, "reserved")


_TON: Final = _named(Ton)
_NPI: Final = _named(Npi)
_STATE: Final = _named(MessageState)
# 3.3 is missing, because everything up to it reads as "or older" (SMPP 3.4, 5.2.4).
_VERSIONS: Final[dict[int, str]] = {Version.V34: "3.4", Version.V50: "5.0"}
# SMPP's table wins over GSM's from 0x01 to 0x0E, where the two mean different things but for UCS2.
_CODINGS: Final[dict[int, str]] = {
    DataCoding.DEFAULT: "SMSC default alphabet",
    DataCoding.IA5: "IA5 (ASCII)",
    DataCoding.BINARY_TDMA: "8-bit binary",
    DataCoding.LATIN_1: "Latin 1",
    DataCoding.BINARY: "8-bit binary",
    DataCoding.JIS: "JIS X 0208",
    DataCoding.CYRILLIC: "Cyrillic (ISO-8859-5)",
    DataCoding.HEBREW: "Hebrew (ISO-8859-8)",
    DataCoding.UCS2: "UCS2",
    DataCoding.PICTOGRAM: "pictogram",
    DataCoding.ISO_2022_JP: "ISO-2022-JP (music codes)",
    DataCoding.EXTENDED_KANJI: "extended Kanji (JIS X 0212)",
    DataCoding.KS_C_5601: "KS C 5601",
}
# In a deliver_sm the mode means nothing (SMPP 3.4, 5.2.12); it is told all the same, for it was sent.
_MODES: Final = ("default mode", "datagram mode", "forward mode", "store and forward")
_TYPES: Final = {
    0: "",
    EsmClass.RECEIPT: "delivery receipt",
    EsmClass.DELIVERY_ACKNOWLEDGEMENT: "delivery acknowledgement",
    EsmClass.USER_ACKNOWLEDGEMENT: "user acknowledgement",
    EsmClass.CONVERSATION_ABORT: "conversation abort",
    EsmClass.INTERMEDIATE_NOTIFICATION: "intermediate notification",
}
# The fourth is reserved in 3.4 and a receipt on success only in 5.0: one word for either.
_RECEIPTS: Final = ("no receipt", "receipt", "receipt on failure", "receipt on success")
# Spelt out: 03/04 is two dates, depending on who reads it.
_MONTHS: Final = "January February March April May June July August September October November December".split()


def status_meaning(value: int) -> str:
    """`ESME_RTHROTTLED: throttled: the rate or window is exceeded`."""
    # 0x0400 to 0x04FF are the vendors', and every other number without a name is reserved (SMPP 3.4, 5.1.3).
    words = STATUS_MEANINGS.get(value, "vendor specific" if 0x400 <= value <= 0x4FF else "reserved")
    return f"{status_name(value)}: {words}"


def esm_class_meaning(value: int) -> str:
    """`default mode, delivery receipt, UDHI` (SMPP 3.4, 5.2.12)."""
    words = [_MODES[value & EsmClass.MODE_MASK], _TYPES.get(value & EsmClass.TYPE_MASK, "reserved type")]
    words += ["UDHI"] if value & EsmClass.UDHI else []
    words += ["reply path"] if value & EsmClass.REPLY_PATH else []
    return ", ".join(filter(None, words))


def registered_delivery_meaning(value: int) -> str:
    """`receipt, intermediate notification` (SMPP 3.4, 5.2.17)."""
    words = [_RECEIPTS[value & RegisteredDelivery.RECEIPT_MASK]]
    words += ["delivery acknowledgement"] if value & RegisteredDelivery.DELIVERY_ACKNOWLEDGEMENT else []
    words += ["user acknowledgement"] if value & RegisteredDelivery.USER_ACKNOWLEDGEMENT else []
    words += ["intermediate notification"] if value & RegisteredDelivery.INTERMEDIATE_NOTIFICATION else []
    # Bits 7 to 5; SMPP 3.4 calls bit 4 the fifth in its heading, and means 0x10.
    words += ["reserved bits"] if value & 0xE0 else []
    return ", ".join(words)


def data_coding_meaning(value: int) -> str:
    """`UCS2`; from 0xC0 up the groups of GSM 03.38 (SMPP 3.4, 5.2.19)."""
    # GSM 03.38 message classes: bit 2 is the alphabet, bits 1 and 0 the class.
    if value >= 0xF0:
        return f"GSM message class {value & 3}, {'8-bit' if value & 4 else 'default alphabet'}"
    # 0xE0 to 0xEF are reserved by SMPP, and a waiting indication in UCS2 by GSM 03.38: senders mean the latter.
    if value >= 0xC0:
        return "GSM message waiting indication"
    # 0x10 to 0xBF are reserved by SMPP, though many send GSM's 0x10 to 0x1B (a class) and are understood.
    return _CODINGS.get(value, "reserved")


def version_meaning(value: int) -> str:
    """`3.4` (SMPP 3.4, 5.2.4)."""
    # 0x00 to 0x33, and 0 is what many an ESME sends that never thought of it.
    return "3.3 or older" if value <= Version.V33 else _VERSIONS.get(value, "reserved")


def time_meaning(text: str) -> str:
    """`21 November 2026 12:30:00.0 UTC+01:00`, `in 2 days 3 hours` (SMPP 3.4, 7.1)."""
    if not text:
        return ""
    # SMPP 3.4, 7.1.1 lets an SMSC report in twelve digits of its own local time, though no field has room for them.
    is_short = len(text) == 12
    try:
        parse_time(text + "000+" if is_short else text, 0.0)
    except ValueError:
        return "not a time"
    numbers = [int(text[at : at + 2]) for at in range(0, 12, 2)]
    if text[-1] == "R":
        units = zip(numbers, ("years", "months", "days", "hours", "minutes", "seconds"), strict=True)
        return "in " + (" ".join(f"{count} {unit}" for count, unit in units if count) or "0 seconds")
    year, month, day, hour, minute, second = numbers
    # Two digits of a year, and the turn between 37 and 38 (SMPP 3.4, appendix C).
    century = 19 if year >= CENTURY_TURNS else 20
    moment = f"{day} {_MONTHS[month - 1]} {century}{year:02d} {hour:02d}:{minute:02d}:{second:02d}"
    if is_short:
        return f"{moment} by the SMSC's clock"
    offset = int(text[13:15])
    return f"{moment}.{text[12]} UTC{text[15]}{offset // 4:02d}:{offset % 4 * 15:02d}"


def congestion_meaning(value: int) -> str:
    """`80 to 90: optimum` (SMPP 5.0, 4.8)."""
    # 90 stands in two ranges of the text. It is counted as optimum: that is what the sender is to aim for.
    limits = ((0, "idle"), (29, "low"), (49, "medium"), (79, "high"), (90, "optimum"), (99, "nearly congested"))
    words = next((words for limit, words in limits if value <= limit), "congested" if value == 100 else "reserved")
    return f"{value} %: {words}" if value <= 100 else words


# 0 is legal, and means that something else ends the repeats.
def _repeats(value: int) -> str:
    return f"{value} times" if value else "until validity_period, or without end"


# 255 is an answer, too: the network may not know whom it reached.
def _success(value: int) -> str:
    return f"{value} %" if value <= 100 else "not available" if value == 255 else "reserved"


def _words(*words: str) -> Callable[[int], str]:
    """The words of 0, 1, 2 ...; all above are reserved."""
    return lambda value: words[value] if value < len(words) else "reserved"


# By the names of fields and TLVs, so that a declaration needs no words and the words no declaration.
_NUMBERS: Final[dict[str, Callable[[int], str]]] = {
    "command_status": status_meaning,
    "source_addr_ton": _TON,
    "dest_addr_ton": _TON,
    "addr_ton": _TON,
    "esme_addr_ton": _TON,
    "source_addr_npi": _NPI,
    "dest_addr_npi": _NPI,
    "addr_npi": _NPI,
    "esme_addr_npi": _NPI,
    "esm_class": esm_class_meaning,
    "registered_delivery": registered_delivery_meaning,
    "data_coding": data_coding_meaning,
    "interface_version": version_meaning,
    "message_state": _STATE,
    "sc_interface_version": version_meaning,
    "broadcast_error_status": status_meaning,
    "congestion_state": congestion_meaning,
    "delivery_failure_reason": _words(
        *("destination unavailable", "destination address invalid", "permanent network error"),
        "temporary network error",
    ),
    "ms_availability_status": _words("available", "denied", "unavailable"),
    "dest_addr_np_resolution": _words("not queried", "queried, not ported", "queried, ported"),
    "broadcast_channel_indicator": _words("basic", "extended"),
    # The text of 5.0 prints class 1 as 0x02: a misprint, for 0x02 is class 2 in the next line.
    "broadcast_message_class": _words("no class", "class 1", "class 2", "class 3"),
    "broadcast_rep_num": _repeats,
    "broadcast_area_success": _success,
}
# Times are strings on the wire: nothing but their name tells them from any other.
_TIMES: Final = {"schedule_delivery_time", "validity_period", "final_date", "broadcast_end_time"}
# SMPP 5.0, 4.8; version 3.4 has the first three, with plainer names.
_NETWORKS: Final[dict[int, str]] = {
    1: "ANSI-136 access denied",
    2: "IS-95 access denied",
    3: "GSM",
    4: "ANSI-136",
    5: "IS-95",
    6: "ANSI-41",
    7: "SMPP",
    8: "SMSC specific",
}


def meaning_of(name: str, value: object) -> str:
    """What the value of a mandatory field means; "" where it says all by itself."""
    # By the name alone: a field and a TLV that share one, as message_state does, mean the same.
    if isinstance(value, int) and name in _NUMBERS:
        return _NUMBERS[name](value)
    if isinstance(value, str) and name in _TIMES:
        return time_meaning(value)
    # Lists of addresses are the only tuples among the values.
    if isinstance(value, tuple):
        return "; ".join(_element(element) for element in value)
    return ""


def _element(element: object) -> str:
    match element:
        case SmeAddress(ton, npi, addr):
            return f"{addr} ({_TON(ton)}, {_NPI(npi)})"
        case DistributionList(dl_name):
            return f"distribution list {dl_name}"
        case Unsuccess(ton, npi, addr, status):
            return f"{addr} ({_TON(ton)}, {_NPI(npi)}): {status_meaning(status)}"
    raise AssertionError(element)


# fmt: off
_UNITS: Final[dict[int, str]] = {
    0x08: "seconds", 0x09: "minutes", 0x0A: "hours", 0x0B: "days", 0x0C: "weeks", 0x0D: "months", 0x0E: "years",
}
# fmt: on
# Each has its own list of content types, which the specification only refers to.
_BEARERS: Final[dict[int, str]] = {0: "generic", 1: "GSM", 2: "TDMA", 3: "CDMA"}
_SHAPES: Final[dict[int, str]] = {1: "ellipsoid arc", 2: "polygon"}
_SPANS: Final = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
_VALIDITIES: Final = _words("store indefinitely", "until power down", "in this registration area", "display only")


def _error_of_network(octets: bytes) -> str:
    return f"{_NETWORKS.get(octets[0], 'reserved')} error {int.from_bytes(octets[1:], 'big')}"


def _interval(octets: bytes) -> str:
    """SMPP 5.0, 4.8: a unit, and how many of it."""
    if octets[0] == 0:
        return "as often as possible"
    return f"every {int.from_bytes(octets[1:], 'big')} {_UNITS.get(octets[0], 'of a reserved unit')}"


def _content(octets: bytes) -> str:
    """SMPP 5.0, 4.8: a network, and a type of content of its own."""
    return f"{_BEARERS.get(octets[0], 'reserved')} content type 0x{octets[1:].hex()}"


def _area(octets: bytes) -> str:
    """SMPP 5.0, 4.8: a format, and what it is about; shapes are those of 3GPP TS 23.032."""
    if octets[0] == 0:
        return f"area {octets[1:].decode('latin-1')!r}"
    return f"{_SHAPES.get(octets[0], 'reserved format')}, {len(octets) - 1} octets"


def _end(octets: bytes) -> str:
    """A time that has 16 octets in the specification's table and yet ends with a NUL, which makes 17: both are read."""
    return time_meaning(octets.removesuffix(b"\0").decode("latin-1"))


def _validity(octets: bytes) -> str:
    """One octet in version 3.4; SMPP 5.0, 4.8 adds a relative time of four."""
    if len(octets) == 4 and octets[0] == 4:
        unit = _SPANS[octets[1]] if octets[1] < len(_SPANS) else "of a reserved unit"
        return f"for {int.from_bytes(octets[2:], 'big')} {unit}"
    return _VALIDITIES(octets[0]) if len(octets) == 1 else ""


_STRUCTURES: Final[dict[str, tuple[frozenset[int], Callable[[bytes], str]]]] = {
    "network_error_code": (frozenset({3}), _error_of_network),
    "broadcast_frequency_interval": (frozenset({3}), _interval),
    "broadcast_content_type": (frozenset({3}), _content),
    "broadcast_area_identifier": (frozenset(range(1, 102)), _area),
    "broadcast_end_time": (frozenset({16, 17}), _end),
    "ms_validity": (frozenset({1, 4}), _validity),
}
"""TLVs that are neither a number nor a text: the sizes that can be read, and how."""


def meaning_of_tlv(tlv: Tlv) -> str:
    """What the value of a TLV means; "" where it says all by itself, or cannot be read by its kind."""
    name = tlv_name(tlv.tag)
    sizes, read = _STRUCTURES.get(name, (frozenset[int](), _end))
    return read(tlv.value) if len(tlv.value) in sizes else meaning_of(name, value_of(tlv))

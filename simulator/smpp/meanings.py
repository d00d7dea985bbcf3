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
from simulator.smpp.tlvs import Tlv, tlv_name, value_of


def _named(enum: type[IntEnum]) -> Callable[[int], str]:
    names = {int(member): member.name.lower().replace("_", " ") for member in enum}
    return lambda value: names.get(value, "reserved")


_TON: Final = _named(Ton)
_NPI: Final = _named(Npi)
_STATE: Final = _named(MessageState)
_VERSIONS: Final[dict[int, str]] = {Version.V34: "3.4", Version.V50: "5.0"}
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
_MODES: Final = ("default mode", "datagram mode", "forward mode", "store and forward")
_TYPES: Final = {
    0: "",
    EsmClass.RECEIPT: "delivery receipt",
    EsmClass.DELIVERY_ACKNOWLEDGEMENT: "delivery acknowledgement",
    EsmClass.USER_ACKNOWLEDGEMENT: "user acknowledgement",
    EsmClass.CONVERSATION_ABORT: "conversation abort",
    EsmClass.INTERMEDIATE_NOTIFICATION: "intermediate notification",
}
_RECEIPTS: Final = ("no receipt", "receipt", "receipt on failure", "receipt on success")
_MONTHS: Final = "January February March April May June July August September October November December".split()


def status_meaning(value: int) -> str:
    """`ESME_RTHROTTLED: throttled: the rate or window is exceeded`."""
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
    words += ["reserved bits"] if value & 0xE0 else []
    return ", ".join(words)


def data_coding_meaning(value: int) -> str:
    """`UCS2`; from 0xC0 up the groups of GSM 03.38 (SMPP 3.4, 5.2.19)."""
    if value >= 0xF0:
        return f"GSM message class {value & 3}, {'8-bit' if value & 4 else 'default alphabet'}"
    if value >= 0xC0:
        return "GSM message waiting indication"
    return _CODINGS.get(value, "reserved")


def version_meaning(value: int) -> str:
    """`3.4` (SMPP 3.4, 5.2.4)."""
    return "3.3 or older" if value <= Version.V33 else _VERSIONS.get(value, "reserved")


def time_meaning(text: str) -> str:
    """`21 November 2026 12:30:00.0 UTC+01:00`, `in 2 days 3 hours` (SMPP 3.4, 7.1)."""
    if not text:
        return ""
    if len(text) != 16 or not (text.isascii() and text[:15].isdigit()) or text[15] not in "+-R":
        return "not a time"
    numbers = [int(text[at : at + 2]) for at in range(0, 12, 2)]
    if text[15] == "R":
        units = zip(numbers, ("years", "months", "days", "hours", "minutes", "seconds"), strict=True)
        return "in " + (" ".join(f"{count} {unit}" for count, unit in units if count) or "0 seconds")
    year, month, day, hour, minute, second = numbers
    if not 1 <= month <= 12:
        return "not a time"
    offset = int(text[13:15])
    zone = f"UTC{text[15]}{offset // 4:02d}:{offset % 4 * 15:02d}"
    century = 19 if year >= 38 else 20
    return f"{day} {_MONTHS[month - 1]} {century}{year:02d} {hour:02d}:{minute:02d}:{second:02d}.{text[12]} {zone}"


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
}
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
    if isinstance(value, int) and name in _NUMBERS:
        return _NUMBERS[name](value)
    if isinstance(value, str) and name in _TIMES:
        return time_meaning(value)
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


def meaning_of_tlv(tlv: Tlv) -> str:
    """What the value of a TLV means; "" where it says all by itself, or cannot be read by its kind."""
    name, value = tlv_name(tlv.tag), value_of(tlv)
    if name == "network_error_code" and len(tlv.value) == 3:
        network = _NETWORKS.get(tlv.value[0], "reserved")
        return f"{network} error {int.from_bytes(tlv.value[1:], 'big')}"
    return meaning_of(name, value)

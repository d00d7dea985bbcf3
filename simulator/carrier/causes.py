"""The catalogue of causes: why a message was refused or failed, where that can show, and who says it by which code.

Knows 44 causes, the `err` of a receipt in several dialects and the codes of six platforms. Does not know which message
met which cause, nor how one is put into a PDU.

Every code has the meaning that its own platform publishes. That the codes of one row mean the same thing, the states,
and the whole `gsm` dialect are inferred [I]: no carrier and no platform publishes such a table. A cell may hold several
codes: the first one holds, unless a circumstance (`att:40017`, `toll_free:255`) is given that another one names.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from simulator.carrier.messages import (
    ACCEPTED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    REJECTED,
    UNDELIVERABLE,
    UNKNOWN,
    Cause,
)

SUBMIT: Final = "submit"
"""The cause can show in the answer to a submission."""
RECEIPT: Final = "receipt"
"""The cause can show in a receipt."""
PLATFORM: Final = "platform"
"""The cause can show at the platform, before anything is submitted: no carrier can make it happen alone."""

DIALECTS: Final = ("sinch", "twilio", "gsm", "mm7")
"""Ways of writing `err`. `gsm` is by 3GPP 29.002 and the tables that follow it, inferred row by row [I]; `mm7` is the
status of a multimedia message, and only rows about those have one."""
PLATFORMS: Final = ("bandwidth", "telnyx", "twilio", "signalwire_cxml", "signalwire", "vonage")
NO_ERR: Final = "000"
"""What a receipt carries where nothing failed, and of a failure where a dialect has no code even for an unknown one: in
Twilio's 000 is published as "none"."""
NO_RECEIPT: Final = ""
"""Stands among the states for: nobody is told anything."""

_FAILED: Final = frozenset({EXPIRED, UNDELIVERABLE, REJECTED, UNKNOWN})
_TEMPORARY: Final = frozenset({"wait", "yes", "later", "after midnight PT", "24 h"})
_PLACES: Final = {"S": SUBMIT, "D": RECEIPT, "P": PLATFORM}
_MAGIC: Final = re.compile(r"\+?1[2-9]\d\d55501(\d\d)")

Cell = tuple[tuple[str, str], ...]
"""Codes, each with the circumstance in which it is the one; the first has none."""


@dataclass(slots=True, frozen=True)
class Listed:
    """A row of the catalogue.

    ``shows`` says where the cause can be seen, ``states`` which final states tell it, the usual one first; rows about
    multimedia have the words of an MM status there, and `""` is no receipt at all. ``retry`` is the table's word for
    whether sending again can help.
    """

    number: int
    key: str
    shows: frozenset[str]
    states: tuple[str, ...]
    cells: Mapping[str, Cell]
    retry: str

    @property
    def is_temporary(self) -> bool:
        """Whether sending again helps by itself; `maybe` does not count, nor does what never failed."""
        return self.retry in _TEMPORARY

    def codes(self, column: str) -> tuple[str, ...]:
        """All codes of a dialect or platform, the usual one first."""
        return tuple(code for _, code in self.cells.get(column, ()))

    def code(self, column: str, circumstances: tuple[str, ...] = ()) -> str:
        """The code that holds in these circumstances; empty where the table gives none."""
        cell = self.cells.get(column, ())
        special = (code for circumstance, code in cell if circumstance and circumstance in circumstances)
        return next(special, cell[0][1] if cell else "")


def _cell(words: str, width: int = 0) -> Cell:
    """Reads `15 toll_free:255`; `1-3` is 1, 2 and 3; numbers are filled with zeros up to ``width``."""
    cell: list[tuple[str, str]] = []
    for word in words.split():
        circumstance, _, code = word.rpartition(":")
        low, dash, high = code.partition("-")
        many = [str(number) for number in range(int(low), int(high) + 1)] if dash else [code]
        cell += [(circumstance, one.zfill(width)) for one in many]
    return tuple(cell)


def _row(
    number: int,
    key: str,
    shows: str,
    states: tuple[str, ...],
    retry: str,
    *,
    sinch: str = "",
    twilio_err: str = "",
    gsm: str = "",
    mm7: str = "",
    cxml: str | None = None,
    **platforms: str,
) -> Listed:
    # SignalWire's compatibility dialect has Twilio's numbers, except where it never took one over
    platforms["signalwire_cxml"] = platforms.get("twilio", "") if cxml is None else cxml
    # three digits are what a receipt has room for (SMPP 3.4, Appendix B)
    errs = {"sinch": _cell(sinch, 3), "twilio_err": _cell(twilio_err, 3), "gsm": _cell(gsm, 3), "mm7": _cell(mm7)}
    cells = {**errs, **{platform: _cell(codes) for platform, codes in platforms.items()}}
    return Listed(
        number,
        key,
        frozenset(_PLACES[letter] for letter in shows),
        states,
        MappingProxyType({column: cell for column, cell in cells.items() if cell}),
        retry,
    )


_UNREACHABLE: Final = "unreachable_destination_handset"
_BLOCKED: Final = "message_blocked_by_carrier"
_TOO_MANY: Final = "campaign_throughput_exceeded"
_NO_REASON: Final = "rejected_by_receiving_carrier_for_unspecified_reason"
_MMS_FAILED: Final = "mms_expired_rejected_failed_or_unsupported"
_NOT_SENT: Final = "unable_to_deliver_to_carrier"

# fmt: off
# One row a cause; the numbers are for good, since the magic numbers use them. `S D P`: submit, receipt, platform.
_ROWS: Final = (
    _row(1, "delivered", "D", (DELIVERED,), "-", sinch="0", twilio_err="0", gsm="0", bandwidth="delivered",
         telnyx="delivered", twilio="delivered", signalwire="delivered", vonage="0"),
    _row(2, "accepted_only", "D", (ACCEPTED,), "-", bandwidth="9902", telnyx="delivery_unconfirmed",
         twilio="sent", signalwire="sent", vonage="accepted"),
    # an intermediate receipt: something final follows
    _row(3, "buffered", "D", (ENROUTE,), "wait", telnyx="sent", twilio="sent", signalwire="sent", vonage="buffered"),
    # Bandwidth gives up after two hours
    _row(4, "no_receipt", "", (NO_RECEIPT,), "-", bandwidth="9902", telnyx="dlr_timeout", twilio="sent",
         signalwire="sent"),
    _row(5, "absent_temporary", "D", (EXPIRED, UNDELIVERABLE), "yes", sinch="153 detached:201 no_page:202",
         twilio_err="1", gsm="27 detached:29 no_page:28", bandwidth="4702", telnyx="40008", twilio="30003",
         signalwire=_UNREACHABLE, vonage="2"),
    _row(6, "unknown_subscriber", "SD", (UNDELIVERABLE,), "no", sinch="150", twilio_err="5", gsm="1",
         bandwidth="4720 deactivated:4721", telnyx="40012", twilio="30005", signalwire="unknown_destination_handset",
         vonage="3"),
    _row(7, "landline_or_no_sms", "SD", (UNDELIVERABLE,), "no", sinch="152", twilio_err="7", gsm="11",
         bandwidth="4700", telnyx="40001", twilio="30006", signalwire="unrouteable_message", vonage="12"),
    _row(8, "validity_expired_carrier", "D", (EXPIRED,), "maybe", sinch="159", gsm="27", bandwidth="4702",
         telnyx="40005", twilio="30009", signalwire="message_validity_period_expired_at_carrier", vonage="expired"),
    # 30001 is an overflowing queue at Twilio and an expired message at SignalWire
    _row(9, "expired_in_platform_queue", "P", (), "yes", bandwidth="4360", telnyx="40014", twilio="30001"),
    _row(10, "memory_full", "D", (UNDELIVERABLE, EXPIRED), "yes", sinch="158 msc:210", twilio_err="2",
         gsm="33 msc:40", bandwidth="4702", telnyx="40008", twilio="30003", signalwire=_UNREACHABLE, vonage="2"),
    _row(11, "subscriber_busy", "D", (UNDELIVERABLE,), "yes", sinch="203", twilio_err="11", gsm="31",
         bandwidth="4702", telnyx="40008", twilio="30003", signalwire=_UNREACHABLE, vonage="7"),
    _row(12, "barred", "D", (UNDELIVERABLE,), "no", sinch="151", twilio_err="9", gsm="13", bandwidth="4750",
         telnyx="40004", twilio="30004", signalwire=_BLOCKED, vonage="4 carrier:14"),
    _row(13, "prepaid_no_funds", "D", (UNDELIVERABLE,), "maybe", bandwidth="4750", telnyx="40004", twilio="30004",
         signalwire=_NO_REASON, vonage="15"),
    # Telnyx: 40002 is a block that passes, 40003 one that stays, 40017 AT&T's
    _row(14, "carrier_spam", "SD", (REJECTED, UNDELIVERABLE), "no", sinch="15 toll_free:255", gsm="300",
         bandwidth="4770", telnyx="40002 permanent:40003 att:40017", twilio="30007", signalwire="carrier_violation",
         vonage="6"),
    _row(15, "shortened_url", "D", (REJECTED,), "no", sinch="62", gsm="300", bandwidth="4771", telnyx="40002",
         twilio="30007", signalwire="carrier_violation", vonage="6"),
    _row(16, "platform_spam", "P", (), "no", sinch="62", bandwidth="4470", telnyx="40015", twilio="30007",
         signalwire="message_filtered"),
    # a false receipt: nothing reached the phone
    _row(17, "silent_filter", "D", (DELIVERED, NO_RECEIPT), "-", sinch="0", twilio_err="0", gsm="0",
         bandwidth="delivered", telnyx="delivered", twilio="delivered", signalwire="delivered", vonage="0"),
    _row(18, "opted_out_network", "SD", (REJECTED,), "no", sinch="257", gsm="300", bandwidth="4775", telnyx="40300",
         twilio="21610", signalwire=_BLOCKED, vonage="9"),
    _row(19, "opted_out_platform", "P", (), "no", bandwidth="4482", telnyx="40300", twilio="21610",
         signalwire="message_blocked_by_number", vonage="9"),
    _row(20, "sender_blocked", "SD", (REJECTED,), "no", sinch="60", gsm="300", bandwidth="4481 downstream:4772",
         telnyx="40003", twilio="30004", signalwire=_BLOCKED, vonage="14"),
    # 30034 and 30032 exist at Twilio only; what stands for them in SignalWire's dialect of rows 22 and 27 is [I]
    _row(21, "unregistered_10dlc", "SD", (REJECTED,), "no", sinch="60", gsm="300", bandwidth="4774", telnyx="40010",
         twilio="30034", cxml="21717", signalwire="inactive_campaign"),
    _row(22, "campaign_inactive", "SD", (REJECTED,), "no", sinch="60", gsm="300", bandwidth="4773", telnyx="40010",
         twilio="30034", cxml="21717",
         signalwire="associated_campaign_inactive suspended:associated_campaign_suspended"),
    _row(23, "att_tpm", "SD", (REJECTED,), "later", sinch="64", bandwidth="4781", telnyx="40018", twilio="30022",
         signalwire=_TOO_MANY),
    _row(24, "tmo_daily", "SD", (REJECTED,), "after midnight PT", sinch="64", bandwidth="4780", telnyx="40016",
         twilio="30027", signalwire="tmobile_daily_limit_reached"),
    _row(25, "other_volume", "SD", (REJECTED,), "later", sinch="64", bandwidth="4785", telnyx="40011",
         twilio="30022", signalwire=_TOO_MANY),
    _row(26, "bad_tag", "SD", (REJECTED,), "no", sinch="334", gsm="301", bandwidth="4774", telnyx="40019",
         twilio="30008", signalwire="unknown_error"),
    _row(27, "tollfree_unverified", "SD", (REJECTED,), "no", sinch="64", gsm="300", bandwidth="4795",
         telnyx="40329", twilio="30032", cxml="30004", signalwire=_BLOCKED),
    _row(28, "invalid_source", "SD", (REJECTED,), "no", sinch="310", gsm="300", bandwidth="4740", telnyx="40013",
         twilio="21212", signalwire="invalid_from_number", vonage="10"),
    _row(29, "invalid_destination", "SD", (UNDELIVERABLE,), "no", sinch="300", gsm="10", bandwidth="4720",
         telnyx="40012", twilio="21211 landline:21614", signalwire="invalid_to_number", vonage="12"),
    _row(30, "too_long", "SD", (REJECTED,), "no", sinch="343", twilio_err="3", gsm="301",
         bandwidth="4751 malformed:4752", telnyx="40009", twilio="21617", signalwire="character_limit_exceeded",
         vonage="10"),
    _row(31, "congestion", "S", (), "yes", sinch="107 queue_full:360", twilio_err="12", gsm="999", bandwidth="5600",
         telnyx="40006", twilio="63011", signalwire=_NOT_SENT, vonage="8"),
    # the message stays in SignalWire's own queue, so there is no code of its REST API
    _row(32, "throttled", "S", (), "yes", sinch="64", gsm="999", bandwidth="5600", telnyx="40011", twilio="20429",
         vonage="8"),
    # whoever sends again may send twice: the first may have arrived
    _row(33, "no_ack", "S", (), "yes", gsm="203", bandwidth="5630", telnyx="gw_timeout", twilio="63011",
         signalwire=_NOT_SENT, vonage="8"),
    _row(34, "no_route", "PSD", (UNDELIVERABLE,), "no", sinch="1-12", gsm="10", bandwidth="4730 4420",
         telnyx="40001", twilio="30006", signalwire="unrouteable_message", vonage="11"),
    _row(35, "shortcode_not_allowed", "D", (REJECTED,), "no", sinch="60", gsm="300",
         bandwidth="4790 campaign:4791 unprovisioned:4792 expired:4793", telnyx="40301", twilio="30004",
         signalwire=_BLOCKED, vonage="14"),
    _row(36, "age_restricted", "D", (REJECTED,), "no", gsm="300", bandwidth="4750", telnyx="40004", twilio="30004",
         signalwire=_BLOCKED, vonage="13"),
    _row(37, "roaming_no_route", "D", (UNDELIVERABLE,), "maybe", sinch="13 14", gsm="27", bandwidth="4730",
         telnyx="40008", twilio="30003", signalwire=_UNREACHABLE, vonage="12"),
    _row(38, "portability", "D", (UNDELIVERABLE,), "maybe", gsm="2", bandwidth="4730", telnyx="40004",
         twilio="30006", signalwire="unrouteable_message", vonage="5"),
    _row(39, "traffic_inflation", "PS", (REJECTED,), "24 h", sinch="64", bandwidth="4785", telnyx="40020",
         signalwire=_TOO_MANY),
    _row(40, "unknown", "D", (UNKNOWN, UNDELIVERABLE), "maybe", sinch="399", gsm="69", bandwidth="9999",
         telnyx="40004 40008", twilio="30008", signalwire=f"unknown_error refused:{_NO_REASON}", vonage="1 99"),
    _row(41, "mms_too_large", "PD", ("Rejected",), "no", mm7="2560", bandwidth="4411 carrier:4711", telnyx="40317",
         twilio="11751", signalwire="media_exceeds_size_limit"),
    _row(42, "mms_type_unsupported", "PD", ("Rejected", "Unrecognised"), "no", mm7="2004",
         bandwidth="4412 carrier:4712", telnyx="40304", twilio="30011",
         signalwire=f"unsupported_media_type carrier:{_MMS_FAILED}"),
    _row(43, "mms_expired", "D", ("Expired",), "maybe", telnyx="40005", twilio="30011", signalwire=_MMS_FAILED),
    _row(44, "media_fetch_failed", "P", (), "maybe", mm7="3003", bandwidth="4410", twilio="63019",
         signalwire="media_download_failed timeout:media_connection_timeout refused:media_request_failed"),
)
# fmt: on

CATALOGUE: Final[Mapping[str, Listed]] = MappingProxyType({row.key: row for row in _ROWS})
"""All rows by their keys, in the order of their numbers."""
ALIASES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "campaign_suspended": ("campaign_inactive", "suspended"),
        "malformed": ("too_long", "malformed"),
        "queue_full": ("congestion", "queue_full"),
        "deactivated": ("unknown_subscriber", "deactivated"),
    }
)
"""Further names: each means a row in one of its circumstances."""

CIRCUMSTANCES: Final = tuple(sorted({one for row in _ROWS for cell in row.cells.values() for one, _ in cell if one}))
"""All that can choose among the codes of a cause."""

_ERR_COLUMNS: Final = {"sinch": "sinch", "twilio": "twilio_err", "gsm": "gsm", "mm7": "mm7"}


def listed(key: str) -> Listed:
    """The row of a cause, by its key or an alias. Raises ValueError for any other name."""
    row = CATALOGUE.get(ALIASES[key][0] if key in ALIASES else key)
    if row is None:
        close = get_close_matches(key.lower(), [*CATALOGUE, *ALIASES], n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(CATALOGUE)}"
        raise ValueError(f"cause: {key!r} is none; {hint}")
    return row


def _circumstances(key: str, given: tuple[str, ...]) -> tuple[str, ...]:
    return (*given, ALIASES[key][1]) if key in ALIASES else given


@lru_cache(maxsize=4096)
def cause(key: str, dialect: str = "sinch", *circumstances: str) -> Cause:
    """The cause of that key as a verdict carries it, named as it was asked for. Raises ValueError as `err_of` does."""
    return Cause(key, err_of(key, dialect, *circumstances), is_temporary=listed(key).is_temporary)


def err_of(key: str, dialect: str, *circumstances: str) -> str:
    """The `err` of that cause in that dialect: three digits.

    Of a failure for which the table gives none it is that of an unknown one [I], and `000` where there is none either.
    Raises ValueError for an unknown cause or dialect; circumstances that no cell names are without effect.
    """
    if dialect not in _ERR_COLUMNS:
        raise ValueError(f"error dialect: {dialect!r}, one of {', '.join(DIALECTS)}")
    row, column = listed(key), _ERR_COLUMNS[dialect]
    code = row.code(column, _circumstances(key, circumstances))
    if not code and (SUBMIT in row.shows or not _FAILED.isdisjoint(row.states)):
        code = CATALOGUE["unknown"].code(column)
    return code or NO_ERR


def codes_of(key: str, *circumstances: str) -> Mapping[str, str]:
    """What each platform says to its customers of that cause; a platform that says nothing is not in it."""
    row, given = listed(key), _circumstances(key, circumstances)
    return {platform: row.code(platform, given) for platform in PLATFORMS if platform in row.cells}


MAGIC: Final[Mapping[str, str]] = MappingProxyType(
    {"00": "delivered", **{f"{row.number:02}": row.key for row in _ROWS}}
)
"""The last two digits of +1 NPA 555 01xx, each with the cause it asks for: 00 is delivered, any other its row's number.

It is the rule of the published examples 14 (spam), 18 (opted out) and 24 (daily cap); what has no row is left alone.
"""


def cause_of_magic(number: str) -> str | None:
    """The key of the cause that this number asks for (E.164, with or without `+`); None for every other number."""
    found = _MAGIC.fullmatch(number)
    return MAGIC.get(found[1]) if found else None

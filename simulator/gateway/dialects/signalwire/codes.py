"""SignalWire's codes: what a carrier's refusal or receipt is called there, in words, and by number in cXML.

It knows the codes that SignalWire publishes, and how carriers number what they say. That a carrier's number means one
of these codes is inferred [I]: no carrier publishes such a table. Where a number means several things, the sender's
kind, its campaign and the destination's network decide, as far as they can.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from simulator.gateway.messages import Cause, NumberKind

WORDS: Final[Mapping[str, str]] = {
    # at once, by 422
    "body_or_media_required": "Body must be included if there is no Media.",
    "character_limit_exceeded": "Body has more characters than a message may have.",
    "media_limit_exceeded": "Media has more entries than a message may have.",
    "invalid_media_url": "Media must be URLs by http or https.",
    "invalid_media_type": "Media has a type that cannot be sent.",
    "invalid_from_number": "From must be a number that this project has purchased.",
    "verified_caller_id_not_permitted": "From must not be a verified caller ID.",
    "missing_messaging_capability": "From cannot send messages of this kind.",
    "inactive_campaign": "From is not assigned to an active campaign.",
    "not_e164": "To must be in E.164 format.",
    "invalid_to_number": "To is not a number that can be sent to.",
    "destination_number_not_supported": "To is in a region that is not supported.",
    "number_blacklisted": "To is blocked.",
    "message_backlog_limit_exceeded": "The backlog of the space is full.",
    "max_queued_messages_exceeded": "Too many messages of this number are queued.",
    "insufficient_balance_to_send_message": "The balance does not suffice to send this message.",
    "sending_disabled_for_space": "Sending is disabled for this space.",
    "sending_restricted_to_verified": "A trial may only send to verified numbers.",
    "pft_daily_limit_exceeded": "The trial's messages of today are spent.",
    "sole_proprietor_daily_limit_exceeded": "The sole proprietor's messages of today are spent.",
    "too_many_custom_variables": "There are too many custom variables.",
    "invalid_custom_variable_name": "A custom variable has a name that is not allowed.",
    "invalid_custom_variable_value": "A custom variable has a value that is no text, or empty.",
    "custom_variable_value_too_long": "A custom variable has too long a value.",
    "reserved_custom_variable_name": "A custom variable has a name that is reserved.",
    "body_must_be_empty": "Body must be empty.",
    "cannot_redact_in_progress_message": "A message in progress cannot be redacted.",
    "rate_limit_exceeded": "There were too many requests.",
    "datetime_required": "This must be a date or a date and time.",
    "page_token_required": "A page beyond the first needs the page token of a link.",
    "exceeds_history_logs_limit": "The logs do not reach back so far.",
    # later, on the message
    "associated_campaign_inactive": "The campaign of the sender is not active.",
    "associated_campaign_suspended": "The campaign of the sender is suspended.",
    "campaign_throughput_exceeded": "The campaign has sent more than it may.",
    "carrier_violation": "The carrier has filtered the message.",
    "message_filtered": "The message was filtered before it left.",
    "tmobile_daily_limit_reached": "The brand has sent to T-Mobile what it may in a day.",
    "message_blocked_by_carrier": "The carrier has blocked the message.",
    "message_blocked_by_number": "The recipient has blocked messages of this number.",
    "message_validity_period_expired_at_carrier": "The carrier could not deliver the message in time.",
    "rejected_by_receiving_carrier_for_unspecified_reason": "The receiving carrier gave no reason.",
    "unable_to_deliver_to_carrier": "The message could not be handed to a carrier.",
    "unknown_destination_handset": "The destination is not known.",
    "unreachable_destination_handset": "The destination cannot be reached.",
    "unrouteable_message": "There is no way to the destination.",
    "unknown_error": "The carrier told no reason that is known.",
    "internal_error_occurred": "An error has occurred in the platform.",
}
"""Each published code that this dialect can say, and our words for it."""

_VIOLATION: Final = "carrier_violation"
_UNREACHABLE: Final = "unreachable_destination_handset"
_BLOCKED: Final = "message_blocked_by_carrier"
_NO_REASON: Final = "rejected_by_receiving_carrier_for_unspecified_reason"
_NOT_HANDED: Final = "unable_to_deliver_to_carrier"
_NO_WAY: Final = "unrouteable_message"
_EXPIRED: Final = "message_validity_period_expired_at_carrier"

CAMPAIGN: Final = "by campaign"
"""In a table: the state of the sender's campaign decides."""
VOLUME: Final = "by volume"
"""In a table: too much, and the network and the sender's kind decide of what."""

# One provider's decimal numbers, with the meanings it publishes; its pages for US senders read 60, 62 and 64 so.
_SINCH: Final[Mapping[str, str]] = {
    **{f"{number:03}": _NO_WAY for number in range(1, 13)},
    "013": _UNREACHABLE,
    "014": _UNREACHABLE,
    "015": _VIOLATION,
    "060": CAMPAIGN,
    "061": _BLOCKED,
    "062": _VIOLATION,
    "064": VOLUME,
    "065": _NO_WAY,
    "066": _BLOCKED,
    **{f"{number:03}": _NOT_HANDED for number in range(100, 115)},
    "150": "unknown_destination_handset",
    "151": _BLOCKED,
    "152": _NO_WAY,
    "153": _UNREACHABLE,
    "154": _UNREACHABLE,
    "155": "unknown_error",
    "158": _UNREACHABLE,
    "159": _EXPIRED,
    "201": _UNREACHABLE,
    "202": _UNREACHABLE,
    "203": _UNREACHABLE,
    "210": _UNREACHABLE,
    **{f"{number:03}": _BLOCKED for number in range(250, 255)},
    "255": _VIOLATION,
    "257": _BLOCKED,
    "300": "invalid_to_number",
    "310": "invalid_from_number",
    "320": _NO_REASON,
    "321": _NO_REASON,
    "322": _UNREACHABLE,
    "334": "unknown_error",
    "343": "character_limit_exceeded",
    "349": _NO_WAY,
    "360": _NOT_HANDED,
    "399": "unknown_error",
}
# The causes of GSM and the numbers that follow them.
_GSM: Final[Mapping[str, str]] = {
    "001": "unknown_destination_handset",
    "002": _NO_WAY,
    "010": _NO_WAY,
    "011": _NO_WAY,
    "013": _BLOCKED,
    "021": _BLOCKED,
    "027": _UNREACHABLE,
    "028": _UNREACHABLE,
    "029": _UNREACHABLE,
    "031": _UNREACHABLE,
    "033": _UNREACHABLE,
    "040": _UNREACHABLE,
    "069": "unknown_error",
    "203": _NOT_HANDED,
    "300": _BLOCKED,
    "301": "unknown_error",
    "999": _NOT_HANDED,
}
ERRS: Final[Mapping[str, Mapping[str, str]]] = {"sinch": _SINCH, "gsm": _GSM}
"""A receipt's err to a code, for each way of numbering; what is missing says nothing."""

# SMPP 3.4, 5.1.3; every other status is a carrier that gave no reason.
_STATUSES: Final[Mapping[int, str]] = {
    0x01: "character_limit_exceeded",  # ESME_RINVMSGLEN
    0x08: _NOT_HANDED,  # ESME_RSYSERR
    0x0A: "invalid_from_number",  # ESME_RINVSRCADR
    0x0B: "invalid_to_number",  # ESME_RINVDSTADR
    0x14: _NOT_HANDED,  # ESME_RMSGQFUL
    0x45: _NOT_HANDED,  # ESME_RSUBMITFAIL
    0x58: _NOT_HANDED,  # ESME_RTHROTTLED
    0x64: _NOT_HANDED,  # ESME_RX_T_APPN
}
_STATS: Final[Mapping[str, str]] = {
    "EXPIRED": _EXPIRED,
    "REJECTD": _BLOCKED,
    "UNDELIV": _NO_REASON,
}
_OWN: Final[Mapping[str, str]] = {
    "no_route": _NO_WAY,
    "no_answer": _NOT_HANDED,
    "retries_exhausted": _NOT_HANDED,
    # "failed" without a published code of its own: the nearest [I]
    "queue_expired": _NOT_HANDED,
    "opted_out_platform": "message_blocked_by_number",
    "too_long": "character_limit_exceeded",
    "filtered_platform": "message_filtered",
    "internal": "internal_error_occurred",
}

CXML: Final[Mapping[str, str]] = {
    "carrier_violation": "30007",
    "message_filtered": "30007",
    "message_blocked_by_carrier": "30004",
    "message_blocked_by_number": "21610",
    "unreachable_destination_handset": "30003",
    "unknown_destination_handset": "30005",
    "unrouteable_message": "30006",
    "unknown_error": "30008",
    "internal_error_occurred": "30008",
    "rejected_by_receiving_carrier_for_unspecified_reason": "30008",
    "message_validity_period_expired_at_carrier": "30009",
    "campaign_throughput_exceeded": "30022",
    "tmobile_daily_limit_reached": "30027",
    "inactive_campaign": "21717",
    "associated_campaign_inactive": "21717",
    "associated_campaign_suspended": "21717",
    "invalid_from_number": "21212",
    "invalid_to_number": "21211",
    "character_limit_exceeded": "21617",
    "unable_to_deliver_to_carrier": "63011",
}
"""The same in the numbers of the Compatibility API."""


class About(NamedTuple):
    """What may decide between the meanings of one number."""

    network: str = ""
    """The destination's."""
    kind: NumberKind | None = None
    """The sender's."""
    campaign: str = "active"
    """The state of the sender's campaign; ``none`` where it has none."""


def code_of(cause: Cause, about: About, errs: str = "sinch", given: Mapping[str, str] | None = None) -> str:
    """SignalWire's code of why a message failed or was not delivered; ``given`` are the operator's own rows."""
    own = _OWN.get(cause.key)
    if own is not None and not cause.err:
        return own
    err = cause.err.zfill(3)
    code = (given or {}).get(err) or ERRS[errs].get(err)
    if code is None and cause.key == "receipt":
        code = _STATS.get(cause.stat, "unknown_error")
    elif code is None:
        code = own or _STATUSES.get(cause.command_status or 0, _NO_REASON)
    if code == CAMPAIGN:
        return _by_campaign(about)
    return _by_volume(about) if code == VOLUME else code


def _by_campaign(about: About) -> str:
    if about.kind is not NumberKind.LONG_CODE:
        return _BLOCKED
    states = {"none": "inactive_campaign", "suspended": "associated_campaign_suspended", "active": _BLOCKED}
    return states.get(about.campaign, "associated_campaign_inactive")


def _by_volume(about: About) -> str:
    if about.kind is NumberKind.TOLL_FREE:
        # of toll-free numbers it means that they are not verified
        return _BLOCKED
    return "tmobile_daily_limit_reached" if "t-mobile" in about.network.lower() else "campaign_throughput_exceeded"


__all__ = ["CAMPAIGN", "CXML", "ERRS", "VOLUME", "WORDS", "About", "code_of"]

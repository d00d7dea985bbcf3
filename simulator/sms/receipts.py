"""The text of a delivery receipt: written as SMPP 3.4, appendix B prints it, read as the field writes it.

Knows the eight fields of the text, the seven-letter words for message_state and the dates' form. Does NOT know the
receipt's PDU or TLVs, when a receipt is due, or what time it is.

Every form that clients choke on (twelve-digit dates, an alphanumeric err, another order) can be had by passing other
strings; the defaults are what all known parsers take: this order, one space between, ten-digit dates, a
three-character err.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from simulator.sms.alphabets import SAME_AS_ASCII

TEXT_LENGTH_MAX: Final = 20
"""Characters of the message that a receipt repeats (SMPP 3.4, appendix B)."""

# --- message_state (SMPP 3.4, 5.2.28; SMPP 5.0, 4.7.15) ---

STATES: Final = {
    # SCHEDULED is of 5.0, and no text form of it is known: while nothing has happened, a 3.4 peer is told ENROUTE.
    0: "ENROUTE",
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}
"""The word in a receipt's ``stat`` for each message_state."""

_STATES_BY_WORD: Final = {
    **{stat: state for state, stat in STATES.items()},
    "SCHEDULED": 0,
    "DELIVERED": 2,
    "UNDELIVERABLE": 5,
    "ACCEPTED": 6,
    "REJECTED": 8,
}


def stat_of(state: int) -> str:
    """Return the word for a message_state; an unassigned one is UNKNOWN."""
    return STATES.get(state, "UNKNOWN")


def state_of(stat: str) -> int | None:
    """Return the message_state of a word, the specification's long names too, in any case; None for other words."""
    return _STATES_BY_WORD.get(stat.upper())


# --- Dates ---

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _date_of_minute(minute: int) -> str:
    # Nearly all receipts of a run share a few minutes, so that the calendar is computed next to never.
    return f"{_EPOCH + timedelta(minutes=minute):%y%m%d%H%M}"


def date10(unix_seconds: float, offset_minutes: int = 0) -> str:
    """Return YYMMDDhhmm for a Unix time, as local time that many minutes ahead of UTC."""
    return _date_of_minute(int(unix_seconds // 60) + offset_minutes)


def date12(unix_seconds: float, offset_minutes: int = 0) -> str:
    """Return YYMMDDhhmmss: what some SMSCs send and some clients refuse. Arguments as of ``date10``."""
    return f"{date10(unix_seconds, offset_minutes)}{int(unix_seconds % 60):02d}"


# --- Writing ---


def build(
    message_id: str,
    *,
    stat: str,
    submitted: str,
    done: str,
    err: str = "000",
    sub: str = "001",
    dlvrd: str = "001",
    text: str = "",
) -> str:
    """Return the text of a receipt (SMPP 3.4, appendix B), of ``text`` the first 20 characters.

    ``submitted`` and ``done`` are dates as ``date10`` makes them. Nothing is checked: wrong receipts can be asked for.
    """
    return (
        f"id:{message_id} sub:{sub} dlvrd:{dlvrd} submit date:{submitted} done date:{done} stat:{stat} err:{err}"
        f" Text:{text[:TEXT_LENGTH_MAX]}"
    )


_ON_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")
_SHOWN_GSM: Final = bytes(octet if octet in SAME_AS_ASCII else ord("?") for octet in range(256)).translate(_ON_ONE_LINE)


def shown(text: str) -> bytes:
    """Return a text as octets that read alike in ASCII and in the GSM alphabet, on one line."""
    octets = text.encode("ascii", "replace")
    for octet in octets.translate(None, SAME_AS_ASCII):
        octets = octets.replace(bytes((octet,)), b"?")
    return octets.translate(_ON_ONE_LINE)


@lru_cache(maxsize=4096)
def _middle(*, submitted: str, done: str, stat: str, err: str, sub: str, dlvrd: str) -> bytes:
    # Nearly all receipts of a minute differ in their id and text only.
    fields = build("", stat=stat, submitted=submitted, done=done, err=err, sub=sub, dlvrd=dlvrd)
    return fields.removeprefix("id:").encode("ascii", "replace")


def receipt_octets(
    message_id: str,
    *,
    stat: str,
    submitted: str,
    done: str,
    err: str = "000",
    sub: str = "001",
    dlvrd: str = "001",
    text: str | bytes = "",
) -> bytes:
    """Return the text of a receipt as octets of data_coding 0 that read alike in ASCII and in GSM. As ``build``.

    Half of the clients read receipts as ASCII or UTF-8, half as GSM, and Text is only a reminder. So a character of
    it that the two do not share becomes a question mark: an '@' would be NUL to the former, which C strings and
    databases do not survive. A line break becomes a space, for patterns that match within a line. The other fields
    are sent as ASCII, so that an id has the very octets it had in the response. To send a receipt's text as exact
    GSM, encode what ``build`` returns. ``text`` may be octets of the GSM alphabet, without an escape among its first
    20: they are shown the same, at a fifth of the price.
    """
    if isinstance(text, bytes):
        repeated = text[:TEXT_LENGTH_MAX].translate(_SHOWN_GSM)
    else:
        repeated = shown(text[:TEXT_LENGTH_MAX])
    middle = _middle(submitted=submitted, done=done, stat=stat, err=err, sub=sub, dlvrd=dlvrd)
    return b"id:" + message_id.encode("ascii", "replace") + middle + repeated


# --- Reading ---


class Receipt(NamedTuple):
    """What a receipt's text says, each field as it came (``stat`` in upper case); absent fields are empty."""

    message_id: str
    stat: str
    sub: str = ""
    dlvrd: str = ""
    submit_date: str = ""
    done_date: str = ""
    err: str = ""
    text: str = ""


_LABEL: Final = r"(?:id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)"
# A value ends at white space. An empty one must not take the next label for itself.
_FIELD: Final = re.compile(rf"(?<!\S)(?P<label>{_LABEL}):[ ]*(?P<value>(?!{_LABEL}:)\S*)", re.IGNORECASE)
_TEXT: Final = re.compile(r"(?<!\S)text:", re.IGNORECASE)
_ANY_LABEL: Final = re.compile(rf"(?<!\S){_LABEL}:", re.IGNORECASE)


def _fields(text: str) -> dict[str, str]:
    """Return label to value, labels in lower case without spaces; of repeated ones the first."""
    found: dict[str, str] = {}
    for match in _FIELD.finditer(text):
        found.setdefault(re.sub("[ _]", "", match["label"].lower()), match["value"])
    return found


def parse(text: str) -> Receipt | None:
    """Read the text of a receipt: labels in any case and order, fields missing, dates of any length.

    Returns None when it has no id or no stat: then it is no receipt. Text runs to the end, whatever it contains,
    unless id or stat come only after it.
    """
    label = _TEXT.search(text)
    head, tail = (text, "") if label is None else (text[: label.start()], text[label.end() :])
    found = _fields(head)
    if not (found.get("id") and found.get("stat")):
        found = _fields(tail) | found
        after = _ANY_LABEL.search(tail)
        tail = tail[: after.start()].removesuffix(" ") if after else tail
    message_id, stat = found.get("id"), found.get("stat")
    if not message_id or not stat:
        return None
    return Receipt(
        message_id,
        stat.upper(),
        found.get("sub", ""),
        found.get("dlvrd", ""),
        found.get("submitdate", ""),
        found.get("donedate", ""),
        found.get("err", ""),
        tail,
    )

"""Texts, moments, money and addresses of URLs as the dialects count and write them. It knows no dialect by name."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit

from simulator.sms.alphabets import Alphabet, choose, encode_alphabet
from simulator.sms.segments import count_segments

BILLION: Final = 1_000_000_000
"""Billionths (nanodollars) of one unit of money."""
URL_MAX: Final = 2048


# --- Segments ---


def segments_on_air(text: str) -> int:
    """Segments that carry a text: 160 or 153 characters of GSM, 70 or 67 of UCS-2."""
    coding, alphabet = choose(text)
    return count_segments(encode_alphabet(text, alphabet), coding)


def encoding_of(text: str) -> int:
    """0 where GSM carries a text, 8 where UCS-2 must."""
    return choose(text)[0]


def segments_of_140(text: str) -> int:
    """Flowroute's documented count: 160 characters in one segment, beyond that 140 in each; 70 of UCS-2 in each."""
    _, alphabet = choose(text)
    octets = len(encode_alphabet(text, alphabet))
    if alphabet == Alphabet.UCS2:
        return max(1, -(-octets // 140))
    return 1 if octets <= 160 else -(-octets // 140)


# --- Moments ---


def moment_text(at: float, *, is_whole: bool = True) -> str:
    """Unix seconds as ISO 8601 with Z, cut to whole seconds, or with microseconds."""
    # by way of whole microseconds: a float of today's size would show the neighbour of what was meant
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=round(at * 1_000_000))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if is_whole else "%Y-%m-%dT%H:%M:%S.%fZ")


def moment_of(text: str, *, needs_zone: bool = False) -> float:
    """Unix seconds of an ISO 8601 date or date and time; without a zone it is UTC.

    Raises ValueError, with ``needs_zone`` also where the text names no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        if needs_zone:
            raise ValueError(f"{text!r}, must name its time zone")
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def is_date(text: str) -> bool:
    """Whether a text names a day without an hour."""
    return len(text) == 10


DAY: Final = 86_400.0


# --- Money ---


def money_text(billionths: int, digits: int = 2) -> str:
    """An amount in decimal digits, exactly: at least ``digits`` behind the point and no zeros beyond them."""
    sign = "-" if billionths < 0 else ""
    whole, rest = divmod(abs(billionths), BILLION)
    behind = f"{rest:09}".rstrip("0").ljust(digits, "0")
    return f"{sign}{whole}.{behind}"


def billionths_of(amount: float) -> int:
    """An amount of a configuration as whole billionths."""
    return round(amount * BILLION)


# --- Names, URLs and signatures ---


def twice(problem: str, names: Iterable[str]) -> None:
    """Raises ValueError, ``problem`` and the name, where one of the names stands there again."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{problem} {name!r}, must be different names")
        seen.add(name)


def url_of(value: object) -> SplitResult | None:
    """The parts of a URL by http or https that has a host; None for anything else."""
    if not isinstance(value, str) or len(value) > URL_MAX or not value.isascii() or not value.isprintable():
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    has_host = parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in value
    return parts if has_host else None


def is_loopback(parts: SplitResult) -> bool:
    """Whether a URL's host is this machine by name or address."""
    host = parts.hostname or ""
    octets = host.split(".")
    is_v4 = len(octets) == 4 and octets[0] == "127" and all(one.isdecimal() and int(one) < 256 for one in octets)
    return is_v4 or host in {"localhost", "::1"}


def hex_signature(key: str, url: str, body: bytes) -> str:
    """SignalWire's scheme A: HMAC-SHA1 over the URL and the raw body, in lower-case hex."""
    return hmac.new(key.encode(), url.encode() + body, hashlib.sha1).hexdigest()


def form_signature(key: str, url: str, form: Mapping[str, str]) -> str:
    """SignalWire's scheme B: HMAC-SHA1 over the URL and each name with its value, names in order, in base64."""
    told = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(key.encode(), told.encode(), hashlib.sha1).digest()).decode()


__all__ = [
    "BILLION",
    "DAY",
    "URL_MAX",
    "billionths_of",
    "encoding_of",
    "form_signature",
    "hex_signature",
    "is_date",
    "is_loopback",
    "moment_of",
    "moment_text",
    "money_text",
    "segments_of_140",
    "segments_on_air",
    "twice",
    "url_of",
]

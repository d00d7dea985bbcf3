"""Carrier time as people and programs write it. It knows no clock."""

from datetime import UTC, datetime
from math import isfinite

# the middle of the last millisecond of the year 9999, so that no rounding leads out of it
_LATEST = 253_402_300_799.9995


def moment_text(at: float) -> str:
    """ISO 8601 in UTC with milliseconds; a moment beyond the year 9999 shows as its end."""
    moment = datetime.fromtimestamp(min(max(at, 0.0), _LATEST), UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment_from(text: str) -> float:
    """Unix seconds of a moment given as such or in ISO 8601, without a zone in UTC. Raises ValueError for others."""
    try:
        seconds = float(text)
    except ValueError:
        # a + that was not escaped in an address has become a space
        moment = _parsed(text.strip().replace(" ", "+") if text.strip().count("T") else text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not isfinite(seconds):
        raise ValueError("unix seconds or ISO 8601")
    return seconds


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("unix seconds or ISO 8601") from None

"""Times as 16 characters `YYMMDDhhmmsstnnp`, absolute and relative (SMPP 3.4, 7.1; SMPP 5.0, 4.7.23).

A time is unix seconds here, and what is now is an argument. Which field a time came from, and which status answers a
bad one (ESME_RINVSCHED, ESME_RINVEXPIRY), is not known here.

Three things are easily taken for granted, and decided here:

* An absolute time bears its own distance from UTC (nn quarter hours, p its sign): a number and not the name of a zone.
  Daylight saving is the writer's business, who puts the distance that will hold at that very instant; nobody's
  calendar of changes is consulted, and an hour that a clock shows twice is still two instants.
* A relative time is counted on the calendar of UTC: years and months first, the day clipped to the end of the month,
  then days, hours, minutes and seconds as fixed spans. "In one day" is 24 hours, also over a change of clocks.
* No version tells another form: 5.0 only says in more words what 3.4 says. The twelve digits that 3.4, 7.1.1 has an
  SMSC report fit no field of any PDU, and are not written here.
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

_QUARTER: Final = 900
# SMPP 3.4, 7.1: 00 to 48, that is twelve hours. Zones beyond it (UTC+13 and +14 exist) cannot be told.
_OFFSET_MAX: Final = 48
# SMPP 3.4, appendix C: years 38 to 99 belong to the last century.
CENTURY_TURNS: Final = 38
"""The first two-digit year that is one of 19xx."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(text: str, now: float) -> float | None:
    """The instant that a time means, None for an empty one; relative ones count from ``now``.

    Years and months are those of the calendar: a month after the 31st of January is the last of February.
    Raises ValueError with the reason.
    """
    if not text:
        return None
    # SMPP 5.0, 2.8.2 names a time of 20 characters as the example of ESME_RINVSCHED: not the PDU is wrong, the time is.
    if len(text) != 16:
        raise ValueError(f"{text!r} has {len(text)} characters, not 16")
    digits, sign = text[:15], text[15]
    # str.isdigit alone would take superscripts and other scripts' digits.
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{text!r} has something else than digits in its first 15 characters")
    numbers = [int(digits[at : at + 2]) for at in range(0, 12, 2)]
    if sign == "R":
        # Tenths and quarter hours mean nothing here and are not looked at (SMPP 3.4, 7.1).
        return _relative(numbers, now, text)
    if sign not in "+-":
        raise ValueError(f"{text!r} ends with {sign!r}, not with '+', '-' or 'R'")
    quarters = int(digits[13:15])
    if quarters > _OFFSET_MAX:
        raise ValueError(f"{text!r} is {quarters} quarter hours from UTC, at most {_OFFSET_MAX}")
    year, month, day, hour, minute, second = numbers
    year += 1900 if year >= CENTURY_TURNS else 2000
    try:
        # Also refuses a leap second: 23:59:60 is outside 00 to 59.
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date: {error}") from None
    # '+' says that the writer's clock is ahead of UTC, so that UTC is earlier than what is written.
    ahead = quarters * _QUARTER if sign == "+" else -quarters * _QUARTER
    return (local - _EPOCH).total_seconds() + int(digits[12]) / 10 - ahead


def _relative(numbers: list[int], now: float, text: str) -> float:
    # SMPP 5.0's table copies the ranges of a date (months 01 to 12, days 01 to 31), which would forbid its own example
    # of seven days, `000007000000000R`. They are counts: 00 to 99 of each.
    years, months, days, hours, minutes, seconds = numbers
    try:
        start = _EPOCH + timedelta(seconds=now)
        month = start.month - 1 + months
        year = start.year + years + month // 12
        day = min(start.day, monthrange(year, month % 12 + 1)[1])
        moved = start.replace(year=year, month=month % 12 + 1, day=day)
        moved += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} leads beyond the calendar") from None
    return (moved - _EPOCH).total_seconds()


def format_time(at: float, offset_quarters: int = 0) -> str:
    """The absolute form of an instant, in the local time of ``offset_quarters`` (-48 to 48) quarter hours ahead of UTC.

    Raises ValueError for an offset out of range and for an instant that two digits of a year cannot tell (before 1938,
    after 2037).
    """
    if abs(offset_quarters) > _OFFSET_MAX:
        raise ValueError(f"{offset_quarters} quarter hours from UTC, at most {_OFFSET_MAX}")
    # Tenths are counted first, so that 59.96 seconds become the next minute and not a tenth with two digits.
    tenths = round(at * 10)
    try:
        local = _EPOCH + timedelta(seconds=tenths // 10 + offset_quarters * _QUARTER)
    except OverflowError:
        local = _EPOCH.replace(year=9999)
    if not 1900 + CENTURY_TURNS <= local.year < 2000 + CENTURY_TURNS:
        raise ValueError(f"{at} is not between the years 1938 and 2037")
    sign = "-" if offset_quarters < 0 else "+"
    return f"{local:%y%m%d%H%M%S}{tenths % 10}{abs(offset_quarters):02d}{sign}"

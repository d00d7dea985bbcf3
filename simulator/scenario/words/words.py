"""The small words of a scenario file: spans, rates, delays, counts, shares, ranges, sizes. A text each, and its object.

Every object prints itself as a text that reads back as the same object. Whoever reads a text that is none gets a
WordError that tells what was found and which spellings there are. It knows no file, no field and no clock.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Final, NoReturn, Self

from simulator.carrier.delays import Between, Delay, Exponential, Fixed, Lognormal, Normal, number_text, seconds_text

SPAN_MAX: Final = 36_525 * 86_400.0
"""Seconds of the longest span that is not `never`: a hundred years."""

_UNITS: Final[dict[str, Decimal]] = {
    **dict.fromkeys(("us", "microsecond", "microseconds"), Decimal("0.000001")),
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), Decimal("0.001")),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Decimal(1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Decimal(60)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Decimal(3_600)),
    **dict.fromkeys(("d", "day", "days"), Decimal(86_400)),
    **dict.fromkeys(("w", "week", "weeks"), Decimal(604_800)),
}
_STEP: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?", re.ASCII)
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,18}", re.ASCII)
_ORDINAL: Final = re.compile(r"(\d{1,18})(?:st|nd|rd|th)", re.ASCII)

SPANS: Final = "a span with its unit as in 250ms, 2s, 1h30m or 3 days"
RATES: Final = "a rate as in 50/s, 10/min, 2000/day or 1/30s"
DELAYS: Final = "250ms, 1s..3s, lognormal p50 2s p99 40s, normal 2s +- 500ms or exponential 2s"
COUNTS: Final = "first 3, 3rd, every 10th, after 100 or 1..5, and per account, session, source, destination or pair"
SHARES: Final = "a share as in 1% or 0.01"
RANGES: Final = "a range as in 5, 1..5, 5.. or ..5"
SPAN_RANGES: Final = "a range of spans as in 2s, 1s..3s, 30s.. or ..2s"
SIZES: Final = "a number of octets as in 160, 64kB or 1MiB"
TIMES: Final = "how often as in 2 or 2 per destination"

PER: Final = ("account", "session", "source", "destination", "pair")
"""What is counted apart: `pair` is source and destination together."""


class WordError(ValueError):
    """A text that is no such word: what was ``found``, what is ``allowed``."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"{found}, allowed: {allowed}")
        self.found = found
        self.allowed = allowed


def refuse_word(text: str, what: str, allowed: str) -> NoReturn:
    """Raise the WordError for a text that is no such thing; a long text is quoted in part."""
    raise WordError(f"{quoted(text)} is no {what}", allowed)


def quoted(value: object, longest: int = 60) -> str:
    """A value as an error shows it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[: longest - 4]}...{text[0]}"


def _decimal(text: str) -> Decimal | None:
    """The number that plain digits mean: no sign, no exponent."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


class Span(float):
    """Seconds. Written with a unit: `250ms`, `2s`, `3 days`, `1h30m`; `never` only where something can be off."""

    __slots__ = ()

    def __str__(self) -> str:
        return seconds_text(float(self))

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        total, at = Decimal(0), 0
        stripped = text.strip()
        if stripped == "0":
            return cls(0.0)
        while at < len(stripped):
            step = _STEP.match(stripped, at)
            size = _UNITS.get(step[2]) if step else None
            if step is None or size is None:
                refuse_word(text, "span", SPANS)
            total += Decimal(step[1]) * size
            at = step.end()
        if not stripped or total > Decimal(SPAN_MAX):
            refuse_word(text, "span", SPANS if not stripped else "at most 36525 days")
        return cls(float(total))

    @classmethod
    def parse_period(cls, text: str) -> Self:
        """The same, but longer than nothing: what comes again at once would come for ever. Raises WordError."""
        span = cls.parse(text)
        if not span:
            raise WordError(f"{quoted(text)} is no time at all", f"{SPANS}, longer than nothing")
        return span

    @classmethod
    def parse_or_never(cls, text: str) -> Self:
        """The same, and `never` for what is switched off. Raises WordError."""
        if text.strip() == "never":
            return cls(inf)
        try:
            return cls.parse_period(text)
        except WordError as error:
            raise WordError(error.found, f"{error.allowed}; or never") from None


@dataclass(frozen=True, slots=True)
class Rate:
    """``amount`` in every ``seconds``; written `50/s`, `10/min`, `2000/day`, `1/30s`."""

    amount: float
    seconds: float

    @property
    def per_second(self) -> float:
        """The same in one second."""
        return self.amount / self.seconds

    def __str__(self) -> str:
        unit = {1.0: "s", 60.0: "min", 3_600.0: "h", 86_400.0: "day"}.get(self.seconds)
        return f"{number_text(self.amount)}/{unit or seconds_text(self.seconds)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        amount, slash, per = (part.strip() for part in text.partition("/"))
        number = _decimal(amount)
        if not slash or not number:
            refuse_word(text, "rate", RATES)
        try:
            seconds = float(_UNITS[per]) if per in _UNITS else float(Span.parse(per))
        except WordError:
            refuse_word(text, "rate", RATES)
        if not seconds or number > 1_000_000_000:
            refuse_word(text, "rate", RATES)
        return cls(float(number), seconds)


def parse_delay(text: str) -> Delay:
    """A distribution of seconds, from carrier/delays.py. Raises WordError."""
    words = text.split()
    try:
        if words and words[0] in {"lognormal", "normal", "exponential"}:
            return _distribution(words[0], " ".join(words[1:]))
        if ".." in text:
            low, high = (Span.parse(part) for part in text.split("..", 1))
            if low <= high:
                return Between(float(low), float(high))
            raise WordError(f"{quoted(text)}: the end lies before the start", DELAYS)
        return Fixed(float(Span.parse(text)))
    except WordError as error:
        found = error.found if "the end lies" in error.found else f"{quoted(text)} is no delay"
        raise WordError(found, DELAYS) from None
    except ValueError:
        # the one distribution that can be impossible
        raise WordError(f"{quoted(text)} is no delay", "p50 above 0 and at most p99") from None


def _distribution(kind: str, rest: str) -> Delay:
    if kind == "exponential":
        return Exponential(float(Span.parse(rest)))
    if kind == "normal":
        mean, sign, deviation = rest.replace("±", "+-").partition("+-")
        if not sign:
            refuse_word(rest, "delay", DELAYS)
        return Normal(float(Span.parse(mean)), float(Span.parse(deviation)))
    found = re.fullmatch(r"p50\s(.+)\sp99\s(.+)", rest)
    if found is None:
        refuse_word(rest, "delay", DELAYS)
    return Lognormal(float(Span.parse(found[1])), float(Span.parse(found[2])))


@dataclass(frozen=True, slots=True)
class Count:
    """Which of many: from ``low`` (1 or more) to ``high`` (None: without end), every ``step``-th of them.

    ``per`` is one of PER, or None for all together.
    """

    low: int
    high: int | None = None
    step: int = 1
    per: str | None = None

    def includes(self, number: int) -> bool:
        """Whether the ``number``-th (from 1) is meant."""
        is_between = number >= self.low and (self.high is None or number <= self.high)
        return is_between and (number - self.low) % self.step == 0

    def __str__(self) -> str:
        return self._which() + (f" per {self.per}" if self.per else "")

    def _which(self) -> str:
        if self.step > 1:
            return f"every {ordinal(self.step)}"
        if self.high is None:
            return f"after {self.low - 1}"
        if self.low == self.high:
            return ordinal(self.low)
        return f"first {self.high}" if self.low == 1 else f"{self.low}..{self.high}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        which, per = _without_per(text, "count", COUNTS)
        found = _count(which)
        if found is None:
            refuse_word(text, "count", COUNTS)
        return cls(*found, per)


def _count(text: str) -> tuple[int, int | None, int] | None:
    """(low, high, step) of a count without its `per`."""
    match text.split():
        case ["first", number] if _positive(number):
            return 1, int(number), 1
        case ["after", number] if _WHOLE.fullmatch(number):
            return int(number) + 1, None, 1
        case ["every", nth] if (step := _nth(nth)) is not None:
            return step, None, step
        case [nth] if (which := _nth(nth)) is not None:
            return which, which, 1
        case [span] if (found := re.fullmatch(r"(\d{1,18})\.\.(\d{1,18})", span, re.ASCII)) is not None:
            low, high = int(found[1]), int(found[2])
            return (low, high, 1) if 1 <= low <= high else None
    return None


def _positive(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None and int(text) > 0


def _nth(text: str) -> int | None:
    found = _ORDINAL.fullmatch(text)
    return int(found[1]) if found and int(found[1]) else None


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ends.get(number % 10, 'th')}"


def _without_per(text: str, what: str, allowed: str) -> tuple[str, str | None]:
    which, word, per = text.partition(" per ")
    if not word:
        return text, None
    if per.strip() not in PER:
        refuse_word(text, what, allowed)
    return which, per.strip()


@dataclass(frozen=True, slots=True)
class Times:
    """How often something may happen, all together or ``per`` one of PER: `2`, `2 per destination`."""

    most: int
    per: str | None = None

    def __str__(self) -> str:
        return f"{self.most} per {self.per}" if self.per else str(self.most)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        most, per = _without_per(text.strip(), "number of times", TIMES)
        if not _positive(most.strip()):
            refuse_word(text, "number of times", TIMES)
        return cls(int(most), per)


class Share(float):
    """A part of all, 0 to 1; written `1%` or `0.01`."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"{number_text(Decimal(repr(float(self))) * 100)}%"

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        stripped = text.strip()
        number = _decimal(stripped.removesuffix("%").strip())
        share = None if number is None else number / 100 if stripped.endswith("%") else number
        if share is None or share > 1:
            refuse_word(text, "share", SHARES if share is None else f"{SHARES}, at most 100%")
        return cls(float(share))


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from ``low`` to ``high``, both included; None is no bound. Written `5`, `1..5`, `5..`, `..5`."""

    low: int | None = None
    high: int | None = None

    def includes(self, number: float) -> bool:
        """Whether a number lies in it."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    def __str__(self) -> str:
        low, high = ("" if end is None else str(end) for end in (self.low, self.high))
        return low if low == high != "" else f"{low}..{high}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        stripped = text.replace(" ", "")
        low, dots, high = stripped.partition("..")
        if stripped in {"", ".."} or not all(re.fullmatch(r"(-?\d{1,18})?", end, re.ASCII) for end in (low, high)):
            refuse_word(text, "range", RANGES)
        least = int(low) if low else None
        most = least if not dots else int(high) if high else None
        if least is not None and most is not None and least > most:
            refuse_word(text, "range", RANGES)
        return cls(least, most)


@dataclass(frozen=True, slots=True)
class SpanRange:
    """Seconds from ``low`` to ``high``, both included; written `2s` (at least that), `1s..3s`, `30s..`, `..2s`."""

    low: float = 0.0
    high: float = inf

    def includes(self, seconds: float) -> bool:
        """Whether so many seconds lie in it."""
        return self.low <= seconds <= self.high

    def __str__(self) -> str:
        low = seconds_text(self.low) if self.low or self.high == inf else ""
        return f"{low}..{'' if self.high == inf else seconds_text(self.high)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        low, _, high = (part.strip() for part in text.partition(".."))
        try:
            ends = (float(Span.parse(low)) if low else 0.0, float(Span.parse(high)) if high else inf)
        except WordError:
            refuse_word(text, "range of spans", SPAN_RANGES)
        if not (low or high) or ends[0] > ends[1]:
            refuse_word(text, "range of spans", SPAN_RANGES)
        return cls(*ends)


class Size(int):
    """Octets; written `160`, `64kB` (1000), `1MiB` (1024 twice)."""

    __slots__ = ()

    def __str__(self) -> str:
        return int.__repr__(self)

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(octets?|bytes?|B|kB|KiB|MB|MiB)?", text.strip(), re.ASCII)
        factor = {"kB": 1_000, "KiB": 1_024, "MB": 1_000_000, "MiB": 1_048_576}.get(found[2] or "", 1) if found else 0
        octets = Decimal(found[1]) * factor if found else Decimal("0.5")
        if octets > 1 << 40 or octets != octets.to_integral_value():
            refuse_word(text, "size", SIZES)
        return cls(int(octets))


@dataclass(frozen=True, slots=True)
class Over:
    """More than a rate, of all together or ``per`` one of PER; written `over 50/s`, `over 10/min per destination`."""

    rate: Rate
    per: str | None = None

    def __str__(self) -> str:
        return f"over {self.rate} per {self.per}" if self.per else f"over {self.rate}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        allowed = "over 50/s, over 10/min per destination"
        rate, per = _without_per(text.strip(), "limit", allowed)
        if not rate.startswith("over "):
            refuse_word(text, "limit", allowed)
        return cls(Rate.parse(rate.removeprefix("over ")), per)


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the carrier's day, in seconds from midnight, the end not included; written `21:00..08:00`."""

    start: int
    end: int

    def includes(self, second: float) -> bool:
        """Whether a second of the day lies in it; one that ends before it starts goes over midnight."""
        if self.start <= self.end:
            return self.start <= second < self.end
        return second >= self.start or second < self.end

    def __str__(self) -> str:
        return "..".join(f"{at // 3600:02d}:{at // 60 % 60:02d}" for at in (self.start, self.end))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        hour = r"([01]\d|2[0-4]):([0-5]\d)"
        found = re.fullmatch(rf"\s*{hour}\s*\.\.\s*{hour}\s*", text, re.ASCII)
        if found is None:
            refuse_word(text, "stretch of the day", "hours as in 21:00..08:00")
        start, end = (int(found[at]) * 3600 + int(found[at + 1]) * 60 for at in (1, 3))
        if max(start, end) > 86_400:
            refuse_word(text, "stretch of the day", "hours as in 21:00..08:00, at most 24:00")
        return cls(start, end)

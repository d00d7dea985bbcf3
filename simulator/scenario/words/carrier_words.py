"""The words of the sections about networks: kinds of number, prefixes, causes, classes, prices, where a no shows.

They are the model's own names. What a file gives names to (networks, brands, campaigns) is checked where the file
declares any. Nothing here knows where in a file a word stands.
"""

import re
from datetime import date, datetime, time
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from simulator.carrier.causes import ALIASES, CATALOGUE, CIRCUMSTANCES, DIALECTS
from simulator.carrier.fees import dollars, micro_dollars
from simulator.carrier.filters.filters import PASSED, WHERES
from simulator.carrier.messages import bare
from simulator.carrier.network.profiles import PROFILES
from simulator.carrier.numbers import COUNTRIES, KINDS, LETTERS_MAX, NO_KIND, kind_of, read_prefix
from simulator.carrier.registry.registrations import CLASSES, NEWEST_RULES, TIERS, USE_CASES
from simulator.carrier.registry.registry import MODES
from simulator.scenario.shape import Names, Word, choice
from simulator.scenario.words.wire_words import one_of
from simulator.scenario.words.words import WordError, quoted

SENDERS: Final = tuple(kind for kind in KINDS if kind != NO_KIND)
"""The kinds of number that a message can come from."""
PLACES: Final = tuple(one for one in WHERES if one != PASSED)
"""Where a no shows: as an error in the response (`submit`), in a receipt of either state, nowhere, because no receipt
comes (`lost`), or nowhere, because the receipt tells the opposite (`DELIVRD`)."""

CAUSES: Final = "a cause of the catalogue as in carrier_spam"
PREFIXES: Final = "digits from the country's code on as in 1202555"
NUMBERS: Final = "a number in full as in 12025550100"
SENDERS_ALLOWED: Final = f"a number in full, a short code, or a name of 1 to {LETTERS_MAX} characters"
PRICES: Final = "dollars as in 0.0035, with at most six decimals"
ZONES: Final = "a time zone as in America/New_York"
RULES: Final = "newest, message, or a day as in 2023-05-01"
FACTORS: Final = "a factor as in 3 or 1.5"


class Price(int):
    """Micro-dollars; written in dollars: `0.0035`."""

    __slots__ = ()

    def __str__(self) -> str:
        return dollars(int(self))

    __repr__ = __str__

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises WordError."""
        try:
            return cls(micro_dollars(text))
        except ValueError:
            raise WordError(f"{quoted(text)} is no price", PRICES) from None


def parse_prefix(text: str) -> str:
    """The digits of a prefix. Raises WordError."""
    try:
        return read_prefix(text.strip(), "")
    except ValueError:
        raise WordError(f"{quoted(text)} is no prefix", PREFIXES) from None


def parse_number(text: str) -> str:
    """The digits of a number in full. Raises WordError."""
    digits = bare(text.strip())
    if not digits.isdigit() or kind_of(digits) == NO_KIND:
        raise WordError(f"{quoted(text)} is no number", NUMBERS)
    return digits


def parse_sender(text: str) -> str:
    """Whoever a message can come from: digits, or a name. Raises WordError."""
    sender = bare(text.strip())
    if kind_of(sender or "+") == NO_KIND:
        raise WordError(f"{quoted(text)} is no sender", SENDERS_ALLOWED)
    return sender


def _only(kind: str, allowed: str, example: str) -> Word:
    """The word for a sender of one kind."""

    def parse(text: str) -> str:
        digits = parse_sender(text)
        if kind_of(digits) != kind:
            raise WordError(f"{quoted(text)} is a {kind_of(digits)}", allowed)
        return digits

    return Word(parse, (), allowed, (example,), has_numbers=True)


def parse_zone(text: str) -> str:
    """The name of a time zone. Raises WordError."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise WordError(f"{quoted(text)} is no time zone", ZONES) from None
    return text


def parse_rules(text: str) -> str:
    """Whose day's rules hold. Raises WordError."""
    try:
        rules_at(text)
    except ValueError:
        raise WordError(f"{quoted(text)} is no day", RULES) from None
    return text


def rules_at(text: str) -> float | None:
    """That day as the registry wants it: noon of it where such rules begin. Raises ValueError for what is no day."""
    if text in {"newest", "message"}:
        return NEWEST_RULES if text == "newest" else None
    return datetime.combine(date.fromisoformat(text), time(12), ZoneInfo("America/Los_Angeles")).timestamp()


def parse_factor(text: str) -> float:
    """A number that something is multiplied by. Raises WordError."""
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text, re.ASCII) is None:
        raise WordError(f"{quoted(text)} is no factor", FACTORS)
    return float(text)


def _cause(text: str) -> str:
    return one_of(text, [*CATALOGUE, *ALIASES], "cause", CAUSES)


def _network(text: str, names: Names) -> str:
    return text if names.networks is None else one_of(text, names.networks, "network")


def _brand(text: str, names: Names) -> str:
    return text if names.brands is None else one_of(text, names.brands, "brand")


def _campaign(text: str, names: Names) -> str:
    return text if names.campaigns is None else one_of(text, names.campaigns, "campaign")


KindWord = Annotated[str, choice("kind of number", *SENDERS)]
PlaceWord = Annotated[str, choice("place", *PLACES)]
FilterPlaceWord = Annotated[str, choice("place", *WHERES)]
ModeWord = Annotated[str, choice("treatment", *MODES)]
UseCaseWord = Annotated[str, choice("use case", *USE_CASES)]
ClassWord = Annotated[str, choice("message class", *CLASSES)]
TierWord = Annotated[str, choice("tier", *TIERS)]
CountryWord = Annotated[str, choice("country", *COUNTRIES)]
ProfileWord = Annotated[str, choice("profile", *PROFILES)]
DialectWord = Annotated[str, choice("table of errors", *DIALECTS)]
CircumstanceWord = Annotated[str, choice("circumstance", *CIRCUMSTANCES)]
CauseWord = Annotated[str, Word(_cause, (), CAUSES, choices=(*CATALOGUE, *ALIASES))]
PrefixWord = Annotated[str, Word(parse_prefix, (), PREFIXES, ("1202555",), has_numbers=True)]
NumberWord = Annotated[str, Word(parse_number, (), NUMBERS, ("12025550100",), has_numbers=True)]
SenderWord = Annotated[str, Word(parse_sender, (), SENDERS_ALLOWED, ("12025550100", "ACME"), has_numbers=True)]
LongCodeWord = Annotated[str, _only("long_code", "a long code as in 12025550100", "12025550100")]
TollFreeWord = Annotated[str, _only("toll_free", "a toll-free number as in 18005550100", "18005550100")]
ShortCodeWord = Annotated[str, _only("short_code", "a short code of 5 or 6 digits", "12345")]
NetworkWord = Annotated[str, Word(_network, (), "the name of a network", has_numbers=True, is_named=True)]
BrandWord = Annotated[str, Word(_brand, (), "the name of a brand", has_numbers=True, is_named=True)]
CampaignWord = Annotated[str, Word(_campaign, (), "the name of a campaign", has_numbers=True, is_named=True)]
NameWord = Annotated[str, _only("alphanumeric", "a name with a letter in it, as in ACME", "ACME")]
PriceWord = Annotated[Price, Word(Price.parse, Price, PRICES, ("0.0035",), has_numbers=True)]
RulesWord = Annotated[str, Word(parse_rules, (), RULES, ("newest", "2023-05-01"))]
ZoneWord = Annotated[str, Word(parse_zone, (), ZONES, ("America/New_York",))]
FactorWord = Annotated[float, Word(parse_factor, (), FACTORS, ("3", "1.5"), has_numbers=True)]

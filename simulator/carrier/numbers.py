"""Numbers: what kind one is, how it is written in full, and which network it belongs to.

Knows the rules by which digits tell a kind, a few countries' ways of writing a number at home, prefixes and ported
numbers. Does not know who may send from a number, nor whether anybody has it: syntax alone makes it one.
A number in full is E.164 without the leading `+`.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.carrier.messages import Address, bare

LONG_CODE: Final = "long_code"
TOLL_FREE: Final = "toll_free"
SHORT_CODE: Final = "short_code"
CRISIS_988: Final = "crisis_988"
ALPHANUMERIC: Final = "alphanumeric"
INTERNATIONAL: Final = "international"
NO_KIND: Final = "unknown"
KINDS: Final = (LONG_CODE, TOLL_FREE, SHORT_CODE, CRISIS_988, ALPHANUMERIC, INTERNATIONAL, NO_KIND)

TOLL_FREE_CODES: Final = frozenset("800 833 844 855 866 877 888".split())
"""Area codes of toll-free numbers; 822 is reserved as the next one and is not in use."""
CANADIAN_CODES: Final = frozenset(
    "204 226 236 249 250 257 263 273 289 306 343 354 365 367 368 382 403 416 418 428 431 437 438 450 468 474 506 "
    "514 519 548 579 581 584 587 600 604 613 622 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 "
    "873 879 902 905 942".split()
)
"""Canada's area codes (as the numbering plan's administrators list them, 2026)."""
_CARIBBEAN: Final = dict(
    pair.split(":")
    for pair in "242:BS 246:BB 264:AI 268:AG 284:VG 345:KY 441:BM 473:GD 649:TC 658:JM 664:MS 721:SX 758:LC 767:DM "
    "784:VC 809:DO 829:DO 849:DO 868:TT 869:KN 876:JM".split()
)
"""Countries beside the two big ones that share the code 1; the territories of the United States count as theirs."""

LETTERS_MAX: Final = 11
"""Characters of an alphanumeric sender."""
DIGITS_MAX: Final = 17
"""E.164 has 15; platforms take up to 17, and so do we."""
_DIGITS_MIN: Final = 5
_SHORT: Final = (5, 6)

# Types of number, as carriers use them beside the digits; 4 is a subscriber's number, which lacks its area code.
_OPEN, _INTERNATIONAL, _NATIONAL, _NETWORK, _, _LETTERS, _ABBREVIATED = range(7)
_IN_FULL: Final = frozenset({_OPEN, _INTERNATIONAL, _NATIONAL})
_IN_SHORT: Final = frozenset({_OPEN, _NETWORK, _ABBREVIATED})
_TYPES: Final[Mapping[str, frozenset[int]]] = MappingProxyType(
    {
        LONG_CODE: _IN_FULL,
        TOLL_FREE: _IN_FULL,
        INTERNATIONAL: _IN_FULL,
        SHORT_CODE: _IN_SHORT,
        # +988 is let through like 988
        CRISIS_988: _IN_SHORT | {_INTERNATIONAL},
    }
)
"""With which types of number a kind can come at all."""
_USUAL: Final[Mapping[str, frozenset[tuple[int, int]]]] = MappingProxyType(
    {
        LONG_CODE: frozenset({(1, 1), (2, 1)}),
        TOLL_FREE: frozenset({(1, 1), (2, 1)}),
        INTERNATIONAL: frozenset({(1, 1), (2, 1)}),
        SHORT_CODE: frozenset({(0, 1), (3, 0), (3, 1)}),
        CRISIS_988: frozenset({(0, 1), (3, 0), (3, 1)}),
        ALPHANUMERIC: frozenset({(5, 0)}),
        NO_KIND: frozenset(),
    }
)


class Country(NamedTuple):
    """How a country writes numbers: its code, what is dialled before a number at home and before one abroad.

    ``lengths`` are those of a number at home without the trunk prefix.
    """

    code: str
    trunk: str
    abroad: str
    lengths: range


COUNTRIES: Final[Mapping[str, Country]] = MappingProxyType(
    {
        "US": Country("1", "1", "011", range(10, 11)),
        "CA": Country("1", "1", "011", range(10, 11)),
        "GB": Country("44", "0", "00", range(7, 11)),
        "DE": Country("49", "0", "00", range(6, 14)),
        "FR": Country("33", "0", "00", range(9, 10)),
        "SE": Country("46", "0", "00", range(7, 11)),
        "IN": Country("91", "0", "00", range(10, 11)),
        "AU": Country("61", "0", "0011", range(9, 11)),
    }
)
"""The countries whose way of writing numbers at home is known (ITU national numbering plans); of others it is not."""
_BY_CODE: Final = {country.code: name for name, country in COUNTRIES.items() if country.code != "1"}


class Number(NamedTuple):
    """What an address means. ``digits`` is the number in full, or the name of an alphanumeric sender.

    ``country`` is an ISO 3166 code, empty where it is none or not known. ``why`` says what is wrong with the address;
    then the kind is `unknown` and the digits are as they came. ``is_usual`` tells whether type of number and plan are
    the ones that are usual for the kind; carriers differ in whether they mind.
    """

    digits: str
    kind: str
    country: str
    is_usual: bool
    why: str


def kind_of(digits: str) -> str:
    """The kind of a number in full (without `+`), or of an alphanumeric sender."""
    if digits.isascii() and digits.isdigit():
        length = len(digits)
        if digits[0] == "1" and length == 11:
            return _north_american(digits)
        if length in _SHORT:
            return SHORT_CODE
        if digits == "988":
            return CRISIS_988
        # a country code never begins with 0, and whatever begins with 1 has eleven digits
        return INTERNATIONAL if _DIGITS_MIN <= length <= DIGITS_MAX and digits[0] not in "01" else NO_KIND
    is_name = 1 <= len(digits) <= LETTERS_MAX and any(letter.isalpha() for letter in digits)
    return ALPHANUMERIC if is_name and digits[0] != "+" else NO_KIND


def _north_american(digits: str) -> str:
    # area code and exchange begin with 2 to 9, but for people's favourite example, +15551234567: nobody has area code
    # 555, and whoever refused that number would refuse half of all first tries
    area = digits[1:4]
    if area < "2" or (digits[4] < "2" and area != "555"):
        return NO_KIND
    if area in TOLL_FREE_CODES:
        return TOLL_FREE
    return INTERNATIONAL if area in _CARIBBEAN else LONG_CODE


def country_of(digits: str) -> str:
    """The country of a number in full, as ISO 3166 writes it; empty where it is not known, or where it has none."""
    if not digits.isdigit() or len(digits) < 7:
        return ""
    if digits[0] == "1":
        area = digits[1:4]
        if area in CANADIAN_CODES:
            return "CA"
        # toll-free numbers belong to both big countries at once
        return "" if area in TOLL_FREE_CODES or area < "2" else _CARIBBEAN.get(area, "US")
    # no code of the table is the beginning of another one
    return _BY_CODE.get(digits[:2], "")


@lru_cache(maxsize=8_192)
def read_number(address: Address, home: str = "US") -> Number:
    """What an address means to a carrier whose home is that country (a key of `COUNTRIES`).

    Numbers as they are written at home, with the prefix for calls abroad or with a `+` come out in full. What the type
    of number says must fit the digits; where it says nothing (0), the digits decide. Raises ValueError for a home that
    is not in the table; an address that means nothing is a Number with a ``why``.
    """
    number, ton, npi = address
    plan = COUNTRIES.get(home)
    if plan is None:
        raise ValueError(f"home: {home!r}, one of {', '.join(COUNTRIES)}")
    plain = bare(number)
    if not plain:
        return _wrong(number, "no number")
    if ton > _ABBREVIATED:
        return _wrong(number, f"{number}: type of number {ton}, 0 to 6")
    if not (plain.isascii() and plain.isdigit()):
        return _name(address)
    if ton == _LETTERS:
        return _wrong(number, f"{number}: type of number 5 asks for a letter")
    digits, kind = _in_full(number, ton, plan)
    if kind == NO_KIND:
        return _wrong(number, f"{number}: no number that type of number {ton} can mean")
    if ton not in _TYPES[kind]:
        return _wrong(number, f"{number}: type of number {ton} does not fit {kind}")
    country = home if kind in (SHORT_CODE, CRISIS_988) else country_of(digits)
    is_usual = (ton, npi) in _USUAL[kind] and number[0] != "+"
    return Number(digits, kind, country, is_usual, "")


def _wrong(number: str, why: str) -> Number:
    return Number(number, NO_KIND, "", is_usual=False, why=why)


def _name(address: Address) -> Number:
    number, ton, npi = address
    if kind_of(number) != ALPHANUMERIC:
        return _wrong(number, f"{number}: neither digits nor 1 to {LETTERS_MAX} characters with a letter")
    if ton not in (_OPEN, _LETTERS):
        return _wrong(number, f"{number}: type of number {ton} asks for digits")
    return Number(number, ALPHANUMERIC, "", (ton, npi) in _USUAL[ALPHANUMERIC], "")


def _in_full(number: str, ton: int, plan: Country) -> tuple[str, str]:
    """The digits in full, and their kind."""
    # a `+` is as good as type 1 whatever the type says: gateways often leave theirs as it was
    abroad = number[1:] if number[0] == "+" else _dialled_abroad(number, ton, plan)
    if abroad:
        kind = kind_of(abroad)
        # five or six digits are a number abroad then, and never a short code
        return abroad, kind if kind != SHORT_CODE else NO_KIND if abroad[0] in "01" else INTERNATIONAL
    if ton == _NATIONAL:
        rest = _without_trunk(number, plan)
        return (full := plan.code + rest), kind_of(full) if len(rest) in plan.lengths else NO_KIND
    if ton == _OPEN and _is_at_home(number, plan):
        number = plan.code + _without_trunk(number, plan)
    return number, kind_of(number)


def _dialled_abroad(number: str, ton: int, plan: Country) -> str:
    """What follows the prefix for calls abroad, where there is one; `00` is taken for it everywhere."""
    if ton in (_OPEN, _INTERNATIONAL):
        for prefix in (plan.abroad, "00"):
            if number.startswith(prefix) and len(number) >= len(prefix) + _DIGITS_MIN:
                return number.removeprefix(prefix)
    return ""


def _is_at_home(number: str, plan: Country) -> bool:
    """Whether digits without a type are a number at home: where the trunk prefix says so, or all have ten digits."""
    if plan.trunk == "0":
        return number[0] == "0" and len(number) - 1 in plan.lengths
    return len(number) == 10 and kind_of(plan.code + number) != NO_KIND


def _without_trunk(number: str, plan: Country) -> str:
    # North America's trunk prefix is its country code, and is one only where ten digits follow
    has_trunk = number.startswith(plan.trunk) and (plan.trunk == "0" or len(number) - 1 in plan.lengths)
    return number[1:] if has_trunk else number


PORTED_MAX: Final = 100_000
"""How many ported numbers are remembered; the one that was longest unused goes back to the network of its prefix."""


@dataclass(slots=True, frozen=True)
class Line:
    """Whose a number is, and whether it is one without SMS. ``network`` is empty where nobody has it."""

    network: str
    is_landline: bool = False
    is_ported: bool = False


_NOBODYS: Final = Line("")


class NumberPlan:
    """Which network a number belongs to: its own entry where it was ported, else that of the longest prefix.

    ``networks`` gives each network's prefixes in full, ``landlines`` the prefixes of numbers without SMS (of any
    network), ``ported`` the numbers that moved, each with its network. Raises ValueError for a prefix that is none or
    that two networks claim, and for a ported number whose network is not there.
    """

    def __init__(
        self,
        networks: Mapping[str, Iterable[str]],
        *,
        landlines: Iterable[str] = (),
        ported: Mapping[str, str] | None = None,
    ) -> None:
        self._networks = tuple(networks)
        self._prefixes: dict[str, Line] = {}
        for network, prefixes in networks.items():
            for prefix in prefixes:
                owner = self._prefixes.setdefault(read_prefix(prefix, network), Line(network)).network
                if owner != network:
                    place = f"networks.{network}.prefixes"
                    raise ValueError(f"{place}: {prefix!r} is {owner}'s already, one network for it")
        self._landlines = frozenset(read_prefix(prefix, "landlines") for prefix in landlines)
        self._given = {bare(number): self._moved(network) for number, network in (ported or {}).items()}
        self._start = dict(self._prefixes)
        self.era = 0
        """Counts the changes: what was looked up before one may not hold any more."""
        self._ported: OrderedDict[str, Line] = OrderedDict()
        self.reset()

    @property
    def networks(self) -> tuple[str, ...]:
        """The names of all networks."""
        return self._networks

    def prefixes_of(self, network: str) -> tuple[str, ...]:
        """The prefixes that are that network's now."""
        return tuple(prefix for prefix, line in self._prefixes.items() if line.network == network)

    def line_of(self, digits: str) -> Line:
        """Whose this number in full is; what it costs grows with the number of prefix lengths, not of prefixes."""
        moved = self._ported.get(digits)
        if moved is not None:
            self._ported.move_to_end(digits)
            return moved
        for length in self._lengths:
            line = self._prefixes.get(digits[:length])
            if line is not None:
                break
        else:
            line = _NOBODYS
        for length in self._landline_lengths:
            if digits[:length] in self._landlines:
                return Line(line.network, is_landline=True)
        return line

    def network_of(self, digits: str) -> str:
        """The network of a number in full; empty where nobody has it."""
        return self.line_of(digits).network

    def assign(self, prefix: str, network: str) -> None:
        """From now on numbers with this prefix are that network's, whosever they were."""
        self._prefixes[read_prefix(prefix, network)] = Line(self._known(network))
        self._measure()
        self.era += 1

    def port(self, number: str, network: str, *, is_landline: bool = False) -> None:
        """From now on this number is that network's; it is one with SMS unless it is said otherwise."""
        digits = bare(number)
        self._ported[digits] = self._moved(network, is_landline=is_landline)
        self._ported.move_to_end(digits)
        self.era += 1
        if len(self._ported) > PORTED_MAX:
            self._ported.popitem(last=False)

    def port_back(self, number: str) -> None:
        """From now on this number is again that of its prefix, whether it was ported or not."""
        self._ported.pop(bare(number), None)
        self.era += 1

    def restore(self, number: str) -> None:
        """From now on this number is whose it was at the beginning."""
        digits = bare(number)
        given = self._given.get(digits)
        if given is None:
            self._ported.pop(digits, None)
        else:
            self._ported[digits] = given
        self.era += 1

    def reset(self) -> None:
        """What was assigned and ported since the beginning is forgotten."""
        self._prefixes = dict(self._start)
        self._ported = OrderedDict(self._given)
        self._measure()
        self.era += 1

    def _measure(self) -> None:
        self._lengths = sorted({len(prefix) for prefix in self._prefixes}, reverse=True)
        self._landline_lengths = sorted({len(prefix) for prefix in self._landlines})

    def _known(self, network: str) -> str:
        if network not in self._networks:
            raise ValueError(f"network: {network!r}, one of {', '.join(self._networks)}")
        return network

    def _moved(self, network: str, *, is_landline: bool = False) -> Line:
        return Line(self._known(network), is_landline=is_landline, is_ported=True)


def read_prefix(prefix: str, place: str) -> str:
    """The digits of a prefix that may begin with `+`. Raises ValueError, which names ``place``, where it is none."""
    digits = bare(prefix)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_MAX):
        raise ValueError(f"{place}: prefix {prefix!r}, 1 to {DIGITS_MAX} digits from the country's code on")
    return digits

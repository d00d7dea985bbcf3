"""Numbers that belong to nobody: those that numbering authorities keep free for films, examples and tests.

Knows the published ranges, and makes numbers from them and from nothing else: a test that leaves the laboratory by
mistake must reach nobody. Does not know what a number is used for. Where a country has published none, or more are
asked for than there are, that is an error and never a guess.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from itertools import accumulate
from math import gcd
from types import MappingProxyType
from typing import Final, NamedTuple

from simulator.carrier.messages import bare
from simulator.carrier.numbers import CANADIAN_CODES, TOLL_FREE_CODES, NumberPlan, country_of, read_prefix
from simulator.carrier.registry.registrations import one_of

MOBILE: Final = "mobile"
LANDLINE: Final = "landline"
FREEPHONE: Final = "freephone"
PREMIUM: Final = "premium"
EITHER: Final = "either"
"""North America does not tell mobile numbers from others by their digits."""
LINES: Final = (MOBILE, LANDLINE, FREEPHONE, PREMIUM, EITHER)

US_CODES: Final = tuple(
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 227 228 229 231 234 235 239 "
    "240 248 251 252 253 254 256 260 262 267 269 270 272 274 276 279 281 283 301 302 303 304 305 307 308 309 310 312 "
    "313 314 315 316 317 318 319 320 321 323 324 325 326 327 329 330 331 332 334 336 337 339 341 346 347 350 351 352 "
    "353 360 361 363 364 369 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 "
    "432 434 435 440 442 443 445 447 448 458 463 464 469 470 472 475 478 479 480 484 501 502 503 504 505 507 508 509 "
    "510 512 513 515 516 517 518 520 530 531 534 539 540 541 551 557 559 561 562 563 564 567 570 571 572 573 574 575 "
    "580 582 585 586 601 602 603 605 606 607 608 609 610 612 614 615 616 617 618 619 620 623 626 628 629 630 631 636 "
    "640 641 645 646 650 651 656 657 659 660 661 662 667 669 678 680 681 682 686 689 701 702 703 704 706 707 708 712 "
    "713 714 715 716 717 718 719 720 724 725 726 727 728 730 731 732 734 737 738 740 743 747 748 754 757 760 762 763 "
    "765 769 770 771 772 773 774 775 779 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 820 "
    "821 826 828 830 831 832 835 838 839 840 843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878 "
    "901 903 904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 925 928 929 930 931 934 936 937 938 940 941 "
    "943 945 947 948 949 951 952 954 956 959 970 971 972 973 975 978 979 980 983 984 985 986 989".split()
)
"""Geographic area codes of the United States, in service or announced (North American Numbering Plan, 2026)."""


class SafeRange(NamedTuple):
    """Numbers in full from ``first`` on, ``size`` of them, and who says that nobody has them."""

    country: str
    line: str
    first: str
    size: int
    source: str

    @property
    def numbers(self) -> range:
        """The numbers as integers: no number in full begins with 0."""
        return range(int(self.first), int(self.first) + self.size)


_NANP: Final = "North American Numbering Plan: line numbers 555-0100 to 555-0199 of every area code"
_OFCOM: Final = "Ofcom: telephone numbers for use in TV and radio drama"
_ACMA: Final = "ACMA: phone numbers for use in TV shows, films and creative works"
_BNETZA: Final = "Bundesnetzagentur, Mitteilung 148/2021: Drama Numbers"
_ARCEP: Final = "ARCEP, décision 2018-0881: numbers for audiovisual works"
_PTS: Final = "PTS: telephone numbers for use in books and films"

_RANGES: Final = (
    SafeRange("GB", MOBILE, "447700900000", 1_000, _OFCOM),
    SafeRange("GB", LANDLINE, "442079460000", 1_000, _OFCOM),
    *(
        SafeRange("GB", LANDLINE, f"44{area}4960000", 1_000, _OFCOM)
        for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)
    ),
    SafeRange("GB", LANDLINE, "441632960000", 1_000, _OFCOM),
    SafeRange("GB", LANDLINE, "443069990000", 1_000, _OFCOM),
    SafeRange("GB", FREEPHONE, "448081570000", 1_000, _OFCOM),
    SafeRange("GB", PREMIUM, "449098790000", 1_000, _OFCOM),
    *(SafeRange("AU", MOBILE, f"61491570{last}", 1, _ACMA) for last in ("006", "110", "156", "157", "158", "159")),
    *(
        SafeRange("AU", LANDLINE, f"61{area}{exchange}0000", 10_000, _ACMA)
        for area in (2, 3, 7, 8)
        for exchange in (5550, 7010)
    ),
    SafeRange("AU", FREEPHONE, "611800160401", 1, _ACMA),
    SafeRange("AU", FREEPHONE, "611800975707", 1, _ACMA),
    SafeRange("DE", LANDLINE, "493023125000", 1_000, _BNETZA),
    SafeRange("DE", LANDLINE, "496990009000", 1_000, _BNETZA),
    SafeRange("DE", LANDLINE, "494066969000", 1_000, _BNETZA),
    SafeRange("DE", LANDLINE, "492214710000", 1_000, _BNETZA),
    SafeRange("DE", LANDLINE, "498999998000", 1_000, _BNETZA),
    SafeRange("DE", MOBILE, "491713920000", 100, _BNETZA),
    SafeRange("DE", MOBILE, "4917604069000", 100, _BNETZA),
    SafeRange("FR", MOBILE, "33639980000", 10_000, _ARCEP),
    *(SafeRange("FR", LANDLINE, f"33{block}0000", 10_000, _ARCEP) for block in (19900, 26191, 35301, 46571, 53649)),
    SafeRange("SE", MOBILE, "46701740605", 95, _PTS),
)
SAFE_COUNTRIES: Final = ("AU", "CA", "DE", "FR", "GB", "SE", "US")
"""Countries with ranges that are known here; of others, India among them, none was found [?]."""


def _ranges_under(prefix: str) -> Iterator[SafeRange]:
    """The ranges that may have numbers with this prefix; every number of theirs is safe in any case."""
    yield from _RANGES
    if prefix[0] == "1":
        # any area code may be named; fewer digits widen over those that are in use
        named = [prefix[1:4]] if len(prefix) >= 4 and prefix[1] >= "2" else []
        for area in named or sorted(CANADIAN_CODES.union(US_CODES)):
            first = f"1{area}5550100"
            line = FREEPHONE if area in TOLL_FREE_CODES else EITHER
            yield SafeRange(country_of(first), line, first, 100, _NANP)


def _under(prefix: str, numbers: range) -> range:
    """Those of the numbers that have the prefix."""
    free = len(str(numbers.start)) - len(prefix)
    if free < 0:
        return range(0)
    low = int(prefix) * 10**free
    return range(max(numbers.start, low), min(numbers.stop, low + 10**free))


def _less(ranges: Iterable[range], prefix: str) -> list[range]:
    """The ranges without the numbers that have the prefix."""
    left = []
    for numbers in ranges:
        hole = _under(prefix, numbers)
        pieces = (range(numbers.start, hole.start), range(hole.stop, numbers.stop)) if hole else (numbers,)
        left += [piece for piece in pieces if piece]
    return left


def _joined(ranges: Iterable[range]) -> list[range]:
    """The same numbers, each once and in order."""
    joined: list[range] = []
    for numbers in sorted(ranges, key=lambda one: one.start):
        if joined and numbers.start < joined[-1].stop:
            numbers = range(joined[-1].stop, numbers.stop)  # noqa: PLW2901 what is there already
        if numbers:
            joined.append(numbers)
    return joined


def range_of(number: str) -> SafeRange | None:
    """The range that this number in full (with or without `+`) is in; None where somebody may have the number."""
    digits = bare(number)
    if not (digits.isascii() and digits.isdigit()):
        return None
    return next((safe for safe in _ranges_under(digits) if int(digits) in safe.numbers), None)


class SafeNumbers:
    """Fictitious numbers under some prefixes, in an order that the seed alone decides, none of them twice.

    A prefix such as `1202` or `4477` is in full, without `+`; a short one, as `1` is, widens over all area codes in
    use. ``without`` are longer prefixes that somebody else has. ``lines`` narrows the choice (`mobile`).
    Raises ValueError for a prefix that is none, and where not one number is left.
    """

    def __init__(
        self,
        prefixes: Iterable[str],
        *,
        without: Iterable[str] = (),
        lines: Collection[str] = LINES,
        seed: int = 0,
    ) -> None:
        self._prefixes = tuple(read_prefix(prefix, "fictitious numbers") for prefix in prefixes)
        others = [bare(prefix) for prefix in without]
        found: list[range] = []
        for prefix in self._prefixes:
            ranges = [_under(prefix, safe.numbers) for safe in _ranges_under(prefix) if safe.line in lines]
            for other in others:
                # a shorter prefix of somebody else's takes nothing away: the longest one wins
                if other.startswith(prefix):
                    ranges = _less(ranges, other)
            found += ranges
        self._ranges = _joined(numbers for numbers in found if numbers)
        self._ends = list(accumulate(len(numbers) for numbers in self._ranges))
        if not self._ends:
            raise ValueError(
                f"fictitious numbers: none under {self._named}; there are some in {', '.join(SAFE_COUNTRIES)}"
            )
        digest = int.from_bytes(blake2b(str(seed).encode(), digest_size=16).digest(), "big")
        # a step that shares no divisor with the length meets every number before any comes again
        self._offset, self._step = digest % len(self), digest // len(self) % len(self) or 1
        while gcd(self._step, len(self)) != 1:
            self._step += 1
        self._taken = 0

    @property
    def _named(self) -> str:
        return ", ".join(self._prefixes) or "no prefix"

    def __len__(self) -> int:
        return self._ends[-1]

    def __contains__(self, number: str) -> bool:
        digits = bare(number)
        return digits.isascii() and digits.isdigit() and any(int(digits) in numbers for numbers in self._ranges)

    def number(self, index: int) -> str:
        """Number ``index`` of them, from 0. Raises ValueError from ``len()`` on."""
        if not 0 <= index < len(self):
            raise ValueError(f"fictitious numbers: number {index} of {len(self)} under {self._named}")
        place = (self._offset + index * self._step) % len(self)
        found = bisect_right(self._ends, place)
        return str(self._ranges[found][place - self._ends[found]])

    def take(self, count: int) -> list[str]:
        """The next ``count`` numbers. Raises ValueError, and takes none, where fewer are left."""
        left = len(self) - self._taken
        if count > left:
            raise ValueError(
                f"fictitious numbers: {count} asked for, {left} left of {len(self)} under {self._named}; "
                "name more area codes, or a shorter prefix"
            )
        first, self._taken = self._taken, self._taken + count
        return [self.number(index) for index in range(first, self._taken)]

    def reset(self) -> None:
        """`take` begins again."""
        self._taken = 0


def safe_numbers(plan: NumberPlan, network: str, *, lines: Collection[str] = LINES, seed: int = 0) -> SafeNumbers:
    """Fictitious numbers that are that network's by their prefix; which of them are ported is not looked at."""
    others = [prefix for other in plan.networks if other != network for prefix in plan.prefixes_of(other)]
    return SafeNumbers(plan.prefixes_of(network), without=others, lines=lines, seed=seed)


KINDS_OF_LINE: Final = MappingProxyType(
    {
        "": (MOBILE, FREEPHONE, PREMIUM, EITHER),
        "mobile": (MOBILE, EITHER),
        "landline": (LANDLINE, EITHER),
        "toll_free": (FREEPHONE,),
        "premium": (PREMIUM,),
    }
)
"""Words for the kind of a number, each with the lines that can be so; without one, all that may have SMS."""


def numbers_of(
    plan: NumberPlan, network: str, *, count: int, kind: str = "", seed: int = 0, first: int = 0
) -> list[str]:
    """So many fictitious numbers which are that network's now, from number ``first`` on; ported ones go with their
    network, and ``plan`` says which are landlines.

    Raises ValueError for a network or kind that is none, and where fewer are left.
    """
    one_of("network:", network, plan.networks)
    if kind:
        one_of("kind:", kind, [one for one in KINDS_OF_LINE if one])
    if not plan.prefixes_of(network):
        raise ValueError(f"network: {network} has no prefixes, and so no numbers")
    safe = safe_numbers(plan, network, lines=KINDS_OF_LINE[kind], seed=seed)
    found: list[str] = []
    met = 0
    for number in map(safe.number, range(len(safe))):
        line = plan.line_of(number)
        if line.network != network or _is_landline(number, is_landline=line.is_landline) != (kind == LANDLINE):
            continue
        met += 1
        if met > first:
            found.append(number)
        if len(found) == count:
            return found
    raise ValueError(f"count: {count} from number {first} on, and {network} has {met} fictitious numbers of that kind")


def _is_landline(number: str, *, is_landline: bool) -> bool:
    # North America's are not told by their digits
    if is_landline or number[0] == "1":
        return is_landline
    safe = range_of(number)
    return safe is not None and safe.line == LANDLINE

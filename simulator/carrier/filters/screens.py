"""The kinds of filters: what each looks for in a text, in its sender, or in the traffic around it.

Knows how to find a thing and how to say what was found. Does not know what follows from it: filters.py lines screens up
and says where a hit shows. Windows and thresholds that nobody gives are proposals [I]: no carrier publishes its own.

All windows are in seconds of carrier time. What came at a moment counts until exactly one window later, and then no
more. All memory is bounded; what was longest unused is forgotten first.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from math import inf
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from simulator.carrier.causes import SUBMIT
from simulator.carrier.delays import number_text, seconds_text
from simulator.carrier.filters.filters import Facts, Screen
from simulator.carrier.filters.fingerprints import Phrases, Reading, Recent, masked
from simulator.carrier.filters.markers import BAIT, CONTENT, GATED, OPT_OUT, PRESSURE, SHORTENERS
from simulator.carrier.messages import REJECTED, UNDELIVERABLE, bare
from simulator.carrier.numbers import KINDS

PAIRS_MAX: Final = 100_000
"""Pairs of sender and destination that are remembered, and senders."""
TEXTS_MAX: Final = 50_000
"""Texts that are remembered."""
_DAY: Final = 86_400.0
_NAMED_MAX: Final = 3

N = TypeVar("N", int, float)


class Pattern(Protocol):
    """A compiled pattern; whoever compiles it answers for the time that it takes."""

    @property
    def text(self) -> str:
        """As it was written."""

    def matches(self, text: str) -> bool:
        """Whether it is found in a text."""


class _Forgetful:
    """A screen that sees one message at a time, as most do. What a hit of it means is the usual unless it says so."""

    __slots__ = ()
    cause = "carrier_spam"
    where = REJECTED
    remembers = False
    counts_refused = False
    reads_digits = False

    def spares(self, reading: Reading) -> bool:
        """Any text may have what it looks for."""
        return False

    def note(self, facts: Facts, reading: Reading, at: float) -> None:
        """It remembers nothing."""

    def reset(self) -> None:
        """It remembers nothing."""


class Content(_Forgetful):
    """Prohibited content by category, each told by its markers; ``more`` adds words and phrases to a category.

    Where a category is allowed with an age gate, the messages of a sender that has one pass. Raises ValueError for a
    category that is none.
    """

    __slots__ = ("_any", "_markers")
    reads_digits = True

    def __init__(self, categories: Iterable[str] = tuple(CONTENT), more: Mapping[str, Iterable[str]] | None = None):
        given = more or {}
        wanted = dict.fromkeys((*categories, *given))
        for category in wanted:
            if category not in CONTENT:
                close = get_close_matches(category.lower(), CONTENT, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(CONTENT)}"
                raise ValueError(f"content: {category!r} is no category; {hint}")
        self._markers = {one: Phrases((*CONTENT[one], *given.get(one, ()))) for one in wanted}
        self._any = Phrases(phrase for one in wanted for phrase in (*CONTENT[one], *given.get(one, ())))

    def spares(self, reading: Reading) -> bool:
        """Whether no marker begins in such a text."""
        return not self._any.may_be_alike(reading)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """The first category of which a marker stands in the text, and the marker."""
        # nearly every text is clean, and is asked once instead of once a category
        if not self._any.may_be_in(reading):
            return ""
        for category, markers in self._markers.items():
            if facts.is_age_gated and category in GATED:
                continue
            marker = markers.found_in(reading)
            if marker:
                gate = " and no age gate" if category in GATED else ""
                return f"{category}: {marker!r}{gate}"
        return ""


class Shorteners(_Forgetful):
    """Links by a public shortener: the known ones, with ``more`` hosts and without those ``allowed``."""

    __slots__ = ("_hosts", "_masked_hosts")
    cause = "shortened_url"
    reads_digits = True

    def __init__(self, more: Iterable[str] = (), allowed: Iterable[str] = ()) -> None:
        self._hosts = SHORTENERS.union(host.lower() for host in more).difference(host.lower() for host in allowed)
        self._masked_hosts = frozenset(map(masked, self._hosts))

    def spares(self, reading: Reading) -> bool:
        """Whether no such text has a link by one of them."""
        return not any(_is_below(host, self._masked_hosts) for host in reading.hosts)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """The first host that is a shortener, or lies below one."""
        if not reading.has_dot:
            return ""
        host = next((host for host in reading.hosts if _is_below(host, self._hosts)), "")
        return host and f"link by the public shortener {host!r}"


class Phishing(_Forgetful):
    """A link together with what is baited and what presses; a link to a host in ``trusted`` counts as none."""

    __slots__ = ("_trusted",)
    reads_digits = True
    _bait = Phrases(BAIT)
    _pressure = Phrases(PRESSURE)

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = frozenset(host.lower() for host in trusted)

    def spares(self, reading: Reading) -> bool:
        """Whether a link, what is baited or what presses is missing in such a text."""
        return not (reading.hosts and self._pressure.may_be_alike(reading) and self._bait.may_be_alike(reading))

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """The three that came together."""
        if not reading.has_dot:
            return ""
        host = next((host for host in reading.hosts if not _is_below(host, self._trusted)), "")
        pressure = host and self._pressure.found_in(reading)
        bait = pressure and self._bait.found_in(reading)
        return bait and f"phishing: {pressure!r} and {bait!r} with a link to {host!r}"


class Patterns(_Forgetful):
    """Texts in which one of these patterns is found."""

    __slots__ = ("_patterns",)

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = tuple(patterns)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """The first pattern that is found, as it was written."""
        for pattern in self._patterns:
            if pattern.matches(facts.text):
                return f"pattern {pattern.text!r} is found"
        return ""


class BlockedSenders(_Forgetful):
    """Senders that are blocked by a list; numbers are compared without a leading `+`."""

    __slots__ = ("_given", "_senders")
    cause = "sender_blocked"
    where = SUBMIT

    def __init__(self, senders: Iterable[str] = ()) -> None:
        self._given = frozenset(bare(sender) for sender in senders)
        self._senders = set(self._given)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """Whether the sender is on the list."""
        return f"sender {facts.source!r} is blocked" if bare(facts.source) in self._senders else ""

    def block(self, sender: str) -> None:
        """That sender is on the list from now on."""
        self._senders.add(bare(sender))

    def unblock(self, sender: str) -> None:
        """That sender is not on the list from now on."""
        self._senders.discard(bare(sender))

    def reset(self) -> None:
        """The list is again as it was given."""
        self._senders = set(self._given)


class SenderKinds(_Forgetful):
    """Senders of a kind that is not among those ``allowed``. Raises ValueError for a kind that is none."""

    __slots__ = ("_allowed",)
    cause = "invalid_source"
    where = SUBMIT

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = tuple(dict.fromkeys(allowed))
        for kind in self._allowed:
            if kind not in KINDS:
                raise ValueError(f"senders: {kind!r} is no kind, one of {', '.join(KINDS)}")

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """The kind that is not allowed."""
        if facts.kind in self._allowed:
            return ""
        return f"sender {facts.source!r} is of kind {facts.kind}, allowed: {', '.join(self._allowed) or 'none'}"


class Landlines(_Forgetful):
    """Destinations that are landlines."""

    __slots__ = ()
    cause = "landline_or_no_sms"
    where = UNDELIVERABLE

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """Whether it is one."""
        return f"destination {facts.destination!r} is a landline" if facts.is_landline else ""


class MissingOptOut(_Forgetful):
    """Messages without a way to opt out that are their sender's first to that recipient within ``window`` seconds."""

    __slots__ = ("_last", "window")
    _ways = Phrases(OPT_OUT)
    remembers = True

    def __init__(self, window: float = 30 * _DAY) -> None:
        self.window = _window("missing_opt_out", window)
        # by a hash of the two, as with fingerprints
        self._last: Recent[int, float] = Recent(PAIRS_MAX)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """Whether it is a first message that lacks it; what is still to come may have it."""
        if not facts.is_whole:
            return ""
        last = self._last.get(_pair(facts))
        if (last is not None and at - last < self.window) or self._ways.found_in(reading):
            return ""
        return f"first message to {facts.destination!r} within {seconds_text(self.window)}, and no way to opt out"

    def note(self, facts: Facts, reading: Reading, at: float) -> None:
        """The sender has written to that recipient."""
        if facts.is_whole:
            self._last.put(_pair(facts), at)

    def reset(self) -> None:
        """Nobody has written to anybody."""
        self._last.clear()


class Snowshoe(_Forgetful):
    """One text from many senders: the same fingerprint from at least ``senders`` of them within ``window`` seconds.

    Texts of fewer than ``length_min`` characters when masked say too little. A pool of senders counts as one.
    """

    __slots__ = ("_recent", "length_min", "senders", "window")
    remembers = True
    counts_refused = True

    def __init__(self, senders: int = 5, window: float = 3_600.0, length_min: int = 20) -> None:
        self.senders = _least("snowshoe: senders", senders, 2)
        self.window = _window("snowshoe", window)
        self.length_min = _least("snowshoe: length_min", length_min, 0)
        # by the fingerprint's hash: sender, moment, sender, moment ...: the latest comes last, and there are at most as
        # many as decide. That two of 50,000 texts share a hash of 64 bits is luckier than any spreader of spam
        self._recent: Recent[int, tuple[str | float, ...]] = Recent(TEXTS_MAX)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """How many senders, and some of them."""
        known = self._recent.get(hash(reading.fingerprint))
        if known is None or len(known) // 2 + 1 < self.senders:
            # whoever is among them, and whenever: they are too few
            return ""
        others = self._others(_sender(facts), reading, at)
        if len(others) // 2 + 1 < self.senders:
            return ""
        names = [_sender(facts), *map(str, others[-2::-2])]
        more = ", ..." if len(names) > _NAMED_MAX else ""
        named = ", ".join(names[:_NAMED_MAX])
        return f"the same text from {len(names)} senders within {seconds_text(self.window)}: {named}{more}"

    def note(self, facts: Facts, reading: Reading, at: float) -> None:
        """The sender has sent that text."""
        young, key = self._recent.young, hash(reading.fingerprint)
        known = young.get(key)
        if known is not None and len(known) == 2 and known[0] == facts.source and not facts.pool:
            # nobody else has sent it, as nearly always
            young[key] = facts.source, at
        elif len(reading.fingerprint) >= self.length_min:
            sender = _sender(facts)
            kept = self._others(sender, reading, at)[-2 * (self.senders - 1) :]
            self._recent.put(key, (*kept, sender, at))

    def reset(self) -> None:
        """Nobody has sent anything."""
        self._recent.clear()

    def _others(self, sender: str, reading: Reading, at: float) -> tuple[str | float, ...]:
        """What is remembered of other senders of that text, as it is remembered."""
        if len(reading.fingerprint) < self.length_min:
            return ()
        known = self._recent.get(hash(reading.fingerprint))
        if known is None or (len(known) == 2 and known[0] == sender):
            return ()
        pairs = zip(known[::2], known[1::2], strict=True)
        return tuple(one for pair in pairs if pair[0] != sender and at - float(pair[1]) < self.window for one in pair)


class VolumeSpike(_Forgetful):
    """A sender that suddenly sends far more than it used to.

    It may send ``factor`` times its mean over the last ``windows`` windows of ``window`` seconds, and ``allowance``
    in any; what comes beyond that in one window is found. Windows begin at multiples of their length.
    """

    __slots__ = ("_counts", "allowance", "factor", "window", "windows")
    cause = "other_volume"
    remembers = True
    counts_refused = True

    def __init__(self, window: float = 60.0, windows: int = 5, factor: float = 10.0, allowance: int = 100) -> None:
        self.window = _window("volume_spike", window)
        self.windows = _least("volume_spike: windows", windows, 1)
        self.factor = _least("volume_spike: factor", factor, 1)
        self.allowance = _least("volume_spike: allowance", allowance, 1)
        # the number of the window, how many came in it, and in the windows before it, the latest first: as far as it is
        # known
        self._counts: Recent[str, list[int]] = Recent(PAIRS_MAX)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """How many it would be, and how many are allowed."""
        known = self._counts.get(facts.source)
        if known is None or known[1] < self.allowance or known[0] != at // self.window:
            # it has sent too little, or nothing in this window yet
            return ""
        _, count, *before = self._now(facts.source, at)
        if count < self.allowance:
            return ""
        mean = sum(before) / self.windows
        allowed = max(self.allowance, self.factor * mean)
        if count + 1 <= allowed:
            return ""
        span = seconds_text(self.window)
        return f"{count + 1} messages within {span}, at most {number_text(allowed)}: the mean was {mean:g}"

    def note(self, facts: Facts, reading: Reading, at: float) -> None:
        """One message more."""
        known = self._counts.young.get(facts.source)
        if known is not None and known[0] == at // self.window:
            known[1] += 1
            return
        counts = self._now(facts.source, at)
        counts[1] += 1
        self._counts.put(facts.source, counts)

    def reset(self) -> None:
        """Nobody has sent anything."""
        self._counts.clear()

    def _now(self, source: str, at: float) -> list[int]:
        """That sender's counts as they are at this moment."""
        index = int(at // self.window)
        known = self._counts.get(source)
        if known is None:
            # what it has not sent in windows before takes no room
            return [index, 0]
        if known[0] == index:
            return known
        passed = min(index - known[0], self.windows + 1)
        return [index, *[*(0,) * passed, *known[1:]][: self.windows + 1]]


class Duplicates(_Forgetful):
    """The same text from the same source to the same destination within ``window`` seconds of the last one."""

    __slots__ = ("_last", "window")
    remembers = True

    def __init__(self, window: float = 60.0) -> None:
        self.window = _window("duplicate", window)
        # by a hash of the three, as with fingerprints
        self._last: Recent[int, float] = Recent(TEXTS_MAX)

    def sees(self, facts: Facts, reading: Reading, at: float) -> str:
        """How long ago it came."""
        last = self._last.get(hash((facts.source, facts.destination, facts.text)))
        if last is None or at - last >= self.window:
            return ""
        return f"the same text to {facts.destination!r} {seconds_text(round(at - last, 3))} ago"

    def note(self, facts: Facts, reading: Reading, at: float) -> None:
        """It came."""
        self._last.put(hash((facts.source, facts.destination, facts.text)), at)

    def reset(self) -> None:
        """Nothing came."""
        self._last.clear()


SCREENS: Final[Mapping[str, Callable[..., Screen]]] = MappingProxyType(
    {
        "content": Content,
        "shortener": Shorteners,
        "phishing": Phishing,
        "pattern": Patterns,
        "missing_opt_out": MissingOptOut,
        "snowshoe": Snowshoe,
        "volume_spike": VolumeSpike,
        "duplicate": Duplicates,
        "sender_kind": SenderKinds,
        "blocked_sender": BlockedSenders,
        "landline": Landlines,
    }
)
"""All kinds by the names that files give them."""


def _sender(facts: Facts) -> str:
    return facts.pool or facts.source


def _pair(facts: Facts) -> int:
    return hash((_sender(facts), facts.destination))


def _is_below(host: str, hosts: frozenset[str]) -> bool:
    """Whether a host is one of these, or has one of them as its end."""
    while host:
        if host in hosts:
            return True
        host = host.partition(".")[2]
    return False


def _window(name: str, seconds: float) -> float:
    if not 0 < seconds < inf:
        raise ValueError(f"{name}: window: {seconds:g} s, above 0 and not endless")
    return seconds


def _least(place: str, number: N, least: int) -> N:
    if not least <= number < inf:
        raise ValueError(f"{place}: {number:g}, at least {least}")
    return number

"""What subscribers write: parts joined within their time, and the words that a carrier's rules give a meaning.

It knows texts and numbers, and neither who the number belongs to nor how an answer is sent. The time is an argument.
"""

from collections import OrderedDict
from typing import Final, Literal, NamedTuple, get_args

from simulator.gateway.changes import KeptPart
from simulator.gateway.letters import HeardPart, text_of
from simulator.sms.segments import Kind, Part, join

Keyword = Literal["", "stop", "start", "help"]

_WORDS: Final[dict[str, Keyword]] = {
    **dict.fromkeys(("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke"), "stop"),
    **dict.fromkeys(("optout", "opt out", "arret"), "stop"),
    **dict.fromkeys(("start", "unstop", "nonarret"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}
_KINDS: Final[dict[str, Kind]] = {kind: kind for kind in get_args(Kind)}
JOINING_MAX: Final = 10_000
"""Long messages that may be incomplete at once; the oldest is then given out as it is."""
JOINED_MAX: Final = 1_000
"""Long messages remembered after they were joined, so that a part that comes again begins no new one."""


def keyword_of(text: str) -> Keyword:
    """The meaning of a text that is one of the words alone, in any case, with spaces behind it."""
    return _WORDS.get(text.rstrip().lower(), "")


class Joined(NamedTuple):
    """A message that is as complete as it will be."""

    source: str
    destination: str
    text: str
    segments: int
    is_complete: bool
    key: str
    """Of its parts; empty for a message of one part."""


class _Group:
    __slots__ = ("at", "heard")

    def __init__(self, at: float) -> None:
        self.at = at
        self.heard: dict[int, HeardPart] = {}


class Assembler:
    """Long messages that lack parts. ``wait`` seconds after its first part one is given out with what is there."""

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._groups: OrderedDict[str, _Group] = OrderedDict()
        self._done: OrderedDict[str, float] = OrderedDict()

    def put(self, heard: HeardPart, now: float) -> tuple[Joined | None, KeptPart | None]:
        """A part or a whole message came: what is complete by it, or else what is to be kept of it.

        Neither: it was a part of a message that is complete already.
        """
        part = heard.part
        if part is None or part.total == 1:
            return Joined(heard.source, heard.destination, text_of(heard), segments=1, is_complete=True, key=""), None
        key = _key(heard, part)
        if self._done.get(key, -self._wait) + self._wait > now:
            return None, None
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(now)
        group.heard[part.number] = heard
        if len(group.heard) < part.total:
            return None, KeptPart(key, part.number, heard.octets, heard.data_coding, group.at)
        return self._join(key, now), None

    def restore(self, kept: KeptPart) -> None:
        """A part that an earlier life of the gateway has kept."""
        source, destination, kind, reference, total = kept.key.rsplit("|", 4)
        part = Part(int(reference), kept.number, int(total), _KINDS[kind])
        group = self._groups.setdefault(kept.key, _Group(kept.at))
        group.heard[kept.number] = HeardPart(source, destination, kept.octets, kept.data_coding, part)

    def late(self, now: float) -> list[Joined]:
        """Messages whose missing parts are not waited for any more."""
        given = []
        while self._groups:
            key, group = next(iter(self._groups.items()))
            if group.at + self._wait > now and len(self._groups) <= JOINING_MAX:
                break
            given.append(self._join(key, now))
        return given

    def next_at(self) -> float | None:
        """When the next is late."""
        group = next(iter(self._groups.values()), None)
        return None if group is None else group.at + self._wait

    def _join(self, key: str, now: float) -> Joined:
        heard = self._groups.pop(key).heard
        self._done[key] = now
        while len(self._done) > JOINED_MAX:
            self._done.popitem(last=False)
        one = next(iter(heard.values()))
        assert one.part is not None
        total = one.part.total
        text = join(
            {number: part.octets for number, part in heard.items()},
            {number: part.data_coding for number, part in heard.items()},
            total=total,
        )
        return Joined(one.source, one.destination, text, len(heard), is_complete=len(heard) == total, key=key)


def _key(heard: HeardPart, part: Part) -> str:
    return f"{heard.source}|{heard.destination}|{part.kind}|{part.reference}|{part.total}"

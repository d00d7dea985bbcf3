"""What rules are asked about: a request, a response or an event, with its message, its session and the moment.

Everything is looked up only when a rule asks for it. It knows the words of the model and the shape of what it is given;
where a session or a story comes from is not known here.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from simulator.carrier.dice import Sent
from simulator.carrier.messages import Address, Part, bare
from simulator.scenario.words.wire_words import BINDS
from simulator.smpp.constants import CommandId, Version
from simulator.smpp.pdus import Pdu

if TYPE_CHECKING:
    from simulator.smpp.pdus import DataSm, SubmitMulti, SubmitSm

SCOPES_MAX: Final = 200_000
"""How many destinations, sources or pairs one rule counts apart; the longest unused begins anew."""
MOMENTS_MAX: Final = 1_000_000
"""How many moments one rule remembers that asks how many came within a span: 32 MB."""

_BIND_TYPES: Final = {
    int(CommandId.BIND_TRANSMITTER): "TX",
    int(CommandId.BIND_RECEIVER): "RX",
    int(CommandId.BIND_TRANSCEIVER): "TRX",
}


class Submitted(Sent, Protocol):
    """What is asked of a message: the model's words, and the request and octets that it came in."""

    state: str
    """What has become of it so far."""
    submitted_at: float
    """Carrier time at which it came."""

    @property
    def part(self) -> Part | None:
        """Which part of a longer text it is."""

    @property
    def pdu(self) -> "SubmitSm | DataSm | SubmitMulti | None":
        """The request."""

    @property
    def data_coding(self) -> int:
        """data_coding of the request."""

    @property
    def user_data(self) -> bytes:
        """The octets without their header."""

    @property
    def text(self) -> str:
        """What a person would read in this part."""


class Seat(Protocol):
    """A session, as rules see it. Times are of the link's clock; what has not been yet is None."""

    settled: dict[int | str, Any] | None
    """What rules keep of it as long as it is bound (rules.py), for nothing that they ask of the bind changes then."""

    @property
    def number(self) -> int:
        """Its number among all sessions."""

    @property
    def listener(self) -> str:
        """The name of the door that it came in by."""

    @property
    def bind_type(self) -> str:
        """How it is bound: TX, RX or TRX; nothing while it is not."""

    @property
    def nth(self) -> int:
        """Which of its account's sessions it is, by the order in which they bound; 0 while it is not bound."""

    @property
    def account_name(self) -> str:
        """Whose it is; nothing while nobody knows."""

    @property
    def peer_version(self) -> int:
        """interface_version of its bind."""

    @property
    def is_secure(self) -> bool:
        """Whether it is encrypted."""

    @property
    def in_flight(self) -> int:
        """How many of the ESME's requests are unanswered, this one included."""

    @property
    def idle_before(self) -> float:
        """Seconds of silence before what has just come."""

    def since(self, what: str, now: float) -> float | None:
        """Link seconds since `connect`, `bound` or, of its account, `disconnect`."""


class Told(Protocol):
    """How far the story is."""

    phase: str
    """Name of the phase that it is in; nothing where there are none."""
    began_at: float
    """Carrier time at which it began."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables as they stand."""

    def held(self, pile: str) -> int:
        """How many things wait in a pile."""


class Happening:
    """One thing that rules may be about. ``key`` is a command_id, or the word of an event.

    ``at`` is carrier time, ``now`` link time. An event has a command where it is about a PDU of ours.
    """

    __slots__ = ("_folded", "_text", "at", "key", "message", "now", "pdu", "seat", "story")

    def __init__(  # noqa: PLR0917 - one is made for each message, and names cost half as much again
        self,
        key: int | str,
        at: float,
        now: float,
        message: Any = None,
        pdu: Pdu | None = None,
        seat: Seat | None = None,
        story: Told | None = None,
    ) -> None:
        self.key = key
        self.at = at
        self.now = now
        self.message: Any = message
        self.pdu = pdu
        self.seat = seat
        self.story = story
        self._text: str | None = None
        self._folded: str | None = None

    @property
    def command(self) -> int | None:
        """command_id of the PDU that it is about, if it is about one."""
        return None if self.pdu is None else self.pdu.command_id

    @property
    def folded(self) -> str:
        """The text without its cases; nothing where there is none."""
        folded = self._folded
        if folded is None:
            # not by way of `text`: nearly always it is asked first
            if self._text is None and self.message is not None:
                self._text = self.message.text
            folded = self._folded = (self._text or "").casefold()
        return folded

    @property
    def text(self) -> str | None:
        """The message's text, decoded once for all rules that ask for it."""
        if self._text is None and self.message is not None:
            self._text = self.message.text
        return self._text

    @property
    def account(self) -> str:
        """Whose message it is, else whose session; who wants to bind is known by the name that he gives."""
        if self.message is not None:
            return str(self.message.account)
        if self.command in BINDS:
            return str(getattr(self.pdu, "system_id", ""))
        return "" if self.seat is None else self.seat.account_name

    @property
    def bind_type(self) -> str:
        """How the session is bound, or wants to be."""
        bound = "" if self.seat is None else self.seat.bind_type
        return bound or _BIND_TYPES.get(self.command or 0, "")

    @property
    def version(self) -> str:
        """Version of SMPP that the bind asks for, or asked for."""
        number: int = Version.V34 if self.seat is None else self.seat.peer_version
        if self.command in BINDS:
            number = getattr(self.pdu, "interface_version", number)
        if number >= Version.V50:
            return "5.0"
        return "3.4" if number >= Version.V34 else "3.3"

    @property
    def source(self) -> Address:
        """Who wrote; an account and an event's name where there is no message."""
        found: Address = Address(str(self.key)) if self.message is None else self.message.source
        return found

    @property
    def destination(self) -> Address:
        """Whom it is for."""
        found: Address = Address("") if self.message is None else self.message.destination
        return found


def _of_session(happening: Happening) -> int:
    return 0 if happening.seat is None else happening.seat.number


def _of_pair(one: Any) -> tuple[str, str]:
    return bare(one.source.number), bare(one.destination.number)


SCOPES: Final[dict[str | None, Callable[[Any], Any]]] = {
    None: lambda _: None,
    "account": lambda happening: happening.account,
    "session": _of_session,
    "source": lambda happening: bare(happening.source.number),
    "destination": lambda happening: bare(happening.destination.number),
    "pair": _of_pair,
}
"""What is counted apart from what; by account and by numbers messages are told apart as happenings are."""


class Counter:
    """Counts happenings, all together or apart for each account, session, source, destination or pair."""

    __slots__ = ("_counts", "_scope")

    def __init__(self, per: str | None) -> None:
        self._scope = SCOPES[per]
        self._counts: OrderedDict[Any, int] = OrderedDict()

    def of(self, happening: Happening) -> int:
        """How many were counted where this one belongs."""
        return self._counts.get(self._scope(happening), 0)

    def add(self, happening: Happening) -> int:
        """Count this one, too: it is the n-th."""
        scope = self._scope(happening)
        number = self._counts[scope] = self._counts.pop(scope, 0) + 1
        if len(self._counts) > SCOPES_MAX:
            self._counts.popitem(last=False)
        return number

    @property
    def total(self) -> int:
        """How many were counted, wherever they belong."""
        return sum(self._counts.values())

    def clear(self) -> None:
        """Start over."""
        self._counts.clear()


class Pace:
    """Whether more than so many came within a span of link time, apart for each scope.

    Bounded like a Counter, and in how many moments it remembers: those of the longest unused scopes are forgotten.
    """

    __slots__ = ("_amount", "_kept", "_last", "_scope", "_seconds")

    def __init__(self, amount: float, seconds: float, per: str | None) -> None:
        self._amount = max(1, int(amount))
        self._seconds = seconds * self._amount / amount
        self._scope = SCOPES[per]
        self._last: OrderedDict[Any, list[float]] = OrderedDict()
        self._kept = 0
        """Moments of all scopes."""

    def is_over(self, happening: Happening, *, counts: bool = True) -> bool:
        """Whether this one is one too many; it is counted where ``counts``."""
        scope = self._scope(happening)
        came = self._last.pop(scope, None) or []
        before = len(came)
        over = len(came) >= self._amount and happening.now - came[-self._amount] < self._seconds
        if counts:
            came.append(happening.now)
            if len(came) > 2 * self._amount:
                del came[: -self._amount]
        if came:
            self._last[scope] = came
            self._kept += len(came) - before
            self._forget(happening.now)
        return over

    def _forget(self, now: float) -> None:
        """Let go the scopes of which nothing counts any more, at most two at a time, and those that are too many."""
        last = self._last
        for _ in range(2):
            oldest = next(iter(last))
            if now - last[oldest][-1] < self._seconds or len(last) == 1:
                break
            self._kept -= len(last.pop(oldest))
        while len(last) > 1 and (len(last) > SCOPES_MAX or self._kept > MOMENTS_MAX):
            self._kept -= len(last.popitem(last=False)[1])

    def clear(self) -> None:
        """Start over."""
        self._last.clear()
        self._kept = 0


__all__ = ["SCOPES", "SCOPES_MAX", "Counter", "Happening", "Pace", "Seat", "Submitted", "Told"]

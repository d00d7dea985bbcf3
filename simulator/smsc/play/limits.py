"""What is done with too much: beyond an account's throughput, and beyond a carrier's further limits.

It is the gate of a carrier that says more than a rate for each account. It knows messages, sessions and the two clocks:
rates of less than a minute run by the link's, daily and hourly ones by the carrier's. It knows no octets.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import THROTTLED
from simulator.carrier.limits.throttle import Throttle
from simulator.carrier.messages import Cause, Verdict, text_key
from simulator.scenario.happening import SCOPES
from simulator.smsc.memory.history import GROUP_SPAN
from simulator.smsc.play.ends import part
from simulator.smsc.translate import Submission, status_of

if TYPE_CHECKING:
    from simulator.scenario.policy import Limit
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

PAUSE: Final = "pause"
COUNTED_MAX: Final = 100_000
"""How many sources, destinations or texts one limit remembers; the longest unused begins anew."""
MINUTE: Final = 60.0
"""Rates in spans from here on are calendar matters, and run by the carrier's clock."""

Over = int | str
"""What is done with too much: a command_status, or a word of policy.EXCESSES."""


_SCOPES: Final[dict[str | None, Callable[[Submission], Any]]] = {
    **SCOPES,
    None: lambda message: message.account,
    "session": lambda message: message.session,
}
"""As those of rules, but what nobody has said is an account's."""


class _Bucket:
    """What one scope of a limit has left, and until when it is closed for having been overrun."""

    __slots__ = ("closed_until", "throttle")

    def __init__(self, rate_per_second: float, burst: float) -> None:
        self.throttle = Throttle(rate_per_second, burst)
        self.closed_until = -inf


class _Texts:
    """The texts whose first part was counted: their other parts belong to it."""

    __slots__ = ("_begun",)

    def __init__(self) -> None:
        self._begun: OrderedDict[Any, tuple[float, set[int]]] = OrderedDict()

    def includes(self, message: Submission) -> bool:
        """Whether this is a further part of one of them."""
        known = None if message.part is None else self._begun.get(text_key(message))
        if known is None or message.part is None:
            return False
        return message.part.number not in known[1] and message.arrived_at - known[0] <= GROUP_SPAN

    def add(self, message: Submission) -> None:
        """A part was admitted; the last one of its text ends it."""
        part_of_it = message.part
        if part_of_it is None or part_of_it.total <= 1:
            return
        key = text_key(message)
        began_at, numbers = self._begun[key] if self.includes(message) else (message.arrived_at, set())
        numbers.add(part_of_it.number)
        self._begun[key] = began_at, numbers
        if len(numbers) >= part_of_it.total:
            del self._begun[key]
        if len(self._begun) > COUNTED_MAX:
            self._begun.popitem(last=False)


class _Counted:
    """One limit at work."""

    __slots__ = ("_buckets", "_burst", "_in_a_row", "_rate", "_scope", "_texts", "by_carrier_clock", "limit", "over")

    def __init__(self, limit: "Limit") -> None:
        self.limit = limit
        self.over: Over = status_of(THROTTLED) if limit.over is None else limit.over
        self.by_carrier_clock = limit.rate.seconds >= MINUTE
        self._rate = limit.rate.per_second
        # of 2000/day all 2000 may come in one minute, as those of 20/s may come at once
        self._burst = float(limit.burst or max(1.0, limit.rate.amount))
        self._scope = _SCOPES[limit.per]
        self._texts = _Texts() if limit.counts == "messages" else None
        self.reset()

    def reset(self) -> None:
        """Nothing was counted."""
        self._buckets: OrderedDict[Any, _Bucket] = OrderedDict()
        self._in_a_row: OrderedDict[int, int] = OrderedDict()
        if self._texts is not None:
            self._texts = _Texts()

    @property
    def name(self) -> str:
        """What the journal tells as the cause."""
        return f"over {self.limit.rate} per {self.limit.per or 'account'}"

    def bucket(self, message: Submission) -> _Bucket:
        """What is left for whom this message is counted."""
        scope = self._scope(message)
        bucket = self._buckets.get(scope)
        if bucket is None:
            bucket = self._buckets[scope] = _Bucket(self._rate, self._burst)
            if len(self._buckets) > COUNTED_MAX:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(scope)
        return bucket

    def is_over(self, message: Submission, at: float) -> bool:
        """Whether this message is too much; nothing is taken yet."""
        bucket = self.bucket(message)
        if bucket.closed_until > at:
            return True
        is_counted = self._texts is not None and self._texts.includes(message)
        if self.over == PAUSE or is_counted or bucket.throttle.has_room(at):
            return False
        if self.limit.penalty is not None:
            bucket.closed_until = at + self.limit.penalty
        return True

    def take(self, message: Submission, at: float) -> float:
        """Count a message that is admitted: until when nothing more is to be read, ``at`` where it may go on."""
        self._in_a_row.pop(message.session, None)
        if self._texts is not None:
            is_counted = self._texts.includes(message)
            self._texts.add(message)
            if is_counted:
                return at
        throttle = self.bucket(message).throttle
        throttle.spend(at)
        room_at = throttle.room_at(at)
        if self.over != PAUSE or room_at == at:
            return at
        return max(room_at, at + (self.limit.penalty or 0.0))

    def is_last_straw(self, message: Submission) -> bool:
        """Count a refusal: whether its session has had so many in a row that it is closed."""
        most = self.limit.disconnect_after
        if most is None:
            return False
        refusals = self._in_a_row[message.session] = self._in_a_row.pop(message.session, 0) + 1
        if len(self._in_a_row) > COUNTED_MAX:
            self._in_a_row.popitem(last=False)
        return refusals >= most


class Limits:
    """The gate of an SMSC. ``over`` is what is done beyond an account's throughput, by its name; None: throttle it."""

    def __init__(
        self,
        smsc: "Smsc",
        limits: "Sequence[Limit]" = (),
        *,
        over: Over | None = None,
        over_by_account: Mapping[str, Over | None] | None = None,
    ) -> None:
        self._smsc = smsc
        self._over = over
        self._over_by_account = dict(over_by_account or {})
        self._limits = tuple(map(_Counted, limits))
        self._era = 0
        """Counts the resets: a pause from before one is over."""

    def refusal(self, message: Submission, account: Account, now: float) -> Verdict | None:
        """The verdict on a message that is too much at carrier time ``now``; None admits and counts it."""
        throttle, at = account.throttle, message.arrived_at
        if throttle is not None:
            over = self._over_by_account.get(account.name, self._over)
            if over == PAUSE:
                throttle.spend(at)
                self._hold(message, throttle.room_at(at), at, by_carrier_clock=False, is_of_account=True)
            elif not throttle.admit(at):
                why = f"over a throughput of {throttle.rate_per_second:g}/s"
                return self._turned_away(message, over, THROTTLED, why)
        for one in self._limits:
            if one.is_over(message, now if one.by_carrier_clock else at):
                verdict = self._turned_away(message, one.over, Cause(one.name, is_temporary=True), one.name)
                if one.is_last_straw(message):
                    self._part(message, "disconnect", f"{one.limit.disconnect_after} refusals {one.name}")
                return verdict
        for one in self._limits:
            moment = now if one.by_carrier_clock else at
            until = one.take(message, moment)
            is_of_account = one.limit.per in {None, "account"}
            self._hold(message, until, moment, by_carrier_clock=one.by_carrier_clock, is_of_account=is_of_account)
        return None

    def _turned_away(self, message: Submission, over: Over | None, cause: Cause, why: str) -> Verdict:
        if over is None:
            return Verdict(accepted=False, cause=cause)
        if isinstance(over, str):
            self._part(message, over, why)
            # command_status 0 is never sent for it: there is no answer
            return Verdict(accepted=False, cause=Cause(cause.name, is_temporary=True, answer=0), respond_after=inf)
        return Verdict(accepted=False, cause=Cause(cause.name, is_temporary=True, answer=int(over)))

    def _part(self, message: Submission, by: str, why: str) -> None:
        session = self._smsc.sessions.get(message.session)
        if session is not None:
            part(session, by, why, message.arrived_at)

    # ------------------------------------------------------------------ pauses

    def _hold(
        self, message: Submission, until: float, moment: float, *, by_carrier_clock: bool, is_of_account: bool
    ) -> None:
        """Read nothing more of this message's session until then; of none of its account's where that is meant."""
        session = self._smsc.sessions.get(message.session) if until > moment else None
        if session is not None:
            # each of the others would else be lent one more
            held = self._smsc.sessions_of(message.account) if is_of_account else [session]
            self._hold_back(held, until, by_carrier_clock=by_carrier_clock)

    def _hold_back(self, held: "list[Session]", until: float, *, by_carrier_clock: bool) -> None:
        for session in held:
            session.window.holds += 1
            session.connection.is_paused = True
        put = self._smsc.agenda.put if by_carrier_clock else self._smsc.agenda.put_link
        put(until, self._let_go, (held, self._era))

    def bound(self, at: float, number: int, *_: Any) -> None:
        """A fold: who binds anew is not lent one more than the others of his account were."""
        session = self._smsc.sessions[number]
        account = session.account
        if account is None or account.throttle is None:
            return
        # where that moment has passed, it is let go at once
        until = account.throttle.room_at(-inf)
        if until > -inf and self._over_by_account.get(account.name, self._over) == PAUSE:
            self._hold_back([session], until, by_carrier_clock=False)

    def _let_go(self, subject: Any, now: float) -> None:
        held, era = subject
        if era != self._era:
            return
        for session in held:
            session.window.holds -= 1
        for session in held:
            _read_on(session, now)

    def reset(self, *_: Any) -> None:
        """Nothing was counted, and nobody is held back. A fold: it takes what the journal tells of a reset."""
        self._era += 1
        for one in self._limits:
            one.reset()
        for session in self._smsc.sessions.values():
            if session.window.holds:
                session.window.holds = 0
                # in its own turn, because whoever resets is not through yet
                self._smsc.agenda.put_link(-inf, _read_later, session)


def _read_later(session: Any, now: float) -> None:
    _read_on(session, now)


def _read_on(session: "Session", now: float) -> None:
    """Read what came meanwhile, unless there is another reason to wait."""
    connection = session.connection
    if session.is_open and connection.is_paused and not session.rests and not session.window.is_full(session.terms):
        connection.is_paused = False
        session.read(now)
        session.wake()


__all__ = ["Limits"]

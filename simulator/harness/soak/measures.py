"""How much was let through, counted again and otherwise: throughput, limits, quotas, windows; and whether it is true.

It reads what was granted and counts what was taken. It knows nothing of how the carrier itself counts.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from simulator.carrier.limits.quotas import QUEUE, RECIPIENTS, Attempt, Limit, traits_of
from simulator.carrier.network.network import Network, Networks
from simulator.carrier.network.told import TRUTH
from simulator.carrier.numbers import read_number
from simulator.smpp.pdus import SubmitMulti
from simulator.smsc.translate import DELIVERED, Submission

if TYPE_CHECKING:
    from simulator.harness.soak.world import SoakWorld

SPANS: Final = {"minute": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}
LYING: Final = frozenset({"DELIVRD", "lost"})
"""Where a no shows that is not told as one."""

Complain = Callable[[str, str, Any], None]


class Level:
    """How full a bucket is that leaks: nothing is refused, it is only measured."""

    __slots__ = ("_at", "level")

    def __init__(self) -> None:
        self.level = 0.0
        self._at = -inf

    def add(self, at: float, per_second: float) -> float:
        """One more at that time; how many are in it now."""
        if at > self._at:
            self.level = max(0.0, self.level - (at - self._at) * per_second) if self._at > -inf else 0.0
            self._at = at
        self.level += 1.0
        return self.level


class Measures:
    """What was let through in one world; complaints go to ``breach``."""

    def __init__(self, world: "SoakWorld", breach: Complain) -> None:
        self._world = world
        self._breach = breach
        carrier = world.smsc.carrier
        self._networks = carrier if isinstance(carrier, Networks) else None
        forms = [pair for one in world.plan.files.values() for pair in (one.networks or {}).items()]
        self._zones = {name: ZoneInfo(form.zone) for name, form in forms if form.zone is not None}
        self._has_liars = any(one.made.where in LYING for _, form in forms for one in form.filters or ())
        self._truthful: dict[str, bool] = {}
        self.clear()

    def clear(self) -> None:
        """Nothing was let through."""
        self.is_counting = True
        self._levels: defaultdict[str, Level] = defaultdict(Level)
        self._counts: defaultdict[tuple[Any, ...], float] = defaultdict(float)
        self._recipients: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)

    # ------------------------------------------------------------------ windows

    def delivered(self, session: int) -> None:
        """Something was sent to an ESME: what it has not answered fits its window."""
        seat = self._world.smsc.sessions.get(session)
        if seat is None or len(seat.connection.outstanding) <= seat.terms.deliver_window:
            return
        forms = [one.form for one in seat.deliveries.values() if one is not None and one.form is not None]
        if any(form.ignore_window or form.repeat is not None for form in forms):
            return
        # what is no delivery goes beside the window: an enquiry, what a scenario sends
        ours = sum(one is not None for one in seat.deliveries.values())
        if ours > seat.terms.deliver_window:
            self._breach("windows", f"session {session}: {ours} deliveries are unanswered", None)

    def submitted(self, message: Submission, session: int) -> None:
        """A request was read: no more of them wait for a late answer than were granted."""
        seat = self._world.smsc.sessions.get(session)
        if seat is not None and seat.terms.window is not None:
            window = seat.window
            if window.unanswered > seat.terms.window and seat.terms.window_status is None and not window.holds:
                self._counts["window", session] += 1

    # ------------------------------------------------------------------ rates

    def accepted(self, message: Submission) -> None:
        """A message was taken."""
        fate = message.fate
        if not (self.is_counting and message.is_stored):
            # a transaction is answered when its fate is known, and so out of its turn
            return
        if fate is not None and fate.decision is not None and fate.decision.accepts:
            # a rule lets it in whatever its account may send
            return
        account = self._world.smsc.accounts.get(message.account)
        if account is not None and account.throughput is not None:
            burst = max(1.0, account.throughput if account.burst is None else account.burst)
            level = self._levels[message.account].add(message.arrived_at, account.throughput)
            # where nothing more is read, what was read already is lent, and so is all of a submit_multi
            if level > burst + 1.01 and not isinstance(message.pdu, SubmitMulti):
                told = f"{message.account} may send {account.throughput:g}/s and {burst:g} at once, {level:.2f} were"
                self._breach("throughput", told, message)
        if self._networks is not None:
            self._count(message, self._networks)

    def _count(self, message: Submission, networks: Networks) -> None:
        known = networks.known(message.number)
        network = None if known is None else networks.networks.get(known.truth.network)
        if known is None or network is None or known.truth.state != DELIVERED:
            # limits are not asked about whom nobody lets send at all: what arrives was counted in any case
            return
        attempt = _attempt(message, networks, network.name)
        for limit in network.quotas.limits:
            load = None if limit.over.mode == QUEUE else limit.load_of(attempt)
            if load is not None:
                self._let_through(network, limit, load, message)

    def _let_through(self, network: Network, limit: Limit, load: Any, message: Submission) -> None:
        if limit.per == "second":
            level = self._levels[f"{network.name} {limit.name} {load.key}"]
            taken = 0.0
            for _ in range(int(load.units)):
                taken = level.add(message.arrived_at, load.amount)
            most = max(1.0, load.amount, load.units)
            if taken > most + 0.01:
                told = f"{network.name}: {taken:.2f} of {most:g} for {load.key} at once, limit {limit.name}"
                self._breach("quotas", told, message)
            return
        if limit.per not in SPANS:
            return
        zone = self._zones.get(network.name, ZoneInfo("America/Los_Angeles"))
        when = datetime.fromtimestamp(message.submitted_at, zone)
        # the hour that comes twice in autumn has its minutes twice, and one day has both
        fold = when.fold if limit.per == "minute" else 0
        period = (network.name, limit.name, load.key, when.strftime(SPANS[limit.per]), fold)
        if limit.counts == RECIPIENTS:
            self._recipients[period].add(load.recipient)
            taken = len(self._recipients[period])
        else:
            self._counts[period] += load.units
            taken = self._counts[period]
        if taken > load.amount:
            told = f"{network.name}: {taken:g} of {load.amount:g} for {load.key} in a {limit.per}, limit {limit.name}"
            self._breach("quotas", told, message)

    # ------------------------------------------------------------------ truth

    def concluded(self, message: Submission, outcome: Any) -> None:
        """A message has its end: where its network tells the truth, that is so."""
        networks = self._networks
        if networks is None or message.fate is not None:
            return
        known = networks.known(message.number)
        if known is None or message.plan is not known.plan or outcome not in known.plan:
            # who takes it back, or switches its phone off, decides otherwise
            return
        name = known.truth.network
        if self._tells_truth(name, networks) and outcome.state != known.truth.state:
            told = f"{name} tells {outcome.state} of message {message.number}, which is {known.truth}"
            self._breach("truth", told, message)

    def _tells_truth(self, name: str, networks: Networks) -> bool:
        found = self._truthful.get(name)
        if found is None:
            network = networks.networks.get(name)
            every = [] if network is None else [network, *networks.hubs.values()]
            found = self._truthful[name] = not self._has_liars and bool(every) and all(map(_is_truthful, every))
        return found

    def end(self) -> None:
        """All is over."""


def _is_truthful(network: Network) -> bool:
    said = network.receipts
    is_plain = said.tells == TRUTH and not said.contradicting and said.expires == inf
    return is_plain and network.unregistered_at not in LYING and not network.profile.false_delivered


def _attempt(message: Submission, networks: Networks, name: str) -> Attempt:
    """The message as limits see it."""
    sender = read_number(message.source, networks.home)
    receiver = read_number(message.destination, networks.home)
    registration = networks.registrar.look(sender.digits, sender.kind, message.submitted_at, name)
    part = message.part
    return Attempt(
        message.account,
        sender.digits,
        sender.kind,
        receiver.digits,
        registration,
        segments=message.segments_needed,
        messages=int(part is None or part.number == 1),
        traits=traits_of(sender.digits, receiver.digits),
    )


__all__ = ["Level", "Measures"]

"""What an SMSC plays, by name, and how it comes to play something else while it runs.

It knows scenarios that are right, and whether they fit together and onto this server. Who reads them, and from where,
it does not know.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from simulator.scenario.conflicts import conflicts
from simulator.scenario.networks.carriers import sections_of
from simulator.smsc.memory.watch import Watch, wants_verdict
from simulator.smsc.play.failures import Failures
from simulator.smsc.play.staging import restage, said_of_carrier, script_of

if TYPE_CHECKING:
    from simulator.carrier.accounts import Account
    from simulator.scenario.schema import Scenario
    from simulator.scenario.script import Script
    from simulator.smsc.smsc import Smsc


REASONS_MAX: Final = 100
"""Conflicts that are told at once."""


class Misfit(ValueError):
    """Scenarios that are right, each for itself, and cannot be played here; ``reasons`` is all that is in the way."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(reasons))


class Playing:
    """What ``smsc`` plays: ``scenarios`` by ``names``. ``accounts`` are those that no scenario has given it.

    ``allows_conflicts``: where two files fill one slot whatever comes, the later one wins. ``opens_listeners``: whoever
    has this made opens those that a later file brings; otherwise they are what they were at the start.
    """

    def __init__(
        self,
        smsc: "Smsc",
        scenarios: "Sequence[Scenario]" = (),
        names: Sequence[str] = (),
        *,
        accounts: "Iterable[Account]" = (),
        allows_conflicts: bool = False,
        opens_listeners: bool = False,
    ) -> None:
        self.smsc = smsc
        self.scenarios = tuple(scenarios)
        self.names = tuple(names) or tuple(f"scenario {number}" for number in range(1, len(self.scenarios) + 1))
        self.first_scenarios, self.first_names = self.scenarios, self.names
        """What it played at the start."""
        self._accounts = tuple(accounts)
        self._allows_conflicts = allows_conflicts
        self._opens_listeners = opens_listeners
        self._listeners = said_of_carrier(scenarios).get("listeners", {})
        self.failures = Failures(smsc.journal)
        """What has failed of what is played."""
        self.watch: Watch | None = None
        """Judges what is played, where somebody wants to know."""
        self._clock: Callable[[], float] | None = None
        self._is_always_judged = False

    def judge(self, clock: Callable[[], float], *, always: bool) -> None:
        """Judge what is played from now on: ``always``, or where a scenario promises something."""
        self._clock, self._is_always_judged = clock, always
        if self.watch is not None:
            # other scenarios promise other things, and their checks count otherwise
            self.watch.leave()
        is_wanted = always or wants_verdict(self.scenarios)
        self.watch = Watch(self.smsc, clock, self.scenarios, self.names) if is_wanted else None

    def prepared(self, scenarios: "Sequence[Scenario]", names: Sequence[str]) -> "Script":
        """What is to be played instead, for ``replace``; it changes nothing, and any thread may call it.

        Raises Misfit where they do not go together, or not here.
        """
        found = () if self._allows_conflicts else conflicts(scenarios, names)
        reasons = [str(one) for one in islice(found, REASONS_MAX)]
        listeners = said_of_carrier(scenarios).get("listeners", self._listeners)
        if self._opens_listeners:
            if any(listeners.get(name, words) != words for name, words in self._listeners.items()):
                reasons.append("carrier.listeners: those that are open stay what they are")
        elif listeners != self._listeners:
            reasons.append("carrier.listeners: they cannot change while the server runs: start it anew with this file")
        if sections_of(scenarios) != sections_of(self.scenarios):
            reasons.append("networks: they are what they were when the server started, and not changed while it runs")
        if reasons:
            raise Misfit(reasons)
        return script_of(scenarios, self.smsc.seed)

    def replace(
        self,
        scenarios: "Sequence[Scenario]",
        names: Sequence[str],
        now: float,
        script: "Script | None" = None,
    ) -> None:
        """Play these instead; ``script`` is what was prepared of them. Raises Misfit, having changed nothing."""
        restage(self.smsc, script or self.prepared(scenarios, names), now, accounts=self._accounts)
        self.scenarios, self.names = tuple(scenarios), tuple(names)
        if self._opens_listeners:
            self._listeners = said_of_carrier(scenarios).get("listeners", {})
        if self._clock is not None:
            self.judge(self._clock, always=self._is_always_judged)


__all__ = ["Misfit", "Playing"]

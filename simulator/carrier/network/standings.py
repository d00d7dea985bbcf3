"""Who is who, found out once and kept: what a sender is to each network on its way, whose an addressee's number is.

Knows how long what was found out holds: until the registry or the number plan changes, or the moment comes from which
on a registration counts. Does not know any message: what a text, a limit or luck says of one is asked each time. All
memory is bounded; who is forgotten is looked up again.
"""

from collections.abc import Callable
from math import inf
from typing import Final

from simulator.carrier.fees import Tab
from simulator.carrier.limits.quotas import Attempt, Gauge
from simulator.carrier.messages import Address
from simulator.carrier.network.cases import Network, No
from simulator.carrier.numbers import Line, Number, NumberPlan, read_number
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import BLOCKED, FILTERED, Registrar, Registry

SENDERS_MAX: Final = 4_000
"""Of how many pairs of a sender and a network is kept what it is there."""
ADDRESSEES_MAX: Final = 4_000
"""Of how many numbers is kept whose they are."""
_NOBODYS: Final = Line("")


class Station:
    """One network that the messages of one sender pass.

    ``no`` is its answer to all of them where that is sure. ``is_plain``: of each message nothing is to be asked but
    limits, opt-outs, size and filters. ``gauges`` are the limits that hold for the sender with that ``account``.
    """

    __slots__ = ("account", "gauges", "is_age_gated", "is_plain", "network", "no", "parts_max", "pool")

    def __init__(self, network: Network, registration: Registration) -> None:
        fate = network.unregistered.usual_fate(registration)
        self.network = network
        self.no = no_of(network, registration) if fate == BLOCKED else None
        self.is_plain = fate != FILTERED and not network.demands
        self.parts_max = network.parts_max
        campaign = registration.campaign
        self.is_age_gated = campaign is not None and campaign.is_age_gated
        self.pool = "" if campaign is None else campaign.pool
        self.account: str | None = None
        self.gauges: tuple[Gauge, ...] = ()

    def meet(self, account: str, sender: Number, registration: Registration) -> None:
        """That sender comes with this account; whoever says so knows that no traits matter."""
        attempt = Attempt(account, sender.digits, sender.kind, "", registration)
        self.gauges, self.account = self.network.quotas.gauges(attempt), account


class Standing:
    """What a sender is to the networks on its way, from ``since`` until ``until`` and as long as there is that
    ``registry``; ``campaign`` is an id, empty for none. ``tab`` is where its messages were charged last.
    """

    __slots__ = ("campaign", "registration", "registry", "sender", "since", "stations", "tab", "until")

    def __init__(
        self,
        sender: Number,
        registration: Registration,
        networks: tuple[Network, ...],
        registry: Registry,
        span: tuple[float, float] = (-inf, inf),
    ) -> None:
        self.sender = sender
        self.registration = registration
        self.stations = tuple(Station(network, registration) for network in networks)
        self.registry = registry
        self.since, self.until = span
        self.campaign = "" if registration.campaign is None else registration.campaign.id
        self.tab: Tab | None = None


def no_of(network: Network, registration: Registration) -> No:
    """What a network says to a sender who is not registered, where it does not let the message through."""
    why = registration.why or f"the sender is {registration.status}"
    return No(
        network,
        registration.cause or "sender_blocked",
        network.unregistered_at,
        why,
        network.unregistered_after,
    )


class Standings(dict[tuple[str, str], dict[Address, Standing]]):
    """The standings of senders by the network and the door that their messages go to and came by; `found` puts them
    there. ``home`` is by whose rules their numbers are read. Who looks one up asks whether it still holds.
    """

    def __init__(self, registrar: Registrar, home: str) -> None:
        super().__init__()
        self._registrar = registrar
        self._home = home
        self._size = 0

    def __missing__(self, way: tuple[str, str]) -> dict[Address, Standing]:
        table: dict[Address, Standing] = {}
        self[way] = table
        return table

    def clear(self) -> None:
        """Nothing is known of anybody."""
        super().clear()
        self._size = 0

    def found(
        self, source: Address, network: Network, door: str, hub_of: Callable[[str, str], Network | None], at: float
    ) -> Standing:
        """What whoever sends from there is at carrier time ``at`` to the networks on its way to ``network``.

        ``door`` is that by which its message came, where networks have doors of their own; ``hub_of`` says which hub
        lies on the way of a kind of sender that came in there.
        """
        if self._size >= SENDERS_MAX:
            self.clear()
        sender, registry = read_number(source, self._home), self._registrar.registry
        registration = registry.look(sender.digits, sender.kind, at, network.name)
        hub = hub_of(sender.kind, door)
        way = (network,) if hub is None or hub is network else (hub, network)
        span = registry.span(sender.digits, sender.kind, at)
        self[network.name, door][source] = standing = Standing(sender, registration, way, registry, span)
        self._size += 1
        return standing


class Addressees(dict[Address, tuple[Number, Line]]):
    """What the addresses mean that messages are sent to, and whose those numbers are: nobody's where it is none.

    Where ``era`` is not the plan's any more, who looks one up lets all be forgotten first.
    """

    def __init__(self, plan: NumberPlan, home: str) -> None:
        super().__init__()
        self._plan = plan
        self._home = home
        self.era = plan.era

    def __missing__(self, address: Address) -> tuple[Number, Line]:
        number = read_number(address, self._home)
        line = _NOBODYS if number.why else self._plan.line_of(number.digits)
        if not line.is_ported:
            # a number that was ported is asked for each time, as those that nobody asks for are forgotten
            if len(self) >= ADDRESSEES_MAX:
                self.clear()
            self[address] = number, line
        return number, line

    def begin_anew(self) -> None:
        """The plan has changed: all is forgotten."""
        self.clear()
        self.era = self._plan.era


__all__ = ["Addressees", "Standing", "Standings", "Station", "no_of"]

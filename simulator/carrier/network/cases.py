"""One network as it decides, one message on its way through networks, and the no that one of them can say.

Plain words that the chain (network.py) is written in; nothing is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from simulator.carrier.causes import SUBMIT, cause
from simulator.carrier.delays import Delay
from simulator.carrier.dice import Luck
from simulator.carrier.filters.filters import Filters
from simulator.carrier.limits.quotas import Quotas
from simulator.carrier.messages import Cause
from simulator.carrier.network.letters import Letter
from simulator.carrier.network.profiles import PROFILES, Profile
from simulator.carrier.network.told import PLAIN, Receipts
from simulator.carrier.network.usual import Usual, usual_of
from simulator.carrier.numbers import Number
from simulator.carrier.phones.subscribers import STEADY, Habits
from simulator.carrier.registry.demands import Demand
from simulator.carrier.registry.registrations import Registration
from simulator.carrier.registry.registry import PASSED, Unregistered

_EVERYBODY: Final = Unregistered(PASSED)


def _usual(key: str) -> Cause:
    return cause(key)


@dataclass(slots=True, frozen=True, kw_only=True)
class Network:
    """One network, or a hub that some messages pass first. ``spelled`` gives a cause its codes here, by its key.

    A no to who is not registered shows at ``unregistered_at`` and ``unregistered_after`` so long; ``filters_after`` has
    the delays of those filters, by name, that tell their hits later than usual. ``demands`` are the values that
    messages must carry beside their text.
    """

    name: str
    profile: Profile
    habits: Habits = STEADY
    unregistered: Unregistered = _EVERYBODY
    unregistered_at: str = SUBMIT
    unregistered_after: Delay | None = None
    demands: tuple[Demand, ...] = ()
    filters: Filters = field(default_factory=Filters)
    filters_after: Mapping[str, Delay] = field(default_factory=dict)
    quotas: Quotas = field(default_factory=Quotas)
    receipts: Receipts = PLAIN
    parts_max: int = 255
    spelled: Callable[[str], Cause] = _usual
    usual: Usual | None = field(init=False, repr=False, compare=False)
    """What becomes of nearly every message here that nothing stops."""

    def __post_init__(self) -> None:
        usual = usual_of(self.name, self.profile, self.habits, self.receipts, self.spelled)
        object.__setattr__(self, "usual", usual)


NO_NETWORK: Final = Network(name="", profile=PROFILES["lan-smsc"])
"""Stands for that of a landline, which need not be in any of the networks; where it has got so far, that is told."""


class No(NamedTuple):
    """A network does not deliver: why, and where that shows; ``after`` is how late, where it is not as usual.

    ``is_early`` tells that it is said before the filters are asked, ``answer`` is the number that the answer carries,
    where it is not the cause's.
    """

    network: Network
    cause: str
    where: str
    why: str
    after: Delay | None = None
    is_early: bool = True
    answer: int | None = None


class Case(NamedTuple):
    """One message on its way through the networks."""

    letter: Letter
    luck: Luck
    now: float
    sender: Number
    receiver: Number
    network: Network
    registration: Registration
    is_landline: bool


__all__ = ["NO_NETWORK", "Case", "Network", "No"]

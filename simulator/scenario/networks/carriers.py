"""The sections about networks of all scenarios together, and the model's objects that are made of them.

It knows what the sections say and what the model wants. It does not know any message, nor when anything is asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from simulator.carrier.fees import Fee
from simulator.carrier.fictitious import range_of
from simulator.carrier.network.profiles import Profile
from simulator.carrier.numbers import TOLL_FREE, NumberPlan
from simulator.scenario.networks.networks import NetworkForm
from simulator.scenario.networks.phone_forms import Phone
from simulator.scenario.networks.registrations import Numbers, OptOutForm, RegistryForm
from simulator.scenario.shape import Found, Shape, given_list, mapping, text_of

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario

S = TypeVar("S", bound=Shape)

SECTIONS: Final = ("networks", "numbers", "registry", "subscribers", "opt_outs")
"""The keys of a scenario that are about networks."""


@dataclass(frozen=True, slots=True)
class Sections:
    """What all scenarios say together."""

    networks: Mapping[str, NetworkForm] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=Numbers)
    registry: RegistryForm = field(default_factory=RegistryForm)
    subscribers: Mapping[str, Phone] = field(default_factory=dict)
    opt_outs: OptOutForm = field(default_factory=OptOutForm)

    @property
    def plan(self) -> NumberPlan:
        """Whose each number is. Raises ValueError where two networks of different files have one prefix."""
        return NumberPlan(
            {name: form.prefixes or () for name, form in self.networks.items()},
            landlines=self.numbers.landlines or (),
            ported={
                **(self.numbers.ported or {}),
                **{number: one.ported_to for number, one in self.subscribers.items() if one.routed and one.ported_to},
            },
        )

    @property
    def profiles(self) -> dict[str, Profile]:
        """How the route to each network behaves."""
        return {name: form.profile_as(name) for name, form in self.networks.items()}

    @property
    def fees(self) -> tuple[Fee, ...]:
        """All prices."""
        return tuple(fee for name, form in self.networks.items() for one in form.fees or () for fee in one.made(name))

    @property
    def is_blocking(self) -> bool:
        """Whether STOP to a toll-free number makes the network itself block: it does, unless its hub says otherwise."""
        return all(form.opt_outs != "forwarded" for form in self.networks.values() if TOLL_FREE in (form.hub_of or ()))

    @property
    def hubs(self) -> dict[str, str]:
        """The network that messages from a kind of sender pass first, by the kind. Raises ValueError for two of one."""
        hubs: dict[str, str] = {}
        for name, form in self.networks.items():
            for kind in form.hub_of or ():
                hub = hubs.setdefault(kind, name)
                if hub != name:
                    raise ValueError(f"networks.{name}.hub_of: {kind} passes {hub} already, one hub for a kind")
        return hubs


def sections_of(scenarios: "Iterable[Scenario]") -> Sections:
    """What the scenarios say, key by key: a later file goes before an earlier one, within a network, too."""
    networks: dict[str, NetworkForm] = {}
    subscribers: dict[str, Phone] = {}
    sections: dict[str, Any] = {"numbers": Numbers(), "registry": RegistryForm(), "opt_outs": OptOutForm()}
    for scenario in scenarios:
        for name, form in (scenario.networks or {}).items():
            networks[name] = together(networks[name], form) if name in networks else form
        subscribers |= scenario.subscribers or {}
        for key, before in sections.items():
            said = getattr(scenario, key)
            sections[key] = before if said is None else together(before, said)
    return Sections(networks=networks, subscribers=subscribers, **sections)


def together(before: S, after: S) -> S:
    """What both say; of a key that both have the later one holds, and of two mappings each of their keys."""
    changes: dict[str, Any] = {}
    for key in after.said:
        first, then = getattr(before, key), getattr(after, key)
        changes[key] = {**first, **then} if isinstance(first, dict) and isinstance(then, dict) else then
    return before.model_copy(update=changes)


def contradictions(given: Mapping[str, Any]) -> Iterator[Found]:
    """What is wrong between the networks of one file: a prefix or a kind of sender that two of them have.

    ``given`` is the whole scenario as it was written; doors that two declarations want are told here, too.
    """
    owners: dict[str, str] = {}
    hubs: dict[str, str] = {}
    listeners = mapping(mapping(given.get("carrier")).get("listeners"))
    for name, one in mapping(given.get("networks")).items():
        form = mapping(one)
        for index, prefix in enumerate(_texts(form.get("prefixes"))):
            digits = prefix.removeprefix("+")
            owner = owners.setdefault(digits, name)
            if owner != name:
                yield Found(
                    ("networks", name, "prefixes", index), f"{digits} is {owner}'s already", "one network for it"
                )
        for index, kind in enumerate(_texts(form.get("hub_of"))):
            hub = hubs.setdefault(kind, name)
            if hub != name:
                yield Found(("networks", name, "hub_of", index), f"{kind} passes {hub} already", "one hub for a kind")
        if "listener" in form and name in listeners:
            allowed = f"one of both; carrier.listeners has a door {name}, too"
            yield Found(("networks", name, "listener"), f"a second door {name}", allowed, is_key=True)


def _texts(value: object) -> list[str]:
    return [text_of(one) or "" for one in given_list(value)]


def open_prefixes(networks: Mapping[str, NetworkForm]) -> list[tuple[str, str]]:
    """(network, prefix) of those under which somebody may have a number: they are not whole within what numbering
    authorities keep free for fiction. That is no mistake, and worth knowing before numbers are made up under one.
    """
    return [
        (name, prefix)
        for name, form in networks.items()
        for prefix in form.prefixes or ()
        if not _is_fictitious(prefix)
    ]


def _is_fictitious(prefix: str) -> bool:
    # a range is one block of numbers of one length, so the first and the last one of the prefix in it are enough
    for length in range(len(prefix), 16):
        first, last = prefix.ljust(length, "0"), prefix.ljust(length, "9")
        safe = range_of(first)
        if safe is not None and int(last) in safe.numbers:
            return True
    return False

"""What a world is made of, drawn from its seed part by part: each has a name, by which it can be taken out again.

Every part has luck of its own, so that taking one out leaves the others as they were. It knows names, numbers and
files, and nothing of what happens in a world.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, Final

from simulator.harness.soak.sections import BESIDE, CARRIERS, DEEDS, a_network, a_rule, a_script
from simulator.scenario.file import load, parse, shipped
from simulator.scenario.schema import Scenario

NAMES: Final = ("wide", "narrow", "patient", "spare")
NETWORKS: Final = ("us", "generic", "tmobile", "verizon", "att", "germany", "uk", "us-toll-free", "us-cellular")
OWN_NETWORKS: Final = (("alpha", "[120255501, 121255501]"), ("beta", "[130355501]"))
TROUBLES: Final = ("cut", "cut_in_a_pdu", "stall", "mute", "busy", "refuse", "late", "unbind", "shown_out", "reset")
"""What gateways and links do beside their duty, for a time each."""
TRAFFIC: Final = ("parts", "multi", "data", "operations", "dates", "modes", "mo", "phones", "intermediate", "strangers")
"""What is sent beside plain messages."""
QUIET: Final = "quirks/", "faults/", "stories/"
"""Where the shipped scenarios are that a world may play."""


@dataclass(frozen=True, slots=True)
class Customer:
    """One account: as what it binds, how many requests it leaves unanswered, what its carrier grants it.

    ``granted`` are words of `carrier.accounts`; ``version`` is that of its binds.
    """

    name: str
    binds: tuple[str, ...]
    window: int
    version: int
    response: float
    enquiry: float
    granted: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A world before it begins. ``without`` are the names of the parts that are left out of it."""

    seed: int
    days: float = 1.0
    messages: int = 1000
    without: frozenset[str] = frozenset()

    def luck(self, what: str) -> Random:
        """The luck of one part."""
        return Random(f"{self.seed} {what}")  # noqa: S311 (a world is to be the same again)

    @cached_property
    def all_parts(self) -> frozenset[str]:
        """The names of all that can be left out of it."""
        return frozenset(replace(self, without=frozenset()).parts())

    def less(self, name: str) -> "Plan":
        """The same world without one of its parts."""
        return replace(self, without=self.without | {name})

    @property
    def command(self) -> str:
        """The command that shows it again."""
        words = [f"carrier-sim soak --seed {self.seed} --days {self.days:g} --messages {self.messages}"]
        return " ".join([*words, *(f"--without {name}" for name in sorted(self.without))])

    def _some(self, kind: str, names: tuple[str, ...], share: float) -> tuple[str, ...]:
        """Those of these names that this world has, each with its own luck."""
        return tuple(
            name
            for name in names
            if self.luck(f"{kind}:{name}").random() < share and f"{kind}:{name}" not in self.without
        )

    @cached_property
    def troubles(self) -> tuple[str, ...]:
        """Those of TROUBLES that happen here; every third world has none."""
        if self.luck("peace").random() < 0.3:
            return ()
        return self._some("trouble", TROUBLES, 0.4)

    @cached_property
    def traffic(self) -> tuple[str, ...]:
        """Those of TRAFFIC that are sent here."""
        return self._some("traffic", TRAFFIC, 0.5)

    @cached_property
    def speed(self) -> float:
        """How many times faster than the links' clock the carrier's runs."""
        return 1.0 if "speed" in self.without else self.luck("speed").choice([1.0, 1.0, 1.0, 10.0, 600.0])

    @cached_property
    def customers(self) -> tuple[Customer, ...]:
        """Its accounts, one at least."""
        wanted = NAMES[: 1 + self.luck("accounts").randint(0, 3)]
        kept = [name for name in wanted if f"account:{name}" not in self.without]
        return tuple(self._customer(name) for name in kept or wanted[:1])

    def _customer(self, name: str) -> Customer:
        luck = self.luck(f"account {name}")
        binds = luck.choice([("TRX",), ("TRX", "TRX"), ("TX", "RX"), ("TX", "TX", "RX"), ("TRX", "TX", "RX", "RX")])
        window = luck.choice([1, 2, 10, 10, 50])
        maybe = {
            "window": luck.choice([1, 3, 10]),
            "over_window": luck.choice(["pause", "ESME_RTHROTTLED", "silence", "disconnect"]),
            "deliver_window": luck.choice([1, 2, 5, 50]),
            "throughput": luck.choice(["1/s", "5/s", "20/s", "100/min"]),
            "over_throughput": luck.choice(["pause", "ESME_RTHROTTLED", "0x00000450", "silence", "rst"]),
            "burst": luck.choice([1, 5, 50]),
            "binds": luck.choice([len(binds), len(binds), 1]),
        }
        granted: dict[str, Any] = {
            word: value
            for word, value in maybe.items()
            if luck.random() < 0.3 and f"granted:{name}.{word}" not in self.without
        }
        if "throughput" not in granted:
            granted.pop("burst", None)
        version, response = luck.choice([0x34, 0x34, 0x33, 0x50]), luck.choice([5.0, 20.0, 60.0])
        if "TRX" in binds:
            # SMPP 3.3 has no transceivers
            version = max(version, 0x34)
        return Customer(name, binds, window, version, response, luck.choice([15.0, 60.0, 600.0]), granted)

    # ------------------------------------------------------------------ files

    @cached_property
    def files(self) -> dict[str, Scenario]:
        """The scenarios that are played, by the names of their parts; earlier ones first."""
        # networks say how long things take, and accounts what they may: what is said of the carrier comes behind
        return {**self._networks, **self._shipped, **self._carrier, **self._rules}

    @cached_property
    def _networks(self) -> dict[str, Scenario]:
        luck = self.luck("networks")
        names: list[str] = []
        kind = luck.random()
        if kind < 0.35:
            names = [f"networks/{one}" for one in luck.sample(NETWORKS, luck.randint(1, 2))]
        elif kind < 0.7:
            names = [f"network:{name}" for name, _ in OWN_NETWORKS[: luck.randint(1, 2)]]
        texts = {f"network:{name}": (name, prefixes) for name, prefixes in OWN_NETWORKS}
        return {
            name: parse(a_network(*texts[name], self.luck(name)), name) if name in texts else load(name)
            for name in names
            if name not in self.without
        }

    @cached_property
    def _shipped(self) -> dict[str, Scenario]:
        luck = self.luck("scenarios")
        count = luck.choice([0, 0, 0, 1, 2])
        names = luck.sample([one for one in shipped() if one.startswith(QUIET)], count)
        found = {name: load(name) for name in names if name not in self.without}
        # two files may give one number to two networks
        return {name: one for name, one in found.items() if not (one.networks and self._networks)}

    @cached_property
    def _carrier(self) -> dict[str, Scenario]:
        found: dict[str, Scenario] = {}
        for key, words in CARRIERS.items():
            luck, name = self.luck(f"carrier {key}"), f"carrier:{key}"
            if luck.random() < 0.25 and name not in self.without:
                found[name] = parse(f"scenario: 1\ncarrier: {{{key}: {luck.choice(words)}}}", name)
        lines = ["scenario: 1", "carrier:", "  accounts:"]
        for customer in self.customers:
            granted = ", ".join(f"{word}: {value}" for word, value in customer.granted.items())
            lines.append(f"    {customer.name}: {{{granted}}}")
        found["accounts"] = parse("\n".join(lines), "accounts")
        return found

    @cached_property
    def _rules(self) -> dict[str, Scenario]:
        luck = self.luck("rules")
        if luck.random() < 0.5:
            return {}
        lines = []
        for number, deed in enumerate(luck.sample(DEEDS, luck.randint(1, 8))):
            name, own = f"rule:{number}", self.luck(f"rule {number}")
            # over days there is much that a rule could happen to
            line = a_rule(f"r{number}", deed, own, shares=("0.5%", "3%", "20%"))
            if name not in self.without:
                lines.append(line)
        beside = luck.sample(BESIDE, luck.randint(0, 3))
        lines += [line for number, line in enumerate(beside) if f"beside:{number}" not in self.without]
        return {"rules": parse(a_script(lines), "rules")} if lines else {}

    # ------------------------------------------------------------------ its parts

    def parts(self) -> Iterator[str]:
        """The names of what could be taken out, the largest first."""
        yield from (name for name in self.files if name not in {"accounts", "rules"})
        if "rules" in self.files:
            yield from (f"rule:{one.name[1:]}" for one in self.files["rules"].rules if one.name)
            yield from (f"beside:{number}" for number in range(3) if f"beside:{number}" not in self.without)
        yield from (f"trouble:{name}" for name in self.troubles)
        yield from (f"traffic:{name}" for name in self.traffic)
        yield from (f"account:{one.name}" for one in self.customers[1:])
        for customer in self.customers:
            yield from (f"granted:{customer.name}.{word}" for word in customer.granted)
        if self.speed != 1.0:
            yield "speed"


__all__ = ["NAMES", "TRAFFIC", "TROUBLES", "Customer", "Plan"]

"""What gateways of a world send, who writes to them, and what is done to phones: each a draw, each by its name.

It knows numbers, texts and PDUs. Whether any of it is taken is for others to know.
"""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any, Final

from simulator.harness.soak.plan import Plan
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import (
    CancelSm,
    DataSm,
    DistributionList,
    QuerySm,
    ReplaceSm,
    Request,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
)
from simulator.smpp.tlvs import Tlv, tlv_int

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario

PLAIN: Final = tuple(f"1202555010{digit}" for digit in range(5))
"""Who gets messages where no networks are, and in addition to those of networks."""
TEXTS: Final = (
    "hello",
    "your code is 1234",
    "big sale at the casino, win cash",
    "see http://bit.ly/abc",
    "STOP",
    "yes",
)
ASKS: Final = (0, 1, 1, 1, 2, 3)
MIDNIGHT: Final = 86_400.0

Make = Callable[[], Request]


class Traffic:
    """Draws what is sent in one world. ``known`` are ids that gateways were told, with their sources."""

    def __init__(self, plan: Plan) -> None:
        self._kinds = frozenset(plan.traffic)
        self._luck = plan.luck("traffic")
        self.sources, self.destinations = _numbers(plan)
        self.known: list[tuple[str, str]] = []
        self._reference = 0

    def next_burst(self) -> tuple[float, int]:
        """Of how many messages the next burst is, and how many mean gaps it is away; most are of one."""
        luck = self._luck
        count = luck.choice((1, 1, 1, 2, 5, 20))
        return luck.expovariate(1.0) * count, count

    def requests(self) -> list[Make]:
        """What one burst sends once: a message, or the parts of one."""
        luck = self._luck
        kind = luck.random()
        if "multi" in self._kinds and kind < 0.03:
            return [self._multi()]
        if "data" in self._kinds and kind < 0.08:
            return [self._datagram()]
        if "operations" in self._kinds and kind < 0.12 and self.known:
            return [self._operation()]
        if "parts" in self._kinds and kind < 0.25:
            return self._parts()
        return [self._plain()]

    def _fields(self) -> dict[str, Any]:
        luck = self._luck
        asked = luck.choice(ASKS)
        if "intermediate" in self._kinds and luck.random() < 0.2:
            asked |= 0x10
        fields: dict[str, Any] = {"registered_delivery": asked, "source_addr": luck.choice(self.sources)}
        if "dates" in self._kinds and luck.random() < 0.2:
            fields["validity_period"] = luck.choice(
                ("000000000500000R", "000000000000000R", "000001000000000R", "soon")
            )
            fields["schedule_delivery_time"] = luck.choice(("", "", "000000001000000R"))
        return fields

    def _to(self) -> str:
        if "strangers" in self._kinds and self._luck.random() < 0.02:
            return self._luck.choice(("", "99", "12345678901234567890"))
        return self._luck.choice(self.destinations)

    def _plain(self) -> Make:
        fields, luck = self._fields(), self._luck
        fields |= {"destination_addr": self._to(), "short_message": luck.choice(TEXTS).encode()}
        if "modes" in self._kinds and luck.random() < 0.1:
            fields["esm_class"] = luck.choice((1, 3))
        if "operations" in self._kinds and luck.random() < 0.02:
            fields["replace_if_present_flag"] = 1
        return _of(SubmitSm, fields)

    def _parts(self) -> list[Make]:
        fields, luck = self._fields(), self._luck
        fields |= {"destination_addr": self._to(), "esm_class": 0x40}
        total, reference = luck.randint(2, 4), self._reference % 256
        self._reference += 1
        order = list(range(1, total + 1))
        if luck.random() < 0.2:
            luck.shuffle(order)
        if luck.random() < 0.1:
            order.pop()
        return [
            _of(SubmitSm, fields | {"short_message": bytes((5, 0, 3, reference, total, number)) + b"part"})
            for number in order
        ]

    def _multi(self) -> Make:
        places: list[Any] = [SmeAddress(1, 1, self._to()) for _ in range(self._luck.randint(1, 5))]
        if self._luck.random() < 0.1:
            places.append(DistributionList("all"))
        return _of(SubmitMulti, self._fields() | {"dest_address": tuple(places), "short_message": b"to many"})

    def _datagram(self) -> Make:
        luck, fields = self._luck, self._fields()
        kept = {key: fields[key] for key in ("registered_delivery", "source_addr")}
        pending = (tlv_int(TlvTag.SET_DPF, 1),) if luck.random() < 0.5 else ()
        kept |= {"destination_addr": self._to(), "esm_class": luck.choice((0, 0, 1, 2))}
        return _of(DataSm, kept | {"tlvs": (Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"), *pending)})

    def _operation(self) -> Make:
        luck = self._luck
        message_id, source = luck.choice(self.known)
        where: dict[str, Any] = {
            "message_id": message_id,
            "source_addr": source,
            "source_addr_ton": 1,
            "source_addr_npi": 1,
        }
        kind = luck.random()
        if kind < 0.4:
            return lambda: QuerySm(**where)
        if kind < 0.7:
            return lambda: CancelSm(**where)
        asked = luck.choice((0, 1, 0x11))
        return lambda: ReplaceSm(**where, registered_delivery=asked, short_message=b"replaced")

    def an_mo(self) -> tuple[str, str, str]:
        """To whom a subscriber writes, who, and what; a long text now and then."""
        luck = self._luck
        text = luck.choice(TEXTS) if luck.random() < 0.9 else "x" * luck.choice((200, 500))
        return luck.choice(self.sources), luck.choice(self.destinations), text


def _of(kind: type[Any], fields: dict[str, Any]) -> Make:
    return lambda: kind(source_addr_ton=1, source_addr_npi=1, **_to_of(kind), **fields)


def _to_of(kind: type[Any]) -> dict[str, int]:
    return {} if kind is SubmitMulti else {"dest_addr_ton": 1, "dest_addr_npi": 1}


def _numbers(plan: Plan) -> tuple[list[str], list[str]]:
    """Who sends and who receives: those of the networks and their registry, and some that are nobody's."""
    luck = plan.luck("numbers")
    sources, destinations = ["12025550199", "12025550198"], list(PLAIN)
    for scenario in plan.files.values():
        destinations += _receivers(scenario, luck)
        sources += _senders(scenario)
    # few enough that each of them meets limits, and people who have heard of a sender before
    return luck.sample(sources, min(len(sources), 8)), luck.sample(destinations, min(len(destinations), 60))


def _receivers(scenario: "Scenario", luck: Random) -> list[str]:
    found = []
    for network in (scenario.networks or {}).values():
        for prefix in network.prefixes or ():
            digits = str(prefix)
            if len(digits) > 5:
                rest = (11 if digits.startswith("1") else 12) - len(digits)
                found += [f"{digits}{luck.randrange(10**rest):0{rest}d}" for _ in range(3)]
    return found


def _senders(scenario: "Scenario") -> list[str]:
    registry = scenario.registry
    if registry is None:
        return []
    found = [number for one in (registry.campaigns or {}).values() for number in one.numbers or ()]
    return [str(one) for one in (*found, *(registry.toll_free or ()), *(registry.short_codes or ()))]


__all__ = ["Traffic"]

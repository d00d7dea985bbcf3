"""The short way that nearly every message goes comes to what the long one does."""

from dataclasses import dataclass
from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.delays import Fixed, Lognormal
from simulator.carrier.messages import Address, Message
from simulator.carrier.network.network import Network, Networks, Receipts
from simulator.carrier.network.profiles import PROFILES, Profile
from simulator.carrier.network.usual import usual_of
from simulator.carrier.numbers import NumberPlan
from simulator.carrier.phones.subscribers import Habits

ACCOUNT = Account("gateway")
NOON = 1_800_000_000.0
US = PROFILES["us-direct"]
HABITS = Habits(absent=0.05, memory_full=0.01, busy=0.05, deactivated=0.02)


@dataclass(slots=True, eq=False)
class Letter(Message):
    number: int = 0
    text: str = "hello"
    segments_needed: int = 1


def a_letter(number: int, **fields: Any) -> Letter:
    plain: dict[str, Any] = {"scheduled_at": None, "expires_at": None, "wants_progress": number % 7 == 0, "part": None}
    plain |= {"state": "ENROUTE", "cause": None, "done_at": None, "submitted_at": NOON, "arrived_at": NOON}
    plain |= {"scheduled_at": NOON + 60} if number % 11 == 0 else {}
    plain |= {"expires_at": NOON + 2} if number % 13 == 0 else {}
    to = Address(f"1202555{number % 500:04}", 1, 1)
    return Letter("gateway", "", Address("15105550100", 1, 1), to, **(plain | fields), number=number)


def networks_of(receipts: Receipts, profile: Profile, *, is_long: bool) -> tuple[Networks, list[Any]]:
    network = Network(name="one", profile=profile, habits=HABITS, receipts=receipts)
    assert network.usual is not None
    if is_long:
        object.__setattr__(network, "usual", None)
    networks, lies = Networks(NumberPlan({"one": ["1"]}), {"one": network}, seed=5), list[Any]()
    networks.on_lie = lambda letter, known: lies.append((letter.number, known))
    return networks, lies


@pytest.mark.parametrize("profile", [US, Profile(name="plain", respond=Fixed(0.5), delivery=Lognormal(2.0, 40.0))])
@pytest.mark.parametrize(
    "receipts",
    [
        Receipts(),
        Receipts(expires=3.0),
        Receipts(buffered=2.0),
        Receipts(tells="hub_first", expires=1.0),
        Receipts(tells="hub_first", buffered=2.0, once=True),
        Receipts(tells="accepted_only"),
        Receipts(tells="none", contradicting=True),
    ],
    ids=str,
)
def test_the_short_way_comes_to_what_the_long_one_does(receipts: Receipts, profile: Profile) -> None:
    short, short_lies = networks_of(receipts, profile, is_long=False)
    long, long_lies = networks_of(receipts, profile, is_long=True)
    for number in range(1_500):
        at = NOON + 400.0 * number
        one, other = (
            networks.submit(a_letter(number, submitted_at=at, arrived_at=at), ACCOUNT, at) for networks in (short, long)
        )
        assert one == other
        assert short.known(number) == long.known(number)
    assert short_lies == long_lies


def test_where_hardly_any_message_is_usual_all_go_the_long_way() -> None:
    plain, many = Profile(name="plain", respond=Fixed(0.0), delivery=Fixed(1.0)), Receipts()
    assert usual_of("one", plain, Habits(), many) is not None
    for changes in ({"duplicate": 0.1}, {"out_of_order": 0.1}, {"first_failure": 0.5}, {"told": Fixed(1.0)}):
        odd = Profile(name="odd", respond=Fixed(0.0), delivery=Fixed(1.0), **changes)
        assert usual_of("one", odd, Habits(), many) is None
    assert usual_of("one", plain, Habits(), Receipts(late=Fixed(2.0))) is None

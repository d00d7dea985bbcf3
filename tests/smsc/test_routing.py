"""To which account a subscriber's message goes."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.scenario.words.patterns import PatternError
from simulator.smpp.pdus import Unbind
from simulator.smsc import routing
from simulator.smsc.routing import NoRoute, reading
from tests.smsc.world import World

NUMBER = "12025550199"


def goes_to(world: World, to: str = f"+{NUMBER}", **fields: Any) -> str:
    return world.smsc.mo(to, "+12025550100", "hello", world.now, **fields).account


def crowded(**settings: Any) -> World:
    """Two accounts with receivers, so that nobody is the only one."""
    world = World(**settings)
    world.bound("one")
    world.bound("two")
    return world


def test_the_owner_of_a_number_comes_before_all_others() -> None:
    accounts = [Account("one"), Account("two"), Account("owner", numbers=frozenset({NUMBER}))]
    world = World(accounts=accounts)
    world.bound("one", address_range=NUMBER)
    world.bound("two").submit(source_addr=NUMBER)
    assert goes_to(world) == "owner"
    # nobody of it is bound: it waits
    assert world.smsc.waiting() == 1
    assert len(world.bound("owner").session.deliveries) == 0
    assert world.smsc.waiting() == 0


def test_a_bound_address_range_comes_before_who_sent_last() -> None:
    world = World()
    ranged = world.bound("ranged", "RX", address_range="^1202")
    world.bound("sender").submit(source_addr=NUMBER)
    assert goes_to(world) == "ranged"
    ranged.close()
    assert goes_to(world) == "sender"


def test_a_link_that_unbinds_takes_its_address_range_with_it_when_it_closes() -> None:
    world = crowded()
    ranged = world.bound("ranged", "RX", address_range="1202")
    ranged.send(Unbind())
    world.run(3.0)
    with pytest.raises(NoRoute):
        goes_to(world)


def test_who_sent_last_from_a_number_gets_its_answers() -> None:
    world = World()
    one, two = world.bound("one"), world.bound("two")
    two.submit(source_addr=NUMBER)
    one.submit(source_addr=NUMBER)
    one.submit(source_addr=NUMBER)
    two.submit(source_addr="24273", source_addr_ton=3)
    assert (goes_to(world), goes_to(world, "24273")) == ("one", "two")
    # refused messages prove nothing
    two.submit(source_addr=NUMBER, destination_addr="")
    assert goes_to(world) == "one"


def test_the_only_account_that_receives_gets_what_nobody_else_claims() -> None:
    world = World()
    world.bound("sender", "TX")
    world.bound("receiver", "RX")
    world.bound("receiver", "TRX")
    assert goes_to(world) == "receiver"


def test_without_any_claim_the_candidates_are_named() -> None:
    world = crowded()
    world.bound("sender", "TX")
    with pytest.raises(NoRoute, match="2 accounts have receivers bound") as refusal:
        goes_to(world)
    assert refusal.value.candidates == ["one", "two"]
    assert world.kinds("mo_created") == 0


def test_with_nobody_bound_every_account_is_a_candidate() -> None:
    with pytest.raises(NoRoute, match="'12025550199'") as refusal:
        goes_to(World(accounts=[Account("two"), Account("one")]))
    assert refusal.value.candidates == ["one", "two"]


def test_the_caller_may_insist_on_an_account_that_is_known() -> None:
    world = crowded()
    assert goes_to(world, account="two") == "two"
    with pytest.raises(NoRoute, match="account: 'three' is not known") as refusal:
        goes_to(world, account="three")
    assert refusal.value.candidates == ["one", "two"]


def test_a_reset_forgets_who_sent_and_keeps_address_ranges() -> None:
    world = crowded()
    world.bound("ranged", "RX", address_range="4420")
    world.bound("three").submit(source_addr=NUMBER)
    world.smsc.reset(world.now)
    with pytest.raises(NoRoute):
        goes_to(world)
    assert goes_to(world, "+442079460000") == "ranged"


def test_the_memory_of_who_sent_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "SENDERS_MAX", 3)
    world = crowded()
    gateway = world.bound("three")
    for number in range(4):
        gateway.submit(source_addr=f"1202555000{number}")
    assert goes_to(world, "+12025550003") == "three"
    with pytest.raises(NoRoute):
        goes_to(world, "+12025550000")


@pytest.mark.parametrize(
    ("pattern", "number", "is_covered"),
    [
        ("12025550199", "12025550199", True),
        ("+12025550199", "12025550199", True),
        ("1202", "12025550199", True),
        ("1202", "13025550199", False),
        ("1202*", "12025550199", True),
        ("1202.*", "12025550199", True),
        ("^1202", "12025550199", True),
        ("1202.*", "441202", True),
        ("^1202.*$", "12025550199", True),
        ("^1202.*$", "13025550199", False),
        ("^2025", "12025550199", False),
        ("0199$", "12025550199", True),
        ("0199$", "12025550198", False),
        ("^24273$", "24273", True),
        ("^24273$", "242731", False),
        ("Example", "Example", True),
        ("*", "12025550199", True),
        (".*", "12025550199", True),
        ("[13579]$", "12025550199", True),
        ("[13579]$", "12025550198", False),
        ("^(1202|1302)", "13025550199", True),
        ("^120255501[0-9]{2}$", "12025550199", True),
        ("^120255501[0-9]{2}$", "120255501999", False),
        ("5550", "12025550199", False),
        ("(5550)", "12025550199", True),
        ("^$", "", True),
        # numbers are compared without their plus, so a pattern's own is left out
        ("+1202*", "12025550199", True),
        ("^+1202", "12025550199", True),
        (r"^\+1202", "12025550199", True),
        (r"^\+?1202", "12025550199", True),
        ("^[+]1202", "12025550199", True),
        ("^[+]1202", "441202", False),
        (r"\+1202", "12025550199", True),
    ],
)
def test_an_address_range_is_a_prefix_or_a_pattern(pattern: str, number: str, is_covered: bool) -> None:
    assert reading(pattern)(number) is is_covered


@pytest.mark.parametrize("pattern", ["(1202", "**", "+", "^(?!1202)", "1202["])
def test_an_address_range_that_is_neither_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        reading(pattern)


def test_an_unreadable_address_range_is_journalled_attracts_nothing_and_leaves_the_bind_alone() -> None:
    world = crowded()
    broken = world.bound("ranged", "RX", address_range="(1202")
    ((caller, reason),) = world.events("malformed")
    assert (caller.session, caller.system_id) == (broken.session.number, "ranged")
    assert reason == "address_range: '(1202' is no pattern: missing ): (1202; it attracts nothing"
    with pytest.raises(NoRoute):
        goes_to(world)
    broken.close()
    assert broken.session.state.value == "CLOSED"


def test_an_address_range_lives_as_long_as_the_last_session_bound_with_it() -> None:
    world = crowded()
    first, second = (world.bound("ranged", "RX", address_range="0199$") for _ in range(2))
    assert goes_to(world) == "ranged"
    first.close()
    assert goes_to(world) == "ranged"
    second.close()
    with pytest.raises(NoRoute):
        goes_to(world)


def test_the_first_of_two_address_ranges_gets_the_message() -> None:
    world = World()
    first = world.bound("first", address_range="0199$")
    world.bound("second", address_range="^1202")
    assert goes_to(world) == "first"
    first.close()
    assert goes_to(world) == "second"


def test_a_plus_before_a_number_makes_no_difference() -> None:
    world = World(accounts=[Account("owner", numbers=frozenset({"+12025550133"})), Account("sender")])
    world.bound("owner")
    world.bound("sender").submit(source_addr="+12025550144")
    for to in ("12025550133", "+12025550133"):
        assert world.smsc.mo(to, "12025550100", "hi", world.now).account == "owner"
    for to in ("12025550144", "+12025550144"):
        assert world.smsc.mo(to, "12025550100", "hi", world.now).account == "sender"


def test_the_sender_that_was_used_longest_ago_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.smsc.routing.SENDERS_MAX", 2)
    world = World(accounts=[Account("one"), Account("two")])
    one = world.bound("one")
    world.bound("two")
    for source in ("1001", "1002", "1003"):
        one.submit(source_addr=source)
    assert world.smsc.mo("1002", "12025550100", "hi", world.now).account == "one"
    with pytest.raises(NoRoute):
        world.smsc.mo("1001", "12025550100", "hi", world.now)

"""To which session something goes; what each word means on the wire stands in test_sending and test_telling."""

import pytest

from simulator.smsc.play.steering import chosen, meant
from tests.smsc.played import Played


def world_of(*binds: str) -> tuple[Played, list[int]]:
    world = Played("")
    gateways = [world.bound("a", bind) for bind in binds]
    return world, [one.session.number for one in gateways]


@pytest.mark.parametrize(
    ("word", "places"),
    [
        (None, [1]),
        ("same", [1]),
        ("other", [0, 2, 3]),
        ("any", [0]),
        ("oldest", [0]),
        ("newest", [3]),
        ("all", [0, 1, 2, 3]),
        ("TX", [1]),
        ("RX", [2]),
        ("TRX", [0, 3]),
    ],
)
def test_each_word_means_its_sessions(word: str | None, places: list[int]) -> None:
    world, numbers = world_of("TRX", "TX", "RX", "TRX")
    world.bound("b")
    own = world.smsc.sessions[numbers[1]]
    found = chosen(world.smsc, own, word, None, 0.6)
    assert [numbers.index(one.number) for one in found] == places


def test_one_by_chance_is_one_of_all() -> None:
    world, numbers = world_of("TRX", "TX", "RX")
    found = {chosen(world.smsc, None, "random", "a", draw / 97)[0].number for draw in range(97)}
    assert found == set(numbers)
    assert chosen(world.smsc, None, "random", "nobody", 0.5) == []


def test_without_a_session_all_are_meant_and_without_an_account_it_alone() -> None:
    world, numbers = world_of("TRX", "TX")
    unbound = world.gateway().session
    assert [one.number for one in chosen(world.smsc, None, None, None, 0.0)] == [*numbers, unbound.number]
    assert chosen(world.smsc, unbound, "all", None, 0.0) == [unbound]
    assert [one.number for one in chosen(world.smsc, unbound, None, "a", 0.0)] == numbers


def test_where_one_cannot_be_it_is_tried_with_the_next() -> None:
    world, numbers = world_of("TRX", "TX", "RX")
    bound = [world.smsc.sessions[number] for number in numbers]
    assert meant("newest", bound, None, lambda _: 0.0) == bound[::-1]
    assert meant("random", bound, None, lambda _: 0.4) == [bound[1], bound[2], bound[0]]
    assert meant("random", [], None, lambda _: 0.4) == []
    assert meant("same", bound, bound[2], lambda _: 0.0) == [bound[2]]
    assert meant("other", bound, bound[2], lambda _: 0.0) == bound[:2]
    assert meant("RX", bound, None, lambda _: 0.0) == [bound[2]]
    assert meant("next_bound", bound, None, lambda _: 0.0) == []
    assert meant("all", bound, None, lambda _: 0.0) == bound

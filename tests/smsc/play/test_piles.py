"""Piles: what is kept back, and in which order it is let go."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.scenario.forms.forms import Hold
from simulator.smsc.agenda import Agenda, CarrierClock
from simulator.smsc.play import piles as module
from simulator.smsc.play.piles import Piles


def hold(**said: Any) -> Hold:
    return Hold.model_construct(
        set(said) | {"pile"}, **({"pile": "p", "until": None, "order": None, "at_most": None} | said)
    )


class Heap:
    """Piles, and what was let go of them so far."""

    def __init__(self, seed: int = 0) -> None:
        self.agenda = Agenda(CarrierClock(0.0, 0.0))
        self.piles = Piles(self.agenda, seed)
        self.gone: list[Any] = []

    def put(self, *things: Any, is_owed: bool = False, **said: Any) -> None:
        for thing in things:
            self.piles.hold(hold(**said), self.deed(thing), 0.0, is_owed=is_owed)

    def deed(self, thing: Any) -> Callable[[float], None]:
        return lambda now: self.gone.append((thing, now) if now else thing)


@pytest.mark.parametrize(
    ("order", "gone"),
    [
        (None, "abcd"),
        (("first_in",), "abcd"),
        (("last_in",), "dcba"),
        (("3", "1"), "cabd"),
        (("9", "2", "2"), "bacd"),
    ],
)
def test_a_pile_is_let_go_in_the_order_that_is_said(order: Any, gone: str) -> None:
    heap = Heap()
    heap.put(*"abcd")
    assert heap.piles.release("p", 0.0, order) == 4
    assert ("".join(heap.gone), heap.piles.held("p")) == (gone, 0)


def test_so_many_of_a_pile_are_let_go_and_no_more() -> None:
    heap = Heap()
    heap.put(*"abcd")
    assert heap.piles.release("p", 0.0, ("last_in",), 3) == 3
    assert (heap.gone, heap.piles.held("p"), list(heap.piles)) == (["d", "c", "b"], 1, [("p", 1)])
    assert heap.piles.release("p", 0.0) == 1
    assert (heap.piles.release("p", 0.0), heap.piles.release("q", 0.0), list(heap.piles)) == (0, 0, [])


def test_piles_are_shuffled_by_the_seed_and_their_turn() -> None:
    found = []
    for seed in (1, 1, 2):
        heap = Heap(seed)
        for _ in range(2):
            heap.put(*range(1, 20))
            heap.piles.release("p", 0.0, ("shuffle",))
        found.append(heap.gone)
    assert found[0] == found[1] != found[2]
    assert found[0][:19] != found[0][19:]
    assert sorted(found[0][:19]) == list(range(1, 20))


def test_a_pile_that_is_full_is_let_go_at_once() -> None:
    heap = Heap()
    heap.put(*"ab", until=3, order=("last_in",))
    assert heap.gone == []
    heap.put("c", until=3, order=("last_in",))
    assert heap.gone == ["c", "b", "a"]


def test_each_thing_has_its_own_patience() -> None:
    heap = Heap()
    heap.put("a", at_most=5.0)
    heap.put("b")
    heap.put("c", at_most=2.0)
    heap.agenda.run(2.0)
    assert heap.gone == [("c", 2.0)]
    heap.piles.release("p", 3.0)
    heap.agenda.run(9.0)
    assert heap.gone == [("c", 2.0), ("a", 3.0), ("b", 3.0)]


def test_what_is_let_go_may_fill_the_pile_again() -> None:
    heap = Heap()
    heap.piles.hold(hold(), lambda _: heap.put("again"), 0.0)
    heap.piles.release("p", 0.0)
    assert (heap.gone, heap.piles.held("p")) == ([], 1)


def test_of_too_many_the_oldest_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 2)
    heap = Heap()
    heap.put(*"abcd")
    assert (heap.gone, heap.piles.held("p")) == (["a", "b"], 2)


def test_what_was_kept_before_a_reset_never_happens_unless_it_is_owed() -> None:
    heap = Heap()
    heap.put("a", at_most=2.0)
    heap.put("b", "c", is_owed=True, at_most=3.0)
    heap.put("d", is_owed=True)
    heap.piles.release("p", 0.0, ("last_in",), 1)
    heap.piles.clear(1.0)
    assert heap.piles.held("p") == 0
    heap.put("e")
    while heap.agenda.run(9.0):
        pass
    assert heap.gone == ["d", ("b", 9.0), ("c", 9.0)]
    assert heap.piles.held("p") == 1


def test_what_lets_go_the_next_one_lets_go_them_all_however_many_there_are() -> None:
    heap = Heap()

    def let_go(now: float) -> None:
        heap.gone.append(now)
        heap.piles.release("p", now, most=1)

    for _ in range(2000):
        heap.piles.hold(hold(), let_go, 0.0)
    heap.piles.release("p", 1.0, most=1)
    while heap.agenda.run(1.0):
        pass
    assert (heap.gone, heap.piles.held("p")) == ([1.0] * 2000, 0)


def test_what_was_still_to_be_let_go_at_a_reset_is_not() -> None:
    heap = Heap()
    for _ in range(module.NESTED_MAX + 1):
        heap.piles.hold(hold(), lambda now: heap.gone.append(heap.piles.release("p", now, most=1)), 0.0)
    heap.piles.release("p", 1.0, most=1)
    assert heap.piles.held("p") == 1
    heap.piles.clear(1.0)
    heap.put("later")
    heap.agenda.run(1.0)
    assert heap.piles.held("p") == 1


def test_nothing_is_kept_of_a_pile_that_is_empty() -> None:
    heap = Heap()
    for number in range(3):
        heap.put("a", "b", pile=f"p{number}", at_most=1.0)
        heap.piles.release(f"p{number}", 0.0, most=1)
    heap.agenda.run(2.0)
    assert (heap.piles._kept, heap.piles._owed) == ({}, set())


def test_what_is_owed_at_a_reset_happens_in_its_order() -> None:
    heap = Heap()
    for number in range(100):
        heap.put(number, is_owed=True)
        heap.put("x")
    heap.piles.clear(1.0)
    while heap.agenda.run(1.0):
        pass
    assert heap.gone == [(number, 1.0) for number in range(100)]

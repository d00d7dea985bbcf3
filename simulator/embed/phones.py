"""The people of an embedded SMSC: each phone by its number, as it is now and as a test wants it.

It knows how to ask and to change from any thread; who is how, and what follows, is decided below.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

import trio

from simulator.carrier.network.network import Networks
from simulator.carrier.phones.answers import Answer
from simulator.scenario.networks.phone_forms import Phone
from simulator.scenario.shape import Names
from simulator.scenario.speaking import made_of
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.people import People, Person

R = TypeVar("R")


class Place(Protocol):
    """Where an SMSC runs."""

    def do(self, deed: Callable[[], R]) -> R:
        """Do it there; its result or its error comes here."""


class NoNetworks(ValueError):
    """Nobody has a phone here that could be changed: the SMSC plays no networks."""


class EmbeddedPhones:
    """All phones: ``smsc.subscribers["12025550100"]``. Going through them gives the numbers that were changed."""

    def __init__(self, place: Place, smsc: Callable[[], Smsc]) -> None:
        self._place = place
        self._smsc = smsc

    def __getitem__(self, number: str) -> "EmbeddedPhone":
        """The phone of that number; every number is somebody's."""
        return EmbeddedPhone(self._place, self._smsc, number)

    def __iter__(self) -> Iterator[str]:
        """The numbers of all phones that were changed."""
        return iter(self._place.do(lambda: list(_people(self._smsc()).changed())))


class EmbeddedPhone:
    """One phone. What it is told is looked up each time, and how it is changed holds at once."""

    def __init__(self, place: Place, smsc: Callable[[], Smsc], number: str) -> None:
        self._place = place
        self._smsc = smsc
        self.number = number

    def __repr__(self) -> str:
        person = self.seen
        return f"<phone {person.number} of {person.network or 'no network'}: {person.state}, {person.why}>"

    # ------------------------------------------------------------------ how it is

    @property
    def seen(self) -> Person:
        """All of it at this moment. Raises NoNetworks."""
        return self._asked(lambda people: people.person(self.number, trio.current_time()))

    @property
    def state(self) -> str:
        """on, off, roaming, memory_full, busy, barred, no_funds, deactivated, landline."""
        return self.seen.state

    @property
    def network(self) -> str:
        """Where the number plan sends messages to it; empty where no network has its number."""
        return self.seen.network

    @property
    def is_changed(self) -> bool:
        """Whether anybody has said how it is; else the seed and its number decide."""
        return self.seen.is_changed

    @property
    def waiting(self) -> int:
        """How many messages it has not taken yet and that are tried again."""
        return self.seen.waiting

    @property
    def answers(self) -> tuple[Answer, ...] | None:
        """What was said of how it answers; None where its network's habits hold."""
        return self.seen.answers

    # ------------------------------------------------------------------ how it is to be

    def switch_off(self, lasts: str | None = None) -> Person:
        """It is off from now on, for good or for so long: "2h"."""
        return self.change("off") if lasts is None else self.change("off", lasts=lasts)

    def switch_on(self) -> Person:
        """It is on; what has waited for it is tried again by the schedule of its network."""
        return self.change("on")

    def answer(self, text: str, *, after: str = "1s") -> Person:
        """Whoever has it answers every message so, after a while."""
        return self.change(answers=[{"text": text, "after": after}])

    def change(self, state: str | None = None, **said: Any) -> Person:
        """Change it in the words of a file: lasts, ported_to, routed, answers; what is not said stays as it is.

        Raises ScenarioError for words that are wrong, NoNetworks.
        """
        words: Mapping[str, Any] = said if state is None else {"state": state, **said}

        def change(people: People) -> Person:
            names = Names(networks=tuple(_networks(self._smsc()).networks))
            form = made_of(Phone, words, f"subscribers[{self.number!r}]", names)
            return people.say(self.number, form, trio.current_time())

        return self._asked(change)

    def restore(self) -> Person:
        """Nothing is said of it any more: the seed, its number and the number plan decide."""
        return self._asked(lambda people: people.restore(self.number, trio.current_time()))

    def _asked(self, deed: Callable[[People], R]) -> R:
        return self._place.do(lambda: deed(_people(self._smsc())))


def _people(smsc: Smsc) -> People:
    people = smsc.phones.people
    if people is None:
        raise NoNetworks("subscribers: no networks are played; give the fixture a scenario that has some: networks/us")
    return people


def _networks(smsc: Smsc) -> Networks:
    _people(smsc)
    assert isinstance(smsc.carrier, Networks)
    return smsc.carrier


__all__ = ["EmbeddedPhone", "EmbeddedPhones", "NoNetworks", "Place"]

"""Tales of quirks: the traffic that meets one, and what is to be seen of it in the octets, quirk by quirk.

A tale takes a play, does what a gateway does, asserts what a fact says in ``also``, and returns the frames that the
quirk has shaped, of which the fact's ``seen`` must hold. It is told twice: under the quirk, where it must be true, and
without it, where it must not.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest

from simulator.carrier.accounts import Account
from simulator.journal import SUBMITTED
from simulator.scenario.file import load
from simulator.scenario.schema import Scenario
from simulator.smpp.pdus import Pdu, SubmitSm
from simulator.smsc.play.staging import staged
from tests.quirks.facts_c import Fact
from tests.quirks.facts_links import TRIES, TRY
from tests.quirks.play import FROM, Frame, Gate, Play, unseen
from tests.smsc.world import START, a_submission

Tale = Callable[[Play], list[Frame]]

TRIED: Final = {TRY, TRIES}
"""Rules that only give a quirk something to be seen in."""
WRITTEN: Final = {"gsm-at-sign-and-escape"}
"""Quirks that are nothing but such messages: they are in the alphabet that is always used."""


class Tales(dict[str, Tale]):
    """Tales by the names of their quirks; ``accounts`` are those that a carrier has for some of them."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, tuple[Account, ...]] = {}

    def of(self, name: str, *accounts: Account) -> Callable[[Tale], Tale]:
        """Keep the function as the tale of that quirk."""

        def keep(tale: Tale) -> Tale:
            assert name not in self
            self[name] = tale
            self.accounts[name] = accounts
            return tale

        return keep

    def hold(self, name: str, fact: Fact) -> None:
        """The tale is true under the quirk."""
        play = Play(name, accounts=self.accounts[name])
        shaped = self[name](play)
        assert unseen(fact.seen, shaped) == []
        assert set(fact.fired) <= set(play.fired)
        assert play.failures == []

    def fail(self, name: str, fact: Fact) -> None:
        """The same traffic without the quirk does not show it."""
        play = Play(accounts=self.accounts[name])
        play.smsc = staged([without(name)], play.now, START, seed=7, accounts=self.accounts[name])
        with pytest.raises(AssertionError):
            assert unseen(fact.seen, self[name](play)) == []
        # the traffic has been: it is not for want of it that nothing was seen
        assert play.gates
        assert any(gate.frames for gate in play.gates)


def without(name: str) -> Scenario:
    """A quirk's file without the quirk: what is left are the messages to try it with."""
    scenario = load("quirks/" + name)
    tries = [rule for rule in scenario.rules if rule.name in TRIED and name not in WRITTEN]
    return scenario.model_copy(update={"rules": tries, "carrier": None})


def hi(**fields: Any) -> SubmitSm:
    """A message that asks for a receipt."""
    return a_submission(**({"source_addr": FROM, "short_message": b"hi"} | fields))


def statuses(frames: Iterable[Frame]) -> list[int]:
    return [frame.command_status for frame in frames]


def numbers(frames: Iterable[Frame]) -> list[int]:
    return [frame.sequence_number for frame in frames]


def answers(gate: Gate) -> list[Frame]:
    """Responses to submissions."""
    return gate.frames_of("submit_sm_resp")


def told(frames: Iterable[Frame]) -> list[str]:
    """The ids that responses tell."""
    return [frame.text("message_id") for frame in frames]


def named(gate: Gate) -> list[str]:
    """The ids that receipts name, in their order."""
    return [receipt.found("id") for receipt in gate.receipts]


def seconds(frames: Iterable[Frame], since: float) -> list[float]:
    """When they came, in seconds."""
    return [round(frame.at - since, 3) for frame in frames]


def states(play: Play) -> list[str]:
    """What has become of all messages that were submitted, in their order."""
    return [message.state for message, _ in play.events(SUBMITTED)]


def of(frames: Iterable[Frame], request: Pdu) -> list[Frame]:
    """Those that answer a request."""
    return [frame for frame in frames if frame.sequence_number == request.sequence_number]


def tried(play: Play) -> list[Frame]:
    """What comes to a transceiver in six seconds, and likewise to a receiver; a transmitter gets nothing of it."""
    began, gates = play.now, [play.bound(f"as-{bind}", bind) for bind in ("TRX", "RX", "TX")]
    play.run(6)
    first, second, third = ([one for one in gate.frames if one.name != "enquire_link"][1:] for gate in gates)
    assert [(one.at, one.name, len(one.octets)) for one in first] == [
        (one.at, one.name, len(one.octets)) for one in second
    ]
    assert third == []
    assert first
    assert all(one.at > began for one in first)
    return first + second


def half(frames: list[Frame]) -> list[Frame]:
    """Of what was tried with two sessions, what came to the first of them."""
    return frames[: len(frames) // 2]


__all__ = ["Tales", "answers", "half", "hi", "named", "numbers", "of", "seconds", "states", "statuses", "told", "tried"]

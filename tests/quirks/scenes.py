"""The traffic of facts: one message, a hundred of them, and what came of each, as the wire has it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.quirks.facts_c import Fact
from tests.quirks.play import Frame, Gate, Play, unseen

Scene = Callable[[Play, Fact], None]
"""Plays a fact's traffic in a world, and asserts all that the fact tells; in a world without the quirk it raises."""

FAILING: Final = ("rules: [{then: {deliver: {state: UNDELIV, after: 1s}}}]",)
"""A file under which every message fails."""


@dataclass
class Told:
    """What came of one message: its number, the answer, and its receipts in their order; ``at``: when it was sent."""

    at: float
    answer: Frame
    receipts: list[Frame]

    @property
    def id(self) -> str:
        """The message_id of the answer."""
        return self.answer.text("message_id")

    @property
    def receipt(self) -> Frame:
        """Its only receipt."""
        (receipt,) = self.receipts
        return receipt

    @property
    def tlv_id(self) -> str:
        """receipted_message_id of its only receipt, without the NUL that it must end with."""
        value = self.receipt.tlv("receipted_message_id")
        assert value is not None
        assert value[-1:] == b"\0"
        return value[:-1].decode("ascii")

    @property
    def stories(self) -> list[tuple[float, int, str, int | None]]:
        """(seconds after the submission, esm_class, stat, message_state) of each receipt."""
        found = []
        for receipt in self.receipts:
            state = receipt.tlv("message_state")
            number = None if state is None else int.from_bytes(state, "big")
            found.append((round(receipt.at - self.at, 3), receipt.number("esm_class"), receipt.found("stat"), number))
        return found


def one(play: Play, fact: Fact, **fields: object) -> Told:
    """The traffic of ONE, a minute of it: the fact's table holds of all that comes."""
    gate, at = play.bound(), play.now
    request = gate.submit_at_once(**fields)
    play.run(60)
    assert unseen(fact.seen, gate.frames) == []
    (answer,) = gate.answers_to(request)
    return Told(at, answer, gate.frames_of("deliver_sm", "data_sm"))


def hundred(play: Play, seconds: float = 60.0, gate: Gate | None = None) -> dict[str, Told]:
    """The traffic of HUNDRED: what came of each message, by its number; answers are as they are."""
    gate, at = gate or play.bound(), play.now
    numbers = [f"1202555{number:04}" for number in range(100, 200)]
    requests = {number: gate.submit_at_once(destination_addr=number) for number in numbers}
    play.run(seconds)
    answers = {one.sequence_number: one for one in gate.frames_of("submit_sm_resp")}
    receipts: dict[str, list[Frame]] = {number: [] for number in numbers}
    for frame in gate.frames_of("deliver_sm"):
        receipts[frame.text("source_addr")].append(frame)
    return {
        number: Told(at, answers[request.sequence_number], receipts[number]) for number, request in requests.items()
    }


def some(play: Play, told: dict[str, Told], rule: str, share: tuple[int, int], shows: Callable[[Told], bool]) -> None:
    """So many of the messages show it, those for which the rule has fired, and none of the others does."""
    shown = {number for number, one in told.items() if shows(one)}
    assert share[0] <= len(shown) <= share[1]
    assert shown == play.fired_for(rule)


def usual(one: Told) -> bool:
    """Whether it was accepted and delivered as messages are without any quirk: one id in three places, DELIVRD."""
    return (
        one.answer.command_status == 0
        and len(one.receipts) == 1
        and one.receipt.found("id") == one.id == one.tlv_id
        and one.stories[0][1:] == (4, "DELIVRD", 2)
    )


__all__ = ["FAILING", "Scene", "Told", "hundred", "one", "some", "usual"]

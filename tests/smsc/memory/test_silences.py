"""What is shown of messages that nobody answers."""

import pytest

from simulator.carrier.messages import REFUSED
from simulator.scenario.file import parse
from simulator.smsc.memory.history import head_of
from simulator.smsc.memory.recall import seen
from simulator.smsc.memory.silences import UNANSWERED, shown_state
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, World


def playing(rules: str) -> World:
    world = World()
    world.smsc = staged([parse(f"scenario: 1\nrules: {rules}")], world.now, START, seed=7)
    return world


@pytest.mark.parametrize(
    ("then", "state", "status"),
    [
        ("silence", UNANSWERED, ""),
        ("{silence: recorded}", "DELIVRD", ""),
        ("{reject: 8}", REFUSED, "ESME_RSYSERR"),
        ("accept", "DELIVRD", "ESME_ROK"),
    ],
)
def test_what_is_never_answered_has_no_status(then: str, state: str, status: str) -> None:
    world = playing(f"[{{then: {then}}}]")
    world.bound().submit()
    world.run(1.0)
    (row,) = world.smsc.history.newest_first()
    shown = seen(row)
    assert (shown.state, shown.status, [(one.state, one.status) for one in shown.parts]) == (
        *(state, status),
        [(state, status)],
    )


def test_a_text_of_which_one_part_is_refused_and_one_unanswered_is_refused() -> None:
    world = playing("[{when: {part: {number: 1}}, then: silence}, {then: {reject: 8}}]")
    gateway = world.bound()
    gateway.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01a")
    (row,) = world.smsc.history.newest_first()
    assert shown_state(row) == UNANSWERED
    gateway.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x02b")
    assert shown_state(row) == REFUSED
    assert [shown_state(part) for part in (head_of(row),)] == [UNANSWERED]

"""Sessions that are killed at any octet and bound again: nothing that was accepted is lost, nothing is unexplained.

Each accepted message ends in exactly one acknowledged final receipt. An ESME sees a receipt again exactly where its
acknowledgement was lost with the wire that it was sent on. CARRIER_SIM_KILLED_MESSAGES sets how many messages a world
has (100,000 take about a minute).
"""

import os
from collections import Counter

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Between
from simulator.smsc.terms import Terms
from tests.smsc.frail import TIMERS, FrailWorld, whole_frames

MESSAGES = int(os.environ.get("CARRIER_SIM_KILLED_MESSAGES", "1000"))


def a_finished_world(seed: int, messages: int = MESSAGES) -> tuple[FrailWorld, Counter[str]]:
    """A world after that many messages, and how often the SMSC has acknowledged receipts by text."""
    world = FrailWorld(
        seed,
        carrier=Carrier(seed=seed, delay=Between(0.0, 5.0)),
        terms=Terms(timers=TIMERS, deliver_window=1 + seed % 10),
        rows_max=10 if seed % 3 == 0 else 1000,
    )
    acknowledged: Counter[str] = Counter()
    accepted: set[str] = set()
    journal = world.smsc.journal
    journal.feed("receipt_acknowledged", lambda *event: acknowledged.update([event[2].message_id]))
    journal.feed("answered", lambda *event: accepted.add(event[2].message_id))
    while world.submitted < messages:
        world.step()
    world.heal()
    assert set(acknowledged) == accepted
    return world, acknowledged


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(6))
def test_each_accepted_message_has_exactly_one_acknowledged_receipt_whatever_breaks(seed: int) -> None:
    world, acknowledged = a_finished_world(seed)
    counts, losses = world.smsc.journal.counts, world.losses
    assert losses.cuts > 20
    assert set(acknowledged.values()) == {1}
    assert len(acknowledged) == counts["submitted"] == counts["concluded"] == counts["receipt_acknowledged"]
    assert counts["receipt_failed"] == counts["unexpected"] == counts["malformed"] == 0
    # what the ESMEs know: every answer that reached them stands for a message that they were told the end of
    assert len(losses.received) == len(acknowledged)
    assert set(losses.accepted) <= set(losses.received)
    assert all(len(stats) == 1 for stats in losses.stats.values())
    # a receipt came again exactly where its acknowledgement was lost
    assert {text: count - 1 for text, count in losses.received.items() if count > 1} == dict(
        losses.acknowledgements_lost
    )
    # and every octet is accounted for: what one end wrote the other read, or a cut has cost it
    assert world.receipts_written == counts["receipt_sent"] - world_unwritten(world)
    assert world.receipts_written == losses.receipts_lost + losses.received.total()
    assert len(losses.submitted) == counts["submitted"] + losses.submits_lost
    assert counts["submitted"] == len(losses.accepted) + losses.responses_lost


def world_unwritten(world: FrailWorld) -> int:
    """Receipts that were made for a wire and never left it, because it broke first."""
    written = world.smsc.journal.counts["receipt_sent"] - world.receipts_written
    assert 0 <= written <= 10 * world.losses.cuts
    return written


def test_the_worlds_together_have_lost_everything_that_can_be_lost() -> None:
    totals: Counter[str] = Counter()
    for seed in range(4):
        losses = a_finished_world(seed, 500)[0].losses
        totals += Counter(
            submits=losses.submits_lost,
            responses=losses.responses_lost,
            receipts=losses.receipts_lost,
            acknowledgements=losses.acknowledgements_lost.total(),
        )
    assert all(totals[one] for one in ("submits", "responses", "receipts", "acknowledgements")), totals


def test_a_seed_breaks_the_same_wires_again() -> None:
    worlds = [a_finished_world(5, 300)[0] for _ in range(2)]
    assert worlds[0].smsc.journal.counts == worlds[1].smsc.journal.counts
    assert worlds[0].losses.__dict__ == worlds[1].losses.__dict__


def test_frames_are_counted_up_to_the_one_that_is_cut() -> None:
    frame = bytes((0, 0, 0, 16, 0, 0, 0, 4)) + bytes(8)
    assert whole_frames(frame * 3 + frame[:15], 4) == 3
    assert whole_frames(frame, 5) == 0

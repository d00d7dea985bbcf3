"""What a reset leaves behind is gone for everybody at once, and out of memory soon."""

from collections import deque

from simulator.smsc.agenda import Agenda, CarrierClock
from simulator.smsc.memory.remains import PAUSE, SMALL, STEP, Remains
from tests.smsc.world import World, a_submission


def test_what_is_large_is_emptied_in_steps_and_what_is_small_is_left_to_itself() -> None:
    agenda = Agenda(CarrierClock(0.0, 0.0, 1.0))
    remains = Remains(agenda)
    large, mapping, small = deque(range(STEP + 10)), dict.fromkeys(range(STEP)), deque(range(SMALL))
    remains.leave(0.0, large, mapping, small)
    assert agenda.next_deadline() == PAUSE
    agenda.run(PAUSE)
    assert (len(large), len(mapping)) == (10, STEP)
    remains.leave(PAUSE, deque(range(STEP)))
    for step in range(2, 5):
        agenda.run(step * PAUSE)
    assert (len(large), len(mapping), len(small)) == (0, 0, SMALL)
    assert len(agenda) == 0


def test_after_a_reset_a_full_ring_is_freed_while_time_passes() -> None:
    world = World()
    gateway = world.bound()
    for _ in range(30):
        gateway.send_together(*(a_submission(registered_delivery=0) for _ in range(100)))
    world.run(5.0)
    old = world.smsc.history.order
    world.smsc.reset(world.now)
    assert len(world.smsc.history) == 0
    assert len(old) == 3000
    world.run(1.0)
    assert len(old) == 0
    assert len(world.smsc.agenda) <= 2

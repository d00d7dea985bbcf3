"""How submissions were answered and what became of messages, as counts."""

from simulator.carrier.accounts import Account
from simulator.smpp.constants import CommandStatus
from tests.smsc.world import World


def test_answers_are_counted_by_status_and_fates_by_state() -> None:
    world = World(accounts=[Account("gateway", throughput=3.0)])
    gateway = world.bound()
    for validity in ("", "", "000000000000000R", "", ""):
        gateway.submit(validity_period=validity)
    world.run(2.0)
    assert gateway.submit(destination_addr="").command_status == CommandStatus.ESME_RINVDSTADR
    tally = world.smsc.tally
    assert tally.answered == {0: 3, CommandStatus.ESME_RTHROTTLED: 2, CommandStatus.ESME_RINVDSTADR: 1}
    assert tally.concluded == {"DELIVRD": 2, "EXPIRED": 1}


def test_the_counts_start_over_at_a_reset_and_go_on() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    world.smsc.reset(world.now)
    assert (world.smsc.tally.answered, world.smsc.tally.concluded) == ({}, {})
    gateway.submit()
    world.run(1.0)
    assert (world.smsc.tally.answered, world.smsc.tally.concluded) == ({0: 1}, {"DELIVRD": 1})

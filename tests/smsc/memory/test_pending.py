"""What is still to come, in words; and nothing where all is quiet."""

from simulator.carrier.delays import Fixed
from simulator.smsc.memory.pending import pending
from tests.smsc.played import of_rules
from tests.smsc.world import World, a_submission, say_nothing


def test_nothing_has_happened_and_nothing_is_to_come() -> None:
    world = World()
    world.bound()
    assert pending(world.smsc) == []


def test_a_message_is_pending_until_its_receipt_is_answered() -> None:
    world = World()
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    assert pending(world.smsc) == ["1 messages of gateway without an end"]
    world.run(1.0)
    assert pending(world.smsc) == ["1 deliveries not answered by session 1 of gateway"]
    gateway.close()
    assert pending(world.smsc) == [
        "1 deliveries wait for a receiver, their next attempt, a response or a scenario",
    ]
    world.bound()
    world.run(1.0)
    assert pending(world.smsc) == []


def test_answers_that_are_put_off_are_told_by_their_session() -> None:
    world = of_rules("{then: {respond: 5s, lose: true}}")
    gateway = world.bound()
    gateway.send_together(a_submission(), a_submission())
    assert pending(world.smsc) == ["2 answers to session 1 of gateway are put off"]
    world.run(5.0)
    assert pending(world.smsc) == []


def test_what_is_lost_or_never_answered_has_nothing_to_come() -> None:
    world = of_rules("{when: {text: lost}, then: lose}", "{when: {text: quiet}, then: silence}")
    gateway = world.bound()
    gateway.send_together(a_submission(short_message=b"lost"), a_submission(short_message=b"quiet"))
    assert pending(world.smsc) == []


def test_of_one_account_only_its_own_is_told() -> None:
    world = World()
    world.smsc.carrier.retime(Fixed(9.0), Fixed(0.0))
    world.bound("one").submit()
    world.bound("other").send_together(a_submission(), a_submission())
    assert pending(world.smsc, "one") == ["1 messages of one without an end"]
    assert pending(world.smsc, "other") == ["2 messages of other without an end"]
    assert pending(world.smsc, "nobody") == []
    assert len(pending(world.smsc)) == 2

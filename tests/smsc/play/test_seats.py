"""A session as rules see it: what they ask of it, on the wire."""

import pytest

from simulator.smpp.pdus import EnquireLink, Unbind
from simulator.smsc.memory.evidence import Secured
from tests.smsc.played import Bearing, Played, of_rules
from tests.smsc.world import a_submission


def asking(when: str) -> Played:
    return of_rules(f"{{when: {when}, then: {{reject: 8}}}}")


def is_meant(gateway: Bearing) -> bool:
    return bool(gateway.submit(registered_delivery=0).command_status == 8)


def test_rules_know_the_account_and_how_it_is_bound() -> None:
    world = asking("{account: [a, b], bind_type: [TX, TRX]}")
    assert is_meant(world.bound("a"))
    assert is_meant(world.bound("b", "TX"))
    assert not is_meant(world.bound("c"))
    assert not is_meant_by_bind_type(world)


def is_meant_by_bind_type(world: Played) -> bool:
    return world.bound("a", "RX").session.seat.bind_type in {"TX", "TRX"}


@pytest.mark.parametrize(("version", "number"), [("3.3", 0x33), ("3.3", 0x00), ("3.4", 0x34), ("5.0", 0x50)])
def test_rules_know_the_version(version: str, number: int) -> None:
    world = asking(f"{{version: {version}}}")
    assert is_meant(world.bound(interface_version=number))
    assert not is_meant(world.bound(interface_version=0x34 if version != "3.4" else 0x50))


def test_rules_know_the_door_and_whether_it_is_encrypted() -> None:
    world = asking("{listener: old, tls: true}")
    plain, secured = through_the_old_door(world), through_the_old_door(world)
    # the handshake is over before anything is read
    secured.session.tls = Secured("TLSv1.3", "TLS_AES_256_GCM_SHA384", None)
    plain.bind()
    secured.bind()
    assert not is_meant(plain)
    assert is_meant(secured)
    assert not is_meant(world.bound())


def through_the_old_door(world: Played) -> Bearing:
    gateway = world.gateway()
    world.smsc.sessions.pop(gateway.session.number)
    gateway.session = world.smsc.connect(world.now, "memory", lambda: None, listener="old")
    return gateway


def test_sessions_are_counted_for_each_account_by_their_binds() -> None:
    world = asking("{session: 2nd}")
    world.gateway()
    sessions = [world.bound("a"), world.bound("b"), world.bound("a"), world.bound("b"), world.bound("a")]
    assert [is_meant(one) for one in sessions] == [False, False, True, True, False]


def test_who_stays_after_a_reset_counts_from_one_again() -> None:
    world = asking("{session: 2nd}")
    first, second = world.bound(), world.bound()
    assert is_meant(second)
    first.close()
    world.smsc.reset(world.now)
    assert not is_meant(second)
    assert is_meant(world.bound())


def test_rules_know_how_long_it_was_silent() -> None:
    world = asking("{idle: 10s..}")
    gateway = world.bound()
    assert not is_meant(gateway)
    world.run(9.0)
    assert not is_meant(gateway)
    world.run(11.0)
    assert is_meant(gateway)
    assert not is_meant(gateway)


def test_rules_know_how_long_it_is_there_and_bound() -> None:
    world = of_rules(
        "{when: {since_bound: ..5s}, then: {reject: 1}}", "{when: {since_connect: ..9s}, then: {reject: 2}}"
    )
    gateway = world.gateway()
    world.run(3.0)
    gateway.bind()
    assert gateway.submit().command_status == 1
    world.run(5.5)
    assert gateway.submit().command_status == 2
    world.run(3.0)
    assert gateway.submit().command_status == 0


def test_rules_know_when_the_account_lost_a_session() -> None:
    world = asking("{since_disconnect: ..10s}")
    gateway, other = world.bound(), world.bound()
    assert not is_meant(other)
    gateway.close()
    assert is_meant(other)
    assert not is_meant(world.bound("stranger"))
    world.run(11.0)
    assert not is_meant(other)


def test_a_session_that_was_never_bound_is_none_that_was_lost() -> None:
    world = asking("{since_disconnect: ..10s}")
    world.gateway().close()
    assert not is_meant(world.bound())


@pytest.mark.parametrize(("number", "is_refused"), [(1, False), (2, False), (3, True)])
def test_what_is_in_flight_is_the_batch_with_this_one(number: int, is_refused: bool) -> None:
    world = asking("{in_flight: 3}")
    gateway = world.bound()
    gateway.batch(*[a_submission() for _ in range(number)])
    assert (8 in gateway.statuses) is is_refused


def test_other_requests_are_in_flight_as_well() -> None:
    world = of_rules(
        "{name: f, when: {command: enquire_link, in_flight: 2}, then: {reject: 8}}", "{then: {respond: 1s}}"
    )
    gateway = world.bound()
    gateway.batch(EnquireLink())
    assert world.fired == []
    gateway.batch(a_submission())
    gateway.batch(EnquireLink())
    assert world.fired[-1] == "f"
    world.run(2.0)
    gateway.batch(EnquireLink())
    assert world.fired.count("f") == 1


def test_rate_is_of_what_the_rule_is_about() -> None:
    world = asking("{rate: over 2/s per account}")
    gateway, other = world.bound("a"), world.bound("b")
    gateway.send(EnquireLink())
    assert [is_meant(gateway) for _ in range(3)] == [False, False, True]
    assert not is_meant(other)
    world.run(1.0)
    assert not is_meant(gateway)


# ---------------------------------------------------------------------- events of a session


def test_what_happens_to_a_session_is_told_to_rules() -> None:
    world = of_rules(
        *(
            f"{{name: {event}, when: {{event: {event}}}, then: {{set: {{variables: {{a: '+1'}}}}}}}}"
            for event in ("connect", "bound", "unbound", "disconnect")
        )
    )
    gateway = world.gateway()
    assert world.fired == ["connect"]
    gateway.bind()
    assert world.fired == ["connect", "bound"]
    gateway.send(Unbind())
    world.hang_up()
    gateway.session.close(world.now)
    assert world.fired == ["connect", "bound", "unbound", "disconnect"]


def test_a_session_that_ends_without_an_unbind_was_not_unbound() -> None:
    world = of_rules("{name: u, when: {event: unbound}, then: {set: {variables: {a: 1}}}}")
    world.bound().close()
    assert world.fired == []


def test_a_rule_cuts_whoever_connects() -> None:
    world = of_rules("{when: {event: connect, count: every 2nd}, then: rst}")
    first, second = world.gateway(), world.gateway()
    assert first.bind().command_status == 0
    assert second.bind() is None
    assert world.faults == ["rst"]


def test_what_nobody_answers_is_told_to_rules() -> None:
    world = of_rules(
        "{name: receipt, when: {event: unanswered, command: deliver_sm, to: 1}, then: {send: outbind}}",
        "{name: link, when: {event: unanswered, command: enquire_link}, then: {set: {variables: {a: 1}}}}",
    )
    gateway = world.bound()
    gateway.decide = lambda _: None
    gateway.is_mute = True
    gateway.submit(destination_addr="1")
    world.run(3000.0)
    assert "receipt" in world.fired
    assert "link" in world.fired


def test_an_unbind_that_a_rule_asked_for_is_heard_of_when_it_is_answered() -> None:
    world = of_rules(
        "{when: {to: 1}, then: {connection: unbind}}",
        "{name: u, when: {event: unbound}, then: {set: {variables: {a: 1}}}}",
    )
    world.bound().submit(destination_addr="1")
    assert world.fired[-1] == "u"

"""Deliveries that wait under a scenario: behind others of their number, for a bind, in a pile; and echoes."""

from dataclasses import replace

import pytest

from simulator.smpp.pdus import DeliverSm, response_to
from simulator.smsc.terms import Retry
from tests.smsc.played import Bearing, Played, of_rules

# ---------------------------------------------------------------------- what waits behind others


def one_number_for_all() -> tuple[Played, Bearing]:
    """A world, and a gateway that has been sent three receipts by one sequence_number, and has answered none."""
    world = of_rules("{then: {receipts: {sequence: 500}}}")
    world.smsc.terms = replace(world.smsc.terms, retry=Retry(attempts_max=2))
    gateway = world.bound()
    gateway.decide = lambda _: None
    for _ in range(3):
        gateway.submit()
    world.run(1.0)
    assert len(gateway.deliveries) == 3
    return world, gateway


def test_receipts_of_one_number_go_to_the_next_session_where_their_own_has_ended() -> None:
    world, gateway = one_number_for_all()
    gateway.close()
    assert world.smsc.waiting() == 3
    other = world.gateway()
    other.bind("gateway")
    assert len(other.deliveries) == 3
    assert world.stage.telling._covered == {}


def test_of_receipts_of_one_number_each_is_out_of_time_in_its_turn() -> None:
    world, _ = one_number_for_all()
    world.run(1000.0)
    failed = [message.number for message, _ in world.events("receipt_failed")]
    assert sorted(failed) == [1, 2, 3]
    assert world.stage.telling._covered == {}


def test_a_broken_answer_lets_the_next_receipt_of_its_number_wait() -> None:
    world, gateway = one_number_for_all()
    # a deliver_sm_resp whose message_id does not end
    gateway.send_bytes(bytes.fromhex("000000128000000500000000000001f4") + b"xx")
    gateway.send(response_to(DeliverSm(sequence_number=500)))
    assert world.kinds("receipt_acknowledged") == 2


def test_of_too_many_receipts_that_wait_for_a_bind_the_oldest_has_failed() -> None:
    world = of_rules("{then: {deliver: {state: DELIVRD, at_bind: true}}}")
    world.smsc.terms = replace(world.smsc.terms, waiting_max=2)
    gateway = world.bound()
    for _ in range(3):
        gateway.submit()
        world.run(1.0)
    assert [(message.number, why) for message, why in world.events("receipt_failed")] == [
        (1, "too many wait for a bind")
    ]
    world.bound()
    world.run(1.0)
    assert world.kinds("receipt_acknowledged") == 2


@pytest.mark.parametrize("then", ["deliver: {state: DELIVRD, at_bind: true}", "receipts: {hold: p}"])
def test_a_receipt_that_is_kept_back_tells_of_a_message_whose_row_has_gone(then: str) -> None:
    world = of_rules(f"{{when: {{text: remember me}}, then: {{{then}}}}}")
    world.smsc.history.rows_max = 2
    gateway = world.bound()
    gateway.submit(short_message=b"remember me")
    world.run(1.0)
    for _ in range(5):
        gateway.submit(registered_delivery=0)
        world.run(1.0)
    assert world.smsc.history.evicted
    newcomer = world.bound()
    world.stage.piles.release("p", world.now)
    world.settle()
    texts = [*gateway.texts, *newcomer.texts]
    assert [text for text in texts if text.endswith("Text:remember me")] == texts
    assert len(texts) == 1


# ---------------------------------------------------------------------- subscribers who answer


def test_a_message_that_a_rule_sends_for_a_subscribers_message_is_asked_about_no_more() -> None:
    world = of_rules(
        "{name: echo, when: {event: mo}, then: {send: {mo: {source: '1', destination: '2', text: again}, account: a}}}"
    )
    gateway = world.bound("a")
    for _ in range(2):
        world.smsc.mo("2", "1", "hi", world.now, account="a")
        world.settle()
    assert gateway.texts == ["again", "hi", "again", "hi"]
    assert world.fired == ["echo", "echo"]


def test_rules_can_ask_for_the_length_of_a_subscribers_message() -> None:
    world = of_rules("{name: long, when: {event: mo, length: 161..}, then: {set: {variables: {a: 1}}}}")
    world.bound("a")
    for text in ("x" * 160, "x" * 161, "x" * 500):
        world.smsc.mo("2", "1", text, world.now, account="a")
    world.settle()
    assert world.fired == ["long", "long"]


def test_the_octets_of_a_subscribers_message_are_those_of_its_text_in_every_form() -> None:
    found = []
    for mo in (
        "{}",
        "{charset: ucs2}",
        "{command: data_sm}",
        "{command: data_sm, place: none}",
        "{place: message_payload}",
    ):
        world = Played(f"carrier: {{mo: {mo}}}" if mo != "{}" else "variables: {a: 1}")
        world.bound("a")
        world.smsc.mo("2", "1", "x" * 200, world.now, account="a")
        ((message, _),) = world.events("mo_created")
        found.append(message.user_data)
    assert found == [b"x" * 200, b"\0x" * 200, b"x" * 200, b"", b"x" * 200]


def test_the_form_of_what_a_rule_sends_is_made_ready_once() -> None:
    world = of_rules("{then: {send: {mo: {source: '1', destination: '2', text: hi}, fields: {protocol_id: 7}}}}")
    gateway = world.bound()
    for _ in range(20):
        gateway.submit(registered_delivery=0)
    assert [pdu.protocol_id for pdu in gateway.of(DeliverSm)] == [7] * 20
    assert len([key for key in world.stage._shapes if key[0] == "mo"]) == 1


def test_what_is_sent_again_goes_no_further_than_the_window() -> None:
    world = of_rules("{then: {receipts: {repeat: {every: 1s, until: acknowledged, sequence: new}}}}")
    world.smsc.terms = replace(world.smsc.terms, deliver_window=3)
    gateway = world.bound()
    gateway.decide = lambda _: None
    gateway.submit()
    world.run(20.0)
    assert len(gateway.deliveries) == 3
    for delivery in gateway.deliveries:
        gateway.send(response_to(delivery))
    world.run(20.0)
    assert world.kinds("receipt_acknowledged") == 1
    # what has waited for room leaves once, and not as often as it would have come meanwhile
    assert len(gateway.deliveries) <= 4
    assert world.smsc.waiting() == 0


def test_what_is_to_ignore_the_window_is_sent_again_whatever_waits() -> None:
    world = of_rules("{then: {receipts: {ignore_window: true, repeat: {every: 1s, times: 9, sequence: new}}}}")
    world.smsc.terms = replace(world.smsc.terms, deliver_window=3)
    gateway = world.bound()
    gateway.decide = lambda _: None
    gateway.submit()
    world.run(20.0)
    assert len(gateway.deliveries) == 10

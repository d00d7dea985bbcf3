"""Receipts and subscribers' messages under a scenario: whether, when, in what form, to whom, how often."""

from typing import Any

import pytest

from simulator.journal import CONCLUDED, RECEIPT_ACKNOWLEDGED, RECEIPT_SENT
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DataSm, DeliverSm, response_to
from simulator.smpp.tlvs import Tlv, first
from tests.smsc.played import Bearing, Played, of_rules, rules
from tests.smsc.world import START, answering, say_nothing

TWO_PARTS = [{"esm_class": 0x40, "short_message": bytes([5, 0, 3, 7, 2, number]) + b"part"} for number in (1, 2)]


def text_of(receipt: DeliverSm | DataSm) -> bytes:
    assert isinstance(receipt, DeliverSm)
    return receipt.short_message


def told(then: str, seconds: float = 1.0, when: str = "{}", **fields: Any) -> list[DeliverSm | DataSm]:
    """The receipts of one submission under one rule."""
    world = of_rules(f"{{when: {when}, then: {then}}}")
    gateway = world.bound()
    gateway.submit(**fields)
    world.run(seconds)
    return gateway.deliveries


# ---------------------------------------------------------------------- whether


@pytest.mark.parametrize(
    ("asked", "registered", "count"),
    [("always", 0, 1), ("never", 1, 0), ("respected", 0, 0), ("respected", 1, 1), ("always", 1, 1)],
)
def test_a_receipt_is_sent_whether_asked_for_or_not(asked: str, registered: int, count: int) -> None:
    assert len(told(f"{{receipts: {{asked: {asked}}}}}", registered_delivery=registered)) == count


@pytest.mark.parametrize(("registered", "count"), [(0x01, 1), (0x11, 2), (0x10, 1), (0x02, 0)])
def test_intermediate_receipts_come_to_those_who_ask(registered: int, count: int) -> None:
    assert len(told("{deliver: [ACCEPTD, DELIVRD]}", registered_delivery=registered)) == count


def test_a_final_state_after_a_final_state_is_told_as_one() -> None:
    receipts = told("{deliver: [DELIVRD after 1s, {state: UNDELIV, final: true, after: 1s}]}", 3.0)
    assert [text_of(receipt).split(b"stat:")[1][:7] for receipt in receipts] == [b"DELIVRD", b"UNDELIV"]
    assert [receipt.esm_class for receipt in receipts] == [4, 4]


def test_a_story_whose_last_step_is_no_end_never_ends() -> None:
    world = of_rules("{then: {deliver: {state: UNDELIV, final: false}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0x11)
    world.run(1e5)
    assert ([receipt.esm_class for receipt in gateway.of(DeliverSm)], world.kinds(CONCLUDED)) == ([0x20], 0)
    assert world.smsc.store.room["gateway"] == world.smsc.terms.open_max


@pytest.mark.parametrize(("parts", "ids"), [("each", [1, 2]), ("first", [1]), ("last", [2])])
def test_receipts_come_for_each_part_or_for_one(parts: str, ids: list[int]) -> None:
    world = of_rules(f"{{then: {{receipts: {{parts: {parts}}}}}}}")
    gateway = world.bound()
    answers = [gateway.submit(**part).message_id for part in TWO_PARTS]
    world.run(1.0)
    assert [message_id for message_id, _ in gateway.stats] == [answers[number - 1] for number in ids]


def test_a_text_of_one_part_has_its_receipt_in_any_case() -> None:
    assert len(told("{receipts: {parts: last}}")) == 1


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [("each", [(1, 1), (2, 2)]), ("same", [(1, 1), (1, 1)]), ("first", [(1, 1), (2, 1)]), ("last", [(1, 2), (2, 2)])],
)
def test_parts_have_an_id_each_or_one_together(parts: str, wanted: list[tuple[int, int]]) -> None:
    world = of_rules(f"{{then: {{ids: {{generate: counter 1, parts: {parts}}}}}}}")
    gateway = world.bound()
    answers = [int(gateway.submit(**part).message_id) for part in TWO_PARTS]
    world.run(1.0)
    assert list(zip(answers, [int(message_id) for message_id, _ in gateway.stats], strict=True)) == wanted


# ---------------------------------------------------------------------- ids


@pytest.mark.parametrize(
    ("ids", "response", "text", "tlv"),
    [
        ("{generate: constant 2748}", "2748", "2748", "2748"),
        ("{generate: constant abc, response: hex upper}", "ABC", "abc", "abc"),
        ("{generate: constant abc, text: decimal pad 10}", "abc", "0000002748", "abc"),
        ("{generate: constant abc, tlv: decimal}", "abc", "abc", "2748"),
        ("{generate: constant abc, tlv: absent}", "abc", "abc", None),
        ("{generate: constant abc, text: absent}", "abc", "", "abc"),
        ("{generate: constant abc, response: absent}", "", "abc", "abc"),
        ("{generate: constant abc, text: constant 0}", "abc", "0", "abc"),
    ],
)
def test_an_id_is_spelled_apart_in_three_places(ids: str, response: str, text: str, tlv: str | None) -> None:
    world = of_rules(f"{{then: {{ids: {ids}}}}}")
    gateway = world.bound()
    answer = gateway.submit()
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    told_id = first(receipt.tlvs, TlvTag.RECEIPTED_MESSAGE_ID)
    assert answer.message_id == response
    written = receipt.short_message.decode()
    assert (f"id:{text} " in written) if text else "id:" not in written or "id: " in written
    assert (None if told_id is None else told_id.value.decode()) == (None if tlv is None else tlv + "\0")


def test_the_id_of_the_message_before_is_told() -> None:
    world = of_rules("{then: {ids: {text: previous}}}")
    gateway = world.bound()
    answers = [gateway.submit().message_id for _ in range(2)]
    world.run(1.0)
    assert gateway.stats[1][0] == answers[0]


# ---------------------------------------------------------------------- the form


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("{text: 'id:{id} is {stat}'}", lambda one: one.short_message.endswith(b" is DELIVRD")),
        ("{text: {omit: [sub, dlvrd]}}", lambda one: b"sub:" not in one.short_message),
        ("{text: {prefix: 'SMS^'}}", lambda one: one.short_message.startswith(b"SMS^id:")),
        ("{text: {colon: '=', separator: ','}}", lambda one: b",stat=DELIVRD," in one.short_message),
        ("{text: {echo: 2}}", lambda one: one.short_message.lower().endswith(b"text:he")),
        ("{dates: '%Y%m%d'}", lambda one: b"done date:20270115 " in one.short_message),
        ("{dates: {zone: '+02:00', done: '%H'}}", lambda one: b"done date:10 " in one.short_message),
        ("{stat: {DELIVRD: OK}}", lambda one: b"stat:OK " in one.short_message),
        ("{stat: '0'}", lambda one: b"stat:0 " in one.short_message),
        ("{err: {width: 5}}", lambda one: b"err:00000" in one.short_message),
        ("{message_state: {DELIVRD: 9}}", lambda one: Tlv(TlvTag.MESSAGE_STATE, b"\x09") in one.tlvs),
        ("{source: '5555'}", lambda one: one.source_addr == "5555"),
        (
            "{destination: {prefix: '+', ton: 7}}",
            lambda one: (one.destination_addr, one.dest_addr_ton) == ("+12025550199", 7),
        ),
        ("{swapped: false}", lambda one: one.source_addr == "12025550199"),
        ("{fields: {esm_class: 0, data_coding: 8}}", lambda one: (one.esm_class, one.data_coding) == (0, 8)),
        (
            "{tlvs: {message_state: absent, 0x1403: '23430'}}",
            lambda one: [tlv.tag for tlv in one.tlvs] == [0x1E, 0x1403],
        ),
        ("{command: data_sm}", lambda one: isinstance(one, DataSm)),
        ("{place: message_payload}", lambda one: one.short_message == b"" and first(one.tlvs, TlvTag.MESSAGE_PAYLOAD)),
        ("{place: none}", lambda one: one.short_message == b"" and not first(one.tlvs, TlvTag.MESSAGE_PAYLOAD)),
        ("{charset: ucs2}", lambda one: one.short_message.startswith(b"\0i\0d\0:")),
        ("{cut: 5}", lambda one: len(one.short_message) == 5),
        ("{pad: 200}", lambda one: len(one.short_message) == 200),
        ("{sequence: 99}", lambda one: one.sequence_number == 99),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_receipt_has_the_form_that_is_said(form: str, seen: Any) -> None:
    for then in (f"{{receipts: {form}}}", f"{{deliver: {{state: DELIVRD, {form[1:]}}}"):
        (receipt,) = told(then)
        assert seen(receipt), then
    (plain,) = told("accept")
    assert not seen(plain)
    world = Played(f"carrier: {{receipts: {form}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    assert seen(gateway.deliveries[0])


def test_damage_to_a_receipt_is_on_the_wire() -> None:
    world = of_rules(
        "{then: {receipts: {wire: {lengths: {sm_length: 1}}, fields: {short_message: abc}, tlvs: [{clear: true}]}}}"
    )
    gateway = world.bound()
    gateway.submit()
    gateway.clear()
    world.run(1.0)
    assert gateway.octets.endswith(b"\0\0\x01abc")
    assert len(gateway.broken) == 1


def test_a_steps_own_form_goes_before_that_of_all_receipts() -> None:
    world = Played(
        "carrier: {receipts: {stat: CARRIER, err: '9'}}\n"
        + rules(
            "{then: {deliver: [{stat: OWN, after: 1s, final: true}, {state: UNDELIV, after: 1s}], "
            "receipts: {stat: RULE}}}",
            "{when: {event: receipt}, then: {set: {variables: {a: +1}}}}",
        )
    )
    gateway = world.bound()
    gateway.submit()
    world.run(3.0)
    assert [stat for _, stat in gateway.stats] == ["OWN", "RULE"]
    assert all(b"err:9" in receipt.short_message for receipt in gateway.of(DeliverSm))


# ---------------------------------------------------------------------- event: receipt and conclude


def test_a_rule_about_receipts_changes_or_loses_them() -> None:
    world = of_rules(
        "{when: {event: receipt, to: 1, state: DELIVRD}, then: lose}",
        "{when: {event: receipt, to: 2}, then: {receipts: {stat: X}}}",
        "{when: {event: receipt, to: 3}, then: {deliver: [UNDELIV after 2s, EXPIRED after 1s]}}",
    )
    gateway = world.bound()
    for number in "123":
        gateway.submit(destination_addr=number)
    gateway.submit(destination_addr="4")
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["X", "DELIVRD"]
    world.run(5.0)
    assert [stat for _, stat in gateway.stats] == ["X", "DELIVRD", "UNDELIV", "EXPIRED"]
    assert [message.state for message, _ in world.events(CONCLUDED)] == ["DELIVRD"] * 4


def test_a_rule_about_receipts_is_not_asked_where_none_is_wanted() -> None:
    world = of_rules("{when: {event: receipt}, then: lose}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    world.run(1.0)
    assert world.fired == []


def test_the_carriers_deliveries_are_told_once_whatever_rules_hear_of_them() -> None:
    world = Played(
        "carrier: {deliver: [UNDELIV after 1s]}\n" + rules("{when: {event: receipt}, then: {set: {variables: {a: 1}}}}")
    )
    gateway = world.bound()
    gateway.submit()
    world.run(1.1)
    assert [stat for _, stat in gateway.stats] == ["UNDELIV"]
    world.run(5.0)
    assert len(gateway.stats) == 1


def test_a_rule_about_the_end_of_messages_does_deeds_and_forms_its_receipt() -> None:
    world = of_rules(
        "{when: {event: conclude, state: UNDELIV}, then: {send: enquire_link, receipts: {stat: BAD}}}",
        "{when: {event: conclude, to: 3}, then: lose}",
        "{when: {to: 2}, then: {deliver: UNDELIV}}",
    )
    gateway = world.bound()
    for number in "123":
        gateway.submit(destination_addr=number)
    gateway.clear()
    world.run(1.0)
    assert gateway.names == ["deliver_sm", "enquire_link", "deliver_sm"]
    assert [stat for _, stat in gateway.stats] == ["DELIVRD", "BAD"]


# ---------------------------------------------------------------------- when: hold, at_bind


def test_receipts_are_held_back_and_come_in_the_order_that_is_said() -> None:
    world = of_rules("{then: {receipts: {hold: {pile: p, until: 3, order: last_in}}}}")
    gateway = world.bound()
    answers = [gateway.submit().message_id for _ in range(3)]
    world.run(1.0)
    assert [message_id for message_id, _ in gateway.stats] == answers[::-1]


def test_a_receipt_waits_for_the_next_bind() -> None:
    world = of_rules("{then: {deliver: {state: UNDELIV, at_bind: true}}}")
    gateway = world.bound()
    answer = gateway.submit()
    world.run(10.0)
    assert gateway.stats == []
    world.bound("other")
    again = world.gateway()
    again.bind()
    assert (gateway.stats + again.stats) == [(answer.message_id, "UNDELIV")]
    third = world.gateway()
    third.bind()
    assert third.stats == []


# ---------------------------------------------------------------------- to whom


@pytest.mark.parametrize(
    ("word", "place"),
    [("same", 1), ("other", 0), ("any", 0), ("oldest", 0), ("newest", 3), ("TX", 1), ("RX", 2), ("TRX", 0)],
)
def test_a_receipt_goes_to_the_session_that_is_said(word: str, place: int) -> None:
    world = of_rules(f"{{then: {{receipts: {{session: {word}}}}}}}")
    gateways = [world.bound(bind=bind) for bind in ("TRX", "TX", "RX", "TRX")]
    gateways[1].submit()
    world.bound("stranger")
    world.run(1.0)
    assert [len(gateway.deliveries) for gateway in gateways] == [int(number == place) for number in range(4)]


def test_receipts_are_spread_by_chance_alike_by_the_same_seed() -> None:
    found = []
    for seed in (7, 7, 8):
        world = of_rules("{then: {receipts: {session: random}}}", seed=seed)
        gateways = [world.bound() for _ in range(3)]
        for _ in range(30):
            gateways[0].submit()
            world.run(1.0)
        found.append([[one for one, _ in gateway.stats] for gateway in gateways])
    assert all(found[0])
    assert found[0] == found[1]
    assert list(map(len, found[0])) != list(map(len, found[2]))


def test_a_receipt_goes_to_the_next_session_that_is_bound() -> None:
    world = of_rules("{then: {receipts: {session: next_bound}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(5.0)
    assert gateway.stats == []
    later = world.gateway()
    later.bind()
    assert (len(gateway.stats), len(later.stats)) == (0, 1)


def test_a_receipt_for_one_session_waits_until_that_has_room() -> None:
    world = Played("carrier: {deliver_window: 1}\n" + rules("{then: {receipts: {session: same}}}"))
    gateway = world.bound()
    gateway.decide = say_nothing
    for _ in range(3):
        gateway.submit()
    world.run(1.0)
    assert len(gateway.deliveries) == 1
    gateway.decide = answering(0)
    gateway.send(response_to(gateway.deliveries[0]))
    assert len(gateway.deliveries) == 3


@pytest.mark.parametrize(("said", "count"), [("{ignore_window: true}", 4), ("{ignore_window: false}", 1)])
def test_receipts_go_whatever_waits_for_its_answer(said: str, count: int) -> None:
    world = Played("carrier: {deliver_window: 1}\n" + rules(f"{{then: {{receipts: {said}}}}}"))
    sender = world.bound(bind="TX")
    receiver = world.bound(bind="RX")
    receiver.decide = say_nothing
    for _ in range(4):
        sender.submit()
    world.run(1.0)
    assert len(receiver.deliveries) == count
    assert sender.deliveries == []


# ---------------------------------------------------------------------- how often


def repeated(repeat: str, seconds: float, status: int | None = 0) -> tuple[Played, Bearing]:
    world = of_rules(f"{{then: {{receipts: {{repeat: {repeat}}}}}}}")
    gateway = world.bound()
    gateway.decide = answering(status)
    gateway.submit()
    world.run(seconds)
    return world, gateway


@pytest.mark.parametrize(
    ("repeat", "status", "count"),
    [
        ("2", 0, 3),
        ("{times: 2, every: 30s}", 0, 3),
        ("{every: 30s, until: answered}", 8, 1),
        ("{every: 30s, until: answered}", None, 4),
        ("{every: 30s, until: acknowledged}", 8, 4),
        ("{every: 30s, until: acknowledged}", 0, 1),
        ("{backoff: [5s, 30s], until: acknowledged}", 8, 5),
        ("{every: 30s, at_most: 60s}", 0, 3),
        ("{every: 30s, statuses: [0x65]}", 0x65, 4),
        ("{every: 30s, statuses: [0x65]}", 8, 1),
        ("{every: 30s, statuses: [0x65], times: 2}", 0x65, 3),
    ],
)
def test_a_receipt_is_sent_again(repeat: str, status: int | None, count: int) -> None:
    world, gateway = repeated(repeat, 100.0, status)
    assert len(gateway.deliveries) == count
    assert len({receipt.short_message for receipt in gateway.of(DeliverSm)}) == 1
    assert world.kinds(RECEIPT_SENT) >= 1
    assert world.kinds(RECEIPT_ACKNOWLEDGED) == int(status == 0)


def test_a_repeated_receipt_has_the_same_number_or_a_new_one() -> None:
    _, gateway = repeated("{times: 2, every: 1s, sequence: same}", 10.0)
    assert len({receipt.sequence_number for receipt in gateway.of(DeliverSm)}) == 1
    _, gateway = repeated("{times: 2, every: 1s, sequence: new}", 10.0)
    assert len({receipt.sequence_number for receipt in gateway.of(DeliverSm)}) == 3


def test_a_poisoned_receipt_stops_all_behind_it_until_it_is_taken() -> None:
    world = of_rules("{when: {to: 1}, then: {receipts: {repeat: {every: 5s, until: acknowledged, blocks: true}}}}")
    gateway = world.bound()
    gateway.decide = lambda pdu: 8 if getattr(pdu, "source_addr", "") == "1" else 0
    poison = gateway.submit(destination_addr="1").message_id
    other = gateway.submit(destination_addr="2").message_id
    world.run(12.0)
    assert [one for one, _ in gateway.stats] == [poison] * 3
    gateway.decide = answering(0)
    world.run(5.0)
    assert [one for one, _ in gateway.stats] == [poison] * 4 + [other]


def test_a_poisoned_receipt_comes_first_after_a_new_bind() -> None:
    world = of_rules("{when: {to: 1}, then: {receipts: {repeat: {every: 5s, until: acknowledged, blocks: true}}}}")
    gateway = world.bound()
    gateway.decide = say_nothing
    poison = gateway.submit(destination_addr="1").message_id
    other = gateway.submit(destination_addr="2").message_id
    world.run(7.0)
    gateway.close()
    world.run(60.0)
    again = world.gateway()
    again.bind()
    world.run(11.0)
    assert {one for one, _ in again.stats} == {poison, other}
    assert again.stats[0][0] == poison
    assert [one for one, _ in again.stats].count(poison) <= 2
    assert world.smsc.waiting() == 0


def test_a_reset_ends_all_repeating() -> None:
    world, gateway = repeated("{every: 5s, times: 100}", 11.0)
    before = len(gateway.deliveries)
    world.smsc.reset(world.now)
    world.run(60.0)
    assert len(gateway.deliveries) == before


def test_times_are_the_carriers() -> None:
    world = of_rules("{then: {deliver: 5s, receipts: {dates: '%S'}}}")
    gateway = world.bound()
    gateway.submit()
    world.smsc.clock.set_rate(world.now, 10.0)
    world.smsc.agenda.look_again()
    world.run(0.51)
    (receipt,) = gateway.of(DeliverSm)
    assert b"submit date:00 done date:05 " in receipt.short_message
    assert int(START) % 60 == 0


@pytest.mark.parametrize(("until", "after"), [("disconnect", 0), ("bound", 0)])
def test_a_receipt_is_sent_again_until_its_session_has_gone(until: str, after: int) -> None:
    world, gateway = repeated(f"{{every: 5s, until: {until}}}", 12.0)
    assert len(gateway.deliveries) == 3
    gateway.close()
    again = world.gateway()
    again.bind()
    world.run(60.0)
    assert len(again.deliveries) == after


def test_a_receipt_that_nothing_ends_goes_to_whoever_is_there() -> None:
    world, gateway = repeated("{every: 5s, times: 5}", 12.0)
    gateway.close()
    again = world.gateway()
    again.bind()
    world.run(60.0)
    assert (len(gateway.deliveries), len(again.deliveries)) == (3, 3)


def test_a_receipt_that_is_refused_in_a_certain_way_blocks_until_it_is_not() -> None:
    world = of_rules("{when: {to: 1}, then: {receipts: {repeat: {every: 5s, statuses: 0x65, blocks: true}}}}")
    gateway = world.bound()
    left = [0x65, 0x65, 8]
    gateway.decide = lambda _: left.pop(0) if left else 0
    refused = gateway.submit(destination_addr="1").message_id
    other = gateway.submit(destination_addr="2").message_id
    world.run(4.0)
    assert [one for one, _ in gateway.stats] == [refused]
    world.run(20.0)
    assert [one for one, _ in gateway.stats] == [refused] * 3 + [other]
    assert world.smsc.waiting() == 0


def test_what_is_for_a_session_that_has_ended_goes_to_the_others() -> None:
    world = of_rules("{then: {deliver: DELIVRD after 5s, receipts: {session: same}}}")
    gone, other = world.bound(bind="TX"), world.bound()
    gone.submit()
    gone.close()
    world.run(10.0)
    assert len(other.stats) == 1
    assert world.smsc.waiting() == 0


def test_a_receipt_for_transmitters_goes_to_the_next_one_that_binds() -> None:
    world = of_rules("{then: {receipts: {session: TX}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(5.0)
    assert gateway.stats == []
    later = world.gateway()
    later.bind(bind="TX")
    assert (len(gateway.stats), len(later.stats)) == (0, 1)

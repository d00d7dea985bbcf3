"""The stage as a whole: slots over several files, live rules, forms merged, luck, what is forgotten, transactions."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.journal import ANSWERED, CONCLUDED, SUBMITTED
from simulator.scenario.file import parse
from simulator.scenario.schema import Rule
from simulator.smpp.pdus import DeliverSm, QuerySm, ReplaceSm, SubmitSmResp
from simulator.smsc.play.staging import staged
from simulator.smsc.terms import Terms
from tests.smsc.played import Played, of_rules, rules
from tests.smsc.world import START, World, a_submission

SOURCE: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "12025550199"}


def rule(text: str) -> Rule:
    return parse(f"scenario: 1\nrules: [{text}]").rules[0]


# ---------------------------------------------------------------------- slots and files


def test_of_each_slot_the_first_rule_decides_and_all_are_told() -> None:
    world = of_rules(
        "{name: a, then: {receipts: {stat: A, tlvs: {0x1403: a}, fields: {esm_class: 0}}}}",
        "{name: b, then: {receipts: {stat: B, err: '7', tlvs: {0x1403: b, 0x1404: b}, fields: {esm_class: 1, "
        "protocol_id: 2}}}}",
        "{name: c, then: {receipts: {stat: C}}}",
        "{name: d, then: {reject: 8}, stop: true}",
        "{name: e, then: {send: outbind}}",
        "{name: f, when: {to: 1}, then: lose}",
    )
    gateway = world.bound()
    assert gateway.submit().command_status == 8
    assert world.fired == ["a", "b", "d"]
    assert gateway.names == ["submit_sm_resp"]


def test_forms_of_several_rules_become_one_thing() -> None:
    world = of_rules(
        "{then: {receipts: {stat: A, tlvs: {0x1403: 'hex:61'}, fields: {esm_class: 0}}}}",
        "{then: {receipts: {stat: B, err: '7', tlvs: {0x1403: 'hex:62', 0x1404: 'hex:62'}, fields: {esm_class: 1, "
        "protocol_id: 2}}}}",
    )
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    assert b"stat:A err:7" in receipt.short_message
    assert (receipt.esm_class, receipt.protocol_id) == (0, 2)
    assert {tlv.tag: tlv.value for tlv in receipt.tlvs if tlv.tag > 0x1400} == {0x1403: b"a", 0x1404: b"b"}


def test_files_fill_each_others_slots_and_the_carrier_section_the_rest() -> None:
    world = Played(
        "carrier: {receipts: {stat: CARRIER, err: '1', dates: blank}}\n"
        + rules("{name: early, then: {receipts: {stat: EARLY, err: '2'}}}"),
        "carrier: {receipts: {dates: zeros}}\n" + rules("{name: late, then: {receipts: {stat: LATE}}}"),
    )
    gateway = world.bound()
    gateway.submit()
    world.run(1.0)
    (receipt,) = gateway.of(DeliverSm)
    assert b"stat:LATE err:2" in receipt.short_message
    assert b"done date:0000000000 " in receipt.short_message
    assert world.fired == ["late", "early"]


def test_deeds_are_done_by_every_rule_that_means_it() -> None:
    world = of_rules("{then: {send: outbind, reject: 8}}", "{then: {send: enquire_link, reject: 9}}")
    gateway = world.bound()
    gateway.submit()
    assert gateway.names == ["submit_sm_resp", "outbind", "enquire_link"]
    assert gateway.statuses == [8]


def test_times_are_spent_only_where_something_was_done() -> None:
    world = of_rules(
        "{name: a, when: {to: 1}, then: {answer: {fields: {message_id: x}}}}",
        "{name: b, then: {answer: {fields: {message_id: y}}}, times: 1}",
    )
    gateway = world.bound()
    told = [gateway.submit(destination_addr=number).message_id for number in "1122"]
    assert told[:3] == ["x", "x", "y"]
    assert told[3] not in {"x", "y"}


# ---------------------------------------------------------------------- live rules


def test_live_rules_are_asked_before_files_the_newest_first() -> None:
    world = of_rules("{name: file, then: {reject: 1}}")
    script = world.stage.script
    gateway = world.bound()
    old = script.add(rule("{name: old, then: {reject: 2}}"))
    new = script.add(rule("{name: new, when: {to: 1}, then: {reject: 3}}"))
    assert [gateway.submit(destination_addr=number).command_status for number in "12"] == [3, 2]
    assert [one.name for one in script.live] == ["new", "old"]
    assert script.remove(old)
    assert not script.remove(old)
    assert [gateway.submit(destination_addr=number).command_status for number in "12"] == [3, 1]
    assert script.remove(new)
    file_rule = next(iter(script))
    assert script.remove(file_rule)
    assert gateway.submit().command_status == 0


def test_a_live_rule_starts_to_count_when_it_is_added_and_stays_after_a_reset() -> None:
    world = of_rules("{when: {to: 9}, then: lose}")
    gateway = world.bound()
    gateway.submit()
    world.stage.script.add(rule("{name: live, then: {reject: 8}, times: 1}"))
    assert [gateway.submit().command_status for _ in range(2)] == [8, 0]
    world.smsc.reset(world.now)
    assert [gateway.submit().command_status for _ in range(2)] == [8, 0]


def test_a_live_rule_is_about_other_things_than_the_files() -> None:
    world = of_rules("{then: accept}")
    world.stage.script.add(rule("{when: {event: bound}, then: {send: outbind}}"))
    gateway = world.gateway()
    gateway.bind()
    assert gateway.names == ["bind_transceiver_resp", "outbind"]


# ---------------------------------------------------------------------- luck


def ends(world: Played) -> list[tuple[str, float]]:
    return sorted(
        (one.destination.number, round(one.done_at - one.submitted_at, 6)) for one, _ in world.events(CONCLUDED)
    )


@pytest.mark.parametrize(
    "beside",
    [
        "{when: {event: receipt}, then: {send: {command: outbind, after: 1s..2s}}}",
        "{when: {command: query_sm}, then: {respond: 0s..1ms}}",
        "{when: {event: conclude}, then: {set: {variables: {a: 1}}}, probability: 50%}",
    ],
)
def test_what_happens_beside_messages_shifts_nobodys_luck(beside: str) -> None:
    found = []
    for said in ((), (beside,)):
        world = Played(rules("{then: {deliver: 1s..3s}}", *said))
        gateway = world.bound()
        for _ in range(4):
            for number in "12":
                answer = gateway.submit(destination_addr=number)
                gateway.send(QuerySm(message_id=answer.message_id, **SOURCE))
            world.run(5.0)
        found.append(ends(world))
    assert found[0] == found[1]


def test_the_same_run_is_the_same_and_another_seed_is_not() -> None:
    found = []
    for seed in (7, 7, 8):
        world = of_rules("{then: {deliver: 1s..3s, respond: 1ms..9ms}, probability: 50%}", seed=seed)
        gateway = world.bound()
        for number in range(30):
            gateway.submit(destination_addr=str(number))
            world.run(0.1)
        world.run(10.0)
        found.append(world.story())
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_a_reset_lets_luck_begin_again() -> None:
    world = of_rules("{then: {reject: 8}, probability: 50%}")
    gateway = world.bound()
    first = [gateway.submit().command_status for _ in range(20)]
    world.smsc.reset(world.now)
    assert [gateway.submit().command_status for _ in range(20)] == first
    assert set(first) == {0, 8}


# ---------------------------------------------------------------------- states


@pytest.mark.parametrize("state", ["EXPIRED", "UNDELIV"])
def test_a_rule_sets_the_state_of_its_message(state: str) -> None:
    world = of_rules(f"{{then: {{set: {{state: {state}}}}}}}")
    gateway = world.bound()
    answer = gateway.submit()
    assert gateway.names == ["submit_sm_resp", "deliver_sm"]
    assert gateway.stats == [(answer.message_id, state)]
    world.run(10.0)
    assert len(gateway.stats) == 1


def test_a_state_is_set_once_the_message_is_asked_about() -> None:
    world = of_rules("{when: {command: query_sm}, then: {set: {state: UNDELIV}}}", "{then: {deliver: 60s}}")
    gateway = world.bound()
    answer = gateway.submit()
    gateway.send(QuerySm(message_id=answer.message_id, **SOURCE))
    assert gateway.stats == [(answer.message_id, "UNDELIV")]
    assert gateway.send(QuerySm(message_id=answer.message_id, **SOURCE)).message_state == 5


# ---------------------------------------------------------------------- what is forgotten


def small(text: str, rows_max: int, open_max: int) -> World:
    world = World(script=None, rows_max=rows_max, terms=replace(Terms(), open_max=open_max))
    made = staged([parse(f"scenario: 1\n{text}")], world.now, START)
    assert made.stage is not None
    world.smsc.play(made.stage.script, world.now)
    return world


@pytest.mark.parametrize(
    "then",
    ["lose", "{deliver: {state: ACCEPTD, final: false}}", "{deliver: {state: DELIVRD, final: false, after: 0s}}"],
)
def test_messages_without_an_end_take_no_room_and_are_forgotten_with_their_row(then: str) -> None:
    world = small(rules(f"{{then: {then}}}"), 10, 5)
    gateway = world.bound()
    for _ in range(100):
        assert gateway.submit().command_status == 0
        world.run(0.4)
    assert len(world.smsc.history) <= 10
    assert len(world.smsc.store) <= 11
    assert len(world.smsc.store.lost) <= 11
    assert not world.smsc.history.outliving


def test_messages_that_have_an_end_take_room_until_then() -> None:
    world = small(rules("{then: {deliver: 60s}}"), 10, 5)
    gateway = world.bound()
    statuses = [gateway.submit().command_status for _ in range(7)]
    assert statuses == [0] * 5 + [0x14] * 2
    world.run(61.0)
    assert gateway.submit().command_status == 0


def test_a_lost_message_that_is_replaced_stays_lost() -> None:
    world = of_rules("{then: lose}")
    gateway = world.bound()
    answer = gateway.submit()
    replaced = gateway.send(ReplaceSm(message_id=answer.message_id, **SOURCE, short_message=b"new"))
    world.run(1e5)
    assert (replaced.command_status, world.kinds(CONCLUDED)) == (0, 0)


def test_a_message_in_silence_is_recorded_or_not_and_its_receipts_come_or_not() -> None:
    for said, state, kinds in (("recorded", "DELIVRD", 1), ("unrecorded", "REFUSED", 0)):
        world = of_rules(f"{{then: {{silence: {said}}}}}")
        gateway = world.bound()
        assert gateway.submit() is None
        world.run(1.0)
        ((message, _),) = world.events(SUBMITTED)
        assert (message.state, world.kinds(CONCLUDED), len(gateway.stats)) == (state, kinds, kinds)


# ---------------------------------------------------------------------- transactions


def transaction(then: str, seconds: float = 1.0, **fields: Any) -> tuple[Played, Any]:
    world = of_rules(f"{{name: t, then: {then}}}")
    gateway = world.bound(interface_version=0x50)
    gateway.batch(a_submission(esm_class=0x02, **fields))
    world.run(seconds)
    return world, gateway


def test_a_transaction_asks_the_rules_and_tells_what_they_made_of_it() -> None:
    world, gateway = transaction("{deliver: UNDELIV after 2s}", 1.9)
    assert (world.fired, gateway.names) == (["t"], [])
    world.run(0.2)
    assert gateway.statuses == [0xFE]
    assert world.kinds(ANSWERED) == 1
    assert gateway.session.window.unanswered == 0


@pytest.mark.parametrize(
    ("then", "statuses"),
    [
        ("accept", [0]),
        ("{reject: 0x58}", [0x58]),
        ("silence", []),
        ("{silence: recorded}", []),
        ("{answer: {status: 9}}", [9]),
        ("{answer: {repeat: 2}}", [0, 0, 0]),
        ("{respond: 0.5s}", [0]),
        ("{respond: 5s}", []),
        ("{respond: {hold: {pile: p, at_most: 0.1s}}}", [0]),
        ("{respond: {hold: p}}", []),
        ("lose", []),
    ],
)
def test_a_transaction_is_answered_as_rules_say(then: str, statuses: list[int]) -> None:
    world, gateway = transaction(then)
    assert gateway.statuses == statuses
    assert world.fired == ["t"]


def test_a_lost_transaction_fails_when_time_is_up() -> None:
    _, gateway = transaction("lose", 120.0)
    assert gateway.statuses == [0xFE]


def test_a_transaction_has_the_id_that_rules_give_it_and_deeds_are_done() -> None:
    world, gateway = transaction(
        "{ids: {generate: constant ABC}, send: [outbind, {command: enquire_link, before: answer}]}"
    )
    assert gateway.names == ["outbind", "enquire_link", "submit_sm_resp"]
    assert gateway.of(SubmitSmResp)[0].message_id == "ABC"
    assert world.smsc.store.named("ABC")


def test_a_transaction_without_a_rule_that_means_it_is_the_carriers() -> None:
    world = of_rules("{when: {to: 1}, then: {reject: 8}}")
    gateway = world.bound(interface_version=0x50)
    gateway.batch(a_submission(esm_class=0x02))
    world.run(1.0)
    assert gateway.statuses == [0]
    assert world.fired == []


def test_a_reset_ends_what_a_scenario_did_to_links_for_a_time() -> None:
    world = of_rules("{then: {connection: {fault: pause_reading, lasts: 1h}}, times: 1}")
    gateway = world.bound()
    gateway.submit()
    before = gateway.session.is_paused
    world.smsc.reset(world.now)
    assert (before, gateway.session.is_paused) == (True, False)
    assert gateway.submit().command_status == 0

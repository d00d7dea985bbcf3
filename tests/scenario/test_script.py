"""What rules do to submissions, seen on the wire and in the journal of a world without sockets."""

from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.journal import ANSWERED, CONCLUDED, RULE_FIRED, SUBMITTED
from simulator.scenario.file import parse
from simulator.scenario.script import Script
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import SubmitMulti
from simulator.smsc.terms import Terms
from tests.smsc.world import START, Gateway, World, a_submission


def scripted(*files: str, seed: int = 7, **settings: Any) -> World:
    """A world under the rules of these files; each is written without its first line."""
    return World(script=Script([parse(f"scenario: 1\nrules:\n{one}") for one in files], seed), seed=seed, **settings)


def statuses(gateway: Gateway, times: int, **fields: Any) -> list[int]:
    return [gateway.submit(**fields).command_status for _ in range(times)]


def fired(world: World) -> list[str]:
    return [name for _, name in world.events(RULE_FIRED)]


def test_a_rejected_message_is_answered_with_its_status_and_never_lives() -> None:
    world = scripted("- {name: full, then: {reject: 0x450}}")
    assert world.bound().submit().command_status == 0x450
    world.run(10.0)
    ((message, _),) = world.events(SUBMITTED)
    assert (message.state, message.cause.name, fired(world)) == ("REFUSED", "full", ["full"])
    assert [status for _, status in world.events(ANSWERED)] == [0x450]
    assert world.kinds(CONCLUDED) == 0


def test_a_rule_without_a_name_is_called_by_its_place() -> None:
    world = scripted("- {when: {to: 1}, then: silence}\n- {then: {reject: RTHROTTLED}}")
    world.bound().submit()
    assert fired(world) == ["rules[1]"]


def test_the_kind_of_the_journal_stands_between_submission_and_answer() -> None:
    world = scripted("- {then: accept}")
    world.bound().submit()
    kinds = [row.kind for row in world.smsc.journal.rows()]
    assert kinds[-3:] == [SUBMITTED, RULE_FIRED, ANSWERED]


def test_what_no_rule_means_is_the_carriers() -> None:
    world = scripted("- {when: {to: 1}, then: silence}")
    gateway = world.bound()
    answer = gateway.submit()
    world.run(1.0)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]
    assert fired(world) == []


def test_accept_goes_before_the_accounts_throughput() -> None:
    accounts = [Account("gateway", throughput=1.0)]
    world = scripted("- {when: {to: 1}, then: accept}", accounts=accounts)
    gateway = world.bound()
    assert statuses(gateway, 2) == [0, 0x58]
    assert statuses(gateway, 3, destination_addr="1") == [0, 0, 0]


def test_silence_is_no_answer_and_no_message() -> None:
    world = scripted("- {then: silence}")
    gateway = world.bound()
    assert gateway.submit() is None
    world.run(10.0)
    assert (gateway.received, world.kinds(ANSWERED), world.kinds(CONCLUDED)) == ([], 0, 0)
    ((message, _),) = world.events(SUBMITTED)
    assert (message.state, message.cause.name) == ("REFUSED", "unanswered")


def test_recorded_silence_is_no_answer_and_yet_a_receipt() -> None:
    world = scripted("- {then: {silence: recorded}}")
    gateway = world.bound()
    assert gateway.submit() is None
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]
    assert world.kinds(ANSWERED) == 0


def test_a_submit_multi_is_unanswered_where_one_of_its_messages_is() -> None:
    world = scripted("- {when: {to: 2}, then: silence}")
    gateway = world.bound()
    places = tuple(SmeAddress(1, 1, number) for number in ("1", "2"))
    assert gateway.send(SubmitMulti(source_addr="9", dest_address=places, short_message=b"hello")) is None
    assert [message.state for message, _ in world.events(SUBMITTED)] == ["ENROUTE", "REFUSED"]


def test_silence_takes_nothing_of_the_window() -> None:
    world = scripted("- {then: silence}", terms=Terms(window=2))
    gateway = world.bound()
    assert [gateway.submit() for _ in range(5)] == [None] * 5


def test_an_answer_is_put_off_in_link_time() -> None:
    world = scripted("- {then: {respond: 2s}}")
    gateway = world.bound()
    assert gateway.submit() is None
    world.run(1.9)
    assert gateway.received == []
    world.run(0.2)
    (answer,) = gateway.received
    assert answer.command_status == 0


def test_a_refusal_is_put_off_too() -> None:
    world = scripted("- {then: {reject: RTHROTTLED, respond: 2s}}")
    gateway = world.bound()
    assert gateway.submit() is None
    world.run(2.0)
    assert [answer.command_status for answer in gateway.received] == [0x58]


@pytest.mark.parametrize(
    ("deliver", "stat", "after"),
    [
        ("UNDELIV", "UNDELIV", 0.3),
        ("5s", "DELIVRD", 5.0),
        ("EXPIRED after 3 days", "EXPIRED", 259_200.0),
        ("[ACCEPTD after 1s, UNDELIV after 2s]", "UNDELIV", 3.0),
        ("[ACCEPTD after 1s, REJECTD]", "REJECTD", 1.0),
    ],
)
def test_a_message_becomes_what_the_rule_says_when_it_says(deliver: str, stat: str, after: float) -> None:
    world = scripted(f"- {{then: {{deliver: {deliver}}}}}")
    gateway = world.bound()
    answer = gateway.submit()
    world.run(after + 1)
    assert gateway.stats == [(answer.message_id, stat)]
    ((message, outcome),) = world.events(CONCLUDED)
    assert (message.done_at - START, outcome.state) == (pytest.approx(after), stat)


def test_a_lost_message_is_answered_and_never_heard_of_again() -> None:
    world = scripted("- {then: lose}")
    gateway = world.bound()
    assert gateway.submit().command_status == 0
    world.run(1e6)
    assert (gateway.stats, world.kinds(CONCLUDED), world.smsc.waiting()) == ([], 0, 0)


def test_in_each_slot_the_first_rule_decides() -> None:
    world = scripted(
        "- {name: a, then: {deliver: UNDELIV}}\n- {name: b, then: {respond: 1s, deliver: EXPIRED}}\n"
        "- {name: c, then: {respond: 9s}}"
    )
    gateway = world.bound()
    gateway.submit()
    world.run(2.0)
    assert [stat for _, stat in gateway.stats] == ["UNDELIV"]
    assert fired(world) == ["a", "b"]


def test_later_files_are_asked_before_earlier_ones() -> None:
    world = scripted(
        "- {then: {reject: 1}}", "- {when: {to: 1}, then: {reject: 2}}\n- {when: {to: 1}, then: {reject: 3}}"
    )
    gateway = world.bound()
    assert statuses(gateway, 1, destination_addr="1") == [2]
    assert statuses(gateway, 1) == [1]


def test_stop_ends_the_asking() -> None:
    world = scripted("- {name: a, then: accept, stop: true}\n- {name: b, then: lose}")
    world.bound().submit()
    assert fired(world) == ["a"]


@pytest.mark.parametrize("rule", ["{then: {reject: 8}, times: 2}", "{when: {count: first 2}, then: {reject: 8}}"])
def test_a_rule_holds_so_often_and_again_after_a_reset(rule: str) -> None:
    world = scripted(f"- {rule}")
    gateway = world.bound()
    assert statuses(gateway, 4) == [8, 8, 0, 0]
    world.smsc.reset(world.now)
    assert statuses(gateway, 3) == [8, 8, 0]


def test_times_are_spent_only_where_a_slot_was_filled() -> None:
    world = scripted("- {when: {to: 1}, then: {reject: 1}}\n- {then: {reject: 2}, times: 1}")
    gateway = world.bound()
    assert statuses(gateway, 2, destination_addr="1") == [1, 1]
    assert statuses(gateway, 2) == [2, 0]


def test_times_count_apart_where_that_is_said() -> None:
    world = scripted("- {then: {reject: 8}, times: 1 per destination}")
    gateway = world.bound()
    assert statuses(gateway, 2, destination_addr="1") == [8, 0]
    assert statuses(gateway, 2, destination_addr="+1") == [0, 0]
    assert statuses(gateway, 2, destination_addr="2") == [8, 0]


def refused_of(world: World, numbers: list[int]) -> set[int]:
    gateway = world.bound()
    return {number for number in numbers if statuses(gateway, 1, destination_addr=str(number)) != [0]}


def test_probability_is_the_messages_own_luck() -> None:
    rule = "- {name: unlucky, then: {reject: 8}, probability: 20%}"
    numbers = list(range(1, 301))
    there = refused_of(scripted(rule), numbers)
    assert 30 < len(there) < 90
    # in another order, and with another rule beside it, the same messages are unlucky
    assert refused_of(scripted(rule), numbers[::-1]) == there
    assert refused_of(scripted(rule + "\n- {then: {respond: 0s}, probability: 50%}"), numbers) == there
    assert refused_of(scripted(rule, seed=8), numbers) != there


def test_delays_are_drawn_by_the_messages_own_luck() -> None:
    ends = []
    for _ in range(2):
        world = scripted("- {then: {deliver: 1s..3s}}")
        gateway = world.bound()
        for number in ("1", "2", "3"):
            gateway.submit(destination_addr=number)
        world.run(4.0)
        ends.append([message.done_at - START for message, _ in world.events(CONCLUDED)])
    assert ends[0] == ends[1]
    assert len(set(ends[0])) == 3
    assert all(1.0 <= end <= 3.0 for end in ends[0])


def test_rules_of_which_none_has_luck_fire_nothing() -> None:
    world = scripted("- {then: {reject: 8}, probability: 0%}")
    assert statuses(world.bound(), 5) == [0] * 5
    assert fired(world) == []


def test_a_message_that_is_wrong_by_itself_is_no_rules_business() -> None:
    world = scripted("- {then: accept}")
    gateway = world.bound()
    answer = gateway.send(a_submission(destination_addr=""))
    assert answer.command_status != 0
    assert fired(world) == []


def test_a_script_without_rules_is_empty() -> None:
    assert Script([parse("scenario: 1")], 0).is_empty
    assert not Script([parse("scenario: 1\nrules: [{then: lose}]")], 0).is_empty

"""Luck belongs to a message: the same inputs give the same journal and octets, and another order the same fates.

What is compared is either everything (journal and octets, where the moments are the same) or what a message itself has
gone through: its states, causes, delays and the rules that fired for it.
"""

import os
import subprocess
import sys
from functools import cache
from random import Random

import pytest

from simulator.scenario.file import parse
from simulator.scenario.schema import Scenario
from simulator.smpp.codec import encode
from simulator.smpp.pdus import Pdu, QuerySm
from tests.smsc.repeated import (
    Fates,
    Recorded,
    Repeated,
    digest,
    everything,
    fates_of,
    made_up,
    messages,
    plain,
    played,
    since_reset,
)

EVERYTHING = everything()
NAMES = list(EVERYTHING)
SAMPLE = ["stories/one-per-cent-lost", "quirks/resp-out-of-order", "quirks/receipt-duplicated", "made up 5"]

PRINT_DIGESTS = """
from tests.smsc.repeated import digest, everything, played
for name, scenarios in everything().items():
    print(name, digest(played(scenarios)), sep="\\t")
"""


# ------------------------------------------------------------------ the same once more


@pytest.fixture(scope="module")
def worlds() -> dict[str, Repeated]:
    """What this process makes of every scenario."""
    return {name: played(scenarios) for name, scenarios in EVERYTHING.items()}


def printed_by_another_process(hash_seed: str) -> dict[str, str]:
    """What another process makes of them, whose sets and dictionaries of texts are in another order."""
    ran = subprocess.run(
        [sys.executable, "-c", PRINT_DIGESTS],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("\t") for line in ran.stdout.splitlines())


def test_another_process_with_another_hash_seed_writes_the_same_octets_and_journal(worlds: dict[str, Repeated]) -> None:
    assert printed_by_another_process("1") == {name: digest(world) for name, world in worlds.items()}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_second_run_in_the_same_process_tells_the_same_story_line_by_line(
    name: str, worlds: dict[str, Repeated]
) -> None:
    second = played(EVERYTHING[name])
    assert second.story() == worlds[name].story()
    assert second.octets == worlds[name].octets


def test_the_made_up_rules_do_a_bit_of_everything(worlds: dict[str, Repeated]) -> None:
    made = [world for name, world in worlds.items() if name.startswith("made up")]
    kinds = {kind for world in made for kind, count in world.smsc.journal.counts.items() if count}
    assert {"rule_fired", "phase_begun", "pdu_sent", "fault", "retry", "mo_sent", "progressed", "timeout"} <= kinds


def test_another_seed_is_other_luck() -> None:
    scenarios = EVERYTHING["stories/one-per-cent-lost"]
    assert digest(played(scenarios, seed=7)) != digest(played(scenarios, seed=8))


# ------------------------------------------------------------------ a reset


@pytest.mark.parametrize("is_busy", [False, True], ids=["when all is quiet", "in the middle of it"])
def test_after_a_reset_everything_is_as_at_the_start(is_busy: bool) -> None:
    differing = list[str]()
    # by turns, for each of them costs three plays
    for name in NAMES[is_busy::6]:
        fresh, again = Repeated(EVERYTHING[name]), Repeated(EVERYTHING[name])
        fresh.traffic(1, rounds=6)
        if is_busy:
            again.bustle(2, rounds=5)
        else:
            again.traffic(2, rounds=3)
        again.start_over()
        again.traffic(1, rounds=6)
        if since_reset(again) != since_reset(fresh) or again.joined != fresh.joined:
            differing.append(name)
    assert differing == []


FORGOTTEN = {
    "a pile that the answer was to come to": "{respond: {after: 5s, hold: {pile: p, until: 9}}}",
    "a fault in a while": "{connection: {fault: rst, after: 5s}}",
    "a fault behind the answer": "{respond: 5s, connection: rst}",
    "a fault in front of the answer": "{respond: 5s, connection: {fault: rst, before: answer}}",
    "what goes with the answer": "{respond: 5s, send: {command: enquire_link, with_answer: true}}",
    "what goes in front of the answer": "{respond: 5s, send: {command: enquire_link, before: answer}}",
    "repetitions of the answer": "{respond: 5s, answer: {repeat: 3}}",
}


@pytest.mark.parametrize("deed", FORGOTTEN.values(), ids=FORGOTTEN)
@pytest.mark.parametrize("command", ["submit_sm", "query_sm"])
def test_who_has_asked_before_a_reset_is_answered_after_it_and_nothing_else_happens(command: str, deed: str) -> None:
    world = Repeated([parse(f"scenario: 1\nrules: [{{when: {{command: {command}}}, then: {deed}}}]")])
    link = world.bound()
    asked = again(messages()[0]) if command == "submit_sm" else QuerySm(message_id="7", source_addr="5555")
    link.send(asked)
    world.run(1.0)
    world.smsc.reset(world.now)
    world.run(20.0)
    assert [one.command_id for one in link.received[1:]] == [asked.command_id | 0x80000000]
    assert link.stands()
    assert {kind for kind, count in world.smsc.journal.counts.items() if count} <= {"reset", "refused_pdu"}
    assert list(world.smsc.stage.piles) == []  # type: ignore[union-attr]


def test_who_binds_after_a_reset_is_not_struck_for_what_was_said_before() -> None:
    world = Repeated([parse("scenario: 1\nrules: [{then: {connection: {fault: rst, session: next_bound}}}]")])
    world.bound().send(again(messages()[0]))
    world.smsc.reset(world.now)
    others = [world.bound(), world.bound()]
    world.run(1.0)
    assert [one.stands() for one in others] == [True, True]


# ------------------------------------------------------------------ another order


def one_by_one(scenario: Scenario, *, seed: int = 7) -> Repeated:
    """All messages in their order, by one session and in one batch."""
    world = Repeated([scenario], seed)
    world.bound().send_together(*messages())
    world.run(600.0)
    return world


@cache
def plain_fates(seed: int) -> Fates:
    """The fates of all messages under made-up rules, one message after the other."""
    return fates_of(one_by_one(parse(plain(seed))))


def shuffled(scenario: Scenario, *, order: int, speed: float = 1.0) -> Repeated:
    """The same messages in another order, over three sessions, in batches of any size, some time between them."""
    luck = Random(order)
    world = Repeated([scenario], speed=speed)
    links = [world.bound() for _ in range(3)]
    left = messages()
    luck.shuffle(left)
    while left:
        size = luck.randint(1, 25)
        luck.choice(links).send_together(*left[:size])
        del left[:size]
        world.run(luck.choice([0.0, 1 / 128, 129 / 128]))
    world.run(600.0)
    return world


@pytest.mark.parametrize("seed", range(20))
def test_what_happens_to_a_message_does_not_depend_on_the_order_of_others(seed: int) -> None:
    scenario = parse(plain(seed))
    assert fates_of(shuffled(scenario, order=seed)) == plain_fates(seed)


NEITHER_RATE_NOR_COUNT_NOR_TIME = {
    "a share": "rules: [{then: {reject: ESME_RSYSERR}, probability: 30%}]",
    "a text": "rules: [{when: {text: {contains: STOP}}, then: lose}]",
    "a drawn delay": "rules: [{then: {deliver: lognormal p50 2s p99 40s, respond: 100ms..3s}}]",
    "a count per destination": "rules: [{when: {count: 1st per destination}, then: {reject: ESME_RSYSERR}}]",
    "a count per pair": "rules: [{when: {count: 2nd per pair}, then: {reject: ESME_RSYSERR}}]",
    "times per destination": "rules: [{then: {reject: ESME_RSYSERR}, times: 1 per destination}]",
    "a pile of answers": "rules: [{then: {respond: {hold: {pile: p, until: 5, order: shuffle, at_most: 9s}}}}]",
    "a pile of receipts": "rules: [{then: {receipts: {hold: {pile: p, until: 7, order: last_in, at_most: 9s}}}}]",
    "ids": "carrier: {ids: {generate: reuse 10}}",
    "receipts elsewhere": "rules: [{then: {receipts: {session: random, command: data_sm}}}]",
}
RATE_OR_COUNT_OR_TIME = {
    "every third": "rules: [{when: {count: every 3rd}, then: {reject: ESME_RSYSERR}}]",
    "the first of a session": "rules: [{when: {count: first 9 per session}, then: {reject: ESME_RSYSERR}}]",
    "every fifth of a source": "rules: [{when: {count: every 5th per source}, then: {reject: ESME_RSYSERR}}]",
    "ten times": "rules: [{then: {reject: ESME_RSYSERR}, times: 10}]",
    "a rate": "rules: [{when: {rate: over 9/s}, then: {reject: ESME_RSYSERR}}]",
    "a depth": "rules: [{when: {in_flight: '9..'}, then: {reject: ESME_RSYSERR}}]",
    "a full pile": (
        "rules: [{then: {respond: {hold: {pile: p, at_most: 1m}}}},"
        " {when: {held: {p: '9..'}}, then: {deliver: UNDELIV}}]"
    ),
    "a variable": (
        "variables: {seen: 0}\nrules: [{then: {set: {variables: {seen: '+1'}}}},"
        " {when: {variables: {seen: {between: '50..'}}}, then: {reject: ESME_RSYSERR}}]"
    ),
    "a phase of so many": (
        "phases: [{name: calm, messages: 40}, {name: storm}]\n"
        "rules: [{when: {phase: storm}, then: {reject: ESME_RSYSERR}}]"
    ),
    "the time": "rules: [{when: {since_start: '2s..'}, then: {reject: ESME_RSYSERR}}]",
    "silence before": "rules: [{when: {idle: 500ms..}, then: {reject: ESME_RSYSERR}}]",
    "a throughput": "carrier: {throughput: 20/s, burst: 5}",
    "a limit": "carrier: {limits: [{rate: 20/s, per: source, over: ESME_RMSGQFUL}]}",
    "a window": "carrier: {window: 12, over_window: ESME_RTHROTTLED}",
}


@pytest.mark.parametrize("words", NEITHER_RATE_NOR_COUNT_NOR_TIME.values(), ids=NEITHER_RATE_NOR_COUNT_NOR_TIME)
def test_a_rule_about_the_message_alone_is_the_same_in_any_order(words: str) -> None:
    scenario = parse(f"scenario: 1\n{words}")
    assert fates_of(shuffled(scenario, order=3)) == fates_of(one_by_one(scenario))


@pytest.mark.parametrize("words", RATE_OR_COUNT_OR_TIME.values(), ids=RATE_OR_COUNT_OR_TIME)
def test_a_rule_about_rate_count_or_time_means_others_in_another_order(words: str) -> None:
    scenario = parse(f"scenario: 1\n{words}")
    assert fates_of(shuffled(scenario, order=3)) != fates_of(one_by_one(scenario))


def test_the_nth_message_of_a_pair_is_lucky_alike_whatever_goes_to_others() -> None:
    scenario = parse("scenario: 1\nrules: [{then: {reject: ESME_RSYSERR}, probability: 50%}]")
    one, other = Repeated([scenario]), Repeated([scenario])
    (mine, *others) = messages()
    statuses = []
    for world, between in ((one, []), (other, others)):
        link = world.bound()
        found = list[int]()
        for _ in range(20):
            found.append(link.send(again(mine)).command_status)
            for pdu in between[:15]:
                link.send(again(pdu))
        statuses.append(found)
    assert statuses[0] == statuses[1]
    assert len(set(statuses[0])) == 2


def again(pdu: Pdu) -> Pdu:
    """The same request once more, as a new one."""
    return messages([pdu])[0]


# ------------------------------------------------------------------ slowness


@pytest.mark.parametrize("seed", range(6))
def test_requests_that_come_octet_by_octet_are_answered_with_the_same_octets(seed: int) -> None:
    scenario = parse(plain(seed))
    whole = one_by_one(scenario)
    world = Repeated([scenario])
    link = world.bound()
    for number, pdu in enumerate(messages(), start=2):
        pdu.sequence_number = number
        for octet in encode(pdu):
            link.session.receive_data(bytes([octet]), world.now)
    world.run(600.0)
    assert fates_of(world) == fates_of(whole)
    assert world.joined == whole.joined


@pytest.mark.parametrize("seed", range(6))
def test_who_reads_slowly_and_acknowledges_late_changes_no_fate(seed: int) -> None:
    luck = Random(seed)
    scenario = parse(plain(seed))
    world = Repeated([scenario])
    links = [world.bound() for _ in range(2)]
    waiting = list[tuple[Recorded, Pdu]]()
    for link in links:
        link.decide = lambda pdu, link=link: waiting.append((link, pdu))  # type: ignore[misc]
    for pdu in messages():
        link = luck.choice(links)
        link.reads = luck.random() < 0.5
        link.send(pdu)
        world.run(luck.choice([0.0, 9 / 128]))
        if luck.random() < 0.3:
            acknowledge(waiting, world)
    for link in links:
        link.reads = True
    for _ in range(30):
        world.run(21.0)
        acknowledge(waiting, world)
    assert fates_of(world) == plain_fates(seed)


def acknowledge(waiting: list[tuple[Recorded, Pdu]], world: Repeated) -> None:
    """Acknowledge all that was delivered until now."""
    due, waiting[:] = list(waiting), []
    for link, pdu in due:
        link.acknowledge(pdu)
    world.settle()


@pytest.mark.parametrize("speed", [0.5, 60.0, 3600.0])
def test_at_another_speed_the_fates_are_the_same_in_the_carriers_time(speed: float) -> None:
    for seed in range(4):
        scenario = parse(plain(seed))
        assert fates_of(shuffled(scenario, order=seed, speed=speed)) == plain_fates(seed)


def test_rules_of_a_seed_are_the_same_rules_again() -> None:
    assert made_up(4) == made_up(4) != made_up(5)
    assert plain(4) == plain(4) != plain(5)

"""What a file may say and this version does not play: each found, at its place."""

import pytest

from simulator.scenario.acted import ACTED_ON, NOT_YET, unacted
from simulator.scenario.file import parse
from simulator.scenario.problems import ScenarioError
from tests.scenario.test_sketches import EVERYTHING

PLAYED = """
scenario: 1
about: {text: a, carrier: b, breaks: c, correct: d, source: e}
seed: 7
carrier:
  system_id: SMSC
  others: refuse
  accounts: {gateway: {password: 0815, bind_types: TX, binds: 2, throughput: 50/s, burst: 10, window: 10,
    over_window: pause, deliver_window: 5, networks: 192.0.2.0/24, numbers: 5555}}
  window: 5
  over_window: silence
  throughput: 5/s
  over_throughput: rst
  limits: [{rate: 3/day, per: pair, burst: 2, counts: parts, over: pause, penalty: 1s, disconnect_after: 9}]
  bind_policy: {ghosts: {after: any, lasts: never, status: 5}, statuses: {binds: 13}, required: {system_type: A},
    rebind_after: 1s, password_length: 8}
  link_policy: {enquire_link: silence, enquire_every: 1s, enquire_most: 1/min, misses: 3, unbind_grace: 1s,
    idle: {after: 9s, counts: anything, by: rst}, session_init: 1s, response: never}
  listeners: {old: {address: "127.0.0.1:0", tls: tls, certificate: expired, versions: 1.2, client_certificate: asked}}
  vendor_tlvs: ["0x1401=billing_id:cstring"]
  respond: 20ms
  deliver: 1s..3s
rules:
  - {when: {command: [submit_sm, data_sm, submit_multi], text: {contains: x}, part: last, count: 3rd}, then: lose}
  - {name: n, when: {tlvs: {billing_id: [a]}, fields: {data_coding: {bits: 8}}}, then: {reject: 8}, probability: 1%}
  - {then: {deliver: [ENROUTE after 1s, UNDELIV], respond: 1s}, times: 2, stop: true}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "f.yaml", unacted)
    return [problem.headline for problem in caught.value.problems]


def test_what_is_played_is_passed_over() -> None:
    assert list(unacted(parse(PLAYED))) == []
    assert parse(PLAYED, "f.yaml", unacted) == parse(PLAYED)


@pytest.mark.parametrize(
    ("line", "place", "path"),
    [
        ("phases: [{name: calm}]", "2:1", "phases"),
        ("timeline: [{at: 1s, then: rst}]", "2:1", "timeline"),
        ("variables: {a: 1}", "2:1", "variables"),
        ("carrier: {deliver: UNDELIV}", "2:20", "carrier.deliver"),
        ("carrier: {deliver: [1s, 2s]}", "2:25", "carrier.deliver[1]"),
        ("carrier: {respond: {hold: p}}", "2:21", "carrier.respond.hold"),
        ("rules: [{then: rst}]", "2:10", "rules[0].then"),
        ("rules: [{then: {accept: true, ids: {generate: hex 8}}}]", "2:31", "rules[0].then.ids"),
        ("rules: [{then: {deliver: [DELIVRD, UNDELIV]}}]", "2:27", "rules[0].then.deliver[0]"),
        ("rules: [{then: {deliver: [{stat: x}]}}]", "2:28", "rules[0].then.deliver[0].stat"),
        ("rules: [{when: {event: bound}, then: {send: unbind}}]", "2:17", "rules[0].when.event"),
        ("rules: [{when: {idle: 3s}, then: lose}]", "2:17", "rules[0].when.idle"),
        ("rules: [{when: {command: [submit_sm, unbind]}, then: silence}]", "2:38", "rules[0].when.command[1]"),
    ],
)
def test_what_is_not_played_is_told_at_its_place(line: str, place: str, path: str) -> None:
    told = problems(f"scenario: 1\n{line}\n")
    assert told[0].startswith(f"f.yaml:{place}: {path}: {NOT_YET}, allowed: ")


def test_all_of_it_is_told_at_once() -> None:
    told = problems(EVERYTHING)
    assert len(told) > 20
    assert all(NOT_YET in one for one in told)


def test_a_file_that_says_more_is_a_scenario_nevertheless() -> None:
    assert parse(EVERYTHING).scenario == 1


def test_the_keys_that_are_acted_on_exist() -> None:
    for shape, keys in ACTED_ON.items():
        assert keys <= set(shape.model_fields), shape

"""Two rules of two files that fill one slot whatever comes are a conflict; where conditions differ there is none."""

import pytest

from simulator.scenario.conflicts import conflicts
from simulator.scenario.file import parse


def told(*rules: str) -> list[str]:
    scenarios = [parse(f"scenario: 1\nrules: [{one}]") for one in rules]
    return [str(one) for one in conflicts(scenarios, [f"f{number}" for number in range(len(rules))])]


def test_both_files_the_places_and_the_slots_are_told() -> None:
    (found,) = told(
        "{name: n, then: {reject: 8, respond: 1s}}", "{when: {to: 1}, then: lose}, {then: {respond: 2s, accept: true}}"
    )
    assert found.startswith(
        "f1:2:38: rules[1] fills decision and respond, and so does f0:2:9: rules[0] (n), both whatever"
    )


@pytest.mark.parametrize(
    "when",
    ["{}", "{to: 1}", "{phase: storm, fields: {data_coding: 8}, tlvs: {user_message_reference: present}}"],
)
def test_equal_conditions_are_none(when: str) -> None:
    assert len(told(f"{{when: {when}, then: silence}}", f"{{when: {when}, then: {{reject: 8}}}}")) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{then: silence}", "{then: {respond: 1s}}"),
        ("{then: silence}", "{when: {to: 1}, then: {reject: 8}}"),
        ("{then: silence}", "{then: {reject: 8}, times: 2}"),
        ("{then: silence, probability: 1%}", "{then: {reject: 8}}"),
        ("{when: {count: first 3}, then: silence}", "{when: {count: first 3}, then: {reject: 8}}"),
        ("{when: {to: 1}, then: silence}", "{when: {to: 2}, then: {reject: 8}}"),
        ("{then: {receipts: {text: {omit: sub}}}}", "{then: {receipts: {text: {prefix: x}}}}"),
        ("{then: {receipts: {tlvs: {message_state: 2}}}}", "{then: {receipts: {tlvs: {receipted_message_id: x}}}}"),
        ("{then: {send: unbind}}", "{then: {send: unbind}}"),
        ("{then: silence}, {then: {reject: 8}}", "{when: {to: 1}, then: silence}"),
    ],
)
def test_what_goes_together_is_no_conflict(one: str, other: str) -> None:
    assert told(one, other) == []


def test_each_pair_is_told_once_and_the_nearest_file_before() -> None:
    found = told("{then: silence}", "{then: {reject: 8}}", "{then: {reject: 9}}")
    assert [one.split(",")[0] for one in found] == [
        "f1:2:9: rules[0] fills decision",
        "f2:2:9: rules[0] fills decision",
    ]
    assert "so does f1:2:9: rules[0]" in found[1]

"""How what several rules say becomes one fate: outcomes, decisions, and forms merged key by key."""

from typing import Any

import pytest

from simulator.carrier.delays import Fixed
from simulator.scenario.fate import (
    NO_FORMS,
    Decision,
    Forms,
    decision_of,
    deeds_of,
    form_of,
    forms_of,
    merged,
    merged_forms,
    outcomes_of,
    slots_of,
    steps_of,
)
from simulator.scenario.file import parse
from simulator.scenario.script import deed_of
from simulator.scenario.then import Then


def then(text: str, when: str = "{}") -> Then:
    return parse(f"scenario: 1\nrules: [{{when: {when}, then: {text}}}]").rules[0].then


def receipts(text: str) -> Any:
    return then(f"{{receipts: {text}}}").receipts


def planned(text: str) -> list[tuple[float, str, bool, bool]]:
    steps = steps_of(then(f"{{deliver: {text}}}"), Fixed(0.3))
    assert steps is not None
    return [(one.after, one.state, one.is_final, one.tells_final) for one in outcomes_of(steps, lambda _: 0.5)]


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("accept", Decision(True)),
        ("{reject: 88}", Decision(False, 88)),
        ("silence", Decision(False, None, "unrecorded")),
        ("{silence: recorded}", Decision(True, None, "recorded")),
        ("lose", None),
    ],
)
def test_a_decision_is_what_the_rule_says(text: str, decision: Decision | None) -> None:
    assert decision_of(then(text)) == decision


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("UNDELIV", [(0.3, "UNDELIV", True, True)]),
        ("[ACCEPTD after 1s, DELIVRD after 2s]", [(1.0, "ACCEPTD", False, False), (3.0, "DELIVRD", True, True)]),
        ("[ACCEPTD after 1s, DELIVRD]", [(1.0, "ACCEPTD", False, False), (1.0, "DELIVRD", True, True)]),
        # only the last one ends the story, whatever the others look like
        ("[DELIVRD after 1s, UNDELIV after 1s]", [(1.0, "DELIVRD", False, True), (2.0, "UNDELIV", True, True)]),
        ("{state: UNDELIV, final: false}", [(0.3, "UNDELIV", False, False)]),
        ("{state: ACCEPTD, final: true}", [(0.3, "ACCEPTD", True, True)]),
        ("{before_response: true}", [(0.0, "DELIVRD", True, True)]),
    ],
)
def test_steps_count_from_each_other_and_the_last_one_ends(text: str, outcomes: list[Any]) -> None:
    assert planned(text) == outcomes


def test_a_lost_message_has_no_step_and_one_of_which_nothing_is_said_none_of_its_own() -> None:
    assert steps_of(then("lose"), Fixed(1.0)) == ()
    assert steps_of(then("accept"), Fixed(1.0)) is None


def test_a_step_tells_the_form_of_its_own_receipt() -> None:
    steps = steps_of(then("{deliver: [UNDELIV, {state: DELIVRD, stat: X, after: 1s}]}"), Fixed(0.0))
    assert steps is not None
    forms = [form_of(step) for _, step in steps]
    assert forms[0] is None
    assert forms[1] is not None
    assert forms[1].said == ("stat",)


def test_of_each_key_the_first_form_that_says_it_decides() -> None:
    one = merged([None, receipts("{stat: A, err: '1'}"), receipts("{stat: B, swapped: false}")])
    assert one is not None
    assert (one.stat.constant, one.err.constant, one.swapped) == ("A", "1", False)
    assert merged([None, None]) is None


def test_fields_and_tlvs_are_taken_name_by_name() -> None:
    first = receipts("{fields: {esm_class: 0}, tlvs: {message_state: 5, 0x1403: absent}}")
    second = receipts("{fields: {esm_class: 4, protocol_id: 9}, tlvs: {message_state: 2, 0x1404: 'a'}}")
    one = merged([first, second])
    assert one is not None
    assert one.fields == {"esm_class": 0, "protocol_id": 9}
    assert [edit.set or edit.remove for edit in one.tlvs or ()] == ["0x1404", "message_state", "0x1403"]
    assert [edit.value for edit in one.tlvs or ()][1] == 5


def test_what_is_said_of_all_tlvs_is_done_by_everybody_who_says_it() -> None:
    one = merged([receipts("{tlvs: [{clear: true}]}"), receipts("{tlvs: [{clear: true}, {add: 0x1403, value: 'a'}]}")])
    assert one is not None
    # what goes before is done last
    assert [bool(edit.clear) for edit in one.tlvs or ()] == [True, False, True]


def test_forms_of_one_rule_are_taken_as_they_are() -> None:
    forms = forms_of(then("{ids: {generate: uuid}, answer: {status: 8}}"))
    assert merged_forms([forms]) is forms
    other = merged_forms([forms, forms_of({"ids": forms.ids})])
    assert (other.ids is not None, other.answer is not None, other.receipts) == (True, True, None)
    assert merged_forms([NO_FORMS, NO_FORMS]) == NO_FORMS


def test_slots_are_the_single_things_that_forms_say() -> None:
    forms = forms_of(
        then(
            "{answer: {status: 8, fields: {message_id: x}}, ids: {text: hex}, "
            "receipts: {tlvs: [{set: message_state, value: 2}, {clear: true}]}}"
        )
    )
    assert slots_of(forms) == {
        *("answer.status", "answer.fields.message_id", "ids.text", "receipts.tlvs.message_state", "receipts.tlvs"),
    }
    assert slots_of(Forms()) == frozenset()


def test_deeds_are_done_apart_from_slots() -> None:
    deeds = deeds_of(then("{send: unbind, set: {variables: {a: 1}}, release: p, connection: rst}"))
    assert deeds is not None
    assert (deeds.said, deeds.connection) == (("send", "set", "release"), None)
    assert deeds_of(then("{connection: rst}")) is None


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        ("{then: {respond: 1s, deliver: UNDELIV}}", False),
        ("{then: {respond: 1s..2s}}", True),
        ("{then: {deliver: 1s..2s}}", True),
        ("{then: accept, probability: 1%}", True),
        ("{then: {connection: {fault: rst, after: 1s..2s}}}", True),
        ("{then: {send: unbind}}", True),
        ("{then: {receipts: {session: other}}}", False),
    ],
)
def test_luck_is_needed_only_where_something_is_drawn(rule: str, needs: bool) -> None:
    made = deed_of(parse(f"scenario: 1\nrules: [{rule}]").rules[0], "n", 0, Fixed(0.3))
    assert made.needs_luck is needs

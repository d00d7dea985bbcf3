"""A guard says True of whatever rules mean, and False of most of the rest."""

from typing import Any

import pytest

from simulator.scenario.file import parse
from simulator.scenario.guards import TESTS_MAX, always, guard_of
from simulator.scenario.happening import Happening
from simulator.scenario.lines import LOOKED_UP, inlined, names_in
from simulator.scenario.rules import Index
from simulator.scenario.schema import Rule
from simulator.scenario.script import Script
from simulator.smpp.constants import CommandId
from simulator.smpp.pdus import DataSm
from simulator.smpp.tlvs import Tlv
from tests.scenario.happenings import PART, Place, Tale, asked, compiled

WHENS = (
    "{to: '12025550100'}",
    "{to: [+12025550101, 'Shop']}",
    "{to: {starts: +1202}}",
    "{to: {pattern: '0{2}$'}}",
    "{from: Shop}",
    "{from: [Shop, 72345]}",
    "{from: {ends: '5'}}",
    "{account: another}",
    "{account: gateway, text: {contains: CASINO}}",
    "{bind_type: TX}",
    "{session: 2nd}",
    "{tls: true}",
    "{phase: outage}",
    "{phase: [calm, outage], from: Shop}",
    "{variables: {mood: bad}}",
    "{text: {contains: casino}}",
    "{text: {pattern: '^win '}}",
    "{text: win a casino, alphabet: gsm7}",
    "{alphabet: ucs2}",
    "{part: last}",
    "{part: {number: '2..'}}",
    "{length: '20..'}",
    "{fields: {data_coding: [4, 8]}}",
    "{fields: {esm_class: {bits: '0x40'}}}",
    "{fields: {validity_period: {length: '1..'}}}",
    "{fields: {service_type: CMT, data_coding: 0}}",
    "{fields: {service_type: {none_of: ['']}}}",
    "{fields: {dest_address: present}}",
    "{tlvs: {message_payload: present}}",
    "{tlvs: {billing_id: absent}}",
    "{from: Shop, count: '2..5'}",
    "{rate: over 1/s}",
    "{}",
)
COMINGS: tuple[dict[str, Any], ...] = (
    {},
    {"destination_addr": "12025550100"},
    {"destination_addr": "+12025550101"},
    {"destination_addr": "4477009"},
    {"source_addr": "Shop"},
    {"source_addr": "+72345"},
    {"short_message": b"win a Casino"},
    {"short_message": "Casino".encode("utf-16-be"), "data_coding": 8},
    {"short_message": b"rest of the text", "data_coding": 4},
    {"service_type": "CMT"},
    {"validity_period": "000001000000000R"},
    {"tlvs": (Tlv(0x1401, b"a\0"),)},
    {"tlvs": (Tlv(0x0424, b"win a casino"),), "short_message": b""},
    PART,
)
SEATS = (Place(), Place(bind_type="TX", nth=2, account_name="another", is_secure=True))
STORIES = (Tale(), Tale(phase="outage", variables={"mood": "bad"}))


def happenings() -> list[Happening]:
    as_data = DataSm(destination_addr="4477009", tlvs=(Tlv(0x0424, b"a casino"),))
    found = [asked(seat=seat, story=story, **fields) for fields in COMINGS for seat in SEATS for story in STORIES]
    return [*found, asked(as_data)]


def guarded(index: Index, happening: Happening) -> bool:
    guard = index.groups[happening.key].guard(happening)
    return guard(happening.message, happening.pdu, happening.story)


@pytest.mark.parametrize("is_settled", [False, True], ids=["unbound", "bound"])
@pytest.mark.parametrize("when", WHENS)
def test_what_a_rule_means_its_guard_lets_through(when: str, is_settled: bool) -> None:
    index = Index([compiled(when)])
    for happening in happenings():
        assert happening.seat is not None
        happening.seat.settled = {} if is_settled else None
        index.groups[happening.key].guard(happening)
        if list(index.groups[happening.key].matching(happening)):
            assert guarded(index, happening), when


def test_what_many_rules_mean_their_guard_lets_through_and_stops_the_rest() -> None:
    index = Index([compiled(when, order) for order, when in enumerate(WHENS[:10] + WHENS[15:27])])
    seen = [(guarded(index, one), bool(list(index.groups[one.key].matching(one)))) for one in happenings()]
    assert all(is_let for is_let, is_meant in seen if is_meant)
    assert sum(not is_let for is_let, _ in seen) >= 2
    # a text is not among the questions of which a guard only knows that they may hold
    assert [is_let for is_let, _ in seen] == [is_meant for _, is_meant in seen]


def test_rules_that_look_at_one_thing_alone_are_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [compiled(f"{{from: '{number}'}}", number) for number in range(3)]
    guard = guard_of(rules, CommandId.SUBMIT_SM, {}, is_settled=False)
    (wanted,) = [one for one in guard.__globals__.values() if isinstance(one, frozenset)]
    assert wanted == {"0", "1", "2"}


def test_what_has_no_line_is_asked_each_time_and_so_are_very_many_rules() -> None:
    assert guard_of([compiled("{tls: true}")], CommandId.SUBMIT_SM, {}, is_settled=False) is always
    rules = [compiled(f"{{from: {{starts: '{number}'}}}}", number) for number in range(TESTS_MAX + 1)]
    assert guard_of(rules[:-1], CommandId.SUBMIT_SM, {}, is_settled=False) is not always
    assert guard_of(rules, CommandId.SUBMIT_SM, {}, is_settled=False) is always
    assert always(None, None, None)


def test_a_question_without_a_line_makes_its_rule_no_rarer() -> None:
    rule = compiled("{variables: {mood: bad}, from: Shop}")
    assert any(one.line is None for one in rule.questions)
    index = Index([rule])
    assert not guarded(index, asked())
    assert guarded(index, asked(source_addr="Shop"))


def test_what_one_session_has_settled_is_not_asked_again() -> None:
    index = Index([compiled("{bind_type: TX}", 1), compiled("{account: gateway, from: Shop}", 2)])
    sender, other = Place(bind_type="TX", settled={}), Place(settled={})
    assert guarded(index, asked(seat=sender))
    assert not guarded(index, asked(seat=other))
    assert guarded(index, asked(seat=other, source_addr="Shop"))
    assert index.groups[CommandId.SUBMIT_SM].guard(asked(seat=other)) is index.groups[CommandId.SUBMIT_SM].guard(
        asked(seat=Place(settled={}))
    )


def test_only_so_many_guards_of_a_group_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.scenario.rules.VARIANTS_MAX", 1)
    index = Index([compiled("{bind_type: TX}")])
    for bind_type, is_let in (("TX", True), ("RX", False), ("TX", True)):
        assert guarded(index, asked(seat=Place(bind_type=bind_type, settled={}))) is is_let


def test_where_luck_is_drawn_for_each_message_every_message_is_asked_about() -> None:
    lucky = Script([parse("scenario: 1\nrules: [{when: {to: 1}, then: lose, probability: 50%}]")], 7)
    assert lucky.guard(asked()) is always
    plain = Script([parse("scenario: 1\nrules: [{when: {to: 1}, then: lose}]")], 7)
    assert not plain.guard(asked())(*_of(asked()))
    assert plain.guard(asked(destination_addr="+1"))(*_of(asked(destination_addr="+1")))


def test_another_edition_of_the_rules_has_other_guards() -> None:
    script = Script([parse("scenario: 1\nrules: [{when: {command: bind_transceiver}, then: {reject: 13}}]")], 7)
    before = script.edition
    assert not script.guard(asked())(*_of(asked()))
    rule = script.add(Rule.model_validate({"when": {"from": "Shop"}, "then": {"lose": True}}))
    assert script.edition is not before
    assert script.guard(asked())(*_of(asked(source_addr="Shop")))
    before = script.edition
    script.remove(rule)
    assert script.edition is not before


def _of(happening: Happening) -> tuple[Any, Any, Any]:
    return happening.message, happening.pdu, happening.story


def test_names_that_are_made_of_others_need_those() -> None:
    names = {"text": "m.text", "folded": "text.casefold()"}
    assert names_in("(b0 in folded)", names) == {"folded", "text"}
    assert inlined("(b0 in folded)", (), names) == "(b0 in m.text.casefold())"
    assert inlined("(b0 in folded)", ("text",), names) == "(b0 in text.casefold())"
    assert names_in("(coding in b0)") == {"coding", "m"}
    assert set(LOOKED_UP) > {"coding", "m"}

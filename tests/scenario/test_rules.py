"""Which submissions a rule means, and what is said of those that it does not."""

from typing import Any

import pytest

from simulator.scenario import rules
from simulator.scenario.declared import vendor_book
from simulator.scenario.file import parse
from simulator.scenario.rules import CompiledRule, Difference, Index, Request, compile_rule
from simulator.smpp.pdus import DataSm, SubmitSm
from simulator.smpp.tlvs import Tlv
from simulator.smsc.translate import Account, Arrival, message_from
from tests.smsc.world import a_submission

ARRIVAL = Arrival(Account("gateway"), 1, 0.0, 0.0, takes_long_ids=True, is_of_version_5=False)
VENDOR = "carrier: {vendor_tlvs: ['0x1401=billing_id:cstring']}\n"
PART_2_OF_3 = b"\x05\x00\x03\x07\x03\x02rest"


def compiled(when: str, order: int = 0) -> CompiledRule:
    scenario = parse(f"scenario: 1\n{VENDOR}rules:\n- {{when: {when}, then: accept}}")
    return compile_rule(scenario.rules[0], order=order, book=vendor_book(["0x1401=billing_id:cstring"])[0])


def asked(pdu: SubmitSm | DataSm | None = None, *, version: int = 0x34, session: int = 1, **fields: Any) -> Request:
    message = message_from(a_submission(**fields) if pdu is None else pdu, 1, ARRIVAL)
    return Request(message, session, "TRX", version, "smpp")


def with_tlv(tag: int, value: bytes) -> Request:
    return asked(tlvs=(Tlv(tag, value),))


PART: dict[str, Any] = {"esm_class": 0x40, "short_message": PART_2_OF_3}
CASES: list[tuple[str, Request, Request]] = [
    ("{command: data_sm}", asked(DataSm()), asked()),
    ("{version: 3.4}", asked(), asked(version=0x50)),
    ("{version: 3.3}", asked(version=0x00), asked(version=0x34)),
    ("{version: 5.0}", asked(version=0x50), asked(version=0x33)),
    ('{to: "+12025550100"}', asked(), asked(destination_addr="12025550101")),
    ("{to: [1, 12025550100]}", asked(destination_addr="+12025550100"), asked(destination_addr="2")),
    ('{from: {starts: "+1202"}}', asked(), asked(source_addr="44")),
    ("{from: {ends: 0199, length: 11}}", asked(), asked(source_addr="0199")),
    ("{from: {none_of: [1, 2]}}", asked(), asked(source_addr="2")),
    ("{from: {pattern: ^1202}}", asked(), asked(source_addr="41202")),
    ("{text: {contains: HELL}}", asked(), asked(short_message=b"hi")),
    ("{alphabet: ucs2}", asked(data_coding=8, short_message=b"\0a"), asked()),
    ("{length: 1..4}", asked(**PART), asked()),
    ("{part: 2}", asked(**PART), asked()),
    ("{part: any}", asked(**PART), asked()),
    ("{part: 2 of 3}", asked(**PART), asked()),
    ("{part: {last: false}}", asked(**PART), asked()),
    ("{part: last}", asked(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x02x"), asked(**PART)),
    ("{part: {total: 3}}", asked(**PART), asked(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x02x")),
    ("{fields: {data_coding: 0}}", asked(), asked(data_coding=8)),
    ('{fields: {esm_class: {bits: "0x40"}}}', asked(**PART), asked()),
    ("{fields: {priority_flag: {between: 1..3}}}", asked(priority_flag=2), asked(priority_flag=0)),
    ("{fields: {service_type: {between: 1..3}}}", asked(service_type="2"), asked(service_type="CMT")),
    ("{fields: {service_type: {bits: 1}}}", asked(service_type="3"), asked(service_type="x")),
    ("{fields: {service_type: 7}}", asked(service_type="7"), asked(service_type="70")),
    ('{fields: {validity_period: {none_of: ""}}}', asked(validity_period="000001000000000R"), asked()),
    ("{fields: {protocol_id: {none_of: 5}}}", asked(DataSm()), asked(protocol_id=5)),
    ("{fields: {short_message: hex:68656c6c6f}}", asked(), asked(short_message=b"hullo")),
    ("{fields: {source_addr: hex:3132}}", asked(source_addr="12"), asked()),
    ("{tlvs: {user_message_reference: 258}}", with_tlv(0x0204, b"\1\2"), with_tlv(0x0204, b"\2\1")),
    ("{tlvs: {user_message_reference: absent}}", asked(), with_tlv(0x0204, b"\1\2")),
    ("{tlvs: {user_message_reference: present}}", with_tlv(0x0204, b"\1\2"), asked()),
    ("{tlvs: {0x1403: {length: 5..}}}", with_tlv(0x1403, b"12345"), with_tlv(0x1403, b"1234")),
    ("{tlvs: {billing_id: abc}}", with_tlv(0x1401, b"abc\0"), with_tlv(0x1401, b"abd\0")),
    ("{tlvs: {billing_id: {between: 0..5}}}", with_tlv(0x1401, b"\5"), with_tlv(0x1401, b"\6")),
]


@pytest.mark.parametrize(("when", "meant", "other"), CASES, ids=[when for when, _, _ in CASES])
def test_a_rule_means_what_it_says(when: str, meant: Request, other: Request) -> None:
    rule = compiled(when)
    assert rule.matches(meant)
    assert rule.difference(meant) is None
    assert not rule.matches(other)
    assert rule.difference(other) is not None


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("{account: other}", Difference("account", "other", "gateway")),
        ("{bind_type: [TX, RX]}", Difference("bind_type", "TX, RX", "TRX")),
        ("{listener: old}", Difference("listener", "old", "smpp")),
        ("{version: 5.0}", Difference("version", "5.0", "3.4")),
        ("{to: [1, 2]}", Difference("destination", "1, 2", "12025550100")),
        ("{text: {starts: a, ends: b}}", Difference("text", "starts a; ends b", "hello")),
        ("{part: any}", Difference("part", "total 2..", "absent")),
        ("{length: 9..}", Difference("length", "9..", "5")),
        ("{fields: {short_message: bye}}", Difference("fields.short_message", "bye", "hex:68656c6c6f")),
        ("{tlvs: {message_payload: present}}", Difference("tlvs.message_payload", "present True", "absent")),
        ("{count: 2nd}", Difference("count", "2nd", "1")),
    ],
)
def test_the_first_difference_is_told(when: str, wanted: Difference) -> None:
    assert compiled(when).difference(asked()) == wanted


def test_a_part_is_told_by_its_number() -> None:
    assert compiled("{part: 3}").difference(asked(**PART)) == Difference("part", "3", "2 of 3")


def test_a_count_is_of_those_for_which_all_the_rest_holds() -> None:
    rule = compiled("{to: 1, count: every 2nd}")
    numbers = ["1", "2", "1", "1", "2", "1"]
    assert [rule.matches(asked(destination_addr=number)) for number in numbers] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("per", ["account", "session", "source", "destination", "pair"])
def test_counts_are_kept_apart(per: str) -> None:
    rule = compiled(f"{{count: first 1 per {per}}}")
    assert [rule.matches(asked()), rule.matches(asked())] == [True, False]
    other = asked(source_addr="1", destination_addr="2", session=2)
    assert rule.matches(other) is (per != "account")
    rule.reset()
    assert rule.matches(asked())


def test_only_so_many_are_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SCOPES_MAX", 2)
    rule = compiled("{count: first 1 per destination}")
    assert [rule.matches(asked(destination_addr=one)) for one in ("1", "2", "3", "3", "1")] == [True] * 3 + [
        False,
        True,
    ]


def test_rules_for_other_numbers_are_not_even_asked() -> None:
    keyed = [compiled(f'{{to: "{number}"}}', number) for number in range(100)]
    assert [rule.order for rule in Index(keyed).candidates("+7")] == [7]
    assert list(Index(keyed).candidates("x")) == []


def test_rules_for_a_number_and_for_all_are_asked_in_their_order() -> None:
    every = [compiled("{account: a}", 0), compiled("{to: [1, 2]}", 1), compiled("{from: 1}", 2), compiled("{to: 1}", 3)]
    index = Index(every)
    assert [rule.order for rule in index.candidates("1")] == [0, 1, 2, 3]
    assert [rule.order for rule in index.candidates("2")] == [0, 1, 2]
    assert [rule.order for rule in index.candidates("3")] == [0, 2]
    assert list(index) == every

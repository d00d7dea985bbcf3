"""What a `when` asks, key by key: a happening of which it holds, and one of which it does not."""

import pytest

from simulator.scenario.happening import Happening
from simulator.scenario.questions import Difference
from simulator.scenario.rules import Index
from simulator.smpp.pdus import DataSm, DeliverSmResp, EnquireLink, Unbind
from tests.scenario.happenings import PART, Place, Tale, asked, compiled, happens, with_tlv
from tests.smsc.world import a_submission

DELIVER_RESP = 0x80000005


def response(status: int) -> DeliverSmResp:
    return DeliverSmResp(command_status=status)


CASES: list[tuple[str, Happening, Happening]] = [
    ("{version: 3.4}", asked(), asked(seat=Place(peer_version=0x50))),
    ("{version: 3.3}", asked(seat=Place(peer_version=0x00)), asked(seat=Place(peer_version=0x34))),
    ("{version: 5.0}", asked(seat=Place(peer_version=0x50)), asked(seat=Place(peer_version=0x33))),
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
    # what the session is
    ("{account: [a, gateway]}", asked(), Happening(4, 0.0, 0.0, seat=Place(account_name="other"))),
    ("{bind_type: [TX, RX]}", asked(seat=Place(bind_type="TX")), asked()),
    ("{listener: old}", asked(seat=Place(listener="old")), asked()),
    ("{tls: true}", asked(seat=Place(is_secure=True)), asked()),
    ("{tls: false}", asked(), asked(seat=Place(is_secure=True))),
    ("{session: 2nd}", asked(seat=Place(nth=2)), asked(seat=Place(nth=3))),
    ('{in_flight: "10.."}', asked(seat=Place(in_flight=10)), asked(seat=Place(in_flight=9))),
    ('{idle: "30s.."}', asked(seat=Place(idle_before=30.0)), asked(seat=Place(idle_before=29.9))),
    ("{idle: 30s}", asked(seat=Place(idle_before=31.0)), asked()),
    ("{since_connect: ..30s}", asked(seat=Place(times={"connect": 20.0})), asked(seat=Place(times={"connect": 19.9}))),
    ("{since_bound: 30s..}", asked(seat=Place(times={"bound": 20.0})), asked(seat=Place(times={"bound": 20.1}))),
    ("{since_disconnect: ..30s}", asked(seat=Place(times={"disconnect": 49.0})), asked()),
    # how far the story is
    ("{phase: [a, storm]}", asked(story=Tale("storm")), asked(story=Tale("calm"))),
    ("{since_start: 10m..}", asked(story=Tale(began_at=400.0)), asked(story=Tale(began_at=400.1))),
    ("{hours: 21:00..08:00}", asked(at=86_400.0 * 3 + 7.99 * 3600), asked(at=8 * 3600.0)),
    (
        "{variables: {strikes: {between: 3..}}}",
        asked(story=Tale(variables={"strikes": 3})),
        asked(story=Tale(variables={"strikes": 2})),
    ),
    (
        "{variables: {mode: odd}}",
        asked(story=Tale(variables={"mode": "odd"})),
        asked(story=Tale(variables={"mode": "even"})),
    ),
    ("{variables: {mode: absent}}", asked(), asked(story=Tale(variables={"mode": "even"}))),
    ("{held: {p: 5..}}", asked(story=Tale(piles={"p": 5})), asked(story=Tale(piles={"p": 4}))),
    # what has become of the message
    ("{state: [ENROUTE]}", asked(), happens("conclude")),
    ("{age: 1h..}", asked(at=4600.0), asked(at=4599.0)),
    # responses
    (
        "{command: deliver_sm_resp, status: [ESME_RX_T_APPN, 8]}",
        happens(DELIVER_RESP, response(8)),
        happens(DELIVER_RESP, response(0)),
    ),
    (
        "{command: deliver_sm_resp, status_not: ESME_ROK}",
        happens(DELIVER_RESP, response(8)),
        happens(DELIVER_RESP, response(0)),
    ),
    (
        "{event: unanswered, command: enquire_link}",
        happens("unanswered", EnquireLink()),
        happens("unanswered", Unbind()),
    ),
    # conditions that say several things, and octets
    ("{text: {starts: h, ends: o, length: 5}}", asked(), asked(short_message=b"ho")),
    ("{text: {any_of: [hello, bye]}}", asked(), asked(short_message=b"hey")),
    ("{text: {none_of: [bye]}}", asked(), asked(short_message=b"bye")),
    ("{text: {present: true}}", asked(), happens(4, a_submission())),
    ("{fields: {short_message: {any_of: [hex:00ff, hello]}}}", asked(), asked(short_message=b"h")),
    ("{fields: {priority_flag: [1, 2]}}", asked(priority_flag=2), asked(priority_flag=3)),
    ("{fields: {destination_addr: {length: 3}}}", asked(destination_addr="123"), asked()),
    ("{fields: {short_message: present}}", asked(), asked(DataSm())),
    ("{tlvs: {0x1403: hex:00ff}}", with_tlv(0x1403, b"\0\xff"), with_tlv(0x1403, b"\0")),
    ("{tlvs: {message_payload: {contains: ELL}}}", with_tlv(0x0424, b"hello"), with_tlv(0x0424, b"bye")),
    ("{tlvs: {message_payload: {none_of: bye}}}", asked(), with_tlv(0x0424, b"bye")),
]


@pytest.mark.parametrize(("when", "meant", "other"), CASES, ids=[when for when, _, _ in CASES])
def test_a_rule_means_what_it_says(when: str, meant: Happening, other: Happening) -> None:
    rule = compiled(when)
    assert rule.matches(meant)
    assert rule.difference(meant) is None
    assert not rule.matches(other)
    assert rule.difference(other) is not None


@pytest.mark.parametrize(("when", "meant", "other"), CASES, ids=[when for when, _, _ in CASES])
def test_an_index_asks_the_same_in_one_function(when: str, meant: Happening, other: Happening) -> None:
    rule = compiled(when)
    (key,) = {meant.key} & set(rule.keys)
    group = Index([rule]).groups[key]
    assert list(group.matching(meant)) == [rule]
    assert list(group.matching(other)) == []
    # and of sessions that are bound, where it keeps what nothing changes any more
    for happening in (meant, other):
        assert isinstance(happening.seat, Place)
        happening.seat.settled = {}
        for _ in range(2):
            assert list(group.matching(happening)) == ([rule] if happening is meant else [])


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

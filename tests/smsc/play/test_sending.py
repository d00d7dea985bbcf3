"""PDUs and octets that a scenario sends of its own accord: which, to whom, when, how often."""

from typing import Any

import pytest

from simulator.smpp.pdus import (
    AlertNotification,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    SubmitSmResp,
    Unbind,
    UnknownPdu,
    response_to,
)
from tests.smsc.played import Bearing, Played, of_rules, rules
from tests.smsc.world import a_submission


def sent(form: str, seconds: float = 0.0, **fields: Any) -> Bearing:
    """A gateway whose only message made a rule send something."""
    world = of_rules(f"{{when: {{command: submit_sm}}, then: {{send: {form}}}}}")
    gateway = world.bound()
    gateway.batch(a_submission(registered_delivery=0, **fields))
    world.run(seconds)
    return gateway


# ---------------------------------------------------------------------- what


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("unbind", Unbind),
        ("enquire_link", EnquireLink),
        ("outbind", Outbind),
        ("alert_notification", AlertNotification),
        ("{command: generic_nack, status: 3}", GenericNack),
        ("{command: submit_sm_resp, sequence: 77}", SubmitSmResp),
        ("{command: 0x00010200}", UnknownPdu),
        ("{command: deliver_sm, fields: {source_addr: '1', short_message: hi}}", DeliverSm),
    ],
)
def test_any_pdu_is_sent_behind_the_answer(form: str, kind: type[Pdu]) -> None:
    gateway = sent(form)
    if kind is UnknownPdu:
        assert gateway.octets.endswith(bytes.fromhex("00000010000102000000000000000001"))
        return
    if kind in {Outbind, AlertNotification, DeliverSm, EnquireLink, Unbind}:
        assert type(gateway.received[-1]) is kind
    assert isinstance(gateway.received[0], SubmitSmResp)


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        ("enquire_link", "00000010 00000015 00000000 00000001"),
        ("{command: enquire_link, status: 0x58}", "00000010 00000015 00000058 00000001"),
        ("{command: enquire_link, sequence: 0}", "00000010 00000015 00000000 00000000"),
        ("{command: enquire_link, sequence: 0x80000000}", "00000010 00000015 00000000 80000000"),
        ("{command: enquire_link, sequence: same}", "00000010 00000015 00000000 00000002"),
        ("{command: enquire_link, sequence: +1}", "00000010 00000015 00000000 00000003"),
        ("{command: enquire_link, sequence: previous}", "00000010 00000015 00000000 00000001"),
        ("{command: enquire_link, tlvs: {0x1403: 'hex:61'}}", "00000015 00000015 00000000 00000001 14030001 61"),
        ("{command: enquire_link, wire: {command_length: 16000}}", "00003e80 00000015 00000000 00000001"),
        ("{command: enquire_link, wire: {append: 'hex:ff'}}", "00000010 00000015 00000000 00000001 ff"),
        ("{octets: 'hex:485454502f312e31'}", "485454502f312e31"),
        ("{octets: HTTP/1.1}", "485454502f312e31"),
        (
            "{command: 0x00010200, fields: {service_type: 'a', esm_class: 7}}",
            "00000013 00010200 00000000 00000001 6100 07",
        ),
    ],
)
def test_the_octets_are_what_the_form_says(form: str, octets: str) -> None:
    assert sent(form).octets.hex().endswith(octets.replace(" ", ""))


def test_several_things_are_sent_in_their_order() -> None:
    assert sent("[enquire_link, outbind, enquire_link]").names == [
        "submit_sm_resp",
        "enquire_link",
        "outbind",
        "enquire_link",
    ]


def test_what_cannot_be_written_is_told_and_not_sent() -> None:
    world = of_rules("{then: {send: {command: enquire_link, wire: {unterminated: nothing_such}}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    assert gateway.names == ["submit_sm_resp"]
    assert any("not sent" in one for one in world.sent)


def test_the_journal_tells_what_was_sent() -> None:
    world = of_rules("{then: {send: [enquire_link, {octets: 'hex:0a0b'}]}}")
    world.bound().submit()
    assert "2 octets: 0a0b" in world.sent


# ---------------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [("{command: outbind, after: 2s}", 1.9, 0.2), ("{command: outbind, hold: {pile: p, at_most: 2s}}", 1.9, 0.2)],
)
def test_it_is_sent_later(form: str, before: float, after: float) -> None:
    gateway = sent(form, before)
    assert gateway.names == ["submit_sm_resp"]
    gateway.world.run(after)
    assert gateway.names == ["submit_sm_resp", "outbind"]


@pytest.mark.parametrize(
    ("form", "segments"),
    [
        ("{octets: 'hex:00112233', stream: {split: [1, 3]}}", ["00", "1122", "33"]),
        ("{octets: 'hex:00112233', stream: {stop: 2}}", ["0011"]),
        ("{octets: 'hex:00112233', stream: {drip: 1/1s}}", ["00", "11", "22", "33"]),
    ],
)
def test_octets_are_spread_over_segments(form: str, segments: list[str]) -> None:
    gateway = sent(form, 10.0)
    found = "".join(one.hex() for one in gateway.segments)
    assert found.endswith("".join(segments))
    assert len(segments) == 1 or [one.hex() for one in gateway.segments][1 - len(segments) :] == segments[1:]


# ---------------------------------------------------------------------- to whom


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("", [1]),
        (", session: same", [1]),
        (", session: other", [0, 2]),
        (", session: all", [0, 1, 2]),
        (", session: any", [0]),
        (", session: oldest", [0]),
        (", session: newest", [2]),
        (", session: TX", [1]),
        (", session: RX", [2]),
        (", account: b", [3, 4]),
        (", account: b, session: newest", [4]),
        (", account: b, session: RX", []),
    ],
)
def test_it_goes_to_the_sessions_that_are_said(said: str, places: list[int]) -> None:
    world = of_rules(f"{{then: {{send: {{command: outbind{said}}}}}}}")
    gateways = [world.bound("a", bind) for bind in ("TRX", "TX", "RX")] + [world.bound("b") for _ in range(2)]
    unbound = world.gateway()
    gateways[1].submit(registered_delivery=0)
    assert [number for number, one in enumerate(gateways) if one.of(Outbind)] == places
    assert unbound.received == []


def test_it_goes_to_whoever_of_the_account_is_bound_next() -> None:
    world = of_rules("{then: {send: {command: outbind, session: next_bound}}}")
    gateway = world.bound("a")
    gateway.submit()
    assert world.bound("b").received == []
    later = world.gateway()
    later.bind("a")
    assert later.names == ["bind_transceiver_resp", "outbind"]
    assert gateway.of(Outbind) == []
    once = world.gateway()
    once.bind("a")
    assert once.of(Outbind) == []


def test_one_of_all_is_meant_by_chance() -> None:
    world = of_rules("{then: {send: {command: outbind, session: random}}}")
    gateways = [world.bound() for _ in range(3)]
    for _ in range(30):
        gateways[0].submit()
    counts = [len(one.of(Outbind)) for one in gateways]
    assert sum(counts) == 30
    assert all(counts)


def test_an_occasion_sends_to_all_accounts_or_to_one() -> None:
    world = Played("timeline: [{at: 1s, then: {send: [outbind, {command: unbind, account: b}]}}]")
    first, second = world.bound("a"), world.bound("b")
    world.run(1.5)
    assert (first.names, second.names) == (["outbind"], ["outbind", "unbind"])


# ---------------------------------------------------------------------- how often


@pytest.mark.parametrize(
    ("repeat", "count"),
    [
        ("3", 4),
        ("{times: 3, every: 2s}", 4),
        ("{every: 2s, at_most: 5s}", 3),
        ("{backoff: [1s, 4s], times: 9, at_most: 10s}", 4),
    ],
)
def test_it_is_sent_again(repeat: str, count: int) -> None:
    gateway = sent(f"{{command: outbind, repeat: {repeat}}}", 20.0)
    assert len(gateway.of(Outbind)) == count
    gateway = sent(f"{{octets: 'hex:0000001000000015000000000000ffff', repeat: {repeat}}}", 20.0)
    assert len(gateway.of(EnquireLink)) == count


@pytest.mark.parametrize(("sequence", "numbers"), [("", 3), ("sequence: new, ", 3), ("sequence: same, ", 1)])
def test_what_is_sent_again_has_a_number_of_its_own_or_the_same(sequence: str, numbers: int) -> None:
    gateway = sent(f"{{command: enquire_link, repeat: {{{sequence}times: 2, every: 1s}}}}", 9.0)
    assert len(gateway.of(EnquireLink)) == 3
    assert len({pdu.sequence_number for pdu in gateway.of(EnquireLink)}) == numbers


@pytest.mark.parametrize(
    ("until", "statuses", "count"),
    [
        ("answered", [0], 1),
        ("answered", [8], 1),
        ("answered", [None, None, 8], 3),
        ("acknowledged", [0], 1),
        ("acknowledged", [8, 8, 0], 3),
        ("acknowledged", [None, 8, 0], 3),
        ("disconnect", [0, 0, 0, 0], 4),
    ],
)
def test_it_is_sent_until_it_is_answered_or_acknowledged(until: str, statuses: list[Any], count: int) -> None:
    form = f"{{command: deliver_sm, repeat: {{every: 2s, times: 3, until: {until}}}}}"
    world = of_rules(f"{{when: {{command: submit_sm}}, then: {{send: {form}}}}}")
    gateway = world.bound()
    left = list(statuses)
    gateway.decide = lambda _: left.pop(0) if left else None
    gateway.submit(registered_delivery=0)
    world.run(30.0)
    assert len(gateway.of(DeliverSm)) == count


def test_it_is_sent_again_only_after_certain_answers() -> None:
    form = "{command: deliver_sm, repeat: {every: 2s, times: 9, statuses: [0x65]}}"
    world = of_rules(f"{{when: {{command: submit_sm}}, then: {{send: {form}}}}}")
    gateway = world.bound()
    left = [0x65, 0x65, 8]
    gateway.decide = lambda _: left.pop(0)
    gateway.submit(registered_delivery=0)
    world.run(30.0)
    assert len(gateway.of(DeliverSm)) == 3


def test_nothing_is_sent_again_to_who_is_gone() -> None:
    world = of_rules("{then: {send: {command: outbind, repeat: {every: 1s}}}}")
    gateway = world.bound()
    gateway.submit()
    gateway.close()
    world.run(9.0)
    assert len(gateway.of(Outbind)) == 1


def test_an_answer_to_what_a_scenario_sent_is_not_unexpected() -> None:
    world = of_rules("{when: {command: submit_sm}, then: {send: {command: deliver_sm, sequence: 500}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    assert world.kinds("unexpected") == 0
    gateway.send(response_to(DeliverSm(sequence_number=501)))
    assert world.kinds("unexpected") == 1
    assert gateway.of(DeliverSmResp) == []


def test_a_subscriber_writes_to_whom_a_rule_says() -> None:
    world = Played(
        "carrier: {accounts: {a: {numbers: ['5555']}, b: {}}, mo: {fields: {protocol_id: 7}}}\n"
        + rules(
            "{when: {account: b}, then: {send: {mo: {source: '1', destination: '5555', text: hi}, account: a, "
            "tlvs: {0x1403: x}}}}"
        )
    )
    first, second = world.bound("a"), world.bound("b")
    second.submit(registered_delivery=0)
    assert second.of(DeliverSm) == []
    (written,) = first.of(DeliverSm)
    assert (written.short_message, written.protocol_id, [tlv.tag for tlv in written.tlvs]) == (b"hi", 7, [0x1403])


def test_a_subscribers_message_that_nobody_is_there_for_is_told() -> None:
    world = Played(
        "carrier: {accounts: {a: {}, b: {}}}\ntimeline: [{at: 1s, then: {send: {mo: {source: '1', "
        "destination: '9', text: hi}}}}]"
    )
    world.run(2.0)
    assert any("mo not sent" in one for one in world.sent)


def test_nothing_is_sent_to_who_has_gone_before_he_was_bound() -> None:
    world = of_rules(
        "{when: {event: connect}, then: {send: {command: outbind, after: 2s}}}",
        "{when: {event: disconnect}, then: {send: {command: outbind, session: same}}}",
    )
    gateway = world.gateway()
    world.run(1.0)
    gateway.close()
    other = world.gateway()
    world.run(1.5)
    assert (gateway.names, other.names) == ([], [])
    world.run(1.0)
    assert other.names == ["outbind"]


# ---------------------------------------------------------------------- what is left of it


@pytest.mark.parametrize(
    "form",
    [
        "{command: alert_notification, repeat: {times: 2, every: 1s}}",
        "{command: enquire_link, repeat: {times: 2, every: 1s}}",
        "{command: enquire_link, repeat: {times: 5, every: 1s, until: answered}}",
        "{command: submit_sm, repeat: {every: 1s, at_most: 3s}}",
        "{command: data_sm, repeat: {times: 3, every: 1s, until: acknowledged}}",
        "enquire_link",
        "{command: bind_receiver}",
    ],
)
def test_nothing_is_kept_of_what_was_sent_often_enough(form: str) -> None:
    world = of_rules(f"{{when: {{command: submit_sm}}, then: {{send: {form}}}}}")
    gateway = world.bound()
    for _ in range(5):
        gateway.submit(registered_delivery=0)
        # longer than an answer may take
        world.run(100.0)
    assert gateway.stands()
    assert (world.stage.sending._repeated, gateway.session.deliveries) == ({}, {})
    assert gateway.session.connection.outstanding == {}


def test_an_enquire_link_that_is_answered_is_not_sent_again() -> None:
    gateway = sent("{command: enquire_link, repeat: {every: 1s, until: answered}}", 9.0)
    assert len(gateway.of(EnquireLink)) == 1


def test_whatever_answers_a_request_of_a_scenario_is_not_unexpected() -> None:
    world = of_rules("{when: {command: submit_sm}, then: {send: {command: query_sm, sequence: 500}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    # the gateway's side of the protocol refuses it
    assert (gateway.names, world.kinds("unexpected")) == (["submit_sm_resp", "query_sm"], 0)
    gateway.send(response_to(QuerySm(sequence_number=500)))
    # a second answer answers nothing any more
    assert world.kinds("unexpected") == 1


def test_a_delivery_is_out_of_time_when_it_is_though_a_scenario_has_sent_something_before() -> None:
    world = Played(
        "carrier: {link_policy: {enquire_every: 1h, response: 5s}}\n"
        + rules("{when: {text: first}, then: {send: enquire_link}}")
    )
    gateway = world.bound()
    gateway.submit(short_message=b"first", registered_delivery=0)
    gateway.decide = lambda _: None
    gateway.submit(short_message=b"second")
    world.run(5.2)
    assert world.kinds("timeout") == 0
    world.run(0.2)
    assert world.kinds("timeout") == 1


def test_octets_that_are_cut_where_they_have_no_such_part_are_not_sent() -> None:
    world = of_rules("{then: {send: {octets: 'hex:0000', stream: {split: [short_message]}}}}")
    gateway = world.bound()
    assert gateway.submit(registered_delivery=0).command_status == 0
    assert gateway.names == ["submit_sm_resp"]
    assert world.sent == ["not sent: stream.split[0]: there is no 'short_message' in this PDU"]

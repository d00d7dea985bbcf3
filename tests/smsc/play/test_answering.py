"""Answers under a scenario: when they leave, in what form and order, and what of the window they take meanwhile."""

from typing import Any

import pytest

from simulator.journal import ANSWERED, CONCLUDED
from simulator.smpp.constants import TlvTag
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import (
    DataSm,
    DataSmResp,
    DeliverSm,
    EnquireLink,
    GenericNack,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSmResp,
)
from simulator.smpp.tlvs import Tlv
from tests.smsc.played import Bearing, Played, of_rules, rules
from tests.smsc.world import a_submission


def answered(then: str, **fields: Any) -> Any:
    """The only thing that came back."""
    gateway = of_rules(f"{{then: {then}}}").bound()
    gateway.submit(**fields)
    (answer,) = gateway.received
    return answer


def numbers(gateway: Bearing) -> list[int]:
    return [pdu.sequence_number for pdu in gateway.of(SubmitSmResp)]


# ---------------------------------------------------------------------- the form


def test_a_status_is_told_that_was_not_decided() -> None:
    world = of_rules("{then: {accept: true, answer: {status: ESME_RTHROTTLED}}}")
    gateway = world.bound()
    assert gateway.submit().command_status == 0x58
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]


def test_a_refusal_is_told_as_if_it_were_none() -> None:
    answer = answered("{reject: 8, answer: {status: ESME_ROK, body: full, fields: {message_id: '17'}}}")
    assert (answer.command_status, answer.message_id) == (0, "17")


@pytest.mark.parametrize(("command", "kind"), [("generic_nack", GenericNack), ("data_sm_resp", DataSmResp)])
def test_another_pdu_answers(command: str, kind: type) -> None:
    assert type(answered(f"{{answer: {{command: {command}}}}}")) is kind


@pytest.mark.parametrize(
    ("then", "octets"),
    [
        ("{answer: {body: omit}}", "00000010 80000004 00000000 00000002"),
        ("{reject: 8}", "00000010 80000004 00000008 00000002"),
        ("{reject: 8, answer: {body: full}}", "00000011 80000004 00000008 00000002 00"),
        ("{reject: 8, answer: {fields: {message_id: a}}}", "00000012 80000004 00000008 00000002 6100"),
        ("{answer: {fields: {message_id: hex:ff}}}", "00000012 80000004 00000000 00000002 ff00"),
        ("{answer: {sequence: 0, body: omit}}", "00000010 80000004 00000000 00000000"),
        ("{answer: {sequence: +5, body: omit}}", "00000010 80000004 00000000 00000007"),
        ("{answer: {sequence: own, body: omit}}", "00000010 80000004 00000000 00000001"),
        ("{answer: {sequence: same, body: omit}}", "00000010 80000004 00000000 00000002"),
        ("{answer: {sequence: 0xffffffff, body: omit}}", "00000010 80000004 00000000 ffffffff"),
        ("{answer: {body: omit, wire: {command_length: 17}}}", "00000011 80000004 00000000 00000002"),
        ("{answer: {body: omit, wire: {append: hex:00ff}}}", "00000010 80000004 00000000 00000002 00ff"),
        ("{answer: {body: omit, wire: {cut: 4}}}", "00000010 80000004 00000000"),
        (
            "{answer: {body: omit, wire: {splices: {at: end, insert: hex:0a, refit: true}}}}",
            "00000011 80000004 00000000 00000002 0a",
        ),
        ("{answer: {body: omit, tlvs: {0x1403: 'hex:61'}}}", "00000015 80000004 00000000 00000002 14030001 61"),
    ],
)
def test_the_octets_of_an_answer_are_what_the_form_says(then: str, octets: str) -> None:
    gateway = of_rules(f"{{then: {then}}}").bound()
    gateway.submit()
    assert gateway.octets.hex() == octets.replace(" ", "")


def test_the_sequence_number_of_the_request_before_is_told() -> None:
    world = of_rules("{when: {command: submit_sm}, then: {answer: {sequence: previous}}}")
    gateway = world.bound()
    for request in (a_submission(), EnquireLink(), a_submission()):
        gateway.batch(request)
    assert [(pdu.name, pdu.sequence_number) for pdu in gateway.received] == [
        ("submit_sm_resp", 1),
        ("enquire_link_resp", 3),
        ("submit_sm_resp", 3),
    ]


def test_fields_and_tlvs_that_the_form_does_not_name_stay() -> None:
    world = Played(
        "carrier: {answer: {tlvs: {0x1403: 'a', 0x1404: 'b'}}}\n" + rules("{then: {answer: {tlvs: {0x1403: 'c'}}}}")
    )
    answer = world.bound().submit()
    assert {tlv.tag: tlv.value[:1] for tlv in answer.tlvs} == {0x1403: b"c", 0x1404: b"b"}
    assert answer.message_id


@pytest.mark.parametrize(
    ("repeat", "times", "count"),
    [
        ("2", 1.0, 3),
        ("{times: 2, every: 1s}", 1.5, 2),
        ("{times: 2, every: 1s}", 5.0, 3),
        ("{backoff: [1s, 3s]}", 8.0, 4),
        ("{every: 1s, at_most: 3s}", 9.0, 4),
    ],
)
def test_an_answer_comes_again(repeat: str, times: float, count: int) -> None:
    world = of_rules(f"{{then: {{answer: {{repeat: {repeat}}}}}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    world.run(times)
    assert numbers(gateway) == [2] * count


def test_an_answer_comes_again_with_a_number_of_its_own() -> None:
    world = of_rules("{then: {answer: {repeat: {times: 1, every: 1s, sequence: new}}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    world.run(2.0)
    assert numbers(gateway) == [2, 1]


def test_nothing_comes_again_on_a_session_that_has_ended() -> None:
    world = of_rules("{then: {answer: {repeat: {times: 3, every: 1s}}}}")
    gateway = world.bound()
    gateway.submit()
    gateway.close()
    world.run(5.0)
    assert len(gateway.of(SubmitSmResp)) == 1


@pytest.mark.parametrize(
    ("stream", "segments"),
    [
        ("{split: 4}", [4, 12]),
        ("{split: [4, 15]}", [4, 11, 1]),
        ("{drip: 8/1s}", [8, 8]),
        ("{stop: 10}", [10]),
    ],
)
def test_an_answer_is_spread_over_segments(stream: str, segments: list[int]) -> None:
    world = of_rules(f"{{then: {{answer: {{body: omit, stream: {stream}}}}}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    world.run(10.0)
    assert sum(segments) == sum(map(len, gateway.segments))
    if "drip" not in stream:
        assert [len(one) for one in gateway.segments] == segments


def test_an_answer_waits_for_the_next_pdu_and_goes_with_it() -> None:
    world = of_rules("{when: {count: 1st}, then: {answer: {body: omit, stream: join}}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0)
    assert gateway.received == []
    gateway.send(EnquireLink())
    assert [len(one) for one in gateway.segments] == [32]
    assert gateway.names == ["submit_sm_resp", "enquire_link_resp"]


# ---------------------------------------------------------------------- delays and piles


@pytest.mark.parametrize(
    ("hold", "order"),
    [
        ("{pile: p, until: 3}", [2, 3, 4]),
        ("{pile: p, until: 3, order: last_in}", [4, 3, 2]),
        ("{pile: p, until: 3, order: [3, 1, 2]}", [4, 2, 3]),
        ("{pile: p, until: 3, order: [2]}", [3, 2, 4]),
        ("{pile: p, until: 4}", []),
    ],
)
def test_answers_leave_a_pile_in_the_order_that_is_said(hold: str, order: list[int]) -> None:
    gateway = of_rules(f"{{then: {{respond: {{hold: {hold}}}}}}}").bound()
    gateway.batch(*[a_submission() for _ in range(3)])
    assert numbers(gateway) == order


def test_a_pile_is_shuffled_alike_by_the_same_seed() -> None:
    found = []
    for seed in (7, 7, 8):
        world = of_rules("{then: {respond: {hold: {pile: p, until: 20, order: shuffle}}}}", seed=seed)
        gateway = world.bound()
        gateway.batch(*[a_submission() for _ in range(20)])
        found.append(numbers(gateway))
    assert sorted(found[0]) == list(range(2, 22))
    assert found[0] == found[1] != found[2]
    assert found[0] != sorted(found[0])


def test_each_leaves_its_pile_after_a_while_in_any_case() -> None:
    world = of_rules("{then: {respond: {hold: {pile: p, at_most: 2s}}}}")
    gateway = world.bound()
    gateway.batch(a_submission())
    world.run(1.0)
    gateway.batch(a_submission())
    world.run(1.5)
    assert numbers(gateway) == [2]
    world.run(1.0)
    assert numbers(gateway) == [2, 3]


def test_an_answer_is_put_off_first_and_held_back_then() -> None:
    world = of_rules("{then: {respond: {after: 1s, hold: {pile: p, until: 2}}}}")
    gateway = world.bound()
    gateway.batch(a_submission(), a_submission())
    world.run(0.9)
    assert world.stage.piles.held("p") == 0
    world.run(0.2)
    assert numbers(gateway) == [2, 3]


@pytest.mark.parametrize("respond", ["2s", "{hold: {pile: p, at_most: 2s}}"])
def test_no_receipt_overtakes_an_answer_that_waits(respond: str) -> None:
    world = of_rules(f"{{then: {{respond: {respond}, deliver: 0s}}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.9)
    assert gateway.received == []
    world.run(0.2)
    assert gateway.names == ["submit_sm_resp", "deliver_sm"]


def test_a_silent_answer_holds_no_receipt_back() -> None:
    world = of_rules("{then: {silence: recorded, deliver: 1s}}")
    gateway = world.bound()
    gateway.submit()
    world.run(1.1)
    assert gateway.names == ["deliver_sm"]
    assert (world.kinds(ANSWERED), world.kinds(CONCLUDED)) == (0, 1)


@pytest.mark.parametrize("delay", ["", ", respond: 2s", ", respond: {hold: {pile: p, at_most: 2s}}"])
def test_a_receipt_comes_in_front_of_the_answer(delay: str) -> None:
    world = of_rules(f"{{then: {{deliver: {{state: UNDELIV, before_response: true}}{delay}}}}}")
    gateway = world.bound()
    gateway.submit()
    world.run(3.0)
    assert gateway.names == ["deliver_sm", "submit_sm_resp"]
    assert gateway.stats == [(gateway.of(SubmitSmResp)[0].message_id, "UNDELIV")]


def test_the_answer_waits_for_the_receipt_that_comes_in_front_of_it() -> None:
    world = of_rules("{then: {deliver: [{before_response: true, after: 2s, final: false}, UNDELIV after 1s]}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0x11)
    world.run(1.9)
    assert gateway.names == []
    world.run(0.2)
    assert gateway.names == ["deliver_sm", "submit_sm_resp"]
    world.run(1.0)
    assert gateway.names == ["deliver_sm", "submit_sm_resp", "deliver_sm"]


def test_several_receipts_come_in_front_of_the_answer() -> None:
    world = of_rules("{then: {deliver: [{before_response: true, state: ACCEPTD}, {before_response: true, after: 1s}]}}")
    gateway = world.bound()
    gateway.submit(registered_delivery=0x11)
    world.run(5.0)
    assert gateway.names == ["deliver_sm", "deliver_sm", "submit_sm_resp"]


def test_a_receipt_comes_in_front_of_the_answer_on_another_bind() -> None:
    world = of_rules("{then: {deliver: {before_response: true}, respond: 1s}}")
    sender, receiver = world.bound(bind="TX"), world.bound(bind="RX")
    sender.batch(a_submission())
    assert (sender.names, receiver.names) == ([], ["deliver_sm"])
    world.run(1.0)
    assert sender.names == ["submit_sm_resp"]


# ---------------------------------------------------------------------- the window


@pytest.mark.parametrize(
    "then",
    [
        "{respond: 1s}",
        "{respond: {hold: {pile: p, at_most: 1s}}}",
        "silence",
        "{silence: recorded}",
        "accept",
        "{reject: 8}",
        "{respond: {hold: {pile: p, until: 2}}}",
    ],
)
@pytest.mark.parametrize("over", ["", "window: 3, over_window: 0x14, ", "window: 2, over_window: pause, "])
def test_nothing_is_in_flight_once_all_is_answered(then: str, over: str) -> None:
    world = Played(f"carrier: {{{over} system_id: x}}\n" + rules(f"{{then: {then}}}"))
    gateway = world.bound()
    for _ in range(5):
        gateway.batch(a_submission(), a_submission())
        world.run(2.0)
    world.run(10.0)
    assert gateway.session.window._late == 0
    assert not gateway.session.is_paused
    expected = 0 if "silence" in then else 10
    assert len(gateway.statuses) == expected


def test_rules_know_how_many_are_in_flight() -> None:
    world = of_rules("{when: {in_flight: 3..}, then: {reject: 0x58}}", "{then: {respond: 1s}}")
    gateway = world.bound()
    gateway.batch(*[a_submission() for _ in range(4)])
    # the third and the fourth are put off, too, and still in flight
    world.run(2.0)
    assert gateway.statuses == [0, 0, 0x58, 0x58]
    gateway.batch(a_submission())
    world.run(2.0)
    assert gateway.statuses[4:] == [0]


def test_a_full_window_reads_nothing_until_the_pile_is_let_go() -> None:
    world = Played(
        "carrier: {window: 2, over_window: pause}\n"
        + rules("{then: {respond: {hold: {pile: p, until: 2, order: last_in}}}}")
    )
    gateway = world.bound()
    gateway.batch(*[a_submission() for _ in range(6)])
    assert numbers(gateway) == [3, 2, 5, 4, 7, 6]


def test_a_long_batch_is_read_on_and_on_as_its_answers_are_let_go() -> None:
    world = Played(
        "carrier: {window: 1, over_window: pause}\n" + rules("{then: {respond: {hold: {pile: p, until: 1}}}}")
    )
    gateway = world.bound()
    gateway.batch(*[a_submission() for _ in range(1500)])
    world.run(5.0)
    assert len(gateway.statuses) == 1500


def test_a_reset_leaves_no_window_full() -> None:
    world = Played(
        "carrier: {window: 1, over_window: pause}\n"
        + rules("{then: {respond: {hold: p}}, times: 1}", "{when: {count: 2nd}, then: {respond: 1s}}")
    )
    gateway = world.bound()
    gateway.batch(a_submission(), a_submission())
    assert gateway.received == []
    world.smsc.reset(world.now)
    world.settle()
    world.run(2.0)
    gateway.clear()
    # the rules have begun anew, too: the first one is held back again
    assert gateway.session.window.unanswered <= 1
    world.stage.piles.release("p", world.now)
    world.settle()
    world.run(2.0)
    assert gateway.session.window._late == 0


def test_held_answers_of_a_session_that_has_ended_are_nobodys() -> None:
    world = of_rules("{when: {account: a}, then: {respond: {hold: p}}}", "{when: {account: b}, then: {release: p}}")
    gone, here = world.bound("a"), world.bound("b")
    gone.batch(a_submission())
    gone.close()
    assert here.submit().command_status == 0
    world.run(1.0)
    assert gone.received == []


def test_what_is_held_back_is_let_go_by_another_message() -> None:
    world = of_rules(
        "{name: go, when: {held: {p: 2..}}, then: {release: {pile: p, order: last_in, most: 1}}}",
        "{then: {respond: {hold: p}}}",
    )
    gateway = world.bound()
    gateway.batch(a_submission(), a_submission(), a_submission(), a_submission())
    assert world.fired.count("go") == 2
    # the third one lets go the newest, which is itself
    assert numbers(gateway) == [4, 5]


# ---------------------------------------------------------------------- submit_multi and data_sm


def multi(*to: str) -> SubmitMulti:
    places = tuple(SmeAddress(1, 1, number) for number in to)
    return SubmitMulti(source_addr="9", dest_address=places, short_message=b"hello", registered_delivery=1)


def test_some_destinations_of_a_submit_multi_fail() -> None:
    world = of_rules("{when: {command: submit_multi}, then: {answer: {unsuccess: {'2': ESME_RINVDSTADR}}}}")
    answer = world.bound().send(multi("1", "2"))
    assert isinstance(answer, SubmitMultiResp)
    assert [(one.addr, one.status) for one in answer.unsuccess_sme] == [("2", 0x0B)]
    world = of_rules("{when: {to: '2'}, then: {reject: 0x0b}}")
    answer = world.bound().send(multi("1", "2"))
    assert [(one.addr, one.status) for one in answer.unsuccess_sme] == [("2", 0x0B)]


def test_every_rule_about_one_of_its_destinations_acts_on_a_submit_multi() -> None:
    world = Played(
        "carrier: {ids: {response: hex}}\n"
        + rules(
            "{name: one, when: {to: '1'}, then: {send: enquire_link, set: {variables: {a: +1}}}}",
            "{name: two, when: {to: ['2', '3']}, then: {send: outbind, set: {variables: {a: +1}}, respond: 1s}}",
            "{name: three, when: {to: '3'}, then: {answer: {fields: {message_id: X}}, connection: fin}}",
        )
    )
    gateway = world.bound()
    gateway.batch(multi("1", "2", "3"))
    world.run(0.5)
    assert gateway.names == ["enquire_link", "outbind", "outbind"]
    assert world.stage.story.variables["a"] == 3
    world.run(1.0)
    assert gateway.of(SubmitMultiResp)[0].message_id == "X"
    assert (world.fired, world.faults) == (["one", "two", "two", "three"], ["fin"])


def test_a_submit_multi_is_one_request_in_flight() -> None:
    world = of_rules("{name: many, when: {in_flight: 2..}, then: {send: enquire_link}}")
    world.bound().send(multi("1", "2", "3"))
    assert world.fired == []


def test_a_data_sm_is_answered_as_one() -> None:
    world = of_rules("{when: {command: data_sm}, then: {answer: {tlvs: {delivery_failure_reason: 1}}}}")
    gateway = world.bound()
    answer = gateway.send(DataSm(destination_addr="1", source_addr="2", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"a"),)))
    assert Tlv(TlvTag.DELIVERY_FAILURE_REASON, b"\x01") in answer.tlvs
    assert gateway.submit().tlvs == ()


def test_what_is_sent_with_an_answer_is_in_its_segment() -> None:
    world = of_rules(
        "{then: {respond: 1s, send: [{octets: hex:01020304, with_answer: true}, {mo: {source: '1', "
        "destination: '2', text: a}, before: answer}]}}"
    )
    gateway = world.bound()
    gateway.batch(a_submission(registered_delivery=0))
    assert gateway.segments == []
    world.run(1.0)
    (segment,) = gateway.segments
    assert segment.endswith(bytes.fromhex("01020304"))
    assert gateway.names == ["deliver_sm", "submit_sm_resp"]
    assert gateway.of(DeliverSm)[0].short_message == b"a"


def test_what_stood_beside_an_answer_that_never_comes_comes_without_it() -> None:
    world = of_rules(
        "{then: {silence: recorded, send: [{command: enquire_link, before: answer}, {command: outbind, "
        "with_answer: true}]}}"
    )
    gateway = world.bound()
    gateway.batch(a_submission(registered_delivery=0))
    assert gateway.names == ["enquire_link", "outbind"]


def test_one_destination_in_silence_leaves_the_whole_request_unanswered_in_the_journal_too() -> None:
    world = of_rules("{when: {to: 12025550102}, then: {silence: recorded}}")
    gateway = world.bound()
    gateway.send(multi("12025550101", "12025550102", "12025550103"))
    assert gateway.of(SubmitMultiResp) == []
    assert (world.kinds("submitted"), world.kinds("answered")) == (3, 0)
    gateway.send(multi("12025550101", "12025550103"))
    assert len(gateway.of(SubmitMultiResp)) == 1
    assert [status for _, status in world.events("answered")] == [0, 0]

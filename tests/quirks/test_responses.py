"""Quirks of responses, throttling and errors: each is seen in the octets, and without it the same traffic is well."""

from typing import Any, Final

import pytest

from simulator.journal import ANSWERED
from simulator.smpp.pdus import CancelSm, EnquireLink, QuerySm, ReplaceSm, SubmitSm
from simulator.smpp.tlvs import Tlv
from tests.quirks.facts_d import RESPONSES
from tests.quirks.play import TO, Frame, Gate, Play
from tests.quirks.tales import Tales, answers, hi, named, numbers, of, seconds, states, statuses, told

TALES = Tales()
MINUTE: Final = 60.0


def twice(play: Play) -> tuple[Gate, Frame, Frame]:
    """Two submissions to one number, the second after the answer to the first, and time for receipts."""
    gate = play.bound()
    first, second = gate.submit_at_once(), gate.submit_at_once()
    play.run(MINUTE)
    ((one,), (two,)) = gate.answers_to(first), gate.answers_to(second)
    return gate, one, two


def the_second_alone_is_delivered(gate: Gate, second: Frame) -> None:
    assert second.command_status == 0
    assert second.text("message_id")
    assert named(gate) == told([second])


@TALES.of("error-resp-header-only")
def header_only(play: Play) -> list[Frame]:
    gate, refused, taken = twice(play)
    the_second_alone_is_delivered(gate, taken)
    return [refused]


@TALES.of("error-resp-with-body")
def with_body(play: Play) -> list[Frame]:
    gate, refused, taken = twice(play)
    the_second_alone_is_delivered(gate, taken)
    assert told([taken]) != ["00000000"]
    return [refused]


@TALES.of("ok-resp-without-message-id")
def without_an_id(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.submit_at_once()
    play.run(MINUTE)
    (name,) = named(gate)
    assert name
    return answers(gate)


@TALES.of("resp-unexpected-tlvs")
def with_tlvs(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.submit_at_once()
    play.run(MINUTE)
    assert named(gate) == told(answers(gate))
    return answers(gate)


@TALES.of("resp-wrong-or-duplicate-sequence")
def wrong_sequence(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.batch(hi(short_message=b"one"), hi(short_message=b"two"))
    play.run(MINUTE)
    assert numbers(answers(gate)) == [0, 3]
    assert [frame for frame in gate.frames if frame.sequence_number == 2 and frame.name.endswith("resp")] == []
    one, two = answers(gate)
    # the receipts tell the beginnings of their texts
    assert {frame.message.rpartition(":")[2]: frame.found("id") for frame in gate.receipts} == {
        "one": one.text("message_id"),
        "two": two.text("message_id"),
    }
    assert two.command_status == 0
    assert states(play) == ["DELIVRD", "DELIVRD"]
    return [one]


@TALES.of("resp-out-of-order")
def out_of_order(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.batch(hi(destination_addr="12025550101"), hi(destination_addr="12025550102"))
    assert answers(gate) == []
    gate.batch(hi(destination_addr="12025550103"))
    found = answers(gate)
    assert numbers(found) == [4, 2, 3]
    play.run(MINUTE)
    ids = dict(zip((103, 101, 102), told(found), strict=True))
    assert {int(one.text("source_addr")[-3:]): one.found("id") for one in gate.receipts} == ids
    alone = gate.submit_at_once()
    began = play.now
    play.run(2)
    assert seconds(gate.answers_to(alone), began) == [1.0]
    return []


@TALES.of("resp-late-or-never")
def late(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    first, second = hi(short_message=b"one"), hi(short_message=b"two")
    gate.batch(first, second)
    assert statuses(of(answers(gate), second)) == [0]
    assert of(answers(gate), first) == []
    for _ in range(7):
        play.run(10)
        enquiry = EnquireLink()
        assert gate.send(enquiry) is not None
        assert [one.at for one in gate.answers_to(enquiry)] == [play.now]
    (answer,) = of(answers(gate), first)
    assert seconds([answer], began) == [65.0]
    assert answer.command_status == 0
    (receipt,) = [one for one in gate.receipts if one.found("id") == answer.text("message_id")]
    assert receipt.at < answer.at
    return []


@TALES.of("connection-lost-with-open-window")
def open_window(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    gate.batch(hi(), hi(destination_addr="12025550101"))
    play.run(1)
    assert gate.end == "rst"
    assert gate.ended_at == pytest.approx(began + 0.2)
    assert answers(gate) == []
    again = play.bound()
    play.run(MINUTE)
    assert states(play) == ["DELIVRD", "DELIVRD"]
    assert len(set(named(again))) == len(again.receipts) == 2
    assert answers(again) == []
    return []


@TALES.of("nack-instead-of-resp")
def nacked(play: Play) -> list[Frame]:
    gate, one, two = twice(play)
    assert one.name == "generic_nack"
    assert two.name == "submit_sm_resp"
    the_second_alone_is_delivered(gate, two)
    return [one]


@TALES.of("throttle-storm")
def storm(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.batch(*(hi() for _ in range(8)))
    assert [status == 0 for status in statuses(answers(gate))] == [True] * 3 + [False] * 5
    play.run(2)
    assert statuses(gate.answers_to(gate.submit_at_once())) == [0]
    seen = len(answers(gate))
    for _ in range(30):
        gate.submit_at_once()
        play.run(0.1)
    later = statuses(answers(gate)[seen:])
    taken = later.count(0)
    assert 0 < taken <= 3
    # those first few, and nobody behind them
    assert later[:taken] == [0] * taken
    return [one for one in answers(gate) if one.command_status]


@TALES.of("throttle-mid-multipart")
def mid_multipart(play: Play) -> list[Frame]:
    gate = play.bound()

    def part(number: int) -> SubmitSm:
        return hi(esm_class=0x40, short_message=b"\x05\x00\x03\x2a\x03%cpart" % number)

    gate.batch(part(1), part(2), part(3))
    first, second, third = answers(gate)
    gate.batch(part(2), hi())
    assert [first.command_status, third.command_status] == [0, 0]
    assert second.command_status
    taken = [first, third, *answers(gate)[3:]]
    assert statuses(taken) == [0] * 4
    play.run(MINUTE)
    assert sorted(named(gate)) == sorted(told(taken))
    return [second]


@TALES.of("window-overflow-rejected")
def overflow(play: Play) -> list[Frame]:
    gate = play.bound()
    began = play.now
    four = [hi() for _ in range(4)]
    gate.batch(*four)
    refused = answers(gate)
    assert numbers(refused) == [one.sequence_number for one in four[2:]]
    play.run(1)
    fifth = gate.submit_at_once()
    play.run(1)
    taken = [of(answers(gate), one)[0] for one in (*four[:2], fifth)]
    assert statuses(taken) == [0, 0, 0]
    assert seconds(taken, began) == [0.2, 0.2, 1.2]
    return refused


@TALES.of("accepted-with-error-status")
def accepted_with_an_error(play: Play) -> list[Frame]:
    gate, one, two = twice(play)
    assert [(receipt.found("id"), receipt.found("stat")) for receipt in gate.receipts] == [
        (one.text("message_id"), "DELIVRD"),
        (two.text("message_id"), "DELIVRD"),
    ]
    assert two.command_status == 0
    return [one]


@TALES.of("status-vendor-specific")
def vendor_status(play: Play) -> list[Frame]:
    gate, one, two = twice(play)
    the_second_alone_is_delivered(gate, two)
    return [one]


@TALES.of("status-wrong-for-the-cause")
def wrong_status(play: Play) -> list[Frame]:
    gate = play.bound()
    even = [gate.submit_at_once() for _ in range(3)]
    odd = gate.submit_at_once(destination_addr="12025550101")
    play.run(MINUTE)
    (taken,) = gate.answers_to(odd)
    the_second_alone_is_delivered(gate, taken)
    refused = gate.answers_to(*even)
    assert len(refused) == 3
    return refused


@TALES.of("submit-policy-tlv-required")
def tlv_required(play: Play) -> list[Frame]:
    gate = play.bound()
    entity, template = Tlv(0x1400, b"1101\0"), Tlv(0x1401, b"1107\0")
    for tlvs in ((), (entity,), (template,), (entity, template)):
        gate.submit_at_once(tlvs=tlvs)
    play.run(MINUTE)
    *refused, taken = answers(gate)
    assert len(refused) == 3
    the_second_alone_is_delivered(gate, taken)
    return refused


@TALES.of("validity-or-schedule-mishandled")
def validity(play: Play) -> list[Frame]:
    gate = play.bound()
    valid = gate.submit_at_once(validity_period="000001000000000R")
    planned = gate.submit_at_once(schedule_delivery_time="000001000000000R")
    plain, enquiry = gate.submit_at_once(), EnquireLink()
    assert gate.send(enquiry) is not None
    assert len(gate.answers_to(enquiry)) == 1
    play.run(3600)
    assert gate.answers_to(valid, planned) == []
    (taken,) = gate.answers_to(plain)
    the_second_alone_is_delivered(gate, taken)
    assert states(play) == ["REFUSED", "REFUSED", "DELIVRD"]
    assert len([status for _, status in play.events(ANSWERED) if status == 0]) == 1
    return []


@TALES.of("query-sm-unsupported-or-useless")
def unsupported(play: Play) -> list[Frame]:
    gate = play.bound()
    gate.submit_at_once()
    (name,) = told(answers(gate))
    source: dict[str, Any] = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "5555"}
    asked = [
        QuerySm(message_id=name, **source),
        CancelSm(message_id=name, dest_addr_ton=1, dest_addr_npi=1, destination_addr=TO, **source),
        ReplaceSm(message_id=name, short_message=b"ho", **source),
    ]
    for request in asked:
        gate.send(request)
    play.run(MINUTE)
    nacks = gate.answers_to(*asked)
    assert numbers(nacks) == [request.sequence_number for request in asked]
    (receipt,) = gate.receipts
    assert (receipt.found("id"), receipt.found("stat")) == (name, "DELIVRD")
    assert receipt.message.endswith(":hi")
    return nacks


def test_each_of_these_quirks_has_its_tale() -> None:
    assert list(TALES) == list(RESPONSES)


@pytest.mark.parametrize("name", RESPONSES)
def test_it_is_seen_in_the_octets(name: str) -> None:
    TALES.hold(name, RESPONSES[name])


@pytest.mark.parametrize("name", RESPONSES)
def test_without_the_quirk_the_same_traffic_does_not_show_it(name: str) -> None:
    TALES.fail(name, RESPONSES[name])

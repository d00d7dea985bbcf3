"""Quirks of ids and of the time of receipts, on the octets of the wire (catalogue groups A and B)."""

from collections.abc import Callable

import pytest

from simulator.journal import RECEIPT_ACKNOWLEDGED
from simulator.smpp.pdus import EnquireLink, Unbind
from tests.quirks.facts_c import IDS, TIMES, Fact
from tests.quirks.play import Gate, Play, unseen
from tests.quirks.scenes import Scene, Told, hundred, one, some, usual
from tests.smsc.world import say_nothing

FACTS = {**IDS, **TIMES}
SCENES: dict[str, Scene] = {}
RX_P_APPN = 0x65
SPEEDS = {"receipt-accepted-then-silence": 3600.0, "receipt-days-late": 3600.0}
"""Where the carrier's clock runs faster: an hour in a second of the link's."""


def scene(name: str) -> Callable[[Scene], Scene]:
    def known(play: Scene) -> Scene:
        SCENES[name] = play
        return play

    return known


@pytest.mark.parametrize("name", FACTS)
def test_a_quirk_shows_on_the_wire_what_its_fact_tells(name: str) -> None:
    play = Play(name, speed=SPEEDS.get(name, 1.0))
    SCENES[name](play, FACTS[name])
    assert set(FACTS[name].fired) <= set(play.fired)
    assert play.failures == []


@pytest.mark.parametrize("name", FACTS)
def test_without_the_quirk_the_same_traffic_does_not_show_it(name: str) -> None:
    with pytest.raises(AssertionError):
        SCENES[name](Play(speed=SPEEDS.get(name, 1.0)), FACTS[name])


# ---------------------------------------------------------------- A: the id of the receipt and that of the response


@scene("id-hex-resp-decimal-receipt")
def numbers_of_two_bases(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert int(told.id, 16) == int(told.receipt.found("id"))


@scene("id-decimal-resp-hex-receipt")
def numbers_of_two_bases_the_other_way_round(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert int(told.id) == int(told.receipt.found("id"), 16)
    assert told.receipt.found("id") == told.tlv_id


@scene("id-leading-zeros-differ")
def zeros_lost_on_the_way(play: Play, fact: Fact) -> None:
    found = hundred(play)

    def shows(told: Told) -> bool:
        return not unseen(fact.seen, [told.answer, *told.receipts])

    some(play, found, "leading-zeros-lost", (1, 17), shows)
    for told in found.values():
        assert usual(told) or told.id.lstrip("0") == told.receipt.found("id") == told.tlv_id
    again = play.another()
    hundred(again)
    assert again.fired_for() == play.fired_for()


@scene("id-case-or-separators-differ")
def letters_of_two_cases(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.id.lower() == told.receipt.found("id") == told.tlv_id
    assert told.id != told.receipt.found("id")


@scene("id-tlv-differs-from-text")
def two_ids_in_one_receipt(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.tlv_id == told.id
    assert int(told.tlv_id, 16) == int(told.receipt.found("id"))


@scene("id-only-in-text")
def an_id_in_the_text_alone(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.found("id") == told.id


@scene("id-only-in-tlv")
def an_id_in_the_tlv_alone(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.tlv_id == told.id


@scene("tlv-id-without-message-state")
def an_id_and_no_state(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.tlv_id == told.id == told.receipt.found("id")


@scene("id-overflows-64bit")
def a_number_of_more_than_63_bits(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert int(told.id, 16) == int(told.receipt.found("id")) >= 2**63


@scene("id-long-or-punctuated")
def an_id_of_36_characters(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.id == told.receipt.found("id") == told.tlv_id


@scene("id-zero-or-reused")
def receipts_of_id_zero(play: Play, fact: Fact) -> None:
    gate = play.bound()
    answers = gate.answers_to(gate.submit_at_once(), gate.submit_at_once(short_message=b"ho"))
    play.run(60)
    assert unseen(fact.seen, gate.frames) == []
    assert len({answer.text("message_id") for answer in answers}) == 2
    assert [b"\x00\x1e\x00\x020\x00" in receipt.octets for receipt in gate.receipts] == [True, True]


@scene("id-padded-terminated-or-reencoded")
def spaces_behind_the_id(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.message.startswith(f"id:{told.id}       sub:")
    assert told.tlv_id.rstrip(" ") == told.id


@scene("id-embedded-in-junk")
def words_in_front_of_the_id(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.receipt.found("id") == told.id == told.tlv_id


@scene("multipart-one-receipt")
def one_receipt_for_three_parts(play: Play, fact: Fact) -> None:
    gate = play.bound()
    parts = [
        gate.submit_at_once(esm_class=0x40, short_message=b"\x05\x00\x03\x2a\x03%c" % part + b"x" * 100)
        for part in (1, 2, 3)
    ]
    ids = [answer.text("message_id") for answer in gate.answers_to(*parts)]
    assert len(set(ids)) == 3
    fired = len(play.fired)
    (short,) = gate.answers_to(gate.submit_at_once())
    assert len(play.fired) == fired
    play.run(60)
    assert unseen(fact.seen, gate.frames) == []
    assert sorted(receipt.found("id") for receipt in gate.receipts) == sorted((ids[0], short.text("message_id")))


# ---------------------------------------------------------------- B: when a receipt comes, whither and how often


@scene("receipt-before-submit-resp")
def a_receipt_in_front_of_its_response(play: Play, fact: Fact) -> None:
    found = hundred(play)

    def shows(told: Told) -> bool:
        (receipt,) = told.receipts
        writes = play.gates[0].segments
        write, same = writes[told.answer.segment], receipt.segment == told.answer.segment
        return same and write.index(receipt.octets) < write.index(told.answer.octets)

    some(play, found, "receipt-first", (15, 45), shows)
    for told in found.values():
        assert unseen(fact.seen, told.receipts) == []
        assert told.receipt.found("id") == told.id
        assert shows(told) or told.receipt.at > told.answer.at


@scene("receipt-on-other-bind")
def a_receipt_by_another_session(play: Play, fact: Fact) -> None:
    first, second = play.bound(), play.bound()
    for _ in range(2):
        first.submit_at_once()
    play.run(60)
    assert [len(gate.frames_of("submit_sm_resp")) for gate in (first, second)] == [2, 0]
    assert [len(gate.receipts) for gate in (first, second)] == [0, 2]
    assert unseen(fact.seen, second.frames) == []
    alone = play.another()
    gate = alone.bound()
    gate.submit_at_once()
    alone.run(60)
    assert len(gate.receipts) == 1


@scene("receipt-on-transmitter-bind")
def a_receipt_for_who_only_sends(play: Play, fact: Fact) -> None:
    gate = play.bound(bind="TX")
    gate.submit_at_once()
    play.run(60)
    assert gate.frames[0].name == "bind_transmitter_resp"
    assert unseen(fact.seen, gate.frames) == []
    other = play.another()
    other.bound().submit_at_once()
    other.run(60)
    assert other.fired == []


@scene("receipt-backlog-flush-on-bind")
def a_backlog_behind_the_bind(play: Play, fact: Fact) -> None:
    first = play.bound()
    play.run(0)
    requests = [first.submit_at_once(destination_addr=f"120255501{number:02}") for number in range(10)]
    play.run(0)
    ids = [answer.text("message_id") for answer in first.answers_to(*requests)]
    assert (first.end, len(ids), first.frames[-1].sequence_number) == ("fin", 10, requests[-1].sequence_number)
    second = play.bound()
    play.run(60)
    backlog = ["7770000001"] * 50 + ["7770000002"] * 50
    assert sorted(receipt.found("id") for receipt in first.receipts) == backlog
    assert sorted(receipt.found("id") for receipt in second.receipts) == sorted(backlog + ids)
    for gate in (first, second):
        assert unseen(fact.seen, gate.frames) == []
        assert {frame.at for frame in gate.receipts} == {gate.frames_of("bind_transceiver_resp")[0].at}
        assert len({frame.sequence_number for frame in gate.receipts}) == len(gate.receipts)


@scene("receipt-duplicated")
def one_receipt_twice(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert len(told.receipts) == 2
    first, second = told.receipts
    assert first.octets[16:] == second.octets[16:]
    assert first.sequence_number != second.sequence_number
    assert play.kinds(RECEIPT_ACKNOWLEDGED) == 1


@scene("receipt-poison-redelivery")
def a_poisoned_receipt_again_and_again(play: Play, fact: Fact) -> None:
    begin = play.now
    gate = play.bound(decide=lambda _: RX_P_APPN if play.now < begin + 30 else 0)
    gate.submit_at_once()
    gate.submit_at_once(destination_addr="12025550101")
    play.run(600)
    assert unseen(fact.seen, gate.frames) == []
    *poisoned, good = gate.receipts
    first = poisoned[0]
    assert [round(one.at - first.at, 3) for one in poisoned] == [0, 2, 7, 22, 52]
    assert " submit date:2013450000 done date:2013450000 " in first.message
    assert b"\x14\x03\x00\x0623430\0" in first.octets
    assert {one.octets[16:] for one in poisoned} == {first.octets[16:]}
    assert len({one.sequence_number for one in poisoned}) == 5
    assert (good.text("source_addr"), good.at) == ("12025550101", poisoned[-1].at)
    assert f" submit date:{play.date(begin)} done date:{play.date(begin)} " in good.message
    assert b"\x14\x03" not in good.octets


@scene("receipt-intermediate-then-final")
def accepted_then_delivered(play: Play, fact: Fact) -> None:
    told = one(play, fact)
    assert told.stories == [(0.2, 0x20, "ACCEPTD", 6), (3.2, 0x04, "DELIVRD", 2)]
    assert {receipt.found("id") for receipt in told.receipts} == {told.id}
    other = play.another()
    assert one(other, fact, registered_delivery=0).receipts == []
    assert other.fired == []


@scene("receipt-unsolicited")
def receipts_that_nobody_asked_for(play: Play, fact: Fact) -> None:
    gate, begin = play.bound(), play.now
    requests = [gate.submit_at_once(registered_delivery=wanted) for wanted in (0, 1)]
    play.run(60)
    for answer in gate.answers_to(*requests):
        mine = [receipt for receipt in gate.receipts if receipt.found("id") == answer.text("message_id")]
        stories = Told(begin, answer, mine).stories
        assert [story[:3] for story in stories] == [(0.5, 0x20, "ENROUTE"), (2.5, 0x04, "DELIVRD")]
    assert len(gate.receipts) == 4


@scene("receipt-accepted-then-silence")
def accepted_and_no_more(play: Play, fact: Fact) -> None:
    found = hundred(play, 30 * 24)
    some(play, found, "accepted-and-no-more", (8, 35), lambda told: not unseen(fact.seen, told.receipts))
    assert {len(told.receipts) for told in found.values()} == {1}


@scene("receipt-final-after-final")
def failed_then_delivered(play: Play, fact: Fact) -> None:
    found = hundred(play)
    stories = [(1.0, 4, "UNDELIV", 5), (31.0, 4, "DELIVRD", 2)]
    some(play, found, "failed-then-delivered", (12, 40), lambda told: told.stories == stories)
    for told in found.values():
        assert unseen(fact.seen, told.receipts) == []
        assert usual(told) or [receipt.found("id") for receipt in told.receipts] == [told.id, told.id]


@scene("receipt-days-late")
def a_receipt_after_days(play: Play, fact: Fact) -> None:
    found = hundred(play, 8 * 24)
    some(play, found, "receipt-days-later", (2, 22), lambda told: 25 <= told.receipt.at - told.at <= 7 * 24)
    for told in found.values():
        assert unseen(fact.seen, told.receipts) == []
        dates = [play.date(moment) for moment in (told.at, told.receipt.at)]
        assert "submit date:{} done date:{} ".format(*dates) in told.receipt.message


@scene("receipt-burst")
def three_hundred_receipts_in_one_write(play: Play, fact: Fact) -> None:
    gate = play.bound(decide=say_nothing)
    begin = play.now
    for number in range(300):
        gate.submit_at_once(destination_addr=f"1202555{number:04}")
        play.run(1 / 64)
    play.run(begin + 12 - play.now)
    assert unseen(fact.seen, gate.frames) == []
    assert [receipt.text("source_addr") for receipt in gate.receipts] == [f"1202555{one:04}" for one in range(300)]
    assert {(receipt.at - begin, receipt.segment) for receipt in gate.receipts} == {(10.0, gate.receipts[0].segment)}


@scene("receipts-stop-on-live-link")
def receipts_that_stop(play: Play, fact: Fact) -> None:
    def eight(gate: Gate) -> list[str]:
        answers = []
        for number in range(8):
            answers += gate.answers_to(gate.submit_at_once(destination_addr=f"1202555010{number}"))
            play.run(1)
        return [answer.text("message_id") for answer in answers]

    first = play.bound()
    ids = eight(first)
    enquiry = EnquireLink()
    first.send(enquiry)
    assert [answer.name for answer in first.answers_to(enquiry)] == ["enquire_link_resp"]
    play.run(60)
    assert unseen(fact.seen, first.frames) == []
    assert [receipt.found("id") for receipt in first.receipts] == ids[:5]
    first.send(Unbind())
    play.run(1)
    second = play.bound()
    assert [frame.name for frame in second.frames] == ["bind_transceiver_resp", *["deliver_sm"] * 3]
    assert [receipt.found("id") for receipt in second.receipts] == ids[5:]
    more = eight(second)
    play.run(60)
    assert [receipt.found("id") for receipt in second.receipts] == ids[5:] + more[:5]


def test_every_fact_of_these_groups_has_its_scene() -> None:
    assert sorted(SCENES) == sorted(FACTS)

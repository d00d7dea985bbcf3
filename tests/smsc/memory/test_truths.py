"""What is so beside what is told, on the wire: each way of telling, twice, early, late, by parts; and who asks for the
truth afterwards.
"""

import json
from typing import Any

import pytest

from simulator.carrier.network.truths import LOST
from simulator.control.lines import Lines
from simulator.control.rows import row_json
from simulator.journal import ANSWERED, CONCLUDED, RECEIPT_SENT
from simulator.scenario.file import parse
from simulator.scenario.problems import ScenarioError
from simulator.smpp.pdus import DeliverSm, SubmitSmResp
from simulator.sms.receipts import parse as parse_receipt
from simulator.smsc.memory.recall import Recall
from simulator.smsc.memory.truths import Fact, truth_of
from simulator.smsc.play.staging import staged
from simulator.smsc.translate import Submission
from tests.smsc.world import START, Gateway, World

PHONE = "12025550100"
LINK = b"see https://bit.ly/x"
HOUR = 3_600.0


def world_of(said: str, rest: str = "") -> World:
    """A world with one network, which has all numbers of the code 1, answers at once and delivers after 2 s."""
    told = f"delays: {{delivery: 2s}}, {said}" if "delays:" not in said else said
    world = World()
    text = f"scenario: 1\nnetworks: {{one: {{prefixes: [1], {told}}}}}\n{rest}"
    world.smsc = staged([parse(text)], world.now, START, seed=7)
    return world


def receipts(gateway: Gateway) -> list[tuple[str, str]]:
    """State and err of each receipt, in order."""
    found = [parse_receipt(text) for text in gateway.texts]
    return [(one.stat, one.err) for one in found if one is not None]


def sent(said: str, text: bytes = b"hello", wait: float = 60.0, rest: str = "", **fields: Any) -> Any:
    """What a gateway is told of one message, and what is so."""
    world = world_of(said, rest)
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE, short_message=text, **fields)
    world.run(wait)
    return receipts(gateway), fact(world)


def fact(world: World) -> Fact | None:
    """What is so of the newest row."""
    return truth_of(next(iter(world.smsc.history.newest_first())), world.smsc, world.smsc.clock.at(world.now))


def brief(found: Fact | None) -> tuple[str, str] | None:
    return None if found is None else (found.state, found.cause)


def in_parts(gateway: Gateway, *texts: bytes, reference: int = 7) -> list[int]:
    """Send a text in these parts; the statuses of the answers."""
    before = len(gateway.of(SubmitSmResp))
    for number, text in enumerate(texts, 1):
        header = bytes((5, 0, 3, reference, len(texts), number))
        gateway.submit(destination_addr=PHONE, esm_class=0x40, short_message=header + text)
        gateway.world.run(0.1)
    return [one.command_status for one in gateway.of(SubmitSmResp)[before:]]


# ---------------------------------------------------------------------- ways of telling


def test_what_is_told_is_so_where_nothing_else_is_said() -> None:
    told, found = sent("receipts: truth")
    assert told == [("DELIVRD", "000")]
    assert found == Fact("DELIVRD", network="one", at=START + 2.0)


def test_a_hub_tells_of_a_delivery_before_the_filter_and_the_phone() -> None:
    told, found = sent("receipts: hub_first, filters: [shortener]", LINK)
    assert told == [("DELIVRD", "000")]
    assert brief(found) == ("REJECTD", "shortened_url")
    told, found = sent("receipts: hub_first, filters: [{filter: shortener, where: lost}]", LINK)
    assert (told, brief(found)) == ([("DELIVRD", "000")], (LOST, "shortened_url"))
    told, found = sent("receipts: hub_first", rest=f"subscribers: {{{PHONE}: deactivated}}")
    assert (told, brief(found)) == ([("DELIVRD", "000")], ("UNDELIV", "deactivated"))


def test_acceptance_is_all_that_some_networks_tell() -> None:
    told, found = sent("receipts: accepted_only", wait=HOUR)
    assert (told, brief(found)) == ([("ACCEPTD", "000")], ("DELIVRD", ""))


def test_no_receipt_is_no_sign_of_a_loss() -> None:
    assert (sent("receipts: none", wait=HOUR)[0], brief(sent("receipts: none")[1])) == ([], ("DELIVRD", ""))
    told, found = sent("filters: [{filter: shortener, where: lost}]", LINK, wait=HOUR)
    assert (told, brief(found)) == ([], (LOST, "shortened_url"))
    told, found = sent("delays: {delivery: 2s, missing: 100%}", wait=HOUR)
    assert (told, brief(found)) == ([], ("DELIVRD", ""))


def test_what_a_route_loses_is_told_as_delivered() -> None:
    told, found = sent("delays: {delivery: 2s, false_delivered: 100%}")
    assert (told, brief(found)) == ([("DELIVRD", "000")], (LOST, "silent_filter"))


def test_a_buffered_message_is_told_so_first() -> None:
    told, _ = sent("receipts: {buffered: 1s}", registered_delivery=0x11)
    assert told == [("ENROUTE", "000"), ("DELIVRD", "000")]


def test_a_receipt_may_come_hours_after_the_phone_has_its_message() -> None:
    world = world_of("receipts: {late: 5h}")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(5 * HOUR + 1.9)
    assert receipts(gateway) == []
    assert fact(world) == Fact("DELIVRD", network="one", at=START + 2.0)
    world.run(0.2)
    assert receipts(gateway) == [("DELIVRD", "000")]
    assert fact(world) == Fact("DELIVRD", network="one", at=START + 2.0)


def test_a_receipt_gives_up_on_what_arrives_later() -> None:
    said = "receipts: {expires: 6h}, delays: {delivery: 8h}"
    told, found = sent(said, wait=7 * HOUR)
    assert (told, brief(found)) == ([("EXPIRED", "159")], ("ENROUTE", ""))
    assert brief(sent(said, wait=9 * HOUR)[1]) == ("DELIVRD", "")


def test_of_a_text_in_parts_one_receipt_tells() -> None:
    world = world_of("receipts: {parts: once}")
    gateway = world.bound()
    assert in_parts(gateway, b"one ", b"two ", b"three") == [0, 0, 0]
    world.run(60.0)
    assert receipts(gateway) == [("DELIVRD", "000")]
    assert brief(fact(world)) == ("DELIVRD", "")


def test_receipts_of_the_parts_of_one_text_contradict_each_other() -> None:
    world = world_of("receipts: {parts: contradicting}")
    gateway = world.bound()
    in_parts(gateway, b"one ", b"two ", b"three ", b"four")
    world.run(60.0)
    assert [stat for stat, _ in receipts(gateway)] == ["DELIVRD", "UNDELIV", "DELIVRD", "UNDELIV"]
    assert brief(fact(world)) == ("DELIVRD", "")
    # and the other way round
    dead = world_of("receipts: {parts: contradicting}", f"subscribers: {{{PHONE}: deactivated}}")
    gateway = dead.bound()
    in_parts(gateway, b"one ", b"two ")
    dead.run(60.0)
    assert receipts(gateway) == [("UNDELIV", "150"), ("DELIVRD", "000")]
    assert brief(fact(dead)) == ("UNDELIV", "deactivated")
    # who is no part has nobody to contradict
    assert sent("receipts: {parts: contradicting}")[0] == [("DELIVRD", "000")]


def test_contradicting_receipts_of_acceptance_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"receipts\.parts: .*contradict each other and tell of acceptance only"):
        world_of("receipts: {tells: accepted_only, parts: contradicting}")


# ---------------------------------------------------------------------- twice, and too early


@pytest.mark.parametrize("said", ["truth", "accepted_only", "hub_first"])
def test_a_receipt_comes_twice_so_long_after_the_first(said: str) -> None:
    world = world_of(f"receipts: {said}, delays: {{delivery: 2s, duplicate: 100%, gap: 30s}}")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(31.0 if said != "accepted_only" else 29.0)
    assert len(receipts(gateway)) == 1
    world.run(2.0)
    first, second = receipts(gateway)
    assert first == second
    # in the same words, and the message has ended once
    assert len({pdu.short_message for pdu in gateway.of(DeliverSm)}) == 1
    assert (world.kinds(CONCLUDED), world.kinds(RECEIPT_SENT)) == (1, 2)
    (row,) = world.smsc.history.newest_first()
    assert isinstance(row, Submission)
    assert (row.state, row.receipts_due, row.receipts_acknowledged) == (first[0], 2, 2)
    world.run(HOUR)
    assert len(receipts(gateway)) == 2
    assert world.smsc.store.room["gateway"] == world_of("receipts: truth").smsc.store.room["gateway"]


def test_what_nobody_asked_for_does_not_come_twice() -> None:
    assert sent("delays: {duplicate: 100%}", registered_delivery=0)[0] == []


def test_a_failure_is_told_twice_as_well() -> None:
    said = "delays: {duplicate: 100%}, filters: [shortener]"
    assert sent(said, LINK)[0] == [("REJECTD", "062")] * 2
    assert (
        sent("delays: {duplicate: 100%}", rest=f"subscribers: {{{PHONE}: deactivated}}")[0] == [("UNDELIV", "150")] * 2
    )


def test_a_second_receipt_waits_for_a_gateway_that_is_away_and_is_forgotten_by_a_reset() -> None:
    world = world_of("delays: {delivery: 2s, duplicate: 100%, gap: 30s}")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(5.0)
    gateway.close()
    world.run(60.0)
    again = world.gateway()
    again.bind()
    world.run(1.0)
    assert receipts(again) == [("DELIVRD", "000")]
    again.submit(destination_addr=PHONE)
    world.run(5.0)
    world.smsc.reset(world.now)
    again.received.clear()
    world.run(60.0)
    assert receipts(again) == []


def test_the_share_of_second_receipts_is_the_share_that_was_said() -> None:
    world = world_of("delays: {duplicate: 10%}")
    gateway = world.bound()
    for number in range(1_000):
        gateway.submit(destination_addr=f"1202555{number:04}")
    world.run(60.0)
    # three standard deviations of a thousand draws
    assert 1_000 + 100 - 28 <= len(receipts(gateway)) <= 1_000 + 100 + 28


def test_a_receipt_comes_before_the_answer_to_its_submission() -> None:
    world = world_of("delays: {respond: 3s, delivery: 2s, out_of_order: 100%}")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(20.0)
    assert [type(pdu) for pdu in gateway.received] == [DeliverSm, SubmitSmResp]
    (answer,) = gateway.of(SubmitSmResp)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]
    assert (world.kinds(CONCLUDED), world.kinds(ANSWERED)) == (1, 1)


def test_a_receipt_that_comes_early_may_come_twice() -> None:
    world = world_of("delays: {respond: 3s, delivery: 2s, out_of_order: 100%, duplicate: 100%, gap: 10s}")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(12.9)
    assert [type(pdu) for pdu in gateway.received] == [DeliverSm, SubmitSmResp]
    world.run(0.2)
    assert [type(pdu) for pdu in gateway.received] == [DeliverSm, SubmitSmResp, DeliverSm]


def test_what_takes_its_time_overtakes_no_answer() -> None:
    said = "delays: {respond: 3s, delivery: 2s, out_of_order: 100%"
    for more, rest in (
        (", first_failure: 100%, delivered: 100%, retries: 1m}", ""),
        ("}", f"subscribers: {{{PHONE}: deactivated}}"),
        ("}, limits: [{rate: 1/s, over: {mode: queue, span: 1m}}]", ""),
    ):
        world = world_of(said + more, rest)
        gateway = world.bound()
        gateway.submit(destination_addr="12025550101")
        gateway.received.clear()
        gateway.submit(destination_addr=PHONE)
        world.run(120.0)
        answered = next(i for i, pdu in enumerate(gateway.received) if isinstance(pdu, SubmitSmResp))
        told = [i for i, pdu in enumerate(gateway.received) if isinstance(pdu, DeliverSm) and pdu.source_addr == PHONE]
        assert min(told) > answered, more


def test_a_scheduled_message_overtakes_nothing() -> None:
    world = world_of("delays: {delivery: 2s, out_of_order: 100%}")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE, schedule_delivery_time="000000010000000R")
    world.run(HOUR - 1.0)
    assert receipts(gateway) == []
    assert brief(fact(world)) == ("SCHEDLD", "")
    world.run(10.0)
    assert receipts(gateway) == [("DELIVRD", "000")]


# ---------------------------------------------------------------------- texts in parts


def test_a_prohibited_word_across_two_parts_is_found() -> None:
    world = world_of("filters: [{filter: content, where: REJECTD}]")
    gateway = world.bound()
    assert in_parts(gateway, b"Come in and buy canna", b"bis today") == [0, 0]
    world.run(60.0)
    assert [stat for stat, _ in receipts(gateway)] == ["DELIVRD", "REJECTD"]
    found = fact(world)
    assert found is not None
    assert (found.state, found.cause) == ("REJECTD", "carrier_spam")
    assert "'cannabis'" in found.why


def test_an_opt_out_text_in_the_last_part_is_there() -> None:
    world = world_of("filters: [{filter: missing_opt_out, where: UNDELIV}]")
    gateway = world.bound()
    in_parts(gateway, b"Your parcel has come. ", b"Reply STOP to opt out.")
    world.run(60.0)
    assert receipts(gateway) == [("DELIVRD", "000")] * 2
    world = world_of("filters: [{filter: missing_opt_out, where: UNDELIV}]")
    gateway = world.bound()
    in_parts(gateway, b"Your parcel has come. ", b"Come and get it.")
    world.run(60.0)
    assert [stat for stat, _ in receipts(gateway)] == ["DELIVRD", "UNDELIV"]


# ---------------------------------------------------------------------- who decides of the truth


def test_nothing_is_so_before_its_time() -> None:
    world = world_of("receipts: accepted_only")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(1.9)
    assert receipts(gateway) == [("ACCEPTD", "000")]
    assert fact(world) == Fact("ENROUTE", network="one")
    world.run(0.1)
    assert brief(fact(world)) == ("DELIVRD", "")


def test_a_refusal_is_told_and_so() -> None:
    told, found = sent("filters: [{filter: shortener, cause: carrier_spam, where: submit}]", LINK)
    assert told == []
    assert found is not None
    assert (found.state, found.cause, found.network, found.at) == ("REFUSED", "carrier_spam", "one", START)


def test_an_accounts_limit_refuses_where_no_network_is_asked() -> None:
    world = world_of("receipts: truth", "carrier: {limits: [{per: account, rate: 1/day}]}")
    gateway = world.bound()
    for _ in range(2):
        gateway.submit(destination_addr=PHONE)
    found = fact(world)
    assert found == Fact("REFUSED", "over 1/day per account", at=START)


def test_whoever_switches_a_phone_off_decides_of_the_truth() -> None:
    world = world_of("receipts: truth")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.smsc.phones.switch(PHONE, world.now, is_on=False)
    world.run(HOUR)
    assert brief(fact(world)) == ("ENROUTE", "")
    world.smsc.phones.switch(PHONE, world.now, is_on=True)
    world.run(1.0)
    assert receipts(gateway) == [("DELIVRD", "000")]
    assert fact(world) == Fact("DELIVRD", network="one", at=START + HOUR)


def test_what_a_hub_has_told_stays_told_whatever_becomes_of_the_phone() -> None:
    off = f"subscribers: {{{PHONE}: {{state: 'off', lasts: 1h}}}}"
    told, found = sent("receipts: hub_first", rest=off)
    assert (told, brief(found)) == ([("DELIVRD", "000")], ("ENROUTE", ""))
    assert brief(sent("receipts: hub_first", rest=off, wait=30 * HOUR)[1]) == ("DELIVRD", "")
    world = world_of("receipts: hub_first", off)
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(600.0)
    people = world.smsc.phones.people
    assert people is not None
    people.change(PHONE, world.now, state="on")
    world.run(HOUR)
    assert receipts(gateway) == [("DELIVRD", "000")]
    found = fact(world)
    # the next attempt by the schedule is that after half an hour
    assert found == Fact("DELIVRD", network="one", at=START + 1_802.0)


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("{deliver: {after: 0s, state: UNDELIV}}", Fact("UNDELIV", "", "rule mine", "one", START)),
        ("lose", Fact(LOST, "", "rule mine", "one", START)),
        ("{reject: ESME_RTHROTTLED}", Fact("REFUSED", "mine", "rule mine", "", START)),
    ],
)
def test_a_rule_decides_of_the_truth(then: str, expected: Fact) -> None:
    _, found = sent("delays: instant", rest=f"rules: [{{name: mine, then: {then}}}]")
    assert found == expected


def test_without_networks_nobody_knows_of_any_truth() -> None:
    world = World()
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    world.run(5.0)
    assert fact(world) is None
    (row,) = world.smsc.history.newest_first()
    shown = row_json(row, world.smsc, world.smsc.clock.at(world.now))
    assert (shown["truth"], shown["parts"][0]["truth"]) == (None, None)


# ---------------------------------------------------------------------- who asks


def test_a_row_shows_the_truth_of_all_and_of_each_part() -> None:
    world = world_of("receipts: hub_first, filters: [{filter: content, where: lost}]")
    gateway = world.bound()
    in_parts(gateway, b"Come in and buy canna", b"bis today")
    world.run(60.0)
    (row,) = world.smsc.history.newest_first()
    shown = row_json(row, world.smsc, world.smsc.clock.at(world.now))
    assert [part["truth"]["state"] for part in shown["parts"]] == ["DELIVRD", LOST]
    why = shown["truth"].pop("why")
    assert shown["truth"] == {
        "state": LOST,
        "cause": "carrier_spam",
        "network": "one",
        "at": "2027-01-15T08:00:00.100Z",
    }
    assert why.startswith("filter content: ")


def test_the_journal_tells_of_each_message_that_something_else_is_so() -> None:
    world = world_of("receipts: hub_first, filters: [shortener]")
    gateway = world.bound()
    gateway.submit(destination_addr=PHONE)
    gateway.submit(destination_addr=PHONE, short_message=LINK)
    world.run(60.0)
    ((subject, told),) = world.events("truth")
    assert (subject.number, brief(told)) == (2, ("REJECTD", "shortened_url"))
    kinds = [row.kind for row in world.smsc.journal.rows() if getattr(row.subject, "number", 0) == 2]
    assert kinds[:3] == ["submitted", "truth", "answered"]
    line = json.loads(Lines().render([("truth", START, 1, subject, told, None)]))
    assert line["truth"] == {
        "state": "REJECTD",
        "cause": "shortened_url",
        "why": "filter shortener: link by the public shortener 'bit.ly'",
        "network": "one",
        "at": START,
    }


def test_the_journal_tells_nothing_of_what_a_rule_decides() -> None:
    world = world_of("receipts: accepted_only", "rules: [{name: mine, then: {deliver: UNDELIV}}]")
    world.bound().submit(destination_addr=PHONE)
    world.run(60.0)
    assert world.events("truth") == []


def test_a_program_asks_for_messages_by_what_is_so() -> None:
    world = world_of("receipts: hub_first, filters: [shortener]")
    gateway = world.bound()
    recall = Recall(world.smsc, lambda: world.now)
    for text in (b"hello", LINK):
        gateway.submit(destination_addr=PHONE, short_message=text)
    world.run(60.0)
    where = recall.question_of_messages({"destination": PHONE, "state": "DELIVRD"}, "messages")
    (lied,) = recall.messages(where, None, "REJECTD")
    assert (lied.text, lied.state) == (LINK.decode(), "DELIVRD")
    assert brief(lied.truth) == ("REJECTD", "shortened_url")
    assert [one.text for one in recall.messages(where, None, "DELIVRD")] == ["hello"]
    misses = recall.misses(where, None, LOST)
    assert [str(miss).partition(": ")[2] for miss in misses] == [
        "truth: wanted LOST, got REJECTD",
        "truth: wanted LOST, got DELIVRD",
    ]


def test_what_a_network_does_to_a_message_that_is_scheduled_is_so_when_its_time_has_come() -> None:
    for filters in ("{filter: shortener, where: REJECTD}", "{filter: shortener, where: lost}"):
        world = world_of(f"filters: [{filters}]")
        gateway = world.bound()
        gateway.submit(destination_addr=PHONE, short_message=LINK, schedule_delivery_time="000000010000000R")
        world.run(60.0)
        # no network has seen it yet
        assert brief(fact(world)) == ("SCHEDLD", ""), filters
        world.run(HOUR)
        found = fact(world)
        assert found is not None
        assert found.state in ("REJECTD", LOST)
        assert found.at == pytest.approx(START + HOUR, abs=1.0)

"""What has happened, asked in the words of rules: messages, events, sessions, and how near the others came."""

from typing import Any

import pytest

from simulator.scenario.problems import ScenarioError
from simulator.smpp.pdus import DataSm, SmeAddress, SubmitMulti, Unbind
from simulator.smpp.tlvs import Tlv
from simulator.smpp.vendor_tlvs import vendor_tlv
from simulator.smsc.memory.recall import Recall, SeenMessage, Truncated
from simulator.smsc.terms import Terms
from tests.smsc.played import Played
from tests.smsc.world import World

TO = "12025550100"


def recall_of(world: World) -> Recall:
    return Recall(world.smsc, lambda: world.now)


def found(recall: Recall, receipt: str | None = None, **match: Any) -> list[SeenMessage]:
    return recall.messages(recall.question_of_messages(match, "messages"), receipt)


def numbers(recall: Recall, receipt: str | None = None, **match: Any) -> list[int]:
    return [one.number for one in found(recall, receipt, **match)]


def parts_of_one_text(gateway: Any, *numbers: int) -> None:
    for number in numbers:
        header = bytes([5, 0, 3, 7, 2, number])
        gateway.submit(esm_class=0x40, short_message=header + b"%d. " % number)


# ------------------------------------------------------------------ messages


def test_messages_are_found_by_what_they_are() -> None:
    world = World()
    recall = recall_of(world)
    gateway = world.bound("gateway")
    gateway.submit(destination_addr="1", short_message=b"first", registered_delivery=0)
    world.bound("other", "TX", interface_version=0x33).submit(
        destination_addr="2", short_message=b"second", data_coding=3
    )
    gateway.send(DataSm(source_addr="9", destination_addr="3", tlvs=(Tlv(0x0424, b"third"),)))
    assert numbers(recall) == [1, 2, 3]
    assert numbers(recall, account="other") == numbers(recall, bind_type="TX") == numbers(recall, version="3.3") == [2]
    assert numbers(recall, text={"contains": "IR"}) == [1, 3]
    assert numbers(recall, command="data_sm") == numbers(recall, source="9") == [3]
    assert numbers(recall, to=["+1", 3]) == [1, 3]
    assert numbers(recall, fields={"data_coding": 3}) == numbers(recall, alphabet="latin1") == [2]
    assert numbers(recall, tlvs={"message_payload": "present"}) == [3]
    assert numbers(recall, state="ENROUTE", length="6..") == [2]
    assert numbers(recall, status="ESME_ROK", count="2..3") == [2, 3]
    world.run(10)
    gateway.submit()
    assert numbers(recall, state="DELIVRD", since_start="..5s") == [1, 2, 3]
    assert numbers(recall, since_start="5s..") == [4]


def test_a_session_that_has_gone_is_still_known() -> None:
    world = Played("rules: [{when: {to: none}, then: lose}]")
    recall = recall_of(world)
    world.bound("gateway")
    gateway = world.bound("gateway", "TX", interface_version=0x33)
    gateway.submit()
    gateway.send(Unbind())
    gateway.close()
    assert numbers(recall, session="2nd", bind_type="TX", version="3.3", listener="smpp", tls=False) == [1]
    assert numbers(recall, session="1st") == []


def test_a_refused_message_is_a_message() -> None:
    world = Played("rules: [{times: 1, then: {reject: ESME_RTHROTTLED}}]")
    recall = recall_of(world)
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    (refused,) = found(recall, status="ESME_RTHROTTLED")
    assert (refused.number, refused.state, refused.status, refused.message_id) == (1, "REFUSED", "ESME_RTHROTTLED", "")
    assert numbers(recall, status_not="ESME_RTHROTTLED") == [2]


def test_a_message_is_one_text_with_its_parts() -> None:
    world = World()
    recall = recall_of(world)
    gateway = world.bound()
    parts_of_one_text(gateway, 2, 1)
    (whole,) = found(recall, text="1. 2. ")
    assert whole.text == "1. 2. "
    assert [part.text for part in whole.parts] == ["1. ", "2. "]
    assert numbers(recall, part="last") == numbers(recall, part="1 of 2") == [1]
    assert numbers(recall, part="3") == []
    world.run(1)
    (whole,) = found(recall, "sent", state="DELIVRD")
    assert (whole.receipts_sent, whole.receipts_acknowledged, whole.status) == (2, 2, "ESME_ROK")
    assert whole.done_at == pytest.approx(whole.submitted_at + 0.3, abs=0.1)


def test_a_receipt_counts_when_every_part_has_one() -> None:
    world = World()
    recall = recall_of(world)
    gateway = world.bound(bind="TX")
    gateway.submit(registered_delivery=0)
    parts_of_one_text(gateway, 1, 2)
    world.run(1)
    assert numbers(recall, "sent") == []
    receiver = world.gateway(lambda _: None)
    receiver.bind(bind="RX")
    assert numbers(recall, "sent") == [2]
    assert numbers(recall, "acknowledged") == []


def test_a_multiple_submission_is_as_many_messages() -> None:
    world = World()
    recall = recall_of(world)
    world.bound().send(SubmitMulti(source_addr="9", dest_address=(SmeAddress(1, 1, "1"), SmeAddress(1, 1, "2"))))
    assert [one.destination for one in found(recall, command="submit_multi")] == ["1", "2"]


def test_subscribers_messages_are_asked_for_by_their_event() -> None:
    world = World()
    recall = recall_of(world)
    world.bound().submit()
    world.smsc.mo("5555", TO, "hello", world.now)
    world.settle()
    (written,) = found(recall, event="mo", text="hello", to="5555")
    assert (written.direction, written.source, written.state, written.status) == ("mo", TO, "DELIVRD", "")
    assert numbers(recall, "sent", event="mo", state="DELIVRD") == [2]
    assert numbers(recall) == [1]
    assert recall.message(2) == written
    assert recall.message(3) is None


def test_vendors_tlvs_are_asked_for_by_name() -> None:
    vendors = (vendor_tlv("0x1401=billing_id:cstring"),)
    world = World(terms=Terms(vendor_tlvs=vendors))
    recall = recall_of(world)
    world.bound().submit(tlvs=(Tlv(0x1401, b"7\0"),))
    assert numbers(recall, tlvs={"billing_id": "present"}) == [1]


def test_what_stands_still_does_not_change_with_the_message() -> None:
    world = World()
    recall = recall_of(world)
    world.bound().submit()
    (before,) = found(recall)
    world.run(1)
    assert (before.state, found(recall)[0].state) == ("ENROUTE", "DELIVRD")


def test_where_no_scenario_is_played_a_reset_is_the_beginning() -> None:
    world = World()
    recall = recall_of(world)
    gateway = world.bound()
    world.run(100)
    gateway.submit()
    assert numbers(recall, since_start="..50s") == []
    world.smsc.reset(world.now)
    gateway.submit()
    assert numbers(recall, since_start="..50s") == [1]


def test_nothing_smaller_than_the_truth_is_told() -> None:
    world = World(rows_max=3)
    recall = recall_of(world)
    gateway = world.bound()
    for _ in range(5):
        gateway.submit()
    with pytest.raises(Truncated, match="messages: 2 older ones are no longer kept"):
        found(recall)
    world.run(1)
    with pytest.raises(Truncated, match="older events are no longer kept"):
        recall.count("submitted", recall.question_of_events("submitted", {"to": TO}, "count"))
    assert recall.count("submitted", recall.question_of_events("submitted", {}, "count")) == 5


# ------------------------------------------------------------------ near misses


def test_the_nearest_misses_come_first_and_tell_all_that_differs() -> None:
    world = World()
    recall = recall_of(world)
    gateway = world.bound()
    gateway.submit(destination_addr="1", short_message=b"far")
    gateway.submit(destination_addr=TO, short_message=b"near")
    gateway.submit(destination_addr=TO, short_message=b"x" * 60)
    gateway.submit(destination_addr="1", short_message=b"as far")
    where = recall.question_of_messages({"to": TO, "text": "there", "state": "DELIVRD"}, "wait_for")
    told = [str(one) for one in recall.misses(where)]
    ours = f"12025550199 -> {TO}"
    late, elsewhere = "state: wanted DELIVRD, got ENROUTE", f"destination: wanted {TO}, got 1"
    assert told == [
        f"message 3, {ours}, '{'x' * 40}...': {late}; text: wanted there, got {'x' * 60}",
        f"message 2, {ours}, 'near': {late}; text: wanted there, got near",
        f"message 4, 12025550199 -> 1, 'as far': {late}; {elsewhere}; text: wanted there, got as far",
    ]


def test_a_missing_receipt_is_a_miss_too() -> None:
    world = World()
    recall = recall_of(world)
    world.bound().submit()
    where = recall.question_of_messages({"to": TO}, "wait_for")
    (miss,) = recall.misses(where, "acknowledged")
    assert str(miss).endswith("'hello': receipt: wanted acknowledged, got 0 sent, 0 acknowledged")
    assert recall.misses(where) == []


# ------------------------------------------------------------------ events and sessions


def test_events_are_counted_by_kind_and_match() -> None:
    world = Played("rules: [{times: 1, then: {reject: ESME_RTHROTTLED}}]")
    recall = recall_of(world)
    gateway = world.bound()
    gateway.submit(destination_addr="1")
    gateway.submit(destination_addr="2")
    gateway.send_bytes(bytes.fromhex("00000010 00000099 00000000 00000009"))

    def count(kind: str | None, **match: Any) -> int:
        return recall.count(kind, recall.question_of_events(kind, match, "count"))

    assert (count("submitted"), count("submitted", to="1"), count("submitted", account="other")) == (2, 1, 0)
    assert (count("answered", status="ESME_RTHROTTLED"), count("answered", status="ESME_ROK")) == (1, 1)
    assert count(None, to="1") == count(None, to="2") + 1
    assert count(None) == world.smsc.journal.total
    assert count("bound", bind_type="TRX", account="gateway") == 1
    told = recall.events("answered", recall.question_of_events("answered", {}, "events"))
    assert [(one.detail, one.message and one.message.destination) for one in told] == [
        ("ESME_RTHROTTLED", "1"),
        ("ESME_ROK", "2"),
    ]


def test_sessions_are_those_that_are_bound() -> None:
    world = World()
    recall = recall_of(world)
    world.bound("first", "RX")
    world.gateway()
    world.bound("second", "TX")

    def sessions(**match: Any) -> list[str]:
        return [one.system_id for one in recall.sessions(recall.question({"event": "bound", **match}, "sessions"))]

    assert (sessions(), sessions(bind_type=["TX", "TRX"]), sessions(account="first")) == (
        ["first", "second"],
        ["second"],
        ["first"],
    )
    missed = recall.missed_sessions(recall.question({"event": "bound", "account": "third"}, "wait_for_bind"))
    assert [str(one) for one in missed] == [
        "session 1 of first: account: wanted third, got first",
        "session 3 of second: account: wanted third, got second",
        "session 2 of memory: account: wanted third, got ; state: wanted bound, got OPEN",
    ]


# ------------------------------------------------------------------ what cannot be asked


@pytest.mark.parametrize(
    "match",
    [
        {"rate": "over 1/s"},
        {"in_flight": 1},
        {"idle": "1s.."},
        {"since_connect": "1s.."},
        {"since_bound": "1s.."},
        {"since_disconnect": "1s.."},
        {"phase": "storm"},
        {"variables": {"x": 1}},
        {"held": {"pile": 1}},
        {"age": "1s.."},
    ],
)
def test_what_only_the_moment_knew_is_refused(match: dict[str, Any]) -> None:
    (key,) = match
    with pytest.raises(ScenarioError, match=f"^messages: {key}: {key} of what is past"):
        recall_of(World()).question_of_messages(match, "messages")


def test_events_and_kinds_that_are_none_are_refused() -> None:
    recall = recall_of(World())
    with pytest.raises(ScenarioError, match="'connect' is no message"):
        recall.question_of_messages({"event": "connect"}, "messages")
    with pytest.raises(
        ScenarioError, match=r"^count: kind: 'submited' is no kind of event.*\n +did you mean submitted"
    ):
        recall.question_of_events("submited", {}, "count")
    with pytest.raises(ScenarioError, match="event of an event"):
        recall.question_of_events(None, {"event": "receipt"}, "count")

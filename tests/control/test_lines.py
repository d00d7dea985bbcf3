"""Each kind of event as one line of JSON, which tells what the API tells, also when its message has moved on."""

import json
from typing import Any

import pytest

from simulator.carrier.accounts import Account
from simulator.carrier.messages import Cause, Message, Outcome, Verdict
from simulator.control.lines import FORM, GAP, Header, Lines, header_line
from simulator.control.rows import row_json
from simulator.journal import KINDS
from simulator.scenario.file import parse
from simulator.scenario.script import Script
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import CancelSm, EnquireLink, QuerySm, ReplaceSm, SmeAddress, SubmitMulti, SubmitSm
from simulator.smpp.tlvs import Tlv, tlv_int
from simulator.smpp.vendor_tlvs import VendorTlv
from simulator.smsc.play.faults import strike
from simulator.smsc.terms import Terms
from simulator.smsc.translate import Submission
from tests.control.recorded import Recorded
from tests.smsc.line import a_fault
from tests.smsc.subscribers.test_broadcasts import a_broadcast
from tests.smsc.world import LateCarrier, answering, say_nothing

LONG = b"".join([b"\x05\x00\x03\x07\x02\x01", b"first "])
REST = b"".join([b"\x05\x00\x03\x07\x02\x02", b"second"])


@pytest.fixture
def world() -> Recorded:
    return Recorded(seed=1)


def test_the_header_tells_the_form_and_the_run() -> None:
    line = header_line(Header(1.5, 2.5, 60.0, 7, 'a "name"'))
    assert line.endswith(b"\n")
    told = json.loads(line)
    assert (told["journal"], told["started"], told["wall"], told["speed"]) == (FORM, 1.5, 2.5, 60.0)
    assert (told["seed"], told["system_id"]) == (7, 'a "name"')


def test_events_are_numbered_from_one_in_order(world: Recorded) -> None:
    world.bound().submit()
    world.run(1.0)
    events = world.told()
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert [event["kind"] for event in events] == [row.kind for row in world.smsc.journal.rows()]
    assert [event["at"] for event in events] == [pytest.approx(row.at, abs=1e-6) for row in world.smsc.journal.rows()]


def test_a_gap_takes_the_numbers_of_what_is_lost() -> None:
    lines = Lines()
    gap = json.loads(lines.gap(5, 1.0, 2.0))
    assert gap == {"n": 1, "at": 1.0, "kind": GAP, "session": 0, "lost": 5, "since": 1.0, "until": 2.0}
    assert json.loads(lines.render([("reset", 3.0, 0, None, None, 4.0)]))["n"] == 6
    assert GAP not in KINDS


def test_a_rule_that_fired_is_told_with_its_message() -> None:
    script = Script([parse('scenario: 1\nrules: [{name: "full \\"up\\"", then: {reject: ESME_RMSGQFUL}}]')], 0)
    world = Recorded(script=script)
    world.bound("alice").submit()
    (fired,) = world.of("rule_fired")
    assert (fired["rule"], fired["message"], fired["account"]) == ('full "up"', 1, "alice")


def test_a_fault_is_told_in_words_with_its_session(world: Recorded) -> None:
    gateway = world.bound("alice")
    strike(world.smsc, gateway.session, a_fault("black_hole", direction="in", lasts="15m"), world.now)
    (fault,) = world.of("fault")
    assert (fault["fault"], fault["session"], fault["account"]) == ("black_hole of in for 15m", 1, "alice")


def test_a_message_is_told_as_the_api_tells_it(world: Recorded) -> None:
    gateway = world.bound("alice")
    gateway.submit(short_message="Grüße".encode("utf-16-be"), data_coding=8, validity_period="000001000000000R")
    world.run(1.0)
    (submitted,), (answered,), (concluded,) = map(world.of, ("submitted", "answered", "concluded"))
    (row,) = (row_json(one, world.smsc, world.smsc.clock.at(world.now)) for one in world.smsc.history.newest_first())
    for name in ("account", "message_id", "from", "to", "text", "data_coding", "direction"):
        assert submitted[name] == row[name]
    assert (str(submitted["message"]), submitted["state"], submitted["registered_delivery"]) == (
        row["id"],
        "ENROUTE",
        1,
    )
    assert [submitted[name] for name in ("from_ton", "from_npi", "to_ton", "to_npi")] == [1, 1, 1, 1]
    assert submitted["expires_at"] - submitted["at"] == pytest.approx(86_400)
    assert (answered["status"], answered["command_status"]) == ("ESME_ROK", 0)
    assert "after" not in answered
    assert (concluded["state"], concluded["error"]) == (row["state"], row["error"])
    for event in (submitted, answered, concluded, *world.of("receipt_sent"), *world.of("receipt_acknowledged")):
        assert (event["message_id"], event["from"], event["to"]) == (row["message_id"], row["from"], row["to"])


def test_the_request_stands_in_the_file_octet_for_octet(world: Recorded) -> None:
    gateway = world.bound()
    gateway.submit()
    (submitted,) = world.of("submitted")
    (row,) = world.smsc.history.newest_first()
    assert isinstance(row, Submission)
    assert row.pdu is not None
    assert bytes.fromhex(submitted["pdu"]) == row.pdu.raw
    assert submitted["command"] == "submit_sm"


@pytest.mark.parametrize(("mode", "told"), [(0, None), (1, False), (3, None)])
def test_what_is_not_stored_says_so_beside_what_it_asked_for(world: Recorded, mode: int, told: bool | None) -> None:
    world.bound().submit(esm_class=mode, registered_delivery=0x11)
    (submitted,) = world.of("submitted")
    assert (submitted["registered_delivery"], submitted.get("is_stored")) == (0x11, told)


def test_a_request_of_several_messages_stands_there_once(world: Recorded) -> None:
    places = tuple(SmeAddress(1, 1, number) for number in ("12025550100", "12025550101", ""))
    world.bound().send(SubmitMulti(source_addr="1", dest_address=places, short_message=b"all"))
    first, second, third = world.of("submitted")
    assert (first["command"], second["pdu_of"], third["pdu_of"]) == ("submit_multi", 1, 1)
    assert "pdu" in first
    assert "pdu" not in second
    assert [event["status"] for event in world.of("answered")] == ["ESME_ROK", "ESME_ROK", "ESME_RINVDSTADR"]


def test_a_part_tells_which_it_is(world: Recorded) -> None:
    gateway = world.bound()
    for octets in (LONG, REST):
        gateway.submit(esm_class=0x40, short_message=octets)
    assert [event["text"] for event in world.of("submitted")] == ["first ", "second"]
    assert [event["part"]["number"] for event in world.of("submitted")] == [1, 2]
    assert world.of("submitted")[0]["part"] | {"kind": ""} == {"reference": 7, "number": 1, "total": 2, "kind": ""}


def test_a_refused_message_says_so(world: Recorded) -> None:
    world.bound().submit(destination_addr="")
    (answered,) = world.of("answered")
    assert (answered["status"], answered["state"]) == ("ESME_RINVDSTADR", "REFUSED")
    assert "message_id" not in answered


def test_a_refusal_by_the_carrier_tells_its_cause() -> None:
    world = Recorded(accounts=[Account("gateway", throughput=1.0)])
    gateway = world.bound()
    gateway.submit()
    gateway.submit()
    assert [event.get("cause") for event in world.of("answered")] == [None, "throttled"]


def test_a_late_answer_tells_how_late() -> None:
    world = Recorded(carrier=LateCarrier(2.5))
    gateway = world.bound()
    gateway.submit()
    gateway.submit(schedule_delivery_time="000000010000000R")
    assert [event["after"] for event in world.of("answered")] == [2.5, 2.5]
    assert [event["state"] for event in world.of("submitted")] == ["ENROUTE", "SCHEDLD"]
    assert world.of("submitted")[1]["scheduled_at"] == pytest.approx(world.of("submitted")[1]["at"] + 3600)


class Failing(LateCarrier):
    """A carrier that fails everything for a cause."""

    def submit(self, message: Message, account: Account, now: float) -> Verdict:
        return Verdict(True, outcomes=(Outcome(0.1, "UNDELIV", Cause("absent", "027")),))


def test_what_fails_tells_error_and_cause() -> None:
    world = Recorded(carrier=Failing(0.0))
    world.bound().submit()
    world.run(1.0)
    for (event,) in map(world.of, ("concluded", "receipt_sent", "receipt_acknowledged")):
        assert (event["state"], event["error"], event["cause"]) == ("UNDELIV", "027", "absent")


def test_a_line_tells_what_was_although_the_message_has_moved_on(world: Recorded) -> None:
    gateway = world.bound()
    answer = gateway.submit(short_message=b"old", schedule_delivery_time="000000010000000R")
    replacing = ReplaceSm(
        message_id=answer.message_id,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="12025550199",
        short_message=b"new",
    )
    assert gateway.send(replacing).command_status == 0
    world.run(4000.0)
    (row,) = world.smsc.history.newest_first()
    assert row.state == "DELIVRD"
    # only now is anything rendered
    (submitted,), (replaced,) = world.of("submitted"), world.of("replaced")
    assert (submitted["text"], submitted["state"]) == ("old", "SCHEDLD")
    assert (replaced["text"], replaced["state"], replaced["user_data"]) == ("new", "SCHEDLD", b"new".hex())
    assert "pdu" not in replaced


def test_a_text_is_told_although_its_row_has_left_the_ring() -> None:
    world = Recorded(rows_max=1)
    gateway = world.bound()
    for text in (b"one", b"two", b"three"):
        gateway.submit(short_message=text, registered_delivery=0)
        world.run(1.0)
    assert [event["text"] for event in world.of("submitted")] == ["one", "two", "three"]
    assert all(len(event["pdu"]) > 32 for event in world.of("submitted"))


def test_a_cancelled_message_tells_its_end(world: Recorded) -> None:
    gateway = world.bound()
    answer = gateway.submit()
    cancel = CancelSm(message_id=answer.message_id, source_addr_ton=1, source_addr_npi=1, source_addr="12025550199")
    assert gateway.send(cancel).command_status == 0
    (cancelled,), (concluded,) = world.of("cancelled"), world.of("concluded")
    assert cancelled["message_id"] == answer.message_id
    assert concluded["state"] == "DELETED"


def test_a_subscribers_message_tells_text_and_segments(world: Recorded) -> None:
    world.bound()
    world.smsc.mo("12025550100", "+12025550199", "x" * 200, world.now)
    world.settle()
    (created,) = world.of("mo_created")
    assert (created["direction"], created["text"], created["segments"]) == ("mo", "x" * 200, 2)
    assert (created["from"], created["to"], created["message_id"]) == ("12025550199", "12025550100", "mo-1")
    assert [event["segment"] for event in world.of("mo_sent")] == [1, 2]
    assert [event["segment"] for event in world.of("mo_acknowledged")] == [1, 2]


def test_a_delivery_that_is_refused_tells_how(world: Recorded) -> None:
    gateway = world.bound()
    gateway.decide = answering(0x64)
    gateway.submit()
    world.run(1.0)
    gateway.decide = answering(0x08)
    world.smsc.mo("12025550100", "12025550199", "hi", world.now)
    world.run(1.0)
    assert {event["status"] for event in world.of("retry") + world.of("mo_failed") + world.of("receipt_failed")} <= {
        "ESME_RX_T_APPN",
        "ESME_RSYSERR",
    }
    assert world.of("retry")[0]["command_status"] == 0x64


def test_a_delivery_without_an_answer_has_no_status(world: Recorded) -> None:
    gateway = world.bound()
    gateway.decide = say_nothing
    gateway.submit()
    world.run(200.0)
    assert "no answer to deliver_sm" in [event["reason"] for event in world.of("timeout")]
    assert "status" not in world.of("retry")[0]


def test_sessions_tell_who_and_whence(world: Recorded) -> None:
    gateway = world.bound("alice", "RX")
    gateway.close()
    connected, bound, disconnected = world.told()
    assert (connected["kind"], connected["peer"], connected["listener"]) == ("connected", "memory", "smpp")
    assert "account" not in connected
    assert (bound["account"], bound["system_id"], bound["bind"]) == ("alice", "alice", "RX")
    assert "reason" not in bound
    assert disconnected["reason"] == "cut by the test"


def test_a_refused_bind_tells_its_status() -> None:
    world = Recorded(accounts=[Account("alice", "secret")])
    world.gateway().bind("alice", password="wrong")
    (refused,) = world.of("bind_refused")
    assert (refused["status"], refused["system_id"]) == ("ESME_RINVPASWD", "alice")
    assert "secret" not in world.text()
    assert "wrong" not in world.text()


def test_what_is_no_pdu_is_told_with_its_octets(world: Recorded) -> None:
    gateway = world.bound("alice")
    octets = bytes.fromhex("00000011 00000004 00000000 00000009 ff")
    gateway.send_bytes(octets)
    (malformed,) = world.of("malformed")
    assert malformed["header"] == {"command": "submit_sm", "command_id": 4, "command_status": 0, "sequence_number": 9}
    assert (bytes.fromhex(malformed["pdu"]), malformed["account"]) == (octets, "alice")
    assert malformed["reason"]


def test_a_request_in_the_wrong_state_is_told(world: Recorded) -> None:
    gateway = world.gateway()
    gateway.send(QuerySm(message_id="1"))
    (refused,) = world.of("refused_pdu")
    assert (refused["status"], refused["header"]["command"]) == ("ESME_RINVBNDSTS", "query_sm")
    assert "account" not in refused


def test_a_reset_tells_the_real_time_and_numbering_goes_on(world: Recorded) -> None:
    world.bound().submit()
    world.smsc.reset(world.now)
    world.gateways[0].send(EnquireLink())
    *_, before, reset, after = world.told()
    assert (reset["kind"], reset["session"], reset["n"]) == ("reset", 0, before["n"] + 1)
    assert reset["wall"] > 1_700_000_000
    assert (after["kind"], after["n"]) == ("enquired", reset["n"] + 1)


def test_texts_of_every_kind_survive(world: Recorded) -> None:
    gateway = world.bound()
    texts = ['"\\\n\x00\x7f', "Ω€ß\u2028", "😀"]
    for text in texts:
        gateway.submit(short_message=text.encode("utf-16-be"), data_coding=8)
    assert [event["text"] for event in world.of("submitted")] == texts
    assert len(world.text().split("\n")) == len(world.told()) + 1


def rendered(*cell: Any) -> Any:
    return json.loads(Lines().render([cell]))


def test_half_a_surrogate_pair_becomes_an_escape() -> None:
    assert rendered("unexpected", 1.0, 2, "\ud83d", None, None)["told"] == "\ud83d"


def test_what_nobody_foresaw_is_told_in_brief() -> None:
    event = rendered("unexpected", 1.0, 2, "x" * 1000, "why", None)
    assert (event["told"], event["reason"]) == ("x" * 200, "why")


def test_an_event_that_cannot_be_told_costs_only_itself() -> None:
    lines = Lines().render([("reset", 1.0, 0, None, None, "soon"), ("reset", 1.0, 0, None, None, 2.0)])
    broken, whole = map(json.loads, lines.splitlines())
    assert broken["told"].startswith("ValueError")
    assert (whole["n"], whole["wall"]) == (2, 2.0)


def test_a_text_whose_request_is_forgotten_is_its_octets(world: Recorded) -> None:
    world.bound().submit()
    (row,) = world.smsc.history.newest_first()
    event = rendered("replaced", 1.0, 2, row, 0, (None, b"\x01\x02", None, None))
    assert event["user_data"] == "0102"


def test_a_request_that_is_forgotten_while_it_is_told_is_told_all_the_same(world: Recorded) -> None:
    world.bound().submit(short_message=b"hello")
    (row,) = world.smsc.history.newest_first()
    assert isinstance(row, Submission)
    request = (row.pdu, row.octets, None, None)
    row.pdu, row.octets = None, b""
    assert rendered("submitted", 1.0, 2, row, None, request)["text"] == "hello"


def test_a_text_is_asked_of_the_wire_only(world: Recorded) -> None:
    world.bound().send(SubmitSm(source_addr="+1", destination_addr="+2", short_message=b"x"))
    (submitted,) = world.of("submitted")
    assert (submitted["from"], submitted["to"]) == ("+1", "+2")


# --- What SMPP 5.0 and the far end bring ---


def test_tlvs_are_told_with_the_names_of_the_account_and_without_the_text() -> None:
    world = Recorded(terms_by_account={"alice": Terms(vendor_tlvs=(VendorTlv(0x1401, "billing_id", "cstring"),))})
    alice, bob = world.bound("alice"), world.bound("bob")
    for gateway in (alice, bob):
        gateway.submit(short_message=b"", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"), Tlv(0x1401, b"A7\0")))
    bob.submit()
    world.smsc.mo("12025550199", "12025550100", "hi", world.now, account="alice", tlvs=(tlv_int(0x0501, 2),))
    submitted, (created,) = world.of("submitted"), world.of("mo_created")
    assert [one.get("tlvs") for one in submitted] == [
        [{"tag": 0x1401, "name": "billing_id", "value": "A7", "hex": "413700"}],
        [{"tag": 0x1401, "name": "0x1401", "value": "413700", "hex": "413700"}],
        None,
    ]
    assert created["tlvs"] == [{"tag": 0x0501, "name": "ussd_service_op", "value": 2, "hex": "02"}]


def test_a_broadcast_that_is_replaced_before_it_is_written_is_told_as_it_was() -> None:
    world = Recorded()
    gateway = world.bound("alice", interface_version=0x50)
    named = Tlv(TlvTag.USER_MESSAGE_REFERENCE, b"\0\x07")
    gateway.send(a_broadcast(b"\0North", b"\0South", text=b"storm", more=(named,)))
    gateway.send(a_broadcast(b"\0West", text=b"calm", more=(named,), replace_if_present_flag=1))
    assert [(one["text"], one["areas"], len(one["tlvs"])) for one in world.of("broadcast_submitted")] == [
        ("storm", 2, 6),
        ("calm", 1, 5),
    ]


def test_broadcasts_phones_alerts_and_acknowledgements_are_told() -> None:
    world = Recorded()
    gateway = world.bound("alice", interface_version=0x50)
    message_id = gateway.send(a_broadcast(times=1)).message_id
    gateway.send(a_broadcast(priority_flag=9))
    world.smsc.phones.switch("12025550100", world.now, is_on=False)
    asking = gateway.submit(tlvs=(tlv_int(TlvTag.SET_DPF, 1),), registered_delivery=0x08).message_id
    world.run(2.0)
    world.smsc.phones.switch("12025550100", world.now, is_on=True)
    world.smsc.acknowledge(asking, "manual", world.now)
    told = world.told()
    taken, refused = (one for one in told if one["kind"] == "broadcast_submitted")
    members = ("broadcast", "account", "from", "message_id", "text", "areas", "status")
    assert {name: taken[name] for name in members} == {
        "broadcast": 1,
        "account": "alice",
        "from": "911",
        "message_id": message_id,
        "text": "storm",
        "areas": 1,
        "status": "ESME_ROK",
    }
    assert [tlv["name"] for tlv in taken["tlvs"]][:2] == ["broadcast_area_identifier", "broadcast_content_type"]
    assert (refused["account"], refused["header"]["command"]) == ("alice", "broadcast_sm")
    assert (refused["status"], refused["pdu"][8:16]) == ("ESME_RINVPRTFLG", "00000111")
    by_kind = {one["kind"]: one for one in told}
    assert by_kind["broadcast_concluded"]["state"] == "DELIVRD"
    assert by_kind["phone_switched"]["reason"] == "12025550100 is on"
    alerted = by_kind["alerted"]
    assert (alerted["account"], alerted["from"], alerted["to"]) == ("alice", "12025550100", "12025550199")
    passed = by_kind["acknowledgement_passed"]
    assert (passed["message_id"], passed["reason"]) == (asking, "manual by mo-3")

"""The scenarios that come with the package: each is read, tells what it is about, is played with a gateway that does
what it should, and does what it says. What each quirk shows octet by octet is in tests/quirks.
"""

import re
from typing import Any

import pytest

from simulator.journal import (
    ANSWERED,
    BIND_REFUSED,
    BOUND,
    CONCLUDED,
    FAULT,
    MO_SENT,
    PDU_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_SENT,
    RULE_FIRED,
    SUBMITTED,
    UNBOUND,
)
from simulator.scenario.file import load, shipped
from simulator.smpp.constants import TlvTag
from simulator.smpp.fields import SmeAddress
from simulator.smpp.pdus import (
    AlertNotification,
    BroadcastSmResp,
    CancelBroadcastSm,
    DataSm,
    EnquireLink,
    QueryBroadcastSm,
    SubmitMulti,
    SubmitSmResp,
    Unbind,
)
from simulator.smpp.tlvs import Tlv, first
from simulator.smsc.staging import staged
from simulator.smsc.watch import Verdict
from tests.faithful import Faithful
from tests.smsc.test_broadcasts import a_broadcast
from tests.smsc.world import START, Gateway, World

NAMES = list(shipped())
PLAYED = [name for name in NAMES if not name.startswith("networks/")]
"""Networks tell no story of their own: what they decide is tested beside the code that plays them."""
STORIES = [name for name in NAMES if name.startswith(("stories/", "faults/"))]
ASKS_MORE = {
    # binds with what this carrier wants to see, which nobody is told
    "quirks/bind-parameter-strictness",
    # reads what breaks the lengths of its own fields
    "quirks/cstring-unterminated-or-overlong",
    "quirks/tlv-length-overruns-pdu",
    "quirks/trailing-bytes-after-body",
    # misses receipts, and binds again for that
    "quirks/receipts-stop-on-live-link",
}
"""Quirks whose wire shows that the gateway of these tests is no better than most: it decodes by the book."""


def playing(name: str, *, messages: int = 40, every: float = 5.0, seconds: float = 900.0, **settings: Any) -> Faithful:
    """A shipped scenario and a faithful gateway, after so many messages and seconds and a goodbye."""
    world = Faithful([load(name)], [name], **settings)
    for number in range(messages):
        # the same text to the same number again would be the same message, sent twice
        world.say(f"1202555{100 + number % 100:04}", b"message %d" % number, after=number * every)
    world.live(seconds)
    if not name.startswith("quirks/"):
        # what quirks ask of the gateway beyond the wire is a matter of their own tests
        world.tell_the_ends()
    world.leave()
    return world


def fired(world: World) -> dict[str, int]:
    """How often each rule and occasion did anything."""
    names = [str(name) for _, name in world.events(RULE_FIRED)]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def missed(verdict: Verdict) -> list[str]:
    """Everything that counts as an error."""
    return [
        f"{one.name}: {one.reason}" for one in (*verdict.expectations, *verdict.checks, *verdict.quirks) if one.is_bad
    ]


def ends(world: Faithful) -> dict[str, int]:
    """How many messages had each end, as the gateway tells it."""
    told = [one.status for one in world.messages]
    return {status: told.count(status) for status in dict.fromkeys(told)}


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_tells_what_it_is_about(name: str) -> None:
    about = load(name).about
    assert about is not None
    assert all((about.text, about.carrier, about.breaks, about.correct))


@pytest.mark.parametrize("name", PLAYED)
def test_a_shipped_scenario_is_played_and_a_faithful_gateway_meets_what_it_expects(name: str) -> None:
    settings = PLAYS.get(name, {})
    world = playing(name, **settings)
    not_sent = [told for row in world.events(PDU_SENT) if "not sent" in (told := f"{row[0]} {row[1]}")]
    assert not_sent == []
    if name not in ASKS_MORE:
        assert missed(world.watch.verdict()) == []


PLAYS: dict[str, dict[str, Any]] = {
    "stories/one-per-cent-lost": {"messages": 1000, "every": 0.5},
    "stories/outage-and-failover": {"messages": 150, "seconds": 1200.0, "doors": ("smpp", "second")},
    "stories/region-down-for-an-hour": {"seconds": 7300.0},
    "stories/daily-cap-reached": {"messages": 70},
    "stories/cold-start-with-backlog": {"every": 0.0},
    "stories/slow-carrier-with-full-window": {"every": 0.0},
    "stories/receipt-storm-after-outage": {"messages": 100, "every": 6.0},
    "stories/bad-day": {"messages": 700, "every": 1.0},
    "faults/throttled-at-two-a-second": {"every": 0.1},
}
"""What is sent where more than the usual is needed."""


BY_OTHER_COMMANDS = {
    *("broadcast-answered-late", "broadcast-area-failed", "broadcast-refused-for-lack-of-the-service"),
    *("data-sm-refused", "submit-multi-partly-refused", "submit-multi-refused-as-a-whole"),
    "submit-multi-all-refused-under-status-ok",
}
"""Faults that no submit_sm meets."""


@pytest.mark.parametrize("name", [name for name in STORIES if name.partition("/")[2] not in BY_OTHER_COMMANDS])
def test_a_story_is_coped_with_and_not_merely_unseen(name: str) -> None:
    verdict = playing(name, **PLAYS.get(name, {})).watch.verdict()
    assert [(one.name, one.reason) for one in (*verdict.expectations, *verdict.quirks) if one.outcome != "coped"] == []
    assert len(verdict.quirks) == 1


# ---------------------------------------------------------------------- stories


def test_throttled_then_recovers() -> None:
    world = playing("stories/throttled-then-recovers")
    assert fired(world) == {"throttled": 80}
    statuses = [status for _, status in world.events(ANSWERED)]
    assert (statuses.count(0x58), statuses.count(0)) == (80, 40)
    assert ends(world) == {"delivered": 40}


def test_one_per_cent_lost() -> None:
    world = playing("stories/one-per-cent-lost", **PLAYS["stories/one-per-cent-lost"])
    lost = fired(world)["lost"]
    assert 3 <= lost <= 25
    assert {status for _, status in world.events(ANSWERED)} == {0}
    assert world.kinds(SUBMITTED) - world.kinds(CONCLUDED) == ends(world)[""] == lost


def test_outage_and_failover() -> None:
    world = playing("stories/outage-and-failover", **PLAYS["stories/outage-and-failover"])
    doors = [caller.listener for caller, _ in world.events(BOUND)]
    assert doors[:2] == ["smpp", "second"]
    assert fired(world).keys() >= {"main door is dead", "main door answers no enquire_link"}
    assert ends(world) == {"delivered": 150}


def test_whoever_has_but_one_door_finds_it_shut_during_an_outage() -> None:
    world = playing("stories/outage-and-failover", messages=100, seconds=1500.0)
    assert fired(world)["main door is shut"] >= 5
    assert [caller.listener for caller, _ in world.events(BOUND)] == ["smpp", "smpp"]
    assert ends(world) == {"delivered": 100}
    assert missed(world.watch.verdict())[0].startswith("messages come by the second door: submitted: expected 1..")


def test_maintenance_with_unbind() -> None:
    world = playing("stories/maintenance-with-unbind")
    assert fired(world)["goodbye"] == 1
    assert {status for _, status in world.events(BIND_REFUSED)} == {0x08}
    # our unbind was answered, and so was the gateway's at the end
    assert world.kinds(UNBOUND) == world.kinds(BOUND) == 2
    assert ends(world) == {"delivered": 40}


def test_receipt_storm_after_outage() -> None:
    world = playing("stories/receipt-storm-after-outage", **PLAYS["stories/receipt-storm-after-outage"])
    came = [row.at - world.smsc.clock.at(100.0) for row in world.smsc.journal.rows() if row.kind == RECEIPT_SENT]
    assert len(came) == 100
    assert came[0] >= 600.0
    assert came[90] == came[0]
    assert world.kinds(RECEIPT_ACKNOWLEDGED) == 100


def test_slow_carrier_with_full_window() -> None:
    settings = PLAYS["stories/slow-carrier-with-full-window"]
    world = playing("stories/slow-carrier-with-full-window", **settings)
    assert {status for _, status in world.events(ANSWERED)} == {0}
    took = [row.at for row in world.smsc.journal.rows() if row.kind == ANSWERED]
    # ten in two seconds
    assert 5.9 < took[-1] - took[0] < 7.0


def test_the_window_of_the_slow_carrier_is_refused_beyond_ten() -> None:
    world = Faithful([load("stories/slow-carrier-with-full-window")], ["slow"])
    world.window = 15
    for number in range(15):
        world.say(f"12025550{100 + number}")
    world.live(60.0)
    statuses = [status for _, status in world.events(ANSWERED)]
    assert 0x58 in statuses
    assert any(one.startswith("window_kept") for one in missed(world.watch.verdict()))


def test_answers_out_of_order() -> None:
    world = Faithful([load("stories/answers-out-of-order")], ["order"])
    for number in range(50):
        world.say(f"12025550{100 + number}")
    world.live(60.0)
    answered = [one.sequence_number for one in world.links[0].of(SubmitSmResp)]
    assert len(set(answered)) == 50
    assert answered != sorted(answered)
    assert fired(world)["receipt in front of its answer"] > 0
    assert ends(world) == {"delivered": 50}


def test_link_flaps() -> None:
    world = playing("stories/link-flaps")
    assert fired(world) == {"cut": 10}
    assert world.kinds(FAULT) == 10
    assert world.kinds(BOUND) == 11
    assert ends(world) == {"delivered": 40}


def test_bad_day() -> None:
    world = playing("stories/bad-day", **PLAYS["stories/bad-day"])
    assert fired(world).keys() == {
        *("message from a subscriber", "throttled", "slow", "queue is full", "unbind", "not delivered"),
        *("receipts twice", "lost"),
    }
    assert world.kinds(MO_SENT) == 12
    assert set(ends(world)) == {"delivered", "failed", ""}


def test_cold_start_with_backlog() -> None:
    world = playing("stories/cold-start-with-backlog", **PLAYS["stories/cold-start-with-backlog"])
    assert fired(world)["not ready"] >= 2
    assert world.kinds(MO_SENT) == 50
    assert fired(world)["throttled while it warms up"] > 0
    assert ends(world) == {"delivered": 40}


def test_region_down_for_an_hour() -> None:
    world = playing("stories/region-down-for-an-hour", messages=10, seconds=3500.0)
    world.say("13125550100")
    world.live(60.0)
    assert ends(world) == {"": 11}
    world = Faithful([load("stories/region-down-for-an-hour")], ["region"])
    for number in ("12025550100", "13125550100"):
        world.say(number)
    world.live(60.0)
    assert [one.status for one in world.messages] == ["", "delivered"]
    world.live(3600.0)
    assert [one.status for one in world.messages] == ["delivered", "delivered"]


def test_daily_cap_reached() -> None:
    world = playing("stories/daily-cap-reached", messages=70)
    statuses = [status for _, status in world.events(ANSWERED)]
    assert statuses == [0] * 50 + [0x450] * 20
    world = Faithful([load("stories/daily-cap-reached")], ["cap"])
    for number in range(60):
        world.say("12025550100", b"message %d" % number, after=0.0 if number < 51 else 90_000.0)
    world.live(91_000.0)
    assert ends(world) == {"delivered": 59, "failed": 1}


# ---------------------------------------------------------------------- faults


def fault(name: str, *, version: int = 0x34) -> tuple[World, Gateway]:
    """A world under a fault, and a plain gateway that is bound."""
    world = World()
    world.smsc = staged([load(f"faults/{name}")], world.now, START, seed=7)
    return world, world.bound(interface_version=version)


def multi(*numbers: str) -> SubmitMulti:
    """One message to several."""
    places = tuple(SmeAddress(1, 1, number) for number in numbers)
    return SubmitMulti(source_addr="5555", dest_address=places, short_message=b"hello", registered_delivery=1)


def congestion(pdu: Any) -> bytes | None:
    """What an answer tells of it."""
    found = first(pdu.tlvs, TlvTag.CONGESTION_STATE)
    return None if found is None else found.value


def test_submit_multi_partly_refused() -> None:
    world, gateway = fault("submit-multi-partly-refused")
    answer = gateway.send(multi("12025550100", "12025550190", "12025550191"))
    assert (answer.command_status, bool(answer.message_id)) == (0, True)
    assert [(one.addr, one.status) for one in answer.unsuccess_sme] == [("12025550190", 0x0B), ("12025550191", 0x0B)]
    world.run(1.0)
    assert gateway.stats == [(answer.message_id, "DELIVRD")]


def test_submit_multi_all_refused_under_status_ok() -> None:
    world, gateway = fault("submit-multi-all-refused-under-status-ok")
    answer = gateway.send(multi("12025550100", "12025550101"))
    assert (answer.command_status, answer.message_id) == (0, "all-of-them")
    assert [one.status for one in answer.unsuccess_sme] == [0x58, 0x58]
    world.run(10.0)
    assert gateway.stats == []


def test_submit_multi_refused_as_a_whole() -> None:
    _, gateway = fault("submit-multi-refused-as-a-whole")
    gateway.send(multi("12025550100"))
    assert gateway.segments[-1][:12] == bytes.fromhex("00000010 80000021 00000003")
    assert gateway.submit().command_status == 0


def test_data_sm_refused() -> None:
    _, gateway = fault("data-sm-refused")
    gateway.send(DataSm(destination_addr="12025550100", tlvs=(Tlv(TlvTag.MESSAGE_PAYLOAD, b"hello"),)))
    assert gateway.segments[-1][:12] == bytes.fromhex("00000010 80000000 00000003")
    assert gateway.submit().command_status == 0


def test_congestion_rises_until_it_refuses() -> None:
    _, gateway = fault("congestion-rises-until-it-refuses", version=0x50)
    answers = [gateway.submit(short_message=b"%d" % number) for number in range(41)]
    assert [congestion(one) for one in answers[:40:10]] == [b"\x28", b"\x50", b"\x5f", b"\x64"]
    assert [one.command_status for one in answers] == [0] * 30 + [0x58] * 10 + [0]


def test_congestion_state_nonsense() -> None:
    _, gateway = fault("congestion-state-nonsense")
    answers = [gateway.submit(short_message=b"%d" % number) for number in range(3)]
    assert [congestion(one) for one in answers] == [b"", b"\0d", b"\xff"]
    assert {one.command_status for one in answers} == {0}


def test_broadcast_refused_for_lack_of_the_service() -> None:
    _, gateway = fault("broadcast-refused-for-lack-of-the-service", version=0x50)
    asked = (a_broadcast(), QueryBroadcastSm(message_id="1"), CancelBroadcastSm(message_id="1"))
    assert [gateway.send(one).command_status for one in asked] == [0x101, 0x03, 0x03]


def test_broadcast_area_failed() -> None:
    _, gateway = fault("broadcast-area-failed", version=0x50)
    answer = gateway.send(a_broadcast(b"\0North", b"\0Downtown"))
    assert (answer.command_status, bool(answer.message_id)) == (0, True)
    told = [(tlv.tag, tlv.value) for tlv in answer.tlvs]
    assert (0x0607, b"\0\0\x01\x0d") in told
    assert (0x0606, b"\0Downtown") in told


def test_broadcast_answered_late() -> None:
    world, gateway = fault("broadcast-answered-late", version=0x50)
    assert gateway.send(a_broadcast()) is None
    assert gateway.send(QueryBroadcastSm(message_id="1000000000")) is None
    world.run(59.0)
    assert gateway.of(BroadcastSmResp) == []
    world.run(2.0)
    assert [one.command_status for one in gateway.of(BroadcastSmResp)] == [0]


def test_bind_refused_by_generic_nack() -> None:
    world = playing("faults/bind-refused-by-generic-nack")
    assert fired(world) == {"bind answered by a nack": 2}
    assert (world.kinds(BIND_REFUSED), world.kinds(BOUND)) == (2, 1)


def test_unbind_never_answered() -> None:
    _, gateway = fault("unbind-never-answered")
    assert gateway.send(Unbind()) is None
    assert gateway.stands()


def test_unbind_instead_of_an_answer() -> None:
    world, gateway = fault("unbind-instead-of-an-answer")
    assert [gateway.submit(short_message=b"%d" % number) is None for number in range(3)] == [False, False, True]
    assert [pdu.name for pdu in gateway.received[-1:]] == ["unbind"]
    world.run(5.0)
    assert not gateway.stands()


def test_delivery_and_unbind_together() -> None:
    world, gateway = fault("delivery-and-unbind-together")
    world.run(9.9)
    assert gateway.received == []
    world.run(0.2)
    assert [pdu.name for pdu in gateway.received] == ["deliver_sm", "unbind"]


def test_alert_notification_unasked() -> None:
    world, gateway = fault("alert-notification-unasked")
    world.run(61.0)
    alerts = gateway.of(AlertNotification)
    assert [(one.source_addr, one.esme_addr) for one in alerts] == [("12025550142", "5555")] * 2
    assert gateway.stands()


def test_enquire_link_echoed() -> None:
    world, gateway = fault("enquire-link-echoed")
    gateway.send(EnquireLink())
    assert [pdu.name for pdu in gateway.received] == ["enquire_link_resp", "enquire_link"]
    world.run(1.0)
    assert len(gateway.received) == 2


def test_response_field_beyond_its_size() -> None:
    world = playing("faults/response-field-beyond-its-size", messages=10)
    octets = b"".join(segment for gateway in world.links for segment in gateway.segments)
    # command_id, status 0, any sequence_number, and an id that no terminator ends within 65 octets
    assert re.search(rb"\x80\x00\x00\x04\x00{4}.{4}0123456789[0-9-]{80}", octets, re.DOTALL)
    assert world.malformed >= 2


def test_throttled_at_two_a_second() -> None:
    world = playing("faults/throttled-at-two-a-second", **PLAYS["faults/throttled-at-two-a-second"])
    statuses = [status for _, status in world.events(ANSWERED)]
    assert statuses.count(0x58) >= 2
    assert ends(world) == {"delivered": 40}


# ---------------------------------------------------------------------- spoken


def test_spoken_commands() -> None:
    world = Faithful([load("spoken/commands")], ["spoken"])
    world.say("12025550100", b"sim: submit RTHROTTLED; times 2")
    world.say("12025550101", b"sim: receipt UNDELIV after 2s")
    world.live(60.0)
    assert [one.status for one in world.messages] == ["delivered", "failed"]
    assert fired(world) == {"text": 3}

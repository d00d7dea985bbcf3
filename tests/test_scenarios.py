"""The scenarios that come with the package: each is read, tells what it is about, is played with a gateway that does
what it should, and does what it says. What each quirk shows octet by octet is in tests/quirks.
"""

from typing import Any

import pytest

from simulator.journal import (
    ANSWERED,
    BIND_REFUSED,
    BOUND,
    CONCLUDED,
    FAULT,
    MO_SENT,
    NETWORK_REPLIED,
    PDU_SENT,
    RECEIPT_ACKNOWLEDGED,
    RECEIPT_SENT,
    RULE_FIRED,
    SUBMITTED,
    UNBOUND,
)
from simulator.scenario.file import load, shipped
from simulator.smpp.pdus import (
    SubmitSmResp,
)
from simulator.smpp.tlvs import Tlv
from simulator.smsc.memory.truths import truth_of
from simulator.smsc.memory.watch import Verdict
from tests.faithful import Faithful, Outgoing
from tests.smsc.world import START, World

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


def playing(
    name: str,
    *,
    messages: int = 40,
    every: float = 5.0,
    seconds: float = 900.0,
    source: str = "12025550199",
    **settings: Any,
) -> Faithful:
    """A shipped scenario and a faithful gateway, after so many messages and seconds and a goodbye."""
    world = Faithful([load(name)], [name], **settings)
    for number in range(messages):
        # the same text to the same number again would be the same message, sent twice
        to, text = f"1202555{100 + number % 100:04}", b"message %d" % number
        world.say(to, text, after=number * every, source_addr=source)
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
    "stories/att-class-burst": {"messages": 100, "every": 0.0},
    # from ten minutes to midnight in Los Angeles on
    "stories/tmobile-midnight-reset": {"messages": 1040, "every": 0.59, "start": START - 600.0},
    "stories/campaign-suspended": {"messages": 140, "every": 2.0},
    "stories/spam-wave": {"messages": 100, "every": 0.25},
    "stories/handset-off-then-on": {"seconds": 4_000.0},
    "stories/number-ported-mid-day": {"messages": 140},
    "stories/stop-and-unstop-on-toll-free": {"messages": 220, "seconds": 1_300.0, "source": "18005550100"},
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


def test_att_class_burst() -> None:
    world = playing("stories/att-class-burst", **PLAYS["stories/att-class-burst"])
    taken = [row.at - START for row in world.smsc.journal.rows() if row.kind == ANSWERED and not row.detail]
    # class T: seventy-five, and the rest as soon as the gateway tries again after the minute
    assert [sum(at // 60 == minute for at in taken) for minute in (0, 1)] == [75, 25]
    assert {status for _, status in world.events(ANSWERED)} == {0, 0x45}
    assert ends(world) == {"delivered": 100}


def test_tmobile_midnight_reset() -> None:
    world = playing("stories/tmobile-midnight-reset", **PLAYS["stories/tmobile-midnight-reset"])
    assert {status for _, status in world.events(ANSWERED)} == {0}
    before = sum(row.at < START for row in world.smsc.journal.rows() if row.kind == SUBMITTED)
    # some came behind the thousandth before midnight, and more after it
    assert 1_005 < before < 1_020
    told = [one.status for one in world.messages]
    assert told == ["delivered"] * 1_000 + ["failed"] * (before - 1_000) + ["delivered"] * (1_040 - before)


def test_dlt_template_missing() -> None:
    world = Faithful([load("stories/dlt-template-missing")], ["dlt"])
    company, template = Tlv(0x1400, b"1101000000000000001"), Tlv(0x1401, b"1107000000000000001")
    for number, tlvs in enumerate(((company, template), (company,), (), (company, Tlv(0x1401, b"1")))):
        for text in (b"Your code is %d", b"Your %d is a code"):
            world.say("12025550120", text % number, tlvs=tlvs)
    world.live(120.0)
    world.tell_the_ends()
    world.leave()
    # the right text with both is the one that arrives, and each is sent once
    statuses = [status for _, status in world.events(ANSWERED)]
    assert sorted(statuses) == [0] + [0xC3] * 4 + [0xC4] * 3
    assert [one.status for one in world.messages] == ["delivered", *["failed"] * 7]
    verdict = world.watch.verdict()
    assert [(one.name, one.reason) for one in verdict.expectations if one.outcome != "coped"] == []


def told_of(world: Faithful, destination: str) -> list[tuple[str, str, float]]:
    """What became of each message to a number: its state, the err, how many seconds after it had come."""
    rows = [row for row in world.smsc.journal.rows() if row.kind == CONCLUDED]
    return [
        (row.subject.state, row.subject.cause.err if row.subject.cause else "000", row.at - row.subject.submitted_at)
        for row in rows
        if row.subject.destination.number == destination
    ]


def test_handset_off_then_on() -> None:
    world = playing("stories/handset-off-then-on", **PLAYS["stories/handset-off-then-on"])
    # each is tried by the schedule, however early its handset was back
    for number, schedule in (("12025550105", 1_800.0), ("12025550110", 300.0)):
        ((state, _, seconds),) = told_of(world, number)
        assert state == "DELIVRD"
        assert 0.0 < seconds - schedule < 30.0
    ((state, err, seconds),) = told_of(world, "12025550115")
    assert (state, err) == ("EXPIRED", "153")
    assert 0.0 <= seconds - 3_600.0 < 1.0
    assert ends(world) == {"delivered": 39, "expired": 1}


def test_number_ported_mid_day() -> None:
    world = playing("stories/number-ported-mid-day", **PLAYS["stories/number-ported-mid-day"])
    assert [one[:2] for one in told_of(world, "12025550120")] == [("UNDELIV", "002"), ("DELIVRD", "000")]
    assert truths(world)[20] == ("UNDELIV", "portability")
    assert ends(world) == {"delivered": 139, "failed": 1}


def test_stop_and_unstop_on_toll_free() -> None:
    settings = PLAYS["stories/stop-and-unstop-on-toll-free"]
    world = playing("stories/stop-and-unstop-on-toll-free", **settings)
    assert [one[:2] for one in told_of(world, "12025550105")] == [
        ("DELIVRD", "000"),
        ("REJECTD", "257"),
        ("DELIVRD", "000"),
    ]
    replies = [(message.whole, reply) for message, reply in world.events(NETWORK_REPLIED)]
    assert [text for text, _ in replies] == ["STOP", "unstop"]
    assert all(reply.startswith("NETWORK MSG: You ") for _, reply in replies)
    assert ends(world) == {"delivered": 219, "failed": 1}


def truths(world: Faithful) -> list[tuple[str, str]]:
    """What is so of each message, in the order in which they came: its state, and the cause."""
    at = world.smsc.clock.at(world.now)
    facts = [truth_of(row, world.smsc, at) for row in world.smsc.history.newest_first()]
    return [(one.state, one.cause) for one in reversed(facts) if one is not None]


def test_campaign_suspended() -> None:
    world = playing("stories/campaign-suspended", **PLAYS["stories/campaign-suspended"])
    assert {status for _, status in world.events(ANSWERED)} == {0}
    # the fifth of a hundred recipients says it 218 s on: from the next message on nothing arrives
    before = sum(row.at < START + 218.0 for row in world.smsc.journal.rows() if row.kind == SUBMITTED)
    assert 100 < before < 110
    assert truths(world) == [("DELIVRD", "")] * before + [("REJECTD", "campaign_suspended")] * (140 - before)
    assert [one.status for one in world.messages] == ["delivered"] * before + ["failed"] * (140 - before)


def test_spam_wave() -> None:
    world = Faithful([load("stories/spam-wave")], ["wave"])
    pressing = b"Your bank account is suspended. Log in at once: https://bank.example.com/%d"
    spread = b"You have won two tickets for tonight, number %d, call back"
    for number in range(12):
        sender = f"1202555014{number % 4}"
        world.say(f"12025550{100 + number}", pressing % number, after=number, source_addr="12025550130")
        world.say(f"12025550{120 + number}", spread % number, after=60.0 + number, source_addr=sender)
        world.say(f"12025550{150 + number}", b"Your code is %d" % number, after=5.0 * number, source_addr="12025550160")
    world.live(300.0)
    world.tell_the_ends()
    by_text = list(zip((one.text for one in in_order(world)), truths(world), strict=True))
    assert {fact for text, fact in by_text if text.startswith(b"Your bank")} == {("LOST", "silent_filter")}
    assert {fact for text, fact in by_text if text.startswith(b"Your code")} == {("DELIVRD", "")}
    # two numbers may say the same, the third and all that come after it may not
    waved = [fact for text, fact in by_text if text.startswith(b"You have won")]
    assert waved == [("DELIVRD", "")] * 2 + [("REJECTD", "carrier_spam")] * 10
    # and the gateway is told of the lost ones that they have arrived
    assert {one.status for one in world.messages if one.text.startswith(b"Your bank")} == {"delivered"}
    assert world.kinds("truth") == 12


def in_order(world: Faithful) -> list[Outgoing]:
    """The gateway's messages in the order in which they were taken."""
    return sorted(world.messages, key=lambda one: int(one.message_id))


def test_what_a_number_sends_too_fast_is_refused_and_the_number_is_blocked() -> None:
    world = playing("stories/spam-wave", **PLAYS["stories/spam-wave"])
    assert truths(world) == [
        *[("DELIVRD", "")] * 60,
        ("REJECTD", "carrier_spam"),
        *[("REJECTD", "sender_blocked")] * 39,
    ]


# ---------------------------------------------------------------------- spoken


def test_spoken_commands() -> None:
    world = Faithful([load("spoken/commands")], ["spoken"])
    world.say("12025550100", b"sim: submit RTHROTTLED; times 2")
    world.say("12025550101", b"sim: receipt UNDELIV after 2s")
    world.live(60.0)
    assert [one.status for one in world.messages] == ["delivered", "failed"]
    assert fired(world) == {"text": 3}

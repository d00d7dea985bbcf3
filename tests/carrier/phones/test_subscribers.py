"""Phones as the model knows them: their states, what waits for them, what becomes of messages; how full a bucket is."""

import tracemalloc
from math import inf
from typing import Any

import pytest

from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.carrier.dice import Dice, Luck
from simulator.carrier.limits.throttle import Throttle
from simulator.carrier.messages import DELIVERED, ENROUTE, Address, Message
from simulator.carrier.phones.answers import Answer, Reply
from simulator.carrier.phones.subscribers import (
    CHANGED_MAX,
    ETSI_2006,
    PATIENCE,
    STEADY,
    Attempt,
    Condition,
    Fate,
    Habits,
    Subscribers,
)

A_PHONE = "12025550100"
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
AWAY = "absent_temporary"
LUCK = Luck(bytes(32))


def a_message(**fields: Any) -> Message:
    defaults: dict[str, Any] = {
        "account": "gateway",
        "message_id": "1",
        "source": Address("1"),
        "destination": Address("12025550100"),
        "submitted_at": 0.0,
        "arrived_at": 0.0,
        "scheduled_at": None,
        "expires_at": None,
        "wants_progress": False,
        "part": None,
        "state": ENROUTE,
        "cause": None,
        "done_at": None,
    }
    return Message(**(defaults | fields))


def test_all_phones_are_on_until_they_are_switched_off() -> None:
    phones: Subscribers[Message] = Subscribers()
    assert phones.is_on("12025550100")
    phones.switch_off("+12025550100")
    assert not phones.is_on("12025550100")
    assert phones.switch_on("12025550100") == []
    assert phones.is_on("+12025550100")


def test_what_waits_comes_back_in_order_without_what_is_final_or_let_go() -> None:
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off("12025550100")
    messages = [a_message() for _ in range(4)]
    for message in messages:
        phones.hold(message, 0.0)
    phones.switch_off("12025550100")
    messages[1].state = DELIVERED
    phones.let_go(messages[2])
    phones.let_go(a_message(destination=Address("2")))
    assert phones.switch_on("12025550100") == [messages[0], messages[3]]


@pytest.mark.parametrize(("expires_at", "until"), [(None, 50.0 + PATIENCE), (60.0, 60.0)])
def test_a_message_waits_as_long_as_it_is_valid_or_three_days(expires_at: float | None, until: float) -> None:
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off("12025550100")
    assert phones.hold(a_message(expires_at=expires_at), 50.0) == until


def test_a_carrier_that_starts_over_has_all_phones_on() -> None:
    carrier = Carrier()
    carrier.subscribers.switch_off("1")
    carrier.reset()
    assert carrier.subscribers.is_on("1")


def test_a_bucket_tells_how_much_of_it_is_taken() -> None:
    throttle = Throttle(10.0)
    assert throttle.fullness(100.0) == 0.0
    for taken in range(1, 10):
        throttle.admit(100.0)
        assert throttle.fullness(100.0) == pytest.approx(taken / 10)
    throttle.admit(100.0)
    assert throttle.fullness(100.0) == 1.0
    assert throttle.fullness(100.05) == 1.0
    assert not throttle.admit(100.05)
    assert throttle.fullness(100.5) == pytest.approx(0.5)
    assert throttle.fullness(200.0) == 0.0


# --- What a phone is ---


class Told(Luck):
    """Luck that is told its draws; what it is not told is in the middle."""

    __slots__ = ("named",)

    def __init__(self, **named: float) -> None:
        super().__init__(b"")
        self.named = named

    def of(self, name: str) -> float:
        return self.named.get(name.removeprefix("subscriber ").replace(" ", "_"), 0.5)


def test_a_phone_of_which_nothing_is_said_is_on():
    phones: Subscribers[Message] = Subscribers()
    assert phones.condition(A_PHONE, 0.0) == Condition("on", inf, "")
    assert phones.fate(A_PHONE, 0.0, Told(), span=2.0) == Fate((Attempt(0.0),), 2.0, "DELIVRD", "")


# Every state of the model, the cause of the catalogue that tells it, and how it ends: at once, or when patience does.
@pytest.mark.parametrize(
    ("state", "cause", "after", "ends"),
    [
        ("off", "absent_temporary", 48 * HOUR, "EXPIRED"),
        ("memory_full", "memory_full", 48 * HOUR, "EXPIRED"),
        ("busy", "subscriber_busy", 48 * HOUR, "UNDELIV"),
        ("roaming", "roaming_no_route", 3.0, "UNDELIV"),
        ("barred", "barred", 3.0, "UNDELIV"),
        ("no_funds", "prepaid_no_funds", 3.0, "UNDELIV"),
        ("deactivated", "deactivated", 3.0, "UNDELIV"),
        ("landline", "landline_or_no_sms", 3.0, "UNDELIV"),
    ],
)
def test_each_state_has_its_cause_and_its_end(state, cause, after, ends):
    phones: Subscribers[Message] = Subscribers()
    phones.change("+" + A_PHONE, state)
    assert phones.condition(A_PHONE, 1e12).state == state
    fate = phones.fate(A_PHONE, 0.0, Told(), span=3.0)
    assert (fate.cause, fate.after, fate.state) == (cause, after, ends)
    assert {attempt.cause for attempt in fate.attempts} == {cause}


def test_a_phone_that_stays_off_is_tried_at_the_published_moments():
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off(A_PHONE)
    moments = [attempt.after for attempt in phones.fate(A_PHONE, 5.0, Told()).attempts]
    assert moments == [0.0, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR, 24 * HOUR]


@pytest.mark.parametrize(
    ("until", "attempts", "after"),
    [
        (1_000.0, 1, 0.0),
        (1_000.1, 2, MINUTE),
        (1_060.0, 2, MINUTE),
        (1_060.1, 3, 5 * MINUTE),
        (1_000.0 + 2 * HOUR, 5, 2 * HOUR),
        (1_000.1 + 8 * HOUR, 7, 24 * HOUR),
    ],
)
def test_a_phone_that_is_off_until_a_moment_is_reached_by_the_first_attempt_from_then_on(until, attempts, after):
    phones: Subscribers[Message] = Subscribers()
    phones.change(A_PHONE, "off", until=until)
    fate = phones.fate(A_PHONE, 1_000.0, Told(), span=2.0)
    assert (len(fate.attempts), fate.after, fate.state, fate.cause) == (attempts, after + 2.0, "DELIVRD", "")
    assert [bool(attempt.cause) for attempt in fate.attempts] == [True] * (attempts - 1) + [False]


@pytest.mark.parametrize(
    ("patience", "attempts", "after", "state"),
    [
        (300.0, 3, 300.0, "EXPIRED"),
        (299.9, 2, 299.9, "EXPIRED"),
        (0.0, 1, 0.0, "EXPIRED"),
        (-5.0, 1, 0.0, "EXPIRED"),
        (None, 7, 172_800.0, "EXPIRED"),
    ],
)
def test_patience_ends_the_attempts(patience, attempts, after, state):
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off(A_PHONE)
    fate = phones.fate(A_PHONE, 0.0, Told(), patience=patience)
    assert (len(fate.attempts), fate.after, fate.state, fate.cause) == (attempts, after, state, "absent_temporary")


@pytest.mark.parametrize("state", ["on", "barred"])
def test_what_is_not_known_in_time_has_expired(state):
    phones: Subscribers[Message] = Subscribers()
    phones.change(A_PHONE, state)
    late = phones.fate(A_PHONE, 0.0, Told(), span=10.1, patience=10.0)
    assert (late.after, late.state, late.cause) == (10.0, "EXPIRED", "validity_expired_carrier")
    assert phones.fate(A_PHONE, 0.0, Told(), span=10.0, patience=10.0).state != "EXPIRED"


def test_a_network_may_try_at_other_moments_and_for_another_time():
    habits = Habits(retries=(10.0, 20.0), validity=15.0)
    phones: Subscribers[Message] = Subscribers()
    phones.switch_off(A_PHONE)
    fate = phones.fate(A_PHONE, 0.0, Told(), habits)
    assert ([attempt.after for attempt in fate.attempts], fate.after) == ([0.0, 10.0], 15.0)


@pytest.mark.parametrize(("draw", "state"), [(0.0, "UNDELIV"), (0.19, "UNDELIV"), (0.2, "DELIVRD")])
def test_a_share_of_what_goes_abroad_is_lost(draw, state):
    phones: Subscribers[Message] = Subscribers()
    phones.change(A_PHONE, "roaming")
    assert phones.fate(A_PHONE, 0.0, Told(roaming=draw), Habits(roaming_lost=0.2)).state == state


def test_a_phone_is_busy_by_luck_attempt_by_attempt():
    phones: Subscribers[Message] = Subscribers()
    habits = Habits(busy=0.1)
    fate = phones.fate(A_PHONE, 0.0, Told(busy_0=0.09, busy_1=0.0, busy_2=0.1), habits)
    assert fate == Fate(
        (Attempt(0.0, "subscriber_busy"), Attempt(MINUTE, "subscriber_busy"), Attempt(5 * MINUTE)),
        5 * MINUTE,
        "DELIVRD",
    )


def test_a_phone_that_was_ported_away_is_not_reached_by_its_old_network():
    phones: Subscribers[Message] = Subscribers()
    phones.change(A_PHONE, ported_to="verizon")
    assert phones.fate(A_PHONE, 0.0, Told(), network="att") == Fate(
        (Attempt(0.0, "portability"),), 0.0, "UNDELIV", "portability"
    )
    assert phones.fate(A_PHONE, 0.0, Told(), network="verizon").state == "DELIVRD"
    assert phones.fate(A_PHONE, 0.0, Told()).state == "DELIVRD"
    phones.change(A_PHONE, "off", until=10.0)
    assert phones.condition(A_PHONE, 0.0) == Condition("off", 10.0, "verizon")
    assert phones.condition(A_PHONE, 10.0) == Condition("on", inf, "verizon")
    phones.change(A_PHONE, ported_to="")
    assert phones.fate(A_PHONE, 0.0, Told(), network="att").state == "DELIVRD"


def test_a_state_that_is_none_is_refused():
    phones: Subscribers[Message] = Subscribers()
    with pytest.raises(ValueError, match="subscribers: state 'memory' is none; did you mean 'memory_full'"):
        phones.change(A_PHONE, "memory")
    with pytest.raises(ValueError, match="subscribers: state 'xyz' is none; one of on, off, roaming, memory_full"):
        phones.change(A_PHONE, "xyz")


# --- What waits ---


def test_what_is_held_goes_on_waiting_while_its_phone_stays_off() -> None:
    phones: Subscribers[Message] = Subscribers()
    first, second = a_message(), a_message()
    phones.switch_off(A_PHONE)
    phones.hold(first, 0.0)
    assert phones.change(A_PHONE, "off") == []
    phones.hold(second, 0.0)
    assert list(phones.off[A_PHONE]) == [first, second]
    assert phones.change(A_PHONE, "off", until=10.0) == [first, second]
    assert phones.is_on(A_PHONE)
    phones.switch_off(A_PHONE)
    phones.hold(first, 0.0)
    assert phones.restore(A_PHONE) == [first]


def test_what_was_tried_stays_as_it_was_and_the_rest_of_the_schedule_holds() -> None:
    phones: Subscribers[Message] = Subscribers()
    habits = Habits(retries=(MINUTE, HOUR), validity=DAY)
    phones.change(A_PHONE, "off")
    before = phones.fate(A_PHONE, 0.0, LUCK, habits)
    assert before == Fate((Attempt(0.0, AWAY), Attempt(MINUTE, AWAY), Attempt(HOUR, AWAY)), DAY, "EXPIRED", AWAY)
    phones.change(A_PHONE)
    tried = before.attempts[:2]
    again = phones.fate(A_PHONE, 0.0, LUCK, habits, tried=tried)
    assert again == Fate((*tried, Attempt(HOUR)), HOUR, DELIVERED)
    # the network is told that the phone is back
    at_once = phones.fate(A_PHONE, 0.0, LUCK, habits, tried=tried, extra=90.0)
    assert at_once == Fate((*tried, Attempt(90.0)), 90.0, DELIVERED)


def test_nothing_is_left_to_be_tried_behind_the_last_attempt() -> None:
    phones: Subscribers[Message] = Subscribers()
    habits = Habits(retries=(MINUTE,), validity=DAY)
    tried = (Attempt(0.0, AWAY), Attempt(MINUTE, AWAY))
    assert phones.fate(A_PHONE, 0.0, LUCK, habits, tried=tried) == Fate(tried, DAY, "EXPIRED", AWAY)
    found = phones.fate(A_PHONE, 0.0, LUCK, habits, tried=tried, extra=HOUR)
    assert (found.after, found.state) == (HOUR, DELIVERED)
    late = phones.fate(A_PHONE, 0.0, LUCK, habits, tried=tried, extra=2 * DAY)
    assert (late.after, late.state) == (DAY, "EXPIRED")


# --- By hand ---


def test_what_was_said_by_hand_is_known_in_order_until_it_is_unsaid():
    phones: Subscribers[Message] = Subscribers()
    phones.change("2", "busy")
    phones.change("+1", "off")
    phones.change("2", "barred", until=5.0)
    assert list(phones.changed().items()) == [("2", Condition("barred", 5.0)), ("1", Condition("off"))]
    phones.restore("1")
    phones.restore("3")
    assert list(phones.changed()) == ["2"]
    assert phones.is_on("1")


def test_phones_are_given_and_come_back_with_a_reset():
    given = {"+1": Condition("off"), "2": Condition("barred", 7.0, "att")}
    phones: Subscribers[Message] = Subscribers(given=given)
    for _ in range(2):
        assert not phones.is_on("1")
        assert phones.condition("2", 0.0) == Condition("barred", 7.0, "att")
        phones.switch_on("1")
        phones.change("2")
        phones.change("3", "busy")
        phones.teach("3", [])
        phones.reset()
    assert list(phones.changed()) == ["1", "2"]
    assert phones.all_taught() == {}


def test_phones_that_were_taught_at_the_beginning_answer_so_again_after_a_reset() -> None:
    told = (Answer(1.0, ("STOP",), Fixed(5.0)),)
    phones: Subscribers[Message] = Subscribers(taught={"+1": told})
    phones.teach("1", [])
    assert phones.taught("1") == ()
    phones.reset()
    assert (phones.taught("1"), phones.taught("2")) == (told, None)
    assert phones.reply("1", LUCK) == Reply(5.0, "STOP")


def test_no_phone_that_was_changed_by_hand_is_forgotten_and_one_too_many_is_refused(monkeypatch):
    assert CHANGED_MAX == 1_000_000
    monkeypatch.setattr("simulator.carrier.phones.subscribers.CHANGED_MAX", 3)
    phones: Subscribers[Message] = Subscribers()
    for number in "123":
        phones.change(number, "off")
        phones.teach(number, [])
    phones.change("1", "busy")
    with pytest.raises(ValueError, match="subscribers: '4' is one too many, at most 3 can be changed"):
        phones.change("4")
    with pytest.raises(ValueError, match="subscribers: '4' is one too many"):
        phones.teach("4", [])
    phones.restore("2")
    phones.change("4")
    assert list(phones.changed()) == ["1", "3", "4"]


@pytest.mark.slow
def test_a_hundred_thousand_changed_phones_take_far_less_than_75_megabytes():
    numbers = [str(10**10 + number) for number in range(100_000)]
    tracemalloc.start()
    try:
        phones: Subscribers[Message] = Subscribers()
        for number in numbers:
            # as they come from outside: a text and a moment of its own for each
            phones.change("+" + number, "off", until=float(number))
        timed = tracemalloc.get_traced_memory()[0]
        for number in numbers:
            phones.switch_off(number)
        assert max(timed, tracemalloc.get_traced_memory()[0]) < 40_000_000
    finally:
        tracemalloc.stop()


# --- What the seed decides ---


def conditions(phones: Subscribers[Message], habits: Habits, at: float, count: int = 5_000) -> list[str]:
    return [phones.condition(str(12_025_550_000 + number), at, habits).state for number in range(count)]


@pytest.mark.parametrize(
    ("setting", "state"),
    [
        ("absent", "off"),
        ("roaming", "roaming"),
        ("memory_full", "memory_full"),
        ("barred", "barred"),
        ("no_funds", "no_funds"),
        ("deactivated", "deactivated"),
        ("landline", "landline"),
    ],
)
def test_each_share_of_the_phones_is_so(setting, state):
    shares: dict[str, Any] = {setting: 0.2}
    found = conditions(Subscribers(Dice(7)), Habits(**shares), 1e9)
    assert found.count(state) / len(found) == pytest.approx(0.2, abs=0.02)
    assert found.count("on") == len(found) - found.count(state)


def test_shares_stand_beside_each_other():
    habits = Habits(barred=0.25, deactivated=0.25, no_funds=0.25, landline=0.25)
    found = conditions(Subscribers(), habits, 0.0)
    assert all(found.count(state) > 1_100 for state in ("barred", "deactivated", "no_funds", "landline"))
    assert "on" not in found


def test_the_seed_and_the_number_decide_and_not_the_order():
    habits = Habits(absent=0.3, roaming=0.1, barred=0.1)
    found = conditions(Subscribers(Dice(1)), habits, 5e8, 300)
    assert found == conditions(Subscribers(Dice(1)), habits, 5e8, 300)
    assert found != conditions(Subscribers(Dice(2)), habits, 5e8, 300)
    phones: Subscribers[Message] = Subscribers(Dice(1))
    backwards = [phones.condition(f"+{12_025_550_000 + number}", 5e8, habits).state for number in range(299, -1, -1)]
    assert backwards == found[::-1]


def test_a_phone_stays_as_it_is_until_its_spell_is_over():
    habits = Habits(absent=0.5)
    phones: Subscribers[Message] = Subscribers()
    now = {str(number): phones.condition(str(number), 1e9, habits) for number in range(50)}
    off = {number: condition.until for number, condition in now.items() if condition.state == "off"}
    assert 10 < len(off) < 40
    for number, until in off.items():
        assert 1e9 < until <= 1e9 + 2 * HOUR
        assert phones.condition(number, until - 0.001, habits) == now[number]
        later = phones.condition(number, until + 0.001, habits)
        assert later.until == (inf if later.state == "on" else pytest.approx(until + 2 * HOUR))


def test_by_hand_goes_before_the_seed_until_it_is_unsaid():
    habits = Habits(barred=1.0)
    phones: Subscribers[Message] = Subscribers()
    assert phones.condition(A_PHONE, 0.0, habits).state == "barred"
    phones.change("1", "busy")
    assert phones.condition(A_PHONE, 0.0, habits).state == "barred"
    phones.switch_on(A_PHONE)
    assert phones.condition(A_PHONE, 0.0, habits).state == "on"
    phones.restore(A_PHONE)
    assert phones.condition(A_PHONE, 0.0, habits).state == "barred"


def test_38_percent_are_absent_at_first_and_98_percent_are_reached_in_the_end():
    phones: Subscribers[Message] = Subscribers(Dice(3))
    fates = [phones.fate(str(number), 1e9, Told(), ETSI_2006) for number in range(20_000)]
    first = sum(len(fate.attempts) > 1 for fate in fates) / len(fates)
    final = sum(fate.state == "DELIVRD" for fate in fates) / len(fates)
    assert first == pytest.approx(0.38, abs=0.01)
    assert final == pytest.approx(0.98, abs=0.006)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"absent": 1.1}, "subscribers: absent: 1.1, a share from 0 to 1"),
        ({"roaming_lost": -0.1}, "subscribers: roaming_lost: -0.1, a share from 0 to 1"),
        ({"validity": 0.0}, "subscribers: validity: 0 s, above 0 and not endless"),
        ({"absent_for": inf}, "subscribers: absent_for: inf s, above 0 and not endless"),
        ({"retries": (5.0, 5.0)}, "subscribers: retries: moments above 0 of which each is later"),
        ({"retries": (0.0, 5.0)}, "subscribers: retries: moments above 0"),
        ({"barred": 0.6, "landline": 0.5}, "subscribers: barred, no_funds, deactivated, landline together: at most 1"),
        ({"answers": (Answer(0.6, ("a",)), Answer(0.6, ("b",)))}, "answers: shares of 1.2 together, at most 1"),
    ],
)
def test_habits_that_cannot_be_are_refused(settings, error):
    with pytest.raises(ValueError, match=error):
        Habits(**settings)


# --- What people answer ---


def test_people_answer_as_their_network_s_do_until_one_is_taught_otherwise():
    habits = Habits(answers=(Answer(1.0, ("yes",), Fixed(5.0)),))
    phones: Subscribers[Message] = Subscribers()
    assert phones.reply(A_PHONE, Told(), STEADY) is None
    assert phones.reply(A_PHONE, Told(), habits) == Reply(5.0, "yes")
    phones.teach("+" + A_PHONE, [Answer(1.0, ("STOP",), Fixed(1.0))])
    assert phones.reply(A_PHONE, Told(), habits) == Reply(1.0, "STOP")
    assert phones.reply("2", Told(), habits) == Reply(5.0, "yes")
    phones.teach(A_PHONE, [])
    assert phones.reply(A_PHONE, Told(), habits) is None
    phones.restore(A_PHONE)
    assert phones.reply(A_PHONE, Told(), habits) == Reply(5.0, "yes")


def test_a_phone_that_was_asked_about_before_is_as_one_that_was_not():
    habits = Habits(absent=0.3, memory_full=0.2, deactivated=0.1, roaming=0.1)
    asked: Subscribers[Message] = Subscribers(Dice(5))
    for number in range(40):
        for moment in (0.0, 10.0, 3_600.0, 90_000.0, 5.0, 3_600.5, 1e6):
            fresh: Subscribers[Message] = Subscribers(Dice(5))
            digits = str(12_025_550_100 + number)
            assert asked.condition(digits, 1e9 + moment, habits) == fresh.condition(digits, 1e9 + moment, habits)
    asked.dice = Dice(6)
    other: Subscribers[Message] = Subscribers(Dice(6))
    assert conditions(asked, habits, 1e9, 300) == conditions(other, habits, 1e9, 300)


def test_only_of_so_many_phones_is_kept_how_they_are(monkeypatch):
    monkeypatch.setattr("simulator.carrier.phones.subscribers.DERIVED_MAX", 10)
    phones: Subscribers[Message] = Subscribers()
    conditions(phones, Habits(absent=0.3), 1e9, 100)
    assert 0 < len(phones._derivations) <= 10

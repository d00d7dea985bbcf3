"""Quotas: every class, tier and rate as published, exact at the boundary, and what becomes of what is too much."""

import tracemalloc
from dataclasses import replace
from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo

import pytest

from simulator.carrier.limits.published import (
    RATES,
    account_limits,
    att_limits,
    number_limits,
    people_limits,
    t_mobile_limits,
    toll_free_limits,
)
from simulator.carrier.limits.quotas import Attempt, Left, Limit, Over, Queued, Quotas, Refusal, traits_of
from simulator.carrier.registry.registrations import Assignment, Brand, Campaign, TollFree
from simulator.carrier.registry.registry import Registry

NUMBERS = ("12025550101", "12025550102")
PHONE = "12065550199"
# class, SMS in a minute, MMS in a minute, and whether for each number
ATT = [
    ("A", 4_500, 2_400, False),
    ("B", 4_500, 2_400, False),
    ("C", 2_400, 1_200, False),
    ("D", 2_400, 1_200, False),
    ("E", 240, 150, False),
    ("F", 240, 150, False),
    ("T", 75, 50, False),
    ("W", 15, 50, False),
    ("K", 4_500, 2_400, False),
    ("P", 2_400, 1_200, False),
    ("S", 9_000, 2_400, False),
    ("X", 4_500, 2_400, False),
    ("G", 60, 50, True),
    ("N", 60, 50, True),
]
REJECTED_AT_ONCE = Over()
STRANGER = Registry().look(NUMBERS[0], "long_code", 0)


def pacific(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()


def registered(brand: Brand, *campaigns: Campaign) -> Registry:
    numbers = [Assignment(number, campaigns[-1 if n else 0].id) for n, number in enumerate(NUMBERS)]
    return Registry([brand], campaigns, numbers)


def an_attempt(registration=STRANGER, number: str = NUMBERS[0], **words) -> Attempt:
    return Attempt("gateway", number, registration.kind, words.pop("destination", PHONE), registration, **words)


def admitted(quotas: Quotas, attempt: Attempt, at: float, tries: int, link_now: float = 0.0) -> int:
    """How many of so many tries are let in."""
    return sum(quotas.admit(attempt, at, link_now) is None for _ in range(tries))


def refused(quotas: Quotas, attempt: Attempt, at: float, link_now: float = 0.0) -> Refusal:
    """The refusal of a message that is not let in."""
    got = quotas.admit(attempt, at, link_now)
    assert isinstance(got, Refusal)
    return got


def of_class(letter: str, number: str = NUMBERS[0]):
    use, is_alone = ("sole_proprietor", True) if letter == "W" else ("mixed", False)
    campaign = Campaign("C1", "B1", use, att_class=letter, is_forced=True)
    return registered(Brand("B1", 80, is_sole_proprietor=is_alone), campaign).look(number, "long_code", 0)


@pytest.mark.parametrize(("letter", "sms", "mms", "is_per_number"), ATT)
def test_a_class_has_its_minute_at_att_and_mms_apart(letter, sms, mms, is_per_number):
    quotas, at = Quotas(att_limits()), pacific(2026, 5, 26, 12, 7)
    first, second = (an_attempt(of_class(letter), number) for number in NUMBERS)
    assert admitted(quotas, first, at + 0.5, sms + 1) == sms
    assert quotas.admit(first, at + 59.9, 0) == Refusal("att_sms", "reject", "att_tpm", "submit", at + 60, "carrier")
    assert admitted(quotas, second, at + 59.9, 1) == (1 if is_per_number else 0)
    assert admitted(quotas, first._replace(is_mms=True, segments=7), at + 1, mms + 1) == mms
    assert refused(quotas, first._replace(is_mms=True), at + 1).limit == "att_mms"
    assert admitted(quotas, first, at + 60, 1) == 1


def test_segments_count_at_att_and_campaigns_of_one_brand_do_not_share():
    registry = registered(Brand("B1"), Campaign("C1", "B1", "2fa"), Campaign("C2", "B1", "marketing"))
    one, other = (an_attempt(registry.look(number, "long_code", 0), number, segments=7) for number in NUMBERS)
    quotas = Quotas(att_limits())
    # 34 times seven is 238: two more would fit, seven do not
    assert admitted(quotas, one, 0, 40) == 34
    assert admitted(quotas, one._replace(segments=2), 0, 2) == 1
    assert admitted(quotas, other, 0, 40) == 34


def test_a_new_class_counts_from_what_was_sent_already():
    quotas = Quotas(att_limits())
    assert admitted(quotas, an_attempt(of_class("T")), 0, 80) == 75
    assert admitted(quotas, an_attempt(of_class("E")), 0, 240) == 165


@pytest.mark.parametrize(
    ("brand", "cap"),
    [
        (Brand("B1", 100), 200_000),
        (Brand("B1", 75), 200_000),
        (Brand("B1", 3, is_russell_3000=True), 200_000),
        (Brand("B1", 74), 40_000),
        (Brand("B1", 50), 40_000),
        (Brand("B1", 49), 10_000),
        (Brand("B1", 25), 10_000),
        (Brand("B1", 24), 2_000),
        (Brand("B1", 1), 2_000),
        (Brand("B1"), 2_000),
    ],
)
def test_a_brand_has_its_day_at_t_mobile_over_all_its_campaigns(brand, cap):
    registry = registered(brand, Campaign("C1", "B1", "2fa"), Campaign("C2", "B1", "marketing"))
    one, other = (an_attempt(registry.look(number, "long_code", 0), number, segments=500) for number in NUMBERS)
    quotas, midnight = Quotas(t_mobile_limits()), pacific(2026, 5, 27)
    assert admitted(quotas, one, midnight - 86_400, cap // 1_000) == cap // 1_000
    assert admitted(quotas, other, midnight - 1, cap // 500) == cap // 500 - cap // 1_000
    no = refused(quotas, one._replace(segments=1), midnight - 1)
    assert no == Refusal("t_mobile", "reject", "tmo_daily", "receipt", midnight, "carrier")
    assert quotas.admit(one._replace(is_mms=True), midnight - 1, 0) == no
    assert quotas.admit(one._replace(segments=1), midnight, 0) is None
    assert quotas.left(one._replace(segments=1), midnight, 0)[0].left == cap - 1


def test_a_sole_proprietor_has_a_thousand_a_day_with_mms_among_them():
    registry = registered(Brand("B1", is_sole_proprietor=True), Campaign("C1", "B1", "sole_proprietor"))
    one = an_attempt(registry.look(NUMBERS[0], "long_code", 0))
    quotas = Quotas(t_mobile_limits())
    assert admitted(quotas, one._replace(is_mms=True, segments=9), 0, 400) == 400
    assert admitted(quotas, one, 0, 700) == 600


@pytest.mark.parametrize(
    ("midnight", "hours"), [(pacific(2026, 3, 9), 23), (pacific(2026, 11, 2), 25), (pacific(2026, 6, 2), 24)]
)
def test_the_day_at_t_mobile_is_as_long_as_it_is_in_los_angeles(midnight, hours):
    one = an_attempt(registered(Brand("B1"), Campaign("C1", "B1")).look(NUMBERS[0], "long_code", 0), segments=2_000)
    quotas, begins = Quotas(t_mobile_limits()), midnight - hours * 3_600
    assert quotas.admit(one, begins - 0.5, 0) is None
    assert refused(quotas, one, begins - 0.5).until == begins
    assert quotas.admit(one, begins, 0) is None
    assert refused(quotas, one, midnight - 0.5).until == midnight
    assert quotas.admit(one, midnight, 0) is None


def test_a_government_has_no_cap_unless_it_is_given_one():
    registry = registered(Brand("B1", is_government=True), Campaign("C1", "B1"))
    one = an_attempt(registry.look(NUMBERS[0], "long_code", 0), segments=300_000)
    assert Quotas(t_mobile_limits()).admit(one, 0, 0) is None
    assert Quotas(t_mobile_limits()).left(one, 0, 0) == ()
    assert refused(Quotas(t_mobile_limits(government=200_000)), one, 0).until == inf


@pytest.mark.parametrize(
    ("kind", "traits", "provider", "rate"),
    [
        ("toll_free", (), "usual", 3),
        ("short_code", (), "usual", 100),
        ("long_code", (), "usual", 4),
        ("alphanumeric", (), "usual", 0.1),
        ("toll_free", (), "signalwire", 3),
        ("short_code", (), "signalwire", 10),
        ("long_code", ("US",), "signalwire", 4),
        ("long_code", ("CA",), "signalwire", 1),
        ("toll_free", ("verified",), "telnyx", 20),
        ("toll_free", ("pending",), "telnyx", 1),
        ("toll_free", ("unverified",), "telnyx", 0.25),
        ("long_code", ("abroad", "US"), "telnyx", 0.1),
        ("short_code", (), "telnyx", 1_000),
    ],
)
def test_a_kind_of_number_has_its_segments_in_a_second(kind, traits, provider, rate):
    quotas = Quotas(number_limits(RATES[provider]))
    one = an_attempt(traits=traits)._replace(kind=kind)
    fits = max(1, int(rate))
    assert admitted(quotas, one, 0, fits + 1, link_now=5.0) == fits
    no = refused(quotas, one, 0, 5.0)
    assert no[:4] == ("number", "throttle", "throttled", "submit")
    assert no.until == pytest.approx(5.0 + 1 / rate)
    assert no.clock == "link"
    # the carrier's clock may leap: seconds are those of the link
    assert quotas.admit(one, 1e9, 5.0) == no
    assert quotas.admit(one, 0, no.until) is None
    assert quotas.admit(one._replace(source=NUMBERS[1]), 0, 5.0) is None


def test_the_status_of_a_registration_chooses_a_rate_by_itself():
    verified = Registry(toll_free=[TollFree("18005550101", "verified")]).look("18005550101", "toll_free", 0)
    quotas = Quotas(number_limits(RATES["telnyx"]))
    assert admitted(quotas, an_attempt(verified, "18005550101"), 0, 30) == 20


def test_a_kind_without_a_rate_has_no_limit():
    quotas = Quotas(number_limits(RATES["signalwire"]))
    attempt = an_attempt()._replace(kind="alphanumeric")
    assert admitted(quotas, attempt, 0, 1_000) == 1_000


def test_an_account_has_its_own_rate_or_that_of_all_others():
    quotas = Quotas(account_limits({"big": 50, "": 2}))
    assert admitted(quotas, an_attempt()._replace(account="big"), 0, 60) == 50
    assert admitted(quotas, an_attempt(), 0, 60) == 2
    assert admitted(Quotas(account_limits({"big": 50})), an_attempt(), 0, 60) == 60


def test_a_stranger_may_send_what_a_person_would():
    quotas, at = Quotas(people_limits()), pacific(2026, 5, 26, 12)
    assert admitted(quotas, an_attempt(segments=3), at, 6) == 5
    assert refused(quotas, an_attempt(), at)[:4] == ("people_minute", "reject", "other_volume", "submit")
    assert quotas.admit(an_attempt(number=NUMBERS[1]), at, 0) is None
    assert admitted(Quotas(people_limits(per_minute=60)), an_attempt(), at, 61) == 60


def test_a_person_sends_no_more_than_a_thousand_a_day():
    quotas, midnight = Quotas(people_limits()), pacific(2026, 5, 26)
    let_in = sum(admitted(quotas, an_attempt(), midnight + minute * 60, 15) for minute in range(67))
    assert let_in == 1_000
    no = refused(quotas, an_attempt(), midnight + 67 * 60)
    assert (no.limit, no.until) == ("people_day", midnight + 86_400)
    assert quotas.admit(an_attempt(), midnight + 86_400, 0) is None


def test_a_person_writes_to_no_more_than_200_others_a_day():
    quotas, midnight = Quotas(people_limits()), pacific(2026, 5, 26)
    for other in range(200):
        attempt = an_attempt(destination=f"1206555{other:04}")
        assert quotas.admit(attempt, midnight + 60 * (other // 15), 0) is None
    no = refused(quotas, an_attempt(destination="12065559999"), midnight + 3_600)
    assert (no.limit, no.until) == ("people_recipients", midnight + 86_400)
    assert quotas.admit(an_attempt(destination="12065550007"), midnight + 3_600, 0) is None


def test_the_norms_for_people_do_not_hold_for_the_registered():
    found = registered(Brand("B1"), Campaign("C1", "B1")).look(NUMBERS[0], "long_code", 0)
    assert admitted(Quotas(people_limits()), an_attempt(found), 0, 2_000) == 2_000
    limit = Limit(
        name="x", scope="number", per="minute", amounts={"": 1}, senders="registered", over=Over(where="receipt")
    )
    assert admitted(Quotas([limit]), an_attempt(found), 0, 2) == 1
    assert admitted(Quotas([limit]), an_attempt(), 0, 2) == 2


@pytest.mark.parametrize(
    ("rules_at", "state", "day", "week", "month"),
    [
        ((2022, 10, 1), "unverified", 2_000, None, None),
        ((2023, 4, 1), "unverified", 500, 1_000, 2_000),
        ((2023, 4, 1), "pending", 2_000, 6_000, 10_000),
    ],
)
def test_toll_free_numbers_had_their_caps(rules_at, state, day, week, month):
    registry = Registry(toll_free=[TollFree("18005550101", state)], rules_at=pacific(*rules_at))
    one = an_attempt(registry.look("18005550101", "toll_free", 0), "18005550101", segments=3)
    quotas = Quotas(toll_free_limits())
    # 2 February 2026 is a Monday
    days = [admitted(quotas, one, pacific(2026, 2, 2 + number, 12), day + 1) for number in range(7)]
    assert days[0] == day
    assert sum(days) == (week or 7 * day)
    rest = [admitted(quotas, one, pacific(2026, 2, 9 + number, 12), day + 1) for number in range(20)]
    assert sum(days) + sum(rest) == (month or 27 * day)
    no = refused(Quotas(toll_free_limits()), one._replace(messages=2_001), 0)
    assert no[:4] == ("toll_free_day", "reject", "tollfree_unverified", "submit")


def test_a_verified_toll_free_number_has_no_caps():
    registry = Registry(toll_free=[TollFree("18005550101", "verified")], rules_at=pacific(2023, 4, 1))
    one = an_attempt(registry.look("18005550101", "toll_free", 0), "18005550101")
    assert Quotas(toll_free_limits()).left(one, 0, 0) == ()


def test_later_parts_of_a_text_do_not_count_where_messages_do():
    limit = Limit(name="x", scope="number", per="day", amounts={"": 2}, counts="messages")
    quotas = Quotas([limit])
    assert [quotas.admit(an_attempt(messages=n), 0, 0) is None for n in (1, 0, 0, 1, 0, 1)] == [True] * 5 + [False]


def test_what_one_limit_refuses_counts_for_no_other():
    tight = Limit(name="tight", scope="number", per="day", amounts={"": 1})
    wide = Limit(name="wide", scope="account", per="day", amounts={"": 10})
    quotas = Quotas([wide, tight])
    assert admitted(quotas, an_attempt(), 0, 5) == 1
    assert {row.limit: row.left for row in quotas.left(an_attempt(), 0, 0)} == {"wide": 9, "tight": 0}


def test_what_is_left_is_told_and_asking_takes_nothing_of_it():
    quotas, at = Quotas([*att_limits(), *number_limits()]), pacific(2026, 5, 26, 12, 7)
    one = an_attempt(of_class("W"))
    assert admitted(quotas, one, at, 2) == 2
    for _ in range(2):
        att, number = quotas.left(one, at, 0)
        assert att == Left("att_sms", "C1", "segments", "minute", 15, 13, at, "carrier", "campaign")
        assert number == Left("number", NUMBERS[0], "segments", "second", 4, 2, 0, "link", "number")
    assert quotas.left(one._replace(segments=14), at, 0)[0].until == at + 60
    quotas.reset()
    assert [row.left for row in quotas.left(one, at, 0)] == [15, 4]
    assert [limit.name for limit in quotas.limits] == ["att_sms", "att_mms", "number"]


def test_a_queue_of_15_minutes_at_60_a_minute_holds_900():
    over = Over(mode="queue", queue_seconds=900, cause="other_volume")
    quotas = Quotas([Limit(name="x", scope="number", per="minute", amounts={"": 60}, over=over)])
    got = [quotas.admit(an_attempt(), 6_000.0, 0) for _ in range(961)]
    assert got[:60] == [None] * 60
    assert got[60:120] == [Queued("x", 60.0, "carrier")] * 60
    assert got[959] == Queued("x", 900.0, "carrier")
    assert got[960] == Refusal("x", "queue", "other_volume", "submit", 6_000.0 + 960, "carrier")
    # a minute later there is room for 60 more
    assert sum(isinstance(quotas.admit(an_attempt(), 6_060.0, 0), Queued) for _ in range(61)) == 60


def test_a_queue_of_four_hours_holds_the_rate_times_14400():
    quotas = Quotas(number_limits({"": 0.25}, Over(mode="queue", queue_seconds=14_400)))
    got = [quotas.admit(an_attempt(), 0, 0) for _ in range(3_602)]
    assert got[0] is None
    waits = [one.wait for one in got if isinstance(one, Queued)]
    assert [waits[0], waits[-1], len(waits)] == pytest.approx([4.0, 14_400.0, 3_600])
    assert refused(quotas, an_attempt(), 0)[:4] == ("number", "queue", "queue_full", "submit")
    assert isinstance(got[3_601], Refusal)


@pytest.mark.parametrize("per", ["second", "minute"])
def test_a_queue_holds_its_count_and_not_one_more(per):
    over = Over(mode="queue", queue_count=10)
    quotas = Quotas([Limit(name="x", scope="number", per=per, amounts={"": 3}, over=over)])
    got = [quotas.admit(an_attempt(), 0, 0) for _ in range(14)]
    assert [type(one) for one in got] == [type(None)] * 3 + [Queued] * 10 + [Refusal]


def test_of_several_queues_the_longest_wait_holds():
    over = Over(mode="queue", queue_count=10)
    limits = [
        Limit(name=name, scope="number", per=per, amounts={"": 1}, over=over)
        for name, per in (("short", "minute"), ("long", "day"), ("second", "second"))
    ]
    quotas = Quotas(limits)
    assert quotas.admit(an_attempt(), 0, 0) is None
    # midnight in Los Angeles is eight hours after that in Greenwich
    assert quotas.admit(an_attempt(), 0, 0) == Queued("long", 8 * 3_600.0, "carrier")


def test_a_limit_of_throttling_asks_to_come_again():
    quotas = Quotas(att_limits(Over(mode="throttle")))
    one = an_attempt(of_class("W"))
    assert admitted(quotas, one, 0, 20) == 15
    assert quotas.admit(one, 0, 0) == Refusal("att_sms", "throttle", "throttled", "submit", 60.0, "carrier")


def test_people_in_a_queue_still_have_their_circle_refused():
    limits = people_limits(Over(mode="queue", queue_seconds=60))
    assert [limit.over.mode for limit in limits] == ["queue", "queue", "reject"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"mode": "lose"}, "over: mode 'lose', one of throttle, queue, reject"),
        ({"where": "later"}, "over: where 'later', one of submit, receipt"),
        ({"cause": "spam"}, "cause: 'spam' is none"),
        ({"mode": "queue"}, "over: mode queue, but queue_seconds or queue_count"),
        ({"queue_count": 5}, "over: mode reject, but queue_seconds or queue_count"),
        ({"mode": "queue", "queue_seconds": -1}, "over: queue of -1 s and inf, 0 or more"),
        ({"mode": "queue", "queue_count": -1}, "over: queue of inf s and -1, 0 or more"),
    ],
)
def test_what_cannot_become_of_too_much_is_refused(words, said):
    with pytest.raises(ValueError, match=said):
        Over(**words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"scope": "phone"}, r"limits\.x: scope 'phone', one of account, number, campaign, brand"),
        ({"per": "hour"}, r"limits\.x: per 'hour', one of second, minute, day, week, month"),
        ({"by": "score"}, r"limits\.x: by 'score', one of"),
        ({"counts": "bytes"}, r"limits\.x: counts 'bytes', one of segments, messages, recipients"),
        ({"media": "fax"}, r"limits\.x: media 'fax', one of all, sms, mms"),
        ({"senders": "both"}, r"limits\.x: senders 'both', one of all, registered, unregistered"),
        ({"amounts": {"": 0}}, r"limits\.x: amount 0 for all, above 0"),
        ({"amounts": {"a": inf}}, r"limits\.x: amount inf for a, above 0 and finite"),
        ({"amounts": {"": 1.5}}, r"limits\.x: amount 1.5 for all in a minute, a whole number"),
        ({"counts": "recipients", "per": "second"}, r"limits\.x: recipients are counted in a minute or longer"),
        ({"counts": "recipients", "over": Over(mode="queue", queue_count=1)}, "cannot be queued"),
        ({"by": "caps"}, r"limits\.x: caps are those of a day, week or month"),
        ({"by": "class", "amounts": {"Z": 5}}, r"limits\.x: class 'Z', one of"),
        ({"over": Over(mode="throttle", where="receipt")}, r"limits\.x: cause throttled cannot show at receipt"),
        ({"cause": "absent_temporary"}, r"limits\.x: cause absent_temporary cannot show at submit"),
    ],
)
def test_what_is_no_limit_is_refused(words, said):
    with pytest.raises(ValueError, match=said):
        Limit(**{"name": "x", "scope": "number", "per": "minute", "amounts": {"": 5}, **words})


def test_two_limits_of_one_name_and_a_zone_that_is_none_are_refused():
    with pytest.raises(ValueError, match=r"limits\.number: given twice"):
        Quotas([*number_limits(), *number_limits()])
    with pytest.raises(ValueError, match="limits: zone 'America/Nowhere'"):
        Quotas(zone="America/Nowhere")


def test_a_stranger_takes_less_than_600_octets():
    quotas = Quotas([*number_limits(), *people_limits()])
    tracemalloc.start()
    try:
        for number in range(2_000_000, 2_010_000):
            assert quotas.admit(an_attempt(number=f"1202{number:07}"), 0, 0) is None
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken < 10_000 * 600


@pytest.mark.parametrize(
    ("source", "destination", "traits"),
    [
        ("15105550100", PHONE, ()),
        ("14165550100", PHONE, ("abroad", "CA")),
        ("14165550100", "16045550100", ("CA",)),
        ("15105550100", "14165550100", ("abroad",)),
        ("15105550100", "447700900100", ("abroad",)),
        # of a country that no table has
        ("15105550100", "353871234567", ("abroad",)),
        # toll-free numbers are at home in several countries, short codes in none
        ("15105550100", "18005550100", ()),
        ("12345", "447700900100", ()),
    ],
)
def test_a_message_that_leaves_the_country_and_a_canadian_sender_are_told_apart(source, destination, traits):
    assert traits_of(source, destination) == traits


def test_traits_are_asked_only_where_a_limit_names_any():
    assert not Quotas(number_limits(RATES["usual"])).asks_traits
    assert Quotas(number_limits(RATES["signalwire"])).asks_traits
    assert not Quotas().asks_traits


def test_a_sender_that_is_registered_meanwhile_has_the_limits_of_what_it_is_now():
    quotas = Quotas([*people_limits()])
    assert admitted(quotas, an_attempt(), 0, 20) == 15
    known = replace(STRANGER, is_registered=True)
    assert admitted(quotas, an_attempt(known), 0, 20) == 20
    assert admitted(quotas, an_attempt(), 0, 20) == 0


def test_what_is_kept_of_senders_is_bounded(monkeypatch):
    monkeypatch.setattr("simulator.carrier.limits.quotas.SENDERS_MAX", 2)
    quotas = Quotas([*people_limits()])
    for _ in range(3):
        for number in (*NUMBERS, "12025550103"):
            quotas.admit(an_attempt(number=number), 0, 0)
    assert len(quotas._known) <= 2

"""What numbers may send: people's norms for who is not registered, and rates by kind of number.

Figures: the industry's principles for messages between people (2019, 2023); SignalWire, Telnyx and other providers'
documentation of 2026; the toll-free network's caps of 2022 and 2023.
"""

import pytest

from tests.carrier.published.shipped import DAY, DELIVERED, NOON, PHONES, Shipped, Told

STRANGER, OTHER = "15105550190", "15105550191"
FREE, SECOND_FREE = "18005550100", "18885550100"
OVER = Told("REFUSED", "other_volume", "064")
THROTTLED = Told("REFUSED", "throttled", "064")
ATT = PHONES["att"]


def like_a_person(network: str) -> Shipped:
    """A network where who is not registered is held to people's pace."""
    return Shipped(f"networks: {{{network}: {{requires: {{mode: throttled}}}}}}")


# ---------------------------------------------------------------------- like a person


@pytest.mark.parametrize("network", list(PHONES))
def test_a_stranger_writes_fifteen_segments_a_minute(network: str) -> None:
    world, phone = like_a_person(network), PHONES[network]
    world.fill(14, phone, STRANGER)
    assert not world.reaches(phone, STRANGER, NOON + 59.999, segments=2)
    assert world.reaches(phone, STRANGER, NOON + 59.999)
    assert world.send(phone, STRANGER, NOON + 59.999) == OVER
    # each number for itself
    assert world.reaches(phone, OTHER, NOON + 59.999)
    assert world.reaches(phone, STRANGER, NOON + 60.0)


@pytest.mark.parametrize("network", list(PHONES))
def test_a_stranger_writes_a_thousand_a_day(network: str) -> None:
    world, phone = like_a_person(network), PHONES[network]
    for minute in range(66):
        world.fill(15, phone, STRANGER, NOON + 60.0 * minute)
    world.fill(9, phone, STRANGER, NOON + DAY - 60.0)
    assert world.reaches(phone, STRANGER, NOON + DAY - 0.001)
    assert world.send(phone, STRANGER, NOON + DAY - 0.001) == OVER
    assert world.truth.why == "limit people_day is reached"
    assert world.reaches(phone, STRANGER, NOON + DAY)


@pytest.mark.parametrize("network", list(PHONES))
def test_a_stranger_writes_to_two_hundred_people_a_day(network: str) -> None:
    world, prefix = like_a_person(network), PHONES[network][:4]
    codes = {"1202": ("1202", "1212"), "1206": ("1206", "1303"), "1201": ("1201", "1301"), "1207": ("1207", "1319")}
    people = [f"{code}55501{number:02}" for code in codes[prefix] for number in range(99)]
    people += [f"{code}5550199" for code in codes[prefix] if code != "1202"][:2]
    people += ["14045550100", "14045550101"][: 200 - len(people)]
    newcomer = {"1202": "13055550100", "1206": "13125550100", "1201": "15165550100", "1207": "14145550100"}[prefix]
    assert len(set(people)) == 200
    for count, one in enumerate(people):
        assert world.reaches(one, STRANGER, NOON + 5.0 * count)
    assert world.send(newcomer, STRANGER, NOON + 2_000.0) == OVER
    assert world.truth.why == "limit people_recipients is reached"
    # whom it has written to it may go on writing to
    assert world.reaches(people[0], STRANGER, NOON + 2_000.0)
    assert world.reaches(newcomer, STRANGER, NOON + DAY)


def test_who_is_registered_is_not_held_to_the_pace_of_people() -> None:
    world = like_a_person("att")
    world.fill(100, ATT, "15105550100")


def test_today_a_stranger_writes_nothing() -> None:
    world = Shipped()
    told = [world.send(PHONES[name], STRANGER) for name in ("att", "tmobile")]
    assert told == [Told("REJECTD", "unregistered_10dlc", "060")] * 2
    assert [world.reaches(PHONES[name], STRANGER) for name in PHONES] == [False] * 4
    assert world.truth.cause == "unregistered_10dlc"


# ---------------------------------------------------------------------- toll-free

TEXT = "Your parcel is here. Reply STOP to opt out."
"""The hub asks for a way out in every text."""


def test_a_toll_free_number_sends_three_a_second_and_the_rest_waits() -> None:
    world = Shipped()
    for _ in range(3):
        assert world.send(ATT, FREE, text=TEXT) == DELIVERED
    waits = []
    for _ in range(4):
        verdict = world.verdict(ATT, FREE, text=TEXT)
        waits.append(round(verdict.outcomes[-1].after, 3))
    assert waits == [0.333, 0.667, 1.0, 1.333]


def test_the_queue_of_a_toll_free_number_holds_four_hours() -> None:
    world = Shipped("registry: {toll_free: {18885550100: verified}}")
    # four hours at three a second, and the three that go at once; ten segments to a text
    for _ in range(4_320):
        assert world.send(ATT, FREE, text=TEXT, segments=10) == DELIVERED
    assert [world.send(ATT, FREE, text=TEXT).state for _ in range(3)] == ["DELIVRD"] * 3
    assert world.send(ATT, FREE, text=TEXT) == Told("REFUSED", "queue_full", "360")
    assert world.send(ATT, SECOND_FREE, text=TEXT) == DELIVERED
    assert world.send(ATT, FREE, NOON + 0.334, text=TEXT) == DELIVERED


UNVERIFIED = Told("REFUSED", "tollfree_unverified", "064")


@pytest.mark.parametrize("state", ["unverified", "pending", "rejected"])
def test_a_toll_free_number_that_is_not_verified_is_blocked_since_january_2024(state: str) -> None:
    assert Shipped(f"registry: {{toll_free: {{18885550100: {state}}}}}").send(ATT, SECOND_FREE, text=TEXT) == UNVERIFIED


def unverified(day: str, state: str) -> Shipped:
    """The hub by the rules of a day, without filters: bursts are the point here."""
    rules = f"toll_free: {{18885550100: {state}}}, toll_free_rules: {day}"
    return Shipped(f"registry: {{{rules}}}\nnetworks: {{att: {{filters: []}}, us-toll-free: {{filters: []}}}}")


@pytest.mark.parametrize(
    ("day", "state", "cap"),
    [
        ("2022-10-01", "unverified", 2_000),
        ("2023-03-31", "unverified", 2_000),
        ("2023-04-01", "unverified", 500),
        ("2023-11-07", "unverified", 500),
        ("2023-11-08", "unverified", 0),
        ("2023-11-08", "pending", 2_000),
        ("2024-01-30", "pending", 2_000),
        ("2024-01-31", "pending", 0),
    ],
)
def test_toll_free_numbers_had_caps_by_the_rules_of_the_day(day: str, state: str, cap: int) -> None:
    world = unverified(day, state)
    assert {world.send(ATT, SECOND_FREE, NOON + 10.0 * count).state for count in range(cap)} <= {"DELIVRD"}
    assert world.send(ATT, SECOND_FREE, NOON + DAY - 0.001) == UNVERIFIED
    assert (world.send(ATT, SECOND_FREE, NOON + DAY) == DELIVERED) is bool(cap)


@pytest.mark.parametrize(
    ("state", "day", "week", "month"), [("unverified", 500, 1_000, 2_000), ("pending", 2_000, 6_000, 10_000)]
)
def test_toll_free_numbers_had_caps_by_day_week_and_month(state: str, day: int, week: int, month: int) -> None:
    world, sent = unverified("2023-04-01", state), 0
    # 1 February 2027 is a Monday; midnight in Los Angeles
    monday = NOON + 17 * DAY
    for number in range(10):
        before = sent
        while world.send(ATT, SECOND_FREE, monday + number * DAY + sent) == DELIVERED:
            sent += 1
        assert world.truth.cause == "tollfree_unverified"
        assert sent - before <= day
        assert sent == min((number % 7 + 1) * day, week) + (week if number >= 7 else 0) or sent == month
    assert sent == month
    assert world.send(ATT, SECOND_FREE, monday + 28 * DAY - 0.001) == UNVERIFIED
    # the first of March
    assert world.send(ATT, SECOND_FREE, monday + 28 * DAY) == DELIVERED


# ---------------------------------------------------------------------- other kinds of number


def burst(world: Shipped, to: str, sender: str) -> int:
    """How many messages of one moment are taken before one is told to come later."""
    for count in range(2_000):
        if world.send(to, sender) == THROTTLED:
            return count
    return 2_000


def rated(kinds: str) -> Shipped:
    """One network for all numbers, with these rates by kind of number."""
    limits = f"[{{kinds: {kinds}, over: throttle}}]"
    states = "{18005550100: verified, 18885550100: pending}"
    return Shipped(
        f"networks: {{one: {{prefixes: [1202, 1416, 4477], limits: {limits}}}}}\nregistry: {{toll_free: {states}}}",
        "generic",
    )


@pytest.mark.parametrize(
    ("sender", "rate"), [("18005550100", 3), ("15105550100", 4), ("12345", 100)], ids=["toll-free", "long", "short"]
)
def test_the_generic_network_takes_the_usual_rate_of_a_kind_of_number(sender: str, rate: int) -> None:
    world = Shipped("networks: {generic: {delays: instant, subscribers: {absent: 0%}}}", "generic")
    verdicts = [world.verdict("491234567890", sender) for _ in range(rate + 1)]
    # what is more waits
    assert [bool(one.outcomes[-1].after) for one in verdicts] == [False] * rate + [True]
    assert round(verdicts[-1].outcomes[-1].after, 3) == round(1 / rate, 3)
    assert not world.verdict("491234567890", sender, NOON + 2 / rate).outcomes[-1].after


def test_a_name_sends_one_message_in_ten_seconds() -> None:
    world = Shipped("networks: {generic: {delays: instant, subscribers: {absent: 0%}}}", "generic")
    waits = [round(world.verdict("491234567890", "ACME", NOON + at).outcomes[-1].after, 3) for at in (0, 9.9, 20)]
    assert waits == [0.0, 0.1, 0.0]


@pytest.mark.parametrize(
    ("kinds", "sender", "to", "rate"),
    [
        ("{toll_free: 3/s, short_code: 10/s, long_code: 4/s, 'long_code:CA': 1/s}", "14165550100", ATT, 1),
        ("{toll_free: 3/s, short_code: 10/s, long_code: 4/s, 'long_code:CA': 1/s}", "15105550100", ATT, 4),
        ("{toll_free: 3/s, short_code: 10/s, long_code: 4/s, 'long_code:CA': 1/s}", "12345", ATT, 10),
        ("{'toll_free:verified': 20/s, 'toll_free:pending': 1/s}", "18005550100", ATT, 20),
        ("{'toll_free:verified': 20/s, 'toll_free:pending': 1/s}", "18885550100", ATT, 1),
        ("{'toll_free:unverified': 0.25/s}", "18775550100", ATT, 1),
        ("{short_code: 1000/s}", "12345", ATT, 1_000),
        ("{long_code: 4/s, 'long_code:abroad': 0.1/s}", "15105550100", "447700900100", 1),
        ("{long_code: 4/s, 'long_code:abroad': 0.1/s}", "15105550100", ATT, 4),
        ("{long_code: 4/s, 'long_code:abroad': 0.1/s}", "15105550100", "14165550100", 1),
    ],
)
def test_a_provider_rates_kinds_standings_and_ways(kinds: str, sender: str, to: str, rate: int) -> None:
    assert burst(rated(kinds), to, sender) == rate


def test_abroad_it_is_one_message_in_ten_seconds() -> None:
    world = rated("{long_code: 4/s, 'long_code:abroad': 0.1/s}")
    told = [world.send("447700900100", "15105550100", NOON + at).state for at in (0, 9.9, 10.1, 20)]
    assert told == ["DELIVRD", "REFUSED", "DELIVRD", "REFUSED"]


@pytest.mark.parametrize(
    ("state", "network", "cause"),
    [("provisioned", "att", ""), ("{networks: {att: provisioned}}", "tmobile", "shortcode_not_allowed")],
)
def test_a_short_code_works_where_it_is_provisioned(state: str, network: str, cause: str) -> None:
    world = Shipped(f"registry: {{short_codes: {{12346: {state}}}}}")
    assert world.send(PHONES[network], "12346").cause == cause

"""Opting out as it is published: words, the rule by which a network hears them, the toll-free loop, and three rates.

From T-Mobile's code of conduct (2020), the regulator's rule of April 2025, the toll-free network's fixed replies, and
SignalWire's guide (5 %).
"""

import pytest

from tests.carrier.published.shipped import DAY, DELIVERED, NOON, PHONES, Shipped, Told

FREE, LONG, SHORT = "18005550100", "15105550100", "12345"
PHONE = PHONES["att"]
TEXT = "Your parcel is here. Reply STOP to opt out."
STOPPED = (
    'NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. '
    'Text back "unstop" to receive messages again.'
)
STOPPED_NEWER = STOPPED.replace('"unstop"', '"unstop" or "start"')
RESUMED = 'NETWORK MSG: You have replied "unstop" and will begin receiving messages again from this number.'
BLOCKED = Told("REJECTD", "opted_out_network", "257")

OPT_OUT = "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT ARRET".split()
OPT_IN = "START UNSTOP NONARRET".split()
HELP = "HELP INFO".split()


@pytest.mark.parametrize(
    ("word", "act"),
    [
        *((word, "opt_out") for word in OPT_OUT),
        *((word, "opt_in") for word in OPT_IN),
        *((word, "help") for word in HELP),
    ],
)
@pytest.mark.parametrize("number", [FREE, LONG, SHORT])
def test_a_word_alone_is_heard_in_any_case_and_with_spaces_behind_it(word: str, act: str, number: str) -> None:
    world = Shipped()
    for text in (word, word.lower(), word.title(), f"{word}  "):
        heard = world.networks.heard(PHONE, number, text, NOON)
        assert (heard.act, heard.word, heard.is_exact) == (act, word, True)
    for text in (f" {word}", f"{word}.", f"{word}!", f"\n{word}", f"{word} {word}"):
        assert not world.networks.heard(PHONE, number, text, NOON).is_exact


@pytest.mark.parametrize("text", ["STOP ALL", "stop all", "opt out", "Opt Out", "Please stop texting me"])
def test_several_words_are_for_the_sender_to_honour_and_no_match_of_the_network(text: str) -> None:
    world = Shipped()
    heard = world.networks.heard(PHONE, FREE, text, NOON)
    assert (heard.act, heard.is_exact, heard.reply) == ("opt_out", False, "")
    assert world.send(PHONE, FREE, text=TEXT) == DELIVERED


def test_words_of_2025_and_french_ones_can_be_those_of_before() -> None:
    older = Shipped("opt_outs: {added_2025: false, french: false}").networks
    assert [older.heard(PHONE, LONG, word, NOON).act for word in ("REVOKE", "OPTOUT", "ARRET", "NONARRET")] == [""] * 4
    assert older.heard(PHONE, LONG, "STOP", NOON).act == "opt_out"
    assert Shipped().networks.heard(PHONE, LONG, "YES", NOON).act == ""
    assert Shipped("opt_outs: {consent: true}").networks.heard(PHONE, LONG, "YES", NOON).act == "opt_in"


@pytest.mark.parametrize(("stop", "start"), [("STOP", "UNSTOP"), ("stop", "start"), ("Arret ", "nonarret")])
def test_the_toll_free_network_blocks_this_pair_until_it_is_lifted(stop: str, start: str) -> None:
    world = Shipped("registry: {toll_free: {18885550100: verified}}")
    assert world.send(PHONE, FREE, text=TEXT) == DELIVERED
    assert world.networks.heard(PHONE, FREE, stop, NOON).reply == STOPPED
    assert world.send(PHONE, FREE, NOON + 1, text=TEXT) == BLOCKED
    assert world.send("12025550101", FREE, NOON + 2, text=TEXT) == DELIVERED
    assert world.send(PHONE, "18885550100", NOON + 2, text=TEXT) == DELIVERED
    # until it is lifted, however long that is
    assert world.send(PHONE, FREE, NOON + 400 * DAY, text=TEXT) == BLOCKED
    assert world.networks.heard(PHONE, FREE, start, NOON + 400 * DAY).reply == RESUMED
    assert world.send(PHONE, FREE, NOON + 400 * DAY + 1, text=TEXT) == DELIVERED


def test_the_network_confirms_once() -> None:
    networks = Shipped().networks
    assert [networks.heard(PHONE, FREE, "STOP", NOON).reply for _ in range(3)] == [STOPPED, "", ""]


def test_the_newer_reply_names_both_words() -> None:
    networks = Shipped("opt_outs: {newer: true}").networks
    assert networks.heard(PHONE, FREE, "STOP", NOON).reply == STOPPED_NEWER


@pytest.mark.parametrize("number", [LONG, SHORT])
@pytest.mark.parametrize("word", OPT_OUT)
def test_on_long_codes_and_short_codes_nobody_is_blocked(number: str, word: str) -> None:
    world = Shipped()
    heard = world.networks.heard(PHONE, number, word, NOON)
    assert (heard.act, heard.reply) == ("opt_out", "")
    assert world.send(PHONE, number, text=TEXT) == DELIVERED


# ---------------------------------------------------------------------- rates


def written_to(count: int) -> tuple[Shipped, list[str]]:
    """A campaign that has written to so many people of T-Mobile within a blast."""
    world = Shipped()
    codes = ("1206", "1213", "1303", "1312", "1415", "1425", "1503", "1602", "1718", "1916")
    people = [f"{code}55501{number:02}" for code in codes for number in range(100)][:count]
    for index, one in enumerate(people):
        assert world.send(one, LONG, NOON + index, text=TEXT) == DELIVERED
    return world, people


def levels(world: Shipped, people: list[str], at: float = NOON + 2_000) -> list[tuple[int, tuple[str, ...]]]:
    """After how many opt-outs which thresholds were exceeded, wherever that changed."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for count, one in enumerate(people, 1):
        world.networks.heard(one, LONG, "STOP", at)
        now = world.networks.rates.rate("CEXAMPLE", at).levels
        if not found or found[-1][1] != now:
            found.append((count, now))
    return found


def test_three_thresholds_are_exceeded_by_one_more_than_their_share() -> None:
    world, people = written_to(1_000)
    # 0.5 % of a thousand are 5, 4 % are 40, 5 % are 50
    assert levels(world, people[:60]) == [
        (1, ()),
        (6, ("alarm",)),
        (41, ("alarm", "suspend")),
        (51, ("alarm", "suspend", "high")),
    ]


def test_above_four_per_cent_the_campaign_is_suspended_and_not_before() -> None:
    world, people = written_to(1_000)
    levels(world, people[:40])
    assert world.send(PHONE, LONG, NOON + 2_001) == DELIVERED
    # one recipient more has made 40 a little less than 4 %: it takes one more
    levels(world, people[40:41])
    assert world.send(PHONE, LONG, NOON + 2_002) == Told("REJECTD", "campaign_suspended", "060")
    assert world.truth.why == "campaign CEXAMPLE is suspended"


def test_a_suspension_can_be_left_to_whoever_reads_the_rate() -> None:
    world = Shipped("opt_outs: {suspends: false}")
    for number in range(100):
        world.send(f"12065550{100 + number}", LONG, NOON + number, text=TEXT)
        world.networks.heard(f"12065550{100 + number}", LONG, "STOP", NOON + number)
    assert world.networks.rates.rate("CEXAMPLE", NOON + 100).levels == ("alarm", "suspend", "high")
    assert world.send(PHONE, LONG, NOON + 100) == DELIVERED


def test_rates_are_those_of_24_hours_and_of_each_campaign() -> None:
    world, people = written_to(100)
    levels(world, people[:3])
    rate = world.networks.rates.rate("CEXAMPLE", NOON + DAY - 1)
    assert (rate.recipients, rate.opted_out, rate.levels) == (100, 3, ("alarm",))
    assert world.networks.rates.rate("CEXAMPLE", NOON + DAY + 100).recipients == 0
    assert world.networks.rates.rate("CSMALL", NOON).recipients == 0

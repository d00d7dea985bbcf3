"""What each kind of filter finds and what it leaves alone, exact at the edge of every window and threshold."""

import pytest

from simulator.carrier.dice import Luck
from simulator.carrier.filters import screens
from simulator.carrier.filters.filters import Facts, Filter, Filters, Screen
from simulator.carrier.filters.fingerprints import Reading
from simulator.carrier.filters.markers import CONTENT
from simulator.carrier.filters.screens import (
    SCREENS,
    BlockedSenders,
    Content,
    Duplicates,
    Landlines,
    MissingOptOut,
    Patterns,
    Phishing,
    SenderKinds,
    Shorteners,
    Snowshoe,
    VolumeSpike,
)

A_DAY = 86_400.0


def facts(text: str = "hello", **more) -> Facts:
    return Facts(**({"source": "12025550100", "destination": "12125550100", "text": text, "kind": "long_code"} | more))


def sees(screen: Screen, one: Facts, at: float = 0.0) -> str:
    return screen.sees(one, Reading(one.text), at)


def note(screen: Screen, one: Facts, at: float = 0.0) -> None:
    screen.note(one, Reading(one.text), at)


# --- What a text says ---


# The categories of the industry's and the carriers' content rules, each with an example of our own.
@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("sex", "Hot XXX videos"),
        ("hate", "Join the race war"),
        ("alcohol", "Happy hour! 2 for 1"),
        ("firearms", "New handguns in stock"),
        ("tobacco", "20% off e-cigarettes and vapes"),
        ("cannabis", "CBD gummies"),
        ("gambling", "Casino night"),
        ("lending", "Need cash? Payday loans here"),
        ("debt_relief", "Student loan forgiveness ends soon"),
        ("lead_generation", "Compare quotes now"),
        ("sweepstakes", "You have won a TV"),
    ],
)
def test_every_category_of_content_is_found(category, text):
    assert sees(Content(), facts(text)).startswith(f"{category}: ")
    assert sees(Content([category]), facts(text))
    assert sees(Content([one for one in CONTENT if one != category]), facts(text)) == ""


@pytest.mark.parametrize("text", ["Your order has shipped", "begun", "the payday and the loan", "Dr. Gunn", ""])
def test_harmless_texts_have_no_category(text):
    assert sees(Content(), facts(text)) == ""


@pytest.mark.parametrize(
    ("text", "is_allowed"), [("vodka", True), ("vape", True), ("rifle", True), ("white power", False), ("cbd", False)]
)
def test_an_age_gate_excuses_what_it_can(text, is_allowed):
    assert sees(Content(), facts(text))
    assert (sees(Content(), facts(text, is_age_gated=True)) == "") == is_allowed


def test_behind_what_an_age_gate_excuses_stands_what_it_does_not():
    assert sees(Content(), facts("vodka and marijuana", is_age_gated=True)) == "cannabis: 'marijuana'"


def test_a_category_takes_further_words():
    content = Content(["alcohol"], {"cannabis": ["green stuff"]})
    assert sees(content, facts("Green stuff!")) == "cannabis: 'green stuff'"
    assert sees(content, facts("cbd")) == "cannabis: 'cbd'"


@pytest.mark.parametrize(
    ("name", "error"), [("alcohl", "did you mean 'alcohol'"), ("xyz", "one of sex, hate, alcohol, firearms, tobacco")]
)
def test_a_category_that_is_none_is_refused(name, error):
    with pytest.raises(ValueError, match=f"content: '{name}' is no category; {error}"):
        Content([name])


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://bit.ly/x", "bit.ly"),
        ("go to www.TinyURL.com/x now", "www.tinyurl.com"),
        ("t.co/abc", "t.co"),
        ("https://example.com/?to=bit.ly", "bit.ly"),
        ("https://notbit.ly/x", ""),
        ("https://bit.ly.example.com/x", ""),
        ("bit ly", ""),
    ],
)
def test_links_by_public_shorteners_are_found_by_their_hosts(text, host):
    assert sees(Shorteners(), facts(text)) == (f"link by the public shortener {host!r}" if host else "")


def test_shorteners_can_be_added_and_allowed():
    shorteners = Shorteners(more=["Sho.rt"], allowed=["BIT.LY"])
    assert sees(shorteners, facts("sho.rt/1"))
    assert sees(shorteners, facts("bit.ly/1")) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "Your bank account is locked, see http://evil.example/x",
            "phishing: 'locked' and 'bank' with a link to 'evil.example'",
        ),
        ("Your bank account is locked, call us", ""),
        ("Your bank wishes a good day: http://evil.example/x", ""),
        ("Verify that it works: http://evil.example/x", ""),
        ("Final notice: toll unpaid http://bank.example@evil.example/", "evil.example"),
    ],
)
def test_phishing_is_a_lure_with_pressure_and_a_link(text, why):
    assert why in sees(Phishing(), facts(text))
    assert bool(sees(Phishing(), facts(text))) == bool(why)


def test_a_link_to_a_trusted_host_is_no_lure():
    phishing = Phishing(trusted=["Bank.example"])
    assert sees(phishing, facts("Confirm your account at https://my.bank.example/x")) == ""
    assert sees(phishing, facts("Confirm your account at https://my.bank.example/x or http://evil.example"))


class Contains:
    """A pattern that is told what to find."""

    def __init__(self, text: str) -> None:
        self.text = text

    def matches(self, text: str) -> bool:
        return self.text in text


def test_patterns_see_the_text_as_it_was_written():
    patterns = Patterns([Contains("A"), Contains("B")])
    assert sees(patterns, facts("xBx")) == "pattern 'B' is found"
    assert sees(patterns, facts("xbx")) == ""


# --- Who sends, and to whom ---


def test_a_blocked_sender_is_found_with_and_without_a_plus():
    blocked = BlockedSenders(["+12025550100", "SPAMMER"])
    assert sees(blocked, facts()) == "sender '12025550100' is blocked"
    assert sees(blocked, facts(source="+12025550100"))
    assert sees(blocked, facts(source="SPAMMER"))
    assert sees(blocked, facts(source="12025550101")) == ""


def test_a_list_of_senders_changes_until_it_is_reset():
    blocked = BlockedSenders(["1"])
    blocked.block("+2")
    blocked.unblock("1")
    blocked.unblock("3")
    assert [bool(sees(blocked, facts(source=one))) for one in "123"] == [False, True, False]
    blocked.reset()
    assert [bool(sees(blocked, facts(source=one))) for one in "123"] == [True, False, False]


def test_senders_of_other_kinds_are_found():
    kinds = SenderKinds(["long_code", "toll_free"])
    assert sees(kinds, facts()) == ""
    assert sees(kinds, facts(kind="alphanumeric", source="SHOP")) == (
        "sender 'SHOP' is of kind alphanumeric, allowed: long_code, toll_free"
    )
    assert sees(SenderKinds([]), facts()).endswith("allowed: none")


def test_a_kind_of_sender_that_is_none_is_refused():
    with pytest.raises(ValueError, match="senders: 'longcode' is no kind, one of long_code, toll_free"):
        SenderKinds(["longcode"])


def test_a_landline_is_found():
    assert sees(Landlines(), facts(is_landline=True)) == "destination '12125550100' is a landline"
    assert sees(Landlines(), facts()) == ""


# --- What came before ---


@pytest.mark.parametrize(
    "text",
    [
        "Reply STOP to opt out",
        "opt-out: www.example.com",
        "Unsubscribe here",
        "text END to 12345",
        "ARRÊT pour ne plus recevoir",
        "Reply 'CANCEL'",
        "txt STOPALL",
    ],
)
def test_a_first_message_may_say_in_many_ways_how_to_opt_out(text):
    assert sees(MissingOptOut(), facts(text)) == ""


@pytest.mark.parametrize("text", ["Sale ends Sunday", "end of season", "nonstop fun", "cancel anytime", ""])
def test_a_first_message_that_does_not_say_how_to_opt_out_is_found(text):
    assert sees(MissingOptOut(), facts(text)) == ("first message to '12125550100' within 30d, and no way to opt out")


@pytest.mark.parametrize(("later", "is_first"), [(0.0, False), (30 * A_DAY - 1, False), (30 * A_DAY, True)])
def test_a_second_message_within_the_window_need_not_say_it(later, is_first):
    screen = MissingOptOut()
    note(screen, facts("Reply STOP to end"), 1_000.0)
    assert bool(sees(screen, facts("Sale"), 1_000.0 + later)) == is_first
    assert sees(screen, facts("Sale", destination="12125550101"), 1_000.0)
    assert sees(screen, facts("Sale", source="12025550101"), 1_000.0)
    screen.reset()
    assert sees(screen, facts("Sale"), 1_000.0)


def test_each_message_begins_the_window_anew_and_a_pool_is_one_sender():
    screen = MissingOptOut(window=10.0)
    note(screen, facts(pool="campaign"), 0.0)
    note(screen, facts(pool="campaign", source="12025550101"), 9.0)
    assert sees(screen, facts(pool="campaign", source="12025550102"), 18.9) == ""
    assert sees(screen, facts(pool="campaign"), 19.0)


def sent_by(screen: Screen, senders: int, text: str = "Win a boat, the best of all boats", at: float = 0.0) -> None:
    for number in range(senders):
        note(screen, facts(f"{text} {number} https://a{number}.example/x", source=f"1202555010{number}"), at)


def test_one_text_from_as_many_senders_as_are_too_many_is_found():
    screen = Snowshoe(senders=5, window=3_600.0)
    text = "WIN A BOAT,  the best of all boats 77 http://z.example"
    sent_by(screen, 3)
    assert sees(screen, facts(text, source="12025550109")) == ""
    sent_by(screen, 4)
    assert sees(screen, facts(text, source="12025550109")) == (
        "the same text from 5 senders within 1h: 12025550109, 12025550103, 12025550102, ..."
    )
    assert sees(screen, facts(text, source="12025550100")) == ""
    note(screen, facts(text, source="12025550109"))
    assert sees(screen, facts(text, source="12025550100"))
    assert sees(screen, facts("Win a yacht, the best of all boats", source="12025550109")) == ""


def test_of_few_senders_all_are_named():
    screen = Snowshoe(senders=2, length_min=0)
    note(screen, facts("hi", source="1"))
    assert sees(screen, facts("hi", source="2")) == "the same text from 2 senders within 1h: 2, 1"


@pytest.mark.parametrize(("later", "is_found"), [(59.9, True), (60.0, False)])
def test_senders_count_for_one_window(later, is_found):
    screen = Snowshoe(senders=2, window=60.0, length_min=0)
    note(screen, facts("hi", source="1"), 100.0)
    assert bool(sees(screen, facts("hi", source="2"), 100.0 + later)) == is_found


def test_a_sender_that_goes_on_is_one_and_counts_from_its_last_message():
    screen = Snowshoe(senders=2, window=60.0, length_min=0)
    for second in (0.0, 30.0, 59.0):
        assert sees(screen, facts("hi", source="1"), second) == ""
        note(screen, facts("hi", source="1"), second)
    assert sees(screen, facts("hi", source="2"), 118.9)
    assert sees(screen, facts("hi", source="2"), 119.0) == ""


def test_of_many_senders_only_as_many_as_decide_are_kept():
    screen = Snowshoe(senders=3, window=60.0, length_min=0)
    for number in range(100):
        note(screen, facts("hi", source=str(number)), float(number) / 10)
    assert sees(screen, facts("hi", source="x"), 10.0) == "the same text from 4 senders within 1m: x, 99, 98, ..."


def test_a_pool_of_numbers_is_one_sender():
    screen = Snowshoe(senders=2, length_min=0)
    note(screen, facts("hi", source="1", pool="campaign"))
    assert sees(screen, facts("hi", source="2", pool="campaign")) == ""
    assert sees(screen, facts("hi", source="2"))
    screen.reset()
    assert sees(screen, facts("hi", source="2")) == ""


@pytest.mark.parametrize(("text", "is_found"), [("a" * 20, True), ("a" * 19 + " 1234567", False)])
def test_short_texts_say_too_little(text, is_found):
    screen = Snowshoe(senders=2, length_min=20)
    note(screen, facts(text, source="1"))
    assert bool(sees(screen, facts(text, source="2"))) == is_found


def send(screen: Screen, count: int, at: float) -> None:
    for _ in range(count):
        note(screen, facts(), at)


def test_a_new_sender_may_send_the_allowance_and_not_one_more():
    screen = VolumeSpike(window=60.0, allowance=100)
    send(screen, 99, 0.0)
    assert sees(screen, facts(), 59.9) == ""
    send(screen, 1, 59.9)
    assert sees(screen, facts(), 59.9) == "101 messages within 1m, at most 100: the mean was 0"
    assert sees(screen, facts(source="12025550101"), 59.9) == ""
    assert sees(screen, facts(), 60.0) == ""


def test_an_old_sender_may_send_ten_times_its_mean():
    screen = VolumeSpike(window=60.0, windows=5, factor=10.0, allowance=100)
    for minute, count in enumerate((10, 20, 30, 40, 50)):
        send(screen, count, minute * 60.0)
    send(screen, 299, 300.0)
    assert sees(screen, facts(), 359.0) == ""
    send(screen, 1, 359.0)
    assert sees(screen, facts(), 359.0) == "301 messages within 1m, at most 300: the mean was 30"


@pytest.mark.parametrize(("minute", "allowed"), [(1, 100), (2, 100), (5, 100), (6, 10), (7, 10), (100, 10)])
def test_the_mean_is_over_the_last_windows_whether_anything_came_in_them_or_not(minute, allowed):
    screen = VolumeSpike(window=60.0, windows=5, factor=10.0, allowance=10)
    send(screen, 50, 0.0)
    send(screen, allowed, minute * 60.0)
    assert f"at most {allowed}: " in sees(screen, facts(), minute * 60.0)


def test_a_spike_becomes_what_is_usual():
    screen = VolumeSpike(window=60.0, windows=1, factor=2.0, allowance=10)
    send(screen, 1_000, 0.0)
    send(screen, 1_999, 60.0)
    assert sees(screen, facts(), 60.0) == ""
    screen.reset()
    send(screen, 10, 60.0)
    assert sees(screen, facts(), 60.0)


@pytest.mark.parametrize(("later", "is_found"), [(0.0, True), (59.9, True), (60.0, False)])
def test_a_text_is_a_duplicate_for_one_window(later, is_found):
    screen = Duplicates(window=60.0)
    assert sees(screen, facts(), 100.0) == ""
    note(screen, facts(), 100.0)
    assert bool(sees(screen, facts(), 100.0 + later)) == is_found
    for other in (facts("Hello"), facts(source="1"), facts(destination="1")):
        assert sees(screen, other, 100.0) == ""
    screen.reset()
    assert sees(screen, facts(), 100.0) == ""


def test_a_text_between_two_others_is_no_excuse():
    screen = Duplicates()
    note(screen, facts("a"), 0.0)
    note(screen, facts("b"), 1.0)
    assert sees(screen, facts("a"), 2.0) == "the same text to '12125550100' 2s ago"


@pytest.mark.parametrize(
    ("made", "error"),
    [
        (lambda: MissingOptOut(0.0), "missing_opt_out: window: 0 s, above 0 and not endless"),
        (lambda: Snowshoe(senders=1), "snowshoe: senders: 1, at least 2"),
        (lambda: Snowshoe(window=float("inf")), "snowshoe: window: inf s, above 0 and not endless"),
        (lambda: Snowshoe(length_min=-1), "snowshoe: length_min: -1, at least 0"),
        (lambda: VolumeSpike(window=-1.0), "volume_spike: window: -1 s"),
        (lambda: VolumeSpike(windows=0), "volume_spike: windows: 0, at least 1"),
        (lambda: VolumeSpike(factor=0.5), "volume_spike: factor: 0.5, at least 1"),
        (lambda: VolumeSpike(allowance=0), "volume_spike: allowance: 0, at least 1"),
        (lambda: Duplicates(float("nan")), "duplicate: window: nan s"),
    ],
)
def test_windows_and_thresholds_that_cannot_be_are_refused(made, error):
    with pytest.raises(ValueError, match=error):
        made()


# --- All of them ---


def test_every_kind_has_its_usual_cause_and_place():
    given: dict[str, dict[str, list[str]]] = {"pattern": {"patterns": []}, "sender_kind": {"allowed": ["long_code"]}}
    usual = {}
    for name, kind in SCREENS.items():
        one = Filter(name, kind(**given.get(name, {})))
        usual[name] = (one.cause, one.where)
    assert usual == {
        "content": ("carrier_spam", "REJECTD"),
        "shortener": ("shortened_url", "REJECTD"),
        "phishing": ("carrier_spam", "REJECTD"),
        "pattern": ("carrier_spam", "REJECTD"),
        "missing_opt_out": ("carrier_spam", "REJECTD"),
        "snowshoe": ("carrier_spam", "REJECTD"),
        "volume_spike": ("other_volume", "REJECTD"),
        "duplicate": ("carrier_spam", "REJECTD"),
        "sender_kind": ("invalid_source", "submit"),
        "blocked_sender": ("sender_blocked", "submit"),
        "landline": ("landline_or_no_sms", "UNDELIV"),
    }


def test_screens_that_remember_nothing_are_not_told(monkeypatch):
    monkeypatch.setattr(Content, "note", None)
    assert Filters([Filter("shaft", Content())]).judge(facts("vodka"), 0.0, Luck(bytes(64))) is not None


def test_a_screen_that_remembers_nothing_takes_a_note_and_sees_the_same():
    content = Content()
    note(content, facts("vodka"))
    content.reset()
    assert sees(content, facts("water")) == ""


def test_the_memory_for_a_hundred_thousand_senders_is_bounded(monkeypatch):
    for name, limit in (("PAIRS_MAX", 100_000), ("TEXTS_MAX", 50_000)):
        assert getattr(screens, name) == limit
        monkeypatch.setattr(screens, name, 100)
    first, wide, spike, twice = MissingOptOut(), Snowshoe(length_min=0), VolumeSpike(), Duplicates()
    for number in range(1_000):
        one = facts(f"hi {chr(0x4E00 + number)}", source=str(number))
        for screen in (first, wide, spike, twice):
            note(screen, one, 0.0)
    for memory in (first._last, wide._recent, spike._counts, twice._last):
        assert 50 <= len(memory) <= 100

"""Filters in order: who decides, where it shows, by what chance, and whom a hit blocks."""

from math import inf

import pytest

from simulator.carrier.causes import SUBMIT
from simulator.carrier.dice import Luck
from simulator.carrier.filters.filters import BLOCKED_MAX, LOST, PASSED, Facts, Filter, Filters, Hit, View
from simulator.carrier.filters.screens import (
    BlockedSenders,
    Content,
    Duplicates,
    Landlines,
    MissingOptOut,
    Shorteners,
    Snowshoe,
    VolumeSpike,
)
from simulator.carrier.messages import DELIVERED


class Told(Luck):
    """Luck that is told its draws; whoever asks for another one finds none."""

    __slots__ = ("named",)

    def __init__(self, **named: float) -> None:
        super().__init__(b"")
        self.named = named

    def of(self, name: str) -> float:
        return self.named[name.removeprefix("filter ")]


def facts(text: str = "vodka by https://bit.ly/1", **more) -> Facts:
    return Facts(**({"source": "12025550100", "destination": "12125550100", "text": text, "kind": "long_code"} | more))


def test_without_filters_nothing_is_caught():
    assert Filters().judge(facts(), 0.0, Told()) is None
    assert (Filters().explain(facts(), 0.0), len(Filters()), Filters().is_fixed) == ((), 0, True)


def test_the_first_filter_that_catches_decides():
    content, shortener = Filter("shaft", Content()), Filter("links", Shorteners())
    assert Filters([content, shortener]).judge(facts(), 0.0, Told()) == Hit(
        "shaft", "carrier_spam", "REJECTD", "alcohol: 'vodka' and no age gate"
    )
    assert Filters([shortener, content]).judge(facts(), 0.0, Told()) == Hit(
        "links", "shortened_url", "REJECTD", "link by the public shortener 'bit.ly'"
    )
    assert Filters([shortener, content]).judge(facts("harmless"), 0.0, Told()) is None


@pytest.mark.parametrize("where", ["submit", "UNDELIV", "REJECTD", "lost", "DELIVRD"])
def test_a_hit_shows_where_the_filter_says(where):
    hit = Filters([Filter("shaft", Content(), where=where)]).judge(facts(), 0.0, Told())
    assert hit is not None
    assert (hit.where, hit.cause) == (where, "carrier_spam")


def test_a_cause_can_be_another_than_the_usual_one():
    hit = Filters([Filter("age", Content(["alcohol"]), cause="age_restricted")]).judge(facts(), 0.0, Told())
    assert hit is not None
    assert hit.cause == "age_restricted"


def test_what_is_passed_is_asked_no_further_and_still_counts():
    filters = Filters([Filter("trusted", Content(["alcohol"]), where=PASSED), Filter("twice", Duplicates(60.0))])
    assert filters.judge(facts(), 0.0, Told()) is None
    assert filters.judge(facts(), 1.0, Told()) is None
    assert filters.explain(facts(), 2.0)[1].why == "the same text to '12125550100' 1s ago"


@pytest.mark.parametrize(("draw", "is_caught"), [(0.0, True), (0.249, True), (0.25, False), (0.99, False)])
def test_a_filter_catches_the_share_that_it_should(draw, is_caught):
    filters = Filters([Filter("shaft", Content(), probability=0.25)])
    assert not filters.is_fixed
    assert (filters.judge(facts(), 0.0, Told(shaft=draw)) is not None) == is_caught


def test_whom_luck_spares_the_next_filter_may_catch():
    filters = Filters([Filter("shaft", Content(), probability=0.5), Filter("links", Shorteners(), probability=0.5)])
    hit = filters.judge(facts(), 0.0, Told(shaft=0.7, links=0.1))
    assert hit is not None
    assert hit.filter == "links"


def test_of_many_messages_about_the_share_is_caught_and_always_the_same_ones():
    def caught() -> list[int]:
        filters = Filters([Filter("shaft", Content(), probability=0.3)])
        return [n for n in range(2_000) if filters.judge(facts(), 0.0, Luck(n.to_bytes(64, "big")))]

    assert caught() == caught()
    assert 540 < len(caught()) < 660


def test_without_chance_no_luck_is_asked():
    filters = Filters([Filter("shaft", Content()), Filter("never", Shorteners(), probability=1.0)])
    assert filters.is_fixed
    assert filters.judge(facts("vodka"), 0.0, Told()) is not None


def test_a_filter_that_never_catches_is_fixed_too():
    filters = Filters([Filter("shaft", Content(), probability=0.0)])
    assert filters.is_fixed
    assert filters.judge(facts(), 0.0, Told(shaft=0.0)) is None


def test_each_filter_s_view_is_told_and_nothing_counts():
    filters = Filters([Filter("links", Shorteners()), Filter("twice", Duplicates(60.0), probability=0.5)])
    for _ in range(3):
        assert filters.explain(facts(), 0.0) == (
            View("links", "shortened_url", "REJECTD", 1.0, "link by the public shortener 'bit.ly'"),
            View("twice", "carrier_spam", "REJECTD", 0.5, ""),
        )
    filters.judge(facts(), 0.0, Told())
    assert filters.explain(facts(), 1.5)[1].why == "the same text to '12125550100' 1.5s ago"


def test_a_filter_more_never_changes_what_another_one_counts():
    alone = Filters([Filter("many", VolumeSpike(60.0, 5, 10.0, 3))])
    behind = Filters([Filter("shaft", Content()), Filter("many", VolumeSpike(60.0, 5, 10.0, 3))])
    for second in range(6):
        behind.judge(facts("vodka"), second, Told())
        alone.judge(facts("vodka"), second, Told())
    assert behind.explain(facts("water"), 6.0)[1].why == alone.explain(facts("water"), 6.0)[0].why
    assert behind.judge(facts("water"), 6.0, Told()) == alone.judge(facts("water"), 6.0, Told())


def test_what_was_refused_at_once_is_no_first_message_and_has_no_duplicate():
    filters = Filters(
        [Filter("shaft", Content(), where=SUBMIT), Filter("first", MissingOptOut()), Filter("twice", Duplicates())]
    )
    assert filters.judge(facts("vodka"), 0.0, Told()) is not None
    assert [view.why for view in filters.explain(facts("vodka"), 1.0)][2] == ""
    assert filters.explain(facts("water"), 1.0)[1].why.startswith("first message")


def test_what_was_refused_at_once_counts_as_traffic():
    filters = Filters([Filter("shaft", Content(), where=SUBMIT), Filter("wide", Snowshoe(2, 60.0, 1))])
    filters.judge(facts("vodka"), 0.0, Told())
    assert filters.explain(facts("vodka", source="12025550101"), 1.0)[1].why.startswith("the same text from 2 senders")


def test_a_hit_blocks_its_sender_for_a_while():
    filters = Filters([Filter("shaft", Content(), where=LOST, blocks_for=60.0)])
    filters.judge(facts("vodka"), 100.0, Told())
    blocked = Hit("shaft", "sender_blocked", LOST, "sender '12025550100' is blocked for 1s more after a hit")
    assert filters.judge(facts("water"), 159.0, Told()) == blocked
    assert filters.explain(facts("water"), 159.0)[0] == View("shaft", "sender_blocked", LOST, 1.0, blocked.why)
    assert filters.judge(facts("water", source="12025550101"), 159.0, Told()) is None
    assert filters.judge(facts("water"), 160.0, Told()) is None


def test_a_blocked_sender_s_messages_do_not_make_it_longer():
    filters = Filters([Filter("shaft", Content(), blocks_for=60.0)])
    filters.judge(facts("vodka"), 0.0, Told())
    hit = filters.judge(facts("vodka"), 59.0, Told())
    assert hit is not None
    assert hit.cause == "sender_blocked"
    assert filters.judge(facts("water"), 60.0, Told()) is None


def test_a_sender_that_is_blocked_for_good_is_let_in_by_hand_or_by_a_reset():
    filters = Filters([Filter("shaft", Content(), blocks_for=inf)])
    for let_in in (lambda: filters.unblock("12025550100"), filters.reset):
        filters.judge(facts("vodka"), 0.0, Told())
        hit = filters.judge(facts("water"), 1e12, Told())
        assert hit is not None
        assert hit.why == "sender '12025550100' is blocked for good after a hit"
        let_in()
        assert filters.judge(facts("water"), 1e12, Told()) is None


def test_only_so_many_blocked_senders_are_remembered(monkeypatch):
    assert BLOCKED_MAX == 100_000
    monkeypatch.setattr("simulator.carrier.filters.filters.BLOCKED_MAX", 4)
    filters = Filters([Filter("shaft", Content(), blocks_for=inf)])
    for number in range(5):
        filters.judge(facts("vodka", source=str(number)), 0.0, Told())
    assert [filters.judge(facts("water", source=str(number)), 1.0, Told()) is None for number in (0, 4)] == [
        True,
        False,
    ]


def test_a_reset_forgets_all_messages():
    filters = Filters([Filter("twice", Duplicates(60.0)), Filter("list", BlockedSenders())])
    filters.judge(facts(), 0.0, Told())
    filters.reset()
    assert filters.judge(facts(), 1.0, Told()) is None


def test_one_text_sent_often_is_caught_each_time():
    filters = Filters([Filter("shaft", Content())])
    texts = [f"vodka {number}" for number in range(300)]
    assert all(filters.judge(facts(text), 0.0, Told()) for text in texts * 2)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (
            {"where": "UNDELIVERED"},
            r"filter mine: where: 'UNDELIVERED', one of submit, UNDELIV, .*; did you mean 'UNDELIV'\?",
        ),
        ({"where": "xyz"}, "filter mine: where: 'xyz', one of submit, UNDELIV, REJECTD, lost, DELIVRD, passed$"),
        ({"probability": 1.01}, "filter mine: probability: 1.01, a share from 0 to 1"),
        ({"probability": float("nan")}, "filter mine: probability: nan, a share from 0 to 1"),
        ({"blocks_for": -1.0}, "filter mine: blocks_for: -1 s, 0 or more"),
        ({"cause": "carrier_spem"}, "filter mine: cause: 'carrier_spem' is none; did you mean 'carrier_spam'"),
        ({"cause": "platform_spam"}, "filter mine: cause: 'platform_spam' is none that a carrier can have"),
        (
            {"cause": "shortened_url", "where": "submit"},
            "filter mine: cause: 'shortened_url' cannot show in the answer to a submission, where: submit",
        ),
        (
            {"cause": "congestion", "where": "REJECTD"},
            "filter mine: cause: 'congestion' cannot show in a receipt, where: REJECTD",
        ),
    ],
)
def test_contradictions_are_refused_by_name(settings, error):
    with pytest.raises(ValueError, match=error):
        Filter("mine", Content(), **settings)


def test_a_receipt_that_lies_needs_no_cause_of_its_own():
    assert Filter("mine", Landlines(), where=DELIVERED, cause="carrier_spam").cause == "carrier_spam"


def test_two_filters_of_one_name_are_refused():
    with pytest.raises(ValueError, match="filters: 'mine' is the name of two"):
        Filters([Filter("mine", Content()), Filter("yours", Content()), Filter("mine", Shorteners())])

"""Opt-outs: every published keyword, the rule of networks, the toll-free loop, and rates at their thresholds."""

import pytest

from simulator.carrier.phones import optouts as optouts_module
from simulator.carrier.phones.optouts import Heard, Keywords, OptOutRates, OptOuts, Rate, Thresholds

PHONE, OTHER = "12065550199", "12065550198"
FREE, LONG, SHORT = "18005550101", "12025550101", "24273"
REPLY = (
    'NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. '
    'Text back "unstop" to receive messages again.'
)
BACK = 'NETWORK MSG: You have replied "unstop" and will begin receiving messages again from this number.'


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("opt_out", "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT ARRET"),
        ("opt_in", "START UNSTOP NONARRET"),
        ("help", "HELP INFO"),
    ],
)
def test_the_network_knows_a_keyword_in_any_case_and_with_spaces_behind_it(act, words):
    for word in words.split():
        for text in (word, word.lower(), word.title(), f"{word}   "):
            assert Keywords().hear(text) == Heard(act, word, is_exact=True)


@pytest.mark.parametrize(
    ("text", "act", "word"),
    [
        (" STOP", "opt_out", "STOP"),
        ("STOP.", "opt_out", "STOP"),
        ('"stop"', "opt_out", "STOP"),
        ("stop\n", "opt_out", "STOP"),
        ("Stop  all", "opt_out", "STOP ALL"),
        ("opt-out!", "opt_out", "OPT OUT"),
        ("Arrêt", "opt_out", "ARRET"),
        ("please stop texting me", "opt_out", "STOP"),
        ("\u017ftop", "opt_out", "STOP"),
        ("help!", "help", "HELP"),
        ("Un-stop", "opt_out", "STOP"),
        ("unstop :)", "opt_in", "UNSTOP"),
    ],
)
def test_what_is_more_than_a_keyword_is_heard_by_the_looser_rule_only(text, act, word):
    assert Keywords().hear_exactly(text) is None
    assert Keywords().hear(text) == Heard(act, word, is_exact=False)


@pytest.mark.parametrize(
    "text", ["", " ", "yes", "nonstop", "I will cancel the appointment", "in the end", "no information", "1"]
)
def test_what_holds_no_keyword_means_nothing(text):
    assert Keywords().hear(text) == Heard("", "", is_exact=False, reply="")


def test_tables_of_words_can_be_left_out_or_taken_in():
    older = Keywords(added_2025=False, french=False)
    assert [older.hear(word).act for word in ("REVOKE", "OPTOUT", "opt out", "ARRET", "NONARRET")] == [""] * 5
    assert older.hear("revoke it").act == ""
    assert older.hear("STOP").act == "opt_out"
    assert Keywords(consent=True).hear("yes") == Heard("opt_in", "YES", is_exact=True)


def test_stop_on_toll_free_blocks_this_pair_alone_until_unstop():
    network = OptOuts()
    assert network.refusal(FREE, PHONE) == ""
    assert network.hear(PHONE, FREE, "toll_free", "stop ") == Heard("opt_out", "STOP", is_exact=True, reply=REPLY)
    assert network.refusal(FREE, PHONE) == "opted_out_network"
    assert network.refusal("+" + FREE, "+" + PHONE) == "opted_out_network"
    assert (network.refusal(FREE, OTHER), network.refusal("18005550102", PHONE)) == ("", "")
    assert network.hear(PHONE, FREE, "toll_free", "Unstop") == Heard("opt_in", "UNSTOP", is_exact=True, reply=BACK)
    assert network.refusal(FREE, PHONE) == ""


@pytest.mark.parametrize(("stop", "start"), [("STOP", "START"), ("ARRET", "NONARRET")])
def test_other_words_of_the_network_do_the_same(stop, start):
    network = OptOuts()
    assert network.hear(PHONE, FREE, "toll_free", stop).reply == REPLY
    assert network.is_blocked(FREE, PHONE)
    assert network.hear(PHONE, FREE, "toll_free", start).reply == BACK
    assert not network.is_blocked(FREE, PHONE)


def test_a_word_that_changes_nothing_is_forwarded_without_a_reply():
    network = OptOuts()
    assert network.hear(PHONE, FREE, "toll_free", "UNSTOP") == Heard("opt_in", "UNSTOP", is_exact=True)
    assert network.hear(PHONE, FREE, "toll_free", "STOP").reply
    assert network.hear(PHONE, FREE, "toll_free", "STOP") == Heard("opt_out", "STOP", is_exact=True)
    assert network.is_blocked(FREE, PHONE)


@pytest.mark.parametrize("text", ["QUIT", "please stop", " STOP", "HELP", "INFO", "hello"])
def test_the_toll_free_network_moves_for_its_own_words_only(text):
    network = OptOuts()
    assert network.hear(PHONE, FREE, "toll_free", text).reply == ""
    assert not network.is_blocked(FREE, PHONE)


def test_the_words_of_the_network_and_its_text_are_a_setting():
    network = OptOuts(newer=True, stop_words=["quit"], start_words=["help"])
    assert network.hear(PHONE, FREE, "toll_free", "QUIT").reply == REPLY.replace('"unstop"', '"unstop" or "start"')
    assert network.hear(PHONE, FREE, "toll_free", "HELP").reply == BACK
    deaf = OptOuts(Keywords(french=False))
    assert deaf.hear(PHONE, FREE, "toll_free", "ARRET") == Heard()


@pytest.mark.parametrize(("number", "kind"), [(LONG, "long_code"), (SHORT, "short_code")])
def test_long_codes_and_short_codes_are_told_and_nobody_is_blocked(number, kind):
    network = OptOuts()
    assert network.hear(PHONE, number, kind, "STOP") == Heard("opt_out", "STOP", is_exact=True)
    assert network.refusal(number, PHONE) == ""


def test_a_network_can_leave_opt_outs_to_others():
    network = OptOuts(is_on=False)
    assert network.hear(PHONE, FREE, "toll_free", "STOP") == Heard("opt_out", "STOP", is_exact=True)
    assert network.refusal(FREE, PHONE) == ""


def test_pairs_can_be_blocked_from_the_beginning_and_are_again_after_a_reset():
    network = OptOuts(blocked=[("+" + FREE, PHONE)])
    assert network.refusal(FREE, PHONE) == "opted_out_network"
    assert network.hear(PHONE, FREE, "toll_free", "START").reply == BACK
    network.block(FREE, OTHER)
    network.reset()
    assert [network.is_blocked(FREE, phone) for phone in (PHONE, OTHER)] == [True, False]


def test_the_longest_unused_block_is_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(optouts_module, "BLOCKS_MAX", 2)
    network = OptOuts()
    assert [network.block(FREE, phone) for phone in ("1", "2", "1", "2")] == [True, True, False, False]
    assert network.refusal(FREE, "1") == "opted_out_network"
    network.block(FREE, "3")
    assert [network.is_blocked(FREE, phone) for phone in "123"] == [True, False, True]
    assert [network.unblock(FREE, phone) for phone in "12"] == [True, False]
    network.reset()
    assert not network.is_blocked(FREE, "3")


def sent_to(count: int, at: float = 0.0, thresholds: Thresholds | None = None) -> OptOutRates:
    rates = OptOutRates(thresholds)
    for number in range(count):
        rates.sent("C1", f"1206555{number:04}", at)
    return rates


def opt_out(rates: OptOutRates, count: int, at: float = 1.0) -> list[tuple[str, ...]]:
    return [rates.opted_out("C1", f"1206555{number:04}", at) for number in range(count)]


def test_levels_are_reached_above_their_thresholds_and_not_at_them():
    rates = sent_to(1_000)
    crossed = opt_out(rates, 51)
    assert {number + 1: levels for number, levels in enumerate(crossed) if levels} == {
        6: ("alarm",),
        41: ("suspend",),
        51: ("high",),
    }
    assert rates.rate("C1", 1.0) == Rate(1_000, 51, 1_000, 51, ("alarm", "suspend", "high"))
    assert rates.rate("C1", 1.0).share == rates.rate("C1", 1.0).blast_share == 0.051


@pytest.mark.parametrize(
    ("recipients", "opted_out", "levels"),
    [
        (1_000, 5, ()),
        (1_000, 6, ("alarm",)),
        (1_000, 40, ("alarm",)),
        (1_000, 41, ("alarm", "suspend")),
        (1_000, 49, ("alarm", "suspend")),
        (1_000, 50, ("alarm", "suspend")),
        (1_000, 51, ("alarm", "suspend", "high")),
        (200, 1, ()),
        (199, 1, ("alarm",)),
    ],
)
def test_a_share_has_its_levels(recipients, opted_out, levels):
    rates = sent_to(recipients)
    opt_out(rates, opted_out)
    assert rates.rate("C1", 1.0).levels == levels


def test_recipients_and_opt_outs_count_once_each():
    rates = sent_to(100)
    for number in range(100):
        rates.sent("C1", f"+1206555{number:04}", 2.0)
    assert opt_out(rates, 1) == [("alarm",)]
    assert opt_out(rates, 1) == [()]
    assert rates.rate("C1", 2.0)[:2] == (100, 1)
    assert rates.rate("C2", 2.0) == Rate()
    assert rates.rate("C2", 2.0).share == 0


def test_who_was_never_written_to_counts_nowhere():
    rates = sent_to(100)
    assert rates.opted_out("C1", "12075550199", 1.0) == ()
    assert rates.opted_out("C2", "12065550000", 1.0) == ()
    rates.opted_in("C1", "12075550199", 1.0)
    assert rates.rate("C1", 1.0)[:2] == (100, 0)


def test_few_recipients_are_no_rate():
    assert opt_out(sent_to(99), 99) == [()] * 99
    assert opt_out(sent_to(1, thresholds=Thresholds(recipients_min=1)), 1) == [("alarm", "suspend", "high")]


def test_a_level_can_be_reached_again_once_the_share_has_fallen():
    rates = sent_to(100)
    assert opt_out(rates, 5)[-1] == ("suspend",)
    rates.opted_in("C1", "12065550000", 2.0)
    rates.opted_in("C1", "12065550000", 2.0)
    assert rates.rate("C1", 2.0) == Rate(100, 4, 100, 4, ("alarm",))
    assert rates.opted_out("C1", "12065550000", 3.0) == ("suspend",)


def test_24_hours_after_the_last_message_nobody_is_a_recipient_any_more():
    rates = sent_to(100)
    rates.sent("C1", "12065550000", 100.0)
    opt_out(rates, 2, at=200.0)
    assert rates.rate("C1", 86_399.9)[:2] == (100, 2)
    assert rates.rate("C1", 86_400.0)[:2] == (1, 1)
    assert rates.opted_out("C1", "12065550001", 86_400.0) == ()
    assert rates.rate("C1", 86_500.0) == Rate()


def test_a_blast_ends_with_a_pause_and_has_its_own_rate():
    rates = sent_to(100)
    for number in range(100):
        rates.sent("C1", f"1206555{number + 50:04}", 3_600.5)
    assert rates.rate("C1", 3_601.0)[:3] == (150, 0, 100)
    # one of the first fifty was in the older blast only; within a day he counts all the same
    assert rates.opted_out("C1", "12065550000", 3_700.0) == ()
    assert rates.opted_out("C1", "12065550060", 3_700.0) == ("alarm",)
    assert rates.rate("C1", 3_700.0)[:4] == (150, 2, 100, 1)
    rates.opted_in("C1", "12065550000", 3_700.0)
    assert rates.rate("C1", 3_700.0)[:4] == (150, 1, 100, 1)


def test_a_pause_that_is_no_longer_than_it_may_be_ends_no_blast():
    rates = sent_to(100)
    rates.sent("C1", "12075550199", 3_600.0)
    assert rates.rate("C1", 3_600.0).blast_recipients == 101


def test_campaigns_count_apart_and_a_reset_forgets_them():
    rates = sent_to(100)
    rates.sent("C2", "12065550000", 0.0)
    opt_out(rates, 1)
    assert (rates.rate("C1", 1.0)[:2], rates.rate("C2", 1.0)[:2]) == ((100, 1), (1, 0))
    rates.reset()
    assert rates.rate("C1", 1.0) == Rate()


def test_the_longest_ago_written_to_is_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(optouts_module, "TRACKED_MAX", 3)
    rates = sent_to(3)
    rates.sent("C1", "12065550000", 1.0)
    rates.sent("C2", "12065550000", 1.0)
    assert rates.opted_out("C1", "12065550001", 1.0) == ()
    assert (rates.rate("C1", 1.0)[:2], rates.rate("C2", 1.0)[:2]) == ((2, 0), (1, 0))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"alarm": -0.1}, "opt_outs: alarm -0.1, a share from 0 to 1"),
        ({"suspend": 4}, "opt_outs: suspend 4, a share from 0 to 1"),
        ({"high": 1.01}, r"opt_outs: high 1\.01, a share"),
        ({"recipients_min": 0}, "opt_outs: recipients_min 0, 1 or more"),
        ({"pause": 0}, "opt_outs: pause 0, seconds above 0"),
    ],
)
def test_thresholds_that_cannot_be_are_refused(words, said):
    with pytest.raises(ValueError, match=said):
        Thresholds(**words)

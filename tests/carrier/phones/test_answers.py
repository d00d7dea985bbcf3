"""What people answer: by share, each with a text and a delay of its own, and the same in every run."""

import pytest

from simulator.carrier.delays import Fixed
from simulator.carrier.dice import Luck
from simulator.carrier.phones.answers import TEXTS, Answer, Reply, answer, checked, chosen


class Told(Luck):
    """Luck that is told its draws; what it is not told is in the middle."""

    __slots__ = ("named",)

    def __init__(self, **named: float) -> None:
        super().__init__(b"")
        self.named = named

    def of(self, name: str) -> float:
        return self.named.get(name.removeprefix("subscriber ").replace(" ", "_"), 0.5)


STOPS = Answer(0.25, ("STOP", "stop"), Fixed(10.0))
YESES = Answer(0.5, ("yes",), Fixed(20.0))


@pytest.mark.parametrize(
    ("lot", "reply"),
    [
        (0.0, Reply(10.0, "stop")),
        (0.249, Reply(10.0, "stop")),
        (0.25, Reply(20.0, "yes")),
        (0.749, Reply(20.0, "yes")),
        (0.75, None),
        (0.999, None),
    ],
)
def test_each_answer_has_its_share_and_the_rest_is_silent(lot, reply):
    assert chosen((STOPS, YESES), Told(answer=lot)) == reply


@pytest.mark.parametrize(("draw", "text"), [(0.0, "STOP"), (0.499, "STOP"), (0.5, "stop"), (0.999, "stop")])
def test_luck_picks_the_text(draw, text):
    reply = chosen((STOPS,), Told(answer=0.0, answer_text=draw))
    assert reply is not None
    assert reply.text == text


def test_without_answers_nobody_answers_and_no_luck_is_asked():
    assert chosen((), Luck(b"")) is None


def test_half_of_those_who_answer_do_so_within_twenty_seconds_and_nearly_all_within_ten_minutes():
    after = answer("yes").after
    assert [after.seconds(draw) for draw in (0.5, 0.99)] == pytest.approx([20.0, 600.0], abs=0.5)


def test_every_kind_says_something_else():
    texts = [text for kind in TEXTS for text in TEXTS[kind]]
    assert len(texts) == len(set(texts))
    assert {"stop", "yes", "story"} <= set(TEXTS)


def test_stop_is_one_word_and_a_story_is_longer_than_a_segment():
    assert {text.strip().upper() for text in TEXTS["stop"]} == {"STOP"}
    assert all(len(text) > 160 for text in TEXTS["story"])
    assert [text.isascii() for text in TEXTS["story"]] == [True, False]


def test_an_answer_is_made_by_its_name():
    assert answer("stop", 0.04, Fixed(1.0)) == Answer(0.04, TEXTS["stop"], Fixed(1.0))


@pytest.mark.parametrize(("name", "error"), [("stopp", "did you mean 'stop'"), ("xyz", "one of stop, please_stop")])
def test_an_answer_by_a_name_that_is_none_is_refused(name, error):
    with pytest.raises(ValueError, match=f"answers: '{name}' is no kind; {error}"):
        answer(name)


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match=r"answers: share .*, from 0 to 1"):
        Answer(share, ("a",))


def test_an_answer_without_a_text_is_refused():
    with pytest.raises(ValueError, match="answers: at least one text"):
        Answer(0.1, ())


def test_shares_are_at_most_1_together():
    assert len(checked([Answer(0.1, ("a",))] * 10)) == 10
    with pytest.raises(ValueError, match=r"answers: shares of 1\.25 together, at most 1"):
        checked([YESES, YESES, STOPS])

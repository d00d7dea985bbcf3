"""Messages that are tried again: which are kept, at which phone, and until when."""

from typing import Any

import pytest

from simulator.carrier.messages import DELIVERED, Outcome
from simulator.carrier.network.profiles import Course
from simulator.carrier.phones import trials as trials_module
from simulator.carrier.phones.trials import TRIALS_MAX, Trial, Trials
from tests.carrier.network.test_network import a_letter

COURSE = Course(0.0, Outcome(1.0, DELIVERED))


def a_trial(end: float, letter: Any = None) -> Trial:
    return Trial(letter or a_letter(), None, COURSE, 0.0, end, ())


def test_a_message_is_kept_at_its_phone_until_all_is_over() -> None:
    trials = Trials()
    first, second = a_trial(10.0), a_trial(20.0)
    trials.keep("1", first, 0.0)
    trials.keep("1", second, 0.0)
    trials.keep("2", a_trial(30.0), 0.0)
    assert trials.of("1", 10.0) == [first, second]
    assert trials.of("1", 10.1) == [second]
    assert trials.letters("1") == [second.letter]
    assert trials.of("1", 25.0) == []
    assert trials.letters("2") != []


def test_a_message_that_is_planned_anew_is_kept_as_it_was_planned_last() -> None:
    trials, letter = Trials(), a_letter()
    trials.keep("1", a_trial(10.0, letter), 0.0)
    later = a_trial(50.0, letter)
    trials.keep("1", later, 5.0)
    assert trials.of("1", 20.0) == [later]
    assert trials.of("1", 60.0) == []


def test_who_is_let_go_is_tried_no_more() -> None:
    trials, trial = Trials(), a_trial(10.0)
    trials.keep("1", trial, 0.0)
    trials.let_go("1", a_letter())
    trials.let_go("2", trial.letter)
    assert trials.of("1", 0.0) == [trial]
    trials.let_go("1", trial.letter)
    assert trials.of("1", 0.0) == []
    trials.keep("1", trial, 0.0)
    trials.clear()
    assert trials.of("1", 0.0) == []


def test_no_more_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TRIALS_MAX == 200_000
    monkeypatch.setattr(trials_module, "TRIALS_MAX", 2)
    trials = Trials()
    for _ in range(3):
        trials.keep("1", a_trial(10.0), 0.0)
    assert len(trials.letters("1")) == 2
    # those that are over make room
    trials.keep("1", a_trial(30.0), 11.0)
    assert len(trials.letters("1")) == 1

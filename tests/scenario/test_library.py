"""The scenarios that come with the package are found by name, by name alone, and by what they tell."""

from pathlib import Path

import pytest

from simulator.scenario import file
from simulator.scenario.file import load
from simulator.scenario.library import listed
from simulator.scenario.problems import ScenarioError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, about in (
        ("quirks/late", "{text: Answers are late, carrier: waits, breaks: timers, correct: patience, source: [a#1]}"),
        ("quirks/twice", "Receipts come twice"),
        ("stories/late", "A late story"),
        ("stories/storm", "{carrier: throttles}"),
        ("stories/storm-again", None),
    ):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("scenario: 1\n" + (f"about: {about}\n" if about else ""))
    monkeypatch.setattr(file, "SHIPPED", (tmp_path,))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: str, *words: str) -> list[str]:
    return [one.bare for one in listed(folder, words)]


@pytest.mark.usefixtures("folder")
def test_words_are_looked_for_in_names_and_in_all_that_is_told() -> None:
    assert names("quirks") == ["late", "twice"]
    assert names("quirks", "TIMERS") == names("quirks", "a#1") == names("quirks", "answers", "patience") == ["late"]
    assert names("quirks", "answers", "twice") == names("quirks", "nosuch") == []
    assert names("stories", "THROTTLES") == ["storm"]


@pytest.mark.usefixtures("folder")
def test_a_whole_name_goes_alone() -> None:
    assert names("stories") == ["late", "storm-again", "storm"]
    assert names("stories", "storm") == names("stories", "stories/storm") == ["storm"]


@pytest.mark.usefixtures("folder")
def test_all_that_is_known_is_told() -> None:
    (one,) = listed("quirks", ["late"])
    assert one.as_json() == {
        "name": "quirks/late",
        "text": "Answers are late",
        "carrier": "waits",
        "breaks": "timers",
        "correct": "patience",
        "source": ["a#1"],
    }


@pytest.mark.usefixtures("folder")
def test_a_name_without_its_folder_is_enough_where_there_is_one() -> None:
    about = load("twice").about
    assert about is not None
    assert about.text == "Receipts come twice"


@pytest.mark.usefixtures("folder")
def test_a_name_that_two_have_is_refused_with_both() -> None:
    with pytest.raises(ScenarioError, match="late: 2 scenarios have this name, allowed: quirks/late, stories/late"):
        load("late")
    assert load("stories/late").about is not None


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_nearly_one_is_told() -> None:
    with pytest.raises(ScenarioError, match="did you mean twice"):
        load("twicee")

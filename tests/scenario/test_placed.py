"""Where something stands that is wrong only of all files together."""

import pytest

from simulator.scenario.placed import placed
from simulator.scenario.problems import Problem

FIRST = "scenario: 1\nregistry:\n  brands: {a.b: 80, a: 5}\n"
SECOND = 'scenario: 1\nregistry: {numbers: {"+15105550100": C1}}\nrules: [{then: silence}, {then: silence}]\n'


def told(path: str, *texts: str) -> str:
    """The headline of a problem at that path, of files that are called 0, 1, ..."""
    problem = Problem("scenario", 0, 0, path, "this", "that")
    (found,) = placed([problem], {str(number): text for number, text in enumerate(texts)})
    return found.headline


@pytest.mark.parametrize(
    ("path", "place"),
    [
        # a name with a full stop in it is one step, and one that begins like another is not that
        ("registry.brands.a.b", "0:3:12"),
        ("registry.brands.a", "0:3:21"),
        ("registry.brands.a.score", "0:3:21"),
        # written with a plus, known without
        ("registry.numbers.15105550100", "1:2:22"),
        ("rules[1].then.subscribers", "1:3:27"),
        # what no file says stands at what is nearest to it, in the last file that has that
        ("registry.campaigns.C1", "1:2:1"),
        ("nowhere.at.all", "scenario"),
    ],
)
def test_a_problem_stands_where_the_last_file_goes_farthest_along_its_path(path: str, place: str) -> None:
    assert told(path, FIRST, SECOND) == f"{place}: {path}: this, allowed: that"


def test_of_two_files_that_say_it_the_later_one_is_told() -> None:
    assert told("registry.brands.a", FIRST, f"\n\n{FIRST}") == "1:5:21: registry.brands.a: this, allowed: that"


def test_the_line_is_shown() -> None:
    (found,) = placed([Problem("scenario", 0, 0, "registry.brands.a", "this", "that")], {"x": FIRST})
    assert str(found).splitlines()[1:] == ["      brands: {a.b: 80, a: 5}", "                        ^"]

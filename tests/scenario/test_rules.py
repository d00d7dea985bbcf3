"""Which rules are found for what happens, and how they count; what each key of `when` asks stands in test_questions."""

import pytest

from simulator.scenario import happening as happenings
from simulator.scenario import rules
from simulator.scenario.questions import Difference
from simulator.scenario.rules import WRITTEN_MAX, Index
from simulator.smpp.pdus import BindReceiver, DataSm, EnquireLink
from tests.scenario.happenings import Place, asked, compiled, happens


def found(index: Index, happening: happenings.Happening) -> list[int]:
    """The rules that hold, by the group that an index has for it."""
    group = index.groups.get(happening.key)
    return [] if group is None else [rule.order for rule in group.matching(happening)]


def test_a_rule_is_about_the_commands_that_it_names_and_else_about_submissions() -> None:
    assert set(compiled("{}").keys) == {4, 0x103, 0x21}
    assert compiled("{command: data_sm}").keys == (0x103,)
    assert set(compiled("{command: bind}").keys) == {1, 2, 9}
    assert compiled("{command: 0x00010200}").keys == (0x10200,)
    assert compiled("{event: connect}").keys == ("connect",)
    assert compiled("{event: unanswered, command: enquire_link}").keys == ("unanswered",)


def test_only_rules_about_such_a_thing_are_found() -> None:
    index = Index([compiled("{command: data_sm}", 0), compiled("{}", 1), compiled("{command: bind}", 2)])
    assert found(index, asked()) == [1]
    assert found(index, asked(DataSm())) == [0, 1]
    assert found(index, happens(1, BindReceiver())) == [2]
    assert found(index, happens(0x15, EnquireLink())) == []
    assert list(index.candidates(happens(0x15, EnquireLink()))) == []
    assert index.keys == {4, 0x103, 0x21, 1, 2, 9}


def test_a_count_is_of_those_for_which_all_the_rest_holds() -> None:
    rule = compiled("{to: 1, count: every 2nd}")
    numbers = ["1", "2", "1", "1", "2", "1"]
    holds = [rule.matches(asked(destination_addr=number)) for number in numbers]
    assert holds == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    ("count", "meant"),
    [
        ("first 2", "1100000"),
        ("3rd", "0010000"),
        ("every 3rd", "0010010"),
        ("after 4", "0000111"),
        ("2..3", "0110000"),
    ],
)
def test_each_word_of_a_count_means_its_own(count: str, meant: str) -> None:
    rule = compiled(f"{{count: {count}}}")
    assert "".join(str(int(rule.matches(asked()))) for _ in meant) == meant


@pytest.mark.parametrize("per", ["account", "session", "source", "destination", "pair"])
def test_counts_are_kept_apart(per: str) -> None:
    rule = compiled(f"{{count: first 1 per {per}}}")
    assert [rule.matches(asked()), rule.matches(asked())] == [True, False]
    other = asked(source_addr="1", destination_addr="2", seat=Place(number=2))
    assert rule.matches(other) is (per != "account")
    rule.reset()
    assert rule.matches(asked())


def test_what_is_told_of_a_count_or_a_rate_counts_nothing() -> None:
    rule = compiled("{count: 2nd}")
    assert [rule.difference(asked()) for _ in range(3)] == [Difference("count", "2nd", "1")] * 3
    assert [rule.matches(asked()), rule.matches(asked())] == [False, True]
    paced = compiled("{rate: over 1/s}")
    assert [paced.difference(asked()) for _ in range(2)] == [Difference("rate", "over 1/s", "no more than that")] * 2
    assert [paced.matches(asked()), paced.difference(asked()), paced.matches(asked())] == [False, None, True]


def test_all_that_does_not_hold_is_told() -> None:
    found = compiled("{to: 1, account: other, count: 2nd}").differences(asked())
    assert [one.field for one in found] == ["account", "destination", "count"]


def test_rules_for_other_numbers_are_not_even_asked() -> None:
    keyed = [compiled(f'{{to: "{number}"}}', number) for number in range(100)]
    index = Index(keyed)
    assert [rule.order for rule in index.candidates(asked(destination_addr="+7"))] == [7]
    assert found(index, asked(destination_addr="+7")) == [7]
    assert list(index.candidates(asked(destination_addr="x"))) == []
    assert found(index, asked(destination_addr="x")) == []


def test_rules_for_a_number_and_for_all_are_asked_in_their_order() -> None:
    whens = ["{account: gateway}", "{to: [1, 2]}", "{from: 1}", "{to: 1}"]
    every = [compiled(when, order) for order, when in enumerate(whens)]
    index = Index(every)
    one, two, three = (asked(destination_addr=number, source_addr="1") for number in "123")
    assert [rule.order for rule in index.candidates(one)] == [0, 1, 2, 3]
    assert (found(index, one), found(index, two), found(index, three)) == ([0, 1, 2, 3], [0, 1, 2], [0, 2])
    assert list(index) == every


def test_a_rule_about_an_event_is_not_looked_up_by_its_number() -> None:
    index = Index([compiled("{event: receipt, to: 1}", 0)])
    event = happens("receipt", message=asked(destination_addr="1").message)
    assert found(index, event) == [0]
    assert found(index, happens("receipt", message=asked(destination_addr="2").message)) == []


def test_a_rule_for_a_number_means_nothing_that_has_no_message() -> None:
    index = Index([compiled("{command: query_sm, source: 1}", 0), compiled("{command: query_sm}", 1)])
    assert found(index, happens(3)) == [1]


def test_very_many_rules_are_asked_one_by_one_with_the_same_result() -> None:
    whens = ["{account: gateway}", "{account: other}"]
    index = Index([compiled(whens[order % 2], order) for order in range(WRITTEN_MAX + 2)])
    assert found(index, asked()) == list(range(0, WRITTEN_MAX + 2, 2))


def test_what_no_session_changes_is_asked_once_for_each() -> None:
    whens = ["{account: other}", "{bind_type: TRX, from: 7}", "{session: 2nd}"]
    index = Index([compiled(when, order) for order, when in enumerate(whens)])
    first, second = Place(settled={}), Place(nth=2, settled={})
    assert found(index, asked(seat=first, source_addr="7")) == [1]
    assert found(index, asked(seat=second, source_addr="7")) == [1, 2]
    assert found(index, asked(seat=second)) == [2]
    # it is remembered: nobody looks at the bind again
    second.nth, second.bind_type = 3, "TX"
    assert found(index, asked(seat=second, source_addr="7")) == [1, 2]
    second.settled = {}
    assert found(index, asked(seat=second, source_addr="7")) == []
    assert found(index, asked(seat=Place(nth=2, settled=None), source_addr="7")) == [1, 2]


def test_other_rules_are_asked_of_a_session_that_others_were_asked_of() -> None:
    index, seat = Index([compiled("{account: gateway}", 5)]), Place(settled={})
    assert found(index, asked(seat=seat)) == [5]
    added = compiled("{bind_type: TRX}", -1)
    index.add(added)
    assert found(index, asked(seat=seat)) == [-1, 5]
    index.remove(added)
    assert found(index, asked(seat=seat)) == [5]


def test_only_so_many_ways_to_ask_a_group_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "VARIANTS_MAX", 2)
    index = Index([compiled(f"{{session: '{number}..9'}}", number) for number in range(1, 6)])
    for nth in (5, 4, 3, 2, 1, 5):
        assert found(index, asked(seat=Place(nth=nth, settled={}))) == list(range(1, nth + 1))


def test_what_is_asked_of_other_things_is_asked_of_every_one() -> None:
    index, seat = Index([compiled("{command: query_sm, bind_type: TX}", 0)]), Place(bind_type="TX", settled={})
    assert found(index, happens(3, seat=seat)) == [0]
    seat.bind_type = "RX"
    assert found(index, happens(3, seat=seat)) == []


def test_rules_come_and_go_in_their_places() -> None:
    index = Index([compiled("{to: [1, 2]}", 3), compiled("{from: 7}", 4)])
    one = asked(destination_addr="1", source_addr="7")
    keyed, other = compiled("{to: 1}", -1), compiled("{event: connect}", -2)
    index.add(keyed)
    index.add(other)
    assert found(index, one) == [-1, 3, 4]
    assert [rule.order for rule in index] == [-2, -1, 3, 4]
    assert "connect" in index.keys
    for rule in tuple(index):
        index.remove(rule)
    assert (list(index), index.keys, index.groups) == ([], frozenset(), {})
    index.add(keyed)
    assert found(index, one) == [-1]


def test_what_every_message_is_asked_is_looked_up_once_and_the_rest_where_it_is_reached() -> None:
    index = Index([compiled("{from: 7, text: {contains: HELL}}", 0), compiled("{from: 8, to: {starts: 12}}", 1)])
    seven, eight, nine = (asked(source_addr=number) for number in "789")
    assert (found(index, seven), found(index, eight), found(index, nine)) == ([0], [1], [])


def test_whoever_stops_early_asks_no_further_rule() -> None:
    counting = compiled("{count: 1..9}", 1)
    group = Index([compiled("{}", 0), counting]).groups[4]
    assert next(iter(group.matching(asked()))).order == 0
    assert counting.difference(asked()) is None
    assert counting.matches(asked())

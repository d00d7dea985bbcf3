"""Rules said in Python: each verb is what a file says, and what is wrong is told at once."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.scenario.declared import vendor_book
from simulator.scenario.file import written
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Rule
from simulator.scenario.shape import Names
from simulator.scenario.speaking import When, match_of, rule_of, seconds_of_span, span_text


class Rules(list[Rule]):
    """Keeps the rules that are in force; a place is a number."""

    def put(self, rule: Rule, before: int | None) -> int:
        if before is None:
            self.append(rule)
            return len(self) - 1
        self[before] = rule
        return before

    def when(self, **match: Any) -> When[int]:
        return When(match, self.put, self.pop)


@pytest.mark.parametrize(
    ("say", "then"),
    [
        (lambda when: when.accept(), {"accept": True}),
        (lambda when: when.reject("RTHROTTLED"), {"reject": "ESME_RTHROTTLED"}),
        (lambda when: when.reject(0x58), {"reject": "ESME_RTHROTTLED"}),
        (lambda when: when.reject(), {"reject": "ESME_RSYSERR"}),
        (lambda when: when.silence(), {"silence": "unrecorded"}),
        (lambda when: when.silence(recorded=True), {"silence": "recorded"}),
        (lambda when: when.delay(2.5), {"respond": {"after": "2.5s"}}),
        (lambda when: when.delay("1s..3s"), {"respond": {"after": "1s..3s"}}),
        (lambda when: when.deliver(), {"deliver": [{"state": "DELIVRD"}]}),
        (lambda when: when.deliver(after=60), {"deliver": [{"state": "DELIVRD", "after": "1m"}]}),
        (lambda when: when.deliver("UNDELIV", after="2s"), {"deliver": [{"state": "UNDELIV", "after": "2s"}]}),
        (
            lambda when: when.deliver({"state": "ENROUTE"}, "EXPIRED after 2h", after=1),
            {"deliver": [{"state": "ENROUTE", "after": "1s"}, {"after": "2h", "state": "EXPIRED"}]},
        ),
        (lambda when: when.lose(), {"lose": True}),
        (lambda when: when.receipt(err="", parts="last"), {"receipts": {"err": {"constant": ""}, "parts": "last"}}),
        (lambda when: when.disconnect(), {"connection": [{"fault": "fin"}]}),
        (
            lambda when: when.disconnect("rst", before="answer"),
            {"connection": [{"fault": "rst", "before": "answer"}]},
        ),
        (lambda when: when.then("unbind"), {"connection": [{"fault": "unbind"}]}),
        (lambda when: when.then({"release": ("pile",)}), {"release": [{"pile": "pile"}]}),
    ],
)
def test_a_verb_says_what_a_file_says(say: Callable[[Any], object], then: dict[str, Any]) -> None:
    rules = Rules()
    say(rules.when())
    assert rule_of({"then": then}).then == rules[0].then


def test_the_match_is_that_of_a_file() -> None:
    rules = Rules()
    rules.when(to=("1", "2"), text={"contains": "stop"}, count="first 3", fields={"data_coding": {8}}).lose()
    said = {"destination": ["1", "2"], "text": {"contains": "stop"}, "count": "first 3", "fields": {"data_coding": 8}}
    assert rules == [rule_of({"when": said, "then": "lose"})]


@pytest.mark.parametrize("verb", ["accept", "reject", "silence", "deliver", "lose", "receipt", "disconnect"])
def test_every_verb_takes_what_is_the_rule_s(verb: str) -> None:
    rules = Rules()
    form = {"asked": "always"} if verb == "receipt" else {}
    getattr(rules.when(), verb)(times="2 per destination", probability=0.25, name="mine", stop=True, **form)
    said = written(rules[0])
    assert (said["times"], said["probability"], said["name"], said["stop"]) == (
        "2 per destination",
        "25%",
        "mine",
        True,
    )


def test_a_further_verb_adds_to_the_rule_in_its_place() -> None:
    rules = Rules()
    rules.when().lose()
    rules.when(source="1").silence(times=2).disconnect("rst").then({"set": {"phase": "storm"}}, probability="1%")
    said = {"silence": "unrecorded", "connection": "rst", "set": {"phase": "storm"}}
    assert rules[1:] == [rule_of({"when": {"source": "1"}, "then": said, "times": 2, "probability": "1%"})]


def test_a_verb_that_is_refused_changes_nothing() -> None:
    rules = Rules()
    told = rules.when().accept()
    with pytest.raises(ScenarioError, match=r"^when: then\.reject: reject beside accept, allowed: only one of"):
        told.reject()
    with pytest.raises(ScenarioError, match=r"^when: times: 'often' is no number of times"):
        told.delay(1, times="often")
    assert rules == [rule_of({"then": "accept"})]


def test_a_rule_is_taken_away_once() -> None:
    rules = Rules()
    told = rules.when()
    told.remove()
    told.lose().remove()
    told.remove()
    assert rules == []


@pytest.mark.parametrize(
    ("match", "told"),
    [
        ({"destinaton": "1"}, r"^when: destinaton: unknown key 'destinaton'.*\n +did you mean destination\?"),
        ({"source_addr": "1"}, r"\n +did you mean source\?"),
        ({"state": "DELIVRED"}, r"^when: state\[0\]: 'DELIVRED' is no state"),
        ({"alphabet": "latin"}, r"^when: alphabet"),
        ({"idle": 2}, r"^when: idle: 2, "),
    ],
)
def test_a_match_that_is_none_is_refused_before_any_verb(match: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        Rules().when(**match)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        match_of({"destinaton": "1", "state": "GONE", "session": "all"}, "messages")
    assert {problem.path for problem in caught.value.problems} == {"destinaton", "session", "state[0]"}
    assert all(problem.file == "messages" for problem in caught.value.problems)


def test_vendors_names_are_known_where_they_are_declared() -> None:
    book, _ = vendor_book(["0x1401=billing_id:cstring"])
    assert match_of({"tlvs": {"billing_id": "7"}}, "messages", Names(book=book)).tlvs is not None
    with pytest.raises(ScenarioError):
        match_of({"tlvs": {"billing_id": "7"}}, "messages")


def test_a_span_is_seconds_or_words() -> None:
    assert [span_text(one) for one in (0.25, 60, "3 days")] == ["250ms", "1m", "3 days"]
    assert [seconds_of_span(one, "x") for one in (0.25, "3 days")] == [0.25, 259_200.0]
    with pytest.raises(ScenarioError, match=r"^advance: '3 dayz' is no span"):
        seconds_of_span("3 dayz", "advance")

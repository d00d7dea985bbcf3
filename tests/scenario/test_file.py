"""Scenario files: everything that is wrong is told at once and in place, and what is right is read as it stands."""

import gc
import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario import file
from simulator.scenario.file import dump, load, parse
from simulator.scenario.match import Match
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.schema import Scenario
from simulator.scenario.then import Then
from tests.scenario.sketches import SKETCHES
from tests.scenario.wrong_deeds import WRONG_DEEDS
from tests.scenario.wrong_questions import WRONG_QUESTIONS

WRONG = WRONG_QUESTIONS | WRONG_DEEDS
KEYS_OF = {"<when>": ", ".join(Match.model_fields), "<then>": ", ".join(Then.model_fields)}


@pytest.mark.parametrize(("text", "error"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place_and_what_is_allowed(text, error):
    with pytest.raises(ScenarioError) as caught:
        parse(text, "s.yaml")
    for mark, keys in KEYS_OF.items():
        error = error.replace(mark, keys)
    assert str(caught.value) == error


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "s.yaml")
    return caught.value.problems


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file():
    text = """scenario: 1
about: {carrier: x, brakes: y}
carrier:
  accounts: {gateway: {throughput: 50, throughput: 60}}
rules:
  - when: {account: gatway, destinaton: '1', fields: {data_coding: {between: 9..1}, datacoding: 1}}
    then: {reject: ESME_RTHROTTELD, silence: recorded, respond: 2}
    times: 0
  - then:
  - {}
phases: [{name: calm, lasts: 5}, {name: calm}]
timeline: [{at: 1s, then: {send: {command: unbind, fields: {x: 1}}}}]
seed: lucky
"""
    found = problems(text)
    assert [(one.line, one.path) for one in found] == [
        (2, "about.brakes"),
        (4, "carrier.accounts.gateway.throughput"),
        (4, "carrier.accounts.gateway"),
        (6, "rules[0].when.account"),
        (6, "rules[0].when.destinaton"),
        (6, "rules[0].when.fields.data_coding.between"),
        (6, "rules[0].when.fields.datacoding"),
        (7, "rules[0].then.reject"),
        (7, "rules[0].then.silence"),
        (7, "rules[0].then.respond"),
        (8, "rules[0].times"),
        (9, "rules[1].then"),
        (10, "rules[2]"),
        (11, "phases[0].lasts"),
        (11, "phases[1].name"),
        (12, "timeline[0].then.send.fields.x"),
        (13, "seed"),
    ]


def test_an_unknown_kind_of_event_is_told_with_the_nearest():
    (found,) = problems("scenario: 1\nexpect: {events: {kind: submited}}\n")
    assert (found.path, found.found, found.hint) == (
        "expect.events.kind",
        "'submited' is no kind of event",
        "submitted",
    )


def test_a_problem_is_data():
    (found,) = problems("scenario: 1\nrules: [{then: silense}]\n")
    assert (found.file, found.line, found.column, found.path) == ("s.yaml", 2, 16, "rules[0].then")
    assert (found.found, found.hint, found.source) == ("'silense'", "silence", "rules: [{then: silense}]")
    assert found.allowed.startswith("accept, silence, lose")


def test_a_far_column_is_shown_with_what_stands_around_it():
    text = "scenario: 1\nrules: [" + "{then: silence}, " * 40 + "{then: silense}]\n"
    (found,) = problems(text)
    _, source, caret = str(found).splitlines()
    assert len(source) <= 164
    assert source[caret.index("^") :].startswith("silense")


def test_tabs_stand_above_the_caret_as_they_stand_in_the_line():
    (found,) = problems("scenario: 1\nrules:\t[{then: silense}]\n")
    assert str(found).splitlines()[1:] == [
        "    rules:\t[{then: silense}]",
        "          \t        ^ did you mean silence?",
    ]


def test_a_short_form_is_told_where_it_stands():
    (found,) = problems("scenario: 1\nrules: [{then: {deliver: {state: X}}}]\n")
    assert found.path == "rules[0].then.deliver.state"
    (found,) = problems("scenario: 1\nrules: [{when: {from: {}}, then: silence}]\n")
    assert found.path == "rules[0].when.from"


def test_numbers_words_and_times_stay_what_they_are():
    text = """
scenario: 1
variables: {a: no, b: 12:30, c: 0123, d: 1_000, e: +12025550100, f: 12, g: 0x10, h: "12", i: off, j: 2026-11-21}
carrier: {accounts: {a: {password: 0815}, b: {password: 4711}, c: {password: 1.10}, no: {password: "true"}}}
rules: [{when: {to: 12025550100}, then: silence}]
"""
    scenario = parse(text)
    assert scenario.variables == {
        "a": "no",
        "b": "12:30",
        "c": "0123",
        "d": "1_000",
        "e": "+12025550100",
        "f": 12,
        "g": 16,
        "h": "12",
        "i": "off",
        "j": "2026-11-21",
    }
    assert scenario.carrier is not None
    assert scenario.carrier.accounts is not None
    assert [one.password for one in scenario.carrier.accounts.values()] == ["0815", "4711", "1.10", "true"]
    condition = scenario.rules[0].when.destination
    assert condition is not None
    assert condition.any_of == ("12025550100",)


def test_texts_that_look_like_something_else_are_written_so_that_they_are_read_again():
    words = ["no", "12:30", "0123", "0o17", "0x10", "1e3", "null", "~", "", "true", "hex:00", "text:x", "- a", "a: b"]
    scenario = Scenario(scenario=1, variables={f"v{n}": f"text:{word}" for n, word in enumerate(words)})
    assert list((scenario.variables or {}).values()) == words
    assert parse(dump(scenario)) == scenario


def test_an_alias_is_what_it_stands_for():
    text = "scenario: 1\nrules:\n  - {when: &w {to: '1'}, then: silence}\n  - {when: *w, then: lose}\n"
    assert parse(text).rules[0].when == parse(text).rules[1].when


def test_a_value_with_an_anchor_is_a_value():
    assert parse("scenario: 1\nseed: &s 5\nvariables: {a: *s}\n").variables == {"a": 5}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("&a scenario: 1\n", "the anchor &a on a key"),
        ("scenario: &a 1\n*a : 2\n", "the alias *a for a key"),
        ("scenario: 1\nrules: !!seq []\n", "the tag 'tag:yaml.org,2002:seq'"),
        ("? {a: 1}\n: 2\n", "a list or mapping for a key"),
        ("%YAML 3.0\n---\nscenario: 1\n", "not YAML: found incompatible YAML document"),
    ],
)
def test_what_yaml_has_and_a_scenario_does_not_need_is_refused(text, found):
    (told,) = problems(text)
    assert told.found == found


def test_a_file_is_read_with_the_mark_of_its_encoding_or_without(tmp_path):
    path = tmp_path / "marked.yaml"
    path.write_bytes("\ufeffscenario: 1\r\nabout: Grüße\r\n".encode())
    about = load(path).about
    assert about is not None
    assert about.text == "Grüße"


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"scenario: 1\nabout: caf\xe9\n", "wrong.yaml:2:11: octet 0xe9, which is no UTF-8, allowed: UTF-8"),
        (
            "scenario: 1".encode("utf-16"),
            "wrong.yaml:1:1: octet 0xff, which is no UTF-8, allowed: UTF-8: this is UTF-16",
        ),
        (b"#" * (8 * 1024 * 1024 + 1), "wrong.yaml: 8388609 octets, allowed: at most 8388608"),
    ],
)
def test_octets_that_are_no_text_are_told(tmp_path, monkeypatch, octets, error):
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_bytes(octets)
    with pytest.raises(ScenarioError, match=re.escape(error)):
        load("wrong.yaml")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nosuch", "nosuch: no such file or scenario, allowed: a file, or the name of a shipped scenario"),
        (".", ".: no such file or scenario"),
        ("a\0b", "no such file or scenario"),
        ("x" * 5000, "no such file or scenario"),
    ],
)
def test_a_name_that_is_no_file_is_told(name, found):
    with pytest.raises(ScenarioError) as caught:
        load(name)
    assert found in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ScenarioError, match="allowed: a file to read"):
        load(Path("/proc/self/mem"))


def test_a_shipped_scenario_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(file, "SHIPPED", (tmp_path,))
    (tmp_path / "quirks").mkdir()
    (tmp_path / "quirks" / "silence.yaml").write_text("scenario: 1\nrules: [{then: silence}]\n")
    assert len(load("quirks/silence").rules) == 1
    with pytest.raises(ScenarioError, match="did you mean quirks/silence"):
        load("quirks/silense")


def rules(count: int) -> str:
    rule = '  - {{when: {{destination: "1202555{n:04d}"}}, then: {{reject: ESME_RTHROTTLED}}, times: 2}}'
    return "\n".join(["scenario: 1", "rules:", *(rule.format(n=n) for n in range(count))])


def seconds_for(count: int) -> float:
    """CPU seconds to load so many rules, the best of three."""
    text, seconds = rules(count), []
    for _ in range(3):
        gc.collect()
        start = time.process_time()
        assert len(parse(text).rules) == count
        seconds.append(time.process_time() - start)
    return min(seconds)


def test_five_thousand_rules_load_in_five_times_the_time_of_a_thousand():
    assert seconds_for(5000) < 3 * 5 * seconds_for(1000)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 5_000, id="flow lists"),
        pytest.param("{a: " * 5_000, id="flow mappings"),
        pytest.param("\n".join(" " * n + "a:" for n in range(2_000)), id="block mappings"),
        pytest.param("- " * 5_000, id="block lists"),
    ],
)
def test_what_is_nested_without_end_is_refused_at_its_fifty_first_level(text):
    (found,) = problems(text)
    assert (found.found, found.allowed) == ("more than 50 levels", "fewer")


def test_a_billion_laughs_are_refused():
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (found,) = problems("\n".join(lines))
    assert (found.found, found.allowed) == (
        "more than that, with each alias standing for what it means",
        "at most 1000000 values and 50 levels",
    )


def test_aliases_of_aliases_do_not_go_deeper_than_what_is_written():
    lines = ["a0: &a0 [ha]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60))]
    (found,) = problems("\n".join(lines))
    assert found.line == 50


def check(content: str | bytes) -> None:
    scenario, wrong = None, None
    try:
        scenario = parse(content, "fuzz.yaml")
    except ScenarioError as error:
        wrong = error
    if scenario is not None:
        assert parse(dump(scenario)) == scenario
    assert wrong is None or wrong.problems
    assert "Input should" not in str(wrong)
    assert "another value" not in str(wrong)


@given(st.binary(max_size=200))
def test_any_octets_are_a_scenario_or_an_error(octets):
    check(octets)


@given(st.text(max_size=200))
def test_any_text_is_a_scenario_or_an_error(text):
    check("scenario: 1\n" + text)


SCALARS = st.one_of(
    st.sampled_from(
        "silence accept lose UNDELIV 2s 50/s 1% 88 ESME_ROK submit_sm absent hex:00 same never true 0x40 -1 1.5".split()
    ),
    st.text("abc:0-{}[]'\" \n", max_size=6),
)
KEYS = st.sampled_from(
    sorted(set(re.findall(r"[a-z_]+(?=:)", "\n".join(SKETCHES.values()))) | {"data_coding", "from", "to", "times"})
)


def mappings(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3)


@given(st.dictionaries(KEYS, st.recursive(SCALARS, mappings, max_leaves=12), max_size=5))
def test_known_keys_in_any_place_are_a_scenario_or_an_error(values):
    check(yaml.dump({"scenario": 1, **values}))


@given(st.sampled_from(sorted(SKETCHES.values())), st.data())
def test_a_sketch_with_some_of_its_characters_changed_is_a_scenario_or_an_error(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    upto = data.draw(st.integers(at, min(len(text), at + 12)))
    check(text[:at] + data.draw(SCALARS) + text[upto:])

"""Python scenarios: functions beside rules; one that fails is told, and what it was asked about falls through."""

from pathlib import Path

import pytest

from simulator.journal import SCRIPT_FAILED
from simulator.scenario.file import load, parse
from simulator.scenario.modules import ANSWERS_MAX, functions_of, scenario_from
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Rule
from simulator.smpp.pdus import EnquireLink, QuerySm
from simulator.smsc.play.staging import staged
from tests.smsc.world import START, World


def playing(*texts: str) -> World:
    world = World()
    scenarios = [scenario_from(one, "mine.py") if "def " in one else parse(one) for one in texts]
    world.smsc = staged(scenarios, world.now, START, seed=7)
    return world


def failures(world: World) -> list[str]:
    return [detail for _, detail in world.events(SCRIPT_FAILED)]


def test_on_submit_is_asked_of_every_message_and_says_what_then_says() -> None:
    world = playing(
        "def on_submit(message):\n"
        "    if message.text == 'stop':\n        return 'silence'\n"
        "    if message.destination.number == '1':\n        return {'reject': 'ESME_RTHROTTLED', 'respond': '1s'}\n"
    )
    gateway = world.bound()
    assert gateway.submit().command_status == 0
    assert gateway.submit(short_message=b"stop") is None
    assert gateway.submit(destination_addr="1") is None
    world.run(1.0)
    assert gateway.received[-1].command_status == 0x58
    assert failures(world) == []


def test_the_rules_of_a_module_go_before_its_functions_and_later_files_before_both() -> None:
    module = "rules = [{'when': {'to': '1'}, 'then': {'reject': 8}}]\ndef on_submit(message): return {'reject': 9}\n"
    world = playing(module, "scenario: 1\nrules: [{when: {to: 2}, then: {reject: 11}}]")
    gateway = world.bound()
    answers = [gateway.submit(destination_addr=to).command_status for to in ("1", "2", "3")]
    assert answers == [8, 11, 9]


def test_rules_may_be_objects() -> None:
    text = "from simulator.scenario.schema import Rule\nrules = [Rule.model_validate({'then': 'silence'})]"
    assert scenario_from(text, "mine.py").rules == (Rule.model_validate({"then": "silence"}),)


def test_on_request_is_asked_of_the_other_requests() -> None:
    world = playing(
        "def on_request(happening):\n"
        "    if happening.pdu.name == 'query_sm': return {'reject': 'ESME_RQUERYFAIL'}\n"
        "    if happening.pdu.name == 'enquire_link': return 'silence'\n"
    )
    gateway = world.bound()
    assert gateway.submit().command_status == 0
    assert gateway.send(QuerySm(message_id="1")).command_status == 0x67
    assert gateway.send(EnquireLink()) is None


def test_on_event_is_asked_of_what_is_no_request() -> None:
    world = playing(
        "def on_event(happening):\n"
        "    if happening.key == 'bound':\n"
        "        return {'send': {'mo': {'source': '1', 'destination': '2', 'text': 'welcome'}, 'after': '1s'}}\n"
    )
    gateway = world.bound()
    world.run(1.0)
    assert gateway.texts == ["welcome"]


def test_one_that_raises_is_journalled_with_its_traceback_and_the_carrier_decides() -> None:
    world = playing(
        "def on_submit(message):\n    return inner(message)\ndef inner(message):\n    raise KeyError('x')\n"
    )
    gateway = world.bound()
    assert gateway.submit().command_status == 0
    world.run(1.0)
    assert [stat for _, stat in gateway.stats] == ["DELIVRD"]
    (told,) = failures(world)
    assert told.startswith('on_submit: Traceback (most recent call last):\n  File "mine.py", line 2, in on_submit')
    assert told.endswith("KeyError: 'x'")
    assert "modules.py" not in told
    assert world.events(SCRIPT_FAILED)[0][0].destination.number == "12025550100"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("{'reject': 'ESME_NOSUCH'}", "then.reject: 'ESME_NOSUCH' is no status"),
        ("3", "then: 3, allowed: accept"),
        ("{'accept': True, 'reject': 8}", "reject beside accept"),
    ],
)
def test_an_answer_that_is_no_then_is_told_and_falls_through(answer: str, told: str) -> None:
    world = playing(f"def on_submit(message): return {answer}\n")
    gateway = world.bound()
    assert gateway.submit().command_status == 0
    assert gateway.submit().command_status == 0
    assert [one.startswith(f"on_submit: on_submit returned {answer}") for one in failures(world)] == [True, True]
    assert told in failures(world)[0]


def test_an_event_that_cannot_be_answered_is_told() -> None:
    world = playing("def on_event(happening): return {'reject': 8}\n")
    world.bound()
    assert "then.reject: reject of a connect" in failures(world)[0]


def test_without_an_answer_nothing_of_it_is_seen() -> None:
    world, plain = playing("def on_submit(message): return None\n"), playing("scenario: 1")
    for one in (world, plain):
        one.bound().submit()
        one.run(1.0)
    assert world.story() == plain.story()


def test_many_different_answers_are_not_kept_for_ever() -> None:
    world = playing(
        "n = 0\ndef on_submit(message):\n    global n\n    n += 1\n    return {'reject': 1024 + n % 1500}\n"
    )
    gateway = world.bound()
    answers = [gateway.submit().command_status for _ in range(5)]
    assert answers == [1025, 1026, 1027, 1028, 1029]
    stage = world.smsc.stage
    assert stage is not None
    (rule,) = stage.script
    gateway.received.clear()
    for _ in range(ANSWERS_MAX):
        gateway.submit()
        gateway.received.clear()
    assert rule.fired == ANSWERS_MAX + 5


def test_the_luck_of_an_answer_is_the_same_in_every_run() -> None:
    text = "def on_submit(message): return {'respond': '1s..9s'}\n"
    stories = []
    for _ in range(2):
        world = playing(text)
        world.bound().submit()
        world.run(20.0)
        stories.append(world.story())
    assert stories[0] == stories[1]


def test_a_reset_starts_rules_beside_functions_over() -> None:
    world = playing("rules = [{'then': {'reject': 8}, 'times': 1}]\ndef on_submit(message): return {'reject': 9}\n")
    gateway = world.bound()
    assert [gateway.submit().command_status for _ in range(2)] == [8, 9]
    world.smsc.reset(world.now)
    assert [gateway.submit().command_status for _ in range(2)] == [8, 9]


def test_a_script_that_nobody_plays_fails_in_silence() -> None:
    from simulator.scenario.happening import Happening
    from simulator.scenario.script import Script

    script = Script([scenario_from("def on_event(happening): raise ValueError", "mine.py")], 7)
    assert script.decide(Happening("connect", 0.0, 0.0)) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def f(:\n", "mine.py:1:7: invalid syntax, allowed: Python\n    def f(:\n          ^"),
        ("x = 1\n1 / 0\n", "mine.py:2:1: ZeroDivisionError: division by zero, allowed: a module that can be run"),
        ("import sys\nsys.exit(3)", "mine.py:2:1: SystemExit: 3, allowed: a module that can be run"),
        ("rules = [{'then': 'silense'}]", "mine.py: rules[0].then: 'silense', allowed: accept, silence"),
        ("on_submit = 3", "mine.py: on_submit: 3 cannot be called, allowed: a function"),
        ("carrier = 3", "mine.py: carrier: 3, allowed: a mapping"),
        ("\0", "mine.py"),
    ],
)
def test_what_is_wrong_with_a_module_is_told(text: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_from(text, "mine.py")
    assert str(caught.value).startswith(told)


def test_a_file_in_python_is_loaded_by_its_path_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "about = 'mine'\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    x: 'int'\n"
    )
    scenario = load(tmp_path / "mine.py")
    assert (scenario.about and scenario.about.text) == "mine"
    assert functions_of(scenario) == {}
    (tmp_path / "other.py").write_text("def on_submit(message): ...")
    assert list(functions_of(load(tmp_path / "other.py"))) == ["on_submit"]
    assert functions_of(parse("scenario: 1")) == {}


def test_a_function_that_nobody_would_ask_is_refused_with_what_was_meant() -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario_from("def on_sumbit(message):\n    return 'silence'\n", "my.py")
    assert "on_sumbit" in str(caught.value)
    assert "did you mean on_submit?" in str(caught.value)


@pytest.mark.parametrize(
    "deed",
    [
        "import sys; sys.exit(3)",
        "import pytest; pytest.fail('not so')",
        "raise GeneratorExit",
        "raise BaseException('x')",
    ],
)
def test_what_is_no_exception_ends_no_server(deed: str) -> None:
    world = playing(f"def on_submit(message):\n    {deed}\n")
    assert world.bound().submit().command_status == 0
    assert len(failures(world)) == 1


def test_somebody_who_interrupts_is_heard() -> None:
    with pytest.raises(KeyboardInterrupt):
        scenario_from("raise KeyboardInterrupt", "mine.py")
    world = playing("def on_submit(message):\n    raise KeyboardInterrupt\n")
    gateway = world.bound()
    with pytest.raises(KeyboardInterrupt):
        gateway.submit()

"""script_runs: what fails of a scenario itself is told in the verdict."""

from simulator.carrier.carrier import Carrier
from simulator.scenario.modules import scenario_from
from simulator.scenario.script import Script
from simulator.smsc.memory.watch import Watch
from tests.checks.watching import Watched
from tests.smsc.world import World


def test_a_function_that_raises_makes_the_verdict_bad() -> None:
    scenario = scenario_from("def on_submit(message):\n    raise KeyError('x')\n", "mine.py")
    world = World(script=Script([scenario], 0), carrier=Carrier())
    watch = Watch(world.smsc, lambda: world.now, [scenario])
    world.bound().submit()
    (finding,) = [one for one in watch.verdict().checks if one.name == "script_runs"]
    assert (finding.outcome, finding.level, finding.is_bad) == ("failed", "error", True)
    assert finding.reason.startswith("on_submit: Traceback")
    assert finding.reason.endswith("KeyError: 'x'")


def test_a_text_that_is_no_command_is_a_warning() -> None:
    world = Watched("carrier: {spoken: true}\nrules: [{then: {respond: 0s}}]")
    world.bound().submit(short_message=b"sim: submit RTHROTTELD")
    finding = world.finding("script_runs")
    assert (finding.outcome, finding.level) == ("failed", "warning")
    assert finding.reason.startswith("text: submit.status: 'RTHROTTELD' is no status")
    assert not world.watch.verdict().is_bad


def test_a_scenario_that_does_not_fail_tells_nothing() -> None:
    world = Watched("rules: [{then: {respond: 0s}}]")
    world.bound().submit()
    assert world.outcome("script_runs") == "unknown"
    world.watch.leave()

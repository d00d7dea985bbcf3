"""Worlds from a seed: that they hold, that each is the same again, and that one that does not is made small."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.harness.soak.plan import TROUBLES, Plan
from simulator.harness.soak.shrinking import Found, run, shrink, smaller
from simulator.harness.soak.watch import Breach
from simulator.harness.soak.world import SoakWorld
from simulator.smsc.smsc import Smsc

FAILED = {
    9: "a request of many messages was lent what its account had no more of, and each further session was, too",
    17: "an account's silence was answered with ESME_ROK where a rule puts answers off",
    25: "a message that was replaced, and of which its network tells nothing, stayed open for ever",
    118: "a receipt for the session of its message waited for ever once that had ended",
    125: "as 25, in a network without receipts",
    742: "of a request of many messages some were taken, and nobody was answered",
}
"""Seeds of worlds that have failed, and why: they never do again."""


def found(seed: int, **words: Any) -> Found:
    """What came of a small world."""
    return run(Plan(seed, **({"days": 0.1, "messages": 500} | words)))


@pytest.mark.parametrize("seed", FAILED)
def test_a_world_that_has_failed_holds(seed: int) -> None:
    assert found(seed).breaches == ()


@pytest.mark.parametrize("seed", range(2000, 2010))
def test_any_world_holds(seed: int) -> None:
    assert found(seed, messages=200).breaches == ()


def test_a_seed_makes_the_same_world_again() -> None:
    def story() -> list[str]:
        world = SoakWorld(Plan(82, days=0.05, messages=200))
        world.run()
        return [f"{row.at} {row.kind} {row.session}" for row in world.smsc.journal.rows()]

    assert story() == story()


def test_worlds_together_have_all_troubles_and_see_all_ends() -> None:
    plans = [Plan(seed) for seed in range(60)]
    assert {name for plan in plans for name in plan.troubles} == set(TROUBLES)
    counts: Counter[str] = Counter()
    for seed in (0, 2, 27, 29):
        counts.update(found(seed).counts)
    assert all(
        counts[kind] for kind in ("receipt_acknowledged", "receipt_failed", "retry", "replaced", "mo_acknowledged")
    )


def test_a_part_that_is_taken_out_leaves_the_others_as_they_were() -> None:
    plan = Plan(25)
    parts = list(plan.parts())
    for name in parts:
        # a word of an account may bring another along: without a throughput there is no burst
        assert set(parts) - set(plan.less(name).parts()) >= {name}
        assert plan.less(name).customers[0].binds == plan.customers[0].binds


def test_what_does_not_hold_is_made_as_small_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Smsc.conclude

    def forgetful(smsc: Smsc, message: Any, *rest: Any) -> None:
        if message.part is None or message.part.number != 2:
            taken(smsc, message, *rest)

    monkeypatch.setattr(Smsc, "conclude", forgetful)
    large = found(101, messages=100)
    assert large.check == "balance"
    told: list[Found] = []
    small = shrink(large, told.append)
    assert small.check == "balance"
    assert told[-1] == small
    assert small.plan.messages < 20
    assert "traffic:parts" in set(small.plan.parts())
    assert not [plan for plan in smaller(small.plan) if run(plan).check == "balance"]


def test_what_a_world_raises_is_found_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(Smsc, "conclude", broken)
    crashed = found(25, messages=20)
    assert (crashed.check, crashed.breaches[0].told) == ("crash", "RuntimeError: out of order")
    assert re.match(r"\w+\.py:\d+ ", crashed.breaches[0].story[-1])


def test_the_command_tells_each_world_in_a_line_and_ends_well() -> None:
    result = CliRunner().invoke(app, ["soak", "--seed", "2", "--days", "0.02", "--messages", "50", "--worlds", "2"])
    assert result.exit_code == 0
    assert re.findall(r"^seed (\d+): .*: all held$", result.stdout, re.MULTILINE) == ["2", "3"]


def test_the_command_prints_how_to_see_a_failure_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(plan: Plan, *_: Any) -> Found:
        return Found(plan, (Breach("one_end", 0.0, "ended twice", ("the story",)),) if plan.seed == 3 else (), {}, 0.0)

    monkeypatch.setattr("simulator.harness.soak.shrinking.run", failing)
    words = ["soak", "--seed", "2", "--days", "1", "--messages", "50", "--worlds", "5", "--whole"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[1].endswith(": one_end")
    assert lines[2:4] == ["one_end: ended twice", "    the story"]
    assert lines[-1] == "carrier-sim soak --seed 3 --days 1 --messages 50 --whole"


def test_a_part_that_a_world_does_not_have_is_refused_by_name() -> None:
    result = CliRunner().invoke(app, ["soak", "--seed", "3", "--without", "trouble:rain"])
    assert result.exit_code == 2
    assert result.stderr.startswith("carrier-sim: --without trouble:rain: world 3 has no such part; it has ")


def test_no_module_of_worlds_reads_a_clock_or_opens_a_socket() -> None:
    folder = Path(__file__).parents[2] / "simulator" / "harness" / "soak"
    texts = [path.read_text() for path in sorted(folder.glob("*.py")) if path.name != "shrinking.py"]
    assert len(texts) > 5
    assert not [
        text for text in texts if re.search(r"^(import|from) (time|socket|trio|threading)\b", text, re.MULTILINE)
    ]

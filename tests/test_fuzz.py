"""A little of what scripts/fuzz does for hours: every target, octets of a few seeds, nothing but documented errors."""

import importlib.util
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from scripts.fuzz_octets import Source
from scripts.fuzz_run import NAMES, trouble_with
from scripts.fuzz_targets import TARGETS

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "fuzz_run.py"
INPUTS = {"session": 250, "connection": 800, "http": 250}
"""About a second each; the others are quicker."""


def fuzz(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, timeout=50, check=False)


@pytest.mark.parametrize("name", NAMES)
def test_any_octets_give_nothing_but_documented_errors(name):
    for octets in islice(Source(name, seed=1), INPUTS.get(name, 2000)):
        trouble = trouble_with(name, octets)
        assert trouble is None, f"scripts/fuzz --target {name} --input {octets.hex()}\n{trouble}"


def test_every_target_has_a_name_on_the_command_line():
    assert tuple(TARGETS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_octets_again_and_another_one_others(name):
    first, again, other = (list(islice(Source(name, seed), 50)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_octets_reach_the_answers_to_a_submission_and_its_receipts():
    # what is fed must be good enough to come far: else nothing is tried
    from scripts.fuzz_targets import Scene, Tape, chunks

    seen = set()
    for octets in islice(Source("session", seed=1), 150):
        scene = Scene(Tape(octets))
        for chunk in chunks(scene.stream, scene.chunk_size):
            scene.session.receive_data(chunk, scene.now)
            scene.written(scene.session)
            if not scene.session.is_paused:
                scene.run(0.1)
        scene.run(3.0)
        seen |= {kind for kind, count in scene.smsc.journal.counts.items() if count}
    assert seen >= {"submitted", "answered", "concluded", "receipt_acknowledged", "malformed", "refused_pdu", "retry"}


def test_a_broken_promise_is_shown_with_the_octets_that_broke_it(monkeypatch, capsys):
    from scripts import fuzz_run, fuzz_targets

    def fail(octets):
        assert len(octets) < 40, "a broken promise"

    monkeypatch.setitem(fuzz_targets.TARGETS, "time", fail)
    assert fuzz_run.by_chance(["time"], 5.0, 1) == 1
    told = capsys.readouterr().out
    assert "a broken promise" in told
    again = told.rpartition("--input ")[2].strip()
    assert fuzz_run.again("time", again) == 1


def test_the_command_fuzzes_for_as_long_as_it_is_told():
    ended = fuzz("0.5", "--target", "time", "--target", "codec", "--seed", "7")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.startswith("seed 7: nothing but documented errors: time ")


def test_one_input_can_be_tried_again():
    ended = fuzz("--target", "time", "--input", "3030")
    assert (ended.returncode, ended.stdout) == (0, "time: nothing is wrong with these 2 octets\n")


def test_led_by_coverage_it_keeps_a_corpus():
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: it has no wheel for every system")
    ended = fuzz("1", "--target", "time", "--guided")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "stat::number_of_executed_units" in ended.stderr

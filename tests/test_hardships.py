"""What the benchmark measures of a server that is treated badly, in small: nothing lost, little kept, others served."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.hardships import is_whole

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "bench.py"


def bench(*options: str) -> dict:
    command = [sys.executable, str(SCRIPT), "--quick", "--only", "carrier-sim", "--skip-table", "--json", "-", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.timeout(120)
def test_of_sessions_that_are_killed_and_bound_again_nothing_is_lost_or_unexplained():
    figures = bench("--killed", "--killed-messages", "10000")["killed"]
    assert figures["is_whole"], figures
    assert figures["submitted"] == 10_000
    assert figures["killed"] > 20
    assert figures["redelivered"] > 0
    assert figures["unexplained"] == figures["contradictions"] == figures["without_receipt"] == 0
    # answers that were lost with their connection belong to messages that were accepted all the same
    assert figures["answers_seen"] < figures["server"]["submitted"]


@pytest.mark.timeout(120)
def test_a_crowd_takes_little_room_and_cycles_leave_little_behind():
    figures = bench("--crowd", "--crowd-sessions", "500", "--ring", "1000", "--seconds", "1")["crowd"]
    assert figures["sessions"] == 500
    # so few that the rows of what they send count for much
    assert 0 < figures["kb_a_session"] < 40
    assert figures["answered"] == figures["sent"] > 0
    assert len(figures["cycle_rss"]) == 10
    # of so few cycles the rows are most of it (150 octets or so); a session that is not forgotten takes 10,000
    assert figures["octets_a_cycle"] < 2000


@pytest.mark.timeout(120)
def test_while_somebody_attacks_the_answers_to_others_are_timed():
    rows = bench("--hostile", "--attack", "greetings", "--seconds", "0.5", "--messages", "2000")["hostile"]
    assert [row["attack"] for row in rows] == ["none", "greetings"]
    assert rows[1]["did"]["greetings"] > 0
    for row in rows:
        assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["max_ms"]


@pytest.mark.parametrize(
    ("where", "name"),
    [("server", "receipt_acknowledged"), ("server", "receipt_failed"), ("", "unexplained"), ("", "without_receipt")],
)
def test_a_run_in_which_one_thing_does_not_fit_is_not_whole(where, name):
    figures: dict[str, Any] = {
        "refused": 1,
        "messages_with_receipt": 9,
        "without_receipt": 0,
        "unexplained": 0,
        "contradictions": 0,
    }
    figures["server"] = {"submitted": 10, "concluded": 9, "receipt_acknowledged": 9, "receipt_failed": 0}
    assert is_whole(figures)
    (figures[where] if where else figures)[name] += 1
    assert not is_whole(figures)

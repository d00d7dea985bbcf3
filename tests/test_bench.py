"""The benchmark itself: it measures, every figure is one, and it leaves nothing running."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
MESSAGES = 2000


def bench(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPTS / "bench.py"), "--quick", "--messages", str(MESSAGES), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


@pytest.fixture(scope="module")
def measured() -> dict:
    ended = bench(
        "--only",
        "bare",
        "--rounds",
        "1",
        "--open-loop",
        "--ring",
        "2000",
        "--seconds",
        "0.2",
        "--rate",
        "5000",
        "--json",
        "-",
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_every_shape_gives_figures_above_zero(measured):
    assert [row["shape"] for row in measured["shapes"]] == ["10x10", "10x100", "10x10 + receipts", "1x1"]
    for row in measured["shapes"]:
        for figure in ("cpu_us", "load_cpu_us", "rate_per_second"):
            assert 0 < row[figure]["min"] <= row[figure]["median"] <= row[figure]["max"]
            assert len(row[figure]["runs"]) == 1


def test_every_submit_is_answered_once_and_none_refused(measured):
    for row in measured["shapes"]:
        expected = MESSAGES // 5 if row["shape"] == "1x1" else MESSAGES
        assert (row["messages"], row["answered"], row["answered_once"], row["refused"]) == (expected,) * 3 + (0,)


def test_receipts_come_exactly_where_they_were_asked_for(measured):
    receipts = {row["shape"]: (row["receipts_expected"], row["receipts"]) for row in measured["shapes"]}
    assert receipts.pop("10x10 + receipts") == (MESSAGES, MESSAGES)
    assert set(receipts.values()) == {(0, 0)}


def test_the_open_loop_orders_its_percentiles_and_answers_all(measured):
    (row,) = measured["open_loop"]
    assert row["answered_once"] == row["messages"] == 1000
    assert 0 < row["p50_ms"] <= row["p99_ms"] <= row["p999_ms"] <= row["max_ms"]
    assert row["longest_pause_ms"] > 0
    assert row["load_late_max_ms"] > 0
    # A fixed schedule of 0.2 s cannot be over sooner.
    assert row["elapsed_s"] >= 0.19


def test_the_bare_responder_is_not_judged_by_our_floors(measured):
    assert not any(key.startswith(("floor", "goal")) for row in measured["shapes"] for key in row)


def test_a_server_that_ends_at_once_is_told_with_its_words_and_status_3():
    ended = bench("--rounds", "1", "--server", f"{sys.executable} -c 'raise SystemExit(\"no such port\")'")
    assert ended.returncode == 3
    assert "no such port" in ended.stderr


def test_unanswered_submits_are_a_failure_and_no_figure():
    deaf = (
        "import socket, struct\n"
        "listening = socket.create_server(('127.0.0.1', 0))\n"
        "print(f'ready smpp=127.0.0.1:{listening.getsockname()[1]}', flush=True)\n"
        "held = []\n"
        "while True:\n"
        "    link, _ = listening.accept()\n"
        "    link.recv(4096)\n"
        "    link.sendall(struct.pack('>IIII', 17, 0x80000009, 0, 1) + bytes(1))\n"
        "    held.append(link)\n"
    )
    ended = bench("--rounds", "1", "--patience", "0.3", "--server", f'{sys.executable} -c "{deaf}"')
    assert ended.returncode == 3
    assert "nothing came for 0.3 s" in ended.stderr

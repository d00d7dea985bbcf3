"""``carrier-sim gateway`` as people start it: its ready line, its demo accounts, its refusals."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from simulator.gateway.store import Store, StoreError

COMMAND = [sys.executable, "-m", "simulator.cli", "gateway"]


def test_it_tells_where_it_is_and_who_may_try_it_and_ends_when_asked() -> None:
    with subprocess.Popen([*COMMAND, "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready.startswith("ready http=127.0.0.1:")
            url = f"http://{ready.split('=')[1].strip()}"
            with urllib.request.urlopen(f"{url}/demo-accounts", timeout=10) as answer:
                accounts = json.load(answer)
            assert {name: set(account) for name, account in accounts.items()} == {
                "signalwire": {"username", "password", "from"},
                "flowroute": {"username", "password", "from"},
                "signalsms": {"api_key", "sender"},
            }
            with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
                assert json.load(answer)["backlog"] == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--smsc", "nowhere"], 2, "--smsc: 'nowhere', must be HOST:PORT"),
        (["--http", "127.0.0.1:99999"], 2, "--http: port '99999'"),
        (["--http", "0.0.0.0:0"], 2, "is off this machine"),
        (["--config", "absent.yaml"], 2, "--config: 'absent.yaml'"),
        (["--http", "127.0.0.1:0", "--db", "/nowhere/at/all.db"], 3, "--db: '/nowhere/at/all.db'"),
    ],
)
def test_wrong_words_are_refused_by_name(options: list[str], code: int, told: str) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == code
    assert told in done.stderr


def test_a_database_belongs_to_one_gateway_at_a_time(tmp_path: Path) -> None:
    store = Store(tmp_path / "db")
    with pytest.raises(StoreError, match="is used by another gateway"):
        Store(tmp_path / "db")
    store.close()
    Store(tmp_path / "db").close()


def test_a_file_of_somebody_else_s_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="--db"):
        Store(path)
    assert path.read_bytes() == b"no database at all" * 100

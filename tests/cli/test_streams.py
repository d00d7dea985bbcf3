"""What a command does where nobody reads its output, or its standard error cannot be written."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.test_main import BOUND, COMMAND


def test_a_reader_that_has_gone_is_no_error() -> None:
    with subprocess.Popen([*COMMAND, "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # more than a pipe holds is still to come
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(BOUND) == 0


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
def test_an_error_that_cannot_be_said_keeps_its_exit_code(where: str) -> None:
    if "full" in where and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    command = f'"$0" "$@" {where}'
    ended = subprocess.run(
        ["/bin/sh", "-c", command, *COMMAND, "quirks", "nosuchthing"], capture_output=True, timeout=BOUND, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, b"")


def test_a_server_whose_standard_error_is_full_serves_and_ends_well() -> None:
    words = ("serve", "--smpp", "127.0.0.1:0", "--http", "127.0.0.1:0", "-v")
    command = ["/bin/sh", "-c", 'exec "$0" "$@" 2>/dev/full', *COMMAND, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"ready ")
        process.terminate()
        assert process.wait(BOUND) == 0

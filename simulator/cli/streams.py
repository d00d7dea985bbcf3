"""The standard streams of a command whose reader has gone, or whose disk is full: nothing that is fine ends badly.

It knows streams and exit codes, and no command.
"""

import errno
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

_STDERR: Final = 2


class _Forgetful(io.FileIO):
    """A file that forgets what it cannot write."""

    def write(self, octets: Any, /) -> int:
        with suppress(OSError):
            return super().write(octets)
        return memoryview(octets).nbytes


def careful_stderr() -> TextIO:
    """Standard error for the rest of the process: what nobody can be told is not said, and ends nothing.

    A closed one is one that forgets all.
    """
    try:
        os.fstat(_STDERR)
    except OSError:
        return Path(os.devnull).open("w", encoding="utf-8")
    raw = _Forgetful(_STDERR, "wb", closefd=False)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    buffered: Any = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding=encoding, errors="backslashreplace", line_buffering=True)


def is_reader_gone(ending: SystemExit) -> bool:
    """Whether a command was ended because whoever read its output has gone, as in `| head`."""
    cause = ending.__context__
    return isinstance(cause, OSError) and cause.errno == errno.EPIPE


__all__ = ["careful_stderr", "is_reader_gone"]

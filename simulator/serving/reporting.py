"""The report of a run in a file: whether it could be written is known before anything listens, and it is never half.

It knows paths and forms: JSON for .json, JUnit's XML for .xml. What stands in them is control/verdict.py's.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from simulator.control.verdict import verdict_json, verdict_xml
from simulator.serving.recording import FULL
from simulator.smsc.memory.watch import Verdict
from simulator.smsc.smsc import Smsc

ENDINGS: Final = (".json", ".xml")


def check_report(path: Path) -> None:
    """A report that could not be written is said now, not at the end of a day: ValueError, OSError by a full disk."""
    if path.suffix not in ENDINGS:
        raise ValueError(f"--report: {str(path)!r}, must end in {' or '.join(ENDINGS)}")
    if not path.parent.is_dir():
        raise ValueError(f"--report: {str(path)!r}: there is no folder {str(path.parent)!r}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ValueError(f"--report: {str(path)!r} cannot be written")
    beside = _beside(path)
    try:
        # tried, because permissions do not tell of a full or read-only disk
        beside.write_text("{}\n")
        beside.unlink()
    except OSError as error:
        if error.errno in FULL:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise OSError(error.errno, f"--report {path}: {error.strerror}") from error
        raise ValueError(f"--report: {str(path)!r} cannot be written: {error.strerror}") from error


def write_report(path: Path, verdict: Verdict, smsc: Smsc) -> None:
    """Written beside and then moved, so that nobody reads half of it. Raises OSError that names the option."""
    if path.suffix == ".xml":
        octets = verdict_xml(verdict)
    else:
        octets = json.dumps(verdict_json(verdict, smsc), indent=2).encode() + b"\n"
    beside = _beside(path)
    try:
        beside.write_bytes(octets)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise OSError(error.errno, f"--report {path}: {error.strerror}") from error


def _beside(path: Path) -> Path:
    """The file that a report is until it is whole."""
    return path.with_name(path.name + ".part")

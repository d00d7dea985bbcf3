"""`serve --watch`: the files of what is played are looked at twice a second, and loaded again when one has changed.

A file that is wrong, or no longer fits, changes nothing but the standard error. It looks at files and at nothing else.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import trio

from simulator.scenario.file import found, load
from simulator.scenario.problems import ScenarioError
from simulator.scenario.schema import Scenario
from simulator.scenario.script import Script
from simulator.smsc.play.playing import Misfit, Playing

PERIOD: Final = 0.5
"""Seconds between two looks."""

Signs = tuple[tuple[int, int, int] | None, ...]
"""What tells that a file has changed: when it was written, its size, its inode; None while it is not there."""


async def reload_on_change(playing: Playing) -> None:
    """Look until cancelled, as long as it plays what it played at the start."""
    paths = [found(name) for name in playing.names]
    loaded = before = _signs(paths)
    gone: list[str] = []
    while True:
        await trio.sleep(PERIOD)
        seen = _signs(paths)
        # two looks alike: whoever writes it has ended
        is_settled = seen == before
        before = seen
        if is_settled:
            missing = [str(path) for path, sign in zip(paths, seen, strict=True) if sign is None]
            for name in missing:
                if name not in gone:
                    _say(f"carrier-sim: {name} is gone; what was loaded of it is played on")
            gone = missing
        if seen == loaded or not is_settled or None in seen or playing.names != playing.first_names:
            continue
        loaded = seen
        await _reload(playing)


async def _reload(playing: Playing) -> None:
    try:
        scenarios, script = await trio.to_thread.run_sync(_prepared, playing)
        playing.replace(scenarios, playing.names, trio.current_time(), script)
    except (ScenarioError, Misfit) as error:
        _say(f"{error}\ncarrier-sim: nothing is changed")
    else:
        _say(f"carrier-sim: loaded again: {', '.join(playing.names)}")


def _prepared(playing: Playing) -> tuple[list[Scenario], Script]:
    scenarios = [load(name) for name in playing.names]
    return scenarios, playing.prepared(scenarios, playing.names)


def _signs(paths: Sequence[Path]) -> Signs:
    return tuple(map(_sign, paths))


def _sign(path: Path) -> tuple[int, int, int] | None:
    try:
        told = path.stat()
    except OSError:
        # an editor puts the new one in the place of the old one
        return None
    return told.st_mtime_ns, told.st_size, told.st_ino


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


__all__ = ["PERIOD", "reload_on_change"]

"""`serve --watch` without a server: files are looked at as time goes by, and loaded again when they have changed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from simulator.scenario.file import load
from simulator.serving.reloading import PERIOD, reload_on_change
from simulator.smsc.play.playing import Playing
from simulator.smsc.play.staging import staged
from tests.smsc.world import START

TEXT = "scenario: 1\nrules: [{name: one, then: {reject: 8}}]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_text(TEXT)
    return file


@asynccontextmanager
async def watched(file: Path) -> AsyncIterator[Playing]:
    scenarios = [load(file)]
    playing = Playing(staged(scenarios, trio.current_time(), START), scenarios, [str(file)])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reload_on_change, playing)
        await trio.testing.wait_all_tasks_blocked()
        yield playing
        nursery.cancel_scope.cancel()


async def test_a_file_that_vanishes_is_told_once_and_comes_back(
    file: Path, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watched(file) as playing:
        remove(file)
        await trio.sleep(10 * PERIOD)
        assert capsys.readouterr().err == f"carrier-sim: {file} is gone; what was loaded of it is played on\n"
        assert names(playing) == ["one"]
        write(file, "one", "two")
        await until(lambda: names(playing) == ["two"])
        remove(file)
        await trio.sleep(10 * PERIOD)
        assert f"{file} is gone" in capsys.readouterr().err


def names(playing: Playing) -> list[str | None]:
    return [rule.name for scenario in playing.scenarios for rule in scenario.rules]


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for a fact. The clock jumps while a file is read in its thread, so looks are many."""
    for _ in range(100_000):
        if is_so():
            return
        await trio.sleep(PERIOD)
    raise AssertionError("it never came to be")


def remove(file: Path) -> None:
    """As an editor does before it puts a new one there."""
    file.unlink()


def write(file: Path, old: str, new: str) -> None:
    """Change a word of the text."""
    file.write_text(TEXT.replace(old, new))


async def test_a_file_that_has_changed_is_played(
    file: Path, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watched(file) as playing:
        write(file, "one", "another")
        await until(lambda: names(playing) == ["another"])
    assert capsys.readouterr().err == f"carrier-sim: loaded again: {file}\n"


async def test_a_wrong_file_changes_nothing_and_is_told_once(
    file: Path, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ""
    async with watched(file) as playing:
        write(file, "reject", "rejcet")

        def is_told() -> bool:
            nonlocal told
            told += capsys.readouterr().err
            return told.endswith("nothing is changed\n")

        await until(is_told)
        await trio.sleep(10 * PERIOD)
        assert names(playing) == ["one"]
    assert f"{file}:2:" in told
    assert (told + capsys.readouterr().err).count("nothing is changed") == 1


async def test_a_file_that_is_away_for_a_while_changes_nothing(
    file: Path, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watched(file) as playing:
        remove(file)
        await trio.sleep(10 * PERIOD)
        assert names(playing) == ["one"]
        write(file, "one", "back")
        await until(lambda: names(playing) == ["back"])
    assert "nothing" not in capsys.readouterr().err


async def test_what_is_played_instead_is_left_alone(
    file: Path, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watched(file) as playing:
        playing.replace([], [], trio.current_time())
        write(file, "one", "another")
        await trio.sleep(10 * PERIOD)
        assert names(playing) == []
    assert capsys.readouterr().err == ""

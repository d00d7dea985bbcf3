"""The file of events: what is in it, what a slow, full or broken disk costs, and that nothing is lost unsaid."""

import errno
import json
import logging
import os
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio

from simulator.serving import recording as module
from simulator.serving.recording import LIGHT, Pen, Recorder, check_journal, open_sink, recording
from simulator.smpp.pdus import ReplaceSm
from tests.control.recorded import Memory
from tests.smsc.subscribers.test_broadcasts import a_broadcast
from tests.smsc.world import World, a_submission

BOUND = 20.0


class Disk(Memory):
    """A sink that takes so many octets at a time, while there is ``room``; then it fails.

    ``wrote`` and ``failed`` are called, in the thread that writes, when it has.
    """

    def __init__(
        self,
        room: float = 1e9,
        piece: int = 1 << 20,
        *,
        wrote: Callable[[], None] = lambda: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.room = room
        self.piece = piece
        self.wrote = wrote
        self.failed = failed

    def write(self, octets: bytes) -> int:
        if self.room <= 0:
            self.failed()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = int(min(self.room, self.piece, len(octets)))
        self.room -= count
        super().write(octets[:count])
        self.wrote()
        return count

    @property
    def events(self) -> list[dict[str, Any]]:
        """The lines, each of which must be whole."""
        return [json.loads(line) for line in self.octets.splitlines()]


def a_story(world: World, messages: int = 3) -> None:
    gateway = world.bound()
    for _ in range(messages):
        gateway.submit()
    world.run(1.0)


@asynccontextmanager
async def kept(world: World, disk: Disk, **bounds: Any) -> AsyncIterator[Recorder]:
    recorder = Recorder(world.smsc, disk, Path("day.jsonl"), **bounds)
    with trio.fail_after(BOUND):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(recorder.run)
            yield recorder
            await recorder.stop()


# ------------------------------------------------------------------ the file


async def test_every_event_is_in_the_file_behind_a_header(tmp_path: Path) -> None:
    world, path = World(seed=5, speed=60.0), tmp_path / "day.jsonl"
    async with recording(world.smsc, path, world.now) as recorder:
        assert recorder is not None
        a_story(world)
    header, *events = map(json.loads, path.read_text().splitlines())
    assert (header["journal"], header["seed"], header["speed"], header["started"]) == (1, 5, 60.0, 1_800_000_000.0)
    assert [event["kind"] for event in events] == [row.kind for row in world.smsc.journal.rows()]
    assert (recorder.written, recorder.waiting, recorder.lost) == (len(events), 0, 0)
    recorder.check()


async def test_without_a_path_nothing_is_kept() -> None:
    world = World()
    async with recording(world.smsc, None, world.now) as recorder:
        a_story(world)
    assert recorder is None


async def test_a_second_run_is_appended_behind_the_cut_line_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text('{"journal":1}\n{"n":1,"at":1')
    world = World()
    async with recording(world.smsc, path, world.now):
        world.bound()
    first, cut, second, *events = path.read_text().splitlines()
    assert (first, cut) == ('{"journal":1}', '{"n":1,"at":1')
    assert json.loads(second)["journal"] == 1
    assert [json.loads(event)["n"] for event in events] == [1, 2]


async def test_what_happens_is_in_the_file_soon(tmp_path: Path) -> None:
    world = World()
    written = trio.Event()
    disk = Disk(wrote=lambda: trio.from_thread.run_sync(written.set))
    async with kept(world, disk):
        a_story(world)
        start = trio.current_time()
        await written.wait()
        # 0.2 s are promised; the machine may be busy
        assert trio.current_time() - start < 2.0
        assert disk.events[0]["kind"] == "connected"


async def test_the_rest_is_written_when_the_body_fails(tmp_path: Path) -> None:
    world, path = World(), tmp_path / "day.jsonl"
    with pytest.RaisesGroup(ZeroDivisionError):
        async with recording(world.smsc, path, world.now):
            a_story(world)
            raise ZeroDivisionError
    assert len(path.read_text().splitlines()) == 1 + world.smsc.journal.total


async def test_the_rest_is_written_when_the_body_is_cancelled(tmp_path: Path) -> None:
    world, path = World(), tmp_path / "day.jsonl"
    with trio.CancelScope() as scope:
        async with recording(world.smsc, path, world.now):
            a_story(world)
            scope.cancel()
            await trio.sleep_forever()
    assert len(path.read_text().splitlines()) == 1 + world.smsc.journal.total


# ------------------------------------------------------------------ files that are none


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing/day.jsonl", "there is no folder"), ("file/day.jsonl", "there is no folder"), ("", "Is a directory")],
)
def test_a_path_that_cannot_be_written_is_refused_with_a_reason(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=reason) as caught:
        check_journal(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_pipe_that_nobody_reads_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="No such device"):
        check_journal(tmp_path / "pipe")


def test_a_file_that_another_one_writes_to_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    with open_sink(path) as sink:
        sink.write(b"half a li")
        with pytest.raises(ValueError, match=f"--journal {path}: another carrier-sim writes to it"):
            check_journal(path)
        assert path.read_bytes() == b"half a li"
    check_journal(path)
    assert path.read_bytes() == b"half a li\n"


def test_a_full_disk_is_no_wrong_file(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text("half a li")
    size, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (9, hard))
    try:
        with pytest.raises(OSError, match=f"--journal {path}: File too large"):
            check_journal(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def test_a_path_that_can_be_written_is_there_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    check_journal(path)
    assert path.read_bytes() == b""
    path.write_text("{}\n")
    check_journal(path)
    assert path.read_text() == "{}\n"


async def test_a_full_disk_is_said_at_the_start() -> None:
    world = World()
    with pytest.raises(OSError, match="--journal /dev/full: No space left") as caught:
        await recording(world.smsc, Path("/dev/full"), world.now).__aenter__()
    assert caught.value.errno == errno.ENOSPC


def test_a_sink_takes_octets_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text("{}\n")
    with open_sink(path) as sink:
        sink.write(b"[]\n")
    assert path.read_text() == "{}\n[]\n"


# ------------------------------------------------------------------ disks that fail


@pytest.mark.parametrize("room", [0, 1, 100, 777, 3000])
def test_writing_goes_on_at_the_octet_at_which_it_failed(room: int) -> None:
    world, disk = World(), Disk(room, piece=50)
    recorder = Recorder(world.smsc, disk, Path("day.jsonl"))
    a_story(world, messages=5)
    pen = Pen(disk)
    pen.give(recorder._cells, (7, 1.0, 2.0))
    with pytest.raises(OSError, match="No space"):
        pen.write()
    assert pen.waiting > 0
    assert len(disk.octets) == room
    disk.room = 1e9
    pen.write()
    assert pen.is_done
    assert [event["n"] for event in disk.events] == list(range(1, world.smsc.journal.total + 2))
    assert disk.events[-1] == {
        "n": world.smsc.journal.total + 1,
        "at": 1.0,
        "kind": "gap",
        "session": 0,
        "lost": 7,
        "since": 1.0,
        "until": 2.0,
    }


def test_a_sink_that_takes_nothing_is_an_error() -> None:
    world, disk = World(), Disk(piece=0)
    recorder = Recorder(world.smsc, disk, Path("day.jsonl"))
    world.bound()
    pen = Pen(disk)
    pen.give(recorder._cells, None)
    with pytest.raises(BlockingIOError):
        pen.write()


async def test_a_disk_that_breaks_is_said_at_once_and_counted_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    failed = trio.Event()
    disk = Disk(room=1000, failed=lambda: trio.from_thread.run_sync(failed.set))
    async with kept(world, disk) as recorder:
        a_story(world)
        await failed.wait()
        while recorder.error is None:
            await trio.lowlevel.checkpoint()
        assert recorder.error == "No space left on device"
        assert [record.getMessage() for record in caplog.records] == [
            "--journal day.jsonl: No space left on device; events wait for it, and traffic goes on"
        ]
        a_story(world)
    total = world.smsc.journal.total
    assert recorder.written + recorder.waiting == total
    missing = recorder.waiting
    assert missing > 0
    with pytest.raises(OSError, match=f"^.*day.jsonl: {missing} events were not written: No space left on device"):
        recorder.check()


async def test_a_disk_that_recovers_has_every_event(caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    world = World()
    failed, recovered = trio.Event(), trio.Event()
    disk = Disk(room=1000, failed=lambda: trio.from_thread.run_sync(failed.set))
    async with kept(world, disk) as recorder:
        a_story(world)
        await failed.wait()
        disk.wrote = lambda: trio.from_thread.run_sync(recovered.set)
        disk.room = 1e9
        await recovered.wait()
    assert recorder.error is None
    assert [event["n"] for event in disk.events] == list(range(1, world.smsc.journal.total + 1))
    assert caplog.records[-1].getMessage() == "--journal day.jsonl: written again; 0 events were not kept so far"
    assert caplog.records[-1].levelno == logging.WARNING
    recorder.check()


def test_a_file_that_takes_nothing_for_two_seconds_is_said_once_and_so_is_its_return(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = Recorder(World().smsc, Disk(), Path("day.jsonl"))
    pen = recorder._pen
    recorder.watch(0.0)
    recorder.watch(10.0)
    # as it is while a call to write does not come back
    pen.give([("reset", 1.0, 0, None, None, 1.0)], None)
    for now in (10.1, 11.9):
        recorder.watch(now)
        assert recorder.error is None
    for now in (12.0, 12.1):
        recorder.watch(now)
        assert recorder.error == "nothing could be written for 2 s"
    pen.octets += 1
    recorder.watch(12.2)
    assert recorder.error is None
    recorder.watch(14.1)
    assert [record.getMessage() for record in caplog.records] == [
        "--journal day.jsonl: nothing could be written for 2 s; events wait for it, and traffic goes on",
        "--journal day.jsonl: written again; 0 events were not kept so far",
    ]


# ------------------------------------------------------------------ bounds


async def test_what_is_beyond_the_bound_is_counted_and_told_in_the_file(caplog: pytest.LogCaptureFixture) -> None:
    world, disk = World(), Disk()
    recorder = Recorder(world.smsc, disk, Path("day.jsonl"), events_max=10)
    a_story(world, messages=5)
    total = world.smsc.journal.total
    recorder.bound(1000.0)
    assert (recorder.waiting, recorder.lost) == (10, total - 10)
    a_story(world, messages=1)
    recorder.bound(1030.0)
    grand_total = world.smsc.journal.total
    assert (recorder.waiting, recorder.lost) == (10, grand_total - 10)
    # within a minute it is said once
    assert [record.getMessage() for record in caplog.records] == [
        f"--journal day.jsonl: too slow: {total - 10} events were not kept so far"
    ]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(recorder.run)
        await recorder.stop()
    *events, gap = disk.events
    assert [event["n"] for event in events] == list(range(1, 11))
    rows = list(world.smsc.journal.rows())
    assert (gap["kind"], gap["lost"], gap["n"]) == ("gap", grand_total - 10, 11)
    assert (gap["since"], gap["until"]) == (pytest.approx(rows[10].at), pytest.approx(rows[-1].at))
    with pytest.raises(OSError, match=f"{grand_total - 10} events were not written$"):
        recorder.check()


async def test_numbering_goes_on_behind_a_gap() -> None:
    world, disk = World(), Disk()
    recorder = Recorder(world.smsc, disk, Path("day.jsonl"), events_max=3)
    a_story(world)
    recorder.bound(1000.0)
    lost = recorder.lost
    async with trio.open_nursery() as nursery:
        nursery.start_soon(recorder.run)
        while recorder.waiting:
            await trio.lowlevel.checkpoint()
        world.gateways[0].close()
        await recorder.stop()
    assert [event["n"] for event in disk.events] == [1, 2, 3, 4, 4 + lost]
    assert disk.events[-1]["kind"] == "disconnected"


def test_large_messages_wait_in_smaller_numbers() -> None:
    world = World()
    recorder = Recorder(world.smsc, Disk(room=0), Path("day.jsonl"), octets_max=100_000)
    gateway = world.bound()
    recorder._pen.give([("reset", 1.0, 0, None, None, 1.0)], None)
    for _ in range(LIGHT):
        gateway.send_together(a_submission(short_message=b"x" * 250, registered_delivery=0))
    count = recorder.waiting
    assert count > LIGHT
    recorder.bound(1000.0)
    # a submission of 300 octets makes two events
    assert 600 < recorder.waiting < 800
    assert recorder.waiting + recorder.lost == count
    before = recorder.waiting
    gateway.submit()
    recorder.bound(1000.0)
    # still more than LIGHT must wait before they are weighed
    assert recorder.waiting > before


def test_replacements_and_texts_of_subscribers_weigh_what_they_keep() -> None:
    world = World()
    recorder = Recorder(world.smsc, Disk(), Path("day.jsonl"))
    gateway = world.bound(interface_version=0x50)
    scheduled = gateway.submit(schedule_delivery_time="000001000000000R").message_id
    request = ReplaceSm(message_id=scheduled, source_addr="12025550199", short_message=b"x" * 200)
    assert gateway.send(replace(request, source_addr_ton=1, source_addr_npi=1)).command_status == 0
    world.smsc.mo("12025550199", "12025550100", "y" * 300, world.now)
    gateway.send(a_broadcast(b"\0" + b"z" * 90))
    weights = {cell[0]: module._weight(cell) for cell in recorder._cells}
    assert weights["replaced"] == 200
    assert weights["mo_created"] > 600
    assert weights["broadcast_submitted"] > 90
    assert weights["answered"] == 0


def test_nothing_is_weighed_while_the_disk_keeps_up() -> None:
    world = World()
    recorder = Recorder(world.smsc, Disk(), Path("day.jsonl"), octets_max=1)
    a_story(world, messages=LIGHT)
    recorder.bound(1000.0)
    assert recorder.lost == 0


async def test_a_disk_that_never_answers_holds_up_the_end_for_a_bounded_time(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "FAREWELL", 0.05)
    world = World()
    release = trio.Event()
    stuck = trio.Event()

    def wait() -> None:
        trio.from_thread.run_sync(stuck.set)
        trio.from_thread.run(release.wait)

    disk = Disk(wrote=wait)
    async with kept(world, disk) as recorder:
        a_story(world)
        await stuck.wait()
    assert recorder.waiting > 0
    with pytest.raises(OSError, match="events were not written"):
        recorder.check()
    release.set()

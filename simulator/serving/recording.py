"""Keeps every event of an SMSC's journal in a file while it serves: taken on the loop, written off it, in nobody's way.

What an event costs the loop is one append. A task hands over what has come ten times a second, and a thread turns it
into lines (control/lines.py) and writes them. A disk that is too slow, full or broken holds up nobody: events wait, up
to a bound; beyond it the newest are not kept, but counted, and a line of kind ``gap`` stands in the file where they
would be. Writing is tried again every second, from the very octet at which it failed.

The file is appended to; each run begins with a header. This file knows nothing of what the events mean.
"""

import fcntl
import logging
import os
import stat
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from errno import EAGAIN, EDQUOT, EFBIG, EIO, ENOSPC, EWOULDBLOCK
from io import FileIO
from math import inf
from pathlib import Path
from typing import Any, Final, Protocol

import trio

from simulator.control.lines import Cell, Header, Lines, header_line
from simulator.journal import (
    ANSWERED,
    BROADCAST_CONCLUDED,
    BROADCAST_SUBMITTED,
    KINDS,
    MALFORMED,
    MO_CREATED,
    REFUSED_PDU,
    REPLACED,
    RESET,
    SUBMITTED,
    TIMEOUT,
    UNEXPECTED,
    Fold,
)
from simulator.smpp.tlvs import Tlv
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.broadcasts import Broadcast

PERIOD: Final = 0.1
"""Seconds between two looks at what has come."""
PATIENCE: Final = 1.0
"""Seconds from a failure to the next try."""
FAREWELL: Final = 5.0
"""Seconds that the last write may take."""
EVENTS_MAX: Final = 200_000
"""Events that may wait for the disk: some seconds of the fastest traffic."""
OCTETS_MAX: Final = 128 * 1024 * 1024
"""Octets of PDUs and texts that may wait beside those that are being written."""
LIGHT: Final = 2_000
"""Events that may wait whatever their size."""
STUCK: Final = 2.0
"""Seconds in which a file takes nothing after which that is an error, though no call has failed: a pipe whose reader
rests, or a network disk that has gone."""
PIECE: Final = 256 * 1024
"""Octets of one call: a pipe comes back when it has taken all of them, and only then it is seen to take any."""
FULL: Final = frozenset({ENOSPC, EDQUOT, EFBIG, EIO})
"""Errors of a disk that takes no more: the file is the right one, and cannot be written now."""
CHUNK: Final = 100
"""Events that are turned into lines between two writes: a fraction of a millisecond."""
COURTESY: Final = 1e-5
"""Seconds that the thread stands back after each write. One that computes is given the interpreter for 5 ms at a time,
and the loop would wait as long at its next system call. Measured apart from a server, 999 of 1,000 rounds of a loop
took 0.8 ms at most with this and 5 ms without; it costs CPU, and under a whole server the gain is not established."""

_log = logging.getLogger("carrier-sim")


class Sink(Protocol):
    """Where octets go, as a raw file takes them: perhaps not all at once. Raises OSError."""

    def write(self, octets: bytes, /) -> int | None:
        """Write some of them; how many."""


def open_sink(path: Path) -> FileIO:
    """The file, to append to, behind a line feed; no other process appends to it as long as it is open.

    Raises OSError, with its path in the text, when that cannot be.
    """
    try:
        # a pipe that nobody reads is an error now, not a wait for ever
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
        os.set_blocking(fd, True)
        file = FileIO(fd, "ab")
    except OSError as error:
        raise OSError(error.errno, f"--journal {path}: {error.strerror}") from error
    try:
        # before anything is written: what looks cut may be a line that another one is writing
        _lock(fd)
        if _is_cut(path):
            # whoever wrote here before was killed within a line
            file.write(b"\n")
    except OSError as error:
        file.close()
        raise OSError(error.errno, f"--journal {path}: {error.strerror}") from error
    return file


def _lock(fd: int) -> None:
    """Keep a regular file to ourselves until it is closed. Raises OSError if somebody else has it."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # not every network disk knows locks
        if error.errno == EWOULDBLOCK:
            raise OSError(EWOULDBLOCK, "another carrier-sim writes to it") from error


def check_journal(path: Path) -> None:
    """Raise ValueError, which tells why, for a file that cannot be opened; one that can is there afterwards.

    Raises OSError where the disk is full.
    """
    if not path.parent.is_dir():
        raise ValueError(f"--journal {path}: there is no folder {str(path.parent)!r}")
    try:
        open_sink(path).close()
    except OSError as error:
        if error.errno in FULL:
            raise
        raise ValueError(error.strerror) from error


def _is_cut(path: Path) -> bool:
    """Whether a regular file ends within a line."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


class Pen:
    """Turns cells into lines and writes them. One thread at a time uses it; what it could not write it keeps."""

    def __init__(self, sink: Sink, lines: Lines | None = None) -> None:
        self.sink = sink
        self.lines = lines or Lines()
        self.written = 0
        """Events that are in the file."""
        self.waiting = 0
        """Events that were given and are not in the file yet."""
        self.octets = 0
        """Octets that the file has taken."""
        self._cells: list[Cell] = []
        self._gap: tuple[int, float, float] | None = None
        self._place = 0
        self._rest = b""
        self._rest_count = 0

    def give(self, cells: list[Cell], gap: tuple[int, float, float] | None) -> None:
        """Take events, and how many were not kept behind them, from when to when; only when nothing waits."""
        self._cells, self._gap, self._place = cells, gap, 0
        self.waiting = len(cells)

    @property
    def is_done(self) -> bool:
        """Whether all that was given is written."""
        return not (self.waiting or self._rest or self._gap)

    def write(self) -> None:
        """Write what waits. Raises OSError when that fails; called again it goes on where it stopped."""
        self._write_rest()
        while self._place < len(self._cells):
            chunk = self._cells[self._place : self._place + CHUNK]
            self._place += len(chunk)
            self._rest, self._rest_count = self.lines.render(chunk), len(chunk)
            self._write_rest()
            time.sleep(COURTESY)
        self._cells = []
        if self._gap is not None:
            self._rest, self._gap = self.lines.gap(*self._gap), None
            self._write_rest()

    def _write_rest(self) -> None:
        while self._rest:
            count = self.sink.write(self._rest[:PIECE])
            if not count:
                raise BlockingIOError(EAGAIN, "takes nothing")
            self._rest = self._rest[count:]
            self.octets += count
        self.written += self._rest_count
        self.waiting -= self._rest_count
        self._rest_count = 0


class Recorder:
    """Feeds a Pen with every event of an SMSC; its numbers tell how that goes."""

    def __init__(
        self, smsc: Smsc, sink: Sink, path: Path, *, events_max: int = EVENTS_MAX, octets_max: int = OCTETS_MAX
    ) -> None:
        self.path = path
        self.lost = 0
        """Events that were not kept."""
        self.error: str | None = None
        """Why writing fails at present."""
        self._smsc = smsc
        self._events_max, self._octets_max = events_max, octets_max
        self._pen = Pen(sink, Lines(lambda account: smsc.terms_of(account).book))
        self._cells: list[Cell] = []
        self._gap: tuple[int, float, float] | None = None
        self._weighed = self._weight = 0
        """So many of the cells were weighed, and what they weigh."""
        self._silent_until = -inf
        self._seen, self._moved_at = 0, inf
        """Octets that the file had taken when it was last looked at, and when that was more than before."""
        self._is_stuck = False
        self._scope = trio.CancelScope(shield=True)
        self._stopping = trio.Event()
        self._ended = trio.Event()
        for kind in KINDS:
            smsc.journal.feed(kind, self._fold(kind))

    # ------------------------------------------------------------------ on the loop, for each event

    def _fold(self, kind: str) -> Fold:
        """What is called at each event of a kind: it keeps the event, and what of its subject would move on."""
        append, sessions = self._cells.append, self._smsc.sessions

        def plain(at: float, session: int, subject: Any, detail: Any) -> None:
            append((kind, at, session, subject, detail, None))

        def submitted(at: float, session: int, subject: Any, detail: Any) -> None:
            kept = (subject.pdu, subject.octets, subject.scheduled_at, subject.expires_at)
            append((kind, at, session, subject, detail, kept))

        def answered(at: float, session: int, subject: Any, detail: Any) -> None:
            begins_at, scheduled_at = subject.begins_at, subject.scheduled_at
            append((kind, at, session, subject, detail, begins_at - (at if scheduled_at is None else scheduled_at)))

        def created(at: float, session: int, subject: Any, detail: Any) -> None:
            append((kind, at, session, subject, detail, len(subject.segments)))

        def evident(at: float, session: int, subject: Any, detail: Any) -> None:
            known = sessions.get(session)
            account = None if known is None or known.account is None else known.account.name
            append((kind, at, session, subject, detail, account))

        def reset(at: float, session: int, subject: Any, detail: Any) -> None:
            append((kind, at, session, subject, detail, time.time()))

        def broadcast(at: float, session: int, subject: Any, detail: Any) -> None:
            if isinstance(subject, Broadcast):
                append((kind, at, session, subject, detail, (subject.pdu, subject.areas)))
            else:
                evident(at, session, subject, detail)

        special: dict[str, Fold] = {SUBMITTED: submitted, REPLACED: submitted, ANSWERED: answered, RESET: reset}
        special[MO_CREATED] = created
        special[BROADCAST_SUBMITTED] = special[BROADCAST_CONCLUDED] = broadcast
        special |= dict.fromkeys((MALFORMED, REFUSED_PDU, UNEXPECTED, TIMEOUT), evident)
        return special.get(kind, plain)

    # ------------------------------------------------------------------ numbers

    @property
    def written(self) -> int:
        """Events that are in the file."""
        return self._pen.written

    @property
    def waiting(self) -> int:
        """Events that wait to be written."""
        return self._pen.waiting + len(self._cells)

    def check(self) -> None:
        """Raise OSError if the file does not hold every event, now that no more come."""
        missing = self.lost + self.waiting
        if missing:
            why = f": {self.error}" if self.error else ""
            raise OSError(None, f"--journal {self.path}: {missing} events were not written{why}")

    # ------------------------------------------------------------------ ten times a second

    async def run(self) -> None:
        """Write until ``stop`` is called and the rest is written, or cannot be. No other cancellation ends it."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._keep_bound)
                while not self._stopping.is_set():
                    with trio.move_on_after(PERIOD if self.error is None else PATIENCE):
                        await self._stopping.wait()
                    await self._write_all()
                # what came while the last was written
                await self._write_all()
                nursery.cancel_scope.cancel()
            self._ended.set()

    async def stop(self) -> None:
        """Write what still waits; gives up after FAREWELL seconds."""
        self._stopping.set()
        with trio.move_on_after(FAREWELL, shield=True):
            await self._ended.wait()
        self._scope.cancel()

    async def _keep_bound(self) -> None:
        while True:
            await trio.sleep(PERIOD)
            now = trio.current_time()
            self.bound(now)
            self.watch(now)

    def watch(self, now: float) -> None:
        """Say so when the file has taken nothing for STUCK seconds although something waits, and when it does again."""
        octets = self._pen.octets
        if self._pen.is_done or octets != self._seen or self._moved_at == inf:
            self._seen, self._moved_at = octets, now
            if self._is_stuck:
                self._recover()
        elif self.error is None and now - self._moved_at >= STUCK:
            self._fail(f"nothing could be written for {STUCK:g} s")
            self._is_stuck = True

    def _fail(self, reason: str) -> None:
        self._is_stuck = False
        if self.error != reason:
            self.error = reason
            _log.error("--journal %s: %s; events wait for it, and traffic goes on", self.path, reason)

    def _recover(self) -> None:
        self._is_stuck = False
        if self.error is not None:
            self.error = None
            _log.warning("--journal %s: written again; %d events were not kept so far", self.path, self.lost)

    def bound(self, now: float) -> None:
        """Let go of the newest events where more wait than are kept; says so at most once a minute."""
        cells, place = self._cells, self._weighed
        room = max(0, self._events_max - self._pen.waiting)
        if not self._pen.is_done and len(cells) > LIGHT:
            # each is weighed once, and only while they pile up
            while place < len(cells) and self._weight <= self._octets_max:
                self._weight += _weight(cells[place])
                place += 1
            self._weighed = place
            room = min(room, place)
        if len(cells) <= room:
            return
        count, since, _ = self._gap or (0, cells[room][1], 0.0)
        self._gap = (count + len(cells) - room, since, cells[-1][1])
        self.lost += len(cells) - room
        del cells[room:]
        self._weighed = min(place, room)
        if now >= self._silent_until:
            self._silent_until = now + 60.0
            _log.error("--journal %s: too slow: %d events were not kept so far", self.path, self.lost)

    async def _write_all(self) -> None:
        """Finish what was handed over before, then hand over what has come since."""
        if self._pen.is_done or await self._write():
            # the folds hold on to the list itself
            cells, gap = self._cells[:], self._gap
            self._cells.clear()
            self._gap, self._weighed, self._weight = None, 0, 0
            if cells or gap:
                self._pen.give(cells, gap)
                await self._write()

    async def _write(self) -> bool:
        """Whether all that was handed over is written."""
        try:
            await trio.to_thread.run_sync(self._pen.write, abandon_on_cancel=True)
        except OSError as error:
            self._fail(error.strerror or str(error))
            return False
        self._recover()
        return True


def _weight(cell: Cell) -> int:
    """Octets of PDUs and texts that a cell holds on to."""
    kind, _, _, subject, _, kept = cell
    if kind in {SUBMITTED, REPLACED}:
        pdu, octets, *_ = kept
        # what a replacement leaves of the request has been weighed with the submission
        return len(octets) if pdu is None or kind == REPLACED else len(pdu.raw)
    if kind == MO_CREATED:
        carried = sum(len(one.short_message) + _octets_of(one.tlvs) for one in subject.segments)
        return len(subject.whole) + carried
    return _octets_of(kept[0].tlvs) if isinstance(subject, Broadcast) else 0


def _octets_of(tlvs: Iterable[Tlv]) -> int:
    return sum(len(tlv.value) for tlv in tlvs)


@asynccontextmanager
async def recording(smsc: Smsc, path: Path | None, now: float) -> AsyncIterator[Recorder | None]:
    """Keep the events of an SMSC in a file as long as this is entered; without a path, nothing.

    ``now`` is link time. Raises OSError at once when the file cannot be opened or its header not be written; what
    happens to the disk later is in the recorder's numbers.
    """
    if path is None:
        yield None
        return
    header = Header(smsc.clock.at(now), time.time(), smsc.clock.rate, smsc.seed, smsc.system_id)
    with open_sink(path) as sink:
        try:
            sink.write(header_line(header))
        except OSError as error:
            raise OSError(error.errno, f"--journal {path}: {error.strerror}") from error
        recorder = Recorder(smsc, sink, path)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(recorder.run)
            try:
                yield recorder
            finally:
                await recorder.stop()

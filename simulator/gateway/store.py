"""The database: one file of SQLite in WAL mode, written in batches, read beside.

It knows tables and rows, and nothing of what they mean to carriers or customers. All its methods block: they are called
in a thread, one at a time for the writing and one at a time for the reading. A batch is one transaction, so what
belongs together is kept together; the death of the process leaves what was written (that of the machine may cost the
last batches: WAL with synchronous=NORMAL does not wait for the disk).
"""

import fcntl
import json
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final, NamedTuple

from simulator.gateway.changes import Changes, Consent, EarlyReceipt, KeptPart
from simulator.gateway.ids import readings
from simulator.gateway.messages import Callback, Message, Page, Query
from simulator.gateway.rows import COLUMNS, doc_of, entry_of, state_of
from simulator.gateway.waiting import Entry

VERSION: Final = 1
IDS_AT_ONCE: Final = 300
"""Places in one question; SQLite admits 999 at least."""

_SCHEMA: Final = """
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, space TEXT NOT NULL, dialect TEXT NOT NULL, batch TEXT NOT NULL,
    direction TEXT NOT NULL, accepted_at REAL NOT NULL, status TEXT NOT NULL, charged INTEGER NOT NULL,
    doc TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX messages_by_space ON messages (space, seq);
CREATE INDEX messages_by_batch ON messages (batch, seq) WHERE batch <> '';
CREATE INDEX messages_open ON messages (seq) WHERE status IN ('queued', 'initiated');
CREATE TABLE ids (plain TEXT NOT NULL, id TEXT NOT NULL, part INTEGER NOT NULL);
CREATE INDEX ids_by_plain ON ids (plain);
CREATE TABLE callbacks (
    id INTEGER PRIMARY KEY, next_at REAL NOT NULL, tries INTEGER NOT NULL, dialect TEXT NOT NULL, space TEXT NOT NULL,
    method TEXT NOT NULL, url TEXT NOT NULL, body BLOB NOT NULL, headers TEXT NOT NULL, policy TEXT NOT NULL,
    about TEXT NOT NULL, wants_answer INTEGER NOT NULL, kind TEXT NOT NULL);
CREATE INDEX callbacks_by_time ON callbacks (next_at, id);
CREATE TABLE parts (
    key TEXT NOT NULL, number INTEGER NOT NULL, octets BLOB NOT NULL, data_coding INTEGER NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (key, number));
CREATE TABLE early (ids TEXT NOT NULL, stat TEXT NOT NULL, err TEXT NOT NULL, subscriber TEXT NOT NULL,
    at REAL NOT NULL);
CREATE TABLE consents (at REAL NOT NULL, source TEXT NOT NULL, destination TEXT NOT NULL, word TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE TABLE shelf (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (space, key));
CREATE INDEX consents_by_source ON consents (source, at);
"""

_CALLBACK: Final = "id, tries, dialect, space, method, url, body, headers, policy, about, wants_answer, kind, next_at"


class StoreError(Exception):
    """A file that is no database of ours, or belongs to a gateway that runs."""


class Left(NamedTuple):
    """What an earlier life of the gateway has left to do."""

    entries: list[Entry]
    """Queued and initiated, oldest first."""
    charged: dict[str, int]
    opted_out: set[tuple[str, str]]
    parts: list[KeptPart]
    early: list[EarlyReceipt]
    callback_last: int
    shelf: dict[tuple[str, str], str]


class DueCallback(NamedTuple):
    """A callback as it is kept."""

    callback: Callback
    next_at: float


class Store:
    """``path`` None keeps everything in memory, for as long as the process lives."""

    def __init__(self, path: Path | None) -> None:
        with ExitStack() as files:
            self._open(path, files)
            self._files = files.pop_all()

    def _open(self, path: Path | None, files: ExitStack) -> None:
        try:
            if path is not None:
                lock = files.enter_context(path.with_name(path.name + ".lock").open("w", encoding="ascii"))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            name = ":memory:" if path is None else str(path)
            self._writer = files.enter_context(
                closing(sqlite3.connect(name, isolation_level=None, check_same_thread=False))
            )
            self._prepare()
            # what is in memory belongs to its one connection
            self._reader = self._writer
            if path is not None:
                self._reader = files.enter_context(closing(sqlite3.connect(name, check_same_thread=False)))
        except BlockingIOError as error:
            raise StoreError(f"--db: {str(path)!r} is used by another gateway") from error
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"--db: {str(path)!r}: {error}") from error

    @property
    def is_shared(self) -> bool:
        """Whether reading has to wait for the writing."""
        return self._reader is self._writer

    def _prepare(self) -> None:
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA synchronous=NORMAL")
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return
        if version or self._writer.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise sqlite3.DatabaseError("a database, and none that this version of the gateway has made")
        self._writer.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version={VERSION};COMMIT;")

    def close(self) -> None:
        """Give the files back."""
        self._files.close()

    # ------------------------------------------------------------------ writing

    def write(self, rows: "Rows") -> None:
        """Keep a batch, whole or not at all. Raises sqlite3.Error."""
        execute = self._writer.execute
        execute("BEGIN IMMEDIATE")
        try:
            for statement, values in rows:
                self._writer.executemany(statement, values)
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("COMMIT")

    # ------------------------------------------------------------------ reading

    def left(self) -> Left:
        """Read what there was when the process ended."""
        ask = self._reader.execute
        entries = [
            entry_of(row)
            for row in ask(f"SELECT {COLUMNS} FROM messages WHERE status IN ('queued', 'initiated') ORDER BY seq")
        ]
        stops: dict[tuple[str, str], str] = {}
        for source, destination, word in ask("SELECT source, destination, word FROM consents ORDER BY at, rowid"):
            stops[source, destination] = word
        return Left(
            entries,
            dict(ask("SELECT space, sum(charged) FROM messages GROUP BY space")),
            {pair for pair, word in stops.items() if word == "stop"},
            [KeptPart(*row) for row in ask("SELECT key, number, octets, data_coding, at FROM parts ORDER BY at")],
            [
                EarlyReceipt(tuple(json.loads(ids)), *rest)
                for ids, *rest in ask("SELECT ids, stat, err, subscriber, at FROM early")
            ],
            ask("SELECT coalesce(max(id), 0) FROM callbacks").fetchone()[0],
            {(space, key): value for space, key, value in ask("SELECT space, key, value FROM shelf")},
        )

    def find(self, message_id: str) -> Entry | None:
        """A message by its id."""
        row = self._reader.execute(f"SELECT {COLUMNS} FROM messages WHERE id = ?", (message_id,)).fetchone()
        return None if row is None else entry_of(row)

    def owners(self, asked: Sequence[tuple[str, ...]]) -> dict[str, list[tuple[Entry, int]]]:
        """Messages whose carrier's ids may be meant by any of these ids, with the part, by plain form of the id."""
        forms = list({reading for ids in asked for smsc_id in ids for reading in readings(smsc_id)})
        found: dict[str, list[tuple[Entry, int]]] = {}
        for start in range(0, len(forms), IDS_AT_ONCE):
            some = forms[start : start + IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            for plain, part, *row in self._reader.execute(
                f"SELECT ids.plain, ids.part, {COLUMNS} FROM ids JOIN messages USING (id)"
                f" WHERE ids.plain IN ({marks}) ORDER BY messages.seq",
                some,
            ):
                found.setdefault(plain, []).append((entry_of((row[0], row[1], row[2], row[3])), part))
        return found

    def page(self, query: Query) -> Page:
        """Messages of a space."""
        wheres, values = ["space = ?"], [query.space]
        more: list[tuple[str, Any]] = [
            ("dialect = ?", query.dialect),
            ("batch = ?", query.batch),
            ("direction = ?", query.direction),
            ("accepted_at >= ?", query.since),
            ("accepted_at < ?", query.until),
        ]
        sign = ">" if query.is_oldest_first else "<"
        if query.after:
            more.append((f"seq {sign} (SELECT seq FROM messages WHERE id = ?)", query.after))
        for where, value in more:
            if value not in {None, ""}:
                wheres.append(where)
                values.append(value)
        order = "ASC" if query.is_oldest_first else "DESC"
        rows = self._reader.execute(
            f"SELECT {COLUMNS} FROM messages WHERE {' AND '.join(wheres)} ORDER BY seq {order} LIMIT ? OFFSET ?",
            (*values, query.limit + 1, query.offset),
        ).fetchall()
        return Page([entry_of(row).message for row in rows[: query.limit]], len(rows) > query.limit)

    def due(self, before: float, limit: int, skipped: frozenset[int]) -> tuple[list[DueCallback], float | None]:
        """Callbacks due before a time, without those skipped, and when the next one beyond is due (None: never)."""
        rows: list[DueCallback] = []
        next_at = None
        for row in self._reader.execute(f"SELECT {_CALLBACK} FROM callbacks ORDER BY next_at, id"):
            if row[0] in skipped:
                continue
            if row[12] > before or len(rows) >= limit:
                next_at = row[12]
                break
            rows.append(_due(row))
        return rows, next_at

    def consents(self, source: str) -> list[Consent]:
        """What subscribers told a sender, oldest first."""
        asked = "SELECT at, source, destination, word, text FROM consents WHERE source = ? ORDER BY at, rowid"
        return [Consent(*row) for row in self._reader.execute(asked, (source,))]

    def counts(self) -> dict[str, int]:
        """Messages by status."""
        return dict(self._reader.execute("SELECT status, count(*) FROM messages GROUP BY status"))


def _due(row: tuple[Any, ...]) -> DueCallback:
    number, tries, dialect, space, method, url, body, headers, policy, about, wants_answer, kind, next_at = row
    pairs = tuple((name, value) for name, value in json.loads(headers))
    return DueCallback(
        Callback(dialect, space, url, body, pairs, policy, about, bool(wants_answer), kind, number, tries, method),
        next_at,
    )


_NEW_MESSAGE: Final = (
    "INSERT INTO messages (id, space, dialect, batch, direction, accepted_at, status, charged, doc, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NEW_CALLBACK: Final = (
    "INSERT INTO callbacks (id, next_at, tries, dialect, space, method, url, body, headers, policy, about,"
    " wants_answer, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

Rows = list[tuple[str, list[tuple[Any, ...]]]]
"""Statements and the values that each is run with, in order."""


def rows_of(changes: Changes, now: float) -> Rows:
    """A batch as rows. Made where the changes are made, so that nothing changes meanwhile."""
    fresh, other = [], []
    for entry in changes.entries.values():
        message = entry.message
        state = state_of(message, entry.reference, entry.parts)
        if entry.is_kept:
            other.append((message.status.value, message.charged, state, message.id))
        else:
            entry.is_kept = True
            fresh.append(_fresh(message, state))
    fresh += [_fresh(message, state_of(message, 0, [])) for message in changes.inbound]
    early = [(json.dumps(kept.ids), kept.stat, kept.err, kept.subscriber, kept.at) for kept in changes.early]
    stale = [] if changes.early_before is None else [(changes.early_before,)]
    every: Rows = [
        (_NEW_MESSAGE, fresh),
        ("UPDATE messages SET status = ?, charged = ?, state = ? WHERE id = ?", other),
        ("UPDATE messages SET doc = ? WHERE id = ?", [(doc_of(one.order), one.id) for one in changes.redacted]),
        ("INSERT INTO ids (plain, id, part) VALUES (?, ?, ?)", list(changes.ids)),
        (_NEW_CALLBACK, [_callback(callback, now) for callback in changes.callbacks]),
        ("UPDATE callbacks SET tries = ?, next_at = ? WHERE id = ?", list(changes.callbacks_later)),
        ("DELETE FROM callbacks WHERE id = ?", [(number,) for number in changes.callbacks_done]),
        (
            "INSERT OR REPLACE INTO parts (key, number, octets, data_coding, at) VALUES (?, ?, ?, ?, ?)",
            [(part.key, part.number, part.octets, part.data_coding, part.at) for part in changes.parts],
        ),
        ("DELETE FROM parts WHERE key = ?", [(key,) for key in changes.parts_done]),
        ("INSERT INTO early (ids, stat, err, subscriber, at) VALUES (?, ?, ?, ?, ?)", early),
        ("DELETE FROM early WHERE at < ?", stale),
        (
            "INSERT INTO consents (at, source, destination, word, text) VALUES (?, ?, ?, ?, ?)",
            [(one.at, one.source, one.destination, one.word, one.text) for one in changes.consents],
        ),
    ]
    every.append(("INSERT OR REPLACE INTO shelf (space, key, value) VALUES (?, ?, ?)", list(changes.shelf)))
    return [(statement, values) for statement, values in every if values]


def _fresh(message: Message, state: str) -> tuple[Any, ...]:
    order = message.order
    return (
        order.id,
        order.space,
        order.dialect,
        order.batch,
        order.direction,
        order.accepted_at,
        message.status.value,
        message.charged,
        doc_of(order),
        state,
    )


def _callback(callback: Callback, now: float) -> tuple[Any, ...]:
    return (
        callback.id,
        now,
        callback.tries,
        callback.dialect,
        callback.space,
        callback.method,
        callback.url,
        callback.body,
        json.dumps(callback.headers),
        callback.policy,
        callback.about,
        callback.wants_answer,
        callback.kind,
    )


__all__ = ["DueCallback", "Left", "Rows", "Store", "StoreError", "rows_of"]

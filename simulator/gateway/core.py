"""The gateway's core: takes orders, hears carriers, keeps everything in batches, tells the dialects.

One task does all of it, turn by turn: what has happened since the last turn is written in one transaction; then what
had to wait for that goes out (answers to customers and carriers, submits, callbacks). So no message has a task, a lock
or an await of its own, and nothing is promised that is not kept.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, Final, TypeVar, TypeVarTuple
from uuid import uuid4

import trio

from simulator.gateway.changes import Changes, Consent, EarlyReceipt
from simulator.gateway.config import Config
from simulator.gateway.ids import is_about, plain, readings
from simulator.gateway.inbound import Assembler, Joined, keyword_of
from simulator.gateway.letters import HeardReceipt, hear
from simulator.gateway.links import keep_link
from simulator.gateway.messages import (
    Answer,
    Callback,
    Closing,
    Dialect,
    Inbound,
    Message,
    Number,
    Order,
    Page,
    Progress,
    Query,
    Status,
)
from simulator.gateway.outbox import Outbox
from simulator.gateway.routes import Route, Routes
from simulator.gateway.store import Store, rows_of
from simulator.gateway.waiting import Entry
from simulator.gateway.webhooks import Webhooks
from simulator.net.client import Delivered, Esme

SWEEP: Final = 5.0
"""Seconds between two looks for what has waited too long."""
FAREWELL: Final = 5.0
"""Seconds that what is under way has at the end."""
WRITE_AGAIN: Final = 1.0
"""Seconds after which a batch that could not be written is tried again (a full disk)."""

_REPLIES: Final = {
    "stop": "You have been unsubscribed and will receive no further messages. Reply START to resubscribe.",
    "start": "You have been resubscribed. Reply STOP to unsubscribe.",
    "help": "Reply STOP to unsubscribe.",
}

Asked = TypeVarTuple("Asked")
Told = TypeVar("Told")

_log = logging.getLogger(__name__)


def running_clock() -> Callable[[], float]:
    """Unix seconds that never go back: the time of the start and trio's clock."""
    begun = time.time() - trio.current_time()
    return lambda: begun + trio.current_time()


class Core:
    """``Gateway`` for the dialects. ``await run(...)`` is its life."""

    def __init__(self, config: Config, store: Store, *, clock: Callable[[], float] | None = None) -> None:
        self.config = config
        self.now = clock or running_clock()
        self._store = store
        self._writing_limit = trio.CapacityLimiter(1)
        self._reading_limit = self._writing_limit if store.is_shared else trio.CapacityLimiter(1)
        self._woken = trio.Event()
        self._is_closing = False
        self._dialects: dict[str, Dialect] = {}
        self._numbers = {
            number.number.lower(): number for number in (settings.number_of() for settings in config.numbers)
        }
        self._prefixes = sorted(config.networks.items(), key=lambda row: -len(row[0]))
        self.routes = Routes(config.carriers())
        self.outbox = Outbox(config, self.routes, clock=self.now, tell=self._tell, woken=self._wake)
        self.webhooks = Webhooks(
            config,
            store,
            clock=self.now,
            changes=self._changes,
            done=self._answered,
            woken=self._wake,
            reading=self._reading_limit,
        )
        self._assembler = Assembler(config.letters.parts_wait)
        self._unplaced: list[tuple[HeardReceipt, Callable[[], None]]] = []
        self._written = Changes()
        """What is being written."""
        self._callback_last = 0
        self._shelf: dict[tuple[str, str], str] = {}

    # ------------------------------------------------------------------ what dialects ask

    def listen(self, dialect: Dialect) -> None:
        """See ``Gateway``; so are all that have no docstring of their own."""
        self._dialects[dialect.name] = dialect

    async def accept(self, orders: Sequence[Order]) -> list[Message]:
        """See ``Gateway``."""
        entries = self.take(orders)
        await self._kept()
        return [entry.message for entry in entries]

    def take(self, orders: Sequence[Order]) -> list[Entry]:
        """Accept without waiting until it is kept. Raises Full, Closing."""
        if self._is_closing:
            raise Closing
        entries = self.outbox.accept(orders)
        self._wake()
        return entries

    async def _kept(self) -> None:
        """Wait until everything that has happened is kept."""
        kept = trio.Event()
        self._changes().then.append(kept.set)
        self._wake()
        await kept.wait()

    async def find(self, space: str, message_id: str) -> Message | None:
        """See ``Gateway``."""
        entry = self._remembered(message_id)
        if entry is None:
            entry = await self._read(self._store.find, message_id)
            # what has happened meanwhile is newer
            entry = self._remembered(message_id) or entry
        return entry.message if entry is not None and entry.message.order.space == space else None

    def _remembered(self, message_id: str) -> Entry | None:
        """A message that is not finished, or finished and not kept yet."""
        for known in (self.outbox.entries, self.outbox.changes.entries, self._written.entries):
            entry = known.get(message_id)
            if entry is not None:
                return entry
        return None

    async def list(self, query: Query) -> Page:
        """See ``Gateway``."""
        page = await self._read(self._store.page, query)
        messages = []
        for message in page.messages:
            entry = self._remembered(message.id)
            messages.append(message if entry is None else entry.message)
        return Page(messages, page.has_more)

    async def redact(self, space: str, message_id: str) -> Message | None:
        """See ``Gateway``."""
        message = await self.find(space, message_id)
        if message is not None:
            message.order.text = ""
            self._changes().redacted.append(message)
            await self._kept()
        return message

    async def consents(self, number: str) -> Sequence[Consent]:
        """What subscribers told a sender, oldest first."""
        return await self._read(self._store.consents, number.lower())

    def get(self, space: str, key: str) -> str:
        """What a dialect has put on its shelf; empty where it has not."""
        return self._shelf.get((space, key), "")

    async def put(self, space: str, key: str, value: str) -> None:
        """Keep a text of a dialect's for good."""
        self._shelf[space, key] = value
        self._changes().shelf.append((space, key, value))
        await self._kept()

    def room(self, space: str) -> int:
        """See ``Gateway``."""
        return self.outbox.backlog.room(space)

    def charged(self, space: str) -> int:
        """See ``Gateway``."""
        return self.outbox.charged[space]

    def number(self, number: str) -> Number | None:
        """See ``Gateway``."""
        return self._numbers.get(number.removeprefix("+").lower())

    def numbers(self, space: str) -> Sequence[Number]:
        """See ``Gateway``."""
        return [number for number in self._numbers.values() if number.space == space]

    def is_opted_out(self, source: str, destination: str) -> bool:
        """See ``Gateway``."""
        return (source.lower(), destination) in self.outbox.opted_out

    def network_of(self, destination: str) -> str:
        """See ``Gateway``."""
        return next((name for prefix, name in self._prefixes if destination.startswith(prefix)), "")

    async def health(self) -> dict[str, Any]:
        """Where the gateway stands, in numbers."""
        return {
            "carriers": [
                {
                    "name": route.name,
                    "links": len(route.links),
                    "submitted": route.submitted,
                    "refused": route.refused,
                    "answers_lost": route.lost,
                }
                for route in self.routes.all
            ],
            "backlog": len(self.outbox.backlog),
            "open": len(self.outbox.entries),
            "counts": dict(self.outbox.counts),
            "callbacks": {"waiting": self.webhooks.waiting, **self.webhooks.counts},
        }

    # ------------------------------------------------------------------ what happens

    def _changes(self) -> Changes:
        return self.outbox.changes

    def _wake(self) -> None:
        self._woken.set()

    def _tell(self, message: Message, progress: Progress) -> None:
        dialect = self._dialects.get(message.order.dialect)
        if dialect is not None:
            self._owe(_asked(lambda: dialect.progressed(message, progress)))

    def _owe(self, callbacks: Sequence[Callback]) -> None:
        changes = self._changes()
        for callback in callbacks:
            self._callback_last += 1
            callback.id = self._callback_last
            changes.callbacks.append(callback)
            changes.then.append(partial(self.webhooks.put, callback))

    def _answered(self, callback: Callback, answer: Answer) -> None:
        """What came back for a callback whose dialect wants to know."""
        dialect = self._dialects.get(callback.dialect)
        if dialect is not None:
            self._accept_own(_asked(lambda: dialect.answered(callback, answer)))

    def _accept_own(self, orders: Sequence[Order]) -> None:
        """Orders of our own making: nobody can be told that the backlog is full."""
        if not orders:
            return
        try:
            self.take(orders)
        except Exception as error:  # noqa: BLE001 - a reply that cannot be taken must not end what came in
            self.outbox.counts["replies_lost"] += len(orders)
            _log.warning("a reply was not taken: %s", error)

    def heard(self, pdu: Delivered, esme: Esme) -> None:
        """A delivery came; it is answered once it is kept what it said."""

        def answer() -> None:
            esme.answer(pdu)

        heard = hear(pdu)
        if heard is None:
            self.outbox.counts["unread"] += 1
            answer()
        elif isinstance(heard, HeardReceipt):
            if self.outbox.place(heard):
                self._changes().then.append(answer)
            else:
                self._unplaced.append((heard, answer))
        else:
            joined, kept = self._assembler.put(heard, self.now())
            if kept is not None:
                self._changes().parts.append(kept)
            if joined is not None:
                self._arrived(joined)
            self._changes().then.append(answer)
        self._wake()

    def _arrived(self, joined: Joined) -> None:
        """A subscriber's message is as complete as it will be."""
        changes = self._changes()
        if joined.key:
            changes.parts_done.append(joined.key)
        number = self.number(joined.destination)
        if number is None or not number.can_receive:
            self.outbox.counts["inbound_unconfigured"] += 1
            return
        now = self.now()
        order = Order(
            str(uuid4()),
            number.dialect,
            number.space,
            joined.source,
            number.number,
            joined.text,
            accepted_at=now,
            direction="inbound",
        )
        message = Message(order, Status.RECEIVED, joined.segments, history=[Progress(Status.RECEIVED, now)])
        self.outbox.counts["inbound"] += 1
        changes.inbound.append(message)
        keyword = keyword_of(joined.text)
        inbound = Inbound(message, keyword, keyword != "" and number.opt_out == "platform", joined.is_complete)
        if keyword:
            self._mind(inbound, number)
        dialect = self._dialects.get(number.dialect)
        if dialect is not None:
            self._owe(_asked(lambda: dialect.arrived(inbound, number)))

    def _mind(self, inbound: Inbound, number: Number) -> None:
        """Note what a subscriber has agreed to; where the platform minds it, obey and answer."""
        order, now = inbound.message.order, self.now()
        source, word = number.number.lower(), inbound.keyword
        if word != "help":
            self._changes().consents.append(Consent(now, source, order.source, word, order.text))
        if not inbound.is_answered:
            return
        pair = source, order.source
        # exactly one confirmation goes out after the opt-out, and must pass it
        was_out = pair in self.outbox.opted_out
        if word == "start":
            self.outbox.opted_out.discard(pair)
        if word != "stop" or not was_out:
            reply = Order(
                str(uuid4()),
                number.dialect,
                number.space,
                number.number,
                order.source,
                _REPLIES[word],
                extras={"automatic": word},
            )
            self._accept_own([reply])
        if word == "stop":
            self.outbox.opted_out.add(pair)

    # ------------------------------------------------------------------ its life

    async def run(self, leave: trio.Event, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Take up what an earlier life has left, bind, and work until ``leave`` is set; then end in order."""
        await self._restore()
        gone = trio.Event()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._work, gone)
            task_status.started()
            async with trio.open_nursery() as links:
                links.start_soon(self.webhooks.run, leave)
                for route in self.routes.all:
                    for number in range(1, route.settings.links + 1):
                        links.start_soon(self._link, route, leave, number)
                await leave.wait()
                self._is_closing = True
            await self._kept()
            self.outbox.hold_back()
            gone.set()
            self._wake()

    async def _link(self, route: Route, leave: trio.Event, number: int) -> None:
        await keep_link(route, heard=self.heard, woken=self._wake, leave=leave, number=number)

    async def _restore(self) -> None:
        left = await self._read(self._store.left)
        self.outbox.charged.update(left.charged)
        self.outbox.opted_out |= left.opted_out
        self._callback_last = left.callback_last
        self._shelf.update(left.shelf)
        for entry in left.entries:
            self.outbox.restore(entry)
        for part in left.parts:
            self._assembler.restore(part)
        for early in left.early:
            self.outbox.keep_early(HeardReceipt(early.ids, early.stat, early.err, early.subscriber, ""), early.at)

    async def _work(self, gone: trio.Event) -> None:
        swept_at = -inf
        while True:
            now = self.now()
            if now >= swept_at + SWEEP:
                self._sweep(now)
                swept_at = now
            self.outbox.fill()
            self.outbox.post()
            if self.outbox.changes or self._unplaced:
                await self._turn()
                continue
            if gone.is_set():
                return
            self._woken = trio.Event()
            deadline = min(self.outbox.next_at(), self._assembler.next_at() or inf, swept_at + SWEEP)
            with trio.move_on_after(max(0.0, deadline - now)):
                await self._woken.wait()
            # deliveries and orders that come in a burst share a turn
            await trio.lowlevel.checkpoint()

    def _sweep(self, now: float) -> None:
        self.outbox.expire()
        before = now - self.config.receipts.early
        if self.outbox.forget_early(before):
            self._changes().early_before = before
        for joined in self._assembler.late(now):
            self._arrived(joined)

    async def _turn(self) -> None:
        """Keep what has happened, then let go what waited for it."""
        changes, self.outbox.changes = self.outbox.changes, Changes()
        unplaced, self._unplaced = self._unplaced, []
        self._written = changes
        rows = rows_of(changes, self.now())
        while rows:
            try:
                await trio.to_thread.run_sync(self._store.write, rows, limiter=self._writing_limit)
            except sqlite3.Error as error:
                _log.error("nothing can be kept: %s", error)
                await trio.sleep(WRITE_AGAIN)
            else:
                break
        self._written = Changes()
        for then in changes.then:
            then()
        if unplaced:
            await self._look_up(unplaced)

    async def _look_up(self, unplaced: Sequence[tuple[HeardReceipt, Callable[[], None]]]) -> None:
        """Receipts whose messages are not in memory: finished, long ago, or not answered yet."""
        found = await self._read(self._store.owners, [heard.ids for heard, _ in unplaced])
        for heard, answer in unplaced:
            # its response may have come while we read
            if not self.outbox.place(heard):
                self._recall(heard, found)
            self._changes().then.append(answer)

    def _recall(self, heard: HeardReceipt, found: Mapping[str, Sequence[tuple[Entry, int]]]) -> None:
        for smsc_id in heard.ids:
            for reading in readings(smsc_id):
                for entry, part in found.get(reading, ()):
                    is_exact = reading == plain(smsc_id)
                    if is_exact or is_about(heard.subscriber, entry.message.order.destination):
                        self.outbox.recalled(entry, part, heard)
                        return
        now = self.now()
        if self.outbox.keep_early(heard, now):
            self._changes().early.append(EarlyReceipt(heard.ids, heard.stat, heard.err, heard.subscriber, now))

    async def _read(self, question: Callable[[*Asked], Told], *asked: *Asked) -> Told:
        """Ask the database, in a thread."""
        return await trio.to_thread.run_sync(question, *asked, limiter=self._reading_limit)


def _asked(question: Callable[[], Iterable[Told]]) -> Sequence[Told]:
    """What a dialect says; one that fails must not take the core with it."""
    try:
        return list(question())
    except Exception:  # noqa: BLE001 - whatever it was, messages go on
        _log.exception("a dialect failed")
        return []

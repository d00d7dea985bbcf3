"""Callbacks on their way: a bounded number in memory, the rest in the database; tried again as the dialect says.

It knows which are due and in which order; how a request is made it leaves to callers.py, what a callback says to the
dialects. Those about one message go one after the other; one that has failed does not hold up those behind it.
"""

import logging
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from math import inf
from typing import Final

import trio

from simulator.gateway.callers import Caller, CallFailed
from simulator.gateway.changes import Changes
from simulator.gateway.config import CallbackSettings, Config
from simulator.gateway.messages import Answer, Callback
from simulator.gateway.store import Store

LOADED_MAX: Final = 5_000
"""Callbacks in memory."""

_log = logging.getLogger(__name__)


class Webhooks:
    """``done`` is told what came back for those that want to know; ``woken`` that there is something to keep."""

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        clock: Callable[[], float],
        changes: Callable[[], Changes],
        done: Callable[[Callback, Answer], None],
        woken: Callable[[], None],
        reading: trio.CapacityLimiter,
    ) -> None:
        self._config, self._store, self._clock, self._changes = config, store, clock, changes
        self._done, self._woken, self._reading = done, woken, reading
        self._caller = Caller(config.allow_targets, config.callbacks_ca)
        self._loaded: set[int] = set()
        self._gone: set[int] = set()
        """Callbacks that are not ours to send now, although the database may not say so yet."""
        self._forgettable: list[int] | None = None
        """Those of them that the database knows by now; None while it is not being read."""
        self._ready: deque[Callback] = deque()
        self._behind: dict[str, deque[Callback]] = {}
        """By message: what waits until the callback before it is through."""
        self._later: list[tuple[float, int, Callback]] = []
        self._spilled_at = -inf
        """When something that is only in the database is due; at first there may be anything."""
        self._idle = trio.lowlevel.ParkingLot()
        self._looked = trio.Event()
        self.counts: Counter[str] = Counter()

    def put(self, callback: Callback) -> None:
        """One more is due; it is kept already."""
        if callback.id in self._loaded or callback.id in self._gone:
            # kept a moment ago, and found in the database before we were told
            return
        if len(self._loaded) >= LOADED_MAX or self._spilled_at <= self._clock():
            # behind those that wait in the database
            self._spill(self._clock())
        else:
            self._load(callback)

    def _spill(self, due_at: float) -> None:
        if due_at < self._spilled_at:
            self._spilled_at = due_at
            self._looked.set()

    def _load(self, callback: Callback) -> None:
        self._loaded.add(callback.id)
        if callback.about and not callback.tries:
            behind = self._behind.get(callback.about)
            if behind is not None:
                behind.append(callback)
                return
            self._behind[callback.about] = deque()
        self._ready.append(callback)
        self._idle.unpark()

    @property
    def waiting(self) -> int:
        """Callbacks in memory."""
        return len(self._loaded)

    async def run(self, leave: trio.Event) -> None:
        """Send until ``leave`` is set; what is not sent then is sent in the next life."""
        async with trio.open_nursery() as nursery:
            for _ in range(self._config.callbacks_at_once):
                nursery.start_soon(self._send)
            nursery.start_soon(self._look)
            await leave.wait()
            nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await self._caller.close()

    async def _look(self) -> None:
        """Bring what is due: those that are tried again, and those that only the database has."""
        while True:
            now = self._clock()
            while self._later and self._later[0][0] <= now:
                self._ready.append(heappop(self._later)[2])
                self._idle.unpark()
            has_room = len(self._loaded) < LOADED_MAX // 2
            if has_room and self._spilled_at <= now:
                await self._fetch(now)
                continue
            self._looked = trio.Event()
            next_at = min(self._later[0][0] if self._later else inf, self._spilled_at if has_room else inf)
            with trio.move_on_after(max(0.0, next_at - now)):
                await self._looked.wait()

    async def _fetch(self, now: float) -> None:
        skipped = frozenset(self._loaded | self._gone)
        self._spilled_at, self._forgettable = inf, []
        rows, next_at = await trio.to_thread.run_sync(
            self._store.due, now, LOADED_MAX // 2, skipped, limiter=self._reading
        )
        for callback, _ in rows:
            if callback.id not in self._loaded and callback.id not in self._gone:
                self._load(callback)
        self._gone.difference_update(self._forgettable)
        self._forgettable = None
        if next_at is not None:
            self._spilled_at = min(self._spilled_at, max(next_at, now))

    async def _send(self) -> None:
        while True:
            while not self._ready:
                await self._idle.park()
            callback = self._ready.popleft()
            policy = self._policy(callback)
            try:
                answer = await self._caller.call(callback, policy)
            except CallFailed as error:
                answer = Answer(0, "", str(error).encode())
            except Exception:  # noqa: BLE001 - one callback's fault is not the next one's
                _log.exception("callback %d failed by an error of ours", callback.id)
                answer = Answer(0, "", b"internal error")
            self._through(callback, answer, policy)
            await trio.lowlevel.checkpoint()

    def _policy(self, callback: Callback) -> CallbackSettings:
        rows = self._config.callbacks
        return rows.get(callback.policy or callback.dialect) or CallbackSettings()

    def _through(self, callback: Callback, answer: Answer, policy: CallbackSettings) -> None:
        """One try is over."""
        is_first = callback.tries == 0
        callback.tries += 1
        is_taken = answer.status == 200 if policy.accepted == "200" else 200 <= answer.status < 300
        self.counts["tries"] += 1
        if not is_taken and callback.tries <= len(policy.pauses):
            self._try_later(callback, policy.pauses[callback.tries - 1])
        else:
            self.counts["taken" if is_taken else "given_up"] += 1
            if not is_taken:
                _log.info("callback about %s given up after %d tries", callback.about, callback.tries)
            self._let_go(callback.id)
            self._changes().callbacks_done.append(callback.id)
            if callback.wants_answer:
                self._done(callback, answer)
        if is_first and callback.about:
            self._next_about(callback.about)
        self._woken()
        if self._spilled_at <= self._clock() and len(self._loaded) < LOADED_MAX // 2:
            self._looked.set()

    def _try_later(self, callback: Callback, pause: float) -> None:
        due_at = self._clock() + pause
        self._changes().callbacks_later.append((callback.tries, due_at, callback.id))
        if len(self._loaded) >= LOADED_MAX // 2:
            # the target is down, and there are many: these wait in the database
            self._let_go(callback.id)
            self._spill(due_at)
        else:
            heappush(self._later, (due_at, callback.id, callback))
            self._looked.set()

    def _let_go(self, number: int) -> None:
        """It leaves memory. Until that is kept, whoever reads the database finds what was true before."""
        self._loaded.discard(number)
        self._gone.add(number)
        self._changes().then.append(partial(self._forget, number))

    def _forget(self, number: int) -> None:
        if self._forgettable is None:
            self._gone.discard(number)
        else:
            self._forgettable.append(number)

    def _next_about(self, about: str) -> None:
        behind = self._behind[about]
        if behind:
            self._ready.append(behind.popleft())
            self._idle.unpark()
        else:
            del self._behind[about]

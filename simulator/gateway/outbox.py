"""What becomes of a message, from its acceptance to its receipt: all decisions, no I/O, the time an argument.

It knows the backlog, the carriers' routes, the classes of errors and how parts make a whole. It does not know how a
batch is written, only what belongs into it; nor when its methods are called, but that they are called in one task.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from math import inf
from typing import Final

from simulator.gateway.backlog import Backlog
from simulator.gateway.changes import Changes
from simulator.gateway.config import Config
from simulator.gateway.ids import Index, Place, is_about, plain, readings
from simulator.gateway.letters import HeardReceipt, cut, network_error, pieces_of, submit_of
from simulator.gateway.messages import Cause, CauseKey, Full, Message, NumberKind, Order, Progress, Status
from simulator.gateway.routes import Route, Routes
from simulator.gateway.waiting import Entry, PartOf, PartState
from simulator.net.client import LinkClosed
from simulator.smpp.constants import CommandStatus, status_name
from simulator.smpp.pdus import GenericNack, Response, SubmitSmResp

Tell = Callable[[Message, Progress], None]
"""Told of everything that happens to a message."""

_SLOW_DOWN: Final = frozenset({int(CommandStatus.ESME_RTHROTTLED), int(CommandStatus.ESME_RMSGQFUL)})
"""The whole carrier is left alone for a while; the message only waits."""
BEGUN_MAX: Final = 50
"""Segments begun in one turn: a carrier's window for receipts is short, and each turn answers but one of them."""
EARLY_MAX: Final = 20_000
"""Readings of receipts that wait for their response."""
_INTERMEDIATE: Final = frozenset({"ENROUTE", "ACCEPTD", "SCHEDULED"})
_ARRIVED: Final = frozenset({"DELIVRD", "DELIVERED"})


class Submit:
    """One segment that was written to a link; ``net.client`` brings it the answer."""

    __slots__ = ("entry", "outbox", "part", "route")

    def __init__(self, outbox: "Outbox", entry: Entry, part: int, route: Route) -> None:
        self.outbox, self.entry, self.part, self.route = outbox, entry, part, route

    def keep(self, response: Response | Exception) -> None:
        """The answer, or why there is none."""
        self.outbox.answered(self.entry, self.part, self.route, response)


class Outbox:
    """All messages that are not finished. ``woken`` is called when there may be something to do."""

    def __init__(
        self, config: Config, routes: Routes, *, clock: Callable[[], float], tell: Tell, woken: Callable[[], None]
    ) -> None:
        self._config, self.routes, self._clock, self._tell, self._woken = config, routes, clock, tell, woken
        self._temporary = frozenset(config.retry.temporary)
        self._kinds: dict[str, tuple[NumberKind, float | None]] = {
            number.number.removeprefix("+").lower(): (number.kind, number.pace) for number in config.numbers
        }
        self.backlog = Backlog(config.backlog, self.pace_of)
        self.changes = Changes()
        """What the next batch keeps; whoever writes it puts a new one here."""
        self.charged: Counter[str] = Counter()
        self.opted_out: set[tuple[str, str]] = set()
        self.entries: dict[str, Entry] = {}
        self.index = Index()
        self.counts: Counter[str] = Counter()
        """How often what happened, for whoever watches."""
        self._awaited: OrderedDict[str, Entry] = OrderedDict()
        self._ready: deque[tuple[Entry, int]] = deque()
        self._again: list[tuple[float, int, Entry, int]] = []
        self._early: dict[str, tuple[HeardReceipt, float]] = {}
        self._reference = int(clock()) & 0xFFFF
        self._count = 0

    def pace_of(self, dialect: str, source: str) -> float | None:
        """Segments a second of a sender; None: as fast as it goes."""
        kind, pace = self._kinds.get(source.lower(), (kind_of(source), None))
        return pace if pace is not None else self._config.pace.get(dialect, {}).get(kind)

    # ------------------------------------------------------------------ accepting

    def accept(self, orders: Sequence[Order]) -> list[Entry]:
        """Take all orders or none. Raises Full."""
        spaces = Counter(order.space for order in orders)
        for space, count in spaces.items():
            if count > self.backlog.room(space):
                raise Full(space, self.backlog.room(space))
        now = self._clock()
        return [self._accept(order, now) for order in orders]

    def _accept(self, order: Order, now: float) -> Entry:
        order.accepted_at = order.accepted_at or now
        message = Message(order)
        self._reference = (self._reference + 1) & 0xFFFF
        entry = Entry(message, self._reference, is_urgent=order.is_urgent)
        self.entries[order.id] = entry
        self._limit(entry)
        self.progress(entry, Status.QUEUED)
        self.counts["accepted"] += 1
        if order.charged_at is Status.QUEUED:
            self._charge(entry)
        try:
            entry.pieces = cut(order.text, entry.reference, self._config.letters)
        except ValueError as error:
            self.fail(entry, "too_long", str(error))
        else:
            message.segments = len(entry.pieces)
            entry.parts = [PartOf() for _ in entry.pieces]
            self.backlog.put(entry, now)
        return entry

    def _limit(self, entry: Entry) -> None:
        order = entry.message.order
        begun = max(order.accepted_at, order.scheduled_at or 0.0)
        entry.expires_at = order.expires_at if order.expires_at is not None else begun + self._config.queue_lifetime

    def restore(self, entry: Entry) -> None:
        """Take up a message that an earlier life has left, queued or initiated."""
        self.entries[entry.id] = entry
        self._limit(entry)
        if entry.message.status is Status.QUEUED:
            self.backlog.put(entry, self._clock())
            return
        # whatever has no answer may have been submitted: nobody can know
        for at, part in enumerate(entry.parts):
            if part.state is PartState.ACCEPTED:
                self.index.put(part.smsc_id, Place(entry, at))
            elif part.state is PartState.HELD:
                part.state = PartState.WAITING
                self._ready.append((entry, at))
            elif part.state is not PartState.REFUSED:
                part.state = PartState.WAITING
                self._lost(entry, at, None)
        self._settle(entry)

    def hold_back(self) -> None:
        """All links have ended in order: note of what was begun and waits that no carrier has it."""
        for entry in self.entries.values():
            if entry.message.status is Status.INITIATED:
                self.changes.entries[entry.id] = entry
                for part in entry.parts:
                    if part.state is PartState.WAITING:
                        part.state = PartState.HELD

    # ------------------------------------------------------------------ submitting

    def fill(self) -> None:
        """Take from the backlog what can leave soon; it leaves once it is kept that it has begun."""
        now = self._clock()
        room = min(BEGUN_MAX, self.routes.room(now) + self._config.ahead - len(self._ready))
        if not any(route.is_open(now) for route in self.routes.all):
            return
        while room > 0:
            entry = self.backlog.take(now)
            if entry is None:
                return
            room -= self._begin(entry, now)

    def _begin(self, entry: Entry, now: float) -> int:
        order = entry.message.order
        if entry.expires_at <= now:
            self.fail(entry, "queue_expired")
        elif (order.source.lower(), order.destination) in self.opted_out and "automatic" not in order.extras:
            self.fail(entry, "opted_out_platform")
        elif order.extras.get("filtered"):
            self.fail(entry, "filtered_platform")
        elif not self.routes.fitting(order.destination):
            self.fail(entry, "no_route")
        else:
            self.progress(entry, Status.INITIATED)
            self.changes.then.append(lambda: self._ready.extend((entry, part) for part in range(len(entry.parts))))
            return len(entry.parts)
        return 0

    def post(self) -> None:
        """Write as many segments as the windows take."""
        now = self._clock()
        while self._again and self._again[0][0] <= now:
            _, _, entry, part = heappop(self._again)
            self._ready.append((entry, part))
        passed: list[tuple[Entry, int]] = []
        while self._ready:
            entry, part = self._ready.popleft()
            if entry.parts[part].state is not PartState.WAITING:
                continue
            if entry.expires_at <= now:
                self._refuse(entry, part, Cause("no_answer" if entry.message.doubts else "queue_expired"))
                continue
            if not self._post(entry, part, now):
                passed.append((entry, part))
                if not any(route.is_open(now) and route.room() for route in self.routes.all):
                    break
        self._ready.extendleft(reversed(passed))

    def _post(self, entry: Entry, at: int, now: float) -> bool:
        order = entry.message.order
        preferred = entry.message.route or (self.routes.premium if order.extras.get("fast") else "")
        route = self.routes.choose(order.destination, preferred, now)
        link = route.link() if route is not None else None
        if route is None or link is None:
            return False
        segment = pieces_of(entry, self._config.letters)[at]
        try:
            link.post(submit_of(order, segment), Submit(self, entry, at, route))
        except LinkClosed:
            return False
        part = entry.parts[at]
        part.state = PartState.POSTED
        part.tries += 1
        entry.message.route = route.name
        route.submitted += 1
        return True

    # ------------------------------------------------------------------ answers

    def answered(self, entry: Entry, at: int, route: Route, response: Response | Exception) -> None:
        """What became of a submit."""
        now, part = self._clock(), entry.parts[at]
        part.state = PartState.WAITING
        if isinstance(response, Exception):
            route.lost += 1
            # without a link the message goes on at once, elsewhere; a carrier that does not answer is asked later
            self._lost(entry, at, 0.0 if isinstance(response, LinkClosed) else None)
        elif response.command_status == 0 and isinstance(response, SubmitSmResp):
            route.eased()
            self._taken(entry, at, response.message_id)
        elif response.command_status in _SLOW_DOWN:
            route.refused += 1
            route.hold(now)
            self.counts["throttled"] += 1
            part.tries -= 1
            self._ready.appendleft((entry, at))
        else:
            route.refused += 1
            self._refused(entry, at, response)
        self._settle(entry)
        if self._ready:
            self.post()
        self._woken()

    def _taken(self, entry: Entry, at: int, smsc_id: str) -> None:
        part = entry.parts[at]
        part.state, part.smsc_id = PartState.ACCEPTED, smsc_id
        entry.message.smsc_ids = tuple(one.smsc_id for one in entry.parts if one.smsc_id)
        self.changes.entries[entry.id] = entry
        if smsc_id:
            self.index.put(smsc_id, Place(entry, at))
            self.changes.ids.append((plain(smsc_id), entry.id, at))

    def _refused(self, entry: Entry, at: int, response: Response) -> None:
        status, part = response.command_status, entry.parts[at]
        words = status_name(status)
        error = network_error(response.tlvs)
        if status in self._temporary and not isinstance(response, GenericNack):
            if part.tries < self._config.retry.tries:
                self._later(entry, at, self._pause(part.tries))
            else:
                self._refuse(entry, at, Cause("retries_exhausted", status, err=error, text=words))
        else:
            self._refuse(entry, at, Cause("submit_refused", status, err=error, text=words))

    def _lost(self, entry: Entry, at: int, pause: float | None) -> None:
        """No answer came, and the carrier may have the segment."""
        entry.message.doubts += 1
        self.counts["doubts"] += 1
        self.changes.entries[entry.id] = entry
        part = entry.parts[at]
        if self._config.retry.lost_answer == "fail" or part.tries >= self._config.retry.tries:
            self._refuse(entry, at, Cause("no_answer"))
        else:
            self._later(entry, at, self._pause(part.tries) if pause is None else pause)

    def _pause(self, tries: int) -> float:
        retry = self._config.retry
        return min(retry.longest, retry.first * 2.0 ** max(0, tries - 1))

    def _later(self, entry: Entry, at: int, pause: float) -> None:
        self.counts["retries"] += 1
        if pause <= 0:
            self._ready.appendleft((entry, at))
        else:
            self._count += 1
            heappush(self._again, (self._clock() + pause, self._count, entry, at))

    def _refuse(self, entry: Entry, at: int, cause: Cause) -> None:
        """A segment will never be taken: the others that wait are not sent, either."""
        for part in entry.parts:
            if part.state is PartState.WAITING:
                part.state = PartState.REFUSED
        entry.message.cause = entry.message.cause or cause
        self.changes.entries[entry.id] = entry
        self._settle(entry)

    def _settle(self, entry: Entry) -> None:
        """Whether all parts have been answered, and what follows."""
        if entry.message.status is not Status.INITIATED:
            return
        states = {part.state for part in entry.parts}
        if states & {PartState.POSTED, PartState.WAITING}:
            return
        if states == {PartState.ACCEPTED}:
            entry.pieces = None
            if entry.message.order.charged_at is Status.SENT:
                self._charge(entry)
            self.progress(entry, Status.SENT)
            self._await(entry)
            for at in range(len(entry.parts)):
                self._look_for_early(entry, at)
            if any(part.stat for part in entry.parts):
                self._combine(entry, None)
        elif PartState.ACCEPTED in states:
            # a part of it has left, and is paid for
            if entry.message.order.charged_at is Status.SENT:
                self._charge(entry)
            self._finish(entry, Status.UNDELIVERED, entry.message.cause)
        else:
            self._finish(entry, Status.FAILED, entry.message.cause)

    # ------------------------------------------------------------------ receipts

    def _await(self, entry: Entry) -> None:
        self._awaited[entry.id] = entry
        while len(self._awaited) > self._config.receipts.awaited_max:
            _, oldest = self._awaited.popitem(last=False)
            self.index.remove(oldest)
            del self.entries[oldest.id]

    def place(self, heard: HeardReceipt) -> bool:
        """Find a receipt's message among those in memory and apply it; False when it is not there."""
        place = self.index.find(heard.ids, heard.subscriber)
        if place is None:
            return False
        self.received(place.entry, place.part, heard)
        return True

    def recalled(self, entry: Entry, part: int, heard: HeardReceipt) -> None:
        """The receipt's message was found in the database."""
        if entry.message.status is Status.SENT and entry.id not in self.entries:
            self.entries[entry.id] = entry
            for at, one in enumerate(entry.parts):
                self.index.put(one.smsc_id, Place(entry, at))
            self._await(entry)
        self.received(self.entries.get(entry.id, entry), part, heard)

    def keep_early(self, heard: HeardReceipt, at: float) -> bool:
        """Nobody knows this receipt yet: its response may still come. False where too many wait already."""
        if len(self._early) >= EARLY_MAX:
            self.counts["orphans"] += 1
            return False
        self.counts["early"] += 1
        for smsc_id in heard.ids:
            for reading in readings(smsc_id):
                self._early.setdefault(reading, (heard, at))
        return True

    def forget_early(self, before: float) -> bool:
        """Give up receipts that came before a time; whether there were any."""
        late = {id(heard): heard for heard, at in self._early.values() if at < before}
        for heard in late.values():
            self._forget_early(heard)
        self.counts["orphans"] += len(late)
        return bool(late)

    def _forget_early(self, heard: HeardReceipt) -> None:
        for smsc_id in heard.ids:
            for reading in readings(smsc_id):
                if self._early.get(reading, (None, 0.0))[0] is heard:
                    del self._early[reading]

    def _look_for_early(self, entry: Entry, at: int) -> None:
        """Whether the receipt of a part that is taken now came before."""
        known = plain(entry.parts[at].smsc_id)
        heard, _ = self._early.get(known, (None, 0.0))
        if heard is not None and (
            known in {plain(smsc_id) for smsc_id in heard.ids}
            or is_about(heard.subscriber, entry.message.order.destination)
        ):
            self._forget_early(heard)
            self.received(entry, at, heard)

    def received(self, entry: Entry, at: int, heard: HeardReceipt) -> None:
        """Apply a receipt to its part."""
        message, part = entry.message, entry.parts[at]
        self.counts["receipts"] += 1
        cause = Cause("receipt", stat=heard.stat, err=heard.err, text=heard.text[:200])
        if part.stat or message.status not in {Status.SENT, Status.INITIATED}:
            self.counts["receipts_again"] += 1
        elif heard.stat in _INTERMEDIATE:
            self.progress(entry, message.status, cause)
        else:
            part.stat, part.err = heard.stat, heard.err
            self.changes.entries[entry.id] = entry
            self._combine(entry, cause)

    def _combine(self, entry: Entry, cause: Cause | None) -> None:
        """What the receipts of the parts say together."""
        if entry.message.status is not Status.SENT:
            return
        stats = [part.stat for part in entry.parts]
        arrived = [stat in _ARRIVED for stat in stats]
        rule = self._config.receipts.parts
        last = stats[-1]
        if rule == "last":
            verdict = None if not last else arrived[-1]
        elif rule == "any":
            verdict = True if any(arrived) else (False if all(stats) else None)
        else:
            verdict = False if any(stat and not good for stat, good in zip(stats, arrived, strict=True)) else None
            verdict = True if all(arrived) else verdict
        if verdict is None:
            return
        if cause is None:
            told = next(part for part in entry.parts if part.stat and (part.stat in _ARRIVED) is verdict)
            cause = Cause("receipt", stat=told.stat, err=told.err)
        self._finish(entry, Status.DELIVERED if verdict else Status.UNDELIVERED, cause)

    # ------------------------------------------------------------------ telling

    def progress(self, entry: Entry, status: Status, cause: Cause | None = None) -> None:
        """Note and tell that something happened to a message."""
        message = entry.message
        step = Progress(status, self._clock(), cause, not message.history or status is not message.status)
        message.status = status
        message.history.append(step)
        self.changes.entries[entry.id] = entry
        self._tell(message, step)

    def fail(self, entry: Entry, key: CauseKey, text: str = "") -> None:
        """It never left, for a reason of ours."""
        self._finish(entry, Status.FAILED, Cause(key, text=text))

    def _finish(self, entry: Entry, status: Status, cause: Cause | None) -> None:
        entry.message.cause = cause
        self.counts[status] += 1
        self.progress(entry, status, cause)
        self.index.remove(entry)
        self._awaited.pop(entry.id, None)
        self.entries.pop(entry.id, None)

    def _charge(self, entry: Entry) -> None:
        price = entry.message.order.price
        entry.message.charged += price
        self.charged[entry.message.order.space] += price

    # ------------------------------------------------------------------ time

    def expire(self) -> None:
        """Fail what has waited too long in the backlog."""
        for entry in self.backlog.expired(self._clock()):
            self.fail(entry, "queue_expired")

    def next_at(self) -> float:
        """When there is something to do, if nothing happens before."""
        now = self._clock()
        again = self._again[0][0] if self._again else inf
        backlog = self.backlog.next_at()
        # what could go already, were there room, goes when an answer or a link wakes us
        return min(again, backlog if backlog > now else inf, self.routes.next_at(now))

    @property
    def open_count(self) -> int:
        """Segments that stand ready or wait for another try."""
        return len(self._ready) + len(self._again)


def kind_of(source: str) -> NumberKind:
    """What a sender that the inventory does not know seems to be."""
    if not (source.isascii() and source.isdigit()):
        return NumberKind.ALPHANUMERIC
    if len(source) <= 6:
        return NumberKind.SHORT_CODE
    if len(source) == 11 and source.startswith("1"):
        is_toll_free = source[1:4] in {"800", "833", "844", "855", "866", "877", "888"}
        return NumberKind.TOLL_FREE if is_toll_free else NumberKind.LONG_CODE
    return NumberKind.FOREIGN


__all__ = ["Outbox", "Submit", "kind_of"]

"""A running SMSC inside a Python program: in a thread and a trio run of its own, on a port of its own.

Every verb may be called from any thread: it is done between two batches of PDUs, and what goes wrong is raised where it
was asked for. It decides nothing; what a message's fate is, and what has happened, is asked of the floors below.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import trio

from simulator.carrier.dice import Dice
from simulator.embed.doors import Doors
from simulator.embed.hosting import Hosted, SmscClosed
from simulator.embed.phones import EmbeddedPhones
from simulator.embed.settings import (
    Accounts,
    Scenarios,
    accounts_from,
    checked_seed,
    checked_speed,
    scenarios_from,
)
from simulator.journal import KINDS
from simulator.net.server import Door, Server
from simulator.scenario.expect import ExpectationError
from simulator.scenario.file import parse
from simulator.scenario.ledger import Entry
from simulator.scenario.rules import CompiledRule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.script import Script
from simulator.scenario.shape import Names
from simulator.scenario.speaking import When, seconds_of_span
from simulator.smsc.advancing import Advance
from simulator.smsc.memory.conversation import conversation
from simulator.smsc.memory.overhearing import Overheard
from simulator.smsc.memory.recall import RECEIPTS, Miss, Recall, SeenEvent, SeenMessage, SeenSession
from simulator.smsc.memory.truths import TRUE_STATES
from simulator.smsc.memory.watch import Verdict, Watch
from simulator.smsc.play.playing import Playing
from simulator.smsc.play.stage import Stage
from simulator.smsc.play.staging import said_of_carrier, staged
from simulator.smsc.subscribers.incoming import MoSplit

TIMEOUT: Final = 5.0
"""Seconds that a verb waits for what it was asked to wait for."""
FAREWELL: Final = 0.5
"""Seconds that sessions have to unbind when it is closed: a gateway that runs in the closing thread cannot answer."""
QUIET: Final = "link timers off"
"""Name of the scenario that every other one goes before: a debugger's pause is no reason to hang up."""
_QUIET: Final = "scenario: 1\ncarrier: {link_policy: {enquire_every: never, response: never, session_init: never}}"

R = TypeVar("R")


class NotSeen(ExpectationError):
    """What was waited for has not come; tells what was wanted, how many came, and the nearest misses."""


class EmbeddedSmsc:
    """One SMSC in a thread. ``scenarios`` are files, names of shipped ones, or Scenario objects.

    ``accounts`` (objects, or passwords by id) go before those of the scenarios. Port 0 is any free one.
    ``has_link_timers``: idle sessions are enquired, and shown out when they do not answer. ``seed`` is that of all
    luck, ``speed`` the carrier's clock's. Nothing runs before ``start``; ``close``, or leaving the `with`, ends it and
    leaves nothing behind.
    """

    def __init__(
        self,
        scenarios: Scenarios = (),
        *,
        accounts: Accounts = (),
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        speed: float = 1.0,
        has_link_timers: bool = False,
    ) -> None:
        """Raises ScenarioError with all that is wrong with a file, ValueError for another setting."""
        self._names, self._scenarios = scenarios_from(scenarios)
        if not has_link_timers:
            self._names, self._scenarios = [QUIET, *self._names], [parse(_QUIET, QUIET), *self._scenarios]
        self._accounts = accounts_from(accounts)
        self.host = host
        self._asked_port = port
        self._seed, self._speed = checked_seed(seed), checked_speed(speed)
        self._doors = Doors()
        self._whens: list[When[CompiledRule]] = []
        """The rules that were begun, those that have got a verb left out sooner or later."""
        self._waiting = 0
        self._last_words = "it has not run"
        self._host = Hosted(self._serve)
        self.journal = EmbeddedJournal(self._host, lambda: self._recall)
        """What has happened, event by event."""
        self.clock = EmbeddedClock(self._host, lambda: self._server)
        """The carrier's clock."""
        self.subscribers = EmbeddedPhones(self._host, lambda: self._smsc)
        """Each phone by its number: how it is, and how it is to be."""

    # ------------------------------------------------------------------ its life

    def start(self) -> Self:
        """Run it; returns when it listens. Raises OSError where it cannot, and what else goes wrong."""
        self._host.start()
        return self

    def close(self, farewell: float = FAREWELL) -> None:
        """Unbind all sessions, wait so many seconds for them, end the thread. Idempotent; from any other thread."""
        self._host.close(lambda: self._server.stop(), self._hurry, farewell)

    def _hurry(self) -> None:
        self._server.hurry()
        self._host.cancel()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _serve(self, host: Hosted) -> None:
        smsc = staged(
            *(self._scenarios, trio.current_time(), time.time()),
            accounts=self._accounts,
            seed=self._seed,
            speed=self._speed,
        )
        self._smsc, self._server, self._heard = smsc, Server(smsc), Overheard(smsc.journal)
        self._server.beside = self._heard.beside
        self._playing = Playing(*(smsc, self._scenarios, self._names), accounts=self._accounts, opens_listeners=True)
        self._recall = Recall(smsc, trio.current_time)
        self._watch = self._judge()
        self._play()
        self._stirred = trio.Event()
        for kind in KINDS:
            smsc.journal.feed(kind, self._stir)
        listeners = said_of_carrier(self._scenarios).get("listeners", {})
        doors = await self._doors.open((self.host, self._asked_port), listeners)
        async with trio.open_nursery() as nursery:
            await nursery.start(self._keep, doors)
            host.opened(nursery)
        self._last_words = "\n".join(conversation(smsc, trio.current_time(), self._heard))

    async def _keep(self, doors: list[Door], *, task_status: trio.TaskStatus[None]) -> None:
        await self._server.serve(doors, task_status=task_status)
        # whoever still waits for something when the last session has left waits for nothing
        self._host.cancel()

    def _stir(self, at: float, session: int, subject: Any, detail: Any) -> None:
        if self._waiting:
            self._stirred.set()
            self._stirred = trio.Event()

    async def _until(self, look: Callable[[], R | None], seconds: float) -> R | None:
        """What ``look`` finds as soon as it finds anything; None when the time is over."""
        self._waiting += 1
        try:
            with trio.move_on_after(seconds):
                while True:
                    stirred, began = self._stirred, trio.current_time()
                    if (found := look()) is not None:
                        return found
                    cost = trio.current_time() - began
                    await stirred.wait()
                    # where there is much to look at, the links have at least half of the time
                    await trio.sleep(cost)
            return look()
        finally:
            self._waiting -= 1

    # ------------------------------------------------------------------ what it does

    @property
    def port(self) -> int:
        """The port that it listens on; that of another listener, or of a network's own, tells ``port_of``."""
        return self.port_of("smpp")

    def port_of(self, listener: str) -> int:
        """The port of a listener by its name, of a network's by the network's."""
        return self._host.do(lambda: self._doors.ports[listener])

    @property
    def authority(self) -> bytes:
        """PEM of those that have signed the certificates of its TLS listeners; empty where it has none."""
        return self._host.do(lambda: self._doors.authorities)

    def when(self, **match: Any) -> When[CompiledRule]:
        """A rule, by the keys of `when:` in a file: ``smsc.when(destination="...").reject("ESME_RTHROTTLED")``.

        It goes before all that files say, and the newest before the others. Raises ScenarioError.
        """
        names = self._host.do(lambda: Names(book=self._play().script.book))
        made = When(match, self._put, self._forget, names)
        self._whens = [*(one for one in self._whens if not one.is_said), made]
        return made

    @property
    def unsaid(self) -> list[str]:
        """What was begun by ``when`` since the last reset and does nothing, for want of a verb."""
        return [str(one) for one in self._whens if not one.is_said]

    def _play(self) -> Stage:
        smsc = self._smsc
        if smsc.stage is not None:
            return smsc.stage
        return smsc.play(Script(self._playing.scenarios, smsc.seed, delay=smsc.carrier.delay), trio.current_time())

    def _put(self, rule: Rule, before: CompiledRule | None) -> CompiledRule:
        def put() -> CompiledRule:
            script = self._play().script
            if before is None:
                return script.add(rule)
            script.remove(before)
            return script.add(rule, name=before.name)

        return self._host.do(put)

    def _forget(self, rule: CompiledRule) -> None:
        self._host.do(lambda: self._play().script.remove(rule))

    def load(self, *scenarios: str | Path | Scenario) -> None:
        """Play these as well, from now on: files, or names of shipped ones as in "quirks/throttle-storm".

        They go before those that are played already. What a carrier's section says of windows and timers holds for
        those who bind from now on; listeners that they name are open until the next reset (``port_of``). Raises
        ScenarioError, and Misfit where they do not go together; then nothing changes.
        """
        names, loaded = scenarios_from(scenarios)
        while True:
            before, called = self._host.do(lambda: (self._playing.scenarios, [*self._playing.names, *names]))
            together = [*before, *loaded]
            # in this thread, so that no session waits for it
            script = self._playing.prepared(together, called)
            if missing := self._doors.missing(said_of_carrier(together).get("listeners", {})):
                self._host.wait("load", partial(self._doors.open_later, missing, self._server))
            if self._host.do(partial(self._lay, before, together, called, script)):
                return

    def _lay(
        self, before: Sequence[Scenario], scenarios: Sequence[Scenario], names: Sequence[str], script: Script
    ) -> bool:
        """Play what was prepared, unless somebody has played something else meanwhile."""
        if self._playing.scenarios is not before:
            return False
        self._replace(scenarios, names, script)
        return True

    def _replace(self, scenarios: Sequence[Scenario], names: Sequence[str], script: Script | None = None) -> None:
        self._playing.replace(scenarios, names, trio.current_time(), script)
        self._watch.leave()
        self._watch = self._judge()

    def _judge(self) -> Watch:
        playing = self._playing
        judged = [(name, one) for name, one in zip(playing.names, playing.scenarios, strict=True) if name != QUIET]
        return Watch(self._smsc, trio.current_time, [one for _, one in judged], [name for name, _ in judged])

    def reset(self, *, speed: float | None = None, seed: int | None = None) -> None:
        """Everything back to the start: messages, counters, clock, luck; rules and files that came later are gone.

        Bound sessions stay. ``speed`` and ``seed`` are those from now on, until the next reset; message ids do not
        depend on that seed. Raises ValueError for one that is none.
        """
        if speed is not None:
            checked_speed(speed)
        if seed is not None:
            checked_seed(seed)
        self._whens.clear()

        def start_over() -> None:
            now, smsc = trio.current_time(), self._smsc
            # no rule that was added is asked any more, and the next one is the first again
            self._play().script.inherit([], 0)
            wanted = self._seed if seed is None else seed
            if wanted != smsc.seed or list(self._playing.scenarios) != self._scenarios:
                smsc.seed, smsc.carrier.dice = wanted, Dice(wanted)
                self._replace(self._scenarios, self._names)
            self._doors.close_later()
            smsc.reset(now)
            self._heard.clear()
            if speed is not None:
                smsc.clock.set_rate(now, speed)
                smsc.agenda.look_again()

        self._host.do(start_over)

    def mo(
        self, *, to: str, sender: str, text: str, account: str | None = None, split: MoSplit = "udh8"
    ) -> SeenMessage | None:
        """A subscriber writes; the message as it is at once. Raises NoRoute, ValueError for a text too long."""

        def write() -> SeenMessage | None:
            sent = self._smsc.mo(to, sender, text, trio.current_time(), account=account, split=split)
            return self._recall.message(sent.number)

        return self._host.do(write)

    # ------------------------------------------------------------------ what it has seen

    def messages(self, *, receipt: str | None = None, truth: str | None = None, **match: Any) -> list[SeenMessage]:
        """The messages since the last reset that match, oldest first: one for each joined text and destination.

        ``receipt`` is "sent" or "acknowledged"; ``truth`` what is so of it, a state or "LOST", where networks are
        played. With ``event="mo"`` those of subscribers.
        """
        _check_receipt(receipt)
        _check_truth(truth)

        def look() -> list[SeenMessage]:
            return self._recall.messages(self._recall.question_of_messages(match, "messages"), receipt, truth)

        return self._host.do(look)

    @property
    def sessions(self) -> list[SeenSession]:
        """The sessions that are bound, in the order in which they came."""
        return self._host.do(lambda: self._recall.sessions(self._recall.question({}, "sessions")))

    def wait_for(
        self,
        *,
        receipt: str | None = None,
        truth: str | None = None,
        count: int = 1,
        timeout: float | str = TIMEOUT,
        **match: Any,
    ) -> SeenMessage:
        """Wait until so many messages match, since the last reset; the last of them.

        ``state`` is what the SMSC says of it; ``truth`` is what is so where networks are played, which may be another
        state; ``receipt`` "sent" or "acknowledged" is what the ESME was told of it. Raises NotSeen, an AssertionError,
        after ``timeout`` (seconds or a span) with the nearest misses.
        """
        _check_receipt(receipt)
        _check_truth(truth)
        where = self._host.do(lambda: self._recall.question_of_messages(match, "wait_for"))

        def found() -> list[SeenMessage]:
            return self._recall.messages(where, receipt, truth)

        own = {"receipt": receipt, "truth": truth}
        keys = match | {key: value for key, value in own.items() if value is not None}
        wanted = _Wanted("wait_for", keys, count, timeout)
        return self._waited(wanted, found, lambda: self._recall.misses(where, receipt, truth))

    def wait_for_bind(self, *, count: int = 1, timeout: float | str = TIMEOUT, **match: Any) -> SeenSession:
        """Wait until so many sessions are bound that match: account, bind_type, version, listener, tls; the last.

        Raises NotSeen, an AssertionError, after ``timeout`` (seconds or a span).
        """
        where = self._host.do(lambda: self._recall.question({"event": "bound", **match}, "wait_for_bind"))

        def found() -> list[SeenSession]:
            return self._recall.sessions(where)

        wanted = _Wanted("wait_for_bind", match, count, timeout)
        return self._waited(wanted, found, lambda: self._recall.missed_sessions(where))

    def _waited(self, wanted: "_Wanted", found: Callable[[], list[R]], misses: Callable[[], list[Miss]]) -> R:
        """The last of those that were wanted, when there are enough. Raises NotSeen."""

        async def wait() -> R:
            enough = await self._until(lambda: some if len(some := found()) >= wanted.count else None, wanted.seconds)
            if enough is None:
                raise NotSeen(wanted.told(len(found()), misses()))
            return enough[wanted.count - 1]

        return self._host.wait(wanted.verb, wait)

    def observe(self, message: str, status: str) -> Entry:
        """The gateway says that a message (by its id or destination) has this status now, for the verdict.

        Raises UnknownMessage, and NothingExpected where no scenario wants to know.
        """
        return self._host.do(lambda: self._watch.observe(message, status))

    def verdict(self) -> Verdict:
        """What can be said of the gateway by now: checks, and what the scenarios expect."""
        return self._host.do(lambda: self._watch.verdict())

    def conversation(self) -> str:
        """What was said, for a person: sessions, events, PDUs read aloud, rules that fired or nearly did.

        Of one that has been closed, what it has known at the end.
        """
        try:
            return "\n".join(self._host.do(lambda: conversation(self._smsc, trio.current_time(), self._heard)))
        except SmscClosed:
            return self._last_words


class EmbeddedJournal:
    """The journal of an embedded SMSC, since the last reset."""

    def __init__(self, host: Hosted, recall: Callable[[], Recall]) -> None:
        self._host = host
        self._recall = recall

    def count(self, kind: str | None = None, **match: Any) -> int:
        """How many events there were of a kind ("submitted", "answered" ...) that match.

        Raises ScenarioError, and Truncated where the answer could be too small.
        """

        def question() -> int:
            recall = self._recall()
            return recall.count(kind, recall.question_of_events(kind, match, "journal.count"))

        return self._host.do(question)

    def events(self, kind: str | None = None, **match: Any) -> list[SeenEvent]:
        """Those events, in their order."""

        def question() -> list[SeenEvent]:
            recall = self._recall()
            return recall.events(kind, recall.question_of_events(kind, match, "journal.events"))

        return self._host.do(question)


class EmbeddedClock:
    """The carrier's clock of an embedded SMSC."""

    def __init__(self, host: Hosted, server: Callable[[], Server]) -> None:
        self._host = host
        self._server = server

    @property
    def time(self) -> datetime:
        """What the carrier's calendar shows, in UTC."""
        at = self._host.do(lambda: self._server().smsc.clock.at(trio.current_time()))
        return datetime.fromtimestamp(at, UTC)

    def advance(self, span: float | str) -> datetime:
        """Go ahead by "3 days" or so many seconds: everything that falls due on the way happens, in its order.

        Waits for the ESMEs' answers to what is delivered, and returns the new time. Raises AlreadyAdvancing, and
        ValueError for a span that leads nowhere.
        """
        seconds = seconds_of_span(span, "clock.advance")

        async def walk() -> None:
            server = self._server()
            await server.until_done(Advance(server.smsc, seconds, trio.current_time()))

        self._host.wait("clock.advance", walk)
        return self.time


class _Wanted:
    """What a verb waits for."""

    def __init__(self, verb: str, keys: Mapping[str, Any], count: int, timeout: float | str) -> None:
        """Raises ValueError for a count or a time that is none."""
        if count < 1:
            raise ValueError(f"{verb}: count {count}, at least 1")
        self.verb = verb
        self.count = count
        self.seconds = seconds_of_span(timeout, verb)
        self._keys = keys

    def told(self, came: int, misses: Sequence[Miss]) -> str:
        """That it has not come."""
        keys = ", ".join(f"{key}={value!r}" for key, value in self._keys.items())
        lines = [f"{self.verb}({keys}): wanted {self.count}, came {came}, in {self.seconds:g} s"]
        lines += [f"  near: {miss}" for miss in misses] or ["  and nothing else came"]
        return "\n".join(lines)


@contextmanager
def open_smsc(scenarios: Scenarios = (), **settings: Any) -> Iterator[EmbeddedSmsc]:
    """A running SMSC for the time of a `with`; ``settings`` are those of EmbeddedSmsc."""
    with EmbeddedSmsc(scenarios, **settings) as smsc:
        yield smsc


def _check_receipt(receipt: str | None) -> None:
    if receipt is not None and receipt not in RECEIPTS:
        raise ValueError(f"receipt: {receipt!r}, must be one of {', '.join(RECEIPTS)}")


def _check_truth(truth: str | None) -> None:
    if truth is not None and truth not in TRUE_STATES:
        raise ValueError(f"truth: {truth!r}, must be one of {', '.join(TRUE_STATES)}")


__all__ = ["EmbeddedClock", "EmbeddedJournal", "EmbeddedSmsc", "NotSeen", "open_smsc"]

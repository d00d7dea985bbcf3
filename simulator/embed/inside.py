"""One SMSC inside a trio run, and all that can be asked of it there; every verb of a test ends here.

All of it is called in the run, between two batches of PDUs. It knows neither threads nor who asks: a test in another
thread, one in the same run, a request over HTTP. It decides nothing; what a message's fate is, and what has happened,
is asked of the floors below.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Final, TypeVar

import trio

from simulator.carrier.dice import Dice
from simulator.embed.doors import Doors
from simulator.embed.settings import QUIET, Setup, checked_seed, checked_speed
from simulator.embed.waiting import NotSeen, Waiting, Wanted
from simulator.net.server import Server
from simulator.scenario.placed import placed_in_files
from simulator.scenario.problems import ScenarioError
from simulator.scenario.rules import CompiledRule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.script import Script
from simulator.scenario.shape import Names
from simulator.scenario.speaking import made_of, seconds_of_span
from simulator.scenario.then import Fault
from simulator.smsc.advancing import Advance
from simulator.smsc.memory.conversation import conversation
from simulator.smsc.memory.overhearing import Overheard
from simulator.smsc.memory.pending import pending
from simulator.smsc.memory.recall import RECEIPTS, Miss, Recall, SeenMessage, SeenSession
from simulator.smsc.memory.truths import TRUE_STATES
from simulator.smsc.memory.watch import Watch
from simulator.smsc.play.faults import strike
from simulator.smsc.play.playing import Playing
from simulator.smsc.play.stage import Stage
from simulator.smsc.play.staging import said_of_carrier, staged

R = TypeVar("R")


class Played(Playing):
    """What an embedded SMSC plays: always judged, and behind all that comes stay the link timers as they were."""

    def judge(self, clock: Callable[[], float], *, always: bool) -> None:
        """Judge what is played from now on; what only keeps the links quiet promises nothing."""
        if self.watch is not None:
            self.watch.leave()
        self._clock, self._is_always_judged = clock, always
        judged = [(name, one) for name, one in zip(self.names, self.scenarios, strict=True) if name != QUIET]
        self.watch = Watch(self.smsc, clock, [one for _, one in judged], [name for name, _ in judged])

    def prepared(self, scenarios: Sequence[Scenario], names: Sequence[str]) -> Script:
        """As that of Playing, with what keeps the links quiet before it."""
        return super().prepared(*self._quiet(scenarios, names))

    def replace(
        self, scenarios: Sequence[Scenario], names: Sequence[str], now: float, script: Script | None = None
    ) -> None:
        """As that of Playing, with what keeps the links quiet before it."""
        super().replace(*self._quiet(scenarios, names), now, script)

    def _quiet(self, scenarios: Sequence[Scenario], names: Sequence[str]) -> tuple[Sequence[Scenario], Sequence[str]]:
        if QUIET not in self.first_names or QUIET in names:
            return scenarios, names
        return [self.scenarios[0], *scenarios], [QUIET, *names]


class Inside:
    """One SMSC, as it is asked in its run; made there."""

    def __init__(self, setup: Setup, *, opens_listeners: bool) -> None:
        """``opens_listeners``: whoever has this made opens those that scenarios name."""
        now = trio.current_time()
        begins_at = time.time() if setup.begins_at is None else setup.begins_at
        self.setup = setup
        try:
            self.smsc = smsc = staged(
                *(setup.scenarios, now, begins_at), accounts=setup.accounts, seed=setup.seed, speed=setup.speed
            )
        except ScenarioError as error:
            # only files that contradict each other are found wrong as late as this
            raise ScenarioError(placed_in_files(error.problems, setup.names)) from None
        self.server = Server(smsc)
        self.heard = Overheard(smsc.journal)
        self.server.beside = self.heard.beside
        self.doors = Doors()
        self.recall = Recall(smsc, trio.current_time)
        self.waiting = Waiting(smsc.journal)
        self.playing = Played(
            *(smsc, setup.scenarios, setup.names), accounts=setup.accounts, opens_listeners=opens_listeners
        )
        self.playing.judge(trio.current_time, always=True)
        self.label = count(1).__next__
        """Gives numbers that nothing else in this SMSC is called by."""
        self.play()

    @property
    def listeners(self) -> Mapping[str, Mapping[str, Any]]:
        """The listeners that the scenarios of the start name."""
        found: Mapping[str, Mapping[str, Any]] = said_of_carrier(self.setup.scenarios).get("listeners", {})
        return found

    @property
    def watch(self) -> Watch:
        """Who judges what is played."""
        assert self.playing.watch is not None
        return self.playing.watch

    @property
    def time(self) -> datetime:
        """What the carrier's calendar shows, in UTC."""
        return datetime.fromtimestamp(self.smsc.clock.at(trio.current_time()), UTC)

    # ------------------------------------------------------------------ rules and scenarios

    def play(self) -> Stage:
        """The stage; an SMSC without a scenario gets an empty one."""
        smsc = self.smsc
        if smsc.stage is not None:
            return smsc.stage
        return smsc.play(Script(self.playing.scenarios, smsc.seed, delay=smsc.carrier.delay), trio.current_time())

    def names(self) -> Names:
        """What rules may name."""
        return Names(book=self.play().script.book)

    def elapsed(self) -> float:
        """Carrier seconds since the scenario began."""
        return self.smsc.clock.at(trio.current_time()) - self.play().story.began_at

    def put(self, rule: Rule, before: CompiledRule | None) -> CompiledRule:
        """Ask a rule from now on, in the place of another."""
        script = self.play().script
        if before is None or before not in script.live:
            return script.add(rule)
        return script.exchange(before, rule)

    def forget(self, rule: CompiledRule) -> None:
        """Ask it no more."""
        script = self.play().script
        if rule in script.live:
            script.remove(rule)

    def missing(self, scenarios: Sequence[Scenario]) -> dict[str, Mapping[str, Any]]:
        """The listeners of these that are not open yet."""
        return self.doors.missing(said_of_carrier(scenarios).get("listeners", {}))

    def lay(
        self, before: Sequence[Scenario], scenarios: Sequence[Scenario], names: Sequence[str], script: Script
    ) -> bool:
        """Play what was prepared, unless somebody has played something else meanwhile."""
        if self.playing.scenarios is not before:
            return False
        self.playing.replace(scenarios, names, trio.current_time(), script)
        return True

    async def reset(self, *, speed: float | None, seed: int | None, keeps_sessions: bool) -> None:
        """Everything back to the start, behind all that has arrived by now. Raises ValueError for a wrong value."""
        if speed is not None:
            checked_speed(speed)
        if seed is not None:
            checked_seed(seed)
        # what was sent before belongs to what is forgotten
        await self.server.take_in()
        now, smsc, setup = trio.current_time(), self.smsc, self.setup
        if not keeps_sessions:
            self.server.show_out("reset")
        # no rule that was added is asked any more, and the next one is the first again
        self.play().script.inherit([], 0)
        wanted = setup.seed if seed is None else seed
        if wanted != smsc.seed or tuple(self.playing.scenarios) != setup.scenarios:
            smsc.seed, smsc.carrier.dice = wanted, Dice(wanted)
            self.playing.replace(setup.scenarios, setup.names, now)
        self.doors.close_later()
        smsc.reset(now)
        self.heard.clear()
        self.label = count(1).__next__
        if speed is not None:
            smsc.clock.set_rate(now, speed)
            smsc.agenda.look_again()

    # ------------------------------------------------------------------ what it does

    def mo(self, to: str, sender: str, text: str, **more: Any) -> SeenMessage | None:
        """A subscriber writes."""
        sent = self.smsc.mo(to, sender, text, trio.current_time(), **more)
        return self.recall.message(sent.number)

    def strike(self, verb: str, said: Mapping[str, Any], match: Mapping[str, Any]) -> list[SeenSession]:
        """Something happens to the links of those that match; they as they were before. Raises ScenarioError."""
        fault = made_of(Fault, {**said, "session": "same"}, verb, self.names())
        struck = self.recall.sessions(self.recall.question({"event": "bound", **match}, verb))
        for one in struck:
            strike(self.smsc, self.smsc.sessions[one.number], fault, trio.current_time())
        return struck

    # ------------------------------------------------------------------ what it has seen

    def messages(self, match: Mapping[str, Any], receipt: str | None, truth: str | None) -> list[SeenMessage]:
        """The messages since the last reset that match, oldest first."""
        return self.recall.messages(self.recall.question_of_messages(match, "messages"), receipt, truth)

    def sessions(self) -> list[SeenSession]:
        """The sessions that are bound, in the order in which they came."""
        return self.recall.sessions(self.recall.question({}, "sessions"))

    def conversation(self) -> str:
        """What was said, for a person."""
        return "\n".join(conversation(self.smsc, trio.current_time(), self.heard))

    # ------------------------------------------------------------------ waiting

    async def wait_for(
        self, match: Mapping[str, Any], receipt: str | None, truth: str | None, count: int, patience: float | str
    ) -> SeenMessage:
        """Wait until so many messages match; the last of them. Raises NotSeen."""
        check_words(receipt, truth)
        recall, own = self.recall, {"receipt": receipt, "truth": truth}
        where = recall.question_of_messages(match, "wait_for")
        keys = {**match, **{key: value for key, value in own.items() if value is not None}}
        return await self._waited(
            Wanted("wait_for", keys, count, patience),
            partial(recall.messages, where, receipt, truth),
            partial(recall.misses, where, receipt, truth),
        )

    async def wait_for_bind(self, match: Mapping[str, Any], count: int, patience: float | str) -> SeenSession:
        """Wait until so many sessions are bound that match; the last. Raises NotSeen."""
        recall = self.recall
        where = recall.question({"event": "bound", **match}, "wait_for_bind")
        wanted = Wanted("wait_for_bind", match, count, patience)
        return await self._waited(wanted, partial(recall.sessions, where), partial(recall.missed_sessions, where))

    async def _waited(self, wanted: Wanted, found: Callable[[], list[R]], misses: Callable[[], list[Miss]]) -> R:
        """The last of those that were wanted, when there are enough. Raises NotSeen."""

        def enough() -> list[R] | None:
            some = found()
            return some if len(some) >= wanted.count else None

        some = await self.waiting.until(enough, wanted.seconds)
        if some is None:
            raise NotSeen(wanted.told(len(found()), misses()))
        return some[wanted.count - 1]

    async def wait_until_idle(self, patience: float | str) -> None:
        """Wait until nothing is to come of all that has been sent by now. Raises NotSeen with what still is."""
        seconds = seconds_of_span(patience, "wait_until_idle")
        await self.server.take_in()
        if not await self.waiting.until(lambda: not pending(self.smsc) or None, seconds, glances=True):
            told = "\n".join(f"  {line}" for line in pending(self.smsc))
            raise NotSeen(f"wait_until_idle(): still busy after {seconds:g} s\n{told}")

    async def advance(self, seconds: float) -> datetime:
        """Let carrier time go ahead, everything on the way happening in its order."""
        await self.server.until_done(Advance(self.smsc, seconds, trio.current_time()))
        return self.time


def check_words(receipt: str | None, truth: str | None) -> None:
    """Raises ValueError for a word of a receipt or of the truth that is none."""
    if receipt is not None and receipt not in RECEIPTS:
        raise ValueError(f"receipt: {receipt!r}, must be one of {', '.join(RECEIPTS)}")
    if truth is not None and truth not in TRUE_STATES:
        raise ValueError(f"truth: {truth!r}, must be one of {', '.join(TRUE_STATES)}")


STALL: Final = "hang"
"""The fault of a link that stands, and that is all."""

__all__ = ["STALL", "Inside", "Played", "check_words"]

"""What is said to an SMSC and asked of it, in the words of a test: the verbs that wait for nobody but the SMSC itself.

They are the same wherever it runs: in a thread of its own, or in the run of the test. Each is done there, between two
batches of PDUs, and what goes wrong is raised where it was asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import trio

from simulator.embed.inside import STALL, Inside, check_words
from simulator.embed.phones import EmbeddedPhones, Place
from simulator.embed.settings import scenarios_from
from simulator.scenario.ledger import Entry
from simulator.scenario.rules import CompiledRule
from simulator.scenario.schema import Rule, Scenario
from simulator.scenario.speaking import InOrder, Turn, When, span_text
from simulator.smsc.memory.recall import SeenEvent, SeenMessage, SeenSession
from simulator.smsc.memory.watch import Verdict
from simulator.smsc.subscribers.incoming import MoSplit

R = TypeVar("R")


class Verbs:
    """The verbs. ``place`` is where it runs, ``inside`` the SMSC there, as soon as it runs."""

    def __init__(self, place: Place, inside: Callable[[], Inside]) -> None:
        self._place = place
        self._inside = inside
        self._whens: list[When[CompiledRule]] = []
        """The rules that were begun, those that have got a verb left out sooner or later."""
        self.journal = EmbeddedJournal(place, inside)
        """What has happened, event by event."""
        self.subscribers = EmbeddedPhones(place, lambda: inside().smsc)
        """Each phone by its number: how it is, and how it is to be."""

    def _do(self, deed: Callable[[Inside], R]) -> R:
        return self._place.do(lambda: deed(self._inside()))

    # ------------------------------------------------------------------ rules

    def when(self, **match: Any) -> When[CompiledRule]:
        """A rule, by the keys of `when:` in a file: ``smsc.when(destination="...").reject("ESME_RTHROTTLED")``.

        It goes before all that files say, and the newest before the others. Raises ScenarioError.
        """
        return self._begun(match)

    def once(self, **match: Any) -> When[CompiledRule]:
        """The same for the first time that it comes."""
        return self._begun(match, is_once=True)

    def in_order(self) -> InOrder[CompiledRule]:
        """Rules one after the other: ``turn.when(KEYS)`` begins each.

        One is meant when the one before has had its times, and then once, or as often as its ``times`` says.
        """
        return InOrder(lambda match, turn: self._begun(match, turn=turn), f"{self._do(lambda one: one.label())}")

    def _begun(
        self, match: Mapping[str, Any], *, turn: Turn | None = None, is_once: bool = False
    ) -> When[CompiledRule]:
        names, label = self._do(lambda inside: (inside.names(), inside.label()))
        made = When(
            *(match, self._put, self._forget, names),
            elapsed=lambda: self._do(lambda inside: inside.elapsed()),
            turn=turn,
            label=f"{label}",
            is_once=is_once,
        )
        self._whens = [*(one for one in self._whens if not one.is_said), made]
        return made

    def _put(self, rule: Rule, before: CompiledRule | None) -> CompiledRule:
        return self._do(lambda inside: inside.put(rule, before))

    def _forget(self, rule: CompiledRule) -> None:
        self._do(lambda inside: inside.forget(rule))

    @property
    def unsaid(self) -> list[str]:
        """What was begun by ``when`` since the last reset and does nothing, for want of a verb."""
        return [str(one) for one in self._whens if not one.is_said]

    def _load(
        self,
        scenarios: Sequence[str | Path | Scenario],
        open_doors: Callable[[Mapping[str, Mapping[str, Any]]], None],
    ) -> None:
        """Play these as well; ``open_doors`` opens the listeners that are missing."""
        names, loaded = scenarios_from(scenarios)
        while True:
            before, called = self._do(lambda inside: (inside.playing.scenarios, inside.playing.names))
            together, called = [*before, *loaded], (*called, *names)
            # in this thread, so that no session waits for it
            inside = self._inside()
            script = inside.playing.prepared(together, called)
            if missing := inside.missing(together):
                open_doors(missing)
            if self._do(partial(Inside.lay, before=before, scenarios=together, names=called, script=script)):
                return

    # ------------------------------------------------------------------ what it does

    def mo(
        self, *, to: str, sender: str, text: str, account: str | None = None, split: MoSplit = "udh8"
    ) -> SeenMessage | None:
        """A subscriber writes; the message as it is at once. Raises NoRoute, ValueError for a text too long."""
        return self._do(lambda inside: inside.mo(to, sender, text, account=account, split=split))

    def disconnect(
        self, fault: str = "fin", *, form: Mapping[str, Any] | None = None, **match: Any
    ) -> list[SeenSession]:
        """End the links of all bound sessions, or of those that match; they as they were.

        By FIN, "rst", "half_close", or another fault that `connection:` in a file names; ``form`` is what it says
        beside. Raises ScenarioError.
        """
        return self._do(lambda inside: inside.strike("disconnect", {"fault": fault, **(form or {})}, match))

    def unbind(self, **match: Any) -> list[SeenSession]:
        """Ask all who are bound to leave, or those that match."""
        return self._do(lambda inside: inside.strike("unbind", {"fault": "unbind"}, match))

    def stall(self, lasts: float | str | None = None, **match: Any) -> list[SeenSession]:
        """The links of all who are bound, or of those that match, stand, and that is all: nothing is read or written.

        For so long in link time (seconds or a span), or until the next reset.
        """
        form = {} if lasts is None else {"lasts": span_text(lasts)}
        return self._do(lambda inside: inside.strike("stall", {"fault": STALL, **form}, match))

    # ------------------------------------------------------------------ what it has seen

    @property
    def authority(self) -> bytes:
        """PEM of those that have signed the certificates of its TLS listeners; empty where it has none."""
        return self._do(lambda inside: inside.doors.authorities)

    def messages(self, *, receipt: str | None = None, truth: str | None = None, **match: Any) -> list[SeenMessage]:
        """The messages since the last reset that match, oldest first: one for each joined text and destination.

        ``receipt`` is "sent" or "acknowledged"; ``truth`` what is so of it, a state or "LOST", where networks are
        played. With ``event="mo"`` those of subscribers.
        """
        check_words(receipt, truth)
        return self._do(lambda inside: inside.messages(match, receipt, truth))

    @property
    def sessions(self) -> list[SeenSession]:
        """The sessions that are bound, in the order in which they came."""
        return self._do(lambda inside: inside.sessions())

    def observe(self, message: str, status: str) -> Entry:
        """The gateway says that a message (by its id or destination) has this status now, for the verdict.

        Raises UnknownMessage, and NothingExpected where no scenario wants to know.
        """
        return self._do(lambda inside: inside.watch.observe(message, status))

    def verdict(self) -> Verdict:
        """What can be said of the gateway by now: checks, and what the scenarios expect."""
        return self._do(lambda inside: inside.watch.verdict())

    def conversation(self) -> str:
        """What was said, for a person: sessions, events, PDUs read aloud, rules that fired or nearly did."""
        return self._do(lambda inside: inside.conversation())


class EmbeddedJournal:
    """The journal of an embedded SMSC, since the last reset."""

    def __init__(self, place: Place, inside: Callable[[], Inside]) -> None:
        self._place = place
        self._inside = inside

    def count(self, kind: str | None = None, **match: Any) -> int:
        """How many events there were of a kind ("submitted", "answered" ...) that match.

        Raises ScenarioError, and Truncated where the answer could be too small.
        """

        def question() -> int:
            recall = self._inside().recall
            return recall.count(kind, recall.question_of_events(kind, match, "journal.count"))

        return self._place.do(question)

    def events(self, kind: str | None = None, **match: Any) -> list[SeenEvent]:
        """Those events, in their order."""

        def question() -> list[SeenEvent]:
            recall = self._inside().recall
            return recall.events(kind, recall.question_of_events(kind, match, "journal.events"))

        return self._place.do(question)


class ClockFace:
    """The carrier's clock of an embedded SMSC, to be read."""

    def __init__(self, place: Place, inside: Callable[[], Inside]) -> None:
        self._place = place
        self._inside = inside

    @property
    def time(self) -> datetime:
        """What the carrier's calendar shows, in UTC."""
        return self._place.do(lambda: self._inside().time)

    def set_rate(self, rate: float) -> None:
        """Run so many times as fast as real time from now on."""

        def change() -> None:
            smsc = self._inside().smsc
            smsc.clock.set_rate(trio.current_time(), rate)
            smsc.agenda.look_again()

        self._place.do(change)


__all__ = ["ClockFace", "EmbeddedJournal", "Verbs"]

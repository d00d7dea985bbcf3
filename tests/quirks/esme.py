"""A gateway that lives in a play: it binds, submits, waits, tries again and tells what became of its messages.

It knows the wire alone, and no scenario. As it is made it copes with whatever comes; each ``Habit`` makes it one of
those that a quirk breaks.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from simulator.scenario.ledger import UnknownMessage
from simulator.smpp.constants import CommandId
from simulator.smpp.events import Event, Malformed, Obliged
from simulator.smpp.pdus import DeliverSm, DeliverSmResp, EnquireLink, Pdu, Response, Unbind
from simulator.smpp.states import State
from tests.quirks.gateways import TRUTH
from tests.quirks.play import Gate, Play
from tests.quirks.tales import hi

STEP: Final = 0.5
"""Seconds between two looks at what is to be done."""
_STAT: Final = re.compile(rb"stat:(\w+)")
SLOW_DOWN: Final = {0x58, 0x14}
LATER: Final = {0x08, 0x45, 0x22}
"""Statuses that leave it open what comes of another try."""
EVERY: Final = 25.0
"""Seconds between two enquire_links of its own."""
TRIES: Final = 4
AT_ONCE_MAX: Final = 20
"""Tries of one message in one moment."""
BINDS: Final = {"bind_transceiver_resp"}


@dataclass(frozen=True)
class Habits:
    """What a gateway does otherwise than one that copes."""

    pause: float = 1.0
    """Seconds before the second bind; each further one waits twice as long, up to a minute."""
    rebinds: bool = True
    """Whether it binds again when its link has ended."""
    window: int = 2
    resends_at_once: bool = False
    """A message that was refused goes out again in the same moment."""
    resends_unanswered: bool = False
    """A message that was not answered goes out again, though nobody knows whether it was taken."""
    resends_answered: bool = False
    """A message goes out again whatever its answer was."""
    gives_up: bool = False
    """A message that was not taken at the first try has failed."""
    never_gives_up: bool = False
    leaves_at: str = ""
    """It closes its link when such a PDU comes, or one that nobody can read (`malformed`), or when one is not answered
    (`silence`)."""
    decides: Callable[[Pdu], int | None] = lambda _: 0
    """How it answers what is delivered."""
    answers: bool = True
    """Whether it answers an enquire_link and an unbind."""
    patience: float = 20.0
    """Seconds that a request of its own may be unanswered."""
    obeys: bool = True
    """Whether it stops submitting when it is asked to leave."""
    enquires: bool = True
    every: float = 0.0
    """Seconds between the first tries of its messages."""
    ends: str = "unknown"
    """What it says of a message that was never answered."""


COPES: Final = Habits()


@dataclass(eq=False)
class Letter:
    """One message that is to be sent: its fields, how often it was, and what has become of it in the gateway's eyes."""

    fields: dict[str, object]
    tries: int = 0
    status: str = "waiting"
    not_before: float = 0.0
    names: list[str] = field(default_factory=list)


class Living(Gate):
    """A link of such a gateway: what nobody can read is answered where that is still possible."""

    habits = COPES
    wants_out = False

    def take(self, event: Event) -> None:
        """Take one event; a link that is out of step is given up."""
        if isinstance(event, Malformed):
            self.broken.append(event)
            if self.habits.leaves_at == "malformed" or event.is_fatal:
                self.wants_out = True
            elif event.command_id == CommandId.BIND_TRANSCEIVER_RESP and not event.command_status:
                # what it cannot read of the answer it does not need
                self.connection._enter(State.BOUND_TRX)
            elif event.command_id == CommandId.DELIVER_SM:
                status = self.habits.decides(DeliverSm())
                if status is not None:
                    self.connection.send_anyway(DeliverSmResp(event.sequence_number, status), self.world.now)
            return
        pdu = event.pdu if isinstance(event, Obliged) else event
        if isinstance(pdu, Pdu) and pdu.name == self.habits.leaves_at:
            self.wants_out = True
            return
        super().take(event)


class Esme:
    """The gateway. ``letters`` are what it has to send, each a submit_sm's fields; it lives while ``live`` runs."""

    def __init__(self, play: Play, *letters: dict[str, object], habits: Habits = COPES, **bind: object) -> None:
        self.play = play
        self.habits = habits
        self.letters = [
            Letter(fields, not_before=play.now + number * habits.every)
            for number, fields in enumerate(letters or ({},))
        ]
        self.link: Living | None = None
        self._bind: dict[str, object] = {"system_id": "gateway"} | bind
        self._pause = habits.pause
        self._next_bind = play.now
        self._slowed_until = 0.0
        self._slow = 1.0
        self._open: dict[int, tuple[Letter | None, float]] = {}
        self._seen = 0
        self._bound_at = inf
        self._idle_since = self._next_enquiry = 0.0
        self._has_bound = False
        self._told: set[str] = set()
        self.tells = True
        """Whether it tells of receipts as they come."""

    # ------------------------------------------------------------------ its day

    def live(self, seconds: float) -> "Esme":
        """Let that much time pass."""
        end = self.play.now + seconds
        while self.play.now < end:
            self._look()
            self.play.run(STEP)
        return self

    def leave(self) -> None:
        """Stop, as somebody has asked it to."""
        assert self.link is not None
        self.link.send(Unbind())
        self.play.run(1)

    def _look(self) -> None:
        link, now = self.link, self.play.now
        if link is None:
            if now >= self._next_bind and (self.habits.rebinds or not self._has_bound):
                self._connect()
        elif link.end is not None or link.wants_out:
            self._lost()
            if not self.habits.pause:
                self._look()
        else:
            self._hear(link)
            self._doubt(link)
            if self.link is not None and link.connection.is_bound and not link.wants_out:
                self._work(link)

    def _connect(self) -> None:
        world, now = self.play, self.play.now
        link = self.link = Living(world, self.habits.decides)
        link.habits = self.habits
        link.is_mute = not self.habits.answers
        world.gateways.append(link)
        world.gates.append(link)
        self._open, self._seen, self._has_bound = {}, 0, True
        self._bound_at, self._idle_since, self._next_enquiry = inf, now, now + EVERY
        link.bind(**self._bind)  # type: ignore[arg-type]
        self._open[1] = None, now

    def _lost(self) -> None:
        """The link is gone: what was not answered is not known."""
        link, self.link = self.link, None
        assert link is not None
        if link in self.play.gateways:
            link.session.close(self.play.now, "closed by the peer")
            self.play.gateways.remove(link)
        for letter, _ in self._open.values():
            if letter is not None and letter.status == "sent?":
                letter.status = "waiting" if self.habits.resends_unanswered else "unknown"
        lasted = self.play.now - self._bound_at
        # a bind that does not last counts as one that failed
        self._pause = self.habits.pause if lasted > 2 else min(60.0, 2 * self._pause)
        self._next_bind = self.play.now + self._pause

    # ------------------------------------------------------------------ answers

    def _hear(self, link: Living) -> None:
        for pdu in link.received[self._seen :]:
            self._seen += 1
            self._idle_since = self.play.now
            if isinstance(pdu, Response) and pdu.request is not None:
                self._answered(link, pdu, pdu.request.sequence_number)
            elif isinstance(pdu, DeliverSm) and pdu.esm_class & 0x3C and self.tells:
                found = _STAT.search(pdu.short_message)
                self._say(pdu.source_addr, TRUTH.get(found[1].decode("ascii"), "unknown") if found else "unknown")
            elif isinstance(pdu, Unbind) and self.habits.obeys:
                link.wants_out = True

    def _answered(self, link: Living, response: Response, number: int) -> None:
        letter, _ = self._open.pop(number, (None, 0.0))
        status = response.command_status
        if response.name in BINDS:
            if status:
                link.wants_out = True
            else:
                self._bound_at = self.play.now
        if letter is not None:
            self._judged(letter, status, getattr(response, "message_id", ""))

    def _judged(self, letter: Letter, status: int, name: str) -> None:
        now, habits = self.play.now, self.habits
        if habits.resends_answered and letter.tries < TRIES:
            letter.status = "waiting"
        elif not status:
            letter.status = "accepted"
            letter.names.append(name)
            self._slow = 1.0
        elif habits.gives_up or (letter.tries >= TRIES and not habits.never_gives_up and status not in SLOW_DOWN):
            letter.status = "failed"
        elif status in SLOW_DOWN | LATER or habits.never_gives_up:
            letter.status = "waiting"
            if not habits.resends_at_once:
                letter.not_before = now + self._slow * letter.tries
            if status in SLOW_DOWN and not habits.resends_at_once:
                self._slowed_until = now + self._slow
                self._slow = min(60.0, 2 * self._slow)
        else:
            letter.status = "failed"

    def _doubt(self, link: Living) -> None:
        """What was not answered in time."""
        for number, (letter, at) in list(self._open.items()):
            if self.play.now - at >= self.habits.patience:
                del self._open[number]
                if self.habits.leaves_at == "silence":
                    link.wants_out = True
                elif letter is None:
                    # an enquire_link or a bind: but whatever came meanwhile was a sign of life
                    link.wants_out = link.wants_out or self._idle_since <= at
                elif letter.status == "sent?":
                    letter.status = "waiting" if self.habits.resends_unanswered else "unknown"

    # ------------------------------------------------------------------ work

    def _work(self, link: Living) -> None:
        now = self.play.now
        if self.habits.enquires and now >= self._next_enquiry:
            self._next_enquiry = now + EVERY
            self._sent(link, EnquireLink(), None)
        for letter in self.letters:
            room = self.habits.window - sum(one is not None for one, _ in self._open.values())
            tries = 0
            while letter.status == "waiting" and room > 0 and now >= max(letter.not_before, self._slowed_until):
                tries += 1
                if tries > AT_ONCE_MAX:
                    break
                letter.status = "sent?"
                letter.tries += 1
                self._sent(link, hi(**letter.fields), letter)
                if self.habits.resends_at_once:
                    self._hear(link)

    def _sent(self, link: Living, pdu: Pdu, letter: Letter | None) -> None:
        link.connection.send_anyway(pdu, self.play.now)
        self._open[pdu.sequence_number] = letter, self.play.now
        self.play.settle()

    # ------------------------------------------------------------------ what it tells

    def tell(self) -> None:
        """Tell of each message of which nothing was told yet: by its receipts, else by its answer."""
        heard = {
            receipt.text("source_addr"): TRUTH.get(receipt.found("stat"), "unknown")
            for gate in self.play.gates
            for receipt in gate.receipts
        }
        for letter in self.letters:
            if not letter.tries:
                # it never went out
                continue
            number = str(hi(**letter.fields).destination_addr)
            own = {"accepted": "sent", "failed": "failed"}.get(letter.status, self.habits.ends)
            self._say(number, heard.get(number, own))

    def _say(self, number: str, status: str) -> None:
        if number not in self._told:
            self._told.add(number)
            with suppress(UnknownMessage):
                # what vanished on its way nobody else knows of
                self.play.watch.observe(number, status)


def otherwise(**changes: object) -> Habits:
    """A gateway with one bad habit or more."""
    return replace(COPES, **changes)  # type: ignore[arg-type]


__all__ = ["COPES", "Esme", "Habits", "Letter", "otherwise"]

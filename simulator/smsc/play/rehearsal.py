"""One message, played through without a socket: what would be answered and sent, in the time that it would take.

An SMSC of its own and an ESME that answers everything, joined by octets, with time as a number. `carrier-sim explain`
shows what comes of it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import SUBMITTED
from simulator.scenario.explain import ExplainingScript, Explanation
from simulator.smpp.connection import Connection, Timers
from simulator.smpp.constants import RESPONSE, CommandId
from simulator.smpp.dissect import Dissection, dissect
from simulator.smpp.events import Event, Obliged
from simulator.smpp.pdus import BindReceiver, BindTransceiver, BindTransmitter, DataSm, DeliverSm, Pdu, response_to
from simulator.smpp.states import Side
from simulator.smsc.play.explaining import look_on
from simulator.smsc.play.staging import said_of_carrier, staged

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario
    from simulator.smsc.translate import Submission

SPAN: Final = 7 * 86_400.0
"""Seconds that are played through at most."""
STEPS_MAX: Final = 2_000
"""Moments at which anything is due, at most: a scenario's timeline may never end."""
SENT_MAX: Final = 50
"""PDUs that are told."""
START: Final = 1_800_000_000.0
"""The carrier's calendar, the same every time."""
BINDS: Final = {"TX": BindTransmitter, "RX": BindReceiver, "TRX": BindTransceiver}

_NEVER: Final = Timers(session_init=1e9, enquire_link=1e9, inactivity=1e9, response=1e9)


@dataclass(frozen=True, slots=True)
class Sent:
    """A PDU of the SMSC, and how many seconds after the message it begins."""

    after: float
    pdu: Dissection


@dataclass(slots=True)
class Rehearsal:
    """What came of it. ``message`` is None where the SMSC never recorded one, ``explanation`` where no rule was asked.

    ``later`` are the rules that fired afterwards, each with what happened then; ``closed_after`` is when the
    connection ended, if it did. ``chain`` is what networks said of it, and what became of it in truth, as plain values;
    None where there are none, or a rule has answered before they were asked.
    """

    account: str
    is_bound: bool = False
    explanation: Explanation | None = None
    message: "Submission | None" = None
    answer: Sent | None = None
    sent: list[Sent] = field(default_factory=list)
    later: list[tuple[str, str]] = field(default_factory=list)
    closed_after: float | None = None
    chain: dict[str, Any] | None = None


def rehearse(
    scenarios: "Sequence[Scenario]",
    request: Callable[[], Pdu],
    *,
    account: str | None = None,
    bind_type: str = "TRX",
    nth: int = 1,
    seed: int = 0,
    start: float = START,
) -> Rehearsal:
    """Bind, submit what ``request`` makes ``nth`` times at once, and tell what the last of them met.

    ``account`` is by default the first that the scenarios name; ``start`` is what the carrier's calendar shows. Nothing
    becomes of those before, so that all that is sent later belongs to the last.
    """
    name = account or next(iter(said_of_carrier(scenarios).get("accounts", {})), "gateway")
    stand = _Stand(scenarios, seed, start)
    told = Rehearsal(name)
    told.is_bound = stand.bind(name, bind_type)
    if not told.is_bound:
        told.sent = stand.sent(0)
        return told
    earlier = set[int]()
    for _ in range(nth - 1):
        before_it = request()
        stand.send(before_it)
        earlier.add(before_it.sequence_number)
    pdu, mark, asked = request(), len(stand.octets), len(stand.script.explanations)
    before = len(stand.messages)
    onlooker = look_on(stand.smsc.carrier)
    stand.send(pdu)
    for message in stand.messages[:before]:
        # what becomes of those before is not asked
        message.plan, message.step = (), 0
    told.closed_after = stand.run()
    told.sent = stand.sent(mark, without=earlier)
    told.answer = next((one for one in told.sent if _is_answer(one.pdu, {pdu.sequence_number})), None)
    told.message = stand.messages[-1] if len(stand.messages) > before else None
    told.chain = None if told.message is None or onlooker is None else onlooker.seen(told.message.number)
    for one in stand.script.explanations[asked:]:
        if told.explanation is None and one.happening.pdu is not None and one.happening.key == pdu.command_id:
            told.explanation = one
        else:
            told.later += [(str(one.happening.key), rule.rule.name) for rule in one.fired]
    return told


def _is_answer(sent: Dissection, sequence_numbers: Collection[int]) -> bool:
    is_response = sent.command_id is not None and bool(sent.command_id & RESPONSE)
    return is_response and sent.sequence_number in sequence_numbers


class _Stand:
    """The SMSC, the ESME and the time."""

    def __init__(self, scenarios: "Sequence[Scenario]", seed: int, start: float) -> None:
        self.now = 0.0
        self.smsc = staged(scenarios, self.now, start, seed=seed)
        self.script = ExplainingScript(scenarios, seed, delay=self.smsc.carrier.delay)
        self.smsc.play(self.script, self.now)
        # a link that is kept for days would tell of nothing but enquire_link
        self.smsc.terms = replace(self.smsc.terms, timers=_NEVER)
        known = self.smsc.terms_by_account.items()
        self.smsc.terms_by_account = {name: replace(terms, timers=_NEVER) for name, terms in known}
        self.messages: list[Any] = []
        self.smsc.journal.feed(SUBMITTED, self._submitted)
        self.esme = Connection(Side.ESME, self.now, timers=_NEVER, window=10_000)
        self.session = self.smsc.connect(self.now, "127.0.0.1:0", lambda: None)
        self.octets = bytearray()
        self._sent_at = self.now
        self._times: list[tuple[int, float]] = []
        """Where the octets of each moment begin."""

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        self.messages.append(message)

    def bind(self, name: str, bind_type: str) -> bool:
        """Whether the ESME is bound."""
        known = self.smsc.accounts.get(name)
        self.send(BINDS[bind_type](system_id=name, password=(known and known.password) or "", interface_version=0x34))
        self.run(until=lambda: self.session.connection.is_bound)
        return self.session.connection.is_bound

    def send(self, pdu: Pdu) -> None:
        """Send it, whatever the state."""
        self._sent_at = self.now
        self.esme.send_anyway(pdu, self.now)
        self.settle()

    def settle(self) -> None:
        """Carry octets to and fro until it is quiet."""
        session = self.session
        while session.is_open:
            up = self.esme.data_to_send()
            if up or session.rests:
                session.receive_data(up, self.now)
            down = session.data_to_send()
            if down:
                session.written(self.now)
                self._times.append((len(self.octets), self.now))
                self.octets += down
                self.esme.receive_data(down)
                for event in self.esme.events(self.now):
                    self._take(event)
            if not up and not down:
                break

    def _take(self, event: Event) -> None:
        if isinstance(event, Obliged) and event.answer is not None:
            self.esme.send_anyway(event.answer, self.now)
        elif isinstance(event, DeliverSm | DataSm):
            self.esme.send_anyway(response_to(event, 0), self.now)

    def run(self, until: Callable[[], bool] = lambda: False) -> float | None:
        """Let the time pass, from one thing that is due to the next; when the connection ended, if it did."""
        began = self.now
        for _ in range(STEPS_MAX):
            if self.session.hang_up and self.session.is_open and not self.session.bytes_waiting:
                self.session.close(self.now, "closed by us")
                return self.now - began
            due = self.smsc.next_deadline()
            if until() or not self.session.is_open or due - began > SPAN:
                break
            self.now = max(self.now, due)
            while self.smsc.tick(self.now):
                pass
            self.settle()
        return None

    def sent(self, mark: int, *, without: Collection[int] = ()) -> list[Sent]:
        """The PDUs from that octet on, but for what keeps links alive and for the answers to requests ``without``."""
        told: list[Sent] = []
        for pdu in dissect(bytes(self.octets[mark:]), self.script.book):
            if len(told) == SENT_MAX:
                break
            if pdu.command_id != CommandId.ENQUIRE_LINK and not _is_answer(pdu, without):
                at = next(at for place, at in reversed(self._times) if place <= mark + pdu.offset)
                told.append(Sent(at - self._sent_at, pdu))
        return told


__all__ = ["Rehearsal", "Sent", "rehearse"]

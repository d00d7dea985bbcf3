"""A scenario on its stage: everything that happens is told to its rules, and what they say is done.

It belongs to an SMSC that plays a scenario; without one there is no stage and nothing is asked. How things look is
shaping's, which rules are meant the script's, when anything is due the agenda's.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import PDU_SENT, PHASE_BEGUN, RULE_FIRED, SCRIPT_FAILED
from simulator.scenario.happening import Happening
from simulator.shaping.answers import AnswerShape
from simulator.shaping.ids import Mint
from simulator.shaping.mos import MoShape
from simulator.shaping.receipts import ReceiptShape
from simulator.smsc.play.faults import relent, strike
from simulator.smsc.play.newcomers import AWAITING_MAX, Newcomers
from simulator.smsc.play.piles import Piles
from simulator.smsc.play.sending import Sending
from simulator.smsc.play.story import Story
from simulator.smsc.play.telling import Telling
from simulator.smsc.translate import TextKey, text_key

if TYPE_CHECKING:
    from simulator.scenario.fate import Draw, Fate
    from simulator.scenario.forms.forms import AnswerForm, Ids, MoForm, ReceiptForm
    from simulator.scenario.networks.phone_forms import Phone
    from simulator.scenario.script import Script
    from simulator.scenario.then import Deeds, Fault
    from simulator.scenario.words.id_words import IdSource
    from simulator.smpp.pdus import Pdu
    from simulator.smsc.outbox import Delivery
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc
    from simulator.smsc.translate import Outcome, Submission

SHAPES_MAX: Final = 10_000
"""Forms that are kept made ready."""
MINTS_MAX: Final = 1_000
"""Sources of ids that are kept made ready."""
TEXTS_MAX: Final = 100_000
"""Texts in parts whose ids are remembered; the oldest is forgotten first."""


class Stage:
    """What an SMSC has that plays a scenario."""

    def __init__(self, smsc: "Smsc", script: "Script", now: float) -> None:
        self.smsc = smsc
        self.script = script
        self.piles = Piles(smsc.agenda, smsc.seed)
        self.story = Story(self, script.scenarios)
        self.newcomers = Newcomers(self._note_forgotten)
        self.sending = Sending(self)
        self.telling = Telling(self)
        self.run = object()
        """Another one after each reset, so that what was begun before knows that it is over."""
        self.lost_at: dict[str, float] = {}
        """By account: when it lost a session, on the link's clock."""
        self._binds: dict[str, int] = {}
        self._shapes: OrderedDict[tuple[str, int, int], tuple[Any, Any, Any]] = OrderedDict()
        self._mints: dict[str, Mint] = {}
        self._ids_before: dict[str, str] = {}
        self._ids_of_parts: OrderedDict[TextKey, dict[int, str]] = OrderedDict()
        script.failed = self.note_script_failure
        self.story.begin(smsc.clock.at(now))

    def replace(self, script: "Script", now: float) -> None:
        """Ask the rules of another script from now on; its story begins.

        What has been decided stays, and so does what waits in piles and the rules that were added.
        """
        self.script.bequeath(script)
        script.failed = self.note_script_failure
        self.script = script
        self.story.end()
        self.story = Story(self, script.scenarios)
        self.story.begin(self.smsc.clock.at(now))

    # ------------------------------------------------------------------ what happens

    def asks(self, key: int | str) -> bool:
        """Whether any rule is about such a thing."""
        return key in self.script.keys

    def bound(self, session: "Session", now: float) -> None:
        """A session was bound."""
        self.count_bind(session)
        session.seat.bound = now
        self.newcomers.bound(session, now)
        self.telling.bound(session, now)
        self.happen("bound", session, now)

    def count_bind(self, session: "Session") -> None:
        """One more session of its account."""
        name = session.seat.account_name
        self._binds[name] = nth = self._binds.get(name, 0) + 1
        session.seat.bind_as(nth)

    def binds_of(self, account: str) -> int:
        """How many sessions of that account have been bound."""
        return self._binds.get(account, 0)

    def ended(self, session: "Session", now: float) -> "list[Delivery]":
        """A session has ended. Returns what was sent to it and waits for an answer behind others of its number."""
        if session.account is not None:
            self.lost_at[session.account.name] = now
        left = self.telling.left(session)
        self.happen("disconnect", session, now)
        return left

    def fate_of(
        self,
        key: int | str,
        session: "Session | None",
        now: float,
        *,
        message: Any = None,
        pdu: "Pdu | None" = None,
    ) -> "Fate | None":
        """What the rules say of it; each that fired is journalled, and nothing is done yet."""
        seat = None if session is None else session.seat_while_open
        at = self.smsc.clock.at(now)
        fate = self.script.decide(Happening(key, at, now, message=message, pdu=pdu, seat=seat, story=self.story))
        if fate is not None:
            self.note(fate, 0 if session is None else session.number, at, message)
        return fate

    def note(self, fate: "Fate", session: int, at: float, subject: Any) -> None:
        """Tell the journal which rules have fired."""
        for name in fate.fired:
            self.smsc.journal.record(at, RULE_FIRED, session, subject, name)

    def note_occasion(self, name: str, at: float) -> None:
        """Tell the journal that an occasion of the timeline has come."""
        self.smsc.journal.record(at, RULE_FIRED, 0, None, name)

    def note_phase(self, name: str, at: float) -> None:
        """Tell the journal that a phase begins."""
        self.smsc.journal.record(at, PHASE_BEGUN, 0, None, name)

    def happen(
        self,
        key: str,
        session: "Session | None",
        now: float,
        *,
        message: Any = None,
        pdu: "Pdu | None" = None,
    ) -> "Fate | None":
        """An event: what the rules say of it is done, as far as it is a deed; the rest is the caller's."""
        if key not in self.script.keys:
            return None
        fate = self.fate_of(key, session, now, message=message, pdu=pdu)
        if fate is not None:
            self.carry_out(fate, session, now, message=message, request=pdu)
        return fate

    def note_failure(self, session: "Session", why: str, now: float) -> None:
        """Tell the journal of what was to be sent and has no octets."""
        self.smsc.journal.record(self.smsc.clock.at(now), PDU_SENT, session.number, session.caller, why)

    def _note_forgotten(self, now: float) -> None:
        """Tell the journal of the oldest deed for whoever is bound next, where too many wait for that."""
        why = f"not done: more than {AWAITING_MAX} things wait for the next bind"
        self.smsc.journal.record(self.smsc.clock.at(now), PDU_SENT, 0, why)

    def note_script_failure(self, happening: Happening, name: str, why: str) -> None:
        """Tell the journal of a Python scenario's function that has failed."""
        session = 0 if happening.seat is None else happening.seat.number
        self.smsc.journal.record(happening.at, SCRIPT_FAILED, session, happening.message, f"{name}: {why}")

    def concluded(self, message: "Submission", outcome: "Outcome", at: float, now: float) -> None:
        """A message has reached its end."""
        if self.asks("conclude"):
            session = self.smsc.sessions.get(message.session)
            end = self.happen("conclude", session, now, message=message, pdu=message.pdu)
            if end is not None:
                self.telling.tell(message, outcome, at, now, end)
                return
        self.smsc.deliveries.tell(message, outcome, at, now)

    def unanswered(self, session: "Session", request: "Pdu", now: float) -> None:
        """An ESME has not answered in time."""
        delivery = session.deliveries.get(request.sequence_number)
        self.happen("unanswered", session, now, message=None if delivery is None else delivery.message, pdu=request)

    def answered(self, request: "Pdu", status: int) -> None:
        """An ESME has answered what the scenario has sent."""
        self.sending.answered(request, status)

    # ------------------------------------------------------------------ what is done

    def carry_out(
        self,
        fate: "Fate",
        session: "Session | None",
        now: float,
        *,
        message: Any = None,
        request: "Pdu | None" = None,
    ) -> None:
        """All deeds of a fate that need no answer to stand before or behind."""
        for name, deeds in fate.deeds:
            self.perform(name, deeds, session, now, message=message, request=request, draw=fate.draw)
        self.strike(fate.faults, session, now, fate.draw)

    def perform_all(
        self,
        fate: "Fate",
        session: "Session",
        now: float,
        *,
        message: Any = None,
        request: "Pdu | None" = None,
    ) -> None:
        """All deeds of a fate but what has its place before or behind the answer, which whoever answers does."""
        for name, deeds in fate.deeds:
            self.perform(name, deeds, session, now, message=message, request=request, draw=fate.draw, is_answering=True)

    def perform(
        self,
        name: str,
        deeds: "Deeds",
        session: "Session | None",
        now: float,
        *,
        message: Any = None,
        request: "Pdu | None" = None,
        draw: "Draw | None" = None,
        is_answering: bool = False,
    ) -> None:
        """Set, send, release, and do to connections what a rule or an occasion says."""
        luck = draw or partial(self._luck, name)
        if deeds.set is not None:
            self.story.change(deeds.set, self.smsc.clock.at(now))
            if deeds.set.state is not None and message is not None:
                self.smsc.set_state(message, deeds.set.state, now)
        for form in deeds.send or ():
            if not (is_answering and (form.before is not None or form.with_answer)):
                self.sending.send(form, session, now, message=message, request=request, draw=luck)
        for release in deeds.release or ():
            self.piles.release(release.pile, now, release.order, release.most)
        if deeds.subscribers:
            self._change_phones(name, deeds.subscribers, now)
        self.strike(deeds.connection or (), session, now, luck)

    def _change_phones(self, name: str, phones: "Mapping[str, Phone]", now: float) -> None:
        people = self.smsc.phones.people
        if people is None:
            why = f"{name}: subscribers: no networks are played here, and so nobody has a phone"
            self.smsc.journal.record(self.smsc.clock.at(now), SCRIPT_FAILED, 0, None, why)
            return
        for number, phone in phones.items():
            people.say(number, phone, now)

    def strike(self, faults: "Iterable[Fault]", session: "Session | None", now: float, draw: "Draw") -> None:
        """Do to connections what a rule says."""
        for fault in faults:
            strike(self.smsc, session, fault, now, draw("connection"))

    def strike_first(self, fate: "Fate", session: "Session", now: float) -> None:
        """Do to connections what is to happen before anything is recorded; it is not done again later."""
        first = [one for one in fate.faults if one.before == "record"]
        if first:
            fate.faults = tuple(one for one in fate.faults if one.before != "record")
            self.strike(first, session, now, fate.draw)

    def _luck(self, name: str, what: str) -> float:
        """The luck of what nobody's message has caused: the same at every run, for the seed and the name."""
        return self.smsc.carrier.dice.named(f"{name} {what}")

    # ------------------------------------------------------------------ how it looks

    def answer_shape(self, form: "AnswerForm | None", ids: "Ids | None") -> AnswerShape:
        """The shape of answers, made ready once."""
        shape: AnswerShape = self._shape("answer", AnswerShape, form, ids)
        return shape

    def receipt_shape(self, form: "ReceiptForm | None", ids: "Ids | None") -> ReceiptShape:
        """The shape of receipts, made ready once."""
        shape: ReceiptShape = self._shape("receipt", ReceiptShape, form, ids)
        return shape

    def mo_shape(self, form: "MoForm | None") -> MoShape:
        """The shape of subscribers' messages, made ready once."""
        key = ("mo", id(form), 0)
        shape: MoShape = self._kept(key, (form, None), lambda: MoShape(form, self.script.book))
        return shape

    def _shape(self, what: str, kind: Any, form: Any, ids: Any) -> Any:
        return self._kept((what, id(form), id(ids)), (form, ids), lambda: kind(form, ids, self.script.book))

    def _kept(self, key: tuple[str, int, int], made_of: tuple[Any, Any], make: Any) -> Any:
        # what it was made of is kept with it, so that no other form can have the same id()
        kept = self._shapes.get(key)
        if kept is None:
            kept = self._shapes[key] = (make(), *made_of)
            if len(self._shapes) > SHAPES_MAX:
                self._shapes.popitem(last=False)
        return kept[0]

    # ------------------------------------------------------------------ ids

    def id_for(self, message: "Submission", ids: "Ids | None", own: str) -> str:
        """The id of a new message: ``own``, or as the scenario says where ids come from."""
        made = own
        if ids is not None and ids.generate is not None:
            made = self._mint(ids.generate).mint(message.number - 1)
        if ids is not None and ids.parts is not None and message.part is not None:
            known = self._parts(message)
            if ids.parts == "same" and known:
                made = next(iter(known.values()))
            known.setdefault(message.part.number, made)
        return made

    def radix_of(self, ids: "Ids | None") -> str | None:
        """In which base the ids are made; our own are decimal."""
        return "decimal" if ids is None or ids.generate is None else self._mint(ids.generate).base

    def _mint(self, source: "IdSource") -> Mint:
        made = self._mints.get(str(source))
        if made is None:
            if len(self._mints) >= MINTS_MAX:
                self._mints.clear()
            made = self._mints[str(source)] = Mint(source, self.smsc.seed)
        return made

    def _parts(self, message: "Submission") -> dict[int, str]:
        part = message.part
        assert part is not None
        key = text_key(message)
        known = self._ids_of_parts.pop(key, {})
        if part.number in known:
            # the same part again: a new text has taken the reference
            known = {}
        self._ids_of_parts[key] = known
        if len(self._ids_of_parts) > TEXTS_MAX:
            self._ids_of_parts.popitem(last=False)
        return known

    def id_in_receipts(self, message: "Submission", ids: "Ids | None") -> str:
        """The id that the receipt of a message names: its own, or that of the text's first or last part."""
        own = message.true_id or message.message_id
        part = message.part
        if ids is None or ids.parts not in {"first", "last"} or part is None:
            return own
        known = self._ids_of_parts.get(text_key(message), {})
        return known.get(1 if ids.parts == "first" else part.total, own)

    def id_before(self, message: "Submission") -> str:
        """The id that the account was given before this one; remembers this one."""
        before = self._ids_before.get(message.account, "")
        self._ids_before[message.account] = message.true_id
        return before

    # ------------------------------------------------------------------

    def reset(self, now: float) -> None:
        """Everything starts over; the rules that were added stay."""
        self.run = object()
        self.script.reset()
        self.piles.clear(now)
        # the seed may be another one now
        self.piles.seed = self.smsc.seed
        self._mints.clear()
        self.newcomers.clear()
        self.sending.clear()
        self.telling.clear()
        self.lost_at.clear()
        self._binds.clear()
        for session in self.smsc.sessions.values():
            # whatever was done to a link for a time is over
            relent(session, now)
            if session.account is not None:
                # who stays counts from one again
                self.count_bind(session)
        self._ids_before.clear()
        self._ids_of_parts.clear()
        self.story.begin(self.smsc.clock.at(now))


__all__ = ["Stage"]

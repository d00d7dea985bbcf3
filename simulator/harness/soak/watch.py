"""What must hold of any world, seen in its events and on its wires: nothing is lost, doubled, early, or too much.

Whatever a rule says otherwise is left to the rule, and what a fault has struck is not asked about. It changes nothing.
"""

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.harness.soak.measures import Measures
from simulator.journal import Fold
from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import Pdu, SubmitMulti
from simulator.smpp.tlvs import first
from simulator.sms.receipts import parse
from simulator.smsc.play.deliveries import goes_first
from simulator.smsc.translate import Incoming, Submission

if TYPE_CHECKING:
    from simulator.harness.soak.gateway import GatewayLink
    from simulator.harness.soak.world import SoakWorld
    from simulator.scenario.schema import Scenario
    from simulator.smpp.events import Malformed
    from simulator.smpp.pdus import Response

BREACHES_MAX: Final = 20
"""So many are kept; one is enough."""
STORY_MAX: Final = 12
"""Events that are told of the message of a breach."""
_TOLD: Final = 0x1F


class Breach(NamedTuple):
    """What did not hold: the name of the check, carrier time, in words what was seen, and the message's events."""

    check: str
    at: float
    told: str
    story: tuple[str, ...] = ()


class Life:
    """What happened to one message."""

    __slots__ = ("answered", "asked", "ends", "message", "request", "settled", "wanted")

    def __init__(self, message: Submission) -> None:
        self.message = message
        self.request: Pdu | None = message.pdu
        self.asked = message.registered_delivery & _TOLD
        self.answered: int | None = None
        self.ends = 0
        self.wanted = 0
        self.settled = 0


class Watch:
    """The checks of one world."""

    def __init__(self, world: "SoakWorld") -> None:
        self.world = world
        self.breaches: list[Breach] = []
        self.measures = Measures(world, self.breach)
        self._retells = any(map(_retells, world.plan.files.values()))
        """Whether a file says what is told in the place of a receipt: how often, only its author knows."""
        self.clear()
        journal = world.smsc.journal
        folds: dict[str, Fold] = {
            "submitted": self._submitted,
            "answered": self._answered,
            "replaced": self._replaced,
            "progressed": self._progressed,
            "concluded": self._concluded,
            "receipt_sent": self._receipt_sent,
            "receipt_acknowledged": self._settled,
            "receipt_failed": self._settled,
            "mo_created": self._created,
            "mo_acknowledged": self._mo_settled,
            "mo_failed": self._mo_settled,
            "mo_sent": self._mo_sent,
            "fault": self._struck,
            "script_failed": self._script_failed,
        }
        for kind, fold in folds.items():
            journal.feed(kind, fold)

    def clear(self) -> None:
        """Forget everything, as a reset does."""
        self.lives: dict[int, Life] = {}
        self._by_id: dict[tuple[str, str], Life] = {}
        self._told_ids: set[tuple[str, str]] = set()
        self._segments: Counter[Incoming] = Counter()
        self._struck_sessions: set[int] = set()
        self.failed_scripts = 0
        self.measures.clear()

    def breach(self, check: str, told: str, message: Any = None) -> None:
        """Something does not hold."""
        if len(self.breaches) < BREACHES_MAX:
            smsc = self.world.smsc
            self.breaches.append(Breach(check, smsc.clock.at(self.world.now), told, self._story(message)))

    def _story(self, message: Any) -> tuple[str, ...]:
        if message is None:
            return ()
        rows = [row for row in self.world.smsc.journal.rows() if row.subject is message]
        told = [f"{row.at:.3f} {row.kind} on {row.session}: {row.detail!r}"[:200] for row in rows[-STORY_MAX:]]
        if isinstance(message, Submission):
            fired = [] if message.fate is None else message.fate.fired
            told.insert(0, f"message {message.number}, id {message.message_id}, {message.state}, rules {fired}")
        return tuple(told)

    # ------------------------------------------------------------------ events

    def _submitted(self, at: float, session: int, message: Submission, detail: Any) -> None:
        if message.number in self.lives:
            self.breach("submitted_once", f"message {message.number} was recorded twice", message)
        self.lives[message.number] = Life(message)
        self.measures.submitted(message, session)

    def _answered(self, at: float, session: int, message: Submission, status: int) -> None:
        life = self.lives.get(message.number)
        if life is None or life.message is not message:
            self.breach("answered_once", f"message {message.number} was answered and never submitted", message)
            return
        if life.answered is not None:
            self.breach("answered_once", f"message {message.number} was answered twice", message)
        life.answered = status
        if not status:
            self._by_id[message.account, message.message_id] = life
            self.measures.accepted(message)

    def _replaced(self, at: float, session: int, message: Submission, detail: Any) -> None:
        life = self.lives.get(message.number)
        if life is not None:
            life.asked = message.registered_delivery & _TOLD

    def _progressed(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        life = self._life(message, "progressed")
        if life is None:
            return
        if life.ends:
            self.breach("one_end", f"message {message.number} has ended, and {outcome.state} came of it", message)
        if wants(life, outcome):
            life.wanted += 1

    def _concluded(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        life = self._life(message, "concluded")
        if life is None:
            return
        life.ends += 1
        if life.ends > 1:
            self.breach("one_end", f"message {message.number} has ended {life.ends} times", message)
        if wants(life, outcome):
            # a network may tell of an end a second time
            plan, step = message.plan, message.step
            is_planned = step and step <= len(plan) and plan[step - 1] is outcome
            life.wanted += 1 + int(bool(is_planned and step < len(plan)))
        self.measures.concluded(message, outcome)

    def _receipt_sent(self, at: float, session: int, message: Submission, outcome: Any) -> None:
        life = self._life(message, "told")
        if life is not None and not life.wanted and not self._retells:
            self.breach("receipts_only_where_asked", f"message {message.number} asked for none of {outcome}", message)
        if life is not None:
            # nobody was answered about it, perhaps, because of another one in the same request
            self._by_id.setdefault((message.account, message.message_id), life)
        self.measures.delivered(session)

    def _settled(self, at: float, session: int, message: Submission, detail: Any) -> None:
        life = self._life(message, "settled")
        if life is not None:
            life.settled += 1

    def _life(self, message: Submission, deed: str) -> Life | None:
        life = self.lives.get(message.number)
        if life is None or life.message is not message:
            self.breach("reset_forgets", f"message {message.number} was {deed} and is not of this story", message)
            return None
        return life

    def _created(self, at: float, session: int, message: Incoming, detail: Any) -> None:
        self._segments[message] += len(message.segments)

    def _mo_settled(self, at: float, session: int, message: Incoming, detail: Any) -> None:
        self._segments[message] -= 1

    def _mo_sent(self, at: float, session: int, message: Any, detail: Any) -> None:
        self.measures.delivered(session)

    def _struck(self, at: float, session: int, caller: Any, what: str) -> None:
        self._struck_sessions.add(session)

    def _script_failed(self, at: float, session: int, subject: Any, why: Any) -> None:
        self.failed_scripts += 1

    # ------------------------------------------------------------------ wires

    def responded(self, link: "GatewayLink", response: "Response") -> None:
        """A gateway knows the id of one of its messages now."""
        key = (link.gateway.customer.name, getattr(response, "message_id", ""))
        self._told_ids.add(key)
        is_plain = not (self._is_played or self._has_been_reset or isinstance(response.request, SubmitMulti))
        if key not in self._by_id and is_plain:
            self.breach("known_ids", f"{key} was told and never given")

    @property
    def _is_played(self) -> bool:
        """Whether rules may say that anything looks otherwise."""
        return self.world.smsc.stage is not None

    def arrived(self, link: "GatewayLink", pdu: Pdu) -> None:
        """No receipt comes before the response of its message, while that can come."""
        esm_class = getattr(pdu, "esm_class", 0)
        if not esm_class & 0x24:
            return
        message_id = _id_in(pdu)
        key = (link.gateway.customer.name, message_id)
        life = self._by_id.get(key)
        if life is None:
            if not self._is_played and not self._has_been_reset:
                self.breach("known_ids", f"a receipt of {key} came, which nobody has sent")
            return
        message = life.message
        if key in self._told_ids or life.answered is None:
            return
        session = self.world.smsc.sessions.get(message.session)
        if session is None or session.hang_up or not session.connection.is_bound:
            return
        if message.session in self._struck_sessions or any(map(_may_overtake, self._together(life))):
            return
        self.breach("response_first", f"the receipt of message {message.number} came before its response", message)

    def _together(self, life: Life) -> list[Submission]:
        """The messages that have one answer and one id with it, and itself."""
        if not isinstance(life.request, SubmitMulti):
            return [life.message]
        return [one.message for one in self.lives.values() if one.request is life.request]

    @property
    def _has_been_reset(self) -> bool:
        return "reset" in self.world.plan.troubles

    def unasked(self, link: "GatewayLink", response: "Response") -> None:
        """A response that answers nothing: late, or made by a rule."""
        self._told_ids.add((link.gateway.customer.name, getattr(response, "message_id", "")))
        if not self._is_played and not self._was_late(link):
            self.breach("one_answer", f"{response.name} {response.sequence_number} answers nothing")

    def _was_late(self, link: "GatewayLink") -> bool:
        return link.gateway.expired > 0

    def puzzled(self, link: "GatewayLink", event: "Malformed") -> None:
        """Octets that are no PDU: only rules may send such."""
        if not self._is_played:
            self.breach("well_formed", f"{event.reason}: {event.raw.hex()}")

    # ------------------------------------------------------------------ the end

    def end(self) -> None:
        """Everything was answered, has one fate, and was told to who asked."""
        smsc = self.world.smsc
        # a rule may have seen to it that one of them is let in no more
        is_whole = all(any(link.can_receive for link in gateway.links) for gateway in self.world.gateways)
        if smsc.waiting() and is_whole:
            self.breach("nothing_waits", f"{smsc.waiting()} deliveries wait when all is over")
        self._balance()
        for life in self.lives.values():
            self._balanced(life, is_whole=is_whole)
        for message, left in self._segments.items() if is_whole else ():
            if left or message.state not in {"DELIVRD", "UNDELIV"}:
                self.breach(
                    "subscribers_balance", f"{left} segments of message {message.number} are unsettled", message
                )
        self.measures.end()

    def _balance(self) -> None:
        """Submitted is accepted, refused or unanswered; accepted is ended, or lost where somebody loses it."""
        smsc, lives = self.world.smsc, self.lives.values()
        answered = sum(life.answered is not None for life in lives)
        for told, ours, theirs in (
            ("submitted", smsc.journal.counts["submitted"], len(self.lives)),
            ("answered", sum(smsc.tally.answered.values()), answered),
            ("ended", sum(smsc.tally.concluded.values()), sum(life.ends for life in lives)),
        ):
            if ours != theirs:
                self.breach("balance", f"{ours} messages were {told} by the counters, {theirs} by their events")
        open_ones = Counter(one.message.account for one in lives if is_open(one))
        for account, room in smsc.store.room.items():
            held = smsc.terms_of(account).open_max - room
            if held != open_ones[account]:
                self.breach("balance", f"{account} has {open_ones[account]} open, {held} are counted")

    def _balanced(self, life: Life, *, is_whole: bool) -> None:
        message = life.message
        if is_open(life):
            self.breach("one_end", f"message {message.number} was taken and has no end", message)
        if life.ends and not message.message_id:
            self.breach("one_end", f"message {message.number} was refused and has ended", message)
        if life.wanted != life.settled and is_whole and not self._retells:
            told = f"message {message.number} was to be told {life.wanted} times, and was {life.settled} times"
            self.breach("all_is_told", told, message)
        if life.answered is None and self._owes_an_answer(life):
            self.breach("answered_once", f"message {message.number} was never answered", message)

    def _owes_an_answer(self, life: Life) -> bool:
        """Whether nobody has wanted silence, and whoever has sent it is still there to be told."""
        message = life.message
        if message.cause is not None and message.cause.answer == 0:
            return False
        if is_silent(message) or message.session in self._struck_sessions:
            return False
        if isinstance(life.request, SubmitMulti):
            return False
        # a transaction is answered when its fate is known, where somebody is left to be told
        return message.is_stored or message.session in self.world.smsc.sessions


def wants(life: Life, outcome: Any) -> bool:
    """Whether a rule or, without one, the sender wants to be told of this."""
    own = None if life.message.fate is None else life.message.fate.forms.receipts
    form, part = getattr(outcome, "form", None), life.message.part
    asked, parts = (
        next((value for one in (form, own) if one is not None and (value := getattr(one, word)) is not None), None)
        for word in ("asked", "parts")
    )
    if asked == "never" or (part is not None and parts in {"first", "last"} and not _is_told(part, parts)):
        return False
    if asked == "always":
        return True
    if not getattr(outcome, "tells_final", outcome.is_final):
        return bool(life.asked & 0x10)
    return life.asked & 3 in {1, 3 if outcome.state == "DELIVRD" else 2}


def _is_told(part: Any, parts: str) -> bool:
    """Whether this part stands for its text."""
    return bool(part.number == (1 if parts == "first" else part.total))


def _may_overtake(message: Submission) -> bool:
    """Whether a rule or a network lets its receipt come in front of its response."""
    return message.fate is not None or any(goes_first(one) for one in message.plan)


def is_open(life: Life) -> bool:
    """Whether it was taken, and is still to end: what nobody plans an end for is lost, and not open."""
    message = life.message
    return bool(message.message_id) and not life.ends and message.step < len(message.plan)


def _retells(scenario: "Scenario") -> bool:
    return any(
        rule.when.event in {"receipt", "conclude"} and (rule.then.deliver is not None or rule.then.receipts is not None)
        for rule in scenario.rules
    )


def is_silent(message: Submission) -> bool:
    """Whether a rule lets nobody answer it."""
    decision = None if message.fate is None else message.fate.decision
    return decision is not None and decision.silence is not None


def _id_in(pdu: Any) -> str:
    """The id that a receipt names."""
    tlv = first(pdu.tlvs, TlvTag.RECEIPTED_MESSAGE_ID)
    if tlv is not None:
        return bytes(tlv.value).rstrip(b"\x00").decode("ascii", "replace")
    receipt = parse(getattr(pdu, "short_message", b"").decode("ascii", "replace"))
    return "" if receipt is None else receipt.message_id


__all__ = ["Breach", "Life", "Watch", "is_silent", "wants"]

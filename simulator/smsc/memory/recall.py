"""What has happened so far, asked in the words of rules: messages, events and sessions, as values that stand still.

A test's program lives in another thread than the SMSC: what it is given here never changes under its hands. It decides
nothing; a question about the past that only the present could answer is refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from simulator.journal import BOUND, DISCONNECTED, KINDS, MO_ACKNOWLEDGED, MO_SENT, RESET, Event
from simulator.scenario.expect import Matcher, Moment
from simulator.scenario.match import Match
from simulator.scenario.problems import Problem, ScenarioError
from simulator.scenario.rules import Difference
from simulator.scenario.shape import Names
from simulator.scenario.speaking import made_of
from simulator.scenario.words.wire_words import nearest
from simulator.smpp.constants import status_name
from simulator.smsc.memory.history import Row, head_of, parts_of
from simulator.smsc.memory.seen_match import SeenMatch
from simulator.smsc.memory.silences import shown_state, shown_status
from simulator.smsc.memory.truths import Fact, truth_of
from simulator.smsc.play.moments import Begun, Place, moment_of
from simulator.smsc.translate import Incoming, Submission

if TYPE_CHECKING:
    from simulator.scenario.happening import Seat
    from simulator.smpp.tlvs import Book
    from simulator.smsc.session import Session
    from simulator.smsc.smsc import Smsc

PLACES_MAX: Final = 10_000
"""Sessions that have gone and are still known."""
NEAR_MAX: Final = 3
"""Near misses that are told."""
TEXT_MAX: Final = 40
"""Characters of a text that a near miss shows."""
OF_NOW: Final = (
    *("rate", "in_flight", "idle", "since_connect", "since_bound", "since_disconnect"),
    *("phase", "variables", "held"),
)
"""What a rule asks of the moment, and nobody knows any more afterwards."""
RECEIPTS: Final = ("sent", "acknowledged")


class Truncated(LookupError):
    """The answer would be too small: the oldest events, or rows, are no longer kept."""


@dataclass(slots=True, frozen=True)
class SeenMessage:
    """A message as it is known at present: one text to one destination, its parts beneath.

    Times are carrier time in unix seconds. ``direction`` is "mt" from an ESME, "mo" from a subscriber; ``state`` the
    seven-letter word, REFUSED where the submission was not accepted, UNANSWERED where nobody has answered it either;
    ``status`` the name of what was answered, empty where nothing was.
    ``pdu`` is the request of the first part, while it is kept; ``truth`` is what is so of it, whatever its sender was
    told, where networks are played.
    """

    number: int
    direction: str
    account: str
    message_id: str
    source: str
    destination: str
    text: str
    state: str
    status: str
    data_coding: int
    submitted_at: float
    done_at: float | None
    receipts_sent: int
    receipts_acknowledged: int
    session: int
    pdu: Any = field(default=None, repr=False)
    parts: "tuple[SeenMessage, ...]" = field(default=(), repr=False)
    truth: Fact | None = field(default=None, repr=False)


class SeenEvent(NamedTuple):
    """An event of the journal; ``message`` as it is at present, ``detail`` in a word: a status, a state, a reason."""

    number: int
    at: float
    kind: str
    session: int
    detail: str
    message: SeenMessage | None


class SeenSession(NamedTuple):
    """A session as it is at present; ``account`` and ``bind_type`` are empty before it is bound."""

    number: int
    account: str
    system_id: str
    bind_type: str
    state: str
    version: str
    peer: str
    listener: str
    is_bound: bool


class Miss(NamedTuple):
    """A message or session that is not what was wanted: its name, and all that differs."""

    name: str
    differences: list[Difference]

    def __str__(self) -> str:
        told = "; ".join(f"{field}: wanted {wanted}, got {got}" for field, wanted, got in self.differences)
        return f"{self.name}: {told}"


class _Row:
    """One part of a row as questions see it: the text and the state are the whole row's."""

    def __init__(self, row: Row, member: Submission | Incoming) -> None:
        self.text = row.text
        self.state = shown_state(row)
        self.account = member.account
        self.source = member.source
        self.destination = member.destination
        self.submitted_at = member.submitted_at
        self.part = member.part
        self.data_coding = member.data_coding
        self.pdu = None if isinstance(member, Incoming) else member.pdu
        self.user_data = member.user_data


class Recall:
    """Asks one SMSC what has happened since its last reset. ``clock`` gives link time."""

    def __init__(self, smsc: "Smsc", clock: Callable[[], float]) -> None:
        self._smsc = smsc
        self._clock = clock
        self._places: dict[int, Place] = {}
        self._began = Begun(smsc.clock.at(clock()))
        smsc.journal.feed(DISCONNECTED, self._left)
        smsc.journal.feed(RESET, self._reset)

    def _reset(self, at: float, session: int, subject: Any, detail: Any) -> None:
        self._began = Begun(at)

    def _left(self, at: float, session: int, caller: Any, detail: Any) -> None:
        self._places[session] = Place(self._smsc, session, caller)
        if len(self._places) > PLACES_MAX:
            del self._places[next(iter(self._places))]

    # ------------------------------------------------------------------ questions

    def question(
        self, keys: Mapping[str, Any], asked: str, of_now: Sequence[str] = OF_NOW, shape: type[Match] = Match
    ) -> Match:
        """The match of keyword arguments. Raises ScenarioError, also for what is known of the present alone."""
        made = made_of(shape, keys, asked, self._names())
        for key in of_now:
            if getattr(made, key) is not None:
                told = "what the journal keeps; a rule can ask it, and expect: of a file"
                raise ScenarioError([Problem(asked, 0, 0, key, f"{key} of what is past", told)])
        return made

    def question_of_messages(self, keys: Mapping[str, Any], asked: str) -> Match:
        """The same about messages: event="mo" means those of subscribers, no other event can be asked for."""
        made = self.question(keys, asked, (*OF_NOW, "age"), SeenMatch)
        if made.event not in {None, "mo"}:
            raise ScenarioError(
                [Problem(asked, 0, 0, "event", f"{made.event!r} is no message", "mo, or nothing: those of ESMEs")]
            )
        return made

    def question_of_events(self, kind: str | None, keys: Mapping[str, Any], asked: str) -> Match:
        """The same about events of a kind, or of any."""
        if kind is not None and kind not in KINDS:
            hint, found = nearest(kind, KINDS), f"{kind!r} is no kind of event"
            raise ScenarioError([Problem(asked, 0, 0, "kind", found, ", ".join(KINDS), hint)])
        made = self.question(keys, asked)
        if made.event is not None:
            raise ScenarioError([Problem(asked, 0, 0, "event", "event of an event", "kind, which says it")])
        return made

    def _names(self) -> Names:
        return Names(book=self._book)

    @property
    def _book(self) -> "Book":
        stage = self._smsc.stage
        return self._smsc.terms.book if stage is None else stage.script.book

    # ------------------------------------------------------------------ events

    def count(self, kind: str | None, where: Match) -> int:
        """How many events match. Raises Truncated where some of them may be gone."""
        journal = self._smsc.journal
        if not where.said:
            return journal.total if kind is None else journal.counts[kind]
        return sum(1 for _ in self._events(kind, where))

    def events(self, kind: str | None, where: Match) -> list[SeenEvent]:
        """The events that match, in their order. Raises Truncated where some of them may be gone."""
        return [self._event(event) for event in self._events(kind, where)]

    def _events(self, kind: str | None, where: Match) -> Iterator[Event]:
        journal, matcher = self._smsc.journal, Matcher(where, self._book)
        if journal.truncated:
            raise Truncated(f"journal: {journal.truncated} older events are no longer kept, so this is not known")
        for event in journal.rows():
            if kind is None or event.kind == kind:
                if where.said and not matcher.matches(self._moment(event)):
                    continue
                yield event

    def _moment(self, event: Event) -> Moment:
        return moment_of(event, self._clock(), self._seat(event.session), self._story())

    def _story(self) -> Begun:
        """When it began is all that is asked of the past."""
        stage = self._smsc.stage
        return self._began if stage is None else Begun(stage.story.began_at)

    def _seat(self, number: int) -> "Seat | None":
        if number in self._smsc.sessions:
            return Place(self._smsc, number, None)
        return self._places.get(number)

    def _event(self, event: Event) -> SeenEvent:
        subject = event.subject
        message = _seen_part(subject) if isinstance(subject, Submission | Incoming) else None
        return SeenEvent(event.number, event.at, event.kind, event.session, detail_of(event), message)

    # ------------------------------------------------------------------ messages

    def matcher(self, where: Match) -> Matcher:
        """What asks one row after the other, or one event."""
        return Matcher(where, self._book)

    def is_meant(self, row: Row, matcher: Matcher, receipt: str | None = None, truth: str | None = None) -> bool:
        """Whether this row matches."""
        return any(matcher.matches(moment) for moment in self._moments(row)) and not (
            _lacks(row, receipt) or self._differs(row, truth)
        )

    def is_meant_event(self, event: Event, matcher: Matcher) -> bool:
        """Whether this event matches."""
        return matcher.matches(self._moment(event))

    def seen_event(self, event: Event) -> SeenEvent:
        """The event, its message as it is at present."""
        return self._event(event)

    def messages(self, where: Match, receipt: str | None = None, truth: str | None = None) -> list[SeenMessage]:
        """The messages that match, oldest first; with ``truth`` those of which that is so by now.

        Raises Truncated where some of them may be gone.
        """
        history, matcher = self._smsc.history, Matcher(where, self._book)
        if history.evicted:
            raise Truncated(f"messages: {history.evicted} older ones are no longer kept, so this is not known")
        rows = reversed(list(self._rows(where)))
        return [self._seen(row) for row in rows if self.is_meant(row, matcher, receipt, truth)]

    def message(self, number: int) -> SeenMessage | None:
        """The message of that number."""
        row = self._smsc.history.get(number)
        return None if row is None else self._seen(row)

    def _truth(self, row: Row) -> Fact | None:
        return truth_of(row, self._smsc, self._smsc.clock.at(self._clock()))

    def _seen(self, row: Row) -> SeenMessage:
        truth = self._truth(row)
        return seen(row) if truth is None else replace(seen(row), truth=truth)

    def _differs(self, row: Row, truth: str | None) -> list[Difference]:
        """Where something else is so of it, or nobody knows."""
        if truth is None:
            return []
        fact = self._truth(row)
        known = "not known" if fact is None else fact.state
        return [] if known == truth else [Difference("truth", truth, known)]

    def misses(self, where: Match, receipt: str | None = None, truth: str | None = None) -> list[Miss]:
        """The messages that differ least from what is wanted, the nearest first."""
        matcher, found = Matcher(where, self._book), list[Miss]()
        for row in self._rows(where):
            if (miss := self.miss_of(row, matcher, receipt, truth)) is not None:
                found.append(miss)
        return sorted(found, key=distance)[:NEAR_MAX]

    def miss_of(self, row: Row, matcher: Matcher, receipt: str | None = None, truth: str | None = None) -> Miss | None:
        """How this row differs from what is wanted; None where it does not."""
        differences = min((matcher.differences(one) for one in self._moments(row)), key=len)
        differences = [*differences, *_lacks(row, receipt), *self._differs(row, truth)]
        if not differences:
            return None
        head = head_of(row)
        text = row.text if len(row.text) <= TEXT_MAX else row.text[:TEXT_MAX] + "..."
        return Miss(f"message {row.number}, {head.source.number} -> {head.destination.number}, {text!r}", differences)

    def _rows(self, where: Match) -> Iterator[Row]:
        """The rows that can be meant at all, newest first."""
        is_mo = where.event == "mo"
        return (row for row in self._smsc.history.newest_first() if isinstance(row, Incoming) is is_mo)

    def _moments(self, row: Row) -> Iterator[Moment]:
        now, story = self._clock(), self._story()
        for member in [row] if isinstance(row, Incoming) else parts_of(row):
            session, at = member.session if isinstance(member, Submission) else 0, member.submitted_at
            moment = Moment(row.number, "", at, now, at - story.began_at, session, seat=self._seat(session))
            moment.story, moment.state = story, shown_state(row)
            moment.message = view = _Row(row, member)
            if isinstance(member, Submission):
                moment.status = member.status
            if view.pdu is not None:
                moment.pdu, moment.command = view.pdu, view.pdu.command_id
            yield moment

    # ------------------------------------------------------------------ sessions

    def sessions(self, where: Match) -> list[SeenSession]:
        """The sessions that are bound and match, in the order in which they came."""
        matcher = Matcher(where, self._book)
        bound = [one for one in self._smsc.sessions.values() if one.connection.is_bound and not _is_cut(one)]
        return [seen_session(one) for one in bound if matcher.matches(self._moment_of_session(one))]

    def missed_sessions(self, where: Match) -> list[Miss]:
        """The sessions that differ least from what is wanted, the nearest first."""
        matcher, found = Matcher(where, self._book), list[Miss]()
        for session in self._smsc.sessions.values():
            differences = matcher.differences(self._moment_of_session(session))
            if not session.connection.is_bound:
                differences.append(Difference("state", "bound", session.state.value))
            if differences:
                found.append(Miss(f"session {session.number} of {session.system_id or session.peer}", differences))
        return sorted(found, key=distance)[:NEAR_MAX]

    def _moment_of_session(self, session: "Session") -> Moment:
        now = self._clock()
        at, story = self._smsc.clock.at(now), self._story()
        moment = Moment(0, BOUND, at, now, at - story.began_at, session.number, seat=self._seat(session.number))
        moment.story = story
        return moment


def _is_cut(session: "Session") -> bool:
    """Whether its link is being ended by us, and only has not noticed yet."""
    return session.is_ending or (session.flow is not None and session.flow.is_reset)


def distance(miss: Miss) -> int:
    """In how many things it differs."""
    return len(miss.differences)


def _lacks(row: Row, receipt: str | None) -> list[Difference]:
    """What is missing of its receipts: "sent" wants one of each part, "acknowledged" an answer to each as well."""
    if receipt is None or isinstance(row, Incoming):
        return []
    parts = parts_of(row)
    done = sum(bool(part.receipts_acknowledged if receipt == "acknowledged" else part.receipts_sent) for part in parts)
    if done == len(parts):
        return []
    sent = sum(part.receipts_sent for part in parts)
    answered = sum(part.receipts_acknowledged for part in parts)
    asks = "" if any(part.registered_delivery & 0x03 for part in parts) else ", none was asked for"
    return [Difference("receipt", receipt, f"{sent} sent, {answered} acknowledged{asks}")]


def detail_of(event: Event) -> str:
    """What an event tells beside its subject, in a word: a status, a state, which segment, a reason."""
    detail = event.detail
    if detail is None:
        return ""
    if isinstance(detail, int):
        return f"segment {detail + 1}" if event.kind in {MO_SENT, MO_ACKNOWLEDGED} else status_name(detail)
    return str(getattr(detail, "state", detail))


def seen(row: Row) -> SeenMessage:
    """The row as it is at present."""
    head = head_of(row)
    if isinstance(row, Incoming):
        return _seen_part(row)
    parts = parts_of(row)
    refused = next((part for part in parts if part.status), parts[0])
    is_over = all(part.is_final for part in parts)
    return SeenMessage(
        number=row.number,
        direction="mt",
        account=head.account,
        message_id=head.message_id,
        source=head.source.number,
        destination=head.destination.number,
        text=row.text,
        state=shown_state(row),
        status=_status(refused),
        data_coding=head.data_coding,
        submitted_at=head.submitted_at,
        done_at=max(part.done_at or 0.0 for part in parts) if is_over else None,
        receipts_sent=sum(part.receipts_sent for part in parts),
        receipts_acknowledged=sum(part.receipts_acknowledged for part in parts),
        session=parts[0].session,
        pdu=parts[0].pdu,
        parts=tuple(map(_seen_part, parts)),
    )


def _status(member: Submission | Incoming) -> str:
    status = shown_status(member)
    return "" if status is None else status_name(status)


def _seen_part(member: Submission | Incoming) -> SeenMessage:
    """One part by itself, or a subscriber's message."""
    of_esme = member if isinstance(member, Submission) else None
    return SeenMessage(
        number=member.number,
        direction="mo" if of_esme is None else "mt",
        account=member.account,
        message_id=member.message_id,
        source=member.source.number,
        destination=member.destination.number,
        text=member.text,
        state=shown_state(member),
        status=_status(member),
        data_coding=member.data_coding,
        submitted_at=member.submitted_at,
        done_at=member.done_at,
        receipts_sent=0 if of_esme is None else of_esme.receipts_sent,
        receipts_acknowledged=0 if of_esme is None else of_esme.receipts_acknowledged,
        session=0 if of_esme is None else of_esme.session,
        pdu=None if of_esme is None else of_esme.pdu,
    )


def seen_session(session: "Session") -> SeenSession:
    """The session as it is at present."""
    version = session.connection.peer_version
    return SeenSession(
        number=session.number,
        account=session.account.name if session.account else "",
        system_id=session.system_id,
        bind_type=session.bind_type,
        state=session.state.value,
        # one digit per half octet: 0x34 is 3.4 (SMPP 3.4, 5.2.4)
        version=f"{version >> 4}.{version & 0x0F}",
        peer=session.peer,
        listener=session.listener,
        is_bound=session.connection.is_bound,
    )


__all__ = [
    "Miss",
    "Recall",
    "SeenEvent",
    "SeenMessage",
    "SeenSession",
    "Truncated",
    "detail_of",
    "distance",
    "seen",
    "seen_session",
]

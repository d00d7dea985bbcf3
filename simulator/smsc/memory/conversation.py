"""What was said, for a person whose test has failed: sessions, events, PDUs read aloud, rules that fired or nearly did.

It reads what the SMSC knows and makes lines of it; whoever shows them decides where.
"""

from collections import Counter, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import RULE_FIRED, SUBMITTED, Event
from simulator.scenario.happening import Happening
from simulator.smpp.constants import status_name
from simulator.smpp.dissect import dissect
from simulator.smsc.memory.evidence import Caller, Evidence
from simulator.smsc.memory.recall import detail_of, seen_session
from simulator.smsc.translate import Incoming, Submission

if TYPE_CHECKING:
    from simulator.smpp.tlvs import Book
    from simulator.smsc.memory.overhearing import Overheard, Said
    from simulator.smsc.smsc import Smsc

EVENTS_MAX: Final = 80
"""The last events, which are told."""
SESSIONS_MAX: Final = 20
"""Sessions that are told, the last ones."""
RULES_MAX: Final = 5
"""Rules of which it is told why they did not fire."""
WIDTH: Final = 400
"""Characters of a line."""
_HIDDEN: Final = frozenset({"password"})


def conversation(smsc: "Smsc", now: float, heard: "Overheard | None" = None) -> list[str]:
    """The lines, at link time ``now``; terminal escapes and the like are shown and not done.

    Without ``heard`` the PDUs are those that the journal has kept.
    """
    found = [*_sessions(smsc), *_events(smsc, heard), *_rules(smsc, now)]
    return ["".join(one if one.isprintable() else "\ufffd" for one in line)[:WIDTH] for line in found]


def _sessions(smsc: "Smsc") -> Iterator[str]:
    known = list(smsc.sessions.values())
    shown = known[-SESSIONS_MAX:]
    yield f"sessions: {len(known) or 'none'}" + (f", the last {len(shown)}" if len(shown) < len(known) else "")
    for session in shown:
        one = seen_session(session)
        who = f"{one.system_id} {one.bind_type} {one.version}" if one.is_bound else "nobody yet"
        yield f"  session {one.number} of {one.peer}: {who}, {one.state}, {session.submitted} submitted"


def _events(smsc: "Smsc", heard: "Overheard | None") -> Iterator[str]:
    journal = smsc.journal
    first = max(0, journal.total - EVENTS_MAX)
    rows = list(journal.rows(first))
    yield f"events: {journal.total}" + (f", the last {len(rows)}" if first else "")
    began = rows[0].at if rows else 0.0
    said = deque(one for one in (heard.said if heard is not None else ()) if one.events_before >= first)
    for event in rows:
        while said and said[0].events_before <= event.number:
            yield _pdu(smsc, said.popleft())
        where = f"session {event.session}" if event.session else ""
        yield f"  {event.at - began:+10.3f} s  {where:<11} {event.kind}{_told(event)}"
        if heard is None:
            yield from _kept(smsc, event)
    yield from (_pdu(smsc, one) for one in said)


def _pdu(smsc: "Smsc", said: "Said") -> str:
    session = smsc.sessions.get(said.session)
    book = None if session is None else session.terms.book
    return f"{'':>16}session {said.session:<3} {'->' if said.is_ours else '<-'} {read_aloud(said.octets, book)}"


def _kept(smsc: "Smsc", event: Event) -> Iterator[str]:
    """The PDU of an event, where it has kept one."""
    subject = event.subject
    if event.kind == SUBMITTED and isinstance(subject, Submission) and subject.pdu is not None:
        yield f"{'':>28}{read_aloud(subject.pdu.raw, smsc.terms_of(subject.account).book)}"
    elif isinstance(subject, Evidence) and subject.octets:
        yield f"{'':>28}{read_aloud(subject.octets)}"


def _told(event: Event) -> str:
    subject = event.subject
    told = ""
    if isinstance(subject, Submission | Incoming):
        told = f" #{subject.number} {subject.source.number} -> {subject.destination.number}"
        if event.kind == SUBMITTED or isinstance(subject, Incoming):
            told += f" {subject.text!r}"
    elif isinstance(subject, Caller):
        told = f" {subject.system_id} {subject.bind_type}".rstrip()
    word = detail_of(event)
    return f"{told}: {word}" if word else told


def read_aloud(octets: bytes, book: "Book | None" = None) -> str:
    """A PDU in one line: its status, the fields and TLVs that say anything, and what is wrong with it. No password."""
    one = dissect(octets, book)[0] if book is not None else dissect(octets)[0]
    said = [f"{one.command or 'no PDU'} {one.sequence_number}"]
    if one.command_status:
        said.append(status_name(one.command_status))
    fields = [field for field in one.fields if field.value and field.name != "sm_length"]
    said += [
        f"{field.name}={'***' if field.name in _HIDDEN else _value(field.value)}{_meaning(field.meaning)}"
        for field in fields
    ]
    said += [f"{tlv.name}={_value(tlv.value)}{_meaning(tlv.meaning)}" for tlv in one.tlvs]
    return " ".join([*said, *(f"!! {error}" for error in one.errors)])


def _value(value: Any) -> str:
    if isinstance(value, bytes):
        is_text = value.isascii() and value.decode("ascii").isprintable()
        return repr(value.decode("ascii")) if is_text else value.hex()
    return str(value)


def _meaning(text: str) -> str:
    return f" ({text})" if text else ""


def _rules(smsc: "Smsc", now: float) -> Iterator[str]:
    """Which rules have fired, and how the others differ from the last submission."""
    stage = smsc.stage
    if stage is None or not any(True for _ in stage.script):
        return
    fired: Counter[str] = Counter()
    last: Event | None = None
    for event in smsc.journal.rows():
        if event.kind == RULE_FIRED:
            fired[str(event.detail)] += 1
        elif event.kind == SUBMITTED and isinstance(event.subject, Submission):
            last = event
    yield "rules that fired: " + (", ".join(f"{name} {times} times" for name, times in fired.items()) or "none")
    if last is None or last.subject.pdu is None:
        return
    message, session = last.subject, smsc.sessions.get(last.session)
    happening = Happening(
        message.pdu.command_id,
        last.at,
        now,
        message=message,
        pdu=message.pdu,
        seat=None if session is None else session.seat_while_open,
        story=stage.story,
    )
    missed = [
        (rule.name, rule.differences(happening))
        for rule in stage.script
        if rule.name not in fired and happening.key in rule.keys
    ]
    nearest = sorted((one for one in missed if one[1]), key=lambda one: len(one[1]))
    for name, differences in nearest[:RULES_MAX]:
        told = "; ".join(f"{field}: wanted {wanted}, got {got}" for field, wanted, got in differences)
        yield f"  {name} did not, of #{message.number}: {told}"


__all__ = ["conversation", "read_aloud"]

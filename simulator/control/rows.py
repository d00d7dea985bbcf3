"""What the SMSC knows, as plain values for JSON: rows of messages and of sessions. It reads and never changes.

Nothing here is a password: accounts appear by their names alone.
"""

from pathlib import Path
from typing import Any, Protocol

from simulator.carrier.messages import REFUSED, Address
from simulator.control.moments import moment_text
from simulator.control.tlvs import tlvs_json
from simulator.smpp.constants import status_name
from simulator.smpp.tlvs import Book, Tlv
from simulator.sms.alphabets import alphabet_of
from simulator.smsc.memory.history import Group, Row, head_of, parts_of
from simulator.smsc.memory.silences import shown_state, shown_status
from simulator.smsc.memory.truths import Fact, fact_of, truth_of
from simulator.smsc.objections import TYPE_MASK
from simulator.smsc.play.unsaid import err_of
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.subscribers.acknowledgements import ASKED, TYPES
from simulator.smsc.subscribers.areas import ALIAS, FORMATS
from simulator.smsc.subscribers.broadcasts import Broadcast
from simulator.smsc.subscribers.phones import Phone
from simulator.smsc.translate import Incoming, Submission

Json = dict[str, Any]

_KINDS = {message_type: kind for kind, message_type in TYPES.items()}


class Recording(Protocol):
    """What keeps the events in a file, and how it fares: counts of events, and why it cannot write at present."""

    path: Path
    lost: int
    error: str | None

    @property
    def written(self) -> int:
        """Events that are in the file."""

    @property
    def waiting(self) -> int:
        """Events that wait to be written."""


def recording_json(recording: Recording) -> Json:
    """How the file of events fares, as shapes.RecordingShape has it."""
    return {
        "file": str(recording.path),
        "written": recording.written,
        "waiting": recording.waiting,
        "lost": recording.lost,
        "error": recording.error,
    }


def moment_of(row: Row) -> float:
    """Carrier time at which a row began: rows stand in this order."""
    return row.began_at if isinstance(row, Group) else row.submitted_at


def row_json(row: Row, smsc: Smsc, at: float) -> Json:
    """A row at carrier time ``at`` as shapes.RowShape has it.

    The SMSC knows what acknowledges what, an account's names of TLVs, and what is so beside what was told.
    """
    head = head_of(row)
    book = smsc.terms_of(head.account).book
    own = _fate_of_incoming(row) if isinstance(row, Incoming) else _fate(row, book)
    for part, told_of in zip(parts_of(row), own["parts"], strict=True):
        told_of["truth"] = _truth(fact_of(part, smsc, at))
    known = smsc.acknowledgements
    members = [row] if isinstance(row, Incoming) else parts_of(row)
    told = [told for member in members for told in known.of(member.number)]
    return {
        "id": str(row.number),
        "account": head.account,
        "message_id": head.message_id or None,
        "from": head.source.number,
        "to": head.destination.number,
        "source": _address(head.source),
        "destination": _address(head.destination),
        "text": row.text,
        "alphabet": str(alphabet_of(head.data_coding)),
        "data_coding": head.data_coding,
        "state": shown_state(row),
        "truth": _truth(truth_of(row, smsc, at)),
        "submitted_at": moment_text(moment_of(row)),
        "scheduled_at": _moment(head.scheduled_at),
        "expires_at": _moment(head.expires_at),
        "kind": _KINDS.get(_esm_class(head) & TYPE_MASK, "message"),
        "asks": [kind for kind, bit in ASKED.items() if _registered_delivery(head) & bit],
        "acknowledges": known.about(head.number),
        "acknowledgements": [
            {"kind": one.kind, "at": moment_text(one.at), "message_id": one.message_id} for one in told
        ],
        "tlvs": tlvs_json(_tlvs(head), book),
        **own,
    }


def _esm_class(message: Submission | Incoming) -> int:
    if isinstance(message, Incoming):
        return message.extras.message_type
    return 0 if message.pdu is None else message.pdu.esm_class


def _registered_delivery(message: Submission | Incoming) -> int:
    return message.extras.registered_delivery if isinstance(message, Incoming) else message.registered_delivery


def _tlvs(message: Submission | Incoming) -> tuple[Tlv, ...]:
    if isinstance(message, Incoming):
        return message.extras.tlvs
    return () if message.pdu is None else message.pdu.tlvs


def _truth(fact: Fact | None) -> Json | None:
    if fact is None:
        return None
    empty_is_null = {"cause": fact.cause or None, "why": fact.why or None, "network": fact.network or None}
    return {"state": fact.state, **empty_is_null, "at": _moment(fact.at)}


def _fate(row: Submission | Group, book: Book) -> Json:
    parts = parts_of(row)
    # the part that gives the row its state tells why; a text of which parts are missing may have none like that
    telling = next((part for part in parts if part.state == row.state), None)
    cause = telling.cause if telling else None
    has_err = telling is not None and telling.is_final and telling.state != REFUSED
    refused = next((part for part in parts if part.status), parts[0])
    is_over = all(part.is_final for part in parts) and (not isinstance(row, Group) or row.is_whole)
    return {
        "direction": "mt",
        "segments": row.total if isinstance(row, Group) else row.segments_needed,
        "status": _status(shown_status(refused)),
        "command_status": shown_status(refused),
        # what the receipt says, "000" where all is well
        "error": err_of(telling.state, cause) if telling is not None and has_err else None,
        "cause": cause.name if cause else None,
        "done_at": _moment(max(part.done_at or 0.0 for part in parts)) if is_over else None,
        "receipts": _receipts(parts),
        "parts": [_part(part, book) for part in parts],
    }


def _fate_of_incoming(row: Incoming) -> Json:
    return {
        "direction": "mo",
        "segments": row.segments_needed,
        "status": None,
        "command_status": None,
        "error": None,
        "cause": None,
        "done_at": _moment(row.done_at),
        "receipts": {"requested": False, "sent": 0, "acknowledged": 0},
        "parts": [],
    }


def _part(message: Submission, book: Book) -> Json:
    part = message.part
    return {
        "message_id": message.message_id or None,
        "part": part.number if part else 1,
        "total": part.total if part else 1,
        "reference": part.reference if part else None,
        "state": shown_state(message),
        "status": _status(shown_status(message)),
        "command_status": shown_status(message),
        "text": message.text,
        "submitted_at": moment_text(message.submitted_at),
        "session": message.session,
        "receipts": _receipts([message]),
        "tlvs": tlvs_json(_tlvs(message), book),
    }


def _status(status: int | None) -> str | None:
    return None if status is None else status_name(status)


def _receipts(parts: list[Submission]) -> Json:
    return {
        # the two lowest bits ask for a final receipt (SMPP 3.4, 5.2.17)
        "requested": any(part.registered_delivery & 0x03 for part in parts),
        "sent": sum(part.receipts_sent for part in parts),
        "acknowledged": sum(part.receipts_acknowledged for part in parts),
    }


def _address(address: Address) -> Json:
    return {"number": address.number, "ton": address.ton, "npi": address.npi}


def _moment(at: float | None) -> str | None:
    return None if at is None else moment_text(at)


def phone_json(phone: Phone) -> Json:
    """A phone as shapes.PhoneShape has it."""
    return {"number": phone.number, "is_on": phone.is_on, "waiting": phone.waiting, "alerts": phone.alerts}


def broadcast_json(broadcast: Broadcast, smsc: Smsc, at: float) -> Json:
    """A broadcast at carrier time ``at`` as shapes.BroadcastShape has it."""
    success = broadcast.success(at)
    return {
        "id": str(broadcast.number),
        "account": broadcast.account,
        "message_id": broadcast.message_id,
        "from": broadcast.source.number,
        "source": _address(broadcast.source),
        "text": broadcast.text,
        "data_coding": broadcast.pdu.data_coding,
        "state": broadcast.state,
        "priority": broadcast.pdu.priority_flag,
        "areas": [{**_area(area), "success": success} for area in broadcast.areas],
        "repetitions": broadcast.schedule.repetitions,
        "interval": broadcast.schedule.interval,
        "sent": broadcast.sent(at),
        "submitted_at": moment_text(broadcast.submitted_at),
        "scheduled_at": _moment(broadcast.scheduled_at),
        "expires_at": _moment(broadcast.expires_at),
        "done_at": _moment(broadcast.done_at),
        "tlvs": tlvs_json(broadcast.pdu.tlvs, smsc.terms_of(broadcast.account).book),
    }


def _area(area: bytes) -> Json:
    is_name = area[0] == ALIAS
    return {"format": FORMATS[area[0]], "area": area[1:].rstrip(b"\0").decode() if is_name else area[1:].hex()}


def session_json(session: Session) -> Json:
    """A session as shapes.SessionShape has it."""
    connection = session.connection
    version = connection.peer_version
    return {
        "id": session.number,
        "account": session.account.name if session.account else None,
        "system_id": session.system_id,
        "bind": session.bind_type or None,
        "state": session.state.value,
        # one digit per half octet: 0x34 is 3.4 (SMPP 3.4, 5.2.4)
        "version": f"{version >> 4}.{version & 0x0F}",
        "peer": session.peer,
        "listener": session.listener,
        "tls": session.tls._asdict() if session.tls else None,
        "connected_at": moment_text(session.connected_at),
        "bound_at": _moment(session.bound_at),
        "last_enquire_link_at": _moment(session.last_enquiry_at),
        "submitted": session.submitted,
        "window": {"deliver": {"used": len(connection.outstanding), "size": connection.window}},
        "bytes_waiting": session.bytes_waiting,
        "unanswered_deliveries": len(session.deliveries),
    }


def counters_json(smsc: Smsc) -> Json:
    """What has been counted since the last reset, as shapes.CountersShape has it."""
    return {
        "events": dict(smsc.journal.counts),
        "answered": {status_name(status): count for status, count in sorted(smsc.tally.answered.items())},
        "concluded": dict(sorted(smsc.tally.concluded.items())),
        "waiting": smsc.waiting(),
        "pending": len(smsc.agenda),
        "rows": len(smsc.history),
        "evicted": smsc.history.evicted,
    }

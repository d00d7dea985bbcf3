"""Cell broadcast, of SMPP 5.0 (4.4 to 4.6): texts to everybody in an area, repeated; asked about, replaced, cancelled.

A broadcast has no destination and no receipt, and is no message of the model: it is taken, goes out in its repetitions,
and ends. How often it went out follows from the time, so that one which repeats for a year costs two items of the
agenda. It knows PDUs and the SMSC; what the TLVs say is read by areas.py.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from math import floor, inf, isfinite
from typing import TYPE_CHECKING, Any, Final

from simulator.journal import BROADCAST_CONCLUDED, BROADCAST_SUBMITTED
from simulator.smpp.broadcasts import BroadcastSm, CancelBroadcastSm, QueryBroadcastSm, QueryBroadcastSmResp
from simulator.smpp.constants import CommandStatus, TlvTag, Version
from simulator.smpp.pdus import Response, response_to
from simulator.smpp.tlvs import Tlv, first, tlv_int, tlv_text
from simulator.sms.alphabets import read_text
from simulator.smsc.memory.evidence import evidence_of
from simulator.smsc.objections import spans
from simulator.smsc.operations import final_date
from simulator.smsc.subscribers.areas import Schedule, areas_of, failures, objection, objection_to_area, schedule_of
from simulator.smsc.translate import (
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    FINAL,
    SCHEDULED,
    Address,
    Arrival,
    wire_state,
)

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc

BROADCASTS_MAX: Final = 1_000
"""How many broadcasts are kept; the oldest that has ended goes first, and where none has, the oldest."""
OCTETS_MAX: Final = 16 * 1024 * 1024
"""Octets of them that are kept."""
TLV_OCTETS: Final = 112
"""What a TLV costs beside its value."""
FIRST_AFTER: Final = 1.0
"""Seconds from a broadcast's beginning until it is on the air for the first time."""

Operation = QueryBroadcastSm | CancelBroadcastSm

_Reference = tuple[str, Address, bytes]
"""Account, source address, and the value of user_message_reference."""


@dataclass(slots=True, eq=False)
class Broadcast:
    """One broadcast, as it was asked for and as it stands. Times are carrier time, spans seconds."""

    number: int
    """Serial number since the last reset; the row's id."""
    account: str
    session: int
    message_id: str
    source: Address
    submitted_at: float
    pdu: BroadcastSm
    areas: tuple[bytes, ...]
    """Those that it goes to; refused ones are not among them."""
    schedule: Schedule
    scheduled_at: float | None
    expires_at: float | None
    state: str = ENROUTE
    done_at: float | None = None

    @property
    def reference(self) -> _Reference | None:
        """By what its ESME may ask about it beside its id."""
        reference = first(self.pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
        return None if reference is None else (self.account, self.source, reference.value)

    @property
    def octets(self) -> int:
        """About what it costs to keep."""
        return sum(TLV_OCTETS + len(tlv.value) for tlv in self.pdu.tlvs)

    def shorten(self) -> None:
        """It is kept no longer: the journal's events still name it, so let them name something small."""
        self.pdu, self.areas = BroadcastSm(), ()

    @property
    def text(self) -> str:
        """What a person would read."""
        payload = first(self.pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
        return "" if payload is None else read_text(payload.value, self.pdu.data_coding)

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.state in FINAL

    @property
    def begins_at(self) -> float:
        """When it is on the air for the first time, if nothing ends it before."""
        return (self.submitted_at if self.scheduled_at is None else self.scheduled_at) + FIRST_AFTER

    @property
    def last_at(self) -> float:
        """When it is on the air for the last time by its repetitions alone; inf where only its validity ends it."""
        repetitions, interval = self.schedule
        return self.begins_at + (repetitions - 1) * interval if repetitions else inf

    @property
    def ends_at(self) -> float:
        """When it ends, if nobody cancels it."""
        return min(self.last_at, inf if self.expires_at is None else self.expires_at)

    def sent(self, at: float) -> int:
        """How often it had been on the air at carrier time ``at``."""
        until = min(at if self.done_at is None else self.done_at, self.ends_at)
        if until < self.begins_at:
            return 0
        # a thousandth of a second of slack for sums of floats
        times = floor((until - self.begins_at + 0.001) / self.schedule.interval) + 1
        return min(times, self.schedule.repetitions or times)

    def success(self, at: float) -> int:
        """Percent of each area that was reached: every cell takes part, so all or nothing."""
        return 100 if self.sent(at) else 0


class Broadcasts:
    """The broadcasts, by message_id; a bounded number of them."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._known: OrderedDict[str, Broadcast] = OrderedDict()
        self._referred: dict[_Reference, dict[str, Broadcast]] = {}
        self._octets = 0
        self.evicted = 0
        """How many are kept no longer."""

    def __len__(self) -> int:
        return len(self._known)

    def newest_first(self) -> Iterator[Broadcast]:
        """Those that are kept."""
        return reversed(self._known.values())

    # ------------------------------------------------------------------ broadcast_sm

    def submit(self, pdu: BroadcastSm, arrival: Arrival) -> Response:
        """The response to a broadcast_sm, the broadcast taken or another one replaced by it (SMPP 5.0, 4.4)."""
        scheduled, expires, in_time = spans(pdu.schedule_delivery_time, pdu.validity_period, arrival.at)
        status = objection(pdu) or in_time
        refused = {} if status else {area: why for area in areas_of(pdu) if (why := objection_to_area(area))}
        areas = tuple(area for area in areas_of(pdu) if area not in refused)
        if not status and not areas:
            # one reason for all of them is told, several are not
            status = next(iter(refused.values())) if len(set(refused.values())) == 1 else CommandStatus.ESME_RBCASTFAIL
        replaced = None
        if not status and pdu.replace_if_present_flag:
            replaced, status = self._replaceable(pdu, arrival)
        schedule = None if status else schedule_of(pdu)
        if schedule is None:
            self._smsc.journal.record(arrival.at, BROADCAST_SUBMITTED, arrival.session, evidence_of(pdu), status)
            response = response_to(pdu, status)
            response.tlvs = failures(refused)
            return response
        broadcast = Broadcast(
            number=self._smsc.next_number(),
            account=arrival.account.name,
            session=arrival.session,
            message_id=self._smsc.next_id(arrival) if replaced is None else replaced.message_id,
            source=_source(pdu),
            submitted_at=arrival.at,
            pdu=pdu,
            areas=areas,
            schedule=schedule,
            scheduled_at=scheduled,
            expires_at=expires,
        )
        if replaced is not None:
            # it keeps its id, and is a new broadcast in everything else
            self._let_go(replaced)
        pdu.raw = b""
        self._keep(broadcast)
        self._smsc.journal.record(arrival.at, BROADCAST_SUBMITTED, arrival.session, broadcast, 0)
        self._plan(broadcast)
        return response_to(pdu, message_id=broadcast.message_id, tlvs=failures(refused))

    def _replaceable(self, pdu: BroadcastSm, arrival: Arrival) -> tuple[Broadcast | None, int]:
        """The broadcast to replace, and a status if there is none: a broadcast_sm that replaces nothing has failed.

        It is named by exactly one of message_id and user_message_reference (SMPP 5.0, 4.4.1).
        """
        reference = first(pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
        if bool(pdu.message_id) == (reference is not None):
            return None, CommandStatus.ESME_RBCASTFAIL
        found = self._found(arrival.account.name, pdu.message_id, _source(pdu), reference)
        if found is None and pdu.message_id:
            return None, CommandStatus.ESME_RINVMSGID
        if found is None or found.is_final:
            return None, CommandStatus.ESME_RBCASTFAIL
        return found, 0

    def _keep(self, broadcast: Broadcast) -> None:
        known = self._known
        known[broadcast.message_id] = broadcast
        reference = broadcast.reference
        if reference is not None:
            self._referred.setdefault(reference, {})[broadcast.message_id] = broadcast
        self._octets += broadcast.octets
        while len(known) > 1 and (len(known) > BROADCASTS_MAX or self._octets > OCTETS_MAX):
            oldest = next(iter(known.values()))
            self._let_go(next((one for one in known.values() if one.is_final), oldest))
            self.evicted += 1

    def _let_go(self, broadcast: Broadcast) -> None:
        del self._known[broadcast.message_id]
        reference = broadcast.reference
        if reference is not None:
            alike = self._referred[reference]
            del alike[broadcast.message_id]
            if not alike:
                del self._referred[reference]
        self._octets -= broadcast.octets
        broadcast.shorten()

    # ------------------------------------------------------------------ what becomes of it

    def _plan(self, broadcast: Broadcast) -> None:
        # by name: what was let go or replaced meanwhile is not to live on in the agenda
        name = broadcast.message_id, broadcast.number
        if broadcast.scheduled_at is not None:
            broadcast.state = SCHEDULED
            self._smsc.agenda.put(broadcast.scheduled_at, self._begin, name)
        if isfinite(broadcast.ends_at):
            self._smsc.agenda.put(broadcast.ends_at, self._end, name)

    def _due(self, name: tuple[str, int]) -> Broadcast | None:
        """The broadcast of this name, if it has not ended and is still the one that was meant."""
        message_id, number = name
        broadcast = self._known.get(message_id)
        return None if broadcast is None or broadcast.is_final or broadcast.number != number else broadcast

    def _begin(self, name: Any, now: float) -> None:
        broadcast = self._due(name)
        if broadcast is not None:
            broadcast.state = ENROUTE

    def _end(self, name: Any, now: float) -> None:
        broadcast = self._due(name)
        if broadcast is not None:
            # until its validity ends is as long as was wanted, where no number of repetitions was
            is_done = broadcast.ends_at == broadcast.last_at or not broadcast.schedule.repetitions
            self._conclude(broadcast, DELIVERED if is_done else EXPIRED, broadcast.ends_at)

    def _conclude(self, broadcast: Broadcast, state: str, at: float) -> None:
        broadcast.state, broadcast.done_at = state, at
        self._smsc.journal.record(at, BROADCAST_CONCLUDED, broadcast.session, broadcast, state)

    # ------------------------------------------------------------------ query_broadcast_sm and cancel_broadcast_sm

    def operate(self, pdu: Operation, arrival: Arrival) -> Response:
        """The response to one of the two, the deed done."""
        reference = first(pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
        found = self._found(arrival.account.name, pdu.message_id, _source(pdu), reference)
        if isinstance(pdu, QueryBroadcastSm):
            if found is None:
                return response_to(pdu, CommandStatus.ESME_RBCASTQUERYFAIL)
            return _state_of(found, pdu, arrival.at)
        if found is None or found.is_final or not _is_meant(found, pdu):
            return response_to(pdu, CommandStatus.ESME_RBCASTCANCELFAIL)
        self._conclude(found, DELETED, arrival.at)
        return response_to(pdu)

    def _found(self, account: str, message_id: str, source: Address, reference: Tlv | None) -> Broadcast | None:
        """The broadcast of this id, or else the latest of this reference; of this account and source address."""
        if message_id:
            known = self._known.get(message_id)
            return known if known is not None and (known.account, known.source) == (account, source) else None
        alike = None if reference is None else self._referred.get((account, source, reference.value))
        return alike[next(reversed(alike))] if alike else None


def _source(pdu: BroadcastSm | Operation) -> Address:
    return Address(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)


def _is_meant(broadcast: Broadcast, pdu: CancelBroadcastSm) -> bool:
    """Whether service_type and broadcast_content_type, where they are given, are this broadcast's (SMPP 5.0, 4.6.3)."""
    content_type = first(pdu.tlvs, TlvTag.BROADCAST_CONTENT_TYPE)
    return (not pdu.service_type or pdu.service_type == broadcast.pdu.service_type) and (
        content_type is None or content_type in broadcast.pdu.tlvs
    )


def _state_of(broadcast: Broadcast, pdu: QueryBroadcastSm, at: float) -> QueryBroadcastSmResp:
    """What is known of it at carrier time ``at``: its state, and how much each area got of it (SMPP 5.0, 4.6.2)."""
    tlvs = [tlv_int(TlvTag.MESSAGE_STATE, wire_state(broadcast.state, Version.V50))]
    for area in broadcast.areas:
        tlvs.append(Tlv(TlvTag.BROADCAST_AREA_IDENTIFIER, area))
        tlvs.append(tlv_int(TlvTag.BROADCAST_AREA_SUCCESS, broadcast.success(at)))
    ended = final_date(broadcast.done_at)
    if ended:
        tlvs.append(tlv_text(TlvTag.BROADCAST_END_TIME, ended))
    reference = first(broadcast.pdu.tlvs, TlvTag.USER_MESSAGE_REFERENCE)
    if reference is not None:
        tlvs.append(reference)
    return QueryBroadcastSmResp(sequence_number=pdu.sequence_number, message_id=broadcast.message_id, tlvs=tuple(tlvs))

"""query_sm, cancel_sm and replace_sm (SMPP 3.4, 4.8 to 4.10): what one may still ask or do about a message.

They act on the live message of the asking account, found by its id and its source address.
"""

from typing import TYPE_CHECKING, Any, Final

from simulator.smpp.constants import CommandStatus, Version
from simulator.smpp.pdus import CancelSm, QuerySm, QuerySmResp, ReplaceSm, Response, SubmitSm, SubmitSmResp, response_to
from simulator.smpp.times import format_time
from simulator.smsc.objections import payload_of, spans, times_of
from simulator.smsc.translate import Address, Arrival, err_number, replaced_pdu, wire_state

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc


CANCELLED_AT_ONCE: Final = 10
"""How many messages one cancel_sm takes back in one deed; where it takes more, others are served in between."""


def operate(smsc: "Smsc", pdu: QuerySm | CancelSm | ReplaceSm, arrival: Arrival) -> Response:
    """The response to one of the three, the deed done."""
    if isinstance(pdu, QuerySm):
        return _query(smsc, pdu, arrival)
    status = _cancel(smsc, pdu, arrival) if isinstance(pdu, CancelSm) else _replace(smsc, pdu, arrival)
    return response_to(pdu, status)


def _source(pdu: QuerySm | CancelSm | ReplaceSm) -> Address:
    return Address(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)


def _query(smsc: "Smsc", pdu: QuerySm, arrival: Arrival) -> Response:
    found = smsc.store.find(arrival.account.name, pdu.message_id, _source(pdu))
    if not found:
        # state 7 UNKNOWN with an empty date: the body that every client can read (cloudhopper fails without one)
        return QuerySmResp(
            sequence_number=pdu.sequence_number,
            command_status=CommandStatus.ESME_RQUERYFAIL,
            message_id=pdu.message_id,
            message_state=7,
        )
    message = found[0]
    return QuerySmResp(
        sequence_number=pdu.sequence_number,
        message_id=message.message_id,
        final_date=final_date(message.done_at),
        message_state=wire_state(message.state, Version.V50 if arrival.is_of_version_5 else Version.V34),
        error_code=err_number(message.cause),
    )


def final_date(done_at: float | None) -> str:
    """The absolute time at which something ended; empty while it has not."""
    if done_at is None:
        return ""
    try:
        return format_time(done_at)
    except ValueError:
        # a fast carrier clock reaches the year 2038, which two digits cannot tell (SMPP 3.4, appendix C)
        return ""


def _cancel(smsc: "Smsc", pdu: CancelSm, arrival: Arrival) -> int:
    account, source = arrival.account.name, _source(pdu)
    if pdu.message_id:
        found = [message for message in smsc.store.find(account, pdu.message_id, source) if not message.is_final]
    else:
        # SMPP 3.4, 4.9: without an id all that are pending between the two addresses, of that service if one is named
        destination = Address(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
        found = smsc.store.live(account, source, destination, pdu.service_type or None)
    _cancel_some((smsc, found[::-1], arrival), arrival.now)
    return 0 if found else CommandStatus.ESME_RCANCELFAIL


def _cancel_some(subject: Any, now: float) -> None:
    """Take back some of the messages, the rest in a deed of its own: whoever else is bound is not to wait for them.

    That is put where it stands before all that was due after the request, so no message escapes it meanwhile.
    """
    smsc, found, asked = subject
    arrival = asked._replace(at=smsc.clock.at(now), now=now)
    for _ in range(min(CANCELLED_AT_ONCE, len(found))):
        message = found.pop()
        # what was due before the request comes before it
        if not message.is_final:
            smsc.cancel(message, arrival)
    if found:
        # in carrier time, for a reset is to forget it
        smsc.agenda.put(asked.at, _cancel_some, subject)


def _replace(smsc: "Smsc", pdu: ReplaceSm, arrival: Arrival) -> int:
    found = smsc.store.find(arrival.account.name, pdu.message_id, _source(pdu))
    # what is not stored cannot be replaced: a datagram or a transaction
    live = [message for message in found if message.is_stored and not message.is_final]
    if not live:
        return CommandStatus.ESME_RREPLACEFAIL
    scheduled, expires, status = spans(pdu.schedule_delivery_time, pdu.validity_period, arrival.at)
    if status:
        return status
    for message in live:
        # SMPP 3.4, 4.10.1: an empty time keeps the old one
        if pdu.schedule_delivery_time:
            message.scheduled_at = scheduled
        if pdu.validity_period:
            message.expires_at = expires
        message.wants_progress = bool(pdu.registered_delivery & 0x10)
        smsc.replan(message, *replaced_pdu(message, pdu), arrival)
    return 0


def replace_if_present(smsc: "Smsc", pdu: SubmitSm, arrival: Arrival) -> SubmitSmResp | None:
    """The response to a submit_sm that replaces a live message; None: there is none, so it is a new one.

    Replaced is the latest of the same account, source, destination and service_type (SMPP 3.4, 5.2.18); it keeps its
    id, and where the new times are no good also its fate.
    """
    source = Address(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)
    destination = Address(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
    message = smsc.store.newest(arrival.account.name, source, destination, pdu.service_type)
    if message is None:
        return None
    scheduled, expires, status = times_of(pdu, arrival.at)
    if not status:
        message.scheduled_at, message.expires_at = scheduled, expires
        message.wants_progress = bool(pdu.registered_delivery & 0x10)
        # what replaces it may be no longer stored
        smsc.store.changing(message)
        smsc.replan(message, pdu, payload_of(pdu), arrival)
        smsc.store.changed(message)
    message_id = "" if status else message.message_id
    return SubmitSmResp(sequence_number=pdu.sequence_number, command_status=status, message_id=message_id)

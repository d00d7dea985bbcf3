"""The border: the one place where PDUs become messages and what the carrier decided becomes PDUs.

It keeps nothing and decides nothing of the carrier's; whether a PDU is a legal submission at all is judged by
objections.py. Everything crosses once in and once out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple

from simulator.carrier.accounts import Account
from simulator.carrier.messages import (
    DELETED,
    DELIVERED,
    ENROUTE,
    EXPIRED,
    FINAL,
    REFUSED,
    SCHEDULED,
    SKIPPED,
    UNDELIVERABLE,
    Address,
    Cause,
    Message,
    Outcome,
    TextKey,
    bare,
    text_key,
)
from simulator.carrier.phones.subscribers import ABSENT
from simulator.smpp.constants import CommandStatus, MessageState, TlvTag, Version
from simulator.smpp.pdus import (
    CancelSm,
    DataSm,
    DeliverSm,
    DistributionList,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    Unsuccess,
)
from simulator.smpp.tlvs import TLVS, Tlv, first
from simulator.sms.alphabets import read_text
from simulator.sms.receipts import state_of
from simulator.sms.segments import AIR, Part, Udh, count_segments, part_of_sar
from simulator.smsc.objections import MODE_MASK, ONE_TRY, RECEIPTS_ASKED, UDHI, Submitting, payload_of, times_of

# the model's words that the wire's side of the house needs come through here, so that there is one border
__all__ = [
    "ABSENT",
    "DELETED",
    "DELIVERED",
    "ENROUTE",
    "EXPIRED",
    "FINAL",
    "NOT_ANSWERED",
    "NO_EXTRAS",
    "SCHEDULED",
    "UNDELIVERABLE",
    "Account",
    "Address",
    "Arrival",
    "Cause",
    "Extras",
    "Incoming",
    "Outcome",
    "Submission",
    "Submitting",
    "TextKey",
    "Tlv",
    "address_from",
    "address_of_request",
    "bare",
    "empty_deliver_sm",
    "err_number",
    "message_from",
    "messages_from",
    "multi_response",
    "part_of",
    "refuse",
    "replaced_pdu",
    "shorten",
    "status_of",
    "text_key",
    "wire_state",
]


class Arrival(NamedTuple):
    """Whence and when a batch of requests came: who sent it, on which session, at which carrier and link time."""

    account: Account
    session: int
    at: float
    now: float
    takes_long_ids: bool
    is_of_version_5: bool


NOT_ANSWERED: Final = 1 << 62
"""``leaves_with`` of a message whose response is due later: no write carries it yet."""
LONG: Final = 1024
"""Octets of a PDU from which on it pays to keep less than all of it, once its row is gone."""
KEPT_OCTETS: Final = 512
"""User data that is kept of such a one: more than the longest header and the 20 characters that a receipt repeats."""
KEPT_TLV_OCTETS: Final = 64

# a named tuple's own __new__ is a Python function, and costs twice as much
_address: Final[Callable[[tuple[str, int, int]], Address]] = partial(tuple.__new__, Address)

_DEFAULT_TON_NPI: Final = (1, 1)

STATUSES: Final[dict[str, int]] = {
    "throttled": CommandStatus.ESME_RTHROTTLED,
    "queue_full": CommandStatus.ESME_RMSGQFUL,
    "congestion": CommandStatus.ESME_RMSGQFUL,
    "invalid_source": CommandStatus.ESME_RINVSRCADR,
    "invalid_destination": CommandStatus.ESME_RINVDSTADR,
    "too_long": CommandStatus.ESME_RINVMSGLEN,
}
"""What a refusing cause is called on the wire; every other one is ESME_RSUBMITFAIL."""


_STATES_OF_5: Final = {
    SCHEDULED: (MessageState.SCHEDULED, MessageState.ENROUTE),
    SKIPPED: (MessageState.SKIPPED, MessageState.UNDELIVERABLE),
}
"""States that came with SMPP 5.0: as they are there, and what they are for older peers."""


@dataclass(slots=True, eq=False)
class Submission(Message):
    """A message that came in a PDU: the model sees a Message, the SMSC also what it must remember to answer for it."""

    number: int
    """Serial number since the last reset; the row's id."""
    session: int
    pdu: Submitting | None
    """The request; forgotten when the row leaves the ring, while a replaced text lives in ``octets``."""
    octets: bytes
    """User data as on the wire, with its header if there is one."""
    step: int = 0
    """Which outcome of the plan comes next."""
    plan: tuple[Outcome, ...] = ()
    begins_at: float = 0.0
    """Carrier time from which the outcomes' delays count."""
    status: int = 0
    """command_status it was answered with (for submit_multi: its own error_status_code)."""
    leaves_with: int = -1
    """Which write of its session carries its response; no receipt may leave before that."""
    receipts_due: int = 0
    """How many receipts its sender was to be told by, sent or not."""
    charge: int = 0
    """Octets that its row is taken to cost."""
    receipts_sent: int = 0
    receipts_acknowledged: int = 0
    fate: Any = None
    """What a scenario says of it (scenario/fate.py Fate); None where it says nothing."""
    true_id: str = ""
    """The id that it was given, where a scenario says how ids look; its ESME may have been told another."""
    id_before: str = ""
    """The id of its account's message before."""
    coding_of_0: int = 0
    """What data_coding 0 means where it came in, as another data_coding."""

    @property
    def data_coding(self) -> int:
        """data_coding of the request, 0 once it is forgotten; where 0 means something else, what it means."""
        return 0 if self.pdu is None else self.pdu.data_coding or self.coding_of_0

    @property
    def registered_delivery(self) -> int:
        """What counts of the request's registered_delivery: no mode of one try has receipts. 0 once it is forgotten."""
        asked = 0 if self.pdu is None else self.pdu.registered_delivery
        return asked if not asked or self.is_stored else asked & ~RECEIPTS_ASKED

    @property
    def is_stored(self) -> bool:
        """Whether it may wait for its phone: a datagram or a transaction has one try (SMPP 3.4, 5.2.12)."""
        return self.pdu is None or self.pdu.esm_class & MODE_MASK not in ONE_TRY

    @property
    def header(self) -> Udh | None:
        """The user data header that its octets begin with, if one does."""
        if self.pdu is not None and self.pdu.esm_class & UDHI:
            return Udh.parse(self.octets)
        return None

    @property
    def user_data(self) -> bytes:
        """The octets without their header."""
        header = None if self.pdu is None or not self.pdu.esm_class & UDHI else self.header
        return self.octets if header is None else self.octets[header.length :]

    @property
    def text(self) -> str:
        """What a person would read in this part."""
        pdu = self.pdu
        # a scenario's rules may ask it of every message: most have no header to look for
        header = None if pdu is None or not pdu.esm_class & UDHI else self.header
        if header is None:
            return read_text(self.octets, 0 if pdu is None else pdu.data_coding or self.coding_of_0)
        return read_text(self.octets[header.length :], self.data_coding, shifts=header.shifts)

    @property
    def segments_needed(self) -> int:
        """How many segments the network needs for it, however few PDUs it came in."""
        if len(self.octets) <= AIR:
            # whatever the alphabet: most messages are short, and a carrier's limits ask this of each
            return 1
        return count_segments(self.octets, self.data_coding, has_udh=self.header is not None)


class Extras(NamedTuple):
    """What a subscriber's message has beside addresses and text, the same in each of its deliver_sm."""

    message_type: int = 0
    """Bits 5-2 of esm_class: an acknowledgement of one kind or another, or 0."""
    registered_delivery: int = 0
    """Bits 3-2: which acknowledgements the subscriber wants (SMPP 3.4, 5.2.17)."""
    tlvs: tuple[Tlv, ...] = ()


NO_EXTRAS: Final = Extras()


@dataclass(slots=True, eq=False)
class Incoming(Message):
    """A message from a subscriber to an ESME: its text whole, its segments as they will go out."""

    number: int
    whole: str
    data_coding: int
    segments: tuple[DeliverSm | DataSm, ...]
    unacknowledged: int
    language: int | None = None
    """Number of the language in whose tables it was to be written."""
    split: str = "udh8"
    """How it was to be divided."""
    extras: Extras = NO_EXTRAS
    charge: int = 0
    """Octets that its row is taken to cost."""

    @property
    def segments_needed(self) -> int:
        """How many deliver_sm carry it."""
        return len(self.segments)

    @property
    def text(self) -> str:
        """The whole text."""
        return self.whole

    @property
    def user_data(self) -> bytes:
        """The octets of the whole text, as they will go out, without their headers."""
        return b"".join(map(_text_octets, self.segments))


def _text_octets(segment: DeliverSm | DataSm) -> bytes:
    payload = first(segment.tlvs, TlvTag.MESSAGE_PAYLOAD)
    # a scenario may have made a data_sm of it, and left the text out
    octets: bytes = getattr(segment, "short_message", b"") if payload is None else payload.value
    header = Udh.parse(octets) if segment.esm_class & UDHI else None
    return octets if header is None else octets[header.length :]


def part_of(pdu: Submitting, octets: bytes) -> Part | None:
    """Which part of a longer text this is, by its header or its sar TLVs; None for a text of its own."""
    if pdu.esm_class & UDHI:
        header = Udh.parse(octets)
        if header is not None and header.part is not None:
            return header.part
    if pdu.tlvs:
        marks = [
            first(pdu.tlvs, tag)
            for tag in (TlvTag.SAR_MSG_REF_NUM, TlvTag.SAR_TOTAL_SEGMENTS, TlvTag.SAR_SEGMENT_SEQNUM)
        ]
        reference, total, number = (None if tlv is None else int.from_bytes(tlv.value, "big") for tlv in marks)
        if reference is not None and total is not None and number is not None:
            return part_of_sar(reference, total, number)
    return None


def message_from(pdu: SubmitSm | DataSm, number: int, arrival: Arrival) -> Submission:
    """The message of a submit_sm or data_sm; ``number`` is its serial number.

    Its ``status`` tells when a time field cannot be; it has no message_id yet.
    """
    octets = pdu.short_message if type(pdu) is SubmitSm and not pdu.tlvs else payload_of(pdu)
    destination = _address((pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi))
    return _submission(pdu, octets, destination, number, arrival)


def messages_from(pdu: SubmitMulti, next_number: Callable[[], int], arrival: Arrival) -> list[Submission]:
    """One message for each destination of a submit_multi; those that are no addresses carry a status."""
    messages, octets = [], payload_of(pdu)
    for place in pdu.dest_address:
        if isinstance(place, DistributionList):
            message = _submission(pdu, octets, Address(place.dl_name), next_number(), arrival)
            # there are no distribution lists here: every name is unknown
            message.status = message.status or CommandStatus.ESME_RINVDLNAME
        else:
            message = _submission(pdu, octets, Address(place.addr, place.ton, place.npi), next_number(), arrival)
            if not place.addr:
                message.status = message.status or CommandStatus.ESME_RINVDSTADR
        messages.append(message)
    return messages


def _submission(pdu: Submitting, octets: bytes, destination: Address, number: int, arrival: Arrival) -> Submission:
    account, session, at, now, _, _ = arrival
    # positional, because this runs once per message and names cost half as much again
    message = Submission(
        account.name,
        "",
        _address((pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)),
        destination,
        at,
        now,
        None,
        None,
        (pdu.registered_delivery & 0x10) != 0,
        part_of(pdu, octets) if pdu.tlvs or pdu.esm_class & UDHI else None,
        ENROUTE,
        None,
        None,
        number,
        session,
        pdu,
        octets,
    )
    if isinstance(pdu, DataSm) or pdu.validity_period or pdu.schedule_delivery_time:
        message.scheduled_at, message.expires_at, message.status = times_of(pdu, at)
        if message.scheduled_at is not None:
            message.state = SCHEDULED
    return message


def multi_response(pdu: SubmitMulti, messages: Sequence[Submission], broken: int) -> SubmitMultiResp:
    """The answer for all destinations: one id, and a list of those that were refused (SMPP 3.4, 4.5.2).

    Where none was accepted the whole request has the first one's status, or ``broken`` where there was none.
    """
    failed = [message for message in messages if message.status]
    accepted = next((message.message_id for message in messages if not message.status), "")
    status = 0 if accepted else failed[0].status if failed else broken
    unsuccess = tuple(
        Unsuccess(one.destination.ton, one.destination.npi, one.destination.number, one.status) for one in failed
    )
    return SubmitMultiResp(
        sequence_number=pdu.sequence_number, command_status=status, message_id=accepted, unsuccess_sme=unsuccess
    )


def refuse(message: Submission, status: int, cause: Cause | None, at: float) -> None:
    """Mark a message that was never accepted."""
    message.status = status
    message.state = REFUSED
    message.cause = cause
    message.done_at = at


def status_of(cause: Cause | None) -> int:
    """The command_status for a refusing cause."""
    if cause is not None and cause.answer is not None:
        return cause.answer
    return STATUSES.get("" if cause is None else cause.name, CommandStatus.ESME_RSUBMITFAIL)


def empty_deliver_sm(source: Address, destination: Address) -> DeliverSm:
    """An empty deliver_sm between two addresses; positional, because this runs once per receipt."""
    number, ton, npi = source
    to, to_ton, to_npi = destination
    return DeliverSm(0, 0, (), b"", "", ton, npi, number, to_ton, to_npi, to)


def wire_state(state: str, version: int = Version.V34) -> int:
    """message_state for a peer of this version (SMPP 3.4, 5.2.28; SMPP 5.0, 4.7.15).

    Below 5.0 there is no SCHEDULED, so that is ENROUTE, and no SKIPPED, which is UNDELIVERABLE: nothing was delivered.
    """
    if state in _STATES_OF_5:
        return _STATES_OF_5[state][version < Version.V50]
    if state == REFUSED:
        return MessageState.REJECTED
    return state_of(state) or MessageState.UNKNOWN


def err_number(cause: Cause | None) -> int:
    """error_code of query_sm_resp, one octet: the receipt's digits where they fit, else 255."""
    if cause is None or not cause.err.isdigit():
        return 0
    return min(int(cause.err), 255)


def replaced_pdu(message: Submission, pdu: ReplaceSm) -> tuple[Submitting | None, bytes]:
    """The request and user data of a message after a replace_sm, which brings text and registered_delivery only.

    The new text is read in the coding of the old one, for replace_sm names none (SMPP 3.4, 4.10.1).
    """
    payload = first(pdu.tlvs, TlvTag.MESSAGE_PAYLOAD)
    octets = pdu.short_message if payload is None else payload.value
    old = message.pdu
    return None if old is None else replace(old, registered_delivery=pdu.registered_delivery), octets


def shorten(message: Submission) -> None:
    """Keep of a long message whose row is gone what may still be told of it: its state, and how its text begins.

    A message that waits for its fate, or whose receipts wait for a receiver, is in no ring that bounds its octets.
    """
    pdu = message.pdu
    if pdu is None or len(pdu.raw) <= LONG:
        return
    known: dict[int, Tlv] = {}
    for tlv in pdu.tlvs:
        if tlv.tag in TLVS and len(tlv.value) <= KEPT_TLV_OCTETS:
            known.setdefault(tlv.tag, tlv)
    pdu = replace(pdu, raw=b"", tlvs=tuple(known.values()))
    # a message for each of the destinations names its own
    message.pdu = replace(pdu, dest_address=()) if isinstance(pdu, SubmitMulti) else pdu
    message.octets = message.octets[:KEPT_OCTETS]


def address_of_request(pdu: QuerySm | CancelSm | ReplaceSm) -> Address:
    """The source address that a question or order about a message names."""
    return Address(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)


def address_from(text: str) -> Address:
    """A number or name as people write it: ``+1202...`` international, letters alphanumeric, else as it stands.

    `+` is no part of an address on the wire (SMPP 3.4, 5.2.8).
    """
    stripped = text.strip()
    if stripped.startswith("+"):
        return Address(stripped[1:], *_DEFAULT_TON_NPI)
    if not stripped.isdigit():
        return Address(stripped, 5, 0)
    # short codes are network specific; anything longer is taken for a number with its country code
    return Address(stripped, 3, 0) if len(stripped) <= 6 else Address(stripped, *_DEFAULT_TON_NPI)

"""A subscriber's message in PDUs: how its text is divided among deliver_sm, and which tables the phone wrote it by.

It knows what can be asked for, and nothing of who receives it: an ESME that takes no TLVs is the SMSC's business.
"""

from dataclasses import replace
from typing import Final, Literal, get_args

from simulator.smpp.constants import TlvTag
from simulator.smpp.pdus import DeliverSm
from simulator.smpp.tlvs import Tlv, first, tlv_int
from simulator.sms.alphabets import choose
from simulator.sms.languages import UNSHIFTED, language_number
from simulator.sms.segments import Segment, shifts_for, split
from simulator.smsc.objections import UDHI
from simulator.smsc.translate import ENROUTE, NO_EXTRAS, Address, Extras, Incoming, empty_deliver_sm

MoSplit = Literal["udh8", "udh16", "sar", "payload"]
"""How a text is divided: by a header with a reference of 8 or 16 bits, by sar TLVs, or not at all: message_payload."""

MO_SPLITS: Final[tuple[str, ...]] = get_args(MoSplit)


def number_of_language(kind: str, language: str | int | None) -> int | None:
    """The number of a language that is given by name or number, for a message divided by ``kind``.

    Raises ValueError, naming what is allowed, when either is unknown or the two exclude each other.
    """
    if kind not in MO_SPLITS:
        raise ValueError(f"split: {kind!r}, one of {', '.join(MO_SPLITS)}")
    if language is None:
        return None
    number = language_number(language)
    if kind == "sar":
        # sar TLVs stand in place of the header that would have to name the tables (SMPP 3.4, 5.3.2.22)
        raise ValueError("split: 'sar', with a language one of udh8, udh16, payload")
    return number


def segments_from(
    source: Address,
    destination: Address,
    text: str,
    reference: int,
    *,
    kind: MoSplit = "udh8",
    language: int | None = None,
    extras: Extras = NO_EXTRAS,
) -> tuple[int, tuple[DeliverSm, ...]]:
    """A subscriber's text as (data_coding, deliver_sm ...); of ``reference``, a running count, the low bits are sent.

    With a language (by number) its tables are used where they save segments or make UCS2 unnecessary. Raises ValueError
    for more than 255 segments.
    """
    shifts = UNSHIFTED if language is None else shifts_for(text, language)
    data_coding, _ = choose(text, shifts)
    return data_coding, tuple(
        replace(
            empty_deliver_sm(source, destination),
            esm_class=extras.message_type | (UDHI if segment.has_udh else 0),
            registered_delivery=extras.registered_delivery,
            data_coding=data_coding,
            short_message=b"" if kind == "payload" else segment.octets,
            tlvs=(*_tlvs_of(segment, kind), *extras.tlvs),
        )
        for segment in split(text, data_coding, reference=reference, kind=kind, shifts=shifts)
    )


def incoming(
    account: str,
    number: int,
    ends: tuple[Address, Address],
    text: str,
    times: tuple[float, float],
    *,
    split: MoSplit = "udh8",
    language: int | None = None,
    extras: Extras = NO_EXTRAS,
) -> Incoming:
    """A subscriber's message with that serial number, ``ends`` being source and destination, at carrier and link time.

    One that asks for an acknowledgement has a user_message_reference, by which it can be named. Raises ValueError as
    segments_from does.
    """
    if extras.registered_delivery and first(extras.tlvs, TlvTag.USER_MESSAGE_REFERENCE) is None:
        reference = tlv_int(TlvTag.USER_MESSAGE_REFERENCE, number & 0xFFFF)
        extras = extras._replace(tlvs=(*extras.tlvs, reference))
    data_coding, segments = segments_from(*ends, text, number, kind=split, language=language, extras=extras)
    return Incoming(
        account,
        f"mo-{number}",
        *ends,
        *times,
        scheduled_at=None,
        expires_at=None,
        wants_progress=False,
        part=None,
        state=ENROUTE,
        cause=None,
        done_at=None,
        number=number,
        whole=text,
        data_coding=data_coding,
        segments=segments,
        unacknowledged=len(segments),
        language=language,
        split=split,
        extras=extras,
    )


def _tlvs_of(segment: Segment, kind: MoSplit) -> tuple[Tlv, ...]:
    """What carries the text, or says which part it is."""
    part = segment.part
    if kind == "payload":
        return (Tlv(TlvTag.MESSAGE_PAYLOAD, segment.octets),)
    if kind != "sar" or part is None:
        return ()
    return (
        tlv_int(TlvTag.SAR_MSG_REF_NUM, part.reference),
        tlv_int(TlvTag.SAR_TOTAL_SEGMENTS, part.total),
        tlv_int(TlvTag.SAR_SEGMENT_SEQNUM, part.number),
    )

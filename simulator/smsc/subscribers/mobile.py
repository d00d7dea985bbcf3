"""Subscribers write and acknowledge: from what was asked for to the deliveries that carry it.

Functions over an SMSC, which has them as its methods. They know routes, acknowledgements and the form that a scenario
wants; how a text is divided is incoming.py's, who receives it and when the deliveries'.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.journal import MO_CREATED
from simulator.smpp.pdus import DeliverSm
from simulator.sms.alphabets import read_text
from simulator.sms.languages import UNSHIFTED
from simulator.sms.segments import Udh
from simulator.smsc.objections import UDHI
from simulator.smsc.outbox import Delivery
from simulator.smsc.subscribers.acknowledgements import ASKED, TYPES, Kind, tlvs_about
from simulator.smsc.subscribers.incoming import MoSplit, incoming, number_of_language, segments_from
from simulator.smsc.translate import Address, Extras, Incoming, Tlv, address_from

if TYPE_CHECKING:
    from simulator.smsc.smsc import Smsc


@dataclass(slots=True, frozen=True)
class Sent:
    """What became of a subscriber's message: its row number, the account it goes to, how many deliver_sm carry it."""

    number: int
    account: str
    segments: int


def mo(
    smsc: "Smsc",
    to: str,
    sender: str,
    text: str,
    now: float,
    *,
    account: str | None = None,
    split: MoSplit = "udh8",
    language: str | int | None = None,
    asks: Collection[Kind] = (),
    is_abort: bool = False,
    tlvs: tuple[Tlv, ...] = (),
) -> Sent:
    """A subscriber writes: ``text`` of any length from ``sender`` to the number ``to``.

    ``split`` says how a long text is divided: by a header with a reference of 8 or 16 bits, by sar TLVs, or not at
    all but put whole into message_payload, as a short one is then, too. ``language`` (name or number) lets the
    phone write by that language's shift tables where they save segments or make UCS2 unnecessary. Receivers older
    than SMPP 3.4 take no TLV: one that is handed a message split by "sar" or "payload" gets it by "udh8".

    ``asks`` names the acknowledgements that the subscriber wants from the ESME; one that ``is_abort`` ends a
    conversation. ``tlvs`` go with each deliver_sm.

    Raises routing.NoRoute, which names the candidates, when nobody can be found to whom it should go; ValueError,
    naming what is allowed, for a split or language that is not known, "sar" with a language, and a text of more
    than 255 segments.
    """
    language = number_of_language(split, language)
    destination, source = address_from(to), address_from(sender)
    owner = smsc.routing.account_for(destination, account)
    asked = sum({ASKED[kind] for kind in asks})
    extras = Extras(TYPES["abort" if is_abort else "message"], asked, tlvs)
    return _sent(
        smsc,
        incoming(
            *(owner, smsc.next_number(), (source, destination), text, (smsc.clock.at(now), now)),
            split=split,
            language=language,
            extras=extras,
        ),
        now,
    )


def injected(smsc: "Smsc", pdu: DeliverSm, now: float, *, account: str) -> Sent:
    """A subscriber's message whose deliver_sm is given whole: it goes to the account as it is, whatever it says."""
    source = Address(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)
    destination = Address(pdu.destination_addr, pdu.dest_addr_ton, pdu.dest_addr_npi)
    times = (smsc.clock.at(now), now)
    message = incoming(account, smsc.next_number(), (source, destination), "", times)
    message.segments, message.data_coding = (pdu,), pdu.data_coding
    header = Udh.parse(pdu.short_message) if pdu.esm_class & UDHI else None
    message.whole = read_text(message.user_data, pdu.data_coding, shifts=UNSHIFTED if header is None else header.shifts)
    return _sent(smsc, message, now)


def acknowledge(
    smsc: "Smsc", message_id: str, kind: Kind, now: float, *, text: str | None = None, tlvs: tuple[Tlv, ...] = ()
) -> Sent:
    """A subscriber, or his phone, acknowledges an ESME's message, which has asked for it (SMPP 3.4, 5.2.17).

    Raises acknowledgements.UnknownMessage and NotAsked; ValueError for a text that is too long.
    """
    message = smsc.acknowledgements.acknowledged_by(message_id, kind)
    extras = Extras(TYPES[kind], 0, (*tlvs, *tlvs_about(message)))
    ends = message.destination, message.source
    # no deliver_sm is empty: one client cannot read that
    text = text or {"delivery": "Delivered", "manual": "Read"}[kind]
    by = incoming(message.account, smsc.next_number(), ends, text, (smsc.clock.at(now), now), extras=extras)
    smsc.acknowledgements.taken(message, kind, by)
    return _sent(smsc, by, now)


def _sent(smsc: "Smsc", message: Incoming, now: float) -> Sent:
    deliveries = [Delivery(message, message.submitted_at, None, one) for one in range(len(message.segments))]
    if smsc.stage is not None:
        deliveries = smsc.stage.telling.formed(message, deliveries, now)
    return smsc.created(message, deliveries, now)


def created(smsc: "Smsc", message: Incoming, deliveries: Iterable[Delivery], now: float) -> Sent:
    """A subscriber's message is there: journalled, and as far as it is to go at once on its way."""
    smsc.journal.record(message.submitted_at, MO_CREATED, 0, message)
    if message.extras.registered_delivery:
        smsc.acknowledgements.asked(message)
    for delivery in deliveries:
        smsc.deliveries.offer(delivery, now)
    # a receiver may have been there that wanted it divided anew
    return Sent(message.number, message.account, len(message.segments))


def divide(smsc: "Smsc", delivery: Delivery, now: float) -> None:
    """A receiver that takes no TLVs is handed a subscriber's message that needs them: from now on by "udh8".

    A sar part becomes the same part with a header. What was whole in a message_payload becomes segments: this
    delivery carries the first of them, the others are offered at once.
    """
    message = delivery.message
    assert isinstance(message, Incoming)
    before = len(message.segments)
    _, message.segments = segments_from(
        *(message.source, message.destination, message.whole, message.number),
        language=message.language,
        extras=message.extras,
    )
    added = range(before, len(message.segments))
    message.unacknowledged += len(added)
    for segment in added:
        smsc.outbox(message.account).offer_at(now, Delivery(message, delivery.at, None, segment))


__all__ = ["Sent", "acknowledge", "created", "divide", "injected", "mo"]

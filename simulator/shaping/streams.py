"""How the octets of a PDU are spread over segments and time: places by name become offsets into its octets.

It makes the plan; who writes the octets, and waits between them, is not known here.
"""

from dataclasses import dataclass

from simulator.scenario.forms.wire_forms import StreamForm
from simulator.smpp.codec import parts_of
from simulator.smpp.errors import LocalError
from simulator.smpp.pdus import Pdu
from simulator.smpp.wire import Wire


@dataclass(frozen=True, slots=True)
class Plan:
    """How one PDU's octets are to be written.

    ``cuts``: offsets, ascending and inside the octets, at each of which a segment ends; ``pause``: seconds between two
    segments. ``drip``: so many octets (at least 1) each so many seconds. ``joins``: kept for the next PDU's segment.
    ``stops_at``: how many octets are written, and the rest never.
    """

    cuts: tuple[int, ...] = ()
    pause: float = 0.0
    drip: tuple[int, float] | None = None
    joins: bool = False
    stops_at: int | None = None


def cuts(pdu: Pdu | None, octets: bytes, form: StreamForm, wire: Wire | None = None) -> Plan:
    """The plan for a PDU that was written as ``octets`` with the damage of ``wire``; None for octets that are no PDU.

    An offset beyond the octets is none, for PDUs vary in length. Raises LocalError for the name of a part that the PDU
    does not have: the plan would not do what it says.
    """
    places = {"end": len(octets)}
    # Only names need a second look at the PDU, and most plans have none.
    if pdu is not None and not all(place.isdigit() for place in (*(form.split or ()), form.stop or "0")):
        places = (wire or Wire()).places(parts_of(pdu, unchecked=True))
    found = {_offset(f"stream.split[{number}]", place, places) for number, place in enumerate(form.split or ())}
    return Plan(
        tuple(sorted(at for at in found if 0 < at < len(octets))),
        float(form.pause or 0.0),
        _drip(form),
        bool(form.join),
        None if form.stop is None else min(_offset("stream.stop", form.stop, places), len(octets)),
    )


def _offset(where: str, place: str, places: dict[str, int]) -> int:
    at = int(place) if place.isdigit() else places.get(place)
    if at is None:
        raise LocalError(f"{where}: there is no {place!r} in this PDU")
    return at


def _drip(form: StreamForm) -> tuple[int, float] | None:
    """Octets and seconds of a rate; of less than one octet at a time the time is stretched."""
    if form.drip is None:
        return None
    octets = max(1, round(form.drip.amount))
    return octets, octets / form.drip.per_second

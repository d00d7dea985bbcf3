"""Which message a receipt is about, though its id is written otherwise than in the response.

Carriers answer a submit in hexadecimal and write receipts in decimal, or the other way round; they pad with zeros and
change the case. So an id is kept in one plain form, and what a receipt says is read in every way that it could be
meant: as it stands first. A reading in another base counts only where the receipt's subscriber is the one the message
went to: any decimal number is also a hexadecimal one.
"""

from typing import Final, NamedTuple

from simulator.gateway.waiting import Entry

_HEX: Final = frozenset("0123456789abcdef")
_HEX_LENGTH_MAX: Final = 32


class Place(NamedTuple):
    """One part of one message."""

    entry: Entry
    part: int
    """From 0."""


def plain(smsc_id: str) -> str:
    """An id without what carriers add or lose: white space, NULs, leading zeros, case."""
    text = smsc_id.strip("\0 \t\r\n").lower()
    return text.lstrip("0") or text[:1]


def readings(smsc_id: str) -> list[str]:
    """Every plain form that an id may stand for, the likeliest first: itself, its hexadecimal, its decimal form."""
    text = plain(smsc_id)
    found = [text]
    if text and len(text) <= _HEX_LENGTH_MAX and _HEX.issuperset(text):
        if text.isdecimal():
            found.append(f"{int(text):x}")
        found.append(str(int(text, 16)))
    return list(dict.fromkeys(found))


def is_about(subscriber: str, destination: str) -> bool:
    """Whether two spellings are one number: one may lack the country's or the trunk's digits."""
    ours, theirs = destination.lstrip("+0"), subscriber.lstrip("+0")
    if not ours or not theirs:
        return False
    short, long = sorted((ours, theirs), key=len)
    return long == short or (len(short) >= 7 and long.endswith(short))


class Index:
    """The parts whose receipts are awaited, by the plain form of their id."""

    def __init__(self) -> None:
        self._places: dict[str, list[Place]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def put(self, smsc_id: str, place: Place) -> None:
        """A response has told this id."""
        self._places.setdefault(plain(smsc_id), []).append(place)

    def remove(self, entry: Entry) -> None:
        """Nothing more is awaited of a message."""
        for part in entry.parts:
            key = plain(part.smsc_id)
            places = self._places.get(key)
            if places is not None:
                places[:] = [place for place in places if place.entry is not entry]
                if not places:
                    del self._places[key]

    def find(self, ids: tuple[str, ...], subscriber: str) -> Place | None:
        """The part that a receipt is about; of several with one id that of the subscriber, else the oldest."""
        for smsc_id in ids:
            for at, reading in enumerate(readings(smsc_id)):
                places = self._places.get(reading)
                if places is None:
                    continue
                for place in places:
                    if is_about(subscriber, place.entry.message.order.destination):
                        return place
                if at == 0:
                    return places[0]
        return None

"""What was said on the wire, PDU by PDU, for whoever wants to read it afterwards. Nobody's octets change by it.

It stands between a session and whoever carries its octets; where nobody wants to know, nothing stands there.
"""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from simulator.journal import Journal
    from simulator.smsc.session import Session

PDUS_MAX: Final = 500
"""PDUs that are kept, the last ones."""
OCTETS_MAX: Final = 4096
"""Octets of one that are kept."""
LENGTH_MAX: Final = 0x20000
"""No PDU is longer; what says it is, is none."""


class Said(NamedTuple):
    """One PDU, or octets that are none: whose session, whether we said it, and how many events there were before."""

    events_before: int
    session: int
    is_ours: bool
    octets: bytes


class Overheard:
    """The last PDUs of all sessions, both ways, in their order."""

    def __init__(self, journal: "Journal") -> None:
        self._journal = journal
        self.said: deque[Said] = deque(maxlen=PDUS_MAX)

    def clear(self) -> None:
        """Forget what was said."""
        self.said.clear()

    def beside(self, session: "Session") -> Any:
        """The session for whoever carries its octets, overheard."""
        return _Beside(session, self)

    def heard(self, session: int, octets: bytes, *, is_ours: bool) -> None:
        """One PDU went by."""
        self.said.append(Said(self._journal.total, session, is_ours, octets[:OCTETS_MAX]))


class _Beside:
    """A session, and an ear at its octets; everything else is the session's own."""

    _OWN: Final = frozenset({"_session", "_ear", "_in", "_out"})

    def __init__(self, session: "Session", ear: Overheard) -> None:
        self._session = session
        self._ear = ear
        self._in, self._out = bytearray(), bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._session, name, value)

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets of the ESME."""
        self._listen(self._in, octets, is_ours=False)
        self._session.receive_data(octets, now)

    def data_to_send(self) -> bytes:
        """Octets of ours."""
        octets = self._session.data_to_send()
        self._listen(self._out, octets, is_ours=True)
        return octets

    def _listen(self, waiting: bytearray, octets: bytes, *, is_ours: bool) -> None:
        waiting += octets
        for frame in _frames(waiting):
            self._ear.heard(self._session.number, frame, is_ours=is_ours)


def _frames(waiting: bytearray) -> Iterator[bytes]:
    """The whole PDUs that have come; what has no length of a PDU is taken as it is."""
    while len(waiting) >= 4:
        length = int.from_bytes(waiting[:4], "big")
        if not 16 <= length <= LENGTH_MAX:
            length = len(waiting)
        if len(waiting) < length:
            return
        yield bytes(waiting[:length])
        del waiting[:length]


__all__ = ["Overheard", "Said"]

"""How the octets of one session flow where a scenario meddles with them: spread, held back, swallowed, cut off.

A session has a flow only while something is wrong with it; without one its octets pass as they are. It knows octets,
link time and the agenda, and the connection whose octets they are; why all this happens is known to faults.py, and
sockets to net/, which reads the few facts that need one: ``is_reset``, ``is_half_closed``, ``read_size`` ...

Octets never change their order: what is sent behind a dripping PDU waits behind it. One ``data_to_send()`` is one
segment.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, Final

from simulator.shaping.streams import Plan
from simulator.smpp.connection import HEADER, LENGTH_MAX, Timers

if TYPE_CHECKING:
    from simulator.smsc.session import Session

SIP: Final = 0.01
"""Seconds that slow_reading takes for one octet."""
DRIP: Final = 0.01
"""Seconds between two octets that are written while a link drips."""
HELD_MAX: Final = 128 * 1024
"""Octets that may wait behind a pause before nothing more is read."""
STOPPED: Final = Timers(session_init=inf, enquire_link=inf, inactivity=inf, response=inf)
"""The timers of a session that has hung itself up."""

DEAF, SLOW, HUNG, HOLE_IN, HOLE_OUT, DRIPS = "deaf", "slow", "hung", "hole_in", "hole_out", "drips"
"""What may be wrong with a flow for a time."""

Act = Callable[[float], None]
"""Called with link time."""


@dataclass(slots=True)
class _Segment:
    octets: bytes
    pause: float = 0.0
    """Seconds that the next one waits."""
    mark: int = 0
    """Where the session's count of what was written stands once this has left; 0 where more belongs to it."""
    joins: bool = False
    is_last: bool = False


class Flow:
    """What becomes of one session's octets, in both directions. Reached by ``Session.receive_data`` and its like."""

    __slots__ = (
        "_acts",
        "_framing",
        "_given",
        "_has_ended",
        "_is_out",
        "_is_sipping",
        "_is_waiting",
        "_lasting",
        "_mark",
        "_pause",
        "_rested",
        "_segments",
        "_session",
        "_unread",
        "handshake",
        "is_curt",
        "is_cut",
        "is_half_closed",
        "is_reset",
    )

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._segments: deque[_Segment] = deque()
        self._is_out = session.handed_out != session.writes
        """Whether octets were given out and not yet reported as written."""
        self._mark = session.handed_out
        self._pause = 0.0
        self._is_waiting = False
        self._given = 0
        """Octets given out since this flow began."""
        self._acts: list[tuple[int, Act]] = []
        """What is to happen once so many were written, the next first."""
        self._lasting: dict[str, float] = {}
        """What is wrong for a time, and until when."""
        self._unread = bytearray()
        self._rested = False
        self._is_sipping = False
        self._framing = Framing()
        self._has_ended = False
        self.is_cut = False
        """Nothing leaves any more."""
        self.is_reset = False
        """The link ends at once, by RST."""
        self.is_half_closed = False
        """Our end of the link is closed, and theirs is not."""
        self.is_curt = False
        """TLS ends without its close_notify."""
        self.handshake = ""
        """The fault that takes the place of a TLS handshake."""

    # ------------------------------------------------------------------ what a link asks

    @property
    def read_size(self) -> int:
        """Octets that one read may bring; 0: as many as the link likes."""
        return 1 if SLOW in self._lasting else 0

    @property
    def is_paused(self) -> bool:
        """Whether the link should read nothing for now."""
        is_full = self._holds and self._session.connection.bytes_waiting > HELD_MAX
        return self._is_sipping or self._is_deaf or is_full or (self._has_ended and HOLE_IN in self._lasting)

    def hides_end(self) -> bool:
        """The peer has ended its side: whether that is not to be noticed yet, because it vanishes like its octets."""
        self._has_ended = HOLE_IN in self._lasting
        return self._has_ended

    @property
    def mute_until(self) -> float:
        """Link time until which not even our end of the link is to be seen by the peer; -inf where it may be."""
        return self._lasting.get(HOLE_OUT, -inf)

    @property
    def bytes_waiting(self) -> int:
        """Octets for which data_to_send() should be called, though they may only vanish; 0 while they must wait."""
        connection, hang_up = self._session.connection, self._session.hang_up
        if self._has_gone:
            return connection.bytes_waiting
        if (self._holds and not hang_up) or self._room <= 0:
            return 0
        held = sum(len(segment.octets) for segment in self._segments if hang_up or not segment.joins)
        return held + connection.bytes_waiting

    @property
    def hides_octets(self) -> bool:
        """Whether what the ESME sends vanishes."""
        return HOLE_IN in self._lasting

    @property
    def _is_deaf(self) -> bool:
        return DEAF in self._lasting or HUNG in self._lasting

    @property
    def _holds(self) -> bool:
        """Whether what is to be written must wait."""
        return self._is_waiting or HUNG in self._lasting

    @property
    def _has_gone(self) -> bool:
        """Whether what is to be written vanishes."""
        return self.is_cut or HOLE_OUT in self._lasting

    @property
    def _room(self) -> float:
        """Octets that may leave before something happens."""
        return self._acts[0][0] - self._given if self._acts else inf

    # ------------------------------------------------------------------ octets in

    def receive(self, octets: bytes, now: float) -> None:
        """Take octets from the ESME, now, later or never."""
        if self.is_reset:
            return
        if HOLE_IN in self._lasting or not self._framing.is_between:
            rest = self._swallow(octets, now)
            if octets and not rest:
                return
            octets = rest
        if not (self._is_deaf or SLOW in self._lasting):
            self._hand_over(octets, now)
            return
        self._unread += octets
        session = self._session
        if session.rests:
            # whoever carries the octets would come again and again
            session.rests, self._rested = False, True
        self._sip(now)

    def _hand_over(self, octets: bytes, now: float) -> None:
        session = self._session
        if not session.hang_up:
            session.connection.receive_data(octets)
            session.read(now)

    def _swallow(self, octets: bytes, now: float) -> bytes:
        """Let whole PDUs vanish: one that had begun before is finished, and none is cut by the end of the hole."""
        connection = self._session.connection
        while octets and self._framing.is_between and (lacking := connection.lacking):
            self._hand_over(octets[:lacking], now)
            octets = octets[lacking:]
        return self._framing.skip(octets, to_the_end_of_one=HOLE_IN not in self._lasting)

    def _sip(self, now: float) -> None:
        """Read one octet of what waits, unless the last one was read just now."""
        if self._is_sipping or self._is_deaf or not self._unread:
            return
        octet = bytes(self._unread[:1])
        del self._unread[:1]
        self._is_sipping = True
        self._session.smsc.agenda.put_link(now + SIP, self._sipped, None)
        self._hand_over(octet, now)

    def _sipped(self, _: Any, now: float) -> None:
        self._is_sipping = False
        if self._session.is_open:
            self._sip(now)
            self._go_on(now)

    # ------------------------------------------------------------------ octets out

    def spread(self, octets: bytes, plan: Plan) -> None:
        """Spread the octets that were written last; what was written before them leaves in front of them."""
        session = self._session
        written = session.connection.data_to_send()
        session.handed_out += 1
        before, own = written[: len(written) - len(octets)], _segments(octets, plan)
        if before:
            self._put(_Segment(before))
        for segment in own:
            self._put(segment)
        self._segments[-1].mark = session.handed_out

    def _put(self, segment: _Segment) -> None:
        """At the end of what waits; behind what waited for company it becomes one segment with that."""
        if self._segments and self._segments[-1].joins:
            segment = replace(segment, octets=self._segments.pop().octets + segment.octets)
        self._segments.append(segment)

    def data_to_send(self) -> bytes:
        """The next segment; nothing while it must wait."""
        if self._has_gone:
            self._lose()
            return b""
        session, segments = self._session, self._segments
        if (self._holds and not session.hang_up) or self._room <= 0:
            return b""
        if (not segments or segments[0].joins) and session.connection.bytes_waiting:
            session.handed_out += 1
            self._put(_Segment(session.connection.data_to_send(), mark=session.handed_out))
        if not segments or (segments[0].joins and not session.hang_up):
            return b""
        return self._give(segments.popleft())

    def _give(self, segment: _Segment) -> bytes:
        octets, room = segment.octets, self._room
        if DRIPS in self._lasting and len(octets) > 1 and room >= 1:
            self._segments.appendleft(replace(segment, octets=octets[1:]))
            segment = _Segment(octets[:1], DRIP)
        elif len(octets) > room:
            cut = int(room)
            self._segments.appendleft(replace(segment, octets=octets[cut:]))
            segment = _Segment(octets[:cut])
        self._given += len(segment.octets)
        self._mark = segment.mark or self._mark
        self._pause = segment.pause
        self._is_out = True
        if segment.is_last:
            self.cut()
        return segment.octets

    def _lose(self) -> None:
        """What waits to be written vanishes, and counts as written: so thinks whoever has written it."""
        session = self._session
        if not (self._segments or session.connection.bytes_waiting):
            return
        self._segments.clear()
        session.connection.data_to_send()
        session.handed_out += 1
        self._mark = session.handed_out
        if not self._is_out:
            session.smsc.agenda.put_link(-inf, self._lost, None)

    def _lost(self, _: Any, now: float) -> None:
        if self._session.is_open:
            self._session.written(now)

    def written(self, now: float) -> None:
        """What was given has been written."""
        session, self._is_out = self._session, False
        session.writes = self._mark
        if self._pause:
            self._is_waiting = True
            session.smsc.agenda.put_link(now + self._pause, self._waited, None)
            self._pause = 0.0
        while self._acts and self._given >= self._acts[0][0]:
            self._acts.pop(0)[1](now)
        self._retire()

    def _waited(self, _: Any, now: float) -> None:
        self._is_waiting = False
        if self._session.is_open:
            self._session.wake()
            self._retire()

    # ------------------------------------------------------------------ what goes wrong

    def after_octets(self, octets: int | None, act: Act, now: float) -> None:
        """Do it once so many more octets were written; None: once all that waits now was."""
        if octets is None:
            waiting = 0 if self._has_gone else sum(len(segment.octets) for segment in self._segments)
            octets = waiting + (0 if self._has_gone else self._session.connection.bytes_waiting)
            # what waits for company has none to wait for any more
            for segment in self._segments:
                segment.joins = False
        if octets or self._is_out:
            insort(self._acts, (self._given + octets, act), key=_octets_of)
            self._session.wake()
        else:
            act(now)
            self._retire()

    def begin(self, wrong: str, until: float, now: float) -> None:
        """From now on this is wrong (DEAF, SLOW, HUNG, HOLE_..., DRIPS), until that link time; inf: for ever."""
        session = self._session
        if wrong == HUNG:
            session.connection.timers = STOPPED
        self._lasting[wrong] = max(until, self._lasting.get(wrong, -inf))
        if until < inf:
            session.smsc.agenda.put_link(until, self._ended, None)
        session.wake()

    def _ended(self, _: Any, now: float) -> None:
        over = [wrong for wrong, until in self._lasting.items() if until <= now]
        if self._session.is_open and over:
            self._heal(over, now)

    def relent(self, now: float) -> None:
        """Everything that is wrong for a time is over now."""
        self._heal(list(self._lasting), now)

    def _heal(self, wrongs: list[str], now: float) -> None:
        for wrong in wrongs:
            del self._lasting[wrong]
        session = self._session
        if HUNG in wrongs:
            # who was never answered has waited long enough: he is not shown out for it
            session.connection.timers = replace(session.terms.timers, session_init=inf)
            session.arm()
        if not (self._is_deaf or SLOW in self._lasting) and (self._unread or self._rested):
            octets = bytes(self._unread)
            self._unread.clear()
            session.rests, self._rested = session.rests or self._rested, False
            self._hand_over(octets, now)
        self._sip(now)
        self._go_on(now)

    def _go_on(self, now: float) -> None:
        """Something may be read or written again."""
        self._session.wake()
        self._retire()

    def cut(self) -> None:
        """Nothing leaves any more; what waits and what will be written vanishes."""
        self.is_cut = True
        self._acts.clear()
        # what waits for the account is not sent into nothing where another session could have it
        self._session.connection.window = 0

    def reset(self) -> None:
        """End the link at once, by RST; what waits is thrown away."""
        self.cut()
        self.is_reset = True
        self._session.hang_up = True
        self._session.wake()

    def half_close(self) -> None:
        """Close our end of the link; what comes is still read."""
        self.cut()
        self.is_half_closed = True
        self._session.wake()

    def _retire(self) -> None:
        """Octets pass as they are again once nothing is wrong any more."""
        is_needed = (
            *(self.is_cut, self.is_curt, self.handshake, self._lasting, self._segments, self._acts),
            *(self._is_out, self._is_waiting, self._is_sipping, self._unread, not self._framing.is_between),
        )
        if not any(is_needed) and self._session.flow is self:
            self._session.flow = None


class Framing:
    """Where PDUs begin and end among octets that nobody reads."""

    __slots__ = ("_lacking", "_length")

    def __init__(self) -> None:
        self._length = b""
        self._lacking = 0

    @property
    def is_between(self) -> bool:
        """Whether the octets so far end with a PDU."""
        return not (self._length or self._lacking)

    def skip(self, octets: bytes, *, to_the_end_of_one: bool) -> bytes:
        """Pass over all of them, or to the end of the PDU that has begun; returns what is behind it."""
        at = 0
        while at < len(octets) and not (to_the_end_of_one and self.is_between):
            if self._lacking:
                step = min(self._lacking, len(octets) - at)
                self._lacking -= step
            else:
                step = min(4 - len(self._length), len(octets) - at)
                self._length += octets[at : at + step]
                if len(self._length) == 4:
                    length = int.from_bytes(self._length, "big")
                    # no PDU is so long or so short: a header's worth, and then who knows
                    self._lacking = (length if HEADER <= length <= LENGTH_MAX else HEADER) - 4
                    self._length = b""
            at += step
        return octets[at:]


def spread(session: "Session", octets: bytes, plan: Plan | None) -> None:
    """The octets that the connection wrote last are to leave as ``plan`` says; the link is woken."""
    if plan is not None:
        flow_of(session).spread(octets, plan)
    session.wake()


def flow_of(session: "Session") -> Flow:
    """The session's flow, which begins with this where it has none."""
    if session.flow is None:
        session.flow = Flow(session)
    return session.flow


def swallows(session: "Session") -> bool:
    """Whether what the session's ESME sends vanishes."""
    return session.flow is not None and session.flow.hides_octets


def _octets_of(waiting: tuple[int, Act]) -> int:
    return waiting[0]


def _segments(octets: bytes, plan: Plan) -> list[_Segment]:
    """The segments of one PDU; at least one, though it may be empty."""
    if plan.stops_at is not None:
        return [_Segment(octets[: plan.stops_at], is_last=True)]
    if plan.drip is not None:
        size, pause = plan.drip
        cuts = list(range(size, len(octets), size))
    else:
        pause = plan.pause
        cuts = list(plan.cuts)
    edges = [0, *cuts, len(octets)]
    segments = [_Segment(octets[start:end], pause) for start, end in pairwise(edges)]
    segments[-1].pause = 0.0
    segments[-1].joins = plan.joins
    return segments

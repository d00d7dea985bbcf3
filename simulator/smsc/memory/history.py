"""What a person would call the messages: one row per joined text and destination, its parts beneath.

A fold over the journal, kept in a ring that is bounded in rows and in octets. It decides nothing; it forgets only rows:
a message that still waits for its fate lives on without one.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from simulator.carrier.messages import DELIVERED, ENROUTE, FINAL, REFUSED, TextKey, text_key
from simulator.journal import MO_CREATED, REPLACED, SUBMITTED, Journal
from simulator.sms.segments import join
from simulator.smsc.translate import Incoming, Submission, shorten

ROW_OCTETS: Final = 1700
"""What a message costs beyond twice its PDU: 100,000 of about 170 octets took 207 MB, their events included."""
PLAN_OCTETS: Final = 300
"""What a message costs beside that whose future is its own, and not the one that all share; measured, as the next."""
OUTCOME_OCTETS: Final = 200
"""What each step of such a future costs, with its event."""
FATE_OCTETS: Final = 150
"""What a message costs of which rules have said anything."""
FIRED_OCTETS: Final = 150
"""What each of those rules costs: an event, and what it adds to the others."""
SEGMENT_OCTETS: Final = 600
"""The same for one segment of a subscriber's message: a PDU object and its octets, estimated."""
TLV_OCTETS: Final = 112
"""What a TLV costs beside its value: a tuple, a number and its place among the others."""
REFUSED_MAX: Final = 20
"""Refused tries that one row tells of; the oldest is forgotten first."""
SLACK: Final = 1000
"""Which part of a full ring is cleared at once."""
GROUP_SPAN: Final = 1800.0
"""Seconds of link time within which the parts of one text must come, as handsets allow."""


@dataclass(slots=True, eq=False)
class Group:
    """Parts of one text to one destination, by part number; as a row it stands where its first part came."""

    number: int
    total: int
    began_at: float
    parts: dict[int, Submission] = field(default_factory=dict)
    refused: list[Submission] = field(default_factory=list)
    """Earlier tries of parts that were refused and came again."""

    @property
    def first(self) -> Submission:
        """The part with the lowest number."""
        return self.parts[min(self.parts)]

    @property
    def is_whole(self) -> bool:
        """Whether every part has come."""
        return len(self.parts) == self.total

    @property
    def text(self) -> str:
        """The joined text; a missing part shows as an ellipsis."""
        octets = {number: part.user_data for number, part in self.parts.items()}
        codings = {number: part.data_coding for number, part in self.parts.items()}
        shifts = {number: header.shifts for number, part in self.parts.items() if (header := part.header)}
        return join(octets, codings, total=self.total, shifts=shifts)

    @property
    def state(self) -> str:
        """One word for all parts: the first that is not delivered decides, the refused ones before all."""
        states = [self.parts[number].state for number in sorted(self.parts)]
        if REFUSED in states:
            return REFUSED
        if not self.is_whole and all(state == DELIVERED for state in states):
            return ENROUTE
        return next((state for state in states if state != DELIVERED), DELIVERED)


Row = Submission | Group | Incoming


def parts_of(row: Row) -> list[Submission]:
    """The parts beneath a row in order, then earlier tries of them that were refused.

    A text of its own is its only part; a subscriber's message has none.
    """
    if isinstance(row, Group):
        return [*(row.parts[number] for number in sorted(row.parts)), *row.refused]
    return [row] if isinstance(row, Submission) else []


def head_of(row: Row) -> Submission | Incoming:
    """The message that tells who sent to whom and when."""
    return row.first if isinstance(row, Group) else row


class History:
    """The rows of the last ``rows_max`` messages, at most ``octets_max`` octets of them.

    ``forget`` is told each message whose row has gone, and that is final or, as ``is_lost`` knows, will never be.
    """

    def __init__(
        self,
        journal: Journal,
        forget: Callable[[Submission], None],
        *,
        is_lost: Callable[[Submission], bool] = lambda _: False,
        rows_max: int = 100_000,
        octets_max: int = 256 * 1024 * 1024,
    ) -> None:
        self.rows_max = rows_max
        self.octets_max = octets_max
        self._forget = forget
        self._is_lost = is_lost
        self.clear()
        journal.feed(SUBMITTED, self._submitted)
        journal.feed(MO_CREATED, self._created)
        journal.feed(REPLACED, self._replaced)

    def clear(self) -> None:
        """Forget all rows."""
        self._order: deque[Row] = deque()
        self._groups: dict[TextKey, Group] = {}
        self._octets = 0
        self.outliving: set[Submission] = set()
        """Open messages whose row has left the ring; whoever concludes one takes it out."""
        self.evicted = 0
        """How many rows have left the ring: a question that would reach past it is answered ``truncated``."""

    @property
    def order(self) -> deque[Row]:
        """What holds the rows, oldest first: for whoever clears the history, and frees them at leisure."""
        return self._order

    def __len__(self) -> int:
        return len(self._order)

    @property
    def octets(self) -> int:
        """What the rows are taken to cost."""
        return self._octets

    def get(self, number: int) -> Row | None:
        """The row of that number, or None."""
        order = self._order
        place = bisect_left(order, number, key=_number)
        return order[place] if place < len(order) and order[place].number == number else None

    def row_of(self, message: Submission | Incoming) -> Row | None:
        """The row that a message or a part belongs to, or None where it has gone."""
        if isinstance(message, Incoming) or message.part is None or message.part.total <= 1:
            return self.get(message.number)
        group = self._groups.get(text_key(message))
        return group if group is not None and message in parts_of(group) else None

    def newest_first(self, before: int | None = None) -> Iterator[Row]:
        """The rows, newest first; with ``before`` only those with a smaller number."""
        order = self._order
        # rows stand in the order of their numbers; what lies beyond is skipped without being looked at
        kept = len(order) if before is None else bisect_left(order, before, key=_number)
        yield from islice(reversed(order), len(order) - kept, None)

    def _submitted(self, at: float, session: int, message: Any, detail: Any) -> None:
        # raw, and once more in the fields and TLVs that were read from it
        pdu = message.pdu
        charge = ROW_OCTETS + 2 * len(pdu.raw)
        if pdu.tlvs:
            # four octets on the wire can be one of these: without it 100 kB of them would cost 3 MB
            charge += TLV_OCTETS * len(pdu.tlvs)
        message.charge = charge
        self._octets += charge
        if message.part is None or message.part.total <= 1:
            self._order.append(message)
        else:
            self._joined(message)
        if len(self._order) > self.rows_max or self._octets > self.octets_max:
            self._evict()

    def _created(self, at: float, session: int, message: Any, detail: Any) -> None:
        message.charge = _charge(message)
        self._octets += message.charge
        self._order.append(message)
        if len(self._order) > self.rows_max or self._octets > self.octets_max:
            self._evict()

    def _replaced(self, at: float, session: int, message: Any, grown: Any) -> None:
        if message not in self.outliving:
            message.charge += 2 * grown
            self._octets += 2 * grown
            if self._octets > self.octets_max:
                self._evict()

    def bear(self, message: Submission, octets: int) -> None:
        """A message that is kept costs more than others: so much."""
        message.charge += octets
        self._octets += octets
        if self._octets > self.octets_max:
            self._evict()

    def _joined(self, message: Submission) -> None:
        """Put a part with its fellows, whatever bind of the account they came by, or begin a new row with it."""
        part = message.part
        assert part is not None
        key = text_key(message)
        group = self._groups.get(key)
        earlier = None if group is None else group.parts.get(part.number)
        is_again = earlier is not None and earlier.state == REFUSED
        is_new = (
            group is None or message.arrived_at - group.began_at > GROUP_SPAN or (earlier is not None and not is_again)
        )
        if group is None or is_new:
            group = self._groups[key] = Group(message.number, part.total, message.arrived_at)
            self._order.append(group)
        elif earlier is not None:
            # a gateway tries a throttled part again: the row heals, and still tells of the refusal
            group.refused.append(earlier)
            if len(group.refused) > REFUSED_MAX:
                self._let_go(group.refused.pop(0))
        group.parts[part.number] = message

    def _evict(self) -> None:
        """Make room: a few rows more than must go, so that with a full ring not every message comes here."""
        order, before = self._order, len(self._order)
        rows_kept, octets_kept = self.rows_max - self.rows_max // SLACK, self.octets_max - self.octets_max // SLACK
        while len(order) > 1 and (len(order) > rows_kept or self._octets > octets_kept):
            row = order.popleft()
            # first what nearly all are
            if isinstance(row, Submission):
                self._let_go(row)
            elif isinstance(row, Incoming):
                self._octets -= row.charge
            else:
                if self._groups.get(text_key(row.first)) is row:
                    # not another one, which took its place when a part came twice
                    del self._groups[text_key(row.first)]
                for message in parts_of(row):
                    self._let_go(message)
        self.evicted += before - len(order)

    def _let_go(self, message: Submission) -> None:
        self._octets -= message.charge
        if message.done_at is not None or message.state in FINAL or self._is_lost(message):
            self._forget(message)
        else:
            shorten(message)
            self.outliving.add(message)


def _number(row: Row) -> int:
    return row.number


def _charge(message: Incoming) -> int:
    """Octets that a subscriber's message is taken to cost: its text, and a PDU for each segment.

    One that goes by TLVs may yet be divided anew, for an ESME that takes none: into segments of 66 characters or more.
    """
    segments = len(message.segments)
    if message.segments[0].tlvs:
        segments = max(segments, 1 + len(message.whole) // 66)
    return ROW_OCTETS + 2 * len(message.whole) + SEGMENT_OCTETS * segments

"""One SMPP connection without a socket: octets in, events out; PDUs in, octets out; the time is an argument.

The same class serves both sides. It knows frames, states (states.py), sequence numbers, what is still unanswered and
the timers of SMPP 3.4, 7.2. It does not know sockets or clocks, what a message means, or who may log in.

The owner's loop, whatever carries the octets::

    connection.receive_data(octets)
    for event in connection.events(now):
        ...                                  # decide; connection.send(pdu, now) as often as needed
    write(connection.data_to_send())

Events are read one by one because each may depend on what its forerunner did: a submit_sm in the same segment as its
bind is legal once the owner has answered the bind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Final

from simulator.smpp.codec import decode_frame, encode, read_header
from simulator.smpp.constants import CommandId, CommandStatus, TlvTag, Version
from simulator.smpp.errors import LocalError, PduError
from simulator.smpp.events import Event, Expired, Malformed, Obliged, Timeout
from simulator.smpp.pdus import PDU_CLASSES, EnquireLink, GenericNack, Pdu, Request, Response, UnknownPdu, response_to
from simulator.smpp.states import BINDS, BOUND, CAN_BIND, MOVES, Side, State, next_state, requests
from simulator.smpp.tlvs import first, missing_tlvs, tlvs_for
from simulator.smpp.wire import Wire

HEADER: Final = 16
LENGTH_MAX: Final = 128 * 1024
"""Octets of the longest PDU: a submit_multi with a full message_payload has about 72,000 (SMPP 3.4, 3.2)."""
SEQUENCE_MAX: Final = 0x7FFFFFFF
RESPONSE_BIT: Final = 0x80000000
# Plain numbers, because they are compared once per receipt, and a member of an enum has to be looked up each time.
V34: Final = int(Version.V34)
V50: Final = int(Version.V50)
MAY_CHANGE: Final = frozenset({*BINDS, CommandId.OUTBIND})
"""Requests that change what a connection knows as soon as they come."""
ABOUT_THE_LINK: Final = frozenset({int(CommandId.ENQUIRE_LINK), int(CommandId.UNBIND)})
"""Requests that the protocol itself answers, and that no window holds back."""
LOOKED_INTO: Final = ABOUT_THE_LINK | {number for number, kind in PDU_CLASSES.items() if kind.required_tlvs}
"""Requests that are not handed over as they come: those, and a broadcast_sm, which may lack a mandatory TLV."""


@dataclass(slots=True, frozen=True)
class Timers:
    """Seconds each timer of SMPP 3.4, 7.2 runs; ``inf`` turns one off."""

    session_init: float = 10.0  # a client that binds by hand needs a while; a port scanner need not stay
    enquire_link: float = 30.0
    inactivity: float = inf  # off, as with most SMSCs: enquire_link keeps a silent session alive
    response: float = 30.0  # SMPP 3.4, 7.2 names no value; clients wait 10 to 60 seconds themselves


class Connection:
    """One SMPP connection, seen from ``side``; ``now`` is any monotonic time in seconds.

    ``window`` bounds our own unanswered requests (enquire_link and unbind are never held back by it).
    """

    __slots__ = (
        "_buffer",
        "_is_deaf",
        "_last_enquiry",
        "_last_received",
        "_last_transaction",
        "_legal",
        "_needed",
        "_offset",
        "_opened",
        "_ours",
        "_outbound",
        "_partial",
        "_sequence",
        "bytes_waiting",
        "is_paused",
        "length_max",
        "outstanding",
        "peer_version",
        "side",
        "state",
        "timers",
        "version",
        "window",
    )

    def __init__(
        self, side: Side, now: float, *, timers: Timers = Timers(), window: int = 10, length_max: int = LENGTH_MAX
    ) -> None:
        self.side = side
        self.timers = timers
        self.window = window
        self.length_max = length_max
        # In the order of sending, so that the first to expire is the first there is: no heap for the response timer.
        self.outstanding: dict[int, tuple[Request, float]] = {}
        """Our unanswered requests, oldest first: sequence_number -> (request, when it was sent)."""
        self.peer_version: int = Version.V34
        """interface_version of the ESME's bind; below 0x34 no TLV is sent (SMPP 3.4, 3.4)."""
        self.version: int = Version.V34
        """What both sides speak, the lower of the bind's version and of its response's (SMPP 5.0, 2.11)."""
        self.bytes_waiting = 0
        """Octets that data_to_send() would return."""
        self.is_paused = False
        """Set by the owner to stop reading events; what has arrived is kept."""
        self._sequence = 0
        self._buffer = b""
        self._offset = 0
        # Apart from the buffer, because bytes that grow by concatenation cost the square of their length.
        self._partial = bytearray()
        self._needed = HEADER
        # Set when nothing more can be read: out of step, or at the end.
        self._is_deaf = False
        self._outbound: list[bytes] = []
        self._opened = self._last_received = self._last_transaction = self._last_enquiry = now
        self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        """The only place that assigns the state."""
        self.state = state
        self._legal = requests(self.side.other, state, self.version)
        self._ours = requests(self.side, state, self.version)

    def _pass(self, response: Pdu) -> None:
        """A PDU that may move the state has passed the wire, in either direction."""
        state = next_state(self.state, response.command_id, response.command_status)
        if state in BOUND and state is not self.state:
            # Who told no sc_interface_version speaks 3.4 at most, whatever the bind asked for (SMPP 5.0, 2.11).
            told = first(response.tlvs, TlvTag.SC_INTERFACE_VERSION)
            asked = getattr(getattr(response, "request", None), "interface_version", self.peer_version)
            self.version = min(asked, int.from_bytes(told.value, "big") if told else Version.V34)
        self._enter(state)

    # ------------------------------------------------------------------ octets and events in

    def receive_data(self, octets: bytes) -> None:
        """Take octets from the peer. After calling this, read ``events``.

        After a fatal Malformed and after close() it takes none: where a PDU would begin is unknown, or nobody asks.
        An unfinished PDU is kept apart in a growing buffer, so that a peer which sends it octet by octet costs linear
        time; nothing is reserved for octets that its command_length merely promises.
        """
        if self._is_deaf:
            return
        if self._offset < len(self._buffer):
            octets = self._buffer[self._offset :] + octets
        elif self._partial:
            self._partial += octets
            if len(self._partial) < self._needed:
                return
            octets = bytes(self._partial)
            self._partial.clear()
        self._buffer, self._offset = octets, 0

    @property
    def has_more(self) -> bool:
        """Whether octets have arrived that ``events`` has not come to."""
        return self._offset < len(self._buffer)

    @property
    def lacking(self) -> int:
        """Octets without which the PDU that has begun to arrive cannot be read, or its length not be known; else 0."""
        return self._needed - len(self._partial) if self._partial else 0

    def events(self, now: float) -> Iterator[Event]:
        """What has arrived, in order. A request is judged when it is reached, not before.

        Stops early when the owner sets ``is_paused``; calling it again goes on from there.
        """
        if self._offset < len(self._buffer):
            self._last_received = now
        # Not a batch that is judged beforehand: an unbind or a bind among these PDUs changes what the next one may be.
        while not self.is_paused:
            buffer, start = self._buffer, self._offset
            available = len(buffer) - start
            if available < HEADER:
                self._keep(start, HEADER)
                return
            length, command, status, sequence = read_header(buffer, start)
            # Before anything is kept for it: a length that lies must not make us wait for 4 GB (SMPP 3.4, 5.1.1).
            if not HEADER <= length <= self.length_max:
                yield self._out_of_step(buffer, start, length)
                return
            if available < length:
                self._keep(start, length)
                return
            # Ahead of the event, so that its owner may close or pause and nothing is read twice.
            self._offset = end = start + length
            raw = buffer[start:end]
            try:
                pdu = decode_frame(raw, command, status, sequence)
            except PduError as error:
                yield self._malformed(error, raw)
            else:
                if command & RESPONSE_BIT:
                    yield self._match(pdu, now)
                # One look-up for what nearly all requests are: legal, and for the owner.
                elif command in self._legal and command not in LOOKED_INTO:
                    self._last_transaction = now
                    if command in MAY_CHANGE:
                        self._change(pdu)
                    yield pdu
                else:
                    yield self._oblige(pdu, now)

    def _change(self, pdu: Pdu) -> None:
        """A bind tells the peer's version; an outbind moves the state."""
        # The version of a bind that will be refused, too: until another one comes it is all that is known of the peer.
        if pdu.command_id in BINDS:
            self.peer_version = getattr(pdu, "interface_version", Version.V34)
        else:
            self._enter(next_state(self.state, pdu.command_id, 0))

    def _keep(self, start: int, needed: int) -> None:
        if start < len(self._buffer):
            self._partial += self._buffer[start:]
            self._needed = needed
        self._buffer, self._offset = b"", 0

    def _out_of_step(self, buffer: bytes, start: int, length: int) -> Malformed:
        """A command_length that cannot be: the stream cannot be found again (SMPP 3.4, 3.2 and 4.3.1)."""
        _, command, told, sequence = read_header(buffer, start)
        reason = f"command_length: {length} octets, at least {HEADER} and at most {self.length_max}"
        answer = None if self.state is State.UNBOUND else _nack(sequence, CommandStatus.ESME_RINVCMDLEN)
        # Enough to recognise a TLS or HTTP greeting by; all of it might be what somebody floods us with.
        raw = buffer[start : start + 64]
        self._buffer, self._offset = b"", 0
        self._is_deaf = True
        return Malformed(
            *(command, sequence, CommandStatus.ESME_RINVCMDLEN, reason, raw, answer), is_fatal=True, command_status=told
        )

    def _malformed(self, error: PduError, raw: bytes) -> Malformed:
        """The frame is whole, so the stream lives on; the request gets an answer of its own kind."""
        _, command, told, sequence = read_header(raw)
        if command & RESPONSE_BIT:
            # A broken answer is an answer: the request would else expire, and a receipt be sent again that was taken.
            request = self.outstanding.get(sequence, (None, 0.0))[0]
            if request is not None and PDU_CLASSES[command] in {request.response_class, GenericNack}:
                del self.outstanding[sequence]
            else:
                request = None
            return Malformed(
                *(command, sequence, error.status, error.reason, raw, None), request=request, command_status=told
            )
        status = error.status
        kind = PDU_CLASSES[command]
        is_too_new = self._is_too_new(kind)
        if is_too_new:
            status = CommandStatus.ESME_RINVCMDID
        elif command not in self._legal:
            # SMPP 5.0, 2.8.2: the state is judged before the body
            status = self._status_of_state(command)
        answer: Pdu | None = None
        if self.state is not State.UNBOUND:
            responds = issubclass(kind, Request) and kind.response_class is not None and not is_too_new
            # The body could not be read, but the number was: an empty request of its kind is enough to answer.
            shell = kind(sequence_number=sequence) if responds else None
            answer = _refusal(shell, status) if isinstance(shell, Request) else _nack(sequence, status)
        return Malformed(command, sequence, status, error.reason, raw, answer, command_status=told)

    def _match(self, pdu: Pdu, now: float) -> Event:
        """A response: find our request. One that nobody waits for is told, and never answered (that would loop)."""
        # Both sides count for themselves (SMPP 3.4, 3.2): an equal number of the peer's own is no conflict.
        sent = self.outstanding.get(pdu.sequence_number)
        if sent is not None and isinstance(pdu, Response):
            request = sent[0]
            # a response of the wrong kind answers nothing: the request stays open, in its place among the others
            if type(pdu) is request.response_class or isinstance(pdu, GenericNack):
                del self.outstanding[pdu.sequence_number]
                pdu.request = request
                if pdu.command_id in MOVES:
                    self._pass(pdu)
                if pdu.command_id != CommandId.ENQUIRE_LINK_RESP:
                    self._last_transaction = now
        return pdu

    def _oblige(self, pdu: Pdu, now: float) -> Event:
        command, sequence = pdu.command_id, pdu.sequence_number
        if self.state is State.UNBOUND and command != CommandId.ENQUIRE_LINK:
            # The peer has agreed to leave. An answer would go to somebody who has stopped reading.
            return Obliged(pdu, None, f"{pdu.name} after unbind_resp")
        if isinstance(pdu, UnknownPdu):
            # SMPP 3.4, 4.3.1; the three commands that 3.4 removed land here too
            return Obliged(
                pdu, _nack(sequence, CommandStatus.ESME_RINVCMDID), f"command_id: 0x{command:08X} is unknown"
            )
        assert isinstance(pdu, Request)
        if self._is_too_new(pdu):
            return Obliged(pdu, _nack(sequence, CommandStatus.ESME_RINVCMDID), self._news(pdu))
        if command in self._legal:
            lacking = missing_tlvs(pdu.required_tlvs, pdu.tlvs)
            if lacking:
                reason = f"{pdu.name}: {', '.join(lacking)} missing"
                return Obliged(pdu, _refusal(pdu, CommandStatus.ESME_RMISSINGTLV), reason)
            # Of what is legal only these two are answered by the protocol itself.
            if command in ABOUT_THE_LINK:
                return Obliged(pdu, response_to(pdu), pdu.name)
            self._last_transaction = now
            return pdu
        reason = f"{pdu.name} in {self.state.value}"
        if pdu.response_class is None:
            # outbind and alert_notification have no response PDU to carry a status
            # Neither is refused by a status of its own, for there is none: generic_nack says that it means nothing
            # here.
            if self.side is Side.SMSC:
                reason = f"{pdu.name} is for the SMSC to send"
            return Obliged(pdu, _nack(sequence, CommandStatus.ESME_RINVCMDID), reason)
        return Obliged(pdu, _refusal(pdu, self._status_of_state(command)), reason)

    def _is_too_new(self, pdu: Pdu | type[Pdu]) -> bool:
        """Whether a PDU came with a version that this link does not speak: its receiver has never heard of it."""
        return pdu.since > max(self.version, Version.V34)

    def _news(self, pdu: Pdu) -> str:
        return f"{pdu.name} came with version {pdu.since >> 4}.{pdu.since & 15}, and this link speaks an older one"

    def _status_of_state(self, command: int) -> int:
        """The status that refuses a request which its sender may not send now."""
        if command in BINDS and self.state in BOUND:
            # The session stays bound as it was: a second bind must not cost an ESME its first.
            return CommandStatus.ESME_RALYBND
        return CommandStatus.ESME_RINVBNDSTS

    # ------------------------------------------------------------------ PDUs and octets out

    @property
    def room(self) -> int:
        """How many more requests the window admits."""
        return self.window - len(self.outstanding)

    def send(self, pdu: Pdu, now: float, wire: Wire | None = None) -> bytes:
        """Write a PDU; a request gets the next sequence number. Returns its octets, which wait in data_to_send().

        Raises LocalError when SMPP forbids it: a request in the wrong state or beyond the window, a value that has no
        wire form, anything after the end. TLVs are left out for an ESME older than 3.4 (SMPP 3.4, 3.4), and those that
        came with 5.0 on a link that does not speak it.
        """
        command = pdu.command_id
        if not command & RESPONSE_BIT:
            if pdu.sequence_number or command not in self._ours or len(self.outstanding) >= self.window:
                self._admit(pdu)
        # A response may be sent in any other state: what was asked before an unbind is still answered.
        elif self.state is State.CLOSED:
            raise LocalError(f"{pdu.name}: the connection is closed")
        elif command not in MOVES and not pdu.tlvs:
            # No TLVs and no move of the state: there is nothing to be left out and nothing to be noted.
            # nearly every PDU of an SMSC is one of these: a plain response
            octets = encode(pdu, wire)
            self._outbound.append(octets)
            self.bytes_waiting += len(octets)
            return octets
        if pdu.tlvs and self.version < V50:
            # An ESME that bound as 3.3 keeps its TLVs: it is the SMSC that must not send any (SMPP 3.4, 3.4).
            pdu.tlvs = tlvs_for(pdu.tlvs, V34)
        return self.send_anyway(pdu, now, wire)

    def _admit(self, pdu: Pdu) -> None:
        command = pdu.command_id
        if command not in self._ours:
            if self._is_too_new(pdu):
                raise LocalError(self._news(pdu))
            raise LocalError(f"{pdu.name}: the {self.side.name} may not send it in state {self.state.value}")
        if pdu.sequence_number and pdu.sequence_number in self.outstanding:
            # SMPP 5.0, 2.6.2: no two unanswered requests share a number
            raise LocalError(f"sequence_number: {pdu.sequence_number} is that of an unanswered request")
        if len(self.outstanding) >= self.window and command not in ABOUT_THE_LINK:
            raise LocalError(f"{pdu.name}: {len(self.outstanding)} requests are unanswered, at most {self.window}")

    def send_anyway(self, pdu: Pdu, now: float, wire: Wire | None = None, *, is_numbered: bool = False) -> bytes:
        """Like ``send``, but asks neither the state nor the window: for quirks that break the rules on purpose.

        A request that ``is_numbered`` keeps its sequence_number, and be it 0.
        """
        command = pdu.command_id
        if pdu.tlvs and self.peer_version < V34:
            pdu.tlvs = tlvs_for(pdu.tlvs, self.peer_version)
        if isinstance(pdu, Request):
            sequence = pdu.sequence_number
            if not (sequence or is_numbered):
                sequence = pdu.sequence_number = self.next_sequence()
            else:
                # a number in use again counts from now: outstanding stays oldest first
                self.outstanding.pop(sequence, None)
            octets = encode(pdu, wire)
            # outbind and alert_notification are answered by nobody, and would only expire.
            if pdu.response_class is not None:
                self.outstanding[sequence] = (pdu, now)
        else:
            octets = encode(pdu, wire)
        if command in MOVES:
            self._pass(pdu)
        self._outbound.append(octets)
        self.bytes_waiting += len(octets)
        return octets

    def send_bytes(self, octets: bytes) -> None:
        """Write octets as they are, PDU or not."""
        self._outbound.append(octets)
        self.bytes_waiting += len(octets)

    @property
    def last_sequence(self) -> int:
        """The number that our last request was given; 0 before the first."""
        return self._sequence

    def next_sequence(self) -> int:
        """The next free number; after 0x7FFFFFFF comes 1 (SMPP 5.0, 4.7.24)."""
        sequence = self._sequence
        while True:
            # After 2 billion requests an old one may still be open: its number is passed over, not used twice.
            sequence = sequence + 1 if sequence < SEQUENCE_MAX else 1
            if sequence not in self.outstanding:
                self._sequence = sequence
                return sequence

    def data_to_send(self) -> bytes:
        """Everything that waits to be written, once. After calling this, write it to the peer."""
        if not self._outbound:
            return b""
        octets = b"".join(self._outbound)
        self._outbound.clear()
        self.bytes_waiting = 0
        return octets

    # ------------------------------------------------------------------ time and the end

    @property
    def is_bound(self) -> bool:
        """Whether a bind has succeeded and no unbind was answered yet."""
        return self.state in BOUND

    def next_deadline(self) -> float:
        """When ``tick`` is due: a time on the clock of ``now``, or inf."""
        timers = self.timers
        deadline = inf
        if self.outstanding:
            deadline = next(iter(self.outstanding.values()))[1] + timers.response
        if self.state in BOUND:
            # Whatever arrives proves that the peer is there, and puts the next enquire_link off.
            enquire = max(self._last_received, self._last_enquiry) + timers.enquire_link
            return min(deadline, enquire, self._last_transaction + timers.inactivity)
        if self.state in CAN_BIND:
            return min(deadline, self._opened + timers.session_init)
        return deadline

    def tick(self, now: float) -> list[Event]:
        """The timers that ran out by ``now``. After calling this, act on each event as for ``events``."""
        due: list[Event] = []
        timers = self.timers
        while self.outstanding:
            sequence, (request, sent) = next(iter(self.outstanding.items()))
            if sent + timers.response > now:
                break
            del self.outstanding[sequence]
            due.append(Expired(request))
        if self.state in BOUND:
            # enquire_link is no transaction: a session that only proves to be alive is inactive (SMPP 3.4, 7.2).
            if self._last_transaction + timers.inactivity <= now:
                self._last_transaction = now
                due.append(Timeout("inactivity"))
            elif max(self._last_received, self._last_enquiry) + timers.enquire_link <= now:
                self._last_enquiry = now
                due.append(Timeout("enquire_link", EnquireLink()))
        elif self.state in CAN_BIND and self._opened + timers.session_init <= now:
            # Told once in each span, should the owner not hang up: a tick must not find it due for ever.
            self._opened = now
            due.append(Timeout("session_init"))
        return due

    def close(self) -> list[Request]:
        """The transport is gone. Returns our requests that will never be answered; idempotent."""
        self._enter(State.CLOSED)
        self._is_deaf = True
        # Unanswered requests die with their connection: whether they were carried out is not known to anybody here.
        lost = [request for request, _ in self.outstanding.values()]
        self.outstanding.clear()
        self._partial.clear()
        self._buffer, self._offset = b"", 0
        return lost


def _nack(sequence_number: int, status: int) -> GenericNack:
    return GenericNack(sequence_number=sequence_number, command_status=status)


def _refusal(request: Request, status: int) -> Response:
    """The matching response without its body (SMPP 5.0, 3.2.1.3)."""
    refusal = response_to(request, status)
    refusal.header_only = True
    return refusal

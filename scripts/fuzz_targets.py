"""What fuzzing tries: functions that take any octets, and raise where a promise is broken.

Every target begins with the same sentence: whatever the octets are, nothing but the documented errors comes out, and
those are caught here. What else must hold is asserted. A target reads its choices (a side, a state, a length) from the
first octets, so that a fuzzer which knows nothing but octets reaches all of them; it keeps nothing from call to call.
This file does not know where the octets come from.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import trio

from simulator.carrier.accounts import Account
from simulator.carrier.carrier import Carrier
from simulator.carrier.delays import Fixed
from simulator.control.api import ROUTES, make_app
from simulator.control.lines import Lines
from simulator.control.metrics import Metrics
from simulator.control.rows import counters_json, row_json, session_json
from simulator.control.shapes import ProblemShape
from simulator.journal import Journal
from simulator.scenario.words.patterns import PatternError
from simulator.serving.recording import Recorder
from simulator.smpp.codec import decode, encode
from simulator.smpp.connection import Connection, Timers
from simulator.smpp.dissect import as_json, dissect, from_json
from simulator.smpp.errors import FramingError, LocalError, PduError
from simulator.smpp.events import Malformed, Obliged
from simulator.smpp.pdus import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSm,
    Outbind,
    Pdu,
    Request,
    SubmitSm,
    Unbind,
    response_to,
)
from simulator.smpp.states import Side, State
from simulator.smpp.times import format_time, parse_time
from simulator.smpp.vendor_tlvs import book_of, vendor_tlv
from simulator.sms.alphabets import read_text
from simulator.sms.receipts import parse
from simulator.sms.segments import Udh, count_segments, join, part_of_udh, split
from simulator.smsc.routing import reading
from simulator.smsc.session import Session
from simulator.smsc.smsc import Smsc
from simulator.smsc.terms import Retry, Terms

START: Final = 1_800_000_000.0
HEADER_SIZE: Final = 16
REASON_MAX: Final = 500
"""Characters of a reason in the journal: what somebody floods us with must not fill the ring."""
ANSWERS_MAX: Final = 8
"""Octets written at most for each octet read, beside what is written however little is read."""
STATES: Final = tuple(State)
BINDS: Final = (BindTransmitter, BindReceiver, BindTransceiver)
VERSIONS: Final = (0x34, 0x33, 0x50, 0x00)

Target = Callable[[bytes], None]


class Tape:
    """Octets from which choices are read; one that has ended gives zeros."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def octet(self) -> int:
        """The next octet."""
        self._at += 1
        return self._octets[self._at - 1] if self._at <= len(self._octets) else 0

    def rest(self) -> bytes:
        """All that is left."""
        rest, self._at = self._octets[self._at :], len(self._octets)
        return rest

    def stretches(self) -> Iterator[bytes]:
        """What is left, in stretches that two octets before each give the length of."""
        while self._at < len(self._octets):
            length = self.octet() << 8 | self.octet()
            yield self._octets[self._at : self._at + length]
            self._at += length

    def stream(self, *, is_framed: bool) -> bytes:
        """What is left as a stream of PDUs: as it stands, or each with the command_length that it has."""
        return b"".join(map(framed, self.stretches())) if is_framed else self.rest()


def framed(octets: bytes) -> bytes:
    """A PDU whose command_length is true, whatever its first four octets were."""
    octets = octets.ljust(HEADER_SIZE, b"\0")
    return len(octets).to_bytes(4, "big") + octets[4:]


def frames(octets: bytes) -> Iterator[bytes]:
    """The PDUs of a stream that we have written ourselves, so that nothing is wrong with it."""
    at = 0
    while at < len(octets):
        length = int.from_bytes(octets[at : at + 4], "big")
        assert HEADER_SIZE <= length <= len(octets) - at, f"we wrote a command_length of {length}: {octets[at:].hex()}"
        yield octets[at : at + length]
        at += length


def chunks(octets: bytes, size: int) -> Iterator[bytes]:
    """The octets, ``size`` at a time; at once where that is 0."""
    for at in range(0, len(octets), size or max(1, len(octets))):
        yield octets[at : at + (size or len(octets))]


# ------------------------------------------------------------------ the wire


def codec(octets: bytes) -> None:
    """A frame is read and written back octet by octet, or refused by PduError."""
    frame = framed(octets)
    try:
        pdu = decode(frame)
    except (PduError, FramingError):
        return
    written = encode(pdu)
    assert written == frame, f"{pdu!r} was written back as {written.hex()}"


def connection(octets: bytes) -> None:
    """Either side in any state takes any octets in any chunks alike, and what it writes can be read."""
    tape = Tape(octets)
    choice, size = tape.octet(), tape.octet()
    side, state = (Side.SMSC, Side.ESME)[choice & 1], STATES[(choice >> 1 & 7) % len(STATES)]
    stream = tape.stream(is_framed=bool(choice & 0x10))
    ends = [_end_in(side, state) for _ in range(2)]
    seen = [_told(end, pieces) for end, pieces in zip(ends, (chunks(stream, 0), chunks(stream, size)), strict=True)]
    assert seen[0] == seen[1], f"at once {seen[0]}, {size} octets at a time {seen[1]}"
    assert ends[0].state is ends[1].state
    wrote = [end.data_to_send() for end in ends]
    assert wrote[0] == wrote[1]
    for frame in frames(wrote[0]):
        decode(frame)


def _end_in(side: Side, state: State) -> Connection:
    """One end in that state, with requests of its own that wait for their answer."""
    end = Connection(side, 0.0, window=100)
    if state is State.OUTBOUND:
        _exchange(end, Outbind(), Side.SMSC)
    elif state is not State.OPEN:
        bind = {State.BOUND_TX: BINDS[0], State.BOUND_RX: BINDS[1]}.get(state, BINDS[2])
        _exchange(end, bind(system_id="gateway"), Side.ESME)
    if state in {State.UNBOUND, State.CLOSED}:
        _exchange(end, Unbind(), Side.ESME)
    for _ in range(3):
        end.send_anyway(SubmitSm() if side is Side.ESME else DeliverSm(), 0.0)
    end.data_to_send()
    if state is State.CLOSED:
        end.close()
    assert end.state is state
    return end


def _exchange(end: Connection, request: Request, sender: Side) -> None:
    """A request of ``sender``'s passes an end, and so does its answer."""
    if end.side is sender:
        end.send(request, 0.0)
        if request.response_class is not None:
            end.receive_data(encode(response_to(request)))
            list(end.events(0.0))
    else:
        request.sequence_number = 1
        end.receive_data(encode(request))
        for event in end.events(0.0):
            answer = event.answer if isinstance(event, Obliged) else _plain_answer(event)
            if answer is not None:
                end.send(answer, 0.0)


def _plain_answer(event: object) -> Pdu | None:
    return response_to(event) if isinstance(event, Request) and event.response_class is not None else None


def _told(end: Connection, pieces: Iterator[bytes]) -> list[str]:
    """What an owner is told who answers all that can be answered."""
    told = []
    for piece in pieces:
        end.receive_data(piece)
        for event in end.events(0.0):
            if isinstance(event, Malformed):
                # how much of a broken stream there was to show depends on its chunks
                told.append(f"malformed {event.reason} {event.raw[:HEADER_SIZE].hex()}")
                assert len(event.reason) <= REASON_MAX, event.reason
            else:
                told.append(repr(event))
            answer = event.answer if isinstance(event, Malformed | Obliged) else _plain_answer(event)
            if answer is not None and end.state is not State.CLOSED:
                end.send(answer, 0.0)
    return told


def dissection(octets: bytes) -> None:
    """Whatever is dissected is told as JSON, and becomes the same octets again."""
    found = dissect(octets)
    document = json.loads(json.dumps([as_json(one) for one in found]))
    assert b"".join(map(from_json, document)) == octets, document


def vendor(octets: bytes) -> None:
    """A declaration of a vendor's TLV is taken or refused by LocalError; whatever is taken reads any value."""
    text, _, rest = octets.partition(b"\n")
    try:
        declared = vendor_tlv(text.decode("utf-8", "replace"))
        book = book_of([declared])
    except LocalError:
        return
    body = declared.tag.to_bytes(2, "big") + len(rest[:0xFFFF]).to_bytes(2, "big") + rest[:0xFFFF]
    frame = framed(bytes((0, 0, 0, 0, 0x80, 0, 0, 0x15)) + bytes(8) + body)
    document = json.loads(json.dumps([as_json(one) for one in dissect(frame, book)]))
    assert b"".join(from_json(one, book) for one in document) == frame, document


# ------------------------------------------------------------------ the letter


def text(octets: bytes) -> None:
    """Any user data has a text, a number of segments and perhaps a place among others; a text can be sent again."""
    data_coding, user_data = octets[:1] or b"\0", octets[1:]
    header = Udh.parse(user_data)
    part = part_of_udh(user_data)
    if header is not None:
        assert 1 <= header.length <= len(user_data)
        assert header.part == part
        assert Udh.parse(header.encode()) is not None
    if part is not None:
        assert 1 <= part.number <= part.total <= 255
    for has_udh in (False, True):
        assert 1 <= count_segments(user_data, data_coding[0], has_udh=has_udh) <= max(1, len(user_data))
    found = read_text(user_data, data_coding[0])
    join({1: user_data, 3: user_data}, {1: data_coding[0], 3: 8}, total=4)
    try:
        segments = split(found, reference=7)
    except ValueError:
        # more segments than a header can count
        assert len(found) > 255 * 66
        return
    codings = {number: segment.data_coding for number, segment in enumerate(segments, 1)}
    pieces = {
        number: segment.octets[segment.octets[0] + 1 :] if segment.has_udh else segment.octets
        for number, segment in enumerate(segments, 1)
    }
    assert join(pieces, codings, total=len(segments)) == found, (found, segments)


def receipt(octets: bytes) -> None:
    """Any text is a receipt or none."""
    found = parse(octets.decode("latin-1"))
    assert found is None or (found.message_id and found.stat), found


def time(octets: bytes) -> None:
    """A time is an instant that can be told again, or refused by ValueError."""
    try:
        at = parse_time(octets.decode("latin-1"), START)
    except ValueError:
        return
    if at is not None:
        try:
            told = format_time(at)
        except ValueError:
            return
        assert parse_time(told, START) == round(at, 1), (at, told)


def address_range(octets: bytes) -> None:
    """An address_range is read or refused by PatternError, and says of any number whether it covers it."""
    pattern, _, number = octets.partition(b"\n")
    try:
        covers = reading(pattern.decode("latin-1"))
    except PatternError:
        return
    assert covers(number.decode("latin-1")) in {True, False}


# ------------------------------------------------------------------ the SMSC


class Silent:
    """Where the lines of a journal go that nobody reads."""

    def write(self, octets: bytes) -> int:
        """Take them."""
        return len(octets)


class Scene:
    """One SMSC, a session that was bound as the first octets say, and a bystander whom nothing may harm."""

    def __init__(self, tape: Tape) -> None:
        choice, manner = tape.octet(), tape.octet()
        self.now = 0.0
        retry = Retry(first=1.0, longest=2.0, attempts_max=2)
        timers = Timers(response=5.0, enquire_link=20.0)
        narrow = Terms(window=2, window_status=(0x58, None)[manner & 1], deliver_window=1, retry=retry, timers=timers)
        self.smsc = Smsc(
            *(self.now, START),
            accounts=[Account("gateway", "secret", throughput=50.0)] if manner & 2 else (),
            carrier=_Late(delay=Fixed(0.5)) if manner & 4 else Carrier(delay=Fixed(0.5)),
            terms=narrow if manner & 8 else Terms(retry=retry, timers=timers),
            rows_max=10 if manner & 16 else 1000,
        )
        self.recorder = Recorder(self.smsc, Silent(), Path("none"))
        self.bystander = self.connect()
        self.session = self.connect()
        self.bind(self.bystander, BINDS[2], 0x34)
        if choice & 3:
            self.bind(self.session, BINDS[(choice & 3) - 1], VERSIONS[choice >> 2 & 3])
        self.stream = tape.stream(is_framed=bool(choice & 0x10))
        self.chunk_size = choice >> 5 and 1 << (choice >> 5)

    def connect(self) -> Session:
        """A session that stands."""
        return self.smsc.connect(self.now, "memory", lambda: None)

    def bind(self, session: Session, kind: type[Request], version: int) -> None:
        """Bind it."""
        fields: dict[str, Any] = {"system_id": "gateway", "password": "secret", "interface_version": version}
        session.receive_data(encode(kind(1, **fields)), self.now)
        assert session.connection.is_bound
        self.written(session)

    def written(self, session: Session) -> int:
        """All that a session has to say is written; how much that was. Every PDU of it can be read.

        The bystander answers what it is asked; what the other one answers stands in its octets.
        """
        size = 0
        while octets := session.data_to_send():
            size += len(octets)
            pdus = [decode(frame) for frame in frames(octets)]
            session.written(self.now)
            if session is self.bystander:
                answers = [encode(response_to(pdu)) for pdu in pdus if isinstance(pdu, Request)]
                session.receive_data(b"".join(answers), self.now)
        return size

    def run(self, seconds: float) -> None:
        """What is due happens."""
        end = self.now + seconds
        while self.smsc.next_deadline() <= end:
            self.now = max(self.now, self.smsc.next_deadline())
            while self.smsc.tick(self.now):
                pass
            for session in list(self.smsc.sessions.values()):
                self.written(session)
        self.now = end


class _Late(Carrier):
    """Answers half of all late."""

    def submit(self, message: Any, account: Any, now: float) -> Any:
        """The verdict, late where the destination ends in an odd digit."""
        verdict = super().submit(message, account, now)
        if message.destination.number[-1:] in {"1", "3", "5", "7", "9"}:
            return type(verdict)(verdict.accepted, verdict.cause, 1.0, verdict.outcomes)
        return verdict


def session(octets: bytes) -> None:
    """Any octets, after a bind or before: the others stay, all is journalled and can be told, nothing is left."""
    scene = Scene(Tape(octets))
    smsc, guest = scene.smsc, scene.session
    wrote = 0
    for chunk in chunks(scene.stream, scene.chunk_size):
        if guest.hang_up:
            break
        guest.receive_data(chunk, scene.now)
        while guest.rests:
            guest.receive_data(b"", scene.now)
        wrote += scene.written(guest)
        if not guest.is_paused:
            scene.run(0.1)
    assert wrote <= ANSWERS_MAX * len(scene.stream) + 4096, f"{wrote} octets for {len(scene.stream)}"
    scene.run(3.0)
    assert scene.bystander.is_open
    assert not scene.bystander.hang_up
    _can_be_told(scene)
    guest.close(scene.now, "the end")
    # everything that was due meanwhile, to receivers that no longer answer
    scene.run(60.0)
    for one in list(smsc.sessions.values()):
        one.close(scene.now, "the end")
    assert not smsc.sessions
    assert not smsc.outbox("gateway").receivers
    _can_be_told(scene)
    smsc.reset(scene.now)
    assert not len(smsc.history)


def _can_be_told(scene: Scene) -> None:
    """The journal, the rows, the sessions and the numbers have a form for everything that came."""
    smsc = scene.smsc
    for row in smsc.history.newest_first():
        json.dumps(row_json(row, smsc, smsc.clock.at(scene.now))).encode()
    for one in smsc.sessions.values():
        json.dumps(session_json(one)).encode()
    json.dumps(counters_json(smsc)).encode()
    Metrics(smsc, None).text()
    _reasons_are_short(smsc.journal)
    cells = scene.recorder._cells  # noqa: SLF001  # what it would give to its thread
    for line in Lines().render(cells).splitlines():
        assert "told" not in json.loads(line), f"a line for which there is no form: {line!r}"
    cells.clear()


def _reasons_are_short(journal: Journal) -> None:
    for row in journal.rows():
        assert not isinstance(row.detail, str) or len(row.detail) <= REASON_MAX, row


# ------------------------------------------------------------------ the control API

_METHODS: Final = ("", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")


@cache
def _api() -> tuple[Smsc, Any]:
    """One SMSC and its control API for all calls: to make the API takes longer than to fuzz it."""
    smsc = Smsc(0.0, START, accounts=[Account("gateway", "secret")])
    return smsc, make_app(smsc, lambda: 1.0, pause=trio.lowlevel.checkpoint)


def http(octets: bytes) -> None:
    """Whatever is asked of the control API, the answer is one of its own shapes, and never that we have failed."""
    tape = Tape(octets)
    smsc, app = _api()
    smsc.reset(1.0)
    route = ROUTES[tape.octet() % len(ROUTES)]
    method = _METHODS[tape.octet() % len(_METHODS)] or route.method
    query = bytes(tape.octet() for _ in range(tape.octet() << 8 | tape.octet()))
    body = tape.rest()
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": route.path.replace("{number}", query[:9].decode("latin-1")),
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8775),
    }
    sent: list[dict[str, Any]] = []

    asked: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if asked:
            # whoever waits, or looks on, is left alone
            return {"type": "http.disconnect"}
        asked.append(body)
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    trio.run(partial(app, scope, receive, send))
    assert [one["type"] for one in sent].count("http.response.start") == 1
    status = sent[0]["status"]
    answer = b"".join(one.get("body", b"") for one in sent)
    assert status < 500, (status, answer)
    if status >= 400 and method != "HEAD":
        ProblemShape.model_validate_json(answer)


TARGETS: Final[dict[str, Target]] = {
    "codec": codec,
    "connection": connection,
    "session": session,
    "dissection": dissection,
    "vendor": vendor,
    "text": text,
    "receipt": receipt,
    "time": time,
    "address_range": address_range,
    "http": http,
}
"""Every target by its name."""

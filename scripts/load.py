#!/usr/bin/env python3
"""Load for an SMSC, much cheaper than any SMSC in Python: N sessions that submit prebuilt messages.

Closed loop (the default): every session keeps `--window` submit_sm unanswered until `--messages` are answered.
Open loop (`--rate R`): message i is due i/R seconds after the start whatever the server does; its latency counts from
that intended moment, so a server that stalls cannot hide it by slowing the load.

Each deliver_sm is answered, one send a batch; with `--receipts` the run ends when one came for each accepted submit.
Prints one line of JSON. Knows only the octets it needs: no TLVs, no wrong frames but their length, no time zones;
it does not reconnect and it does not judge. Standard library only; every wait is bounded by `--patience`.
"""

import argparse
import gc
import json
import selectors
import socket
import ssl
import struct
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

SUBMIT_SM, SUBMIT_SM_RESP = 0x00000004, 0x80000004
DELIVER_SM, DELIVER_SM_RESP = 0x00000005, 0x80000005
UNBIND, BIND_TRANSCEIVER, BIND_TRANSCEIVER_RESP = 0x00000006, 0x00000009, 0x80000009
RESPONSE = 0x80000000

BLOCK = 2048  # messages prebuilt a session; their sequence numbers are rewritten each time round
RECEIVE = 65536  # octets a receive
SLOWEST = 4_000_000  # microseconds: the last bucket of the latency histogram (the maximum is kept exactly)

AREAS = (202, 206, 212, 213, 303, 305, 312, 313, 404, 415, 503, 512, 602, 615, 617, 702, 713, 718, 801, 919)
# 60 to 160 characters, each of them one septet in the GSM 7-bit default alphabet.
TEXTS = (
    "Your appointment is on Monday at 10:30. Reply C to confirm or R to change.",
    "Order {n} has left our warehouse and will reach you between 9:00 and 12:00 tomorrow. Thank you.",
    "{n} is your verification code. It is valid for ten minutes. Do not share it with anyone, we never ask for it.",
    "Hi! The library kept the book you asked for. Please collect it within seven days. Ref {n}, thank you for reading",
    "Payment of 24.90 received, invoice {n}. Thanks!  Questions? Call us any day from 8 to 18.",
    (
        "Water supply in your street will be interrupted on Thursday from 7:00 to 15:00 because of works on the main "
        "pipe. We are sorry. Ticket {n}."
    ),
    "Reminder: parcel {n} waits at the post office, open until 18:00.",
)

header = struct.Struct(">IIII")
sequence_number = struct.Struct(">I")
deliver_response = struct.Struct(">IIIIx")  # the message_id of a deliver_sm_resp is one NUL (SMPP 3.4, 4.6.2)


NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class LoadFailed(Exception):
    """The run cannot go on: who said what instead of what was expected."""


def submits(source: str, registered: int) -> Iterator[bytes]:
    """submit_sm with sequence number 0, for ever: destinations and texts go round in cycles of different length."""
    n = 0
    while True:
        destination = f"1{AREAS[n % len(AREAS)]}55501{n // 7 % 100:02}"
        text = TEXTS[n % len(TEXTS)].format(n=100_000 + n * 7919 % 900_000).encode("ascii")
        body = b"\0\1\1%b\0\1\1%b\0\0\0\0\0\0%c\0\0\0" % (source.encode(), destination.encode(), registered)
        body += bytes([len(text)]) + text
        yield header.pack(16 + len(body), SUBMIT_SM, 0, 0) + body
        n += 1


def bare_answer(command: int, status: int, sequence: int) -> bytes:
    """The answer to any other request: a header alone (SMPP 3.4, 4.11.2 for enquire_link)."""
    if command & RESPONSE:
        raise LoadFailed(f"unexpected command {command:#010x}, status {status:#010x}")
    return header.pack(16, command | RESPONSE, 0, sequence)


class Session:
    """One bound TRX: its socket, its block of prebuilt messages and what it owes and is owed."""

    __slots__ = ("block", "position", "quota", "rest", "seen", "sent", "socket", "starts", "unsent", "view", "writing")

    def __init__(self, connected: socket.socket, messages: Iterator[bytes], quota: int) -> None:
        built = [next(messages) for _ in range(min(BLOCK, max(quota, 1)))]
        self.block = bytearray().join(built)
        self.view = memoryview(self.block)
        self.starts = [0]
        for message in built:
            self.starts.append(self.starts[-1] + len(message))
        self.position = 0  # of the next message in the block
        self.sent = 0  # also the last sequence number used; 1 is the first
        self.quota = quota
        self.seen = bytearray(quota + 1)  # answers, by sequence number
        self.socket = connected
        self.rest = b""
        self.unsent = b""
        self.writing = False
        self.renumber()

    def renumber(self) -> None:
        """Give the whole block the sequence numbers that follow the last one used."""
        pack, block, sequence = sequence_number.pack_into, self.block, self.sent
        for start in self.starts[:-1]:
            sequence += 1
            pack(block, start + 12, sequence)

    def submit(self, count: int) -> None:
        """Send the next `count` messages, at most as many as the quota leaves."""
        count = min(count, self.quota - self.sent)
        while count > 0:
            size = min(count, len(self.starts) - 1 - self.position)
            first, self.position = self.position, self.position + size
            self.sent += size
            self.send(self.view[self.starts[first] : self.starts[self.position]])
            if self.position == len(self.starts) - 1:
                self.position = 0
                self.renumber()
            count -= size

    def send(self, octets: bytes | memoryview) -> None:
        """Send now what the socket takes; keep a copy of the rest (the block under a view changes)."""
        if self.unsent:
            self.unsent += bytes(octets)
            return
        try:
            taken = self.socket.send(octets)
        except NOT_NOW:
            taken = 0
        if taken < len(octets):
            self.unsent = bytes(octets[taken:])

    def arrived(self) -> bytes:
        """What has come, after what was left of the batch before."""
        try:
            received = self.socket.recv(RECEIVE)
            # a record at a time: what TLS has read already makes no socket readable
            while isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
                received += self.socket.recv(RECEIVE)
        except NOT_NOW:
            return self.rest
        if not received:
            raise LoadFailed("the server closed a link during the run")
        return self.rest + received if self.rest else received

    def send_rest(self) -> None:
        """Send what could not be sent before."""
        kept, self.unsent = self.unsent, b""
        self.send(kept)


class Load:
    """A run over all sessions: counts what came back, and when."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.selector = selectors.DefaultSelector()
        self.total: int = options.messages
        self.answered = self.receipts = 0
        self.refused: Counter[int] = Counter()
        self.started = self.ended = self.cpu = 0.0
        self.late_max = self.pause_max = 0.0
        self.latencies = array("I", bytes(4 * (SLOWEST + 1))) if options.rate else array("I")
        self.latency_max = 0
        self.last_heard = 0.0  # the last answer, or the moment when something became owed
        quotas = [options.messages // options.sessions] * options.sessions
        for i in range(options.messages % options.sessions):
            quotas[i] += 1
        messages = submits(options.source, 1 if options.receipts else 0)
        self.sessions = [Session(self.bound(), messages, quota) for quota in quotas]
        for session in self.sessions:
            self.selector.register(session.socket, selectors.EVENT_READ, session)

    def bound(self) -> socket.socket:
        """A connected socket that is bound as a transceiver (SMPP 3.4, 4.1.5), then made non-blocking."""
        host, _, port = self.options.smpp.rpartition(":")
        connected = socket.create_connection((host, int(port)), timeout=self.options.patience)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.options.tls:
            # whose certificate it is does not matter: this load goes to a server that we have started
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connected = context.wrap_socket(connected)
        body = f"{self.options.system_id}\0{self.options.password}\0\0".encode() + b"\x34\0\0\0"
        connected.sendall(header.pack(16 + len(body), BIND_TRANSCEIVER, 0, 1) + body)
        came = b""
        while len(came) < 16 or len(came) < header.unpack_from(came)[0]:
            more = connected.recv(RECEIVE)
            if not more:
                raise LoadFailed("the server closed the link instead of answering the bind")
            came += more
        _, command, status, _ = header.unpack_from(came)
        if command != BIND_TRANSCEIVER_RESP or status:
            raise LoadFailed(f"bind answered by command {command:#010x}, status {status:#010x}")
        connected.settimeout(0)
        return connected

    def receive(self, session: Session) -> int:
        """Take one batch from a session; answer what must be answered. Gives the number of submits answered."""
        octets = session.arrived()
        at, end, answered, replies = 0, len(octets), 0, []
        unpack, seen, refused = header.unpack_from, session.seen, self.refused
        sequences: list[int] | None = [] if self.options.rate else None
        while end - at >= 16:
            length, command, status, sequence = unpack(octets, at)
            if at + length > end:
                break
            if length < 16:
                raise LoadFailed(f"command_length {length}")
            if command == SUBMIT_SM_RESP:
                if not 0 < sequence <= session.sent:
                    raise LoadFailed(f"an answer to sequence_number {sequence}, which was never sent")
                answered += 1
                seen[sequence] += 1
                if status:
                    refused[status] += 1
                if sequences is not None:
                    sequences.append(sequence)
            elif command == DELIVER_SM:
                self.receipts += 1
                replies.append(deliver_response.pack(17, DELIVER_SM_RESP, 0, sequence))
            else:
                replies.append(bare_answer(command, status, sequence))
            at += length
        session.rest = octets[at:]
        if replies:
            session.send(b"".join(replies))
        self.answered += answered
        if sequences:
            self.record(session, sequences)
        return answered

    def record(self, session: Session, sequences: list[int]) -> None:
        """Open loop: latencies from the intended moments, and how long nothing had come."""
        now = time.perf_counter()
        self.pause_max = max(self.pause_max, now - self.last_heard)
        self.last_heard = now
        first, step = self.sessions.index(session), len(self.sessions)
        period, elapsed, latencies = 1e6 / self.options.rate, (now - self.started) * 1e6, self.latencies
        for sequence in sequences:
            latency = int(elapsed - (first + (sequence - 1) * step) * period)
            self.latency_max = max(self.latency_max, latency)
            latencies[min(latency, SLOWEST)] += 1

    def poll(self, timeout: float) -> Iterator[tuple[Session, int]]:
        """Wait once; for each session that spoke, how many submits were answered."""
        for key, ready in self.selector.select(timeout):
            session: Session = key.data
            if ready & selectors.EVENT_WRITE:
                session.send_rest()
            if ready & selectors.EVENT_READ:
                yield session, self.receive(session)
            if session.writing != bool(session.unsent):
                self.watch(session)

    def watch(self, session: Session) -> None:
        """Ask the selector for writability exactly while something is unsent."""
        session.writing = bool(session.unsent)
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if session.writing else 0)
        self.selector.modify(session.socket, events, session)

    def wait_for(self, is_done: Callable[[], bool], *, refill: bool) -> None:
        """Poll until `is_done`; a session's answers are replaced by new submits if `refill`."""
        came, quiet_since = self.answered + self.receipts, time.perf_counter()
        while not is_done():
            for session, answered in self.poll(1.0):
                if refill and answered:
                    session.submit(answered)
                    if session.unsent and not session.writing:
                        self.watch(session)
            now = time.perf_counter()
            if self.answered + self.receipts != came:
                came, quiet_since = self.answered + self.receipts, now
            elif now - quiet_since > self.options.patience:
                raise LoadFailed(f"nothing came for {self.options.patience:g} s")

    def all_answered(self) -> bool:
        """Whether every submit was answered."""
        return self.answered >= self.total

    def all_receipts(self) -> bool:
        """Whether a receipt came for every submit that was accepted."""
        return self.receipts >= self.answered - self.refused.total()

    def closed_loop(self) -> None:
        """Fill every window, then one new submit for each answer."""
        for session in self.sessions:
            session.submit(self.options.window)
            if session.unsent:
                self.watch(session)
        self.wait_for(self.all_answered, refill=True)

    def open_loop(self) -> None:
        """At each tick send what is due by the schedule, whether or not anything was answered."""
        total, rate, step = self.options.messages, self.options.rate, len(self.sessions)
        tick, issued, quiet_since = self.options.tick, 0, self.started
        next_tick = self.started
        while self.answered < total:
            now = time.perf_counter()
            if issued < total and now >= next_tick:
                due = min(total, int((now - self.started) * rate) + 1)
                if due > issued:
                    self.late_max = max(self.late_max, now - self.started - issued / rate)
                    if issued == self.answered:
                        self.last_heard = now  # nothing was owed until now: no pause
                    for i, session in enumerate(self.sessions):
                        session.submit((due - i + step - 1) // step - session.sent)
                        if session.unsent and not session.writing:
                            self.watch(session)
                    issued = due
                next_tick += tick * (int((now - next_tick) / tick) + 1)
            wait = max(0.0, next_tick - time.perf_counter()) if issued < total else 0.1
            for _, answered in self.poll(wait):
                quiet_since = now if answered else quiet_since
            if now - quiet_since > self.options.patience:
                raise LoadFailed(f"nothing came for {self.options.patience:g} s")

    def run(self) -> None:
        """The whole run between `started` and `ended`, receipts included; raises LoadFailed."""
        gc.collect()
        gc.disable()  # the load's own pauses must not be taken for the server's
        cpu = time.process_time()
        self.started = self.last_heard = time.perf_counter()
        try:
            (self.open_loop if self.options.rate else self.closed_loop)()
            self.ended = time.perf_counter()  # the rate is that of submits; receipts may be due seconds later
            if self.options.receipts:
                self.wait_for(self.all_receipts, refill=False)
        finally:
            self.ended = self.ended or time.perf_counter()
            self.cpu = time.process_time() - cpu

    def percentile(self, share: float) -> float:
        """The latency, in milliseconds, that `share` of the messages do not exceed."""
        wanted, count = share * sum(self.latencies), 0
        for latency, times in enumerate(self.latencies):
            count += times
            if count >= wanted:
                return latency / 1000
        return self.latency_max / 1000

    def figures(self) -> dict[str, object]:
        """What the JSON line says; times in the units their names say."""
        options, count = self.options, max(self.answered, 1)
        elapsed = self.ended - self.started
        figures: dict[str, object] = {
            "sessions": options.sessions,
            "window": options.window,
            "messages": options.messages,
            "answered": self.answered,
            "answered_once": sum(session.seen.count(1) for session in self.sessions),
            "refused": {f"{status:#010x}": times for status, times in sorted(self.refused.items())},
            "receipts_expected": self.answered - self.refused.total() if options.receipts else 0,
            "receipts": self.receipts,
            "elapsed_s": round(elapsed, 4),
            "rate_per_second": round(self.answered / elapsed),
            "load_cpu_us": round(self.cpu * 1e6 / count, 3),
        }
        if options.rate:
            shares = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999}
            figures |= {name: self.percentile(share) for name, share in shares.items()}
            figures |= {
                "max_ms": self.latency_max / 1000,
                "longest_pause_ms": round(self.pause_max * 1000, 3),
                "load_late_max_ms": round(self.late_max * 1000, 3),
            }
        return figures

    def leave(self) -> None:
        """Unbind and close, without waiting for the answers."""
        for session in self.sessions:
            session.socket.settimeout(1.0)
            with suppress(OSError):  # a link that is gone needs no unbind
                session.socket.sendall(header.pack(16, UNBIND, 0, session.sent + 1))
            session.socket.close()


def parsed() -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("smpp", metavar="HOST:PORT")
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--window", type=int, default=10, help="closed loop: submits unanswered, per session")
    parser.add_argument("--messages", type=int, default=100_000, help="in all sessions together")
    parser.add_argument("--receipts", action="store_true", help="ask for receipts and wait for them")
    parser.add_argument("--rate", type=float, default=0.0, help="open loop: messages per second; 0: closed loop")
    parser.add_argument("--tick", type=float, default=0.001, help="open loop: seconds between two sends")
    parser.add_argument(
        "--patience", type=float, default=30.0, help="seconds without an answer or a receipt before it gives up"
    )
    parser.add_argument("--source", default="12025550199")
    parser.add_argument("--system-id", default="load")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--tls", action="store_true", help="speak TLS, and take any certificate")
    parser.add_argument("--gate", action="store_true", help="print `bound`, begin at a line on stdin, end at the next")
    options = parser.parse_args()
    if min(options.sessions, options.window, options.messages) < 1 or options.sessions > options.messages:
        parser.error("sessions, window and messages must be positive, and no more sessions than messages")
    if options.rate < 0 or options.tick <= 0:
        parser.error("rate must not be negative, tick must be positive")
    return options


def main() -> None:
    """Run, print the JSON line. Exit status 1 if the run failed; the line then has a member `failure`."""
    options = parsed()
    failure = ""
    try:
        load = Load(options)
    except (LoadFailed, OSError) as error:
        give_up(f"cannot bind to {options.smpp}: {error}")
    if options.gate:
        print("bound", flush=True)
        sys.stdin.readline()
    try:
        load.run()
    except (LoadFailed, OSError) as error:
        failure = str(error)
    print(json.dumps(load.figures() | ({"failure": failure} if failure else {})), flush=True)
    if options.gate:
        sys.stdin.readline()
    load.leave()
    sys.exit(1 if failure else 0)


def give_up(failure: str) -> NoReturn:
    """Say why there are no figures, as JSON too."""
    print(json.dumps({"failure": failure}), flush=True)
    sys.exit(1)


if __name__ == "__main__":
    main()

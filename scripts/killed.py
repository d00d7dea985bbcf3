"""Sessions that are killed and bound again: `killed.py HOST:PORT [--messages N] [--sessions N] [--seed N]`.

Every session submits, acknowledges the receipts that come, and now and then kills its connection: by a reset, or by an
end with octets unread. Each message has a text of its own, which its receipt repeats, so that it is known again
whatever became of the answer. Prints one line of JSON: what was sent, answered and received, and every receipt that
came more than once, explained or not. A receipt that comes again is explained when the connection by which it came
before was killed, so that its acknowledgement may have been lost.

It speaks octets of its own and does NOT ask the server what it has counted: that is bench.py's.
"""

import argparse
import json
import re
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import trio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a program, this folder is the path

from scripts.attacks import bind, dialled, pdu, reset, submit  # the line above lets it be found

SUBMIT_SM_RESP, DELIVER_SM, DELIVER_SM_RESP, ENQUIRE_LINK = 0x80000004, 0x05, 0x80000005, 0x15
TEXT = re.compile(rb"Text:(m\d{9})")
STAT = re.compile(rb"stat:([A-Z]{7})")
WINDOW = 20


class Ledger:
    """What all sessions together know."""

    def __init__(self, messages: int, seed: int) -> None:
        self.messages = messages
        self.luck = Random(seed)
        self.submitted = 0
        self.accepted: dict[bytes, bytes] = {}
        """Text -> id, where the answer arrived."""
        self.refused = 0
        self.arrivals: dict[bytes, list[int]] = {}
        """Text -> the connections by which its receipt came, in order."""
        self.contradictions = 0
        """Receipts whose id or state is another one than was told before."""
        self.killed: set[int] = set()
        self.connections = 0
        self.heard_at = time.monotonic()
        self._stats: dict[bytes, bytes] = {}

    def next_text(self) -> bytes:
        """A text that no other message has."""
        self.submitted += 1
        return b"m%09d" % self.submitted

    def receipt(self, frame: bytes, connection: int) -> None:
        """A deliver_sm has come."""
        text, stat = TEXT.search(frame), STAT.search(frame)
        if text is None or stat is None:
            self.contradictions += 1
            return
        self.arrivals.setdefault(text[1], []).append(connection)
        message_id = self.accepted.get(text[1])
        is_known = message_id is None or b"id:" + message_id in frame
        self.contradictions += not is_known or self._stats.setdefault(text[1], stat[1]) != stat[1]

    @property
    def is_all_told(self) -> bool:
        """Whether all was submitted, and a receipt has come for each message that was accepted to our knowledge."""
        return self.submitted >= self.messages and self.accepted.keys() <= self.arrivals.keys()

    def figures(self) -> dict[str, object]:
        """The line."""
        again = {text: came[:-1] for text, came in self.arrivals.items() if len(came) > 1}
        unexplained = sum(not self.killed.issuperset(earlier) for earlier in again.values())
        return {
            "messages": self.messages,
            "submitted": self.submitted,
            "answers_seen": len(self.accepted),
            "refused": self.refused,
            "receipts": sum(map(len, self.arrivals.values())),
            "messages_with_receipt": len(self.arrivals),
            "without_receipt": len(self.accepted.keys() - self.arrivals.keys()),
            "redelivered": sum(map(len, again.values())),
            "unexplained": unexplained,
            "contradictions": self.contradictions,
            "connections": self.connections,
            "killed": len(self.killed),
        }


class Session:
    """One connection from its bind to its end."""

    def __init__(self, ledger: Ledger, stream: trio.SocketStream) -> None:
        self.ledger = ledger
        self.stream = stream
        self.number = ledger.connections = ledger.connections + 1
        self._open: dict[int, bytes] = {}
        self._sequence = 1
        self._rest = b""

    async def run(self, kill_after: int) -> None:
        """Submit and acknowledge until so many PDUs have come, then kill; without end where that is 0."""
        came = 0
        await self.stream.send_all(bind("killed"))
        while not kill_after or came < kill_after:
            octets = await self.stream.receive_some(65_536)
            if not octets:
                raise trio.BrokenResourceError("the server closed a link")
            replies = []
            for frame in self._frames(octets):
                came += 1
                replies.append(self._answer(frame))
            while len(self._open) < WINDOW and self.ledger.submitted < self.ledger.messages:
                replies.append(self._submit())
            out = b"".join(replies)
            if kill_after and came >= kill_after:
                # the last words break off anywhere, so that acknowledgements are lost, and half a PDU is left
                out = out[: self.ledger.luck.randint(0, len(out))]
            await self.stream.send_all(out)

    def _frames(self, octets: bytes) -> Iterator[bytes]:
        octets = self._rest + octets
        at = 0
        while len(octets) - at >= 16 and at + (length := int.from_bytes(octets[at : at + 4], "big")) <= len(octets):
            yield octets[at : at + length]
            at += length
        self._rest = octets[at:]

    def _answer(self, frame: bytes) -> bytes:
        _, command, status, sequence = struct.unpack_from(">IIII", frame)
        if command == SUBMIT_SM_RESP:
            text = self._open.pop(sequence)
            if status:
                self.ledger.refused += 1
            else:
                self.ledger.accepted[text] = frame[16:-1]
        elif command == DELIVER_SM:
            self.ledger.heard_at = time.monotonic()
            self.ledger.receipt(frame, self.number)
            return pdu(DELIVER_SM_RESP, b"\0", sequence)
        elif not command & 0x80000000:
            return pdu(command | 0x80000000, b"", sequence)
        return b""

    def _submit(self) -> bytes:
        self._sequence += 1
        text = self._open[self._sequence] = self.ledger.next_text()
        return submit(self._sequence, text=text)

    def kill(self) -> None:
        """End it with whatever is on the way."""
        luck = self.ledger.luck
        self.ledger.killed.add(self.number)
        if luck.random() < 0.5:
            reset(self.stream)
        else:
            self.stream.socket.close()


async def guest(ledger: Ledger, place: tuple[str, int]) -> None:
    """Bind, be killed and bind again; once all is submitted, stay."""
    while True:
        session = Session(ledger, await dialled(place))
        is_over = ledger.submitted >= ledger.messages
        await session.run(0 if is_over else ledger.luck.randint(1, 400))
        session.kill()


async def run(place: tuple[str, int], ledger: Ledger, sessions: int, patience: float) -> None:
    """All sessions until everything is told, or nothing has come for so long."""
    async with trio.open_nursery() as nursery:
        for _ in range(sessions):
            nursery.start_soon(guest, ledger, place)
        ledger.heard_at = time.monotonic()
        while not ledger.is_all_told and time.monotonic() - ledger.heard_at < patience:  # noqa: ASYNC110  # a silence is awaited
            await trio.sleep(0.05)
        # what nobody has asked for may still be under way, as a receipt for an answer that we have not seen
        while time.monotonic() - ledger.heard_at < min(2.0, patience):  # noqa: ASYNC110  # a silence is awaited
            await trio.sleep(0.05)
        nursery.cancel_scope.cancel()


def main() -> None:
    """Read the command line, run, tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("smpp", metavar="HOST:PORT")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=30.0, help="seconds without a receipt before it gives up")
    options = parser.parse_args()
    host, _, port = options.smpp.rpartition(":")
    ledger = Ledger(options.messages, options.seed)
    begun = time.monotonic()
    trio.run(run, (host, int(port)), ledger, options.sessions, options.patience)
    print(json.dumps(ledger.figures() | {"elapsed_s": round(time.monotonic() - begun, 2)}), flush=True)


if __name__ == "__main__":
    main()

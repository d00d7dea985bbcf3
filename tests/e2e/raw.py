"""An ESME that writes its PDUs octet by octet, so that neither side of a capture comes from the server's own codec.

Field order and sizes are typed from SMPP 3.4, chapter 4. It answers at once whatever the SMSC asks.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

import trio

GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, QUERY_SM, SUBMIT_SM, DELIVER_SM, UNBIND = 1, 2, 3, 4, 5, 6
REPLACE_SM, CANCEL_SM, BIND_TRANSCEIVER, ENQUIRE_LINK, SUBMIT_MULTI, DATA_SM = 7, 8, 9, 0x15, 0x21, 0x103
RESPONSE = 0x80000000

WITHIN = 10.0


class Frame(NamedTuple):
    """One PDU by its header, and the octets after it."""

    command_id: int
    status: int
    sequence: int
    body: bytes


def frames(octets: bytes) -> Iterator[Frame]:
    """The whole PDUs at the beginning of a stream."""
    while len(octets) >= 16:
        length, command_id, status, sequence = struct.unpack_from(">IIII", octets)
        if len(octets) < length:
            return
        yield Frame(command_id, status, sequence, octets[16:length])
        octets = octets[length:]


def pdu(command_id: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A PDU with a header that fits."""
    return struct.pack(">IIII", 16 + len(body), command_id, status, sequence) + body


def text(value: str) -> bytes:
    """A C-octet string."""
    return value.encode("latin-1") + b"\0"


def address(number: str, ton: int = 1, npi: int = 1) -> bytes:
    """TON, NPI and an address."""
    return bytes((ton, npi)) + text(number)


def tlv(tag: int, value: bytes) -> bytes:
    """An optional parameter."""
    return struct.pack(">HH", tag, len(value)) + value


def bind(system_id: str, password: str = "secret", version: int = 0x34) -> bytes:
    """The body of any of the three binds (SMPP 3.4, 4.1)."""
    return text(system_id) + text(password) + text("") + bytes((version, 0, 0)) + text("")


def submission(
    destinations: bytes,
    content: bytes,
    *,
    esm_class: int = 0,
    priority: int = 0,
    schedule: str = "",
    registered: int = 0,
    coding: int = 0,
    tlvs: bytes = b"",
) -> bytes:
    """The body of a submit_sm or, with its list of destinations, submit_multi (SMPP 3.4, 4.4 and 4.5)."""
    begin = text("") + address("13055550101") + destinations + bytes((esm_class, 0, priority))
    middle = text(schedule) + text("") + bytes((registered, 0, coding, 0))
    return begin + middle + bytes((len(content),)) + content + tlvs


class RawEsme:
    """One connection; ``arrived`` is all that came, requests of the SMSC are answered with ``answers`` or ESME_ROK."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.arrived: list[Frame] = []
        self.answers: list[tuple[int, int]] = []
        """(command_id, status) of the next answers to deliver_sm; without one it is deliver_sm_resp and ESME_ROK."""
        self.is_open = True
        self._sequence = 0
        self._news = trio.Event()

    async def listen(self) -> None:
        """Read and answer until the connection ends."""
        buffer = bytearray()
        try:
            async with self.stream:
                async for octets in self.stream:
                    buffer += octets
                    for frame in frames(bytes(buffer)):
                        del buffer[: 16 + len(frame.body)]
                        self.arrived.append(frame)
                        await self._answer(frame)
                    self._tell()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            # hung up, by either side
            pass
        self.is_open = False
        self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = trio.Event()

    async def _answer(self, frame: Frame) -> None:
        if frame.command_id & RESPONSE:
            return
        command_id, status = frame.command_id | RESPONSE, 0
        body = text("") if frame.command_id in {DELIVER_SM, DATA_SM} else b""
        if self.answers and frame.command_id == DELIVER_SM:
            command_id, status = self.answers.pop(0)
            body = b"" if command_id == GENERIC_NACK else body
        await self.stream.send_all(pdu(command_id, frame.sequence, body, status))

    async def until(self, fact: Callable[[], bool]) -> None:
        """Wait until something that arrived makes it true."""
        with trio.fail_after(WITHIN):
            while not fact():
                await self._news.wait()

    def numbered(self, command_id: int, body: bytes = b"") -> bytes:
        """A request with the next sequence_number."""
        self._sequence += 1
        return pdu(command_id, self._sequence, body)

    async def ask(self, command_id: int, body: bytes = b"") -> Frame:
        """Send a request; its answer."""
        return (await self.ask_all(self.numbered(command_id, body)))[0]

    async def ask_all(self, *requests: bytes) -> list[Frame]:
        """Send requests in one write; their answers in the order of the requests."""
        await self.stream.send_all(b"".join(requests))
        wanted = [frame.sequence for request in requests for frame in frames(request)]

        def answers() -> dict[int, Frame]:
            return {frame.sequence: frame for frame in self.arrived if frame.command_id & RESPONSE}

        await self.until(lambda: answers().keys() >= set(wanted))
        found = answers()
        return [found[sequence] for sequence in wanted]

    def requests(self, command_id: int) -> list[Frame]:
        """What the SMSC has asked of this kind."""
        return [frame for frame in self.arrived if frame.command_id == command_id]

    async def asked(self, command_id: int, count: int = 1) -> None:
        """Wait until the SMSC has asked so many times, or more, for this."""
        await self.until(lambda: len(self.requests(command_id)) >= count)

    async def closed(self) -> None:
        """Wait for the end of the connection."""
        await self.until(lambda: not self.is_open)

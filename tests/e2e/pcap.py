"""A recorded TCP conversation as a capture file, so that no test needs the right to listen on an interface.

Only the octets and their order are real; addresses, handshake and segmentation are made up around them. Knows the
classic pcap file with raw IP packets (link type 101), IPv4 and TCP.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path

RAW_IP = 101
SERVER_PORT = 2775
SEGMENT_MAX = 536
"""Octets in one TCP segment: small, so that whoever reads the capture has to put PDUs together."""

FIN, SYN, PUSH, ACK = 0x01, 0x02, 0x08, 0x10
CLIENT, SERVER = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"


@dataclass(slots=True)
class Conversation:
    """What went over one connection: (seconds, whether the client sent it, octets) in order."""

    chunks: list[tuple[float, bool, bytes]] = field(default_factory=list)

    def sent(self, *, by_client: bool) -> bytes:
        """All octets of one side."""
        return b"".join(octets for _, is_client, octets in self.chunks if is_client == by_client)

    def turns(self) -> list[tuple[float, bool, bytes]]:
        """The same with all together that one side sent before the other spoke.

        tshark takes a segment that begins with less than a whole header for no SMPP at all.
        """
        turns: list[tuple[float, bool, bytes]] = []
        for at, is_client, octets in self.chunks:
            if turns and turns[-1][1] == is_client:
                turns[-1] = (turns[-1][0], is_client, turns[-1][2] + octets)
            else:
                turns.append((at, is_client, octets))
        return turns


def write(path: Path, conversations: list[Conversation]) -> None:
    """Write conversations to a capture file; the client of each has a port of its own, from 40000 on."""
    packets = []
    for number, conversation in enumerate(conversations):
        packets += _packets(conversation, 40_000 + number)
    packets.sort(key=lambda packet: packet[0])
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, RAW_IP))
        for at, packet in packets:
            file.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(packet), len(packet)) + packet)


def _packets(conversation: Conversation, client_port: int) -> list[tuple[float, bytes]]:
    chunks = conversation.turns()
    begin, end = (chunks[0][0], chunks[-1][0]) if chunks else (0.0, 0.0)
    # what each side sends next, by whether it is the client
    places = {True: 1000, False: 2000}
    packets: list[tuple[float, bytes]] = []

    def put(at: float, is_client: bool, flags: int, octets: bytes = b"") -> None:
        acknowledged = places[not is_client] if flags & ACK else 0
        packets.append((at, _packet(is_client, client_port, places[is_client], acknowledged, flags, octets)))
        # SYN and FIN take a number each
        places[is_client] += len(octets) + bool(flags & (SYN | FIN))

    put(begin, True, SYN)
    put(begin, False, SYN | ACK)
    put(begin, True, ACK)
    for at, is_client, octets in chunks:
        for start in range(0, len(octets), SEGMENT_MAX):
            put(at, is_client, PUSH | ACK, octets[start : start + SEGMENT_MAX])
    put(end, True, FIN | ACK)
    put(end, False, FIN | ACK)
    put(end, True, ACK)
    return packets


def _packet(is_client: bool, client_port: int, place: int, acknowledged: int, flags: int, octets: bytes) -> bytes:
    source, destination = (CLIENT, SERVER) if is_client else (SERVER, CLIENT)
    ports = (client_port, SERVER_PORT) if is_client else (SERVER_PORT, client_port)
    length = 20 + len(octets)
    tcp = bytearray(struct.pack(">HHIIBBHHH", *ports, place, acknowledged, 5 << 4, flags, 0xFFFF, 0, 0) + octets)
    tcp[16:18] = _checksum(source + destination + struct.pack(">HH", 6, length) + tcp)
    ip = bytearray(struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 6, 0) + source + destination)
    ip[10:12] = _checksum(ip)
    return bytes(ip + tcp)


def _checksum(octets: bytes | bytearray) -> bytes:
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets[: len(octets) & ~1]))
    if len(octets) % 2:
        total += octets[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)

"""Where the octets come from that are fed to the targets: good ones, for a beginning, damaged by a seed.

It knows what kind of octets each target of fuzz_targets.py reads, and runs none of them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from simulator.smpp.codec import encode
from simulator.smpp.pdus import (
    PDU_CLASSES,
    CancelSm,
    DataSm,
    DeliverSmResp,
    DistributionList,
    GenericNack,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
)
from simulator.smpp.tlvs import Tlv

VECTORS: Final = Path(__file__).parent.parent / "tests" / "vectors"
HEADER_SIZE: Final = 16
FRAME_SIZE_MAX: Final = 4096
# Where lengths and counts go wrong: zero, one, sign bits, all ones, and their neighbours.
EDGES: Final = (0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF)

TEXTS: Final[dict[str, tuple[bytes, ...]]] = {
    "vendor": (b"0x1401=billing_id:cstring\nabc\0", b"0x1402=route:int:2\n\1\2", b"5123=raw:octets:9\n\xff"),
    "text": (
        b"\0\5\0\3\1\2\1hello world",
        b"\x08\6\x08\4\1\2\3\1\0a\xd8\x3d\xde\0",
        b"\0\7\x24\1\1\x25\1\1\x1b\x65abc",
    ),
    "receipt": (
        b"id:12 sub:001 dlvrd:001 submit date:2601011200 done date:2601011200 stat:DELIVRD err:000 text:hello",
        b"stat:UNDELIV id:ab-cd err:0A1",
    ),
    "time": (b"000000000005000R", b"261121123000448+", b"380131235959900-"),
    "address_range": (b"^1202[0-9]{7}$\n12025550100", b"1202*\n+12025550100", b"(^\\+?1|2)(3|4)+\n13"),
    "http": (
        b'\6\0\0\0\0{"to": "12025550100", "from": "+12025550199", "text": "STOP", "split": "udh16"}',
        b"\2\0\0\x32to=12025550100&text=a&since=2026-01-01T00:00:00Z&limit=5",
        b'\7\0\0\0\0{"host": "127.0.0.1", "port": 2776, "system_id": "carrier", "password": "x"}',
    ),
}
"""Targets that read no PDUs, and good octets of theirs."""

CHOICES: Final = {"connection": 2, "session": 2}
"""Targets that read a stream of PDUs, and how many octets before it they read as choices."""
IS_FRAMED: Final = 0x10
"""The bit of a first choice that says: each PDU has its length before it, and its command_length is made true."""


def starting_frames() -> list[bytes]:
    """The frames to damage: every run of hexadecimal octets in the vectors' lines, and an empty PDU of each class."""
    frames = [encode(pdu_class()) for pdu_class in PDU_CLASSES.values()]
    for path in sorted(VECTORS.rglob("*.*")):
        if path.suffix in {".hex", ".txt", ".py"}:
            runs = re.findall(r"(?:[0-9A-Fa-f]{2} ?){16,}", path.read_text(encoding="utf-8"))
            frames += [bytes.fromhex(run) for run in runs]
    return [frame for frame in frames if HEADER_SIZE <= len(frame) <= FRAME_SIZE_MAX]


def conversation() -> list[bytes]:
    """What an ESME says that gets far: messages that are accepted, questions about them, answers to their receipts."""
    numbers: dict[str, Any] = {"source_addr": "12025550199", "destination_addr": "12025550100"}
    message = numbers | {"registered_delivery": 0x11, "short_message": b"hello"}
    # the first ids that an SMSC of seed 0 gives
    asked: dict[str, Any] = {"message_id": "1000000000", "source_addr": "12025550199"}
    places = (SmeAddress(1, 1, "12025550101"), SmeAddress(1, 1, "12025550102"), DistributionList("all"))
    said = [
        SubmitSm(2, **message),
        SubmitSm(3, **message | {"schedule_delivery_time": "000000000001000R", "validity_period": "000000000009000R"}),
        SubmitSm(4, **message | {"replace_if_present_flag": 1}),
        *(
            SubmitSm(5 + part, **message | {"esm_class": 0x40, "short_message": bytes((5, 0, 3, 7, 2, part)) + b"part"})
            for part in (1, 2)
        ),
        SubmitSm(8, **message | {"data_coding": 8, "short_message": "h\u00e9llo \U0001f600".encode("utf-16-be")}),
        SubmitSm(9, **message | {"short_message": b""}, tlvs=(Tlv(0x0424, b"a long text " * 60), Tlv(0x0204, b"\1\2"))),
        SubmitSm(10, **message, tlvs=(Tlv(0x020C, b"\0\1"), Tlv(0x020E, b"\2"), Tlv(0x020F, b"\1"))),
        SubmitMulti(11, source_addr="12025550199", dest_address=places, registered_delivery=1, short_message=b"all"),
        DataSm(12, **numbers, registered_delivery=1, tlvs=(Tlv(0x0424, b"hello"), Tlv(0x0017, b"\0\0\0\5"))),
        QuerySm(13, **asked),
        CancelSm(14, **asked),
        CancelSm(15, **numbers),
        ReplaceSm(16, **asked, registered_delivery=1, short_message=b"instead"),
        *(DeliverSmResp(number, status) for number in (1, 2, 3) for status in (0, 0x64, 0x65)),
        GenericNack(1, 3),
    ]
    return [encode(pdu) for pdu in said]


def flip(octets: bytearray, luck: Random) -> None:
    """Turn one bit over."""
    octets[luck.randrange(len(octets))] ^= 1 << luck.randrange(8)


def edge(octets: bytearray, luck: Random) -> None:
    """Put a number at the edge of its range."""
    octets[luck.randrange(len(octets))] = luck.choice(EDGES)


def cut(octets: bytearray, luck: Random) -> None:
    """Take some octets out."""
    start = luck.randrange(len(octets))
    del octets[start : start + luck.randint(1, 8)]


def truncate(octets: bytearray, luck: Random) -> None:
    """Take the end away."""
    del octets[luck.randrange(len(octets)) :]


def insert(octets: bytearray, luck: Random) -> None:
    """Put some octets in."""
    start = luck.randrange(len(octets) + 1)
    octets[start:start] = luck.randbytes(luck.randint(1, 8))


def repeat(octets: bytearray, luck: Random) -> None:
    """Write a stretch twice."""
    start = luck.randrange(len(octets))
    octets[start:start] = octets[start : start + luck.randint(1, 40)]


Damage = Callable[[bytearray, Random], None]
DAMAGES: Final[tuple[Damage, ...]] = (flip, edge, cut, truncate, insert, repeat)


def damaged(octets: bytes, luck: Random, times: int, keep: int = 0) -> bytes:
    """Octets with a few things wrong with them; the first ``keep`` stay where they are, but not what they are."""
    found = bytearray(octets[keep:])
    for _ in range(times):
        if found:
            luck.choice(DAMAGES)(found, luck)
    return octets[:keep] + bytes(found)


class Source:
    """Octets for a target, without end: the same seed gives the same in the same order."""

    def __init__(self, target: str, seed: int) -> None:
        self.target = target
        self._luck = Random(seed)
        self._frames = starting_frames()
        self._said = conversation()

    def __iter__(self) -> Iterator[bytes]:
        make = self._text if self.target in TEXTS else self._stream if self.target in CHOICES else self._frame
        while True:
            yield make()

    def beginnings(self, count: int = 200) -> list[bytes]:
        """Some to start a corpus with."""
        return [*TEXTS.get(self.target, ()), *(octets for octets, _ in zip(self, range(count), strict=False))]

    def _text(self) -> bytes:
        luck = self._luck
        if luck.random() < 0.1:
            return luck.randbytes(luck.randrange(300))
        return damaged(luck.choice(TEXTS[self.target]), luck, luck.randint(0, 4))

    def _frame(self) -> bytes:
        """One frame of a true length: a stream is cut by it."""
        luck = self._luck
        frame = luck.choice(self._frames if luck.random() < 0.5 else self._said)
        if luck.random() < 0.1:
            # the head of one PDU on the body of another
            frame = frame[:HEADER_SIZE] + luck.choice(self._frames)[HEADER_SIZE:]
        frame = damaged(frame, luck, luck.randint(0, 4), HEADER_SIZE if luck.random() < 0.8 else 4)
        return len(frame).to_bytes(4, "big") + frame[4:]

    def _stream(self) -> bytes:
        """Choices, then several frames, often with something else behind."""
        luck = self._luck
        choices = luck.randbytes(CHOICES[self.target])
        frames = [luck.choice(self._said) if luck.random() < 0.5 else self._frame() for _ in range(luck.randint(1, 16))]
        if choices[0] & IS_FRAMED:
            return choices + b"".join(len(frame).to_bytes(2, "big") + frame for frame in frames)
        rest = luck.randbytes(luck.randrange(40)) if luck.random() < 0.2 else b""
        return choices + b"".join(frames) + rest

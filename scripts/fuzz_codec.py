"""Feed damaged PDUs to the codec: `fuzz_codec.py [SECONDS] [--seed N]`.

What must hold of any frame, in one sentence: decode gives a PDU that encode writes back octet by octet, or it raises
PduError. Starts from the vectors of the tests and from one PDU of every class. Ends with 1 at the first frame of which
it does not hold, shows it, and says how to meet it again.
"""

import re
import secrets
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import Progress, TextColumn

from simulator.smpp.codec import decode, encode
from simulator.smpp.errors import FramingError, PduError
from simulator.smpp.pdus import PDU_CLASSES

VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
HEADER_SIZE = 16
FRAME_SIZE_MAX = 4096
BATCH = 500
# Where lengths and counts go wrong: zero, one, sign bits, all ones, and their neighbours.
EDGES = (0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF)


def starting_frames() -> list[bytes]:
    """The frames to damage: every run of hexadecimal octets in the vectors' lines, and an empty PDU of each class."""
    frames = [encode(pdu_class()) for pdu_class in PDU_CLASSES.values()]
    for path in sorted(VECTORS.rglob("*.*")):
        if path.suffix in {".hex", ".txt", ".py"}:
            runs = re.findall(r"(?:[0-9A-Fa-f]{2} ?){16,}", path.read_text(encoding="utf-8"))
            frames += [bytes.fromhex(run) for run in runs]
    return [frame for frame in frames if HEADER_SIZE <= len(frame) <= FRAME_SIZE_MAX]


def flip(frame: bytearray, luck: Random) -> None:
    """Turn one bit over."""
    frame[luck.randrange(len(frame))] ^= 1 << luck.randrange(8)


def edge(frame: bytearray, luck: Random) -> None:
    """Put a number at the edge of its range."""
    frame[luck.randrange(len(frame))] = luck.choice(EDGES)


def cut(frame: bytearray, luck: Random) -> None:
    """Take some octets out."""
    start = luck.randrange(HEADER_SIZE, len(frame) + 1)
    del frame[start : start + luck.randint(1, 8)]


def truncate(frame: bytearray, luck: Random) -> None:
    """Take the end away."""
    del frame[luck.randrange(HEADER_SIZE, len(frame) + 1) :]


def insert(frame: bytearray, luck: Random) -> None:
    """Put some octets in."""
    start = luck.randrange(HEADER_SIZE, len(frame) + 1)
    frame[start:start] = luck.randbytes(luck.randint(1, 8))


def repeat(frame: bytearray, luck: Random) -> None:
    """Write a stretch of the body twice."""
    start = luck.randrange(HEADER_SIZE, len(frame) + 1)
    frame[start:start] = frame[start : start + luck.randint(1, 40)]


DAMAGES = (flip, edge, cut, truncate, insert, repeat)


def damaged_frames(starts: list[bytes], luck: Random) -> Iterator[bytes]:
    """Frames without end, each a start damaged a few times. The length is true: the stream was cut by it."""
    while True:
        frame = bytearray(luck.choice(starts))
        if luck.random() < 0.1:  # the head of one PDU on the body of another
            frame[HEADER_SIZE:] = luck.choice(starts)[HEADER_SIZE:]
        for _ in range(luck.randint(1, 4)):
            luck.choice(DAMAGES)(frame, luck)
        frame[0:4] = len(frame).to_bytes(4, "big")
        yield bytes(frame)


def trouble_with(frame: bytes) -> str | None:
    """What is wrong with how the codec took this frame, or None."""
    try:
        pdu = decode(frame)
    except (PduError, FramingError):
        return None
    except Exception as error:  # noqa: BLE001 (any other exception is the finding)
        return f"decode raised {error!r}"
    try:
        written = encode(pdu)
    except Exception as error:  # noqa: BLE001 (the same)
        return f"{pdu!r} was read, and encode raised {error!r}"
    return None if written == frame else f"{pdu!r} was written back as\n  {written.hex()}"


def fuzz(seconds: float, seed: int, console: Console) -> tuple[int, tuple[bytes, str] | None]:
    """Try frames for a while; the number tried, and the first bad frame with its trouble."""
    starts = starting_frames()
    frames = damaged_frames(starts, Random(seed))
    tried = 0
    begun = time.monotonic()
    with Progress(*Progress.get_default_columns(), TextColumn("{task.fields[tried]:,} frames"), console=console) as bar:
        task = bar.add_task(f"seed {seed}", total=seconds, tried=0)
        while (spent := time.monotonic() - begun) < seconds:
            bar.update(task, completed=spent, tried=tried)
            for _ in range(BATCH):
                frame = next(frames)
                tried += 1
                if (trouble := trouble_with(frame)) is not None:
                    return tried, (frame, trouble)
        bar.update(task, completed=seconds, tried=tried)
    return tried, None


def main() -> int:
    """Read the command line, fuzz, and tell."""
    parser = ArgumentParser(prog="scripts/fuzz", description="Feed damaged PDUs to the codec.")
    parser.add_argument("seconds", nargs="?", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--seed", type=int, help="the same seed gives the same frames in the same order (by chance)")
    asked = parser.parse_args()
    seed = secrets.randbelow(1_000_000_000) if asked.seed is None else asked.seed
    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    tried, found = fuzz(asked.seconds, seed, console)
    if found is None:
        print(f"{tried:,} frames, seed {seed}: each was read and written back, or refused by PduError")
        return 0
    frame, trouble = found
    print(f"frame {tried:,} of seed {seed}:\n  {frame.hex()}\n{trouble}")
    print(f"again: scripts/fuzz --seed {seed}")
    return 1


if __name__ == "__main__":
    sys.exit(main())

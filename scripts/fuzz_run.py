"""Fuzz: `scripts/fuzz [SECONDS] [--target NAME ...] [--seed N] [--guided]`.

Feeds octets to the targets of fuzz_targets.py, the seconds shared out among them. By itself it damages good octets by
a seed; ``--guided`` lets atheris look which lines each input reaches and breed from those that reach new ones, with a
corpus that is kept for the next time. Ends with 1 at the first octets that break a promise, shows them, and says how to
meet them again; with 2 where ``--guided`` cannot be had.
"""

import importlib.util
import secrets
import subprocess
import sys
import time
import traceback
from argparse import ArgumentParser, Namespace
from pathlib import Path
from string import hexdigits

from rich.console import Console
from rich.progress import Progress, TextColumn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started as a program, this folder is the path


CORPUS = ROOT / ".cache" / "fuzz"
BATCH = 50
INPUT_SIZE_MAX = 4096
SLOW = 10  # seconds: an input that takes longer is a finding
MEMORY_MB = 2048
NAMES = ("codec", "connection", "session", "dissection", "vendor", "text", "receipt", "time", "address_range", "http")


def trouble_with(name: str, octets: bytes) -> str | None:
    """What a target has against these octets, or None."""
    from scripts.fuzz_targets import TARGETS

    try:
        TARGETS[name](octets)
    except Exception:  # noqa: BLE001 (whatever comes out is the finding)
        return traceback.format_exc(limit=-4)
    return None


def fuzz(name: str, seconds: float, seed: int, progress: Progress) -> tuple[int, tuple[bytes, str] | None]:
    """Try octets for a while; the number tried, and the first bad ones with their trouble."""
    from scripts.fuzz_octets import Source

    tried = 0
    begun = time.monotonic()
    task = progress.add_task(name, total=seconds, tried=0)
    for octets in Source(name, seed):
        tried += 1
        if (trouble := trouble_with(name, octets)) is not None:
            return tried, (octets, trouble)
        if tried % BATCH == 0:
            spent = time.monotonic() - begun
            progress.update(task, completed=min(spent, seconds), tried=tried)
            if spent >= seconds:
                break
    return tried, None


def by_chance(names: list[str], seconds: float, seed: int) -> int:
    """Every target for its share of the time; the exit status."""
    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    counts = []
    with Progress(*Progress.get_default_columns(), TextColumn("{task.fields[tried]:,}"), console=console) as progress:
        for name in names:
            tried, found = fuzz(name, seconds / len(names), seed, progress)
            counts.append(f"{name} {tried:,}")
            if found is not None:
                break
        else:
            print(f"seed {seed}: nothing but documented errors: {', '.join(counts)}")
            return 0
    octets, trouble = found
    print(f"input {tried:,} of {name}, seed {seed}:\n  {octets.hex()}\n{trouble}")
    print(f"again: scripts/fuzz --target {name} --input {octets.hex()}")
    return 1


def guided(names: list[str], seconds: float, seed: int) -> int:
    """The same, led by coverage; a process for each target, because libFuzzer ends the one that it runs in."""
    if importlib.util.find_spec("atheris") is None:
        print("--guided: atheris is not here; `.venv/bin/pip install atheris` brings it where it has a wheel (Linux)")
        return 2
    from scripts.fuzz_octets import Source

    for name in names:
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, octets in enumerate(Source(name, 0).beginnings()):
            (folder / f"beginning-{number:03}").write_bytes(octets)
        print(f"{name}:", flush=True)
        limits = [f"-max_total_time={max(1, round(seconds / len(names)))}", f"-seed={seed % 2**32}"]
        limits += [f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={INPUT_SIZE_MAX}"]
        limits += [f"-artifact_prefix={CORPUS}/found-{name}-", "-print_final_stats=1", "-verbosity=0", str(folder)]
        ended = subprocess.run([sys.executable, __file__, "--child", name, "--", *limits], check=False)
        if ended.returncode:
            print(f"again: scripts/fuzz --target {name} --input FILE, one of {CORPUS}/found-{name}-*")
            return 1
    return 0


def child(name: str, options: list[str]) -> None:
    """In a process of its own: fuzz one target as libFuzzer's options say; never returns."""
    import atheris

    # nothing of ours may have been imported before, or its lines would not be seen
    assert "simulator" not in sys.modules
    with atheris.instrument_imports(include=["simulator"]):
        from scripts.fuzz_targets import TARGETS
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


def again(name: str, given: str) -> int:
    """One input once more: a file, or octets in hexadecimal."""
    is_hex = set(given) <= set(hexdigits)
    octets = bytes.fromhex(given) if is_hex else Path(given).read_bytes()
    trouble = trouble_with(name, octets)
    print(trouble or f"{name}: nothing is wrong with these {len(octets)} octets")
    return 1 if trouble else 0


def parsed() -> Namespace:
    """The command line."""
    parser = ArgumentParser(prog="scripts/fuzz", description="Feed octets of every kind to what reads octets.")
    parser.add_argument("seconds", nargs="?", type=float, default=60.0, help="how long, all targets together (60)")
    parser.add_argument("--target", action="append", choices=NAMES, help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, help="the same seed gives the same octets in the same order (by chance)")
    parser.add_argument(
        "--guided", action="store_true", help="led by coverage (atheris); keeps a corpus in .cache/fuzz"
    )
    parser.add_argument("--input", metavar="FILE|HEX", help="only these octets, to the target that is named")
    asked = parser.parse_args()
    if asked.input and len(asked.target or ()) != 1:
        parser.error("--input needs one --target")
    return asked


def main() -> int:
    """Read the command line, fuzz, and tell."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[4:])
    asked = parsed()
    if asked.input:
        return again(asked.target[0], asked.input)
    seed = secrets.randbelow(1_000_000_000) if asked.seed is None else asked.seed
    names = asked.target or list(NAMES)
    return (guided if asked.guided else by_chance)(names, asked.seconds, seed)


if __name__ == "__main__":
    sys.exit(main())
